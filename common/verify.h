/*
 * What a policy says of executables beside its rules: digests that a file
 * must have, and classes of files that do not run.  Pure: no I/O.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "rights.h"

/* Classes of executables: a file is of one or more. */
#define EXEC_SCRIPT	0x01	/* begins with #! */
#define EXEC_32BIT	0x02	/* ELF of 32 bits: never run here */
#define EXEC_STATIC	0x04	/* without an ELF interpreter */
#define EXEC_DYNAMIC	0x08	/* with one */
#define EXEC_NONPIE	0x10	/* at a fixed address */
#define EXEC_EXECSTACK	0x20	/* asks for an executable stack */
#define EXEC_MEMFD	0x40	/* no file at all: never run here */
#define EXEC_LOADER	0x80	/* a dynamic loader, started directly */
#define EXEC_NULLARGV	0x100	/* started without an argument vector */
#define EXEC_WRITABLE	0x200	/* the rules let its name be written */
#define EXEC_UNTRUSTED	0x400	/* others could write it: common/tpe.h */
#define EXEC_UNLISTED	0x800	/* no digest is listed: set verify all */
#define EXEC_CLASSES	12
#define EXEC_ALL	0xfff
/* Those that the file itself shows. */
#define EXEC_FILE	0xff
/* Where a policy speaks of each class, by bit; EXEC_UNLISTED is for all. */
#define EXEC_PLACES	EXEC_CLASSES
#define EXEC_AT_ALL	11
#define EXEC_AT_MAX	(4096 + 16)	/* bytes of "file:line" */
/* Who has one of these rights on a name decides what runs by it. */
#define EXEC_WRITERS	(R_WRITE | R_TRUNCATE | R_CREATE | R_LINK)
/* Refused whatever a policy says. */
#define EXEC_NEVER	(EXEC_32BIT | EXEC_MEMFD)

enum digest_alg {
	DIGEST_BLAKE2B	= 1,	/* 64 bytes, as b2sum(1) */
	DIGEST_SHA256	= 2,
	DIGEST_SHA512	= 3,
	DIGEST_VERITY256 = 4,	/* of the kernel's: as fsverity(1) measures */
	DIGEST_VERITY512 = 5,
	DIGEST_COUNT
};
/* Asked of the kernel, not computed. */
#define DIGEST_VERITY(alg)	((alg) == DIGEST_VERITY256 || \
				    (alg) == DIGEST_VERITY512)
#define DIGEST_MIN	32	/* bytes of the shortest */
/* Bytes of a file that is read twice, before it is executed and then. */
#define DIGEST_EARLY_MAX	(64 << 20)
#define DIGEST_MAX	64	/* bytes of the longest */
#define DIGEST_TEXT	(2 * DIGEST_MAX + 1)
#define VERIFY_MAX	65536	/* digests in one policy */

/* One digest that the file at this path may have. */
struct verify {
	char		*v_path;	/* canonical, absolute */
	uint8_t		 v_alg;		/* enum digest_alg */
	uint8_t		 v_effect;	/* enum rule_effect of a difference */
	uint8_t		 v_digest[DIGEST_MAX];
	char		*v_file;	/* where it was said */
	uint32_t	 v_line;
};

struct verifyset {
	struct verify	*vs_list;	/* by path, once sorted */
	size_t		 vs_count;
	size_t		 vs_size;
	int		 vs_all;	/* EXEC_UNLISTED is refused or warned of */
	int		 vs_library;	/* set libraries yes */
	int		 vs_wx;		/* set wx yes */
	uint32_t	 vs_refused;	/* EXEC_*: deny exec class */
	uint32_t	 vs_warned;	/* EXEC_*: warn exec class */
	uint8_t		 vs_effect[EXEC_CLASSES];	/* of a refusal */
	char		*vs_at[EXEC_PLACES];	/* "file:line", or NULL */
};

/* Append a copy, strings included.  0 or -1 with errno (E2BIG: too many). */
int	 verify_add(struct verifyset *, const struct verify *);
void	 verify_sort(struct verifyset *);
/* Remove and free all but the first so many. */
void	 verify_cut(struct verifyset *, size_t);
void	 verify_free(struct verifyset *);
/* The first digest for this path of a sorted set, and how many; or NULL. */
const struct verify *verify_find(const struct verifyset *, const char *,
	    size_t *);

/* "sha256" and others; 0 when unknown. */
uint8_t	 digest_parse(const char *);
const char *digest_name(unsigned);
/* Bytes of a digest, 0 when there is no such algorithm. */
size_t	 digest_len(unsigned);
/* Hexadecimal digits, exactly as many as the algorithm has: 0, or -1. */
int	 digest_read(uint8_t *, unsigned, const char *);
/* As digits, DIGEST_TEXT bytes suffice. */
void	 digest_print(char *, size_t, const uint8_t *, unsigned);

/* "static" and others; 0 when unknown. */
uint32_t exec_class_parse(const char *);
/* The name of the lowest class of a set; "" for none. */
const char *exec_class_name(uint32_t);
/* Where it was said of the lowest class of a set, or NULL. */
const char *exec_class_at(const struct verifyset *, uint32_t);
/* "static, dynamic or memfd" for people: all of them. */
const char *exec_class_list(void);
/*
 * The one class of a set to speak of: one that is refused, by the strongest
 * effect, else one that is warned of, else 0.
 */
uint32_t exec_class_worst(const struct verifyset *, uint32_t);
/* The effect of a refusal of this one class. */
uint8_t	 exec_class_effect(const struct verifyset *, uint32_t);
/* Refuse or warn of a class from now on, or no longer. */
void	 exec_class_set(struct verifyset *, uint32_t, int action,
	    int effect);
/*
 * Must somebody look before the kernel does?  If wanted early, a refusal is an
 * errno, and scripts, which are never mapped, are looked at; those that are
 * refused for what they are always need it.
 */
int	 exec_class_early(const struct verifyset *, int wanted);
/* Are digests looked at then, too, if wanted early? */
int	 verify_digests(const struct verifyset *, int wanted);
/* How much stronger one effect is than another: their ranks compare. */
int	 exec_effect_rank(unsigned);
/* "kill": what a policy says of the effect of a refusal or a warning. */
const char *exec_effect_word(unsigned);

#endif /* VERIFY_H */
