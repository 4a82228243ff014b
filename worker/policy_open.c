/*
 * open(2), openat(2), openat2(2), creat(2); a pseudo-terminal's other side.
 *
 * When the rules allow whatever the call could turn out to do, it is made
 * once, as it is: openat2(2) without symlinks proves the name that was
 * decided on.  Else the object is looked at first (O_PATH), and then opened
 * through its descriptor.
 *
 * Must never: open for the caller what was not decided in this call, acquire
 * a terminal, or leave a descriptor of ours open across exec.
 */
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

#define OPEN_TRIES	(3 * LINKS_MAX)	/* looks at one path */
#define AGAIN		(-1)		/* look again: not an errno */

#define TMPFILE		((uint64_t)(O_TMPFILE & ~O_DIRECTORY))
#define SYNC		((uint64_t)(O_SYNC & ~O_DSYNC))
#define LARGEFILE	((uint64_t)0100000)	/* asm-generic/fcntl.h */
/* VALID_OPEN_FLAGS, include/linux/fcntl.h: open(2) ignores the others. */
#define OPEN_VALID	((uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | \
			    O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | \
			    O_DSYNC | O_ASYNC | O_DIRECT | O_DIRECTORY | \
			    O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH) | \
			    LARGEFILE | TMPFILE)
/* What O_PATH leaves of them, by open(2). */
#define OPEN_PATH	((uint64_t)(O_DIRECTORY | O_NOFOLLOW | O_PATH | \
			    O_CLOEXEC))
/* Major numbers of terminals, Documentation/admin-guide/devices.txt. */
#define MAJOR_TTY	4
#define MAJOR_ALT	5
#define MAJOR_PTS	136
#define MAJOR_PTS_LAST	143
#define MINOR_SERIAL	64

struct opening {
	uint64_t	 o_flags;
	mode_t		 o_mode;
	uint64_t	 o_resolve;
};

static int	 open_decode(const struct request *, struct opening *);
static int	 open_decode_how(const struct request *, struct opening *);
static int	 open_probe(const void *, size_t);
static uint32_t	 open_rights(const struct opening *);
static uint32_t	 open_want(const struct opening *, mode_t);
static int	 open_path(struct walk *, const struct opening *);
static int	 open_verified(struct walk *);
static int	 open_file(struct walk *, const struct opening *);
static int	 open_masked(struct walk *, const struct opening *);
static int	 open_once(const struct walk *, const struct opening *);
static int	 open_straight(struct walk *, const struct opening *);
static int	 open_careful(struct walk *, const struct opening *);
static int	 open_found(struct walk *, const struct opening *, int);
static int	 open_append(struct walk *, const struct opening *, mode_t,
		    struct opening *);
static int	 open_create(struct walk *, const struct opening *);
static int	 open_self(struct walk *, const struct opening *);
static int	 open_given(struct walk *, const struct opening *);
static int	 open_exe(struct walk *, const struct opening *);
static int	 open_entry(struct walk *, const struct opening *, pid_t,
		    uint8_t);
static int	 open_pts(struct walk *, const struct opening *, int *);
static int	 open_tty(struct walk *, const struct opening *);
static int	 open_terminal(struct walk *, const struct opening *);
static int	 is_tty(const struct stat *);
static int	 open_tree(struct walk *, const struct opening *, int *);
static int	 open_reopen(struct walk *, const struct opening *, int);
static int	 open_inject(struct request *, const struct opening *, int);
static int	 open_proc(struct request *, const struct opening *, pid_t,
		    uint8_t);
static int	 open_nofollow(const struct walk *, const struct opening *);

int
policy_open(struct request *rq)
{
	static struct walk	 w;
	struct opening		 o;
	int			 error;

	if ((error = open_decode(rq, &o)) != 0)
		return (error);
	error = walk_begin(&w, rq, request_arg(rq, ARG_PATH, 0),
	    o.o_flags & O_NOFOLLOW ? 0 : WALK_FOLLOW, o.o_resolve);
	if (error != 0)
		error = walk_error(&w, error, open_want(&o, S_IFREG));
	else if (o.o_flags & O_PATH)
		error = open_path(&w, &o);
	else
		error = open_file(&w, &o);
	walk_end(&w);
	return (error);
}

/* ---- arguments ---- */

static int
open_decode(const struct request *rq, struct opening *o)
{
	struct open_how	 how;
	int		 mode = request_arg(rq, ARG_PATH, 0) + 2;

	o->o_resolve = 0;
	if (request_arg(rq, ARG_HOW, 0) != -1)
		return (open_decode_how(rq, o));
	if (rq->rq_ent->se_flagarg >= CALL_ARGS) {	/* creat(2) */
		o->o_flags = O_CREAT | O_WRONLY | O_TRUNC;
		mode--;
	} else
		o->o_flags = (uint32_t)request_flags(rq) & OPEN_VALID;
	if (o->o_flags & O_PATH)
		o->o_flags &= OPEN_PATH;
	o->o_mode = 0;
	if (o->o_flags & (O_CREAT | TMPFILE))
		o->o_mode = (mode_t)request_int(rq, mode) & 07777;
	/* the only combinations that open(2) refuses: let the kernel do it */
	if (!(o->o_flags & TMPFILE) &&
	    (o->o_flags & (O_CREAT | O_DIRECTORY)) != (O_CREAT | O_DIRECTORY))
		return (0);
	memset(&how, 0, sizeof(how));
	how.flags = o->o_flags;
	how.mode = o->o_mode;
	return (open_probe(&how, sizeof(how)));
}

static int
open_decode_how(const struct request *rq, struct opening *o)
{
	const struct cap	*cap;
	struct open_how		 how;
	int			 arg, error;
	uint64_t		 size;

	arg = request_arg(rq, ARG_HOW, 0);
	size = rq->rq_call.c_args[arg + 1];
	cap = request_cap(rq, arg);
	if (size < sizeof(how))
		return (EINVAL);
	if (size > 4096)
		return (E2BIG);
	if (cap == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len < sizeof(how))
		return (EFAULT);
	if ((error = open_probe(cap->p_bytes, cap->p_len)) != 0)
		return (error);
	memcpy(&how, cap->p_bytes, sizeof(how));
	o->o_flags = how.flags;
	o->o_mode = (mode_t)how.mode;
	o->o_resolve = how.resolve;
	/* whether a lookup is cached depends on who asks */
	return (how.resolve & RESOLVE_CACHED ? EAGAIN : 0);
}

/*
 * Ask the kernel whether flags and mode are good: it looks at them before it
 * finds that there is no such directory.
 */
static int
open_probe(const void *how, size_t len)
{
	(void)syscall(SYS_openat2, -1, "x", how, len);
	return (errno == EBADF ? 0 : errno);
}

/* Rights for what the flags ask, on an object of this type. */
static uint32_t
open_want(const struct opening *o, mode_t mode)
{
	uint64_t	 acc = o->o_flags & O_ACCMODE;
	uint32_t	 want = 0;

	if (o->o_flags & O_PATH)
		return (R_STAT);
	if (o->o_flags & TMPFILE)
		want = R_MKTEMP;	/* nobody else has the file */
	else if (S_ISDIR(mode))
		want = R_READDIR;
	else {
		/* access mode 3: for ioctl(2), asks for both permissions */
		if (acc != O_WRONLY)
			want |= R_READ;
		if (acc != O_RDONLY || (o->o_flags & O_TRUNC))
			want |= R_WRITE;
		if ((o->o_flags & O_TRUNC) && S_ISREG(mode))
			want |= R_TRUNCATE;
	}
	return (want);
}

/* All that the call could need, whatever it finds. */
static uint32_t
open_rights(const struct opening *o)
{
	uint32_t	 want = 0;

	if (!(o->o_flags & O_DIRECTORY) || (o->o_flags & TMPFILE))
		want |= open_want(o, S_IFREG);
	if (o->o_flags & O_CREAT)
		want |= R_CREATE;
	else if (!(o->o_flags & TMPFILE) &&
	    (o->o_flags & O_ACCMODE) == O_RDONLY)
		want |= R_READDIR;
	return (want != 0 ? want : R_READDIR);
}

/* A symlink at the end is not to be followed. */
static int
open_nofollow(const struct walk *w, const struct opening *o)
{
	if ((o->o_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return (1);
	return ((o->o_flags & O_NOFOLLOW) && !w->w_slash);
}

/* ---- O_PATH ---- */

/* Does a rule that allows something lie below this directory? */
static int
rules_below(const char *name, size_t len)
{
	const struct rule	*r;
	size_t			 i;

	for (i = 0; i < worker.wk_rules.rs_count; i++) {
		r = &worker.wk_rules.rs_rules[i];
		if (r->r_action != RULE_ALLOW || r->r_len <= len ||
		    memcmp(r->r_path, name, len) != 0)
			continue;
		if (len == 1 || r->r_path[len] == '/')
			return (1);
	}
	return (0);
}

/*
 * The kernel opens it: such a descriptor cannot be handed over.  It is good
 * for nothing that is not decided again when it is used, so any right on the
 * name will do, or a right below it.
 */
static int
open_path(struct walk *w, const struct opening *o)
{
	const struct rule	*by;
	struct stat		 st;
	int			 error;

	/* Flags in memory may change: then it is not O_PATH that continues. */
	if (w->w_rq->rq_ent->se_cont == 0)
		return (ENOSYS);
	if ((error = walk_object(w)) != 0)
		return (walk_error(w, error, R_STAT));
	if (!w->w_exe && (o->o_flags & O_DIRECTORY)) {
		if (fstat(w->w_fd, &st) == -1)
			return (errno);
		if (!S_ISDIR(st.st_mode))
			return (walk_error(w, ENOTDIR, R_STAT));
	}
	if (w->w_len > 0 &&
	    policy_eval(w->w_rq, w->w_name, w->w_len, R_ALL, &by) == 0 &&
	    (by != NULL || !rules_below(w->w_name, w->w_len)))
		return (policy_deny(w->w_rq, w->w_name, w->w_len, R_STAT));
	learn_seen(w->w_rq, w->w_name, w->w_len, R_STAT, 0);
	if ((worker.wk_denied & (R_LOOKS | R_HIDING)) != 0 ||
	    (worker.wk_flags & CONF_DOTDOT))
		return (open_verified(w));
	w->w_rq->rq_verdict.v_kind = VERDICT_CONTINUE;
	return (0);
}

/* Where some names may not be looked at, the kernel has to find this one. */
static int
open_verified(struct walk *w)
{
	struct give	 g;
	int		 error;

	if ((error = policy_walk(w->w_rq, w->w_name, w->w_len,
	    R_STAT)) != 0)
		return (error);
	if (w->w_exe) {
		error = request_need(w->w_rq, NEED_EXE, 0, &g);
		if (error != 0 || g.g_fd == -1)
			return (error != 0 ? error : EACCES);
		w->w_fd = g.g_fd;
	}
	w->w_rq->rq_verdict.v_kind = VERDICT_VERIFY;
	w->w_rq->rq_verdict.v_fd = w->w_fd;
	w->w_fd = -1;
	return (0);
}

/* ---- everything else ---- */

static int
open_file(struct walk *w, const struct opening *o)
{
	int		 error, tries, special;
	uint32_t	 want = open_rights(o);

	if ((o->o_flags & (O_CREAT | TMPFILE)) &&
	    (error = request_umask(w->w_rq)) != 0)
		return (error);
	for (tries = 0; tries < OPEN_TRIES; tries++) {
		if ((worker.wk_denied & R_MASKING) && !w->w_given &&
		    !w->w_exe && w->w_fd == -1 && !w->w_proven &&
		    (error = walk_settle(w)) != 0)
			return (walk_error(w, error, open_want(o, S_IFREG)));
		if (!w->w_given && !w->w_exe &&
		    policy_masked(w->w_rq, w->w_name, w->w_len))
			return (open_masked(w, o));
		if (w->w_fd != -1)
			return (w->w_given ? open_given(w, o) :
			    open_self(w, o));
		if (w->w_exe)
			return (open_exe(w, o));
		/* the same, whether something is there or not */
		if (w->w_proven && policy_hidden(w->w_rq, w->w_name,
		    w->w_len))
			return (o->o_flags & O_CREAT ? policy_check(w->w_rq,
			    w->w_name, w->w_len, R_CREATE) : walk_error(w,
			    ENOENT, open_want(o, S_IFREG)));
		special = open_tree(w, o, &error);
		if (!special) {
			/* what it turns out to do is to be learned */
			if (worker.wk_learn == -1 && open_once(w, o) &&
			    policy_plain(w->w_rq, w->w_name, w->w_len, want))
				error = open_straight(w, o);
			else
				error = open_careful(w, o);
		}
		if (error != AGAIN)
			return (error);
	}
	return (ELOOP);
}

/*
 * What is there, if something is, cannot be told from what is served: not even
 * that it is a symbolic link.
 */
static int
open_masked(struct walk *w, const struct opening *o)
{
	struct opening	 a = *o;
	struct stat	 st;
	int		 fd, isdir, error;

	if ((error = policy_walk(w->w_rq, w->w_name, w->w_len,
	    open_want(o, S_IFREG) | (o->o_flags & O_CREAT ? R_CREATE :
	    0))) != 0)
		return (error);
	if (w->w_fd != -1)
		error = fstat(w->w_fd, &st) == -1 ? errno : 0;
	else
		error = fstatat(w->w_dir, w->w_last, &st,
		    AT_SYMLINK_NOFOLLOW) == -1 ? errno : 0;
	if (error == ENOENT && (o->o_flags & O_CREAT))
		return (policy_check(w->w_rq, w->w_name, w->w_len, R_CREATE));
	if (error != 0)
		return (error);
	isdir = S_ISDIR(st.st_mode);
	if (!isdir && (w->w_slash || (o->o_flags & O_DIRECTORY)))
		return (ENOTDIR);
	if ((o->o_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return (EEXIST);
	if (isdir && (o->o_flags & (O_ACCMODE | O_CREAT)))
		return (o->o_flags & TMPFILE ? EACCES : EISDIR);
	if ((fd = mask_object(isdir)) == -1)
		return (errno);
	a.o_flags &= ~(uint64_t)O_TRUNC;
	error = open_reopen(w, &a, fd);
	close(fd);
	return (error);
}

/* A symlink is in the way: settle or follow, then look again. */
static int
open_onward(struct walk *w, const struct opening *o)
{
	int	 error;

	if (w->w_proven && open_nofollow(w, o))
		return (walk_error(w, o->o_flags & O_DIRECTORY ? ENOTDIR :
		    ELOOP, open_want(o, S_IFREG)));
	if ((error = walk_onward(w)) != 0)
		return (walk_error(w, error, open_want(o, S_IFREG)));
	return (AGAIN);
}

/*
 * Can it be opened before it is known to be what was decided on?  Not to be
 * emptied, if it may be another by then, nor to make a file that has no name
 * to tell by; and not a second time.
 */
static int
open_once(const struct walk *w, const struct opening *o)
{
	return (!w->w_moved && ((o->o_flags & (O_TRUNC | TMPFILE)) == 0 ||
	    !walk_movable(w)));
}

/* Everything it could do is allowed. */
static int
open_straight(struct walk *w, const struct opening *o)
{
	int	 fd;

	fd = walk_open(w, o->o_flags | O_NOCTTY, o->o_mode);
	if (fd != -1 && walk_found(w, fd) != 0) {
		close(fd);
		w->w_moved = 1;
		return (AGAIN);
	}
	if (fd != -1)
		return (open_inject(w->w_rq, o, fd));
	if (errno == ELOOP)
		return (open_onward(w, o));
	return (errno);		/* what is allowed may be seen to be missing */
}

/* It depends on what is there. */
static int
open_careful(struct walk *w, const struct opening *o)
{
	int	 fd, error;

	if (!w->w_proven) {
		if ((error = walk_settle(w)) != 0)
			return (walk_error(w, error, open_want(o, S_IFREG)));
		return (AGAIN);
	}
	/* the directory is searched before the slash is looked at */
	if ((o->o_flags & O_CREAT) && w->w_slash)
		return (walk_error(w, syscall(SYS_faccessat2, w->w_dir, "",
		    X_OK, AT_EMPTY_PATH | AT_EACCESS) == -1 ? errno : EISDIR,
		    open_want(o, S_IFREG)));
	fd = walk_open(w, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1) {
		if (errno == ELOOP)
			return (open_onward(w, o));
		if (errno == ENOENT && (o->o_flags & O_CREAT))
			return (open_create(w, o));
		return (walk_error(w, errno, open_want(o, S_IFREG)));
	}
	error = walk_found(w, fd) == -1 ? AGAIN : open_found(w, o, fd);
	close(fd);
	return (error);
}

/* The object is fd, O_PATH. */
static int
open_found(struct walk *w, const struct opening *o, int fd)
{
	struct opening	 a;
	struct stat	 st;
	uint32_t	 want;
	int		 error;

	if (fstat(fd, &st) == -1)
		return (errno);
	want = open_want(o, st.st_mode);
	if ((o->o_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return (walk_error(w, EEXIST, want));
	if (S_ISLNK(st.st_mode))
		return (open_onward(w, o));
	if ((error = policy_check(w->w_rq, w->w_name, w->w_len, want)) != 0)
		return (error);
	/* it might have been made: next time it may be */
	if ((o->o_flags & O_CREAT) && S_ISREG(st.st_mode))
		learn_seen(w->w_rq, w->w_name, w->w_len, R_CREATE, 0);
	if ((error = open_append(w, o, st.st_mode, &a)) != 0)
		return (error);
	return (open_reopen(w, &a, fd));
}

/*
 * To an append-only file nothing is written but at its end: *a is the open
 * that sees to it.  For reading and writing it cannot be open: a mapping
 * would change what is there.
 */
static int
open_append(struct walk *w, const struct opening *o, mode_t mode,
    struct opening *a)
{
	uint64_t	 acc = o->o_flags & O_ACCMODE;

	*a = *o;
	if (acc == O_RDONLY || !S_ISREG(mode) || (o->o_flags & TMPFILE) ||
	    !policy_appends(w->w_rq, w->w_name, w->w_len))
		return (0);
	if (acc != O_WRONLY)
		return (policy_deny(w->w_rq, w->w_name, w->w_len,
		    R_TRUNCATE));
	a->o_flags |= O_APPEND;
	return (0);
}

/* Nothing there: it is made, and only if there is still nothing. */
static int
open_create(struct walk *w, const struct opening *o)
{
	struct opening	 a;
	uint32_t	 want;
	int		 fd, error;

	want = (open_want(o, S_IFREG) & ~R_TRUNCATE) | R_CREATE;
	error = policy_check(w->w_rq, w->w_name, w->w_len, want);
	if (error == 0)
		error = open_append(w, o, S_IFREG, &a);
	if (error != 0)
		return (error);
	fd = walk_open(w, a.o_flags | O_EXCL | O_NOCTTY, o->o_mode);
	if (fd != -1 && walk_found(w, fd) != 0) {
		/* made elsewhere: it is for the rules of there */
		error = policy_check(w->w_rq, w->w_name, w->w_len, want);
		if (error != 0 || policy_appends(w->w_rq, w->w_name,
		    w->w_len)) {
			close(fd);
			return (error != 0 ? error : AGAIN);
		}
	}
	if (fd != -1)
		return (open_inject(w->w_rq, o, fd));
	if (errno == EEXIST && !(o->o_flags & O_EXCL))
		return (AGAIN);
	return (walk_error(w, errno, want));
}

/* Open the object again, through our /proc/self/fd, with the caller's flags. */
static int
open_reopen(struct walk *w, const struct opening *o, int fd)
{
	uint64_t	 flags = o->o_flags & ~(uint64_t)O_NOFOLLOW;
	char		 num[FDNAME_SIZE];
	struct open_how	 how;
	int		 new;

	if (flags & O_CREAT)
		flags &= ~(uint64_t)(O_CREAT | O_EXCL);
	memset(&how, 0, sizeof(how));
	how.flags = flags | O_NOCTTY | O_CLOEXEC;
	if (flags & TMPFILE)
		how.mode = o->o_mode;
	new = (int)syscall(SYS_openat2, worker.wk_fds, fd_text(fd, num), &how,
	    sizeof(how));
	if (new == -1)
		return (errno);
	return (open_inject(w->w_rq, o, new));
}

static uint32_t
open_cloexec(uint64_t flags)
{
	return ((worker.wk_flags & CONF_CLOEXEC) ? O_CLOEXEC :
	    (uint32_t)flags & O_CLOEXEC);
}

/* The descriptor is the verdict's from now on. */
static int
open_inject(struct request *rq, const struct opening *o, int fd)
{
	rq->rq_verdict.v_kind = VERDICT_INJECT;
	rq->rq_verdict.v_fd = fd;
	rq->rq_verdict.v_fdflags = open_cloexec(o->o_flags);
	return (0);
}

/* A path that ends in a dot, or the root: a directory, w_fd. */
static int
open_self(struct walk *w, const struct opening *o)
{
	uint32_t	 want = open_want(o, S_IFDIR);
	int		 error;

	if (o->o_flags & O_CREAT)
		return (walk_error(w, o->o_flags & O_EXCL ? EEXIST : EISDIR,
		    want));
	if ((w->w_len > 0 || want != R_READDIR || !dir_removed(w->w_fd)) &&
	    (error = policy_check(w->w_rq, w->w_name, w->w_len, want)) != 0)
		return (error);
	return (open_reopen(w, o, w->w_fd));
}

/* ---- what the caller holds already ---- */

/*
 * A magic link led to a descriptor of the caller's.  What has a name is
 * decided by it; pipes, sockets and terminals came with their authority; a
 * deleted file or device may be opened again as far as it is open.
 */
static int
open_given(struct walk *w, const struct opening *o)
{
	struct opening	 a;
	struct stat	 st;
	uint64_t	 acc = o->o_flags & O_ACCMODE;
	uint32_t	 want;
	unsigned	 maj;
	int		 error, held;

	if (fstat(w->w_fd, &st) == -1)
		return (errno);
	want = open_want(o, st.st_mode);
	if (S_ISDIR(st.st_mode) && (o->o_flags & O_CREAT))
		return (walk_error(w, EISDIR, want));
	maj = major(st.st_rdev);
	held = fcntl(w->w_fd, F_GETFL);
	if (held == -1 || (held & O_PATH))
		held = -1;
	if (is_tty(&st) && held != -1)
		return (open_terminal(w, o));
	if (S_ISCHR(st.st_mode) && held != -1 && (maj == MAJOR_TTY ||
	    (maj >= MAJOR_PTS && maj <= MAJOR_PTS_LAST)))
		error = 0;
	else if (w->w_len == 0 && want == R_READDIR && dir_removed(w->w_fd))
		error = 0;
	else if (w->w_len > 0 || S_ISDIR(st.st_mode))
		error = policy_check(w->w_rq, w->w_name, w->w_len, want);
	else if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode) &&
	    !S_ISBLK(st.st_mode))
		error = 0;
	else if (held != -1 && ((uint64_t)(held & O_ACCMODE) == acc ||
	    (held & O_ACCMODE) == O_RDWR) &&
	    (!(o->o_flags & O_TRUNC) || (held & O_ACCMODE) != O_RDONLY))
		error = 0;
	else
		error = policy_check(w->w_rq, w->w_name, 0, want);
	if (error == 0)
		error = open_append(w, o, st.st_mode, &a);
	if (error != 0)
		return (error);
	return (open_reopen(w, &a, w->w_fd));
}

/* ---- procfs and the terminal ---- */

/* 1: a name that takes another way; *error is what came of it. */
static int
open_tree(struct walk *w, const struct opening *o, int *error)
{
	pid_t	 pid;
	uint8_t	 entry;

	if (!w->w_proven || w->w_len == 0)
		return (0);
	if (strcmp(w->w_name, "/dev/tty") == 0) {
		*error = open_tty(w, o);
		return (*error != 0 || w->w_rq->rq_verdict.v_kind != 0);
	}
	if (strncmp(w->w_name, "/dev/pts/", 9) == 0 &&
	    !(o->o_flags & (O_EXCL | O_DIRECTORY)))
		return (open_pts(w, o, error));
	switch (proc_entry(w->w_name, &pid, &entry)) {
	case PROC_OPEN:
		*error = open_entry(w, o, pid, entry);
		return (1);
	case PROC_DENY:
		*error = policy_deny(w->w_rq, w->w_name, w->w_len,
		    open_want(o, S_IFREG));
		return (1);
	case PROC_PLAIN:
		break;
	}
	return (0);
}

/* An entry of /proc/PID that the receiver opens, for reading. */
static int
open_entry(struct walk *w, const struct opening *o, pid_t pid, uint8_t entry)
{
	struct stat	 st;
	int		 fd, error;

	fd = walk_open(w, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1)
		return (walk_error(w, errno, open_want(o, S_IFREG)));
	error = fstat(fd, &st) == -1 ? errno : 0;
	if (error == 0 && S_ISDIR(st.st_mode) && (o->o_flags & TMPFILE))
		error = syscall(SYS_faccessat2, fd, "", W_OK | X_OK,
		    AT_EMPTY_PATH | AT_EACCESS) == -1 ? errno : EOPNOTSUPP;
	close(fd);
	if (error != 0)
		return (error);
	if ((o->o_flags & O_CREAT) && w->w_slash)
		return (walk_error(w, EISDIR, open_want(o, st.st_mode)));
	if ((o->o_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return (walk_error(w, EEXIST, open_want(o, st.st_mode)));
	if (S_ISDIR(st.st_mode) && ((o->o_flags & (O_CREAT | O_TRUNC)) ||
	    (o->o_flags & O_ACCMODE) != O_RDONLY))
		return (walk_error(w, EISDIR, R_READDIR));
	if ((o->o_flags & O_DIRECTORY) && !S_ISDIR(st.st_mode))
		return (walk_error(w, ENOTDIR, R_READ));
	error = policy_check(w->w_rq, w->w_name, w->w_len,
	    open_want(o, st.st_mode));
	if (error != 0)
		return (error);
	if ((o->o_flags & O_ACCMODE) != O_RDONLY || (o->o_flags & O_TRUNC))
		return (EACCES);	/* not one of them is writable */
	if (o->o_flags & O_DIRECT)
		return (EINVAL);
	return (open_proc(w->w_rq, o, pid, entry));
}

/* The caller's own executable: /proc/self/exe. */
static int
open_exe(struct walk *w, const struct opening *o)
{
	int	 error;

	if (o->o_flags & O_DIRECTORY)
		return (ENOTDIR);
	error = policy_check(w->w_rq, w->w_name, w->w_len,
	    open_want(o, S_IFREG));
	if (error != 0)
		return (error);
	if ((o->o_flags & O_ACCMODE) != O_RDONLY || (o->o_flags & O_TRUNC))
		return (EACCES);	/* ETXTBSY, where it is writable */
	return (open_proc(w->w_rq, o, 0, PROC_EXE));
}

static int
open_proc(struct request *rq, const struct opening *o, pid_t pid,
    uint8_t entry)
{
	rq->rq_verdict.v_kind = VERDICT_PROC;
	rq->rq_verdict.v_pid = (uint32_t)pid;
	rq->rq_verdict.v_entry = entry;
	rq->rq_verdict.v_fdflags = open_cloexec(o->o_flags);
	return (0);
}

/* The device that stands for the controlling terminal. */
static int
is_tty(const struct stat *st)
{
	return (S_ISCHR(st->st_mode) && st->st_rdev == makedev(MAJOR_ALT, 0));
}

/* The name of a terminal's device node. */
static int
tty_path(dev_t dev, char *path, size_t size)
{
	unsigned	 maj = major(dev), min = minor(dev);
	int		 n;

	if (maj >= MAJOR_PTS && maj <= MAJOR_PTS_LAST)
		n = snprintf(path, size, "/dev/pts/%u",
		    min + (maj - MAJOR_PTS) * 256);
	else if (maj == MAJOR_TTY && min < MINOR_SERIAL)
		n = snprintf(path, size, "/dev/tty%u", min);
	else if (maj == MAJOR_TTY)
		n = snprintf(path, size, "/dev/ttyS%u", min - MINOR_SERIAL);
	else if (maj == MAJOR_ALT && min == 1)
		n = snprintf(path, size, "/dev/console");
	else
		return (ENXIO);
	return (n < 0 || (size_t)n >= size ? ENXIO : 0);
}

/*
 * /dev/tty is the controlling terminal of whoever opens it: of the caller.
 * Does nothing, 0, when what is there is something else.
 */
static int
open_tty(struct walk *w, const struct opening *o)
{
	struct stat	 st;
	int		 fd, error;

	fd = walk_open(w, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1)
		return (0);
	error = fstat(fd, &st) == -1 ? errno : 0;
	close(fd);
	if (error != 0 || !is_tty(&st))
		return (error);
	if ((o->o_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return (walk_error(w, EEXIST, open_want(o, S_IFCHR)));
	if ((o->o_flags & O_DIRECTORY) || w->w_slash)
		return (walk_error(w, ENOTDIR, open_want(o, S_IFCHR)));
	error = policy_check(w->w_rq, w->w_name, w->w_len,
	    open_want(o, S_IFCHR));
	return (error != 0 ? error : open_terminal(w, o));
}

/*
 * A terminal by its own name: the caller's controlling one is /dev/tty, what
 * others there are is for the rules on their names.
 */
static int
open_pts(struct walk *w, const struct opening *o, int *error)
{
	static const char	 tty[] = "/dev/tty";
	struct stat		 st;
	dev_t			 dev;
	int			 fd;

	fd = walk_open(w, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1)
		return (0);
	if (fstat(fd, &st) == -1 || !S_ISCHR(st.st_mode) ||
	    request_tty(w->w_rq, &dev) != 0 || dev != st.st_rdev) {
		close(fd);
		return (0);
	}
	*error = policy_check(w->w_rq, tty, sizeof(tty) - 1,
	    open_want(o, st.st_mode));
	if (*error == 0)
		*error = open_reopen(w, o, fd);
	close(fd);
	return (1);
}

/* The caller's controlling terminal, decided. */
static int
open_terminal(struct walk *w, const struct opening *o)
{
	struct open_how	 how;
	struct stat	 st;
	char		 path[64];
	dev_t		 dev;
	int		 fd, error;

	if ((error = request_tty(w->w_rq, &dev)) != 0 ||
	    (error = tty_path(dev, path, sizeof(path))) != 0)
		return (error);
	memset(&how, 0, sizeof(how));
	how.flags = (o->o_flags & ~(uint64_t)(O_CREAT | O_NOFOLLOW)) |
	    O_NOCTTY | O_CLOEXEC;
	how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (fd == -1)
		return (errno == ENOENT ? ENXIO : errno);
	if (fstat(fd, &st) == -1 || st.st_rdev != dev) {
		close(fd);
		return (ENXIO);
	}
	return (open_inject(w->w_rq, o, fd));
}

/*
 * ioctl(2) TIOCGPTPEER, ioctl_tty(2): the other side of a pseudo-terminal the
 * caller holds, whatever its name.  The wall decides: a rule for /dev/pts.
 */
int
policy_pty(struct request *rq)
{
	struct verdict	*v = &rq->rq_verdict;
	int		 fd, error, flags = request_int(rq, 2);

	if ((error = request_fd(rq, 0, &fd)) != 0)
		return (error);
	v->v_fd = ioctl(fd, TIOCGPTPEER, flags | O_NOCTTY | O_CLOEXEC);
	if (v->v_fd == -1)
		return (errno);
	v->v_kind = VERDICT_INJECT;
	v->v_fdflags = open_cloexec((uint32_t)flags);
	return (0);
}
