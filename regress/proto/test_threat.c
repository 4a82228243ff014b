/*
 * The threat model of privsep-sandbox-design(7): every role has its five
 * answers, and the tests that it names exist and are run.  In the repository's
 * root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../proto/wire.h"

#define MANUAL	"man/privsep-sandbox-design.7"

static char	 text[1 << 17];

/* From one heading to the next. */
static const char *
section(const char *heading)
{
	FILE	*f;
	char	*p, *end;
	size_t	 n;

	assert_non_null(f = fopen(MANUAL, "r"));
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(n > 0 && n < sizeof(text) - 1);
	fclose(f);
	text[n] = '\0';
	assert_non_null(p = strstr(text, heading));
	if ((end = strstr(p + 1, "\n.Sh ")) != NULL)
		*end = '\0';
	return (p);
}

static void
every_role_has_its_answers(void **state)
{
	static const char *const words[] = {
		"\n.It Parses\n", "\n.It From\n", "\n.It Holds\n",
		"\n.It Falls\n", "\n.It Shown by\n"
	};
	const char	*model = section("\n.Sh THREAT MODEL\n"), *p, *next;
	char		 item[64];
	enum role	 role;
	size_t		 i;

	(void)state;
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
		snprintf(item, sizeof(item), "\n.It %s\n.Bl ",
		    role_name(role));
		if ((p = strstr(model, item)) == NULL)
			fail_msg("no %s", role_name(role));
		next = strstr(p, "\n.El\n");
		assert_non_null(next);
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			p = strstr(p, words[i]);
			if (p == NULL || p > next)
				fail_msg("%s: no%s", role_name(role),
				    words[i]);
		}
		p = strstr(p, "regress/");
		if (p == NULL || p > next)
			fail_msg("%s: no test", role_name(role));
	}
}

/* A name of a test: one that the makefile's patterns take up. */
static void
test_exists(const char *name)
{
	const char	*base = strrchr(name, '/') + 1;
	size_t		 len = strlen(name);

	if (access(name, R_OK) == -1)
		fail_msg("%s does not exist", name);
	if (strcmp(name + len - 2, ".t") != 0 &&
	    strncmp(base, "test_", 5) != 0 && strncmp(base, "fuzz_", 5) != 0 &&
	    strncmp(base, "drill_", 6) != 0)
		fail_msg("%s is no test", name);
}

static void
the_tests_that_are_named_exist(void **state)
{
	const char	*p = section("\n.Sh THREAT MODEL\n");
	char		 name[128];
	size_t		 len, n = 0;

	(void)state;
	for (; (p = strstr(p, "regress/")) != NULL; p += len, n++) {
		len = strcspn(p, " ,\n");
		assert_true(len < sizeof(name));
		memcpy(name, p, len);
		name[len] = '\0';
		test_exists(name);
	}
	assert_true(n >= 20);
}

/* Each fuzz target is about something that a role reads. */
static void
every_fuzz_target_is_named(void **state)
{
	const char	*p = section("\n.Sh THREAT MODEL\n");
	char		 name[256];
	FILE		*ls;
	size_t		 n = 0;

	(void)state;
	assert_non_null(ls = popen("ls regress/fuzz/fuzz_*.c", "r"));
	while (fgets(name, sizeof(name), ls) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		if (strstr(p, name) == NULL)
			fail_msg("%s is not named", name);
		n++;
	}
	assert_int_equal(pclose(ls), 0);
	assert_true(n >= 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_has_its_answers),
		cmocka_unit_test(the_tests_that_are_named_exist),
		cmocka_unit_test(every_fuzz_target_is_named)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
