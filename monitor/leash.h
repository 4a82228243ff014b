/*
 * A leash: all of a process group dies with this process, or when it is
 * pulled, whatever its members have forked meanwhile.  For the policy process,
 * the only role that may fork: a parent's death signal is not inherited, and
 * killing one by one races with who forks and exits.
 */
#ifndef LEASH_H
#define LEASH_H

#include <sys/types.h>

/*
 * The process group exists, and is of the same user; before F_SETOWN is
 * forbidden.  0, or -1 with errno.
 */
int	 leash_put(pid_t);
/* SIGKILL for all of it, at once; nothing where there is none. */
void	 leash_pull(void);

#endif /* LEASH_H */
