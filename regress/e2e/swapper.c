/*
 * Executes a file again and again while another thread replaces it by one of
 * other content, in one of several ways.
 *
 *	swapper MODE ATTEMPTS SECONDS TARGET GOOD EVIL
 *
 * GOOD exits with 0, EVIL with 66.  MODE: exchange, replace (a hard link of
 * either is renamed over it), symlink (TARGET is one), bytes (the argument of
 * execve(2) itself), write (in place, through another hard link), map (the
 * same through a shared mapping), fd (the number that execveat(2) names is put
 * on either, by a thread), files (the same by a process that shares the
 * descriptors and no memory), thread (as exchange, executed by a thread that is
 * not its process's first), script (as exchange, of a script's interpreter:
 * what is executed is TARGET.script), chain (the same by two scripts), argv
 * (argv[0] is an empty string or none every other time), mount (nothing here:
 * somebody outside mounts), mounts (who does that: EVIL over TARGET and off
 * again, and executes nothing).  Prints what the attempts came to.
 */
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE	2
#endif
#define IMAGE_MAX	65536
#define STACK		65536

static const char	*target, *files[2];
static char		 other[PATH_MAX], argument[PATH_MAX];
static char		 image[2][IMAGE_MAX];
static size_t		 size[2];
static atomic_int	 done;
static atomic_ulong	 swaps;
static int		 fds[2], slot;
static char		*noargs[] = { "x", NULL }, *noenv[] = { NULL };
static const char	*script;

static void
load(int i)
{
	ssize_t	 n;
	int	 fd;

	if ((fd = open(files[i], O_RDONLY)) == -1 ||
	    (n = read(fd, image[i], IMAGE_MAX)) <= 0 || n == IMAGE_MAX)
		err(1, "%s", files[i]);
	size[i] = (size_t)n;
	close(fd);
}

static void
swap_exchange(int i)
{
	(void)i;
	syscall(SYS_renameat2, AT_FDCWD, target, AT_FDCWD, other,
	    RENAME_EXCHANGE);
}

static void
swap_replace(int i)
{
	unlink(other);
	if (link(files[i], other) == 0)
		rename(other, target);
}

static void
swap_symlink(int i)
{
	unlink(other);
	if (symlink(files[i], other) == 0)
		rename(other, target);
}

static void
swap_bytes(int i)
{
	memcpy(argument, files[i], strlen(files[i]) + 1);
}

static void
swap_write(int i)
{
	int	 fd;

	if ((fd = open(other, O_WRONLY)) == -1)
		return;
	if (pwrite(fd, image[i], size[i], 0) == -1)
		warn("pwrite");
	close(fd);
}

static void
swap_map(int i)
{
	void	*p;
	int	 fd;

	if ((fd = open(other, O_RDWR)) == -1)
		return;
	p = mmap(NULL, size[i], PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		memcpy(p, image[i], size[i]);
		munmap(p, size[i]);
	}
	close(fd);
}

static void
swap_argv(int i)
{
	static char	 name[] = "x", empty[] = "";
	static int	 n;

	noargs[0] = i == 0 ? name : n++ & 1 ? empty : NULL;
}

static void
swap_mount(int i)
{
	if (i != 0)
		mount(files[1], target, NULL, MS_BIND, NULL);
	else
		umount2(target, MNT_DETACH);
}

static void
swap_nothing(int i)
{
	(void)i;
}

static void
swap_fd(int i)
{
	dup2(fds[i], slot);
}

/* ---- who executes: in a child, what becomes of it is its status ---- */

static void
failed_with(int error)
{
	_exit(error == ENOENT || error == EACCES || error == ETXTBSY ||
	    error == ENOEXEC || error == EPERM ? 67 : 68);
}

static pid_t
exec_path(void)
{
	pid_t	 pid;

	if ((pid = vfork()) == 0) {
		execve(argument, noargs, noenv);
		failed_with(errno);
	}
	return (pid);
}

/* The child has our very descriptors: they change while it executes. */
static int
exec_fd_child(void *arg)
{
	(void)arg;
	syscall(SYS_execveat, slot, "", noargs, noenv, AT_EMPTY_PATH);
	failed_with(errno);
	return (0);
}

static pid_t
exec_fd(void)
{
	static char	 stack[STACK] __attribute__((__aligned__(16)));

	return (clone(exec_fd_child, stack + STACK, CLONE_VM | CLONE_VFORK |
	    CLONE_FILES | SIGCHLD, NULL));
}

static void *
exec_thread_main(void *arg)
{
	execve(argument, noargs, noenv);
	failed_with(errno);
	return (arg);
}

static pid_t
exec_thread(void)
{
	pthread_t	 thread;
	pid_t		 pid;

	if ((pid = fork()) != 0)
		return (pid);
	if (pthread_create(&thread, NULL, exec_thread_main, NULL) != 0)
		_exit(69);
	for (;;)
		pause();
}

static pid_t
exec_script(void)
{
	pid_t	 pid;

	if ((pid = vfork()) == 0) {
		execve(script, noargs, noenv);
		failed_with(errno);
	}
	return (pid);
}

static const struct {
	const char	*name;
	void		(*swap)(int);
	pid_t		(*exec)(void);
} modes[] = {
	{ "exchange", swap_exchange, exec_path },
	{ "replace", swap_replace, exec_path },
	{ "symlink", swap_symlink, exec_path },
	{ "bytes", swap_bytes, exec_path },
	{ "write", swap_write, exec_path }, { "map", swap_map, exec_path },
	{ "fd", swap_fd, exec_fd }, { "files", swap_fd, exec_fd },
	{ "thread", swap_exchange, exec_thread },
	{ "script", swap_exchange, exec_script },
	{ "chain", swap_exchange, exec_script },
	{ "argv", swap_argv, exec_path }, { "mount", swap_nothing, exec_path },
	{ "mounts", swap_mount, NULL },
};
#define NMODES	(sizeof(modes) / sizeof(modes[0]))
static size_t	 mode;

/* At odd intervals, so that each step of an execution is hit. */
static void *
swapper(void *arg)
{
	struct timespec	 ts = { 0, 0 };
	unsigned	 n = 0, r = 12345;

	while (!atomic_load(&done)) {
		modes[mode].swap((int)(n++ & 1));
		atomic_fetch_add(&swaps, 1);
		r = r * 1103515245 + 12345;
		ts.tv_nsec = (long)(r >> 16) % 500 * 1000;
		nanosleep(&ts, NULL);
	}
	return (arg);
}

static double
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

/* Another process that shares the descriptors, and is not one of us. */
static int
files_child(void *arg)
{
	unsigned	 n = 0;

	(void)arg;
	for (;;)
		dup2(fds[n++ & 1], slot);
	return (0);
}

static pid_t
files_start(void)
{
	static char	 stack[STACK] __attribute__((__aligned__(16)));

	return (clone(files_child, stack + STACK, CLONE_FILES | SIGCHLD,
	    NULL));
}

static void
write_script(const char *path, const char *interpreter)
{
	FILE	*f;

	unlink(path);
	if ((f = fopen(path, "w")) == NULL ||
	    fprintf(f, "#!%s\n", interpreter) == -1 || fclose(f) == EOF ||
	    chmod(path, 0755) == -1)
		err(1, "%s", path);
}

static void
prepare(void)
{
	static char	 first[PATH_MAX + 8], second[PATH_MAX + 8];
	int		 i;

	for (i = 0; i < 2; i++) {
		load(i);
		if ((fds[i] = open(files[i], O_RDONLY | O_CLOEXEC)) == -1)
			err(1, "%s", files[i]);
	}
	/* not closed by the exec of the one that has it for a moment */
	if ((slot = dup(fds[0])) == -1)
		err(1, "dup");
	(void)snprintf(other, sizeof(other), "%s.other", target);
	(void)snprintf(argument, sizeof(argument), "%s", target);
	(void)snprintf(first, sizeof(first), "%s.script", target);
	(void)snprintf(second, sizeof(second), "%s.chain", target);
	script = first;
	if (strcmp(modes[mode].name, "script") == 0)
		write_script(first, target);
	if (strcmp(modes[mode].name, "chain") == 0) {
		write_script(second, target);
		write_script(first, second);
	}
}

int
main(int argc, char **argv)
{
	/* static: what vfork(2) may not clobber */
	static unsigned long i, n, good, evil, killed, failed;
	pthread_t	 thread;
	double		 end;
	pid_t		 pid, with = -1;
	int		 status;

	if (argc != 7)
		errx(1, "MODE ATTEMPTS SECONDS TARGET GOOD EVIL");
	for (mode = 0; mode < NMODES; mode++)
		if (strcmp(modes[mode].name, argv[1]) == 0)
			break;
	if (mode == NMODES)
		errx(1, "%s: no such mode", argv[1]);
	n = strtoul(argv[2], NULL, 10);
	target = argv[4];
	files[0] = argv[5];
	files[1] = argv[6];
	prepare();
	if (strcmp(argv[1], "files") == 0) {
		if ((with = files_start()) == -1)
			err(1, "clone");
	} else if (pthread_create(&thread, NULL, swapper, NULL) != 0)
		errx(1, "pthread_create");
	end = now() + strtod(argv[3], NULL);
	while (modes[mode].exec == NULL && now() < end)
		sleep(1);
	if (modes[mode].exec == NULL)
		n = 0;
	for (i = 0; i < n && now() < end; i++) {
		if ((pid = modes[mode].exec()) == -1 ||
		    waitpid(pid, &status, 0) == -1)
			err(1, "child");
		if (WIFSIGNALED(status))
			killed++;
		else if (WEXITSTATUS(status) == 0)
			good++;
		else if (WEXITSTATUS(status) == 66)
			evil++;
		else
			failed++;
	}
	atomic_store(&done, 1);
	if (with != -1) {
		kill(with, SIGKILL);
		waitpid(with, &status, 0);
	} else
		pthread_join(thread, NULL);
	printf("%s attempts %lu good %lu evil %lu killed %lu failed %lu "
	    "swaps %lu\n", argv[1], i, good, evil, killed, failed,
	    (unsigned long)swaps);
	return (0);
}
