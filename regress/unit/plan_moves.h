/*
 * What the program itself renames, links, removes and makes anew must not
 * come to have more rights than the rules give it at its new place, and
 * not less where the kernel alone decides.
 */
#ifndef PLAN_MOVES_H
#define PLAN_MOVES_H

#include "plan_check.h"

/* May the program take this away? */
static int
may_remove(const struct trial *tr, const struct entry *e)
{
	const struct ref	*rf = &tr->t_ref;
	char			 beside[MODEL_PATH];
	size_t			 i;

	model_parent(e->e_path, beside);
	(void)strlcat(beside, "/beside~", sizeof(beside));
	if (ref_allows(rf, e->e_path, R_RENAME, NULL) &&
	    ref_allows(rf, beside, make_right(e->e_thing), NULL))
		return (1);
	if (e->e_thing != T_DIR)
		return (ref_allows(rf, e->e_path, R_DELETE, NULL));
	for (i = 0; i < tr->t_tree->t_count; i++)
		if (ref_at(tr->t_tree->t_entries[i].e_path, e->e_path) == 1)
			return (0);
	return (ref_allows(rf, e->e_path, R_RMDIR, NULL));
}

/* Once taken away and made anew, the program has the same rights there. */
static void
check_anew(struct trial *tr, const struct entry *e)
{
	const struct plan	*pl = &tr->t_plan;
	const struct entry	*first = NULL, *c;
	uint32_t		 right;
	uint64_t		 access;
	size_t			 i, n;
	char			 path[MODEL_PATH];

	for (n = strlen(base) + 1; n <= strlen(e->e_path); n++) {
		if (e->e_path[n] != '/' && e->e_path[n] != '\0')
			continue;
		(void)snprintf(path, sizeof(path), "%.*s", (int)n, e->e_path);
		if ((c = tree_find(tr->t_tree, path)) == NULL)
			return;
		if (first == NULL && may_remove(tr, c))
			first = c;
		/* from the first one on, each has to be made */
		if (first != NULL && !ref_allows(&tr->t_ref, path,
		    make_right(c->e_thing), NULL))
			first = NULL;
	}
	for (i = 0; i < NSINGLES && first != NULL; i++) {
		right = gen_singles[i];
		if (!model_fits(right, e->e_thing) || (right & (R_UNSEEN |
		    R_IOCTL | pl->pl_broker)) ||
		    !ref_allows(&tr->t_ref, e->e_path, right, NULL) ||
		    (right == R_EXEC && !ref_allows(&tr->t_ref, e->e_path,
		    R_READ, NULL)))
			continue;
		access = model_at(&pl->pl_child, e->e_path, right,
		    first->e_path);
		if (!model_suffices(right, e->e_thing, access, 1))
			found(tr, "less than the rules: once made anew",
			    e->e_path, right, e->e_thing, 1, 0);
	}
}

/*
 * The broker lets nothing be moved or linked to where it would have more
 * rights; what the kernel does by itself must not either.
 */
static void
check_gains(struct trial *tr, const struct entry *e, const char *to,
    uint32_t how)
{
	static const uint32_t	 rights[] = { R_READ, R_WRITE, R_TRUNCATE,
				    R_EXEC, R_READDIR, R_MKTEMP, R_CHOWN,
				    R_CHGRP, R_CHMOD, R_XATTR, R_UTIME };
	const struct plan	*pl = &tr->t_plan;
	const struct entry	*in;
	char			 dst[MODEL_PATH], dir[MODEL_PATH];
	uint64_t		 from, here;
	size_t			 i, k;

	from = model_at(&pl->pl_child, e->e_path, R_CREATE, NULL);
	here = model_at(&pl->pl_child, to, R_CREATE, NULL);
	/* Landlock asks for REFER at both ends, and gives no more there. */
	model_parent(e->e_path, dir);
	model_parent(to, dst);
	if (strcmp(dir, dst) != 0 && ((here & ~from) != 0 ||
	    !(from & here & LL_FS_REFER)))
		return;
	if (!model_suffices(make_right(e->e_thing), T_ABSENT, here, 1) ||
	    (how == R_RENAME && !(from & (e->e_thing == T_DIR ?
	    LL_FS_REMOVE_DIR : LL_FS_REMOVE_FILE))))
		return;
	for (i = 0; i < tr->t_tree->t_count; i++) {
		in = &tr->t_tree->t_entries[i];
		if (!ref_at(in->e_path, e->e_path))
			continue;
		(void)snprintf(dst, sizeof(dst), "%.200s%.200s", to,
		    in->e_path + strlen(e->e_path));
		for (k = 0; k < sizeof(rights) / sizeof(rights[0]); k++)
			if ((rights[k] & pl->pl_broker) &&
			    model_fits(rights[k], in->e_thing) &&
			    ref_allows(&tr->t_ref, dst, rights[k], NULL) &&
			    !ref_allows(&tr->t_ref, in->e_path, rights[k],
			    NULL))
				found(tr, how == R_LINK ? "more than the "
				    "rules: after link" : "more than the "
				    "rules: after rename", dst, rights[k],
				    in->e_thing, 0, 1);
	}
}

/* Grants that go along with what is moved from src, for what is now at dst. */
static uint64_t
model_moved(const struct grants *gs, const char *src, const char *in,
    const char *dst)
{
	const struct grant	*g;
	uint64_t		 access = model_access(gs, dst, NULL);
	size_t			 i;

	for (i = 0; i < gs->gs_count; i++) {
		g = &gs->gs_grants[i];
		if (ref_at(g->g_path, src) && ref_at(in, g->g_path))
			access |= g->g_access;
	}
	return (access);
}

/* What was moved keeps no more than the rules give it at the new place. */
static void
check_keeps(struct trial *tr, const struct entry *e, const char *to,
    uint32_t how)
{
	static const uint32_t	 rights[] = { R_READ, R_WRITE, R_TRUNCATE,
				    R_READDIR, R_MKTEMP };
	const struct plan	*pl = &tr->t_plan;
	const struct ref	*rf = &tr->t_ref;
	const struct entry	*in;
	char			 dst[MODEL_PATH], dir[MODEL_PATH];
	uint64_t		 access;
	size_t			 i, k;

	if (how == R_LINK ? !ref_allows(rf, to, R_LINK, NULL) :
	    !ref_allows(rf, e->e_path, R_RENAME, NULL) ||
	    !ref_allows(rf, to, make_right(e->e_thing), NULL))
		return;
	model_parent(e->e_path, dir);
	model_parent(to, dst);
	if (strcmp(dir, dst) != 0 && (!(model_access(&pl->pl_wall, dir, NULL) &
	    model_access(&pl->pl_wall, dst, NULL) & LL_FS_REFER) ||
	    !ref_any(rf, e->e_path, R_RENAME | R_LINK)))
		return;
	for (i = 0; i < tr->t_tree->t_count; i++) {
		in = &tr->t_tree->t_entries[i];
		if (!ref_at(in->e_path, e->e_path))
			continue;
		(void)snprintf(dst, sizeof(dst), "%.200s%.200s", to,
		    in->e_path + strlen(e->e_path));
		access = model_moved(&pl->pl_child, e->e_path, in->e_path,
		    dst) & model_moved(&pl->pl_wall, e->e_path, in->e_path,
		    dst);
		for (k = 0; k < sizeof(rights) / sizeof(rights[0]); k++)
			if ((rights[k] & pl->pl_broker) == 0 &&
			    model_fits(rights[k], in->e_thing) &&
			    model_suffices(rights[k], in->e_thing, access, 0) &&
			    !ref_allows(rf, dst, rights[k], NULL))
				found(tr, how == R_LINK ? "more than the "
				    "rules: kept after link" : "more than the "
				    "rules: kept after rename", dst, rights[k],
				    in->e_thing, 0, 1);
	}
}

static void
check_moves(struct trial *tr)
{
	const struct plan	*pl = &tr->t_plan;
	const struct tree	*t = tr->t_tree;
	const struct entry	*e;
	uint32_t		 renames = sysent_byname("rename")->se_rights;
	char			 to[MODEL_PATH];
	size_t			 i, d, n;

	for (i = 1; i < t->t_count; i++) {
		e = &t->t_entries[i];
		check_anew(tr, e);
		for (d = 0; d < t->t_count; d++) {
			if (t->t_entries[d].e_thing != T_DIR ||
			    ref_at(t->t_entries[d].e_path, e->e_path))
				continue;
			for (n = 0; n < NNAMES; n++) {
				(void)snprintf(to, sizeof(to), "%.400s/%s",
				    t->t_entries[d].e_path, tree_names[n]);
				if (tree_find(t, to) != NULL)
					continue;
				if ((pl->pl_notify & renames) == 0)
					check_gains(tr, e, to, R_RENAME);
				if ((pl->pl_notify & R_LINK) == 0 &&
				    e->e_thing != T_DIR)
					check_gains(tr, e, to, R_LINK);
				check_keeps(tr, e, to, R_RENAME);
				if (e->e_thing != T_DIR)
					check_keeps(tr, e, to, R_LINK);
			}
		}
	}
}

#endif /* PLAN_MOVES_H */
