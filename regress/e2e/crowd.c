/*
 * A process of many threads, all busy, that maps a file to be executed again
 * and again: nothing but its duration may change.
 *
 *	crowd busy FILE N	threads come and go, wait, call and start programs
 *	crowd signals FILE N	the same, and signals all the time
 *	crowd leader FILE N	the first thread has ended
 *	crowd exec FILE N	a thread starts another program meanwhile
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAPPERS	3

static atomic_int	 stop;
static const char	*file;
static int		 times;

static void *
nothing(void *arg)
{
	return (arg);
}

static void *
come_and_go(void *arg)
{
	pthread_t	 t;

	while (!stop)
		if (pthread_create(&t, NULL, nothing, NULL) == 0)
			pthread_join(t, NULL);
	return (arg);
}

static void *
waiter(void *arg)
{
	struct epoll_event	 ev;
	int			 fd = epoll_create1(0);

	while (!stop)
		if (epoll_wait(fd, &ev, 1, 50) == -1 && errno != EINTR)
			err(1, "epoll_wait");
	return (arg);
}

static void *
caller(void *arg)
{
	int	 fd;

	while (!stop) {
		if ((fd = open("/etc/passwd", O_RDONLY)) == -1)
			err(1, "open");
		close(fd);
	}
	return (arg);
}

static void *
starter(void *arg)
{
	pid_t	 pid;
	int	 status;

	while (!stop) {
		if ((pid = fork()) == 0) {
			execl("/bin/true", "true", NULL);
			_exit(1);
		}
		while (waitpid(pid, &status, 0) == -1)
			if (errno != EINTR)
				err(1, "waitpid");
		if (status != 0)
			errx(1, "true: %#x", status);
	}
	return (arg);
}

static void *
signals(void *arg)
{
	while (!stop) {
		kill(getpid(), SIGUSR1);
		usleep(300);
	}
	return (arg);
}

static void *
mapper(void *arg)
{
	void	*p;
	int	 i, fd;

	for (i = 0; i < times; i++) {
		if ((fd = open(file, O_RDONLY)) == -1)
			err(1, "open");
		p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
		    0);
		if (p == MAP_FAILED)
			err(1, "mmap");
		if (((int (*)(void))p)() != 1)
			errx(1, "what is mapped is something else");
		munmap(p, 4096);
		close(fd);
	}
	return (arg);
}

static void *
alone(void *arg)
{
	usleep(20000);		/* the first thread ends */
	mapper(arg);
	printf("done\n");
	exit(0);
}

static void
on_signal(int sig)
{
	(void)sig;
}

int
main(int argc, char **argv)
{
	static void	*(*const others[])(void *) = { come_and_go, waiter,
			    caller, caller, starter };
	struct sigaction sa;
	pthread_t	 t[8], m[MAPPERS];
	size_t		 i, n = 0;

	if (argc != 4)
		errx(1, "usage: see the source");
	file = argv[2];
	times = atoi(argv[3]);
	if (strcmp(argv[1], "leader") == 0) {
		pthread_create(&t[0], NULL, alone, NULL);
		pthread_exit(NULL);
	}
	for (i = 0; i < MAPPERS; i++)
		pthread_create(&m[i], NULL, mapper, NULL);
	if (strcmp(argv[1], "exec") == 0) {
		usleep(5000);
		execl("/bin/echo", "echo", "done", NULL);
		err(1, "execl");
	}
	if (strcmp(argv[1], "signals") == 0) {
		memset(&sa, 0, sizeof(sa));
		sa.sa_handler = on_signal;
		sa.sa_flags = SA_RESTART;
		sigaction(SIGUSR1, &sa, NULL);
		pthread_create(&t[n++], NULL, signals, NULL);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		pthread_create(&t[n++], NULL, others[i], NULL);
	for (i = 0; i < MAPPERS; i++)
		pthread_join(m[i], NULL);
	stop = 1;
	while (n-- > 0)
		pthread_join(t[n], NULL);
	printf("done\n");
	return (0);
}
