/*
 * What the monitor says to a role before it starts: one loop for all roles.
 *
 * Must never return from anything that is wrong: a role that was told half of
 * what it needs does not start.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "chan.h"

void
chan_setup(struct chan *c, struct msg *m, void (*said)(void *), void *arg)
{
	const char	*why = NULL;
	uint32_t	 version;

	for (;;) {
		switch (chan_recv(c, m, 0, &why)) {
		case 1:
			break;
		case 0:
			_exit(EXIT_SANDBOX);	/* the monitor has ended */
		default:
			if (errno == EINTR)
				continue;
			fatalx("set-up: %s: %s", msg_name(m->m_type),
			    why != NULL ? why : strerror(errno));
		}
		if (m->m_type == MSG_MONITOR_START)
			break;
		said(arg);
		msg_close_fds(m);
	}
	if (msg_get_number(m, &version, PROTO_VERSION, PROTO_VERSION) == -1)
		fatalx("%s: malformed", msg_name(m->m_type));
}
