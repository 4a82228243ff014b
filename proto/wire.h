/*
 * The bytes of a message.  Little-endian fixed-width integers, explicit
 * lengths, no struct copies.  A message is built with msg_start() and
 * msg_put_*(), read with msg_get_*() and closed with msg_end(): trailing
 * bytes are an error.  Encoder and decoder of each message stand side by
 * side in wire.c.
 *
 * Header (MSG_HDR_SIZE bytes): u16 type, u16 version, u32 length of the whole
 * message, u32 sequence (a reply carries its request's), u32 zero.
 *
 * struct msg is large: keep one per channel or thread, static or allocated
 * once.  As an automatic variable it would be filled on every call where the
 * compiler initializes those (-ftrivial-auto-var-init).
 *
 * The decoders of whole messages (from struct conf on) also refuse trailing
 * bytes, before they take a descriptor or allocate: after -1 from one of them
 * msg_close_fds() is all there is to clean up.
 */
#ifndef WIRE_H
#define WIRE_H

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/hostname.h"
#include "proto.h"

struct sock_filter;

struct msg {
	uint16_t	 m_type;
	uint32_t	 m_seq;
	size_t		 m_len;		/* bytes in m_buf, header included */
	size_t		 m_pos;		/* next byte to put or get */
	int		 m_bad;		/* sticky: a put or get went wrong */
	int		 m_nfds;
	int		 m_fds[MSG_FDS_MAX];	/* owned; -1 once taken */
	uint8_t		 m_buf[MSG_SIZE_MAX];
};

/* Begin a message.  Drops (does not close) what m held. */
void	 msg_start(struct msg *, enum msg_type, uint32_t);
/* Append; overflow makes the message bad, chan_send() then refuses it. */
void	 msg_put_u8(struct msg *, uint8_t);
void	 msg_put_u32(struct msg *, uint32_t);
void	 msg_put_i32(struct msg *, int32_t);
void	 msg_put_u64(struct msg *, uint64_t);
/* u32 length, then the bytes */
void	 msg_put_bytes(struct msg *, const void *, size_t);
/* Attach a descriptor; still the caller's, which closes it after sending. */
void	 msg_put_fd(struct msg *, int);

/* Each returns 0, or -1 when the bytes are not there (sticky). */
int	 msg_get_u8(struct msg *, uint8_t *);
int	 msg_get_u32(struct msg *, uint32_t *);
int	 msg_get_i32(struct msg *, int32_t *);
int	 msg_get_u64(struct msg *, uint64_t *);
/* Points into the message: at most max bytes, else -1. */
int	 msg_get_bytes(struct msg *, const uint8_t **, size_t *, size_t);
/* Take the next descriptor: the caller owns it.  -1 when there is none. */
int	 msg_get_fd(struct msg *);
/*
 * All bytes consumed and nothing wrong: 0, else -1.  Does not count the
 * descriptors: the rulebook did.
 */
int	 msg_end(struct msg *);
/* Close the descriptors nobody took.  For received messages only. */
void	 msg_close_fds(struct msg *);

/* Write the header of a finished message: MSG_HDR_SIZE bytes. */
void	 msg_put_header(const struct msg *, uint8_t *);
/*
 * Begin to read the n bytes in m_buf: 0, or -1 when the header is wrong.
 * m_type is then what the bytes say, 0 when they are too few.
 */
int	 msg_get_header(struct msg *, size_t);

/* "MSG_RECEIVER_CALL" for logs; "MSG_UNKNOWN" otherwise. */
const char *msg_name(uint16_t);
/* "receiver", "policy", ... */
const char *role_name(enum role);

/* ---- the messages ---- */

/* MSG_MONITOR_CONF.  Sent to every role; a role uses what concerns it. */
struct conf {
	int32_t		 c_pgid;	/* process group of the job */
	uint32_t	 c_flags;	/* CONF_* */
	uint32_t	 c_uid, c_gid;	/* integrity: become these; -1: stay */
	uint64_t	 c_caps;	/* capabilities the child keeps */
	const uint8_t	*c_rundir;	/* per-run temporary directory */
	size_t		 c_rundirlen;
};
#define CONF_JSON	0x01		/* denials as JSON */
#define CONF_TRACE	0x02
#define CONF_UNASKED	0x04		/* execve(2): the kernel refuses by itself */
#define CONF_GUARD	0x08		/* the receiver: count crashes */
#define CONF_MDWE	0x10		/* receiver: W^X for every program */
#define CONF_SAFENAMES	0x20		/* set safe-names yes */
#define CONF_DOTDOT	0x40		/* set dotdot deny */
#define CONF_CLOEXEC	0x80		/* set close-on-exec force */
#define CONF_ARGS	0x100		/* the receiver: i_args */
#define CONF_MOUNT	0x200		/* the receiver: i_mount, of files too */
#define CONF_RESTART	0x400		/* a lane that fails is replaced */
#define CONF_DIGESTS	0x800		/* policy: have them checked early */
#define CONF_WX		0x1000		/* the receiver: have code confirmed */
#define CONF_FLAGS	0x1fff

void	 msg_put_conf(struct msg *, const struct conf *);
int	 msg_get_conf(struct msg *, struct conf *);

/*
 * MSG_MONITOR_RULE: see common/rule.h; strings without a NUL.  As many as fit
 * of the rules with one of these rights, from number *next on, which moves to
 * the first that was not looked at: send until it is rs_count.  No message
 * where *next arrives there with none put: returns how many were.
 * The decoder appends them, all or, with -1, none.
 */
struct ruleset;
size_t	 msg_put_rules(struct msg *, const struct ruleset *, uint32_t rights,
	    size_t *next);
int	 msg_get_rules(struct msg *, struct ruleset *);

/*
 * MSG_MONITOR_EXEC: vs_all, vs_library, vs_wx, vs_refused, vs_warned,
 * vs_effect and vs_at of common/verify.h; the decoder's allocates, unless -1.
 */
#define EXECF_ALL	0x01
#define EXECF_LIBRARY	0x02
#define EXECF_WX	0x04
#define EXECF_FLAGS	0x07
struct verifyset;
void	 msg_put_exec(struct msg *, const struct verifyset *);
int	 msg_get_exec(struct msg *, struct verifyset *);
/*
 * MSG_MONITOR_VERIFY: as many as fit of a sorted set, from number *next on,
 * which moves to the first that was not put.  The decoder appends them, all
 * or, with -1, none; what it has taken is sorted.
 */
void	 msg_put_verify(struct msg *, const struct verifyset *, size_t *next);
int	 msg_get_verify(struct msg *, struct verifyset *);

/* MSG_MONITOR_TPE: one entry of common/tpe.h, added to the others. */
struct tpe;
struct tpe_entry;
void	 msg_put_tpe(struct msg *, const struct tpe_entry *);
int	 msg_get_tpe(struct msg *, struct tpe *);
/*
 * MSG_MONITOR_NET: a rule about the network, from number *rule on, with as
 * many of its ranges of addresses as fit from *range on; both move on.  Send
 * until *rule is ns_count.  The decoder appends the rule, or the ranges to the
 * last one; or, with -1, nothing.
 */
struct netset;
void	 msg_put_net(struct msg *, const struct netset *, size_t *rule,
	    size_t *range);
int	 msg_get_net(struct msg *, struct netset *);

/*
 * MSG_MONITOR_GUARD: as many as fit, in their order, from number *next on,
 * which moves to the first that was not put.  The decoder appends them, all
 * or, with -1, none.  See common/guard.h.
 */
struct guardset;
struct file_id;
struct crashes;
void	 msg_put_guards(struct msg *, const struct guardset *, size_t *next);
int	 msg_get_guards(struct msg *, struct guardset *);
/* MSG_LANE_FILE */
void	 msg_put_file_id(struct msg *, const struct file_id *);
int	 msg_get_file_id(struct msg *, struct file_id *);
/*
 * MSG_RECEIVER_CRASHES: of the file that was asked about, or of the image that
 * comes next.
 */
void	 msg_put_crashes(struct msg *, const struct crashes *);
int	 msg_get_crashes(struct msg *, struct crashes *);

/* One captured piece of the caller's memory. */
struct cap {
	uint8_t		 p_arg;		/* argument index, 0 to 5 */
	uint8_t		 p_kind;	/* enum arg_kind, common/sysent.h */
	int32_t		 p_errno;	/* 0, or EFAULT, ENAMETOOLONG, ... */
	uint32_t	 p_null;	/* the pointer was NULL */
	const uint8_t	*p_bytes;	/* sent if p_errno and p_null are 0 */
	size_t		 p_len;		/* a string's NUL is not counted */
};
#define CAP_ARG_STATUS	0xff		/* p_arg: /proc/TID/status, ARG_NONE */

/* A descriptor of the caller's sent with a call, or why it is not there. */
struct callfd {
	uint8_t		 f_slot;	/* argument index, or CALL_FD_CWD */
	int32_t		 f_errno;	/* 0: the next fd of the message */
	int		 f_fd;		/* owned by the decoder's caller */
};

/* MSG_RECEIVER_CALL: one cap an argument, one callfd a slot. */
struct call {
	uint32_t	 c_nr;		/* system call number */
	uint32_t	 c_tid;		/* caller, as the receiver sees it */
	uint64_t	 c_args[CALL_ARGS];
	uint32_t	 c_ncaps;
	struct cap	 c_caps[CALL_CAPS_MAX];
	uint32_t	 c_nfds;
	struct callfd	 c_fds[MSG_FDS_MAX];
};
void	 msg_put_call(struct msg *, const struct call *);
int	 msg_get_call(struct msg *, struct call *);	/* takes the fds */

/*
 * MSG_LANE_VERDICT.  What does not belong to the kind is sent as zero; a
 * write-back goes with VERDICT_VALUE and _INJECT only, an empty one is none.
 */
struct verdict {
	uint8_t		 v_kind;	/* enum verdict_kind */
	int32_t		 v_value;	/* _ERRNO, _STOP, _ABORT: errno;
					   _VALUE: return value */
	uint32_t	 v_fdflags;	/* _INJECT, _PROC: 0 or O_CLOEXEC */
	uint32_t	 v_pid;		/* _PROC: whose; 0 is the caller */
	uint8_t		 v_entry;	/* VERDICT_PROC: enum proc_entry */
	uint8_t		 v_outarg;	/* write-back: argument index */
	const uint8_t	*v_out;		/* NULL: none */
	size_t		 v_outlen;
	int		 v_fd;		/* _INJECT, _VERIFY, else -1 */
};
void	 msg_put_verdict(struct msg *, const struct verdict *);
int	 msg_get_verdict(struct msg *, struct verdict *);  /* takes the fd */

/*
 * MSG_LANE_NEED and MSG_RECEIVER_GIVE.  What is given is an error, or bytes,
 * or a descriptor.
 */
struct piece {
	uint64_t	 p_addr;
	uint64_t	 p_len;
};
struct need {
	uint8_t		 n_kind;	/* enum need_kind */
	int32_t		 n_arg;		/* NEED_FD: number; else sent as 0 */
	const struct piece *n_pieces;	/* NEED_MEMORY, to send: 1 to */
	size_t		 n_count;	/* PIECES_MAX, MEMORY_MAX bytes */
	const uint8_t	*n_list;	/* received: n_count of them */
};
/* Number i of a received list. */
void	 need_piece(const struct need *, size_t, struct piece *);
void	 msg_put_need(struct msg *, const struct need *);
int	 msg_get_need(struct msg *, struct need *);
struct give {
	int32_t		 g_errno;
	const uint8_t	*g_bytes;
	size_t		 g_len;
	int		 g_fd;		/* -1: none */
};
void	 msg_put_give(struct msg *, const struct give *);
int	 msg_get_give(struct msg *, struct give *);	/* takes the fd */

#define IMAGE_ARGS	2	/* bytes of i_args at most */
/*
 * MSG_RECEIVER_IMAGE: the caller stopped at PTRACE_EVENT_EXEC.  i_maps is
 * /proc/PID/maps as the kernel wrote it; the fd is /proc/PID/exe, read-only.
 */
struct image {
	uint32_t	 i_pid;
	uint32_t	 i_cpu;		/* where the lane runs: a hint */
	const uint8_t	*i_comm;	/* /proc/PID/comm */
	size_t		 i_commlen;
	const uint8_t	*i_maps;
	size_t		 i_mapslen;
	const uint8_t	*i_args;	/* /proc/PID/cmdline, its beginning */
	size_t		 i_argslen;
	uint64_t	 i_mount;	/* statx(2) of i_fd; 0: not asked for */
	int		 i_fd;
};
void	 msg_put_image(struct msg *, const struct image *);
int	 msg_get_image(struct msg *, struct image *);

/*
 * MSG_RECEIVER_LIBRARY: a file about to be mapped to be executed.  l_name is
 * the text of the descriptor's link in /proc, l_exe that of /proc/PID/exe, both
 * as the kernel wrote them; the fd is the caller's own.  MSG_RECEIVER_CHECK: a
 * file about to be executed; the fd is a policy worker's.
 */
struct library {
	uint32_t	 l_pid;
	uint32_t	 l_cpu;		/* where the lane runs: a hint */
	uint8_t		 l_writers;	/* WRITERS_* */
	const uint8_t	*l_comm;	/* /proc/PID/comm */
	size_t		 l_commlen;
	const uint8_t	*l_exe;
	size_t		 l_exelen;
	const uint8_t	*l_name;
	size_t		 l_namelen;
	int		 l_fd;
};
/* Is the file open for writing, by whomever? */
#define WRITERS_NO	0
#define WRITERS_YES	1
#define WRITERS_UNKNOWN	2	/* the kernel does not tell us */
void	 msg_put_library(struct msg *, const struct library *);
int	 msg_get_library(struct msg *, struct library *);

/* MSG_RECEIVER_CODE: co_exe is the text of /proc/PID/exe. */
struct code {
	uint32_t	 co_pid;
	uint32_t	 co_cpu;	/* where the lane runs: a hint */
	const uint8_t	*co_comm;	/* /proc/PID/comm */
	size_t		 co_commlen;
	const uint8_t	*co_exe;
	size_t		 co_exelen;
};
void	 msg_put_code(struct msg *, const struct code *);
int	 msg_get_code(struct msg *, struct code *);

/*
 * MSG_INTEGRITY_NEED: which bytes of i_maps are the name of the file, or of a
 * directory that it is below (NAME_*); and MSG_RECEIVER_FILE: that file,
 * read-only, or directory, O_PATH, with its mount as in i_mount, or why it is
 * not there.
 */
void	 msg_put_name(struct msg *, uint8_t, uint32_t, uint32_t);
int	 msg_get_name(struct msg *, uint8_t *, uint32_t *, uint32_t *);
void	 msg_put_file(struct msg *, int32_t, uint64_t, int);
int	 msg_get_file(struct msg *, int32_t *, uint64_t *, int *);
	    /* takes the fd */

/* MSG_ROLE_DENIAL: rule is the index for rate limits, UINT32_MAX default. */
struct denial {
	uint32_t	 d_rule;
	const uint8_t	*d_line;	/* printable, no newline */
	size_t		 d_len;
};
void	 msg_put_denial(struct msg *, const struct denial *);
int	 msg_get_denial(struct msg *, struct denial *);

/*
 * MSG_MONITOR_FILTER: 1 to FILTER_LEN_MAX instructions.  Decoded into an array
 * with room for max; the last argument is how many there were.
 */
void	 msg_put_filter(struct msg *, const struct sock_filter *, size_t);
int	 msg_get_filter(struct msg *, struct sock_filter *, size_t max,
	    size_t *);

/*
 * MSG_MONITOR_LANE: lane, and pid of its worker (to the receiver) or 0.  The
 * descriptors are put and taken with msg_put_fd() and msg_get_fd(); to the
 * receiver the call end first, then the image end.
 */
void	 msg_put_lane(struct msg *, uint32_t, uint32_t);
int	 msg_get_lane(struct msg *, uint32_t *, uint32_t *);
/* MSG_POLICY_LANEUP: lane, pid of the worker, not 0. */
void	 msg_put_laneup(struct msg *, uint32_t, uint32_t);
int	 msg_get_laneup(struct msg *, uint32_t *, uint32_t *);
/*
 * MSG_POLICY_LANEDOWN: lane, wait status of its worker; 0: none could be
 * forked, the lanes there are go on.
 */
void	 msg_put_lanedown(struct msg *, uint32_t, int32_t);
int	 msg_get_lanedown(struct msg *, uint32_t *, int32_t *);

/* MSG_RECEIVER_CHILD: what happened, wait status. */
enum child_what {
	CHILD_STOPPED	= 1,
	CHILD_CONTINUED	= 2,
	CHILD_ENDED	= 3
};
void	 msg_put_child(struct msg *, uint32_t, int32_t);
int	 msg_get_child(struct msg *, uint32_t *, int32_t *);

/* MSG_RECEIVER_FAULT, _BROKEN: lane, why; longer reasons are cut. */
#define FAULT_REASON_MAX	256
void	 msg_put_fault(struct msg *, uint32_t, const char *);
int	 msg_get_fault(struct msg *, uint32_t *, const uint8_t **, size_t *);

/* MSG_ROLE_LOG: enum log_level, line; lines over LOG_LINE_MAX are cut. */
void	 msg_put_log(struct msg *, uint8_t, const char *);
int	 msg_get_log(struct msg *, uint8_t *, const uint8_t **, size_t *);

/*
 * MSG_MONITOR_LEARN: how many names of a directory stay names, and what the
 * macros $HOME, $WORKDIR and $TTY stand for, canonical; empty: nothing.  The
 * descriptors are put and taken with msg_put_fd() and msg_get_fd(): policy's
 * lanes, integrity, the policy to write, and a manifest where one is wanted.
 */
struct learn_conf {
	uint32_t	 lc_names;	/* 1 to LEARN_NAMES_MAX */
	const uint8_t	*lc_home, *lc_work, *lc_tty;
	size_t		 lc_homelen, lc_worklen, lc_ttylen;
};
#define LEARN_NAMES_MAX	1000
void	 msg_put_learn(struct msg *, const struct learn_conf *);
int	 msg_get_learn(struct msg *, struct learn_conf *);

/*
 * MSG_ROLE_ACCESS: canonical path and the rights that were used on it; neither
 * with ACCESS_NET.
 */
struct access {
	uint32_t	 a_rights;
	uint8_t		 a_outcome;	/* enum access_outcome */
	const uint8_t	*a_path;
	size_t		 a_len;
};
void	 msg_put_access(struct msg *, const struct access *);
int	 msg_get_access(struct msg *, struct access *);

/* MSG_INTEGRITY_DIGEST: of a file that was mapped, as it was then. */
struct digest_of {
	uint8_t		 do_alg;	/* enum digest_alg */
	const uint8_t	*do_digest;	/* digest_len() bytes */
	const uint8_t	*do_path;
	size_t		 do_len;
};
void	 msg_put_digest(struct msg *, const struct digest_of *);
int	 msg_get_digest(struct msg *, struct digest_of *);

/* MSG_MONITOR_NAMES: who is asked for names, by whom, and where. */
#define NAME_SERVERS_MAX 3	/* MAXNS, resolv.conf(5) */
#define NAME_ASKED_MAX	8
#define NAME_EARS	2	/* the resolver's own: IPv4, IPv6 */
#define NAME_PIN_MAX	86400
#define NAME_HOSTS_MAX	8	/* that one address is said to have */
struct name_address {
	uint8_t		 na_addr[16];	/* as in common/netrule.h */
	uint16_t	 na_port;	/* of an ear, 0: there is none */
};
struct names_conf {
	uint32_t	 nc_pin;	/* seconds longer than a record lives */
	uint32_t	 nc_nservers;	/* whom the resolver asks */
	struct name_address nc_servers[NAME_SERVERS_MAX];
	uint32_t	 nc_nasked;	/* whom the child believes to ask */
	struct name_address nc_asked[NAME_ASKED_MAX];
	struct name_address nc_ears[NAME_EARS];	/* who answers instead */
};
void	 msg_put_names(struct msg *, const struct names_conf *);
int	 msg_get_names(struct msg *, struct names_conf *);
/* MSG_LANE_ASKER: a socket of the child's that may ask, and whose it is. */
struct asker {
	uint16_t	 as_port;	/* its own */
	uint32_t	 as_pid;
	char		 as_comm[65];
};
void	 msg_put_asker(struct msg *, const struct asker *);
int	 msg_get_asker(struct msg *, struct asker *);
/* MSG_LANE_LED: an address, and MSG_RESOLVER_HOSTS: names that led to it. */
void	 msg_put_led(struct msg *, const uint8_t [16]);
int	 msg_get_led(struct msg *, uint8_t [16]);
void	 msg_put_hosts(struct msg *, const char *const *, size_t);
int	 msg_get_hosts(struct msg *, char [NAME_HOSTS_MAX][HOST_TEXT],
	    size_t *);

/*
 * The messages that are one u32, put with msg_put_u32(): 0 and the value, or
 * -1 when it is not between the two bounds, included, or not alone.
 *	MSG_MONITOR_START, MSG_ROLE_READY	PROTO_VERSION
 *	MSG_MONITOR_WALL			rulesets sent along, 1 or 2
 *	MSG_MONITOR_GO, MSG_MONITOR_CLEAN	1
 *	MSG_MONITOR_WATCH			1 names, 2 digests too (integrity)
 *	MSG_MONITOR_WRITE			1
 *	MSG_LEARN_WRITTEN			1 all is written, 0 not
 *	MSG_MONITOR_SIGNAL			signal number, 1 to 64
 *	MSG_POLICY_CLEANED			entries left
 *	MSG_RECEIVER_NEEDLANE			lanes now, 0 to LANES_MAX
 *	MSG_RECEIVER_EXIT			1
 *	MSG_MONITOR_PING, MSG_ROLE_PONG		number of the question, not 0
 *	MSG_INTEGRITY_VERDICT			enum image_verdict
 *	MSG_RESOLVER_HEARD			1
 */
int	 msg_get_number(struct msg *, uint32_t *, uint32_t, uint32_t);

#endif /* WIRE_H */
