/*
 * -n: the plan, rule by rule.  The output is a policy again: every rule on
 * its canonical path, with where it came from, its tier and the reason as a
 * comment, so that it can be read, compared and parsed.  Decides nothing: it
 * must say only what compile*.c decided.
 *
 *	RULE	# FILE:LINE: TIER: MECHANISM: REASON
 */
#include <sys/stat.h>

#include <string.h>

#include "../common/landlock_abi.h"
#include "compile.h"

static const struct {
	unsigned	 tier;
	const char	*name;
} tiers[] = {
	{ TIER_KERNEL,	"kernel" },
	{ TIER_WATCH,	"watch" },
	{ TIER_BROKER,	"broker" },
	{ 0,		"nobody" },
};
#define NTIERS	(sizeof(tiers) / sizeof(tiers[0]))

/*
 * Where the wall is wider than the rule: at a place that is not its path, or
 * below a directory where the rule speaks of that alone.
 */
static void
explain_place(FILE *fp, const struct rule *r)
{
	struct wallplace	 w[2];
	struct stat		 st;
	size_t			 i;

	wall_places(r, w);
	for (i = 0; i < 2; i++)
		if (w[i].wp_path[0] != '\0' &&
		    (strcmp(w[i].wp_path, r->r_path) != 0 ||
		    (r->r_match == MATCH_EXACT &&
		    lstat(r->r_path, &st) == 0 && S_ISDIR(st.st_mode))))
			fprintf(fp, "#\tthe wall is open at and below %s\n",
			    w[i].wp_path);
}

static void
explain_rule(FILE *fp, const struct plan *pl, size_t i)
{
	const struct rule	*r = &pl->pl_rules.rs_rules[i];
	char			 text[RULE_TEXT_MAX], rights[RIGHTS_TEXT_MAX];
	uint32_t		 held;
	size_t			 k;

	rule_print(r, text, sizeof(text));
	fprintf(fp, "%s\t# %s:%u:", text, r->r_file, r->r_line);
	for (k = 0; k < NTIERS; k++) {
		if ((held = plan_rule_rights(pl, i, tiers[k].tier)) == 0)
			continue;
		rights_print(held, rights, sizeof(rights));
		fprintf(fp, " %s: %s;", tiers[k].name, rights);
	}
	fputc('\n', fp);
	if (r->r_action == RULE_ALLOW && (r->r_rights & pl->pl_broker))
		explain_place(fp, r);
}

static void
explain_right(FILE *fp, const struct plan *pl, size_t k)
{
	const struct tier	*t = &pl->pl_tiers[k];
	const struct rule	*r;
	char			 right[64];
	size_t			 i;

	rights_print(1U << k, right, sizeof(right));
	for (i = 0; i < NTIERS && tiers[i].tier != t->t_tier; i++)
		continue;
	fprintf(fp, "# %s: %s: %s", right, tiers[i].name, t->t_why);
	if (t->t_path != NULL)
		fprintf(fp, ": %s", t->t_path);
	if (t->t_rule != NO_RULE) {
		r = &pl->pl_rules.rs_rules[t->t_rule];
		fprintf(fp, " (%s:%u)", r->r_file, r->r_line);
	}
	fputc('\n', fp);
}

static void
explain_others(FILE *fp, const struct policy *p)
{
	const struct policy_call	*pc;
	const struct sysent		*se;
	size_t				 i;
	unsigned			 n;

	fprintf(fp, "%s net\t# kernel: %s\n", p->p_net ? "allow" : "deny",
	    p->p_net ? "no mechanism: every address" :
	    "Landlock refuses TCP; seccomp hands socket(2) to the broker, "
	    "which refuses it");
	for (i = 0; i < p->p_ncalls; i++) {
		pc = &p->p_calls[i];
		if ((se = sysent_find(pc->pc_nr)) == NULL)
			continue;
		fprintf(fp, "%s syscall %s\t# %s:%u: kernel: seccomp\n",
		    pc->pc_allow ? "allow" : "deny", se->se_name,
		    pc->pc_file, pc->pc_line);
	}
	for (n = 0; policy_capability(n) != NULL; n++)
		if (p->p_caps & ((uint64_t)1 << n))
			fprintf(fp, "keep capability %s\t# kernel: the "
			    "receiver keeps it too\n", policy_capability(n));
	for (i = 0; i < p->p_nenv; i++)
		fprintf(fp, "keep env \"%s\"\n", p->p_env[i]);
	fprintf(fp, "set degrade %s\n", p->p_degrade ? "yes" : "no");
	fprintf(fp, "set tmpdir %s\n", p->p_tmpdir ? "private" : "none");
}

/* What an auditor has to take on trust. */
static void
explain_residual(FILE *fp, const struct policy *p, const struct plan *pl)
{
	size_t	 i, n = 0;

	for (i = 0; i < pl->pl_rules.rs_count; i++)
		n += (pl->pl_rules.rs_rules[i].r_rights & pl->pl_broker) != 0;
	fprintf(fp, "# residual trust: %zu of %zu rules, marked broker, stand "
	    "by the policy worker alone\n", n, pl->pl_rules.rs_count);
	fprintf(fp, "# residual trust: whatever the policy worker does, it "
	    "stays inside the union of the allow rules\n");
	fprintf(fp, "# residual trust: no mechanism holds stat, walk, chdir "
	    "or chroot; names and attributes of files can be seen\n");
	fprintf(fp, "# residual trust: ioctl is held by the wall, which "
	    "ignores denials and globs\n");
	if (p->p_net)
		fprintf(fp, "# residual trust: allow net allows UNIX sockets "
		    "by path too\n");
}

void
explain(FILE *fp, const struct policy *p, const struct plan *pl)
{
	const char	*lacks = wall_lacks(pl->pl_abi);
	size_t		 i;

	fprintf(fp, "# Landlock ABI %d; lacks: %s\n", pl->pl_abi,
	    *lacks == '\0' ? "nothing" : lacks);
	for (i = 0; i < RIGHTS_COUNT; i++)
		explain_right(fp, pl, i);
	fprintf(fp, "# child's filter: %zu instructions\n", pl->pl_filterlen);
	for (i = 0; i < pl->pl_rules.rs_count; i++)
		explain_rule(fp, pl, i);
	explain_others(fp, p);
	explain_residual(fp, p, pl);
}
