/* LINK: build/jail_filters.c */
/*
 * The filters at work: for every role and every system call number, by every
 * entry point of this kernel, a child enters the role's filter and makes the
 * call.  It must die by SIGSYS exactly when jail_table.c does not allow it,
 * and the call's name must be on the log channel.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../common/jail.h"
#include "../../common/log.h"
#include "../../common/sysent.h"
#include "../../proto/chan.h"

#define NR_MAX		470
#define X32		0x40000000L
#define X32_ONLY	512	/* x32's own numbers, to 547 */
#define X32_MAX		548
#define NR_URETPROBE	335
#define NR_UPROBE	336
#define RETURNED	42	/* exit statuses of the children */
#define NOSYS		43
#define PATIENCE	5	/* seconds for one child */

enum entry { ENTRY_64, ENTRY_X32, ENTRY_INT80 };

static int	 log_pair[2];	/* [0] reads what [1], FD_LOG, was told */
static struct msg msg;

static long
call64(long nr, const uint64_t *a)
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long		  ret;

	__asm__ volatile ("syscall" : "=a" (ret) : "0" (nr), "D" (a[0]),
	    "S" (a[1]), "d" (a[2]), "r" (r10), "r" (r8), "r" (r9) :
	    "rcx", "r11", "memory");
	return (ret);
}

static long
call80(long nr)
{
	long	 ret;

	__asm__ volatile ("int $0x80" : "=a" (ret) : "0" (nr), "b" (-1L),
	    "c" (-1L), "d" (-1L), "S" (-1L), "D" (-1L) :
	    "r8", "r9", "r10", "r11", "memory");
	return (ret);
}

static void
child_end(int status)
{
	uint64_t	 a[6] = { (uint64_t)status };

	for (;;)
		call64(SYS_exit_group, a);
}

/* In the child: the log channel, also as stderr for the monitor. */
static void
child_begin(void)
{
	signal(SIGILL, SIG_DFL);	/* cmocka has its own */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	alarm(PATIENCE);
	if (dup2(log_pair[1], STDERR_FILENO) == -1 ||
	    dup2(log_pair[1], FD_LOG) == -1)
		_exit(1);
}

static int
child_status(pid_t pid)
{
	int	 status;

	assert_int_not_equal(pid, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (status);
}

/* The wait status of a role that makes this call. */
static int
try(enum role role, enum entry entry, long nr, const uint64_t *args)
{
	pid_t	 pid;
	long	 ret;

	if ((pid = fork()) == 0) {
		child_begin();
		jail_filter(role);
		if (entry == ENTRY_INT80)
			ret = call80(nr);
		else
			ret = call64(nr | (entry == ENTRY_X32 ? X32 : 0),
			    args);
		child_end(ret == -ENOSYS ? NOSYS : RETURNED);
	}
	return (child_status(pid));
}

static int
died(int status)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void
assert_silence(void)
{
	char	 c;

	assert_int_equal(recv(log_pair[0], &c, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

/* Exactly one line was logged, and it says which call. */
static void
assert_named(enum role role, long nr)
{
	const struct sysent	*se = sysent_find((uint32_t)nr);
	const uint8_t		*line;
	const char		*why = "nothing";
	struct chan		 ch;
	uint8_t			 level;
	char			 text[256], got[256];
	size_t			 len;
	ssize_t			 n;

	snprintf(text, sizeof(text), "%srefused system call %s (%ld)%s",
	    role == ROLE_MONITOR ? "privsep-sandbox: monitor: " : "",
	    se != NULL ? se->se_name : "unknown", nr,
	    role == ROLE_MONITOR ? "\n" : "");
	if (role == ROLE_MONITOR) {
		n = recv(log_pair[0], got, sizeof(got) - 1, MSG_DONTWAIT);
		assert_true(n > 0);
		got[n] = '\0';
	} else {
		chan_init(&ch, log_pair[0], ROLE_MONITOR, role, CHAN_LOG);
		ch.ch_state = CS_WORK;
		if (chan_recv(&ch, &msg, MSG_DONTWAIT, &why) != 1)
			fail_msg("role %d %ld: no line: %s", (int)role, nr,
			    why);
		assert_int_equal(msg.m_type, MSG_ROLE_LOG);
		assert_int_equal(msg_get_log(&msg, &level, &line, &len), 0);
		assert_int_equal(level, LOG_L_FATAL);
		assert_true(len < sizeof(got));
		memcpy(got, line, len);
		got[len] = '\0';
	}
	assert_string_equal(got, text);
	assert_silence();
}

/* Arguments that make any call fail, or do nothing. */
static void
harmless(long nr, uint64_t *args)
{
	size_t	 i;

	for (i = 0; i < 6; i++)
		args[i] = UINT64_MAX;
	if (nr == SYS_kill)
		args[0] = 0x7fffffff;	/* nobody */
}

/* 1: allowed; 0: not; -1: refused with an errno. */
static int
allowed(enum role role, long nr, const uint64_t *args)
{
	const struct jail_row	*row;
	const struct sysent	*se;
	size_t			 i;

	if ((se = sysent_find((uint32_t)nr)) == NULL)
		return (0);
	for (i = 0; i < jail_table_count; i++) {
		row = &jail_table[i];
		if (!(row->j_roles & 1U << role) ||
		    strcmp(row->j_call, se->se_name) != 0)
			continue;
		if (row->j_errno != 0)
			return (-1);
		if (row->j_arg == -1 ||
		    (args[row->j_arg] & row->j_mask) == row->j_value)
			return (1);
	}
	return (0);
}

/*
 * Newer kernels let uretprobe and uprobe pass any filter, because only the
 * kernel's own trampoline may make them: any other caller gets SIGILL or an
 * error (kernel/seccomp.c, seccomp_uprobe_exception()).
 */
static int
exempt(long nr, int status)
{
	return ((nr == NR_URETPROBE && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGILL) || (nr == NR_UPROBE &&
	    (WIFEXITED(status) || WTERMSIG(status) == SIGILL)));
}

static void
check(enum role role, long nr, const uint64_t *args)
{
	int	 ok = allowed(role, nr, args);
	int	 status = try(role, ENTRY_64, nr, args);

	if (exempt(nr, status)) {
		assert_silence();
		return;
	}
	if (died(status) != (ok == 0) || (WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGALRM))
		fail_msg("role %d call %ld: status 0x%x, table says %d",
		    (int)role, nr, status, ok);
	if (ok == -1)
		assert_int_equal(WEXITSTATUS(status), NOSYS);
	if (ok == 0)
		assert_named(role, nr);
	else
		assert_silence();
}

static void
a_role_dies_exactly_of_what_its_table_lacks(void **state)
{
	uint64_t	 args[6];
	enum role	 role;
	long		 nr;

	(void)state;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
	for (nr = 0; nr < NR_MAX; nr++) {
		harmless(nr, args);
		check(role, nr, args);
	}
}

static void
a_compared_argument_is_allowed_for_its_value_only(void **state)
{
	const struct jail_row	*row;
	uint64_t		 args[6];
	enum role		 role;
	size_t			 i;
	long			 nr;

	(void)state;
	for (i = 0; i < jail_table_count; i++) {
		row = &jail_table[i];
		if (row->j_arg == -1)
			continue;
		nr = sysent_byname(row->j_call)->se_nr;
		for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
			harmless(nr, args);
			if (nr == SYS_clone)
				args[1] = 0;	/* its child ends as it does */
			args[row->j_arg] = row->j_value | ~row->j_mask;
			check(role, nr, args);
			/* a clone that is refused by value as well */
			args[row->j_arg] ^= row->j_mask;
			check(role, nr, args);
		}
	}
}

static void
an_x32_number_kills(void **state)
{
	uint64_t	 args[6];
	enum role	 role;
	long		 nr;

	(void)state;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
	for (nr = 0; nr < X32_MAX; nr++) {
		if (nr == NR_MAX)
			nr = X32_ONLY;
		harmless(nr, args);
		if (!died(try(role, ENTRY_X32, nr, args)))
			fail_msg("role %d x32 %ld", (int)role, nr);
	}
	assert_silence();
}

static void
an_i386_entry_kills(void **state)
{
	enum role	 role;
	long		 nr;
	pid_t		 pid;

	(void)state;
	if ((pid = fork()) == 0) {
		call80(20);	/* getpid */
		child_end(RETURNED);
	}
	if (!WIFEXITED(child_status(pid))) {
		print_message("# this kernel has no IA32 emulation\n");
		skip();
	}
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
	for (nr = 0; nr < NR_MAX; nr++) {
		if (!died(try(role, ENTRY_INT80, nr, NULL)))
			fail_msg("role %d int 0x80 %ld", (int)role, nr);
	}
	assert_silence();
}

static void
a_blocked_sigsys_is_death_all_the_same(void **state)
{
	sigset_t	 set;
	pid_t		 pid;

	(void)state;
	if ((pid = fork()) == 0) {
		child_begin();
		sigfillset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
		jail_filter(ROLE_INTEGRITY);
		syscall(SYS_getuid);
		child_end(RETURNED);
	}
	assert_true(died(child_status(pid)));
	assert_silence();
}

static void
a_full_log_channel_does_not_delay_death(void **state)
{
	char	 junk[1024] = "";
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork()) == 0) {
		child_begin();
		while (send(FD_LOG, junk, sizeof(junk), MSG_DONTWAIT) != -1)
			continue;
		jail_filter(ROLE_INTEGRITY);
		syscall(SYS_getuid);
		child_end(RETURNED);
	}
	status = child_status(pid);
	while (recv(log_pair[0], junk, sizeof(junk), MSG_DONTWAIT) != -1)
		continue;
	assert_true(died(status));
}

static void *
thread_good(void *arg)
{
	char	*p;

	prctl(PR_SET_NAME, "lane");
	if ((p = malloc(1 << 20)) == NULL)
		return (NULL);
	memset(p, 1, 1 << 20);
	if ((p = realloc(p, 1 << 22)) == NULL)
		return (NULL);
	free(p);
	return (arg);
}

static void *
thread_bad(void *arg)
{
	syscall(SYS_getuid);
	return (arg);
}

static void
receiver_threads_start_and_one_bad_call_ends_all(void **state)
{
	pthread_t	 thread;
	void		*ret;
	pid_t		 pid;
	int		 i;

	(void)state;
	if ((pid = fork()) == 0) {
		child_begin();
		jail_filter(ROLE_RECEIVER);
		for (i = 0; i < 4; i++) {
			if (pthread_create(&thread, NULL, thread_good,
			    &pid) != 0 || pthread_join(thread, &ret) != 0 ||
			    ret != &pid)
				child_end(1);
		}
		if (pthread_create(&thread, NULL, thread_bad, NULL) != 0)
			child_end(1);
		pthread_join(thread, NULL);
		child_end(RETURNED);
	}
	assert_true(died(child_status(pid)));
	assert_named(ROLE_RECEIVER, SYS_getuid);
}

/* What the policy process does for each lane. */
static void
policy_forks_a_lane_that_is_narrower_than_itself(void **state)
{
	struct sigaction sa;
	pid_t		 pid, lane;
	int		 status;

	(void)state;
	if ((pid = fork()) == 0) {
		child_begin();
		jail_filter(ROLE_POLICY);
		if ((lane = fork()) == 0) {
			memset(&sa, 0, sizeof(sa));
			sa.sa_handler = SIG_IGN;
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (sigaction(SIGUSR1, &sa, NULL) == -1)
				child_end(1);
			jail_filter(ROLE_LANE);
			fork();
			child_end(1);
		}
		if (waitpid(lane, &status, 0) != lane || !died(status))
			child_end(2);
		child_end(RETURNED);
	}
	status = child_status(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), RETURNED);
	assert_named(ROLE_LANE, SYS_clone);
}

/* ---- the other steps ---- */

static pid_t
fork_started(int parent_end, enum role role)
{
	int	 pair[2];
	pid_t	 pid;

	if ((pid = fork()) != 0)
		return (pid);
	alarm(PATIENCE);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		_exit(1);
	/* far from 3 and 4 */
	if (fcntl(pair[0], F_DUPFD, 20) != 20 || dup2(20, FD_PARENT) == -1 ||
	    dup2(log_pair[1], FD_LOG) == -1)
		_exit(1);
	if (pair[0] != FD_PARENT && pair[0] != FD_LOG)
		close(pair[0]);
	if (pair[1] == FD_PARENT || pair[1] == FD_LOG)
		_exit(1);
	if (!parent_end)
		close(pair[1]);
	else if (fcntl(pair[1], F_DUPFD, 30) != 30)
		_exit(1);
	close(20);
	if (parent_end) {
		/* the monitor: somebody else holds the other end */
		if ((pid = fork()) != 0)
			_exit(WEXITSTATUS(child_status(pid)));
	}
	signal(SIGPIPE, SIG_DFL);
	jail_start(role, SIGKILL);
	return (0);
}

static int
ignored(int sig)
{
	struct sigaction sa;

	return (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN);
}

static void
start_leaves_a_worker_nothing_but_its_channels(void **state)
{
	struct stat	 st;
	char		 cwd[16];
	pid_t		 pid;
	int		 fd, sig = 0;

	(void)state;
	if ((pid = fork_started(1, ROLE_INTEGRITY)) == 0) {
		for (fd = FD_LOG + 1; fd < 64; fd++) {
			if (fcntl(fd, F_GETFD) != -1)
				_exit(2);
		}
#ifndef PRIVSEP_SAN
		sig = fstat(2, &st) == 0 && S_ISCHR(st.st_mode) ? 0 : 1;
#endif
		if (sig != 0 || fstat(0, &st) == -1 || !S_ISCHR(st.st_mode))
			_exit(3);
		if (getpgrp() != getpid())
			_exit(4);
		if (!ignored(SIGINT) || !ignored(SIGTSTP) ||
		    !ignored(SIGHUP) || ignored(SIGTERM) || ignored(SIGUSR1))
			_exit(5);
		if (getcwd(cwd, sizeof(cwd)) == NULL || strcmp(cwd, "/") != 0)
			_exit(6);
		if (prctl(PR_GET_PDEATHSIG, &sig) == -1 || sig != SIGKILL)
			_exit(7);
		_exit(RETURNED);
	}
	assert_int_equal(WEXITSTATUS(child_status(pid)), RETURNED);
}

static void
start_ends_at_once_when_the_monitor_is_gone(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork_started(0, ROLE_POLICY)) == 0)
		_exit(RETURNED);
	status = child_status(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_SANDBOX);
}

static void
start_refuses_descriptors_that_are_no_channels(void **state)
{
	pid_t	 pid;
	int	 null;

	(void)state;
	if ((pid = fork()) == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, STDERR_FILENO);
		dup2(null, FD_PARENT);
		dup2(null, FD_LOG);
		jail_start(ROLE_POLICY, SIGKILL);
		_exit(RETURNED);
	}
	assert_int_equal(WEXITSTATUS(child_status(pid)), EXIT_SANDBOX);
}

/* One line of /proc/self/status, as a number. */
static unsigned long long
status_caps(const char *name)
{
	char	 line[256];
	FILE	*fp;
	unsigned long long value = ~0ULL;

	if ((fp = fopen("/proc/self/status", "r")) == NULL)
		_exit(1);
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtoull(line + strlen(name), NULL, 16);
	}
	fclose(fp);
	return (value);
}

static void
caps_keeps_what_is_asked_and_nothing_else(void **state)
{
	unsigned long long	 have, want;
	pid_t			 pid;
	int			 keep;

	(void)state;
	for (keep = 0; keep < 2; keep++) {
		if ((pid = fork()) == 0) {
			have = status_caps("CapPrm:");
			want = have & (keep ? 1ULL << 10 : 0);
			jail_caps(keep ? 1ULL << 10 : 0);
			if (status_caps("CapPrm:") != want ||
			    status_caps("CapEff:") != want ||
			    status_caps("CapInh:") != want ||
			    status_caps("CapAmb:") != want)
				_exit(2);
			/* 8: CAP_SETPCAP */
			if (have & 1ULL << 8 &&
			    status_caps("CapBnd:") != want)
				_exit(3);
			_exit(RETURNED);
		}
		assert_int_equal(WEXITSTATUS(child_status(pid)), RETURNED);
	}
}

static int
setup_log(void **state)
{
	(void)state;
	/* high, so that the children's dup2() does not hit it */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, log_pair) == -1)
		return (-1);
	if ((log_pair[0] = fcntl(log_pair[0], F_DUPFD, 40)) == -1 ||
	    (log_pair[1] = fcntl(log_pair[1], F_DUPFD, 41)) == -1)
		return (-1);
	/* an unfinished sentence would be printed by each child */
	fflush(NULL);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_dies_exactly_of_what_its_table_lacks),
		cmocka_unit_test(
		    a_compared_argument_is_allowed_for_its_value_only),
		cmocka_unit_test(an_x32_number_kills),
		cmocka_unit_test(an_i386_entry_kills),
		cmocka_unit_test(a_blocked_sigsys_is_death_all_the_same),
		cmocka_unit_test(a_full_log_channel_does_not_delay_death),
		cmocka_unit_test(
		    receiver_threads_start_and_one_bad_call_ends_all),
		cmocka_unit_test(
		    policy_forks_a_lane_that_is_narrower_than_itself),
		cmocka_unit_test(
		    start_leaves_a_worker_nothing_but_its_channels),
		cmocka_unit_test(start_ends_at_once_when_the_monitor_is_gone),
		cmocka_unit_test(
		    start_refuses_descriptors_that_are_no_channels),
		cmocka_unit_test(caps_keeps_what_is_asked_and_nothing_else)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup_log, NULL));
}
