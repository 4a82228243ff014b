/*
 * An attacker of connect(2), sendto(2) and sendmsg(2): another thread keeps
 * rewriting the address, the structure and the data while they are called.
 *	netrace tcp|udp|msg|unix ALLOWED DENIED TIMES
 * ALLOWED and DENIED are ports of 127.0.0.1, or paths of local sockets.
 * Whoever serves DENIED knows whether it worked; we print how many calls did.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static union {
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
	struct sockaddr_un	 un;
	struct sockaddr		 sa;
} addr[2], shared;
static struct iovec		 iov[2];
static struct msghdr		 mh;
static char			 data[2][8] = { "allowed", "denied!" };
static atomic_int		 done;
static int			 local;

static void *
rewrite(void *arg)
{
	volatile char	*to = (volatile char *)&shared;
	unsigned	 i, n = 0;
	const char	*from;

	(void)arg;
	while (!atomic_load(&done)) {
		from = (const char *)&addr[++n % 2];
		for (i = 0; i < sizeof(struct sockaddr_in); i++)
			to[i] = from[i];
		if (local)
			for (; i < sizeof(struct sockaddr_un); i++)
				to[i] = from[i];
		/* families that others take for theirs */
		if (n % 7 == 0)
			shared.sa.sa_family = AF_UNSPEC;
		if (n % 11 == 0)
			shared.sa.sa_family = AF_INET6;
		if (n % 13 == 0)
			shared.sa.sa_family = AF_UNIX;
		if (n % 17 == 0)
			mh.msg_name = n % 2 ? (void *)&addr[1] : &shared;
		iov[0].iov_base = data[n % 2];
		mh.msg_iovlen = n % 3;
		mh.msg_namelen = n % 5 ? sizeof(shared.in) : n % 200;
	}
	return (NULL);
}

static void
set(int i, const char *arg)
{
	memset(&addr[i], 0, sizeof(addr[i]));
	if (local) {
		addr[i].un.sun_family = AF_UNIX;
		strncpy(addr[i].un.sun_path, arg,
		    sizeof(addr[i].un.sun_path) - 1);
		return;
	}
	addr[i].in.sin_family = AF_INET;
	addr[i].in.sin_port = htons((unsigned short)atoi(arg));
	addr[i].in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static int
try(const char *how, socklen_t len)
{
	int	 s, rv;

	if (strcmp(how, "tcp") == 0 || local) {
		s = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
		rv = connect(s, &shared.sa, len);
	} else {
		s = socket(AF_INET, SOCK_DGRAM, 0);
		rv = strcmp(how, "udp") == 0 ? (int)sendto(s, data[0], 7, 0,
		    &shared.sa, len) : (int)sendmsg(s, &mh, 0);
	}
	if (s == -1)
		err(1, "socket");
	close(s);
	return (rv >= 0);
}

int
main(int argc, char **argv)
{
	pthread_t	 t;
	int		 i, n, good = 0;

	if (argc != 5)
		errx(1, "usage: netrace tcp|udp|msg|unix ALLOWED DENIED TIMES");
	local = strcmp(argv[1], "unix") == 0;
	set(0, argv[2]);
	set(1, argv[3]);
	n = atoi(argv[4]);
	shared = addr[0];
	iov[0].iov_base = data[0];
	iov[0].iov_len = 7;
	iov[1] = iov[0];
	mh.msg_name = &shared;
	mh.msg_namelen = sizeof(shared.in);
	mh.msg_iov = iov;
	mh.msg_iovlen = 1;
	if (pthread_create(&t, NULL, rewrite, NULL) != 0)
		errx(1, "pthread_create");
	for (i = 0; i < n; i++)
		good += try(argv[1], local ? sizeof(shared.un) :
		    sizeof(shared.in));
	atomic_store(&done, 1);
	pthread_join(t, NULL);
	printf("%d of %d\n", good, n);
	return (0);
}
