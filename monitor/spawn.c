/*
 * Starting the roles: socketpairs, fork, re-execution of this program through
 * a descriptor of itself, and the set-up messages.  Before the monitor is
 * confined; lanes come later and need nothing but socketpair(2).
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "session.h"

#define NOBODY		65534
#define READY_SEC	20	/* a role that takes longer is broken */

struct start {
	enum role	 st_role;
	const char	*st_name;
};
static const struct start starts[] = {
	{ ROLE_INTEGRITY,	"integrity" },
	{ ROLE_POLICY,		"policy" },
	{ ROLE_RECEIVER,	"receiver" }
};
#define NSTARTS		(sizeof(starts) / sizeof(starts[0]))

/* The ends of a lane whose worker is being forked. */
static struct {
	uint32_t	 l_id;
	int		 l_call;
	int		 l_image;
} lane = { 0, -1, -1 };

static void	 spawn(struct session *, const struct start *);
static void	 spawn_exec(const struct session *, const struct start *, int,
		    int) __attribute__((__noreturn__));
static void	 setup(struct session *, enum role);
static void	 setup_conf(const struct session *, struct msg *);
static void	 setup_user(struct conf *);
static void	 setup_send(struct peer *, struct msg *);
static void	 setup_ready(struct session *, const struct start *);
static int	 lane_send(struct peer *, uint32_t, uint32_t, int, int);

static struct msg	 m;

void
spawn_roles(struct session *s)
{
	size_t	 i;

	for (i = 0; i < NSTARTS; i++)
		spawn(s, &starts[i]);
	for (i = 0; i < NSTARTS; i++)
		setup(s, starts[i].st_role);
	for (i = 0; i < NSTARTS; i++)
		setup_ready(s, &starts[i]);
}

static void
spawn(struct session *s, const struct start *st)
{
	struct peer	*pe = &s->s_peers[st->st_role];
	int		 control[2], logs[2];

	if (chan_pair(control) == -1 || chan_pair(logs) == -1)
		fatal("socketpair");
	switch (pe->pe_pid = fork()) {
	case -1:
		fatal("fork");
	case 0:
		spawn_exec(s, st, control[1], logs[1]);
	}
	close(control[1]);
	close(logs[1]);
	chan_init(&pe->pe_control, control[0], ROLE_MONITOR, st->st_role,
	    CHAN_CONTROL);
	chan_init(&pe->pe_log, logs[0], ROLE_MONITOR, st->st_role, CHAN_LOG);
	pe->pe_session = s;
}

/*
 * Only the receiver gets an environment (the command's) and the command.
 * The numbers are far from 3 and 4: see below.
 */
static void
spawn_exec(const struct session *s, const struct start *st, int control,
    int logs)
{
	static char	 progname[] = "privsep-sandbox", flag[] = "-P",
			 dashes[] = "--";
	char		 role[16], ignored[32];
	/* Room for setproctitle(3bsd), which writes over both. */
	static char	 room[] = "PROCTITLE_ROOM=........................";
	char		*bare[] = { room, NULL };
	char		**argv;
	size_t		 n, argc = 0;

	for (n = 0; s->s_argv[n] != NULL; n++)
		continue;
	if ((argv = calloc(n + 6, sizeof(*argv))) == NULL)
		fatal("spawn");
	snprintf(role, sizeof(role), "%s", st->st_name);
	snprintf(ignored, sizeof(ignored), "%llx",
	    (unsigned long long)s->s_ignored);
	argv[argc++] = progname;
	argv[argc++] = flag;
	argv[argc++] = role;
	if (st->st_role == ROLE_RECEIVER) {
		argv[argc++] = ignored;
		argv[argc++] = dashes;
		memcpy(argv + argc, s->s_argv, n * sizeof(*argv));
	}
	if ((control = fcntl(control, F_DUPFD_CLOEXEC, 64)) == -1 ||
	    (logs = fcntl(logs, F_DUPFD_CLOEXEC, 64)) == -1 ||
	    dup2(control, FD_PARENT) == -1 || dup2(logs, FD_LOG) == -1)
		fatal("spawn: %s: descriptors", role);
	syscall(SYS_execveat, s->s_selffd, "", argv,
	    st->st_role == ROLE_RECEIVER ? s->s_envp : bare, AT_EMPTY_PATH);
	fatal("spawn: %s: execveat", role);
}

/* Everything a role must know, then START. */
static void
setup(struct session *s, enum role role)
{
	struct peer	*pe = &s->s_peers[role];
	size_t		 i;

	setup_conf(s, &m);
	setup_send(pe, &m);
	for (i = 0; role != ROLE_RECEIVER &&
	    i < s->s_plan.pl_rules.rs_count; i++) {
		msg_start(&m, MSG_MONITOR_RULE, 0);
		msg_put_rule(&m, &s->s_plan.pl_rules.rs_rules[i]);
		setup_send(pe, &m);
	}
	msg_start(&m, MSG_MONITOR_WALL, 0);
	msg_put_u32(&m, role == ROLE_RECEIVER ? 2 : 1);
	if (role == ROLE_RECEIVER) {
		msg_put_fd(&m, s->s_plan.pl_wall_receiver);
		msg_put_fd(&m, s->s_plan.pl_wall_child);
	} else
		msg_put_fd(&m, role == ROLE_POLICY ?
		    s->s_plan.pl_wall_policy : s->s_plan.pl_wall_integrity);
	setup_send(pe, &m);
	if (role == ROLE_RECEIVER) {
		msg_start(&m, MSG_MONITOR_FILTER, 0);
		msg_put_filter(&m, s->s_plan.pl_filter,
		    s->s_plan.pl_filterlen);
		setup_send(pe, &m);
	}
	msg_start(&m, MSG_MONITOR_START, 0);
	msg_put_u32(&m, PROTO_VERSION);
	setup_send(pe, &m);
}

static void
setup_conf(const struct session *s, struct msg *out)
{
	struct conf	 c;

	memset(&c, 0, sizeof(c));
	c.c_pgid = getpgrp();
	c.c_flags = s->s_json ? CONF_JSON : 0;
	c.c_uid = c.c_gid = (uint32_t)-1;
	if (geteuid() == 0)
		setup_user(&c);
	c.c_caps = s->s_policy.p_caps;
	if (s->s_rundir != NULL) {
		c.c_rundir = (const uint8_t *)s->s_rundir;
		c.c_rundirlen = strlen(s->s_rundir);
	}
	msg_start(out, MSG_MONITOR_CONF, 0);
	msg_put_conf(out, &c);
}

/*
 * The integrity worker's user when we are root.  System users live in
 * passwd(5); asking the name service would load its modules.
 */
static void
setup_user(struct conf *c)
{
	struct passwd	*pw;
	FILE		*fp;

	c->c_uid = c->c_gid = NOBODY;
	if ((fp = fopen("/etc/passwd", "re")) == NULL)
		return;
	while ((pw = fgetpwent(fp)) != NULL)
		if (strcmp(pw->pw_name, "_privsep") == 0) {
			c->c_uid = pw->pw_uid;
			c->c_gid = pw->pw_gid;
			break;
		}
	fclose(fp);
}

static void
setup_send(struct peer *pe, struct msg *out)
{
	if (chan_send(&pe->pe_control, out, 0) == -1)
		fatal("set-up: %s to %s", msg_name(out->m_type),
		    role_name(pe->pe_control.ch_peer));
}

static void
setup_ready(struct session *s, const struct start *st)
{
	struct peer	*pe = &s->s_peers[st->st_role];
	struct timeval	 tv = { .tv_sec = READY_SEC, .tv_usec = 0 };
	const char	*why = NULL;
	uint32_t	 version;

	setsockopt(pe->pe_control.ch_fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv));
	if (chan_recv(&pe->pe_control, &m, 0, &why) != 1) {
		monitor_drain(s);
		fatalx("%s did not start%s%s", st->st_name,
		    why != NULL ? ": " : "", why != NULL ? why : "");
	}
	if (m.m_type != MSG_ROLE_READY || msg_get_number(&m, &version,
	    PROTO_VERSION, PROTO_VERSION) == -1)
		fatalx("%s: malformed %s", st->st_name, msg_name(m.m_type));
}

/* Make the pairs and hand out the workers' ends. */
int
spawn_lane(struct session *s, uint32_t id)
{
	int	 call[2], image[2], error = 0;

	if (lane.l_call != -1) {
		errno = EALREADY;
		return (-1);
	}
	if (chan_pair(call) == -1)
		return (-1);
	if (chan_pair(image) == -1) {
		close(call[0]);
		close(call[1]);
		return (-1);
	}
	lane.l_id = id;
	lane.l_call = call[0];
	lane.l_image = image[0];
	if (lane_send(&s->s_peers[ROLE_POLICY], id, 0, call[1], -1) == -1 ||
	    lane_send(&s->s_peers[ROLE_INTEGRITY], id, 0, image[1], -1) == -1)
		error = -1;
	close(call[1]);
	close(image[1]);
	return (error);
}

int
spawn_lane_up(struct session *s, uint32_t id, uint32_t pid)
{
	int	 error;

	if (lane.l_call == -1 || id != lane.l_id) {
		errno = EPROTO;
		return (-1);
	}
	error = lane_send(&s->s_peers[ROLE_RECEIVER], id, pid, lane.l_call,
	    lane.l_image);
	close(lane.l_call);
	close(lane.l_image);
	lane.l_call = lane.l_image = -1;
	return (error);
}

static int
lane_send(struct peer *pe, uint32_t id, uint32_t pid, int fd, int fd2)
{
	msg_start(&m, MSG_MONITOR_LANE, 0);
	msg_put_lane(&m, id, pid);
	msg_put_fd(&m, fd);
	if (fd2 != -1)
		msg_put_fd(&m, fd2);
	return (chan_send(&pe->pe_control, &m, 0));
}
