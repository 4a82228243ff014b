/*
 * The wire format, message by message.  -w DIR writes the samples as seeds
 * for the fuzzer (regress/fuzz/corpus/wire).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <endian.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../../proto/chan.h"
#include "codec.h"

#define H	MSG_HDR_SIZE

static struct msg	 min, mout;

/* ---- helpers ---- */

static int
count_fds(void)
{
	DIR	*d;
	int	 n = 0;

	assert_non_null(d = opendir("/proc/self/fd"));
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return (n);
}

static void
put_le32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

/* Make m as received: header in place, n bytes, own descriptors. */
static int
received(struct msg *m, size_t n, int nfds)
{
	int	 i;

	put_le32(m->m_buf + 4, (uint32_t)n);
	m->m_nfds = 0;
	for (i = 0; i < nfds; i++)
		assert_int_not_equal(m->m_fds[m->m_nfds++] = dup(0), -1);
	return (msg_get_header(m, n));
}

/* The sample's bytes in m, not yet "received". */
static void
build(struct msg *m, const struct sample *s)
{
	const int	 zero[MSG_FDS_MAX] = { 0, 0, 0, 0 };

	msg_start(m, (enum msg_type)s->s_type, 0xfeedbeef);
	s->s_put(m, zero);
	assert_false(m->m_bad);
	assert_int_equal(m->m_nfds, s->s_nfds);
	msg_put_header(m, m->m_buf);
	m->m_nfds = 0;
}

static const struct sample *
sample_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < NSAMPLES; i++) {
		if (strcmp(samples[i].s_name, name) == 0)
			return (&samples[i]);
	}
	fail_msg("no sample %s", name);
	return (NULL);
}

/* Decode what is in min; descriptors are accounted for.  1: accepted. */
static int
accepted(size_t n, int nfds)
{
	int	 before = count_fds(), rv;

	if (received(&min, n, nfds) == -1)
		rv = 0;
	else
		rv = codec_again(&min, &mout) == 0;
	if (rv) {
		assert_false(mout.m_bad);
		assert_int_equal(mout.m_len, n);
		assert_memory_equal(mout.m_buf, min.m_buf, n);
		msg_close_fds(&mout);
	}
	msg_close_fds(&min);
	assert_int_equal(count_fds(), before);
	return (rv);
}

/* ---- tests ---- */

static void
every_message_has_a_sample_a_codec_and_a_name(void **state)
{
	size_t	 i, j;

	(void)state;
	for (i = 0; i < rulebook_count; i++) {
		for (j = 0; j < NSAMPLES; j++) {
			if (samples[j].s_type == rulebook[i].r_type)
				break;
		}
		assert_true(j < NSAMPLES);
		for (j = 0; j < NCODECS; j++) {
			if (codecs[j].type == rulebook[i].r_type)
				break;
		}
		assert_true(j < NCODECS);
		assert_string_not_equal(msg_name(rulebook[i].r_type),
		    "MSG_UNKNOWN");
	}
	assert_string_equal(msg_name(0), "MSG_UNKNOWN");
	assert_string_equal(msg_name(UINT16_MAX), "MSG_UNKNOWN");
	assert_string_equal(msg_name(MSG_RECEIVER_CALL), "MSG_RECEIVER_CALL");
	assert_string_equal(role_name(ROLE_LANE), "lane");
	assert_string_equal(role_name(ROLE_COUNT), "unknown");
}

static void
every_message_makes_the_round_trip(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < NSAMPLES; i++) {
		build(&min, &samples[i]);
		assert_int_equal(received(&min, min.m_len, 0), 0);
		assert_int_equal(min.m_type, samples[i].s_type);
		assert_int_equal(min.m_seq, 0xfeedbeef);
		build(&min, &samples[i]);
		if (!accepted(min.m_len, samples[i].s_nfds))
			fail_msg("%s refused", samples[i].s_name);
	}
}

static void
a_call_arrives_field_by_field(void **state)
{
	const struct sample	*s = sample_find("call");
	struct call		 c;

	(void)state;
	build(&min, s);
	assert_int_equal(received(&min, min.m_len, 2), 0);
	assert_int_equal(msg_get_call(&min, &c), 0);
	assert_int_equal(msg_end(&min), 0);
	assert_int_equal(c.c_nr, 257);
	assert_int_equal(c.c_tid, 1234);
	assert_true(c.c_args[1] == 0x7fff00001000 && c.c_args[3] == 0600 &&
	    c.c_args[5] == UINT64_MAX);
	assert_int_equal(c.c_ncaps, 2);
	assert_int_equal(c.c_caps[0].p_arg, 1);
	assert_int_equal(c.c_caps[0].p_kind, ARG_PATH);
	assert_int_equal(c.c_caps[0].p_len, 10);
	assert_memory_equal(c.c_caps[0].p_bytes, "etc/passwd", 10);
	assert_int_equal(c.c_caps[1].p_arg, CAP_ARG_STATUS);
	assert_int_equal(c.c_nfds, 2);
	assert_int_equal(c.c_fds[1].f_slot, CALL_FD_CWD);
	assert_int_not_equal(c.c_fds[0].f_fd, c.c_fds[1].f_fd);
	assert_int_equal(min.m_fds[0], -1);
	assert_int_equal(min.m_fds[1], -1);
	assert_int_equal(close(c.c_fds[0].f_fd), 0);
	assert_int_equal(close(c.c_fds[1].f_fd), 0);

	/* the missing one has no descriptor, the others keep their order */
	build(&min, sample_find("callall"));
	assert_int_equal(received(&min, min.m_len, 3), 0);
	memcpy(mout.m_fds, min.m_fds, sizeof(mout.m_fds));
	assert_int_equal(msg_get_call(&min, &c), 0);
	assert_int_equal(c.c_fds[0].f_fd, mout.m_fds[0]);
	assert_int_equal(c.c_fds[1].f_fd, -1);
	assert_int_equal(c.c_fds[1].f_errno, 9);
	assert_int_equal(c.c_fds[2].f_fd, mout.m_fds[1]);
	assert_int_equal(c.c_fds[3].f_fd, mout.m_fds[2]);
	assert_int_equal(c.c_caps[0].p_errno, 14);
	assert_int_equal(c.c_caps[4].p_null, 1);
	close(c.c_fds[0].f_fd);
	close(c.c_fds[2].f_fd);
	close(c.c_fds[3].f_fd);
}

static void
a_verdict_arrives_field_by_field(void **state)
{
	struct verdict	 v;

	(void)state;
	build(&min, sample_find("value"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_verdict(&min, &v), 0);
	assert_int_equal(v.v_kind, VERDICT_VALUE);
	assert_int_equal(v.v_value, 4);
	assert_int_equal(v.v_outarg, 1);
	assert_int_equal(v.v_outlen, 4);
	assert_memory_equal(v.v_out, "/bin", 4);
	assert_int_equal(v.v_fd, -1);

	build(&min, sample_find("stop"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_verdict(&min, &v), 0);
	assert_int_equal(v.v_kind, VERDICT_STOP);
	assert_int_equal(v.v_value, 2);

	build(&min, sample_find("inject"));
	assert_int_equal(received(&min, min.m_len, 1), 0);
	assert_int_equal(msg_get_verdict(&min, &v), 0);
	assert_int_equal(v.v_fdflags, O_CLOEXEC);
	assert_null(v.v_out);
	assert_int_equal(close(v.v_fd), 0);

	build(&min, sample_find("proc"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_verdict(&min, &v), 0);
	assert_int_equal(v.v_pid, 99);
	assert_int_equal(v.v_entry, PROC_ENVIRON);
}

static void
a_rule_a_conf_and_a_filter_arrive_field_by_field(void **state)
{
	struct sock_filter	 f[3];
	struct ruleset		 rs;
	struct rule		 r;
	struct conf		 c;
	size_t			 n;

	(void)state;
	memset(&rs, 0, sizeof(rs));
	build(&min, sample_find("rules"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_rules(&min, &rs), 0);
	assert_int_equal(rs.rs_count, 2);
	assert_int_equal(rs.rs_nquick, 1);
	assert_int_equal(rs.rs_rules[1].r_index, RULES_MAX - 1);
	assert_int_equal(rs.rs_rules[1].r_rights, R_EXEC);
	assert_string_equal(rs.rs_rules[1].r_path, "/");
	assert_int_equal(rs.rs_rules[1].r_effect, EFFECT_ABORT);
	assert_int_equal(rs.rs_rules[1].r_flags, RF_QUIET);
	r = rs.rs_rules[0];
	assert_int_equal(r.r_index, 7);
	assert_int_equal(r.r_rights, R_READ | R_STAT);
	assert_int_equal(r.r_action, RULE_DENY);
	assert_int_equal(r.r_match, MATCH_UNDER);
	assert_int_equal(r.r_flags, RF_QUICK | RF_LOG);
	assert_int_equal(r.r_errno, 13);
	assert_int_equal(r.r_effect, EFFECT_NONE);
	assert_int_equal(r.r_line, 31);
	assert_string_equal(r.r_file, "default");
	assert_string_equal(r.r_path, "/home/u/.ssh");
	assert_int_equal(r.r_len, 12);
	ruleset_free(&rs);

	build(&min, sample_find("conf"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_conf(&min, &c), 0);
	assert_true(c.c_pgid == 4242 && c.c_flags == CONF_JSON &&
	    c.c_uid == 1000 && c.c_gid == 100 && c.c_caps == 1ULL << 63);
	assert_memory_equal(c.c_rundir, "/tmp/run", c.c_rundirlen);

	build(&min, sample_find("filter"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_filter(&min, f, 3, &n), 0);
	assert_int_equal(n, 3);
	assert_true(f[1].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
	    f[1].jt == 255 && f[1].jf == 1 && f[1].k == 0xc000003e);
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_filter(&min, f, 2, &n), -1);
}

static void
every_truncation_of_every_message_is_refused(void **state)
{
	size_t	 i, n, len;

	(void)state;
	for (i = 0; i < NSAMPLES; i++) {
		build(&min, &samples[i]);
		len = min.m_len;
		for (n = 0; n < len; n++) {
			/* the header still says len */
			put_le32(min.m_buf + 4, (uint32_t)len);
			assert_int_equal(msg_get_header(&min, n), -1);
			/* the header says n */
			if (accepted(n, samples[i].s_nfds))
				fail_msg("%s cut to %zu accepted",
				    samples[i].s_name, n);
			build(&min, &samples[i]);
		}
	}
}

static void
trailing_bytes_are_refused(void **state)
{
	size_t	 i, n, len;

	(void)state;
	for (i = 0; i < NSAMPLES; i++) {
		build(&min, &samples[i]);
		len = min.m_len;
		for (n = 1; n <= 16; n++) {
			memset(min.m_buf + len, 0, n);
			if (accepted(len + n, samples[i].s_nfds))
				fail_msg("%s with %zu more accepted",
				    samples[i].s_name, n);
			build(&min, &samples[i]);
		}
		memset(min.m_buf + len, 0xff, MSG_SIZE_MAX - len);
		assert_false(accepted(MSG_SIZE_MAX, samples[i].s_nfds));
	}
}

static void
any_changed_byte_is_refused_or_survives_the_round_trip(void **state)
{
	static const uint8_t	 change[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	size_t			 i, j, n, len;

	(void)state;
	for (i = 0; i < NSAMPLES; i++) {
		build(&min, &samples[i]);
		len = min.m_len;
		for (n = H; n < len; n++) {
			for (j = 0; j < sizeof(change); j++) {
				build(&min, &samples[i]);
				min.m_buf[n] = change[j];
				(void)accepted(len, samples[i].s_nfds);
			}
		}
	}
}

static void
a_wrong_header_is_refused(void **state)
{
	static const struct {
		size_t		 off;
		uint32_t	 value;
	} bad[] = {
		{ 2, 0 }, { 2, PROTO_VERSION + 1 }, { 2, 0xffff },
		{ 4, 0 }, { 4, 1 }, { 4, H }, { 4, H + 3 }, { 4, H + 5 },
		{ 4, INT32_MAX }, { 4, UINT32_MAX },
		{ 12, 1 }, { 12, 0x80000000 }, { 12, UINT32_MAX }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		build(&min, sample_find("go"));
		assert_int_equal(msg_get_header(&min, H + 4), 0);
		if (bad[i].off == 2) {
			min.m_buf[2] = (uint8_t)bad[i].value;
			min.m_buf[3] = (uint8_t)(bad[i].value >> 8);
		} else
			put_le32(min.m_buf + bad[i].off, bad[i].value);
		assert_int_equal(msg_get_header(&min, H + 4), -1);
		assert_int_equal(msg_end(&min), -1);
	}
	/* empty, too short for its type, longer than any */
	build(&min, sample_find("go"));
	put_le32(min.m_buf + 4, H);
	assert_int_equal(msg_get_header(&min, H), -1);
	assert_int_equal(min.m_type, MSG_MONITOR_GO);
	assert_int_equal(msg_get_header(&min, 0), -1);
	assert_int_equal(min.m_type, 0);
	put_le32(min.m_buf + 4, MSG_SIZE_MAX + 1);
	assert_int_equal(msg_get_header(&min, MSG_SIZE_MAX + 1), -1);
}

/* One field of a sample set to one value.  Offsets are of the body. */
static const struct {
	const char	*sample;
	const char	*field;
	size_t		 off;
	size_t		 width;
	uint64_t	 value;
	int		 ok;
} extremes[] = {
	{ "conf", "pgid", 0, 4, 0, 1 },
	{ "conf", "pgid", 0, 4, INT32_MAX, 1 },
	{ "conf", "pgid", 0, 4, 0x80000000, 0 },
	{ "conf", "pgid", 0, 4, UINT32_MAX, 0 },
	{ "conf", "flags", 4, 4, 0, 1 },
	{ "conf", "flags", 4, 4, CONF_FLAGS, 1 },
	{ "conf", "flags", 4, 4, CONF_FLAGS + 1, 0 },
	{ "conf", "flags", 4, 4, 0x80000000, 0 },
	{ "conf", "uid", 8, 4, UINT32_MAX, 1 },
	{ "conf", "gid", 12, 4, UINT32_MAX, 1 },
	{ "conf", "caps", 16, 8, UINT64_MAX, 1 },
	{ "conf", "rundir length", 24, 4, 7, 0 },
	{ "conf", "rundir length", 24, 4, 9, 0 },
	{ "conf", "rundir length", 24, 4, UINT32_MAX, 0 },
	{ "conf", "rundir relative", 28, 1, 't', 0 },
	{ "conf", "rundir NUL", 30, 1, 0, 0 },
	{ "rule", "count", 0, 4, 0, 0 },
	{ "rule", "count", 0, 4, 2, 0 },
	{ "rule", "count", 0, 4, UINT32_MAX, 0 },
	{ "rules", "count", 0, 4, 1, 0 },
	{ "rules", "count", 0, 4, 3, 0 },
	{ "rule", "number", 4, 4, 0, 1 },
	{ "rule", "number", 4, 4, RULES_MAX - 1, 1 },
	{ "rule", "number", 4, 4, RULES_MAX, 0 },
	{ "rule", "number", 4, 4, UINT32_MAX, 0 },
	{ "rules", "second number", 48, 4, 8, 1 },
	{ "rules", "second number", 48, 4, 7, 0 },
	{ "rules", "second number", 48, 4, 6, 0 },
	{ "rule", "rights", 8, 4, 0, 0 },
	{ "rule", "rights", 8, 4, R_ALL, 1 },
	{ "rule", "rights", 8, 4, R_ALL + 1, 0 },
	{ "rule", "rights", 8, 4, UINT32_MAX, 0 },
	{ "rule", "action", 12, 1, 0, 0 },
	{ "rule", "action", 12, 1, RULE_ALLOW, 1 },
	{ "rule", "action", 12, 1, 3, 0 },
	{ "rule", "action", 12, 1, 255, 0 },
	{ "rule", "match", 13, 1, 0, 0 },
	{ "rule", "match", 13, 1, MATCH_EXACT, 1 },
	{ "rule", "match", 13, 1, MATCH_GLOB, 1 },
	{ "rule", "match", 13, 1, 4, 0 },
	{ "rule", "match", 13, 1, 255, 0 },
	{ "rule", "flags", 14, 1, 0, 1 },
	{ "rule", "flags", 14, 1, RF_FLAGS + 1, 0 },
	{ "rule", "flags", 14, 1, 255, 0 },
	{ "rule", "errno", 15, 1, 255, 1 },
	{ "rule", "flags quiet and log", 14, 1, RF_QUIET | RF_LOG, 0 },
	{ "rule", "flags quiet", 14, 1, RF_QUIET | RF_QUICK, 1 },
	{ "rule", "effect warn, denial", 16, 1, EFFECT_WARN, 0 },
	{ "rule", "effect", 16, 1, EFFECT_KILL, 1 },
	{ "rule", "effect", 16, 1, EFFECT_STOP, 1 },
	{ "rule", "effect", 16, 1, EFFECT_ABORT, 1 },
	{ "rule", "effect", 16, 1, EFFECT_EXIT, 1 },
	{ "rule", "effect", 16, 1, EFFECT_COUNT, 0 },
	{ "rule", "effect", 16, 1, 255, 0 },
	{ "rules", "second effect kill", 60, 1, EFFECT_KILL, 1 },
	{ "rules", "second effect exit, quiet", 60, 1, EFFECT_EXIT, 0 },
	{ "rules", "second effect warn, denial", 60, 1, EFFECT_WARN, 0 },
	{ "rules", "second action allow, quiet", 56, 1, RULE_ALLOW, 0 },
	{ "rule", "line", 17, 4, UINT32_MAX, 1 },
	{ "rule", "file length", 21, 4, 6, 0 },
	{ "rule", "file length", 21, 4, UINT32_MAX, 0 },
	{ "rule", "file NUL", 27, 1, 0, 0 },
	{ "rule", "path length", 32, 4, 0, 0 },
	{ "rule", "path length", 32, 4, 11, 0 },
	{ "rule", "path length", 32, 4, 13, 0 },
	{ "rule", "path length", 32, 4, UINT32_MAX, 0 },
	{ "rule", "path relative", 36, 1, 'h', 0 },
	{ "rule", "path NUL", 39, 1, 0, 0 },
	{ "rule", "path NUL at the end", 47, 1, 0, 0 },
	{ "wall", "rulesets", 0, 4, 1, 1 },
	{ "wall", "rulesets", 0, 4, 0, 0 },
	{ "wall", "rulesets", 0, 4, 3, 0 },
	{ "filter", "length", 0, 4, 0, 0 },
	{ "filter", "length", 0, 4, 16, 0 },
	{ "filter", "length", 0, 4, 23, 0 },
	{ "filter", "length", 0, 4, UINT32_MAX, 0 },
	{ "start", "version", 0, 4, 0, 0 },
	{ "start", "version", 0, 4, PROTO_VERSION + 1, 0 },
	{ "start", "version", 0, 4, UINT32_MAX, 0 },
	{ "ready", "version", 0, 4, 0, 0 },
	{ "ready", "version", 0, 4, UINT32_MAX, 0 },
	{ "lane", "lane", 0, 4, UINT32_MAX, 1 },
	{ "lane", "pid", 4, 4, 0, 1 },
	{ "lane", "pid", 4, 4, INT32_MAX, 1 },
	{ "lane", "pid", 4, 4, 0x80000000, 0 },
	{ "laneup", "pid", 4, 4, 0, 0 },
	{ "laneup", "pid", 4, 4, INT32_MAX, 1 },
	{ "laneup", "pid", 4, 4, UINT32_MAX, 0 },
	{ "lanedown", "status", 4, 4, UINT32_MAX, 1 },
	{ "go", "one", 0, 4, 0, 0 },
	{ "go", "one", 0, 4, UINT32_MAX, 0 },
	{ "signal", "signo", 0, 4, 0, 0 },
	{ "signal", "signo", 0, 4, 64, 1 },
	{ "signal", "signo", 0, 4, 65, 0 },
	{ "signal", "signo", 0, 4, UINT32_MAX, 0 },
	{ "clean", "one", 0, 4, 2, 0 },
	{ "cleaned", "left", 0, 4, 0, 1 },
	{ "cleaned", "left", 0, 4, UINT32_MAX, 1 },
	{ "needlane", "lanes", 0, 4, LANES_MAX, 1 },
	{ "needlane", "lanes", 0, 4, LANES_MAX + 1, 0 },
	{ "child", "what", 0, 4, 0, 0 },
	{ "child", "what", 0, 4, CHILD_STOPPED, 1 },
	{ "child", "what", 0, 4, 4, 0 },
	{ "child", "what", 0, 4, UINT32_MAX, 0 },
	{ "child", "status", 4, 4, UINT32_MAX, 1 },
	{ "fault", "length", 4, 4, 8, 0 },
	{ "fault", "length", 4, 4, UINT32_MAX, 0 },
	{ "fault", "NUL", 9, 1, 0, 0 },
	{ "exit", "one", 0, 4, 0, 0 },
	{ "exit", "one", 0, 4, 2, 0 },
	{ "exit", "one", 0, 4, UINT32_MAX, 0 },
	{ "call", "nr", 0, 4, UINT32_MAX, 1 },
	{ "call", "tid", 4, 4, 0, 0 },
	{ "call", "tid", 4, 4, INT32_MAX, 1 },
	{ "call", "tid", 4, 4, 0x80000000, 0 },
	{ "call", "args[0]", 8, 8, UINT64_MAX, 1 },
	{ "call", "ncaps", 56, 1, 0, 0 },
	{ "call", "ncaps", 56, 1, CALL_CAPS_MAX + 1, 0 },
	{ "call", "ncaps", 56, 1, 255, 0 },
	{ "call", "cap arg", 57, 1, 0, 1 },
	{ "call", "cap arg", 57, 1, CALL_ARGS, 0 },
	{ "call", "cap arg", 57, 1, CAP_ARG_STATUS, 0 },
	{ "call", "cap kind none", 58, 1, ARG_NONE, 0 },
	{ "call", "cap kind value", 58, 1, ARG_VAL, 0 },
	{ "call", "cap kind pointer", 58, 1, ARG_PTR, 0 },
	{ "call", "cap kind fd", 58, 1, ARG_FD, 0 },
	{ "call", "cap kind dirfd", 58, 1, ARG_DIRFD, 0 },
	{ "call", "cap kind out", 58, 1, ARG_OUT, 0 },
	{ "call", "cap kind str", 58, 1, ARG_STR, 1 },
	{ "call", "cap kind times", 58, 1, ARG_TIMES, 0 },
	{ "call", "cap kind", 58, 1, ARG_KINDS, 0 },
	{ "call", "cap kind", 58, 1, 255, 0 },
	{ "call", "cap errno with bytes", 59, 4, 14, 0 },
	{ "call", "cap errno", 59, 4, UINT32_MAX, 0 },
	{ "call", "cap null with bytes", 63, 1, 1, 0 },
	{ "call", "cap length", 64, 4, 9, 0 },
	{ "call", "cap length", 64, 4, 11, 0 },
	{ "call", "cap length", 64, 4, UINT32_MAX, 0 },
	{ "call", "cap NUL in a path", 70, 1, 0, 0 },
	{ "call", "status of an argument", 78, 1, 0, 0 },
	{ "call", "status of an argument", 78, 1, 1, 0 },
	{ "call", "status kind", 79, 1, ARG_PATH, 0 },
	{ "call", "nfds", 101, 1, 0, 0 },
	{ "call", "nfds", 101, 1, 1, 0 },
	{ "call", "nfds", 101, 1, 3, 0 },
	{ "call", "nfds", 101, 1, MSG_FDS_MAX + 1, 0 },
	{ "call", "nfds", 101, 1, 255, 0 },
	{ "call", "slot", 102, 1, CALL_ARGS - 1, 1 },
	{ "call", "slot", 102, 1, CALL_ARGS, 0 },
	{ "call", "slot", 102, 1, CALL_FD_CWD - 1, 0 },
	{ "call", "slot twice", 102, 1, CALL_FD_CWD, 0 },
	{ "call", "slot", 102, 1, 255, 0 },
	{ "call", "slot errno, descriptor there", 103, 4, 9, 0 },
	{ "call", "slot errno", 103, 4, UINT32_MAX, 0 },
	{ "callall", "cap errno", 59, 4, 1, 1 },
	{ "callall", "cap errno", 59, 4, 4095, 1 },
	{ "callall", "cap errno", 59, 4, 4096, 0 },
	{ "callall", "cap errno", 59, 4, 0x80000000, 0 },
	{ "callall", "cap null", 63, 1, 1, 1 },
	{ "callall", "cap null", 63, 1, 2, 0 },
	{ "callall", "cap null", 63, 1, 255, 0 },
	{ "callall", "cap arg twice", 68, 1, 0, 0 },
	{ "errno", "kind", 0, 1, 0, 0 },
	{ "errno", "kind", 0, 1, VERDICT_VALUE, 1 },
	{ "errno", "kind inject, no fd", 0, 1, VERDICT_INJECT, 0 },
	{ "errno", "kind continue, value", 0, 1, VERDICT_CONTINUE, 0 },
	{ "errno", "kind stop", 0, 1, VERDICT_STOP, 1 },
	{ "errno", "kind abort", 0, 1, VERDICT_ABORT, 1 },
	{ "errno", "kind kill, value", 0, 1, VERDICT_KILL, 0 },
	{ "errno", "kind exit, value", 0, 1, VERDICT_EXIT, 0 },
	{ "errno", "kind", 0, 1, VERDICT_LIBRARY + 1, 0 },
	{ "errno", "kind", 0, 1, 255, 0 },
	{ "errno", "value", 1, 4, 0, 0 },
	{ "errno", "value", 1, 4, 1, 1 },
	{ "errno", "value", 1, 4, 4095, 1 },
	{ "errno", "value", 1, 4, 4096, 0 },
	{ "errno", "value", 1, 4, INT32_MAX, 0 },
	{ "errno", "value", 1, 4, UINT32_MAX, 0 },
	{ "errno", "fdflags", 5, 4, O_CLOEXEC, 0 },
	{ "errno", "pid", 9, 4, 1, 0 },
	{ "errno", "entry", 13, 1, PROC_MAPS, 0 },
	{ "errno", "outarg", 14, 1, 0, 0 },
	{ "errno", "out length", 15, 4, 1, 0 },
	{ "continue", "kind exec", 0, 1, VERDICT_EXEC, 1 },
	{ "continue", "kind restart", 0, 1, VERDICT_RESTART, 1 },
	{ "continue", "kind kill", 0, 1, VERDICT_KILL, 1 },
	{ "continue", "kind exit", 0, 1, VERDICT_EXIT, 1 },
	{ "continue", "kind library", 0, 1, VERDICT_LIBRARY, 1 },
	{ "continue", "kind stop, no errno", 0, 1, VERDICT_STOP, 0 },
	{ "continue", "kind abort, no errno", 0, 1, VERDICT_ABORT, 0 },
	{ "continue", "kind proc, no entry", 0, 1, VERDICT_PROC, 0 },
	{ "continue", "value", 1, 4, 1, 0 },
	{ "continue", "fdflags", 5, 4, O_CLOEXEC, 0 },
	{ "value", "value", 1, 4, 0, 1 },
	{ "value", "value", 1, 4, INT32_MAX, 1 },
	{ "value", "value", 1, 4, UINT32_MAX, 0 },
	{ "value", "value", 1, 4, 0x80000000, 0 },
	{ "value", "outarg", 14, 1, CALL_ARGS - 1, 1 },
	{ "value", "outarg", 14, 1, CALL_ARGS, 0 },
	{ "value", "outarg none, bytes", 14, 1, 255, 0 },
	{ "stop", "value", 1, 4, 0, 0 },
	{ "stop", "value", 1, 4, 4095, 1 },
	{ "stop", "value", 1, 4, 4096, 0 },
	{ "stop", "value", 1, 4, UINT32_MAX, 0 },
	{ "stop", "fdflags", 5, 4, O_CLOEXEC, 0 },
	{ "stop", "pid", 9, 4, 1, 0 },
	{ "stop", "outarg", 14, 1, 0, 0 },
	{ "inject", "kind kill, fd", 0, 1, VERDICT_KILL, 0 },
	{ "value", "kind stop, bytes", 0, 1, VERDICT_STOP, 0 },
	{ "value", "kind kill, bytes", 0, 1, VERDICT_KILL, 0 },
	{ "value", "kind errno, bytes", 0, 1, VERDICT_ERRNO, 1 },
	{ "value", "out length", 15, 4, 0, 0 },
	{ "value", "out length", 15, 4, UINT32_MAX, 0 },
	{ "inject", "fdflags", 5, 4, 0, 1 },
	{ "inject", "fdflags", 5, 4, 1, 0 },
	{ "inject", "fdflags", 5, 4, O_CLOEXEC | 1, 0 },
	{ "inject", "fdflags", 5, 4, UINT32_MAX, 0 },
	{ "inject", "kind value, fd", 0, 1, VERDICT_VALUE, 0 },
	{ "inject", "kind continue, fd", 0, 1, VERDICT_CONTINUE, 0 },
	{ "inject", "value", 1, 4, 3, 0 },
	{ "proc", "entry", 13, 1, 0, 0 },
	{ "proc", "entry", 13, 1, PROC_MAPS, 1 },
	{ "proc", "entry", 13, 1, PROC_ENTRY_COUNT - 1, 1 },
	{ "proc", "entry", 13, 1, PROC_ENTRY_COUNT, 0 },
	{ "proc", "entry", 13, 1, 255, 0 },
	{ "proc", "pid", 9, 4, 0, 1 },
	{ "proc", "pid", 9, 4, INT32_MAX, 1 },
	{ "proc", "pid", 9, 4, UINT32_MAX, 0 },
	{ "proc", "fdflags", 5, 4, 2, 0 },
	{ "need", "kind", 0, 1, 0, 0 },
	{ "need", "kind, argument", 0, 1, NEED_CWD, 0 },
	{ "need", "kind", 0, 1, NEED_EXE + 1, 0 },
	{ "need", "kind", 0, 1, 255, 0 },
	{ "need", "fd", 1, 4, 0, 1 },
	{ "need", "fd", 1, 4, INT32_MAX, 1 },
	{ "need", "fd", 1, 4, UINT32_MAX, 0 },
	{ "giveerrno", "errno", 0, 4, 0, 1 },
	{ "giveerrno", "errno", 0, 4, 4095, 1 },
	{ "giveerrno", "errno", 0, 4, 4096, 0 },
	{ "giveerrno", "errno", 0, 4, UINT32_MAX, 0 },
	{ "givebytes", "errno with bytes", 0, 4, 1, 0 },
	{ "givebytes", "length", 4, 4, UINT32_MAX, 0 },
	{ "givefd", "errno with fd", 0, 4, 1, 0 },
	{ "library", "pid", 0, 4, 0, 0 },
	{ "library", "pid", 0, 4, INT32_MAX, 1 },
	{ "library", "pid", 0, 4, 0x80000000, 0 },
	{ "library", "writers", 8, 1, WRITERS_YES, 1 },
	{ "library", "writers", 8, 1, WRITERS_UNKNOWN, 1 },
	{ "library", "writers", 8, 1, WRITERS_UNKNOWN + 1, 0 },
	{ "library", "comm length", 9, 4, 65, 0 },
	{ "library", "comm length", 9, 4, UINT32_MAX, 0 },
	{ "library", "executable length", 17, 4, 4096, 0 },
	{ "library", "executable NUL", 21, 1, 0, 0 },
	{ "library", "name length", 29, 4, 4096, 0 },
	{ "library", "name length", 29, 4, 8, 0 },
	{ "image", "pid", 0, 4, 0, 0 },
	{ "image", "pid", 0, 4, INT32_MAX, 1 },
	{ "image", "pid", 0, 4, 0x80000000, 0 },
	{ "image", "comm length", 8, 4, 65, 0 },
	{ "image", "comm length", 8, 4, UINT32_MAX, 0 },
	{ "image", "maps length", 16, 4, UINT32_MAX, 0 },
	{ "image", "args length", 42, 4, 0, 0 },
	{ "image", "args length", 42, 4, 2, 0 },
	{ "image", "mount", 47, 8, UINT64_MAX, 1 },
	{ "name", "kind", 0, 1, 0, 0 },
	{ "name", "kind", 0, 1, NAME_FILE, 1 },
	{ "name", "kind", 0, 1, 3, 0 },
	{ "name", "length", 5, 4, 0, 0 },
	{ "name", "length", 5, 4, PATH_MAX, 0 },
	{ "file", "errno with fd", 0, 4, 1, 0 },
	{ "file", "mount", 4, 8, 0, 1 },
	{ "nofile", "no errno and no fd", 0, 4, 0, 0 },
	{ "exec", "flags", 0, 1, EXECF_ALL, 1 },
	{ "exec", "flags", 0, 1, EXECF_FLAGS, 1 },
	{ "exec", "flags", 0, 1, EXECF_FLAGS + 1, 0 },
	{ "exec", "a digest for all, and not", 0, 1, EXECF_WX, 0 },
	{ "exec", "a class that is none", 1, 4, EXEC_ALL + 1, 0 },
	{ "exec", "refused and warned of", 5, 4, EXEC_NONPIE, 0 },
	{ "exec", "an effect of nothing", 9, 1, EFFECT_KILL, 0 },
	{ "exec", "effect", 13, 1, EFFECT_EXIT, 1 },
	{ "exec", "effect", 13, 1, EFFECT_WARN, 0 },
	{ "exec", "effect", 13, 1, EFFECT_COUNT, 0 },
	{ "verify", "algorithm", 4, 1, DIGEST_COUNT, 0 },
	{ "verify", "effect", 5, 1, EFFECT_EXIT, 1 },
	{ "verify", "effect", 5, 1, EFFECT_COUNT, 0 },
	{ "tpe", "kind", 0, 1, 0, 0 },
	{ "tpe", "a path of an id", 0, 1, TPE_OWNER, 0 },
	{ "tpe", "kind", 0, 1, TPE_TRUST, 1 },
	{ "tpe", "kind", 0, 1, TPE_KINDS, 0 },
	{ "owner", "kind", 0, 1, TPE_GROUP, 1 },
	{ "owner", "an id without its path", 0, 1, TPE_UNDER, 0 },
	{ "allow", "allow", 0, 4, 0, 1 },
	{ "allow", "exit", 0, 4, IMAGE_EXIT, 1 },
	{ "allow", "allow", 0, 4, 3, 0 },
	{ "allow", "allow", 0, 4, UINT32_MAX, 0 },
	{ "log", "level", 0, 1, LOG_L_DEBUG, 1 },
	{ "log", "level", 0, 1, LOG_L_FATAL, 1 },
	{ "log", "level", 0, 1, LOG_L_FATAL + 1, 0 },
	{ "log", "level", 0, 1, 255, 0 },
	{ "log", "length", 1, 4, UINT32_MAX, 0 },
	{ "denial", "rule", 0, 4, 0, 1 },
	{ "denial", "rule", 0, 4, RULES_MAX - 1, 1 },
	{ "denial", "rule", 0, 4, RULES_MAX, 0 },
	{ "denial", "rule", 0, 4, UINT32_MAX - 1, 0 },
	{ "denial", "length", 4, 4, 0, 0 },
	{ "denial", "length", 4, 4, UINT32_MAX, 0 },
	{ "denial", "NUL", 9, 1, 0, 0 },
};

static void
every_field_is_held_to_its_range(void **state)
{
	const struct sample	*s;
	uint64_t		 v;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
		s = sample_find(extremes[i].sample);
		build(&min, s);
		v = htole64(extremes[i].value);
		memcpy(min.m_buf + H + extremes[i].off, &v, extremes[i].width);
		if (accepted(min.m_len, s->s_nfds) != extremes[i].ok)
			fail_msg("%s: %s = %llu (row %zu): %s", s->s_name,
			    extremes[i].field,
			    (unsigned long long)extremes[i].value, i,
			    extremes[i].ok ? "refused" : "accepted");
	}
}

/* The longest piece of each kind, written down again. */
static void
a_captured_piece_has_the_length_of_its_kind(void **state)
{
	static const struct {
		uint8_t	 kind;
		size_t	 shortest, longest;
	} k[] = {
		{ ARG_PATH, 0, 4095 }, { ARG_STR, 0, 4095 },
		{ ARG_NAME, 0, 255 }, { ARG_BUF, 0, 65536 },
		{ ARG_HOW, 0, 4096 },
		{ ARG_TIMES, 32, 32 }, { ARG_UTIMBUF, 16, 16 },
		{ ARG_ARGV, 8, 8 }
	};
	static uint8_t	 bytes[65537];
	struct call	 c = { .c_nr = 1, .c_tid = 1, .c_ncaps = 1 };
	size_t		 i, n;
	int		 ok;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (i = 0; i < sizeof(k) / sizeof(k[0]); i++) {
		for (n = 0; n <= k[i].longest + 1;
		    n = n < 40 ? n + 1 : n < k[i].longest ? k[i].longest :
		    n + 1) {
			c.c_caps[0] = (struct cap){ 2, k[i].kind, 0, 0, bytes,
			    n };
			msg_start(&min, MSG_RECEIVER_CALL, 1);
			msg_put_call(&min, &c);
			msg_put_header(&min, min.m_buf);
			ok = n >= k[i].shortest && n <= k[i].longest;
			assert_int_equal(accepted(min.m_len, 0), ok);
		}
	}
}

static void
strings_are_held_to_their_limits(void **state)
{
	static char	 s[LOG_LINE_MAX + 2];
	struct conf	 c = { .c_rundir = B(s) };
	struct denial	 d = { .d_line = B(s) };
	struct rule	 r = { .r_rights = 1, .r_action = 1, .r_match = 1,
			    .r_path = s };
	struct ruleset	 rs = { &r, 1, 1, 0 };
	char		 file[PATTERN_MAX + 2] = "-r";
	size_t		 n, next;

	(void)state;
	memset(s, '/', sizeof(s) - 1);
	for (n = PATH_MAX - 2; n <= PATH_MAX; n++) {
		c.c_rundirlen = n;
		msg_start(&min, MSG_MONITOR_CONF, 0);
		msg_put_conf(&min, &c);
		msg_put_header(&min, min.m_buf);
		assert_int_equal(accepted(min.m_len, 0), n < PATH_MAX);
	}
	for (n = LOG_LINE_MAX - 1; n <= LOG_LINE_MAX + 1; n++) {
		d.d_len = n;
		msg_start(&min, MSG_ROLE_DENIAL, 0);
		msg_put_denial(&min, &d);
		msg_put_header(&min, min.m_buf);
		assert_int_equal(accepted(min.m_len, 0), n <= LOG_LINE_MAX);
	}
	r.r_file = file;
	for (n = PATTERN_MAX - 1; n <= PATTERN_MAX + 1; n++) {
		r.r_len = n;
		msg_start(&min, MSG_MONITOR_RULE, 0);
		next = 0;
		assert_int_equal(msg_put_rules(&min, &rs, R_ALL, &next), 1);
		msg_put_header(&min, min.m_buf);
		assert_int_equal(accepted(min.m_len, 0), n <= PATTERN_MAX);
	}
	r.r_len = 1;
	memset(file, 'f', PATTERN_MAX + 1);
	msg_start(&min, MSG_MONITOR_RULE, 0);
	next = 0;
	assert_int_equal(msg_put_rules(&min, &rs, R_ALL, &next), 1);
	msg_put_header(&min, min.m_buf);
	assert_int_equal(accepted(min.m_len, 0), 0);
	/* these are cut, not lost */
	msg_start(&min, MSG_RECEIVER_FAULT, 0);
	msg_put_fault(&min, 1, s);
	msg_put_header(&min, min.m_buf);
	assert_int_equal(min.m_len, H + 8 + FAULT_REASON_MAX);
	assert_int_equal(accepted(min.m_len, 0), 1);
	msg_start(&min, MSG_ROLE_LOG, 0);
	msg_put_log(&min, LOG_L_INFO, s);
	msg_put_header(&min, min.m_buf);
	assert_int_equal(accepted(min.m_len, 0), 1);
}

/* The longest there are: a dozen fill a message, and none is lost. */
static void
rules_come_in_as_many_messages_as_they_need(void **state)
{
	enum { COUNT = 100 };
	static char		 s[PATTERN_MAX + 1];
	static struct rule	 r[COUNT];
	struct ruleset		 rs = { r, COUNT, COUNT, 0 }, got;
	size_t			 i, n, next, messages = 0;

	(void)state;
	memset(&got, 0, sizeof(got));
	memset(s, '/', sizeof(s) - 1);
	for (i = 0; i < COUNT; i++)
		r[i] = (struct rule){ i % 3 == 0 ? R_READ : R_EXEC, 1, 1, 0,
		    0, EFFECT_NONE, (uint32_t)i, s, s, PATTERN_MAX,
		    (uint32_t)i };
	for (next = 0; next < COUNT; messages++) {
		msg_start(&min, MSG_MONITOR_RULE, 0);
		n = msg_put_rules(&min, &rs, R_EXEC, &next);
		if (n == 0)
			break;
		assert_false(min.m_bad);
		assert_true(n <= MSG_SIZE_MAX / (2 * PATTERN_MAX));
		msg_put_header(&min, min.m_buf);
		assert_int_equal(received(&min, min.m_len, 0), 0);
		assert_int_equal(msg_get_rules(&min, &got), 0);
	}
	assert_int_equal(got.rs_count, COUNT - (COUNT + 2) / 3);
	assert_int_equal(messages, 6);
	for (i = 0; i < got.rs_count; i++)
		assert_int_equal(got.rs_rules[i].r_index, i / 2 * 3 + 1 +
		    i % 2);
	/* once more: no number rises */
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_rules(&min, &got), -1);
	assert_int_equal(got.rs_count, COUNT - (COUNT + 2) / 3);
	ruleset_free(&got);

	next = 0;
	msg_start(&min, MSG_MONITOR_RULE, 0);
	assert_int_equal(msg_put_rules(&min, &rs, R_CHROOT, &next), 0);
	assert_int_equal(next, COUNT);
}

static void
a_filter_has_1_to_FILTER_LEN_MAX_instructions(void **state)
{
	static struct sock_filter	 f[FILTER_LEN_MAX + 1];
	static uint8_t			 raw[(FILTER_LEN_MAX + 1) * 8];

	(void)state;
	msg_start(&min, MSG_MONITOR_FILTER, 0);
	msg_put_filter(&min, f, FILTER_LEN_MAX);
	msg_put_header(&min, min.m_buf);
	assert_int_equal(accepted(min.m_len, 0), 1);
	msg_start(&min, MSG_MONITOR_FILTER, 0);
	msg_put_filter(&min, f, FILTER_LEN_MAX + 1);
	assert_true(min.m_bad);
	msg_start(&min, MSG_MONITOR_FILTER, 0);
	msg_put_bytes(&min, raw, sizeof(raw));
	msg_put_header(&min, min.m_buf);
	assert_int_equal(accepted(min.m_len, 0), 0);
	msg_start(&min, MSG_MONITOR_FILTER, 0);
	msg_put_bytes(&min, raw, 7);
	msg_put_header(&min, min.m_buf);
	assert_int_equal(accepted(min.m_len, 0), 0);
}

static void
a_put_that_does_not_fit_makes_the_message_bad_for_good(void **state)
{
	static uint8_t	 big[MSG_SIZE_MAX];
	size_t		 n;

	(void)state;
	msg_start(&min, MSG_RECEIVER_GIVE, 0);
	msg_put_bytes(&min, big, MSG_SIZE_MAX - H - 4);
	assert_false(min.m_bad);
	assert_int_equal(min.m_len, MSG_SIZE_MAX);
	msg_put_u8(&min, 1);
	assert_true(min.m_bad);
	assert_int_equal(min.m_len, MSG_SIZE_MAX);

	msg_start(&min, MSG_RECEIVER_GIVE, 0);
	assert_false(min.m_bad);
	msg_put_bytes(&min, big, MSG_SIZE_MAX - H - 3);
	assert_true(min.m_bad);
	n = min.m_len;
	msg_put_u32(&min, 1);
	msg_put_u64(&min, 1);
	assert_true(min.m_bad);
	assert_int_equal(min.m_len, n);

	msg_start(&min, MSG_RECEIVER_GIVE, 0);
	msg_put_bytes(&min, big, SIZE_MAX);
	assert_true(min.m_bad);
	msg_start(&min, MSG_RECEIVER_GIVE, 0);
	msg_put_bytes(&min, big, (size_t)UINT32_MAX + 1);
	assert_true(min.m_bad);

	for (n = MSG_SIZE_MAX - 8; n < MSG_SIZE_MAX; n++) {
		msg_start(&min, MSG_RECEIVER_GIVE, 0);
		msg_put_bytes(&min, big, n - H - 4);
		msg_put_u64(&min, 0);
		assert_int_equal(min.m_bad, n > MSG_SIZE_MAX - 8);
	}
}

static void
what_a_call_has_too_many_of_makes_it_bad(void **state)
{
	struct call	 c = { .c_ncaps = CALL_CAPS_MAX + 1 };
	int		 i;

	(void)state;
	msg_start(&min, MSG_RECEIVER_CALL, 0);
	msg_put_call(&min, &c);
	assert_true(min.m_bad);
	c.c_ncaps = 0;
	c.c_nfds = MSG_FDS_MAX + 1;
	msg_start(&min, MSG_RECEIVER_CALL, 0);
	msg_put_call(&min, &c);
	assert_true(min.m_bad);

	msg_start(&min, MSG_RECEIVER_CALL, 0);
	for (i = 0; i < MSG_FDS_MAX; i++)
		msg_put_fd(&min, 0);
	assert_false(min.m_bad);
	msg_put_fd(&min, 0);
	assert_true(min.m_bad);
	assert_int_equal(min.m_nfds, MSG_FDS_MAX);
	msg_start(&min, MSG_RECEIVER_CALL, 0);
	msg_put_fd(&min, -1);
	assert_true(min.m_bad);
}

static void
a_getter_that_failed_stays_failed(void **state)
{
	const uint8_t	*p;
	uint64_t	 u64;
	uint32_t	 u32;
	size_t		 n;
	uint8_t		 u8;

	(void)state;
	build(&min, sample_find("go"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_u64(&min, &u64), -1);
	assert_int_equal(msg_get_u32(&min, &u32), -1);
	assert_int_equal(msg_get_u8(&min, &u8), -1);
	assert_int_equal(msg_get_bytes(&min, &p, &n, 10), -1);
	assert_int_equal(msg_end(&min), -1);

	/* bytes within the message but over the caller's bound */
	build(&min, sample_find("fault"));
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_u32(&min, &u32), 0);
	assert_int_equal(msg_get_bytes(&min, &p, &n, 8), -1);
	assert_int_equal(msg_end(&min), -1);
	/* and a message not read to its end */
	assert_int_equal(received(&min, min.m_len, 0), 0);
	assert_int_equal(msg_get_u32(&min, &u32), 0);
	assert_int_equal(msg_end(&min), -1);
}

/* n bytes of body, all 0; n of them may be got and not one more. */
static void
body(size_t n)
{
	msg_start(&min, MSG_RECEIVER_GIVE, 0);
	memset(min.m_buf + H, 0, n + 8);
	min.m_len = H + n;
}

static void
no_getter_reads_past_the_end(void **state)
{
	const uint8_t	*p;
	uint64_t	 u64;
	uint32_t	 u32;
	int32_t		 i32;
	size_t		 n, len;
	uint8_t		 u8;

	(void)state;
	body(0);
	assert_int_equal(msg_get_u8(&min, &u8), -1);
	for (n = 0; n <= 9; n++) {
		body(n);
		assert_int_equal(msg_get_u32(&min, &u32) == 0, n >= 4);
		body(n);
		assert_int_equal(msg_get_i32(&min, &i32) == 0, n >= 4);
		body(n);
		assert_int_equal(msg_get_u64(&min, &u64) == 0, n >= 8);
		body(n);
		min.m_buf[H] = 4;
		assert_int_equal(msg_get_bytes(&min, &p, &len, 4) == 0,
		    n >= 8);
		assert_true(min.m_pos <= min.m_len);
	}
}

static void
one_descriptor_more_or_less_is_refused_and_none_is_lost(void **state)
{
	static const char *const names[] = { "call", "callall", "callnone",
	    "errno", "stop", "value", "inject", "continue", "proc", "image",
	    "givebytes", "giveerrno" };
	const struct sample	*s;
	size_t			 i;
	int			 n;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s = sample_find(names[i]);
		for (n = 0; n <= MSG_FDS_MAX; n++) {
			build(&min, s);
			assert_int_equal(accepted(min.m_len, n),
			    n == s->s_nfds);
		}
	}
	/* an answer with one or none, never two */
	s = sample_find("givefd");
	for (n = 0; n <= MSG_FDS_MAX; n++) {
		build(&min, s);
		assert_int_equal(accepted(min.m_len, n), n <= 1);
	}
}

static void
a_descriptor_is_taken_once_and_the_rest_are_closed(void **state)
{
	int	 a, before;

	(void)state;
	before = count_fds();
	build(&min, sample_find("lane"));
	assert_int_equal(received(&min, min.m_len, 3), 0);
	a = min.m_fds[0];
	assert_int_equal(msg_get_fd(&min), a);
	assert_int_equal(count_fds(), before + 3);
	msg_close_fds(&min);
	assert_int_equal(count_fds(), before + 1);
	assert_int_equal(msg_get_fd(&min), -1);
	msg_close_fds(&min);
	assert_int_equal(close(a), 0);
	assert_int_equal(count_fds(), before);
}

/* ---- seeds ---- */

static void
seed_path(char *path, size_t size, const char *dir, const char *name)
{
	int	 n = snprintf(path, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		errx(1, "%s: too long", dir);
}

static void
the_fuzzer_s_seeds_are_the_messages_of_today(void **state)
{
	static uint8_t	 buf[MSG_SIZE_MAX + 2];
	char		 path[PATH_MAX];
	FILE		*f;
	size_t		 i, n;

	(void)state;
	if (access("regress/fuzz/corpus/wire", R_OK) == -1) {
		print_message("# not in the repository's root\n");
		skip();
	}
	for (i = 0; i < NSAMPLES; i++) {
		seed_path(path, sizeof(path), "regress/fuzz/corpus/wire",
		    samples[i].s_name);
		if ((f = fopen(path, "rb")) == NULL)
			fail_msg("%s is missing", path);
		n = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		build(&min, &samples[i]);
		assert_int_equal(n, min.m_len + 1);
		assert_int_equal(buf[0], samples[i].s_nfds);
		assert_memory_equal(buf + 1, min.m_buf, min.m_len);
	}
}

static int
write_seeds(const char *dir)
{
	char	 path[PATH_MAX];
	FILE	*f;
	size_t	 i;

	for (i = 0; i < NSAMPLES; i++) {
		build(&min, &samples[i]);
		seed_path(path, sizeof(path), dir, samples[i].s_name);
		if ((f = fopen(path, "wb")) == NULL)
			err(1, "%s", path);
		if (fputc(samples[i].s_nfds, f) == EOF ||
		    fwrite(min.m_buf, 1, min.m_len, f) != min.m_len ||
		    fclose(f) == EOF)
			err(1, "%s", path);
	}
	return (0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_message_has_a_sample_a_codec_and_a_name),
		cmocka_unit_test(every_message_makes_the_round_trip),
		cmocka_unit_test(a_call_arrives_field_by_field),
		cmocka_unit_test(a_verdict_arrives_field_by_field),
		cmocka_unit_test(
		    a_rule_a_conf_and_a_filter_arrive_field_by_field),
		cmocka_unit_test(every_truncation_of_every_message_is_refused),
		cmocka_unit_test(trailing_bytes_are_refused),
		cmocka_unit_test(
		    any_changed_byte_is_refused_or_survives_the_round_trip),
		cmocka_unit_test(a_wrong_header_is_refused),
		cmocka_unit_test(every_field_is_held_to_its_range),
		cmocka_unit_test(a_captured_piece_has_the_length_of_its_kind),
		cmocka_unit_test(strings_are_held_to_their_limits),
		cmocka_unit_test(rules_come_in_as_many_messages_as_they_need),
		cmocka_unit_test(a_filter_has_1_to_FILTER_LEN_MAX_instructions),
		cmocka_unit_test(
		    a_put_that_does_not_fit_makes_the_message_bad_for_good),
		cmocka_unit_test(what_a_call_has_too_many_of_makes_it_bad),
		cmocka_unit_test(a_getter_that_failed_stays_failed),
		cmocka_unit_test(no_getter_reads_past_the_end),
		cmocka_unit_test(
		    one_descriptor_more_or_less_is_refused_and_none_is_lost),
		cmocka_unit_test(
		    a_descriptor_is_taken_once_and_the_rest_are_closed),
		cmocka_unit_test(the_fuzzer_s_seeds_are_the_messages_of_today),
	};

	if (argc == 3 && strcmp(argv[1], "-w") == 0)
		return (write_seeds(argv[2]));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
