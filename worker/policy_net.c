/*
 * Sockets under a policy without rules about addresses (those are policy_sock.c's).
 * `allow net` notifies nothing of this; what is
 * notified is therefore refused, and this file says why: in particular it
 * says that a local socket is not there when it is not, as name lookups,
 * which ask a cache first, expect.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"

#define SOCK_TYPE_BITS	0xf	/* SOCK_TYPE_MASK, linux/net.h */

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

/* With rules about the network: which kind no rule speaks of. */
static int
socket_kind(struct request *rq)
{
	int		 domain = request_int(rq, 0);
	int		 type = request_int(rq, 1) & SOCK_TYPE_BITS;
	char		 object[64], allow[64];
	uint16_t	 kind;

	kind = netkind_find(domain, type, request_int(rq, 2));
	if (kind == 0) {
		(void)snprintf(object, sizeof(object), "socket of type %d, "
		    "protocol %d", type, request_int(rq, 2));
		return (policy_net(rq, "net", object, NULL, NULL));
	}
	(void)snprintf(object, sizeof(object), "%s socket",
	    kind == NETK_UNIX ? "unix datagram" : netkind_name(kind));
	(void)snprintf(allow, sizeof(allow), "allow net %s %s",
	    kind == NETK_UNIX || (kind & NETK_PORTLESS) ? "send" : "connect",
	    netkind_name(kind));
	return (policy_net(rq, "net", object, allow, NULL));
}

int
policy_socket(struct request *rq)
{
	char	 name[32];
	int	 family = request_int(rq, 0);
	size_t	 i;

	if (worker.wk_nets.ns_count > 0)
		return (socket_kind(rq));

	(void)snprintf(name, sizeof(name), "address family %d", family);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (families[i].f_number == family)
			(void)snprintf(name, sizeof(name), "%s",
			    families[i].f_name);
	}
	return (policy_deny_word(rq, "net", name, "allow net"));
}

/* connect(2) and bind(2); without `allow net` only local sockets exist. */
int
policy_address(struct request *rq)
{
	static struct walk	 w;
	const struct cap	*cap = request_cap(rq, 1);
	struct sockaddr_un	 sun;
	size_t			 off, len;
	int			 error;

	if (cap == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_len > sizeof(struct sockaddr_storage))
		return (EINVAL);
	if (cap->p_errno != 0)
		return (cap->p_errno == E2BIG ? EINVAL : cap->p_errno);
	memset(&sun, 0, sizeof(sun));
	off = offsetof(struct sockaddr_un, sun_path);
	if (cap->p_len <= off || cap->p_len > sizeof(sun))
		return (EINVAL);
	memcpy(&sun, cap->p_bytes, cap->p_len);
	len = strnlen(sun.sun_path, cap->p_len - off);
	if (sun.sun_family != AF_UNIX || len == 0)
		return (policy_deny_word(rq, "net", sun.sun_family == AF_UNIX ?
		    "abstract socket" : "address", "allow net"));
	error = walk_text(&w, rq, sun.sun_path, len, WALK_ADDRESS |
	    WALK_FOLLOW);
	if (error == 0)
		error = walk_object(&w);
	walk_end(&w);
	/* Not there, and it stays so: a name is not a secret, stat(2) tells. */
	if (strcmp(rq->rq_ent->se_name, "connect") == 0 && error != 0)
		return (error);
	return (policy_deny_word(rq, "net", sun.sun_path, "allow net"));
}

/* Another root would give every path another meaning. */
int
policy_chroot(struct request *rq)
{
	(void)policy_deny_word(rq, "chroot", "another root", NULL);
	return (EPERM);
}
