/*
 * The same question put to the running kernel: a process enters the domains
 * of a plan and does as it is told.  Whoever tells it stands outside, lays
 * out what each try needs and puts everything back, inodes included, since
 * Landlock's grants hang on those.
 */
#ifndef PLAN_KERNEL_H
#define PLAN_KERNEL_H

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plan_check.h"

#define NOBODY	65534

struct order {
	uint32_t	 o_right;	/* 0: the end */
	char		 o_path[MODEL_PATH];
	char		 o_other[MODEL_PATH];	/* beside it: from, to */
};

struct inmate {
	pid_t		 i_pid;
	int		 i_fd;
};

static int
fd_done(int fd)
{
	if (fd == -1)
		return (-1);
	close(fd);
	return (0);
}

static int
order_do(const struct order *o)
{
	const char	*p = o->o_path;

	switch (o->o_right) {
	case R_READ:
		return (fd_done(open(p, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)));
	case R_WRITE:
		return (fd_done(open(p, O_WRONLY | O_NONBLOCK | O_NOFOLLOW)));
	case R_TRUNCATE:
		return (truncate(p, 0));
	case R_READDIR:
		return (fd_done(open(p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)));
	case R_MKTEMP:
		return (fd_done(open(p, O_TMPFILE | O_WRONLY, 0600)));
	case R_CREATE:
		return (mknod(p, S_IFREG | 0600, 0));
	case R_MKFIFO:
		return (mknod(p, S_IFIFO | 0600, 0));
	case R_MKSOCK:
		return (mknod(p, S_IFSOCK | 0600, 0));
	case R_MKDIR:
		return (mkdir(p, 0700));
	case R_SYMLINK:
		return (symlink("nowhere", p));
	case R_LINK:
		return (link(o->o_other, p));
	case R_DELETE:
		return (unlink(p));
	case R_RMDIR:
		return (rmdir(p));
	case R_RENAME:
		return (rename(p, o->o_other));
	}
	errno = ENOSYS;
	return (-1);
}
/* What can be ordered; without R_MKTEMP on a file system that lacks it. */
static uint32_t	 orders = R_READ | R_WRITE | R_TRUNCATE | R_READDIR |
		    R_MKTEMP | R_CREATE | R_MKFIFO | R_MKSOCK | R_MKDIR |
		    R_SYMLINK | R_LINK | R_DELETE | R_RMDIR | R_RENAME;

static void
inmate_serve(int fd, const int *domains, size_t n)
{
	struct order	 o;
	size_t		 i;
	int		 answer;

	alarm(60);
	if (getuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setgid(NOBODY) == -1 || setuid(NOBODY) == -1))
		_exit(1);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		_exit(1);
	for (i = 0; i < n; i++)
		if (ll_enter(domains[i]) == -1)
			_exit(2);
	while (recv(fd, &o, sizeof(o), 0) == sizeof(o) && o.o_right != 0) {
		answer = order_do(&o) == -1 ? errno : 0;
		if (send(fd, &answer, sizeof(answer), 0) != sizeof(answer))
			_exit(3);
	}
	_exit(0);
}

static void
inmate_start(struct inmate *in, const int *domains, size_t n)
{
	int	 sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(1, "socketpair");
	fflush(NULL);
	if ((in->i_pid = fork()) == -1)
		err(1, "fork");
	if (in->i_pid == 0)
		inmate_serve(sv[1], domains, n);
	close(sv[1]);
	in->i_fd = sv[0];
}

static void
inmate_end(struct inmate *in)
{
	struct order	 end;
	int		 status;

	/* The other one holds this socket too: closing it says nothing. */
	memset(&end, 0, sizeof(end));
	if (send(in->i_fd, &end, sizeof(end), 0) != sizeof(end))
		err(1, "send");
	close(in->i_fd);
	if (waitpid(in->i_pid, &status, 0) != in->i_pid || status != 0)
		errx(1, "the confined process ended with %#x", status);
}

/*
 * Try one right on one path, where t is now: 1 permitted, 0 refused.  What is
 * there gives way to a stand-in of its kind for as long as that may go away.
 */
static int
inmate_try(struct inmate *in, uint32_t right, const char *path, enum thing t)
{
	struct order	 o;
	char		 dir[MODEL_PATH];
	int		 answer;

	memset(&o, 0, sizeof(o));
	o.o_right = right;
	(void)strlcpy(o.o_path, path, sizeof(o.o_path));
	model_parent(path, dir);
	(void)snprintf(o.o_other, sizeof(o.o_other), "%.400s/beside~", dir);
	if ((right & M_NAMES) && t != T_ABSENT &&
	    rename(path, stash) == -1)
		err(1, "%s to %s", path, stash);
	if (((right & (R_DELETE | R_RMDIR | R_RENAME)) && thing_make(path,
	    t == T_ABSENT ? right == R_RMDIR ? T_DIR : T_FILE : t,
	    "nowhere") == -1) ||
	    (right == R_LINK && thing_make(o.o_other, T_FILE, NULL) == -1))
		err(1, "%s", path);
	if (send(in->i_fd, &o, sizeof(o), 0) != sizeof(o) ||
	    recv(in->i_fd, &answer, sizeof(answer), 0) != sizeof(answer))
		errx(1, "the confined process is gone");
	if (right & M_NAMES) {
		(void)remove(path);
		(void)remove(o.o_other);
		if (t != T_ABSENT && rename(stash, path) == -1)
			err(1, "%s to %s", stash, path);
	}
	/* ENXIO: a FIFO that nobody reads. */
	if (answer != 0 && answer != EACCES && answer != ENXIO)
		errx(1, "%s: right %#x: %s", path, right, strerror(answer));
	return (answer != EACCES);
}

/* ---- all that may be tried ---- */

static struct inmate	 child, worker;

static void
try_right(struct trial *tr, const char *path, uint32_t right, enum thing t)
{
	const struct plan	*pl = &tr->t_plan;
	const struct ref_rule	*by;
	char			 beside[MODEL_PATH];
	uint32_t		 make;
	int			 want, got;

	if (!model_fits(right, t) || (t == T_ABSENT && (right & (M_NAMES &
	    ~(uint32_t)(R_DELETE | R_RENAME | R_RMDIR))) == 0))
		return;
	want = ref_allows(&tr->t_ref, path, right, &by);
	/* Something is made there: then two rights are in question. */
	if (right == R_RENAME) {
		make = make_right(t);
		if (make & pl->pl_broker)
			return;
		model_parent(path, beside);
		(void)strlcat(beside, "/beside~", sizeof(beside));
		want = want && ref_allows(&tr->t_ref, beside, make, NULL);
	}
	asked_kernel++;
	if ((right & pl->pl_broker) == 0) {
		got = inmate_try(&child, right, path, t);
		if (got > want || (got < want && must_allow(tr, path, right, t,
		    by)))
			found(tr, "the kernel does not what the rules say",
			    path, right, t, want, got);
	} else if (want && !(t == T_ABSENT && ref_idle(by, right)) &&
	    !inmate_try(&worker, right, path, t))
		found(tr, "the worker's wall refuses what the rules allow",
		    path, right, t, 1, 0);
}

static void
try_path(struct trial *tr, const char *path, enum thing t)
{
	char		 dir[MODEL_PATH];
	struct stat	 st;
	size_t		 i;

	/* The directory of base itself is not ours to try in. */
	model_parent(path, dir);
	if (strcmp(path, base) == 0 || lstat(dir, &st) == -1)
		return;
	for (i = 0; i < NSINGLES && tr->t_finding.f_what == NULL; i++) {
		if ((gen_singles[i] & orders) == 0 ||
		    (gen_singles[i] == R_READDIR && t == T_DIR &&
		    tree_find(tr->t_tree, path)->e_mode != 0777))
			continue;
		try_right(tr, path, gen_singles[i], t);
	}
}

static void
check_running(struct trial *tr)
{
	const struct plan	*pl = &tr->t_plan;
	const int		 both[] = { pl->pl_wall_receiver,
				    pl->pl_wall_child };

	inmate_start(&child, both, 2);
	inmate_start(&worker, &pl->pl_wall_policy, 1);
	check_paths(tr, try_path);
	inmate_end(&child);
	inmate_end(&worker);
}

#endif /* PLAN_KERNEL_H */
