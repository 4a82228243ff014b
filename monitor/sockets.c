/*
 * Sockets that the command is handed as its standard input, output or error.
 * The filter stands between the command and sockets by refusing to make them,
 * and hands over no sendmsg(2) where none that could be made sends to an
 * address.  One that is there already would be out of sight: it is refused.
 *
 * Runs before any child byte exists.  Must never read or write a descriptor.
 */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sockets.h"

/* Connected, and only ever to whom it was when it came. */
static int
socket_tied(int fd, int domain, int type)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof(ss);

	if (domain == AF_UNIX)
		return (type != SOCK_DGRAM);
	return (type == SOCK_STREAM &&
	    getpeername(fd, (struct sockaddr *)&ss, &len) == 0);
}

/* Do the rules know of it, so that what it does is decided on? */
static int
socket_ruled(const struct netplan *np, int domain, int type, int protocol)
{
	if (np->np_mode == NETMODE_ALL)
		return (1);
	if (np->np_mode == NETMODE_NONE)
		return (0);
	if (domain == AF_UNIX)
		return ((np->np_bits & NETF_DGRAM) != 0);
	return ((np->np_bits & NETK_ALL &
	    netkind_find(domain, type, protocol)) != 0);
}

int
sockets_check(const struct plan *pl)
{
	static const char *const names[] = { "input", "output", "error" };
	int			 fd, domain, type, protocol;
	socklen_t		 len = sizeof(int);

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain,
		    &len) == -1 ||
		    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
		    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol,
		    &len) == -1)
			continue;
		if (socket_tied(fd, domain, type) ||
		    socket_ruled(&pl->pl_net, domain, type, protocol))
			continue;
		fprintf(stderr, "standard %s is a socket that can send to any "
		    "address, and no rule is about such sockets; expected "
		    "one, or another standard %s; for example: "
		    "allow net %s\n", names[fd], names[fd],
		    domain == AF_UNIX ? "send unix any" : type == SOCK_STREAM ?
		    "connect tcp to loopback" : "send udp to loopback");
		return (-1);
	}
	return (0);
}
