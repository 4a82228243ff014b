/*
 * The listener: seccomp_unotify(2).  Receives notifications and answers them;
 * knows nothing of what a call means.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

/* /proc/TID/status and stat, proc(5): a thread's own signals; its flags. */
#define STATUS_MAX	4096
#define PENDING		"\nSigPnd:\t"
/* PF_EXITING, PF_DUMPCORE, PF_SIGNALED: linux/sched.h */
#define TASK_ENDS	(0x4 | 0x200 | 0x400)

static int	 notify_ioctl(unsigned long, void *);
static int	 notify_dying(const struct lane *);
static int	 notify_poll(void);
static int	 notify_send(struct lane *, int64_t, int32_t, uint32_t);

int
notify_recv(struct lane *ln)
{
	int	 error, open = lane_interruptible(ln);

	memset(ln->ln_notif, 0, receiver.r_sizes.seccomp_notif);
	error = ioctl(receiver.r_notify, SECCOMP_IOCTL_NOTIF_RECV,
	    ln->ln_notif) == -1 ? errno : 0;
	if (open) {
		atomic_store(&ln->ln_open, 0);
		lane_mask(1);
	}
	switch (error) {
	case 0:
		lane_caller(ln, (pid_t)ln->ln_notif->pid, ln->ln_notif->id);
		return (1);
	case ENOENT:		/* the caller died meanwhile, or all have */
		return (notify_poll() & POLLHUP ? -1 : 0);
	case EINTR:		/* asked to retire, or nothing */
		return (0);
	default:
		errno = error;
		fatal("seccomp: SECCOMP_IOCTL_NOTIF_RECV");
	}
}

int
notify_valid(const struct lane *ln)
{
	if (ln->ln_held)
		return (0);
	return (notify_ioctl(SECCOMP_IOCTL_NOTIF_ID_VALID,
	    &ln->ln_notif->id));
}

int
notify_valid_id(uint64_t id)
{
	return (notify_ioctl(SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
}

/* All but RECV take the listener's lock interruptibly: not for us. */
static int
notify_ioctl(unsigned long request, void *arg)
{
	int	 n;

	do
		n = ioctl(receiver.r_notify, request, arg);
	while (n == -1 && errno == EINTR);
	return (n);
}

/* Fail the call; error is a positive errno, or 512 for ERESTARTSYS. */
int
notify_error(struct lane *ln, int error)
{
	return (notify_send(ln, 0, -error, 0));
}

int
notify_value(struct lane *ln, int64_t value)
{
	return (notify_send(ln, value, 0, 0));
}

int
notify_continue(struct lane *ln)
{
	return (notify_send(ln, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
}

static int
notify_send(struct lane *ln, int64_t value, int32_t error, uint32_t flags)
{
	int	 rv;

	memset(ln->ln_resp, 0, receiver.r_sizes.seccomp_notif_resp);
	ln->ln_resp->id = ln->ln_notif->id;
	ln->ln_resp->val = value;
	ln->ln_resp->error = error;
	ln->ln_resp->flags = flags;
	lane_gate(ln);
	rv = notify_ioctl(SECCOMP_IOCTL_NOTIF_SEND, ln->ln_resp);
	lane_gate_leave(ln);
	return (rv);
}

/*
 * Install fd as the caller's lowest free descriptor and return its number
 * from the call.  The caller's own limit applies: EMFILE is its errno.
 *
 * Interrupted before the caller has taken it, the kernel forgets the
 * descriptor but not the answer, and the call returns 0 (seccomp_notify_addfd(),
 * kernel/seccomp.c): so no signal may come here.  Stopped or frozen with the
 * machine we can be all the same; then the request is no longer open when it
 * is made again, and a caller that goes on with another's descriptor is ended.
 * One that is dying, or makes way for an exec, has left its call for that and
 * goes on with nothing: how it ends is not ours to say.
 */
int
notify_inject(struct lane *ln, int fd, uint32_t fdflags)
{
	struct seccomp_notif_addfd	 add;
	int				 error;

	memset(&add, 0, sizeof(add));
	add.id = ln->ln_notif->id;
	add.flags = SECCOMP_ADDFD_FLAG_SEND;
	add.srcfd = (uint32_t)fd;
	add.newfd_flags = fdflags;
	/* After a long time its number may be somebody else's. */
	if (atomic_load(&ln->ln_slow) && notify_valid(ln) == -1)
		return (-1);
	lane_gate(ln);
	error = notify_ioctl(SECCOMP_IOCTL_NOTIF_ADDFD, &add) == -1 ? errno :
	    0;
	lane_gate_leave(ln);
	if (error == 0)
		return (0);
	if (error == ENOENT || error == EINPROGRESS) {
		if (!notify_dying(ln) &&
		    kill((pid_t)ln->ln_notif->pid, SIGKILL) == 0)
			log_debug("pid %u: its answer came to nothing: killed",
			    ln->ln_notif->pid);
		return (-1);
	}
	return (notify_error(ln, error));
}

/*
 * Does the caller end, without a step more of its own?  It has SIGKILL from
 * its group, which only its end takes away (zap_process(), kernel/signal.c:
 * others of its threads dump core or exec), or is past that.
 */
static int
notify_dying(const struct lane *ln)
{
	const pid_t	 tid = (pid_t)ln->ln_notif->pid;
	char		 buf[STATUS_MAX];
	const char	*p;
	ssize_t		 n;
	unsigned	 flags;

	/* not to be read for another reason is no sign */
	if ((n = capture_proc(tid, "status", buf, sizeof(buf) - 1)) <= 0)
		return (n == -1 && (errno == ENOENT || errno == ESRCH));
	buf[n] = '\0';
	if ((p = strstr(buf, PENDING)) != NULL && strtoull(p +
	    strlen(PENDING), NULL, 16) & 1ULL << (SIGKILL - 1))
		return (1);
	if ((n = capture_proc(tid, "stat", buf, sizeof(buf) - 1)) <= 0)
		return (n == -1 && (errno == ENOENT || errno == ESRCH));
	buf[n] = '\0';
	if ((p = strrchr(buf, ')')) == NULL || sscanf(p + 1,
	    " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return (0);
	return ((flags & TASK_ENDS) != 0);
}

/* The same in two steps, so that fd is closed, by us, before the answer. */
int
notify_hand(struct lane *ln, int fd, uint32_t fdflags)
{
	struct seccomp_notif_addfd	 add;
	int				 number, error;

	memset(&add, 0, sizeof(add));
	add.id = ln->ln_notif->id;
	add.srcfd = (uint32_t)fd;
	add.newfd_flags = fdflags;
	number = notify_ioctl(SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	error = errno;
	close(fd);
	if (number >= 0)
		return (notify_value(ln, number));
	return (error == ENOENT || error == EINPROGRESS ? -1 :
	    notify_error(ln, error));
}

int
notify_waiting(void)
{
	return ((notify_poll() & POLLIN) != 0);
}

static int
notify_poll(void)
{
	struct pollfd	 pfd = { .fd = receiver.r_notify, .events = POLLIN };

	return (poll(&pfd, 1, 0) == 1 ? pfd.revents : 0);
}
