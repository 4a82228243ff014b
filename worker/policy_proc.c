/*
 * Procfs in the caller's terms.  /proc/self and /proc/thread-self mean the
 * caller; its magic links are descriptors that the receiver hands over; what
 * only a tracer may open the receiver opens, by a number and never by a name.
 *
 * Must never: let the caller see the /proc of this worker, or open an entry
 * that asks for ptrace access (the worker would be asked about itself).
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/log.h"
#include "policy.h"

#define PROC		"/proc"
#define PROC_LEN	(sizeof(PROC) - 1)

/* Entries of /proc/PID and /proc/PID/task/TID that are not opened by name. */
static const struct {
	const char	*e_name;
	uint8_t		 e_entry;	/* enum proc_entry; 0: nobody may */
} entries[] = {
	{ "maps",		PROC_MAPS },
	{ "smaps",		PROC_SMAPS },
	{ "smaps_rollup",	PROC_SMAPS_ROLLUP },
	{ "numa_maps",		PROC_NUMA_MAPS },
	{ "environ",		PROC_ENVIRON },
	{ "auxv",		PROC_AUXV },
	{ "io",			PROC_IO },
	{ "pagemap",		PROC_PAGEMAP },
	{ "syscall",		PROC_SYSCALL },
	{ "stack",		PROC_STACK },
	{ "wchan",		PROC_WCHAN },
	{ "personality",	PROC_PERSONALITY },
	{ "timers",		PROC_TIMERS },
	{ "fd",			PROC_FD_DIR },
	{ "fdinfo",		PROC_FDINFO_DIR },
	{ "map_files",		PROC_MAP_FILES_DIR },
	{ "ns",			PROC_NS_DIR },
	{ "mem",		0 }	/* memory of the process, writable */
};
#define NENTRIES	(sizeof(entries) / sizeof(entries[0]))

/* Links of the same directories that lead to an object. */
static const char *const magic[] = { "cwd", "root", "exe" };
#define NMAGIC		(sizeof(magic) / sizeof(magic[0]))

static const char *proc_pid(const char *, pid_t *, pid_t *);
static int	 proc_caller(struct request *, pid_t, pid_t, int *);
static int	 proc_need(struct request *, enum need_kind, int32_t, int *);
static void	 unescape(char *);

/* A decimal number up to a slash or the end: what follows it, or NULL. */
static const char *
number(const char *p, pid_t *value)
{
	long	 n = 0;

	if (*p < '0' || *p > '9')
		return (NULL);
	while (*p >= '0' && *p <= '9') {
		n = n * 10 + (*p++ - '0');
		if (n > INT32_MAX)
			return (NULL);
	}
	if (*p != '/' && *p != '\0')
		return (NULL);
	*value = (pid_t)n;
	return (p);
}

/*
 * What follows /proc/PID or /proc/PID/task/TID in name, without its slash;
 * NULL when name is no such thing.  *tid is 0 for the first form.
 */
static const char *
proc_pid(const char *name, pid_t *pid, pid_t *tid)
{
	const char	*p, *q;

	*tid = 0;
	if (strncmp(name, PROC "/", PROC_LEN + 1) != 0 ||
	    (p = number(name + PROC_LEN + 1, pid)) == NULL)
		return (NULL);
	if (strncmp(p, "/task/", 6) == 0 && (q = number(p + 6, tid)) != NULL)
		p = q;
	return (*p == '/' ? p + 1 : p);
}

int
proc_name(const char *name, size_t len)
{
	return (len > PROC_LEN + 1 && memcmp(name, PROC "/",
	    PROC_LEN + 1) == 0 && name[PROC_LEN + 1] >= '0' &&
	    name[PROC_LEN + 1] <= '9');
}

int
proc_ours(const char *name)
{
	pid_t	 pid, tid;

	if (proc_pid(name, &pid, &tid) == NULL)
		return (0);
	return (pid == worker.wk_pid || tid == worker.wk_pid);
}

enum proc_kind
proc_entry(const char *name, pid_t *pid, uint8_t *entry)
{
	const char	*p, *slash;
	pid_t		 tid;
	size_t		 i, len;

	if ((p = proc_pid(name, pid, &tid)) == NULL)
		return (PROC_PLAIN);
	if (*pid == worker.wk_pid || tid == worker.wk_pid)
		return (PROC_DENY);
	if (tid != 0)
		*pid = tid;
	slash = strchr(p, '/');
	len = slash == NULL ? strlen(p) : (size_t)(slash - p);
	for (i = 0; i < NENTRIES; i++) {
		if (strlen(entries[i].e_name) == len &&
		    memcmp(entries[i].e_name, p, len) == 0)
			break;
	}
	if (i == NENTRIES)
		return (PROC_PLAIN);
	if (slash != NULL)		/* the others have symlinks in them */
		return (entries[i].e_entry == PROC_FDINFO_DIR ? PROC_DENY :
		    PROC_PLAIN);
	if (entries[i].e_entry == 0)
		return (PROC_DENY);
	*entry = entries[i].e_entry;
	return (PROC_OPEN);
}

/* Does PID, or its thread TID, stand for the caller? */
static int
proc_caller(struct request *rq, pid_t pid, pid_t tid, int *is)
{
	pid_t	 self = (pid_t)rq->rq_call.c_tid;
	int	 error;

	*is = 0;
	if ((error = request_status(rq)) != 0)
		return (error);
	if (tid != 0)
		*is = pid == rq->rq_tgid && tid == self;
	else
		*is = pid == rq->rq_tgid || pid == self;
	return (0);
}

static int
proc_need(struct request *rq, enum need_kind kind, int32_t arg, int *fd)
{
	struct give	 g;
	int		 error;

	if ((error = request_need(rq, kind, arg, &g)) != 0)
		return (error);
	if (g.g_fd == -1)
		return (EACCES);
	*fd = g.g_fd;
	return (0);
}

/* The link last of /proc/PID or /proc/PID/fd (p is what follows PID). */
static int
proc_magic(struct request *rq, const char *p, const char *last, int mine,
    enum proc_link *how, int *fd)
{
	pid_t	 n;
	size_t	 i;

	*how = LINK_TEXT;
	if (*p == '\0') {
		for (i = 0; i < NMAGIC; i++) {
			if (strcmp(last, magic[i]) == 0)
				break;
		}
		if (i == NMAGIC)
			return (0);	/* "net", "mounts": plain text */
		*how = LINK_NONE;
		if (!mine)
			return (0);
		*how = i == 2 ? LINK_EXE : LINK_FD;
		return (i == 2 ? 0 : proc_need(rq, i == 0 ? NEED_CWD :
		    NEED_ROOT, 0, fd));
	}
	*how = LINK_NONE;
	if (strcmp(p, "fd") != 0 || !mine || number(last, &n) == NULL)
		return (0);
	*how = LINK_FD;
	return (proc_need(rq, NEED_FD, n, fd));
}

int
proc_readlink(struct request *rq, const char *dir, const char *last,
    enum proc_link *how, char *text, size_t size, int *fd)
{
	static char	 name[NAME_SIZE];
	const char	*p;
	pid_t		 pid, tid;
	int		 error, mine, n = 0;

	*how = LINK_TEXT;
	if (strcmp(dir, PROC) == 0) {
		if (strcmp(last, "self") != 0 &&
		    strcmp(last, "thread-self") != 0)
			return (0);
		if ((error = request_status(rq)) != 0)
			return (error);
		*how = LINK_SELF;
		if (last[0] == 's')
			n = snprintf(text, size, "%d", rq->rq_tgid);
		else
			n = snprintf(text, size, "%d/task/%u", rq->rq_tgid,
			    rq->rq_call.c_tid);
		return (n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0);
	}
	if ((p = proc_pid(dir, &pid, &tid)) != NULL) {
		if ((error = proc_caller(rq, pid, tid, &mine)) != 0)
			return (error);
		error = proc_magic(rq, p, last, mine, how, fd);
		if (error != 0 || *how != LINK_NONE)
			return (error);
	} else if (strncmp(dir, PROC "/", PROC_LEN + 1) == 0)
		return (0);		/* not of a process */
	/* another's, or procfs mounted elsewhere */
	n = snprintf(name, sizeof(name), "%s/%s", dir, last);
	if (n < 0 || (size_t)n >= sizeof(name))
		return (ENAMETOOLONG);
	return (policy_deny(rq, name, (size_t)n, R_READ));
}

/*
 * Rules are written before the caller has a number: its own directory is
 * /proc/self to them.
 */
const char *
proc_rulename(struct request *rq, const char *name, size_t *len)
{
	static char	 self[NAME_SIZE];
	const char	*p;
	pid_t		 pid;
	int		 n;

	if (!proc_name(name, *len) ||
	    (p = number(name + PROC_LEN + 1, &pid)) == NULL)
		return (name);
	if (request_status(rq) != 0 || (pid != rq->rq_tgid &&
	    pid != (pid_t)rq->rq_call.c_tid))
		return (name);
	n = snprintf(self, sizeof(self), PROC "/self%.*s",
	    (int)(*len - (size_t)(p - name)), p);
	if (n < 0 || (size_t)n >= sizeof(self))
		return (name);
	*len = (size_t)n;
	return (self);
}

/* ---- procfs mounted elsewhere ---- */

int
proc_foreign(const char *name, size_t len)
{
	const char	*m;
	size_t		 i, n;

	for (i = 0; i < worker.wk_nforeign; i++) {
		m = worker.wk_foreign[i];
		n = strlen(m);
		if (len >= n && memcmp(name, m, n) == 0 &&
		    (len == n || name[n] == '/'))
			return (1);
	}
	return (0);
}

/* \040 and the like, as mangle_path() of the kernel writes them. */
static void
unescape(char *s)
{
	char	*to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 4;
		} else
			*to++ = *s++;
	}
	*to = '\0';
}

/*
 * Through another mount of procfs our own entries would have other names, or
 * other numbers: everything there is refused.  A mount of a part of procfs
 * over itself, as containers have, is not elsewhere.
 */
void
proc_mounts(void)
{
	FILE	*fp;
	char	*line = NULL, *type, *field, *where = NULL;
	size_t	 size = 0;
	int	 i;

	if ((fp = fopen("/proc/self/mountinfo", "re")) == NULL)
		fatal("%s: /proc/self/mountinfo", __func__);
	while (getline(&line, &size, fp) != -1) {
		/* id parent device root WHERE options ... - TYPE source ... */
		type = strstr(line, " - ");
		if (type == NULL || strncmp(type + 3, "proc ", 5) != 0)
			continue;
		field = line;
		for (i = 0; i < 5; i++)
			where = strsep(&field, " ");
		if (where == NULL || (where = strdup(where)) == NULL)
			fatalx("%s: /proc/self/mountinfo", __func__);
		unescape(where);
		if (strcmp(where, PROC) == 0 ||
		    strncmp(where, PROC "/", PROC_LEN + 1) == 0) {
			free(where);
			continue;
		}
		if (worker.wk_nforeign == FOREIGN_MAX)
			fatalx("more than %d mounts of procfs beside /proc",
			    FOREIGN_MAX);
		worker.wk_foreign[worker.wk_nforeign++] = where;
	}
	free(line);
	fclose(fp);
}
