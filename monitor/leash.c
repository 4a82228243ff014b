/*
 * The leash of a process group, see leash.h: a pipe on which nothing is ever
 * written, that nobody else holds.  When its write end is closed, who owns the
 * read end is sent a signal, F_SETSIG of fcntl(2); and the owner may be a
 * group, all of which gets it at once: copy_process() in kernel/fork.c sees to
 * it that no child is forked around it.
 *
 * At the end of a process the kernel closes all it has, by number or the other
 * way around (task_work_run(), kernel/task_work.c); the read end must not be
 * first.  So there are two pipes, one for each order.
 *
 * Must never: hand a descriptor of these to anyone.
 */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "leash.h"

#define PIPES	2

static int	 leash_one(int [2], pid_t, int);
static void	 leash_close(int *);

static int	 ends[PIPES][2] = { { -1, -1 }, { -1, -1 } };

int
leash_put(pid_t pgrp)
{
	int	 i;

	for (i = 0; i < PIPES; i++)
		if (leash_one(ends[i], pgrp, i) == -1)
			return (-1);
	return (0);
}

/* Upside down: the write end has the lower number. */
static int
leash_one(int pair[2], pid_t pgrp, int upside)
{
	const struct f_owner_ex	 owner = { F_OWNER_PGRP, pgrp };
	int			 fd;

	if (pipe2(pair, O_CLOEXEC) == -1)
		return (-1);
	if (upside == (pair[0] < pair[1])) {
		if ((fd = fcntl(pair[0], F_DUPFD_CLOEXEC, pair[1])) == -1)
			return (-1);
		close(pair[0]);
		pair[0] = fd;
	}
	if (fcntl(pair[0], F_SETSIG, SIGKILL) == -1 ||
	    fcntl(pair[0], F_SETOWN_EX, &owner) == -1)
		return (-1);
	return (fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK));
}

void
leash_pull(void)
{
	int	 i;

	for (i = 0; i < PIPES; i++)
		leash_close(&ends[i][1]);
	for (i = 0; i < PIPES; i++)
		leash_close(&ends[i][0]);
}

static void
leash_close(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}
