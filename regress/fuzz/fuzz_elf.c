/* LINK: worker/integrity_elf.c */
/*
 * Arbitrary bytes as an executable.  Whatever they are: no crash, the parser
 * ends, and what is accepted has the properties that the classes rely on.
 */
#include <sys/mman.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/verify.h"
#include "../../worker/integrity_elf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct elf_info	 el;
	static int		 fd = -1;
	uint32_t		 how;

	if (fd == -1 && (fd = memfd_create("fuzz", MFD_CLOEXEC)) == -1)
		abort();
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	if (elf_parse(fd, len, &el) == -1) {
		if (el.el_why == NULL)
			abort();
		return (0);
	}
	if (el.el_class & (EXEC_SCRIPT | EXEC_32BIT))
		return (0);
	/* exactly one of the three */
	how = el.el_class & (EXEC_STATIC | EXEC_DYNAMIC | EXEC_LOADER);
	if (how == 0 || (how & (how - 1)) != 0)
		abort();
	if ((how == EXEC_DYNAMIC) != (el.el_interp[0] == '/'))
		abort();
	if (memchr(el.el_interp, '\0', sizeof(el.el_interp)) == NULL)
		abort();
	return (0);
}
