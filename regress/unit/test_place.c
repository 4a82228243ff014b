/* LINK: monitor/receiver_memory.c */
/*
 * Results that go elsewhere than where one argument says: what a worker may
 * say of the place, by the receiver's own copy of the call, and where the
 * bytes come to lie.
 */
#include <sys/types.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../monitor/receiver.h"

#define FILL	0x5a

struct place {
	uint64_t	 p_addr;
	uint32_t	 p_size;
	uint32_t	 p_flags;
};

static struct seccomp_notif	 notif;
static struct lane		 lane = { .ln_notif = &notif };
static struct place		 captured;
static uint8_t			 target[512], id[16];
static uint8_t			 answer[PLACE_SIZE + 512];

/* receiver_capture.c, receiver_notify.c */
const uint8_t *
capture_place(const struct lane *ln)
{
	(void)ln;
	return ((const uint8_t *)&captured);
}

int
notify_valid(const struct lane *ln)
{
	(void)ln;
	return (0);
}

static const struct sysent *
begin(const char *name)
{
	memset(target, FILL, sizeof(target));
	memset(id, FILL, sizeof(id));
	memset(answer, 'v', sizeof(answer));
	memset(notif.data.args, 0, sizeof(notif.data.args));
	notif.pid = (uint32_t)getpid();
	captured.p_addr = (uintptr_t)target;
	captured.p_size = 100;
	captured.p_flags = 0;
	memcpy(answer, &captured, sizeof(captured));
	return (sysent_byname(name));
}

static struct verdict
value(uint8_t arg, size_t len)
{
	struct verdict	 v;

	memset(&v, 0, sizeof(v));
	v.v_kind = VERDICT_VALUE;
	v.v_fd = -1;
	v.v_outarg = arg;
	v.v_out = answer;
	v.v_outlen = len;
	return (v);
}

static size_t
filled(const uint8_t *p, size_t size)
{
	while (size > 0 && p[size - 1] == FILL)
		size--;
	return (size);
}

static void
a_value_goes_where_the_structure_said(void **state)
{
	const struct sysent	*se = begin("getxattrat");
	struct verdict		 v = value(4, PLACE_SIZE + 100);

	(void)state;
	assert_true(memory_placed(se));
	assert_true(memory_fits(&lane, se, &v));
	assert_int_equal(memory_place(&lane, se, &v), 0);
	assert_int_equal(filled(target, sizeof(target)), 100);
	assert_int_equal(target[0], 'v');
}

static void
a_value_is_no_longer_than_the_structure_said(void **state)
{
	const struct sysent	*se = begin("getxattrat");
	struct verdict		 v = value(4, PLACE_SIZE + 101);

	(void)state;
	assert_false(memory_fits(&lane, se, &v));
	v.v_outlen = PLACE_SIZE - 1;
	assert_false(memory_fits(&lane, se, &v));
}

static void
another_place_than_the_copied_one_is_a_fault(void **state)
{
	const struct sysent	*se = begin("getxattrat");
	struct verdict		 v = value(4, PLACE_SIZE + 8);
	size_t			 i;

	(void)state;
	for (i = 0; i < PLACE_SIZE; i++) {
		answer[i] ^= 0x10;
		assert_false(memory_fits(&lane, se, &v));
		answer[i] ^= 0x10;
	}
	assert_true(memory_fits(&lane, se, &v));
	for (i = 0; i < CALL_ARGS; i++) {
		v.v_outarg = (uint8_t)i;
		assert_int_equal(memory_fits(&lane, se, &v), i == 4);
	}
	v = value(4, PLACE_SIZE + 8);
	v.v_kind = VERDICT_ERRNO;
	assert_false(memory_fits(&lane, se, &v));
	/* nor for a call that names no place so */
	v.v_kind = VERDICT_VALUE;
	assert_false(memory_placed(sysent_byname("getxattr")));
	assert_false(memory_fits(&lane, sysent_byname("openat2"), &v));
	assert_false(memory_fits(&lane, sysent_byname("setxattrat"), &v));
}

static void
what_the_caller_cannot_write_is_an_error(void **state)
{
	const struct sysent	*se = begin("getxattrat");
	struct verdict		 v = value(4, PLACE_SIZE + 8);

	(void)state;
	captured.p_addr = 8;
	memcpy(answer, &captured, sizeof(captured));
	assert_true(memory_fits(&lane, se, &v));
	assert_int_equal(memory_place(&lane, se, &v), -1);
}

static void
a_handle_goes_to_two_places(void **state)
{
	const struct sysent	*se = begin("name_to_handle_at");
	struct verdict		 v = value(2, 4 + 8 + 20);

	(void)state;
	notif.data.args[2] = (uintptr_t)target;
	notif.data.args[3] = (uintptr_t)id;
	memset(answer, 'v', sizeof(answer));
	memset(answer, 'i', 4);
	assert_true(memory_placed(se));
	assert_true(memory_fits(&lane, se, &v));
	assert_int_equal(memory_place(&lane, se, &v), 0);
	assert_int_equal(filled(id, sizeof(id)), 4);
	assert_int_equal(filled(target, sizeof(target)), 28);
	assert_memory_equal(id, "iiii", 4);
	assert_int_equal(target[0], 'v');
	/* AT_HANDLE_MNT_ID_UNIQUE */
	notif.data.args[4] = 1;
	assert_int_equal(memory_place(&lane, se, &v), 0);
	assert_int_equal(filled(id, sizeof(id)), 8);
}

static void
a_handle_is_no_longer_than_one_can_be(void **state)
{
	const struct sysent	*se = begin("name_to_handle_at");
	struct verdict		 v = value(2, 4 + 8 + 128);

	(void)state;
	assert_true(memory_fits(&lane, se, &v));
	v.v_outlen++;
	assert_false(memory_fits(&lane, se, &v));
	v.v_outlen = 4 + 7;
	assert_false(memory_fits(&lane, se, &v));
	notif.data.args[4] = 1;
	v.v_outlen = 8 + 7;
	assert_false(memory_fits(&lane, se, &v));
	v.v_outlen++;
	assert_true(memory_fits(&lane, se, &v));
	v.v_outarg = 3;
	assert_false(memory_fits(&lane, se, &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_goes_where_the_structure_said),
		cmocka_unit_test(a_value_is_no_longer_than_the_structure_said),
		cmocka_unit_test(another_place_than_the_copied_one_is_a_fault),
		cmocka_unit_test(what_the_caller_cannot_write_is_an_error),
		cmocka_unit_test(a_handle_goes_to_two_places),
		cmocka_unit_test(a_handle_is_no_longer_than_one_can_be)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
