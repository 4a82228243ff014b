/*
 * What is said of a denied call, or of an allowed one whose rule asks for it:
 * one line, in words or as JSON, the same from every role.  Pure: formats,
 * sends nothing.
 */
#ifndef DENIAL_H
#define DENIAL_H

#include <stddef.h>
#include <stdint.h>

#include "rule.h"

struct denial_report {
	const char	*dr_event;	/* NULL: "denied"; "killed", "stopped",
					   "aborted", "ended"; and of what was
					   done, "allowed", "warned" */
	uint32_t	 dr_pid;
	const uint8_t	*dr_comm;	/* its name, a final newline ignored */
	size_t		 dr_commlen;
	const char	*dr_call;	/* system call */
	uint32_t	 dr_rights;	/* R_*, those that were refused ... */
	const char	*dr_word;	/* ... or, if not a file's, in words */
	const char	*dr_path;	/* NULL: none */
	size_t		 dr_pathlen;
	const char	*dr_object;	/* what it was, if not a path, or NULL */
	const struct rule *dr_rule;	/* it decided, or NULL */
	const char	*dr_by;		/* what did, if no rule, or NULL */
	const char	*dr_check;	/* a check that failed, or NULL */
	const char	*dr_allow;	/* the cure, if not by dr_path */
	int		 dr_fixed;	/* 1: no rule would allow it */
};

/*
 * Write the line, printable ASCII and NUL-terminated, at most size bytes;
 * LOG_LINE_MAX is enough.  Bytes of the child's are escaped as vis(3) does;
 * what is too long ends in "...".  Returns the length.
 */
size_t	 denial_format(char *, size_t, int json, const struct denial_report *);
/* Is it about something that was not done? */
int	 denial_refused(const struct denial_report *);

#endif /* DENIAL_H */
