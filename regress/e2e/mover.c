/*
 * A directory is moved where less is allowed, and what is denied there into
 * it, while another lane works on a path through it: the worker knows the
 * directory by a descriptor, and by the name that it had.
 *
 *	mover open|rename FREE HELD TRIES WORD
 *
 * FREE and HELD are empty directories but for HELD/secret, which holds WORD.
 * The workers, of the same user, are slowed as far as the kernel lets us.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LANES	3

static const char	*mode, *freed, *word;
static atomic_int	 now = -1, done, breaches, calls;

static void
pin(int cpu)
{
	cpu_set_t	 set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void
look(const char *path)
{
	char	 text[256];
	ssize_t	 n;
	int	 fd;

	if ((fd = open(path, O_RDONLY)) == -1)
		return;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (strstr(text, word) != NULL)
		atomic_fetch_add(&breaches, 1);
	close(fd);
}

static void *
victim(void *arg)
{
	char	 path[4096], got[4096];

	pin((int)(long)arg);
	(void)snprintf(got, sizeof(got), "%s/got", freed);
	while (!done) {
		if (now < 0)
			continue;
		atomic_fetch_add(&calls, 1);
		(void)snprintf(path, sizeof(path), "%s/d%d/1/2//f", freed,
		    (int)now);
		if (strcmp(mode, "open") == 0)
			look(path);
		else if (rename(path, got) == 0)
			look(got);
	}
	return (NULL);
}

/* Now and then busy: what runs beside is interrupted anywhere. */
static void *
hog(void *arg)
{
	const struct timespec	 nap = { 0, 20000 };
	struct timespec		 a, b;

	pin((int)(long)arg);
	while (!done) {
		(void)nanosleep(&nap, NULL);
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		do
			(void)clock_gettime(CLOCK_MONOTONIC, &b);
		while ((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec -
		    a.tv_nsec < 400000);
	}
	return (NULL);
}

/* As many lanes: each waits for a FIFO, and then goes on. */
static void *
fifo(void *arg)
{
	int	 fd;

	if ((fd = open(arg, O_RDONLY)) != -1)
		close(fd);
	return (NULL);
}

static void
lanes(void)
{
	static char	 path[LANES][4096];
	pthread_t	 t[LANES];
	int		 i, fd;

	for (i = 0; i < LANES; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/fifo%d", freed,
		    i);
		if (mkfifo(path[i], 0600) == -1 ||
		    pthread_create(&t[i], NULL, fifo, path[i]) != 0)
			exit(2);
		usleep(100000);
	}
	for (i = 0; i < LANES; i++) {
		/* until it has been opened for reading */
		while ((fd = open(path[i], O_WRONLY | O_NONBLOCK)) == -1)
			usleep(1000);
		close(fd);
		pthread_join(t[i], NULL);
	}
}

static void
slow(void)
{
	const struct sched_param sp = { .sched_priority = 0 };
	const struct dirent	*de;
	char			 path[300], text[128];
	DIR			*dp;
	ssize_t			 n;
	int			 fd;

	if ((dp = opendir("/proc")) == NULL)
		return;
	while ((de = readdir(dp)) != NULL) {
		(void)snprintf(path, sizeof(path), "/proc/%s/cmdline",
		    de->d_name);
		if (atoi(de->d_name) <= 0 ||
		    (fd = open(path, O_RDONLY)) == -1)
			continue;
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		/* refused but for our own user's */
		if (strstr(text, "policy lane") != NULL)
			(void)sched_setscheduler(atoi(de->d_name), SCHED_IDLE,
			    &sp);
	}
	closedir(dp);
}

static void
prepare(int i)
{
	char	 path[4096];
	int	 fd;

	(void)snprintf(path, sizeof(path), "%s/d%d", freed, i);
	(void)mkdir(path, 0700);
	(void)strcat(path, "/1");
	(void)mkdir(path, 0700);
	(void)strcat(path, "/2");
	(void)mkdir(path, 0700);
	(void)strcat(path, "/f");
	if ((fd = open(path, O_CREAT | O_WRONLY, 0600)) == -1 ||
	    write(fd, "nothing\n", 8) != 8)
		exit(2);
	close(fd);
}

int
main(int argc, char **argv)
{
	char		 from[4096], to[4096], secret[4096];
	struct stat	 st;
	pthread_t	 t[4];
	int		 i, j, tries, moved = 0;

	if (argc != 6)
		return (2);
	mode = argv[1];
	freed = argv[2];
	word = argv[5];
	tries = atoi(argv[4]);
	(void)snprintf(secret, sizeof(secret), "%s/secret", argv[3]);
	for (i = 0; i < tries; i++)
		prepare(i);
	lanes();
	slow();
	for (i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, hog, (void *)(long)i) != 0 ||
		    pthread_create(&t[2 + i], NULL, victim,
		    (void *)(long)i) != 0)
			return (2);
	for (i = 0; i < tries && breaches == 0; i++) {
		now = i;
		usleep((useconds_t)(rand() % 1500));
		(void)snprintf(from, sizeof(from), "%s/d%d", freed, i);
		(void)snprintf(to, sizeof(to), "%s/d%d", argv[3], i);
		if (rename(from, to) == -1)
			continue;
		(void)strcat(to, "/1/2/f");
		if (rename(secret, to) == -1) {
			if (stat(secret, &st) == -1)
				breaches++;	/* somebody took it away */
			continue;
		}
		(void)snprintf(secret, sizeof(secret), "%s", to);
		moved++;
		usleep((useconds_t)(rand() % 1500));
	}
	done = 1;
	for (j = 0; j < 4; j++)
		pthread_join(t[j], NULL);
	if (stat(secret, &st) == -1 && breaches == 0)
		breaches++;
	printf("%s tries %d moved %d calls %d breaches %d\n", mode, i, moved,
	    (int)calls, (int)breaches);
	return (breaches > 0);
}
