/*
 * Landlock by its three system calls, with the rights of every ABI up to 7
 * whatever headers this was built with.  Each request is clamped to what the
 * running kernel knows; nothing here decides what may be allowed.
 * See landlock(7) and Documentation/userspace-api/landlock.rst.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "landlock_abi.h"

/* The numbers are the same on every architecture. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif

#define LL_CREATE_VERSION	(1U << 0)
#define LL_NET_ALL		(LL_NET_BIND_TCP | LL_NET_CONNECT_TCP)
#define LL_SCOPE_ALL		(LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL)

/* Which file rights came with which ABI, newest first. */
static const struct {
	int		abi;
	uint64_t	fs;
} ll_abis[] = {
	{ 5, LL_FS_ALL },
	{ 3, LL_FS_ALL & ~LL_FS_IOCTL_DEV },
	{ 2, LL_FS_ALL & ~(LL_FS_IOCTL_DEV | LL_FS_TRUNCATE) },
	{ 1, LL_FS_ALL & ~(LL_FS_IOCTL_DEV | LL_FS_TRUNCATE | LL_FS_REFER) },
};

int
ll_abi(void)
{
	static int	 abi = -1;	/* the kernel stays the same */

	if (abi == -1) {
		abi = (int)syscall(SYS_landlock_create_ruleset, NULL,
		    (size_t)0, LL_CREATE_VERSION);
		if (abi < 0)
			abi = 0;
	}
	return (abi);
}

uint64_t
ll_fs_handled(int abi)
{
	size_t	 i;

	for (i = 0; i < sizeof(ll_abis) / sizeof(ll_abis[0]); i++)
		if (abi >= ll_abis[i].abi)
			return (ll_abis[i].fs);
	return (0);
}

int
ll_ruleset(uint64_t scoped)
{
	return (ll_ruleset_net(LL_NET_ALL, scoped));
}

int
ll_ruleset_net(uint64_t net, uint64_t scoped)
{
	struct ll_ruleset_attr	 attr;
	size_t			 size = sizeof(attr);
	int			 abi = ll_abi();

	if (abi == 0) {
		errno = EOPNOTSUPP;
		return (-1);
	}
	attr.handled_access_fs = ll_fs_handled(abi);
	attr.handled_access_net = net & LL_NET_ALL;
	attr.scoped = scoped & LL_SCOPE_ALL;
	/* An older kernel refuses a longer structure that is not all zero. */
	if (abi < 6) {
		attr.scoped = 0;
		size -= sizeof(attr.scoped);
	}
	if (abi < 4) {
		attr.handled_access_net = 0;
		size -= sizeof(attr.handled_access_net);
	}
	return ((int)syscall(SYS_landlock_create_ruleset, &attr, size, 0U));
}

int
ll_allow(int ruleset, int fd, uint64_t access)
{
	struct ll_path_beneath_attr	 attr;

	attr.allowed_access = access & ll_fs_handled(ll_abi());
	attr.parent_fd = fd;
	if (attr.allowed_access == 0)
		return (0);
	return ((int)syscall(SYS_landlock_add_rule, ruleset,
	    LL_RULE_PATH_BENEATH, &attr, 0U));
}

int
ll_allow_port(int ruleset, uint16_t port, uint64_t net)
{
	struct ll_net_port_attr	 attr;

	attr.allowed_access = ll_abi() < 4 ? 0 : net & LL_NET_ALL;
	attr.port = port;
	if (attr.allowed_access == 0)
		return (0);
	return ((int)syscall(SYS_landlock_add_rule, ruleset, LL_RULE_NET_PORT,
	    &attr, 0U));
}

int
ll_ruleset_scope(uint64_t scoped)
{
	struct ll_ruleset_attr	 attr;

	memset(&attr, 0, sizeof(attr));
	attr.scoped = scoped & LL_SCOPE_ALL;
	return ((int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
	    0U));
}

int
ll_enter(int ruleset)
{
	/* Required without CAP_SYS_ADMIN, and wanted in any case. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1)
		return (-1);
	return ((int)syscall(SYS_landlock_restrict_self, ruleset, 0U));
}
