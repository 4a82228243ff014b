/*
 * An attacker of the sockets that calls name: another thread keeps putting
 * another socket, or another descriptor, in the place of the one that is
 * used, between any two moments there are.
 *	netswap send|msg|connect|fastopen ALLOWED DENIED TIMES
 *	netswap control DIRECTORY x TIMES
 * ALLOWED and DENIED are ports of 127.0.0.1: whoever serves DENIED knows
 * whether it worked.  control: passes a file's descriptor to itself, in
 * messages whose control data is rewritten meanwhile, and counts what else
 * came: directories and devices, by a socket below DIRECTORY.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOT	200	/* the number that is used */
#define KINDS	6

static int			 kinds[KINDS];
static int			 nkinds;
static struct sockaddr_in	 addr[2];
static struct sockaddr_in6	 shared;	/* room for all */
static atomic_int		 done, started;
static int			 connects, files[3];
static union {
	struct cmsghdr	 c_hdr;
	char		 c_bytes[CMSG_SPACE(sizeof(int))];
} control;

static void
kind_add(int domain, int type)
{
	int	 s;

	/* a kind that no rule names cannot be made: no attack */
	if ((s = socket(domain, type | SOCK_NONBLOCK, 0)) != -1)
		kinds[nkinds++] = s;
}

static void *
swap(void *arg)
{
	unsigned	 n = 0;
	int		 fd;

	(void)arg;
	while (!atomic_load(&done)) {
		n++;
		if (connects && n % 5 == 0) {
			/* a new one, and an address that fits another */
			if ((fd = socket(n % 2 ? AF_INET : AF_INET6,
			    SOCK_STREAM | SOCK_NONBLOCK, 0)) != -1) {
				dup2(fd, SLOT);
				close(fd);
			}
		} else
			dup2(kinds[n % (unsigned)nkinds], SLOT);
		memcpy(&shared, &addr[n / 7 % 2], sizeof(addr[0]));
		if (n % 7 == 0)
			shared.sin6_family = AF_UNSPEC;
		atomic_store(&started, 1);
	}
	return (NULL);
}

static void *
swap_control(void *arg)
{
	unsigned	 n = 0;

	(void)arg;
	while (!atomic_load(&done)) {
		memcpy(CMSG_DATA(&control.c_hdr), &files[++n % 3], sizeof(int));
		dup2(files[n % 3], SLOT);
		if (n % 64 == 0)
			memcpy(CMSG_DATA(&control.c_hdr), &(int){ SLOT },
			    sizeof(int));
		control.c_hdr.cmsg_len = n % 9 ? CMSG_LEN(sizeof(int)) :
		    n % 100;
	}
	return (NULL);
}

/* One byte with the control data as it is now; what came with it. */
static int
pass(int from, int to)
{
	char		 c = 'x', room[512];
	struct iovec	 iov = { &c, 1 };
	struct msghdr	 mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr	*cm;
	struct stat	 st;
	int		 fd, bad = 0;

	mh.msg_control = &control;
	mh.msg_controllen = sizeof(control);
	if (sendmsg(from, &mh, MSG_DONTWAIT) == -1)
		return (-1);
	mh.msg_control = room;
	mh.msg_controllen = sizeof(room);
	if (recvmsg(to, &mh, MSG_DONTWAIT) == -1)
		return (-1);
	for (cm = CMSG_FIRSTHDR(&mh); cm != NULL; cm = CMSG_NXTHDR(&mh, cm)) {
		if (cm->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
		bad = fstat(fd, &st) == -1 || !S_ISREG(st.st_mode);
		close(fd);
	}
	return (bad);
}

static void
control_run(const char *dir, int n)
{
	struct sockaddr_un	 un = { .sun_family = AF_UNIX };
	pthread_t		 t;
	int			 i, rv, good = 0, bad = 0, a, b;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/control", dir);
	unlink(un.sun_path);
	if ((a = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1 ||
	    (b = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1 ||
	    bind(a, (struct sockaddr *)&un, sizeof(un)) == -1 ||
	    connect(b, (struct sockaddr *)&un, sizeof(un)) == -1)
		err(1, "%s", un.sun_path);
	files[0] = open("/etc/passwd", O_RDONLY);
	files[1] = open("/etc", O_RDONLY | O_DIRECTORY);
	files[2] = open("/dev/null", O_RDWR);
	if (files[0] == -1 || files[1] == -1 || files[2] == -1)
		err(1, "open");
	control.c_hdr.cmsg_level = SOL_SOCKET;
	control.c_hdr.cmsg_type = SCM_RIGHTS;
	control.c_hdr.cmsg_len = CMSG_LEN(sizeof(int));
	if (pthread_create(&t, NULL, swap_control, NULL) != 0)
		errx(1, "pthread_create");
	for (i = 0; i < n; i++) {
		rv = pass(b, a);
		good += rv == 0;
		bad += rv == 1;
	}
	atomic_store(&done, 1);
	pthread_join(t, NULL);
	printf("%s, %d bad\n", good > 0 ? "some passed" : "none passed", bad);
}

static int
try(const char *how)
{
	char		 data[] = "attack!";
	struct iovec	 iov = { data, 7 };
	struct msghdr	 mh = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_name = &shared, .msg_namelen = sizeof(shared) };
	int		 one = 1;

	if (strcmp(how, "msg") == 0)
		return ((int)sendmsg(SLOT, &mh, MSG_NOSIGNAL));
	if (strcmp(how, "send") == 0)
		return ((int)sendto(SLOT, data, 7, MSG_NOSIGNAL,
		    (struct sockaddr *)&shared, sizeof(shared)));
	if (strcmp(how, "fastopen") == 0) {
		setsockopt(SLOT, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one,
		    sizeof(one));
		if (sendto(SLOT, data, 7, MSG_NOSIGNAL | MSG_FASTOPEN,
		    (struct sockaddr *)&shared, sizeof(shared)) >= 0)
			return (1);
	}
	if (connect(SLOT, (struct sockaddr *)&shared, sizeof(shared)) == -1 &&
	    errno != EINPROGRESS)
		return (-1);
	return ((int)write(SLOT, data, 7) >= 0);
}

int
main(int argc, char **argv)
{
	pthread_t	 t;
	int		 i, n, good = 0;

	if (argc != 5)
		errx(1, "usage: netswap send|msg|connect|fastopen|control "
		    "ALLOWED DENIED TIMES");
	n = atoi(argv[4]);
	if (strcmp(argv[1], "control") == 0) {
		control_run(argv[2], n);
		return (0);
	}
	for (i = 0; i < 2; i++) {
		addr[i].sin_family = AF_INET;
		addr[i].sin_port = htons((unsigned short)atoi(argv[2 + i]));
		addr[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	connects = strcmp(argv[1], "connect") == 0 ||
	    strcmp(argv[1], "fastopen") == 0;
	signal(SIGPIPE, SIG_IGN);
	kind_add(AF_INET, SOCK_STREAM);
	kind_add(AF_INET, SOCK_DGRAM);
	kind_add(AF_INET6, SOCK_DGRAM);
	kind_add(AF_UNIX, SOCK_STREAM);
	kind_add(AF_UNIX, SOCK_DGRAM);
	kind_add(AF_NETLINK, SOCK_RAW);
	if (nkinds == 0)
		errx(1, "no sockets");
	if (pthread_create(&t, NULL, swap, NULL) != 0)
		errx(1, "pthread_create");
	while (!atomic_load(&started))
		sched_yield();
	for (i = 0; i < n; i++) {
		good += try(argv[1]) >= 0;
		if (i % 8 == 0)
			sched_yield();
	}
	atomic_store(&done, 1);
	pthread_join(t, NULL);
	printf("%s\n", good > 0 ? "some" : "none");
	return (0);
}
