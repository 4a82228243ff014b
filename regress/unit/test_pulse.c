/* LINK: monitor/pulse.c */
/*
 * What the kernel says of a process: when it is dead for those who wait for
 * what it leaves, and what a process that does not answer does.
 */
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../monitor/pulse.h"

#define WAIT_MSEC	20000

static void
nap(void)
{
	const struct timespec	 ms = { 0, 1000000 };

	nanosleep(&ms, NULL);
}

static void *
other_thread(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return (NULL);
}

/* Two; or the first is at an end, and the other is not: see proc(5), "Z". */
static pid_t
threads(int head)
{
	pthread_t	 th;
	pid_t		 pid;

	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (pthread_create(&th, NULL, other_thread, NULL) != 0)
			_exit(1);
		if (!head)
			pthread_exit(NULL);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return (pid);
}

static char
state(const struct pulse *pu)
{
	char	 text[512], *p;
	ssize_t	 n;

	n = pread(pu->pu_stat, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	for (p = text + n; p > text && *p != ')'; p--)
		continue;
	return (p[2]);
}

static void
dead_when_all_threads_are(void **arg)
{
	struct pulse	 pu;
	siginfo_t	 si;
	pid_t		 pid = threads(0);
	int		 i;

	(void)arg;
	pulse_open(&pu, pid);
	assert_true(pu.pu_open);
	for (i = 0; i < WAIT_MSEC && state(&pu) != 'Z'; i++)
		nap();
	assert_int_equal(state(&pu), 'Z');
	/* its children are not anybody's else yet */
	assert_false(pulse_dead(&pu));
	assert_return_code(kill(pid, SIGKILL), errno);
	/* not reaped: as it is while a tracer holds it */
	assert_return_code(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT),
	    errno);
	assert_true(pulse_dead(&pu));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(pulse_dead(&pu));
	pulse_close(&pu);
}

/* A tracer keeps all its dead threads: it must not be waited for, either. */
static void
dead_when_a_tracer_keeps_its_threads(void **arg)
{
	struct pulse	 pu;
	int		 p[2], i;
	pid_t		 pid = threads(1), tracer;
	char		 path[64], c;
	struct dirent	*de;
	DIR		*dp;

	(void)arg;
	pulse_open(&pu, pid);
	assert_int_equal(pipe(p), 0);
	if ((tracer = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
		for (i = 0; i < 2; nap()) {
			if ((dp = opendir(path)) == NULL)
				_exit(1);
			while ((de = readdir(dp)) != NULL)
				if (atoi(de->d_name) > 0)
					i += ptrace(PTRACE_SEIZE,
					    atoi(de->d_name), NULL, NULL) == 0;
			closedir(dp);
		}
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(p[0], &c, 1), 1);
	assert_false(pulse_dead(&pu));
	assert_return_code(kill(pid, SIGKILL), errno);
	for (i = 0; i < WAIT_MSEC && !pulse_dead(&pu); i++)
		nap();
	assert_true(i < WAIT_MSEC);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_return_code(kill(tracer, SIGKILL), errno);
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pulse_close(&pu);
	close(p[0]);
	close(p[1]);
}

static void
alive_while_it_sleeps(void **arg)
{
	struct pulse	 pu;
	pid_t		 pid;

	(void)arg;
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	pulse_open(&pu, pid);
	assert_false(pulse_dead(&pu));
	assert_return_code(kill(pid, SIGKILL), errno);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pulse_close(&pu);
	assert_false(pulse_dead(&pu));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(dead_when_all_threads_are),
		cmocka_unit_test(dead_when_a_tracer_keeps_its_threads),
		cmocka_unit_test(alive_while_it_sleeps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
