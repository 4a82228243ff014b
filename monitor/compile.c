/*
 * The compiler: rules onto canonical paths, then the wall, then whether the
 * kernel can hold the rules alone, then the child's filter.  Runs in the
 * monitor before any child byte exists.  In doubt a rule goes to the broker:
 * this file must never call a rule the kernel's that the wall does not hold
 * exactly.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "compile.h"

/* Changes to a file that Landlock does not see. */
#define R_UNSEEN	(R_CHOWN | R_CHGRP | R_CHMOD | R_XATTR | R_UTIME)
/* Neither the wall nor the broker looks at these yet: -n says so. */
#define R_UNHELD	(R_STAT | R_WALK | R_CHDIR | R_CHROOT)
#define ABI_FILES	5		/* sees every right but R_UNSEEN */

static const char	 why_unseen[] = "Landlock does not see chmod, chown, "
			    "utime and xattr, which are not allowed everywhere";

/* The last name as it is, what leads to it resolved: for rename, unlink. */
static void
canon_name(const char *path, char *out)
{
	char		 dir[PATTERN_MAX];
	const char	*slash = strrchr(path, '/');

	(void)strlcpy(dir, path, sizeof(dir));
	dir[slash - path] = '\0';
	if (slash == path || path_join(out, path_real(dir), slash) == -1)
		(void)strlcpy(out, path, PATTERN_MAX);
}

/* The directory before a glob's first metacharacter, resolved and escaped. */
static void
canon_glob(const char *pat, char *out)
{
	char		 dir[PATTERN_MAX];
	const char	*real;
	size_t		 i, n = 0, len = glob_prefix(pat);

	if (len == 1) {
		(void)strlcpy(out, pat, PATTERN_MAX);
		return;
	}
	(void)strlcpy(dir, pat, sizeof(dir));
	dir[len] = '\0';
	real = path_real(dir);
	for (i = 0; real[i] != '\0' && strcmp(real, "/") != 0 &&
	    n < PATTERN_MAX - 2; i++) {
		if (strchr("*?[]{},\\", real[i]) != NULL)
			out[n++] = '\\';
		out[n++] = real[i];
	}
	out[n] = '\0';
	if (strlcat(out, pat + len, PATTERN_MAX) >= PATTERN_MAX)
		(void)strlcpy(out, pat, PATTERN_MAX);
}

/* Add r under the name path, unless it is one of the n before it. */
static int
compile_add(struct ruleset *rs, const struct rule *r, char *path, size_t n)
{
	struct rule	 c = *r;
	size_t		 i;

	for (i = rs->rs_count; i > 0 && n > 0; i--, n--)
		if (strcmp(rs->rs_rules[i - 1].r_path, path) == 0)
			return (0);
	c.r_path = path;
	c.r_index = (uint32_t)rs->rs_count;
	if (rs->rs_count == RULES_MAX)
		errno = E2BIG;
	else if (ruleset_add(rs, &c) == 0)
		return (1);
	fprintf(stderr, "%s:%u: %s\n", r->r_file, r->r_line, errno == E2BIG ?
	    "more rules than a role can take" : strerror(errno));
	return (-1);
}

/*
 * One rule as written becomes one to three: what it resolves to, its last
 * name where that is a symbolic link, and for a denial also as written,
 * should a link on the way be replaced.
 */
static int
compile_rule(struct ruleset *rs, const struct rule *r)
{
	char	 path[PATTERN_MAX];
	size_t	 n = 0;
	int	 added;

	if (r->r_match == MATCH_GLOB)
		canon_glob(r->r_path, path);
	else
		(void)strlcpy(path, path_real(r->r_path), sizeof(path));
	if ((added = compile_add(rs, r, path, n)) == -1)
		return (-1);
	n += (size_t)added;
	if (r->r_match != MATCH_GLOB) {
		canon_name(r->r_path, path);
		if ((added = compile_add(rs, r, path, n)) == -1)
			return (-1);
		n += (size_t)added;
	}
	if (r->r_action == RULE_DENY && compile_add(rs, r, r->r_path, n) == -1)
		return (-1);
	return (0);
}

/* Strength of a rule: the matching one with the highest decides. */
static size_t
compile_rank(const struct ruleset *rs, size_t i)
{
	if (rs->rs_rules[i].r_flags & RF_QUICK)
		return (2 * rs->rs_count - i);
	return (i);
}

/* May some path match both an allow and a deny rule?  1 when unsure. */
static int
compile_meet(const struct rule *a, const struct rule *d)
{
	char	 dir[PATTERN_MAX];

	if (a->r_match == MATCH_GLOB) {
		(void)snprintf(dir, sizeof(dir), "%.*s",
		    (int)glob_prefix(a->r_path), a->r_path);
		return (rule_match(d, dir, strlen(dir)) ||
		    d->r_match == MATCH_GLOB || path_below(d->r_path, dir));
	}
	if (rule_match(d, a->r_path, a->r_len))
		return (1);
	if (a->r_match == MATCH_EXACT)
		return (0);
	if (d->r_match == MATCH_GLOB)
		return (glob_reach(d->r_path, a->r_path, a->r_len) !=
		    REACH_NONE);
	return (path_below(d->r_path, a->r_path));
}

static const char *
compile_why_deny(const struct ruleset *rs, size_t i)
{
	const struct rule	*a, *d = &rs->rs_rules[i];
	size_t			 j;

	if (d->r_flags & RF_LOG)
		return ("it asks for a log line");
	if (d->r_errno != 0 && d->r_errno != EACCES)
		return ("the kernel refuses with EACCES only");
	for (j = 0; j < rs->rs_count; j++) {
		a = &rs->rs_rules[j];
		if (a->r_action == RULE_ALLOW &&
		    (a->r_rights & d->r_rights & ~R_UNHELD) != 0 &&
		    compile_rank(rs, i) > compile_rank(rs, j) &&
		    compile_meet(a, d))
			return ("Landlock cannot deny inside what another "
			    "rule allows");
	}
	return (NULL);
}

/* Are the changes Landlock does not see allowed wherever one looks? */
static int
compile_unseen_free(const struct ruleset *rs)
{
	const struct rule	*r;
	uint32_t		 open = R_UNSEEN;
	size_t			 i;

	/* A rule for all of the tree, and no denial at all beside it. */
	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if (r->r_action == RULE_DENY && (r->r_rights & R_UNSEEN) != 0)
			return (0);
		if (r->r_action == RULE_ALLOW && r->r_match == MATCH_UNDER &&
		    r->r_len == 1)
			open &= ~r->r_rights;
	}
	return (open == 0);
}

const char *
compile_why(const struct ruleset *rs, size_t i)
{
	const struct rule	*r = &rs->rs_rules[i];
	enum path_kind		 kind;
	uint32_t		 seen = r->r_rights & ~(R_UNSEEN | R_UNHELD);
	uint32_t		 grants;

	if (r->r_action == RULE_DENY)
		return (compile_why_deny(rs, i));
	if (r->r_flags & RF_LOG)
		return ("it asks for a log line");
	if (r->r_match == MATCH_GLOB)
		return ("Landlock has no globs");
	if ((kind = path_kind(r->r_path)) == PATH_ABSENT)
		return ("the path does not exist yet");
	if (r->r_match == MATCH_EXACT && kind == PATH_DIR)
		return ("Landlock rules for a directory hold below it too");
	if (kind != PATH_DIR && (wall_access(seen) & LL_FS_NAMES) != 0)
		return ("Landlock has no rights on a single name");
	grants = wall_grants(wall_access(seen));
	if (kind != PATH_DIR)
		grants &= ~(uint32_t)R_MKTEMP;
	if (grants & ~seen)
		return ("Landlock's rights are coarser than these");
	if ((r->r_rights & R_UNSEEN) != 0 && !compile_unseen_free(rs))
		return (why_unseen);
	return (NULL);
}

static void
compile_broker(const struct policy *p, struct plan *pl)
{
	size_t	 i;

	pl->pl_broker = 0;
	pl->pl_why = "the kernel holds every rule";
	for (i = 0; i < pl->pl_rules.rs_count && !pl->pl_broker; i++)
		if ((pl->pl_why = compile_why(&pl->pl_rules, i)) != NULL)
			pl->pl_broker = 1;
	if (!pl->pl_broker && !compile_unseen_free(&pl->pl_rules)) {
		pl->pl_broker = 1;
		pl->pl_why = why_unseen;
	}
	if (!pl->pl_broker && pl->pl_abi < ABI_FILES) {
		pl->pl_broker = 1;
		pl->pl_why = wall_lacks(pl->pl_abi);
	}
	if (p->p_watch == 1 && !pl->pl_broker) {
		pl->pl_broker = 1;
		pl->pl_why = "every access is watched";
	}
	if (!pl->pl_broker)
		pl->pl_why = "the kernel holds every rule";
}

int
compile(const struct policy *p, struct plan *pl)
{
	size_t	 i;

	paths_forget();
	memset(pl, 0, sizeof(*pl));
	pl->pl_wall_receiver = pl->pl_wall_policy = -1;
	pl->pl_wall_integrity = pl->pl_wall_child = -1;
	for (i = 0; i < p->p_rules.rs_count; i++)
		if (compile_rule(&pl->pl_rules, &p->p_rules.rs_rules[i]) == -1)
			goto fail;
	if (compile_wall(p, pl) == -1)
		goto fail;
	compile_broker(p, pl);
	if (compile_bpf(p, pl) == -1)
		goto fail;
	return (0);
fail:
	plan_free(pl);
	return (-1);
}

void
plan_free(struct plan *pl)
{
	int	*walls[] = { &pl->pl_wall_receiver, &pl->pl_wall_policy,
	    &pl->pl_wall_integrity, &pl->pl_wall_child };
	size_t	 i;

	for (i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		if (*walls[i] != -1)
			close(*walls[i]);
		*walls[i] = -1;
	}
	ruleset_free(&pl->pl_rules);
	paths_forget();
}
