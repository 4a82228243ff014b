/*
 * Try accesses and say what came of each: for explain.t, inside and outside.
 * Reads "OP HEX-OF-PATH" lines, writes one errno name or "ok" a line.  A path
 * that begins with $TMPDIR is in this run's.  Opens only, never reads or
 * writes what it has opened; runs only what it is told to by "exec", with no
 * arguments.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIET	(O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW)

static int
try_open(const char *path, int flags)
{
	int	 fd;

	if ((fd = open(path, flags | QUIET, 0600)) == -1)
		return (errno);
	close(fd);
	return (0);
}

/* Makes the name, and takes it away again. */
static int
try_create(const char *path)
{
	int	 error = try_open(path, O_WRONLY | O_CREAT | O_EXCL);

	if (error == 0 && unlink(path) == -1)
		fprintf(stderr, "tryer: %s stays behind\n", path);
	return (error);
}

static int
try_mktemp(const char *path)
{
	int	 fd;

	if ((fd = open(path, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600)) == -1)
		return (errno);
	close(fd);
	return (0);
}

/* The mode it has. */
static int
try_chmod(const char *path)
{
	struct stat	 st;

	if (stat(path, &st) == -1 || chmod(path, st.st_mode & 07777) == -1)
		return (errno);
	return (0);
}

static int
try_exec(const char *path)
{
	char	*argv[] = { (char *)(size_t)path, NULL }, *envp[] = { NULL };
	int	 fds[2], error = 0, status;
	pid_t	 pid;

	if (pipe2(fds, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		return (errno);
	if (pid == 0) {
		execve(path, argv, envp);
		error = errno;
		if (write(fds[1], &error, sizeof(error)) == -1)
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &error, sizeof(error)) == -1)
		error = errno;
	close(fds[0]);
	/* refused only when it had been mapped */
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL)
		return (EACCES);
	return (error);
}

static int
try(const char *op, const char *path)
{
	if (strcmp(op, "read") == 0)
		return (try_open(path, O_RDONLY));
	if (strcmp(op, "readdir") == 0)
		return (try_open(path, O_RDONLY | O_DIRECTORY));
	if (strcmp(op, "write") == 0)
		return (try_open(path, O_WRONLY));
	if (strcmp(op, "create") == 0)
		return (try_create(path));
	if (strcmp(op, "mktemp") == 0)
		return (try_mktemp(path));
	if (strcmp(op, "chmod") == 0)
		return (try_chmod(path));
	if (strcmp(op, "exec") == 0)
		return (try_exec(path));
	return (ENOSYS);
}

int
main(void)
{
	static const char	 macro[] = "$TMPDIR";
	char	 op[16], hex[2 * PATH_MAX + 2], path[PATH_MAX + 1];
	char	 full[2 * PATH_MAX + 1];
	const char *tmp = getenv("TMPDIR");
	unsigned byte;
	size_t	 i;
	int	 error;

	while (scanf("%15s %8193s", op, hex) == 2) {
		for (i = 0; i < PATH_MAX && sscanf(hex + 2 * i, "%2x",
		    &byte) == 1; i++)
			path[i] = (char)byte;
		path[i] = '\0';
		if (tmp != NULL && strncmp(path, macro, strlen(macro)) == 0)
			snprintf(full, sizeof(full), "%s%s", tmp,
			    path + strlen(macro));
		else
			snprintf(full, sizeof(full), "%s", path);
		error = try(op, full);
		printf("%s\n", error == 0 ? "ok" : strerrorname_np(error));
		fflush(stdout);
	}
	return (0);
}
