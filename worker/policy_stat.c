/*
 * Looking: stat(2), access(2), readlink(2), statfs(2), getxattr(2) and their
 * families, file_getattr, name_to_handle_at(2), chdir(2),
 * inotify_add_watch(2).  Notified only where some rule denies or hides, see
 * R_LOOKS.  The path becomes an O_PATH descriptor, its
 * name is decided on, and the same call is made on the descriptor: the bytes
 * that come of it are what the kernel wrote.
 *
 * A descriptor that is open came with its authority; one that is not (O_PATH)
 * is decided by its name, since nothing was decided when it was made.
 *
 * Must never: look at an object by its string, or tell in another way that a
 * hidden one exists than by what the errors of privsep-sandbox.conf(5) say.
 */
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

#define XAT_FLAGS	(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)
#define DIR_SIZE	4096	/* of a directory that names are hidden in */

/* What is looked at. */
struct look {
	int		 lk_fd;		/* borrowed */
	int		 lk_given;	/* the caller's own descriptor */
	int		 lk_opath;
	int		 lk_masked;	/* lk_fd is what is served for it */
	const char	*lk_name;
	size_t		 lk_len;
};

static struct walk	 look_walk;
/* with room for what tells the receiver where a result goes */
static uint8_t		 look_out[sizeof(struct xattr_at) + XATTR_SIZE_MAX];

static int	 look_path(struct look *, struct request *, unsigned);
static int	 look_mask(struct look *, struct walk *);
static int	 look_fd(struct look *, struct request *, int);
static int	 look_decide(struct look *, struct request *, uint32_t);
static int	 look_answer(struct request *, int, long, size_t);
static int	 look_at(struct look *, struct request *, int);
static int	 path_named(const struct request *, int *);
static void	 stat_hide(struct request *, const struct look *, void *, int);

/* ---- what a call names ---- */

/* The object of the call's path, not decided on. */
static int
look_path(struct look *lk, struct request *rq, unsigned flags)
{
	struct walk	*w = &look_walk;
	struct give	 g;
	int		 error;

	memset(lk, 0, sizeof(*lk));
	lk->lk_fd = -1;
	error = walk_begin(w, rq, request_arg(rq, ARG_PATH, 0), flags, 0);
	if (error == 0)
		error = walk_object(w);
	if (error != 0)
		return (walk_error(w, error, R_STAT));
	if (w->w_exe) {
		/* its own name, not that of the link to it */
		if ((error = request_need(rq, NEED_EXE, 0, &g)) != 0)
			return (error);
		if (g.g_fd == -1)
			return (EACCES);
		w->w_fd = g.g_fd;
		w->w_len = fd_name(w->w_fd, w->w_name, sizeof(w->w_name));
	}
	lk->lk_given = w->w_given;
	lk->lk_name = w->w_name;
	lk->lk_len = w->w_len;
	if (!w->w_given && policy_masked(rq, w->w_name, w->w_len) &&
	    (error = look_mask(lk, w)) != 0)
		return (error);
	lk->lk_fd = w->w_fd;
	return (0);
}

/* What is served in its place. */
static int
look_mask(struct look *lk, struct walk *w)
{
	struct stat	 st;
	int		 fd;

	if (fstat(w->w_fd, &st) == -1)
		return (errno);
	if (w->w_slash && !S_ISDIR(st.st_mode))
		return (ENOTDIR);
	if ((fd = mask_object(S_ISDIR(st.st_mode))) == -1)
		return (errno);
	close(w->w_fd);
	w->w_fd = fd;
	lk->lk_masked = 1;
	return (0);
}

/* The object of a descriptor argument. */
static int
look_fd(struct look *lk, struct request *rq, int slot)
{
	static char	 name[NAME_SIZE];
	int		 error;

	memset(lk, 0, sizeof(*lk));
	lk->lk_fd = -1;
	if ((error = request_fd(rq, slot, &lk->lk_fd)) != 0)
		return (error);
	lk->lk_given = 1;
	lk->lk_name = name;
	lk->lk_len = fd_name(lk->lk_fd, name, sizeof(name));
	return (0);
}

/*
 * The object of one of the newer *at calls: with AT_EMPTY_PATH and no path it
 * is a descriptor as the f-calls take it, or the working directory.
 */
static int
look_at(struct look *lk, struct request *rq, int flags)
{
	int	 error, held;

	error = look_path(lk, rq, (flags & AT_SYMLINK_NOFOLLOW ? 0 :
	    WALK_FOLLOW) | (flags & AT_EMPTY_PATH ? WALK_EMPTY | WALK_NULL :
	    0));
	if (error != 0 || look_walk.w_arg != -1)
		return (error);
	if (look_walk.w_slot == CALL_FD_CWD) {
		lk->lk_given = 0;
		return (0);
	}
	if ((held = fcntl(lk->lk_fd, F_GETFL)) == -1)
		return (errno);
	return (held & O_PATH ? EBADF : 0);
}

static int
look_decide(struct look *lk, struct request *rq, uint32_t want)
{
	int	 flags;

	lk->lk_opath = 1;
	if (lk->lk_masked)
		return (policy_walk(rq, lk->lk_name, lk->lk_len, want));
	if (lk->lk_given) {
		if ((flags = fcntl(lk->lk_fd, F_GETFL)) == -1)
			return (errno);
		lk->lk_opath = (flags & O_PATH) != 0;
		if (!lk->lk_opath || lk->lk_len == 0)
			return (0);
	}
	return (policy_check(rq, lk->lk_name, lk->lk_len, want));
}

/*
 * The call succeeded with this value, and so many bytes of look_out for
 * argument arg.
 */
static int
look_answer(struct request *rq, int arg, long value, size_t len)
{
	struct verdict	*v = &rq->rq_verdict;

	v->v_kind = VERDICT_VALUE;
	v->v_value = (int32_t)value;
	v->v_outarg = (uint8_t)arg;
	v->v_out = len > 0 ? look_out : NULL;
	v->v_outlen = len;
	return (0);
}

/*
 * Has the call a path with something in it?  *error: what the kernel finds
 * wrong before it looks at flags.
 */
static int
path_named(const struct request *rq, int *error)
{
	const struct cap	*cap;
	int			 arg = request_arg(rq, ARG_PATH, 0);
	int			 empty = request_flags(rq) & AT_EMPTY_PATH;

	*error = 0;
	if ((cap = request_cap(rq, arg)) == NULL)
		*error = EFAULT;
	else if (cap->p_null)
		*error = empty ? 0 : EFAULT;
	else if (cap->p_errno != 0)
		*error = cap->p_errno;
	else if (cap->p_len == 0)
		*error = empty ? 0 : ENOENT;
	else
		return (1);
	return (0);
}

/* ---- stat ---- */

/* The call on a descriptor, its path empty (or NULL). */
static int
stat_call(const struct request *rq, int fd, const char *path, int flags)
{
	long	 rv;

	memset(look_out, 0, sizeof(struct statx));
	if (request_arg(rq, ARG_STATX, 0) != -1)
		rv = syscall(SYS_statx, fd, path, flags,
		    (unsigned)request_int(rq, 3), look_out);
	else
		rv = syscall(SYS_newfstatat, fd, path, look_out, flags);
	return (rv == -1 ? errno : 0);
}

/* Are the flags and the mask good?  The kernel says so before it looks. */
static int
stat_probe(const struct request *rq, int flags)
{
	int	 error = stat_call(rq, -1, "x", flags);

	return (error == EBADF ? 0 : error);
}

/* "" or NULL, as the kernel has it: what other flags mean then, it knows. */
static int
stat_empty(struct look *lk, struct request *rq, const char **path)
{
	const struct cap	*cap;
	struct stat		 st;
	int			 error;

	cap = request_cap(rq, request_arg(rq, ARG_PATH, 0));
	*path = cap->p_null ? NULL : "";
	/* before Linux 6.11 it is no path at all */
	if (*path == NULL && syscall(SYS_newfstatat, worker.wk_root, NULL,
	    &st, AT_EMPTY_PATH) == -1)
		return (EFAULT);
	error = look_path(lk, rq, WALK_EMPTY | WALK_NULL);
	/* the working directory is no descriptor of the caller's */
	if (error == 0 && look_walk.w_slot == CALL_FD_CWD) {
		lk->lk_given = 0;
		error = stat_probe(rq, request_flags(rq));
	}
	return (error);
}

int
policy_stat(struct request *rq)
{
	struct look	 lk;
	const char	*path = "";
	int		 flags = request_flags(rq), error = 0, n;
	int		 isx = request_arg(rq, ARG_STATX, 0) != -1;
	unsigned	 how = WALK_FOLLOW;

	look_walk.w_fd = look_walk.w_dir = look_walk.w_base = -1;
	look_walk.w_dirown = look_walk.w_baseown = 0;
	if (request_arg(rq, ARG_PATH, 0) == -1)
		error = look_fd(&lk, rq, 0);
	else if (!path_named(rq, &error) && error == 0)
		error = stat_empty(&lk, rq, &path);
	else {
		/* what is wrong with flags comes before the path */
		if ((flags != 0 || isx) &&
		    (n = stat_probe(rq, flags)) != 0)
			error = n;
		if ((flags & AT_SYMLINK_NOFOLLOW) ||
		    rq->rq_ent->se_name[0] == 'l')
			how = 0;
		if (error == 0)
			error = look_path(&lk, rq, how);
		flags &= ~AT_SYMLINK_NOFOLLOW;
	}
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0)
		error = stat_call(rq, lk.lk_fd, path, flags | AT_EMPTY_PATH);
	if (error == 0) {
		stat_hide(rq, &lk, look_out, isx);
		error = look_answer(rq, request_arg(rq, isx ? ARG_STATX :
		    ARG_STAT, 0), 0, isx ? sizeof(struct statx) :
		    sizeof(struct stat));
	}
	walk_end(&look_walk);
	return (error);
}

/*
 * A directory that names are hidden in: its links are those to the
 * subdirectories that can be seen, and its size says nothing where it grows
 * with each name.
 */
static void
stat_hide(struct request *rq, const struct look *lk, void *out, int isx)
{
	struct statx	*sx = out;
	struct stat	*st = out;
	unsigned	 n;

	if (!S_ISDIR(isx ? sx->stx_mode : st->st_mode) ||
	    !policy_hides_in(lk->lk_name, lk->lk_len, 1))
		return;
	/* no subdirectory at all, or a file system that does not count them */
	n = (isx ? sx->stx_nlink : (uint64_t)st->st_nlink) <= 2 ? 0 :
	    list_hidden_dirs(rq, lk->lk_fd, lk->lk_name, lk->lk_len);
	if (isx) {
		if (sx->stx_nlink >= n + 2)
			sx->stx_nlink -= n;
		if (sx->stx_size % DIR_SIZE != 0)
			sx->stx_size = DIR_SIZE;
	} else {
		if (st->st_nlink >= n + 2)
			st->st_nlink -= n;
		if (st->st_size % DIR_SIZE != 0)
			st->st_size = DIR_SIZE;
	}
}

/* ---- access ---- */

int
policy_access(struct request *rq)
{
	struct look	 lk;
	int		 flags = request_flags(rq), error, mode;

	mode = request_int(rq, request_arg(rq, ARG_PATH, 0) + 1);
	if ((mode & ~(R_OK | W_OK | X_OK)) || (flags & ~(AT_EACCESS |
	    AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return (EINVAL);
	error = look_path(&lk, rq, (flags & AT_SYMLINK_NOFOLLOW ? 0 :
	    WALK_FOLLOW) | (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0));
	if (error == 0 && look_walk.w_slot == CALL_FD_CWD &&
	    (flags & AT_EMPTY_PATH) && look_walk.w_arg == -1)
		lk.lk_given = 0;
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0 && syscall(SYS_faccessat2, lk.lk_fd, "", mode,
	    AT_EMPTY_PATH | (flags & AT_EACCESS)) == -1)
		error = errno;
	walk_end(&look_walk);
	return (error);
}

/* ---- readlink ---- */

/* A descriptor of the caller's, as its /proc/self/fd would show it. */
static ssize_t
readlink_own(int fd, char *text, size_t size)
{
	char	 num[FDNAME_SIZE];

	return (readlinkat(worker.wk_fds, fd_text(fd, num), text, size));
}

/* A symlink of procfs: in the caller's terms.  -1: errno. */
static ssize_t
readlink_proc(struct request *rq, const struct look *lk, char *text,
    size_t size)
{
	static char	 dir[NAME_SIZE];
	enum proc_link	 how;
	struct give	 g;
	char		*last;
	ssize_t		 n = -1;
	int		 error, fd = -1;

	memcpy(dir, lk->lk_name, lk->lk_len + 1);
	last = strrchr(dir, '/');
	*last++ = '\0';
	error = proc_readlink(rq, dir, last, &how, text, size, &fd);
	if (error == 0 && how == LINK_EXE) {
		error = request_need(rq, NEED_EXE, 0, &g);
		fd = error == 0 ? g.g_fd : -1;
		if (error == 0 && fd == -1)
			error = EACCES;
	}
	if (error != 0) {
		errno = error;
		return (-1);
	}
	switch (how) {
	case LINK_SELF:
		return ((ssize_t)strlen(text));
	case LINK_FD:
	case LINK_EXE:
		n = readlink_own(fd, text, size);
		error = errno;
		close(fd);
		errno = error;
		return (n);
	case LINK_NONE:
		errno = EACCES;
		return (-1);
	case LINK_TEXT:
		break;
	}
	return (readlinkat(lk->lk_fd, "", text, size));
}

int
policy_readlink(struct request *rq)
{
	const struct cap	*cap;
	struct look		 lk;
	struct statfs		 sf;
	ssize_t			 n;
	size_t			 size;
	int			 arg = request_arg(rq, ARG_OUT, 0), error;

	if (request_int(rq, arg + 1) <= 0)
		return (EINVAL);
	size = (size_t)request_int(rq, arg + 1);
	cap = request_cap(rq, request_arg(rq, ARG_PATH, 0));
	error = look_path(&lk, rq, WALK_EMPTY);
	if (error == 0 && look_walk.w_slot == CALL_FD_CWD &&
	    look_walk.w_arg == -1)
		error = ENOENT;		/* not a link, by an empty path */
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0) {
		if (lk.lk_len > 6 && strncmp(lk.lk_name, "/proc/", 6) == 0 &&
		    cap->p_len > 0 && !lk.lk_given &&
		    fstatfs(lk.lk_fd, &sf) == 0 &&
		    sf.f_type == PROC_SUPER_MAGIC)
			n = readlink_proc(rq, &lk, (char *)look_out, PATH_MAX);
		else
			n = readlinkat(lk.lk_fd, "", (char *)look_out,
			    PATH_MAX);
		if (n == -1) {
			error = errno;
			/* by a name that is not empty it is no link */
			if (error == ENOENT && cap->p_len > 0)
				error = EINVAL;
		} else {
			if ((size_t)n > size)
				n = (ssize_t)size;
			error = look_answer(rq, arg, n, (size_t)n);
		}
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- statfs ---- */

int
policy_statfs(struct request *rq)
{
	struct look	 lk;
	int		 error;

	error = look_path(&lk, rq, WALK_FOLLOW);
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0) {
		if (syscall(SYS_fstatfs, lk.lk_fd, look_out) == -1)
			error = errno;
		else
			error = look_answer(rq, 1, 0, sizeof(struct statfs));
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- extended attributes, reading ---- */

/* Name, as the kernel copies it before it looks at the path. */
static int
getxattr_name(const struct request *rq, char *name)
{
	const struct cap	*cap;
	int			 arg = request_arg(rq, ARG_NAME, 0);

	name[0] = '\0';
	if (arg == -1)
		return (0);		/* listxattr(2) */
	if ((cap = request_cap(rq, arg)) == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len == 0 || cap->p_len > XATTR_NAME_MAX)
		return (ERANGE);
	memcpy(name, cap->p_bytes, cap->p_len);
	name[cap->p_len] = '\0';
	return (0);
}

int
policy_getxattr(struct request *rq)
{
	struct look	 lk;
	struct xattr_at	 at;
	char		 name[XATTR_NAME_MAX + 1], path[32];
	uint8_t		*out = look_out;
	ssize_t		 n;
	size_t		 size;
	int		 arg = request_arg(rq, ARG_OUT, 0), error;
	int		 flags = request_flags(rq);
	int		 isat = request_arg(rq, ARG_DIRFD, 0) != -1;

	if (isat && xattrat_missing())
		return (ENOSYS);
	if (arg == -1) {
		/* the buffer is named in a structure: what follows that */
		arg = request_arg(rq, ARG_HOW, 0);
		if ((error = xattrat_decode(rq, &at)) != 0)
			return (error);
		if (at.xt_flags != 0)
			return (EINVAL);
		memcpy(out, &at, sizeof(at));
		out += sizeof(at);
		size = at.xt_size;
	} else
		size = (size_t)rq->rq_call.c_args[arg + 1];
	if (flags & ~XAT_FLAGS)
		return (EINVAL);
	if ((error = getxattr_name(rq, name)) != 0)
		return (error);
	if (rq->rq_ent->se_name[0] == 'l' && rq->rq_ent->se_name[1] != 'i')
		flags |= AT_SYMLINK_NOFOLLOW;	/* lgetxattr, llistxattr */
	if (size > XATTR_SIZE_MAX)
		size = XATTR_SIZE_MAX;
	error = look_at(&lk, rq, flags);
	/* listxattrat(2) takes no working directory there */
	if (error == 0 && isat && name[0] == '\0' &&
	    look_walk.w_arg == -1 && look_walk.w_slot == CALL_FD_CWD)
		error = EBADF;
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		    lk.lk_fd);
		n = name[0] != '\0' ? getxattr(path, name, out, size) :
		    listxattr(path, (char *)out, size);
		error = n == -1 ? errno : look_answer(rq, arg, n,
		    size == 0 || n == 0 ? 0 :
		    (size_t)(out - look_out) + (size_t)n);
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- attributes of the file system's own ---- */

/* file_getattr(2): flags and size are looked at by the kernel, as above. */
int
policy_getattr(struct request *rq)
{
	struct look	 lk;
	char		 path[32];
	size_t		 size = (size_t)rq->rq_call.c_args[3];
	int		 flags = request_flags(rq), error;

	if (syscall(rq->rq_ent->se_nr, -1, "x", look_out, size, flags) != -1 ||
	    errno != EBADF)
		return (errno);
	if ((error = look_at(&lk, rq, flags)) == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		    lk.lk_fd);
		if (syscall(rq->rq_ent->se_nr, AT_FDCWD, path, look_out, size,
		    0) == -1)
			error = errno;
		else
			error = look_answer(rq, request_arg(rq, ARG_OUT, 0), 0,
			    size);
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- the working directory ---- */

/*
 * The caller has to do it itself; the receiver sees to it that the directory
 * it comes to is this one.
 */
int
policy_chdir(struct request *rq)
{
	struct look	 lk;
	struct stat	 st;
	int		 fd, error;

	look_walk.w_fd = look_walk.w_dir = look_walk.w_base = -1;
	look_walk.w_dirown = look_walk.w_baseown = 0;
	if (request_arg(rq, ARG_PATH, 0) == -1)
		error = look_fd(&lk, rq, 0);
	else
		error = look_path(&lk, rq, WALK_FOLLOW);
	if (error == 0 && fstat(lk.lk_fd, &st) == -1)
		error = errno;
	if (error == 0 && lk.lk_len > 0)
		error = policy_check(rq, lk.lk_name, lk.lk_len, R_CHDIR);
	if (error == 0 && !S_ISDIR(st.st_mode))
		error = ENOTDIR;
	if (error == 0 && syscall(SYS_faccessat2, lk.lk_fd, "", X_OK,
	    AT_EMPTY_PATH | AT_EACCESS) == -1)
		error = errno;
	if (error == 0 && (fd = fcntl(lk.lk_fd, F_DUPFD_CLOEXEC, 0)) == -1)
		error = errno;
	if (error == 0) {
		rq->rq_verdict.v_kind = VERDICT_VERIFY;
		rq->rq_verdict.v_fd = fd;
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- being told of changes ---- */

/*
 * The watch is made in the caller's own inotify(7) instance, on the object.
 * In a directory with hidden names every event would tell one.
 */
int
policy_watch(struct request *rq)
{
	struct look	 lk;
	struct stat	 st;
	char		 path[32];
	uint32_t	 mask = (uint32_t)request_int(rq, 2);
	int		 wd, instance, error;

	if ((error = request_fd(rq, 0, &instance)) != 0)
		return (error);
	/* mask and instance come before the path, which is nothing here */
	if (inotify_add_watch(instance, "", mask) == -1 && errno != ENOENT)
		return (errno);
	error = look_path(&lk, rq, mask & IN_DONT_FOLLOW ? 0 : WALK_FOLLOW);
	if (error == 0 && fstat(lk.lk_fd, &st) == -1)
		error = errno;
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0 && lk.lk_masked)
		error = policy_deny(rq, lk.lk_name, lk.lk_len, R_READDIR);
	else if (error == 0 && S_ISDIR(st.st_mode))
		error = policy_hides(rq, lk.lk_name, lk.lk_len, R_READDIR, 1,
		    EACCES);
	if (error == 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		    lk.lk_fd);
		wd = inotify_add_watch(instance, path,
		    mask & ~(uint32_t)IN_DONT_FOLLOW);
		error = wd == -1 ? errno : look_answer(rq, 1, wd, 0);
	}
	walk_end(&look_walk);
	return (error);
}

/* ---- handles ---- */

#define HANDLE_MAX	128	/* MAX_HANDLE_SZ, include/linux/exportfs.h */
#define MNT_ID_UNIQUE	0x001	/* AT_HANDLE_: Linux 6.12 */

/*
 * The kernel's answer for an object: the mount's ID, then the handle, whose
 * head says how much room the caller has.
 */
static int
handle_make(struct request *rq, int fd, uint32_t room, size_t *len)
{
	struct file_handle	*fh;
	char			 path[32];
	size_t			 idsize;
	int			 flags = request_flags(rq), error;
	uint8_t			 buf[sizeof(*fh) + HANDLE_MAX];

	idsize = flags & MNT_ID_UNIQUE ? sizeof(uint64_t) : sizeof(uint32_t);
	memset(buf, 0, sizeof(buf));
	memcpy(buf, &room, sizeof(room));
	fh = (struct file_handle *)(void *)buf;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = syscall(SYS_name_to_handle_at, AT_FDCWD, path, fh, look_out,
	    (flags & ~AT_EMPTY_PATH) | AT_SYMLINK_FOLLOW) == -1 ? errno : 0;
	if (error != 0 && error != EOVERFLOW)
		return (error);
	/* of one that does not fit only the head */
	*len = sizeof(*fh) + (error == 0 ? fh->handle_bytes : 0);
	memcpy(look_out + idsize, buf, *len);
	*len += idsize;
	return (error);
}

/*
 * name_to_handle_at(2).  A handle tells no more than stat(2) does: nobody
 * opens one here.  Its room is said in memory, which the kernel reads only
 * when it has found the object.
 */
int
policy_handle(struct request *rq)
{
	struct look	 lk;
	struct verdict	*v = &rq->rq_verdict;
	struct piece	 head;
	uint32_t	 room[2] = { 0, 0 };
	size_t		 len = 0;
	int		 flags = request_flags(rq), error, unread;

	if (syscall(SYS_name_to_handle_at, -1, "x", NULL, NULL, flags) != -1 ||
	    errno != EBADF)
		return (errno);
	error = look_path(&lk, rq, (flags & AT_SYMLINK_FOLLOW ?
	    WALK_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0));
	if (error == 0 && look_walk.w_slot == CALL_FD_CWD &&
	    look_walk.w_arg == -1)
		lk.lk_given = 0;
	if (error == 0)
		error = look_decide(&lk, rq, R_STAT);
	if (error == 0) {
		head.p_addr = rq->rq_call.c_args[2];
		head.p_len = sizeof(room);
		unread = request_memory(rq, &head, 1, room, sizeof(room));
		error = handle_make(rq, lk.lk_fd, room[0], &len);
		if (unread != 0 && len > 0)
			error = unread;
		else if (len > 0)
			(void)look_answer(rq, 2, 0, len);
		if (unread == 0 && error == EOVERFLOW) {
			v->v_kind = VERDICT_ERRNO;
			v->v_value = error;
			error = 0;
		}
	}
	walk_end(&look_walk);
	return (error);
}
