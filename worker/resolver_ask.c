/*
 * Questions to the name servers.  Each is asked on a socket and with a number
 * chosen at random; what answers is the first that comes from that server to
 * that socket, has that number and repeats that question.  The same question
 * is never on its way twice, so that guesses at an answer do not add up; and
 * who guesses too often ends all answers for a while.
 *
 * Must never: send what the child wrote, or make a socket once confined.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "resolver.h"

#define ASKS_MAX	128	/* questions on their way */
#define WAITERS_MAX	8	/* that asked the same meanwhile */
#define TRIES		3	/* a question is sent so often ... */
#define TRY_MSEC	1400	/* ... for so long each: a stub waits 5 s */
#define GUESSES_MAX	2048	/* answers to nothing that was asked ... */
#define GUESSES_MSEC	60000	/* ... in this time, and none counts in it */

struct ask {
	char		 a_name[HOST_TEXT];	/* "": free */
	uint16_t	 a_type;
	uint16_t	 a_id;
	int		 a_fd;
	unsigned	 a_tries;		/* so far */
	int		 a_edns;
	uint64_t	 a_until;		/* of this try */
	size_t		 a_count;
	struct waiter	 a_waiters[WAITERS_MAX];
};

static struct ask	 asks[ASKS_MAX];
/* By server; those that it could not be reached on are left out. */
static size_t		 nservers;
static size_t		 nmouths;	/* they are numbered from one on */
static unsigned		 guesses;
static uint64_t		 guessed;	/* since when they are counted */
static int		 paused;

static void	 ask_send(struct ask *);
static void	 ask_end(struct ask *, int, const struct dns_answer *);
static void	 guess(void);

/* ---- before confinement ---- */

static int
mouth_open(const struct name_address *na)
{
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
	const struct sockaddr	*sa;
	socklen_t		 len;
	int			 fd, v4 = netaddr_isv4(na->na_addr);

	memset(&in, 0, sizeof(in));
	memset(&in6, 0, sizeof(in6));
	in.sin_family = AF_INET;
	in.sin_port = htons(na->na_port);
	memcpy(&in.sin_addr, na->na_addr + 12, 4);
	in6.sin6_family = AF_INET6;
	in6.sin6_port = htons(na->na_port);
	memcpy(&in6.sin6_addr, na->na_addr, 16);
	sa = v4 ? (const struct sockaddr *)&in :
	    (const struct sockaddr *)&in6;
	len = v4 ? sizeof(in) : sizeof(in6);
	if ((fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) == -1)
		return (-1);
	if (connect(fd, sa, len) == -1) {
		close(fd);
		return (-1);
	}
	return (fd);
}

void
ask_open(void)
{
	char	 text[NETADDR_TEXT];
	size_t	 i, n;
	int	 fd, to;

	for (i = 0; i < names.nc_nservers; i++) {
		for (n = 0; n < MOUTHS; n++) {
			if ((fd = mouth_open(&names.nc_servers[i])) == -1)
				break;
			to = RESOLVER_MOUTH + (int)nmouths;
			if (dup3(fd, to, O_CLOEXEC) == -1)
				fatal("%s: descriptor %d", __func__, to);
			close(fd);
			nmouths++;
		}
		if (n == MOUTHS) {
			nservers++;
			continue;
		}
		if (n > 0 || (errno != ENETUNREACH && errno != EHOSTUNREACH &&
		    errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT &&
		    errno != EINVAL))
			fatal("%s: name server %s", __func__, netaddr_print(
			    names.nc_servers[i].na_addr, text, sizeof(text)));
		log_debug("name server %s cannot be reached from here",
		    netaddr_print(names.nc_servers[i].na_addr, text,
		    sizeof(text)));
	}
	if (nservers == 0)
		log_warnx("no name server can be reached: no host name will "
		    "be found");
}

/* ---- questions ---- */

static struct ask *
ask_find(const struct dns_query *q)
{
	struct ask	*a, *none = NULL;

	for (a = asks; a < asks + ASKS_MAX; a++) {
		if (a->a_name[0] == '\0') {
			if (none == NULL)
				none = a;
		} else if (a->a_type == q->dq_type &&
		    strcmp(a->a_name, q->dq_name) == 0)
			return (a);
	}
	return (none);
}

void
ask_begin(const struct waiter *w)
{
	struct ask	*a = ask_find(&w->w_query);

	/* more than fits: it will ask again */
	if (a == NULL || (a->a_name[0] != '\0' && a->a_count == WAITERS_MAX))
		return;
	if (a->a_name[0] != '\0') {
		a->a_waiters[a->a_count++] = *w;
		return;
	}
	a->a_type = w->w_query.dq_type;
	memcpy(a->a_name, w->w_query.dq_name, sizeof(a->a_name));
	a->a_waiters[0] = *w;
	a->a_count = 1;
	a->a_tries = 0;
	a->a_edns = 1;
	if (paused && now_msec() - guessed < GUESSES_MSEC)
		ask_end(a, DNS_SERVFAIL, NULL);
	else
		ask_send(a);
}

/* The next try; a server that cannot be sent to is one that was tried. */
static void
ask_send(struct ask *a)
{
	static uint8_t	 out[DNS_ASK_MAX];
	size_t		 len;
	uint32_t	 tries = TRIES;

	if (nservers > tries)
		tries = (uint32_t)nservers;
	while (nservers > 0 && a->a_tries < tries) {
		a->a_fd = RESOLVER_MOUTH + (int)(a->a_tries % nservers *
		    MOUTHS + arc4random_uniform(MOUTHS));
		a->a_id = (uint16_t)arc4random_uniform(UINT16_MAX + 1);
		a->a_tries++;
		a->a_until = now_msec() + TRY_MSEC;
		len = dns_query_make(out, a->a_name, a->a_type, a->a_id,
		    a->a_edns);
		if (write(a->a_fd, out, len) == (ssize_t)len)
			return;
		/* of an earlier one, told now: this has not gone */
		if (errno == ECONNREFUSED && write(a->a_fd, out, len) ==
		    (ssize_t)len)
			return;
	}
	ask_end(a, DNS_SERVFAIL, NULL);
}

static void
ask_end(struct ask *a, int rcode, const struct dns_answer *da)
{
	size_t	 i;

	a->a_name[0] = '\0';
	for (i = 0; i < a->a_count; i++)
		resolver_reply(&a->a_waiters[i], rcode, da);
	a->a_count = 0;
}

/* ---- answers ---- */

size_t
ask_poll(struct pollfd *pfd)
{
	size_t	 i;

	for (i = 0; i < nmouths; i++) {
		pfd[i].fd = RESOLVER_MOUTH + (int)i;
		pfd[i].events = POLLIN;
		pfd[i].revents = 0;
	}
	return (nmouths);
}

/* Is it a's?  Then a goes on, or ends. */
static int
ask_answer(struct ask *a, const uint8_t *bytes, size_t len)
{
	static struct dns_answer	 da;

	if (dns_answer_parse(bytes, len, a->a_name, a->a_type, a->a_id,
	    &da) == -1)
		return (0);
	switch (da.da_rcode) {
	case DNS_NOERROR:
	case DNS_NXDOMAIN:
		ask_end(a, da.da_rcode, &da);
		break;
	case DNS_FORMERR:
	case DNS_NOTIMP:
		/* the same server, in simpler words; once */
		if (a->a_edns)
			a->a_tries--;
		a->a_edns = 0;
		ask_send(a);
		break;
	default:
		ask_send(a);
		break;
	}
	return (1);
}

void
ask_read(int fd)
{
	static uint8_t	 in[4 * 1024];
	struct ask	*a;
	ssize_t		 n;

	if ((n = read(fd, in, sizeof(in))) == -1) {
		/* refused: by that server, for all that was asked there */
		for (a = asks; errno == ECONNREFUSED &&
		    a < asks + ASKS_MAX; a++)
			if (a->a_name[0] != '\0' && a->a_fd == fd) {
				ask_send(a);
				errno = ECONNREFUSED;
			}
		return;
	}
	if ((size_t)n < sizeof(in))
		for (a = asks; a < asks + ASKS_MAX; a++)
			if (a->a_name[0] != '\0' && a->a_fd == fd &&
			    ask_answer(a, in, (size_t)n))
				return;
	guess();
}

/*
 * An answer to nothing.  A few come late; many are somebody's guesses, and
 * with enough of them one would be right.
 */
static void
guess(void)
{
	uint64_t	 now = now_msec();
	struct ask	*a;

	if (now - guessed >= GUESSES_MSEC) {
		guessed = now;
		guesses = 0;
		paused = 0;
	}
	if (++guesses < GUESSES_MAX || paused)
		return;
	paused = 1;
	guessed = now;
	log_warnx("%u answers that nobody asked for, within a minute: somebody "
	    "may be forging them; no name is looked up for a minute", guesses);
	for (a = asks; a < asks + ASKS_MAX; a++)
		if (a->a_name[0] != '\0')
			ask_end(a, DNS_SERVFAIL, NULL);
}

/* ---- time ---- */

int
ask_wait(void)
{
	const struct ask	*a;
	uint64_t		 now = now_msec(), least = UINT64_MAX;

	for (a = asks; a < asks + ASKS_MAX; a++)
		if (a->a_name[0] != '\0' && a->a_until < least)
			least = a->a_until;
	if (least == UINT64_MAX)
		return (-1);
	return (least <= now ? 0 : (int)(least - now));
}

void
ask_time(void)
{
	struct ask	*a;
	uint64_t	 now = now_msec();

	for (a = asks; a < asks + ASKS_MAX; a++)
		if (a->a_name[0] != '\0' && a->a_until <= now)
			ask_send(a);
}
