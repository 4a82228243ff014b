/*
 * The system calls of each role, one row each, with the reason.  From it are
 * made the filters (mkjail.c) and the tests.  What is not here is refused.
 * Must never: hold code, or a row whose reason is "just in case".
 *
 * Everywhere: no open of more than the row says, no exec, no socket, no
 * memory that can be executed, no signal action for SIGSYS.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <linux/fsverity.h>
#include <linux/seccomp.h>
#include <signal.h>

#include "jail.h"

#define MON	(1U << ROLE_MONITOR)
#define REC	(1U << ROLE_RECEIVER)
#define POL	(1U << ROLE_POLICY)	/* the policy process alone */
#define LAN	(POL | 1U << ROLE_LANE)	/* a lane inherits policy's filter */
#define INT	(1U << ROLE_INTEGRITY)
#define LRN	(1U << ROLE_LEARN)
#define RES	(1U << ROLE_RESOLVER)
#define ALL	(MON | REC | LAN | INT | LRN | RES)

/* Widths as the kernel uses them: the upper half of an int is noise. */
#define W32	0xffffffffULL
#define W64	0xffffffffffffffffULL

#define CALL(roles, name, why) \
	{ roles, name, -1, 0, 0, 0, why }
#define ARG(roles, name, arg, mask, value, why) \
	{ roles, name, arg, mask, value, 0, why }
#define FAIL(roles, name, error, why) \
	{ roles, name, -1, 0, 0, error, why }

/* From <linux/ptrace.h>, which cannot be had beside <sys/ptrace.h>. */
#define REQ_SEIZE	0x4206
#define REQ_INTERRUPT	0x4207
#define REQ_GETREGSET	0x4204

/* What glibc's pthread_create() and fork() pass to clone(2) and others. */
#define CLONE_PTHREAD	0x3d0f00
#define CLONE_FORK	0x1200011
#define SIGSETXID	33		/* libc's own */

const struct jail_late jail_late[] = {
	{ "fchmodat2",	452 },		/* Linux 6.6 */
	{ "setxattrat",	463 },		/* Linux 6.13 */
	{ "file_getattr", 468 },	/* Linux 6.17 */
	{ "file_setattr", 469 },
};
const size_t jail_late_count = sizeof(jail_late) / sizeof(jail_late[0]);

const struct jail_row jail_table[] = {
	/* ---- what any C program does ---- */
	CALL(ALL, "brk", "malloc(3)"),
	ARG(ALL, "mmap", 2, PROT_EXEC, 0, "malloc(3); nothing executable"),
	CALL(ALL, "munmap", "free(3), the stack of an ended thread"),
	CALL(ALL, "mremap", "realloc(3); keeps the protection"),
	CALL(ALL, "madvise", "free(3), the stack of an ended thread"),
	CALL(ALL, "futex", "locks of libc; threads"),
	CALL(ALL, "clock_gettime", "when the vDSO cannot answer"),
	CALL(ALL, "gettimeofday", "when the vDSO cannot answer"),
	CALL(ALL, "rt_sigreturn", "end of a signal handler"),
	CALL(ALL, "restart_syscall", "a timed wait after stop and continue"),
	CALL(ALL, "exit_group", "_exit(2)"),
	CALL(ALL, "exit", "end of a thread"),
	CALL(ALL, "close", "descriptors that were received"),
	CALL(ALL, "recvmsg", "channels"),
	CALL(ALL & ~RES, "sendmsg", "channels; the SIGSYS handler"),
	CALL(MON | REC | LAN | RES, "getpid", "raise(3), pthread_kill(3); its "
	    "pid; arc4random(3)"),
	CALL(MON | REC, "gettid", "raise(3); name of a thread"),
	CALL(MON | REC | LAN | RES, "getrandom", "arc4random(3): hash seeds, "
	    "ids of queries"),

	/* ---- monitor: never sees a byte of the child ---- */
	CALL(MON, "epoll_wait", "libevent"),
	CALL(MON, "epoll_ctl", "libevent: a lane's channel comes and goes"),
	CALL(MON | REC | POL | LRN | RES, "poll", "wait for channels"),
	CALL(MON | REC | POL, "ppoll", "wait for channels and signals"),
	CALL(MON | REC | POL, "read", "signalfd, eventfd"),
	CALL(MON, "write", "log lines, to a descriptor opened at start"),
	CALL(MON, "writev", "the same; the SIGSYS handler"),
	ARG(MON, "socketpair", 0, W32, AF_UNIX, "the channels of a new lane"),
	ARG(MON, "getsockopt", 2, W32, SO_SNDBUF, "chan_pair()"),
	ARG(MON, "setsockopt", 2, W32, SO_SNDBUF, "chan_pair()"),
	CALL(MON, "rt_sigprocmask", "stop by ^Z when the child did"),
	CALL(MON, "kill", "end the roles; stop itself when the child stops"),
	CALL(MON, "tgkill", "raise(3)"),
	CALL(MON | REC | POL, "wait4", "roles; the child; lane workers"),
	CALL(MON | REC | POL, "waitid", "the same, by pidfd or type"),
	CALL(MON, "getppid", "is our own parent still there"),
	ARG(MON, "ioctl", 1, W32, TCGETS, "isatty(3), by stdio"),
	CALL(MON, "pread64", "/proc/self/task/TID/children, open"),
	CALL(MON, "lseek", "the same; stdio"),
	ARG(MON, "newfstatat", 3, W32, AT_EMPTY_PATH, "fstat(2), by stdio"),
	CALL(MON, "fstat", "by stdio"),
	CALL(MON, "rmdir", "the per-run directory, emptied by policy"),
	CALL(MON | REC, "rt_sigtimedwait", "the next death of a tree"),
	ARG(MON | REC | INT, "fcntl", 1, W32, F_GETFL, "checks a received fd"),
	ARG(MON | REC, "fcntl", 1, W32, F_SETFL, "O_NONBLOCK"),
	ARG(MON | REC, "fcntl", 1, W32, F_DUPFD_CLOEXEC, "keep a descriptor"),

	/* ---- receiver: touches the child, interprets nothing ---- */
	ARG(REC, "ioctl", 1, W32, SECCOMP_IOCTL_NOTIF_RECV, "next call"),
	ARG(REC, "ioctl", 1, W32, SECCOMP_IOCTL_NOTIF_SEND, "its answer"),
	ARG(REC, "ioctl", 1, W32, SECCOMP_IOCTL_NOTIF_ID_VALID,
	    "the copy is of the task that asked"),
	ARG(REC, "ioctl", 1, W32, SECCOMP_IOCTL_NOTIF_ADDFD,
	    "VERDICT_INJECT"),
	/* SECCOMP_IOCTL_NOTIF_SET_FLAGS, Linux 6.6 */
	ARG(REC, "ioctl", 1, W32, 0x40082104, "sync wake-up"),
	/* PIDFD_GET_INFO, Linux 6.15 */
	ARG(REC, "ioctl", 1, W32, 0xc040ff0b, "how a process ended"),
	CALL(REC, "epoll_wait", "which of the watched processes died"),
	CALL(REC, "epoll_ctl", "a process to watch; a dead one leaves by "
	    "close(2)"),
	ARG(REC, "statx", 2, W32, AT_EMPTY_PATH,
	    "which file is executed, and its mount"),
	CALL(REC, "getdents64", "/proc/TID/task: threads that map a library"),
	ARG(REC, "fcntl", 1, W32, F_SETLEASE, "is a library open for writing"),
	CALL(REC, "process_vm_readv", "arguments in the child's memory"),
	CALL(REC, "process_vm_writev", "results, into the buffers a call named"),
	CALL(REC, "pidfd_open", "the caller, for its descriptors"),
	CALL(REC, "pidfd_getfd", "a descriptor of the caller"),
	ARG(REC, "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, 0,
	    "/proc/TID, read-only; O_TMPFILE needs a write mode"),
	CALL(REC, "readlinkat", "/proc/TID/exe"),
	CALL(REC, "pread64", "/proc/TID files"),
	CALL(REC, "lseek", "/proc/TID files"),
	ARG(REC, "newfstatat", 3, W32, AT_EMPTY_PATH, "fstat(2)"),
	CALL(REC, "fstat", "/proc/TID files"),
	CALL(REC, "write", "eventfd; release the child"),
	ARG(REC, "ptrace", 0, W64, REQ_SEIZE, "before an exec continues"),
	ARG(REC, "ptrace", 0, W64, REQ_INTERRUPT, "exactly one stop"),
	ARG(REC, "ptrace", 0, W64, PTRACE_DETACH, "after the verdict"),
	ARG(REC, "ptrace", 0, W64, REQ_GETREGSET, "what a call returned"),
	CALL(REC, "kill", "end the child and what it left behind"),
	CALL(REC, "tgkill", "interrupt a lane or its worker"),
	ARG(REC, "tkill", 1, W32, SIGPIPE, "VERDICT_PIPE"),
	ARG(REC, "setsockopt", 2, W32, SO_RCVTIMEO, "watch a slow worker"),
	ARG(REC, "clone", 0, W64, CLONE_PTHREAD, "threads, not processes"),
	FAIL(REC, "clone3", ENOSYS, "pthread_create() then takes clone"),
	ARG(REC, "mprotect", 2, PROT_EXEC, 0, "thread stacks and arenas"),
	CALL(REC, "set_robust_list", "a new thread"),
	CALL(REC, "rseq", "a new thread"),
	CALL(REC, "rt_sigprocmask", "pthread_create() and thread end"),
	ARG(REC, "rt_sigaction", 0, W32, SIGSETXID, "the first thread: libc"),
	ARG(REC, "prctl", 0, W32, PR_SET_NAME, "name of a lane's thread"),
	CALL(REC, "timer_create", "a lane's: ends a wait for an exec event"),
	CALL(REC, "timer_settime", "the same"),
	CALL(REC, "timer_delete", "the same"),
	ARG(REC, "sched_setscheduler", 1, W32, SCHED_BATCH,
	    "a lane does not preempt the worker that wakes it"),
	CALL(REC, "sched_setaffinity", "the worker follows the lane's CPU"),
	CALL(REC, "sched_getaffinity", "which CPUs there are"),
	CALL(REC, "getcpu", "when the vDSO cannot answer"),

	/* ---- policy: forks lane workers, never sees a child byte ---- */
	ARG(POL, "clone", 0, W64, CLONE_FORK, "fork(2) of a lane worker"),
	CALL(POL, "set_robust_list", "in the child of fork(2)"),
	CALL(POL, "getppid", "a worker: was that still my parent"),
	ARG(POL, "prctl", 0, W32, PR_SET_PDEATHSIG, "a worker dies with it"),
	ARG(POL, "prctl", 0, W32, PR_SET_NAME, "name of a worker"),
	ARG(POL, "seccomp", 0, W32, SECCOMP_SET_MODE_FILTER,
	    "a worker adds its own filter"),
	ARG(POL, "rt_sigaction", 0, W32, SIGUSR1, "a worker's interruption"),
	CALL(POL, "rt_sigprocmask", "a worker unblocks SIGUSR1"),

	/* ---- lane worker: acts on the child's behalf, within the wall ---- */
	CALL(LAN, "openat2", "canonical opens; the child's own opens"),
	CALL(LAN, "openat", "steps of a path walk"),
	CALL(LAN, "readlinkat", "symbolic links of a path walk"),
	CALL(LAN, "newfstatat", "what a step is; SYSH_STAT"),
	CALL(LAN, "fstat", "the same by descriptor"),
	CALL(LAN, "statx", "mount identity of a step; SYSH_STAT"),
	CALL(LAN, "fstatfs", "is it procfs; SYSH_STATFS"),
	CALL(LAN, "faccessat", "what the credentials allow"),
	CALL(LAN, "faccessat2", "the same with flags; SYSH_ACCESS"),
	CALL(LAN, "getdents64", "empty the per-run directory; SYSH_LIST"),
	CALL(LAN, "getdents", "SYSH_LIST, of old programs"),
	CALL(LAN, "getxattr", "SYSH_GETXATTR, through /proc/self/fd"),
	CALL(LAN, "listxattr", "the same"),
	CALL(LAN, "file_getattr", "SYSH_GETATTR, through /proc/self/fd"),
	CALL(LAN, "name_to_handle_at", "SYSH_HANDLE, through /proc/self/fd"),
	CALL(LAN, "inotify_add_watch", "SYSH_WATCH, through /proc/self/fd"),
	CALL(LAN, "mkdirat", "SYSH_MKDIR"),
	CALL(LAN, "mknodat", "SYSH_MKNOD"),
	CALL(LAN, "unlinkat", "SYSH_UNLINK; the per-run directory"),
	CALL(LAN, "renameat", "renameat2(3) without flags"),
	CALL(LAN, "renameat2", "SYSH_RENAME"),
	CALL(LAN, "linkat", "SYSH_LINK"),
	CALL(LAN, "symlinkat", "SYSH_SYMLINK"),
	CALL(LAN, "ftruncate", "SYSH_TRUNCATE; SYSH_APPEND"),
	CALL(LAN, "fallocate", "SYSH_APPEND"),
	CALL(LAN, "truncate", "SYSH_TRUNCATE, through /proc/self/fd"),
	CALL(LAN, "fchmod", "SYSH_CHMOD"),
	CALL(LAN, "fchmodat", "SYSH_CHMOD, through /proc/self/fd"),
	CALL(LAN, "fchmodat2", "SYSH_CHMOD on an O_PATH descriptor"),
	CALL(LAN, "fchown", "SYSH_CHOWN"),
	CALL(LAN, "fchownat", "SYSH_CHOWN on an O_PATH descriptor"),
	CALL(LAN, "utimensat", "SYSH_UTIME"),
	CALL(LAN, "setxattr", "SYSH_XATTR, through /proc/self/fd"),
	CALL(LAN, "lsetxattr", "SYSH_XATTR of a symbolic link"),
	CALL(LAN, "fsetxattr", "SYSH_XATTR"),
	CALL(LAN, "removexattr", "SYSH_XATTR, through /proc/self/fd"),
	CALL(LAN, "lremovexattr", "SYSH_XATTR of a symbolic link"),
	CALL(LAN, "fremovexattr", "SYSH_XATTR"),
	ARG(LAN, "setxattrat", 5, W64, 0,
	    "does this kernel have it; without arguments it fails"),
	CALL(LAN, "file_setattr", "SYSH_SETATTR, through /proc/self/fd"),
	CALL(LAN, "pread64", "the #! line of a script"),
	CALL(LAN, "umask", "the caller's, for what is created"),
	ARG(LAN, "ioctl", 1, W32, TIOCGPTPEER, "SYSH_PTY"),
	/* sockets of the caller's; jail_nonet() takes them back */
	CALL(LAN, "connect", "SYSH_CONNECT"),
	CALL(LAN, "bind", "SYSH_BIND"),
	CALL(LAN, "listen", "SYSH_LISTEN"),
	CALL(LAN, "accept4", "SYSH_ACCEPT"),
	CALL(LAN, "sendto", "SYSH_SENDTO"),
	CALL(LAN, "getsockname", "is it bound, and to what"),
	CALL(LAN, "fchdir", "where a local socket's name is made"),
	ARG(LAN, "getsockopt", 2, W32, SO_DOMAIN, "what a socket is"),
	ARG(LAN, "getsockopt", 2, W32, SO_TYPE, "the same"),
	ARG(LAN, "getsockopt", 2, W32, SO_PROTOCOL, "the same"),
	ARG(LAN, "getsockopt", 2, W32, SO_SNDBUF, "how long may a message be"),
	ARG(LAN, "getsockopt", 2, W32, SO_SNDTIMEO, "is EINTR the answer"),
	ARG(LAN, "getsockopt", 2, W32, SO_RCVTIMEO, "the same"),
	CALL(LAN, "lseek", "a directory from its start"),
	CALL(LAN, "dup", "a descriptor that stays while another goes"),
	ARG(LAN, "fcntl", 1, W32, F_DUPFD_CLOEXEC, "the same"),
	ARG(LAN, "fcntl", 1, W32, F_SETFD, "fdopendir(3)"),
	ARG(LAN, "fcntl", 1, W32, F_GETFL, "what a descriptor is good for"),
	ARG(LAN, "fcntl", 1, W32, F_SETFL, "flags that an open came with; SYSH_APPEND"),

	/* ---- integrity: reads what it is handed ---- */
	CALL(INT, "epoll_wait", "libevent"),
	CALL(INT, "epoll_ctl", "libevent: a lane's channel comes and goes"),
	CALL(INT, "pread64", "the image"),
	ARG(INT, "sched_setaffinity", 0, W32, 0, "itself: follow the lanes"),
	CALL(INT, "lseek", "the image's size"),
	CALL(INT, "rt_sigprocmask", "READING_SIGNAL: it may have to wait"),
	CALL(INT, "fstat", "device, inode, owner, times of the image"),
	ARG(INT, "ioctl", 1, W32, FS_IOC_MEASURE_VERITY,
	    "its digest where the kernel keeps one"),
	CALL(INT, "fstatfs", "are its times to be trusted"),

	/* ---- learn: aggregates what was used, writes the policy ---- */
	CALL(LRN, "write", "the policy, to the descriptor it was handed"),

	/* ---- resolver: what is asked for names, and what is answered ---- */
	ARG(RES, "sendmsg", 0, W32 & ~(RESOLVER_FDS - 1ULL), 0,
	    "channels; the SIGSYS handler; none of its sockets"),
	ARG(RES, "sendto", 0, W32, RESOLVER_EAR, "an answer to the child"),
	ARG(RES, "sendto", 0, W32, RESOLVER_EAR + 1, "the same, IPv6"),
	CALL(RES, "write", "a query, to whom its socket is connected"),
	CALL(RES, "read", "an answer to it"),

#ifdef PRIVSEP_SAN
	/*
	 * The runtime of ASan and UBSan: reports, and threads.  Test builds
	 * only.  LeakSanitizer is off once a filter is in place (jail.c).
	 */
	CALL(LAN | INT, "sched_yield", "its locks"),
	CALL(ALL, "sigaltstack", "the stack of each thread's handlers"),
	CALL(ALL, "prlimit64", "bounds of a thread's stack"),
	CALL(ALL, "getrusage", "memory limits"),
	CALL(ALL, "sysinfo", "memory limits"),
	CALL(MON | LAN | INT, "sched_getaffinity", "bounds of a stack"),
	CALL(REC | LAN | INT, "writev", "a report, to stderr"),
	CALL(LAN | INT, "write", "a report, to stderr"),
	CALL(INT, "read", "a report: /proc/self/maps"),
	CALL(1U << ROLE_LANE, "read", "a report: /proc/self/maps"),
	ARG(ALL, "open", 1, O_ACCMODE | O_CREAT | O_TRUNC, 0,
	    "a report: /proc/self/maps"),
	ARG(MON | INT, "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, 0,
	    "a report: names and lines, from the program"),
	ARG(MON | REC | INT, "fcntl", 1, W32, F_SETFD, "the same"),
	ARG(MON | REC | INT, "newfstatat", 3, W32, AT_SYMLINK_NOFOLLOW,
	    "the same"),
	CALL(MON | INT, "readlinkat", "a report: /proc/self/exe"),
	CALL(ALL, "pipe2", "a report: can an address be read"),
	CALL(ALL, "readlink", "a report: /proc/self/exe"),
	CALL(INT, "getpid", "a report"),
	CALL(LAN | INT, "gettid", "a report"),
	ARG(MON | LAN | INT, "mprotect", 2, PROT_EXEC, 0, "shadow memory"),
#endif
};
const size_t jail_table_count = sizeof(jail_table) / sizeof(jail_table[0]);
