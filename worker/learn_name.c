/*
 * Names that will be others next time, and names that cannot be written down.
 * Pure: bytes in, patterns out.  Must never make a pattern that does not
 * match the name it was made of.
 */
#include <ctype.h>
#include <string.h>

#include "learn.h"

#define TEMP_LEN	6	/* XXXXXX of mkstemp(3) */
#define HASH_LEN	16	/* hexadecimal digits that are no word */
#define PID_LEN		5	/* decimal digits: a process, a time */
#define UUID_LEN	36

static size_t	 random_part(const char *, size_t, int, size_t *);
static size_t	 random_token(const char *, size_t, int, size_t *);
static size_t	 random_word(const char *, size_t, size_t *);
static int	 uuid(const char *, size_t);
static size_t	 utf8(const unsigned char *, size_t);

char *
learn_literal(char *to, const char *end, const char *from, size_t n)
{
	for (; n > 0; n--, from++) {
		if (end - to < 3)
			return (NULL);
		if (strchr("*?[]{},\\", *from) != NULL)
			*to++ = '\\';
		*to++ = *from;
	}
	*to = '\0';
	return (to);
}

/* ---- names made up by a program ---- */

int
learn_random(const char *name, size_t len, int removed, char *pat, size_t size)
{
	char	*to = pat, *end = pat + size;
	size_t	 at = 0, start, n;
	int	 found = 0;

	while (at < len) {
		n = random_part(name + at, len - at, removed, &start);
		if (n == 0)
			start = len - at;
		if ((to = learn_literal(to, end, name + at, start)) == NULL ||
		    end - to < 2)
			return (0);
		at += start + n;
		if (n == 0)
			break;
		found = 1;
		*to++ = '*';
		*to = '\0';
	}
	return (found);
}

/* The first part that looks random: its length, or 0, and where. */
static size_t
random_part(const char *s, size_t len, int removed, size_t *start)
{
	size_t	 i, n, off;

	if (removed && (n = random_word(s, len, start)) > 0)
		return (n);
	for (i = 0; i < len; i += n) {
		if (uuid(s + i, len - i) &&
		    (i == 0 || !isalnum((unsigned char)s[i - 1]))) {
			*start = i;
			return (UUID_LEN);
		}
		for (n = 0; i + n < len && isalnum((unsigned char)s[i + n]);)
			n++;
		if (n > 0 && (off = random_token(s + i, n, removed,
		    start)) > 0) {
			*start += i;
			return (off);
		}
		n += n == 0;
	}
	return (0);
}

static int
uuid(const char *s, size_t len)
{
	size_t	 i;

	if (len < UUID_LEN)
		return (0);
	for (i = 0; i < UUID_LEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return (0);
		} else if (!isxdigit((unsigned char)s[i]))
			return (0);
	}
	return (1);
}

static int
kind(char c)
{
	if (c >= '0' && c <= '9')
		return (0);
	return (c >= 'a' && c <= 'z' ? 1 : 2);
}

/* n letters and digits without anything between them. */
static size_t
random_token(const char *s, size_t n, int removed, size_t *start)
{
	size_t	 i, hex = 0, digits = 0, run = 0, switches = 0;

	for (i = 0; i < n; i++) {
		hex += (s[i] >= '0' && s[i] <= '9') ||
		    (s[i] >= 'a' && s[i] <= 'f');
		digits += kind(s[i]) == 0;
	}
	*start = 0;
	if (hex == n && n >= HASH_LEN && digits > 0)
		return (n);
	for (i = 0; i < n; i++) {
		run = kind(s[i]) == 0 ? run + 1 : 0;
		if (run >= PID_LEN && (i + 1 == n || kind(s[i + 1]) != 0)) {
			*start = i + 1 - run;
			return (run);
		}
	}
	if (n < TEMP_LEN)
		return (0);
	for (i = n - TEMP_LEN + 1; i < n; i++)
		switches += kind(s[i]) != kind(s[i - 1]);
	if (switches < (removed ? 1 : 3))
		return (0);
	/* "sedXXXXXX": a word of small letters stays */
	for (i = 0; i < n - TEMP_LEN && kind(s[i]) == 1; i++)
		continue;
	*start = i;
	return (n - i);
}

/* Removed again, and called temporary: all after that word, but its type. */
static size_t
random_word(const char *s, size_t len, size_t *start)
{
	static const char *const words[] = { "tmp", "temp", "TMP" };
	const char	*p = NULL, *dot;
	size_t		 i, end;

	for (i = 0; i < 3 && p == NULL; i++)
		if ((p = memmem(s, len, words[i], strlen(words[i]))) != NULL)
			p += strlen(words[i]);
	if (p == NULL)
		return (0);
	*start = (size_t)(p - s);
	dot = memrchr(p, '.', len - *start);
	end = dot != NULL && dot > p ? (size_t)(dot - s) : len;
	return (end - *start);
}

/* ---- names that do not print ---- */

/*
 * Length of a character that may stand in a text that people read: UTF-8 in
 * its shortest form, no C1 control, nothing that turns the writing direction
 * or ends a line.  0: it may not.
 */
static size_t
utf8(const unsigned char *p, size_t len)
{
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t		 c;
	size_t			 i, n;

	if (p[0] < 0x80)
		return (p[0] >= 0x20 && p[0] != 0x7f);
	n = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 :
	    p[0] >= 0xc0 && p[0] < 0xe0 ? 2 : 0;
	if (n == 0 || n > len)
		return (0);
	c = p[0] & (0xffU >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ||
	    c < 0xa0 || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000)
		return (0);
	return (n);
}

int
learn_printable(const char *name, size_t len, char *pat, size_t size)
{
	char	*to = pat, *end = pat + size;
	size_t	 i, n;
	int	 odd = 0;

	for (i = 0; i < len; i += n) {
		n = utf8((const unsigned char *)name + i, len - i);
		if (n > 0) {
			to = learn_literal(to, end, name + i, n);
		} else if (end - to >= 2) {
			*to++ = '?';
			*to = '\0';
			odd = 1;
			n = 1;
		} else
			to = NULL;
		if (to == NULL)
			return (0);
	}
	return (odd);
}
