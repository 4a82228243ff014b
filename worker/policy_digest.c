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

/* A file that was found to be right, under this name. */
struct known {
	uint64_t	 k_name;	/* a hash of it: 0 is none */
	dev_t		 k_dev;
	ino_t		 k_ino;
	off_t		 k_size;
	struct timespec	 k_ctime;
};
static struct known	 known[KNOWN];

static uint64_t
name_hash(const char *name, size_t len)
{
	uint64_t	 h = 0xcbf29ce484222325ULL;	/* FNV-1a */

	while (len-- > 0)
		h = (h ^ (uint8_t)*name++) * 0x100000001b3ULL;
	return (h | 1);
}

static int
known_is(const struct known *k, const struct stat *st, uint64_t name)
{
	return (k->k_name == name && k->k_ino == st->st_ino &&
	    k->k_dev == st->st_dev && k->k_size == st->st_size &&
	    k->k_ctime.tv_sec == st->st_ctim.tv_sec &&
	    k->k_ctime.tv_nsec == st->st_ctim.tv_nsec);
}

static void
known_add(struct known *k, const struct stat *st, uint64_t name)
{
	struct timespec	 now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    now.tv_sec - st->st_ctim.tv_sec <= YOUNG_SEC)
		return;
	k->k_name = name;
	k->k_dev = st->st_dev;
	k->k_ino = st->st_ino;
	k->k_size = st->st_size;
	k->k_ctime = st->st_ctim;
}

int
digest_check(struct request *rq, const struct walk *w)
{
	struct known	*k;
	struct stat	 st;
	uint64_t	 name;
	uint32_t	 answer;
	int		 fd;

	if (!(worker.wk_flags & CONF_DIGESTS) || w->w_len == 0)
		return (0);
	if (fstat(w->w_fd, &st) == -1)
		return (0);
	name = name_hash(w->w_name, w->w_len);
	k = &known[name >> 32 & (KNOWN - 1)];
	if (known_is(k, &st, name))
		return (0);
	/* what cannot be read does not run: it is found out when mapped */
	if ((fd = fd_reopen(w->w_fd, O_RDONLY | O_NONBLOCK)) == -1)
		return (0);
	answer = request_check(rq, fd);
	close(fd);
	if (answer != CHECK_ALLOW)
		return (policy_refused(rq, (uint8_t)(answer - CHECK_REFUSED)));
	known_add(k, &st, name);
	return (0);
}
