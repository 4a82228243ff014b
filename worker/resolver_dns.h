/*
 * Messages of the domain name system (RFC 1035), as far as one host's
 * addresses need them.  Pure: bytes in, values out, nothing kept.
 */
#ifndef RESOLVER_DNS_H
#define RESOLVER_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/hostname.h"

#define DNS_A		1
#define DNS_AAAA	28

#define DNS_NOERROR	0
#define DNS_FORMERR	1
#define DNS_SERVFAIL	2
#define DNS_NXDOMAIN	3
#define DNS_NOTIMP	4

#define DNS_HDR_SIZE	12
#define DNS_QUESTION_MAX 259	/* a name, a type, a class */
#define DNS_REPLY_MAX	512	/* of ours to the child: every stub takes it */
#define DNS_ASK_MAX	512	/* of ours to a name server */
#define DNS_UDP_MAX	1232	/* that we say we take: no fragments */
#define DNS_ADDRS_MAX	24	/* addresses of one answer; the rest is left */
#define DNS_RECORDS_MAX	96	/* records of one answer that are looked at */
#define DNS_CHAIN_MAX	12	/* aliases from the name to its addresses */

/* What a child asks. */
struct dns_query {
	uint16_t	 dq_id;
	uint16_t	 dq_type;
	uint8_t		 dq_flags;	/* RD, to be said again */
	int		 dq_valid;	/* dq_name is a host name */
	char		 dq_name[HOST_TEXT];	/* as host_canon(); if not
					   valid, for the log only */
	uint8_t		 dq_question[DNS_QUESTION_MAX];	/* as it came */
	size_t		 dq_len;
};

/* What a name server says. */
struct dns_answer {
	int		 da_rcode;
	uint32_t	 da_ttl;	/* the least on the way, seconds */
	size_t		 da_count;
	uint8_t		 da_addrs[DNS_ADDRS_MAX][16];
};

/*
 * DNS_NOERROR: a question about the Internet; another DNS_*: to be answered
 * with that, dq_len is 0 when there is no question to repeat; -1: to be left
 * without an answer.
 */
int	 dns_query_parse(const uint8_t *, size_t, struct dns_query *);
/*
 * Our own question about a name as kept, and its length.  Only the name's
 * characters and type depend on who asked.
 */
size_t	 dns_query_make(uint8_t [DNS_ASK_MAX], const char *, uint16_t type,
	    uint16_t id, int edns);
/*
 * The answer to it: 0, or -1 when it is malformed or answers something else.
 */
int	 dns_answer_parse(const uint8_t *, size_t, const char *,
	    uint16_t type, uint16_t id, struct dns_answer *);
/*
 * The child's answer: its length, and in *told how many addresses fitted.
 * NULL: none.
 */
size_t	 dns_answer_make(uint8_t [DNS_REPLY_MAX], const struct dns_query *,
	    int rcode, const struct dns_answer *, size_t *told);

#endif /* RESOLVER_DNS_H */
