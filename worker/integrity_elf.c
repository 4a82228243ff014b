/*
 * The ELF parser.  The file is hostile: every offset and size in it is
 * compared with what there is before it is used, no number of its decides how
 * much is allocated or how long a loop runs, and what it does not understand
 * it refuses.  As load_elf_binary() of fs/binfmt_elf.c reads a file, but
 * stricter.
 *
 * Must never: mmap(2) the file, whose end another may move, or write.
 */
#include <sys/types.h>

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../common/verify.h"
#include "integrity_elf.h"

#define PHNUM_MAX	1170		/* load_elf_phdrs(): 64 KiB of them */
#define PHDRS		32		/* read at once */
#define DYNS		64		/* read at once */
#define DYNS_MAX	4096		/* entries before DT_NULL */
#define ADDRESS_MAX	(1ULL << 47)	/* TASK_SIZE, four-level paging */
#define ELF_PAGE	4096ULL

/* What the program headers said so far. */
struct parse {
	int		 pa_fd;
	uint64_t	 pa_size;
	Elf64_Ehdr	 pa_eh;
	struct elf_info	*pa_el;
	unsigned	 pa_loads;
	unsigned	 pa_interps;
	unsigned	 pa_dynamics;
	uint64_t	 pa_end;	/* of the last PT_LOAD, in memory */
	int		 pa_entry;	/* the entry is in an executable one */
	int		 pa_library;	/* it need not start anywhere */
	Elf64_Phdr	 pa_dynamic;
	uint64_t	 pa_flags1;	/* DT_FLAGS_1 */
};

static int	 elf_read(int, uint64_t, struct elf_info *, int);
static int	 damaged(struct elf_info *, const char *);
static int	 within(const struct parse *, uint64_t, uint64_t);
static int	 get(const struct parse *, void *, size_t, uint64_t);
static int	 parse_ident(struct parse *);
static int	 parse_header(struct parse *);
static int	 parse_phdrs(struct parse *);
static int	 parse_phdr(struct parse *, const Elf64_Phdr *);
static int	 parse_load(struct parse *, const Elf64_Phdr *);
static int	 parse_interp(struct parse *, const Elf64_Phdr *);
static int	 parse_dynamic(struct parse *);
static void	 classify(struct parse *);

int
elf_parse(int fd, uint64_t size, struct elf_info *el)
{
	return (elf_read(fd, size, el, 0));
}

int
elf_parse_library(int fd, uint64_t size, struct elf_info *el)
{
	return (elf_read(fd, size, el, 1));
}

static int
elf_read(int fd, uint64_t size, struct elf_info *el, int library)
{
	struct parse	 pa;
	int		 rv;

	memset(el, 0, sizeof(*el));
	memset(&pa, 0, sizeof(pa));
	pa.pa_fd = fd;
	pa.pa_size = size;
	pa.pa_el = el;
	pa.pa_library = library;
	if ((rv = parse_ident(&pa)) != 1)
		return (rv);
	if (parse_header(&pa) == -1 || parse_phdrs(&pa) == -1 ||
	    parse_dynamic(&pa) == -1)
		return (-1);
	classify(&pa);
	return (0);
}

static int
damaged(struct elf_info *el, const char *why)
{
	el->el_why = why;
	return (-1);
}

/* Is [at, at + len) inside the file? */
static int
within(const struct parse *pa, uint64_t at, uint64_t len)
{
	return (at <= pa->pa_size && len <= pa->pa_size - at);
}

/* Exactly len bytes, or -1: a file that shrinks is one that ends early. */
static int
get(const struct parse *pa, void *buf, size_t len, uint64_t at)
{
	char	*p = buf;
	ssize_t	 n;

	if (!within(pa, at, len) || pa->pa_size > INT64_MAX)
		return (-1);
	while (len > 0) {
		n = pread(pa->pa_fd, p, len, (off_t)at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (-1);
		p += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return (0);
}

/* 1: ELF of 64 bits for this machine; 0: known without looking further. */
static int
parse_ident(struct parse *pa)
{
	uint8_t		 id[EI_NIDENT];
	struct elf_info	*el = pa->pa_el;

	if (get(pa, id, 2, 0) == 0 && id[0] == '#' && id[1] == '!') {
		el->el_class = EXEC_SCRIPT;
		return (0);
	}
	if (get(pa, id, sizeof(id), 0) == -1)
		return (damaged(el, "executable cannot be read"));
	if (memcmp(id, ELFMAG, SELFMAG) != 0)
		return (damaged(el, "executable is not ELF"));
	if (id[EI_CLASS] == ELFCLASS32) {
		el->el_class = EXEC_32BIT;
		return (0);
	}
	if (id[EI_CLASS] != ELFCLASS64 || id[EI_DATA] != ELFDATA2LSB)
		return (damaged(el, "executable is not for x86-64"));
	if (id[EI_VERSION] != EV_CURRENT)
		return (damaged(el, "executable has a damaged header"));
	return (1);
}

static int
parse_header(struct parse *pa)
{
	Elf64_Ehdr	*eh = &pa->pa_eh;
	struct elf_info	*el = pa->pa_el;

	if (get(pa, eh, sizeof(*eh), 0) == -1)
		return (damaged(el, "executable cannot be read"));
	if (eh->e_machine != EM_X86_64)
		return (damaged(el, "executable is not for x86-64"));
	if ((eh->e_type != ET_EXEC && eh->e_type != ET_DYN) ||
	    eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phnum == 0)
		return (damaged(el, "executable has a damaged header"));
	if (eh->e_phnum > PHNUM_MAX)
		return (damaged(el, "executable has too many segments"));
	if (!within(pa, eh->e_phoff,
	    (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr)))
		return (damaged(el, "executable ends before its segments"));
	el->el_type = eh->e_type;
	el->el_machine = eh->e_machine;
	return (0);
}

static int
parse_phdrs(struct parse *pa)
{
	Elf64_Phdr	 ph[PHDRS];
	unsigned	 i, n, left = pa->pa_eh.e_phnum;
	uint64_t	 at = pa->pa_eh.e_phoff;

	for (; left > 0; left -= n, at += n * sizeof(ph[0])) {
		n = left < PHDRS ? left : PHDRS;
		if (get(pa, ph, n * sizeof(ph[0]), at) == -1)
			return (damaged(pa->pa_el,
			    "executable ends before its segments"));
		for (i = 0; i < n; i++)
			if (parse_phdr(pa, &ph[i]) == -1)
				return (-1);
	}
	if (pa->pa_loads == 0)
		return (damaged(pa->pa_el, "executable loads nothing"));
	if (!pa->pa_entry && !pa->pa_library)
		return (damaged(pa->pa_el,
		    "executable starts outside of its code"));
	return (0);
}

static int
parse_phdr(struct parse *pa, const Elf64_Phdr *ph)
{
	switch (ph->p_type) {
	case PT_LOAD:
		return (parse_load(pa, ph));
	case PT_INTERP:
		if (pa->pa_interps++ > 0)
			return (damaged(pa->pa_el,
			    "executable has two interpreters"));
		return (parse_interp(pa, ph));
	case PT_DYNAMIC:
		if (pa->pa_dynamics++ > 0)
			return (damaged(pa->pa_el,
			    "executable has two dynamic sections"));
		if (!within(pa, ph->p_offset, ph->p_filesz))
			return (damaged(pa->pa_el,
			    "dynamic section ends after the file"));
		pa->pa_dynamic = *ph;
		return (0);
	case PT_GNU_STACK:
		/* without one: not executable, since Linux 5.8 */
		pa->pa_el->el_stack = 1;
		if (ph->p_flags & PF_X)
			pa->pa_el->el_class |= EXEC_EXECSTACK;
		return (0);
	}
	return (0);
}

/* The segments come by rising address, and none is within another. */
static int
parse_load(struct parse *pa, const Elf64_Phdr *ph)
{
	struct elf_info	*el = pa->pa_el;
	uint64_t	 entry = pa->pa_eh.e_entry;

	if (!within(pa, ph->p_offset, ph->p_filesz))
		return (damaged(el, "segment ends after the file"));
	if (ph->p_filesz > ph->p_memsz)
		return (damaged(el, "segment is larger than its memory"));
	if (ph->p_vaddr >= ADDRESS_MAX ||
	    ph->p_memsz > ADDRESS_MAX - ph->p_vaddr)
		return (damaged(el, "segment is outside of memory"));
	if (ph->p_filesz != 0 &&
	    ((ph->p_vaddr ^ ph->p_offset) & (ELF_PAGE - 1)) != 0)
		return (damaged(el, "segment is not aligned"));
	if (ph->p_vaddr < pa->pa_end)
		return (damaged(el, "segments overlap"));
	pa->pa_end = ph->p_vaddr + ph->p_memsz;
	pa->pa_loads++;
	if ((ph->p_flags & PF_X) && entry >= ph->p_vaddr &&
	    entry - ph->p_vaddr < ph->p_memsz)
		pa->pa_entry = 1;
	return (0);
}

/* An absolute name and one NUL, its last byte. */
static int
parse_interp(struct parse *pa, const Elf64_Phdr *ph)
{
	struct elf_info	*el = pa->pa_el;
	size_t		 len;

	if (!within(pa, ph->p_offset, ph->p_filesz))
		return (damaged(el, "interpreter's name is not in the file"));
	if (ph->p_filesz < 2 || ph->p_filesz > sizeof(el->el_interp))
		return (damaged(el, "interpreter's name has a bad length"));
	len = (size_t)ph->p_filesz;
	if (get(pa, el->el_interp, len, ph->p_offset) == -1 ||
	    el->el_interp[0] != '/' ||
	    memchr(el->el_interp, '\0', len) != el->el_interp + len - 1) {
		el->el_interp[0] = '\0';
		return (damaged(el, "interpreter's name is malformed"));
	}
	return (0);
}

static int
parse_dynamic(struct parse *pa)
{
	const Elf64_Phdr	*ph = &pa->pa_dynamic;
	Elf64_Dyn		 dyn[DYNS];
	uint64_t		 at = ph->p_offset;
	uint64_t		 left = ph->p_filesz / sizeof(dyn[0]);
	size_t			 i, n, seen;

	for (seen = 0; left > 0; left -= n, seen += n) {
		n = left < DYNS ? (size_t)left : DYNS;
		if (seen >= DYNS_MAX)
			return (damaged(pa->pa_el,
			    "dynamic section does not end"));
		if (get(pa, dyn, n * sizeof(dyn[0]), at) == -1)
			return (damaged(pa->pa_el,
			    "dynamic section cannot be read"));
		at += n * sizeof(dyn[0]);
		for (i = 0; i < n; i++) {
			if (dyn[i].d_tag == DT_NULL)
				return (0);
			if (dyn[i].d_tag == DT_FLAGS_1)
				pa->pa_flags1 = dyn[i].d_un.d_val;
		}
	}
	return (0);
}

/*
 * A dynamic loader is a shared object that needs no interpreter and does not
 * say that it is a program; ld(1) says so of those linked with -static-pie.
 */
static void
classify(struct parse *pa)
{
	struct elf_info	*el = pa->pa_el;

	if (el->el_type == ET_EXEC)
		el->el_class |= EXEC_NONPIE;
	if (el->el_interp[0] != '\0')
		el->el_class |= EXEC_DYNAMIC;
	else if (el->el_type == ET_DYN && !(pa->pa_flags1 & DF_1_PIE))
		el->el_class |= EXEC_LOADER;
	else
		el->el_class |= EXEC_STATIC;
}
