/*
 * Digests, classes and trusted paths of executables, for workers: onto paths as
 * the kernel shows them.  Must never lose one: a path that does not resolve
 * stays as written, and one that does is kept as written too, should a link
 * on the way be replaced.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"

static int
verify_put(struct plan *pl, const struct verify *v, const char *path)
{
	struct verify	 c = *v;
	char		 copy[PATTERN_MAX];

	(void)strlcpy(copy, path, sizeof(copy));
	c.v_path = copy;
	if (verify_add(&pl->pl_verify, &c) == 0)
		return (0);
	fprintf(stderr, "%s:%u: %s\n", v->v_file, v->v_line,
	    errno == E2BIG ? "more digests than a role can take" :
	    strerror(errno));
	return (-1);
}

/* Roots as the kernel shows them. */
static int
trust_put(struct plan *pl, const struct tpe_entry *te, const char *path)
{
	struct tpe_entry	 c = *te;
	char			 copy[PATTERN_MAX];

	if (path != NULL) {
		(void)strlcpy(copy, path, sizeof(copy));
		c.te_path = copy;
	}
	if (tpe_add(&pl->pl_tpe, &c) == 0)
		return (0);
	fprintf(stderr, "%s:%u: %s\n", te->te_file, te->te_line,
	    errno == E2BIG ? "more that are trusted than a role can take" :
	    strerror(errno));
	return (-1);
}

static int
compile_tpe(const struct policy *p, struct plan *pl)
{
	const struct verifyset	*vs = &p->p_verify;
	const struct tpe_entry	*te;
	const char		*real;
	size_t			 i;

	if (!((vs->vs_refused | vs->vs_warned) & EXEC_UNTRUSTED))
		return (0);
	if ((p->p_hide || p->p_network > NETWORK_HOST) && geteuid() != 0) {
		fprintf(stderr, "%s: who owns a file cannot be told in the "
		    "user namespace that \"%s\" takes here; "
		    "expected one of the two; for example: %s\n",
		    exec_class_at(vs, EXEC_UNTRUSTED),
		    p->p_hide ? "set hide mounts" : network_setting(p),
		    p->p_hide ? "set hide none" : "set network host");
		return (-1);
	}
	for (i = 0; i < p->p_tpe.tp_count; i++) {
		te = &p->p_tpe.tp_list[i];
		real = te->te_path == NULL ? NULL : path_real(te->te_path);
		if (trust_put(pl, te, real) == -1)
			return (-1);
	}
	return (0);
}

/*
 * Memory is changed through /proc/PID/mem whatever its protection.  Where the
 * kernel lets a program write there, W^X would be a word.
 */
static int
verify_mem(const struct ruleset *rs)
{
	static const char *const names[] = {
		"/proc/self/mem", "/proc/1/mem", "/proc/1/task/1/mem"
	};
	const struct rule	*by = NULL;
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (ruleset_eval(rs, names[i], strlen(names[i]), R_WRITE,
		    &by) == 0 || by == NULL)
			continue;
		fprintf(stderr, "%s:%u: with set wx yes nobody may write %s, "
		    "which changes memory whatever its protection; expected, "
		    "after this line: deny write glob { \"/proc/*/mem\" "
		    "\"/proc/*/task/*/mem\" }\n", by->r_file, by->r_line,
		    names[i]);
		return (-1);
	}
	return (0);
}

int
compile_verify(const struct policy *p, struct plan *pl)
{
	const struct verifyset	*from = &p->p_verify;
	const struct verify	*v;
	struct verifyset	*to = &pl->pl_verify;
	const char		*real;
	size_t			 i;

	to->vs_all = from->vs_all;
	to->vs_library = from->vs_library;
	to->vs_wx = from->vs_wx;
	to->vs_refused = from->vs_refused;
	to->vs_warned = from->vs_warned;
	memcpy(to->vs_effect, from->vs_effect, sizeof(to->vs_effect));
	if (p->p_script_at != NULL && p->p_early == 0) {
		fprintf(stderr, "%s: the digest of a script is looked at "
		    "before the call or never; expected a program; for "
		    "example: set exec-check early\n", p->p_script_at);
		return (-1);
	}
	if (compile_tpe(p, pl) == -1)
		return (-1);
	for (i = 0; i < EXEC_PLACES; i++)
		if (from->vs_at[i] != NULL &&
		    (to->vs_at[i] = strdup(from->vs_at[i])) == NULL) {
			fprintf(stderr, "error: %s\n", strerror(errno));
			return (-1);
		}
	for (i = 0; i < from->vs_count; i++) {
		v = &from->vs_list[i];
		real = path_real(v->v_path);
		if (verify_put(pl, v, real) == -1)
			return (-1);
		if (strcmp(path_real(v->v_path), v->v_path) != 0 &&
		    verify_put(pl, v, v->v_path) == -1)
			return (-1);
	}
	verify_sort(to);
	return (to->vs_wx ? verify_mem(&pl->pl_rules) : 0);
}

int
policy_excepts(const struct policy *p)
{
	const struct rule	*r;
	size_t			 i;

	for (i = 0; i < p->p_rules.rs_count; i++) {
		r = &p->p_rules.rs_rules[i];
		if (r->r_action == RULE_ALLOW && (r->r_rights & R_WX) != 0 &&
		    (!p->p_promised || (p->p_promise & R_WX) != 0))
			return (1);
	}
	return (0);
}
