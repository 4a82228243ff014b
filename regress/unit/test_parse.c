/* LINK: monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c */
/* LINK: monitor/netparse.c */
/*
 * The policy language: what it accepts, as the rules it prints, and what it
 * says about mistakes, word for word.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/sysent.h"
#include "../../monitor/policy_conf.h"
#include "../../proto/proto.h"

#define EX_ALLOW	"; for example: allow read, exec under { /usr /etc }\n"
#define EX_DENY		"; for example: deny all under \"$HOME/.ssh\"\n"

#define EX_USE		"; for example: use env { CARGO_HOME XDG_CACHE_HOME }\n"
#define EX_LL		"; for example: set require landlock 6\n"
#define EX_TYPE		"; expected a type as in the third column of " \
			"/proc/mounts; for example: allow read fstype proc\n"
#define EX_ENV(name)	"; expected an absolute path in the environment, or " \
			"none; for example: " name "=/home/user/dir\n"
#define EX_PROMISE	"; for example: promise \"stdio rpath wpath cpath " \
			"exec\"\n"
#define PROMISES	"stdio, rpath, wpath, cpath, dpath, tmppath, fattr, " \
			"chown, tty, exec, inet, dns, unix, flock, id, proc, " \
			"prot_exec, ps, recvfd or sendfd"
#define EX_ERRNO	"; for example: deny read under /srv errno ENOENT\n"
#define EX_QUIET	"; for example: deny quiet read under /srv\n"
#define EX_KILL		"; for example: kill exec /usr/bin/nc\n"

const struct profile profiles[] = {
	{ "default",	"allow read under /etc\n" },
	{ "system",	"allow read under /usr\n" },
	{ "loop",	"profile \"loop\"\n" },
	{ "agent",	"deny all under /\n" },
	{ "denials",	"deny all under /etc\nallow read /etc/group\n" },
};
const size_t profiles_count = 5;

static char	 dir[] = "/tmp/test_parse.XXXXXX";
static char	 said[8192];
static char	 manual[4096];

static void
start(struct policy *p)
{
	policy_init(p);
	assert_int_equal(policy_macro(p, "HOME", "/home/u"), 0);
	assert_int_equal(policy_macro(p, "PWD", "/"), 0);
	assert_int_equal(policy_macro(p, "WORKDIR", ""), 0);
	assert_int_equal(policy_macro(p, "TMPDIR", "/tmp/p"), 0);
	assert_int_equal(policy_macro(p, "USER", "u"), 0);
}

/* Run with stderr into said[]. */
static int
capture(struct policy *p, int (*fn)(struct policy *, const char *),
    const char *arg)
{
	FILE	*fp;
	size_t	 n;
	int	 saved, rv;

	assert_non_null(fp = tmpfile());
	fflush(stderr);
	assert_int_not_equal(saved = dup(STDERR_FILENO), -1);
	assert_int_not_equal(dup2(fileno(fp), STDERR_FILENO), -1);
	rv = fn(p, arg);
	fflush(stderr);
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	close(saved);
	rewind(fp);
	n = fread(said, 1, sizeof(said) - 1, fp);
	said[n] = '\0';
	fclose(fp);
	return (rv);
}

static int
parse_text(struct policy *p, const char *text)
{
	return (policy_parse_string(p, "-r", text));
}

/* Text parses, silently, to these rules, a line each. */
static void
gives(const char *text, const char *rules)
{
	static struct policy	 p;
	char			 out[4096], line[RULE_TEXT_MAX];
	size_t			 i;
	int			 rv;

	start(&p);
	rv = capture(&p, parse_text, text);
	assert_string_equal(said, "");
	assert_int_equal(rv, 0);
	out[0] = '\0';
	for (i = 0; i < p.p_rules.rs_count; i++) {
		rule_print(&p.p_rules.rs_rules[i], line, sizeof(line));
		strlcat(out, line, sizeof(out));
		strlcat(out, "\n", sizeof(out));
	}
	assert_string_equal(out, rules);
	policy_free(&p);
}

/* Text is refused with exactly these words. */
static void
says(const char *text, const char *words)
{
	static struct policy	 p;
	int			 rv;

	start(&p);
	rv = capture(&p, parse_text, text);
	assert_string_equal(said, words);
	assert_int_equal(rv, -1);
	policy_free(&p);
}

static const char *
file(const char *name, const char *text)
{
	static char	 path[2][256];
	static int	 turn;
	FILE		*fp;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	assert_non_null(fp = fopen(path[turn], "w"));
	fputs(text, fp);
	fclose(fp);
	assert_int_equal(chmod(path[turn], 0644), 0);
	return (path[turn]);
}

static void
a_comment_may_end_the_text_in_a_blank(void **state)
{
	/* what is behind the end is not the policy's */
	static const char	 text[] = "# all of it \0\nallow read /etc\n";

	(void)state;
	gives(text, "");
	gives("allow read /usr # \t", "allow read \"/usr\"\n");
}

static void
rules_parse(void **state)
{
	(void)state;
	gives("allow read, exec under { /usr /etc }",
	    "allow read, exec under \"/usr\"\nallow read, exec under \"/etc\"\n");
	gives("deny all under \"$HOME/.ssh\"\n",
	    "deny all under \"/home/u/.ssh\"\n");
	gives("allow read glob \"/home/*/.config/**\"",
	    "allow read glob \"/home/*/.config/**\"\n");
	gives("allow read, write /dev/null # sink",
	    "allow read, write \"/dev/null\"\n");
	gives("deny quick log write under /srv errno ENOENT",
	    "deny quick log write under \"/srv\" errno ENOENT\n");
	gives("deny log quick chmod,chown \\\n\t/a", "deny quick log chown, "
	    "chmod \"/a\"\n");
	gives("# nothing\n\n \t\n", "");
	gives("", "");
}

static void
lists_may_have_commas_and_newlines(void **state)
{
	(void)state;
	gives("allow read {\n\t/a, /b # one\n\n\t\"/c d\",\n}\nallow read /e",
	    "allow read \"/a\"\nallow read \"/b\"\nallow read \"/c d\"\n"
	    "allow read \"/e\"\n");
}

static void
macros_expand_outside_single_quotes(void **state)
{
	(void)state;
	gives("d = \"/srv/$USER\"\nallow read $d/x\nallow read \"${d}y\"\n"
	    "allow read '/$d'\nallow read \"/\\$d\"",
	    "allow read \"/srv/u/x\"\nallow read \"/srv/uy\"\n"
	    "allow read \"/\\$d\"\nallow read \"/\\$d\"\n");
	gives("allow read { ~ ~/a \"~/b\" }", "allow read \"/home/u\"\n"
	    "allow read \"/home/u/a\"\nallow read \"/home/u/b\"\n");
}

static void
a_rule_with_an_empty_macro_is_skipped(void **state)
{
	(void)state;
	gives("allow all under \"$WORKDIR\"\nallow all under $PWD/x\n"
	    "w = \"$WORKDIR/y\"\nallow read { $w /z }", "allow read \"/z\"\n");
}

static void
a_quoted_or_expanded_text_is_never_a_rule(void **state)
{
	(void)state;
	gives("allow read \"/a } allow all under /x\"",
	    "allow read \"/a } allow all under /x\"\n");
	gives("x = \"/a, /b { } # quick\"\nallow read $x",
	    "allow read \"/a, /b { } # quick\"\n");
	says("q = \"quick\"\nallow $q read /a", "-r:2: no right is called 'quick'; "
	    "expected read, write, create, delete, exec, all or a single "
	    "right of privsep-sandbox.conf(5)" EX_ALLOW
	    "-r:2: unexpected 'read'; expected \"under\", \"glob\", "
	    "\"fstype\", \"existing\", \"class\", an absolute path, a quoted "
	    "string, ',' or '{'" EX_ALLOW);
}

static void
what_a_given_macro_holds_is_no_glob(void **state)
{
	static struct policy	 p;
	const char		*path = "/home/a[b*{c,/x";

	(void)state;
	policy_init(&p);
	assert_int_equal(policy_macro(&p, "HOME", "/home/a[b*{c,"), 0);
	assert_int_equal(parse_text(&p, "allow read glob \"$HOME/?\"\n"
	    "allow read \"$HOME/x\""), 0);
	assert_true(rule_match(&p.p_rules.rs_rules[0], path, strlen(path)));
	assert_true(rule_match(&p.p_rules.rs_rules[1], path, strlen(path)));
	assert_false(rule_match(&p.p_rules.rs_rules[0], "/home/abc/x", 11));
	policy_free(&p);
}

static void
paths_are_absolute_and_plain(void **state)
{
	(void)state;
	gives("allow read under /usr//lib/\nallow read /",
	    "allow read under \"/usr/lib\"\nallow read \"/\"\n");
	says("allow read \"usr\"", "-r:1: the path 'usr' is not absolute; "
	    "expected one that begins with /, ~/ or a macro; for example: "
	    "allow read under \"$HOME/src\"\n");
	says("allow read /a/../b", "-r:1: the path '/a/../b' has a . or .. in "
	    "it; expected a path without them; for example: allow read under "
	    "/usr/share\n");
	says("allow read /a/.", "-r:1: the path '/a/.' has a . or .. in it; "
	    "expected a path without them; for example: allow read under "
	    "/usr/share\n");
	says("allow read /proc/self/maps", "-r:1: '/proc/self/maps' is not "
	    "where the kernel finds it; expected a process's directory by "
	    "number; for example: allow read glob \"/proc/*/status\"\n");
	says("allow read /etc/*.conf", "-r:1: '/etc/*.conf' has a * or ? but "
	    "is not a glob; expected the word glob before it, or quotes "
	    "around it; for example: allow read glob \"/etc/*.conf\"\n");
	says("allow read glob \"/a/[b\"", "-r:1: the glob '/a/[b' is "
	    "malformed: a [ is not closed; expected * ? [a-z] {a,b} or **; "
	    "for example: allow read glob \"/etc/*.{conf,d}/**\"\n");
}

static void
actions_parse_and_print_again(void **state)
{
	static const char *const lines[] = {
		"allow read \"/a\"\n",
		"warn quick log read under \"/a\"\n",
		"deny quick quiet read \"/a\"\n",
		"kill all under \"/a\"\n",
		"kill quiet exec \"/a\"\n",
		"stop read glob \"/a/*\" errno ENOENT\n",
		"abort quiet write \"/a\" errno EPERM\n",
		"exit quick log read \"/a\"\n",
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		gives(lines[i], lines[i]);
	/* flags in any order, lists, and errors that say nothing new */
	gives("stop quiet quick exec { /a /b } errno EACCES",
	    "stop quick quiet exec \"/a\"\nstop quick quiet exec \"/b\"\n");
}

static void
words_of_actions_are_names_elsewhere(void **state)
{
	(void)state;
	gives("keep capability kill\nkeep capability { chown kill }\n"
	    "keep env { quiet exit warn }\ndeny syscall { exit kill }\n"
	    "deny syscall {\n\tkill ptrace\n}\nx = kill\nquiet = \"/q\"\n"
	    "allow read $quiet", "allow read \"/q\"\n");
	gives("kill read /kill\nexit exec \"/kill\"\nallow read \"/exit\"",
	    "kill read \"/kill\"\nexit exec \"/kill\"\n"
	    "allow read \"/exit\"\n");
	says("allow quick kill /x", "-r:1: no right is called 'kill'; expected "
	    "read, write, create, delete, exec, all or a single right of "
	    "privsep-sandbox.conf(5)" EX_ALLOW);
	says("k = \"kill\"\n$k read /a", "-r:2: no statement starts with "
	    "'kill'; expected allow, deny, warn, kill, stop, abort, exit, "
	    "hide, mask, append, table, keep, set, use, promise, verify, tpe, segvguard, include, profile or NAME =; for "
	    "example: data = \"/srv/data\"\n");
}

static void
what_does_not_go_with_an_action_is_told(void **state)
{
	(void)state;
	says("\nkill read /x errno EIO", "-r:2: a call that does not return "
	    "has no errno; expected errno with deny, stop or abort" EX_ERRNO);
	says("exit read /x errno EIO", "-r:1: a call that does not return "
	    "has no errno; expected errno with deny, stop or abort" EX_ERRNO);
	says("warn read /x errno EIO", "-r:1: an allowed call has no errno; "
	    "expected errno with deny, stop or abort" EX_ERRNO);
	says("allow quiet read /x", "-r:1: quiet is for denials; expected "
	    "quiet with deny, kill, stop or abort" EX_QUIET);
	says("warn quiet read /x", "-r:1: quiet is for denials; expected "
	    "quiet with deny, kill, stop or abort" EX_QUIET);
	says("exit quiet read /x", "-r:1: the end of a run cannot be quiet; "
	    "expected quiet with deny, kill, stop or abort" EX_QUIET);
	says("deny quiet log read /x", "-r:1: log and quiet exclude each "
	    "other; expected one of them" EX_QUIET);
	says("kill net", "-r:1: flags and actions are for single operations; "
	    "expected what it is about: connect, bind, accept or send; for "
	    "example: allow net connect tcp to 10.0.0.0/8 port { 80 443 }\n");
	says("allow net connect tcp to { 10.0.0.0/8 10.0.0.256 }", "-r:1: "
	    "'10.0.0.256' is not an address, or has bits beyond its length; "
	    "expected an address, ADDRESS/LENGTH, any, loopback, <TABLE> "
	    "or host NAME; "
	    "for example: allow net connect tcp to 10.0.0.0/8 port "
	    "{ 80 443 }\n");
	says("\nallow net connect to <bad>", "-r:2: no table is called "
	    "'<bad>'; expected one that is defined above; for example: table "
	    "<bad> file \"/etc/bad.netset\"\n");
	says("kill syscall ptrace", "-r:1: unexpected 'syscall'; expected "
	    "\"quick\", \"log\", \"quiet\", \"net\", \"verify\" or a word" EX_KILL);
}

/* The statements of one policy, as they are printed. */
static void
guards(const char *text, const char *want)
{
	static struct policy	 p;
	char			 out[8192], line[GUARD_TEXT_MAX];
	size_t			 i;

	start(&p);
	assert_int_equal(capture(&p, parse_text, text), 0);
	assert_string_equal(said, "");
	out[0] = '\0';
	for (i = 0; i < p.p_guards.gu_count; i++) {
		guard_print(&p.p_guards.gu_list[i], line, sizeof(line));
		strlcat(out, line, sizeof(out));
		strlcat(out, "\n", sizeof(out));
	}
	assert_string_equal(out, want);
	policy_free(&p);
}

static void
limits_for_what_crashes_are_read(void **state)
{
	(void)state;
	guards("segvguard crashes 5\nsegvguard no\n",
	    "segvguard crashes 5 window 120 suspend 600\nsegvguard no\n");
	guards("segvguard suspend 7 crashes 32 window 2592000\n",
	    "segvguard crashes 32 window 2592000 suspend 7\n");
	guards("segvguard under { /a /b } crashes 1\nsegvguard '/q$' no\n"
	    "segvguard glob \"/x/*\" no\n",
	    "segvguard under \"/a\" crashes 1 window 120 suspend 600\n"
	    "segvguard under \"/b\" crashes 1 window 120 suspend 600\n"
	    "segvguard \"/q\\$\" no\nsegvguard glob \"/x/*\" no\n");
	guards("segvguard existing { /no/such /bin/true } no\n",
	    "segvguard \"/bin/true\" no\n");
	says("segvguard crashes 33", "-r:1: crashes cannot be '33'; expected "
	    "a number from 1 to 32; for example: segvguard crashes 5 window "
	    "120 suspend 600\n");
	says("segvguard crashes", "-r:1: crashes cannot be ''; expected "
	    "a number from 1 to 32; for example: segvguard crashes 5 window "
	    "120 suspend 600\n");
	says("segvguard window 3", "-r:1: how many crashes are too many is not "
	    "said; expected crashes and a number; for example: segvguard "
	    "crashes 5 window 120 suspend 600\n");
	says("segvguard maybe 3", "-r:1: segvguard has no limit that is called "
	    "'maybe'; expected crashes, window, suspend or no; for example: "
	    "segvguard crashes 5 window 120 suspend 600\n");
}

static void
mistakes_are_told_with_an_example(void **state)
{
	(void)state;
	says("alow read /x", "-r:1: no statement starts with 'alow'; expected "
	    "allow, deny, warn, kill, stop, abort, exit, hide, mask, append, table, keep, set, use, "
	    "promise, verify, tpe, segvguard, include, profile or NAME =; for example: "
	    "data = \"/srv/data\"\n");
	says("\nallow raed /x", "-r:2: no right is called 'raed'; expected "
	    "read, write, create, delete, exec, all or a single right of "
	    "privsep-sandbox.conf(5)" EX_ALLOW);
	says("allow read exec under /x", "-r:1: unexpected 'exec'; expected "
	    "\"under\", \"glob\", \"fstype\", \"existing\", \"class\", "
	    "an absolute path, a quoted string, ',' or '{'" EX_ALLOW);
	says("allow read", "-r:1: the line ends too early; expected \"under\", "
	    "\"glob\", \"fstype\", \"existing\", \"class\", an absolute "
	    "path, a quoted string, ',' or '{'" EX_ALLOW);
	says("allow read /x /y", "-r:1: unexpected '/y'; expected \"errno\" or "
	    "the end of the line" EX_ALLOW);
	says("deny all /x errno EFOO", "-r:1: no error is called 'EFOO'; "
	    "expected a name of errno(3); for example: deny read under /srv "
	    "errno ENOENT\n");
	says("allow read /x errno EIO", "-r:1: an allowed call has no errno; "
	    "expected errno with deny, stop or abort" EX_ERRNO);
	says("allow read $nope", "-r:1: the macro 'nope' is not defined; "
	    "expected HOME, PWD, WORKDIR, TMPDIR, TTY, USER or a name defined above"
	    EX_ALLOW);
	says("HOME = /x", "-r:1: the macro 'HOME' is given, not defined; "
	    "expected another name; for example: data = \"/srv/data\"\n");
	says("set degrade maybe", "-r:1: degrade cannot be 'maybe'; expected "
	    "yes or no; for example: set degrade no\n");
	says("set color yes", "-r:1: no option is called 'color'; expected "
	    "audit, close-on-exec, degrade, dotdot, exec-check, hide, "
	    "late-siblings, libraries, nameserver, network, on-failure, "
	    "pin, require, safe-names, tmpdir, tpe, "
	    "verify, watch or wx; for example: "
	    "set degrade no\n");
	says("profile \"none\"", "-r:1: no built-in profile is called 'none'; "
	    "expected default, system, loop, agent or denials; for example: "
	    "profile \"default\"\n");
}

static void
lexical_mistakes_are_told(void **state)
{
	(void)state;
	says("allow read \"/x", "-r:1: a quoted string has no closing quote; "
	    "expected it on the same line" EX_ALLOW);
	says("deny read /x#y", "-r:1: one of \" ' # { \\ is in an unquoted "
	    "word; expected quotes around the whole text" EX_DENY);
	says("deny read \"/x\"/y", "-r:1: a quoted string is followed by more "
	    "text; expected quotes around the whole text" EX_DENY);
	says("deny read { /x\ndeny read /y", "-r:1: the { of line 1 is not "
	    "closed; expected }" EX_DENY);
	says("deny read { /x", "-r:1: the { of line 1 is not closed; expected "
	    "}" EX_DENY);
	says("deny read { { /x } }", "-r:1: a { is inside another; expected "
	    "one list at a time" EX_DENY);
	says("deny read \"$\"", "-r:1: a $ is not followed by a macro's name; "
	    "expected $NAME or ${NAME}, or '$' in single quotes" EX_DENY);
	says("allow\001 read /x", "-r:1: the byte 0x01 is a control character; "
	    "expected text with tabs and newlines only; for example: allow "
	    "read under /usr\n");
	says("allow read /x\r\n", "-r:1: the byte 0x0d is a control character; "
	    "expected text with tabs and newlines only; for example: sed -i "
	    "'s/\\r$//' site.conf\n");
	says("\xef\xbb\xbf" "allow read /x\n", "-r:1: the file begins with a "
	    "byte order mark; expected text without one; for example: LC_ALL=C "
	    "sed -i '1s/^...//' site.conf\n");
	says("allow syscall ptrace", "-r:1: the system call ptrace cannot be "
	    "allowed (a task has one tracer, and the exec event needs it to be "
	    "us); expected one that privsep-sandbox.conf(5) lists; for "
	    "example: allow syscall { shmget shmat shmctl }\n");
}

static void
overlong_words_are_refused(void **state)
{
	char	*text;

	(void)state;
	assert_non_null(text = malloc(20000));
	memset(text, 'a', 20000);
	memcpy(text, "deny read \"/", 12);
	text[19998] = '"';
	text[19999] = '\0';
	says(text, "-r:1: a word or string is too long; expected fewer than "
	    "4096 bytes" EX_DENY);
	text[5000] = '"';
	text[5001] = '\0';
	says(text, "-r:1: the path is too long; expected fewer than 4096 bytes"
	    EX_DENY);
	free(text);
}

static void
classes_and_digests_take_an_action(void **state)
{
	static struct policy	 p;
	const struct verifyset	*vs = &p.p_verify;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, parse_text, "set tpe yes\n"
	    "warn exec class script\nkill exec class { nonpie loader }\n"
	    "exit exec class nullargv\nallow exec class loader\n"
	    "stop exec class unlisted\n"
	    "abort verify exec /nowhere sha256 "
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "\nwarn verify exec \"/nowhere\" verity-sha256 "
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    "\n"), 0);
	assert_string_equal(said, "");
	assert_int_equal(vs->vs_refused, EXEC_UNTRUSTED | EXEC_NONPIE |
	    EXEC_NULLARGV | EXEC_UNLISTED);
	assert_int_equal(vs->vs_warned, EXEC_SCRIPT);
	assert_int_equal(vs->vs_all, 1);
	assert_int_equal(exec_class_effect(vs, EXEC_NONPIE), EFFECT_KILL);
	assert_int_equal(exec_class_effect(vs, EXEC_LOADER), EFFECT_NONE);
	assert_int_equal(exec_class_effect(vs, EXEC_NULLARGV), EFFECT_EXIT);
	assert_int_equal(exec_class_effect(vs, EXEC_UNLISTED), EFFECT_STOP);
	assert_int_equal(exec_class_worst(vs, EXEC_NONPIE | EXEC_NULLARGV),
	    EXEC_NULLARGV);
	assert_int_equal(exec_class_worst(vs, EXEC_SCRIPT | EXEC_LOADER),
	    EXEC_SCRIPT);
	assert_int_equal(vs->vs_list[0].v_effect, EFFECT_ABORT);
	assert_int_equal(vs->vs_list[1].v_effect, EFFECT_WARN);
	assert_int_equal(vs->vs_list[1].v_alg, DIGEST_VERITY256);
	policy_free(&p);
	says("allow verify exec /x sha256 00", "-r:1: what is allowed needs "
	    "no digest; expected warn, deny, kill, stop, abort or exit before "
	    "it, or nothing; for example: warn verify exec \"/usr/bin/cc\" "
	    "sha256 \"9f86d081...\", all 64 digits\n");
	says("warn exec class 32bit", "-r:1: nothing of class '32bit' ever "
	    "runs; expected another class; for example: deny exec class { "
	    "nonpie execstack }\n");
	says("kill quick exec class nonpie", "-r:1: only exec has classes, "
	    "and no more is said of them; expected an action and exec class; "
	    "for example: deny exec class { nonpie execstack }\n");
}

static void
who_is_trusted_is_read(void **state)
{
	static struct policy	 p;
	const struct tpe_entry	*te;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, parse_text, "tpe owner { 33 user }\n"
	    "tpe owner \"root\"\ntpe group { root, user }\n"
	    "tpe trust /opt/a\ntpe trust under { /opt \"/srv/x y/\" }\n"
	    "trust = /usr\ntpe trust under $trust\n"), 0);
	assert_string_equal(said, "");
	te = p.p_tpe.tp_list;
	assert_int_equal(p.p_tpe.tp_count, 9);
	assert_int_equal(te[0].te_id, 33);
	assert_int_equal(te[1].te_id, geteuid());
	assert_int_equal(te[2].te_id, 0);
	assert_int_equal(te[3].te_kind, TPE_GROUP);
	assert_int_equal(te[4].te_id, getegid());
	assert_int_equal(te[5].te_kind, TPE_TRUST);
	assert_int_equal(te[6].te_kind, TPE_UNDER);
	assert_string_equal(te[7].te_path, "/srv/x y");
	assert_int_equal(te[7].te_line, 5);
	assert_string_equal(te[8].te_path, "/usr");
	policy_free(&p);
	says("tpe owner nobody-of-that-name", "-r:1: no user is called "
	    "'nobody-of-that-name'; expected a name of passwd(5), a number, "
	    "or user for whoever runs this; for example: tpe owner user\n");
	says("tpe owner \"user\"", "-r:1: no user is called 'user'; "
	    "expected a name of passwd(5), a number, or user for whoever "
	    "runs this; for example: tpe owner user\n");
	says("tpe world 1", "-r:1: nothing of tpe is called 'world'; "
	    "expected owner, group or trust; for example: tpe owner user\n");
	says("tpe trust glob /a", "-r:1: what is trusted is named, not "
	    "described; expected under, or nothing; for example: tpe trust "
	    "under /opt/tools\n");
	says("set tpe maybe", "-r:1: tpe cannot be 'maybe'; expected yes or "
	    "no; for example: set tpe yes\n");
}

static void
ten_errors_are_reported_and_no_more(void **state)
{
	static struct policy	 p;
	char			 text[512] = "", *at;
	int			 i, n;

	(void)state;
	for (i = 0; i < 30; i++)
		strlcat(text, "x y\n", sizeof(text));
	start(&p);
	assert_int_equal(capture(&p, parse_text, text), -1);
	for (n = 0, at = said; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	assert_int_equal(n, 11);
	assert_non_null(strstr(said, "-r:10: no statement"));
	assert_non_null(strstr(said, "-r: too many errors\n"));
	policy_free(&p);
}

static void
after_a_mistake_the_next_line_still_counts(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, parse_text, "bad\nallow read /x\nbad"),
	    -1);
	assert_int_equal(p.p_rules.rs_count, 1);
	assert_int_equal(p.p_rules.rs_rules[0].r_line, 2);
	assert_non_null(strstr(said, "-r:1: "));
	assert_non_null(strstr(said, "-r:3: "));
	policy_free(&p);
}

static void
the_other_statements_set_the_policy(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(p.p_net, 0);
	assert_int_equal(p.p_tmpdir, 1);
	assert_int_equal(p.p_degrade, 0);
	assert_int_equal(capture(&p, parse_text, "allow net\nset tmpdir none\n"
	    "set degrade yes\nkeep env { LANG, LC_* \"log\" }\n"
	    "keep capability { NET_bind_service chown }\n"
	    "deny syscall { ptrace openat }\n"), 0);
	assert_string_equal(said, "");
	assert_int_equal(p.p_net, 1);
	assert_int_equal(p.p_tmpdir, 0);
	assert_int_equal(p.p_degrade, 1);
	assert_int_equal(p.p_nenv, 3);
	assert_string_equal(p.p_env[1], "LC_*");
	assert_int_equal(p.p_caps, 1 << 10 | 1 << 0);
	assert_int_equal(p.p_ncalls, 2);
	assert_int_equal(p.p_calls[1].pc_nr, sysent_byname("openat")->se_nr);
	assert_int_equal(p.p_calls[1].pc_line, 6);
	assert_string_equal(p.p_calls[1].pc_file, "-r");
	policy_free(&p);
	says("keep env 1X", "-r:1: '1X' is not an environment variable; "
	    "expected a variable's name, with * at its end for all that begin "
	    "so; for example: keep env { LANG LC_* }\n");
	says("keep capability root", "-r:1: no capability is called 'root'; "
	    "expected a name of capabilities(7) without its CAP_; for "
	    "example: keep capability net_bind_service\n");
	says("deny syscall nope", "-r:1: no system call here is called 'nope'; "
	    "expected a name of syscalls(2); for example: deny syscall { "
	    "ptrace perf_event_open }\n");
}

static void
the_options_have_their_words(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(p.p_watch, -1);
	assert_int_equal(p.p_late, 0);
	assert_int_equal(p.p_landlock, 0);
	/* In such a line `deny' is a word like any other. */
	assert_int_equal(capture(&p, parse_text, "set watch yes\n"
	    "set late-siblings deny\nset require landlock 4\n\n"
	    "set require landlock 6\nset require landlock 5\n"), 0);
	assert_string_equal(said, "");
	assert_int_equal(p.p_watch, 1);
	assert_int_equal(p.p_late, 1);
	assert_int_equal(p.p_landlock, 6);
	assert_string_equal(p.p_landlock_at, "-r:5");
	assert_int_equal(capture(&p, parse_text, "set watch no\n"
	    "set late-siblings broker"), 0);
	assert_int_equal(p.p_watch, 0);
	assert_int_equal(p.p_late, 0);
	policy_free(&p);
	says("set watch deny", "-r:1: watch cannot be 'deny'; expected yes or "
	    "no; for example: set watch yes\n");
	says("set late-siblings maybe", "-r:1: late-siblings cannot be "
	    "'maybe'; expected broker or deny; for example: set "
	    "late-siblings broker\n");
	says("set watch yes no", "-r:1: unexpected 'no'; expected the end of "
	    "the line; for example: set watch yes\n");
	says("set require landlock", "-r:1: the line ends too early; expected "
	    "a number from 1 to 20" EX_LL);
	says("set require linux 6", "-r:1: nothing to require is called "
	    "'linux'; expected landlock" EX_LL);
	says("set require landlock 0", "-r:1: landlock cannot be '0'; expected "
	    "a number from 1 to 20" EX_LL);
	says("\nset require landlock 21", "-r:2: landlock cannot be '21'; "
	    "expected a number from 1 to 20" EX_LL);
	says("set require landlock 6x", "-r:1: landlock cannot be '6x'; "
	    "expected a number from 1 to 20" EX_LL);
	says("set require landlock 6 7", "-r:1: unexpected '7'; expected the "
	    "end of the line; for example: set degrade no\n");
	says("set watch", "-r:1: the line ends too early; expected a word or "
	    "a quoted string; for example: set degrade no\n");
}

/* promise lines, then policy_end(). */
static int
promise_text(struct policy *p, const char *text)
{
	return (parse_text(p, text) == -1 || policy_end(p) == -1 ? -1 : 0);
}

/* The rights and the network (0 or 1) that text promises. */
static void
promises(const char *text, uint32_t rights, int net)
{
	static struct policy	 p;

	start(&p);
	assert_int_equal(capture(&p, promise_text, text), 0);
	assert_string_equal(said, "");
	assert_int_equal(p.p_promised, 1);
	assert_int_equal(p.p_promise, rights);
	assert_int_equal(p.p_net, net);
	policy_free(&p);
}

static void
a_promise_narrows_and_several_add_up(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, promise_text, "allow net"), 0);
	assert_int_equal(p.p_promised, 0);
	assert_int_equal(p.p_promise, R_ALL);
	assert_int_equal(p.p_net, 1);
	policy_free(&p);
	promises("promise exec", RG_EXEC, 0);
	promises("promise \"stdio rpath exec\"", RG_READ | RG_EXEC, 0);
	promises("promise stdio rpath  \"exec\twpath\" # more",
	    RG_READ | RG_EXEC | R_WRITE | R_TRUNCATE, 0);
	promises("promise \"exec\"\nallow net\npromise \"cpath fattr\"",
	    RG_EXEC | R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | RG_DELETE |
	    R_CHMOD | R_XATTR | R_UTIME, 0);
	promises("allow net\npromise exec tmppath", RG_EXEC | R_MKTEMP, 0);
	promises("allow net\npromise exec\npromise inet", RG_EXEC, 1);
	promises("promise exec unix\nallow net", RG_EXEC | R_MKSOCK, 1);
	/* A promise gives nothing. */
	promises("promise exec inet", RG_EXEC, 0);
	/* Its words are no keywords, and what a word holds is no line. */
	says("promise exec deny", "-r:1: nothing to promise is called 'deny'; "
	    "expected " PROMISES EX_PROMISE);
	says("promise \"exec\" { rpath }", "-r:1: unexpected '{'; expected the "
	    "end of the line, a word or a quoted string" EX_PROMISE);
	says("x = \"rpath, exec\"\npromise $x", "-r:2: nothing to promise is "
	    "called 'rpath,'; expected " PROMISES EX_PROMISE);
	says("promise \"$HOME\"", "-r:1: nothing to promise is called "
	    "'/home/u'; expected " PROMISES EX_PROMISE);
	says("promise", "-r:1: the line ends too early; expected a word or a "
	    "quoted string" EX_PROMISE);
}

static void
a_promise_without_exec_is_refused(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, promise_text, "\npromise \"stdio rpath\"\n"
	    "promise wpath"), -1);
	assert_string_equal(said, "-r:2: without \"exec\" the command itself "
	    "could not start; expected exec among what is promised"
	    EX_PROMISE);
	policy_free(&p);
	start(&p);
	assert_int_equal(capture(&p, promise_text, "promise \"\""), -1);
	assert_non_null(strstr(said, "-r:1: without \"exec\""));
	policy_free(&p);
}

static void
every_right_but_chroot_can_be_promised(void **state)
{
	static struct policy	 p;

	(void)state;
	start(&p);
	assert_int_equal(capture(&p, promise_text, "promise \"stdio rpath "
	    "wpath cpath dpath tmppath fattr chown tty exec inet dns unix "
	    "flock id proc prot_exec ps recvfd sendfd\""), 0);
	assert_int_equal(p.p_promise, R_ALL & ~R_CHROOT);
	policy_free(&p);
}

static void
a_file_system_type_is_a_rule(void **state)
{
	(void)state;
	gives("allow read fstype \"proc\"\ndeny quick log write fstype "
	    "{ nfs4, fuse.sshfs } errno EROFS\n",
	    "allow read fstype \"proc\"\n"
	    "deny quick log write fstype \"nfs4\" errno EROFS\n"
	    "deny quick log write fstype \"fuse.sshfs\" errno EROFS\n");
	says("allow read fstype", "-r:1: the line ends too early; expected a "
	    "word, a quoted string or '{'" EX_ALLOW);
	says("allow read fstype /proc", "-r:1: unexpected '/proc'; expected a "
	    "word, a quoted string or '{'" EX_ALLOW);
	says("allow read fstype \"\"", "-r:1: '' is no file-system type"
	    EX_TYPE);
	says("allow read fstype \"proc } allow all under /\"", "-r:1: 'proc } "
	    "allow all under /' is no file-system type" EX_TYPE);
	says("allow read fstype \"$WORKDIR\"", "-r:1: '' is no file-system "
	    "type" EX_TYPE);
	says("allow read fstype proc errno EIO", "-r:1: an allowed call has no "
	    "errno; expected errno with deny, stop or abort; for example: deny read "
	    "under /srv errno ENOENT\n");
}

static void
the_environment_is_used_when_asked(void **state)
{
	static struct policy	 p;
	const char		*path = "/c/[x]*/bin/sh";
	char			 big[PATTERN_MAX + 8];

	(void)state;
	assert_int_equal(setenv("T_DIR", "/c/[x]*", 1), 0);
	assert_int_equal(setenv("T_EMPTY", "", 1), 0);
	assert_int_equal(setenv("T_ROOT", "//", 1), 0);
	assert_int_equal(setenv("T_REL", "src", 1), 0);
	assert_int_equal(setenv("T_BAD", "/a\nallow all under /", 1), 0);
	assert_int_equal(setenv("T_UP", "/a/../..", 1), 0);
	assert_int_equal(setenv("T_RULE", "/a } allow all under /b", 1), 0);
	memset(big, 'a', sizeof(big) - 1);
	big[0] = '/';
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(setenv("T_BIG", big, 1), 0);
	unsetenv("T_UNSET");

	/* Not without asking, and not after the file that asked. */
	says("allow read $T_DIR", "-r:1: the macro 'T_DIR' is not defined; "
	    "expected HOME, PWD, WORKDIR, TMPDIR, TTY, USER or a name defined "
	    "above" EX_ALLOW);
	gives("use env T_DIR\nallow read $T_DIR/a\nallow read \"${T_DIR}/b\"",
	    "allow read \"/c/[x]*/a\"\nallow read \"/c/[x]*/b\"\n");
	gives("use env { T_EMPTY T_ROOT, \"T_UNSET\" }\n"
	    "allow all under $T_EMPTY/x\nallow all under $T_ROOT\n"
	    "deny all under \"$T_UNSET\"\nallow read /z",
	    "allow read \"/z\"\n");
	gives("use env T_RULE\nallow read { $T_RULE }",
	    "allow read \"/a } allow all under /b\"\n");
	start(&p);
	assert_int_equal(capture(&p, parse_text, "use env T_DIR\n"
	    "allow read glob \"$T_DIR/*/sh\""), 0);
	assert_true(rule_match(&p.p_rules.rs_rules[0], path, strlen(path)));
	assert_false(rule_match(&p.p_rules.rs_rules[0], "/c/xy/bin/sh", 12));
	assert_int_equal(capture(&p, parse_text, "allow read $T_DIR"), -1);
	policy_free(&p);
	/* A policy may go on from there. */
	gives("use env T_DIR\nT_DIR = \"$T_DIR/y\"\nallow read $T_DIR",
	    "allow read \"/c/[x]*/y\"\n");

	says("use env T_REL", "-r:1: $T_REL: the value does not begin with /"
	    EX_ENV("T_REL"));
	says("\nuse env { T_DIR T_BAD }", "-r:2: $T_BAD: the value has a "
	    "control character" EX_ENV("T_BAD"));
	says("use env { T_REL T_DIR }\nallow read { $T_REL $T_DIR }", "-r:1: "
	    "$T_REL: the value does not begin with /" EX_ENV("T_REL"));
	says("use env T_BIG", "-r:1: $T_BIG: the value is too long"
	    EX_ENV("T_BIG"));
	says("use env T_UP\nallow read $T_UP", "-r:2: the path '/a/../..' has "
	    "a . or .. in it; expected a path without them; for example: "
	    "allow read under /usr/share\n");
	says("use env HOME", "-r:1: the macro 'HOME' is given already; "
	    "expected another name" EX_USE);
	says("use env \"T_*\"", "-r:1: 'T_*' is not an environment variable; "
	    "expected a variable's name" EX_USE);
	says("use file T_DIR", "-r:1: nothing to use is called 'file'; "
	    "expected env" EX_USE);
	says("use env", "-r:1: the line ends too early; expected a word, a "
	    "quoted string or '{'" EX_USE);
}

static void
only_optional_system_calls_may_be_allowed(void **state)
{
	static struct policy	 p;
	char			 text[128];
	size_t			 i, n = 0;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		start(&p);
		snprintf(text, sizeof(text), "allow syscall %s",
		    sysent[i].se_name);
		assert_int_equal(capture(&p, parse_text, text),
		    sysent[i].se_optional ? 0 : -1);
		n += sysent[i].se_optional;
		policy_free(&p);
	}
	assert_true(n > 0);
}

static void
includes_are_relative_to_the_including_file(void **state)
{
	static struct policy	 p;
	char			 line[RULE_TEXT_MAX];

	(void)state;
	assert_int_equal(mkdir("sub", 0755), 0);
	file("sub/b.conf", "allow read $m\nm2 = /x\n");
	assert_int_equal(chdir("/"), 0);
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, file("a.conf",
	    "m = /srv\ninclude \"sub/b.conf\"\nallow read /etc\n"
	    "profile \"system\"\n")), 0);
	assert_string_equal(said, "");
	assert_int_equal(p.p_rules.rs_count, 3);
	rule_print(&p.p_rules.rs_rules[0], line, sizeof(line));
	assert_string_equal(line, "allow read \"/srv\"");
	assert_non_null(strstr(p.p_rules.rs_rules[0].r_file, "/sub/b.conf"));
	assert_int_equal(p.p_rules.rs_rules[0].r_line, 1);
	assert_int_equal(p.p_rules.rs_rules[1].r_line, 3);
	assert_string_equal(p.p_rules.rs_rules[2].r_file, "system");
	policy_free(&p);
	/* A file's macros end with it. */
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, file("a.conf",
	    "m = /srv\ninclude \"sub/b.conf\"\nallow read $m2\n")), -1);
	assert_non_null(strstr(said, "/a.conf:3: the macro 'm2' is not"));
	policy_free(&p);
}

static void
an_include_cycle_names_both_ends(void **state)
{
	static struct policy	 p;
	char			 want[512];

	(void)state;
	file("d.conf", "\ninclude \"c.conf\"\n");
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, file("c.conf",
	    "include \"d.conf\"\n")), -1);
	snprintf(want, sizeof(want), "%s/d.conf:2: '%s/c.conf' is being read "
	    "already, as the first file; expected files that do not include "
	    "each other; for example: include \"local.conf\"\n", dir, dir);
	assert_string_equal(said, want);
	policy_free(&p);
	says("profile \"loop\"", "loop:1: 'loop' is being read already, "
	    "included at -r:1; expected files that do not include each "
	    "other; for example: include \"local.conf\"\n");
}

static void
includes_nest_only_so_deep(void **state)
{
	static struct policy	 p;
	char			 name[32], text[64];
	int			 i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%d.conf", i);
		snprintf(text, sizeof(text), "include \"n%d.conf\"\n", i + 1);
		file(name, text);
	}
	snprintf(text, sizeof(text), "%s/n0.conf", dir);
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, text), -1);
	assert_non_null(strstr(said, "included more than 16 deep, from "));
	assert_non_null(strstr(said, "/n0.conf:1; expected files that nest "
	    "less; for example: include \"local.conf\"\n"));
	assert_non_null(strstr(said, "/n15.conf:1: "));
	policy_free(&p);
}

static void
a_policy_file_others_can_write_is_refused(void **state)
{
	static struct policy	 p;
	const char		*path;

	(void)state;
	path = file("w.conf", "allow read /x\n");
	assert_int_equal(chmod(path, 0664), 0);
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, path), -1);
	assert_non_null(strstr(said, "/w.conf' is writable by others; "
	    "expected a regular file of root or yourself, with: chmod go-w; "
	    "for example: chmod go-w site.conf\n"));
	assert_int_equal(capture(&p, policy_parse_file, dir), -1);
	assert_non_null(strstr(said, "is not a regular file; expected a "
	    "regular file of root or yourself; for example: privsep-sandbox "
	    "-f site.conf -- ls\n"));
	assert_int_equal(capture(&p, policy_parse_file, "/nonexistent"), -1);
	assert_non_null(strstr(said, "No such file"));
	if (getuid() == 0) {
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
		assert_int_equal(capture(&p, policy_parse_file, path), -1);
		assert_non_null(strstr(said, "is owned by another user"));
	}
	policy_free(&p);
}

static void
the_bytes_of_a_file_are_checked(void **state)
{
	static struct policy	 p;
	const char		*path;
	int			 fd;

	(void)state;
	path = file("z.conf", "");
	assert_int_not_equal(fd = open(path, O_WRONLY), -1);
	assert_int_equal(write(fd, "allow read /x\0y\n", 16), 16);
	close(fd);
	start(&p);
	assert_int_equal(capture(&p, policy_parse_file, path), -1);
	assert_non_null(strstr(said, "z.conf:1: the byte 0x00 is a control "
	    "character"));
	assert_int_equal(p.p_rules.rs_count, 0);
	policy_free(&p);
}

static int
home_is(struct policy *p, const char *value)
{
	return (policy_macro(p, "HOME", value));
}

static void
a_macro_with_a_control_character_is_refused(void **state)
{
	static struct policy	 p;

	(void)state;
	policy_init(&p);
	assert_int_equal(capture(&p, home_is, "/a\nallow all /"), -1);
	assert_int_equal(capture(&p, home_is, "/a\001"), -1);
	assert_string_equal(said, "$HOME: the value has a control character; "
	    "expected a path; for example: HOME=/home/user\n");
	policy_free(&p);
}

static void
what_is_printed_parses_to_the_same(void **state)
{
	(void)state;
	gives("deny quick all under \"/a \\\"b\\\\\\$c\" errno ENOENT",
	    "deny quick all under \"/a \\\"b\\\\\\$c\" errno ENOENT\n");
	gives("allow read glob \"/x\\\\*{a,b}\"",
	    "allow read glob \"/x\\\\*{a,b}\"\n");
}

static void
existing_is_about_now(void **state)
{
	char	 link[64], text[128], want[128];

	(void)state;
	gives("allow read, create under existing { /usr /no/such /usr/no }",
	    "allow read, create under \"/usr\"\n");
	gives("deny write existing { /usr /no/such }",
	    "deny write \"/usr\"\n");
	snprintf(link, sizeof(link), "%s/dangling", dir);
	assert_int_equal(symlink("/no/such", link), 0);
	snprintf(text, sizeof(text), "allow read existing %s", link);
	gives(text, "");
	snprintf(text, sizeof(text), "deny read existing %s", link);
	snprintf(want, sizeof(want), "deny read \"%s\"\n", link);
	gives(text, want);
	unlink(link);
}

static void
a_profile_can_be_given_an_errno(void **state)
{
	(void)state;
	gives("deny read /x\nprofile \"denials\" errno ENOENT\ndeny read /y",
	    "deny read \"/x\"\ndeny all under \"/etc\" errno ENOENT\n"
	    "allow read \"/etc/group\"\ndeny read \"/y\"\n");
}

/* A profile, with those that it names in its place. */
static void
profile_read(const char *dirname, const char *name, char *text, size_t size)
{
	char	 path[4096], line[512], other[64];
	FILE	*fp;

	snprintf(path, sizeof(path), "%s/%s.conf", dirname, name);
	assert_non_null(fp = fopen(path, "r"));
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (sscanf(line, "profile \"%63[^\"]", other) == 1)
			profile_read(dirname, other, text, size);
		else
			strlcat(text, line, size);
	}
	fclose(fp);
}

static void
the_default_profile_parses(void **state)
{
	static struct policy	 p;
	static char		 text[65536];
	const struct rule	*by;
	const char		*key = "/home/u/.ssh/id_ed25519";

	profile_read(*state, "default", text, sizeof(text));
	policy_init(&p);
	policy_macro(&p, "HOME", "/home/u");
	policy_macro(&p, "PWD", "/home/u/w");
	policy_macro(&p, "WORKDIR", "/home/u/w");
	policy_macro(&p, "TMPDIR", "/tmp/p");
	policy_macro(&p, "TTY", "/dev/pts/7");
	assert_int_equal(capture(&p, parse_text, text), 0);
	assert_string_equal(said, "");
	assert_int_equal(ruleset_eval(&p.p_rules, key, strlen(key), RG_CONTENTS,
	    &by), 0);
	assert_int_equal(ruleset_eval(&p.p_rules, "/etc/shadow", 11, R_READ,
	    &by), 0);
	assert_int_equal(ruleset_eval(&p.p_rules, "/home/u/.bashrc", 15,
	    R_READ | R_WRITE | R_EXEC, &by), R_READ | R_EXEC);
	assert_int_equal(ruleset_eval(&p.p_rules, "/home/u/w/a.c", 13,
	    R_READ | R_WRITE | R_CREATE | R_DELETE | R_MKCDEV, &by),
	    R_READ | R_WRITE | R_CREATE | R_DELETE);
	assert_int_equal(ruleset_eval(&p.p_rules, "/usr/bin/cc", 11,
	    R_READ | R_EXEC | R_WRITE, &by), R_READ | R_EXEC);
	assert_int_equal(ruleset_eval(&p.p_rules, "/root/x", 7, R_READ, &by),
	    0);
	assert_int_equal(ruleset_denies_below(&p.p_rules, "/home/u/w/a",
	    "/home/u/w/b", R_ALL), 0);
	assert_int_equal(ruleset_denies_below(&p.p_rules, "/home/u/w/a",
	    "/tmp/p/b", R_ALL), 0);
	assert_int_equal(p.p_net, 0);
	policy_free(&p);
	/* In / with no home: nothing is left to write but the devices. */
	start(&p);
	policy_macro(&p, "HOME", "/");
	policy_macro(&p, "TTY", "");
	policy_macro(&p, "TMPDIR", "");
	assert_int_equal(capture(&p, parse_text, text), 0);
	assert_int_equal(ruleset_eval(&p.p_rules, "/x", 2, R_ALL, &by),
	    R_READDIR);
	assert_int_equal(ruleset_eval(&p.p_rules, "/.ssh/x", 7, R_ALL, &by),
	    R_READDIR);
	policy_free(&p);
}

static void
too_many_rules_are_told_once(void **state)
{
	static const char	 one[] = "deny read /x\n";
	static char		 text[(RULES_MAX + 3) * sizeof(one)];
	struct policy		 p;
	size_t			 i, n = 0;

	(void)state;
	for (i = 0; i < RULES_MAX + 3; i++) {
		memcpy(text + n, one, sizeof(one));
		n += sizeof(one) - 1;
	}
	start(&p);
	assert_int_equal(capture(&p, parse_text, text), -1);
	assert_non_null(strstr(said, ":16385: more than 16384 rules; "
	    "expected fewer"));
	assert_null(strstr(strchr(said, '\n') + 1, "more than"));
	assert_int_equal(p.p_rules.rs_count, RULES_MAX);
	policy_free(&p);
}

/* The page's source escapes nothing in its literal blocks. */
static void
the_examples_of_the_manual_parse(void **state)
{
	static struct policy	 p;
	char			 line[256], text[4096] = "";
	FILE			*fp;
	int			 here = 0, in = 0, n = 0;

	(void)state;
	file("site.conf", "deny read /x\n");
	file("bad.netset", "198.51.100.0/24\n");
	assert_int_equal(chdir(dir), 0);
	assert_non_null(fp = fopen(manual, "r"));
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (strncmp(line, ".Sh ", 4) == 0)
			here = strcmp(line, ".Sh EXAMPLES\n") == 0;
		else if (here && strncmp(line, ".Bd", 3) == 0) {
			in = 1;
			text[0] = '\0';
		} else if (in && strncmp(line, ".Ed", 3) == 0) {
			in = 0;
			n++;
			start(&p);
			assert_int_equal(capture(&p, parse_text, text), 0);
			assert_string_equal(said, "");
			assert_int_equal(policy_end(&p), 0);
			assert_true(p.p_rules.rs_count > 0);
			policy_free(&p);
		} else if (in)
			strlcat(text, line, sizeof(text));
	}
	fclose(fp);
	assert_int_equal(n, 24);
}

static int
setup(void **state)
{
	static char	 conf[4096];

	(void)state;
	if (realpath("monitor/profiles", conf) == NULL ||
	    realpath("man/privsep-sandbox.conf.5", manual) == NULL ||
	    mkdtemp(dir) == NULL || chdir(dir) == -1)
		return (-1);
	*state = conf;
	return (0);
}

static int
teardown(void **state)
{
	char	 name[64];
	int	 i;

	(void)state;
	if (chdir(dir) == -1)
		return (-1);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%d.conf", i);
		unlink(name);
	}
	unlink("sub/b.conf");
	rmdir("sub");
	unlink("a.conf");
	unlink("c.conf");
	unlink("d.conf");
	unlink("w.conf");
	unlink("site.conf");
	unlink("bad.netset");
	unlink("z.conf");
	return (chdir("/") == -1 || rmdir(dir) == -1 ? -1 : 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(rules_parse),
		cmocka_unit_test(
		    a_comment_may_end_the_text_in_a_blank),
		cmocka_unit_test(lists_may_have_commas_and_newlines),
		cmocka_unit_test(macros_expand_outside_single_quotes),
		cmocka_unit_test(a_rule_with_an_empty_macro_is_skipped),
		cmocka_unit_test(a_quoted_or_expanded_text_is_never_a_rule),
		cmocka_unit_test(what_a_given_macro_holds_is_no_glob),
		cmocka_unit_test(paths_are_absolute_and_plain),
		cmocka_unit_test(actions_parse_and_print_again),
		cmocka_unit_test(words_of_actions_are_names_elsewhere),
		cmocka_unit_test(what_does_not_go_with_an_action_is_told),
		cmocka_unit_test(limits_for_what_crashes_are_read),
		cmocka_unit_test(mistakes_are_told_with_an_example),
		cmocka_unit_test(lexical_mistakes_are_told),
		cmocka_unit_test(overlong_words_are_refused),
		cmocka_unit_test(classes_and_digests_take_an_action),
		cmocka_unit_test(who_is_trusted_is_read),
		cmocka_unit_test(ten_errors_are_reported_and_no_more),
		cmocka_unit_test(after_a_mistake_the_next_line_still_counts),
		cmocka_unit_test(the_other_statements_set_the_policy),
		cmocka_unit_test(the_options_have_their_words),
		cmocka_unit_test(a_promise_narrows_and_several_add_up),
		cmocka_unit_test(a_promise_without_exec_is_refused),
		cmocka_unit_test(every_right_but_chroot_can_be_promised),
		cmocka_unit_test(a_file_system_type_is_a_rule),
		cmocka_unit_test(the_environment_is_used_when_asked),
		cmocka_unit_test(only_optional_system_calls_may_be_allowed),
		cmocka_unit_test(includes_are_relative_to_the_including_file),
		cmocka_unit_test(an_include_cycle_names_both_ends),
		cmocka_unit_test(includes_nest_only_so_deep),
		cmocka_unit_test(a_policy_file_others_can_write_is_refused),
		cmocka_unit_test(the_bytes_of_a_file_are_checked),
		cmocka_unit_test(a_macro_with_a_control_character_is_refused),
		cmocka_unit_test(what_is_printed_parses_to_the_same),
		cmocka_unit_test(existing_is_about_now),
		cmocka_unit_test(a_profile_can_be_given_an_errno),
		cmocka_unit_test(the_default_profile_parses),
		cmocka_unit_test(too_many_rules_are_told_once),
		cmocka_unit_test(the_examples_of_the_manual_parse),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
