/* LINK: monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c monitor/compile.c monitor/compile_verify.c monitor/compile_guard.c monitor/compile_wall.c */
/* LINK: monitor/netparse.c monitor/compile_net.c */
/* LINK: monitor/compile_path.c monitor/compile_bpf.c */
/* LINK: monitor/compile_grant.c monitor/explain.c monitor/explain_bpf.c monitor/explain_net.c */
/* LINK: monitor/explain_json.c monitor/explain_names.c */
/* LINK: monitor/explain_verbose.c monitor/hide.c */
/* LINK: monitor/compile_fstype.c */
/*
 * What -n says: that it is a policy whatever bytes are in a name, that it
 * names what an older kernel lacks, and that the filter it shows is the one
 * that was made.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/explain.h"

const struct profile profiles[] = { { "empty", "" } };
const size_t profiles_count = 1;

static char		 dir[] = "/tmp/test_explain.XXXXXX";
static struct policy	 policy;
static struct plan	 plan;
static char		*output;

/* Compile a policy; file is where its rules are said to come from. */
static void
compiled_from(const char *file, const char *text)
{
	policy_init(&policy);
	assert_int_equal(policy_macro(&policy, "HOME", dir), 0);
	assert_int_equal(policy_macro(&policy, "TMPDIR", ""), 0);
	policy.p_tmpdir = 0;
	assert_int_equal(policy_parse_string(&policy, file, text), 0);
	assert_int_equal(compile(&policy, &plan), 0);
}

static void
compiled(const char *text)
{
	compiled_from("-r", text);
}

static const char *
said(void (*how)(FILE *, const struct policy *, const struct plan *))
{
	size_t	 n;
	FILE	*fp;

	free(output);
	assert_non_null(fp = open_memstream(&output, &n));
	how(fp, &policy, &plan);
	assert_int_equal(fclose(fp), 0);
	assert_int_equal(strlen(output), n);
	return (output);
}

/* Lines that are no comments: what a parser would take. */
static size_t
statements(const char *text)
{
	size_t	 n = 0;

	while (*text != '\0') {
		n += *text != '#';
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return (n);
}

static int
end(void **state)
{
	(void)state;
	plan_free(&plan);
	policy_free(&policy);
	free(output);
	output = NULL;
	return (0);
}

static void
what_is_printed_compiles_to_the_same_rules(void **state)
{
	static const char	 text[] = "allow read, exec under { /usr /bin }"
	    "\nallow write glob \"$HOME/*.{a,b}\"\ndeny quick all under "
	    "\"$HOME/w\" errno ENOENT\nallow net\nkeep capability chown\n"
	    "deny syscall ptrace\nkeep env LC_*\nset watch no\n";
	struct ruleset	 before;
	struct policy	 first;
	char		*copy, a[RULE_TEXT_MAX], b[RULE_TEXT_MAX];
	size_t		 i;

	(void)state;
	compiled(text);
	assert_non_null(copy = strdup(said(explain)));
	assert_non_null(strstr(copy,
	    "allow read, exec under \"/usr\"\t# -r:1:"));
	assert_non_null(strstr(copy, "\n# residual trust: "));
	assert_non_null(strstr(copy, "\nset watch no\t"));
	before = plan.pl_rules;
	memset(&plan.pl_rules, 0, sizeof(plan.pl_rules));
	first = policy;
	plan_free(&plan);
	compiled(copy);
	assert_int_equal(plan.pl_rules.rs_count, before.rs_count);
	for (i = 0; i < before.rs_count; i++) {
		rule_print(&before.rs_rules[i], a, sizeof(a));
		rule_print(&plan.pl_rules.rs_rules[i], b, sizeof(b));
		assert_string_equal(a, b);
	}
	assert_int_equal(policy.p_net, first.p_net);
	assert_int_equal(policy.p_caps, first.p_caps);
	assert_int_equal(policy.p_ncalls, first.p_ncalls);
	assert_int_equal(policy.p_nenv, first.p_nenv);
	assert_int_equal(policy.p_watch, first.p_watch);
	ruleset_free(&before);
	policy_free(&first);
	free(copy);
}

static void
a_name_cannot_end_a_comment_or_a_rule(void **state)
{
	char	 target[256], linkname[256], text[512];
	size_t	 n;

	(void)state;
	/* What a rule's link leads to may be anybody's choice of bytes. */
	(void)snprintf(target, sizeof(target), "%s/x\nallow all under \"", dir);
	(void)snprintf(linkname, sizeof(linkname), "%s/l", dir);
	assert_int_equal(mkdir(target, 0755), 0);
	assert_int_equal(symlink(target, linkname), 0);
	(void)snprintf(text, sizeof(text), "allow read under \"%s\"", linkname);
	compiled_from("a\nallow all under /\n", text);
	(void)said(explain);
	assert_null(strstr(output, "\nallow all"));
	assert_non_null(strstr(output, "# not a statement, for a control "));
	n = statements(output);
	(void)said(explain_verbose);
	assert_int_equal(statements(output), 0);
	(void)said(explain_json);
	assert_null(strstr(output, "\nallow"));
	plan_free(&plan);
	policy_free(&policy);
	compiled(text);
	assert_int_equal(statements(said(explain)), n);
	assert_int_equal(unlink(linkname), 0);
	assert_int_equal(rmdir(target), 0);
}

static void
json_is_ascii_without_control_characters(void **state)
{
	const char	*p;

	(void)state;
	compiled("allow read \"/a\351\\\"b\\\\c\303\251\"\n"
	    "deny read glob \"/\377*\"\n");
	for (p = said(explain_json); *p != '\0'; p++)
		assert_true((*p >= ' ' && *p < 0x7f) || *p == '\n');
	assert_non_null(strstr(output,
	    "\"path\":\"/a\\\\351\\\\\\\"b\\\\\\\\c\\\\303\\\\251\""));
}

static void
rights_without_words_do_not_parse(void **state)
{
	struct policy	 p;

	(void)state;
	compiled("allow read under /usr\n");
	/* As a right would be that the language was not told of. */
	plan.pl_rules.rs_rules[0].r_rights = R_STAT | 1U << RIGHTS_COUNT;
	plan.pl_rules.rs_rules[0].r_action = RULE_DENY;
	(void)said(explain);
	assert_non_null(strstr(output, "there is no word for unknown"));
	policy_init(&p);
	assert_int_equal(policy_parse_string(&p, "-n", output), -1);
	policy_free(&p);
}

static void
an_older_kernel_lacks_what_it_lacks(void **state)
{
	uint32_t	 rights;

	(void)state;
	compiled("allow read under /usr\nallow truncate, ioctl under /srv\n"
	    "allow link under /opt\n");
	plan.pl_abi = 2;
	assert_non_null(strstr(explain_lacks(&plan, 0, &rights), "truncate"));
	assert_int_equal(rights, R_TRUNCATE | R_MKTEMP);
	assert_non_null(strstr(explain_lacks(&plan, 2, &rights), "ioctl"));
	assert_int_equal(rights, R_IOCTL);
	(void)said(explain);
	assert_non_null(strstr(output, "lacks Landlock ABI 3 (Linux 6.2): "
	    "truncate; weaker: -r:2\n"));
	assert_non_null(strstr(output, "TCP ports\n"));
	plan.pl_abi = 1;
	(void)said(explain);
	assert_non_null(strstr(output, "across directories; weaker: -r:3\n"));
	plan.pl_abi = 6;
	assert_null(explain_lacks(&plan, 0, &rights));
	(void)said(explain_json);
	assert_non_null(strstr(output, "\"lacks\":["));
}

static void
an_older_release_is_named(void **state)
{
	(void)state;
	assert_non_null(strstr(explain_old("5.10.1-x", 0), "5.19"));
	assert_non_null(strstr(explain_old("5.10.1-x", 3), "6.15"));
	assert_non_null(strstr(explain_old("5.10.1-x", 4), "6.18"));
	assert_null(explain_old("5.10.1-x", 5));
	assert_non_null(strstr(explain_old("6.6.0", 0), "6.9"));
	assert_null(explain_old("6.18.44", 0));
	assert_null(explain_old("7.0", 0));
	assert_null(explain_old("", 0));
}

/* The disassembly against the program run. */
static void
the_filter_shown_answers_as_it_does(void **state)
{
	static struct insn	 facts[FILTER_LEN_MAX];
	static const uint64_t	 args[6];
	uint32_t		 nr, action;
	size_t			 i, rets = 0;
	char			 text[NAME_TEXT_MAX];

	(void)state;
	compiled("allow read under /usr\ndeny read under /usr/share errno "
	    "ENOENT\ndeny syscall personality\n");
	insn_flow(&plan, facts);
	for (nr = 0; nr < 600; nr++) {
		action = bpf_simulate(plan.pl_filter, plan.pl_filterlen, nr,
		    sysent_arch, args) & SECCOMP_RET_ACTION_FULL;
		assert_int_equal(insn_answers(&plan, facts, nr, action), 1);
		assert_int_equal(insn_answers(&plan, facts, nr,
		    SECCOMP_RET_TRACE), 0);
	}
	/* read(2) is never notified, openat(2) may be. */
	assert_int_equal(insn_answers(&plan, facts, 0,
	    SECCOMP_RET_USER_NOTIF), 0);
	assert_int_equal(insn_answers(&plan, facts,
	    sysent_byname("openat")->se_nr, SECCOMP_RET_USER_NOTIF), 1);
	for (i = 0; i < plan.pl_filterlen; i++) {
		insn_print(&plan, facts, i, text, sizeof(text));
		assert_null(strstr(text, "unknown"));
		assert_null(strstr(text, "never"));
		assert_null(strstr(text, "code"));
		rets += strncmp(text, "ret ", 4) == 0;
	}
	assert_true(rets > 10);
	(void)said(explain_verbose);
	assert_non_null(strstr(output, "\tjeq x86_64, 3, 2\n#\t2\t"
	    "ret ERRNO(ENOSYS)\n#\t3\tld nr\n"));
	assert_non_null(strstr(output,
	    "ret ERRNO(EPERM)\t; personality(135)\n"));
	assert_non_null(strstr(output, "ret USER_NOTIF\t; openat(257)\n"));
}

static void
verbose_names_what_landlock_gets(void **state)
{
	char	 want[256];

	(void)state;
	(void)snprintf(want, sizeof(want), "#\t\"%s\"\tread_file, read_dir\n",
	    dir);
	compiled("set late-siblings deny\nallow read under \"$HOME\"\n");
	(void)said(explain_verbose);
	assert_non_null(strstr(output, "# Landlock, child, inside the wall: 1 "
	    "rules\n"));
	assert_non_null(strstr(output, want));
	assert_non_null(strstr(output, "\texecve(59)\texec\texec\t"));
	/* by a mode that no right is about, at most */
	assert_non_null(strstr(output, "\topenat(257)\tnone\t"));
	plan_free(&plan);
	policy_free(&policy);
	compiled("set watch yes\nallow read under \"$HOME\"\n");
	assert_non_null(strstr(said(explain_verbose),
	    "\topenat(257)\treadfile, "));
}

static int
setup(void **state)
{
	(void)state;
	return (mkdtemp(dir) == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (rmdir(dir));
}

#define T(name)	cmocka_unit_test_teardown(name, end)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(what_is_printed_compiles_to_the_same_rules),
		T(a_name_cannot_end_a_comment_or_a_rule),
		T(json_is_ascii_without_control_characters),
		T(rights_without_words_do_not_parse),
		T(an_older_kernel_lacks_what_it_lacks),
		T(an_older_release_is_named),
		T(the_filter_shown_answers_as_it_does),
		T(verbose_names_what_landlock_gets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
