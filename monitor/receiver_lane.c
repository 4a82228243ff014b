/*
 * A lane: receive, capture, ask, answer; one call at a time, straight-line.
 * Nothing is shared between lanes but the listener.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"
#include "receiver_lane.h"

#define LANE_STACK	(256 * 1024)
#define WATCH_USEC	10000	/* how often a waiting lane looks at its caller */
#define WATCH_LANES	8	/* so often, and half as often for as many more */
#define STUCK_LOOKS	50	/* for a lane more, until one that waits gives way */
#define NEEDS_MAX	64	/* questions per call, but for one that sends */
#define NEEDS_FEW	16	/* of one that is soon done */
#define SAMPLE		16	/* calls between two looks at the queue */
#define BACKLOG		16	/* looks in a row that saw a queue */
#define STATUS_MAX	4096
#define ASK_SEC		2	/* until a lane is asked for again */
#define STOP_MSEC	1000	/* that the worker was seen stopped ... */
#define TRACED_MSEC	1500	/* ... or held by a tracer, not running */
#define STOP_LOOKS	20	/* ... in as many looks: we may stop, too */
#define LOOP_MSEC	500	/* of computing, for one call */
#define LOOP_LOOKS	16	/* between looks at that */
#define COUNTS		512	/* call numbers; no kernel has as many */

static void	*lane_main(void *);
static int	 lane_home(void);
static void	 lane_settle(struct lane *);
static void	 lane_serve(struct lane *);
static int	 lane_unasked(const struct sysent *);
static int	 lane_sends(const struct sysent *);
static int	 lane_ask(struct lane *, const struct sysent *,
		    struct verdict *);
static int	 lane_reply(struct lane *);
static int	 verdict_fits(const struct lane *, const struct sysent *,
		    const struct verdict *);
static void	 lane_verdict(struct lane *, const struct sysent *,
		    struct verdict *);
static void	 lane_inject(struct lane *, const struct sysent *,
		    struct verdict *);
static void	 lane_signal(struct lane *, int, int);
static void	 lane_pipe(struct lane *);
static void	 lane_proc(struct lane *, const struct verdict *);
static void	 lane_follow(struct lane *);
static void	 lane_watch(struct lane *);
static void	 lane_pace(struct lane *, long);
static int	 lane_yields(struct lane *);
static void	 lane_stays(struct lane *, int);
static int	 lane_broken(struct lane *, const char *);
static const char *worker_silent(struct lane *);
static const char *worker_stopped(struct lane *);
static int	 worker_loops(struct lane *);
static uint64_t	 status_number(const char *, const char *);
static int64_t	 msec_now(void);
static int	 caller_interrupted(const struct lane *);
static uint64_t	 status_mask(const char *, const char *);
static void	 lane_sample(struct lane *);
static void	 lane_free(struct lane *);
static time_t	 now(void);
static int	 waiting_for_lane(void);
static void	 lane_end(struct lane *);
static void	 wake(void);
static int	 on_hold(struct lane *);
static void	 on_signal(int);

static struct lane	 lanes[LANES_MAX];
static const char	 no_worker[] = "no policy worker";
static atomic_int	 nlanes;	/* slots in use; the main thread's */
static time_t		 asked;		/* when a lane was asked for; 0: it came */
static atomic_int	 nslow;		/* lanes waiting long for their worker */
static _Atomic(struct lane *) giver;	/* gives way when all wait; or NULL */
static atomic_int	 stays[LANES_MAX];	/* threads whose call does not */
static atomic_int	 wanted;	/* a lane saw a queue for long */
static atomic_int	 broke;		/* a lane ended by its worker's fault */
static atomic_int	 queued;	/* a lane saw a queue since the last tick */
static atomic_uint	 counts[COUNTS];	/* notifications by call */
static cpu_set_t	 processors;	/* that we may use */
static unsigned long	 ticks = 100;	/* a second has, in proc(5) */
/* Answers pass the gate together, and who puts one on hold passes alone. */
static pthread_rwlock_t	 gate =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_mutex_t	 hold = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	 hold_end = PTHREAD_COND_INITIALIZER;

void
lanes_init(void)
{
	struct sigaction	 sa;
	sigset_t		 set;

	/* More than a set holds: then nobody is pinned, nor lanes added. */
	if (sched_getaffinity(0, sizeof(processors), &processors) == -1)
		CPU_ZERO(&processors);
	if (sysconf(_SC_CLK_TCK) > 0)
		ticks = (unsigned long)sysconf(_SC_CLK_TCK);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;	/* no SA_RESTART: RECV returns */
	if (sigaction(SIGUSR1, &sa, NULL) == -1)
		fatal("sigaction");
	/* Of a lease that somebody wants broken: see library_writers(). */
	sa.sa_handler = SIG_IGN;
	if (sigaction(SIGIO, &sa, NULL) == -1)
		fatal("sigaction");
	/* Lanes inherit it: see notify_inject(). */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		fatal("sigprocmask");
}

void
lane_mask(int block)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* One lane alone is never asked to retire: it saves two system calls. */
int
lane_interruptible(struct lane *ln)
{
	if (atomic_load_explicit(&nlanes, memory_order_relaxed) < 2)
		return (0);
	lane_mask(0);
	atomic_store(&ln->ln_open, 1);
	return (1);
}

static void
on_signal(int sig)
{
	(void)sig;
	library_reap();
}

void
lane_start(uint32_t id, pid_t worker, int call, int image)
{
	struct timeval	 tv = { .tv_sec = 0, .tv_usec = WATCH_USEC };
	struct lane	*ln;
	pthread_attr_t	 attr;
	pthread_t	 thread;
	int		 error;

	for (ln = lanes; ln < lanes + LANES_MAX && ln->ln_used; ln++)
		continue;
	if (ln == lanes + LANES_MAX)
		fatalx("%s: no slot", __func__);
	memset(ln, 0, sizeof(*ln));
	ln->ln_id = id;
	ln->ln_worker = worker;
	ln->ln_cpu = -1;
	ln->ln_home = lane_home();
	ln->ln_pace = WATCH_USEC;
	chan_init(&ln->ln_call, call, ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	chan_init(&ln->ln_image, image, ROLE_RECEIVER, ROLE_INTEGRITY,
	    CHAN_IMAGE);
	if (setsockopt(call, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1 ||
	    setsockopt(image, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1)
		fatal("setsockopt: SO_RCVTIMEO");
	ln->ln_notif = calloc(1, receiver.r_sizes.seccomp_notif);
	ln->ln_resp = calloc(1, receiver.r_sizes.seccomp_notif_resp);
	ln->ln_out = malloc(sizeof(*ln->ln_out));
	ln->ln_in = malloc(sizeof(*ln->ln_in));
	ln->ln_capture = capture_new();
	if (ln->ln_notif == NULL || ln->ln_resp == NULL ||
	    ln->ln_out == NULL || ln->ln_in == NULL ||
	    ln->ln_capture == NULL)
		fatal("lane");
	ln->ln_in->m_nfds = 0;
	ln->ln_used = 1;
	nlanes++;
	asked = 0;
	if ((error = pthread_attr_init(&attr)) != 0 ||
	    (error = pthread_attr_setstacksize(&attr, LANE_STACK)) != 0 ||
	    (error = pthread_attr_setdetachstate(&attr,
	    PTHREAD_CREATE_DETACHED)) != 0 ||
	    (error = pthread_create(&thread, &attr, lane_main, ln)) != 0) {
		errno = error;
		if (nlanes == 1)
			fatal("pthread_create");
		/* The user's limit: the others go on. */
		log_warn("lane");
		lane_free(ln);
		ln->ln_used = 0;
		nlanes--;
	}
	pthread_attr_destroy(&attr);
}

static void *
lane_main(void *arg)
{
	struct sched_param	 sp = { .sched_priority = 0 };
	struct sigevent		 sev;
	struct lane		*ln = arg;
	int			 n;

	/*
	 * Not preempting the worker that wakes us saves two of six context
	 * switches a call; refused, it costs time only.
	 */
	(void)sched_setscheduler(0, SCHED_BATCH, &sp);
	memset(&sev, 0, sizeof(sev));
	sev.sigev_notify = SIGEV_THREAD_ID;
	sev.sigev_signo = SIGUSR1;
	sev._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &sev, &ln->ln_timer) == -1)
		fatal("timer_create");
	atomic_store(&ln->ln_tid, gettid());
	while (!atomic_load(&ln->ln_retire) && !ln->ln_broken) {
		lane_settle(ln);
		if ((n = notify_recv(ln)) == -1)
			break;
		if (n == 0)
			continue;
		if (atomic_fetch_add(&ln->ln_calls, 1) % SAMPLE == 0)
			lane_sample(ln);
		lane_follow(ln);
		lane_serve(ln);
		lane_caller(ln, 0, 0);
	}
	lane_end(ln);
	return (NULL);
}

void
lane_caller(struct lane *ln, pid_t tid, uint64_t id)
{
	if (tid == 0) {
		atomic_store(&ln->ln_caller, 0);
		return;
	}
	atomic_store(&ln->ln_callid, id);
	atomic_store(&ln->ln_caller, tid);
}

static int
on_hold(struct lane *ln)
{
	uint64_t	 id = atomic_load(&ln->ln_hold);

	return (id != 0 && id == ln->ln_notif->id);
}

/*
 * An answer may take as long as another processor needs to wake up: no answer
 * waits for another one here.
 */
void
lane_gate(struct lane *ln)
{
	pthread_rwlock_rdlock(&gate);
	while (on_hold(ln)) {
		pthread_rwlock_unlock(&gate);
		lane_slow(ln, 1);
		pthread_mutex_lock(&hold);
		while (on_hold(ln))
			pthread_cond_wait(&hold_end, &hold);
		pthread_mutex_unlock(&hold);
		lane_slow(ln, 0);
		pthread_rwlock_rdlock(&gate);
	}
}

/* The call is not in hand any more: before anybody can look again. */
void
lane_gate_leave(struct lane *ln)
{
	lane_caller(ln, 0, 0);
	pthread_rwlock_unlock(&gate);
}

int
lane_hold(pid_t tid)
{
	struct lane	*ln;
	uint64_t	 id;
	int		 held = 0;

	pthread_rwlock_wrlock(&gate);
	for (ln = lanes; ln < lanes + LANES_MAX && !held; ln++) {
		if (atomic_load(&ln->ln_caller) != tid)
			continue;
		/* else it died, and its number may be another's by now */
		id = atomic_load(&ln->ln_callid);
		if ((held = notify_valid_id(id) == 0))
			atomic_store(&ln->ln_hold, id);
	}
	pthread_rwlock_unlock(&gate);
	return (held);
}

void
lane_release(void)
{
	struct lane	*ln;

	pthread_mutex_lock(&hold);
	for (ln = lanes; ln < lanes + LANES_MAX; ln++)
		atomic_store(&ln->ln_hold, 0);
	pthread_cond_broadcast(&hold_end);
	pthread_mutex_unlock(&hold);
}

/* The processor that is home to the fewest lanes, or -1. */
static int
lane_home(void)
{
	struct lane	*ln;
	int		 cpu, n, best = -1, least = LANES_MAX + 1;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &processors))
			continue;
		n = 0;
		for (ln = lanes; ln < lanes + LANES_MAX; ln++)
			n += ln->ln_used && ln->ln_home == cpu &&
			    !atomic_load(&ln->ln_slow);
		if (n < least) {
			least = n;
			best = cpu;
		}
	}
	return (best);
}

/*
 * A notification wakes all lanes that wait, and on the caller's processor:
 * one lane serves every caller at home, two that roam end up on the same
 * processor and serve one call at a time.  So while others are free too, a
 * lane stays on its own.
 */
static void
lane_settle(struct lane *ln)
{
	cpu_set_t	 set;
	int		 home;

	home = atomic_load(&nlanes) - atomic_load(&nslow) > 1;
	if (home == ln->ln_athome || ln->ln_home == -1)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)ln->ln_home, &set);
	/* Failing costs time only. */
	(void)sched_setaffinity(0, sizeof(set), home ? &set : &processors);
	ln->ln_athome = home;
}

static void
lane_serve(struct lane *ln)
{
	const struct sysent	*se;
	struct verdict		 v;

	se = ln->ln_notif->data.nr < 0 ? NULL :
	    sysent_find((uint32_t)ln->ln_notif->data.nr);
	if (receiver.r_guard) {
		guard_meet(ln);
		if (se != NULL && se->se_guard) {
			notify_continue(ln);	/* that was all */
			return;
		}
	}
	if (se == NULL || se->se_handler == SYSH_NONE) {
		notify_error(ln, ENOSYS);
		return;
	}
	if (se->se_nr < COUNTS)
		atomic_fetch_add_explicit(&counts[se->se_nr], 1,
		    memory_order_relaxed);
	if (lane_unasked(se)) {
		ln->ln_unasked = 1;
		exec_continue(ln);
		ln->ln_unasked = 0;
		return;
	}
	if (lane_ask(ln, se, &v) == -1) {
		/* Too many descriptors of this user in flight, unix(7). */
		if (errno == ETOOMANYREFS)
			notify_error(ln, ENFILE);
		return;
	}
	lane_verdict(ln, se, &v);
	if (v.v_fd != -1)
		close(v.v_fd);
}

/*
 * The domain of the child denies what the rules deny, and the integrity worker
 * is asked about what is mapped: there is nothing left to ask before.  What
 * is named by a descriptor may have no place in Landlock's tree.
 */
static int
lane_unasked(const struct sysent *se)
{
	return (receiver.r_unasked && se->se_nr == SYS_execve &&
	    !guard_crashed());
}

/*
 * The kernel knows no reasons.  What is captured now may not be what the
 * kernel read: that is why nothing comes of the answer but a line in the log.
 */
void
lane_explain(struct lane *ln)
{
	const struct sysent	*se = sysent_find(
				    (uint32_t)ln->ln_notif->data.nr);
	struct verdict		 v;

	ln->ln_held = 1;
	if (se != NULL && lane_ask(ln, se, &v) == 0 && v.v_fd != -1)
		close(v.v_fd);
	ln->ln_held = 0;
}

/* A call that sends data, however much of it. */
static int
lane_sends(const struct sysent *se)
{
	return (se->se_handler == SYSH_SENDTO ||
	    se->se_handler == SYSH_SENDMSG ||
	    se->se_handler == SYSH_SENDMMSG);
}

/*
 * The call to the worker, its questions, then its verdict.  0, or -1: ENOENT,
 * the caller is gone; ETOOMANYREFS, it could not be sent; EPIPE, the lane is
 * broken and the call answered.
 */
static int
lane_ask(struct lane *ln, const struct sysent *se, struct verdict *v)
{
	struct need	 need;
	int		 needs, max;

	if (capture_call(ln, se) == -1) {
		if (errno == ENOENT || errno == ETOOMANYREFS)
			return (-1);
		/* Not one byte has reached it: to be asked again. */
		if (receiver.r_restart && !ln->ln_held)
			exec_restart(ln);
		return (lane_broken(ln, no_worker));
	}
	ln->ln_yielded = 0;
	max = lane_sends(se) ? QUESTIONS_MAX : NEEDS_MAX;
	for (needs = 0; needs <= max; needs++) {
		if (lane_reply(ln) == -1)
			return (-1);
		/* much data: others must not wait for its end */
		if (needs > NEEDS_FEW)
			lane_slow(ln, 1);
		if (ln->ln_in->m_seq != ln->ln_seq)
			return (lane_broken(ln, "answer to another call"));
		if (ln->ln_in->m_type == MSG_LANE_VERDICT) {
			if (msg_get_verdict(ln->ln_in, v) == -1 ||
			    msg_end(ln->ln_in) == -1)
				return (lane_broken(ln,
				    "malformed MSG_LANE_VERDICT"));
			lane_slow(ln, 0);
			return (0);
		}
		if (ln->ln_in->m_type == MSG_LANE_FILE) {
			guard_answer(ln);
			continue;
		}
		if (ln->ln_in->m_type == MSG_LANE_CHECK) {
			if (check_answer(ln) == -1)
				return (lane_broken(ln,
				    "malformed MSG_LANE_CHECK"));
			continue;
		}
		if (msg_get_need(ln->ln_in, &need) == -1 ||
		    msg_end(ln->ln_in) == -1)
			return (lane_broken(ln, "malformed MSG_LANE_NEED"));
		if (capture_need(ln, &need) == -1)
			return (lane_broken(ln, errno == EPROTO ?
			    "unknown need" : no_worker));
	}
	return (lane_broken(ln, "too many questions"));
}

/*
 * One message from the worker.  While it is busy for long (a FIFO, a slow
 * disk) the caller is looked at, and the worker interrupted when the caller
 * is gone or has a signal to handle.
 */
static int
lane_reply(struct lane *ln)
{
	const char	*why = NULL;
	int		 n;

	for (;;) {
		n = chan_recv(&ln->ln_call, ln->ln_in, 0, &why);
		if (n == 1)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0 || errno != EAGAIN)
			return (lane_broken(ln, n == 0 ? no_worker :
			    why != NULL ? why : "broken lane"));
		lane_slow(ln, 1);
		if ((why = worker_silent(ln)) != NULL)
			return (lane_broken(ln, why));
		lane_watch(ln);
		lane_pace(ln, atomic_load(&giver) == ln ? WATCH_USEC :
		    WATCH_USEC * (1L + atomic_load(&nslow) / WATCH_LANES));
	}
	ln->ln_stops = 0;
	ln->ln_looks = 0;
	lane_pace(ln, WATCH_USEC);
	lane_slow(ln, 0);
	return (0);
}

void
lane_slow(struct lane *ln, int slow)
{
	if (slow == atomic_exchange(&ln->ln_slow, slow))
		return;
	atomic_fetch_add(&nslow, slow ? 1 : -1);
	if (slow)
		wake();
}

/*
 * After WATCH_USEC the lane's thread gets a SIGUSR1, so that a wait without
 * a time limit ends with EINTR; 0 calls it off.
 */
void
lane_timer(struct lane *ln, int on)
{
	struct itimerspec	 it;

	memset(&it, 0, sizeof(it));
	it.it_value.tv_nsec = on ? WATCH_USEC * 1000L : 0;
	if (on)
		lane_mask(0);
	if (timer_settime(ln->ln_timer, 0, &it, NULL) == -1)
		fatal("timer_settime");
	if (!on)
		lane_mask(1);
}

/*
 * What a verdict may be depends on the call: a worker that says otherwise has
 * been taken over.  CONTINUE only where a register holds what makes it sound.
 */
static int
verdict_fits(const struct lane *ln, const struct sysent *se,
    const struct verdict *v)
{
	uint64_t	 flags, args[CALL_ARGS];

	switch (v->v_kind) {
	case VERDICT_CONTINUE:
		if (se->se_cont == 0 || se->se_flagarg >= CALL_ARGS)
			return (0);
		flags = ln->ln_notif->data.args[se->se_flagarg];
		return ((flags & se->se_cont) == se->se_cont);
	case VERDICT_ERRNO:
		/* name_to_handle_at(2) says how much room it needs */
		return (v->v_out == NULL || (se->se_handler == SYSH_HANDLE &&
		    v->v_value == EOVERFLOW && memory_fits(ln, se, v)));
	case VERDICT_VALUE:
		if (se->se_handler == SYSH_SENDMMSG || memory_placed(se))
			return (memory_fits(ln, se, v));
		/* results go where the call's own arguments say, no further */
		memcpy(args, ln->ln_notif->data.args, sizeof(args));
		return (v->v_out == NULL ||
		    v->v_outlen <= sysent_out(se, v->v_outarg, args));
	case VERDICT_VERIFY:
		if (!se->se_verify || v->v_out != NULL)
			return (0);
		if (se->se_cont == 0)
			return (1);
		flags = ln->ln_notif->data.args[se->se_flagarg];
		return ((flags & se->se_cont) == se->se_cont);
	case VERDICT_INJECT:
		return (memory_fits(ln, se, v) &&
		    (se->se_handler == SYSH_OPEN ||
		    se->se_handler == SYSH_ACCEPT ||
		    se->se_handler == SYSH_PTY));
	case VERDICT_PROC:
		return (se->se_handler == SYSH_OPEN);
	case VERDICT_EXEC:
		return (se->se_handler == SYSH_EXEC);
	case VERDICT_LIBRARY:
		/* of those the only call that names a file */
		return (se->se_handler == SYSH_MEMORY &&
		    se->se_args[4] == ARG_FD);
	case VERDICT_PIPE:
		return (v->v_out == NULL && lane_sends(se));
	case VERDICT_KILL:
	case VERDICT_STOP:
	case VERDICT_ABORT:
	case VERDICT_EXIT:
		/* a rule's; none is about the other calls */
		return (v->v_out == NULL && sysent_ruled(se));
	default:
		return (v->v_out == NULL);
	}
}

/* Apply the verdict and nothing else. */
static void
lane_verdict(struct lane *ln, const struct sysent *se, struct verdict *v)
{
	if (!ln->ln_yielded)
		lane_stays(ln, 0);
	if (!verdict_fits(ln, se, v)) {
		lane_broken(ln, "verdict that does not fit the call");
		return;
	}
	if ((v->v_kind == VERDICT_CONTINUE || v->v_kind == VERDICT_LIBRARY) &&
	    code_needs(ln, se) && !code_allowed(ln)) {
		notify_error(ln, EACCES);
		return;
	}
	if (v->v_out != NULL && memory_placed(se) &&
	    memory_place(ln, se, v) == -1) {
		notify_error(ln, EFAULT);
		return;
	}
	switch (v->v_kind) {
	case VERDICT_ERRNO:
		/* it was we who interrupted, and no signal */
		if (v->v_value == EINTR && ln->ln_yielded) {
			lane_stays(ln, 1);
			exec_restart(ln);
		} else
			notify_error(ln, v->v_value);
		break;
	case VERDICT_VALUE:
		if (memory_placed(se))
			notify_value(ln, v->v_value);
		else if (v->v_out != NULL && se->se_handler != SYSH_SENDMMSG)
			result_write(ln, v);
		else {
			memory_write(ln, v);
			notify_value(ln, v->v_value);
		}
		break;
	case VERDICT_VERIFY:
		result_verify(ln, se, v->v_fd);
		break;
	case VERDICT_INJECT:
		memory_write(ln, v);
		lane_inject(ln, se, v);
		break;
	case VERDICT_CONTINUE:
		notify_continue(ln);
		break;
	case VERDICT_EXEC:
		exec_continue(ln);
		break;
	case VERDICT_LIBRARY:
		library_continue(ln);
		break;
	case VERDICT_RESTART:
		exec_restart(ln);
		break;
	case VERDICT_KILL:
		lane_signal(ln, SIGKILL, EPERM);
		break;
	case VERDICT_STOP:
		lane_signal(ln, SIGSTOP, v->v_value);
		break;
	case VERDICT_ABORT:
		lane_signal(ln, SIGABRT, v->v_value);
		break;
	case VERDICT_PIPE:
		lane_pipe(ln);
		break;
	case VERDICT_EXIT:
		receiver_exit();
	case VERDICT_PROC:
		lane_proc(ln, v);
		break;
	default:
		lane_broken(ln, "unknown verdict");
	}
}

/*
 * When the caller closes a connection its peer is told, and a file that was
 * written can be executed, once nobody has it open: so we do not have these
 * when the caller goes on.  Others may be closed a little later.
 */
static void
lane_inject(struct lane *ln, const struct sysent *se, struct verdict *v)
{
	int	 flags;

	if (se->se_handler != SYSH_ACCEPT &&
	    ((flags = fcntl(v->v_fd, F_GETFL)) == -1 ||
	    (flags & O_ACCMODE) == O_RDONLY)) {
		notify_inject(ln, v->v_fd, v->v_fdflags);
		return;
	}
	notify_hand(ln, v->v_fd, v->v_fdflags);
	v->v_fd = -1;
}

/*
 * A signal for the process that asked, then the error, so that it runs not
 * one instruction in between.  A thread waiting for its answer dies of
 * nothing but SIGKILL: its number is its own while the request is valid.
 */
static void
lane_signal(struct lane *ln, int sig, int error)
{
	if (notify_valid(ln) == -1)
		return;			/* the caller is gone */
	if (sig == SIGABRT)
		guard_aborted((pid_t)ln->ln_notif->pid);
	/* The number of a thread; the signal is for the whole process. */
	if (kill((pid_t)ln->ln_notif->pid, sig) == -1 && errno != ESRCH)
		log_warn("signal %d for pid %u", sig, ln->ln_notif->pid);
	notify_error(ln, error);
}

/* As the kernel raises it: for the thread that sent, then the error. */
static void
lane_pipe(struct lane *ln)
{
	if (notify_valid(ln) == -1)
		return;
	if (syscall(SYS_tkill, (pid_t)ln->ln_notif->pid, SIGPIPE) == -1 &&
	    errno != ESRCH)
		log_warn("SIGPIPE for thread %u", ln->ln_notif->pid);
	notify_error(ln, EPIPE);
}

/* A procfs entry that only the child's parent may open for it. */
static void
lane_proc(struct lane *ln, const struct verdict *v)
{
	pid_t	 pid = v->v_pid != 0 ? (pid_t)v->v_pid :
		    (pid_t)ln->ln_notif->pid;
	int	 fd;

	if ((fd = capture_entry(pid, v->v_entry)) == -1) {
		notify_error(ln, errno);
		return;
	}
	notify_inject(ln, fd, v->v_fdflags);
	close(fd);
}

/* A wake-up across processors costs ten times one on the same. */
static void
lane_follow(struct lane *ln)
{
	cpu_set_t	 set;
	int		 cpu = sched_getcpu();

	if (cpu == ln->ln_cpu || cpu < 0 || cpu >= CPU_SETSIZE ||
	    ln->ln_worker == 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	/* Failing costs time only. */
	if (sched_setaffinity(ln->ln_worker, sizeof(set), &set) == 0)
		ln->ln_cpu = cpu;
}

static void
lane_watch(struct lane *ln)
{
	if (ln->ln_worker == 0 || (notify_valid(ln) == 0 &&
	    !caller_interrupted(ln) && !lane_yields(ln)))
		return;
	/* It may be dead, and its number somebody else's. */
	if (receiver_worker(ln->ln_worker) == 1)
		kill(ln->ln_worker, SIGUSR1);
}

/* Many that wait look less often, so that all of them cost as few. */
static void
lane_pace(struct lane *ln, long usec)
{
	struct timeval	 tv;

	if (usec == ln->ln_pace)
		return;
	tv.tv_sec = usec / 1000000;
	tv.tv_usec = usec % 1000000;
	if (setsockopt(ln->ln_call.ch_fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv)) == -1)
		fatal("setsockopt: SO_RCVTIMEO");
	ln->ln_pace = usec;
}

/*
 * All lanes wait in calls of which nobody knows when they end, there is no
 * lane more to be had, and another call is there: one lane gives way, as a
 * signal would make it, and takes the calls in turn.  Its own begins again,
 * behind those in the queue; a connection that was begun goes on meanwhile.
 */
static int
lane_yields(struct lane *ln)
{
	const struct sysent	*se = sysent_find(
				    (uint32_t)ln->ln_notif->data.nr);
	struct lane		*none = NULL, *self = ln;
	int			 tid = (int)ln->ln_notif->pid;

	if (se == NULL || atomic_load(&stays[tid % LANES_MAX]) == tid ||
	    (se->se_handler != SYSH_CONNECT && se->se_handler != SYSH_ACCEPT &&
	    se->se_handler != SYSH_OPEN) || atomic_load(&nslow) < atomic_load(&nlanes)) {
		ln->ln_stuck = 0;
		atomic_compare_exchange_strong(&giver, &self, NULL);
		return (0);
	}
	if (atomic_load(&nlanes) < LANES_MAX && ++ln->ln_stuck < STUCK_LOOKS)
		return (0);
	if (!notify_waiting() || (atomic_load(&giver) != ln &&
	    !atomic_compare_exchange_strong(&giver, &none, ln)))
		return (0);
	ln->ln_yielded = 1;
	return (1);
}

/*
 * A call with a time limit: begun again, the limit is too.  So that happens
 * once, and then it is others that give way.
 */
static void
lane_stays(struct lane *ln, int stay)
{
	int	 tid = (int)ln->ln_notif->pid;

	if (stay)
		atomic_store(&stays[tid % LANES_MAX], tid);
	else if (atomic_load(&stays[tid % LANES_MAX]) == tid)
		atomic_store(&stays[tid % LANES_MAX], 0);
}

/*
 * It may wait for long, in a call that does; it cannot have the processor for
 * long, nor be kept from it.  Why it will not answer, or NULL.
 */
static const char *
worker_silent(struct lane *ln)
{
	if (ln->ln_worker == 0)
		return (NULL);
	if (ln->ln_looks++ % LOOP_LOOKS == 0 && worker_loops(ln))
		return ("policy worker does not answer, it loops");
	return (worker_stopped(ln));
}

/*
 * State T of proc(5), or t: a tracer holds it.  By the clock, and by looks:
 * the clock goes on while we are stopped as well.
 */
static const char *
worker_stopped(struct lane *ln)
{
	static const char	 key[] = "\nState:\t";
	char			 buf[STATUS_MAX];
	const char		*p;
	uint64_t		 ran;
	ssize_t			 n;
	int			 traced;

	n = capture_proc(ln->ln_worker, "status", buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	p = strstr(buf, key);
	traced = p != NULL && p[strlen(key)] == 't';
	if (p == NULL || (p[strlen(key)] != 'T' && !traced)) {
		ln->ln_stops = 0;
		return (NULL);
	}
	ran = status_number(buf, "\nvoluntary_ctxt_switches:\t") +
	    status_number(buf, "\nnonvoluntary_ctxt_switches:\t");
	if (ln->ln_stops == 0 || ran != ln->ln_ran) {
		ln->ln_stops = 0;
		ln->ln_ran = ran;
		ln->ln_since = msec_now();
	}
	if (++ln->ln_stops < STOP_LOOKS || msec_now() - ln->ln_since <
	    (traced ? TRACED_MSEC : STOP_MSEC))
		return (NULL);
	return (traced ? "policy worker is being traced" :
	    "policy worker is stopped");
}

/* Since the first look of this call; what it does in the kernel is the call. */
static int
worker_loops(struct lane *ln)
{
	char			 buf[STATUS_MAX];
	unsigned long long	 user;
	const char		*p;
	ssize_t			 n;

	n = capture_proc(ln->ln_worker, "stat", buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	if ((p = strrchr(buf, ')')) == NULL || sscanf(p + 1, " %*c %*d %*d "
	    "%*d %*d %*d %*u %*u %*u %*u %*u %llu", &user) != 1)
		return (0);
	if (ln->ln_looks == 1)
		ln->ln_user = user;
	return ((user - ln->ln_user) * 1000 / ticks >= LOOP_MSEC);
}

static int64_t
msec_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/* A line of decimal digits the kernel wrote. */
static uint64_t
status_number(const char *status, const char *key)
{
	const char	*p = strstr(status, key);

	return (p == NULL ? 0 : strtoull(p + strlen(key), NULL, 10));
}

/*
 * The worker is gone or broke the protocol.  The run ends, or the lane does:
 * the worker is killed, so that it does no more for the call, which fails and
 * is never allowed, and the main thread sees to another lane.
 */
static int
lane_broken(struct lane *ln, const char *why)
{
	if (!receiver.r_restart)
		receiver_fault(ln, why);
	if (ln->ln_worker != 0 && receiver_worker(ln->ln_worker) == 1)
		kill(ln->ln_worker, SIGKILL);
	msg_close_fds(ln->ln_in);
	notify_error(ln, EIO);	/* where it is still to be answered */
	ln->ln_broken = 1;
	lane_slow(ln, 0);
	atomic_store(&broke, 1);
	receiver_broken(ln, why);
	errno = EPIPE;
	return (-1);
}

/* A caught, unblocked signal is pending for the caller: proc(5), status. */
static int
caller_interrupted(const struct lane *ln)
{
	char		 buf[STATUS_MAX];
	uint64_t	 pending;
	ssize_t		 n;

	n = capture_proc((pid_t)ln->ln_notif->pid, "status", buf,
	    sizeof(buf) - 1);
	if (n <= 0)
		return (0);
	buf[n] = '\0';
	pending = status_mask(buf, "\nSigPnd:") |
	    status_mask(buf, "\nShdPnd:");
	return ((pending & status_mask(buf, "\nSigCgt:") &
	    ~status_mask(buf, "\nSigBlk:")) != 0);
}

/* A line of hexadecimal digits the kernel wrote; the name line is escaped. */
static uint64_t
status_mask(const char *status, const char *key)
{
	const char	*p = strstr(status, key);

	return (p == NULL ? 0 : strtoull(p + strlen(key), NULL, 16));
}

/*
 * One call in hand and another waiting: a lane on another processor could
 * serve it.  After an answer it would be the same caller's next.
 */
static void
lane_sample(struct lane *ln)
{
	if (!notify_waiting()) {
		ln->ln_backlog = 0;
		return;
	}
	atomic_store(&queued, 1);
	if (++ln->ln_backlog >= BACKLOG) {
		ln->ln_backlog = 0;
		atomic_store(&wanted, 1);
		wake();
	}
}

static void
lane_end(struct lane *ln)
{
	struct lane	*self = ln;

	atomic_compare_exchange_strong(&giver, &self, NULL);
	timer_delete(ln->ln_timer);
	lane_free(ln);
	atomic_store(&ln->ln_tid, -1);
	wake();
}

static void
lane_free(struct lane *ln)
{
	chan_close(&ln->ln_call);
	chan_close(&ln->ln_image);
	free(ln->ln_notif);
	free(ln->ln_resp);
	free(ln->ln_out);
	free(ln->ln_in);
	free(ln->ln_capture);
}

static void
wake(void)
{
	uint64_t	 one = 1;

	if (write(receiver.r_wake, &one, sizeof(one)) == -1 &&
	    errno != EAGAIN)
		fatal("eventfd");
}

static time_t
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

/* The monitor may not have one to give: ask again after a while. */
static int
waiting_for_lane(void)
{
	return (asked != 0 && now() - asked < ASK_SEC);
}

void
lanes_counts(void)
{
	char		 line[LOG_LINE_MAX], one[64];
	unsigned	 n;
	size_t		 i;

	line[0] = '\0';
	for (i = 0; i < sysent_count; i++) {
		if (sysent[i].se_nr >= COUNTS ||
		    (n = atomic_load(&counts[sysent[i].se_nr])) == 0)
			continue;
		(void)snprintf(one, sizeof(one), " %s %u", sysent[i].se_name,
		    n);
		(void)strlcat(line, one, sizeof(line));
	}
	log_debug("notified:%s", line[0] != '\0' ? line : " nothing");
}

int
lanes_many(void)
{
	return (nlanes > 1 || asked != 0);
}

int
lanes_saturated(void)
{
	return (nlanes > 0 && !waiting_for_lane() && nlanes < LANES_MAX &&
	    atomic_load(&nslow) >= nlanes);
}

void
lanes_wake(struct chan *parent)
{
	uint64_t	 count;
	struct lane	*ln;

	if (read(receiver.r_wake, &count, sizeof(count)) == -1 &&
	    errno != EAGAIN)
		fatal("eventfd");
	for (ln = lanes; ln < lanes + LANES_MAX; ln++)
		if (ln->ln_used && atomic_load(&ln->ln_tid) == -1) {
			ln->ln_used = 0;
			nlanes--;
		}
	if (nlanes == 0 && atomic_load(&broke))
		lanes_want(parent);
	if (atomic_exchange(&wanted, 0) &&
	    nlanes < CPU_COUNT(&processors))
		lanes_want(parent);
}

void
lanes_want(struct chan *parent)
{
	static struct msg	 m;

	if (waiting_for_lane() || nlanes >= LANES_MAX)
		return;
	asked = now();
	msg_start(&m, MSG_RECEIVER_NEEDLANE, 0);
	msg_put_u32(&m, (uint32_t)nlanes);
	/* Is the monitor gone, the main thread learns it from its channel. */
	(void)chan_send(parent, &m, 0);
}

/*
 * A lane more than needed costs every call time: while nothing queued for a
 * second, one retires, down to one.  The signal is sent again at the next
 * tick if it came just before the lane's RECV.
 */
void
lanes_tick(struct chan *parent)
{
	static time_t	 last;
	struct lane	*ln, *spare = NULL;
	pid_t		 tid;

	if (now() == last)
		return;
	last = now();
	/* The last one broke, and there was none to be had. */
	if (nlanes == 0 && atomic_load(&broke))
		lanes_want(parent);
	if (atomic_exchange(&queued, 0) || atomic_load(&nslow) >= nlanes - 1)
		return;
	for (ln = lanes; ln < lanes + LANES_MAX; ln++) {
		if (!ln->ln_used)
			continue;
		/*
		 * One at a time.  nlanes counts it until lanes_wake(): without
		 * this the last lane could go as well, and nobody serve.
		 */
		if (atomic_load(&ln->ln_retire) ||
		    atomic_load(&ln->ln_tid) == -1) {
			spare = ln;
			break;
		}
		if (atomic_load(&ln->ln_tid) > 0 && atomic_load(&ln->ln_open))
			spare = ln;
	}
	if (spare == NULL || !atomic_load(&spare->ln_open) ||
	    (tid = atomic_load(&spare->ln_tid)) == -1)
		return;
	atomic_store(&spare->ln_retire, 1);
	if (tgkill(getpid(), tid, SIGUSR1) == -1 && errno != ESRCH)
		fatal("tgkill");
}
