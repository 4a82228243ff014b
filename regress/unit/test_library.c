/* LINK: worker/integrity_library.c worker/integrity_verify.c */
/* LINK: worker/integrity_image.c worker/integrity_elf.c worker/integrity_hash.c */
/*
 * The integrity worker's answer about a file that is to be mapped: each check
 * alone, with a file that passes all others.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/stat.h>

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../worker/integrity.h"

#define PROGRAM	"/usr/bin/node"

static char		 dir[] = "/tmp/library.XXXXXX";
static char		 file[64], other[64];
static struct verifyset	 vs;
static struct ruleset	 rs;
static struct verification vn;
static struct image_fault why;
static uint8_t		 writers;

/* A shared object as far as anybody looks: one segment, and a stack. */
static void
make(unsigned stack)
{
	struct {
		Elf64_Ehdr	 eh;
		Elf64_Phdr	 ph[2];
	}	 e;
	int	 fd;

	memset(&e, 0, sizeof(e));
	memcpy(e.eh.e_ident, ELFMAG, SELFMAG);
	e.eh.e_ident[EI_CLASS] = ELFCLASS64;
	e.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	e.eh.e_ident[EI_VERSION] = EV_CURRENT;
	e.eh.e_type = ET_DYN;
	e.eh.e_machine = EM_X86_64;
	e.eh.e_phoff = offsetof(__typeof__(e), ph);
	e.eh.e_phentsize = sizeof(e.ph[0]);
	e.eh.e_phnum = 2;
	e.ph[0].p_type = PT_LOAD;
	e.ph[0].p_flags = PF_R | PF_X;
	e.ph[0].p_filesz = e.ph[0].p_memsz = sizeof(e);
	e.ph[0].p_align = 0x1000;
	e.ph[1].p_type = stack == 0 ? PT_NOTE : PT_GNU_STACK;
	e.ph[1].p_flags = stack;
	(void)unlink(file);
	assert_true((fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0644)) != -1);
	assert_int_equal(write(fd, &e, sizeof(e)), sizeof(e));
	close(fd);
}

static void
rule(int action, int match, uint32_t rights, const char *path)
{
	static char	 from[] = "test";
	struct rule	 r;

	memset(&r, 0, sizeof(r));
	r.r_action = (uint8_t)action;
	r.r_match = (uint8_t)match;
	r.r_rights = rights;
	r.r_file = from;
	r.r_line = 3;
	r.r_path = (char *)(uintptr_t)path;
	assert_int_equal(ruleset_add(&rs, &r), 0);
}

static void
list(void)
{
	static struct hash	 ha;
	static char		 from[] = "test";
	struct verify		 v;
	int			 fd, rv;

	memset(&v, 0, sizeof(v));
	v.v_path = file;
	v.v_file = from;
	v.v_line = 7;
	v.v_alg = DIGEST_SHA256;
	assert_true((fd = open(file, O_RDONLY | O_CLOEXEC)) != -1);
	if ((rv = hash_start(&ha, fd, HASH_ALG(v.v_alg))) == 0)
		while ((rv = hash_slice(&ha)) == 0)
			continue;
	assert_int_equal(rv, 1);
	memcpy(v.v_digest, ha.ha_digest[v.v_alg], DIGEST_MAX);
	close(fd);
	assert_int_equal(verify_add(&vs, &v), 0);
	verify_sort(&vs);
}

/* Libraries are looked at, and everything may be mapped. */
static void
fresh(void)
{
	verify_free(&vs);
	ruleset_free(&rs);
	vs.vs_library = 1;
	writers = WRITERS_NO;
	make(PF_R | PF_W);
	rule(RULE_ALLOW, MATCH_UNDER, RG_EXEC, "/");
}

/* What the kernel would write of fd as its name; 1 or -1. */
static int
ask(int fd, const char *name)
{
	struct library	 lb;
	int		 rv;

	memset(&lb, 0, sizeof(lb));
	lb.l_fd = fd;
	lb.l_writers = writers;
	lb.l_exe = (const uint8_t *)PROGRAM;
	lb.l_exelen = strlen(PROGRAM);
	lb.l_name = (const uint8_t *)name;
	lb.l_namelen = strlen(name);
	rv = library_check(&vs, &rs, &lb, &vn, &why);
	if (rv == 0)
		while ((rv = verify_step(&vs, &vn, &why)) == 0)
			continue;
	verify_end(&vn);
	assert_int_equal(fcntl(fd, F_GETFD), -1);	/* was taken */
	return (rv);
}

static int
verdict(void)
{
	int	 fd;

	assert_true((fd = open(file, O_RDONLY | O_CLOEXEC)) != -1);
	return (ask(fd, file));
}

static void
refused(const char *check, uint32_t right)
{
	assert_int_equal(verdict(), -1);
	assert_string_equal(why.if_check, check);
	assert_int_equal(why.if_right, right);
	assert_string_equal(why.if_path, file);
}

static void
a_rule_decides_where_libraries_are_looked_at(void **state)
{
	(void)state;
	fresh();
	assert_int_equal(verdict(), 1);
	rule(RULE_DENY, MATCH_EXACT, R_LIBRARY, file);
	refused("file may not be mapped to be executed", R_LIBRARY);
	assert_int_equal(why.if_byrule, 1);
	assert_non_null(why.if_rule);
	vs.vs_library = 0;
	assert_int_equal(verdict(), 1);
	fresh();
	rule(RULE_DENY, MATCH_EXACT, R_EXEC, file);
	assert_int_equal(verdict(), 1);
	ruleset_free(&rs);
	refused("file may not be mapped to be executed", R_LIBRARY);
	assert_null(why.if_rule);
}

static void
a_digest_must_be_that_of_the_file(void **state)
{
	(void)state;
	fresh();
	list();
	assert_int_equal(verdict(), 1);
	make(PF_R);
	assert_int_equal(verdict(), -1);
	assert_non_null(strstr(why.if_check, "sha256 digest differs"));
	assert_string_equal(why.if_by, "test:7");
	assert_non_null(strstr(why.if_allow, "verify library \""));
	vs.vs_library = 0;
	assert_int_equal(verdict(), 1);
	fresh();
	vs.vs_all = 1;
	assert_int_equal(verdict(), -1);
	assert_string_equal(why.if_check,
	    "no digest is listed for the file");
	list();
	assert_int_equal(verdict(), 1);
}

static void
what_can_be_written_is_not_verified(void **state)
{
	(void)state;
	fresh();
	list();
	rule(RULE_ALLOW, MATCH_UNDER, R_TRUNCATE, dir);
	assert_int_equal(verdict(), -1);
	assert_string_equal(why.if_check,
	    "library could be written after it was verified");
	fresh();
	list();
	writers = WRITERS_YES;
	refused("file is open for writing", R_LIBRARY);
	writers = WRITERS_UNKNOWN;
	assert_int_equal(verdict(), 1);
	writers = WRITERS_NO;
	assert_int_equal(link(file, other), 0);
	/* root's are not looked at */
	assert_int_equal(verdict(), getuid() == 0 ? 1 : -1);
	assert_int_equal(unlink(other), 0);
	fresh();
	writers = WRITERS_YES;
	assert_int_equal(verdict(), 1);
	vs.vs_wx = 1;
	refused("file is open for writing", R_LIBRARY);
	rule(RULE_ALLOW, MATCH_EXACT, R_WX, PROGRAM);
	assert_int_equal(verdict(), 1);
	list();
	assert_int_equal(verdict(), -1);
}

static void
nameless(int fd, const char *name, const char *check)
{
	int	 again = dup(fd);

	assert_true(fd != -1 && again != -1);
	ruleset_free(&rs);
	rule(RULE_ALLOW, MATCH_UNDER, RG_ALL, "/");
	assert_int_equal(ask(fd, name), -1);
	assert_string_equal(why.if_check, check);
	assert_int_equal(why.if_right, R_WX);
	assert_string_equal(why.if_path, PROGRAM);
	rule(RULE_ALLOW, MATCH_EXACT, R_WX, PROGRAM);
	assert_int_equal(ask(again, name), 1);
}

static void
what_has_no_name_is_the_program_s_own_code(void **state)
{
	char	 gone[PATH_MAX];
	int	 fd, wx;

	(void)state;
	for (wx = 0; wx < 2; wx++) {
		fresh();
		vs.vs_wx = wx;
		vs.vs_library = !wx;
		nameless(memfd_create("x", MFD_CLOEXEC),
		    "/memfd:x (deleted)", "memory file mapped");
		(void)snprintf(gone, sizeof(gone), "%s (deleted)", file);
		fd = open(file, O_RDONLY | O_CLOEXEC);
		assert_int_equal(unlink(file), 0);
		nameless(fd, gone, "deleted file mapped");
		make(PF_R);
		/* its name and the truth differ: either is enough */
		nameless(open(file, O_RDONLY | O_CLOEXEC), gone,
		    "deleted file mapped");
		fd = open(file, O_RDONLY | O_CLOEXEC);
		assert_int_equal(unlink(file), 0);
		nameless(fd, file, "deleted file mapped");
		make(PF_R);
		nameless(open(file, O_RDONLY | O_CLOEXEC), "anon_inode:x",
		    "mapped file has no name");
		nameless(open(file, O_RDONLY | O_CLOEXEC), "",
		    "mapped file has no name");
		nameless(open("/dev/zero", O_RDONLY | O_CLOEXEC),
		    "/dev/zero", "mapped file is not a regular file");
	}
}

static void
an_executable_stack_is_refused_by_class_and_by_wx(void **state)
{
	static const unsigned	 stacks[] = { PF_R | PF_W | PF_X, PF_X, 0 };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		fresh();
		make(stacks[i]);
		assert_int_equal(verdict(), 1);
		vs.vs_refused = EXEC_EXECSTACK;
		refused("library asks for an executable stack", R_LIBRARY);
		assert_string_equal(why.if_allow,
		    "allow exec class execstack");
		vs.vs_refused = EXEC_NONPIE | EXEC_LOADER | EXEC_STATIC;
		assert_int_equal(verdict(), 1);
		vs.vs_wx = 1;
		refused("library asks for an executable stack", R_LIBRARY);
		rule(RULE_ALLOW, MATCH_EXACT, R_WX, PROGRAM);
		assert_int_equal(verdict(), 1);
	}
	fresh();
	vs.vs_refused = EXEC_EXECSTACK;
	vs.vs_wx = 1;
	assert_int_equal(verdict(), 1);
	/* not ELF: no stack; ELF that is damaged: nobody knows */
	assert_int_equal(truncate(file, 3), 0);
	assert_int_equal(verdict(), 1);
	make(PF_R);
	assert_int_equal(truncate(file, 40), 0);
	assert_int_equal(verdict(), -1);
}

static void
an_image_has_no_memory_to_write_and_execute(void **state)
{
	char		 maps[512];
	struct image	 im;
	struct stat	 st;
	size_t		 i;
	static const struct {
		const char	*stack, *text;
		int		 rv;
	} t[] = {
		{ "rw-p", "r-xp", 0 },
		{ "rwxp", "r-xp", -1 },
		{ "rw-p", "rwxp", -1 },
		{ "-wxp", "r-xp", -1 },
	};

	(void)state;
	fresh();
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&im, 0, sizeof(im));
		assert_true((im.i_fd = open(file,
		    O_RDONLY | O_CLOEXEC)) != -1);
		assert_int_equal(fstat(im.i_fd, &st), 0);
		im.i_maps = (const uint8_t *)maps;
		im.i_mapslen = (size_t)snprintf(maps, sizeof(maps),
		    "00400000-00401000 %s 00000000 %02x:%02x %ju %s\n"
		    "7ffd0000-7ffe0000 %s 00000000 00:00 0 [stack]\n",
		    t[i].text, (unsigned)(st.st_dev >> 8) & 0xfff,
		    (unsigned)st.st_dev & 0xff, (uintmax_t)st.st_ino, file,
		    t[i].stack);
		assert_int_equal(image_wx(&rs, &im, &why), t[i].rv);
		if (t[i].rv == -1) {
			assert_string_equal(why.if_path, file);
			assert_int_equal(why.if_right, R_WX);
			rule(RULE_ALLOW, MATCH_EXACT, R_WX, file);
			assert_int_equal(image_wx(&rs, &im, &why), 0);
			ruleset_free(&rs);
		}
		close(im.i_fd);
	}
}

static int
start(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || hash_init() == -1)
		return (-1);
	(void)snprintf(file, sizeof(file), "%s/lib.so", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	library_init();
	return (0);
}

static int
end(void **state)
{
	(void)state;
	verify_free(&vs);
	ruleset_free(&rs);
	(void)unlink(file);
	(void)unlink(other);
	return (rmdir(dir));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_rule_decides_where_libraries_are_looked_at),
		cmocka_unit_test(a_digest_must_be_that_of_the_file),
		cmocka_unit_test(what_can_be_written_is_not_verified),
		cmocka_unit_test(what_has_no_name_is_the_program_s_own_code),
		cmocka_unit_test(
		    an_executable_stack_is_refused_by_class_and_by_wx),
		cmocka_unit_test(an_image_has_no_memory_to_write_and_execute),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, start, end));
}
