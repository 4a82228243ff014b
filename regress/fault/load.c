/*
 * Much of the same, inside the sandbox: `load opens FILE N', `load commands
 * PROGRAM N' or `load paths DIRECTORY N', which makes each of a list of calls
 * that name a file in turn.  Says how far it is twenty times, and waits each
 * time for a line on standard input, so that somebody can look.  For long.py.
 */
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKS	20

extern char	**environ;

static int
one_open(const char *file)
{
	char	 c;
	int	 fd, ok;

	if ((fd = open(file, O_RDONLY)) == -1)
		return (-1);
	ok = read(fd, &c, 1) == 1 ? 0 : -1;
	close(fd);
	return (ok);
}

static int
one_command(const char *program)
{
	char	 name[] = "true", *argv[] = { name, NULL };
	pid_t	 pid;
	int	 status;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		return (-1);
	return (status == 0 ? 0 : -1);
}

/* ---- one call after the other ---- */

static char		 buf[4096];
static struct stat	 st;
static struct statx	 stx;
static struct statfs	 sfs;
static int		 watches = -1;

static int
opened(const char *file, int flags)
{
	int	 fd = open(file, flags, 0600);

	if (fd == -1)
		return (-1);
	return (close(fd));
}

static int
listed(void)
{
	int	 fd = open("d", O_RDONLY | O_DIRECTORY);
	long	 n;

	if (fd == -1)
		return (-1);
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		continue;
	close(fd);
	return ((int)n);
}

static int
at(void)
{
	int	 rv, fd = open("d", O_PATH | O_DIRECTORY);

	if (fd == -1)
		return (-1);
	rv = fstatat(fd, "../d/f", &st, 0);
	close(fd);
	return (rv);
}

static int
unnamed(void)
{
	char	 name[32];
	int	 rv, fd = open("d", O_TMPFILE | O_WRONLY, 0600);

	if (fd == -1)
		return (-1);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	rv = linkat(AT_FDCWD, name, AT_FDCWD, "d/t", AT_SYMLINK_FOLLOW);
	close(fd);
	return (rv);
}

static int
watched(void)
{
	int	 wd = inotify_add_watch(watches, "d", IN_CREATE);

	return (wd == -1 ? -1 : inotify_rm_watch(watches, wd));
}

/* Each with its error; after the last all is as before the first. */
#define CALLS								\
	CALL(mkdir("d", 0700), 0)					\
	CALL(mkdir("d", 0700), EEXIST)					\
	CALL(opened("d/f", O_CREAT | O_EXCL | O_WRONLY), 0)		\
	CALL(opened("d/f", O_CREAT | O_EXCL | O_WRONLY), EEXIST)	\
	CALL(opened("d/f", O_RDONLY), 0)				\
	CALL(opened("d/f/", O_RDONLY), ENOTDIR)				\
	CALL(opened("d/none", O_RDONLY), ENOENT)			\
	CALL(opened("x.secret", O_RDONLY), EACCES)			\
	CALL(opened("x.hidden", O_RDONLY), ENOENT)			\
	CALL(stat("d/f", &st), 0)					\
	CALL(stat("x.hidden", &st), ENOENT)				\
	CALL(lstat("d/../d/f", &st), 0)					\
	CALL(statx(AT_FDCWD, "d/f", 0, STATX_ALL, &stx), 0)		\
	CALL(access("d/f", R_OK), 0)					\
	CALL(at(), 0)							\
	CALL(link("d/f", "d/l"), 0)					\
	CALL(symlink("f", "d/s"), 0)					\
	CALL(readlink("d/s", buf, sizeof(buf)) == 1 ? 0 : -1, 0)	\
	CALL(opened("d/s", O_WRONLY | O_TRUNC), 0)			\
	CALL(rename("d/l", "d/m"), 0)					\
	CALL(renameat2(AT_FDCWD, "d/m", AT_FDCWD, "d/s", RENAME_EXCHANGE), 0) \
	CALL(chmod("d/f", 0640), 0)					\
	CALL(utimensat(AT_FDCWD, "d/f", NULL, 0), 0)			\
	CALL(truncate("d/f", 10), 0)					\
	CALL(getxattr("d/f", "user.none", buf, sizeof(buf)), ENODATA)	\
	CALL(listxattr("d/f", buf, sizeof(buf)) == -1 ? -1 : 0, 0)	\
	CALL(mkfifo("d/p", 0600), 0)					\
	CALL(listed(), 0)						\
	CALL(chdir("d"), 0)						\
	CALL(chdir(".."), 0)						\
	CALL(statfs("d", &sfs), 0)					\
	CALL(watched(), 0)						\
	CALL(unnamed(), 0)						\
	CALL(unlink("d"), EISDIR)					\
	CALL(rmdir("d"), ENOTEMPTY)					\
	CALL(unlink("d/t"), 0)						\
	CALL(unlink("d/p"), 0)						\
	CALL(unlink("d/m"), 0)						\
	CALL(unlink("d/s"), 0)						\
	CALL(unlink("d/f"), 0)						\
	CALL(unlink("d/f"), ENOENT)					\
	CALL(rmdir("d"), 0)

static int
one_path(const char *directory)
{
	static unsigned	 next;
	unsigned	 nr = 0;
	int		 rv = 0, want = 0;

	if (watches == -1 && ((watches = inotify_init1(IN_CLOEXEC)) == -1 ||
	    chdir(directory) == -1))
		return (-1);
	errno = 0;
#define CALL(call, error)						\
	if (nr++ == next) {						\
		rv = (int)(call);					\
		want = (error);						\
	}
	CALLS
#undef CALL
	if ((rv == -1 ? errno : 0) != want) {
		printf("# call %u: %s, expected %s\n", next,
		    rv == -1 ? strerror(errno) : "done", strerror(want));
		return (-1);
	}
	next = (next + 1) % nr;
	return (0);
}

/* ---- all of them ---- */

static const struct {
	const char	*name;
	int		(*one)(const char *);
} kinds[] = {
	{ "opens",	one_open },
	{ "commands",	one_command },
	{ "paths",	one_path },
};

int
main(int argc, char **argv)
{
	char	 line[16];
	long	 i, n;
	size_t	 k;
	int	 mark;

	if (argc != 4)
		return (2);
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (strcmp(argv[1], kinds[k].name) == 0)
			break;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		return (2);
	n = atol(argv[3]);
	for (mark = 1, i = 0; mark <= MARKS; mark++) {
		for (; i < n / MARKS * mark; i++)
			if (kinds[k].one(argv[2]) == -1) {
				printf("failed %ld\n", i);
				return (1);
			}
		printf("%ld\n", i);
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL)
			return (1);
	}
	return (0);
}
