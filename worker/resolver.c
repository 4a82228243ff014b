/*
 * Entry of the resolver role: set-up, what the child asks, what lanes' workers
 * want to know.  Started only where a rule speaks of a host name.
 *
 * The child's stub resolver sends to a name server; the policy worker has its
 * socket lead to our ear instead (worker/policy_name.c), and says from which
 * port the question will come: whoever else on this machine asks is not heard.
 *
 * Must never: trust a length, a name or a number of the child's; answer for a
 * name that no rule allows with anything but that there is none; or ask
 * anybody about it.
 */
#include <sys/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/denial.h"
#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "../monitor/roles.h"
#include "resolver.h"
#include "resolver_pin.h"

#define ASKERS_MAX	1024	/* sockets that may ask; the oldest goes */
_Static_assert(LANES_MAX + 16 <= RESOLVER_FDS, "a channel for each lane");

#define QUERY_MAX	4096	/* more is no query of anybody's */

static void	 setup_message(void *);
static void	 become(uint32_t, uint32_t);
static void	 ears_place(void);
static void	 parent_send(enum msg_type, uint32_t);
static void	 work(void);
static void	 parent_message(void);
static void	 lane_add(void);
static void	 lane_message(struct chan *);
static void	 lane_asker(struct chan *);
static void	 lane_led(struct chan *);
static void	 hear(size_t);
static void	 answer(struct waiter *);
static void	 deny(const struct waiter *, const char *, const char *,
		    const struct netrule *, const char *);

struct netset		 rules;
struct names_conf	 names;

static struct chan	 parent;
static struct chan	 lanes[LANES_MAX];
static int		 ears[NAME_EARS];
static struct asker	 askers[ASKERS_MAX];
static size_t		 asker_next;
static uint32_t		 uid = UINT32_MAX, gid;
static int		 wall = -1, named, json;
static struct msg	 in, out;

int
resolver_main(int argc, char **argv)
{
	size_t	 i;

	(void)argc;
	(void)argv;
	jail_start(ROLE_RESOLVER, SIGKILL);
	log_to_parent("resolver");
	setproctitle("resolver");
	chan_init(&parent, FD_PARENT, ROLE_RESOLVER, ROLE_MONITOR,
	    CHAN_CONTROL);
	for (i = 0; i < LANES_MAX; i++)
		lanes[i].ch_fd = -1;
	for (i = 0; i < NAME_EARS; i++)
		ears[i] = -1;
	chan_setup(&parent, &in, setup_message, NULL);
	if (wall == -1 || !named)
		fatalx("%s: before all was said", msg_name(in.m_type));
	ears_place();
	ask_open();
	(void)!arc4random();
	become(uid, gid);
	jail_caps(0);
	jail_wall(wall);
	jail_filter(ROLE_RESOLVER);
	parent_send(MSG_ROLE_READY, PROTO_VERSION);
	work();
	_exit(0);
}

uint64_t
now_msec(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

/* ---- set-up ---- */

static void
setup_message(void *arg)
{
	struct conf	 conf;
	uint32_t	 n;
	size_t		 i;

	(void)arg;
	switch (in.m_type) {
	case MSG_MONITOR_CONF:
		if (msg_get_conf(&in, &conf) == -1)
			break;
		log_setverbose((conf.c_flags & CONF_TRACE) != 0);
		json = (conf.c_flags & CONF_JSON) != 0;
		uid = conf.c_uid;
		gid = conf.c_gid;
		return;
	case MSG_MONITOR_NET:
		if (msg_get_net(&in, &rules) == -1)
			break;
		return;
	case MSG_MONITOR_NAMES:
		if (msg_get_names(&in, &names) == -1)
			break;
		for (i = 0; i < NAME_EARS; i++)
			if (names.nc_ears[i].na_port != 0)
				ears[i] = msg_get_fd(&in);
		named = 1;
		return;
	case MSG_MONITOR_WALL:
		if (msg_get_number(&in, &n, 1, 1) == -1)
			break;
		wall = msg_get_fd(&in);
		return;
	default:
		fatalx("%s: not said to this role", msg_name(in.m_type));
	}
	fatalx("%s: malformed", msg_name(in.m_type));
}

/* Another user, where we are root.  It has no file to reach, by its filter. */
static void
become(uint32_t u, uint32_t g)
{
	if (u == UINT32_MAX)
		return;
	if (setgroups(0, NULL) == -1 || setresgid(g, g, g) == -1 ||
	    setresuid(u, u, u) == -1) {
		if (errno != EPERM)
			fatal("%s: user %u", __func__, u);
		log_debug("user stays: not permitted");
	}
	/* a change of user clears it: commit_creds(), kernel/cred.c */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		fatal("%s: PR_SET_PDEATHSIG", __func__);
}

/* Where the filter knows them. */
static void
ears_place(void)
{
	size_t	 i;
	int	 to;

	for (i = 0; i < NAME_EARS; i++) {
		if (ears[i] == -1)
			continue;
		to = RESOLVER_EAR + (int)i;
		if (dup3(ears[i], to, O_CLOEXEC) == -1)
			fatal("%s: descriptor %d", __func__, to);
		close(ears[i]);
		ears[i] = to;
	}
}

static void
parent_send(enum msg_type type, uint32_t value)
{
	msg_start(&out, type, 0);
	msg_put_u32(&out, value);
	while (chan_send(&parent, &out, 0) == -1) {
		if (errno == EPIPE)
			_exit(EXIT_SANDBOX);	/* the monitor has ended */
		if (errno != EINTR)
			fatal("%s", msg_name((uint16_t)type));
	}
}

/* ---- at work ---- */

/* Lanes first: who may ask is said before it asks. */
static void
work(void)
{
	static struct pollfd	 pfd[1 + LANES_MAX + NAME_EARS + MOUTHS_MAX];
	const size_t		 ear = 1 + LANES_MAX, mouth = ear + NAME_EARS;
	size_t			 i, n;

	for (;;) {
		pfd[0].fd = FD_PARENT;
		for (i = 0; i < LANES_MAX; i++)
			pfd[1 + i].fd = lanes[i].ch_fd;
		for (i = 0; i < NAME_EARS; i++)
			pfd[ear + i].fd = ears[i];
		for (i = 0; i < mouth; i++) {
			pfd[i].events = POLLIN;
			pfd[i].revents = 0;
		}
		n = ask_poll(pfd + mouth);
		if (poll(pfd, mouth + n, ask_wait()) == -1) {
			if (errno != EINTR)
				fatal("poll");
			continue;
		}
		for (i = 0; i < LANES_MAX; i++)
			if (pfd[1 + i].revents != 0)
				lane_message(&lanes[i]);
		for (i = 0; i < n; i++)
			if (pfd[mouth + i].revents != 0)
				ask_read(pfd[mouth + i].fd);
		for (i = 0; i < NAME_EARS; i++)
			if (pfd[ear + i].revents != 0)
				hear(i);
		ask_time();
		if (pfd[0].revents != 0)
			parent_message();
	}
}

static void
parent_message(void)
{
	const char	*why = NULL;

	switch (chan_recv(&parent, &in, MSG_DONTWAIT, &why)) {
	case 1:
		break;
	case 0:
		_exit(0);		/* the monitor has ended */
	default:
		if (why != NULL)
			fatalx("monitor: %s: %s", msg_name(in.m_type), why);
		if (errno == EINTR || errno == EAGAIN)
			return;
		fatal("monitor: control channel");
	}
	if (in.m_type == MSG_MONITOR_PING &&
	    chan_pong(&parent, &in, &out) == 0)
		return;
	if (in.m_type != MSG_MONITOR_LANE)
		fatalx("monitor: malformed %s", msg_name(in.m_type));
	lane_add();
}

static void
lane_add(void)
{
	uint32_t	 lane, zero;
	size_t		 i;

	if (msg_get_lane(&in, &lane, &zero) == -1)
		fatalx("monitor: malformed %s", msg_name(in.m_type));
	for (i = 0; i < LANES_MAX && lanes[i].ch_fd != -1; i++)
		continue;
	if (i == LANES_MAX)
		fatalx("more than %d lanes", LANES_MAX);
	chan_init(&lanes[i], msg_get_fd(&in), ROLE_RESOLVER, ROLE_LANE,
	    CHAN_NAMES);
}

/* ---- lanes ---- */

static void
lane_message(struct chan *c)
{
	const char	*why = NULL;

	switch (chan_recv(c, &in, MSG_DONTWAIT, &why)) {
	case 1:
		break;
	case 0:
		chan_close(c);
		return;
	default:
		if (errno == EAGAIN || errno == EINTR)
			return;
		log_warnx("lane: %s", why != NULL ? why : strerror(errno));
		chan_close(c);
		return;
	}
	if (in.m_type == MSG_LANE_ASKER)
		lane_asker(c);
	else
		lane_led(c);
}

/* It waits for this, and asks one thing at a time: its channel has room. */
static void
lane_reply(struct chan *c)
{
	if (chan_send(c, &out, MSG_DONTWAIT) == -1) {
		if (errno != EPIPE)
			log_warn("lane");
		chan_close(c);
	}
}

static void
lane_asker(struct chan *c)
{
	struct asker	 as;
	size_t		 i;

	if (msg_get_asker(&in, &as) == -1) {
		log_warnx("lane: malformed %s", msg_name(in.m_type));
		chan_close(c);
		return;
	}
	for (i = 0; i < ASKERS_MAX; i++)
		if (askers[i].as_port == as.as_port)
			break;
	if (i == ASKERS_MAX) {
		i = asker_next;
		asker_next = (asker_next + 1) % ASKERS_MAX;
	}
	askers[i] = as;
	msg_start(&out, MSG_RESOLVER_HEARD, in.m_seq);
	msg_put_u32(&out, 1);
	lane_reply(c);
}

static void
lane_led(struct chan *c)
{
	const char	*hosts[NAME_HOSTS_MAX];
	uint8_t		 addr[16];

	if (msg_get_led(&in, addr) == -1) {
		log_warnx("lane: malformed %s", msg_name(in.m_type));
		chan_close(c);
		return;
	}
	msg_start(&out, MSG_RESOLVER_HOSTS, in.m_seq);
	msg_put_hosts(&out, hosts, pin_find(addr, now_msec() / 1000, hosts,
	    NAME_HOSTS_MAX));
	lane_reply(c);
}

/* ---- the child ---- */

/* One datagram on an ear. */
static void
hear(size_t ear)
{
	static uint8_t		 bytes[QUERY_MAX];
	static struct waiter	 w;
	struct sockaddr_in	 from4;
	struct iovec		 iov = { bytes, sizeof(bytes) };
	struct msghdr		 mh;
	ssize_t			 n;
	size_t			 i;
	uint16_t		 port;
	int			 rcode;

	memset(&w, 0, sizeof(w));
	memset(&mh, 0, sizeof(mh));
	mh.msg_name = &w.w_from;
	mh.msg_namelen = sizeof(w.w_from);
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if ((n = recvmsg(ears[ear], &mh, MSG_DONTWAIT)) == -1)
		return;
	w.w_ear = ear;
	w.w_fromlen = mh.msg_namelen;
	memcpy(&from4, &w.w_from, sizeof(from4));
	port = ntohs(ear == 0 ? from4.sin_port : w.w_from.sin6_port);
	for (i = 0; i < ASKERS_MAX; i++)
		if (askers[i].as_port == port && port != 0)
			break;
	if (i == ASKERS_MAX)
		return;
	w.w_asker = askers[i];
	rcode = dns_query_parse(bytes, (size_t)n, &w.w_query);
	if (mh.msg_flags & MSG_TRUNC) {
		w.w_query.dq_len = 0;
		rcode = rcode == -1 ? -1 : DNS_FORMERR;
	}
	if (rcode == DNS_NOERROR)
		answer(&w);
	else if (rcode != -1)
		resolver_reply(&w, rcode, NULL);
}

static void
answer(struct waiter *w)
{
	const struct dns_query	*q = &w->w_query;
	const struct netrule	*by = NULL;
	char			 object[HOST_TEXT + 16];
	char			 cure[HOST_TEXT + 64];

	if (!q->dq_valid || !netset_host(&rules, q->dq_name, &by)) {
		(void)snprintf(object, sizeof(object), "host %s",
		    q->dq_name);
		(void)snprintf(cure, sizeof(cure),
		    "allow net connect tcp to host \"%s\"", q->dq_name);
		if (by == NULL || !(by->n_rule.r_flags & RF_QUIET))
			deny(w, object, q->dq_valid ? cure : NULL, by, NULL);
		resolver_reply(w, DNS_NXDOMAIN, NULL);
		return;
	}
	/* Nothing else of it is looked up: there is no such record. */
	if (q->dq_type != DNS_A && q->dq_type != DNS_AAAA)
		resolver_reply(w, DNS_NOERROR, NULL);
	else
		ask_begin(w);
}

/* Addresses that the name may lead to, and no others: the line says which. */
static void
addresses_sift(const struct waiter *w, const struct dns_answer *from,
    struct dns_answer *to)
{
	const char	*name = w->w_query.dq_name;
	char		 text[NETADDR_TEXT];
	char		 object[HOST_TEXT + NETADDR_TEXT + 64];
	char		 cure[HOST_TEXT + 128];
	size_t		 i;

	to->da_rcode = from->da_rcode;
	to->da_ttl = from->da_ttl > PIN_TTL_MAX ? PIN_TTL_MAX : from->da_ttl;
	to->da_count = 0;
	for (i = 0; i < from->da_count; i++) {
		if (netset_leads(&rules, name, from->da_addrs[i])) {
			memcpy(to->da_addrs[to->da_count++],
			    from->da_addrs[i], 16);
			continue;
		}
		(void)netaddr_print(from->da_addrs[i], text, sizeof(text));
		(void)snprintf(object, sizeof(object), "host %s, which "
		    "leads to %s", name, text);
		(void)snprintf(cure, sizeof(cure), "allow net connect tcp to "
		    "host \"%s\" within %s", name, text);
		deny(w, object, cure, NULL, "the address is one of a network "
		    "that trusts its own");
	}
}

void
resolver_reply(const struct waiter *w, int rcode, const struct dns_answer *da)
{
	static struct dns_answer sifted;
	uint8_t			 bytes[DNS_REPLY_MAX];
	uint64_t		 now = now_msec() / 1000;
	size_t			 i, len, told = 0;

	if (da != NULL)
		addresses_sift(w, da, &sifted);
	len = dns_answer_make(bytes, &w->w_query, rcode,
	    da == NULL ? NULL : &sifted, &told);
	/* before it knows them */
	for (i = 0; i < told; i++)
		pin_add(w->w_query.dq_name, sifted.da_addrs[i], now,
		    now + sifted.da_ttl + names.nc_pin + 1);
	(void)sendto(ears[w->w_ear], bytes, len, MSG_DONTWAIT,
	    (const struct sockaddr *)&w->w_from, w->w_fromlen);
}

/* ---- the log ---- */

static void
deny(const struct waiter *w, const char *object, const char *cure,
    const struct netrule *r, const char *check)
{
	static char		 line[LOG_LINE_MAX];
	struct denial_report	 dr;
	struct chan		 logs;
	struct denial		 d;
	char			 by[PATTERN_MAX + 16];

	memset(&dr, 0, sizeof(dr));
	dr.dr_pid = w->w_asker.as_pid;
	dr.dr_comm = (const uint8_t *)w->w_asker.as_comm;
	dr.dr_commlen = strlen(w->w_asker.as_comm);
	dr.dr_call = "lookup";
	dr.dr_word = "net name";
	dr.dr_object = object;
	dr.dr_check = check;
	dr.dr_allow = cure;
	dr.dr_fixed = cure == NULL;
	if (r != NULL) {
		(void)snprintf(by, sizeof(by), "%s:%u", r->n_rule.r_file,
		    r->n_rule.r_line);
		dr.dr_by = by;
	}
	d.d_rule = r == NULL ? UINT32_MAX : r->n_rule.r_index;
	d.d_len = denial_format(line, sizeof(line), json, &dr);
	d.d_line = (const uint8_t *)line;
	chan_init(&logs, FD_LOG, ROLE_RESOLVER, ROLE_MONITOR, CHAN_LOG);
	msg_start(&out, MSG_ROLE_DENIAL, 0);
	msg_put_denial(&out, &d);
	while (chan_send(&logs, &out, 0) == -1 && errno == EINTR)
		continue;
}
