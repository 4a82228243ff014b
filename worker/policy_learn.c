/*
 * Learning (-L): what a call used is told to the learn role, on a channel
 * that all lane workers share, when the call has been made and before it is
 * answered: whatever the command did is said before it can end.
 *
 * Must never: change what is decided or done, or allocate.
 */
#include <errno.h>
#include <string.h>

#include "../common/log.h"
#include "policy.h"

#define SEEN_MAX	16	/* names that one call is decided on */
#define TOLD_SIZE	8192	/* a power of two */

/* A name the call in hand was decided on. */
struct seen {
	uint32_t	 s_rights;
	uint8_t		 s_outcome;	/* enum access_outcome; 0: see error */
	size_t		 s_len;
	char		 s_name[PATTERN_MAX];
};

static struct seen	 seen[SEEN_MAX];
static size_t		 nseen;
static int		 denied;	/* a rule did, in this call */

/* What was told last, by hash: only a hint, to say less twice. */
static uint64_t		 told[TOLD_SIZE];

static uint8_t	 outcome(const struct seen *, int);
static int	 told_before(const struct access *);
static void	 tell(const struct access *);

void
learn_seen(struct request *rq, const char *name, size_t len, uint32_t rights,
    uint8_t how)
{
	struct seen	*s;

	if (worker.wk_learn == -1)
		return;
	denied |= how == ACCESS_DENIED || how == ACCESS_NET;
	/* what has no name no rule can speak of */
	if (how != ACCESS_NET && (len == 0 || rights == 0))
		return;
	if (len > 0)
		name = proc_rulename(rq, name, &len);
	if (nseen == SEEN_MAX || len >= sizeof(s->s_name))
		return;
	s = &seen[nseen++];
	s->s_rights = rights;
	s->s_outcome = how;
	s->s_len = len;
	memcpy(s->s_name, name, len);
}

void
learn_tell(int error)
{
	struct access	 a;
	size_t		 i;

	for (i = 0; i < nseen; i++) {
		a.a_rights = seen[i].s_rights;
		a.a_path = (const uint8_t *)seen[i].s_name;
		a.a_len = seen[i].s_len;
		a.a_outcome = outcome(&seen[i], error);
		if (a.a_outcome != 0 && !told_before(&a))
			tell(&a);
	}
	nseen = 0;
	denied = 0;
}

/*
 * What came of an allowed access, by how its call ended.  0: nothing that a
 * rule is needed for: a name that is there already is reported without.
 */
static uint8_t
outcome(const struct seen *s, int error)
{
	if (s->s_outcome != 0)
		return (s->s_outcome);
	if (denied || error == EEXIST)
		return (0);
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return (ACCESS_ABSENT);
	case EACCES:
	case EPERM:
	case EROFS:
		return (ACCESS_REFUSED);
	}
	return (ACCESS_USED);
}

/* FNV-1a, 64 bits. */
static uint64_t
hash(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t	*p = bytes;

	while (len-- > 0)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return (h);
}

static int
told_before(const struct access *a)
{
	uint64_t	 h = 0xcbf29ce484222325ULL, *slot;

	h = hash(h, &a->a_rights, sizeof(a->a_rights));
	h = hash(h, &a->a_outcome, sizeof(a->a_outcome));
	h = hash(h, a->a_path, a->a_len);
	slot = &told[h & (TOLD_SIZE - 1)];
	if (*slot == h)
		return (1);
	*slot = h;
	return (0);
}

static void
tell(const struct access *a)
{
	static struct msg	 m;
	struct chan		 c;

	chan_init(&c, worker.wk_learn, ROLE_LANE, ROLE_LEARN, CHAN_LEARN);
	msg_start(&m, MSG_ROLE_ACCESS, 0);
	msg_put_access(&m, a);
	while (chan_send(&c, &m, 0) == -1) {
		if (errno == EPIPE)
			return;		/* the monitor ends it all */
		if (errno != EINTR)
			fatal("%s", __func__);
	}
}
