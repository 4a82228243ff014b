/*
 * The command's environment: the caller's without what changes which code
 * runs and without secrets.  privsep-sandbox(1), ENVIRONMENT, lists the table.
 */
#ifndef ENV_H
#define ENV_H

#include <stddef.h>

/* A longer name is removed: nobody has a use for it. */
#define ENV_NAME_MAX	256

/* One row of what is removed. */
struct env_row {
	const char	*er_pattern;	/* fnmatch(3) over the whole name */
	int		 er_fold;	/* upper and lower case alike */
	const char	*er_why;
};
extern const struct env_row env_table[];
extern const size_t env_table_count;

/*
 * The entries of envp that may be passed on, NULL at the end: a new array of
 * the same strings, in the same order.  The nkeep names in keep stay whatever
 * the table says; a star at the end of one stands for anything.  NULL with
 * errno ENOMEM.
 */
char	**env_clean(char **envp, char *const *keep, size_t nkeep);
/* Why an entry "NAME=value" is removed, or NULL when it is not. */
const char *env_reason(const char *entry);

#endif /* ENV_H */
