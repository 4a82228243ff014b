/* LINK: worker/integrity_image.c worker/integrity_elf.c */
/*
 * image_check(): real images at their exec event are allowed where the rules
 * allow their files, and every defect in maps or executable is refused.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../worker/integrity.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX	(512 * 1024)

static struct ruleset	 rules;
static int		 exe;		/* of this program */
static char		 text[TEXT_MAX];

static void
rule_add(struct ruleset *rs, int action, int match, const char *path)
{
	struct rule	 r;
	char		 file[] = "test", *copy;

	copy = strdup(path);
	assert_non_null(copy);
	memset(&r, 0, sizeof(r));
	r.r_rights = R_EXEC;
	r.r_action = (uint8_t)action;
	r.r_match = (uint8_t)match;
	r.r_errno = 13;
	r.r_line = (uint32_t)rs->rs_count + 1;
	r.r_file = file;
	r.r_path = copy;
	r.r_len = strlen(copy);
	assert_int_equal(ruleset_add(rs, &r), 0);
	free(copy);
}

static int
check(const struct ruleset *rs, const void *maps, size_t len, int fd,
    struct image_fault *why)
{
	struct image	 im;

	memset(&im, 0, sizeof(im));
	im.i_pid = 1;
	im.i_maps = maps;
	im.i_mapslen = len;
	im.i_fd = fd;
	return (image_check(rs, &im, why));
}

/* A template: '@' stands for the device and inode of the executable. */
static size_t
expand(const char *tmpl)
{
	struct stat	 st;
	size_t		 n = 0;

	assert_int_equal(fstat(exe, &st), 0);
	for (; *tmpl != '\0'; tmpl++) {
		assert_true(n + 64 < sizeof(text));
		if (*tmpl == '@')
			n += (size_t)snprintf(text + n, 64, "%02x:%02x %ju",
			    major(st.st_dev), minor(st.st_dev),
			    (uintmax_t)st.st_ino);
		else
			text[n++] = *tmpl;
	}
	return (n);
}

static void
allowed(const char *tmpl)
{
	struct image_fault	 why;
	size_t			 len = expand(tmpl);

	if (check(&rules, text, len, exe, &why) != 0)
		fail_msg("refused (%s): %s", why.if_check, tmpl);
}

static void
refused(const char *tmpl, const char *reason)
{
	struct image_fault	 why;
	size_t			 len = expand(tmpl);

	if (check(&rules, text, len, exe, &why) != -1)
		fail_msg("allowed: %s", tmpl);
	if (strcmp(why.if_check, reason) != 0)
		fail_msg("\"%s\", not \"%s\": %s", why.if_check, reason, tmpl);
}

/* Read a file of /proc whole. */
static size_t
slurp(const char *path)
{
	size_t	 n = 0;
	ssize_t	 rv;
	int	 fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1);
	while ((rv = read(fd, text + n, sizeof(text) - n)) > 0)
		n += (size_t)rv;
	assert_int_equal(rv, 0);
	close(fd);
	return (n);
}

/*
 * Run a program to its exec event, judge it, kill it.  -2 when it is not
 * installed.
 */
static int
judge_program(const struct ruleset *rs, const char *program,
    struct image_fault *why)
{
	char	 path[64];
	pid_t	 pid;
	size_t	 len;
	int	 fd, status, rv;

	if (access(program, X_OK) == -1)
		return (-2);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	len = slurp(path);
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1);
	rv = check(rs, text, len, fd, why);
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return (rv);
}

static void
images_at_their_exec_event_are_allowed(void **state)
{
	static const char *const programs[] = {
		"/bin/true", "/bin/sh", "/bin/cat", "/usr/bin/python3",
		"/usr/bin/gcc", "/usr/bin/perl", "/usr/bin/git",
		"/usr/bin/make", "/usr/bin/node", "/usr/bin/java",
		"/sbin/ldconfig"	/* static */
	};
	struct image_fault	 why;
	size_t			 i, ran = 0;
	int			 rv;

	(void)state;
	for (i = 0; i < NITEMS(programs); i++) {
		rv = judge_program(&rules, programs[i], &why);
		if (rv == -1)
			fail_msg("%s: %s: %s", programs[i], why.if_check,
			    why.if_path);
		ran += rv == 0;
	}
	assert_true(ran >= 3);
}

static void
running_processes_are_allowed(void **state)
{
	struct image_fault	 why;
	size_t			 len;

	(void)state;
#ifdef COVER_DIR	/* make cover: the counters are mapped shared, writable */
	skip();
#endif
	len = slurp("/proc/self/maps");
	if (check(&rules, text, len, exe, &why) != 0)
		fail_msg("%s: %s", why.if_check, why.if_path);
}

static void
a_denied_executable_is_refused_by_its_rule(void **state)
{
	struct ruleset		 rs;
	struct image_fault	 why;

	(void)state;
	memset(&rs, 0, sizeof(rs));
	rule_add(&rs, RULE_ALLOW, MATCH_UNDER, "/");
	rule_add(&rs, RULE_DENY, MATCH_EXACT, "/usr/bin/cat");
	rule_add(&rs, RULE_DENY, MATCH_EXACT, "/bin/cat");
	assert_int_equal(judge_program(&rs, "/bin/cat", &why), -1);
	assert_string_equal(why.if_check, "mapped file may not be executed");
	assert_int_equal(why.if_byrule, 1);
	assert_non_null(why.if_rule);
	assert_true(why.if_rule->r_line >= 2);
	assert_non_null(strstr(why.if_path, "/cat"));
	assert_int_equal(judge_program(&rs, "/bin/true", &why), 0);
	ruleset_free(&rs);
}

static void
a_denied_interpreter_is_refused(void **state)
{
	struct ruleset		 rs;
	struct image_fault	 why;

	(void)state;
	memset(&rs, 0, sizeof(rs));
	rule_add(&rs, RULE_ALLOW, MATCH_UNDER, "/");
	rule_add(&rs, RULE_DENY, MATCH_GLOB, "/**/ld-linux*");
	assert_int_equal(judge_program(&rs, "/bin/true", &why), -1);
	assert_non_null(strstr(why.if_path, "/ld-linux"));
	ruleset_free(&rs);
}

static void
no_rule_means_refused(void **state)
{
	struct ruleset		 rs;
	struct image_fault	 why;

	(void)state;
	memset(&rs, 0, sizeof(rs));
	assert_int_equal(judge_program(&rs, "/bin/true", &why), -1);
	assert_null(why.if_rule);
	assert_int_equal(why.if_byrule, 1);
}

#define A	"00400000-00401000 "
#define B	"00401000-00402000 "
#define PLAIN	A "r-xp 00000000 @      /x/prog\n"

static void
exact_lines_are_read(void **state)
{
	(void)state;
	allowed(PLAIN);
	allowed(PLAIN B "rw-p 00000000 00:00 0 \n");
	allowed(PLAIN B "rw-p 00000000 00:00 0     [heap]\n");
	allowed(PLAIN "7ffe00000000-7ffe00001000 r--p 00000000 00:00 0 "
	    "[vvar_vclock]\n"
	    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 "
	    "                 [vsyscall]\n");
	allowed(PLAIN B "r--s 00000000 fe:00 12   /x/cache\n");
	allowed(A "r-xp 00000000 @ /x/with space [heap] (deleted) more\n");
	allowed(A "r-xp 00000000 @ /x/..prog/...\n");
	allowed(A "r-xp 00000000 @ /x/\xff\x80\n");
	allowed(A "r-xp 00000000 @ /x/back\\slash\\040\n");
}

static void
malformed_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		PLAIN "x",			/* rubbish after the end */
		A "r-xp 00000000 @      /x/prog",	/* no newline */
		A "r-xp 00000000 @\n",		/* no space after inode */
		A "r-xp 00000000 @ \n",		/* inode, but no name */
		A "r-xp 00000000 @ x/prog\n",	/* relative */
		A "r-xp 00000000 @ /\n",	/* a directory */
		A "r-xp 00000000 @ //x\n",
		A "r-xp 00000000 @ /x//prog\n",
		A "r-xp 00000000 @ /x/./prog\n",
		A "r-xp 00000000 @ /x/../prog\n",
		A "r-xp 00000000 @ /x/prog/\n",
		A "r-xp 00000000 @ /x/prog/..\n",
		A "r-xp 00000000 @ [heap]\n",	/* inode of a kernel name */
		A "r-xp 00000000 fe:00 0 /x/prog\n",	/* file, no inode */
		A "r-xp 00000000 fe:00 0 \n",	/* device of nothing */
		A "rwxp 0000000 @ /x/prog\n",	/* offset too short */
		A "r-xp 00000001 @ /x/prog\n",	/* not a page */
		A "r-x 00000000 @ /x/prog\n",
		A "r-xz 00000000 @ /x/prog\n",
		A "rxwp 00000000 @ /x/prog\n",
		A "R-xp 00000000 @ /x/prog\n",
		A " r-xp 00000000 @ /x/prog\n",	/* two spaces */
		"00400000-00400000 r-xp 00000000 @ /x/prog\n",	/* empty */
		"00401000-00400000 r-xp 00000000 @ /x/prog\n",	/* backward */
		"00400001-00401000 r-xp 00000000 @ /x/prog\n",
		"00400000-00401fff r-xp 00000000 @ /x/prog\n",
		"0040000-00401000 r-xp 00000000 @ /x/prog\n",
		"0040000A-00401000 r-xp 00000000 @ /x/prog\n",
		"0x400000-00401000 r-xp 00000000 @ /x/prog\n",
		"-0400000-00401000 r-xp 00000000 @ /x/prog\n",
		"10000000000400000-10000000000401000 r-xp 00000000 @ /x\n",
		"00400000 00401000 r-xp 00000000 @ /x/prog\n",
		A "r-xp 00000000 fe:00 99999999999999999999 /x/prog\n",
		A "r-xp 00000000 fe:00 123456789012345678901 /x/prog\n",
		A "r-xp 00000000 fe:00 1a /x/prog\n",
		A "r-xp 00000000 fe00 1 /x/prog\n",
		A "r-xp 00000000 123456789:00 1 /x/prog\n",
		A "r-xp 00000000 @\t/x/prog\n",
		PLAIN A "r--p 00001000 @ /x/prog\n",	/* overlaps */
		PLAIN "00300000-00301000 r--p 00001000 @ /x/prog\n",
		PLAIN "\n",
		PLAIN "\n" B "rw-p 00000000 00:00 0 \n",
		"\n", " ", "0"
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < NITEMS(bad); i++)
		refused(bad[i], "malformed maps");
}

static void
a_nul_byte_is_refused(void **state)
{
	struct image_fault	 why;
	char			*p;
	size_t			 len;

	(void)state;
	len = expand(PLAIN);
	p = memmem(text, len, "prog", 4);
	assert_non_null(p);
	p[1] = '\0';
	assert_int_equal(check(&rules, text, len, exe, &why), -1);
	assert_string_equal(why.if_check, "malformed maps");
}

static void
every_truncation_is_refused(void **state)
{
	struct image_fault	 why;
	size_t			 i, len, first;

	(void)state;
	len = expand(PLAIN B "rw-p 00000000 00:00 0     [heap]\n");
	first = (size_t)((char *)memchr(text, '\n', len) - text) + 1;
	for (i = 0; i < len; i++)
		if (i != first &&
		    check(&rules, text, i, exe, &why) != -1)
			fail_msg("allowed after %zu bytes", i);
	assert_int_equal(check(&rules, text, len, exe, &why), 0);
}

static void
unknown_kernel_names_are_refused(void **state)
{
	static const char	 why[] = "unknown kernel mapping";

	(void)state;
	refused(PLAIN B "r-xp 00000000 00:00 0 [uprobes]\n", why);
	refused(PLAIN B "r-xp 00000000 00:00 0 [anon:x]\n", why);
	refused(PLAIN B "r-xp 00000000 00:00 0 [vdso] \n", why);
	refused(PLAIN B "r-xp 00000000 00:00 0 anon_inode:x\n", why);
	refused(PLAIN B "r-xp 00000000 00:00 0 socket:[1]\n", why);
}

static void
memory_and_deleted_files_are_refused(void **state)
{
	(void)state;
	refused(A "r-xp 00000000 @ /memfd:x (deleted)\n",
	    "memory file mapped");
	refused(A "r-xp 00000000 @ /memfd:\n", "memory file mapped");
	refused(A "r-xp 00000000 @ /x/prog (deleted)\n",
	    "deleted file mapped");
	refused(A "r-xp 00000000 @ / (deleted)\n", "deleted file mapped");
	refused(PLAIN B "r--p 00000000 fe:00 7 /x/lib (deleted)\n",
	    "deleted file mapped");
	refused(PLAIN B "rw-s 00000000 00:01 7 /dev/zero (deleted)\n",
	    "deleted file mapped");
}

static void
writable_shared_mappings_are_refused(void **state)
{
	static const char	 why[] = "file mapped writable and shared";

	(void)state;
	refused(A "rwxs 00000000 @ /x/prog\n", why);
	refused(PLAIN B "-w-s 00000000 fe:00 7 /x/data\n", why);
	/* after a private segment of the same file */
	refused(PLAIN B "rw-s 00001000 @ /x/prog\n", why);
}

static void
an_executable_that_is_not_mapped_is_refused(void **state)
{
	static const char	 why[] = "executable is not what is mapped";

	(void)state;
	refused("", why);
	refused(A "rw-p 00000000 00:00 0 \n", why);
	refused(A "r-xp 00000000 fe:ff 1 /x/prog\n", why);
	refused(A "r-xp 00000000 fe:ff 18446744073709551615 /x/prog\n", why);
}

static void
too_many_mappings_are_refused(void **state)
{
	struct image_fault	 why;
	size_t			 i, n;

	(void)state;
	n = expand(PLAIN);
	for (i = 1; i < MAPS_LINES_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%08zx-%08zx rw-p 00000000 00:00 0 \n",
		    0x400000 + i * 0x1000, 0x401000 + i * 0x1000);
	assert_int_equal(check(&rules, text, n, exe, &why), 0);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "%08zx-%08zx rw-p 00000000 00:00 0 \n",
	    0x400000 + i * 0x1000, 0x401000 + i * 0x1000);
	assert_int_equal(check(&rules, text, n, exe, &why), -1);
	assert_string_equal(why.if_check, "too many mappings");
}

static void
an_overlong_name_is_refused(void **state)
{
	struct image_fault	 why;
	size_t			 n, i;

	(void)state;
	n = expand(A "r-xp 00000000 @ /");
	for (i = 1; i < PATH_MAX; i++)
		text[n++] = 'a';
	text[n] = '\n';
	assert_int_equal(check(&rules, text, n + 1, exe, &why), -1);
	text[n - 1] = '\n';
	assert_int_equal(check(&rules, text, n, exe, &why), 0);
	assert_int_equal(check(&rules, text, n - 1, exe, &why), -1);
}

static void
both_readings_of_an_escape_must_be_allowed(void **state)
{
	struct ruleset		 rs;
	struct image_fault	 why;
	size_t			 len;

	(void)state;
	memset(&rs, 0, sizeof(rs));
	rule_add(&rs, RULE_ALLOW, MATCH_EXACT, "/x/a\\012b");
	len = expand(A "r-xp 00000000 @ /x/a\\012b\n");
	assert_int_equal(check(&rs, text, len, exe, &why), -1);
	rule_add(&rs, RULE_ALLOW, MATCH_EXACT, "/x/a\nb");
	assert_int_equal(check(&rs, text, len, exe, &why), 0);
	rule_add(&rs, RULE_DENY, MATCH_EXACT, "/x/a\\012b");
	assert_int_equal(check(&rs, text, len, exe, &why), -1);
	ruleset_free(&rs);
	refused(A "r-xp 00000000 @ /x/\\012a\\012\n",
	    "ambiguous name mapped");
}

/* A memory file with these bytes, as executable. */
static void
exe_refused(const void *bytes, size_t len, const char *reason)
{
	struct image_fault	 why;
	int			 fd;

	fd = memfd_create("test", MFD_CLOEXEC);
	assert_true(fd != -1);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	expand(PLAIN);
	assert_int_equal(check(&rules, text, expand(PLAIN), fd, &why), -1);
	assert_string_equal(why.if_check, reason);
	close(fd);
}

static void
defective_executables_are_refused(void **state)
{
	Elf64_Ehdr	 good, eh;

	(void)state;
	assert_int_equal(pread(exe, &good, sizeof(good), 0), sizeof(good));
	exe_refused(&good, sizeof(good),
	    "executable ends before its segments");
	exe_refused(&good, 0, "executable cannot be read");
	exe_refused(&good, sizeof(good) - 1, "executable cannot be read");
	eh = good;
	eh.e_ident[0] = '#';
	exe_refused(&eh, sizeof(eh), "executable is not ELF");
	eh = good;
	eh.e_ident[EI_CLASS] = ELFCLASS32;
	exe_refused(&eh, sizeof(eh), "executable is not for x86-64");
	eh = good;
	eh.e_ident[EI_DATA] = ELFDATA2MSB;
	exe_refused(&eh, sizeof(eh), "executable is not for x86-64");
	eh = good;
	eh.e_machine = EM_AARCH64;
	exe_refused(&eh, sizeof(eh), "executable is not for x86-64");
	eh = good;
	eh.e_type = ET_CORE;
	exe_refused(&eh, sizeof(eh), "executable has a damaged header");
	eh = good;
	eh.e_phnum = 0;
	exe_refused(&eh, sizeof(eh), "executable has a damaged header");
	eh = good;
	eh.e_phentsize--;
	exe_refused(&eh, sizeof(eh), "executable has a damaged header");
	eh = good;
	eh.e_ident[EI_VERSION] = 0;
	exe_refused(&eh, sizeof(eh), "executable has a damaged header");
}

static void
descriptors_of_other_kinds_are_refused(void **state)
{
	struct image_fault	 why;
	size_t			 len = expand(PLAIN);
	int			 fd, fds[2];

	(void)state;
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(check(&rules, text, len, fd, &why), -1);
	assert_string_equal(why.if_check, "executable is not a regular file");
	close(fd);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(check(&rules, text, len, fds[0], &why), -1);
	assert_string_equal(why.if_check, "executable is not a regular file");
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(check(&rules, text, len, -1, &why), -1);
	assert_string_equal(why.if_check, "executable cannot be examined");
	fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	assert_int_equal(check(&rules, text, len, fd, &why), -1);
	assert_string_equal(why.if_check, "executable cannot be read");
	close(fd);
}

static int
setup(void **state)
{
	(void)state;
	exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	rule_add(&rules, RULE_ALLOW, MATCH_UNDER, "/");
	return (exe == -1);
}

static int
teardown(void **state)
{
	(void)state;
	close(exe);
	ruleset_free(&rules);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_at_their_exec_event_are_allowed),
		cmocka_unit_test(running_processes_are_allowed),
		cmocka_unit_test(a_denied_executable_is_refused_by_its_rule),
		cmocka_unit_test(a_denied_interpreter_is_refused),
		cmocka_unit_test(no_rule_means_refused),
		cmocka_unit_test(exact_lines_are_read),
		cmocka_unit_test(malformed_lines_are_refused),
		cmocka_unit_test(a_nul_byte_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(unknown_kernel_names_are_refused),
		cmocka_unit_test(memory_and_deleted_files_are_refused),
		cmocka_unit_test(writable_shared_mappings_are_refused),
		cmocka_unit_test(an_executable_that_is_not_mapped_is_refused),
		cmocka_unit_test(too_many_mappings_are_refused),
		cmocka_unit_test(an_overlong_name_is_refused),
		cmocka_unit_test(both_readings_of_an_escape_must_be_allowed),
		cmocka_unit_test(defective_executables_are_refused),
		cmocka_unit_test(descriptors_of_other_kinds_are_refused)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
