/*
 * fs-verity: the digest that the kernel keeps for a file, and holds it to.
 */
#ifndef VERITY_H
#define VERITY_H

#include <stdint.h>

/*
 * The digest of this kind (DIGEST_VERITY()) of the file behind a descriptor, as
 * fsverity(1) measures it: 0, or -1 with errno and *why; see
 * FS_IOC_MEASURE_VERITY in Documentation/filesystems/fsverity.rst.
 */
int	 verity_measure(int, unsigned alg, uint8_t *, const char **why);

#endif /* VERITY_H */
