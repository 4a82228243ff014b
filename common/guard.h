/*
 * What a policy says of executables that crash again and again (segvguard):
 * after so many crashes within a window they are not executed for a while.
 * Pure: no I/O, no clock.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "rule.h"

#define GUARD_CRASHES_MAX 32	/* of one file that are remembered */
#define GUARD_SECONDS_MAX (30 * 24 * 3600)
#define GUARD_WINDOW	120	/* seconds, where a policy says none */
#define GUARD_SUSPEND	600
#define GUARDS_MAX	256	/* statements in one policy */
#define GUARD_TEXT_MAX	(2 * PATTERN_MAX + 128)

/* One statement, for one path or pattern. */
struct guard {
	struct rule	 g_rule;	/* path, match, place; no rights */
	uint32_t	 g_crashes;	/* 0: no limit */
	uint32_t	 g_window;	/* seconds */
	uint32_t	 g_suspend;	/* seconds */
};

struct guardset {
	struct guard	*gu_list;	/* in order: the last that matches */
	size_t		 gu_count;
	size_t		 gu_size;
};

/* The crashes of one executable. */
struct crashes {
	uint32_t	 cr_signal;	/* of the newest */
	uint32_t	 cr_count;
	uint64_t	 cr_ages[GUARD_CRASHES_MAX];	/* msec, newest first */
};

/* Which file it is, whatever its names: statx(2). */
struct file_id {
	uint64_t	 fi_dev;	/* major << 32 | minor */
	uint64_t	 fi_ino;
	uint64_t	 fi_birth;	/* nsec, 0: not known; inodes come again */
};

/* Append a copy, strings included.  0 or -1 with errno (E2BIG: too many). */
int	 guard_add(struct guardset *, const struct guard *);
void	 guard_cut(struct guardset *, size_t);
void	 guard_free(struct guardset *);
/* What holds for a path: NULL, or a guard that has a limit. */
const struct guard *guard_find(const struct guardset *, const char *, size_t);
/* Is there a limit at all? */
int	 guard_any(const struct guardset *);
/* Milliseconds for which it may not be executed yet; 0: it may. */
uint64_t guard_left(const struct guard *, const struct crashes *);
/*
 * Is death by this signal a crash?  Its name, or NULL.
 */
const char *guard_signal(uint32_t);
/* A statement as policy text, GUARD_TEXT_MAX bytes. */
void	 guard_print(const struct guard *, char *, size_t);
/* Why an executable is suspended, in words. */
void	 guard_why(const struct guard *, const struct crashes *, char *,
	    size_t);
/* The statement that would let it run; "" where its name cannot be said. */
void	 guard_cure(const char *, size_t, char *, size_t);
/* Of a descriptor, O_PATH will do: 0 or -1 with errno. */
int	 file_id(int, struct file_id *);

#endif /* GUARD_H */
