/* LINK: monitor/netparse.c */
/*
 * Rules about the network: the matcher against a model that knows nothing of
 * ranges, sorting or bits; what the parser takes; tables.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../monitor/netparse.h"
#include "../../proto/wire.h"

#define ROUNDS		400
#define QUERIES		200
#define T(f)		cmocka_unit_test(f)

static struct nettables	 tables;

/* "allow net " and these words: a rule, or NULL with *ne. */
static int
parsed(struct netrule *r, int action, const char *text, struct neterror *ne)
{
	static char	 copy[1024];
	struct netword	 words[64];
	char		*p = copy, *w;
	size_t		 n = 0;

	memset(r, 0, sizeof(*r));
	r->n_rule.r_action = (uint8_t)action;
	r->n_rule.r_errno = action == RULE_DENY ? EACCES : 0;
	r->n_rule.r_file = strdup("t");
	r->n_rule.r_path = strdup("");
	(void)strlcpy(copy, text, sizeof(copy));
	while ((w = strsep(&p, " ")) != NULL) {
		words[n].nw_quoted = w[0] == '\'';
		words[n++].nw_text = w[0] == '\'' ? w + 1 : w;
	}
	return (net_parse(r, words, n, &tables, ne));
}

static void
add(struct netset *ns, int action, const char *text)
{
	struct netrule	 r;
	struct neterror	 ne;

	if (parsed(&r, action, text, &ne) == -1)
		fail_msg("%s: %s", text, ne.ne_what);
	assert_int_equal(netset_take(ns, &r), 0);
}

static int
asked(const struct netset *ns, uint8_t op, uint16_t kind, const char *addr,
    uint16_t port)
{
	struct netquery		 q;
	const struct netrule	*r;
	uint8_t			 hi[16];

	memset(&q, 0, sizeof(q));
	q.q_op = op;
	q.q_kind = kind;
	q.q_port = port;
	assert_int_equal(netaddr_parse(addr, q.q_addr, hi), 0);
	r = netset_eval(ns, &q);
	return (r != NULL && r->n_rule.r_action == RULE_ALLOW);
}

/* ---- the model: every address is a number below 64 in a small net ---- */

struct model {
	int	 m_allow, m_quick, m_op, m_kind;
	int	 m_first, m_last;	/* addresses, included */
	int	 m_port, m_porthi;	/* 0: all */
	int	 m_v6;
};

static int
model_eval(const struct model *m, size_t n, int op, int kind, int addr,
    int v6, int port)
{
	size_t	 i;
	int	 said = 0;

	for (i = 0; i < n; i++) {
		if (!(m[i].m_op & op) || !(m[i].m_kind & kind) ||
		    m[i].m_v6 != v6 || addr < m[i].m_first ||
		    addr > m[i].m_last)
			continue;
		if (m[i].m_port != 0 && (port < m[i].m_port ||
		    port > m[i].m_porthi))
			continue;
		said = m[i].m_allow;
		if (m[i].m_quick)
			return (said);
	}
	return (said);
}

static void
model_rule(struct model *m, struct netset *ns)
{
	static const char *const ops[] = { "", "connect", "bind", "bind, "
	    "connect" };
	struct netrule	 r;
	struct neterror	 ne;
	char		 text[256], net[64];

	m->m_allow = rand() % 2;
	m->m_quick = rand() % 8 == 0;
	m->m_op = 1 + rand() % 3;
	m->m_kind = 1 + rand() % 3;
	m->m_first = rand() % 64;
	m->m_last = m->m_first + rand() % (64 - m->m_first);
	m->m_v6 = rand() % 2;
	m->m_port = rand() % 3 == 0 ? 0 : 1 + rand() % 20;
	m->m_porthi = m->m_port + rand() % 5;
	(void)snprintf(net, sizeof(net), m->m_v6 ? "fd00::%x-fd00::%x" :
	    "10.0.0.%d-10.0.0.%d", m->m_first, m->m_last);
	(void)snprintf(text, sizeof(text), "%s%s %s to { %s %s }",
	    m->m_op == 3 ? "bind , connect" : ops[m->m_op],
	    m->m_kind == 3 ? " { tcp udp }" : "",
	    m->m_kind == 3 ? "" : m->m_kind == 1 ? "tcp" : "udp", net, net);
	if (m->m_port != 0)
		(void)snprintf(text + strlen(text), sizeof(text) -
		    strlen(text), " port %d-%d", m->m_port, m->m_porthi);
	/* one blank between words */
	for (char *p; (p = strstr(text, "  ")) != NULL;)
		memmove(p, p + 1, strlen(p));
	if (parsed(&r, m->m_allow ? RULE_ALLOW : RULE_DENY, text, &ne) == -1)
		fail_msg("%s: %s", text, ne.ne_what);
	if (m->m_quick)
		r.n_rule.r_flags |= RF_QUICK;
	assert_int_equal(netset_take(ns, &r), 0);
}

static void
random_rules_decide_as_the_model_does(void **state)
{
	struct model	 m[12];
	struct netset	 ns;
	char		 addr[64];
	size_t		 i, n;
	int		 round, q, op, kind, a, v6, port;

	(void)state;
	srand(7);
	for (round = 0; round < ROUNDS; round++) {
		memset(&ns, 0, sizeof(ns));
		n = 1 + (size_t)rand() % 12;
		for (i = 0; i < n; i++)
			model_rule(&m[i], &ns);
		for (q = 0; q < QUERIES; q++) {
			op = 1 << rand() % 2;
			kind = 1 << rand() % 2;
			a = rand() % 64;
			v6 = rand() % 2;
			port = 1 + rand() % 25;
			/* half of IPv4 in its other spelling */
			(void)snprintf(addr, sizeof(addr), v6 ? "fd00::%x" :
			    rand() % 2 ? "10.0.0.%d" : "::ffff:10.0.0.%d", a);
			assert_int_equal(asked(&ns, op == 1 ? NETOP_CONNECT :
			    NETOP_BIND, (uint16_t)kind, addr, (uint16_t)port),
			    model_eval(m, n, op, kind, a, v6, port));
		}
		netset_free(&ns);
	}
}

static void
the_two_spellings_of_an_address_are_one(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };

	(void)state;
	add(&ns, RULE_ALLOW, "connect tcp to 10.0.0.0/8");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "10.1.2.3", 80));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "::ffff:10.1.2.3", 8));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "::10.1.2.3", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_UDP, "10.1.2.3", 80));
	assert_false(asked(&ns, NETOP_BIND, NETK_TCP, "10.1.2.3", 80));
	netset_free(&ns);
	add(&ns, RULE_ALLOW, "connect tcp to ::ffff:10.0.0.0/104");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "10.1.2.3", 80));
	netset_free(&ns);
}

static void
all_of_ipv6_is_not_ipv4(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };

	(void)state;
	add(&ns, RULE_ALLOW, "connect tcp to [::]/0");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "::1", 80));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "2001:db8::1", 80));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "::fffe:1.2.3.4", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "1.2.3.4", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "255.255.255.255", 1));
	netset_free(&ns);
	add(&ns, RULE_ALLOW, "connect tcp to 0.0.0.0/0");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "1.2.3.4", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "::1", 80));
	netset_free(&ns);
}

static void
a_socket_for_all_addresses_meets_every_denial(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };
	struct netquery	 q;

	(void)state;
	add(&ns, RULE_ALLOW, "bind tcp to any");
	add(&ns, RULE_DENY, "bind tcp to 10.0.0.0/8");
	memset(&q, 0, sizeof(q));
	q.q_op = NETOP_BIND;
	q.q_kind = NETK_TCP;
	q.q_wild = 1;
	assert_int_equal(netset_eval(&ns, &q)->n_rule.r_action, RULE_DENY);
	q.q_wild = 0;
	assert_int_equal(netset_eval(&ns, &q)->n_rule.r_action, RULE_ALLOW);
	netset_free(&ns);
	add(&ns, RULE_ALLOW, "bind tcp to loopback");
	q.q_wild = 1;
	assert_null(netset_eval(&ns, &q));
	netset_free(&ns);
}

static void
without_a_protocol_a_denial_is_about_all(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };

	(void)state;
	add(&ns, RULE_ALLOW, "connect to any");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_UDP, "1.2.3.4", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_MPTCP, "1.2.3.4", 80));
	add(&ns, RULE_ALLOW, "connect { mptcp sctp } to any");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_MPTCP, "1.2.3.4", 80));
	add(&ns, RULE_DENY, "connect to 1.2.3.4");
	assert_false(asked(&ns, NETOP_CONNECT, NETK_MPTCP, "1.2.3.4", 80));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_RAW, "1.2.3.4", 0));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_SCTP, "1.2.3.5", 80));
	netset_free(&ns);
}

static void
names_of_local_sockets_match_as_written(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };
	struct netquery	 q;

	(void)state;
	add(&ns, RULE_ALLOW, "connect unix path under /run/x");
	add(&ns, RULE_ALLOW, "connect unix abstract 'a");
	memset(&q, 0, sizeof(q));
	q.q_op = NETOP_CONNECT;
	q.q_kind = NETK_UNIX;
	q.q_unix = NETU_PATH;
	q.q_name = "/run/x/s";
	q.q_namelen = 8;
	assert_non_null(netset_eval(&ns, &q));
	q.q_name = "/run/xs/";
	assert_null(netset_eval(&ns, &q));
	q.q_unix = NETU_ABSTRACT;
	q.q_name = "a\0b";
	q.q_namelen = 1;
	assert_non_null(netset_eval(&ns, &q));
	q.q_namelen = 3;		/* another name, not a string */
	assert_null(netset_eval(&ns, &q));
	q.q_namelen = 0;
	assert_null(netset_eval(&ns, &q));
	netset_free(&ns);
}

static void
what_is_not_understood_is_an_error(void **state)
{
	static const char *const bad[] = {
		"conect tcp to any", "connect tpc to any", "connect tcp to",
		"connect tcp to 10.0.0.1/8", "connect tcp to 10.0.0.0/33",
		"connect tcp to 10.0.0", "connect tcp to host",
		"connect tcp to any port", "connect tcp to any port 65536",
		"connect tcp to any port 90-80", "connect tcp to any port 80x",
		"connect tcp to any port -1", "connect tcp to { }",
		"connect tcp to { 10.0.0.1", "connect tcp to any any",
		"connect tcp to <none>", "connect unix path x",
		"connect unix name", "connect { tcp unix }", "accept unix any",
		"send icmp to any port 3", "connect tcp to 10.0.0.9-10.0.0.1",
		"connect tcp to 10.0.0.1-::1", "connect tcp port { }",
		"connect unix abstract", "connect tcp to ::1/129",
	};
	struct netrule	 r;
	struct neterror	 ne;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&ne, 0, sizeof(ne));
		if (parsed(&r, RULE_ALLOW, bad[i], &ne) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(ne.ne_what[0] != '\0');
		assert_non_null(ne.ne_expected);
		netrule_free(&r);
	}
}

static void
a_rule_is_printed_as_it_parses(void **state)
{
	static const char *const good[] = {
		"connect tcp to 10.0.0.0/8 port { 80 443 8000-8100 }",
		"bind, connect { tcp udp } to { 127.0.0.1 [::1] } port 1",
		"accept tcp from [fe80::]/10", "send udp to any",
		"connect unix abstract any", "connect unix",
	};
	struct netrule	 r;
	struct neterror	 ne;
	char		 want[256], text[256], *p;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)strlcpy(text, good[i], sizeof(text));
		if ((p = strstr(text, ",")) != NULL) {
			memmove(p + 1, p, strlen(p) + 1);
			*p = ' ';
		}
		assert_int_equal(parsed(&r, RULE_DENY, text, &ne), 0);
		(void)snprintf(want, sizeof(want), "deny net %s", good[i]);
		assert_string_equal(r.n_text, want);
		netrule_free(&r);
	}
}

static void
table(const char *text, int good, size_t ranges)
{
	char		 path[] = "/tmp/test_netrule.XXXXXX";
	struct neterror	 ne;
	int		 fd = mkstemp(path);

	assert_true(fd != -1);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	memset(&tables, 0, sizeof(tables));
	assert_int_equal(net_table(&tables, "<t>", path, "t", 1, &ne),
	    good ? 0 : -1);
	unlink(path);
	if (good)
		assert_int_equal(tables.nts_tables[0].nt_rule.n_nranges,
		    ranges);
	else
		nettables_free(&tables);
}

static void
tables_are_read_and_joined(void **state)
{
	struct netset	 ns = { NULL, 0, 0 };

	(void)state;
	table("# a netset\n10.0.0.0/9\n10.128.0.0/9\n\n11.0.0.0/8 # more\n"
	    "192.0.2.7\n2001:db8::/32\n", 1, 3);
	add(&ns, RULE_ALLOW, "connect tcp to <t>");
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "11.255.1.1", 1));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "192.0.2.7", 1));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "192.0.2.8", 1));
	assert_false(asked(&ns, NETOP_CONNECT, NETK_TCP, "12.0.0.0", 1));
	assert_true(asked(&ns, NETOP_CONNECT, NETK_TCP, "2001:db8::9", 1));
	netset_free(&ns);
	nettables_free(&tables);
	table("create bad hash:net family inet hashsize 1024\n"
	    "add bad 10.0.0.0/8\nadd bad 10.1.0.0/16 timeout 0\n", 1, 1);
	nettables_free(&tables);
	table("add bad 10.0.0.0/8\nadd bad 10.1.0.0/16 nomatch\n", 0, 0);
	table("10.0.0.0/8 10.1.0.0/16\n", 0, 0);
	table("example.org\n", 0, 0);
}

static void
a_rule_with_many_addresses_arrives_whole(void **state)
{
	static struct msg	 m;
	struct netset		 ns = { NULL, 0, 0 }, got = { NULL, 0, 0 };
	struct netrule		 r;
	struct neterror		 ne;
	char			 text[64];
	uint8_t			 lo[16], hi[16];
	size_t			 rule = 0, range = 0, n = 0;
	int			 i;

	(void)state;
	assert_int_equal(parsed(&r, RULE_ALLOW, "connect tcp to 9.9.9.9",
	    &ne), 0);
	for (i = 0; i < 3000; i++) {
		(void)snprintf(text, sizeof(text), "10.%d.%d.0/25", i / 200,
		    i % 200);
		assert_int_equal(netaddr_parse(text, lo, hi), 0);
		assert_int_equal(netrule_span(&r, lo, hi), 0);
	}
	netrule_settle(&r);
	assert_int_equal(r.n_nranges, 3001);
	assert_int_equal(netset_take(&ns, &r), 0);
	add(&ns, RULE_DENY, "connect tcp to 10.1.1.1");
	while (rule < ns.ns_count) {
		msg_start(&m, MSG_MONITOR_NET, 0);
		msg_put_net(&m, &ns, &rule, &range);
		assert_false(m.m_bad);
		m.m_pos = MSG_HDR_SIZE;
		assert_int_equal(msg_get_net(&m, &got), 0);
		n++;
	}
	assert_int_equal(n, 4);
	assert_int_equal(got.ns_count, 2);
	assert_int_equal(got.ns_rules[0].n_nranges, 3001);
	assert_true(asked(&got, NETOP_CONNECT, NETK_TCP, "10.14.199.9", 1));
	assert_false(asked(&got, NETOP_CONNECT, NETK_TCP, "10.14.199.200", 1));
	assert_false(asked(&got, NETOP_CONNECT, NETK_TCP, "10.1.1.1", 1));
	netset_free(&ns);
	netset_free(&got);
}

static void
sockets_are_told_apart_by_all_three(void **state)
{
	(void)state;
	assert_int_equal(netkind_find(AF_INET, SOCK_STREAM, 0), NETK_TCP);
	assert_int_equal(netkind_find(AF_INET6, SOCK_STREAM, 6), NETK_TCP);
	assert_int_equal(netkind_find(AF_INET, SOCK_STREAM, 262), NETK_MPTCP);
	assert_int_equal(netkind_find(AF_INET, SOCK_DGRAM, 136), NETK_UDPLITE);
	assert_int_equal(netkind_find(AF_INET, SOCK_STREAM, 256), NETK_SMC);
	assert_int_equal(netkind_find(AF_INET, SOCK_RAW, 6), NETK_RAW);
	assert_int_equal(netkind_find(AF_INET, SOCK_RAW, IPPROTO_RAW), 0);
	assert_int_equal(netkind_find(AF_INET6, SOCK_RAW, IPPROTO_RAW), 0);
	assert_int_equal(netkind_find(AF_INET, SOCK_DGRAM, 1), NETK_ICMP);
	assert_int_equal(netkind_find(AF_INET6, SOCK_DGRAM, 1), 0);
	assert_int_equal(netkind_find(AF_INET, SOCK_PACKET, 0), 0);
	assert_int_equal(netkind_find(AF_PACKET, SOCK_RAW, 0), 0);
	assert_int_equal(netkind_find(AF_VSOCK, SOCK_STREAM, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(random_rules_decide_as_the_model_does),
		T(the_two_spellings_of_an_address_are_one),
		T(all_of_ipv6_is_not_ipv4),
		T(a_socket_for_all_addresses_meets_every_denial),
		T(without_a_protocol_a_denial_is_about_all),
		T(names_of_local_sockets_match_as_written),
		T(what_is_not_understood_is_an_error),
		T(a_rule_is_printed_as_it_parses),
		T(tables_are_read_and_joined),
		T(a_rule_with_many_addresses_arrives_whole),
		T(sockets_are_told_apart_by_all_three),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
