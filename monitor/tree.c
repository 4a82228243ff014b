/*
 * Killing what is left of the command's process tree: see tree.h.
 * A killed parent's children are handed to the nearest subreaper, which is
 * the caller, so that killing children until there are none reaches all.
 */
#include <sys/types.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

static int	 tree_signal(int, pid_t, int (*)(pid_t));
static int	 tree_one(pid_t, pid_t, int (*)(pid_t));
static int	 tree_reap(void);
static long	 tree_msec(void);

int
tree_open(void)
{
	char	 path[64];
	int	 n;

	n = snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)gettid());
	if (n < 0 || (size_t)n >= sizeof(path))
		return (-1);
	return (open(path, O_RDONLY | O_CLOEXEC));
}

int
tree_kill(int fd, pid_t spare, int msec, int (*dead)(pid_t))
{
	const struct timespec	 pause = { 0, 1000000 };
	long			 end = tree_msec() + msec;
	sigset_t		 set;
	int			 n, none = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		if ((n = tree_signal(fd, spare, dead)) == -1)
			return (-1);
		if (!tree_reap() || (spare > 0 && dead == NULL && n == 0))
			return (0);
		/* What the dead left is listed the next time, if not now. */
		none = n == 0 ? none + 1 : 0;
		if (dead != NULL && none > 1)
			return (0);
		if (tree_msec() >= end)
			return (n > 0 ? n : 1);
		/*
		 * Newly orphaned ones want a signal at once, and are so by
		 * the death of one that was signalled.
		 */
		(void)sigtimedwait(&set, NULL, &pause);
	}
}

/* Signal every child the kernel lists now; how many there were, or -1. */
static int
tree_signal(int fd, pid_t spare, int (*dead)(pid_t))
{
	char	 buf[4096];
	off_t	 off = 0;
	ssize_t	 n, i;
	long	 pid = 0;
	int	 count = 0;

	while ((n = pread(fd, buf, sizeof(buf), off)) > 0) {
		for (i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
				continue;
			}
			count += tree_one((pid_t)pid, spare, dead);
			pid = 0;
		}
		off += n;
	}
	count += tree_one((pid_t)pid, spare, dead);
	return (n == -1 ? -1 : count);
}

static int
tree_one(pid_t pid, pid_t spare, int (*dead)(pid_t))
{
	if (pid <= 1 || pid == spare || kill(pid, SIGKILL) == -1)
		return (0);
	return (dead == NULL || !dead(pid));
}

/* Reap the dead; 1 when children are left. */
static int
tree_reap(void)
{
	pid_t	 pid;

	while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
		continue;
	return (pid == 0 || errno != ECHILD);
}

static long
tree_msec(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}
