/*
 * Trusted path execution, see tpe.h.  Pure: no I/O.
 *
 * A POSIX ACL needs no look of its own: where there is one, the group bits of
 * the mode are its mask, and without the write bit there nobody named in it
 * can write.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* which of two strnvis(3) */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "tpe.h"

#define NAME_SHOWN	400	/* characters of a directory in words */
#define IDS_SHOWN	160	/* characters of the users that are trusted */

static int	 tpe_has(const struct tpe *, enum tpe_kind, uint32_t);
static int	 tpe_owned(const struct tpe *, uint32_t);
static void	 tpe_owners(const struct tpe *, char *, size_t);

int
tpe_add(struct tpe *tp, const struct tpe_entry *te)
{
	struct tpe_entry	*list, *new;

	if (tp->tp_count == TPE_MAX) {
		errno = E2BIG;
		return (-1);
	}
	list = reallocarray(tp->tp_list, tp->tp_count + 1, sizeof(*list));
	if (list == NULL)
		return (-1);
	tp->tp_list = list;
	new = &list[tp->tp_count];
	*new = *te;
	new->te_file = strdup(te->te_file);
	new->te_path = te->te_path == NULL ? NULL : strdup(te->te_path);
	if (new->te_file == NULL ||
	    (te->te_path != NULL && new->te_path == NULL)) {
		free(new->te_file);
		free(new->te_path);
		return (-1);
	}
	tp->tp_count++;
	return (0);
}

void
tpe_free(struct tpe *tp)
{
	size_t	 i;

	for (i = 0; i < tp->tp_count; i++) {
		free(tp->tp_list[i].te_file);
		free(tp->tp_list[i].te_path);
	}
	free(tp->tp_list);
	memset(tp, 0, sizeof(*tp));
}

int
tpe_exempt(const struct tpe *tp, const char *path, size_t len)
{
	const struct tpe_entry	*te;
	size_t			 i, n;

	for (i = 0; i < tp->tp_count; i++) {
		te = &tp->tp_list[i];
		if (te->te_path == NULL)
			continue;
		n = strlen(te->te_path);
		if (n > len || memcmp(path, te->te_path, n) != 0)
			continue;
		if (len == n || (te->te_kind == TPE_UNDER &&
		    (n == 1 || path[n] == '/')))
			return (1);
	}
	return (0);
}

static int
tpe_has(const struct tpe *tp, enum tpe_kind kind, uint32_t id)
{
	size_t	 i;

	for (i = 0; i < tp->tp_count; i++)
		if (tp->tp_list[i].te_kind == kind &&
		    tp->tp_list[i].te_id == id)
			return (1);
	return (0);
}

static int
tpe_owned(const struct tpe *tp, uint32_t uid)
{
	return (uid == 0 || tpe_has(tp, TPE_OWNER, uid));
}

/*
 * In a sticky directory nobody removes or renames what a trusted user owns,
 * and directories have no hard links: so it may be on the way.  But a name of
 * a file in it can be anybody's link to somebody else's file.
 */
int
tpe_trusted(const struct tpe *tp, const struct stat *st, enum tpe_what what)
{
	if (!tpe_owned(tp, st->st_uid))
		return (0);
	if (what == TPE_WAY && (st->st_mode & S_ISVTX))
		return (1);
	if (st->st_mode & S_IWOTH)
		return (0);
	return (!(st->st_mode & S_IWGRP) ||
	    tpe_has(tp, TPE_GROUP, st->st_gid));
}

/* "0, 33": users, root first. */
static void
tpe_owners(const struct tpe *tp, char *buf, size_t size)
{
	char	 one[16];
	size_t	 i;

	(void)strlcpy(buf, "0", size);
	for (i = 0; i < tp->tp_count; i++) {
		if (tp->tp_list[i].te_kind != TPE_OWNER ||
		    tp->tp_list[i].te_id == 0)
			continue;
		(void)snprintf(one, sizeof(one), " or %u",
		    tp->tp_list[i].te_id);
		if (strlen(buf) + strlen(one) + 5 > size) {
			(void)strlcat(buf, "...", size);
			return;
		}
		(void)strlcat(buf, one, size);
	}
}

void
tpe_explain(const struct tpe *tp, const struct stat *st, enum tpe_what what,
    const char *name, size_t len, char *buf, size_t size)
{
	char	 owners[IDS_SHOWN], object[NAME_SHOWN + 32], one[8];
	size_t	 i, n;

	(void)strlcpy(object, "file", sizeof(object));
	if (what != TPE_FILE) {
		(void)strlcpy(object, "directory ", sizeof(object));
		n = strlen(object);
		for (i = 0; i < len; i++) {
			(void)vis(one, name[i], VIS_OCTAL | VIS_CSTYLE |
			    VIS_TAB | VIS_NL | VIS_DQ | VIS_SP | VIS_NOLOCALE,
			    i + 1 < len ? name[i + 1] : 0);
			if (n + strlen(one) >= NAME_SHOWN) {
				(void)strlcat(object, "...", sizeof(object));
				break;
			}
			(void)strlcat(object, one, sizeof(object));
			n += strlen(one);
		}
	}
	if (!tpe_owned(tp, st->st_uid)) {
		tpe_owners(tp, owners, sizeof(owners));
		(void)snprintf(buf, size, "not trusted: %s belongs to user "
		    "%u, expected %s", object, st->st_uid, owners);
	} else if (st->st_mode & S_IWOTH)
		(void)snprintf(buf, size, "not trusted: %s has mode %04o, "
		    "expected no write bit for others", object,
		    st->st_mode & 07777);
	else
		(void)snprintf(buf, size, "not trusted: %s has mode %04o, "
		    "expected no write bit for group %u", object,
		    st->st_mode & 07777, st->st_gid);
}

void
tpe_cure(const char *path, size_t len, char *buf, size_t size)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < len; i++)
		if (path[i] < ' ' || path[i] > '~' ||
		    strchr("\"\\$", path[i]) != NULL)
			return;
	if ((size_t)snprintf(buf, size, "tpe trust \"%.*s\"", (int)len,
	    path) >= size)
		buf[0] = '\0';
}
