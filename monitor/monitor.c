/*
 * The monitor at work: relays signals and the terminal, writes the log, makes
 * lanes, and ends everything when a role does.  Confined before the child
 * runs: it opens nothing, executes nothing and connects to nothing, and it
 * never looks at a byte the child wrote: denials come formatted and escaped.
 */
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "limit.h"
#include "session.h"
#include "tree.h"

#define CAP_BIT_KILL	(1ULL << 5)	/* the integrity worker has another uid */
#define TREE_END_MSEC	1000
#define CLEAN_SEC	10		/* to empty the per-run directory */
#define WRITE_SEC	10		/* to write what was learned */

static void	 confine(struct session *);
static void	 event_fatal(int);
static void	 watch(struct session *);
static void	 watch_one(int, event_callback_fn, void *);
static void	 on_signal(int, short, void *);
static void	 on_control(int, short, void *);
static void	 on_log(int, short, void *);
static void	 on_clean_timeout(int, short, void *);
static void	 on_write_timeout(int, short, void *);
static int	 log_message(struct session *, struct peer *);
static void	 log_denial(struct session *, const struct denial *);
static void	 relay(struct session *, uint32_t);
static void	 reap(struct session *);
static void	 peer_died(struct session *, struct peer *, int);
static void	 peer_reject(struct session *, struct peer *,
		    const struct msg *, const char *);
static void	 send_u32(struct session *, enum role, enum msg_type, uint32_t);
static void	 receiver_message(struct session *, struct peer *);
static void	 policy_message(struct session *, struct peer *);
static void	 child_changed(struct session *, uint32_t, int);
static void	 stop(int);
static void	 learn_message(struct session *, struct peer *);
static void	 child_ended(struct session *, int);
static void	 command_over(struct session *, int);
static void	 clean(struct session *);
static void	 later(struct session *, time_t, event_callback_fn);
static void	 finish(struct session *, int);

static struct event_base *base;
static struct msg	 m;		/* in */
static struct msg	 out;
static struct msg	 logged;	/* of a log channel: m is being handled */
static int		 sigfd = -1;
static int		 children = -1;
static int		 status = EXIT_SANDBOX;	/* ours, in the end */
static int		 ending;	/* roles may end now */
static uint32_t		 next_lane;
static int		 released;	/* the child has been let go */
static int		 written;	/* ... and what it used, written */
static int		 cleaning;	/* policy was asked to */

/* Signals sent to us by a process are the command's; see signals(). */
static const int	 relayed[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT
};

int
monitor(struct session *s)
{
	setproctitle("monitor");
	/* Its worker is forked while we confine ourselves. */
	if (spawn_lane(s, next_lane++) == -1)
		fatal("lane");
	confine(s);
	watch(s);
	if (event_base_dispatch(base) == -1)
		fatalx("event_base_dispatch");
	monitor_drain(s);
	limit_flush(s->s_logfd, s->s_json);
	return (status);
}

static void
confine(struct session *s)
{
	sigset_t	 set;
	size_t		 i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (i = 0; i < sizeof(relayed) / sizeof(relayed[0]); i++)
		sigaddset(&set, relayed[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) == -1)
		fatal("sigprocmask");
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if ((sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		fatal("signalfd");
	if ((children = tree_open()) == -1)
		fatal("/proc/self/task/TID/children (CONFIG_PROC_CHILDREN)");
	event_set_fatal_callback(event_fatal);
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	jail_caps(CAP_BIT_KILL);
	jail_wall(s->s_wall);
	jail_filter(ROLE_MONITOR);
}

/* Libevent has said why; its own exit status would be taken for a command's. */
static void
event_fatal(int error)
{
	(void)error;
	fatalx("libevent");
}

static void
watch(struct session *s)
{
	static const enum role	 roles[] = {
		ROLE_RECEIVER, ROLE_POLICY, ROLE_INTEGRITY, ROLE_LEARN
	};
	struct peer	*pe;
	size_t		 i;

	watch_one(sigfd, on_signal, s);
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		pe = &s->s_peers[roles[i]];
		if (pe->pe_session == NULL)
			continue;
		watch_one(pe->pe_control.ch_fd, on_control, pe);
		watch_one(pe->pe_log.ch_fd, on_log, pe);
	}
}

static void
watch_one(int fd, event_callback_fn fn, void *arg)
{
	struct event	*ev;

	if ((ev = event_new(base, fd, EV_READ | EV_PERSIST, fn,
	    arg)) == NULL || event_add(ev, NULL) == -1)
		fatalx("event_add");
}

/*
 * The terminal's signals reach the command by itself, in its process group:
 * only what a process sent to us is passed on.  SIGCONT always is, since the
 * command may have stopped in another group.
 */
static void
on_signal(int fd, short what, void *arg)
{
	struct session		*s = arg;
	struct signalfd_siginfo	 si;

	(void)what;
	while (read(fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			reap(s);
		else if (si.ssi_code <= 0 || si.ssi_signo == SIGCONT ||
		    !released)
			relay(s, si.ssi_signo);
	}
}

static void
relay(struct session *s, uint32_t sig)
{
	if (!ending && released)
		send_u32(s, ROLE_RECEIVER, MSG_MONITOR_SIGNAL, sig);
	else if (sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
		finish(s, 128 + (int)sig);
}

static void
send_u32(struct session *s, enum role role, enum msg_type type, uint32_t value)
{
	msg_start(&out, type, 0);
	msg_put_u32(&out, value);
	/* A peer that is gone, or takes nothing, shows by its death. */
	if (chan_send(&s->s_peers[role].pe_control, &out,
	    MSG_DONTWAIT) == -1 && errno != EPIPE && errno != ECONNRESET)
		peer_reject(s, &s->s_peers[role], &out, strerror(errno));
}

static void
on_control(int fd, short what, void *arg)
{
	struct peer	*pe = arg;
	struct session	*s = pe->pe_session;
	const char	*why = NULL;

	(void)fd;
	(void)what;
	switch (chan_recv(&pe->pe_control, &m, MSG_DONTWAIT, &why)) {
	case 0:
		peer_reject(s, pe, &m, NULL);
		return;
	case -1:
		if (errno != EAGAIN && errno != EINTR)
			peer_reject(s, pe, &m, why != NULL ? why :
			    strerror(errno));
		return;
	}
	if (pe->pe_control.ch_peer == ROLE_RECEIVER)
		receiver_message(s, pe);
	else if (pe->pe_control.ch_peer == ROLE_LEARN)
		learn_message(s, pe);
	else
		policy_message(s, pe);
	msg_close_fds(&m);
}

static void
receiver_message(struct session *s, struct peer *pe)
{
	const uint8_t	*why;
	size_t		 len;
	uint32_t	 value;
	int32_t		 st;

	switch (m.m_type) {
	case MSG_RECEIVER_NEEDLANE:
		if (msg_get_number(&m, &value, 0, LANES_MAX) == -1)
			break;
		/* asked again while one is on its way: nothing to say */
		if (!ending && spawn_lane(s, next_lane++) == -1 &&
		    errno != EALREADY)
			log_warn("lane");
		return;
	case MSG_RECEIVER_CHILD:
		if (msg_get_child(&m, &value, &st) == -1 ||
		    msg_end(&m) == -1)
			break;
		child_changed(s, value, st);
		return;
	case MSG_RECEIVER_FAULT:
		if (msg_get_fault(&m, &value, &why, &len) == -1 ||
		    msg_end(&m) == -1)
			break;
		monitor_drain(s);
		log_warnx("lane %u: %.*s: the sandbox ends", value, (int)len,
		    (const char *)why);
		finish(s, EXIT_SANDBOX);
		return;
	case MSG_RECEIVER_EXIT:
		if (msg_get_number(&m, &value, 1, 1) == -1)
			break;
		/* The line that names the rule was sent before. */
		monitor_drain(s);
		if (s->s_logfd != STDERR_FILENO)
			log_warnx("a rule ended the run: see the log");
		command_over(s, EXIT_SANDBOX);
		return;
	}
	peer_reject(s, pe, &m, "malformed");
}

static void
policy_message(struct session *s, struct peer *pe)
{
	uint32_t	 id, value;
	int32_t		 st;

	switch (m.m_type) {
	case MSG_POLICY_LANEUP:
		if (msg_get_laneup(&m, &id, &value) == -1 ||
		    msg_end(&m) == -1)
			break;
		if (spawn_lane_up(s, id, value) == -1) {
			peer_reject(s, pe, &m, strerror(errno));
			return;
		}
		if (!released) {
			released = 1;
			send_u32(s, ROLE_RECEIVER, MSG_MONITOR_GO, 1);
		}
		return;
	case MSG_POLICY_CLEANED:
		if (msg_get_number(&m, &value, 0, UINT32_MAX) == -1 ||
		    !cleaning)
			break;
		finish(s, status);
		return;
	case MSG_POLICY_LANEDOWN:
		if (msg_get_lanedown(&m, &id, &st) == -1 ||
		    msg_end(&m) == -1)
			break;
		monitor_drain(s);
		if (st == 0 && released) {
			spawn_lane_drop();	/* none to be had */
			return;
		}
		log_warnx("policy worker of lane %u %s %d: the sandbox ends",
		    id, WIFSIGNALED(st) ? "killed by signal" :
		    "exited with status", WIFSIGNALED(st) ? WTERMSIG(st) :
		    WEXITSTATUS(st));
		finish(s, EXIT_SANDBOX);
		return;
	}
	peer_reject(s, pe, &m, "malformed");
}

static void
child_changed(struct session *s, uint32_t what, int st)
{
	switch (what) {
	case CHILD_STOPPED:
		stop(WSTOPSIG(st));
		break;
	case CHILD_CONTINUED:
		break;
	case CHILD_ENDED:
		child_ended(s, st);
		break;
	}
}

/* So that the shell sees its job stop, by ^Z where it was that. */
static void
stop(int sig)
{
	sigset_t	 set;

	if (sig != SIGTSTP) {
		kill(getpid(), SIGSTOP);
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(getpid(), SIGTSTP);
	/* delivered, and then continued, in here */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
child_ended(struct session *s, int st)
{
	command_over(s, WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st));
}

/* The tree is dead; what was learned is written, then the traces go. */
static void
command_over(struct session *s, int st)
{
	status = st;
	if (s->s_learn == NULL || ending) {
		clean(s);
		return;
	}
	send_u32(s, ROLE_LEARN, MSG_MONITOR_WRITE, 1);
	later(s, WRITE_SEC, on_write_timeout);
}

static void
learn_message(struct session *s, struct peer *pe)
{
	uint32_t	 all;

	if (m.m_type != MSG_LEARN_WRITTEN ||
	    msg_get_number(&m, &all, 0, 1) == -1) {
		peer_reject(s, pe, &m, "malformed");
		return;
	}
	if (ending)
		return;
	written = all != 0;
	if (!written)
		status = EXIT_SANDBOX;
	clean(s);
}

static void
on_write_timeout(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (!written)
		finish(arg, EXIT_SANDBOX);
}

/* The command's last traces. */
static void
clean(struct session *s)
{
	/* Nothing left in it: nobody has to be asked. */
	if (s->s_rundir != NULL && rmdir(s->s_rundir) == 0)
		s->s_rundir = NULL;
	if (s->s_rundir == NULL || ending) {
		finish(s, status);
		return;
	}
	cleaning = 1;
	send_u32(s, ROLE_POLICY, MSG_MONITOR_CLEAN, 1);
	later(s, CLEAN_SEC, on_clean_timeout);
}

static void
later(struct session *s, time_t sec, event_callback_fn fn)
{
	struct timeval	 tv = { .tv_sec = sec, .tv_usec = 0 };
	struct event	*ev;

	if ((ev = evtimer_new(base, fn, s)) == NULL ||
	    event_add(ev, &tv) == -1)
		finish(s, status);
}

static void
on_clean_timeout(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	log_warnx("the temporary directory could not be emptied in time");
	finish(arg, status);
}

static void
on_log(int fd, short what, void *arg)
{
	struct peer	*pe = arg;

	(void)fd;
	(void)what;
	if (log_message(pe->pe_session, pe) == -1)
		event_base_loopbreak(base);
}

/* One message of a log channel.  1: done; 0: none waiting; -1: failed. */
static int
log_message(struct session *s, struct peer *pe)
{
	const char	*why = NULL;
	const uint8_t	*line;
	struct denial	 d;
	uint8_t		 level;
	size_t		 len;

	if (pe->pe_log.ch_fd == -1)
		return (0);
	switch (chan_recv(&pe->pe_log, &logged, MSG_DONTWAIT, &why)) {
	case 0:
		return (0);
	case -1:
		if (errno == EAGAIN || errno == EINTR)
			return (0);
		peer_reject(s, pe, &logged, why != NULL ? why : strerror(errno));
		return (0);
	}
	if (logged.m_type == MSG_ROLE_DENIAL) {
		if (msg_get_denial(&logged, &d) == -1 || msg_end(&logged) == -1)
			peer_reject(s, pe, &logged, "malformed");
		else
			log_denial(s, &d);
	} else if (msg_get_log(&logged, &level, &line, &len) == -1 ||
	    msg_end(&logged) == -1)
		peer_reject(s, pe, &logged, "malformed");
	else if (limit_pass(LIMIT_ROLE + pe->pe_log.ch_peer, STDERR_FILENO, 0))
		line_write(STDERR_FILENO, role_name(pe->pe_log.ch_peer), line,
		    len);
	return (1);
}

static void
log_denial(struct session *s, const struct denial *d)
{
	if (s->s_policy.p_audit ||
	    limit_pass(d->d_rule, s->s_logfd, s->s_json))
		line_write(s->s_logfd, NULL, d->d_line, d->d_len);
}

void
monitor_drain(struct session *s)
{
	size_t	 i;

	for (i = 0; i < ROLE_COUNT; i++) {
		if (s->s_peers[i].pe_session == NULL)
			continue;
		while (log_message(s, &s->s_peers[i]) == 1)
			continue;
	}
}

/* Break of protocol, or of the channel: that role is at an end. */
static void
peer_reject(struct session *s, struct peer *pe, const struct msg *msg,
    const char *why)
{
	/* What it sent before it died is not worth a line each. */
	if (ending || pe->pe_rejected)
		return;
	pe->pe_rejected = 1;
	if (why != NULL)
		log_warnx("%s: %s: %s", role_name(pe->pe_control.ch_peer),
		    msg_name(msg->m_type), why);
	if (pe->pe_pid > 0)
		kill(pe->pe_pid, SIGKILL);
	reap(s);
}

static void
reap(struct session *s)
{
	int	 st;
	pid_t	 pid;
	size_t	 i;

	while ((pid = waitpid(-1, &st, WNOHANG)) > 0)
		for (i = 0; i < ROLE_COUNT; i++)
			if (s->s_peers[i].pe_pid == pid)
				peer_died(s, &s->s_peers[i], st);
}

static void
peer_died(struct session *s, struct peer *pe, int st)
{
	pe->pe_pid = 0;
	if (ending)
		return;
	monitor_drain(s);
	if (WIFSIGNALED(st))
		log_warnx("%s killed by signal %d (%s): the sandbox ends",
		    role_name(pe->pe_control.ch_peer), WTERMSIG(st),
		    strsignal(WTERMSIG(st)));
	else
		log_warnx("%s exited with status %d: the sandbox ends",
		    role_name(pe->pe_control.ch_peer), WEXITSTATUS(st));
	finish(s, EXIT_SANDBOX);
}

/*
 * The end: every role and whatever is left of the command die, orphans first
 * becoming ours.  Nothing of the sandbox outlives this function.
 */
static void
finish(struct session *s, int st)
{
	size_t	 i;

	if (ending)
		return;
	ending = 1;
	status = st;
	if (s->s_learn != NULL && !written)
		log_warnx("%s: what was learned is not all there",
		    s->s_learn);
	monitor_drain(s);
	/* The receiver's death hands us what it leaves. */
	for (i = 0; i < ROLE_COUNT; i++)
		if (s->s_peers[i].pe_pid > 0)
			kill(s->s_peers[i].pe_pid, SIGKILL);
	if (tree_kill(children, TREE_END_MSEC) != 0)
		log_warnx("some processes did not end");
	if (s->s_rundir != NULL && rmdir(s->s_rundir) == -1)
		log_warn("left behind: %s", s->s_rundir);
	event_base_loopbreak(base);
}
