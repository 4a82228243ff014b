/*
 * -L: the file that the learn role will write.
 */
#ifndef MONITOR_LEARN_H
#define MONITOR_LEARN_H

#include "session.h"

#define LEARN_NAMES	8	/* -N: its default */

/* Make the file, which must not exist; it goes again at exit(3).  Fatal. */
void	 learn_open(struct session *, const char *);
/* The same for a manifest of what is executed (-m). */
void	 learn_manifest(struct session *, const char *);
/* Write the statements that are no rules for files; the file now stays. */
void	 learn_header(const struct session *);

#endif /* MONITOR_LEARN_H */
