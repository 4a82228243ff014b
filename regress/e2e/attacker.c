/*
 * What an attacker tried, for attack.t: `attacker CASE ARGS'.  Prints what it
 * got; "breach" is in the output when something got through.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset	444
#endif
#define INFLIGHT_BATCH	250	/* SCM_MAX_FD is 253 */
#define INFLIGHT_QUEUE	4	/* messages that a stream socket surely takes */

static char		**args;		/* of the case */
static volatile char	 path[PATH_MAX];	/* swapped under the kernel */
static volatile struct open_how how;
static atomic_int	 accmode;
static atomic_int	 begun;

static void
msleep(long ms)
{
	struct timespec	 ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) == -1)
		;
}

static long
msec(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

static const char *
result(int rv)
{
	return (rv == -1 ? strerrorname_np(errno) : "ok");
}

/* Print it now: the process may be about to die. */
static void
say(const char *what, const char *value)
{
	printf("%s %s\n", what, value);
	fflush(stdout);
}

/* ---- how, path: ALLOWED DENIED MSEC ---- */

static void
path_set(const char *p)
{
	size_t	 i = 0;

	do
		path[i] = p[i];
	while (p[i++] != '\0');
}

static void
pause_some(void)
{
	volatile int	 i;

	for (i = 0; i < 200; i++)
		;
}

static void *
swap(void *arg)
{
	(void)arg;
	for (;;) {
		path_set(args[0]);
		how.flags = O_PATH;
		atomic_store(&begun, 1);
		pause_some();
		path_set(args[1]);
		how.flags = (uint64_t)atomic_load(&accmode);
		pause_some();
	}
	return (NULL);
}

static long
swap_start(void)
{
	pthread_t	 t;

	path_set(args[0]);
	how.flags = O_PATH;
	if (pthread_create(&t, NULL, swap, NULL) != 0)
		exit(2);
	while (!atomic_load(&begun))
		;
	return (msec() + atol(args[2]));
}

/* Of the denied file, by what the kernel calls it. */
static int
is_denied(int fd)
{
	char	 link[64], name[PATH_MAX];
	ssize_t	 n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((n = readlink(link, name, sizeof(name) - 1)) == -1)
		return (0);
	name[n] = '\0';
	return (strcmp(name, args[1]) == 0);
}

static int
can_use(int fd)
{
	char	 byte;

	return (read(fd, &byte, 1) != -1 || write(fd, "x", 1) != -1);
}

static int
how_main(void)
{
	struct open_how	 plain = { .flags = O_PATH };
	long		 end, n = 0;
	int		 fd;

	say("openat2 O_PATH", result((int)syscall(SYS_openat2, AT_FDCWD,
	    args[0], &plain, sizeof(plain))));
	plain.flags = O_RDONLY;
	say("openat2 O_RDONLY", result((int)syscall(SYS_openat2, AT_FDCWD,
	    args[0], &plain, sizeof(plain))));
	end = swap_start();
	while (msec() < end) {
		atomic_store(&accmode, ++n % 2 ? O_RDONLY : O_WRONLY);
		fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how,
		    sizeof(how));
		if (fd == -1)
			continue;
		if (is_denied(fd) && can_use(fd)) {
			say("breach:", "an open denied file");
			return (1);
		}
		close(fd);
	}
	say("held", n > 100 ? "" : "but for too few tries");
	return (0);
}

/* Everything an O_PATH descriptor of a denied object could be good for. */
static int
path_use(int fd)
{
	static const int	 flags[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char			 link[64];
	size_t			 i;
	int			 new = -1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	for (i = 0; i < 3 && new == -1; i++)
		new = open(link, flags[i]);
	if (new == -1) {
		snprintf(link, sizeof(link), "/dev/fd/%d", fd);
		new = open(link, O_RDONLY | O_DIRECTORY);
	}
	if (new == -1)
		new = openat(fd, "id", O_RDONLY);
	if (new == -1 && (linkat(fd, "", AT_FDCWD, "hard", AT_EMPTY_PATH) !=
	    -1 || linkat(AT_FDCWD, link, AT_FDCWD, "hard",
	    AT_SYMLINK_FOLLOW) != -1)) {
		new = open("hard", O_RDONLY);
		unlink("hard");
	}
	return (new != -1);
}

static int
path_main(void)
{
	long	 end, n = 0, caught = 0;
	int	 fd;

	end = swap_start();
	while (msec() < end) {
		fd = (int)(++n % 2 ?
		    syscall(SYS_openat, AT_FDCWD, path, O_PATH) :
		    syscall(SYS_open, path, O_PATH));
		if (fd == -1)
			continue;
		if (is_denied(fd)) {
			caught++;
			if (path_use(fd)) {
				say("breach:", "an O_PATH descriptor used");
				return (1);
			}
		}
		close(fd);
	}
	printf("caught %ld of %ld\n", caught, n);
	say("held", n > 100 ? "" : "but for too few tries");
	return (0);
}

/* ---- terminals ---- */

/* Outside: a terminal of this user's that somebody types a secret into. */
static int
pty_main(void)
{
	int	 fd;

	if ((fd = posix_openpt(O_RDWR | O_NOCTTY)) == -1 ||
	    grantpt(fd) == -1 || unlockpt(fd) == -1)
		return (2);
	puts(ptsname(fd));
	fflush(stdout);
	for (;;) {
		(void)!write(fd, "typed\n", 6);
		msleep(200);
	}
}

static int
tty_main(void)
{
	static const struct {
		const char	*name;
		int		 flags;
	} ways[] = {
		{ "read",	O_RDONLY | O_NOCTTY | O_NONBLOCK },
		{ "write",	O_WRONLY | O_NOCTTY | O_NONBLOCK },
		{ "both",	O_RDWR | O_NONBLOCK }
	};
	char	 link[64];
	size_t	 i;
	int	 fd;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fd = open(args[0], ways[i].flags);
		say(ways[i].name, result(fd));
		if (fd != -1)
			close(fd);
	}
	if ((fd = open(args[0], O_PATH)) != -1) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		say("again", result(open(link, O_RDWR | O_NOCTTY)));
	} else
		say("again", result(-1));
	return (0);
}

/* ---- the kernel's own ---- */

static int
landlock_main(void)
{
	uint64_t	 attr = 1;

	say("version", result((int)syscall(__NR_landlock_create_ruleset,
	    NULL, 0, 1)));
	say("ruleset", result((int)syscall(__NR_landlock_create_ruleset,
	    &attr, sizeof(attr), 0)));
	return (0);
}

/* Abort in a directory where no file may be made. */
static int
core_main(void)
{
	struct rlimit	 rl;

	getrlimit(RLIMIT_CORE, &rl);
	printf("limit %ld\n", (long)rl.rlim_max);
	rl.rlim_cur = rl.rlim_max = RLIM_INFINITY;
	say("raise", result(setrlimit(RLIMIT_CORE, &rl)));
	if (chdir(args[0]) == -1)
		return (2);
	say("create", result(open("x", O_CREAT | O_WRONLY, 0600)));
	abort();
}

/* ---- what a sandbox may run out of ---- */

/* N descriptors in flight, then an open, and one when they are gone. */
static int
inflight_main(void)
{
	union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(INFLIGHT_BATCH * sizeof(int))];
	} ctl;
	struct iovec	 iov = { "x", 1 };
	struct msghdr	 mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct rlimit	 rl;
	int		 sp[2], n, i, want = atoi(args[0]);

	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	memset(&ctl, 0, sizeof(ctl));
	mh.msg_control = &ctl;
	mh.msg_controllen = sizeof(ctl);
	ctl.hdr.cmsg_level = SOL_SOCKET;
	ctl.hdr.cmsg_type = SCM_RIGHTS;
	ctl.hdr.cmsg_len = CMSG_LEN(INFLIGHT_BATCH * sizeof(int));
	for (n = i = 0; n < want; i++) {
		if (i % INFLIGHT_QUEUE == 0 &&
		    socketpair(AF_UNIX, SOCK_STREAM, 0, sp) == -1)
			return (2);
		if (sendmsg(sp[0], &mh, MSG_DONTWAIT) == -1)
			return (2);
		n += INFLIGHT_BATCH;
	}
	say("absolute", result(open("/etc/hostname", O_RDONLY)));
	say("relative", result(open("attacker", O_RDONLY)));
	say("chmod", result(chmod("attacker", 0755)));
	for (i = 3; i < 1000; i++)
		close(i);
	for (i = 0; i < 50 && (n = open("/etc/hostname", O_RDONLY)) == -1; i++)
		msleep(20);
	say("afterwards", result(n));
	return (0);
}

/* N processes in blocked opens of the FIFO; then they are killed. */
static int
fifos_main(void)
{
	int	 i, n = atoi(args[1]), made = 0;
	pid_t	 pid[256];

	for (i = 0; i < n && i < 256; i++) {
		if ((pid[made] = fork()) == 0) {
			(void)!open(args[0], O_RDONLY);
			_exit(0);
		}
		if (pid[made] != -1)
			made++;
		msleep(5);
	}
	msleep(300);
	for (i = 0; i < made; i++)
		kill(pid[i], SIGKILL);
	while (wait(NULL) != -1)
		;
	say("made", made >= n / 2 ? "enough" : "too few");
	say("open", result(open("/etc/hostname", O_RDONLY)));
	return (0);
}

/* Execute FILE N times. */
static int
execs_main(void)
{
	int	 i, n = atoi(args[0]), st, ran = 0;
	pid_t	 pid;

	for (i = 0; i < n; i++) {
		if ((pid = fork()) == 0) {
			execl(args[1], args[1], NULL);
			_exit(1);
		}
		if (pid == -1 || waitpid(pid, &st, 0) != pid)
			return (2);
		ran += WIFEXITED(st) && WEXITSTATUS(st) == 0;
	}
	printf("ran %d of %d\n", ran, n);
	return (0);
}

/* Stop by signal N; a descendant continues us. */
static int
stop_main(void)
{
	pid_t	 self = getpid();

	if (fork() == 0) {
		msleep(200);
		kill(self, SIGCONT);
		_exit(0);
	}
	raise(atoi(args[0]));
	wait(NULL);
	return (7);
}

/* ---- the roles ---- */

/* What of process PID can be opened. */
static void
peek(const char *pid)
{
	static const char *const names[] = {
		"maps", "smaps", "environ", "auxv", "mem", "io", "pagemap",
		"syscall", "stack", "fd", "fdinfo", "map_files", "ns",
		"fd/3", "fdinfo/3", "root/etc/passwd", "cwd/etc/passwd", "exe"
	};
	char	 name[128], buf[1024];
	size_t	 i;
	ssize_t	 n;
	int	 fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "/proc/%s/%s", pid, names[i]);
		if ((fd = open(name, O_RDONLY | O_NONBLOCK)) == -1)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n == -1 && errno == EISDIR)
			n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
		if (n > 0)
			printf("breach: %s: %zd bytes\n", name, n);
		close(fd);
	}
}

/* Of every process that is one of the sandbox's. */
/* One of another run that nobody has waited for yet has nothing any more. */
static int
dead(const char *pid)
{
	char	 name[300], text[512];
	ssize_t	 n;
	int	 fd;

	snprintf(name, sizeof(name), "/proc/%s/stat", pid);
	if ((fd = open(name, O_RDONLY)) == -1)
		return (1);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return (strstr(text, ") Z ") != NULL || strstr(text, ") X ") != NULL);
}

static int
peek_main(void)
{
	struct dirent	*de;
	char		 name[300], comm[32];
	ssize_t		 n;
	DIR		*dir;
	int		 fd, roles = 0;

	snprintf(name, sizeof(name), "%d", getppid());
	peek(name);		/* the receiver, if we are the command */
	if ((dir = opendir("/proc")) == NULL)
		return (2);
	while ((de = readdir(dir)) != NULL) {
		if (de->d_name[0] < '1' || de->d_name[0] > '9')
			continue;
		snprintf(name, sizeof(name), "/proc/%s/comm", de->d_name);
		if ((fd = open(name, O_RDONLY)) == -1)
			continue;
		n = read(fd, comm, sizeof(comm) - 1);
		close(fd);
		if (n < 8 || memcmp(comm, "privsep-", 8) != 0 ||
		    dead(de->d_name))
			continue;
		roles++;
		peek(de->d_name);
	}
	say("roles", roles >= 4 ? "seen" : "not seen");
	return (0);
}

/* N calls of every kind that is brokered, good ones and bad ones. */
static void
mixed(int n)
{
	int	 i, fd;

	for (i = 0; i < n; i++) {
		switch (i % 12) {
		case 0:
			fd = open("/etc/passwd", O_RDONLY);
			break;
		case 1:
			fd = open("mixed", O_CREAT | O_RDWR, 0600);
			break;
		case 2:
			fd = open(".", O_PATH);
			break;
		case 3:
			fd = open(args[0], O_RDONLY);
			break;
		case 4:
			fd = mkdir("mixed.d", 0700);
			break;
		case 5:
			fd = rename("mixed", "mixed.d/x");
			break;
		case 6:
			fd = chmod("mixed.d/x", 0640);
			break;
		case 7:
			fd = open("/proc/self/maps", O_RDONLY);
			break;
		case 8:
			fd = unlink("mixed.d/x");
			break;
		case 9:
			fd = socket(AF_INET, SOCK_STREAM, 0);
			break;
		case 10:
			fd = setxattr("mixed.d", "user.x", "y", 1, 0);
			break;
		default:
			fd = open("/proc/self/fd/1", O_WRONLY);
		}
		if (fd > 2)
			close(fd);
	}
}

/* DENIED N: warm up, touch "warm"; when "go" is there, go and touch "gone". */
static int
mixed_main(void)
{
	struct stat	 st;

	mixed(2400);
	close(open("warm", O_CREAT | O_WRONLY, 0600));
	while (stat("go", &st) == -1)
		msleep(20);
	mixed(atoi(args[1]));
	close(open("gone", O_CREAT | O_WRONLY, 0600));
	while (stat("end", &st) == -1)
		msleep(20);
	return (0);
}

/* N: each open gives a descriptor of its own, never standard input's. */
static int
opens_main(void)
{
	int	 i, fd, n = atoi(args[0]), wrong = 0;

	for (i = 0; i < n; i++) {
		if ((fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC)) <= 2)
			wrong++;
		else
			close(fd);
	}
	printf("%d wrong\n", wrong);
	return (wrong != 0);
}

static const struct {
	const char	*name;
	int		 nargs;
	int		(*main)(void);
} cases[] = {
	{ "how",	3, how_main },
	{ "path",	3, path_main },
	{ "pty",	0, pty_main },
	{ "tty",	1, tty_main },
	{ "landlock",	0, landlock_main },
	{ "core",	1, core_main },
	{ "inflight",	1, inflight_main },
	{ "fifos",	2, fifos_main },
	{ "execs",	2, execs_main },
	{ "stop",	1, stop_main },
	{ "peek",	0, peek_main },
	{ "mixed",	2, mixed_main },
	{ "opens",	1, opens_main }
};

int
main(int argc, char **argv)
{
	size_t	 i;

	for (i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name) != 0 ||
		    argc - 2 != cases[i].nargs)
			continue;
		args = argv + 2;
		return (cases[i].main());
	}
	fprintf(stderr, "usage: attacker case args\n");
	return (2);
}
