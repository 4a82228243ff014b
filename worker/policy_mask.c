/*
 * What is found where a file is masked: /dev/null, or an empty directory that
 * nobody can write to.
 *
 * Must never: open one that is not what it is called.  The child may be allowed
 * to rename in /dev.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

/* Linux, Documentation/admin-guide/devices.txt: the null device. */
static int
is_null(int fd)
{
	struct stat	 st;

	return (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3));
}

static int
is_procdir(int fd)
{
	struct statfs	 sf;
	struct stat	 st;

	return (fstatfs(fd, &sf) == 0 && sf.f_type == PROC_SUPER_MAGIC &&
	    fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && st.st_nlink == 2);
}

int
mask_object(int isdir)
{
	struct open_how	 how;
	int		 fd;

	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW;
	how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, isdir ? MASK_DIR : MASK_FILE,
	    &how, sizeof(how));
	if (fd != -1 && !(isdir ? is_procdir(fd) : is_null(fd))) {
		close(fd);
		fd = -1;
		errno = EACCES;
	}
	return (fd);
}
