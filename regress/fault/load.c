/*
 * Much of the same, inside the sandbox: `load opens FILE N' or `load commands
 * PROGRAM N'.  Says how far it is twenty times, and waits each time for a line
 * on standard input, so that somebody can look.  For long.py.
 */
#include <sys/wait.h>

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

int
main(int argc, char **argv)
{
	char	 line[16];
	long	 i, n;
	int	 mark, opens;

	if (argc != 4)
		return (2);
	opens = strcmp(argv[1], "opens") == 0;
	n = atol(argv[3]);
	for (mark = 1, i = 0; mark <= MARKS; mark++) {
		for (; i < n / MARKS * mark; i++)
			if ((opens ? one_open(argv[2]) :
			    one_command(argv[2])) == -1) {
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
