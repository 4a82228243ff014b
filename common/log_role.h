/*
 * A role's log lines as messages.  Apart from log.h so that log.c needs
 * nothing of proto but a limit.
 */
#ifndef LOG_ROLE_H
#define LOG_ROLE_H

/*
 * From now on log_*() and fatal*() of this process become MSG_ROLE_LOG on
 * FD_LOG.  The name is a role's: "receiver", "policy", "lane", "integrity".
 */
void	 log_to_parent(const char *);

#endif /* LOG_ROLE_H */
