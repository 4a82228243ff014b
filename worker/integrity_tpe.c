/*
 * Trusted paths: a file that is mapped, and each directory on the way to it
 * from / down, belong to trusted users, and nobody else can write them.  What
 * is judged is what fstat(2) says of descriptors at this moment: the file's,
 * and those of directories that the receiver opened.
 *
 * From / down: nobody untrusted can exchange what a trusted directory has
 * under a name, so each step holds because those above do, whatever happens
 * meanwhile.  A directory is kept open, and asked for again when its parent
 * has changed since, or is not the one it was found in.
 *
 * Must never: open, or take a kept directory for one that it may not be.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "integrity.h"

#define DIRS		64	/* kept open */
#define DIR_NAME	512	/* bytes of one's name; longer are not kept */
#define RACY_SEC	2	/* as for digests: a change could go unseen */
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC	0x58465342
#endif

/* A directory that was found trusted, by its name. */
struct dir {
	int		 d_fd;
	size_t		 d_len;
	char		 d_name[DIR_NAME];
	uint64_t	 d_mount;
	struct stat	 d_parent;	/* when it was found there */
};

static int	 way_file(const struct verifyset *, const struct tpe *,
		    const struct verification *, struct target *,
		    struct image_fault *);
static int	 way_directories(const struct verifyset *, const struct tpe *,
		    const struct verification *, struct target *,
		    struct image_fault *);
static int	 way_ask(struct path *);
static int	 way_answer(const struct verifyset *, const struct tpe *,
		    const struct verification *, struct target *,
		    struct image_fault *);
static size_t	 way_advance(const struct target *);
static int	 way_enter(const struct verifyset *, const struct tpe *,
		    const struct verification *, struct target *, int,
		    uint64_t, struct image_fault *);
static int	 way_bad(const struct verifyset *, const struct tpe *,
		    const struct verification *, struct target *,
		    const struct stat *, enum tpe_what, struct image_fault *);
static int	 way_unknown(const struct verifyset *,
		    const struct verification *, struct target *, const char *,
		    struct image_fault *);
static struct dir *dir_find(const struct target *);
static int	 dir_good(const struct target *, const struct dir *);
static int	 dir_keep(const struct target *, int);
static int	 same_state(const struct stat *, const struct stat *);
static int	 state_holds(int, const struct stat *);

/*
 * Where a directory's times change whenever a name in it does: not FUSE, not
 * the network.
 */
static const long	 kept[] = {
	EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
	F2FS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC, SQUASHFS_MAGIC
};
#define NKEPT	(sizeof(kept) / sizeof(kept[0]))

static struct dir	 dirs[DIRS];
static size_t		 ndirs, dir_next;	/* next to be replaced */
static unsigned		 asked;

int
way_next(const struct verifyset *vs, const struct tpe *tp,
    struct verification *vn, struct target **tgp, struct image_fault *why)
{
	struct target	*tg;
	size_t		 i;
	int		 rv;

	for (i = 0; i < vn->vn_count; i++) {
		tg = *tgp = &vn->vn_targets[i];
		if (!tg->tg_trust)
			continue;
		memcpy(why->if_path, tg->tg_path, tg->tg_pathlen + 1);
		why->if_pathlen = tg->tg_pathlen;
		rv = 0;
		if (tg->tg_way.pa_len == 0)
			rv = way_file(vs, tp, vn, tg, why);
		if (rv == 0 && tg->tg_trust)
			rv = way_directories(vs, tp, vn, tg, why);
		if (rv != 0)
			return (rv);
		tg->tg_trust = 0;
	}
	return (0);
}

void
way_give(struct target *tg, int fd, uint64_t mount)
{
	tg->tg_way.pa_fd = fd;
	tg->tg_way.pa_mount = mount;
}

unsigned
way_asked(void)
{
	return (asked);
}

static int
way_file(const struct verifyset *vs, const struct tpe *tp,
    const struct verification *vn, struct target *tg, struct image_fault *why)
{
	struct stat	 st;

	if (syscall(SYS_fstat, tg->tg_fd, &st) == -1)
		return (way_unknown(vs, vn, tg, "mapped file cannot be "
		    "examined", why));
	tg->tg_way.pa_len = 1;
	tg->tg_way.pa_depth = 1;
	/* without a mount to compare there is nothing to rely on */
	tg->tg_way.pa_fresh = tg->tg_mount == 0;
	if (tpe_trusted(tp, &st, TPE_FILE))
		return (0);
	return (way_bad(vs, tp, vn, tg, &st, TPE_FILE, why));
}

/* As way_next(), for one target. */
static int
way_directories(const struct verifyset *vs, const struct tpe *tp,
    const struct verification *vn, struct target *tg, struct image_fault *why)
{
	struct path	*pa = &tg->tg_way;
	struct dir	*d;
	int		 rv;

	for (;;) {
		if (pa->pa_asked)
			rv = way_answer(vs, tp, vn, tg, why);
		else if (!pa->pa_fresh && (d = dir_find(tg)) != NULL &&
		    dir_good(tg, d)) {
			rv = way_enter(vs, tp, vn, tg, d->d_fd, d->d_mount,
			    why);
			pa->pa_self.sp_fd = d->d_fd;
		} else
			return (way_ask(pa));
		if (rv == -1 || !tg->tg_trust)
			return (rv);
		if ((pa->pa_len = way_advance(tg)) != 0) {
			if (++pa->pa_depth > TPE_DEPTH)
				return (way_unknown(vs, vn, tg, "too many "
				    "directories on its path", why));
			pa->pa_parent = pa->pa_self;
			continue;
		}
		if (pa->pa_fresh || pa->pa_self.sp_mount == tg->tg_mount)
			return (0);
		/* mounted since, over one of them or the file itself */
		pa->pa_len = pa->pa_depth = 1;
		pa->pa_fresh = 1;
	}
}

/* The answer may be kept if a later change above it would show. */
static int
way_ask(struct path *pa)
{
	const struct step	*up = &pa->pa_parent;

	pa->pa_asked = 1;
	pa->pa_settled = pa->pa_depth == 1 || (up->sp_fd != -1 ?
	    state_holds(up->sp_fd, &up->sp_st) : up->sp_holds);
	asked++;
	return (1);
}

static int
way_answer(const struct verifyset *vs, const struct tpe *tp,
    const struct verification *vn, struct target *tg, struct image_fault *why)
{
	struct path	*pa = &tg->tg_way;
	int		 rv;

	pa->pa_asked = 0;
	rv = way_enter(vs, tp, vn, tg, pa->pa_fd, pa->pa_mount, why);
	if (rv == 0 && tg->tg_trust && dir_keep(tg, pa->pa_fd)) {
		pa->pa_self.sp_fd = pa->pa_fd;
		return (0);
	}
	pa->pa_self.sp_fd = -1;
	pa->pa_self.sp_holds = rv == 0 && tg->tg_trust &&
	    state_holds(pa->pa_fd, &pa->pa_self.sp_st);
	if (pa->pa_fd != -1)
		close(pa->pa_fd);
	return (rv);
}

/* The length of the next directory's name; 0: that was the last. */
static size_t
way_advance(const struct target *tg)
{
	size_t		 at = tg->tg_way.pa_len == 1 ? 1 :
			    tg->tg_way.pa_len + 1;
	const char	*slash;

	slash = memchr(tg->tg_path + at, '/', tg->tg_pathlen - at);
	return (slash == NULL ? 0 : (size_t)(slash - tg->tg_path));
}

/* Is this directory trusted, and what is it, for what is below? */
static int
way_enter(const struct verifyset *vs, const struct tpe *tp,
    const struct verification *vn, struct target *tg, int fd, uint64_t mount,
    struct image_fault *why)
{
	struct path	*pa = &tg->tg_way;
	struct stat	 st;
	enum tpe_what	 what = way_advance(tg) == 0 ? TPE_DIR : TPE_WAY;

	if (syscall(SYS_fstat, fd, &st) == -1 || !S_ISDIR(st.st_mode))
		return (way_unknown(vs, vn, tg, "directory on its path cannot "
		    "be examined", why));
	if (!tpe_trusted(tp, &st, what))
		return (way_bad(vs, tp, vn, tg, &st, what, why));
	pa->pa_self.sp_st = st;
	pa->pa_self.sp_mount = mount;
	return (0);
}

/* -1, or, when that is only warned of, 0 and nothing more is asked of it. */
static int
way_bad(const struct verifyset *vs, const struct tpe *tp,
    const struct verification *vn, struct target *tg, const struct stat *st,
    enum tpe_what what, struct image_fault *why)
{
	char	 text[TPE_TEXT];

	tpe_explain(tp, st, what, tg->tg_path, tg->tg_way.pa_len, text,
	    sizeof(text));
	tpe_cure(tg->tg_path, tg->tg_pathlen, why->if_allow,
	    sizeof(why->if_allow));
	tg->tg_trust = 0;
	return (verify_class(vs, vn, EXEC_UNTRUSTED, text, why));
}

/* What cannot be found out is not trusted. */
static int
way_unknown(const struct verifyset *vs, const struct verification *vn,
    struct target *tg, const char *what, struct image_fault *why)
{
	char	 text[TPE_TEXT];

	(void)snprintf(text, sizeof(text), "not trusted: %s", what);
	tpe_cure(tg->tg_path, tg->tg_pathlen, why->if_allow,
	    sizeof(why->if_allow));
	tg->tg_trust = 0;
	return (verify_class(vs, vn, EXEC_UNTRUSTED, text, why));
}

/* ---- directories that stay open ---- */

static struct dir *
dir_find(const struct target *tg)
{
	struct dir	*d;

	for (d = dirs; d < dirs + ndirs; d++)
		if (d->d_len == tg->tg_way.pa_len &&
		    memcmp(d->d_name, tg->tg_path, d->d_len) == 0)
			return (d);
	return (NULL);
}

/* Is it still what is behind its name? */
static int
dir_good(const struct target *tg, const struct dir *d)
{
	return (tg->tg_way.pa_depth == 1 ||
	    same_state(&tg->tg_way.pa_parent.sp_st, &d->d_parent));
}

/* 1: the descriptor, of the directory at hand, is kept. */
static int
dir_keep(const struct target *tg, int fd)
{
	const struct path	*pa = &tg->tg_way;
	struct dir		*d;

	if (pa->pa_mount == 0 || pa->pa_len > DIR_NAME || !pa->pa_settled)
		return (0);
	if ((d = dir_find(tg)) != NULL)
		close(d->d_fd);
	else if (ndirs < DIRS)
		d = &dirs[ndirs++];
	else {
		d = &dirs[dir_next];
		dir_next = (dir_next + 1) % DIRS;
		close(d->d_fd);
	}
	d->d_fd = fd;
	d->d_mount = pa->pa_mount;
	d->d_len = pa->pa_len;
	memcpy(d->d_name, tg->tg_path, pa->pa_len);
	d->d_parent = pa->pa_parent.sp_st;
	return (1);
}

static int
same_state(const struct stat *a, const struct stat *b)
{
	return (a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec);
}

/* Will a later change of this directory show in its times? */
static int
state_holds(int fd, const struct stat *st)
{
	struct statfs	 fs;
	struct timespec	 now;
	size_t		 i;

	if (fstatfs(fd, &fs) == -1 ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1)
		return (0);
	for (i = 0; i < NKEPT; i++)
		if ((long)fs.f_type == kept[i])
			return (now.tv_sec - st->st_ctim.tv_sec > RACY_SEC);
	return (0);
}
