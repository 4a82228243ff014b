/*
 * Tricks to get at a file that a rule denies, where the kernel alone holds
 * the rule: new names, renamed parents, exchanged links, descriptors opened
 * again, mapping, execution.  One line for each: METHOD: ERRNO, LEAK or kept.
 * Run bare with the same arguments most of them leak.
 *
 *	kernelbreak SECRET WORK
 *
 * SECRET is a file two directories below one that is allowed; WORK can be
 * written and executed.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS		4000		/* of a race */

static int	 how2(int, const char *, uint64_t, uint64_t);

static const char	*secret, *work;	/* short: at most 2000 bytes */
static char		 dir[2048], up[2048], name[256];
static char		 content[64];	/* what a leak begins with */

static void
say(const char *method, int leaked, int error)
{
	printf("%s: %s\n", method, leaked ? "LEAK" :
	    error != 0 ? strerrorname_np(error) : "kept");
	fflush(stdout);
}

/* Does anything come out of this descriptor? */
static int
readable(int fd)
{
	struct stat	 st;
	char		 buf[64];
	void		*m;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		return (0);
	if (pread(fd, buf, sizeof(buf), 0) > 0)
		return (memcmp(buf, "SECRET", 6) == 0);
	m = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m == MAP_FAILED)
		return (0);
	memcpy(content, m, 6);
	munmap(m, 4096);
	return (memcmp(content, "SECRET", 6) == 0);
}

static void
try(const char *method, int fd)
{
	int	 error = errno, leak;

	if (fd == -1) {
		say(method, 0, error);
		return;
	}
	leak = readable(fd);
	close(fd);
	say(method, leak, 0);
}

static const char *
in(const char *base, const char *rest)
{
	static char	 path[4][PATH_MAX * 2];
	static int	 turn;
	char		*p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", base, rest);
	return (p);
}

/* A call that must fail, and a name that then must not lead anywhere. */
static void
new_name(const char *method, long rv, const char *as)
{
	int	 error = errno, fd, leak = 0;

	if ((fd = open(as, O_RDONLY)) != -1) {
		leak = readable(fd);
		close(fd);
	}
	say(method, leak, rv == -1 ? error : 0);
}

static void
links(void)
{
	const char	*to = in(work, "hard");
	char		 proc[64];
	int		 fd;

	new_name("link", link(secret, to), to);
	if ((fd = open(secret, O_PATH)) != -1) {
		new_name("linkat of O_PATH", linkat(fd, "", AT_FDCWD, to,
		    AT_EMPTY_PATH), to);
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
		new_name("linkat of /proc/self/fd", linkat(AT_FDCWD, proc,
		    AT_FDCWD, to, AT_SYMLINK_FOLLOW), to);
		try("O_PATH, then /proc/self/fd", open(proc, O_RDONLY));
		try("O_PATH, then /proc/self/fd, O_RDWR", open(proc, O_RDWR));
		snprintf(proc, sizeof(proc), "/dev/fd/%d", fd);
		try("O_PATH, then /dev/fd", open(proc, O_RDONLY));
		snprintf(proc, sizeof(proc), "/proc/thread-self/fd/%d", fd);
		try("O_PATH, then thread-self", open(proc, O_RDONLY));
		close(fd);
	}
	unlink(to);
	new_name("symlink", symlink(secret, to), to);
	unlink(to);
	new_name("symlink of the directory", symlink(dir, to),
	    in(to, name));
	unlink(to);
}

static void
renames(void)
{
	char	 other[PATH_MAX], moved[PATH_MAX];

	snprintf(moved, sizeof(moved), "%s/moved", work);
	new_name("rename", rename(secret, moved), moved);
	new_name("rename of its directory", rename(dir, moved),
	    in(moved, name));
	snprintf(other, sizeof(other), "%s/%s", strrchr(dir, '/') + 1, name);
	new_name("rename of the directory above", rename(up, moved),
	    in(moved, other));
	snprintf(other, sizeof(other), "%s.x", dir);
	new_name("rename beside", rename(dir, other), in(other, name));
	mkdir(moved, 0700);
	new_name("RENAME_EXCHANGE of its directory", syscall(SYS_renameat2,
	    AT_FDCWD, dir, AT_FDCWD, moved, 2), in(moved, name));
	new_name("RENAME_EXCHANGE of the directory above",
	    syscall(SYS_renameat2, AT_FDCWD, up, AT_FDCWD, moved, 2),
	    in(moved, strrchr(dir, '/') + 1));
	rmdir(moved);
	say("unlink", unlink(secret) == 0, errno);
	say("rmdir", rmdir(dir) == 0, errno);
}

static int
how2(int at, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = flags;
	how.resolve = resolve;
	return ((int)syscall(SYS_openat2, at, path, &how, sizeof(how)));
}

/* Neither to read nor to write: an open all the same. */
static void
modes(void)
{
	int	 fd;

	fd = open(secret, O_ACCMODE);
	say("open with access mode 3", fd != -1, errno);
	close(fd);
	fd = how2(AT_FDCWD, secret, O_ACCMODE, 0);
	say("openat2 with access mode 3", fd != -1, errno);
	close(fd);
}

static void
resolves(void)
{
	static const struct {
		const char	*name;
		uint64_t	 resolve;
	} all[] = {
		{ "openat2", 0 },
		{ "openat2 NO_SYMLINKS", RESOLVE_NO_SYMLINKS },
		{ "openat2 NO_MAGICLINKS", RESOLVE_NO_MAGICLINKS },
		{ "openat2 NO_XDEV", RESOLVE_NO_XDEV },
		{ "openat2 BENEATH", RESOLVE_BENEATH },
		{ "openat2 IN_ROOT", RESOLVE_IN_ROOT },
		{ "openat2 CACHED", 0x20 },
	};
	char	 rel[PATH_MAX];
	size_t	 i;
	int	 root, fd;

	root = open("/", O_PATH | O_DIRECTORY);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		try(all[i].name, how2(root, secret + 1, O_RDONLY,
		    all[i].resolve));
	close(root);
	snprintf(rel, sizeof(rel), "%s/%s", strrchr(dir, '/') + 1, name);
	fd = open(up, O_PATH | O_DIRECTORY);
	try("openat of the directory above", openat(fd, rel, O_RDONLY));
	if (fchdir(fd) == 0)
		try("fchdir above, open", open(rel, O_RDONLY));
	close(fd);
	fd = open(dir, O_PATH | O_DIRECTORY);
	try("openat of its directory", openat(fd, name, O_RDONLY));
	if (fchdir(fd) == 0)
		try("fchdir, open", open(name, O_RDONLY));
	close(fd);
	if (chdir(work) == -1)
		_exit(1);
	try("/proc/self/root", open(in("/proc/self/root", secret + 1),
	    O_RDONLY));
	try("O_RDWR", open(secret, O_RDWR));
	try("O_CREAT", open(secret, O_RDONLY | O_CREAT, 0600));
	try("O_NOFOLLOW", open(secret, O_RDONLY | O_NOFOLLOW));
	try("O_DIRECT", open(secret, O_RDONLY | O_DIRECT));
	say("O_TRUNC", open(secret, O_WRONLY | O_TRUNC) != -1, errno);
	say("truncate", truncate(secret, 0) == 0, errno);
	say("a name beside it", open(in(dir, "new"), O_WRONLY | O_CREAT,
	    0600) != -1, errno);
	say("O_TMPFILE beside it", open(dir, O_TMPFILE | O_RDWR, 0600) != -1,
	    errno);
	say("mkdir beside it", mkdir(in(dir, "d"), 0700) == 0, errno);
	say("mkfifo beside it", mkfifo(in(dir, "p"), 0600) == 0, errno);
	say("symlink beside it", symlink("x", in(dir, "l")) == 0, errno);
	say("link into its directory", link(in(work, "plain"),
	    in(dir, "h")) == 0, errno);
	say("rename into its directory", rename(in(work, "plain"),
	    in(dir, "r")) == 0, errno);
}

/* Run a program on the secret: its output is the leak. */
static void
run(const char *method, char *const argv[])
{
	char	 buf[4096];
	ssize_t	 n, all = 0;
	int	 p[2], st, leak = 0;
	pid_t	 pid;

	if (pipe(p) == -1)
		_exit(1);
	if ((pid = fork()) == 0) {
		dup2(p[1], STDOUT_FILENO);
		dup2(p[1], STDERR_FILENO);
		close(p[0]);
		execv(argv[0], argv);
		_exit(errno == EACCES ? 200 : 201);
	}
	close(p[1]);
	while ((n = read(p[0], buf + all, sizeof(buf) - 1 - (size_t)all)) > 0)
		all += n;
	buf[all] = '\0';
	leak = strstr(buf, "SECRET") != NULL;
	close(p[0]);
	waitpid(pid, &st, 0);
	say(method, leak || (WIFEXITED(st) && WEXITSTATUS(st) == 0),
	    WIFEXITED(st) && WEXITSTATUS(st) == 200 ? EACCES : EPERM);
}

static void
programs(const char *denied)
{
	char	 ld[] = "/lib64/ld-linux-x86-64.so.2";
	char	 sh[] = "/bin/sh", c[] = "-c", cat[] = "/bin/cat";
	char	 src[] = ". \"$0\"", cp[] = "/bin/cp";
	char	*file = strdup(secret), *prog = strdup(denied);
	char	*copy = strdup(in(work, "copy"));
	int	 fd;

	run("exec", (char *[]){ prog, NULL });
	if (access(ld, F_OK) == 0)
		run("exec by ld.so", (char *[]){ ld, prog, NULL });
	run("cat", (char *[]){ cat, file, NULL });
	run("sh, source", (char *[]){ sh, c, src, file, NULL });
	run("cp", (char *[]){ cp, file, copy, NULL });
	if ((fd = open(prog, O_PATH)) != -1) {
		syscall(SYS_execveat, fd, "", (char *[]){ prog, NULL }, NULL,
		    AT_EMPTY_PATH);
		say("execveat of O_PATH", 0, errno);
		close(fd);
	}
	free(file);
	free(prog);
	free(copy);
}

/* A directory and a link to the secret's take turns under one name. */
static volatile int	 stop;
static char		 swap[PATH_MAX], a[PATH_MAX], b[PATH_MAX];

static void *
swapper(void *arg)
{
	while (!stop)
		syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2);
	return (arg);
}

static void
races(void)
{
	pthread_t	 th;
	char		 path[PATH_MAX * 2];
	int		 i, fd, leak = 0, got = 0;

	snprintf(swap, sizeof(swap), "%s/swap", work);
	snprintf(a, sizeof(a), "%s/swap/a", work);
	snprintf(b, sizeof(b), "%s/swap/b", work);
	mkdir(swap, 0700);
	mkdir(a, 0700);
	snprintf(path, sizeof(path), "%s/%s", a, name);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) == -1 ||
	    write(fd, "public", 6) != 6 || symlink(dir, b) == -1)
		_exit(1);
	close(fd);
	if (pthread_create(&th, NULL, swapper, NULL) != 0)
		_exit(1);
	for (i = 0; i < ROUNDS; i++) {
		if ((fd = open(path, O_RDONLY)) == -1)
			continue;
		got++;
		leak |= readable(fd);
		close(fd);
	}
	stop = 1;
	pthread_join(th, NULL);
	say("a symbolic link exchanged for a directory", leak,
	    got > 0 ? EACCES : EIO);
}

/* A thread, a child and a passed descriptor are in the same domain. */
static void *
thread(void *arg)
{
	try("in a thread", open(secret, O_RDONLY));
	return (arg);
}

static void
relations(void)
{
	pthread_t	 th;
	pid_t		 pid;

	if (pthread_create(&th, NULL, thread, NULL) == 0)
		pthread_join(th, NULL);
	if ((pid = fork()) == 0) {
		try("in a child", open(secret, O_RDONLY));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if ((pid = vfork()) == 0)
		_exit(open(secret, O_RDONLY) == -1 ? 0 : 1);
	waitpid(pid, NULL, 0);
	if (unshare(CLONE_NEWUSER) == 0)
		try("in a user namespace", open(secret, O_RDONLY));
	else
		say("unshare", 0, errno);
	say("chroot above", chroot(up) == 0, errno);
	try("open_tree", (int)syscall(428, AT_FDCWD, secret, 0));
}

int
main(int argc, char **argv)
{
	char	*p;

	if (argc != 4)
		return (2);
	secret = argv[1];
	work = argv[2];
	snprintf(dir, sizeof(dir), "%s", secret);
	p = strrchr(dir, '/');
	*p = '\0';
	snprintf(name, sizeof(name), "%s", p + 1);
	snprintf(up, sizeof(up), "%s", dir);
	*strrchr(up, '/') = '\0';
	if (chdir(work) == -1)
		return (2);
	close(open("plain", O_WRONLY | O_CREAT, 0600));
	modes();
	resolves();
	links();
	races();
	relations();
	programs(argv[3]);
	renames();
	puts("end");
	return (0);
}
