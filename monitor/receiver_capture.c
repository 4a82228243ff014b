/*
 * Copies what a system call's arguments point at, by the table, bounded, and
 * takes the descriptors they name.  Does not look at what it copied, with one
 * exception: the first byte of a path says whether its base directory is
 * sent along ('/': it is not).  A wrong guess costs a descriptor, nothing
 * else: the policy worker refuses a relative path that has no base.
 */
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD	O_EXCL		/* linux/pidfd.h, Linux 6.9 */
#endif

#define NAME_SIZE	256		/* XATTR_NAME_MAX and its NUL */
#define BUF_SIZE	65536		/* XATTR_SIZE_MAX */
#define HOW_SIZE	4096		/* the kernel's own bound: a page */
#define STATUS_SIZE	4096		/* /proc/TID/status */
#define FIRST_CHUNK	256		/* most paths fit */
#define CAP_STATUS	0xff		/* cap of /proc/TID/status */
#define TMPFILE		(O_TMPFILE & ~O_DIRECTORY)	/* __O_TMPFILE */

/* Room for everything one call can bring: two paths and a value. */
struct capture {
	struct call	 cp_call;
	int		 cp_pidfd;	/* of the calling thread, or -1 */
	uint8_t		 cp_place[PLACE_SIZE];	/* first bytes of an ARG_HOW */
	size_t		 cp_used;
	uint8_t		 cp_buf[BUF_SIZE + 2 * PATH_MAX + STATUS_SIZE];
};

struct kind {
	void		(*k_take)(struct lane *, struct capture *, unsigned);
	size_t		 k_size;	/* at most, NUL included */
	int		 k_toolong;	/* errno past it */
};

static void	 take_string(struct lane *, struct capture *, unsigned);
static void	 take_path(struct lane *, struct capture *, unsigned);
static void	 take_sized(struct lane *, struct capture *, unsigned);
static void	 take_fixed(struct lane *, struct capture *, unsigned);
static void	 take_fd(struct lane *, struct capture *, unsigned);
static void	 take_base(struct lane *, struct capture *, unsigned);
static void	 take_status(struct lane *, struct capture *);
static int	 copy_bytes(pid_t, uint64_t, void *, size_t);
static ssize_t	 copy_string(pid_t, uint64_t, uint8_t *, size_t);
static int	 need_refuse(struct lane *);
static struct cap *cap_new(struct capture *, unsigned, uint8_t);
static void	 cap_fill(struct capture *, struct cap *, int, size_t);
static int	 caller_fd(pid_t, int, int *);
static int	 caller_open(pid_t, const char *, int);
static const struct sysent *capture_row(const struct lane *);

/* How each kind of argument is taken; kinds not here travel as raw values. */
static const struct kind kinds[ARG_KINDS] = {
	[ARG_FD]	= { take_fd,	 0,		0 },
	[ARG_PATH]	= { take_path,	 PATH_MAX,	ENAMETOOLONG },
	[ARG_STR]	= { take_string, PATH_MAX,	ENAMETOOLONG },
	[ARG_NAME]	= { take_string, NAME_SIZE,	ERANGE },
	[ARG_BUF]	= { take_sized,	 BUF_SIZE,	E2BIG },
	[ARG_HOW]	= { take_sized,	 HOW_SIZE,	E2BIG },
	[ARG_TIMES]	= { take_fixed,	 32,		0 },
	[ARG_UTIMBUF]	= { take_fixed,	 16,		0 },
	[ARG_ARGV]	= { take_fixed,	 8,		0 }
};

/* /proc/PID entries that the receiver opens, by number. */
static const char *const entries[PROC_ENTRY_COUNT] = {
	[PROC_MAPS]		= "maps",
	[PROC_SMAPS]		= "smaps",
	[PROC_SMAPS_ROLLUP]	= "smaps_rollup",
	[PROC_NUMA_MAPS]	= "numa_maps",
	[PROC_ENVIRON]		= "environ",
	[PROC_AUXV]		= "auxv",
	[PROC_IO]		= "io",
	[PROC_PAGEMAP]		= "pagemap",
	[PROC_SYSCALL]		= "syscall",
	[PROC_STACK]		= "stack",
	[PROC_WCHAN]		= "wchan",
	[PROC_PERSONALITY]	= "personality",
	[PROC_TIMERS]		= "timers",
	[PROC_FD_DIR]		= "fd",
	[PROC_FDINFO_DIR]	= "fdinfo",
	[PROC_MAP_FILES_DIR]	= "map_files",
	[PROC_NS_DIR]		= "ns",
	[PROC_EXE]		= "exe"
};

struct capture *
capture_new(void)
{
	return (calloc(1, sizeof(struct capture)));
}

int
capture_call(struct lane *ln, const struct sysent *se)
{
	struct capture			*cp = ln->ln_capture;
	const struct seccomp_notif	*sn = ln->ln_notif;
	struct call			*c = &cp->cp_call;
	unsigned			 i;
	int				 error = 0;

	c->c_nr = (uint32_t)sn->data.nr;
	c->c_tid = sn->pid;
	c->c_ncaps = c->c_nfds = 0;
	memset(cp->cp_place, 0, sizeof(cp->cp_place));
	memcpy(c->c_args, sn->data.args, sizeof(c->c_args));
	cp->cp_pidfd = -1;
	cp->cp_used = 0;

	for (i = 0; i < CALL_ARGS; i++)
		if (kinds[se->se_args[i]].k_take != NULL)
			kinds[se->se_args[i]].k_take(ln, cp, i);
	if (se->se_status == ST_ALWAYS || (se->se_status == ST_CREAT &&
	    (c->c_args[se->se_flagarg] & (O_CREAT | TMPFILE)) != 0))
		take_status(ln, cp);

	/* The copy is of the task that asked, or of nobody. */
	if (notify_valid(ln) == -1)
		error = ENOENT;
	else {
		msg_start(ln->ln_out, MSG_RECEIVER_CALL, ++ln->ln_seq);
		msg_put_call(ln->ln_out, c);
		if (chan_send(&ln->ln_call, ln->ln_out, 0) == -1)
			error = errno;
	}
	for (i = 0; i < c->c_nfds; i++)
		if (c->c_fds[i].f_errno == 0)
			close(c->c_fds[i].f_fd);
	if (cp->cp_pidfd != -1)
		close(cp->cp_pidfd);
	errno = error;
	return (error == 0 ? 0 : -1);
}

/* The row of the call in hand: its number was checked on receipt. */
static const struct sysent *
capture_row(const struct lane *ln)
{
	return (sysent_find((uint32_t)ln->ln_notif->data.nr));
}

static struct cap *
cap_new(struct capture *cp, unsigned arg, uint8_t kind)
{
	struct cap	*p;

	if (cp->cp_call.c_ncaps >= CALL_CAPS_MAX)
		fatalx("%s: a row with more than %d captures", __func__,
		    CALL_CAPS_MAX);
	p = &cp->cp_call.c_caps[cp->cp_call.c_ncaps++];
	memset(p, 0, sizeof(*p));
	p->p_arg = (uint8_t)arg;
	p->p_kind = kind;
	p->p_bytes = cp->cp_buf + cp->cp_used;
	return (p);
}

static void
cap_fill(struct capture *cp, struct cap *p, int error, size_t len)
{
	p->p_errno = error;
	p->p_len = error == 0 ? len : 0;
	cp->cp_used += p->p_len;
}

static void
take_string(struct lane *ln, struct capture *cp, unsigned arg)
{
	uint64_t	 addr = cp->cp_call.c_args[arg];
	uint8_t		 kind = capture_row(ln)->se_args[arg];
	struct cap	*p = cap_new(cp, arg, kind);
	size_t		 max = kinds[kind].k_size;
	ssize_t		 n;

	p->p_null = addr == 0;
	if (cp->cp_used + max > sizeof(cp->cp_buf)) {
		cap_fill(cp, p, ENAMETOOLONG, 0);
		return;
	}
	n = copy_string((pid_t)cp->cp_call.c_tid, addr,
	    cp->cp_buf + cp->cp_used, max);
	if (n == -1)
		cap_fill(cp, p, EFAULT, 0);
	else if ((size_t)n == max)
		cap_fill(cp, p, kinds[kind].k_toolong, 0);
	else
		cap_fill(cp, p, 0, (size_t)n);
}

static void
take_path(struct lane *ln, struct capture *cp, unsigned arg)
{
	const struct cap	*p;

	take_string(ln, cp, arg);
	p = &cp->cp_call.c_caps[cp->cp_call.c_ncaps - 1];
	if (p->p_errno == 0 && p->p_len > 0 && p->p_bytes[0] == '/')
		return;
	if (p->p_errno == 0 || p->p_null)
		take_base(ln, cp, arg);
}

/* Bytes whose length is the next argument. */
static void
take_sized(struct lane *ln, struct capture *cp, unsigned arg)
{
	uint8_t		 kind = capture_row(ln)->se_args[arg];
	uint64_t	 addr = cp->cp_call.c_args[arg];
	uint64_t	 len = cp->cp_call.c_args[arg + 1];
	struct cap	*p = cap_new(cp, arg, kind);

	p->p_null = addr == 0;
	if (len > kinds[kind].k_size ||
	    cp->cp_used + len > sizeof(cp->cp_buf))
		cap_fill(cp, p, kinds[kind].k_toolong, 0);
	else
		cap_fill(cp, p, copy_bytes((pid_t)cp->cp_call.c_tid, addr,
		    cp->cp_buf + cp->cp_used, (size_t)len), (size_t)len);
	if (kind == ARG_HOW && p->p_len >= sizeof(cp->cp_place))
		memcpy(cp->cp_place, p->p_bytes, sizeof(cp->cp_place));
}

const uint8_t *
capture_place(const struct lane *ln)
{
	return (ln->ln_capture->cp_place);
}

static void
take_fixed(struct lane *ln, struct capture *cp, unsigned arg)
{
	uint8_t		 kind = capture_row(ln)->se_args[arg];
	uint64_t	 addr = cp->cp_call.c_args[arg];
	struct cap	*p = cap_new(cp, arg, kind);
	size_t		 len = kinds[kind].k_size;

	p->p_null = addr == 0;
	if (p->p_null)
		cap_fill(cp, p, 0, 0);
	else
		cap_fill(cp, p, copy_bytes((pid_t)cp->cp_call.c_tid, addr,
		    cp->cp_buf + cp->cp_used, len), len);
}

/* The base of a relative path: the descriptor before it, else the cwd. */
static void
take_base(struct lane *ln, struct capture *cp, unsigned arg)
{
	const struct sysent	*se = capture_row(ln);
	struct callfd		*f;

	if (arg > 0 && se->se_args[arg - 1] == ARG_DIRFD &&
	    (int32_t)cp->cp_call.c_args[arg - 1] != AT_FDCWD) {
		take_fd(ln, cp, arg - 1);
		return;
	}
	if (cp->cp_call.c_nfds >= MSG_FDS_MAX)
		fatalx("%s: a row with too many descriptors", __func__);
	for (f = cp->cp_call.c_fds;
	    f < cp->cp_call.c_fds + cp->cp_call.c_nfds; f++)
		if (f->f_slot == CALL_FD_CWD)
			return;
	cp->cp_call.c_nfds++;
	f->f_slot = CALL_FD_CWD;
	f->f_fd = caller_open((pid_t)cp->cp_call.c_tid, "cwd",
	    O_PATH | O_DIRECTORY);
	f->f_errno = f->f_fd == -1 ? errno : 0;
}

static void
take_fd(struct lane *ln, struct capture *cp, unsigned arg)
{
	struct callfd	*f;

	if (cp->cp_call.c_nfds >= MSG_FDS_MAX)
		fatalx("%s: a row with too many descriptors", __func__);
	f = &cp->cp_call.c_fds[cp->cp_call.c_nfds++];
	f->f_slot = (uint8_t)arg;
	f->f_fd = caller_fd((pid_t)ln->ln_notif->pid,
	    (int32_t)cp->cp_call.c_args[arg], &cp->cp_pidfd);
	f->f_errno = f->f_fd == -1 ? errno : 0;
}

static void
take_status(struct lane *ln, struct capture *cp)
{
	struct cap	*p = cap_new(cp, CAP_STATUS, ARG_NONE);
	ssize_t		 n = -1;

	errno = E2BIG;
	if (cp->cp_used + STATUS_SIZE <= sizeof(cp->cp_buf))
		n = capture_proc((pid_t)ln->ln_notif->pid, "status",
		    cp->cp_buf + cp->cp_used, STATUS_SIZE);
	cap_fill(cp, p, n == -1 ? errno : 0, n == -1 ? 0 : (size_t)n);
}

/*
 * Descriptor number of the calling thread, which may have a table of its own
 * (PIDFD_THREAD, Linux 6.9); before that kernel only a process's leader can
 * be asked, which fails closed for such a thread.  *pidfd is opened once and
 * stays the caller's to close.
 */
static int
caller_fd(pid_t tid, int number, int *pidfd)
{
	if (number < 0) {
		errno = EBADF;
		return (-1);
	}
	if (*pidfd == -1) {
		*pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
		/* EINVAL; of another sandbox around us, anything */
		if (*pidfd == -1 && errno != ESRCH)
			*pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
		if (*pidfd == -1) {
			errno = EBADF;
			return (-1);
		}
	}
	return ((int)syscall(SYS_pidfd_getfd, *pidfd, number, 0));
}

static int
caller_open(pid_t tid, const char *name, int flags)
{
	char	 path[64];
	int	 n;

	n = snprintf(path, sizeof(path), "%d/%s", (int)tid, name);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	return (openat(receiver.r_proc, path, flags | O_CLOEXEC));
}

ssize_t
capture_proc(pid_t tid, const char *name, void *buf, size_t size)
{
	ssize_t	 n, total = 0;
	int	 fd, error;

	if ((fd = caller_open(tid, name, O_RDONLY)) == -1)
		return (-1);
	while ((n = read(fd, (uint8_t *)buf + total,
	    size - (size_t)total)) > 0)
		total += n;
	error = errno;
	close(fd);
	if (n == -1) {
		errno = error;
		return (-1);
	}
	return (total);
}

int
capture_entry(pid_t pid, uint8_t entry)
{
	char		 status[STATUS_SIZE];
	const char	*tgid;
	ssize_t		 n;
	int		 fd;

	/* A thread group may look at itself: not at ours, for the caller. */
	if ((n = capture_proc(pid, "status", status,
	    sizeof(status) - 1)) == -1)
		return (-1);
	status[n] = '\0';
	if ((tgid = strstr(status, "\nTgid:\t")) == NULL ||
	    strtol(tgid + strlen("\nTgid:\t"), NULL, 10) == getpid()) {
		errno = EACCES;
		return (-1);
	}
	if (entry >= PROC_ENTRY_COUNT || entries[entry] == NULL) {
		errno = EINVAL;
		return (-1);
	}
	/* Lists, which the kernel shows their owner: for a tracer here too. */
	if (entry >= PROC_FD_DIR && entry <= PROC_NS_DIR) {
		if ((fd = caller_open(pid, "maps", O_RDONLY)) == -1)
			return (-1);
		close(fd);
	}
	return (caller_open(pid, entries[entry], O_RDONLY | O_NONBLOCK));
}

int
capture_cwd(pid_t tid)
{
	return (caller_open(tid, "cwd", O_PATH | O_DIRECTORY));
}

int
capture_fd(pid_t tid, int number)
{
	int	 fd, error, pidfd = -1;

	fd = caller_fd(tid, number, &pidfd);
	error = errno;
	if (pidfd != -1)
		close(pidfd);
	errno = error;
	return (fd);
}

int
capture_tasks(pid_t tid)
{
	return (caller_open(tid, "task", O_RDONLY | O_DIRECTORY));
}

/* The text of a link in procfs, whole or not at all. */
static ssize_t
link_text(const char *path, char *buf, size_t size)
{
	ssize_t	 n;

	if ((n = readlinkat(receiver.r_proc, path, buf, size)) == -1)
		return (-1);
	if ((size_t)n >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	buf[n] = '\0';
	return (n);
}

ssize_t
capture_exename(pid_t tid, char *buf, size_t size)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "%d/exe", (int)tid);
	return (link_text(path, buf, size));
}

ssize_t
capture_fdname(int fd, char *buf, size_t size)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	return (link_text(path, buf, size));
}

int
capture_reopen(int fd)
{
	struct stat	 st;
	char		 path[64];

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		errno = EACCES;
		return (-1);
	}
	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	return (openat(receiver.r_proc, path,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

int
capture_exe(pid_t pid)
{
	return (caller_open(pid, "exe", O_RDONLY));
}

/* Looked at before it is opened: to open a device may do something. */
int
capture_file(const char *path)
{
	struct stat	 st;
	char		 self[64];
	int		 fd, real = -1, error;

	if ((fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return (-1);
	(void)snprintf(self, sizeof(self), "self/fd/%d", fd);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		real = openat(receiver.r_proc, self, O_RDONLY | O_CLOEXEC);
	else
		errno = EACCES;
	error = errno;
	close(fd);
	errno = error;
	return (real);
}

int
capture_dir(const char *path)
{
	return (open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

uint64_t
capture_mount(int fd)
{
	struct statx	 sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) == -1 ||
	    !(sx.stx_mask & STATX_MNT_ID))
		return (0);
	return (sx.stx_mnt_id);
}

/* The same answer without its descriptor: too many are in flight. */
static int
need_refuse(struct lane *ln)
{
	struct give	 g;

	memset(&g, 0, sizeof(g));
	g.g_errno = ENFILE;
	g.g_fd = -1;
	msg_start(ln->ln_out, MSG_RECEIVER_GIVE, ln->ln_seq);
	msg_put_give(ln->ln_out, &g);
	return (chan_send(&ln->ln_call, ln->ln_out, 0));
}

int
capture_need(struct lane *ln, const struct need *need)
{
	/* the copies of the call were sent, and their room is free */
	uint8_t		*buf = ln->ln_capture->cp_buf;
	char		 exe[PATH_MAX];
	pid_t		 tid = (pid_t)ln->ln_notif->pid;
	struct give	 g;
	ssize_t		 n = 0;
	int		 pidfd = -1, error = 0;

	memset(&g, 0, sizeof(g));
	g.g_fd = -1;
	switch (need->n_kind) {
	case NEED_STATUS:
		n = capture_proc(tid, "status", buf, STATUS_SIZE);
		break;
	case NEED_STAT:
		n = capture_proc(tid, "stat", buf, STATUS_SIZE);
		break;
	case NEED_EXENAME:
		n = capture_exename(tid, exe, sizeof(exe));
		break;
	case NEED_CWD:
		g.g_fd = caller_open(tid, "cwd", O_PATH | O_DIRECTORY);
		break;
	case NEED_ROOT:
		g.g_fd = caller_open(tid, "root", O_PATH | O_DIRECTORY);
		break;
	case NEED_EXE:
		g.g_fd = caller_open(tid, "exe", O_PATH);
		break;
	case NEED_FD:
		g.g_fd = caller_fd(tid, need->n_arg, &pidfd);
		break;
	case NEED_MEMORY:
		n = memory_read(ln, need, buf);
		break;
	default:
		errno = EPROTO;
		return (-1);
	}
	if (n == -1 || (g.g_fd == -1 && need->n_kind > NEED_STAT &&
	    need->n_kind < NEED_EXENAME))
		g.g_errno = errno;
	else if (notify_valid(ln) == -1)
		g.g_errno = ESRCH;
	if (g.g_errno == 0 && n > 0) {
		g.g_bytes = need->n_kind == NEED_EXENAME ? (uint8_t *)exe : buf;
		g.g_len = (size_t)n;
	}
	if (g.g_errno != 0 && g.g_fd != -1) {
		close(g.g_fd);
		g.g_fd = -1;
	}
	msg_start(ln->ln_out, MSG_RECEIVER_GIVE, ln->ln_seq);
	msg_put_give(ln->ln_out, &g);
	if (chan_send(&ln->ln_call, ln->ln_out, 0) == -1 &&
	    (errno != ETOOMANYREFS || need_refuse(ln) == -1))
		error = errno;
	if (g.g_fd != -1)
		close(g.g_fd);
	if (pidfd != -1)
		close(pidfd);
	errno = error;
	return (error == 0 ? 0 : -1);
}

/* 0 or EFAULT: what we cannot read is denied, never continued. */
static int
copy_bytes(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	struct iovec	 local, remote;
	ssize_t		 n;

	if (len == 0)
		return (0);
	local.iov_base = buf;
	local.iov_len = len;
	remote.iov_base = (void *)(uintptr_t)addr;
	remote.iov_len = len;
	n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	return (n == (ssize_t)len ? 0 : EFAULT);
}

/*
 * A string, page by page so that one that ends before an unmapped page is
 * read whole.  Its length without the NUL; max when there is no NUL in max
 * bytes; -1: EFAULT.
 */
static ssize_t
copy_string(pid_t tid, uint64_t addr, uint8_t *buf, size_t max)
{
	size_t	 page = 4096, want, got = 0;
	uint8_t	*nul;

	while (got < max) {
		want = page - (size_t)((addr + got) & (page - 1));
		if (got == 0 && want > FIRST_CHUNK)
			want = FIRST_CHUNK;
		if (want > max - got)
			want = max - got;
		if (copy_bytes(tid, addr + got, buf + got, want) != 0)
			return (-1);
		if ((nul = memchr(buf + got, '\0', want)) != NULL)
			return (nul - buf);
		got += want;
	}
	return ((ssize_t)max);
}
