/*
 * Execution.  The policy worker's yes at the notification is a courtesy: the
 * kernel resolves the path again.  The yes that counts is the integrity
 * worker's at PTRACE_EVENT_EXEC, when the new image is mapped and has not run
 * one instruction.  The task is seized just before it continues and detached
 * after the verdict: in between nothing else is intercepted (receiver_stop.c).
 */
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "../common/rule.h"
#include "receiver.h"

#define MAPS_SIZE	32768	/* a fresh image has about ten mappings */
#define COMM_SIZE	64
#define ERESTARTSYS	512	/* include/linux/errno.h */
#define NEEDS_MAX	512	/* files and directories of one image */

static int	 exec_result(pid_t, int64_t *);
static int	 exec_refused(pid_t);
static stop_look	 exec_stopped, exec_interrupted;
static int	 exec_verify(struct lane *, pid_t);
static uint32_t	 exec_ask(struct lane *, const struct image *);
static uint32_t	 exec_answer(struct lane *, const struct image *);
static int	 exec_send(struct lane *);
static void	 exec_reply(struct lane *);
static int	 exec_file(struct lane *, const struct image *);
static int	 exec_file_send(struct lane *, int, int);

static const char	 no_worker[] = "no integrity worker";

void
exec_continue(struct lane *ln)
{
	if (stop_seize(ln, PTRACE_O_TRACEEXEC) == -1) {
		stop_refused(ln, EPERM);
		return;
	}
	notify_continue(ln);
	stop_wait(ln, -1, exec_stopped, NULL);
}

/*
 * -ERESTARTSYS becomes a restart or EINTR only if a signal is pending when
 * the task leaves the call; the interrupt makes sure that one is.
 */
void
exec_restart(struct lane *ln)
{
	if (stop_seize(ln, 0) == -1) {
		stop_refused(ln, EINTR);
		return;
	}
	notify_error(ln, ERESTARTSYS);
	stop_wait(ln, (pid_t)ln->ln_notif->pid, exec_interrupted, NULL);
}

static int
exec_interrupted(struct lane *ln, pid_t pid, int status, void *arg)
{
	(void)ln;
	(void)pid;
	(void)arg;
	return (stop_signal(status));
}

static int
exec_stopped(struct lane *ln, pid_t pid, int status, void *arg)
{
	(void)arg;
	if (status >> 16 == PTRACE_EVENT_EXEC)
		return (exec_verify(ln, pid) ? 0 : STOP_KILL);
	if (ln->ln_unasked && exec_refused(pid))
		lane_explain(ln);
	return (stop_signal(status));
}

/*
 * What the call of a task in its stop returns.  0, or -1: it is not there any
 * more, killed.
 */
static int
exec_result(pid_t pid, int64_t *value)
{
	struct user_regs_struct	 regs;
	struct iovec		 iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov) == -1) {
		if (errno != ESRCH)
			fatal("%s: PTRACE_GETREGSET", __func__);
		return (-1);
	}
	if (value != NULL)
		*value = sysent_result(&regs);
	return (0);
}

/*
 * Did the call fail for want of permission?  Most that fail are looking for
 * the program along $PATH.
 */
static int
exec_refused(pid_t pid)
{
	int64_t	 value;

	return (exec_result(pid, &value) == 0 &&
	    (value == -EACCES || value == -EPERM));
}

/* Show the mapped image to the integrity worker; 1 only for its yes. */
static int
exec_verify(struct lane *ln, pid_t pid)
{
	uint8_t			 maps[MAPS_SIZE], comm[COMM_SIZE];
	uint8_t			 args[IMAGE_ARGS];
	struct image		 im;
	uint32_t		 verdict;
	ssize_t			 n;

	memset(&im, 0, sizeof(im));
	im.i_pid = (uint32_t)pid;
	im.i_cpu = (uint32_t)sched_getcpu();
	im.i_fd = capture_exe(pid);
	if ((n = capture_proc(pid, "maps", maps, sizeof(maps))) > 0 &&
	    (size_t)n < sizeof(maps)) {
		im.i_maps = maps;
		im.i_mapslen = (size_t)n;
	}
	if ((n = capture_proc(pid, "comm", comm, sizeof(comm))) > 0) {
		im.i_comm = comm;
		im.i_commlen = (size_t)n;
	}
	if ((receiver.r_images & CONF_ARGS) &&
	    (n = capture_proc(pid, "cmdline", args, sizeof(args))) > 0) {
		im.i_args = args;
		im.i_argslen = (size_t)n;
	}
	if ((receiver.r_images & CONF_MOUNT) && im.i_fd != -1)
		im.i_mount = capture_mount(im.i_fd);
	if (im.i_fd == -1 || im.i_mapslen == 0) {
		/* unless it is because somebody has killed it */
		if (exec_result(pid, NULL) == 0)
			log_warnx("pid %d: image cannot be read: killed",
			    (int)pid);
		if (im.i_fd != -1)
			close(im.i_fd);
		return (0);
	}
	if (receiver.r_guard && guard_image(ln, pid, im.i_fd) == -1) {
		close(im.i_fd);
		return (0);
	}
	verdict = exec_ask(ln, &im);
	close(im.i_fd);
	if (verdict == IMAGE_EXIT)
		receiver_exit();	/* still stopped: dies so */
	return (verdict == IMAGE_ALLOW);
}

/* The integrity worker's verdict: enum image_verdict. */
static uint32_t
exec_ask(struct lane *ln, const struct image *im)
{
	msg_start(ln->ln_out, MSG_RECEIVER_IMAGE, ++ln->ln_seq);
	msg_put_image(ln->ln_out, im);
	return (exec_answer(ln, im));
}

uint32_t
exec_verdict(struct lane *ln)
{
	uint32_t	 verdict;

	verdict = exec_answer(ln, NULL);
	lane_slow(ln, 0);
	return (verdict);
}

uint32_t
exec_checked(struct lane *ln)
{
	uint32_t	 answer;

	if (exec_send(ln) == -1)
		return (CHECK_ALLOW);	/* it is looked at when mapped */
	exec_reply(ln);
	if (ln->ln_in->m_type != MSG_INTEGRITY_CHECKED ||
	    msg_get_number(ln->ln_in, &answer, CHECK_ALLOW,
	    CHECK_REFUSED + EFFECT_COUNT - 1) == -1)
		receiver_fault(ln, "malformed MSG_INTEGRITY_CHECKED");
	lane_slow(ln, 0);
	return (answer);
}

/* Send what is in ln_out; im: more may be asked about it. */
static uint32_t
exec_answer(struct lane *ln, const struct image *im)
{
	uint32_t	 verdict;
	int		 asked;

	if (exec_send(ln) == -1)
		return (IMAGE_DENY);	/* unverified: it does not run */
	exec_reply(ln);
	for (asked = 0; im != NULL && asked < NEEDS_MAX &&
	    ln->ln_in->m_type == MSG_INTEGRITY_NEED; asked++) {
		if (exec_file(ln, im) == -1)
			return (IMAGE_DENY);
		exec_reply(ln);
	}
	if (ln->ln_in->m_type != MSG_INTEGRITY_VERDICT ||
	    msg_get_number(ln->ln_in, &verdict, IMAGE_DENY, IMAGE_EXIT) == -1)
		receiver_fault(ln, asked == NEEDS_MAX ?
		    "too many MSG_INTEGRITY_NEED" :
		    "malformed MSG_INTEGRITY_VERDICT");
	return (verdict);
}

/* -1: too many descriptors are in flight. */
static int
exec_send(struct lane *ln)
{
	if (chan_send(&ln->ln_image, ln->ln_out, 0) == 0)
		return (0);
	if (errno != ETOOMANYREFS)
		receiver_fault(ln, no_worker);
	return (-1);
}

static void
exec_reply(struct lane *ln)
{
	const char	*why;

	for (;;) {
		switch (chan_recv(&ln->ln_image, ln->ln_in, 0, &why)) {
		case 1:
			break;
		case 0:
			receiver_fault(ln, no_worker);
		default:
			if (errno == EINTR || errno == EAGAIN) {
				/* A large file: let others through. */
				lane_slow(ln, 1);
				continue;
			}
			receiver_fault(ln, why);
		}
		break;
	}
	if (ln->ln_in->m_seq != ln->ln_seq)
		receiver_fault(ln, "a reply to another image");
}

/*
 * Open one more file for the integrity worker: one whose name stands in the
 * memory map that was sent, at the end of a line, or a directory that this
 * name begins with.  Whether it is the one that is mapped is the worker's to
 * find out.
 */
static int
exec_file(struct lane *ln, const struct image *im)
{
	char		 path[PATH_MAX];
	uint32_t	 at, len;
	uint8_t		 kind, end;
	int		 fd, error, rv;

	if (msg_get_name(ln->ln_in, &kind, &at, &len) == -1 || at == 0 ||
	    at >= im->i_mapslen || len >= im->i_mapslen - at ||
	    im->i_maps[at - 1] != ' ' || im->i_maps[at] != '/')
		receiver_fault(ln, "malformed MSG_INTEGRITY_NEED");
	end = im->i_maps[at + len];
	if (kind == NAME_FILE ? end != '\n' : end != '/' && len != 1)
		receiver_fault(ln, "malformed MSG_INTEGRITY_NEED");
	memcpy(path, im->i_maps + at, len);
	path[len] = '\0';
	fd = kind == NAME_FILE ? capture_file(path) : capture_dir(path);
	error = fd == -1 ? errno : 0;
	rv = exec_file_send(ln, error, fd);
	if (fd != -1)
		close(fd);
	return (rv == 0 ? 0 : exec_file_send(ln, ENFILE, -1));
}

static int
exec_file_send(struct lane *ln, int error, int fd)
{
	uint64_t	 mount = 0;

	if ((receiver.r_images & CONF_MOUNT) && fd != -1)
		mount = capture_mount(fd);
	msg_start(ln->ln_out, MSG_RECEIVER_FILE, ln->ln_seq);
	msg_put_file(ln->ln_out, error, mount, fd);
	return (exec_send(ln));
}
