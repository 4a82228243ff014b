/*
 * Does the time of a call tell what is hidden?  Each call on two names in turn,
 * one of which is there and the other not.
 *	hidden COUNT THERE ABSENT	"CALL NS NS" for each call: medians
 * Nothing is made, changed or removed: a policy has to hide both.
 */
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX	100000

static struct stat	 st;
static struct statfs	 sf;
static char		 buf[64];
static int		 instance;

static int call_stat(const char *p) { return (stat(p, &st)); }
static int call_access(const char *p) { return (access(p, F_OK)); }
static int call_open(const char *p) { return (open(p, O_RDONLY)); }
static int call_opath(const char *p) { return (open(p, O_PATH)); }
static int call_statfs(const char *p) { return (statfs(p, &sf)); }
static int call_unlink(const char *p) { return (unlink(p)); }
static int call_rmdir(const char *p) { return (rmdir(p)); }
static int call_mkdir(const char *p) { return (mkdir(p, 0700)); }
static int call_symlink(const char *p) { return (symlink("x", p)); }
static int call_chmod(const char *p) { return (chmod(p, 0600)); }
static int call_chdir(const char *p) { return (chdir(p)); }
static int call_truncate(const char *p) { return (truncate(p, 0)); }
static int call_link(const char *p) { return (link(p, "never-made")); }
static int call_rename(const char *p) { return (rename(p, "never-made")); }

static int
call_creat(const char *p)
{
	return (open(p, O_CREAT | O_WRONLY, 0600));
}

static int
call_readlink(const char *p)
{
	return ((int)readlink(p, buf, sizeof(buf)));
}

static int
call_getxattr(const char *p)
{
	return ((int)getxattr(p, "user.x", buf, sizeof(buf)));
}

static int
call_inotify(const char *p)
{
	return (inotify_add_watch(instance, p, IN_MODIFY));
}

static int
call_execve(const char *p)
{
	char	*none[] = { NULL };

	return (execve(p, none, none));
}

static const struct {
	const char	*name;
	int		(*call)(const char *);
} calls[] = {
	{ "stat",	call_stat },
	{ "access",	call_access },
	{ "open",	call_open },
	{ "open-path",	call_opath },
	{ "creat",	call_creat },
	{ "readlink",	call_readlink },
	{ "statfs",	call_statfs },
	{ "getxattr",	call_getxattr },
	{ "unlink",	call_unlink },
	{ "rmdir",	call_rmdir },
	{ "mkdir",	call_mkdir },
	{ "symlink",	call_symlink },
	{ "link",	call_link },
	{ "rename",	call_rename },
	{ "chmod",	call_chmod },
	{ "truncate",	call_truncate },
	{ "chdir",	call_chdir },
	{ "inotify",	call_inotify },
	{ "execve",	call_execve }
};

static long
now(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return (ts.tv_sec * 1000000000L + ts.tv_nsec);
}

static int
order(const void *a, const void *b)
{
	long	 x = *(const long *)a, y = *(const long *)b;

	return (x < y ? -1 : x > y);
}

int
main(int argc, char *argv[])
{
	static long	 took[2][COUNT_MAX];
	long		 begun, count;
	size_t		 i;
	int		 k, n;

	if (argc != 4 || (count = strtol(argv[1], NULL, 10)) < 1 ||
	    count > COUNT_MAX)
		errx(2, "usage: hidden count there absent");
	if ((instance = inotify_init()) == -1)
		err(1, "inotify");
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (n = 0; n < count; n++)
			for (k = 0; k < 2; k++) {
				begun = now();
				if (calls[i].call(argv[2 + k]) != -1)
					errx(1, "%s is not hidden from %s",
					    argv[2 + k], calls[i].name);
				took[k][n] = now() - begun;
			}
		for (k = 0; k < 2; k++)
			qsort(took[k], (size_t)count, sizeof(long), order);
		printf("%s %ld %ld\n", calls[i].name, took[0][count / 2],
		    took[1][count / 2]);
	}
	return (0);
}
