/*
 * What a policy means, written a second time: a reference interpreter of the
 * rules, and Landlock's answer computed from the grants of a plan.  For the
 * property tests; shares no line with common/rule.c, common/glob.c or the
 * compiler, and must stay so simple that it is right at a glance.
 */
#ifndef PLAN_MODEL_H
#define PLAN_MODEL_H

#include <sys/stat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/landlock_abi.h"
#include "../../monitor/compile.h"

#define MODEL_PATH	512
#define M_MAKES		(R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | R_MKFIFO | \
			    R_MKSOCK | R_MKCDEV | R_MKBDEV)
#define M_NAMES		(M_MAKES | R_DELETE | R_RMDIR | R_RENAME)

/* ---- the reference ---- */

/* One of the names that a rule holds for. */
struct ref_name {
	char		 n_path[MODEL_PATH];	/* "" for the root */
	const char	*n_glob;	/* what follows it, or NULL */
	int		 n_dir;		/* a directory is there */
};

struct ref_rule {
	const struct rule *rr_rule;
	uint32_t	 rr_rights;
	struct ref_name	 rr_names[3];
	int		 rr_count;
};

struct ref {
	struct ref_rule	 rf_rules[64];
	size_t		 rf_count;
};

/* Globs without {}: * ? ** and \c. */
static int
ref_glob_plain(const char *start, const char *p, const char *s)
{
	if (p[0] == '*' && p[1] == '*') {
		if (p > start && p[-1] == '/' && p[2] == '/' &&
		    ref_glob_plain(start, p + 3, s))
			return (1);
		for (;; s++) {
			if (ref_glob_plain(start, p + 2, s))
				return (1);
			if (*s == '\0')
				return (0);
		}
	}
	if (*p == '*') {
		for (;; s++) {
			if (ref_glob_plain(start, p + 1, s))
				return (1);
			if (*s == '\0' || *s == '/')
				return (0);
		}
	}
	if (*p == '\0' || *s == '\0')
		return (*p == *s);
	if (*p == '?')
		return (*s != '/' && ref_glob_plain(start, p + 1, s + 1));
	if (*p == '\\')
		p++;
	return (*p == *s && ref_glob_plain(start, p + 1, s + 1));
}

/* {a,b} are written out, innermost first; none holds ** or \. */
static int
ref_glob(const char *pat, const char *s)
{
	char		 out[MODEL_PATH];
	const char	*close, *open, *alt, *end;

	for (close = pat; *close != '}'; close++)
		if (*close == '\0')
			return (ref_glob_plain(pat, pat, s));
		else if (*close == '\\')
			close++;
	for (open = close; *open != '{'; open--)
		continue;
	for (alt = open + 1; alt <= close; alt = end + 1) {
		end = alt + strcspn(alt, ",}");
		(void)snprintf(out, sizeof(out), "%.*s%.*s%s",
		    (int)(open - pat), pat, (int)(end - alt), alt, close + 1);
		if (ref_glob(out, s))
			return (1);
	}
	return (0);
}

/* Longest prefix that exists, resolved, and the rest. */
static void
ref_real(const char *path, char *out)
{
	char	 cut[MODEL_PATH], real[PATH_MAX];
	size_t	 n;

	for (n = strlen(path); n > 0; n--) {
		if (path[n] != '\0' && path[n] != '/')
			continue;
		(void)snprintf(cut, sizeof(cut), "%.*s", (int)n, path);
		if (realpath(cut, real) == NULL)
			continue;
		if (strcmp(real, "/") == 0)
			real[0] = '\0';
		(void)strlcpy(out, real, MODEL_PATH);
		(void)strlcat(out, path + n, MODEL_PATH);
		return;
	}
	(void)strlcpy(out, strcmp(path, "/") == 0 ? "" : path, MODEL_PATH);
}

static void
ref_name(struct ref_rule *rr, const char *path, const char *glob)
{
	struct ref_name	*n = &rr->rr_names[rr->rr_count++];
	struct stat	 st;

	(void)strlcpy(n->n_path, path, sizeof(n->n_path));
	n->n_glob = glob;
	n->n_dir = *path == '\0' ||
	    (lstat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/*
 * What a rule is about: what its path leads to; where its last component is
 * a link, that name; and a denial is also about its path as it is written.
 */
static void
ref_rule(struct ref_rule *rr, const struct rule *r, uint32_t promise)
{
	char		 path[MODEL_PATH], real[MODEL_PATH];
	const char	*glob = NULL, *slash;

	memset(rr, 0, sizeof(*rr));
	rr->rr_rule = r;
	rr->rr_rights = r->r_action == RULE_ALLOW ? r->r_rights & promise :
	    r->r_rights;
	(void)strlcpy(path, strcmp(r->r_path, "/") == 0 ? "" : r->r_path,
	    sizeof(path));
	if (r->r_match == MATCH_GLOB) {
		glob = r->r_path + strcspn(r->r_path, "*?{\\");
		while (*glob != '/')
			glob--;
		path[glob - r->r_path] = '\0';
	}
	ref_real(path, real);
	ref_name(rr, real, glob);
	if (glob == NULL && (slash = strrchr(path, '/')) != NULL) {
		path[slash - path] = '\0';
		ref_real(path, real);
		(void)strlcat(real, r->r_path + (slash - path), sizeof(real));
		ref_name(rr, real, NULL);
		(void)strlcpy(path, r->r_path, sizeof(path));
	}
	if (r->r_action == RULE_DENY)
		ref_name(rr, path, glob);
}

static void
ref_policy(struct ref *rf, const struct ruleset *rs, uint32_t promise)
{
	size_t	 i;

	rf->rf_count = rs->rs_count;
	for (i = 0; i < rs->rs_count; i++)
		ref_rule(&rf->rf_rules[i], &rs->rs_rules[i], promise);
}

/* Is path n or below it?  2: it is n. */
static int
ref_at(const char *path, const char *n)
{
	size_t	 len = strlen(n);

	if (strncmp(path, n, len) != 0)
		return (0);
	return (path[len] == '\0' ? 2 : path[len] == '/');
}

static int
ref_matches(const struct ref_rule *rr, const char *path, uint32_t right)
{
	const struct ref_name	*n;
	int			 i, at;

	for (i = 0; i < rr->rr_count; i++) {
		n = &rr->rr_names[i];
		at = ref_at(path, n->n_path);
		switch (rr->rr_rule->r_match) {
		case MATCH_EXACT:
			if (at == 2)
				return (1);
			break;
		case MATCH_UNDER:
			/* Its own name is its parent's matter. */
			if (at == 2 && (right & M_NAMES) != 0 && n->n_dir &&
			    rr->rr_rule->r_action == RULE_ALLOW)
				break;
			if (at != 0)
				return (1);
			break;
		case MATCH_GLOB:
			if (at != 0 && ref_glob(n->n_glob,
			    path + strlen(n->n_path)))
				return (1);
			break;
		}
	}
	return (0);
}

/* May this be done?  *by is the rule that says so, or NULL. */
static int
ref_allows(const struct ref *rf, const char *path, uint32_t right,
    const struct ref_rule **by)
{
	const struct ref_rule	*rr, *last = NULL;
	size_t			 i;

	for (i = 0; i < rf->rf_count; i++) {
		rr = &rf->rf_rules[i];
		if ((rr->rr_rights & right) == 0 ||
		    !ref_matches(rr, path, right))
			continue;
		last = rr;
		if (rr->rr_rule->r_flags & RF_QUICK)
			break;
	}
	if (by != NULL)
		*by = last;
	return (last != NULL && last->rr_rule->r_action == RULE_ALLOW);
}

/* ---- Landlock ---- */

/* What is at a path. */
enum thing { T_ABSENT, T_FILE, T_DIR, T_LINK, T_FIFO };

/* What it takes to make one. */
static uint32_t
make_right(enum thing t)
{
	return (t == T_DIR ? R_MKDIR : t == T_LINK ? R_SYMLINK :
	    t == T_FIFO ? R_MKFIFO : R_CREATE);
}

/* Where the kernel asks for a right, at the least and when all goes with it. */
static const struct {
	uint32_t	 right;
	int		 parent;	/* of what holds the name */
	uint64_t	 least;
	uint64_t	 full;
} model_needs[] = {
	{ R_READ,	0, LL_FS_READ_FILE,	LL_FS_READ_FILE },
	{ R_WRITE,	0, LL_FS_WRITE_FILE,	LL_FS_WRITE_FILE },
	{ R_TRUNCATE,	0, LL_FS_TRUNCATE,	LL_FS_TRUNCATE },
	{ R_EXEC,	0, LL_FS_EXECUTE,	LL_FS_EXECUTE },
	{ R_IOCTL,	0, LL_FS_IOCTL_DEV,	LL_FS_IOCTL_DEV },
	{ R_READDIR,	0, LL_FS_READ_DIR,	LL_FS_READ_DIR },
	{ R_MKTEMP,	0, LL_FS_WRITE_FILE,
	    LL_FS_WRITE_FILE | LL_FS_READ_FILE },
	{ R_CREATE,	1, LL_FS_MAKE_REG,	LL_FS_MAKE_REG },
	/* link(2) of a FIFO asks what mkfifo(2) does, and so on. */
	{ R_LINK,	1, 0,			LL_FS_MAKE_REG | LL_FS_REFER },
	{ R_SYMLINK,	1, LL_FS_MAKE_SYM,	LL_FS_MAKE_SYM },
	{ R_MKDIR,	1, LL_FS_MAKE_DIR,	LL_FS_MAKE_DIR },
	{ R_MKFIFO,	1, LL_FS_MAKE_FIFO,	LL_FS_MAKE_FIFO },
	{ R_MKSOCK,	1, LL_FS_MAKE_SOCK,	LL_FS_MAKE_SOCK },
	{ R_MKCDEV,	1, LL_FS_MAKE_CHAR,	LL_FS_MAKE_CHAR },
	{ R_MKBDEV,	1, LL_FS_MAKE_BLOCK,	LL_FS_MAKE_BLOCK },
	{ R_DELETE,	1, LL_FS_REMOVE_FILE,	LL_FS_REMOVE_FILE },
	{ R_RMDIR,	1, LL_FS_REMOVE_DIR,	LL_FS_REMOVE_DIR },
	{ R_RENAME,	1, 0,			LL_FS_REFER },	/* by type */
};
#define NNEEDS	(sizeof(model_needs) / sizeof(model_needs[0]))

/* Does the right mean anything for what is there? */
static int
model_fits(uint32_t right, enum thing t)
{
	if (t == T_ABSENT || (right & (M_MAKES | R_RENAME | R_UNSEEN)))
		return (1);
	if (right & (R_READDIR | R_MKTEMP | R_RMDIR))
		return (t == T_DIR);
	if (right & R_DELETE)
		return (t != T_DIR);
	if (right & (R_TRUNCATE | R_EXEC | R_IOCTL))
		return (t == T_FILE);
	return (t == T_FILE || t == T_FIFO);
}

/* Grants as the kernel takes them: on what is there and no link. */
static void
model_settle(struct grants *gs)
{
	struct grant	*g;
	struct stat	 st;
	size_t		 i;

	for (i = 0; i < gs->gs_count; i++) {
		g = &gs->gs_grants[i];
		if (lstat(g->g_path, &st) == -1 || S_ISLNK(st.st_mode))
			g->g_access = 0;
		else if (!S_ISDIR(st.st_mode))
			g->g_access &= LL_FS_FILE;
	}
}

/*
 * What grants give at a path: those there and above.  Only those above top,
 * if one is given: top and all below it were made anew.
 */
static uint64_t
model_access(const struct grants *gs, const char *path, const char *top)
{
	const struct grant	*g;
	uint64_t		 access = 0;
	const char		*at;
	size_t			 i;

	for (i = 0; i < gs->gs_count; i++) {
		g = &gs->gs_grants[i];
		at = strcmp(g->g_path, "/") == 0 ? "" : g->g_path;
		if (ref_at(path, at) && (top == NULL || !ref_at(at, top)))
			access |= g->g_access;
	}
	return (access);
}

static void
model_parent(const char *path, char *out)
{
	(void)strlcpy(out, path, MODEL_PATH);
	*strrchr(out, '/') = '\0';
}

/* Giving a name up: removing, and making one somewhere else. */
static int
model_rename(enum thing t, uint64_t access)
{
	static const struct { enum thing t; uint64_t remove, make; } kinds[] = {
		{ T_FILE,	LL_FS_REMOVE_FILE,	LL_FS_MAKE_REG },
		{ T_DIR,	LL_FS_REMOVE_DIR,	LL_FS_MAKE_DIR },
		{ T_LINK,	LL_FS_REMOVE_FILE,	LL_FS_MAKE_SYM },
		{ T_FIFO,	LL_FS_REMOVE_FILE,	LL_FS_MAKE_FIFO },
	};
	size_t	 i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((t == T_ABSENT || t == kinds[i].t) &&
		    (access & kinds[i].remove) &&
		    (access & (kinds[i].make | LL_FS_REFER)))
			return (1);
	return (0);
}

/* Would these rights, in full or at the least, let this be done? */
static int
model_suffices(uint32_t right, enum thing t, uint64_t access, int full)
{
	uint64_t	 need;
	size_t		 i;

	if (right & R_UNSEEN)
		return (1);
	for (i = 0; i < NNEEDS; i++) {
		if (model_needs[i].right != right)
			continue;
		need = full ? model_needs[i].full : model_needs[i].least;
		if (right == R_RENAME && !full)
			return (model_rename(t, access));
		if (right == R_LINK && !full)
			return ((access & (LL_FS_MAKE_REG | LL_FS_MAKE_SYM |
			    LL_FS_MAKE_FIFO | LL_FS_MAKE_SOCK |
			    LL_FS_MAKE_CHAR | LL_FS_MAKE_BLOCK)) != 0);
		if (right == R_RENAME)
			need |= t == T_DIR ? LL_FS_REMOVE_DIR :
			    t == T_ABSENT ? LL_FS_REMOVE_DIR |
			    LL_FS_REMOVE_FILE : LL_FS_REMOVE_FILE;
		return ((access & need) == need);
	}
	abort();
}

/* Rights of Landlock that this right at this path is asked of. */
static uint64_t
model_at(const struct grants *gs, const char *path, uint32_t right,
    const char *top)
{
	char	 parent[MODEL_PATH];

	if ((right & M_NAMES) == 0)
		return (model_access(gs, path, top));
	model_parent(path, parent);
	return (model_access(gs, parent, top));
}

#endif /* PLAN_MODEL_H */
