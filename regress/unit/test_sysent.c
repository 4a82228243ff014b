/*
 * The system call table against the kernel's own header, the running kernel,
 * and the promises that capture, dispatch and filter build on.
 */
#include <sys/utsname.h>
#include <sys/wait.h>
#include <linux/sched.h>
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../common/sysent.h"

#define PROBE_END	600	/* numbers tried on the running kernel */

/* Rows newer than the oldest headers we build with (6.1). */
static const struct newer {
	uint32_t	 n_nr;
	const char	*n_name;
} newer[] = {
	{ 335, "uretprobe" },		{ 336, "uprobe" },
	{ 451, "cachestat" },		{ 452, "fchmodat2" },
	{ 453, "map_shadow_stack" },	{ 454, "futex_wake" },
	{ 455, "futex_wait" },		{ 456, "futex_requeue" },
	{ 457, "statmount" },		{ 458, "listmount" },
	{ 459, "lsm_get_self_attr" },	{ 460, "lsm_set_self_attr" },
	{ 461, "lsm_list_modules" },	{ 462, "mseal" },
	{ 463, "setxattrat" },		{ 464, "getxattrat" },
	{ 465, "listxattrat" },		{ 466, "removexattrat" },
	{ 467, "open_tree_attr" },	{ 468, "file_getattr" },
	{ 469, "file_setattr" }
};
#define NEWER_COUNT	(sizeof(newer) / sizeof(newer[0]))

static FILE *
header_open(void)
{
	static const char *const paths[] = {
		"/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
		"/usr/include/asm/unistd_64.h"
	};
	FILE	*fp = NULL;
	size_t	 i;

	for (i = 0; fp == NULL && i < sizeof(paths) / sizeof(paths[0]); i++)
		fp = fopen(paths[i], "re");
	assert_non_null(fp);
	return (fp);
}

static void
table_is_sorted_without_duplicates(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 1; i < sysent_count; i++)
		assert_true(sysent[i - 1].se_nr < sysent[i].se_nr);
	for (i = 1; i < sysargs_count; i++)
		assert_true(sysargs[i - 1].sa_nr <= sysargs[i].sa_nr);
}

static void
every_number_of_the_header_has_its_row(void **state)
{
	const struct sysent	*se;
	char			 line[256], name[128];
	unsigned		 nr, seen = 0;
	FILE			*fp = header_open();

	(void)state;
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (sscanf(line, "#define __NR_%127s %u", name, &nr) != 2)
			continue;
		seen++;
		se = sysent_find(nr);
		if (se == NULL)
			fail_msg("no row for %s, %u", name, nr);
		else
			assert_string_equal(se->se_name, name);
	}
	(void)fclose(fp);
	assert_true(seen >= 362);		/* as in Linux 6.1 */
}

static void
every_row_is_in_the_header_or_newer(void **state)
{
	static uint8_t	 known[PROBE_END];
	char		 line[256], name[128];
	unsigned	 nr;
	size_t		 i;
	FILE		*fp = header_open();

	(void)state;
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (sscanf(line, "#define __NR_%127s %u", name, &nr) == 2 &&
		    nr < PROBE_END)
			known[nr] = 1;
	}
	(void)fclose(fp);
	for (i = 0; i < NEWER_COUNT; i++)
		known[newer[i].n_nr] = 1;
	for (i = 0; i < sysent_count; i++) {
		if (sysent[i].se_nr >= PROBE_END || !known[sysent[i].se_nr])
			fail_msg("row %s has number %u", sysent[i].se_name,
			    (unsigned)sysent[i].se_nr);
	}
}

static void
newer_rows_have_the_numbers_of_linux_6_18(void **state)
{
	const struct sysent	*se;
	size_t			 i;

	(void)state;
	for (i = 0; i < NEWER_COUNT; i++) {
		se = sysent_find(newer[i].n_nr);
		assert_non_null(se);
		assert_string_equal(se->se_name, newer[i].n_name);
	}
}

/* Number nr on this kernel, in a child: its errno, 0, or -1 if it died. */
static int
probe(uint32_t nr)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == 0) {
		(void)alarm(10);
		errno = 0;
		if (syscall((long)nr, -1L, -1L, -1L, -1L, -1L, -1L) != -1)
			errno = 0;
		_exit(errno);
	}
	assert_true(pid != -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
numbers_without_a_row_are_enosys_in_this_kernel(void **state)
{
	struct utsname	 un;
	uint32_t	 nr, last = sysent[sysent_count - 1].se_nr;
	unsigned	 major = 0, minor = 0, tried = 0;

	(void)state;
	assert_int_equal(uname(&un), 0);
	assert_int_equal(sscanf(un.release, "%u.%u", &major, &minor), 2);
	for (nr = 0; nr < PROBE_END; nr++) {
		if (sysent_find(nr) != NULL)
			continue;
		/* A kernel younger than the table may have grown. */
		if (nr > last && (major > 6 || (major == 6 && minor > 18)))
			break;
		if (probe(nr) != ENOSYS)
			fail_msg("number %u exists in %s", (unsigned)nr,
			    un.release);
		tried++;
	}
	assert_true(tried >= 87);	/* 337 to 423 at least */
}

static void
lookups_agree(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		assert_ptr_equal(sysent_find(sysent[i].se_nr), &sysent[i]);
		assert_ptr_equal(sysent_byname(sysent[i].se_name), &sysent[i]);
	}
	assert_null(sysent_find(337));
	assert_null(sysent_find(0x40000000));
	assert_null(sysent_find(UINT32_MAX));
	assert_null(sysent_find(65536));	/* se_nr is 16 bits wide */
	assert_null(sysent_byname(""));
	assert_null(sysent_byname("clone4"));
}

static void
close_dup_fork_wait_and_exit_are_never_notified(void **state)
{
	static const char *const names[] = {
		"read", "write", "close", "close_range", "dup", "dup2", "dup3",
		"fork", "vfork", "clone", "clone3", "wait4", "waitid", "exit",
		"exit_group", "rt_sigreturn", "restart_syscall", "futex",
		"munmap", "kill"
	};
	const struct sysent	*se;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		se = sysent_byname(names[i]);
		assert_non_null(se);
		assert_true(se->se_disp == SYS_ALLOW ||
		    strcmp(names[i], "clone3") == 0);
		assert_true(se->se_disp != SYS_NOTIFY);
		assert_int_equal(se->se_handler, SYSH_NONE);
		for (k = 0; k < sysargs_count; k++) {
			if (sysargs[k].sa_nr == se->se_nr)
				assert_true(sysargs[k].sa_disp != SYS_NOTIFY);
		}
	}
}

static int
has_kind(const struct sysent *se, unsigned kind)
{
	size_t	 i;

	for (i = 0; i < 6; i++) {
		if (se->se_args[i] == kind)
			return (1);
	}
	return (0);
}

static void
a_handler_goes_with_a_notification_and_an_object(void **state)
{
	const struct sysent	*se;
	size_t			 i, k;
	int			 notified;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		notified = se->se_disp == SYS_NOTIFY ||
		    se->se_disp == SYS_FILES;
		for (k = 0; k < sysargs_count; k++)
			if (sysargs[k].sa_nr == se->se_nr &&
			    (sysargs[k].sa_disp == SYS_NOTIFY ||
			    sysargs[k].sa_disp == SYS_FILES))
				notified = 1;
		assert_true(se->se_handler < SYSH_COUNT);
		assert_int_equal(notified, se->se_handler != SYSH_NONE);
		if (!notified) {
			assert_int_equal(se->se_status, ST_NEVER);
			assert_int_equal(se->se_flagarg, 0xff);
			continue;
		}
		if (se->se_handler == SYSH_PTY)
			continue;	/* by its arguments only */
		if (se->se_handler == SYSH_MEMORY) {
			/* the same; CONTINUE by the flags in a register */
			assert_int_equal(se->se_disp, SYS_ALLOW);
			assert_true(se->se_cont != 0);
			assert_true(se->se_flagarg < 6);
			continue;
		}
		assert_true(se->se_tiers & TIER_BROKER);
		if (se->se_net)
			continue;	/* no right of a file's */
		/* whose descriptors are in memory is refused as it is */
		assert_true(has_kind(se, ARG_PATH) || has_kind(se, ARG_FD) ||
		    strcmp(se->se_name, "io_submit") == 0);
		assert_true(se->se_rights != 0);
		assert_int_equal(se->se_rights & ~(R_ALL | R_HIDING |
		    R_APPENDING), 0);
	}
}

static void
argument_kinds_are_followed_by_what_they_need(void **state)
{
	const struct sysent	*se;
	unsigned		 kind, next;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		for (k = 0; k < 6; k++) {
			kind = se->se_args[k];
			next = k < 5 ? se->se_args[k + 1] : ARG_NONE;
			assert_true(kind < ARG_KINDS);
			if (kind == ARG_NONE)
				assert_int_equal(next, ARG_NONE);
			if (kind == ARG_DIRFD)
				assert_int_equal(next, ARG_PATH);
			if (kind == ARG_OUT || kind == ARG_BUF ||
			    kind == ARG_HOW)
				assert_int_equal(next, ARG_VAL);
		}
		if (se->se_flagarg != 0xff) {
			assert_true(se->se_flagarg < 6);
			assert_int_equal(se->se_args[se->se_flagarg], ARG_VAL);
		}
		if (se->se_status == ST_CREAT)
			assert_true(se->se_flagarg != 0xff);
	}
}

static void
every_row_has_an_errno_iff_refused_and_a_reason(void **state)
{
	const struct sysent	*se;
	const char		*c;
	size_t			 i;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		assert_int_equal(se->se_errno != 0, se->se_disp ==
		    SYS_REFUSE);
		assert_non_null(se->se_why);
		assert_true(strlen(se->se_why) >= 10);
		for (c = se->se_why; *c != '\0'; c++)
			assert_true(isprint((unsigned char)*c));
		if (se->se_optional)
			assert_true(se->se_disp == SYS_REFUSE ||
			    se->se_disp == SYS_ALLOW);
	}
}

/* Landlock ABI 7 has no right for these: chmod, chown, utime, xattr. */
static void
what_landlock_cannot_see_is_notified(void **state)
{
	static const char *const names[] = {
		"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown",
		"lchown", "fchownat", "utime", "utimes", "futimesat",
		"utimensat", "setxattr", "lsetxattr", "fsetxattr",
		"removexattr", "lremovexattr", "fremovexattr",
		"setxattrat", "removexattrat", "file_setattr"
	};
	const struct sysent	*se;
	size_t			 i, found = 0;
	uint32_t		 attr;

	(void)state;
	attr = R_CHMOD | R_CHOWN | R_CHGRP | R_UTIME | R_XATTR;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		se = sysent_byname(names[i]);
		assert_non_null(se);
		assert_int_equal(se->se_disp, SYS_FILES);
		assert_int_equal(se->se_tiers, TIER_BROKER);
		assert_true(se->se_rights & attr);
		/* a path's directories are walked */
		assert_int_equal(se->se_rights & ~attr, R_WALK);
	}
	for (i = 0; i < sysent_count; i++)
		found += (sysent[i].se_rights & attr) != 0;
	assert_int_equal(found, sizeof(names) / sizeof(names[0]));
}

#define N	ARG_NONE
#define V	ARG_VAL
#define P	ARG_PTR
#define F	ARG_FD
#define D	ARG_DIRFD
#define S	ARG_PATH
/* From the kernel's SYSCALL_DEFINEs: what capture must not get wrong. */
static const struct want {
	const char	*w_name;
	uint8_t		 w_args[6];
	uint8_t		 w_flagarg;
	uint8_t		 w_status;
} wants[] = {
	{ "open", { S, V, V, N, N, N }, 1, ST_CREAT },
	{ "openat", { D, S, V, V, N, N }, 2, ST_CREAT },
	{ "openat2", { D, S, ARG_HOW, V, N, N }, 0xff, ST_ALWAYS },
	{ "creat", { S, V, N, N, N, N }, 0xff, ST_ALWAYS },
	{ "execve", { S, ARG_ARGV, P, N, N, N }, 0xff, ST_NEVER },
	{ "execveat", { D, S, ARG_ARGV, P, V, N }, 4, ST_NEVER },
	{ "mkdir", { S, V, N, N, N, N }, 0xff, ST_ALWAYS },
	{ "mkdirat", { D, S, V, N, N, N }, 0xff, ST_ALWAYS },
	{ "mknod", { S, V, V, N, N, N }, 0xff, ST_ALWAYS },
	{ "mknodat", { D, S, V, V, N, N }, 0xff, ST_ALWAYS },
	{ "unlink", { S, N, N, N, N, N }, 0xff, ST_NEVER },
	{ "unlinkat", { D, S, V, N, N, N }, 2, ST_NEVER },
	{ "rmdir", { S, N, N, N, N, N }, 0xff, ST_NEVER },
	{ "rename", { S, S, N, N, N, N }, 0xff, ST_NEVER },
	{ "renameat", { D, S, D, S, N, N }, 0xff, ST_NEVER },
	{ "renameat2", { D, S, D, S, V, N }, 4, ST_NEVER },
	{ "link", { S, S, N, N, N, N }, 0xff, ST_NEVER },
	{ "linkat", { D, S, D, S, V, N }, 4, ST_NEVER },
	{ "symlink", { ARG_STR, S, N, N, N, N }, 0xff, ST_NEVER },
	{ "symlinkat", { ARG_STR, D, S, N, N, N }, 0xff, ST_NEVER },
	{ "truncate", { S, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "chmod", { S, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "fchmod", { F, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "fchmodat", { D, S, V, N, N, N }, 0xff, ST_NEVER },
	{ "fchmodat2", { D, S, V, V, N, N }, 3, ST_NEVER },
	{ "ioctl", { F, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "chown", { S, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "lchown", { S, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "fchown", { F, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "fchownat", { D, S, V, V, V, N }, 4, ST_NEVER },
	{ "utime", { S, ARG_UTIMBUF, N, N, N, N }, 0xff, ST_NEVER },
	{ "utimes", { S, ARG_TIMES, N, N, N, N }, 0xff, ST_NEVER },
	{ "futimesat", { D, S, ARG_TIMES, N, N, N }, 0xff, ST_NEVER },
	{ "utimensat", { D, S, ARG_TIMES, V, N, N }, 3, ST_NEVER },
	{ "setxattr", { S, ARG_NAME, ARG_BUF, V, V, N }, 4, ST_NEVER },
	{ "lsetxattr", { S, ARG_NAME, ARG_BUF, V, V, N }, 4, ST_NEVER },
	{ "fsetxattr", { F, ARG_NAME, ARG_BUF, V, V, N }, 4, ST_NEVER },
	{ "removexattr", { S, ARG_NAME, N, N, N, N }, 0xff, ST_NEVER },
	{ "lremovexattr", { S, ARG_NAME, N, N, N, N }, 0xff, ST_NEVER },
	{ "fremovexattr", { F, ARG_NAME, N, N, N, N }, 0xff, ST_NEVER },
	{ "setxattrat", { D, S, V, ARG_NAME, ARG_HOW, V }, 2, ST_NEVER },
	{ "removexattrat", { D, S, V, ARG_NAME, N, N }, 2, ST_NEVER },
	{ "file_setattr", { D, S, ARG_HOW, V, V, N }, 4, ST_NEVER },
	{ "mmap", { V, V, V, V, F, V }, 3, ST_NEVER },
	{ "mprotect", { V, V, V, N, N, N }, 2, ST_NEVER },
	{ "pkey_mprotect", { V, V, V, V, N, N }, 2, ST_NEVER },
	{ "stat", { S, ARG_STAT, N, N, N, N }, 0xff, ST_NEVER },
	{ "lstat", { S, ARG_STAT, N, N, N, N }, 0xff, ST_NEVER },
	{ "fstat", { F, ARG_STAT, N, N, N, N }, 0xff, ST_NEVER },
	{ "newfstatat", { D, S, ARG_STAT, V, N, N }, 3, ST_NEVER },
	{ "statx", { D, S, V, V, ARG_STATX, N }, 2, ST_NEVER },
	{ "access", { S, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "faccessat", { D, S, V, N, N, N }, 0xff, ST_NEVER },
	{ "faccessat2", { D, S, V, V, N, N }, 3, ST_NEVER },
	{ "readlink", { S, ARG_OUT, V, N, N, N }, 0xff, ST_NEVER },
	{ "readlinkat", { D, S, ARG_OUT, V, N, N }, 0xff, ST_NEVER },
	{ "statfs", { S, ARG_STATFS, N, N, N, N }, 0xff, ST_NEVER },
	{ "getxattr", { S, ARG_NAME, ARG_OUT, V, N, N }, 0xff, ST_NEVER },
	{ "lgetxattr", { S, ARG_NAME, ARG_OUT, V, N, N }, 0xff, ST_NEVER },
	{ "listxattr", { S, ARG_OUT, V, N, N, N }, 0xff, ST_NEVER },
	{ "llistxattr", { S, ARG_OUT, V, N, N, N }, 0xff, ST_NEVER },
	{ "getxattrat", { D, S, V, ARG_NAME, ARG_HOW, V }, 2, ST_NEVER },
	{ "listxattrat", { D, S, V, ARG_OUT, V, N }, 2, ST_NEVER },
	{ "file_getattr", { D, S, ARG_OUT, V, V, N }, 4, ST_NEVER },
	{ "name_to_handle_at", { D, S, P, P, V, N }, 4, ST_NEVER },
	{ "inotify_add_watch", { F, S, V, N, N, N }, 2, ST_NEVER },
	{ "chdir", { S, N, N, N, N, N }, 0xff, ST_NEVER },
	{ "fchdir", { F, N, N, N, N, N }, 0xff, ST_NEVER },
	{ "fcntl", { F, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "ftruncate", { F, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "fallocate", { F, V, V, V, N, N }, 0xff, ST_NEVER },
	{ "pwritev2", { F, P, V, V, V, V }, 0xff, ST_NEVER },
	{ "io_submit", { V, V, P, N, N, N }, 0xff, ST_NEVER },
	{ "getdents", { F, ARG_OUT, V, N, N, N }, 0xff, ST_NEVER },
	{ "getdents64", { F, ARG_OUT, V, N, N, N }, 0xff, ST_NEVER },
	{ "socket", { V, V, V, N, N, N }, 0xff, ST_NEVER },
	{ "connect", { F, ARG_BUF, V, N, N, N }, 0xff, ST_NEVER },
	{ "bind", { F, ARG_BUF, V, N, N, N }, 0xff, ST_NEVER },
	{ "accept", { F, P, P, N, N, N }, 0xff, ST_NEVER },
	{ "accept4", { F, P, P, V, N, N }, 3, ST_NEVER },
	{ "listen", { F, V, N, N, N, N }, 0xff, ST_NEVER },
	{ "sendto", { F, ARG_BUF, V, V, ARG_BUF, V }, 0xff, ST_NEVER },
	{ "sendmsg", { F, P, V, N, N, N }, 0xff, ST_NEVER },
	{ "sendmmsg", { F, P, V, V, N, N }, 0xff, ST_NEVER }
};
#define WANTS_COUNT	(sizeof(wants) / sizeof(wants[0]))

static void
notified_rows_describe_the_kernel_s_prototypes(void **state)
{
	const struct sysent	*se;
	size_t			 i, notified = 0;

	(void)state;
	for (i = 0; i < WANTS_COUNT; i++) {
		se = sysent_byname(wants[i].w_name);
		assert_non_null(se);
		assert_memory_equal(se->se_args, wants[i].w_args, 6);
		assert_int_equal(se->se_flagarg, wants[i].w_flagarg);
		assert_int_equal(se->se_status, wants[i].w_status);
	}
	for (i = 0; i < sysent_count; i++)
		notified += sysent[i].se_handler != SYSH_NONE;
	assert_int_equal(notified, WANTS_COUNT);
}

static void
argument_predicates_are_well_formed(void **state)
{
	const struct sysent	*se;
	const struct sysarg	*sa;
	size_t			 i;

	(void)state;
	for (i = 0; i < sysargs_count; i++) {
		sa = &sysargs[i];
		se = sysent_find(sa->sa_nr);
		assert_non_null(se);
		assert_true(sa->sa_arg < 6);
		assert_true(se->se_args[sa->sa_arg] != ARG_NONE);
		assert_true(sa->sa_op <= SYSOP_ANYSET);
		assert_true(sa->sa_when <= SA_WXASK);
		/* what is about rights is about files, and has some */
		assert_int_equal(sa->sa_rights != 0, sa->sa_disp == SYS_FILES);
		if (sa->sa_disp == SYS_FILES)
			assert_true(se->se_disp == SYS_FILES ||
			    se->se_handler == SYSH_APPEND);
		assert_int_equal(sa->sa_rights & ~se->se_rights, 0);
		assert_non_null(sa->sa_why);
		/* Nothing is compared that a 32-bit compare would drop. */
		if (!sa->sa_wide) {
			assert_int_equal(sa->sa_mask >> 32, 0);
			assert_int_equal(sa->sa_value >> 32, 0);
		}
		assert_int_equal(sa->sa_value & ~sa->sa_mask, 0);
		if (sa->sa_op == SYSOP_ANYSET)
			assert_true(sa->sa_mask != 0 && sa->sa_value == 0);
		if (sa->sa_disp != SYS_REFUSE)
			assert_int_equal(sa->sa_errno, 0);
	}
}

static void
namespace_flags_are_all_refused(void **state)
{
	uint64_t	 all, clone = 0, unshare = 0;
	size_t		 i;

	(void)state;
	all = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
	for (i = 0; i < sysargs_count; i++) {
		if (sysargs[i].sa_op != SYSOP_ANYSET ||
		    sysargs[i].sa_disp != SYS_REFUSE)
			continue;
		if (sysargs[i].sa_nr == sysent_byname("clone")->se_nr)
			clone |= sysargs[i].sa_mask;
		if (sysargs[i].sa_nr == sysent_byname("unshare")->se_nr)
			unshare |= sysargs[i].sa_mask;
	}
	assert_true((clone & all) == all);
	assert_int_equal(clone & CSIGNAL, 0);
	assert_true(unshare == (all | 0x80));	/* CLONE_NEWTIME */
}

/* Only these can be answered with what a rule wants done to the caller. */
static void
effects_belong_to_calls_that_rules_decide(void **state)
{
	const struct sysent	*se;

	(void)state;
	for (se = sysent; se < sysent + sysent_count; se++)
		if (se->se_disp != SYS_ALLOW || se->se_handler != SYSH_NONE)
			assert_int_equal(sysent_ruled(se),
			    (se->se_handler >= SYSH_OPEN &&
			    se->se_handler <= SYSH_XATTR) ||
			    se->se_handler == SYSH_MEMORY ||
			    se->se_handler == SYSH_SOCKET ||
			    se->se_handler >= SYSH_STAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sorted_without_duplicates),
		cmocka_unit_test(every_number_of_the_header_has_its_row),
		cmocka_unit_test(every_row_is_in_the_header_or_newer),
		cmocka_unit_test(newer_rows_have_the_numbers_of_linux_6_18),
		cmocka_unit_test(
		    numbers_without_a_row_are_enosys_in_this_kernel),
		cmocka_unit_test(lookups_agree),
		cmocka_unit_test(
		    close_dup_fork_wait_and_exit_are_never_notified),
		cmocka_unit_test(
		    a_handler_goes_with_a_notification_and_an_object),
		cmocka_unit_test(argument_kinds_are_followed_by_what_they_need),
		cmocka_unit_test(
		    every_row_has_an_errno_iff_refused_and_a_reason),
		cmocka_unit_test(what_landlock_cannot_see_is_notified),
		cmocka_unit_test(
		    notified_rows_describe_the_kernel_s_prototypes),
		cmocka_unit_test(argument_predicates_are_well_formed),
		cmocka_unit_test(namespace_flags_are_all_refused),
		cmocka_unit_test(
		    effects_belong_to_calls_that_rules_decide)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
