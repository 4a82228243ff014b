/* LINK: monitor/pulse.c */
/*
 * What the kernel says of a process: when it is dead for those who wait for
 * what it leaves, and what a process that does not answer does.
 */
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

/* Its first thread is at an end, and another is not: see proc(5), "Z". */
static pid_t
headless(void)
{
	pthread_t	 th;
	pid_t		 pid;

	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (pthread_create(&th, NULL, other_thread, NULL) != 0)
			_exit(1);
		pthread_exit(NULL);
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
	pid_t		 pid = headless();
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
		cmocka_unit_test(alive_while_it_sleeps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
