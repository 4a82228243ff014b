/*
 * Which environment variables the command does not get.  Pure: looks at the
 * strings it is given and at nothing else, before any child exists.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"

static int	 env_kept(const char *, size_t, char *const *, size_t);
static int	 env_url_password(const char *);

/*
 * The first rows are what the dynamic loader and the C library themselves
 * ignore in a setuid program (glibc, sysdeps/generic/unsecvars.h) and what
 * makes shells and interpreters run a file before the command.  TMPDIR is not
 * among them: the caller sets it.
 */
const struct env_row env_table[] = {
	{ "LD_*",		0, "the loader would run other code" },
	{ "GLIBC_TUNABLES",	0, "changes the loader and malloc" },
	{ "MALLOC_TRACE",	0, "the C library would write a file" },
	{ "GCONV_PATH",		0, "the C library would load other code" },
	{ "GETCONF_DIR",	0, "getconf would run other code" },
	{ "LOCPATH",		0, "the C library would read other locales" },
	{ "NLSPATH",		0, "the C library would read other messages" },
	{ "TZDIR",		0, "the C library would read other files" },
	{ "HOSTALIASES",	0, "the resolver would read a file" },
	{ "LOCALDOMAIN",	0, "changes what host names mean" },
	{ "RESOLV_HOST_CONF",	0, "the resolver would read a file" },
	{ "RES_OPTIONS",	0, "changes the resolver" },
	{ "NIS_PATH",		0, "changes the resolver" },
	{ "BASH_ENV",		0, "bash would run a file first" },
	{ "ENV",		0, "sh would run a file first" },
	{ "PYTHONSTARTUP",	0, "python would run a file first" },
	{ "PERL5OPT",		0, "perl would load other code" },
	{ "PERL5DB",		0, "perl would run other code" },
	{ "RUBYOPT",		0, "ruby would load other code" },

	{ "TOKEN",		1, "secret" },
	{ "*_TOKEN",		1, "secret: GITHUB_TOKEN, NPM_TOKEN, ..." },
	{ "*_TOKEN_*",		1, "secret" },
	{ "*AUTHTOKEN*",	1, "secret: npm_config_...:_authToken" },
	{ "*SECRET*",		1, "secret" },
	{ "*PASSWORD*",		1, "secret: PGPASSWORD, ..." },
	{ "*PASSWD*",		1, "secret" },
	{ "*PASSPHRASE*",	1, "secret" },
	{ "*_PASS",		1, "secret" },
	{ "*_PWD",		1, "secret: MYSQL_PWD" },
	{ "*_KEY",		1, "secret: API keys" },
	{ "*_KEYS",		1, "secret" },
	{ "*_KEY_*",		1, "secret" },
	{ "*APIKEY*",		1, "secret" },
	{ "*CREDENTIAL*",	1, "secret, or where one is" },
	{ "*_AUTH",		1, "secret: npm_config__auth" },
	{ "DOCKER_AUTH_CONFIG",	0, "secret" },
	{ "AWS_*",		0, "cloud account" },
	{ "AZURE_*",		0, "cloud account" },
	{ "ARM_*",		0, "cloud account, as Terraform spells it" },
	{ "GITHUB_*",		0, "the CI job's rights" },
	{ "ACTIONS_*",		0, "the CI job's rights" },
	{ "VAULT_*",		0, "secret store" },
	{ "*_DSN",		1, "database, often with a password" },
	{ "SSH_AUTH_SOCK",	0, "signs with the user's keys" },
	{ "SSH_AGENT_PID",	0, "names the agent" },
	{ "GPG_AGENT_INFO",	0, "names the agent" },
	{ "DBUS_*_ADDRESS",	0, "commands the user's session" },
	{ "XAUTHORITY",		0, "where the display's cookie is" },
	{ "ICEAUTHORITY",	0, "where the session's cookie is" }
};
const size_t env_table_count = sizeof(env_table) / sizeof(env_table[0]);

char **
env_clean(char **envp, char *const *keep, size_t nkeep)
{
	char	**out;
	size_t	  i, n = 0, len;

	for (i = 0; envp[i] != NULL; i++)
		;
	if ((out = calloc(i + 1, sizeof(*out))) == NULL)
		return (NULL);
	for (i = 0; envp[i] != NULL; i++) {
		len = strcspn(envp[i], "=");
		if (env_kept(envp[i], len, keep, nkeep) ||
		    env_reason(envp[i]) == NULL)
			out[n++] = envp[i];
	}
	return (out);
}

const char *
env_reason(const char *entry)
{
	char	 name[ENV_NAME_MAX];
	size_t	 i, len;

	len = strcspn(entry, "=");
	if (entry[len] != '=' || len == 0)
		return ("not NAME=value");
	if (len >= sizeof(name))
		return ("name too long");
	memcpy(name, entry, len);
	name[len] = '\0';
	for (i = 0; i < env_table_count; i++)
		if (fnmatch(env_table[i].er_pattern, name,
		    env_table[i].er_fold ? FNM_CASEFOLD : 0) == 0)
			return (env_table[i].er_why);
	if (env_url_password(entry + len + 1))
		return ("a URL with a password in it");
	return (NULL);
}

/*
 * Is the name, len bytes, one of those to keep, or of those that begin so
 * where that ends in a star?  An entry needs its "=".
 */
static int
env_kept(const char *entry, size_t len, char *const *keep, size_t nkeep)
{
	size_t	 i, n;
	int	 any;

	if (entry[len] != '=' || len == 0)
		return (0);
	for (i = 0; i < nkeep; i++) {
		n = strlen(keep[i]);
		if ((any = n > 0 && keep[i][n - 1] == '*'))
			n--;
		if ((any ? n <= len : n == len) &&
		    memcmp(keep[i], entry, n) == 0)
			return (1);
	}
	return (0);
}

/* scheme://user:password@host, anywhere in the value (RFC 3986, 3.2.1) */
static int
env_url_password(const char *value)
{
	const char	*p, *at, *colon;
	size_t		 len;

	for (p = value; (p = strstr(p, "://")) != NULL;) {
		p += 3;
		len = strcspn(p, "/?# \t\n");
		at = memchr(p, '@', len);
		colon = memchr(p, ':', len);
		if (at != NULL && colon != NULL && colon < at)
			return (1);
	}
	return (0);
}
