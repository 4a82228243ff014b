/*
 * Manifests, one file a line: its path, the algorithm, the digest in
 * hexadecimal digits.  Signed ones are verified as signify(1) does, before
 * their first byte is looked at.  Read by the monitor before any child byte
 * exists.
 *
 * Must never: use what was not verified, or read a file twice.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "signify.h"

static int	 wrong(char *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));
static int	 manifest_signed(const char *, const char *, const char *,
		    size_t, char *);
static int	 line_parse(struct verify *, char *);
static char	*line_word(char *);

int
manifest_read(struct verifyset *vs, const char *path, const char *key,
    char *why)
{
	char	*text;
	size_t	 len;
	int	 rv = 0;

	/* whose a signed one is does not matter */
	text = signify_text(path, MANIFEST_SIZE_MAX, key == NULL, &len, why);
	if (text == NULL)
		return (-1);
	if (key != NULL)
		rv = manifest_signed(path, key, text, len, why);
	if (rv == 0)
		rv = manifest_parse(vs, path, text, len, why);
	free(text);
	return (rv);
}

static int
wrong(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, MANIFEST_WHY_MAX, fmt, ap);
	va_end(ap);
	return (-1);
}

/* The signature is beside the manifest. */
static int
manifest_signed(const char *path, const char *key, const char *text,
    size_t len, char *why)
{
	char	 name[PATH_MAX];
	int	 n;

	n = snprintf(name, sizeof(name), "%s.sig", path);
	if (n < 0 || (size_t)n >= sizeof(name))
		return (wrong(why, "the name is too long"));
	return (signify_verify(key, name, path, text, len, why));
}

/* ---- lines ---- */

int
manifest_parse(struct verifyset *vs, const char *name, char *text, size_t len,
    char *why)
{
	struct verify	 v;
	size_t		 had = vs->vs_count;
	char		*line, *next, file[PATH_MAX];

	memset(&v, 0, sizeof(v));
	(void)strlcpy(file, name, sizeof(file));
	v.v_file = file;
	if (memchr(text, '\0', len) != NULL)
		return (wrong(why, "'%s' has a byte of zero in it", name));
	for (line = text; *line != '\0'; line = next) {
		v.v_line++;
		next = line + strcspn(line, "\n");
		if (*next == '\n')
			*next++ = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		if (line_parse(&v, line) == -1) {
			verify_cut(vs, had);
			return (wrong(why, "%s:%u: not 'path algorithm digest'",
			    name, v.v_line));
		}
		if (verify_add(vs, &v) == -1) {
			verify_cut(vs, had);
			return (wrong(why, "%s:%u: %s", name, v.v_line,
			    errno == E2BIG ? "more digests than can be kept" :
			    strerror(errno)));
		}
	}
	return (0);
}

/* From the end: a path may have blanks in it.  v_path is in the line. */
static int
line_parse(struct verify *v, char *line)
{
	char	*word, *p;
	size_t	 i, n;

	for (i = 0; line[i] != '\0'; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			return (-1);
	if ((word = line_word(line)) == NULL || (p = line_word(line)) == NULL)
		return (-1);
	if ((v->v_alg = digest_parse(p)) == 0 ||
	    digest_read(v->v_digest, v->v_alg, word) == -1)
		return (-1);
	if (line[0] != '/' || line[1] == '\0' || strlen(line) >= PATH_MAX)
		return (-1);
	for (p = line; *p != '\0'; p += n) {
		n = strcspn(++p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return (-1);
	}
	v->v_path = line;
	return (0);
}

/* Cut off the last word, and the one blank before it. */
static char *
line_word(char *line)
{
	char	*blank;

	if ((blank = strrchr(line, ' ')) == NULL || blank[1] == '\0')
		return (NULL);
	*blank = '\0';
	return (blank + 1);
}
