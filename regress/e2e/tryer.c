/*
 * Try accesses and say what came of each: for explain.t and world.t, inside
 * and outside.  Reads "OP HEX-OF-PATH" lines, writes one errno name or "ok" a
 * line.  A path that begins with $TMPDIR is in this run's.  Opens only, never
 * reads or writes what it has opened, and changes no attribute to another
 * value; names that it makes, removes and renames are those it is given, which
 * explain.py makes for that.  Runs only what it is told to by "exec", with no
 * arguments.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUIET	(O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW)

static int
try_open(const char *path, int flags)
{
	int	 fd, n;

	/* somebody else may be running it just now */
	for (n = 0; (fd = open(path, flags | QUIET, 0600)) == -1 &&
	    errno == ETXTBSY && n < 100; n++)
		usleep(10000);
	if (fd == -1)
		return (errno);
	close(fd);
	return (0);
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

/* Attributes: what it has already. */
static int
try_attribute(const char *op, const char *path)
{
	struct timespec	 times[2];
	struct stat	 st;
	int		 r = -1;

	if (stat(path, &st) == -1)
		return (errno);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (strcmp(op, "chmod") == 0)
		r = chmod(path, st.st_mode & 07777);
	else if (strcmp(op, "chown") == 0)
		r = chown(path, st.st_uid, (gid_t)-1);
	else if (strcmp(op, "chgrp") == 0)
		r = chown(path, (uid_t)-1, st.st_gid);
	else if (strcmp(op, "utime") == 0)
		r = utimensat(AT_FDCWD, path, times, 0);
	else if (strcmp(op, "truncate") == 0)
		r = truncate(path, st.st_size);
	else
		r = setxattr(path, "user.explain", "x", 1, 0);
	return (r == -1 ? errno : 0);
}

/* Names: PATH is what is made, removed or given up. */
static int
try_name(const char *op, const char *path)
{
	char	 other[2 * PATH_MAX + 16];
	int	 r = -1;

	snprintf(other, sizeof(other), "%s%s", path,
	    strcmp(op, "link") == 0 ? "-from" : "d");
	if (strcmp(op, "unlink") == 0)
		r = unlink(path);
	else if (strcmp(op, "rmdir") == 0)
		r = rmdir(path);
	else if (strcmp(op, "mkdir") == 0)
		r = mkdir(path, 0700);
	else if (strcmp(op, "mkfifo") == 0)
		r = mkfifo(path, 0600);
	else if (strcmp(op, "mksock") == 0)
		r = mknod(path, S_IFSOCK | 0600, 0);
	else if (strcmp(op, "symlink") == 0)
		r = symlink("nowhere", path);
	else if (strcmp(op, "link") == 0)
		r = link(other, path);
	else if (strcmp(op, "rename") == 0)
		r = rename(path, other);
	else
		errno = ENOSYS;
	return (r == -1 ? errno : 0);
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
	static const char *attributes[] = { "chmod", "chown", "chgrp",
		"utime", "truncate", "xattr" };
	size_t	 i;

	if (strcmp(op, "read") == 0)
		return (try_open(path, O_RDONLY));
	if (strcmp(op, "readdir") == 0)
		return (try_open(path, O_RDONLY | O_DIRECTORY));
	if (strcmp(op, "write") == 0)
		return (try_open(path, O_WRONLY));
	if (strcmp(op, "create") == 0)
		return (try_open(path, O_WRONLY | O_CREAT | O_EXCL));
	if (strcmp(op, "mktemp") == 0)
		return (try_mktemp(path));
	if (strcmp(op, "exec") == 0)
		return (try_exec(path));
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strcmp(op, attributes[i]) == 0)
			return (try_attribute(op, path));
	return (try_name(op, path));
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
