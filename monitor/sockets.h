/*
 * Sockets that the command is handed as its standard input, output or error.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "compile.h"

/*
 * Is each of them connected for good, or of a kind that the rules speak of?
 * 0, or -1 after saying on stderr which is not: socket(7), unix(7).
 */
int	 sockets_check(const struct plan *);

#endif /* SOCKETS_H */
