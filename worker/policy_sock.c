/*
 * Sockets under rules about the network: connect(2), bind(2), listen(2), done
 * for the caller on its own socket, which came as a descriptor and shares its
 * open file description: O_NONBLOCK, time limits and options are the caller's
 * as they are.  What sends is policy_send.c's and policy_sendmsg.c's.
 *
 * The address was copied once.  It is read by what the socket is (SO_DOMAIN,
 * SO_TYPE, SO_PROTOCOL), put together anew, decided on, and given to the
 * kernel: never the caller's memory, and never by the family alone.
 *
 * Must never: act on an address that was not decided on, let the kernel
 * choose one (0.0.0.0 becomes the loopback address that is meant), or follow
 * the path of a local socket twice.
 */
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy_sock.h"

#ifndef AF_SMC
#define AF_SMC		43		/* linux/socket.h */
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif
#define SIN6_LEN_MIN	24		/* SIN6_LEN_RFC2133, linux/in6.h */
#define PATH_AT		offsetof(struct sockaddr_un, sun_path)

static int	 target_inet(const struct sock *, uint8_t, const uint8_t *,
		    size_t, struct target *);
static int	 target_unspec(const struct sock *, uint8_t, uint8_t *, size_t,
		    struct target *);
static int	 target_in4(const struct sock *, uint8_t, const uint8_t *,
		    size_t, struct target *);
static int	 target_in6(const struct sock *, uint8_t, const uint8_t *,
		    size_t, struct target *);
static int	 target_netlink(const struct sock *, uint8_t, const uint8_t *,
		    size_t, struct target *);
static int	 target_unix(struct request *, uint8_t, const uint8_t *, size_t,
		    struct target *);
static int	 unix_path(struct request *, uint8_t, const char *, size_t,
		    struct target *);
static int	 unix_bind(struct request *, const struct sock *,
		    struct target *);
static void	 describe(struct target *);

/* ---- what a socket is ---- */

static int
sock_option(int fd, int name, int *value)
{
	socklen_t	 len = sizeof(*value);

	return (getsockopt(fd, SOL_SOCKET, name, value, &len) == -1 ?
	    errno : 0);
}

int
sock_find(struct request *rq, struct sock *s)
{
	int	 error;

	if ((error = request_fd(rq, 0, &s->s_fd)) != 0 ||
	    (error = sock_option(s->s_fd, SO_DOMAIN, &s->s_domain)) != 0 ||
	    (error = sock_option(s->s_fd, SO_TYPE, &s->s_type)) != 0 ||
	    (error = sock_option(s->s_fd, SO_PROTOCOL, &s->s_protocol)) != 0)
		return (error);
	s->s_kind = netkind_find(s->s_domain, s->s_type, s->s_protocol);
	if (s->s_kind != 0 || s->s_domain == AF_NETLINK || sock_free(s))
		return (0);
	return (policy_deny_word(rq, "net", "a socket no rule can name",
	    NULL));
}

/* With all of the network allowed, only a local socket's name is looked up. */
int
sock_free(const struct sock *s)
{
	return (s->s_domain != AF_UNIX && netset_whole(&worker.wk_nets));
}

int
sock_sends(const struct sock *s, int flags)
{
	return ((s->s_kind & NETK_NAMES) != 0 || s->s_domain == AF_NETLINK ||
	    (flags & MSG_FASTOPEN) != 0 || sock_free(s));
}

/* ---- where an address leads ---- */

int
target_find(struct request *rq, const struct sock *s, uint8_t op,
    const uint8_t *addr, size_t len, struct target *t)
{
	t->t_walk = NULL;
	t->t_free = 0;
	t->t_len = 0;
	t->t_text[0] = '\0';
	memset(&t->t_addr, 0, sizeof(t->t_addr));
	memset(&t->t_query, 0, sizeof(t->t_query));
	t->t_query.q_op = op;
	t->t_query.q_kind = s->s_kind;
	if (len < sizeof(sa_family_t) || len > sizeof(t->t_addr))
		return (EINVAL);
	if (sock_free(s)) {
		memcpy(&t->t_addr, addr, len);
		t->t_len = (socklen_t)len;
		t->t_free = 1;
		return (0);
	}
	/* no name is looked up but a datagram's: net/unix/af_unix.c */
	if (s->s_domain == AF_UNIX && op == NETOP_SEND &&
	    s->s_type != SOCK_DGRAM) {
		t->t_addr.ss_family = AF_UNIX;
		t->t_len = sizeof(sa_family_t);
		t->t_free = 1;
		return (0);
	}
	if (s->s_domain == AF_UNIX)
		return (target_unix(rq, op, addr, len, t));
	if (s->s_domain == AF_NETLINK)
		return (target_netlink(s, op, addr, len, t));
	return (target_inet(s, op, addr, len, t));
}

void
target_end(struct target *t)
{
	if (t->t_walk != NULL)
		walk_end(t->t_walk);
	t->t_walk = NULL;
}

static int
target_inet(const struct sock *s, uint8_t op, const uint8_t *addr, size_t len,
    struct target *t)
{
	uint8_t		 copy[sizeof(struct sockaddr_storage)];
	sa_family_t	 family;
	int		 error;

	memcpy(copy, addr, len);
	memcpy(&family, copy, sizeof(family));
	if (family == AF_UNSPEC) {
		error = target_unspec(s, op, copy, len, t);
		if (error != 0 || t->t_free)
			return (error);
		family = AF_INET;
	}
	if (family == AF_INET)
		error = target_in4(s, op, copy, len, t);
	else if (family == AF_INET6)
		error = target_in6(s, op, copy, len, t);
	else
		error = EAFNOSUPPORT;
	if (error == 0)
		describe(t);
	return (error);
}

/*
 * No family: connect(2) dissolves a connection.  To send, IPv4 takes it for
 * its own, IPv6 for no address; bind(2) takes it for IPv4's 0.0.0.0 only.
 */
static int
target_unspec(const struct sock *s, uint8_t op, uint8_t *addr, size_t len,
    struct target *t)
{
	struct sockaddr_in	 in;

	if (op == NETOP_CONNECT) {
		t->t_addr.ss_family = AF_UNSPEC;
		t->t_len = sizeof(struct sockaddr_in6);
		t->t_free = 1;
		return (0);
	}
	if (s->s_domain != AF_INET) {
		t->t_free = op == NETOP_SEND;
		return (t->t_free ? 0 : EAFNOSUPPORT);
	}
	if (len < sizeof(in))
		return (EINVAL);
	memcpy(&in, addr, sizeof(in));
	if (op == NETOP_BIND && in.sin_addr.s_addr != INADDR_ANY)
		return (EAFNOSUPPORT);
	in.sin_family = AF_INET;
	memcpy(addr, &in, sizeof(in));
	return (0);
}

/* The local address, if the socket has one: 16 bytes, or zero. */
void
sock_bound(const struct sock *s, uint8_t addr[16], uint16_t *port)
{
	struct sockaddr_storage	 ss;
	struct sockaddr_in	 in;
	struct sockaddr_in6	 in6;
	socklen_t		 len = sizeof(ss);

	memset(addr, 0, 16);
	*port = 0;
	memset(&ss, 0, sizeof(ss));
	if (getsockname(s->s_fd, (struct sockaddr *)&ss, &len) == -1)
		return;
	if (ss.ss_family == AF_INET) {
		memcpy(&in, &ss, sizeof(in));
		netaddr_v4(addr, &in.sin_addr);
		*port = ntohs(in.sin_port);
	} else if (ss.ss_family == AF_INET6) {
		memcpy(&in6, &ss, sizeof(in6));
		memcpy(addr, &in6.sin6_addr, 16);
		*port = ntohs(in6.sin6_port);
	}
}

/*
 * The kernel takes 0.0.0.0 for the socket's own address, else for loopback:
 * said here, so that nothing is left to choose.
 */
static void
zero_v4(const struct sock *s, struct in_addr *in)
{
	uint8_t		 own[16];
	uint16_t	 port;

	if (in->s_addr != INADDR_ANY)
		return;
	sock_bound(s, own, &port);
	if (netaddr_isv4(own))
		memcpy(in, own + 12, sizeof(*in));
	if (in->s_addr == INADDR_ANY)
		in->s_addr = htonl(INADDR_LOOPBACK);
}

static int
target_in4(const struct sock *s, uint8_t op, const uint8_t *addr, size_t len,
    struct target *t)
{
	struct sockaddr_in	 in, out;

	if (len < sizeof(in))
		return (EINVAL);
	memcpy(&in, addr, sizeof(in));
	memset(&out, 0, sizeof(out));
	out.sin_family = AF_INET;
	out.sin_port = in.sin_port;
	out.sin_addr = in.sin_addr;
	if (op != NETOP_BIND)
		zero_v4(s, &out.sin_addr);
	memcpy(&t->t_addr, &out, sizeof(out));
	t->t_len = sizeof(out);
	netaddr_v4(t->t_query.q_addr, &out.sin_addr);
	t->t_query.q_port = s->s_kind & NETK_PORTLESS ? 0 :
	    ntohs(out.sin_port);
	t->t_query.q_wild = op == NETOP_BIND &&
	    out.sin_addr.s_addr == INADDR_ANY;
	return (0);
}

static int
target_in6(const struct sock *s, uint8_t op, const uint8_t *addr, size_t len,
    struct target *t)
{
	struct sockaddr_in6	 in, out;
	uint8_t			 own[16];
	uint16_t		 port;

	if (s->s_domain == AF_INET)
		return (EAFNOSUPPORT);
	if (len < SIN6_LEN_MIN)
		return (EINVAL);
	memset(&in, 0, sizeof(in));
	memcpy(&in, addr, len < sizeof(in) ? len : sizeof(in));
	memset(&out, 0, sizeof(out));
	out.sin6_family = AF_INET6;
	out.sin6_port = in.sin6_port;
	out.sin6_flowinfo = in.sin6_flowinfo;
	out.sin6_addr = in.sin6_addr;
	out.sin6_scope_id = in.sin6_scope_id;
	if (op != NETOP_BIND && IN6_IS_ADDR_UNSPECIFIED(&out.sin6_addr)) {
		sock_bound(s, own, &port);
		out.sin6_addr = in6addr_loopback;
		if (netaddr_isv4(own))
			netaddr_v4((uint8_t *)&out.sin6_addr,
			    (const uint8_t []){ 127, 0, 0, 1 });
	} else if (op != NETOP_BIND && IN6_IS_ADDR_V4MAPPED(&out.sin6_addr))
		zero_v4(s, (struct in_addr *)(void *)
		    ((uint8_t *)&out.sin6_addr + 12));
	memcpy(&t->t_addr, &out, sizeof(out));
	t->t_len = sizeof(out);
	memcpy(t->t_query.q_addr, &out.sin6_addr, 16);
	t->t_query.q_port = s->s_kind & NETK_PORTLESS ? 0 :
	    ntohs(out.sin6_port);
	t->t_query.q_wild = op == NETOP_BIND &&
	    (IN6_IS_ADDR_UNSPECIFIED(&out.sin6_addr) ||
	    (netaddr_isv4(t->t_query.q_addr) &&
	    memcmp(t->t_query.q_addr + 12, "\0\0\0\0", 4) == 0));
	return (0);
}

/* Netlink is quiet: it speaks to the kernel only. */
static int
target_netlink(const struct sock *s, uint8_t op, const uint8_t *addr,
    size_t len, struct target *t)
{
	struct sockaddr_nl	 nl;

	(void)s;
	if (len < sizeof(nl))
		return (EINVAL);
	memcpy(&nl, addr, sizeof(nl));
	if (nl.nl_family != AF_NETLINK)
		return (EINVAL);
	if (op != NETOP_BIND && (nl.nl_groups != 0 || nl.nl_pid != 0))
		return (EPERM);
	nl.nl_pad = 0;
	memcpy(&t->t_addr, &nl, sizeof(nl));
	t->t_len = sizeof(nl);
	t->t_free = 1;
	return (0);
}

/* ---- local sockets ---- */

static int
target_unix(struct request *rq, uint8_t op, const uint8_t *addr, size_t len,
    struct target *t)
{
	struct sockaddr_un	 sun;
	size_t			 n;

	if (len > sizeof(sun))
		return (EINVAL);
	memset(&sun, 0, sizeof(sun));
	memcpy(&sun, addr, len);
	if (sun.sun_family == AF_UNSPEC && op == NETOP_CONNECT) {
		t->t_addr.ss_family = AF_UNSPEC;
		t->t_len = sizeof(sa_family_t);
		t->t_free = 1;
		return (0);
	}
	if (sun.sun_family != AF_UNIX)
		return (EINVAL);
	n = len - PATH_AT;
	memcpy(&t->t_addr, &sun, sizeof(sun));
	t->t_len = (socklen_t)len;
	if (n == 0 && op != NETOP_BIND)
		return (EINVAL);
	if (n == 0 || sun.sun_path[0] == '\0') {
		t->t_query.q_unix = NETU_ABSTRACT;
		t->t_query.q_name = (const char *)addr + PATH_AT +
		    (n > 0 ? 1 : 0);
		t->t_query.q_namelen = n > 0 ? n - 1 : 0;
		(void)snprintf(t->t_text, sizeof(t->t_text),
		    "abstract \"%.*s\"", (int)t->t_query.q_namelen,
		    t->t_query.q_name);
		return (0);
	}
	return (unix_path(rq, op, sun.sun_path, strnlen(sun.sun_path, n), t));
}

static int
unix_path(struct request *rq, uint8_t op, const char *path, size_t len,
    struct target *t)
{
	static struct walk	 w;
	int			 error;

	t->t_walk = &w;
	error = walk_text(&w, rq, path, len, WALK_ADDRESS |
	    (op == NETOP_BIND ? WALK_PARENT : WALK_FOLLOW));
	if (error == 0)
		error = op == NETOP_BIND ? walk_settle(&w) : walk_object(&w);
	/* its line is a hidden file's */
	if (error != 0)
		return (w.w_len > 0 && policy_hidden(rq, w.w_name, w.w_len) ?
		    walk_error(&w, error, R_STAT) : error);
	if (op != NETOP_BIND && w.w_fd == -1)
		return (EACCES);	/* an executable: not a socket */
	t->t_query.q_unix = NETU_PATH;
	t->t_query.q_name = w.w_name;
	t->t_query.q_namelen = w.w_len;
	(void)snprintf(t->t_text, sizeof(t->t_text), "path \"%s\"", w.w_name);
	return (0);
}

/* The socket at the end of a path, as an address that leads nowhere else. */
int
target_settle(struct target *t)
{
	const struct walk	*w = t->t_walk;
	struct sockaddr_un	 sun;
	struct stat		 st;

	if (w == NULL)
		return (0);
	if (fstat(w->w_fd, &st) == -1)
		return (errno);
	/* /dev/null, and what is masked as it, nobody listens on */
	if (!S_ISSOCK(st.st_mode) || policy_masked(w->w_rq, w->w_name,
	    w->w_len))
		return (ECONNREFUSED);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d",
	    w->w_fd);
	memcpy(&t->t_addr, &sun, sizeof(sun));
	t->t_len = sizeof(sun);
	return (0);
}

/*
 * May the caller put another directory, or a link, in the place of one on the
 * way to name?  Only what it may remove or rename.
 */
static int
unix_movable(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	for (; len > 1; len--)
		if (name[len] == '/' && policy_eval(rq, name, len,
		    R_RENAME | R_RMDIR, &by) != 0)
			return (1);
	return (0);
}

/*
 * The name a socket is bound to is the text that was given: so it is given
 * again, where nothing on the way can be replaced meanwhile.  Else the last
 * name in its directory is all that others will see.
 */
static int
unix_bind(struct request *rq, const struct sock *s, struct target *t)
{
	struct walk		*w = t->t_walk;
	struct sockaddr_un	 sun;
	socklen_t		 len = t->t_len;
	size_t			 n = w->w_lastlen;
	int			 dir = w->w_dir, error;

	memcpy(&sun, &t->t_addr, sizeof(sun));
	if (w->w_len == 0)
		return (EACCES);
	if (w->w_dots)
		return (EADDRINUSE);
	if (w->w_slash)
		return (ENOENT);
	if (sun.sun_path[0] != '/' || memcmp(sun.sun_path, w->w_name,
	    w->w_len) != 0 || strnlen(sun.sun_path, sizeof(sun.sun_path)) !=
	    w->w_len || unix_movable(rq, w->w_name, w->w_len)) {
		if (n > sizeof(sun.sun_path))
			return (ENAMETOOLONG);
		memset(&sun, 0, sizeof(sun));
		sun.sun_family = AF_UNIX;
		memcpy(sun.sun_path, w->w_last, n);
		/* one that fills it has no NUL, unix(7) */
		len = (socklen_t)(PATH_AT + n +
		    (n < sizeof(sun.sun_path)));
	}
	if ((error = policy_check(rq, w->w_name, w->w_len, R_MKSOCK)) != 0 ||
	    (error = request_umask(rq)) != 0)
		return (error);
	if (fchdir(dir) == -1)
		return (errno);
	error = bind(s->s_fd, (struct sockaddr *)&sun, len) == -1 ? errno : 0;
	(void)!fchdir(worker.wk_root);
	return (error);
}

/* ---- the rules ---- */

/* Text for a line: what a rule would say. */
static void
describe(struct target *t)
{
	char	 addr[NETADDR_TEXT];

	(void)netaddr_print(t->t_query.q_addr, addr, sizeof(addr));
	if (t->t_query.q_kind & NETK_PORTLESS)
		(void)snprintf(t->t_text, sizeof(t->t_text), "%s", addr);
	else
		(void)snprintf(t->t_text, sizeof(t->t_text), "%s port %u",
		    addr, t->t_query.q_port);
}

int
sock_decide(struct request *rq, const struct sock *s,
    const struct netquery *q, const char *text)
{
	const struct netrule	*r = netset_eval(&worker.wk_nets, q);
	char			 object[NAME_SIZE + HOST_TEXT + 128], word[32];
	char			 allow[NAME_SIZE + HOST_TEXT + 256];
	char			 host[HOST_TEXT + 16] = "", port[16] = "";
	char			 led[HOST_TEXT + 16] = "";

	if (r != NULL && r->n_rule.r_action == RULE_ALLOW &&
	    !(r->n_rule.r_flags & RF_LOG) &&
	    r->n_rule.r_effect == EFFECT_NONE)
		return (0);
	/* getaddrinfo(3) connects, to sort what a name led to; it sends nothing */
	if ((r == NULL || (r->n_whole && !netrule_tells(r))) &&
	    q->q_op == NETOP_CONNECT && q->q_kind == NETK_UDP &&
	    q->q_nhosts > 0 &&
	    netset_leads(&worker.wk_nets, q->q_hosts[0], q->q_addr)) {
		rq->rq_refused = 1;
		return (EACCES);
	}
	if (q->q_nhosts > 0) {
		(void)snprintf(host, sizeof(host), "host \"%s\"",
		    q->q_hosts[0]);
		(void)snprintf(led, sizeof(led), ", host %s", q->q_hosts[0]);
	}
	if (q->q_nhosts > 0 && !(q->q_kind & NETK_PORTLESS))
		(void)snprintf(port, sizeof(port), " port %u", q->q_port);
	(void)snprintf(word, sizeof(word), "net %s", netop_name(q->q_op));
	(void)snprintf(object, sizeof(object), "%s %s%s",
	    netkind_name(s->s_kind), text, led);
	(void)snprintf(allow, sizeof(allow), "allow net %s %s%s%s%s",
	    netop_name(q->q_op), netkind_name(s->s_kind),
	    s->s_kind == NETK_UNIX ? " " : q->q_op == NETOP_ACCEPT ?
	    " from " : " to ", *host != '\0' ? host : text, port);
	return (policy_net(rq, word, object, allow,
	    r == NULL ? NULL : &r->n_rule));
}

int
target_decide(struct request *rq, const struct sock *s, struct target *t)
{
	int	 error;

	if (t->t_free)
		return (0);
	/* a path that is not certain has no name to decide on */
	if (t->t_query.q_unix == NETU_PATH && t->t_query.q_namelen == 0)
		return (EACCES);
	names_find(&t->t_query, &t->t_hosts);
	if (names_lead(rq, s, t, &error))
		return (error);
	return (sock_decide(rq, s, &t->t_query, t->t_text));
}

/* ---- the calls ---- */

int
call_address(struct request *rq, int arg, const uint8_t **addr, size_t *len)
{
	const struct cap	*cap = request_cap(rq, arg);
	int			 n = request_int(rq, arg + 1);

	*addr = NULL;
	*len = 0;
	if (n < 0 || (size_t)n > sizeof(struct sockaddr_storage))
		return (EINVAL);
	if (n == 0)
		return (EINVAL);
	if (cap == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len < (size_t)n)
		return (EFAULT);
	*addr = cap->p_bytes;
	*len = (size_t)n;
	return (0);
}

/*
 * Interrupted with a time limit set, the kernel does not begin again: then
 * EINTR is the answer (sock_intr_errno(), net/core/sock.h).
 */
int
sock_interrupted(struct request *rq, const struct sock *s, int option)
{
	struct timeval	 tv = { 0, 0 };
	socklen_t	 len = sizeof(tv);

	if (getsockopt(s->s_fd, SOL_SOCKET, option, &tv, &len) == 0 &&
	    (tv.tv_sec != 0 || tv.tv_usec != 0))
		rq->rq_refused = 1;
	return (EINTR);
}

int
policy_connect(struct request *rq)
{
	static struct target	 t;
	struct sock		 s;
	const uint8_t		*addr;
	size_t			 len;
	int			 error;

	if (worker.wk_nets.ns_count == 0)
		return (policy_address(rq));
	if ((error = sock_find(rq, &s)) != 0 ||
	    (error = call_address(rq, 1, &addr, &len)) != 0)
		return (error);
	if ((error = target_find(rq, &s, NETOP_CONNECT, addr, len,
	    &t)) == 0 && (error = target_decide(rq, &s, &t)) == 0 &&
	    (error = target_settle(&t)) == 0 && connect(s.s_fd,
	    (struct sockaddr *)&t.t_addr, t.t_len) == -1)
		error = errno == EINTR ? sock_interrupted(rq, &s,
		    SO_SNDTIMEO) : errno;
	target_end(&t);
	return (error);
}

int
policy_bind(struct request *rq)
{
	static struct target	 t;
	struct sock		 s;
	const uint8_t		*addr;
	size_t			 len;
	int			 error;

	if (worker.wk_nets.ns_count == 0)
		return (policy_address(rq));
	if ((error = sock_find(rq, &s)) != 0 ||
	    (error = call_address(rq, 1, &addr, &len)) != 0)
		return (error);
	if ((error = target_find(rq, &s, NETOP_BIND, addr, len, &t)) == 0 &&
	    (error = target_decide(rq, &s, &t)) == 0) {
		if (t.t_walk != NULL)
			error = unix_bind(rq, &s, &t);
		else if (bind(s.s_fd, (struct sockaddr *)&t.t_addr,
		    t.t_len) == -1)
			error = errno;
	}
	target_end(&t);
	return (error);
}

/* What is not bound is bound now; and who may connect is decided now. */
int
policy_listen(struct request *rq)
{
	struct netquery	 q;
	struct sock	 s;
	uint8_t		 own[16];
	int		 error;

	if ((error = sock_find(rq, &s)) != 0)
		return (error);
	if (s.s_kind & NETK_IP) {
		memset(&q, 0, sizeof(q));
		q.q_op = NETOP_BIND;
		q.q_kind = s.s_kind;
		sock_bound(&s, own, &q.q_port);
		/* not bound yet: the kernel binds it to every address */
		if (q.q_port == 0) {
			q.q_wild = 1;
			if (s.s_domain == AF_INET)
				netaddr_v4(q.q_addr, own);
			error = sock_decide(rq, &s, &q, s.s_domain == AF_INET ?
			    "0.0.0.0 port 0" : "[::] port 0");
		}
		if (error == 0)
			error = accept_prepare(rq, &s, q.q_port);
	}
	if (error == 0 && listen(s.s_fd, request_int(rq, 1)) == -1)
		error = errno;
	return (error);
}
