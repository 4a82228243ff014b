/* LINK: build/jail_filters.c */
/*
 * The generated filters say what jail_table.c says: every role, every system
 * call number, every architecture, arguments around every compared value, by
 * an interpreter that shares nothing with libseccomp.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../common/jail.h"
#include "../../common/sysent.h"

#define NR_MAX		1024	/* beyond the last number of any arch */
#define X32		0x40000000U
#define BAD		0xdeadbeefU	/* not a program: no RET is this */

static const unsigned	 architectures[] = {
	AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
	AUDIT_ARCH_ARM, 0, 0xffffffffU
};

/* A word of struct seccomp_data. */
static uint32_t
load(const struct seccomp_data *sd, uint32_t offset, int *bad)
{
	uint32_t	 word = 0;

	if (offset % 4 != 0 || offset > sizeof(*sd) - 4)
		*bad = 1;
	else
		memcpy(&word, (const uint8_t *)sd + offset, sizeof(word));
	return (word);
}

static uint32_t
run(const struct jail_filter *jf, const struct seccomp_data *sd)
{
	const struct sock_filter *f;
	uint32_t	 acc = 0;
	size_t		 pc = 0;
	int		 bad = 0, taken;

	while (pc < jf->jf_len && !bad) {
		f = &jf->jf_insns[pc++];
		taken = 0;
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			acc = load(sd, f->k, &bad);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			acc &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return (f->k);
		case BPF_JMP | BPF_JA:
			pc += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = acc == f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = acc >= f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = acc > f->k;
			break;
		default:
			bad = 1;
		}
		pc += taken ? f->jt : f->jf;
	}
	return (BAD);
}

static int
row_number(const struct jail_row *row)
{
	const struct sysent	*se;

	if ((se = sysent_byname(row->j_call)) == NULL)
		fail_msg("%s is not in sysent.c", row->j_call);
	return (se->se_nr);
}

/* Numbers of the rows, looked up once. */
static int	 row_nr[1024];

static int
setup_numbers(void **state)
{
	size_t	 i;

	(void)state;
	assert_true(jail_table_count < sizeof(row_nr) / sizeof(row_nr[0]));
	for (i = 0; i < jail_table_count; i++)
		row_nr[i] = row_number(&jail_table[i]);
	return (0);
}

/* What the table wants of a call. */
static uint32_t
want(enum role role, const struct seccomp_data *sd)
{
	const struct jail_row	*row;
	size_t			 i;

	if (sd->arch != AUDIT_ARCH_X86_64 ||
	    ((uint32_t)sd->nr >= X32 && sd->nr != -1))
		return (SECCOMP_RET_KILL_PROCESS);
	for (i = 0; i < jail_table_count; i++) {
		row = &jail_table[i];
		if (!(row->j_roles & 1U << role) || row_nr[i] != sd->nr)
			continue;
		if (row->j_errno != 0)
			return (SECCOMP_RET_ERRNO | (uint32_t)row->j_errno);
		if (row->j_arg == -1 ||
		    (sd->args[row->j_arg] & row->j_mask) == row->j_value)
			return (SECCOMP_RET_ALLOW);
	}
	return (SECCOMP_RET_TRAP);
}

static void
check(enum role role, const struct seccomp_data *sd)
{
	uint32_t	 is = run(&jail_filters[role], sd);
	uint32_t	 should = want(role, sd);

	if (is == should)
		return;
	/* -1 is no call: any refusal is as good */
	if (sd->nr == -1 && (is == SECCOMP_RET_TRAP ||
	    is == SECCOMP_RET_KILL_PROCESS))
		return;
	fail_msg("role %d nr %d arch %x args %llx %llx %llx %llx %llx %llx: "
	    "filter %x, table %x", (int)role, sd->nr, sd->arch,
	    (unsigned long long)sd->args[0], (unsigned long long)sd->args[1],
	    (unsigned long long)sd->args[2], (unsigned long long)sd->args[3],
	    (unsigned long long)sd->args[4], (unsigned long long)sd->args[5],
	    is, should);
}

static void
fill(struct seccomp_data *sd, uint64_t value)
{
	size_t	 i;

	for (i = 0; i < 6; i++)
		sd->args[i] = value;
}

static void
every_number_every_architecture(void **state)
{
	static const uint64_t	 values[] = { 0, 1, UINT64_MAX, 0xffffffff,
	    0xffffffff00000000, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa };
	struct seccomp_data	 sd;
	enum role		 role;
	uint32_t		 nr;
	size_t			 a, v;

	(void)state;
	memset(&sd, 0, sizeof(sd));
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
	for (a = 0; a < sizeof(architectures) / sizeof(architectures[0]); a++)
	for (v = 0; v < sizeof(values) / sizeof(values[0]); v++)
	for (nr = 0; nr < NR_MAX; nr++) {
		sd.arch = architectures[a];
		fill(&sd, values[v]);
		sd.nr = (int)nr;
		check(role, &sd);
		sd.nr = (int)(X32 | nr);
		check(role, &sd);
		sd.nr = (int)(0x80000000U | nr);
		check(role, &sd);
		sd.nr = (int)(0xffffffffU - nr);
		check(role, &sd);
		sd.nr = (int)(X32 - 1 - nr);
		check(role, &sd);
	}
}

/* Each compared value, its neighbours, and each bit of it turned. */
static void
every_compared_value_and_its_neighbours(void **state)
{
	static const uint64_t	 others[] = { 0, UINT64_MAX };
	const struct jail_row	*row;
	struct seccomp_data	 sd;
	enum role		 role;
	uint64_t		 base;
	size_t			 i, o, seen = 0;
	int			 arg, bit;

	(void)state;
	memset(&sd, 0, sizeof(sd));
	sd.arch = AUDIT_ARCH_X86_64;
	for (i = 0; i < jail_table_count; i++) {
		row = &jail_table[i];
		if (row->j_arg == -1)
			continue;
		seen++;
		sd.nr = row_nr[i];
		for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
		for (o = 0; o < 4; o++)
		for (arg = 0; arg < 6; arg++) {
			/* outside the mask: zeros, or ones */
			base = row->j_value | (o & 2 ? ~row->j_mask : 0);
			fill(&sd, others[o & 1]);
			sd.args[arg] = base;
			check(role, &sd);
			sd.args[arg] = base + 1;
			check(role, &sd);
			sd.args[arg] = base - 1;
			check(role, &sd);
			for (bit = 0; bit < 64; bit++) {
				sd.args[arg] = base ^ 1ULL << bit;
				check(role, &sd);
			}
		}
	}
	assert_true(seen > 10);
}

/* As the kernel's own checker, so that loading cannot fail at start. */
static void
every_jump_lands_and_every_path_returns(void **state)
{
	const struct jail_filter *jf;
	const struct sock_filter *f;
	enum role		  role;
	size_t			  pc, left;

	(void)state;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
		jf = &jail_filters[role];
		assert_in_range(jf->jf_len, 4, FILTER_LEN_MAX);
		for (pc = 0; pc < jf->jf_len; pc++) {
			f = &jf->jf_insns[pc];
			left = jf->jf_len - pc - 1;
			if (BPF_CLASS(f->code) != BPF_JMP)
				continue;
			if (BPF_OP(f->code) == BPF_JA)
				assert_true(f->k < left);
			else
				assert_true(f->jt < left && f->jf < left);
		}
		f = &jf->jf_insns[jf->jf_len - 1];
		assert_int_equal(BPF_CLASS(f->code), BPF_RET);
	}
}

/* The lane worker's filter is stacked on the policy process's. */
static void
policy_allows_all_that_a_lane_needs(void **state)
{
	struct seccomp_data	 sd;
	const struct jail_row	*row;
	size_t			 i;

	(void)state;
	memset(&sd, 0, sizeof(sd));
	sd.arch = AUDIT_ARCH_X86_64;
	for (i = 0; i < jail_table_count; i++) {
		row = &jail_table[i];
		if (!(row->j_roles & 1U << ROLE_LANE))
			continue;
		sd.nr = row_nr[i];
		fill(&sd, UINT64_MAX);
		if (row->j_arg != -1)
			sd.args[row->j_arg] = row->j_value | ~row->j_mask;
		if (run(&jail_filters[ROLE_LANE], &sd) !=
		    run(&jail_filters[ROLE_POLICY], &sd))
			fail_msg("%s: lane, not policy", row->j_call);
	}
}

static void
never(unsigned roles, const char *const *calls)
{
	struct seccomp_data	 sd;
	const struct sysent	*se;
	enum role		 role;

	memset(&sd, 0, sizeof(sd));
	sd.arch = AUDIT_ARCH_X86_64;
	for (; *calls != NULL; calls++) {
		if ((se = sysent_byname(*calls)) == NULL)
			fail_msg("%s is not in sysent.c", *calls);
		sd.nr = se->se_nr;
		for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
			if (!(roles & 1U << role))
				continue;
			if (run(&jail_filters[role], &sd) !=
			    SECCOMP_RET_TRAP)
				fail_msg("%s: role %d", *calls, (int)role);
		}
	}
}

#define ALL_ROLES	((1U << ROLE_COUNT) - 1)

static void
no_role_execs_connects_or_leaves(void **state)
{
	static const char *const net[] = { "connect", "bind", "listen",
	    "accept4", "sendto", NULL };
	static const char *const calls[] = { "execve", "execveat", "socket",
	    "accept", "fork",
	    "vfork", "chroot", "pivot_root", "mount", "umount2", "setns",
	    "unshare", "bpf", "perf_event_open", "userfaultfd",
	    "init_module", "finit_module", "kexec_load", "keyctl", "shmat",
	    "io_uring_setup", "io_uring_enter", "memfd_create",
	    "personality", "pkey_mprotect", "open_by_handle_at", "setuid",
	    "setresuid", "capset", "remap_file_pages", NULL };

	(void)state;
	never(ALL_ROLES, calls);
	/* done for the command, where there are rules: see jail_nonet() */
	never(ALL_ROLES & ~(1U << ROLE_POLICY | 1U << ROLE_LANE), net);
}

static void
no_worker_can_touch_the_child(void **state)
{
	static const char *const calls[] = { "ptrace", "process_vm_readv",
	    "process_vm_writev", "pidfd_open", "pidfd_getfd",
	    "pidfd_send_signal", "kill", "tkill", "tgkill", "ioctl",
	    "rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_madvise",
#ifndef PRIVSEP_SAN	/* its runtime asks for RLIMIT_STACK */
	    "prlimit64",
#endif
	    "kcmp", NULL };

	(void)state;
	never(1U << ROLE_POLICY | 1U << ROLE_LANE | 1U << ROLE_INTEGRITY |
	    1U << ROLE_LEARN, calls);
}

static void
no_lane_forks_and_integrity_opens_nothing(void **state)
{
	static const char *const lane[] = { "clone", "clone3", "seccomp",
	    "prctl", "rt_sigaction", "socketpair", NULL };
	/* the integrity worker says with it that it reads */
	static const char *const mask[] = { "rt_sigprocmask", NULL };
	static const char *const opens[] = { "openat2",
#ifndef PRIVSEP_SAN	/* its runtime reads /proc/self/maps, the program */
	    "open", "openat",
#endif
	    "creat", "unlink", "unlinkat", "rename", "renameat",
	    "renameat2", "mkdir", "mkdirat", "link", "linkat", "symlink",
	    "symlinkat", "truncate", "chmod", "fchmodat", NULL };

	(void)state;
	never(1U << ROLE_LANE | 1U << ROLE_INTEGRITY | 1U << ROLE_LEARN, lane);
	never(1U << ROLE_LANE | 1U << ROLE_LEARN, mask);
	never(1U << ROLE_MONITOR | 1U << ROLE_INTEGRITY | 1U << ROLE_LEARN,
	    opens);
}

/* In a child of ours: the signal that making this call ends it with. */
static int
ended_by(long nr)
{
	int	 status;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
			_exit(1);
		(void)signal(SIGSYS, SIG_DFL);
		jail_nonet();
		(void)syscall(nr, -1, NULL, 0, 0, 0, 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void
without_rules_about_the_network_a_lane_has_no_call_for_it(void **state)
{
	(void)state;
	assert_int_equal(ended_by(SYS_connect), SIGSYS);
	assert_int_equal(ended_by(SYS_bind), SIGSYS);
	assert_int_equal(ended_by(SYS_listen), SIGSYS);
	assert_int_equal(ended_by(SYS_accept4), SIGSYS);
	assert_int_equal(ended_by(SYS_sendto), SIGSYS);
	assert_int_equal(ended_by(SYS_getsockopt), SIGSYS);
	assert_int_equal(ended_by(SYS_getpid), 0);
}

static void
no_role_makes_memory_executable(void **state)
{
	struct seccomp_data	 sd;
	enum role		 role;
	unsigned		 prot;
	size_t			 i;
	static const char *const calls[] = { "mmap", "mprotect" };

	(void)state;
	memset(&sd, 0, sizeof(sd));
	sd.arch = AUDIT_ARCH_X86_64;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
	for (i = 0; i < 2; i++)
	for (prot = 0; prot < 256; prot++) {
		sd.nr = sysent_byname(calls[i])->se_nr;
		sd.args[2] = prot;
		if ((prot & PROT_EXEC) != 0)
			assert_int_equal(run(&jail_filters[role], &sd),
			    SECCOMP_RET_TRAP);
	}
}

static void
no_role_replaces_the_sigsys_handler(void **state)
{
	struct seccomp_data	 sd;
	enum role		 role;

	(void)state;
	memset(&sd, 0, sizeof(sd));
	sd.arch = AUDIT_ARCH_X86_64;
	sd.nr = sysent_byname("rt_sigaction")->se_nr;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
		sd.args[0] = 31;
		assert_int_equal(run(&jail_filters[role], &sd),
		    SECCOMP_RET_TRAP);
		sd.args[0] = 31 | 1ULL << 32;
		assert_int_equal(run(&jail_filters[role], &sd),
		    SECCOMP_RET_TRAP);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_every_architecture),
		cmocka_unit_test(every_compared_value_and_its_neighbours),
		cmocka_unit_test(every_jump_lands_and_every_path_returns),
		cmocka_unit_test(policy_allows_all_that_a_lane_needs),
		cmocka_unit_test(no_role_execs_connects_or_leaves),
		cmocka_unit_test(no_worker_can_touch_the_child),
		cmocka_unit_test(no_lane_forks_and_integrity_opens_nothing),
		cmocka_unit_test(
		    without_rules_about_the_network_a_lane_has_no_call_for_it),
		cmocka_unit_test(no_role_makes_memory_executable),
		cmocka_unit_test(no_role_replaces_the_sigsys_handler)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup_numbers, NULL));
}
