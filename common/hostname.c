/*
 * Host names: their form, patterns of them, and addresses they should not
 * lead to.  Pure: no I/O, no state.  Must never take two names for one that a
 * name server keeps apart, or the reverse.
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <string.h>

#include "hostname.h"
#include "netrule.h"

static int
label_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_');
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

const char *
host_canon(const char *in, int flags, char out[HOST_TEXT])
{
	size_t	 n, label = 0, at = 0, len = strlen(in);
	uint8_t	 v4[4];

	if ((flags & HOST_WILD) && strncmp(in, "*.", 2) == 0) {
		out[at++] = '*';
		out[at++] = '.';
	}
	if (len > at && in[len - 1] == '.')
		len--;
	if (len == at)
		return ("it has no labels");
	if (len >= HOST_TEXT)
		return ("it is longer than 253 characters");
	for (n = at; n < len; n++) {
		out[n] = lower(in[n]);
		if (out[n] == '.') {
			if (label == 0)
				return ("it has an empty label");
			label = 0;
			continue;
		}
		if (out[n] == '*')
			return ("a * stands first and alone in its label");
		if (!label_char(out[n]))
			return ("labels are of letters, digits, - and _");
		if (++label > HOST_LABEL_MAX)
			return ("a label is longer than 63 characters");
	}
	if (label == 0)
		return ("it has an empty label");
	out[len] = '\0';
	if (inet_pton(AF_INET, out + at, v4) == 1)
		return ("it is an address");
	return (NULL);
}

int
host_match(const char *pattern, const char *name)
{
	size_t	 len, tail;

	if (strncmp(pattern, "*.", 2) != 0)
		return (strcmp(pattern, name) == 0);
	len = strlen(name);
	tail = strlen(++pattern);		/* with its dot */
	return (len > tail && strcmp(name + len - tail, pattern) == 0);
}

/* RFC 6890 and what is multicast; the prefix's first bytes, its bits. */
static const struct {
	uint8_t	 in_addr[16];
	unsigned in_bits;
} inside[] = {
#define V4(a, b, c, d, bits) \
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, \
	    96 + (bits) }
	V4(0, 0, 0, 0, 8),		/* this host */
	V4(10, 0, 0, 0, 8),		/* private */
	V4(100, 64, 0, 0, 10),		/* shared, of a provider */
	V4(127, 0, 0, 0, 8),		/* loopback */
	V4(169, 254, 0, 0, 16),		/* link-local, cloud metadata */
	V4(172, 16, 0, 0, 12),		/* private */
	V4(192, 0, 0, 0, 24),		/* of protocols */
	V4(192, 168, 0, 0, 16),		/* private */
	V4(198, 18, 0, 0, 15),		/* benchmarks */
	V4(224, 0, 0, 0, 3),		/* multicast, reserved, broadcast */
#undef V4
	{ { 0 }, 96 },			/* ::, ::1, IPv4-compatible */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 },	/* NAT64 of a site */
	{ { 1, 0 }, 64 },		/* discarded */
	{ { 0xfc }, 7 },		/* private */
	{ { 0xfe, 0x80 }, 10 },		/* link-local */
	{ { 0xfe, 0xc0 }, 10 },		/* site-local */
	{ { 0xff }, 8 },		/* multicast */
	{ { 0x20, 0x01, 0 }, 32 },	/* Teredo: an IPv4 address, hidden */
};

static int
prefix_match(const uint8_t addr[16], const uint8_t prefix[16], unsigned bits)
{
	unsigned	 bytes = bits / 8;
	uint8_t		 mask = (uint8_t)(0xff00 >> bits % 8);

	return (memcmp(addr, prefix, bytes) == 0 && (bits % 8 == 0 ||
	    (addr[bytes] & mask) == (prefix[bytes] & mask)));
}

int
netaddr_inside(const uint8_t addr[16])
{
	static const uint8_t	 nat64[12] = { 0, 0x64, 0xff, 0x9b };
	uint8_t			 v4[16];
	size_t			 i;

	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (prefix_match(addr, inside[i].in_addr, inside[i].in_bits))
			return (1);
	if (memcmp(addr, nat64, sizeof(nat64)) == 0)
		netaddr_v4(v4, addr + 12);
	else if (addr[0] == 0x20 && addr[1] == 0x02)	/* 6to4 */
		netaddr_v4(v4, addr + 2);
	else
		return (0);
	return (netaddr_inside(v4));
}
