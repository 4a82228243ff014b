/*
 * A policy worker asks, before an exec goes on, whether a file that it has
 * found is what the policy's digests say: the file is handed on to the
 * integrity worker, with the name that the kernel has for it.  A courtesy, so
 * that the call can fail: what is mapped is looked at again, and neither the
 * answer nor the descriptor comes into that.
 *
 * Must never: read the file, or let the answer stand for that at the exec
 * event.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "../common/rule.h"
#include "receiver.h"

#define COMM_SIZE	64

static uint32_t	 check_ask(struct lane *, int);

int
check_answer(struct lane *ln)
{
	uint32_t	 n, effect;
	int		 fd;

	if (msg_get_number(ln->ln_in, &n, 1, 1) == -1 ||
	    (fd = msg_get_fd(ln->ln_in)) == -1)
		return (-1);
	effect = check_ask(ln, fd);
	close(fd);
	msg_start(ln->ln_out, MSG_RECEIVER_CHECKED, ln->ln_seq);
	msg_put_u32(ln->ln_out, effect);
	return (chan_send(&ln->ln_call, ln->ln_out, 0));
}

/* CHECK_*.  What has no name, or a caller that is gone, is not asked about. */
static uint32_t
check_ask(struct lane *ln, int fd)
{
	const pid_t	 tid = (pid_t)ln->ln_notif->pid;
	uint8_t		 comm[COMM_SIZE];
	char		 exe[PATH_MAX], name[PATH_MAX];
	struct library	 lb = { .l_fd = fd, .l_writers = WRITERS_UNKNOWN };
	ssize_t		 n;

	lb.l_pid = ln->ln_notif->pid;
	lb.l_cpu = (uint32_t)sched_getcpu();
	if ((n = capture_proc(tid, "comm", comm, sizeof(comm))) > 0) {
		lb.l_comm = comm;
		lb.l_commlen = (size_t)n;
	}
	if ((n = capture_exename(tid, exe, sizeof(exe))) > 0) {
		lb.l_exe = (const uint8_t *)exe;
		lb.l_exelen = (size_t)n;
	}
	if ((n = capture_fdname(fd, name, sizeof(name))) > 0) {
		lb.l_name = (const uint8_t *)name;
		lb.l_namelen = (size_t)n;
	}
	if (lb.l_namelen == 0 || notify_valid(ln) == -1)
		return (CHECK_ALLOW);
	msg_start(ln->ln_out, MSG_RECEIVER_CHECK, ln->ln_seq);
	msg_put_library(ln->ln_out, &lb);
	return (exec_checked(ln));
}
