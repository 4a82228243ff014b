/*
 * Landlock as of ABI 7, for build machines with older headers.  Values from
 * include/uapi/linux/landlock.h of Linux 6.18.
 */
#ifndef LANDLOCK_ABI_H
#define LANDLOCK_ABI_H

#include <stdint.h>

#define LL_FS_EXECUTE		(1ULL << 0)
#define LL_FS_WRITE_FILE	(1ULL << 1)
#define LL_FS_READ_FILE		(1ULL << 2)
#define LL_FS_READ_DIR		(1ULL << 3)
#define LL_FS_REMOVE_DIR	(1ULL << 4)
#define LL_FS_REMOVE_FILE	(1ULL << 5)
#define LL_FS_MAKE_CHAR		(1ULL << 6)
#define LL_FS_MAKE_DIR		(1ULL << 7)
#define LL_FS_MAKE_REG		(1ULL << 8)
#define LL_FS_MAKE_SOCK		(1ULL << 9)
#define LL_FS_MAKE_FIFO		(1ULL << 10)
#define LL_FS_MAKE_BLOCK	(1ULL << 11)
#define LL_FS_MAKE_SYM		(1ULL << 12)
#define LL_FS_REFER		(1ULL << 13)	/* ABI 2 */
#define LL_FS_TRUNCATE		(1ULL << 14)	/* ABI 3 */
#define LL_FS_IOCTL_DEV		(1ULL << 15)	/* ABI 5 */
#define LL_FS_ALL		((1ULL << 16) - 1)
#define LL_FS_FILE		(LL_FS_EXECUTE | LL_FS_WRITE_FILE | \
				    LL_FS_READ_FILE | LL_FS_TRUNCATE | \
				    LL_FS_IOCTL_DEV)	/* good on a file */
#define LL_FS_NAMES		(LL_FS_ALL & ~(LL_FS_FILE | LL_FS_READ_DIR))
					/* asked of the parent directory */
#define LL_NET_BIND_TCP		(1ULL << 0)	/* ABI 4 */
#define LL_NET_CONNECT_TCP	(1ULL << 1)
#define LL_SCOPE_ABSTRACT_UNIX	(1ULL << 0)	/* ABI 6 */
#define LL_SCOPE_SIGNAL		(1ULL << 1)
#define LL_RULE_PATH_BENEATH	1
#define LL_RULE_NET_PORT	2

struct ll_ruleset_attr {
	uint64_t	handled_access_fs;
	uint64_t	handled_access_net;	/* ABI 4 */
	uint64_t	scoped;			/* ABI 6 */
};
struct ll_path_beneath_attr {
	uint64_t	allowed_access;
	int32_t		parent_fd;
} __attribute__((__packed__));
struct ll_net_port_attr {
	uint64_t	allowed_access;
	uint64_t	port;		/* host order; 0: an ephemeral one */
};

/* ABI of the running kernel, or 0 when there is no Landlock. */
int	 ll_abi(void);
/* Handled file rights of an ABI. */
uint64_t ll_fs_handled(int);
/*
 * An empty ruleset that handles every right the kernel knows, clamped to its
 * ABI; scoped as given, clamped too.  A descriptor, or -1 with errno.
 */
int	 ll_ruleset(uint64_t scoped);
/* The same, but only the network rights of net are handled (denied). */
int	 ll_ruleset_net(uint64_t net, uint64_t scoped);
/* Allow access (clamped) beneath the object of an O_PATH fd.  0 or -1. */
int	 ll_allow(int ruleset, int fd, uint64_t access);
/* Allow these network rights (clamped) on a port.  0 or -1. */
int	 ll_allow_port(int ruleset, uint16_t port, uint64_t net);
/* Enter the ruleset, for this thread and its children.  0 or -1. */
int	 ll_enter(int ruleset);
/*
 * A ruleset that handles nothing but these scopes, from ABI 6 on: whoever is
 * in it may reach whoever else is.  A descriptor, or -1 with errno.
 */
int	 ll_ruleset_scope(uint64_t scoped);

#endif /* LANDLOCK_ABI_H */
