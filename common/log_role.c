/*
 * Log lines of a role, sent to the monitor.  Must never write anywhere but
 * FD_LOG, nor wait for an answer.
 */
#include <errno.h>
#include <string.h>

#include "../proto/chan.h"
#include "../proto/wire.h"
#include "log.h"
#include "log_role.h"

static struct chan	 log_chan;

static void	 log_send(enum log_level, const char *);

void
log_to_parent(const char *name)
{
	enum role	 role;

	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++) {
		if (strcmp(role_name(role), name) == 0)
			break;
	}
	if (role == ROLE_COUNT)
		fatalx("%s: no role is called %s", __func__, name);
	chan_init(&log_chan, FD_LOG, role, ROLE_MONITOR, CHAN_LOG);
	log_init(name, log_send);
}

/*
 * On the stack: threads of the receiver log at the same time.  Blocks when the
 * monitor is behind; a line is lost only when the monitor is gone.
 */
static void
log_send(enum log_level level, const char *line)
{
	struct msg	 m;

	msg_start(&m, MSG_ROLE_LOG, 0);
	msg_put_log(&m, (uint8_t)level, line);
	while (chan_send(&log_chan, &m, 0) == -1 && errno == EINTR)
		;
}
