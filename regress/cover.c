/*
 * make cover: linked into everything that is measured.  The counters of all
 * processes of a program are one file, mapped before main(): a role counts
 * behind its filter, in a changed root, as another user and until the very
 * instruction that kills it, and needs no call for it that its table does not
 * have.  Nothing is written at exit; a run with COVER_DUMP in its environment
 * writes what the file holds as gcov(1) wants it, and does nothing else.
 *
 * Must never: let a process go on whose lines would not be counted.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <gcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char	 cover_begin[], cover_end[];	/* regress/cover.ld */

void		 __wrap___gcov_exit(void);
static void	 cover_fail(const char *) __attribute__((__noreturn__));
static void	 cover_map(void) __attribute__((__constructor__(101)));
static void	 cover_dump(void) __attribute__((__constructor__));

static void
cover_fail(const char *what)
{
	perror(what);
	abort();
}

/* Named after the program, which the tests may have copied. */
static void
cover_map(void)
{
	char	 self[4096], path[8192];
	size_t	 len = (size_t)(cover_end - cover_begin);
	ssize_t	 n;
	mode_t	 mask;
	int	 fd;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) == -1)
		cover_fail("/proc/self/exe");
	self[n] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", COVER_DIR,
	    strrchr(self, '/') + 1);
	mask = umask(0);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) == -1 ||
	    ftruncate(fd, (off_t)len) == -1 ||
	    mmap(cover_begin, len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		cover_fail(path);
	umask(mask);
	close(fd);
}

/* After gcov's own constructors, which have priority 100. */
static void
cover_dump(void)
{
	if (getenv("COVER_DUMP") == NULL)
		return;
	__gcov_dump();
	_exit(0);
}

/* For all that is to end: nothing. */
void
__wrap___gcov_exit(void)
{
}
