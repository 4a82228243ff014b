/*
 * The monitor, taken over when a line of the log names the trigger: confined
 * by then, with the command at work.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../monitor/session.h"
#include "../../proto/chan.h"
#include "drill.h"

#define END_MSEC	2000	/* for a role to end itself */

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static void	 map_page(void) __attribute__((__constructor__));
static void	 forge(const struct chan *, const struct msg *);
static int	 ended(pid_t);
static void	 quiet(void);

static const char *const whos[WHO_COUNT] = {
	"the monitor", "the receiver", "the policy process", "the lane worker",
	"the integrity worker", "the command", "an outsider"
};

/* It does not begin as the roles do; they have no environment. */
static void
map_page(void)
{
	const char	*name = getenv("DRILL_PAGE");
	int		 fd;

	if (name == NULL || (fd = open(name, O_RDWR | O_CLOEXEC)) == -1)
		return;
	drill = mmap(NULL, sizeof(*drill), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (drill == MAP_FAILED)
		_exit(97);
	close(fd);
}

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n != 1 || c->ch_kind != CHAN_LOG || memmem(m->m_buf, m->m_len,
	    DRILL_TRIGGER, strlen(DRILL_TRIGGER)) == NULL ||
	    !drill_begin(ROLE_MONITOR))
		return (n);
	if (drill->d_kind == D_FORGE) {
		forge(c, m);
		return (n);
	}
	drill_any(c, m);
	if (drill->d_kind == D_QUIET)
		quiet();
	return (n);
}

/*
 * To a role, and then it is as shipped: the run goes on, or ends with it.  What
 * is malformed must have been the role's end.
 */
static void
forge(const struct chan *c, const struct msg *m)
{
	const struct peer	*pe;
	int			 fd;

	pe = (const struct peer *)(const void *)((const char *)c -
	    offsetof(struct peer, pe_log));
	pe = &pe->pe_session->s_peers[drill->d_arg2];
	fd = pe->pe_control.ch_fd;
	drill_result("sent", drill_forge(fd, drill->d_arg, m->m_seq,
	    drill->d_fill, drill->d_len, fd, drill->d_fds));
	if (drill->d_chan == DC_CONTROL)
		drill_result("ended", ended(pe->pe_pid));
	drill_done();
}

/* 1: by itself, as roles do; 0: by something else, or not at all. */
static int
ended(pid_t pid)
{
	const struct timespec	 ms = { 0, 1000000 };
	siginfo_t		 si;
	sigset_t		 none;
	int			 i;

	sigemptyset(&none);
	for (i = 0; i < END_MSEC; i++) {
		si.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG |
		    WNOWAIT) == 0 && si.si_pid == pid)
			return (si.si_code == CLD_EXITED && si.si_status != 0);
		(void)sigtimedwait(&none, NULL, &ms);
	}
	return (0);
}

/* What its table has; the wall leaves it where the per-run directory goes. */
static void
quiet(void)
{
	char	 text[512], name[NAME_MAX_];
	size_t	 i;

	(void)snprintf(text, sizeof(text), "%s/empty", drill->d_beyond);
	drill_result(DRILL_EMPTY, rmdir(text));
	for (i = 0; i < WHO_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "signal %s", whos[i]);
		drill_result(name, kill(drill->d_pids[i], 0));
	}
	drill_done();
}
