/*
 * Memory that a program makes executable, with set wx yes and exceptions: the
 * policy worker's yes is confirmed by the integrity worker, who is told what
 * the caller executes, by the kernel.  Its yes is remembered by that name, for
 * the programs with exceptions make such calls by the thousand.
 *
 * Must never: let such a call go on by the policy worker's word alone.
 */
#include <sys/mman.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include "receiver.h"

#define COMM_SIZE	64

static int	 code_ask(struct lane *, const char *, size_t);

int
code_needs(const struct lane *ln, const struct sysent *se)
{
	const __u64	*args = ln->ln_notif->data.args;

	if (!(receiver.r_images & CONF_WX) || se->se_handler != SYSH_MEMORY)
		return (0);
	/* but for mmap(2), all such calls make memory so */
	return (se->se_args[4] != ARG_FD || (args[2] & PROT_WRITE) != 0 ||
	    ((uint32_t)args[3] & MAP_SHARED) != 0);
}

int
code_allowed(struct lane *ln)
{
	char	 exe[PATH_MAX];
	ssize_t	 n;

	n = capture_exename((pid_t)ln->ln_notif->pid, exe, sizeof(exe));
	if (n <= 0 || notify_valid(ln) == -1)
		return (0);
	if (strcmp(exe, ln->ln_excepted) == 0)
		return (1);
	if (!code_ask(ln, exe, (size_t)n))
		return (0);
	memcpy(ln->ln_excepted, exe, (size_t)n + 1);
	return (1);
}

static int
code_ask(struct lane *ln, const char *exe, size_t len)
{
	uint8_t		 comm[COMM_SIZE];
	struct code	 co;
	ssize_t		 n;

	memset(&co, 0, sizeof(co));
	co.co_pid = ln->ln_notif->pid;
	co.co_cpu = (uint32_t)sched_getcpu();
	co.co_exe = (const uint8_t *)exe;
	co.co_exelen = len;
	n = capture_proc((pid_t)co.co_pid, "comm", comm, sizeof(comm));
	if (n > 0) {
		co.co_comm = comm;
		co.co_commlen = (size_t)n;
	}
	msg_start(ln->ln_out, MSG_RECEIVER_CODE, ++ln->ln_seq);
	msg_put_code(ln->ln_out, &co);
	return (exec_checked(ln, CHECK_REFUSED) == CHECK_ALLOW);
}
