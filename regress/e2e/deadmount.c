/*
 * Runs a command with a file system at DIR whose server answers nothing, in a
 * mount namespace of its own: root only.  A command that has not ended after
 * ten seconds is killed.  Exit status: the command's, 99 if it was killed, 77
 * if there is no FUSE to be had.
 *
 *	deadmount DIR COMMAND [ARGS]
 */
#include <sys/mount.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MSEC	100
#define WAIT_MAX	100

static char	 buf[1 << 17];

/* The first request only: what comes later waits for good. */
static void
serve(int fd)
{
	struct fuse_in_header	 in;
	struct {
		struct fuse_out_header	 h;
		struct fuse_init_out	 i;
	} out;

	if (read(fd, buf, sizeof(buf)) < (ssize_t)sizeof(in))
		return;
	memcpy(&in, buf, sizeof(in));
	if (in.opcode != FUSE_INIT)
		return;
	memset(&out, 0, sizeof(out));
	out.h.len = sizeof(out);
	out.h.unique = in.unique;
	out.i.major = FUSE_KERNEL_VERSION;
	out.i.minor = 31;
	out.i.max_write = 4096;
	(void)!write(fd, &out, sizeof(out));
}

int
main(int argc, char **argv)
{
	struct pollfd	 pfd;
	char		 options[128];
	pid_t		 pid;
	int		 i, status;

	if (argc < 3 || unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    (pfd.fd = open("/dev/fuse", O_RDWR | O_CLOEXEC)) == -1)
		return (77);
	snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", pfd.fd);
	if (mount("dead", argv[1], "fuse", MS_NOSUID | MS_NODEV,
	    options) == -1)
		return (77);
	serve(pfd.fd);
	if ((pid = fork()) == -1)
		return (77);
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	for (i = 0; i < WAIT_MAX; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return (WIFEXITED(status) ? WEXITSTATUS(status) : 98);
		(void)poll(NULL, 0, WAIT_MSEC);
	}
	kill(pid, SIGKILL);
	close(pfd.fd);
	(void)waitpid(pid, NULL, 0);
	return (99);
}
