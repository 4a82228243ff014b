/*
 * The integrity worker: the second, independent yes to every executable.  A
 * receiver lane shows it the image that the kernel has just mapped; it answers
 * allow or deny, and says why on the log channel.
 *
 * It reads what it is handed and nothing else: after start it opens no file,
 * sees no path but as text, and has about a dozen system calls.  It must never
 * reference anything that touches another process.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../common/denial.h"
#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "../proto/chan.h"
#include "integrity.h"

#define COMM_MAX	64	/* msg_get_image() */
#define ANYWHERE	UINT32_MAX
#define MOVED		4	/* images in a row from there: we follow */

/* What a lane waits for: it asks about one image at a time. */
enum job {
	JOB_NONE = 0,
	JOB_FILE,		/* for MSG_RECEIVER_FILE, from the lane */
	JOB_WAY,		/* for the same, of a directory */
	JOB_HASH		/* for its turn to be hashed */
};

/* A lane's image channel. */
struct lane {
	struct chan	 ln_chan;
	struct event	*ln_event;	/* NULL: slot free */
	uint32_t	 ln_id;
	enum job	 ln_job;
	uint32_t	 ln_seq;	/* of the image */
	uint32_t	 ln_pid;
	int		 ln_library;	/* mmap(2), not an image */
	int		 ln_check;	/* before the call goes on */
	uint8_t		 ln_comm[COMM_MAX];
	size_t		 ln_commlen;
	struct crashes	 ln_crashes;	/* of the image that comes next */
	struct verification ln_verify;
	struct target	*ln_target;	/* JOB_FILE, JOB_WAY: for this one */
	TAILQ_ENTRY(lane) ln_entry;	/* in queue, JOB_HASH */
};

/* What the monitor said at start. */
struct setup {
	uint32_t	 su_uid, su_gid;	/* UINT32_MAX: stay */
	int		 su_wall;	/* Landlock ruleset, -1: not said */
	int		 su_conf;	/* MSG_MONITOR_CONF was here */
};

static void	 setup_message(void *);
static void	 become(const struct setup *);
static int	 empty_root(void);
static void	 events(void);
static void	 ready(void);
static void	 on_parent(evutil_socket_t, short, void *);
static void	 on_image(evutil_socket_t, short, void *);
static void	 lane_add(void);
static void	 lane_drop(struct lane *, const char *);
static int	 lane_message(struct lane *);
static int	 lane_image(struct lane *);
static int	 lane_next(struct lane *);
static int	 lane_need(struct lane *, struct target *, enum job);
static int	 lane_library(struct lane *);
static int	 lane_check(struct lane *);
static int	 lane_code(struct lane *);
static int	 lane_checked(struct lane *, int);
static int	 lane_file(struct lane *);
static int	 lane_hash(struct lane *);
static int	 lane_refuse(struct lane *);
static int	 lane_verdict(struct lane *, int);
static void	 follow(uint32_t);
static void	 roam(void);
static void	 reading(int);
static void	 queue_add(struct lane *);
static void	 queue_remove(struct lane *);
static void	 on_turn(evutil_socket_t, short, void *);
static void	 report(const struct lane *, const struct image_fault *);
static void	 warned(void *, const struct image_fault *);
static uint8_t	 fault_effect(const struct image_fault *);
static void	 learn_image(const struct image *);
static void	 learn_name(const uint8_t *, size_t);
static void	 learn_digest(const struct target *);
static void	 learn_send(void);

/*
 * Where an empty directory can be made, for as long as chroot(2) takes; first
 * where that costs no disk.
 */
static const char *const roots[] = { "/dev/shm", "/run", "/tmp", "/var/tmp" };
#define ROOTS	(sizeof(roots) / sizeof(roots[0]))

static struct chan	 parent;
static struct chan	 logs;
static struct ruleset	 rules;	/* of exec, and of write with digests */
static struct verifyset	 verify;
static struct tpe	 tpe;
static struct guardset	 guards;
static struct lane	 lanes[LANES_MAX];
static struct event_base *base;
static struct image_fault why_not;	/* of the image at hand */

/* Images being hashed, a slice each in turn: the small do not wait. */
static TAILQ_HEAD(, lane) queue = TAILQ_HEAD_INITIALIZER(queue);
static struct event	*turn;
static cpu_set_t	 processors;	/* that we may use */
static uint32_t		 at = ANYWHERE;	/* the one we are bound to */
static int		 json;
static int		 digests;	/* of what runs, to learn */
static struct chan	 learn = { .ch_fd = -1 };
static struct msg	 in, out;

int
integrity_main(int argc, char **argv)
{
	struct setup	 su = { UINT32_MAX, UINT32_MAX, -1, 0 };

	(void)argc;
	(void)argv;
	jail_start(ROLE_INTEGRITY, SIGKILL);
	log_to_parent("integrity");
	setproctitle("integrity");
	chan_init(&parent, FD_PARENT, ROLE_INTEGRITY, ROLE_MONITOR,
	    CHAN_CONTROL);
	chan_init(&logs, FD_LOG, ROLE_INTEGRITY, ROLE_MONITOR, CHAN_LOG);
	chan_setup(&parent, &in, setup_message, &su);
	if (!su.su_conf || su.su_wall == -1)
		fatalx("%s: before all was said", msg_name(in.m_type));
	library_init();
	if (hash_init() == -1)
		fatalx("libsodium");
	/* More than a set holds: then we stay where the kernel puts us. */
	if (sched_getaffinity(0, sizeof(processors), &processors) == -1)
		CPU_ZERO(&processors);
	events();
	become(&su);
	jail_caps(0);
	jail_wall(su.su_wall);
	jail_filter(ROLE_INTEGRITY);
	ready();
	if (event_base_dispatch(base) == -1)
		fatalx("event_base_dispatch");
	_exit(0);
}

static void
setup_message(void *arg)
{
	struct setup	*su = arg;
	struct conf	 conf;
	uint32_t	 n;

	switch (in.m_type) {
	case MSG_MONITOR_CONF:
		if (msg_get_conf(&in, &conf) == -1 || msg_end(&in) == -1)
			break;
		su->su_uid = conf.c_uid;
		su->su_gid = conf.c_gid;
		su->su_conf = 1;
		json = (conf.c_flags & CONF_JSON) != 0;
		log_setverbose((conf.c_flags & CONF_TRACE) != 0);
		return;
	case MSG_MONITOR_RULE:
		if (msg_get_rules(&in, &rules) == -1)
			break;
		return;
	case MSG_MONITOR_EXEC:
		if (msg_get_exec(&in, &verify) == -1)
			break;
		return;
	case MSG_MONITOR_GUARD:
		if (msg_get_guards(&in, &guards) == -1)
			break;
		return;
	case MSG_MONITOR_VERIFY:
		if (msg_get_verify(&in, &verify) == -1)
			break;
		return;
	case MSG_MONITOR_TPE:
		if (msg_get_tpe(&in, &tpe) == -1)
			break;
		return;
	case MSG_MONITOR_WALL:
		if (msg_get_number(&in, &n, 1, 1) == -1)
			break;
		su->su_wall = msg_get_fd(&in);
		return;
	case MSG_MONITOR_WATCH:
		if (msg_get_number(&in, &n, 1, 2) == -1)
			break;
		digests = n == 2;
		if (digests)
			verify_learn();
		chan_init(&learn, msg_get_fd(&in), ROLE_INTEGRITY, ROLE_LEARN,
		    CHAN_LEARN);
		return;
	default:
		fatalx("%s: not said to this role", msg_name(in.m_type));
	}
	fatalx("%s: malformed", msg_name(in.m_type));
}

/*
 * As root: leave the file tree and the user.  Root without the capability
 * (in a container, or within another sandbox) and ordinary users cannot; what
 * stands for it there is the wall, an empty ruleset, and the filter.
 */
static void
become(const struct setup *su)
{
	int	 fd;

	if (su->su_uid == UINT32_MAX)
		return;
	fd = empty_root();
	if (fchdir(fd) == -1)
		fatal("%s: fchdir", __func__);
	close(fd);
	if (chroot(".") == -1) {
		if (errno != EPERM)
			fatal("%s: chroot", __func__);
		log_debug("no chroot: not permitted");
	}
	if (chdir("/") == -1)
		fatal("%s: chdir", __func__);
	if (setgroups(0, NULL) == -1 ||
	    setresgid(su->su_gid, su->su_gid, su->su_gid) == -1 ||
	    setresuid(su->su_uid, su->su_uid, su->su_uid) == -1) {
		if (errno != EPERM)
			fatal("%s: user %u", __func__, su->su_uid);
		log_debug("user stays: not permitted");
	}
	/* a change of user clears it: commit_creds(), kernel/cred.c */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		fatal("%s: PR_SET_PDEATHSIG", __func__);
}

/* An empty directory that has no name any more, and takes none. */
static int
empty_root(void)
{
	char	 dir[64];
	size_t	 i;
	int	 fd;

	for (i = 0; i < ROOTS; i++) {
		(void)strlcpy(dir, roots[i], sizeof(dir));
		(void)strlcat(dir, "/privsep-sandbox.XXXXXXXXXX", sizeof(dir));
		if (mkdtemp(dir) == NULL)
			continue;
		fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (rmdir(dir) == -1 || fd == -1)
			fatal("%s: %s", __func__, dir);
		return (fd);
	}
	fatal("%s: no directory can be made in %s", __func__, roots[0]);
}

/* libevent allocates and opens all it needs now; later it may not. */
static void
events(void)
{
	struct event_config	*cfg;
	struct event		*ev;

	if ((cfg = event_config_new()) == NULL ||
	    event_config_require_features(cfg, EV_FEATURE_O1) == -1 ||
	    event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK |
	    EVENT_BASE_FLAG_IGNORE_ENV) == -1 ||
	    (base = event_base_new_with_config(cfg)) == NULL)
		fatalx("event_base_new_with_config");
	event_config_free(cfg);
	if (strcmp(event_base_get_method(base), "epoll") != 0)
		fatalx("libevent has no epoll");
	ev = event_new(base, FD_PARENT, EV_READ | EV_PERSIST, on_parent, NULL);
	if (ev == NULL || event_add(ev, NULL) == -1)
		fatalx("event_add");
	if ((turn = event_new(base, -1, 0, on_turn, NULL)) == NULL)
		fatalx("event_new");
}

static void
ready(void)
{
	msg_start(&out, MSG_ROLE_READY, 0);
	msg_put_u32(&out, PROTO_VERSION);
	if (chan_send(&parent, &out, 0) == -1)
		fatal("%s", msg_name(MSG_ROLE_READY));
}

/* The monitor adds a lane, or ends. */
static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	const char	*why = NULL;

	(void)fd;
	(void)what;
	(void)arg;
	switch (chan_recv(&parent, &in, MSG_DONTWAIT, &why)) {
	case 1:
		break;
	case 0:
		_exit(0);
	default:
		if (errno == EINTR || errno == EAGAIN)
			return;
		if (why != NULL)
			fatalx("%s: %s", msg_name(in.m_type), why);
		fatal("monitor");
	}
	if (in.m_type == MSG_MONITOR_PING) {
		if (chan_pong(&parent, &in, &out) == -1)
			fatalx("%s: malformed", msg_name(in.m_type));
		return;
	}
	if (in.m_type != MSG_MONITOR_LANE)
		fatalx("%s: not said to this role", msg_name(in.m_type));
	lane_add();
	msg_close_fds(&in);
}

static void
lane_add(void)
{
	struct lane	*ln;
	uint32_t	 id, pid;
	size_t		 i;
	int		 fd;

	if (msg_get_lane(&in, &id, &pid) == -1 || msg_end(&in) == -1 ||
	    (fd = msg_get_fd(&in)) == -1)
		fatalx("%s: malformed", msg_name(in.m_type));
	for (i = 0; i < LANES_MAX && lanes[i].ln_event != NULL; i++)
		;
	if (i == LANES_MAX)
		fatalx("more than %d lanes", LANES_MAX);
	ln = &lanes[i];
	ln->ln_id = id;
	ln->ln_job = JOB_NONE;
	ln->ln_crashes.cr_count = 0;
	ln->ln_verify.vn_fd = -1;
	ln->ln_verify.vn_warn = warned;
	ln->ln_verify.vn_arg = ln;
	chan_init(&ln->ln_chan, fd, ROLE_INTEGRITY, ROLE_RECEIVER, CHAN_IMAGE);
	ln->ln_event = event_new(base, fd, EV_READ | EV_PERSIST, on_image, ln);
	if (ln->ln_event == NULL || event_add(ln->ln_event, NULL) == -1)
		fatalx("event_add");
}

/* A lane that breaks the rules loses its channel: its execs are denied. */
static void
on_image(evutil_socket_t fd, short what, void *arg)
{
	struct lane	*ln = arg;
	const char	*why = NULL;

	(void)fd;
	(void)what;
	switch (chan_recv(&ln->ln_chan, &in, MSG_DONTWAIT, &why)) {
	case 1:
		reading(SIG_BLOCK);
		if (lane_message(ln) == -1)
			lane_drop(ln, "malformed, or takes no answer");
		reading(SIG_UNBLOCK);
		break;
	case 0:
		lane_drop(ln, NULL);	/* retired */
		return;
	default:
		if (errno == EINTR || errno == EAGAIN)
			return;
		lane_drop(ln, why != NULL ? why : strerror(errno));
		return;
	}
	msg_close_fds(&in);
}

static void
lane_drop(struct lane *ln, const char *why)
{
	if (why != NULL)
		log_warnx("lane %u: %s: %s", ln->ln_id, msg_name(in.m_type),
		    why);
	queue_remove(ln);
	verify_end(&ln->ln_verify);
	event_free(ln->ln_event);
	ln->ln_event = NULL;
	chan_close(&ln->ln_chan);
}

static int
lane_message(struct lane *ln)
{
	if (in.m_type == MSG_RECEIVER_IMAGE && ln->ln_job == JOB_NONE)
		return (lane_image(ln));
	if (in.m_type == MSG_RECEIVER_CRASHES && ln->ln_job == JOB_NONE)
		return (msg_get_crashes(&in, &ln->ln_crashes));
	if (in.m_type == MSG_RECEIVER_LIBRARY && ln->ln_job == JOB_NONE)
		return (lane_library(ln));
	if (in.m_type == MSG_RECEIVER_CHECK && ln->ln_job == JOB_NONE)
		return (lane_check(ln));
	if (in.m_type == MSG_RECEIVER_CODE && ln->ln_job == JOB_NONE)
		return (lane_code(ln));
	if (in.m_type == MSG_RECEIVER_FILE && in.m_seq == ln->ln_seq &&
	    (ln->ln_job == JOB_FILE || ln->ln_job == JOB_WAY))
		return (lane_file(ln));
	return (-1);
}

static int
lane_image(struct lane *ln)
{
	const struct crashes	 cr = ln->ln_crashes;
	struct image		 im;

	ln->ln_crashes.cr_count = 0;
	if (msg_get_image(&in, &im) == -1)
		return (-1);
	ln->ln_library = ln->ln_check = 0;
	follow(im.i_cpu);
	ln->ln_seq = in.m_seq;
	ln->ln_pid = im.i_pid;
	memcpy(ln->ln_comm, im.i_comm, im.i_commlen);
	ln->ln_commlen = im.i_commlen;
	ln->ln_verify.vn_fd = im.i_fd;
	if (image_check(&rules, &im, &why_not) == -1 ||
	    (verify.vs_wx && image_wx(&rules, &im, &why_not) == -1) ||
	    image_suspended(&guards, &im, &cr, &why_not) == -1)
		return (lane_verdict(ln, 0));
	if (verify_begin(&verify, &tpe, &rules, &im, &ln->ln_verify,
	    &why_not) == -1)
		return (lane_refuse(ln));
	if (learn.ch_fd != -1)
		learn_image(&im);
	return (lane_next(ln));
}

/* A file that is about to be mapped. */
static int
lane_library(struct lane *ln)
{
	struct library	 lb;

	if (msg_get_library(&in, &lb) == -1)
		return (-1);
	follow(lb.l_cpu);
	ln->ln_library = 1;
	ln->ln_check = 0;
	ln->ln_seq = in.m_seq;
	ln->ln_pid = lb.l_pid;
	memcpy(ln->ln_comm, lb.l_comm, lb.l_commlen);
	ln->ln_commlen = lb.l_commlen;
	if (library_check(&verify, &rules, &lb, &ln->ln_verify,
	    &why_not) == -1)
		return (lane_verdict(ln, 0));
	return (lane_hash(ln));
}

/* A file that is about to be executed, as somebody else has found it. */
static int
lane_check(struct lane *ln)
{
	struct library	 lb;

	if (msg_get_library(&in, &lb) == -1)
		return (-1);
	follow(lb.l_cpu);
	ln->ln_library = 0;
	ln->ln_check = 1;
	ln->ln_seq = in.m_seq;
	ln->ln_pid = lb.l_pid;
	memcpy(ln->ln_comm, lb.l_comm, lb.l_commlen);
	ln->ln_commlen = lb.l_commlen;
	if (!verify_early(&verify, &lb, &ln->ln_verify))
		return (lane_verdict(ln, 1));
	return (lane_hash(ln));
}

/* A program that somebody else lets make memory executable. */
static int
lane_code(struct lane *ln)
{
	struct code	 co;
	int		 allowed;

	if (msg_get_code(&in, &co) == -1)
		return (-1);
	follow(co.co_cpu);
	ln->ln_library = 1;
	ln->ln_check = 0;
	ln->ln_seq = in.m_seq;
	ln->ln_pid = co.co_pid;
	memcpy(ln->ln_comm, co.co_comm, co.co_commlen);
	ln->ln_commlen = co.co_commlen;
	allowed = code_check(&rules, &co, &why_not) == 0;
	if (!allowed)
		report(ln, &why_not);
	return (lane_checked(ln, allowed));
}

/* Files, then the directories that they are in, then digests. */
static int
lane_next(struct lane *ln)
{
	struct target	*tg;

	if ((tg = verify_missing(&ln->ln_verify)) != NULL)
		return (lane_need(ln, tg, JOB_FILE));
	memset(&why_not, 0, sizeof(why_not));
	switch (way_next(&verify, &tpe, &ln->ln_verify, &tg, &why_not)) {
	case 1:
		return (lane_need(ln, tg, JOB_WAY));
	case 0:
		return (lane_hash(ln));
	}
	return (lane_refuse(ln));
}

/* What only the receiver can open: a mapped file, or a directory. */
static int
lane_need(struct lane *ln, struct target *tg, enum job job)
{
	ln->ln_job = job;
	ln->ln_target = tg;
	msg_start(&out, MSG_INTEGRITY_NEED, ln->ln_seq);
	if (job == JOB_FILE)
		msg_put_name(&out, NAME_FILE, tg->tg_at,
		    (uint32_t)tg->tg_pathlen);
	else
		msg_put_name(&out, NAME_DIR, tg->tg_at,
		    (uint32_t)tg->tg_way.pa_len);
	return (chan_send(&ln->ln_chan, &out, MSG_DONTWAIT));
}

static int
lane_file(struct lane *ln)
{
	uint64_t	 mount;
	int32_t		 error;
	int		 fd;

	if (msg_get_file(&in, &error, &mount, &fd) == -1)
		return (-1);
	memset(&why_not, 0, sizeof(why_not));
	if (ln->ln_job == JOB_WAY)
		way_give(ln->ln_target, fd, mount);
	else if (verify_give(ln->ln_target, fd, mount, &why_not) == -1)
		return (lane_refuse(ln));
	return (lane_next(ln));
}

/* A slice now; what needs more waits for its turn. */
static int
lane_hash(struct lane *ln)
{
	memset(&why_not, 0, sizeof(why_not));
	switch (verify_step(&verify, &ln->ln_verify, &why_not)) {
	case 1:
		return (lane_verdict(ln, 1));
	case 0:
		queue_add(ln);
		return (0);
	}
	return (lane_refuse(ln));
}

/* Its digests or class are wrong, or cannot be found out. */
static int
lane_refuse(struct lane *ln)
{
	if (verify_learns(&verify) && !ln->ln_check) {
		log_warnx("pid %u: what it executes will not be in the "
		    "manifest: %s", ln->ln_pid, why_not.if_check);
		return (lane_verdict(ln, 1));
	}
	return (lane_verdict(ln, 0));
}

static int
lane_verdict(struct lane *ln, int allowed)
{
	uint32_t	 verdict = IMAGE_ALLOW;
	size_t		 i;

	for (i = 0; allowed && digests && !ln->ln_check &&
	    i < ln->ln_verify.vn_count; i++)
		learn_digest(&ln->ln_verify.vn_targets[i]);
	verify_end(&ln->ln_verify);
	ln->ln_job = JOB_NONE;
	if (!allowed)
		report(ln, &why_not);
	if (ln->ln_check)
		return (lane_checked(ln, allowed));
	if (!allowed)
		verdict = fault_effect(&why_not) == EFFECT_EXIT ? IMAGE_EXIT :
		    IMAGE_DENY;
	msg_start(&out, MSG_INTEGRITY_VERDICT, ln->ln_seq);
	msg_put_u32(&out, verdict);
	return (chan_send(&ln->ln_chan, &out, MSG_DONTWAIT));
}

static int
lane_checked(struct lane *ln, int allowed)
{
	msg_start(&out, MSG_INTEGRITY_CHECKED, ln->ln_seq);
	msg_put_u32(&out, allowed ? CHECK_ALLOW :
	    (uint32_t)CHECK_REFUSED + fault_effect(&why_not));
	return (chan_send(&ln->ln_chan, &out, MSG_DONTWAIT));
}

/*
 * A wake-up across processors costs ten times one on the same.  To move costs
 * too: two lanes that take turns do not make us.  Failing costs time only.
 */
static void
follow(uint32_t cpu)
{
	static uint32_t	 seen = ANYWHERE;
	static unsigned	 times;
	cpu_set_t	 set;

	if (cpu == at)
		return;
	times = cpu == seen ? times + 1 : 1;
	seen = cpu;
	if (times < MOVED || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &processors))
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		at = cpu;
}

/* Much to do: not where the program that waits for it runs others. */
static void
roam(void)
{
	if (at != ANYWHERE &&
	    sched_setaffinity(0, sizeof(processors), &processors) == 0)
		at = ANYWHERE;
}

/* What follows may sleep, or does no more; see proto.h. */
static void
reading(int how)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, READING_SIGNAL);
	if (sigprocmask(how, &set, NULL) == -1)
		fatal("sigprocmask");
}

/* ---- the queue ---- */

static void
queue_add(struct lane *ln)
{
	const struct timeval	 now = { 0, 0 };

	roam();
	ln->ln_job = JOB_HASH;
	TAILQ_INSERT_TAIL(&queue, ln, ln_entry);
	if (event_add(turn, &now) == -1)
		fatalx("event_add");
}

static void
queue_remove(struct lane *ln)
{
	if (ln->ln_job == JOB_HASH)
		TAILQ_REMOVE(&queue, ln, ln_entry);
	ln->ln_job = JOB_NONE;
}

/* One slice, then whatever has arrived, then the next. */
static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval	 now = { 0, 0 };
	struct lane		*ln;

	(void)fd;
	(void)what;
	(void)arg;
	if ((ln = TAILQ_FIRST(&queue)) == NULL)
		return;
	queue_remove(ln);
	reading(SIG_BLOCK);
	if (lane_hash(ln) == -1)
		lane_drop(ln, "takes no answer");
	reading(SIG_UNBLOCK);
	if (!TAILQ_EMPTY(&queue) && event_add(turn, &now) == -1)
		fatalx("event_add");
}

/* A fault that is nobody's has none. */
static uint8_t
fault_effect(const struct image_fault *why)
{
	if (why->if_effect != EFFECT_NONE)
		return (why->if_effect);
	return (why->if_byrule && why->if_rule != NULL ?
	    why->if_rule->r_effect : (uint8_t)EFFECT_NONE);
}

/* Whatever the rule's effect is, the process of an image dies. */
static const char *
fault_event(const struct image_fault *why, const struct lane *ln)
{
	switch (fault_effect(why)) {
	case EFFECT_NONE:
		return (NULL);
	case EFFECT_EXIT:
		return ("ended");
	case EFFECT_WARN:
		return ("warned");
	case EFFECT_STOP:
		return (ln->ln_check ? "stopped" : "killed");
	case EFFECT_ABORT:
		return (ln->ln_check ? "aborted" : "killed");
	}
	/* a call that fails, where no rule wants more */
	return (ln->ln_library ? NULL : "killed");
}

/* What is only warned of. */
static void
warned(void *arg, const struct image_fault *why)
{
	const struct lane	*ln = arg;

	/* it will be again, when it is mapped */
	if (!ln->ln_check)
		report(ln, why);
}

static void
report(const struct lane *ln, const struct image_fault *why)
{
	static char		 line[LOG_LINE_MAX];
	struct denial_report	 dr;
	struct denial		 d;

	if (why->if_byrule && why->if_rule != NULL &&
	    (why->if_rule->r_flags & RF_QUIET))
		return;
	memset(&dr, 0, sizeof(dr));
	dr.dr_event = fault_event(why, ln);
	dr.dr_pid = ln->ln_pid;
	dr.dr_comm = ln->ln_comm;
	dr.dr_commlen = ln->ln_commlen;
	dr.dr_call = ln->ln_library ? "mmap" :
	    ln->ln_check ? "execve" : "exec";
	dr.dr_rights = why->if_right != 0 ? why->if_right :
	    ln->ln_library ? R_LIBRARY : R_EXEC;
	dr.dr_path = why->if_pathlen != 0 ? why->if_path : NULL;
	dr.dr_pathlen = why->if_pathlen;
	dr.dr_rule = why->if_rule;
	dr.dr_check = why->if_check;
	dr.dr_by = why->if_by[0] != '\0' ? why->if_by : NULL;
	dr.dr_allow = why->if_allow[0] != '\0' ? why->if_allow : NULL;
	dr.dr_fixed = !why->if_byrule;
	d.d_line = (const uint8_t *)line;
	d.d_len = denial_format(line, sizeof(line), json, &dr);
	d.d_rule = why->if_rule == NULL ? UINT32_MAX :
	    why->if_rule->r_index;
	msg_start(&out, MSG_ROLE_DENIAL, 0);
	msg_put_denial(&out, &d);
	while (chan_send(&logs, &out, 0) == -1)
		if (errno != EINTR)
			fatal("%s", msg_name(MSG_ROLE_DENIAL));
}

/*
 * What was mapped took the right to execute: the ELF interpreter is named
 * nowhere else.  The files follow each other.
 */
static void
learn_image(const struct image *im)
{
	struct maps	 ms;
	struct mapping	 mp;
	const uint8_t	*seen = NULL;
	size_t		 seenlen = 0;

	maps_open(&ms, im->i_maps, im->i_mapslen);
	while (maps_next(&ms, &mp) == 1) {
		if (mp.mp_kind != MK_FILE || (seen != NULL &&
		    seenlen == mp.mp_namelen &&
		    memcmp(seen, mp.mp_name, seenlen) == 0))
			continue;
		seen = mp.mp_name;
		seenlen = mp.mp_namelen;
		learn_name(seen, seenlen);
	}
}

static void
learn_name(const uint8_t *name, size_t len)
{
	struct access	 a;

	a.a_rights = R_EXEC;
	a.a_outcome = ACCESS_USED;
	a.a_path = name;
	a.a_len = len;
	msg_start(&out, MSG_ROLE_ACCESS, 0);
	msg_put_access(&out, &a);
	learn_send();
}

/* For the manifest of what was executed. */
static void
learn_digest(const struct target *tg)
{
	struct digest_of	 d;

	if ((d.do_digest = verify_digest(tg, &d.do_alg)) == NULL)
		return;
	d.do_path = (const uint8_t *)tg->tg_path;
	d.do_len = tg->tg_pathlen;
	msg_start(&out, MSG_INTEGRITY_DIGEST, 0);
	msg_put_digest(&out, &d);
	learn_send();
}

static void
learn_send(void)
{
	while (chan_send(&learn, &out, 0) == -1)
		if (errno != EINTR) {
			/* the learn role is gone: the monitor ends it all */
			if (errno == EPIPE)
				return;
			fatal("%s", msg_name(out.m_type));
		}
}
