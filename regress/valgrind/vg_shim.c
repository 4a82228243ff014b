/*
 * The program under valgrind: linked before the objects as shipped, between
 * them and what they call (GNUmakefile, valgrind).  Nothing of it, and no
 * switch for it, is in the program: a filter has no room for valgrind's own
 * system calls, so here
 *
 *	a role's filter is not installed; the child's is
 *	a role's Landlock domain is not entered; the child's is
 *	what valgrind 3.19 does not know, or would answer from its own
 *	program, goes to the kernel past it
 *	limits of descriptors and of file sizes leave valgrind its own
 *	a signal has a role look for leaks, since most roles end by SIGKILL
 *	a tick of a processor's clock counts for less: what runs fifty times
 *	slower does not loop
 *
 * Must never: be linked to anything that is installed.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

#include "../../common/jail.h"
#include "../../proto/wire.h"

#define SLOWER	100		/* than the program bare, on a busy machine */
#define LOOK	50		/* the signal; see valgrind.t */
#define NARGS	6
#define SYNC_WAKE_UP	0x40082104	/* SECCOMP_IOCTL_NOTIF_SET_FLAGS */

/* Unknown to valgrind 3.19; none waits, but for a file that has to come. */
static const long unknown[] = {
	SYS_openat2, SYS_pidfd_open, SYS_pidfd_getfd, SYS_seccomp,
	SYS_landlock_create_ruleset, SYS_landlock_add_rule,
	SYS_landlock_restrict_self, SYS_close_range, 452 /* fchmodat2 */
};

struct vg_call {
	long	 c_nr;
	long	 c_args[NARGS];
};

static const char *who;		/* set where its filter would be */
static __thread int in_wall;	/* within jail_wall(): a role's, not the child's */

long	 __real_syscall(long, ...);
long	 __wrap_syscall(long, ...);
void	 __real_jail_wall(int);
void	 __wrap_jail_wall(int);
int	 __wrap_close_range(unsigned, unsigned, int);
int	 __real_open(const char *, int, ...);
int	 __wrap_open(const char *, int, ...);
void	 __real_jail_filter(enum role);
void	 __wrap_jail_filter(enum role);
int	 __real_ioctl(int, unsigned long, ...);
int	 __wrap_ioctl(int, unsigned long, ...);
int	 __real_setrlimit(int, const struct rlimit *);
int	 __wrap_setrlimit(int, const struct rlimit *);
long	 __real_sysconf(int);
long	 __wrap_sysconf(int);

/* On the real processor; -errno, as the kernel answers. */
static long
vg_native(unsigned long tid, const struct vg_call *c)
{
	register long	 r10 __asm__("r10") = c->c_args[3];
	register long	 r8 __asm__("r8") = c->c_args[4];
	register long	 r9 __asm__("r9") = c->c_args[5];
	long		 rv;

	(void)tid;
	__asm__ volatile("syscall" : "=a" (rv) : "a" (c->c_nr),
	    "D" (c->c_args[0]), "S" (c->c_args[1]), "d" (c->c_args[2]),
	    "r" (r10), "r" (r8), "r" (r9) : "rcx", "r11", "memory");
	return (rv);
}

static long
vg_past(const struct vg_call *c)
{
	long	 rv;

	if (RUNNING_ON_VALGRIND)
		rv = (long)VALGRIND_NON_SIMD_CALL1(vg_native, c);
	else
		rv = vg_native(0, c);
	if (rv < 0 && rv > -4096) {
		errno = (int)-rv;
		return (-1);
	}
	return (rv);
}

/* Valgrind's own descriptors are above those it lets us have. */
static void
vg_spare(struct vg_call *c)
{
	struct rlimit	 rl;

	if (RUNNING_ON_VALGRIND && getrlimit(RLIMIT_NOFILE, &rl) == 0 &&
	    (unsigned)c->c_args[1] >= rl.rlim_max)
		c->c_args[1] = (long)rl.rlim_max - 1;
}

/* What valgrind does for those it knows: was all of it written before? */
static void
vg_check(const struct vg_call *c)
{
	const char	*path;
	size_t		 i;

	for (i = 0; i < NARGS; i++)
		(void)VALGRIND_CHECK_VALUE_IS_DEFINED(c->c_args[i]);
	switch (c->c_nr) {
	case SYS_openat2:
		path = (const char *)c->c_args[1];
		(void)VALGRIND_CHECK_MEM_IS_DEFINED(path, strlen(path) + 1);
		(void)VALGRIND_CHECK_MEM_IS_DEFINED(c->c_args[2], c->c_args[3]);
		break;
	case SYS_landlock_create_ruleset:
		if (c->c_args[0] != 0)
			(void)VALGRIND_CHECK_MEM_IS_DEFINED(c->c_args[0],
			    c->c_args[1]);
		break;
	}
}

/* Unused arguments of a variadic call are whatever was there. */
static unsigned
vg_count(long nr)
{
	switch (nr) {
	case SYS_openat2:
	case SYS_landlock_add_rule:
	case 452:
		return (4);
	case SYS_pidfd_open:
	case SYS_landlock_restrict_self:
		return (2);
	default:
		return (3);
	}
}

long
__wrap_syscall(long nr, ...)
{
	struct vg_call	 c;
	va_list		 ap;
	size_t		 i;
	long		 rv;

	memset(&c, 0, sizeof(c));
	c.c_nr = nr;
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (unknown[i] == nr)
			break;
	va_start(ap, nr);
	if (i == sizeof(unknown) / sizeof(unknown[0])) {
		for (i = 0; i < NARGS; i++)
			c.c_args[i] = va_arg(ap, long);
		va_end(ap);
		return (__real_syscall(nr, c.c_args[0], c.c_args[1],
		    c.c_args[2], c.c_args[3], c.c_args[4], c.c_args[5]));
	}
	for (i = 0; i < vg_count(nr); i++)
		c.c_args[i] = va_arg(ap, long);
	va_end(ap);
	vg_check(&c);
	if ((nr == SYS_seccomp && c.c_args[0] == SECCOMP_SET_MODE_FILTER &&
	    c.c_args[1] == 0) || (nr == SYS_landlock_restrict_self && in_wall))
		return (0);
	if (nr == SYS_close_range)
		vg_spare(&c);
	rv = vg_past(&c);
	if (rv != -1 && nr == SYS_seccomp &&
	    c.c_args[0] == SECCOMP_GET_NOTIF_SIZES)
		(void)VALGRIND_MAKE_MEM_DEFINED(c.c_args[2],
		    sizeof(struct seccomp_notif_sizes));
	return (rv);
}

void
__wrap_jail_wall(int fd)
{
	in_wall = 1;
	__real_jail_wall(fd);
	in_wall = 0;
}

int
__wrap_close_range(unsigned first, unsigned last, int flags)
{
	return ((int)__wrap_syscall(SYS_close_range, first, last, flags));
}

/* Valgrind says in readlink(2) who we are, but opens itself. */
int
__wrap_open(const char *path, int flags, ...)
{
	char	 self[PATH_MAX];
	va_list	 ap;
	mode_t	 mode;
	ssize_t	 n;

	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (strcmp(path, "/proc/self/exe") == 0 &&
	    (n = readlink(path, self, sizeof(self) - 1)) > 0) {
		self[n] = '\0';
		return (__real_open(self, flags, mode));
	}
	return (__real_open(path, flags, mode));
}

/* That there would be a line: what is lost, and used before it is set. */
static void
vg_spoil(void)
{
#ifdef VG_SPOIL
	volatile int	*p = malloc(77);

	if (p != NULL && *p == 77)
		abort();
	p = NULL;
#endif
}

static void
vg_look(int sig)
{
	(void)sig;
	VALGRIND_DO_LEAK_CHECK;
	(void)VALGRIND_PRINTF("checked: %s %d\n", who, (int)getpid());
}

/* From here on it works, until something ends it. */
void
__wrap_jail_filter(enum role role)
{
	struct sigaction sa;

	__real_jail_filter(role);
	who = role_name(role);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = vg_look;
	sa.sa_flags = SA_RESTART;
	if (sigaction(LOOK, &sa, NULL) == -1)
		abort();
	vg_spoil();
	(void)VALGRIND_PRINTF("at work: %s %d\n", who, (int)getpid());
}

/* Its argument is a number, though its own says it is an address. */
int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	struct vg_call	 c;
	va_list		 ap;
	long		 arg;

	va_start(ap, request);
	arg = va_arg(ap, long);
	va_end(ap);
	if (request != SYNC_WAKE_UP)
		return (__real_ioctl(fd, request, arg));
	memset(&c, 0, sizeof(c));
	c.c_nr = SYS_ioctl;
	c.c_args[0] = fd;
	c.c_args[1] = SYNC_WAKE_UP;
	c.c_args[2] = arg;
	return ((int)vg_past(&c));
}

/*
 * Valgrind keeps the hard limit of descriptors for itself, and lets nobody
 * lower it; and it writes what it has to say to a file.
 */
int
__wrap_setrlimit(int resource, const struct rlimit *rl)
{
	struct rlimit	 now;

	if (resource == RLIMIT_FSIZE)
		return (0);
	if (resource != RLIMIT_NOFILE || getrlimit(RLIMIT_NOFILE, &now) == -1)
		return (__real_setrlimit(resource, rl));
	now.rlim_cur = rl->rlim_cur;
	return (__real_setrlimit(resource, &now));
}

long
__wrap_sysconf(int name)
{
	long	 rv = __real_sysconf(name);

	return (name == _SC_CLK_TCK && rv > 0 ? rv * SLOWER : rv);
}
