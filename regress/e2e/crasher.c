/*
 * Dies in many ways, for segvguard.t: `crasher MODE [ARG]'.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char	**environ;

static volatile int	 zero;
static char		*self;

static void
crash(void)
{
	*(volatile int *)(long)zero = 1;
}

static int
status(int st)
{
	return (WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st));
}

/* A child that crashes without having executed anything. */
static int
child(int deep)
{
	pid_t	 pid;
	int	 st = 0;

	if ((pid = fork()) == -1)
		return (2);
	if (pid == 0) {
		if (deep > 0)
			_exit(child(deep - 1));
		crash();
	}
	if (waitpid(pid, &st, 0) == -1)
		return (2);
	return (status(st));
}

/* One that nobody waits for: its parent is gone before it crashes. */
static int
orphan(void)
{
	int	 st, p[2];
	pid_t	 pid, grandchild;

	if (pipe(p) == -1 || (pid = fork()) == -1)
		return (2);
	if (pid == 0) {
		pid = getpid();
		if ((grandchild = fork()) == 0) {
			while (getppid() == pid)
				usleep(1000);
			crash();
		}
		_exit(write(p[1], &grandchild, sizeof(grandchild)) == -1);
	}
	if (waitpid(pid, &st, 0) == -1 || st != 0 ||
	    read(p[0], &grandchild, sizeof(grandchild)) !=
	    sizeof(grandchild))
		return (2);
	/* dead, and reaped by whoever it came to */
	while (kill(grandchild, 0) == 0)
		usleep(1000);
	return (0);
}

static void *
thread_crash(void *arg)
{
	(void)arg;
	crash();
	return (NULL);
}

static void *
thread_exec(void *arg)
{
	char	*argv[] = { self, arg, NULL };

	execve(self, argv, environ);
	return (NULL);
}

static int
threaded(void *(*f)(void *), char *arg)
{
	pthread_t	 t;

	if (pthread_create(&t, NULL, f, arg) != 0)
		return (2);
	pthread_join(t, NULL);
	return (3);
}

/* vfork(2) and exec of something, n times; how many could be executed. */
static int
spawn(char *path, char *arg)
{
	char	*argv[] = { path, arg, NULL };
	pid_t	 pid;
	int	 st = 0;

	if ((pid = vfork()) == 0) {
		execve(path, argv, environ);
		_exit(126);
	}
	if (pid == -1 || waitpid(pid, &st, 0) == -1)
		return (2);
	return (status(st));
}

static int
many(int n)
{
	int	 i, bad = 0;

	for (i = 0; i < n; i++)
		bad += child(0) != 128 + SIGSEGV;
	printf("crashed %d\n", n - bad);
	fflush(stdout);
	while (access("go", F_OK) == -1)
		usleep(10000);
	return (bad != 0);
}

/* Many at once, not reaped until all are dead. */
static int
swarm(int n)
{
	siginfo_t	 si;
	int		 i, st, bad = 0;

	for (i = 0; i < n; i++)
		if (fork() == 0)
			crash();
	for (i = 0; i < n; i++) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOWAIT) == -1)
			return (2);
		if (waitpid(si.si_pid, &st, 0) == -1 ||
		    status(st) != 128 + SIGSEGV)
			bad++;
	}
	return (bad != 0);
}

/* Alone with the number of another process, again and again. */
static int
reexec(char *arg)
{
	char	*argv[] = { self, arg, NULL };

	execve("/proc/self/exe", argv, environ);
	return (126);
}

int
main(int argc, char **argv)
{
	const char	*mode = argc > 1 ? argv[1] : "segv";
	char		*arg = argc > 2 ? argv[2] : NULL;

	self = argv[0];
	if (strcmp(mode, "segv") == 0)
		crash();
	if (strcmp(mode, "signal") == 0) {
		signal(atoi(arg), SIG_DFL);
		raise(atoi(arg));
	}
	if (strcmp(mode, "exit") == 0)
		return (atoi(arg));
	if (strcmp(mode, "fork") == 0)
		return (child(0));
	if (strcmp(mode, "deep") == 0)
		return (child(4));
	if (strcmp(mode, "orphan") == 0)
		return (orphan());
	if (strcmp(mode, "thread") == 0)
		return (threaded(thread_crash, NULL));
	if (strcmp(mode, "threadexec") == 0)
		return (threaded(thread_exec, arg));
	if (strcmp(mode, "spawn") == 0)
		return (spawn(arg, argc > 3 ? argv[3] : NULL));
	if (strcmp(mode, "many") == 0)
		return (many(atoi(arg)));
	if (strcmp(mode, "swarm") == 0)
		return (swarm(atoi(arg)));
	if (strcmp(mode, "reexec") == 0)
		return (reexec(arg));
	if (strcmp(mode, "hold") == 0) {
		while (access("go", F_OK) == -1)
			usleep(10000);
		return (0);
	}
	/* wait until it is told, then execute itself */
	if (strcmp(mode, "wait") == 0) {
		fclose(fopen("ready", "w"));
		while (access("go", F_OK) == -1)
			usleep(10000);
		return (reexec(arg));
	}
	return (3);
}
