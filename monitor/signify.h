/*
 * Files of signify(1): Ed25519 keys and signatures.
 */
#ifndef SIGNIFY_H
#define SIGNIFY_H

#include <stddef.h>
#include <stdint.h>

#include <sodium.h>

#define SIGNIFY_WHY_MAX	512	/* bytes of what is wrong */
#define SIGNIFY_COMMENT_MAX 1024	/* signify's own limit */
#define SIGNIFY_KEYNUM	8	/* by which key and signature match */

struct signify_secret {
	uint8_t	 ss_keynum[SIGNIFY_KEYNUM];
	uint8_t	 ss_key[crypto_sign_ed25519_SECRETKEYBYTES];
};

/*
 * A whole regular file of at most max bytes, and a NUL, from malloc(3).
 * Trusted: of root or this user, and not to be written by others.  NULL with
 * what is wrong, in SIGNIFY_WHY_MAX bytes, as for all that follow.
 */
char	*signify_text(const char *path, size_t max, int trusted, size_t *len,
	    char *why);
/*
 * Is the file sig a signature of the text, whose name is for errors, by the
 * public key in the file key?  0 or -1.
 */
int	 signify_verify(const char *key, const char *sig, const char *name,
	    const char *text, size_t len, char *why);
/* Read a secret key that has no passphrase: 0 or -1; sodium_memzero() it. */
int	 signify_secret(const char *path, struct signify_secret *, char *why);
/*
 * The files as text, from malloc(3); NULL: no memory.  Comments are cut to
 * what signify(1) takes, and must be one line.
 */
char	*signify_public_print(const struct signify_secret *, const char *comment);
char	*signify_secret_print(const struct signify_secret *, const char *comment);
char	*signify_sign(const struct signify_secret *, const char *text, size_t,
	    const char *comment);
/* A new key.  0 or -1: libsodium does not start. */
int	 signify_generate(struct signify_secret *);

#endif /* SIGNIFY_H */
