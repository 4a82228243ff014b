/*
 * Play a kernel that lacks something: `without seccomp|landlock|pidfd COMMAND',
 * for badinput.t and segvguard.t.  A filter answers as such a kernel would.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define LOAD(f)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
		    offsetof(struct seccomp_data, f))
#define IF(k, t, f)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (t), (f))
#define RET(k)	BPF_STMT(BPF_RET | BPF_K, (k))

int
main(int argc, char **argv)
{
	struct sock_filter	 seccomp[] = {
		LOAD(nr),
		IF(SYS_seccomp, 0, 2),
		LOAD(args[0]),
		IF(SECCOMP_GET_ACTION_AVAIL, 1, 0),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ERRNO | EOPNOTSUPP)
	};
	struct sock_filter	 landlock[] = {
		LOAD(nr),
		IF(SYS_landlock_create_ruleset, 1, 0),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ERRNO | EOPNOTSUPP)
	};
	/* PIDFD_GET_INFO */
	struct sock_filter	 pidfd[] = {
		LOAD(nr),
		IF(SYS_ioctl, 0, 2),
		LOAD(args[1]),
		IF(0xc040ff0b, 1, 0),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ERRNO | ENOTTY)
	};
	struct sock_fprog	 prog;

	if (argc < 3)
		return (2);
	if (strcmp(argv[1], "seccomp") == 0) {
		prog.len = sizeof(seccomp) / sizeof(seccomp[0]);
		prog.filter = seccomp;
	} else if (strcmp(argv[1], "pidfd") == 0) {
		prog.len = sizeof(pidfd) / sizeof(pidfd[0]);
		prog.filter = pidfd;
	} else {
		prog.len = sizeof(landlock) / sizeof(landlock[0]);
		prog.filter = landlock;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		return (2);
	execvp(argv[2], argv + 2);
	return (2);
}
