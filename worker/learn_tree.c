/*
 * What was used, as a tree of path components.  It is kept small while it is
 * filled: where more names of one directory were used with the same rights
 * than l_names, the directory gets them as `under' and the names go.
 *
 * Must never: let a directory become `under' below which, or in which, a
 * secret may lie; or grow past LEARN_NODES_MAX.
 */
#include <sys/types.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../common/log.h"
#include "../proto/proto.h"
#include "learn.h"

#define R_MAKES		(R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | R_MKFIFO | \
			    R_MKSOCK)
/* Who made a name may do this with it, or a second run would fail. */
#define R_OWN		(RG_READ | RG_WRITE | RG_CREATE | RG_DELETE)
#define STORE_LEN	30	/* hexadecimal digits of such a name */
#define R_GONE		(R_DELETE | R_RENAME | R_RMDIR)

static const char	 any_number[] = "[0-9]*";
static const char	 own_process[] = "{self}";

static int	 node_cmp(const struct node *, const struct node *);
static struct node *node_new(struct learn *, struct node *, const char *,
		    size_t, int);
static void	 node_drop(struct learn *, struct node *);
static struct node *node_find(struct node *, const char *, size_t, int);
static struct node *node_pattern(struct learn *, struct node *, const char *);
static struct node *component(struct learn *, struct node *, const char *,
		    size_t);
static struct node *replace(struct learn *, struct node *, const char *);
static int	 wanted(const struct node *, uint32_t, uint8_t);
static void	 note(struct learn *, struct node *, uint32_t, uint32_t,
		    uint8_t);
static struct node *store(struct learn *, struct node *, const char *);
static void	 made(struct learn *, struct node *, uint32_t);
static struct node *removed(struct learn *, struct node *);
static void	 collapse(struct learn *, struct node *, uint32_t);
static void	 collapse_up(struct learn *, struct node *);
static void	 prune(struct learn *, struct node *, uint32_t);
static int	 open_dir(struct learn *, struct node *);

RB_GENERATE(nodes, node, n_entry, node_cmp)

/* Directories of which only what is used is given, however much that is. */
static const char *const shut[] = {
	"/dev", "/proc", "/run/user", "/var/tmp", "/var/lib", "/var/spool"
};

static int
node_cmp(const struct node *a, const struct node *b)
{
	size_t	 n = a->n_len < b->n_len ? a->n_len : b->n_len;
	int	 c;

	if ((a->n_flags ^ b->n_flags) & N_GLOB)
		return (a->n_flags & N_GLOB ? 1 : -1);
	if ((c = memcmp(a->n_name, b->n_name, n)) != 0)
		return (c);
	return (a->n_len < b->n_len ? -1 : a->n_len > b->n_len);
}

/* NULL: there is no room. */
static struct node *
node_new(struct learn *l, struct node *up, const char *name, size_t len,
    int glob)
{
	struct node	*n;

	if (l->l_nodes == LEARN_NODES_MAX)
		return (NULL);
	if ((n = calloc(1, sizeof(*n) + len + 1)) == NULL)
		fatal("%s", __func__);
	RB_INIT(&n->n_below);
	n->n_up = up;
	n->n_name = (char *)(n + 1);
	n->n_len = len;
	memcpy(n->n_name, name, len);
	if (glob) {
		n->n_flags = N_GLOB;
		up->n_nglobs++;
	}
	if (up != NULL)
		RB_INSERT(nodes, &up->n_below, n);
	l->l_nodes++;
	return (n);
}

/* With all that is below. */
static void
node_drop(struct learn *l, struct node *n)
{
	struct node	*c;

	while ((c = RB_MIN(nodes, &n->n_below)) != NULL)
		node_drop(l, c);
	if (n->n_up != NULL) {
		RB_REMOVE(nodes, &n->n_up->n_below, n);
		n->n_up->n_nglobs -= (n->n_flags & N_GLOB) != 0;
	}
	l->l_nodes--;
	free(n);
}

static struct node *
node_find(struct node *up, const char *name, size_t len, int glob)
{
	struct node	 key;

	memset(&key, 0, sizeof(key));
	key.n_name = (char *)(uintptr_t)name;
	key.n_len = len;
	key.n_flags = glob ? N_GLOB : 0;
	return (RB_FIND(nodes, &up->n_below, &key));
}

void
learn_init(struct learn *l)
{
	if ((l->l_root = node_new(l, NULL, "", 0, 0)) == NULL)
		fatalx("%s", __func__);
}

void
learn_free(struct learn *l)
{
	node_drop(l, l->l_root);
	l->l_root = NULL;
	ruleset_free(&l->l_secrets);
}

int
learn_below(const char *path, const char *dir)
{
	size_t	 n;

	if (dir == NULL)
		return (0);
	n = strlen(dir);
	return (n == 1 || (strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0')));
}

uint32_t
learn_words(uint32_t rights)
{
	static const struct {
		uint32_t	 right, group;
	} words[] = {	/* these have no word of their own */
		{ R_READ, RG_READ }, { R_WRITE, RG_WRITE },
		{ R_CREATE, RG_CREATE }, { R_DELETE, RG_DELETE }
	};
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (rights & words[i].right)
			rights |= words[i].group;
	return (rights);
}

size_t
learn_path(const struct node *n, char *path, int *glob)
{
	const struct node	*c, *chain[PATTERN_MAX / 2];
	char			*to = path, *end = path + PATTERN_MAX;
	size_t			 depth = 0;

	for (c = n; c->n_up != NULL; c = c->n_up) {
		if (depth == sizeof(chain) / sizeof(chain[0]))
			return (0);
		chain[depth++] = c;
		*glob |= (c->n_flags & N_GLOB) != 0;
	}
	while (depth > 0) {
		c = chain[--depth];
		if ((size_t)(end - to) < c->n_len + 2)
			return (0);
		*to++ = '/';
		if (*glob && !(c->n_flags & N_GLOB)) {
			to = learn_literal(to, end, c->n_name, c->n_len);
			if (to == NULL)
				return (0);
			continue;
		}
		memcpy(to, c->n_name, c->n_len);
		to += c->n_len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
	return ((size_t)(to - path));
}

int
learn_glob_secret(const struct learn *l, const char *pat)
{
	const struct rule	*r;
	char			 dir[PATTERN_MAX];
	size_t			 i, n = glob_prefix(pat);

	(void)strlcpy(dir, pat, sizeof(dir));
	dir[n] = '\0';
	for (i = 0; i < l->l_secrets.rs_count; i++) {
		r = &l->l_secrets.rs_rules[i];
		if (rule_match(r, dir, n))
			return (1);
		if (r->r_match != MATCH_GLOB) {
			if (glob_match(pat, r->r_path, r->r_len))
				return (1);
		} else if (glob_prefix(r->r_path) == n &&
		    memcmp(r->r_path, pat, n) == 0)
			return (1);
	}
	return (0);
}

/* ---- what is told ---- */

/* The pattern in directory up, made where it is not there yet. */
static struct node *
node_pattern(struct learn *l, struct node *up, const char *pat)
{
	struct node	*n = node_find(up, pat, strlen(pat), 1);

	return (n != NULL ? n : node_new(l, up, pat, strlen(pat), 1));
}

/* The directory whose numbers are processes, descriptors and terminals. */
static int
numbered(const struct node *up)
{
	const struct node	*top = up;

	if (up->n_up == NULL)
		return (0);
	while (top->n_up->n_up != NULL)
		top = top->n_up;
	return (strcmp(top->n_name, "proc") == 0 ||
	    (strcmp(top->n_name, "dev") == 0 && top != up &&
	    strcmp(up->n_name, "pts") == 0));
}

/* One name in a directory; NULL: no room. */
static struct node *
component(struct learn *l, struct node *up, const char *name, size_t len)
{
	char		 pat[2 * NAME_MAX + 2];
	struct node	*n;
	size_t		 i;

	if (len > NAME_MAX)
		return (NULL);
	if (numbered(up)) {
		for (i = 0; i < len && name[i] >= '0' && name[i] <= '9'; i++)
			continue;
		if (i == len)
			return (node_pattern(l, up, any_number));
		if (len == 4 && memcmp(name, "self", 4) == 0 &&
		    up->n_up->n_up == NULL)
			return (node_pattern(l, up, own_process));
	}
	if ((n = node_find(up, name, len, 0)) != NULL)
		return (n);
	if (up->n_nglobs > 0) {
		RB_FOREACH(n, nodes, &up->n_below)
			if ((n->n_flags & N_GLOB) &&
			    glob_match(n->n_name, name, len))
				return (n);
	}
	if (learn_printable(name, len, pat, sizeof(pat)))
		return (node_pattern(l, up, pat));
	return (node_new(l, up, name, len, 0));
}

/* Is there anything in it that a directory on the way does not give yet? */
static int
wanted(const struct node *n, uint32_t rights, uint8_t outcome)
{
	return (outcome == ACCESS_DENIED || (rights & ~n->n_under) != 0);
}

/* Absent names of one directory are counted when there are too many. */
static int
absent_full(struct learn *l, struct node *up, const char *name, size_t len)
{
	if (node_find(up, name, len, 0) != NULL)
		return (0);
	return (up->n_nabsent++ >= l->l_names);
}

void
learn_add(struct learn *l, uint32_t rights, uint8_t outcome, const char *path,
    size_t len)
{
	struct node	*n = l->l_root;
	char		 buf[PATTERN_MAX];
	const char	*p = buf + 1;
	uint32_t	 did;
	size_t		 i;

	/*
	 * What is executed may be a shared object: libraries are not seen.
	 * It may read itself as well: node(1) does in one run and not in the
	 * next, and whoever runs a program has its bytes in memory.
	 */
	if (rights & R_EXEC)
		rights |= R_LIBRARY | (outcome == ACCESS_USED ? R_READ : 0);
	did = rights;
	if (outcome == ACCESS_NET) {
		l->l_net = 1;
		return;
	}
	if (len == 0 || len >= sizeof(buf))
		return;
	memcpy(buf, path, len);
	buf[len] = '\0';
	if (learn_below(buf, l->l_run) ||
	    (l->l_tty != NULL && strcmp(buf, l->l_tty) == 0)) {
		if (outcome == ACCESS_USED && learn_below(buf, l->l_run))
			l->l_tmp |= rights;
		else if (outcome == ACCESS_USED)
			l->l_term |= rights;
		return;
	}
	if (learn_below(buf, "/dev") && !learn_below(buf, "/dev/shm") &&
	    (rights & (R_READ | R_WRITE)))
		rights |= R_IOCTL;	/* not seen, and asked by isatty(3) */
	if (rights & R_MAKES)
		rights |= outcome == ACCESS_USED ? R_OWN : 0;
	rights = learn_words(rights);
	while (*p != '\0') {
		if (outcome == ACCESS_USED && (did & R_MAKES))
			n = store(l, n, p);
		if (!wanted(n, rights, outcome))
			return;
		i = strcspn(p, "/");
		if (p[i] == '\0' && outcome == ACCESS_ABSENT &&
		    absent_full(l, n, p, i))
			return;
		if ((n = component(l, n, p, i)) == NULL) {
			l->l_lost++;
			return;
		}
		p += i + (p[i] == '/');
	}
	if (wanted(n, rights, outcome))
		note(l, n, did, rights, outcome);
}

/* What was done, and the rights that rules for it give. */
static void
note(struct learn *l, struct node *n, uint32_t did, uint32_t rights,
    uint8_t outcome)
{
	struct node	*up;

	switch (outcome) {
	case ACCESS_ABSENT:
		n->n_absent |= rights;
		return;
	case ACCESS_REFUSED:
		n->n_refused |= rights;
		return;
	case ACCESS_DENIED:
		n->n_denied |= rights;
		return;
	}
	if ((did & R_GONE) && !(did & R_MAKES))
		n = removed(l, n);
	n->n_used |= rights;
	for (up = n; up != NULL; up = up->n_up)
		up->n_all |= rights;
	/* it may take n away: the last that is done */
	if (did & R_MAKES)
		made(l, n, did);
	else
		collapse_up(l, n);
}

/*
 * dir/ab/cdef...: names made of what is in the file, fanned out.  They are
 * others next time, all over dir: that is what counts then, not n.
 */
static struct node *
store(struct learn *l, struct node *n, const char *name)
{
	struct node	*dir = n->n_up;

	if (n->n_len != 2 || strspn(n->n_name, "0123456789abcdef") != 2 ||
	    dir == NULL || strlen(name) < STORE_LEN ||
	    name[strspn(name, "0123456789abcdef")] != '\0' ||
	    !open_dir(l, dir))
		return (n);
	collapse(l, dir, R_OWN);
	return (dir);
}

/* A pattern for n, unless it could stand for a secret, takes its place. */
static struct node *
replace(struct learn *l, struct node *n, const char *pat)
{
	char		 path[PATTERN_MAX];
	struct node	*new;
	int		 glob = 1;

	if (!RB_EMPTY(&n->n_below) ||
	    (new = node_pattern(l, n->n_up, pat)) == NULL)
		return (n);
	if (learn_path(new, path, &glob) == 0 || learn_glob_secret(l, path)) {
		if (new->n_all == 0)
			node_drop(l, new);
		return (n);
	}
	new->n_used |= n->n_used;
	new->n_under |= n->n_under;
	new->n_all |= n->n_all;
	new->n_flags |= N_MADE;
	node_drop(l, n);
	return (new);
}

/*
 * The command made this name.  One that looks random stands for others; a
 * directory is the command's with all that comes into it.
 */
static void
made(struct learn *l, struct node *n, uint32_t rights)
{
	char	 pat[2 * NAME_MAX + 2];

	n->n_flags |= N_MADE;
	if (!(n->n_flags & N_GLOB) && learn_random(n->n_name, n->n_len, 0,
	    pat, sizeof(pat)) != 0)
		n = replace(l, n, pat);
	if ((rights & R_MKDIR) && open_dir(l, n))
		collapse(l, n, R_OWN);
	collapse_up(l, n);
}

/* What the command made and removed again was temporary. */
static struct node *
removed(struct learn *l, struct node *n)
{
	char	 pat[2 * NAME_MAX + 2];

	if ((n->n_flags & (N_GLOB | N_MADE)) != N_MADE || n->n_up == NULL ||
	    learn_random(n->n_name, n->n_len, 1, pat, sizeof(pat)) == 0)
		return (n);
	return (replace(l, n, pat));
}

/* ---- from names to directories ---- */

/* Each directory on the way up: is n one of too many there? */
static void
collapse_up(struct learn *l, struct node *n)
{
	struct node	*up, *c;
	uint32_t	 same, count;

	for (; (up = n->n_up) != NULL; n = up) {
		/* the same for all on the way once n is gone */
		same = n->n_all;
		if ((same & ~up->n_under) == 0 || !open_dir(l, up))
			continue;
		count = 0;
		RB_FOREACH(c, nodes, &up->n_below)
			count += c->n_all == same;
		if (count > l->l_names)
			collapse(l, up, same);
	}
}

static void
collapse(struct learn *l, struct node *n, uint32_t rights)
{
	n->n_under |= rights;
	n->n_used &= ~rights;
	n->n_all |= rights;
	if (rights & R_READ)
		n->n_nabsent = 0;
	prune(l, n, n->n_under);
}

/* Drop what is below n and has nothing that `under' does not give. */
static void
prune(struct learn *l, struct node *n, uint32_t under)
{
	struct node	*c, *next;

	RB_FOREACH_SAFE(c, nodes, &n->n_below, next) {
		c->n_used &= ~under;
		c->n_under &= ~under;
		c->n_refused &= ~under;
		c->n_absent &= ~under;
		if (under & R_READ)
			c->n_nabsent = 0;
		prune(l, c, under);
		if (RB_EMPTY(&c->n_below) && (c->n_used | c->n_under |
		    c->n_refused | c->n_absent | c->n_denied |
		    c->n_nabsent) == 0)
			node_drop(l, c);
	}
}

/* May all below this directory be given, if that is what is used? */
static int
open_dir(struct learn *l, struct node *n)
{
	const struct rule	*r;
	char			 path[PATTERN_MAX];
	size_t			 i, len;
	int			 glob = 0;

	if (n->n_flags & (N_OPEN | N_SHUT))
		return ((n->n_flags & N_OPEN) != 0);
	n->n_flags |= N_SHUT;
	/* not /etc, not a file system's top */
	if (n->n_up == NULL || n->n_up->n_up == NULL ||
	    (len = learn_path(n, path, &glob)) == 0)
		return (0);
	if (glob) {
		/* what its first part is must be open, too */
		if (learn_glob_secret(l, path))
			return (0);
		len = glob_prefix(path);
		path[len] = '\0';
	}
	if (learn_below(path, "/dev") && !learn_below(path, "/dev/shm"))
		return (0);
	if (learn_below(path, "/proc"))
		return (0);
	for (i = 0; !glob && i < sizeof(shut) / sizeof(shut[0]); i++)
		if (strcmp(path, shut[i]) == 0)
			return (0);
	if (!glob && l->l_home != NULL && learn_below(l->l_home, path))
		return (0);
	for (i = 0; i < l->l_secrets.rs_count; i++) {
		r = &l->l_secrets.rs_rules[i];
		if (rule_match(r, path, len) ||
		    rule_reach(r, path, len) != REACH_NONE)
			return (0);
	}
	n->n_flags = (uint8_t)((n->n_flags & ~N_SHUT) | N_OPEN);
	return (1);
}
