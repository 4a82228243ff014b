/*
 * The receiver, taken over in a lane's thread as it has its worker's answer to
 * a call that names the trigger.  It may touch the child: what is shown is
 * that it may touch nothing else.
 */
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../monitor/receiver.h"
#include "../../proto/chan.h"
#include "drill.h"

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static void	 hostile(struct lane *, struct msg *);
static void	 quiet(const struct lane *);
static void	 quiet_process(pid_t, const char *, uint64_t);
static void	 try_open(const char *, const char *, int);
static void	 send_any(struct lane *);
static void	 control(enum msg_type, uint32_t, uint32_t, int);
static void	 call(struct lane *);

static struct msg	 out;
static const char *const whos[WHO_COUNT] = {
	"the monitor", "the receiver", "the policy process", "the lane worker",
	"the integrity worker", "the command", "an outsider"
};

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	static uint32_t	 armed;	/* number of the call that names it */
	struct lane	*ln;
	int		 n = __real_chan_recv(c, m, flags, why);

	if (n != 1 || c->ch_kind != CHAN_CALL)
		return (n);
	ln = (struct lane *)((char *)c - offsetof(struct lane, ln_call));
	if (memmem(ln->ln_out->m_buf, ln->ln_out->m_len, DRILL_TRIGGER,
	    strlen(DRILL_TRIGGER)) != NULL)
		armed = ln->ln_seq;
	/* questions come first, and are answered */
	if (m->m_type == MSG_LANE_VERDICT && armed != 0 &&
	    armed == ln->ln_seq && drill_begin(ROLE_RECEIVER))
		hostile(ln, m);
	return (n);
}

static void
hostile(struct lane *ln, struct msg *m)
{
	/* the thread's memory is not the image channel's */
	if (drill->d_chan == DC_OTHER)
		drill_any(&ln->ln_image, m);
	else
		drill_any(&ln->ln_call, m);
	if (drill->d_kind == D_QUIET)
		quiet(ln);
	else if (drill->d_kind == D_SEND)
		send_any(ln);
}

static void
try_open(const char *name, const char *file, int flags)
{
	int	 fd = open(file, flags | O_CLOEXEC);

	drill_result(name, fd);
	if (fd != -1)
		close(fd);
}

static void
quiet(const struct lane *ln)
{
	char	 text[64];
	size_t	 i;
	int	 fd;

	try_open("read the secret", drill->d_secret, O_RDONLY);
	fd = open(drill->d_secret, O_PATH);
	(void)snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	try_open("reopen the secret's O_PATH", text, O_RDONLY);
	if (fd != -1)
		close(fd);
	for (i = 0; i < WHO_COUNT; i++)
		if (i != WHO_RECEIVER)
			quiet_process(drill->d_pids[i], whos[i], i ==
			    WHO_CHILD ? ln->ln_notif->data.args[1] :
			    (uint64_t)(uintptr_t)drill);
	drill_done();
}

static void
quiet_process(pid_t pid, const char *who, uint64_t where)
{
	char		 path[64], name[NAME_MAX_];
	static char	 to[8];
	struct iovec	 l = { to, 1 }, r = { (void *)(uintptr_t)where, 1 };
	int		 pidfd, fd;

	(void)snprintf(name, sizeof(name), "open the memory of %s", who);
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	try_open(name, path, O_RDONLY);
	(void)snprintf(name, sizeof(name), "open the environment of %s", who);
	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	try_open(name, path, O_RDONLY);
	(void)snprintf(name, sizeof(name), "read the memory of %s", who);
	drill_result(name, process_vm_readv(pid, &l, 1, &r, 1, 0));
	(void)snprintf(name, sizeof(name), "write the memory of %s", who);
	drill_result(name, process_vm_writev(pid, &l, 1, &r, 1, 0));
	(void)snprintf(name, sizeof(name), "take a descriptor of %s", who);
	if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		return;
	drill_result(name, fd = (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0));
	if (fd != -1)
		close(fd);
	close(pidfd);
	(void)snprintf(name, sizeof(name), "trace %s", who);
	if (pid != drill->d_pids[WHO_CHILD])	/* its own work */
		drill_result(name, syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0,
		    0));
	(void)snprintf(name, sizeof(name), "signal %s", who);
	drill_result(name, kill(pid, 0));
}

static void
control(enum msg_type type, uint32_t a, uint32_t b, int n)
{
	struct chan	 c;

	chan_init(&c, FD_PARENT, ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	msg_start(&out, type, 0);
	msg_put_u32(&out, a);
	if (n == 2)
		msg_put_u32(&out, b);
	drill_result("sent", chan_send(&c, &out, 0));
}

static void
send_any(struct lane *ln)
{
	switch (drill->d_arg) {
	case RS_CONTINUE:
		notify_continue(ln);
		drill_done();
		return;		/* the worker's answer comes too late */
	case RS_UNVERIFIED:
		/* EXEC, without the stop that integrity is asked in */
		notify_continue(ln);
		drill_done();
		return;
	case RS_CALL:
		call(ln);
		return;
	case RS_CHILD_ENDED:
		control(MSG_RECEIVER_CHILD, CHILD_ENDED, 0, 2);
		break;
	case RS_CHILD_WHAT:
		control(MSG_RECEIVER_CHILD, UINT32_MAX, UINT32_MAX, 2);
		break;
	case RS_FAULT_LINE:
		msg_start(&out, MSG_RECEIVER_FAULT, 0);
		msg_put_fault(&out, UINT32_MAX,
		    "a\033]0;b\007c\nprivsep-sandbox: monitor: d\r");
		(void)chan_send(&(struct chan){ .ch_fd = FD_PARENT }, &out, 0);
		break;
	case RS_NEEDLANE:
		drill_done();
		for (;;)
			control(MSG_RECEIVER_NEEDLANE, 1, 0, 1);
	case RS_EXIT:
		control(MSG_RECEIVER_EXIT, 1, 0, 1);
		break;
	case RS_GIVE:
		drill_result("sent", drill_forge(ln->ln_call.ch_fd,
		    MSG_RECEIVER_GIVE, ln->ln_seq, 0, 12, 0, 0));
		break;
	case RS_FDS:
		drill_result("sent", drill_forge(ln->ln_call.ch_fd,
		    MSG_RECEIVER_CALL, ln->ln_seq, 0, 12, FD_LOG, 4));
		break;
	}
	drill_hang();
}

/* A call that nobody made, for a file inside the wall or outside. */
static void
call(struct lane *ln)
{
	static struct msg	 in;
	char			 path[512];
	struct call		 c;

	memset(&c, 0, sizeof(c));
	(void)snprintf(path, sizeof(path), "%s/%s", drill->d_arg2 ?
	    drill->d_beyond : drill->d_work, drill->d_arg2 ? ".drillme" :
	    "public");
	c.c_nr = SYS_open;
	c.c_tid = 1;
	c.c_ncaps = 1;
	c.c_caps[0].p_arg = 0;
	c.c_caps[0].p_kind = ARG_PATH;
	c.c_caps[0].p_bytes = (const uint8_t *)path;
	c.c_caps[0].p_len = strlen(path);
	msg_start(&out, MSG_RECEIVER_CALL, 77);
	msg_put_call(&out, &c);
	drill_result("sent", chan_send(&ln->ln_call, &out, 0));
	drill_result("answered", __real_chan_recv(&ln->ln_call, &in, 0,
	    NULL));
	drill_result("descriptors", in.m_nfds);
	msg_close_fds(&in);
	drill_done();
}
