/*
 * The system call table of Linux 6.18, x86-64: every number the kernel
 * assigns, what its arguments are, what the child's filter does with it, and
 * why.  The only place in the tree that knows a number or an architecture.
 *
 * This file must never hold state or look at an argument: it is data and two
 * lookups.  A call that is not here does not exist for the child (ENOSYS).
 *
 * How dispositions were chosen, for a program that is out to get us:
 *  - the kernel enforces what it can: Landlock sees the call, or a filter on
 *    registers is enough, or the call reaches nothing but its caller;
 *  - whatever changes a file behind Landlock's back is always notified;
 *  - whatever gives paths another meaning (mounts, namespaces, chroot), makes
 *    calls the filter cannot see (io_uring), reads flags from memory
 *    (clone3), or touches same-uid outsiders by number (System V IPC,
 *    keyrings, limits, priorities) is refused by the filter;
 *  - calls that sleep in the notifier can be interrupted by a signal, so
 *    close, dup, fork, clone, wait and exit are never notified.
 */
#include <sys/user.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <netinet/in.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/msdos_fs.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "netrule.h"
#include "sysent.h"

_Static_assert(sizeof(long) == 8 && __NR_read == 0 && __NR_openat == 257,
    "the table is for x86-64, not for x32 or another architecture");

const uint32_t sysent_arch = AUDIT_ARCH_X86_64;

/*
 * Numbers newer than the headers of the build machine (6.1), from
 * arch/x86/entry/syscalls/syscall_64.tbl of Linux 6.18.
 */
#ifndef __NR_uretprobe
#define __NR_uretprobe		335
#endif
#ifndef __NR_uprobe
#define __NR_uprobe		336
#endif
#ifndef __NR_cachestat
#define __NR_cachestat		451
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2		452
#endif
#ifndef __NR_map_shadow_stack
#define __NR_map_shadow_stack	453
#endif
#ifndef __NR_futex_wake
#define __NR_futex_wake		454
#endif
#ifndef __NR_futex_wait
#define __NR_futex_wait		455
#endif
#ifndef __NR_futex_requeue
#define __NR_futex_requeue	456
#endif
#ifndef __NR_statmount
#define __NR_statmount		457
#endif
#ifndef __NR_listmount
#define __NR_listmount		458
#endif
#ifndef __NR_lsm_get_self_attr
#define __NR_lsm_get_self_attr	459
#endif
#ifndef __NR_lsm_set_self_attr
#define __NR_lsm_set_self_attr	460
#endif
#ifndef __NR_lsm_list_modules
#define __NR_lsm_list_modules	461
#endif
#ifndef __NR_mseal
#define __NR_mseal		462
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat		463
#endif
#ifndef __NR_getxattrat
#define __NR_getxattrat		464
#endif
#ifndef __NR_listxattrat
#define __NR_listxattrat	465
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat	466
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr	467
#endif
#ifndef __NR_file_getattr
#define __NR_file_getattr	468
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr	469
#endif

/* Argument kinds, short enough for a row to be one line. */
#define V	ARG_VAL
#define P	ARG_PTR
#define FD	ARG_FD
#define DIR	ARG_DIRFD
#define PATH	ARG_PATH
#define OUT	ARG_OUT
#define A(...)	{ __VA_ARGS__ }

#define FLAGS_NONE	0xff

/* Straight to the kernel. */
#define YES(n, a, why)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_ALLOW,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE, .se_why = why }
/* Refused, whatever the policy says. */
#define NO(n, e, a, why)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_REFUSE,	\
	    .se_errno = (e), .se_args = a, .se_flagarg = FLAGS_NONE,	\
	    .se_tiers = TIER_KERNEL, .se_why = why }
/* Refused until `allow syscall`. */
#define OPT(n, e, a, why)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_REFUSE,	\
	    .se_errno = (e), .se_args = a, .se_flagarg = FLAGS_NONE,	\
	    .se_tiers = TIER_KERNEL, .se_optional = 1, .se_why = why }
/* Allowed but for some arguments (sysargs), until `allow syscall`. */
#define ARGS(n, a, why)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_ALLOW,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE,			\
	    .se_tiers = TIER_KERNEL, .se_optional = 1, .se_why = why }
/* Refused until `allow net`. */
#define NET(n, a, why)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_REFUSE,	\
	    .se_errno = EACCES, .se_args = a,				\
	    .se_flagarg = FLAGS_NONE, .se_tiers = TIER_KERNEL,		\
	    .se_net = 1, .se_why = why }
/* An address: refused by the broker, with a reason, until `allow net`. */
#define NAMED(n, h, why)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_NOTIFY,	\
	    .se_args = A(FD, ARG_BUF, V), .se_flagarg = FLAGS_NONE,	\
	    .se_handler = SYSH_##h,					\
	    .se_tiers = TIER_KERNEL | TIER_BROKER, .se_net = 1,		\
	    .se_why = why }
/* The same; with rules about the network each peer may be asked about. */
#define ACCEPT(n, a, flag)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_REFUSE,	\
	    .se_errno = EACCES, .se_args = a, .se_flagarg = (flag),	\
	    .se_handler = SYSH_ACCEPT,					\
	    .se_tiers = TIER_KERNEL | TIER_BROKER, .se_net = 1,		\
	    .se_why = W_NET }
/* May carry an address: with rules about the network, asked about (sysargs). */
#define SENDS(n, h, a, why)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_ALLOW,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE,			\
	    .se_handler = SYSH_##h,					\
	    .se_tiers = TIER_KERNEL | TIER_BROKER, .se_net = 1,		\
	    .se_why = why }
/* Notified when one of its rights is; else Landlock decides. */
#define FILES(n, a, flag, st, h, r)					\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = (flag), .se_status = (st),	\
	    .se_handler = SYSH_##h, .se_rights = (r) | R_WALK,		\
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,		\
	    .se_why = W_FILES }
/*
 * The same; and O_PATH in a register continues: nothing can be done with such
 * a descriptor that is not brokered again.
 */
#define OPENS(n, a, flag)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = (flag), .se_status = ST_CREAT,	\
	    .se_handler = SYSH_OPEN, .se_rights = RN_OPEN,		\
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,		\
	    .se_verify = 1, .se_cont = O_PATH, .se_why = W_FILES }
/* Always notified: the flags are out of a filter's reach. */
#define OPENHOW(n, a)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_NOTIFY,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE,			\
	    .se_status = ST_ALWAYS, .se_handler = SYSH_OPEN,		\
	    .se_rights = RN_OPEN,					\
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,		\
	    .se_why = W_HOW }
/* Always notified: executables. */
#define EXEC(n, a, flag)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_NOTIFY,	\
	    .se_args = a, .se_flagarg = (flag),				\
	    .se_handler = SYSH_EXEC, .se_rights = R_EXEC,		\
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,		\
	    .se_why = W_EXEC }
/* Protection in argument 2: what a program may make executable. */
#define CODE(n, a)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_ALLOW,	\
	    .se_args = a, .se_flagarg = 2, .se_handler = SYSH_MEMORY,	\
	    .se_cont = PROT_EXEC, .se_rights = R_WX,			\
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,		\
	    .se_why = W_CODE }
/* What nothing in the kernel enforces a rule for. */
#define ATTR(n, a, flag, h, r)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = (flag),				\
	    .se_handler = SYSH_##h, .se_rights = (r) | R_WALK,		\
	    .se_tiers = TIER_BROKER, .se_why = W_ATTR }

/* Looking at what a path or a descriptor names. */
#define LOOKS(n, a, flag, h)						\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = (flag),				\
	    .se_handler = SYSH_##h, .se_rights = R_STAT | R_WALK,	\
	    .se_tiers = TIER_BROKER, .se_why = W_META }
/* The working directory, which nobody can change for another. */
#define CHDIR(n, a)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE,			\
	    .se_handler = SYSH_CHDIR, .se_rights = R_CHDIR | R_WALK,	\
	    .se_tiers = TIER_BROKER, .se_verify = 1, .se_why = W_CHDIR }
/* What is in an open directory. */
#define LISTS(n)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = A(FD, OUT, V), .se_flagarg = FLAGS_NONE,		\
	    .se_handler = SYSH_LIST, .se_rights = R_HIDING,		\
	    .se_tiers = TIER_BROKER, .se_why = W_LISTS }

/* What changes a file by a descriptor, and not only at its end. */
#define ALTERS(n, a)							\
	{ .se_name = #n, .se_nr = __NR_##n, .se_disp = SYS_FILES,	\
	    .se_args = a, .se_flagarg = FLAGS_NONE,			\
	    .se_handler = SYSH_APPEND, .se_rights = R_APPENDING,	\
	    .se_tiers = TIER_BROKER, .se_why = W_APPEND }

/* Rights of the calls that can do several things. */
#define RN_OPEN		(R_READ | R_WRITE | R_CREATE | R_TRUNCATE | \
			    R_READDIR | R_STAT | R_WALK | R_MKTEMP)
#define RN_MKNOD	(R_CREATE | R_MKFIFO | R_MKSOCK | R_MKCDEV | R_MKBDEV)
#define RN_RENAME	(R_RENAME | R_DELETE | R_RMDIR | R_MKDIR | \
			    R_SYMLINK | RN_MKNOD)

/* Reasons that many rows share. */
#define W_OWN	"no object but the caller's own"
#define W_MOUNTS "names mount points, hidden ones too"
#define W_INFO	"tells about the system, changes nothing"
#define W_HELD	"an open descriptor: the authority came with it"
#define W_META	"metadata by name: Landlock does not see it, so that it " \
		"shows wherever no rule denies stat or walk, or hides"
#define W_CHDIR	"Landlock does not see it; what is reached from there is " \
		"decided by its own name; VERIFY: where the caller is then " \
		"is compared before it runs on"
#define W_APPEND "an open descriptor: notified when files are append-only"
#define W_LISTS	"an open directory: notified when a rule hides names"
#define W_WAIT	"never notified: a signal in the notifier would make it fail"
#define W_SIG	"Landlock's signal scope keeps it inside the domain"
#define W_PEER	"asks for ptrace access, which Landlock keeps inside the domain"
#define W_SCHED	"threads are named by number, which a filter cannot tell " \
		"from an outsider's: same-uid outsiders can be slowed, not read"
#define W_CRED	"needs a capability to gain anything, and those are dropped"
#define W_FILES	"Landlock decides when no rule needs the broker; CONTINUE " \
		"only where the wall enforces the same decision"
#define W_HOW	"the flags are in memory, and one access mode Landlock asks " \
		"nothing of; CONTINUE never"
#define W_ATTR	"Landlock does not see it: the broker does it, never " \
		"CONTINUE, unless it is allowed everywhere"
#define W_EXEC	"CONTINUE is sound: Landlock checks execute, and the image " \
		"is verified at the exec event before its first instruction"
#define W_CODE	"no pointer; CONTINUE is sound for memory that the program " \
		"may fill with code of its own; a file is verified first, " \
		"while nobody can change the descriptor (sysargs)"
#define W_SOCK	"no pointer; Landlock sees TCP ports only"
#define W_NET	"reaches an address: refused without `allow net`"
#define W_NESTS	"what the broker does, it does outside a domain that the " \
		"caller nests: better none than one that does not hold"
#define W_NAMED	"reaches an address: refused without `allow net`, as not " \
		"there where there is none; never CONTINUE"
#define W_IPC	"System V IPC reaches any process of the same uid by number"
#define W_MQ	"message queues are shared with every process of the same uid"
#define W_KEY	"keyrings are shared with every process of the same uid"
#define W_MOUNT	"mounts change what a path means"
#define W_PRIV	"administration of the machine"
#define W_CLOCK	"sets the machine's clock"
#define W_MOD	"loads or removes kernel code"
#define W_URING	"its calls do not pass the filter"
#define W_KIND	"a kind of socket that some rule allows something with"
#define W_GROUP	"joins a group of addresses: for who may bind to them all"
#define W_ROUTE	"names other addresses than those that are asked about"
#define W_HEADER "the header is the caller's, and the address in it is not " \
		"that which is asked about"
#define W_GONE	"not implemented by any kernel we run on"

/* Sorted by number; gaps are numbers the kernel does not assign. */
const struct sysent sysent[] = {
	/* 0: files held open, memory, signals */
	YES(read, A(FD, OUT, V), W_HELD),
	YES(write, A(FD, P, V), W_HELD),
	OPENS(open, A(PATH, V, V), 1),
	YES(close, A(FD), W_WAIT),
	LOOKS(stat, A(PATH, ARG_STAT), FLAGS_NONE, STAT),
	/* a descriptor may be one that nothing was decided on: O_PATH */
	LOOKS(fstat, A(FD, ARG_STAT), FLAGS_NONE, STAT),
	LOOKS(lstat, A(PATH, ARG_STAT), FLAGS_NONE, STAT),
	YES(poll, A(P, V, V), W_HELD),
	YES(lseek, A(FD, V, V), W_HELD),
	{ .se_name = "mmap", .se_nr = __NR_mmap, .se_disp = SYS_ALLOW,
	    .se_args = A(V, V, V, V, FD, V), .se_flagarg = 3,
	    .se_handler = SYSH_MEMORY, .se_cont = MAP_ANONYMOUS,
	    .se_rights = R_LIBRARY | R_WX,
	    .se_tiers = TIER_KERNEL | TIER_WATCH | TIER_BROKER,
	    .se_why = W_CODE },
	CODE(mprotect, A(V, V, V)),
	YES(munmap, A(V, V), W_OWN),
	YES(brk, A(V), W_OWN),
	YES(rt_sigaction, A(V, P, P, V), W_OWN),
	YES(rt_sigprocmask, A(V, P, P, V), W_OWN),
	YES(rt_sigreturn, A(ARG_NONE), W_OWN),
	{ .se_name = "ioctl", .se_nr = __NR_ioctl, .se_disp = SYS_ALLOW,
	    .se_args = A(FD, V, V), .se_flagarg = FLAGS_NONE,
	    .se_handler = SYSH_PTY, .se_rights = R_IOCTL,
	    .se_tiers = TIER_KERNEL, .se_why = "Landlock checks devices; "
	    "requests that change a file or a terminal behind it are refused, "
	    "a new terminal is opened by the broker (sysargs)" },
	YES(pread64, A(FD, OUT, V, V), W_HELD),
	YES(pwrite64, A(FD, P, V, V), W_HELD),
	YES(readv, A(FD, P, V), W_HELD),
	YES(writev, A(FD, P, V), W_HELD),
	LOOKS(access, A(PATH, V), FLAGS_NONE, ACCESS),
	YES(pipe, A(P), W_OWN),
	YES(select, A(V, P, P, P, P), W_HELD),
	YES(sched_yield, A(ARG_NONE), W_OWN),
	YES(mremap, A(V, V, V, V, V), W_OWN),
	YES(msync, A(V, V, V), W_OWN),
	YES(mincore, A(V, V, P), W_OWN),
	YES(madvise, A(V, V, V), W_OWN),
	OPT(shmget, EPERM, A(V, V, V), W_IPC),
	OPT(shmat, EPERM, A(V, V, V), W_IPC),
	OPT(shmctl, EPERM, A(V, V, P), W_IPC),
	YES(dup, A(FD), W_WAIT),
	YES(dup2, A(FD, V), W_WAIT),
	YES(pause, A(ARG_NONE), W_OWN),
	YES(nanosleep, A(P, P), W_OWN),
	YES(getitimer, A(V, P), W_OWN),
	YES(alarm, A(V), W_OWN),
	YES(setitimer, A(V, P, P), W_OWN),
	YES(getpid, A(ARG_NONE), W_OWN),

	/* 40: sockets */
	YES(sendfile, A(FD, FD, P, V), W_HELD),
	{ .se_name = "socket", .se_nr = __NR_socket, .se_disp = SYS_NOTIFY,
	    .se_args = A(V, V, V), .se_flagarg = FLAGS_NONE,
	    .se_handler = SYSH_SOCKET, .se_tiers = TIER_KERNEL | TIER_BROKER,
	    .se_net = 1, .se_why = W_SOCK },
	NAMED(connect, CONNECT, W_NAMED),
	ACCEPT(accept, A(FD, P, P), FLAGS_NONE),
	SENDS(sendto, SENDTO, A(FD, ARG_BUF, V, V, ARG_BUF, V),
	    "on a connected socket; an address is refused or asked about "
	    "(sysargs)"),
	YES(recvfrom, A(FD, OUT, V, V, P, P), W_HELD),
	SENDS(sendmsg, SENDMSG, A(FD, P, V),
	    "without `allow net` no socket that could use an address exists, "
	    "but one that was inherited"),
	YES(recvmsg, A(FD, P, V), W_HELD),
	YES(shutdown, A(FD, V), W_HELD),
	NAMED(bind, BIND, W_NAMED),
	{ .se_name = "listen", .se_nr = __NR_listen, .se_disp = SYS_REFUSE,
	    .se_errno = EACCES, .se_args = A(FD, V),
	    .se_flagarg = FLAGS_NONE, .se_handler = SYSH_LISTEN,
	    .se_tiers = TIER_KERNEL | TIER_BROKER, .se_net = 1,
	    .se_why = W_NET "; binds a socket that is not bound" },
	YES(getsockname, A(FD, P, P), W_HELD),
	YES(getpeername, A(FD, P, P), W_HELD),
	NET(socketpair, A(V, V, V, P),
	    "a pair that stays connected is a pipe (sysargs); a datagram "
	    "socket could send to any address"),
	YES(setsockopt, A(FD, V, V, P, V), W_HELD),
	YES(getsockopt, A(FD, V, V, P, P), W_HELD),

	/* 56: processes, System V IPC */
	YES(clone, A(V, V, P, P, V),
	    "a child in the same domain; never notified; new namespaces and "
	    "tracer flags are refused (sysargs)"),
	YES(fork, A(ARG_NONE), W_WAIT),
	YES(vfork, A(ARG_NONE), W_WAIT),
	EXEC(execve, A(PATH, ARG_ARGV, P), FLAGS_NONE),
	YES(exit, A(V), W_WAIT),
	YES(wait4, A(V, P, V, P), W_WAIT),
	YES(kill, A(V, V), W_SIG),
	YES(uname, A(P), W_INFO),
	OPT(semget, EPERM, A(V, V, V), W_IPC),
	OPT(semop, EPERM, A(V, P, V), W_IPC),
	OPT(semctl, EPERM, A(V, V, V, V), W_IPC),
	YES(shmdt, A(V), W_OWN),
	OPT(msgget, EPERM, A(V, V), W_IPC),
	OPT(msgsnd, EPERM, A(V, P, V, V), W_IPC),
	OPT(msgrcv, EPERM, A(V, P, V, V, V), W_IPC),
	OPT(msgctl, EPERM, A(V, V, P), W_IPC),

	/* 72: files by descriptor and by name */
	{ .se_name = "fcntl", .se_nr = __NR_fcntl, .se_disp = SYS_ALLOW,
	    .se_args = A(FD, V, V), .se_flagarg = FLAGS_NONE,
	    .se_handler = SYSH_APPEND, .se_rights = R_APPENDING,
	    .se_tiers = TIER_BROKER, .se_why = "an open descriptor; signals "
	    "stay in Landlock's scope; leases, which stall outsiders, are "
	    "refused (sysargs)" },
	YES(flock, A(FD, V), W_HELD),
	YES(fsync, A(FD), W_HELD),
	YES(fdatasync, A(FD), W_HELD),
	FILES(truncate, A(PATH, V), FLAGS_NONE, ST_NEVER, TRUNCATE,
	    R_TRUNCATE),
	ALTERS(ftruncate, A(FD, V)),
	LISTS(getdents),
	YES(getcwd, A(OUT, V), W_OWN),
	CHDIR(chdir, A(PATH)),
	CHDIR(fchdir, A(FD)),
	FILES(rename, A(PATH, PATH), FLAGS_NONE, ST_NEVER, RENAME, RN_RENAME),
	FILES(mkdir, A(PATH, V), FLAGS_NONE, ST_ALWAYS, MKDIR, R_MKDIR),
	FILES(rmdir, A(PATH), FLAGS_NONE, ST_NEVER, UNLINK, R_RMDIR),
	FILES(creat, A(PATH, V), FLAGS_NONE, ST_ALWAYS, OPEN,
	    R_WRITE | R_CREATE | R_TRUNCATE),
	FILES(link, A(PATH, PATH), FLAGS_NONE, ST_NEVER, LINK, R_LINK),
	FILES(unlink, A(PATH), FLAGS_NONE, ST_NEVER, UNLINK, R_DELETE),
	FILES(symlink, A(ARG_STR, PATH), FLAGS_NONE, ST_NEVER, SYMLINK,
	    R_SYMLINK),
	LOOKS(readlink, A(PATH, OUT, V), FLAGS_NONE, READLINK),
	ATTR(chmod, A(PATH, V), FLAGS_NONE, CHMOD, R_CHMOD),
	ATTR(fchmod, A(FD, V), FLAGS_NONE, CHMOD, R_CHMOD),
	ATTR(chown, A(PATH, V, V), FLAGS_NONE, CHOWN, R_CHOWN | R_CHGRP),
	ATTR(fchown, A(FD, V, V), FLAGS_NONE, CHOWN, R_CHOWN | R_CHGRP),
	ATTR(lchown, A(PATH, V, V), FLAGS_NONE, CHOWN, R_CHOWN | R_CHGRP),
	YES(umask, A(V), W_OWN),

	/* 96: the process and its credentials */
	YES(gettimeofday, A(P, P), W_INFO),
	YES(getrlimit, A(V, P), W_OWN),
	YES(getrusage, A(V, P), W_OWN),
	YES(sysinfo, A(P), W_INFO),
	YES(times, A(P), W_OWN),
	NO(ptrace, EPERM, A(V, V, V, V),
	    "a task has one tracer, and the exec event needs it to be us"),
	YES(getuid, A(ARG_NONE), W_OWN),
	OPT(syslog, EPERM, A(V, OUT, V), "the kernel's log tells addresses "
	    "and what others do"),
	YES(getgid, A(ARG_NONE), W_OWN),
	YES(setuid, A(V), W_CRED),
	YES(setgid, A(V), W_CRED),
	YES(geteuid, A(ARG_NONE), W_OWN),
	YES(getegid, A(ARG_NONE), W_OWN),
	YES(setpgid, A(V, V), W_OWN),
	YES(getppid, A(ARG_NONE), W_OWN),
	YES(getpgrp, A(ARG_NONE), W_OWN),
	YES(setsid, A(ARG_NONE), W_OWN),
	YES(setreuid, A(V, V), W_CRED),
	YES(setregid, A(V, V), W_CRED),
	YES(getgroups, A(V, P), W_OWN),
	YES(setgroups, A(V, P), W_CRED),
	YES(setresuid, A(V, V, V), W_CRED),
	YES(getresuid, A(P, P, P), W_OWN),
	YES(setresgid, A(V, V, V), W_CRED),
	YES(getresgid, A(P, P, P), W_OWN),
	YES(getpgid, A(V), W_INFO),
	YES(setfsuid, A(V), W_CRED),
	YES(setfsgid, A(V), W_CRED),
	YES(getsid, A(V), W_INFO),
	YES(capget, A(P, P), W_INFO),
	YES(capset, A(P, P), W_CRED),
	YES(rt_sigpending, A(P, V), W_OWN),
	YES(rt_sigtimedwait, A(P, P, P, V), W_OWN),
	YES(rt_sigqueueinfo, A(V, V, P), W_SIG),
	YES(rt_sigsuspend, A(P, V), W_OWN),
	YES(sigaltstack, A(P, P), W_OWN),
	ATTR(utime, A(PATH, ARG_UTIMBUF), FLAGS_NONE, UTIME, R_UTIME),
	FILES(mknod, A(PATH, V, V), FLAGS_NONE, ST_ALWAYS, MKNOD, RN_MKNOD),
	NO(uselib, ENOSYS, A(PATH), "maps a library by name, unverified"),
	YES(personality, A(V),
	    "the caller's own; READ_IMPLIES_EXEC is refused (sysargs)"),
	YES(ustat, A(V, P), W_INFO),
	LOOKS(statfs, A(PATH, ARG_STATFS), FLAGS_NONE, STATFS),
	YES(fstatfs, A(FD, P), W_HELD),
	YES(sysfs, A(V, V, V), W_INFO),
	YES(getpriority, A(V, V), W_INFO),
	ARGS(setpriority, A(V, V, V),
	    "the caller's own; others, outsiders too, are named by number and "
	    "refused (sysargs)"),
	YES(sched_setparam, A(V, P), W_SCHED),
	YES(sched_getparam, A(V, P), W_INFO),
	YES(sched_setscheduler, A(V, V, P), W_SCHED),
	YES(sched_getscheduler, A(V), W_INFO),
	YES(sched_get_priority_max, A(V), W_INFO),
	YES(sched_get_priority_min, A(V), W_INFO),
	YES(sched_rr_get_interval, A(V, P), W_INFO),
	YES(mlock, A(V, V), W_OWN),
	YES(munlock, A(V, V), W_OWN),
	YES(mlockall, A(V), W_OWN),
	YES(munlockall, A(ARG_NONE), W_OWN),

	/* 153: administration */
	OPT(vhangup, EPERM, A(ARG_NONE), W_PRIV),
	OPT(modify_ldt, EPERM, A(V, P, V),
	    "odd segments, for 16-bit programs; a source of kernel bugs"),
	NO(pivot_root, EPERM, A(PATH, PATH), W_MOUNT),
	NO(_sysctl, ENOSYS, A(P), W_GONE),
	YES(prctl, A(V, V, V, V, V),
	    "the caller's own; what would hide it from the receiver or give "
	    "it another executable is refused (sysargs)"),
	YES(arch_prctl, A(V, V), W_OWN),
	YES(adjtimex, A(P), W_CRED),
	YES(setrlimit, A(V, P), W_OWN),
	NO(chroot, EPERM, A(PATH),
	    "changes what a path means; needs a capability"),
	YES(sync, A(ARG_NONE), "changes no content"),
	NO(acct, EPERM, A(PATH), W_PRIV),
	OPT(settimeofday, EPERM, A(P, P), W_CLOCK),
	NO(mount, EPERM, A(P, PATH, P, V, P), W_MOUNT),
	NO(umount2, EPERM, A(PATH, V), W_MOUNT),
	NO(swapon, EPERM, A(PATH, V), W_PRIV),
	NO(swapoff, EPERM, A(PATH), W_PRIV),
	NO(reboot, EPERM, A(V, V, V, P), W_PRIV),
	OPT(sethostname, EPERM, A(P, V), W_PRIV),
	OPT(setdomainname, EPERM, A(P, V), W_PRIV),
	NO(iopl, EPERM, A(V), "ports reach the hardware"),
	NO(ioperm, EPERM, A(V, V, V), "ports reach the hardware"),
	NO(create_module, ENOSYS, A(P, V), W_GONE),
	NO(init_module, EPERM, A(P, V, P), W_MOD),
	NO(delete_module, EPERM, A(P, V), W_MOD),
	NO(get_kernel_syms, ENOSYS, A(P), W_GONE),
	NO(query_module, ENOSYS, A(P, V, P, V, P), W_GONE),
	NO(quotactl, EPERM, A(V, P, V, P), W_PRIV),
	NO(nfsservctl, ENOSYS, A(V, P, P), W_GONE),
	NO(getpmsg, ENOSYS, A(ARG_NONE), W_GONE),
	NO(putpmsg, ENOSYS, A(ARG_NONE), W_GONE),
	NO(afs_syscall, ENOSYS, A(ARG_NONE), W_GONE),
	NO(tuxcall, ENOSYS, A(ARG_NONE), W_GONE),
	NO(security, ENOSYS, A(ARG_NONE), W_GONE),

	/* 186: threads, extended attributes, asynchronous I/O */
	YES(gettid, A(ARG_NONE), W_OWN),
	YES(readahead, A(FD, V, V), W_HELD),
	ATTR(setxattr, A(PATH, ARG_NAME, ARG_BUF, V, V), 4, XATTR, R_XATTR),
	ATTR(lsetxattr, A(PATH, ARG_NAME, ARG_BUF, V, V), 4, XATTR, R_XATTR),
	ATTR(fsetxattr, A(FD, ARG_NAME, ARG_BUF, V, V), 4, XATTR, R_XATTR),
	LOOKS(getxattr, A(PATH, ARG_NAME, OUT, V), FLAGS_NONE, GETXATTR),
	LOOKS(lgetxattr, A(PATH, ARG_NAME, OUT, V), FLAGS_NONE, GETXATTR),
	YES(fgetxattr, A(FD, ARG_NAME, OUT, V), W_HELD),
	LOOKS(listxattr, A(PATH, OUT, V), FLAGS_NONE, GETXATTR),
	LOOKS(llistxattr, A(PATH, OUT, V), FLAGS_NONE, GETXATTR),
	YES(flistxattr, A(FD, OUT, V), W_HELD),
	ATTR(removexattr, A(PATH, ARG_NAME), FLAGS_NONE, XATTR, R_XATTR),
	ATTR(lremovexattr, A(PATH, ARG_NAME), FLAGS_NONE, XATTR, R_XATTR),
	ATTR(fremovexattr, A(FD, ARG_NAME), FLAGS_NONE, XATTR, R_XATTR),
	YES(tkill, A(V, V), W_SIG),
	YES(time, A(P), W_INFO),
	YES(futex, A(P, V, V, P, P, V), W_OWN),
	YES(sched_setaffinity, A(V, V, P), W_SCHED),
	YES(sched_getaffinity, A(V, V, P), W_INFO),
	NO(set_thread_area, ENOSYS, A(P), W_GONE),
	YES(io_setup, A(V, P), W_OWN),
	YES(io_destroy, A(V), W_OWN),
	YES(io_getevents, A(V, V, V, P, P), W_OWN),
	ALTERS(io_submit, A(V, V, P)),
	YES(io_cancel, A(V, P, P), W_OWN),
	NO(get_thread_area, ENOSYS, A(P), W_GONE),
	NO(lookup_dcookie, ENOSYS, A(V, OUT, V), "a profiler's path lookup"),
	YES(epoll_create, A(V), W_OWN),
	NO(epoll_ctl_old, ENOSYS, A(ARG_NONE), W_GONE),
	NO(epoll_wait_old, ENOSYS, A(ARG_NONE), W_GONE),
	YES(remap_file_pages, A(V, V, V, V, V), W_OWN),
	LISTS(getdents64),
	YES(set_tid_address, A(P), W_OWN),
	YES(restart_syscall, A(ARG_NONE), W_OWN),
	OPT(semtimedop, EPERM, A(V, P, V, P), W_IPC),
	YES(fadvise64, A(FD, V, V, V), W_HELD),
	YES(timer_create, A(V, P, P), W_OWN),
	YES(timer_settime, A(V, V, P, P), W_OWN),
	YES(timer_gettime, A(V, P), W_OWN),
	YES(timer_getoverrun, A(V), W_OWN),
	YES(timer_delete, A(V), W_OWN),
	OPT(clock_settime, EPERM, A(V, P), W_CLOCK),
	YES(clock_gettime, A(V, P), W_INFO),
	YES(clock_getres, A(V, P), W_INFO),
	YES(clock_nanosleep, A(V, V, P, P), W_OWN),
	YES(exit_group, A(V), W_WAIT),
	YES(epoll_wait, A(FD, P, V, V), W_HELD),
	YES(epoll_ctl, A(FD, V, FD, P), W_HELD),
	YES(tgkill, A(V, V, V), W_SIG),
	ATTR(utimes, A(PATH, ARG_TIMES), FLAGS_NONE, UTIME, R_UTIME),
	NO(vserver, ENOSYS, A(ARG_NONE), W_GONE),
	YES(mbind, A(V, V, V, P, V, V), W_OWN),
	YES(set_mempolicy, A(V, P, V), W_OWN),
	YES(get_mempolicy, A(P, P, V, V, V), W_OWN),

	/* 240: message queues, keys, notification, the *at family */
	OPT(mq_open, EPERM, A(P, V, V, P), W_MQ),
	OPT(mq_unlink, EPERM, A(P), W_MQ),
	YES(mq_timedsend, A(FD, P, V, V, P), W_HELD),
	YES(mq_timedreceive, A(FD, OUT, V, P, P), W_HELD),
	YES(mq_notify, A(FD, P), W_HELD),
	YES(mq_getsetattr, A(FD, P, P), W_HELD),
	NO(kexec_load, EPERM, A(V, V, P, V), W_MOD),
	YES(waitid, A(V, V, P, V, P), W_WAIT),
	OPT(add_key, EPERM, A(P, P, P, V, V), W_KEY),
	OPT(request_key, EPERM, A(P, P, P, V), W_KEY),
	OPT(keyctl, EPERM, A(V, V, V, V, V), W_KEY),
	ARGS(ioprio_set, A(V, V, V),
	    "the caller's own; others, outsiders too, are named by number and "
	    "refused (sysargs)"),
	YES(ioprio_get, A(V, V), W_INFO),
	YES(inotify_init, A(ARG_NONE), W_OWN),
	LOOKS(inotify_add_watch, A(FD, PATH, V), 2, WATCH),
	YES(inotify_rm_watch, A(FD, V), W_HELD),
	ARGS(migrate_pages, A(V, V, P, P),
	    "the caller's own; another process is refused (sysargs)"),
	OPENS(openat, A(DIR, PATH, V, V), 2),
	FILES(mkdirat, A(DIR, PATH, V), FLAGS_NONE, ST_ALWAYS, MKDIR,
	    R_MKDIR),
	FILES(mknodat, A(DIR, PATH, V, V), FLAGS_NONE, ST_ALWAYS, MKNOD,
	    RN_MKNOD),
	ATTR(fchownat, A(DIR, PATH, V, V, V), 4, CHOWN, R_CHOWN | R_CHGRP),
	ATTR(futimesat, A(DIR, PATH, ARG_TIMES), FLAGS_NONE, UTIME, R_UTIME),
	LOOKS(newfstatat, A(DIR, PATH, ARG_STAT, V), 3, STAT),
	FILES(unlinkat, A(DIR, PATH, V), 2, ST_NEVER, UNLINK,
	    R_DELETE | R_RMDIR),
	FILES(renameat, A(DIR, PATH, DIR, PATH), FLAGS_NONE, ST_NEVER,
	    RENAME, RN_RENAME),
	/* of a file without a name: makes it one */
	FILES(linkat, A(DIR, PATH, DIR, PATH, V), 4, ST_NEVER, LINK,
	    R_LINK | R_CREATE),
	FILES(symlinkat, A(ARG_STR, DIR, PATH), FLAGS_NONE, ST_NEVER,
	    SYMLINK, R_SYMLINK),
	LOOKS(readlinkat, A(DIR, PATH, OUT, V), FLAGS_NONE, READLINK),
	ATTR(fchmodat, A(DIR, PATH, V), FLAGS_NONE, CHMOD, R_CHMOD),
	LOOKS(faccessat, A(DIR, PATH, V), FLAGS_NONE, ACCESS),
	YES(pselect6, A(V, P, P, P, P, P), W_HELD),
	YES(ppoll, A(P, V, P, P, V), W_HELD),
	YES(unshare, A(V),
	    "the caller's own tables; new namespaces are refused (sysargs)"),
	/*
	 * The first call of a child that the C library's fork(2) made, with
	 * its signals blocked, and of a thread, likewise: nothing interrupts it.
	 * Nothing is decided on it, so nothing can be wrong with what its
	 * pointer leads to.
	 */
	{ .se_name = "set_robust_list", .se_nr = __NR_set_robust_list,
	    .se_disp = SYS_ALLOW, .se_args = A(P, V),
	    .se_flagarg = FLAGS_NONE, .se_guard = 1, .se_why = W_OWN },
	YES(get_robust_list, A(V, P, P), W_PEER),
	YES(splice, A(FD, P, FD, P, V, V), W_HELD),
	YES(tee, A(FD, FD, V, V), W_HELD),
	YES(sync_file_range, A(FD, V, V, V), W_HELD),
	YES(vmsplice, A(FD, P, V, V), W_HELD),
	ARGS(move_pages, A(V, V, P, P, P, V),
	    "the caller's own; another process is refused (sysargs)"),
	ATTR(utimensat, A(DIR, PATH, ARG_TIMES, V), 3, UTIME, R_UTIME),
	YES(epoll_pwait, A(FD, P, V, V, P, V), W_HELD),
	YES(signalfd, A(FD, P, V), W_OWN),
	YES(timerfd_create, A(V, V), W_OWN),
	YES(eventfd, A(V), W_OWN),
	ALTERS(fallocate, A(FD, V, V, V)),
	YES(timerfd_settime, A(FD, V, P, P), W_HELD),
	YES(timerfd_gettime, A(FD, P), W_HELD),
	ACCEPT(accept4, A(FD, P, P, V), 3),
	YES(signalfd4, A(FD, P, V, V), W_OWN),
	YES(eventfd2, A(V, V), W_OWN),
	YES(epoll_create1, A(V), W_OWN),
	YES(dup3, A(FD, V, V), W_WAIT),
	YES(pipe2, A(P, V), W_OWN),
	YES(inotify_init1, A(V), W_OWN),
	YES(preadv, A(FD, P, V, V, V), W_HELD),
	YES(pwritev, A(FD, P, V, V, V), W_HELD),
	YES(rt_tgsigqueueinfo, A(V, V, V, P), W_SIG),
	NO(perf_event_open, EPERM, A(P, V, V, FD, V),
	    "a large source of kernel bugs; watches other processes"),
	YES(recvmmsg, A(FD, P, V, V, P), W_HELD),
	NO(fanotify_init, EPERM, A(V, V), "watches, and opens, other files"),
	NO(fanotify_mark, EPERM, A(FD, V, V, DIR, PATH),
	    "watches, and opens, other files"),
	ARGS(prlimit64, A(V, V, P, P),
	    "the caller's own; another process's may be read, not set "
	    "(sysargs)"),
	LOOKS(name_to_handle_at, A(DIR, PATH, P, P, V), 4, HANDLE),
	NO(open_by_handle_at, EPERM, A(FD, P, V), "opens without a name"),
	YES(clock_adjtime, A(V, P), W_CRED),
	YES(syncfs, A(FD), "changes no content"),
	SENDS(sendmmsg, SENDMMSG, A(FD, P, V, V),
	    "without `allow net` no socket that could use an address exists, "
	    "but one that was inherited"),
	NO(setns, EPERM, A(FD, V), "changes what paths and numbers mean"),
	YES(getcpu, A(P, P, P), W_OWN),
	YES(process_vm_readv, A(V, P, V, P, V, V), W_PEER),
	YES(process_vm_writev, A(V, P, V, P, V, V), W_PEER),
	YES(kcmp, A(V, V, V, V, V), W_PEER),
	NO(finit_module, EPERM, A(FD, P, V), W_MOD),
	YES(sched_setattr, A(V, P, V), W_SCHED),
	YES(sched_getattr, A(V, P, V, V), W_INFO),
	FILES(renameat2, A(DIR, PATH, DIR, PATH, V), 4, ST_NEVER, RENAME,
	    RN_RENAME),
	YES(seccomp, A(V, V, P),
	    "filters add up and can only refuse more; a listener would take "
	    "our notifications (sysargs)"),
	YES(getrandom, A(OUT, V, V), W_INFO),
	YES(memfd_create, A(P, V), W_OWN),
	NO(kexec_file_load, EPERM, A(FD, FD, V, P, V), W_MOD),
	NO(bpf, EPERM, A(V, P, V), W_MOD),
	EXEC(execveat, A(DIR, PATH, ARG_ARGV, P, V), 4),
	NO(userfaultfd, EPERM, A(V),
	    "a page that never comes would stall who reads the caller"),
	YES(membarrier, A(V, V, V), W_OWN),
	YES(mlock2, A(V, V, V), W_OWN),
	YES(copy_file_range, A(FD, P, FD, P, V, V), W_HELD),
	YES(preadv2, A(FD, P, V, V, V, V), W_HELD),
	{ .se_name = "pwritev2", .se_nr = __NR_pwritev2, .se_disp = SYS_ALLOW,
	    .se_args = A(FD, P, V, V, V, V), .se_flagarg = FLAGS_NONE,
	    .se_handler = SYSH_APPEND, .se_rights = R_APPENDING,
	    .se_tiers = TIER_BROKER, .se_why = W_HELD },
	CODE(pkey_mprotect, A(V, V, V, V)),
	YES(pkey_alloc, A(V, V), W_OWN),
	YES(pkey_free, A(V), W_OWN),
	LOOKS(statx, A(DIR, PATH, V, V, ARG_STATX), 2, STAT),
	YES(io_pgetevents, A(V, V, V, P, P, P), W_OWN),
	YES(rseq, A(P, V, V, V), W_OWN),
	YES(uretprobe, A(ARG_NONE),
	    "made by the kernel's own trampoline; kills any other caller"),
	YES(uprobe, A(ARG_NONE),
	    "made by the kernel's own trampoline; ENXIO to any other caller"),

	/* 424: since 5.1, the same numbers on every architecture */
	YES(pidfd_send_signal, A(FD, V, P, V), W_SIG),
	NO(io_uring_setup, ENOSYS, A(V, P), W_URING),
	NO(io_uring_enter, ENOSYS, A(FD, V, V, V, P, V), W_URING),
	NO(io_uring_register, ENOSYS, A(FD, V, P, V), W_URING),
	NO(open_tree, EPERM, A(DIR, PATH, V), W_MOUNT),
	NO(move_mount, EPERM, A(DIR, PATH, DIR, PATH, V), W_MOUNT),
	NO(fsopen, EPERM, A(P, V), W_MOUNT),
	NO(fsconfig, EPERM, A(FD, V, P, P, V), W_MOUNT),
	NO(fsmount, EPERM, A(FD, V, V), W_MOUNT),
	NO(fspick, EPERM, A(DIR, PATH, V), W_MOUNT),
	YES(pidfd_open, A(V, V), "a name for a process; each use is checked"),
	NO(clone3, ENOSYS, A(P, V),
	    "its flags are in memory, out of a filter's reach; the C library "
	    "falls back to clone"),
	YES(close_range, A(V, V, V), W_WAIT),
	OPENHOW(openat2, A(DIR, PATH, ARG_HOW, V)),
	YES(pidfd_getfd, A(FD, V, V), W_PEER),
	LOOKS(faccessat2, A(DIR, PATH, V, V), 3, ACCESS),
	YES(process_madvise, A(FD, P, V, V, V), W_PEER),
	YES(epoll_pwait2, A(FD, P, V, P, P, V), W_HELD),
	NO(mount_setattr, EPERM, A(DIR, PATH, V, P, V), W_MOUNT),
	NO(quotactl_fd, EPERM, A(FD, V, V, P), W_PRIV),
	NO(landlock_create_ruleset, EOPNOTSUPP, A(P, V, V), W_NESTS),
	NO(landlock_add_rule, EOPNOTSUPP, A(FD, V, P, V), W_NESTS),
	NO(landlock_restrict_self, EOPNOTSUPP, A(FD, V), W_NESTS),
	NO(memfd_secret, ENOSYS, A(V),
	    "the receiver could not read arguments that are in it"),
	YES(process_mrelease, A(FD, V),
	    "frees the memory of a process that is already being killed"),
	YES(futex_waitv, A(P, V, V, P, V), W_OWN),
	YES(set_mempolicy_home_node, A(V, V, V, V), W_OWN),
	YES(cachestat, A(FD, P, P, V), W_HELD),
	ATTR(fchmodat2, A(DIR, PATH, V, V), 3, CHMOD, R_CHMOD),
	YES(map_shadow_stack, A(V, V, V), W_OWN),
	YES(futex_wake, A(P, V, V, V), W_OWN),
	YES(futex_wait, A(P, V, V, V, P, V), W_OWN),
	YES(futex_requeue, A(P, V, V, V), W_OWN),
	YES(statmount, A(P, P, V, V), W_INFO),
	YES(listmount, A(P, P, V, V), W_INFO),
	YES(lsm_get_self_attr, A(V, P, P, V), W_OWN),
	NO(lsm_set_self_attr, EPERM, A(V, P, V, V),
	    "changes the security label executables are run under"),
	YES(lsm_list_modules, A(P, P, V), W_INFO),
	YES(mseal, A(V, V, V), W_OWN),
	ATTR(setxattrat, A(DIR, PATH, V, ARG_NAME, ARG_HOW, V), 2, XATTR,
	    R_XATTR),
	LOOKS(getxattrat, A(DIR, PATH, V, ARG_NAME, ARG_HOW, V), 2, GETXATTR),
	LOOKS(listxattrat, A(DIR, PATH, V, OUT, V), 2, GETXATTR),
	ATTR(removexattrat, A(DIR, PATH, V, ARG_NAME), 2, XATTR, R_XATTR),
	NO(open_tree_attr, EPERM, A(DIR, PATH, V, P, V), W_MOUNT),
	LOOKS(file_getattr, A(DIR, PATH, OUT, V, V), 4, GETATTR),
	ATTR(file_setattr, A(DIR, PATH, ARG_HOW, V, V), 4, SETATTR, R_XATTR)
};
const size_t sysent_count = sizeof(sysent) / sizeof(sysent[0]);

/* An argument predicate: call, argument, op, mask, value, verdict, why. */
#define ARG(n, a, op, m, v, disp, e, why)				\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_disp = SYS_##disp,	\
	    .sa_errno = (e), .sa_why = why }
#define ARG_IF(n, a, op, m, v, when, disp, e, why)			\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_when = (when),		\
	    .sa_disp = SYS_##disp, .sa_errno = (e), .sa_why = why }
/* The same on all 64 bits: pointers. */
#define ARG_WIDE(n, a, op, v, when, disp, e, why)			\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_wide = 1, .sa_mask = UINT64_MAX, .sa_value = (v),	\
	    .sa_when = (when), .sa_disp = SYS_##disp, .sa_errno = (e),	\
	    .sa_why = why }
/* With rules about the network, given one of the bits net (0: always). */
#define ARG_NET(n, a, op, m, v, net, disp, e, why)			\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_when = SA_RULED,	\
	    .sa_net = (net), .sa_disp = SYS_##disp, .sa_errno = (e),	\
	    .sa_why = why }
#define ARG_NETAND(n, a, op, m, v, net)					\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_when = SA_RULED,	\
	    .sa_net = (net), .sa_and = 1, .sa_why = "and" }
/* Where the names of local sockets are looked up: with the next row. */
#define ARG_NETLOOK(n, a, op, m, v)					\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_when = SA_SOUGHT,	\
	    .sa_and = 1, .sa_why = "and" }
#define ARG_NETWIDE(n, a, op, v, net, disp, e, why)			\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_wide = 1, .sa_mask = UINT64_MAX, .sa_value = (v),	\
	    .sa_when = SA_RULED, .sa_net = (net), .sa_disp = SYS_##disp, \
	    .sa_errno = (e), .sa_why = why }
/*
 * socket(2) of a kind: domain, type, protocol, each compared.  AF_INET and
 * AF_INET6 differ in one bit.
 */
#define SOCK_KIND(d, dm, type, proto, pm, kind)				\
	ARG_NETAND(socket, 0, EQ, dm, d, kind),				\
	ARG_NETAND(socket, 1, EQ, SOCK_TYPE_BITS, type, kind),		\
	ARG_NET(socket, 2, EQ, pm, proto, kind, ALLOW, 0, W_KIND)
#define SOCK_IP(type, proto, kind)					\
	SOCK_KIND(AF_INET, M32_IP, type, proto, M32, kind)
#define SOCK_LOCAL(type, net, why)					\
	ARG_NETAND(socket, 0, EQ, M32, AF_UNIX, net),			\
	ARG_NET(socket, 1, EQ, SOCK_TYPE_BITS, type, net, ALLOW, 0, why)
#define NO_SOCKOPT(call, level, name, why)				\
	ARG_NETAND(call, 1, EQ, M32, level, 0),				\
	ARG_NET(call, 2, EQ, M32, name, 0, REFUSE, EPERM, why)
/* A group joined: the network is told of it, and anybody's messages come. */
#define NO_GROUP(level, name)						\
	ARG_NETAND(setsockopt, 1, EQ, M32, level, NETF_NOGROUPS),	\
	ARG_NET(setsockopt, 2, EQ, M32, name, NETF_NOGROUPS, REFUSE,	\
	    EACCES, W_GROUP)
#define NO_IOCTL(v, e, why)						\
	{ .sa_nr = __NR_ioctl, .sa_arg = 1, .sa_op = SYSOP_EQ,		\
	    .sa_mask = M32, .sa_value = (v), .sa_disp = SYS_REFUSE,	\
	    .sa_errno = (e), .sa_why = why }
#define M32	0xffffffffULL
#define M32_IP	(M32 & ~(uint64_t)(AF_INET ^ AF_INET6))
_Static_assert((AF_INET ^ AF_INET6) == 8 && (AF_INET & 8) == 0,
    "one comparison for two families");

/* linux/in.h, linux/socket.h, linux/sctp.h, linux/in6.h */
#define PROTO_MPTCP	262
#define PROTO_SMC	256
#define FAMILY_SMC	43
#define SOCK_DIAG		4	/* NETLINK_SOCK_DIAG */
#define OPT_IP_JOIN		35	/* IP_ADD_MEMBERSHIP */
#define OPT_IP_JOIN_SOURCE	39	/* IP_ADD_SOURCE_MEMBERSHIP */
#define OPT_IP6_JOIN		20	/* IPV6_ADD_MEMBERSHIP */
#define OPT_IP6_JOIN_ANYCAST	27
#define OPT_GROUP_JOIN		42	/* MCAST_JOIN_GROUP, of both */
#define OPT_GROUP_JOIN_SOURCE	46
#define OPT_2292PKTOPTIONS	6
#define OPT_2292RTHDR	5
#define OPT_RTHDR	57
#define OPT_V6_HDRINCL	36
#define LEVEL_SCTP	132
#define OPT_TCP_ULP	31		/* linux/tcp.h */
#define OPT_SCTP_BINDX_ADD	100
#define OPT_SCTP_CONNECTX_OLD	107
#define OPT_SCTP_CONNECTX	110
#define OPT_SCTP_CONNECTX3	111
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x00000080
#endif
#define NEWNS	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | \
		    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#ifndef SHM_EXEC
#define SHM_EXEC		0100000	/* linux/shm.h */
#endif
#define SOCK_TYPE_BITS		0xf	/* SOCK_TYPE_MASK, linux/net.h */
#define READ_IMPLIES_EXEC	0x0400000	/* linux/personality.h */
#define IOPRIO_PROCESS		1	/* IOPRIO_WHO_PROCESS, linux/ioprio.h */
#define IOC_TYPE		0xff00	/* which driver defined a request */
#define IOC_BTRFS		0x9400	/* shared with FICLONE, linux/fs.h */
#define IOC_BCACHEFS		0xbc00
#define IOC_USERFAULTFD_NEW	0xaa00	/* linux/userfaultfd.h, 6.1 */
#define IOC_EXT4_SETVERSION	_IOW('f', 4, long)	/* fs/ext4/ext4.h */
#define IOC_OCFS2_REFLINK	_IOC(_IOC_WRITE, 'o', 4, 24) /* ocfs2_ioctl.h */
/* With a struct space_resv of 48 bytes: include/linux/falloc.h. */
#define FS_IOC_RESVSP		_IOC(_IOC_WRITE, 'X', 40, 48)
#define FS_IOC_UNRESVSP		_IOC(_IOC_WRITE, 'X', 41, 48)
#define FS_IOC_RESVSP64		_IOC(_IOC_WRITE, 'X', 42, 48)
#define FS_IOC_UNRESVSP64	_IOC(_IOC_WRITE, 'X', 43, 48)
#define FS_IOC_ZERO_RANGE	_IOC(_IOC_WRITE, 'X', 57, 48)
#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND		0x00000020	/* linux/fs.h, 6.9 */
#endif
#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER		0x59616d61
#endif

#define W_TTY	"puts words in the mouth of whoever reads the terminal next"
#define W_XW	"memory that can be written is not executed"
#define W_XSHARED "what others can write is not executed"
#define W_XMADE	"memory does not become executable"
#define W_XASK	"... but of some programs, or somebody wants to read of it"
#define W_FLAG	"changes a file that is open for reading only; Landlock " \
		"does not see it"
#define W_SPACE	"an old name of fallocate(2), which can be notified"
#define W_CRYPT	"keys of a file system are shared with the same uid"
#define W_SUBV	"subvolume calls make and remove trees behind Landlock's " \
		"back: a snapshot gives hidden files a new name"

/*
 * What an open is by its flags: the rights it may need, so that the others'
 * tier does not concern it.  The last row always holds.
 */
#define ARG_RIGHTS(n, a, op, m, v, r, why)				\
	{ .sa_nr = __NR_##n, .sa_arg = (a), .sa_op = SYSOP_##op,	\
	    .sa_mask = (m), .sa_value = (v), .sa_disp = SYS_FILES,	\
	    .sa_rights = (r) | R_WALK, .sa_why = why }
#define ARGS_OPEN(n, a)							\
	ARG_RIGHTS(n, a, EQ, OPEN_BITS, O_RDONLY, R_READ | R_READDIR,	\
	    "reads a file or a directory"),				\
	ARG_RIGHTS(n, a, EQ, OPEN_BITS, O_RDONLY | O_DIRECTORY,		\
	    R_READDIR, "reads a directory"),				\
	ARG_RIGHTS(n, a, ANYSET, O_PATH, 0, R_READ | R_WRITE | R_READDIR | \
	    R_STAT, "a place, for later calls"),			\
	ARG(n, a, EQ, O_ACCMODE, O_ACCMODE, NOTIFY, 0,			\
	    "neither reads nor writes: Landlock asks for no right, and a " \
	    "device is opened all the same"),				\
	ARG_RIGHTS(n, a, ANYSET, TMPFILE_BIT, 0, R_MKTEMP,		\
	    "a file without a name"),					\
	ARG_RIGHTS(n, a, EQ, O_CREAT | O_TRUNC | O_ACCMODE, O_WRONLY,	\
	    R_WRITE, "writes a file"),					\
	ARG_RIGHTS(n, a, EQ, O_CREAT | O_ACCMODE, O_WRONLY,		\
	    R_WRITE | R_TRUNCATE, "empties and writes a file"),		\
	ARG_RIGHTS(n, a, EQ, O_CREAT | O_ACCMODE, O_CREAT | O_WRONLY,	\
	    R_CREATE | R_WRITE | R_TRUNCATE, "may make a file"),	\
	ARG_RIGHTS(n, a, ANYSET, O_CREAT, 0, R_CREATE | R_READ |	\
	    R_WRITE | R_TRUNCATE | R_READDIR, "may make a file"),	\
	ARG_RIGHTS(n, a, EQ, 0, 0, R_READ | R_WRITE | R_TRUNCATE,	\
	    "reads and writes a file")
#define OPEN_BITS	(O_ACCMODE | O_CREAT | O_TRUNC | O_PATH | \
			    O_TMPFILE)
#define TMPFILE_BIT	(O_TMPFILE & ~O_DIRECTORY)

/* Sorted by number; within a call the first that matches decides. */
const struct sysarg sysargs[] = {
	ARGS_OPEN(open, 1),

	ARG_IF(mmap, 2, EQ, PROT_EXEC, 0, SA_CODE, ALLOW, 0, W_OWN),
	ARG_IF(mmap, 2, EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC,
	    SA_WX, REFUSE, EACCES, W_XW),
	ARG_IF(mmap, 2, EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC,
	    SA_WXASK, NOTIFY, 0, W_XW W_XASK),
	ARG_IF(mmap, 3, ANYSET, MAP_SHARED, 0, SA_WX, REFUSE, EACCES,
	    W_XSHARED),
	ARG_IF(mmap, 3, ANYSET, MAP_SHARED, 0, SA_WXASK, NOTIFY, 0,
	    W_XSHARED W_XASK),
	ARG_IF(mmap, 3, ANYSET, MAP_ANONYMOUS, 0, SA_CODE, ALLOW, 0,
	    "no file"),
	ARG_IF(mmap, 0, EQ, 0, 0, SA_CODE, NOTIFY, 0,
	    "a file: is it a library"),

	ARG_IF(mprotect, 2, ANYSET, PROT_EXEC, 0, SA_WX, REFUSE, EACCES,
	    W_XMADE),
	ARG_IF(mprotect, 2, ANYSET, PROT_EXEC, 0, SA_WXASK, NOTIFY, 0,
	    W_XMADE W_XASK),

	NO_IOCTL(TIOCSTI, EPERM, W_TTY),
	NO_IOCTL(TIOCLINUX, EPERM, W_TTY),
	NO_IOCTL(TIOCCONS, EPERM, "takes the console's output"),
	NO_IOCTL(TIOCSETD, EPERM,
	    "loads line disciplines, a source of kernel bugs"),
	NO_IOCTL(IOC_USERFAULTFD_NEW, EPERM,
	    "a page that never comes would stall who reads the caller"),
	NO_IOCTL(FS_IOC_SETFLAGS, EPERM, W_FLAG),
	NO_IOCTL(FS_IOC_FSSETXATTR, EPERM, W_FLAG),
	NO_IOCTL(FS_IOC_SETVERSION, EPERM, W_FLAG),
	NO_IOCTL(IOC_EXT4_SETVERSION, EPERM, W_FLAG),
	NO_IOCTL(FS_IOC_ENABLE_VERITY, EOPNOTSUPP, W_FLAG),
	NO_IOCTL(FAT_IOCTL_SET_ATTRIBUTES, EPERM, W_FLAG),
	NO_IOCTL(FS_IOC_SET_ENCRYPTION_POLICY, EPERM, W_FLAG),
	NO_IOCTL(FS_IOC_ADD_ENCRYPTION_KEY, EPERM, W_CRYPT),
	NO_IOCTL(FS_IOC_REMOVE_ENCRYPTION_KEY, EPERM, W_CRYPT),
	NO_IOCTL(FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS, EPERM, W_CRYPT),
	NO_IOCTL(FS_IOC_RESVSP, EOPNOTSUPP, W_SPACE),
	NO_IOCTL(FS_IOC_RESVSP64, EOPNOTSUPP, W_SPACE),
	NO_IOCTL(FS_IOC_UNRESVSP, EOPNOTSUPP, W_SPACE),
	NO_IOCTL(FS_IOC_UNRESVSP64, EOPNOTSUPP, W_SPACE),
	NO_IOCTL(FS_IOC_ZERO_RANGE, EOPNOTSUPP, W_SPACE),
	NO_IOCTL(IOC_OCFS2_REFLINK, ENOTTY,
	    "takes two paths that Landlock does not see"),
	ARG(ioctl, 1, EQ, M32, TIOCGPTPEER, NOTIFY, 0,
	    "opens the other side of a pseudo-terminal the caller made; by "
	    "name no rule could tell it from the user's others"),
	ARG(ioctl, 1, EQ, M32, FICLONE, ALLOW, 0, W_HELD),
	ARG(ioctl, 1, EQ, M32, FICLONERANGE, ALLOW, 0, W_HELD),
	ARG(ioctl, 1, EQ, M32, FIDEDUPERANGE, ALLOW, 0, W_HELD),
	ARG(ioctl, 1, EQ, IOC_TYPE, IOC_BTRFS, REFUSE, ENOTTY, W_SUBV),
	ARG(ioctl, 1, EQ, IOC_TYPE, IOC_BCACHEFS, REFUSE, ENOTTY, W_SUBV),

	ARG_IF(shmat, 2, ANYSET, SHM_EXEC, 0, SA_WX, REFUSE, EACCES,
	    W_XSHARED),
	ARG_IF(shmat, 2, ANYSET, SHM_EXEC, 0, SA_WXASK, REFUSE, EACCES,
	    W_XSHARED),

	ARG_IF(socket, 0, EQ, M32, AF_UNIX, SA_NET, ALLOW, 0,
	    "`allow net` includes local sockets"),
	ARG_IF(socket, 0, EQ, M32, AF_INET, SA_NET, ALLOW, 0, "`allow net`"),
	ARG_IF(socket, 0, EQ, M32, AF_INET6, SA_NET, ALLOW, 0, "`allow net`"),
	ARG_NETLOOK(socket, 0, EQ, M32, AF_NETLINK),
	ARG_IF(socket, 2, EQ, M32, SOCK_DIAG, SA_SOUGHT, REFUSE,
	    EPROTONOSUPPORT, "lists the names of all local sockets"),
	ARG_IF(socket, 0, EQ, M32, AF_NETLINK, SA_NET, ALLOW, 0,
	    "name lookup asks for the interfaces"),
	ARG_IF(socket, 0, EQ, 0, 0, SA_NET, REFUSE, EAFNOSUPPORT,
	    "every other family: rarely used, a source of kernel bugs"),

	ARG_IF(socket, 0, NE, M32, AF_UNIX, SA_NONET, NOTIFY, 0, W_SOCK),
	ARG_IF(socket, 1, EQ, SOCK_TYPE_BITS, SOCK_STREAM, SA_NONET, ALLOW, 0,
	    "good for nothing while connect and bind are refused"),
	ARG_IF(socket, 1, EQ, SOCK_TYPE_BITS, SOCK_SEQPACKET, SA_NONET, ALLOW,
	    0, "good for nothing while connect and bind are refused"),

	SOCK_LOCAL(SOCK_DGRAM, NETF_DGRAM, "some rule lets it send"),
	SOCK_LOCAL(SOCK_RAW, NETF_DGRAM, "the same, unix(7)"),
	ARG_NET(socket, 0, EQ, M32, AF_UNIX, NETF_NOLOCAL, REFUSE, EACCES,
	    "connect or bind is the kernel's, which sees no local names"),
	SOCK_LOCAL(SOCK_STREAM, 0, "no more than connect and bind allow"),
	SOCK_LOCAL(SOCK_SEQPACKET, 0, "no more than connect and bind allow"),
	ARG_NETAND(socket, 0, EQ, M32, AF_NETLINK, 0),
	ARG_NET(socket, 2, EQ, M32, 0, 0, ALLOW, 0,
	    "NETLINK_ROUTE: name lookup asks for the interfaces"),
	ARG_NET(socket, 0, EQ, M32, AF_NETLINK, 0, REFUSE, EPROTONOSUPPORT,
	    "other tables of the kernel's"),
	SOCK_IP(SOCK_STREAM, 0, NETK_TCP),
	SOCK_IP(SOCK_STREAM, IPPROTO_TCP, NETK_TCP),
	SOCK_IP(SOCK_DGRAM, 0, NETK_UDP),
	SOCK_IP(SOCK_DGRAM, IPPROTO_UDP, NETK_UDP),
	SOCK_IP(SOCK_STREAM, PROTO_MPTCP, NETK_MPTCP),
	SOCK_IP(SOCK_STREAM, IPPROTO_SCTP, NETK_SCTP),
	SOCK_IP(SOCK_SEQPACKET, IPPROTO_SCTP, NETK_SCTP),
	SOCK_IP(SOCK_SEQPACKET, 0, NETK_SCTP),
	SOCK_IP(SOCK_DCCP, IPPROTO_DCCP, NETK_DCCP),
	SOCK_IP(SOCK_DCCP, 0, NETK_DCCP),
	SOCK_IP(SOCK_DGRAM, IPPROTO_UDPLITE, NETK_UDPLITE),
	SOCK_IP(SOCK_STREAM, PROTO_SMC, NETK_SMC),
	SOCK_KIND(FAMILY_SMC, M32, SOCK_STREAM, 0, 0, NETK_SMC),
	SOCK_KIND(AF_INET, M32, SOCK_DGRAM, IPPROTO_ICMP, M32, NETK_ICMP),
	SOCK_KIND(AF_INET6, M32, SOCK_DGRAM, IPPROTO_ICMPV6, M32, NETK_ICMP),
	ARG_NETAND(socket, 0, EQ, M32_IP, AF_INET, NETK_RAW),
	ARG_NETAND(socket, 1, EQ, SOCK_TYPE_BITS, SOCK_RAW, NETK_RAW),
	ARG_NET(socket, 2, EQ, M32, IPPROTO_RAW, NETK_RAW, NOTIFY, 0,
	    W_HEADER),
	SOCK_KIND(AF_INET, M32_IP, SOCK_RAW, 0, 0, NETK_RAW),
	ARG_NETAND(socket, 0, NE, M32, AF_UNIX, 0),
	ARG_NET(socket, 0, NE, M32_IP, AF_INET, 0, REFUSE, EAFNOSUPPORT,
	    "every other family: rarely used, a source of kernel bugs"),

	ARG_NET(connect, 0, EQ, 0, 0, NETF_CONNECT, ALLOW, 0,
	    "Landlock holds it, or nobody has to"),
	ARG_NET(accept, 0, EQ, 0, 0, NETF_ACCEPT, ALLOW, 0,
	    "whoever connects may"),
	ARG_NET(accept, 0, EQ, 0, 0, NETF_PEERS, NOTIFY, 0,
	    "not every peer may connect"),

	ARG_WIDE(sendto, 4, NE, 0, SA_NONET, REFUSE, EACCES,
	    "names an address"),
	ARG_WIDE(sendto, 4, EQ, 0, SA_SOUGHT, ALLOW, 0,
	    "names no address"),
	ARG_NETWIDE(sendto, 4, EQ, 0, 0, ALLOW, 0,
	    "names no address"),
	ARG_NET(sendto, 3, ANYSET, MSG_FASTOPEN, 0, NETF_FASTOPEN, NOTIFY, 0,
	    "connects as well"),
	ARG_NET(sendto, 0, EQ, 0, 0, NETF_SENDTO, NOTIFY, 0,
	    "names an address"),

	ARG_NET(sendmsg, 0, EQ, 0, 0, NETF_SENDMSG, NOTIFY, 0,
	    "may name an address, in memory"),
	ARG_NET(sendmsg, 2, ANYSET, MSG_FASTOPEN, 0, NETF_FASTOPEN, REFUSE,
	    EOPNOTSUPP, "would connect: as with TCP fast open switched off"),

	ARG_NET(bind, 0, EQ, 0, 0, NETF_BIND, ALLOW, 0,
	    "Landlock holds it, or nobody has to"),

	ARG_NET(listen, 0, EQ, 0, 0, NETF_LISTEN, ALLOW, 0,
	    "nobody has to look"),
	ARG_NET(listen, 0, EQ, 0, 0, 0, NOTIFY, 0,
	    "binds what is not bound, and decides who may connect"),

	ARG(socketpair, 0, NE, M32, AF_UNIX, REFUSE, EACCES,
	    "no other family makes a pipe"),
	ARG(socketpair, 1, EQ, SOCK_TYPE_BITS, SOCK_STREAM, ALLOW, 0,
	    "stays connected: a pipe"),
	ARG(socketpair, 1, EQ, SOCK_TYPE_BITS, SOCK_SEQPACKET, ALLOW, 0,
	    "stays connected: a pipe"),
	ARG_NET(socketpair, 1, EQ, SOCK_TYPE_BITS, SOCK_DGRAM, NETF_DGRAM,
	    ALLOW, 0, "what else it sends to is asked about"),

	NO_GROUP(IPPROTO_IP, OPT_IP_JOIN),
	NO_GROUP(IPPROTO_IP, OPT_IP_JOIN_SOURCE),
	NO_GROUP(IPPROTO_IP, OPT_GROUP_JOIN),
	NO_GROUP(IPPROTO_IP, OPT_GROUP_JOIN_SOURCE),
	NO_GROUP(IPPROTO_IPV6, OPT_IP6_JOIN),
	NO_GROUP(IPPROTO_IPV6, OPT_IP6_JOIN_ANYCAST),
	NO_GROUP(IPPROTO_IPV6, OPT_GROUP_JOIN),
	NO_GROUP(IPPROTO_IPV6, OPT_GROUP_JOIN_SOURCE),
	NO_SOCKOPT(setsockopt, IPPROTO_IP, IP_OPTIONS, W_ROUTE),
	NO_SOCKOPT(setsockopt, IPPROTO_IP, IP_HDRINCL, W_HEADER),
	NO_SOCKOPT(setsockopt, IPPROTO_IPV6, OPT_V6_HDRINCL, W_HEADER),
	/* takes the options of the level above too: net/ipv6/raw.c */
	NO_SOCKOPT(setsockopt, IPPROTO_RAW, OPT_V6_HDRINCL, W_HEADER),
	ARG_NETAND(setsockopt, 1, EQ, M32, IPPROTO_TCP, 0),
	ARG_NET(setsockopt, 2, EQ, M32, OPT_TCP_ULP, 0, REFUSE, ENOENT,
	    "smc makes of a TCP socket one that Landlock does not see; as "
	    "without the module"),
	NO_SOCKOPT(setsockopt, IPPROTO_IPV6, OPT_2292RTHDR, W_ROUTE),
	NO_SOCKOPT(setsockopt, IPPROTO_IPV6, OPT_2292PKTOPTIONS, W_ROUTE),
	NO_SOCKOPT(setsockopt, IPPROTO_IPV6, OPT_RTHDR, W_ROUTE),
	NO_SOCKOPT(setsockopt, LEVEL_SCTP, OPT_SCTP_BINDX_ADD, W_ROUTE),
	NO_SOCKOPT(setsockopt, LEVEL_SCTP, OPT_SCTP_CONNECTX_OLD, W_ROUTE),
	NO_SOCKOPT(setsockopt, LEVEL_SCTP, OPT_SCTP_CONNECTX, W_ROUTE),

	NO_SOCKOPT(getsockopt, LEVEL_SCTP, OPT_SCTP_CONNECTX3, W_ROUTE),

	/* In clone CLONE_NEWTIME's bit is part of the exit signal. */
	ARG(clone, 0, ANYSET, NEWNS, 0, REFUSE, EPERM,
	    "a namespace changes what paths and numbers mean"),
	ARG(clone, 0, ANYSET, CLONE_UNTRACED | CLONE_PTRACE, 0, REFUSE, EPERM,
	    "would decide who traces the child"),
	ARG_IF(clone, 0, EQ, CLONE_FILES | CLONE_THREAD, CLONE_FILES, SA_CODE,
	    REFUSE, EPERM, "a process that could exchange another's library "
	    "for a file of the same number: only threads share descriptors"),

	{ .sa_nr = __NR_fcntl, .sa_arg = 1, .sa_op = SYSOP_EQ, .sa_mask = M32,
	    .sa_value = F_SETFL, .sa_disp = SYS_FILES,
	    .sa_rights = R_APPENDING,
	    .sa_why = "may take back that all is appended" },
	ARG(fcntl, 1, EQ, M32, F_SETLEASE, REFUSE, EINVAL,
	    "stalls whoever opens the file; as on a file system without it"),

	ARG(personality, 0, EQ, M32, 0xffffffff, ALLOW, 0,
	    "the query: changes nothing"),
	ARG(personality, 0, ANYSET, READ_IMPLIES_EXEC, 0, REFUSE, EPERM,
	    "would make every readable mapping executable"),

	ARG(setpriority, 0, NE, M32, PRIO_PROCESS, REFUSE, EPERM,
	    "a group or a user includes outsiders"),
	ARG(setpriority, 1, NE, M32, 0, REFUSE, EPERM,
	    "by number: may be an outsider"),

	ARG(prctl, 0, EQ, M32, PR_SET_DUMPABLE, REFUSE, 0,
	    "succeeds, does nothing: the receiver must read the caller"),
	ARG(prctl, 0, EQ, M32, PR_SET_PTRACER, REFUSE, EINVAL,
	    "names a tracer; as on a kernel without Yama"),
	ARG(prctl, 0, EQ, M32, PR_SET_MM, REFUSE, EPERM,
	    "would change what /proc/PID/exe says"),

	ARG_IF(remap_file_pages, 0, EQ, 0, 0, SA_CODE, REFUSE, ENOSYS,
	    "obsolete; would map what mmap(2) was not asked for"),

	ARG(ioprio_set, 0, NE, M32, IOPRIO_PROCESS, REFUSE, EPERM,
	    "a group or a user includes outsiders"),
	ARG(ioprio_set, 1, NE, M32, 0, REFUSE, EPERM,
	    "by number: may be an outsider"),

	ARG(migrate_pages, 0, NE, M32, 0, REFUSE, EPERM,
	    "by number: may be an outsider"),

	ARGS_OPEN(openat, 2),

	ARG(unshare, 0, ANYSET, NEWNS | CLONE_NEWTIME, 0, REFUSE, EPERM,
	    "a namespace changes what paths and numbers mean"),

	ARG(move_pages, 0, NE, M32, 0, REFUSE, EPERM,
	    "by number: may be an outsider"),

	ARG_NET(accept4, 0, EQ, 0, 0, NETF_ACCEPT, ALLOW, 0,
	    "whoever connects may"),
	ARG_NET(accept4, 0, EQ, 0, 0, NETF_PEERS, NOTIFY, 0,
	    "not every peer may connect"),

	ARG_WIDE(prlimit64, 2, EQ, 0, SA_BOTH, ALLOW, 0, "only reads"),
	ARG(prlimit64, 0, NE, M32, 0, REFUSE, EPERM,
	    "by number: may be an outsider"),

	ARG_NET(sendmmsg, 0, EQ, 0, 0, NETF_SENDMSG, NOTIFY, 0,
	    "may name addresses, in memory"),
	ARG_NET(sendmmsg, 3, ANYSET, MSG_FASTOPEN, 0, NETF_FASTOPEN, REFUSE,
	    EOPNOTSUPP, "would connect: as with TCP fast open switched off"),

	ARG(seccomp, 1, ANYSET, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, REFUSE,
	    EBUSY, "as the kernel does when a listener exists"),

	{ .sa_nr = __NR_pwritev2, .sa_arg = 5, .sa_op = SYSOP_ANYSET,
	    .sa_mask = RWF_NOAPPEND, .sa_disp = SYS_FILES,
	    .sa_rights = R_APPENDING,
	    .sa_why = "writes elsewhere in what is open to be appended to" },
	ARG_IF(pkey_mprotect, 2, ANYSET, PROT_EXEC, 0, SA_WX, REFUSE, EACCES,
	    W_XMADE),
	ARG_IF(pkey_mprotect, 2, ANYSET, PROT_EXEC, 0, SA_WXASK, NOTIFY, 0,
	    W_XMADE W_XASK),

	ARG_IF(statmount, 0, EQ, 0, 0, SA_HIDING, REFUSE, ENOSYS, W_MOUNTS),
	ARG_IF(listmount, 0, EQ, 0, 0, SA_HIDING, REFUSE, ENOSYS, W_MOUNTS)
};
const size_t sysargs_count = sizeof(sysargs) / sizeof(sysargs[0]);

const struct sysent *
sysent_find(uint32_t nr)
{
	size_t	 lo = 0, hi = sysent_count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (sysent[mid].se_nr == nr)
			return (&sysent[mid]);
		if (sysent[mid].se_nr < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

size_t
sysent_out(const struct sysent *se, unsigned arg, const uint64_t args[6])
{
	if (arg >= 6)
		return (0);
	switch (se->se_args[arg]) {
	case ARG_OUT:
		return (arg == 5 ? 0 : (size_t)args[arg + 1]);
	case ARG_STAT:
		return (144);
	case ARG_STATX:
		return (256);
	case ARG_STATFS:
		return (120);
	}
	return (0);
}

/* Together with sysent_arch, all that is not the same on every processor. */
int64_t
sysent_result(const struct user_regs_struct *regs)
{
	return ((int64_t)regs->rax);
}

int
sysent_ruled(const struct sysent *se)
{
	return ((se->se_rights != 0 || se->se_net) &&
	    (se->se_tiers & TIER_BROKER) != 0);
}

const struct sysent *
sysent_byname(const char *name)
{
	size_t	 i;

	for (i = 0; i < sysent_count; i++) {
		if (strcmp(sysent[i].se_name, name) == 0)
			return (&sysent[i]);
	}
	return (NULL);
}
