/*
 * Executes a file again and again while another thread replaces it by one of
 * other content, in one of several ways.
 *
 *	swapper MODE ATTEMPTS SECONDS TARGET GOOD EVIL
 *
 * GOOD exits with 0, EVIL with 66.  MODE: exchange, replace (a hard link of
 * either is renamed over it), symlink (TARGET is one), bytes (the argument of
 * execve(2) itself), write (in place, through another hard link), map (the
 * same through a shared mapping).  Prints what the attempts came to.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
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

static const char	*target, *files[2];
static char		 other[PATH_MAX], argument[PATH_MAX];
static char		 image[2][IMAGE_MAX];
static size_t		 size[2];
static atomic_int	 done;
static atomic_ulong	 swaps;

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

static const struct {
	const char	*name;
	void		(*swap)(int);
} modes[] = {
	{ "exchange", swap_exchange }, { "replace", swap_replace },
	{ "symlink", swap_symlink }, { "bytes", swap_bytes },
	{ "write", swap_write }, { "map", swap_map },
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

int
main(int argc, char **argv)
{
	/* static: what vfork(2) may not clobber */
	static unsigned long i, n, good, evil, killed, failed;
	char		*args[] = { argv[0], NULL }, *env[] = { NULL };
	pthread_t	 thread;
	double		 end;
	pid_t		 pid;
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
	load(0);
	load(1);
	(void)snprintf(other, sizeof(other), "%s.other", target);
	(void)snprintf(argument, sizeof(argument), "%s", target);
	if (pthread_create(&thread, NULL, swapper, NULL) != 0)
		errx(1, "pthread_create");
	end = now() + strtod(argv[3], NULL);
	for (i = 0; i < n && now() < end; i++) {
		if ((pid = vfork()) == 0) {
			execve(argument, args, env);
			_exit(errno == ENOENT || errno == EACCES ||
			    errno == ETXTBSY || errno == ENOEXEC ? 67 : 68);
		}
		if (pid == -1 || waitpid(pid, &status, 0) == -1)
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
	pthread_join(thread, NULL);
	printf("%s attempts %lu good %lu evil %lu killed %lu failed %lu "
	    "swaps %lu\n", argv[1], i, good, evil, killed, failed,
	    (unsigned long)swaps);
	return (0);
}
