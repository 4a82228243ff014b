/*
 * What -n says of the network: the rules that count, as statements that parse
 * again, with who holds each of their operations.  Decides nothing.
 */
#include <stdio.h>
#include <string.h>

#include "../common/landlock_abi.h"
#include "explain.h"
#include "nameserver.h"

static const struct nettier *
net_tier(const struct netplan *np, uint8_t op)
{
	switch (op) {
	case NETOP_CONNECT:
		return (&np->np_connect);
	case NETOP_BIND:
		return (&np->np_bind);
	case NETOP_ACCEPT:
		return (&np->np_accept);
	default:
		return (&np->np_send);
	}
}

/* "kernel: Landlock", "broker: notification", "nobody" */
static const char *
net_mechanism(const struct nettier *nt, uint8_t op)
{
	if (nt->nt_tier == TIER_BROKER)
		return ("broker: notification");
	if (nt->nt_tier == 0)
		return ("nobody");
	return (op == NETOP_ACCEPT || op == NETOP_SEND ? "kernel: seccomp" :
	    "kernel: Landlock");
}

/* Where it is from, and for each operation who holds it and why. */
static const char *
net_why(const struct netplan *np, const struct netrule *r)
{
	static char		 why[NAME_BYTES_MAX + 1024];
	const struct nettier	*nt;
	char			 file[NAME_BYTES_MAX], one[256];
	uint8_t			 op;

	name_bytes(r->n_rule.r_file, file, sizeof(file));
	(void)snprintf(why, sizeof(why), "%s:%u:", file, r->n_rule.r_line);
	for (op = 1; op <= NETOP_ALL; op = (uint8_t)(op << 1)) {
		if (!(r->n_ops & op))
			continue;
		nt = net_tier(np, op);
		(void)snprintf(one, sizeof(one), " %s: %s: %s;",
		    netop_name(op), net_mechanism(nt, op), nt->nt_why);
		(void)strlcat(why, one, sizeof(why));
	}
	return (why);
}

static int
net_table_text(const struct nettable *nt, char *buf, size_t size,
    const char **why)
{
	static char	 where[NAME_BYTES_MAX + 64];
	char		 path[NAME_BYTES_MAX];

	name_bytes(nt->nt_path, path, sizeof(path));
	(void)snprintf(buf, size, "table %s file \"%s\"", nt->nt_name, path);
	(void)snprintf(where, sizeof(where), "%u: %zu ranges of addresses",
	    nt->nt_line, nt->nt_rule.n_nranges);
	*why = where;
	return (0);
}

/* Who is asked for names, and for how long an answer is good. */
static int
net_names(const struct policy *p, const struct netplan *np, size_t *n,
    char *buf, size_t size, const char **why)
{
	char			 addr[NETADDR_TEXT];

	if (!netset_hosts(&np->np_rules))
		return (-1);
	if (*n < (size_t)p->p_nservers) {
		(void)netaddr_print(p->p_servers[*n], addr, sizeof(addr));
		(void)snprintf(buf, size, "set nameserver \"%s\" port %u",
		    addr, p->p_ports[*n]);
		*why = "the resolver asks it for names that are allowed, and "
		    "can send to nobody else";
		return (0);
	}
	*n -= (size_t)p->p_nservers;
	if ((*n)-- != 0)
		return (-1);
	(void)snprintf(buf, size, "set pin %d", p->p_pin < 0 ? PIN_SECONDS :
	    p->p_pin);
	*why = "seconds that an address may be used longer than the name "
	    "server said";
	return (0);
}

int
explain_net(const struct policy *p, const struct plan *pl, size_t *n,
    char *buf, size_t size, const char **why)
{
	const struct netplan	*np = &pl->pl_net;
	const struct netrule	*r;
	size_t			 i;

	if (np->np_mode != NETMODE_RULED) {
		if ((*n)-- != 0)
			return (-1);
		(void)snprintf(buf, size, "%s net",
		    np->np_mode == NETMODE_ALL ? "allow" : "deny");
		*why = np->np_mode == NETMODE_ALL ? np->np_sought ?
		    "nobody: every address can be reached; the broker looks "
		    "at each that is given, for the name of a local socket" :
		    np->np_asked ?
		    "nobody: every address can be reached; the name of a "
		    "local socket by the rules on files" :
		    "nobody: every address can be reached" :
		    "kernel: Landlock refuses TCP; seccomp hands socket(2) to "
		    "the broker, which refuses it; for root there is an empty "
		    "network namespace too, where no capability is kept";
		return (0);
	}
	if (*n < p->p_tables.nts_count)
		return (net_table_text(&p->p_tables.nts_tables[*n], buf, size,
		    why));
	*n -= p->p_tables.nts_count;
	for (i = 0; i < np->np_rules.ns_count; i++) {
		r = &np->np_rules.ns_rules[i];
		if (*r->n_text == '\0' || (*n)-- != 0)
			continue;
		(void)strlcpy(buf, r->n_text, size);
		*why = net_why(np, r);
		return (0);
	}
	return (net_names(p, np, n, buf, size, why));
}

const char *
explain_tcp(const struct plan *pl)
{
	const struct netplan	*np = &pl->pl_net;

	if (np->np_mode == NETMODE_ALL)
		return ("allowed");
	if (np->np_mode == NETMODE_NONE)
		return ("no bind, no connect");
	if (np->np_connect.nt_tier == TIER_KERNEL)
		return (np->np_bind.nt_tier == TIER_KERNEL ?
		    "bind and connect by port" : "connect by port");
	if (np->np_bind.nt_tier == TIER_KERNEL)
		return ("bind by port");
	return ("bind and connect by the broker, or nobody");
}
