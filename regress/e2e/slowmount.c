/*
 * Runs a command with a file system at DIR that is as slow as a bad network:
 * one file, DIR/prog, with what FILE has; of that the kernel gets what lies
 * beyond the first 256 KB after MSEC milliseconds, and once.  In a mount
 * namespace of its own: root only.  Exit status: the command's, 77 if there is
 * no FUSE to be had.
 *
 *	slowmount DIR FILE MSEC COMMAND [ARGS]
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROG	2		/* its inode number; 1 is the directory */
#define FAST	(256 * 1024)	/* bytes */
#define SIZE	(1 << 17)

static char		 in[SIZE + 4096], out[SIZE + 4096];
static struct stat	 st;
static int		 dev = -1, file = -1, msec;

static void
answer(uint64_t unique, int error, size_t len)
{
	struct fuse_out_header	 h = { .error = -error, .unique = unique,
				    .len = (uint32_t)(sizeof(h) + len) };

	memcpy(out, &h, sizeof(h));
	(void)!write(dev, out, sizeof(h) + len);
}

static void
attr(struct fuse_attr *a, uint64_t ino)
{
	a->ino = ino;
	a->mode = ino == PROG ? S_IFREG | 0755 : S_IFDIR | 0755;
	a->size = ino == PROG ? (uint64_t)st.st_size : 0;
	a->blocks = (a->size + 511) / 512;
	a->nlink = 1;
	a->blksize = 4096;
	a->mtime = a->ctime = a->atime = (uint64_t)st.st_mtime;
}

static void
read_slowly(const struct fuse_in_header *h, const struct fuse_read_in *r)
{
	const struct timespec	 ts = { msec / 1000, msec % 1000 * 1000000L };
	ssize_t			 n;

	if (r->offset >= FAST && msec > 0) {
		nanosleep(&ts, NULL);
		msec = 0;
	}
	n = pread(file, out + sizeof(struct fuse_out_header),
	    r->size < SIZE ? r->size : SIZE, (off_t)r->offset);
	answer(h->unique, n == -1 ? errno : 0, n == -1 ? 0 : (size_t)n);
}

static void
serve_one(void)
{
	const struct fuse_in_header	*h = (const void *)in;
	void				*arg = in + sizeof(*h);
	void				*to = out +
					    sizeof(struct fuse_out_header);

	if (read(dev, in, sizeof(in)) < (ssize_t)sizeof(*h))
		return;
	memset(to, 0, 256);
	switch (h->opcode) {
	case FUSE_INIT:
		((struct fuse_init_out *)to)->major = FUSE_KERNEL_VERSION;
		((struct fuse_init_out *)to)->minor = 31;
		((struct fuse_init_out *)to)->max_write = 4096;
		answer(h->unique, 0, sizeof(struct fuse_init_out));
		break;
	case FUSE_LOOKUP:
		if (h->nodeid != 1 || strcmp(arg, "prog") != 0) {
			answer(h->unique, ENOENT, 0);
			break;
		}
		((struct fuse_entry_out *)to)->nodeid = PROG;
		((struct fuse_entry_out *)to)->attr_valid = 3600;
		((struct fuse_entry_out *)to)->entry_valid = 3600;
		attr(&((struct fuse_entry_out *)to)->attr, PROG);
		answer(h->unique, 0, sizeof(struct fuse_entry_out));
		break;
	case FUSE_GETATTR:
		((struct fuse_attr_out *)to)->attr_valid = 3600;
		attr(&((struct fuse_attr_out *)to)->attr, h->nodeid);
		answer(h->unique, 0, sizeof(struct fuse_attr_out));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(h->unique, 0, sizeof(struct fuse_open_out));
		break;
	case FUSE_READ:
		read_slowly(h, arg);
		break;
	case FUSE_STATFS:
		answer(h->unique, 0, sizeof(struct fuse_statfs_out));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		answer(h->unique, 0, 0);
		break;
	default:
		answer(h->unique, ENOSYS, 0);
	}
}

int
main(int argc, char **argv)
{
	struct pollfd	 pfd;
	char		 options[128];
	pid_t		 pid;
	int		 status;

	if (argc < 5 || (file = open(argv[2], O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(file, &st) == -1)
		return (76);
	msec = atoi(argv[3]);
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    (dev = open("/dev/fuse", O_RDWR | O_CLOEXEC)) == -1)
		return (77);
	snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", dev);
	if (mount("slow", argv[1], "fuse", MS_NOSUID | MS_NODEV,
	    options) == -1)
		return (77);
	if ((pid = fork()) == -1)
		return (77);
	if (pid == 0) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	pfd.fd = dev;
	pfd.events = POLLIN;
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (poll(&pfd, 1, 20) > 0)
			serve_one();
	return (WIFEXITED(status) ? WEXITSTATUS(status) : 98);
}
