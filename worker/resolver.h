/*
 * The resolver: looks up the names that rules allow, for a child that believes
 * to ask its own name server, and knows afterwards which addresses they led
 * to.  It interprets what the child and what the network wrote, and can send
 * to the name servers and to this host's loopback: its sockets were connected
 * or bound before it had read a byte of either, and it cannot make others.
 *
 * The code behind this header must never touch the child, open a file, or send
 * a byte out that is not its own question about an allowed name.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/netrule.h"
#include "../proto/chan.h"
#include "resolver_dns.h"

#define MOUTHS		48	/* sockets a name server, each with a port of
				   its own that nobody knows */
#define MOUTHS_MAX	(MOUTHS * NAME_SERVERS_MAX)

/* Who is to be answered: on which ear, to whom, what it asked. */
struct waiter {
	size_t		 w_ear;
	struct sockaddr_in6 w_from;	/* or a sockaddr_in */
	socklen_t	 w_fromlen;
	struct asker	 w_asker;
	struct dns_query w_query;
};

/* resolver.c */
extern struct netset	 rules;
extern struct names_conf names;
/* Milliseconds of a clock that goes on while the machine sleeps. */
uint64_t now_msec(void);
/* An answer to the child, of addresses that the name may lead to. */
void	 resolver_reply(const struct waiter *, int rcode,
	    const struct dns_answer *);

/* resolver_ask.c */
/* Before confinement: sockets to every name server.  Fatal on error. */
void	 ask_open(void);
/* Ask for what the waiter wants; it will be answered, or must ask again. */
void	 ask_begin(const struct waiter *);
/* Poll for these: how many were filled in, at most MOUTHS_MAX. */
size_t	 ask_poll(struct pollfd *);
/* One of them has something. */
void	 ask_read(int fd);
/* Milliseconds until ask_time() has something to do, -1: nothing. */
int	 ask_wait(void);
void	 ask_time(void);

#endif /* RESOLVER_H */
