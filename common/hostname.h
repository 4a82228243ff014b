/*
 * Host names, and the patterns of them that rules have.  Pure: no I/O, no
 * state.
 *
 * A name is kept as DNS compares it: ASCII, lower case, without the dot at its
 * end.  A pattern is a name, or "*." and a name: then it stands for every name
 * below that one, however many labels down, and not for the name itself.
 */
#ifndef HOSTNAME_H
#define HOSTNAME_H

#include <stddef.h>
#include <stdint.h>

#define HOST_TEXT	254	/* 253 characters and the NUL, RFC 1035 */
#define HOST_LABEL_MAX	63

/* What may stand before a name. */
#define HOST_WILD	1

/*
 * in as it is kept, in out.  NULL, or what is wrong with it.  Labels are of
 * letters, digits, '-' and '_'; an address is no name.
 */
const char *host_canon(const char *in, int flags, char out[HOST_TEXT]);
/* Is the name (as kept) one of those that the pattern (as kept) means? */
int	 host_match(const char *pattern, const char *name);

/*
 * Addresses that no name of the outside should lead to: this host, links,
 * private networks, multicast and what is reserved; and IPv4's of those
 * within IPv6's (NAT64, 6to4, Teredo).
 */
int	 netaddr_inside(const uint8_t [16]);

#endif /* HOSTNAME_H */
