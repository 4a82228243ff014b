/*
 * Looks at a path again and again while it is swapped between a visible and a
 * hidden one, in one of several ways.
 *
 *	looker HOW CALL SECONDS VISIBLE HIDDEN INODE TEXT
 *
 * HOW: bytes (the path in memory is changed by another thread), symlink (LINK
 * in the working directory is replaced), parent (a symlink on the way is).
 * CALL: stat, statx, access, readlink, xattr, statfs, chdir, opath, list.
 * INODE is the hidden object's, TEXT what its symlink says.  Each attempt is
 * made in a child, since one that is found out is killed.  Prints
 *	HOW CALL attempts N reached N refused N killed N breaches N
 * A breach is a hidden object that was looked at.  With ctl as HOW only the
 * hidden path is used: bare, that is a breach each time.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH	40	/* attempts of one child */

struct counts {
	atomic_ulong	 attempts, reached, refused, breaches;
};
static struct counts	*counts;
static const char	*how, *call, *paths[2], *text;
static char		 path[PATH_MAX], links[2][PATH_MAX];
static unsigned long	 inode;
static atomic_int	 done;

static void
breach(void)
{
	atomic_fetch_add(&counts->breaches, 1);
}

static void
came(int ok)
{
	atomic_fetch_add(&counts->attempts, 1);
	atomic_fetch_add(ok ? &counts->reached : &counts->refused, 1);
}

/* What the other thread or the loop itself changes. */
static void
swap(int i)
{
	const char	*from = strcmp(how, "bytes") == 0 ? paths[i] : links[i];
	char		 tmp[64];

	if (strcmp(how, "bytes") == 0) {
		/* of one length: never half of each but in the middle */
		memcpy(path, from, strlen(from) + 1);
		return;
	}
	snprintf(tmp, sizeof(tmp), "tmp.%d", (int)getpid());
	unlink(tmp);
	if (symlink(from, tmp) == 0)
		(void)rename(tmp, "LINK");
}

static void *
swapper(void *arg)
{
	int	 i = 0;

	(void)arg;
	while (!atomic_load(&done))
		swap(i++ & 1);
	return (NULL);
}

static void
look_stat(int flags)
{
	struct stat	 st;
	int		 rv;

	if (strcmp(call, "statx") == 0) {
		struct statx sx;

		rv = (int)syscall(SYS_statx, AT_FDCWD, path, flags,
		    STATX_BASIC_STATS, &sx);
		st.st_ino = sx.stx_ino;
	} else
		rv = (int)syscall(SYS_newfstatat, AT_FDCWD, path, &st, flags);
	came(rv == 0);
	if (rv == 0 && st.st_ino == inode)
		breach();
}

static void
look_chdir(void)
{
	struct stat	 st;
	int		 rv = chdir(path), back;

	came(rv == 0);
	if (rv == -1)
		return;
	/* it is one instruction too late to be stopped here */
	if (syscall(SYS_fstat, open(".", O_RDONLY | O_DIRECTORY), &st) == 0 &&
	    st.st_ino == inode)
		breach();
	back = open("/proc/self/fd/9", O_RDONLY | O_DIRECTORY);
	close_range(10, ~0U, 0);
	(void)back;
	if (fchdir(9) == -1)
		_exit(1);
}

static void
look_opath(void)
{
	struct stat	 st;
	int		 fd = open(path, O_PATH);

	came(fd != -1);
	if (fd != -1 && syscall(SYS_fstat, fd, &st) == 0 &&
	    st.st_ino == inode)
		breach();
	if (fd != -1)
		close(fd);
}

static void
look(void)
{
	struct statfs	 sf;
	char		 buf[PATH_MAX];
	ssize_t		 n;
	int		 fd;

	if (strstr(call, "stat") == call && strcmp(call, "statfs") != 0)
		look_stat(0);
	else if (strcmp(call, "statfs") == 0)
		came(statfs(path, &sf) == 0);
	else if (strcmp(call, "access") == 0)
		came(access(path, F_OK) == 0);
	else if (strcmp(call, "chdir") == 0)
		look_chdir();
	else if (strcmp(call, "opath") == 0)
		look_opath();
	else if (strcmp(call, "xattr") == 0) {
		n = getxattr(path, "user.hidden", buf, sizeof(buf));
		came(n != -1 || errno == ENODATA);
		if (n > 0)
			breach();
	} else if (strcmp(call, "readlink") == 0) {
		n = readlink(path, buf, sizeof(buf) - 1);
		came(n != -1);
		buf[n > 0 ? n : 0] = '\0';
		if (strcmp(buf, text) == 0)
			breach();
	} else if (strcmp(call, "list") == 0) {
		fd = open(path, O_RDONLY | O_DIRECTORY);
		came(fd != -1);
		if (fd != -1) {
			n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
			if (n > 0 && memmem(buf, (size_t)n, text,
			    strlen(text)) != NULL)
				breach();
			close(fd);
		}
	} else
		errx(1, "%s", call);
}

/* Does it breach by being found?  Only where nothing else can tell. */
static void
child(void)
{
	pthread_t	 t;
	int		 i, thread = strcmp(how, "ctl") != 0;

	if (thread && pthread_create(&t, NULL, swapper, NULL) != 0)
		_exit(1);
	for (i = 0; i < BATCH; i++)
		look();
	atomic_store(&done, 1);
	if (thread)
		pthread_join(t, NULL);
	_exit(0);
}

static double
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

int
main(int argc, char **argv)
{
	unsigned long	 killed = 0;
	double		 end;
	pid_t		 pid;
	int		 status, i;

	if (argc != 8)
		errx(1, "usage");
	how = argv[1];
	call = argv[2];
	end = now() + atof(argv[3]);
	paths[0] = argv[4];
	paths[1] = argv[5];
	inode = strtoul(argv[6], NULL, 10);
	text = argv[7];
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(1, "mmap");
	/* where chdir goes back to */
	if (dup2(open(".", O_RDONLY | O_DIRECTORY), 9) == -1)
		err(1, ".");
	for (i = 0; i < 2; i++)
		snprintf(links[i], sizeof(links[i]), "%s", paths[i]);
	if (strcmp(how, "parent") == 0) {
		for (i = 0; i < 2; i++)
			*strrchr(links[i], '/') = '\0';
		snprintf(path, sizeof(path), "LINK%s",
		    strrchr(paths[0], '/'));
	} else
		snprintf(path, sizeof(path), "%s",
		    strcmp(how, "symlink") == 0 ? "LINK" :
		    strcmp(how, "ctl") == 0 ? paths[1] : paths[0]);
	while (now() < end) {
		if ((pid = fork()) == 0)
			child();
		if (pid == -1 || waitpid(pid, &status, 0) != pid)
			err(1, "fork");
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			killed++;
		else if (status != 0)
			errx(1, "status %#x", (unsigned)status);
	}
	printf("%s %s attempts %lu reached %lu refused %lu killed %lu "
	    "breaches %lu\n", how, call, atomic_load(&counts->attempts),
	    atomic_load(&counts->reached), atomic_load(&counts->refused),
	    killed, atomic_load(&counts->breaches));
	return (0);
}
