/*
 * What a hostile role tries whichever it is; linked into it beside its own
 * objects.  Must never: ask for a right of its own.  It maps the page before
 * the role gives up its rights, and all it does later the role could.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DRILL_ROLE
#include "../../common/jail.h"
#include "../../proto/chan.h"
#include "drill.h"

#define FDS_MAX		253		/* SCM_MAX_FD */
#define CHUNK		(16UL << 20)	/* memory is asked for in these */
#define CHUNKS		256

void	 __real_jail_start(enum role, int);
void	 __wrap_jail_start(enum role, int);

void	 __real_jail_filter(enum role);
void	 __wrap_jail_filter(enum role);

static void	 wall(enum role);
static void	 wall_open(const char *, const char *, int);
static void	 wall_call(const char *, int);
static int	 wall_exec(void);
static int	 wall_connect(void);
static long	 argument(long, pid_t, int);
static void	 any_call(const struct drill_call *, pid_t, int);
static void	 any_flood(void) __attribute__((__noreturn__));
static void	 any_fds(void);
static void	 any_memory(void);

struct page	*drill;

static char	 zeros[256], forged[MSG_SIZE_MAX + 64], path[512];
static char	*none[1];
static struct iovec iov = { zeros, 8 };

/* The role begins: with all its rights, and its parent's environment. */
void
__wrap_jail_start(enum role role, int sig)
{
	static char	 env[65536];
	char		 name[64];
	const char	*p;
	ssize_t		 n, i;
	int		 fd;

	(void)snprintf(name, sizeof(name), "/proc/%d/environ", (int)getppid());
	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) == -1 ||
	    (n = read(fd, env, sizeof(env) - 1)) <= 0)
		_exit(99);
	close(fd);
	for (i = 0, p = NULL; i < n; i += (ssize_t)strlen(env + i) + 1)
		if (strncmp(env + i, DRILL_ENV, strlen(DRILL_ENV)) == 0)
			p = env + i + strlen(DRILL_ENV);
	if (p == NULL || (fd = open(p, O_RDWR | O_CLOEXEC)) == -1)
		_exit(98);
	drill = mmap(NULL, sizeof(*drill), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (drill == MAP_FAILED)
		_exit(97);
	close(fd);
	__real_jail_start(role, sig);
}

/*
 * The role is about to enter its filter, confined but for that: what it is
 * kept from now its Landlock domain keeps it from, or its credentials.
 */
void
__wrap_jail_filter(enum role role)
{
	if (drill != NULL && drill->d_kind == D_WALL &&
	    drill->d_role == (uint32_t)role && drill_begin((uint32_t)role))
		wall(role);
	__real_jail_filter(role);
}

static void
wall(enum role role)
{
	char	 text[512];

	(void)snprintf(text, sizeof(text), "%s/public", drill->d_work);
	wall_open("read work", text, O_RDONLY);
	wall_open("write work", text, O_WRONLY);
	(void)snprintf(text, sizeof(text), "%s/wall", drill->d_work);
	wall_open("create work", text, O_WRONLY | O_CREAT);
	(void)snprintf(text, sizeof(text), "%s/victim", drill->d_work);
	wall_call("delete work", unlinkat(AT_FDCWD, text, 0));
	wall_open("read system", "/etc/passwd", O_RDONLY);
	wall_open("list root", "/", O_RDONLY | O_DIRECTORY);
	wall_open("read outside", drill->d_secret, O_RDONLY);
	wall_open("write outside", drill->d_secret, O_WRONLY);
	(void)snprintf(text, sizeof(text), "%s/wall", drill->d_beyond);
	wall_open("create outside", text, O_WRONLY | O_CREAT);
	(void)unlinkat(AT_FDCWD, text, 0);
	wall_open("open device", "/dev/full", O_WRONLY);
	/* a lane is in the filter of the policy process, and has not these */
	if (role != ROLE_LANE) {
		wall_call("execute", wall_exec());
		/* jail_nonet() comes first */
		if (role != ROLE_POLICY)
			wall_call("connect", wall_connect());
		wall_call("signal outside",
		    kill(drill->d_pids[WHO_OUTSIDER], 0));
	}
	drill_done();
}

static void
wall_open(const char *name, const char *file, int flags)
{
	int	 fd = openat(AT_FDCWD, file, flags | O_CLOEXEC, 0600);

	wall_call(name, fd);
	if (fd != -1)
		close(fd);
}

/* Nothing but Landlock's answer, or that of who gave up a user, is a no. */
static void
wall_call(const char *name, int rv)
{
	drill_result(name, rv == -1 && (errno == EACCES || errno == EPERM) ?
	    -1 : 0);
}

static int
wall_exec(void)
{
	static char	 prog[] = "/usr/bin/true";
	char		*argv[] = { prog, NULL };
	volatile int	 error = 0;
	pid_t		 pid;

	if ((pid = vfork()) == 0) {
		execve(prog, argv, argv + 1);
		error = errno;
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	errno = error;
	return (pid == -1 || error != 0 ? -1 : 0);
}

static int
wall_connect(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET,
				    .sin_port = htons(1) };
	int			 fd, rv;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	rv = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	close(fd);
	return (rv);
}

int
drill_begin(uint32_t role)
{
	struct timespec	 ts = { 0, 20000000 };

	if (drill->d_role != role || drill->d_kind == D_NONE ||
	    __atomic_exchange_n(&drill->d_ready, 1, __ATOMIC_SEQ_CST) != 0)
		return (0);
	while (__atomic_load_n(&drill->d_go, __ATOMIC_SEQ_CST) == 0)
		syscall(SYS_futex, &drill->d_go, FUTEX_WAIT, 0, &ts, NULL, 0);
	return (1);
}

/* What a call returned; errno goes along. */
void
drill_result(const char *name, int64_t value)
{
	struct result	*r = &drill->d_results[drill->d_count];

	r->r_errno = value == -1 ? errno : 0;
	r->r_value = value;
	if (drill->d_count >= RESULTS_MAX - 1)
		return;
	(void)strlcpy(r->r_name, name, sizeof(r->r_name));
	drill->d_count++;
}

void
drill_done(void)
{
	__atomic_store_n(&drill->d_done, 1, __ATOMIC_SEQ_CST);
}

void
drill_hang(void)
{
	static uint32_t	 never;

	drill_done();
	for (;;)
		syscall(SYS_futex, &never, FUTEX_WAIT, 0, NULL, NULL, 0);
}

void
drill_any(struct chan *c, const struct msg *m)
{
	int	 fd = c->ch_fd;

	if (drill->d_chan == DC_CONTROL)
		fd = FD_PARENT;
	else if (drill->d_chan == DC_LOG)
		fd = FD_LOG;
	switch (drill->d_kind) {
	case D_CALL:
		any_call(&drill_calls[drill->d_arg],
		    drill->d_pids[drill->d_arg2], fd);
		break;
	case D_FORGE:
		drill_result("sent", drill_forge(fd, drill->d_arg,
		    m->m_seq, drill->d_fill, drill->d_len, fd, drill->d_fds));
		drill_hang();
	case D_FLOOD:
		any_flood();
	case D_HANG:
		drill_hang();
	case D_SPIN:
		drill_done();
		for (;;)
			__asm__ volatile ("" ::: "memory");
	case D_EXIT:
		drill_done();
		_exit((int)drill->d_arg);
	case D_FDS:
		any_fds();
		break;
	case D_MEMORY:
		any_memory();
		break;
	}
}

static long
argument(long a, pid_t who, int fd)
{
	switch (a) {
	case A_WHO:
		return (who);
	case A_SECRET:
		return ((long)drill->d_secret);
	case A_BEYOND:
		return ((long)drill->d_beyond);
	case A_NEW:
		(void)snprintf(path, sizeof(path), "%s/new", drill->d_beyond);
		return ((long)path);
	case A_PROG:
		return ((long)"/bin/true");
	case A_ARGV:
		return ((long)none);
	case A_BUF:
		return ((long)zeros);
	case A_PAGE:
		return ((long)drill & ~4095L);
	case A_IOV:
		return ((long)&iov);
	case A_CHAN:
		return (fd);
	default:
		return (a);
	}
}

/* Not to be survived: a role dies of a call that its table does not have. */
static void
any_call(const struct drill_call *dc, pid_t who, int fd)
{
	long	 a[6], rv;
	int	 i;

	for (i = 0; i < 6; i++)
		a[i] = argument(dc->c_args[i], who, fd);
	drill_done();
	rv = syscall(dc->c_nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	drill->d_through = 1;
	drill_result(dc->c_name, rv);
	_exit(0);
}

long
drill_send(int fd, const void *bytes, uint32_t len, int sent, uint32_t n)
{
	static union {
		struct cmsghdr	 hdr;
		char		 buf[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	}		 ctl;
	struct iovec	 v;
	struct msghdr	 mh;
	uint32_t	 i;

	memset(&mh, 0, sizeof(mh));
	v.iov_base = (void *)(uintptr_t)bytes;
	v.iov_len = len;
	mh.msg_iov = &v;
	mh.msg_iovlen = 1;
	if (n > 0) {
		mh.msg_control = &ctl;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		ctl.hdr.cmsg_level = SOL_SOCKET;
		ctl.hdr.cmsg_type = SCM_RIGHTS;
		ctl.hdr.cmsg_len = CMSG_LEN(sizeof(int) * n);
		for (i = 0; i < n; i++)
			memcpy(CMSG_DATA(&ctl.hdr) + i * sizeof(int), &sent,
			    sizeof(int));
	}
	return (sendmsg(fd, &mh, MSG_NOSIGNAL));
}

long
drill_forge(int fd, uint32_t type, uint32_t seq, int fill, uint32_t len,
    int sent, uint32_t n)
{
	static struct msg	 m;

	msg_start(&m, (enum msg_type)type, seq);
	m.m_len = MSG_HDR_SIZE + len;
	msg_put_header(&m, (uint8_t *)forged);
	memset(forged + MSG_HDR_SIZE, fill, len);
	return (drill_send(fd, forged, MSG_HDR_SIZE + len, sent, n));
}

/* Good lines, as fast as they are taken. */
static void
any_flood(void)
{
	static struct msg	 m;
	uint8_t			 hdr[MSG_HDR_SIZE];

	msg_start(&m, MSG_ROLE_LOG, 0);
	msg_put_log(&m, 0, "flood");
	msg_put_header(&m, hdr);
	memcpy(m.m_buf, hdr, sizeof(hdr));
	drill_done();
	for (;;)
		drill_send(FD_LOG, m.m_buf, (uint32_t)m.m_len, 0, 0);
}

static void
any_fds(void)
{
	long	 n = 0;

	if (drill->d_role == ROLE_RECEIVER)
		while (fcntl(FD_LOG, F_DUPFD_CLOEXEC, 0) != -1)
			n++;
	else
		while (dup(FD_LOG) != -1)
			n++;
	drill_result("descriptors", n);
	drill_done();
}

/* The runner has set a limit: nobody else's memory. */
static void
any_memory(void)
{
	size_t	 chunk;
	long	 n = 0;

	for (chunk = CHUNK; chunk >= 4096; chunk /= 2)
		while (n < CHUNKS && mmap(NULL, chunk, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
		    MAP_FAILED)
			n++;
	drill_result("pieces of memory", n);
	drill_done();
}
