/*
 * Micro-benchmark: nanoseconds per call, as the program that makes the calls
 * sees them.  Prints "name ns" lines; run.sh runs it bare, behind the minimal
 * supervisor and inside the sandbox, and divides.  Works in the current
 * directory, which must be writable, by absolute paths.
 *
 * Each row is run in batches and the median batch is reported, so that one
 * interruption does not count.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCHES		11	/* odd: the median is one of them */
#define COUNT_DEFAULT	11000	/* calls of a row, in all batches */
#define COUNT_MAX	100000000
#define THREADS		8
#define DIR_ENTRIES	64	/* files in the directory of readdir */

static void	 call_open(long);
static void	 call_create(long);
static void	 call_getppid(long);
static void	 call_stat(long);
static void	 call_read(long);
static void	 call_rename(long);
static void	 call_mkdir(long);
static void	 call_readdir(long);
static void	 call_open8(long);

/* What can be measured; c_scale: cheap calls are made that much more often. */
static const struct row {
	const char	*c_name;
	void		(*c_run)(long);
	int		 c_scale;
} rows[] = {
	{ "open",	call_open,	1 },	/* open + close */
	{ "create",	call_create,	1 },	/* open-create, close, unlink */
	{ "getppid",	call_getppid,	50 },
	{ "stat",	call_stat,	10 },
	{ "read",	call_read,	50 },	/* 1 byte of /dev/zero */
	{ "rename",	call_rename,	1 },	/* one of a there-and-back pair */
	{ "mkdir",	call_mkdir,	1 },	/* mkdir + rmdir */
	{ "readdir",	call_readdir,	1 },	/* opendir to closedir */
	{ "open8",	call_open8,	1 },	/* by 8 threads: per open */
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static char	 base[PATH_MAX];	/* the scratch directory, absolute */
static char	 file[PATH_MAX + 16];	/* exists */
static char	 name1[PATH_MAX + 16];	/* does not, between batches */
static char	 name2[PATH_MAX + 16];
static char	 dir[PATH_MAX + 16];	/* DIR_ENTRIES files in it */

static void	 scratch_make(void);
static void	 scratch_remove(void);
static double	 row_run(const struct row *, long);

static void
usage(void)
{
	size_t	 i;

	fprintf(stderr, "usage: calls [-n count] [name ...]\nnames:");
	for (i = 0; i < NROWS; i++)
		fprintf(stderr, " %s", rows[i].c_name);
	fprintf(stderr, "\n");
	exit(2);
}

/* Is the row asked for?  Without names every row is. */
static int
row_wanted(const struct row *r, char **names)
{
	if (*names == NULL)
		return (1);
	for (; *names != NULL; names++)
		if (strcmp(*names, r->c_name) == 0)
			return (1);
	return (0);
}

int
main(int argc, char *argv[])
{
	char	*end;
	long	 count = COUNT_DEFAULT;
	size_t	 i;
	int	 ch;

	while ((ch = getopt(argc, argv, "n:")) != -1) {
		if (ch != 'n')
			usage();
		errno = 0;
		count = strtol(optarg, &end, 10);
		if (errno != 0 || *end != '\0' || count < BATCHES ||
		    count > COUNT_MAX)
			errx(2, "-n %s: a number from %d to %d", optarg,
			    BATCHES, COUNT_MAX);
	}
	scratch_make();
	for (i = 0; i < NROWS; i++)
		if (row_wanted(&rows[i], argv + optind))
			printf("%s %.1f\n", rows[i].c_name,
			    row_run(&rows[i], count));
	scratch_remove();
	return (0);
}

static int
double_cmp(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

/* Median over the batches of nanoseconds per call. */
static double
row_run(const struct row *r, long count)
{
	struct timespec	 t0, t1;
	double		 ns[BATCHES];
	long		 n = count / BATCHES * r->c_scale;
	int		 i;

	r->c_run(n / 10 + 1);		/* warm up */
	for (i = 0; i < BATCHES; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t0);
		r->c_run(n);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		ns[i] = ((double)(t1.tv_sec - t0.tv_sec) * 1e9 +
		    (double)(t1.tv_nsec - t0.tv_nsec)) / (double)n;
	}
	qsort(ns, BATCHES, sizeof(ns[0]), double_cmp);
	return (ns[BATCHES / 2]);
}

static void
file_make(const char *path)
{
	int	 fd;

	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == -1)
		err(1, "%s", path);
	close(fd);
}

static void
entry_name(char *buf, size_t len, int i)
{
	if (snprintf(buf, len, "%s/entry%02d", dir, i) >= (int)len)
		errx(1, "%s: name too long", dir);
}

static void
scratch_make(void)
{
	char	 cwd[PATH_MAX - 32], buf[PATH_MAX + 32];
	int	 i;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		err(1, "getcwd");
	snprintf(base, sizeof(base), "%s/calls.XXXXXX", cwd);
	if (mkdtemp(base) == NULL)
		err(1, "%s", base);
	snprintf(file, sizeof(file), "%s/file", base);
	snprintf(name1, sizeof(name1), "%s/name1", base);
	snprintf(name2, sizeof(name2), "%s/name2", base);
	snprintf(dir, sizeof(dir), "%s/dir", base);
	if (mkdir(dir, 0700) == -1)
		err(1, "%s", dir);
	file_make(file);
	for (i = 0; i < DIR_ENTRIES; i++) {
		entry_name(buf, sizeof(buf), i);
		file_make(buf);
	}
}

static void
scratch_remove(void)
{
	char	 buf[PATH_MAX + 32];
	int	 i;

	for (i = 0; i < DIR_ENTRIES; i++) {
		entry_name(buf, sizeof(buf), i);
		unlink(buf);
	}
	unlink(file);
	if (rmdir(dir) == -1 || rmdir(base) == -1)
		err(1, "%s", base);
}

static void
call_open(long n)
{
	int	 fd;

	while (n-- > 0) {
		if ((fd = open(file, O_RDONLY)) == -1)
			err(1, "open %s", file);
		close(fd);
	}
}

static void
call_create(long n)
{
	int	 fd;

	while (n-- > 0) {
		if ((fd = open(name1, O_WRONLY | O_CREAT | O_EXCL,
		    0600)) == -1)
			err(1, "create %s", name1);
		close(fd);
		if (unlink(name1) == -1)
			err(1, "unlink %s", name1);
	}
}

static void
call_getppid(long n)
{
	while (n-- > 0)
		syscall(SYS_getppid);
}

static void
call_stat(long n)
{
	struct stat	 st;

	while (n-- > 0)
		if (stat(file, &st) == -1)
			err(1, "stat %s", file);
}

static void
call_read(long n)
{
	char	 c;
	int	 fd;

	if ((fd = open("/dev/zero", O_RDONLY)) == -1)
		err(1, "/dev/zero");
	while (n-- > 0)
		if (read(fd, &c, 1) != 1)
			err(1, "read");
	close(fd);
}

static void
call_rename(long n)
{
	file_make(name1);
	for (n = (n + 1) / 2; n > 0; n--)
		if (rename(name1, name2) == -1 || rename(name2, name1) == -1)
			err(1, "rename %s", name1);
	unlink(name1);
}

static void
call_mkdir(long n)
{
	while (n-- > 0)
		if (mkdir(name1, 0700) == -1 || rmdir(name1) == -1)
			err(1, "mkdir %s", name1);
}

static void
call_readdir(long n)
{
	DIR	*d;
	int	 seen;

	while (n-- > 0) {
		if ((d = opendir(dir)) == NULL)
			err(1, "opendir %s", dir);
		for (seen = 0; readdir(d) != NULL; seen++)
			;
		closedir(d);
		if (seen != DIR_ENTRIES + 2)
			errx(1, "readdir: %d entries", seen);
	}
}

static void *
open8_thread(void *p)
{
	call_open(*(long *)p);
	return (NULL);
}

/* The threads share n opens; what it costs to start them is amortized. */
static void
call_open8(long n)
{
	pthread_t	 thr[THREADS];
	long		 each = n / THREADS + 1;
	int		 i, rc;

	for (i = 0; i < THREADS; i++)
		if ((rc = pthread_create(&thr[i], NULL, open8_thread,
		    &each)) != 0)
			errx(1, "pthread_create: %s", strerror(rc));
	for (i = 0; i < THREADS; i++)
		pthread_join(thr[i], NULL);
}
