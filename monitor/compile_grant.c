/*
 * The child's own Landlock domain, and from it the tier of each right.
 *
 * Landlock knows only "this and all below".  So the tree is walked from / down
 * and a right is granted at the highest places where the rules allow it
 * without exception.  Where they differ below a directory, its entries are
 * looked at one by one: the grant is split around what is denied.  A right
 * that cannot be held exactly this way goes to the broker, everywhere, since
 * no filter sees a path; the reason and the place are kept for -n.
 *
 * Must never leave a right to the kernel where the grants allow more than the
 * rules do; less only for names that appear later, if late-siblings says so.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/landlock_abi.h"
#include "compile.h"

/* Rights that bring a name into being. */
#define R_MAKES		(R_NAMES & ~(R_DELETE | R_RMDIR))
/* Those that one vanishes by. */
#define R_GOES		(R_DELETE | R_RMDIR | R_RENAME)
/* Asked of a directory itself ... */
#define R_DIRS		(R_READDIR | R_MKTEMP)
/* ... and of anything else. */
#define R_FILES		(R_READ | R_WRITE | R_EXEC | R_TRUNCATE | R_IOCTL)
/* The broker's where a rule denies them, else nobody's: -n says so. */
#define R_UNHELD	(R_LOOKS | R_CHROOT | R_CODE)
#define R_SEEN		(R_NAMES | R_DIRS | R_FILES)

#define ENTRIES_MAX	16384	/* directory entries looked at */
#define DEPTH_MAX	64	/* directories split inside each other */

/* A place where a right begins to be allowed without exception. */
struct node {
	char		*n_path;
	uint32_t	 n_rights;	/* here and below, from above too */
	int		 n_dir;
};

struct walk {
	const struct policy	*w_policy;
	struct plan		*w_plan;
	struct node		*w_nodes;
	size_t			 w_count;
	size_t			 w_size;
	size_t			 w_entries;
	int			 w_depth;
	char			 w_path[PATTERN_MAX];
};

/* What the rules that reach into a directory say about it. */
struct region {
	uint32_t	 g_allow;	/* somewhere */
	uint32_t	 g_deny;	/* somewhere */
	uint32_t	 g_here;	/* READDIR, MKTEMP: of the directory */
	uint32_t	 g_direct;	/* names right in it, not below */
	uint32_t	 g_later;	/* names that are not there yet */
	uint32_t	 g_any;		/* at any depth: a glob with ** */
};

static int	 walk_node(struct walk *, const struct rule **, size_t, int,
		    uint32_t);
static int	 walk_split(struct walk *, const struct rule **, size_t,
		    uint32_t, uint32_t);

/*
 * The first reason stays.  A right that Landlock does not see at all has one
 * from the start.
 */
static void
broker(struct plan *pl, uint32_t rights, const struct rule *r,
    const char *path, const char *why)
{
	struct tier	*t;
	size_t		 i;

	for (i = 0; i < RIGHTS_COUNT; i++) {
		t = &pl->pl_tiers[i];
		if ((rights & (1U << i)) == 0 || (pl->pl_broker & (1U << i)))
			continue;
		t->t_tier = TIER_BROKER;
		t->t_why = why;
		t->t_rule = r != NULL ? r->r_index : NO_RULE;
		t->t_path = path != NULL ? strdup(path) : NULL;
	}
	pl->pl_broker |= rights;
}

/* ---- what rules say about a place ---- */

/*
 * The rights a rule counts for.  One that does more than refuse an execution
 * has to see it: the policy and the integrity worker do, each by itself.
 */
static uint32_t
rule_holds(const struct rule *r)
{
	if (r->r_action == RULE_DENY && r->r_effect != EFFECT_NONE)
		return (r->r_rights & ~(uint32_t)R_EXEC);
	return (r->r_rights);
}

/* The name of r's that lies right in dir, NUL-terminated; or NULL. */
static const char *
rule_child(const struct rule *r, const char *dir)
{
	static char	 path[PATTERN_MAX];
	size_t		 n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
	size_t		 len;

	if (r->r_match == MATCH_GLOB || r->r_len <= n + 1)
		return (NULL);
	len = n + 1 + strcspn(r->r_path + n + 1, "/");
	memcpy(path, r->r_path, len);
	path[len] = '\0';
	return (path);
}

/* Rights on names right in dir that r gives or takes; dir is a directory. */
static uint32_t
rule_direct(const struct rule *r, const char *dir)
{
	const char	*name;

	if (r->r_match == MATCH_GLOB)
		return (R_NAMES);
	if ((name = rule_child(r, dir)) == NULL || strlen(name) != r->r_len)
		return (0);
	if (r->r_flags & RF_BELOW)
		return (0);
	return (R_NAMES);
}

/* May r be about names right in dir, or below, that do not exist yet? */
static uint32_t
rule_later(const struct rule *r, const char *dir)
{
	const char	*name;

	if (r->r_match == MATCH_GLOB)
		return (R_SEEN);
	name = rule_child(r, dir);
	return (name != NULL && path_kind(name) == PATH_ABSENT ? R_SEEN : 0);
}

/*
 * The region below a directory, and the directory for R_DIRS.  Rules come
 * strongest first; those that can reach below are kept in below[].
 */
static size_t
region_dir(const struct plan *pl, const char *dir, const struct rule **rules,
    size_t n, struct region *g, const struct rule **below)
{
	const struct rule	*r;
	size_t			 i, len = strlen(dir), kept = 0;
	uint32_t		 rights, bits, open = R_SEEN | R_UNSEEN;
	uint32_t		 here = R_DIRS;
	enum reach		 reach;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < n; i++) {
		r = rules[i];
		rights = rule_holds(r);
		reach = rule_reach(r, dir, len);
		if (reach != REACH_NONE)
			below[kept++] = r;
		/* the directory itself */
		bits = rights & here;
		if (bits != 0 && rule_match(r, dir, len)) {
			here &= ~bits;
			if (r->r_action == RULE_ALLOW)
				g->g_here |= bits;
		}
		/* below; what a mount covers is an empty directory */
		bits = rights & open;
		if (pl->pl_hidden[r->r_index])
			bits &= ~(uint32_t)R_READDIR;
		if (bits == 0 || reach == REACH_NONE)
			continue;
		if (r->r_action == RULE_ALLOW)
			g->g_allow |= bits;
		else
			g->g_deny |= bits;
		if (reach == REACH_ALL) {
			if (r->r_action == RULE_ALLOW) {
				g->g_direct |= bits & R_NAMES;
				g->g_later |= bits;
			}
			open &= ~bits;
			continue;
		}
		if (r->r_match == MATCH_GLOB && strstr(r->r_path, "**"))
			g->g_any |= bits;
		if (r->r_action != RULE_ALLOW)
			continue;
		g->g_direct |= bits & rule_direct(r, dir);
		g->g_later |= bits & rule_later(r, dir);
	}
	g->g_deny |= open;
	/* The directory counts with what is below it. */
	g->g_deny |= R_DIRS & ~g->g_here;
	g->g_allow |= g->g_here;
	return (kept);
}

static uint32_t
region_file(const char *path, const struct rule **rules, size_t n)
{
	uint32_t	 bits, open = R_FILES, allowed = 0;
	size_t		 i, len = strlen(path);

	for (i = 0; i < n && open != 0; i++) {
		bits = rule_holds(rules[i]) & open;
		if (bits == 0 || !rule_match(rules[i], path, len))
			continue;
		open &= ~bits;
		if (rules[i]->r_action == RULE_ALLOW)
			allowed |= bits;
	}
	return (allowed);
}

/* A rule that makes rights differ in and below dir: to be named by -n. */
static const struct rule *
region_cause(const char *dir, const struct rule **rules, size_t n,
    uint32_t rights)
{
	size_t	 i, len = strlen(dir);

	for (i = 0; i < n; i++)
		if ((rules[i]->r_rights & rights) != 0 &&
		    rule_reach(rules[i], dir, len) == REACH_SOME)
			return (rules[i]);
	for (i = 0; i < n; i++)
		if ((rules[i]->r_rights & rights) != 0)
			return (rules[i]);
	return (NULL);
}

/* ---- the walk ---- */

static int
node_add(struct walk *w, uint32_t rights, int dir)
{
	struct node	*n;
	size_t		 size;

	if (w->w_count == w->w_size) {
		size = w->w_size == 0 ? 256 : w->w_size * 2;
		if ((n = reallocarray(w->w_nodes, size, sizeof(*n))) == NULL)
			return (-1);
		w->w_nodes = n;
		w->w_size = size;
	}
	n = &w->w_nodes[w->w_count];
	/* analyzer: it loses what a grown array holds */
	if ((n->n_path = strdup(w->w_path)) == NULL)
		return (-1);
	n->n_rights = rights;
	n->n_dir = dir;
	w->w_count++;
	return (0);
}

/*
 * Rights that differ below the directory: those which a split around it
 * cannot hold go to the broker.  Returns the others.
 */
static uint32_t
walk_mixed(struct walk *w, const struct region *g, const struct rule **rules,
    size_t n)
{
	struct plan	*pl = w->w_plan;
	uint32_t	 mixed, bits;
	const struct {
		uint32_t	 rights;
		const char	*why;
	} reasons[] = {
		{ g->g_any, "a glob with ** may match at any depth" },
		{ path_below(w->w_path, "/proc") ? R_SEEN : 0,
		    "what is in /proc comes and goes" },
		{ R_DIRS & g->g_here, "Landlock's right to a directory holds "
		    "below it too" },
		{ R_NAMES & g->g_direct,
		    "Landlock has no right on a single name" },
		{ w->w_policy->p_late ? 0 : g->g_later,
		    "names may appear here later (set late-siblings)" },
		{ g->g_direct & R_MAKES ? g->g_later : 0,
		    "the program may make names here" },
		{ g->g_direct & (R_RENAME | R_LINK) ? R_SEEN : 0,
		    "a grant would go along with what is moved" },
		{ (g->g_direct & R_MAKES) && (g->g_direct & R_GOES) ? R_SEEN :
		    0, "the program may replace what is here" },
	};
	size_t		 i;

	mixed = g->g_allow & g->g_deny & R_SEEN;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		bits = reasons[i].rights & mixed & ~pl->pl_broker;
		if (bits != 0)
			broker(pl, bits, region_cause(w->w_path, rules, n,
			    bits), w->w_path, reasons[i].why);
	}
	return (mixed & ~pl->pl_broker);
}

/* w_path and what is below it; `above' is granted there already. */
static int
walk_node(struct walk *w, const struct rule **rules, size_t n, int dir,
    uint32_t above)
{
	const struct rule	**below = NULL;
	struct region		 g;
	uint32_t		 all, mixed;
	size_t			 kept;
	int			 rv = -1;

	if (!dir) {
		all = above | region_file(w->w_path, rules, n);
		return ((all & R_FILES) == (above & R_FILES) ? 0 :
		    node_add(w, all, 0));
	}
	if ((below = reallocarray(NULL, n + 1, sizeof(*below))) == NULL)
		return (-1);
	kept = region_dir(w->w_plan, w->w_path, rules, n, &g, below);
	all = above | (g.g_allow & ~g.g_deny);
	if (all != above && node_add(w, all, 1) == -1)
		goto done;
	mixed = walk_mixed(w, &g, below, kept);
	rv = mixed == 0 ? 0 : walk_split(w, below, kept, mixed, all);
done:
	free(below);
	return (rv);
}

/* 1: a directory, 0: not; -1: neither is to be granted anything. */
static int
entry_kind(int fd, const struct dirent *d)
{
	struct stat	 st;

	if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
		return (-1);
	if (d->d_type == DT_LNK)	/* what it leads to has a name too */
		return (-1);
	if (d->d_type != DT_UNKNOWN)
		return (d->d_type == DT_DIR);
	if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    S_ISLNK(st.st_mode))
		return (-1);
	return (S_ISDIR(st.st_mode));
}

/* One by one what is in w_path. */
static int
walk_split(struct walk *w, const struct rule **rules, size_t n,
    uint32_t mixed, uint32_t above)
{
	struct dirent	*d;
	DIR		*dp;
	size_t		 len = strlen(w->w_path);
	int		 dir, rv = 0;
	const char	*why = NULL;

	if (len == 1)
		len = 0;
	if (w->w_depth == DEPTH_MAX)
		why = "too many directories inside each other";
	else if ((dp = opendir(w->w_path)) == NULL) {
		if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
			return (-1);
		/* The child, with our rights, cannot list it either. */
		why = "the directory cannot be listed";
	}
	if (why != NULL) {
		broker(w->w_plan, mixed, region_cause(w->w_path, rules, n,
		    mixed), w->w_path, why);
		return (0);
	}
	w->w_depth++;
	while (rv == 0 && why == NULL && (d = readdir(dp)) != NULL) {
		if ((dir = entry_kind(dirfd(dp), d)) == -1)
			continue;
		w->w_path[len] = '/';
		if (w->w_entries++ == ENTRIES_MAX)
			why = "too many names to look at";
		else if (strlcpy(w->w_path + len + 1, d->d_name,
		    sizeof(w->w_path) - len - 1) <
		    sizeof(w->w_path) - len - 1)
			rv = walk_node(w, rules, n, dir, above);
	}
	w->w_path[len == 0 ? 1 : len] = '\0';
	w->w_depth--;
	closedir(dp);
	if (why != NULL)
		broker(w->w_plan, mixed, region_cause(w->w_path, rules, n,
		    mixed), w->w_path, why);
	return (rv);
}

/* ---- from rights to Landlock's ---- */

/* Landlock's rights at a node that give nothing but what is allowed there. */
static uint64_t
node_access(const struct node *n, uint32_t brokered)
{
	uint64_t	 access = 0, bit, want;
	uint32_t	 effects, kinds = n->n_dir ? R_SEEN : R_FILES;

	want = wall_access(n->n_rights & kinds & (~brokered | R_EXEC));
	if (!n->n_dir)
		want &= LL_FS_FILE;
	for (bit = 1; bit <= LL_FS_ALL; bit <<= 1) {
		if ((want & bit) == 0)
			continue;
		effects = wall_grants(bit) & kinds & ~brokered;
		if ((effects & ~n->n_rights) == 0)
			access |= bit;
	}
	return (access);
}

/* Rights seldom used: better notified than one that hinges on them. */
#define R_SELDOM	(R_MKTEMP | R_LINK | R_RENAME)

/* A right that is allowed at n lacks `missing' of Landlock's there. */
static void
settle_right(struct plan *pl, const struct node *n, uint32_t right,
    uint64_t missing)
{
	uint32_t	 hinder, kinds = n->n_dir ? R_SEEN : R_FILES;

	hinder = wall_grants(missing) & kinds & ~pl->pl_broker & ~n->n_rights;
	/* Execution cannot be done for the child. */
	if (right == R_EXEC)
		broker(pl, R_READ, NULL, n->n_path,
		    "execution makes the file readable to Landlock");
	else if (hinder != 0 && (hinder & ~R_SELDOM) == 0)
		broker(pl, hinder, NULL, n->n_path,
		    "Landlock gives it together with another right");
	else
		broker(pl, right, NULL, n->n_path,
		    "Landlock's rights are coarser than these");
}

static void
settle_node(struct plan *pl, const struct node *n)
{
	uint64_t	 missing;
	uint32_t	 right;
	size_t		 k;

	for (k = 0; k < RIGHTS_COUNT; k++) {
		right = 1U << k;
		if ((n->n_rights & right & R_SEEN &
		    (~pl->pl_broker | R_EXEC)) == 0 ||
		    (!n->n_dir && (right & R_FILES) == 0))
			continue;
		missing = wall_access(right) & ~node_access(n, pl->pl_broker);
		if (!n->n_dir)
			missing &= LL_FS_FILE;
		if (missing != 0)
			settle_right(pl, n, right, missing);
	}
}

/*
 * A rule that keeps the child from looking here, or at all there is here; or
 * NULL.  What it does not say is allowed, unlike with the other rights.
 */
static const struct rule *
looks_denied(const struct plan *pl, const struct rule **rules, size_t count,
    const char *dir)
{
	size_t	 i, len = strlen(dir);

	for (i = 0; i < count; i++)
		if (rules[i]->r_action == RULE_DENY &&
		    (rules[i]->r_rights & R_LOOKS & pl->pl_broker) != 0 &&
		    (rule_match(rules[i], dir, len) ||
		    rule_reach(rules[i], dir, len) != REACH_NONE))
			return (rules[i]);
	return (NULL);
}

/*
 * A file takes its place in Landlock's tree with it, but the broker's rules
 * go by names: where a brokered right is not the same for all names that a
 * file can be moved or linked to, it is the broker that moves and links.
 */
static void
settle_moves(struct walk *w, const struct rule **rules, size_t count,
    const struct rule **below)
{
	const uint32_t		 moves = R_RENAME | R_LINK;
	struct plan		*pl = w->w_plan;
	const struct node	*n;
	const struct rule	*looks;
	struct region		 g;
	uint32_t		 watched, same = 0;
	size_t			 i;
	int			 first = 1;

	for (i = 0; i < w->w_count; i++) {
		n = &w->w_nodes[i];
		if (!n->n_dir || (n->n_rights & moves & ~pl->pl_broker) == 0)
			continue;
		(void)region_dir(pl, n->n_path, rules, count, &g, below);
		watched = pl->pl_broker & ~moves;
		if (first)
			same = g.g_allow & watched;
		first = 0;
		if ((looks = looks_denied(pl, rules, count,
		    n->n_path)) != NULL)
			broker(pl, moves, looks, n->n_path, "what is moved "
			    "could be looked at elsewhere");
		if ((g.g_allow & g.g_deny & watched) != 0 ||
		    (g.g_allow & watched) != same ||
		    (R_NAMES & watched & g.g_deny) != 0)
			broker(pl, moves, region_cause(n->n_path, rules, count,
			    watched), n->n_path, "what is moved would come "
			    "under other rules");
	}
}

/*
 * A right is exact if all it needs can be granted where it is allowed.  One
 * that is not goes to the broker, and then hinders no other: until nothing
 * changes.
 */
static void
rights_settle(struct walk *w, const struct rule **rules, size_t count,
    const struct rule **below)
{
	uint32_t	 before;
	size_t		 i;

	do {
		before = w->w_plan->pl_broker;
		for (i = 0; i < w->w_count; i++)
			settle_node(w->w_plan, &w->w_nodes[i]);
		settle_moves(w, rules, count, below);
	} while (before != w->w_plan->pl_broker);
}

/*
 * What the kernel has to let happen though only the wall holds it: execution,
 * which is verified at the exec event, and ioctl(2).
 */
static int
grants_union(struct walk *w)
{
	struct plan		*pl = w->w_plan;
	const struct rule	*r;
	struct wallplace	 wp[2];
	uint64_t		 access;
	uint32_t		 rights;
	size_t			 i, j;

	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		rights = r->r_rights & pl->pl_broker & (R_EXEC | R_IOCTL);
		if (r->r_action != RULE_ALLOW || rights == 0)
			continue;
		wall_places(r, wp);
		for (j = 0; j < 2; j++) {
			access = wp[j].wp_access & wall_access(rights);
			if (wp[j].wp_path[0] != '\0' && access != 0 &&
			    grants_add(&pl->pl_child, wp[j].wp_path,
			    access) == -1)
				return (-1);
		}
	}
	return (0);
}

static int
grants_make(struct walk *w, const struct rule **rules, size_t count,
    const struct rule **below)
{
	struct plan	*pl = w->w_plan;
	uint64_t	 access;
	size_t		 i;

	/* Where only the wall holds execution, that is also readable. */
	if (pl->pl_broker & R_EXEC)
		broker(pl, R_READ, NULL, NULL,
		    "execution makes the file readable to Landlock");
	rights_settle(w, rules, count, below);
	for (i = 0; i < w->w_count; i++) {
		access = node_access(&w->w_nodes[i], pl->pl_broker);
		if (access != 0 && grants_add(&pl->pl_child,
		    w->w_nodes[i].n_path, access) == -1)
			return (-1);
	}
	return (grants_union(w));
}

/* ---- tiers ---- */

/* What no walk is needed for: the kernel does not see it, or not this one. */
static void
tiers_start(struct plan *pl)
{
	uint64_t	 handled = ll_fs_handled(pl->pl_abi);
	size_t		 i;

	for (i = 0; i < RIGHTS_COUNT; i++) {
		pl->pl_tiers[i].t_tier = TIER_KERNEL;
		pl->pl_tiers[i].t_rule = NO_RULE;
		pl->pl_tiers[i].t_why = "Landlock holds it exactly";
		if (R_UNHELD & (1U << i)) {
			pl->pl_tiers[i].t_tier = 0;
			pl->pl_tiers[i].t_why = "nothing holds it";
		}
		if ((R_SEEN & (1U << i)) && (wall_access(1U << i) & ~handled))
			broker(pl, 1U << i, NULL, NULL,
			    wall_lacks(pl->pl_abi));
	}
}

/* Allowed wherever one looks, or Landlock's blindness matters. */
static void
tiers_unseen(struct plan *pl, const struct region *root)
{
	broker(pl, R_UNSEEN & ~(root->g_allow & ~root->g_deny), NULL, NULL,
	    "Landlock does not see it");
}

/*
 * Looking is the broker's if some rule denies it anywhere: one that another
 * takes back for the whole tree does not.
 */
static void
tiers_looks(struct plan *pl, const struct rule **rules, size_t n)
{
	const struct rule	*r;
	uint32_t		 open = R_LOOKS, bits;
	size_t			 i;

	for (i = 0; i < n && open != 0; i++) {
		r = rules[i];
		if ((bits = r->r_rights & open) == 0)
			continue;
		/* what a mount covers can be looked at: it is empty */
		if (pl->pl_hidden[r->r_index] && !(r->r_flags & RF_HIDE))
			continue;
		if (r->r_action == RULE_DENY)
			broker(pl, bits, r, r->r_path,
			    "Landlock does not see it");
		else if (rule_match(r, "/", 1) &&
		    rule_reach(r, "/", 1) == REACH_ALL)
			open &= ~bits;
	}
}

/* What holds for all paths, and is no rule: the worker sees to it. */
static void
tiers_options(const struct policy *p, struct plan *pl)
{
	if (ruleset_denied(&pl->pl_rules) & R_APPENDING)
		broker(pl, R_WRITE | R_CREATE, NULL, NULL,
		    "the kernel writes anywhere (append)");
	if (p->p_safenames)
		broker(pl, R_MAKES, NULL, NULL,
		    "the kernel does not look at names (set safe-names)");
	if (p->p_dotdot)
		broker(pl, R_WALK, NULL, NULL,
		    "the kernel goes up (set dotdot)");
	if (p->p_cloexec)
		broker(pl, R_READ | R_WRITE | R_TRUNCATE | R_CREATE |
		    R_READDIR | R_MKTEMP, NULL, NULL,
		    "the kernel asks the program (set close-on-exec)");
}

/* What an open(2) asks for. */
#define OPENED	(R_READ | R_WRITE | R_TRUNCATE | R_CREATE | R_READDIR)

/* Rules about these rights that want more of a denial than EACCES. */
static void
tiers_rules(struct plan *pl, uint32_t seen)
{
	const struct rule	*r;
	size_t			 i;

	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		if (r->r_effect != EFFECT_NONE)
			broker(pl, r->r_rights & seen, r, r->r_path,
			    "the kernel does nothing but refuse");
		else if (r->r_action == RULE_DENY && r->r_errno != 0 &&
		    r->r_errno != EACCES)
			broker(pl, r->r_rights & seen, r, r->r_path,
			    "the kernel refuses with EACCES only");
		else if (r->r_flags & RF_MASK)
			broker(pl, OPENED & seen, r, r->r_path,
			    "the kernel opens nothing else instead");
	}
}

/* ioctl(2) is never notified: then it is the wall's, which has no denials. */
static void
tiers_ioctl(struct plan *pl)
{
	size_t	 i;

	for (i = 0; i < RIGHTS_COUNT; i++)
		if ((R_IOCTL & (1U << i)) && (pl->pl_broker & R_IOCTL))
			pl->pl_tiers[i].t_tier = 0;
	pl->pl_broker &= ~(uint32_t)R_IOCTL;
}

/*
 * The domain holds execution wherever it can, last of all because the broker
 * cannot do it for the child: it only decides first.
 */
static void
tiers_exec(const struct policy *p, struct plan *pl)
{
	tiers_rules(pl, R_EXEC);
	if (exec_class_early(&p->p_verify, p->p_early != 0))
		broker(pl, R_EXEC, NULL, NULL,
		    verify_digests(&p->p_verify, p->p_early != 0) ?
		    "the kernel knows no digests of executables" :
		    "the kernel does not tell classes of executables");
	if (pl->pl_broker & R_WALK)
		broker(pl, R_EXEC, NULL, NULL,
		    "Landlock does not see which directories are passed");
}

static void
tier_code(struct plan *pl, uint32_t right, unsigned tier, const char *why)
{
	struct tier	*t = &pl->pl_tiers[__builtin_ctz(right)];

	t->t_tier = (uint8_t)tier;
	t->t_why = why;
	if (tier == TIER_BROKER)
		pl->pl_broker |= right;
}

/* Code in memory: Landlock sees nothing of it. */
static void
tiers_code(const struct policy *p, struct plan *pl)
{
	const struct verifyset	*vs = &p->p_verify;

	if (vs->vs_library)
		tier_code(pl, R_LIBRARY, TIER_BROKER,
		    "Landlock does not see mmap(2)");
	else
		tier_code(pl, R_LIBRARY, 0, "not with set libraries no");
	if (!vs->vs_wx)
		tier_code(pl, R_WX, 0, "not with set wx no");
	else if (policy_excepts(p))
		tier_code(pl, R_WX, TIER_BROKER,
		    "the kernel makes no exceptions by program");
	else
		tier_code(pl, R_WX, TIER_KERNEL, "seccomp and PR_SET_MDWE");
}

/* The kernel holds it; somebody wants to read about it. */
static void
watch(struct plan *pl, uint32_t rights, uint32_t rule, const char *why)
{
	struct tier	*t;
	size_t		 i;

	for (i = 0; i < RIGHTS_COUNT; i++) {
		t = &pl->pl_tiers[i];
		/* ioctl(2) never is notified */
		if ((rights & ~R_IOCTL & (1U << i)) == 0 ||
		    t->t_tier != TIER_KERNEL)
			continue;
		t->t_tier = TIER_WATCH;
		t->t_rule = rule;
		t->t_why = why;
	}
}

static void
tiers_watch(const struct policy *p, struct plan *pl)
{
	const struct rule	*r;
	size_t			 i;

	for (i = 0; i < pl->pl_rules.rs_count; i++) {
		r = &pl->pl_rules.rs_rules[i];
		if (r->r_flags & RF_LOG)
			watch(pl, r->r_rights, r->r_index,
			    "a rule asks for a log line");
	}
	if (p->p_watch == 1)
		watch(pl, R_ALL, NO_RULE, "every denial is to be logged");
	pl->pl_notify = pl->pl_broker;
	for (i = 0; i < RIGHTS_COUNT; i++)
		if (pl->pl_tiers[i].t_tier == TIER_WATCH)
			pl->pl_notify |= 1U << i;
	if (pl->pl_broker & R_READDIR)
		pl->pl_notify |= ruleset_denied(&pl->pl_rules) & R_HIDING;
	pl->pl_notify |= ruleset_denied(&pl->pl_rules) & R_APPENDING;
}

int
compile_grants(const struct policy *p, struct plan *pl)
{
	const struct ruleset	 *rs = &pl->pl_rules;
	const struct rule	**rules, **below, *r;
	struct region		  root;
	struct walk		  w;
	size_t			  i, n = 0;
	int			  rv = -1;

	memset(&w, 0, sizeof(w));
	w.w_policy = p;
	w.w_plan = pl;
	(void)strlcpy(w.w_path, "/", sizeof(w.w_path));
	rules = reallocarray(NULL, rs->rs_count + 1, sizeof(*rules));
	below = reallocarray(NULL, rs->rs_count + 1, sizeof(*below));
	if (rules == NULL || below == NULL)
		goto done;
	for (i = 0; i < 2 * rs->rs_count; i++)
		if ((r = ruleset_rank(rs, i)) != NULL)
			rules[n++] = r;
	tiers_start(pl);
	(void)region_dir(pl, "/", rules, n, &root, below);
	tiers_unseen(pl, &root);
	tiers_rules(pl, R_ALL & ~(R_UNHELD | R_EXEC));
	tiers_looks(pl, rules, n);
	tiers_options(p, pl);
	if (walk_node(&w, rules, n, 1, 0) == -1 ||
	    grants_make(&w, rules, n, below) == -1)
		goto done;
	tiers_ioctl(pl);
	tiers_exec(p, pl);
	tiers_code(p, pl);
	tiers_watch(p, pl);
	rv = 0;
done:
	for (i = 0; i < w.w_count; i++)
		free(w.w_nodes[i].n_path);
	free(w.w_nodes);
	free(rules);
	free(below);
	return (rv);
}
