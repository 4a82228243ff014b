/*
 * Confinement of the roles: the start order and the filters.  The filters are
 * generated at build time from jail_table.c by mkjail.c through libseccomp,
 * and embedded.  A call outside a role's table is never executed.
 *
 * How a refused call ends: no unprivileged process can learn for which call
 * SECCOMP_RET_KILL_PROCESS killed it or another (only the audit log has it).
 * So the filter answers SECCOMP_RET_TRAP: the call is skipped and the thread
 * gets a SIGSYS that says which call it was.  The fixed handler names it on
 * the log channel and then makes a call with an x32 number, for which every
 * filter says KILL_PROCESS; it never returns to the interrupted code.  The
 * handler cannot be replaced (rt_sigaction is in no table for SIGSYS), and
 * where SIGSYS is blocked the kernel itself kills (force_sig_info_to_task(),
 * kernel/signal.c): only the message is lost.  Another architecture's entry
 * point (int 0x80, x32) is KILL_PROCESS at once.
 */
#ifndef JAIL_H
#define JAIL_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "../proto/proto.h"

/*
 * One call that a role may make, and why.  Rows of the same call and role are
 * alternatives; they compare the same argument under the same mask, or
 * mkjail refuses the table: libseccomp 2.5.4 merges anything else wrongly.
 */
struct jail_row {
	unsigned	 j_roles;	/* bit set of 1 << enum role */
	const char	*j_call;	/* name, as libseccomp knows it */
	int		 j_arg;		/* argument compared, or -1 */
	uint64_t	 j_mask;	/* (arg & mask) == value */
	uint64_t	 j_value;
	int		 j_errno;	/* not 0: refused with it, not allowed */
	const char	*j_why;
};
extern const struct jail_row jail_table[];
extern const size_t jail_table_count;

/* Calls younger than the libseccomp we build with. */
struct jail_late {
	const char	*jl_call;
	int		 jl_nr;
};
extern const struct jail_late jail_late[];
extern const size_t jail_late_count;

/*
 * Descriptors of the resolver, by which its filter knows them: sendmsg(2), and
 * with it an address or control data, is for those below RESOLVER_FDS only.
 * An ear is bound to lo; the others are connected to a name server, for good.
 */
#define RESOLVER_FDS	512		/* a power of two, more than lanes */
#define RESOLVER_EAR	RESOLVER_FDS	/* NAME_EARS of them */
#define RESOLVER_MOUTH	(RESOLVER_FDS + 8)

/* The generated filters (build/jail_filters.c), by role. */
struct jail_filter {
	const struct sock_filter *jf_insns;
	size_t		 jf_len;
};
extern const struct jail_filter jail_filters[ROLE_COUNT];

/*
 * First steps of receiver, policy and integrity: signals to default, those of
 * the terminal ignored, own process group, stdio to /dev/null, descriptors
 * above FD_LOG closed, PDEATHSIG with the parent check, rlimits, directory.
 * The receiver keeps what its child will inherit: stdio, rlimits, umask and
 * directory; ignored signals it must undo in the child.  Fatal on error.
 */
void	 jail_start(enum role, int pdeathsig);
/*
 * RLIMIT_NOFILE to its hard limit: all descriptors of the user that are in
 * flight anywhere count against the sender's, unix(7).  The receiver calls it
 * when its child has been forked.
 */
void	 jail_flight(void);
/*
 * The receiver, when its child has been forked: stdio to /dev/null, which
 * jail_start() opened, so it may follow jail_wall().  Fatal on error.
 */
void	 jail_stdio(void);
/* no_new_privs and the Landlock ruleset fd (closed); fatal on error. */
void	 jail_wall(int);
/*
 * Drop every capability not in keep (bits 1 << CAP_*), from all sets and the
 * bounding set.  Those in keep that the process has become ambient, so that
 * they survive exec, root's or not.  Fatal on error.
 */
void	 jail_caps(uint64_t keep);
/*
 * Last step: not dumpable, no core, SIGSYS handler, the role's filter.  To be
 * called before any thread is created.  A lane worker calls it again, forked
 * from the policy process: only its own, narrower filter is added.  Fatal on
 * error.
 */
void	 jail_filter(enum role);

/*
 * The policy role under a policy without rules about the network, before
 * jail_filter(): what its table, and its lane workers', has for sockets is
 * refused.  Fatal on error.
 */
void	 jail_nonet(void);
/* The filter that does it: the number of instructions. */
#define JAIL_NONET_MAX	32
size_t	 jail_nonet_insns(struct sock_filter [JAIL_NONET_MAX]);

#endif /* JAIL_H */
