/* LINK: worker/resolver_dns.c worker/resolver_pin.c */
/*
 * The resolver's reading and writing of DNS messages, host names and patterns
 * of them, and the table of addresses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../common/netrule.h"
#include "../../worker/resolver_dns.h"
#include "../../worker/resolver_pin.h"

#define Q_GOOD	"\4good\4test\0\0\1\0\1"
#define ANSWER(flags, qd, an) \
	"\x12\x34" flags "\0" qd "\0" an "\0\0\0\0"
#define BYTES(s)	(const uint8_t *)(s), sizeof(s) - 1

static int
query(const void *bytes, size_t len, struct dns_query *q)
{
	/* at the end of its memory, so that a byte too many is noticed */
	uint8_t	*p = malloc(len);
	int	 rv;

	memcpy(p, bytes, len);
	rv = dns_query_parse(p, len, q);
	free(p);
	return (rv);
}

static int
parse(const void *bytes, size_t len, struct dns_answer *da)
{
	uint8_t	*p = malloc(len);
	int	 rv;

	memcpy(p, bytes, len);
	rv = dns_answer_parse(p, len, "good.test", DNS_A, 0x1234, da);
	free(p);
	return (rv);
}

static void
a_query_is_read_and_its_name_is_kept_in_lower_case(void **state)
{
	struct dns_query	 q;

	(void)state;
	assert_int_equal(query(BYTES("\xab\xcd\1\0\0\1\0\0\0\0\0\0"
	    "\4GoOd\4tEst\0\0\34\0\1"), &q), DNS_NOERROR);
	assert_int_equal(q.dq_id, 0xabcd);
	assert_int_equal(q.dq_type, DNS_AAAA);
	assert_int_equal(q.dq_valid, 1);
	assert_string_equal(q.dq_name, "good.test");
	/* as it came, for who compares */
	assert_memory_equal(q.dq_question, "\4GoOd\4tEst\0\0\34\0\1", 15);
	assert_int_equal(q.dq_len, 15);
}

static void
a_name_that_is_no_host_name_is_never_valid(void **state)
{
	static const char *const names[] = {
		"\6a\0good\4test", "\11good.test", "\4go d\4test",
		"\4go/d\4test", "\4good\4te\xffz", "\1*\4test", "\0"
	};
	struct dns_query	 q;
	uint8_t			 p[64] = "\0\1\1\0\0\1\0\0\0\0\0";
	size_t			 i, n;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = i == 0 ? 12 : strlen(names[i]);
		memcpy(p + 12, names[i], n);
		memcpy(p + 12 + n, "\0\0\1\0\1", 5);
		assert_int_equal(query(p, 12 + n + 5, &q), DNS_NOERROR);
		assert_int_equal(q.dq_valid, 0);
		assert_null(strchr(q.dq_name, ' '));
	}
}

static void
a_malformed_query_gets_an_error_or_nothing(void **state)
{
	static const uint8_t	 head[] = "\0\1\1\0\0\1\0\0\0\0\0";
	struct dns_query	 q;
	uint8_t			 p[600];
	size_t			 n;

	(void)state;
	memset(p, 0, sizeof(p));
	for (n = 0; n < DNS_HDR_SIZE; n++)
		assert_int_equal(query(p, n, &q), -1);
	/* an answer is not answered */
	assert_int_equal(query(BYTES("\0\1\201\0\0\1\0\0\0\0\0\0" Q_GOOD), &q),
	    -1);
	/* opcode */
	assert_int_equal(query(BYTES("\0\1\20\0\0\1\0\0\0\0\0\0" Q_GOOD), &q),
	    DNS_NOTIMP);
	/* class */
	assert_int_equal(query(BYTES("\0\1\1\0\0\1\0\0\0\0\0\0"
	    "\4good\4test\0\0\1\0\3"), &q), DNS_NOTIMP);
	/* counts */
	assert_int_equal(query(BYTES("\0\1\1\0\0\2\0\0\0\0\0\0" Q_GOOD), &q),
	    DNS_FORMERR);
	assert_int_equal(query(BYTES("\0\1\1\0\0\0\0\0\0\0\0\0" Q_GOOD), &q),
	    DNS_FORMERR);
	assert_int_equal(query(BYTES("\0\1\1\0\0\1\0\1\0\0\0\0" Q_GOOD), &q),
	    DNS_FORMERR);
	assert_int_equal(query(BYTES("\0\1\1\0\0\1\0\0\0\0\0\2" Q_GOOD), &q),
	    DNS_FORMERR);
	/* a pointer, though it leads backwards */
	assert_int_equal(query(BYTES("\0\1\1\0\0\1\0\0\0\0\0\0"
	    "\4good\300\14\0\1\0\1"), &q), DNS_FORMERR);
	/* cut off anywhere */
	memcpy(p, "\0\1\1\0\0\1\0\0\0\0\0\0" Q_GOOD, 27);
	for (n = DNS_HDR_SIZE; n < 27; n++)
		assert_int_equal(query(p, n, &q), DNS_FORMERR);
	/* labels of 64 and more, and names that are too long */
	memset(p, 'a', sizeof(p));
	memcpy(p, head, DNS_HDR_SIZE);
	p[12] = 64;
	assert_int_equal(query(p, sizeof(p), &q), DNS_FORMERR);
	for (n = 12; n < 12 + 5 * 64; n += 64)
		p[n] = 63;
	p[n] = 0;
	assert_int_equal(query(p, sizeof(p), &q), DNS_FORMERR);
	for (n = 12; n < 500; n += 2)
		p[n] = 1;
	assert_int_equal(query(p, sizeof(p), &q), DNS_FORMERR);
}

static void
nothing_of_a_query_is_in_ours_but_the_name(void **state)
{
	uint8_t	 one[DNS_ASK_MAX];
	size_t	 n;

	(void)state;
	n = dns_query_make(one, "good.test", DNS_AAAA, 0x1234, 0);
	assert_int_equal(n, 27);
	assert_memory_equal(one, "\x12\x34\1\0\0\1\0\0\0\0\0\0"
	    "\4good\4test\0\0\34\0\1", 27);
	n = dns_query_make(one, "good.test", DNS_A, 0, 1);
	assert_int_equal(n, 27 + 11);
	assert_memory_equal(one + 27, "\0\0\51\4\320\0\0\0\0\0\0", 11);
}

static void
the_longest_name_is_written_and_read(void **state)
{
	char			 name[HOST_TEXT], again[HOST_TEXT];
	uint8_t			 p[DNS_ASK_MAX];
	struct dns_query	 q;
	size_t			 i, n;

	(void)state;
	for (i = 0; i < 253; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	name[253] = '\0';
	assert_null(host_canon(name, 0, again));
	n = dns_query_make(p, name, DNS_A, 1, 0);
	assert_int_equal(n, 12 + 255 + 4);
	assert_int_equal(query(p, n, &q), DNS_NOERROR);
	assert_int_equal(q.dq_valid, 1);
	assert_string_equal(q.dq_name, name);
}

static void
an_answer_is_read(void **state)
{
	struct dns_answer	 da;

	(void)state;
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\2") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7"
	    "\4GOOD\4test\0\0\1\0\1\0\0\0\7\0\4\300\0\2\10"), &da), 0);
	assert_int_equal(da.da_rcode, DNS_NOERROR);
	assert_int_equal(da.da_count, 2);
	assert_int_equal(da.da_ttl, 7);
	assert_int_equal(da.da_addrs[1][15], 8);
}

static void
aliases_are_followed_in_any_order(void **state)
{
	struct dns_answer	 da;

	(void)state;
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\3") Q_GOOD
	    "\1b\0\0\1\0\1\0\0\1\54\0\4\300\0\2\7"
	    "\1a\0\0\5\0\1\0\0\0\11\0\3\1b\0"
	    "\300\14\0\5\0\1\0\0\0\100\0\3\1a\0"), &da), 0);
	assert_int_equal(da.da_count, 1);
	assert_int_equal(da.da_ttl, 9);
	/* an address of another name is not this one's */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\1b\0\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), 0);
	assert_int_equal(da.da_count, 0);
	/* one that leads to itself */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\14\0\5\0\1\0\0\0\100\0\2\300\14"), &da), 0);
	assert_int_equal(da.da_rcode, DNS_SERVFAIL);
	assert_int_equal(da.da_count, 0);
}

static void
an_answer_to_something_else_is_none(void **state)
{
	static const char	 good[] = ANSWER("\201\200", "\1", "\1") Q_GOOD
				    "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7";
	/* id, a query, an opcode, no question, name, type, class */
	static const struct {
		size_t	 at;
		uint8_t	 byte;
	} changes[] = {
		{ 0, 0x13 }, { 1, 0x35 }, { 2, 0x01 }, { 2, 0x91 }, { 5, 0 },
		{ 5, 2 }, { 13, 'b' }, { 22, 1 }, { 24, 28 }, { 26, 3 }
	};
	struct dns_answer	 da;
	char			 p[sizeof(good)];
	size_t			 i;

	(void)state;
	assert_int_equal(parse(good, sizeof(good) - 1, &da), 0);
	assert_int_equal(da.da_count, 1);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(p, good, sizeof(p));
		p[changes[i].at] = (char)changes[i].byte;
		assert_int_equal(parse(p, sizeof(p) - 1, &da), -1);
	}
	/* cut off anywhere */
	for (i = 0; i < sizeof(good) - 1; i++)
		assert_int_equal(parse(good, i, &da), -1);
}

static void
malformed_answers_are_refused(void **state)
{
	struct dns_answer	 da;

	(void)state;
	/* a name that leads to itself, to behind, and round and round */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\33\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\50\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\1a\300\33\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	/* into the header */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\0\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	/* the other kinds of label */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\100\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	/* more records than bytes, data beyond the end, a wrong length */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\377") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7"), &da), -1);
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\0\5\300\0\2\7"), &da), -1);
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\377\377\300\0\2\7"), &da), -1);
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\0\3\300\0\2\7"), &da), -1);
	/* an alias whose name is longer than its data */
	assert_int_equal(parse(BYTES(ANSWER("\201\200", "\1", "\1") Q_GOOD
	    "\300\14\0\5\0\1\0\0\1\54\0\1\1a\0"), &da), -1);
	/* what is cut off by TC is what there is of it */
	assert_int_equal(parse(BYTES(ANSWER("\203\200", "\1", "\2") Q_GOOD
	    "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7\300"), &da), 0);
	assert_int_equal(da.da_count, 1);
}

static void
no_more_is_taken_than_there_is_room_for(void **state)
{
	static uint8_t		 p[8192];
	uint8_t			 out[DNS_REPLY_MAX];
	struct dns_answer	 da;
	struct dns_query	 q;
	size_t			 i, n = 27, told;

	(void)state;
	memcpy(p, ANSWER("\201\200", "\1", "\310") Q_GOOD, n);
	for (i = 0; i < 200; i++, n += 16)
		memcpy(p + n, "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\7", 16);
	assert_int_equal(parse(p, n, &da), 0);
	assert_int_equal(da.da_count, DNS_ADDRS_MAX);
	assert_int_equal(query(BYTES("\xab\xcd\1\0\0\1\0\0\0\0\0\0" Q_GOOD),
	    &q), DNS_NOERROR);
	n = dns_answer_make(out, &q, DNS_NOERROR, &da, &told);
	assert_int_equal(told, DNS_ADDRS_MAX);
	assert_int_equal(n, 27 + told * 16);
	assert_memory_equal(out, "\xab\xcd\201\200\0\1\0\30\0\0\0\0", 12);
	q.dq_type = DNS_AAAA;
	n = dns_answer_make(out, &q, DNS_NOERROR, &da, &told);
	assert_true(n <= DNS_REPLY_MAX && told == (512 - 27) / 28);
}

static void
names_and_patterns_are_compared_as_dns_does(void **state)
{
	char	 out[HOST_TEXT], one[HOST_TEXT];

	(void)state;
	assert_null(host_canon("Deb.Debian.ORG.", 0, out));
	assert_string_equal(out, "deb.debian.org");
	assert_null(host_canon("*.Example.org", HOST_WILD, out));
	assert_string_equal(out, "*.example.org");
	assert_true(host_match("*.example.org", "a.example.org"));
	assert_true(host_match("*.example.org", "a.b.example.org"));
	assert_false(host_match("*.example.org", "example.org"));
	assert_false(host_match("*.example.org", "aexample.org"));
	assert_false(host_match("*.example.org", ".example.org"));
	assert_false(host_match("*.example.org", "example.org.evil.test"));
	assert_false(host_match("example.org", "a.example.org"));
	assert_non_null(host_canon("*.example.org", 0, out));
	assert_non_null(host_canon("a.*.org", HOST_WILD, out));
	assert_non_null(host_canon("a*.org", HOST_WILD, out));
	assert_non_null(host_canon("*", HOST_WILD, out));
	assert_non_null(host_canon("*.", HOST_WILD, out));
	assert_non_null(host_canon("", 0, out));
	assert_non_null(host_canon(".", 0, out));
	assert_non_null(host_canon("a..b", 0, out));
	assert_non_null(host_canon("a..", 0, out));
	assert_non_null(host_canon(".a", 0, out));
	assert_non_null(host_canon("a b", 0, out));
	assert_non_null(host_canon("\xc3\xa9.org", 0, out));
	assert_non_null(host_canon("10.0.0.1", 0, out));
	assert_null(host_canon("xn--9ca.org", 0, out));
	memset(one, 'a', sizeof(one));
	one[63] = '\0';
	assert_null(host_canon(one, 0, out));
	one[63] = 'a';
	one[64] = '\0';
	assert_non_null(host_canon(one, 0, out));
}

static void
inside_is_what_the_outside_should_not_lead_to(void **state)
{
	static const struct {
		const char	*text;
		int		 in;
	} addrs[] = {
		{ "127.0.0.1", 1 }, { "0.0.0.0", 1 }, { "10.1.2.3", 1 },
		{ "172.15.255.255", 0 }, { "172.16.0.0", 1 },
		{ "172.31.255.255", 1 }, { "172.32.0.0", 0 },
		{ "192.168.0.1", 1 }, { "192.167.0.1", 0 },
		{ "169.254.169.254", 1 }, { "100.64.0.1", 1 },
		{ "100.128.0.1", 0 }, { "224.0.0.1", 1 },
		{ "255.255.255.255", 1 }, { "198.18.0.1", 1 },
		{ "93.184.216.34", 0 }, { "192.0.2.7", 0 },
		{ "::1", 1 }, { "::", 1 }, { "::10.0.0.1", 1 },
		{ "fe80::1", 1 }, { "fc00::1", 1 }, { "fdff::1", 1 },
		{ "fe00::1", 0 }, { "ff02::1", 1 }, { "2001:db8::1", 0 },
		{ "2a00::1", 0 }, { "64:ff9b::10.0.0.1", 1 },
		{ "64:ff9b::8.8.8.8", 0 }, { "64:ff9b:1::8.8.8.8", 1 },
		{ "2002:7f00:1::", 1 }, { "2002:808:808::", 0 },
		{ "2001::1", 1 }, { "::ffff:10.0.0.1", 1 },
		{ "::ffff:8.8.8.8", 0 }
	};
	uint8_t	 lo[16], hi[16];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		assert_int_equal(netaddr_parse(addrs[i].text, lo, hi), 0);
		if (netaddr_inside(lo) != addrs[i].in)
			fail_msg("%s", addrs[i].text);
	}
}

static void
an_address_is_pinned_until_its_time_and_no_longer(void **state)
{
	const char	*hosts[4];
	uint8_t		 a[16] = { 1 };

	(void)state;
	assert_int_equal(pin_find(a, 100, hosts, 4), 0);
	pin_add("one.test", a, 100, 110);
	assert_int_equal(pin_find(a, 109, hosts, 4), 1);
	assert_string_equal(hosts[0], "one.test");
	assert_int_equal(pin_find(a, 110, hosts, 4), 0);
	/* said again, and shorter: the longer counts */
	pin_add("one.test", a, 105, 120);
	pin_add("one.test", a, 105, 106);
	assert_int_equal(pin_find(a, 119, hosts, 4), 1);
	pin_add("two.test", a, 105, 120);
	assert_int_equal(pin_find(a, 110, hosts, 4), 2);
	assert_int_equal(pin_find(a, 110, hosts, 1), 1);
	a[1] = 1;
	assert_int_equal(pin_find(a, 110, hosts, 4), 0);
}

static void
the_table_of_addresses_has_an_end_and_the_oldest_goes(void **state)
{
	const char	*hosts[4];
	uint8_t		 a[16] = { 2 };
	unsigned	 i;

	(void)state;
	for (i = 0; i < PINS_MAX + 10; i++) {
		a[1] = (uint8_t)(i >> 8);
		a[2] = (uint8_t)i;
		pin_add("x.test", a, 1000, 2000 + i);
	}
	assert_int_equal(pin_find(a, 1500, hosts, 4), 1);
	a[1] = a[2] = 0;
	assert_int_equal(pin_find(a, 1500, hosts, 4), 0);
	a[2] = 200;
	assert_int_equal(pin_find(a, 1500, hosts, 4), 1);
}

/* A rule of names, as text would make it. */
static void
rule_of(struct netset *ns, uint8_t action, uint8_t flags, const char *host,
    uint16_t port)
{
	struct netrule	 r;

	memset(&r, 0, sizeof(r));
	r.n_rule.r_action = action;
	r.n_rule.r_flags = flags;
	r.n_ops = NETOP_CONNECT;
	r.n_kinds = NETK_TCP;
	if (host != NULL)
		assert_int_equal(netrule_host(&r, host), 0);
	else
		r.n_any = 1;
	if (port != 0) {
		r.n_nports = 1;
		r.n_ports[0].np_lo = r.n_ports[0].np_hi = port;
	}
	assert_int_equal(netset_add(ns, &r), 0);
	netrule_free(&r);
}

static void
a_name_is_looked_up_where_something_of_it_is_allowed(void **state)
{
	const struct netrule	*by;
	struct netset		 ns;

	(void)state;
	memset(&ns, 0, sizeof(ns));
	rule_of(&ns, RULE_ALLOW, 0, "*.example.org", 443);
	assert_int_equal(netset_host(&ns, "a.example.org", &by), 1);
	assert_int_equal(netset_host(&ns, "example.org", &by), 0);
	assert_null(by);
	/* another port of it is denied: that is for connect(2) */
	rule_of(&ns, RULE_DENY, 0, "a.example.org", 80);
	assert_int_equal(netset_host(&ns, "a.example.org", &by), 1);
	rule_of(&ns, RULE_DENY, 0, "b.example.org", 0);
	assert_int_equal(netset_host(&ns, "b.example.org", &by), 0);
	assert_ptr_equal(by, &ns.ns_rules[2]);
	/* the last that matches wins */
	rule_of(&ns, RULE_ALLOW, 0, "b.example.org", 443);
	assert_int_equal(netset_host(&ns, "b.example.org", &by), 1);
	rule_of(&ns, RULE_DENY, RF_QUICK, "c.example.org", 0);
	rule_of(&ns, RULE_ALLOW, 0, "c.example.org", 443);
	assert_int_equal(netset_host(&ns, "c.example.org", &by), 0);
	rule_of(&ns, RULE_DENY, 0, NULL, 0);
	assert_int_equal(netset_host(&ns, "a.example.org", &by), 0);
	netset_free(&ns);
}

static void
a_name_leads_inside_only_where_the_rule_says_so(void **state)
{
	uint8_t		 in[16], out[16], hi[16];
	struct netset	 ns;
	struct netquery	 q;
	const char	*hosts[] = { "a.test" };

	(void)state;
	assert_int_equal(netaddr_parse("10.0.0.1", in, hi), 0);
	assert_int_equal(netaddr_parse("8.8.8.8", out, hi), 0);
	memset(&ns, 0, sizeof(ns));
	memset(&q, 0, sizeof(q));
	rule_of(&ns, RULE_ALLOW, 0, "a.test", 80);
	assert_int_equal(netset_leads(&ns, "a.test", out), 1);
	assert_int_equal(netset_leads(&ns, "b.test", out), 0);
	assert_int_equal(netset_leads(&ns, "a.test", in), 0);
	q.q_op = NETOP_CONNECT;
	q.q_kind = NETK_TCP;
	q.q_port = 80;
	memcpy(q.q_addr, out, 16);
	assert_null(netset_eval(&ns, &q));		/* nothing led there */
	q.q_hosts = hosts;
	q.q_nhosts = 1;
	assert_non_null(netset_eval(&ns, &q));
	q.q_port = 81;
	assert_null(netset_eval(&ns, &q));
	q.q_port = 80;
	memcpy(q.q_addr, in, 16);
	assert_null(netset_eval(&ns, &q));
	/* within: there, and nowhere else; by itself it allows nothing */
	ns.ns_rules[0].n_within = 1;
	assert_int_equal(netrule_range(&ns.ns_rules[0], in, in), 0);
	assert_non_null(netset_eval(&ns, &q));
	assert_int_equal(netset_leads(&ns, "a.test", in), 1);
	assert_int_equal(netset_leads(&ns, "a.test", out), 0);
	q.q_nhosts = 0;
	assert_null(netset_eval(&ns, &q));
	netset_free(&ns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_query_is_read_and_its_name_is_kept_in_lower_case),
		cmocka_unit_test(a_name_that_is_no_host_name_is_never_valid),
		cmocka_unit_test(a_malformed_query_gets_an_error_or_nothing),
		cmocka_unit_test(nothing_of_a_query_is_in_ours_but_the_name),
		cmocka_unit_test(the_longest_name_is_written_and_read),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(aliases_are_followed_in_any_order),
		cmocka_unit_test(an_answer_to_something_else_is_none),
		cmocka_unit_test(malformed_answers_are_refused),
		cmocka_unit_test(no_more_is_taken_than_there_is_room_for),
		cmocka_unit_test(names_and_patterns_are_compared_as_dns_does),
		cmocka_unit_test(inside_is_what_the_outside_should_not_lead_to),
		cmocka_unit_test(
		    an_address_is_pinned_until_its_time_and_no_longer),
		cmocka_unit_test(
		    the_table_of_addresses_has_an_end_and_the_oldest_goes),
		cmocka_unit_test(
		    a_name_is_looked_up_where_something_of_it_is_allowed),
		cmocka_unit_test(
		    a_name_leads_inside_only_where_the_rule_says_so)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
