/*
 * The compiler: rules onto canonical paths, then the wall, then the child's
 * own domain and the tier of each right, then the child's filter.  Runs in the
 * monitor before any child byte exists.  Must never change what a rule says:
 * a path that does not resolve stays as written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"

#define GRANTS_BACK	16	/* a path is granted twice only close by */
#define RULES_BACK	256	/* alike in a row, looked at for one more */

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

void
compile_canonical(const struct rule *r, char *path)
{
	if (r->r_match == MATCH_GLOB)
		canon_glob(r->r_path, path);
	else
		(void)strlcpy(path, path_real(r->r_path), PATTERN_MAX);
}

int
compile_put(struct ruleset *rs, const struct rule *r, char *path)
{
	struct rule	 c = *r;

	c.r_path = path;
	if (r->r_action == RULE_ALLOW && r->r_match == MATCH_UNDER &&
	    path_kind(path) == PATH_DIR)
		c.r_flags |= RF_BELOW;
	c.r_index = (uint32_t)rs->rs_count;
	if (rs->rs_count == RULES_MAX)
		errno = E2BIG;
	else if (ruleset_add(rs, &c) == 0)
		return (0);
	fprintf(stderr, "%s:%u: %s\n", r->r_file, r->r_line, errno == E2BIG ?
	    "more rules than a role can take" : strerror(errno));
	return (-1);
}

/* Do two rules say the same of whatever paths they name? */
static int
compile_alike(const struct rule *a, const struct rule *b)
{
	return (a->r_rights == b->r_rights && a->r_action == b->r_action &&
	    a->r_errno == b->r_errno && a->r_effect == b->r_effect &&
	    ((a->r_flags ^ b->r_flags) & ~RF_BELOW) == 0);
}

/*
 * Add r under the name path, unless it is there already with nothing since
 * that says otherwise: so that what -n prints compiles to the same rules.
 */
static int
compile_add(struct ruleset *rs, const struct rule *r, char *path)
{
	size_t	 i;

	for (i = rs->rs_count; i > 0 && rs->rs_count - i < RULES_BACK &&
	    compile_alike(&rs->rs_rules[i - 1], r); i--)
		if (rs->rs_rules[i - 1].r_match == r->r_match &&
		    strcmp(rs->rs_rules[i - 1].r_path, path) == 0)
			return (0);
	return (compile_put(rs, r, path));
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

	compile_canonical(r, path);
	if (compile_add(rs, r, path) == -1)
		return (-1);
	if (r->r_match != MATCH_GLOB) {
		canon_name(r->r_path, path);
		if (compile_add(rs, r, path) == -1)
			return (-1);
	}
	return (r->r_action == RULE_DENY ? compile_add(rs, r, r->r_path) : 0);
}

uint32_t
plan_rule_rights(const struct plan *pl, size_t i, unsigned tier)
{
	uint32_t	 rights = 0;
	size_t		 k;

	for (k = 0; k < RIGHTS_COUNT; k++)
		if (pl->pl_tiers[k].t_tier == tier)
			rights |= 1U << k;
	return (rights & pl->pl_rules.rs_rules[i].r_rights);
}

int
grants_add(struct grants *gs, const char *path, uint64_t access)
{
	struct grant	*g;
	size_t		 i, size;

	for (i = gs->gs_count; i > 0 && gs->gs_count - i < GRANTS_BACK; i--)
		if (strcmp(gs->gs_grants[i - 1].g_path, path) == 0) {
			gs->gs_grants[i - 1].g_access |= access;
			return (0);
		}
	if (gs->gs_count == gs->gs_size) {
		size = gs->gs_size == 0 ? 256 : gs->gs_size * 2;
		g = reallocarray(gs->gs_grants, size, sizeof(*g));
		if (g == NULL)
			return (-1);
		gs->gs_grants = g;
		gs->gs_size = size;
	}
	g = &gs->gs_grants[gs->gs_count];
	if ((g->g_path = strdup(path)) == NULL)
		return (-1);
	g->g_access = access;
	gs->gs_count++;
	return (0);
}

static void
grants_free(struct grants *gs)
{
	size_t	 i;

	for (i = 0; i < gs->gs_count; i++)
		free(gs->gs_grants[i].g_path);
	free(gs->gs_grants);
	memset(gs, 0, sizeof(*gs));
}

/* A rule as the promise leaves it: 0 when nothing is left. */
static int
compile_promise(const struct policy *p, const struct rule *r, struct rule *c)
{
	*c = *r;
	if (p->p_promised && r->r_action == RULE_ALLOW)
		c->r_rights &= p->p_promise;
	return (c->r_rights != 0);
}

static int
compile_hide(const struct policy *p, struct plan *pl)
{
	pl->pl_hidden = calloc(pl->pl_rules.rs_count + 1, 1);
	if (pl->pl_hidden != NULL && (!p->p_hide ||
	    hide_list(&pl->pl_rules, &pl->pl_hide, pl->pl_hidden) == 0))
		return (0);
	fprintf(stderr, "error: hiding: %s\n", strerror(errno));
	return (-1);
}

/* The grants, to the kernel: each place is opened once for both domains. */
static int
compile_domains(const struct plan *pl)
{
	const struct grants	*child = &pl->pl_child, *gs = &pl->pl_worker;
	struct wallgrant	 wg[2];
	size_t			 i;

	wg[0].wg_ruleset = pl->pl_wall_policy;
	wg[1].wg_ruleset = pl->pl_wall_child;
	for (i = 0; i < gs->gs_count && pl->pl_abi > 0; i++) {
		wg[0].wg_access = gs->gs_grants[i].g_access;
		if (i < child->gs_count)
			wg[1].wg_access = child->gs_grants[i].g_access;
		if (wall_open(gs->gs_grants[i].g_path, wg,
		    i < child->gs_count ? 2 : 1) == -1)
			return (-1);
	}
	return (0);
}

/* The rules as written, onto paths as the kernel sees them. */
static int
compile_rules(const struct policy *p, struct plan *pl)
{
	struct mounts	 ms;
	struct rule	 r;
	size_t		 i;
	int		 rv = 0;

	memset(&ms, 0, sizeof(ms));
	for (i = 0; i < p->p_rules.rs_count && rv == 0; i++) {
		if (!compile_promise(p, &p->p_rules.rs_rules[i], &r))
			continue;
		if (r.r_match != MATCH_FSTYPE)
			rv = compile_rule(&pl->pl_rules, &r);
		else if ((rv = mounts_load(&ms)) == 0)
			rv = compile_fstype(&pl->pl_rules, &r, &ms);
		else
			fprintf(stderr, "%s:%u: /proc/self/mountinfo: %s\n",
			    r.r_file, r.r_line, strerror(errno));
	}
	mounts_free(&ms);
	return (rv);
}

int
compile(const struct policy *p, struct plan *pl)
{

	paths_forget();
	memset(pl, 0, sizeof(*pl));
	pl->pl_wall_receiver = pl->pl_wall_policy = -1;
	pl->pl_wall_integrity = pl->pl_wall_child = -1;
	if (compile_rules(p, pl) == -1 || compile_verify(p, pl) == -1 ||
	    compile_guard(p, pl) == -1 ||
	    compile_hide(p, pl) == -1 ||
	    compile_wall(p, pl) == -1)
		goto fail;
	if (compile_grants(p, pl) == -1) {
		fprintf(stderr, "error: the child's domain: %s\n",
		    strerror(errno));
		goto fail;
	}
	net_asked(pl);
	if (wall_worker(pl) == -1 || compile_domains(pl) == -1) {
		fprintf(stderr, "error: the domains of the child and of the "
		    "policy worker: %s\n", strerror(errno));
		goto fail;
	}
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
	for (i = 0; i < RIGHTS_COUNT; i++) {
		free(pl->pl_tiers[i].t_path);
		pl->pl_tiers[i].t_path = NULL;
	}
	netplan_free(&pl->pl_net);
	hide_free(&pl->pl_hide);
	free(pl->pl_hidden);
	pl->pl_hidden = NULL;
	grants_free(&pl->pl_wall);
	grants_free(&pl->pl_child);
	grants_free(&pl->pl_worker);
	ruleset_free(&pl->pl_rules);
	verify_free(&pl->pl_verify);
	tpe_free(&pl->pl_tpe);
	guard_free(&pl->pl_guards);
	paths_forget();
}
