/*
 * The smallest useful notify supervisor, for the bench only: one process that
 * receives a notification, reads the path out of the caller's memory, does
 * the call and answers.  What it costs is the floor a brokered call is
 * compared with.  It must never be taken for a sandbox: it decides nothing,
 * and the bytes it acts on are read once from a process that may change them.
 *
 * Relative paths and anything else it does not care for are continued.  With
 * -e nothing is notified: what is left is what any seccomp filter costs.  With
 * -x execve is, and nothing else: the new image is stopped before it runs and
 * looked at, as far as one process can: opened, its memory map read.  With -c
 * connect is, and nothing else: done on the caller's own socket.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Newer than the 6.1 headers: linux/seccomp.h of 6.6. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	(1UL << 0)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS		SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)
#endif

#define PAGE_BYTES	4096	/* the unit memory is readable in */

/* How a notified call is done. */
enum how {
	HOW_OPEN,		/* open or openat: install the descriptor */
	HOW_STAT,		/* write a struct stat back */
	HOW_UNLINK,
	HOW_RENAME,
	HOW_MKDIR
};

/* One notified call; -1: the call has no such argument. */
struct row {
	int		 r_nr;
	enum how	 r_how;
	int		 r_path;	/* argument: path */
	int		 r_path2;	/* argument: second path or buffer */
	int		 r_flags;	/* argument: flags */
	int		 r_mode;	/* argument: mode */
};

static const struct row rows[] = {
	{ SYS_open,		HOW_OPEN,	0, -1,  1,  2 },
	{ SYS_openat,		HOW_OPEN,	1, -1,  2,  3 },
	{ SYS_stat,		HOW_STAT,	0,  1, -1, -1 },
	{ SYS_newfstatat,	HOW_STAT,	1,  2,  3, -1 },
	{ SYS_unlink,		HOW_UNLINK,	0, -1, -1, -1 },
	{ SYS_unlinkat,		HOW_UNLINK,	1, -1,  2, -1 },
	{ SYS_rmdir,		HOW_UNLINK,	0, -1, -1, -1 },
	{ SYS_rename,		HOW_RENAME,	0,  1, -1, -1 },
	{ SYS_renameat,		HOW_RENAME,	1,  3, -1, -1 },
	{ SYS_renameat2,	HOW_RENAME,	1,  3,  4, -1 },
	{ SYS_mkdir,		HOW_MKDIR,	0, -1, -1,  1 },
	{ SYS_mkdirat,		HOW_MKDIR,	1, -1, -1,  2 },
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static int	 execs;		/* -x: execve alone */
static int	 connects;	/* -c: connect alone */
static int	 all_calls;	/* -a: every row, not only open and openat */
static int	 empty;		/* -e: a filter that allows everything */
static int	 no_sync;	/* -s: without the sync wake-up */

static int	 filter_install(void);
static int	 child_start(char **, pid_t *);
static void	 serve(int);
static int	 answer(int, const struct seccomp_notif *,
		    struct seccomp_notif_resp *);
static void	 do_exec(int, const struct seccomp_notif *,
		    struct seccomp_notif_resp *);
static int	 do_connect(const struct seccomp_notif *);
static int	 do_open(int, const struct seccomp_notif *, const struct row *,
		    const char *);
static int64_t	 do_path(const struct seccomp_notif *, const struct row *,
		    const char *, const char *);
static ssize_t	 copy_path(uint32_t, uint64_t, char *);
static uint64_t	 arg(const struct seccomp_notif *, int);

static void
usage(void)
{
	fprintf(stderr, "usage: supervisor [-acesx] command [argument ...]\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	pid_t	 pid;
	int	 ch, fd, status;

	while ((ch = getopt(argc, argv, "+acesx")) != -1) {
		switch (ch) {
		case 'a':
			all_calls = 1;
			break;
		case 'c':
			connects = 1;
			break;
		case 'e':
			empty = 1;
			break;
		case 's':
			no_sync = 1;
			break;
		case 'x':
			execs = 1;
			break;
		default:
			usage();
		}
	}
	if (optind == argc)
		usage();

	umask(umask(0));	/* the child's is ours: nothing to look up */
	fd = child_start(argv + optind, &pid);
	if (!no_sync && ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == -1)
		warn("no sync wake-up");
	serve(fd);
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	return (WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status));
}

/*
 * Fork the command behind the filter.  The child says which descriptor the
 * listener is, the parent takes it with pidfd_getfd(2) and lets the child go.
 */
static int
child_start(char **argv, pid_t *pid)
{
	int	 sp[2], fd, pidfd;
	char	 c = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp) == -1)
		err(1, "socketpair");
	if ((*pid = fork()) == -1)
		err(1, "fork");
	if (*pid == 0) {
		fd = filter_install();
		if (write(sp[1], &fd, sizeof(fd)) != sizeof(fd) ||
		    read(sp[1], &c, 1) != 1)
			_exit(1);
		close(fd);
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(sp[1]);
	if (read(sp[0], &fd, sizeof(fd)) != sizeof(fd))
		errx(1, "the child could not install its filter");
	if ((pidfd = (int)syscall(SYS_pidfd_open, *pid, 0)) == -1)
		err(1, "pidfd_open");
	if ((fd = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0)) == -1)
		err(1, "pidfd_getfd");
	close(pidfd);
	if (write(sp[0], &c, 1) != 1)
		err(1, "write");
	close(sp[0]);
	return (fd);
}

/* Two instructions a row and no long jump: the 8-bit limit is far away. */
static int
filter_install(void)
{
	struct sock_filter	 f[6 + 2 * NROWS];
	struct sock_fprog	 prog;
	unsigned short		 n = 0;
	size_t			 i;
	int			 fd;

	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	if (execs || connects) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    execs ? SYS_execve : SYS_connect, 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_USER_NOTIF);
	}
	for (i = 0; i < NROWS; i++) {
		if (empty || execs || connects || (!all_calls && rows[i].r_how != HOW_OPEN))
			continue;
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned)rows[i].r_nr, 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_USER_NOTIF);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	prog.len = n;
	prog.filter = f;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		err(1, "no_new_privs");
	if ((fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER |
	    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog)) == -1)
		err(1, "seccomp");
	return (fd);
}

/* Until the last task behind the filter is gone: RECV then says ENOENT. */
static void
serve(int fd)
{
	static struct seccomp_notif	 req;
	static struct seccomp_notif_resp resp;
	struct pollfd			 pfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		memset(&req, 0, sizeof(req));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &req) == -1) {
			if (errno == EINTR)
				continue;
			if (errno != ENOENT)
				err(1, "RECV");
			/* the end, or a caller that died just now */
			if (poll(&pfd, 1, 0) == 1 && pfd.revents & POLLHUP)
				return;
			continue;
		}
		memset(&resp, 0, sizeof(resp));
		resp.id = req.id;
		if (execs) {
			do_exec(fd, &req, &resp);
			continue;
		}
		if (connects)
			resp.error = do_connect(&req);
		else if (answer(fd, &req, &resp))
			continue;
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &resp) == -1 &&
		    errno != ENOENT)
			err(1, "SEND");
	}
}

/* 1: answered already (a descriptor was installed); 0: resp is the answer. */
static int
answer(int fd, const struct seccomp_notif *req, struct seccomp_notif_resp *resp)
{
	static char		 path[PATH_MAX], path2[PATH_MAX];
	const struct row	*r;
	int64_t			 v;

	for (r = rows; r < rows + NROWS; r++)
		if (r->r_nr == req->data.nr)
			break;
	if (r == rows + NROWS ||
	    copy_path(req->pid, arg(req, r->r_path), path) == -1 ||
	    path[0] != '/' ||
	    (r->r_how == HOW_RENAME &&
	    (copy_path(req->pid, arg(req, r->r_path2), path2) == -1 ||
	    path2[0] != '/'))) {
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		return (0);
	}
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id) == -1)
		return (1);
	if (r->r_how == HOW_OPEN) {
		if ((v = do_open(fd, req, r, path)) == 0)
			return (1);
	} else
		v = do_path(req, r, path, path2);
	if (v == -ENOSYS)
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		resp->error = (int32_t)v;
	return (0);
}

/* The interrupt makes one stop of a call that fails as well. */
static void
do_exec(int fd, const struct seccomp_notif *req,
    struct seccomp_notif_resp *resp)
{
	static char	 maps[32768];
	char		 name[64];
	pid_t		 pid = (pid_t)req->pid;
	int		 status, file;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL) == -1 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == -1)
		err(1, "ptrace");
	resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, resp) == -1 ||
	    waitpid(pid, &status, __WALL) == -1)
		err(1, "exec");
	if (status >> 16 == PTRACE_EVENT_EXEC) {
		(void)snprintf(name, sizeof(name), "/proc/%d/exe", (int)pid);
		if ((file = open(name, O_RDONLY | O_CLOEXEC)) != -1)
			close(file);
		(void)snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
		if ((file = open(name, O_RDONLY | O_CLOEXEC)) != -1) {
			while (read(file, maps, sizeof(maps)) > 0)
				continue;
			close(file);
		}
	}
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* The address is copied once, the socket taken: 0 or -errno. */
static int
do_connect(const struct seccomp_notif *req)
{
	struct sockaddr_storage	 ss;
	size_t			 len = req->data.args[2];
	struct iovec		 local, remote;
	int			 pidfd, fd, rv;

	if (len > sizeof(ss))
		return (-EINVAL);
	local.iov_base = &ss;
	remote.iov_base = (void *)(uintptr_t)req->data.args[1];
	local.iov_len = remote.iov_len = len;
	if (process_vm_readv((pid_t)req->pid, &local, 1, &remote, 1, 0) !=
	    (ssize_t)len)
		return (-EFAULT);
	if ((pidfd = (int)syscall(SYS_pidfd_open, req->pid, 0)) == -1)
		return (-errno);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)req->data.args[0], 0);
	rv = fd == -1 || connect(fd, (struct sockaddr *)&ss,
	    (socklen_t)len) == -1 ? -errno : 0;
	close(pidfd);
	if (fd != -1)
		close(fd);
	return (rv);
}

/* 0: installed and answered; else -errno, ENOSYS to continue. */
static int
do_open(int fd, const struct seccomp_notif *req, const struct row *r,
    const char *path)
{
	struct seccomp_notif_addfd	 add;
	int				 flags, newfd, rc;

	flags = (int)arg(req, r->r_flags);
	if (flags & O_PATH)		/* ADDFD refuses it */
		return (-ENOSYS);
	if ((newfd = openat(AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY,
	    (mode_t)arg(req, r->r_mode))) == -1)
		return (-errno);
	memset(&add, 0, sizeof(add));
	add.id = req->id;
	add.flags = SECCOMP_ADDFD_FLAG_SEND;
	add.srcfd = (uint32_t)newfd;
	add.newfd_flags = (uint32_t)(flags & O_CLOEXEC);
	rc = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (rc == -1)
		rc = errno == ENOENT ? 0 : -errno;
	else
		rc = 0;
	close(newfd);
	return (rc);
}

/* 0 or -errno. */
static int64_t
do_path(const struct seccomp_notif *req, const struct row *r,
    const char *path, const char *path2)
{
	struct stat	 st;
	struct iovec	 liov, riov;
	int		 flags, rc;

	flags = (int)arg(req, r->r_flags);
	switch (r->r_how) {
	case HOW_STAT:
		if ((rc = fstatat(AT_FDCWD, path, &st, flags)) == -1)
			break;
		liov.iov_base = &st;
		riov.iov_base = (void *)(uintptr_t)arg(req, r->r_path2);
		liov.iov_len = riov.iov_len = sizeof(st);
		if (process_vm_writev((pid_t)req->pid, &liov, 1, &riov, 1,
		    0) != sizeof(st))
			return (-EFAULT);
		break;
	case HOW_UNLINK:
		rc = unlinkat(AT_FDCWD, path,
		    r->r_nr == SYS_rmdir ? AT_REMOVEDIR : flags);
		break;
	case HOW_RENAME:
		rc = renameat2(AT_FDCWD, path, AT_FDCWD, path2,
		    (unsigned)flags);
		break;
	case HOW_MKDIR:
		rc = mkdirat(AT_FDCWD, path, (mode_t)arg(req, r->r_mode));
		break;
	default:
		return (-ENOSYS);
	}
	return (rc == -1 ? -errno : 0);
}

/*
 * A path of at most PATH_MAX bytes with its NUL.  Usually one read: up to the
 * end of the page, and the next page only when the NUL was not there.
 */
static ssize_t
copy_path(uint32_t pid, uint64_t addr, char *buf)
{
	struct iovec	 liov, riov;
	size_t		 len = 0, want;
	ssize_t		 n;
	char		*nul;

	while (len < PATH_MAX) {
		want = PAGE_BYTES - (addr + len) % PAGE_BYTES;
		if (want > PATH_MAX - len)
			want = PATH_MAX - len;
		if (len == 0 && want > 256)
			want = 256;	/* most paths are short */
		liov.iov_base = buf + len;
		riov.iov_base = (void *)(uintptr_t)(addr + len);
		liov.iov_len = riov.iov_len = want;
		if ((n = process_vm_readv((pid_t)pid, &liov, 1, &riov, 1,
		    0)) <= 0)
			return (-1);
		if ((nul = memchr(buf + len, '\0', (size_t)n)) != NULL)
			return (nul - buf);
		len += (size_t)n;
	}
	return (-1);
}

/* Argument i of the call; 0 for one it does not have. */
static uint64_t
arg(const struct seccomp_notif *req, int i)
{
	return (i == -1 ? 0 : req->data.args[i]);
}
