/*
 * The wall: the union of everything the rules may ever allow, as Landlock
 * rulesets.  Denials do not narrow it; that is the work of the child's own
 * domain (compile_grant.c) and of the broker.  Whatever the broker does or is
 * made to do, it stays inside, and where the child's domain holds a right
 * exactly the broker has it there and nowhere else.  Must never allow what
 * no rule allows, save where Landlock has no finer right (wall_places()).
 *
 * Needs measured on Linux 6.18: execve wants EXECUTE and READ_FILE on the
 * file; O_TMPFILE wants WRITE_FILE on the directory and nothing else; making,
 * removing and renaming are asked of the parent directory; rename and link
 * within a directory do not want REFER.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "compile.h"

/* Names that come into being. */
#define LL_MAKES	(LL_FS_NAMES & ~(LL_FS_REMOVE_DIR | LL_FS_REMOVE_FILE | \
			    LL_FS_REFER))

#define TERMINALS	"/dev/pts"

/* The receiver reads these of its child: /proc/PID/mem, exe, cwd, status. */
#define LL_RECEIVER	(LL_FS_READ_FILE | LL_FS_READ_DIR)

/*
 * Our rights and Landlock's.  Not seen by Landlock at all: stat, walk,
 * chdir, chroot, chown, chgrp, chmod, xattr, utime.
 */
static const struct {
	uint32_t	 right;
	uint64_t	 access;
} wall_rights[] = {
	{ R_READ,	LL_FS_READ_FILE },
	{ R_READDIR,	LL_FS_READ_DIR },
	{ R_WRITE,	LL_FS_WRITE_FILE },
	/* the file has no name to have rights by: all that an open gives */
	{ R_MKTEMP,	LL_FS_WRITE_FILE | LL_FS_READ_FILE |
			    LL_FS_TRUNCATE },
	{ R_TRUNCATE,	LL_FS_TRUNCATE },
	{ R_EXEC,	LL_FS_EXECUTE | LL_FS_READ_FILE },
	{ R_CREATE,	LL_FS_MAKE_REG },
	{ R_MKDIR,	LL_FS_MAKE_DIR },
	{ R_MKFIFO,	LL_FS_MAKE_FIFO },
	{ R_MKSOCK,	LL_FS_MAKE_SOCK },
	{ R_MKCDEV,	LL_FS_MAKE_CHAR },
	{ R_MKBDEV,	LL_FS_MAKE_BLOCK },
	{ R_SYMLINK,	LL_FS_MAKE_SYM },
	{ R_LINK,	LL_FS_MAKE_REG | LL_FS_REFER },
	{ R_DELETE,	LL_FS_REMOVE_FILE },
	{ R_RMDIR,	LL_FS_REMOVE_DIR },
	{ R_RENAME,	LL_FS_REMOVE_FILE | LL_FS_REMOVE_DIR | LL_FS_REFER },
	{ R_IOCTL,	LL_FS_IOCTL_DEV },
};
#define NRIGHTS	(sizeof(wall_rights) / sizeof(wall_rights[0]))

/* What each right of Landlock makes possible by itself. */
static const struct {
	uint64_t	 access;
	uint32_t	 rights;
} wall_effects[] = {
	{ LL_FS_READ_FILE,	R_READ },
	{ LL_FS_READ_DIR,	R_READDIR },
	{ LL_FS_WRITE_FILE,	R_WRITE | R_MKTEMP },
	{ LL_FS_TRUNCATE,	R_TRUNCATE },
	{ LL_FS_EXECUTE,	R_EXEC },
	{ LL_FS_MAKE_REG,	R_CREATE | R_LINK },
	{ LL_FS_MAKE_DIR,	R_MKDIR },
	/* link(2) asks for the right to make what the file is */
	{ LL_FS_MAKE_FIFO,	R_MKFIFO | R_LINK },
	{ LL_FS_MAKE_SOCK,	R_MKSOCK | R_LINK },
	{ LL_FS_MAKE_CHAR,	R_MKCDEV | R_LINK },
	{ LL_FS_MAKE_BLOCK,	R_MKBDEV | R_LINK },
	{ LL_FS_MAKE_SYM,	R_SYMLINK | R_LINK },
	/* Another rule may allow the making that a rename also wants. */
	{ LL_FS_REMOVE_FILE,	R_DELETE | R_RENAME },
	{ LL_FS_REMOVE_DIR,	R_RMDIR | R_RENAME },
	{ LL_FS_IOCTL_DEV,	R_IOCTL },
};
#define NEFFECTS	(sizeof(wall_effects) / sizeof(wall_effects[0]))

/* By ABI, oldest first. */
static const struct {
	int		 abi;
	const char	*lacks;
} wall_needs[] = {
	{ 1, "CONFIG_SECURITY_LANDLOCK, or \"landlock\" in the lsm= boot "
	    "option (Linux 5.13): the wall" },
	{ 2, "Landlock ABI 2 (Linux 5.19): rename and link across "
	    "directories" },
	{ 3, "Landlock ABI 3 (Linux 6.2): truncate" },
	{ 4, "Landlock ABI 4 (Linux 6.7): TCP ports" },
	{ 5, "Landlock ABI 5 (Linux 6.10): ioctl on devices" },
	{ 6, "Landlock ABI 6 (Linux 6.12): keeping signals and abstract "
	    "sockets inside" },
};
#define NNEEDS	(sizeof(wall_needs) / sizeof(wall_needs[0]))

uint64_t
wall_access(uint32_t rights)
{
	uint64_t	 access = 0;
	size_t		 i;

	for (i = 0; i < NRIGHTS; i++)
		if (rights & wall_rights[i].right)
			access |= wall_rights[i].access;
	return (access);
}

uint32_t
wall_grants(uint64_t access)
{
	uint32_t	 rights = 0;
	size_t		 i;

	for (i = 0; i < NEFFECTS; i++)
		if (access & wall_effects[i].access)
			rights |= wall_effects[i].rights;
	return (rights);
}

const char *
wall_lacks(int abi)
{
	size_t	 i;

	for (i = 0; i < NNEEDS; i++)
		if (abi < wall_needs[i].abi)
			return (wall_needs[i].lacks);
	return ("");
}

/* The directory that holds path's name: "/a/b" to "/a". */
static void
wall_parent(const char *path, char *parent, size_t size)
{
	char	*slash;

	(void)strlcpy(parent, path, size);
	if ((slash = strrchr(parent, '/')) == parent)
		slash++;
	*slash = '\0';
}

/*
 * For a name the parent has to be opened, and everything else in it with it:
 * Landlock has no right on a name.  Where the object is not there yet and may
 * be made, its parent gets what it would need: the broker narrows that.
 * `under' speaks of what is below and does not open the parent of a directory.
 */
void
wall_places(const struct rule *r, struct wallplace w[2])
{
	enum path_kind	 kind;
	uint64_t	 access = wall_access(r->r_rights);
	size_t		 n = sizeof(w[0].wp_path);

	w[0].wp_path[0] = w[1].wp_path[0] = '\0';
	w[0].wp_access = w[1].wp_access = 0;
	if (r->r_match == MATCH_GLOB) {
		(void)strlcpy(w[0].wp_path, r->r_path, n);
		w[0].wp_path[glob_prefix(r->r_path)] = '\0';
		w[0].wp_access = access;
		return;
	}
	(void)strlcpy(w[0].wp_path, r->r_path, n);
	wall_parent(r->r_path, w[1].wp_path, n);
	if ((kind = path_kind(r->r_path)) == PATH_ABSENT) {
		/* O_TMPFILE would open all that is beside it as well */
		access = wall_access(r->r_rights & ~(uint32_t)R_MKTEMP);
		w[0].wp_path[0] = '\0';
		w[1].wp_access = access & LL_MAKES ? access : 0;
	} else if (kind == PATH_LINK) {
		/* Opening it ends elsewhere; only the name is here. */
		w[0].wp_path[0] = '\0';
		w[1].wp_access = access & LL_FS_NAMES;
	} else if (kind != PATH_DIR) {
		/* one that is made in its place is another to the kernel */
		w[0].wp_access = access & LL_FS_FILE;
		w[1].wp_access = access & (access & LL_MAKES ? LL_FS_NAMES |
		    LL_FS_FILE : LL_FS_NAMES);
	} else if (r->r_match == MATCH_UNDER) {
		w[0].wp_access = access;
	} else {
		/* an unnamed file is made in this directory itself */
		w[0].wp_access = (access & LL_FS_READ_DIR) |
		    wall_access(r->r_rights & R_MKTEMP);
		w[1].wp_access = access & LL_FS_NAMES;
	}
	if (w[1].wp_access == 0)
		w[1].wp_path[0] = '\0';
}

static const char	*wall_call;	/* the last of wall_open() */

int
wall_open(const char *path, const struct wallgrant *wg, size_t n)
{
	struct open_how	 how;
	size_t		 i;
	int		 error, fd, rv = -1;

	/*
	 * Canonical: a link on the way has come since, and is not meant.  Does
	 * not ask a server what this is, which may be gone for good.
	 */
	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC;
	how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	wall_call = "openat2";
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (fd == -1)
		return (errno == ENOMEM || errno == EMFILE || errno == ENFILE ?
		    -1 : 0);
	wall_call = "landlock_add_rule";
	for (i = 0; i < n; i++)
		/* EINVAL: what only a directory has, and it is none */
		if (ll_allow(wg[i].wg_ruleset, fd, wg[i].wg_access) == -1 &&
		    (errno != EINVAL || ll_allow(wg[i].wg_ruleset, fd,
		    wg[i].wg_access & LL_FS_FILE) == -1))
			goto done;
	rv = 0;
done:
	error = errno;
	close(fd);
	errno = error;
	return (rv);
}

/* What the kernel lacks: an error, or a warning where the policy takes it. */
static int
wall_check(const struct policy *p, int abi)
{
	const char	*lacks = wall_lacks(abi);

	if (abi < p->p_landlock) {
		fprintf(stderr, "%s: this kernel has Landlock ABI %d and the "
		    "policy requires %d; run a newer kernel, or ask for "
		    "less: set require landlock %d\n",
		    p->p_landlock_at != NULL ? p->p_landlock_at : "error",
		    abi, p->p_landlock, abi > 0 ? abi : 1);
		return (-1);
	}
	if (*lacks == '\0')
		return (0);
	fprintf(stderr, "%s: this kernel has Landlock ABI %d and lacks %s%s\n",
	    p->p_degrade ? "warning" : "error", abi, lacks, p->p_degrade ? "" :
	    "; run a newer kernel, or accept less with: set degrade yes");
	return (p->p_degrade ? 0 : -1);
}

static int
wall_rulesets(struct plan *pl)
{
	uint64_t	 scoped = LL_SCOPE_SIGNAL | LL_SCOPE_ABSTRACT_UNIX;

	/* The child's domain lies inside the receiver's. */
	if ((pl->pl_wall_receiver = net_ruleset_child(pl, 0)) == -1 ||
	    (pl->pl_wall_child = net_ruleset_child(pl, scoped)) == -1 ||
	    (pl->pl_wall_integrity = ll_ruleset(scoped)) == -1) {
		fprintf(stderr, "error: Landlock ruleset: %s\n",
		    strerror(errno));
		return (-1);
	}
	return (0);
}

int
compile_wall(const struct policy *p, struct plan *pl)
{
	const struct ruleset	*rs = &pl->pl_rules;
	struct wallgrant	 wg;
	struct wallplace	 w[2];
	size_t			 i, j;

	pl->pl_abi = ll_abi();
	if (wall_check(p, pl->pl_abi) == -1 || compile_net(p, pl) == -1)
		return (-1);
	if (pl->pl_abi == 0)
		return (0);
	if (wall_rulesets(pl) == -1)
		return (-1);
	wg.wg_ruleset = pl->pl_wall_receiver;
	wg.wg_access = LL_RECEIVER;
	if (wall_open("/proc", &wg, 1) == -1) {
		fprintf(stderr, "error: %s: /proc: %s\n", wall_call,
		    strerror(errno));
		return (-1);
	}
	for (i = 0; i < rs->rs_count; i++) {
		if (rs->rs_rules[i].r_action != RULE_ALLOW)
			continue;
		wall_places(&rs->rs_rules[i], w);
		for (j = 0; j < 2; j++) {
			wg.wg_access = w[j].wp_access;
			if (w[j].wp_path[0] == '\0' ||
			    (wall_open(w[j].wp_path, &wg, 1) == 0 &&
			    grants_add(&pl->pl_wall, w[j].wp_path,
			    w[j].wp_access) == 0))
				continue;
			fprintf(stderr, "%s:%u: the wall cannot be opened at "
			    "%s: %s: %s\n", rs->rs_rules[i].r_file,
			    rs->rs_rules[i].r_line, w[j].wp_path, wall_call,
			    strerror(errno));
			return (-1);
		}
	}
	return (0);
}

/*
 * A place of an allow rule as it concerns terminals: "" where it does not.
 * The child's own is opened for it by what it is, whatever its name is denied
 * (policy_open.c), as is the other side of one that it made; what it may do
 * with the descriptor is decided by the domain that opened it.
 */
static uint64_t
wall_terminal(const struct wallplace *w, const char **path)
{
	*path = path_below(w->wp_path, TERMINALS) ? w->wp_path : TERMINALS;
	if (w->wp_path[0] == '\0' || (*path != w->wp_path &&
	    !path_below(TERMINALS, w->wp_path)))
		return (0);
	return (w->wp_access & LL_FS_FILE & ~LL_FS_EXECUTE);
}

/*
 * What the worker does for the child has one right at least that only the
 * rules hold, and the others as the child's own domain has them.  What it may
 * execute (the child, not the worker) and ioctl(2) are in there.
 */
int
wall_worker(struct plan *pl)
{
	const struct grants	*gs = &pl->pl_child;
	const struct rule	*r;
	const char		*path;
	struct wallplace	 w[2];
	uint64_t		 access;
	uint32_t		 rights;
	size_t			 i, j;

	if (pl->pl_abi > 0 &&
	    (pl->pl_wall_policy = net_ruleset_worker(pl)) == -1)
		return (-1);
	for (i = 0; i < gs->gs_count; i++)
		if (grants_add(&pl->pl_worker, gs->gs_grants[i].g_path,
		    gs->gs_grants[i].g_access) == -1)
			return (-1);
	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		if ((r->r_flags & RF_MASK) && (grants_add(&pl->pl_worker,
		    MASK_FILE, LL_FS_READ_FILE | LL_FS_WRITE_FILE) == -1 ||
		    grants_add(&pl->pl_worker, MASK_DIR,
		    LL_FS_READ_DIR) == -1))
			return (-1);
		if (r->r_action != RULE_ALLOW)
			continue;
		rights = r->r_rights & pl->pl_broker &
		    ~(uint32_t)(R_EXEC | R_IOCTL);
		wall_places(r, w);
		for (j = 0; j < 2; j++) {
			access = w[j].wp_access & wall_access(rights);
			if (w[j].wp_path[0] != '\0' && access != 0 &&
			    grants_add(&pl->pl_worker, w[j].wp_path,
			    access) == -1)
				return (-1);
			access = wall_terminal(&w[j], &path);
			if (access != 0 && grants_add(&pl->pl_worker, path,
			    access) == -1)
				return (-1);
		}
	}
	return (0);
}
