/*
 * Sockets of the caller's, in the hands of a policy worker: what they are,
 * where an address leads, and what the rules say of it.
 */
#ifndef POLICY_SOCK_H
#define POLICY_SOCK_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <limits.h>

#include "../common/netrule.h"
#include "policy.h"

/* Kinds whose send takes an address; the others' ignores it. */
#define NETK_NAMES	(NETK_UDP | NETK_UDPLITE | NETK_ICMP | NETK_RAW | \
			    NETK_SCTP | NETK_UNIX)

/* The socket of a call, by what the kernel says of it, not by an address. */
struct sock {
	int		 s_fd;		/* borrowed from the request */
	int		 s_domain;
	int		 s_type;
	int		 s_protocol;
	uint16_t	 s_kind;	/* NETK_*; 0 with AF_NETLINK */
};

/* Names that led to an address. */
struct hosts {
	size_t		 h_count;
	const char	*h_list[NAME_HOSTS_MAX];
	char		 h_names[NAME_HOSTS_MAX][HOST_TEXT];
};

/* Where to: decided, and as the kernel is to be told. */
struct target {
	struct sockaddr_storage t_addr;
	socklen_t	 t_len;		/* 0: no address */
	struct walk	*t_walk;	/* a local socket's path, or NULL */
	int		 t_free;	/* nothing to decide: AF_UNSPEC */
	struct netquery	 t_query;
	struct hosts	 t_hosts;	/* t_query's */
	char		 t_text[NAME_SIZE + 16];	/* "10.0.0.1 port 80" */
};

/* Of slot 0 of the call.  0, ENOTSOCK, EBADF, or a denial for its kind. */
int	 sock_find(struct request *, struct sock *);
/*
 * What these bytes mean to this socket with op, without a decision; a path is
 * looked up.  target_end() whatever it returns.
 */
int	 target_find(struct request *, const struct sock *, uint8_t op,
	    const uint8_t *, size_t, struct target *);
/* The rules' word on it: 0, or the errno to deny with, logged. */
int	 target_decide(struct request *, const struct sock *,
	    struct target *);
void	 target_end(struct target *);
/* The same for a query that has no address of the caller's. */
int	 sock_decide(struct request *, const struct sock *,
	    const struct netquery *, const char *);
/* Once decided: the socket found at the end of a path, as an address. */
int	 target_settle(struct target *);
/* The local address, zero if there is none, and port. */
void	 sock_bound(const struct sock *, uint8_t [16], uint16_t *);
/* EINTR, and whether the call begins again as it would without us. */
int	 sock_interrupted(struct request *, const struct sock *, int option);
/* policy_accept.c: a socket about to listen on this port. */
int	 accept_prepare(struct request *, const struct sock *, uint16_t);
/* Is nothing decided on: not a local socket, and all is allowed? */
int	 sock_free(const struct sock *);
/* Does the kernel look at an address that comes with data? */
int	 sock_sends(const struct sock *, int flags);
/*
 * The address in an argument, its length in the next, as the kernel reads
 * them: in the request, or EINVAL, EFAULT.
 */
int	 call_address(struct request *, int, const uint8_t **, size_t *);

/* policy_name.c */
/* The names that led to the query's address; they stay in the second. */
void	 names_find(struct netquery *, struct hosts *);
/*
 * Is it a name server that is asked, and no rule's?  Then 1: the target is
 * the resolver's ear, or *error says why not.  Else 0.
 */
int	 names_lead(struct request *, const struct sock *, struct target *,
	    int *error);

/* policy_send.c: the caller's data, where it is in its memory. */
#define DATA_PIECES	1024		/* UIO_MAXIOV, linux/uio.h */
#define TOTAL_MAX	(INT_MAX & ~0xfffUL)	/* MAX_RW_COUNT, linux/fs.h */
struct senddata {
	struct piece	 sd_pieces[DATA_PIECES];
	size_t		 sd_count;
	size_t		 sd_total;	/* bytes in all, TOTAL_MAX */
	const uint8_t	*sd_bytes;	/* already here; or NULL */
};
/*
 * Send it: a datagram whole, on a stream as the kernel would, with the name
 * and control data of the msghdr.  *sent is what went.  0 or an errno; EPIPE
 * is the verdict where SIGPIPE comes with it.
 */
int	 data_send(struct request *, const struct sock *,
	    const struct senddata *, struct msghdr *, int flags, size_t *sent);

#endif /* POLICY_SOCK_H */
