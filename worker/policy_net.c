/*
 * socket(2), and what else is decided by numbers alone.  A policy with
 * `allow net` does not notify socket(2); a notified one is therefore refused,
 * and this file only says why.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>

#include "policy.h"

static const struct {
	int		 f_number;
	const char	*f_name;
} families[] = {
	{ AF_UNIX,	"AF_UNIX" },
	{ AF_INET,	"AF_INET" },
	{ AF_INET6,	"AF_INET6" },
	{ AF_NETLINK,	"AF_NETLINK" },
	{ AF_PACKET,	"AF_PACKET" },
	{ AF_VSOCK,	"AF_VSOCK" },
	{ AF_ALG,	"AF_ALG" },
	{ AF_BLUETOOTH,	"AF_BLUETOOTH" },
	{ AF_CAN,	"AF_CAN" },
	{ AF_KEY,	"AF_KEY" },
	{ AF_XDP,	"AF_XDP" }
};

int
policy_socket(struct request *rq)
{
	char	 name[32];
	int	 family = request_int(rq, 0);
	size_t	 i;

	(void)snprintf(name, sizeof(name), "address family %d", family);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (families[i].f_number == family)
			(void)snprintf(name, sizeof(name), "%s",
			    families[i].f_name);
	}
	return (policy_deny_word(rq, "net", name, "allow net"));
}

/* Another root would give every path another meaning. */
int
policy_chroot(struct request *rq)
{
	(void)policy_deny_word(rq, "chroot", "another root", NULL);
	return (EPERM);
}
