/*
 * The policy process, or a lane worker of it, taken over when it has received
 * what it waits for: the former MSG_MONITOR_LANE, the latter a call that names
 * the trigger.  The objects around are those of the role as shipped.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../proto/chan.h"
#include "drill.h"

#define BREED		40		/* processes a hostile fork makes */
#define RUNNERS		2		/* ... that never stay the same */
#define GENERATIONS	20000		/* of these */

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static int	 lane(struct chan *, struct msg *);
static void	 lane_exact(void);
static void	 lane_quiet(void);
static void	 lane_process(pid_t, const char *);
static void	 lane_opens(const char *, long);
static int	 lane_send(struct chan *, struct msg *);
static void	 lane_special(struct chan *, uint32_t);
static void	 lane_check(struct chan *, uint32_t, int, int);
static void	 lane_needs(struct chan *, uint32_t);
static void	 verdict(struct chan *, uint32_t, const struct verdict *);
static void	 raw(struct chan *, uint32_t, const struct verdict *,
		    uint32_t, int);
static int	 policy(struct chan *, struct msg *);
static void	 policy_run(void) __attribute__((__noreturn__));
static int	 policy_fork(struct chan *, int *, struct msg *);

static struct msg	 out;
static const char *const whos[WHO_COUNT] = {
	"the monitor", "the receiver", "the policy process", "the lane worker",
	"the integrity worker", "the command", "an outsider"
};

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n != 1)
		return (n);
	if (c->ch_kind == CHAN_CALL && memmem(m->m_buf, m->m_len,
	    DRILL_TRIGGER, strlen(DRILL_TRIGGER)) != NULL &&
	    drill_begin(ROLE_LANE) && lane(c, m))
		return (__real_chan_recv(c, m, flags, why));
	if (c->ch_kind == CHAN_CONTROL && m->m_type == MSG_MONITOR_LANE &&
	    drill_begin(ROLE_POLICY) && policy(c, m)) {
		errno = EAGAIN;
		return (-1);
	}
	return (n);
}

/* ---- a lane worker ---- */

/* 1: the call has been answered here; 0: it is answered as ever. */
static int
lane(struct chan *c, struct msg *m)
{
	drill_any(c, m);
	if (drill->d_kind == D_QUIET && drill->d_arg == 1)
		lane_exact();
	else if (drill->d_kind == D_QUIET)
		lane_quiet();
	else if (drill->d_kind == D_SEND)
		return (lane_send(c, m));
	return (0);
}

static void
lane_opens(const char *name, long rv)
{
	drill_result(name, rv);
	if (rv >= 0)
		close((int)rv);
}

/* Where the command's own domain holds a denial, so does the worker's. */
static void
lane_exact(void)
{
	char	 path[512];

	(void)snprintf(path, sizeof(path), "%s/drill.secret", drill->d_work);
	lane_opens("read what the kernel denies the command inside the wall",
	    open(path, O_RDONLY));
	lane_opens("write it", open(path, O_WRONLY));
	(void)snprintf(path, sizeof(path), "%s/public", drill->d_work);
	lane_opens(DRILL_BESIDE, open(path, O_RDONLY));
	drill_done();
}

/* What the table lets it try: Landlock must say no, or nothing does. */
static void
lane_quiet(void)
{
	struct open_how	 how = { .flags = O_RDONLY };
	char		 new[512], own[512], text[64];
	int		 fd;
	size_t		 i;

	(void)snprintf(new, sizeof(new), "%s/new", drill->d_beyond);
	(void)snprintf(own, sizeof(own), "%s/own", drill->d_work);
	lane_opens("read the secret", open(drill->d_secret, O_RDONLY));
	lane_opens("write the secret", open(drill->d_secret, O_WRONLY));
	lane_opens("read the secret by openat2", syscall(SYS_openat2, AT_FDCWD,
	    drill->d_secret, &how, sizeof(how)));
	fd = open(drill->d_secret, O_PATH);
	(void)snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	lane_opens("reopen the secret's O_PATH", open(text, O_RDONLY));
	if (fd != -1)
		close(fd);
	(void)snprintf(text, sizeof(text), "/proc/self/root%.40s",
	    drill->d_secret);
	lane_opens("read the secret through /proc/self/root",
	    open(text, O_RDONLY));
	drill_result("truncate the secret", truncate(drill->d_secret, 0));
	drill_result("remove the secret", unlinkat(AT_FDCWD, drill->d_secret,
	    0));
	drill_result("rename the secret into the wall", renameat(AT_FDCWD,
	    drill->d_secret, AT_FDCWD, own));
	drill_result("link the secret into the wall", linkat(AT_FDCWD,
	    drill->d_secret, AT_FDCWD, own, 0));
	lane_opens("make a file outside", open(new, O_WRONLY | O_CREAT, 0600));
	lane_opens("make a file without a name outside", open(drill->d_beyond,
	    O_TMPFILE | O_WRONLY, 0600));
	drill_result("make a directory outside", mkdirat(AT_FDCWD, new, 0700));
	drill_result("make a FIFO outside", mknodat(AT_FDCWD, new, S_IFIFO |
	    0600, 0));
	drill_result("make a link outside", symlinkat("/", AT_FDCWD, new));
	lane_opens("make a file where the system is",
	    open("/etc/drillme", O_WRONLY | O_CREAT, 0600));
	/* what is left to it, and the manual says so: LEFT in drill_run.c */
	(void)snprintf(own, sizeof(own), "%s/drill.secret", drill->d_work);
	lane_opens("read what a pattern denies inside the wall",
	    open(own, O_RDONLY));
	(void)snprintf(new, sizeof(new), "%s/mine", drill->d_beyond);
	drill_result("change the mode of a file outside", fchmodat(AT_FDCWD,
	    new, 0600, 0));
	for (i = 0; i < WHO_COUNT; i++)
		if (i != WHO_LANE && (i != WHO_POLICY ||
		    drill->d_role != ROLE_POLICY))
			lane_process(drill->d_pids[i], whos[i]);
	drill_done();
}

static void
lane_process(pid_t pid, const char *who)
{
	static const char *const files[] = {
		"mem", "environ", "maps", "fd/3", "root/etc", "cwd/."
	};
	char	 path[64], name[NAME_MAX_];
	size_t	 i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid,
		    files[i]);
		(void)snprintf(name, sizeof(name), "open %s of %s", files[i],
		    who);
		lane_opens(name, open(path, O_RDONLY));
	}
}

static void
verdict(struct chan *c, uint32_t seq, const struct verdict *v)
{
	msg_start(&out, MSG_LANE_VERDICT, seq);
	msg_put_verdict(&out, v);
	drill_result("sent", chan_send(c, &out, 0));
}

/* The same with a length that is not its, or n descriptors. */
static void
raw(struct chan *c, uint32_t seq, const struct verdict *v, uint32_t more,
    int n)
{
	uint8_t	 hdr[MSG_HDR_SIZE];
	int	 fd = v->v_fd;

	msg_start(&out, MSG_LANE_VERDICT, seq);
	msg_put_verdict(&out, v);
	out.m_len += more;
	msg_put_header(&out, hdr);
	memcpy(out.m_buf, hdr, sizeof(hdr));
	drill_result("sent", drill_send(c->ch_fd, out.m_buf,
	    (uint32_t)out.m_len, fd != -1 ? fd : FD_LOG, (uint32_t)n));
}

/* What a worker may say, and what each of its fields may be. */
static const struct answer {
	uint8_t		 a_kind;
	int32_t		 a_value;
	uint32_t	 a_seq;		/* added to the call's */
	uint8_t		 a_outarg;
	uint32_t	 a_outlen;
	uint8_t		 a_entry;
} answers[] = {
	[LS_CONTINUE]	= { .a_kind = VERDICT_CONTINUE },
	[LS_EXEC]	= { .a_kind = VERDICT_EXEC },
	[LS_LIBRARY]	= { .a_kind = VERDICT_LIBRARY },
	[LS_VALUE]	= { .a_kind = VERDICT_VALUE, .a_value = 5 },
	[LS_VALUE_BACK]	= { .a_kind = VERDICT_VALUE, .a_outlen = 8 },
	[LS_VALUE_NOWHERE] = { .a_kind = VERDICT_VALUE, .a_outlen = 8,
	    .a_outarg = 255 },
	[LS_VALUE_MIN]	= { .a_kind = VERDICT_VALUE, .a_value = INT32_MIN },
	[LS_RESTART]	= { .a_kind = VERDICT_RESTART },
	[LS_KILL]	= { .a_kind = VERDICT_KILL },
	[LS_STOP]	= { .a_kind = VERDICT_STOP, .a_value = EACCES },
	[LS_ABORT]	= { .a_kind = VERDICT_ABORT, .a_value = EACCES },
	[LS_EXIT]	= { .a_kind = VERDICT_EXIT },
	[LS_KIND_0]	= { .a_kind = 0 },
	[LS_KIND_NEXT]	= { .a_kind = VERDICT_PIPE + 1 },
	[LS_KIND_255]	= { .a_kind = 255 },
	[LS_ERRNO_0]	= { .a_kind = VERDICT_ERRNO, .a_value = 0 },
	[LS_ERRNO_MIN]	= { .a_kind = VERDICT_ERRNO, .a_value = INT32_MIN },
	[LS_ERRNO_MAX]	= { .a_kind = VERDICT_ERRNO, .a_value = INT32_MAX },
	[LS_SEQ_BEFORE]	= { .a_kind = VERDICT_ERRNO, .a_value = EPERM,
	    .a_seq = UINT32_MAX },
	[LS_SEQ_AFTER]	= { .a_kind = VERDICT_ERRNO, .a_value = EPERM,
	    .a_seq = 1 },
	[LS_PROC]	= { .a_kind = VERDICT_PROC, .a_entry = PROC_MAPS },
	[LS_PROC_ENTRY]	= { .a_kind = VERDICT_PROC, .a_entry = 255 },
};

static int
lane_send(struct chan *c, struct msg *m)
{
	const struct answer	*a;
	struct verdict		 v;
	uint32_t		 seq = m->m_seq;

	if (drill->d_arg == LS_GENUINE)
		return (0);
	memset(&v, 0, sizeof(v));
	v.v_fd = -1;
	msg_close_fds(m);
	if (drill->d_arg >= sizeof(answers) / sizeof(answers[0]) ||
	    (answers[drill->d_arg].a_kind == 0 && drill->d_arg != LS_KIND_0)) {
		lane_special(c, seq);
		return (1);
	}
	a = &answers[drill->d_arg];
	v.v_kind = a->a_kind;
	v.v_value = a->a_value;
	v.v_outarg = a->a_outarg;
	v.v_out = a->a_outlen > 0 ? m->m_buf : NULL;
	v.v_outlen = a->a_outlen;
	v.v_entry = a->a_entry;
	if (v.v_kind == VERDICT_PROC)
		v.v_pid = (uint32_t)drill->d_pids[drill->d_arg2];
	verdict(c, seq + a->a_seq, &v);
	drill_done();
	return (1);
}

static int
injected(void)
{
	switch (drill->d_arg) {
	case LS_INJECT_PATH:
		return (open(drill->d_secret, O_PATH));
	case LS_INJECT_OWN:
		return (open("/proc/self/fd", O_RDONLY | O_DIRECTORY));
	case LS_INJECT_ROOT:
		return (open("/", O_RDONLY | O_DIRECTORY));
	case LS_INJECT_MEM:
		return (open("/proc/self/mem", O_RDWR));
	default:
		return (FD_LOG);
	}
}

static void
lane_special(struct chan *c, uint32_t seq)
{
	struct verdict	 v = { .v_kind = VERDICT_ERRNO, .v_value = EPERM,
			    .v_fd = -1 };
	struct verdict	 fd = { .v_kind = VERDICT_INJECT, .v_fd = FD_LOG };
	int		 i;

	switch (drill->d_arg) {
	case LS_INJECT_CALL:
		fd.v_fd = c->ch_fd;
		verdict(c, seq, &fd);
		break;
	case LS_INJECT_LOG:
	case LS_INJECT_PATH:
	case LS_INJECT_OWN:
	case LS_INJECT_ROOT:
	case LS_INJECT_MEM:
		if ((fd.v_fd = injected()) == -1) {
			drill_result("opened", -1);
			verdict(c, seq, &v);
		} else
			verdict(c, seq, &fd);
		break;
	case LS_FDFLAGS:
		fd.v_fdflags = UINT32_MAX;
		verdict(c, seq, &fd);
		break;
	case LS_INJECT_NONE:
	case LS_INJECT_TWO:
		raw(c, seq, &fd, 0, drill->d_arg == LS_INJECT_TWO ? 2 : 0);
		break;
	case LS_INJECT_MANY:
		raw(c, seq, &fd, 0, 253);
		break;
	case LS_SEQ_0:
		verdict(c, 0, &v);
		break;
	case LS_SEQ_MAX:
		verdict(c, UINT32_MAX, &v);
		break;
	case LS_TWICE:
		verdict(c, seq, &v);
		verdict(c, seq, &v);
		break;
	case LS_EARLY:		/* the next call's answer, before it is made */
		verdict(c, seq, &v);
		v.v_kind = VERDICT_CONTINUE;
		verdict(c, seq + 1, &v);
		break;
	case LS_TRAILING:
		raw(c, seq, &v, 1, 0);
		break;
	case LS_HUGE:
		raw(c, seq, &v, MSG_SIZE_MAX - 4096, 0);
		break;
	case LS_SHORT:
		drill_result("sent", drill_forge(c->ch_fd, MSG_LANE_VERDICT,
		    seq, VERDICT_ERRNO, 3, 0, 0));
		break;
	case LS_EMPTY:
		drill_result("sent", drill_forge(c->ch_fd, MSG_LANE_VERDICT,
		    seq, 0, 0, 0, 0));
		break;
	case LS_HEADER:
		drill_result("sent", drill_send(c->ch_fd, "\101\0\1", 3, 0,
		    0));
		break;
	case LS_LENGTH:
		drill_result("sent", drill_send(c->ch_fd,
		    "\101\0\1\0\377\377\377\377\0\0\0\0\0\0\0\0\1\1\1\1", 20,
		    0, 0));
		break;
	case LS_VERSION:
		drill_result("sent", drill_send(c->ch_fd,
		    "\101\0\2\0\24\0\0\0\0\0\0\0\0\0\0\0\1\1\1\1", 20, 0, 0));
		break;
	case LS_OUT_HUGE:
		v.v_kind = VERDICT_VALUE;
		v.v_value = 0;
		v.v_out = out.m_buf;
		v.v_outlen = MSG_SIZE_MAX - 4096;
		verdict(c, seq, &v);
		break;
	case LS_FLOOD:
		drill_done();
		for (i = 0; i < 1000000; i++)
			verdict(c, seq, &v);
		break;
	case LS_CHECK_GOOD:
		/* of what nothing is against; then yes to what is changed */
		lane_check(c, seq, open("/usr/bin/env", O_RDONLY), 1);
		v.v_kind = VERDICT_EXEC;
		verdict(c, seq, &v);
		break;
	case LS_CHECK_OPEN:
		lane_check(c, seq, c->ch_fd, 1);
		verdict(c, seq, &v);
		break;
	case LS_CHECK_MANY:
		lane_check(c, seq, c->ch_fd, 1000);
		break;
	default:
		lane_needs(c, seq);
		break;
	}
}

static void
lane_check(struct chan *c, uint32_t seq, int fd, int times)
{
	static struct msg	 m;

	for (; times > 0; times--) {
		msg_start(&out, MSG_LANE_CHECK, seq);
		msg_put_u32(&out, 1);
		msg_put_fd(&out, fd);
		if (chan_send(c, &out, 0) == -1 ||
		    __real_chan_recv(c, &m, 0, NULL) != 1)
			break;
	}
	drill_result("asked", times == 0 ? 0 : -1);
}

static void
lane_needs(struct chan *c, uint32_t seq)
{
	static const int32_t	 numbers[] = {
		3, 4, 5, 6, 1023, 1 << 20, INT32_MAX
	};
	static struct msg	 m;
	struct verdict		 v = { .v_kind = VERDICT_ERRNO,
				    .v_value = EPERM, .v_fd = -1 };
	struct need		 n = { .n_kind = NEED_FD };
	struct give		 g;
	char			 name[NAME_MAX_];
	size_t			 i;

	if (drill->d_arg == LS_NEED_KIND || drill->d_arg == LS_NEED_SEQ) {
		msg_start(&out, MSG_LANE_NEED, drill->d_arg == LS_NEED_SEQ ?
		    seq + 1 : seq);
		msg_put_u8(&out, drill->d_arg == LS_NEED_SEQ ? NEED_CWD : 255);
		msg_put_i32(&out, 0);
		drill_result("sent", chan_send(c, &out, 0));
		drill_hang();
	}
	for (i = 0; i < (drill->d_arg == LS_NEED_MANY ? 1000 :
	    sizeof(numbers) / sizeof(numbers[0])); i++) {
		n.n_arg = numbers[i % (sizeof(numbers) / sizeof(numbers[0]))];
		msg_start(&out, MSG_LANE_NEED, seq);
		msg_put_need(&out, &n);
		if (chan_send(c, &out, 0) == -1 ||
		    __real_chan_recv(c, &m, 0, NULL) != 1 ||
		    msg_get_give(&m, &g) == -1)
			break;
		if (g.g_fd != -1)
			close(g.g_fd);
		errno = g.g_errno;
		(void)snprintf(name, sizeof(name), "descriptor %d", n.n_arg);
		drill_result(name, g.g_errno != 0 ? -1 : 0);
	}
	verdict(c, seq, &v);
}

/* ---- the policy process ---- */

static void
up(struct chan *c, struct msg *m, uint32_t lane, uint32_t pid)
{
	msg_start(&out, MSG_POLICY_LANEUP, m->m_seq);
	msg_put_u32(&out, lane);
	msg_put_u32(&out, pid);
	drill_result("sent", chan_send(c, &out, 0));
}

/* A lane worker that takes every call and answers none, or one of many. */
static int
policy_fork(struct chan *c, int *fds, struct msg *m)
{
	static struct msg	 in;
	struct chan		 ch;
	int			 pid;

	(void)c;
	(void)m;
	if ((pid = (int)syscall(SYS_clone, 0x1200011, 0, 0, 0, 0)) != 0)
		return (pid);
	chan_init(&ch, fds[0], ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	(void)__real_chan_recv(&ch, &in, 0, NULL);
	drill_hang();
}

/*
 * Whoever is to be killed has another number by then.  They end by themselves
 * after some seconds: the machine is to survive a drill that fails.
 */
static void
policy_run(void)
{
	int	 i;

	for (i = 0; i < GENERATIONS; i++)
		if (syscall(SYS_clone, 0x1200011, 0, 0, 0, 0) != 0)
			break;
	_exit(0);
}

/* 1: done with the message. */
static int
policy(struct chan *c, struct msg *m)
{
	int	 i, pid = 0;

	drill_any(c, m);
	if (drill->d_kind == D_QUIET) {
		lane_quiet();
		return (0);
	}
	if (drill->d_kind != D_SEND)
		return (0);
	switch (drill->d_arg) {
	case PS_LANE_OTHER:
		up(c, m, 7, (uint32_t)drill->d_pids[WHO_POLICY]);
		drill_hang();
	case PS_PID_OUTSIDER:
		pid = drill->d_pids[WHO_OUTSIDER];
		break;
	case PS_PID_MONITOR:
		pid = drill->d_pids[WHO_MONITOR];
		break;
	case PS_PID_CHILD:
		pid = drill->d_pids[WHO_CHILD];
		break;
	case PS_PID_MAX:
		pid = INT32_MAX;
		break;
	case PS_PID_NONE:
		up(c, m, 0, 0);
		drill_hang();
	case PS_TWICE:
		pid = policy_fork(c, m->m_fds, m);
		up(c, m, 0, (uint32_t)pid);
		break;
	case PS_DOWN:
	case PS_DOWN_NONE:
		msg_start(&out, MSG_POLICY_LANEDOWN, m->m_seq);
		msg_put_u32(&out, 0);
		msg_put_u32(&out, drill->d_arg == PS_DOWN ? UINT32_MAX : 0);
		drill_result("sent", chan_send(c, &out, 0));
		drill_hang();
	case PS_CLEANED:
		msg_start(&out, MSG_POLICY_CLEANED, 0);
		msg_put_u32(&out, 0);
		drill_result("sent", chan_send(c, &out, 0));
		drill_hang();
	case PS_READY:
		msg_start(&out, MSG_ROLE_READY, 0);
		msg_put_u32(&out, PROTO_VERSION);
		drill_result("sent", chan_send(c, &out, 0));
		drill_hang();
	case PS_BREED:
	case PS_BREED_KILL:
		for (i = 0; i < BREED; i++)
			if (syscall(SYS_clone, 0x1200011, 0, 0, 0, 0) == 0)
				drill_hang();
		drill_result("processes", i);
		drill_done();
		if (drill->d_arg == PS_BREED_KILL)
			drill_hang();
		return (0);
	case PS_RUN:
	case PS_RUN_KILL:
		for (i = 0; i < RUNNERS; i++)
			if (syscall(SYS_clone, 0x1200011, 0, 0, 0, 0) == 0)
				policy_run();
		drill_result("processes", i);
		drill_done();
		if (drill->d_arg == PS_RUN_KILL)
			drill_hang();
		return (0);
	case PS_FLOOD:
		drill_done();
		for (;;)
			up(c, m, 0, 1);
	default:
		return (0);
	}
	if (drill->d_arg != PS_TWICE)
		policy_fork(c, m->m_fds, m);
	up(c, m, 0, (uint32_t)pid);
	drill_hang();
}
