/*
 * Knocks at every door into the kernel that is not the one the table is
 * about: the 32-bit entry (int 0x80), x32 numbers, numbers nobody assigned.
 * Each line says "DOOR CALL errno N", 0 when the call was executed.  Only
 * getpid is asked for, so this is harmless anywhere.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_GETPID	20
#define X32_BIT		0x40000000UL

static sigjmp_buf	 back;

static void
fault(int sig)
{
	siglongjmp(back, sig);
}

/* The 32-bit entry; a kernel without it raises SIGSEGV. */
static void
try_int80(const char *name, long nr)
{
	long	 r = nr;

	if (sigsetjmp(back, 1) != 0) {
		printf("int80 %s signal\n", name);
		return;
	}
	__asm__ volatile("int $0x80" : "+a"(r)
	    : "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
	    : "memory", "cc", "r8", "r9", "r10", "r11");
	printf("int80 %s errno %ld\n", name, r < 0 ? -r : 0L);
}

/* The 64-bit entry, with all 64 bits of the number as given. */
static void
try_syscall(const char *door, const char *name, uint64_t nr)
{
	uint64_t	 r = nr;

	__asm__ volatile("syscall" : "+a"(r)
	    : "D"(0L), "S"(0L), "d"(0L)
	    : "memory", "cc", "rcx", "r11");
	printf("%s %s errno %ld\n", door, name,
	    (int64_t)r < 0 ? -(int64_t)r : 0L);
}

int
main(void)
{
	static const unsigned unknown[] = { 337, 400, 423, 480, 512, 547, 600,
	    1023, 65535, 65536 + SYS_getpid, 0x7fffffff, 0xffffffff };
	struct sigaction	 sa;
	char			 name[32];
	size_t			 i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fault;
	if (sigaction(SIGSEGV, &sa, NULL) == -1)
		return (1);

	try_syscall("native", "getpid", SYS_getpid);
	/* The kernel looks at the low 32 bits of the number only. */
	try_syscall("native", "getpid-high", 1ULL << 32 | SYS_getpid);
	try_int80("getpid", I386_GETPID);
	try_int80("native-getpid", SYS_getpid);
	try_int80("unknown", 600);
	try_syscall("x32", "getpid", X32_BIT | SYS_getpid);
	try_syscall("x32", "ioctl", X32_BIT | 514);
	try_syscall("x32", "unknown", X32_BIT | 600);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		(void)snprintf(name, sizeof(name), "%u", unknown[i]);
		try_syscall("unknown", name, unknown[i]);
	}
	return (0);
}
