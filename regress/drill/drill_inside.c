/*
 * The command of a drill: does one thing to a file and says what it got.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drill.h"

static const char *
error(int e)
{
	return (e == 0 ? "ok" : strerrorname_np(e) ? strerrorname_np(e) :
	    "unknown");
}

/* What a descriptor is good for. */
static void
good(int fd, const char *path)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	struct stat	 st;
	char		 buf[64];
	ssize_t		 n;
	int		 sub;

	if (fstat(fd, &st) == -1) {
		printf("descriptor %s\n", error(errno));
		return;
	}
	if (poll(&pfd, 1, 0) == 0)
		n = 0;		/* a channel: nothing to read yet */
	else
		n = read(fd, buf, sizeof(buf) - 1);
	printf("read %s", n == -1 ? error(errno) : n == 0 ? "end" : "");
	if (n > 0)
		printf("%.*s", (int)strcspn(buf, "\n"), buf);
	if (S_ISDIR(st.st_mode)) {
		sub = openat(fd, path + 1, O_RDONLY);
		printf(" below %s", sub == -1 ? error(errno) : "opened");
		sub = openat(fd, "0", O_RDONLY);
		printf(" 0 %s", sub == -1 ? error(errno) : "opened");
	}
	printf(" write %s\n", write(fd, "drill", 5) == -1 ? error(errno) :
	    "written");
}

static int
run(const char *path)
{
	char	*argv[] = { (char *)(uintptr_t)path, NULL };
	int	 status;
	pid_t	 pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		execve(path, argv, argv + 1);
		printf("exec %s\n", error(errno));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		printf("status %d\n", WEXITSTATUS(status));
	return (0);
}

/* An address is all of the call that its messages have bytes of. */
static int
map(const char *how, const char *path)
{
	void	*p, *hint = NULL;
	int	 fd = strcmp(how, "code") == 0 ? -1 : open(path, O_RDONLY);

	memcpy(&hint, DRILL_TRIGGER, strlen(DRILL_TRIGGER));
	if (fd == -1)
		p = mmap(hint, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else
		p = mmap(hint, 4096, PROT_READ | (strcmp(how, "map") == 0 ? 0 :
		    PROT_WRITE) | PROT_EXEC, MAP_PRIVATE, fd, 0);
	printf("map %s\n", error(p == MAP_FAILED ? errno : 0));
	return (0);
}

/* A socket to ask for names with, then where no name, or a lie, leads. */
static int
name(void)
{
	static const struct {
		const char	*text;
		uint32_t	 addr;
		uint16_t	 port;
		int		 type;
	} to[] = {
		{ "inside", 0x7f000001, 80, SOCK_STREAM },
		{ "port", 0xc0000201, 81, SOCK_STREAM },
		{ "outside", 0xc0000201, 80, SOCK_STREAM },
		{ "ask", 0x7f000001, 53, SOCK_DGRAM },
	};
	struct sockaddr_in	 sin;
	size_t			 i;
	int			 fd, rv;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		sin.sin_port = htons(to[i].port);
		sin.sin_addr.s_addr = htonl(to[i].addr);
		fd = socket(AF_INET, to[i].type | SOCK_NONBLOCK, 0);
		rv = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
		/* how far it is from here is nobody's matter */
		printf("%s %s%s", to[i].text, rv == -1 && errno == EACCES ?
		    "EACCES" : rv == -1 && errno == ENOSYS ? "ENOSYS" :
		    "allowed", i == 3 ? "\n" : ", ");
		close(fd);
	}
	return (0);
}

int
main(int argc, char **argv)
{
	static char	 buf[BUFSIZ];
	int		 fd, i;

	if (argc < 3)
		return (2);
	/* or stdio asks what stdout is: a call, before anything is said */
	setvbuf(stdout, buf, _IOFBF, sizeof(buf));
	if (strcmp(argv[1], "exec") == 0)
		return (run(argv[2]));
	if (strcmp(argv[1], "name") == 0)
		return (name());
	if (strcmp(argv[1], "chmod") == 0) {
		printf("chmod %s\n", error(chmod(argv[2], 0666) ? errno : 0));
		return (0);
	}
	if (strcmp(argv[1], "map") == 0 || strcmp(argv[1], "code") == 0 ||
	    strcmp(argv[1], "codemap") == 0)
		return (map(argv[1], argv[2]));
	for (i = 0; i < (strcmp(argv[1], "twice") == 0 ? 2 : 1); i++) {
		fd = open(argv[2], strcmp(argv[1], "opath") == 0 ? O_PATH :
		    O_RDONLY);
		if (fd == -1)
			printf("open %s\n", error(errno));
		else
			good(fd, argv[2]);
		fflush(stdout);
	}
	return (0);
}
