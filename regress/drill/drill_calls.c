/*
 * The system calls that would take a hostile role further, with arguments
 * that would do it.  A role that may make one by its table
 * (common/jail_table.c) is named in the row: what comes of that is tried among
 * what a role can do.
 */
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>

#include "../../proto/proto.h"
#include "drill.h"

#define MON	(1U << ROLE_MONITOR)
#define LRN	(1U << ROLE_LEARN)
#define REC	(1U << ROLE_RECEIVER)
#define POL	(1U << ROLE_POLICY)
#define LAN	(1U << ROLE_POLICY | 1U << ROLE_LANE)

const struct drill_call drill_calls[] = {
	{ "execve", 0, 0, SYS_execve, { A_PROG, A_ARGV, A_ARGV } },
	{ "execveat", 0, 0, SYS_execveat,
	    { AT_FDCWD, A_PROG, A_ARGV, A_ARGV, 0 } },
	{ "fork", POL, 0, SYS_clone, { 0x1200011, 0, 0, 0, 0 } },
	{ "vfork", 0, 0, SYS_vfork, { 0 } },
	{ "clone3", REC, 0, SYS_clone3, { A_BUF, 64 } },
	{ "clone of another kind", 0, 0, SYS_clone,
	    { SIGCHLD | 0x2000, 0, 0, 0, 0 } },
	{ "socket of the internet", 0, 0, SYS_socket,
	    { AF_INET, SOCK_STREAM, 0 } },
	{ "socket of UDP", 0, 0, SYS_socket, { AF_INET, SOCK_DGRAM, 0 } },
	{ "socket of UNIX", 0, 0, SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "socketpair", MON, 0, SYS_socketpair,
	    { AF_UNIX, SOCK_STREAM, 0, A_BUF } },
	{ "connect", 0, 0, SYS_connect, { A_CHAN, A_BUF, 16 } },
	{ "bind", 0, 0, SYS_bind, { A_CHAN, A_BUF, 16 } },
	{ "sendto", 0, 0, SYS_sendto, { A_CHAN, A_BUF, 1, 0, 0, 0 } },
	{ "sendmmsg", 0, 0, SYS_sendmmsg, { A_CHAN, A_BUF, 1, 0 } },
	{ "open", 0, 0, SYS_open, { A_SECRET, O_RDONLY, 0 } },
	{ "creat", 0, 0, SYS_creat, { A_NEW, 0644 } },
	{ "openat to read", REC | LAN, 0, SYS_openat,
	    { AT_FDCWD, A_SECRET, O_RDONLY, 0 } },
	{ "openat to write", LAN, 0, SYS_openat,
	    { AT_FDCWD, A_NEW, O_WRONLY | O_CREAT, 0644 } },
	{ "openat of O_TMPFILE", LAN, 0, SYS_openat,
	    { AT_FDCWD, A_BEYOND, O_TMPFILE | O_RDWR, 0644 } },
	{ "openat2", LAN, 0, SYS_openat2, { AT_FDCWD, A_SECRET, A_BUF, 24 } },
	{ "mkdirat", LAN, 0, SYS_mkdirat, { AT_FDCWD, A_NEW, 0755 } },
	{ "unlinkat", LAN, 0, SYS_unlinkat, { AT_FDCWD, A_SECRET, 0 } },
	{ "renameat2", LAN, 0, SYS_renameat2,
	    { AT_FDCWD, A_SECRET, AT_FDCWD, A_NEW, 0 } },
	{ "fchmodat", LAN, 0, SYS_fchmodat, { AT_FDCWD, A_SECRET, 0666 } },
	{ "write", REC | MON | LRN, 0, SYS_write, { A_CHAN, A_BUF, 1 } },
	{ "pwrite64", 0, 0, SYS_pwrite64, { A_CHAN, A_BUF, 1, 0 } },
	{ "sendfile", 0, 0, SYS_sendfile, { A_CHAN, 0, 0, 1 } },
	{ "splice", 0, 0, SYS_splice, { 0, 0, A_CHAN, 0, 1, 0 } },
	{ "mmap to execute", 0, 0, SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "mprotect to execute", 0, 0, SYS_mprotect,
	    { A_PAGE, 4096, PROT_READ | PROT_EXEC } },
	{ "memfd_create", 0, 0, SYS_memfd_create, { A_BUF, 0 } },
	{ "shmget", 0, 0, SYS_shmget, { 0, 4096, IPC_CREAT | 0600 } },
	{ "ptrace to peek", 0, 1, SYS_ptrace,
	    { PTRACE_PEEKDATA, A_WHO, A_PAGE, A_BUF } },
	{ "ptrace to poke", 0, 1, SYS_ptrace,
	    { PTRACE_POKEDATA, A_WHO, A_PAGE, 0 } },
	{ "ptrace to attach", 0, 1, SYS_ptrace,
	    { PTRACE_ATTACH, A_WHO, 0, 0 } },
	{ "ptrace to seize", REC, 1, SYS_ptrace,
	    { PTRACE_SEIZE, A_WHO, 0, 0 } },
	{ "process_vm_readv", REC, 1, SYS_process_vm_readv,
	    { A_WHO, A_IOV, 1, A_IOV, 1, 0 } },
	{ "process_vm_writev", REC, 1, SYS_process_vm_writev,
	    { A_WHO, A_IOV, 1, A_IOV, 1, 0 } },
	{ "pidfd_open", REC, 1, SYS_pidfd_open, { A_WHO, 0 } },
	{ "pidfd_send_signal", 0, 0, SYS_pidfd_send_signal,
	    { A_CHAN, SIGKILL, 0, 0 } },
	{ "pidfd_getfd", REC, 0, SYS_pidfd_getfd, { A_CHAN, 0, 0 } },
	{ "kill", REC | MON, 1, SYS_kill, { A_WHO, SIGKILL } },
	{ "tkill", 0, 1, SYS_tkill, { A_WHO, SIGKILL } },
	{ "tgkill", REC | MON, 1, SYS_tgkill, { A_WHO, A_WHO, SIGKILL } },
	{ "rt_sigqueueinfo", 0, 1, SYS_rt_sigqueueinfo,
	    { A_WHO, SIGKILL, A_BUF } },
	{ "prlimit64", 0, 1, SYS_prlimit64,
	    { A_WHO, RLIMIT_NOFILE, 0, A_BUF } },
	{ "setpriority", 0, 0, SYS_setpriority, { 0, A_WHO, 19 } },
	{ "sched_setaffinity", REC, 0, SYS_sched_setaffinity,
	    { A_WHO, 8, A_BUF } },
	{ "kcmp", 0, 0, SYS_kcmp, { A_WHO, A_WHO, 0, 0, 0 } },
	{ "setpgid", 0, 0, SYS_setpgid, { 0, A_WHO } },
	{ "setsid", 0, 0, SYS_setsid, { 0 } },
	{ "setuid", 0, 0, SYS_setuid, { 0 } },
	{ "capset", 0, 0, SYS_capset, { A_BUF, A_BUF } },
	{ "prctl to be dumpable", 0, 0, SYS_prctl, { PR_SET_DUMPABLE, 1 } },
	{ "seccomp of another kind", 0, 0, SYS_seccomp,
	    { SECCOMP_SET_MODE_STRICT, 0, 0 } },
	{ "rt_sigaction for SIGSYS", 0, 0, SYS_rt_sigaction,
	    { SIGSYS, A_BUF, 0, 8 } },
	{ "ioctl TIOCSTI", 0, 0, SYS_ioctl, { 0, TIOCSTI, A_BUF } },
	{ "chroot", 0, 0, SYS_chroot, { A_BEYOND } },
	{ "chdir", 0, 0, SYS_chdir, { A_BEYOND } },
	{ "mount", 0, 0, SYS_mount, { A_BEYOND, A_BEYOND, 0, MS_BIND, 0 } },
	{ "unshare", 0, 0, SYS_unshare, { CLONE_NEWUSER } },
	{ "setns", 0, 0, SYS_setns, { A_CHAN, 0 } },
	{ "open_by_handle_at", 0, 0, SYS_open_by_handle_at,
	    { AT_FDCWD, A_BUF, 0 } },
	{ "io_uring_setup", 0, 0, SYS_io_uring_setup, { 1, A_BUF } },
	{ "io_setup", 0, 0, SYS_io_setup, { 1, A_BUF } },
	{ "bpf", 0, 0, SYS_bpf, { 0, A_BUF, 64 } },
	{ "userfaultfd", 0, 0, SYS_userfaultfd, { 0 } },
	{ "perf_event_open", 0, 0, SYS_perf_event_open,
	    { A_BUF, 0, -1, -1, 0 } },
	{ "keyctl", 0, 0, SYS_keyctl, { 0, -3, 0 } },
	{ "mq_open", 0, 0, SYS_mq_open, { A_BUF, O_CREAT | O_RDWR, 0600, 0 } },
	{ "inotify_init1", 0, 0, SYS_inotify_init1, { 0 } },
	{ "personality", 0, 0, SYS_personality, { 0x0400000 } },
	{ "dup", LAN, 0, SYS_dup, { A_CHAN } },
	{ "an x32 call", 0, 0, 0x40000000L + SYS_getpid, { 0 } },
};
const uint32_t drill_calls_count = sizeof(drill_calls) /
    sizeof(drill_calls[0]);
