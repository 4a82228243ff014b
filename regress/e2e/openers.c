/*
 * Every way in C to open or otherwise reach a file by a name or descriptor,
 * for secrets.t.  Prints "METHOD: ERRNO" or "METHOD: LEAK" a line; a method
 * leaks when it yields a byte of the file.
 *
 *	openers FILE WORKDIR
 */
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char	*file, *work;
static char		 dir[PATH_MAX], name[PATH_MAX], up[PATH_MAX];

/* Is there a byte to be had from this descriptor, by any means? */
static int
leaks(int fd)
{
	char	 buf[64], link[64];
	int	 fd2, p[2];
	void	*m;

	if (pread(fd, buf, sizeof(buf), 0) > 0)
		return (1);
	m = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m != MAP_FAILED)
		return (1);
	if (pipe(p) == 0) {
		if (sendfile(p[1], fd, NULL, 16) > 0)
			return (1);
		close(p[0]);
		close(p[1]);
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((fd2 = open(link, O_RDONLY)) != -1)
		return (1);
	snprintf(link, sizeof(link), "/dev/fd/%d", fd);
	if ((fd2 = open(link, O_RDONLY)) != -1)
		return (1);
	if ((fd2 = openat(fd, "", O_RDONLY)) != -1)
		return (1);
	return (0);
}

static void
result(const char *method, int fd)
{
	int	 error = errno;

	if (fd == -1)
		printf("%s: %s\n", method, strerrorname_np(error));
	else
		printf("%s: %s\n", method, leaks(fd) ? "LEAK" : "opened");
	fflush(stdout);
	if (fd != -1)
		close(fd);
}

/* A call that must fail. */
static void
refused(const char *method, long rv)
{
	if (rv == -1)
		printf("%s: %s\n", method, strerrorname_np(errno));
	else
		printf("%s: LEAK\n", method);
	fflush(stdout);
}

static int
openat2_(int at, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = flags;
	how.resolve = resolve;
	return ((int)syscall(SYS_openat2, at, path, &how, sizeof(how)));
}

static void
by_flags(void)
{
	static const struct {
		const char	*name;
		int		 flags;
	} all[] = {
		{ "O_RDONLY", O_RDONLY }, { "O_WRONLY", O_WRONLY },
		{ "O_RDWR", O_RDWR }, { "O_ACCMODE", O_ACCMODE },
		{ "O_PATH", O_PATH }, { "O_PATH|NOFOLLOW", O_PATH | O_NOFOLLOW },
		{ "O_NOFOLLOW", O_NOFOLLOW }, { "O_CREAT", O_CREAT },
		{ "O_CREAT|EXCL", O_CREAT | O_EXCL },
		{ "O_APPEND", O_WRONLY | O_APPEND },
		{ "O_RDONLY|TRUNC", O_RDONLY | O_TRUNC },
		{ "O_NONBLOCK", O_NONBLOCK }, { "O_CLOEXEC", O_CLOEXEC },
		{ "O_DIRECT", O_DIRECT }, { "O_NOATIME", O_NOATIME },
		{ "O_DIRECTORY", O_DIRECTORY }, { "O_LARGEFILE", 0100000 }
	};
	char	 label[64];
	size_t	 i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(label, sizeof(label), "open %s", all[i].name);
		result(label, (int)syscall(SYS_open, file, all[i].flags,
		    0600));
		snprintf(label, sizeof(label), "openat2 %s", all[i].name);
		result(label, openat2_(AT_FDCWD, file,
		    (uint64_t)all[i].flags & ~(uint64_t)0100000, 0));
	}
	result("creat", creat(file, 0600));
	result("O_TMPFILE", open(dir, O_TMPFILE | O_RDWR, 0600));
}

static void
by_dirfd(void)
{
	char	 rel[PATH_MAX * 2];
	int	 fd;

	fd = open(dir, O_PATH | O_DIRECTORY);
	result("openat in O_PATH directory", openat(fd, name, O_RDONLY));
	result("openat2 BENEATH", openat2_(fd, name, O_RDONLY,
	    RESOLVE_BENEATH));
	close(fd);
	fd = open(up, O_PATH | O_DIRECTORY);
	snprintf(rel, sizeof(rel), "%s/%s", strrchr(dir, '/') + 1, name);
	result("openat from the parent", openat(fd, rel, O_RDONLY));
	result("openat2 from the parent", openat2_(fd, rel, O_RDONLY,
	    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
	result("openat2 IN_ROOT", openat2_(fd, rel, O_RDONLY,
	    RESOLVE_IN_ROOT));
	snprintf(rel, sizeof(rel), "/%s/%s", strrchr(dir, '/') + 1, name);
	result("openat2 IN_ROOT absolute", openat2_(fd, rel, O_RDONLY,
	    RESOLVE_IN_ROOT));
	if (fchdir(fd) == 0)
		result("open from the parent", open(rel + 1, O_RDONLY));
	close(fd);
	fd = open("/", O_PATH | O_DIRECTORY);
	result("openat from the root", openat(fd, file + 1, O_RDONLY));
	close(fd);
	if (chdir(dir) == 0)
		result("open in the directory", open(name, O_RDONLY));
	if (chdir(work) == -1)
		_exit(1);
}

static void
by_proc(void)
{
	static const char *const fmt[] = {
		"/proc/self/root%s", "/proc/thread-self/root%s",
		"/proc/self/root/proc/self/root%s", "/proc/%2$d/root%1$s",
		"/proc/%2$d/task/%2$d/root%1$s", "//%s", "/./%s",
		"/proc/../%s", "/usr/../%s", "/proc/self/cwd/../../../../../%s",
		"/dev/fd/../root%s", "/proc/self/fd/../cwd/../../../../..%s"
	};
	char	 path[PATH_MAX * 2];
	size_t	 i;

	for (i = 0; i < sizeof(fmt) / sizeof(fmt[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(path, sizeof(path), fmt[i], file, getpid());
#pragma GCC diagnostic pop
		result(path, open(path, O_RDONLY));
	}
}

static void
by_new_name(void)
{
	char	 to[PATH_MAX * 2];
	int	 fd;

	snprintf(to, sizeof(to), "%s/new-name", work);
	unlink(to);
	refused("link", link(file, to));
	result("... and open", open(to, O_RDONLY));
	refused("linkat AT_SYMLINK_FOLLOW", linkat(AT_FDCWD, file, AT_FDCWD,
	    to, AT_SYMLINK_FOLLOW));
	if ((fd = open(file, O_PATH)) != -1) {
		refused("linkat AT_EMPTY_PATH", linkat(fd, "", AT_FDCWD, to,
		    AT_EMPTY_PATH));
		close(fd);
	}
	refused("rename", rename(file, to));
	refused("renameat2 EXCHANGE", syscall(SYS_renameat2, AT_FDCWD, file,
	    AT_FDCWD, "header", 2));
	refused("rename of the directory", rename(dir, to));
	refused("renameat2 EXCHANGE of the directory", syscall(SYS_renameat2,
	    AT_FDCWD, dir, AT_FDCWD, work, 2));
	unlink(to);
	if (symlink(file, to) == 0) {
		result("symlink", open(to, O_RDONLY));
		result("symlink O_PATH", open(to, O_PATH));
		result("symlink NOFOLLOW", open(to, O_RDONLY | O_NOFOLLOW));
		result("openat2 NO_MAGICLINKS", openat2_(AT_FDCWD, to,
		    O_RDONLY, RESOLVE_NO_MAGICLINKS));
		unlink(to);
	}
	if (symlink(dir, to) == 0) {
		snprintf(to, sizeof(to), "%s/new-name/%s", work, name);
		result("symlink to the directory", open(to, O_RDONLY));
		snprintf(to, sizeof(to), "%s/new-name", work);
		unlink(to);
	}
}

static void
by_other_calls(void)
{
	struct file_handle	*fh;
	struct timespec		 ts[2] = { { 1, 0 }, { 1, 0 } };
	char			 to[PATH_MAX * 2];
	int			 id = 0, fd;

	fh = calloc(1, sizeof(*fh) + 128);
	fh->handle_bytes = 128;
	if (name_to_handle_at(AT_FDCWD, file, fh, &id, 0) == 0) {
		fd = open("/", O_RDONLY | O_DIRECTORY);
		result("open_by_handle_at", open_by_handle_at(fd, fh,
		    O_RDONLY));
	}
	refused("truncate", truncate(file, 0));
	refused("unlink", unlink(file));
	refused("chmod", chmod(file, 0777));
	refused("chown", chown(file, getuid(), getgid()));
	refused("utimensat", utimensat(AT_FDCWD, file, ts, 0));
	refused("setxattr", setxattr(file, "user.x", "x", 1, 0));
	refused("removexattr", removexattr(file, "user.x"));
	refused("rmdir", rmdir(dir));
	refused("execve", execve(file, (char *[]){ to, NULL },
	    (char *[]){ NULL }));
	refused("bind mount", mount(file, work, NULL, MS_BIND, NULL));
	refused("open_tree", syscall(SYS_open_tree, AT_FDCWD, file, 1));
	refused("io_uring_setup", syscall(SYS_io_uring_setup, 1, to));
	refused("chroot", chroot(dir));
	refused("fanotify_init", syscall(SYS_fanotify_init, 0, O_RDONLY));
	refused("userfaultfd", syscall(SYS_userfaultfd, 0));
	refused("unshare CLONE_NEWUSER", unshare(CLONE_NEWUSER));
	refused("uselib", syscall(SYS_uselib, file));
	refused("acct", syscall(SYS_acct, file));
	refused("swapon", syscall(SYS_swapon, file, 0));
	refused("quotactl", syscall(SYS_quotactl, 0, file, 0, 0));
	snprintf(to, sizeof(to), "%s/x", dir);
	refused("mkdir", mkdir(to, 0700));
	refused("mknod", mknod(to, S_IFREG | 0600, 0));
	refused("mkfifo", mkfifo(to, 0600));
	refused("symlink into", symlink("/", to));
}

/* The receiver reads the caller's memory: paths where it is odd. */
static void
by_memory(void)
{
	char	*m, *p;
	size_t	 len = strlen(file) + 1;

	m = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(m + 4096, 4096);
	p = m + 4096 - len;
	memcpy(p, file, len);
	result("path at the end of a mapping", open(p, O_RDONLY));
	m[4095] = 'x';
	result("path without an end", open(p, O_RDONLY));
	result("path at address 1", (int)syscall(SYS_open, 1, O_RDONLY));
	result("path at no address", (int)syscall(SYS_open, 0, O_RDONLY));
	result("path in the kernel", (int)syscall(SYS_open,
	    0xffffffff81000000UL, O_RDONLY));
	mprotect(m, 4096, PROT_NONE);
	result("path in unreadable memory", open(p, O_RDONLY));
	mprotect(m, 4096, PROT_WRITE);
	m[4095] = '\0';
	result("path in write-only memory", open(p, O_RDONLY));
}

int
main(int argc, char **argv)
{
	char	 copy[PATH_MAX];

	if (argc != 3) {
		fprintf(stderr, "usage: openers file workdir\n");
		return (1);
	}
	file = argv[1];
	work = argv[2];
	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(dir, sizeof(dir), "%s", dirname(copy));
	snprintf(name, sizeof(name), "%s", strrchr(file, '/') + 1);
	snprintf(copy, sizeof(copy), "%s", dir);
	snprintf(up, sizeof(up), "%s", dirname(copy));
	by_flags();
	by_dirfd();
	by_proc();
	by_new_name();
	by_other_calls();
	by_memory();
	return (0);
}
