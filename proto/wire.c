/*
 * The bytes of a message: encoder and decoder of each message side by side.
 * Decoders are handed hostile bytes.  They check every length against what is
 * left, every number against its range and every count of descriptors before
 * they take one, so that after a refusal msg_close_fds() is enough.
 *
 * A decoder accepts only what its encoder writes: decoding and encoding again
 * gives the same bytes (regress/fuzz/fuzz_wire.c holds it to that).
 *
 * Must never do I/O, keep state, or copy or clear a whole struct msg: one
 * request and one reply are made for each brokered call.
 */
#include <sys/types.h>
#include <linux/filter.h>
#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "../common/guard.h"
#include "../common/rule.h"
#include "../common/sysent.h"
#include "../common/tpe.h"
#include "../common/verify.h"
#include "wire.h"

#define ERRNO_MAX	4095	/* MAX_ERRNO, include/linux/err.h */
#define COMM_MAX	64	/* /proc/PID/comm: proc_task_name() */
#define OUTARG_NONE	0xff	/* a verdict without write-back */
#define INSN_SIZE	8	/* one struct sock_filter on the wire */
#define PIECE_SIZE	16	/* address and length */
#define RULE_SIZE	25	/* a rule without its strings' bytes */
#define VERIFY_SIZE	18	/* a digest without its bytes and strings' */

static uint8_t	*msg_room(struct msg *, size_t);
static const uint8_t *msg_next(struct msg *, size_t);
static int	 msg_fail(struct msg *);
static int	 msg_get_string(struct msg *, const uint8_t **, size_t *,
		    size_t);
static void	 msg_put_rule(struct msg *, const struct rule *);
static void	 msg_put_pieces(struct msg *, const struct need *);
static int	 msg_get_pieces(struct msg *, struct need *);
static char	*string_dup(const uint8_t *, size_t);
static int	 msg_get_rule(struct msg *, struct rule *);
static int	 msg_get_rules_next(struct msg *, struct ruleset *);
static int	 msg_get_verify_next(struct msg *, struct verifyset *);
static void	 msg_put_cap(struct msg *, const struct cap *);
static int	 msg_get_cap(struct msg *, struct cap *);
static int	 cap_valid(const struct cap *);
static void	 msg_put_callfd(struct msg *, const struct callfd *);
static int	 msg_get_callfd(struct msg *, struct callfd *);
static int	 msg_get_caps(struct msg *, struct call *);
static int	 msg_get_callfds(struct msg *, struct call *);
static int	 verdict_fails(const struct verdict *);
static int	 verdict_valid(const struct msg *, const struct verdict *);

/* Names for logs and tests; privsep-sandbox-proto(7) lists the same. */
static const struct {
	uint16_t	 type;
	const char	*name;
} msg_names[] = {
#define N(m)	{ m, #m }
	N(MSG_MONITOR_CONF),
	N(MSG_MONITOR_RULE),
	N(MSG_MONITOR_WALL),
	N(MSG_MONITOR_FILTER),
	N(MSG_MONITOR_START),
	N(MSG_ROLE_READY),
	N(MSG_MONITOR_EXEC),
	N(MSG_RECEIVER_LIBRARY),
	N(MSG_MONITOR_VERIFY),
	N(MSG_MONITOR_NET),
	N(MSG_MONITOR_NAMES),
	N(MSG_LANE_ASKER),
	N(MSG_RESOLVER_HEARD),
	N(MSG_LANE_LED),
	N(MSG_RESOLVER_HOSTS),
	N(MSG_MONITOR_TPE),
	N(MSG_MONITOR_LANE),
	N(MSG_MONITOR_GUARD),
	N(MSG_LANE_FILE),
	N(MSG_RECEIVER_CRASHES),
	N(MSG_LANE_CHECK),
	N(MSG_RECEIVER_CHECKED),
	N(MSG_RECEIVER_CHECK),
	N(MSG_INTEGRITY_CHECKED),
	N(MSG_RECEIVER_CODE),
	N(MSG_MONITOR_WATCH),
	N(MSG_MONITOR_LEARN),
	N(MSG_MONITOR_WRITE),
	N(MSG_LEARN_WRITTEN),
	N(MSG_ROLE_ACCESS),
	N(MSG_INTEGRITY_DIGEST),
	N(MSG_POLICY_LANEUP),
	N(MSG_MONITOR_GO),
	N(MSG_MONITOR_SIGNAL),
	N(MSG_MONITOR_CLEAN),
	N(MSG_POLICY_CLEANED),
	N(MSG_RECEIVER_NEEDLANE),
	N(MSG_RECEIVER_CHILD),
	N(MSG_RECEIVER_FAULT),
	N(MSG_RECEIVER_EXIT),
	N(MSG_RECEIVER_BROKEN),
	N(MSG_MONITOR_PING),
	N(MSG_ROLE_PONG),
	N(MSG_POLICY_LANEDOWN),
	N(MSG_RECEIVER_CALL),
	N(MSG_LANE_VERDICT),
	N(MSG_LANE_NEED),
	N(MSG_RECEIVER_GIVE),
	N(MSG_RECEIVER_IMAGE),
	N(MSG_INTEGRITY_VERDICT),
	N(MSG_INTEGRITY_NEED),
	N(MSG_RECEIVER_FILE),
	N(MSG_ROLE_LOG),
	N(MSG_ROLE_DENIAL),
#undef N
};

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_MONITOR] = "monitor",
	[ROLE_RECEIVER] = "receiver",
	[ROLE_POLICY] = "policy",
	[ROLE_LANE] = "lane",
	[ROLE_INTEGRITY] = "integrity",
	[ROLE_LEARN] = "learn",
	[ROLE_RESOLVER] = "resolver",
};

/*
 * How many bytes a captured piece may have, by kind (common/sysent.h), and
 * whether it is a string: then without its NUL.  Kinds that are not here are
 * not captured.
 */
static const struct {
	uint8_t		 ck_captured;
	uint8_t		 ck_string;
	uint32_t	 ck_min, ck_max;
} cap_kinds[ARG_KINDS] = {
	[ARG_NONE] = { 1, 0, 0, MSG_SIZE_MAX },		/* status */
	[ARG_PATH] = { 1, 1, 0, PATH_MAX - 1 },
	[ARG_STR] = { 1, 1, 0, PATH_MAX - 1 },
	[ARG_NAME] = { 1, 1, 0, 255 },			/* XATTR_NAME_MAX */
	[ARG_BUF] = { 1, 0, 0, 65536 },			/* XATTR_SIZE_MAX */
	[ARG_HOW] = { 1, 0, 0, 4096 },
	[ARG_TIMES] = { 1, 0, 32, 32 },
	[ARG_UTIMBUF] = { 1, 0, 16, 16 },
	[ARG_ARGV] = { 1, 0, 8, 8 },
};

const char *
msg_name(uint16_t type)
{
	size_t	 i;

	for (i = 0; i < sizeof(msg_names) / sizeof(msg_names[0]); i++) {
		if (msg_names[i].type == type)
			return (msg_names[i].name);
	}
	return ("MSG_UNKNOWN");
}

const char *
role_name(enum role role)
{
	if ((unsigned)role >= ROLE_COUNT)
		return ("unknown");
	return (role_names[role]);
}

/* ---- building ---- */

void
msg_start(struct msg *m, enum msg_type type, uint32_t seq)
{
	int	 i;

	m->m_type = (uint16_t)type;
	m->m_seq = seq;
	m->m_len = m->m_pos = MSG_HDR_SIZE;
	m->m_bad = 0;
	m->m_nfds = 0;
	for (i = 0; i < MSG_FDS_MAX; i++)
		m->m_fds[i] = -1;
}

/* Room for n more bytes, or NULL and the message is bad. */
static uint8_t *
msg_room(struct msg *m, size_t n)
{
	uint8_t	*p;

	if (m->m_bad || n > sizeof(m->m_buf) - m->m_len) {
		m->m_bad = 1;
		return (NULL);
	}
	p = m->m_buf + m->m_len;
	m->m_len += n;
	m->m_pos = m->m_len;
	return (p);
}

void
msg_put_u8(struct msg *m, uint8_t v)
{
	uint8_t	*p;

	if ((p = msg_room(m, sizeof(v))) != NULL)
		*p = v;
}

void
msg_put_u32(struct msg *m, uint32_t v)
{
	uint8_t	*p;

	v = htole32(v);
	if ((p = msg_room(m, sizeof(v))) != NULL)
		memcpy(p, &v, sizeof(v));
}

void
msg_put_i32(struct msg *m, int32_t v)
{
	msg_put_u32(m, (uint32_t)v);
}

void
msg_put_u64(struct msg *m, uint64_t v)
{
	uint8_t	*p;

	v = htole64(v);
	if ((p = msg_room(m, sizeof(v))) != NULL)
		memcpy(p, &v, sizeof(v));
}

void
msg_put_bytes(struct msg *m, const void *bytes, size_t len)
{
	uint8_t	*p;

	if (len > sizeof(m->m_buf)) {
		m->m_bad = 1;
		return;
	}
	msg_put_u32(m, (uint32_t)len);
	if ((p = msg_room(m, len)) != NULL && len > 0)
		memcpy(p, bytes, len);
}

void
msg_put_fd(struct msg *m, int fd)
{
	if (m->m_bad || fd < 0 || m->m_nfds >= MSG_FDS_MAX) {
		m->m_bad = 1;
		return;
	}
	m->m_fds[m->m_nfds++] = fd;
}

void
msg_put_header(const struct msg *m, uint8_t *hdr)
{
	uint16_t	 type = htole16(m->m_type);
	uint16_t	 version = htole16(PROTO_VERSION);
	uint32_t	 len = htole32((uint32_t)m->m_len);
	uint32_t	 seq = htole32(m->m_seq);

	memcpy(hdr, &type, sizeof(type));
	memcpy(hdr + 2, &version, sizeof(version));
	memcpy(hdr + 4, &len, sizeof(len));
	memcpy(hdr + 8, &seq, sizeof(seq));
	memset(hdr + 12, 0, 4);
}

/* ---- reading ---- */

int
msg_get_header(struct msg *m, size_t n)
{
	uint16_t	 type, version;
	uint32_t	 len, seq, zero;

	m->m_type = 0;
	m->m_seq = 0;
	m->m_len = m->m_pos = MSG_HDR_SIZE;
	m->m_bad = 1;
	if (n < MSG_HDR_SIZE || n > sizeof(m->m_buf))
		return (-1);
	memcpy(&type, m->m_buf, sizeof(type));
	memcpy(&version, m->m_buf + 2, sizeof(version));
	memcpy(&len, m->m_buf + 4, sizeof(len));
	memcpy(&seq, m->m_buf + 8, sizeof(seq));
	memcpy(&zero, m->m_buf + 12, sizeof(zero));
	m->m_type = le16toh(type);
	m->m_seq = le32toh(seq);
	if (le16toh(version) != PROTO_VERSION || le32toh(len) != n ||
	    zero != 0 || n == MSG_HDR_SIZE)
		return (-1);
	m->m_len = n;
	m->m_bad = 0;
	return (0);
}

/* The message is bad from here on. */
static int
msg_fail(struct msg *m)
{
	m->m_bad = 1;
	return (-1);
}

/* The next n bytes, or NULL and the message is bad. */
static const uint8_t *
msg_next(struct msg *m, size_t n)
{
	const uint8_t	*p;

	if (m->m_bad || n > m->m_len - m->m_pos) {
		m->m_bad = 1;
		return (NULL);
	}
	p = m->m_buf + m->m_pos;
	m->m_pos += n;
	return (p);
}

int
msg_get_u8(struct msg *m, uint8_t *v)
{
	const uint8_t	*p;

	if ((p = msg_next(m, sizeof(*v))) == NULL)
		return (-1);
	*v = *p;
	return (0);
}

int
msg_get_u32(struct msg *m, uint32_t *v)
{
	const uint8_t	*p;
	uint32_t	 le;

	if ((p = msg_next(m, sizeof(le))) == NULL)
		return (-1);
	memcpy(&le, p, sizeof(le));
	*v = le32toh(le);
	return (0);
}

int
msg_get_i32(struct msg *m, int32_t *v)
{
	uint32_t	 u;

	if (msg_get_u32(m, &u) == -1)
		return (-1);
	*v = (int32_t)u;	/* two's complement, as gcc defines it */
	return (0);
}

int
msg_get_u64(struct msg *m, uint64_t *v)
{
	const uint8_t	*p;
	uint64_t	 le;

	if ((p = msg_next(m, sizeof(le))) == NULL)
		return (-1);
	memcpy(&le, p, sizeof(le));
	*v = le64toh(le);
	return (0);
}

int
msg_get_bytes(struct msg *m, const uint8_t **bytes, size_t *len, size_t max)
{
	const uint8_t	*p;
	uint32_t	 n;

	if (msg_get_u32(m, &n) == -1)
		return (-1);
	if (n > max)
		return (msg_fail(m));
	if ((p = msg_next(m, n)) == NULL)
		return (-1);
	*bytes = p;
	*len = n;
	return (0);
}

/* As msg_get_bytes(), of bytes that are no NUL. */
static int
msg_get_string(struct msg *m, const uint8_t **bytes, size_t *len, size_t max)
{
	if (msg_get_bytes(m, bytes, len, max) == -1)
		return (-1);
	if (memchr(*bytes, '\0', *len) != NULL)
		return (msg_fail(m));
	return (0);
}

int
msg_get_fd(struct msg *m)
{
	int	 i, fd;

	for (i = 0; i < m->m_nfds; i++) {
		if ((fd = m->m_fds[i]) != -1) {
			m->m_fds[i] = -1;
			return (fd);
		}
	}
	return (-1);
}

int
msg_end(struct msg *m)
{
	if (m->m_bad || m->m_pos != m->m_len)
		return (msg_fail(m));
	return (0);
}

void
msg_close_fds(struct msg *m)
{
	int	 i;

	for (i = 0; i < m->m_nfds; i++) {
		if (m->m_fds[i] != -1)
			close(m->m_fds[i]);
		m->m_fds[i] = -1;
	}
	m->m_nfds = 0;
}

/* ---- set-up ---- */

void
msg_put_conf(struct msg *m, const struct conf *c)
{
	msg_put_i32(m, c->c_pgid);
	msg_put_u32(m, c->c_flags);
	msg_put_u32(m, c->c_uid);
	msg_put_u32(m, c->c_gid);
	msg_put_u64(m, c->c_caps);
	msg_put_bytes(m, c->c_rundir, c->c_rundirlen);
}

int
msg_get_conf(struct msg *m, struct conf *c)
{
	if (msg_get_i32(m, &c->c_pgid) == -1 ||
	    msg_get_u32(m, &c->c_flags) == -1 ||
	    msg_get_u32(m, &c->c_uid) == -1 ||
	    msg_get_u32(m, &c->c_gid) == -1 ||
	    msg_get_u64(m, &c->c_caps) == -1 ||
	    msg_get_string(m, &c->c_rundir, &c->c_rundirlen,
	    PATH_MAX - 1) == -1 || msg_end(m) == -1)
		return (-1);
	if (c->c_pgid < 0 || (c->c_flags & ~(uint32_t)CONF_FLAGS) != 0)
		return (msg_fail(m));
	if (c->c_rundirlen > 0 && c->c_rundir[0] != '/')
		return (msg_fail(m));
	return (0);
}

static void
msg_put_rule(struct msg *m, const struct rule *r)
{
	msg_put_u32(m, r->r_index);
	msg_put_u32(m, r->r_rights);
	msg_put_u8(m, r->r_action);
	msg_put_u8(m, r->r_match);
	msg_put_u8(m, r->r_flags);
	msg_put_u8(m, r->r_errno);
	msg_put_u8(m, r->r_effect);
	msg_put_u32(m, r->r_line);
	msg_put_bytes(m, r->r_file, strlen(r->r_file));
	msg_put_bytes(m, r->r_path, r->r_len);
}

size_t
msg_put_rules(struct msg *m, const struct ruleset *rs, uint32_t rights,
    size_t *next)
{
	const struct rule	*r;
	size_t			 at = m->m_len, size;
	uint32_t		 n = 0, le;

	msg_put_u32(m, 0);	/* how many: see below */
	for (; *next < rs->rs_count; (*next)++) {
		r = &rs->rs_rules[*next];
		if ((r->r_rights & rights) == 0)
			continue;
		size = RULE_SIZE + strlen(r->r_file) + r->r_len;
		if (n > 0 && size > sizeof(m->m_buf) - m->m_len)
			break;
		msg_put_rule(m, r);
		n++;
	}
	le = htole32(n);
	memcpy(m->m_buf + at, &le, sizeof(le));
	return (n);
}

static char *
string_dup(const uint8_t *bytes, size_t len)
{
	char	*s;

	if ((s = malloc(len + 1)) == NULL)
		return (NULL);
	memcpy(s, bytes, len);
	s[len] = '\0';
	return (s);
}

/* Its strings are allocated, unless -1. */
static int
msg_get_rule(struct msg *m, struct rule *r)
{
	const uint8_t	*file, *path;
	size_t		 filelen;

	if (msg_get_u32(m, &r->r_index) == -1 ||
	    msg_get_u32(m, &r->r_rights) == -1 ||
	    msg_get_u8(m, &r->r_action) == -1 ||
	    msg_get_u8(m, &r->r_match) == -1 ||
	    msg_get_u8(m, &r->r_flags) == -1 ||
	    msg_get_u8(m, &r->r_errno) == -1 ||
	    msg_get_u8(m, &r->r_effect) == -1 ||
	    msg_get_u32(m, &r->r_line) == -1 ||
	    msg_get_string(m, &file, &filelen, PATTERN_MAX) == -1 ||
	    msg_get_string(m, &path, &r->r_len, PATTERN_MAX) == -1)
		return (-1);
	if (r->r_rights == 0 || (r->r_rights & ~R_ALL) != 0 ||
	    r->r_index >= RULES_MAX || !rule_sane(r) ||
	    r->r_match < MATCH_EXACT || r->r_match > MATCH_GLOB)
		return (msg_fail(m));
	if (r->r_len == 0 || path[0] != '/')
		return (msg_fail(m));
	r->r_file = string_dup(file, filelen);
	r->r_path = string_dup(path, r->r_len);
	if (r->r_file == NULL || r->r_path == NULL) {
		free(r->r_file);
		free(r->r_path);
		return (msg_fail(m));
	}
	return (0);
}

/* Numbers only ever rise: so there are never more than RULES_MAX. */
static int
msg_get_rules_next(struct msg *m, struct ruleset *rs)
{
	struct rule	 r;

	memset(&r, 0, sizeof(r));
	if (msg_get_rule(m, &r) == -1)
		return (-1);
	if ((rs->rs_count == 0 ||
	    r.r_index > rs->rs_rules[rs->rs_count - 1].r_index) &&
	    ruleset_take(rs, &r) == 0)
		return (0);
	free(r.r_file);
	free(r.r_path);
	return (msg_fail(m));
}

int
msg_get_rules(struct msg *m, struct ruleset *rs)
{
	size_t		 had = rs->rs_count;
	uint32_t	 i, n;

	if (msg_get_u32(m, &n) == -1)
		return (-1);
	if (n == 0)
		return (msg_fail(m));
	for (i = 0; i < n; i++)
		if (msg_get_rules_next(m, rs) == -1)
			break;
	if (i == n && msg_end(m) == 0)
		return (0);
	ruleset_cut(rs, had);
	return (-1);
}

void
msg_put_exec(struct msg *m, const struct verifyset *vs)
{
	size_t	 i;

	msg_put_u8(m, (uint8_t)((vs->vs_all ? EXECF_ALL : 0) |
	    (vs->vs_library ? EXECF_LIBRARY : 0) |
	    (vs->vs_wx ? EXECF_WX : 0)));
	msg_put_u32(m, vs->vs_refused);
	msg_put_u32(m, vs->vs_warned);
	for (i = 0; i < EXEC_CLASSES; i++)
		msg_put_u8(m, vs->vs_effect[i]);
	for (i = 0; i < EXEC_PLACES; i++)
		msg_put_bytes(m, vs->vs_at[i],
		    vs->vs_at[i] == NULL ? 0 : strlen(vs->vs_at[i]));
}

int
msg_get_exec(struct msg *m, struct verifyset *vs)
{
	const uint8_t	*at[EXEC_PLACES];
	size_t		 len[EXEC_PLACES], i;
	uint32_t	 refused, warned;
	uint8_t		 flags, effect[EXEC_CLASSES];

	if (msg_get_u8(m, &flags) == -1 || msg_get_u32(m, &refused) == -1 ||
	    msg_get_u32(m, &warned) == -1)
		return (-1);
	if ((flags & ~EXECF_FLAGS) != 0 ||
	    ((refused | warned) & ~(uint32_t)EXEC_ALL) != 0 ||
	    (refused & warned) != 0 || ((flags & EXECF_ALL) != 0) !=
	    (((refused | warned) & EXEC_UNLISTED) != 0))
		return (msg_fail(m));
	for (i = 0; i < EXEC_CLASSES; i++) {
		if (msg_get_u8(m, &effect[i]) == -1)
			return (-1);
		if (effect[i] >= EFFECT_COUNT || effect[i] == EFFECT_WARN ||
		    (effect[i] != EFFECT_NONE && !(refused & (1U << i))))
			return (msg_fail(m));
	}
	for (i = 0; i < EXEC_PLACES; i++)
		if (msg_get_string(m, &at[i], &len[i], EXEC_AT_MAX) == -1)
			return (-1);
	if (msg_end(m) == -1)
		return (-1);
	vs->vs_all = (flags & EXECF_ALL) != 0;
	vs->vs_library = (flags & EXECF_LIBRARY) != 0;
	vs->vs_wx = (flags & EXECF_WX) != 0;
	vs->vs_refused = refused;
	vs->vs_warned = warned;
	memcpy(vs->vs_effect, effect, sizeof(effect));
	for (i = 0; i < EXEC_PLACES; i++) {
		free(vs->vs_at[i]);
		vs->vs_at[i] = NULL;
		if (len[i] != 0)
			vs->vs_at[i] = string_dup(at[i], len[i]);
	}
	return (0);
}

void
msg_put_verify(struct msg *m, const struct verifyset *vs, size_t *next)
{
	const struct verify	*v;
	size_t			 at = m->m_len, size;
	uint32_t		 n = 0, le;

	msg_put_u32(m, 0);	/* how many: see below */
	for (; *next < vs->vs_count; (*next)++, n++) {
		v = &vs->vs_list[*next];
		size = VERIFY_SIZE + digest_len(v->v_alg) +
		    strlen(v->v_file) + strlen(v->v_path);
		if (n > 0 && size > sizeof(m->m_buf) - m->m_len)
			break;
		msg_put_u8(m, v->v_alg);
		msg_put_u8(m, v->v_effect);
		msg_put_bytes(m, v->v_digest, digest_len(v->v_alg));
		msg_put_u32(m, v->v_line);
		msg_put_bytes(m, v->v_file, strlen(v->v_file));
		msg_put_bytes(m, v->v_path, strlen(v->v_path));
	}
	le = htole32(n);
	memcpy(m->m_buf + at, &le, sizeof(le));
}

/* Paths never fall: the set is searched as it came. */
static int
msg_get_verify_next(struct msg *m, struct verifyset *vs)
{
	struct verify	 v;
	const uint8_t	*digest, *file, *path;
	size_t		 len, filelen, pathlen;
	int		 rv = -1;

	memset(&v, 0, sizeof(v));
	if (msg_get_u8(m, &v.v_alg) == -1 ||
	    msg_get_u8(m, &v.v_effect) == -1 ||
	    msg_get_bytes(m, &digest, &len, DIGEST_MAX) == -1 ||
	    msg_get_u32(m, &v.v_line) == -1 ||
	    msg_get_string(m, &file, &filelen, PATTERN_MAX) == -1 ||
	    msg_get_string(m, &path, &pathlen, PATTERN_MAX - 1) == -1)
		return (-1);
	if (len == 0 || len != digest_len(v.v_alg) || pathlen == 0 ||
	    path[0] != '/' || v.v_effect >= EFFECT_COUNT)
		return (msg_fail(m));
	memcpy(v.v_digest, digest, len);
	v.v_file = string_dup(file, filelen);
	v.v_path = string_dup(path, pathlen);
	if (v.v_file != NULL && v.v_path != NULL && (vs->vs_count == 0 ||
	    strcmp(vs->vs_list[vs->vs_count - 1].v_path, v.v_path) <= 0))
		rv = verify_add(vs, &v);
	free(v.v_file);
	free(v.v_path);
	return (rv == 0 ? 0 : msg_fail(m));
}

int
msg_get_verify(struct msg *m, struct verifyset *vs)
{
	size_t		 had = vs->vs_count;
	uint32_t	 i, n;

	if (msg_get_u32(m, &n) == -1)
		return (-1);
	if (n == 0)
		return (msg_fail(m));
	for (i = 0; i < n; i++)
		if (msg_get_verify_next(m, vs) == -1)
			break;
	if (i == n && msg_end(m) == 0)
		return (0);
	verify_cut(vs, had);
	return (-1);
}

void
msg_put_tpe(struct msg *m, const struct tpe_entry *te)
{
	msg_put_u8(m, te->te_kind);
	msg_put_u32(m, te->te_id);
	msg_put_u32(m, te->te_line);
	msg_put_bytes(m, te->te_file, strlen(te->te_file));
	msg_put_bytes(m, te->te_path,
	    te->te_path == NULL ? 0 : strlen(te->te_path));
}

int
msg_get_tpe(struct msg *m, struct tpe *tp)
{
	struct tpe_entry	 te;
	const uint8_t		*file, *path;
	size_t			 filelen, pathlen;
	int			 rv = -1;

	memset(&te, 0, sizeof(te));
	if (msg_get_u8(m, &te.te_kind) == -1 ||
	    msg_get_u32(m, &te.te_id) == -1 ||
	    msg_get_u32(m, &te.te_line) == -1 ||
	    msg_get_string(m, &file, &filelen, PATTERN_MAX) == -1 ||
	    msg_get_string(m, &path, &pathlen, PATTERN_MAX - 1) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (te.te_kind < TPE_OWNER || te.te_kind >= TPE_KINDS ||
	    (te.te_kind >= TPE_TRUST) != (pathlen != 0) ||
	    (pathlen != 0 && path[0] != '/'))
		return (msg_fail(m));
	te.te_file = string_dup(file, filelen);
	te.te_path = pathlen != 0 ? string_dup(path, pathlen) : NULL;
	if (te.te_file != NULL && (pathlen == 0 || te.te_path != NULL))
		rv = tpe_add(tp, &te);
	free(te.te_file);
	free(te.te_path);
	return (rv == 0 ? 0 : msg_fail(m));
}

void
msg_put_filter(struct msg *m, const struct sock_filter *f, size_t len)
{
	uint8_t		*p;
	uint16_t	 code;
	uint32_t	 k;
	size_t		 i;

	if (len > FILTER_LEN_MAX) {
		m->m_bad = 1;
		return;
	}
	msg_put_u32(m, (uint32_t)(len * INSN_SIZE));
	for (i = 0; i < len; i++, f++) {
		if ((p = msg_room(m, INSN_SIZE)) == NULL)
			return;
		code = htole16(f->code);
		k = htole32(f->k);
		memcpy(p, &code, sizeof(code));
		p[2] = f->jt;
		p[3] = f->jf;
		memcpy(p + 4, &k, sizeof(k));
	}
}

int
msg_get_filter(struct msg *m, struct sock_filter *f, size_t max, size_t *len)
{
	const uint8_t	*p;
	uint16_t	 code;
	uint32_t	 k;
	size_t		 i, n;

	if (msg_get_bytes(m, &p, &n, FILTER_LEN_MAX * INSN_SIZE) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (n == 0 || n % INSN_SIZE != 0 || n / INSN_SIZE > max)
		return (msg_fail(m));
	n /= INSN_SIZE;
	for (i = 0; i < n; i++, f++, p += INSN_SIZE) {
		memcpy(&code, p, sizeof(code));
		memcpy(&k, p + 4, sizeof(k));
		f->code = le16toh(code);
		f->jt = p[2];
		f->jf = p[3];
		f->k = le32toh(k);
	}
	*len = n;
	return (0);
}

int
msg_get_number(struct msg *m, uint32_t *v, uint32_t min, uint32_t max)
{
	if (msg_get_u32(m, v) == -1 || msg_end(m) == -1)
		return (-1);
	if (*v < min || *v > max)
		return (msg_fail(m));
	return (0);
}

/* ---- at work ---- */

void
msg_put_lane(struct msg *m, uint32_t lane, uint32_t pid)
{
	msg_put_u32(m, lane);
	msg_put_u32(m, pid);
}

int
msg_get_lane(struct msg *m, uint32_t *lane, uint32_t *pid)
{
	if (msg_get_u32(m, lane) == -1 || msg_get_u32(m, pid) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (*pid > INT32_MAX)
		return (msg_fail(m));
	return (0);
}

void
msg_put_laneup(struct msg *m, uint32_t lane, uint32_t pid)
{
	msg_put_lane(m, lane, pid);
}

int
msg_get_laneup(struct msg *m, uint32_t *lane, uint32_t *pid)
{
	if (msg_get_lane(m, lane, pid) == -1)
		return (-1);
	if (*pid == 0)
		return (msg_fail(m));
	return (0);
}

void
msg_put_lanedown(struct msg *m, uint32_t lane, int32_t status)
{
	msg_put_u32(m, lane);
	msg_put_i32(m, status);
}

int
msg_get_lanedown(struct msg *m, uint32_t *lane, int32_t *status)
{
	if (msg_get_u32(m, lane) == -1 || msg_get_i32(m, status) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	return (0);
}

void
msg_put_child(struct msg *m, uint32_t what, int32_t status)
{
	msg_put_u32(m, what);
	msg_put_i32(m, status);
}

int
msg_get_child(struct msg *m, uint32_t *what, int32_t *status)
{
	if (msg_get_u32(m, what) == -1 || msg_get_i32(m, status) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (*what < CHILD_STOPPED || *what > CHILD_ENDED)
		return (msg_fail(m));
	return (0);
}

void
msg_put_fault(struct msg *m, uint32_t lane, const char *why)
{
	msg_put_u32(m, lane);
	msg_put_bytes(m, why, strnlen(why, FAULT_REASON_MAX));
}

int
msg_get_fault(struct msg *m, uint32_t *lane, const uint8_t **why, size_t *len)
{
	if (msg_get_u32(m, lane) == -1 ||
	    msg_get_string(m, why, len, FAULT_REASON_MAX) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	return (0);
}

/* ---- calls ---- */

static void
msg_put_cap(struct msg *m, const struct cap *p)
{
	int	 sent = p->p_errno == 0 && p->p_null == 0;

	msg_put_u8(m, p->p_arg);
	msg_put_u8(m, p->p_kind);
	msg_put_i32(m, p->p_errno);
	msg_put_u8(m, p->p_null != 0);
	msg_put_bytes(m, p->p_bytes, sent ? p->p_len : 0);
}

static int
msg_get_cap(struct msg *m, struct cap *p)
{
	uint8_t	 null;

	if (msg_get_u8(m, &p->p_arg) == -1 ||
	    msg_get_u8(m, &p->p_kind) == -1 ||
	    msg_get_i32(m, &p->p_errno) == -1 ||
	    msg_get_u8(m, &null) == -1 ||
	    msg_get_bytes(m, &p->p_bytes, &p->p_len, MSG_SIZE_MAX) == -1)
		return (-1);
	p->p_null = null;
	if (!cap_valid(p))
		return (msg_fail(m));
	return (0);
}

static int
cap_valid(const struct cap *p)
{
	if (p->p_kind >= ARG_KINDS || !cap_kinds[p->p_kind].ck_captured)
		return (0);
	/* only the status belongs to no argument */
	if (p->p_kind == ARG_NONE ? p->p_arg != CAP_ARG_STATUS :
	    p->p_arg >= CALL_ARGS)
		return (0);
	if (p->p_errno < 0 || p->p_errno > ERRNO_MAX || p->p_null > 1)
		return (0);
	if (p->p_errno != 0 || p->p_null)
		return (p->p_len == 0);
	if (p->p_len < cap_kinds[p->p_kind].ck_min ||
	    p->p_len > cap_kinds[p->p_kind].ck_max)
		return (0);
	return (!cap_kinds[p->p_kind].ck_string ||
	    memchr(p->p_bytes, '\0', p->p_len) == NULL);
}

static void
msg_put_callfd(struct msg *m, const struct callfd *f)
{
	msg_put_u8(m, f->f_slot);
	msg_put_i32(m, f->f_errno);
	if (f->f_errno == 0)
		msg_put_fd(m, f->f_fd);
}

/* Does not take the descriptor: the message may still prove wrong. */
static int
msg_get_callfd(struct msg *m, struct callfd *f)
{
	f->f_fd = -1;
	if (msg_get_u8(m, &f->f_slot) == -1 ||
	    msg_get_i32(m, &f->f_errno) == -1)
		return (-1);
	if ((f->f_slot >= CALL_ARGS && f->f_slot != CALL_FD_CWD) ||
	    f->f_errno < 0 || f->f_errno > ERRNO_MAX)
		return (msg_fail(m));
	return (0);
}

void
msg_put_call(struct msg *m, const struct call *c)
{
	uint32_t	 i;

	if (c->c_ncaps > CALL_CAPS_MAX || c->c_nfds > MSG_FDS_MAX) {
		m->m_bad = 1;
		return;
	}
	msg_put_u32(m, c->c_nr);
	msg_put_u32(m, c->c_tid);
	for (i = 0; i < CALL_ARGS; i++)
		msg_put_u64(m, c->c_args[i]);
	msg_put_u8(m, (uint8_t)c->c_ncaps);
	for (i = 0; i < c->c_ncaps; i++)
		msg_put_cap(m, &c->c_caps[i]);
	msg_put_u8(m, (uint8_t)c->c_nfds);
	for (i = 0; i < c->c_nfds; i++)
		msg_put_callfd(m, &c->c_fds[i]);
}

/* The captured pieces: at most CALL_CAPS_MAX, one an argument. */
static int
msg_get_caps(struct msg *m, struct call *c)
{
	uint32_t	 i, j;
	uint8_t		 n;

	if (msg_get_u8(m, &n) == -1)
		return (-1);
	if (n > CALL_CAPS_MAX)
		return (msg_fail(m));
	for (i = 0; i < n; i++) {
		if (msg_get_cap(m, &c->c_caps[i]) == -1)
			return (-1);
		for (j = 0; j < i; j++) {
			if (c->c_caps[j].p_arg == c->c_caps[i].p_arg)
				return (msg_fail(m));
		}
	}
	c->c_ncaps = n;
	return (0);
}

/* The descriptor slots, one of a kind: as many good ones as came along. */
static int
msg_get_callfds(struct msg *m, struct call *c)
{
	uint32_t	 i, j;
	uint8_t		 n;
	int		 good = 0;

	if (msg_get_u8(m, &n) == -1)
		return (-1);
	if (n > MSG_FDS_MAX)
		return (msg_fail(m));
	for (i = 0; i < n; i++) {
		if (msg_get_callfd(m, &c->c_fds[i]) == -1)
			return (-1);
		for (j = 0; j < i; j++) {
			if (c->c_fds[j].f_slot == c->c_fds[i].f_slot)
				return (msg_fail(m));
		}
		good += c->c_fds[i].f_errno == 0;
	}
	if (good != m->m_nfds)
		return (msg_fail(m));
	c->c_nfds = n;
	return (0);
}

int
msg_get_call(struct msg *m, struct call *c)
{
	uint32_t	 i, n;

	c->c_ncaps = c->c_nfds = 0;
	if (msg_get_u32(m, &c->c_nr) == -1 || msg_get_u32(m, &c->c_tid) == -1)
		return (-1);
	if (c->c_tid == 0 || c->c_tid > INT32_MAX)
		return (msg_fail(m));
	for (i = 0; i < CALL_ARGS; i++) {
		if (msg_get_u64(m, &c->c_args[i]) == -1)
			return (-1);
	}
	if (msg_get_caps(m, c) == -1 || msg_get_callfds(m, c) == -1 ||
	    msg_end(m) == -1) {
		c->c_ncaps = c->c_nfds = 0;
		return (-1);
	}
	for (i = 0, n = c->c_nfds; i < n; i++) {
		if (c->c_fds[i].f_errno == 0)
			c->c_fds[i].f_fd = msg_get_fd(m);
	}
	return (0);
}

/* Kinds that fail the call with an error. */
static int
verdict_fails(const struct verdict *v)
{
	return (v->v_kind == VERDICT_ERRNO || v->v_kind == VERDICT_STOP ||
	    v->v_kind == VERDICT_ABORT);
}

void
msg_put_verdict(struct msg *m, const struct verdict *v)
{
	int	 inject = v->v_kind == VERDICT_INJECT;
	int	 verify = v->v_kind == VERDICT_VERIFY;
	int	 proc = v->v_kind == VERDICT_PROC;
	int	 value = v->v_kind == VERDICT_VALUE || verdict_fails(v);
	int	 out = v->v_out != NULL && v->v_outlen > 0;

	msg_put_u8(m, v->v_kind);
	msg_put_i32(m, value ? v->v_value : 0);
	msg_put_u32(m, inject || proc ? v->v_fdflags : 0);
	msg_put_u32(m, proc ? v->v_pid : 0);
	msg_put_u8(m, proc ? v->v_entry : 0);
	msg_put_u8(m, out ? v->v_outarg : OUTARG_NONE);
	msg_put_bytes(m, v->v_out, out ? v->v_outlen : 0);
	if (inject || verify)
		msg_put_fd(m, v->v_fd);
}

int
msg_get_verdict(struct msg *m, struct verdict *v)
{
	v->v_fd = -1;
	if (msg_get_u8(m, &v->v_kind) == -1 ||
	    msg_get_i32(m, &v->v_value) == -1 ||
	    msg_get_u32(m, &v->v_fdflags) == -1 ||
	    msg_get_u32(m, &v->v_pid) == -1 ||
	    msg_get_u8(m, &v->v_entry) == -1 ||
	    msg_get_u8(m, &v->v_outarg) == -1 ||
	    msg_get_bytes(m, &v->v_out, &v->v_outlen, MSG_SIZE_MAX) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (!verdict_valid(m, v))
		return (msg_fail(m));
	if (v->v_outarg == OUTARG_NONE) {
		v->v_outarg = 0;
		v->v_out = NULL;
	}
	if (v->v_kind == VERDICT_INJECT || v->v_kind == VERDICT_VERIFY)
		v->v_fd = msg_get_fd(m);
	return (0);
}

/* Every field by kind; what does not belong to the kind is zero. */
static int
verdict_valid(const struct msg *m, const struct verdict *v)
{
	int	 inject = v->v_kind == VERDICT_INJECT;
	int	 verify = v->v_kind == VERDICT_VERIFY;
	int	 proc = v->v_kind == VERDICT_PROC;
	int	 min = 0, max = 0;

	if (v->v_kind < VERDICT_ERRNO || v->v_kind > VERDICT_PIPE)
		return (0);
	if (verdict_fails(v)) {
		min = 1;
		max = ERRNO_MAX;
	} else if (v->v_kind == VERDICT_VALUE)
		max = INT32_MAX;
	if (v->v_value < min || v->v_value > max)
		return (0);
	if (v->v_fdflags != 0 &&
	    (v->v_fdflags != O_CLOEXEC || !(inject || proc)))
		return (0);
	if (proc ? v->v_entry < PROC_MAPS || v->v_entry >= PROC_ENTRY_COUNT :
	    v->v_entry != 0)
		return (0);
	if (proc ? v->v_pid > INT32_MAX : v->v_pid != 0)
		return (0);
	if (m->m_nfds != (inject || verify))
		return (0);
	if (v->v_outarg == OUTARG_NONE)
		return (v->v_outlen == 0);
	return ((v->v_kind == VERDICT_VALUE || v->v_kind == VERDICT_ERRNO ||
	    inject) &&
	    v->v_outarg < CALL_ARGS && v->v_outlen > 0);
}

/* u32 how many, then address and length of each. */
static void
msg_put_pieces(struct msg *m, const struct need *n)
{
	size_t	 i, count = n->n_kind == NEED_MEMORY ? n->n_count : 0;

	msg_put_u32(m, (uint32_t)count);
	for (i = 0; i < count; i++) {
		msg_put_u64(m, n->n_pieces[i].p_addr);
		msg_put_u64(m, n->n_pieces[i].p_len);
	}
}

void
need_piece(const struct need *n, size_t i, struct piece *p)
{
	uint64_t	 le[2];

	memcpy(le, n->n_list + i * PIECE_SIZE, sizeof(le));
	p->p_addr = le64toh(le[0]);
	p->p_len = le64toh(le[1]);
}

static int
msg_get_pieces(struct msg *m, struct need *n)
{
	struct piece	 p;
	uint64_t	 total = 0;
	uint32_t	 count;
	size_t		 i;

	if (msg_get_u32(m, &count) == -1)
		return (-1);
	if (count > PIECES_MAX || (n->n_kind == NEED_MEMORY) != (count > 0) ||
	    (n->n_list = msg_next(m, count * PIECE_SIZE)) == NULL)
		return (msg_fail(m));
	n->n_count = count;
	for (i = 0; i < count; i++) {
		need_piece(n, i, &p);
		if (p.p_len > MEMORY_MAX || (total += p.p_len) > MEMORY_MAX)
			return (msg_fail(m));
	}
	return (total > 0 || count == 0 ? 0 : msg_fail(m));
}

void
msg_put_need(struct msg *m, const struct need *n)
{
	msg_put_u8(m, n->n_kind);
	msg_put_i32(m, n->n_kind == NEED_FD ? n->n_arg : 0);
	msg_put_pieces(m, n);
}

int
msg_get_need(struct msg *m, struct need *n)
{
	if (msg_get_u8(m, &n->n_kind) == -1 ||
	    msg_get_i32(m, &n->n_arg) == -1 ||
	    msg_get_pieces(m, n) == -1 || msg_end(m) == -1)
		return (-1);
	if (n->n_kind < NEED_STATUS || n->n_kind > NEED_MEMORY)
		return (msg_fail(m));
	if (n->n_kind == NEED_FD ? n->n_arg < 0 : n->n_arg != 0)
		return (msg_fail(m));
	return (0);
}

void
msg_put_give(struct msg *m, const struct give *g)
{
	msg_put_i32(m, g->g_errno);
	msg_put_bytes(m, g->g_bytes, g->g_errno == 0 ? g->g_len : 0);
	if (g->g_errno == 0 && g->g_fd != -1)
		msg_put_fd(m, g->g_fd);
}

int
msg_get_give(struct msg *m, struct give *g)
{
	g->g_fd = -1;
	if (msg_get_i32(m, &g->g_errno) == -1 ||
	    msg_get_bytes(m, &g->g_bytes, &g->g_len, MSG_SIZE_MAX) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (g->g_errno < 0 || g->g_errno > ERRNO_MAX)
		return (msg_fail(m));
	if ((g->g_errno != 0) + (g->g_len > 0) + m->m_nfds > 1)
		return (msg_fail(m));
	g->g_fd = msg_get_fd(m);
	return (0);
}

/* ---- images ---- */

void
msg_put_image(struct msg *m, const struct image *i)
{
	msg_put_u32(m, i->i_pid);
	msg_put_u32(m, i->i_cpu);
	msg_put_bytes(m, i->i_comm, i->i_commlen);
	msg_put_bytes(m, i->i_maps, i->i_mapslen);
	msg_put_bytes(m, i->i_args, i->i_argslen);
	msg_put_u64(m, i->i_mount);
	msg_put_fd(m, i->i_fd);
}

int
msg_get_image(struct msg *m, struct image *i)
{
	i->i_fd = -1;
	if (msg_get_u32(m, &i->i_pid) == -1 ||
	    msg_get_u32(m, &i->i_cpu) == -1 ||
	    msg_get_bytes(m, &i->i_comm, &i->i_commlen, COMM_MAX) == -1 ||
	    msg_get_bytes(m, &i->i_maps, &i->i_mapslen, MSG_SIZE_MAX) == -1 ||
	    msg_get_bytes(m, &i->i_args, &i->i_argslen, IMAGE_ARGS) == -1 ||
	    msg_get_u64(m, &i->i_mount) == -1 || msg_end(m) == -1)
		return (-1);
	if (i->i_pid == 0 || i->i_pid > INT32_MAX || m->m_nfds != 1)
		return (msg_fail(m));
	i->i_fd = msg_get_fd(m);
	return (0);
}

void
msg_put_library(struct msg *m, const struct library *l)
{
	msg_put_u32(m, l->l_pid);
	msg_put_u32(m, l->l_cpu);
	msg_put_u8(m, l->l_writers);
	msg_put_bytes(m, l->l_comm, l->l_commlen);
	msg_put_bytes(m, l->l_exe, l->l_exelen);
	msg_put_bytes(m, l->l_name, l->l_namelen);
	msg_put_fd(m, l->l_fd);
}

int
msg_get_library(struct msg *m, struct library *l)
{
	l->l_fd = -1;
	if (msg_get_u32(m, &l->l_pid) == -1 ||
	    msg_get_u32(m, &l->l_cpu) == -1 ||
	    msg_get_u8(m, &l->l_writers) == -1 ||
	    msg_get_bytes(m, &l->l_comm, &l->l_commlen, COMM_MAX) == -1 ||
	    msg_get_string(m, &l->l_exe, &l->l_exelen, PATH_MAX - 1) == -1 ||
	    msg_get_string(m, &l->l_name, &l->l_namelen, PATH_MAX - 1) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (l->l_pid == 0 || l->l_pid > INT32_MAX ||
	    l->l_writers > WRITERS_UNKNOWN || m->m_nfds != 1)
		return (msg_fail(m));
	l->l_fd = msg_get_fd(m);
	return (0);
}

void
msg_put_code(struct msg *m, const struct code *co)
{
	msg_put_u32(m, co->co_pid);
	msg_put_u32(m, co->co_cpu);
	msg_put_bytes(m, co->co_comm, co->co_commlen);
	msg_put_bytes(m, co->co_exe, co->co_exelen);
}

int
msg_get_code(struct msg *m, struct code *co)
{
	if (msg_get_u32(m, &co->co_pid) == -1 ||
	    msg_get_u32(m, &co->co_cpu) == -1 ||
	    msg_get_bytes(m, &co->co_comm, &co->co_commlen, COMM_MAX) == -1 ||
	    msg_get_string(m, &co->co_exe, &co->co_exelen, PATH_MAX - 1) ==
	    -1 || msg_end(m) == -1)
		return (-1);
	if (co->co_pid == 0 || co->co_pid > INT32_MAX)
		return (msg_fail(m));
	return (0);
}

/* ---- logs ---- */

void
msg_put_log(struct msg *m, uint8_t level, const char *line)
{
	msg_put_u8(m, level);
	msg_put_bytes(m, line, strnlen(line, LOG_LINE_MAX));
}

int
msg_get_log(struct msg *m, uint8_t *level, const uint8_t **line, size_t *len)
{
	if (msg_get_u8(m, level) == -1 ||
	    msg_get_string(m, line, len, LOG_LINE_MAX) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (*level > LOG_L_FATAL)
		return (msg_fail(m));
	return (0);
}

void
msg_put_name(struct msg *m, uint8_t kind, uint32_t at, uint32_t len)
{
	msg_put_u8(m, kind);
	msg_put_u32(m, at);
	msg_put_u32(m, len);
}

int
msg_get_name(struct msg *m, uint8_t *kind, uint32_t *at, uint32_t *len)
{
	if (msg_get_u8(m, kind) == -1 || msg_get_u32(m, at) == -1 ||
	    msg_get_u32(m, len) == -1)
		return (-1);
	if (*len == 0 || *len >= PATH_MAX || *kind < NAME_FILE ||
	    *kind > NAME_DIR)
		return (msg_fail(m));
	return (msg_end(m));
}

void
msg_put_file(struct msg *m, int32_t error, uint64_t mount, int fd)
{
	msg_put_i32(m, error);
	msg_put_u64(m, mount);
	if (error == 0)
		msg_put_fd(m, fd);
}

int
msg_get_file(struct msg *m, int32_t *error, uint64_t *mount, int *fd)
{
	*fd = -1;
	if (msg_get_i32(m, error) == -1 || msg_get_u64(m, mount) == -1)
		return (-1);
	if (*error < 0 || *error > ERRNO_MAX ||
	    m->m_nfds != (*error == 0 ? 1 : 0))
		return (msg_fail(m));
	if (msg_end(m) == -1)
		return (-1);
	if (*error == 0)
		*fd = msg_get_fd(m);
	return (0);
}

void
msg_put_denial(struct msg *m, const struct denial *d)
{
	msg_put_u32(m, d->d_rule);
	msg_put_bytes(m, d->d_line, d->d_len);
}

int
msg_get_denial(struct msg *m, struct denial *d)
{
	if (msg_get_u32(m, &d->d_rule) == -1 ||
	    msg_get_string(m, &d->d_line, &d->d_len, LOG_LINE_MAX) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (d->d_len == 0)
		return (msg_fail(m));
	if (d->d_rule >= RULES_MAX && d->d_rule != UINT32_MAX)
		return (msg_fail(m));
	return (0);
}

/* ---- learning ---- */

void
msg_put_learn(struct msg *m, const struct learn_conf *c)
{
	msg_put_u32(m, c->lc_names);
	msg_put_bytes(m, c->lc_home, c->lc_homelen);
	msg_put_bytes(m, c->lc_work, c->lc_worklen);
	msg_put_bytes(m, c->lc_tty, c->lc_ttylen);
}

/* Absolute, or empty. */
static int
msg_get_place(struct msg *m, const uint8_t **path, size_t *len)
{
	if (msg_get_string(m, path, len, PATH_MAX - 1) == -1)
		return (-1);
	if (*len > 0 && **path != '/')
		return (msg_fail(m));
	return (0);
}

int
msg_get_learn(struct msg *m, struct learn_conf *c)
{
	if (msg_get_u32(m, &c->lc_names) == -1 ||
	    msg_get_place(m, &c->lc_home, &c->lc_homelen) == -1 ||
	    msg_get_place(m, &c->lc_work, &c->lc_worklen) == -1 ||
	    msg_get_place(m, &c->lc_tty, &c->lc_ttylen) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (c->lc_names == 0 || c->lc_names > LEARN_NAMES_MAX)
		return (msg_fail(m));
	return (0);
}

void
msg_put_access(struct msg *m, const struct access *a)
{
	msg_put_u32(m, a->a_rights);
	msg_put_u8(m, a->a_outcome);
	msg_put_bytes(m, a->a_path, a->a_len);
}

int
msg_get_access(struct msg *m, struct access *a)
{
	if (msg_get_u32(m, &a->a_rights) == -1 ||
	    msg_get_u8(m, &a->a_outcome) == -1 ||
	    msg_get_string(m, &a->a_path, &a->a_len, PATTERN_MAX - 1) == -1 ||
	    msg_end(m) == -1)
		return (-1);
	if (a->a_outcome < ACCESS_USED || a->a_outcome > ACCESS_LAST ||
	    (a->a_rights & ~R_ALL) != 0)
		return (msg_fail(m));
	/* the network has neither */
	if ((a->a_outcome == ACCESS_NET) != (a->a_rights == 0) ||
	    (a->a_outcome == ACCESS_NET) != (a->a_len == 0))
		return (msg_fail(m));
	if (a->a_len > 0 && a->a_path[0] != '/')
		return (msg_fail(m));
	return (0);
}

void
msg_put_digest(struct msg *m, const struct digest_of *d)
{
	msg_put_u8(m, d->do_alg);
	msg_put_bytes(m, d->do_digest, digest_len(d->do_alg));
	msg_put_bytes(m, d->do_path, d->do_len);
}

int
msg_get_digest(struct msg *m, struct digest_of *d)
{
	size_t	 len;

	if (msg_get_u8(m, &d->do_alg) == -1 ||
	    msg_get_bytes(m, &d->do_digest, &len, DIGEST_MAX) == -1 ||
	    msg_get_string(m, &d->do_path, &d->do_len, PATTERN_MAX - 1) ==
	    -1 || msg_end(m) == -1)
		return (-1);
	if (len == 0 || len != digest_len(d->do_alg) || d->do_len == 0 ||
	    d->do_path[0] != '/')
		return (msg_fail(m));
	return (0);
}

/* Bytes of one without its strings. */
#define GUARD_SIZE	(1 + 4 + 4 + 4 + 4 + 4 + 4)

void
msg_put_guards(struct msg *m, const struct guardset *gu, size_t *next)
{
	const struct guard	*g;
	size_t			 at = m->m_len, size;
	uint32_t		 n = 0, le;

	msg_put_u32(m, 0);	/* how many: see below */
	for (; *next < gu->gu_count; (*next)++, n++) {
		g = &gu->gu_list[*next];
		size = GUARD_SIZE + strlen(g->g_rule.r_file) +
		    strlen(g->g_rule.r_path);
		if (n > 0 && size > sizeof(m->m_buf) - m->m_len)
			break;
		msg_put_u8(m, g->g_rule.r_match);
		msg_put_u32(m, g->g_crashes);
		msg_put_u32(m, g->g_window);
		msg_put_u32(m, g->g_suspend);
		msg_put_u32(m, g->g_rule.r_line);
		msg_put_bytes(m, g->g_rule.r_file, strlen(g->g_rule.r_file));
		msg_put_bytes(m, g->g_rule.r_path, strlen(g->g_rule.r_path));
	}
	le = htole32(n);
	memcpy(m->m_buf + at, &le, sizeof(le));
}

/* No limit has no times. */
static int
guard_sane(const struct guard *g)
{
	if (g->g_rule.r_match < MATCH_EXACT || g->g_rule.r_match > MATCH_GLOB)
		return (0);
	if (g->g_crashes == 0)
		return (g->g_window == 0 && g->g_suspend == 0);
	return (g->g_crashes <= GUARD_CRASHES_MAX && g->g_window > 0 &&
	    g->g_window <= GUARD_SECONDS_MAX && g->g_suspend > 0 &&
	    g->g_suspend <= GUARD_SECONDS_MAX);
}

static int
msg_get_guards_next(struct msg *m, struct guardset *gu)
{
	struct guard	 g;
	const uint8_t	*file, *path;
	size_t		 filelen, pathlen;
	int		 rv = -1;

	memset(&g, 0, sizeof(g));
	if (msg_get_u8(m, &g.g_rule.r_match) == -1 ||
	    msg_get_u32(m, &g.g_crashes) == -1 ||
	    msg_get_u32(m, &g.g_window) == -1 ||
	    msg_get_u32(m, &g.g_suspend) == -1 ||
	    msg_get_u32(m, &g.g_rule.r_line) == -1 ||
	    msg_get_string(m, &file, &filelen, PATTERN_MAX) == -1 ||
	    msg_get_string(m, &path, &pathlen, PATTERN_MAX - 1) == -1)
		return (-1);
	if (!guard_sane(&g) || pathlen == 0 || path[0] != '/')
		return (msg_fail(m));
	g.g_rule.r_file = string_dup(file, filelen);
	g.g_rule.r_path = string_dup(path, pathlen);
	if (g.g_rule.r_file != NULL && g.g_rule.r_path != NULL &&
	    (g.g_rule.r_match != MATCH_GLOB ||
	    glob_check(g.g_rule.r_path) == NULL))
		rv = guard_add(gu, &g);
	free(g.g_rule.r_file);
	free(g.g_rule.r_path);
	return (rv == 0 ? 0 : msg_fail(m));
}

int
msg_get_guards(struct msg *m, struct guardset *gu)
{
	size_t		 had = gu->gu_count;
	uint32_t	 i, n;

	if (msg_get_u32(m, &n) == -1)
		return (-1);
	if (n == 0)
		return (msg_fail(m));
	for (i = 0; i < n; i++)
		if (msg_get_guards_next(m, gu) == -1)
			break;
	if (i == n && msg_end(m) == 0)
		return (0);
	guard_cut(gu, had);
	return (-1);
}

void
msg_put_file_id(struct msg *m, const struct file_id *fi)
{
	msg_put_u64(m, fi->fi_dev);
	msg_put_u64(m, fi->fi_ino);
	msg_put_u64(m, fi->fi_birth);
}

int
msg_get_file_id(struct msg *m, struct file_id *fi)
{
	if (msg_get_u64(m, &fi->fi_dev) == -1 ||
	    msg_get_u64(m, &fi->fi_ino) == -1 ||
	    msg_get_u64(m, &fi->fi_birth) == -1)
		return (-1);
	return (msg_end(m));
}

void
msg_put_crashes(struct msg *m, const struct crashes *cr)
{
	uint32_t	 i;

	msg_put_u32(m, cr->cr_signal);
	msg_put_u32(m, cr->cr_count);
	for (i = 0; i < cr->cr_count; i++)
		msg_put_u64(m, cr->cr_ages[i]);
}

/* The newest first; a signal where there are some. */
int
msg_get_crashes(struct msg *m, struct crashes *cr)
{
	uint32_t	 i;

	if (msg_get_u32(m, &cr->cr_signal) == -1 ||
	    msg_get_u32(m, &cr->cr_count) == -1)
		return (-1);
	if (cr->cr_count > GUARD_CRASHES_MAX || cr->cr_signal > 64 ||
	    (cr->cr_count == 0) != (cr->cr_signal == 0))
		return (msg_fail(m));
	for (i = 0; i < cr->cr_count; i++)
		if (msg_get_u64(m, &cr->cr_ages[i]) == -1)
			return (-1);
		else if (i > 0 && cr->cr_ages[i] < cr->cr_ages[i - 1])
			return (msg_fail(m));
	return (msg_end(m));
}
