/* LINK: monitor/env.c */
/*
 * env_clean(): what is removed, what stays, and that -k wins.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/env.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

/* Is the entry passed on, with the names in keep kept? */
static int
passes(const char *entry, const char *kept)
{
	char	*copy, *name, *envp[2], *keep[1], **out;
	int	 rv;

	copy = strdup(entry);
	name = strdup(kept == NULL ? "" : kept);
	assert_non_null(copy);
	assert_non_null(name);
	envp[0] = copy;
	envp[1] = NULL;
	keep[0] = name;
	out = env_clean(envp, keep, kept == NULL ? 0 : 1);
	assert_non_null(out);
	rv = out[0] != NULL;
	if (rv) {
		assert_ptr_equal(out[0], copy);
		assert_null(out[1]);
	}
	free(out);
	free(name);
	free(copy);
	return (rv);
}

static void
loader_variables_are_removed(void **state)
{
	static const char *const entries[] = {
		"LD_PRELOAD=/tmp/x.so", "LD_LIBRARY_PATH=/tmp", "LD_AUDIT=x",
		"LD_=x", "LD_BIND_NOW=1", "GLIBC_TUNABLES=glibc.malloc=1",
		"MALLOC_TRACE=/tmp/x", "GCONV_PATH=.", "LOCPATH=.",
		"NLSPATH=x", "BASH_ENV=./x", "ENV=./x", "PYTHONSTARTUP=x",
		"PERL5OPT=-Mx", "RUBYOPT=-rx", "TZDIR=/tmp",
		"HOSTALIASES=/tmp/x", "RES_OPTIONS=debug"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < NITEMS(entries); i++)
		if (passes(entries[i], NULL))
			fail_msg("%s passed", entries[i]);
}

static void
secrets_are_removed(void **state)
{
	static const char *const entries[] = {
		"GITHUB_TOKEN=x", "NPM_TOKEN=x", "TOKEN=x", "my_token=x",
		"CI_JOB_TOKEN=x", "AWS_ACCESS_KEY_ID=x", "AWS_PROFILE=x",
		"CLIENT_SECRET=x", "SECRET_KEY_BASE=x", "PGPASSWORD=x",
		"MYSQL_PWD=x", "DB_PASSWORD=x", "DB_PASS=x", "SSH_PASSPHRASE=",
		"OPENAI_API_KEY=x", "ANTHROPIC_API_KEY=x", "APIKEY=x",
		"GOOGLE_APPLICATION_CREDENTIALS=/x", "SSH_AUTH_SOCK=/x",
		"SSH_AGENT_PID=1", "DBUS_SESSION_BUS_ADDRESS=unix:x",
		"GPG_AGENT_INFO=x", "VAULT_ADDR=x", "npm_config__auth=x",
		"npm_config_//registry.example/:_authToken=x",
		"AZURE_CLIENT_ID=x", "XAUTHORITY=/x", "SENTRY_DSN=x",
		"DATABASE_URL=postgres://u:p@h/db",
		"http_proxy=http://user:pw@proxy:3128",
		"LIST=http://a/ http://u:p@h/"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < NITEMS(entries); i++)
		if (passes(entries[i], NULL))
			fail_msg("%s passed", entries[i]);
}

static void
ordinary_variables_stay(void **state)
{
	static const char *const entries[] = {
		"PATH=/bin", "HOME=/root", "TERM=xterm", "LANG=C.UTF-8",
		"LC_ALL=C", "USER=u", "LOGNAME=u", "SHELL=/bin/sh", "PWD=/",
		"OLDPWD=/", "EDITOR=vi", "DISPLAY=:0", "TZ=UTC", "CC=gcc",
		"CFLAGS=-O2", "PYTHONPATH=/x", "NODE_PATH=/x", "PERL5LIB=/x",
		"http_proxy=http://proxy:3128", "KEYBOARD=us", "MONKEY=1",
		"TOKENIZERS_PARALLELISM=0", "OLD=LD_PRELOAD=x", "EMPTY=",
		"URL=http://example.org:80/a@b", "ld_preload=x", "BUILD_ID=1",
		"ENVIRONMENT=test", "MAIL=a:b@c", "SUDO_USER=x", "_=/bin/x"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < NITEMS(entries); i++)
		if (!passes(entries[i], NULL))
			fail_msg("%s removed", entries[i]);
}

static void
kept_names_stay_whatever_the_table_says(void **state)
{
	(void)state;
	assert_true(passes("LD_PRELOAD=/x", "LD_PRELOAD"));
	assert_true(passes("GITHUB_TOKEN=x", "GITHUB_TOKEN"));
	assert_true(passes("DATABASE_URL=a://u:p@h", "DATABASE_URL"));
	assert_false(passes("LD_PRELOAD=/x", "LD_PRE"));
	assert_false(passes("LD_PRELOAD=/x", "LD_PRELOADX"));
	assert_false(passes("LD_PRELOAD=/x", "ld_preload"));
	assert_true(passes("LD_PRELOAD=/x", "LD_*"));
	assert_true(passes("LD_PRELOAD=/x", "LD_PRELOAD*"));
	assert_false(passes("LD_PRELOAD=/x", "LD_PRELOADS*"));
	assert_false(passes("LD_PRELOAD=/x", "*PRELOAD"));
	assert_false(passes("LD_PRELOAD=/x", ""));
}

static void
odd_entries_are_removed(void **state)
{
	char	 entry[ENV_NAME_MAX + 8];

	(void)state;
	assert_false(passes("", NULL));
	assert_false(passes("NAME", NULL));
	assert_false(passes("=value", NULL));
	assert_false(passes("NAME", "NAME"));
	assert_false(passes("=value", ""));
	memset(entry, 'A', sizeof(entry));
	memcpy(entry + ENV_NAME_MAX - 1, "=x", 3);
	assert_true(passes(entry, NULL));
	memset(entry, 'A', sizeof(entry));
	memcpy(entry + ENV_NAME_MAX, "=x", 3);
	assert_false(passes(entry, NULL));
}

static void
order_is_preserved(void **state)
{
	char	 a[] = "A=1", ld[] = "LD_X=1", b[] = "B=2", t[] = "T_TOKEN=3";
	char	 c[] = "C=4";
	char	*envp[] = { ld, a, b, t, c, NULL };
	char	**out;

	(void)state;
	out = env_clean(envp, NULL, 0);
	assert_non_null(out);
	assert_ptr_equal(out[0], a);
	assert_ptr_equal(out[1], b);
	assert_ptr_equal(out[2], c);
	assert_null(out[3]);
	free(out);
}

static void
every_row_has_a_reason(void **state)
{
	size_t	 i;

	(void)state;
	assert_true(env_table_count > 0);
	for (i = 0; i < env_table_count; i++) {
		assert_non_null(env_table[i].er_pattern);
		assert_non_null(env_table[i].er_why);
		assert_true(strlen(env_table[i].er_why) > 0);
	}
	assert_string_equal(env_reason("LD_PRELOAD=x"), env_table[0].er_why);
	assert_null(env_reason("PATH=/bin"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loader_variables_are_removed),
		cmocka_unit_test(secrets_are_removed),
		cmocka_unit_test(ordinary_variables_stay),
		cmocka_unit_test(kept_names_stay_whatever_the_table_says),
		cmocka_unit_test(odd_entries_are_removed),
		cmocka_unit_test(order_is_preserved),
		cmocka_unit_test(every_row_has_a_reason)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
