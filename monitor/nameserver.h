/*
 * Who is asked for host names.  Runs in the monitor before any child byte
 * exists.
 */
#ifndef NAMESERVER_H
#define NAMESERVER_H

#include "../proto/wire.h"
#include "policy_conf.h"

#define PIN_SECONDS	60	/* set pin, unless it is said */

/*
 * The policy's name servers, or those of resolv.conf(5); and all whom the
 * child may believe to ask.  Says on stderr what is not understood.
 */
void	 nameserver_find(const struct policy *, struct names_conf *);
/*
 * The resolver's ears: sockets on lo, which nobody else can send from.  -1
 * where there is none; fatal without the first.
 */
void	 nameserver_ears(struct names_conf *, int [NAME_EARS]);

#endif /* NAMESERVER_H */
