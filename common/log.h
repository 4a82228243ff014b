/*
 * Logging, the same in every role.  In the monitor it writes to stderr; in a
 * role it becomes MSG_ROLE_LOG on the log channel.  Names of the OpenBSD
 * daemons' log.c.
 */
#ifndef LOG_H
#define LOG_H

#include <sys/cdefs.h>
#include <stdarg.h>

enum log_level { LOG_L_DEBUG, LOG_L_INFO, LOG_L_WARN, LOG_L_FATAL };

/* name is put before every line: "monitor", "receiver", ... */
void	 log_init(const char *, void (*)(enum log_level, const char *));
void	 log_setverbose(int);
void	 log_warn(const char *, ...)		/* with strerror(errno) */
	    __attribute__((__format__(printf, 1, 2)));
void	 log_warnx(const char *, ...)
	    __attribute__((__format__(printf, 1, 2)));
void	 log_info(const char *, ...)
	    __attribute__((__format__(printf, 1, 2)));
void	 log_debug(const char *, ...)
	    __attribute__((__format__(printf, 1, 2)));
/* Our bug or our resources: say so and exit with EXIT_SANDBOX. */
void	 fatal(const char *, ...)
	    __attribute__((__noreturn__, __format__(printf, 1, 2)));
void	 fatalx(const char *, ...)
	    __attribute__((__noreturn__, __format__(printf, 1, 2)));

/* Exit statuses, as env(1), timeout(1) and docker(1). */
#define EXIT_SANDBOX	125
#define EXIT_NOEXEC	126
#define EXIT_NOTFOUND	127

#endif /* LOG_H */
