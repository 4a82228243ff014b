/* LINK: worker/integrity_elf.c */
/*
 * elf_parse(): the executables of this system are what they are, and a file
 * with one defect is refused for just that defect.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/verify.h"
#include "../../worker/integrity_elf.h"

#define NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static struct elf_info	 el;

static int
parse_fd(int fd)
{
	struct stat	 st;

	assert_int_equal(fstat(fd, &st), 0);
	return (elf_parse(fd, (uint64_t)st.st_size, &el));
}

static int
parse_path(const char *path)
{
	int	 fd, rv;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fail_msg("%s cannot be opened", path);
	rv = parse_fd(fd);
	close(fd);
	return (rv);
}

/* ---- a small good executable, to be damaged ---- */

enum { LOAD_TEXT, LOAD_DATA, INTERP, DYNAMIC, STACK, NPHDRS };
struct file {
	Elf64_Ehdr	 f_eh;
	Elf64_Phdr	 f_ph[NPHDRS];
	char		 f_interp[32];
	Elf64_Dyn	 f_dyn[4];
	char		 f_pad[8192];
};

static struct file	 f;
static size_t		 flen;		/* how much of it there is */

static void
segment(unsigned i, uint32_t type, uint32_t flags, uint64_t at, uint64_t len)
{
	f.f_ph[i].p_type = type;
	f.f_ph[i].p_flags = flags;
	f.f_ph[i].p_offset = f.f_ph[i].p_vaddr = at;
	f.f_ph[i].p_filesz = f.f_ph[i].p_memsz = len;
}

static void
good(void)
{
	static const char	 interp[] = "/lib64/ld.so";

	memset(&f, 0, sizeof(f));
	flen = sizeof(f);
	memcpy(f.f_eh.e_ident, ELFMAG, SELFMAG);
	f.f_eh.e_ident[EI_CLASS] = ELFCLASS64;
	f.f_eh.e_ident[EI_DATA] = ELFDATA2LSB;
	f.f_eh.e_ident[EI_VERSION] = EV_CURRENT;
	f.f_eh.e_machine = EM_X86_64;
	f.f_eh.e_type = ET_DYN;
	f.f_eh.e_phentsize = sizeof(Elf64_Phdr);
	f.f_eh.e_phnum = NPHDRS;
	f.f_eh.e_phoff = offsetof(struct file, f_ph);
	f.f_eh.e_entry = 0x100;
	memcpy(f.f_interp, interp, sizeof(interp));
	f.f_dyn[0].d_tag = DT_FLAGS_1;
	f.f_dyn[0].d_un.d_val = DF_1_PIE;
	segment(LOAD_TEXT, PT_LOAD, PF_R | PF_X, 0, 4096);
	segment(LOAD_DATA, PT_LOAD, PF_R | PF_W, 4096, 100);
	segment(INTERP, PT_INTERP, PF_R, offsetof(struct file, f_interp),
	    sizeof(interp));
	segment(DYNAMIC, PT_DYNAMIC, PF_R, offsetof(struct file, f_dyn),
	    sizeof(f.f_dyn));
	segment(STACK, PT_GNU_STACK, PF_R | PF_W, 0, 0);
}

static int
parse_built(void)
{
	int	 fd, rv;

	fd = memfd_create("elf", MFD_CLOEXEC);
	assert_true(fd != -1);
	assert_int_equal(write(fd, &f, flen), (ssize_t)flen);
	rv = parse_fd(fd);
	close(fd);
	return (rv);
}

static void
is_class(uint32_t want)
{
	if (parse_built() != 0)
		fail_msg("refused: %s", el.el_why);
	assert_int_equal(el.el_class, want);
}

/* ---- defects by name ---- */

static void	 empty(void) { flen = 0; }
static void	 only_ident(void) { flen = EI_NIDENT; }
static void	 not_elf(void) { f.f_eh.e_ident[0] = 'X'; }
static void	 big_endian(void) { f.f_eh.e_ident[EI_DATA] = ELFDATA2MSB; }
static void	 class_3(void) { f.f_eh.e_ident[EI_CLASS] = 3; }
static void	 version_2(void) { f.f_eh.e_ident[EI_VERSION] = 2; }
static void	 arm(void) { f.f_eh.e_machine = EM_AARCH64; }
static void	 object(void) { f.f_eh.e_type = ET_REL; }
static void	 core(void) { f.f_eh.e_type = ET_CORE; }
static void	 phentsize(void) { f.f_eh.e_phentsize = 55; }
static void	 no_phdrs(void) { f.f_eh.e_phnum = 0; }
static void	 huge_phnum(void) { f.f_eh.e_phnum = 0xffff; }
static void	 many_phdrs(void) { f.f_eh.e_phnum = 1171; }
static void	 phdrs_past_end(void) { f.f_eh.e_phnum = 1170; }
static void	 phoff_wraps(void) { f.f_eh.e_phoff = UINT64_MAX - 8; }
static void	 phoff_negative(void) { f.f_eh.e_phoff = 1ULL << 63; }
static void	 truncated(void) { flen = offsetof(struct file, f_ph) + 60; }
static void	 no_load(void)
{
	f.f_ph[LOAD_TEXT].p_type = f.f_ph[LOAD_DATA].p_type = PT_NULL;
}
static void	 entry_in_data(void) { f.f_eh.e_entry = 4096; }
static void	 entry_nowhere(void) { f.f_eh.e_entry = 1ULL << 63; }
static void	 entry_wraps(void) { f.f_eh.e_entry = UINT64_MAX; }
static void	 load_past_end(void) { f.f_ph[LOAD_DATA].p_filesz = 8192;
		    f.f_ph[LOAD_DATA].p_memsz = 8192; }
static void	 load_wraps(void) { f.f_ph[LOAD_DATA].p_filesz = UINT64_MAX; }
static void	 load_offset_wraps(void)
{
	f.f_ph[LOAD_DATA].p_offset = UINT64_MAX - 4095;
	f.f_ph[LOAD_DATA].p_filesz = 8192;
}
static void	 filesz_over_memsz(void) { f.f_ph[LOAD_DATA].p_memsz = 99; }
static void	 memory_wraps(void)
{
	f.f_ph[LOAD_DATA].p_memsz = UINT64_MAX;
}
static void	 kernel_address(void)
{
	f.f_ph[LOAD_DATA].p_vaddr = 0xffff800000001000ULL;
}
static void	 misaligned(void) { f.f_ph[LOAD_DATA].p_vaddr += 8; }
static void	 overlapping(void) { f.f_ph[LOAD_TEXT].p_memsz = 4097; }
static void	 descending(void)
{
	Elf64_Phdr	 ph = f.f_ph[LOAD_TEXT];

	f.f_ph[LOAD_TEXT] = f.f_ph[LOAD_DATA];
	f.f_ph[LOAD_DATA] = ph;
}
static void	 two_interps(void) { f.f_ph[STACK] = f.f_ph[INTERP]; }
static void	 two_dynamics(void) { f.f_ph[STACK] = f.f_ph[DYNAMIC]; }
static void	 interp_empty(void) { f.f_ph[INTERP].p_filesz = 1; }
static void	 interp_long(void) { f.f_ph[INTERP].p_filesz = 4097; }
static void	 interp_huge(void) { f.f_ph[INTERP].p_filesz = UINT64_MAX; }
static void	 interp_outside(void) { f.f_ph[INTERP].p_offset = 1 << 20; }
static void	 interp_endless(void) { f.f_ph[INTERP].p_filesz = 5; }
static void	 interp_two_nul(void) { f.f_ph[INTERP].p_filesz++; }
static void	 interp_relative(void) { f.f_interp[0] = 'l'; }
static void	 dynamic_outside(void) { f.f_ph[DYNAMIC].p_offset = 1 << 20; }
static void	 dynamic_huge(void) { f.f_ph[DYNAMIC].p_filesz = UINT64_MAX; }

static const struct {
	const char	*name;
	void		(*damage)(void);
	const char	*why;
} defects[] = {
#define D(d, why)	{ #d, d, why }
	D(empty, "executable cannot be read"),
	D(only_ident, "executable cannot be read"),
	D(not_elf, "executable is not ELF"),
	D(big_endian, "executable is not for x86-64"),
	D(class_3, "executable is not for x86-64"),
	D(version_2, "executable has a damaged header"),
	D(arm, "executable is not for x86-64"),
	D(object, "executable has a damaged header"),
	D(core, "executable has a damaged header"),
	D(phentsize, "executable has a damaged header"),
	D(no_phdrs, "executable has a damaged header"),
	D(huge_phnum, "executable has too many segments"),
	D(many_phdrs, "executable has too many segments"),
	D(phdrs_past_end, "executable ends before its segments"),
	D(phoff_wraps, "executable ends before its segments"),
	D(phoff_negative, "executable ends before its segments"),
	D(truncated, "executable ends before its segments"),
	D(no_load, "executable loads nothing"),
	D(entry_in_data, "executable starts outside of its code"),
	D(entry_nowhere, "executable starts outside of its code"),
	D(entry_wraps, "executable starts outside of its code"),
	D(load_past_end, "segment ends after the file"),
	D(load_wraps, "segment ends after the file"),
	D(load_offset_wraps, "segment ends after the file"),
	D(filesz_over_memsz, "segment is larger than its memory"),
	D(memory_wraps, "segment is outside of memory"),
	D(kernel_address, "segment is outside of memory"),
	D(misaligned, "segment is not aligned"),
	D(overlapping, "segments overlap"),
	D(descending, "segments overlap"),
	D(two_interps, "executable has two interpreters"),
	D(two_dynamics, "executable has two dynamic sections"),
	D(interp_empty, "interpreter's name has a bad length"),
	D(interp_long, "interpreter's name has a bad length"),
	D(interp_huge, "interpreter's name is not in the file"),
	D(interp_outside, "interpreter's name is not in the file"),
	D(interp_endless, "interpreter's name is malformed"),
	D(interp_two_nul, "interpreter's name is malformed"),
	D(interp_relative, "interpreter's name is malformed"),
	D(dynamic_outside, "dynamic section ends after the file"),
	D(dynamic_huge, "dynamic section ends after the file"),
#undef D
};

static void
a_file_is_refused_for_its_one_defect(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < NITEMS(defects); i++) {
		good();
		defects[i].damage();
		if (parse_built() != -1)
			fail_msg("%s: accepted", defects[i].name);
		if (strcmp(el.el_why, defects[i].why) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", defects[i].name,
			    el.el_why, defects[i].why);
	}
}

static void
every_truncation_is_refused(void **state)
{
	size_t	 n;

	(void)state;
	good();
	for (n = 0; n < offsetof(struct file, f_pad); n++) {
		flen = n;
		if (parse_built() != -1)
			fail_msg("accepted with %zu bytes", n);
	}
}

/* More entries than are read: it ends, and says so. */
static void
an_endless_dynamic_section_ends(void **state)
{
	Elf64_Dyn	 dyn[5000];
	int		 fd;

	(void)state;
	good();
	segment(DYNAMIC, PT_DYNAMIC, PF_R, sizeof(f), sizeof(dyn));
	memset(dyn, 1, sizeof(dyn));
	fd = memfd_create("elf", MFD_CLOEXEC);
	assert_int_equal(write(fd, &f, sizeof(f)), (ssize_t)sizeof(f));
	assert_int_equal(write(fd, dyn, sizeof(dyn)), (ssize_t)sizeof(dyn));
	assert_int_equal(parse_fd(fd), -1);
	assert_string_equal(el.el_why, "dynamic section does not end");
	close(fd);
}

/* The size was taken before; now there is less. */
static void
a_file_that_shrank_is_refused(void **state)
{
	int	 fd;

	(void)state;
	good();
	fd = memfd_create("elf", MFD_CLOEXEC);
	assert_int_equal(write(fd, &f, 200), 200);
	assert_int_equal(elf_parse(fd, sizeof(f), &el), -1);
	assert_int_equal(elf_parse(fd, UINT64_MAX, &el), -1);
	close(fd);
}

static void
each_class_is_told_from_the_others(void **state)
{
	(void)state;
	good();
	is_class(EXEC_DYNAMIC);
	assert_string_equal(el.el_interp, "/lib64/ld.so");
	f.f_eh.e_type = ET_EXEC;
	is_class(EXEC_DYNAMIC | EXEC_NONPIE);
	f.f_ph[INTERP].p_type = PT_NULL;
	is_class(EXEC_STATIC | EXEC_NONPIE);
	f.f_eh.e_type = ET_DYN;
	is_class(EXEC_STATIC);
	f.f_dyn[0].d_un.d_val = 0;
	is_class(EXEC_LOADER);
	f.f_ph[STACK].p_flags |= PF_X;
	is_class(EXEC_LOADER | EXEC_EXECSTACK);
	good();
	f.f_eh.e_ident[EI_CLASS] = ELFCLASS32;
	is_class(EXEC_32BIT);
	good();
	memcpy(&f, "#!/bin/sh\n", 10);
	is_class(EXEC_SCRIPT);
	flen = 2;
	is_class(EXEC_SCRIPT);
}

/* ---- files of this system ---- */

static unsigned
directory(const char *path)
{
	struct dirent	*de;
	char		 name[PATH_MAX];
	uint8_t		 head[4];
	unsigned	 n = 0;
	DIR		*dir;
	int		 fd;

	if ((dir = opendir(path)) == NULL)
		return (0);
	while ((de = readdir(dir)) != NULL) {
		(void)snprintf(name, sizeof(name), "%s/%s", path, de->d_name);
		if (access(name, X_OK) == -1 ||
		    (fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
			continue;
		if (read(fd, head, 4) == 4 && memcmp(head, ELFMAG, 4) == 0) {
			if (parse_fd(fd) == -1)
				fail_msg("%s: %s", name, el.el_why);
			n++;
		}
		close(fd);
	}
	closedir(dir);
	return (n);
}

static void
every_program_of_this_system_is_sound(void **state)
{
	(void)state;
	assert_true(directory("/usr/bin") > 100);
	(void)directory("/usr/sbin");
	(void)directory("/usr/local/bin");
}

static void
the_dynamic_loader_is_one(void **state)
{
	(void)state;
	assert_int_equal(parse_path("/bin/true"), 0);
	assert_true(el.el_class & EXEC_DYNAMIC);
	assert_int_equal(parse_path(el.el_interp), 0);
	assert_int_equal(el.el_class, EXEC_LOADER);
}

/* What the compiler makes with an option is of the class of that option. */
static void
what_gcc_makes_is_of_its_option_s_class(void **state)
{
	static const struct {
		const char	*options;
		uint32_t	 want;
	} made[] = {
		{ "-pie -fPIE", EXEC_DYNAMIC },
		{ "-no-pie", EXEC_DYNAMIC | EXEC_NONPIE },
		{ "-static", EXEC_STATIC | EXEC_NONPIE },
		{ "-static-pie -fPIE", EXEC_STATIC },
		{ "-pie -fPIE -z execstack", EXEC_DYNAMIC | EXEC_EXECSTACK },
		{ "-shared -fPIC -Wl,-e,main", EXEC_LOADER },
		{ "-static -nostdlib -Wl,-e,main", EXEC_STATIC | EXEC_NONPIE },
	};
	char	 dir[] = "/tmp/elf.XXXXXX", out[64], cmd[256];
	size_t	 i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(out, sizeof(out), "%s/out", dir);
	for (i = 0; i < NITEMS(made); i++) {
		(void)snprintf(cmd, sizeof(cmd), "echo 'int main(void)"
		    "{return 0;}' | gcc %s -x c -o %s - 2>/dev/null",
		    made[i].options, out);
		if (system(cmd) != 0)
			fail_msg("gcc %s failed", made[i].options);
		if (parse_path(out) == -1)
			fail_msg("%s: %s", made[i].options, el.el_why);
		if (el.el_class != made[i].want)
			fail_msg("%s: %#x", made[i].options, el.el_class);
	}
	unlink(out);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_file_is_refused_for_its_one_defect),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(an_endless_dynamic_section_ends),
		cmocka_unit_test(a_file_that_shrank_is_refused),
		cmocka_unit_test(each_class_is_told_from_the_others),
		cmocka_unit_test(every_program_of_this_system_is_sound),
		cmocka_unit_test(the_dynamic_loader_is_one),
		cmocka_unit_test(what_gcc_makes_is_of_its_option_s_class),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("tests", tests, NULL, NULL));
}
