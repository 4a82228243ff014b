/*
 * Files that mmap(2) is to map so that they can be executed.  The integrity
 * worker says yes to a file; the kernel looks the descriptor up once more when
 * the call continues.  In between nobody may put another file there: a process
 * of one thread cannot, it waits (the filter sees to it that only threads
 * share descriptors); of others every thread is held until the call is done.
 *
 * A thread is held that has stopped for us, or whose own call is in a lane's
 * hand: that lane's answer then waits at the gate.  A process that waits for
 * a thread, such as the child of its vfork(2), is never held.
 *
 * Must never: continue such a call while a thread of its process can run.
 */
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

#define HELD_MAX	2048	/* threads of one process */
#define HOLD_SEC	10	/* until they are all held, or it is refused */
#define PAUSE_USEC	50
#define LARGE		(4 * 1024 * 1024)	/* bytes: takes long to hash */
#define STATUS_SIZE	4096
#define COMM_SIZE	64
#define ERESTARTSYS	512	/* include/linux/errno.h */

enum hold {
	HOLD_NOT,		/* as found */
	HOLD_SEIZED,		/* on its way to a stop */
	HOLD_STOPPED,
	HOLD_LANE,		/* its call waits for its answer */
	HOLD_BOTH,		/* the same, and seized */
	HOLD_DEAD		/* has ended and not gone yet */
};
struct held {
	pid_t		 h_tid;
	enum hold	 h_how;
	int		 h_sig;		/* was on its way: passed on */
};

/* What getdents64(2) writes. */
struct dirent64 {
	uint64_t	 d_ino;
	int64_t		 d_off;
	uint16_t	 d_reclen;
	uint8_t		 d_type;
	char		 d_name[];
};

static int	 library_alone(pid_t);
static void	 library_shared(struct lane *);
static int	 library_large(struct lane *);
static uint32_t	 library_ask(struct lane *);
static uint8_t	 library_writers(int);
static int	 library_answer(struct lane *, uint32_t);
static void	 library_wait(struct lane *);
static int	 hold_all(struct lane *);
static int	 hold_list(int, pid_t);
static int	 hold_add(pid_t);
static void	 hold_drop(struct held *);
static int	 hold_one(struct lane *, struct held *);
static int	 hold_seize(struct lane *, pid_t);
static int	 hold_dead(pid_t);
static void	 hold_release(struct lane *);
static void	 hold_free(struct lane *, struct held *);
static stop_look	 hold_stopped;
static long	 status_number(pid_t, const char *);
static void	 rest(void);

/* One process is held at a time. */
static pthread_mutex_t	 holding = PTHREAD_MUTEX_INITIALIZER;
/* Whom; changed by who holds, looked at by all. */
static pthread_mutex_t	 listing = PTHREAD_MUTEX_INITIALIZER;
static struct held	 helds[HELD_MAX];
static size_t		 nhelds;
static _Thread_local struct lane *volatile seizing;

void
library_continue(struct lane *ln)
{
	pid_t	 tid = (pid_t)ln->ln_notif->pid;

	if (library_alone(tid)) {
		if (library_answer(ln, library_ask(ln)))
			notify_continue(ln);
		return;
	}
	/*
	 * Nobody is held while a large file is hashed: it is asked about
	 * twice, and the second time its digest is known.
	 */
	if (library_large(ln) && !library_answer(ln, library_ask(ln)))
		return;
	while (pthread_mutex_trylock(&holding) != 0) {
		/* held for another thread's: again, once that is done */
		if (library_holds(tid)) {
			notify_error(ln, ERESTARTSYS);
			return;
		}
		if (notify_valid(ln) == -1)
			return;
		lane_slow(ln, 1);
		rest();
	}
	lane_slow(ln, 0);
	library_shared(ln);
	pthread_mutex_unlock(&holding);
}

int
library_holds(pid_t tid)
{
	size_t	 i;
	int	 held = 0;

	pthread_mutex_lock(&listing);
	for (i = 0; i < nhelds && !held; i++)
		held = helds[i].h_tid == tid &&
		    (helds[i].h_how == HOLD_SEIZED ||
		    helds[i].h_how == HOLD_BOTH);
	pthread_mutex_unlock(&listing);
	return (held);
}

/*
 * Is the caller its process's only thread?  It waits in the kernel, so that
 * no other can begin.
 */
static int
library_alone(pid_t tid)
{
	return (status_number(tid, "\nThreads:\t") == 1);
}

static int
library_large(struct lane *ln)
{
	struct stat	 st;
	int		 fd, large = 0;

	fd = capture_fd((pid_t)ln->ln_notif->pid,
	    (int32_t)ln->ln_notif->data.args[4]);
	if (fd != -1 && fstat(fd, &st) == 0)
		large = st.st_size > LARGE;
	if (fd != -1)
		close(fd);
	return (large);
}

/* The caller has company. */
static void
library_shared(struct lane *ln)
{
	int	 yes;

	nhelds = 0;
	if (hold_all(ln) == -1) {
		hold_release(ln);
		if (notify_valid(ln) == -1)
			return;
		log_warnx("pid %u: threads cannot be held: its mapping is "
		    "refused", ln->ln_notif->pid);
		notify_error(ln, EACCES);
		return;
	}
	yes = library_answer(ln, library_ask(ln));
	if (yes && stop_seize(ln, 0) == -1) {
		stop_refused(ln, EPERM);
		yes = 0;
	}
	if (yes) {
		notify_continue(ln);
		library_wait(ln);
	}
	hold_release(ln);
}

/* 1: let it go on; 0: it has had its answer. */
static int
library_answer(struct lane *ln, uint32_t verdict)
{
	if (verdict == IMAGE_ALLOW)
		return (1);
	if (verdict == IMAGE_EXIT)
		receiver_exit();	/* still waiting: dies so */
	notify_error(ln, EACCES);
	return (0);
}

/* Show the file to the integrity worker: IMAGE_*. */
static uint32_t
library_ask(struct lane *ln)
{
	uint8_t		 comm[COMM_SIZE];
	char		 exe[PATH_MAX], name[PATH_MAX];
	pid_t		 tid = (pid_t)ln->ln_notif->pid;
	struct library	 lb;
	ssize_t		 n;
	uint32_t	 verdict = IMAGE_DENY;

	memset(&lb, 0, sizeof(lb));
	lb.l_pid = ln->ln_notif->pid;
	lb.l_cpu = (uint32_t)sched_getcpu();
	lb.l_fd = capture_fd(tid, (int32_t)ln->ln_notif->data.args[4]);
	if (lb.l_fd == -1)
		return (IMAGE_DENY);
	if ((n = capture_proc(tid, "comm", comm, sizeof(comm))) > 0) {
		lb.l_comm = comm;
		lb.l_commlen = (size_t)n;
	}
	if ((n = capture_exename(tid, exe, sizeof(exe))) > 0) {
		lb.l_exe = (const uint8_t *)exe;
		lb.l_exelen = (size_t)n;
	}
	if ((n = capture_fdname(lb.l_fd, name, sizeof(name))) > 0) {
		lb.l_name = (const uint8_t *)name;
		lb.l_namelen = (size_t)n;
	}
	lb.l_writers = library_writers(lb.l_fd);
	/* all this was of the task that asked */
	if (lb.l_exelen != 0 && lb.l_namelen != 0 && notify_valid(ln) == 0) {
		msg_start(ln->ln_out, MSG_RECEIVER_LIBRARY, ++ln->ln_seq);
		msg_put_library(ln->ln_out, &lb);
		verdict = exec_verdict(ln);
	}
	close(lb.l_fd);
	return (verdict);
}

/*
 * Has anybody the file open for writing?  Then the kernel gives no lease to
 * read it; to whom the file does not belong it does not give one either way.
 */
static uint8_t
library_writers(int fd)
{
	uint8_t	 writers = WRITERS_UNKNOWN;
	int	 own;

	if ((own = capture_reopen(fd)) == -1)
		return (writers);
	if (fcntl(own, F_SETLEASE, F_RDLCK) == 0) {
		writers = WRITERS_NO;
		(void)fcntl(own, F_SETLEASE, F_UNLCK);
	} else if (errno == EAGAIN)
		writers = WRITERS_YES;
	close(own);
	return (writers);
}

/* Until the call is done: the caller has stopped, or is dead. */
static void
library_wait(struct lane *ln)
{
	struct held	 h = { (pid_t)ln->ln_notif->pid, HOLD_SEIZED, 0 };

	hold_free(ln, &h);
}

/* ---- threads ---- */

/*
 * Hold every thread but the caller.  Others may begin while some still run,
 * so all that are held is not enough: there must be no more of them.
 */
static int
hold_all(struct lane *ln)
{
	pid_t		 tid = (pid_t)ln->ln_notif->pid;
	struct timespec	 ts;
	time_t		 end;
	size_t		 i;
	int		 dir, loose, rv = -1;

	if ((dir = capture_tasks(tid)) == -1)
		return (-1);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	end = ts.tv_sec + HOLD_SEC;
	while (ts.tv_sec < end && notify_valid(ln) == 0) {
		loose = 0;
		for (i = nhelds; i > 0; i--)
			loose += !hold_one(ln, &helds[i - 1]);
		if (loose == 0) {
			/* all that were known are held: are these all? */
			if ((loose = hold_list(dir, tid)) == -1)
				break;
			if (loose > 0)
				continue;
			if (status_number(tid, "\nThreads:\t") ==
			    (long)nhelds + 1) {
				rv = 0;
				break;
			}
		}
		rest();
		lane_slow(ln, 1);
		clock_gettime(CLOCK_MONOTONIC, &ts);
	}
	lane_slow(ln, 0);
	close(dir);
	return (rv);
}

/* Note threads that are not noted: how many, or -1. */
static int
hold_list(int dir, pid_t self)
{
	union {
		char		 bytes[4096];
		uint64_t	 align;
	}			 buf;
	const struct dirent64	*de;
	long			 n, at;
	int			 added = 0;
	pid_t			 tid;

	if (lseek(dir, 0, SEEK_SET) == -1)
		return (-1);
	while ((n = syscall(SYS_getdents64, dir, buf.bytes,
	    sizeof(buf.bytes))) > 0) {
		for (at = 0; at < n; at += de->d_reclen) {
			de = (const void *)(buf.bytes + at);
			tid = (pid_t)strtol(de->d_name, NULL, 10);
			if (tid <= 0 || tid == self)
				continue;
			switch (hold_add(tid)) {
			case -1:
				return (-1);
			case 1:
				added++;
			}
		}
	}
	return (n == -1 ? -1 : added);
}

/* 1: noted; 0: was already; -1: too many. */
static int
hold_add(pid_t tid)
{
	size_t	 i;

	for (i = 0; i < nhelds; i++)
		if (helds[i].h_tid == tid)
			return (0);
	if (nhelds == HELD_MAX)
		return (-1);
	pthread_mutex_lock(&listing);
	helds[nhelds].h_tid = tid;
	helds[nhelds].h_how = HOLD_NOT;
	helds[nhelds++].h_sig = 0;
	pthread_mutex_unlock(&listing);
	return (1);
}

static void
hold_drop(struct held *h)
{
	pthread_mutex_lock(&listing);
	*h = helds[--nhelds];
	pthread_mutex_unlock(&listing);
}

static void
hold_set(struct held *h, enum hold how)
{
	pthread_mutex_lock(&listing);
	h->h_how = how;
	pthread_mutex_unlock(&listing);
}

/*
 * Waits while a thread of the process execs, ptrace_attach() in
 * kernel/ptrace.c; that waits for the others to be gone, and those of them
 * that we hold are not before we take their deaths: library_reap().
 */
static int
hold_seize(struct lane *ln, pid_t tid)
{
	int	 error = 0;

	seizing = ln;
	lane_timer(ln, 1);
	if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)PTRACE_O_EXITKILL) == -1)
		error = errno;
	seizing = NULL;
	lane_timer(ln, 0);
	return (error);
}

void
library_reap(void)
{
	siginfo_t	 si;
	int		 saved = errno;

	if (seizing == NULL)
		return;
	for (;;) {
		memset(&si, 0, sizeof(si));
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | __WALL |
		    __WNOTHREAD) == -1 || si.si_pid == 0)
			break;
		stop_dead(si.si_pid, si.si_code == CLD_EXITED ?
		    si.si_status << 8 : si.si_status);
	}
	lane_timer(seizing, 1);
	errno = saved;
}

/* One step further with one thread; 1 when it is held, or gone. */
static int
hold_one(struct lane *ln, struct held *h)
{
	int	 error, status;
	pid_t	 pid;

	switch (h->h_how) {
	case HOLD_NOT:
		if (lane_hold(h->h_tid)) {
			hold_set(h, HOLD_LANE);
			return (1);
		}
		if ((error = hold_seize(ln, h->h_tid)) == 0) {
			hold_set(h, HOLD_SEIZED);
			if (ptrace(PTRACE_INTERRUPT, h->h_tid, NULL,
			    NULL) == -1 && errno != ESRCH)
				fatal("%s: PTRACE_INTERRUPT", __func__);
			return (0);
		}
		if (error == ESRCH) {
			hold_drop(h);
			return (1);
		}
		if (!hold_dead(h->h_tid))
			return (0);	/* another lane has it, for an exec */
		hold_set(h, HOLD_DEAD);
		return (1);
	case HOLD_SEIZED:
		pid = waitpid(h->h_tid, &status,
		    __WALL | __WNOTHREAD | WNOHANG);
		if (pid == 0 && lane_hold(h->h_tid)) {
			hold_set(h, HOLD_BOTH);
			return (1);
		}
		if (pid == 0 || (pid == -1 && errno == EINTR))
			return (0);
		if (pid > 0 && WIFSTOPPED(status)) {
			h->h_sig = stop_signal(status);
			hold_set(h, HOLD_STOPPED);
			return (1);
		}
		if (pid > 0)
			stop_dead(pid, status);
		hold_drop(h);
		return (1);
	case HOLD_DEAD:
		/* gone by now, and its number maybe another's */
		if (!hold_dead(h->h_tid))
			hold_drop(h);
		return (1);
	default:
		return (1);
	}
}

/* A leader that has ended stays until its threads have. */
static int
hold_dead(pid_t tid)
{
	char	 buf[STATUS_SIZE];
	ssize_t	 n;

	if ((n = capture_proc(tid, "status", buf, sizeof(buf) - 1)) <= 0)
		return (0);
	buf[n] = '\0';
	return (strstr(buf, "\nState:\tZ") != NULL ||
	    strstr(buf, "\nState:\tX") != NULL);
}

/* Let all go.  Those on hold first: whom we wait for may need an answer. */
static void
hold_release(struct lane *ln)
{
	size_t	 i;

	lane_release();
	for (i = 0; i < nhelds; i++)
		if (helds[i].h_how == HOLD_STOPPED)
			hold_free(ln, &helds[i]);
	for (i = 0; i < nhelds; i++)
		if (helds[i].h_how == HOLD_SEIZED ||
		    helds[i].h_how == HOLD_BOTH)
			hold_free(ln, &helds[i]);
	pthread_mutex_lock(&listing);
	nhelds = 0;
	pthread_mutex_unlock(&listing);
}

/* Detach a thread that was seized, once it has stopped; or it is dead. */
static void
hold_free(struct lane *ln, struct held *h)
{
	/* it is not ours any more: before it can call again */
	if (h->h_how == HOLD_STOPPED)
		hold_set(h, HOLD_NOT);
	if (h->h_how == HOLD_NOT && ptrace(PTRACE_DETACH, h->h_tid, NULL,
	    (void *)(long)h->h_sig) == 0)
		return;
	stop_wait(ln, h->h_tid, hold_stopped, h);
}

/* It is not ours any more: before it can call again. */
static int
hold_stopped(struct lane *ln, pid_t pid, int status, void *arg)
{
	(void)ln;
	(void)pid;
	hold_set(arg, HOLD_NOT);
	return (stop_signal(status));
}

/* ---- other ---- */

/* A line the kernel wrote; the name line is escaped.  -1: not there. */
static long
status_number(pid_t tid, const char *key)
{
	char		 buf[STATUS_SIZE];
	const char	*p;
	ssize_t		 n;

	if ((n = capture_proc(tid, "status", buf, sizeof(buf) - 1)) <= 0)
		return (-1);
	buf[n] = '\0';
	if ((p = strstr(buf, key)) == NULL)
		return (-1);
	return (strtol(p + strlen(key), NULL, 10));
}

static void
rest(void)
{
	const struct timespec	 ts = { 0, PAUSE_USEC * 1000L };

	(void)ppoll(NULL, 0, &ts, NULL);
}
