/*
 * Calls on an open descriptor that change a file elsewhere than at its end:
 * refused for an append-only one that is open to be appended to, and else made
 * for the caller, on its own open file description.  Notified only where files
 * are append-only.
 *
 * Must never: look at what a descriptor was opened as and not at its name, or
 * change another's than the caller's.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

/* Is the caller's descriptor one that was made to append? */
static int
fd_appends(struct request *rq, int fd, char *name, size_t size, size_t *len)
{
	struct stat	 st;
	int		 flags = fcntl(fd, F_GETFL);

	*len = 0;
	if (flags == -1 || (flags & (O_APPEND | O_PATH)) != O_APPEND ||
	    (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return (0);
	*len = fd_name(fd, name, size);
	return (policy_appends(rq, name, *len));
}

int
policy_append(struct request *rq)
{
	static char	 name[NAME_SIZE];
	const char	*call = rq->rq_ent->se_name;
	size_t		 len;
	int		 fd, flags, error, rv;

	/* both can write anywhere by what is in memory, or in a register */
	if (strcmp(call, "io_submit") == 0)
		return (ENOSYS);
	if (strcmp(call, "pwritev2") == 0)
		return (EOPNOTSUPP);	/* as before Linux 6.9 */
	if ((error = request_fd(rq, 0, &fd)) != 0)
		return (error);
	flags = request_int(rq, 2);
	if (fd_appends(rq, fd, name, sizeof(name), &len) &&
	    !(strcmp(call, "fcntl") == 0 && (flags & O_APPEND)))
		return (policy_deny(rq, name, len, R_TRUNCATE));
	if (strcmp(call, "ftruncate") == 0)
		rv = ftruncate(fd, (off_t)rq->rq_call.c_args[1]);
	else if (strcmp(call, "fallocate") == 0)
		rv = fallocate(fd, request_int(rq, 1),
		    (off_t)rq->rq_call.c_args[2],
		    (off_t)rq->rq_call.c_args[3]);
	else
		rv = fcntl(fd, F_SETFL, flags);
	return (rv == -1 ? errno : 0);
}
