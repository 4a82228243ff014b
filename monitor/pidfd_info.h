/*
 * How a process ended, from a pidfd: include/uapi/linux/pidfd.h of Linux 6.15
 * and later, for build machines with older headers.
 */
#ifndef PIDFD_INFO_H
#define PIDFD_INFO_H

#include <sys/ioctl.h>
#include <stdint.h>
#include <string.h>

struct pidfd_info_v0 {
	uint64_t	 pi_mask;
	uint64_t	 pi_cgroupid;
	uint32_t	 pi_ids[11];
	int32_t		 pi_exit_code;
};
#define PIDFD_INFO_REQUEST	_IOWR(0xff, 11, struct pidfd_info_v0)
#define PIDFD_INFO_HAS_EXIT	(1ULL << 3)	/* 64 bytes: v0 will do */

/* 1: it has been reaped, and this is its wait status; 0: not known. */
static inline int
pidfd_exit(int fd, int *status)
{
	struct pidfd_info_v0	 pi;

	memset(&pi, 0, sizeof(pi));
	pi.pi_mask = PIDFD_INFO_HAS_EXIT;
	if (ioctl(fd, PIDFD_INFO_REQUEST, &pi) == -1 ||
	    (pi.pi_mask & PIDFD_INFO_HAS_EXIT) == 0)
		return (0);
	*status = pi.pi_exit_code;
	return (1);
}

#endif /* PIDFD_INFO_H */
