/*
 * Hiding by mounts: `set hide mounts' of privsep-sandbox.conf(5).
 */
#ifndef HIDE_H
#define HIDE_H

#include <stdint.h>

#include "compile.h"

/*
 * Enter a mount namespace of our own, as an ordinary user in a user namespace
 * too, which no capability of caps would outlive, and put an empty directory
 * or /dev/null over each path, by mount(2) and user_namespaces(7).
 * Single-threaded.  0, or -1 after saying on stderr what this host lacks; then
 * nothing is hidden.
 */
int	 hide_mount(const struct hidden *, uint64_t caps);

#endif /* HIDE_H */
