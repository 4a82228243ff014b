/*
 * The tool that makes, signs and checks manifests (-M).  There is no child.
 */
#ifndef MANIFEST_TOOL_H
#define MANIFEST_TOOL_H

#include <stddef.h>
#include <stdint.h>

#include "../common/verify.h"

/* Exit statuses beside 0 and EXIT_SANDBOX, as cmp(1) has them. */
#define TOOL_DIFFERS	1

/* manifest_tool.c: argv[0] is a command, such as "generate". */
int	 manifest_tool(int, char **);
/* Its usage, as lines that begin with nothing or with spaces. */
extern const char manifest_usage[];

/* ---- manifest_tree.c: files and trees ---- */

/* What was named: canonical, opened before confinement (O_PATH). */
struct root {
	char	*ro_path;
	int	 ro_fd;
	int	 ro_dir;
};

/*
 * For each file that may be executed or mapped: its canonical path, and a
 * descriptor to read it, which stays the walker's.  Not 0 ends the walk.
 */
typedef int	 tree_file(void *, const char *, int);

/* Open what a user named.  Fatal on error. */
void	 root_open(struct root *, const char *);
/*
 * Call f for all such files in a tree, in no order, or for the one file.
 * Follows no symbolic link and enters no other file system; says on stderr
 * what it left out.  0, or what f returned, or -1 after saying why.
 */
int	 root_walk(const struct root *, tree_file *, void *);

#define ALG_BIT(alg)	(1U << (alg))
/*
 * Hash what fd has, from where it is, with each algorithm of a set of
 * ALG_BIT(), into digest[alg].  0, or -1 with errno; ESTALE: it changed.
 */
int	 file_digest(int, unsigned, uint8_t [DIGEST_COUNT][DIGEST_MAX]);
/* Bytes of a name for people: escaped as by vis(3), in a static buffer. */
const char *show(const char *);

/* ---- manifest_check.c ---- */

/*
 * Compare the files of a sorted set with its digests, and the trees with the
 * set; prints what differs.  confine is called when all has been opened that
 * is named.  How many lines were printed.
 */
size_t	 manifest_check(const struct verifyset *, const struct root *,
	    size_t, void (*confine)(int ruleset));

#endif /* MANIFEST_TOOL_H */
