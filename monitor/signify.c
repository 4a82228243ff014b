/*
 * Files of signify(1), as OpenBSD's usr.bin/signify writes them: a comment,
 * then one line of base64.  Keys with a passphrase need bcrypt_pbkdf(3), which
 * libsodium does not have: they are told from broken ones, and refused.
 *
 * Must never: write a file, use what was not verified, or read a file twice.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signify.h"

#define FILE_MAX	4096	/* bytes of a key or signature file */
#define COMMENT		"untrusted comment: "

/* "Ed", the key's number, the key or signature. */
#define PUBLIC_LEN	(2 + SIGNIFY_KEYNUM + \
			    crypto_sign_ed25519_PUBLICKEYBYTES)
#define SIG_LEN		(2 + SIGNIFY_KEYNUM + crypto_sign_ed25519_BYTES)
/*
 * A secret key: "Ed", "BK", rounds of bcrypt_pbkdf (big-endian; 0: there is no
 * passphrase), salt, the first bytes of the key's SHA-512, number, key.
 */
#define AT_KDF		2
#define AT_ROUNDS	4
#define AT_SALT		8
#define AT_CHECK	24
#define CHECK_LEN	8
#define AT_KEYNUM	32
#define AT_SECRET	40
#define SECRET_LEN	(AT_SECRET + crypto_sign_ed25519_SECRETKEYBYTES)
#define NAMED		"Ed"

static int	 wrong(char *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));
static int	 load(const char *, int, uint8_t *, size_t, char *);
static int	 secret_decode(const uint8_t *, struct signify_secret *,
		    const char *, char *);
static char	*print(const char *, const uint8_t *, size_t);

static int
wrong(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, SIGNIFY_WHY_MAX, fmt, ap);
	va_end(ap);
	return (-1);
}

/* ---- reading ---- */

char *
signify_text(const char *path, size_t max, int trusted, size_t *len, char *why)
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

/* Exactly size bytes behind the comment, the first of them "Ed". */
static int
load(const char *path, int trusted, uint8_t *buf, size_t size, char *why)
{
	const char	*end;
	char		*text, *p;
	size_t		 len, total, got = 0;
	int		 rv = -1;

	if ((text = signify_text(path, FILE_MAX, trusted, &total, why)) == NULL)
		return (-1);
	if (strlen(text) == total &&
	    strncmp(text, COMMENT, sizeof(COMMENT) - 1) == 0 &&
	    (p = strchr(text, '\n')) != NULL) {
		p++;
		len = strcspn(p, "\n");
		if (p[len] == '\n' && p[len + 1] == '\0' &&
		    sodium_base642bin(buf, size, p, len, NULL, &got, &end,
		    sodium_base64_VARIANT_ORIGINAL) == 0 &&
		    end == p + len && got == size && memcmp(buf, NAMED, 2) == 0)
			rv = 0;
	}
	if (rv == -1)
		(void)wrong(why, "'%s' is not a file of signify(1)", path);
	sodium_memzero(text, total);
	free(text);
	return (rv);
}

int
signify_verify(const char *key, const char *sigfile, const char *name,
    const char *text, size_t len, char *why)
{
	uint8_t	 pub[PUBLIC_LEN], sig[SIG_LEN];

	if (sodium_init() == -1)
		return (wrong(why, "libsodium does not start"));
	if (load(key, 1, pub, sizeof(pub), why) == -1 ||
	    load(sigfile, 0, sig, sizeof(sig), why) == -1)
		return (-1);
	if (memcmp(pub + 2, sig + 2, SIGNIFY_KEYNUM) != 0)
		return (wrong(why, "'%s' was made with another key than '%s'",
		    sigfile, key));
	if (crypto_sign_ed25519_verify_detached(sig + 2 + SIGNIFY_KEYNUM,
	    (const uint8_t *)text, len, pub + 2 + SIGNIFY_KEYNUM) != 0)
		return (wrong(why, "the signature '%s' is not of '%s'",
		    sigfile, name));
	return (0);
}

int
signify_secret(const char *path, struct signify_secret *ss, char *why)
{
	uint8_t	 buf[SECRET_LEN];
	int	 rv;

	if (sodium_init() == -1)
		return (wrong(why, "libsodium does not start"));
	if ((rv = load(path, 1, buf, sizeof(buf), why)) == 0)
		rv = secret_decode(buf, ss, path, why);
	sodium_memzero(buf, sizeof(buf));
	return (rv);
}

static int
secret_decode(const uint8_t *buf, struct signify_secret *ss, const char *path,
    char *why)
{
	static const uint8_t	 none[4];
	uint8_t			 sum[crypto_hash_sha512_BYTES];
	uint8_t			 seed[crypto_sign_ed25519_SEEDBYTES];
	uint8_t			 pub[crypto_sign_ed25519_PUBLICKEYBYTES];
	uint8_t			 key[crypto_sign_ed25519_SECRETKEYBYTES];
	int			 rv = -1;

	if (memcmp(buf + AT_KDF, "BK", 2) != 0)
		return (wrong(why, "'%s' is not a secret key of signify(1)",
		    path));
	if (memcmp(buf + AT_ROUNDS, none, sizeof(none)) != 0)
		return (wrong(why, "'%s' has a passphrase, which cannot be "
		    "asked for here; sign with signify -S, or use a key "
		    "without one (signify -G -n)", path));
	(void)crypto_hash_sha512(sum, buf + AT_SECRET,
	    crypto_sign_ed25519_SECRETKEYBYTES);
	memcpy(ss->ss_keynum, buf + AT_KEYNUM, SIGNIFY_KEYNUM);
	memcpy(ss->ss_key, buf + AT_SECRET, sizeof(ss->ss_key));
	/* its second half is the public key: is it this one's? */
	(void)crypto_sign_ed25519_sk_to_seed(seed, ss->ss_key);
	(void)crypto_sign_ed25519_seed_keypair(pub, key, seed);
	if (sodium_memcmp(sum, buf + AT_CHECK, CHECK_LEN) == 0 &&
	    sodium_memcmp(key, ss->ss_key, sizeof(key)) == 0)
		rv = 0;
	else
		(void)wrong(why, "the secret key '%s' is damaged", path);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(key, sizeof(key));
	if (rv == -1)
		sodium_memzero(ss, sizeof(*ss));
	return (rv);
}

/* ---- writing ---- */

int
signify_generate(struct signify_secret *ss)
{
	uint8_t	 pub[crypto_sign_ed25519_PUBLICKEYBYTES];

	if (sodium_init() == -1)
		return (-1);
	randombytes_buf(ss->ss_keynum, sizeof(ss->ss_keynum));
	return (crypto_sign_ed25519_keypair(pub, ss->ss_key));
}

char *
signify_public_print(const struct signify_secret *ss, const char *comment)
{
	uint8_t	 buf[PUBLIC_LEN];

	memcpy(buf, NAMED, 2);
	memcpy(buf + 2, ss->ss_keynum, SIGNIFY_KEYNUM);
	(void)crypto_sign_ed25519_sk_to_pk(buf + 2 + SIGNIFY_KEYNUM,
	    ss->ss_key);
	return (print(comment, buf, sizeof(buf)));
}

char *
signify_secret_print(const struct signify_secret *ss, const char *comment)
{
	uint8_t	 buf[SECRET_LEN], sum[crypto_hash_sha512_BYTES];
	char	*text;

	memset(buf, 0, sizeof(buf));	/* no rounds, no salt */
	memcpy(buf, NAMED, 2);
	memcpy(buf + AT_KDF, "BK", 2);
	(void)crypto_hash_sha512(sum, ss->ss_key, sizeof(ss->ss_key));
	memcpy(buf + AT_CHECK, sum, CHECK_LEN);
	memcpy(buf + AT_KEYNUM, ss->ss_keynum, SIGNIFY_KEYNUM);
	memcpy(buf + AT_SECRET, ss->ss_key, sizeof(ss->ss_key));
	text = print(comment, buf, sizeof(buf));
	sodium_memzero(buf, sizeof(buf));
	return (text);
}

char *
signify_sign(const struct signify_secret *ss, const char *text, size_t len,
    const char *comment)
{
	uint8_t	 buf[SIG_LEN];

	memcpy(buf, NAMED, 2);
	memcpy(buf + 2, ss->ss_keynum, SIGNIFY_KEYNUM);
	(void)crypto_sign_ed25519_detached(buf + 2 + SIGNIFY_KEYNUM, NULL,
	    (const uint8_t *)text, len, ss->ss_key);
	return (print(comment, buf, sizeof(buf)));
}

static char *
print(const char *comment, const uint8_t *buf, size_t len)
{
	const size_t	 max = SIGNIFY_COMMENT_MAX - sizeof(COMMENT) - 1;
	char		 line[sodium_base64_ENCODED_LEN(SECRET_LEN,
			    sodium_base64_VARIANT_ORIGINAL)];
	char		*text;

	(void)sodium_bin2base64(line, sizeof(line), buf, len,
	    sodium_base64_VARIANT_ORIGINAL);
	if (asprintf(&text, COMMENT "%.*s\n%s\n", (int)max, comment, line) ==
	    -1)
		text = NULL;
	sodium_memzero(line, sizeof(line));
	return (text);
}
