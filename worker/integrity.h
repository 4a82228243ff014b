/*
 * The integrity worker's parts.  It reads descriptors and bytes that it was
 * handed and answers; it never opens, connects, or touches the child.
 */
#ifndef INTEGRITY_H
#define INTEGRITY_H

#include <sys/types.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/rule.h"
#include "../proto/wire.h"

/* integrity.c: the role; main.c calls it for -P integrity. */
int	 integrity_main(int, char **);

/* ---- integrity_image.c: /proc/PID/maps at the exec event ---- */

/* More lines than any image has when none of its instructions ran. */
#define MAPS_LINES_MAX	1024

#define MP_READ		0x1
#define MP_WRITE	0x2
#define MP_EXEC		0x4
#define MP_SHARED	0x8

/* What is behind a mapping. */
enum map_kind {
	MK_NONE,		/* nothing: no name */
	MK_KERNEL,		/* "[stack]", "[vdso]", ... */
	MK_FILE		/* a file */
};

/* One line. */
struct mapping {
	uint64_t	 mp_start, mp_end;
	uint64_t	 mp_offset;
	uint64_t	 mp_ino;
	uint32_t	 mp_major, mp_minor;
	uint32_t	 mp_prot;	/* MP_* */
	enum map_kind	 mp_kind;
	const uint8_t	*mp_name;	/* into the text, as the kernel wrote */
	size_t		 mp_namelen;
};

struct maps {
	const uint8_t	*ms_text;
	size_t		 ms_len;
	size_t		 ms_pos;
	size_t		 ms_lines;	/* read so far */
	uint64_t	 ms_end;	/* of the last mapping */
	const char	*ms_why;	/* what is wrong, after -1 */
};

void	 maps_open(struct maps *, const uint8_t *, size_t);
/* 1: *mp is the next mapping; 0: that was all; -1: malformed, see ms_why. */
int	 maps_next(struct maps *, struct mapping *);

/* Why an image is refused. */
struct image_fault {
	const char	*if_check;	/* the check that failed, in words */
	const struct rule *if_rule;	/* it decided; NULL: none, or no rule's */
	int		 if_byrule;	/* 1: allowing exec would help */
	char		 if_path[PATH_MAX];	/* as mapped; "" when unknown */
	size_t		 if_pathlen;
};

/*
 * May this image run?  0: yes.  -1: no, *why says which check failed.  Reads
 * i_fd with pread(2) and fstat(2) only; closes nothing.
 */
int	 image_check(const struct ruleset *, const struct image *,
	    struct image_fault *);

#endif /* INTEGRITY_H */
