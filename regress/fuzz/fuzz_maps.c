/* LINK: worker/integrity_image.c worker/integrity_elf.c */
/*
 * Arbitrary bytes as /proc/PID/maps.  Whatever they are: no crash, the reader
 * ends, and what is accepted has the properties that the rules rely on.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../worker/integrity.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct ruleset	 rules;
static int		 exe = -1;

static void
setup(void)
{
	struct rule	 r;
	char		 file[] = "fuzz", path[] = "/usr";

	memset(&r, 0, sizeof(r));
	r.r_rights = R_EXEC;
	r.r_action = RULE_ALLOW;
	r.r_match = MATCH_UNDER;
	r.r_line = 1;
	r.r_file = file;
	r.r_path = path;
	r.r_len = strlen(path);
	if (ruleset_add(&rules, &r) == -1 ||
	    (exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) == -1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct image		 im;
	struct image_fault	 why;
	struct maps		 ms;
	struct mapping		 mp;
	size_t			 lines = 0;
	uint64_t		 end = 0;
	int			 rv;

	if (exe == -1)
		setup();
	maps_open(&ms, data, len);
	while ((rv = maps_next(&ms, &mp)) == 1) {
		if (++lines > MAPS_LINES_MAX || mp.mp_start < end ||
		    mp.mp_end <= mp.mp_start)
			abort();
		end = mp.mp_end;
		if (mp.mp_kind == MK_FILE && (mp.mp_namelen < 2 ||
		    mp.mp_name[0] != '/' || mp.mp_namelen >= PATH_MAX ||
		    memchr(mp.mp_name, '\n', mp.mp_namelen) != NULL ||
		    memmem(mp.mp_name, mp.mp_namelen, "/../", 4) != NULL))
			abort();
	}
	if (rv == -1 && ms.ms_why == NULL)
		abort();

	memset(&im, 0, sizeof(im));
	im.i_maps = data;
	im.i_mapslen = len;
	im.i_fd = exe;
	if (image_check(&rules, &im, &why) == 0) {
		if (rv != 0)
			abort();	/* malformed, yet allowed */
	} else if (why.if_check == NULL)
		abort();
	return (0);
}
