/*
 * Log lines, the same calls in every role.  A line goes to the sink given to
 * log_init(), or to standard error as "privsep-sandbox: NAME: text" when there
 * is none.  Must never: allocate, open a file, print an unescaped control
 * character, or know about messages (log_role.c does).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../proto/proto.h"
#include "log.h"

static const char	*log_name = "monitor";
static void		(*log_sink)(enum log_level, const char *);
static int		 log_verbose;

static void	 log_stderr(const char *);
static void	 log_line(enum log_level, int, const char *, va_list)
		    __attribute__((__format__(printf, 3, 0)));
static void	 log_exit(void) __attribute__((__noreturn__));

void
log_init(const char *name, void (*sink)(enum log_level, const char *))
{
	log_name = name;
	log_sink = sink;
}

void
log_setverbose(int verbose)
{
	log_verbose = verbose;
}

void
log_warn(const char *fmt, ...)
{
	int	 error = errno;
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_L_WARN, error, fmt, ap);
	va_end(ap);
	errno = error;
}

void
log_warnx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_L_WARN, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_L_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list	 ap;

	if (!log_verbose)
		return;
	va_start(ap, fmt);
	log_line(LOG_L_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	int	 error = errno;
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_L_FATAL, error, fmt, ap);
	va_end(ap);
	log_exit();
}

void
fatalx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_L_FATAL, 0, fmt, ap);
	va_end(ap);
	log_exit();
}

/*
 * A role has no stdio to flush, may be one thread of several, and its filter
 * may refuse what the atexit(3) handlers want: it leaves at once.
 */
static void
log_exit(void)
{
	if (log_sink != NULL)
		_exit(EXIT_SANDBOX);
	exit(EXIT_SANDBOX);
}

/* One line, with ": strerror" when error is not 0; too long is cut. */
static void
log_line(enum log_level level, int error, const char *fmt, va_list ap)
{
	char	 line[LOG_LINE_MAX];
	int	 n;

	/* its callers' va_start() is not seen.  NOLINTNEXTLINE(*-valist.*) */
	if ((n = vsnprintf(line, sizeof(line), fmt, ap)) < 0)
		n = snprintf(line, sizeof(line), "cannot format \"%s\"", fmt);
	if (error != 0 && n >= 0 && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, ": %s",
		    strerror(error));
	if (log_sink != NULL)
		log_sink(level, line);
	else
		log_stderr(line);
}

/*
 * In one write(2), so that lines of several processes do not mix.  Whatever is
 * not printable ASCII could be an instruction to the terminal.
 */
static void
log_stderr(const char *line)
{
	char	 out[LOG_LINE_MAX + 64];
	size_t	 i, len;
	int	 n;

	n = snprintf(out, sizeof(out), "privsep-sandbox: %s: %s", log_name,
	    line);
	if (n < 0)
		return;
	len = (size_t)n < sizeof(out) ? (size_t)n : sizeof(out) - 1;
	for (i = 0; i < len; i++) {
		if (out[i] < 0x20 || out[i] > 0x7e)
			out[i] = '?';
	}
	out[len++] = '\n';
	if (write(STDERR_FILENO, out, len) == -1)
		return;		/* nowhere left to complain */
}
