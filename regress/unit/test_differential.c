/* LINK: worker/policy_lane.c worker/policy_resolve.c worker/policy_proc.c worker/policy_open.c worker/policy_path.c worker/policy_attr.c worker/policy_stat.c worker/policy_list.c worker/policy_mask.c worker/policy_append.c worker/policy_exec.c worker/policy_class.c worker/policy_digest.c worker/integrity_elf.c worker/policy_memory.c worker/policy_net.c worker/policy_sock.c worker/policy_name.c worker/policy_send.c worker/policy_sendmsg.c worker/policy_accept.c worker/policy_deny.c worker/policy_learn.c */
/*
 * The handlers against the kernel.  Two trees that are the same; a generated
 * call is made natively in one and through a lane worker that allows
 * everything in the other; result, errno, what was written to memory, the
 * descriptor, the working directory and both trees must be the same.  As root, and as an ordinary user in a tree of mixed owners.
 *
 * DIFF_CASES sets how many cases, DIFF_SEED where to begin.
 */
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <fts.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <utime.h>
#include <cmocka.h>

#include "fake_receiver.h"

#define NOBODY		65534
#define CASES		6000	/* in each of the two runs */
#define ROUND		150	/* calls before the trees are made anew */
#define NDIRS		7	/* directory descriptors to choose from */
#define TEXT		(3 * PATH_MAX)
#define TMPFILE		(O_TMPFILE & ~O_DIRECTORY)

/* One of the two trees. */
struct side {
	char		 s_root[80];
	int		 s_fds[NDIRS];	/* same objects in both */
	struct fake	*s_fake;	/* NULL: natively */
};

static struct side	 sides[2];
static unsigned		 seed;
static int		 differences;
static int		 made, succeeded;	/* calls */
static int		 changed;	/* the last one may have */
static char		 top[48];	/* parent of both trees */
static int		 enclosed;	/* it is in a root of its own */

static unsigned
rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return ((seed >> 8) % n);
}

/* ---- the trees ---- */

static const char *const names[] = {
	"f", "g", "empty", "exe", "d", "d/f", "d/sub", "d/sub/deep", "e",
	"fifo", "sock", "noperm", "noperm/f", "ro", "ro/f", "sticky",
	"sticky/f", "lf", "ld", "lrel", "labs", "dangle", "loop1", "chain",
	"lslash", "lup", "new", "new2", "d/new", "ld/f", "ld/new", "ldd/deep",
	"sticky/l", "sticky/new", "lnew", "lchain", "d/lup", "hard", "f2",
	"lproc", "lfd", "setuid", "noexist/x", "f/x", "lbig", "lbigup", "lbigd",
	"lbigno", "lbigup/f", "l40", "l41"
};
#define NNAMES	(sizeof(names) / sizeof(names[0]))

static void
file(const char *path, mode_t mode, const char *text)
{
	int	 fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		fail_msg("%s: %s", path, strerror(errno));
	fchmod(fd, mode);
	close(fd);
}

static void
chain(const char *prefix, int n)
{
	char	 from[32], to[32];
	int	 i;

	for (i = 1; i <= n; i++) {
		if (i == n)
			snprintf(to, sizeof(to), "%s", prefix);
		else
			snprintf(to, sizeof(to), "%s.%d", prefix, i);
		if (i == 1)
			snprintf(from, sizeof(from), "f");
		else
			snprintf(from, sizeof(from), "%s.%d", prefix, i - 1);
		assert_int_equal(symlink(from, to), 0);
	}
}

static void
links(const struct side *s)
{
	char	 abs[256], big[300];

	assert_int_equal(symlink("f", "lf"), 0);
	assert_int_equal(symlink("d", "ld"), 0);
	assert_int_equal(symlink("d/sub", "ldd"), 0);
	assert_int_equal(symlink("./d/../d/f", "lrel"), 0);
	snprintf(abs, sizeof(abs), "%s/d/f", s->s_root);
	assert_int_equal(symlink(abs, "labs"), 0);
	assert_int_equal(symlink("nowhere", "dangle"), 0);
	assert_int_equal(symlink("loop2", "loop1"), 0);
	assert_int_equal(symlink("loop1", "loop2"), 0);
	assert_int_equal(symlink("lf", "chain"), 0);
	assert_int_equal(symlink("ld/", "lslash"), 0);
	assert_int_equal(symlink("..", "lup"), 0);
	assert_int_equal(symlink("../f", "d/lup"), 0);
	assert_int_equal(symlink("new", "lnew"), 0);
	assert_int_equal(symlink("lnew", "lchain"), 0);
	assert_int_equal(symlink("/proc/self/status", "lproc"), 0);
	assert_int_equal(symlink("/proc/self/fd/0", "lfd"), 0);
	assert_int_equal(symlink("../f", "sticky/l"), 0);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(symlink(big, "lbig"), 0);
	memcpy(big + sizeof(big) - 5, "/../", 5);
	assert_int_equal(symlink(big, "lbigup"), 0);
	memcpy(big, "d/", 2);
	assert_int_equal(symlink(big, "lbigd"), 0);
	memcpy(big, "no/", 3);
	assert_int_equal(symlink(big, "lbigno"), 0);
	chain("l40", 40);
	chain("l41", 41);
}

static void
own(const char *path, uid_t uid)
{
	if (geteuid() == 0)
		assert_int_equal(lchown(path, uid, uid), 0);
}

/* uid: who will make the calls. */
static void
populate(struct side *s, uid_t uid)
{
	mode_t	 mask = umask(0);

	assert_int_equal(mkdir(s->s_root, 0777), 0);
	assert_int_equal(chdir(s->s_root), 0);
	own(".", uid);
	file("f", 0644, "content of f\n");
	file("g", 0666, "g");
	file("f2", 0600, "second");
	file("empty", 0644, "");
	file("exe", 0755, "text");
	file("setuid", 06755, "x");
	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(mkdir("d/sub", 0755), 0);
	assert_int_equal(mkdir("d/sub/deep", 0755), 0);
	file("d/f", 0644, "d/f");
	assert_int_equal(mkdir("e", 0777), 0);
	assert_int_equal(mkfifo("fifo", 0666), 0);
	assert_int_equal(mknod("sock", S_IFSOCK | 0666, 0), 0);
	assert_int_equal(mkdir("noperm", 0700), 0);
	file("noperm/f", 0644, "n");
	assert_int_equal(mkdir("ro", 0755), 0);
	file("ro/f", 0644, "ro");
	assert_int_equal(mkdir("sticky", 01777), 0);
	file("sticky/f", 0666, "s");
	links(s);
	assert_int_equal(link("f", "hard"), 0);
	own("f", uid);
	own("exe", uid);
	own("setuid", uid);
	own("d", uid);
	own("d/f", uid);
	own("d/sub", uid);
	own("e", uid);
	own("fifo", uid);
	umask(mask);
}

static const char *const dirs[NDIRS] = {
	"d", ".", "f", "d/sub", "e", "noperm", "lf"
};
static const int dirflags[NDIRS] = {
	O_RDONLY, O_PATH, O_RDWR, O_PATH, O_RDONLY, O_PATH,
	O_PATH | O_NOFOLLOW
};

static void
open_dirs(struct side *s)
{
	int	 i, fd;

	/* numbers of two digits: links name them, and have lengths */
	for (i = 0; i < NDIRS; i++) {
		fd = open(dirs[i], dirflags[i] | O_CLOEXEC);
		s->s_fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		if (fd == -1 || s->s_fds[i] == -1)
			fail_msg("%s: %s", dirs[i], strerror(errno));
		close(fd);
	}
}

/* As rm -rf. */
static void
remove_tree(const char *path)
{
	char	*paths[] = { (char *)(uintptr_t)path, NULL };
	FTSENT	*e;
	FTS	*fts;

	if ((fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL)) == NULL)
		return;
	while ((e = fts_read(fts)) != NULL) {
		if (e->fts_info == FTS_D)
			(void)chmod(e->fts_accpath, 0700);
		else if (e->fts_info == FTS_DP || e->fts_info == FTS_DNR)
			(void)rmdir(e->fts_accpath);
		else
			(void)unlink(e->fts_accpath);
	}
	fts_close(fts);
}

/* ---- comparing them ---- */

/* What file_setattr(2) changes. */
static int
describe_attr(const char *path, char *to, size_t size)
{
	uint64_t	 attr[3];

	if (syscall(sysent_byname("file_getattr")->se_nr, AT_FDCWD, path, attr,
	    sizeof(attr), AT_SYMLINK_NOFOLLOW) == -1)
		return (0);
	return (snprintf(to, size, " attr %llx %llx", (unsigned long long)
	    attr[0], (unsigned long long)attr[2]));
}

static size_t
describe(const char *rel, const char *path, const struct stat *st, char *to,
    size_t size)
{
	char	 link[PATH_MAX] = "", list[1024], value[64], *fd;
	ssize_t	 n;
	int	 len;

	if (S_ISLNK(st->st_mode) &&
	    (n = readlink(path, link, sizeof(link) - 1)) > 0)
		link[n] = '\0';
	/* absolute links into the tree differ by its name */
	if ((fd = strstr(link, top)) != NULL)
		fd[strlen(top) + 1] = '*';
	/* and so do the numbers of descriptors */
	if ((fd = strstr(link, "/fd/")) != NULL)
		memmove(fd + 4, fd + 4 + strspn(fd + 4, "0123456789"),
		    strlen(fd + 4 + strspn(fd + 4, "0123456789")) + 1);
	len = snprintf(to, size, "%s %o %u:%u %ld links %lu -> %s%s", rel,
	    st->st_mode, st->st_uid, st->st_gid,
	    S_ISREG(st->st_mode) ? (long)st->st_size : 0,
	    (unsigned long)st->st_nlink, link,
	    st->st_mtime < 1000000000 ? " old" : "");
	if (st->st_mtime < 1000000000)
		len += snprintf(to + len, size - (size_t)len, " %ld.%09ld",
		    (long)st->st_mtime, st->st_mtim.tv_nsec);
	len += describe_attr(path, to + len, size - (size_t)len);
	n = llistxattr(path, list, sizeof(list));
	if (n > 0 && (lgetxattr(path, "user.x", value, sizeof(value))) > 0)
		len += snprintf(to + len, size - (size_t)len, " x=%c",
		    value[0]);
	return ((size_t)len);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return (strcmp((*a)->fts_name, (*b)->fts_name));
}

/* The tree as text. */
static char *
snapshot(const struct side *s)
{
	static char	 bufs[2][256 * 1024];
	char		*buf = bufs[s - sides];
	char		*paths[] = { (char *)(uintptr_t)s->s_root, NULL };
	FTSENT		*e;
	FTS		*fts;
	size_t		 len = 0;

	buf[0] = '\0';
	fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	assert_non_null(fts);
	while ((e = fts_read(fts)) != NULL) {
		if (e->fts_info == FTS_DP || e->fts_statp == NULL ||
		    e->fts_info == FTS_NS)
			continue;
		len += describe(e->fts_path + strlen(s->s_root), e->fts_path,
		    e->fts_statp, buf + len, 256 * 1024 - len - 2);
		buf[len++] = '\n';
		buf[len] = '\0';
	}
	fts_close(fts);
	return (buf);
}

/* What differs first, for the message. */
static void
show_difference(const char *a, const char *b)
{
	size_t	 la, lb;

	while (*a != '\0' || *b != '\0') {
		la = strcspn(a, "\n");
		lb = strcspn(b, "\n");
		if (la != lb || memcmp(a, b, la) != 0) {
			fprintf(stderr, "#   native:   %.*s\n"
			    "#   brokered: %.*s\n", (int)la, a, (int)lb, b);
			return;
		}
		a += la + (a[la] != '\0');
		b += lb + (b[lb] != '\0');
	}
}

/* ---- generated arguments ---- */

/* A path as both sides will see it: %R is the root, %0 to %6 a descriptor. */
struct path {
	char	 p_text[PATH_MAX + 64];
	int	 p_null;
};

/* Objects of the trees, by the descriptors of the caller. */
static const char *const special[] = {
	"", "/proc/self/fd/%2", "/proc/self/fd/%1", "/proc/self/fd/%0/f",
	"/proc/self/fd/%0", "/dev/fd/%2", "/dev/fd/%1/d/new",
	"/proc/self/fd/%6", "/proc/thread-self/fd/%2", "/proc/self/cwd",
	"/proc/self/cwd/f", "/proc/self/cwd/new", "/proc/self/root%R/f",
	"/proc/self/fd/999", "/proc/self/fd/x", "/proc/self/nothing",
	"/proc/self/fd/%2/", "/proc/self/fd/%2/x", "/proc/self/fd/%3/..",
	"/proc/self/fd/%3/deep/../..", "/proc/self/cwd/../"
};
#define NSPECIAL	(sizeof(special) / sizeof(special[0]))

/* And others, which calls that change an object must leave alone. */
static void
gen_special(struct path *p, int harmless)
{
	static const char *const list[] = {
		"/", ".", "..", "//", "/.", "/..", "./", "/proc/self/root/",
		"/proc/self/status", "/proc/self/stat", "/proc/self",
		"/proc/self/", "/proc/thread-self/comm", "/proc/self/task/../status",
		"/proc/self/../self/statm", "/proc/self/exe/", "/proc/self/fd/",
		"/proc/self/maps", "/proc/self/environ", "/proc/self/maps/x",
		"/proc/mounts", "/proc/meminfo", "/dev/null",
		"/dev/zero", "/proc/self/mounts/x",
		"/proc/self/root", "/proc/self/exe", "/proc/self/ns",
		"/proc/self/fdinfo"
	};

	if (harmless && rnd(2))
		snprintf(p->p_text, sizeof(p->p_text), "%s",
		    list[rnd(sizeof(list) / sizeof(list[0]))]);
	else
		snprintf(p->p_text, sizeof(p->p_text), "%s",
		    special[rnd(NSPECIAL)]);
}

static void
gen_long(struct path *p)
{
	size_t	 i, n;

	switch (rnd(4)) {
	case 0:				/* a component too long */
		memset(p->p_text, 'a', 256);
		p->p_text[256] = '\0';
		break;
	case 1:				/* just right */
		memset(p->p_text, 'b', 255);
		p->p_text[255] = '\0';
		break;
	case 2:				/* longest path, longest but one */
		n = PATH_MAX - rnd(3);
		for (i = 0; i < n; i++)
			p->p_text[i] = i % 2 ? '/' : '.';
		p->p_text[n] = '\0';
		break;
	default:			/* slashes */
		memset(p->p_text, '/', 3000);
		snprintf(p->p_text + 3000, 200, "%%R/f");
		break;
	}
}

static void
gen_path(struct path *p, int harmless)
{
	static const char *const tails[] = {
		"", "", "", "", "", "", "/", "//", "/.", "/..", "/./", "/../d",
		"/x", "/f", "/../../f"
	};
	static const char *const heads[] = {
		"", "", "", "", "./", "../R/", "d/../", "ld/../", "lup/R/",
		"%R/", "%R/", "%R//", "%R/./", "%R/d/../", "lrel/", "chain/",
		"ldd/../", "ldd/../../", "%R/ld/../", "lslash/", "lslash/../",
		"/proc/self/cwd/", "/proc/self/root%R/", "/dev/fd/%1/"
	};
	unsigned	 r = rnd(100);

	p->p_null = 0;
	if (r < 1)
		p->p_null = 1;
	else if (r < 12)
		gen_special(p, harmless);
	else if (r < 14)
		gen_long(p);
	else
		snprintf(p->p_text, sizeof(p->p_text), "%s%s%s",
		    r < 60 ? "" : heads[rnd(sizeof(heads) / sizeof(heads[0]))],
		    names[rnd(NNAMES)],
		    r % 3 ? "" : tails[rnd(sizeof(tails) / sizeof(tails[0]))]);
}

static const char *
expand(const struct side *s, const struct path *p, char *to)
{
	const char	*from = p->p_text;
	size_t		 n = 0;

	if (p->p_null)
		return (NULL);
	for (; *from != '\0'; from++) {
		if (from[0] == '%' && from[1] == 'R') {
			n += (size_t)snprintf(to + n, TEXT - n, "%s",
			    s->s_root);
			from++;
		} else if (from[0] == '%' && from[1] >= '0' && from[1] <= '6') {
			n += (size_t)snprintf(to + n, TEXT - n, "%d",
			    s->s_fds[from[1] - '0']);
			from++;
		} else
			to[n++] = *from;
	}
	to[n] = '\0';
	return (to);
}

/* Index of a descriptor, -1 AT_FDCWD, -2 a bad one. */
static int
gen_dir(void)
{
	unsigned	 r = rnd(12);

	if (r < 5)
		return (-1);
	if (r < 6)
		return (-2);
	return ((int)rnd(NDIRS));
}

static uint64_t
dir_arg(const struct side *s, int dir)
{
	if (dir == -1)
		return (FDARG(AT_FDCWD));
	if (dir == -2)
		return (FDARG(rnd(2) == 0 ? 997 : 997));
	return (FDARG(s->s_fds[dir]));
}

static uint64_t
gen_open_flags(void)
{
	static const int	 list[] = {
		O_CREAT, O_CREAT, O_CREAT | O_EXCL, O_TRUNC, O_APPEND,
		O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH, TMPFILE,
		O_TMPFILE, O_NOATIME, O_SYNC, O_DSYNC, O_EXCL, O_NOCTTY,
		O_DIRECTORY | O_NOFOLLOW, O_PATH | O_NOFOLLOW,
		O_CREAT | O_NOFOLLOW, O_CREAT | O_TRUNC, O_DIRECT,
		O_CREAT | O_DIRECTORY, 020000000 << 3
	};
	uint64_t	 flags = rnd(10) < 5 ? O_RDONLY : rnd(4);
	unsigned	 n = rnd(4);

	while (n-- > 0)
		flags |= (uint64_t)list[rnd(sizeof(list) / sizeof(list[0]))];
	return (flags | O_NONBLOCK);	/* a FIFO would wait for ever */
}

static mode_t
gen_mode(void)
{
	static const mode_t	 list[] = {
		0644, 0600, 0666, 0777, 0, 0400, 02755, 04755, 01777, 0444,
		0100644, 010000777
	};

	return (list[rnd(sizeof(list) / sizeof(list[0]))]);
}

/* ---- the calls ---- */

/* A call as generated; paths and descriptors are filled in for each side. */
struct op {
	const char	*o_name;
	struct path	 o_path[2];
	int		 o_dir[2];
	uint64_t	 o_arg[6];
	struct open_how	 o_how;
	size_t		 o_howsize;
	struct timespec	 o_ts[2];
	struct utimbuf	 o_ut;
	char		 o_value[64];
	size_t		 o_len;
};

static const char *const calls[] = {
	"open", "open", "openat", "openat", "openat", "openat2", "openat2",
	"creat", "mkdir", "mkdirat", "mknod", "mknodat", "unlink", "rmdir",
	"unlinkat", "rename", "renameat", "renameat2", "renameat2", "link",
	"linkat", "linkat", "symlink", "symlinkat", "truncate", "chmod",
	"fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown",
	"fchownat", "utime", "utimes", "futimesat", "utimensat", "utimensat",
	"setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr",
	"fremovexattr", "removexattrat", "setxattrat", "setxattrat",
	"file_setattr", "execveat", "execve"
};
/* Those that look, which are notified with other rules. */
static const char *const looks[] = {
	"stat", "stat", "lstat", "lstat", "fstat", "newfstatat", "newfstatat",
	"newfstatat", "statx", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlink", "readlinkat", "readlinkat", "statfs",
	"getxattr", "lgetxattr", "listxattr", "llistxattr", "listxattrat",
	"getxattrat", "getxattrat", "file_getattr", "file_getattr",
	"name_to_handle_at", "name_to_handle_at", "chdir", "fchdir",
	"getdents64", "getdents"
};
#define NLOOKS	(sizeof(looks) / sizeof(looks[0]))
#define OUT_SIZE	8192
#define OUT_FILL	0x5a
static uint8_t	 out[OUT_SIZE];		/* where both sides write */
static int	 looking;
#define NCALLS	(sizeof(calls) / sizeof(calls[0]))

static int
gen_at_flags(void)
{
	static const int	 list[] = {
		0, 0, 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH,
		AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, 0x40, AT_SYMLINK_FOLLOW,
		AT_EMPTY_PATH | AT_SYMLINK_FOLLOW
	};

	return (list[rnd(sizeof(list) / sizeof(list[0]))]);
}

static void
gen_how(struct op *o)
{
	static const uint64_t	 list[] = {
		RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_XDEV,
		RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
		RESOLVE_IN_ROOT | RESOLVE_BENEATH, 0x1000, RESOLVE_NO_XDEV
	};

	memset(&o->o_how, 0, sizeof(o->o_how));
	o->o_how.flags = gen_open_flags();
	if (rnd(4) > 0 && !(o->o_how.flags & O_PATH))
		o->o_how.flags &= ~(uint64_t)(020000000 << 3);
	if (o->o_how.flags & (O_CREAT | TMPFILE) || rnd(20) == 0)
		o->o_how.mode = gen_mode() & 07777;
	if (rnd(3) > 0)
		o->o_how.resolve = list[rnd(sizeof(list) / sizeof(list[0]))];
	o->o_howsize = sizeof(o->o_how);
	if (rnd(30) == 0)
		o->o_howsize = rnd(2) ? 8 : 5000;
}

static void
gen_times(struct op *o)
{
	static const long	 nsec[] = {
		0, 5, 999999, UTIME_NOW, UTIME_OMIT, 1000000000, -1
	};
	int			 i;

	for (i = 0; i < 2; i++) {
		o->o_ts[i].tv_sec = (time_t)rnd(900000000);
		o->o_ts[i].tv_nsec = nsec[rnd(7)];
	}
	o->o_ut.actime = o->o_ts[0].tv_sec;
	o->o_ut.modtime = o->o_ts[1].tv_sec;
}

static int	 is(const struct op *, const char *);

static int
is_look(const struct op *o)
{
	size_t	 i;

	for (i = 0; i < NLOOKS; i++)
		if (strcmp(o->o_name, looks[i]) == 0)
			return (1);
	return (0);
}

static void
gen_op(struct op *o)
{
	static const mode_t	 types[] = {
		S_IFREG, S_IFIFO, S_IFSOCK, 0, S_IFDIR, S_IFLNK, S_IFIFO
	};
	static const int	 renames[] = {
		0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_EXCHANGE,
		RENAME_NOREPLACE | RENAME_EXCHANGE, 0x100
	};
	int			 harmless;

	memset(o->o_arg, 0, sizeof(o->o_arg));
	o->o_name = looking && rnd(4) ? looks[rnd(NLOOKS)] :
	    calls[rnd(NCALLS)];
	harmless = is_look(o) || strncmp(o->o_name, "open", 4) == 0 ||
	    strncmp(o->o_name, "exec", 4) == 0;
	gen_path(&o->o_path[0], harmless);
	gen_path(&o->o_path[1], 0);
	o->o_dir[0] = gen_dir();
	o->o_dir[1] = gen_dir();
	gen_how(o);
	gen_times(o);
	o->o_arg[0] = gen_open_flags();		/* flags of open */
	o->o_arg[1] = gen_mode();
	o->o_arg[2] = (uint64_t)gen_at_flags();
	o->o_arg[3] = types[rnd(7)] | gen_mode();
	o->o_arg[4] = (uint64_t)renames[rnd(8)];
	o->o_arg[5] = rnd(8);
	o->o_len = rnd(3) ? 1 + rnd(20) : 0;
	memset(o->o_value, 'a' + (int)rnd(26), sizeof(o->o_value));
}

/* Structures of the calls of Linux 6.13 and 6.17, made for each call. */
static uint64_t	 args_at[512 + 4];

/* Size of a structure, and what is behind what this version knows. */
static uint64_t
gen_size(const struct op *o, size_t known)
{
	static const uint64_t	 more[] = { 8, 16, 64, 4096, 4097 };

	memset((char *)args_at + known, 0, sizeof(args_at) - known);
	if (o->o_ut.actime % 8 != 0)
		return (known);
	if (o->o_ut.actime % 3 == 0)	/* E2BIG, where it is looked at */
		((char *)args_at)[known + 7] = 1;
	return (o->o_ut.modtime % 6 == 5 ? known - 1 :
	    o->o_ut.modtime % 4096 == 0 ? FDARG(-1) :
	    more[o->o_ut.modtime % 5] + (o->o_ut.modtime % 5 < 3 ? known : 0));
}

static void
set_attrs(const struct op *o, uint64_t a[6])
{
	static const uint64_t	 xflags[] = {
		0, 0x80, 0x40, 0xc0, 0x8, 0x10, 0x20, 0x400000, 1ULL << 40
	};

	memset(args_at, 0, sizeof(args_at));
	args_at[0] = xflags[o->o_ut.actime % 9];
	if (geteuid() == 0)	/* trees that nobody can change are not removed */
		args_at[0] &= ~0x18ULL;
	if (o->o_len == 9)
		args_at[2] = 7;		/* a project */
	a[2] = o->o_arg[5] == 6 ? 0 : PTR(args_at);
	a[3] = gen_size(o, 24);
	a[4] = o->o_arg[2];
}

/* What is set is copied from memory that the structure names. */
static void
set_xattr(const struct op *o, uint64_t a[6], const char *xname)
{
	args_at[0] = o->o_arg[5] == 5 ? 8 : PTR(o->o_value);
	args_at[1] = o->o_len | (o->o_arg[5] >> 1) << 32;
	if (o->o_ut.modtime % 32 == 0)
		args_at[1] = 65537 + (o->o_arg[5] << 32);
	a[2] = o->o_arg[2], a[3] = PTR(xname);
	a[4] = o->o_arg[5] == 6 ? 0 : PTR(args_at), a[5] = gen_size(o, 16);
}

/* Who and which group: no change, or what one is already, or somebody else. */
static uint64_t
id_arg(uint64_t r)
{
	return (r == 0 ? FDARG(-1) : r == 1 ? 0 : r == 2 ? NOBODY :
	    FDARG(-1));
}

static int
is(const struct op *o, const char *name)
{
	return (strcmp(o->o_name, name) == 0);
}

/* The same for a call that looks; its last argument may be anything. */
static void
look_args(const struct op *o, uint64_t a[6], uint64_t p0, uint64_t d0,
    uint64_t fd)
{
	static const uint64_t	 sizes[] = {
		OUT_SIZE, 4096, 300, 3, 1, 0, FDARG(-1), 64
	};
	uint64_t		 buf = o->o_arg[5] == 6 ? 0 : PTR(out);
	uint64_t		 size = sizes[o->o_len % 8];
	const char		*xname = o->o_arg[4] == 0x100 ? "bad" : "user.x";
	int			 no_follow = (int)o->o_arg[2];

	if (is(o, "stat") || is(o, "lstat") || is(o, "statfs"))
		a[0] = p0, a[1] = buf;
	else if (is(o, "fstat"))
		a[0] = fd, a[1] = buf;
	else if (is(o, "newfstatat"))
		a[0] = d0, a[1] = p0, a[2] = buf, a[3] = (uint64_t)no_follow;
	else if (is(o, "statx"))
		a[0] = d0, a[1] = p0, a[2] = (uint64_t)no_follow |
		    (o->o_len == 5 ? 0x2000 : o->o_len == 6 ? 0x6000 : 0),
		    a[3] = o->o_len == 7 ? 0x80000000 : 0x17ff, a[4] = buf;
	else if (is(o, "access"))
		a[0] = p0, a[1] = o->o_len;
	else if (is(o, "faccessat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[5];
	else if (is(o, "faccessat2"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[5],
		    a[3] = (uint64_t)no_follow | (o->o_len & AT_EACCESS);
	else if (is(o, "readlink"))
		a[0] = p0, a[1] = buf, a[2] = size;
	else if (is(o, "readlinkat"))
		a[0] = d0, a[1] = p0, a[2] = buf, a[3] = size;
	else if (is(o, "getxattr") || is(o, "lgetxattr"))
		a[0] = p0, a[1] = PTR(xname), a[2] = buf, a[3] = size;
	else if (is(o, "listxattr") || is(o, "llistxattr"))
		a[0] = p0, a[1] = buf, a[2] = size;
	else if (is(o, "listxattrat"))
		a[0] = d0, a[1] = p0, a[2] = (uint64_t)no_follow, a[3] = buf,
		    a[4] = size;
	else if (is(o, "getxattrat")) {
		args_at[0] = buf;
		args_at[1] = (uint32_t)size | (uint64_t)(o->o_len == 11) << 32;
		a[0] = d0, a[1] = p0, a[2] = (uint64_t)no_follow,
		    a[3] = PTR(xname), a[4] = o->o_len == 12 ? 0 :
		    PTR(args_at), a[5] = gen_size(o, 16);
	} else if (is(o, "file_getattr"))
		a[0] = d0, a[1] = p0, a[2] = buf, a[3] = gen_size(o, 24),
		    a[4] = (uint64_t)no_follow;
	else if (is(o, "name_to_handle_at")) {
		memcpy(out, o->o_len % 4 == 1 ? "\4\0\0" :
		    o->o_len % 16 == 2 ? "\x81\0\0" : "\x80\0\0", 4);
		a[0] = d0, a[1] = p0, a[2] = buf, a[3] = o->o_len == 7 ? 0 :
		    PTR(out + 256), a[4] = (uint64_t)no_follow |
		    (o->o_len & 1) | (o->o_len == 4 ? 2 : 0) |
		    (o->o_len % 8 == 6 ? AT_REMOVEDIR : 0);
	} else if (is(o, "chdir"))
		a[0] = p0;
	else if (is(o, "fchdir"))
		a[0] = fd;
	else if (is(o, "getdents64") || is(o, "getdents"))
		/* to nowhere, the position is not that of the native call */
		a[0] = fd, a[1] = PTR(out), a[2] = size;
	else
		fail_msg("no arguments for %s", o->o_name);
}

/* The arguments of the call as this side makes it. */
static void
op_args(const struct side *s, const struct op *o, uint64_t a[6],
    char text[2][TEXT])
{
	const char	*xname = o->o_arg[5] == 7 ? "bad" : "user.x";
	uint64_t	 p0, p1, d0, d1, fd;

	p0 = PTR(expand(s, &o->o_path[0], text[0]));
	p1 = PTR(expand(s, &o->o_path[1], text[1]));
	d0 = dir_arg(s, o->o_dir[0]);
	d1 = dir_arg(s, o->o_dir[1]);
	/* AT_FDCWD too: since 6.13 it means "." to fsetxattr(2) */
	fd = d0;
	memset(a, 0, 6 * sizeof(*a));
	if (is(o, "open"))
		a[0] = p0, a[1] = o->o_arg[0], a[2] = o->o_arg[1];
	else if (is(o, "creat") || is(o, "mkdir") || is(o, "chmod"))
		a[0] = p0, a[1] = o->o_arg[1];
	else if (is(o, "openat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[0], a[3] = o->o_arg[1];
	else if (is(o, "openat2"))
		a[0] = d0, a[1] = p0, a[2] = PTR(&o->o_how),
		a[3] = o->o_howsize;
	else if (is(o, "mkdirat") || is(o, "fchmodat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[1];
	else if (is(o, "mknod"))
		a[0] = p0, a[1] = o->o_arg[3];
	else if (is(o, "mknodat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[3];
	else if (is(o, "unlink") || is(o, "rmdir"))
		a[0] = p0;
	else if (is(o, "unlinkat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[5] < 4 ? 0 :
		    o->o_arg[5] < 7 ? AT_REMOVEDIR : 0x1;
	else if (is(o, "rename") || is(o, "link"))
		a[0] = p0, a[1] = p1;
	else if (is(o, "symlink"))
		a[0] = p1, a[1] = p0;
	else if (is(o, "symlinkat"))
		a[0] = p1, a[1] = d0, a[2] = p0;
	else if (is(o, "renameat") || is(o, "renameat2") || is(o, "linkat")) {
		a[0] = d0, a[1] = p0, a[2] = d1, a[3] = p1;
		a[4] = is(o, "linkat") ? o->o_arg[2] : o->o_arg[4];
		if (is(o, "renameat"))
			a[4] = 0;
	} else if (is(o, "truncate"))
		a[0] = p0, a[1] = o->o_arg[5] == 0 ? FDARG(-1) :
		    o->o_arg[5] * 3;
	else if (is(o, "fchmod"))
		a[0] = fd, a[1] = o->o_arg[1];
	else if (is(o, "fchmodat2"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[1], a[3] = o->o_arg[2];
	else if (is(o, "chown") || is(o, "lchown"))
		a[0] = p0, a[1] = id_arg(o->o_arg[5] & 3),
		a[2] = id_arg(o->o_arg[5] >> 1);
	else if (is(o, "fchown"))
		a[0] = fd, a[1] = id_arg(o->o_arg[5] & 3),
		a[2] = id_arg(o->o_arg[5] >> 1);
	else if (is(o, "fchownat"))
		a[0] = d0, a[1] = p0, a[2] = id_arg(o->o_arg[5] & 3),
		a[3] = id_arg(o->o_arg[5] >> 1), a[4] = o->o_arg[2];
	else if (is(o, "utime"))
		a[0] = p0, a[1] = o->o_arg[5] < 2 ? 0 : PTR(&o->o_ut);
	else if (is(o, "utimes"))
		a[0] = p0, a[1] = o->o_arg[5] < 2 ? 0 : PTR(o->o_ts);
	else if (is(o, "futimesat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[5] < 2 ? 0 :
		    PTR(o->o_ts);
	else if (is(o, "utimensat"))
		a[0] = d0, a[1] = o->o_arg[5] == 7 ? 0 : p0,
		a[2] = o->o_arg[5] < 2 ? 0 : PTR(o->o_ts), a[3] = o->o_arg[2];
	else if (is(o, "setxattr") || is(o, "lsetxattr"))
		a[0] = p0, a[1] = PTR(xname), a[2] = PTR(o->o_value),
		a[3] = o->o_len, a[4] = o->o_arg[5] >> 1;
	else if (is(o, "fsetxattr"))
		a[0] = fd, a[1] = PTR(xname), a[2] = PTR(o->o_value),
		a[3] = o->o_len, a[4] = o->o_arg[5] >> 1;
	else if (is(o, "removexattr") || is(o, "lremovexattr"))
		a[0] = p0, a[1] = PTR(xname);
	else if (is(o, "fremovexattr"))
		a[0] = fd, a[1] = PTR(xname);
	else if (is(o, "removexattrat"))
		a[0] = d0, a[1] = p0, a[2] = o->o_arg[2], a[3] = PTR(xname);
	else if (is(o, "setxattrat")) {
		a[0] = d0, a[1] = p0;
		set_xattr(o, a, xname);
	} else if (is(o, "file_setattr")) {
		a[0] = d0, a[1] = p0;
		set_attrs(o, a);
	} else if (is(o, "execve"))
		a[0] = p0;
	else if (is(o, "execveat"))
		a[0] = d0, a[1] = p0, a[4] = o->o_arg[2];
	else
		look_args(o, a, p0, d0, fd);
}

/* Natively an exec is only checked: AT_EXECVE_CHECK, Linux 6.14. */
static long
native_exec(const struct op *o, const uint64_t a[6])
{
	static char	 name[] = "x";
	char		*argv[] = { name, NULL };
	long		 rv;

	if (is(o, "execve"))
		rv = syscall(SYS_execveat, AT_FDCWD, a[0], argv, argv + 1,
		    0x10000);
	else
		rv = syscall(SYS_execveat, a[0], a[1], argv, argv + 1,
		    a[4] | 0x10000);
	return (rv == 0 ? RET_EXEC : rv);
}

static long
op_do(const struct side *s, const struct op *o, int *error)
{
	static char		 text[2][TEXT];
	const struct sysent	*se = sysent_byname(o->o_name);
	uint64_t		 a[6];
	long			 rv;

	assert_non_null(se);
	op_args(s, o, a, text);
	errno = 0;
	if (s->s_fake != NULL)
		rv = fake_callv(s->s_fake, se, a);
	else if (is(o, "execve") || is(o, "execveat"))
		rv = native_exec(o, a);
	else
		rv = syscall(se->se_nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	*error = rv == -1 ? errno : 0;
	return (rv);
}

/* What a descriptor is, without what differs by nature. */
static void
describe_fd(int fd, char *to, size_t size)
{
	int		 mask = ~O_NOFOLLOW;	/* lost in a second open */
	char		 path[64], name[PATH_MAX], *p = name;
	struct stat	 st;
	ssize_t		 n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = '\0';
	if (strncmp(p, top, strlen(top)) == 0)
		p += strlen(top) + 2;
	if (strstr(p, "/#") != NULL)		/* O_TMPFILE: an inode number */
		*strstr(p, "/#") = '\0';
	if (fstat(fd, &st) == -1)
		memset(&st, 0, sizeof(st));
	/* what the receiver opens it opens with flags of its own */
	if (sides[1].s_fake->f_verdict.v_kind == VERDICT_PROC)
		mask = O_ACCMODE;
	/* two descriptors of the same have two numbers */
	if (strncmp(p, "/proc/", 6) == 0 && strstr(p, "/fd/") != NULL)
		strstr(p, "/fd/")[4] = '\0';
	snprintf(to, size, "%s mode %o size %ld flags %o fd %d", p,
	    st.st_mode, S_ISREG(st.st_mode) && strncmp(p, "/proc", 5) ?
	    (long)st.st_size : 0, fcntl(fd, F_GETFL) & mask,
	    fcntl(fd, F_GETFD));
}

static void
op_show(const struct op *o)
{
	static char	 text[2][TEXT];
	uint64_t	 a[6];
	int		 i;

	op_args(&sides[0], o, a, text);
	fprintf(stderr, "# %s(", o->o_name);
	for (i = 0; i < 5; i++)
		fprintf(stderr, "%#lx%s", (unsigned long)a[i],
		    i < 4 ? ", " : "");
	fprintf(stderr, ") \"%.200s\" \"%.200s\" dirs %d %d flags %#llx "
	    "resolve %#llx\n", o->o_path[0].p_null ? "NULL" : text[0],
	    text[1], o->o_dir[0], o->o_dir[1],
	    (unsigned long long)o->o_how.flags,
	    (unsigned long long)o->o_how.resolve);
}

/* The differences that are by design; see the comments. */
static int
expected(const struct op *o, long rn, int en, long rb, int eb)
{
	const char	*p = o->o_path[0].p_text;

	/* the kernel finds out later, when it executes */
	if (rb == RET_EXEC && (en == ETXTBSY || en == ENOEXEC))
		return (1);
	if (is_look(o) && eb == EACCES && strncmp(p, "/proc/self/", 11) == 0)
		return (1);
	/* the real user is another than the worker's: only here */
	if (strstr(o->o_name, "access") != NULL && getuid() != geteuid())
		return (1);
	/* in a scope the kernel gives up on .. while anything is renamed */
	if (is(o, "openat2") && en == EAGAIN &&
	    (o->o_how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)))
		return (1);
	/* its flags are in memory: such a call is never continued */
	if (is(o, "openat2") && (o->o_how.flags & O_PATH) && eb == ENOSYS)
		return (1);
	/* whether a name is ours to link is decided by the rules */
	if (is(o, "linkat") && (o->o_arg[2] & AT_EMPTY_PATH) && en == ENOENT)
		return (1);
	/* a process may do everything in its own /proc/self/fd, but in vain */
	if (rn == -1 && eb == EACCES && (strstr(p, "self/fd/") != NULL ||
	    strstr(p, "/dev/fd/") != NULL ||
	    strstr(o->o_path[1].p_text, "self/fd/") != NULL ||
	    strstr(o->o_path[1].p_text, "/dev/fd/") != NULL))
		return (1);
	/* what only a tracer may open the receiver opens, for reading */
	if ((rn >= 0 || en == EINVAL || en == ETXTBSY) &&
	    geteuid() == 0 && eb == EACCES &&
	    strncmp(p, "/proc/self/", 11) == 0)
		return (1);
	return (0);
}

static void
differ(const struct op *o, const char *what)
{
	differences++;
	fprintf(stderr, "# seed %u: %s differs\n", seed, what);
	op_show(o);
}

/*
 * A handle: of two objects, so that only its length and kind are the same;
 * and what has not been filled is as it was.
 */
static size_t
describe_handle(const struct op *o, char *to, size_t size)
{
	static uint8_t	 none[8] = { OUT_FILL, OUT_FILL, OUT_FILL, OUT_FILL,
			    OUT_FILL, OUT_FILL, OUT_FILL, OUT_FILL };
	uint32_t	 head[2];
	size_t		 i, end = 8;

	memcpy(head, out, sizeof(head));
	if (memcmp(out + 4, none, 4) != 0 && head[0] <= 128)
		end = 8 + head[0];
	for (i = end; i < sizeof(out) && out[i] == OUT_FILL; i++)
		continue;
	snprintf(to, size, "room %u type %x id %d%d to %zu", head[0], head[1],
	    memcmp(out + 256, none, 4) != 0,
	    memcmp(out + 260, none, 4) != 0, i);
	(void)o;
	return (sizeof(out));
}

/* What a call that looked has written, without what differs by nature. */
static size_t
describe_out(const struct op *o, long rv, char *to, size_t size)
{
	struct statx	 sx;
	struct statfs	 sf;
	struct stat	 st;
	uint64_t	 attr[3];
	char		 text[PATH_MAX + 1], *p = text;
	size_t		 n = 0;

	to[0] = '\0';
	if (is(o, "name_to_handle_at"))
		return (describe_handle(o, to, size));
	if (rv < 0 || (o->o_arg[5] == 6 &&
	    strncmp(o->o_name, "getdents", 8) != 0))
		return (0);
	if (is(o, "statx")) {
		memcpy(&sx, out, sizeof(sx));
		snprintf(to, size, "%x %x %u %u:%u %o %llu %u:%u %llx %llx",
		    sx.stx_mask, sx.stx_blksize, sx.stx_nlink, sx.stx_uid,
		    sx.stx_gid, sx.stx_mode, !S_ISREG(sx.stx_mode) ? 0 :
		    (unsigned long long)sx.stx_size, sx.stx_rdev_major,
		    sx.stx_rdev_minor, (unsigned long long)sx.stx_attributes,
		    (unsigned long long)sx.stx_mnt_id);
		return (256);
	}
	if (is(o, "statfs")) {
		memcpy(&sf, out, sizeof(sf));
		snprintf(to, size, "%lx %lx %lx %lx", (long)sf.f_type,
		    (long)sf.f_bsize, (long)sf.f_namelen, (long)sf.f_flags);
		return (120);
	}
	if (is(o, "file_getattr")) {
		memcpy(attr, out, sizeof(attr));
		snprintf(to, size, "%#llx %#llx %#llx", (unsigned long long)
		    attr[0], (unsigned long long)attr[1], (unsigned long long)
		    attr[2]);
		return (gen_size(o, 24));
	}
	if (strstr(o->o_name, "stat") != NULL) {
		memcpy(&st, out, sizeof(st));
		snprintf(to, size, "%lu %o %u:%u %lx %ld",
		    (unsigned long)st.st_nlink, st.st_mode, st.st_uid,
		    st.st_gid, (long)st.st_rdev, !S_ISREG(st.st_mode) ? 0 :
		    (long)st.st_size);
		return (144);
	}
	if (strstr(o->o_name, "readlink") != NULL) {
		n = (size_t)rv;
		memcpy(text, out, n);
		text[n] = '\0';
		if (strncmp(p, top, strlen(top)) == 0)
			p += strlen(top) + 2;
		if (strstr(p, "/fd/") != NULL)	/* numbers differ */
			memset(strstr(p, "/fd/") + 4, 'N', strspn(
			    strstr(p, "/fd/") + 4, "0123456789"));
		snprintf(to, size, "%s", p);
	} else if (strstr(o->o_name, "xattr") != NULL && out[0] != OUT_FILL) {
		n = (size_t)rv;
		memcpy(to, out, n < size ? n : size);
	}
	return (n);
}

/* Names of a listing; their order is the file system's. */
static size_t
describe_list(const struct op *o, long rv, char *to, size_t size)
{
	const size_t	 nameat = is(o, "getdents64") ? 19 : 18;
	unsigned	 sum = 0, count = 0;
	uint16_t	 len;
	size_t		 at, i;

	for (at = 0; rv > 0 && at < (size_t)rv; at += len, count++) {
		memcpy(&len, out + at + 16, sizeof(len));
		for (i = at + nameat; out[i] != '\0'; i++)
			sum += (unsigned)(out[i] * (i - at));
	}
	snprintf(to, size, "%u names, sum %u", count, sum);
	return (rv > 0 ? (size_t)rv : 0);
}

/* As text, and 0 if nothing was written behind it. */
static int
look_describe(const struct op *o, long rv, char *to, size_t size)
{
	char	 cwd[PATH_MAX], *p = cwd;
	size_t	 n, i;

	if (is(o, "chdir") || is(o, "fchdir")) {
		if (getcwd(cwd, sizeof(cwd)) == NULL)
			cwd[0] = '\0';
		if (strncmp(p, top, strlen(top)) == 0)
			p += strlen(top) + 2;
		snprintf(to, size, "%s", p);
		n = 0;
	} else if (strncmp(o->o_name, "getdents", 8) == 0)
		n = describe_list(o, rv, to, size);
	else
		n = describe_out(o, rv, to, size);
	for (i = n; i < sizeof(out); i++)
		if (out[i] != OUT_FILL)
			return (-1);
	return (0);
}

/* -1: the calls made so far have closed the tree to us. */
static int
op_compare(const struct op *o)
{
	char	 text[2][PATH_MAX + 128];
	long	 rv[2];
	int	 error[2], i, isopen;

	isopen = strncmp(o->o_name, "open", 4) == 0 || is(o, "creat");
	for (i = 0; i < 2; i++) {
		if (chdir(sides[i].s_root) == -1)
			return (-1);
		memset(out, OUT_FILL, sizeof(out));
		rv[i] = op_do(&sides[i], o, &error[i]);
		text[i][0] = '\0';
		if (is_look(o) && look_describe(o, rv[i], text[i],
		    sizeof(text[i])) == -1)
			differ(o, "memory behind the result");
	}
	for (i = 0; i < 2; i++) {
		if (isopen && rv[i] >= 0) {
			describe_fd((int)rv[i], text[i], sizeof(text[i]));
			close((int)rv[i]);
			rv[i] = 0;
		}
	}
	made++;
	succeeded += error[0] == 0;
	changed = error[0] == 0 || error[1] == 0 || rnd(8) == 0;
	if (rv[0] != rv[1] || error[0] != error[1]) {
		if (expected(o, rv[0], error[0], rv[1], error[1]))
			return (error[0] == 0 || error[1] == 0 ? -1 : 0);
		differ(o, "result");
		fprintf(stderr, "#   native %ld %s, brokered %ld %s %s\n",
		    rv[0], strerrorname_np(error[0]), rv[1],
		    strerrorname_np(error[1]), sides[1].s_fake->f_line);
	} else if (strcmp(text[0], text[1]) != 0) {
		differ(o, isopen ? "descriptor" : "what was written");
		fprintf(stderr, "#   native %s, brokered %s\n", text[0],
		    text[1]);
	}
	return (0);
}

static int
compare_trees(const struct op *o)
{
	char	*a, *b;

	a = snapshot(&sides[0]);
	b = snapshot(&sides[1]);
	if (strcmp(a, b) == 0)
		return (0);
	differ(o, "tree");
	show_difference(a, b);
	return (-1);
}

/* creat(2) cannot be told not to wait for a FIFO's reader. */
static int
op_waits(const struct op *o)
{
	static char	 text[TEXT];
	struct stat	 st;

	if (!is(o, "creat") || o->o_path[0].p_null)
		return (0);
	if (chdir(sides[0].s_root) == -1)
		return (0);
	return (stat(expand(&sides[0], &o->o_path[0], text), &st) == 0 &&
	    S_ISFIFO(st.st_mode));
}

/* ---- the run ---- */

static void
round_begin(uid_t uid)
{
	char	 path[64];
	int	 i, j;

	for (i = 0; i < 2; i++) {
		/* deep: .. must not lead to where the other is */
		snprintf(path, sizeof(path), "%s/%c", top, 'A' + i);
		remove_tree(path);
		for (j = 0; j < 5; j++) {
			if (mkdir(path, 0755) == -1 ||
			    chmod(path, 0755) == -1)
				fail_msg("%s: %s", path, strerror(errno));
			(void)strlcat(path, "/p", sizeof(path));
		}
		snprintf(sides[i].s_root, sizeof(sides[i].s_root),
		    "%s/%c/p/p/p/p/R", top, 'A' + i);
		populate(&sides[i], uid);
		open_dirs(&sides[i]);
	}
}

static void
round_end(void)
{
	int	 i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < NDIRS; j++)
			close(sides[i].s_fds[j]);
}

static void
become(uid_t uid)
{
	if (uid == geteuid())
		return;
	if ((geteuid() != 0 && seteuid(0) == -1) || setegid(uid) == -1 ||
	    seteuid(uid) == -1)
		fail_msg("user %u: %s", uid, strerror(errno));
}

/* denied: the rights of R_LOOKS to be held, though no rule denies them. */
static int
run(uid_t uid, unsigned start, int cases, uint32_t denied)
{
	static struct op	 o;
	struct fake		 f;
	const uid_t		 home = geteuid();
	int			 n, before, after;

	seed = start;
	looking = denied != 0;
	fake_denied = denied;
	differences = 0;
	umask(027);
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	become(uid);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);	/* our own /proc stays ours */
	fake_start(&f);
	sides[1].s_fake = &f;
	before = fake_fds(&f);
	for (n = 0; n < cases && differences < 40; n++) {
		if (n % ROUND == 0) {
			if (n > 0)
				round_end();
			become(home);
			round_begin(uid);
			become(uid);
			prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		}
		gen_op(&o);
		if (op_waits(&o))
			continue;
		if (op_compare(&o) == -1) {
			n += ROUND - n % ROUND - 1;
			continue;
		}
		/* a worker that is at rest holds what it held at the start */
		if (fake_settled(&f, before) != before) {
			differ(&o, "number of descriptors");
			before = fake_fds(&f);
		}
		if (changed && compare_trees(&o) == -1)
			n += ROUND - n % ROUND - 1;
	}
	round_end();
	after = fake_settled(&f, before);
	assert_int_equal(chdir("/"), 0);
	become(home);
	if (fake_stop(&f) != 0 || before != after) {
		fprintf(stderr, "# worker: %d descriptors, then %d\n",
		    before, after);
		return (1);
	}
	fprintf(stderr, "# %d calls as user %u, %d of them succeeded\n", made,
	    uid, succeeded);
	return (differences);
}

static int
env_number(const char *name, int other)
{
	const char	*p = getenv(name);

	return (p != NULL ? atoi(p) : other);
}

/*
 * The generated calls are made for real, and as root they would hit the
 * machine: never but in a root directory with nothing in it but the two
 * trees, a procfs and two devices.
 */
static int
enclose(void)
{
	struct stat	 st;
	char		 path[64];
	int		 fd, i;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return (-1);
	if (chdir(top) == -1 || mkdir("proc", 0755) == -1 ||
	    mkdir("dev", 0755) == -1 || mkdir("tmp", 01777) == -1)
		return (-1);
	snprintf(path, sizeof(path), "%s/proc", top);
	if (mount("proc", path, "proc", 0, NULL) == -1)
		return (-1);
	if (mknod("dev/null", S_IFCHR | 0666, makedev(1, 3)) == -1 ||
	    mknod("dev/zero", S_IFCHR | 0666, makedev(1, 5)) == -1 ||
	    symlink("/proc/self/fd", "dev/fd") == -1 || chroot(".") == -1)
		return (-1);
	(void)strlcpy(top, "/tmp", sizeof(top));
	/* a descriptor of the machine's own is a way out, too */
	if (close_range(3, ~0U, 0) == -1)
		return (-1);
	if ((fd = open("/dev/null", O_RDWR)) == -1)
		return (-1);
	for (i = 0; i < 3; i++)
		if (fstat(i, &st) == -1 || S_ISCHR(st.st_mode))
			(void)dup2(fd, i);
	if (fd > 2)
		close(fd);
	enclosed = 1;
	return (chmod(top, 01777));
}

/* In a process of its own: credentials are not given back. */
static void
run_child(uid_t uid, uint32_t denied)
{
	pid_t	 pid;
	int	 status;

	snprintf(top, sizeof(top), "/tmp/privsep-diff.%d.%u", getpid(), uid);
	if (mkdir(top, 0777) == -1 || chmod(top, 0777) == -1)
		fail_msg("%s: %s", top, strerror(errno));
	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (geteuid() == 0 && enclose() == -1) {
			perror("# enclose");
			_exit(77);
		}
		if (uid != 0 && geteuid() == 0 && setgroups(0, NULL) == -1)
			_exit(2);
		_exit(run(uid, (unsigned)env_number("DIFF_SEED", 1),
		    env_number("DIFF_CASES", denied ? CASES / 2 : CASES), denied) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	remove_tree(top);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# no mount namespace of our own\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void
calls_as_root_equal_the_kernel(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# not root\n");
		skip();
	}
	run_child(0, 0);
}

static void
looking_as_root_equals_the_kernel(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# not root\n");
		skip();
	}
	run_child(0, R_LOOKS | R_HIDING);
}

static void
looking_as_an_ordinary_user_equals_the_kernel(void **state)
{
	(void)state;
	run_child(geteuid() == 0 ? NOBODY : geteuid(), R_LOOKS | R_HIDING);
}

static void
calls_as_an_ordinary_user_equal_the_kernel(void **state)
{
	(void)state;
	run_child(geteuid() == 0 ? NOBODY : geteuid(), 0);
}

/* What is not generated here, and which test has it. */
static const struct {
	const char	*name;
	const char	*why;
} elsewhere[] = {
	/* calls on descriptors of append-only files */
	{ "fcntl",		"append.t" },
	{ "ftruncate",		"append.t" },
	{ "fallocate",		"append.t" },
	{ "io_submit",		"append.t" },
	{ "pwritev2",		"append.t" },
	/* its descriptor is of another kind */
	{ "inotify_add_watch",	"hidden.t" }
};

static int
generated(const char *name)
{
	size_t	 i;

	for (i = 0; i < NCALLS; i++)
		if (strcmp(calls[i], name) == 0)
			return (1);
	for (i = 0; i < NLOOKS; i++)
		if (strcmp(looks[i], name) == 0)
			return (1);
	for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (strcmp(elsewhere[i].name, name) == 0)
			return (1);
	return (0);
}

/* A call with a handler that nobody compares with the kernel's is a gap. */
static void
every_call_with_a_path_is_generated(void **state)
{
	static const uint8_t	 paths[] = {
		SYSH_OPEN, SYSH_EXEC, SYSH_MKDIR, SYSH_MKNOD, SYSH_UNLINK,
		SYSH_RENAME, SYSH_LINK, SYSH_SYMLINK, SYSH_TRUNCATE,
		SYSH_CHMOD, SYSH_CHOWN, SYSH_UTIME, SYSH_XATTR, SYSH_STAT,
		SYSH_ACCESS, SYSH_READLINK, SYSH_STATFS, SYSH_GETXATTR,
		SYSH_LIST, SYSH_CHDIR, SYSH_WATCH, SYSH_HANDLE, SYSH_CHROOT,
		SYSH_APPEND
	};
	const struct sysent	*se;
	size_t			 i;
	int			 missing = 0;

	(void)state;
	for (i = 0; i < sysent_count; i++) {
		se = &sysent[i];
		if (se->se_handler == SYSH_NONE || memchr(paths,
		    se->se_handler, sizeof(paths)) == NULL ||
		    generated(se->se_name))
			continue;
		print_message("# not generated: %s\n", se->se_name);
		missing++;
	}
	assert_int_equal(missing, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_with_a_path_is_generated),
		cmocka_unit_test(calls_as_root_equal_the_kernel),
		cmocka_unit_test(calls_as_an_ordinary_user_equal_the_kernel),
		cmocka_unit_test(looking_as_root_equals_the_kernel),
		cmocka_unit_test(looking_as_an_ordinary_user_equals_the_kernel)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
