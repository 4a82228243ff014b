/*
 * What a call leaves with its caller when the worker cannot leave it itself:
 * bytes in a buffer that the call named, and what only the caller's own call
 * can change: its working directory, an O_PATH descriptor.
 *
 * The latter is continued, and the kernel resolves the path again.  So the
 * task is seized before and looked at when it stops on its way out: unless the
 * kernel found the very object that was decided on it dies before it runs
 * one more instruction.  So it does when the kernel found nothing, as only a
 * path that changed in between can bring about: who has a path changed learns
 * the same whatever it was changed to.
 *
 * Must never: look at the bytes, or write where the receiver's own copy of the
 * arguments does not say (verdict_fits(), receiver_lane.c).
 */
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

/* include/linux/errno.h: the call will be made again, through the filter. */
#define ERESTARTSYS		512
#define ERESTART_RESTARTBLOCK	516

static int	 result_seize(pid_t);
static void	 result_wait(struct lane *, const struct sysent *, int);
static int	 result_returned(pid_t, long *);
static int	 result_same(pid_t, const struct sysent *, int);
static int	 result_harmless(long);

/*
 * The buffer is the caller's, and it waits for its answer: its number is its
 * own while the request is valid.  Landlock keeps this from any process
 * outside should it die and be replaced in between.
 */
void
result_write(struct lane *ln, const struct verdict *v)
{
	struct iovec	 local, remote;
	uint64_t	 addr = ln->ln_notif->data.args[v->v_outarg];

	if (notify_valid(ln) == -1)
		return;
	local.iov_base = (void *)(uintptr_t)v->v_out;
	local.iov_len = v->v_outlen;
	remote.iov_base = (void *)(uintptr_t)addr;
	remote.iov_len = v->v_outlen;
	if (process_vm_writev((pid_t)ln->ln_notif->pid, &local, 1, &remote, 1,
	    0) != (ssize_t)v->v_outlen)
		notify_error(ln, EFAULT);
	else
		notify_value(ln, v->v_value);
}

void
result_verify(struct lane *ln, const struct sysent *se, int fd)
{
	if (result_seize((pid_t)ln->ln_notif->pid) == -1) {
		/* Traced by another: refused, never unseen. */
		if (errno != ESRCH)
			notify_error(ln, EPERM);
		return;
	}
	notify_continue(ln);
	result_wait(ln, se, fd);
}

static int
result_seize(pid_t tid)
{
	if (ptrace(PTRACE_SEIZE, tid, NULL,
	    (void *)(long)PTRACE_O_EXITKILL) == -1)
		return (-1);
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == -1 &&
	    errno != ESRCH)
		fatal("%s: PTRACE_INTERRUPT", __func__);
	return (0);
}

/* Until the one task that this thread traces is let go, or is dead. */
static void
result_wait(struct lane *ln, const struct sysent *se, int fd)
{
	pid_t	 pid;
	long	 sig;
	int	 status;

	lane_timer(ln, 1);
	for (;;) {
		pid = waitpid(-1, &status, __WALL | __WNOTHREAD);
		if (pid == -1 && errno == EINTR) {
			lane_slow(ln, 1);	/* let others through */
			continue;
		}
		if (pid == -1 && errno != ECHILD)
			fatal("%s: waitpid", __func__);
		if (pid == -1)
			break;
		if (!WIFSTOPPED(status)) {
			exec_dead(pid, status);
			break;
		}
		if (!result_same(pid, se, fd)) {
			log_warnx("pid %d: %s: what was decided on is not "
			    "what was found: killed", (int)pid, se->se_name);
			kill(pid, SIGKILL);
			continue;	/* its death is the next report */
		}
		/* a signal on its way: pass it on */
		sig = status >> 16 == 0 ? WSTOPSIG(status) : 0;
		if (ptrace(PTRACE_DETACH, pid, NULL, (void *)sig) == -1 &&
		    errno != ESRCH)
			fatal("%s: PTRACE_DETACH", __func__);
		break;
	}
	lane_timer(ln, 0);
	lane_slow(ln, 0);
}

/* What the call returned, of a stopped task: 0, or -1. */
static int
result_returned(pid_t tid, long *value)
{
	struct user_regs_struct	 regs;
	struct iovec		 iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)(long)NT_PRSTATUS,
	    &iov) == -1 || iov.iov_len != sizeof(regs))
		return (-1);
	*value = (long)sysent_result(&regs);
	return (0);
}

/* Errors that say nothing of what is there. */
static int
result_harmless(long error)
{
	return (error == EFAULT || error == EINTR || error == ENOMEM ||
	    error == EMFILE || error == ENFILE || error == EIO ||
	    (error >= ERESTARTSYS && error <= ERESTART_RESTARTBLOCK));
}

/* Is what the kernel found the object of fd? */
static int
result_same(pid_t tid, const struct sysent *se, int fd)
{
	struct stat	 a, b;
	long		 rv;
	int		 found, same;

	if (result_returned(tid, &rv) == -1)
		return (0);
	if (rv < 0)
		return (result_harmless(-rv));
	if (se->se_handler == SYSH_CHDIR)
		found = capture_cwd(tid);
	else
		found = capture_fd(tid, (int)rv);
	if (found == -1)
		return (0);
	same = fstat(found, &a) == 0 && fstat(fd, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	close(found);
	return (same);
}
