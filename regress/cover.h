/*
 * make cover: _exit(2), as which workers and the children of tests end, does
 * not write what was counted.  Included before all else by every file.  Where
 * a role's filter is in place it cannot be written: regress/confine does
 * without.
 */
#include <gcov.h>
#include <unistd.h>

static inline void cover_exit(int) __attribute__((__noreturn__));

static inline void
cover_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

#define _exit	cover_exit
