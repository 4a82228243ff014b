/*
 * Digests at the call, where it can still fail with an errno: the integrity
 * worker, which has them, is shown the file that was found, by the receiver.
 * It writes the line as well.  What it accepted is not asked about again as
 * long as the file is the same.
 *
 * Must never: take its answer for more than a courtesy, or keep the file open
 * until the verdict.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy.h"

#define KNOWN		64	/* files, a power of two */
#define YOUNG_SEC	2	/* a change could have the same time */

/* Files that were found to be right; the key is of the name. */
static struct filemark	 known[KNOWN];

uint64_t
mark_key(const char *name, size_t len)
{
	uint64_t	 h = 0xcbf29ce484222325ULL;	/* FNV-1a */

	while (len-- > 0)
		h = (h ^ (uint8_t)*name++) * 0x100000001b3ULL;
	return (h | 1);
}

int
mark_is(const struct filemark *s, const struct stat *st, uint64_t key)
{
	return (s->s_key == key && s->s_ino == st->st_ino &&
	    s->s_dev == st->st_dev && s->s_size == st->st_size &&
	    s->s_ctime.tv_sec == st->st_ctim.tv_sec &&
	    s->s_ctime.tv_nsec == st->st_ctim.tv_nsec);
}

void
mark_put(struct filemark *s, const struct stat *st, uint64_t key)
{
	struct timespec	 now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    now.tv_sec - st->st_ctim.tv_sec <= YOUNG_SEC)
		return;
	s->s_key = key;
	s->s_dev = st->st_dev;
	s->s_ino = st->st_ino;
	s->s_size = st->st_size;
	s->s_ctime = st->st_ctim;
}

int
digest_check(struct request *rq, const struct walk *w)
{
	struct filemark	*k;
	struct stat	 st;
	uint64_t	 name;
	uint32_t	 answer;
	int		 fd;

	if (!(worker.wk_flags & CONF_DIGESTS) || w->w_len == 0)
		return (0);
	if (fstat(w->w_fd, &st) == -1)
		return (0);
	name = mark_key(w->w_name, w->w_len);
	k = &known[name >> 32 & (KNOWN - 1)];
	if (mark_is(k, &st, name))
		return (0);
	/* what cannot be read does not run: it is found out when mapped */
	if ((fd = fd_reopen(w->w_fd, O_RDONLY | O_NONBLOCK)) == -1)
		return (0);
	answer = request_check(rq, fd);
	close(fd);
	if (answer != CHECK_ALLOW)
		return (policy_refused(rq, (uint8_t)(answer - CHECK_REFUSED)));
	/* a large one is not read now, unless its digest is known already */
	if (st.st_size <= DIGEST_EARLY_MAX)
		mark_put(k, &st, name);
	return (0);
}
