/*
 * How a role confines itself, step by step, and what happens when it makes a
 * call that its table does not have.  Must never: go on after a step failed,
 * or be told by anyone but the role's entry what to do.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jail.h"
#include "landlock_abi.h"
#include "log.h"
#include "sysent.h"

/* A refused call in words: 21 bytes, a name, a number. */
#define JAIL_LINE_MAX	128
/* Any number with it is refused by KILL_PROCESS: asm/unistd.h. */
#define JAIL_X32	0x40000000L
/* Si_code of a SIGSYS that a filter raised: asm-generic/siginfo.h. */
#define JAIL_SYS_SECCOMP 1

#define ROLEBIT(r)	(1U << (r))

/* A limit lowered at start.  Never for the receiver: its child inherits. */
struct jail_limit {
	unsigned	 l_roles;
	int		 l_resource;
	rlim_t		 l_max;
	const char	*l_name;
};
static const struct jail_limit jail_limits[] = {
	/* three channels, the policy, and two to come as a message comes */
	{ ROLEBIT(ROLE_LEARN), RLIMIT_NOFILE, 16, "RLIMIT_NOFILE" },
	/* channels below RESOLVER_FDS, its sockets above */
	{ ROLEBIT(ROLE_RESOLVER), RLIMIT_NOFILE, 768, "RLIMIT_NOFILE" },
	/* one channel a lane, two files each, and directories that are kept */
	{ ROLEBIT(ROLE_INTEGRITY), RLIMIT_NOFILE, 960, "RLIMIT_NOFILE" },
#ifndef PRIVSEP_SAN	/* reports go to a file */
	/* it writes no file; the table says so too */
	{ ROLEBIT(ROLE_INTEGRITY) | ROLEBIT(ROLE_RESOLVER), RLIMIT_FSIZE, 0,
	    "RLIMIT_FSIZE" },
#endif
};

/*
 * Ignored by every role: the terminal's signals are the monitor's to relay,
 * SIGHUP comes to orphaned groups, a write to a dead peer or past a file size
 * limit is an errno.
 */
static const int jail_ignored[] = {
	SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGUSR2,
	SIGXFSZ
};

static int	 jail_null = -1;	/* /dev/null, from start to stdio */
static int	 jail_done;		/* a filter is in place */
static enum role jail_role;

static void	 jail_signals(void);
static void	 jail_fds(void);
static void	 jail_parent(int);
static void	 jail_lower(enum role);
static void	 jail_caps_check(uint64_t, int);
static int	 jail_bounding(uint64_t);
static void	 jail_capset(uint64_t);
static void	 jail_once(void);
static void	 jail_refused(int, siginfo_t *, void *)
		    __attribute__((__noreturn__));
static size_t	 jail_line(char *, size_t, int);
static void	 jail_put32(uint8_t *, uint32_t);
static void	 jail_tell(const char *, size_t);

void
jail_start(enum role role, int pdeathsig)
{
	jail_role = role;
	jail_signals();
	if (getpgrp() != getpid() && setpgid(0, 0) == -1)
		fatal("%s: setpgid", __func__);
	jail_fds();
	jail_parent(pdeathsig);
	jail_lower(role);
	if (role == ROLE_RECEIVER)
		return;
	umask(role == ROLE_POLICY ? 0 : 077);
	if (chdir("/") == -1)
		fatal("%s: chdir /", __func__);
	/* from here on, what goes wrong is told on the log channel */
	jail_stdio();
}

static void
jail_signals(void)
{
	struct sigaction sa;
	size_t		 i;
	int		 sig;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = SIG_DFL;
	for (sig = 1; sig <= SIGRTMAX; sig++) {
		/* EINVAL: SIGKILL, SIGSTOP and two that libc keeps */
		if (sigaction(sig, &sa, NULL) == -1 && errno != EINVAL)
			fatal("%s: sigaction %d", __func__, sig);
	}
	sa.sa_handler = SIG_IGN;
	for (i = 0; i < sizeof(jail_ignored) / sizeof(jail_ignored[0]); i++) {
		if (sigaction(jail_ignored[i], &sa, NULL) == -1)
			fatal("%s: sigaction %d", __func__, jail_ignored[i]);
	}
	if (sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL) == -1)
		fatal("%s: sigprocmask", __func__);
}

/*
 * The two channels are all that a role starts with; they are not for the
 * receiver's child, hence close-on-exec.
 */
static void
jail_fds(void)
{
	socklen_t	 len;
	int		 fd, type;

	for (fd = FD_PARENT; fd <= FD_LOG; fd++) {
		len = sizeof(type);
		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
			fatal("%s: descriptor %d is no channel", __func__, fd);
		if (type != SOCK_SEQPACKET)
			fatalx("%s: descriptor %d: not SOCK_SEQPACKET",
			    __func__, fd);
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
			fatal("%s: fcntl", __func__);
	}
	if (close_range(FD_LOG + 1, ~0U, 0) == -1)
		fatal("%s: close_range", __func__);
	if ((jail_null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		fatal("%s: /dev/null", __func__);
}

void
jail_flight(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("%s: RLIMIT_NOFILE", __func__);
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("%s: RLIMIT_NOFILE", __func__);
}

void
jail_stdio(void)
{
	int	 fd, last = STDERR_FILENO;

#ifdef PRIVSEP_SAN
	last = STDOUT_FILENO;		/* the sanitizers report on stderr */
#endif
	if (jail_null == -1)
		fatalx("%s: before jail_start, or twice", __func__);
	for (fd = STDIN_FILENO; fd <= last; fd++) {
		if (jail_null != fd && dup2(jail_null, fd) == -1)
			fatal("%s: dup2", __func__);
	}
	if (jail_null > STDERR_FILENO)
		close(jail_null);
	jail_null = -1;
}

/*
 * A parent that died before the prctl sends no signal, and its pid is not
 * known here: but then nobody holds the other end of the channel any more.
 */
static void
jail_parent(int pdeathsig)
{
	struct pollfd	 pfd = { .fd = FD_PARENT };

	if (prctl(PR_SET_PDEATHSIG, pdeathsig, 0, 0, 0) == -1)
		fatal("%s: PR_SET_PDEATHSIG", __func__);
	if (poll(&pfd, 1, 0) == -1)
		fatal("%s: poll", __func__);
	if (pfd.revents & (POLLHUP | POLLERR | POLLNVAL))
		_exit(EXIT_SANDBOX);
}

static void
jail_lower(enum role role)
{
	const struct jail_limit	*l;
	struct rlimit		 rl;
	size_t			 i;

	for (i = 0; i < sizeof(jail_limits) / sizeof(jail_limits[0]); i++) {
		l = &jail_limits[i];
		if (!(l->l_roles & ROLEBIT(role)))
			continue;
		if (getrlimit((__rlimit_resource_t)l->l_resource, &rl) == -1)
			fatal("%s: %s", __func__, l->l_name);
		if (rl.rlim_max > l->l_max)
			rl.rlim_max = l->l_max;
		rl.rlim_cur = rl.rlim_max;
		if (setrlimit((__rlimit_resource_t)l->l_resource, &rl) == -1)
			fatal("%s: %s", __func__, l->l_name);
	}
}

void
jail_wall(int fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("%s: PR_SET_NO_NEW_PRIVS", __func__);
	if (ll_enter(fd) == -1)
		fatal("%s: landlock_restrict_self", __func__);
	close(fd);
}

/*
 * Without CAP_SETPCAP the bounding set cannot shrink.  It gives nothing then:
 * no_new_privs, which every role sets, keeps exec from adding to what is
 * permitted, uid 0 included (cap_bprm_creds_from_file(), security/commoncap.c).
 * Who holds nothing has nothing ambient: cap_ambient_invariant_ok().
 */
void
jail_caps(uint64_t keep)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 old[2], now[2];
	uint64_t			 have;
	int				 shrunk;

	memset(&hdr, 0, sizeof(hdr));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capget, &hdr, old) == -1)
		fatal("%s: capget", __func__);
	have = (uint64_t)old[0].permitted | (uint64_t)old[1].permitted << 32;
	if (have == 0 && (old[0].inheritable | old[1].inheritable) == 0)
		return;
	keep &= have;

	shrunk = jail_bounding(keep);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		fatal("%s: PR_CAP_AMBIENT_CLEAR_ALL", __func__);
	jail_capset(keep);

	if (syscall(SYS_capget, &hdr, now) == -1)
		fatal("%s: capget", __func__);
	if (((uint64_t)now[0].permitted | (uint64_t)now[1].permitted << 32) !=
	    keep || now[0].effective != now[0].permitted ||
	    now[1].effective != now[1].permitted ||
	    now[0].inheritable != now[0].permitted ||
	    now[1].inheritable != now[1].permitted)
		fatalx("%s: capabilities are not what was asked", __func__);
	jail_caps_check(keep, shrunk);
}

/* What capget(2) does not tell. */
static void
jail_caps_check(uint64_t keep, int shrunk)
{
	unsigned long	 cap;
	int		 bounding;

	for (cap = 0; (bounding = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0;
	    cap++) {
		if (shrunk && !(keep & 1ULL << cap) && bounding != 0)
			fatalx("%s: capability %lu is bounding", __func__, cap);
		/* Nothing is ambient that is not permitted. */
		if (keep != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET,
		    cap, 0, 0) != ((keep & 1ULL << cap) != 0))
			fatalx("%s: capability %lu: ambient", __func__, cap);
	}
}

/* 1: the bounding set is keep and what it never had; 0: not permitted. */
static int
jail_bounding(uint64_t keep)
{
	unsigned long	 cap;

	for (cap = 0; cap < 64; cap++) {
		if (keep & 1ULL << cap)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			return (1);	/* that was the last, capabilities(7) */
		if (errno == EPERM)
			return (0);
		fatal("%s: PR_CAPBSET_DROP %lu", __func__, cap);
	}
	return (1);
}

static void
jail_capset(uint64_t keep)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 data[2];
	unsigned long			 cap;
	int				 i;

	memset(&hdr, 0, sizeof(hdr));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	for (i = 0; i < 2; i++) {
		data[i].permitted = (uint32_t)(keep >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = data[i].permitted;
	}
	if (syscall(SYS_capset, &hdr, data) == -1)
		fatal("%s: capset", __func__);
	for (cap = 0; cap < 64; cap++) {
		if (keep & 1ULL << cap && prctl(PR_CAP_AMBIENT,
		    PR_CAP_AMBIENT_RAISE, cap, 0, 0) == -1)
			fatal("%s: PR_CAP_AMBIENT_RAISE %lu", __func__, cap);
	}
}

void
jail_filter(enum role role)
{
	const struct jail_filter *jf = &jail_filters[role];
	struct sock_fprog	 prog;

	if (jf->jf_len == 0 || jf->jf_len > FILTER_LEN_MAX)
		fatalx("%s: no filter for role %d", __func__, (int)role);
	if (!jail_done)
		jail_once();
	jail_role = role;
	jail_done = 1;

	prog.len = (unsigned short)jf->jf_len;
	prog.filter = (struct sock_filter *)(uintptr_t)jf->jf_insns;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		fatal("%s: seccomp", __func__);
}

void
jail_nonet(void)
{
	struct sock_filter	 insns[JAIL_NONET_MAX];
	struct sock_fprog	 prog = { 0, insns };

	prog.len = (unsigned short)jail_nonet_insns(insns);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		fatal("%s: seccomp", __func__);
}

size_t
jail_nonet_insns(struct sock_filter insns[JAIL_NONET_MAX])
{
	static const int	 calls[] = {
		SYS_connect, SYS_bind, SYS_listen, SYS_sendto, SYS_getsockopt,
		SYS_accept4, SYS_fchdir, SYS_getsockname
	};
	size_t			 i, len = 0;

	_Static_assert(2 * (sizeof(calls) / sizeof(calls[0])) + 2 <=
	    JAIL_NONET_MAX, "JAIL_NONET_MAX");
	insns[len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		insns[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP |
		    BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
		insns[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_TRAP);
	}
	insns[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	return (len);
}

/*
 * What fork(2) hands down.  Not dumpable: nobody of the same uid may attach
 * or read the memory.  The receiver's child was forked before, is dumpable,
 * and so stays readable to the receiver.
 */
static void
jail_once(void)
{
	struct sigaction sa;
	struct rlimit	 rl = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("%s: PR_SET_NO_NEW_PRIVS", __func__);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("%s: PR_SET_DUMPABLE", __func__);
	if (setrlimit(RLIMIT_CORE, &rl) == -1)
		fatal("%s: RLIMIT_CORE", __func__);
	/*
	 * No SA_NODEFER: a refused call within the handler must be death, not
	 * recursion.  No SA_RESETHAND: two threads may come here at once.
	 */
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = jail_refused;
	sa.sa_flags = SA_SIGINFO;
	sigfillset(&sa.sa_mask);
	if (sigaction(SIGSYS, &sa, NULL) == -1)
		fatal("%s: SIGSYS", __func__);
}

/*
 * The SIGSYS handler: async-signal-safe, on the stack of the thread, with
 * every signal blocked.  Does not return.
 */
static void
jail_refused(int sig, siginfo_t *info, void *context)
{
	char	 line[JAIL_LINE_MAX];

	(void)sig;
	(void)context;
	if (info->si_code == JAIL_SYS_SECCOMP)
		jail_tell(line, jail_line(line, sizeof(line),
		    info->si_syscall));
	syscall(JAIL_X32 | SYS_getpid);
	for (;;)
		__builtin_trap();	/* there was no filter yet */
}

/* "refused system call NAME (number)": its length, without a NUL. */
static size_t
jail_line(char *line, size_t size, int nr)
{
	static const char	 prefix[] = "refused system call ";
	const struct sysent	*se;
	const char		*name = "unknown";
	char			 digits[12];
	size_t			 len = 0, n = 0;
	unsigned		 u = (unsigned)nr;

	if ((se = sysent_find((uint32_t)nr)) != NULL)
		name = se->se_name;
	do {
		digits[n++] = (char)('0' + u % 10);
	} while ((u /= 10) != 0);

	memcpy(line, prefix, sizeof(prefix) - 1);
	len = sizeof(prefix) - 1;
	while (*name != '\0' && len < size - sizeof(digits) - 3)
		line[len++] = *name++;
	line[len++] = ' ';
	line[len++] = '(';
	while (n > 0)
		line[len++] = digits[--n];
	line[len++] = ')';
	return (len);
}

static void
jail_put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

/*
 * msg_put_log() of proto/wire.c by hand: struct msg is too large for a
 * signal handler.  Never waits: dying matters more.
 */
static void
jail_tell(const char *line, size_t len)
{
	static const char prefix[] = "privsep-sandbox: monitor: ";
	static const char newline[] = "\n";
	uint8_t		 head[MSG_HDR_SIZE + 1 + 4];
	struct iovec	 iov[3];
	struct msghdr	 mh;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = iov;
	iov[1].iov_base = (void *)(uintptr_t)line;
	iov[1].iov_len = len;
	if (jail_role == ROLE_MONITOR) {
		iov[0].iov_base = (void *)(uintptr_t)prefix;
		iov[0].iov_len = sizeof(prefix) - 1;
		iov[2].iov_base = (void *)(uintptr_t)newline;
		iov[2].iov_len = 1;
		(void)!writev(STDERR_FILENO, iov, 3);
		return;
	}
	jail_put32(head, MSG_ROLE_LOG | PROTO_VERSION << 16);
	jail_put32(head + 4, (uint32_t)(sizeof(head) + len));
	jail_put32(head + 8, 0);
	jail_put32(head + 12, 0);
	head[MSG_HDR_SIZE] = LOG_L_FATAL;
	jail_put32(head + MSG_HDR_SIZE + 1, (uint32_t)len);
	iov[0].iov_base = head;
	iov[0].iov_len = sizeof(head);
	mh.msg_iovlen = 2;
	(void)!sendmsg(FD_LOG, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

#ifdef PRIVSEP_SAN
/*
 * The leak checker at exit(3) clones and traces: not within a filter, and not
 * without the descriptors it needs.
 */
int	 __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	int	 fd, fd2 = -1;

	if (jail_done)
		return (1);
	if ((fd = open("/proc/self/task", O_RDONLY | O_CLOEXEC)) != -1) {
		fd2 = dup(fd);
		close(fd);
		close(fd2);
	}
	return (fd2 == -1);
}

/* Whether stderr is a terminal cannot be asked within a filter. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *
__asan_default_options(void)
{
	return ("color=never:exitcode=99");
}

const char *
__ubsan_default_options(void)
{
	return ("color=never:print_stacktrace=1");
}
#endif
