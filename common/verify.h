/*
 * What a policy says of executables beside its rules: digests that a file
 * must have, and classes of files that do not run.  Pure: no I/O.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stddef.h>
#include <stdint.h>

/* Classes of executables: a file is of one or more. */
#define EXEC_SCRIPT	0x01	/* begins with #! */
#define EXEC_32BIT	0x02	/* ELF of 32 bits: never run here */
#define EXEC_STATIC	0x04	/* without an ELF interpreter */
#define EXEC_DYNAMIC	0x08	/* with one */
#define EXEC_NONPIE	0x10	/* at a fixed address */
#define EXEC_EXECSTACK	0x20	/* asks for an executable stack */
#define EXEC_MEMFD	0x40	/* no file at all: never run here */
#define EXEC_LOADER	0x80	/* a dynamic loader, started directly */
#define EXEC_CLASSES	8
#define EXEC_ALL	0xff
/* Where a policy speaks of each class, by bit, and of all files. */
#define EXEC_PLACES	(EXEC_CLASSES + 1)
#define EXEC_AT_ALL	EXEC_CLASSES
#define EXEC_AT_MAX	(4096 + 16)	/* bytes of "file:line" */
/* Refused whatever a policy says. */
#define EXEC_NEVER	(EXEC_32BIT | EXEC_MEMFD)

enum digest_alg {
	DIGEST_BLAKE2B	= 1,	/* 64 bytes, as b2sum(1) */
	DIGEST_SHA256	= 2,
	DIGEST_SHA512	= 3,
	DIGEST_COUNT
};
#define DIGEST_MIN	32	/* bytes of the shortest */
#define DIGEST_MAX	64	/* bytes of the longest */
#define DIGEST_TEXT	(2 * DIGEST_MAX + 1)
#define VERIFY_MAX	65536	/* digests in one policy */

/* One digest that the file at this path may have. */
struct verify {
	char		*v_path;	/* canonical, absolute */
	uint8_t		 v_alg;		/* enum digest_alg */
	uint8_t		 v_digest[DIGEST_MAX];
	char		*v_file;	/* where it was said */
	uint32_t	 v_line;
};

struct verifyset {
	struct verify	*vs_list;	/* by path, once sorted */
	size_t		 vs_count;
	size_t		 vs_size;
	int		 vs_all;	/* set verify all */
	int		 vs_library;	/* set libraries yes */
	int		 vs_wx;		/* set wx yes */
	uint32_t	 vs_refused;	/* EXEC_*: deny exec class */
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

#endif /* VERIFY_H */
