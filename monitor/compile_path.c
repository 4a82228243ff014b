/*
 * Paths as the compiler sees them: what is there, and the canonical name.
 * The rules of a policy share most of their directories; each is looked at
 * once, the absent ones too, and the answer holds until paths_forget().
 * Must never resolve a link in or into procfs: it means another thing in the
 * child.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/tree.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../common/log.h"
#include "compile.h"

struct seen {
	RB_ENTRY(seen)	 sn_entry;
	char		*sn_path;	/* absolute, without . and .. */
	char		*sn_real;	/* longest existing prefix resolved */
	enum path_kind	 sn_kind;
	int		 sn_proc;	/* in procfs or leads there */
};
RB_HEAD(seen_tree, seen);

static int	 seen_cmp(const struct seen *, const struct seen *);
static struct seen *seen_get(const char *);
static void	 seen_below(struct seen *, const struct seen *, const char *);
static void	 seen_link(struct seen *);
static enum path_kind kind_of(const char *);

RB_PROTOTYPE(seen_tree, seen, sn_entry, seen_cmp)

static struct seen_tree	 seen = RB_INITIALIZER(&seen);

RB_GENERATE(seen_tree, seen, sn_entry, seen_cmp)

const char *
path_real(const char *path)
{
	return (seen_get(path)->sn_real);
}

enum path_kind
path_kind(const char *path)
{
	struct seen	*sn = seen_get(path);

	if (sn->sn_kind == PATH_UNKNOWN)
		sn->sn_kind = kind_of(path);
	return (sn->sn_kind);	/* NOLINT(*.Malloc): in the tree */
}

void
paths_forget(void)
{
	struct seen	*sn, *next;

	RB_FOREACH_SAFE(sn, seen_tree, &seen, next) {
		RB_REMOVE(seen_tree, &seen, sn);
		free(sn->sn_path);
		free(sn->sn_real);
		free(sn);
	}
}

int
path_below(const char *path, const char *dir)
{
	size_t	 n = strlen(dir);

	return (n == 1 || (strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0')));
}

int
path_join(char *out, const char *dir, const char *rest)
{
	size_t	 n;

	n = strcmp(dir, "/") == 0 ? 0 : strlcpy(out, dir, PATTERN_MAX);
	if (n >= PATTERN_MAX ||
	    strlcpy(out + n, rest, PATTERN_MAX - n) >= PATTERN_MAX - n)
		return (-1);
	return (0);
}

static int
seen_cmp(const struct seen *a, const struct seen *b)
{
	return (strcmp(a->sn_path, b->sn_path));
}

/* What is known of path; looked at now if it is new. */
static struct seen *
seen_get(const char *path)
{
	struct seen	 key = { .sn_path = (char *)(uintptr_t)path }, *sn;
	char		*slash;

	if ((sn = RB_FIND(seen_tree, &seen, &key)) != NULL)
		return (sn);
	if ((sn = calloc(1, sizeof(*sn))) == NULL ||
	    (sn->sn_path = strdup(path)) == NULL)
		fatal("%s", __func__);
	sn->sn_proc = strcmp(path, "/") != 0 && path_below(path, "/proc");
	if (strcmp(path, "/") == 0)
		sn->sn_kind = PATH_DIR;
	else if (!sn->sn_proc) {
		/* Its parent is the same bytes, cut for a moment. */
		slash = strrchr(sn->sn_path, '/');
		if (slash == sn->sn_path)
			seen_below(sn, seen_get("/"), path);
		else {
			*slash = '\0';
			seen_below(sn, seen_get(sn->sn_path),
			    path + (slash - sn->sn_path));
			*slash = '/';	/* NOLINT(*.Malloc): as above */
		}
	}
	/* NOLINTNEXTLINE(*.Malloc): as above */
	if (sn->sn_real == NULL && (sn->sn_real = strdup(path)) == NULL)
		fatal("%s", __func__);
	RB_INSERT(seen_tree, &seen, sn);
	return (sn);
}

/* name, with its slash, in dir.  sn_real stays NULL: as written. */
static void
seen_below(struct seen *sn, const struct seen *dir, const char *name)
{
	static char	 real[PATTERN_MAX];	/* seen_get() recurses */

	sn->sn_proc = dir->sn_proc;
	/* Or too long to be a path: it names nothing. */
	if (dir->sn_proc || path_join(real, dir->sn_real, name) == -1)
		return;
	if ((sn->sn_real = strdup(real)) == NULL)
		fatal("%s", __func__);
	sn->sn_kind = dir->sn_kind == PATH_ABSENT ? PATH_ABSENT :
	    kind_of(real);
	if (sn->sn_kind == PATH_LINK)
		seen_link(sn);
}

/* A link that ends nowhere is a name like any other. */
static void
seen_link(struct seen *sn)
{
	static char	 real[PATH_MAX];

	if (realpath(sn->sn_real, real) == NULL)
		return;
	free(sn->sn_real);
	sn->sn_real = NULL;
	sn->sn_proc = strcmp(real, "/") != 0 && path_below(real, "/proc");
	if (!sn->sn_proc && (sn->sn_real = strdup(real)) == NULL)
		fatal("%s", __func__);
}

static enum path_kind
kind_of(const char *path)
{
	struct stat	 st;

	if (lstat(path, &st) == -1)
		return (PATH_ABSENT);
	return (S_ISDIR(st.st_mode) ? PATH_DIR :
	    S_ISLNK(st.st_mode) ? PATH_LINK : PATH_OTHER);
}
