/*
 * -M verify: are the files what a manifest says?  Digests are of what a path
 * leads to, as when the policy is read; every file that is listed is opened
 * O_PATH first, so that the process may then give up all others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "manifest_tool.h"

static size_t	 lines;		/* printed */

static int	 check_allow(const struct verifyset *, const struct root *,
		    size_t);
static void	 check_path(const struct verify *, size_t);
static void	 check_digests(const struct verify *, size_t, int);
static int	 check_listed(void *, const char *, int);

size_t
manifest_check(const struct verifyset *vs, const struct root *roots, size_t n,
    void (*confine)(int))
{
	const struct verify	*v;
	size_t			 i, same;

	confine(check_allow(vs, roots, n));
	for (i = 0; i < vs->vs_count; i += same) {
		v = verify_find(vs, vs->vs_list[i].v_path, &same);
		check_path(v, same);
	}
	for (i = 0; i < n; i++)
		if (root_walk(&roots[i], check_listed,
		    (void *)(uintptr_t)vs) != 0)
			lines++;
	return (lines);
}

/* A ruleset: reading what is listed and the trees. */
static int
check_allow(const struct verifyset *vs, const struct root *roots, size_t n)
{
	size_t	 i;
	int	 ruleset, fd;

	if ((ruleset = ll_ruleset(0)) == -1)
		fatal("landlock_create_ruleset");
	for (i = 0; i < vs->vs_count; i++) {
		if ((fd = open(vs->vs_list[i].v_path, O_PATH | O_CLOEXEC)) ==
		    -1)
			continue;	/* check_path() says so */
		if (ll_allow(ruleset, fd, LL_FS_READ_FILE) == -1)
			fatal("landlock_add_rule");
		close(fd);
	}
	for (i = 0; i < n; i++)
		if (ll_allow(ruleset, roots[i].ro_fd, LL_FS_READ_FILE |
		    (roots[i].ro_dir ? LL_FS_READ_DIR : 0)) == -1)
			fatal("landlock_add_rule");
	return (ruleset);
}

static void
check_path(const struct verify *v, size_t n)
{
	int	 fd;

	fd = open(v->v_path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT || errno == ENOTDIR)
			printf("missing: %s\n", show(v->v_path));
		else
			printf("unreadable: %s: %s\n", show(v->v_path),
			    strerror(errno));
		lines++;
		return;
	}
	check_digests(v, n, fd);
	close(fd);
}

/* Of several digests any will do. */
static void
check_digests(const struct verify *v, size_t n, int fd)
{
	const struct verify	*last = &v[n - 1];
	uint8_t			 digest[DIGEST_COUNT][DIGEST_MAX];
	char			 expected[DIGEST_TEXT], found[DIGEST_TEXT];
	unsigned		 algs = 0;
	size_t			 i;

	for (i = 0; i < n; i++)
		algs |= ALG_BIT(v[i].v_alg);
	if (file_digest(fd, algs, digest) == -1) {
		printf("unreadable: %s: %s\n", show(v->v_path), errno ==
		    ESTALE ? "it is being written" : strerror(errno));
		lines++;
		return;
	}
	for (i = 0; i < n; i++)
		if (memcmp(digest[v[i].v_alg], v[i].v_digest,
		    digest_len(v[i].v_alg)) == 0)
			return;
	digest_print(expected, sizeof(expected), last->v_digest, last->v_alg);
	digest_print(found, sizeof(found), digest[last->v_alg], last->v_alg);
	printf("differs: %s: %s expected %s, found %s\n", show(v->v_path),
	    digest_name(last->v_alg), expected, found);
	lines++;
}

/* A file of a tree. */
static int
check_listed(void *arg, const char *path, int fd)
{
	const struct verifyset	*vs = arg;
	size_t			 n;

	(void)fd;
	if (verify_find(vs, path, &n) == NULL) {
		printf("not listed: %s\n", show(path));
		lines++;
	}
	return (0);
}
