/*
 * The child's last steps before its exec.  It is forked inside the receiver's
 * Landlock domain, adds its own, drops what it must not have, installs its
 * filter and waits at a barrier until the receiver has taken the listener and
 * every role is confined.  Runs single-threaded, before the receiver's own
 * filter.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "receiver.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)  /* Linux 5.19 */
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	SECCOMP_IOW(4, __u64)	/* 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	(1UL << 0)
#endif

#ifndef PR_SET_MDWE
#define PR_SET_MDWE			65	/* linux/prctl.h, Linux 6.3 */
#define PR_MDWE_REFUSE_EXEC_GAIN	(1UL << 0)
#endif

/* The child's descriptors between fork and exec; all close at exec. */
#define CHILD_REPORT	3	/* says how far it came */
#define CHILD_GO	4	/* the barrier */
#define CHILD_LISTENER	5	/* what seccomp(2) must return */

enum step {
	STEP_DONE, STEP_FDS, STEP_PARENT, STEP_GROUP, STEP_LIMIT, STEP_WALL,
	STEP_FILTER, STEP_MDWE,
	STEP_COUNT
};
static const char *const steps[STEP_COUNT] = {
	[STEP_DONE]	= "report",
	[STEP_FDS]	= "descriptors",
	[STEP_PARENT]	= "PR_SET_PDEATHSIG",
	[STEP_GROUP]	= "setpgid",
	[STEP_LIMIT]	= "RLIMIT_CORE",
	[STEP_WALL]	= "landlock_restrict_self",
	[STEP_MDWE]	= "PR_SET_MDWE",
	[STEP_FILTER]	= "seccomp: NEW_LISTENER (Linux 5.19)"
};
struct report {
	uint32_t	 r_step;
	int32_t		 r_errno;
};

static void	 child_main(const struct launch *, int, int, pid_t)
		    __attribute__((__noreturn__));
static void	 child_fds(int, int, int);
static void	 child_signals(uint64_t);
static void	 child_filter(const struct launch *);
static void	 child_exec(const struct launch *)
		    __attribute__((__noreturn__));
static int	 child_execve(const struct launch *, const char *);
static int	 child_try(const struct launch *, const char *, size_t);
static void	 child_fail(enum step) __attribute__((__noreturn__));
static int	 take_listener(pid_t);
static void	 try_child(pid_t, int);

pid_t
launch(const struct launch *la, int *notify, int *go)
{
	struct report	 r;
	int		 report[2], barrier[2];
	pid_t		 pid, parent = getpid();

	if (pipe2(report, O_CLOEXEC) == -1 || pipe2(barrier, O_CLOEXEC) == -1)
		fatal("pipe");
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0)
		child_main(la, report[1], barrier[0], parent);
	close(report[1]);
	close(barrier[0]);
	if (read(report[0], &r, sizeof(r)) != sizeof(r) ||
	    r.r_step >= STEP_COUNT)
		fatalx("child: died before its filter was in place");
	if (r.r_step != STEP_DONE) {
		errno = r.r_errno;
		fatal("child: %s", steps[r.r_step]);
	}
	close(report[0]);
	*notify = take_listener(pid);
	try_child(pid, *notify);
	*go = barrier[1];
	return (pid);
}

/* The listener, by its number in the child, which waits and has no other. */
static int
take_listener(pid_t pid)
{
	int	 pidfd, fd;

	if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		fatal("pidfd_open");
	if ((fd = (int)syscall(SYS_pidfd_getfd, pidfd, CHILD_LISTENER,
	    0)) == -1)
		fatal("pidfd_getfd: the child's listener (ptrace access)");
	close(pidfd);
	/* Ten times faster on one processor; absent before Linux 6.6. */
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == -1)
		log_debug("no synchronous wake-up on this kernel");
	return (fd);
}

/*
 * What each call will need and might not be there, or be forbidden to us by
 * another sandbox, Yama, or a security module: tried on the child, which waits,
 * so that the run is refused and not every call of it.
 */
static void
try_child(pid_t pid, int notify)
{
	struct seccomp_notif_addfd	 add;
	struct iovec			 local, remote;
	char				 byte;
	int				 status;

	/* What it has there is what we had when it was forked. */
	local.iov_base = &byte;
	remote.iov_base = (void *)(uintptr_t)steps;
	local.iov_len = remote.iov_len = sizeof(byte);
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != sizeof(byte))
		fatal("process_vm_readv: the child's memory (ptrace access)");
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == -1 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == -1)
		fatal("ptrace: PTRACE_SEIZE of the child");
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL) == -1)
		fatal("ptrace: PTRACE_DETACH of the child");
	memset(&add, 0, sizeof(add));
	add.flags = SECCOMP_ADDFD_FLAG_SEND;
	add.srcfd = STDIN_FILENO;
	/* There is no such request: known, it says so. */
	if (ioctl(notify, SECCOMP_IOCTL_NOTIF_ADDFD, &add) == -1 &&
	    errno != ENOENT && errno != EBADF)
		fatal("seccomp: SECCOMP_IOCTL_NOTIF_ADDFD (Linux 5.14)");
}

static void
child_main(const struct launch *la, int report, int go, pid_t parent)
{
	const struct rlimit	 nocore = { 0, 0 };
	struct report		 r = { STEP_DONE, 0 };
	char			 byte;

	child_fds(report, go, la->la_wall);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    getppid() != parent)
		child_fail(STEP_PARENT);
	/* The terminal's signals are for the command as if run bare. */
	if (setpgid(0, la->la_pgid) == -1 && getpgrp() != la->la_pgid)
		child_fail(STEP_GROUP);
	child_signals(la->la_ignored);
	/* The kernel would write a core where no rule allows a file. */
	if (setrlimit(RLIMIT_CORE, &nocore) == -1)
		child_fail(STEP_LIMIT);
	/* Linux 6.3; what it refuses the filter refuses too, by registers. */
	if (la->la_mdwe && prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0,
	    0) == -1 && errno != EINVAL)
		child_fail(STEP_MDWE);
	if (ll_enter(CHILD_LISTENER) == -1)
		child_fail(STEP_WALL);
	close(CHILD_LISTENER);
	child_filter(la);

	if (write(CHILD_REPORT, &r, sizeof(r)) != sizeof(r) ||
	    read(CHILD_GO, &byte, 1) != 1)
		_exit(EXIT_SANDBOX);
	close(CHILD_REPORT);
	close(CHILD_GO);
	close(CHILD_LISTENER);
	child_exec(la);
}

/*
 * Nothing but stdio and ours: report, barrier, and the ruleset where the
 * listener will be.
 */
static void
child_fds(int report, int go, int wall)
{
	int	 tmp[3];

	/* Out of the way of the fixed numbers first. */
	if ((tmp[0] = fcntl(report, F_DUPFD_CLOEXEC,
	    CHILD_LISTENER + 1)) == -1 ||
	    (tmp[1] = fcntl(go, F_DUPFD_CLOEXEC,
	    CHILD_LISTENER + 1)) == -1 ||
	    (tmp[2] = fcntl(wall, F_DUPFD_CLOEXEC,
	    CHILD_LISTENER + 1)) == -1 ||
	    dup3(tmp[0], CHILD_REPORT, O_CLOEXEC) == -1)
		_exit(EXIT_SANDBOX);
	if (dup3(tmp[1], CHILD_GO, O_CLOEXEC) == -1 ||
	    dup3(tmp[2], CHILD_LISTENER, O_CLOEXEC) == -1 ||
	    syscall(SYS_close_range, CHILD_LISTENER + 1, ~0U, 0) == -1)
		child_fail(STEP_FDS);
}

/* As the sandbox was started: what was ignored stays so; nothing blocked. */
static void
child_signals(uint64_t ignored)
{
	struct sigaction	 sa;
	sigset_t		 set;
	int			 sig;

	memset(&sa, 0, sizeof(sa));
	for (sig = 1; sig < 65; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP)
			continue;
		sa.sa_handler = (ignored & (1ULL << (sig - 1))) ? SIG_IGN :
		    SIG_DFL;
		(void)sigaction(sig, &sa, NULL);
	}
	sigemptyset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

static void
child_filter(const struct launch *la)
{
	struct sock_fprog	 prog;
	long			 fd;

	prog.len = (unsigned short)la->la_filterlen;
	prog.filter = (struct sock_filter *)(uintptr_t)la->la_filter;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER |
	    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
	if (fd != CHILD_LISTENER)
		child_fail(STEP_FILTER);
}

/* As execvp(3): the first that can be executed along PATH. */
static void
child_exec(const struct launch *la)
{
	const char	*cmd = la->la_argv[0], *path, *end;
	size_t		 len;
	int		 error = ENOENT;

	if (strchr(cmd, '/') != NULL)
		error = child_execve(la, cmd);
	else if (*cmd != '\0') {
		if ((path = getenv("PATH")) == NULL)
			path = "/usr/local/bin:/usr/bin:/bin";
		for (;; path = end + 1) {
			end = strchrnul(path, ':');
			len = (size_t)(end - path);
			if (child_try(la, path, len) == EACCES)
				error = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
			if (*end == '\0')
				break;
		}
	}
	dprintf(STDERR_FILENO, "privsep-sandbox: %s: %s\n", cmd,
	    strerror(error));
	_exit(error == ENOENT || error == ENOTDIR ? EXIT_NOTFOUND :
	    EXIT_NOEXEC);
}

/* One directory of PATH; an empty one is the working directory. */
static int
child_try(const struct launch *la, const char *dir, size_t len)
{
	char	 path[PATH_MAX];
	int	 n;

	n = snprintf(path, sizeof(path), "%.*s%s%s", (int)len, dir,
	    len > 0 ? "/" : "", la->la_argv[0]);
	if (n < 0 || (size_t)n >= sizeof(path))
		return (errno = ENAMETOOLONG);
	return (child_execve(la, path));
}

/* A file without a header the kernel knows is a script for sh, execvp(3). */
static int
child_execve(const struct launch *la, const char *path)
{
	static char	 sh[] = "/bin/sh";
	char		**argv;
	size_t		 n;

	execve(path, la->la_argv, la->la_envp);
	if (errno != ENOEXEC)
		return (errno);
	for (n = 0; la->la_argv[n] != NULL; n++)
		continue;
	if ((argv = calloc(n + 2, sizeof(*argv))) == NULL)
		return (ENOMEM);
	argv[0] = sh;
	argv[1] = (char *)(uintptr_t)path;
	memcpy(argv + 2, la->la_argv + 1, n * sizeof(*argv));
	execve(sh, argv, la->la_envp);
	n = (size_t)errno;
	free(argv);
	return ((int)n);
}

static void
child_fail(enum step step)
{
	struct report	 r = { step, errno };

	(void)!write(CHILD_REPORT, &r, sizeof(r));
	_exit(EXIT_SANDBOX);
}
