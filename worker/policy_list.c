/*
 * Listings without what is hidden: getdents64(2) on the caller's descriptor,
 * whose position it shares, and the entries that a rule hides left out.
 *
 * Must never: return a listing that ends early because all of one piece was
 * hidden, or leave the position anywhere but after what was returned.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "policy.h"

#define LIST_SIZE	65536	/* as much as goes into one verdict, or more */

/* linux_dirent64 and linux_dirent of fs/readdir.c, before the name. */
#define DIRENT64_NAME	19
#define DIRENT64_TYPE	18
#define DIRENT_NAME	18
#define DIRENT_LEN	16	/* 16 bits, in both */

static uint8_t	 list_buf[LIST_SIZE];
static char	 list_path[NAME_SIZE + NAME_MAX + 2];

/* Is this name of directory dir hidden? */
static int
list_hides(struct request *rq, const char *dir, size_t len, const char *name)
{
	size_t	 n = strlen(name);

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return (0);
	if (len >= NAME_SIZE || n > NAME_MAX)
		return (1);
	memcpy(list_path, dir, len);
	if (len == 1)
		len = 0;
	list_path[len] = '/';
	memcpy(list_path + len + 1, name, n + 1);
	return (policy_hidden(rq, list_path, len + 1 + n));
}

static size_t
list_entry(const uint8_t *at, size_t left)
{
	uint16_t	 len;

	memcpy(&len, at + DIRENT_LEN, sizeof(len));
	return (len <= DIRENT64_NAME || len > left ? left : len);
}

/* Leave out what is hidden: the bytes that are left. */
static size_t
list_filter(struct request *rq, const char *dir, size_t dirlen, size_t total,
    size_t nameat)
{
	size_t	 from, to = 0, len;

	for (from = 0; from < total; from += len) {
		len = list_entry(list_buf + from, total - from);
		if (list_hides(rq, dir, dirlen,
		    (const char *)list_buf + from + nameat))
			continue;
		memmove(list_buf + to, list_buf + from, len);
		to += len;
	}
	return (to);
}

int
policy_list(struct request *rq)
{
	static char	 dir[NAME_SIZE];
	struct verdict	*v = &rq->rq_verdict;
	size_t		 len, kept;
	int		 count = request_int(rq, 2);	/* as fs/readdir.c */
	size_t		 nameat;
	long		 n;
	int		 fd, error, hides;

	if ((error = request_fd(rq, 0, &fd)) != 0)
		return (error);
	nameat = rq->rq_call.c_nr == SYS_getdents64 ? DIRENT64_NAME :
	    DIRENT_NAME;
	if (count > (int)sizeof(list_buf))
		count = (int)sizeof(list_buf);
	len = fd_name(fd, dir, sizeof(dir));
	hides = policy_hides_in(dir, len, 1);
	do {
		n = syscall(rq->rq_call.c_nr, fd, list_buf, count);
		if (n == -1)
			return (errno);
		kept = (size_t)n;
		if (hides)
			kept = list_filter(rq, dir, len, kept, nameat);
	} while (n > 0 && kept == 0);
	v->v_kind = VERDICT_VALUE;
	v->v_value = (int32_t)kept;
	v->v_outarg = 1;
	v->v_out = kept > 0 ? list_buf : NULL;
	v->v_outlen = kept;
	return (0);
}

/* ---- the count of links ---- */

static int
list_isdir(int fd, const char *name)
{
	struct stat	 st;

	return (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode));
}

/* Where the caller may not list: those that a rule names. */
static unsigned
list_named_dirs(struct request *rq, int fd, const char *dir, size_t len)
{
	const struct ruleset	*rs = &worker.wk_rules;
	const struct rule	*r;
	const char		*name;
	unsigned		 count = 0;
	size_t			 i, j, skip = len > 1 ? len + 1 : 1;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if ((r->r_flags & RF_HIDE) == 0 || r->r_match == MATCH_GLOB ||
		    r->r_len <= skip || memcmp(r->r_path, dir, len) != 0 ||
		    r->r_path[skip - 1] != '/')
			continue;
		name = r->r_path + skip;
		if (strchr(name, '/') != NULL || !list_isdir(fd, name) ||
		    !list_hides(rq, dir, len, name))
			continue;
		for (j = 0; j < i; j++) {	/* not one twice */
			if ((rs->rs_rules[j].r_flags & RF_HIDE) &&
			    strcmp(rs->rs_rules[j].r_path, r->r_path) == 0)
				break;
		}
		count += j == i;
	}
	return (count);
}

unsigned
list_hidden_dirs(struct request *rq, int fd, const char *dir, size_t len)
{
	const char	*name;
	size_t		 at, step;
	unsigned	 count = 0;
	long		 n;
	int		 list;

	/* to look is not to read: who owns it sees no access */
	list = fd_reopen(fd, O_RDONLY | O_DIRECTORY | O_NOATIME);
	if (list == -1 && errno == EPERM)
		list = fd_reopen(fd, O_RDONLY | O_DIRECTORY);
	if (list == -1)
		return (list_named_dirs(rq, fd, dir, len));
	while ((n = syscall(SYS_getdents64, list, list_buf,
	    sizeof(list_buf))) > 0) {
		for (at = 0; at < (size_t)n; at += step) {
			step = list_entry(list_buf + at, (size_t)n - at);
			name = (const char *)list_buf + at + DIRENT64_NAME;
			if (list_buf[at + DIRENT64_TYPE] != DT_DIR &&
			    list_buf[at + DIRENT64_TYPE] != DT_UNKNOWN)
				continue;
			if (list_hides(rq, dir, len, name) &&
			    list_isdir(list, name))
				count++;
		}
	}
	close(list);
	return (count);
}
