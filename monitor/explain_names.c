/*
 * Words for the numbers of a plan, for -n as text and as JSON.  Tables and
 * formatting only: this file must never decide or look anything up outside of
 * its arguments.
 */
#include <linux/seccomp.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
/* which of two strnvis(3), though none is used here */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "../common/landlock_abi.h"
#include "explain.h"

#define VIS_FLAGS	(VIS_OCTAL | VIS_CSTYLE | VIS_TAB | VIS_NL | VIS_DQ | \
			    VIS_NOLOCALE)

/* By bit, rights.h; "read" and the like are groups. */
static const char *const right_names[RIGHTS_COUNT] = {
	"readfile", "writefile", "exec", "mkfile", "unlink", "rename", "link",
	"symlink", "truncate", "mkdir", "rmdir", "readdir", "stat", "walk",
	"chdir", "chown", "chgrp", "chmod", "xattr", "utime", "mkfifo",
	"mksock", "mkcdev", "mkbdev", "mktemp", "chroot", "ioctl", "library",
	"wx"
};

/* By bit, linux/landlock.h. */
static const char *const landlock_names[] = {
	"execute", "write_file", "read_file", "read_dir", "remove_dir",
	"remove_file", "make_char", "make_dir", "make_reg", "make_sock",
	"make_fifo", "make_block", "make_sym", "refer", "truncate",
	"ioctl_dev"
};
#define NLANDLOCK	(sizeof(landlock_names) / sizeof(landlock_names[0]))

static const char *const handler_names[SYSH_COUNT] = {
	[SYSH_NONE]	= "none",
	[SYSH_OPEN]	= "open",
	[SYSH_EXEC]	= "exec",
	[SYSH_MKDIR]	= "mkdir",
	[SYSH_MKNOD]	= "mknod",
	[SYSH_UNLINK]	= "unlink",
	[SYSH_RENAME]	= "rename",
	[SYSH_LINK]	= "link",
	[SYSH_SYMLINK]	= "symlink",
	[SYSH_TRUNCATE]	= "truncate",
	[SYSH_CHMOD]	= "chmod",
	[SYSH_CHOWN]	= "chown",
	[SYSH_UTIME]	= "utime",
	[SYSH_XATTR]	= "xattr",
	[SYSH_SOCKET]	= "socket",
	[SYSH_ADDRESS]	= "address",
	[SYSH_CHROOT]	= "chroot",
	[SYSH_PTY]	= "pty",
	[SYSH_MEMORY]	= "memory",
	[SYSH_CONNECT]	= "connect",
	[SYSH_BIND]	= "bind",
	[SYSH_LISTEN]	= "listen",
	[SYSH_ACCEPT]	= "accept",
	[SYSH_SENDTO]	= "sendto",
	[SYSH_SENDMSG]	= "sendmsg",
	[SYSH_SENDMMSG]	= "sendmmsg"
};

static const char *const effect_names[EFFECT_COUNT] = {
	[EFFECT_NONE]	= "none",
	[EFFECT_WARN]	= "warn",
	[EFFECT_KILL]	= "kill",
	[EFFECT_STOP]	= "stop",
	[EFFECT_ABORT]	= "abort",
	[EFFECT_EXIT]	= "exit"
};

static const struct {
	uint32_t	 action;
	const char	*name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS,	"KILL_PROCESS" },
	{ SECCOMP_RET_KILL_THREAD,	"KILL_THREAD" },
	{ SECCOMP_RET_TRAP,		"TRAP" },
	{ SECCOMP_RET_ERRNO,		"ERRNO" },
	{ SECCOMP_RET_USER_NOTIF,	"USER_NOTIF" },
	{ SECCOMP_RET_TRACE,		"TRACE" },
	{ SECCOMP_RET_LOG,		"LOG" },
	{ SECCOMP_RET_ALLOW,		"ALLOW" }
};
#define NACTIONS	(sizeof(actions) / sizeof(actions[0]))

const char *
name_right(unsigned bit)
{
	return (bit < RIGHTS_COUNT ? right_names[bit] : "unknown");
}

const char *
name_tier(unsigned tier)
{
	switch (tier) {
	case TIER_KERNEL:
		return ("kernel");
	case TIER_WATCH:
		return ("watch");
	case TIER_BROKER:
		return ("broker");
	}
	return ("nobody");
}

const char *
name_landlock(unsigned bit)
{
	return (bit < NLANDLOCK ? landlock_names[bit] : "unknown");
}

const char *
name_handler(unsigned handler)
{
	return (handler < SYSH_COUNT && handler_names[handler] != NULL ?
	    handler_names[handler] : "unknown");
}

const char *
name_effect(unsigned effect)
{
	return (effect < EFFECT_COUNT ? effect_names[effect] : "unknown");
}

const char *
name_errno(unsigned number)
{
	const char	*name = strerrorname_np((int)number);

	return (number == 0 ? "0" : name != NULL ? name : "unknown");
}

void
name_action(uint32_t action, char *buf, size_t size)
{
	const char	*name = "unknown";
	uint32_t	 data = action & SECCOMP_RET_DATA;
	size_t		 i;

	action &= SECCOMP_RET_ACTION_FULL;
	for (i = 0; i < NACTIONS; i++)
		if (actions[i].action == action)
			name = actions[i].name;
	if (action == SECCOMP_RET_ERRNO)
		(void)snprintf(buf, size, "%s(%s)", name, name_errno(data));
	else
		(void)strlcpy(buf, name, size);
}

static void
name_list(const char *(*name)(unsigned), uint64_t bits, char *buf, size_t size)
{
	unsigned	 i;

	(void)strlcpy(buf, bits == 0 ? "none" : "", size);
	for (i = 0; i < 64; i++) {
		if ((bits & (1ULL << i)) == 0)
			continue;
		if (buf[0] != '\0')
			(void)strlcat(buf, ", ", size);
		(void)strlcat(buf, name(i), size);
	}
}

void
name_rights(uint32_t rights, char *buf, size_t size)
{
	name_list(name_right, rights, buf, size);
}

void
name_access(uint64_t access, char *buf, size_t size)
{
	name_list(name_landlock, access, buf, size);
}

void
name_predicate(const struct sysarg *sa, char *buf, size_t size)
{
	uint64_t	 full = sa->sa_wide ? UINT64_MAX : UINT32_MAX;
	uint64_t	 mask = sa->sa_mask & full;
	char		 arg[64];

	if (sa->sa_op == SYSOP_ANYSET || mask != full)
		(void)snprintf(arg, sizeof(arg), "args[%u] & %#llx",
		    sa->sa_arg, (unsigned long long)mask);
	else
		(void)snprintf(arg, sizeof(arg), "args[%u]", sa->sa_arg);
	if (mask == 0 && sa->sa_op == SYSOP_EQ)
		(void)strlcpy(buf, "else", size);
	else if (sa->sa_op == SYSOP_ANYSET)
		(void)snprintf(buf, size, "%s != 0", arg);
	else
		(void)snprintf(buf, size, "%s %s %#llx", arg,
		    sa->sa_op == SYSOP_EQ ? "==" : "!=",
		    (unsigned long long)(sa->sa_value & mask));
}

void
name_verdict(const struct plan *pl, const struct sysarg *sa, char *buf,
    size_t size)
{
	char	 rights[NAME_TEXT_MAX];

	switch (sa->sa_disp) {
	case SYS_ALLOW:
		(void)strlcpy(buf, "the kernel", size);
		break;
	case SYS_REFUSE:
		(void)snprintf(buf, size, "ERRNO(%s)",
		    name_errno(sa->sa_errno));
		break;
	case SYS_FILES:
		name_rights(sa->sa_rights, rights, sizeof(rights));
		(void)snprintf(buf, size, "%s (%s)",
		    (sa->sa_rights & pl->pl_notify) != 0 ? "notified" :
		    "the kernel", rights);
		break;
	default:
		(void)strlcpy(buf, "notified", size);
	}
}

int
name_counts(const struct plan *pl, const struct sysarg *sa)
{
	return (plan_counts(pl, sa));
}

void
name_bytes(const char *bytes, char *buf, size_t size)
{
	char	 one[8];
	size_t	 n = 0, len;

	for (; *bytes != '\0'; bytes++) {
		(void)svis(one, (unsigned char)*bytes, VIS_FLAGS, bytes[1],
		    "");
		len = strlen(one);
		if (n + len + 1 > size)
			break;
		memcpy(buf + n, one, len);
		n += len;
	}
	buf[n] = '\0';
}
