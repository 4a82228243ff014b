/*
 * One lane's worker: take a captured call, check it against the table, hand
 * it to the handler of its row, answer.  Straight-line and blocking: the only
 * thing that interrupts it is SIGUSR1, sent by the receiver when the caller is
 * gone or has a signal to take; a call that blocks then returns EINTR.
 *
 * Must never: keep a descriptor of a call past its answer, allocate, or
 * answer anything but a verdict that a handler reached.
 */
#include <sys/sysmacros.h>
#include <linux/capability.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "policy.h"

#define CAPBIT(c)	(1ULL << (c))
/* With one of these a caller may have other credentials than we do. */
#define CAPS_IDENTITY	(CAPBIT(CAP_SETUID) | CAPBIT(CAP_SETGID))
#define TTY_MAJOR_SHIFT	8		/* new_encode_dev(), linux/kdev_t.h */

/* A handler, and whether a call that EINTR ended may be made again. */
struct handler {
	int		(*h_call)(struct request *);
	int		 h_again;
};
static const struct handler handlers[SYSH_COUNT] = {
	[SYSH_OPEN]	= { policy_open,	1 },
	[SYSH_EXEC]	= { policy_exec,	1 },
	[SYSH_MKDIR]	= { policy_mkdir,	0 },
	[SYSH_MKNOD]	= { policy_mknod,	0 },
	[SYSH_UNLINK]	= { policy_unlink,	0 },
	[SYSH_RENAME]	= { policy_rename,	0 },
	[SYSH_LINK]	= { policy_link,	0 },
	[SYSH_SYMLINK]	= { policy_symlink,	0 },
	[SYSH_TRUNCATE]	= { policy_truncate,	1 },
	[SYSH_CHMOD]	= { policy_chmod,	1 },
	[SYSH_CHOWN]	= { policy_chown,	1 },
	[SYSH_UTIME]	= { policy_utime,	1 },
	[SYSH_XATTR]	= { policy_xattr,	0 },
	[SYSH_SOCKET]	= { policy_socket,	1 },
	[SYSH_ADDRESS]	= { policy_address,	1 },
	[SYSH_CONNECT]	= { policy_connect,	1 },
	[SYSH_BIND]	= { policy_bind,	0 },
	[SYSH_LISTEN]	= { policy_listen,	0 },
	[SYSH_ACCEPT]	= { policy_accept,	1 },
	[SYSH_SENDTO]	= { policy_sendto,	1 },
	[SYSH_SENDMSG]	= { policy_sendmsg,	1 },
	[SYSH_SENDMMSG]	= { policy_sendmmsg,	1 },
	[SYSH_CHROOT]	= { policy_chroot,	1 },
	[SYSH_PTY]	= { policy_pty,		1 },
	[SYSH_MEMORY]	= { policy_memory,	1 },
	[SYSH_STAT]	= { policy_stat,	1 },
	[SYSH_ACCESS]	= { policy_access,	1 },
	[SYSH_READLINK]	= { policy_readlink,	1 },
	[SYSH_STATFS]	= { policy_statfs,	1 },
	[SYSH_GETXATTR]	= { policy_getxattr,	1 },
	[SYSH_LIST]	= { policy_list,	1 },
	[SYSH_CHDIR]	= { policy_chdir,	1 },
	[SYSH_WATCH]	= { policy_watch,	1 },
	[SYSH_HANDLE]	= { policy_handle,	1 },
	[SYSH_GETATTR]	= { policy_getattr,	1 },
	[SYSH_SETATTR]	= { policy_setattr,	0 },
	[SYSH_APPEND]	= { policy_append,	1 }
};

struct worker	 worker = { .wk_root = -1, .wk_fds = -1, .wk_learn = -1 };

static void	 lane_call(struct chan *, struct msg *);
static int	 call_fits(const struct sysent *, const struct call *);
static int	 lane_handle(struct request *);
static int	 lane_identity(struct request *);
static void	 lane_answer(struct request *);
static const char *status_line(const char *, const char *);
static void	 status_comm(struct request *, const char *);

/* The two messages of a call; a question's are separate: caps point here. */
static struct msg	 lane_in;
static struct msg	 lane_out;
static struct msg	 lane_give;

void
lane_main(int fd, int fd2, uint32_t id)
{
	struct chan	 c;

	log_to_parent("lane");
	setproctitle("policy lane %u", id);
	lane_open();
	jail_filter(ROLE_LANE);
	chan_init(&c, fd, ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	names_open(fd2);
	lane_serve(&c);
	_exit(0);
}

void
lane_open(void)
{
	worker.wk_pid = getpid();
	if (worker.wk_root == -1 && (worker.wk_root = open("/",
	    O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		fatal("%s: /", __func__);
	if (worker.wk_fds != -1)
		close(worker.wk_fds);
	worker.wk_fds = open("/proc/self/fd",
	    O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (worker.wk_fds == -1)
		fatal("%s: /proc/self/fd", __func__);
}

void
lane_serve(struct chan *c)
{
	const char	*why = NULL;
	int		 n;

	for (;;) {
		n = chan_recv(c, &lane_in, 0, &why);
		if (n == 0)
			return;
		if (n == -1) {
			if (errno == EINTR)
				continue;
			fatal("receiver: %s", why != NULL ? why : "lane");
		}
		if (lane_in.m_type != MSG_RECEIVER_CALL)
			fatalx("receiver: unexpected %s",
			    msg_name(lane_in.m_type));
		lane_call(c, &lane_in);
	}
}

static void
lane_call(struct chan *c, struct msg *in)
{
	static struct request	 rq;
	uint32_t		 i;
	int			 error;

	if (msg_get_call(in, &rq.rq_call) == -1)
		fatalx("receiver: malformed %s", msg_name(in->m_type));
	rq.rq_ent = sysent_find(rq.rq_call.c_nr);
	if (rq.rq_ent == NULL || handlers[rq.rq_ent->se_handler].h_call == NULL)
		fatalx("receiver: call %u is not for us", rq.rq_call.c_nr);
	if (!call_fits(rq.rq_ent, &rq.rq_call))
		fatalx("receiver: %s with what its row does not have",
		    rq.rq_ent->se_name);
	memset(&rq.rq_verdict, 0, sizeof(rq.rq_verdict));
	rq.rq_verdict.v_fd = -1;
	rq.rq_chan = c;
	rq.rq_seq = in->m_seq;
	rq.rq_needs = rq.rq_told = rq.rq_status = rq.rq_refused = 0;
	rq.rq_effect = EFFECT_NONE;

	error = lane_handle(&rq);
	learn_tell(error);

	/* What the caller closes must be closed: before it goes on. */
	for (i = 0; i < rq.rq_call.c_nfds; i++) {
		if (rq.rq_call.c_fds[i].f_fd != -1)
			close(rq.rq_call.c_fds[i].f_fd);
	}
	if (rq.rq_verdict.v_kind == 0) {
		rq.rq_verdict.v_value = error;
		if (error == 0)
			rq.rq_verdict.v_kind = VERDICT_VALUE;
		else if (error == EINTR && !rq.rq_refused &&
		    handlers[rq.rq_ent->se_handler].h_again)
			rq.rq_verdict.v_kind = VERDICT_RESTART;
		else
			rq.rq_verdict.v_kind = VERDICT_ERRNO;
	}
	policy_effect(&rq, error);
	lane_answer(&rq);
	if (rq.rq_verdict.v_fd != -1)
		close(rq.rq_verdict.v_fd);
}

/*
 * Are the pieces and the descriptors of the kinds that the row names?  Handlers
 * have room for these: what a kind may be long the decoder has seen to.
 */
static int
call_fits(const struct sysent *se, const struct call *c)
{
	uint32_t	 i;
	uint8_t		 slot;

	for (i = 0; i < c->c_ncaps; i++)
		if (c->c_caps[i].p_arg != CAP_ARG_STATUS &&
		    c->c_caps[i].p_kind != se->se_args[c->c_caps[i].p_arg])
			return (0);
	for (i = 0; i < c->c_nfds; i++) {
		slot = c->c_fds[i].f_slot;
		if (slot != CALL_FD_CWD && se->se_args[slot] != ARG_FD &&
		    se->se_args[slot] != ARG_DIRFD)
			return (0);
	}
	return (1);
}

static int
lane_handle(struct request *rq)
{
	int	 error;

	if (((worker.wk_caps & CAPS_IDENTITY) || worker.wk_acts != 0) &&
	    (error = lane_identity(rq)) != 0)
		return (error);
	return (handlers[rq->rq_ent->se_handler].h_call(rq));
}

/*
 * We act with our own credentials.  A caller that may change its own and did,
 * or gave up what we have yet, would borrow ours: refused.
 */
static int
lane_identity(struct request *rq)
{
	int	 error;

	if ((error = request_status(rq)) != 0)
		return (error);
	if (rq->rq_fsuid != worker.wk_uid || rq->rq_fsgid != worker.wk_gid)
		return (policy_deny_word(rq, "file calls of", "another user",
		    NULL));
	if (worker.wk_groups != NULL && (rq->rq_groups == NULL ||
	    strncmp(rq->rq_groups, worker.wk_groups,
	    strlen(worker.wk_groups)) != 0))
		return (policy_deny_word(rq, "file calls of",
		    "a user of other groups", NULL));
	if ((worker.wk_acts & ~rq->rq_caps) != 0)
		return (policy_deny_word(rq, "file calls of",
		    "a user who gave up capabilities", NULL));
	return (0);
}

static void
lane_answer(struct request *rq)
{
	msg_start(&lane_out, MSG_LANE_VERDICT, rq->rq_seq);
	msg_put_verdict(&lane_out, &rq->rq_verdict);
	if (chan_send(rq->rq_chan, &lane_out, 0) == 0)
		return;
	/* Too many descriptors of this user in flight, unix(7): its error. */
	if (errno == ETOOMANYREFS && rq->rq_verdict.v_fd != -1) {
		close(rq->rq_verdict.v_fd);
		rq->rq_verdict.v_fd = -1;
		rq->rq_verdict.v_kind = VERDICT_ERRNO;
		rq->rq_verdict.v_value = ENFILE;
		lane_answer(rq);
		return;
	}
	if (errno == EPIPE)
		_exit(0);
	fatal("%s: %s", __func__, rq->rq_ent->se_name);
}

int
request_arg(const struct request *rq, enum arg_kind kind, int nth)
{
	int	 i;

	for (i = 0; i < CALL_ARGS; i++) {
		if (rq->rq_ent->se_args[i] == kind && nth-- == 0)
			return (i);
	}
	return (-1);
}

const struct cap *
request_cap(const struct request *rq, int arg)
{
	const struct call	*c = &rq->rq_call;
	uint32_t		 i;

	for (i = 0; i < c->c_ncaps; i++) {
		if (c->c_caps[i].p_arg == arg)
			return (&c->c_caps[i]);
	}
	return (NULL);
}

int
request_int(const struct request *rq, int arg)
{
	return ((int)(uint32_t)rq->rq_call.c_args[arg]);
}

int
request_flags(const struct request *rq)
{
	if (rq->rq_ent->se_flagarg >= CALL_ARGS)
		return (0);
	return (request_int(rq, rq->rq_ent->se_flagarg));
}

int
request_fd(struct request *rq, int slot, int *fd)
{
	struct callfd	*f;
	uint32_t	 i;

	for (i = 0; i < rq->rq_call.c_nfds; i++) {
		f = &rq->rq_call.c_fds[i];
		if (f->f_slot != slot)
			continue;
		*fd = f->f_fd;
		return (f->f_errno);
	}
	return (EBADF);
}

static int	 exchange(struct request *, enum msg_type);
static int	 request_ask(struct request *, const struct need *,
		    struct give *);

int
request_need(struct request *rq, enum need_kind kind, int32_t arg,
    struct give *g)
{
	struct need	 n = { .n_kind = (uint8_t)kind, .n_arg = arg };

	return (request_ask(rq, &n, g));
}

int
request_memory(struct request *rq, const struct piece *pieces, size_t count,
    void *buf, size_t len)
{
	struct need	 n = { .n_kind = NEED_MEMORY, .n_pieces = pieces,
			    .n_count = count };
	struct give	 g;
	int		 error;

	if ((error = request_ask(rq, &n, &g)) != 0)
		return (error);
	if (g.g_fd != -1)
		close(g.g_fd);
	if (g.g_len != len)
		return (EFAULT);
	memcpy(buf, g.g_bytes, len);
	return (0);
}

/*
 * Sends lane_give and receives what the receiver answers, a message of `type'
 * about the same call, into it.  -1 with errno if it could not be sent; a
 * receiver that has closed its end ends this process, and so does another
 * answer.  An interruption is repeated: it may not cost us the answer.
 */
static int
exchange(struct request *rq, enum msg_type type)
{
	const char	*why = NULL;
	int		 rv;

	while (chan_send(rq->rq_chan, &lane_give, 0) == -1) {
		if (errno == EPIPE)
			_exit(0);
		if (errno != EINTR)
			return (-1);
	}
	while ((rv = chan_recv(rq->rq_chan, &lane_give, 0, &why)) == -1 &&
	    errno == EINTR)
		continue;
	if (rv == 0)
		_exit(0);
	if (rv == -1)
		fatal("receiver: %s", why != NULL ? why : "lane");
	if (lane_give.m_type != type || lane_give.m_seq != rq->rq_seq)
		fatalx("receiver: malformed %s", msg_name(lane_give.m_type));
	return (0);
}

static int
request_ask(struct request *rq, const struct need *n, struct give *g)
{
	/* what a message is made of has limits of its own */
	if (n->n_kind != NEED_MEMORY && n->n_kind != NEED_FD &&
	    rq->rq_needs++ >= NEEDS_MAX)
		return (ELOOP);
	msg_start(&lane_give, MSG_LANE_NEED, rq->rq_seq);
	msg_put_need(&lane_give, n);
	if (exchange(rq, MSG_RECEIVER_GIVE) == -1)
		fatal("%s", __func__);
	if (msg_get_give(&lane_give, g) == -1)
		fatalx("receiver: malformed %s", msg_name(lane_give.m_type));
	return (g->g_errno);
}

void
request_crashes(struct request *rq, const struct file_id *fi,
    struct crashes *cr)
{
	msg_start(&lane_give, MSG_LANE_FILE, rq->rq_seq);
	msg_put_file_id(&lane_give, fi);
	if (exchange(rq, MSG_RECEIVER_CRASHES) == -1)
		fatal("%s", __func__);
	if (msg_get_crashes(&lane_give, cr) == -1)
		fatalx("receiver: malformed %s", msg_name(lane_give.m_type));
}

uint32_t
request_check(struct request *rq, int fd)
{
	uint32_t	 answer;

	if (rq->rq_needs++ >= NEEDS_MAX)
		return (CHECK_ALLOW);
	msg_start(&lane_give, MSG_LANE_CHECK, rq->rq_seq);
	msg_put_u32(&lane_give, 1);
	msg_put_fd(&lane_give, fd);
	if (exchange(rq, MSG_RECEIVER_CHECKED) == -1) {
		if (errno == ETOOMANYREFS)
			return (CHECK_ALLOW);
		fatal("%s", __func__);
	}
	if (msg_get_number(&lane_give, &answer, CHECK_ALLOW,
	    CHECK_REFUSED + EFFECT_COUNT - 1) == -1)
		fatalx("receiver: malformed %s", msg_name(lane_give.m_type));
	return (answer);
}

/* The text after "\nKEY:\t", or NULL. */
static const char *
status_line(const char *status, const char *key)
{
	const char	*p = strstr(status, key);

	return (p == NULL ? NULL : p + strlen(key));
}

/* The kernel escapes newline and backslash: proc_task_name(). */
static void
status_comm(struct request *rq, const char *status)
{
	const char	*p = status_line(status, "Name:\t");
	size_t		 len;

	rq->rq_comm[0] = '\0';
	if (p == NULL)
		return;
	len = strcspn(p, "\n");
	if (len >= sizeof(rq->rq_comm))
		len = sizeof(rq->rq_comm) - 1;
	memcpy(rq->rq_comm, p, len);
	rq->rq_comm[len] = '\0';
}

int
request_status(struct request *rq)
{
	static char		 text[4097];
	const struct cap	*cap = request_cap(rq, CAP_ARG_STATUS);
	const uint8_t		*bytes;
	struct give		 g;
	const char		*mask, *tgid, *uid, *gid, *caps;
	size_t			 len;
	int			 error;

	if (rq->rq_status)
		return (0);
	if (cap != NULL && cap->p_errno == 0 && cap->p_len > 0) {
		bytes = cap->p_bytes;
		len = cap->p_len;
	} else {
		if ((error = request_need(rq, NEED_STATUS, 0, &g)) != 0)
			return (error);
		bytes = g.g_bytes;
		len = g.g_len;
		if (g.g_fd != -1)
			close(g.g_fd);
	}
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	if (len == 0)
		return (EACCES);
	memcpy(text, bytes, len);
	text[len] = '\0';
	if ((mask = status_line(text, "\nUmask:\t")) == NULL ||
	    (tgid = status_line(text, "\nTgid:\t")) == NULL ||
	    (uid = status_line(text, "\nUid:\t")) == NULL ||
	    (gid = status_line(text, "\nGid:\t")) == NULL)
		return (EACCES);
	rq->rq_umask = (mode_t)strtoul(mask, NULL, 8) & 0777;
	rq->rq_tgid = (pid_t)strtol(tgid, NULL, 10);
	/* real, effective, saved, file system */
	if (sscanf(uid, "%*u %*u %*u %u", &rq->rq_fsuid) != 1 ||
	    sscanf(gid, "%*u %*u %*u %u", &rq->rq_fsgid) != 1)
		return (EACCES);
	/* not there is none of them: a list that was cut off comes before */
	caps = status_line(text, "\nCapEff:\t");
	rq->rq_caps = caps == NULL ? 0 : strtoull(caps, NULL, 16);
	rq->rq_groups = status_line(text, "\nGroups:\t");
	status_comm(rq, text);
	rq->rq_status = 1;
	return (0);
}

int
request_umask(struct request *rq)
{
	static mode_t	 now = (mode_t)-1;
	int		 error;

	if ((error = request_status(rq)) != 0)
		return (error);
	if (rq->rq_umask != now) {
		umask(rq->rq_umask);
		now = rq->rq_umask;
	}
	return (0);
}

/* Field 7 of /proc/TID/stat, proc(5); the second may hold anything but NUL. */
int
request_tty(struct request *rq, dev_t *dev)
{
	static char	 text[1025];
	struct give	 g;
	unsigned	 nr;
	char		*p;
	int		 error, tty;

	if ((error = request_need(rq, NEED_STAT, 0, &g)) != 0)
		return (error);
	if (g.g_fd != -1)
		close(g.g_fd);
	if (g.g_len == 0 || g.g_len >= sizeof(text))
		return (ENXIO);
	memcpy(text, g.g_bytes, g.g_len);
	text[g.g_len] = '\0';
	if ((p = strrchr(text, ')')) == NULL ||
	    sscanf(p, ") %*c %*d %*d %*d %d", &tty) != 1 || tty == 0)
		return (ENXIO);
	nr = (unsigned)tty;
	*dev = makedev((nr >> TTY_MAJOR_SHIFT) & 0xfff,
	    (nr & 0xff) | ((nr >> 12) & 0xfff00));
	return (0);
}
