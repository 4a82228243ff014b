/*
 * Rules about the network, and their matching.  Pure: no I/O, no state.
 *
 * An address is 16 bytes: IPv4 as ::ffff:a.b.c.d, so that the two spellings
 * of one address are one.  Evaluation is that of rules on files (rule.h): the
 * last rule that matches decides, unless one with RF_QUICK does, which
 * decides at once.  Nothing matched: denied.
 */
#ifndef NETRULE_H
#define NETRULE_H

#include <stddef.h>
#include <stdint.h>

#include "rule.h"

/* What is done with a socket. */
#define NETOP_CONNECT	0x1
#define NETOP_BIND	0x2
#define NETOP_ACCEPT	0x4
#define NETOP_SEND	0x8	/* to an address given with the data */
#define NETOP_ALL	0xf

/* What kind of socket: protocols, each its own. */
#define NETK_TCP	0x001
#define NETK_UDP	0x002
#define NETK_MPTCP	0x004
#define NETK_SCTP	0x008
#define NETK_DCCP	0x010
#define NETK_UDPLITE	0x020
#define NETK_SMC	0x040
#define NETK_ICMP	0x080	/* SOCK_DGRAM: ping(8) without privilege */
#define NETK_RAW	0x100
#define NETK_UNIX	0x200
#define NETK_IP		0x1ff	/* has addresses */
#define NETK_ALL	0x3ff
#define NETK_COUNT	10
#define NETK_USUAL	(NETK_TCP | NETK_UDP)	/* allowed by "any protocol" */
#define NETK_PORTLESS	(NETK_ICMP | NETK_RAW)

/* Names of local sockets. */
enum netunix {
	NETU_NONE,
	NETU_ANY,
	NETU_PATH,	/* n_rule: r_match, r_path */
	NETU_ABSTRACT	/* n_name, no bytes: all of them */
};

#define NET_PORTS_MAX	64	/* ranges of ports in a rule */
#define NET_RANGES_MAX	(1 << 18)	/* ranges of addresses in a rule */
#define NET_NAME_MAX	107	/* sizeof(sun_path) - 1, unix(7) */
#define NET_TEXT_MAX	8192	/* a rule as text */
#define NET_RULES_MAX	1024
#define NET_HOSTS_MAX	16384	/* bytes of names in a rule */

struct netrange {
	uint8_t		 nr_lo[16];
	uint8_t		 nr_hi[16];	/* included */
};
struct netports {
	uint16_t	 np_lo;
	uint16_t	 np_hi;		/* included */
};

struct netrule {
	struct rule	 n_rule;	/* action, flags, errno, effect, place */
	uint8_t		 n_ops;		/* NETOP_* */
	uint16_t	 n_kinds;	/* NETK_* */
	uint8_t		 n_unix;	/* enum netunix, with NETK_UNIX */
	uint8_t		 n_any;		/* every address; else n_ranges */
	uint8_t		 n_whole;	/* `allow net', `deny net': everything */
	uint32_t	 n_nports;	/* 0: every port */
	struct netports	 n_ports[NET_PORTS_MAX];
	size_t		 n_nranges;
	struct netrange	*n_ranges;	/* sorted, apart from each other */
	size_t		 n_namelen;
	uint8_t		 n_name[NET_NAME_MAX];
	char		*n_text;	/* as in a policy, or NULL */
	char		*n_hosts;	/* patterns (hostname.h), each with its
					   NUL; or NULL */
	size_t		 n_hostslen;
	uint8_t		 n_within;	/* names lead to n_ranges only, which
					   are none by themselves */
};
struct netset {
	struct netrule	*ns_rules;
	size_t		 ns_count;
	size_t		 ns_size;
};

/* What somebody wants: one operation on one kind of socket. */
struct netquery {
	uint8_t		 q_op;		/* one NETOP_* */
	uint16_t	 q_kind;	/* one NETK_* */
	uint8_t		 q_addr[16];
	uint16_t	 q_port;	/* host order; 0 with NETK_PORTLESS */
	uint8_t		 q_wild;	/* bind: to every address there is */
	uint8_t		 q_unix;	/* NETU_PATH, NETU_ABSTRACT */
	const char	*q_name;	/* canonical path, or abstract name */
	size_t		 q_namelen;
	const char *const *q_hosts;	/* names that led to q_addr */
	size_t		 q_nhosts;
};

/* Append r itself: its memory is then the set's.  0 or -1 with errno. */
int	 netset_take(struct netset *, const struct netrule *);
/* Append a copy of r. */
int	 netset_add(struct netset *, const struct netrule *);
void	 netset_free(struct netset *);
void	 netrule_free(struct netrule *);
/* Append a range; 0, or -1 with errno (E2BIG: NET_RANGES_MAX). */
int	 netrule_range(struct netrule *, const uint8_t [16],
	    const uint8_t [16]);
/*
 * The same for a range as somebody wrote it: one of IPv6 addresses leaves out
 * those that are IPv4's, so that ::/0 is not 0.0.0.0/0 too.
 */
int	 netrule_span(struct netrule *, const uint8_t [16],
	    const uint8_t [16]);
/* Append a pattern, as host_canon() made it.  0, or -1 with errno. */
int	 netrule_host(struct netrule *, const char *);
/* Sort the ranges and join those that touch. */
void	 netrule_settle(struct netrule *);

/* Does r speak of what q wants? */
int	 netrule_match(const struct netrule *, const struct netquery *);
/* The rule that decides, or NULL: then it is denied. */
const struct netrule *netset_eval(const struct netset *,
	    const struct netquery *);
/* Is there nothing but `allow net'? */
int	 netset_whole(const struct netset *);
/* Is op on this kind allowed, whatever the address, with no word said?  0 when
 * unsure. */
int	 netset_always(const struct netset *, uint8_t op, uint16_t kind);
/* Does a rule speak of names? */
int	 netset_hosts(const struct netset *);
/*
 * Is there anything that this name may be used for?  Then it may be looked up:
 * 1 and the rule that allows it, or 0 and the rule that denies it, or NULL.
 */
int	 netset_host(const struct netset *, const char *,
	    const struct netrule **);
/* May the name lead to this address, for anything? */
int	 netset_leads(const struct netset *, const char *,
	    const uint8_t [16]);
/* Does the rule do more than allow, or refuse with EACCES? */
int	 netrule_tells(const struct netrule *);
/*
 * The kinds of socket that some rule allows something with; UDP where one
 * speaks of names, to ask for them.
 */
uint16_t netset_kinds(const struct netset *);

/* "tcp": its NETK_*, 0 when there is none. */
uint16_t netkind_parse(const char *);
const char *netkind_name(uint16_t);
/* "connect": its NETOP_*, or 0. */
uint8_t	 netop_parse(const char *);
const char *netop_name(uint8_t);
/*
 * The NETK_* of a socket by socket(2)'s arguments, type without its flags; 0:
 * none that a rule could name.  AF_NETLINK and AF_UNIX are told by the domain.
 */
uint16_t netkind_find(int domain, int type, int protocol);

/* IPv4 in network order, as 16 bytes. */
void	 netaddr_v4(uint8_t [16], const void *);
int	 netaddr_isv4(const uint8_t [16]);
/* 127.0.0.0/8 or ::1. */
int	 netaddr_loopback(const uint8_t [16]);
/* "10.0.0.1", "[fe80::1]": at most NETADDR_TEXT bytes with the NUL. */
#define NETADDR_TEXT	52
const char *netaddr_print(const uint8_t [16], char *, size_t);
/*
 * "10.0.0.0/8", "fe80::/10" with or without brackets, "10.0.0.1-10.0.0.9",
 * one address: its range.  0, or -1 when it is none.
 */
int	 netaddr_parse(const char *, uint8_t lo[16], uint8_t hi[16]);

#endif /* NETRULE_H */
