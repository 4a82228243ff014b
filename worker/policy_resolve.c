/*
 * Path resolution.  A path becomes a directory descriptor, a last component
 * and a canonical name, without race: the name is what readlink(2) says of
 * the descriptor, or a string that openat2(2) opened without meeting a
 * symlink.  Three ways, from fast to slow:
 *
 *  1. A path with no //, . or .. and no trailing slash is taken as it is; the
 *     caller of walk_open() finds out whether it is canonical (ELOOP: not).
 *  2. walk_settle(): the kernel resolves the directory part, symlinks too but
 *     no magic links; its name is read back.
 *  3. walk_steps(): one component after the other, when procfs is met: there
 *     /proc/self and the magic links are the caller's, not ours.
 *
 * A symlink at the end is always followed here, one at a time.
 *
 * A directory can be moved after its name was read, and another file be put
 * into it: what is found by way of one that the child may move counts by the
 * name that it has itself, walk_found().
 *
 * Must never: open anything but O_PATH (walk_open() opens what its caller
 * decided), follow a magic link of our own /proc, or return a name that was
 * put together from a string with symlinks in it.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

/* Not in Debian 12's headers before 5.12; Linux 5.12. */
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED	0x20
#endif
#define RESOLVE_SCOPED	(RESOLVE_BENEATH | RESOLVE_IN_ROOT)
#define RESOLVE_PLAIN	(RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define DIR_FLAGS	(O_PATH | O_DIRECTORY | O_CLOEXEC)
#define LINKS_CHECK	3	/* symlinks at the end before they are counted */
/* What symlinks may grow a path to: all that are followed, one in the other. */
#define REST_SIZE	((LINKS_MAX + 1) * PATH_MAX)
#define DELETED		" (deleted)"	/* d_path(), fs/d_path.c */

static int	 walk_reset(struct walk *, struct request *, unsigned,
		    uint64_t);
static int	 walk_given(struct walk *);
static int	 walk_string(struct walk *);
static int	 walk_base(struct walk *);
static int	 base_check(const struct walk *);
static int	 walk_empty(struct walk *, int);
static int	 path_goesup(const char *, size_t);
static int	 path_plain(const char *, size_t);
static int	 walk_split(const struct walk *, size_t *);
static int	 walk_place(struct walk *, int, int, const char *, size_t);
static int	 walk_last(struct walk *, size_t);
static int	 walk_self(struct walk *);
static int	 walk_root(const struct walk *);
static int	 walk_whole(struct walk *);
static int	 walk_steps(struct walk *, const char *, size_t);
static int	 walk_straight(struct walk *, size_t);
static int	 walk_may(struct walk *, const char *, size_t);
static int	 walk_step(struct walk *, char *, size_t *, size_t);
static int	 walk_enter(struct walk *, char *, size_t *, const char *, int);
static int	 walk_failed(struct walk *, const char *, size_t, int);
static int	 walk_link(struct walk *, const char *, int, int, char *, size_t,
		    enum proc_link *, int *);
static int	 walk_follow(struct walk *);
static int	 walk_fromroot(const struct walk *);
static int	 walk_loops(const struct walk *);
static int	 walk_inside(struct walk *);
static int	 fd_same(int, int);
static int	 name_movable(const char *, size_t);
static int	 walk_jump(struct walk *, int);
static int	 link_permitted(int, const struct stat *);
static int	 dir_open(int, const char *, uint64_t);
static void	 dir_set(struct walk *, int, int);
static void	 base_set(struct walk *, int, int);
static int	 join(struct walk *, const char *, size_t);

/* ---- small tools ---- */

static int
path_open(int dir, const char *path, uint64_t flags, mode_t mode,
    uint64_t resolve)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = flags | O_CLOEXEC;
	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		how.mode = mode;
	how.resolve = resolve;
	return ((int)syscall(SYS_openat2, dir, path, &how, sizeof(how)));
}

static int
dir_open(int dir, const char *path, uint64_t resolve)
{
	return (path_open(dir, path, DIR_FLAGS, 0,
	    resolve | RESOLVE_NO_MAGICLINKS));
}

const char *
fd_text(int fd, char buf[FDNAME_SIZE])
{
	char	*p = &buf[FDNAME_SIZE - 1];

	*p = '\0';
	do {
		*--p = (char)('0' + fd % 10);
	} while ((fd /= 10) > 0);
	return (p);
}

int
fd_reopen(int fd, int flags)
{
	char	 num[FDNAME_SIZE];

	return (openat(worker.wk_fds, fd_text(fd, num), flags | O_CLOEXEC));
}

/*
 * A file may be called "x (deleted)": it has that name if it is what is found
 * there.
 */
static int
name_current(int fd, const char *name)
{
	struct stat	 a, b;
	int		 found, same;

	found = path_open(AT_FDCWD, name, O_PATH | O_NOFOLLOW, 0,
	    RESOLVE_PLAIN);
	if (found == -1)
		return (0);
	same = fstat(fd, &a) == 0 && fstat(found, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	close(found);
	return (same);
}

size_t
fd_name(int fd, char *name, size_t size)
{
	char	 num[FDNAME_SIZE];
	ssize_t	 n;
	size_t	 len;

	n = readlinkat(worker.wk_fds, fd_text(fd, num), name, size - 1);
	/* "pipe:[1]", "(unreachable)/x"; too long is no name either */
	if (n <= 0 || (size_t)n == size - 1 || name[0] != '/') {
		name[0] = '\0';
		return (0);
	}
	len = (size_t)n;
	name[len] = '\0';
	if (len >= sizeof(DELETED) &&
	    memcmp(name + len - (sizeof(DELETED) - 1), DELETED,
	    sizeof(DELETED) - 1) == 0 && !name_current(fd, name)) {
		name[0] = '\0';
		return (0);
	}
	return (len);
}

int
dir_removed(int fd)
{
	struct stat	 st;

	return (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_nlink == 0);
}

static void
dir_set(struct walk *w, int fd, int own)
{
	if (fd == w->w_dir)
		own |= w->w_dirown;
	else if (w->w_dirown)
		close(w->w_dir);
	w->w_dir = fd;
	w->w_dirown = own;
}

static void
base_set(struct walk *w, int fd, int own)
{
	if (fd == w->w_base)
		own |= w->w_baseown;
	else if (w->w_baseown)
		close(w->w_base);
	w->w_base = fd;
	w->w_baseown = own;
}

/* w_name becomes w_name/last; without a name it stays without. */
static int
join(struct walk *w, const char *last, size_t len)
{
	if (w->w_len == 0)
		return (0);
	if (len + 1 >= sizeof(w->w_name) - w->w_len)
		return (ENAMETOOLONG);
	if (w->w_len > 1)		/* not "/" */
		w->w_name[w->w_len++] = '/';
	memcpy(w->w_name + w->w_len, last, len);
	w->w_len += len;
	w->w_name[w->w_len] = '\0';
	return (0);
}

/* Length of name's directory; the root is its own. */
static size_t
name_parent(const char *name, size_t len)
{
	while (len > 1 && name[len - 1] != '/')
		len--;
	return (len > 1 ? len - 1 : len);
}

/* ---- what the last paths taught us ---- */

/*
 * First components of absolute paths that were symlinks: /lib, /bin.  To take
 * such a path as it is would be in vain.  Only a hint: nothing is decided by
 * it, and a wrong one costs a lookup.
 */
#define HINTS		4
#define HINT_LEN	16
static char	 hints[HINTS][HINT_LEN];

static int
hint_symlink(const char *path)
{
	size_t	 i, len;

	if (path[0] != '/')
		return (0);
	len = strcspn(path + 1, "/");
	for (i = 0; i < HINTS; i++) {
		if (hints[i][0] == path[1] && strncmp(hints[i], path + 1,
		    len) == 0 && len < HINT_LEN && hints[i][len] == '\0')
			return (1);
	}
	return (0);
}

/* w_path had a directory, and w_name is its name. */
static void
hint_learn(const struct walk *w)
{
	static unsigned	 next;
	char		 comp[HINT_LEN], text[1];
	size_t		 len = strcspn(w->w_path + 1, "/");

	if (len == 0 || len >= HINT_LEN || w->w_path[1] == '.' ||
	    w->w_path[len + 1] == '\0' || hint_symlink(w->w_path) ||
	    strstr(w->w_path, "/..") != NULL ||
	    (strncmp(w->w_path, w->w_name, len + 1) == 0 &&
	    (w->w_name[len + 1] == '/' || w->w_name[len + 1] == '\0')))
		return;
	memcpy(comp, w->w_path + 1, len);
	comp[len] = '\0';
	if (readlinkat(worker.wk_root, comp, text, sizeof(text)) == -1)
		return;			/* a symlink further down */
	memcpy(hints[next], comp, len + 1);
	next = (next + 1) % HINTS;
}

/* ---- beginning ---- */

static int
walk_reset(struct walk *w, struct request *rq, unsigned flags,
    uint64_t resolve)
{
	w->w_rq = rq;
	w->w_flags = flags;
	w->w_resolve = resolve;
	w->w_base = w->w_dir = w->w_fd = -1;
	w->w_baseown = w->w_dirown = w->w_given = w->w_exe = 0;
	w->w_links = w->w_proven = w->w_dots = w->w_slash = 0;
	w->w_failed = w->w_moved = 0;
	w->w_len = w->w_pathlen = w->w_lastlen = 0;
	w->w_last = w->w_path;
	w->w_path[0] = w->w_name[0] = '\0';
	w->w_slot = CALL_FD_CWD;
	w->w_arg = -1;
	w->w_rooted = 0;
	return (0);
}

int
walk_begin(struct walk *w, struct request *rq, int arg, unsigned flags,
    uint64_t resolve)
{
	const struct cap	*cap;

	walk_reset(w, rq, flags, resolve);
	if (arg == -1 || (cap = request_cap(rq, arg)) == NULL ||
	    (cap->p_null && (flags & WALK_NULL) == 0))
		return (EFAULT);
	if (cap->p_errno != 0 && !cap->p_null)
		return (cap->p_errno);
	if (arg > 0 && rq->rq_ent->se_args[arg - 1] == ARG_DIRFD &&
	    request_int(rq, arg - 1) != AT_FDCWD)
		w->w_slot = arg - 1;
	if (cap->p_null || cap->p_len == 0)
		return (walk_empty(w, flags & WALK_EMPTY));
	w->w_arg = arg;
	w->w_rooted = cap->p_bytes[0] == '/';
	memcpy(w->w_path, cap->p_bytes, cap->p_len);
	w->w_pathlen = cap->p_len;
	w->w_path[w->w_pathlen] = '\0';
	return (walk_given(w));
}

int
walk_text(struct walk *w, struct request *rq, const char *path, size_t len,
    unsigned flags)
{
	walk_reset(w, rq, flags, 0);
	if (len == 0)
		return (ENOENT);
	if (len >= PATH_MAX)
		return (ENAMETOOLONG);
	memcpy(w->w_path, path, len);
	w->w_pathlen = len;
	w->w_path[len] = '\0';
	return (flags & WALK_ADDRESS ? walk_given(w) : walk_string(w));
}

/* The path as the caller gave it, set dotdot. */
static int
walk_given(struct walk *w)
{
	if ((worker.wk_flags & CONF_DOTDOT) && path_goesup(w->w_path,
	    w->w_pathlen))
		return (policy_deny_word(w->w_rq, "walk", "..",
		    "set dotdot allow"));
	return (walk_string(w));
}

/*
 * The descriptor that a relative path begins at: sent along, or, where the
 * receiver saw a first byte '/', asked for.
 */
static int
walk_base(struct walk *w)
{
	struct give	 g;
	int		 error, fd;

	if (w->w_base != -1)
		return (0);
	error = request_fd(w->w_rq, w->w_slot, &fd);
	if (error == 0) {
		base_set(w, fd, 0);
		return (0);
	}
	if (error != EBADF)
		return (error);
	if (w->w_slot == CALL_FD_CWD)
		error = request_need(w->w_rq, NEED_CWD, 0, &g);
	else if (request_int(w->w_rq, w->w_slot) < 0)
		return (EBADF);
	else
		error = request_need(w->w_rq, NEED_FD,
		    request_int(w->w_rq, w->w_slot), &g);
	if (error != 0)
		return (error);
	if (g.g_fd == -1)
		return (EBADF);
	base_set(w, g.g_fd, 1);
	return (0);
}

/* A descriptor that a path begins at may be of anything. */
static int
base_check(const struct walk *w)
{
	struct stat	 st;

	if (w->w_slot == CALL_FD_CWD || w->w_links > 0)
		return (0);
	if (fstat(w->w_base, &st) == -1)
		return (errno);
	return (S_ISDIR(st.st_mode) ? 0 : ENOTDIR);
}

/* AT_EMPTY_PATH: the object is the base. */
static int
walk_empty(struct walk *w, int allowed)
{
	int	 error;

	if (!allowed)
		return (ENOENT);
	if ((error = walk_base(w)) != 0)
		return (error);
	w->w_fd = w->w_base;
	w->w_given = 1;
	if (w->w_baseown) {
		w->w_baseown = 0;
		w->w_base = -1;
	} else if ((w->w_fd = fcntl(w->w_base, F_DUPFD_CLOEXEC, 0)) == -1)
		return (errno);
	w->w_proven = 1;
	w->w_len = fd_name(w->w_fd, w->w_name, sizeof(w->w_name));
	return (0);
}

/* Is there a .. component in the first len bytes? */
static int
path_goesup(const char *path, size_t len)
{
	size_t	 i, n;

	for (i = 0; i < len; i += n + 1) {
		n = strcspn(path + i, "/");
		if (n == 2 && path[i] == '.' && path[i + 1] == '.')
			return (1);
	}
	return (0);
}

/* No //, no . or .. as a component, no trailing slash. */
static int
path_plain(const char *path, size_t len)
{
	size_t	 i, start = path[0] == '/';

	if (len == start)
		return (0);
	for (i = start; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (i == start || (i - start == 1 && path[start] == '.') ||
		    (i - start == 2 && path[start] == '.' &&
		    path[start + 1] == '.'))
			return (0);
		start = i + 1;
	}
	return (1);
}

/* What needs more than the string: procfs, the controlling terminal. */
static int
name_special(const char *name)
{
	if (name[0] != '/')
		return (0);
	if (strncmp(name, "/proc", 5) == 0 &&
	    (name[5] == '/' || name[5] == '\0'))
		return (1);
	return (strcmp(name, "/dev/tty") == 0 ||
	    strncmp(name, "/dev/pts/", 9) == 0);
}

/*
 * Take up w_path, which is relative to w_base (if that is not known yet, to
 * what the call says).
 */
static int
walk_string(struct walk *w)
{
	int	 error;
	size_t	 skip;

	w->w_proven = w->w_dots = w->w_slash = 0;
	if (w->w_path[0] == '/' && (w->w_resolve & RESOLVE_IN_ROOT)) {
		skip = strspn(w->w_path, "/");
		if (skip == w->w_pathlen)
			w->w_path[--skip] = '.';
		w->w_pathlen -= skip;
		memmove(w->w_path, w->w_path + skip, w->w_pathlen + 1);
	}
	if (w->w_path[0] != '/') {
		if ((error = walk_base(w)) != 0)
			return (error);
	} else {
		if (w->w_resolve & RESOLVE_BENEATH)
			return (EXDEV);
		base_set(w, worker.wk_root, 0);
	}
	if (!path_plain(w->w_path, w->w_pathlen) ||
	    (w->w_flags & WALK_PARENT) || hint_symlink(w->w_path))
		return (walk_settle(w));
	w->w_len = 0;
	if (w->w_path[0] == '/') {
		if (w->w_pathlen >= sizeof(w->w_name))
			return (ENAMETOOLONG);
		memcpy(w->w_name, w->w_path, w->w_pathlen + 1);
		w->w_len = w->w_pathlen;
	} else {
		w->w_len = fd_name(w->w_base, w->w_name, PATH_MAX);
		if (w->w_len == 0)
			return (walk_settle(w));
		if ((error = join(w, w->w_path, w->w_pathlen)) != 0)
			return (error);
	}
	if (name_special(w->w_name) ||
	    !policy_found(w->w_rq, w->w_name, w->w_len))
		return (walk_settle(w));
	dir_set(w, w->w_base, 0);
	w->w_last = w->w_path;
	w->w_lastlen = w->w_pathlen;
	/* one component of a directory whose name was read back */
	if (strchr(w->w_path, '/') == NULL)
		w->w_proven = 1;
	return (0);
}

/* ---- settling ---- */

/*
 * Where the last component of w_path begins.  1: it is one; 0: the path is
 * all slashes, or ends in . or .. and the object is wanted.
 */
static int
walk_split(const struct walk *w, size_t *start)
{
	const char	*p = w->w_path;
	size_t		 end = w->w_pathlen, i;

	while (end > 0 && p[end - 1] == '/')
		end--;
	for (i = end; i > 0 && p[i - 1] != '/'; i--)
		continue;
	*start = i;
	if (end == 0)
		return (0);
	if (p[i] == '.' && (end - i == 1 || (end - i == 2 && p[i + 1] == '.')))
		return ((w->w_flags & WALK_PARENT) != 0);
	return (1);
}

/* Set w_last from offset start of w_path. */
static int
walk_last(struct walk *w, size_t start)
{
	w->w_last = w->w_path + start;
	w->w_lastlen = strcspn(w->w_last, "/");
	w->w_slash = w->w_last[w->w_lastlen] == '/';
	w->w_dots = strncmp(w->w_last, ".", w->w_lastlen) == 0 ||
	    strncmp(w->w_last, "..", w->w_lastlen) == 0;
	return (join(w, w->w_last, w->w_lastlen));
}

/* Read back the name of a directory. */
static void
walk_name(struct walk *w, int dir)
{
	if (dir == worker.wk_root) {
		memcpy(w->w_name, "/", 2);
		w->w_len = 1;
	} else
		w->w_len = fd_name(dir, w->w_name, PATH_MAX);
}

/*
 * The directory is dir (own: ours), its name in w_name, the last component the
 * len bytes at last, slashes included; len 0: the object is the directory.
 */
static int
walk_place(struct walk *w, int dir, int own, const char *last, size_t len)
{
	int	 error;

	dir_set(w, dir, own);
	w->w_proven = 1;
	if (len == 0) {
		w->w_dots = 1;
		/* mkdirat(dir, "/") fails as mkdir("/") does */
		memcpy(w->w_path, "/", 2);
		w->w_last = w->w_path;
		w->w_lastlen = 1;
		return (w->w_flags & WALK_PARENT ? 0 : walk_self(w));
	}
	if (len > strcspn(last, "/") + 1)
		len = strcspn(last, "/") + 1;	/* slashes are as good as one */
	memmove(w->w_path, last, len);
	w->w_path[len] = '\0';
	if ((error = walk_last(w, 0)) == 0 && w->w_len == 0 && !w->w_dots &&
	    dir_removed(w->w_dir))
		error = ENOENT;
	return (error);
}

/* The directory is the object: "." in it would ask for search permission. */
static int
walk_self(struct walk *w)
{
	if (w->w_dirown) {
		w->w_fd = w->w_dir;
		w->w_dirown = 0;
	} else
		w->w_fd = fcntl(w->w_dir, F_DUPFD_CLOEXEC, 0);
	return (w->w_fd == -1 ? errno : 0);
}

/*
 * The first len bytes of w_path, where walking is held: the kernel may only
 * go straight, and what turns is gone component by component.  So is what
 * would be hidden: up to there, so that nothing is asked about the rest, and
 * the time that takes does not tell whether it is there.
 */
static int
walk_straight(struct walk *w, size_t len)
{
	size_t	 skip = w->w_path[0] == '/';

	while (len > 1 && w->w_path[len - 1] == '/')
		len--;
	walk_name(w, skip ? worker.wk_root : w->w_base);
	if (!path_plain(w->w_path, len) ||
	    join(w, w->w_path + skip, len - skip) != 0 ||
	    !policy_found(w->w_rq, w->w_name, w->w_len)) {
		errno = EAGAIN;
		return (-1);
	}
	return (dir_open(w->w_base, w->w_path,
	    w->w_resolve | RESOLVE_NO_SYMLINKS));
}

int
walk_settle(struct walk *w)
{
	size_t	 start;
	char	 saved;
	int	 named, dir, own = 1, error;

	if (w->w_proven)
		return (0);
	named = walk_split(w, &start);
	if (!named)
		start = w->w_pathlen;
	if (start == 0 && (error = base_check(w)) != 0)
		return (error);
	/* whether the kernel knows its root depends on each .. in each link */
	if ((w->w_resolve & RESOLVE_NO_XDEV) && start > 0)
		return (walk_whole(w));
	saved = w->w_path[start];
	w->w_path[start] = '\0';
	if (start == 0) {
		dir = w->w_base;
		own = 0;
	} else if (strspn(w->w_path, "/") == start) {
		dir = worker.wk_root;
		own = 0;
	} else if (worker.wk_denied & R_WALK)
		dir = walk_straight(w, start);
	else
		dir = dir_open(w->w_base, w->w_path, w->w_resolve);
	error = errno;
	w->w_path[start] = saved;
	if (dir == -1) {
		w->w_len = 0;
		if ((error == EXDEV && (w->w_resolve & RESOLVE_SCOPED) == 0) ||
		    (error == ELOOP && (w->w_resolve & RESOLVE_NO_SYMLINKS)))
			return (error);
		return (walk_whole(w));
	}
	/* A name of ours: what was meant is the caller's. */
	walk_name(w, dir);
	if (w->w_path[0] == '/' && start > 0)
		hint_learn(w);
	if (w->w_len > 0 && proc_ours(w->w_name)) {
		if (own)
			close(dir);
		return (walk_whole(w));
	}
	return (walk_place(w, dir, own, w->w_path + start,
	    named ? w->w_pathlen - start : 0));
}

/* A step failed on this component of w_dir: name it for walk_error(). */
static int
walk_failed(struct walk *w, const char *comp, size_t len, int error)
{
	w->w_proven = w->w_failed = 1;
	walk_name(w, w->w_dir);
	if (join(w, comp, len) != 0)
		w->w_len = 0;
	return (error);
}

/* Are these the same directory, in the same mount? */
static int
fd_same(int a, int b)
{
	struct statx	 x, y;

	return (statx(a, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID,
	    &x) == 0 &&
	    statx(b, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &y) == 0 &&
	    x.stx_ino == y.stx_ino && x.stx_mnt_id == y.stx_mnt_id &&
	    x.stx_dev_major == y.stx_dev_major &&
	    x.stx_dev_minor == y.stx_dev_minor);
}

/*
 * A directory can be moved out of a scope while we are in it:
 * path_is_under(), fs/namei.c complete_walk().
 */
static int
walk_inside(struct walk *w)
{
	static char	 scope[PATH_MAX];
	size_t		 len;

	if ((w->w_resolve & RESOLVE_SCOPED) == 0 || w->w_dir == w->w_base)
		return (1);
	len = fd_name(w->w_base, scope, sizeof(scope));
	walk_name(w, w->w_dir);
	return (len > 0 && w->w_len > 0 &&
	    path_under(w->w_name, w->w_len, scope, len));
}

/* The directory that a path with a slash in front begins at. */
static int
walk_root(const struct walk *w)
{
	return (w->w_resolve & RESOLVE_IN_ROOT ? w->w_base : worker.wk_root);
}

/* All of w_path, step by step. */
static int
walk_whole(struct walk *w)
{
	int	 error;

	if (w->w_path[0] != '/' && (error = base_check(w)) != 0)
		return (error);
	dir_set(w, w->w_path[0] == '/' ? walk_root(w) : w->w_base, 0);
	return (walk_steps(w, w->w_path, w->w_pathlen));
}

/*
 * One component of the len bytes at path after the other.  w_dir is where we
 * are; what is left of the path is in a buffer of its own, which grows as
 * symlinks are put in.
 */
static int
walk_steps(struct walk *w, const char *path, size_t len)
{
	static char	 rest[REST_SIZE];
	size_t		 pos = 0, end, last;
	int		 error, dots;

	memcpy(rest, path, len);
	rest[len] = '\0';
	for (;;) {
		pos += strspn(rest + pos, "/");
		if (rest[pos] == '\0') {
			if (!walk_inside(w))
				return (EXDEV);
			walk_name(w, w->w_dir);
			return (walk_place(w, w->w_dir, w->w_dirown, "", 0));
		}
		len = strcspn(rest + pos, "/");
		end = pos + len;
		last = rest[end + strspn(rest + end, "/")] == '\0';
		dots = rest[pos] == '.' && (len == 1 ||
		    (len == 2 && rest[pos + 1] == '.'));
		if (last && (!dots || (w->w_flags & WALK_PARENT))) {
			if (!walk_inside(w))
				return (EXDEV);
			walk_name(w, w->w_dir);
			return (walk_place(w, w->w_dir, w->w_dirown,
			    rest + pos, strlen(rest + pos)));
		}
		if ((error = walk_step(w, rest, &pos, len)) != 0)
			return (error);
	}
}

/*
 * May this component of w_dir be passed, whether it is there or not?  2: only
 * if it is a directory, which is masked and so empty.
 */
static int
walk_may(struct walk *w, const char *comp, size_t len)
{
	if ((worker.wk_denied & R_WALK) == 0)
		return (1);
	walk_name(w, w->w_dir);
	if (w->w_len == 0)
		return (1);
	if (join(w, comp, len) != 0)
		return (0);
	if (policy_masked(w->w_rq, w->w_name, w->w_len))
		return (2);
	/* as a directory on the way to something */
	return (join(w, "x", 1) == 0 &&
	    policy_found(w->w_rq, w->w_name, w->w_len));
}

/* Into the component of len bytes at *pos, which is not the last. */
static int
walk_step(struct walk *w, char *rest, size_t *pos, size_t len)
{
	char	 comp[PATH_MAX];	/* file systems say what is too long */
	int	 fd, dots, up, atroot, error, may = 1;

	if (len >= sizeof(comp))
		return (walk_failed(w, "", 0, ENAMETOOLONG));
	memcpy(comp, rest + *pos, len);
	comp[len] = '\0';
	up = strcmp(comp, "..") == 0;
	dots = up || strcmp(comp, ".") == 0;
	atroot = up && (w->w_resolve & RESOLVE_SCOPED) &&
	    fd_same(w->w_dir, w->w_base);
	if (atroot)			/* as good as . for who may search it */
		comp[1] = '\0';
	else if (up)
		w->w_rooted = 1;
	if (!dots && (may = walk_may(w, comp, len)) == 0) {
		/* for the log, where it was going */
		if (path_plain(rest + *pos, strlen(rest + *pos)))
			len = strlen(rest + *pos);
		return (walk_failed(w, rest + *pos, len, ENOENT));
	}
	fd = path_open(w->w_dir, comp, O_PATH | (dots || may == 2 ?
	    O_DIRECTORY : 0) | (dots ? 0 : O_NOFOLLOW), 0,
	    w->w_resolve & RESOLVE_NO_XDEV);
	if (fd == -1)
		return (walk_failed(w, comp, strlen(comp), errno));
	if (atroot && (w->w_resolve & RESOLVE_BENEATH)) {
		close(fd);
		return (walk_failed(w, comp, strlen(comp), EXDEV));
	}
	*pos += len;
	if ((error = walk_enter(w, rest, pos, comp, fd)) == 0 && up &&
	    !walk_inside(w))
		error = EAGAIN;
	return (error);
}

/* Make fd, found as comp, the directory; a symlink goes into rest. */
static int
walk_enter(struct walk *w, char *rest, size_t *pos, const char *comp, int fd)
{
	static char	 text[PATH_MAX];
	struct stat	 st;
	enum proc_link	 how = LINK_EXE;
	size_t		 len, left;
	int		 error = 0, jump = -1;

	if (fstat(fd, &st) == -1)
		error = errno;
	else if (S_ISDIR(st.st_mode)) {
		dir_set(w, fd, 1);
		return (0);
	} else if (!S_ISLNK(st.st_mode))
		error = ENOTDIR;
	if (error == 0)
		error = walk_link(w, comp, w->w_dir, fd, text, sizeof(text),
		    &how, &jump);
	close(fd);
	if (error != 0)
		return (walk_failed(w, comp, strlen(comp), error));
	if (how == LINK_EXE)
		return (walk_failed(w, comp, strlen(comp), ENOTDIR));
	if (how == LINK_FD) {
		if (fstat(jump, &st) == -1 || !S_ISDIR(st.st_mode)) {
			close(jump);
			return (walk_failed(w, comp, strlen(comp), ENOTDIR));
		}
		dir_set(w, jump, 1);
		return (0);
	}
	if (text[0] == '/' && (error = walk_fromroot(w)) != 0)
		return (walk_failed(w, comp, strlen(comp), error));
	len = strlen(text);
	left = strlen(rest + *pos);
	if (len + left >= REST_SIZE)
		return (walk_failed(w, comp, strlen(comp), ENAMETOOLONG));
	memmove(rest + len, rest + *pos, left + 1);
	memcpy(rest, text, len);
	*pos = 0;
	if (text[0] == '/')
		dir_set(w, walk_root(w), 0);
	return (0);
}

/* ---- symlinks ---- */

/*
 * Where the symlink fd, last component comp of directory dir, leads.  Magic
 * links are the caller's.
 */
static int
walk_link(struct walk *w, const char *comp, int dir, int fd, char *text,
    size_t size, enum proc_link *how, int *jump)
{
	static char	 name[PATH_MAX];
	struct statfs	 sf;
	ssize_t		 n;
	int		 error;

	if (w->w_resolve & RESOLVE_NO_SYMLINKS)
		return (ELOOP);
	if (w->w_links++ >= LINKS_MAX)
		return (ELOOP);
	if (fstatfs(fd, &sf) == -1)
		return (errno);
	*how = LINK_TEXT;
	if (sf.f_type == PROC_SUPER_MAGIC) {
		if (fd_name(dir, name, sizeof(name)) == 0)
			return (EACCES);
		error = proc_readlink(w->w_rq, name, comp, how, text, size,
		    jump);
		if (error != 0)
			return (error);
	}
	switch (*how) {
	case LINK_FD:
	case LINK_EXE:
		error = w->w_resolve & RESOLVE_NO_MAGICLINKS ? ELOOP :
		    w->w_resolve & (RESOLVE_SCOPED | RESOLVE_NO_XDEV) ?
		    EXDEV : 0;
		if (error != 0 && *how == LINK_FD)
			close(*jump);
		return (error);
	case LINK_SELF:
		return (0);
	case LINK_NONE:
		return (EACCES);
	case LINK_TEXT:
		break;
	}
	if ((n = readlinkat(fd, "", text, size)) == -1)
		return (errno);
	if ((size_t)n >= size)
		return (ENAMETOOLONG);
	text[n] = '\0';
	return (n == 0 ? ENOENT : 0);
}

/*
 * fs.protected_symlinks: may_follow_link(), fs/namei.c, which the kernel asks
 * for the last component only.
 */
static int
link_permitted(int dir, const struct stat *link)
{
	struct stat	 st;

	if (!worker.wk_sticky || link->st_uid == worker.wk_uid)
		return (0);
	if (fstat(dir, &st) == -1)
		return (errno);
	if ((st.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) ||
	    st.st_uid == link->st_uid)
		return (0);
	return (EACCES);
}

/* The last component is a symlink: go where it points. */
static int
walk_follow(struct walk *w)
{
	static char	 text[PATH_MAX + 1];
	char		 comp[PATH_MAX];
	struct stat	 st;
	enum proc_link	 how = LINK_TEXT;
	int		 fd, error, own, jump = -1;
	size_t		 len;

	if (w->w_lastlen >= sizeof(comp))
		return (ENAMETOOLONG);
	/* where it leads is for who may find it */
	if (!policy_found(w->w_rq, w->w_name, w->w_len))
		return (ENOENT);
	memcpy(comp, w->w_last, w->w_lastlen);
	comp[w->w_lastlen] = '\0';
	fd = path_open(w->w_dir, comp, O_PATH | O_NOFOLLOW, 0, 0);
	if (fd == -1)
		return (errno);
	/* what is masked leads nowhere */
	if (policy_masked(w->w_rq, w->w_name, w->w_len)) {
		w->w_fd = fd;
		return (0);
	}
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISLNK(st.st_mode)) {
		/* replaced meanwhile: look again, but not for ever */
		close(fd);
		return (w->w_links++ >= LINKS_MAX ? ELOOP : 0);
	} else if ((error = link_permitted(w->w_dir, &st)) == 0)
		error = walk_link(w, comp, w->w_dir, fd, text, PATH_MAX, &how,
		    &jump);
	close(fd);
	if (error != 0)
		return (error);
	if (how == LINK_FD)
		return (walk_jump(w, jump));
	if (how == LINK_EXE) {
		if (w->w_slash)
			return (ENOTDIR);
		w->w_exe = 1;
		return (0);
	}
	len = strlen(text);
	if (w->w_slash)
		text[len++] = '/';
	text[len] = '\0';
	if (w->w_links == LINKS_CHECK && walk_loops(w))
		return (ELOOP);
	if (text[0] == '/' && (error = walk_fromroot(w)) != 0)
		return (error);
	if (w->w_resolve & RESOLVE_SCOPED) {
		if (text[0] == '/')
			dir_set(w, walk_root(w), 0);
		return (walk_steps(w, text, len));
	}
	if (text[0] != '/') {
		/* the directory passes to the base */
		own = w->w_dirown;
		w->w_dirown = 0;
		base_set(w, w->w_dir, own);
	}
	memcpy(w->w_path, text, len + 1);
	w->w_pathlen = len;
	return (walk_string(w));
}

/*
 * An absolute symlink: nd_jump_root(), fs/namei.c, which without a scope does
 * not know its root where the path was relative and did not go up.
 */
static int
walk_fromroot(const struct walk *w)
{
	struct statx	 a, b;

	if (w->w_resolve & RESOLVE_BENEATH)
		return (EXDEV);
	if ((w->w_resolve & RESOLVE_NO_XDEV) == 0)
		return (0);
	return ((w->w_rooted || (w->w_resolve & RESOLVE_IN_ROOT)) &&
	    statx(w->w_dir, "", AT_EMPTY_PATH, STATX_MNT_ID, &a) == 0 &&
	    statx(walk_root(w), "", AT_EMPTY_PATH, STATX_MNT_ID, &b) == 0 &&
	    a.stx_mnt_id == b.stx_mnt_id ? 0 : EXDEV);
}

/*
 * Symlinks that the kernel followed in directories count too.  Where there
 * are many at the end, let it count them all.
 */
static int
walk_loops(const struct walk *w)
{
	static char		 path[PATH_MAX];
	const struct cap	*cap;
	int			 fd, base = worker.wk_root;

	if (w->w_arg == -1 || (cap = request_cap(w->w_rq, w->w_arg)) == NULL ||
	    cap->p_len >= sizeof(path))
		return (0);
	memcpy(path, cap->p_bytes, cap->p_len);
	path[cap->p_len] = '\0';
	if (w->w_resolve & RESOLVE_SCOPED)
		base = w->w_base;
	else if (path[0] != '/' &&
	    request_fd(w->w_rq, w->w_slot, &base) != 0)
		return (0);
	fd = path_open(base, path, O_PATH | (w->w_flags & WALK_FOLLOW ? 0 :
	    O_NOFOLLOW), 0, w->w_resolve & ~(uint64_t)RESOLVE_CACHED);
	if (fd != -1)
		close(fd);
	return (fd == -1 && errno == ELOOP);
}

/* A magic link led to this descriptor of the caller's. */
static int
walk_jump(struct walk *w, int fd)
{
	struct stat	 st;

	w->w_fd = fd;
	w->w_given = 1;
	w->w_proven = 1;
	w->w_len = fd_name(fd, w->w_name, sizeof(w->w_name));
	if (w->w_slash && (fstat(fd, &st) == -1 || !S_ISDIR(st.st_mode)))
		return (ENOTDIR);
	return (0);
}

/* ---- for the handlers ---- */

int
walk_open(const struct walk *w, uint64_t flags, mode_t mode)
{
	uint64_t	 resolve = w->w_resolve & ~(uint64_t)RESOLVE_CACHED;

	/* scopes hold for the whole path, which is behind us */
	if (w->w_proven)
		resolve &= ~(uint64_t)RESOLVE_SCOPED;
	return (path_open(w->w_dir, w->w_last, flags, mode,
	    resolve | RESOLVE_PLAIN));
}

/*
 * May the child move a directory on the way to this name?  Only below, or at,
 * what some rule lets it rename.
 */
static int
name_movable(const char *name, size_t len)
{
	const struct ruleset	*rs = &worker.wk_rules;
	const struct rule	*r;
	size_t			 i, n;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if (r->r_action != RULE_ALLOW ||
		    (r->r_rights & R_RENAME) == 0)
			continue;
		n = r->r_match == MATCH_GLOB ? glob_prefix(r->r_path) :
		    r->r_len;
		if (n <= len && memcmp(name, r->r_path, n) == 0)
			return (1);
	}
	return (0);
}

int
walk_movable(const struct walk *w)
{
	return (w->w_len > 0 && name_movable(w->w_name, w->w_len));
}

int
walk_found(struct walk *w, int fd)
{
	static char	 name[NAME_SIZE];
	size_t		 len;

	if (!walk_movable(w))
		return (0);
	errno = 0;
	len = fd_name(fd, name, sizeof(name));
	if (len == 0 && errno != ENAMETOOLONG)
		return (-1);
	if (len == w->w_len && memcmp(name, w->w_name, len) == 0)
		return (0);
	memcpy(w->w_name, name, len + 1);
	w->w_len = len;
	return (1);
}

int
walk_onward(struct walk *w)
{
	if (w->w_resolve & RESOLVE_NO_SYMLINKS)
		return (ELOOP);
	if (!w->w_proven)
		return (walk_settle(w));
	return (walk_follow(w));
}

int
walk_object(struct walk *w)
{
	uint64_t	 flags = O_PATH;
	int		 fd, error;

	if (!(w->w_flags & WALK_FOLLOW))
		flags |= O_NOFOLLOW;
	while (w->w_fd == -1 && !w->w_exe) {
		/* nothing is asked about what is hidden */
		if (w->w_proven && !policy_found(w->w_rq, w->w_name, w->w_len))
			return (ENOENT);
		if ((fd = walk_open(w, flags, 0)) != -1) {
			if (walk_found(w, fd) != -1) {
				w->w_fd = fd;
				break;
			}
			close(fd);
			if (w->w_links++ >= LINKS_MAX)
				return (ENOENT);
			continue;
		}
		if (errno != ELOOP)
			return (errno);
		if ((error = walk_onward(w)) != 0)
			return (error);
	}
	/* as if it were not there: walk_error() gives the reason */
	if (!w->w_given && !w->w_exe &&
	    !policy_found(w->w_rq, w->w_name, w->w_len))
		return (ENOENT);
	return (0);
}

void
walk_end(struct walk *w)
{
	if (w->w_fd != -1)
		close(w->w_fd);
	w->w_fd = -1;
	dir_set(w, -1, 0);
	base_set(w, -1, 0);
}

/*
 * A name that a rule denies altogether, in a directory of which the same is
 * true, may not be told from one that exists.
 */
int
walk_error(struct walk *w, int error, uint32_t want)
{
	size_t	 dir;
	int	 denied;

	/* what is hidden is so whatever the kernel said of it */
	if (w->w_len > 0 && !w->w_given &&
	    (worker.wk_denied & (R_WALK | R_HIDING)) != 0) {
		denied = policy_walk(w->w_rq, w->w_name, w->w_len, want);
		if (denied == 0 && w->w_failed &&
		    !policy_masked(w->w_rq, w->w_name, w->w_len))
			denied = policy_check(w->w_rq, w->w_name, w->w_len,
			    R_WALK);
		if (denied != 0)
			return (denied);
		if (policy_hidden(w->w_rq, w->w_name, w->w_len))
			return (policy_deny(w->w_rq, w->w_name, w->w_len,
			    want));
	}
	if (error != ENOENT && error != ENOTDIR && error != EISDIR &&
	    error != ELOOP && error != EEXIST && error != ENXIO)
		return (error);
	if (w->w_len == 0 || policy_visible(w->w_rq, w->w_name, w->w_len)) {
		if (error == ENOENT || error == ENOTDIR)
			learn_seen(w->w_rq, w->w_name, w->w_len, want,
			    ACCESS_ABSENT);
		return (error);
	}
	dir = name_parent(w->w_name, w->w_len);
	if (policy_visible(w->w_rq, w->w_name, dir))
		return (error);
	return (policy_deny(w->w_rq, w->w_name, w->w_len, want));
}
