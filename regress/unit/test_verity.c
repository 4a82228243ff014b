/*
 * verity_measure() against a kernel that is made up: this one has no
 * fs-verity.  What is made up is what fsverity_ioctl_measure() of
 * fs/verity/measure.c does with the structure of linux/fsverity.h, whose
 * numbers are written out here.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/ioctl.h>
#include <errno.h>
#include <string.h>

/* What the file has, or the error. */
static struct {
	int		 k_errno;
	uint16_t	 k_alg, k_size;
	uint8_t		 k_digest[128];
	unsigned	 k_asked;
	int		 k_fd;
	unsigned long	 k_request;
} kernel;

static int	 kernel_ioctl(int, unsigned long, void *);

/* The common one is linked too: this is another copy of the same lines. */
#define ioctl(fd, request, arg)	kernel_ioctl(fd, request, arg)
#define verity_measure		measured
#include "../../common/verity.c"
#undef ioctl
#undef verity_measure

/* arg: u16 algorithm, u16 size, bytes; size is the room there is. */
static int
kernel_ioctl(int fd, unsigned long request, void *arg)
{
	uint16_t	 room;
	uint8_t		*p = arg;

	kernel.k_asked++;
	kernel.k_fd = fd;
	kernel.k_request = request;
	if (kernel.k_errno != 0) {
		errno = kernel.k_errno;
		return (-1);
	}
	memcpy(&room, p + 2, sizeof(room));
	if (room < kernel.k_size) {
		errno = EOVERFLOW;
		return (-1);
	}
	memcpy(p, &kernel.k_alg, 2);
	memcpy(p + 2, &kernel.k_size, 2);
	memcpy(p + 4, kernel.k_digest, kernel.k_size);
	return (0);
}

static uint8_t		 digest[DIGEST_MAX];
static const char	*why;

static int
measure(unsigned alg, int error, uint16_t kalg, uint16_t ksize)
{
	size_t	 i;

	memset(&kernel, 0, sizeof(kernel));
	memset(digest, 0xee, sizeof(digest));
	for (i = 0; i < sizeof(kernel.k_digest); i++)
		kernel.k_digest[i] = (uint8_t)(i + 1);
	kernel.k_errno = error;
	kernel.k_alg = kalg;
	kernel.k_size = ksize;
	why = NULL;
	return (measured(7, alg, digest, &why));
}

static void
the_request_is_the_kernel_s(void **state)
{
	(void)state;
	assert_int_equal(measure(DIGEST_VERITY256, 0, 1, 32), 0);
	assert_int_equal(kernel.k_asked, 1);
	assert_int_equal(kernel.k_fd, 7);
	/* _IOWR('f', 134, struct of 4 bytes and what follows) */
	assert_int_equal(kernel.k_request, 0xc0046686);
}

static void
a_digest_of_either_kind_is_taken_byte_by_byte(void **state)
{
	static const struct {
		unsigned	 alg;
		uint16_t	 kalg, size;
	} kinds[] = {
		{ DIGEST_VERITY256, 1, 32 }, { DIGEST_VERITY512, 2, 64 }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(measure(kinds[i].alg, 0, kinds[i].kalg,
		    kinds[i].size), 0);
		assert_memory_equal(digest, kernel.k_digest, kinds[i].size);
		if (kinds[i].size < DIGEST_MAX)
			assert_int_equal(digest[kinds[i].size], 0xee);
	}
}

static void
a_digest_of_another_kind_or_size_is_none(void **state)
{
	static const struct {
		unsigned	 alg;
		uint16_t	 kalg, size;
	} wrong[] = {
		{ DIGEST_VERITY256, 2, 64 }, { DIGEST_VERITY512, 1, 32 },
		{ DIGEST_VERITY256, 1, 31 }, { DIGEST_VERITY256, 1, 64 },
		{ DIGEST_VERITY512, 2, 32 }, { DIGEST_VERITY256, 0, 32 },
		{ DIGEST_VERITY256, 3, 32 }, { DIGEST_VERITY256, 1, 0 },
	};
	size_t	 i, j;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(measure(wrong[i].alg, 0, wrong[i].kalg,
		    wrong[i].size), -1);
		assert_non_null(why);
		for (j = 0; j < sizeof(digest); j++)
			assert_int_equal(digest[j], 0xee);
	}
}

static void
a_digest_that_does_not_fit_is_none(void **state)
{
	(void)state;
	assert_int_equal(measure(DIGEST_VERITY512, 0, 2, 65), -1);
	assert_string_equal(why, "fs-verity cannot be asked");
}

static void
each_error_is_named(void **state)
{
	static const struct {
		int		 error;
		const char	*why;
	} errors[] = {
		{ ENODATA, "not enabled for the file" },
		{ ENOTTY, "file system has no fs-verity" },
		{ EOPNOTSUPP, "no fs-verity enabled" },
		{ EFAULT, "cannot be asked" },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		assert_int_equal(measure(DIGEST_VERITY256, errors[i].error, 1,
		    32), -1);
		assert_int_equal(errno, errors[i].error);
		assert_non_null(strstr(why, errors[i].why));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_request_is_the_kernel_s),
		cmocka_unit_test(a_digest_of_either_kind_is_taken_byte_by_byte),
		cmocka_unit_test(a_digest_of_another_kind_or_size_is_none),
		cmocka_unit_test(a_digest_that_does_not_fit_is_none),
		cmocka_unit_test(each_error_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
