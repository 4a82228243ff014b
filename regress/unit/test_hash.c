/* LINK: worker/integrity_hash.c */
/*
 * hash_start(), hash_slice(): the digests are right, a slice is bounded, and
 * the cache never says of a file what it was before a change.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../worker/integrity_hash.h"

#define ALL	(HASH_ALG(DIGEST_BLAKE2B) | HASH_ALG(DIGEST_SHA256) | \
		    HASH_ALG(DIGEST_SHA512))
#define B2	HASH_ALG(DIGEST_BLAKE2B)
#define BIG	(3 * HASH_SLICE + 12345)

static struct hash	 ha;
static char		 dir[64];	/* on disk */
static char		 text[DIGEST_TEXT];

static int
hash_all(int fd, unsigned algs)
{
	int	 rv;

	if ((rv = hash_start(&ha, fd, algs)) != 0)
		return (rv);
	while ((rv = hash_slice(&ha)) == 0)
		continue;
	return (rv);
}

static int
made(const char *where, const char *name, const void *bytes, size_t len)
{
	char	 path[128];
	int	 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", where, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return (fd);
}

static const char *
digest(unsigned alg)
{
	digest_print(text, sizeof(text), ha.ha_digest[alg], alg);
	return (text);
}

/* RFC 7693, appendix A; FIPS 180-2, appendices B.1 and C.1. */
static void
digests_are_those_of_the_standards(void **state)
{
	int	 fd = made(dir, "abc", "abc", 3);

	(void)state;
	assert_int_equal(hash_all(fd, ALL), 1);
	assert_string_equal(digest(DIGEST_BLAKE2B),
	    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
	assert_string_equal(digest(DIGEST_SHA256),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(digest(DIGEST_SHA512),
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	close(fd);
}

static void
a_slice_is_bounded(void **state)
{
	uint8_t	*bytes, want[64];
	int	 fd, n = 0, rv;

	(void)state;
	assert_non_null(bytes = malloc(BIG));
	memset(bytes, 'x', BIG);
	fd = made(dir, "big", bytes, BIG);
	assert_int_equal(hash_start(&ha, fd, ALL), 0);
	while ((rv = hash_slice(&ha)) == 0)
		n++;
	assert_int_equal(rv, 1);
	assert_int_equal(n, 3);
	(void)crypto_generichash_blake2b(want, 64, bytes, BIG, NULL, 0);
	assert_memory_equal(ha.ha_digest[DIGEST_BLAKE2B], want, 64);
	(void)crypto_hash_sha512(want, bytes, BIG);
	assert_memory_equal(ha.ha_digest[DIGEST_SHA512], want, 64);
	free(bytes);
	close(fd);
}

/* A small file is done while a large one is being read. */
static void
a_small_file_does_not_wait_for_a_large_one(void **state)
{
	static struct hash	 large;
	int			 fd, small;

	(void)state;
	fd = made(dir, "large", "", 0);
	assert_int_equal(ftruncate(fd, BIG), 0);
	small = made(dir, "small", "abc", 3);
	assert_int_equal(hash_start(&large, fd, B2), 0);
	assert_int_equal(hash_slice(&large), 0);
	assert_int_equal(hash_all(small, B2), 1);
	assert_int_equal(strncmp(digest(DIGEST_BLAKE2B), "ba80a53f", 8), 0);
	while (hash_slice(&large) == 0)
		continue;
	assert_int_equal(large.ha_todo, 0);
	close(fd);
	close(small);
}

static void
an_empty_file_has_a_digest_a_device_has_none(void **state)
{
	int	 fd = made(dir, "empty", "", 0);

	(void)state;
	assert_int_equal(hash_all(fd, HASH_ALG(DIGEST_SHA256)), 1);
	assert_int_equal(strncmp(digest(DIGEST_SHA256), "e3b0c442", 8), 0);
	close(fd);
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_int_equal(hash_start(&ha, fd, B2), -1);
	close(fd);
	fd = open(dir, O_RDONLY | O_CLOEXEC);
	assert_int_equal(hash_start(&ha, fd, B2), -1);
	close(fd);
}

/* Grown, cut or written while it is read: no digest. */
static void
a_file_that_changes_meanwhile_has_no_digest(void **state)
{
	int	 i, fd = made(dir, "moving", "", 0);

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(ftruncate(fd, BIG), 0);
		assert_int_equal(hash_start(&ha, fd, B2), 0);
		assert_int_equal(hash_slice(&ha), 0);
		usleep(20000);		/* the clock of file times */
		if (i == 0)
			assert_int_equal(ftruncate(fd, BIG + 1), 0);
		else if (i == 1)
			assert_int_equal(ftruncate(fd, 10), 0);
		else
			assert_int_equal(pwrite(fd, "y", 1, 0), 1);
		while (hash_slice(&ha) == 0)
			continue;
		assert_int_equal(hash_slice(&ha), -1);
		assert_string_equal(ha.ha_why,
		    "file changed while it was read");
	}
	close(fd);
}

static int
ondisk(void)
{
	struct statfs	 fs;

	assert_int_equal(statfs(dir, &fs), 0);
	return (fs.f_type == 0xef53 || fs.f_type == 0x58465342 ||
	    fs.f_type == 0x9123683e);
}

static void
a_young_file_is_not_kept(void **state)
{
	unsigned	 before = hash_hits();
	int		 fd = made(dir, "young", "abc", 3);

	(void)state;
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_hits(), before);
	close(fd);
}

/* Old enough it is kept, and forgotten with any change. */
static void
an_old_file_is_kept_until_it_changes(void **state)
{
	unsigned	 before = hash_hits();
	int		 fd = made(dir, "old", "abc", 3);
	uint8_t		*map;

	(void)state;
	if (!ondisk()) {
		print_message("# SKIP %s is not on a disk\n", dir);
		close(fd);
		return;
	}
	usleep(3200000);
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_start(&ha, fd, B2), 1);
	assert_int_equal(hash_hits(), before + 1);
	assert_int_equal(strncmp(digest(DIGEST_BLAKE2B), "ba80a53f", 8), 0);
	/* another algorithm is not known yet */
	assert_int_equal(hash_start(&ha, fd, ALL), 0);
	assert_int_equal(ha.ha_todo, ALL & ~B2);
	/* the same size, and the old modification time */
	assert_int_equal(pwrite(fd, "abd", 3, 0), 3);
	assert_int_equal(futimens(fd, (struct timespec[2]){
	    ha.ha_st.st_atim, ha.ha_st.st_mtim }), 0);
	assert_int_equal(hash_start(&ha, fd, B2), 0);
	assert_int_equal(hash_slice(&ha), 1);
	assert_int_not_equal(strncmp(digest(DIGEST_BLAKE2B), "ba80a53f", 8),
	    0);
	/* through a mapping that was read first */
	usleep(3200000);
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_start(&ha, fd, B2), 1);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(*(volatile uint8_t *)map, 'a');
	*(volatile uint8_t *)map = 'z';
	assert_int_equal(hash_start(&ha, fd, B2), 0);
	munmap(map, 4096);
	close(fd);
}

/* There a change through a mapping leaves the times: nothing is kept. */
static void
a_file_on_tmpfs_is_not_kept(void **state)
{
	char		 shm[] = "/dev/shm/hash.XXXXXX", path[64];
	unsigned	 before = hash_hits();
	int		 fd;

	(void)state;
	if (mkdtemp(shm) == NULL) {
		print_message("# SKIP no /dev/shm\n");
		return;
	}
	fd = made(shm, "f", "abc", 3);
	usleep(3200000);
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_all(fd, B2), 1);
	assert_int_equal(hash_hits(), before);
	close(fd);
	(void)snprintf(path, sizeof(path), "%s/f", shm);
	unlink(path);
	rmdir(shm);
}

static void
a_digest_has_exactly_its_digits(void **state)
{
	uint8_t	 d[DIGEST_MAX];
	char	 hex[DIGEST_TEXT];

	(void)state;
	memset(hex, 'A', sizeof(hex) - 1);
	hex[128] = '\0';
	assert_int_equal(digest_read(d, DIGEST_SHA512, hex), 0);
	assert_int_equal(d[63], 0xaa);
	assert_int_equal(digest_read(d, DIGEST_SHA256, hex), -1);
	hex[127] = '\0';
	assert_int_equal(digest_read(d, DIGEST_BLAKE2B, hex), -1);
	hex[64] = '\0';
	assert_int_equal(digest_read(d, DIGEST_SHA256, hex), 0);
	hex[3] = 'g';
	assert_int_equal(digest_read(d, DIGEST_SHA256, hex), -1);
	assert_int_equal(digest_read(d, 0, ""), -1);
	assert_int_equal(digest_read(d, DIGEST_COUNT, ""), -1);
}

static int
setup(void **state)
{
	(void)state;
	(void)strlcpy(dir, "/var/tmp/hash.XXXXXX", sizeof(dir));
	return (hash_init() == -1 || mkdtemp(dir) == NULL);
}

static int
teardown(void **state)
{
	static const char *const names[] = { "abc", "big", "large", "small",
	    "empty", "moving", "young", "old" };
	char	 path[128];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return (rmdir(dir));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standards),
		cmocka_unit_test(a_slice_is_bounded),
		cmocka_unit_test(a_small_file_does_not_wait_for_a_large_one),
		cmocka_unit_test(an_empty_file_has_a_digest_a_device_has_none),
		cmocka_unit_test(a_file_that_changes_meanwhile_has_no_digest),
		cmocka_unit_test(a_young_file_is_not_kept),
		cmocka_unit_test(an_old_file_is_kept_until_it_changes),
		cmocka_unit_test(a_file_on_tmpfs_is_not_kept),
		cmocka_unit_test(a_digest_has_exactly_its_digits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("tests", tests, setup, teardown));
}
