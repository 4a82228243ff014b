/*
 * Empties the per-run temporary directory when the child's tree is gone.  What
 * is in there the child made: symlinks, directories without permissions, a
 * tree as deep as it liked.
 *
 * Must never: follow a symlink, leave the tree, recurse, or hold more than a
 * few descriptors.  The way up is "..", checked against the directory that was
 * left on the way down.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "policy.h"

#define CLEAN_DEPTH	8192	/* levels; what is deeper is left */
#define CLEAN_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* struct linux_dirent64, getdents64(2) */
struct entry {
	uint64_t	 e_ino;
	int64_t		 e_off;
	uint16_t	 e_len;
	uint8_t		 e_type;
	char		 e_name[];
};

/* A directory on the way from the top to where we are. */
struct level {
	dev_t		 l_dev;
	ino_t		 l_ino;
	int64_t		 l_off;		/* where to go on reading */
	unsigned	 l_removed;	/* in this pass */
	unsigned	 l_failed;	/* in this pass */
	char		 l_name[NAME_MAX + 1];	/* the one we went into */
};
static struct level	 levels[CLEAN_DEPTH];

static int	 clean_open(int, const char *);
static int	 clean_enter(struct level *, int);
static int	 clean_pass(struct level *, int);
static void	 clean_remove(struct level *, int, const char *);
static int	 clean_up(const struct level *, int);

unsigned
clean_directory(const char *path)
{
	struct stat	 st;
	size_t		 depth = 0;
	unsigned	 failed;
	int		 fd, down, up;

	if ((fd = clean_open(AT_FDCWD, path)) == -1 || fstat(fd, &st) == -1 ||
	    st.st_uid != worker.wk_uid || clean_enter(&levels[0], fd) == -1) {
		log_warn("%s", path);
		if (fd != -1)
			close(fd);
		return (1);
	}
	for (;;) {
		down = clean_pass(&levels[depth], fd);
		if (down != -1) {
			if (depth + 1 < CLEAN_DEPTH &&
			    clean_enter(&levels[depth + 1], down) == 0) {
				close(fd);
				fd = down;
				depth++;
				continue;
			}
			close(down);
			levels[depth].l_failed++;
			continue;
		}
		failed = levels[depth].l_failed;
		if (depth == 0)
			break;
		if ((up = clean_up(&levels[depth - 1], fd)) == -1) {
			failed++;
			break;
		}
		close(fd);
		fd = up;
		depth--;
		/* what is left below counts here, with its directory */
		if (failed > 0)
			levels[depth].l_failed += failed;
		clean_remove(&levels[depth], fd, levels[depth].l_name);
	}
	close(fd);
	return (failed);
}

/* A directory without permissions gets them, if it is ours. */
static int
clean_open(int dir, const char *name)
{
	char	 num[FDNAME_SIZE];
	int	 fd, path;

	fd = openat(dir, name, CLEAN_FLAGS);
	if (fd != -1 || errno != EACCES)
		return (fd);
	path = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (path == -1)
		return (-1);
	if (syscall(SYS_fchmodat, worker.wk_fds, fd_text(path, num),
	    0700) == 0)
		fd = openat(dir, name, CLEAN_FLAGS);
	close(path);
	return (fd);
}

static int
clean_enter(struct level *l, int fd)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		return (-1);
	if ((st.st_mode & 0700) != 0700)
		(void)fchmod(fd, 0700);
	l->l_dev = st.st_dev;
	l->l_ino = st.st_ino;
	l->l_off = 0;
	l->l_removed = l->l_failed = 0;
	return (0);
}

/*
 * Go on removing.  A descriptor: a directory that is not empty, to go into;
 * -1: nothing more can be removed here.
 */
static int
clean_pass(struct level *l, int fd)
{
	static char	 buf[32768] __attribute__((__aligned__(8)));
	struct entry	*e;
	long		 n, i;
	int		 down;

	for (;;) {
		if (lseek(fd, l->l_off, SEEK_SET) == -1)
			return (-1);
		n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
		if (n <= 0) {
			if (n == -1 || l->l_removed == 0)
				return (-1);
			/* removing may have hidden some: once more */
			l->l_off = 0;
			l->l_removed = l->l_failed = 0;
			continue;
		}
		for (i = 0; i < n; i += e->e_len) {
			e = (struct entry *)(void *)(buf + i);
			l->l_off = e->e_off;
			if (strcmp(e->e_name, ".") == 0 ||
			    strcmp(e->e_name, "..") == 0)
				continue;
			if (unlinkat(fd, e->e_name, 0) == 0 ||
			    unlinkat(fd, e->e_name, AT_REMOVEDIR) == 0) {
				l->l_removed++;
				continue;
			}
			(void)strlcpy(l->l_name, e->e_name,
			    sizeof(l->l_name));
			if ((errno == ENOTEMPTY || errno == EEXIST) &&
			    (down = clean_open(fd, e->e_name)) != -1)
				return (down);
			l->l_failed++;
		}
	}
}

static void
clean_remove(struct level *l, int fd, const char *name)
{
	if (unlinkat(fd, name, AT_REMOVEDIR) == 0)
		l->l_removed++;
	else
		l->l_failed++;
}

/* The parent, if it is the directory we came from. */
static int
clean_up(const struct level *l, int fd)
{
	struct stat	 st;
	int		 up;

	if ((up = openat(fd, "..", CLEAN_FLAGS)) == -1)
		return (-1);
	if (fstat(up, &st) == -1 || st.st_dev != l->l_dev ||
	    st.st_ino != l->l_ino) {
		close(up);
		return (-1);
	}
	return (up);
}
