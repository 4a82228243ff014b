/*
 * Micro-benchmark of sockets: nanoseconds per call, as calls.c.
 *	net -s		serve on a port of 127.0.0.1, which is printed
 *	net PORT COUNT	"connect NS" and "send NS": a TCP connection made
 *			and reset; a byte sent and received on a connected
 *			local socket
 */
#include <sys/socket.h>
#include <netinet/in.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCHES	11

static struct sockaddr_in	 to;
static int			 pair[2];

static void
serve(void)
{
	socklen_t	 len = sizeof(to);
	int		 s, c;

	if ((s = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(s, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    listen(s, 1000) == -1 ||
	    getsockname(s, (struct sockaddr *)&to, &len) == -1)
		err(1, "server");
	printf("%u\n", ntohs(to.sin_port));
	fflush(stdout);
	while ((c = accept(s, NULL, NULL)) != -1 || 1)
		close(c);
}

static void
call_connect(long n)
{
	struct linger	 l = { 1, 0 };	/* no port stays behind */
	int		 s;

	while (n-- > 0) {
		if ((s = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
		    setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == -1 ||
		    connect(s, (struct sockaddr *)&to, sizeof(to)) == -1)
			err(1, "connect");
		close(s);
	}
}

static void
call_send(long n)
{
	char	 c = 'x';

	while (n-- > 0)
		if (send(pair[0], &c, 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1)
			err(1, "send");
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static void
row(const char *name, void (*run)(long), long n)
{
	struct timespec	 t0, t1;
	double		 ns[BATCHES];
	int		 i;

	run(n / 10 + 1);
	for (i = 0; i < BATCHES; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t0);
		run(n);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		ns[i] = ((double)(t1.tv_sec - t0.tv_sec) * 1e9 +
		    (double)(t1.tv_nsec - t0.tv_nsec)) / (double)n;
	}
	qsort(ns, BATCHES, sizeof(ns[0]), compare);
	printf("%s %.1f\n", name, ns[BATCHES / 2]);
}

int
main(int argc, char **argv)
{
	long	 n;

	to.sin_family = AF_INET;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc == 2 && strcmp(argv[1], "-s") == 0)
		serve();
	if (argc != 3)
		errx(2, "usage: net -s | port count");
	to.sin_port = htons((unsigned short)atoi(argv[1]));
	n = atol(argv[2]) / BATCHES + 1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		err(1, "socketpair");
	row("connect", call_connect, n);
	row("send", call_send, n * 10);
	return (0);
}
