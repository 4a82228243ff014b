/*
 * Executables that crash, see guard.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"

/*
 * Deaths that are crashes: by a fault of the program's own, as far as can be
 * told.  A signal that kill(2) sent looks the same.  Not SIGKILL, which is how
 * the sandbox and the kernel's memory shortage end a process; not SIGQUIT,
 * which is a user's; not SIGXCPU and SIGXFSZ, which are limits.
 */
static const struct {
	uint32_t	 signal;
	const char	*name;
	const char	*why;
} signals[] = {
	{ SIGSEGV, "SIGSEGV", "an address that is not mapped, or not so" },
	{ SIGBUS, "SIGBUS", "an address behind a file's end, or unaligned" },
	{ SIGILL, "SIGILL", "not an instruction; control went astray" },
	{ SIGFPE, "SIGFPE", "a division by zero" },
	{ SIGTRAP, "SIGTRAP", "a trap that compilers put where none comes" },
	{ SIGABRT, "SIGABRT", "abort(3): canaries, heap checks, assertions" },
	{ SIGSYS, "SIGSYS", "a filter's: another architecture's call, or a "
	    "filter of the program's own" },
};
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

int
guard_add(struct guardset *gu, const struct guard *g)
{
	struct guard	*list, *new;
	size_t		 size;

	if (gu->gu_count == GUARDS_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (gu->gu_count == gu->gu_size) {
		size = gu->gu_size == 0 ? 8 : gu->gu_size * 2;
		list = reallocarray(gu->gu_list, size, sizeof(*list));
		if (list == NULL)
			return (-1);
		gu->gu_list = list;
		gu->gu_size = size;
	}
	new = &gu->gu_list[gu->gu_count];
	*new = *g;
	new->g_rule.r_path = strdup(g->g_rule.r_path);
	new->g_rule.r_file = strdup(g->g_rule.r_file);
	new->g_rule.r_len = strlen(g->g_rule.r_path);
	/* analyzer: it loses what a grown array holds */
	if (new->g_rule.r_path == NULL || new->g_rule.r_file == NULL) {
		free(new->g_rule.r_path);
		free(new->g_rule.r_file);
		return (-1);
	}
	gu->gu_count++;
	return (0);
}

void
guard_cut(struct guardset *gu, size_t n)
{
	while (gu->gu_count > n) {
		gu->gu_count--;
		free(gu->gu_list[gu->gu_count].g_rule.r_path);
		free(gu->gu_list[gu->gu_count].g_rule.r_file);
	}
}

void
guard_free(struct guardset *gu)
{
	guard_cut(gu, 0);
	free(gu->gu_list);
	memset(gu, 0, sizeof(*gu));
}

const struct guard *
guard_find(const struct guardset *gu, const char *path, size_t len)
{
	const struct guard	*g;
	size_t			 i;

	for (i = gu->gu_count; i > 0; i--) {
		g = &gu->gu_list[i - 1];
		if (rule_match(&g->g_rule, path, len))
			return (g->g_crashes > 0 ? g : NULL);
	}
	return (NULL);
}

int
guard_any(const struct guardset *gu)
{
	size_t	 i;

	for (i = 0; i < gu->gu_count; i++)
		if (gu->gu_list[i].g_crashes > 0)
			return (1);
	return (0);
}

/*
 * A crash suspends when it is the last of so many within the window.  The
 * newest that does so counts.
 */
uint64_t
guard_left(const struct guard *g, const struct crashes *cr)
{
	const uint64_t	 window = (uint64_t)g->g_window * 1000;
	const uint64_t	 suspend = (uint64_t)g->g_suspend * 1000;
	size_t		 i, first;

	for (i = 0; i < cr->cr_count && cr->cr_ages[i] < suspend; i++) {
		first = i + g->g_crashes - 1;
		if (first < cr->cr_count &&
		    cr->cr_ages[first] - cr->cr_ages[i] <= window)
			return (suspend - cr->cr_ages[i]);
	}
	return (0);
}

const char *
guard_signal(uint32_t sig)
{
	size_t	 i;

	for (i = 0; i < NSIGNALS; i++)
		if (signals[i].signal == sig)
			return (signals[i].name);
	return (NULL);
}

/* A path in double quotes, where nothing in it is special. */
static void
quote(const char *path, char *buf, size_t size)
{
	size_t	 n = 0;

	for (; *path != '\0' && n + 3 < size; path++) {
		if (strchr("\"\\$", *path) != NULL)
			buf[n++] = '\\';
		buf[n++] = *path;
	}
	buf[n] = '\0';
}

void
guard_print(const struct guard *g, char *buf, size_t size)
{
	const struct rule	*r = &g->g_rule;
	char			 path[2 * PATTERN_MAX + 4];
	int			 n;

	quote(r->r_path, path, sizeof(path));
	if (r->r_match == MATCH_UNDER && strcmp(r->r_path, "/") == 0)
		n = snprintf(buf, size, "segvguard");
	else
		n = snprintf(buf, size, "segvguard %s\"%s\"",
		    r->r_match == MATCH_UNDER ? "under " :
		    r->r_match == MATCH_GLOB ? "glob " : "", path);
	if (n < 0 || (size_t)n >= size)
		return;
	if (g->g_crashes == 0)
		(void)strlcat(buf, " no", size);
	else
		(void)snprintf(buf + n, size - (size_t)n,
		    " crashes %u window %u suspend %u", g->g_crashes,
		    g->g_window, g->g_suspend);
}

void
guard_why(const struct guard *g, const struct crashes *cr, char *buf,
    size_t size)
{
	const char	*name = guard_signal(cr->cr_signal);
	uint64_t	 left = guard_left(g, cr);
	size_t		 i, n = 0;

	/* how many there were within one window before the newest */
	for (i = 0; i < cr->cr_count; i++)
		if (cr->cr_ages[i] - cr->cr_ages[0] <=
		    (uint64_t)g->g_window * 1000)
			n++;
	(void)snprintf(buf, size, "executable has crashed %zu%s times within "
	    "%u seconds, last by %s %llu seconds ago: suspended for another "
	    "%llu seconds", n, n == GUARD_CRASHES_MAX ? " or more" : "",
	    g->g_window, name != NULL ? name : "a signal",
	    cr->cr_count > 0 ? (unsigned long long)cr->cr_ages[0] / 1000 : 0,
	    (unsigned long long)(left + 999) / 1000);
}

void
guard_cure(const char *path, size_t len, char *buf, size_t size)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < len; i++)
		if (path[i] < ' ' || path[i] > '~' ||
		    strchr("\"\\$", path[i]) != NULL)
			return;
	if ((size_t)snprintf(buf, size, "segvguard \"%.*s\" no", (int)len,
	    path) >= size)
		buf[0] = '\0';
}

int
file_id(int fd, struct file_id *fi)
{
	struct statx	 sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &sx) == -1)
		return (-1);
	fi->fi_dev = (uint64_t)sx.stx_dev_major << 32 | sx.stx_dev_minor;
	fi->fi_ino = sx.stx_ino;
	fi->fi_birth = (sx.stx_mask & STATX_BTIME) == 0 ? 0 :
	    (uint64_t)sx.stx_btime.tv_sec * 1000000000ULL +
	    sx.stx_btime.tv_nsec;
	return (0);
}
