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

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "loopback.h"

static int	 loopback_user(uint64_t);
static int	 loopback_write(const char *, const char *);
static int	 loopback_up(void);

int
loopback_enter(uint64_t caps)
{
	int	 user = 0;

	/* root can do it as it is. */
	if (unshare(CLONE_NEWNET) == -1) {
		if (loopback_user(caps) == -1)
			return (-1);
		user = 1;
	}
	/* Half way there is no going back, nor on: it has capabilities. */
	if (loopback_up() == -1)
		fatal("set network loopback: lo");
	if (user)
		jail_caps(0);
	return (0);
}

/* Others get all capabilities in a user namespace, for a moment. */
static int
loopback_user(uint64_t caps)
{
	char	 uid[64], gid[64];

	/* They would be those of the namespace, and no good outside of it. */
	if (caps != 0) {
		fprintf(stderr, "set network loopback: keep capability goes "
		    "with it for root only; leave one of them out\n");
		return (-1);
	}
	snprintf(uid, sizeof(uid), "%u %u 1", geteuid(), geteuid());
	snprintf(gid, sizeof(gid), "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1) {
		fprintf(stderr, "set network loopback: no user namespace: %s; "
		    "see user.max_user_namespaces and kernel.unprivileged_"
		    "userns_clone of sysctl(8), or: set network host\n",
		    strerror(errno));
		return (-1);
	}
	if (loopback_write("/proc/self/setgroups", "deny") == -1 ||
	    loopback_write("/proc/self/uid_map", uid) == -1 ||
	    loopback_write("/proc/self/gid_map", gid) == -1)
		fatal("set network loopback: user namespace");
	return (0);
}

static int
loopback_write(const char *path, const char *text)
{
	ssize_t	 len = (ssize_t)strlen(text);
	int	 fd, rv;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return (-1);
	rv = write(fd, text, (size_t)len) == len ? 0 : -1;
	close(fd);
	return (rv);
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
