/*
 * The run's temporary directory, see rundir.h.
 *
 * Beside it lies what killed runs have left, and what commands that may write
 * there want us to take for that: names are read there, of our own form and
 * length only, opened without following a link, and removed by rmdir(2).
 *
 * Must never: read a name in a run's own directory, remove a directory whose
 * lock is held or that is another user's, or trust that a name is still what
 * was opened.  What a killed run has left in its directory is removed as at the
 * end of a run: by a worker of a policy process that is started for it, whose
 * domain is what was opened, and which may do nothing else.
 */
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "leash.h"
#include "rundir.h"
#include "session.h"

#define PREFIX		"privsep-sandbox."
#define RANDOM		"XXXXXX"	/* mkdtemp(3) */
#define TRIES		8		/* somebody takes ours for one left */
#define ENTRIES_MAX	10000		/* of a crowded directory */
#define EMPTY_MAX	8		/* at one start: each takes a process */
#define EMPTY_LOOKS	10		/* at who empties one: a second */
#define END_MSEC	200		/* ... until it is dead */
#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static char	*parent(void);
static int	 hold(const char *);
static int	 is_ours(const char *);
static void	 sweep_one(const struct session *, const char *, DIR *,
		    const char *);
static void	 empty(const struct session *, const char *, int);
static int	 empty_wall(int);
static void	 empty_ask(struct peer *);
static void	 empty_end(struct session *);

char *
rundir_make(void)
{
	static char	 dir[PATH_MAX];
	char		*real = parent();
	int		 i;

	for (i = 0; i < TRIES; i++) {
		if ((size_t)snprintf(dir, sizeof(dir), "%s/" PREFIX RANDOM,
		    real) >= sizeof(dir))
			fatalx("temporary directory %s: name too long", real);
		if (mkdtemp(dir) == NULL)
			fatal("temporary directory %s; set TMPDIR", dir);
		if (hold(dir) == 0)
			break;
	}
	if (i == TRIES)
		fatalx("temporary directory %s: somebody removes it", dir);
	free(real);
	return (dir);
}

/* Absolute, from malloc(3). */
static char *
parent(void)
{
	char		*real;
	const char	*tmp = getenv("TMPDIR");

	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	if ((real = realpath(tmp, NULL)) == NULL)
		fatal("temporary directory %s; set TMPDIR", tmp);
	return (real);
}

/*
 * It is ours until we are no more: the descriptor is never closed, and no
 * role inherits it.  -1: a sweep was faster, and it is gone.  Where there are
 * no locks there is no sweep, either.
 */
static int
hold(const char *dir)
{
	struct stat	 st;
	int		 fd;

	if ((fd = open(dir, DIR_FLAGS)) == -1)
		return (errno == ENOENT ? -1 : 0);
	if ((flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK) ||
	    fstat(fd, &st) == -1 || st.st_nlink == 0) {
		close(fd);
		return (-1);
	}
	return (0);
}

void
rundir_sweep(const struct session *s)
{
	char		*real = parent();
	DIR		*dp;
	struct dirent	*de;
	int		 n = 0;

	if ((dp = opendir(real)) != NULL) {
		while (n++ < ENTRIES_MAX && (de = readdir(dp)) != NULL)
			if (is_ours(de->d_name))
				sweep_one(s, real, dp, de->d_name);
		closedir(dp);
	}
	free(real);
}

static int
is_ours(const char *name)
{
	return (strncmp(name, PREFIX, strlen(PREFIX)) == 0 &&
	    strlen(name) == strlen(PREFIX RANDOM));
}

/* Whoever holds the lock shared is at work, and whoever holds it removes it. */
static void
sweep_one(const struct session *s, const char *real, DIR *dp,
    const char *name)
{
	struct stat	 st;
	char		 path[PATH_MAX];
	static int	 emptied;
	int		 fd;

	if ((fd = openat(dirfd(dp), name, DIR_FLAGS)) == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    unlinkat(dirfd(dp), name, AT_REMOVEDIR) == -1 &&
	    (errno == ENOTEMPTY || errno == EEXIST) && ll_abi() != 0 &&
	    emptied++ < EMPTY_MAX && (size_t)snprintf(path, sizeof(path),
	    "%s/%s", real, name) < sizeof(path)) {
		empty(s, path, fd);
		(void)unlinkat(dirfd(dp), name, AT_REMOVEDIR);
	}
	close(fd);
}

/*
 * A policy process without a policy, whose domain is that directory; it is
 * asked for what it is asked for at the end of any run.  What it leaves is
 * left for the next.
 */
static void
empty(const struct session *s, const char *path, int fd)
{
	struct session	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		fatal("%s", path);
	if ((e->s_rundir = strdup(path)) == NULL)
		fatal("%s", path);
	e->s_argv = s->s_argv;
	e->s_selffd = s->s_selffd;
	e->s_logfd = s->s_logfd;
	e->s_ignored = s->s_ignored;
	e->s_plan.pl_wall_policy = empty_wall(fd);
	log_debug("%s: left by a run whose monitor was killed", path);
	spawn_role(e, ROLE_POLICY);
	spawn_setup(e);
	close(e->s_plan.pl_wall_policy);
	empty_ask(&e->s_peers[ROLE_POLICY]);
	empty_end(e);
	free(e->s_rundir);
	free(e);
}

static int
empty_wall(int fd)
{
	int	 wall;

	if ((wall = ll_ruleset(LL_SCOPE_SIGNAL | LL_SCOPE_ABSTRACT_UNIX)) ==
	    -1 || ll_allow(wall, fd, LL_FS_READ_DIR | LL_FS_REMOVE_DIR |
	    LL_FS_REMOVE_FILE) == -1)
		fatal("landlock_add_rule");
	return (wall);
}

/* Any answer will do, and so will its death: what is left is seen. */
static void
empty_ask(struct peer *pe)
{
	static struct msg	 m;
	const char		*why;
	int			 looks = 0, n = -1;

	msg_start(&m, MSG_MONITOR_CLEAN, 0);
	msg_put_u32(&m, 1);
	if (chan_send(&pe->pe_control, &m, MSG_DONTWAIT) == -1)
		return;
	while (n == -1 && looks++ < EMPTY_LOOKS) {
		why = NULL;
		n = chan_recv(&pe->pe_control, &m, 0, &why);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			break;
	}
	if (n == 1)
		msg_close_fds(&m);
	monitor_drain(pe->pe_session);
}

/* The process and its worker; one that somebody traces dies later. */
static void
empty_end(struct session *e)
{
	const struct timespec	 ms = { 0, 1000000 };
	pid_t			 pid = e->s_peers[ROLE_POLICY].pe_pid;
	int			 n;

	leash_pull();
	kill(pid, SIGKILL);
	for (n = 0; n < END_MSEC && waitpid(pid, NULL, WNOHANG) == 0; n++)
		nanosleep(&ms, NULL);
	spawn_stop(e);
}
