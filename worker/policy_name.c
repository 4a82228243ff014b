/*
 * Host names, in a policy worker: who asks for one is led to the resolver, and
 * of an address the resolver is asked which names led to it.
 *
 * The child's stub resolver connects a datagram socket to a name server, or
 * sends to it.  Unless a rule lets it, that socket is made to talk to the
 * resolver's ear, on this host's loopback: it stays the socket it was, and
 * what it sends and receives from then on is between the two of them, without
 * us.
 *
 * Must never: look into a query or an answer, which is the resolver's; or take
 * a name from it for more than a reason to look at rules.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "policy_sock.h"

#define DNS_PORT	53

static void	 names_call(enum msg_type);
static int	 asked(const struct netquery *);
static int	 ear_find(const struct sock *, const struct netquery *,
		    struct target *);
static int	 asker_tell(struct request *, const struct sock *);

static struct chan	 names = { .ch_fd = -1 };
static struct msg	 names_msg;

void
names_open(int fd)
{
	if (fd != -1)
		chan_init(&names, fd, ROLE_LANE, ROLE_RESOLVER, CHAN_NAMES);
}

/*
 * Ask, and have the answer in its place.  Without a resolver, or with one that
 * answers something else, this call gets no answer: all ends.
 */
static void
names_call(enum msg_type wanted)
{
	static uint32_t	 seq;
	const char	*why = NULL;
	int		 rv = 0;

	names_msg.m_seq = ++seq;
	while (chan_send(&names, &names_msg, 0) == -1)
		if (errno != EINTR)
			fatal("resolver");
	/* An interruption is repeated: it may not cost us the answer. */
	while ((rv = chan_recv(&names, &names_msg, 0, &why)) == -1 &&
	    errno == EINTR)
		continue;
	if (rv == 0)
		fatalx("resolver: closed its channel");
	if (rv == -1)
		fatal("resolver: %s", why != NULL ? why : "channel");
	if (names_msg.m_type != wanted || names_msg.m_seq != seq)
		fatalx("resolver: unexpected %s", msg_name(names_msg.m_type));
}

void
names_find(struct netquery *q, struct hosts *h)
{
	size_t	 i;

	h->h_count = 0;
	q->q_nhosts = 0;
	q->q_hosts = h->h_list;
	if (names.ch_fd == -1 || (q->q_kind & NETK_IP) == 0 ||
	    (q->q_op & (NETOP_CONNECT | NETOP_SEND)) == 0)
		return;
	msg_start(&names_msg, MSG_LANE_LED, 0);
	msg_put_led(&names_msg, q->q_addr);
	names_call(MSG_RESOLVER_HOSTS);
	if (msg_get_hosts(&names_msg, h->h_names, &h->h_count) == -1)
		fatalx("resolver: malformed %s", msg_name(names_msg.m_type));
	for (i = 0; i < h->h_count; i++)
		h->h_list[i] = h->h_names[i];
	q->q_nhosts = h->h_count;
}

/* ---- who asks for a name ---- */

static int
asked(const struct netquery *q)
{
	uint32_t	 i;

	if (names.ch_fd == -1 || q->q_kind != NETK_UDP ||
	    q->q_port != DNS_PORT)
		return (0);
	for (i = 0; i < worker.wk_names.nc_nasked; i++)
		if (memcmp(q->q_addr, worker.wk_names.nc_asked[i].na_addr,
		    16) == 0)
			return (1);
	return (0);
}

/* The ear that this socket can send to, in t.  0, or -1: there is none. */
static int
ear_find(const struct sock *s, const struct netquery *q, struct target *t)
{
	const struct name_address	*ear = &worker.wk_names.nc_ears[0];
	struct sockaddr_in		 in;
	struct sockaddr_in6		 in6;

	if (!netaddr_isv4(q->q_addr))
		ear++;
	if (ear->na_port == 0)
		return (-1);
	if (s->s_domain == AF_INET) {
		memset(&in, 0, sizeof(in));
		in.sin_family = AF_INET;
		in.sin_port = htons(ear->na_port);
		memcpy(&in.sin_addr, ear->na_addr + 12, 4);
		memcpy(&t->t_addr, &in, sizeof(in));
		t->t_len = sizeof(in);
	} else {
		memset(&in6, 0, sizeof(in6));
		in6.sin6_family = AF_INET6;
		in6.sin6_port = htons(ear->na_port);
		memcpy(&in6.sin6_addr, ear->na_addr, 16);
		memcpy(&t->t_addr, &in6, sizeof(in6));
		t->t_len = sizeof(in6);
	}
	return (0);
}

/*
 * The port that the question will come from.  A socket without one gets it
 * here, as it would by sending.
 */
static int
asker_tell(struct request *rq, const struct sock *s)
{
	struct sockaddr_in6	 in6;
	struct sockaddr_in	 in;
	struct asker		 as;
	uint8_t			 own[16];
	uint32_t		 one;
	int			 rv;

	memset(&as, 0, sizeof(as));
	sock_bound(s, own, &as.as_port);
	if (as.as_port == 0) {
		memset(&in, 0, sizeof(in));
		memset(&in6, 0, sizeof(in6));
		in.sin_family = AF_INET;
		in6.sin6_family = AF_INET6;
		rv = s->s_domain == AF_INET ?
		    bind(s->s_fd, (struct sockaddr *)&in, sizeof(in)) :
		    bind(s->s_fd, (struct sockaddr *)&in6, sizeof(in6));
		if (rv == -1 && errno != EINVAL)
			return (errno);
		sock_bound(s, own, &as.as_port);
	}
	if (as.as_port == 0)
		return (EACCES);
	if (request_status(rq) == 0) {
		as.as_pid = (uint32_t)rq->rq_tgid;
		(void)snprintf(as.as_comm, sizeof(as.as_comm), "%s",
		    rq->rq_comm);
	} else
		as.as_pid = rq->rq_call.c_tid;
	msg_start(&names_msg, MSG_LANE_ASKER, 0);
	msg_put_asker(&names_msg, &as);
	names_call(MSG_RESOLVER_HEARD);
	if (msg_get_number(&names_msg, &one, 1, 1) == -1)
		fatalx("resolver: malformed %s", msg_name(names_msg.m_type));
	return (0);
}

int
names_lead(struct request *rq, const struct sock *s, struct target *t,
    int *error)
{
	const struct netrule	*r;

	if (!asked(&t->t_query))
		return (0);
	r = netset_eval(&worker.wk_nets, &t->t_query);
	if (r != NULL && r->n_rule.r_action == RULE_ALLOW)
		return (0);
	if (ear_find(s, &t->t_query, t) == -1)
		return (0);
	*error = asker_tell(rq, s);
	return (1);
}
