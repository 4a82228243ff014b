/*
 * Namespaces of a run's own, for settings of privsep-sandbox.conf(5).
 */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include <stdint.h>

/*
 * Enter new namespaces: flags of unshare(2).  As root just so: 0.  As an
 * ordinary user in a user namespace too, user_namespaces(7), with all its
 * capabilities: 1, and the caller drops them with jail_caps(0).  None of caps
 * would outlive that.
 *
 * For a setting, and what to set instead: -1 after saying on stderr what this
 * host lacks, and nothing has changed.  Ends the process where it fails half
 * way.  Single-threaded.
 */
int	 namespace_enter(int flags, uint64_t caps, const char *setting,
	    const char *instead);

#endif /* NAMESPACE_H */
