/*
 * A network of the run's own: `set network loopback' of
 * privsep-sandbox.conf(5).
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <stdint.h>

/*
 * Enter a network namespace that has nothing but a loopback interface, which
 * is up; as an ordinary user in a user namespace too, which no capability of
 * caps would outlive: network_namespaces(7), user_namespaces(7).
 * Single-threaded.  0, or -1 after saying on stderr what this host lacks;
 * then nothing has changed.  Ends the process when it fails half way.
 */
int	 loopback_enter(uint64_t caps);

#endif /* LOOPBACK_H */
