/*
 * Races for race.t: threads change what a call is about while others make it.
 * A breach is a byte of the secret file, or the secret program having run.
 *
 *	racer METHOD SECONDS PUBLIC SECRET WORD
 *
 * PUBLIC may be read (or executed), SECRET may not; the working directory can
 * be written; the secret file begins with WORD.  Prints a line of counts.
 * The programs are copies of this one: without arguments it exits with 42 if
 * it is in a directory .ssh.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OPENERS	3

static const char	*public, *secret;
static char		 secretword[64];
static size_t		 secretlen;
static volatile char	 path[PATH_MAX];	/* swapped under the kernel */
static atomic_int	 stop;
static atomic_long	 attempts, reached, denied, breaches, other;
static int		 sharedfd;		/* dup2 races */
static struct open_how	 how;

static void
judge(int fd)
{
	char	 buf[64];
	ssize_t	 n;

	atomic_fetch_add(&attempts, 1);
	if (fd == -1) {
		atomic_fetch_add(errno == EACCES ? &denied : &other, 1);
		return;
	}
	n = pread(fd, buf, sizeof(buf) - 1, 0);
	if (n > 0 && (size_t)n >= secretlen &&
	    memcmp(buf, secretword, secretlen) == 0)
		atomic_fetch_add(&breaches, 1);
	else if (n > 0)
		atomic_fetch_add(&reached, 1);
	else
		atomic_fetch_add(&other, 1);
}

/* ---- changers ---- */

static void *
swap_bytes(void *arg)
{
	size_t	 i, np = strlen(public) + 1, ns = strlen(secret) + 1;

	(void)arg;
	while (!stop) {
		for (i = 0; i < np; i++)
			path[i] = public[i];
		sched_yield();
		for (i = 0; i < ns; i++)
			path[i] = secret[i];
		sched_yield();
	}
	return (NULL);
}

static void *
swap_symlink(void *arg)
{
	(void)arg;
	while (!stop) {
		unlink("l1");
		(void)!symlink(public, "l1");
		(void)!rename("l1", "link");
		(void)!symlink(secret, "l1");
		(void)!rename("l1", "link");
	}
	return (NULL);
}

static void *
swap_exchange(void *arg)
{
	(void)arg;
	unlink("a");
	unlink("link");
	(void)!symlink(secret, "a");
	(void)!symlink(public, "link");
	while (!stop)
		syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "link", 2);
	return (NULL);
}

/* A directory on the way becomes a link to the secret's directory. */
static void *
swap_directory(void *arg)
{
	char	 dir[PATH_MAX];

	(void)arg;
	snprintf(dir, sizeof(dir), "%s", secret);
	*strrchr(dir, '/') = '\0';
	(void)!symlink(dir, "dirlink");
	while (!stop)
		syscall(SYS_renameat2, AT_FDCWD, "dirlink", AT_FDCWD, "dir", 2);
	return (NULL);
}

static void *
swap_fd(void *arg)
{
	int	 a, b;

	(void)arg;
	a = open(".", O_PATH | O_DIRECTORY);
	b = open("..", O_PATH | O_DIRECTORY);
	while (!stop) {
		dup2(a, sharedfd);
		dup2(b, sharedfd);
	}
	return (NULL);
}

static void *
swap_cwd(void *arg)
{
	int	 a, b;

	(void)arg;
	a = open(".", O_PATH | O_DIRECTORY);
	b = open("..", O_PATH | O_DIRECTORY);
	while (!stop) {
		(void)!fchdir(a);
		(void)!fchdir(b);
	}
	return (NULL);
}

static void *
swap_how(void *arg)
{
	(void)arg;
	while (!stop) {
		((volatile struct open_how *)&how)->flags = O_RDONLY;
		((volatile struct open_how *)&how)->resolve = 0;
		((volatile struct open_how *)&how)->flags = O_PATH;
		((volatile struct open_how *)&how)->resolve =
		    RESOLVE_NO_SYMLINKS;
	}
	return (NULL);
}

/* ---- openers ---- */

static int
try_open(const char *p)
{
	int	 fd = open(p, O_RDONLY | O_CLOEXEC);

	judge(fd);
	if (fd != -1)
		close(fd);
	return (fd);
}

static void *
open_bytes(void *arg)
{
	(void)arg;
	while (!stop)
		try_open((const char *)(uintptr_t)path);
	return (NULL);
}

static void *
open_link(void *arg)
{
	(void)arg;
	while (!stop)
		try_open("link");
	return (NULL);
}

static void *
open_dir(void *arg)
{
	char	 p[PATH_MAX];

	(void)arg;
	snprintf(p, sizeof(p), "dir/%s", strrchr(secret, '/') + 1);
	while (!stop)
		try_open(p);
	return (NULL);
}

/* sharedfd is . or ..; "s/NAME" exists in both */
static void *
open_fd(void *arg)
{
	char	 p[PATH_MAX];
	int	 fd;

	(void)arg;
	snprintf(p, sizeof(p), "%s", strstr(secret, "/.ssh/") + 1);
	while (!stop) {
		fd = openat(sharedfd, p, O_RDONLY | O_CLOEXEC);
		judge(fd);
		if (fd != -1)
			close(fd);
	}
	return (NULL);
}

static void *
open_cwd(void *arg)
{
	(void)arg;
	while (!stop)
		try_open(strstr(secret, "/.ssh/") + 1);
	return (NULL);
}

static void *
open_how_(void *arg)
{
	int	 fd;

	(void)arg;
	while (!stop) {
		fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how,
		    sizeof(how));
		judge(fd);
		if (fd != -1)
			close(fd);
	}
	return (NULL);
}

/* Execute: the public program exits 0, the secret one 42. */
static void *
exec_link(void *arg)
{
	const char	*p = arg;
	char		*argv[] = { (char *)(uintptr_t)p, NULL };
	pid_t		 pid;
	int		 st;

	while (!stop) {
		if ((pid = vfork()) == 0) {
			execve(p, argv, (char *[]){ NULL });
			_exit(errno == EACCES ? 99 : 98);
		}
		if (pid == -1 || waitpid(pid, &st, 0) == -1)
			continue;
		atomic_fetch_add(&attempts, 1);
		if (WIFEXITED(st) && WEXITSTATUS(st) == 0)
			atomic_fetch_add(&reached, 1);
		else if (WIFEXITED(st) && WEXITSTATUS(st) == 42)
			atomic_fetch_add(&breaches, 1);
		else if (WIFSIGNALED(st) || WEXITSTATUS(st) == 99)
			atomic_fetch_add(&denied, 1);
		else
			atomic_fetch_add(&other, 1);
	}
	return (NULL);
}

static char	 linkname[] = "link";
static const struct {
	const char	*name;
	void		*(*change)(void *);
	void		*(*open)(void *);
	int		 exec;
	void		*arg;
	int		 shared;	/* by another process, clone(2) */
} methods[] = {
	{ "bytes", swap_bytes, open_bytes, 0, NULL, 0 },
	{ "symlink", swap_symlink, open_link, 0, NULL, 0 },
	{ "exchange", swap_exchange, open_link, 0, NULL, 0 },
	{ "directory", swap_directory, open_dir, 0, NULL, 0 },
	{ "descriptor", swap_fd, open_fd, 0, NULL, 0 },
	{ "cwd", swap_cwd, open_cwd, 0, NULL, 0 },
	{ "how", swap_how, open_how_, 0, NULL, 0 },
	{ "bytes-process", swap_bytes, open_bytes, 0, NULL, CLONE_VM },
	{ "descriptor-process", swap_fd, open_fd, 0, NULL,
	    CLONE_VM | CLONE_FILES },
	{ "cwd-process", swap_cwd, open_cwd, 0, NULL, CLONE_VM | CLONE_FS },
	{ "exec-bytes", swap_bytes, exec_link, 1, (void *)(uintptr_t)path, 0 },
	{ "exec-symlink", swap_symlink, exec_link, 1, linkname, 0 },
	{ "exec-exchange", swap_exchange, exec_link, 1, linkname, 0 }
};

/* What changes is a process of its own, which shares some of ours. */
static int
change(void *arg)
{
	const size_t	*m = arg;

	methods[*m].change(NULL);
	return (0);
}

int
main(int argc, char **argv)
{
	static char	 stack[65536] __attribute__((aligned(16)));
	pid_t		 changer = -1;
	pthread_t	 th[OPENERS + 1];
	struct timespec	 ts;
	size_t		 i, m;
	double		 sec;
	char		 self[PATH_MAX] = "";

	/* as one of the two programs: which file am I? */
	if (argc == 1) {
		(void)!readlink("/proc/self/exe", self, sizeof(self) - 1);
		return (strstr(self, "/.ssh/") != NULL ? 42 : 0);
	}
	if (argc != 6)
		return (2);
	public = argv[3];
	secret = argv[4];
	/* what the secret begins with: the test tells, we cannot look */
	snprintf(secretword, sizeof(secretword), "%s", argv[5]);
	secretlen = strlen(secretword);
	for (m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
		if (strcmp(methods[m].name, argv[1]) == 0)
			break;
	if (m == sizeof(methods) / sizeof(methods[0]))
		return (2);
	snprintf((char *)(uintptr_t)path, sizeof(path), "%s", public);
	how.flags = O_RDONLY;
	if (methods[m].change == swap_how)
		snprintf((char *)(uintptr_t)path, sizeof(path), "%s", secret);
	sharedfd = open(".", O_PATH | O_DIRECTORY);
	if (methods[m].shared == 0)
		pthread_create(&th[0], NULL, methods[m].change, NULL);
	else if ((changer = clone(change, stack + sizeof(stack),
	    methods[m].shared | SIGCHLD, &m)) == -1)
		return (3);
	for (i = 1; i <= OPENERS; i++)
		pthread_create(&th[i], NULL, methods[m].open, methods[m].arg);
	sec = strtod(argv[2], NULL);
	ts.tv_sec = (time_t)sec;
	ts.tv_nsec = (long)((sec - (double)ts.tv_sec) * 1e9);
	nanosleep(&ts, NULL);
	stop = 1;
	for (i = methods[m].shared != 0; i <= OPENERS; i++)
		pthread_join(th[i], NULL);
	if (changer != -1 && waitpid(changer, NULL, 0) != changer)
		return (3);
	printf("%s attempts %ld reached %ld denied %ld other %ld breaches "
	    "%ld\n", argv[1], attempts, reached, denied, other, breaches);
	return (0);
}
