/*
 * Play a kernel that lacks something, or another sandbox that forbids it:
 *
 *	without FEATURE[:ERROR] COMMAND
 *
 * A filter around COMMAND answers ERROR, one of those below; EOPNOTSUPP where
 * none is given.  Without a command the names
 * that there are.  For badinput.t, features.t and segvguard.t.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOAD(f)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
		    offsetof(struct seccomp_data, f))
#define IF(k, t, f)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (t), (f))
#define AND(k)	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (k))
#define RET(k)	BPF_STMT(BPF_RET | BPF_K, (k))

#define SEIZE		0x4206		/* PTRACE_SEIZE */
#define SYNC_WAKE_UP	0x40082104	/* SECCOMP_IOCTL_NOTIF_SET_FLAGS */
#define PIDFD_INFO	0xc040ff0b	/* PIDFD_GET_INFO */
#define NEW_NS		(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)

/* A call, or one argument of it: (arg & mask) == value; any bit if value 0. */
static const struct {
	const char	*name;
	int		 nr;
	int		 arg;		/* -1: the call whatever its arguments */
	uint32_t	 mask, value;
} features[] = {
	{ "seccomp", SYS_seccomp, 0, ~0U, SECCOMP_GET_ACTION_AVAIL },
	{ "filter", SYS_seccomp, 0, ~0U, SECCOMP_SET_MODE_FILTER },
	{ "listener", SYS_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 },
	{ "killable", SYS_seccomp, 1, 1U << 5, 0 },
	{ "sizes", SYS_seccomp, 0, ~0U, SECCOMP_GET_NOTIF_SIZES },
	{ "recv", SYS_ioctl, 1, ~0U, (uint32_t)SECCOMP_IOCTL_NOTIF_RECV },
	{ "addfd", SYS_ioctl, 1, ~0U, (uint32_t)SECCOMP_IOCTL_NOTIF_ADDFD },
	{ "wakeup", SYS_ioctl, 1, ~0U, SYNC_WAKE_UP },
	{ "landlock", SYS_landlock_create_ruleset, -1, 0, 0 },
	{ "landlock-rule", SYS_landlock_add_rule, -1, 0, 0 },
	{ "landlock-self", SYS_landlock_restrict_self, -1, 0, 0 },
	{ "pidfd_open", SYS_pidfd_open, -1, 0, 0 },
	{ "pidfd-thread", SYS_pidfd_open, 1, O_EXCL, 0 },
	{ "pidfd", SYS_ioctl, 1, ~0U, PIDFD_INFO },
	{ "pidfd_getfd", SYS_pidfd_getfd, -1, 0, 0 },
	{ "process_vm_readv", SYS_process_vm_readv, -1, 0, 0 },
	{ "ptrace", SYS_ptrace, -1, 0, 0 },
	{ "seize", SYS_ptrace, 0, ~0U, SEIZE },
	{ "unshare", SYS_unshare, -1, 0, 0 },
	{ "namespaces", SYS_clone, 0, NEW_NS, 0 },
	{ "clone3", SYS_clone3, -1, 0, 0 },
	{ "memfd", SYS_memfd_create, -1, 0, 0 },
	{ "openat2", SYS_openat2, -1, 0, 0 },
	{ "close_range", SYS_close_range, -1, 0, 0 },
	{ "execveat", SYS_execveat, -1, 0, 0 },
	{ "no-new-privs", SYS_prctl, 0, ~0U, PR_SET_NO_NEW_PRIVS },
	{ "pdeathsig", SYS_prctl, 0, ~0U, PR_SET_PDEATHSIG },
	{ "subreaper", SYS_prctl, 0, ~0U, PR_SET_CHILD_SUBREAPER },
	{ "dumpable", SYS_prctl, 0, ~0U, PR_SET_DUMPABLE },
	{ "name", SYS_prctl, 0, ~0U, PR_SET_NAME },
	{ "ambient", SYS_prctl, 0, ~0U, PR_CAP_AMBIENT },
	{ "bounding", SYS_prctl, 0, ~0U, PR_CAPBSET_DROP },
	{ "capset", SYS_capset, -1, 0, 0 },
	{ "setuid", SYS_setresuid, -1, 0, 0 },
	{ "setgroups", SYS_setgroups, -1, 0, 0 },
	{ "chroot", SYS_chroot, -1, 0, 0 },
	{ "signalfd", SYS_signalfd4, -1, 0, 0 },
	{ "eventfd", SYS_eventfd2, -1, 0, 0 },
	{ "epoll", SYS_epoll_create1, -1, 0, 0 },
	{ "timer", SYS_timer_create, -1, 0, 0 },
	{ "waitid", SYS_waitid, -1, 0, 0 },
	{ "affinity", SYS_sched_setaffinity, -1, 0, 0 },
	{ "batch", SYS_sched_setscheduler, -1, 0, 0 },
	{ "setown", SYS_fcntl, 1, ~0U, F_SETOWN_EX },
	{ "prlimit", SYS_prlimit64, -1, 0, 0 },
	{ "faccessat2", SYS_faccessat2, -1, 0, 0 },
	{ "fchmodat2", 452, -1, 0, 0 },
	{ "statx", SYS_statx, -1, 0, 0 },
	{ "rseq", SYS_rseq, -1, 0, 0 },
};
#define FEATURES	(sizeof(features) / sizeof(features[0]))

static const struct {
	const char	*name;
	uint32_t	 error;
} errors[] = {
	{ "ENOSYS", ENOSYS }, { "EPERM", EPERM }, { "EINVAL", EINVAL },
	{ "EOPNOTSUPP", EOPNOTSUPP }, { "ENOTTY", ENOTTY }
};

int
main(int argc, char **argv)
{
	struct sock_filter	 insns[8];
	struct sock_fprog	 prog = { 0, insns };
	uint32_t		 error = EOPNOTSUPP;
	size_t			 i, n;
	char			*colon;

	if (argc < 3) {
		for (i = 0; i < FEATURES; i++)
			puts(features[i].name);
		return (argc == 1 ? 0 : 2);
	}
	if ((colon = strchr(argv[1], ':')) != NULL) {
		*colon++ = '\0';
		for (n = 0; n < sizeof(errors) / sizeof(errors[0]); n++)
			if (strcmp(colon, errors[n].name) == 0)
				error = errors[n].error;
	}
	for (i = 0; i < FEATURES; i++)
		if (strcmp(argv[1], features[i].name) == 0)
			break;
	if (i == FEATURES)
		return (2);
	n = 0;
	insns[n++] = (struct sock_filter)LOAD(nr);
	if (features[i].arg == -1)
		insns[n++] = (struct sock_filter)IF(
		    (uint32_t)features[i].nr, 1, 0);
	else {
		insns[n++] = (struct sock_filter)IF(
		    (uint32_t)features[i].nr, 0, 3);
		insns[n] = (struct sock_filter)LOAD(args[0]);
		insns[n++].k += 8 * (uint32_t)features[i].arg;
		insns[n++] = (struct sock_filter)AND(features[i].mask);
		/* the bits are set, or all of it is equal */
		if (features[i].value == 0 && features[i].mask != ~0U)
			insns[n++] = (struct sock_filter)IF(0, 0, 1);
		else
			insns[n++] = (struct sock_filter)IF(
			    features[i].value, 1, 0);
	}
	insns[n++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	insns[n++] = (struct sock_filter)RET(SECCOMP_RET_ERRNO | error);
	prog.len = (unsigned short)n;
	/* Straight, since it may be what is refused from here on. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		return (2);
	execvp(argv[2], argv + 2);
	return (2);
}
