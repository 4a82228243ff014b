/*
 * Rate limit of denial lines, rule by rule: a program that loops on a denied
 * file must not fill the log.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stddef.h>
#include <stdint.h>

#define LIMIT_BURST	10	/* lines of one rule ... */
#define LIMIT_SEC	10	/* ... in this many seconds */

/* "Rules" that are the lines of a role, LIMIT_ROLE + enum role. */
#define LIMIT_ROLE	(UINT32_MAX - 16)

/* One counter for each of count rules, one for no rule, one a role. */
void	 limit_init(size_t count);
/*
 * 1 when a line of this rule (UINT32_MAX: none) may be written now.  Says
 * first, on fd, how many were left out before it.
 */
int	 limit_pass(uint32_t, int fd, int json);
/* Say what was left out and not said yet. */
void	 limit_flush(int fd, int json);
/*
 * Write one line from another process, whole, name first (or NULL): bytes
 * that are not printable ASCII become '?'.
 */
void	 line_write(int fd, const char *, const uint8_t *, size_t);

#endif /* LIMIT_H */
