/* LINK: monitor/compile_bpf.c monitor/compile_verify.c monitor/compile_path.c */
/*
 * The child's filter against the table: every number, every ABI, every
 * argument predicate, in the simulator; and a handful of calls with the
 * filter really loaded.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../monitor/compile.h"

#undef _exit	/* make cover: its own needs more than a filter allows */

#define ALLOW		SECCOMP_RET_ALLOW
#define NOTIFY		SECCOMP_RET_USER_NOTIF
#define REFUSE(e)	(SECCOMP_RET_ERRNO | (e))
#define X32		0x40000000U

static struct policy	 policy;
static struct plan	 plan;
static const uint64_t	 zero[6];

static void
build(int net, int broker)
{
	memset(&policy, 0, sizeof(policy));
	memset(&plan, 0, sizeof(plan));
	plan.pl_net.np_mode = net ? NETMODE_ALL : NETMODE_NONE;
	plan.pl_notify = broker ? UINT32_MAX : 0;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_true(plan.pl_filterlen > 0);
}

static uint32_t
simulate(uint32_t nr, uint32_t arch, const uint64_t args[6])
{
	return (bpf_simulate(plan.pl_filter, plan.pl_filterlen, nr, arch,
	    args));
}

static uint32_t
call(const char *name, const uint64_t args[6])
{
	const struct sysent	*se = sysent_byname(name);

	assert_non_null(se);
	return (simulate(se->se_nr, AUDIT_ARCH_X86_64, args));
}

static int
has_args(uint32_t nr)
{
	size_t	 i;

	for (i = 0; i < sysargs_count; i++) {
		if (sysargs[i].sa_nr == nr)
			return (1);
	}
	return (0);
}

/* Written a second time on purpose: not the compiler's own idea of it. */
static uint32_t
expected(const struct sysent *se, int net, int broker)
{
	if (se == NULL)
		return (REFUSE(ENOSYS));
	if (net && se->se_net)
		return (ALLOW);
	if (se->se_disp == SYS_FILES)
		return (broker ? NOTIFY : ALLOW);
	if (se->se_disp == SYS_NOTIFY)
		return (NOTIFY);
	if (se->se_disp == SYS_REFUSE)
		return (REFUSE(se->se_errno));
	return (ALLOW);
}

static void
every_number_gets_what_its_row_says(void **state)
{
	uint32_t	 nr, got, want;
	int		 mode;

	(void)state;
	for (mode = 0; mode < 4; mode++) {
		build(mode & 1, mode >> 1);
		for (nr = 0; nr <= 70000; nr++) {
			if (has_args(nr))
				continue;
			got = simulate(nr, AUDIT_ARCH_X86_64, zero);
			want = expected(sysent_find(nr), mode & 1, mode >> 1);
			if (got != want)
				fail_msg("mode %d number %u: %#x not %#x",
				    mode, (unsigned)nr, got, want);
		}
	}
}

static void
numbers_of_other_abis_are_enosys(void **state)
{
	static const uint32_t high[] = { INT32_MAX, 0x80000000U, 0x80000027U,
	    0xc0000000U, UINT32_MAX - 1, UINT32_MAX };
	uint32_t	 nr;
	size_t		 i;
	int		 mode;

	(void)state;
	for (mode = 0; mode < 4; mode++) {
		build(mode & 1, mode >> 1);
		for (nr = 0; nr <= 600; nr++) {
			assert_int_equal(simulate(X32 | nr,
			    AUDIT_ARCH_X86_64, zero), REFUSE(ENOSYS));
			assert_int_equal(simulate(X32 * 3 | nr,
			    AUDIT_ARCH_X86_64, zero), REFUSE(ENOSYS));
		}
		for (i = 0; i < sizeof(high) / sizeof(high[0]); i++)
			assert_int_equal(simulate(high[i], AUDIT_ARCH_X86_64,
			    zero), REFUSE(ENOSYS));
	}
}

static void
other_architectures_are_enosys(void **state)
{
	static const uint32_t arch[] = { AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
	    AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, 0, UINT32_MAX, 0xdeadbeef,
	    AUDIT_ARCH_X86_64 ^ __AUDIT_ARCH_LE,
	    AUDIT_ARCH_X86_64 ^ __AUDIT_ARCH_64BIT, EM_X86_64 };
	uint32_t	 nr;
	size_t		 i;

	(void)state;
	build(1, 0);
	for (i = 0; i < sizeof(arch) / sizeof(arch[0]); i++) {
		for (nr = 0; nr <= 600; nr++)
			assert_int_equal(simulate(nr, arch[i], zero),
			    REFUSE(ENOSYS));
	}
}

#define GARBAGE		0xdeadbeef00000000ULL
/* One call with arguments, and its answer without and with `allow net`. */
static const struct probe {
	const char	*p_call;
	uint64_t	 p_args[6];
	uint32_t	 p_nonet;
	uint32_t	 p_net;
} probes[] = {
	{ "ioctl", { 0, TCGETS }, ALLOW, ALLOW },
	{ "ioctl", { 0, FIONBIO }, ALLOW, ALLOW },
	{ "ioctl", { 0, TIOCSPGRP }, ALLOW, ALLOW },
	{ "ioctl", { 0, TIOCSTI }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, GARBAGE | TIOCSTI }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { TIOCSTI, 0, TIOCSTI }, ALLOW, ALLOW },
	{ "ioctl", { 0, TIOCLINUX }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, TIOCCONS }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, TIOCSETD }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, TIOCGETD }, ALLOW, ALLOW },
	{ "ioctl", { 0, FS_IOC_GETFLAGS }, ALLOW, ALLOW },
	{ "ioctl", { 0, FS_IOC_SETFLAGS }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, FS_IOC_FSSETXATTR }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, FS_IOC_SETVERSION }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, 0x40806685 }, REFUSE(EOPNOTSUPP),
	    REFUSE(EOPNOTSUPP) },
	{ "ioctl", { 0, 0x40047211 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, 0x800c6613 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, 0xaa00 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioctl", { 0, TIOCGPTPEER }, NOTIFY, NOTIFY },
	{ "ioctl", { 0, GARBAGE | TIOCGPTPEER }, NOTIFY, NOTIFY },
	{ "ioctl", { 0, FICLONE }, ALLOW, ALLOW },
	{ "ioctl", { 0, GARBAGE | FICLONE }, ALLOW, ALLOW },
	{ "ioctl", { 0, FICLONERANGE }, ALLOW, ALLOW },
	{ "ioctl", { 0, FIDEDUPERANGE }, ALLOW, ALLOW },
	/* BTRFS_IOC_SNAP_CREATE, _SUBVOL_CREATE, _SNAP_CREATE_V2 */
	{ "ioctl", { 0, 0x50009401 }, REFUSE(ENOTTY), REFUSE(ENOTTY) },
	{ "ioctl", { 0, 0x5000940e }, REFUSE(ENOTTY), REFUSE(ENOTTY) },
	{ "ioctl", { 0, 0x50009417 }, REFUSE(ENOTTY), REFUSE(ENOTTY) },
	{ "ioctl", { 0, GARBAGE | 0x50009417 }, REFUSE(ENOTTY),
	    REFUSE(ENOTTY) },
	{ "ioctl", { 0, 0x4020bc10 }, REFUSE(ENOTTY), REFUSE(ENOTTY) },

	{ "socket", { AF_INET, SOCK_STREAM }, NOTIFY, ALLOW },
	{ "socket", { GARBAGE | AF_INET, SOCK_STREAM }, NOTIFY, ALLOW },
	{ "socket", { AF_INET6, SOCK_DGRAM }, NOTIFY, ALLOW },
	{ "socket", { AF_UNIX, SOCK_DGRAM }, NOTIFY, ALLOW },
	{ "socket", { AF_NETLINK, SOCK_RAW }, NOTIFY, ALLOW },
	{ "socket", { AF_UNSPEC }, NOTIFY, REFUSE(EAFNOSUPPORT) },
	{ "socket", { AF_PACKET, SOCK_RAW }, NOTIFY, REFUSE(EAFNOSUPPORT) },
	{ "socket", { AF_ALG }, NOTIFY, REFUSE(EAFNOSUPPORT) },
	{ "socket", { AF_VSOCK }, NOTIFY, REFUSE(EAFNOSUPPORT) },
	{ "socket", { AF_UNIX, SOCK_STREAM }, ALLOW, ALLOW },
	{ "socket", { AF_UNIX, GARBAGE | SOCK_STREAM | SOCK_CLOEXEC }, ALLOW,
	    ALLOW },
	{ "socket", { AF_UNIX, SOCK_SEQPACKET }, ALLOW, ALLOW },
	{ "socket", { AF_UNIX, SOCK_RAW }, NOTIFY, ALLOW },
	{ "connect", { 3 }, NOTIFY, ALLOW },
	{ "bind", { 3 }, NOTIFY, ALLOW },
	{ "listen", { 3 }, REFUSE(EACCES), ALLOW },
	{ "accept", { 3 }, REFUSE(EACCES), ALLOW },
	{ "accept4", { 3 }, REFUSE(EACCES), ALLOW },
	{ "sendmsg", { 3 }, ALLOW, ALLOW },
	{ "sendto", { 3, 1, 1, 0, 0, 0 }, ALLOW, ALLOW },
	{ "sendto", { 3, 1, 1, 0, 0, 16 }, ALLOW, ALLOW },
	{ "sendto", { 3, 1, 1, 0, 1, 16 }, REFUSE(EACCES), ALLOW },
	{ "sendto", { 3, 1, 1, 0, 1ULL << 32, 16 }, REFUSE(EACCES), ALLOW },
	{ "sendto", { 3, 1, 1, 0, 0x7fff00000000ULL }, REFUSE(EACCES),
	    ALLOW },
	{ "sendto", { 3, 1, 1, 0, UINT64_MAX }, REFUSE(EACCES), ALLOW },

	/* what is asked about only with rules about the network */
	{ "bind", { 3 }, NOTIFY, ALLOW },
	{ "listen", { 3 }, REFUSE(EACCES), ALLOW },
	{ "accept", { 3 }, REFUSE(EACCES), ALLOW },
	{ "accept4", { 3 }, REFUSE(EACCES), ALLOW },
	{ "sendmsg", { 3, 1, 0x20000000 }, ALLOW, ALLOW },
	{ "sendmmsg", { 3, 1, 1, 0x20000000 }, ALLOW, ALLOW },
	{ "setsockopt", { 3, IPPROTO_IP, IP_OPTIONS }, ALLOW, ALLOW },
	{ "getsockopt", { 3, 132, 111 }, ALLOW, ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_STREAM }, ALLOW, ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_SEQPACKET }, ALLOW, ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC }, ALLOW,
	    ALLOW },
	{ "socketpair", { GARBAGE | AF_UNIX, GARBAGE | SOCK_STREAM |
	    SOCK_NONBLOCK }, ALLOW, ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_DGRAM }, REFUSE(EACCES), ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_RAW }, REFUSE(EACCES), ALLOW },
	{ "socketpair", { AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC },
	    REFUSE(EACCES), ALLOW },
	{ "socketpair", { AF_INET, SOCK_STREAM }, REFUSE(EACCES),
	    REFUSE(EACCES) },
	{ "socketpair", { AF_TIPC, SOCK_SEQPACKET }, REFUSE(EACCES),
	    REFUSE(EACCES) },

	{ "clone", { SIGCHLD }, ALLOW, ALLOW },
	{ "clone", { 0x3d0f00 }, ALLOW, ALLOW },	/* pthread_create */
	{ "clone", { 0x01200011 }, ALLOW, ALLOW },	/* fork(3) */
	{ "clone", { 0x80 | SIGCHLD }, ALLOW, ALLOW },	/* exit signal */
	{ "clone", { CLONE_NEWUSER | SIGCHLD }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "clone", { CLONE_NEWNS }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_NEWCGROUP }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_NEWUTS }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_NEWIPC }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_NEWPID }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_NEWNET }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { GARBAGE | CLONE_NEWNET | CLONE_VM }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "clone", { CLONE_UNTRACED }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { CLONE_PTRACE }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "clone", { GARBAGE | SIGCHLD }, ALLOW, ALLOW },
	{ "unshare", { CLONE_FILES | CLONE_FS }, ALLOW, ALLOW },
	{ "unshare", { 0x80 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "unshare", { CLONE_NEWUSER }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "unshare", { CLONE_NEWNS | CLONE_FILES }, REFUSE(EPERM),
	    REFUSE(EPERM) },

	{ "open", { 0, O_ACCMODE }, NOTIFY, NOTIFY },
	{ "openat", { 0, 0, GARBAGE | O_ACCMODE | O_CLOEXEC }, NOTIFY,
	    NOTIFY },
	{ "fcntl", { 0, F_DUPFD_CLOEXEC }, ALLOW, ALLOW },
	{ "fcntl", { 0, F_SETLK }, ALLOW, ALLOW },
	{ "fcntl", { 0, F_SETLEASE }, REFUSE(EINVAL), REFUSE(EINVAL) },
	{ "fcntl", { 0, GARBAGE | F_SETLEASE }, REFUSE(EINVAL),
	    REFUSE(EINVAL) },
	{ "personality", { 0xffffffff }, ALLOW, ALLOW },
	{ "personality", { UINT64_MAX }, ALLOW, ALLOW },
	{ "personality", { 0x40000 }, ALLOW, ALLOW }, /* no randomization */
	{ "personality", { 0x400000 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "personality", { 0xfffffffe }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "personality", { GARBAGE | 0x440000 }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "setpriority", { PRIO_PROCESS, 0, 5 }, ALLOW, ALLOW },
	{ "setpriority", { PRIO_PROCESS, 1, 5 }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "setpriority", { PRIO_PGRP, 0, 5 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "setpriority", { PRIO_USER, 0, 5 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioprio_set", { 1, 0, 5 }, ALLOW, ALLOW },
	{ "ioprio_set", { 1, 1, 5 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "ioprio_set", { 3, 0, 5 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "prctl", { PR_SET_NAME }, ALLOW, ALLOW },
	{ "prctl", { PR_GET_DUMPABLE }, ALLOW, ALLOW },
	{ "prctl", { PR_SET_DUMPABLE, 0 }, REFUSE(0), REFUSE(0) },
	{ "prctl", { GARBAGE | PR_SET_DUMPABLE, 0 }, REFUSE(0), REFUSE(0) },
	{ "prctl", { PR_SET_PTRACER, 1 }, REFUSE(EINVAL), REFUSE(EINVAL) },
	{ "prctl", { PR_SET_MM, 1 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "prctl", { PR_SET_SECCOMP, 2 }, ALLOW, ALLOW },
	{ "migrate_pages", { 0 }, ALLOW, ALLOW },
	{ "migrate_pages", { 1 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "move_pages", { GARBAGE }, ALLOW, ALLOW },
	{ "move_pages", { 1 }, REFUSE(EPERM), REFUSE(EPERM) },
	{ "prlimit64", { 0, RLIMIT_CORE, 1, 0 }, ALLOW, ALLOW },
	{ "prlimit64", { 1, RLIMIT_CORE, 0, 1 }, ALLOW, ALLOW },
	{ "prlimit64", { 1, RLIMIT_CORE, 1, 0 }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "prlimit64", { 1, RLIMIT_CORE, 1ULL << 32, 0 }, REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "seccomp", { SECCOMP_SET_MODE_FILTER, 0, 1 }, ALLOW, ALLOW },
	{ "seccomp", { SECCOMP_SET_MODE_FILTER, 1, 1 }, ALLOW, ALLOW },
	{ "seccomp", { SECCOMP_SET_MODE_FILTER, 8, 1 }, REFUSE(EBUSY),
	    REFUSE(EBUSY) },
	{ "seccomp", { SECCOMP_SET_MODE_FILTER, GARBAGE | 0x29, 1 },
	    REFUSE(EBUSY), REFUSE(EBUSY) }
};
#define PROBES_COUNT	(sizeof(probes) / sizeof(probes[0]))

static void
arguments_decide_as_written_here(void **state)
{
	uint32_t	 got, want;
	size_t		 i;
	int		 net;

	(void)state;
	for (net = 0; net < 2; net++) {
		build(net, 1);
		for (i = 0; i < PROBES_COUNT; i++) {
			want = net ? probes[i].p_net : probes[i].p_nonet;
			got = call(probes[i].p_call, probes[i].p_args);
			if (got != want)
				fail_msg("probe %zu, %s, net %d: %#x not %#x",
				    i, probes[i].p_call, net, got, want);
		}
	}
}

/* By open(2) and landlock(7): what an open with these flags may do. */
static const struct {
	uint64_t	 o_flags;
	uint32_t	 o_rights;
} opens[] = {
	{ O_RDONLY, R_READ | R_READDIR },
	{ O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, R_READ | R_READDIR },
	{ O_RDONLY | O_DIRECTORY, R_READDIR },
	{ GARBAGE | O_RDONLY | O_DIRECTORY | O_CLOEXEC, R_READDIR },
	{ O_RDONLY | O_TRUNC, R_READ | R_WRITE | R_TRUNCATE },
	{ O_RDONLY | O_CREAT, R_READ | R_WRITE | R_TRUNCATE | R_CREATE |
	    R_READDIR },
	{ O_WRONLY, R_WRITE },
	{ O_WRONLY | O_APPEND, R_WRITE },
	{ O_WRONLY | O_TRUNC, R_WRITE | R_TRUNCATE },
	{ O_WRONLY | O_CREAT, R_WRITE | R_TRUNCATE | R_CREATE },
	{ O_WRONLY | O_CREAT | O_TRUNC, R_WRITE | R_TRUNCATE | R_CREATE },
	{ O_RDWR, R_READ | R_WRITE | R_TRUNCATE },
	{ O_RDWR | O_DIRECTORY, R_READ | R_WRITE | R_TRUNCATE },
	{ O_ACCMODE, R_ALL },	/* Landlock asks nothing of it */
	{ O_ACCMODE | O_NONBLOCK | O_CREAT, R_ALL },
	{ O_RDWR | O_TRUNC, R_READ | R_WRITE | R_TRUNCATE },
	{ O_RDWR | O_CREAT | O_EXCL, R_READ | R_WRITE | R_TRUNCATE |
	    R_CREATE | R_READDIR },
	{ O_RDWR | O_TMPFILE, R_MKTEMP },
	{ O_WRONLY | O_TMPFILE | O_EXCL, R_MKTEMP },
	{ O_WRONLY | O_TMPFILE | O_CREAT, R_MKTEMP },	/* EINVAL */
	{ O_PATH, R_READ | R_WRITE | R_READDIR },
	{ O_PATH | O_DIRECTORY | O_RDWR, R_READ | R_WRITE | R_READDIR },
	{ O_PATH | O_CREAT | O_TMPFILE, R_READ | R_WRITE | R_READDIR }
};
#define OPENS_COUNT	(sizeof(opens) / sizeof(opens[0]))

static void
an_open_is_notified_for_the_rights_its_flags_ask_for(void **state)
{
	uint64_t	 args[6];
	uint32_t	 right;
	size_t		 i, k;
	int		 want;

	(void)state;
	for (k = 0; k < RIGHTS_COUNT; k++) {
		right = 1U << k;
		memset(&policy, 0, sizeof(policy));
		memset(&plan, 0, sizeof(plan));
		plan.pl_notify = right;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		for (i = 0; i < OPENS_COUNT; i++) {
			/* every path is walked, a place looked at */
			want = ((opens[i].o_rights | R_WALK |
			    (opens[i].o_flags & O_PATH ? R_STAT : 0)) &
			    right) != 0;
			memset(args, 0, sizeof(args));
			args[1] = opens[i].o_flags;
			if ((call("open", args) == NOTIFY) != want)
				fail_msg("open %#llx, right %zu: not %d",
				    (unsigned long long)args[1], k, want);
			memset(args, 0, sizeof(args));
			args[2] = opens[i].o_flags;
			if ((call("openat", args) == NOTIFY) != want)
				fail_msg("openat %#llx, right %zu: not %d",
				    (unsigned long long)args[2], k, want);
		}
	}
}

static void
a_call_is_notified_iff_one_of_its_rights_is(void **state)
{
	const struct sysent	*se;
	size_t			 i, k;

	(void)state;
	for (k = 0; k < RIGHTS_COUNT; k++) {
		memset(&policy, 0, sizeof(policy));
		memset(&plan, 0, sizeof(plan));
		plan.pl_notify = 1U << k;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		for (i = 0; i < sysent_count; i++) {
			se = &sysent[i];
			if (se->se_disp != SYS_FILES || has_args(se->se_nr))
				continue;
			assert_int_equal(call(se->se_name, zero),
			    se->se_rights & (1U << k) ? NOTIFY : ALLOW);
		}
		assert_int_equal(call("landlock_restrict_self", zero),
		    REFUSE(EOPNOTSUPP));
	}
}

static void
every_call_with_predicates_is_probed(void **state)
{
	size_t	 i, k;

	(void)state;
	for (i = 0; i < sysargs_count; i++) {
		if (sysargs[i].sa_disp == SYS_FILES)
			continue;	/* above */
		if (sysargs[i].sa_when >= SA_HIDING)
			continue;	/* below */
		for (k = 0; k < PROBES_COUNT; k++) {
			if (sysent_byname(probes[k].p_call)->se_nr ==
			    sysargs[i].sa_nr)
				break;
		}
		assert_true(k < PROBES_COUNT);
	}
}

#define RX	(PROT_READ | PROT_EXEC)
#define RW	(PROT_READ | PROT_WRITE)
#define RWX	(RX | RW)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

/* With libraries looked at, with W^X, with W^X but for some programs. */
static const struct {
	const char	*c_call;
	uint64_t	 c_args[6];
	uint32_t	 c_library, c_wx, c_ask;
} codes[] = {
	{ "mmap", { 0, 1, RW, MAP_SHARED, 3 }, ALLOW, ALLOW, ALLOW },
	{ "mmap", { 0, 1, RW, ANON, 3 }, ALLOW, ALLOW, ALLOW },
	{ "mmap", { 0, 1, PROT_READ, MAP_PRIVATE, 3 }, ALLOW, ALLOW, ALLOW },
	{ "mmap", { 0, 1, RX, MAP_PRIVATE, 3 }, NOTIFY, NOTIFY, NOTIFY },
	{ "mmap", { 0, 1, PROT_EXEC, MAP_PRIVATE | MAP_FIXED, 3 }, NOTIFY,
	    NOTIFY, NOTIFY },
	{ "mmap", { 0, 1, GARBAGE | RX, GARBAGE | MAP_PRIVATE, 3 }, NOTIFY,
	    NOTIFY, NOTIFY },
	{ "mmap", { 0, 1, RX, MAP_SHARED, 3 }, NOTIFY, REFUSE(EACCES),
	    NOTIFY },
	{ "mmap", { 0, 1, RX, MAP_SHARED_VALIDATE, 3 }, NOTIFY,
	    REFUSE(EACCES), NOTIFY },
	{ "mmap", { 0, 1, RX, MAP_SHARED | MAP_ANONYMOUS, 3 }, ALLOW,
	    REFUSE(EACCES), NOTIFY },
	{ "mmap", { 0, 1, RX, ANON, 3 }, ALLOW, ALLOW, ALLOW },
	{ "mmap", { 0, 1, RWX, ANON, 3 }, ALLOW, REFUSE(EACCES), NOTIFY },
	{ "mmap", { 0, 1, PROT_WRITE | PROT_EXEC, ANON, 3 }, ALLOW,
	    REFUSE(EACCES), NOTIFY },
	{ "mmap", { 0, 1, RWX, MAP_PRIVATE, 3 }, NOTIFY, REFUSE(EACCES),
	    NOTIFY },
	{ "mprotect", { 0, 1, RW }, ALLOW, ALLOW, ALLOW },
	{ "mprotect", { 0, 1, PROT_NONE }, ALLOW, ALLOW, ALLOW },
	{ "mprotect", { 0, 1, RX }, ALLOW, REFUSE(EACCES), NOTIFY },
	{ "mprotect", { 0, 1, RWX | PROT_GROWSDOWN }, ALLOW, REFUSE(EACCES),
	    NOTIFY },
	{ "mprotect", { 0, 1, GARBAGE | PROT_EXEC }, ALLOW, REFUSE(EACCES),
	    NOTIFY },
	{ "pkey_mprotect", { 0, 1, RW, 0 }, ALLOW, ALLOW, ALLOW },
	{ "pkey_mprotect", { 0, 1, RX, 0 }, ALLOW, REFUSE(EACCES), NOTIFY },
	{ "remap_file_pages", { 0 }, REFUSE(ENOSYS), REFUSE(ENOSYS),
	    REFUSE(ENOSYS) },
	{ "clone", { SIGCHLD }, ALLOW, ALLOW, ALLOW },
	{ "clone", { 0x3d0f00 }, ALLOW, ALLOW, ALLOW },
	{ "clone", { CLONE_VM | CLONE_VFORK | SIGCHLD }, ALLOW, ALLOW,
	    ALLOW },
	{ "clone", { CLONE_FILES | SIGCHLD }, REFUSE(EPERM), REFUSE(EPERM),
	    REFUSE(EPERM) },
	{ "clone", { GARBAGE | CLONE_FILES | CLONE_VM }, REFUSE(EPERM),
	    REFUSE(EPERM), REFUSE(EPERM) },
	/* refused in any case, or with `allow syscall': below */
	{ "shmat", { 0, 0, 0 }, REFUSE(EPERM), REFUSE(EPERM),
	    REFUSE(EPERM) },
};
#define CODES_COUNT	(sizeof(codes) / sizeof(codes[0]))

static void
code(int library, int wx, int except)
{
	static char	 file[] = "test", path[] = "/usr/bin/node";
	static struct rule rule = { .r_action = RULE_ALLOW, .r_rights = R_WX,
			    .r_match = MATCH_EXACT, .r_file = file,
			    .r_path = path };

	memset(&policy, 0, sizeof(policy));
	memset(&plan, 0, sizeof(plan));
	policy.p_verify.vs_library = library;
	policy.p_verify.vs_wx = wx;
	policy.p_rules.rs_rules = &rule;
	policy.p_rules.rs_count = except ? 1 : 0;
	/* who is asked: tiers_code(), tiers_watch() */
	plan.pl_notify = wx && except ? R_WX : 0;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
}

static void
code_in_memory_is_looked_at_only_where_a_policy_asks(void **state)
{
	const uint32_t	*want;
	size_t		 i, k;
	int		 how;

	(void)state;
	for (i = 0; i < sysargs_count; i++) {
		if (sysargs[i].sa_when < SA_CODE)
			continue;
		for (k = 0; k < CODES_COUNT; k++)
			if (sysent_byname(codes[k].c_call)->se_nr ==
			    sysargs[i].sa_nr)
				break;
		assert_true(k < CODES_COUNT);
	}
	for (how = 0; how < 4; how++) {
		/* what is excepted from what is not on changes nothing */
		code(how == 1, how > 1, how == 3 || how < 2);
		for (i = 0; i < CODES_COUNT; i++) {
			want = how == 1 ? &codes[i].c_library : how == 2 ?
			    &codes[i].c_wx : &codes[i].c_ask;
			if (how == 0 && strcmp(codes[i].c_call, "shmat") == 0)
				continue;
			if (call(codes[i].c_call, codes[i].c_args) !=
			    (how == 0 ? ALLOW : *want))
				fail_msg("%s, probe %zu, policy %d",
				    codes[i].c_call, i, how);
		}
	}
}

static void
allow_syscall_does_not_lift_what_w_x_refuses(void **state)
{
	static char		 file[] = "test";
	static const uint64_t	 plain[6] = { 1, 0, 0 };
	static const uint64_t	 exec[6] = { 1, 0, 0100000 };	/* SHM_EXEC */
	int			 how;

	(void)state;
	for (how = 0; how < 3; how++) {
		code(0, how > 0, how == 2);
		policy.p_calls[0].pc_nr = sysent_byname("shmat")->se_nr;
		policy.p_calls[0].pc_allow = 1;
		policy.p_calls[0].pc_file = file;
		policy.p_ncalls = 1;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		assert_int_equal(call("shmat", plain), ALLOW);
		assert_int_equal(call("shmat", exec), how == 0 ? ALLOW :
		    REFUSE(EACCES));
	}
}

static void
high_halves_do_not_matter_to_32_bit_compares(void **state)
{
	const struct sysarg	*sa;
	uint64_t		 args[6], low[4];
	uint32_t		 want;
	size_t			 i, k;
	int			 net, bit;

	(void)state;
	for (net = 0; net < 2; net++) {
		build(net, 1);
		for (i = 0; i < sysargs_count; i++) {
			sa = &sysargs[i];
			if (sa->sa_wide)
				continue;
			low[0] = sa->sa_value;
			low[1] = sa->sa_mask;
			low[2] = sa->sa_value ^ 1;
			low[3] = 0;
			for (k = 0; k < 4; k++) {
				memset(args, 0, sizeof(args));
				args[sa->sa_arg] = low[k];
				want = simulate(sa->sa_nr, AUDIT_ARCH_X86_64,
				    args);
				for (bit = 32; bit < 64; bit++) {
					args[sa->sa_arg] = low[k] |
					    1ULL << bit;
					assert_int_equal(simulate(sa->sa_nr,
					    AUDIT_ARCH_X86_64, args), want);
				}
			}
		}
	}
}

static void
syscall_add(const char *name, int allow)
{
	static char		 file[] = "test";
	struct policy_call	*pc = &policy.p_calls[policy.p_ncalls++];

	pc->pc_nr = sysent_byname(name)->se_nr;
	pc->pc_allow = (uint8_t)allow;
	pc->pc_file = file;
	pc->pc_line = (uint32_t)policy.p_ncalls;
}

static void
allow_and_deny_syscall_change_one_call_and_the_last_wins(void **state)
{
	static const uint64_t	 other[6] = { 1, 1, 1 };

	(void)state;
	build(0, 0);
	assert_int_equal(call("shmget", zero), REFUSE(EPERM));
	assert_int_equal(call("prlimit64", other), REFUSE(EPERM));
	syscall_add("shmget", 1);
	syscall_add("prlimit64", 1);
	syscall_add("getpid", 0);
	syscall_add("openat", 0);
	syscall_add("ioctl", 0);
	syscall_add("uname", 0);
	syscall_add("uname", 1);
	syscall_add("ptrace", 0);
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("shmget", zero), ALLOW);
	assert_int_equal(call("shmat", zero), REFUSE(EPERM));
	assert_int_equal(call("prlimit64", other), ALLOW);
	assert_int_equal(call("getpid", zero), REFUSE(EPERM));
	assert_int_equal(call("sendfile", zero), ALLOW);
	assert_int_equal(call("openat", zero), REFUSE(EPERM));
	assert_int_equal(call("ioctl", zero), REFUSE(EPERM));
	assert_int_equal(call("uname", zero), ALLOW);
	assert_int_equal(call("ptrace", zero), REFUSE(EPERM));
}

static void
what_may_not_be_lifted_is_an_error_and_no_filter(void **state)
{
	static const char *const names[] = { "ptrace", "io_uring_setup",
	    "clone3", "mount", "bpf", "chroot", "connect", "socket", "setns" };
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		build(0, 0);
		syscall_add(names[i], 1);
		assert_int_equal(compile_bpf(&policy, &plan), -1);
		assert_int_equal(plan.pl_filterlen, 0);
	}
	/* Names what is allowed anyway: the predicates stay. */
	build(0, 0);
	syscall_add("unshare", 1);
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("unshare", (const uint64_t[6]){ CLONE_NEWNS }),
	    REFUSE(EPERM));
}

static void
the_same_policy_gives_the_same_bytes(void **state)
{
	static struct sock_filter	 first[FILTER_LEN_MAX];
	size_t				 len;

	(void)state;
	build(0, 1);
	len = plan.pl_filterlen;
	memcpy(first, plan.pl_filter, len * sizeof(first[0]));
	build(1, 0);
	build(0, 1);
	assert_int_equal(plan.pl_filterlen, len);
	assert_memory_equal(first, plan.pl_filter, len * sizeof(first[0]));
}

/* No jump leaves the program, in its fullest and most broken-up form. */
static void
jumps_stay_inside_the_longest_filter(void **state)
{
	const struct sock_filter	*f;
	uint32_t			 nr, want, got;
	size_t				 i, long_jumps = 0;

	(void)state;
	build(0, 1);
	for (i = 0; i + 1 < sysent_count &&
	    policy.p_ncalls < SYSCALL_SET_MAX; i++) {
		if (sysent[i].se_disp == SYS_ALLOW &&
		    !has_args(sysent[i].se_nr))
			syscall_add(sysent[i].se_name, 0);
	}
	assert_true(policy.p_ncalls > 80);
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	for (i = 0; i < plan.pl_filterlen; i++) {
		f = &plan.pl_filter[i];
		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		if (f->code == (BPF_JMP | BPF_JA)) {
			assert_true(f->k < plan.pl_filterlen - i - 1);
			long_jumps += f->k > UINT8_MAX;
			continue;
		}
		assert_true(f->jt < plan.pl_filterlen - i - 1);
		assert_true(f->jf < plan.pl_filterlen - i - 1);
	}
	assert_true(long_jumps > 0);
	for (nr = 0; nr <= 600; nr++) {
		if (has_args(nr))
			continue;
		want = expected(sysent_find(nr), 0, 1);
		for (i = 0; i < policy.p_ncalls; i++) {
			if (policy.p_calls[i].pc_nr == nr)
				want = REFUSE(EPERM);
		}
		got = simulate(nr, AUDIT_ARCH_X86_64, zero);
		assert_int_equal(got, want);
	}
}

static void
simulator_kills_what_leaves_the_program(void **state)
{
	static const struct sock_filter	 bad[][2] = {
		{ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0),
		    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0) },
		{ BPF_STMT(BPF_JMP | BPF_JA, 1),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) },
		{ BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 0),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) },
		{ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		    BPF_STMT(BPF_RET | BPF_K, ALLOW) }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bpf_simulate(bad[i], 2, 0, 0, zero),
		    SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(bpf_simulate(bad[0], 0, 0, 0, zero),
	    SECCOMP_RET_KILL_PROCESS);
}

/* ---- the real kernel ---- */

/* Load the plan's filter.  The listener, or -1. */
static int
load(void)
{
	struct sock_fprog	 fp;

	fp.len = (unsigned short)plan.pl_filterlen;
	fp.filter = plan.pl_filter;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return (-1);
	return ((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &fp));
}

#define TRY(call, want)							\
	do {								\
		errno = 0;						\
		(void)(call);						\
		if (errno != (want)) {					\
			printf("# %s: errno %d, not %d\n", #call, errno, \
			    (want));					\
			bad = 1;					\
		}							\
	} while (0)

/* In the confined child: 0 when all is as it must be. */
static int
confined_calls(void)
{
	struct sockaddr_un	 sun;
	struct rlimit		 rl = { 0, 0 };
	int			 sv[2], bad = 0;
	long			 r;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	TRY(syscall(SYS_ptrace, 0, 0, 0, 0), EPERM);
	TRY(syscall(SYS_clone3, NULL, 0), ENOSYS);
	TRY(syscall(SYS_unshare, CLONE_NEWUSER), EPERM);
	TRY(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
	TRY(mount("none", "/nowhere", "tmpfs", 0, NULL), EPERM);
	TRY(syscall(SYS_open_tree, -1, "", 0), EPERM);
	TRY(syscall(SYS_bpf, 0, NULL, 0), EPERM);
	TRY(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
	TRY(syscall(SYS_memfd_secret, 0), ENOSYS);
	TRY(syscall(SYS_userfaultfd, 0), EPERM);
	TRY(syscall(SYS_shmget, 0, 4096, 0600), EPERM);
	TRY(syscall(SYS_keyctl, 0, -3, 0), EPERM);
	TRY(syscall(SYS_chroot, "/nowhere"), EPERM);
	TRY(syscall(337), ENOSYS);
	TRY(syscall(X32 | SYS_getpid), ENOSYS);
	TRY(ioctl(0, TIOCSTI, "x"), EPERM);
	TRY(syscall(SYS_ioctl, 0, GARBAGE | TIOCSTI, "x"), EPERM);
	TRY(accept4(-1, NULL, NULL, 0), EACCES);
	TRY(listen(-1, 1), EACCES);
	TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv), EACCES);
	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	TRY(sendto(sv[0], "x", 1, 0, NULL, 0), 0);
	TRY(sendto(sv[0], "x", 1, 0, (struct sockaddr *)&sun, sizeof(sun)),
	    EACCES);
	TRY(prctl(PR_SET_DUMPABLE, 0), 0);
	TRY(prlimit(getppid(), RLIMIT_CORE, &rl, NULL), EPERM);
	TRY(syscall(SYS_personality, 0x400000), EPERM);
	TRY(open("/dev/null", O_RDONLY | O_CLOEXEC), 0); /* no broker here */
	if (prctl(PR_GET_DUMPABLE) != 1) {
		printf("# PR_SET_DUMPABLE took effect\n");
		bad = 1;
	}
	r = 20;				/* getpid of i386 */
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "cc");
	if (r != -ENOSYS) {
		printf("# int 0x80: %ld\n", r);
		bad = 1;
	}
	(void)fflush(stdout);
	return (bad);
}

static void
refused_calls_fail_with_the_table_s_errno_when_loaded(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	build(0, 0);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		(void)alarm(30);
		if (load() == -1)
			_exit(2);
		_exit(confined_calls());
	}
	assert_true(pid != -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Answer one notification with EXDEV; 0 when it was about nr. */
static int
answer(int listener, int nr)
{
	struct seccomp_notif		 req;
	struct seccomp_notif_resp	 resp;

	memset(&req, 0, sizeof(req));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) == -1)
		return (1);
	memset(&resp, 0, sizeof(resp));
	resp.id = req.id;
	resp.error = -EXDEV;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) == -1)
		return (1);
	return (req.data.nr != nr);
}

static void
notified_calls_reach_the_listener_when_loaded(void **state)
{
	pid_t	 pid, caller;
	int	 bad, listener, status;

	(void)state;
	build(0, 1);
	if ((pid = fork()) == 0) {
		(void)alarm(30);
		if ((listener = load()) == -1)
			_exit(2);
		if ((caller = fork()) == 0) {
			close(listener);	/* ends with its parent */
			bad = socket(AF_INET, SOCK_STREAM, 0) != -1 ||
			    errno != EXDEV;
			bad |= open("/dev/null", O_RDONLY) != -1 ||
			    errno != EXDEV;
			bad |= chmod("/nowhere", 0) != -1 || errno != EXDEV;
			_exit(bad);
		}
		bad = answer(listener, SYS_socket);
		bad |= answer(listener, SYS_openat);
		bad |= answer(listener, SYS_chmod);
		if (waitpid(caller, &status, 0) != caller || status != 0)
			bad = 1;
		_exit(bad);
	}
	assert_true(pid != -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* With rules about the network: the kinds that they name, and no other. */
static void
sockets_of_a_kind_are_made_with_its_rule(void **state)
{
	static const int	 domains[] = { AF_INET, AF_INET6, AF_UNIX,
				    AF_PACKET, AF_VSOCK, AF_ALG, AF_NETLINK,
				    AF_XDP, 43 /* AF_SMC */, AF_TIPC };
	static const int	 protocols[] = { 0, 1, 2, 6, 17, 33, 58, 115,
				    132, 136, 255, 256, 262, 263, 1 << 16 };
	uint64_t		 args[6];
	uint32_t		 got, want;
	uint16_t		 kind, found;
	size_t			 d, p;
	int			 type;

	(void)state;
	for (kind = 1; kind < NETK_UNIX; kind = (uint16_t)(kind << 1)) {
		memset(&policy, 0, sizeof(policy));
		memset(&plan, 0, sizeof(plan));
		plan.pl_net.np_mode = NETMODE_RULED;
		plan.pl_net.np_bits = kind;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		for (d = 0; d < sizeof(domains) / sizeof(domains[0]); d++)
		for (p = 0; p < sizeof(protocols) / sizeof(protocols[0]); p++)
		for (type = 0; type < 16; type++) {
			memset(args, 0, sizeof(args));
			/* the kernel looks at 32 bits, and at type's low 4 */
			args[0] = (uint32_t)domains[d] | (uint64_t)7 << 32;
			args[1] = (uint32_t)(type | SOCK_CLOEXEC) |
			    (uint64_t)1 << 40;
			args[2] = (uint32_t)protocols[p] | (uint64_t)1 << 33;
			got = call("socket", args);
			found = netkind_find(domains[d], type, protocols[p]);
			want = NOTIFY;
			if (domains[d] == AF_NETLINK)
				want = protocols[p] == 0 ? ALLOW :
				    REFUSE(EPROTONOSUPPORT);
			else if (domains[d] == AF_UNIX)
				want = type == SOCK_STREAM ||
				    type == SOCK_SEQPACKET ? ALLOW : NOTIFY;
			else if (found == kind)
				want = ALLOW;
			else if (domains[d] != AF_INET &&
			    domains[d] != AF_INET6)
				want = REFUSE(EAFNOSUPPORT);
			if (got != want)
				fail_msg("kind %#x: %d, %d, %d: %#x not %#x",
				    kind, domains[d], type, protocols[p], got,
				    want);
		}
	}
}

static void
a_send_without_an_address_is_never_notified(void **state)
{
	uint64_t	 args[6] = { 3, 4096, 10, 0, 0, 0 };

	(void)state;
	memset(&plan, 0, sizeof(plan));
	plan.pl_net.np_mode = NETMODE_RULED;
	plan.pl_net.np_bits = NETK_UDP | NETF_SENDTO | NETF_SENDMSG |
	    NETF_FASTOPEN;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("sendto", args), ALLOW);
	assert_int_equal(call("sendmsg", args), NOTIFY);
	assert_int_equal(call("recvmsg", args), ALLOW);
	args[4] = 1ULL << 32;
	assert_int_equal(call("sendto", args), NOTIFY);
	plan.pl_net.np_bits = NETK_TCP | NETF_SENDTO | NETF_FASTOPEN;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("sendmsg", args), ALLOW);
	args[2] = args[3] = 0x20000000;	/* MSG_FASTOPEN connects */
	assert_int_equal(call("sendmsg", args), REFUSE(EOPNOTSUPP));
	assert_int_equal(call("sendmmsg", args), REFUSE(EOPNOTSUPP));
	assert_int_equal(call("sendto", args), NOTIFY);
	args[4] = 0;
	assert_int_equal(call("sendto", args), ALLOW);
}

/* With names to be looked up, whatever may name a socket is handed over. */
static void
all_of_the_network_is_asked_about_where_names_are_hidden(void **state)
{
	static const char *const calls[] = {
		"connect", "bind", "sendmsg", "sendmmsg"
	};
	static const char *const free[] = {
		"listen", "accept4", "recvmsg", "recvfrom", "shutdown"
	};
	uint64_t	 args[6] = { 3, 4096, 10, 0, 0, 0 };
	size_t		 i;
	int		 sought;

	(void)state;
	for (sought = 0; sought < 2; sought++) {
		memset(&plan, 0, sizeof(plan));
		plan.pl_net.np_mode = NETMODE_ALL;
		plan.pl_net.np_asked = plan.pl_net.np_sought = sought != 0;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			assert_int_equal(call(calls[i], args),
			    sought ? NOTIFY : ALLOW);
		for (i = 0; i < sizeof(free) / sizeof(free[0]); i++)
			assert_int_equal(call(free[i], args), ALLOW);
		args[4] = 0;
		assert_int_equal(call("sendto", args), ALLOW);
		args[4] = 1ULL << 32;
		assert_int_equal(call("sendto", args), sought ? NOTIFY : ALLOW);
	}
}

/* What names mount points is not there where a rule hides a name. */
static void
mount_points_are_not_told_where_names_are_hidden(void **state)
{
	static char	 path[] = "/x", file[] = "test";
	struct rule	 hide;
	size_t		 i, n = 0;
	int		 how;

	(void)state;
	for (how = 0; how < 2; how++) {
		build(0, 1);
		memset(&hide, 0, sizeof(hide));
		hide.r_path = path;
		hide.r_len = strlen(path);
		hide.r_file = file;
		hide.r_rights = R_ALL;
		hide.r_action = RULE_DENY;
		hide.r_flags = how == 1 ? RF_HIDE : 0;
		plan.pl_rules.rs_rules = &hide;
		plan.pl_rules.rs_count = 1;
		assert_int_equal(compile_bpf(&policy, &plan), 0);
		for (i = 0; i < sysargs_count; i++) {
			if (sysargs[i].sa_when != SA_HIDING)
				continue;
			n++;
			assert_int_equal(simulate(sysargs[i].sa_nr,
			    AUDIT_ARCH_X86_64, zero),
			    how == 1 ? REFUSE(ENOSYS) : ALLOW);
		}
	}
	assert_int_equal(n, 4);
}

static void
options_that_name_addresses_are_refused(void **state)
{
	uint64_t	 args[6] = { 3, IPPROTO_IP, IP_OPTIONS, 0, 0, 0 };

	(void)state;
	memset(&plan, 0, sizeof(plan));
	plan.pl_net.np_mode = NETMODE_RULED;
	plan.pl_net.np_bits = NETK_TCP;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("setsockopt", args), REFUSE(EPERM));
	args[2] = IP_TOS;
	assert_int_equal(call("setsockopt", args), ALLOW);
	args[1] = SOL_SOCKET;
	args[2] = IP_OPTIONS;
	assert_int_equal(call("setsockopt", args), ALLOW);
	args[1] = IPPROTO_TCP;
	args[2] = 31;			/* TCP_ULP */
	assert_int_equal(call("setsockopt", args), REFUSE(ENOENT));
	args[1] = IPPROTO_IPV6 | 1ULL << 32;
	args[2] = 57;			/* IPV6_RTHDR */
	assert_int_equal(call("setsockopt", args), REFUSE(EPERM));
}

/* Who writes the header of a packet names another address than sendto(2). */
static void
headers_are_the_kernels(void **state)
{
	uint64_t	 args[6] = { AF_INET, SOCK_RAW, IPPROTO_RAW, 0, 0, 0 };

	(void)state;
	memset(&plan, 0, sizeof(plan));
	plan.pl_net.np_mode = NETMODE_RULED;
	plan.pl_net.np_bits = NETK_RAW;
	assert_int_equal(compile_bpf(&policy, &plan), 0);
	assert_int_equal(call("socket", args), NOTIFY);
	args[0] = AF_INET6;
	args[1] = SOCK_RAW | SOCK_CLOEXEC;
	assert_int_equal(call("socket", args), NOTIFY);
	args[2] = IPPROTO_ICMPV6;
	assert_int_equal(call("socket", args), ALLOW);
	args[0] = 3;
	args[1] = IPPROTO_IP;
	args[2] = IP_HDRINCL;
	assert_int_equal(call("setsockopt", args), REFUSE(EPERM));
	args[1] = IPPROTO_IPV6;
	args[2] = 36;			/* IPV6_HDRINCL */
	assert_int_equal(call("setsockopt", args), REFUSE(EPERM));
	args[1] = IPPROTO_RAW;
	assert_int_equal(call("setsockopt", args), REFUSE(EPERM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_gets_what_its_row_says),
		cmocka_unit_test(numbers_of_other_abis_are_enosys),
		cmocka_unit_test(other_architectures_are_enosys),
		cmocka_unit_test(arguments_decide_as_written_here),
		cmocka_unit_test(
		    an_open_is_notified_for_the_rights_its_flags_ask_for),
		cmocka_unit_test(a_call_is_notified_iff_one_of_its_rights_is),
		cmocka_unit_test(every_call_with_predicates_is_probed),
		cmocka_unit_test(
		    code_in_memory_is_looked_at_only_where_a_policy_asks),
		cmocka_unit_test(allow_syscall_does_not_lift_what_w_x_refuses),
		cmocka_unit_test(high_halves_do_not_matter_to_32_bit_compares),
		cmocka_unit_test(
		    allow_and_deny_syscall_change_one_call_and_the_last_wins),
		cmocka_unit_test(
		    what_may_not_be_lifted_is_an_error_and_no_filter),
		cmocka_unit_test(the_same_policy_gives_the_same_bytes),
		cmocka_unit_test(jumps_stay_inside_the_longest_filter),
		cmocka_unit_test(simulator_kills_what_leaves_the_program),
		cmocka_unit_test(
		    refused_calls_fail_with_the_table_s_errno_when_loaded),
		cmocka_unit_test(notified_calls_reach_the_listener_when_loaded),
		cmocka_unit_test(sockets_of_a_kind_are_made_with_its_rule),
		cmocka_unit_test(a_send_without_an_address_is_never_notified),
		cmocka_unit_test(headers_are_the_kernels),
		cmocka_unit_test(
		    all_of_the_network_is_asked_about_where_names_are_hidden),
		cmocka_unit_test(
		    mount_points_are_not_told_where_names_are_hidden),
		cmocka_unit_test(options_that_name_addresses_are_refused)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
