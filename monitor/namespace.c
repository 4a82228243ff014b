/*
 * New namespaces, for root and for others.  Runs before any child byte exists.
 *
 * Must never: go on half way, with capabilities that nobody expects.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "namespace.h"

static int	 map_write(const char *, const char *);

int
namespace_enter(int flags, uint64_t caps, const char *setting,
    const char *instead)
{
	char	 uid[64], gid[64];

	if (unshare(flags) == 0)
		return (0);
	/* They would be those of the namespace, and no good outside of it. */
	if (caps != 0) {
		fprintf(stderr, "%s: keep capability goes with it for root "
		    "only; leave one of them out\n", setting);
		return (-1);
	}
	snprintf(uid, sizeof(uid), "%u %u 1", geteuid(), geteuid());
	snprintf(gid, sizeof(gid), "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | flags) == -1) {
		fprintf(stderr, "%s: no user namespace: %s; see "
		    "user.max_user_namespaces and kernel.unprivileged_userns_"
		    "clone of sysctl(8), or: %s\n", setting, strerror(errno),
		    instead);
		return (-1);
	}
	if (map_write("/proc/self/setgroups", "deny") == -1 ||
	    map_write("/proc/self/uid_map", uid) == -1 ||
	    map_write("/proc/self/gid_map", gid) == -1)
		fatal("%s: user namespace", setting);
	return (1);
}

static int
map_write(const char *path, const char *text)
{
	ssize_t	 len = (ssize_t)strlen(text);
	int	 fd, rv;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return (-1);
	rv = write(fd, text, (size_t)len) == len ? 0 : -1;
	close(fd);
	return (rv);
}
