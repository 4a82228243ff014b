/*
 * Who may connect to a socket that listens: decided when it begins to listen,
 * and again for each peer, which accept(2) brings us and the caller gets only
 * if a rule lets it in.  A socket filter would spare the call, but the kernel
 * keeps those of TCP for CAP_NET_ADMIN.
 *
 * Must never: hand out a connection whose peer was not decided on, or tell a
 * peer that is refused more than that its connection has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy_sock.h"

#define PEER_MAX	sizeof(struct sockaddr_storage)

static int	 peer_decide(struct request *, const struct sock *,
		    const uint8_t *, size_t);
static int	 peer_give(struct request *, const uint8_t *, size_t);

int
accept_prepare(struct request *rq, const struct sock *s, uint16_t port)
{
	const struct netset	*ns = &worker.wk_nets;
	const struct netrule	*r;
	struct netquery		 q;
	char			 text[64];
	size_t			 i;
	uint32_t		 k;
	int			 in;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_rule.r_action != RULE_ALLOW ||
		    !(r->n_ops & NETOP_ACCEPT) || !(r->n_kinds & s->s_kind))
			continue;
		in = r->n_nports == 0 || port == 0;
		for (k = 0; k < r->n_nports; k++)
			in |= port >= r->n_ports[k].np_lo &&
			    port <= r->n_ports[k].np_hi;
		if (in)
			return (0);
	}
	memset(&q, 0, sizeof(q));
	q.q_op = NETOP_ACCEPT;
	q.q_kind = s->s_kind;
	q.q_port = port;
	(void)snprintf(text, sizeof(text), "any port %u", port);
	return (sock_decide(rq, s, &q, text));
}

/* accept(2), accept4(2): until a peer comes that a rule lets in. */
int
policy_accept(struct request *rq)
{
	struct verdict	*v = &rq->rq_verdict;
	struct sock	 s;
	uint8_t		 peer[PEER_MAX];
	socklen_t	 len;
	int		 fd, error, flags = 0;

	if (rq->rq_ent->se_flagarg < CALL_ARGS)
		flags = request_flags(rq);
	if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0)
		return (EINVAL);
	if ((error = sock_find(rq, &s)) != 0)
		return (error);
	for (;;) {
		len = sizeof(peer);
		fd = accept4(s.s_fd, (struct sockaddr *)peer, &len,
		    (flags & SOCK_NONBLOCK) | SOCK_CLOEXEC);
		if (fd == -1)
			return (errno == EINTR ? sock_interrupted(rq, &s,
			    SO_RCVTIMEO) : errno);
		if (len > sizeof(peer))
			len = sizeof(peer);
		if (peer_decide(rq, &s, peer, len) == 0)
			break;
		close(fd);
		if (rq->rq_effect != EFFECT_NONE)
			return (EACCES);
		/* the next one is refused, or not, by itself */
		rq->rq_refused = rq->rq_told = 0;
	}
	if ((error = peer_give(rq, peer, len)) != 0) {
		close(fd);
		return (error);
	}
	v->v_kind = VERDICT_INJECT;
	v->v_fd = fd;
	v->v_fdflags = flags & SOCK_CLOEXEC ? O_CLOEXEC : 0;
	return (0);
}

/* The port of the rules is ours, not the peer's. */
static int
peer_decide(struct request *rq, const struct sock *s, const uint8_t *addr,
    size_t len)
{
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
	struct netquery		 q;
	char			 text[128], from[NETADDR_TEXT];
	uint8_t			 own[16];

	if (s->s_kind == NETK_UNIX)
		return (0);
	memset(&q, 0, sizeof(q));
	q.q_op = NETOP_ACCEPT;
	q.q_kind = s->s_kind;
	sock_bound(s, own, &q.q_port);
	memset(&in6, 0, sizeof(in6));
	memcpy(&in6, addr, len < sizeof(in6) ? len : sizeof(in6));
	memcpy(&in, &in6, sizeof(in));
	if (in6.sin6_family == AF_INET && len >= sizeof(in))
		netaddr_v4(q.q_addr, &in.sin_addr);
	else if (in6.sin6_family == AF_INET6 && len >= sizeof(in6))
		memcpy(q.q_addr, &in6.sin6_addr, 16);
	else
		return (EACCES);
	(void)snprintf(text, sizeof(text), "%s port %u",
	    netaddr_print(q.q_addr, from, sizeof(from)), q.q_port);
	return (sock_decide(rq, s, &q, text));
}

/* The peer's address, as much as the caller has room for, and its length. */
static int
peer_give(struct request *rq, const uint8_t *peer, size_t len)
{
	static uint8_t	 out[sizeof(uint32_t) + PEER_MAX];
	struct piece	 p = { rq->rq_call.c_args[2], sizeof(uint32_t) };
	uint32_t	 full = (uint32_t)len;
	int32_t		 room;
	int		 error;

	if (rq->rq_call.c_args[1] == 0)
		return (0);
	if ((error = request_memory(rq, &p, 1, &room, sizeof(room))) != 0)
		return (error);
	if (room < 0)
		return (EINVAL);
	if (len > (size_t)room)
		len = (size_t)room;
	memcpy(out, &full, sizeof(full));
	memcpy(out + sizeof(full), peer, len);
	rq->rq_verdict.v_outarg = 1;
	rq->rq_verdict.v_out = out;
	rq->rq_verdict.v_outlen = sizeof(full) + len;
	return (0);
}
