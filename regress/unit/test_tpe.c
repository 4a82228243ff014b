/* LINK: worker/integrity_tpe.c worker/integrity_verify.c */
/* LINK: worker/integrity_image.c worker/integrity_elf.c worker/integrity_hash.c */
/*
 * Trusted paths: who is trusted, and that what the integrity worker keeps of
 * directories never stands for what is there now.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../worker/integrity.h"

#define MOUNT	29		/* the number of the only one there is */

static char		 dir[] = "/tmp/tpe.XXXXXX";
static char		 exe[64];	/* dir/a/b/exe */
static struct verifyset	 vs;
static struct ruleset	 rs;
static struct tpe	 tp;
static struct verification vn;
static struct image_fault why;
static char		 maps[2 * PATH_MAX];
static time_t		 later;		/* seconds that the clock is ahead */

/* So that what was just made is old enough to be relied on. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (syscall(SYS_clock_gettime, id, ts) == -1)
		return (-1);
	ts->tv_sec += later;
	return (0);
}

static void
trust(enum tpe_kind kind, uint32_t id, const char *path)
{
	struct tpe_entry	 te;
	char			 file[] = "test", *copy = NULL;

	if (path != NULL)
		assert_non_null(copy = strdup(path));
	te.te_kind = (uint8_t)kind;
	te.te_id = id;
	te.te_path = copy;
	te.te_file = file;
	te.te_line = 3;
	assert_int_equal(tpe_add(&tp, &te), 0);
	free(copy);
}

static int
judge(uid_t uid, mode_t mode, gid_t gid, enum tpe_what what)
{
	struct stat	 st;

	memset(&st, 0, sizeof(st));
	st.st_uid = uid;
	st.st_gid = gid;
	st.st_mode = mode;
	return (tpe_trusted(&tp, &st, what));
}

static void
owner_and_write_bits_decide(void **state)
{
	enum tpe_what	 what;

	(void)state;
	tpe_free(&tp);
	for (what = TPE_FILE; what <= TPE_WAY; what++) {
		assert_int_equal(judge(0, 0755, 0, what), 1);
		assert_int_equal(judge(0, 0775, 0, what), 0);
		assert_int_equal(judge(0, 0757, 0, what), 0);
		assert_int_equal(judge(1, 0755, 0, what), 0);
		assert_int_equal(judge(0, 01777, 0, what), what == TPE_WAY);
		assert_int_equal(judge(1, 01755, 0, what), 0);
	}
	trust(TPE_OWNER, 1, NULL);
	trust(TPE_GROUP, 7, NULL);
	assert_int_equal(judge(0, 0755, 0, TPE_FILE), 1);
	assert_int_equal(judge(1, 0755, 0, TPE_FILE), 1);
	assert_int_equal(judge(7, 0755, 0, TPE_FILE), 0);
	assert_int_equal(judge(1, 0775, 7, TPE_FILE), 1);
	assert_int_equal(judge(1, 0775, 1, TPE_FILE), 0);
	assert_int_equal(judge(1, 0777, 7, TPE_FILE), 0);
}

static void
roots_end_at_a_slash(void **state)
{
	(void)state;
	tpe_free(&tp);
	trust(TPE_UNDER, 0, "/opt");
	trust(TPE_TRUST, 0, "/srv/a");
	assert_int_equal(tpe_exempt(&tp, "/opt/x", 6), 1);
	assert_int_equal(tpe_exempt(&tp, "/opt", 4), 1);
	assert_int_equal(tpe_exempt(&tp, "/optx", 5), 0);
	assert_int_equal(tpe_exempt(&tp, "/op", 3), 0);
	assert_int_equal(tpe_exempt(&tp, "/x/opt", 6), 0);
	assert_int_equal(tpe_exempt(&tp, "/srv/a", 6), 1);
	assert_int_equal(tpe_exempt(&tp, "/srv/a/b", 8), 0);
	trust(TPE_UNDER, 0, "/");
	assert_int_equal(tpe_exempt(&tp, "/usr/bin/x", 10), 1);
}

static void
words_are_printable_and_bounded(void **state)
{
	char		 text[TPE_TEXT], name[PATH_MAX];
	struct stat	 st;
	uint32_t	 i;
	size_t		 k;

	(void)state;
	tpe_free(&tp);
	for (i = 0; i < 100; i++)
		trust(TPE_OWNER, 4000000000U + i, NULL);
	memset(&st, 0, sizeof(st));
	st.st_uid = UINT32_MAX;
	memset(name, '\n', sizeof(name));
	tpe_explain(&tp, &st, TPE_WAY, name, sizeof(name) - 1, text,
	    sizeof(text));
	for (k = 0; text[k] != '\0'; k++)
		assert_true(text[k] >= ' ' && text[k] <= '~');
	assert_non_null(strstr(text, "expected 0 or 4000000000"));
	assert_non_null(strstr(text, "belongs to user 4294967295"));
	tpe_cure("/a b", 4, text, sizeof(text));
	assert_string_equal(text, "tpe trust \"/a b\"");
	tpe_cure("/a\"", 3, text, sizeof(text));
	assert_string_equal(text, "");
	tpe_cure("/\n", 2, text, sizeof(text));
	assert_string_equal(text, "");
}

static void
there_is_a_limit(void **state)
{
	struct tpe_entry	 te;
	char			 file[] = "test";

	(void)state;
	tpe_free(&tp);
	while (tp.tp_count < TPE_MAX)
		trust(TPE_OWNER, 1, NULL);
	memset(&te, 0, sizeof(te));
	te.te_kind = TPE_OWNER;
	te.te_file = file;
	assert_int_equal(tpe_add(&tp, &te), -1);
}

/* ---- directories ---- */

/* What the receiver would: open the directory that is asked for. */
static void
answer(struct target *tg, uint64_t mount)
{
	char	 path[PATH_MAX];
	int	 fd;

	assert_true(tg->tg_way.pa_len == 1 ||
	    tg->tg_path[tg->tg_way.pa_len] == '/');
	memcpy(path, tg->tg_path, tg->tg_way.pa_len);
	path[tg->tg_way.pa_len] = '\0';
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	way_give(tg, fd, mount);
}

/* The verdict on the executable, of this mount, called so: 0 or -1. */
static int
verdict_as(const char *as, uint64_t mount)
{
	struct image	 im;
	struct target	*tg;
	struct stat	 st;
	int		 rv;

	memset(&im, 0, sizeof(im));
	assert_true((im.i_fd = open(exe, O_RDONLY | O_CLOEXEC)) != -1);
	assert_int_equal(fstat(im.i_fd, &st), 0);
	im.i_maps = (const uint8_t *)maps;
	im.i_mapslen = (size_t)snprintf(maps, sizeof(maps),
	    "00400000-00401000 r-xp 00000000 %02x:%02x %ju %s\n",
	    major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino, as);
	im.i_mount = mount;
	rv = verify_begin(&vs, &tp, &rs, &im, &vn, &why);
	if (rv == 0)
		while ((rv = way_next(&vs, &tp, &vn, &tg, &why)) == 1)
			answer(tg, MOUNT);
	verify_end(&vn);
	return (rv);
}

static int
verdict(void)
{
	return (verdict_as(exe, MOUNT));
}

static void
run(const char *cmd)
{
	char	 text[512];

	(void)snprintf(text, sizeof(text), "cd %s && %s", dir, cmd);
	assert_int_equal(system(text), 0);
}

static void
fresh(void)
{
	tpe_free(&tp);
	trust(TPE_OWNER, geteuid(), NULL);
	verify_free(&vs);
	exec_class_set(&vs, EXEC_UNTRUSTED, RULE_DENY, EFFECT_NONE);
	run("rm -rf a && mkdir -p a/b && cp /bin/true a/b/exe && "
	    "chmod 755 . a a/b a/b/exe");
	later = 100;
}

static void
each_directory_is_asked_for_once(void **state)
{
	unsigned	 before;

	(void)state;
	fresh();
	before = way_asked();
	assert_int_equal(verdict(), 0);
	assert_true(way_asked() - before <= 5);
	before = way_asked();
	assert_int_equal(verdict(), 0);
	assert_int_equal(way_asked(), before);
}

static void
what_is_not_trusted_is_refused(void **state)
{
	static const struct {
		const char	*spoil, *text;
	} ways[] = {
		{ "chmod 775 a/b/exe", "file has mode 0775" },
		{ "chmod 757 a/b/exe", "file has mode 0757" },
		{ "chmod 775 a/b", "/a/b has mode 0775" },
		{ "chmod 1777 a/b", "/a/b has mode 1777" },
		{ "chmod 777 a", "/a has mode 0777" },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fresh();
		assert_int_equal(verdict(), 0);
		run(ways[i].spoil);
		assert_int_equal(verdict(), -1);
		assert_non_null(strstr(why.if_check, ways[i].text));
		assert_int_equal(strncmp(why.if_allow, "tpe trust \"", 11), 0);
		/* and not only because something was kept */
		later = 0;
		assert_int_equal(verdict(), -1);
	}
	fresh();
	run("chmod 1777 a");
	assert_int_equal(verdict(), 0);
}

/* The kept descriptor is of a directory that has another name now. */
static void
a_directory_that_was_exchanged_is_seen(void **state)
{
	(void)state;
	fresh();
	assert_int_equal(verdict(), 0);
	assert_int_equal(verdict(), 0);
	run("mv a/b a/c && mkdir -m 777 a/b && ln a/c/exe a/b/exe");
	assert_int_equal(verdict(), -1);
	run("rm -r a/b && mv a/c a/b");
	assert_int_equal(verdict(), 0);
	run("mkdir -m 777 x && mkdir -m 755 x/b && mv a y && "
	    "cp -l y/b/exe x/b/ && mv x a");
	assert_int_equal(verdict(), -1);
	run("rm -r a && mv y a");
	assert_int_equal(verdict(), 0);
}

/* Exchanged at once, before the times of the directory above can tell. */
static void
what_is_too_young_is_not_kept(void **state)
{
	unsigned	 before;

	(void)state;
	fresh();
	later = 0;
	assert_int_equal(verdict(), 0);
	before = way_asked();
	assert_int_equal(verdict(), 0);
	assert_true(way_asked() > before);
}

static void
another_mount_is_asked_for_anew(void **state)
{
	unsigned	 before;

	(void)state;
	fresh();
	assert_int_equal(verdict(), 0);
	before = way_asked();
	/* the executable is of a mount that is not that of the directory */
	assert_int_equal(verdict_as(exe, MOUNT + 1), 0);
	assert_true(way_asked() >= before + 4);
	before = way_asked();
	/* or of an unknown one */
	assert_int_equal(verdict_as(exe, 0), 0);
	assert_true(way_asked() >= before + 4);
}

static void
what_is_no_directory_is_no_way(void **state)
{
	char	 as[128];

	(void)state;
	fresh();
	(void)snprintf(as, sizeof(as), "%s/none/exe", dir);
	assert_int_equal(verdict_as(as, MOUNT), -1);
	assert_string_equal(why.if_check,
	    "not trusted: directory on its path cannot be examined");
	run("ln -s a/b l");
	(void)snprintf(as, sizeof(as), "%s/l/exe", dir);
	assert_int_equal(verdict_as(as, MOUNT), -1);
	(void)snprintf(as, sizeof(as), "%s/a/b/exe/exe", dir);
	assert_int_equal(verdict_as(as, MOUNT), -1);
	run("rm l");
}

static void
too_many_directories_are_no_way(void **state)
{
	char	 cmd[256], as[256];
	int	 i;

	(void)state;
	fresh();
	(void)snprintf(as, sizeof(as), "%s/a", dir);
	for (i = 0; i < TPE_DEPTH; i++)
		(void)strlcat(as, "/d", sizeof(as));
	(void)snprintf(cmd, sizeof(cmd), "mkdir -p a%s", as + strlen(dir) + 2);
	run(cmd);
	(void)strlcat(as, "/exe", sizeof(as));
	assert_int_equal(verdict_as(as, MOUNT), -1);
	assert_string_equal(why.if_check,
	    "not trusted: too many directories on its path");
}

static void
more_directories_than_are_kept_are_looked_at(void **state)
{
	char	 cmd[128], as[128];
	int	 i;

	(void)state;
	fresh();
	for (i = 0; i < 150; i++) {
		(void)snprintf(cmd, sizeof(cmd), "mkdir a/%d", i);
		run(cmd);
		(void)snprintf(as, sizeof(as), "%s/a/%d/exe", dir, i);
		assert_int_equal(verdict_as(as, MOUNT), 0);
	}
	run("chmod 777 a/3");
	(void)snprintf(as, sizeof(as), "%s/a/3/exe", dir);
	assert_int_equal(verdict_as(as, MOUNT), -1);
	assert_int_equal(verdict(), 0);
}

static unsigned	 tolds;

static void
tell(void *arg, const struct image_fault *f)
{
	(void)arg;
	assert_non_null(strstr(f->if_check, "not trusted"));
	tolds++;
}

static void
a_warning_is_one_and_a_root_is_none(void **state)
{
	(void)state;
	fresh();
	run("chmod 777 a a/b");
	exec_class_set(&vs, EXEC_UNTRUSTED, RULE_ALLOW, EFFECT_WARN);
	vn.vn_warn = tell;
	tolds = 0;
	assert_int_equal(verdict(), 0);
	assert_int_equal(tolds, 1);
	exec_class_set(&vs, EXEC_UNTRUSTED, RULE_DENY, EFFECT_EXIT);
	assert_int_equal(verdict(), -1);
	assert_int_equal(why.if_effect, EFFECT_EXIT);
	trust(TPE_UNDER, 0, dir);
	assert_int_equal(verdict(), 0);
	assert_int_equal(tolds, 1);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(exe, sizeof(exe), "%s/a/b/exe", dir);
	return (0);
}

static int
teardown(void **state)
{
	char	 cmd[64];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return (system(cmd));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(owner_and_write_bits_decide),
		cmocka_unit_test(roots_end_at_a_slash),
		cmocka_unit_test(words_are_printable_and_bounded),
		cmocka_unit_test(there_is_a_limit),
		cmocka_unit_test(each_directory_is_asked_for_once),
		cmocka_unit_test(what_is_not_trusted_is_refused),
		cmocka_unit_test(a_directory_that_was_exchanged_is_seen),
		cmocka_unit_test(what_is_too_young_is_not_kept),
		cmocka_unit_test(another_mount_is_asked_for_anew),
		cmocka_unit_test(what_is_no_directory_is_no_way),
		cmocka_unit_test(too_many_directories_are_no_way),
		cmocka_unit_test(more_directories_than_are_kept_are_looked_at),
		cmocka_unit_test(a_warning_is_one_and_a_root_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
