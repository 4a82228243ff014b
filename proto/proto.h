/*
 * What the processes say to each other: roles, fixed descriptors, message
 * types and limits.  Included by every role; holds no code.
 * privsep-sandbox-proto(7) is the same in words.
 */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define PROTO_VERSION	1

/*
 * Who speaks.  The sender of a message is the channel it came in on, never a
 * field.  ROLE_LANE is a policy worker that serves one lane: it is forked by
 * the ROLE_POLICY process, which holds the rules and never sees a child byte.
 */
enum role {
	ROLE_MONITOR,
	ROLE_RECEIVER,
	ROLE_POLICY,
	ROLE_LANE,
	ROLE_INTEGRITY,
	ROLE_LEARN,		/* with -L only */
	ROLE_RESOLVER,		/* under rules with host names only */
	ROLE_COUNT
};

/* Descriptors every role finds open when it starts. */
#define FD_PARENT	3	/* control channel to the monitor */
#define FD_LOG		4	/* log channel to the monitor */

/*
 * The integrity worker blocks this signal, SIGUSR2, while it reads a file: it
 * may sleep then, for as long as a file system across a network takes, and not
 * otherwise.  The monitor sees it where it looks at a role that does not answer.
 * Nobody is woken to be told.
 */
#define READING_SIGNAL	12

/* What a channel is for; with the two roles it selects the rulebook rows. */
enum chan_kind {
	CHAN_CONTROL,		/* monitor <-> role */
	CHAN_LOG,		/* role -> monitor */
	CHAN_CALL,		/* receiver lane <-> policy lane worker */
	CHAN_IMAGE,		/* receiver lane <-> integrity worker */
	CHAN_LEARN,		/* lane workers, integrity -> learn */
	CHAN_NAMES,		/* lane worker <-> resolver */
	CHAN_COUNT
};

/* MSG_<SENDER>_<VERB>; requests even, replies odd. */
enum msg_type {
	/* set-up, monitor to every role, on CHAN_CONTROL */
	MSG_MONITOR_CONF	= 2,	/* options, once */
	MSG_MONITOR_RULE	= 4,	/* rules (policy, integrity) */
	MSG_MONITOR_WALL	= 6,	/* fd: Landlock ruleset to enter */
	MSG_MONITOR_FILTER	= 8,	/* the child's BPF (receiver) */
	MSG_MONITOR_START	= 10,	/* that was all: confine yourself */
	MSG_ROLE_READY		= 11,	/* confined */
	MSG_MONITOR_EXEC	= 48,	/* classes (policy, integrity) */
	MSG_MONITOR_VERIFY	= 50,	/* their digests (integrity) */
	MSG_MONITOR_TPE		= 52,	/* who is trusted (policy, integrity) */
	MSG_MONITOR_GUARD	= 56,	/* segvguard (policy, integrity) */
	MSG_MONITOR_NET		= 62,	/* a rule about the network (policy,
					   resolver) */
	MSG_MONITOR_NAMES	= 58,	/* who is asked for names (the same) */
	MSG_MONITOR_WATCH	= 20,	/* fd: tell learn what is used */
	MSG_MONITOR_LEARN	= 22,	/* fds: who tells; the policy to write */

	/* at work, on CHAN_CONTROL */
	MSG_MONITOR_LANE	= 12,	/* fds: the ends of a lane */
	MSG_POLICY_LANEUP	= 13,	/* pid of the worker forked for it */
	MSG_MONITOR_GO		= 14,	/* release the child (receiver) */
	MSG_MONITOR_SIGNAL	= 16,	/* deliver to the child (receiver) */
	MSG_MONITOR_CLEAN	= 18,	/* empty per-run directory (policy) */
	MSG_POLICY_CLEANED	= 19,
	MSG_MONITOR_WRITE	= 24,	/* the command has ended (learn) */
	MSG_LEARN_WRITTEN	= 25,
	MSG_RECEIVER_NEEDLANE	= 32,	/* all lanes are busy */
	MSG_RECEIVER_CHILD	= 34,	/* child stopped, continued, ended */
	MSG_RECEIVER_FAULT	= 36,	/* a worker broke its lane */
	MSG_POLICY_LANEDOWN	= 38,	/* a lane worker ended abnormally */
	MSG_RECEIVER_EXIT	= 40,	/* a rule ended the run: all is killed */
	MSG_RECEIVER_BROKEN	= 42,	/* a lane is closed: its worker failed */
	MSG_MONITOR_PING	= 44,	/* is it alive? */
	MSG_ROLE_PONG		= 45,	/* it is */

	/* on CHAN_CALL */
	MSG_RECEIVER_CALL	= 64,	/* a captured system call */
	MSG_LANE_VERDICT	= 65,	/* its answer */
	MSG_LANE_NEED		= 66,	/* one more thing of the caller's */
	MSG_RECEIVER_GIVE	= 67,

	MSG_LANE_FILE		= 86,	/* which file: has it crashed? */
	MSG_RECEIVER_CRASHES	= 87,	/* when; on CHAN_IMAGE unasked */
	MSG_LANE_CHECK		= 88,	/* fd: has it the right digest? */
	MSG_RECEIVER_CHECKED	= 89,

	/* on CHAN_IMAGE */
	MSG_RECEIVER_IMAGE	= 68,	/* a new image: is it allowed? */
	MSG_INTEGRITY_VERDICT	= 69,
	MSG_RECEIVER_LIBRARY	= 82,	/* a file to be mapped: may it be? */
	MSG_RECEIVER_CHECK	= 90,	/* MSG_LANE_CHECK, handed on */
	MSG_INTEGRITY_CHECKED	= 91,
	MSG_RECEIVER_CODE	= 92,	/* may this program make code? */
	MSG_INTEGRITY_NEED	= 80,	/* another file of its memory map */
	MSG_RECEIVER_FILE	= 81,

	/* on CHAN_NAMES */
	MSG_LANE_ASKER		= 72,	/* a socket that may ask for names */
	MSG_RESOLVER_HEARD	= 73,
	MSG_LANE_LED		= 74,	/* an address: which names led to it? */
	MSG_RESOLVER_HOSTS	= 75,

	/* on CHAN_LEARN */
	MSG_ROLE_ACCESS		= 70,	/* a name was used */
	MSG_INTEGRITY_DIGEST	= 84,	/* what was executed */

	/* on CHAN_LOG */
	MSG_ROLE_LOG		= 96,	/* a line */
	MSG_ROLE_DENIAL		= 98	/* a denial, formatted and escaped */
};

/*
 * Limits.  A message never exceeds MSG_SIZE_MAX: two paths, or the largest
 * extended attribute (XATTR_SIZE_MAX, 64 KiB), with room for the rest.
 */
#define MSG_HDR_SIZE	16
#define MSG_SIZE_MAX	(96 * 1024)
#define MSG_FDS_MAX	4
#define CALL_ARGS	6	/* system call arguments */
#define CALL_CAPS_MAX	8	/* captured pieces in one call */
#define PIECES_MAX	1024	/* of memory in one question: UIO_MAXIOV */
#define MEMORY_MAX	65536	/* bytes in its answer */
#define QUESTIONS_MAX	40000	/* in one call: 2 GiB of a stream's data */
#define LOG_LINE_MAX	(16 * 1024)
#define RULES_MAX	16384
#define LANES_MAX	256
#define FILTER_LEN_MAX	4096	/* BPF_MAXINSNS, linux/bpf_common.h */

/* Descriptor slots of MSG_RECEIVER_CALL: which argument an fd stands for. */
#define CALL_FD_CWD	0x10	/* the caller's working directory */

/* MSG_LANE_VERDICT */
enum verdict_kind {
	VERDICT_ERRNO	= 1,	/* fail with v_value */
	VERDICT_VALUE	= 2,	/* succeed with v_value */
	VERDICT_INJECT	= 3,	/* install the fd sent along */
	VERDICT_CONTINUE = 4,	/* the kernel decides (see sysent.c: why) */
	VERDICT_EXEC	= 5,	/* continue, and verify at the exec event */
	VERDICT_RESTART	= 6,	/* interrupted: -ERESTARTSYS */
	VERDICT_KILL	= 7,	/* kill the calling process */
	VERDICT_PROC	= 8,	/* open a procfs file in the caller's terms */
	VERDICT_STOP	= 9,	/* v_value, and SIGSTOP for the process */
	VERDICT_ABORT	= 10,	/* v_value, and SIGABRT for the process */
	VERDICT_EXIT	= 11,	/* the whole run ends */
	VERDICT_LIBRARY	= 12,	/* continue, if integrity allows the file */
	VERDICT_VERIFY	= 13,	/* continue; killed unless what the kernel
				   found is the descriptor sent along */
	VERDICT_PIPE	= 14	/* EPIPE, and SIGPIPE for the thread */
};

/* MSG_INTEGRITY_NEED: what of the name in the memory map. */
enum name_kind {
	NAME_FILE	= 1,	/* all of it: a regular file */
	NAME_DIR	= 2	/* up to a slash: a directory on the way */
};

/* MSG_INTEGRITY_VERDICT */
enum image_verdict {
	IMAGE_DENY	= 0,	/* the process is killed */
	IMAGE_ALLOW	= 1,
	IMAGE_EXIT	= 2	/* a rule's: the whole run ends */
};

/*
 * MSG_INTEGRITY_CHECKED, MSG_RECEIVER_CHECKED: no more than that for certain;
 * CHECK_REFUSED and higher: refused, with this enum rule_effect.
 */
enum check_verdict {
	CHECK_ALLOW	= 0,
	CHECK_REFUSED	= 1
};

/* MSG_LANE_NEED: what else the worker wants of the caller. */
enum need_kind {
	NEED_STATUS	= 1,	/* bytes of /proc/TID/status */
	NEED_STAT	= 2,	/* bytes of /proc/TID/stat */
	NEED_CWD	= 3,	/* fd, O_PATH */
	NEED_FD		= 4,	/* fd number n_arg of the caller */
	NEED_ROOT	= 5,	/* fd, O_PATH, /proc/TID/root */
	NEED_EXE	= 6,	/* fd, O_PATH, /proc/TID/exe */
	NEED_EXENAME	= 7,	/* bytes: the text of /proc/TID/exe */
	NEED_MEMORY	= 8	/* bytes of the caller's memory, in pieces */
};

/*
 * VERDICT_PROC: the entries of /proc/PID that only a tracer may open and that
 * the receiver opens, read-only, by this number; never by a name it was told.
 */
enum proc_entry {
	PROC_MAPS = 1, PROC_SMAPS, PROC_SMAPS_ROLLUP, PROC_NUMA_MAPS,
	PROC_ENVIRON, PROC_AUXV, PROC_IO, PROC_PAGEMAP, PROC_SYSCALL,
	PROC_STACK, PROC_WCHAN, PROC_PERSONALITY, PROC_TIMERS,
	PROC_FD_DIR, PROC_FDINFO_DIR, PROC_MAP_FILES_DIR, PROC_NS_DIR,
	PROC_EXE,		/* a link: the mapped executable */
	PROC_ENTRY_COUNT
};

/* MSG_ROLE_ACCESS: what came of it. */
enum access_outcome {
	ACCESS_USED	= 1,	/* allowed and done */
	ACCESS_ABSENT	= 2,	/* allowed, but nothing is there */
	ACCESS_REFUSED	= 3,	/* allowed, but not by the system */
	ACCESS_DENIED	= 4,	/* by the rules given */
	ACCESS_NET	= 5	/* the network was wanted, and denied */
};
#define ACCESS_LAST	ACCESS_NET

/* MSG_RECEIVER_CHILD: wait status as in wait(2). */
#endif /* PROTO_H */
