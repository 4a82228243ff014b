/*
 * passwd(5), read directly: system users and the user's own home directory
 * are there, and asking the name service would load its modules.
 */
#ifndef PASSWD_H
#define PASSWD_H

#include <sys/types.h>
#include <limits.h>

struct passwd_entry {
	uid_t	 pe_uid;
	gid_t	 pe_gid;
	char	 pe_home[PATH_MAX];
};

/* By name, or by uid when name is NULL.  0, or -1: there is none. */
int	 passwd_find(const char *name, uid_t, struct passwd_entry *);

/* The number of a group of group(5).  0, or -1: there is none. */
int	 group_find(const char *name, gid_t *);

#endif /* PASSWD_H */
