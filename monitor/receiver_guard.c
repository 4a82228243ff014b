/*
 * Which executables crash (segvguard).  The receiver holds a pidfd for each
 * process, from its exec event or its first notified call on, and is told of
 * its death wherever it is reaped.  It remembers when which file crashed, by
 * device, inode and birth, all of it the kernel's word; whether that is too
 * often is for the policy and the integrity worker to say, who know the file's
 * name and the policy.
 *
 * Nothing here runs unless the policy has a segvguard statement.
 *
 * Must never: let a process be executed that it cannot watch.
 */
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/guard.h"
#include "../common/log.h"
#include "pidfd_info.h"
#include "receiver.h"

#define WATCHED_MAX	16384	/* processes at a time */
#define HASHED		4096	/* a power of two */
#define FILES_MAX	1024	/* that crashed, the last ones */
#define EVENTS		64
#define STAT_SIZE	1024	/* of /proc/PID/stat */
#define STAT_EXIT	49	/* fields from the third to exit_code, proc(5) */
#define SPARE_FDS	256	/* for everything else: lanes, captures */
#define WATCHED_MIN	32	/* less is no use */
#define NONE		UINT32_MAX

/* A process that is alive, or whose death was not looked at yet. */
struct watched {
	pid_t		 w_pid;
	int		 w_fd;		/* pidfd */
	int		 w_aborted;	/* by a rule: that SIGABRT is no crash */
	uint32_t	 w_next;	/* of its hash, or of the free ones */
	struct file_id	 w_file;	/* what it executes */
};

/* A file that crashed. */
struct crashed {
	struct file_id	 c_file;
	uint32_t	 c_signal;
	uint32_t	 c_count;
	uint64_t	 c_times[GUARD_CRASHES_MAX];	/* msec, newest first */
};

static int	 watch(pid_t, const struct file_id *, int);
static uint32_t	 find(pid_t);
static void	 forget(uint32_t);
static void	 collect(void);
static int	 ended(const struct watched *, int *);
static int	 ended_stat(pid_t, int *);
static void	 count(const struct file_id *, uint32_t);
static const struct crashed *crashed(const struct file_id *);
static void	 crashes(const struct file_id *, struct crashes *);
static uint64_t	 now(void);

/* All of what follows belongs to whoever holds the lock. */
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static struct watched	 list[WATCHED_MAX];
static uint32_t		 hash[HASHED], unused;
static size_t		 nwatched, most;
static struct crashed	 files[FILES_MAX];
static size_t		 nfiles;
static atomic_int	 any;		/* nfiles > 0 */
static atomic_int	 told;		/* that some are not watched */
static int		 epfd = -1;

int
guard_open(void)
{
	uint32_t	 i;

	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		fatal("epoll_create1");
	for (i = 0; i < HASHED; i++)
		hash[i] = NONE;
	for (i = 0; i < WATCHED_MAX; i++)
		list[i].w_next = i + 1 < WATCHED_MAX ? i + 1 : NONE;
	unused = 0;
	return (epfd);
}

/* When the limits are what they will be: see jail_flight(). */
void
guard_limit(void)
{
	struct rlimit	 rl;

	most = WATCHED_MAX;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 &&
	    rl.rlim_cur < WATCHED_MAX + SPARE_FDS)
		most = rl.rlim_cur > SPARE_FDS ?
		    (size_t)rl.rlim_cur - SPARE_FDS : 0;
	if (receiver.r_guard && most < WATCHED_MIN)
		fatalx("segvguard needs a limit of %d descriptors or more "
		    "(ulimit -H -n)", SPARE_FDS + WATCHED_MIN);
}

/* ---- what the lanes and the main thread ask for ---- */

int
guard_image(struct lane *ln, pid_t pid, int exe)
{
	struct file_id	 fi;
	struct crashes	 cr;
	int		 rv;

	if (file_id(exe, &fi) == -1) {
		log_warn("pid %d: statx", (int)pid);
		return (-1);
	}
	pthread_mutex_lock(&lock);
	/* whoever waited for a crash before this exec has it counted */
	collect();
	rv = watch(pid, &fi, -1);
	crashes(&fi, &cr);
	pthread_mutex_unlock(&lock);
	if (rv == -1) {
		log_warnx("pid %d: more processes than segvguard can watch: "
		    "killed", (int)pid);
		return (-1);
	}
	if (cr.cr_count == 0)
		return (0);
	msg_start(ln->ln_out, MSG_RECEIVER_CRASHES, ln->ln_seq);
	msg_put_crashes(ln->ln_out, &cr);
	if (chan_send(&ln->ln_image, ln->ln_out, 0) == -1)
		receiver_fault(ln, "no integrity worker");
	return (0);
}

/*
 * A process that was forked executes what its parent did, and has no exec
 * event of its own: its first notified call is where it is met.
 */
void
guard_meet(struct lane *ln)
{
	const pid_t	 pid = (pid_t)ln->ln_notif->pid;
	struct file_id	 fi;
	int		 fd, exe, known, rv = 0;

	pthread_mutex_lock(&lock);
	known = find(pid) != NONE;
	pthread_mutex_unlock(&lock);
	if (known)
		return;
	/* only a process has one, a thread that is not its first has none */
	if ((fd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		return;
	exe = capture_exe(pid);
	if (exe != -1 && file_id(exe, &fi) == 0 && notify_valid(ln) == 0) {
		/* alive: it waits for its answer */
		pthread_mutex_lock(&lock);
		rv = watch(pid, &fi, fd);
		pthread_mutex_unlock(&lock);
		fd = -1;
	}
	if (rv == -1 && !atomic_exchange(&told, 1))
		log_warnx("pid %d: more processes than segvguard can watch: "
		    "not all that are forked are counted", (int)pid);
	if (exe != -1)
		close(exe);
	if (fd != -1)
		close(fd);
}

/* MSG_LANE_FILE: what is known of a file that may be executed. */
void
guard_answer(struct lane *ln)
{
	struct file_id	 fi;
	struct crashes	 cr;

	if (!receiver.r_guard || msg_get_file_id(ln->ln_in, &fi) == -1)
		receiver_fault(ln, "malformed MSG_LANE_FILE");
	pthread_mutex_lock(&lock);
	collect();
	crashes(&fi, &cr);
	pthread_mutex_unlock(&lock);
	msg_start(ln->ln_out, MSG_RECEIVER_CRASHES, ln->ln_seq);
	msg_put_crashes(ln->ln_out, &cr);
	if (chan_send(&ln->ln_call, ln->ln_out, 0) == -1)
		receiver_fault(ln, "no policy worker");
}

int
guard_crashed(void)
{
	if (!receiver.r_guard)
		return (0);
	pthread_mutex_lock(&lock);
	collect();
	pthread_mutex_unlock(&lock);
	return (atomic_load(&any));
}

void
guard_aborted(pid_t pid)
{
	uint32_t	 i;

	if (!receiver.r_guard)
		return;
	pthread_mutex_lock(&lock);
	if ((i = find(pid)) != NONE)
		list[i].w_aborted = 1;
	pthread_mutex_unlock(&lock);
}

void
guard_collect(void)
{
	pthread_mutex_lock(&lock);
	collect();
	pthread_mutex_unlock(&lock);
}

/* ---- processes ---- */

static uint32_t *
bucket(pid_t pid)
{
	return (&hash[(uint32_t)pid & (HASHED - 1)]);
}

static uint32_t
find(pid_t pid)
{
	uint32_t	 i;

	for (i = *bucket(pid); i != NONE; i = list[i].w_next)
		if (list[i].w_pid == pid)
			return (i);
	return (NONE);
}

/*
 * From now on this process, which waits for us, executes this file.  Takes its
 * pidfd, if one is given.
 */
static int
watch(pid_t pid, const struct file_id *fi, int fd)
{
	struct epoll_event	 ev;
	struct watched		*w;
	uint32_t		 i;

	if ((i = find(pid)) != NONE) {
		list[i].w_file = *fi;
		list[i].w_aborted = 0;
		if (fd != -1)
			close(fd);
		return (0);
	}
	i = unused;
	if (i == NONE || nwatched >= most) {
		if (fd != -1)
			close(fd);
		return (-1);
	}
	if (fd == -1 && (fd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		return (errno == ESRCH ? 0 : -1);	/* killed meanwhile */
	memset(&ev, 0, sizeof(ev));
	ev.events = EPOLLIN;
	ev.data.u32 = i;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == -1) {
		close(fd);
		return (-1);
	}
	w = &list[i];
	w->w_fd = fd;
	unused = w->w_next;
	w->w_pid = pid;
	w->w_file = *fi;
	w->w_aborted = 0;
	w->w_next = *bucket(pid);
	*bucket(pid) = i;
	nwatched++;
	return (0);
}

static void
forget(uint32_t i)
{
	uint32_t	*at = bucket(list[i].w_pid);

	while (*at != i)
		at = &list[*at].w_next;
	*at = list[i].w_next;
	close(list[i].w_fd);	/* leaves the epoll set with it */
	list[i].w_next = unused;
	unused = i;
	nwatched--;
}

/*
 * The dead: counted if they crashed, and forgotten.  epoll_wait(2) looks for
 * events without a lock when it is not to wait, and can miss one while the
 * main thread's poll(2) goes through them; poll(2) does not.
 */
static void
collect(void)
{
	struct pollfd		 pfd = { .fd = epfd, .events = POLLIN };
	struct epoll_event	 ev[EVENTS];
	const struct watched	*w;
	int			 i, n, status;
	uint32_t		 sig;

	while (poll(&pfd, 1, 0) == 1) {
		n = epoll_wait(epfd, ev, EVENTS, 0);
		for (i = 0; i < n; i++) {
			w = &list[ev[i].data.u32];
			if (ended(w, &status) && WIFSIGNALED(status)) {
				sig = (uint32_t)WTERMSIG(status);
				if (guard_signal(sig) != NULL &&
				    !(w->w_aborted && sig == SIGABRT))
					count(&w->w_file, sig);
			}
			forget(ev[i].data.u32);
		}
	}
}

/*
 * How it ended, as wait(2) says it: from its pidfd when it has been reaped
 * (Linux 6.15), before that from procfs.  0: reaped, and the kernel is older.
 */
static int
ended(const struct watched *w, int *status)
{
	int	 seen;

	if (pidfd_exit(w->w_fd, status))
		return (1);
	seen = ended_stat(w->w_pid, status);
	/* reaped in between: the number could be somebody else's by now */
	return (pidfd_exit(w->w_fd, status) || seen);
}

/*
 * Behind the name, which may hold anything, all fields are numbers.  It is a
 * zombie, or X while it is being reaped: its pidfd says nothing then yet.
 */
static int
ended_stat(pid_t pid, int *status)
{
	char		 buf[STAT_SIZE];
	const char	*p;
	ssize_t		 n;
	int		 i;

	if ((n = capture_proc(pid, "stat", buf, sizeof(buf) - 1)) <= 0)
		return (0);
	buf[n] = '\0';
	if ((p = strrchr(buf, ')')) == NULL ||
	    (strncmp(p, ") Z ", 4) != 0 && strncmp(p, ") X ", 4) != 0))
		return (0);
	for (i = 0; i <= STAT_EXIT && p != NULL; i++)
		if ((p = strchr(p, ' ')) != NULL)
			p++;
	if (p == NULL)
		return (0);
	*status = (int)strtol(p, NULL, 10);
	return (1);
}

/* ---- files ---- */

static int
same(const struct file_id *a, const struct file_id *b)
{
	return (a->fi_ino == b->fi_ino && a->fi_dev == b->fi_dev &&
	    a->fi_birth == b->fi_birth);
}

static const struct crashed *
crashed(const struct file_id *fi)
{
	size_t	 i;

	for (i = 0; i < nfiles; i++)
		if (same(&files[i].c_file, fi))
			return (&files[i]);
	return (NULL);
}

/* In the place of the file that has not crashed for longest. */
static void
count(const struct file_id *fi, uint32_t sig)
{
	const struct crashed	*old = crashed(fi);
	struct crashed		*c;
	size_t			 i;

	if (old != NULL)
		c = &files[old - files];
	else {
		c = &files[0];
		for (i = 1; i < nfiles && nfiles == FILES_MAX; i++)
			if (files[i].c_times[0] < c->c_times[0])
				c = &files[i];
		if (nfiles < FILES_MAX)
			c = &files[nfiles++];
		memset(c, 0, sizeof(*c));
		c->c_file = *fi;
	}
	memmove(c->c_times + 1, c->c_times,
	    (GUARD_CRASHES_MAX - 1) * sizeof(c->c_times[0]));
	c->c_times[0] = now();
	c->c_signal = sig;
	if (c->c_count < GUARD_CRASHES_MAX)
		c->c_count++;
	atomic_store(&any, 1);
}

static void
crashes(const struct file_id *fi, struct crashes *cr)
{
	const struct crashed	*c = crashed(fi);
	uint64_t		 t = now();
	size_t			 i;

	memset(cr, 0, sizeof(*cr));
	if (c == NULL)
		return;
	cr->cr_signal = c->c_signal;
	cr->cr_count = c->c_count;
	for (i = 0; i < c->c_count; i++)
		cr->cr_ages[i] = t - c->c_times[i];
}

/* Goes on while the machine sleeps. */
static uint64_t
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}
