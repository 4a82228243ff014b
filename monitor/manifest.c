/*
 * Manifests, one file a line: its path, the algorithm, the digest in
 * hexadecimal digits.  Signed ones are verified as signify(1) does, before
 * their first byte is looked at.  Read by the monitor before any child byte
 * exists.
 *
 * Must never: use what was not verified, or read a file twice.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "manifest.h"

#define KEY_SIZE_MAX	4096	/* of a key or signature file */
#define COMMENT		"untrusted comment: "

/* Of signify(1): "Ed", a number by which key and signature match, the rest. */
#define KEYNUM		8
#define PUBKEY_LEN	(2 + KEYNUM + crypto_sign_ed25519_PUBLICKEYBYTES)
#define SIG_LEN		(2 + KEYNUM + crypto_sign_ed25519_BYTES)

static int	 wrong(char *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));
static char	*file_load(const char *, size_t, int, size_t *, char *);
static int	 signify_load(const char *, int, uint8_t *, size_t, char *);
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
	text = file_load(path, MANIFEST_SIZE_MAX, key == NULL, &len, why);
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

/* A whole file and a NUL; NULL after saying why not. */
static char *
file_load(const char *path, size_t max, int trusted, size_t *len, char *why)
{
	struct stat	 st;
	char		*text = NULL;
	ssize_t		 n = 1;
	int		 fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1) {
		(void)wrong(why, "cannot read '%s': %s", path,
		    strerror(errno));
		goto done;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max) {
		(void)wrong(why, "'%s' is %s", path, S_ISREG(st.st_mode) ?
		    "too large" : "not a regular file");
		goto done;
	}
	if (trusted && ((st.st_uid != 0 && st.st_uid != getuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))) {
		(void)wrong(why, "'%s' can be written by others", path);
		goto done;
	}
	if ((text = malloc((size_t)st.st_size + 1)) == NULL) {
		(void)wrong(why, "out of memory");
		goto done;
	}
	for (*len = 0; *len < (size_t)st.st_size && n > 0; *len += (size_t)n)
		if ((n = read(fd, text + *len, (size_t)st.st_size - *len)) ==
		    -1) {
			(void)wrong(why, "cannot read '%s': %s", path,
			    strerror(errno));
			free(text);
			text = NULL;
			goto done;
		}
	text[*len] = '\0';
done:
	if (fd != -1)
		close(fd);
	return (text);
}

/* ---- signatures ---- */

/* A file of signify(1): a comment, then one line of base64. */
static int
signify_load(const char *path, int trusted, uint8_t *buf, size_t size,
    char *why)
{
	const char	*end;
	char		*text, *p;
	size_t		 len, got = 0;
	int		 rv = -1;

	if ((text = file_load(path, KEY_SIZE_MAX, trusted, &len, why)) == NULL)
		return (-1);
	if (strlen(text) == len &&
	    strncmp(text, COMMENT, sizeof(COMMENT) - 1) == 0 &&
	    (p = strchr(text, '\n')) != NULL) {
		p++;
		len = strcspn(p, "\n");
		if (p[len] == '\n' && p[len + 1] == '\0' &&
		    sodium_base642bin(buf, size, p, len, NULL, &got, &end,
		    sodium_base64_VARIANT_ORIGINAL) == 0 &&
		    end == p + len && got == size && memcmp(buf, "Ed", 2) == 0)
			rv = 0;
	}
	if (rv == -1)
		(void)wrong(why, "'%s' is not a file of signify(1)", path);
	free(text);
	return (rv);
}

static int
manifest_signed(const char *path, const char *key, const char *text,
    size_t len, char *why)
{
	uint8_t	 pub[PUBKEY_LEN], sig[SIG_LEN];
	char	 name[PATH_MAX];
	int	 n;

	n = snprintf(name, sizeof(name), "%s.sig", path);
	if (n < 0 || (size_t)n >= sizeof(name))
		return (wrong(why, "the name is too long"));
	if (sodium_init() == -1)
		return (wrong(why, "libsodium does not start"));
	if (signify_load(key, 1, pub, sizeof(pub), why) == -1 ||
	    signify_load(name, 0, sig, sizeof(sig), why) == -1)
		return (-1);
	if (memcmp(pub + 2, sig + 2, KEYNUM) != 0)
		return (wrong(why, "'%s' was made with another key than '%s'",
		    name, key));
	if (crypto_sign_ed25519_verify_detached(sig + 2 + KEYNUM,
	    (const uint8_t *)text, len, pub + 2 + KEYNUM) != 0)
		return (wrong(why, "the signature '%s' is not of '%s'", name,
		    path));
	return (0);
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
