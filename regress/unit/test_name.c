/* LINK: common/name.c */
/*
 * Names that are safe, and those that are not, with why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../common/name.h"

static void
what_people_call_files_is_safe(void **state)
{
	static const char *const names[] = {
		"a", "README.md", ".profile", "a b", "x-1", "_", "a~", "~a",
		"\xc3\xa9t\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac",
		"\xf0\x9f\x90\xa1", "\xd7\x90\xd7\x91", "#a#", "a'b\"c",
		"\xf4\x8f\xbf\xbf", "\xee\x80\x80", "a\xe2\x80\x8d" "b"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name_unsafe(names[i], strlen(names[i])) != NULL)
			fail_msg("%s: %s", names[i], name_unsafe(names[i],
			    strlen(names[i])));
}

static void
what_deceives_is_not(void **state)
{
	static const struct {
		const char	*name, *why;
	} list[] = {
		{ "-rf", "dash" }, { " a", "space" }, { "a ", "space" },
		{ "a\nb", "control" }, { "\x1b[2J", "control" },
		{ "a\x7f", "control" }, { "\xc2\x9b" "2J", "control" },
		{ "a\xe2\x80\xae" "gpj.exe", "turns" },
		{ "\xd8\x9c", "turns" }, { "\xe2\x81\xa6" "a", "turns" },
		{ "\xe2\x80\x8f", "turns" }, { "\xe2\x80\xa8", "line" },
		{ "\xef\xbb\xbf" "a", "invisible" },
		{ "\xff", "UTF-8" }, { "a\x80", "UTF-8" },
		{ "\xc3", "UTF-8" }, { "\xc0\xaf", "UTF-8" },
		{ "\xe0\x80\xaf", "UTF-8" }, { "\xed\xa0\x80", "UTF-8" },
		{ "\xf4\x90\x80\x80", "UTF-8" }, { "\xe2\x28\xa1", "UTF-8" },
		{ "\xf8\x88\x80\x80\x80", "UTF-8" }
	};
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		why = name_unsafe(list[i].name, strlen(list[i].name));
		if (why == NULL || strstr(why, list[i].why) == NULL)
			fail_msg("%zu: %s, not %s", i, why != NULL ? why :
			    "safe", list[i].why);
	}
}

static void
nothing_beyond_the_length_counts(void **state)
{
	(void)state;
	assert_null(name_unsafe("a\nb", 1));
	assert_null(name_unsafe("", 0));
	/* half a character, though the other half is there */
	assert_non_null(name_unsafe("\xc3\xa9", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_call_files_is_safe),
		cmocka_unit_test(what_deceives_is_not),
		cmocka_unit_test(nothing_beyond_the_length_counts)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
