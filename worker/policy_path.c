/*
 * Calls that make, remove and move names, and truncate(2).  Each resolves the
 * directory, decides on its name and the last component, and makes the call
 * there: the kernel follows no symlink in a last component that it creates or
 * removes.  A last component of . or .. or / is passed on: such calls always
 * fail, and the kernel knows with which error.
 *
 * To remove and to move takes turns.  Another lane could move the directory
 * after its name was read, and what is denied to its place: the kernel would
 * then do to that what was allowed for what was there before.
 *
 * Must never: give an object a name that the rules give more for.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "policy.h"

/* Rights on a name; the others are on the object, whatever its name. */
#define R_OBJECT	(R_ALL & ~(R_NAMES | R_MKTEMP))

static pthread_mutex_t	*turns;		/* shared by the workers; NULL: one */

static void	 turn_take(void);
static void	 turn_end(void);
static int	 path_begin(struct walk *, struct request *, int, uint32_t);
static int	 path_make(struct walk *, uint32_t);
static int	 path_stat(const struct walk *, struct stat *);
static uint32_t	 make_right(mode_t);
static int	 rename_error(struct walk *, struct walk *, struct walk *,
		    int, uint32_t);
static int	 rename_names(struct walk *, struct walk *, int);
static int	 rename_gains(struct walk *, struct walk *);
static int	 link_object(struct walk *, struct walk *);
static int	 link_gains(struct walk *, struct walk *);

/* ---- turns ---- */

void
path_turns(void)
{
	pthread_mutexattr_t	 attr;
	void			*p;

	p = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		fatal("%s: mmap", __func__);
	turns = p;
	if ((errno = pthread_mutexattr_init(&attr)) != 0 ||
	    (errno = pthread_mutexattr_setpshared(&attr,
	    PTHREAD_PROCESS_SHARED)) != 0 ||
	    (errno = pthread_mutexattr_setrobust(&attr,
	    PTHREAD_MUTEX_ROBUST)) != 0 ||
	    (errno = pthread_mutex_init(turns, &attr)) != 0)
		fatal("%s", __func__);
	pthread_mutexattr_destroy(&attr);
}

/* One that died in its turn leaves nothing that is half done. */
static void
turn_take(void)
{
	if (turns == NULL)
		return;
	if ((errno = pthread_mutex_lock(turns)) == EOWNERDEAD)
		errno = pthread_mutex_consistent(turns);
	if (errno != 0)
		fatal("%s", __func__);
}

static void
turn_end(void)
{
	if (turns != NULL && (errno = pthread_mutex_unlock(turns)) != 0)
		fatal("%s", __func__);
}

/* ---- one name ---- */

/* The directory of the nth path of the call. */
static int
path_begin(struct walk *w, struct request *rq, int nth, uint32_t want)
{
	int	 error;

	error = walk_begin(w, rq, request_arg(rq, ARG_PATH, nth), WALK_PARENT,
	    0);
	if (error != 0)
		return (walk_error(w, error, want));
	/* what ends in . has no name to be decided on later */
	return (w->w_dots ? policy_walk(rq, w->w_name, w->w_len, want) : 0);
}

/*
 * The last component itself: a trailing slash would follow a symlink.  0, or
 * an errno.
 */
static int
path_stat(const struct walk *w, struct stat *st)
{
	char		 name[NAME_MAX + 1];
	const char	*p = w->w_last;

	/* nothing is asked about what is hidden */
	if (policy_hidden(w->w_rq, w->w_name, w->w_len))
		return (ENOENT);
	if (w->w_lastlen <= NAME_MAX) {
		memcpy(name, w->w_last, w->w_lastlen);
		name[w->w_lastlen] = '\0';
		p = name;
	}
	return (fstatat(w->w_dir, p, st, AT_SYMLINK_NOFOLLOW) == -1 ?
	    errno : 0);
}

/*
 * May a new name be made here?  What is there already says EEXIST first, as
 * the kernel does: mkdir -p relies on it.
 */
static int
path_make(struct walk *w, uint32_t want)
{
	const struct rule	*by;
	struct stat		 st;

	if (w->w_dots)
		return (0);
	if (policy_eval(w->w_rq, w->w_name, w->w_len, want, &by) != want &&
	    path_stat(w, &st) == 0)
		return (walk_error(w, EEXIST, want));
	return (policy_check(w->w_rq, w->w_name, w->w_len, want));
}

static uint32_t
make_right(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return (R_MKDIR);
	case S_IFLNK:
		return (R_SYMLINK);
	case S_IFIFO:
		return (R_MKFIFO);
	case S_IFSOCK:
		return (R_MKSOCK);
	case S_IFCHR:
		return (R_MKCDEV);
	case S_IFBLK:
		return (R_MKBDEV);
	}
	return (R_CREATE);
}

int
policy_mkdir(struct request *rq)
{
	static struct walk	 w;
	mode_t			 mode;
	int			 error;

	mode = (mode_t)request_int(rq, request_arg(rq, ARG_PATH, 0) + 1);
	if ((error = path_begin(&w, rq, 0, R_MKDIR)) == 0 &&
	    (error = path_make(&w, R_MKDIR)) == 0 &&
	    (error = request_umask(rq)) == 0 &&
	    mkdirat(w.w_dir, w.w_last, mode) == -1)
		error = errno;
	walk_end(&w);
	return (error);
}

int
policy_mknod(struct request *rq)
{
	static struct walk	 w;
	mode_t			 mode;
	uint32_t		 want;
	unsigned		 dev;
	int			 arg, error;

	arg = request_arg(rq, ARG_PATH, 0);
	mode = (mode_t)request_int(rq, arg + 1) & 0xffff;	/* umode_t */
	dev = (unsigned)request_int(rq, arg + 2);
	/* may_mknod(), fs/namei.c: before the path */
	if (S_ISDIR(mode))
		return (EPERM);
	want = (mode & S_IFMT) == 0 ? R_CREATE : make_right(mode);
	if (want == R_SYMLINK || (want == R_CREATE && (mode & S_IFMT) != 0 &&
	    !S_ISREG(mode)))
		return (EINVAL);
	if ((error = path_begin(&w, rq, 0, want)) == 0 &&
	    (error = path_make(&w, want)) == 0 &&
	    (error = request_umask(rq)) == 0 &&
	    syscall(SYS_mknodat, w.w_dir, w.w_last, mode, dev) == -1)
		error = errno;
	walk_end(&w);
	return (error);
}

int
policy_symlink(struct request *rq)
{
	static struct walk	 w;
	static char		 text[PATH_MAX];
	const struct cap	*cap;
	int			 error;

	cap = request_cap(rq, request_arg(rq, ARG_STR, 0));
	if (cap == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len == 0)
		return (ENOENT);
	memcpy(text, cap->p_bytes, cap->p_len);
	text[cap->p_len] = '\0';
	if ((error = path_begin(&w, rq, 0, R_SYMLINK)) == 0 &&
	    (error = path_make(&w, R_SYMLINK)) == 0 &&
	    symlinkat(text, w.w_dir, w.w_last) == -1)
		error = errno;
	walk_end(&w);
	return (error);
}

int
policy_unlink(struct request *rq)
{
	static struct walk	 w;
	const struct rule	*by;
	struct stat		 st;
	uint32_t		 want;
	int			 flags, error;

	flags = strcmp(rq->rq_ent->se_name, "rmdir") == 0 ? AT_REMOVEDIR :
	    request_flags(rq);
	if (flags & ~AT_REMOVEDIR)
		return (EINVAL);
	want = flags & AT_REMOVEDIR ? R_RMDIR : R_DELETE;
	turn_take();
	error = path_begin(&w, rq, 0, want);
	if (error == 0 && !w.w_dots) {
		if (policy_eval(rq, w.w_name, w.w_len, want, &by) != want &&
		    path_stat(&w, &st) == ENOENT)
			error = walk_error(&w, ENOENT, want);
		else
			error = policy_check(rq, w.w_name, w.w_len, want);
	}
	/* only who sees all that is in it can empty it: as a mount point */
	if (error == 0 && (flags & AT_REMOVEDIR))
		error = policy_hides(rq, w.w_name, w.w_len, want, 0, EBUSY);
	if (error == 0 && unlinkat(w.w_dir, w.w_last, flags) == -1)
		error = errno;
	turn_end();
	walk_end(&w);
	return (error);
}

/* ---- rename ---- */

int
policy_rename(struct request *rq)
{
	static struct walk	 from, to;
	int			 flags = request_flags(rq), error, gone;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE |
	    RENAME_WHITEOUT)) || ((flags & RENAME_EXCHANGE) &&
	    (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT))))
		return (EINVAL);
	turn_take();
	error = path_begin(&from, rq, 0, R_RENAME);
	/* a directory that is removed is found, and has nothing in it */
	gone = error == ENOENT && !from.w_failed && from.w_dir != -1 &&
	    dir_removed(from.w_dir);
	if (error == 0 || gone) {
		error = path_begin(&to, rq, 1, R_CREATE);
		if (error != 0 && syscall(SYS_faccessat2, from.w_dir, "", X_OK,
		    AT_EMPTY_PATH | AT_EACCESS) == -1)
			error = errno;	/* the first path comes first */
		/* where one is . or .. the kernel looks at nothing else */
		if (error == 0 && gone && !to.w_dots)
			error = rename_error(&from, &to, &from, ENOENT,
			    R_RENAME);
		else if (error == 0 && !from.w_dots && !to.w_dots)
			error = rename_names(&from, &to, flags);
		if (error == 0 && syscall(SYS_renameat2, from.w_dir,
		    from.w_last, to.w_dir, to.w_last, flags) == -1)
			error = errno;
		walk_end(&to);
	}
	turn_end();
	walk_end(&from);
	return (error);
}

/* Before the kernel looks at names it looks at directories and mounts. */
static int
rename_error(struct walk *from, struct walk *to, struct walk *w, int error,
    uint32_t want)
{
	struct statx	 a, b;
	struct stat	 st;

	if (path_stat(to, &st) == EACCES)
		return (EACCES);
	if (error != EACCES &&
	    statx(from->w_dir, "", AT_EMPTY_PATH, STATX_MNT_ID, &a) == 0 &&
	    statx(to->w_dir, "", AT_EMPTY_PATH, STATX_MNT_ID, &b) == 0 &&
	    a.stx_mnt_id != b.stx_mnt_id)
		return (EXDEV);
	return (walk_error(w, error, want));
}

/* Authority over both names. */
static int
rename_names(struct walk *from, struct walk *to, int flags)
{
	struct stat	 a, b;
	uint32_t	 wfrom = R_RENAME, wto;
	int		 error, there;

	if (policy_hidden(from->w_rq, from->w_name, from->w_len))
		return (policy_check(from->w_rq, from->w_name, from->w_len,
		    R_RENAME));
	if (policy_hidden(to->w_rq, to->w_name, to->w_len))
		return (policy_check(to->w_rq, to->w_name, to->w_len,
		    R_CREATE));
	if ((error = path_stat(from, &a)) != 0)
		return (rename_error(from, to, from, error, R_RENAME));
	error = path_stat(to, &b);
	there = error == 0;
	if (there && S_ISDIR(b.st_mode) && (flags & RENAME_EXCHANGE) == 0 &&
	    (error = policy_hides(to->w_rq, to->w_name, to->w_len, R_RMDIR, 0,
	    EBUSY)) != 0)
		return (error);
	wto = make_right(a.st_mode);
	if (error != 0 && (error != ENOENT || (flags & RENAME_EXCHANGE)))
		return (rename_error(from, to, to, error, wto));
	if (there && (flags & RENAME_NOREPLACE))
		return (rename_error(from, to, to, EEXIST, wto));
	if (flags & RENAME_EXCHANGE) {
		wto |= R_RENAME;
		wfrom |= make_right(b.st_mode);
	} else if (there)
		wto |= S_ISDIR(b.st_mode) ? R_RMDIR : R_DELETE;
	if (flags & RENAME_WHITEOUT)
		wfrom |= R_MKCDEV;
	error = policy_check(from->w_rq, from->w_name, from->w_len, wfrom);
	if (error == 0)
		error = policy_check(to->w_rq, to->w_name, to->w_len, wto);
	if (error == 0)
		error = rename_gains(from, to);
	if (error == 0 && (flags & RENAME_EXCHANGE))
		error = rename_gains(to, from);
	return (error);
}

/*
 * The object, and everything below it, must not be given more under its new
 * name.  Asked for files too: what is moved may have become a directory since
 * we looked.  EXDEV: the caller copies, under the rules of both places.
 */
static int
rename_gains(struct walk *from, struct walk *to)
{
	if (link_gains(from, to) != 0)
		return (EXDEV);
	/* without a name it has what holds everywhere */
	if (to->w_len == 0 || (worker.wk_free & R_OBJECT) == R_OBJECT)
		return (0);
	if (from->w_len == 0)
		return (EXDEV);
	return (ruleset_denies_below(&worker.wk_rules, from->w_name,
	    to->w_name, R_OBJECT) ? EXDEV : 0);
}

/* The denial, logged, for rights that the object would get with a new name. */
static int
link_gains(struct walk *from, struct walk *to)
{
	const struct rule	*by;
	uint32_t		 old, new;

	new = policy_eval(to->w_rq, to->w_name, to->w_len, R_OBJECT, &by);
	old = policy_eval(from->w_rq, from->w_name, from->w_len, R_OBJECT,
	    &by);
	if ((new & ~old) == 0)
		return (0);
	return (policy_deny(from->w_rq, from->w_name, from->w_len,
	    new & ~old));
}

/* ---- link ---- */

int
policy_link(struct request *rq)
{
	static struct walk	 from, to;
	unsigned		 how = 0;
	int			 flags = request_flags(rq), error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return (EINVAL);
	if (flags & AT_SYMLINK_FOLLOW)
		how |= WALK_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		how |= WALK_EMPTY;
	error = walk_begin(&from, rq, request_arg(rq, ARG_PATH, 0), how, 0);
	if (error == 0)
		error = walk_object(&from);
	if (error != 0)
		error = walk_error(&from, error, R_STAT);
	else if (from.w_exe)
		error = EXDEV;		/* not ours to hold */
	else {
		error = path_begin(&to, rq, 1, R_LINK);
		if (error == 0)
			error = link_object(&from, &to);
		walk_end(&to);
	}
	walk_end(&from);
	return (error);
}

/*
 * A file made with O_TMPFILE has no name to ask about; who holds it open for
 * writing may name it, where it may make a file.  Another deleted file the
 * kernel refuses to link, unless it has other names: then we do.
 */
static int
link_object(struct walk *from, struct walk *to)
{
	char		 num[FDNAME_SIZE];
	struct stat	 st;
	int		 error, held, unnamed;

	unnamed = from->w_len == 0 && from->w_given;
	error = path_make(to, unnamed ? R_LINK | R_CREATE : R_LINK);
	if (error != 0)
		return (error);
	if (!to->w_dots && unnamed) {
		held = fcntl(from->w_fd, F_GETFL);
		if (held == -1 || (held & O_PATH) ||
		    (held & O_ACCMODE) == O_RDONLY ||
		    fstat(from->w_fd, &st) == -1 || st.st_nlink != 0)
			return (policy_deny(from->w_rq, "", 0, R_LINK));
	} else if (!to->w_dots && (error = link_gains(from, to)) != 0)
		return (error);
	if (linkat(worker.wk_fds, fd_text(from->w_fd, num), to->w_dir,
	    to->w_last, AT_SYMLINK_FOLLOW) == -1)
		return (errno);
	return (0);
}

/* ---- truncate ---- */

int
policy_truncate(struct request *rq)
{
	static struct walk	 w;
	char			 path[32];
	off_t			 len = (off_t)rq->rq_call.c_args[1];
	int			 error;

	if (len < 0)
		return (EINVAL);
	error = walk_begin(&w, rq, request_arg(rq, ARG_PATH, 0), WALK_FOLLOW,
	    0);
	if (error == 0)
		error = walk_object(&w);
	if (error != 0)
		error = walk_error(&w, error, R_TRUNCATE);
	else if (w.w_exe)
		error = ETXTBSY;
	else if ((error = policy_check(rq, w.w_name, w.w_len,
	    R_TRUNCATE)) == 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", w.w_fd);
		if (truncate(path, len) == -1)
			error = errno;
	}
	walk_end(&w);
	return (error);
}
