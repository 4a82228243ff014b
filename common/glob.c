/*
 * Globs over the bytes of a path.  The pattern is walked as a set of positions
 * in it, one step a byte, so the time is at most pattern times path whatever
 * the two contain; there is no recursion and no allocation.  Must never be
 * made to backtrack: paths come from the program inside.
 *
 *	*	any bytes but /			?	one byte but /
 *	**	any bytes; as a whole component also none
 *	[a-z]	one byte of a set but /; [!a-z] or [^a-z] its opposite
 *	{a,b}	either; may be nested GLOB_DEPTH_MAX deep
 *	\c	c itself
 */
#include <string.h>

#include "rule.h"

#define SET_WORDS	(PATTERN_MAX / 64 + 1)

struct glob {
	const char	*g_pat;
	size_t		 g_len;
	size_t		 g_words;	/* of a set in use */
	int		 g_braces;	/* the next two are filled in */
	uint16_t	 g_alt[PATTERN_MAX];	/* { or , : its next , or 0 */
	uint16_t	 g_end[PATTERN_MAX];	/* , or } : past the }, or 0 */
};

/*
 * 16 KiB that -ftrivial-auto-var-init would clear for every match; what is
 * read of it has been written (glob_link()).
 */
#define GLOB_UNSET	__attribute__((__uninitialized__))

/* Positions in the pattern; g_len is its end. */
struct globset {
	uint64_t	 gs_bits[SET_WORDS];
};

static void
set_add(struct globset *s, size_t i)
{
	s->gs_bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static int
set_has(const struct globset *s, size_t i)
{
	return ((s->gs_bits[i / 64] >> (i % 64)) & 1);
}

/* Index past a class that starts at i, or i + 1: then [ is literal. */
static size_t
class_end(const char *p, size_t len, size_t i)
{
	size_t	 j = i + 1;

	if (j < len && (p[j] == '!' || p[j] == '^'))
		j++;
	if (j < len && p[j] == ']')
		j++;
	while (j < len && p[j] != ']')
		j += p[j] == '\\' && j + 1 < len ? 2 : 1;
	return (j < len ? j + 1 : i + 1);
}

/* Is c in the class [i, end)? */
static int
class_match(const char *p, size_t i, size_t end, unsigned char c)
{
	size_t		 j = i + 1, first;
	unsigned char	 lo, hi;
	int		 not = 0, in = 0;

	if (p[j] == '!' || p[j] == '^') {
		not = 1;
		j++;
	}
	for (first = j; j < end - 1; j++) {
		if (p[j] == '\\' && j + 1 < end - 1)
			j++;
		else if (p[j] == ']' && j != first)
			break;
		lo = hi = (unsigned char)p[j];
		if (j + 2 < end - 1 && p[j + 1] == '-') {
			j += 2;
			if (p[j] == '\\' && j + 1 < end - 1)
				j++;
			hi = (unsigned char)p[j];
		}
		if (c >= lo && c <= hi)
			in = 1;
	}
	return (in != not);
}

/* Link the parts of each {}.  Unbalanced ones stay literal. */
static void
glob_link(struct glob *g)
{
	uint16_t	 last[GLOB_DEPTH_MAX], open[GLOB_DEPTH_MAX];
	size_t		 i, j, next, depth = 0;

	memset(g->g_alt, 0, g->g_len * sizeof(g->g_alt[0]));
	memset(g->g_end, 0, g->g_len * sizeof(g->g_end[0]));
	for (i = 0; i < g->g_len; i++) {
		switch (g->g_pat[i]) {
		case '\\':
			i++;
			break;
		case '[':
			i = class_end(g->g_pat, g->g_len, i) - 1;
			break;
		case '{':
			if (depth == GLOB_DEPTH_MAX)
				return;
			open[depth] = last[depth] = (uint16_t)i;
			depth++;
			break;
		case ',':
			if (depth == 0)
				break;
			g->g_alt[last[depth - 1]] = (uint16_t)i;
			last[depth - 1] = (uint16_t)i;
			break;
		case '}':
			if (depth == 0)
				break;
			depth--;
			for (j = open[depth]; j != 0; j = next) {
				next = g->g_alt[j];
				g->g_end[j] = (uint16_t)(i + 1);
			}
			g->g_end[i] = (uint16_t)(i + 1);
			break;
		}
	}
}

static int
glob_init(struct glob *g, const char *pat)
{
	g->g_pat = pat;
	g->g_len = strlen(pat);
	if (g->g_len >= PATTERN_MAX)
		return (-1);
	g->g_words = g->g_len / 64 + 1;
	g->g_braces = strchr(pat, '{') != NULL;
	if (g->g_braces)
		glob_link(g);
	return (0);
}

/* A position inside {}, which consumes nothing: where it leads. */
static int
glob_brace(const struct glob *g, size_t i, struct globset *s)
{
	size_t	 j;

	if (!g->g_braces || g->g_end[i] == 0)
		return (0);
	if (g->g_pat[i] != '{') {
		set_add(s, g->g_end[i]);
		return (1);
	}
	set_add(s, i + 1);
	for (j = g->g_alt[i]; j != 0; j = g->g_alt[j])
		set_add(s, j + 1);
	return (1);
}

/*
 * Add what is reached without consuming a byte.  Such steps only lead
 * forward, so one pass from the left finds them all.
 */
static void
glob_close(const struct glob *g, struct globset *s)
{
	const char	*p = g->g_pat;
	size_t		 i, w;

	for (w = 0; w < g->g_words; w++) {
		if (s->gs_bits[w] == 0)
			continue;
		for (i = w * 64; i < w * 64 + 64 && i < g->g_len; i++) {
			if (!set_has(s, i))
				continue;
			if (p[i] == '*' && p[i + 1] == '*')
				set_add(s, i + 2);
			else if (p[i] == '*')
				set_add(s, i + 1);
			else
				(void)glob_brace(g, i, s);
		}
	}
}

/* Past a plain byte: where whole components of ** may also be none. */
static void
glob_arrive(const struct glob *g, size_t i, struct globset *to)
{
	set_add(to, i);
	if (i == 0 || g->g_pat[i - 1] != '/')
		return;
	for (; strncmp(g->g_pat + i, "**/", 3) == 0; i += 3)
		set_add(to, i + 3);
}

/* One byte from position i. */
static void
glob_step(const struct glob *g, size_t i, char c, struct globset *to)
{
	const char	*p = g->g_pat;
	size_t		 end;

	switch (p[i]) {
	case '*':
		if (p[i + 1] == '*' || c != '/')
			set_add(to, i);
		return;
	case '?':
		if (c != '/')
			set_add(to, i + 1);
		return;
	case '[':
		if ((end = class_end(p, g->g_len, i)) == i + 1)
			break;
		if (c != '/' && class_match(p, i, end, (unsigned char)c))
			set_add(to, end);
		return;
	case '\\':
		if (i + 1 == g->g_len)
			break;
		if (p[i + 1] == c)
			glob_arrive(g, i + 2, to);
		return;
	case '{':
	case ',':
	case '}':
		if (g->g_braces && g->g_end[i] != 0)
			return;
		break;
	}
	if (p[i] == c)
		glob_arrive(g, i + 1, to);
}

/* Feed bytes to a closed set.  0 once nothing can match any more. */
static int
glob_feed(const struct glob *g, struct globset *s, const char *text,
    size_t len)
{
	struct globset	 next;
	size_t		 i, n, w;
	uint64_t	 any, bits;

	for (n = 0; n < len; n++) {
		memset(next.gs_bits, 0, g->g_words * sizeof(uint64_t));
		for (w = 0; w < g->g_words; w++)
			for (bits = s->gs_bits[w]; bits != 0;
			    bits &= bits - 1) {
				i = w * 64 + (size_t)__builtin_ctzll(bits);
				if (i < g->g_len)
					glob_step(g, i, text[n], &next);
			}
		glob_close(g, &next);
		for (any = 0, w = 0; w < g->g_words; w++)
			any |= s->gs_bits[w] = next.gs_bits[w];
		if (any == 0)
			return (0);
	}
	return (1);
}

/* Bytes of the pattern before the first that is not just itself. */
static size_t
glob_literal(const char *pat)
{
	return (strcspn(pat, "*?[{\\"));
}

static void
glob_start(const struct glob *g, struct globset *s, size_t at)
{
	memset(s->gs_bits, 0, g->g_words * sizeof(uint64_t));
	glob_arrive(g, at, s);
	glob_close(g, s);
}

/*
 * Can the path end as the pattern does?  What follows the last special byte
 * is matched by nothing but itself.
 */
static int
glob_tail(const char *pat, size_t plen, const char *path, size_t len)
{
	while (plen > 0 && strchr("*?[]{},\\", pat[plen - 1]) == NULL) {
		if (len == 0 || path[len - 1] != pat[plen - 1])
			return (0);
		plen--;
		len--;
	}
	return (1);
}

int
glob_match(const char *pat, const char *path, size_t len)
{
	struct glob	 g GLOB_UNSET;
	struct globset	 s;
	size_t		 lit;

	/* Nearly always the answer is here. */
	for (lit = 0; lit < len && pat[lit] == path[lit]; lit++)
		if (pat[lit] == '\0' || strchr("*?[{\\", pat[lit]) != NULL)
			break;
	if (pat[lit] == '\0')
		return (lit == len);
	if (strchr("*?[{\\", pat[lit]) == NULL)
		return (0);
	if (!glob_tail(pat, strlen(pat), path, len))
		return (0);

	if (glob_init(&g, pat) == -1)
		return (0);
	glob_start(&g, &s, lit);
	return (glob_feed(&g, &s, path + lit, len - lit) &&
	    set_has(&s, g.g_len));
}

size_t
glob_prefix(const char *pat)
{
	size_t	 n = glob_literal(pat);

	while (n > 1 && pat[n - 1] != '/')
		n--;
	return (n > 1 ? n - 1 : 1);
}

/* What may match below a directory: the set after "DIR/", end excluded. */
static int
glob_below(struct glob *g, struct globset *s, const char *pat,
    const char *dir, size_t len)
{
	size_t	 w;

	if (glob_init(g, pat) == -1)
		return (0);
	glob_start(g, s, 0);
	if (!glob_feed(g, s, dir, len) ||
	    (len > 1 && !glob_feed(g, s, "/", 1)))
		return (0);
	s->gs_bits[g->g_len / 64] &= ~((uint64_t)1 << (g->g_len % 64));
	for (w = 0; w < g->g_words; w++)
		if (s->gs_bits[w] != 0)
			return (1);
	return (0);
}

enum reach
glob_reach(const char *pat, const char *dir, size_t len)
{
	struct glob	 g GLOB_UNSET;
	struct globset	 s;

	if (!glob_below(&g, &s, pat, dir, len))
		return (REACH_NONE);
	if (g.g_len >= 2 && strcmp(pat + g.g_len - 2, "**") == 0 &&
	    set_has(&s, g.g_len - 2))
		return (REACH_ALL);
	return (REACH_SOME);
}

int
glob_follows(const char *pat, const char *x, size_t xlen, const char *y,
    size_t ylen)
{
	struct glob	 g GLOB_UNSET;
	struct globset	 sx, sy;
	size_t		 w;

	if (!glob_below(&g, &sx, pat, x, xlen))
		return (1);
	if (!glob_below(&g, &sy, pat, y, ylen))
		return (0);
	for (w = 0; w < g.g_words; w++)
		if (sx.gs_bits[w] & ~sy.gs_bits[w])
			return (0);
	return (1);
}

const char *
glob_check(const char *pat)
{
	size_t	 i, len = strlen(pat), depth = 0;

	if (len >= PATTERN_MAX)
		return ("the pattern is too long");
	for (i = 0; i < len; i++) {
		if (pat[i] == '\\') {
			if (++i == len)
				return ("it ends in a backslash");
		} else if (pat[i] == '[') {
			if (class_end(pat, len, i) == i + 1)
				return ("a [ is not closed");
			i = class_end(pat, len, i) - 1;
		} else if (pat[i] == '{') {
			if (++depth > GLOB_DEPTH_MAX)
				return ("its {} are nested too deep");
		} else if (pat[i] == '}' && depth-- == 0)
			return ("a } has no {");
	}
	return (depth == 0 ? NULL : "a { is not closed");
}
