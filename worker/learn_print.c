/*
 * The tree as a policy that people read: in sections, rules with the same
 * rights together, places by their macros.  Names are the command's bytes:
 * each is quoted, and what does not print is a pattern already.
 *
 * Must never: write a byte of a name outside of double quotes, or a rule for
 * a secret that is not commented out.
 */
#include <stdlib.h>
#include <string.h>

#include "../common/log.h"
#include "learn.h"

#define ABSENT_MAX	64	/* lines that say what was not there */
#define R_TEMPORARY	(RG_READ | RG_WRITE | RG_CREATE | RG_DELETE)

/* Where a rule is written. */
enum section {
	SEC_SYSTEM, SEC_CONFIG, SEC_STATE, SEC_PROC, SEC_DEV, SEC_HOME,
	SEC_WORK, SEC_TEMP, SEC_OTHER, SEC_REFUSED, SEC_DENIED, SEC_COUNT
};
static const char *const titles[SEC_COUNT] = {
	[SEC_SYSTEM] = "Programs and libraries.",
	[SEC_CONFIG] = "The system's configuration.",
	[SEC_STATE] = "The system's state.",
	[SEC_PROC] = "Processes and the kernel; {self} is who looks.",
	[SEC_DEV] = "Devices.",
	[SEC_HOME] = "The home directory.",
	[SEC_WORK] = "The working directory.",
	[SEC_TEMP] = "Temporary files.",
	[SEC_OTHER] = "Everything else.",
	[SEC_REFUSED] = ("Tried, and refused by the system itself, which needs "
	    "no rule of ours.\n# Allowed only to keep it so: the same error, "
	    "and no line about a denial."),
	[SEC_DENIED] = "Denied by the rules it was learned under."
};
static const struct {
	const char	*path;
	enum section	 section;
} places[] = {
	{ "/usr", SEC_SYSTEM }, { "/bin", SEC_SYSTEM },
	{ "/sbin", SEC_SYSTEM }, { "/lib", SEC_SYSTEM },
	{ "/lib32", SEC_SYSTEM }, { "/lib64", SEC_SYSTEM },
	{ "/libx32", SEC_SYSTEM }, { "/opt", SEC_SYSTEM },
	{ "/nix", SEC_SYSTEM }, { "/gnu", SEC_SYSTEM },
	{ "/snap", SEC_SYSTEM }, { "/etc", SEC_CONFIG },
	{ "/proc", SEC_PROC }, { "/sys", SEC_PROC },
	{ "/dev/shm", SEC_TEMP }, { "/dev", SEC_DEV },
	{ "/tmp", SEC_TEMP }, { "/var/tmp", SEC_TEMP },
	{ "/var", SEC_STATE }, { "/run", SEC_STATE }
};

/* One rule, or what would be one. */
struct line {
	enum section	 ln_section;
	int		 ln_secret;
	uint8_t		 ln_match;
	uint32_t	 ln_rights;
	char		*ln_path;	/* quoted */
};
struct lines {
	struct line	*ls_lines;
	size_t		 ls_count, ls_size;
	size_t		 ls_long;	/* paths too long for a rule */
	size_t		 ls_lost;	/* rules too many */
};

static void	 collect(struct learn *, struct lines *, struct node *,
		    uint32_t);
static void	 rule(struct learn *, struct lines *, struct node *,
		    uint32_t, uint8_t, int);
static void	 line(struct lines *, enum section, int, uint8_t, uint32_t,
		    const char *);
static void	 fixed(struct learn *, struct lines *);
static enum section place(const struct learn *, const char *);
static uint32_t	 secret(const struct learn *, const char *, int, uint32_t);
static int	 quote(const struct learn *, const char *, char *, size_t);
static int	 line_cmp(const void *, const void *);
static void	 print_lines(FILE *, const struct lines *);
static void	 print_rule(FILE *, const struct line *, size_t);
static void	 print_absent(struct learn *, FILE *, struct node *,
		    unsigned *);

int
learn_print(struct learn *l, FILE *fp)
{
	struct lines	 ls;
	unsigned	 n = 0;
	size_t		 i;

	memset(&ls, 0, sizeof(ls));
	collect(l, &ls, l->l_root, 0);
	fixed(l, &ls);
	/* qsort(3) may ask how much memory there is */
	if (ls.ls_count > 1 && heapsort(ls.ls_lines, ls.ls_count,
	    sizeof(*ls.ls_lines), line_cmp) == -1)
		fatal("%s", __func__);
	print_lines(fp, &ls);
	if (l->l_net)
		fputs("\n# The network was wanted and denied.  To allow it:\n"
		    "#allow net\n", fp);
	print_absent(l, fp, l->l_root, &n);
	if (n > ABSENT_MAX)
		fprintf(fp, "#\t... and %u more\n", n - ABSENT_MAX);
	l->l_lost += ls.ls_lost;
	if (ls.ls_long > 0)
		fprintf(fp, "\n# INCOMPLETE: %zu paths are too long for a "
		    "rule.\n", ls.ls_long);
	if (l->l_lost > 0)
		fprintf(fp, "\n# INCOMPLETE: %zu accesses to more names than "
		    "fit are not here.\n", l->l_lost);
	for (i = 0; i < ls.ls_count; i++)
		free(ls.ls_lines[i].ln_path);
	free(ls.ls_lines);
	return (fflush(fp) == EOF || ferror(fp) ? -1 : 0);
}

/* ---- from the tree to lines ---- */

static void
collect(struct learn *l, struct lines *ls, struct node *n,
    uint32_t under)
{
	struct node	*c;

	rule(l, ls, n, n->n_under & ~under, MATCH_UNDER, -1);
	under |= n->n_under;
	rule(l, ls, n, n->n_used & ~under, MATCH_EXACT, -1);
	rule(l, ls, n, n->n_refused & ~under & ~n->n_used, MATCH_EXACT,
	    SEC_REFUSED);
	rule(l, ls, n, n->n_denied & ~under & ~n->n_used, MATCH_EXACT,
	    SEC_DENIED);
	RB_FOREACH(c, nodes, &n->n_below)
		collect(l, ls, c, under);
}

/* The rights, as far as they are no secret's; the others commented out. */
static void
rule(struct learn *l, struct lines *ls, struct node *n, uint32_t rights,
    uint8_t match, int section)
{
	char		 path[PATTERN_MAX], text[2 * PATTERN_MAX + 16];
	uint32_t	 hidden;
	int		 glob = 0;
	enum section	 sec;

	if ((rights = learn_words(rights)) == 0)
		return;
	if (learn_path(n, path, &glob) == 0 ||
	    (glob && glob_check(path) != NULL)) {
		ls->ls_long++;
		return;
	}
	if (quote(l, path, text, sizeof(text)) == -1) {
		ls->ls_long++;
		return;
	}
	sec = section == -1 ? place(l, path) : (enum section)section;
	hidden = sec == SEC_DENIED ? 0 : secret(l, path, glob, rights);
	if (hidden != 0 && sec == SEC_REFUSED)
		sec = place(l, path);
	if (learn_words(rights & ~hidden) & hidden)
		hidden = rights;	/* no words for the rest alone */
	if (hidden != 0)
		line(ls, sec, 1, glob ? MATCH_GLOB : match, hidden, text);
	if ((rights &= ~hidden) == 0)
		return;
	line(ls, sec, 0, glob ? MATCH_GLOB : match, rights, text);
	if (!glob || match != MATCH_UNDER)
		return;
	text[strlen(text) - 1] = '\0';
	(void)strlcat(text, "/**\"", sizeof(text));
	line(ls, sec, 0, MATCH_GLOB, rights, text);
}

static void
line(struct lines *ls, enum section sec, int hidden, uint8_t match,
    uint32_t rights, const char *text)
{
	struct line	*ln;

	if (ls->ls_count == LEARN_RULES_MAX) {
		ls->ls_lost++;
		return;
	}
	if (ls->ls_count == ls->ls_size) {
		ls->ls_size = ls->ls_size == 0 ? 256 : 2 * ls->ls_size;
		ls->ls_lines = reallocarray(ls->ls_lines, ls->ls_size,
		    sizeof(*ln));
		if (ls->ls_lines == NULL)
			fatal("%s", __func__);
	}
	ln = &ls->ls_lines[ls->ls_count++];
	ln->ln_section = sec;
	ln->ln_secret = hidden;
	ln->ln_match = match;
	ln->ln_rights = rights;
	/* analyzer: it loses what a grown array holds */
	if ((ln->ln_path = strdup(text)) == NULL)
		fatal("%s", __func__);
}

/* What is not in the tree: this run's directory, and its terminal. */
static void
fixed(struct learn *l, struct lines *ls)
{
	if (l->l_tmp != 0)
		line(ls, SEC_TEMP, 0, MATCH_UNDER, R_TEMPORARY |
		    (l->l_tmp & RG_EXEC), "\"$TMPDIR\"");
	if (l->l_term != 0)
		line(ls, SEC_DEV, 0, MATCH_EXACT, learn_words(l->l_term),
		    "\"$TTY\"");
}

/* Is the rest of path, a component's end or more, in dir? */
static enum section
place(const struct learn *l, const char *path)
{
	size_t	 i;

	if (learn_below(path, l->l_work))
		return (SEC_WORK);
	if (learn_below(path, l->l_home))
		return (SEC_HOME);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (learn_below(path, places[i].path))
			return (places[i].section);
	return (SEC_OTHER);
}

/* All of the rights, if a secret's rule takes one. */
static uint32_t
secret(const struct learn *l, const char *path, int glob, uint32_t rights)
{
	const struct rule	*r;
	size_t			 i, len = strlen(path);

	if (glob)
		return (learn_glob_secret(l, path) ? rights : 0);
	for (i = 0; i < l->l_secrets.rs_count; i++) {
		r = &l->l_secrets.rs_rules[i];
		if ((r->r_rights & rights) != 0 && rule_match(r, path, len))
			return (rights);
	}
	return (0);
}

/* ---- text ---- */

static size_t
macro(const struct learn *l, const char *path, const char **name)
{
	const struct {
		const char	*dir, *name;
	} macros[] = {		/* the inner one first, where one is */
		{ l->l_work, "$WORKDIR" }, { l->l_home, "$HOME" }
	};
	size_t	 i;

	for (i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		if (macros[i].dir == NULL || !learn_below(path, macros[i].dir))
			continue;
		*name = macros[i].name;
		return (strlen(macros[i].dir));
	}
	*name = "";
	return (0);
}

/* In double quotes, privsep-sandbox.conf(5).  0, or -1: too long. */
static int
quote(const struct learn *l, const char *path, char *text, size_t size)
{
	const char	*name;
	size_t		 n = macro(l, path, &name), len = strlen(path);
	char		*to = text, *end = text + size;

	/* a rule has fewer than PATTERN_MAX bytes, "/" and "**" included */
	if (len + 4 >= PATTERN_MAX)
		return (-1);
	*to++ = '"';
	to += strlcpy(to, name, (size_t)(end - to));
	for (path += n; *path != '\0'; path++) {
		if (end - to < 8)
			return (-1);
		if (strchr("\"\\$", *path) != NULL)
			*to++ = '\\';
		*to++ = *path;
	}
	*to++ = '"';
	*to = '\0';
	return (0);
}

static int
line_cmp(const void *p, const void *q)
{
	const struct line	*a = p, *b = q;

	if (a->ln_section != b->ln_section)
		return (a->ln_section < b->ln_section ? -1 : 1);
	if (a->ln_secret != b->ln_secret)
		return (a->ln_secret < b->ln_secret ? -1 : 1);
	if (a->ln_match != b->ln_match)		/* `under' first */
		return (a->ln_match == MATCH_UNDER ? -1 :
		    b->ln_match == MATCH_UNDER ? 1 :
		    a->ln_match < b->ln_match ? -1 : 1);
	if (a->ln_rights != b->ln_rights)
		return (a->ln_rights < b->ln_rights ? -1 : 1);
	return (strcmp(a->ln_path, b->ln_path));
}

static int
line_same(const struct line *a, const struct line *b)
{
	return (a->ln_section == b->ln_section &&
	    a->ln_secret == b->ln_secret && a->ln_match == b->ln_match &&
	    a->ln_rights == b->ln_rights);
}

static void
print_lines(FILE *fp, const struct lines *ls)
{
	const struct line	*ln = ls->ls_lines;
	size_t			 i, n;

	for (i = 0; i < ls->ls_count; i += n) {
		for (n = 1; i + n < ls->ls_count &&
		    line_same(&ln[i], &ln[i + n]); n++)
			continue;
		if (i == 0 || ln[i].ln_section != ln[i - 1].ln_section)
			fprintf(fp, "\n# %s\n", titles[ln[i].ln_section]);
		if (ln[i].ln_secret && (i == 0 || !ln[i - 1].ln_secret))
			fprintf(fp, "# SECRET: used, but the default profile "
			    "hides it: not granted.\n");
		print_rule(fp, &ln[i], n);
	}
}

/* One statement for n lines that differ in their paths. */
static void
print_rule(FILE *fp, const struct line *ln, size_t n)
{
	char		 rights[256];
	const char	*how, *hash;
	size_t		 i;

	hash = ln->ln_secret || ln->ln_section == SEC_DENIED ? "#" : "";
	how = ln->ln_match == MATCH_UNDER ? "under " :
	    ln->ln_match == MATCH_GLOB ? "glob " : "";
	rights_print(ln->ln_rights, rights, sizeof(rights));
	fprintf(fp, "%sallow %s %s", hash, rights, how);
	if (n == 1) {
		fprintf(fp, "%s\n", ln->ln_path);
		return;
	}
	fputs("{\n", fp);
	for (i = 0; i < n; i++)
		fprintf(fp, "%s\t%s\n", hash, ln[i].ln_path);
	fprintf(fp, "%s}\n", hash);
}

/* Names that were looked for, as comments; *n is how many so far. */
static void
print_absent(struct learn *l, FILE *fp, struct node *n, unsigned *done)
{
	struct node	*c;
	char			 path[PATTERN_MAX],
				 text[2 * PATTERN_MAX + 16];
	int			 glob = 0;
	uint32_t		 more, absent;

	/* along PATH everything is looked for */
	absent = n->n_absent & ~(uint32_t)RG_EXEC;
	more = n->n_nabsent > l->l_names ? n->n_nabsent - l->l_names : 0;
	if ((absent != 0 && (n->n_used | n->n_under) == 0) || more > 0) {
		if ((*done)++ == 0)
			fputs("\n# Looked for, and not there.  One that "
			    "appears is denied unless a rule above\n# allows "
			    "it; until then the program is told that it is "
			    "not there.\n", fp);
		if (*done <= ABSENT_MAX && learn_path(n, path, &glob) > 0 &&
		    quote(l, path, text, sizeof(text)) == 0) {
			if (more > 0)
				fprintf(fp, "#\t%u more in %s\n", more, text);
			else
				fprintf(fp, "#\t%s\n", text);
		}
	}
	RB_FOREACH(c, nodes, &n->n_below)
		print_absent(l, fp, c, done);
}
