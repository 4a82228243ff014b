/*
 * -n -j: the plan as one JSON document (RFC 8259), with all that -v adds.
 * Every string is ASCII whatever bytes a path or a file's name holds: they
 * are escaped as by vis(3) first, as in a denial's line, and then as JSON.
 * Members appear in the order given here; one object of a list is one line.
 */
#include <sys/utsname.h>
#include <linux/seccomp.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/log.h"
#include "explain.h"

/* Where a comma is due. */
struct json {
	FILE	*j_fp;
	int	 j_comma;
};

static const unsigned	 tiers[] = {
	TIER_KERNEL, TIER_WATCH, TIER_BROKER, 0
};
#define NTIERS	(sizeof(tiers) / sizeof(tiers[0]))

/* ---- writing ---- */

/* ASCII text without control characters. */
static void
json_text(struct json *j, const char *s)
{
	fputc('"', j->j_fp);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', j->j_fp);
		fputc(*s, j->j_fp);
	}
	fputc('"', j->j_fp);
}

static void
json_next(struct json *j)
{
	if (j->j_comma)
		fputc(',', j->j_fp);
	j->j_comma = 1;
}

static void
json_key(struct json *j, const char *key)
{
	json_next(j);
	json_text(j, key);
	fputc(':', j->j_fp);
}

static void
json_open(struct json *j, const char *key, int bracket)
{
	if (key != NULL)
		json_key(j, key);
	else
		json_next(j);
	fputc(bracket, j->j_fp);
	j->j_comma = 0;
}

static void
json_close(struct json *j, int bracket)
{
	fputc(bracket, j->j_fp);
	j->j_comma = 1;
}

/* An element of a list of objects. */
static void
json_row(struct json *j)
{
	json_next(j);
	fputs("\n{", j->j_fp);
	j->j_comma = 0;
}

static void
json_string(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_text(j, value);
}

static void
json_bytes(struct json *j, const char *key, const char *value)
{
	static char	 text[4 * RULE_TEXT_MAX + 1];

	name_bytes(value, text, sizeof(text));
	json_string(j, key, text);
}

static void
json_number(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	fprintf(j->j_fp, "%llu", (unsigned long long)value);
}

static void
json_bool(struct json *j, const char *key, int value)
{
	json_key(j, key);
	fputs(value ? "true" : "false", j->j_fp);
}

static void
json_names(struct json *j, const char *key, const char *(*name)(unsigned),
    uint64_t bits)
{
	unsigned	 i;

	json_open(j, key, '[');
	for (i = 0; i < 64; i++)
		if (bits & (1ULL << i)) {
			json_next(j);
			json_text(j, name(i));
		}
	json_close(j, ']');
}

/* ---- what is written ---- */

static void
json_where(struct json *j, const struct rule *r)
{
	json_bytes(j, "file", r->r_file);
	json_number(j, "line", r->r_line);
}

/* Numbers of the rules that name a right. */
static void
json_naming(struct json *j, const struct plan *pl, uint32_t rights)
{
	size_t	 i;

	json_open(j, "rules", '[');
	for (i = 0; i < pl->pl_rules.rs_count; i++)
		if (pl->pl_rules.rs_rules[i].r_rights & rights) {
			json_next(j);
			fprintf(j->j_fp, "%zu", i);
		}
	json_close(j, ']');
}

static void
json_kernel(struct json *j, const struct plan *pl)
{
	struct utsname	 un;
	const char	*what;
	uint32_t	 rights;
	size_t		 n;

	if (uname(&un) == -1)
		fatal("uname");
	json_open(j, "kernel", '{');
	json_bytes(j, "release", un.release);
	json_number(j, "landlock", (uint64_t)pl->pl_abi);
	json_open(j, "lacks", '[');
	for (n = 0; (what = explain_lacks(pl, n, &rights)) != NULL; n++) {
		json_row(j);
		json_string(j, "what", what);
		json_names(j, "rights", name_right, rights);
		json_naming(j, pl, rights);
		json_close(j, '}');
	}
	for (n = 0; (what = explain_old(un.release, n)) != NULL; n++) {
		json_row(j);
		json_string(j, "what", what);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
json_rights(struct json *j, const struct plan *pl)
{
	const struct tier	*t;
	unsigned		 i;

	json_open(j, "rights", '[');
	for (i = 0; i < RIGHTS_COUNT; i++) {
		t = &pl->pl_tiers[i];
		json_row(j);
		json_string(j, "right", name_right(i));
		json_string(j, "tier", name_tier(t->t_tier));
		json_string(j, "why", t->t_why);
		if (t->t_rule != NO_RULE)
			json_number(j, "rule", t->t_rule);
		if (t->t_path != NULL)
			json_bytes(j, "path", t->t_path);
		json_bool(j, "wall", wall_access(1U << i) != 0);
		json_naming(j, pl, 1U << i);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* Policy text: bytes that are not ASCII are escaped, nothing else. */
static void
json_policy(struct json *j, const char *text)
{
	static char	 out[4 * NAME_TEXT_MAX + 1];
	const char	*s;
	size_t		 n = 0;

	for (s = text; *s != '\0' && n < sizeof(out) - 5; s++) {
		if ((unsigned char)*s < 0x80)
			out[n++] = *s;
		else
			n += (size_t)snprintf(out + n, sizeof(out) - n,
			    "\\%03o", (unsigned char)*s);
	}
	out[n] = '\0';
	json_string(j, "statement", out);
}

static void
json_statement(struct json *j, const struct policy *p, const struct rule *r)
{
	char	 text[RULE_TEXT_MAX];

	if (explain_rule_text(p, r, text, sizeof(text)))
		json_policy(j, text);
}

static void
json_rules(struct json *j, const struct policy *p, const struct plan *pl)
{
	const struct rule	*r;
	size_t			 i, t;

	json_open(j, "rules", '[');
	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		json_row(j);
		json_where(j, r);
		json_statement(j, p, r);
		json_string(j, "action", r->r_action == RULE_ALLOW ? "allow" :
		    "deny");
		json_string(j, "effect", name_effect(r->r_effect));
		json_bool(j, "quick", (r->r_flags & RF_QUICK) != 0);
		json_bool(j, "log", (r->r_flags & RF_LOG) != 0);
		json_bool(j, "quiet", (r->r_flags & RF_QUIET) != 0);
		json_string(j, "match", r->r_match == MATCH_GLOB ? "glob" :
		    r->r_match == MATCH_UNDER ? "under" : "exact");
		json_bytes(j, "path", r->r_path);
		if (r->r_action == RULE_DENY)
			json_string(j, "errno", name_errno(r->r_errno));
		json_names(j, "rights", name_right, r->r_rights);
		json_bool(j, "hidden", pl->pl_hidden != NULL &&
		    pl->pl_hidden[i]);
		for (t = 0; t < NTIERS; t++)
			json_names(j, name_tier(tiers[t]), name_right,
			    plan_rule_rights(pl, i, tiers[t]));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_others(struct json *j, const struct policy *p, const struct plan *pl)
{
	const char	*why;
	char		 text[NAME_TEXT_MAX];
	size_t		 n;

	json_open(j, "statements", '[');
	for (n = 0; explain_statement(p, pl, n, text, sizeof(text), &why) == 0;
	    n++) {
		json_row(j);
		json_policy(j, text);
		json_string(j, "why", why);
		json_close(j, '}');
	}
	json_close(j, ']');
	if (p->p_tmpdir && p->p_rundir != NULL)
		json_bytes(j, "tmpdir", p->p_rundir);
}

/* Calls some right is about, and nobody is asked. */
static void
json_unmediated(struct json *j, const struct plan *pl)
{
	const struct sysent	*se;
	size_t			 i;

	json_open(j, "unmediated", '[');
	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		if (explain_unasked(pl, se) == 0)
			continue;
		json_row(j);
		json_string(j, "call", se->se_name);
		json_names(j, "rights", name_right,
		    explain_unasked(pl, se));
		json_string(j, "why", se->se_why);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_grants(struct json *j, const char *key, const struct grants *gs)
{
	size_t	 i;

	json_open(j, key, '[');
	for (i = 0; i < gs->gs_count; i++) {
		json_row(j);
		json_bytes(j, "path", gs->gs_grants[i].g_path);
		json_names(j, "access", name_landlock,
		    gs->gs_grants[i].g_access);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_filter(struct json *j, const struct plan *pl, const struct insn *facts)
{
	char	 text[NAME_TEXT_MAX], *tab;
	size_t	 pc;

	json_open(j, "filter", '[');
	for (pc = 0; pc < pl->pl_filterlen; pc++) {
		insn_print(pl, facts, pc, text, sizeof(text));
		if ((tab = strchr(text, '\t')) != NULL)
			*tab = ' ';
		json_row(j);
		json_number(j, "code", pl->pl_filter[pc].code);
		json_number(j, "jt", pl->pl_filter[pc].jt);
		json_number(j, "jf", pl->pl_filter[pc].jf);
		json_number(j, "k", pl->pl_filter[pc].k);
		json_string(j, "text", text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_call(struct json *j, const struct plan *pl, const struct sysent *se)
{
	const struct sysarg	*sa;
	char			 text[NAME_TEXT_MAX];
	uint32_t		 rights = se->se_rights;
	size_t			 i;

	if (se->se_disp == SYS_FILES)
		rights &= pl->pl_notify;
	json_row(j);
	json_string(j, "call", se->se_name);
	json_number(j, "nr", se->se_nr);
	json_names(j, "rights", name_right, rights);
	json_string(j, "handler", name_handler(se->se_handler));
	json_string(j, "why", se->se_why);
	if (se->se_cont != 0)
		json_number(j, "continue", se->se_cont);
	json_open(j, "predicates", '[');
	for (i = 0; i < sysargs_count; i++) {
		sa = &sysargs[i];
		if (sa->sa_nr != se->se_nr || !name_counts(pl, sa))
			continue;
		json_open(j, NULL, '{');
		name_predicate(sa, text, sizeof(text));
		json_string(j, "if", text);
		name_verdict(pl, sa, text, sizeof(text));
		json_string(j, "then", sa->sa_and ? "the next too" : text);
		json_string(j, "why", sa->sa_why);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
json_broker(struct json *j, const struct plan *pl, const struct insn *facts)
{
	size_t	 i;

	json_open(j, "notified", '[');
	for (i = 0; i < sysent_count; i++)
		if (insn_answers(pl, facts, sysent[i].se_nr,
		    SECCOMP_RET_USER_NOTIF))
			json_call(j, pl, &sysent[i]);
	json_close(j, ']');
}

void
explain_json(FILE *fp, const struct policy *p, const struct plan *pl)
{
	struct json	 j = { fp, 0 };
	struct insn	*facts;

	if ((facts = calloc(pl->pl_filterlen + 1, sizeof(*facts))) == NULL)
		fatal("%s", __func__);
	insn_flow(pl, facts);
	json_open(&j, NULL, '{');
	json_kernel(&j, pl);
	json_rights(&j, pl);
	json_rules(&j, p, pl);
	json_others(&j, p, pl);
	json_unmediated(&j, pl);
	json_grants(&j, "wall", &pl->pl_wall);
	json_grants(&j, "child", &pl->pl_child);
	json_grants(&j, "worker", &pl->pl_worker);
	json_filter(&j, pl, facts);
	json_broker(&j, pl, facts);
	json_close(&j, '}');
	fputc('\n', fp);
	free(facts);
}
