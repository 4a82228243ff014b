/*
 * Digests of files.  A file is read in slices so that a large one does not
 * hold up a small one.  What was computed is kept by device, inode, size and
 * times, as git's index is:  an entry whose change time is younger than two
 * seconds at hashing is not kept, since a later change could have the same
 * time ("racily clean").  Nor are those on file systems that do not set the
 * time for every change through a mapping.
 *
 * Must never: open, map or write a file, or trust a time that is to come.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "integrity_hash.h"

#define CACHE_SETS	128
#define CACHE_WAYS	8
#define PIECE		(256 * 1024)	/* of a slice: stays in the cache */
#define RACY_SEC	2

/* A digest and what it is of. */
struct entry {
	dev_t		 en_dev;
	ino_t		 en_ino;
	off_t		 en_size;
	struct timespec	 en_mtime, en_ctime;
	uint8_t		 en_alg;	/* 0: free */
	uint8_t		 en_digest[DIGEST_MAX];
};

static int	 hash_read(struct hash *, size_t *);
static void	 hash_update(struct hash *, size_t);
static int	 hash_done(struct hash *);
static int	 hash_fail(struct hash *, const char *);
static void	 alg_init(struct hash *, unsigned);
static void	 alg_final(struct hash *, unsigned);
static struct entry *cache_set(const struct stat *);
static int	 entry_is(const struct entry *, const struct stat *);
static int	 cache_get(struct hash *, unsigned);
static void	 cache_put(const struct hash *, unsigned);
static int	 cacheable(int, const struct stat *);

/*
 * File systems on disk that write back what was changed through a mapping,
 * and so notice each first change of a page and set the times.  tmpfs, for
 * one, does not when the page was read before.
 */
static const long kept[] = {
	0xef53,			/* ext2, ext3, ext4 */
	0x58465342,		/* xfs */
	0x9123683e,		/* btrfs */
	0xf2f52010		/* f2fs */
};
#define NKEPT	(sizeof(kept) / sizeof(kept[0]))

static struct entry	 cache[CACHE_SETS][CACHE_WAYS];
static unsigned		 next_way, hits;
static uint8_t		 piece[PIECE];

int
hash_init(void)
{
	return (sodium_init() == -1 ? -1 : 0);
}

unsigned
hash_hits(void)
{
	return (hits);
}

int
hash_start(struct hash *ha, int fd, unsigned algs)
{
	unsigned	 alg;

	ha->ha_fd = fd;
	ha->ha_algs = ha->ha_todo = algs;
	ha->ha_pos = 0;
	ha->ha_why = NULL;
	if (syscall(SYS_fstat, fd, &ha->ha_st) == -1)
		return (hash_fail(ha, "file cannot be examined"));
	if (!S_ISREG(ha->ha_st.st_mode))
		return (hash_fail(ha, "file is not a regular file"));
	for (alg = 1; alg < DIGEST_COUNT; alg++)
		if (algs & HASH_ALG(alg))
			(void)cache_get(ha, alg);
	if (ha->ha_todo == 0)
		return (1);
	ha->ha_clean = cacheable(fd, &ha->ha_st);
	for (alg = 1; alg < DIGEST_COUNT; alg++)
		if (ha->ha_todo & HASH_ALG(alg))
			alg_init(ha, alg);
	return (0);
}

int
hash_slice(struct hash *ha)
{
	size_t	 n, total;

	for (total = 0; total < HASH_SLICE; total += n) {
		if (hash_read(ha, &n) == -1)
			return (-1);
		if (n == 0)
			return (hash_done(ha));
		hash_update(ha, n);
	}
	return (0);
}

/* Not past the size it had: a file that grows is never done. */
static int
hash_read(struct hash *ha, size_t *len)
{
	uint64_t	 left = (uint64_t)ha->ha_st.st_size - ha->ha_pos;
	ssize_t		 n;

	*len = left < sizeof(piece) ? (size_t)left : sizeof(piece);
	if (*len == 0)
		return (0);
	do
		n = pread(ha->ha_fd, piece, *len, (off_t)ha->ha_pos);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return (hash_fail(ha, "file cannot be read"));
	if (n == 0)
		return (hash_fail(ha, "file changed while it was read"));
	*len = (size_t)n;
	ha->ha_pos += (uint64_t)n;
	return (0);
}

static void
hash_update(struct hash *ha, size_t n)
{
	if (ha->ha_todo & HASH_ALG(DIGEST_BLAKE2B))
		(void)crypto_generichash_blake2b_update(&ha->ha_blake2b,
		    piece, n);
	if (ha->ha_todo & HASH_ALG(DIGEST_SHA256))
		(void)crypto_hash_sha256_update(&ha->ha_sha256, piece, n);
	if (ha->ha_todo & HASH_ALG(DIGEST_SHA512))
		(void)crypto_hash_sha512_update(&ha->ha_sha512, piece, n);
}

/* All was read; was it one file all the time? */
static int
hash_done(struct hash *ha)
{
	struct stat	 st;
	unsigned	 alg;

	if (syscall(SYS_fstat, ha->ha_fd, &st) == -1)
		return (hash_fail(ha, "file cannot be examined"));
	if (st.st_size != ha->ha_st.st_size ||
	    memcmp(&st.st_mtim, &ha->ha_st.st_mtim, sizeof(st.st_mtim)) != 0 ||
	    memcmp(&st.st_ctim, &ha->ha_st.st_ctim, sizeof(st.st_ctim)) != 0)
		return (hash_fail(ha, "file changed while it was read"));
	for (alg = 1; alg < DIGEST_COUNT; alg++) {
		if (!(ha->ha_todo & HASH_ALG(alg)))
			continue;
		alg_final(ha, alg);
		if (ha->ha_clean)
			cache_put(ha, alg);
	}
	ha->ha_todo = 0;
	return (1);
}

static int
hash_fail(struct hash *ha, const char *why)
{
	ha->ha_why = why;
	return (-1);
}

static void
alg_init(struct hash *ha, unsigned alg)
{
	switch (alg) {
	case DIGEST_BLAKE2B:
		(void)crypto_generichash_blake2b_init(&ha->ha_blake2b, NULL,
		    0, 64);
		break;
	case DIGEST_SHA256:
		(void)crypto_hash_sha256_init(&ha->ha_sha256);
		break;
	case DIGEST_SHA512:
		(void)crypto_hash_sha512_init(&ha->ha_sha512);
		break;
	}
}

static void
alg_final(struct hash *ha, unsigned alg)
{
	uint8_t	*out = ha->ha_digest[alg];

	memset(out, 0, DIGEST_MAX);
	switch (alg) {
	case DIGEST_BLAKE2B:
		(void)crypto_generichash_blake2b_final(&ha->ha_blake2b, out,
		    64);
		break;
	case DIGEST_SHA256:
		(void)crypto_hash_sha256_final(&ha->ha_sha256, out);
		break;
	case DIGEST_SHA512:
		(void)crypto_hash_sha512_final(&ha->ha_sha512, out);
		break;
	}
}

/* ---- the cache ---- */

static struct entry *
cache_set(const struct stat *st)
{
	uint64_t	 mix = (uint64_t)st->st_dev << 32;

	mix ^= (uint64_t)st->st_ino;
	mix *= 0x9e3779b97f4a7c15ULL;
	return (cache[mix >> 57]);
}

static int
entry_is(const struct entry *en, const struct stat *st)
{
	return (en->en_dev == st->st_dev && en->en_ino == st->st_ino &&
	    en->en_size == st->st_size &&
	    en->en_mtime.tv_sec == st->st_mtim.tv_sec &&
	    en->en_mtime.tv_nsec == st->st_mtim.tv_nsec &&
	    en->en_ctime.tv_sec == st->st_ctim.tv_sec &&
	    en->en_ctime.tv_nsec == st->st_ctim.tv_nsec);
}

static int
cache_get(struct hash *ha, unsigned alg)
{
	const struct entry	*set = cache_set(&ha->ha_st);
	size_t			 i;

	for (i = 0; i < CACHE_WAYS; i++) {
		if (set[i].en_alg != alg || !entry_is(&set[i], &ha->ha_st))
			continue;
		memcpy(ha->ha_digest[alg], set[i].en_digest, DIGEST_MAX);
		ha->ha_todo &= ~HASH_ALG(alg);
		hits++;
		return (1);
	}
	return (0);
}

/* Older entries of the same file go first, then each in turn. */
static void
cache_put(const struct hash *ha, unsigned alg)
{
	const struct stat	*st = &ha->ha_st;
	struct entry		*set = cache_set(st), *en = NULL;
	size_t			 i;

	for (i = 0; i < CACHE_WAYS && en == NULL; i++)
		if (set[i].en_alg == 0 || (set[i].en_alg == alg &&
		    set[i].en_ino == st->st_ino &&
		    set[i].en_dev == st->st_dev))
			en = &set[i];
	if (en == NULL)
		en = &set[next_way++ % CACHE_WAYS];
	en->en_dev = st->st_dev;
	en->en_ino = st->st_ino;
	en->en_size = st->st_size;
	en->en_mtime = st->st_mtim;
	en->en_ctime = st->st_ctim;
	en->en_alg = (uint8_t)alg;
	memcpy(en->en_digest, ha->ha_digest[alg], DIGEST_MAX);
}

/* Before the first byte is read. */
static int
cacheable(int fd, const struct stat *st)
{
	struct statfs	 fs;
	struct timespec	 now;
	size_t		 i;

	if (fstatfs(fd, &fs) == -1 ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1)
		return (0);
	for (i = 0; i < NKEPT; i++)
		if ((long)fs.f_type == kept[i])
			return (now.tv_sec - st->st_ctim.tv_sec > RACY_SEC);
	return (0);
}
