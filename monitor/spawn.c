/*
 * Starting the roles: socketpairs, vfork, re-execution of this program through
 * a descriptor of itself, and the set-up messages.  Before the monitor is
 * confined; lanes come later and need nothing but socketpair(2).
 *
 * The roles are started as soon as it is known that there is a command, and
 * come up while the policy is read and compiled: they wait for the set-up.
 * Whatever ends the monitor before they are ready ends them.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/log.h"
#include "leash.h"
#include "nameserver.h"
#include "passwd.h"
#include "session.h"

#define NOBODY		65534
#define LOOK_MSEC	100	/* how often one that is waited for is looked at */
#define STOP_LOOKS	10	/* in a row that saw it stopped */
#define ABORT_MSEC	1000	/* for all of them to die */
#define DIE_MSEC	200	/* from its end of file to its death */

/* The ends of a lane whose worker is being forked. */
static struct {
	uint32_t	 l_id;
	int		 l_call;
	int		 l_image;
} lane = { 0, -1, -1 };

static char	**spawn_argv(const struct session *, enum role);
static void	 spawn_exec(const struct session *, enum role, char **,
		    const int *) __attribute__((__noreturn__));
static void	 spawn_abort(void);
static void	 setup(struct session *, enum role);
static void	 setup_conf(const struct session *, enum role);
static void	 setup_user(struct conf *);
static void	 setup_rules(struct session *, enum role);
static void	 setup_verify(struct session *, enum role);
static void	 setup_net(struct session *, enum role);
static void	 setup_names(struct session *, enum role);
static uint32_t	 setup_images(const struct verifyset *);
static void	 setup_wall(struct session *, enum role);
static void	 setup_watch(struct session *, enum role);
static void	 setup_learn(struct session *);
static void	 setup_place(const uint8_t **, size_t *, const char *);
static void	 setup_timeout(const struct peer *, long);
static void	 setup_send(struct peer *);
static void	 setup_pulse(struct peer *);
static void	 setup_wait(struct peer *, int *);
static void	 setup_failed(struct peer *, const char *)
		    __attribute__((__noreturn__));
static void	 setup_signals(const struct session *);
static void	 setup_ready(struct session *, enum role);
static int	 lane_send(struct peer *, uint32_t, uint32_t, int, int);

/* The receiver has most to do. */
static const enum role	 order[] = {
	ROLE_RECEIVER, ROLE_POLICY, ROLE_INTEGRITY, ROLE_LEARN, ROLE_RESOLVER
};
#define NORDER		(sizeof(order) / sizeof(order[0]))

static struct msg	 m;
static pid_t		 started[ROLE_COUNT];	/* and not ready yet */
static struct session	*session;		/* whose they are */
/* Ends of the learn channels, by who speaks; [0] is the learn role's. */
static int		 watch[ROLE_COUNT][2];

void
spawn_role(struct session *s, enum role role)
{
	struct peer	*pe = &s->s_peers[role];
	int		 control[2], logs[2], theirs[2];
	char		**argv;
	pid_t		 pid;
	static int	 armed;

	if (!armed && atexit(spawn_abort) != 0)
		fatalx("atexit");
	armed = 1;
	session = s;
	if (chan_pair(control) == -1 || chan_pair(logs) == -1)
		fatal("socketpair");
	theirs[0] = control[1];
	theirs[1] = logs[1];
	argv = spawn_argv(s, role);
	switch (pid = vfork()) {
	case -1:
		fatal("vfork");
	case 0:
		spawn_exec(s, role, argv, theirs);
	}
	pe->pe_pid = started[role] = pid;
	free(argv);
	/* It forks; it is the leader of its group since before its exec. */
	if (role == ROLE_POLICY && leash_put(pid) == -1)
		fatal("policy: F_SETOWN");
	close(control[1]);
	close(logs[1]);
	chan_init(&pe->pe_control, control[0], ROLE_MONITOR, role,
	    CHAN_CONTROL);
	chan_init(&pe->pe_log, logs[0], ROLE_MONITOR, role, CHAN_LOG);
	setup_timeout(pe, LOOK_MSEC);
	pe->pe_session = s;
}

void
spawn_setup(struct session *s)
{
	size_t	 i;

	if (s->s_learn != NULL && (chan_pair(watch[ROLE_POLICY]) == -1 ||
	    chan_pair(watch[ROLE_INTEGRITY]) == -1))
		fatal("socketpair");
	for (i = 0; i < NORDER; i++)
		if (s->s_peers[order[i]].pe_session != NULL)
			setup(s, order[i]);
	for (i = 0; i < NORDER; i++)
		if (s->s_peers[order[i]].pe_session != NULL)
			setup_ready(s, order[i]);
	memset(started, 0, sizeof(started));
}

/* At exit, when the set-up has not come to its end. */
static void
spawn_abort(void)
{
	const struct timespec	 ms = { 0, 1000000 };
	size_t			 i;
	int			 n = 0;

	for (i = 0; i < ROLE_COUNT; i++)
		if (started[i] > 0)
			kill(started[i], SIGKILL);
	/* The dead are kept by who traces them, as long as that wants. */
	for (i = 0; i < ROLE_COUNT; i++) {
		if (started[i] <= 0)
			continue;
		setup_pulse(&session->s_peers[i]);
		while (waitpid(started[i], NULL, WNOHANG) == 0 &&
		    !pulse_dead(&session->s_peers[i].pe_pulse) &&
		    n++ < ABORT_MSEC)
			nanosleep(&ms, NULL);
	}
}

void
spawn_stop(struct session *s)
{
	size_t	 i;

	spawn_abort();
	leash_pull();
	memset(started, 0, sizeof(started));
	for (i = 0; i < ROLE_COUNT; i++) {
		if (s->s_peers[i].pe_session == NULL)
			continue;
		chan_close(&s->s_peers[i].pe_control);
		chan_close(&s->s_peers[i].pe_log);
		pulse_close(&s->s_peers[i].pe_pulse);
		memset(&s->s_peers[i], 0, sizeof(s->s_peers[i]));
	}
}

/* Only the receiver gets the command.  The array is from malloc(3). */
static char **
spawn_argv(const struct session *s, enum role role)
{
	static char	 progname[] = "privsep-sandbox", flag[] = "-P",
			 dashes[] = "--";
	static char	 name[16], ignored[32];
	char		**argv;
	size_t		 n, argc = 0;

	for (n = 0; s->s_argv[n] != NULL; n++)
		continue;
	if ((argv = calloc(n + 6, sizeof(*argv))) == NULL)
		fatal("spawn");
	snprintf(name, sizeof(name), "%s", role_name(role));
	snprintf(ignored, sizeof(ignored), "%llx",
	    (unsigned long long)s->s_ignored);
	argv[argc++] = progname;
	argv[argc++] = flag;
	argv[argc++] = name;
	if (role == ROLE_RECEIVER) {
		argv[argc++] = ignored;
		argv[argc++] = dashes;
		memcpy(argv + argc, s->s_argv, n * sizeof(*argv));
	}
	return (argv);
}

/*
 * In the monitor's memory, see vfork(2): changes none of it.  The numbers are
 * far from 3 and 4, which may be among theirs.  Only the receiver gets an
 * environment, the command's.
 */
static void
spawn_exec(const struct session *s, enum role role, char **argv,
    const int *theirs)
{
	/* Room for setproctitle(3bsd), which writes over both. */
	static char	 room[] = "PROCTITLE_ROOM=........................";
	char		*bare[] = { room, NULL };
	int		 control, logs;

	if (setpgid(0, 0) == 0 &&
	    (control = fcntl(theirs[0], F_DUPFD_CLOEXEC, FD_LOG + 1)) != -1 &&
	    (logs = fcntl(theirs[1], F_DUPFD_CLOEXEC, FD_LOG + 1)) != -1 &&
	    dup2(control, FD_PARENT) != -1 && dup2(logs, FD_LOG) != -1) {
		syscall(SYS_execveat, s->s_selffd, "", argv,
		    role == ROLE_RECEIVER ? s->s_envp : bare, AT_EMPTY_PATH);
		log_warn("execveat: %s", argv[2]);
	} else
		log_warn("spawn: %s", argv[2]);
	_exit(EXIT_SANDBOX);
}

/* Everything a role must know, then START. */
static void
setup(struct session *s, enum role role)
{
	struct peer	*pe = &s->s_peers[role];

	setup_conf(s, role);
	setup_send(pe);
	setup_rules(s, role);
	if (role == ROLE_INTEGRITY || role == ROLE_POLICY)
		setup_verify(s, role);
	if (role == ROLE_POLICY || role == ROLE_RESOLVER)
		setup_net(s, role);
	setup_wall(s, role);
	if (role == ROLE_RECEIVER) {
		msg_start(&m, MSG_MONITOR_FILTER, 0);
		msg_put_filter(&m, s->s_plan.pl_filter,
		    s->s_plan.pl_filterlen);
		setup_send(pe);
	}
	if (role == ROLE_LEARN)
		setup_learn(s);
	else if (s->s_learn != NULL && role != ROLE_RECEIVER &&
	    role != ROLE_RESOLVER)
		setup_watch(s, role);
	msg_start(&m, MSG_MONITOR_START, 0);
	msg_put_u32(&m, PROTO_VERSION);
	setup_send(pe);
}

static void
setup_conf(const struct session *s, enum role role)
{
	struct conf	 c;

	memset(&c, 0, sizeof(c));
	c.c_pgid = getpgrp();
	c.c_flags = s->s_json ? CONF_JSON : 0;
	if (s->s_verbose)
		c.c_flags |= CONF_TRACE;
	if (s->s_plan.pl_tiers[__builtin_ctz(R_WX)].t_tier &
	    (TIER_KERNEL | TIER_WATCH))
		c.c_flags |= CONF_MDWE;
	if (s->s_policy.p_restart)
		c.c_flags |= CONF_RESTART;
	if ((s->s_plan.pl_notify & R_EXEC) == 0 && s->s_learn == NULL)
		c.c_flags |= CONF_UNASKED;
	if (s->s_plan.pl_guarded)
		c.c_flags |= CONF_GUARD;
	if (s->s_policy.p_safenames)
		c.c_flags |= CONF_SAFENAMES;
	if (s->s_policy.p_dotdot)
		c.c_flags |= CONF_DOTDOT;
	if (s->s_policy.p_cloexec)
		c.c_flags |= CONF_CLOEXEC;
	c.c_uid = c.c_gid = (uint32_t)-1;
	if (role == ROLE_RECEIVER)
		c.c_flags |= setup_images(&s->s_plan.pl_verify);
	if (role == ROLE_POLICY && verify_digests(&s->s_policy.p_verify,
	    s->s_policy.p_early != 0))
		c.c_flags |= CONF_DIGESTS;
	if ((role == ROLE_INTEGRITY || role == ROLE_RESOLVER) &&
	    geteuid() == 0)
		setup_user(&c);
	c.c_caps = s->s_policy.p_caps;
	if (s->s_rundir != NULL) {
		c.c_rundir = (const uint8_t *)s->s_rundir;
		c.c_rundirlen = strlen(s->s_rundir);
	}
	msg_start(&m, MSG_MONITOR_CONF, 0);
	msg_put_conf(&m, &c);
}

/* What of an image the integrity worker wants to see beside. */
static uint32_t
setup_images(const struct verifyset *vs)
{
	uint32_t	 asked = vs->vs_refused | vs->vs_warned;

	return ((vs->vs_wx ? CONF_WX : 0) |
	    (asked & EXEC_NULLARGV ? CONF_ARGS : 0) |
	    (asked & EXEC_UNTRUSTED ? CONF_MOUNT : 0));
}

/* The integrity worker's user when we are root. */
static void
setup_user(struct conf *c)
{
	struct passwd_entry	 pe;

	c->c_uid = c->c_gid = NOBODY;
	if (passwd_find("_privsep", 0, &pe) == 0) {
		c->c_uid = pe.pe_uid;
		c->c_gid = pe.pe_gid;
	}
}

/*
 * The integrity role needs to know of exec only, and with digests of what may
 * be written; the learn role of secrets.
 */
static void
setup_rules(struct session *s, enum role role)
{
	const struct ruleset	*rs = role == ROLE_LEARN ? &s->s_secrets :
				    &s->s_plan.pl_rules;
	const struct verifyset	*vs = &s->s_plan.pl_verify;
	uint32_t		 rights = R_ALL;
	size_t			 next = 0;

	if (role == ROLE_INTEGRITY)
		rights = R_EXEC | (vs->vs_all || vs->vs_count > 0 ||
		    ((vs->vs_refused | vs->vs_warned) & EXEC_WRITABLE) ?
		    EXEC_WRITERS : 0U) |
		    (vs->vs_library ? R_LIBRARY : 0U) |
		    (vs->vs_library || vs->vs_wx ? R_WX : 0U);
	while (role != ROLE_RECEIVER && role != ROLE_RESOLVER &&
	    next < rs->rs_count) {
		msg_start(&m, MSG_MONITOR_RULE, 0);
		if (msg_put_rules(&m, rs, rights, &next) > 0)
			setup_send(&s->s_peers[role]);
	}
}

/* What the kernel holds for itself needs no rules there. */
static void
setup_net(struct session *s, enum role role)
{
	const struct netset	*ns = &s->s_plan.pl_net.np_rules;
	size_t			 rule = 0, range = 0;

	if (!s->s_plan.pl_net.np_asked)
		return;
	while (rule < ns->ns_count) {
		msg_start(&m, MSG_MONITOR_NET, 0);
		msg_put_net(&m, ns, &rule, &range);
		setup_send(&s->s_peers[role]);
	}
	if (s->s_peers[ROLE_RESOLVER].pe_session != NULL)
		setup_names(s, role);
}

/* Who answers the child, and who is asked; the resolver gets its ears. */
static void
setup_names(struct session *s, enum role role)
{
	static int	 ears[NAME_EARS];
	static int	 made;
	size_t		 i;

	/* before either is told where they are */
	if (!made)
		nameserver_ears(&s->s_nameservers, ears);
	made = 1;
	msg_start(&m, MSG_MONITOR_NAMES, 0);
	msg_put_names(&m, &s->s_nameservers);
	for (i = 0; role == ROLE_RESOLVER && i < NAME_EARS; i++)
		if (ears[i] != -1)
			msg_put_fd(&m, ears[i]);
	setup_send(&s->s_peers[role]);
	for (i = 0; role == ROLE_RESOLVER && i < NAME_EARS; i++)
		if (ears[i] != -1)
			close(ears[i]);
}

static void
setup_verify(struct session *s, enum role role)
{
	const struct verifyset	*vs = &s->s_plan.pl_verify;
	struct peer		*pe = &s->s_peers[role];
	size_t			 next = 0;

	msg_start(&m, MSG_MONITOR_EXEC, 0);
	msg_put_exec(&m, vs);
	setup_send(pe);
	for (next = 0; next < s->s_plan.pl_tpe.tp_count; next++) {
		msg_start(&m, MSG_MONITOR_TPE, 0);
		msg_put_tpe(&m, &s->s_plan.pl_tpe.tp_list[next]);
		setup_send(pe);
	}
	next = 0;
	while (s->s_plan.pl_guarded && next < s->s_plan.pl_guards.gu_count) {
		msg_start(&m, MSG_MONITOR_GUARD, 0);
		msg_put_guards(&m, &s->s_plan.pl_guards, &next);
		setup_send(pe);
	}
	next = 0;
	while (role == ROLE_INTEGRITY && next < vs->vs_count) {
		msg_start(&m, MSG_MONITOR_VERIFY, 0);
		msg_put_verify(&m, vs, &next);
		setup_send(pe);
	}
}

static void
setup_wall(struct session *s, enum role role)
{
	msg_start(&m, MSG_MONITOR_WALL, 0);
	msg_put_u32(&m, role == ROLE_RECEIVER ? 2 : 1);
	if (role == ROLE_RECEIVER) {
		msg_put_fd(&m, s->s_plan.pl_wall_receiver);
		msg_put_fd(&m, s->s_plan.pl_wall_child);
	} else
		msg_put_fd(&m, role == ROLE_POLICY ?
		    s->s_plan.pl_wall_policy : s->s_plan.pl_wall_integrity);
	setup_send(&s->s_peers[role]);
}

/* Who is to say what is used. */
static void
setup_watch(struct session *s, enum role role)
{
	msg_start(&m, MSG_MONITOR_WATCH, 0);
	msg_put_u32(&m, role == ROLE_INTEGRITY && s->s_manifest != NULL ?
	    2 : 1);
	msg_put_fd(&m, watch[role][1]);
	setup_send(&s->s_peers[role]);
	close(watch[role][1]);
}

/* Who will be told, and what the policy's macros stand for. */
static void
setup_learn(struct session *s)
{
	struct learn_conf	 lc;

	memset(&lc, 0, sizeof(lc));
	lc.lc_names = s->s_names;
	setup_place(&lc.lc_home, &lc.lc_homelen, s->s_home);
	setup_place(&lc.lc_work, &lc.lc_worklen, s->s_work);
	setup_place(&lc.lc_tty, &lc.lc_ttylen, s->s_tty);
	msg_start(&m, MSG_MONITOR_LEARN, 0);
	msg_put_learn(&m, &lc);
	/* It is told, and tells them nothing. */
	if (shutdown(watch[ROLE_POLICY][0], SHUT_WR) == -1 ||
	    shutdown(watch[ROLE_INTEGRITY][0], SHUT_WR) == -1)
		fatal("shutdown");
	msg_put_fd(&m, watch[ROLE_POLICY][0]);
	msg_put_fd(&m, watch[ROLE_INTEGRITY][0]);
	msg_put_fd(&m, s->s_learnfd);
	if (s->s_manifest != NULL)
		msg_put_fd(&m, s->s_manifestfd);
	setup_send(&s->s_peers[ROLE_LEARN]);
	close(watch[ROLE_POLICY][0]);
	close(watch[ROLE_INTEGRITY][0]);
	close(s->s_learnfd);
	if (s->s_manifest != NULL)
		close(s->s_manifestfd);
}

/* A directory that a macro names, unless there is none or it is the root. */
static void
setup_place(const uint8_t **path, size_t *len, const char *dir)
{
	*path = (const uint8_t *)"";
	*len = 0;
	if (dir == NULL || dir[0] != '/' || dir[1] == '\0')
		return;
	*path = (const uint8_t *)dir;
	*len = strlen(dir);
}

static void
setup_send(struct peer *pe)
{
	int	 looks = 0;

	while (chan_send(&pe->pe_control, &m, 0) == -1) {
		if (errno != EAGAIN) {
			monitor_drain(pe->pe_session);
			setup_failed(pe, strerror(errno));
		}
		setup_wait(pe, &looks);
	}
}

/* Nothing waits for a role longer than it takes to look at it. */
static void
setup_timeout(const struct peer *pe, long msec)
{
	const struct timeval	 tv = { .tv_sec = msec / 1000,
				    .tv_usec = msec % 1000 * 1000 };

	if (setsockopt(pe->pe_control.ch_fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv)) == -1 || setsockopt(pe->pe_control.ch_fd, SOL_SOCKET,
	    SO_SNDTIMEO, &tv, sizeof(tv)) == -1)
		fatal("setsockopt: SO_RCVTIMEO");
}

static void
setup_pulse(struct peer *pe)
{
	if (!pe->pe_pulse.pu_open)
		pulse_open(&pe->pe_pulse, pe->pe_pid);
}

/* The role takes nothing, or says nothing, for LOOK_MSEC more. */
static void
setup_wait(struct peer *pe, int *looks)
{
	const char	*why;
	int		 sig;

	setup_signals(pe->pe_session);
	setup_pulse(pe);
	if (*looks == 0)
		pulse_ask(&pe->pe_pulse, 1);
	else if ((why = pulse_starting(&pe->pe_pulse)) != NULL)
		fatalx("%s did not start: %s",
		    role_name(pe->pe_control.ch_peer), why);
	if ((sig = spawn_stopped(pe->pe_pid)) == 0)
		pe->pe_stops = 0;
	else if (++pe->pe_stops >= STOP_LOOKS)
		fatalx("%s did not start: stopped by signal %d (%s)",
		    role_name(pe->pe_control.ch_peer), sig, strsignal(sig));
	/* By looks that saw it idle: one that runs, or would, is at work. */
	if (*looks == 0 || pulse_idle(&pe->pe_pulse))
		++*looks;
	if (*looks >= START_SEC * 1000 / LOOK_MSEC)
		fatalx("%s did not start within %d seconds",
		    role_name(pe->pe_control.ch_peer), START_SEC);
}

/* Which closed its channel, or broke the protocol: how did it end? */
static void
setup_failed(struct peer *pe, const char *why)
{
	const struct timespec	 ms = { 0, 1000000 };
	const char		*name = role_name(pe->pe_control.ch_peer);
	pid_t			 pid = 0;
	int			 st, n;

	for (n = 0; n < DIE_MSEC && pid == 0; n++) {
		if ((pid = waitpid(pe->pe_pid, &st, WNOHANG)) == 0)
			nanosleep(&ms, NULL);
	}
	if (pid <= 0)
		fatalx("%s did not start: %s", name, why);
	started[pe->pe_control.ch_peer] = 0;
	if (WIFSIGNALED(st))
		fatalx("%s did not start: killed by signal %d (%s)", name,
		    WTERMSIG(st), strsignal(WTERMSIG(st)));
	fatalx("%s did not start: exited with status %d", name,
	    WEXITSTATUS(st));
}

/* They are held until the monitor is at work; but nobody has to wait. */
static void
setup_signals(const struct session *s)
{
	static const int	 ends[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM
	};
	sigset_t		 set;
	size_t			 i;

	if (sigpending(&set) == -1)
		return;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigismember(&set, ends[i]) == 1 &&
		    !(s->s_ignored & 1ULL << (ends[i] - 1)))
			exit(128 + ends[i]);
}

int
spawn_stopped(pid_t pid)
{
	siginfo_t	 si;

	si.si_pid = 0;
	if (pid <= 0 || waitid(P_PID, (id_t)pid, &si, WSTOPPED | WNOHANG |
	    WNOWAIT) == -1 || si.si_pid == 0)
		return (0);
	return (si.si_status);
}

static void
setup_ready(struct session *s, enum role role)
{
	struct peer	*pe = &s->s_peers[role];
	const char	*why = NULL;
	uint32_t	 version;
	int		 n, looks = 0;

	while ((n = chan_recv(&pe->pe_control, &m, 0, &why)) != 1) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			monitor_drain(s);
			setup_failed(pe, why != NULL ? why :
			    "closed its channel");
		}
		setup_wait(pe, &looks);
	}
	if (m.m_type != MSG_ROLE_READY || msg_get_number(&m, &version,
	    PROTO_VERSION, PROTO_VERSION) == -1)
		fatalx("%s: malformed %s", role_name(role), msg_name(m.m_type));
	pe->pe_stops = 0;
	log_debug("%s is process %d", role_name(role), (int)pe->pe_pid);
}

/* Make the pairs and hand out the workers' ends. */
int
spawn_lane(struct session *s, uint32_t id)
{
	int	 call[2], image[2], names[2] = { -1, -1 }, error = 0;
	int	 named = s->s_peers[ROLE_RESOLVER].pe_session != NULL;

	if (lane.l_call != -1) {
		errno = EALREADY;
		return (-1);
	}
	if (chan_pair(call) == -1)
		return (-1);
	if (chan_pair(image) == -1) {
		close(call[0]);
		close(call[1]);
		return (-1);
	}
	if (named && chan_pair(names) == -1) {
		close(call[0]);
		close(call[1]);
		close(image[0]);
		close(image[1]);
		return (-1);
	}
	lane.l_id = id;
	lane.l_call = call[0];
	lane.l_image = image[0];
	if (lane_send(&s->s_peers[ROLE_POLICY], id, 0, call[1],
	    names[0]) == -1 ||
	    lane_send(&s->s_peers[ROLE_INTEGRITY], id, 0, image[1], -1) == -1 ||
	    (named && lane_send(&s->s_peers[ROLE_RESOLVER], id, 0, names[1],
	    -1) == -1))
		error = -1;
	if (named) {
		close(names[0]);
		close(names[1]);
	}
	close(call[1]);
	close(image[1]);
	return (error);
}

int
spawn_lane_up(struct session *s, uint32_t id, uint32_t pid)
{
	int	 error;

	if (lane.l_call == -1 || id != lane.l_id) {
		errno = EPROTO;
		return (-1);
	}
	error = lane_send(&s->s_peers[ROLE_RECEIVER], id, pid, lane.l_call,
	    lane.l_image);
	spawn_lane_drop();
	return (error);
}

void
spawn_lane_drop(void)
{
	if (lane.l_call == -1)
		return;
	close(lane.l_call);
	close(lane.l_image);
	lane.l_call = lane.l_image = -1;
}

static int
lane_send(struct peer *pe, uint32_t id, uint32_t pid, int fd, int fd2)
{
	msg_start(&m, MSG_MONITOR_LANE, 0);
	msg_put_lane(&m, id, pid);
	msg_put_fd(&m, fd);
	if (fd2 != -1)
		msg_put_fd(&m, fd2);
	return (chan_send(&pe->pe_control, &m, MSG_DONTWAIT));
}
