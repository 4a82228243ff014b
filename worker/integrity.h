/*
 * The integrity worker's parts.  It reads descriptors and bytes that it was
 * handed and answers; it never opens, connects, or touches the child.
 */
#ifndef INTEGRITY_H
#define INTEGRITY_H

#include <sys/types.h>
#include <sys/stat.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/guard.h"
#include "../common/rule.h"
#include "../common/tpe.h"
#include "../common/verify.h"
#include "../proto/wire.h"
#include "integrity_hash.h"

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
#define FAULT_TEXT	TPE_TEXT	/* and two digests in words */
#define FAULT_ALLOW	(PATH_MAX + 256)
struct image_fault {
	uint32_t	 if_right;	/* 0: R_EXEC */
	const char	*if_check;	/* the check that failed, in words */
	const struct rule *if_rule;	/* it decided; NULL: none, or no rule's */
	int		 if_byrule;	/* 1: allowing exec would help */
	uint8_t		 if_effect;	/* EFFECT_*, where no rule has one */
	char		 if_path[PATH_MAX];	/* as mapped; "" when unknown */
	size_t		 if_pathlen;
	char		 if_text[FAULT_TEXT];	/* room for if_check */
	char		 if_by[EXEC_AT_MAX + 1];	/* who says so, or "" */
	char		 if_allow[FAULT_ALLOW];	/* what would allow it, or "" */
};

/*
 * May this image run?  0: yes.  -1: no, *why says which check failed.  Reads
 * i_fd with pread(2) and fstat(2) only; closes nothing.
 */
int	 image_check(const struct ruleset *, const struct image *,
	    struct image_fault *);

/*
 * Is this mapping of the file with these numbers?  See there for what they
 * are where a file system makes up its own.
 */
int	 mapping_is(const struct mapping *, const struct stat *);

/* ---- integrity_guard.c ---- */

/* Is an image that image_check() accepted suspended?  0: no.  -1: *why. */
int	 image_suspended(const struct guardset *, const struct image *,
	    const struct crashes *, struct image_fault *);

/* ---- integrity_verify.c: digests and classes ---- */

/* The executable and its ELF interpreter. */
#define TARGETS_MAX	2

/*
 * An interpreter that was handed over stays open: the next image that maps it
 * needs no other descriptor, and as long as it is open its device and inode
 * are nobody else's.
 */
struct held {
	int		 he_fd;
	uint64_t	 he_ino;
	uint32_t	 he_major, he_minor;	/* as the mapping has them */
	uint64_t	 he_mount;
	unsigned	 he_users;	/* targets */
};

/* A name being looked at from / down, one directory at a time. */
struct step {
	struct stat	 sp_st;
	uint64_t	 sp_mount;
	int		 sp_fd;		/* -1: it is not kept open, and ... */
	int		 sp_holds;	/* ... a change shows in its times */
};
struct path {
	size_t		 pa_len;	/* of the directory at hand; 0: begin */
	unsigned	 pa_depth;
	int		 pa_fresh;	/* rely on nothing that was kept */
	int		 pa_asked;	/* an answer for it is awaited ... */
	int		 pa_settled;	/* ... which may be kept */
	int		 pa_fd;		/* ... and here, not to be closed */
	uint64_t	 pa_mount;
	struct step	 pa_parent;	/* the one above, pa_depth > 1 */
	struct step	 pa_self;	/* the one at hand, once entered */
};

/* One mapped file. */
struct target {
	char		 tg_path[PATH_MAX];	/* as mapped */
	size_t		 tg_pathlen;
	uint32_t	 tg_at;		/* where the name stands in the map */
	struct mapping	 tg_mapping;	/* without mp_name */
	int		 tg_exe;	/* the executable */
	int		 tg_library;	/* or to be mapped with mmap(2) */
	int		 tg_need;	/* needs a digest */
	int		 tg_learn;	/* ... to be told, no more */
	int		 tg_early;	/* it can be written meanwhile */
	int		 tg_trust;	/* must be on a trusted path */
	const struct verify *tg_want;	/* NULL: none is listed */
	size_t		 tg_nwant;
	int		 tg_fd;		/* -1: not handed over yet */
	uint64_t	 tg_mount;	/* of tg_fd; 0: unknown */
	struct held	*tg_held;	/* it owns tg_fd, or NULL */
	int		 tg_started;
	struct hash	 tg_hash;
	unsigned	 tg_measured;	/* HASH_ALG(): by fs-verity */
	const char	*tg_verity;	/* why its fs-verity digest is unknown */
	struct path	 tg_way;	/* tg_trust: the directories */
};

/* One image being verified. */
struct verification {
	int		 vn_fd;		/* the executable; -1: none */
	struct target	 vn_targets[TARGETS_MAX];
	size_t		 vn_count;
	size_t		 vn_at;		/* the one being hashed */
	/* tell of what is warned of, and goes on; NULL: nobody cares */
	void		(*vn_warn)(void *, const struct image_fault *);
	void		*vn_arg;
};

/*
 * Which files of an image that image_check() accepted need a digest: 0, or -1
 * when it is refused already, for its class or else.  Takes the descriptor
 * either way: verify_end() closes it.
 */
int	 verify_begin(const struct verifyset *, const struct tpe *,
	    const struct ruleset *, const struct image *,
	    struct verification *, struct image_fault *);
/* The target that needs a descriptor that is not held, or NULL. */
struct target *verify_missing(struct verification *);
/*
 * This descriptor, which is then the target's, is for it: 0, or -1 when it is
 * not of the file that is mapped.
 */
int	 verify_give(struct target *, int, uint64_t mount,
	    struct image_fault *);
/*
 * At most one more slice.  1: all files are what they should be; 0: more to
 * do; -1: one is not.
 */
int	 verify_step(const struct verifyset *, struct verification *,
	    struct image_fault *);
/* From now on, also hash what no digest is listed for: to be told. */
void	 verify_learn(void);
/*
 * Is nothing but learning asked of it?  Then a file that cannot be hashed runs
 * all the same, and is not told of.
 */
int	 verify_learns(const struct verifyset *);
/* The digest of a file that was verified, or NULL where it was not hashed. */
const uint8_t *verify_digest(const struct target *, uint8_t *);
/* Close what it has. */
void	 verify_end(struct verification *);
/*
 * As verify_begin(), of a file to be mapped whose name is in why.  1: it needs
 * a digest; 0: it does not; -1: refused.
 */
int	 verify_library(const struct verifyset *, const struct ruleset *,
	    const struct library *, struct verification *,
	    struct image_fault *);

/*
 * The same of a file about to be executed, of which only the digest counts:
 * 1 if there is something to compare, else 0.
 */
int	 verify_early(const struct verifyset *, const struct library *,
	    struct verification *);

/* ---- integrity_library.c: files that mmap(2) is to map ---- */

/* Before the role changes its user. */
void	 library_init(void);
/*
 * May it be mapped?  0: yes, if verify_step() finds its digest; -1: no.  Takes
 * the descriptor either way: verify_end() closes it.
 */
int	 library_check(const struct verifyset *, const struct ruleset *,
	    const struct library *, struct verification *,
	    struct image_fault *);
/*
 * Of an image that image_check() accepted: has it memory that can be written
 * and executed, such as its stack, and may its program not?  -1: so it is.
 */
int	 image_wx(const struct ruleset *, const struct image *,
	    struct image_fault *);
/*
 * The policy speaks of this class, and the image is of it: -1 when refused,
 * with the fault complete but for its text and path; 0 after a warning, when
 * the fault is empty again.
 */
int	 verify_class(const struct verifyset *, const struct verification *,
	    uint32_t class, const char *text, struct image_fault *);

/* ---- integrity_tpe.c: trusted paths ---- */

/*
 * The next thing to do for the files that must be on a trusted path.  0: they
 * are.  1: this target's name up to tg_way.pa_len is the directory to ask
 * for.  -1: one is not.
 */
int	 way_next(const struct verifyset *, const struct tpe *,
	    struct verification *, struct target **, struct image_fault *);
/* The directory that was asked for, then not the caller's; or -1: none. */
void	 way_give(struct target *, int, uint64_t mount);
/* How many directories were asked for so far; for tests. */
unsigned way_asked(void);

#endif /* INTEGRITY_H */
