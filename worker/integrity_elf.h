/*
 * What kind of executable is it?  A bounded reading of the ELF header, the
 * program headers, the interpreter's name and the dynamic flags.
 */
#ifndef INTEGRITY_ELF_H
#define INTEGRITY_ELF_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct elf_info {
	uint32_t	 el_class;	/* EXEC_*, common/verify.h; not memfd */
	int		 el_stack;	/* says what stack it wants */
	uint16_t	 el_type;	/* ET_EXEC or ET_DYN; 0: not read */
	uint16_t	 el_machine;	/* EM_*; 0: not read */
	char		 el_interp[PATH_MAX];	/* "" without PT_INTERP */
	const char	*el_why;	/* the defect, after -1 */
};

/*
 * Read the file behind fd, of so many bytes, with pread(2) only.  0: an ELF
 * executable without defect, or a script; the files of 32 bits are told apart
 * and not looked into.  -1: el_why says what is wrong.  Allocates nothing;
 * time and reads are bounded whatever the file says.
 */
int	 elf_parse(int, uint64_t, struct elf_info *);
/* The same of a shared object, which need not start anywhere. */
int	 elf_parse_library(int, uint64_t, struct elf_info *);

#endif /* INTEGRITY_ELF_H */
