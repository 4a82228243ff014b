/*
 * The compiler's part about the network: which rules count, who holds each
 * operation, what the child's filter has to hand over, and which TCP ports
 * Landlock is told.  Must never leave an operation to the kernel where the
 * kernel would allow more than the rules do.
 *
 * Landlock knows TCP ports and no addresses, and does not see another
 * protocol.  So it holds connect(2) or bind(2) only where TCP is the only
 * kind of socket there can be and no rule of them names an address.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "compile.h"

#define LANDLOCK_PORTS	1024	/* rules for so many, at most */
#define PORTS		65536

/* Kinds for which an address may come with the data. */
#define NETK_SENDS	(NETK_UDP | NETK_UDPLITE | NETK_ICMP | NETK_RAW | \
			    NETK_SCTP)
/* Kinds that can be listened on. */
#define NETK_LISTENS	(NETK_TCP | NETK_MPTCP | NETK_SCTP | NETK_DCCP | \
			    NETK_SMC)

/* ---- which rules count ---- */

/* All that is before a rule about everything it overrules, but what is quick. */
static size_t
rules_first(const struct netset *ns)
{
	size_t	 i, first = 0;

	for (i = 0; i < ns->ns_count; i++)
		if (ns->ns_rules[i].n_whole)
			first = i;
	return (first);
}

/* A local socket's path as the kernel will find it. */
static int
rule_canonical(struct netset *ns, const struct netrule *r)
{
	struct netrule	 c = *r;
	char		 path[PATTERN_MAX];

	if (r->n_unix != NETU_PATH || r->n_rule.r_match == MATCH_GLOB)
		return (netset_add(ns, r));
	(void)strlcpy(path, path_real(r->n_rule.r_path), sizeof(path));
	c.n_rule.r_path = path;
	c.n_rule.r_len = strlen(path);
	if (netset_add(ns, &c) == -1)
		return (-1);
	/* a denial as it is written too, should a link be replaced */
	if (r->n_rule.r_action != RULE_DENY ||
	    strcmp(path, r->n_rule.r_path) == 0)
		return (0);
	c = *r;
	c.n_text = NULL;
	return (netset_add(ns, &c));
}

static int
rules_take(const struct policy *p, struct netset *ns)
{
	const struct netrule	*r;
	struct netrule		*n;
	size_t			 i, first = rules_first(&p->p_nets);

	for (i = 0; i < p->p_nets.ns_count; i++) {
		r = &p->p_nets.ns_rules[i];
		if (i < first && !(r->n_rule.r_flags & RF_QUICK))
			continue;
		if (rule_canonical(ns, r) == -1)
			return (-1);
	}
	for (i = 0; i < ns->ns_count; i++) {
		n = &ns->ns_rules[i];
		/* numbers for the limits of lines: after those of files */
		n->n_rule.r_index = (uint32_t)(RULES_MAX - 1 - i);
		if (p->p_audit == 1 && !(n->n_rule.r_flags & RF_QUIET))
			n->n_rule.r_flags |= RF_LOG;
	}
	return (0);
}

/* Names mean something only where somebody can be asked for them. */
static int
hosts_check(const struct policy *p, const struct netset *ns)
{
	const struct netrule	*r, *first = NULL;
	size_t			 i;
	int			 allows = 0;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_hosts == NULL)
			continue;
		if (first == NULL)
			first = r;
		allows |= r->n_rule.r_action == RULE_ALLOW;
	}
	if (first == NULL)
		return (0);
	if (p->p_network > NETWORK_HOST) {
		fprintf(stderr, "%s:%u: host names: no name server is reached "
		    "from a network of its own; expected addresses of it, or: "
		    "set network host\n", first->n_rule.r_file,
		    first->n_rule.r_line);
		return (-1);
	}
	if (!allows) {
		fprintf(stderr, "%s:%u: host names are denied, and none is "
		    "allowed: who is allowed addresses asks name servers "
		    "itself; expected a rule that allows names; for example: "
		    "allow net connect tcp to host \"*.example.org\"\n",
		    first->n_rule.r_file, first->n_rule.r_line);
		return (-1);
	}
	return (0);
}

static enum netmode
rules_mode(const struct netset *ns)
{
	size_t	 i;

	if (netset_whole(ns))
		return (NETMODE_ALL);
	for (i = 0; i < ns->ns_count; i++)
		if (ns->ns_rules[i].n_rule.r_action == RULE_ALLOW)
			return (NETMODE_RULED);
	return (NETMODE_NONE);
}

/* ---- what they come to ---- */

/* Is op allowed on all of these kinds, always? */
static int
net_allfree(const struct netset *ns, uint8_t op, uint32_t kinds)
{
	uint16_t	 kind;

	for (kind = 1; kind <= NETK_ALL; kind = (uint16_t)(kind << 1))
		if ((kinds & kind) && !netset_always(ns, op, kind))
			return (0);
	return (1);
}

/* Is there a rule that allows op on one of these kinds? */
static int
net_allows(const struct netset *ns, uint8_t op, uint32_t kinds)
{
	const struct netrule	*r;
	size_t			 i;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_rule.r_action == RULE_ALLOW && (r->n_ops & op) &&
		    (r->n_kinds & kinds))
			return (1);
	}
	return (0);
}

/* A TCP port that op is allowed on, with some address. */
static int
port_allowed(const struct netset *ns, uint8_t op, uint16_t port)
{
	const struct netrule	*r;
	size_t			 i, k;
	int			 in;

	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (r->n_rule.r_action != RULE_ALLOW || !(r->n_ops & op) ||
		    !(r->n_kinds & NETK_TCP))
			continue;
		in = r->n_nports == 0;
		for (k = 0; k < r->n_nports; k++)
			in |= port >= r->n_ports[k].np_lo &&
			    port <= r->n_ports[k].np_hi;
		if (in)
			return (1);
	}
	return (0);
}

/* The same, decided: only where no rule names an address. */
static int
port_decided(const struct netset *ns, uint8_t op, uint16_t port)
{
	struct netquery		 q;
	const struct netrule	*r;

	memset(&q, 0, sizeof(q));
	q.q_op = op;
	q.q_kind = NETK_TCP;
	q.q_port = port;
	r = netset_eval(ns, &q);
	return (r != NULL && r->n_rule.r_action == RULE_ALLOW);
}

/* ---- tiers ---- */

/* Why Landlock cannot hold op, or NULL when it can. */
static const char *
kernel_why(const struct policy *p, const struct plan *pl, uint8_t op)
{
	const struct netset	*ns = &pl->pl_net.np_rules;
	const struct netrule	*r;
	uint16_t		 kinds = netset_kinds(ns);
	uint32_t		 port, n = 0;
	size_t			 i;

	if (pl->pl_abi < 4)
		return ("Landlock knows ports from ABI 4 on");
	if (kinds & ~NETK_TCP)
		return ("Landlock sees TCP only, and there are other sockets");
	if (p->p_watch == 1)
		return ("every denial is to be logged");
	for (i = 0; i < ns->ns_count; i++) {
		r = &ns->ns_rules[i];
		if (!(r->n_ops & op) || !(r->n_kinds & NETK_TCP))
			continue;
		if (netrule_tells(r))
			return ("the kernel does nothing but refuse with "
			    "EACCES");
		if (r->n_hosts != NULL)
			return ("the kernel knows no names");
		if (!r->n_whole && !r->n_any)
			return ("Landlock knows no addresses");
	}
	for (port = 0; port < PORTS; port++)
		n += (uint32_t)port_decided(ns, op, (uint16_t)port);
	return (n > LANDLOCK_PORTS ? "too many ports for Landlock" : NULL);
}

static void
tier_address(const struct policy *p, const struct plan *pl, uint8_t op,
    struct nettier *nt, uint32_t *bits, uint32_t kernel)
{
	const struct netset	*ns = &pl->pl_net.np_rules;
	const char		*why;

	nt->nt_tier = TIER_BROKER;
	if (op == NETOP_BIND && (netset_kinds(ns) & NETK_UNIX)) {
		nt->nt_why = "a local socket's name is a file, which rules on "
		    "files decide on too";
	} else if (net_allfree(ns, op, netset_kinds(ns))) {
		nt->nt_tier = 0;
		nt->nt_why = "allowed with all sockets there can be";
		*bits |= kernel;
	} else if ((why = kernel_why(p, pl, op)) == NULL) {
		nt->nt_tier = TIER_KERNEL;
		nt->nt_why = "Landlock holds TCP ports exactly";
		*bits |= kernel;
	} else
		nt->nt_why = why;
}

static void
tier_send(struct netplan *np)
{
	uint32_t	 kinds = np->np_bits & NETK_SENDS;

	if (np->np_bits & NETF_DGRAM)
		kinds |= NETK_UNIX;
	np->np_send.nt_tier = TIER_BROKER;
	if (kinds == 0) {
		np->np_send.nt_tier = TIER_KERNEL;
		np->np_send.nt_why = "no socket there can be sends to an "
		    "address; netlink's is asked about";
		np->np_bits |= NETF_SENDTO;
	} else if (net_allfree(&np->np_rules, NETOP_SEND, kinds)) {
		np->np_send.nt_tier = 0;
		np->np_send.nt_why = "allowed with all sockets there can be";
	} else {
		np->np_send.nt_why = "the address is in memory, that of "
		    "sendmsg(2) out of the filter's sight";
		np->np_bits |= NETF_SENDTO | NETF_SENDMSG;
	}
}

static void
tier_accept(struct netplan *np)
{
	uint32_t	 kinds = np->np_bits & NETK_LISTENS;
	int		 ip, local;

	ip = net_allows(&np->np_rules, NETOP_ACCEPT, kinds);
	local = net_allows(&np->np_rules, NETOP_BIND, NETK_UNIX);
	np->np_accept.nt_tier = TIER_KERNEL;
	np->np_accept.nt_why = "no rule lets anybody in";
	if (!ip && !local)
		return;
	np->np_accept.nt_tier = 0;
	np->np_accept.nt_why = "allowed from everywhere";
	if (!ip || net_allfree(&np->np_rules, NETOP_ACCEPT, kinds)) {
		np->np_bits |= NETF_ACCEPT;
		if (ip && net_allfree(&np->np_rules, NETOP_BIND,
		    np->np_bits & NETK_ALL))
			np->np_bits |= NETF_LISTEN;
		return;
	}
	np->np_bits |= NETF_PEERS;
	np->np_accept.nt_tier = TIER_BROKER;
	np->np_accept.nt_why = "the kernel keeps no peers apart";
}

int
compile_net(const struct policy *p, struct plan *pl)
{
	struct netplan	*np = &pl->pl_net;

	if (!p->p_noinet && rules_take(p, &np->np_rules) == -1) {
		fprintf(stderr, "error: rules about the network: %s\n",
		    strerror(errno));
		return (-1);
	}
	if (hosts_check(p, &np->np_rules) == -1)
		return (-1);
	np->np_mode = (uint8_t)rules_mode(&np->np_rules);
	/* what was set by hand, in tests, without a rule */
	if (p->p_nets.ns_count == 0 && p->p_net)
		np->np_mode = NETMODE_ALL;
	if (np->np_mode != NETMODE_RULED)
		return (0);
	if (np->np_rules.ns_count + pl->pl_rules.rs_count > RULES_MAX) {
		fprintf(stderr, "error: more rules than a role can take\n");
		return (-1);
	}
	np->np_bits = netset_kinds(&np->np_rules);
	tier_address(p, pl, NETOP_CONNECT, &np->np_connect, &np->np_bits,
	    NETF_CONNECT);
	tier_address(p, pl, NETOP_BIND, &np->np_bind, &np->np_bits, NETF_BIND);
	if (net_allows(&np->np_rules, NETOP_SEND, NETK_UNIX))
		np->np_bits |= NETF_DGRAM;
	if (!(np->np_bits & NETK_UNIX) &&
	    (np->np_bits & (NETF_CONNECT | NETF_BIND)))
		np->np_bits |= NETF_NOLOCAL;
	tier_send(np);
	tier_accept(np);
	if (np->np_connect.nt_tier != 0)
		np->np_bits |= NETF_FASTOPEN;
	if (!netset_always(&np->np_rules, NETOP_BIND, NETK_UDP))
		np->np_bits |= NETF_NOGROUPS;
	return (0);
}

/*
 * Where all of the network is allowed, the worker is asked for the name of a
 * local socket only: a file, that rules on files decide on.  One that is hidden
 * or masked is there for no call: then whatever may name one is asked about.
 */
void
net_asked(struct plan *pl)
{
	struct netplan	*np = &pl->pl_net;
	int		 all;

	all = np->np_mode == NETMODE_ALL && np->np_rules.ns_count > 0;
	np->np_sought = all && (pl->pl_broker & (R_STAT | R_WALK)) != 0;
	np->np_asked = np->np_mode == NETMODE_RULED || np->np_sought ||
	    (all && (pl->pl_notify & R_MKSOCK) != 0);
}

void
netplan_free(struct netplan *np)
{
	netset_free(&np->np_rules);
	memset(np, 0, sizeof(*np));
}

/* ---- Landlock ---- */

static int
ports_add(int ruleset, const struct netset *ns, uint8_t op, uint64_t right,
    int (*good)(const struct netset *, uint8_t, uint16_t))
{
	uint32_t	 port;

	for (port = 0; port < PORTS; port++)
		if (good(ns, op, (uint16_t)port) &&
		    ll_allow_port(ruleset, (uint16_t)port, right) == -1)
			return (-1);
	return (0);
}

int
net_ruleset_child(const struct plan *pl, uint64_t scoped)
{
	const struct netplan	*np = &pl->pl_net;
	const struct {
		const struct nettier	*tier;
		uint8_t			 op;
		uint64_t		 right;
	} held[] = {
		{ &np->np_connect, NETOP_CONNECT, LL_NET_CONNECT_TCP },
		{ &np->np_bind, NETOP_BIND, LL_NET_BIND_TCP },
	};
	uint64_t		 net = 0;
	size_t			 i;
	int			 fd;

	if (np->np_mode != NETMODE_ALL)
		net = LL_NET_BIND_TCP | LL_NET_CONNECT_TCP;
	for (i = 0; i < 2 && np->np_mode == NETMODE_RULED; i++)
		if (held[i].tier->nt_tier == 0)
			net &= ~held[i].right;
	if ((fd = ll_ruleset_net(net, scoped)) == -1)
		return (-1);
	for (i = 0; i < 2 && np->np_mode == NETMODE_RULED; i++) {
		if (held[i].tier->nt_tier == TIER_KERNEL &&
		    ports_add(fd, &np->np_rules, held[i].op, held[i].right,
		    port_decided) == -1) {
			close(fd);
			return (-1);
		}
	}
	return (fd);
}

/* The ports of all rules that allow; too many, and this is no wall. */
int
net_ruleset_worker(const struct plan *pl)
{
	static const struct {
		uint8_t		 op;
		uint64_t	 right;
	} held[] = {
		{ NETOP_CONNECT, LL_NET_CONNECT_TCP },
		{ NETOP_BIND, LL_NET_BIND_TCP },
	};
	const struct netset	*ns = &pl->pl_net.np_rules;
	uint64_t		 net = LL_NET_BIND_TCP | LL_NET_CONNECT_TCP;
	uint32_t		 port, n;
	size_t			 i;
	int			 fd;

	/* it may be asked to bind, of any port, but seldom to connect */
	if (pl->pl_net.np_mode == NETMODE_ALL)
		return (ll_ruleset_net(pl->pl_net.np_sought ? 0 :
		    LL_NET_CONNECT_TCP, 0));
	if (pl->pl_net.np_mode == NETMODE_NONE)
		return (ll_ruleset(0));
	for (i = 0; i < 2; i++) {
		n = 0;
		for (port = 0; port < PORTS; port++)
			n += (uint32_t)port_allowed(ns, held[i].op,
			    (uint16_t)port);
		if (n > LANDLOCK_PORTS)
			net &= ~held[i].right;
	}
	if ((fd = ll_ruleset_net(net, 0)) == -1)
		return (-1);
	for (i = 0; i < 2; i++) {
		if ((net & held[i].right) && ports_add(fd, ns, held[i].op,
		    held[i].right, port_allowed) == -1) {
			close(fd);
			return (-1);
		}
	}
	return (fd);
}
