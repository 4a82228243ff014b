/*
 * Maps files to be executed, again and again, while others exchange what it
 * maps, and counts what came to run.  A file to map begins with the code of a
 * function that returns a number: GOOD's is 1, any other's is not.
 *
 *	mapper fd GOOD EVIL N	a thread puts EVIL on the descriptor's number
 *	mapper jump GOOD EVIL N	the same, and another runs whatever is mapped
 *	mapper vfork GOOD EVIL N	the same, and another thread starts programs
 *	mapper name PATH GOOD N	PATH is opened each time; others rename
 *	mapper dlopen LIB EVIL N	the dynamic linker's own descriptors
 *	mapper files GOOD EVIL	by a process that shares its descriptors
 *	mapper code FILE	maps it once and runs it
 *
 * The last line is "N tried, N ran, N evil".
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096
#define HERE	((void *)0x10000000)	/* where jump maps */

static int		 good, evil, slot;
static atomic_int	 stop, ran, evils;
static __thread sigjmp_buf back;
extern char		**environ;

static void *
exchange(void *arg)
{
	(void)arg;
	while (!stop) {
		dup2(evil, slot);
		dup2(good, slot);
	}
	return (NULL);
}

static void *
exchange_all(void *arg)
{
	int	 fd;

	(void)arg;
	while (!stop)
		for (fd = slot + 1; fd < slot + 4; fd++)
			if (fcntl(fd, F_GETFD) != -1)
				dup2(evil, fd);
	return (NULL);
}

static void
segv(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* Whatever is there at this moment runs. */
static void *
jump(void *arg)
{
	int	(*f)(void) = (int (*)(void))HERE;

	(void)arg;
	while (!stop) {
		if (sigsetjmp(back, 1) != 0)
			continue;
		if (f() == 1)
			ran++;
		else
			evils++;
	}
	return (NULL);
}

static void *
spawn(void *arg)
{
	static char	*argv[] = { "true", NULL };
	pid_t		 pid;

	(void)arg;
	while (!stop)
		if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv,
		    environ) == 0)
			waitpid(pid, NULL, 0);
	return (NULL);
}

/* 1: it was mapped, and has run. */
static int
map(int fd, void *at)
{
	int	(*f)(void);
	void	*p;

	p = mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE |
	    (at != NULL ? MAP_FIXED : 0), fd, 0);
	if (p == MAP_FAILED)
		return (0);
	f = (int (*)(void))p;
	if (f() == 1)
		ran++;
	else
		evils++;
	munmap(p, PAGE);
	return (1);
}

static void
threads(char **argv, int jumps, int spawns)
{
	struct sigaction sa;
	pthread_t	 t[3];
	int		 i, n = atoi(argv[4]), nt = 0;

	if ((good = open(argv[2], O_RDONLY)) == -1 ||
	    (evil = open(argv[3], O_RDONLY)) == -1)
		err(1, "open");
	slot = dup(good);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = segv;
	sa.sa_flags = SA_NODEFER;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	pthread_create(&t[nt++], NULL, exchange, NULL);
	if (jumps)
		pthread_create(&t[nt++], NULL, jump, NULL);
	if (spawns)
		pthread_create(&t[nt++], NULL, spawn, NULL);
	for (i = 0; i < n; i++)
		map(slot, HERE);
	stop = 1;
	while (nt-- > 0)
		pthread_join(t[nt], NULL);
	printf("%d tried, %d ran, %d evil\n", n, ran, evils);
}

static void
names(char **argv)
{
	int	 i, n = atoi(argv[4]), fd;

	for (i = 0; i < n; i++) {
		if ((fd = open(argv[2], O_RDONLY)) == -1)
			continue;
		map(fd, NULL);
		close(fd);
	}
	printf("%d tried, %d ran, %d evil\n", n, ran, evils);
}

/*
 * What the linker reads of one file and maps of another may make it crash; what
 * counts is whose code runs.  So each time is a process of its own.
 */
static void
linker_once(const char *lib)
{
	pthread_t	 t;
	void		*h;
	int		(*f)(void);

	pthread_create(&t, NULL, exchange_all, NULL);
	if ((h = dlopen(lib, RTLD_NOW)) == NULL)
		_exit(0);
	f = (int (*)(void))dlsym(h, "f");
	_exit(f == NULL ? 0 : f() == 1 ? 1 : 2);
}

static void
linker(char **argv)
{
	int	 i, n = atoi(argv[4]), status;
	pid_t	 pid;

	if ((evil = open(argv[3], O_RDONLY)) == -1)
		err(1, "open");
	slot = evil;
	for (i = 0; i < n; i++) {
		if ((pid = fork()) == 0)
			linker_once(argv[2]);
		waitpid(pid, &status, 0);
		ran += WIFEXITED(status) && WEXITSTATUS(status) == 1;
		evils += WIFEXITED(status) && WEXITSTATUS(status) == 2;
	}
	printf("%d tried, %d ran, %d evil\n", n, ran, evils);
}

static int
other(void *arg)
{
	(void)arg;
	dup2(evil, slot);
	return (0);
}

static void
files(char **argv)
{
	static char	 stack[65536];
	pid_t		 pid;

	if ((good = open(argv[2], O_RDONLY)) == -1 ||
	    (evil = open(argv[3], O_RDONLY)) == -1)
		err(1, "open");
	slot = dup(good);
	pid = clone(other, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	if (pid == -1)
		printf("%s\n", strerrorname_np(errno));
	else
		waitpid(pid, NULL, 0);
	map(slot, NULL);
	printf("1 tried, %d ran, %d evil\n", ran, evils);
}

int
main(int argc, char **argv)
{
	int	 fd;

	if (argc == 3 && strcmp(argv[1], "code") == 0) {
		if ((fd = open(argv[2], O_RDONLY)) == -1)
			err(1, "open");
		errno = 0;
		fd = map(fd, NULL);
		printf("%s %s\n", fd ? "mapped" : strerrorname_np(errno),
		    evils ? "evil" : ran ? "good" : "-");
	} else if (argc == 4 && strcmp(argv[1], "files") == 0)
		files(argv);
	else if (argc != 5)
		errx(1, "usage: see the source");
	else if (strcmp(argv[1], "name") == 0)
		names(argv);
	else if (strcmp(argv[1], "dlopen") == 0)
		linker(argv);
	else
		threads(argv, strcmp(argv[1], "jump") == 0,
		    strcmp(argv[1], "vfork") == 0);
	return (0);
}
