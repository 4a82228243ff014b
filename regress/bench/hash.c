/*
 * How fast a file whose digest is not known is hashed, against libsodium's own
 * speed on memory of the same size: the integrity worker's code as it is,
 * slices and all, on a file in the page cache; and, with -d, on one that was
 * dropped from it, which measures the disk.  Processor time, with -d time.
 *
 *	hash [-d] FILE MEGABYTES ROUNDS
 *
 * Prints for each algorithm the medians, in MB/s, and the median ratio of
 * neighbours in time.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../worker/integrity_hash.h"

#define ROUNDS_MAX	1000

static uint8_t	*memory;
static size_t	 size;
static int	 fd, drop;

/* What others do meanwhile does not count, but where a disk is waited for. */
static double
now(void)
{
	struct timespec	 ts;

	clock_gettime(drop ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

static double
by_memory(unsigned alg, uint8_t *digest)
{
	double	 begun = now();

	switch (alg) {
	case DIGEST_BLAKE2B:
		crypto_generichash_blake2b(digest, 64, memory, size, NULL, 0);
		break;
	case DIGEST_SHA256:
		crypto_hash_sha256(digest, memory, size);
		break;
	default:
		crypto_hash_sha512(digest, memory, size);
		break;
	}
	return (now() - begun);
}

/* A time stamp of its own each time: nothing comes from the worker's cache. */
static double
by_file(unsigned alg, uint8_t *digest)
{
	static struct hash	 ha;
	double			 begun;
	int			 rv;

	if (futimens(fd, NULL) == -1)
		err(1, "futimens");
	if (drop && (fsync(fd) == -1 ||
	    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0))
		err(1, "posix_fadvise");
	begun = now();
	for (rv = hash_start(&ha, fd, HASH_ALG(alg)); rv == 0;)
		rv = hash_slice(&ha);
	if (rv == -1)
		errx(1, "%s", ha.ha_why);
	memcpy(digest, ha.ha_digest[alg], DIGEST_MAX);
	return (now() - begun);
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static double
middle(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return ((v[(n - 1) / 2] + v[n / 2]) / 2);
}

static void
measure(unsigned alg, size_t rounds)
{
	static double	 mem[ROUNDS_MAX], file[ROUNDS_MAX], ratio[ROUNDS_MAX];
	uint8_t		 a[DIGEST_MAX] = { 0 }, b[DIGEST_MAX] = { 0 };
	double		 mb = (double)size / 1e6;
	size_t		 i;

	for (i = 0; i < rounds; i++) {
		mem[i] = mb / by_memory(alg, a);
		file[i] = mb / by_file(alg, b);
		if (memcmp(a, b, digest_len(alg)) != 0)
			errx(1, "%s: digests differ", digest_name(alg));
		ratio[i] = file[i] / mem[i];
	}
	printf("%s memory %.0f file %.0f ratio %.3f\n", digest_name(alg),
	    middle(mem, rounds), middle(file, rounds), middle(ratio, rounds));
}

static void
fill(const char *path)
{
	size_t	 i;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < size; i++)
		memory[i] = (uint8_t)(i * 2654435761U >> 13);
	if ((fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)) == -1)
		err(1, "%s", path);
	for (i = 0; i < size; i += 1 << 20)
		if (write(fd, memory + i, 1 << 20) != 1 << 20)
			err(1, "%s", path);
}

int
main(int argc, char **argv)
{
	size_t	 rounds;

	if (argc > 1 && strcmp(argv[1], "-d") == 0) {
		drop = 1;
		argc--;
		argv++;
	}
	if (argc != 4)
		errx(2, "usage: hash [-d] file megabytes rounds");
	size = (size_t)strtoul(argv[2], NULL, 10) << 20;
	rounds = (size_t)strtoul(argv[3], NULL, 10);
	if (size == 0 || rounds == 0 || rounds > ROUNDS_MAX)
		errx(2, "at least one megabyte and one round");
	if (hash_init() == -1)
		errx(1, "libsodium");
	fill(argv[1]);
	measure(DIGEST_BLAKE2B, rounds);
	measure(DIGEST_SHA256, rounds);
	measure(DIGEST_SHA512, rounds);
	unlink(argv[1]);
	return (0);
}
