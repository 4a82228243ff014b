/*
 * MSG_MONITOR_NET on the wire: encoder and decoder side by side, as in wire.c.
 * Must never accept a rule that the parser could not have made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/hostname.h"
#include "../common/netrule.h"
#include "wire.h"

/* The rule itself is well below half a message; ranges get the other. */
#define RANGES_CHUNK	1024

static void	 msg_put_netrule(struct msg *, const struct netrule *);
static int	 msg_get_netrule(struct msg *, struct netrule *);
static int	 netrule_valid(const struct netrule *);
static int	 msg_get_ranges(struct msg *, struct netrule *);

void
msg_put_net(struct msg *m, const struct netset *ns, size_t *rule,
    size_t *range)
{
	const struct netrule	*r = &ns->ns_rules[*rule];
	size_t			 n = r->n_nranges - *range;

	if (n > RANGES_CHUNK)
		n = RANGES_CHUNK;
	msg_put_u8(m, *range != 0);
	if (*range == 0)
		msg_put_netrule(m, r);
	msg_put_bytes(m, n == 0 ? NULL : &r->n_ranges[*range],
	    n * sizeof(*r->n_ranges));
	*range += n;
	if (*range == r->n_nranges) {
		*range = 0;
		(*rule)++;
	}
}

int
msg_get_net(struct msg *m, struct netset *ns)
{
	struct netrule	 r, *to = &r;
	uint8_t		 more;

	memset(&r, 0, sizeof(r));
	if (msg_get_u8(m, &more) == -1 || more > 1 ||
	    (more && ns->ns_count == 0))
		return (-1);
	if (more)
		to = &ns->ns_rules[ns->ns_count - 1];
	else if (msg_get_netrule(m, &r) == -1)
		return (-1);
	if (msg_get_ranges(m, to) == 0 && msg_end(m) == 0 &&
	    (more || netset_take(ns, &r) == 0))
		return (0);
	if (!more)
		netrule_free(&r);
	return (-1);
}

static void
msg_put_netrule(struct msg *m, const struct netrule *r)
{
	uint32_t	 i;

	msg_put_u32(m, r->n_rule.r_index);
	msg_put_u8(m, r->n_rule.r_action);
	msg_put_u8(m, r->n_rule.r_flags);
	msg_put_u8(m, r->n_rule.r_errno);
	msg_put_u8(m, r->n_rule.r_effect);
	msg_put_u8(m, r->n_rule.r_match);
	msg_put_u32(m, r->n_rule.r_line);
	msg_put_bytes(m, r->n_rule.r_file, strlen(r->n_rule.r_file));
	msg_put_bytes(m, r->n_rule.r_path, strlen(r->n_rule.r_path));
	msg_put_u8(m, r->n_ops);
	msg_put_u32(m, r->n_kinds);
	msg_put_u8(m, r->n_unix);
	msg_put_u8(m, r->n_any);
	msg_put_u8(m, r->n_whole);
	msg_put_bytes(m, r->n_name, r->n_namelen);
	msg_put_u8(m, r->n_within);
	msg_put_bytes(m, r->n_hosts, r->n_hostslen);
	msg_put_u32(m, r->n_nports);
	for (i = 0; i < r->n_nports; i++)
		msg_put_u32(m, (uint32_t)r->n_ports[i].np_lo |
		    (uint32_t)r->n_ports[i].np_hi << 16);
}

/* A string without a NUL, allocated; NULL with -1. */
static int
msg_get_text(struct msg *m, char **text, size_t *len)
{
	const uint8_t	*bytes;

	*text = NULL;
	if (msg_get_bytes(m, &bytes, len, PATTERN_MAX - 1) == -1 ||
	    memchr(bytes, '\0', *len) != NULL ||
	    (*text = malloc(*len + 1)) == NULL)
		return (-1);
	memcpy(*text, bytes, *len);
	(*text)[*len] = '\0';
	return (0);
}

/* Patterns as host_canon() makes them, each with its NUL. */
static int
msg_get_patterns(struct msg *m, struct netrule *r)
{
	const uint8_t	*bytes;
	const char	*one;
	char		 again[HOST_TEXT];
	size_t		 len, at, n;

	if (msg_get_bytes(m, &bytes, &len, NET_HOSTS_MAX) == -1)
		return (-1);
	for (at = 0; at < len; at += n) {
		one = (const char *)bytes + at;
		n = strnlen(one, len - at) + 1;
		if (n > len - at || n > HOST_TEXT ||
		    host_canon(one, HOST_WILD, again) != NULL ||
		    strcmp(one, again) != 0 || netrule_host(r, one) == -1)
			return (-1);
	}
	return (0);
}

static int
msg_get_netrule(struct msg *m, struct netrule *r)
{
	struct rule	*base = &r->n_rule;
	const uint8_t	*name;
	uint32_t	 i, kinds, port;
	size_t		 len;

	if (msg_get_u32(m, &base->r_index) == -1 ||
	    msg_get_u8(m, &base->r_action) == -1 ||
	    msg_get_u8(m, &base->r_flags) == -1 ||
	    msg_get_u8(m, &base->r_errno) == -1 ||
	    msg_get_u8(m, &base->r_effect) == -1 ||
	    msg_get_u8(m, &base->r_match) == -1 ||
	    msg_get_u32(m, &base->r_line) == -1 ||
	    msg_get_text(m, &base->r_file, &len) == -1 ||
	    msg_get_text(m, &base->r_path, &base->r_len) == -1 ||
	    msg_get_u8(m, &r->n_ops) == -1 ||
	    msg_get_u32(m, &kinds) == -1 ||
	    msg_get_u8(m, &r->n_unix) == -1 ||
	    msg_get_u8(m, &r->n_any) == -1 ||
	    msg_get_u8(m, &r->n_whole) == -1 ||
	    msg_get_bytes(m, &name, &r->n_namelen, NET_NAME_MAX) == -1 ||
	    msg_get_u8(m, &r->n_within) == -1 ||
	    msg_get_patterns(m, r) == -1 ||
	    msg_get_u32(m, &r->n_nports) == -1 ||
	    r->n_nports > NET_PORTS_MAX || kinds > NETK_ALL)
		goto bad;
	r->n_kinds = (uint16_t)kinds;
	memcpy(r->n_name, name, r->n_namelen);
	for (i = 0; i < r->n_nports; i++) {
		if (msg_get_u32(m, &port) == -1)
			goto bad;
		r->n_ports[i].np_lo = (uint16_t)port;
		r->n_ports[i].np_hi = (uint16_t)(port >> 16);
	}
	if (netrule_valid(r))
		return (0);
bad:
	netrule_free(r);
	return (-1);
}

static int
netrule_valid(const struct netrule *r)
{
	if (!rule_sane(&r->n_rule) || r->n_rule.r_index >= RULES_MAX ||
	    r->n_ops == 0 || (r->n_ops & ~NETOP_ALL) != 0 ||
	    r->n_kinds == 0 || r->n_any > 1 || r->n_whole > 1 ||
	    r->n_unix > NETU_ABSTRACT || r->n_within > 1)
		return (0);
	if (r->n_hosts == NULL ? r->n_within : r->n_whole ||
	    (r->n_ops & (NETOP_BIND | NETOP_ACCEPT)) != 0)
		return (0);
	if (r->n_unix == NETU_PATH)
		return (r->n_rule.r_match >= MATCH_EXACT &&
		    r->n_rule.r_match <= MATCH_GLOB &&
		    r->n_rule.r_path[0] == '/');
	return (1);
}

/* In order and apart, as the matcher needs them. */
static int
msg_get_ranges(struct msg *m, struct netrule *r)
{
	const struct netrange	*last;
	struct netrange		 one;
	const uint8_t		*bytes;
	size_t			 len, had = r->n_nranges;

	if (msg_get_bytes(m, &bytes, &len, RANGES_CHUNK * sizeof(one)) == -1 ||
	    len % sizeof(one) != 0)
		return (-1);
	for (; len > 0; len -= sizeof(one), bytes += sizeof(one)) {
		memcpy(&one, bytes, sizeof(one));
		last = r->n_nranges == 0 ? NULL :
		    &r->n_ranges[r->n_nranges - 1];
		if (memcmp(one.nr_lo, one.nr_hi, 16) > 0 || (last != NULL &&
		    memcmp(last->nr_hi, one.nr_lo, 16) >= 0) ||
		    netrule_range(r, one.nr_lo, one.nr_hi) == -1) {
			r->n_nranges = had;
			return (-1);
		}
	}
	return (0);
}
