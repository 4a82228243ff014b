/*
 * One compiled policy against the reference and the model: each right at each
 * path, there and to come, and who is said to hold it.
 */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "plan_tree.h"

/* All that is made is in here. */
static char		 top[] = "/tmp/test_plan.XXXXXX";
static char		 base[MODEL_PATH];	/* of the tree */
static char		 stash[MODEL_PATH];	/* gave way to a try */

/* What is wrong, for the first path and right where something is. */
struct finding {
	const char	*f_what;	/* NULL: nothing */
	char		 f_path[MODEL_PATH];
	uint32_t	 f_right;
	enum thing	 f_thing;
	int		 f_want;
	int		 f_got;
};

/* One policy on one tree, compiled. */
struct trial {
	struct tree	*t_tree;
	const struct gen *t_gen;
	struct policy	 t_policy;
	struct plan	 t_plan;
	struct ref	 t_ref;
	int		 t_atmost;	/* less than the rules is no fault */
	struct finding	 t_finding;
};

static unsigned long	 asked, asked_kernel, held, brokered;

/* From the environment. */
static unsigned long
number(const char *name, unsigned long otherwise)
{
	const char	*s = getenv(name);

	return (s == NULL ? otherwise : strtoul(s, NULL, 10));
}

/* Only the first is kept. */
static void
found(struct trial *tr, const char *what, const char *path, uint32_t right,
    enum thing thing, int want, int got)
{
	struct finding	*f = &tr->t_finding;

	if (f->f_what != NULL)
		return;
	f->f_what = what;
	(void)strlcpy(f->f_path, path, sizeof(f->f_path));
	f->f_right = right;
	f->f_thing = thing;
	f->f_want = want;
	f->f_got = got;
}

static const struct tier *
tier_of(const struct plan *pl, uint32_t right)
{
	return (&pl->pl_tiers[__builtin_ctz(right)]);
}

/* ---- names that come later ---- */

static int
ref_any(const struct ref *rf, const char *path, uint32_t rights)
{
	size_t	 i;

	for (i = 0; i < NSINGLES; i++)
		if ((gen_singles[i] & rights) &&
		    ref_allows(rf, path, gen_singles[i], NULL))
			return (1);
	return (0);
}

/* Is it a directory, or may the program make one there? */
static int
late_dir(const struct ref *rf, const char *path)
{
	struct stat	 st;
	char		 dir[MODEL_PATH];

	if (lstat(path, &st) == 0)
		return (S_ISDIR(st.st_mode));
	model_parent(path, dir);
	return (ref_allows(rf, path, R_MKDIR, NULL) && late_dir(rf, dir));
}

/* May the program bring about what this right is for? */
static int
late_made(const struct ref *rf, const char *path, uint32_t right)
{
	char	 dir[MODEL_PATH];

	model_parent(path, dir);
	if (!late_dir(rf, dir))
		return (0);
	if (right & M_MAKES)
		return (1);
	if (right & (R_READDIR | R_MKTEMP | R_RMDIR))
		return (ref_allows(rf, path, R_MKDIR, NULL));
	return (ref_any(rf, path, M_MAKES & ~(uint32_t)R_MKDIR));
}

/*
 * privsep-sandbox.conf(5): a rule for a path that is not there and that it
 * does not allow to be made has no effect until the next run.  The same holds
 * for the directory that a pattern begins with, and for files without a name
 * in a directory that is to come: the wall is not opened for those.
 */
static int
ref_idle(const struct ref_rule *by, uint32_t right)
{
	const char	*path;
	struct stat	 st;
	char		 dir[MODEL_PATH];
	if (by == NULL || *(path = by->rr_names[0].n_path) == '\0')
		return (0);
	if (by->rr_rule->r_match == MATCH_GLOB)
		return (!by->rr_names[0].n_dir);
	if (lstat(path, &st) == 0)
		return (0);
	if (right == R_MKTEMP)
		return (1);
	model_parent(path, dir);
	return ((by->rr_rights & M_MAKES) == 0 || lstat(dir, &st) == -1);
}

/* Must the plan allow what the reference allows there? */
static int
must_allow(const struct trial *tr, const char *path, uint32_t right,
    enum thing t, const struct ref_rule *by)
{
	if (t != T_ABSENT)
		return (1);
	if (tr->t_atmost)
		return (0);
	if (ref_idle(by, right))
		return (0);
	return (!tr->t_gen->g_late || late_made(&tr->t_ref, path, right));
}

/* ---- one path ---- */

/*
 * What the kernel holds for the child it holds for the worker too, unless a
 * right that only the rules hold takes the same of Landlock's.
 */
static void
check_worker(struct trial *tr, const char *path, uint32_t right,
    enum thing t, int want)
{
	const struct plan	*pl = &tr->t_plan;
	uint32_t		 done = pl->pl_broker &
				    ~(uint32_t)(R_EXEC | R_IOCTL);

	if (!want && (right & wall_grants(wall_access(done))) == 0 &&
	    model_suffices(right, t, model_at(&pl->pl_worker, path, right,
	    NULL), 0))
		found(tr, "more than the rules: the worker's wall", path,
		    right, t, 0, 1);
}

static void
check_kernel(struct trial *tr, const char *path, uint32_t right,
    enum thing t, int want, const struct ref_rule *by)
{
	const struct plan	*pl = &tr->t_plan;
	uint64_t		 access;

	if (right & R_UNSEEN) {
		if (!want)
			found(tr, "more than the rules: Landlock does not see "
			    "it", path, right, t, 0, 1);
		return;
	}
	access = model_at(&pl->pl_child, path, right, NULL) &
	    model_at(&pl->pl_wall, path, right, NULL);
	if (!want && model_suffices(right, t, access, 0))
		found(tr, "more than the rules: grants", path, right, t, 0, 1);
	check_worker(tr, path, right, t, want);
	/* Landlock wants the file readable as well. */
	if (right == R_EXEC && !ref_allows(&tr->t_ref, path, R_READ, NULL))
		return;
	if (want && !model_suffices(right, t, access, 1) &&
	    must_allow(tr, path, right, t, by))
		found(tr, "less than the rules: grants", path, right, t, 1, 0);
}

static void
check_broker(struct trial *tr, const char *path, uint32_t right,
    enum thing t, int want, const struct ref_rule *by)
{
	const struct plan	*pl = &tr->t_plan;
	uint64_t		 wall;
	int			 said, open;

	said = ruleset_eval(&pl->pl_rules, path, strlen(path), right, NULL) ==
	    right;
	wall = model_at(&pl->pl_wall, path, right, NULL);
	if (right != R_EXEC)	/* the child's, all the same */
		wall &= model_at(&pl->pl_worker, path, right, NULL);
	open = model_suffices(right, t, wall, 1);
	if (!want && said && model_suffices(right, t, wall, 0))
		found(tr, "more than the rules: broker", path, right, t, 0, 1);
	if (tr->t_atmost)
		return;
	if (want && !said)
		found(tr, "less than the rules: broker", path, right, t, 1, 0);
	if (want && said && !open && !(t == T_ABSENT && ref_idle(by, right)) &&
	    ((right & pl->pl_broker) || must_allow(tr, path, right, t, by)))
		found(tr, "less than the rules: wall", path, right, t, 1, 0);
}

static void
check_right(struct trial *tr, const char *path, uint32_t right, enum thing t)
{
	const struct plan	*pl = &tr->t_plan;
	const struct ref_rule	*by;
	int			 want;

	if (!model_fits(right, t) ||
	    (right == R_IOCTL && tier_of(pl, right)->t_tier == 0))
		return;		/* nobody denies inside the wall */
	want = ref_allows(&tr->t_ref, path, right, &by);
	asked++;
	if (by != NULL && (right & (pl->pl_notify | R_EXEC | R_IOCTL)) == 0 &&
	    ((by->rr_rule->r_flags & RF_LOG) || by->rr_rule->r_errno != 0 ||
	    by->rr_rule->r_effect != EFFECT_NONE))
		found(tr, "a log line, errno or effect that nobody gives",
		    path, right, t, 1, 0);
	if (right & pl->pl_notify) {
		brokered++;
		check_broker(tr, path, right, t, want, by);
	}
	if ((right & pl->pl_broker) == 0) {
		held++;
		check_kernel(tr, path, right, t, want, by);
	}
}

static void
check_path(struct trial *tr, const char *path, enum thing t)
{
	size_t	 i;

	for (i = 0; i < NSINGLES && tr->t_finding.f_what == NULL; i++)
		check_right(tr, path, gen_singles[i], t);
}

/* ---- all paths ---- */

/* Not there, and no link or file on the way either. */
static int
absent(const char *path)
{
	char		 dir[MODEL_PATH], real[PATH_MAX];
	struct stat	 st;

	if (lstat(path, &st) == 0 || errno != ENOENT)
		return (0);
	for (model_parent(path, dir); lstat(dir, &st) == -1;
	    model_parent(dir, dir))
		continue;
	return (S_ISDIR(st.st_mode) && realpath(dir, real) != NULL &&
	    strcmp(dir, real) == 0);
}

/* Names that are not there, in a directory and in one that is to come. */
static void
check_absent(struct trial *tr, const char *dir,
    void (*check)(struct trial *, const char *, enum thing))
{
	static const char *const more[] = { "new", "new.c", "a/a", "new/x.c",
	    "b/a/a", "b/k.key" };
	char		 path[MODEL_PATH];
	size_t		 i;

	for (i = 0; i < NNAMES + sizeof(more) / sizeof(more[0]); i++) {
		(void)snprintf(path, sizeof(path), "%.400s/%s", dir,
		    i < NNAMES ? tree_names[i] : more[i - NNAMES]);
		if (absent(path))
			check(tr, path, T_ABSENT);
	}
}

static void
check_paths(struct trial *tr,
    void (*check)(struct trial *, const char *, enum thing))
{
	const struct entry	*e;
	size_t			 i;

	for (i = 0; i < tr->t_tree->t_count; i++) {
		e = &tr->t_tree->t_entries[i];
		check(tr, e->e_path, e->e_thing);
		if (e->e_thing == T_DIR)
			check_absent(tr, e->e_path, check);
	}
}

/*
 * Rules that lead through a link: should that make room for a directory, then
 * a denial holds there too.
 */
static void
check_written(struct trial *tr)
{
	const struct ref_rule	*rr;
	char			 path[MODEL_PATH];
	size_t			 i;

	tr->t_atmost = 1;
	for (i = 0; i < tr->t_ref.rf_count; i++) {
		rr = &tr->t_ref.rf_rules[i];
		if (rr->rr_rule->r_action == RULE_ALLOW ||
		    rr->rr_rule->r_match == MATCH_GLOB ||
		    strcmp(rr->rr_names[0].n_path, rr->rr_rule->r_path) == 0 ||
		    ref_at(rr->rr_rule->r_path, base) != 1)
			continue;
		(void)strlcpy(path, rr->rr_rule->r_path, sizeof(path));
		check_path(tr, path, T_ABSENT);
		(void)strlcat(path, "/new", sizeof(path));
		check_path(tr, path, T_ABSENT);
	}
	tr->t_atmost = 0;
}

/* ---- tiers ---- */

static void
check_tiers(struct trial *tr)
{
	const struct plan	*pl = &tr->t_plan;
	const struct tier	*t;
	uint32_t		 right, tier;
	size_t			 i;

	for (i = 0; i < NSINGLES; i++) {
		right = gen_singles[i];
		t = tier_of(pl, right);
		tier = pl->pl_broker & right ? TIER_BROKER :
		    pl->pl_notify & right ? TIER_WATCH : TIER_KERNEL;
		if (t->t_why == NULL || (t->t_tier != tier &&
		    !(right == R_IOCTL && t->t_tier == 0)))
			found(tr, "the tier is not who holds it", "", right,
			    T_ABSENT, (int)tier, t->t_tier);
		if (tr->t_gen->g_watch == 1 && tier == TIER_KERNEL &&
		    (right & (R_EXEC | R_IOCTL)) == 0)
			found(tr, "set watch yes, and nobody watches", "",
			    right, T_ABSENT, TIER_WATCH, (int)tier);
	}
}

#endif /* PLAN_CHECK_H */
