/*
 * What is wrong, with as few rules, rights and files as still show it.
 */
#ifndef PLAN_SHRINK_H
#define PLAN_SHRINK_H

#include "plan_check.h"

/* In test_plan.c: compile and check all. */
static void trial_run(struct trial *, struct tree *, const struct gen *, int);

/* Still wrong in the same way? */
static int
trial_still(const struct finding *f, struct tree *t, const struct gen *g,
    int kernel)
{
	static struct trial	 tr;

	trial_run(&tr, t, g, kernel);
	return (tr.t_finding.f_what == f->f_what);
}

static void
gen_drop(struct gen *g, size_t i)
{
	g->g_count--;
	memmove(&g->g_rules[i], &g->g_rules[i + 1],
	    (g->g_count - i) * sizeof(g->g_rules[0]));
}

static int
shrink_rules(const struct finding *f, struct tree *t, struct gen *g, int kernel)
{
	struct gen	 less;
	size_t		 i, k;
	int		 any = 0;

	for (i = g->g_count; i > 0; i--) {
		less = *g;
		gen_drop(&less, i - 1);
		if (trial_still(f, t, &less, kernel)) {
			*g = less;
			any = 1;
		}
	}
	for (i = 0; i < g->g_count; i++)
		for (k = 0; k < RIGHTS_COUNT; k++) {
			less = *g;
			less.g_rules[i].gr_rule.r_rights &= ~(1U << k);
			if (less.g_rules[i].gr_rule.r_rights == 0 ||
			    less.g_rules[i].gr_rule.r_rights ==
			    g->g_rules[i].gr_rule.r_rights ||
			    !trial_still(f, t, &less, kernel))
				continue;
			*g = less;
			any = 1;
		}
	for (i = 0; i < g->g_count; i++) {
		less = *g;
		less.g_rules[i].gr_rule.r_flags = 0;
		less.g_rules[i].gr_rule.r_errno = 0;
		less.g_rules[i].gr_rule.r_effect = EFFECT_NONE;
		if (memcmp(&less, g, sizeof(less)) != 0 &&
		    trial_still(f, t, &less, kernel)) {
			*g = less;
			any = 1;
		}
	}
	less = *g;
	less.g_promise = R_ALL;
	if (g->g_promise != R_ALL && trial_still(f, t, &less, kernel)) {
		*g = less;
		any = 1;
	}
	return (any);
}

static int
shrink_tree(const struct finding *f, struct tree *t, const struct gen *g,
    int kernel)
{
	struct tree	 less;
	size_t		 i;
	int		 any = 0;

	for (i = t->t_count - 1; i > 0; i--) {
		if (i >= t->t_count)
			continue;
		less = *t;
		less.t_count--;
		memmove(&less.t_entries[i], &less.t_entries[i + 1],
		    (less.t_count - i) * sizeof(less.t_entries[0]));
		tree_make(&less);
		if (trial_still(f, &less, g, kernel)) {
			*t = less;
			any = 1;
		}
	}
	tree_make(t);
	return (any);
}

static void
say_tree(const struct tree *t)
{
	static const char	 kinds[] = "?-dlp";
	const struct entry	*e;
	size_t			 i;

	for (i = 1; i < t->t_count; i++) {
		e = &t->t_entries[i];
		print_error("  %c %s%s%s\n", kinds[e->e_thing],
		    e->e_path + strlen(top),
		    e->e_thing == T_LINK ? " -> " : "", e->e_target);
	}
}

/* Every right by itself: the words of rule_print() stand for more. */
static void
say_rights(uint32_t rights)
{
	static const char *const names[RIGHTS_COUNT] = { "READ", "WRITE",
	    "EXEC", "CREATE", "DELETE", "RENAME", "LINK", "SYMLINK",
	    "TRUNCATE", "MKDIR", "RMDIR", "READDIR", "STAT", "WALK", "CHDIR",
	    "CHOWN", "CHGRP", "CHMOD", "XATTR", "UTIME", "MKFIFO", "MKSOCK",
	    "MKCDEV", "MKBDEV", "MKTEMP", "CHROOT", "IOCTL" };
	size_t	 i;

	for (i = 0; i < RIGHTS_COUNT; i++)
		if (rights & (1U << i))
			print_error(" %s", names[i]);
}

static void
say_policy(const struct gen *g)
{
	static char	 text[RULE_TEXT_MAX];
	struct rule	 r;
	char		 path[MODEL_PATH];
	size_t		 i;

	print_error("  set late-siblings %s\n%s", g->g_late ? "deny" : "broker",
	    g->g_watch == 1 ? "  set watch yes\n" : "");
	if (g->g_promise != R_ALL) {
		print_error("  promise");
		say_rights(g->g_promise);
		print_error("\n");
	}
	for (i = 0; i < g->g_count; i++) {
		r = g->g_rules[i].gr_rule;
		(void)strlcpy(path, g->g_rules[i].gr_path, sizeof(path));
		r.r_path = path;
		r.r_len = strlen(path);
		rule_print(&r, text, sizeof(text));
		print_error("  %s\t# effect %u,", text, r.r_effect);
		say_rights(r.r_rights);
		print_error("\n");
	}
}

static void
say(unsigned long seed, struct tree *t, struct gen *g, int kernel)
{
	static const char *const things[] = { "absent", "a file",
	    "a directory", "a link", "a FIFO" };
	static struct trial	 tr;
	const struct finding	*f = &tr.t_finding;
	struct finding		 first;
	int			 rounds = 0;

	trial_run(&tr, t, g, kernel);
	first = *f;
	while (rounds++ < 4 && (shrink_rules(&first, t, g, kernel) |
	    shrink_tree(&first, t, g, kernel)))
		continue;
	trial_run(&tr, t, g, kernel);
	print_error("PLAN_SEED=%lu PLAN_COUNT=1%s\n%s\n", seed,
	    kernel ? " PLAN_KERNEL=1" : "", f->f_what);
	print_error("  %s, %s, right", f->f_path, things[f->f_thing]);
	say_rights(f->f_right);
	print_error(": expected %d, got %d\n tree in %s:\n", f->f_want,
	    f->f_got, top);
	say_tree(t);
	print_error(" policy:\n");
	say_policy(g);
}

#endif /* PLAN_SHRINK_H */
