/*
 * Random file trees and random policies about them, for the property tests.
 * The same seed gives the same tree and the same rules.  Makes and removes
 * files only below the directory it is given.
 */
#ifndef PLAN_TREE_H
#define PLAN_TREE_H

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plan_model.h"

#define TREE_MAX	28
#define DEPTH_MAX	4

struct entry {
	char		 e_path[MODEL_PATH];	/* absolute */
	enum thing	 e_thing;
	char		 e_target[MODEL_PATH];
	int		 e_depth;
	mode_t		 e_mode;	/* of a directory */
};

/* The first entry is the directory that all others are in. */
struct tree {
	struct entry	 t_entries[TREE_MAX];
	size_t		 t_count;
};

/* splitmix64 */
static uint64_t	 random_state;

static uint32_t
rnd(uint32_t n)
{
	uint64_t	 z = (random_state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return ((uint32_t)((z ^ (z >> 31)) >> 32) % n);
}

/* One out of n. */
static int
seldom(uint32_t n)
{
	return (rnd(n) == 0);
}

/* A * in a name must not act as one in a rule. */
static const char *const tree_names[] = { "a", "b", "c", "d", "x.c", "y.c",
    "k.key", "s*", "sx" };
#define NNAMES	(sizeof(tree_names) / sizeof(tree_names[0]))

static const struct entry *
tree_pick(const struct tree *t, enum thing thing)
{
	const struct entry	*e;
	int			 i;

	for (i = 0; i < 50; i++) {
		e = &t->t_entries[rnd((uint32_t)t->t_count)];
		if (e->e_thing == thing)
			return (e);
	}
	return (&t->t_entries[0]);
}

static const struct entry *
tree_find(const struct tree *t, const char *path)
{
	size_t	 i;

	for (i = 0; i < t->t_count; i++)
		if (strcmp(t->t_entries[i].e_path, path) == 0)
			return (&t->t_entries[i]);
	return (NULL);
}

static void
tree_name(const struct tree *t, char *out)
{
	(void)snprintf(out, MODEL_PATH, "%.400s/%s",
	    tree_pick(t, T_DIR)->e_path,
	    tree_names[rnd(NNAMES)]);
}

static void
tree_random(struct tree *t, const char *base)
{
	static const enum thing	 things[] = { T_DIR, T_DIR, T_DIR, T_DIR,
				    T_FILE, T_FILE, T_FILE, T_FILE, T_LINK,
				    T_LINK, T_FIFO };
	const struct entry	*dir;
	struct entry		*e;
	size_t			 n = 4 + rnd(TREE_MAX - 4);

	memset(t, 0, sizeof(*t));
	(void)strlcpy(t->t_entries[0].e_path, base, MODEL_PATH);
	t->t_entries[0].e_thing = T_DIR;
	t->t_entries[0].e_mode = 0777;
	t->t_count = 1;
	while (t->t_count < n) {
		dir = tree_pick(t, T_DIR);
		e = &t->t_entries[t->t_count];
		memset(e, 0, sizeof(*e));
		(void)snprintf(e->e_path, MODEL_PATH, "%.400s/%s", dir->e_path,
		    tree_names[rnd(NNAMES)]);
		e->e_depth = dir->e_depth + 1;
		if (e->e_depth > DEPTH_MAX || tree_find(t, e->e_path) != NULL) {
			n--;
			continue;
		}
		e->e_thing = things[rnd(sizeof(things) / sizeof(things[0]))];
		e->e_mode = seldom(20) ? 0333 : 0777;
		if (e->e_thing == T_LINK && seldom(4))
			(void)strlcpy(e->e_target, tree_names[rnd(NNAMES)],
			    MODEL_PATH);
		else if (e->e_thing == T_LINK)
			(void)strlcpy(e->e_target, tree_pick(t, seldom(3) ?
			    T_FILE : T_DIR)->e_path, MODEL_PATH);
		t->t_count++;
	}
}

static int
tree_unlink(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)f;
	return (flag == FTW_DP ? rmdir(path) : unlink(path));
}

/* One that cannot be listed is not gone through: first open all. */
static int
tree_open(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)f;
	if (flag == FTW_DNR)
		(void)chmod(path, 0777);
	return (flag == FTW_DNR);
}

static void
tree_remove(const char *path)
{
	while (nftw(path, tree_open, 16, FTW_PHYS) == 1)
		continue;
	(void)nftw(path, tree_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* One entry: 0 or -1. */
static int
thing_make(const char *path, enum thing thing, const char *target)
{
	switch (thing) {
	case T_DIR:
		return (mkdir(path, 0777));
	case T_LINK:
		return (symlink(target, path));
	case T_FIFO:
		return (mkfifo(path, 0666));
	default:
		return (mknod(path, S_IFREG | 0666, 0));
	}
}

/* Make it anew; entries whose directory is gone are left out. */
static void
tree_make(struct tree *t)
{
	struct entry	*e;
	size_t		 i, n = 0;

	tree_remove(t->t_entries[0].e_path);
	for (i = 0; i < t->t_count; i++) {
		e = &t->t_entries[i];
		if (thing_make(e->e_path, e->e_thing, e->e_target) == -1)
			continue;
		if (e->e_thing == T_DIR)
			(void)chmod(e->e_path, e->e_mode);
		t->t_entries[n++] = *e;
	}
	t->t_count = n;
}

/* ---- rules ---- */

struct gen_rule {
	struct rule	 gr_rule;
	char		 gr_path[MODEL_PATH];
};
#define RULES	16
struct gen {
	struct gen_rule	 g_rules[RULES];
	size_t		 g_count;
	int		 g_late;
	int		 g_watch;
	uint32_t	 g_promise;	/* R_ALL: none made */
};

static const uint32_t gen_singles[] = { R_READ, R_WRITE, R_EXEC, R_CREATE,
    R_DELETE, R_RENAME, R_LINK, R_SYMLINK, R_TRUNCATE, R_MKDIR, R_RMDIR,
    R_READDIR, R_CHOWN, R_CHGRP, R_CHMOD, R_XATTR, R_UTIME, R_MKFIFO, R_MKSOCK,
    R_MKCDEV, R_MKBDEV, R_MKTEMP, R_IOCTL };
#define NSINGLES	(sizeof(gen_singles) / sizeof(gen_singles[0]))
static const uint32_t gen_groups[] = { RG_READ, RG_WRITE, RG_CREATE, RG_DELETE,
    RG_EXEC, RG_CONTENTS, R_ALL, RG_READ | RG_WRITE, RG_CREATE | RG_DELETE,
    RG_READ | RG_WRITE | RG_CREATE | RG_DELETE, RG_READ | RG_EXEC,
    R_READ | R_READDIR, R_CREATE | R_LINK, R_DELETE | R_RENAME | R_RMDIR,
    R_CREATE | R_LINK | R_DELETE | R_RENAME | R_RMDIR | R_MKDIR,
    R_READ | R_EXEC, R_WRITE | R_MKTEMP, R_WRITE | R_MKTEMP | R_TRUNCATE };
#define NGROUPS	(sizeof(gen_groups) / sizeof(gen_groups[0]))

static uint32_t
gen_rights(void)
{
	uint32_t	 rights;

	if (rnd(5) < 3)
		return (gen_groups[rnd(NGROUPS)]);
	rights = gen_singles[rnd(NSINGLES)];
	while (seldom(3))
		rights |= gen_singles[rnd(NSINGLES)];
	return (rights);
}

/* Below what a path leads through: an entry, a link, a name to come. */
static void
gen_path(const struct tree *t, char *out)
{
	const struct entry	*e;

	switch (rnd(20)) {
	case 0:
		(void)strlcpy(out, seldom(2) ? "/" : "/tmp", MODEL_PATH);
		return;
	case 1: case 2: case 3:
		e = tree_pick(t, T_LINK);
		(void)strlcpy(out, e->e_path, MODEL_PATH);
		if (seldom(2)) {
			(void)strlcat(out, "/", MODEL_PATH);
			(void)strlcat(out, tree_names[rnd(NNAMES)],
			    MODEL_PATH);
		}
		return;
	case 4: case 5: case 6:
		tree_name(t, out);
		if (seldom(3)) {
			(void)strlcat(out, "/", MODEL_PATH);
			(void)strlcat(out, tree_names[rnd(NNAMES)],
			    MODEL_PATH);
		}
		return;
	case 7: case 8: case 9: case 10: case 11:
		(void)strlcpy(out, tree_pick(t, T_DIR)->e_path, MODEL_PATH);
		return;
	default:
		e = &t->t_entries[rnd((uint32_t)t->t_count)];
		(void)strlcpy(out, e->e_path, MODEL_PATH);
	}
}

static void
gen_glob(const struct tree *t, char *out)
{
	static const char *const pats[] = { "/*", "/*.c", "/?", "/{a,b}", "/**",
	    "/**/x.c", "/*/a", "/{a,b}/**", "/a*", "/**/k.key", "/?.c",
	    "/{a,b/c}", "/*/*", "/k*", "/{x,y}.c", "/*/*.c", "/**/a/*", "*",
	    "/**/a/**", "/s\\*", "/{a,b}{,x}" };
	char			 dir[MODEL_PATH];
	size_t			 i, n = 0;

	if (seldom(4))
		(void)strlcpy(dir, tree_pick(t, T_LINK)->e_path, sizeof(dir));
	else
		(void)strlcpy(dir, tree_pick(t, T_DIR)->e_path, sizeof(dir));
	for (i = 0; dir[i] != '\0'; i++) {
		if (dir[i] == '*')
			out[n++] = '\\';
		out[n++] = dir[i];
	}
	out[n] = '\0';
	(void)strlcat(out, pats[rnd(sizeof(pats) / sizeof(pats[0]))],
	    MODEL_PATH);
	if (seldom(60))
		(void)strlcpy(out, "/**/x.c", MODEL_PATH);
}

static void
gen_add(struct gen *g, enum rule_action action, enum rule_match match,
    uint32_t rights, const char *path)
{
	struct gen_rule	*gr = &g->g_rules[g->g_count];
	struct rule	*r = &gr->gr_rule;

	if (g->g_count == RULES)
		return;
	memset(gr, 0, sizeof(*gr));
	(void)strlcpy(gr->gr_path, path, sizeof(gr->gr_path));
	r->r_rights = rights;
	r->r_action = (uint8_t)action;
	r->r_match = (uint8_t)match;
	if (seldom(8))
		r->r_flags |= RF_QUICK;
	if (seldom(40))
		r->r_flags |= RF_LOG;
	if (action == RULE_DENY && seldom(60))
		r->r_errno = ENOENT;
	if (seldom(80))
		r->r_effect = action == RULE_ALLOW ? EFFECT_WARN : EFFECT_KILL;
	r->r_line = (uint32_t)++g->g_count;
}

/* Denied inside what is allowed, allowed inside that again, ... */
static void
gen_nest(struct gen *g, const struct tree *t)
{
	const struct entry	*e, *inner;
	uint32_t		 rights = gen_rights();
	int			 i, allow = 1;

	e = tree_pick(t, T_DIR);
	gen_add(g, RULE_ALLOW, MATCH_UNDER, rights, e->e_path);
	for (i = 0; i < 40 && g->g_count < RULES; i++) {
		inner = &t->t_entries[rnd((uint32_t)t->t_count)];
		if (ref_at(inner->e_path, e->e_path) != 1)
			continue;
		allow = !allow;
		gen_add(g, allow ? RULE_ALLOW : RULE_DENY, MATCH_UNDER,
		    seldom(4) ? gen_rights() : rights, inner->e_path);
		if (!seldom(4))
			e = inner;
		if (seldom(3))
			return;
	}
}

static void
gen_random(struct gen *g, const struct tree *t)
{
	char	 path[MODEL_PATH];
	size_t	 n = 1 + rnd(seldom(3) ? 12 : 5);

	memset(g, 0, sizeof(*g));
	g->g_late = seldom(2);
	g->g_watch = seldom(20) ? 1 : -1;
	g->g_promise = R_ALL;
	while (seldom(12))
		g->g_promise &= gen_rights() | gen_rights() | gen_rights();
	if (seldom(3))
		gen_add(g, RULE_ALLOW, MATCH_UNDER, gen_rights(),
		    seldom(3) ? "/" : t->t_entries[0].e_path);
	while (g->g_count < n) {
		if (seldom(3)) {
			gen_nest(g, t);
			continue;
		}
		if (seldom(6)) {
			gen_glob(t, path);
			gen_add(g, rnd(5) < 2 ? RULE_DENY : RULE_ALLOW,
			    MATCH_GLOB, gen_rights(), path);
			continue;
		}
		gen_path(t, path);
		gen_add(g, rnd(5) < 2 ? RULE_DENY : RULE_ALLOW,
		    rnd(3) < 1 ? MATCH_EXACT : MATCH_UNDER, gen_rights(), path);
	}
}

#endif /* PLAN_TREE_H */
