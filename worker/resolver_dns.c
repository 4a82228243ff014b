/*
 * The messages of the domain name system.  Both sides of this file are
 * hostile: the child wrote the queries, and anybody the answers.
 *
 * Must never: allocate; read by a length before it is known to be there; follow
 * a compressed name forwards; or let a byte of the child's get into a query of
 * ours but as a character of a host name.
 */
#include <string.h>

#include "../common/netrule.h"
#include "resolver_dns.h"

#define CLASS_IN	1
#define TYPE_CNAME	5
#define TYPE_OPT	41
#define FLAG_QR		0x80	/* in byte 2 of a header */
#define FLAG_OPCODE	0x78
#define FLAG_TC		0x02
#define FLAG_RD		0x01
#define FLAG_RA		0x80	/* in byte 3 */
#define RCODE		0x0f
#define POINTER		0xc0
#define QUESTION_AT	0xc00c	/* a pointer to the name of the question */
#define RR_FIXED	10	/* type, class, time to live, length */
#define EDNS_SIZE	11

/* A resource record: where its parts are. */
struct record {
	char		 r_owner[HOST_TEXT];	/* "": no host name */
	uint16_t	 r_type;
	uint16_t	 r_class;
	uint32_t	 r_ttl;
	size_t		 r_data;
	size_t		 r_len;
};

static uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)get16(p) << 16 | get16(p + 2));
}

static uint8_t *
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return (p + 2);
}

/* ---- names ---- */

/* A character of a host name, in lower case; 0 for what is none. */
static char
name_char(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return ((char)(c - 'A' + 'a'));
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_')
		return ((char)c);
	return (0);
}

/*
 * The name at *at, which is moved behind it.  0: a host name, in out; 1: some
 * other name, out has '?' for what is none of it; -1: malformed.  A pointer
 * leads to before the name it stands in, so that each step is nearer to the
 * beginning.
 */
static int
name_get(const uint8_t *p, size_t len, size_t *at, int pointers,
    char out[HOST_TEXT])
{
	size_t	 i, n, to, here = *at, first = *at, used = 0, wire = 1;
	int	 odd = 0, jumped = 0;
	char	 c;

	for (;;) {
		if (here >= len)
			return (-1);
		n = p[here];
		if ((n & POINTER) == POINTER) {
			if (!pointers || len - here < 2)
				return (-1);
			to = (size_t)get16(p + here) & 0x3fff;
			if (to >= first || to < DNS_HDR_SIZE)
				return (-1);
			if (!jumped)
				*at = here + 2;
			jumped = 1;
			here = first = to;
			continue;
		}
		if (n > HOST_LABEL_MAX)
			return (-1);		/* 01 and 10 are nobody's */
		here++;
		if (n == 0)
			break;
		if (n > len - here || (wire += n + 1) > 255)
			return (-1);
		if (used > 0)
			out[used++] = '.';
		/* a name of 255 bytes has at most 253 characters */
		for (i = 0; i < n && used < HOST_TEXT - 1; i++) {
			c = name_char(p[here + i]);
			odd |= c == 0;
			out[used++] = c == 0 ? '?' : c;
		}
		here += n;
	}
	if (!jumped)
		*at = here;
	out[used] = '\0';
	return (odd || used == 0);
}

/* A name as kept, as labels: its length. */
static size_t
name_put(uint8_t *p, const char *name)
{
	uint8_t	*start = p;
	size_t	 n;

	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
	}
	*p++ = 0;
	return ((size_t)(p - start));
}

/* ---- the child's queries ---- */

int
dns_query_parse(const uint8_t *p, size_t len, struct dns_query *q)
{
	char	 name[HOST_TEXT], again[HOST_TEXT];
	size_t	 at = DNS_HDR_SIZE;
	int	 odd;

	memset(q, 0, sizeof(*q));
	if (len < DNS_HDR_SIZE || (p[2] & FLAG_QR))
		return (-1);
	q->dq_id = get16(p);
	q->dq_flags = p[2] & FLAG_RD;
	if ((p[2] & FLAG_OPCODE) != 0)
		return (DNS_NOTIMP);
	/* one question, and at most EDNS's record behind it, which is unread */
	if (get16(p + 4) != 1 || get16(p + 6) != 0 || get16(p + 8) != 0 ||
	    get16(p + 10) > 1 ||
	    (odd = name_get(p, len, &at, 0, name)) == -1 || len - at < 4)
		return (DNS_FORMERR);
	q->dq_type = get16(p + at);
	if (get16(p + at + 2) != CLASS_IN)
		return (DNS_NOTIMP);
	at += 4;
	q->dq_len = at - DNS_HDR_SIZE;
	memcpy(q->dq_question, p + DNS_HDR_SIZE, q->dq_len);
	memcpy(q->dq_name, name, sizeof(name));
	q->dq_valid = !odd && host_canon(name, 0, again) == NULL &&
	    strcmp(name, again) == 0;
	return (DNS_NOERROR);
}

size_t
dns_answer_make(uint8_t out[DNS_REPLY_MAX], const struct dns_query *q,
    int rcode, const struct dns_answer *da, size_t *told)
{
	size_t		 i, size, n = 0;
	uint32_t	 ttl;
	uint8_t		*p;

	memset(out, 0, DNS_HDR_SIZE);
	(void)put16(out, q->dq_id);
	out[2] = (uint8_t)(FLAG_QR | q->dq_flags);
	out[3] = (uint8_t)(FLAG_RA | (rcode & RCODE));
	out[5] = q->dq_len > 0;
	p = out + DNS_HDR_SIZE;
	memcpy(p, q->dq_question, q->dq_len);
	p += q->dq_len;
	size = q->dq_type == DNS_A ? 4 : 16;
	for (i = 0; da != NULL && i < da->da_count; i++, n++) {
		if (DNS_REPLY_MAX - (size_t)(p - out) < 2 + RR_FIXED + size)
			break;
		ttl = da->da_ttl;
		p = put16(p, QUESTION_AT);
		p = put16(p, q->dq_type);
		p = put16(p, CLASS_IN);
		p = put16(p, ttl >> 16);
		p = put16(p, ttl & 0xffff);
		p = put16(p, (unsigned)size);
		memcpy(p, da->da_addrs[i] + 16 - size, size);
		p += size;
	}
	(void)put16(out + 6, (unsigned)n);
	if (told != NULL)
		*told = n;
	return ((size_t)(p - out));
}

/* ---- our own queries ---- */

size_t
dns_query_make(uint8_t out[DNS_ASK_MAX], const char *name, uint16_t type,
    uint16_t id, int edns)
{
	uint8_t	*p = out + DNS_HDR_SIZE;

	memset(out, 0, DNS_HDR_SIZE);
	(void)put16(out, id);
	out[2] = FLAG_RD;
	out[5] = 1;
	p += name_put(p, name);
	p = put16(p, type);
	p = put16(p, CLASS_IN);
	if (edns) {
		out[11] = 1;
		memset(p, 0, EDNS_SIZE);
		(void)put16(p + 1, TYPE_OPT);
		(void)put16(p + 3, DNS_UDP_MAX);
		p += EDNS_SIZE;
	}
	return ((size_t)(p - out));
}

/* The record at *at, which is moved behind it.  0 or -1. */
static int
record_get(const uint8_t *p, size_t len, size_t *at, struct record *r)
{
	int	 odd;

	if ((odd = name_get(p, len, at, 1, r->r_owner)) == -1 ||
	    len - *at < RR_FIXED)
		return (-1);
	if (odd)
		r->r_owner[0] = '\0';
	r->r_type = get16(p + *at);
	r->r_class = get16(p + *at + 2);
	r->r_ttl = get32(p + *at + 4);
	/* RFC 2181, 8 */
	if (r->r_ttl > INT32_MAX)
		r->r_ttl = 0;
	r->r_len = get16(p + *at + 8);
	*at += RR_FIXED;
	if (r->r_len > len - *at)
		return (-1);
	r->r_data = *at;
	*at += r->r_len;
	return (0);
}

static void
ttl_least(struct dns_answer *da, const struct record *r)
{
	if (r->r_ttl < da->da_ttl)
		da->da_ttl = r->r_ttl;
}

static void
address_take(const uint8_t *p, const struct record *r, struct dns_answer *da)
{
	if (da->da_count == DNS_ADDRS_MAX)
		return;
	if (r->r_type == DNS_A)
		netaddr_v4(da->da_addrs[da->da_count++], p + r->r_data);
	else if (!netaddr_isv4(p + r->r_data))	/* that is an A's to say */
		memcpy(da->da_addrs[da->da_count++], p + r->r_data, 16);
	ttl_least(da, r);
}

/*
 * One look through the records: the addresses of name, or what it is an alias
 * of, in next.  1: addresses; 0: an alias; 2: neither; -1: malformed.
 */
static int
records_look(const uint8_t *p, size_t len, size_t at, uint16_t type,
    const char *name, char next[HOST_TEXT], struct dns_answer *da)
{
	struct record	 r;
	size_t		 i, data, n = get16(p + 6);
	size_t		 size = type == DNS_A ? 4 : 16;
	int		 alias = 0;

	if (n > DNS_RECORDS_MAX)
		n = DNS_RECORDS_MAX;
	for (i = 0; i < n; i++) {
		if (record_get(p, len, &at, &r) == -1)
			/* what was cut off, with TC, was the end */
			return ((p[2] & FLAG_TC) == 0 ? -1 :
			    da->da_count > 0 ? 1 : alias ? 0 : 2);
		if (r.r_class != CLASS_IN || strcmp(r.r_owner, name) != 0)
			continue;
		if (r.r_type == type && r.r_len == size)
			address_take(p, &r, da);
		else if (r.r_type == type)
			return (-1);
		else if (r.r_type == TYPE_CNAME && !alias) {
			data = r.r_data;
			if (name_get(p, len, &data, 1, next) != 0 ||
			    data != r.r_data + r.r_len)
				return (-1);
			alias = 1;
			ttl_least(da, &r);
		}
	}
	return (da->da_count > 0 ? 1 : alias ? 0 : 2);
}

int
dns_answer_parse(const uint8_t *p, size_t len, const char *name,
    uint16_t type, uint16_t id, struct dns_answer *da)
{
	char	 asked[HOST_TEXT], now[HOST_TEXT], next[HOST_TEXT];
	size_t	 at = DNS_HDR_SIZE;
	int	 i, rv = 0;

	memset(da, 0, sizeof(*da));
	da->da_ttl = INT32_MAX;
	if (len < DNS_HDR_SIZE || get16(p) != id || !(p[2] & FLAG_QR) ||
	    (p[2] & FLAG_OPCODE) != 0)
		return (-1);
	da->da_rcode = p[3] & RCODE;
	/* one that understood nothing may repeat nothing */
	if (get16(p + 4) == 0 && da->da_rcode == DNS_FORMERR)
		return (0);
	if (get16(p + 4) != 1 || name_get(p, len, &at, 0, asked) != 0 ||
	    len - at < 4 || strcmp(asked, name) != 0 ||
	    get16(p + at) != type || get16(p + at + 2) != CLASS_IN)
		return (-1);
	at += 4;
	if (da->da_rcode != DNS_NOERROR)
		return (0);
	memcpy(now, name, strlen(name) + 1);
	for (i = 0; i <= DNS_CHAIN_MAX; i++) {
		rv = records_look(p, len, at, type, now, next, da);
		if (rv != 0)
			break;
		memcpy(now, next, sizeof(now));
	}
	if (rv == 0)
		da->da_rcode = DNS_SERVFAIL;	/* a chain without an end */
	return (rv == -1 ? -1 : 0);
}
