/* LINK: worker/learn_tree.c worker/learn_name.c worker/learn_print.c monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c */
/* LINK: monitor/netparse.c */
/*
 * From accesses to a policy: what becomes `under', what a pattern, what is
 * never granted; and what is written parses to rules that allow just that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/policy_conf.h"
#include "../../proto/proto.h"
#include "../../worker/learn.h"

/* parse.y wants them; no test here names one */
const struct profile	 profiles[] = { { "none", "" } };
const size_t		 profiles_count = 1;

static struct learn	 l;
static struct policy	 parsed;
static char		*text;

static int
setup(void **state)
{
	static char	 home[] = "/home/u", work[] = "/home/u/src",
			 run[] = "/tmp/run.x", tty[] = "/dev/pts/7";

	(void)state;
	memset(&l, 0, sizeof(l));
	l.l_home = home;
	l.l_work = work;
	l.l_run = run;
	l.l_tty = tty;
	l.l_names = 8;
	learn_init(&l);
	policy_init(&parsed);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	learn_free(&l);
	policy_free(&parsed);
	free(text);
	text = NULL;
	return (0);
}

static void
secret(const char *path, int match)
{
	static char	 file[] = "default";
	struct rule	 r;

	memset(&r, 0, sizeof(r));
	r.r_rights = R_ALL;
	r.r_action = RULE_DENY;
	r.r_match = (uint8_t)match;
	r.r_file = file;
	r.r_path = (char *)(uintptr_t)path;
	assert_int_equal(ruleset_add(&l.l_secrets, &r), 0);
}

static void
add(uint32_t rights, const char *path)
{
	learn_add(&l, rights, ACCESS_USED, path, strlen(path));
}

static void
come(uint8_t outcome, uint32_t rights, const char *path)
{
	learn_add(&l, rights, outcome, path, strlen(path));
}

/* n names of one directory, f0, f1, ... */
static void
many(uint32_t rights, const char *dir, int n)
{
	char	 path[PATTERN_MAX];
	int	 i;

	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/f%c%c", dir,
		    'a' + i / 26 % 26, 'a' + i % 26);
		add(rights, path);
	}
}

/* Write, and parse what was written. */
static const char *
policy(void)
{
	size_t	 len;
	FILE	*fp;

	free(text);
	assert_non_null(fp = open_memstream(&text, &len));
	assert_int_equal(learn_print(&l, fp), 0);
	fclose(fp);
	policy_free(&parsed);
	policy_init(&parsed);
	assert_int_equal(policy_macro(&parsed, "HOME", l.l_home), 0);
	assert_int_equal(policy_macro(&parsed, "WORKDIR", l.l_work), 0);
	assert_int_equal(policy_macro(&parsed, "TMPDIR", l.l_run), 0);
	assert_int_equal(policy_macro(&parsed, "TTY", l.l_tty), 0);
	if (policy_parse_string(&parsed, "learned", text) != 0)
		fail_msg("does not parse:\n%s", text);
	return (text);
}

static int
allows(uint32_t rights, const char *path)
{
	return (ruleset_eval(&parsed.p_rules, path, strlen(path), rights,
	    NULL) == rights);
}

static void
has(const char *line)
{
	char	 want[PATTERN_MAX];

	(void)snprintf(want, sizeof(want), "\n%s\n", line);
	if (strstr(text, want) == NULL)
		fail_msg("no line '%s' in:\n%s", line, text);
}

static void
has_not(const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("'%s' in:\n%s", part, text);
}

/* ---- tests ---- */

static void
a_name_stays_a_name(void **state)
{
	(void)state;
	many(R_READ, "/usr/lib/x", 8);
	policy();
	has("\t\"/usr/lib/x/faa\"");
	has_not("under");
	assert_true(allows(R_READ, "/usr/lib/x/fah"));
	assert_false(allows(R_READ, "/usr/lib/x/fai"));
	assert_false(allows(R_READ, "/usr/lib/x"));
	assert_false(allows(R_WRITE, "/usr/lib/x/faa"));
	assert_false(allows(R_EXEC, "/usr/lib/x/faa"));
}

static void
one_name_more_and_it_is_the_directory(void **state)
{
	(void)state;
	many(R_READ, "/usr/lib/x", 9);
	policy();
	has("allow read under \"/usr/lib/x\"");
	has_not("faa");
	assert_true(allows(R_READ, "/usr/lib/x/other"));
	assert_false(allows(R_WRITE, "/usr/lib/x/faa"));
	assert_false(allows(R_READ, "/usr/lib/y"));
}

static void
the_number_is_an_option(void **state)
{
	(void)state;
	l.l_names = 2;
	many(R_READ, "/usr/lib/x", 3);
	policy();
	has("allow read under \"/usr/lib/x\"");
}

static void
other_rights_do_not_count(void **state)
{
	(void)state;
	many(R_READ, "/srv/d/x", 8);
	add(R_READ | R_WRITE, "/srv/d/x/w");
	policy();
	has_not("under");
}

static void
what_has_more_rights_keeps_the_rest(void **state)
{
	(void)state;
	add(R_READ | R_WRITE, "/srv/d/x/w");
	many(R_READ, "/srv/d/x", 9);
	policy();
	has("allow read under \"/srv/d/x\"");
	has("allow write \"/srv/d/x/w\"");
	assert_true(allows(R_WRITE | R_READ, "/srv/d/x/w"));
	assert_false(allows(R_WRITE, "/srv/d/x/faa"));
}

static void
directories_count_by_what_is_used_in_them(void **state)
{
	char	 path[64];
	int	 i;

	(void)state;
	for (i = 0; i < 9; i++) {
		(void)snprintf(path, sizeof(path), "/usr/share/doc/%c/a",
		    'p' + i);
		add(R_READ, path);
	}
	policy();
	has("allow read under \"/usr/share/doc\"");
}

static void
the_top_is_never_given(void **state)
{
	(void)state;
	many(R_READ, "", 20);
	many(R_READ, "/usr", 20);
	many(R_READ, "/proc/sys", 20);
	many(R_READ | R_WRITE, "/dev", 20);
	many(R_READ | R_WRITE, "/var/tmp", 20);
	many(R_READ, "/home/u", 20);
	many(R_READ, "/home", 20);
	policy();
	has_not("under");
}

static void
a_directory_with_a_secret_in_it_is_never_given(void **state)
{
	(void)state;
	secret("/etc/x/y/key", MATCH_EXACT);
	secret("/etc/z/*.key", MATCH_GLOB);
	many(R_READ, "/etc/x", 20);
	many(R_READ, "/etc/x/y", 20);
	many(R_READ, "/etc/z", 20);
	many(R_READ, "/etc/x/n", 20);
	policy();
	has("allow read under \"/etc/x/n\"");
	assert_true(allows(R_READ, "/etc/x/faa"));
	assert_false(allows(R_READ, "/etc/x/y/key"));
	assert_false(allows(R_READ, "/etc/z/my.key"));
}

static void
a_secret_that_was_used_is_a_comment(void **state)
{
	(void)state;
	secret("/home/u/.ssh", MATCH_UNDER);
	secret("/home/u/*.kdbx", MATCH_GLOB);
	secret("/etc/shadow", MATCH_UNDER);
	add(R_READ, "/home/u/.ssh/id");
	add(R_READ, "/home/u/p.kdbx");
	many(R_READ, "/home/u/.ssh", 20);
	add(R_READ | R_WRITE, "/etc/shadow");
	come(ACCESS_REFUSED, R_READ, "/etc/shadow");
	policy();
	has("# SECRET: used, but the default profile hides it: not granted.");
	has("#\t\"$HOME/.ssh/id\"");
	has("#allow read, write \"/etc/shadow\"");
	assert_int_equal(parsed.p_rules.rs_count, 0);
}

static void
a_directory_made_around_a_secret_is_not_given(void **state)
{
	(void)state;
	secret("/home/u/.config/gh", MATCH_UNDER);
	add(R_MKDIR, "/home/u/.config");
	add(R_CREATE | R_WRITE, "/home/u/.config/x");
	policy();
	assert_true(allows(R_MKDIR, "/home/u/.config"));
	assert_true(allows(R_CREATE | R_WRITE, "/home/u/.config/x"));
	assert_false(allows(R_READ, "/home/u/.config/gh/token"));
}

static void
what_was_made_may_be_made_again(void **state)
{
	(void)state;
	add(R_CREATE | R_WRITE, "/home/u/src/prog");
	add(R_MKDIR, "/home/u/src/obj");
	add(R_CREATE | R_WRITE, "/home/u/src/obj/a.o");
	add(R_EXEC, "/home/u/src/obj/a.o");
	policy();
	has("allow read, write, create, delete \"$WORKDIR/prog\"");
	has("allow read, write, create, delete under \"$WORKDIR/obj\"");
	has("allow exec \"$WORKDIR/obj/a.o\"");
	assert_true(allows(R_DELETE | R_TRUNCATE, "/home/u/src/prog"));
	assert_true(allows(R_CREATE, "/home/u/src/obj/b.o"));
	assert_false(allows(R_EXEC, "/home/u/src/obj/b.o"));
}

static void
places_are_macros(void **state)
{
	(void)state;
	add(R_READ, "/home/u/src/a");
	add(R_READ, "/home/u/.rc");
	add(R_READ, "/home/u2/x");
	add(R_READDIR, "/home/u/src");
	add(R_READ | R_WRITE, "/dev/pts/7");
	add(R_CREATE | R_WRITE, "/tmp/run.x/any");
	policy();
	has("allow read \"$WORKDIR/a\"");
	has("allow read \"$HOME/.rc\"");
	has("allow read \"/home/u2/x\"");
	has("allow readdir \"$WORKDIR\"");
	has("allow read, write \"$TTY\"");
	has("allow read, write, create, delete under \"$TMPDIR\"");
	has_not("run.x");
}

static void
a_device_takes_ioctl(void **state)
{
	(void)state;
	add(R_READ, "/dev/urandom");
	add(R_READDIR, "/dev");
	policy();
	has("allow read, ioctl \"/dev/urandom\"");
	has("allow readdir \"/dev\"");
}

static void
process_numbers_are_patterns(void **state)
{
	(void)state;
	add(R_READ, "/proc/self/status");
	add(R_READ, "/proc/123/stat");
	add(R_READ, "/proc/4567/stat");
	add(R_READ, "/proc/self/task/99/comm");
	add(R_READ, "/proc/meminfo");
	add(R_READ | R_WRITE, "/dev/pts/12");
	policy();
	has("allow read \"/proc/meminfo\"");
	has("\t\"/proc/[0-9]*/stat\"");
	has("\t\"/proc/{self}/status\"");
	has("\t\"/proc/{self}/task/[0-9]*/comm\"");
	has("allow read, write glob \"/dev/pts/[0-9]*\"");
	assert_true(allows(R_READ, "/proc/self/status"));
	assert_true(allows(R_READ, "/proc/77/stat"));
	assert_false(allows(R_READ, "/proc/77/status"));
	assert_false(allows(R_READ, "/proc/self/stat"));
}

static void
made_up_names_are_patterns(void **state)
{
	(void)state;
	add(R_CREATE | R_WRITE, "/home/u/src/ccAb1Cd2.o");
	add(R_CREATE | R_WRITE, "/home/u/src/x.pyc.140234234");
	add(R_CREATE | R_WRITE, "/home/u/src/d41d8cd98f00b204e9800998ecf8");
	add(R_CREATE | R_WRITE, "/tmp/tmpabcdefgh");
	add(R_DELETE, "/tmp/tmpabcdefgh");
	add(R_CREATE | R_WRITE,
	    "/var/tmp/123e4567-e89b-12d3-a456-426614174000.sock");
	policy();
	has("\t\"$WORKDIR/cc*.o\"");
	has("\t\"$WORKDIR/x.pyc.*\"");
	assert_true(allows(R_CREATE, "/home/u/src/ccZz9Yy8.o"));
	assert_true(allows(R_CREATE, "/tmp/tmpqqqqqqqq"));
	assert_true(allows(R_CREATE,
	    "/var/tmp/00000000-0000-0000-0000-000000000000.sock"));
	has_not("tmpabcdefgh");
}

static void
ordinary_names_are_not_patterns(void **state)
{
	static const char *const names[] = { "README", "Makefile2",
	    "main.c", "libfoo.so.1.2.3", "x86_64-linux-gnu", "index.lock",
	    "COMMIT_EDITMSG", "conftest1.c", "file01", "deadbeef", "2024",
	    "config.status", "a", "TODO.txt", "sha256sum.o" };
	char	 path[64];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "/tmp/%c/%s",
		    (char)('a' + i), names[i]);
		add(R_CREATE | R_WRITE, path);
		policy();
		if (strstr(text, "glob") != NULL)
			fail_msg("%s: %s", names[i], text);
	}
}

static void
a_name_that_was_only_read_is_not_a_pattern(void **state)
{
	(void)state;
	add(R_READ, "/home/u/src/ccAb1Cd2.o");
	policy();
	has("allow read \"$WORKDIR/ccAb1Cd2.o\"");
}

static void
a_pattern_never_matches_a_secret(void **state)
{
	(void)state;
	secret("/home/u/.netrc", MATCH_UNDER);
	secret("/home/u/*.kdbx", MATCH_GLOB);
	add(R_CREATE | R_WRITE, "/home/u/d41d8cd98f00b204e9800998ecf8");
	add(R_CREATE | R_WRITE, "/home/u/.n12345");
	policy();
	has_not("glob");
	assert_false(allows(R_READ, "/home/u/.netrc"));
	assert_false(allows(R_READ, "/home/u/p.kdbx"));
}

static void
a_store_of_objects_is_given_whole(void **state)
{
	(void)state;
	add(R_MKDIR, "/home/u/src/.git/objects/ab");
	add(R_CREATE | R_WRITE, "/home/u/src/.git/objects/ab/"
	    "cdef0123456789abcdef0123456789abcdef01");
	policy();
	has("allow read, write, create, delete under "
	    "\"$WORKDIR/.git/objects\"");
	assert_false(allows(R_WRITE, "/home/u/src/.git/config"));
}

static void
names_are_quoted(void **state)
{
	static const char	 evil[] =
	    "/srv/a\" under \"/etc\nallow all under /\n# $HOME \\ 'x' {*}?[z]";

	(void)state;
	add(R_READ, "/srv/a b#c");
	add(R_READ, "/srv/\"q\\$HOME");
	add(R_READ, "/srv/*?[x]{y}");
	add(R_READ, "/srv/caf\303\251");
	add(R_READ, evil);
	policy();
	assert_true(allows(R_READ, "/srv/a b#c"));
	assert_true(allows(R_READ, "/srv/\"q\\$HOME"));
	assert_true(allows(R_READ, "/srv/*?[x]{y}"));
	assert_true(allows(R_READ, "/srv/caf\303\251"));
	assert_true(allows(R_READ, evil));
	assert_int_equal(parsed.p_rules.rs_count, 5);
	assert_false(allows(R_READ, "/srv/zzzz{y}"));
	assert_false(allows(R_READ, "/etc"));
	assert_false(allows(R_READ, "/etc/passwd"));
}

static void
nothing_that_a_terminal_obeys_is_written(void **state)
{
	static const char *const odd[] = {
		"/srv/a\033[2J", "/srv/b\r", "/srv/c\302\233m", "/srv/d\t",
		"/srv/e\177", "/srv/f\377\376", "/srv/g\342\200\256txt",
		"/srv/h\001", "/srv/i\n"
	};
	const unsigned char	*p;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		add(R_READ, odd[i]);
		come(ACCESS_ABSENT, R_READ, odd[i]);
		come(ACCESS_DENIED, R_WRITE, odd[i]);
	}
	come(ACCESS_ABSENT, R_READ, "/no\nallow all under /");
	come(ACCESS_DENIED, R_READ, "/no\nallow all under /");
	policy();
	for (p = (const unsigned char *)text; *p != '\0'; p++)
		if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p >= 0x7f)
			fail_msg("byte %#x in:\n%s", *p, text);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_true(allows(R_READ, odd[i]));
	assert_false(allows(R_READ, "/"));
	assert_false(allows(R_READ, "/etc"));
}

/* Every byte but 0 and /: the rule parses, and allows its name. */
static void
every_byte_can_be_in_a_name(void **state)
{
	char	 path[] = "/srv/x?y";
	int	 c;

	(void)state;
	l.l_names = 1000;
	for (c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		path[6] = (char)c;
		add(R_READ, path);
	}
	policy();
	for (c = 1; c < 256; c++) {
		path[6] = (char)c;
		if (c != '/' && !allows(R_READ, path))
			fail_msg("byte %d: %s", c, text);
	}
	assert_false(allows(R_READ, "/srv/xy"));
	assert_false(allows(R_READ, "/srv/y"));
}

static void
what_the_system_refused_stays_without_a_line(void **state)
{
	(void)state;
	come(ACCESS_REFUSED, R_WRITE, "/etc/hosts");
	come(ACCESS_REFUSED, R_READ, "/usr/lib/x/secret");
	policy();
	assert_non_null(strstr(text, "refused by the system"));
	assert_true(allows(R_WRITE, "/etc/hosts"));
	assert_false(allows(R_READ, "/etc/passwd"));
}

static void
what_was_denied_and_absent_are_comments(void **state)
{
	(void)state;
	come(ACCESS_DENIED, R_READ, "/srv/no");
	come(ACCESS_ABSENT, R_READ, "/srv/missing");
	come(ACCESS_ABSENT, R_EXEC, "/usr/local/bin/sh");
	come(ACCESS_NET, 0, "");
	policy();
	has("#allow read \"/srv/no\"");
	has("#\t\"/srv/missing\"");
	has("#allow net");
	has_not("/usr/local/bin/sh");
	assert_int_equal(parsed.p_rules.rs_count, 0);
	assert_int_equal(parsed.p_net, 0);
}

static void
absent_names_are_counted_when_many(void **state)
{
	char	 path[64];
	int	 i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof(path), "/srv/inc/h%d.h", i);
		come(ACCESS_ABSENT, R_READ, path);
	}
	assert_true(l.l_nodes < 20);
	policy();
	has("#\t4992 more in \"/srv/inc\"");
}

static void
memory_is_bounded_and_the_loss_is_said(void **state)
{
	char	 path[64];
	int	 i;

	(void)state;
	secret("/home/u/.ssh", MATCH_UNDER);
	for (i = 0; i < 3 * LEARN_NODES_MAX; i++) {
		(void)snprintf(path, sizeof(path), "/home/u/n%d", i);
		add(R_READ, path);
	}
	assert_true(l.l_nodes <= LEARN_NODES_MAX);
	assert_true(l.l_lost > 0);
	policy();
	assert_true(parsed.p_rules.rs_count <= LEARN_RULES_MAX);
	assert_non_null(strstr(text, "# INCOMPLETE: "));
	assert_true(strlen(text) < 1024 * 1024);
}

static void
many_names_of_one_directory_cost_nothing(void **state)
{
	char	 path[64];
	int	 i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		(void)snprintf(path, sizeof(path), "/srv/data/n%dx", i);
		add(R_READ, path);
	}
	assert_true(l.l_nodes < 20);
	policy();
	has("allow read under \"/srv/data\"");
	has_not("INCOMPLETE");
}

static void
a_path_too_long_for_a_rule_is_said(void **state)
{
	char	 path[PATTERN_MAX], name[201];
	size_t	 n = 0;

	(void)state;
	memset(name, '*', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	while (n + sizeof(name) < sizeof(path) - 1)
		n += (size_t)snprintf(path + n, sizeof(path) - n, "/%s", name);
	add(R_READ, path);
	(void)snprintf(path + n - 3, 4, "\na");
	add(R_READ, path);
	policy();
	assert_non_null(strstr(text, "# INCOMPLETE: "));
}

static void
words_are_those_of_the_language(void **state)
{
	(void)state;
	add(R_READ, "/srv/a");
	add(R_WRITE, "/srv/b");
	add(R_DELETE, "/srv/c");
	add(R_EXEC, "/srv/d");
	add(R_CHMOD, "/srv/e");
	add(R_MKTEMP, "/srv/f");
	add(R_RENAME, "/srv/g");
	add(R_STAT, "/srv/h");
	policy();
	has("allow read \"/srv/a\"");
	has("allow write \"/srv/b\"");
	has("allow delete \"/srv/c\"");
	has("allow read, exec \"/srv/d\"");
	has("allow chmod \"/srv/e\"");
	has("allow mktemp \"/srv/f\"");
	has("allow rename \"/srv/g\"");
	has("allow stat \"/srv/h\"");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_name_stays_a_name),
		T(one_name_more_and_it_is_the_directory),
		T(the_number_is_an_option),
		T(other_rights_do_not_count),
		T(what_has_more_rights_keeps_the_rest),
		T(directories_count_by_what_is_used_in_them),
		T(the_top_is_never_given),
		T(a_directory_with_a_secret_in_it_is_never_given),
		T(a_secret_that_was_used_is_a_comment),
		T(a_directory_made_around_a_secret_is_not_given),
		T(what_was_made_may_be_made_again),
		T(places_are_macros),
		T(a_device_takes_ioctl),
		T(process_numbers_are_patterns),
		T(made_up_names_are_patterns),
		T(ordinary_names_are_not_patterns),
		T(a_name_that_was_only_read_is_not_a_pattern),
		T(a_pattern_never_matches_a_secret),
		T(a_store_of_objects_is_given_whole),
		T(names_are_quoted),
		T(nothing_that_a_terminal_obeys_is_written),
		T(every_byte_can_be_in_a_name),
		T(what_the_system_refused_stays_without_a_line),
		T(what_was_denied_and_absent_are_comments),
		T(absent_names_are_counted_when_many),
		T(memory_is_bounded_and_the_loss_is_said),
		T(many_names_of_one_directory_cost_nothing),
		T(a_path_too_long_for_a_rule_is_said),
		T(words_are_those_of_the_language),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
