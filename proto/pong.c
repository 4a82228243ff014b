/*
 * A role says that it is alive: where it waits for messages, so that the
 * answer means that it does.
 *
 * Must never be called by another thread or a signal handler: those may live
 * where the role hangs.
 */
#include "chan.h"

int
chan_pong(struct chan *c, struct msg *m, struct msg *out)
{
	uint32_t	 number;

	if (msg_get_number(m, &number, 1, UINT32_MAX) == -1)
		return (-1);
	msg_start(out, MSG_ROLE_PONG, m->m_seq);
	msg_put_u32(out, number);
	(void)chan_send(c, out, 0);
	return (0);
}
