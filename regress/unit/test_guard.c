/* LINK: worker/integrity_guard.c worker/integrity_image.c worker/integrity_elf.c */
/*
 * Executables that crash: how often is too often, with ages for a clock; which
 * statement holds; and the integrity worker's answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/guard.h"
#include "../../proto/wire.h"
#include "../../worker/integrity.h"

static char	 file[] = "test.conf";

static void
put(struct guardset *gu, const char *path, uint8_t match, uint32_t crashes)
{
	struct guard	 g;

	memset(&g, 0, sizeof(g));
	g.g_rule.r_path = (char *)(uintptr_t)path;
	g.g_rule.r_file = file;
	g.g_rule.r_line = (uint32_t)gu->gu_count + 1;
	g.g_rule.r_match = match;
	g.g_crashes = crashes;
	g.g_window = crashes == 0 ? 0 : 60;
	g.g_suspend = crashes == 0 ? 0 : 600;
	assert_int_equal(guard_add(gu, &g), 0);
}

/* What is left in seconds, for crashes so many seconds ago, newest first. */
static long
left(uint32_t n, uint32_t window, uint32_t suspend, const long *ages, size_t k)
{
	struct guard	 g;
	struct crashes	 cr;
	size_t		 i;
	uint64_t	 msec;

	memset(&g, 0, sizeof(g));
	memset(&cr, 0, sizeof(cr));
	g.g_crashes = n;
	g.g_window = window;
	g.g_suspend = suspend;
	cr.cr_signal = SIGSEGV;
	cr.cr_count = (uint32_t)k;
	for (i = 0; i < k; i++)
		cr.cr_ages[i] = (uint64_t)ages[i] * 1000;
	msec = guard_left(&g, &cr);
	assert_int_equal(msec % 1000, 0);
	return ((long)(msec / 1000));
}
#define LEFT(n, w, s, ...) left(n, w, s, (const long[]){ __VA_ARGS__ },	\
	    sizeof((const long[]){ __VA_ARGS__ }) / sizeof(long))

static void
crashes_within_the_window_suspend(void **state)
{
	(void)state;
	assert_int_equal(left(1, 60, 600, NULL, 0), 0);
	assert_int_equal(LEFT(1, 60, 600, 0), 600);
	assert_int_equal(LEFT(1, 60, 600, 599), 1);
	assert_int_equal(LEFT(1, 60, 600, 600), 0);
	assert_int_equal(LEFT(3, 60, 600, 0, 1), 0);
	assert_int_equal(LEFT(3, 60, 600, 0, 1, 2), 600);
	assert_int_equal(LEFT(3, 60, 600, 10, 11, 70), 590);
	assert_int_equal(LEFT(3, 60, 600, 10, 11, 71), 0);
	/* others do not matter */
	assert_int_equal(LEFT(3, 60, 600, 10, 11, 12, 5000), 590);
	/* after the end one more is enough, while those before are near */
	assert_int_equal(LEFT(2, 60, 20, 30, 40), 0);
	assert_int_equal(LEFT(2, 60, 20, 0, 30, 40), 20);
	assert_int_equal(LEFT(2, 20, 20, 0, 30, 40), 0);
}

static void
a_crash_alone_does_not_end_a_suspension(void **state)
{
	(void)state;
	/* three at 300 to 302, then one by who ran already: 300 counts */
	assert_int_equal(LEFT(3, 60, 600, 0, 300, 301, 302), 300);
	assert_int_equal(LEFT(3, 60, 600, 0, 100, 300, 301, 302), 300);
	assert_int_equal(LEFT(3, 60, 290, 0, 300, 301, 302), 0);
}

static void
as_many_as_are_remembered_can_be_asked_for(void **state)
{
	long	 ages[GUARD_CRASHES_MAX];
	size_t	 i;

	(void)state;
	for (i = 0; i < GUARD_CRASHES_MAX; i++)
		ages[i] = (long)i;
	assert_int_equal(left(GUARD_CRASHES_MAX, 60, 600, ages,
	    GUARD_CRASHES_MAX), 600);
	assert_int_equal(left(GUARD_CRASHES_MAX, 60, 600, ages,
	    GUARD_CRASHES_MAX - 1), 0);
}

static void
the_last_statement_that_matches_decides(void **state)
{
	struct guardset		 gu = { NULL, 0, 0 };
	const struct guard	*g;

	(void)state;
	assert_null(guard_find(&gu, "/bin/a", 6));
	put(&gu, "/", MATCH_UNDER, 5);
	put(&gu, "/opt", MATCH_UNDER, 2);
	put(&gu, "/opt/a", MATCH_EXACT, 0);
	put(&gu, "/opt/*x", MATCH_GLOB, 7);
	assert_non_null(g = guard_find(&gu, "/bin/a", 6));
	assert_int_equal(g->g_crashes, 5);
	assert_non_null(g = guard_find(&gu, "/opt/b", 6));
	assert_int_equal(g->g_crashes, 2);
	assert_null(guard_find(&gu, "/opt/a", 6));
	assert_non_null(g = guard_find(&gu, "/opt/ax", 7));
	assert_int_equal(g->g_crashes, 7);
	assert_true(guard_any(&gu));
	guard_cut(&gu, 0);
	put(&gu, "/", MATCH_UNDER, 0);
	assert_false(guard_any(&gu));
	guard_free(&gu);
}

static void
there_is_a_bound(void **state)
{
	struct guardset	 gu = { NULL, 0, 0 };
	struct guard	 g;
	size_t		 i;

	(void)state;
	for (i = 0; i < GUARDS_MAX; i++)
		put(&gu, "/x", MATCH_EXACT, 1);
	g = gu.gu_list[0];
	assert_int_equal(guard_add(&gu, &g), -1);
	assert_int_equal(gu.gu_count, GUARDS_MAX);
	guard_free(&gu);
}

static void
what_is_printed_is_a_statement(void **state)
{
	static const struct {
		const char	*path;
		uint8_t		 match;
		uint32_t	 crashes;
		const char	*text;
	} t[] = {
		{ "/", MATCH_UNDER, 5,
		    "segvguard crashes 5 window 60 suspend 600" },
		{ "/", MATCH_UNDER, 0, "segvguard no" },
		{ "/a b", MATCH_EXACT, 0, "segvguard \"/a b\" no" },
		{ "/q\"$\\", MATCH_UNDER, 1, "segvguard under "
		    "\"/q\\\"\\$\\\\\" crashes 1 window 60 suspend 600" },
		{ "/*", MATCH_GLOB, 0, "segvguard glob \"/*\" no" },
	};
	struct guardset	 gu = { NULL, 0, 0 };
	char		 text[GUARD_TEXT_MAX];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		put(&gu, t[i].path, t[i].match, t[i].crashes);
		guard_print(&gu.gu_list[i], text, sizeof(text));
		assert_string_equal(text, t[i].text);
	}
	guard_free(&gu);
	guard_cure("/bin/x y", 8, text, sizeof(text));
	assert_string_equal(text, "segvguard \"/bin/x y\" no");
	guard_cure("/bin/\"", 6, text, sizeof(text));
	assert_string_equal(text, "");
	guard_cure("/bin/\n", 6, text, sizeof(text));
	assert_string_equal(text, "");
}

static void
the_file_is_known_by_its_inode(void **state)
{
	char		 a[] = "/tmp/guard.XXXXXX", b[64];
	struct file_id	 one, two;
	int		 fd, fd2;

	(void)state;
	assert_int_not_equal(fd = mkstemp(a), -1);
	(void)snprintf(b, sizeof(b), "%s.link", a);
	assert_int_equal(link(a, b), 0);
	assert_int_not_equal(fd2 = open(b, O_PATH), -1);
	assert_int_equal(file_id(fd, &one), 0);
	assert_int_equal(file_id(fd2, &two), 0);
	assert_memory_equal(&one, &two, sizeof(one));
	close(fd2);
	assert_int_equal(unlink(b), 0);
	assert_int_equal(chmod(a, 0600), 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(file_id(fd, &two), 0);
	assert_memory_equal(&one, &two, sizeof(one));
	assert_int_equal(unlink(a), 0);
	close(fd);
	assert_int_equal(file_id(-1, &two), -1);
}

/* ---- the integrity worker ---- */

static void
a_suspended_image_is_refused_by_its_mapped_name(void **state)
{
	struct guardset		 gu = { NULL, 0, 0 };
	struct image_fault	 why;
	struct crashes		 cr = { SIGBUS, 2, { 1000, 2000 } };
	struct image		 im;
	struct stat		 st;
	char			 maps[512];

	(void)state;
	memset(&im, 0, sizeof(im));
	assert_int_not_equal(im.i_fd = open("/bin/true", O_RDONLY), -1);
	assert_int_equal(fstat(im.i_fd, &st), 0);
	(void)snprintf(maps, sizeof(maps), "00400000-00401000 r-xp 00000000 "
	    "%02x:%02x %llu %26s/bin/it\n", major(st.st_dev),
	    minor(st.st_dev), (unsigned long long)st.st_ino, "");
	im.i_maps = (uint8_t *)maps;
	im.i_mapslen = strlen(maps);
	assert_int_equal(image_suspended(&gu, &im, &cr, &why), 0);
	put(&gu, "/", MATCH_UNDER, 2);
	assert_int_equal(image_suspended(&gu, &im, &cr, &why), -1);
	assert_string_equal(why.if_path, "/bin/it");
	assert_string_equal(why.if_by, "test.conf:1");
	assert_string_equal(why.if_allow, "segvguard \"/bin/it\" no");
	assert_non_null(strstr(why.if_check, "2 times within 60 seconds, "
	    "last by SIGBUS 1 seconds ago: suspended for another 599 "));
	assert_int_equal(why.if_byrule, 0);
	cr.cr_count = 1;
	assert_int_equal(image_suspended(&gu, &im, &cr, &why), 0);
	cr.cr_count = 2;
	put(&gu, "/bin/it", MATCH_EXACT, 0);
	assert_int_equal(image_suspended(&gu, &im, &cr, &why), 0);
	/* who cannot be told from others does not run */
	maps[0] = 'x';
	assert_int_equal(image_suspended(&gu, &im, &cr, &why), -1);
	guard_free(&gu);
	close(im.i_fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crashes_within_the_window_suspend),
		cmocka_unit_test(a_crash_alone_does_not_end_a_suspension),
		cmocka_unit_test(as_many_as_are_remembered_can_be_asked_for),
		cmocka_unit_test(the_last_statement_that_matches_decides),
		cmocka_unit_test(there_is_a_bound),
		cmocka_unit_test(what_is_printed_is_a_statement),
		cmocka_unit_test(the_file_is_known_by_its_inode),
		cmocka_unit_test(
		    a_suspended_image_is_refused_by_its_mapped_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
