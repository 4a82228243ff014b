/*
 * The learn role, taken over when it is told of a name that has the trigger:
 * by the command, that is, in a run with -L.
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

static void	 learn(struct chan *, struct msg *);
static void	 control(enum msg_type, uint32_t);

static struct msg	 out;

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n == 1 && c->ch_kind == CHAN_LEARN && memmem(m->m_buf, m->m_len,
	    DRILL_TRIGGER, strlen(DRILL_TRIGGER)) != NULL &&
	    drill_begin(ROLE_LEARN))
		learn(c, m);
	return (n);
}

static void
control(enum msg_type type, uint32_t value)
{
	struct chan	 c;

	chan_init(&c, FD_PARENT, ROLE_LEARN, ROLE_MONITOR, CHAN_CONTROL);
	msg_start(&out, type, 0);
	msg_put_u32(&out, value);
	drill_result("sent", chan_send(&c, &out, 0));
}

static void
learn(struct chan *c, struct msg *m)
{
	struct chan	 logs;
	long		 i;

	drill_any(c, m);
	if (drill->d_kind != D_SEND)
		return;
	switch (drill->d_arg) {
	case NS_WRITTEN:
		control(MSG_LEARN_WRITTEN, 1);
		break;
	case NS_READY:
		control(MSG_ROLE_READY, PROTO_VERSION);
		break;
	case NS_PONG:
		control(MSG_ROLE_PONG, UINT32_MAX);
		break;
	case NS_LINE:
		chan_init(&logs, FD_LOG, ROLE_LEARN, ROLE_MONITOR, CHAN_LOG);
		msg_start(&out, MSG_ROLE_LOG, 0);
		msg_put_log(&out, 2,
		    "a\033]0;b\007c\nprivsep-sandbox: monitor: d\r");
		drill_result("sent", chan_send(&logs, &out, 0));
		drill_done();
		return;
	case NS_BACK:		/* to those that tell it, as often as it goes */
		for (i = 0; i < 100000; i++)
			if (drill_forge(c->ch_fd, MSG_ROLE_ACCESS, 0, 0xff,
			    64, 0, 0) == -1)
				break;
		drill_done();
		return;
	case NS_FILE:		/* what it holds, and what lies before it */
		for (i = 0; i < 64; i++)
			if (write((int)i, "DRILLED\n", 8) == 8)
				drill_result("written", i);
		drill_done();
		return;
	}
	drill_hang();
}
