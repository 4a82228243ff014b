/*
 * The system call table: one row a call.  From it are made the child's BPF
 * (monitor/compile_bpf.c), the receiver's capture, the policy worker's
 * dispatch, what -n prints, and the tests.
 */
#ifndef SYSENT_H
#define SYSENT_H

#include <stddef.h>
#include <stdint.h>

#include "rights.h"

/* What an argument is, hence how the receiver captures it. */
enum arg_kind {
	ARG_NONE,	/* no such argument */
	ARG_VAL,	/* a value: travels in the raw arguments */
	ARG_PTR,	/* a pointer nobody needs to follow */
	ARG_FD,		/* a descriptor: taken with pidfd_getfd(2) */
	ARG_DIRFD,	/* base of the path in the next argument */
	ARG_PATH,	/* string, at most PATH_MAX with its NUL */
	ARG_STR,	/* a symlink's content: as ARG_PATH but names nothing here */
	ARG_NAME,	/* extended attribute name, at most 256 with its NUL */
	ARG_BUF,	/* bytes in, length in the next argument, at most 64 KiB */
	ARG_HOW,	/* struct open_how or similar, size in the next argument,
			   at most 4096; of struct xattr_args the first bytes
			   say where a result goes */
	ARG_TIMES,	/* two struct timespec or timeval, 32 bytes, or NULL */
	ARG_UTIMBUF,	/* struct utimbuf, 16 bytes, or NULL */
	ARG_ARGV,	/* vector of strings: its first pointer, or NULL */
	ARG_OUT,	/* bytes out, length in the next argument */
	ARG_STAT,	/* struct stat out: 144 bytes */
	ARG_STATX,	/* struct statx out: 256 bytes */
	ARG_STATFS,	/* struct statfs out: 120 bytes */
	ARG_KINDS
};

/* What the child's filter does with a call when no rule changes it. */
enum sys_disp {
	SYS_ALLOW,	/* straight to the kernel */
	SYS_REFUSE,	/* se_errno, from the filter */
	SYS_NOTIFY,	/* always a notification */
	SYS_FILES	/* a notification when one of its rights needs it, else
			   straight to the kernel, whose Landlock decides */
};

/* When /proc/TID/status (umask) goes along with a call. */
enum sys_status {
	ST_NEVER,
	ST_ALWAYS,
	ST_CREAT	/* O_CREAT or __O_TMPFILE in the flags */
};

/* The policy worker's handler. */
enum sys_handler {
	SYSH_NONE, SYSH_OPEN, SYSH_EXEC, SYSH_MKDIR, SYSH_MKNOD, SYSH_UNLINK,
	SYSH_RENAME, SYSH_LINK, SYSH_SYMLINK, SYSH_TRUNCATE, SYSH_CHMOD,
	SYSH_CHOWN, SYSH_UTIME, SYSH_XATTR, SYSH_SOCKET, SYSH_ADDRESS,
	SYSH_CHROOT, SYSH_PTY, SYSH_MEMORY, SYSH_STAT, SYSH_ACCESS,
	SYSH_READLINK, SYSH_STATFS, SYSH_GETXATTR, SYSH_LIST, SYSH_CHDIR,
	SYSH_WATCH, SYSH_HANDLE, SYSH_GETATTR, SYSH_SETATTR, SYSH_APPEND,
	SYSH_CONNECT, SYSH_BIND, SYSH_LISTEN, SYSH_ACCEPT, SYSH_SENDTO,
	SYSH_SENDMSG, SYSH_SENDMMSG,
	SYSH_COUNT
};

/* Tiers a call's rules can land in (DESIGN: kernel first). */
#define TIER_KERNEL	0x1
#define TIER_WATCH	0x2
#define TIER_BROKER	0x4

struct sysent {
	const char	*se_name;
	uint16_t	 se_nr;		/* on this architecture */
	uint8_t		 se_disp;
	uint8_t		 se_errno;
	uint8_t		 se_args[6];
	uint8_t		 se_flagarg;	/* index of the flags, 0xff none */
	uint8_t		 se_status;
	uint8_t		 se_handler;
	uint8_t		 se_tiers;
	uint8_t		 se_optional;	/* 1: `allow syscall NAME` may lift what
					   refuses it, its sysargs too */
	uint8_t		 se_net;	/* 1: SYS_ALLOW with `allow net` */
	uint8_t		 se_guard;	/* 1: with a segvguard statement a
					   notification, always continued: the
					   receiver meets its caller */
	uint8_t		 se_verify;	/* 1: VERIFY is sound: what the kernel did
					   is looked at before the caller is */
	uint32_t	 se_cont;	/* CONTINUE is sound only with these flags
					   in the register; 0: never */
	uint32_t	 se_rights;	/* rights that govern it; without a tier
					   nothing here enforces them */
	const char	*se_why;	/* of the disposition, and of any CONTINUE */
};
extern const struct sysent sysent[];	/* sorted by se_nr, no gaps hidden */
extern const size_t sysent_count;

/* AUDIT_ARCH_* (linux/audit.h) whose numbers these are. */
extern const uint32_t sysent_arch;

/* The row of a number, or NULL: unknown calls get ENOSYS. */
const struct sysent *sysent_find(uint32_t);
/*
 * What the call that a stopped task is leaving returns to it: a value, or a
 * negative errno.  Of its NT_PRSTATUS registers, ptrace(2).
 */
struct user_regs_struct;
int64_t	 sysent_result(const struct user_regs_struct *);
const struct sysent *sysent_byname(const char *);
/*
 * Most bytes that may be written to argument arg of this call with these
 * arguments: 0 when it is not one that results go to.
 */
size_t	 sysent_out(const struct sysent *, unsigned arg,
	    const uint64_t args[6]);
/* Do rules decide this call, so that their effects apply to it? */
int	 sysent_ruled(const struct sysent *);

/* Argument predicates: first match decides, else the row's disposition. */
enum sys_op { SYSOP_EQ, SYSOP_NE, SYSOP_ANYSET };
/* With which policies an argument predicate counts. */
enum sys_when {
	SA_BOTH,
	SA_NONET, SA_NET, SA_RULED,	/* enum netmode's */
	SA_SOUGHT,	/* SA_NET, and the names of local sockets are looked up */
	SA_HIDING,	/* rules hide names */
	SA_CODE,	/* libraries are looked at, or with W^X */
	SA_WX,		/* with W^X for every program */
	SA_WXASK	/* with W^X, and who may is asked for */
};
/*
 * With SA_RULED, sa_net: one of these bits must be set in the plan.  Below
 * them are the kinds of socket that may be made, NETK_*.
 */
#define NETF_DGRAM	0x00010000	/* local datagram sockets */
#define NETF_NOLOCAL	0x00020000	/* no other local sockets either */
#define NETF_CONNECT	0x00040000	/* connect(2) is the kernel's */
#define NETF_BIND	0x00080000	/* bind(2) is the kernel's */
#define NETF_LISTEN	0x00100000	/* listen(2) is nobody's */
#define NETF_ACCEPT	0x00200000	/* accept(2) is nobody's */
#define NETF_PEERS	0x02000000	/* accept(2): asked for each peer */
#define NETF_SENDTO	0x00400000	/* an address with the data: asked */
#define NETF_SENDMSG	0x00800000	/* the same, where it is in memory */
#define NETF_FASTOPEN	0x01000000	/* a connection with data: asked */
#define NETF_NOGROUPS	0x04000000	/* no group of addresses is joined */
struct sysarg {
	uint16_t	 sa_nr;
	uint8_t		 sa_arg;
	uint8_t		 sa_op;		/* on the low 32 bits ... */
	uint8_t		 sa_wide;	/* ... or on all 64 */
	uint8_t		 sa_when;	/* enum sys_when */
	uint8_t		 sa_and;	/* 1: and the next row's must hold, whose
					   verdict it then is */
	uint8_t		 sa_disp;	/* SYS_ALLOW, _REFUSE, _NOTIFY, _FILES */
	uint8_t		 sa_errno;	/* 0 with SYS_REFUSE: succeed, do nothing */
	uint32_t	 sa_rights;	/* SYS_FILES: of a call that has this */
	uint32_t	 sa_net;	/* SA_RULED: NETK_*, NETF_*; 0: always */
	uint64_t	 sa_mask;	/* EQ, NE: compared under it;
					   ANYSET: any of these bits */
	uint64_t	 sa_value;
	const char	*sa_why;
};
extern const struct sysarg sysargs[];	/* sorted by sa_nr */
extern const size_t sysargs_count;

#endif /* SYSENT_H */
