/*
 * The monitor, taken over when a line of the log names the trigger: confined
 * by then, with the command at work.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../proto/chan.h"
#include "drill.h"

int	 __real_chan_recv(struct chan *, struct msg *, int, const char **);
int	 __wrap_chan_recv(struct chan *, struct msg *, int, const char **);

static void	 map_page(void) __attribute__((__constructor__));
static void	 quiet(void);

static const char *const whos[WHO_COUNT] = {
	"the monitor", "the receiver", "the policy process", "the lane worker",
	"the integrity worker", "the command", "an outsider"
};

/* It does not begin as the roles do; they have no environment. */
static void
map_page(void)
{
	const char	*name = getenv("DRILL_PAGE");
	int		 fd;

	if (name == NULL || (fd = open(name, O_RDWR | O_CLOEXEC)) == -1)
		return;
	drill = mmap(NULL, sizeof(*drill), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (drill == MAP_FAILED)
		_exit(97);
	close(fd);
}

int
__wrap_chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	int	 n = __real_chan_recv(c, m, flags, why);

	if (n != 1 || c->ch_kind != CHAN_LOG || memmem(m->m_buf, m->m_len,
	    DRILL_TRIGGER, strlen(DRILL_TRIGGER)) == NULL ||
	    !drill_begin(ROLE_MONITOR))
		return (n);
	drill_any(c, m);
	if (drill->d_kind == D_QUIET)
		quiet();
	return (n);
}

/* What its table has; the wall leaves it where the per-run directory goes. */
static void
quiet(void)
{
	char	 text[512], name[NAME_MAX_];
	size_t	 i;

	(void)snprintf(text, sizeof(text), "%s/empty", drill->d_beyond);
	drill_result(DRILL_EMPTY, rmdir(text));
	for (i = 0; i < WHO_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "signal %s", whos[i]);
		drill_result(name, kill(drill->d_pids[i], 0));
	}
	drill_done();
}
