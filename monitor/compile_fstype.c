/*
 * Rules by file-system type.  Such a rule speaks of every path whose nearest
 * mount point, of those there are at the start, has that type: it becomes one
 * `under' for each of them.  Where something else is mounted below, what the
 * rules before it said there is said again, so that the rule changes nothing
 * in it.  Must be exact: what cannot be said this way is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"

#define MOUNTINFO	"/proc/self/mountinfo"
#define MOUNTS_MAX	65536	/* mounts looked at */

/* A rule on its way to becoming others. */
struct expansion {
	struct ruleset		*e_rules;
	const struct rule	*e_rule;
	struct mounts		*e_mounts;
	size_t			 e_before;	/* rules before it */
};

static int	 mount_add(struct mounts *, char *);
static int	 mount_counts(const struct expansion *, struct mount *);
static const struct mount *mount_around(const struct expansion *, size_t);
static int	 expand_mount(const struct expansion *, const struct mount *);
static int	 expand_around(const struct expansion *, const struct mount *,
		    const struct mount *);

/* ---- what is mounted ---- */

static int
mount_cmp(const void *a, const void *b)
{
	const struct mount	*x = a, *y = b;

	return (strcmp(x->mo_path, y->mo_path));
}

int
mounts_load(struct mounts *ms)
{
	FILE	*fp;
	char	*line = NULL;
	size_t	 size = 0;
	int	 rv = 0;

	if (ms->ms_loaded)
		return (0);
	if ((fp = fopen(MOUNTINFO, "re")) == NULL)
		return (-1);
	while (rv == 0 && getline(&line, &size, fp) != -1)
		rv = mount_add(ms, line);
	if (ferror(fp))
		rv = -1;
	free(line);
	fclose(fp);
	if (rv == 0)
		mounts_sort(ms);
	return (rv);
}

/* What is around a mount point comes before it, the nearest last. */
void
mounts_sort(struct mounts *ms)
{
	if (ms->ms_count > 0)
		qsort(ms->ms_mounts, ms->ms_count, sizeof(*ms->ms_mounts),
		    mount_cmp);
	ms->ms_loaded = 1;
}

void
mounts_free(struct mounts *ms)
{
	size_t	 i;

	for (i = 0; i < ms->ms_count; i++) {
		free(ms->ms_mounts[i].mo_path);
		free(ms->ms_mounts[i].mo_type);
	}
	free(ms->ms_mounts);
	memset(ms, 0, sizeof(*ms));
}

/* proc_pid_mountinfo(5) writes blanks and backslashes as three octal digits. */
static void
mount_unescape(char *s)
{
	char	*to = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 3;
		} else
			*to++ = *s;
	}
	*to = '\0';
}

int
mounts_put(struct mounts *ms, uint64_t id, const char *path, const char *type,
    int seen)
{
	struct mount	*m;
	size_t		 size;

	if (ms->ms_count == MOUNTS_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (ms->ms_count == ms->ms_size) {
		size = ms->ms_size == 0 ? 64 : ms->ms_size * 2;
		m = reallocarray(ms->ms_mounts, size, sizeof(*m));
		if (m == NULL)
			return (-1);
		ms->ms_mounts = m;
		ms->ms_size = size;
	}
	m = &ms->ms_mounts[ms->ms_count];
	m->mo_id = id;
	m->mo_seen = seen;
	m->mo_path = strdup(path);
	m->mo_type = strdup(type);
	ms->ms_count++;
	return (m->mo_path == NULL || m->mo_type == NULL ? -1 : 0);
}

/* ID PARENT DEVICE ROOT PATH OPTIONS [OPTIONAL ...] - TYPE ... */
static int
mount_add(struct mounts *ms, char *line)
{
	char		*field[5], *word, *type;
	unsigned long	 id;
	size_t		 i, n;

	for (i = 0; i < 5; i++)
		if ((field[i] = strsep(&line, " ")) == NULL)
			goto bad;
	while ((word = strsep(&line, " ")) != NULL && strcmp(word, "-") != 0)
		continue;
	if (word == NULL || (type = strsep(&line, " ")) == NULL)
		goto bad;
	id = strtoul(field[0], NULL, 10);
	mount_unescape(field[4]);
	mount_unescape(type);
	/* A mount point that has been removed cannot be reached. */
	n = strlen(field[4]);
	if (n >= 9 && strcmp(field[4] + n - 9, "//deleted") == 0)
		return (0);
	return (mounts_put(ms, id, field[4], type, MOUNT_UNLOOKED));
bad:
	errno = EBADMSG;
	return (-1);
}

/* The number of the mount that path leads to; 0 when that cannot be seen. */
static uint64_t
mount_at(const char *path)
{
	char	 name[64], line[128];
	FILE	*fp;
	uint64_t id = 0;
	int	 fd;

	/* Neither mounts what is mounted on demand nor asks the server. */
	if ((fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return (0);
	(void)snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	if ((fp = fopen(name, "re")) != NULL) {
		while (fgets(line, sizeof(line), fp) != NULL)
			if (strncmp(line, "mnt_id:", 7) == 0)
				id = strtoul(line + 7, NULL, 10);
		fclose(fp);
	}
	close(fd);
	return (id);
}

/*
 * Is it there, or hidden below another mount?  Where that cannot be seen, the
 * answer is the one that allows less.
 */
static int
mount_counts(const struct expansion *e, struct mount *m)
{
	uint64_t	 id;
	int		 same = strcmp(m->mo_type, e->e_rule->r_path) == 0;

	if (m->mo_seen == MOUNT_UNLOOKED) {
		id = mount_at(m->mo_path);
		m->mo_seen = id == 0 ? MOUNT_UNKNOWN :
		    id == m->mo_id ? MOUNT_THERE : MOUNT_HIDDEN;
	}
	if (m->mo_seen == MOUNT_UNKNOWN)
		return (same == (e->e_rule->r_action == RULE_DENY));
	return (m->mo_seen == MOUNT_THERE);
}

/* The nearest around number i, or NULL. */
static const struct mount *
mount_around(const struct expansion *e, size_t i)
{
	struct mount	*m = e->e_mounts->ms_mounts;
	size_t		 k;

	for (k = i; k > 0; k--)
		if (strcmp(m[k - 1].mo_path, m[i].mo_path) != 0 &&
		    path_below(m[i].mo_path, m[k - 1].mo_path) &&
		    mount_counts(e, &m[k - 1]))
			return (&m[k - 1]);
	return (NULL);
}

/* ---- rules for them ---- */

int
compile_fstype(struct ruleset *rs, const struct rule *r, struct mounts *ms)
{
	struct expansion	 e = { rs, r, ms, rs->rs_count };
	const struct mount	*up;
	struct mount		*m;
	size_t			 i;
	int			 same, rv = 0;

	for (i = 0; i < ms->ms_count && rv == 0; i++) {
		m = &ms->ms_mounts[i];
		same = strcmp(m->mo_type, r->r_path) == 0;
		up = mount_around(&e, i);
		/* Of the type of what is around it, or neither is ours. */
		if (same == (up != NULL &&
		    strcmp(up->mo_type, r->r_path) == 0) ||
		    !mount_counts(&e, m))
			continue;
		rv = same ? expand_mount(&e, m) : expand_around(&e, up, m);
	}
	return (rv);
}

/* r for what is mounted at m, with such rights. */
static int
expand_put(const struct expansion *e, const struct rule *r, uint32_t rights,
    const struct mount *m)
{
	struct rule	 c = *r;
	const char	*p;

	for (p = m->mo_path; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			break;
	if (*p != '\0' || p - m->mo_path >= PATTERN_MAX) {
		fprintf(stderr, "%s:%u: fstype %s: a mount point's name is too "
		    "long or has a control character; expected none such; for "
		    "example, unmount it\n", e->e_rule->r_file,
		    e->e_rule->r_line, e->e_rule->r_path);
		return (-1);
	}
	c.r_match = MATCH_UNDER;
	c.r_rights = rights;
	return (compile_put(e->e_rules, &c, m->mo_path));
}

static int
expand_mount(const struct expansion *e, const struct mount *m)
{
	return (expand_put(e, e->e_rule, e->e_rule->r_rights, m));
}

/* What part of q's paths is below a mount: none, all of them, or all of it. */
enum part { PART_NONE, PART_RULE, PART_MOUNT, PART_MIXED };

static enum part
rule_part(const struct rule *q, const char *path)
{
	char	 dir[PATTERN_MAX];
	size_t	 n = strlen(path);

	(void)strlcpy(dir, q->r_path, sizeof(dir));
	if (q->r_match == MATCH_GLOB)
		dir[glob_prefix(q->r_path)] = '\0';
	if (path_below(dir, path))
		return (PART_RULE);
	if (q->r_match != MATCH_GLOB)
		return (q->r_match == MATCH_UNDER && path_below(path, dir) ?
		    PART_MOUNT : PART_NONE);
	switch (rule_reach(q, path, n)) {
	case REACH_NONE:
		return (rule_match(q, path, n) ? PART_MIXED : PART_NONE);
	case REACH_ALL:
		return (rule_match(q, path, n) ? PART_MOUNT : PART_MIXED);
	case REACH_SOME:
		break;
	}
	return (PART_MIXED);
}

static int
expand_refuse(const struct expansion *e, const struct mount *up,
    const struct mount *m, const char *why, const struct rule *q)
{
	const struct rule	*r = e->e_rule;

	fprintf(stderr, "%s:%u: fstype %s is mounted at %s, but %s at %s "
	    /* analyzer: of ours around it, so there is one */
	    "below it, and %s", r->r_file, r->r_line, r->r_path, up->mo_path,
	    m->mo_type, m->mo_path, why);
	if (q != NULL)
		fprintf(stderr, " (%s:%u)", q->r_file, q->r_line);
	fprintf(stderr, "; expected rules that can be told apart there; for "
	    "example: %s read under \"%s\"\n", r->r_action == RULE_ALLOW ?
	    "allow" : "deny", up->mo_path);
	return (-1);
}

/* Number i of the rules before, with the rights that are of concern. */
static enum part
rule_before(const struct expansion *e, size_t i, const struct mount *m,
    struct rule *q)
{
	*q = e->e_rules->rs_rules[i];
	q->r_rights &= e->e_rule->r_rights;
	if ((q->r_flags & RF_QUICK) || q->r_rights == 0)
		return (PART_NONE);
	return (rule_part(q, m->mo_path));
}

/*
 * m is of another type inside of up: there, everything is again as the rules
 * before said, beginning with the denial of what none of them is about.
 */
static int
expand_around(const struct expansion *e, const struct mount *up,
    const struct mount *m)
{
	const struct rule	*r = e->e_rule;
	struct rule		 q, base = *r;
	size_t			 i;
	enum part		 part;

	if (r->r_flags & RF_QUICK)
		return (expand_refuse(e, up, m, "nothing is left to say of "
		    "that after a quick rule", NULL));
	for (i = 0; i < e->e_before; i++) {
		if ((part = rule_before(e, i, m, &q)) == PART_MIXED)
			return (expand_refuse(e, up, m, "a glob before it "
			    "matches in parts of that", &q));
		if (part == PART_MOUNT)
			base.r_rights &= ~q.r_rights;
	}
	base.r_action = RULE_DENY;
	base.r_flags = 0;
	base.r_effect = EFFECT_NONE;
	base.r_errno = EACCES;
	if (base.r_rights != 0 && expand_put(e, &base, base.r_rights, m) == -1)
		return (-1);
	for (i = 0; i < e->e_before; i++) {
		part = rule_before(e, i, m, &q);
		if ((part == PART_RULE &&
		    compile_put(e->e_rules, &q, q.r_path) == -1) ||
		    (part == PART_MOUNT &&
		    expand_put(e, &q, q.r_rights, m) == -1))
			return (-1);
	}
	return (0);
}
