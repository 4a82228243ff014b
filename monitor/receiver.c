/*
 * The receiver: parent of the command, holder of the listener.  Starts the
 * child inside the wall, serves its notifications in lanes, reaps and ends
 * its tree.  It touches the child and must never interpret what it copies
 * from it: that is the policy worker's.
 */
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "receiver.h"
#include "receiver_lane.h"
#include "roles.h"
#include "tree.h"

#define TREE_END_MSEC	2000	/* to kill what the command left behind */
#define TICK_MSEC	1000	/* idle lanes are looked for */
#define STATUS_SIZE	4096	/* of /proc/PID/status; as much as we look at */
#define AGAIN_MSEC	5	/* a traced child hid others from wait(2) */
#define DEATHS_MSEC	100	/* between two looks at who has died */
#define STOPS_MANY	16	/* signals in a row that told us nothing ... */
#define STOPS_MSEC	10	/* ... then rest as long before the next */

static void	 setup(struct launch *);
static void	 setup_message(struct launch *, struct msg *, int *);
static void	 setup_descriptors(void);
static void	 loop(void);
static int	 deaths_wait(void);
static int	 stops_rest(void);
static int	 loop_timeout(int, int);
static void	 parent_message(void);
static void	 parent_lane(struct msg *);
static pid_t	 parent_of(pid_t);
static void	 signals(void);
static int	 reap(void);
static int	 job_control(void);
static void	 child_ended(int);
static void	 child_report(uint32_t, int);
static void	 exit_report(void);
static void	 end_tree(void);

struct receiver	 receiver = { .r_notify = -1, .r_proc = -1, .r_wake = -1 };

static struct chan	 parent;
static struct msg	 msg_in, msg_out;
static struct sock_filter child_filter[FILTER_LEN_MAX];
static int		 child_go = -1;	/* its barrier */
static int		 children = -1;	/* list of our children */
static int		 sigfd = -1;
static int		 guardfd = -1;	/* somebody that is watched died */
static struct timespec	 looked;	/* at who that was */
static struct timespec	 signalled;	/* the last time */
static unsigned		 futile;	/* signals since one told something */
static int		 over;		/* how it ended has been reported */
static pid_t		 monitor_pid;

int
receiver_main(int argc, char **argv)
{
	struct launch	 la;

	memset(&la, 0, sizeof(la));
	/* argv: -P receiver IGNORED -- command ... */
	if (argc < 6 || strcmp(argv[4], "--") != 0)
		fatalx("receiver: started by hand");
	la.la_ignored = strtoull(argv[3], NULL, 16);
	la.la_argv = argv + 5;
	la.la_envp = environ;
	jail_start(ROLE_RECEIVER, SIGTERM);
	log_to_parent("receiver");
	monitor_pid = getppid();
	chan_init(&parent, FD_PARENT, ROLE_RECEIVER, ROLE_MONITOR,
	    CHAN_CONTROL);
	setup(&la);
	loop();
	return (0);
}

/*
 * Everything that wants rights this process then gives up; the role's own
 * filter comes last, after the child, which would inherit it.
 */
static void
setup(struct launch *la)
{
	const char	*why = NULL;
	int		 wall = -1;

	do {
		if (chan_recv(&parent, &msg_in, 0, &why) != 1) {
			if (why == NULL)
				fatalx("set-up: monitor is gone");
			fatalx("set-up: %s: %s", msg_name(msg_in.m_type), why);
		}
		setup_message(la, &msg_in, &wall);
	} while (msg_in.m_type != MSG_MONITOR_START);
	setup_descriptors();
	lanes_init();
	jail_caps(la->la_caps);
	jail_wall(wall);
	atomic_store(&receiver.r_child, launch(la, &receiver.r_notify,
	    &child_go));
	close(la->la_wall);
	jail_stdio();
	jail_flight();
	guard_limit();
	if (chdir("/") == -1)
		fatal("chdir: /");
	jail_filter(ROLE_RECEIVER);

	msg_start(&msg_out, MSG_ROLE_READY, 0);
	msg_put_u32(&msg_out, PROTO_VERSION);
	if (chan_send(&parent, &msg_out, 0) == -1)
		fatal("set-up: READY");
}

/* MSG_MONITOR_*, checked by the rulebook, until START. */
static void
setup_message(struct launch *la, struct msg *m, int *wall)
{
	struct conf	 conf;
	uint32_t	 value;
	int		 bad = 0;

	switch (m->m_type) {
	case MSG_MONITOR_CONF:
		bad = msg_get_conf(m, &conf) == -1 || msg_end(m) == -1;
		la->la_pgid = conf.c_pgid;
		la->la_caps = conf.c_caps;
		receiver.r_images = conf.c_flags &
		    (CONF_ARGS | CONF_MOUNT | CONF_WX);
		la->la_mdwe = (conf.c_flags & CONF_MDWE) != 0;
		receiver.r_unasked = (conf.c_flags & CONF_UNASKED) != 0;
		receiver.r_guard = (conf.c_flags & CONF_GUARD) != 0;
		log_setverbose((conf.c_flags & CONF_TRACE) != 0);
		receiver.r_restart = (conf.c_flags & CONF_RESTART) != 0;
		break;
	case MSG_MONITOR_WALL:
		*wall = msg_get_fd(m);
		la->la_wall = msg_get_fd(m);
		bad = msg_get_number(m, &value, 2, 2) == -1;
		break;
	case MSG_MONITOR_FILTER:
		bad = msg_get_filter(m, child_filter, FILTER_LEN_MAX,
		    &la->la_filterlen) == -1 || msg_end(m) == -1;
		la->la_filter = child_filter;
		break;
	case MSG_MONITOR_START:
		bad = msg_get_number(m, &value, PROTO_VERSION,
		    PROTO_VERSION) == -1;
		break;
	default:
		bad = 1;
	}
	if (bad)
		fatalx("set-up: malformed %s", msg_name(m->m_type));
}

static void
setup_descriptors(void)
{
	sigset_t	 set;

	if ((receiver.r_proc = open("/proc", O_PATH | O_DIRECTORY |
	    O_CLOEXEC)) == -1)
		fatal("/proc");
	if ((receiver.r_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
	if ((children = tree_open()) == -1)
		fatal("/proc/self/task/TID/children (CONFIG_PROC_CHILDREN)");
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0,
	    &receiver.r_sizes) == -1)
		fatal("seccomp: SECCOMP_GET_NOTIF_SIZES");
	if (receiver.r_guard)
		guardfd = guard_open();
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		fatal("sigprocmask");
	if ((sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		fatal("signalfd");
	/* Orphans of the command come to us, not to init. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		fatal("prctl: PR_SET_CHILD_SUBREAPER");
}

static void
loop(void)
{
	enum { PARENT, SIGNALS, WAKE, NOTIFY, GUARD, COUNT };
	struct pollfd	 pfd[COUNT];
	int		 n, again, tired, resting;

	setproctitle("receiver");
	memset(pfd, 0, sizeof(pfd));
	pfd[PARENT].fd = FD_PARENT;
	pfd[SIGNALS].fd = sigfd;
	pfd[WAKE].fd = receiver.r_wake;
	pfd[GUARD].fd = guardfd;
	for (n = 0; n < COUNT; n++)
		pfd[n].events = POLLIN;
	for (;;) {
		again = reap();
		/* Somebody waits while all lanes do: only then look. */
		pfd[NOTIFY].fd = lanes_saturated() ? receiver.r_notify : -1;
		tired = deaths_wait();
		pfd[GUARD].fd = tired ? -1 : guardfd;
		resting = stops_rest();
		pfd[SIGNALS].fd = resting ? -1 : sigfd;
		n = poll(pfd, COUNT, resting ? STOPS_MSEC :
		    loop_timeout(again, tired));
		if (n == -1) {
			if (errno == EINTR)
				continue;
			fatal("poll");
		}
		if (lanes_many())
			lanes_tick(&parent);
		if (pfd[SIGNALS].revents) {
			signals();
			futile++;
			clock_gettime(CLOCK_MONOTONIC, &signalled);
		}
		if (pfd[PARENT].revents)
			parent_message();
		if (pfd[WAKE].revents) {
			lanes_wake(&parent);
			if (atomic_load(&receiver.r_exit))
				exit_report();
			if (atomic_load(&receiver.r_reaped))
				child_ended(receiver.r_status);
		}
		if (pfd[GUARD].revents) {
			guard_collect();
			clock_gettime(CLOCK_MONOTONIC, &looked);
		}
		if (pfd[NOTIFY].revents & POLLIN)
			lanes_want(&parent);
	}
}

/* Just looked: who forks much is not slowed by as many wake-ups. */
static int
deaths_wait(void)
{
	struct timespec	 now, since;

	if (guardfd == -1)
		return (0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	timespecsub(&now, &looked, &since);
	return (since.tv_sec == 0 && since.tv_nsec < DEATHS_MSEC * 1000000L);
}

/*
 * Each stop that a lane waits for is a signal for us too, which tells us
 * nothing: who makes many calls that are verified is not slowed by as many
 * wake-ups.
 */
static int
stops_rest(void)
{
	struct timespec	 now, since;

	if (futile < STOPS_MANY)
		return (0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	timespecsub(&now, &signalled, &since);
	return (since.tv_sec == 0 && since.tv_nsec < STOPS_MSEC * 1000000L);
}

static int
loop_timeout(int again, int tired)
{
	if (again)
		return (AGAIN_MSEC);
	if (tired)
		return (DEATHS_MSEC);
	return (lanes_many() ? TICK_MSEC : -1);
}

static void
parent_message(void)
{
	const char	*why = NULL;
	uint32_t	 value;
	pid_t		 child;

	switch (chan_recv(&parent, &msg_in, MSG_DONTWAIT, &why)) {
	case 0:
		end_tree();
		_exit(EXIT_SANDBOX);
	case -1:
		if (errno == EAGAIN || errno == EINTR)
			return;
		log_warnx("monitor: %s", why != NULL ? why : strerror(errno));
		end_tree();
		_exit(EXIT_SANDBOX);
	}
	if (msg_in.m_type == MSG_MONITOR_LANE) {
		parent_lane(&msg_in);
		return;
	}
	if (msg_in.m_type == MSG_MONITOR_PING) {
		if (chan_pong(&parent, &msg_in, &msg_out) == -1)
			fatalx("malformed %s", msg_name(msg_in.m_type));
		return;
	}
	if (msg_get_number(&msg_in, &value, 1, 64) == -1)
		fatalx("malformed %s", msg_name(msg_in.m_type));
	switch (msg_in.m_type) {
	case MSG_MONITOR_GO:
		if (child_go == -1 || write(child_go, "", 1) != 1)
			log_warn("child's barrier");
		close(child_go);
		child_go = -1;
		break;
	case MSG_MONITOR_SIGNAL:
		child = atomic_load(&receiver.r_child);
		if (child > 0 && kill(child, (int)value) == -1)
			log_warn("kill");
		break;
	default:
		fatalx("%s: no handler", msg_name(msg_in.m_type));
	}
}

static void
parent_lane(struct msg *m)
{
	uint32_t	 id, pid;
	int		 call, image, ours;

	if (msg_get_lane(m, &id, &pid) == -1 || msg_end(m) == -1 ||
	    (call = msg_get_fd(m)) == -1 || (image = msg_get_fd(m)) == -1)
		fatalx("malformed %s", msg_name(m->m_type));
	ours = receiver_worker((pid_t)pid);
	/* Dead already, it is found out by its lane's first call. */
	if (ours == 0 && receiver.r_restart && kill((pid_t)pid, 0) == -1 &&
	    errno == ESRCH)
		ours = -1;
	if (ours == 0)
		fatalx("lane %u: process %u is no policy worker", id, pid);
	lane_start(id, ours == 1 ? (pid_t)pid : 0, call, image);
}

/* PPid of /proc/PID/status, proc(5); 0: it does not say. */
static pid_t
parent_of(pid_t pid)
{
	static const char	 key[] = "\nPPid:\t";
	char			 buf[STATUS_SIZE];
	const char		*p;
	ssize_t			 n;

	if ((n = capture_proc(pid, "status", buf, sizeof(buf) - 1)) <= 0)
		return (0);
	buf[n] = '\0';
	if ((p = strstr(buf, key)) == NULL)
		return (0);
	return ((pid_t)strtol(p + strlen(key), NULL, 10));
}

int
receiver_worker(pid_t pid)
{
	pid_t	 above, up;

	if ((up = parent_of(pid)) == 0 || (above = parent_of(up)) == 0)
		return (kill(pid, 0) == -1 && errno == ESRCH ? 0 : -1);
	return (up != getpid() && above == monitor_pid);
}

static void
signals(void)
{
	struct signalfd_siginfo	 si;

	while (read(sigfd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo != SIGTERM)
			continue;
		/* The monitor is gone, or wants the end. */
		end_tree();
		_exit(EXIT_SANDBOX);
	}
}

/*
 * Reap the dead and notice what the command does.  A lane traces tasks that
 * may be our children, and wait(2) shows a traced child's stops to its real
 * parent's threads too: so nothing but a death is ever consumed here, and a
 * trapped child, which hides those behind it, is left to its lane.
 */
static int
reap(void)
{
	siginfo_t	 si;
	int		 status;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT |
		    __WNOTHREAD) == -1 && errno != ECHILD)
			fatal("waitid");
		if (si.si_pid == 0)
			break;
		if (si.si_code == CLD_TRAPPED || si.si_code == CLD_STOPPED)
			return (1);
		futile = 0;
		if (waitpid(si.si_pid, &status, WNOHANG | __WALL) ==
		    atomic_load(&receiver.r_child))
			child_ended(status);
	}
	return (job_control());
}

/* Report stops and continuations of the command; 1: look again soon. */
static int
job_control(void)
{
	static int	 stopped;
	siginfo_t	 si;

	si.si_pid = 0;
	if (atomic_load(&receiver.r_child) == 0 ||
	    waitid(P_PID, (id_t)atomic_load(&receiver.r_child), &si,
	    WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT) == -1 ||
	    si.si_pid == 0)
		return (0);
	if (si.si_code == CLD_TRAPPED)
		return (1);
	if (si.si_code == CLD_STOPPED && !stopped) {
		stopped = 1;
		futile = 0;
		child_report(CHILD_STOPPED, W_STOPCODE(si.si_status));
	} else if (si.si_code == CLD_CONTINUED && stopped) {
		stopped = 0;
		/* The monitor stopped with it, and may not be in its group. */
		kill(monitor_pid, SIGCONT);
		child_report(CHILD_CONTINUED, __W_CONTINUED);
	}
	return (0);
}

static void
child_ended(int status)
{
	atomic_store(&receiver.r_child, 0);
	if (over)
		return;
	over = 1;
	kill(monitor_pid, SIGCONT);
	end_tree();
	lanes_counts();
	child_report(CHILD_ENDED, status);
}

/* The rest of the tree dies before the monitor hears of it. */
static void
exit_report(void)
{
	atomic_store(&receiver.r_child, 0);
	if (over)
		return;
	over = 1;
	kill(monitor_pid, SIGCONT);
	end_tree();
	lanes_counts();
	msg_start(&msg_out, MSG_RECEIVER_EXIT, 0);
	msg_put_u32(&msg_out, 1);
	if (chan_send(&parent, &msg_out, 0) == -1)
		_exit(EXIT_SANDBOX);
}

static void
child_report(uint32_t what, int status)
{
	msg_start(&msg_out, MSG_RECEIVER_CHILD, 0);
	msg_put_child(&msg_out, what, status);
	if (chan_send(&parent, &msg_out, 0) == -1) {
		end_tree();
		_exit(EXIT_SANDBOX);
	}
}

/* What the command left behind ends with it. */
static void
end_tree(void)
{
	if (tree_kill(children, 0, TREE_END_MSEC, NULL) != 0)
		log_warnx("processes of the command are still alive");
}

void
receiver_fault(struct lane *ln, const char *why)
{
	struct msg	*m = ln->ln_out;

	/*
	 * The monitor logs it and ends the tree; nothing is answered.  Is the
	 * monitor gone too, the main thread ends the tree: not this one.
	 */
	msg_start(m, MSG_RECEIVER_FAULT, 0);
	msg_put_fault(m, ln->ln_id, why);
	(void)chan_send(&parent, m, 0);
	for (;;)
		poll(NULL, 0, -1);
}

void
receiver_broken(struct lane *ln, const char *why)
{
	msg_start(ln->ln_out, MSG_RECEIVER_BROKEN, 0);
	msg_put_fault(ln->ln_out, ln->ln_id, why);
	(void)chan_send(&parent, ln->ln_out, 0);
}

void
receiver_exit(void)
{
	uint64_t	 one = 1;

	atomic_store(&receiver.r_exit, 1);
	if (write(receiver.r_wake, &one, sizeof(one)) == -1 &&
	    errno != EAGAIN)
		fatal("%s", __func__);
	for (;;)
		poll(NULL, 0, -1);
}
