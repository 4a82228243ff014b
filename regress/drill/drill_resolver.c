/*
 * The resolver, taken over when it is asked which names led to an address.
 * What it could be good for is its sockets: whatever it sends on them, and to
 * whom.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../proto/chan.h"
#include "drill.h"

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static int	 resolver(struct chan *, struct msg *);
static void	 lie(struct chan *, const struct msg *, const char *);
static long	 far_msg(int, int);

static struct msg	 out;
static int		 lying;

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n != 1 || c->ch_kind != CHAN_NAMES || m->m_type != MSG_LANE_LED)
		return (n);
	if (!lying && !drill_begin(ROLE_RESOLVER))
		return (n);
	if (!resolver(c, m))
		return (n);
	errno = EAGAIN;
	return (-1);
}

/* Every address is one that this name led to. */
static void
lie(struct chan *c, const struct msg *m, const char *host)
{
	lying = 1;
	msg_start(&out, MSG_RESOLVER_HOSTS, m->m_seq);
	msg_put_hosts(&out, &host, 1);
	drill_result("sent", chan_send(c, &out, 0));
}

/* To where nothing of ours is, with sendmsg(2); with a source address, too. */
static long
far_msg(int fd, int source)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
	}			 ctl;
	struct in_pktinfo	 pi;
	struct sockaddr_in	 sin;
	struct iovec		 iov = { &sin, sizeof(sin) };
	struct msghdr		 mh;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(53);
	sin.sin_addr.s_addr = htonl(0xc0000201);
	memset(&mh, 0, sizeof(mh));
	mh.msg_name = &sin;
	mh.msg_namelen = sizeof(sin);
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	memset(&ctl, 0, sizeof(ctl));
	memset(&pi, 0, sizeof(pi));
	if (source) {
		mh.msg_control = &ctl;
		mh.msg_controllen = sizeof(ctl);
		ctl.hdr.cmsg_level = IPPROTO_IP;
		ctl.hdr.cmsg_type = IP_PKTINFO;
		ctl.hdr.cmsg_len = CMSG_LEN(sizeof(pi));
		memcpy(CMSG_DATA(&ctl.hdr), &pi, sizeof(pi));
	}
	return (sendmsg(fd, &mh, MSG_NOSIGNAL));
}

/*
 * From the ears, by the call that they have.  What IPv4 takes goes round on
 * lo and ends there; IPv6 has no way to try: how often it had.
 */
static long
far_ears(void)
{
	static const char	*const to[] = {
		"192.0.2.1", "8.8.8.8", "10.0.0.1", "224.0.0.251",
		"255.255.255.255", "169.254.169.254"
	};
	struct sockaddr_in	 sin;
	struct sockaddr_in6	 sin6;
	long			 went = 0;
	size_t			 i;

	memset(&sin, 0, sizeof(sin));
	memset(&sin6, 0, sizeof(sin6));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(53);
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		(void)inet_pton(AF_INET, to[i], &sin.sin_addr);
		(void)!sendto(RESOLVER_EAR, "drill", 5, MSG_NOSIGNAL,
		    (struct sockaddr *)&sin, sizeof(sin));
	}
	sin6.sin6_family = AF_INET6;
	sin6.sin6_port = htons(53);
	(void)inet_pton(AF_INET6, "2001:db8::1", &sin6.sin6_addr);
	went += sendto(RESOLVER_EAR + 1, "drill", 5, MSG_NOSIGNAL,
	    (struct sockaddr *)&sin6, sizeof(sin6)) != -1;
	(void)inet_pton(AF_INET6, "fe80::1", &sin6.sin6_addr);
	went += sendto(RESOLVER_EAR + 1, "drill", 5, MSG_NOSIGNAL,
	    (struct sockaddr *)&sin6, sizeof(sin6)) != -1;
	return (went);
}

/* 1: answered here. */
static int
resolver(struct chan *c, struct msg *m)
{
	struct sockaddr_in	 sin;
	struct chan		 up;

	if (!lying)
		drill_any(c, m);
	if (drill->d_kind != D_SEND)
		return (0);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(53);
	sin.sin_addr.s_addr = htonl(0xc0000201);
	switch (drill->d_arg) {
	case VS_LIE:
		lie(c, m, "drill.test");
		return (1);
	case VS_PATTERN:
		lie(c, m, "*.test");
		return (1);
	case VS_READY:
		chan_init(&up, FD_PARENT, ROLE_RESOLVER, ROLE_MONITOR,
		    CHAN_CONTROL);
		msg_start(&out, MSG_ROLE_READY, 0);
		msg_put_u32(&out, PROTO_VERSION);
		drill_result("sent", chan_send(&up, &out, 0));
		drill_hang();
	case VS_LINE:
		chan_init(&up, FD_LOG, ROLE_RESOLVER, ROLE_MONITOR, CHAN_LOG);
		msg_start(&out, MSG_ROLE_LOG, 0);
		msg_put_log(&out, 2,
		    "a\033]0;b\007c\nprivsep-sandbox: monitor: d\r");
		drill_result("sent", chan_send(&up, &out, 0));
		return (0);
	case VS_EARS:
		drill_result("sent", far_ears());
		return (0);
	case VS_MOUTH:
		drill->d_through = sendto(RESOLVER_MOUTH, "drill", 5, 0,
		    (struct sockaddr *)&sin, sizeof(sin)) != -2;
		break;
	case VS_MOUTH_MSG:
		drill->d_through = far_msg(RESOLVER_MOUTH, 0) != -2;
		break;
	case VS_EAR_MSG:
		drill->d_through = far_msg(RESOLVER_EAR, 1) != -2;
		break;
	}
	drill_hang();
}
