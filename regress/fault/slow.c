/*
 * Slow a process down to one message in so many milliseconds:
 *
 *	slow PID MSEC COUNT
 *
 * Traces its threads and holds each sendmsg(2) back, COUNT of them, then lets
 * go; none of them: holds it where it is, until it is killed itself.  For
 * fault.py, as root.
 */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
seize_all(pid_t pid)
{
	struct dirent	*de;
	char		 path[64];
	DIR		*dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if ((dir = opendir(path)) == NULL)
		exit(1);
	while ((de = readdir(dir)) != NULL) {
		if (atoi(de->d_name) == 0)
			continue;
		if (ptrace(PTRACE_SEIZE, atoi(de->d_name), NULL,
		    (void *)(long)(PTRACE_O_TRACESYSGOOD |
		    PTRACE_O_TRACECLONE)) == -1 ||
		    ptrace(PTRACE_INTERRUPT, atoi(de->d_name), NULL,
		    NULL) == -1)
			perror("slow: seize");
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	struct user_regs_struct	 regs;
	struct timespec		 ts;
	long			 msec, sig;
	pid_t			 tid;
	int			 status, count;

	if (argc != 4)
		return (2);
	msec = atol(argv[2]);
	count = atoi(argv[3]);
	ts.tv_sec = msec / 1000;
	ts.tv_nsec = msec % 1000 * 1000000;
	seize_all((pid_t)atoi(argv[1]));
	puts("seized");
	fflush(stdout);
	if (count == 0)
		for (;;)
			pause();
	/* What is still traced when we end is detached. */
	while (count > 0 && (tid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status))
			continue;
		sig = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) == 0 &&
			    regs.orig_rax == SYS_sendmsg &&
			    (long)regs.rax == -ENOSYS) {
				nanosleep(&ts, NULL);
				count--;
			}
		} else if (status >> 16 == 0)
			sig = WSTOPSIG(status);
		else if (status >> 16 == PTRACE_EVENT_STOP &&
		    WSTOPSIG(status) == SIGSTOP) {
			(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
			continue;
		}
		(void)ptrace(PTRACE_SYSCALL, tid, NULL, (void *)sig);
	}
	return (0);
}
