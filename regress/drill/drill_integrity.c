/*
 * The integrity worker, taken over as it is shown an image.  Its table has no
 * call that could reach anything: what is left to try is what it says.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../proto/chan.h"
#include "drill.h"

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static int	 integrity(struct chan *, struct msg *);
static void	 verdict(struct chan *, uint32_t, uint32_t, int);
static void	 line(void);

static struct msg	 out;

/* Is the drill about the look before the call goes on? */
static int
about_check(void)
{
	return (drill != NULL && drill->d_kind == D_SEND &&
	    drill->d_arg >= IS_CHECK_REFUSED);
}

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n != 1 || c->ch_kind != CHAN_IMAGE || memmem(m->m_buf, m->m_len,
	    DRILL_TRIGGER, strlen(DRILL_TRIGGER)) == NULL ||
	    (m->m_type == MSG_RECEIVER_CHECK) != about_check() ||
	    !drill_begin(ROLE_INTEGRITY) || !integrity(c, m))
		return (n);
	msg_close_fds(m);
	errno = EAGAIN;
	return (-1);
}

static void
verdict(struct chan *c, uint32_t seq, uint32_t value, int fd)
{
	msg_start(&out, MSG_INTEGRITY_VERDICT, seq);
	msg_put_u32(&out, value);
	if (fd != -1)
		msg_put_fd(&out, fd);
	drill_result("sent", chan_send(c, &out, 0));
}

/* A line that would order the terminal about. */
static void
line(void)
{
	struct chan	 c;

	chan_init(&c, FD_LOG, ROLE_INTEGRITY, ROLE_MONITOR, CHAN_LOG);
	msg_start(&out, MSG_ROLE_LOG, 0);
	msg_put_log(&out, 2, "a\033]0;b\007c\nprivsep-sandbox: monitor: d\r");
	drill_result("sent", chan_send(&c, &out, 0));
}

/* 1: answered here. */
static int
integrity(struct chan *c, struct msg *m)
{
	static const uint32_t	 values[] = {
		[IS_ALLOW] = IMAGE_ALLOW, [IS_DENY] = IMAGE_DENY,
		[IS_EXIT] = IMAGE_EXIT, [IS_3] = 3, [IS_MAX] = UINT32_MAX,
		[IS_SEQ_BEFORE] = IMAGE_ALLOW, [IS_SEQ_AFTER] = IMAGE_ALLOW,
		[IS_TWICE] = IMAGE_ALLOW
	};
	struct chan		 up;

	drill_any(c, m);
	if (drill->d_kind != D_SEND)
		return (0);
	switch (drill->d_arg) {
	case IS_FD:
		verdict(c, m->m_seq, IMAGE_ALLOW, FD_LOG);
		break;
	case IS_TRAILING:
		drill_result("sent", drill_forge(c->ch_fd,
		    MSG_INTEGRITY_VERDICT, m->m_seq, 1, 5, 0, 0));
		break;
	case IS_READY:
		chan_init(&up, FD_PARENT, ROLE_INTEGRITY, ROLE_MONITOR,
		    CHAN_CONTROL);
		msg_start(&out, MSG_ROLE_READY, 0);
		msg_put_u32(&out, PROTO_VERSION);
		drill_result("sent", chan_send(&up, &out, 0));
		drill_hang();
	case IS_LINE:
		line();
		return (0);
	case IS_FLOOD:
		drill_done();
		for (;;)
			verdict(c, m->m_seq, IMAGE_ALLOW, -1);
	case IS_CHECK_REFUSED:
	case IS_CHECK_HUGE:
		msg_start(&out, MSG_INTEGRITY_CHECKED, m->m_seq);
		msg_put_u32(&out, drill->d_arg == IS_CHECK_HUGE ? UINT32_MAX :
		    CHECK_REFUSED);
		drill_result("sent", chan_send(c, &out, 0));
		break;
	case IS_CHECK_VERDICT:
		verdict(c, m->m_seq, IMAGE_ALLOW, -1);
		break;
	default:
		verdict(c, m->m_seq + (drill->d_arg == IS_SEQ_AFTER) -
		    (drill->d_arg == IS_SEQ_BEFORE), values[drill->d_arg], -1);
		if (drill->d_arg == IS_TWICE)
			verdict(c, m->m_seq, IMAGE_ALLOW, -1);
		break;
	}
	return (1);
}
