/*
 * Blocking opens and signals, for fifo.t: `blocker CASE FIFO [N]' prints "ok".
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char	*fifo;
static int		 count = 1;
static atomic_int	 handled;
static atomic_int	 opened = -2;	/* descriptor, or -errno */

static void
msleep(long ms)
{
	struct timespec	 ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) == -1)
		;
}

static void
fail(const char *why)
{
	printf("%s: %s\n", why, strerror(errno));
	exit(1);
}

static void
handler(int sig)
{
	(void)sig;
	handled++;
}

static void
catch(int sig, int flags)
{
	struct sigaction	 sa = { .sa_flags = flags };

	sa.sa_handler = handler;
	sigaction(sig, &sa, NULL);
}

static void *
reader(void *arg)
{
	int	 fd;

	(void)arg;
	fd = open(fifo, O_RDONLY);
	opened = fd == -1 ? -errno : fd;
	return (NULL);
}

static pthread_t
start(void)
{
	pthread_t	 th;

	if (pthread_create(&th, NULL, reader, NULL) != 0)
		fail("pthread_create");
	msleep(100);
	return (th);
}

/* Others must get their opens done soon. */
static void
others(void)
{
	struct timespec	 a, b;
	int		 i, fd;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < 100; i++) {
		if ((fd = open("/etc/passwd", O_RDONLY)) == -1)
			fail("open of another file");
		close(fd);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (b.tv_sec - a.tv_sec > 2)
		fail("others were slow");
}

static void
release(void)
{
	int	 fd;

	if ((fd = open(fifo, O_WRONLY)) == -1)
		fail("writer");
	close(fd);
}

static int
other_thread(void)
{
	pthread_t	 th = start();

	others();
	release();
	pthread_join(th, NULL);
	return (opened >= 0 ? 0 : 1);
}

static int
many(void)
{
	pthread_t	 th[64];
	int		 i, fd;

	for (i = 0; i < count; i++)
		if (pthread_create(&th[i], NULL, reader, NULL) != 0)
			fail("pthread_create");
	msleep(500);
	others();
	/* stay until every reader has come through */
	if ((fd = open(fifo, O_RDWR)) == -1)
		fail("writer");
	for (i = 0; i < count; i++)
		pthread_join(th[i], NULL);
	close(fd);
	return (0);
}

static pid_t
blocked_child(void)
{
	pid_t	 pid = fork();

	if (pid == 0) {
		reader(NULL);
		_exit(opened >= 0 ? 0 : -opened);
	}
	msleep(200);
	return (pid);
}

static int
status_of(pid_t pid)
{
	int	 st;

	if (waitpid(pid, &st, 0) != pid)
		fail("waitpid");
	return (st);
}

static int
other_process(void)
{
	pid_t	 pid = blocked_child();

	others();
	release();
	return (status_of(pid) == 0 ? 0 : 1);
}

static int
pair(void)
{
	char	 buf[8] = "";
	pid_t	 pid = fork();
	int	 fd;

	if (pid == 0) {
		fd = open(fifo, O_WRONLY);
		_exit(write(fd, "hello", 5) == 5 ? 0 : 1);
	}
	fd = open(fifo, O_RDONLY);
	if (read(fd, buf, sizeof(buf)) != 5 || strcmp(buf, "hello") != 0)
		fail("read");
	return (status_of(pid) == 0 ? 0 : 1);
}

static int
eintr(void)
{
	pid_t	 pid;
	int	 st;

	catch(SIGUSR1, 0);
	pid = blocked_child();
	kill(pid, SIGUSR1);
	st = status_of(pid);
	errno = WEXITSTATUS(st);
	if (!WIFEXITED(st) || WEXITSTATUS(st) != EINTR)
		fail("not EINTR");
	return (0);
}

/* An open that restarts ends when the writer comes, not before. */
static int
goes_on(int sig, int sig2)
{
	pid_t	 pid = blocked_child();
	int	 st;

	kill(pid, sig);
	msleep(200);
	if (sig2 != 0) {
		kill(pid, sig2);
		msleep(200);
	}
	if (waitpid(pid, &st, WNOHANG) != 0) {
		errno = WEXITSTATUS(st);
		fail("interrupted");
	}
	release();
	st = status_of(pid);
	errno = WEXITSTATUS(st);
	if (st != 0)
		fail("open");
	return (0);
}

static int
restart(void)
{
	catch(SIGUSR1, SA_RESTART);
	return (goes_on(SIGUSR1, 0));
}

static int
ignored(void)
{
	signal(SIGUSR1, SIG_IGN);
	return (goes_on(SIGUSR1, SIGWINCH));
}

static int
stop_cont(void)
{
	return (goes_on(SIGSTOP, SIGCONT));
}

static int
alarmed(void)
{
	alarm(1);
	reader(NULL);
	return (1);
}

static int
killed(void)
{
	struct timespec	 a, b;
	pid_t		 pid = blocked_child();
	int		 st;

	clock_gettime(CLOCK_MONOTONIC, &a);
	kill(pid, SIGKILL);
	st = status_of(pid);
	clock_gettime(CLOCK_MONOTONIC, &b);
	others();
	return (WIFSIGNALED(st) && b.tv_sec - a.tv_sec <= 1 ? 0 : 1);
}

/*
 * Threads open a FIFO and ordinary files while signals, restarting and not,
 * come to any of them: every error must be one that open(2) has.
 */
static atomic_int	 bad, done;

static void *
stormed(void *arg)
{
	int	 i, fd;

	for (i = 0; !done; i++) {
		fd = open(arg != NULL ? fifo : "/etc/passwd", O_RDONLY);
		if (fd == -1 && errno != EINTR)
			bad = errno;
		if (fd != -1)
			close(fd);
	}
	return (NULL);
}

static int
storm(void)
{
	pthread_t	 th[8];
	int		 i, n;

	catch(SIGUSR1, SA_RESTART);
	catch(SIGUSR2, 0);
	for (i = 0; i < 8; i++)
		pthread_create(&th[i], NULL, stormed, i % 2 ? th : NULL);
	for (n = 0; n < 3000 && !bad; n++) {
		/* to the process: any thread may take it */
		kill(getpid(), n % 2 ? SIGUSR1 : SIGUSR2);
		if (n % 10 == 0)
			pthread_kill(th[n % 8], SIGUSR2);
		if (n % 100 == 0)
			msleep(1);
	}
	done = 1;
	for (i = 0; i < 50; i++) {
		n = open(fifo, O_RDWR | O_NONBLOCK);
		msleep(5);
		close(n);
	}
	for (i = 0; i < 8; i++) {
		pthread_kill(th[i], SIGUSR2);
		pthread_join(th[i], NULL);
	}
	errno = bad;
	if (bad)
		fail("errno");
	return (0);
}

static int
cancel(void)
{
	pthread_t	 th = start();
	void		*rv;

	pthread_cancel(th);
	pthread_join(th, &rv);
	others();
	return (rv == PTHREAD_CANCELED ? 0 : 1);
}

static int
nonblock(void)
{
	int	 fd;

	if ((fd = open(fifo, O_RDONLY | O_NONBLOCK)) == -1)
		fail("reader");
	close(fd);
	if (open(fifo, O_WRONLY | O_NONBLOCK) != -1 || errno != ENXIO)
		fail("writer");
	return (0);
}

static const struct {
	const char	*name;
	int		(*run)(void);
} cases[] = {
	{ "other-thread", other_thread }, { "other-process", other_process },
	{ "many", many }, { "pair", pair }, { "eintr", eintr },
	{ "restart", restart }, { "alarm", alarmed }, { "kill", killed },
	{ "ignored", ignored }, { "stop", stop_cont }, { "storm", storm },
	{ "cancel", cancel }, { "nonblock", nonblock }
};

int
main(int argc, char **argv)
{
	size_t	 i;

	if (argc < 3)
		return (2);
	fifo = argv[2];
	if (argc > 3)
		count = (int)strtol(argv[3], NULL, 10);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(cases[i].name, argv[1]) == 0) {
			if (cases[i].run() != 0)
				fail("failed");
			printf("ok\n");
			return (0);
		}
	return (2);
}
