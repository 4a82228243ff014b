/*
 * Entry of the policy role.  This process receives the rules, confines itself
 * and then does nothing but fork: a worker for each lane, one more to empty
 * the per-run directory.  It never sees a byte of the child's.
 *
 * Must never: resolve a path, or wait for a worker while the monitor waits for
 * an answer.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "../monitor/roles.h"
#include "policy.h"

#define CAPBIT(c)	(1ULL << (c))
/*
 * Capabilities of the child that count in a file call made for it.  Not the
 * others: a worker needs no more authority than what it acts with.
 */
#define CAPS_FILE	(CAPBIT(CAP_CHOWN) | CAPBIT(CAP_DAC_OVERRIDE) | \
			    CAPBIT(CAP_DAC_READ_SEARCH) | \
			    CAPBIT(CAP_FOWNER) | CAPBIT(CAP_FSETID) | \
			    CAPBIT(CAP_LINUX_IMMUTABLE) | CAPBIT(CAP_MKNOD) | \
			    CAPBIT(CAP_SETFCAP) | CAPBIT(CAP_SYS_RESOURCE))
/* The same for sockets, where there are rules about them. */
#define CAPS_NET	(CAPBIT(CAP_NET_BIND_SERVICE) | \
			    CAPBIT(CAP_NET_BROADCAST))

#define STOP_MSEC	100	/* between looks at one that has stopped */
#define STOP_LOOKS	5	/* in a row */

/* A worker we forked. */
struct slot {
	pid_t		 s_pid;		/* 0: free */
	uint32_t	 s_lane;
	int		 s_clean;	/* not a lane: it empties a directory */
	int		 s_stops;	/* ... looks in a row that saw it stopped */
};

static void	 setup_message(void *);
static void	 setup_world(void);
static char	*own_groups(void);
static uint64_t	 own_caps(void);
static void	 signals(void);
static void	 on_signal(int);
static void	 ready(void);
static void	 work(void);
static void	 work_message(void);
static struct slot *slot_free(void);
static pid_t	 worker_fork(void);
static void	 lane_fork(uint32_t, int, int);
static void	 clean_fork(void);
static void	 clean_look(void);
static void	 reap(void);
static void	 ended(struct slot *, int);
static void	 control_send(const char *);

static struct chan	 parent;
static struct slot	 slots[LANES_MAX + 1];
static struct msg	 in, out;
static int		 cleaning;	/* workers that empty a directory */
static sigset_t		 unblocked;	/* the mask while waiting */

int
policy_main(int argc, char **argv)
{
	int	 wall = -1;

	(void)argc;
	(void)argv;
	jail_start(ROLE_POLICY, SIGKILL);
	log_to_parent("policy");
	jail_flight();
	setproctitle("policy");
	chan_init(&parent, FD_PARENT, ROLE_POLICY, ROLE_MONITOR, CHAN_CONTROL);
	chan_setup(&parent, &in, setup_message, &wall);
	if (wall == -1)
		fatalx("%s: before %s", msg_name(in.m_type),
		    msg_name(MSG_MONITOR_WALL));
	setup_world();
	signals();
	jail_wall(wall);
	jail_caps(worker.wk_caps & (worker.wk_nets.ns_count > 0 ?
	    CAPS_FILE | CAPS_NET : CAPS_FILE));
	worker.wk_acts = own_caps();
	if (worker.wk_nets.ns_count == 0)
		jail_nonet();
	jail_filter(ROLE_POLICY);
	ready();
	work();
	_exit(0);
}

/* ---- set-up ---- */

static void
setup_message(void *arg)
{
	int		*wall = arg;
	struct conf	 conf;
	uint32_t	 n;

	switch (in.m_type) {
	case MSG_MONITOR_CONF:
		if (msg_get_conf(&in, &conf) == -1)
			break;
		worker.wk_flags = conf.c_flags;
		worker.wk_caps = conf.c_caps;
		log_setverbose((conf.c_flags & CONF_TRACE) != 0);
		if (conf.c_rundirlen > 0 && (worker.wk_rundir = strndup(
		    (const char *)conf.c_rundir, conf.c_rundirlen)) == NULL)
			fatal("set-up");
		return;
	case MSG_MONITOR_RULE:
		if (msg_get_rules(&in, &worker.wk_rules) == -1)
			break;
		return;
	case MSG_MONITOR_NET:
		if (msg_get_net(&in, &worker.wk_nets) == -1)
			break;
		return;
	case MSG_MONITOR_NAMES:
		if (msg_get_names(&in, &worker.wk_names) == -1)
			break;
		return;
	case MSG_MONITOR_EXEC:
		if (msg_get_exec(&in, &worker.wk_classes) == -1)
			break;
		return;
	case MSG_MONITOR_TPE:
		if (msg_get_tpe(&in, &worker.wk_tpe) == -1)
			break;
		return;
	case MSG_MONITOR_GUARD:
		if (msg_get_guards(&in, &worker.wk_guards) == -1)
			break;
		return;
	case MSG_MONITOR_WALL:
		if (msg_get_number(&in, &n, 1, 1) == -1)
			break;
		*wall = msg_get_fd(&in);
		return;
	case MSG_MONITOR_WATCH:
		if (msg_get_number(&in, &n, 1, 1) == -1)
			break;
		worker.wk_learn = msg_get_fd(&in);
		return;
	default:
		fatalx("%s: not said to this role", msg_name(in.m_type));
	}
	fatalx("%s: malformed", msg_name(in.m_type));
}

/* What workers will need to know of the system, read while we may read it. */
static void
setup_world(void)
{
	const struct open_how	 how = { .flags = O_PATH | O_CLOEXEC };
	FILE			*fp;
	int			 fd;

	/* Each call is done with it; another sandbox may forbid it. */
	if ((fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how,
	    sizeof(how))) == -1)
		fatal("openat2");
	close(fd);
	if (syscall(SYS_faccessat2, AT_FDCWD, "/", F_OK, AT_EACCESS) == -1)
		fatal("faccessat2");
	worker.wk_uid = geteuid();
	worker.wk_gid = getegid();
	worker.wk_groups = own_groups();
	worker.wk_free = policy_free(&worker.wk_rules);
	worker.wk_lines = policy_lines(&worker.wk_rules);
	worker.wk_denied = ruleset_denied(&worker.wk_rules);
	worker.wk_sticky = 1;
	if ((fp = fopen("/proc/sys/fs/protected_symlinks", "re")) != NULL) {
		if (fgetc(fp) == '0')
			worker.wk_sticky = 0;
		fclose(fp);
	}
	proc_mounts();
	path_turns();
	worker.wk_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (worker.wk_root == -1)
		fatal("/");
}

/* The text of /proc/PID/status, proc(5): the child began with the same. */
static char *
own_groups(void)
{
	static const char	 key[] = "Groups:\t";
	char			*line = NULL, *groups = NULL;
	size_t			 size = 0;
	FILE			*fp;

	if ((fp = fopen("/proc/self/status", "re")) == NULL)
		fatal("/proc/self/status");
	while (groups == NULL && getline(&line, &size, fp) != -1)
		if (strncmp(line, key, sizeof(key) - 1) == 0 &&
		    (groups = strdup(line + sizeof(key) - 1)) == NULL)
			fatal("set-up");
	free(line);
	fclose(fp);
	if (groups == NULL)
		fatalx("/proc/self/status: no groups");
	return (groups);
}

static uint64_t
own_caps(void)
{
	struct __user_cap_header_struct	 hdr;
	struct __user_cap_data_struct	 data[2];

	memset(&hdr, 0, sizeof(hdr));
	hdr.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capget, &hdr, data) == -1)
		fatal("capget");
	return ((uint64_t)data[0].effective |
	    (uint64_t)data[1].effective << 32);
}

/*
 * SIGCHLD is taken while waiting only, so none is missed.  SIGUSR1 is for the
 * lane workers, which inherit the handler: it only has to interrupt.
 */
static void
signals(void)
{
	struct sigaction sa;
	sigset_t	 set;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_signal;	/* no SA_RESTART */
	if (sigaction(SIGCHLD, &sa, NULL) == -1 ||
	    sigaction(SIGUSR1, &sa, NULL) == -1)
		fatal("sigaction");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, &unblocked) == -1)
		fatal("sigprocmask");
	sigdelset(&unblocked, SIGCHLD);
	sigdelset(&unblocked, SIGUSR1);
}

static void
on_signal(int sig)
{
	(void)sig;
}

static void
ready(void)
{
	msg_start(&out, MSG_ROLE_READY, 0);
	msg_put_u32(&out, PROTO_VERSION);
	control_send("ready");
}

/* ---- at work ---- */

static void
work(void)
{
	struct pollfd	 pfd = { .fd = FD_PARENT, .events = POLLIN };
	const struct timespec	 look = { 0, STOP_MSEC * 1000000L };
	const char	*why = NULL;
	int		 n;

	for (;;) {
		reap();
		n = ppoll(&pfd, 1, cleaning > 0 ? &look : NULL, &unblocked);
		if (n == -1) {
			if (errno != EINTR)
				fatal("ppoll");
			continue;
		}
		if (n == 0) {
			clean_look();
			continue;
		}
		switch (chan_recv(&parent, &in, MSG_DONTWAIT, &why)) {
		case 1:
			work_message();
			msg_close_fds(&in);
			break;
		case 0:
			return;		/* the monitor has ended */
		default:
			if (why != NULL)
				fatalx("monitor: %s: %s", msg_name(in.m_type),
				    why);
			if (errno != EAGAIN && errno != EINTR)
				fatal("monitor: control channel");
		}
	}
}

static void
work_message(void)
{
	uint32_t	 lane, zero, one;
	int		 fd, fd2;

	switch (in.m_type) {
	case MSG_MONITOR_LANE:
		if (msg_get_lane(&in, &lane, &zero) == -1)
			break;
		fd = msg_get_fd(&in);
		fd2 = msg_get_fd(&in);	/* to the resolver, or none */
		lane_fork(lane, fd, fd2);
		close(fd);
		if (fd2 != -1)
			close(fd2);
		return;
	case MSG_MONITOR_CLEAN:
		if (msg_get_number(&in, &one, 1, 1) == -1)
			break;
		clean_fork();
		return;
	case MSG_MONITOR_PING:
		if (chan_pong(&parent, &in, &out) == -1)
			break;
		return;
	}
	fatalx("monitor: malformed %s", msg_name(in.m_type));
}

static struct slot *
slot_free(void)
{
	size_t	 i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (slots[i].s_pid == 0)
			return (&slots[i]);
	}
	fatalx("more than %d lanes", LANES_MAX);
}

/*
 * As fork(2).  The child dies with us, has no control channel, and waits for
 * nothing but its work.
 */
static pid_t
worker_fork(void)
{
	pid_t	 pid, self = getpid();

	if ((pid = fork()) != 0)
		return (pid);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		fatal("PR_SET_PDEATHSIG");
	if (getppid() != self)
		_exit(EXIT_SANDBOX);
	close(FD_PARENT);
	if (sigprocmask(SIG_SETMASK, &unblocked, NULL) == -1)
		fatal("sigprocmask");
	return (0);
}

static void
lane_fork(uint32_t lane, int fd, int fd2)
{
	struct slot	*s = slot_free();

	if ((s->s_pid = worker_fork()) == 0)
		lane_main(fd, fd2, lane);
	if (s->s_pid == -1) {
		/* The user's limit: the lanes there are go on. */
		log_warn("lane");
		s->s_pid = 0;
		msg_start(&out, MSG_POLICY_LANEDOWN, in.m_seq);
		msg_put_lanedown(&out, lane, 0);
		control_send("lane");
		return;
	}
	s->s_lane = lane;
	s->s_clean = 0;
	msg_start(&out, MSG_POLICY_LANEUP, in.m_seq);
	msg_put_laneup(&out, lane, (uint32_t)s->s_pid);
	control_send("lane");
}

/* Its exit status says how many entries it left, as far as one can. */
static void
clean_fork(void)
{
	struct slot	*s = slot_free();
	unsigned	 left = 0;

	if ((s->s_pid = worker_fork()) == -1)
		fatal("fork");
	if (s->s_pid == 0) {
		log_to_parent("lane");
		setproctitle("policy clean");
		lane_open();
		jail_filter(ROLE_LANE);
		if (worker.wk_rundir != NULL)
			left = clean_directory(worker.wk_rundir);
		_exit(left > UINT8_MAX ? UINT8_MAX : (int)left);
	}
	s->s_clean = 1;
	s->s_stops = 0;
	cleaning++;
}

/* One that somebody stopped is as good as dead: another does it. */
static void
clean_look(void)
{
	struct slot	*s;
	siginfo_t	 si;

	for (s = slots; s < slots + sizeof(slots) / sizeof(slots[0]); s++) {
		si.si_pid = 0;
		if (s->s_pid == 0 || !s->s_clean || s->s_stops >= STOP_LOOKS)
			continue;
		if (waitid(P_PID, (id_t)s->s_pid, &si, WSTOPPED | WNOHANG |
		    WNOWAIT) == -1 || si.si_pid == 0)
			s->s_stops = 0;
		else if (++s->s_stops >= STOP_LOOKS)
			clean_fork();
	}
}

static void
reap(void)
{
	size_t	 i;
	pid_t	 pid;
	int	 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
			if (slots[i].s_pid == pid)
				ended(&slots[i], status);
		}
	}
}

static void
ended(struct slot *s, int status)
{
	s->s_pid = 0;
	if (s->s_clean) {
		cleaning--;
		if (s->s_stops >= STOP_LOOKS)
			return;		/* another one has its work */
		msg_start(&out, MSG_POLICY_CLEANED, 0);
		msg_put_u32(&out, WIFEXITED(status) ?
		    (uint32_t)WEXITSTATUS(status) : 1);
		control_send("cleaned");
		return;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;			/* retired */
	msg_start(&out, MSG_POLICY_LANEDOWN, 0);
	msg_put_lanedown(&out, s->s_lane, status);
	control_send("lane");
}

static void
control_send(const char *what)
{
	while (chan_send(&parent, &out, 0) == -1) {
		if (errno == EPIPE)
			_exit(EXIT_SANDBOX);	/* the monitor has ended */
		if (errno != EINTR)
			fatal("monitor: %s", what);
	}
}
