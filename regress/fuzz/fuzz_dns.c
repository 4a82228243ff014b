/* LINK: worker/resolver_dns.c */
/*
 * Arbitrary bytes as what the child asks, and as what a name server answers.
 * Whatever they are: no crash, and what is accepted has the properties that
 * the resolver relies on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/hostname.h"
#include "../../worker/resolver_dns.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A query that was taken makes one of ours, and an answer that fits. */
static void
queries(const uint8_t *data, size_t len)
{
	struct dns_query	 q, again;
	struct dns_answer	 da;
	uint8_t			 out[DNS_ASK_MAX], reply[DNS_REPLY_MAX];
	char			 name[HOST_TEXT];
	size_t			 n, told;
	int			 rcode;

	if ((rcode = dns_query_parse(data, len, &q)) == -1)
		return;
	memset(&da, 0xff, sizeof(da));
	da.da_count = DNS_ADDRS_MAX;
	if (q.dq_len > sizeof(q.dq_question))
		abort();
	n = dns_answer_make(reply, &q, rcode, q.dq_len > 0 ? &da : NULL,
	    &told);
	if (n > sizeof(reply) || told > DNS_ADDRS_MAX)
		abort();
	if (rcode != DNS_NOERROR || !q.dq_valid)
		return;
	if (host_canon(q.dq_name, 0, name) != NULL ||
	    strcmp(name, q.dq_name) != 0)
		abort();
	n = dns_query_make(out, q.dq_name, DNS_A, 1, 1);
	if (n > sizeof(out) || dns_query_parse(out, n, &again) !=
	    DNS_NOERROR || strcmp(again.dq_name, q.dq_name) != 0)
		abort();
}

static void
answers(const uint8_t *data, size_t len, uint16_t type)
{
	static const uint8_t	 mapped[12] = { [10] = 0xff, 0xff };
	struct dns_answer	 da;
	size_t			 i;

	if (dns_answer_parse(data, len, "good.test", type, 0x1234, &da) == -1)
		return;
	if (da.da_count > DNS_ADDRS_MAX || da.da_rcode > 15 ||
	    (da.da_rcode != DNS_NOERROR && da.da_count != 0) ||
	    da.da_ttl > INT32_MAX)
		abort();
	for (i = 0; i < da.da_count; i++)
		if ((memcmp(da.da_addrs[i], mapped, 12) == 0) !=
		    (type == DNS_A))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	queries(data, len);
	answers(data, len, DNS_A);
	answers(data, len, DNS_AAAA);
	return (0);
}
