/*
 * denial_format(): the line says what was denied, by what, and the cure; and
 * no byte of the child's leaves its quotes or reaches a terminal.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "../../common/denial.h"
#include "../../proto/proto.h"

static char	 line[LOG_LINE_MAX];
static char	 file[] = "default", secret[] = "/home/u/.ssh";
static char	 path[] = "/home/u/.ssh/id";

static void
report_init(struct denial_report *dr, struct rule *r)
{
	static const uint8_t	 comm[] = "cat\n";

	memset(r, 0, sizeof(*r));
	r->r_rights = RG_ALL;
	r->r_action = RULE_DENY;
	r->r_match = MATCH_UNDER;
	r->r_line = 31;
	r->r_file = file;
	r->r_path = secret;
	r->r_len = strlen(secret);
	memset(dr, 0, sizeof(*dr));
	dr->dr_pid = 123;
	dr->dr_comm = comm;
	dr->dr_commlen = 4;
	dr->dr_call = "openat";
	dr->dr_rights = R_READ;
	dr->dr_path = path;
	dr->dr_pathlen = strlen(path);
	dr->dr_rule = r;
}

static void
expect(int json, const struct denial_report *dr, const char *want)
{
	size_t	 n;

	n = denial_format(line, sizeof(line), json, dr);
	assert_int_equal(n, strlen(line));
	assert_string_equal(line, want);
}

static void
a_rule_is_named_with_its_cure(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	expect(0, &dr, "privsep-sandbox: denied: pid 123 (cat) openat read "
	    "\"/home/u/.ssh/id\" by default:31 deny all under "
	    "\"/home/u/.ssh\"; to allow: allow read \"/home/u/.ssh/id\"");
	expect(1, &dr, "{\"event\":\"denied\",\"pid\":123,\"comm\":\"cat\","
	    "\"call\":\"openat\",\"right\":\"read\","
	    "\"path\":\"/home/u/.ssh/id\",\"rule\":\"default:31\","
	    "\"allow\":\"allow read \\\"/home/u/.ssh/id\\\"\"}");
}

static void
without_a_rule_it_is_the_default(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	dr.dr_rule = NULL;
	expect(0, &dr, "privsep-sandbox: denied: pid 123 (cat) openat read "
	    "\"/home/u/.ssh/id\" by default; to allow: allow read "
	    "\"/home/u/.ssh/id\"");
}

static void
a_check_has_no_cure(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	dr.dr_rule = NULL;
	dr.dr_check = "deleted file mapped";
	dr.dr_fixed = 1;
	dr.dr_call = "exec";
	dr.dr_rights = R_EXEC;
	expect(0, &dr, "privsep-sandbox: denied: pid 123 (cat) exec exec "
	    "\"/home/u/.ssh/id\" by default: deleted file mapped");
	dr.dr_path = NULL;
	expect(1, &dr, "{\"event\":\"denied\",\"pid\":123,\"comm\":\"cat\","
	    "\"call\":\"exec\",\"right\":\"exec\",\"rule\":\"default\","
	    "\"check\":\"deleted file mapped\"}");
}

static void
what_is_no_path_is_said_in_words(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	dr.dr_rule = NULL;
	dr.dr_path = NULL;
	dr.dr_call = "socket";
	dr.dr_word = "net";
	dr.dr_object = "AF_INET";
	dr.dr_allow = "allow net";
	expect(0, &dr, "privsep-sandbox: denied: pid 123 (cat) socket net "
	    "AF_INET by default; to allow: allow net");
	expect(1, &dr, "{\"event\":\"denied\",\"pid\":123,\"comm\":\"cat\","
	    "\"call\":\"socket\",\"right\":\"net\",\"object\":\"AF_INET\","
	    "\"rule\":\"default\",\"allow\":\"allow net\"}");
}

static void
a_logged_permission_has_no_cure(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	r.r_action = RULE_ALLOW;
	r.r_flags = RF_LOG;
	dr.dr_event = "allowed";
	expect(0, &dr, "privsep-sandbox: allowed: pid 123 (cat) openat read "
	    "\"/home/u/.ssh/id\" by default:31 allow log all under "
	    "\"/home/u/.ssh\"");
}

static void
what_happened_comes_first_and_a_denial_has_its_cure(void **state)
{
	static const struct {
		const char	*event;
		int		 effect, action, refused;
	} t[] = {
		{ "killed", EFFECT_KILL, RULE_DENY, 1 },
		{ "stopped", EFFECT_STOP, RULE_DENY, 1 },
		{ "aborted", EFFECT_ABORT, RULE_DENY, 1 },
		{ "ended", EFFECT_EXIT, RULE_DENY, 1 },
		{ "warned", EFFECT_WARN, RULE_ALLOW, 0 },
	};
	struct denial_report	 dr;
	struct rule		 r;
	char			 want[256], word[128];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		report_init(&dr, &r);
		r.r_effect = (uint8_t)t[i].effect;
		r.r_action = (uint8_t)t[i].action;
		dr.dr_event = t[i].event;
		assert_int_equal(denial_refused(&dr), t[i].refused);
		rule_print(&r, word, sizeof(word));
		assert_int_equal(strncmp(word, "deny", 4) != 0 &&
		    strncmp(word, "allow", 5) != 0, 1);
		snprintf(want, sizeof(want), "privsep-sandbox: %s: pid 123 "
		    "(cat) openat read \"/home/u/.ssh/id\" by default:31 "
		    "%s%s", t[i].event, word, t[i].refused ?
		    "; to allow: allow read \"/home/u/.ssh/id\"" : "");
		expect(0, &dr, want);
	}
}

static void
the_childs_bytes_stay_in_their_quotes(void **state)
{
	static const uint8_t	 comm[] = "a) \"\033[2J\n";
	static const char	 odd[] = "/a\"b\\c\n\r\033]0;x\007\x9b\xff $x";
	struct denial_report	 dr;
	struct rule		 r;

	(void)state;
	report_init(&dr, &r);
	dr.dr_comm = comm;
	dr.dr_commlen = sizeof(comm) - 1;
	dr.dr_path = odd;
	dr.dr_pathlen = sizeof(odd) - 1;
	dr.dr_fixed = 1;
	dr.dr_rule = NULL;
	expect(0, &dr, "privsep-sandbox: denied: pid 123 "
	    "(a\\) \\\"\\033[2J) openat read "
	    "\"/a\\\"b\\\\c\\n\\r\\033]0;x\\a\\233\\377 $x\" by default");
	expect(1, &dr, "{\"event\":\"denied\",\"pid\":123,\"comm\":"
	    "\"a\\\\) \\\\\\\"\\\\033[2J\",\"call\":\"openat\","
	    "\"right\":\"read\",\"path\":\"/a\\\\\\\"b\\\\\\\\c\\\\n\\\\r"
	    "\\\\033]0;x\\\\a\\\\233\\\\377 $x\",\"rule\":\"default\"}");
}

static void
every_byte_becomes_printable(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;
	char			 all[256];
	size_t			 i;
	int			 json;

	(void)state;
	report_init(&dr, &r);
	all[0] = '/';
	for (i = 1; i < sizeof(all); i++)
		all[i] = (char)i;
	dr.dr_path = all;
	dr.dr_pathlen = sizeof(all);
	dr.dr_comm = (const uint8_t *)all;
	dr.dr_commlen = sizeof(all);
	for (json = 0; json < 2; json++) {
		denial_format(line, sizeof(line), json, &dr);
		for (i = 0; line[i] != '\0'; i++)
			assert_true(line[i] >= ' ' && line[i] <= '~');
	}
}

static void
the_longest_path_fits_in_a_line(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;
	char			 big[PATH_MAX];
	size_t			 n;
	int			 json;

	(void)state;
	report_init(&dr, &r);
	memset(big, '\001', sizeof(big));
	big[0] = '/';
	big[sizeof(big) - 1] = '\0';
	dr.dr_path = big;
	dr.dr_pathlen = sizeof(big) - 1;
	r.r_path = big;
	r.r_len = sizeof(big) - 1;
	for (json = 0; json < 2; json++) {
		n = denial_format(line, sizeof(line), json, &dr);
		assert_true(n < sizeof(line) - 1);
		assert_non_null(strstr(line, "..."));
		assert_null(strstr(line, "allow "));
	}
	assert_int_equal(line[n - 1], '}');
}

static void
a_small_buffer_is_not_overrun(void **state)
{
	struct denial_report	 dr;
	struct rule		 r;
	char			 small[64];
	size_t			 size, n;
	int			 json;

	(void)state;
	report_init(&dr, &r);
	for (json = 0; json < 2; json++)
		for (size = 1; size < sizeof(small); size++) {
			memset(small, 'Z', sizeof(small));
			n = denial_format(small, size, json, &dr);
			assert_true(n < size);
			assert_int_equal(small[n], '\0');
			assert_int_equal(small[size], 'Z');
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_named_with_its_cure),
		cmocka_unit_test(without_a_rule_it_is_the_default),
		cmocka_unit_test(a_check_has_no_cure),
		cmocka_unit_test(what_is_no_path_is_said_in_words),
		cmocka_unit_test(a_logged_permission_has_no_cure),
		cmocka_unit_test(
		    what_happened_comes_first_and_a_denial_has_its_cure),
		cmocka_unit_test(the_childs_bytes_stay_in_their_quotes),
		cmocka_unit_test(every_byte_becomes_printable),
		cmocka_unit_test(the_longest_path_fits_in_a_line),
		cmocka_unit_test(a_small_buffer_is_not_overrun)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
