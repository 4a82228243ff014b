/* LINK: monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c monitor/netparse.c */
/*
 * Arbitrary bytes as a policy.  Whatever they are: no crash and no leak; what
 * is refused is refused with a line, and the rules of what is accepted, as
 * they are printed, parse to the same rules.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/policy_conf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

const struct profile profiles[] = {
	{ "one", "allow read under /usr\ndeny write under /usr\n" },
	{ "two", "profile \"one\"\nallow exec under \"$HOME/bin\"\n" }
};
const size_t profiles_count = 2;

/* No file is read: what a policy includes is the user's to choose. */
static int
reads_files(const char *text)
{
	return (strstr(text, "include") != NULL ||
	    strstr(text, "verify") != NULL);
}

static int
same(const struct rule *a, const struct rule *b)
{
	return (a->r_rights == b->r_rights && a->r_action == b->r_action &&
	    a->r_match == b->r_match && a->r_flags == b->r_flags &&
	    a->r_errno == b->r_errno && a->r_effect == b->r_effect &&
	    strcmp(a->r_path, b->r_path) == 0);
}

static int
parse(struct policy *p, const char *text)
{
	int	 rv;

	policy_init(p);
	if (policy_macro(p, "HOME", "/home/user") == -1 ||
	    policy_macro(p, "WORKDIR", "/home/user/work") == -1)
		abort();
	rv = policy_parse_string(p, "fuzz", text);
	if (rv == 0)
		rv = policy_end(p);
	return (rv);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct policy	 p, again;
	static int		 quiet;
	char			 text[RULE_TEXT_MAX + 1], *s;
	const struct rule	*r;
	size_t			 i;

	/* errors go nowhere; what the sanitizers say goes to descriptor 2 */
	if (!quiet && (stderr = fopen("/dev/null", "we")) == NULL)
		abort();
	quiet = 1;
	if (len > 4096 || (s = strndup((const char *)data, len)) == NULL)
		return (0);
	if (reads_files(s) || parse(&p, s) == -1) {
		if (!reads_files(s))
			policy_free(&p);
		free(s);
		return (0);
	}
	free(s);
	for (i = 0; i < p.p_rules.rs_count; i++) {
		r = &p.p_rules.rs_rules[i];
		if (!rule_sane(r) || r->r_path == NULL ||
		    (r->r_match == MATCH_GLOB && glob_check(r->r_path) != NULL))
			abort();
		rule_print(r, text, sizeof(text) - 1);
		(void)strlcat(text, "\n", sizeof(text));
		if (parse(&again, text) == -1 || again.p_rules.rs_count != 1 ||
		    !same(&again.p_rules.rs_rules[0], r)) {
			dprintf(STDERR_FILENO, "does not come back: %s", text);
			abort();
		}
		policy_free(&again);
	}
	policy_free(&p);
	return (0);
}
