/*
 * Entry of the learn role (-L).  Lane workers and the integrity role say what
 * names the command used; when the monitor says that the command has ended,
 * what was said becomes a policy (learn_tree.c, learn_print.c) in the file
 * that the monitor made.
 *
 * Must never: open, connect or answer anything, nor hold more than
 * LEARN_NODES_MAX names.  It has less authority than any other role: a file to
 * write to, and its log channel.
 */
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "../common/verify.h"
#include "../monitor/roles.h"
#include "../proto/chan.h"
#include "learn.h"

#define DRAIN_MAX	65536	/* more messages than a channel holds */

/* Who says what is used. */
enum source { SOURCE_LANES, SOURCE_INTEGRITY, SOURCE_COUNT };

static void	 setup_message(void *);
static void	 setup_learn(void);
static void	 work(void);
static void	 parent_message(void);
static int	 source_message(struct chan *);
static void	 drain(void);
static void	 digest_add(void);
static int	 write_all(int, const char *, size_t);
static int	 write_policy(void);
static int	 write_manifest(void);
static void	 parent_send(enum msg_type, uint32_t);

static struct chan	 parent;
static struct chan	 sources[SOURCE_COUNT] = {
	{ .ch_fd = -1 }, { .ch_fd = -1 }
};
static struct learn	 learn;
static struct verifyset	 digests;
static int		 wall = -1, file = -1, manifest = -1;
static struct msg	 in, out;

int
learn_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	jail_start(ROLE_LEARN, SIGKILL);
	log_to_parent("learn");
	setproctitle("learn");
	chan_init(&parent, FD_PARENT, ROLE_LEARN, ROLE_MONITOR, CHAN_CONTROL);
	learn_init(&learn);
	chan_setup(&parent, &in, setup_message, NULL);
	if (wall == -1 || file == -1)
		fatalx("%s: before all was said", msg_name(in.m_type));
	jail_caps(0);
	jail_wall(wall);
	jail_filter(ROLE_LEARN);
	parent_send(MSG_ROLE_READY, PROTO_VERSION);
	work();
	_exit(0);
}

/* ---- set-up ---- */

/* A string for the life of the process, or NULL where it is empty. */
static char *
keep(const uint8_t *bytes, size_t len)
{
	char	*s;

	if (len == 0)
		return (NULL);
	if ((s = strndup((const char *)bytes, len)) == NULL)
		fatal("set-up");
	return (s);
}

static void
setup_message(void *arg)
{
	struct conf	 conf;
	uint32_t	 n;

	(void)arg;
	switch (in.m_type) {
	case MSG_MONITOR_CONF:
		if (msg_get_conf(&in, &conf) == -1)
			break;
		log_setverbose((conf.c_flags & CONF_TRACE) != 0);
		learn.l_run = keep(conf.c_rundir, conf.c_rundirlen);
		return;
	case MSG_MONITOR_RULE:
		if (msg_get_rules(&in, &learn.l_secrets) == -1)
			break;
		return;
	case MSG_MONITOR_WALL:
		if (msg_get_number(&in, &n, 1, 1) == -1)
			break;
		wall = msg_get_fd(&in);
		return;
	case MSG_MONITOR_LEARN:
		setup_learn();
		return;
	default:
		fatalx("%s: not said to this role", msg_name(in.m_type));
	}
	fatalx("%s: malformed", msg_name(in.m_type));
}

static void
setup_learn(void)
{
	struct learn_conf	 lc;

	if (msg_get_learn(&in, &lc) == -1)
		fatalx("%s: malformed", msg_name(in.m_type));
	learn.l_names = lc.lc_names;
	learn.l_home = keep(lc.lc_home, lc.lc_homelen);
	learn.l_work = keep(lc.lc_work, lc.lc_worklen);
	learn.l_tty = keep(lc.lc_tty, lc.lc_ttylen);
	chan_init(&sources[SOURCE_LANES], msg_get_fd(&in), ROLE_LEARN,
	    ROLE_LANE, CHAN_LEARN);
	chan_init(&sources[SOURCE_INTEGRITY], msg_get_fd(&in), ROLE_LEARN,
	    ROLE_INTEGRITY, CHAN_LEARN);
	file = msg_get_fd(&in);
	manifest = msg_get_fd(&in);	/* or none */
}

/* ---- at work ---- */

static void
work(void)
{
	struct pollfd	 pfd[SOURCE_COUNT + 1];
	size_t		 i;

	for (;;) {
		for (i = 0; i < SOURCE_COUNT; i++) {
			pfd[i].fd = sources[i].ch_fd;
			pfd[i].events = POLLIN;
		}
		pfd[SOURCE_COUNT].fd = FD_PARENT;
		pfd[SOURCE_COUNT].events = POLLIN;
		if (poll(pfd, SOURCE_COUNT + 1, -1) == -1) {
			if (errno != EINTR)
				fatal("poll");
			continue;
		}
		for (i = 0; i < SOURCE_COUNT; i++)
			if (pfd[i].revents != 0)
				(void)source_message(&sources[i]);
		if (pfd[SOURCE_COUNT].revents != 0)
			parent_message();
	}
}

static void
parent_message(void)
{
	const char	*why = NULL;
	uint32_t	 one;

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
	if (in.m_type != MSG_MONITOR_WRITE ||
	    msg_get_number(&in, &one, 1, 1) == -1)
		fatalx("monitor: malformed %s", msg_name(in.m_type));
	drain();
	parent_send(MSG_LEARN_WRITTEN, write_policy() == 0 &&
	    write_manifest() == 0);
}

/* One message of a source.  1: there was one, 0: not now, or never again. */
static int
source_message(struct chan *c)
{
	const char	*why = NULL;
	struct access	 a;

	if (c->ch_fd == -1)
		return (0);
	switch (chan_recv(c, &in, MSG_DONTWAIT, &why)) {
	case 1:
		break;
	case 0:
		chan_close(c);
		return (0);
	default:
		if (errno == EAGAIN)
			return (0);
		if (errno == EINTR)
			return (1);
		fatal("%s: %s", role_name(c->ch_peer), why != NULL ? why :
		    "learn channel");
	}
	if (in.m_type == MSG_INTEGRITY_DIGEST) {
		digest_add();
		return (1);
	}
	if (msg_get_access(&in, &a) == -1)
		fatalx("%s: malformed %s", role_name(c->ch_peer),
		    msg_name(in.m_type));
	learn_add(&learn, a.a_rights, a.a_outcome, (const char *)a.a_path,
	    a.a_len);
	return (1);
}

/* What was said before the command ended is there already. */
static void
drain(void)
{
	size_t	 i, n;

	for (i = 0; i < SOURCE_COUNT; i++)
		for (n = 0; n < DRAIN_MAX; n++)
			if (source_message(&sources[i]) == 0)
				break;
}

/* What was executed, each time it was something else. */
static void
digest_add(void)
{
	static char		 none[] = "";
	const struct verify	*old;
	struct digest_of	 d;
	struct verify		 v;
	char			 path[PATTERN_MAX];
	size_t			 i;

	if (msg_get_digest(&in, &d) == -1 || manifest == -1)
		fatalx("integrity: malformed %s", msg_name(in.m_type));
	memcpy(path, d.do_path, d.do_len);
	path[d.do_len] = '\0';
	memset(&v, 0, sizeof(v));
	v.v_path = path;
	v.v_file = none;
	v.v_alg = d.do_alg;
	memcpy(v.v_digest, d.do_digest, digest_len(d.do_alg));
	for (i = 0; i < digests.vs_count; i++) {
		old = &digests.vs_list[i];
		if (old->v_alg == v.v_alg && strcmp(old->v_path, path) == 0 &&
		    memcmp(old->v_digest, v.v_digest, DIGEST_MAX) == 0)
			return;
	}
	if (digests.vs_count == LEARN_DIGESTS_MAX) {
		if (!digests.vs_all)
			log_warnx("more programs than fit were executed: the "
			    "manifest is incomplete");
		digests.vs_all = 1;
		return;
	}
	if (verify_add(&digests, &v) == -1)
		fatal("%s", __func__);
}

/* In the order of the paths; what no line can hold is left out. */
static int
write_manifest(void)
{
	const struct verify	*v;
	const char		*p;
	FILE			*fp;
	char			*text = NULL, hex[DIGEST_TEXT];
	size_t			 len = 0, i;

	if (manifest == -1)
		return (0);
	verify_sort(&digests);
	if ((fp = open_memstream(&text, &len)) == NULL)
		fatal("%s", __func__);
	for (i = 0; i < digests.vs_count; i++) {
		v = &digests.vs_list[i];
		for (p = v->v_path; (unsigned char)*p >= ' ' && *p != 0x7f; p++)
			continue;
		if (*p != '\0') {
			log_warnx("a name with a control character was "
			    "executed: it is not in the manifest");
			continue;
		}
		digest_print(hex, sizeof(hex), v->v_digest, v->v_alg);
		fprintf(fp, "%s %s %s\n", v->v_path, digest_name(v->v_alg),
		    hex);
	}
	if (fclose(fp) == EOF)
		fatal("%s", __func__);
	if (write_all(manifest, text, len) == -1) {
		log_warn("the manifest could not be written");
		return (-1);
	}
	return (0);
}

static int
write_all(int fd, const char *text, size_t len)
{
	size_t	 at;
	ssize_t	 n;

	for (at = 0; at < len; at += (size_t)n)
		if ((n = write(fd, text + at, len - at)) == -1) {
			if (errno != EINTR)
				return (-1);
			n = 0;
		}
	return (0);
}

static int
write_policy(void)
{
	FILE	*fp;
	char	*text = NULL;
	size_t	 len = 0;
	int	 rv;

	if ((fp = open_memstream(&text, &len)) == NULL ||
	    learn_print(&learn, fp) == -1 || fclose(fp) == EOF)
		fatal("%s", __func__);
	if ((rv = write_all(file, text, len)) == -1)
		log_warn("the policy could not be written");
	if (learn.l_lost > 0)
		log_warnx("more names than fit were used: the policy is "
		    "incomplete");
	free(text);
	return (rv);
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
