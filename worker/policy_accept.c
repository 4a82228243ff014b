/*
 * Who may connect to a socket that listens.  accept(2) comes too late and
 * takes a call each: so at listen(2) the rules become a socket filter of the
 * kernel's (Documentation/networking/filter.rst) that drops what comes from
 * elsewhere, and SO_LOCK_FILTER keeps it there.  Sockets that come out of
 * accept(2) inherit both.
 *
 * Must never: let a socket listen whose filter is not the one made here, or
 * shorten one that does not fit.
 */
#include <linux/filter.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy_sock.h"

#define INSNS_MAX	4096		/* BPF_MAXINSNS, linux/bpf_common.h */
#define NET(off)	((uint32_t)SKF_NET_OFF + (off))
#define V4_SOURCE	12		/* of struct iphdr */
#define V6_SOURCE	8		/* of struct ipv6hdr */
#define V6_RANGE	23		/* instructions of one range */
#define PASS		0xffffffffU
#define DROP		0

static struct sock_filter	 insns[INSNS_MAX];
static size_t			 ninsns;

static int	 rule_counts(const struct netrule *, const struct sock *,
		    uint16_t);
static int	 filter_make(const struct sock *, uint16_t);
static int	 filter_put(int);

/* Does the rule speak of who connects to this socket? */
static int
rule_counts(const struct netrule *r, const struct sock *s, uint16_t port)
{
	uint32_t	 i;

	if (!(r->n_ops & NETOP_ACCEPT) || !(r->n_kinds & s->s_kind))
		return (0);
	for (i = 0; i < r->n_nports; i++)
		if (port >= r->n_ports[i].np_lo && port <= r->n_ports[i].np_hi)
			return (1);
	return (r->n_nports == 0);
}

int
accept_prepare(struct request *rq, const struct sock *s, uint16_t port)
{
	const struct netset	*ns = &worker.wk_nets;
	const struct netrule	*r;
	struct netquery		 q;
	char			 text[64];
	size_t			 i;
	int			 some = 0;

	if (netset_always(ns, NETOP_ACCEPT, s->s_kind))
		return (0);
	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_rule.r_action == RULE_ALLOW &&
		    rule_counts(r, s, port))
			some = 1;
	}
	if (!some) {
		memset(&q, 0, sizeof(q));
		q.q_op = NETOP_ACCEPT;
		q.q_kind = s->s_kind;
		q.q_port = port;
		(void)snprintf(text, sizeof(text), "any port %u", port);
		return (sock_decide(rq, s, &q, text));
	}
	if (s->s_kind != NETK_TCP)
		return (policy_deny_word(rq, "net accept", "some addresses, "
		    "which only TCP can keep apart", NULL));
	if (filter_make(s, port) == -1)
		return (policy_deny_word(rq, "net accept",
		    "more addresses than a socket filter holds", NULL));
	return (filter_put(s->s_fd));
}

/* ---- the filter ---- */

static void
put(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (ninsns < INSNS_MAX)
		insns[ninsns] = (struct sock_filter){ code, jt, jf, k };
	ninsns++;
}

static uint32_t
word(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

/* The source is in the accumulator. */
static void
put_v4(const struct netrange *nr, uint32_t verdict)
{
	put(BPF_JMP | BPF_JGE | BPF_K, word(nr->nr_lo + 12), 0, 2);
	put(BPF_JMP | BPF_JGT | BPF_K, word(nr->nr_hi + 12), 1, 0);
	put(BPF_RET | BPF_K, verdict, 0, 0);
}

/*
 * lo <= source <= hi, a word at a time: 11 instructions each, then the
 * verdict.  Offsets are from the first of them.
 */
static void
put_v6(const struct netrange *nr, uint32_t verdict)
{
	uint32_t	 i;

	for (i = 0; i < 4; i++) {
		put(BPF_LD | BPF_W | BPF_ABS, NET(V6_SOURCE + 4 * i), 0, 0);
		if (i == 3) {
			put(BPF_JMP | BPF_JGE | BPF_K, word(nr->nr_lo + 12),
			    0, V6_RANGE - 11);
			break;
		}
		put(BPF_JMP | BPF_JGT | BPF_K, word(nr->nr_lo + 4 * i),
		    (uint8_t)(11 - (3 * i + 2)), 0);
		put(BPF_JMP | BPF_JEQ | BPF_K, word(nr->nr_lo + 4 * i), 0,
		    (uint8_t)(V6_RANGE - (3 * i + 3)));
	}
	for (i = 0; i < 4; i++) {
		put(BPF_LD | BPF_W | BPF_ABS, NET(V6_SOURCE + 4 * i), 0, 0);
		if (i == 3) {
			put(BPF_JMP | BPF_JGT | BPF_K, word(nr->nr_hi + 12),
			    1, 0);
			break;
		}
		put(BPF_JMP | BPF_JGT | BPF_K, word(nr->nr_hi + 4 * i),
		    (uint8_t)(V6_RANGE - (11 + 3 * i + 2)), 0);
		put(BPF_JMP | BPF_JEQ | BPF_K, word(nr->nr_hi + 4 * i), 0,
		    (uint8_t)(22 - (11 + 3 * i + 3)));
	}
	put(BPF_RET | BPF_K, verdict, 0, 0);
}

static void
put_rule(const struct netrule *r, int v4)
{
	uint32_t	 verdict;
	size_t		 i;

	verdict = r->n_rule.r_action == RULE_ALLOW ? PASS : DROP;
	if (r->n_any || r->n_whole) {
		put(BPF_RET | BPF_K, verdict, 0, 0);
		return;
	}
	for (i = 0; i < r->n_nranges; i++) {
		if (netaddr_isv4(r->n_ranges[i].nr_lo) != v4)
			continue;
		if (v4)
			put_v4(&r->n_ranges[i], verdict);
		else
			put_v6(&r->n_ranges[i], verdict);
	}
}

/* All rules on one family, the strongest first: the first match decides. */
static void
put_family(const struct sock *s, uint16_t port, int v4)
{
	const struct netset	*ns = &worker.wk_nets;
	const struct netrule	*r;
	size_t			 i;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if ((r->n_rule.r_flags & RF_QUICK) && rule_counts(r, s, port))
			put_rule(r, v4);
	}
	for (i = ns->ns_count; i > 0; i--) {
		r = &ns->ns_rules[i - 1];
		if (!(r->n_rule.r_flags & RF_QUICK) && rule_counts(r, s, port))
			put_rule(r, v4);
	}
	put(BPF_RET | BPF_K, DROP, 0, 0);
}

static int
filter_make(const struct sock *s, uint16_t port)
{
	size_t	 at;

	ninsns = 0;
	put(BPF_LD | BPF_B | BPF_ABS, NET(0), 0, 0);
	put(BPF_ALU | BPF_AND | BPF_K, 0xf0, 0, 0);
	put(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 2, 0);
	put(BPF_JMP | BPF_JEQ | BPF_K, 0x60, 0, 1);
	at = ninsns;
	put(BPF_JMP | BPF_JA, 0, 0, 0);
	/* neither: this is where the second test leads, past the jump */
	put(BPF_JMP | BPF_JA, 0, 0, 0);
	insns[at + 1] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    NET(V4_SOURCE));
	put_family(s, port, 1);
	if (ninsns > INSNS_MAX)
		return (-1);
	insns[at].k = (uint32_t)(ninsns - at - 1);
	put_family(s, port, 0);
	return (ninsns <= INSNS_MAX ? 0 : -1);
}

/* Put it on, for good; one that is there already must be the same. */
static int
filter_put(int fd)
{
	static struct sock_filter	 old[INSNS_MAX];
	struct sock_fprog		 prog;
	socklen_t			 n = INSNS_MAX;
	int				 one = 1;

	prog.len = (unsigned short)ninsns;
	prog.filter = insns;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
	    sizeof(prog)) == 0)
		return (setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one,
		    sizeof(one)) == 0 ? 0 : EACCES);
	if (errno != EPERM)
		return (errno);
	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, old, &n) == -1 ||
	    n != ninsns || memcmp(old, insns, ninsns * sizeof(*old)) != 0)
		return (EACCES);
	return (0);
}
