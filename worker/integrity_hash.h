/*
 * Digests of files, in slices, and the cache of them.
 */
#ifndef INTEGRITY_HASH_H
#define INTEGRITY_HASH_H

#include <sys/types.h>
#include <sys/stat.h>
#include <stdint.h>

#include <sodium.h>

#include "../common/verify.h"

#define HASH_SLICE	(1024 * 1024)	/* bytes read before others' turn */
#define HASH_ALG(alg)	(1U << (alg))

/* One file being hashed. */
struct hash {
	int		 ha_fd;		/* the caller's */
	unsigned	 ha_algs;	/* HASH_ALG(): wanted */
	unsigned	 ha_todo;	/* not known from the cache */
	struct stat	 ha_st;		/* before the first byte */
	uint64_t	 ha_pos;
	int		 ha_clean;	/* old enough to be kept */
	const char	*ha_why;	/* after -1 */
	uint8_t		 ha_digest[DIGEST_COUNT][DIGEST_MAX];
	crypto_generichash_blake2b_state ha_blake2b;
	crypto_hash_sha256_state ha_sha256;
	crypto_hash_sha512_state ha_sha512;
};

/* Before confinement: libsodium, and where digests are not kept.  0 or -1. */
int	 hash_init(void);
/*
 * Begin to hash the regular file behind fd.  1: all digests are known; 0: call
 * hash_slice(); -1: ha_why says why not.
 */
int	 hash_start(struct hash *, int, unsigned);
/*
 * The next HASH_SLICE bytes.  1: done, ha_digest[alg] is set for each wanted;
 * 0: more to do; -1: ha_why says what went wrong, such as that the file has
 * changed meanwhile.
 */
int	 hash_slice(struct hash *);
/* How many digests came from the cache so far; for tests. */
unsigned hash_hits(void);

#endif /* INTEGRITY_HASH_H */
