/*
 * A pattern and a path, against a matcher that tries everything: the two
 * agree, and so does what is said of a pattern and all names below a
 * directory.  The bytes become those that patterns are made of.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/rule.h"

#define TEXT_MAX	24	/* the model takes its time */

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
static int model(const char *, const char *, const char *);

static int		 odd;	/* the model may be wrong */
static const char	 letters[] = "/ab*?{},[]!^\\-c";
static const char	 names[] = "/abc]-*!^{,\\";

/* Past the class at p, which has an end; *in says whether c is in it. */
static const char *
model_class(const char *p, char c, int *in)
{
	const char	*first;
	unsigned char	 lo, hi, is = (unsigned char)c;
	int		 not = 0;

	*in = 0;
	if (*++p == '!' || *p == '^') {
		not = 1;
		p++;
	}
	for (first = p; p == first || *p != ']'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		lo = hi = (unsigned char)*p;
		if (p[1] == '-' && p[2] != ']') {
			p += 2;
			if (*p == '\\' && p[1] != '\0')
				p++;
			hi = (unsigned char)*p;
		}
		if (lo <= is && is <= hi)
			*in = 1;
	}
	if (not)
		*in = !*in;
	return (p + 1);
}

/* Has a [ its ]? */
static int
model_closed(const char *p)
{
	p++;
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	for (; *p != '\0' && *p != ']'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return (*p == ']');
}

/* The pattern from p on, without alternatives, and the path from s on. */
static int
model(const char *start, const char *p, const char *s)
{
	const char	*next;
	int		 in;

	if (p[0] == '*' && p[1] == '*') {
		if (p > start && p[-1] == '/' && p[2] == '/' &&
		    model(start, p + 3, s))
			return (1);
		for (;; s++) {
			if (model(start, p + 2, s))
				return (1);
			if (*s == '\0')
				return (0);
		}
	}
	if (*p == '*') {
		for (;; s++) {
			if (model(start, p + 1, s))
				return (1);
			if (*s == '\0' || *s == '/')
				return (0);
		}
	}
	if (*p == '\0' || *s == '\0')
		return (*p == *s);
	if (*p == '?')
		return (*s != '/' && model(start, p + 1, s + 1));
	if (*p == '[' && model_closed(p)) {
		next = model_class(p, *s, &in);
		return (in && *s != '/' && model(start, next, s + 1));
	}
	if (*p == '\\' && p[1] != '\0')
		p++;
	return (*p == *s && model(start, p + 1, s + 1));
}

/* {a,b} written out, innermost first. */
static int
model_braces(const char *pat, const char *s)
{
	char		 out[4 * TEXT_MAX];
	const char	*close, *open, *alt, *end;

	/* a } that closes nothing is itself */
	for (open = NULL, close = pat; *close != '\0' && (*close != '}' ||
	    open == NULL); close++)
		if (*close == '{')
			open = close;
	if (*close == '\0') {
		/* stars that an empty alternative brings together stay two */
		odd |= strstr(pat, "**") != NULL;
		return (model(pat, pat, s));
	}
	for (alt = open + 1; alt <= close; alt = end + 1) {
		end = alt + strcspn(alt, ",}");
		(void)snprintf(out, sizeof(out), "%.*s%.*s%s",
		    (int)(open - pat), pat, (int)(end - alt), alt, close + 1);
		if (model_braces(out, s))
			return (1);
	}
	return (0);
}

static void
fail(const char *what, const char *pat, const char *path, size_t len)
{
	fprintf(stderr, "%s: pattern %s path %s (%zu)\n", what, pat, path,
	    len);
	abort();
}

static void
check_reach(const char *pat, const char *path, int match)
{
	enum reach	 reach;
	size_t		 i, len = strlen(path);

	for (i = 1; i < len; i++) {
		if (path[i] != '/')
			continue;
		reach = glob_reach(pat, path, i);
		if ((reach == REACH_NONE && match) ||
		    (reach == REACH_ALL && !match))
			fail("reach", pat, path, i);
	}
	reach = glob_reach(pat, "/", 1);
	if (len > 1 && ((reach == REACH_NONE && match) ||
	    (reach == REACH_ALL && !match)))
		fail("reach of /", pat, path, 1);
	i = glob_prefix(pat);
	if (match && i > 1 && strncmp(pat, path, i) != 0 &&
	    memchr(pat, '\\', i) == NULL)
		fail("prefix", pat, path, i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char	 pat[TEXT_MAX + 2] = "/", path[TEXT_MAX + 2] = "/";
	size_t	 i, half = len / 2;
	int	 match;

	if (len > 2 * TEXT_MAX)
		return (0);
	for (i = 0; i < half; i++)
		pat[i + 1] = letters[data[i] % (sizeof(letters) - 1)];
	for (i = half; i < len; i++)
		path[i - half + 1] = names[data[i] % (sizeof(names) - 1)];
	/* canonical: no empty component, no slash at the end */
	if (strstr(path, "//") != NULL || (path[1] != '\0' &&
	    path[strlen(path) - 1] == '/'))
		return (0);
	if (glob_check(pat) != NULL)
		return (0);
	/* what a brace makes of these is for people not to ask */
	if (strchr(pat, '{') != NULL && (strstr(pat, "**") != NULL ||
	    strpbrk(pat, "\\[") != NULL))
		return (0);
	if (strstr(pat, "***") != NULL)
		return (0);
	match = glob_match(pat, path, strlen(path));
	odd = 0;
	if (match != model_braces(pat, path) &&
	    !(odd && strchr(pat, '{') != NULL))
		fail(match ? "matches" : "does not match", pat, path,
		    strlen(path));
	check_reach(pat, path, match);
	return (0);
}
