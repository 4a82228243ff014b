/* LINK: monitor/compile.c monitor/compile_verify.c monitor/compile_guard.c monitor/compile_fstype.c monitor/compile_path.c */
/* LINK: monitor/compile_wall.c monitor/compile_grant.c monitor/compile_bpf.c */
/* LINK: monitor/compile_net.c */
/*
 * Rules by file-system type: what they become says exactly what they said,
 * or they are refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/compile.h"

#define ROUNDS	60000

static char	 said[1024];

static void
rule_make(struct rule *r, int action, int match, const char *path)
{
	static char	 file[] = "f";

	memset(r, 0, sizeof(*r));
	r->r_rights = R_READ;
	r->r_action = (uint8_t)action;
	r->r_match = (uint8_t)match;
	r->r_errno = action == RULE_DENY ? ENOENT : 0;
	r->r_line = 1;
	r->r_file = file;
	r->r_path = (char *)(uintptr_t)path;
	r->r_len = strlen(path);
}

/* Append; a type becomes rules for the mounts. */
static int
rules_add(struct ruleset *rs, const struct rule *r, struct mounts *ms)
{
	return (r->r_match == MATCH_FSTYPE ? compile_fstype(rs, r, ms) :
	    ruleset_add(rs, r));
}

/* stderr goes to fp; the old one is returned, and given to come back. */
static int
errors_to(FILE *fp, int old)
{
	int	 saved = -1;

	fflush(stderr);
	if (old == -1)
		assert_int_not_equal(saved = dup(STDERR_FILENO), -1);
	assert_int_not_equal(dup2(old == -1 ? fileno(fp) : old,
	    STDERR_FILENO), -1);
	if (old != -1)
		close(old);
	return (saved);
}

/* The same, refused; what is said is in said[]. */
static void
rules_refused(struct ruleset *rs, const struct rule *r, struct mounts *ms)
{
	FILE	*fp;
	size_t	 n;
	int	 saved, rv;

	assert_non_null(fp = tmpfile());
	saved = errors_to(fp, -1);
	rv = rules_add(rs, r, ms);
	(void)errors_to(fp, saved);
	rewind(fp);
	n = fread(said, 1, sizeof(said) - 1, fp);
	said[n] = '\0';
	fclose(fp);
	assert_int_equal(rv, -1);
}

static void
is_printed(const struct ruleset *rs, const char *want)
{
	char	 out[4096] = "", line[RULE_TEXT_MAX];
	size_t	 i;

	for (i = 0; i < rs->rs_count; i++) {
		rule_print(&rs->rs_rules[i], line, sizeof(line));
		strlcat(out, line, sizeof(out));
		strlcat(out, "\n", sizeof(out));
	}
	assert_string_equal(out, want);
}

static void
a_type_is_each_of_its_mounts(void **state)
{
	struct ruleset	 rs = { 0 };
	struct mounts	 ms = { 0 };
	struct rule	 r;

	(void)state;
	mounts_put(&ms, 1, "/", "ext4", MOUNT_THERE);
	mounts_put(&ms, 4, "/no/b/in", "nfs4", MOUNT_THERE);
	mounts_put(&ms, 2, "/no/b", "nfs4", MOUNT_THERE);
	mounts_put(&ms, 3, "/no/a", "nfs4", MOUNT_THERE);
	mounts_put(&ms, 5, "/no/under", "nfs4", MOUNT_HIDDEN);
	mounts_sort(&ms);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "nfs4");
	r.r_flags = RF_LOG | RF_QUICK;
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	is_printed(&rs, "allow quick log readfile under \"/no/a\"\n"
	    "allow quick log readfile under \"/no/b\"\n");
	/* No such mount: nothing to say. */
	rule_make(&r, RULE_DENY, MATCH_FSTYPE, "nfs");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	assert_int_equal(rs.rs_count, 2);
	ruleset_free(&rs);
	mounts_free(&ms);
}

static void
what_is_mounted_inside_stays_as_it_was(void **state)
{
	struct ruleset	 rs = { 0 };
	struct mounts	 ms = { 0 };
	struct rule	 r;

	(void)state;
	mounts_put(&ms, 1, "/no/proc", "proc", MOUNT_THERE);
	mounts_put(&ms, 2, "/no/proc/misc", "binfmt_misc", MOUNT_THERE);
	mounts_sort(&ms);
	rule_make(&r, RULE_ALLOW, MATCH_EXACT, "/no/proc/misc/x");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	rule_make(&r, RULE_DENY, MATCH_UNDER, "/no/other");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "proc");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	is_printed(&rs, "allow readfile \"/no/proc/misc/x\"\n"
	    "deny readfile under \"/no/other\" errno ENOENT\n"
	    "allow readfile under \"/no/proc\"\n"
	    "deny readfile under \"/no/proc/misc\"\n"
	    "allow readfile \"/no/proc/misc/x\"\n");
	ruleset_free(&rs);
	mounts_free(&ms);
}

static void
what_cannot_be_said_exactly_is_refused(void **state)
{
	struct ruleset	 rs = { 0 };
	struct mounts	 ms = { 0 };
	struct rule	 r;

	(void)state;
	mounts_put(&ms, 1, "/no/proc", "proc", MOUNT_THERE);
	mounts_put(&ms, 2, "/no/proc/misc", "binfmt_misc", MOUNT_THERE);
	mounts_sort(&ms);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "proc");
	r.r_flags = RF_QUICK;
	rules_refused(&rs, &r, &ms);
	assert_string_equal(said, "f:1: fstype proc is mounted at /no/proc, "
	    "but binfmt_misc at /no/proc/misc below it, and nothing is left "
	    "to say of that after a quick rule; expected rules that can be "
	    "told apart there; for example: allow read under \"/no/proc\"\n");
	ruleset_free(&rs);
	rule_make(&r, RULE_DENY, MATCH_GLOB, "/no/**/m*");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "proc");
	rules_refused(&rs, &r, &ms);
	assert_non_null(strstr(said, "and a glob before it matches in parts "
	    "of that (f:1); expected "));
	/* A name that a policy could not hold. */
	mounts_free(&ms);
	mounts_put(&ms, 1, "/no/a\nallow all under /", "proc", MOUNT_THERE);
	mounts_sort(&ms);
	rules_refused(&rs, &r, &ms);
	assert_non_null(strstr(said, "f:1: fstype proc: a mount point's name "
	    "is too long or has a control character; expected "));
	ruleset_free(&rs);
	mounts_free(&ms);
}

/* Who cannot see whether a mount is hidden must not allow more for it. */
static void
a_mount_that_cannot_be_seen_allows_nothing(void **state)
{
	struct ruleset	 rs = { 0 };
	struct mounts	 ms = { 0 };
	struct rule	 r;

	(void)state;
	mounts_put(&ms, 1, "/no/a", "nfs4", MOUNT_UNKNOWN);
	mounts_put(&ms, 2, "/no/b", "nfs4", MOUNT_THERE);
	mounts_put(&ms, 3, "/no/b/c", "fuse", MOUNT_UNKNOWN);
	mounts_sort(&ms);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "nfs4");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	is_printed(&rs, "allow readfile under \"/no/b\"\n"
	    "deny readfile under \"/no/b/c\"\n");
	ruleset_free(&rs);
	rule_make(&r, RULE_DENY, MATCH_FSTYPE, "nfs4");
	r.r_errno = EACCES;
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	is_printed(&rs, "deny readfile under \"/no/a\"\n"
	    "deny readfile under \"/no/b\"\n");
	ruleset_free(&rs);
	mounts_free(&ms);
}

/* This machine: /proc is proc, and nothing that is hidden is said. */
static void
the_mounts_of_this_machine_are_read(void **state)
{
	struct ruleset	 rs = { 0 };
	struct mounts	 ms = { 0 };
	struct rule	 r;
	size_t		 i;
	int		 found = 0;

	(void)state;
	assert_int_equal(mounts_load(&ms), 0);
	assert_true(ms.ms_count > 1);
	for (i = 1; i < ms.ms_count; i++)
		assert_true(strcmp(ms.ms_mounts[i - 1].mo_path,
		    ms.ms_mounts[i].mo_path) <= 0);
	rule_make(&r, RULE_ALLOW, MATCH_FSTYPE, "proc");
	assert_int_equal(rules_add(&rs, &r, &ms), 0);
	for (i = 0; i < rs.rs_count; i++)
		found += rs.rs_rules[i].r_action == RULE_ALLOW &&
		    strcmp(rs.rs_rules[i].r_path, "/proc") == 0;
	assert_int_equal(found, 1);
	for (i = 0; i < ms.ms_count; i++)
		if (strcmp(ms.ms_mounts[i].mo_path, "/proc") == 0)
			assert_int_not_equal(ms.ms_mounts[i].mo_seen,
			    MOUNT_UNLOOKED);
	ruleset_free(&rs);
	mounts_free(&ms);
}

/* ---- against what the words mean ---- */

static const char *const paths[] = {
	"/no", "/no/a", "/no/a/b", "/no/a/b/c", "/no/a/b/c/d", "/no/a/x",
	"/no/a-b", "/no/a-b/c", "/no/b", "/no/b/c", "/no/a/b/x", "/n",
};
#define NPATHS	(sizeof(paths) / sizeof(paths[0]))
static const char *const globs[] = {
	"/no/a/*", "/no/**", "/no/a/b/**", "/no/*/b", "/no/a/b/{c,x}",
	"/no/{a,b}/**", "/n*",
};
#define NGLOBS	(sizeof(globs) / sizeof(globs[0]))
#define NRULES	5

/* The type of what is mounted nearest. */
static const char *
type_of(const struct mounts *ms, const char *path)
{
	const char	*type = NULL;
	size_t		 i, best = 0, n;

	for (i = 0; i < ms->ms_count; i++) {
		n = strlen(ms->ms_mounts[i].mo_path);
		if (ms->ms_mounts[i].mo_seen != MOUNT_THERE || n < best ||
		    !path_below(path, ms->ms_mounts[i].mo_path))
			continue;
		best = n;
		type = ms->ms_mounts[i].mo_type;
	}
	return (type);
}

static int
meant(const struct rule *r, const struct mounts *ms, const char *path)
{
	if (r->r_match == MATCH_FSTYPE)
		return (strcmp(type_of(ms, path), r->r_path) == 0);
	return (rule_match(r, path, strlen(path)));
}

static int
allowed(const struct rule *rules, const struct mounts *ms, const char *path)
{
	size_t	 i;

	for (i = 0; i < NRULES; i++)
		if ((rules[i].r_flags & RF_QUICK) && meant(&rules[i], ms, path))
			return (rules[i].r_action == RULE_ALLOW);
	for (i = NRULES; i > 0; i--)
		if (meant(&rules[i - 1], ms, path))
			return (rules[i - 1].r_action == RULE_ALLOW);
	return (0);
}

static void
rule_random(struct rule *r)
{
	const char	*path = paths[(size_t)random() % NPATHS];
	int		 action = random() % 2 ? RULE_ALLOW : RULE_DENY;

	switch (random() % 8) {
	case 0:
		rule_make(r, action, MATCH_GLOB,
		    globs[(size_t)random() % NGLOBS]);
		break;
	case 1:
		rule_make(r, action, MATCH_EXACT, path);
		break;
	case 2:
	case 3:
	case 4:
		rule_make(r, action, MATCH_FSTYPE, random() % 2 ? "x" : "y");
		break;
	default:
		rule_make(r, action, MATCH_UNDER, path);
	}
	if (random() % 8 == 0)
		r->r_flags = RF_QUICK;
}

static void
what_a_type_becomes_is_what_it_means(void **state)
{
	static const char *const	 types[] = { "x", "y", "z" };
	struct ruleset			 rs = { 0 };
	struct mounts			 ms = { 0 };
	struct rule			 rules[NRULES];
	size_t				 i;
	const char			*wrong = NULL;
	unsigned			 round, done = 0, restated = 0;
	int				 bad, saved;
	FILE				*fp;

	(void)state;
	assert_non_null(fp = fopen("/dev/null", "w"));
	saved = errors_to(fp, -1);
	srandom(11);
	for (round = 0; round < ROUNDS && wrong == NULL; round++) {
		mounts_put(&ms, 1, "/", types[random() % 3], MOUNT_THERE);
		for (i = 0; i < NPATHS; i++)
			if (random() % 3 == 0)
				mounts_put(&ms, i + 2, paths[i],
				    types[random() % 3], random() % 6 == 0 ?
				    MOUNT_HIDDEN : MOUNT_THERE);
		mounts_sort(&ms);
		for (i = 0, bad = 0; i < NRULES && !bad; i++) {
			rule_random(&rules[i]);
			bad = rules_add(&rs, &rules[i], &ms) == -1;
		}
		for (i = 0; i < NPATHS && !bad; i++)
			if (allowed(rules, &ms, paths[i]) !=
			    (ruleset_eval(&rs, paths[i], strlen(paths[i]),
			    R_READ, NULL) == R_READ))
				wrong = paths[i];
		done += !bad;
		restated += !bad && rs.rs_count > NRULES;
		ruleset_free(&rs);
		mounts_free(&ms);
	}
	(void)errors_to(fp, saved);
	fclose(fp);
	if (wrong != NULL)
		fail_msg("round %u: %s", round, wrong);
	/* And it is of use: most are not refused, many are not simple. */
	assert_true(done > ROUNDS / 3);
	assert_true(restated > ROUNDS / 8);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_type_is_each_of_its_mounts),
		cmocka_unit_test(what_is_mounted_inside_stays_as_it_was),
		cmocka_unit_test(what_cannot_be_said_exactly_is_refused),
		cmocka_unit_test(a_mount_that_cannot_be_seen_allows_nothing),
		cmocka_unit_test(the_mounts_of_this_machine_are_read),
		cmocka_unit_test(what_a_type_becomes_is_what_it_means),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
