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
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "receiver.h"

/* include/linux/errno.h: the call will be made again, through the filter. */
#define ERESTARTSYS		512
#define ERESTART_RESTARTBLOCK	516

/* The call that is verified, and what it has to find. */
struct found {
	const struct sysent	*f_ent;
	int			 f_fd;
};

static stop_look	 result_stopped;
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
	struct found	 f = { se, fd };

	if (stop_seize(ln, 0) == -1) {
		stop_refused(ln, EPERM);
		return;
	}
	notify_continue(ln);
	stop_wait(ln, (pid_t)ln->ln_notif->pid, result_stopped, &f);
}

static int
result_stopped(struct lane *ln, pid_t pid, int status, void *arg)
{
	const struct found	*f = arg;
	long			 rv;

	(void)ln;
	if (result_same(pid, f->f_ent, f->f_fd))
		return (stop_signal(status));
	/* unless it is because somebody has killed it */
	if (result_returned(pid, &rv) == 0)
		log_warnx("pid %d: %s: what was decided on is not what was "
		    "found: killed", (int)pid, f->f_ent->se_name);
	return (STOP_KILL);
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
