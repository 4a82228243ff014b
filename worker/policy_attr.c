/*
 * chmod, chown, utime, extended attributes and file_setattr, by path and by
 * descriptor.
 * Landlock does not see these calls: nothing but this file stands between the
 * child and the metadata of what it can name, so none of them is continued.
 *
 * By descriptor the object is what the caller holds, and its name is read
 * back; a pipe, a socket or a deleted file came with its authority, unless
 * that file has other names still, which rules may be about.  By path
 * the object is an O_PATH descriptor, acted on through it.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include "policy.h"

#define AT_FLAGS	(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)

/* The object of a call. */
struct object {
	struct walk	*ob_walk;
	int		 ob_fd;		/* borrowed */
	int		 ob_held;	/* the call named a descriptor */
};

/* What to do to an extended attribute. */
struct xattr {
	char		 xa_name[XATTR_NAME_MAX + 1];
	int		 xa_set;	/* 0: remove it */
	int		 xa_flags;
	const uint8_t	*xa_value;
	size_t		 xa_len;
};

static struct walk	 attr_walk;

static int	 object_fd(struct object *, struct request *, int, uint32_t);
static int	 object_cwd(struct object *, struct request *, uint32_t);
static int	 object_path(struct object *, struct request *, unsigned,
		    uint32_t);
static int	 object_decide(struct object *, struct request *, uint32_t);
static void	 object_end(struct object *);
static int	 object_at(struct object *, struct request *, int, uint32_t);
static unsigned	 at_walk(int);
static int	 utime_decode(const struct request *, struct timespec *, int *);
static int	 xattr_name(const struct request *, char *);
static int	 xattr_value(const struct request *, struct xattr *);
static int	 xattr_placed(struct request *, struct xattr *);
static int	 xattr_decode(struct request *, struct xattr *);
static int	 xattr_apply(const struct object *, const struct xattr *);

/* A descriptor argument: as the f-calls, which refuse O_PATH. */
static int
object_fd(struct object *ob, struct request *rq, int slot, uint32_t want)
{
	int	 error, flags;

	ob->ob_walk = NULL;
	ob->ob_held = 1;
	ob->ob_fd = -1;
	if ((error = request_fd(rq, slot, &ob->ob_fd)) != 0)
		return (error);
	if ((flags = fcntl(ob->ob_fd, F_GETFL)) == -1)
		return (errno);
	if (flags & O_PATH)
		return (EBADF);
	return (object_decide(ob, rq, want));
}

/* The working directory: fsetxattr(AT_FDCWD), since Linux 6.13. */
static int
object_cwd(struct object *ob, struct request *rq, uint32_t want)
{
	struct walk	*w = &attr_walk;
	int		 error;

	memset(ob, 0, sizeof(*ob));
	ob->ob_fd = -1;
	if ((error = walk_text(w, rq, ".", 1, 0)) == 0)
		error = walk_object(w);
	ob->ob_walk = w;
	if (error != 0)
		return (walk_error(w, error, want));
	ob->ob_fd = w->w_fd;
	return (object_decide(ob, rq, want));
}

static int
object_path(struct object *ob, struct request *rq, unsigned flags,
    uint32_t want)
{
	struct walk	*w = &attr_walk;
	int		 error;

	ob->ob_walk = w;
	ob->ob_held = 0;
	ob->ob_fd = -1;
	error = walk_begin(w, rq, request_arg(rq, ARG_PATH, 0), flags, 0);
	if (error == 0)
		error = walk_object(w);
	if (error != 0)
		return (walk_error(w, error, want));
	if (w->w_exe)
		return (policy_deny(rq, w->w_name, w->w_len, want));
	ob->ob_fd = w->w_fd;
	return (object_decide(ob, rq, want));
}

static int
object_decide(struct object *ob, struct request *rq, uint32_t want)
{
	static char	 name[NAME_SIZE];
	const char	*p = name;
	struct stat	 st;
	size_t		 len;
	int		 given = ob->ob_held;

	if (ob->ob_walk != NULL) {
		p = ob->ob_walk->w_name;
		len = ob->ob_walk->w_len;
		given = ob->ob_walk->w_given;
	} else
		len = fd_name(ob->ob_fd, name, sizeof(name));
	if (len == 0 && given) {
		if (fstat(ob->ob_fd, &st) == -1)
			return (errno);
		/* removed, but a file that has other names yet is not ours */
		if (!S_ISREG(st.st_mode) || st.st_nlink == 0)
			return (0);
	}
	return (policy_check(rq, p, len, want));
}

static void
object_end(struct object *ob)
{
	if (ob->ob_walk != NULL)
		walk_end(ob->ob_walk);
}

/*
 * The object of one of the newer *at calls: with AT_EMPTY_PATH and no path it
 * is the descriptor as the f-calls take it, or the working directory.
 */
static int
object_at(struct object *ob, struct request *rq, int flags, uint32_t want)
{
	const struct cap	*cap;
	int			 dir = request_arg(rq, ARG_DIRFD, 0);

	cap = request_cap(rq, request_arg(rq, ARG_PATH, 0));
	/* removexattrat(2) takes no working directory there */
	if (dir != -1 && (flags & AT_EMPTY_PATH) && cap != NULL &&
	    (cap->p_null || (cap->p_errno == 0 && cap->p_len == 0)) &&
	    (request_int(rq, dir) != AT_FDCWD ||
	    request_arg(rq, ARG_HOW, 0) == -1))
		return (object_fd(ob, rq, dir, want));
	return (object_path(ob, rq, at_walk(flags) |
	    (flags & AT_EMPTY_PATH ? WALK_NULL : 0), want));
}

static unsigned
at_walk(int flags)
{
	return ((flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW) |
	    (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0));
}

/* ---- chmod ---- */

int
policy_chmod(struct request *rq)
{
	struct object	 ob;
	mode_t		 mode;
	char		 num[FDNAME_SIZE];
	int		 flags = request_flags(rq), error;
	int		 fd = request_arg(rq, ARG_FD, 0);

	if (flags & ~AT_FLAGS)
		return (EINVAL);
	if (fd != -1) {
		mode = (mode_t)request_int(rq, fd + 1);
		error = object_fd(&ob, rq, fd, R_CHMOD);
		if (error == 0 && fchmod(ob.ob_fd, mode) == -1)
			error = errno;
		return (error);
	}
	mode = (mode_t)request_int(rq, request_arg(rq, ARG_PATH, 0) + 1);
	error = object_path(&ob, rq, at_walk(flags), R_CHMOD);
	/* fchmodat2(2) is not everywhere; a magic link is */
	if (error == 0 && syscall(SYS_fchmodat, worker.wk_fds,
	    fd_text(ob.ob_fd, num), mode) == -1)
		error = errno;
	object_end(&ob);
	return (error);
}

/* ---- chown ---- */

int
policy_chown(struct request *rq)
{
	struct object	 ob;
	uint32_t	 want;
	uid_t		 uid;
	gid_t		 gid;
	int		 flags = request_flags(rq), arg, error;
	int		 fd = request_arg(rq, ARG_FD, 0);

	if (flags & ~AT_FLAGS)
		return (EINVAL);
	arg = fd != -1 ? fd : request_arg(rq, ARG_PATH, 0);
	uid = (uid_t)request_int(rq, arg + 1);
	gid = (gid_t)request_int(rq, arg + 2);
	want = gid != (gid_t)-1 ? R_CHGRP : 0;
	/* with neither it still takes the setuid bits */
	if (uid != (uid_t)-1 || want == 0)
		want |= R_CHOWN;
	if (fd != -1) {
		error = object_fd(&ob, rq, fd, want);
		if (error == 0 && fchown(ob.ob_fd, uid, gid) == -1)
			error = errno;
		return (error);
	}
	if (strcmp(rq->rq_ent->se_name, "lchown") == 0)
		flags |= AT_SYMLINK_NOFOLLOW;
	error = object_path(&ob, rq, at_walk(flags), want);
	if (error == 0 && fchownat(ob.ob_fd, "", uid, gid,
	    AT_EMPTY_PATH) == -1)
		error = errno;
	object_end(&ob);
	return (error);
}

/* ---- times ---- */

/*
 * The times as utimensat(2) takes them; *now: the pointer was NULL.  utime(2)
 * has seconds, utimes(2) and futimesat(2) microseconds.
 */
static int
utime_decode(const struct request *rq, struct timespec *ts, int *now)
{
	const struct cap	*cap;
	struct utimbuf		 ut;
	struct timeval		 tv[2];
	int			 arg, i;

	if ((arg = request_arg(rq, ARG_UTIMBUF, 0)) == -1)
		arg = request_arg(rq, ARG_TIMES, 0);
	if ((cap = request_cap(rq, arg)) == NULL)
		return (EFAULT);
	if ((*now = cap->p_null != 0))
		return (0);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_kind == ARG_UTIMBUF) {
		memcpy(&ut, cap->p_bytes, sizeof(ut));
		ts[0].tv_sec = ut.actime;
		ts[1].tv_sec = ut.modtime;
		ts[0].tv_nsec = ts[1].tv_nsec = 0;
		return (0);
	}
	if (strcmp(rq->rq_ent->se_name, "utimensat") == 0) {
		memcpy(ts, cap->p_bytes, 2 * sizeof(*ts));
		return (0);
	}
	memcpy(tv, cap->p_bytes, sizeof(tv));
	for (i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return (EINVAL);
		ts[i].tv_sec = tv[i].tv_sec;
		ts[i].tv_nsec = tv[i].tv_usec * 1000;
	}
	return (0);
}

int
policy_utime(struct request *rq)
{
	struct object		 ob;
	struct timespec		 ts[2];
	const struct timespec	*tp;
	const struct cap	*cap;
	int			 dir = request_arg(rq, ARG_DIRFD, 0);
	int			 flags = request_flags(rq), error, now;

	if ((error = utime_decode(rq, ts, &now)) != 0)
		return (error);
	tp = now ? NULL : ts;
	/* nothing to do: the kernel does not even look at the path */
	if (!now && ts[0].tv_nsec == UTIME_OMIT && ts[1].tv_nsec == UTIME_OMIT)
		return (0);
	cap = request_cap(rq, request_arg(rq, ARG_PATH, 0));
	if (dir != -1 && cap != NULL && cap->p_null &&
	    request_int(rq, dir) != AT_FDCWD) {
		if (flags != 0)
			return (EINVAL);
		error = object_fd(&ob, rq, dir, R_UTIME);
		if (error == 0 && syscall(SYS_utimensat, ob.ob_fd, NULL, tp,
		    0) == -1)
			error = errno;
		return (error);
	}
	if (flags & ~AT_FLAGS)
		return (EINVAL);
	error = object_path(&ob, rq, at_walk(flags), R_UTIME);
	if (error == 0 && syscall(SYS_utimensat, ob.ob_fd, "", tp,
	    AT_EMPTY_PATH) == -1)
		error = errno;
	object_end(&ob);
	return (error);
}

/* ---- extended attributes ---- */

/* Are setxattrat(2) and its sisters there?  Linux 6.13. */
int
xattrat_missing(void)
{
	static int	 missing = -1;

	if (missing == -1)
		missing = syscall(sysent_byname("setxattrat")->se_nr, -1, NULL,
		    0, NULL, NULL, 0) == -1 && errno == ENOSYS;
	return (missing);
}

int
xattrat_decode(const struct request *rq, struct xattr_at *at)
{
	const struct cap	*cap;
	uint64_t		 size;
	size_t			 i;
	int			 arg = request_arg(rq, ARG_HOW, 0);

	size = rq->rq_call.c_args[arg + 1];
	if (size < sizeof(*at))
		return (EINVAL);
	if ((cap = request_cap(rq, arg)) == NULL || cap->p_null)
		return (size > PLACE_MAX ? E2BIG : EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	/* what this version does not know must be zero */
	for (i = sizeof(*at); i < cap->p_len; i++)
		if (cap->p_bytes[i] != 0)
			return (E2BIG);
	memcpy(at, cap->p_bytes, sizeof(*at));
	return (0);
}

static int
xattr_name(const struct request *rq, char *name)
{
	const struct cap	*cap;

	cap = request_cap(rq, request_arg(rq, ARG_NAME, 0));
	if (cap == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len == 0 || cap->p_len > XATTR_NAME_MAX)
		return (ERANGE);
	memcpy(name, cap->p_bytes, cap->p_len);
	name[cap->p_len] = '\0';
	return (0);
}

/* setxattr(2): the value is in an argument. */
static int
xattr_value(const struct request *rq, struct xattr *xa)
{
	const struct cap	*cap;
	int			 arg = request_arg(rq, ARG_BUF, 0);

	if (rq->rq_call.c_args[arg + 1] == 0)
		return (0);
	if (rq->rq_call.c_args[arg + 1] > XATTR_SIZE_MAX)
		return (E2BIG);
	if ((cap = request_cap(rq, arg)) == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	xa->xa_value = cap->p_bytes;
	xa->xa_len = cap->p_len;
	return (0);
}

/* setxattrat(2): flags, and where the value is, are in a structure. */
static int
xattr_placed(struct request *rq, struct xattr *xa)
{
	static uint8_t	 value[XATTR_SIZE_MAX];
	struct xattr_at	 at;
	struct piece	 piece;
	int		 error;

	if ((error = xattrat_decode(rq, &at)) != 0)
		return (error);
	if (request_flags(rq) & ~AT_FLAGS)
		return (EINVAL);
	xa->xa_flags = (int)at.xt_flags;
	if (xa->xa_flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return (EINVAL);
	if ((error = xattr_name(rq, xa->xa_name)) != 0 || at.xt_size == 0)
		return (error);
	if (at.xt_size > XATTR_SIZE_MAX)
		return (E2BIG);
	piece.p_addr = at.xt_value;
	piece.p_len = at.xt_size;
	if ((error = request_memory(rq, &piece, 1, value, at.xt_size)) != 0)
		return (error);
	xa->xa_value = value;
	xa->xa_len = at.xt_size;
	return (0);
}

/* The kernel copies all this before it looks at the path. */
static int
xattr_decode(struct request *rq, struct xattr *xa)
{
	int	 error;

	memset(xa, 0, sizeof(*xa));
	if (request_arg(rq, ARG_HOW, 0) != -1) {
		xa->xa_set = 1;
		return (xattr_placed(rq, xa));
	}
	if (request_arg(rq, ARG_BUF, 0) == -1)
		return (xattr_name(rq, xa->xa_name));
	xa->xa_set = 1;
	xa->xa_flags = request_flags(rq);
	if (xa->xa_flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return (EINVAL);
	if ((error = xattr_name(rq, xa->xa_name)) != 0)
		return (error);
	return (xattr_value(rq, xa));
}

static int
xattr_apply(const struct object *ob, const struct xattr *xa)
{
	char	 path[32];
	int	 rv;

	if (ob->ob_held)
		rv = xa->xa_set ? fsetxattr(ob->ob_fd, xa->xa_name,
		    xa->xa_value, xa->xa_len, xa->xa_flags) :
		    fremovexattr(ob->ob_fd, xa->xa_name);
	else {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		    ob->ob_fd);
		rv = xa->xa_set ? setxattr(path, xa->xa_name, xa->xa_value,
		    xa->xa_len, xa->xa_flags) : removexattr(path, xa->xa_name);
	}
	return (rv == -1 ? errno : 0);
}

int
policy_xattr(struct request *rq)
{
	struct object	 ob;
	struct xattr	 xa;
	int		 fd = request_arg(rq, ARG_FD, 0), flags = 0, error;

	if (request_arg(rq, ARG_DIRFD, 0) != -1) {
		if (xattrat_missing())
			return (ENOSYS);
		/* setxattrat(2) looks at its structure first */
		flags = request_flags(rq);
		if ((flags & ~AT_FLAGS) && request_arg(rq, ARG_HOW, 0) == -1)
			return (EINVAL);
	}
	if ((error = xattr_decode(rq, &xa)) != 0)
		return (error);
	if (fd != -1) {
		error = xa.xa_set && request_int(rq, fd) == AT_FDCWD &&
		    !xattrat_missing() ? object_cwd(&ob, rq, R_XATTR) :
		    object_fd(&ob, rq, fd, R_XATTR);
		if (error == 0)
			error = xattr_apply(&ob, &xa);
		object_end(&ob);
		return (error);
	}
	if (rq->rq_ent->se_name[0] == 'l')
		flags |= AT_SYMLINK_NOFOLLOW;
	error = object_at(&ob, rq, flags, R_XATTR);
	if (error == 0)
		error = xattr_apply(&ob, &xa);
	object_end(&ob);
	return (error);
}

/* ---- attributes of the file system's own ---- */

/*
 * Bits of fa_xflags, linux/fs.h of Linux 6.18.  What came later may be about
 * something that rules here do not know: as on that kernel.
 */
#define FILE_XFLAGS	0x8003fffbULL

/*
 * file_setattr(2): what FS_IOC_FSSETXATTR does to a descriptor.  The structure
 * and the flags are looked at by the kernel: of a descriptor that is none it
 * says so only when there is nothing else to say.
 */
int
policy_setattr(struct request *rq)
{
	const struct cap	*cap;
	struct object		 ob;
	uint64_t		 xflags = 0, size;
	char			 path[32];
	int			 flags = request_flags(rq), error;

	size = rq->rq_call.c_args[3];
	cap = request_cap(rq, request_arg(rq, ARG_HOW, 0));
	if (cap == NULL)
		return (EFAULT);
	if (syscall(rq->rq_ent->se_nr, -1, "x", cap->p_errno != 0 ||
	    cap->p_null ? NULL : cap->p_bytes, size, flags) != -1 ||
	    errno != EBADF)
		return (errno);
	memcpy(&xflags, cap->p_bytes, sizeof(xflags));
	if (xflags & ~FILE_XFLAGS)
		return (EINVAL);
	error = object_at(&ob, rq, flags, R_XATTR);
	if (error == 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		    ob.ob_fd);
		if (syscall(rq->rq_ent->se_nr, AT_FDCWD, path, cap->p_bytes,
		    size, 0) == -1)
			error = errno;
	}
	object_end(&ob);
	return (error);
}
