/*
 * Rules about the network: ranges of addresses and ports, kinds of sockets,
 * evaluation order.  Pure: no I/O, no state.  Must never look a name up, or
 * take an address for another than the kernel does.  Whether a name led to an
 * address is for the query to say.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostname.h"
#include "netrule.h"

/* Not in the headers of every build machine: linux/socket.h, linux/in.h. */
#ifndef AF_SMC
#define AF_SMC		43
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#define PROTO_SMC	256		/* IPPROTO_SMC, Linux 6.11 */
#define PROTO_ANY	(-1)
#define DOMAIN_IP	(-1)		/* AF_INET and AF_INET6 */

static const struct {
	const char	*name;
	uint16_t	 kind;
} kinds[NETK_COUNT] = {
	{ "tcp",	NETK_TCP },
	{ "udp",	NETK_UDP },
	{ "mptcp",	NETK_MPTCP },
	{ "sctp",	NETK_SCTP },
	{ "dccp",	NETK_DCCP },
	{ "udplite",	NETK_UDPLITE },
	{ "smc",	NETK_SMC },
	{ "icmp",	NETK_ICMP },
	{ "raw",	NETK_RAW },
	{ "unix",	NETK_UNIX },
};

static const struct {
	const char	*name;
	uint8_t		 op;
} ops[] = {
	{ "connect",	NETOP_CONNECT },
	{ "bind",	NETOP_BIND },
	{ "accept",	NETOP_ACCEPT },
	{ "send",	NETOP_SEND },
};
#define NOPS	(sizeof(ops) / sizeof(ops[0]))

/* socket(2)'s arguments; what has no row no rule can allow. */
static const struct {
	int		 domain;
	int		 type;
	int		 protocol;
	uint16_t	 kind;
} sockets[] = {
	{ DOMAIN_IP,	SOCK_STREAM,	0,		NETK_TCP },
	{ DOMAIN_IP,	SOCK_STREAM,	IPPROTO_TCP,	NETK_TCP },
	{ DOMAIN_IP,	SOCK_DGRAM,	0,		NETK_UDP },
	{ DOMAIN_IP,	SOCK_DGRAM,	IPPROTO_UDP,	NETK_UDP },
	{ DOMAIN_IP,	SOCK_STREAM,	IPPROTO_MPTCP,	NETK_MPTCP },
	{ DOMAIN_IP,	SOCK_STREAM,	IPPROTO_SCTP,	NETK_SCTP },
	{ DOMAIN_IP,	SOCK_SEQPACKET,	IPPROTO_SCTP,	NETK_SCTP },
	{ DOMAIN_IP,	SOCK_SEQPACKET,	0,		NETK_SCTP },
	{ DOMAIN_IP,	SOCK_DCCP,	IPPROTO_DCCP,	NETK_DCCP },
	{ DOMAIN_IP,	SOCK_DCCP,	0,		NETK_DCCP },
	{ DOMAIN_IP,	SOCK_DGRAM,	IPPROTO_UDPLITE, NETK_UDPLITE },
	{ DOMAIN_IP,	SOCK_STREAM,	PROTO_SMC,	NETK_SMC },
	{ AF_SMC,	SOCK_STREAM,	PROTO_ANY,	NETK_SMC },
	{ AF_INET,	SOCK_DGRAM,	IPPROTO_ICMP,	NETK_ICMP },
	{ AF_INET6,	SOCK_DGRAM,	IPPROTO_ICMPV6,	NETK_ICMP },
	/* writes headers itself, to whatever address stands there */
	{ DOMAIN_IP,	SOCK_RAW,	IPPROTO_RAW,	0 },
	{ DOMAIN_IP,	SOCK_RAW,	PROTO_ANY,	NETK_RAW },
	{ AF_UNIX,	SOCK_STREAM,	PROTO_ANY,	NETK_UNIX },
	{ AF_UNIX,	SOCK_SEQPACKET,	PROTO_ANY,	NETK_UNIX },
	{ AF_UNIX,	SOCK_DGRAM,	PROTO_ANY,	NETK_UNIX },
	{ AF_UNIX,	SOCK_RAW,	PROTO_ANY,	NETK_UNIX },
};

/* ---- sets ---- */

int
netset_take(struct netset *ns, const struct netrule *r)
{
	struct netrule	*n;
	size_t		 size;

	if (ns->ns_count == NET_RULES_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (ns->ns_count == ns->ns_size) {
		size = ns->ns_size == 0 ? 16 : ns->ns_size * 2;
		n = reallocarray(ns->ns_rules, size, sizeof(*n));
		if (n == NULL)
			return (-1);
		ns->ns_rules = n;
		ns->ns_size = size;
	}
	ns->ns_rules[ns->ns_count++] = *r;
	return (0);
}

static char *
text_dup(const char *s)
{
	return (strdup(s != NULL ? s : ""));
}

int
netset_add(struct netset *ns, const struct netrule *r)
{
	struct netrule	 n = *r;

	n.n_ranges = NULL;
	n.n_rule.r_file = text_dup(r->n_rule.r_file);
	n.n_rule.r_path = text_dup(r->n_rule.r_path);
	n.n_text = text_dup(r->n_text);
	n.n_hosts = NULL;
	if (r->n_hosts != NULL && (n.n_hosts = malloc(r->n_hostslen)) != NULL)
		memcpy(n.n_hosts, r->n_hosts, r->n_hostslen);
	if (r->n_nranges > 0) {
		n.n_ranges = reallocarray(NULL, r->n_nranges,
		    sizeof(*n.n_ranges));
		if (n.n_ranges != NULL)
			memcpy(n.n_ranges, r->n_ranges,
			    r->n_nranges * sizeof(*n.n_ranges));
	}
	if (n.n_rule.r_file != NULL && n.n_rule.r_path != NULL &&
	    n.n_text != NULL && (r->n_nranges == 0 || n.n_ranges != NULL) &&
	    (r->n_hosts == NULL || n.n_hosts != NULL) &&
	    netset_take(ns, &n) == 0)
		return (0);
	netrule_free(&n);
	return (-1);
}

void
netrule_free(struct netrule *r)
{
	free(r->n_rule.r_file);
	free(r->n_rule.r_path);
	free(r->n_text);
	free(r->n_ranges);
	free(r->n_hosts);
	memset(r, 0, sizeof(*r));
}

void
netset_free(struct netset *ns)
{
	while (ns->ns_count > 0)
		netrule_free(&ns->ns_rules[--ns->ns_count]);
	free(ns->ns_rules);
	memset(ns, 0, sizeof(*ns));
}

/* ---- ranges ---- */

int
netrule_range(struct netrule *r, const uint8_t lo[16], const uint8_t hi[16])
{
	struct netrange	*n;
	size_t		 have = r->n_nranges;

	if (have == NET_RANGES_MAX) {
		errno = E2BIG;
		return (-1);
	}
	/* grown by doubling: at the powers of two it is full */
	if ((have & (have - 1)) == 0) {
		n = reallocarray(r->n_ranges, have == 0 ? 1 : have * 2,
		    sizeof(*n));
		if (n == NULL)
			return (-1);
		r->n_ranges = n;
	}
	memcpy(r->n_ranges[have].nr_lo, lo, 16);
	memcpy(r->n_ranges[have].nr_hi, hi, 16);
	r->n_nranges++;
	return (0);
}

static const uint8_t	 v4_first[16] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0
};
static const uint8_t	 v4_before[16] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff
};
static const uint8_t	 v4_last[16] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
};
static const uint8_t	 v4_after[16] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
};

int
netrule_span(struct netrule *r, const uint8_t lo[16], const uint8_t hi[16])
{
	if (memcmp(lo, v4_first, 16) >= 0 || memcmp(hi, v4_first, 16) < 0)
		return (netrule_range(r, lo, hi));
	if (netrule_range(r, lo, v4_before) == -1)
		return (-1);
	return (memcmp(hi, v4_last, 16) <= 0 ? 0 :
	    netrule_range(r, v4_after, hi));
}

static int
range_compare(const void *a, const void *b)
{
	return (memcmp(((const struct netrange *)a)->nr_lo,
	    ((const struct netrange *)b)->nr_lo, 16));
}

/* Does b begin within a, or right after it?  a begins first. */
static int
range_touches(const struct netrange *a, const struct netrange *b)
{
	uint8_t	 next[16];
	int	 i;

	memcpy(next, a->nr_hi, 16);
	for (i = 15; i >= 0 && ++next[i] == 0; i--)
		continue;
	return (i < 0 || memcmp(b->nr_lo, next, 16) <= 0);
}

void
netrule_settle(struct netrule *r)
{
	struct netrange	*to;
	size_t		 i, n = 0;

	if (r->n_nranges == 0)
		return;
	qsort(r->n_ranges, r->n_nranges, sizeof(*r->n_ranges), range_compare);
	for (i = 1; i < r->n_nranges; i++) {
		to = &r->n_ranges[n];
		if (!range_touches(to, &r->n_ranges[i]))
			r->n_ranges[++n] = r->n_ranges[i];
		else if (memcmp(r->n_ranges[i].nr_hi, to->nr_hi, 16) > 0)
			memcpy(to->nr_hi, r->n_ranges[i].nr_hi, 16);
	}
	r->n_nranges = n + 1;
}

static int
match_ranges(const struct netrule *r, const uint8_t addr[16])
{
	size_t	 lo = 0, hi = r->n_nranges, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(addr, r->n_ranges[mid].nr_lo, 16) < 0)
			hi = mid;
		else if (memcmp(addr, r->n_ranges[mid].nr_hi, 16) > 0)
			lo = mid + 1;
		else
			return (1);
	}
	return (0);
}

int
netrule_host(struct netrule *r, const char *pattern)
{
	size_t	 len = strlen(pattern) + 1;
	char	*hosts;

	if (len > NET_HOSTS_MAX - r->n_hostslen) {
		errno = E2BIG;
		return (-1);
	}
	if ((hosts = realloc(r->n_hosts, r->n_hostslen + len)) == NULL)
		return (-1);
	memcpy(hosts + r->n_hostslen, pattern, len);
	r->n_hosts = hosts;
	r->n_hostslen += len;
	return (0);
}

static int
match_host(const struct netrule *r, const char *name)
{
	size_t	 at;

	for (at = 0; at < r->n_hostslen; at += strlen(r->n_hosts + at) + 1)
		if (host_match(r->n_hosts + at, name))
			return (1);
	return (0);
}

/*
 * A name that was allowed may lead anywhere, by the word of whoever answers
 * for it: into a network that trusts its own only where the rule says so.
 */
static int
match_hosts(const struct netrule *r, const struct netquery *q)
{
	size_t	 i;

	if (r->n_within ? !match_ranges(r, q->q_addr) :
	    r->n_rule.r_action == RULE_ALLOW && netaddr_inside(q->q_addr))
		return (0);
	for (i = 0; i < q->q_nhosts; i++)
		if (match_host(r, q->q_hosts[i]))
			return (1);
	return (0);
}

static int
match_address(const struct netrule *r, const struct netquery *q)
{
	return (r->n_any || (!r->n_within && match_ranges(r, q->q_addr)) ||
	    (r->n_hosts != NULL && match_hosts(r, q)));
}

static int
match_port(const struct netrule *r, uint16_t port)
{
	size_t	 i;

	for (i = 0; i < r->n_nports; i++)
		if (port >= r->n_ports[i].np_lo && port <= r->n_ports[i].np_hi)
			return (1);
	return (r->n_nports == 0);
}

static int
match_unix(const struct netrule *r, const struct netquery *q)
{
	if (r->n_unix == NETU_ANY)
		return (1);
	if (r->n_unix != q->q_unix)
		return (0);
	if (r->n_unix == NETU_PATH)
		return (rule_match(&r->n_rule, q->q_name, q->q_namelen));
	return (r->n_namelen == 0 || (r->n_namelen == q->q_namelen &&
	    memcmp(r->n_name, q->q_name, q->q_namelen) == 0));
}

int
netrule_match(const struct netrule *r, const struct netquery *q)
{
	if ((r->n_ops & q->q_op) == 0 || (r->n_kinds & q->q_kind) == 0)
		return (0);
	if (r->n_whole)
		return (1);
	if (q->q_kind == NETK_UNIX)
		return (match_unix(r, q));
	if (!(q->q_kind & NETK_PORTLESS) && !match_port(r, q->q_port))
		return (0);
	if ((q->q_kind & NETK_PORTLESS) && r->n_nports > 0)
		return (0);
	/*
	 * Bound to every address a socket is bound to those that a rule
	 * denies: one of them is enough.
	 */
	if (q->q_wild && r->n_rule.r_action == RULE_DENY)
		return (1);
	return (match_address(r, q));
}

const struct netrule *
netset_eval(const struct netset *ns, const struct netquery *q)
{
	const struct netrule	*r, *last = NULL;
	size_t			 i;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (!netrule_match(r, q))
			continue;
		if (r->n_rule.r_flags & RF_QUICK)
			return (r);
		last = r;
	}
	return (last);
}

/* ---- names ---- */

#define OPS_NAMED	(NETOP_CONNECT | NETOP_SEND)

int
netset_hosts(const struct netset *ns)
{
	size_t	 i;

	for (i = 0; i < ns->ns_count; i++)
		if (ns->ns_rules[i].n_hosts != NULL)
			return (1);
	return (0);
}

static int
ports_cover(const struct netrule *d, const struct netrule *r)
{
	size_t	 i, k;

	if (d->n_nports == 0)
		return (1);
	for (i = 0; i < r->n_nports; i++) {
		for (k = 0; k < d->n_nports; k++)
			if (d->n_ports[k].np_lo <= r->n_ports[i].np_lo &&
			    d->n_ports[k].np_hi >= r->n_ports[i].np_hi)
				break;
		if (k == d->n_nports)
			return (0);
	}
	return (r->n_nports > 0);
}

/* Does d deny all that r allows with this name? */
static int
denial_covers(const struct netrule *d, const struct netrule *r,
    const char *name)
{
	if (d->n_rule.r_action != RULE_DENY ||
	    (r->n_ops & OPS_NAMED & ~d->n_ops) != 0 ||
	    (r->n_kinds & ~d->n_kinds) != 0)
		return (0);
	return (d->n_whole || ((d->n_any || match_host(d, name)) &&
	    ports_cover(d, r)));
}

/* The denial that leaves nothing of rule number at, or NULL. */
static const struct netrule *
host_denied(const struct netset *ns, size_t at, const char *name)
{
	const struct netrule	*d, *r = &ns->ns_rules[at];
	size_t			 i;

	for (i = 0; i < ns->ns_count; i++) {
		d = &ns->ns_rules[i];
		if ((i < at ? (d->n_rule.r_flags & RF_QUICK) != 0 :
		    (r->n_rule.r_flags & RF_QUICK) == 0) &&
		    denial_covers(d, r, name))
			return (d);
	}
	return (NULL);
}

int
netset_host(const struct netset *ns, const char *name,
    const struct netrule **by)
{
	const struct netrule	*r, *d;
	size_t			 i;

	*by = NULL;
	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_hosts == NULL || !match_host(r, name))
			continue;
		if (r->n_rule.r_action == RULE_DENY)
			*by = r;
		else if ((d = host_denied(ns, i, name)) != NULL)
			*by = d;
		else {
			*by = r;
			return (1);
		}
	}
	return (0);
}

int
netset_leads(const struct netset *ns, const char *name,
    const uint8_t addr[16])
{
	const char		*hosts[1] = { name };
	struct netquery		 q;
	const struct netrule	*r;
	size_t			 i;

	memset(&q, 0, sizeof(q));
	memcpy(q.q_addr, addr, sizeof(q.q_addr));
	q.q_hosts = hosts;
	q.q_nhosts = 1;
	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_rule.r_action == RULE_ALLOW &&
		    (r->n_ops & OPS_NAMED) && (r->n_kinds & NETK_IP) &&
		    (r->n_whole || match_address(r, &q)))
			return (1);
	}
	return (0);
}

int
netrule_tells(const struct netrule *r)
{
	return (r->n_rule.r_effect != EFFECT_NONE ||
	    (r->n_rule.r_flags & RF_LOG) ||
	    (r->n_rule.r_action == RULE_DENY && r->n_rule.r_errno != 0 &&
	    r->n_rule.r_errno != EACCES));
}

/* Whatever address, port or name it is. */
static int
rule_any(const struct netrule *r, uint16_t kind)
{
	if (r->n_whole)
		return (1);
	if (kind == NETK_UNIX)
		return (r->n_unix == NETU_ANY);
	return (r->n_any && r->n_nports == 0);
}

int
netset_whole(const struct netset *ns)
{
	size_t	 i;

	for (i = 0; i < ns->ns_count; i++)
		if (!ns->ns_rules[i].n_whole ||
		    ns->ns_rules[i].n_rule.r_action != RULE_ALLOW)
			return (0);
	return (ns->ns_count > 0);
}

int
netset_always(const struct netset *ns, uint8_t op, uint16_t kind)
{
	const struct netrule	*r;
	size_t			 i;
	int			 given = 0;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (!(r->n_ops & op) || !(r->n_kinds & kind))
			continue;
		if (netrule_tells(r) || r->n_rule.r_action == RULE_DENY)
			given = 0;
		else if (rule_any(r, kind))
			given = 1;
		if (!given && (r->n_rule.r_flags & RF_QUICK))
			return (0);
	}
	return (given);
}

uint16_t
netset_kinds(const struct netset *ns)
{
	uint16_t	 all = 0;
	size_t		 i;

	for (i = 0; i < ns->ns_count; i++) {
		if (ns->ns_rules[i].n_rule.r_action != RULE_ALLOW)
			continue;
		all |= ns->ns_rules[i].n_kinds;
		if (ns->ns_rules[i].n_hosts != NULL)
			all |= NETK_UDP;
	}
	return (all);
}

/* ---- words ---- */

uint16_t
netkind_parse(const char *word)
{
	size_t	 i;

	for (i = 0; i < NETK_COUNT; i++)
		if (strcmp(kinds[i].name, word) == 0)
			return (kinds[i].kind);
	return (0);
}

const char *
netkind_name(uint16_t kind)
{
	size_t	 i;

	for (i = 0; i < NETK_COUNT; i++)
		if (kinds[i].kind == kind)
			return (kinds[i].name);
	return ("unknown");
}

uint8_t
netop_parse(const char *word)
{
	size_t	 i;

	for (i = 0; i < NOPS; i++)
		if (strcmp(ops[i].name, word) == 0)
			return (ops[i].op);
	return (0);
}

const char *
netop_name(uint8_t op)
{
	size_t	 i;

	for (i = 0; i < NOPS; i++)
		if (ops[i].op == op)
			return (ops[i].name);
	return ("unknown");
}

uint16_t
netkind_find(int domain, int type, int protocol)
{
	size_t	 i;

	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		if (sockets[i].domain == DOMAIN_IP ? domain != AF_INET &&
		    domain != AF_INET6 : domain != sockets[i].domain)
			continue;
		if (type == sockets[i].type && (protocol ==
		    sockets[i].protocol || sockets[i].protocol == PROTO_ANY))
			return (sockets[i].kind);
	}
	return (0);
}

/* ---- addresses ---- */

static const uint8_t	 mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

void
netaddr_v4(uint8_t addr[16], const void *v4)
{
	memcpy(addr, mapped, sizeof(mapped));
	memcpy(addr + sizeof(mapped), v4, 4);
}

int
netaddr_isv4(const uint8_t addr[16])
{
	return (memcmp(addr, mapped, sizeof(mapped)) == 0);
}

int
netaddr_loopback(const uint8_t addr[16])
{
	if (netaddr_isv4(addr))
		return (addr[12] == 127);
	return (memcmp(addr, &in6addr_loopback, 16) == 0);
}

const char *
netaddr_print(const uint8_t addr[16], char *buf, size_t size)
{
	char	 text[INET6_ADDRSTRLEN];

	if (netaddr_isv4(addr)) {
		(void)inet_ntop(AF_INET, addr + 12, text, sizeof(text));
		(void)snprintf(buf, size, "%s", text);
	} else {
		(void)inet_ntop(AF_INET6, addr, text, sizeof(text));
		(void)snprintf(buf, size, "[%s]", text);
	}
	return (buf);
}

/* One address; its bits in *bits: 32 or 128. */
static int
address_parse(const char *s, uint8_t addr[16], unsigned *bits)
{
	uint8_t	 v4[4];

	*bits = 32;
	if (inet_pton(AF_INET, s, v4) == 1) {
		netaddr_v4(addr, v4);
		return (0);
	}
	*bits = 128;
	return (inet_pton(AF_INET6, s, addr) == 1 ? 0 : -1);
}

/* A prefix of len of the last bits bits.  -1: it has bits beyond its length. */
static int
prefix_range(uint8_t lo[16], uint8_t hi[16], unsigned bits, unsigned len)
{
	unsigned	 i, from = 128 - bits + len;
	uint8_t		 bit;

	memcpy(hi, lo, 16);
	for (i = from; i < 128; i++) {
		bit = (uint8_t)(0x80 >> (i % 8));
		if (lo[i / 8] & bit)
			return (-1);
		hi[i / 8] |= bit;
	}
	return (0);
}

int
netaddr_parse(const char *s, uint8_t lo[16], uint8_t hi[16])
{
	char		 buf[2 * INET6_ADDRSTRLEN + 8], *p, *end, *rest;
	unsigned	 bits, high;
	unsigned long	 len;
	size_t		 n = 0;

	/* [addr] and [addr]/len: without the brackets */
	for (; *s != '\0' && n < sizeof(buf) - 1; s++)
		if (*s != '[' && *s != ']')
			buf[n++] = *s;
	buf[n] = '\0';
	if (*s != '\0')
		return (-1);
	if ((end = strchr(buf, '-')) != NULL) {
		*end++ = '\0';
		if (address_parse(buf, lo, &bits) == -1 ||
		    address_parse(end, hi, &high) == -1 || bits != high)
			return (-1);
		return (memcmp(lo, hi, 16) <= 0 ? 0 : -1);
	}
	if ((p = strchr(buf, '/')) != NULL)
		*p++ = '\0';
	if (address_parse(buf, lo, &bits) == -1)
		return (-1);
	len = bits;
	if (p != NULL) {
		if (*p < '0' || *p > '9')
			return (-1);
		len = strtoul(p, &rest, 10);
		if (*rest != '\0' || len > bits)
			return (-1);
	}
	return (prefix_range(lo, hi, bits, (unsigned)len));
}
