/*
 * Matching, evaluation order, globs, and what moving a directory would do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../common/rule.h"

static void
add(struct ruleset *rs, int action, int flags, uint32_t rights, int match,
    const char *path)
{
	static char	 file[] = "t";
	struct rule	 r;
	char		 copy[PATTERN_MAX];

	memset(&r, 0, sizeof(r));
	(void)snprintf(copy, sizeof(copy), "%s", path);
	r.r_action = (uint8_t)action;
	r.r_flags = (uint8_t)flags;
	r.r_rights = rights;
	r.r_match = (uint8_t)match;
	r.r_line = (uint32_t)rs->rs_count + 1;
	r.r_file = file;
	r.r_path = copy;
	assert_int_equal(ruleset_add(rs, &r), 0);
}

static void
allow(struct ruleset *rs, uint32_t rights, int match, const char *path)
{
	add(rs, RULE_ALLOW, 0, rights, match, path);
}

static void
deny(struct ruleset *rs, uint32_t rights, int match, const char *path)
{
	add(rs, RULE_DENY, 0, rights, match, path);
}

/* The line of the deciding rule, 0 for none; *got the rights. */
static uint32_t
by(const struct ruleset *rs, const char *path, uint32_t want, uint32_t *got)
{
	const struct rule	*r = NULL;

	*got = ruleset_eval(rs, path, strlen(path), want, &r);
	return (r == NULL ? 0 : r->r_line);
}

static int
globs(const char *pat, const char *path)
{
	return (glob_match(pat, path, strlen(path)));
}

static void
exact_matches_one_path(void **state)
{
	struct ruleset	 rs = { 0 };
	uint32_t	 got;

	(void)state;
	allow(&rs, R_READ, MATCH_EXACT, "/a/b");
	assert_int_equal(by(&rs, "/a/b", R_READ, &got), 1);
	assert_int_equal(got, R_READ);
	assert_int_equal(by(&rs, "/a/b/c", R_READ, &got), 0);
	assert_int_equal(by(&rs, "/a/bc", R_READ, &got), 0);
	assert_int_equal(by(&rs, "/a", R_READ, &got), 0);
	ruleset_free(&rs);
}

static void
under_matches_whole_components(void **state)
{
	struct ruleset	 rs = { 0 };
	uint32_t	 got;

	(void)state;
	allow(&rs, R_READ, MATCH_UNDER, "/a/b");
	assert_int_equal(by(&rs, "/a/b", R_READ, &got), 1);
	assert_int_equal(by(&rs, "/a/b/c/d", R_READ, &got), 1);
	assert_int_equal(by(&rs, "/a/bc", R_READ, &got), 0);
	assert_int_equal(by(&rs, "/a/bc/d", R_READ, &got), 0);
	ruleset_free(&rs);
	allow(&rs, R_READ, MATCH_UNDER, "/");
	assert_int_equal(by(&rs, "/", R_READ, &got), 1);
	assert_int_equal(by(&rs, "/x/y", R_READ, &got), 1);
	ruleset_free(&rs);
}

static void
the_last_rule_that_matches_decides(void **state)
{
	struct ruleset	 rs = { 0 };
	uint32_t	 got;

	(void)state;
	allow(&rs, R_ALL, MATCH_UNDER, "/h");
	deny(&rs, R_ALL, MATCH_UNDER, "/h/s");
	allow(&rs, R_READ, MATCH_EXACT, "/h/s/pub");
	assert_int_equal(by(&rs, "/h/x", R_READ, &got), 1);
	assert_int_equal(got, R_READ);
	assert_int_equal(by(&rs, "/h/s/key", R_READ, &got), 2);
	assert_int_equal(got, 0);
	assert_int_equal(by(&rs, "/h/s/pub", R_READ, &got), 3);
	assert_int_equal(got, R_READ);
	assert_int_equal(by(&rs, "/h/s/pub", R_READ | R_WRITE, &got), 2);
	assert_int_equal(got, R_READ);
	ruleset_free(&rs);
}

static void
the_first_quick_rule_that_matches_decides_at_once(void **state)
{
	struct ruleset	 rs = { 0 };
	uint32_t	 got;

	(void)state;
	allow(&rs, R_ALL, MATCH_UNDER, "/h");
	add(&rs, RULE_DENY, RF_QUICK, R_WRITE, MATCH_UNDER, "/h/s");
	add(&rs, RULE_ALLOW, RF_QUICK, R_WRITE, MATCH_UNDER, "/h/s/t");
	allow(&rs, R_ALL, MATCH_UNDER, "/h/s");
	assert_int_equal(by(&rs, "/h/s/t/f", R_WRITE, &got), 2);
	assert_int_equal(got, 0);
	assert_int_equal(by(&rs, "/h/s/t/f", R_READ, &got), 4);
	assert_int_equal(got, R_READ);
	ruleset_free(&rs);
}

static void
what_no_rule_matches_is_denied_by_no_rule(void **state)
{
	struct ruleset	 rs = { 0 };
	uint32_t	 got = 1;

	(void)state;
	assert_int_equal(by(&rs, "/x", R_ALL, &got), 0);
	assert_int_equal(got, 0);
	allow(&rs, R_READ, MATCH_UNDER, "/x");
	assert_int_equal(by(&rs, "/x", R_READ | R_WRITE, &got), 0);
	assert_int_equal(got, R_READ);
	ruleset_free(&rs);
}

static void
globs_match_as_the_manual_says(void **state)
{
	static const struct {
		const char	*pat, *path;
		int		 match;
	} t[] = {
		{ "/a/*", "/a/b", 1 },		{ "/a/*", "/a/b/c", 0 },
		{ "/a/*", "/a/", 1 },		{ "/a/*", "/a", 0 },
		{ "/a/*.c", "/a/x.c", 1 },	{ "/a/*.c", "/a/x.h", 0 },
		{ "/a/*.c", "/a/.c", 1 },	{ "/a/*/c", "/a/x/c", 1 },
		{ "/a/*/c", "/a/x/y/c", 0 },	{ "/a/**", "/a/b/c", 1 },
		{ "/a/**", "/a", 0 },		{ "/a/**/z", "/a/z", 1 },
		{ "/a/**/z", "/a/b/c/z", 1 },	{ "/a/**/z", "/a/bz", 0 },
		{ "/a/**/z", "/z", 0 },		{ "/**/z", "/z", 1 },
		{ "/**/**/z", "/z", 1 },	{ "/a/**/**/**/z", "/a/z", 1 },
		{ "/a/**/**/**/z", "/az", 0 },	{ "/**/**/z", "/a/b/z", 1 },
		{ "/**/*.pem", "/a/b.pem", 1 },	{ "/**/*.pem", "/a/pem", 0 },
		{ "/a\\/**/z", "/a/z", 1 },	{ "/a\\/**/z", "/az", 0 },
		{ "/**/*.pem", "/.pem", 1 },	{ "/*ab", "/b", 0 },
		{ "/*\\*b", "/x*b", 1 },	{ "/{a,b}c", "/bc", 1 },
		{ "/{a,b}c", "/bd", 0 },		{ "/[ab]c", "/ac", 1 },
		{ "/a**z", "/a/b/z", 1 },	{ "/?", "/x", 1 },
		{ "/?", "//", 0 },		{ "/?", "/xy", 0 },
		{ "/[a-c]x", "/bx", 1 },	{ "/[a-c]x", "/dx", 0 },
		{ "/[!a-c]x", "/dx", 1 },	{ "/[^a-c]x", "/ax", 0 },
		{ "/[!a]x", "//x", 0 },		{ "/[]]", "/]", 1 },
		{ "/[a\\]]", "/]", 1 },		{ "/[-a]", "/-", 1 },
		{ "/{a,bc}d", "/ad", 1 },	{ "/{a,bc}d", "/bcd", 1 },
		{ "/{a,bc}d", "/abcd", 0 },	{ "/{,x}y", "/y", 1 },
		{ "/{a{b,c},d}", "/ac", 1 },	{ "/{a{b,c},d}", "/d", 1 },
		{ "/{a{b,c},d}", "/a", 0 },	{ "/{*.c,*.h}", "/q.h", 1 },
		{ "/{[,],x}", "/,", 1 },	{ "/{\\,,x}", "/,", 1 },
		{ "/x,y", "/x,y", 1 },		{ "/\\*", "/*", 1 },
		{ "/\\*", "/x", 0 },		{ "/\\{a", "/{a", 1 },
		{ "/h/*/.config/**", "/h/u/.config/a/b", 1 },
		{ "/h/*/.config/**", "/h/u/v/.config/a", 0 },
		{ "/{a/**,b}/c", "/a/x/y/c", 1 }, { "/a", "/a", 1 },
		{ "/\377*", "/\377\376", 1 },	{ "/a*", "/a", 1 },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (globs(t[i].pat, t[i].path) != t[i].match)
			fail_msg("%s %s", t[i].pat, t[i].path);
}

static void
a_malformed_glob_is_told(void **state)
{
	(void)state;
	assert_null(glob_check("/a/{b,c{d,e}}/[!x]\\[*"));
	assert_non_null(glob_check("/a/[b"));
	assert_non_null(glob_check("/a/{b"));
	assert_non_null(glob_check("/a/b}"));
	assert_non_null(glob_check("/a\\"));
	assert_non_null(glob_check("/{{{{{{{{{a}}}}}}}}}"));
}

static void
no_glob_takes_more_than_pattern_times_path(void **state)
{
	char		 pat[PATTERN_MAX], path[PATTERN_MAX];
	struct timespec	 a, b;
	size_t		 i;

	(void)state;
	pat[0] = path[0] = '/';
	for (i = 1; i + 8 < 256; i += 8)
		memcpy(pat + i, "*a{b,**}", 8);
	pat[i] = 'x';
	pat[i + 1] = '\0';
	memset(path + 1, 'a', sizeof(path) - 2);
	path[sizeof(path) - 1] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(globs(pat, path), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true(b.tv_sec - a.tv_sec <= 2);
}

static void
a_directory_may_move_within_one_project(void **state)
{
	struct ruleset	 rs = { 0 };

	(void)state;
	allow(&rs, RG_READ | R_EXEC, MATCH_UNDER, "/h");
	allow(&rs, R_ALL, MATCH_UNDER, "/h/w");
	allow(&rs, R_ALL, MATCH_UNDER, "/tmp/x");
	deny(&rs, R_ALL, MATCH_UNDER, "/h/.ssh");
	deny(&rs, R_ALL, MATCH_GLOB, "/h/**/*.key");
	assert_int_equal(ruleset_denies_below(&rs, "/h/w/d1", "/h/w/d2",
	    R_ALL), 0);
	assert_int_equal(ruleset_denies_below(&rs, "/h/w/d1", "/h/w/a/b/d2",
	    R_ALL), 0);
	assert_int_equal(ruleset_denies_below(&rs, "/tmp/x/d", "/h/w/d",
	    R_ALL), 0);
	ruleset_free(&rs);
}

static void
a_directory_may_not_move_out_of_a_denial(void **state)
{
	struct ruleset	 rs = { 0 };

	(void)state;
	allow(&rs, R_ALL, MATCH_UNDER, "/h");
	allow(&rs, R_ALL, MATCH_UNDER, "/tmp");
	deny(&rs, R_READ, MATCH_UNDER, "/h/a/.ssh");
	deny(&rs, R_READ, MATCH_GLOB, "/h/g/**/key");
	/* The parent of what is denied. */
	assert_int_equal(ruleset_denies_below(&rs, "/h/a", "/h/b", R_ALL), 1);
	assert_int_equal(ruleset_denies_below(&rs, "/h/a", "/h/b", R_WRITE),
	    0);
	/* What is denied itself. */
	assert_int_equal(ruleset_denies_below(&rs, "/h/a/.ssh", "/h/s",
	    R_ALL), 1);
	/* A glob that follows within its tree and not outside. */
	assert_int_equal(ruleset_denies_below(&rs, "/h/g/x", "/h/g/y/z",
	    R_ALL), 0);
	assert_int_equal(ruleset_denies_below(&rs, "/h/g/x", "/tmp/x",
	    R_ALL), 1);
	/* No name is like .ssh there: nothing to lose. */
	assert_int_equal(ruleset_denies_below(&rs, "/h/c", "/tmp/c", R_ALL),
	    0);
	ruleset_free(&rs);
}

static void
a_directory_may_not_move_to_where_more_is_allowed(void **state)
{
	struct ruleset	 rs = { 0 };

	(void)state;
	allow(&rs, R_READ, MATCH_UNDER, "/r");
	allow(&rs, R_READ | R_WRITE, MATCH_UNDER, "/w");
	assert_int_equal(ruleset_denies_below(&rs, "/r/d", "/w/d", R_ALL), 1);
	assert_int_equal(ruleset_denies_below(&rs, "/r/d", "/w/d", R_READ),
	    0);
	assert_int_equal(ruleset_denies_below(&rs, "/w/d", "/r/d", R_ALL), 0);
	/* An exception that a quick rule takes back everywhere. */
	allow(&rs, R_WRITE, MATCH_UNDER, "/r");
	add(&rs, RULE_DENY, RF_QUICK, R_WRITE, MATCH_UNDER, "/r");
	assert_int_equal(ruleset_denies_below(&rs, "/r/d", "/w/d", R_ALL), 1);
	add(&rs, RULE_DENY, RF_QUICK, R_WRITE, MATCH_UNDER, "/w");
	assert_int_equal(ruleset_denies_below(&rs, "/r/d", "/w/d", R_ALL), 0);
	ruleset_free(&rs);
}

/*
 * The same question by trying: every name of a small tree, before and after.
 * ruleset_denies_below() may say yes too often and never no too often.
 */
static void
denies_below_never_misses_a_gain(void **state)
{
	static const char *const dirs[] = { "/a", "/b", "/a/c", "/b/c" };
	static const char *const tails[] = { "/x", "/y", "/c", "/c/x",
	    "/c/y", "/x/y" };
	static const char *const pats[] = { "/", "/a", "/b", "/a/c",
	    "/a/c/x", "/b/x", "/a/*", "/**/x", "/a/**", "/b/{x,y}", "/*/c/**" };
	struct ruleset	 rs;
	unsigned	 seed = 1, round, i, j, k, gain, no = 0;
	char		 p[64], q[64];

	(void)state;
	for (round = 0; round < 4000; round++) {
		memset(&rs, 0, sizeof(rs));
		for (i = 0; i < 5; i++) {
			seed = seed * 1103515245 + 12345;
			k = (seed >> 8) % 11;
			add(&rs, 1 + (int)(seed >> 16 & 1),
			    (seed >> 17 & 7) == 0 ? RF_QUICK : 0, R_READ,
			    k > 5 ? MATCH_GLOB : (seed >> 20 & 1) ?
			    MATCH_UNDER : MATCH_EXACT, pats[k]);
		}
		for (i = 0; i < 4; i++)
			for (j = 0; j < 4; j++) {
				for (k = gain = 0; k < 6; k++) {
					snprintf(p, 64, "%s%s", dirs[i],
					    tails[k]);
					snprintf(q, 64, "%s%s", dirs[j],
					    tails[k]);
					gain |= ruleset_eval(&rs, q, strlen(q),
					    R_READ, NULL) & ~ruleset_eval(&rs,
					    p, strlen(p), R_READ, NULL);
				}
				k = (unsigned)ruleset_denies_below(&rs,
				    dirs[i], dirs[j], R_READ);
				if (gain && !k)
					fail_msg("round %u", round);
				no += i != j && !k;
			}
		ruleset_free(&rs);
	}
	/* And it is of use: it does say no. */
	assert_true(no > 4000);
}

static void
rights_have_words(void **state)
{
	char	 buf[256];

	(void)state;
	assert_int_equal(rights_parse("read"), RG_READ);
	assert_int_equal(rights_parse("all"), RG_ALL);
	assert_int_equal(rights_parse("exec"), R_EXEC | R_LIBRARY);
	assert_int_equal(rights_parse("program"), R_EXEC);
	assert_int_equal(rights_parse("library"), R_LIBRARY);
	assert_int_equal(rights_parse("wx"), R_WX);
	assert_int_equal(rights_parse("chmod"), R_CHMOD);
	assert_int_equal(rights_parse("Read"), 0);
	assert_int_equal(rights_parse(""), 0);
	assert_string_equal(rights_word(R_READ), "read");
	assert_string_equal(rights_word(R_MKDIR), "mkdir");
	assert_string_equal(rights_word(R_CREATE | R_MKDIR), "create");
	assert_string_equal(rights_word(R_READ | R_WRITE), "read, write");
	assert_string_equal(rights_word(R_READ | R_DELETE | R_CREATE),
	    "read, create, delete");
	assert_string_equal(rights_word(R_CHROOT | R_READ), "all");
	rights_print(RG_READ | RG_EXEC | R_CHMOD, buf, sizeof(buf));
	assert_string_equal(buf, "read, exec, chmod");
}

/* A comma-separated list as a policy has it, and how many words. */
static uint32_t
words_parse(const char *text, size_t *n)
{
	char		 buf[RIGHTS_TEXT_MAX + 1], *word, *next = buf;
	uint32_t	 bits, rights = 0;

	assert_true(strlcpy(buf, text, sizeof(buf)) < RIGHTS_TEXT_MAX);
	for (*n = 0; (word = strsep(&next, ",")) != NULL; ++*n) {
		bits = rights_parse(word + strspn(word, " "));
		assert_int_not_equal(bits, 0);
		rights |= bits;
	}
	return (rights);
}

static void
every_set_of_rights_prints_as_itself(void **state)
{
	static const struct {
		uint32_t	 rights;
		const char	*text;
	} sets[] = {
		{ R_ALL, "all, wx" },
		{ RG_ALL, "all" },
		{ RG_EXEC, "exec" },
		{ R_EXEC, "program" },
		{ RG_CONTENTS, "contents" },
		{ RG_CONTENTS | R_STAT, "contents, stat" },
		{ RG_READ, "read" },
		{ R_READ, "readfile" },
		{ R_WRITE, "writefile" },
		{ R_CREATE, "mkfile" },
		{ R_DELETE, "unlink" },
		{ RG_WRITE | R_CREATE | R_CHROOT, "write, mkfile, chroot" },
		{ R_ALL & ~RG_READ, "write, create, delete, exec, mkcdev, "
		    "mkbdev, chroot, wx" },
	};
	char		 buf[RIGHTS_TEXT_MAX + 1];
	uint32_t	 want, got;
	unsigned	 i;
	size_t		 n;

	(void)state;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		rights_print(sets[i].rights, buf, sizeof(buf));
		assert_string_equal(buf, sets[i].text);
	}
	srandom(7);
	for (i = 0; i < 100000; i++) {
		if (i < RIGHTS_COUNT)
			want = 1U << i;
		else if (i < 2 * RIGHTS_COUNT)
			want = R_ALL & ~(1U << (i - RIGHTS_COUNT));
		else
			want = (uint32_t)random() & R_ALL;
		if (want == 0)
			continue;
		rights_print(want, buf, sizeof(buf));
		got = words_parse(buf, &n);
		assert_int_equal(got, want);
		/* The words for a denial may say more, never less. */
		got = words_parse(rights_word(want), &n);
		assert_int_equal(want & ~got, 0);
		if (i < RIGHTS_COUNT)
			assert_int_equal(n, 1);
	}
	/* One word that is just this set is taken. */
	assert_string_equal(rights_word(RG_CONTENTS), "contents");
	assert_string_equal(rights_word(RG_ALL), "all");
	assert_string_equal(rights_word(R_ALL), "all, wx");
	assert_string_equal(rights_word(R_LIBRARY), "library");
	assert_string_equal(rights_word(RG_DELETE), "delete");
	assert_string_equal(rights_word(R_CHROOT), "chroot");
	assert_string_equal(rights_word(R_EXEC), "exec");
}

static void
a_rule_prints_as_it_is_written(void **state)
{
	static char	 file[] = "f", path[] = "/a \"b\\$c";
	struct rule	 r;
	char		 buf[RULE_TEXT_MAX];

	(void)state;
	memset(&r, 0, sizeof(r));
	r.r_action = RULE_DENY;
	r.r_flags = RF_QUICK | RF_LOG;
	r.r_rights = RG_ALL;
	r.r_match = MATCH_UNDER;
	r.r_errno = ENOENT;
	r.r_file = file;
	r.r_path = path;
	r.r_len = strlen(path);
	rule_print(&r, buf, sizeof(buf));
	assert_string_equal(buf, "deny quick log all under "
	    "\"/a \\\"b\\\\\\$c\" errno ENOENT");
}

static void
an_effect_prints_as_its_word(void **state)
{
	static const struct {
		int		 action, effect, flags, error;
		const char	*text;
	} t[] = {
		{ RULE_ALLOW, EFFECT_WARN, 0, 0, "warn readdir \"/a\"" },
		{ RULE_DENY, EFFECT_KILL, RF_QUICK | RF_QUIET, EACCES,
		    "kill quick quiet readdir \"/a\"" },
		{ RULE_DENY, EFFECT_STOP, RF_LOG, ENOENT,
		    "stop log readdir \"/a\" errno ENOENT" },
		{ RULE_DENY, EFFECT_ABORT, 0, EPERM,
		    "abort readdir \"/a\" errno EPERM" },
		{ RULE_DENY, EFFECT_EXIT, 0, EACCES, "exit readdir \"/a\"" },
		{ RULE_DENY, EFFECT_NONE, RF_QUIET, EACCES,
		    "deny quiet readdir \"/a\"" },
	};
	static char	 file[] = "f", path[] = "/a";
	struct rule	 r;
	char		 buf[RULE_TEXT_MAX];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.r_action = (uint8_t)t[i].action;
		r.r_effect = (uint8_t)t[i].effect;
		r.r_flags = (uint8_t)t[i].flags;
		r.r_errno = (uint8_t)t[i].error;
		r.r_rights = R_READDIR;
		r.r_match = MATCH_EXACT;
		r.r_file = file;
		r.r_path = path;
		r.r_len = strlen(path);
		assert_true(rule_sane(&r));
		rule_print(&r, buf, sizeof(buf));
		assert_string_equal(buf, t[i].text);
	}
}

/* Every action, effect and flag there is, and one more of each. */
static void
what_makes_no_sense_together_is_told(void **state)
{
	struct rule	 r;
	int		 action, effect, flags, sane, deny;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (action = 0; action <= RULE_DENY + 1; action++)
		for (effect = 0; effect <= EFFECT_COUNT; effect++)
			for (flags = 0; flags <= RF_FLAGS + 1; flags++) {
				r.r_action = (uint8_t)action;
				r.r_effect = (uint8_t)effect;
				r.r_flags = (uint8_t)flags;
				deny = action == RULE_DENY;
				sane = deny || action == RULE_ALLOW;
				if (effect == EFFECT_WARN)
					sane &= action == RULE_ALLOW;
				else if (effect != EFFECT_NONE)
					sane &= deny && effect < EFFECT_COUNT;
				if (flags & RF_QUIET)
					sane &= deny && !(flags & RF_LOG) &&
					    effect != EFFECT_EXIT;
				/* it has rights and errno of its own */
				sane &= !(flags & (RF_HIDE | RF_APPEND | RF_MASK)) ||
				    flags > RF_FLAGS;
				sane &= flags <= RF_FLAGS;
				assert_int_equal(rule_sane(&r) != 0, sane);
			}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(exact_matches_one_path),
		cmocka_unit_test(under_matches_whole_components),
		cmocka_unit_test(the_last_rule_that_matches_decides),
		cmocka_unit_test(
		    the_first_quick_rule_that_matches_decides_at_once),
		cmocka_unit_test(what_no_rule_matches_is_denied_by_no_rule),
		cmocka_unit_test(globs_match_as_the_manual_says),
		cmocka_unit_test(a_malformed_glob_is_told),
		cmocka_unit_test(no_glob_takes_more_than_pattern_times_path),
		cmocka_unit_test(a_directory_may_move_within_one_project),
		cmocka_unit_test(a_directory_may_not_move_out_of_a_denial),
		cmocka_unit_test(
		    a_directory_may_not_move_to_where_more_is_allowed),
		cmocka_unit_test(denies_below_never_misses_a_gain),
		cmocka_unit_test(rights_have_words),
		cmocka_unit_test(every_set_of_rights_prints_as_itself),
		cmocka_unit_test(a_rule_prints_as_it_is_written),
		cmocka_unit_test(an_effect_prints_as_its_word),
		cmocka_unit_test(what_makes_no_sense_together_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
