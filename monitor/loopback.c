/*
 * A network namespace with nothing but its own loopback.  The monitor enters
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
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "loopback.h"
#include "namespace.h"

static int	 loopback_up(void);

int
loopback_enter(uint64_t caps)
{
	int	 user;

	if ((user = namespace_enter(CLONE_NEWNET, caps, "set network loopback",
	    "set network host")) == -1)
		return (-1);
	/* Half way there is no going back, nor on: it has capabilities. */
	if (loopback_up() == -1)
		fatal("set network loopback: lo");
	if (user)
		jail_caps(0);
	return (0);
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
