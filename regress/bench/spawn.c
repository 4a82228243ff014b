/*
 * Start-up times: run two or more commands in turn, many times, and print the
 * median, 10th and 90th percentile of each in microseconds.  Alternating
 * means that what the machine does meanwhile hits all of them alike.
 *
 *	spawn -n 200 cmd1 arg ... ++ cmd2 arg ...
 *
 * A command that does not exit with status 0 ends the run with status 1.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
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

static double
spawn_once(char **argv)
{
	struct timespec	 t0, t1;
	pid_t		 pid;
	int		 rc, status;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	if ((rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv,
	    environ)) != 0)
		errx(1, "%s: %s", argv[0], strerror(rc));
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	clock_gettime(CLOCK_MONOTONIC, &t1);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s: wait status 0x%x", argv[0], (unsigned)status);
	return ((double)(t1.tv_sec - t0.tv_sec) * 1e6 +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e3);
}

static int
double_cmp(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

int
main(int argc, char *argv[])
{
	char	**cmd[COMMANDS_MAX], *end;
	double	 *us[COMMANDS_MAX];
	long	  runs = RUNS_DEFAULT, i;
	int	  c, ch, ncmd = 0;

	while ((ch = getopt(argc, argv, "+n:")) != -1) {
		if (ch != 'n')
			goto usage;
		errno = 0;
		runs = strtol(optarg, &end, 10);
		if (errno != 0 || *end != '\0' || runs < 1 || runs > RUNS_MAX)
			errx(2, "-n %s: a number from 1 to %d", optarg,
			    RUNS_MAX);
	}
	for (argv += optind; *argv != NULL; ncmd++) {
		if (ncmd == COMMANDS_MAX)
			errx(2, "more than %d commands", COMMANDS_MAX);
		cmd[ncmd] = argv;
		if ((us[ncmd] = calloc((size_t)runs, sizeof(double))) == NULL)
			err(1, NULL);
		while (*argv != NULL && strcmp(*argv, "++") != 0)
			argv++;
		if (cmd[ncmd] == argv)
			goto usage;
		if (*argv != NULL)
			*argv++ = NULL;
	}
	if (ncmd == 0)
		goto usage;

	for (i = -WARMUP; i < runs; i++)
		for (c = 0; c < ncmd; c++)
			us[c][i < 0 ? 0 : i] = spawn_once(cmd[c]);
	for (c = 0; c < ncmd; c++) {
		qsort(us[c], (size_t)runs, sizeof(double), double_cmp);
		printf("%.1f %.1f %.1f %s\n", us[c][runs / 2],
		    us[c][runs / 10], us[c][runs * 9 / 10], cmd[c][0]);
		free(us[c]);
	}
	return (0);
usage:
	fprintf(stderr, "usage: spawn [-n runs] command [argument ...] "
	    "[++ command ...]\n");
	return (2);
}
