/*
 * A network of the run's own: `set network loopback' and `set network none'
 * of privsep-sandbox.conf(5).
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include "policy_conf.h"

/*
 * Enter a network namespace that has nothing but a loopback interface, which
 * is up with NETWORK_LOOPBACK only; as an ordinary user in a user namespace too, which no kept
 * capability would outlive: network_namespaces(7), user_namespaces(7).
 * Single-threaded.  0, or -1 after saying on stderr what this host lacks;
 * then nothing has changed.  Ends the process when it fails half way.
 */
int	 loopback_enter(const struct policy *);

/*
 * Where no statement asks for a network and no rule allows any, root's command
 * has none as `set network none' has it, as far as this host can do that; what
 * is started next is in it.  Others would need a user namespace, which shows.
 */
void	 loopback_spare(const struct policy *);

#endif /* LOOPBACK_H */
