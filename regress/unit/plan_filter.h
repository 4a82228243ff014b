/*
 * The child's filter against a second table of what each call may do: it
 * must be notified when one of its rights is.
 */
#ifndef PLAN_FILTER_H
#define PLAN_FILTER_H

#include <linux/seccomp.h>

#include "plan_check.h"

/* The rights that an open with these flags needs, the kernel's way to see. */
static uint32_t
open_needs(uint64_t flags)
{
	uint32_t	 needs = R_WALK;

	if ((flags & O_TMPFILE) == O_TMPFILE)
		return (R_MKTEMP | R_WALK);
	if ((flags & O_ACCMODE) != O_WRONLY && !(flags & O_DIRECTORY))
		needs |= R_READ;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC))
		needs |= R_WRITE;
	if (flags & O_TRUNC)
		needs |= R_TRUNCATE;
	if (flags & O_CREAT)
		needs |= R_CREATE;
	/* EISDIR for the others: may_open(), fs/namei.c */
	else if ((flags & (O_ACCMODE | O_TRUNC)) == O_RDONLY)
		needs |= R_READDIR;
	return (needs);
}

/* The filter tells apart no more than these: what an open may be asked for. */
static uint32_t
open_class(uint64_t flags)
{
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return (R_WALK | R_MKTEMP);
	if (flags & O_CREAT)
		return (R_WALK | R_CREATE | R_WRITE | R_TRUNCATE | ((flags &
		    O_ACCMODE) == O_WRONLY ? 0 : R_READ | R_READDIR));
	if ((flags & O_ACCMODE) == O_WRONLY)
		return (R_WALK | R_WRITE | (flags & O_TRUNC ? R_TRUNCATE : 0));
	if ((flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY)
		return (R_WALK | R_READ | R_WRITE | R_TRUNCATE);
	return (R_WALK | R_READDIR | (flags & O_DIRECTORY ? 0 : R_READ));
}

static void
check_open(struct trial *tr, const struct sysent *se, unsigned arg)
{
	static const uint64_t	 bits[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC,
				    O_DIRECTORY, O_TMPFILE, O_CLOEXEC,
				    O_NOFOLLOW | O_NONBLOCK };
	const struct plan	*pl = &tr->t_plan;
	uint64_t		 args[6] = { 0 };
	uint32_t		 said, needs;
	unsigned		 set, i;
	int			 unasked;

	for (set = 0; set < 1 << 8; set++) {
		args[arg] = 0;
		for (i = 0; i < 8; i++)
			if (set & (1U << i))
				args[arg] |= bits[i];
		needs = open_needs(args[arg]);
		said = bpf_simulate(pl->pl_filter, pl->pl_filterlen, se->se_nr,
		    sysent_arch, args);
		/* Landlock asks for no right then */
		unasked = (args[arg] & O_ACCMODE) == O_ACCMODE;
		if ((unasked || (needs & pl->pl_notify)) && said != SECCOMP_RET_USER_NOTIF)
			found(tr, "a call that is not notified: flags",
			    se->se_name, needs & pl->pl_notify, T_ABSENT,
			    (int)args[arg], 0);
		else if (!unasked && !(open_class(args[arg]) & pl->pl_notify) &&
		    said != SECCOMP_RET_ALLOW)
			found(tr, "a call notified for nothing: flags",
			    se->se_name, needs, T_ABSENT, (int)args[arg], 1);
	}
}

/* What each call may do, without its flags. */
static const struct {
	const char	*call;
	uint32_t	 rights;
} call_rights[] = {
	{ "creat",	R_CREATE | R_WRITE | R_TRUNCATE },
	{ "truncate",	R_TRUNCATE },
	{ "mkdir",	R_MKDIR },
	{ "mkdirat",	R_MKDIR },
	{ "rmdir",	R_RMDIR },
	{ "unlink",	R_DELETE },
	{ "unlinkat",	R_DELETE | R_RMDIR },
	{ "symlink",	R_SYMLINK },
	{ "symlinkat",	R_SYMLINK },
	{ "link",	R_LINK },
	{ "linkat",	R_LINK | R_CREATE },	/* of an O_TMPFILE */
	{ "mknod",	R_CREATE | R_MKFIFO | R_MKSOCK | R_MKCDEV | R_MKBDEV },
	{ "mknodat",	R_CREATE | R_MKFIFO | R_MKSOCK | R_MKCDEV | R_MKBDEV },
	{ "rename",	M_NAMES & ~R_LINK },
	{ "renameat",	M_NAMES & ~R_LINK },
	{ "renameat2",	M_NAMES & ~R_LINK },
	{ "chmod",	R_CHMOD },
	{ "fchmod",	R_CHMOD },
	{ "fchmodat",	R_CHMOD },
	{ "fchmodat2",	R_CHMOD },
	{ "chown",	R_CHOWN | R_CHGRP },
	{ "lchown",	R_CHOWN | R_CHGRP },
	{ "fchown",	R_CHOWN | R_CHGRP },
	{ "fchownat",	R_CHOWN | R_CHGRP },
	{ "utime",	R_UTIME },
	{ "utimes",	R_UTIME },
	{ "futimesat",	R_UTIME },
	{ "utimensat",	R_UTIME },
	{ "setxattr",	R_XATTR },
	{ "lsetxattr",	R_XATTR },
	{ "fsetxattr",	R_XATTR },
	{ "setxattrat",	R_XATTR },
	{ "removexattr", R_XATTR },
	{ "lremovexattr", R_XATTR },
	{ "fremovexattr", R_XATTR },
	{ "removexattrat", R_XATTR },
	{ "file_setattr", R_XATTR },
	{ "stat",	R_STAT },
	{ "lstat",	R_STAT },
	{ "fstat",	R_STAT },
	{ "newfstatat",	R_STAT },
	{ "statx",	R_STAT },
	{ "access",	R_STAT },
	{ "faccessat",	R_STAT },
	{ "faccessat2",	R_STAT },
	{ "readlink",	R_STAT },
	{ "readlinkat",	R_STAT },
	{ "statfs",	R_STAT },
	{ "getxattr",	R_STAT },
	{ "lgetxattr",	R_STAT },
	{ "listxattr",	R_STAT },
	{ "llistxattr",	R_STAT },
	{ "getxattrat",	R_STAT },
	{ "listxattrat", R_STAT },
	{ "file_getattr", R_STAT },
	{ "name_to_handle_at", R_STAT },
	{ "inotify_add_watch", R_STAT },
	{ "chdir",	R_CHDIR },
	{ "fchdir",	R_CHDIR },
	{ "getdents",	R_HIDING },
	{ "getdents64",	R_HIDING },
	{ "ftruncate",	R_APPENDING },
	{ "fallocate",	R_APPENDING },
	{ "io_submit",	R_APPENDING },
};
#define NCALLS	(sizeof(call_rights) / sizeof(call_rights[0]))

static void
check_call(struct trial *tr, const struct sysent *se)
{
	static const uint64_t	 none[6];
	const struct plan	*pl = &tr->t_plan;
	uint32_t		 said, want, walk;
	size_t			 i;

	for (i = 0; i < NCALLS; i++)
		if (strcmp(call_rights[i].call, se->se_name) == 0)
			break;
	if (i == NCALLS) {
		found(tr, "nobody said what this call may do", se->se_name, 0,
		    T_ABSENT, 0, 0);
		return;
	}
	/* whatever names a path walks it */
	walk = call_rights[i].rights & (R_HIDING | R_APPENDING) ? 0 : R_WALK;
	want = (call_rights[i].rights | walk) & pl->pl_notify ? SECCOMP_RET_USER_NOTIF :
	    SECCOMP_RET_ALLOW;
	said = bpf_simulate(pl->pl_filter, pl->pl_filterlen, se->se_nr,
	    sysent_arch, none);
	if (said != want)
		found(tr, "the filter does not what the call may do asks for",
		    se->se_name, call_rights[i].rights & pl->pl_notify,
		    T_ABSENT, (int)want, (int)said);
}

static void
check_filter(struct trial *tr)
{
	const struct sysent	*se;
	size_t			 i;

	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		if (se->se_disp != SYS_FILES)
			continue;
		if (strcmp(se->se_name, "open") == 0)
			check_open(tr, se, 1);
		else if (strcmp(se->se_name, "openat") == 0)
			check_open(tr, se, 2);
		else
			check_call(tr, se);
	}
}

#endif /* PLAN_FILTER_H */
