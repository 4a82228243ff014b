/*
 * mmap(2), mprotect(2), pkey_mprotect(2): code that a program wants to run.
 * What makes memory executable depends on the program and on registers; what
 * maps a file, on the name of that file.  Of a file the yes here is a courtesy,
 * early and with the rule's errno: another thread may exchange the descriptor
 * yet.  The one that counts is the integrity worker's, while none can.
 *
 * Must never: say CONTINUE to a file.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <string.h>

#include "policy.h"

static int	 memory_except(struct request *);
static int	 memory_file(struct request *, int);

int
policy_memory(struct request *rq)
{
	const struct verifyset	*vs = &worker.wk_classes;
	uint64_t		 prot = rq->rq_call.c_args[2];
	int			 file = request_arg(rq, ARG_FD, 0), error;

	/* but for those of mmap(2), all notified calls make memory so */
	if (file == -1 || (prot & PROT_WRITE) != 0 ||
	    (request_flags(rq) & MAP_SHARED) != 0) {
		if (vs->vs_wx && (error = memory_except(rq)) != 0)
			return (error);
	}
	if (file == -1 || (request_flags(rq) & MAP_ANONYMOUS) != 0) {
		rq->rq_verdict.v_kind = VERDICT_CONTINUE;
		return (0);
	}
	return (memory_file(rq, file));
}

/* Is the program one that may make code?  0, or the errno of a denial. */
static int
memory_except(struct request *rq)
{
	static const char	 deleted[] = " (deleted)";
	static char		 exe[PATH_MAX];
	struct give		 g;
	size_t			 len, tail = sizeof(deleted) - 1;
	int			 error;

	if ((error = request_need(rq, NEED_EXENAME, 0, &g)) != 0)
		return (error);
	if (g.g_len >= sizeof(exe))
		return (EACCES);
	len = g.g_len;
	memcpy(exe, g.g_bytes, len);
	exe[len] = '\0';
	/* no rule is about what has no name */
	if (exe[0] != '/' || (len >= tail &&
	    memcmp(exe + len - tail, deleted, tail) == 0))
		exe[len = 0] = '\0';
	return (policy_check(rq, exe, len, R_WX));
}

/* What has no name, and a device, is as good as memory of the program's. */
static int
memory_file(struct request *rq, int slot)
{
	static char	 name[NAME_SIZE];
	struct stat	 st;
	size_t		 len;
	int		 fd, error;

	if ((error = request_fd(rq, slot, &fd)) != 0)
		return (error);
	if (fstat(fd, &st) == -1)
		return (errno);
	len = fd_name(fd, name, sizeof(name));
	if (!S_ISREG(st.st_mode) || len == 0 || st.st_nlink == 0)
		error = memory_except(rq);
	else if (worker.wk_classes.vs_library)
		error = policy_check(rq, name, len, R_LIBRARY);
	if (error == 0)
		rq->rq_verdict.v_kind = VERDICT_LIBRARY;
	return (error);
}
