/*
 * Hiding by mounts: what the rules deny for good is not there to be found by
 * any call.  The monitor enters the namespaces before it starts the roles, so
 * that all of them see the same names as the command.  The rules deny the same
 * paths all the same: this is never what a denial rests on.
 *
 * Runs before any child byte exists.  Must never leave this process with a
 * capability that it did not have before.
 */
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "hide.h"
#include "namespace.h"

/* What a denial has to take away for its path to be as good as absent. */
#define R_HIDDEN	(R_READ | R_WRITE | R_EXEC)

static int	 hidden_final(const struct ruleset *, const struct rule *);
static int	 hidden_add(struct hidden *, const char *);
static int	 hide_one(const char *);

int
hide_list(const struct ruleset *rs, struct hidden *h, uint8_t *hidden)
{
	const struct rule	*r;
	size_t			 i;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < rs->rs_count; i++) {
		hidden[i] = 0;
		r = &rs->rs_rules[i];
		if (r->r_action != RULE_DENY || r->r_match == MATCH_GLOB ||
		    (r->r_rights & R_HIDDEN) != R_HIDDEN ||
		    (path_kind(r->r_path) != PATH_DIR &&
		    path_kind(r->r_path) != PATH_OTHER) ||
		    !hidden_final(rs, r))
			continue;
		if (hidden_add(h, r->r_path) == -1)
			return (-1);
		hidden[i] = 1;
	}
	return (0);
}

/* Does no rule allow any of it, there or below? */
static int
hidden_final(const struct ruleset *rs, const struct rule *r)
{
	const struct rule	*a;
	uint32_t		 open = R_HIDDEN;
	size_t			 k;

	/* procfs is the kernel's, and / is everything */
	if (r->r_len == 1 || path_below(r->r_path, "/proc"))
		return (0);
	for (k = 0; k < 2 * rs->rs_count && open != 0; k++) {
		if ((a = ruleset_rank(rs, k)) == NULL ||
		    (a->r_rights & open) == 0)
			continue;
		if (a->r_action == RULE_ALLOW) {
			if (rule_match(a, r->r_path, r->r_len) ||
			    rule_reach(a, r->r_path, r->r_len) != REACH_NONE)
				return (0);
		} else if (rule_match(a, r->r_path, r->r_len) &&
		    (path_kind(r->r_path) != PATH_DIR ||
		    rule_reach(a, r->r_path, r->r_len) == REACH_ALL))
			open &= ~a->r_rights;
	}
	return (open == 0);
}

/* Unless it is below another; and those below it go. */
static int
hidden_add(struct hidden *h, const char *path)
{
	char	**paths;
	size_t	 i, n = 0;

	for (i = 0; i < h->h_count; i++)
		if (path_below(path, h->h_paths[i]))
			return (0);
	for (i = 0; i < h->h_count; i++) {
		if (path_below(h->h_paths[i], path))
			free(h->h_paths[i]);
		else
			h->h_paths[n++] = h->h_paths[i];
	}
	h->h_count = n;
	paths = reallocarray(h->h_paths, n + 1, sizeof(*paths));
	if (paths == NULL)
		return (-1);
	h->h_paths = paths;
	/* analyzer: it loses what a grown array holds */
	if ((paths[n] = strdup(path)) == NULL)
		return (-1);
	h->h_count++;
	return (0);
}

void
hide_free(struct hidden *h)
{
	size_t	 i;

	for (i = 0; i < h->h_count; i++)
		free(h->h_paths[i]);
	free(h->h_paths);
	memset(h, 0, sizeof(*h));
}

int
hide_mount(const struct hidden *h, uint64_t caps)
{
	size_t	 i;
	int	 user;

	if ((user = namespace_enter(CLONE_NEWNS, caps, "set hide mounts",
	    "set hide none")) == -1)
		return (-1);
	/* Nothing of it may reach the host, nor the host's later mounts us. */
	if (mount(NULL, "/", "none", MS_REC | MS_PRIVATE, NULL) == -1) {
		fprintf(stderr, "set hide mounts: mount: /: %s\n",
		    strerror(errno));
		return (-1);
	}
	for (i = 0; i < h->h_count; i++)
		if (hide_one(h->h_paths[i]) == -1)
			return (-1);
	if (user)
		jail_caps(0);
	return (0);
}

static int
hide_one(const char *path)
{
	struct stat	 st;
	unsigned long	 flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
	int		 rv;

	if (lstat(path, &st) == -1)
		return (0);	/* gone, or not for us to see: nor for it */
	if (S_ISDIR(st.st_mode))
		rv = mount("privsep-sandbox", path, "tmpfs", flags,
		    "mode=0555,size=4k,nr_inodes=2");
	else
		rv = mount("/dev/null", path, "none", MS_BIND, NULL);
	/* A parent that cannot be searched hides it already. */
	if (rv == -1 && errno != EACCES && errno != ENOENT) {
		fprintf(stderr, "set hide mounts: mount: %s: %s\n", path,
		    strerror(errno));
		return (-1);
	}
	return (0);
}
