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
#include "leash.h"
#include "limit.h"
#include "session.h"
#include "tree.h"

#define CAP_BIT_KILL	(1ULL << 5)	/* the integrity worker has another uid */
#define TREE_END_MSEC	1000
#define GROUP_END_MSEC	300		/* of policy and its workers alone */
#define CLEAN_SEC	10		/* to empty the per-run directory */
#define WRITE_SEC	10		/* to write what was learned */
#define FAIL_MSEC	1200		/* to do either once a role has failed */
#define CAUSE_MSEC	100		/* until policy says how a worker died */
#define STOP_MSEC	150		/* between looks at a role that stopped */
#define STOP_LOOKS	4		/* in a row, and it fails */
#define START_PONGS	10		/* in START_SEC; there is time for 20 */
#define LANE_TRIES	3		/* to add one, two seconds apart */
#define RESTARTS	5		/* lanes that are replaced ... */
#define RESTART_SEC	60		/* ... in this time */

static void	 confine(struct session *);
static void	 event_fatal(int);
static void	 event_says(int, const char *);
static void	 watch(struct session *);
static struct event *watch_one(int, event_callback_fn, void *);
static void	 on_signal(int, short, void *);
static void	 on_control(int, short, void *);
static void	 on_log(int, short, void *);
static void	 on_clean_timeout(int, short, void *);
static void	 on_start_timeout(int, short, void *);
static void	 on_cause_timeout(int, short, void *);
static void	 on_stop_look(int, short, void *);
static void	 on_pulse(int, short, void *);
static void	 pulse(struct session *, struct peer *);
static void	 silent(struct session *, struct peer *, const char *);
static void	 stops(struct session *);
static void	 lane_more(struct session *);
static void	 lane_fault(struct session *, uint32_t, const char *, int);
static void	 lane_broken(struct session *, uint32_t, const char *, int);
static void	 lane_down(struct session *, uint32_t, int);
static int	 restart(void);
static const struct pulse *policy_pulse(const struct session *);
static void	 fail(struct session *);
static void	 on_write_timeout(int, short, void *);
static int	 log_message(struct session *, struct peer *);
static void	 log_denial(struct session *, const struct denial *);
static void	 relay(struct session *, uint32_t);
static void	 reap(struct session *);
static void	 peer_died(struct session *, struct peer *, int);
static void	 peer_gone(struct session *, struct peer *);
static void	 on_gone_timeout(int, short, void *);
static void	 peer_reject(struct session *, struct peer *,
		    const struct msg *, const char *);
static void	 send_u32(struct session *, enum role, enum msg_type, uint32_t);
static void	 pong(struct session *, struct peer *);
static void	 receiver_message(struct session *, struct peer *);
static void	 policy_message(struct session *, struct peer *);
static void	 child_changed(struct session *, uint32_t, int);
static void	 stop(int);
static void	 learn_message(struct session *, struct peer *);
static void	 child_ended(struct session *, int);
static void	 command_over(struct session *, int);
static void	 clean(struct session *);
static void	 later(struct session *, void *, long, event_callback_fn);
static void	 finish(struct session *, int);
static int	 role_dead(pid_t);

static struct event_base *base;
static struct session *session;	/* for role_dead() */
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
static int		 undead;	/* something does not end: a tracer's */
static int		 ended;		/* all but policy's group has */
static int		 writing;	/* learn was asked to: it takes its time */
static int		 leader;	/* of a session */
static int		 cleaning;	/* policy was asked to */
static int		 failing;	/* a role did: the rest is being ended */
static char		 cause[FAULT_REASON_MAX + 64];	/* a lane's fault */
static struct event	*stop_timer;
static struct event	*pulse_timer;
static uint32_t		 nlanes;	/* by the receiver's last request */

/* Signals sent to us by a process are the command's; see signals(). */
static const int	 relayed[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT,
	SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGWINCH
};

int
monitor(struct session *s)
{
	setproctitle("monitor");
	session = s;
	leader = getsid(0) == getpid();
	/* Its worker is forked while we confine ourselves. */
	/* Is one of them gone, that is told by its death. */
	if (spawn_lane(s, next_lane++) == -1 && errno != EPIPE)
		fatal("lane");
	confine(s);
	watch(s);
	/* It may have ended before the loop begins. */
	if (!ending && event_base_dispatch(base) == -1)
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

	for (i = 0; i < ROLE_COUNT; i++)
		if (s->s_peers[i].pe_pid > 0) {
			pulse_close(&s->s_peers[i].pe_pulse);
			pulse_open(&s->s_peers[i].pe_pulse,
			    s->s_peers[i].pe_pid);
		}

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
	event_set_log_callback(event_says);
	event_set_fatal_callback(event_fatal);
	if ((base = event_base_new()) == NULL)
		fatalx("event_base_new");
	jail_caps(CAP_BIT_KILL);
	jail_wall(s->s_wall);
	jail_filter(ROLE_MONITOR);
}

/* Libevent's own lines on stderr do not say whose they are. */
static void
event_says(int severity, const char *text)
{
	if (severity == EVENT_LOG_ERR)		/* it would end the program */
		fatalx("libevent: %s", text);
	if (severity == EVENT_LOG_WARN)
		log_warnx("libevent: %s", text);
}

/* Its own exit status would be taken for a command's. */
static void
event_fatal(int error)
{
	(void)error;
	fatalx("libevent");
}

static void
watch(struct session *s)
{
	const struct timeval	 tv = { 0, PULSE_MSEC * 1000 };
	static const enum role	 roles[] = {
		ROLE_RECEIVER, ROLE_POLICY, ROLE_INTEGRITY, ROLE_LEARN,
		ROLE_RESOLVER
	};
	struct peer	*pe;
	size_t		 i;

	(void)watch_one(sigfd, on_signal, s);
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		pe = &s->s_peers[roles[i]];
		if (pe->pe_session == NULL)
			continue;
		pe->pe_event = watch_one(pe->pe_control.ch_fd, on_control, pe);
		(void)watch_one(pe->pe_log.ch_fd, on_log, pe);
	}
	if ((stop_timer = evtimer_new(base, on_stop_look, s)) == NULL)
		fatalx("evtimer_new");
	if ((pulse_timer = event_new(base, -1, EV_PERSIST, on_pulse, s)) ==
	    NULL || event_add(pulse_timer, &tv) == -1)
		fatalx("evtimer_new");
	later(s, s, START_SEC * 1000L, on_start_timeout);
	/* What happened before there was a descriptor to say so. */
	reap(s);
}

static struct event *
watch_one(int fd, event_callback_fn fn, void *arg)
{
	struct event	*ev;

	if ((ev = event_new(base, fd, EV_READ | EV_PERSIST, fn,
	    arg)) == NULL || event_add(ev, NULL) == -1)
		fatalx("event_add");
	return (ev);
}

/*
 * The terminal's signals reach the command by itself, in its process group:
 * only what a process sent to us is passed on.  SIGCONT always is, since the
 * command may have stopped in another group; and so is the terminal's end,
 * which is told to the leader of its session alone.
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
		    !released || (si.ssi_signo == SIGHUP && leader))
			relay(s, si.ssi_signo);
	}
}

static void
relay(struct session *s, uint32_t sig)
{
	if (writing) {
		/* the command is over, and somebody tired of waiting */
		if (sig != SIGTSTP && sig != SIGCONT && sig != SIGWINCH)
			finish(s, EXIT_SANDBOX);
	} else if (!ending && released)
		send_u32(s, ROLE_RECEIVER, MSG_MONITOR_SIGNAL, sig);
	else if (s->s_ignored & 1ULL << (sig - 1))
		return;			/* as the command would */
	else if (sig != SIGTSTP && sig != SIGCONT && sig != SIGWINCH)
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
	/* A dead role's last words about the command are not its status. */
	if (failing && pe->pe_control.ch_peer != ROLE_POLICY) {
		event_del(pe->pe_event);
		return;
	}
	switch (chan_recv(&pe->pe_control, &m, MSG_DONTWAIT, &why)) {
	case 0:
		peer_gone(s, pe);
		return;
	case -1:
		if (errno != EAGAIN && errno != EINTR)
			peer_reject(s, pe, &m, why != NULL ? why :
			    strerror(errno));
		return;
	}
	if (m.m_type == MSG_ROLE_PONG)
		pong(s, pe);
	else if (pe->pe_control.ch_peer == ROLE_RECEIVER)
		receiver_message(s, pe);
	else if (pe->pe_control.ch_peer == ROLE_LEARN)
		learn_message(s, pe);
	else
		policy_message(s, pe);
	msg_close_fds(&m);
}

static void
pong(struct session *s, struct peer *pe)
{
	uint32_t	 number;

	if (msg_get_number(&m, &number, 1, UINT32_MAX) == -1)
		peer_reject(s, pe, &m, "malformed");
	else if (pulse_answer(&pe->pe_pulse, number) == -1)
		peer_reject(s, pe, &m, "nobody asked");
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
		nlanes = value;
		/* asked again while one is on its way: nothing to say */
		if (!ending && !failing)
			lane_more(s);
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
		lane_fault(s, value, (const char *)why, (int)len);
		return;
	case MSG_RECEIVER_BROKEN:
		if (msg_get_fault(&m, &value, &why, &len) == -1 ||
		    msg_end(&m) == -1 || !s->s_policy.p_restart)
			break;
		lane_broken(s, value, (const char *)why, (int)len);
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
		if (failing) {
			spawn_lane_drop();
			return;
		}
		/* Is the receiver gone, that is told by its death. */
		if (spawn_lane_up(s, id, value) == -1 && errno != EPIPE) {
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
		cleaning = 0;
		finish(s, status);
		return;
	case MSG_POLICY_LANEDOWN:
		if (msg_get_lanedown(&m, &id, &st) == -1 ||
		    msg_end(&m) == -1)
			break;
		lane_down(s, id, st);
		return;
	}
	peer_reject(s, pe, &m, "malformed");
}

/*
 * One more lane.  Is one on its way there is nothing to say; but where we have
 * no descriptors for one, again and again, calls would wait for ever.
 */
static void
lane_more(struct session *s)
{
	static unsigned	 failed;

	if (spawn_lane(s, next_lane++) == 0) {
		failed = 0;
		return;
	}
	if (errno == EALREADY)
		return;
	log_warn("lane");
	if (++failed < LANE_TRIES)
		return;
	log_warnx("no lane can be added: the sandbox ends");
	fail(s);
}

/* A lane worker ended, or there is none to be had (0). */
static void
lane_down(struct session *s, uint32_t id, int st)
{
	char	 line[64];

	monitor_drain(s);
	if (st == 0 && released) {
		spawn_lane_drop();
		if (nlanes > 0)
			return;
		log_warnx("no policy worker is left: the sandbox ends");
		fail(s);
		return;
	}
	/* It may have had to end with another role: whose death says more. */
	reap(s);
	if (WIFSIGNALED(st))
		(void)snprintf(line, sizeof(line), "killed by signal %d (%s)",
		    WTERMSIG(st), strsignal(WTERMSIG(st)));
	else
		(void)snprintf(line, sizeof(line), "exited with status %d",
		    WEXITSTATUS(st));
	if (failing)
		return;
	/* Its lane finds out when it has a call for it. */
	if (s->s_policy.p_restart && released) {
		log_warnx("policy worker of lane %u %s", id, line);
		return;
	}
	cause[0] = '\0';		/* this says more */
	log_warnx("policy worker of lane %u %s: the sandbox ends", id, line);
	fail(s);
}

/*
 * Lane id is at an end, and all with it.  Is it so because a process died,
 * its death says more than the end of a channel: that may be on its way.
 */
static void
lane_fault(struct session *s, uint32_t id, const char *why, int len)
{
	if (failing || cause[0] != '\0')
		return;
	(void)snprintf(cause, sizeof(cause), "lane %u: %.*s", id, len, why);
	later(s, s, CAUSE_MSEC, on_cause_timeout);
	reap(s);
}

static void
on_cause_timeout(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (ending || failing || cause[0] == '\0')
		return;
	monitor_drain(arg);
	log_warnx("%s: the sandbox ends", cause);
	fail(arg);
}

/* The receiver closed a lane, and asks for another when it needs one. */
static void
lane_broken(struct session *s, uint32_t id, const char *why, int len)
{
	monitor_drain(s);
	if (ending || failing)
		return;
	if (restart()) {
		log_warnx("lane %u: %.*s: replaced", id, len, why);
		return;
	}
	log_warnx("lane %u: %.*s: more than %d in %d seconds: "
	    "the sandbox ends", id, len, why, RESTARTS, RESTART_SEC);
	fail(s);
}

/* 1: one more lane may fail. */
static int
restart(void)
{
	static time_t	 last[RESTARTS];
	static unsigned	 next;
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	if (last[next] != 0 && ts.tv_sec - last[next] < RESTART_SEC)
		return (0);
	last[next] = ts.tv_sec;
	next = (next + 1) % RESTARTS;
	return (1);
}

static void
on_start_timeout(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (released || ending || failing)
		return;
	/* It has had no time to answer as often: the machine is slow. */
	if (policy_pulse(arg)->pu_open &&
	    policy_pulse(arg)->pu_answers < START_PONGS) {
		later(arg, arg, START_SEC * 1000L, on_start_timeout);
		return;
	}
	monitor_drain(arg);
	log_warnx("policy forked no worker within %d seconds: "
	    "the sandbox ends", START_SEC);
	fail(arg);
}

static const struct pulse *
policy_pulse(const struct session *s)
{
	return (&s->s_peers[ROLE_POLICY].pe_pulse);
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
	writing = 1;
	send_u32(s, ROLE_LEARN, MSG_MONITOR_WRITE, 1);
	later(s, s, WRITE_SEC * 1000L, on_write_timeout);
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
	if (!writing) {
		peer_reject(s, pe, &m, "nobody asked");
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
	later(s, s, failing ? FAIL_MSEC : CLEAN_SEC * 1000L,
	    on_clean_timeout);
}

static void
later(struct session *s, void *arg, long msec, event_callback_fn fn)
{
	const struct timeval	 tv = { .tv_sec = msec / 1000,
				    .tv_usec = msec % 1000 * 1000 };

	if (event_base_once(base, -1, EV_TIMEOUT, fn, arg, &tv) == -1)
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
	/* Its end of file would be told for ever. */
	if (pe->pe_event != NULL)
		event_del(pe->pe_event);
	if (failing) {
		if (pe->pe_control.ch_peer == ROLE_POLICY)
			finish(s, EXIT_SANDBOX);
		return;
	}
	if (why != NULL)
		log_warnx("%s: %s: %s", role_name(pe->pe_control.ch_peer),
		    msg_name(msg->m_type), why);
	if (pe->pe_pid > 0)
		kill(pe->pe_pid, SIGKILL);
	reap(s);
}

/*
 * The end of a channel is the end of a process, which is told by wait(2); or
 * it lives, and is no role any more.
 */
static void
peer_gone(struct session *s, struct peer *pe)
{
	event_del(pe->pe_event);
	reap(s);
	if (ending)
		return;
	if (failing && pe->pe_control.ch_peer == ROLE_POLICY)
		finish(s, EXIT_SANDBOX);
	else if (!failing && pe->pe_pid > 0)
		later(s, pe, CAUSE_MSEC, on_gone_timeout);
}

static void
on_gone_timeout(int fd, short what, void *arg)
{
	struct peer	*pe = arg;

	(void)fd;
	(void)what;
	if (ending || failing || pe->pe_pid <= 0)
		return;
	monitor_drain(pe->pe_session);
	log_warnx("%s closed its channel: the sandbox ends",
	    role_name(pe->pe_control.ch_peer));
	pe->pe_rejected = 1;
	kill(pe->pe_pid, SIGKILL);
	fail(pe->pe_session);
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
	if (!ending && !failing)
		stops(s);
}

static void
peer_died(struct session *s, struct peer *pe, int st)
{
	pe->pe_pid = 0;
	pe->pe_stops = 0;
	if (ending)
		return;
	if (failing) {
		if (pe->pe_control.ch_peer == ROLE_POLICY)
			finish(s, EXIT_SANDBOX);
		return;
	}
	monitor_drain(s);
	if (WIFSIGNALED(st))
		log_warnx("%s killed by signal %d (%s): the sandbox ends",
		    role_name(pe->pe_control.ch_peer), WTERMSIG(st),
		    strsignal(WTERMSIG(st)));
	else
		log_warnx("%s exited with status %d: the sandbox ends",
		    role_name(pe->pe_control.ch_peer), WEXITSTATUS(st));
	fail(s);
}

/*
 * A role that somebody stopped would hang the command until somebody else
 * continued it.  None stops by itself: ^Z is ignored, and not sent to them.
 * One that goes on in time is said to have been stopped, once: a receiver may
 * have to kill whom it was answering, see notify_inject().
 */
static void
stops(struct session *s)
{
	const struct timeval	 tv = { 0, STOP_MSEC * 1000 };
	siginfo_t		 si;
	size_t			 i;

	for (i = 0; i < ROLE_COUNT; i++) {
		si.si_pid = 0;
		if (s->s_peers[i].pe_pid > 0 && waitid(P_PID,
		    (id_t)s->s_peers[i].pe_pid, &si, WCONTINUED | WNOHANG) ==
		    0 && si.si_pid != 0 && !s->s_peers[i].pe_stopped) {
			s->s_peers[i].pe_stopped = 1;
			log_warnx("%s was stopped, and continued",
			    role_name((enum role)i));
		}
		if (spawn_stopped(s->s_peers[i].pe_pid) == 0)
			s->s_peers[i].pe_stops = 0;
		else if (s->s_peers[i].pe_stops == 0) {
			s->s_peers[i].pe_stops = 1;
			if (event_add(stop_timer, &tv) == -1)
				fatalx("event_add");
		}
	}
}

/* By looks, not by the clock, which goes on while we are stopped as well. */
static void
on_stop_look(int fd, short what, void *arg)
{
	const struct timeval	 tv = { 0, STOP_MSEC * 1000 };
	struct session		*s = arg;
	struct peer		*pe;
	size_t			 i;
	int			 sig, again = 0;

	(void)fd;
	(void)what;
	for (i = 0; i < ROLE_COUNT; i++) {
		pe = &s->s_peers[i];
		if (pe->pe_stops == 0 || ending || failing)
			continue;
		if ((sig = spawn_stopped(pe->pe_pid)) == 0)
			pe->pe_stops = 0;
		else if (pe->pe_stops++ >= STOP_LOOKS) {
			monitor_drain(s);
			log_warnx("%s stopped by signal %d (%s): "
			    "the sandbox ends",
			    role_name(pe->pe_control.ch_peer), sig,
			    strsignal(sig));
			/* Policy has something left to do. */
			kill(pe->pe_pid, i == ROLE_POLICY ? SIGCONT : SIGKILL);
			fail(s);
			return;
		} else
			again = 1;
	}
	if (again && event_add(stop_timer, &tv) == -1)
		fatalx("event_add");
}

static void
on_pulse(int fd, short what, void *arg)
{
	struct session	*s = arg;
	size_t		 i;

	(void)fd;
	(void)what;
	for (i = 0; i < ROLE_COUNT && !ending && !failing; i++)
		if (s->s_peers[i].pe_pid > 0 && s->s_peers[i].pe_stops == 0)
			pulse(s, &s->s_peers[i]);
}

/* One that was asked and will not answer has failed; else it is asked. */
static void
pulse(struct session *s, struct peer *pe)
{
	static uint32_t	 number;
	const char	*why;

	if (writing && pe->pe_control.ch_peer == ROLE_LEARN) {
		/* it is at work, for as long as its file takes it */
		if (pulse_held(&pe->pe_pulse, PULSE_TRACED))
			silent(s, pe, "it is being traced");
		return;
	}
	if (pe->pe_pulse.pu_asked == 0) {
		if (++number == 0)
			number = 1;
		pulse_ask(&pe->pe_pulse, number);
		if (pe->pe_pulse.pu_asked == 0)
			return;
		msg_start(&out, MSG_MONITOR_PING, 0);
		msg_put_u32(&out, number);
		/* One that takes nothing will not answer, either. */
		(void)chan_send(&pe->pe_control, &out, MSG_DONTWAIT);
		return;
	}
	if ((why = pulse_look(&pe->pe_pulse)) != NULL)
		silent(s, pe, why);
}

static void
silent(struct session *s, struct peer *pe, const char *why)
{
	monitor_drain(s);
	if (ending || failing)
		return;
	log_warnx("%s does not answer, %s: the sandbox ends",
	    role_name(pe->pe_control.ch_peer), why);
	/* Not to be asked for anything more. */
	pe->pe_rejected = 1;
	kill(pe->pe_pid, SIGKILL);
	fail(s);
}

/*
 * A role failed.  All but the policy process, which is to remove the command's
 * temporary files, are ended; if it cannot, they are named and left.
 */
static void
fail(struct session *s)
{
	const struct peer	*policy = &s->s_peers[ROLE_POLICY];
	siginfo_t		 si;
	size_t			 i;

	if (ending || failing)
		return;
	failing = 1;
	status = EXIT_SANDBOX;
	monitor_drain(s);
	if (!released || s->s_rundir == NULL || policy->pe_pid <= 0 ||
	    policy->pe_rejected) {
		finish(s, EXIT_SANDBOX);
		return;
	}
	for (i = 0; i < ROLE_COUNT; i++)
		if (s->s_peers[i].pe_pid > 0 && i != ROLE_POLICY)
			kill(s->s_peers[i].pe_pid, SIGKILL);
	if (tree_kill(children, policy->pe_pid, TREE_END_MSEC,
	    role_dead) != 0) {
		log_warnx("some processes did not end");
		undead = 1;
	} else
		ended = 1;
	/* Reaped there, without a word. */
	for (i = 0; i < ROLE_COUNT; i++)
		if (i != ROLE_POLICY || waitid(P_PID,
		    (id_t)policy->pe_pid, &si, WEXITED | WNOHANG |
		    WNOWAIT) == -1)
			s->s_peers[i].pe_pid = 0;
	if (policy->pe_pid == 0)
		finish(s, EXIT_SANDBOX);
	clean(s);
}

/*
 * The end: every role and whatever is left of the command die, orphans first
 * becoming ours.  Nothing of the sandbox outlives this function.
 */
static void
finish(struct session *s, int st)
{
	size_t	 i;
	int	 msec;

	if (ending)
		return;
	ending = 1;
	status = st;
	if (s->s_learn != NULL && !written)
		log_warnx("%s: what was learned is not all there",
		    s->s_learn);
	monitor_drain(s);
	/* Policy, and all that it has forked, whatever they do meanwhile. */
	leash_pull();
	/* The receiver's death hands us what it leaves. */
	for (i = 0; i < ROLE_COUNT; i++)
		if (s->s_peers[i].pe_pid > 0)
			kill(s->s_peers[i].pe_pid, SIGKILL);
	/*
	 * Who holds them has been waited for once.  Policy's group has had its
	 * signal; is there nothing else, who traces one of these need not be
	 * waited for as long.
	 */
	msec = undead ? CAUSE_MSEC : ended ? GROUP_END_MSEC : TREE_END_MSEC;
	if (tree_kill(children, 0, msec, role_dead) != 0 &&
	    !undead)
		log_warnx("some processes did not end");
	if (s->s_rundir != NULL && rmdir(s->s_rundir) == -1)
		log_warn("left behind: %s", s->s_rundir);
	event_base_loopbreak(base);
}

/* Of what we kill: a role that somebody traces is a zombie until he looks. */
static int
role_dead(pid_t pid)
{
	struct pulse	*pu;
	size_t		 i;

	for (i = 0; i < ROLE_COUNT; i++) {
		pu = &session->s_peers[i].pe_pulse;
		if (pu->pu_pid == pid && pulse_dead(pu))
			return (1);
	}
	return (0);
}
