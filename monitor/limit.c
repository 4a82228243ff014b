/*
 * Denial lines: rate limit and output.  See limit.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/log.h"
#include "../proto/proto.h"
#include "limit.h"

struct counter {
	time_t		 c_since;	/* start of the window */
	uint32_t	 c_lines;	/* written in it */
	uint32_t	 c_left;	/* left out since the last report */
};

static struct counter	*counters;
static size_t		 ncounters;

static unsigned		 lost;		/* lines that could not be written */

static void	 limit_report(struct counter *, int, int);
static void	 line_lost(int, int);

void
limit_init(size_t count)
{
	ncounters = count + 1 + ROLE_COUNT;
	if ((counters = calloc(ncounters, sizeof(*counters))) == NULL)
		fatal("%s", __func__);
}

int
limit_pass(uint32_t rule, int fd, int json)
{
	struct counter	*c;
	struct timespec	 now;

	/* The roles', then the last: for "no rule", and for nonsense. */
	if (rule >= LIMIT_ROLE && rule < LIMIT_ROLE + ROLE_COUNT)
		rule = (uint32_t)(ncounters - 1 - ROLE_COUNT) +
		    (rule - LIMIT_ROLE);
	else if (rule >= ncounters - 1 - ROLE_COUNT)
		rule = (uint32_t)(ncounters - 1);
	c = &counters[rule];
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - c->c_since >= LIMIT_SEC) {
		limit_report(c, fd, json);
		c->c_since = now.tv_sec;
		c->c_lines = 0;
	}
	if (c->c_lines >= LIMIT_BURST) {
		c->c_left++;
		return (0);
	}
	c->c_lines++;
	return (1);
}

void
limit_flush(int fd, int json)
{
	size_t	 i;

	for (i = 0; i < ncounters; i++)
		limit_report(&counters[i], fd, json);
	if (lost > 0)
		log_warnx("the log lacks %u lines", lost);
}

static void
limit_report(struct counter *c, int fd, int json)
{
	if (c->c_left == 0)
		return;
	dprintf(fd, json ? "{\"event\":\"suppressed\",\"count\":%u}\n" :
	    "privsep-sandbox: denied: %u more like these\n", c->c_left);
	c->c_left = 0;
}

void
line_write(int fd, const char *name, const uint8_t *line, size_t len)
{
	static char	 buf[LOG_LINE_MAX + 64];
	size_t		 i, pos = 0;
	int		 n = 0;

	if (name != NULL)
		n = snprintf(buf, 64, "privsep-sandbox: %s: ", name);
	if (n > 0)
		pos = (size_t)n;
	for (i = 0; i < len && pos < sizeof(buf) - 1; i++)
		buf[pos++] = line[i] >= 0x20 && line[i] < 0x7f ?
		    (char)line[i] : '?';
	buf[pos++] = '\n';
	for (i = 0; i < pos; i += (size_t)n) {
		if ((n = (int)write(fd, buf + i, pos - i)) > 0)
			continue;
		if (n == -1 && errno == EINTR) {
			n = 0;
			continue;
		}
		line_lost(fd, errno);
		return;
	}
}

/* A full disk: said once, and counted.  Of our own line nobody is told. */
static void
line_lost(int fd, int error)
{
	if (fd == STDERR_FILENO || lost++ > 0)
		return;
	log_warnx("the log takes no more, denials go on: %s",
	    strerror(error));
}
