/*
 * Times of whole commands: run one or more in turn, many times, and print of
 * each the median, 10th and 90th percentile of the time taken, and the median
 * of the processor time used, in microseconds.  Alternating means that what
 * the machine does meanwhile hits all of them alike.
 *
 *	spawn [-q] -n 200 -w 3 cmd1 arg ... ++ cmd2 arg ...
 *
 * Processor time is that of the command and of every process that it, or one
 * of its children, has waited for: of a sandbox, the roles as well.  The
 * first -w runs of each are not counted.  With -q what they print goes to
 * /dev/null, which is their input as well.  A command that does not exit with
 * status 0 ends the run with status 1.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX	16
#define RUNS_MAX	100000
#define RUNS_DEFAULT	200
#define WARMUP		3	/* runs of each that are not counted */

extern char	**environ;

struct command {
	char	**c_argv;
	double	 *c_wall;	/* microseconds, of each run */
	double	 *c_cpu;
};

static double
tv_us(const struct timeval *tv)
{
	return ((double)tv->tv_sec * 1e6 + (double)tv->tv_usec);
}

static posix_spawn_file_actions_t	 quiet;

static void
quiet_init(int on)
{
	if (posix_spawn_file_actions_init(&quiet) != 0 || (on &&
	    (posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null",
	    O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null",
	    O_WRONLY, 0) != 0)))
		err(1, "posix_spawn_file_actions");
}

static void
spawn_once(char **argv, double *wall, double *cpu)
{
	struct timespec	 t0, t1;
	struct rusage	 ru;
	pid_t		 pid;
	int		 rc, status;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	if ((rc = posix_spawnp(&pid, argv[0], &quiet, NULL, argv,
	    environ)) != 0)
		errx(1, "%s: %s", argv[0], strerror(rc));
	if (wait4(pid, &status, 0, &ru) == -1)
		err(1, "wait4");
	clock_gettime(CLOCK_MONOTONIC, &t1);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s: wait status 0x%x", argv[0], (unsigned)status);
	*wall = (double)(t1.tv_sec - t0.tv_sec) * 1e6 +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e3;
	*cpu = tv_us(&ru.ru_utime) + tv_us(&ru.ru_stime);
}

static int
double_cmp(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static long
number(char ch, const char *arg, long min)
{
	char	*end;
	long	 n;

	errno = 0;
	n = strtol(arg, &end, 10);
	if (errno != 0 || *arg == '\0' || *end != '\0' || n < min ||
	    n > RUNS_MAX)
		errx(2, "-%c %s: a number from %ld to %d", ch, arg, min,
		    RUNS_MAX);
	return (n);
}

static void
usage(void)
{
	fprintf(stderr, "usage: spawn [-q] [-n runs] [-w runs] "
	    "command [argument ...] [++ command ...]\n");
	exit(2);
}

/* Commands, separated by ++, from argv; how many. */
static int
commands(char **argv, struct command *cmd, long runs)
{
	int	 n;

	for (n = 0; *argv != NULL; n++) {
		if (n == COMMANDS_MAX)
			errx(2, "more than %d commands", COMMANDS_MAX);
		cmd[n].c_argv = argv;
		cmd[n].c_wall = calloc((size_t)runs, sizeof(double));
		cmd[n].c_cpu = calloc((size_t)runs, sizeof(double));
		if (cmd[n].c_wall == NULL || cmd[n].c_cpu == NULL)
			err(1, NULL);
		while (*argv != NULL && strcmp(*argv, "++") != 0)
			argv++;
		if (cmd[n].c_argv == argv)
			usage();
		if (*argv != NULL)
			*argv++ = NULL;
	}
	return (n);
}

int
main(int argc, char *argv[])
{
	struct command	 cmd[COMMANDS_MAX], *c;
	double		 wall, cpu;
	long		 runs = RUNS_DEFAULT, warmup = WARMUP, i;
	int		 ch, n, q = 0;

	while ((ch = getopt(argc, argv, "+n:qw:")) != -1) {
		if (ch == 'n')
			runs = number('n', optarg, 1);
		else if (ch == 'w')
			warmup = number('w', optarg, 0);
		else if (ch == 'q')
			q = 1;
		else
			usage();
	}
	if ((n = commands(argv + optind, cmd, runs)) == 0)
		usage();

	quiet_init(q);
	for (i = -warmup; i < runs; i++)
		for (c = cmd; c < cmd + n; c++) {
			spawn_once(c->c_argv, &wall, &cpu);
			if (i >= 0) {
				c->c_wall[i] = wall;
				c->c_cpu[i] = cpu;
			}
		}
	for (c = cmd; c < cmd + n; c++) {
		qsort(c->c_wall, (size_t)runs, sizeof(double), double_cmp);
		qsort(c->c_cpu, (size_t)runs, sizeof(double), double_cmp);
		printf("%.1f %.1f %.1f %.1f %s\n", c->c_wall[runs / 2],
		    c->c_wall[runs / 10], c->c_wall[runs * 9 / 10],
		    c->c_cpu[runs / 2], c->c_argv[0]);
		free(c->c_wall);
		free(c->c_cpu);
	}
	return (0);
}
