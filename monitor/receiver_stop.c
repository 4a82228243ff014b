/*
 * Tasks that are stopped for a moment: seized while their call waits for its
 * answer, looked at when they stop on their way out of it, and let go.
 *
 * PTRACE_INTERRUPT before the answer gives exactly one stop either way: the
 * exec event, or the interrupt's on the way out of the call, before any signal
 * is delivered.
 *
 * Must never: let a task go on that somebody has not said yes to.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

#define ERESTARTSYS	512	/* include/linux/errno.h */

int
stop_seize(struct lane *ln, long options)
{
	pid_t	 tid = (pid_t)ln->ln_notif->pid;
	int	 tries;

	for (tries = 0; ptrace(PTRACE_SEIZE, tid, NULL,
	    (void *)(options | PTRACE_O_EXITKILL)) == -1; tries++) {
		if (errno == EPERM && library_holds(tid)) {
			errno = EBUSY;
			return (-1);
		}
		/* it may have been let go just now */
		if (errno != EPERM || tries > 0)
			return (-1);
	}
	/* Seized by number: still the task that asked? */
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == -1 &&
	    errno != ESRCH)
		fatal("%s: PTRACE_INTERRUPT", __func__);
	return (0);
}

/*
 * Interrupted by another lane, for the mapping of another of its threads: it
 * asks again once that has let it go.  Traced by somebody else: refused, never
 * half.
 */
void
stop_refused(struct lane *ln, int error)
{
	if (errno == EBUSY)
		notify_error(ln, ERESTARTSYS);
	else if (errno != ESRCH)
		notify_error(ln, error);
}

/*
 * A thread that execs becomes its group's leader and changes its number, so
 * where that may happen any tracee of this thread is waited for.
 */
void
stop_wait(struct lane *ln, pid_t tid, stop_look *look, void *arg)
{
	pid_t	 pid;
	int	 status, sig;

	lane_timer(ln, 1);
	for (;;) {
		pid = waitpid(tid, &status, __WALL | __WNOTHREAD);
		if (pid == -1 && errno == EINTR) {
			/* A slow disk: let others through meanwhile. */
			lane_slow(ln, 1);
			continue;
		}
		if (pid == -1 && errno != ECHILD)
			fatal("%s: waitpid", __func__);
		if (pid == -1)
			break;		/* replaced by its group's exec */
		if (!WIFSTOPPED(status)) {
			stop_dead(pid, status);
			break;
		}
		sig = look(ln, pid, status, arg);
		if (sig == STOP_KILL) {
			kill(pid, SIGKILL);
			continue;	/* its death is the next report */
		}
		if (ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)sig) == 0)
			break;
		if (errno != ESRCH)
			fatal("%s: PTRACE_DETACH", __func__);
		/* Killed in its stop: its parent waits until we take it. */
	}
	lane_timer(ln, 0);
	lane_slow(ln, 0);
}

int
stop_signal(int status)
{
	return (status >> 16 == 0 ? WSTOPSIG(status) : 0);
}

/* The tracer's wait takes a death from the parent's: pass the command's on. */
void
stop_dead(pid_t pid, int status)
{
	uint64_t	 one = 1;

	if (pid != atomic_load(&receiver.r_child))
		return;
	receiver.r_status = status;
	atomic_store(&receiver.r_reaped, 1);
	if (write(receiver.r_wake, &one, sizeof(one)) == -1)
		fatal("%s", __func__);
}
