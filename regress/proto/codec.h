/*
 * For the tests of the wire format: a sample of every message, and for every
 * type what decodes it and encodes it again.  Included by test_wire.c and by
 * the fuzzer.
 */
#ifndef CODEC_H
#define CODEC_H

#include <sys/types.h>
#include <linux/filter.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/guard.h"
#include "../../common/log.h"
#include "../../common/netrule.h"
#include "../../common/rule.h"
#include "../../common/sysent.h"
#include "../../common/tpe.h"
#include "../../common/verify.h"
#include "../../proto/wire.h"

#define B(s)	((const uint8_t *)(s))

/* One sample.  Its descriptors are those handed in. */
struct sample {
	const char	*s_name;	/* of the seed, too */
	uint16_t	 s_type;
	int		 s_nfds;
	void		(*s_put)(struct msg *, const int *);
};

/* ---- samples ---- */

static void
sample_conf(struct msg *m, const int *fds)
{
	struct conf	 c = { 4242, CONF_JSON, 1000, 100, 1ULL << 63,
			    B("/tmp/run"), 8 };

	(void)fds;
	msg_put_conf(m, &c);
}

static void
sample_rules(struct msg *m, const int *fds)
{
	char		 file[] = "default", path[] = "/home/u/.ssh",
			 other[] = "-r", root[] = "/";
	struct rule	 r[] = {
		{ R_READ | R_STAT, RULE_DENY, MATCH_UNDER, RF_QUICK | RF_LOG,
		    13, EFFECT_NONE, 31, file, path, 12, 7 },
		{ R_WRITE, RULE_ALLOW, MATCH_EXACT, 0, 0, EFFECT_WARN, 2,
		    file, path, 12, 8 },
		{ R_EXEC, RULE_DENY, MATCH_EXACT, RF_QUIET, 2, EFFECT_ABORT,
		    1, other, root, 1, RULES_MAX - 1 }
	};
	struct ruleset	 rs = { r, 3, 3, 1 };
	size_t		 next = 0;

	(void)fds;
	(void)msg_put_rules(m, &rs, R_READ | R_EXEC, &next);
}

static void
sample_rule(struct msg *m, const int *fds)
{
	char		 file[] = "default", path[] = "/home/u/.ssh";
	struct rule	 r = { R_READ | R_STAT, RULE_DENY, MATCH_UNDER,
			    RF_QUICK | RF_LOG, 13, EFFECT_NONE, 31, file,
			    path, 12, 7 };
	struct ruleset	 rs = { &r, 1, 1, 1 };
	size_t		 next = 0;

	(void)fds;
	(void)msg_put_rules(m, &rs, R_ALL, &next);
}

static void
sample_exec(struct msg *m, const int *fds)
{
	char			 at[] = "default:7", all[] = "-r:1";
	struct verifyset	 vs;

	(void)fds;
	memset(&vs, 0, sizeof(vs));
	exec_class_set(&vs, EXEC_NONPIE | EXEC_UNLISTED, RULE_DENY,
	    EFFECT_KILL);
	exec_class_set(&vs, EXEC_SCRIPT, RULE_ALLOW, EFFECT_WARN);
	vs.vs_wx = 1;
	vs.vs_at[4] = at;
	vs.vs_at[EXEC_AT_ALL] = all;
	msg_put_exec(m, &vs);
}

static void
sample_verify(struct msg *m, const int *fds)
{
	char			 file[] = "default", a[] = "/bin/a",
				 b[] = "/bin/b";
	struct verify		 v[] = {
		{ a, DIGEST_BLAKE2B, 0, { 1, 2, 3 }, file, 3 },
		{ a, DIGEST_SHA256, 0, { 4, 5, 6 }, file, 4 },
		{ b, DIGEST_VERITY512, EFFECT_EXIT, { 7, 8, 9 }, file, 5 }
	};
	struct verifyset	 vs;
	size_t			 next = 0;

	(void)fds;
	memset(&vs, 0, sizeof(vs));
	vs.vs_list = v;
	vs.vs_count = vs.vs_size = 3;
	msg_put_verify(m, &vs, &next);
}

static void
sample_net(struct msg *m, const int *fds)
{
	char			 file[] = "x.conf", path[] = "/run/s";
	struct netrange		 nr[] = {
		{ { [10] = 0xff, 0xff, 10 }, { [10] = 0xff, 0xff, 10, 9 } },
		{ { 0xfe, 0x80 }, { 0xfe, 0x80, [15] = 1 } }
	};
	struct netrule		 r;
	struct netset		 ns = { &r, 1, 1 };
	size_t			 rule = 0, range = 0;

	(void)fds;
	memset(&r, 0, sizeof(r));
	r.n_rule.r_action = RULE_DENY;
	r.n_rule.r_errno = EACCES;
	r.n_rule.r_match = MATCH_UNDER;
	r.n_rule.r_file = file;
	r.n_rule.r_path = path;
	r.n_rule.r_line = 7;
	r.n_rule.r_index = 5;
	r.n_ops = NETOP_CONNECT | NETOP_SEND;
	r.n_kinds = NETK_TCP | NETK_UNIX;
	r.n_unix = NETU_PATH;
	r.n_nports = 2;
	r.n_ports[0].np_hi = 80;
	r.n_ports[1].np_lo = r.n_ports[1].np_hi = 65535;
	r.n_nranges = 2;
	r.n_ranges = nr;
	r.n_namelen = 1;
	msg_put_net(m, &ns, &rule, &range);
}

static void
sample_nethost(struct msg *m, const int *fds)
{
	char			 file[] = "x.conf", path[] = "";
	char			 hosts[] = "deb.debian.org\0*.example.org";
	struct netrange		 nr[] = {
		{ { [10] = 0xff, 0xff, 10 }, { [10] = 0xff, 0xff, 10, 9 } }
	};
	struct netrule		 r;
	struct netset		 ns = { &r, 1, 1 };
	size_t			 rule = 0, range = 0;

	(void)fds;
	memset(&r, 0, sizeof(r));
	r.n_rule.r_action = RULE_ALLOW;
	r.n_rule.r_file = file;
	r.n_rule.r_path = path;
	r.n_ops = NETOP_CONNECT;
	r.n_kinds = NETK_TCP;
	r.n_hosts = hosts;
	r.n_hostslen = sizeof(hosts);
	r.n_within = 1;
	r.n_nranges = 1;
	r.n_ranges = nr;
	msg_put_net(m, &ns, &rule, &range);
}

static void
sample_names(struct msg *m, const int *fds)
{
	struct names_conf	 nc = {
		60, 1, { { { [10] = 0xff, 0xff, 10, 0, 0, 53 }, 5353 } },
		2, { { { 0xfe, 0x80, [15] = 1 }, 53 },
		{ { [10] = 0xff, 0xff, 127, 0, 0, 53 }, 53 } },
		{ { { [10] = 0xff, 0xff, 127, 0, 0, 53 }, 40000 } }
	};

	msg_put_fd(m, fds[0]);
	msg_put_fd(m, fds[1]);
	msg_put_names(m, &nc);
}

static void
sample_asker(struct msg *m, const int *fds)
{
	struct asker	 as = { 40001, 4242, "curl" };

	(void)fds;
	msg_put_asker(m, &as);
}

static void
sample_led(struct msg *m, const int *fds)
{
	const uint8_t	 addr[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

	(void)fds;
	msg_put_led(m, addr);
}

static void
sample_hosts(struct msg *m, const int *fds)
{
	const char	*hosts[] = { "deb.debian.org", "a_b.example.org" };

	(void)fds;
	msg_put_hosts(m, hosts, 2);
}

static void
sample_name(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_name(m, NAME_DIR, 73, 16);
}

static void
sample_tpe(struct msg *m, const int *fds)
{
	char			 file[] = "x.conf", path[] = "/opt";
	struct tpe_entry	 te = { TPE_UNDER, 0, path, file, 7 };

	(void)fds;
	msg_put_tpe(m, &te);
}

static void
sample_owner(struct msg *m, const int *fds)
{
	char			 file[] = "x.conf";
	struct tpe_entry	 te = { TPE_OWNER, 33, NULL, file, 8 };

	(void)fds;
	msg_put_tpe(m, &te);
}

static void
sample_file(struct msg *m, const int *fds)
{
	msg_put_file(m, 0, 29, fds[0]);
}

static void
sample_nofile(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_file(m, 2, 0, -1);
}

static void
sample_fds(struct msg *m, const int *fds)
{
	msg_put_u32(m, m->m_type == MSG_MONITOR_WALL ? 2 : 7);
	if (m->m_type == MSG_MONITOR_LANE)
		msg_put_u32(m, 4711);
	msg_put_fd(m, fds[0]);
	msg_put_fd(m, fds[1]);
}

static void
sample_filter(struct msg *m, const int *fds)
{
	const struct sock_filter	 f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 255, 1),
		BPF_STMT(BPF_RET | BPF_K, 0x7fff0000)
	};

	(void)fds;
	msg_put_filter(m, f, 3);
}

static void
sample_one(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_u32(m, 1);
}

static void
sample_laneup(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_laneup(m, 3, 77);
}

static void
sample_lanedown(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_lanedown(m, 3, 0x0b);
}

static void
sample_child(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_child(m, CHILD_ENDED, 0x0100);
}

static void
sample_fault(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_fault(m, 2, "malformed");
}

static void
sample_call(struct msg *m, const int *fds)
{
	struct call	 c = {
		.c_nr = 257, .c_tid = 1234,
		.c_args = { 5, 0x7fff00001000, 0x241, 0600, 0, UINT64_MAX },
		.c_ncaps = 2,
		.c_caps = {
			{ 1, ARG_PATH, 0, 0, B("etc/passwd"), 10 },
			{ CAP_ARG_STATUS, ARG_NONE, 0, 0, B("Umask:\t0022\n"),
			    12 }
		},
		.c_nfds = 2,
		.c_fds = { { 0, 0, fds[0] }, { CALL_FD_CWD, 0, fds[1] } }
	};

	msg_put_call(m, &c);
}

/* Every kind that is captured, what is missing, and a full house. */
static void
sample_callall(struct msg *m, const int *fds)
{
	static const uint8_t	 zero[64];
	struct call	 c = {
		.c_nr = 188, .c_tid = 1,
		.c_ncaps = 6,
		.c_caps = {
			{ 0, ARG_PATH, 14, 0, NULL, 0 },
			{ 1, ARG_NAME, 0, 0, B("user.x"), 6 },
			{ 2, ARG_BUF, 0, 0, zero, 64 },
			{ 3, ARG_TIMES, 0, 0, zero, 32 },
			{ 4, ARG_UTIMBUF, 0, 1, NULL, 0 },
			{ 5, ARG_HOW, 0, 0, zero, 24 }
		},
		.c_nfds = 4,
		.c_fds = {
			{ 0, 0, fds[0] }, { 1, 9, -1 }, { 2, 0, fds[1] },
			{ CALL_FD_CWD, 0, fds[2] }
		}
	};

	msg_put_call(m, &c);
}

static void
sample_callnone(struct msg *m, const int *fds)
{
	struct call	 c = { .c_nr = 41, .c_tid = 9, .c_args = { 2, 1 } };

	(void)fds;
	msg_put_call(m, &c);
}

static void
sample_errno(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_ERRNO, .v_value = 13,
			    .v_fd = -1 };

	(void)fds;
	msg_put_verdict(m, &v);
}

static void
sample_stop(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_STOP, .v_value = 2,
			    .v_fd = -1 };

	(void)fds;
	msg_put_verdict(m, &v);
}

static void
sample_value(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_VALUE, .v_value = 4,
			    .v_outarg = 1, .v_out = B("/bin"), .v_outlen = 4,
			    .v_fd = -1 };

	(void)fds;
	msg_put_verdict(m, &v);
}

static void
sample_inject(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_INJECT,
			    .v_fdflags = O_CLOEXEC, .v_fd = fds[0] };

	msg_put_verdict(m, &v);
}

static void
sample_continue(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_CONTINUE, .v_fd = -1 };

	(void)fds;
	msg_put_verdict(m, &v);
}

static void
sample_proc(struct msg *m, const int *fds)
{
	struct verdict	 v = { .v_kind = VERDICT_PROC, .v_pid = 99,
			    .v_fdflags = O_CLOEXEC, .v_entry = PROC_ENVIRON,
			    .v_fd = -1 };

	(void)fds;
	msg_put_verdict(m, &v);
}

static void
sample_need(struct msg *m, const int *fds)
{
	struct need	 n = { .n_kind = NEED_FD, .n_arg = 5 };

	(void)fds;
	msg_put_need(m, &n);
}

static void
sample_needmemory(struct msg *m, const int *fds)
{
	struct piece	 p[] = { { 0x7fff0000, 65000 }, { 4096, 0 },
			    { UINT64_MAX, 536 } };
	struct need	 n = { .n_kind = NEED_MEMORY, .n_pieces = p,
			    .n_count = 3 };

	(void)fds;
	msg_put_need(m, &n);
}

static void
sample_givebytes(struct msg *m, const int *fds)
{
	struct give	 g = { 0, B("1 (cat) S"), 9, -1 };

	(void)fds;
	msg_put_give(m, &g);
}

static void
sample_givefd(struct msg *m, const int *fds)
{
	struct give	 g = { 0, NULL, 0, fds[0] };

	msg_put_give(m, &g);
}

static void
sample_giveerrno(struct msg *m, const int *fds)
{
	struct give	 g = { 9, NULL, 0, -1 };

	(void)fds;
	msg_put_give(m, &g);
}

static void
sample_image(struct msg *m, const int *fds)
{
	struct image	 i = { 4711, 1, B("cat\n"), 4, B("00400000-00401000 r-xp"),
			    22, B("c"), 1, 29, fds[0] };

	msg_put_image(m, &i);
}

static void
sample_library(struct msg *m, const int *fds)
{
	struct library	 l = { 4711, 1, WRITERS_NO, B("cat\n"), 4,
			    B("/bin/cat"), 8, B("/lib/c.so"), 9, fds[0] };

	msg_put_library(m, &l);
}

static void
sample_code(struct msg *m, const int *fds)
{
	struct code	 co = { 4711, 1, B("node\n"), 5, B("/bin/node"), 9 };

	(void)fds;
	msg_put_code(m, &co);
}

static void
sample_log(struct msg *m, const int *fds)
{
	(void)fds;
	msg_put_log(m, LOG_L_WARN, "something is odd");
}

static void
sample_denial(struct msg *m, const int *fds)
{
	struct denial	 d = { UINT32_MAX, B("denied: read"), 12 };

	(void)fds;
	msg_put_denial(m, &d);
}

static void
sample_watch(struct msg *m, const int *fds)
{
	msg_put_u32(m, 1);
	msg_put_fd(m, fds[0]);
}

static void
sample_learn(struct msg *m, const int *fds)
{
	struct learn_conf	 c = { 8, B("/home/u"), B("/src/x"), B(""),
				    7, 6, 0 };

	msg_put_learn(m, &c);
	msg_put_fd(m, fds[0]);
	msg_put_fd(m, fds[1]);
	msg_put_fd(m, fds[2]);
}

static void
sample_access(struct msg *m, const int *fds)
{
	struct access	 a = { R_READ | R_EXEC, ACCESS_USED, B("/bin/sh"), 7 };

	(void)fds;
	msg_put_access(m, &a);
}

static void
sample_accessnet(struct msg *m, const int *fds)
{
	struct access	 a = { 0, ACCESS_NET, B(""), 0 };

	(void)fds;
	msg_put_access(m, &a);
}

static void
sample_guard(struct msg *m, const int *fds)
{
	char		 file[] = "default", a[] = "/", b[] = "/bin/{a,b}";
	struct guard	 g[2];
	struct guardset	 gu = { g, 2, 2 };
	size_t		 next = 0;

	(void)fds;
	memset(g, 0, sizeof(g));
	g[0].g_rule.r_match = MATCH_UNDER;
	g[0].g_rule.r_path = a;
	g[1].g_rule.r_match = MATCH_GLOB;
	g[1].g_rule.r_path = b;
	g[0].g_rule.r_file = g[1].g_rule.r_file = file;
	g[1].g_rule.r_line = 7;
	g[0].g_crashes = 5;
	g[0].g_window = 120;
	g[0].g_suspend = 600;
	msg_put_guards(m, &gu, &next);
}

static void
sample_file_id(struct msg *m, const int *fds)
{
	struct file_id	 fi = { 8ULL << 32 | 1, 4711, 1700000000123456789ULL };

	(void)fds;
	msg_put_file_id(m, &fi);
}

static void
sample_crashes(struct msg *m, const int *fds)
{
	struct crashes	 cr = { 11, 3, { 5, 1000, 1000 } };

	(void)fds;
	msg_put_crashes(m, &cr);
}

static void
sample_crashesnone(struct msg *m, const int *fds)
{
	struct crashes	 cr = { 0, 0, { 0 } };

	(void)fds;
	msg_put_crashes(m, &cr);
}

static void
sample_digest(struct msg *m, const int *fds)
{
	struct digest_of	 d = { DIGEST_SHA256,
				    B("0123456789abcdef0123456789abcdef"),
				    B("/bin/sh"), 7 };

	(void)fds;
	msg_put_digest(m, &d);
}

static const struct sample samples[] = {
	{ "conf", MSG_MONITOR_CONF, 0, sample_conf },
	{ "rule", MSG_MONITOR_RULE, 0, sample_rule },
	{ "rules", MSG_MONITOR_RULE, 0, sample_rules },
	{ "exec", MSG_MONITOR_EXEC, 0, sample_exec },
	{ "verify", MSG_MONITOR_VERIFY, 0, sample_verify },
	{ "net", MSG_MONITOR_NET, 0, sample_net },
	{ "nethost", MSG_MONITOR_NET, 0, sample_nethost },
	{ "names", MSG_MONITOR_NAMES, 2, sample_names },
	{ "asker", MSG_LANE_ASKER, 0, sample_asker },
	{ "heard", MSG_RESOLVER_HEARD, 0, sample_one },
	{ "led", MSG_LANE_LED, 0, sample_led },
	{ "hosts", MSG_RESOLVER_HOSTS, 0, sample_hosts },
	{ "tpe", MSG_MONITOR_TPE, 0, sample_tpe },
	{ "owner", MSG_MONITOR_TPE, 0, sample_owner },
	{ "wall", MSG_MONITOR_WALL, 2, sample_fds },
	{ "filter", MSG_MONITOR_FILTER, 0, sample_filter },
	{ "watch", MSG_MONITOR_WATCH, 1, sample_watch },
	{ "learn", MSG_MONITOR_LEARN, 3, sample_learn },
	{ "write", MSG_MONITOR_WRITE, 0, sample_one },
	{ "written", MSG_LEARN_WRITTEN, 0, sample_one },
	{ "access", MSG_ROLE_ACCESS, 0, sample_access },
	{ "accessnet", MSG_ROLE_ACCESS, 0, sample_accessnet },
	{ "digest", MSG_INTEGRITY_DIGEST, 0, sample_digest },
	{ "guard", MSG_MONITOR_GUARD, 0, sample_guard },
	{ "lanefile", MSG_LANE_FILE, 0, sample_file_id },
	{ "crashes", MSG_RECEIVER_CRASHES, 0, sample_crashes },
	{ "crashesnone", MSG_RECEIVER_CRASHES, 0, sample_crashesnone },
	{ "start", MSG_MONITOR_START, 0, sample_one },
	{ "ready", MSG_ROLE_READY, 0, sample_one },
	{ "lane", MSG_MONITOR_LANE, 2, sample_fds },
	{ "laneup", MSG_POLICY_LANEUP, 0, sample_laneup },
	{ "lanedown", MSG_POLICY_LANEDOWN, 0, sample_lanedown },
	{ "go", MSG_MONITOR_GO, 0, sample_one },
	{ "signal", MSG_MONITOR_SIGNAL, 0, sample_one },
	{ "clean", MSG_MONITOR_CLEAN, 0, sample_one },
	{ "cleaned", MSG_POLICY_CLEANED, 0, sample_one },
	{ "needlane", MSG_RECEIVER_NEEDLANE, 0, sample_one },
	{ "child", MSG_RECEIVER_CHILD, 0, sample_child },
	{ "fault", MSG_RECEIVER_FAULT, 0, sample_fault },
	{ "exit", MSG_RECEIVER_EXIT, 0, sample_one },
	{ "broken", MSG_RECEIVER_BROKEN, 0, sample_fault },
	{ "ping", MSG_MONITOR_PING, 0, sample_one },
	{ "pong", MSG_ROLE_PONG, 0, sample_one },
	{ "call", MSG_RECEIVER_CALL, 2, sample_call },
	{ "callall", MSG_RECEIVER_CALL, 3, sample_callall },
	{ "callnone", MSG_RECEIVER_CALL, 0, sample_callnone },
	{ "errno", MSG_LANE_VERDICT, 0, sample_errno },
	{ "stop", MSG_LANE_VERDICT, 0, sample_stop },
	{ "value", MSG_LANE_VERDICT, 0, sample_value },
	{ "inject", MSG_LANE_VERDICT, 1, sample_inject },
	{ "continue", MSG_LANE_VERDICT, 0, sample_continue },
	{ "proc", MSG_LANE_VERDICT, 0, sample_proc },
	{ "need", MSG_LANE_NEED, 0, sample_need },
	{ "needmemory", MSG_LANE_NEED, 0, sample_needmemory },
	{ "givebytes", MSG_RECEIVER_GIVE, 0, sample_givebytes },
	{ "givefd", MSG_RECEIVER_GIVE, 1, sample_givefd },
	{ "giveerrno", MSG_RECEIVER_GIVE, 0, sample_giveerrno },
	{ "image", MSG_RECEIVER_IMAGE, 1, sample_image },
	{ "library", MSG_RECEIVER_LIBRARY, 1, sample_library },
	{ "lanecheck", MSG_LANE_CHECK, 1, sample_watch },
	{ "checked", MSG_RECEIVER_CHECKED, 0, sample_one },
	{ "check", MSG_RECEIVER_CHECK, 1, sample_library },
	{ "wrong", MSG_INTEGRITY_CHECKED, 0, sample_one },
	{ "code", MSG_RECEIVER_CODE, 0, sample_code },
	{ "allow", MSG_INTEGRITY_VERDICT, 0, sample_one },
	{ "name", MSG_INTEGRITY_NEED, 0, sample_name },
	{ "file", MSG_RECEIVER_FILE, 1, sample_file },
	{ "nofile", MSG_RECEIVER_FILE, 0, sample_nofile },
	{ "log", MSG_ROLE_LOG, 0, sample_log },
	{ "denial", MSG_ROLE_DENIAL, 0, sample_denial },
};
#define NSAMPLES	(sizeof(samples) / sizeof(samples[0]))

/*
 * ---- decode in, encode it again into out ----
 * Descriptors taken from in are put into out, where msg_close_fds() finds
 * them.  0, or -1 when in was refused.
 */

static int
again_conf(struct msg *in, struct msg *out)
{
	struct conf	 c;

	if (msg_get_conf(in, &c) == -1)
		return (-1);
	msg_put_conf(out, &c);
	return (0);
}

static int
again_rule(struct msg *in, struct msg *out)
{
	struct ruleset	 rs;
	size_t		 next = 0;

	memset(&rs, 0, sizeof(rs));
	if (msg_get_rules(in, &rs) == -1) {
		if (rs.rs_count != 0)
			abort();
		ruleset_free(&rs);
		return (-1);
	}
	(void)msg_put_rules(out, &rs, R_ALL, &next);
	if (next != rs.rs_count)
		abort();
	ruleset_free(&rs);
	return (0);
}

static int
again_exec(struct msg *in, struct msg *out)
{
	struct verifyset	 vs;

	memset(&vs, 0, sizeof(vs));
	if (msg_get_exec(in, &vs) == -1)
		return (-1);
	msg_put_exec(out, &vs);
	verify_free(&vs);
	return (0);
}

static int
again_verify(struct msg *in, struct msg *out)
{
	struct verifyset	 vs;
	size_t			 next = 0;

	memset(&vs, 0, sizeof(vs));
	if (msg_get_verify(in, &vs) == -1) {
		if (vs.vs_count != 0)
			abort();
		verify_free(&vs);
		return (-1);
	}
	msg_put_verify(out, &vs, &next);
	if (next != vs.vs_count)
		abort();
	verify_free(&vs);
	return (0);
}

static int
again_tpe(struct msg *in, struct msg *out)
{
	struct tpe	 tp;

	memset(&tp, 0, sizeof(tp));
	if (msg_get_tpe(in, &tp) == -1) {
		if (tp.tp_count != 0)
			abort();
		tpe_free(&tp);
		return (-1);
	}
	msg_put_tpe(out, &tp.tp_list[0]);
	tpe_free(&tp);
	return (0);
}

static int
again_code(struct msg *in, struct msg *out)
{
	struct code	 co;

	if (msg_get_code(in, &co) == -1)
		return (-1);
	msg_put_code(out, &co);
	return (0);
}

static int
again_library(struct msg *in, struct msg *out)
{
	struct library	 l;

	if (msg_get_library(in, &l) == -1)
		return (-1);
	msg_put_library(out, &l);
	return (0);
}

static int
again_net(struct msg *in, struct msg *out)
{
	struct netset	 ns;
	size_t		 rule = 0, range = 0;

	memset(&ns, 0, sizeof(ns));
	if (msg_get_net(in, &ns) == -1) {
		if (ns.ns_count != 0)
			abort();
		return (-1);
	}
	msg_put_net(out, &ns, &rule, &range);
	if (rule != 1)
		abort();
	netset_free(&ns);
	return (0);
}

static int
again_names(struct msg *in, struct msg *out)
{
	struct names_conf	 nc;

	if (msg_get_names(in, &nc) == -1)
		return (-1);
	msg_put_names(out, &nc);
	return (0);
}

static int
again_asker(struct msg *in, struct msg *out)
{
	struct asker	 as;

	if (msg_get_asker(in, &as) == -1)
		return (-1);
	msg_put_asker(out, &as);
	return (0);
}

static int
again_led(struct msg *in, struct msg *out)
{
	uint8_t	 addr[16];

	if (msg_get_led(in, addr) == -1)
		return (-1);
	msg_put_led(out, addr);
	return (0);
}

static int
again_hosts(struct msg *in, struct msg *out)
{
	static char	 hosts[NAME_HOSTS_MAX][HOST_TEXT];
	const char	*list[NAME_HOSTS_MAX];
	size_t		 i, n;

	if (msg_get_hosts(in, hosts, &n) == -1)
		return (-1);
	for (i = 0; i < n; i++)
		list[i] = hosts[i];
	msg_put_hosts(out, list, n);
	return (0);
}

static int
again_name(struct msg *in, struct msg *out)
{
	uint32_t	 at, len;
	uint8_t		 kind;

	if (msg_get_name(in, &kind, &at, &len) == -1)
		return (-1);
	msg_put_name(out, kind, at, len);
	return (0);
}

static int
again_file(struct msg *in, struct msg *out)
{
	uint64_t	 mount;
	int32_t		 error;
	int		 fd;

	if (msg_get_file(in, &error, &mount, &fd) == -1)
		return (-1);
	msg_put_file(out, error, mount, fd);
	return (0);
}

static int
again_filter(struct msg *in, struct msg *out)
{
	static struct sock_filter	 f[FILTER_LEN_MAX];
	size_t				 n;

	if (msg_get_filter(in, f, FILTER_LEN_MAX, &n) == -1)
		return (-1);
	msg_put_filter(out, f, n);
	return (0);
}

/* The messages that are one number, by type. */
static int
again_number(struct msg *in, struct msg *out)
{
	uint32_t	 v, min = 1, max = 1;

	switch (in->m_type) {
	case MSG_MONITOR_WALL:
		max = 2;
		break;
	case MSG_MONITOR_SIGNAL:
		max = 64;
		break;
	case MSG_POLICY_CLEANED:
		min = 0;
		max = UINT32_MAX;
		break;
	case MSG_MONITOR_PING:
	case MSG_ROLE_PONG:
		max = UINT32_MAX;
		break;
	case MSG_RECEIVER_NEEDLANE:
		min = 0;
		max = LANES_MAX;
		break;
	case MSG_INTEGRITY_VERDICT:
		min = IMAGE_DENY;
		max = IMAGE_EXIT;
		break;
	case MSG_INTEGRITY_CHECKED:
	case MSG_RECEIVER_CHECKED:
		min = CHECK_ALLOW;
		max = CHECK_REFUSED + EFFECT_COUNT - 1;
		break;
	case MSG_LEARN_WRITTEN:
		min = 0;
		break;
	default:
		break;
	}
	if (msg_get_number(in, &v, min, max) == -1)
		return (-1);
	msg_put_u32(out, v);
	return (0);
}

static int
again_learn(struct msg *in, struct msg *out)
{
	struct learn_conf	 c;

	if (msg_get_learn(in, &c) == -1)
		return (-1);
	msg_put_learn(out, &c);
	return (0);
}

static int
again_access(struct msg *in, struct msg *out)
{
	struct access	 a;

	if (msg_get_access(in, &a) == -1)
		return (-1);
	msg_put_access(out, &a);
	return (0);
}

static int
again_guard(struct msg *in, struct msg *out)
{
	struct guardset	 gu = { NULL, 0, 0 };
	size_t		 next = 0;

	int		 rv;

	if ((rv = msg_get_guards(in, &gu)) == 0)
		msg_put_guards(out, &gu, &next);
	guard_free(&gu);
	return (rv);
}

static int
again_file_id(struct msg *in, struct msg *out)
{
	struct file_id	 fi;

	if (msg_get_file_id(in, &fi) == -1)
		return (-1);
	msg_put_file_id(out, &fi);
	return (0);
}

static int
again_crashes(struct msg *in, struct msg *out)
{
	struct crashes	 cr;

	if (msg_get_crashes(in, &cr) == -1)
		return (-1);
	msg_put_crashes(out, &cr);
	return (0);
}

static int
again_digest(struct msg *in, struct msg *out)
{
	struct digest_of	 d;

	if (msg_get_digest(in, &d) == -1)
		return (-1);
	msg_put_digest(out, &d);
	return (0);
}

static int
again_lane(struct msg *in, struct msg *out)
{
	uint32_t	 lane, pid;

	if (msg_get_lane(in, &lane, &pid) == -1)
		return (-1);
	msg_put_lane(out, lane, pid);
	return (0);
}

static int
again_laneup(struct msg *in, struct msg *out)
{
	uint32_t	 lane, pid;

	if (msg_get_laneup(in, &lane, &pid) == -1)
		return (-1);
	msg_put_laneup(out, lane, pid);
	return (0);
}

static int
again_lanedown(struct msg *in, struct msg *out)
{
	uint32_t	 lane;
	int32_t		 status;

	if (msg_get_lanedown(in, &lane, &status) == -1)
		return (-1);
	msg_put_lanedown(out, lane, status);
	return (0);
}

static int
again_child(struct msg *in, struct msg *out)
{
	uint32_t	 what;
	int32_t		 status;

	if (msg_get_child(in, &what, &status) == -1)
		return (-1);
	msg_put_child(out, what, status);
	return (0);
}

static int
again_fault(struct msg *in, struct msg *out)
{
	const uint8_t	*why;
	size_t		 len;
	uint32_t	 lane;

	if (msg_get_fault(in, &lane, &why, &len) == -1)
		return (-1);
	msg_put_u32(out, lane);
	msg_put_bytes(out, why, len);
	return (0);
}

static int
again_call(struct msg *in, struct msg *out)
{
	struct call	 c;

	if (msg_get_call(in, &c) == -1)
		return (-1);
	msg_put_call(out, &c);
	return (0);
}

static int
again_verdict(struct msg *in, struct msg *out)
{
	struct verdict	 v;

	if (msg_get_verdict(in, &v) == -1)
		return (-1);
	msg_put_verdict(out, &v);
	return (0);
}

static int
again_need(struct msg *in, struct msg *out)
{
	struct need	 n;

	static struct piece	 p[PIECES_MAX];
	size_t			 i;

	if (msg_get_need(in, &n) == -1)
		return (-1);
	for (i = 0; i < n.n_count; i++)
		need_piece(&n, i, &p[i]);
	n.n_pieces = p;
	msg_put_need(out, &n);
	return (0);
}

static int
again_give(struct msg *in, struct msg *out)
{
	struct give	 g;

	if (msg_get_give(in, &g) == -1)
		return (-1);
	msg_put_give(out, &g);
	return (0);
}

static int
again_image(struct msg *in, struct msg *out)
{
	struct image	 i;

	if (msg_get_image(in, &i) == -1)
		return (-1);
	msg_put_image(out, &i);
	return (0);
}

static int
again_log(struct msg *in, struct msg *out)
{
	const uint8_t	*line;
	size_t		 len;
	uint8_t		 level;

	if (msg_get_log(in, &level, &line, &len) == -1)
		return (-1);
	msg_put_u8(out, level);
	msg_put_bytes(out, line, len);
	return (0);
}

static int
again_denial(struct msg *in, struct msg *out)
{
	struct denial	 d;

	if (msg_get_denial(in, &d) == -1)
		return (-1);
	msg_put_denial(out, &d);
	return (0);
}

static const struct {
	uint16_t	 type;
	int		(*again)(struct msg *, struct msg *);
} codecs[] = {
	{ MSG_MONITOR_CONF, again_conf },
	{ MSG_MONITOR_RULE, again_rule },
	{ MSG_MONITOR_EXEC, again_exec },
	{ MSG_MONITOR_VERIFY, again_verify },
	{ MSG_MONITOR_NET, again_net },
	{ MSG_MONITOR_NAMES, again_names },
	{ MSG_LANE_ASKER, again_asker },
	{ MSG_RESOLVER_HEARD, again_number },
	{ MSG_LANE_LED, again_led },
	{ MSG_RESOLVER_HOSTS, again_hosts },
	{ MSG_MONITOR_TPE, again_tpe },
	{ MSG_MONITOR_WALL, again_number },
	{ MSG_MONITOR_FILTER, again_filter },
	{ MSG_MONITOR_START, again_number },
	{ MSG_ROLE_READY, again_number },
	{ MSG_MONITOR_LANE, again_lane },
	{ MSG_POLICY_LANEUP, again_laneup },
	{ MSG_POLICY_LANEDOWN, again_lanedown },
	{ MSG_MONITOR_GO, again_number },
	{ MSG_MONITOR_SIGNAL, again_number },
	{ MSG_MONITOR_CLEAN, again_number },
	{ MSG_POLICY_CLEANED, again_number },
	{ MSG_RECEIVER_NEEDLANE, again_number },
	{ MSG_RECEIVER_CHILD, again_child },
	{ MSG_RECEIVER_FAULT, again_fault },
	{ MSG_RECEIVER_EXIT, again_number },
	{ MSG_RECEIVER_BROKEN, again_fault },
	{ MSG_MONITOR_PING, again_number },
	{ MSG_ROLE_PONG, again_number },
	{ MSG_RECEIVER_CALL, again_call },
	{ MSG_LANE_VERDICT, again_verdict },
	{ MSG_LANE_NEED, again_need },
	{ MSG_RECEIVER_GIVE, again_give },
	{ MSG_RECEIVER_IMAGE, again_image },
	{ MSG_RECEIVER_LIBRARY, again_library },
	{ MSG_LANE_CHECK, again_number },
	{ MSG_RECEIVER_CHECKED, again_number },
	{ MSG_RECEIVER_CHECK, again_library },
	{ MSG_RECEIVER_CODE, again_code },
	{ MSG_INTEGRITY_CHECKED, again_number },
	{ MSG_INTEGRITY_VERDICT, again_number },
	{ MSG_INTEGRITY_NEED, again_name },
	{ MSG_RECEIVER_FILE, again_file },
	{ MSG_MONITOR_WATCH, again_number },
	{ MSG_MONITOR_LEARN, again_learn },
	{ MSG_MONITOR_WRITE, again_number },
	{ MSG_LEARN_WRITTEN, again_number },
	{ MSG_ROLE_ACCESS, again_access },
	{ MSG_INTEGRITY_DIGEST, again_digest },
	{ MSG_MONITOR_GUARD, again_guard },
	{ MSG_LANE_FILE, again_file_id },
	{ MSG_RECEIVER_CRASHES, again_crashes },
	{ MSG_ROLE_LOG, again_log },
	{ MSG_ROLE_DENIAL, again_denial },
};
#define NCODECS	(sizeof(codecs) / sizeof(codecs[0]))

/* -2: no such type.  Descriptors nobody took stay in in. */
static int
codec_again(struct msg *in, struct msg *out)
{
	size_t	 i;
	int	 fd;

	msg_start(out, (enum msg_type)in->m_type, in->m_seq);
	for (i = 0; i < NCODECS; i++) {
		if (codecs[i].type != in->m_type)
			continue;
		if (codecs[i].again(in, out) == -1)
			return (-1);
		/* the handlers of these take the descriptors themselves */
		while ((in->m_type == MSG_MONITOR_LANE ||
		    in->m_type == MSG_MONITOR_WATCH ||
		    in->m_type == MSG_MONITOR_LEARN ||
		    in->m_type == MSG_MONITOR_WALL) &&
		    (fd = msg_get_fd(in)) != -1)
			msg_put_fd(out, fd);
		msg_put_header(out, out->m_buf);
		return (0);
	}
	return (-2);
}

#endif /* CODEC_H */
