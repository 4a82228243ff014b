/*
 * A network namespace with nothing but its own loopback, or not even that, for
 * lo is down until somebody with a capability takes it up.  The monitor enters
 * it before it starts the roles, so that a policy worker that makes a socket
 * call for the command makes it there too, and none of them can reach the
 * host's network whatever the rules say.
 *
 * Runs before any child byte exists.  Must never leave this process with a
 * capability that it did not have before.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "loopback.h"
#include "namespace.h"

static int	 network_allowed(const struct policy *);
static int	 loopback_up(void);

int
loopback_enter(const struct policy *p)
{
	int	 user;

	if ((user = namespace_enter(CLONE_NEWNET, p->p_caps,
	    network_setting(p), "set network host")) == -1)
		return (-1);
	/* Half way there is no going back, nor on: it has capabilities. */
	if (p->p_network == NETWORK_LOOPBACK && loopback_up() == -1)
		fatal("%s: lo", network_setting(p));
	if (user)
		jail_caps(0);
	return (0);
}

/* Does a rule that counts allow anything of it? */
static int
network_allowed(const struct policy *p)
{
	const struct netrule	*r;
	size_t			 i;
	int			 allow, quick = 0, last = 0;

	for (i = 0; i < p->p_nets.ns_count; i++) {
		r = &p->p_nets.ns_rules[i];
		allow = r->n_rule.r_action == RULE_ALLOW;
		quick |= allow && (r->n_rule.r_flags & RF_QUICK);
		last = allow || (last && !r->n_whole);
	}
	return (!p->p_noinet && (quick || last));
}

void
loopback_spare(const struct policy *p)
{
	if (p->p_network != -1 || p->p_caps != 0 || geteuid() != 0 ||
	    network_allowed(p))
		return;
	/* The filter and Landlock hold by themselves. */
	if (unshare(CLONE_NEWNET) == -1)
		log_debug("no network namespace: %s", strerror(errno));
}

/* The kernel gives it 127.0.0.1 and ::1 by itself, netdevice(7). */
static int
loopback_up(void)
{
	struct ifreq	 ifr;
	int		 fd, rv;

	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	memset(&ifr, 0, sizeof(ifr));
	strlcpy(ifr.ifr_name, "lo", sizeof(ifr.ifr_name));
	if ((rv = ioctl(fd, SIOCGIFFLAGS, &ifr)) == 0) {
		ifr.ifr_flags |= IFF_UP;
		rv = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
	return (rv);
}
