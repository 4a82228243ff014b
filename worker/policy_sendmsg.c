/*
 * sendmsg(2) and sendmmsg(2) under rules about the network.  The structure,
 * what it points to, and the addresses are in the caller's memory: each is
 * copied once, by the receiver, on our word; what is sent is the copy.
 *
 * Must never: send a message whose name was not decided on, give the kernel
 * a descriptor number or a process number of the caller's, or pass control
 * data on that is not in the table.
 */
#include <sys/stat.h>
#include <netinet/udp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy_sock.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif
#define HDR_SIZE	56		/* struct msghdr, x86-64 */
#define MMSG_SIZE	64		/* struct mmsghdr */
#define MMSG_LEN	56		/* its msg_len */
#define MMSG_MAX	1024		/* messages in one call: UIO_MAXIOV */
#define CONTROL_MAX	4096
#define FDS_MAX		253		/* in a message: SCM_MAX_FD, net/scm.h */

/* A struct msghdr as numbers. */
struct header {
	uint64_t	 h_name;
	int32_t		 h_namelen;
	uint64_t	 h_iov;
	uint64_t	 h_iovlen;
	uint64_t	 h_control;
	uint64_t	 h_controllen;
};

/* Control data that may be sent, by level and type. */
static const struct {
	int		 level;
	int		 type;
} controls[] = {
	{ IPPROTO_IP,	IP_TOS },
	{ IPPROTO_IP,	IP_TTL },
	{ IPPROTO_IP,	IP_PKTINFO },
	{ IPPROTO_IPV6,	2 },		/* IPV6_2292PKTINFO, linux/in6.h */
	{ IPPROTO_IPV6,	8 },		/* IPV6_2292HOPLIMIT */
	{ IPPROTO_IPV6,	11 },		/* IPV6_FLOWINFO */
	{ IPPROTO_IPV6,	IPV6_PKTINFO },
	{ IPPROTO_IPV6,	IPV6_HOPLIMIT },
	{ IPPROTO_IPV6,	IPV6_DONTFRAG },
	{ IPPROTO_IPV6,	IPV6_TCLASS },
	{ IPPROTO_UDP,	103 },		/* UDP_SEGMENT */
	{ SOL_SOCKET,	SO_TIMESTAMPING },
	{ SOL_SOCKET,	SO_TXTIME },
	{ IPPROTO_SCTP,	0 },		/* SCTP_INIT, linux/sctp.h */
	{ IPPROTO_SCTP,	1 },		/* SCTP_SNDRCV */
	{ IPPROTO_SCTP,	2 },		/* SCTP_SNDINFO */
	{ 282,		1 },		/* SOL_TLS, TLS_SET_RECORD_TYPE */
};

/* What is copied for the message in hand. */
static struct senddata	 data;
static uint8_t		 name[sizeof(struct sockaddr_storage)];
static uint8_t		 control_in[CONTROL_MAX];
static union {
	uint8_t		 c_bytes[CONTROL_MAX];
	struct cmsghdr	 c_align;
} control_out;
static int		 fds[FDS_MAX];
static size_t		 nfds;

static int	 message(struct request *, const struct sock *,
		    const uint8_t *, int, size_t *);
static int	 message_control(struct request *, const struct sock *, size_t,
		    size_t *);
static int	 control_piece(struct request *, const struct sock *,
		    const struct cmsghdr *, const uint8_t *, uint8_t *, size_t);
static int	 control_rights(struct request *, const uint8_t *, size_t,
		    uint8_t *);
static int	 control_creds(struct request *, uint8_t *, size_t);
static int	 fetch(struct request *, uint64_t, void *, size_t);

static uint64_t
get64(const uint8_t *p)
{
	uint64_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

static int32_t
get32(const uint8_t *p)
{
	int32_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

/* One piece of the caller's memory. */
static int
fetch(struct request *rq, uint64_t addr, void *buf, size_t len)
{
	struct piece	 p = { addr, len };

	return (len == 0 ? 0 : request_memory(rq, &p, 1, buf, len));
}

int
policy_sendmsg(struct request *rq)
{
	struct sock	 s;
	uint8_t		 hdr[HDR_SIZE];
	size_t		 sent = 0;
	int		 error;

	if ((error = sock_find(rq, &s)) != 0 || (error = fetch(rq,
	    rq->rq_call.c_args[1], hdr, sizeof(hdr))) != 0)
		return (error);
	error = message(rq, &s, hdr, request_int(rq, 2), &sent);
	if (error == 0) {
		rq->rq_verdict.v_kind = VERDICT_VALUE;
		rq->rq_verdict.v_value = (int32_t)sent;
	}
	return (error);
}

/* Fewer than were given is an answer too: sendmmsg(2). */
int
policy_sendmmsg(struct request *rq)
{
	static uint8_t	 vec[MMSG_MAX * MMSG_SIZE];
	struct sock	 s;
	size_t		 i, sent = 0, n = (uint32_t)rq->rq_call.c_args[2];
	uint32_t	 len;
	int		 error = 0;

	if (n > MMSG_MAX)
		n = MMSG_MAX;
	if ((error = sock_find(rq, &s)) != 0 || (error = fetch(rq,
	    rq->rq_call.c_args[1], vec, n * MMSG_SIZE)) != 0)
		return (error);
	for (i = 0; i < n; i++) {
		error = message(rq, &s, &vec[i * MMSG_SIZE],
		    request_int(rq, 3), &sent);
		if (error != 0)
			break;
		len = (uint32_t)sent;
		memcpy(&vec[i * MMSG_SIZE + MMSG_LEN], &len, sizeof(len));
	}
	if (i == 0 && error != 0)
		return (error);
	rq->rq_verdict.v_kind = VERDICT_VALUE;
	rq->rq_verdict.v_value = (int32_t)i;
	rq->rq_verdict.v_outarg = 1;
	rq->rq_verdict.v_out = vec;
	rq->rq_verdict.v_outlen = i * MMSG_SIZE;
	return (0);
}

/* As the kernel takes it: net/socket.c, __copy_msghdr(). */
static int
header_take(const uint8_t *p, struct header *h)
{
	h->h_name = get64(p);
	h->h_namelen = get32(p + 8);
	h->h_iov = get64(p + 16);
	h->h_iovlen = get64(p + 24);
	h->h_control = get64(p + 32);
	h->h_controllen = get64(p + 40);
	if (h->h_name == 0)
		h->h_namelen = 0;
	if (h->h_control == 0)
		h->h_controllen = 0;
	if (h->h_namelen < 0)
		return (EINVAL);
	if ((size_t)h->h_namelen > sizeof(name))
		h->h_namelen = sizeof(name);
	if (h->h_iovlen > DATA_PIECES)
		return (EMSGSIZE);
	return (h->h_controllen > CONTROL_MAX ? ENOBUFS : 0);
}

/* The parts of the data; their sum, as far as the kernel would go. */
static int
header_parts(struct request *rq, const struct header *h)
{
	static uint8_t	 raw[DATA_PIECES * 16];
	struct piece	*p;
	size_t		 i;
	int		 error;

	data.sd_total = 0;
	data.sd_count = h->h_iovlen;
	if ((error = fetch(rq, h->h_iov, raw, h->h_iovlen * 16)) != 0)
		return (error);
	for (i = 0; i < h->h_iovlen; i++) {
		p = &data.sd_pieces[i];
		p->p_addr = get64(raw + i * 16);
		p->p_len = get64(raw + i * 16 + 8);
		if (p->p_len > SSIZE_MAX)
			return (EINVAL);
		if (p->p_len > TOTAL_MAX - data.sd_total)
			p->p_len = TOTAL_MAX - data.sd_total;
		data.sd_total += p->p_len;
	}
	return (0);
}

static int
message(struct request *rq, const struct sock *s, const uint8_t *raw,
    int flags, size_t *sent)
{
	static struct target	 t;
	struct header		 h;
	struct msghdr		 mh;
	size_t			 control = 0, i;
	uint8_t			 op = NETOP_SEND;
	int			 error;

	nfds = 0;
	memset(&t, 0, sizeof(t));
	memset(&mh, 0, sizeof(mh));
	if ((error = header_take(raw, &h)) != 0 ||
	    (error = header_parts(rq, &h)) != 0)
		return (error);
	if (!sock_sends(s, 0) && (flags & MSG_FASTOPEN))
		op = NETOP_CONNECT;
	if (h.h_namelen > 0 && sock_sends(s, flags)) {
		if ((error = fetch(rq, h.h_name, name,
		    (size_t)h.h_namelen)) == 0 &&
		    (error = target_find(rq, s, op, name,
		    (size_t)h.h_namelen, &t)) == 0)
			error = target_decide(rq, s, &t);
		if (error == 0)
			error = target_settle(&t);
	}
	if (error == 0 && (error = fetch(rq, h.h_control, control_in,
	    h.h_controllen)) == 0)
		error = message_control(rq, s, h.h_controllen, &control);
	if (error == 0) {
		mh.msg_name = t.t_len == 0 ? NULL : &t.t_addr;
		mh.msg_namelen = t.t_len;
		mh.msg_control = control == 0 ? NULL : &control_out;
		mh.msg_controllen = control;
		error = data_send(rq, s, &data, &mh, flags, sent);
	}
	for (i = 0; i < nfds; i++)
		close(fds[i]);
	target_end(&t);
	return (error);
}

/* ---- control data ---- */

static int
control_known(int level, int type)
{
	size_t	 i;

	for (i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (controls[i].level == level && controls[i].type == type)
			return (1);
	return (0);
}

/*
 * One piece, of which n bytes follow the header, to where it is sent from.
 * 0, an errno, or -1: the kernel would not look at it, so it is left out.
 */
static int
control_piece(struct request *rq, const struct sock *s,
    const struct cmsghdr *ch, const uint8_t *in, uint8_t *to, size_t n)
{
	int	 local = s->s_domain == AF_UNIX;

	if (ch->cmsg_level == SOL_SOCKET && (ch->cmsg_type == SCM_RIGHTS ||
	    ch->cmsg_type == SCM_CREDENTIALS)) {
		if (s->s_kind & NETK_IP)
			return (-1);	/* __sock_cmsg_send(), net/core/sock.c */
		if (ch->cmsg_type == SCM_CREDENTIALS)
			return (control_creds(rq, to, n));
		return (local ? control_rights(rq, in, n, to) : EINVAL);
	}
	if (local)	/* __scm_send(), net/core/scm.c */
		return (ch->cmsg_level == SOL_SOCKET ? EINVAL : -1);
	if (sock_free(s) || control_known(ch->cmsg_level, ch->cmsg_type))
		return (0);
	return (policy_deny_word(rq, "net send",
	    "control data that could name an address", NULL));
}

/* From control_in to control_out, *out bytes. */
static int
message_control(struct request *rq, const struct sock *s, size_t len,
    size_t *out)
{
	struct cmsghdr	 ch;
	size_t		 at = 0, to = 0;
	int		 error;

	memset(&control_out, 0, sizeof(control_out));
	*out = 0;
	while (len - at >= sizeof(ch)) {
		memcpy(&ch, control_in + at, sizeof(ch));
		if (ch.cmsg_len < sizeof(ch) || ch.cmsg_len > len - at)
			return (EINVAL);
		memcpy(control_out.c_bytes + to, control_in + at, ch.cmsg_len);
		error = control_piece(rq, s, &ch, control_in + at + sizeof(ch),
		    control_out.c_bytes + to + sizeof(ch),
		    ch.cmsg_len - sizeof(ch));
		if (error > 0)
			return (error);
		if (error == 0) {
			*out = to + ch.cmsg_len;
			to += CMSG_ALIGN(ch.cmsg_len);
		}
		if (CMSG_ALIGN(ch.cmsg_len) > len - at)
			break;
		at += CMSG_ALIGN(ch.cmsg_len);
	}
	return (0);
}

/* A descriptor of the caller's to give away: which file, and may it go? */
static int
rights_take(struct request *rq, int number, int *fd)
{
	struct give	 g;
	struct stat	 st;
	const char	*what = NULL;
	int		 error;

	if (number < 0)
		return (EBADF);
	if ((error = request_need(rq, NEED_FD, number, &g)) != 0)
		return (error);
	fds[nfds++] = *fd = g.g_fd;
	if (fstat(g.g_fd, &st) == -1)
		return (errno);
	if (S_ISDIR(st.st_mode))
		what = "a directory's descriptor";
	else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		what = "a device's descriptor";
	else if (fcntl(g.g_fd, F_GETFL) & O_PATH)
		what = "a descriptor of a place";
	if (what == NULL || netset_whole(&worker.wk_nets))
		return (0);
	return (policy_deny_word(rq, "net send", what, NULL));
}

static int
control_rights(struct request *rq, const uint8_t *in, size_t len,
    uint8_t *to)
{
	size_t	 i, n = len / sizeof(int);
	int	 fd, error;

	if (n > FDS_MAX - nfds)
		return (EINVAL);
	for (i = 0; i < n; i++) {
		if ((error = rights_take(rq, get32(in + i * sizeof(int)),
		    &fd)) != 0)
			return (error);
		memcpy(to + i * sizeof(int), &fd, sizeof(fd));
	}
	return (0);
}

/*
 * Nobody but the caller itself can be named; and the kernel lets us name
 * nobody but us.
 */
static int
control_creds(struct request *rq, uint8_t *to, size_t len)
{
	struct ucred	 uc;
	int		 error;

	if (len != sizeof(uc))
		return (EINVAL);
	if ((error = request_status(rq)) != 0)
		return (error);
	memcpy(&uc, to, sizeof(uc));
	if (uc.pid != rq->rq_tgid)
		return (EPERM);
	uc.pid = worker.wk_pid;
	memcpy(to, &uc, sizeof(uc));
	return (0);
}
