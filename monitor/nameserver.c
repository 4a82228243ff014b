/*
 * Who is asked for host names: the policy says so, or resolv.conf(5), which is
 * read once, before the child can have changed it.  And the sockets on which
 * the resolver hears the child.
 *
 * Must never: go on with an ear that could send off this host, since the
 * resolver may be told to by somebody else.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "../common/netrule.h"
#include "nameserver.h"

#define RESOLV_CONF	"/etc/resolv.conf"
#define DNS_PORT	53
#define LINE_SIZE	1024

static void
list_add(struct name_address *list, uint32_t *count, uint32_t max,
    const uint8_t addr[16], uint16_t port)
{
	uint32_t	 i;

	for (i = 0; i < *count; i++)
		if (memcmp(list[i].na_addr, addr, 16) == 0 &&
		    list[i].na_port == port)
			return;
	if (*count == max)
		return;
	memcpy(list[*count].na_addr, addr, 16);
	list[(*count)++].na_port = port;
}

/* A line's address: 0, or -1 when it names none. */
static int
line_address(char *line, uint8_t addr[16])
{
	uint8_t	 hi[16];
	char	*p = line, *word;

	line[strcspn(line, "#;\r\n")] = '\0';
	if ((word = strsep(&p, " \t")) == NULL ||
	    strcmp(word, "nameserver") != 0)
		return (-1);
	while ((word = strsep(&p, " \t")) != NULL && *word == '\0')
		continue;
	if (word == NULL || strpbrk(word, "/-") != NULL ||
	    netaddr_parse(word, addr, hi) == -1)
		return (-1);
	return (0);
}

void
nameserver_find(const struct policy *p, struct names_conf *nc)
{
	static const uint8_t	 local[4] = { 127, 0, 0, 1 };
	char			 line[LINE_SIZE];
	uint8_t			 addr[16];
	FILE			*fp;
	int			 i;

	memset(nc, 0, sizeof(*nc));
	nc->nc_pin = p->p_pin >= 0 ? (uint32_t)p->p_pin : PIN_SECONDS;
	if ((fp = fopen(RESOLV_CONF, "re")) != NULL) {
		while (fgets(line, sizeof(line), fp) != NULL)
			if (line_address(line, addr) == 0)
				list_add(nc->nc_asked, &nc->nc_nasked,
				    NAME_SERVERS_MAX, addr, DNS_PORT);
		fclose(fp);
	}
	/* without one a stub asks this host, resolv.conf(5) */
	netaddr_v4(addr, local);
	if (nc->nc_nasked == 0)
		list_add(nc->nc_asked, &nc->nc_nasked, NAME_SERVERS_MAX,
		    addr, DNS_PORT);
	memcpy(nc->nc_servers, nc->nc_asked, sizeof(nc->nc_servers));
	nc->nc_nservers = nc->nc_nasked;
	if (p->p_nservers > 0)
		nc->nc_nservers = 0;
	for (i = 0; i < p->p_nservers; i++) {
		list_add(nc->nc_servers, &nc->nc_nservers, NAME_SERVERS_MAX,
		    p->p_servers[i], p->p_ports[i]);
		list_add(nc->nc_asked, &nc->nc_nasked, NAME_ASKED_MAX,
		    p->p_servers[i], DNS_PORT);
	}
}

/* Bound to an address of lo, to lo, and to a port that the kernel chooses. */
static int
ear_open(int domain, struct sockaddr *sa, socklen_t len)
{
	int	 fd, on = 1;

	if ((fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0)) == -1)
		return (-1);
	if ((domain != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &on, sizeof(on)) == 0) && setsockopt(fd, SOL_SOCKET,
	    SO_BINDTODEVICE, "lo", 3) == 0 && bind(fd, sa, len) == 0 &&
	    getsockname(fd, sa, &len) == 0)
		return (fd);
	close(fd);
	return (-1);
}

void
nameserver_ears(struct names_conf *nc, int ears[NAME_EARS])
{
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
	uint32_t		 i;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* some look at who answers: then it is who they asked */
	for (i = 0; i < nc->nc_nasked; i++)
		if (netaddr_isv4(nc->nc_asked[i].na_addr) &&
		    netaddr_loopback(nc->nc_asked[i].na_addr)) {
			memcpy(&in.sin_addr, nc->nc_asked[i].na_addr + 12, 4);
			break;
		}
	if ((ears[0] = ear_open(AF_INET, (struct sockaddr *)&in,
	    sizeof(in))) == -1)
		fatal("a socket on lo, for host names");
	netaddr_v4(nc->nc_ears[0].na_addr, &in.sin_addr);
	nc->nc_ears[0].na_port = ntohs(in.sin_port);

	memset(&in6, 0, sizeof(in6));
	in6.sin6_family = AF_INET6;
	in6.sin6_addr = in6addr_loopback;
	/* where there is no IPv6 nobody asks by it */
	if ((ears[1] = ear_open(AF_INET6, (struct sockaddr *)&in6,
	    sizeof(in6))) == -1)
		return;
	memcpy(nc->nc_ears[1].na_addr, &in6.sin6_addr, 16);
	nc->nc_ears[1].na_port = ntohs(in6.sin6_port);
}
