/* LINK: build/jail_filters.c */
/*
 * Roles as shipped, started as the monitor starts them, and told what they
 * must not take: each type of message, in set-up and at work, that is empty,
 * cut short, too long, out of range, or has too many descriptors.  A role ends
 * with a line that names the message; at work a lane's channel costs the lane
 * and not the role.  And a monitor that is gone ends them all.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../common/landlock_abi.h"
#include "../../common/log.h"
#include "../../common/netrule.h"
#include "../../common/rule.h"
#include "../../common/verify.h"
#include "../../proto/chan.h"

#define PATIENCE	30000	/* milliseconds for an answer */
#define LANE		7

/* A role under test: our ends of its channels. */
struct subject {
	enum role	 s_role;
	pid_t		 s_pid;
	int		 s_fd;
	int		 s_log;
	int		 s_learn[2];	/* learn: its sources, our ends */
	int		 s_file[2];	/* learn: a pipe for the policy */
};

static const char	*program;
static struct msg	 m;

static const enum role	 subjects[] = { ROLE_RECEIVER, ROLE_POLICY,
	ROLE_INTEGRITY, ROLE_LEARN, ROLE_RESOLVER };
#define SUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

static void
begin(struct subject *s, enum role role)
{
	static char	 self[] = "privsep-sandbox", flag[] = "-P",
			 zero[] = "0", dashes[] = "--",
			 command[] = "/bin/true";
	char	 name[32], *argv[] = { self, flag, name, NULL,
		    NULL, NULL, NULL };
	int	 control[2], logs[2];

	snprintf(name, sizeof(name), "%s", role_name(role));
	if (role == ROLE_RECEIVER) {
		argv[3] = zero;
		argv[4] = dashes;
		argv[5] = command;
	}
	memset(s, 0, sizeof(*s));
	s->s_role = role;
	s->s_learn[0] = s->s_learn[1] = s->s_file[0] = -1;
	assert_int_equal(chan_pair(control), 0);
	assert_int_equal(chan_pair(logs), 0);
	assert_int_not_equal(s->s_pid = fork(), -1);
	if (s->s_pid == 0) {
		if ((control[1] = fcntl(control[1], F_DUPFD_CLOEXEC, 40)) ==
		    -1 || (logs[1] = fcntl(logs[1], F_DUPFD_CLOEXEC, 41)) ==
		    -1 || dup2(control[1], FD_PARENT) == -1 ||
		    dup2(logs[1], FD_LOG) == -1)
			_exit(1);
		close(STDERR_FILENO);
		(void)!open("/dev/null", O_WRONLY);
		execv(program, argv);
		_exit(1);
	}
	close(control[1]);
	close(logs[1]);
	s->s_fd = control[0];
	s->s_log = logs[0];
}

/* Its end: 0 to 255, or -1 for a signal.  What it logged last, if fatal. */
static int
finish(struct subject *s, char *line, size_t size)
{
	struct chan	 ch;
	const uint8_t	*text;
	const char	*why;
	uint8_t		 level;
	size_t		 len;
	int		 status;
	struct pollfd	 pfd = { .fd = s->s_log, .events = POLLIN };

	chan_init(&ch, s->s_log, ROLE_MONITOR, s->s_role, CHAN_LOG);
	ch.ch_state = CS_WORK;
	line[0] = '\0';
	for (;;) {
		if (poll(&pfd, 1, PATIENCE) != 1) {
			kill(s->s_pid, SIGKILL);
			break;
		}
		if (chan_recv(&ch, &m, 0, &why) != 1)
			break;
		if (m.m_type == MSG_ROLE_LOG &&
		    msg_get_log(&m, &level, &text, &len) == 0 &&
		    (level == LOG_L_FATAL || line[0] == '\0'))
			snprintf(line, size, "%.*s", (int)len,
			    (const char *)text);
		msg_close_fds(&m);
	}
	assert_int_equal(waitpid(s->s_pid, &status, 0), s->s_pid);
	close(s->s_fd);
	close(s->s_log);
	if (s->s_learn[0] != -1) {
		close(s->s_learn[0]);
		close(s->s_learn[1]);
		close(s->s_file[0]);
	}
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* Past every check of ours: the bytes as they are. */
static void
say_raw(int sock, uint16_t type, const void *body, size_t len, int nfds)
{
	static uint8_t	 bytes[MSG_SIZE_MAX];
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int) * 8)];
	}		 ctl;
	struct iovec	 iov = { bytes, MSG_HDR_SIZE + len };
	struct msghdr	 mh;
	int		 i, fd = STDERR_FILENO;

	msg_start(&m, (enum msg_type)type, 1);
	m.m_len = MSG_HDR_SIZE + len;
	msg_put_header(&m, bytes);
	memcpy(bytes + MSG_HDR_SIZE, body, len);
	memset(&mh, 0, sizeof(mh));
	memset(&ctl, 0, sizeof(ctl));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (nfds > 0) {
		mh.msg_control = &ctl;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nfds);
		ctl.hdr.cmsg_level = SOL_SOCKET;
		ctl.hdr.cmsg_type = SCM_RIGHTS;
		ctl.hdr.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nfds);
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(&ctl.hdr) + sizeof(int) * (size_t)i,
			    &fd, sizeof(fd));
	}
	/* it may be gone already */
	(void)!sendmsg(sock, &mh, MSG_NOSIGNAL);
}

static void
say(const struct subject *s)
{
	struct chan	 ch;

	chan_init(&ch, s->s_fd, ROLE_MONITOR, s->s_role, CHAN_CONTROL);
	if (chan_send(&ch, &m, 0) == -1)
		fail_msg("%s: %s", role_name(s->s_role), strerror(errno));
}

static void
say_conf(const struct subject *s)
{
	struct conf	 conf;

	memset(&conf, 0, sizeof(conf));
	conf.c_pgid = getpgrp();
	conf.c_uid = conf.c_gid = UINT32_MAX;
	msg_start(&m, MSG_MONITOR_CONF, 0);
	msg_put_conf(&m, &conf);
	say(s);
}

static void
say_wall(const struct subject *s)
{
	int	 fd = ll_ruleset(0);

	assert_int_not_equal(fd, -1);
	msg_start(&m, MSG_MONITOR_WALL, 0);
	msg_put_u32(&m, 1);
	msg_put_fd(&m, fd);
	say(s);
	close(fd);
}

static void
say_learn(struct subject *s)
{
	struct learn_conf lc;
	int		  a[2], b[2], p[2];

	memset(&lc, 0, sizeof(lc));
	lc.lc_names = 10;
	assert_int_equal(chan_pair(a), 0);
	assert_int_equal(chan_pair(b), 0);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	msg_start(&m, MSG_MONITOR_LEARN, 0);
	msg_put_learn(&m, &lc);
	msg_put_fd(&m, a[1]);
	msg_put_fd(&m, b[1]);
	msg_put_fd(&m, p[1]);
	say(s);
	close(a[1]);
	close(b[1]);
	close(p[1]);
	s->s_learn[0] = a[0];
	s->s_learn[1] = b[0];
	s->s_file[0] = p[0];
}

/* Two ears, and somebody to ask: nobody has to be there. */
static void
say_names(struct subject *s)
{
	struct sockaddr_in	 sin;
	struct names_conf	 nc;
	int			 fd[2], i;

	memset(&nc, 0, sizeof(nc));
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	netaddr_v4(nc.nc_servers[0].na_addr, &sin.sin_addr);
	nc.nc_servers[0].na_port = 53;
	nc.nc_nservers = 1;
	msg_start(&m, MSG_MONITOR_NAMES, 0);
	for (i = 0; i < 2; i++) {
		nc.nc_ears[i].na_port = 1;
		assert_int_not_equal(fd[i] = socket(AF_INET, SOCK_DGRAM |
		    SOCK_NONBLOCK, 0), -1);
		assert_int_equal(bind(fd[i], (struct sockaddr *)&sin,
		    sizeof(sin)), 0);
		msg_put_fd(&m, fd[i]);
	}
	msg_put_names(&m, &nc);
	say(s);
	close(fd[0]);
	close(fd[1]);
}

static void
say_number(const struct subject *s, enum msg_type type, uint32_t n)
{
	msg_start(&m, type, 0);
	msg_put_u32(&m, n);
	say(s);
}

/* To the end of set-up: policy, integrity and learn. */
static void
begin_work(struct subject *s, enum role role)
{
	struct pollfd	 pfd = { .events = POLLIN };
	struct chan	 ch;
	const char	*why;
	uint32_t	 version;

	begin(s, role);
	say_conf(s);
	say_wall(s);
	if (role == ROLE_LEARN)
		say_learn(s);
	if (role == ROLE_RESOLVER)
		say_names(s);
	say_number(s, MSG_MONITOR_START, PROTO_VERSION);
	pfd.fd = s->s_fd;
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	chan_init(&ch, s->s_fd, ROLE_MONITOR, role, CHAN_CONTROL);
	if (chan_recv(&ch, &m, 0, &why) != 1 || m.m_type != MSG_ROLE_READY ||
	    msg_get_number(&m, &version, PROTO_VERSION, PROTO_VERSION) == -1)
		fail_msg("%s is not ready", role_name(role));
}

/* What row, if any, the monitor may say this by to the role. */
static const struct rulebook_row *
row_of(enum role role, uint16_t type)
{
	size_t	 i;

	for (i = 0; i < rulebook_count; i++)
		if (rulebook[i].r_type == type &&
		    rulebook[i].r_chan == CHAN_CONTROL &&
		    rulebook[i].r_from & 1U << ROLE_MONITOR &&
		    rulebook[i].r_to & 1U << role)
			return (&rulebook[i]);
	return (NULL);
}

/* No message has a body like these. */
static const struct {
	const char	*g_name;
	size_t		 g_len;
	int		 g_fill;
	int		 g_fds;		/* more than it should have */
} garbage[] = {
	{ "empty", 0, 0, 0 },
	{ "cut short", 3, 0, 0 },
	{ "full of extremes", 64, 0xff, 0 },
	{ "long and empty", 8000, 0, 0 },
	{ "with one descriptor more", 4, 1, 1 }
};
#define GARBAGE	(sizeof(garbage) / sizeof(garbage[0]))

static void
refused(struct subject *s, uint16_t type, size_t g, const char *when)
{
	static uint8_t			 body[8192];
	const struct rulebook_row	*row = row_of(s->s_role, type);
	char				 line[1024];
	const char			*says = msg_name(type);
	int				 fds, status;

	fds = (row != NULL ? row->r_fdmax : 0) + garbage[g].g_fds;
	memset(body, garbage[g].g_fill, garbage[g].g_len);
	say_raw(s->s_fd, type, body, garbage[g].g_len, fds);
	status = finish(s, line, sizeof(line));
	/* what has no body has no type either, nor what no message can have */
	if (garbage[g].g_len == 0)
		says = "malformed header";
	else if (fds > MSG_FDS_MAX)
		says = "unwanted control data";
	if (status != EXIT_SANDBOX || strstr(line, says) == NULL)
		fail_msg("%s, %s: %s %s: status %d, \"%s\"",
		    role_name(s->s_role), when, msg_name(type),
		    garbage[g].g_name, status, line);
}

static uint16_t
next_type(uint16_t type)
{
	do {
		if (type == UINT16_MAX)
			return (0);
		type++;
	} while (strcmp(msg_name(type), "MSG_UNKNOWN") == 0);
	return (type);
}

static void
a_role_ends_on_any_malformed_message_of_its_set_up(void **state)
{
	struct subject	 s;
	uint16_t	 type;
	size_t		 i, g;

	(void)state;
	for (i = 0; i < SUBJECTS; i++)
	for (type = next_type(0); type != 0; type = next_type(type))
	for (g = 0; g < GARBAGE; g++) {
		if (row_of(subjects[i], type) == NULL && g > 0)
			break;		/* its type alone is refused */
		begin(&s, subjects[i]);
		refused(&s, type, g, "set-up");
	}
}

static void
a_role_ends_on_any_malformed_message_at_work(void **state)
{
	struct subject	 s;
	uint16_t	 type;
	size_t		 i, g;

	(void)state;
	for (i = 1; i < SUBJECTS; i++)	/* not the receiver: it has a child */
	for (type = next_type(0); type != 0; type = next_type(type))
	for (g = 0; g < GARBAGE; g++) {
		if ((row_of(subjects[i], type) == NULL ||
		    row_of(subjects[i], type)->r_state == CS_SETUP) && g > 0)
			break;
		begin_work(&s, subjects[i]);
		refused(&s, type, g, "work");
	}
}

static void
a_role_does_not_start_before_it_was_told_its_wall(void **state)
{
	struct subject	 s;
	char		 line[1024];
	size_t		 i;

	(void)state;
	for (i = 0; i < SUBJECTS; i++) {
		begin(&s, subjects[i]);
		say_conf(&s);
		say_number(&s, MSG_MONITOR_START, PROTO_VERSION);
		assert_int_equal(finish(&s, line, sizeof(line)), EXIT_SANDBOX);
		assert_non_null(strstr(line, i == 0 ? "jail_wall" :
		    "MSG_MONITOR_START"));
	}
}

static void
a_role_of_another_version_is_not_started(void **state)
{
	struct subject	 s;
	char		 line[1024];
	size_t		 i;

	(void)state;
	for (i = 0; i < SUBJECTS; i++) {
		begin(&s, subjects[i]);
		say_number(&s, MSG_MONITOR_START, PROTO_VERSION + 1);
		assert_int_equal(finish(&s, line, sizeof(line)), EXIT_SANDBOX);
		assert_non_null(strstr(line, "MSG_MONITOR_START"));
	}
}

static void
a_role_ends_with_the_monitor(void **state)
{
	struct subject	 s;
	char		 line[1024];
	size_t		 i;
	int		 status;

	(void)state;
	for (i = 0; i < SUBJECTS; i++) {
		begin(&s, subjects[i]);
		say_conf(&s);
		assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
		assert_int_equal(finish(&s, line, sizeof(line)), EXIT_SANDBOX);
		if (i > 0)
			assert_string_equal(line, "");
	}
	for (i = 1; i < SUBJECTS; i++) {
		begin_work(&s, subjects[i]);
		assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
		status = finish(&s, line, sizeof(line));
		assert_int_equal(status, 0);
		assert_string_equal(line, "");
	}
}

/* ---- integrity: what a receiver's lane may get wrong ---- */

static int
lane_of(struct subject *s)
{
	int	 pair[2];

	assert_int_equal(chan_pair(pair), 0);
	msg_start(&m, MSG_MONITOR_LANE, 0);
	msg_put_lane(&m, LANE, 0);
	msg_put_fd(&m, pair[1]);
	say(s);
	close(pair[1]);
	return (pair[0]);
}

/* The other end is closed, without an answer. */
static int
hung_up(int fd)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	char		 c;

	return (poll(&pfd, 1, PATIENCE) == 1 && recv(fd, &c, 1, 0) == 0);
}

static void
a_bad_lane_costs_integrity_the_lane_and_no_more(void **state)
{
	static const uint16_t	 types[] = { MSG_RECEIVER_IMAGE,
		MSG_RECEIVER_FILE, MSG_RECEIVER_CALL, MSG_MONITOR_LANE, 999 };
	static uint8_t		 body[8192];
	struct subject		 s;
	char			 line[1024];
	size_t			 i, g;
	int			 bad, good;

	(void)state;
	begin_work(&s, ROLE_INTEGRITY);
	good = lane_of(&s);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	for (g = 0; g < GARBAGE; g++) {
		bad = lane_of(&s);
		memset(body, garbage[g].g_fill, sizeof(body));
		say_raw(bad, types[i], body, garbage[g].g_len,
		    garbage[g].g_fds + (types[i] == MSG_RECEIVER_IMAGE));
		if (!hung_up(bad))
			fail_msg("%s %s: the lane goes on", msg_name(types[i]),
			    garbage[g].g_name);
		close(bad);
	}
	assert_int_equal(recv(good, line, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(good);
	assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
	assert_int_equal(finish(&s, line, sizeof(line)), 0);
	assert_non_null(strstr(line, "lane 7"));
}

static void
integrity_takes_so_many_lanes_and_no_more(void **state)
{
	struct subject	 s;
	char		 line[1024];
	int		 fds[LANES_MAX + 1], i;

	(void)state;
	begin_work(&s, ROLE_INTEGRITY);
	for (i = 0; i <= LANES_MAX; i++)
		fds[i] = lane_of(&s);
	assert_int_equal(finish(&s, line, sizeof(line)), EXIT_SANDBOX);
	assert_non_null(strstr(line, "lanes"));
	for (i = 0; i <= LANES_MAX; i++)
		close(fds[i]);
}

/* ---- policy: lanes ---- */

static void
policy_says_how_a_lane_ended_that_was_told_garbage(void **state)
{
	struct pollfd	 pfd = { .events = POLLIN };
	struct subject	 s;
	struct chan	 ch;
	const char	*why;
	char		 line[1024];
	uint32_t	 lane, pid;
	int32_t		 status;
	int		 fd;

	(void)state;
	begin_work(&s, ROLE_POLICY);
	fd = lane_of(&s);
	pfd.fd = s.s_fd;
	chan_init(&ch, s.s_fd, ROLE_MONITOR, ROLE_POLICY, CHAN_CONTROL);
	ch.ch_state = CS_WORK;
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	assert_int_equal(chan_recv(&ch, &m, 0, &why), 1);
	assert_int_equal(m.m_type, MSG_POLICY_LANEUP);
	assert_int_equal(msg_get_laneup(&m, &lane, &pid), 0);
	assert_int_equal(lane, LANE);
	say_raw(fd, MSG_RECEIVER_CALL, "garbage", 7, 0);
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	assert_int_equal(chan_recv(&ch, &m, 0, &why), 1);
	assert_int_equal(m.m_type, MSG_POLICY_LANEDOWN);
	assert_int_equal(msg_get_lanedown(&m, &lane, &status), 0);
	assert_int_equal(lane, LANE);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_SANDBOX);
	close(fd);
	assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
	assert_int_equal(finish(&s, line, sizeof(line)), 0);
	assert_non_null(strstr(line, "MSG_RECEIVER_CALL"));
}

/* ---- resolver: what a lane may get wrong costs it its channel ---- */

static void
resolver_closes_the_lane_that_says_nonsense_and_goes_on(void **state)
{
	static uint8_t	 body[8192];
	static const uint16_t types[] = { MSG_LANE_ASKER, MSG_LANE_LED,
			    MSG_RESOLVER_HOSTS, MSG_RECEIVER_CALL };
	struct pollfd	 pfd = { .events = POLLIN };
	struct subject	 s;
	struct chan	 ch;
	const char	*why;
	char		 line[1024], hosts[NAME_HOSTS_MAX][HOST_TEXT];
	uint8_t		 addr[16] = { 1 };
	size_t		 g, i, n;
	int		 p[2];

	(void)state;
	begin_work(&s, ROLE_RESOLVER);
	for (i = 0; i <= sizeof(types) / sizeof(types[0]); i++)
	for (g = 0; g < GARBAGE; g++) {
		assert_int_equal(chan_pair(p), 0);
		msg_start(&m, MSG_MONITOR_LANE, 0);
		msg_put_lane(&m, (uint32_t)g, 0);
		msg_put_fd(&m, p[1]);
		say(&s);
		close(p[1]);
		pfd.fd = p[0];
		chan_init(&ch, p[0], ROLE_LANE, ROLE_RESOLVER, CHAN_NAMES);
		if (i < sizeof(types) / sizeof(types[0])) {
			memset(body, garbage[g].g_fill, sizeof(body));
			say_raw(p[0], types[i], body, garbage[g].g_len,
			    garbage[g].g_fds);
			assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
			assert_int_equal(chan_recv(&ch, &m, 0, &why), 0);
		} else {
			msg_start(&m, MSG_LANE_LED, 7);
			msg_put_led(&m, addr);
			assert_int_equal(chan_send(&ch, &m, 0), 0);
			assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
			assert_int_equal(chan_recv(&ch, &m, 0, &why), 1);
			assert_int_equal(m.m_type, MSG_RESOLVER_HOSTS);
			assert_int_equal(msg_get_hosts(&m, hosts, &n), 0);
			assert_int_equal(n, 0);
		}
		close(p[0]);
	}
	assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
	assert_int_equal(finish(&s, line, sizeof(line)), 0);
	assert_non_null(strstr(line, "lane"));
}

/* ---- learn: what its sources may get wrong ---- */

static void
learn_ends_on_a_malformed_name(void **state)
{
	static uint8_t	 body[8192];
	struct subject	 s;
	char		 line[1024];
	size_t		 g;
	int		 i;

	(void)state;
	for (i = 0; i < 2; i++)
	for (g = 0; g < GARBAGE; g++) {
		begin_work(&s, ROLE_LEARN);
		memset(body, garbage[g].g_fill, sizeof(body));
		say_raw(s.s_learn[i], MSG_ROLE_ACCESS, body, garbage[g].g_len,
		    garbage[g].g_fds);
		assert_int_equal(finish(&s, line, sizeof(line)), EXIT_SANDBOX);
		assert_non_null(strstr(line, i == 0 ? "lane" : "integrity"));
	}
}

static void
learn_says_when_the_policy_cannot_be_written(void **state)
{
	struct pollfd	 pfd = { .events = POLLIN };
	struct subject	 s;
	struct access	 a;
	struct chan	 ch;
	const char	*why;
	char		 line[1024];
	uint32_t	 all;

	(void)state;
	begin_work(&s, ROLE_LEARN);
	chan_init(&ch, s.s_learn[0], ROLE_LANE, ROLE_LEARN, CHAN_LEARN);
	memset(&a, 0, sizeof(a));
	a.a_rights = R_READ;
	a.a_outcome = ACCESS_USED;
	a.a_path = (const uint8_t *)"/etc/passwd";
	a.a_len = strlen("/etc/passwd");
	msg_start(&m, MSG_ROLE_ACCESS, 0);
	msg_put_access(&m, &a);
	assert_int_equal(chan_send(&ch, &m, 0), 0);
	close(s.s_file[0]);		/* the pipe has no reader now */
	s.s_file[0] = open("/dev/null", O_RDONLY);
	say_number(&s, MSG_MONITOR_WRITE, 1);
	pfd.fd = s.s_fd;
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	chan_init(&ch, s.s_fd, ROLE_MONITOR, ROLE_LEARN, CHAN_CONTROL);
	ch.ch_state = CS_WORK;
	assert_int_equal(chan_recv(&ch, &m, 0, &why), 1);
	assert_int_equal(m.m_type, MSG_LEARN_WRITTEN);
	assert_int_equal(msg_get_number(&m, &all, 0, 1), 0);
	assert_int_equal(all, 0);
	assert_int_equal(shutdown(s.s_fd, SHUT_RDWR), 0);
	assert_int_equal(finish(&s, line, sizeof(line)), 0);
	assert_non_null(strstr(line, "could not be written"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(
		    a_role_ends_on_any_malformed_message_of_its_set_up),
		cmocka_unit_test(a_role_ends_on_any_malformed_message_at_work),
		cmocka_unit_test(
		    a_role_does_not_start_before_it_was_told_its_wall),
		cmocka_unit_test(a_role_of_another_version_is_not_started),
		cmocka_unit_test(a_role_ends_with_the_monitor),
		cmocka_unit_test(
		    a_bad_lane_costs_integrity_the_lane_and_no_more),
		cmocka_unit_test(integrity_takes_so_many_lanes_and_no_more),
		cmocka_unit_test(
		    policy_says_how_a_lane_ended_that_was_told_garbage),
		cmocka_unit_test(
		    resolver_closes_the_lane_that_says_nonsense_and_goes_on),
		cmocka_unit_test(learn_ends_on_a_malformed_name),
		cmocka_unit_test(learn_says_when_the_policy_cannot_be_written)
	};

	if ((program = getenv("PRIVSEP")) == NULL)
		program = "./privsep-sandbox";
	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
