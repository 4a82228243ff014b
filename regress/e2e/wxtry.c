/*
 * Ways to run code that was not there when the program started.  Each writes
 * a function somewhere and makes it executable, one way or the other, then
 * calls it.  Prints a line for each: its name, and "ran", or what failed with
 * which error.  With arguments only those.
 */
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096
#define RX	(PROT_READ | PROT_EXEC)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static const unsigned char code[] = { 0xb8, 0x42, 0, 0, 0, 0xc3 };
static const char *failed;	/* the step */

/* In a child of its own: a jump into what is not executable ends it. */
static int
call(void *p)
{
	int	 status;
	pid_t	 pid;

	if ((pid = fork()) == 0)
		_exit(((int (*)(void))p)());
	waitpid(pid, &status, 0);
	failed = "call";
	errno = 0;
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0x42);
}

static void *
map(int prot, int flags, int fd)
{
	failed = "mmap";
	return (mmap(NULL, PAGE, prot, flags, fd, 0));
}

static int
try_mmap(void)
{
	void	*p = map(RW | PROT_EXEC, ANON, -1);

	if (p == MAP_FAILED)
		return (0);
	memcpy(p, code, sizeof(code));
	return (call(p));
}

static int
gain(long (*protect)(void *))
{
	void	*p = map(RW, ANON, -1);

	memcpy(p, code, sizeof(code));
	failed = "protect";
	return (protect(p) == 0 && call(p));
}

static long
by_mprotect(void *p)
{
	return (mprotect(p, PAGE, RX));
}

static long
by_pkey(void *p)
{
	return (syscall(SYS_pkey_mprotect, p, PAGE, RX, -1));
}

static int
try_mprotect(void)
{
	return (gain(by_mprotect));
}

static int
try_pkey_mprotect(void)
{
	return (gain(by_pkey));
}

static int
try_stack(void)
{
	unsigned char	 buf[2 * PAGE];
	void		*p = (void *)(((unsigned long)buf + PAGE) & ~0xfffUL);

	memcpy(p, code, sizeof(code));
	failed = "mprotect";
	return (mprotect(p, PAGE, RW | PROT_EXEC) == 0 && call(p));
}

/* Written through one mapping, executed through another. */
static int
two(int fd, int how)
{
	void	*w, *x;

	failed = "file";
	if (fd == -1 || ftruncate(fd, PAGE) == -1 ||
	    (w = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0)) == MAP_FAILED)
		return (0);
	if ((x = map(RX, how, fd)) == MAP_FAILED)
		return (0);
	memcpy(w, code, sizeof(code));
	return (call(x));
}

static int
try_memfd_shared(void)
{
	return (two(memfd_create("x", 0), MAP_SHARED));
}

static int
try_memfd_private(void)
{
	return (two(memfd_create("x", 0), MAP_PRIVATE));
}

static int
try_shared_anonymous(void)
{
	void	*p = map(RX, MAP_SHARED | MAP_ANONYMOUS, -1);

	if (p == MAP_FAILED)
		return (0);
	failed = "mprotect";
	if (mprotect(p, PAGE, RW) == -1)
		return (0);
	memcpy(p, code, sizeof(code));
	return (mprotect(p, PAGE, RX) == 0 && call(p));
}

static int
file(void)
{
	return (open("wx.file", O_RDWR | O_CREAT | O_TRUNC, 0700));
}

static int
try_file_shared(void)
{
	return (two(file(), MAP_SHARED));
}

static int
try_file_private(void)
{
	return (two(file(), MAP_PRIVATE));
}

static int
try_file_deleted(void)
{
	int	 fd = file(), ro;

	failed = "file";
	if (write(fd, code, sizeof(code)) == -1 ||
	    (ro = open("wx.file", O_RDONLY)) == -1 || unlink("wx.file") == -1)
		return (0);
	close(fd);
	fd = ro;
	{
		void	*p = map(RX, MAP_PRIVATE, fd);

		return (p != MAP_FAILED && call(p));
	}
}

static int
try_file_nameless(void)
{
	return (two(open(".", O_TMPFILE | O_RDWR, 0700), MAP_PRIVATE));
}

/* Opened for writing by another descriptor, mapped by one to read. */
static int
try_file_elsewhere(void)
{
	int	 fd = file(), ro;
	void	*p;

	failed = "file";
	if (fd == -1 || ftruncate(fd, PAGE) == -1 ||
	    (ro = open("wx.file", O_RDONLY)) == -1 ||
	    (p = map(RX, MAP_PRIVATE, ro)) == MAP_FAILED)
		return (0);
	return (pwrite(fd, code, sizeof(code), 0) > 0 && call(p));
}

/* Mapped first, opened for writing and written later. */
static int
try_file_later(void)
{
	int	 fd = file(), ro;
	void	*p;

	failed = "file";
	if (fd == -1 || ftruncate(fd, PAGE) == -1 ||
	    (ro = open("wx.file", O_RDONLY)) == -1)
		return (0);
	close(fd);
	if ((p = map(RX, MAP_PRIVATE, ro)) == MAP_FAILED)
		return (0);
	failed = "open";
	return ((fd = open("wx.file", O_RDWR)) != -1 &&
	    pwrite(fd, code, sizeof(code), 0) > 0 && call(p));
}

static int
try_zero(void)
{
	void	*p = map(RX, MAP_PRIVATE, open("/dev/zero", O_RDONLY));

	return (p != MAP_FAILED && mprotect(p, PAGE, RW) == 0 &&
	    memcpy(p, code, sizeof(code)) != NULL &&
	    mprotect(p, PAGE, RX) == 0 && call(p));
}

/* Executable pages that are written behind their protection. */
static int
try_proc_mem(void)
{
	void	*p = map(RX, ANON, -1);
	int	 fd = open("/proc/self/mem", O_RDWR);

	failed = "open";
	return (p != MAP_FAILED && fd != -1 &&
	    pwrite(fd, code, sizeof(code), (off_t)p) > 0 && call(p));
}

static int
try_vm_write(void)
{
	void		*p = map(RX, ANON, -1);
	struct iovec	 l = { (void *)(unsigned long)code, sizeof(code) };
	struct iovec	 r = { p, sizeof(code) };

	failed = "process_vm_writev";
	return (p != MAP_FAILED &&
	    process_vm_writev(getpid(), &l, 1, &r, 1, 0) > 0 && call(p));
}

static int
try_ptrace(void)
{
	void	*p = map(RX, ANON, -1);
	long	 word = 0;
	int	 status;
	pid_t	 pid;

	if (p == MAP_FAILED)
		return (0);
	memcpy(&word, code, sizeof(code));
	if ((pid = fork()) == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(0);
		raise(SIGSTOP);
		_exit(((int (*)(void))p)());
	}
	failed = "ptrace";
	waitpid(pid, &status, WUNTRACED);
	if (!WIFSTOPPED(status) ||
	    ptrace(PTRACE_POKEDATA, pid, p, word) == -1) {
		kill(pid, SIGKILL);
		return (0);
	}
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0x42);
}

static int
try_shm(void)
{
	int	 id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	void	*w, *x;

	failed = "shmget";
	if (id == -1)
		return (0);
	w = shmat(id, NULL, 0);
	failed = "shmat";
	x = shmat(id, NULL, SHM_EXEC);
	shmctl(id, IPC_RMID, NULL);
	if (w == (void *)-1 || x == (void *)-1)
		return (0);
	memcpy(w, code, sizeof(code));
	return (call(x));
}

static int
try_personality(void)
{
	void	*p;

	failed = "personality";
	if (personality(READ_IMPLIES_EXEC) == -1)
		return (0);
	if ((p = map(RW, ANON, -1)) == MAP_FAILED)
		return (0);
	memcpy(p, code, sizeof(code));
	return (call(p));
}

static int
try_mremap(void)
{
	void	*w = map(RW, ANON, -1), *x = map(RX, ANON, -1);

	failed = "mremap";
	if (x == MAP_FAILED)
		return (0);
	memcpy(w, code, sizeof(code));
	return (mremap(w, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, x) !=
	    MAP_FAILED && call(x));
}

static int
try_userfaultfd(void)
{
	failed = "userfaultfd";
	return (syscall(SYS_userfaultfd, 0) != -1);
}

static int
try_io_uring(void)
{
	char	 params[256] = { 0 };

	failed = "io_uring_setup";
	return (syscall(SYS_io_uring_setup, 1, params) != -1);
}

static int
try_remap(void)
{
	failed = "remap_file_pages";
	return (syscall(SYS_remap_file_pages, map(RW, ANON, -1), PAGE, 0, 0,
	    0) == 0);
}

static const struct {
	const char	*name;
	int		(*f)(void);
} tries[] = {
	{ "mmap", try_mmap },
	{ "mprotect", try_mprotect },
	{ "pkey_mprotect", try_pkey_mprotect },
	{ "stack", try_stack },
	{ "shared_anonymous", try_shared_anonymous },
	{ "memfd_shared", try_memfd_shared },
	{ "memfd_private", try_memfd_private },
	{ "file_shared", try_file_shared },
	{ "file_private", try_file_private },
	{ "file_deleted", try_file_deleted },
	{ "file_nameless", try_file_nameless },
	{ "file_elsewhere", try_file_elsewhere },
	{ "file_later", try_file_later },
	{ "zero", try_zero },
	{ "proc_mem", try_proc_mem },
	{ "vm_write", try_vm_write },
	{ "ptrace", try_ptrace },
	{ "shm", try_shm },
	{ "personality", try_personality },
	{ "mremap", try_mremap },
	{ "userfaultfd", try_userfaultfd },
	{ "io_uring", try_io_uring },
	{ "remap", try_remap },
};
#define NTRIES	(sizeof(tries) / sizeof(tries[0]))

static int
wanted(int argc, char **argv, const char *name)
{
	int	 i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return (1);
	return (argc < 2);
}

int
main(int argc, char **argv)
{
	size_t	 i;
	pid_t	 pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < NTRIES; i++) {
		if (!wanted(argc, argv, tries[i].name))
			continue;
		/* each by itself: personality and others stay */
		if ((pid = fork()) == 0) {
			errno = 0;
			if (tries[i].f())
				printf("%s ran\n", tries[i].name);
			else
				printf("%s %s %s\n", tries[i].name, failed,
				    errno == 0 ? "0" :
				    strerrorname_np(errno));
			exit(0);
		}
		waitpid(pid, NULL, 0);
		unlink("wx.file");
	}
	return (0);
}
