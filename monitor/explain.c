/*
 * -n: the plan, rule by rule.  The output is a policy again: every rule on
 * its canonical path, with where it came from, who holds its rights and why
 * nobody cheaper does, as a comment.  So it can be read, compared and parsed.
 * Decides nothing: it must say only what compile*.c decided, and no byte of a
 * path or a file's name may end a comment.
 *
 *	RULE	# FILE:LINE: TIER: RIGHTS: MECHANISM: REASON; ... kernel: the rest;
 */
#include <sys/utsname.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "explain.h"

static const unsigned	 tiers[] = {
	TIER_KERNEL, TIER_WATCH, TIER_BROKER, 0
};
#define NTIERS	(sizeof(tiers) / sizeof(tiers[0]))

/* What works less well before a release of the kernel, oldest first. */
static const struct {
	unsigned	 major, minor;
	const char	*what;
} releases[] = {
	{ 5, 19, "Linux 5.19: notifications that only a fatal signal "
	    "interrupts: nothing can be run" },
	{ 6, 6, "Linux 6.6: synchronous wake-up: each notified call takes "
	    "several times longer" },
	{ 6, 9, "Linux 6.9: descriptors by thread: brokered calls that name "
	    "one fail in all threads but a process's first" },
	{ 6, 15, "Linux 6.15: how a process ended, by its descriptor: "
	    "segvguard is refused, or misses crashes" },
	{ 6, 18, "Linux 6.18: an answered call can be restarted by a signal, "
	    "and done twice" },
};
#define NRELEASES	(sizeof(releases) / sizeof(releases[0]))

/* `set NAME VALUE', but where it is the default and a value has no word. */
static const struct {
	const char	*name;
	const char	*off, *on;	/* words for 0 and 1; or for 1 and 2 */
	size_t		 member;
	const char	*why;
} settings[] = {
	{ "audit",	"no",	"yes",	offsetof(struct policy, p_audit),
	    "every rule has log, and no line is left out" },
	{ "close-on-exec", "keep", "force", offsetof(struct policy, p_cloexec),
	    "who decides whether an opened file survives execve(2)" },
	{ "degrade",	"no",	"yes",	offsetof(struct policy, p_degrade),
	    "what the kernel lacks is an error, or a warning" },
	{ "dotdot",	"allow", "deny", offsetof(struct policy, p_dotdot),
	    "paths that go up by a component" },
	{ "exec-check", "late",	"early", offsetof(struct policy, p_early),
	    "what a class refuses fails with an errno, or is killed" },
	{ "hide",	"none",	"mounts", offsetof(struct policy, p_hide),
	    "mounts over what is denied for good, beside the denial" },
	{ "late-siblings", "broker", "deny", offsetof(struct policy, p_late),
	    "who decides on names that appear beside a split grant" },
	{ "libraries",	"no",	"yes",
	    offsetof(struct policy, p_verify.vs_library),
	    "rules and digests hold for files that are mapped to be executed" },
	{ "network",	"host",	"loopback none",
	    offsetof(struct policy, p_network),
	    "a network of its own, where nothing but itself can be reached" },
	{ "wx",		"no",	"yes",	offsetof(struct policy, p_verify.vs_wx),
	    "memory that can be written is never executed" },
	{ "on-failure",	"kill",	"restart", offsetof(struct policy, p_restart),
	    "a policy worker that fails ends the run, or is replaced; the "
	    "other roles end it" },
	{ "watch",	"no",	"yes",	offsetof(struct policy, p_watch),
	    "every file call notified, so that each denial has its line" },
	{ "safe-names",	"no",	"yes",	offsetof(struct policy, p_safenames),
	    "names that deceive who reads them are not made" },
	{ "tmpdir",	"none",	"private", offsetof(struct policy, p_tmpdir),
	    "a temporary directory of its own for each run" },
};
#define NSETTINGS	(sizeof(settings) / sizeof(settings[0]))

/* ---- facts, for text and JSON ---- */

const char *
explain_lacks(const struct plan *pl, size_t n, uint32_t *rights)
{
	const char	*lacks = "";
	uint64_t	 had, has;
	unsigned	 k;
	int		 abi = pl->pl_abi;

	for (lacks = wall_lacks(abi); *lacks != '\0' && n > 0; n--)
		lacks = wall_lacks(++abi);
	if (*lacks == '\0')
		return (NULL);
	had = ll_fs_handled(abi);
	has = ll_fs_handled(abi + 1);
	*rights = 0;
	for (k = 0; k < RIGHTS_COUNT; k++)
		if (wall_access(1U << k) & has & ~had)
			*rights |= 1U << k;
	return (lacks);
}

const char *
explain_old(const char *release, size_t n)
{
	unsigned	 major, minor;
	size_t		 i;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return (NULL);
	for (i = 0; i < NRELEASES; i++)
		if ((major < releases[i].major ||
		    (major == releases[i].major &&
		    minor < releases[i].minor)) && n-- == 0)
			return (releases[i].what);
	return (NULL);
}

/* The rights that the words of rights_print() leave out. */
static uint32_t
rule_unsaid(const struct rule *r)
{
	char		 words[NAME_TEXT_MAX], *p = words, *word;
	uint32_t	 said = 0;

	rights_print(r->r_rights, words, sizeof(words));
	while ((word = strsep(&p, ", ")) != NULL)
		said |= rights_parse(word);
	return (said ^ r->r_rights);
}

/*
 * As rule_print(); but the directory that every run makes anew is a macro, or
 * the text would mean another place the next time.
 */
static void
rule_portable(const struct policy *p, const struct rule *r, char *buf,
    size_t size)
{
	static const char	 tmpdir[] = "$TMPDIR";
	static const char	 escaped[] = "\"\\$TMPDIR";
	struct rule		 c = *r;
	char			 path[PATTERN_MAX], *at;

	if (!p->p_tmpdir || p->p_rundir == NULL ||
	    !path_below(r->r_path, p->p_rundir) ||
	    (size_t)snprintf(path, sizeof(path), "%s%s", tmpdir, r->r_path +
	    strlen(p->p_rundir)) >= sizeof(path)) {
		rule_print(r, buf, size);
		return;
	}
	c.r_path = path;
	c.r_len = strlen(path);
	rule_print(&c, buf, size);
	if ((at = strstr(buf, escaped)) != NULL)
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
}

int
explain_rule_text(const struct policy *p, const struct rule *r, char *buf,
    size_t size)
{
	size_t	 i;

	rule_portable(p, r, buf, size);
	for (i = 0; buf[i] != '\0'; i++)
		if ((unsigned char)buf[i] < ' ' || buf[i] == 0x7f)
			return (0);
	return (rule_unsaid(r) == 0);
}

/* A line that was written for a system call, with its place in *why. */
static int
statement_call(const struct policy_call *pc, char *buf, size_t size,
    const char **why)
{
	static char		 where[NAME_BYTES_MAX + 64];
	const struct sysent	*se = sysent_find(pc->pc_nr);
	char			 file[NAME_BYTES_MAX];

	if (se == NULL)
		return (-1);
	name_bytes(pc->pc_file, file, sizeof(file));
	(void)snprintf(buf, size, "%s syscall %s",
	    pc->pc_allow ? "allow" : "deny", se->se_name);
	(void)snprintf(where, sizeof(where), "%s:%u: kernel: seccomp", file,
	    pc->pc_line);
	*why = where;
	return (0);
}

static int	 statement_exec(const struct policy *, size_t *, char *,
		    size_t, const char **);

/* n counts those that are printed. */
static int
statement_setting(const struct policy *p, size_t n, char *buf, size_t size,
    const char **why)
{
	const char	*word;
	size_t		 i;
	int		 value;

	for (i = 0; i < NSETTINGS; i++) {
		memcpy(&value, (const char *)p + settings[i].member,
		    sizeof(value));
		if (value == -1 || n-- != 0)
			continue;
		word = value ? settings[i].on : settings[i].off;
		if (value > 1)
			word += strcspn(word, " ") + 1;
		(void)snprintf(buf, size, "set %s %.*s", settings[i].name,
		    (int)strcspn(word, " "), word);
		*why = settings[i].why;
		return (0);
	}
	if (p->p_landlock == 0 || n != 0)
		return (-1);
	(void)snprintf(buf, size, "set require landlock %d", p->p_landlock);
	*why = "or nothing is run";
	return (0);
}

/* A path in double quotes, as it can be parsed again. */
static void
statement_path(const char *path, char *buf, size_t size)
{
	size_t	 i, n = 0;

	for (i = 0; path[i] != '\0' && n + 2 < size; i++) {
		if (strchr("\"\\$", path[i]) != NULL)
			buf[n++] = '\\';
		buf[n++] = path[i];
	}
	buf[n] = '\0';
}

/* What is trusted of executables. */
static void
statement_tpe(const struct tpe_entry *te, char *buf, size_t size,
    const char **why)
{
	static char	 where[NAME_BYTES_MAX + 64];
	char		 file[NAME_BYTES_MAX], path[2 * PATTERN_MAX];

	if (te->te_path == NULL)
		(void)snprintf(buf, size, "tpe %s %u",
		    te->te_kind == TPE_OWNER ? "owner" : "group", te->te_id);
	else {
		statement_path(te->te_path, path, sizeof(path));
		(void)snprintf(buf, size, "tpe trust %s\"%s\"",
		    te->te_kind == TPE_UNDER ? "under " : "", path);
	}
	name_bytes(te->te_file, file, sizeof(file));
	(void)snprintf(where, sizeof(where), "%s:%u: the integrity worker",
	    file, te->te_line);
	*why = where;
}

/* A class that is refused or warned of. */
static void
statement_class(const struct verifyset *vs, uint32_t class, char *buf,
    size_t size, const char **why)
{
	uint8_t	 effect = vs->vs_warned & class ? EFFECT_WARN :
		    exec_class_effect(vs, class);

	*why = class == EXEC_SCRIPT ? "the policy worker alone: what is "
	    "mapped is the interpreter" : "the integrity worker";
	if (effect == EFFECT_NONE && class == EXEC_UNLISTED)
		(void)snprintf(buf, size, "set verify all");
	else if (effect == EFFECT_NONE && class == EXEC_UNTRUSTED)
		(void)snprintf(buf, size, "set tpe yes");
	else
		(void)snprintf(buf, size, "%s exec class %s",
		    exec_effect_word(effect), exec_class_name(class));
}

/* A digest of the policy as it can be parsed again. */
static void
statement_digest(const struct verify *v, char *buf, size_t size,
    const char **why)
{
	static char	 where[NAME_BYTES_MAX + 64];
	char		 file[NAME_BYTES_MAX], hex[DIGEST_TEXT];
	char		 path[2 * PATTERN_MAX];

	statement_path(v->v_path, path, sizeof(path));
	digest_print(hex, sizeof(hex), v->v_digest, v->v_alg);
	(void)snprintf(buf, size, "%s%sverify exec \"%s\" %s %s",
	    v->v_effect == EFFECT_NONE ? "" : exec_effect_word(v->v_effect),
	    v->v_effect == EFFECT_NONE ? "" : " ", path,
	    digest_name(v->v_alg), hex);
	name_bytes(v->v_file, file, sizeof(file));
	(void)snprintf(where, sizeof(where), "%s:%u: the integrity worker",
	    file, v->v_line);
	*why = where;
}

int
explain_exec(const struct policy *p, size_t n, char *buf, size_t size)
{
	const char	*why;

	return (statement_exec(p, &n, buf, size, &why));
}

/* What is said of executables; *n is then that of the next kind. */
static int
statement_exec(const struct policy *p, size_t *n, char *buf, size_t size,
    const char **why)
{
	const struct verifyset	*vs = &p->p_verify;
	unsigned		 i;

	for (i = 0; i < EXEC_CLASSES; i++) {
		if (!((vs->vs_refused | vs->vs_warned) & (1U << i)) ||
		    (*n)-- != 0)
			continue;
		statement_class(vs, 1U << i, buf, size, why);
		return (0);
	}
	if (*n < p->p_tpe.tp_count) {
		statement_tpe(&p->p_tpe.tp_list[*n], buf, size, why);
		return (0);
	}
	*n -= p->p_tpe.tp_count;
	if (*n < vs->vs_count) {
		statement_digest(&vs->vs_list[*n], buf, size, why);
		return (0);
	}
	*n -= vs->vs_count;
	return (-1);
}

static void
statement_guard(const struct guard *g, char *buf, size_t size,
    const char **why)
{
	static char	 where[NAME_BYTES_MAX + 128];
	char		 file[NAME_BYTES_MAX];

	guard_print(g, buf, size);
	name_bytes(g->g_rule.r_file, file, sizeof(file));
	(void)snprintf(where, sizeof(where), "%s:%u: the policy and the "
	    "integrity worker, by what the receiver counts", file,
	    g->g_rule.r_line);
	*why = where;
}

int
explain_statement(const struct policy *p, const struct plan *pl, size_t n,
    char *buf, size_t size, const char **why)
{
	char		 name_env[NAME_TEXT_MAX];
	const char	*name;
	unsigned	 cap;

	if (explain_net(p, pl, &n, buf, size, why) == 0)
		return (0);
	if (n < p->p_ncalls)
		return (statement_call(&p->p_calls[n], buf, size, why));
	n -= p->p_ncalls;
	for (cap = 0; (name = policy_capability(cap)) != NULL; cap++) {
		if ((p->p_caps & ((uint64_t)1 << cap)) == 0 || n-- != 0)
			continue;
		(void)snprintf(buf, size, "keep capability %s", name);
		*why = "kernel: the receiver keeps it too";
		return (0);
	}
	if (n < p->p_nenv) {
		name_bytes(p->p_env[n], name_env, sizeof(name_env));
		(void)snprintf(buf, size, "keep env \"%s\"", name_env);
		*why = "the environment passes it on";
		return (0);
	}
	n -= p->p_nenv;
	if (statement_exec(p, &n, buf, size, why) == 0)
		return (0);
	if (n < p->p_guards.gu_count) {
		statement_guard(&p->p_guards.gu_list[n], buf, size, why);
		return (0);
	}
	n -= p->p_guards.gu_count;
	return (statement_setting(p, n, buf, size, why));
}

/* ---- places in the policy ---- */

static void
explain_file(FILE *fp, const struct rule *r)
{
	char	 file[NAME_BYTES_MAX];

	name_bytes(r->r_file, file, sizeof(file));
	fputs(file, fp);
}

/* Has an earlier rule that names one of the rights the same place? */
static int
explain_again(const struct plan *pl, size_t n, uint32_t rights)
{
	const struct rule	*r, *last = &pl->pl_rules.rs_rules[n];
	size_t			 i;

	for (i = 0; i < n; i++) {
		r = &pl->pl_rules.rs_rules[i];
		if (r->r_line == last->r_line && (r->r_rights & rights) != 0 &&
		    strcmp(r->r_file, last->r_file) == 0)
			return (1);
	}
	return (0);
}

/* "default:9, 15, x.conf:3": the rules that name one of the rights. */
static void
explain_naming(FILE *fp, const struct plan *pl, uint32_t rights)
{
	const struct rule	*r, *last = NULL;
	size_t			 i;

	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		if ((r->r_rights & rights) == 0 ||
		    explain_again(pl, i, rights))
			continue;
		if (last != NULL)
			fputs(", ", fp);
		if (last == NULL || strcmp(r->r_file, last->r_file) != 0) {
			explain_file(fp, r);
			fputc(':', fp);
		}
		fprintf(fp, "%u", r->r_line);
		last = r;
	}
	if (last == NULL)
		fputs("no rule, so denied everywhere", fp);
}

/* Of rights, those that the same rules name as the lowest of them. */
static uint32_t
explain_group(const struct plan *pl, uint32_t rights)
{
	uint32_t	 first = rights & (~rights + 1), named;
	size_t		 i;

	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		named = pl->pl_rules.rs_rules[i].r_rights;
		rights &= named & first ? named : ~named;
	}
	return (rights);
}

/* The rights that some rule names. */
static uint32_t
explain_named(const struct plan *pl)
{
	uint32_t	 named = 0;
	size_t		 i;

	for (i = 0; i < pl->pl_rules.rs_count; i++)
		named |= pl->pl_rules.rs_rules[i].r_rights;
	return (named);
}

/* "BEFORE RIGHTS AFTER RULES", a line for each group. */
static void
explain_groups(FILE *fp, const struct plan *pl, uint32_t rights,
    const char *before, const char *after)
{
	char		 text[NAME_TEXT_MAX];
	uint32_t	 group;

	for (; rights != 0; rights &= ~group) {
		group = explain_group(pl, rights);
		name_rights(group, text, sizeof(text));
		fprintf(fp, "# %s%s%s", before, text, after);
		explain_naming(fp, pl, group);
		fputc('\n', fp);
	}
}

/* Why the tier: the reason, and the rule and place that ask for it. */
static void
explain_reason(FILE *fp, const struct plan *pl, const struct tier *t)
{
	const struct rule	*r;
	char			 path[NAME_BYTES_MAX];

	fputs(t->t_why, fp);
	if (t->t_path != NULL) {
		name_bytes(t->t_path, path, sizeof(path));
		fprintf(fp, " at \"%s\"", path);
	}
	if (t->t_rule != NO_RULE && t->t_rule < pl->pl_rules.rs_count) {
		r = &pl->pl_rules.rs_rules[t->t_rule];
		fputs(" by ", fp);
		explain_file(fp, r);
		fprintf(fp, ":%u", r->r_line);
	}
}

static int
tier_same(const struct tier *a, const struct tier *b)
{
	if (a->t_tier != b->t_tier || a->t_rule != b->t_rule ||
	    strcmp(a->t_why, b->t_why) != 0)
		return (0);
	if (a->t_path == NULL || b->t_path == NULL)
		return (a->t_path == b->t_path);
	return (strcmp(a->t_path, b->t_path) == 0);
}

/* Rights of one tier, each group with its reason, between sep and end. */
static void
explain_tier(FILE *fp, const struct plan *pl, unsigned tier, uint32_t rights,
    const char *sep, const char *end)
{
	const struct tier	*t;
	char			 text[NAME_TEXT_MAX];
	uint32_t		 group;
	unsigned		 i, k;

	for (i = 0; i < RIGHTS_COUNT; i++) {
		if ((rights & (1U << i)) == 0)
			continue;
		t = &pl->pl_tiers[i];
		group = 0;
		for (k = i; k < RIGHTS_COUNT; k++)
			if ((rights & (1U << k)) &&
			    tier_same(t, &pl->pl_tiers[k]))
				group |= 1U << k;
		rights &= ~group;
		name_rights(group, text, sizeof(text));
		fprintf(fp, "%s%s: %s", sep, name_tier(tier), text);
		if (tier == TIER_BROKER)
			fputs(": notification", fp);
		else if (tier == TIER_WATCH)
			fprintf(fp, ": %s and notification",
			    !(group & R_WX) ? "Landlock" : group == R_WX ?
			    "PR_SET_MDWE" : "Landlock, PR_SET_MDWE");
		if (tier != 0 || wall_access(group) != 0 ||
		    (group & R_CODE) != 0) {
			fputs(": ", fp);
			explain_reason(fp, pl, t);
		}
		fputs(end, fp);
	}
}

/* ---- what is printed ---- */

static void
explain_header(FILE *fp, const struct plan *pl)
{
	struct utsname	 un;
	const char	*what;
	uint32_t	 rights;
	size_t		 n;

	if (uname(&un) == -1)
		fatal("uname");
	fprintf(fp, "# Linux %s, Landlock ABI %d\n", un.release, pl->pl_abi);
	for (n = 0; (what = explain_lacks(pl, n, &rights)) != NULL; n++) {
		fprintf(fp, "# this kernel lacks %s", what);
		if (rights & explain_named(pl)) {
			fputs("; weaker: ", fp);
			explain_naming(fp, pl, rights);
		}
		fputc('\n', fp);
	}
	for (n = 0; (what = explain_old(un.release, n)) != NULL; n++)
		fprintf(fp, "# this kernel is older than %s\n", what);
	if (explain_lacks(pl, 0, &rights) == NULL &&
	    explain_old(un.release, 0) == NULL)
		fputs("# this kernel lacks nothing that is used\n", fp);
	fprintf(fp, "# the child's filter has %zu instructions\n",
	    pl->pl_filterlen);
}

/* All rights by tier, and what holds none of them. */
static void
explain_summary(FILE *fp, const struct plan *pl)
{
	uint32_t	 rights, unheld = 0, walled = 0;
	unsigned	 i;
	size_t		 t;

	for (t = 0; t < NTIERS; t++) {
		rights = 0;
		for (i = 0; i < RIGHTS_COUNT; i++)
			if (pl->pl_tiers[i].t_tier == tiers[t])
				rights |= 1U << i;
		if (tiers[t] == 0)
			unheld = rights;
		explain_tier(fp, pl, tiers[t], rights, "# ", "\n");
	}
	fprintf(fp, "# exec: each call is notified%s, each image verified, "
	    "whoever holds the right\n",
	    pl->pl_notify & R_EXEC ? " and decided on" : "");
	for (i = 0; i < RIGHTS_COUNT; i++)
		if (wall_access(1U << i) != 0)
			walled |= 1U << i;
	/* who says exec says library, too: the line above tells */
	unheld &= explain_named(pl) & ~(uint32_t)R_LIBRARY;
	explain_groups(fp, pl, unheld & ~walled, "no effect: ", " in ");
	explain_groups(fp, pl, unheld & walled, "weaker: ",
	    ": the wall alone, without denials and globs: ");
}

/* Rules about a type of file system that nothing is mounted of: a typo? */
static void
explain_unmounted(FILE *fp, const struct policy *p)
{
	const struct rule	*r;
	struct mounts		 ms;
	size_t			 i, j;

	memset(&ms, 0, sizeof(ms));
	for (i = 0; i < p->p_rules.rs_count; i++) {
		r = &p->p_rules.rs_rules[i];
		if (r->r_match != MATCH_FSTYPE || mounts_load(&ms) == -1)
			continue;
		for (j = 0; j < ms.ms_count; j++)
			if (strcmp(ms.ms_mounts[j].mo_type, r->r_path) == 0)
				break;
		if (j == ms.ms_count)
			fprintf(fp, "# no effect: %s:%u: nothing is mounted "
			    "of type \"%s\"\n", r->r_file, r->r_line,
			    r->r_path);
	}
	mounts_free(&ms);
}

/*
 * Where the wall is wider than the rule: at a place that is not its path, or
 * below a directory where the rule speaks of that alone.
 */
static void
explain_place(FILE *fp, const struct rule *r)
{
	struct wallplace	 w[2];
	char			 path[NAME_BYTES_MAX];
	size_t			 i;

	wall_places(r, w);
	for (i = 0; i < 2; i++) {
		if (w[i].wp_path[0] == '\0' ||
		    (strcmp(w[i].wp_path, r->r_path) == 0 &&
		    (r->r_match != MATCH_EXACT ||
		    path_kind(r->r_path) != PATH_DIR)))
			continue;
		name_bytes(w[i].wp_path, path, sizeof(path));
		fprintf(fp, "#\tthe wall is open at and below \"%s\"\n", path);
	}
}

/* Is what r names not there, and not part of what the child may anyway? */
static int
explain_late(const struct plan *pl, const struct rule *r, uint32_t rights)
{
	uint64_t	 access = wall_access(rights);
	size_t		 i;

	if (r->r_match == MATCH_GLOB || path_kind(r->r_path) != PATH_ABSENT)
		return (0);
	for (i = 0; i < pl->pl_child.gs_count; i++)
		if (path_below(r->r_path, pl->pl_child.gs_grants[i].g_path))
			access &= ~pl->pl_child.gs_grants[i].g_access;
	return (access != 0);
}

static void
explain_rule(FILE *fp, const struct policy *p, const struct plan *pl, size_t i)
{
	const struct rule	*r = &pl->pl_rules.rs_rules[i];
	static char		 escaped[4 * RULE_TEXT_MAX];
	char			 text[RULE_TEXT_MAX], rights[NAME_TEXT_MAX];
	uint32_t		 held;
	size_t			 t;
	int			 others = 0;

	if (explain_rule_text(p, r, text, sizeof(text)))
		fprintf(fp, "%s\t# ", text);
	else {
		name_bytes(text, escaped, sizeof(escaped));
		name_rights(rule_unsaid(r), rights, sizeof(rights));
		/* The second must not parse: nobody is to use half a rule. */
		if (rule_unsaid(r) == 0)
			fprintf(fp, "# not a statement, for a control "
			    "character: %s # ", escaped);
		else
			fprintf(fp, "not a statement, there is no word for "
			    "%s: %s # ", rights, escaped);
	}
	explain_file(fp, r);
	fprintf(fp, ":%u:", r->r_line);
	for (t = 0; t < NTIERS; t++) {
		/* the header says what nothing ever holds */
		held = plan_rule_rights(pl, i, tiers[t]);
		if (tiers[t] == 0)
			held &= R_IOCTL;
		if (tiers[t] != TIER_KERNEL)
			explain_tier(fp, pl, tiers[t], held, " ", ";");
		others |= tiers[t] != TIER_KERNEL && held != 0;
	}
	if (plan_rule_rights(pl, i, TIER_KERNEL) != 0)
		fprintf(fp, " kernel: %s;", others ? "the rest" : "Landlock");
	if (pl->pl_hidden != NULL && pl->pl_hidden[i])
		fputs(" hidden by a mount;", fp);
	fputc('\n', fp);
	if (r->r_action != RULE_ALLOW)
		return;
	if ((r->r_rights & pl->pl_broker) != 0)
		explain_place(fp, r);
	if (explain_late(pl, r, plan_rule_rights(pl, i, TIER_KERNEL)))
		fputs("#\tnot there: if it appears, what the kernel holds is "
		    "denied until the next run\n", fp);
}

static void
explain_others(FILE *fp, const struct policy *p, const struct plan *pl)
{
	const char	*why;
	static char	 text[NAME_TEXT_MAX];
	size_t		 n;

	if (p->p_promised) {
		name_rights(p->p_promise, text, sizeof(text));
		fprintf(fp, "# a promise has left of the allow rules above "
		    "no more than: %s\n", text);
	}
	for (n = 0; explain_statement(p, pl, n, text, sizeof(text), &why) == 0; n++)
		fprintf(fp, "%s\t# %s\n", text, why);
}

/* What stands by the policy worker alone, right by right. */
static void
explain_worker(FILE *fp, const struct plan *pl)
{
	uint32_t	 unseen;
	char		 text[NAME_TEXT_MAX];

	explain_groups(fp, pl, pl->pl_broker &
	    ~(uint32_t)(R_EXEC | R_CODE), "residual trust: ",
	    ": the policy worker alone: ");
	explain_groups(fp, pl, pl->pl_broker & (R_EXEC | R_CODE),
	    "residual trust: ",
	    ": the policy and the integrity worker, each by itself: ");
	if (pl->pl_broker == 0)
		fputs("# residual trust: no right stands by the policy worker "
		    "alone\n", fp);
	else
		fputs("# residual trust: whatever the policy worker does, it "
		    "stays inside the wall: the union of the allow rules\n",
		    fp);
	unseen = pl->pl_broker & R_UNSEEN;
	if (unseen != 0) {
		name_rights(unseen, text, sizeof(text));
		fprintf(fp, "# residual trust: the wall does not hold %s: with "
		    "them the worker can reach every file of the user's\n",
		    text);
	}
}

uint32_t
explain_unasked(const struct plan *pl, const struct sysent *se)
{
	if (se->se_disp == SYS_ALLOW && se->se_tiers == 0)
		return (se->se_rights);
	if (se->se_disp != SYS_FILES || (se->se_rights & ~R_LOOKS) != 0 ||
	    (se->se_rights & pl->pl_notify) != 0)
		return (0);
	return (se->se_rights & ~(uint32_t)R_WALK);	/* one line a call */
}

/* Calls that some right is about, and that nobody is asked about. */
static void
explain_unmediated(FILE *fp, const struct plan *pl)
{
	const struct sysent	*se;
	const char		*sep;
	unsigned		 k;
	size_t			 i;

	for (k = 0; k < RIGHTS_COUNT; k++) {
		sep = "";
		for (i = 0; i < sysent_count; i++) {
			se = &sysent[i];
			if ((explain_unasked(pl, se) & (1U << k)) == 0)
				continue;
			if (*sep == '\0')
				fprintf(fp, "# not mediated: %s: %s: ",
				    name_right(k), se->se_why);
			fprintf(fp, "%s%s", sep, se->se_name);
			sep = ", ";
		}
		if (*sep != '\0')
			fputc('\n', fp);
	}
	fputs("# not mediated: descriptors that are passed in, with all their "
	    "rights\n# not mediated: the scheduling of the user's other "
	    "processes: it can be slowed\n", fp);
	if (pl->pl_net.np_mode == NETMODE_ALL)
		fprintf(fp, "# not mediated: the network%s\n",
		    pl->pl_net.np_sought ? "" : ", and UNIX sockets by path");
}

void
explain(FILE *fp, const struct policy *p, const struct plan *pl)
{
	size_t	 i;

	explain_header(fp, pl);
	explain_summary(fp, pl);
	explain_unmounted(fp, p);
	for (i = 0; i < pl->pl_rules.rs_count; i++)
		explain_rule(fp, p, pl, i);
	explain_others(fp, p, pl);
	explain_worker(fp, pl);
	if (netset_hosts(&pl->pl_net.np_rules))
		fputs("# residual trust: where an allowed host name leads: the "
		    "name servers that are asked, and the resolver; never "
		    "inside but as the rules say\n", fp);
	explain_unmediated(fp, pl);
}
