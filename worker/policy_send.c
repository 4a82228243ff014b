/*
 * Data that comes with an address: sendto(2), and what sendmsg(2) sends once
 * its parts are known.  The data is copied by the receiver on our word, and
 * the copy is sent on the caller's socket: a datagram whole, a stream piece by
 * piece until all has gone or the kernel takes no more, so that a blocking
 * call ends where it would without us.
 *
 * Must never: send to an address that was not decided on, or let the kernel
 * raise a signal here that is the caller's.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "policy_sock.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY	0x4000000
#endif
/*
 * The longest message: more than the kernel can allocate for one, 4 MiB.  A
 * page that no message has reached costs nothing.
 */
#define DATA_MAX	(8 * 1024 * 1024)
#define STREAM_MAX	(256 * 1024)	/* a piece of a stream */
#define IP_MAX		65535		/* a datagram, RFC 768 */

static uint8_t	 data[DATA_MAX];

static int	 data_copy(struct request *, const struct senddata *, size_t,
		    size_t);
static int	 data_piece(struct request *, const struct sock *,
		    const uint8_t *, const struct msghdr *, int, size_t *);
static size_t	 message_max(const struct sock *);
static int	 pipe_broken(struct request *, const struct sock *, int);

/* len bytes, from byte `from' on, wherever they lie. */
static int
data_copy(struct request *rq, const struct senddata *sd, size_t from,
    size_t len)
{
	static struct piece	 part[DATA_PIECES];
	size_t			 i = 0, n, at = 0, want, skip;
	int			 error = 0;

	if (sd->sd_bytes != NULL)
		return (0);
	while (at < len && error == 0) {
		/* as much as one question may be about */
		for (n = 0, want = 0; i < sd->sd_count && at + want < len &&
		    want < MEMORY_MAX && n < PIECES_MAX; i++) {
			if (from >= sd->sd_pieces[i].p_len) {
				from -= sd->sd_pieces[i].p_len;
				continue;
			}
			skip = from;
			part[n].p_addr = sd->sd_pieces[i].p_addr + skip;
			part[n].p_len = sd->sd_pieces[i].p_len - skip;
			from = 0;
			if (part[n].p_len > len - at - want)
				part[n].p_len = len - at - want;
			if (part[n].p_len > MEMORY_MAX - want) {
				part[n].p_len = MEMORY_MAX - want;
				from = skip + part[n].p_len;
			}
			want += part[n++].p_len;
			if (from > 0)
				break;		/* the rest of it is next */
		}
		if (want == 0)
			return (EFAULT);
		error = request_memory(rq, part, n, data + at, want);
		at += want;
	}
	return (error);
}

/* What the kernel would say EMSGSIZE to anyway is not copied. */
static size_t
message_max(const struct sock *s)
{
	socklen_t	 len = sizeof(int);
	int		 size;

	if (s->s_kind & NETK_IP & ~(NETK_SCTP | NETK_DCCP))
		return (IP_MAX);
	if (getsockopt(s->s_fd, SOL_SOCKET, SO_SNDBUF, &size, &len) == -1 ||
	    size < 0)
		return (IP_MAX);
	return ((size_t)size < DATA_MAX ? (size_t)size : DATA_MAX);
}

/*
 * sk_stream_error(), unix_stream_sendmsg() and sctp_error() raise SIGPIPE for
 * whoever sends: that is the caller's thread, and the receiver's to do.
 */
static int
pipe_broken(struct request *rq, const struct sock *s, int flags)
{
	if ((flags & MSG_NOSIGNAL) == 0 &&
	    (s->s_type == SOCK_STREAM || s->s_kind == NETK_SCTP))
		rq->rq_verdict.v_kind = VERDICT_PIPE;
	return (EPIPE);
}

/* Of these bytes as many as the kernel takes: *len. */
static int
data_piece(struct request *rq, const struct sock *s, const uint8_t *bytes,
    const struct msghdr *mh, int flags, size_t *len)
{
	struct iovec	 one = { (void *)(uintptr_t)bytes, *len };
	struct msghdr	 m = *mh;
	ssize_t		 n;

	m.msg_iov = &one;
	m.msg_iovlen = 1;
	n = sendmsg(s->s_fd, &m, flags | MSG_NOSIGNAL);
	*len = n == -1 ? 0 : (size_t)n;
	if (n != -1)
		return (0);
	return (errno == EINTR ? sock_interrupted(rq, s, SO_SNDTIMEO) :
	    errno);
}

int
data_send(struct request *rq, const struct sock *s,
    const struct senddata *sd, struct msghdr *mh, int flags, size_t *sent)
{
	const uint8_t	*bytes;
	size_t		 total = sd->sd_total, done = 0, len, want;
	int		 stream, error = 0, now;

	/* our memory is used again: it cannot be lent to the kernel */
	if (flags & MSG_ZEROCOPY)
		return (ENOBUFS);
	stream = s->s_type == SOCK_STREAM && s->s_kind != NETK_SCTP;
	if (!stream && total > message_max(s))
		return (EMSGSIZE);
	do {
		want = len = stream && total - done > STREAM_MAX ?
		    STREAM_MAX : total - done;
		bytes = sd->sd_bytes != NULL ? sd->sd_bytes + done : data;
		/* urgent is the last byte of all */
		now = done + len < total ? flags & ~MSG_OOB : flags;
		error = data_copy(rq, sd, done, len);
		if (error == 0)
			error = data_piece(rq, s, bytes, mh, now, &len);
		if (error != 0)
			break;
		done += len;
		mh->msg_control = NULL;
		mh->msg_controllen = 0;
		mh->msg_name = NULL;
		mh->msg_namelen = 0;
		flags &= ~MSG_FASTOPEN;
	} while (done < total && len == want);
	*sent = done;
	if (done > 0)
		return (0);
	return (error == EPIPE ? pipe_broken(rq, s, flags) : error);
}

int
policy_sendto(struct request *rq)
{
	static struct senddata	 sd;
	static struct target	 t;
	const struct cap	*cap = request_cap(rq, 1);
	const uint8_t		*addr;
	struct msghdr		 mh;
	struct sock		 s;
	size_t			 len, sent = 0;
	uint8_t			 op;
	int			 error, flags = request_int(rq, 3);

	if ((error = sock_find(rq, &s)) != 0 ||
	    (error = call_address(rq, 4, &addr, &len)) != 0)
		return (error);
	sd.sd_count = 1;
	sd.sd_pieces[0].p_addr = rq->rq_call.c_args[1];
	sd.sd_total = rq->rq_call.c_args[2];
	if (sd.sd_total > TOTAL_MAX)
		sd.sd_total = TOTAL_MAX;
	sd.sd_pieces[0].p_len = sd.sd_total;
	/* came with the call, unless it is long */
	sd.sd_bytes = cap == NULL || cap->p_errno != 0 || cap->p_null ? NULL :
	    cap->p_bytes;
	op = !(s.s_kind & NETK_NAMES) && (flags & MSG_FASTOPEN) ?
	    NETOP_CONNECT : NETOP_SEND;
	memset(&t, 0, sizeof(t));
	if (sock_sends(&s, flags) &&
	    (error = target_find(rq, &s, op, addr, len, &t)) == 0 &&
	    (error = target_decide(rq, &s, &t)) == 0)
		error = target_settle(&t);
	if (error == 0) {
		memset(&mh, 0, sizeof(mh));
		mh.msg_name = t.t_len == 0 ? NULL : &t.t_addr;
		mh.msg_namelen = t.t_len;
		error = data_send(rq, &s, &sd, &mh, flags, &sent);
	}
	target_end(&t);
	if (error == 0) {
		rq->rq_verdict.v_kind = VERDICT_VALUE;
		rq->rq_verdict.v_value = (int32_t)sent;
	}
	return (error);
}
