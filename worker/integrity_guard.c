/*
 * Has the executable crashed too often to be run now?  The crashes are the
 * receiver's word, the name is the memory map's; what holds for it is the
 * policy's.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "integrity.h"

int
image_suspended(const struct guardset *gu, const struct image *im,
    const struct crashes *cr, struct image_fault *why)
{
	const struct guard	*g;
	struct maps		 ms;
	struct mapping		 mp;
	struct stat		 st;
	int			 rv;

	if (cr->cr_count == 0)
		return (0);
	memset(why, 0, sizeof(*why));
	if (syscall(SYS_fstat, im->i_fd, &st) == -1) {
		why->if_check = "executable cannot be examined";
		return (-1);
	}
	maps_open(&ms, im->i_maps, im->i_mapslen);
	while ((rv = maps_next(&ms, &mp)) == 1)
		if (mp.mp_kind == MK_FILE && mapping_is(&mp, &st))
			break;
	if (rv != 1) {
		why->if_check = "executable is not what is mapped";
		return (-1);
	}
	g = guard_find(gu, (const char *)mp.mp_name, mp.mp_namelen);
	if (g == NULL || guard_left(g, cr) == 0)
		return (0);
	memcpy(why->if_path, mp.mp_name, mp.mp_namelen);
	why->if_path[mp.mp_namelen] = '\0';
	why->if_pathlen = mp.mp_namelen;
	guard_why(g, cr, why->if_text, sizeof(why->if_text));
	why->if_check = why->if_text;
	(void)snprintf(why->if_by, sizeof(why->if_by), "%s:%u",
	    g->g_rule.r_file, g->g_rule.r_line);
	guard_cure(why->if_path, why->if_pathlen, why->if_allow,
	    sizeof(why->if_allow));
	return (-1);
}
