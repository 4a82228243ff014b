/*
 * Rules: words for rights, evaluation order, and what a directory's move
 * would do to the names below it.  Pure: no I/O, no allocation but in
 * ruleset_add(), no state.  Paths are bytes; canonical ones come in, and
 * this file must never guess what a path would resolve to.
 */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "rule.h"

/* A directory whose names below it are compared. */
struct place {
	const char	*p_path;
	size_t		 p_len;
};

static const struct {
	const char	*name;
	uint32_t	 rights;
} rights_words[] = {
	/* The largest first: rights_print() takes what fits. */
	{ "all",	RG_ALL },
	{ "contents",	RG_CONTENTS },
	/* Groups; their names win over those of the right they begin with. */
	{ "read",	RG_READ },
	{ "write",	RG_WRITE },
	{ "create",	RG_CREATE },
	{ "delete",	RG_DELETE },
	{ "exec",	RG_EXEC },
	/* That right alone. */
	{ "readfile",	R_READ },
	{ "writefile",	R_WRITE },
	{ "mkfile",	R_CREATE },
	{ "unlink",	R_DELETE },
	{ "program",	R_EXEC },
	{ "truncate",	R_TRUNCATE },
	{ "mkdir",	R_MKDIR },
	{ "rmdir",	R_RMDIR },
	{ "readdir",	R_READDIR },
	{ "rename",	R_RENAME },
	{ "link",	R_LINK },
	{ "symlink",	R_SYMLINK },
	{ "chown",	R_CHOWN },
	{ "chgrp",	R_CHGRP },
	{ "chmod",	R_CHMOD },
	{ "xattr",	R_XATTR },
	{ "utime",	R_UTIME },
	{ "mkfifo",	R_MKFIFO },
	{ "mksock",	R_MKSOCK },
	{ "mkcdev",	R_MKCDEV },
	{ "mkbdev",	R_MKBDEV },
	{ "mktemp",	R_MKTEMP },
	{ "ioctl",	R_IOCTL },
	{ "stat",	R_STAT },
	{ "walk",	R_WALK },
	{ "chdir",	R_CHDIR },
	{ "chroot",	R_CHROOT },
	{ "library",	R_LIBRARY },
	{ "wx",		R_WX },
};
#define NWORDS	(sizeof(rights_words) / sizeof(rights_words[0]))
#define GROUPS	2	/* the first group; groups are disjoint */
#define NGROUPS	5
#define SINGLES	(GROUPS + NGROUPS + 5)	/* not those a group is named for */

/* Groups by bit set: 1 read, 2 write, 4 create, 8 delete, 16 exec. */
static const char *const rights_groups[1 << NGROUPS] = {
	"all", "read", "write", "read, write",
	"create", "read, create", "write, create", "read, write, create",
	"delete", "read, delete", "write, delete", "read, write, delete",
	"create, delete", "read, create, delete", "write, create, delete",
	"read, write, create, delete",
	"exec", "read, exec", "write, exec", "read, write, exec",
	"create, exec", "read, create, exec", "write, create, exec",
	"read, write, create, exec",
	"delete, exec", "read, delete, exec", "write, delete, exec",
	"read, write, delete, exec",
	"create, delete, exec", "read, create, delete, exec",
	"write, create, delete, exec", "read, write, create, delete, exec",
};

int
ruleset_take(struct ruleset *rs, const struct rule *r)
{
	struct rule	*n;
	size_t		 size;

	if (rs->rs_count == rs->rs_size) {
		size = rs->rs_size == 0 ? 64 : rs->rs_size * 2;
		n = reallocarray(rs->rs_rules, size, sizeof(*n));
		if (n == NULL)
			return (-1);
		rs->rs_rules = n;
		rs->rs_size = size;
	}
	rs->rs_rules[rs->rs_count++] = *r;
	rs->rs_nquick += (r->r_flags & RF_QUICK) != 0;
	return (0);
}

int
ruleset_add(struct ruleset *rs, const struct rule *r)
{
	struct rule	 n = *r;

	n.r_len = strlen(r->r_path);
	n.r_path = strdup(r->r_path);
	n.r_file = strdup(r->r_file);
	if (n.r_path == NULL || n.r_file == NULL ||
	    ruleset_take(rs, &n) == -1) {
		free(n.r_path);
		free(n.r_file);
		errno = ENOMEM;
		return (-1);
	}
	return (0);
}

void
ruleset_cut(struct ruleset *rs, size_t count)
{
	struct rule	*r;

	while (rs->rs_count > count) {
		r = &rs->rs_rules[--rs->rs_count];
		rs->rs_nquick -= (r->r_flags & RF_QUICK) != 0;
		free(r->r_path);
		free(r->r_file);
	}
}

void
ruleset_free(struct ruleset *rs)
{
	ruleset_cut(rs, 0);
	free(rs->rs_rules);
	memset(rs, 0, sizeof(*rs));
}

int
path_under(const char *path, size_t len, const char *dir, size_t dirlen)
{
	if (dirlen == 1)		/* "/" */
		return (len > 0 && path[0] == '/');
	if (len < dirlen || (len > dirlen && path[dirlen] != '/'))
		return (0);
	return (memcmp(path, dir, dirlen) == 0);
}

uint32_t
ruleset_denied(const struct ruleset *rs)
{
	const struct rule	*r;
	uint32_t		 denied = 0;
	size_t			 i;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if (r->r_action != RULE_DENY)
			continue;
		denied |= r->r_rights & R_LOOKS;
		if (r->r_flags & RF_HIDE)
			denied |= R_HIDING;
		if (r->r_flags & RF_APPEND)
			denied |= R_APPENDING;
		if (r->r_flags & RF_MASK)
			denied |= R_MASKING;
	}
	return (denied);
}

/* Is what an allow rule names, or begins at, allowed anything by it? */
static int
rule_stands(const struct ruleset *rs, const struct rule *r)
{
	const struct rule	*by;

	return (r->r_match == MATCH_GLOB || ruleset_eval(rs, r->r_path,
	    r->r_len, r->r_rights, &by) != 0);
}

/* Does an allow rule begin strictly below this directory? */
static int
rule_begins_below(const struct rule *r, const char *path, size_t len)
{
	size_t	 n = r->r_len;

	if (r->r_match == MATCH_GLOB) {
		/* from its first special character on, anything */
		n = glob_prefix(r->r_path);
		if (n <= len)
			return (path_under(path, len, r->r_path, n) &&
			    glob_reach(r->r_path, path, len) == REACH_SOME);
	}
	return (r->r_match != MATCH_FSTYPE && n > len &&
	    path_under(r->r_path, n, path, len));
}

int
ruleset_allows_below(const struct ruleset *rs, const char *path, size_t len)
{
	const struct rule	*r;
	uint32_t		 open = R_ALL;
	size_t			 k;
	int			 here = 1;

	for (k = 0; k < 2 * rs->rs_count && open != 0; k++) {
		if ((r = ruleset_rank(rs, k)) == NULL ||
		    (r->r_rights & open) == 0)
			continue;
		if (r->r_action == RULE_DENY) {
			if (rule_reach(r, path, len) == REACH_ALL)
				open &= ~r->r_rights;
			if ((r->r_rights & R_LOOKS) && rule_match(r, path,
			    len))
				here = 0;
		} else if (rule_begins_below(r, path, len) &&
		    rule_stands(rs, r))
			return (1);
		else if (here && r->r_match == MATCH_UNDER &&
		    r->r_len == len && rule_match(r, path, len))
			return (1);
	}
	return (0);
}

const struct rule *
ruleset_hides_in(const struct ruleset *rs, const char *dir, size_t len,
    int globs)
{
	const struct rule	*r;
	const char		*rest;
	size_t			 i;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if ((r->r_flags & RF_HIDE) == 0)
			continue;
		if (r->r_match == MATCH_GLOB || rule_match(r, dir, len)) {
			if ((globs || r->r_match != MATCH_GLOB) &&
			    rule_reach(r, dir, len) != REACH_NONE)
				return (r);
			continue;
		}
		if (r->r_len <= len || !path_under(r->r_path, r->r_len, dir,
		    len))
			continue;
		rest = r->r_path + len + (len > 1);
		if (strchr(rest, '/') == NULL)
			return (r);
	}
	return (NULL);
}

int
rule_match(const struct rule *r, const char *path, size_t len)
{
	switch (r->r_match) {
	case MATCH_EXACT:
		return (r->r_len == len && memcmp(r->r_path, path, len) == 0);
	case MATCH_UNDER:
		return (path_under(path, len, r->r_path, r->r_len));
	case MATCH_GLOB:
		return (glob_match(r->r_path, path, len));
	}
	return (0);
}

/*
 * Most rules of a policy cannot match a path because it has no component
 * that ends where theirs does: found without looking at their strings.
 */
static inline int
rule_may_match(const struct rule *r, const char *path, size_t len)
{
	size_t	 n = r->r_len;

	if (r->r_match == MATCH_GLOB)
		return (1);
	if (n >= len)
		return (n == len);
	return (path[n] == '/' || n == 1);
}

/* Of want, the rights the rule speaks about for this path. */
static inline uint32_t
rule_rights(const struct rule *r, size_t len, uint32_t want)
{
	if ((r->r_flags & RF_BELOW) && len == r->r_len)
		want &= ~R_NAMES;
	return (r->r_rights & want);
}

/* What evaluation has settled so far. */
struct verdicts {
	uint32_t	 v_open;	/* rights not decided yet */
	uint32_t	 v_allowed;
	uint32_t	 v_denybit;	/* lowest right a rule denied, or 0 */
	uint32_t	 v_allowbit;
	const struct rule *v_deny;
	const struct rule *v_allow;
};

static void
verdicts_take(struct verdicts *v, const struct rule *r, uint32_t bits)
{
	uint32_t	 low = bits & (~bits + 1);

	v->v_open &= ~bits;
	if (r->r_action == RULE_ALLOW) {
		v->v_allowed |= bits;
		if (v->v_allow == NULL || low < v->v_allowbit) {
			v->v_allow = r;
			v->v_allowbit = low;
		}
	} else if (v->v_deny == NULL || low < v->v_denybit) {
		v->v_deny = r;
		v->v_denybit = low;
	}
}

uint32_t
ruleset_eval(const struct ruleset *rs, const char *path, size_t len,
    uint32_t want, const struct rule **by)
{
	struct verdicts		 v;
	const struct rule	*r;
	size_t			 i, n;
	uint32_t		 bits;

	memset(&v, 0, sizeof(v));
	v.v_open = want;

	/* The first quick rule that matches decides ... */
	n = rs->rs_nquick;
	for (i = 0; n > 0 && i < rs->rs_count && v.v_open != 0; i++) {
		r = &rs->rs_rules[i];
		if ((r->r_flags & RF_QUICK) == 0)
			continue;
		n--;
		bits = rule_rights(r, len, v.v_open);
		if (bits != 0 && rule_match(r, path, len))
			verdicts_take(&v, r, bits);
	}
	/* ... else the last of the others. */
	for (i = rs->rs_count; i > 0 && v.v_open != 0; i--) {
		r = &rs->rs_rules[i - 1];
		if (!rule_may_match(r, path, len) || r->r_flags & RF_QUICK)
			continue;
		bits = rule_rights(r, len, v.v_open);
		if (bits != 0 && rule_match(r, path, len))
			verdicts_take(&v, r, bits);
	}
	if (by != NULL)
		*by = v.v_allowed == want ? v.v_allow : v.v_deny;
	return (v.v_allowed);
}

const struct rule *
ruleset_rank(const struct ruleset *rs, size_t k)
{
	const struct rule	*r;
	size_t			 n = rs->rs_count;

	r = &rs->rs_rules[k < n ? k : 2 * n - 1 - k];
	if (((r->r_flags & RF_QUICK) != 0) != (k < n))
		return (NULL);
	return (r);
}

static int
place_equal(const struct place *a, const struct place *b)
{
	return (a->p_len == b->p_len &&
	    memcmp(a->p_path, b->p_path, a->p_len) == 0);
}

enum reach
rule_reach(const struct rule *r, const char *path, size_t len)
{
	/* analyzer: rule_gains() is called with ranks that have one */
	switch (r->r_match) {
	case MATCH_GLOB:
		return (glob_reach(r->r_path, path, len));
	case MATCH_UNDER:
		if (path_under(path, len, r->r_path, r->r_len))
			return (REACH_ALL);
		break;
	case MATCH_EXACT:
		if (r->r_len == len)
			return (REACH_NONE);
		break;
	}
	return (path_under(r->r_path, r->r_len, path, len) ?
	    REACH_SOME : REACH_NONE);
}

static enum reach
place_reach(const struct rule *r, const struct place *p)
{
	return (rule_reach(r, p->p_path, p->p_len));
}

/* Does r match at y/NAME for every NAME for which it matches at x/NAME? */
static int
rule_follows(const struct rule *r, const struct place *x,
    const struct place *y)
{
	if (place_reach(r, x) == REACH_NONE || place_reach(r, y) == REACH_ALL ||
	    place_equal(x, y))
		return (1);
	return (r->r_match == MATCH_GLOB && glob_follows(r->r_path,
	    x->p_path, x->p_len, y->p_path, y->p_len));
}

/*
 * a allows bits at some name below to.  May the same name below from be
 * denied one of them?  The rule that denies it there is either stronger than
 * a and does not follow to the new place, or a did not match at the old one.
 */
static int
rule_gains(const struct ruleset *rs, size_t ka, uint32_t bits,
    const struct place *from, const struct place *to)
{
	const struct rule	*a, *d;
	size_t			 k;
	uint32_t		 open = bits;
	enum reach		 reach;
	int			 kept;

	a = ruleset_rank(rs, ka);
	kept = rule_follows(a, to, from);
	for (k = 0; k < 2 * rs->rs_count && open != 0; k++) {
		if ((d = ruleset_rank(rs, k)) == NULL ||
		    (d->r_rights & open) == 0)
			continue;
		if ((reach = place_reach(d, from)) == REACH_NONE)
			continue;
		if (d->r_action == RULE_DENY &&
		    !(k < ka ? rule_follows(d, from, to) : kept))
			return (1);
		if (reach == REACH_ALL)
			open &= ~d->r_rights;
	}
	return (open != 0 && !kept);
}

int
ruleset_denies_below(const struct ruleset *rs, const char *path,
    const char *to, uint32_t want)
{
	struct place		 from = { path, strlen(path) };
	struct place		 dest = { to, strlen(to) };
	const struct rule	*a;
	size_t			 k;
	enum reach		 reach;

	/* Each rule that may allow something at the new place. */
	for (k = 0; k < 2 * rs->rs_count && want != 0; k++) {
		if ((a = ruleset_rank(rs, k)) == NULL ||
		    (a->r_rights & want) == 0)
			continue;
		if ((reach = place_reach(a, &dest)) == REACH_NONE)
			continue;
		if (a->r_action == RULE_ALLOW &&
		    rule_gains(rs, k, a->r_rights & want, &from, &dest))
			return (1);
		/* Weaker rules no longer matter for these rights. */
		if (reach == REACH_ALL)
			want &= ~a->r_rights;
	}
	return (0);
}

uint32_t
rights_parse(const char *word)
{
	size_t	 i;

	for (i = 0; i < NWORDS; i++)
		if (strcmp(word, rights_words[i].name) == 0)
			return (rights_words[i].rights);
	return (0);
}

static unsigned
rights_covering(uint32_t want)
{
	unsigned	 i, set = 0;

	for (i = 0; i < NGROUPS; i++)
		if (want & rights_words[GROUPS + i].rights) {
			set |= 1U << i;
			want &= ~rights_words[GROUPS + i].rights;
		}
	return (want == 0 ? set : 0);
}

const char *
rights_word(uint32_t want)
{
	size_t	 i;

	for (i = 0; i < NWORDS; i++)
		if ((i < GROUPS || i >= SINGLES) &&
		    want == rights_words[i].rights)
			return (rights_words[i].name);
	if (want & R_WX)
		return ("all, wx");	/* no group has it */
	return (rights_groups[rights_covering(want)]);
}

void
rights_print(uint32_t rights, char *buf, size_t size)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < NWORDS && rights != 0; i++) {
		if ((rights & rights_words[i].rights) !=
		    rights_words[i].rights)
			continue;
		if (buf[0] != '\0')
			(void)strlcat(buf, ", ", size);
		(void)strlcat(buf, rights_words[i].name, size);
		rights &= ~rights_words[i].rights;
	}
}

/* What an effect is called in a policy; EFFECT_NONE has its action's word. */
static const char *const effect_words[EFFECT_COUNT] = {
	[EFFECT_WARN]	= "warn",
	[EFFECT_KILL]	= "kill",
	[EFFECT_STOP]	= "stop",
	[EFFECT_ABORT]	= "abort",
	[EFFECT_EXIT]	= "exit",
};

static const char *
rule_word(const struct rule *r)
{
	if (r->r_effect != EFFECT_NONE && r->r_effect < EFFECT_COUNT)
		return (effect_words[r->r_effect]);
	return (r->r_action == RULE_ALLOW ? "allow" : "deny");
}

int
rule_sane(const struct rule *r)
{
	if (r->r_action != RULE_ALLOW && r->r_action != RULE_DENY)
		return (0);
	if (r->r_effect >= EFFECT_COUNT || (r->r_flags & ~RF_FLAGS) != 0)
		return (0);
	if (r->r_effect != EFFECT_NONE &&
	    (r->r_effect == EFFECT_WARN) != (r->r_action == RULE_ALLOW))
		return (0);
	if ((r->r_flags & RF_HIDE) && (r->r_action != RULE_DENY ||
	    r->r_effect != EFFECT_NONE || r->r_errno != ENOENT ||
	    r->r_rights != RG_ALL))
		return (0);
	if ((r->r_flags & RF_MASK) && (r->r_action != RULE_DENY ||
	    r->r_effect != EFFECT_NONE || r->r_errno != EACCES ||
	    r->r_rights != RG_ALL || (r->r_flags & (RF_HIDE | RF_APPEND))))
		return (0);
	if ((r->r_flags & RF_APPEND) && (r->r_action != RULE_DENY ||
	    r->r_effect != EFFECT_NONE || r->r_errno != EPERM ||
	    r->r_rights != RG_APPEND))
		return (0);
	return ((r->r_flags & RF_QUIET) == 0 || (r->r_action == RULE_DENY &&
	    r->r_effect != EFFECT_EXIT && (r->r_flags & RF_LOG) == 0));
}

void
rule_print(const struct rule *r, char *buf, size_t size)
{
	char		 rights[RIGHTS_TEXT_MAX], path[2 * PATTERN_MAX + 1];
	const char	*how;
	size_t		 i, n = 0;

	for (i = 0; i < r->r_len && n + 2 < sizeof(path); i++) {
		if (strchr("\"\\$", r->r_path[i]) != NULL)
			path[n++] = '\\';
		path[n++] = r->r_path[i];
	}
	path[n] = '\0';
	how = r->r_match == MATCH_UNDER ?
	    (r->r_flags & RF_MASK ? "" : "under ") :
	    r->r_match == MATCH_GLOB ? "glob " :
	    r->r_match == MATCH_FSTYPE ? "fstype " : "";
	rights_print(r->r_rights, rights, sizeof(rights));
	if (r->r_flags & (RF_HIDE | RF_APPEND | RF_MASK)) {
		(void)snprintf(buf, size, "%s%s%s%s %s\"%s\"",
		    r->r_flags & RF_HIDE ? "hide" :
		    r->r_flags & RF_MASK ? "mask" : "append",
		    r->r_flags & RF_QUICK ? " quick" : "",
		    r->r_flags & RF_LOG ? " log" : "",
		    r->r_flags & RF_QUIET ? " quiet" : "", how, path);
		return;
	}
	(void)snprintf(buf, size, "%s%s%s%s %s %s\"%s\"%s%s", rule_word(r),
	    r->r_flags & RF_QUICK ? " quick" : "",
	    r->r_flags & RF_LOG ? " log" : "",
	    r->r_flags & RF_QUIET ? " quiet" : "", rights, how, path,
	    r->r_errno != 0 && r->r_errno != EACCES ? " errno " : "",
	    r->r_errno != 0 && r->r_errno != EACCES ?
	    strerrorname_np(r->r_errno) : "");
}
