/*
 * Manifests: digests of many files, and the signatures of them.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <stddef.h>

#include "../common/verify.h"

#define MANIFEST_SIZE_MAX	(16 * 1024 * 1024)
#define MANIFEST_WHY_MAX	512	/* SIGNIFY_WHY_MAX */

/*
 * Append the digests of a manifest, all or none.  With a key, a public one of
 * signify(1), the manifest counts only with a good signature of it beside it,
 * in a file of the same name and ".sig".  0, or -1 with what is wrong, in
 * MANIFEST_WHY_MAX bytes.
 */
int	 manifest_read(struct verifyset *, const char *, const char *,
	    char *);
/* The text of a manifest, as above; the name is for errors and denials. */
int	 manifest_parse(struct verifyset *, const char *, char *, size_t,
	    char *);

#endif /* MANIFEST_H */
