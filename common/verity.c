/*
 * fs-verity, see verity.h: the kernel checks each page of such a file against
 * the digest as it is read.  No byte is hashed here, and nobody can change it.
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <linux/fsverity.h>
#include <stdint.h>
#include <string.h>

#include "verify.h"
#include "verity.h"

int
verity_measure(int fd, unsigned alg, uint8_t *digest, const char **why)
{
	/* room for the digest behind struct fsverity_digest */
	union {
		struct fsverity_digest	 d;
		uint8_t			 bytes[sizeof(struct fsverity_digest) +
					    DIGEST_MAX];
	} u;
	unsigned	 kind;

	memset(&u, 0, sizeof(u));
	u.d.digest_size = DIGEST_MAX;
	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &u) == -1) {
		switch (errno) {
		case ENODATA:
			*why = "fs-verity is not enabled for the file";
			break;
		case ENOTTY:
			*why = "its file system has no fs-verity";
			break;
		case EOPNOTSUPP:
			*why = "the kernel or its file system has no "
			    "fs-verity enabled";
			break;
		default:
			*why = "fs-verity cannot be asked";
		}
		return (-1);
	}
	kind = alg == DIGEST_VERITY256 ? FS_VERITY_HASH_ALG_SHA256 :
	    FS_VERITY_HASH_ALG_SHA512;
	if (u.d.digest_algorithm != kind ||
	    u.d.digest_size != digest_len(alg)) {
		*why = "fs-verity has it with another hash";
		errno = ENODATA;
		return (-1);
	}
	memcpy(digest, u.bytes + sizeof(u.d), digest_len(alg));
	return (0);
}
