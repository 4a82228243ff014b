/*
 * Drills: a role as shipped until it is in its filter and takes the message
 * it was waiting for, then hostile.  What a drill is told and what came of it
 * is in a page shared with the program that runs the drills: a hostile role
 * needs no right to say how far it came.
 */
#ifndef DRILL_H
#define DRILL_H

#include <sys/types.h>
#include <stdint.h>

/* The run's environment names the page, the call's path the moment. */
#define DRILL_ENV	"DRILL_PAGE="
#define DRILL_TRIGGER	"drillme"

/* What a hostile lane can do with a policy that the kernel holds, too. */
#define DRILL_BESIDE	"read what is allowed beside it"

/* ... and a hostile monitor, beside the per-run directory. */
#define DRILL_EMPTY	"remove an empty directory beside the temporary one"

#define RESULTS_MAX	96
#define NAME_MAX_	72

/* Whom a drill is about; those of a sandbox, then two that are not. */
enum who {
	WHO_MONITOR, WHO_RECEIVER, WHO_POLICY, WHO_LANE, WHO_INTEGRITY,
	WHO_CHILD, WHO_OUTSIDER, WHO_COUNT
};

enum drill_kind {
	D_NONE,
	D_QUIET,	/* what the filter allows: errors, one result each */
	D_CALL,		/* system call number d_arg of drill_calls[] */
	D_FORGE,	/* message of type d_arg, malformed, on d_chan */
	D_SEND,		/* d_arg: one of the role's own messages */
	D_FLOOD,	/* log lines until the end */
	D_HANG,		/* no answer */
	D_SPIN,		/* no answer, and the processor */
	D_EXIT,		/* status d_arg */
	D_FDS,		/* every descriptor there is */
	D_MEMORY,	/* all memory there is */
	D_WALL		/* before its filter: what Landlock leaves it */
};

enum drill_chan { DC_WORK, DC_CONTROL, DC_LOG, DC_OTHER };

struct result {
	char		 r_name[NAME_MAX_];
	int64_t		 r_value;
	int32_t		 r_errno;
};

struct page {
	/* from the runner */
	uint32_t	 d_kind;
	uint32_t	 d_role;	/* enum role: who turns hostile */
	uint32_t	 d_arg, d_arg2;
	uint32_t	 d_chan;	/* enum drill_chan */
	int32_t		 d_fill;	/* byte that fills a malformed body */
	uint32_t	 d_len;		/* of that body */
	uint32_t	 d_fds;		/* descriptors sent with it */
	char		 d_secret[256];	/* a file that is denied */
	char		 d_beyond[256];	/* a directory nothing allows */
	char		 d_work[256];	/* a directory that is allowed */
	int32_t		 d_pids[WHO_COUNT];
	uint32_t	 d_go;		/* pids are there */
	/* from the role */
	uint32_t	 d_ready;	/* hostile now */
	uint32_t	 d_through;	/* a call went through that must not */
	uint32_t	 d_done;
	uint32_t	 d_count;
	struct result	 d_results[RESULTS_MAX];
};

/* An argument that is known only then; any other value is itself. */
#define A_BASE		0x7d11000000000000L
#define A_WHO		(A_BASE + 1)	/* the target's pid */
#define A_SECRET	(A_BASE + 2)	/* paths */
#define A_BEYOND	(A_BASE + 3)
#define A_NEW		(A_BASE + 4)	/* a name in d_beyond */
#define A_PROG		(A_BASE + 5)
#define A_ARGV		(A_BASE + 6)	/* an empty list */
#define A_BUF		(A_BASE + 7)	/* 256 bytes of zero */
#define A_PAGE		(A_BASE + 8)	/* a page of memory */
#define A_IOV		(A_BASE + 9)	/* one, of 8 bytes */
#define A_CHAN		(A_BASE + 10)	/* the channel's descriptor */

struct drill_call {
	const char	*c_name;
	unsigned	 c_roles;	/* 1 << enum role: may make it */
	int		 c_targets;	/* tried on everyone */
	long		 c_nr;
	long		 c_args[6];
};
extern const struct drill_call drill_calls[];
extern const uint32_t drill_calls_count;

/* D_SEND of a lane worker, in answer to the call of the trigger. */
enum lane_send {
	LS_CONTINUE, LS_EXEC, LS_LIBRARY, LS_VALUE, LS_VALUE_BACK, LS_VALUE_NOWHERE,
	LS_INJECT_LOG, LS_INJECT_CALL, LS_INJECT_PATH, LS_INJECT_OWN,
	LS_INJECT_ROOT, LS_INJECT_MEM, LS_INJECT_NONE, LS_INJECT_TWO,
	LS_INJECT_MANY,
	LS_PROC, LS_PROC_ENTRY, LS_RESTART, LS_KILL, LS_STOP, LS_ABORT,
	LS_EXIT, LS_KIND_0, LS_KIND_NEXT, LS_KIND_255, LS_ERRNO_MIN, LS_ERRNO_MAX,
	LS_ERRNO_0, LS_VALUE_MIN, LS_FDFLAGS,
	LS_SEQ_BEFORE, LS_SEQ_AFTER, LS_SEQ_0, LS_SEQ_MAX, LS_TWICE, LS_EARLY,
	LS_TRAILING, LS_SHORT, LS_EMPTY, LS_HEADER, LS_LENGTH, LS_VERSION,
	LS_HUGE, LS_OUT_HUGE,
	LS_NEED_MANY, LS_NEED_KIND, LS_NEED_FDS, LS_NEED_SEQ, LS_FLOOD,
	LS_CHECK_GOOD, LS_CHECK_OPEN, LS_CHECK_MANY,
	LS_GENUINE
};
/* D_SEND of the policy process, in answer to MSG_MONITOR_LANE. */
enum policy_send {
	PS_LANE_OTHER, PS_PID_OUTSIDER, PS_PID_MONITOR, PS_PID_CHILD,
	PS_PID_NONE, PS_PID_MAX, PS_TWICE, PS_DOWN, PS_DOWN_NONE, PS_CLEANED,
	PS_READY, PS_SWAP, PS_BREED, PS_BREED_KILL,
	PS_RUN, PS_RUN_KILL, PS_FLOOD
};
/* D_SEND of the integrity worker, in answer to MSG_RECEIVER_IMAGE. */
enum integrity_send {
	IS_ALLOW, IS_DENY, IS_EXIT, IS_3, IS_MAX, IS_SEQ_BEFORE, IS_SEQ_AFTER,
	IS_TWICE, IS_FD, IS_TRAILING, IS_READY, IS_LINE, IS_FLOOD,
	IS_CHECK_REFUSED, IS_CHECK_HUGE, IS_CHECK_VERDICT
};
/* D_SEND of the learn role, told of a name. */
enum learn_send {
	NS_WRITTEN, NS_READY, NS_PONG, NS_LINE, NS_BACK, NS_FILE
};
/* D_SEND of the receiver, where it has its worker's answer. */
enum receiver_send {
	RS_CONTINUE, RS_UNVERIFIED, RS_CALL,
	RS_CHILD_ENDED, RS_CHILD_WHAT, RS_FAULT_LINE, RS_NEEDLANE, RS_EXIT,
	RS_GIVE, RS_FDS
};

#ifdef DRILL_ROLE
struct chan;
struct msg;
extern struct page *drill;

/* drill_try.c, in the hostile role: */
/* The moment has come: everyone is known.  0: this drill is not for role. */
int	 drill_begin(uint32_t role);
void	 drill_result(const char *, int64_t);
void	 drill_done(void);
/* What any role tries; returns where it did not end the role. */
void	 drill_any(struct chan *, const struct msg *);
/* Send bytes with n times descriptor fd, not looking at any rule. */
long	 drill_send(int, const void *, uint32_t, int fd, uint32_t n);
/* A message with this header and a body of len bytes fill. */
long	 drill_forge(int, uint32_t type, uint32_t seq, int fill,
	    uint32_t len, int fd, uint32_t n);
void	 drill_hang(void) __attribute__((__noreturn__));
#endif
#endif /* DRILL_H */
