/*
 * Digests and classes of executables, see verify.h.  Pure: no I/O, and no
 * hashing, which is the integrity worker's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

static int	 verify_cmp(const void *, const void *);
static int	 digit(char);

static const struct {
	const char	*name;
	size_t		 len;
} digests[DIGEST_COUNT] = {
	[DIGEST_BLAKE2B] = { "blake2b", 64 },
	[DIGEST_SHA256] = { "sha256", 32 },
	[DIGEST_SHA512] = { "sha512", 64 },
};

/* By bit. */
static const char *const classes[EXEC_CLASSES] = {
	"script", "32bit", "static", "dynamic", "nonpie", "execstack",
	"memfd", "loader",
};

int
verify_add(struct verifyset *vs, const struct verify *v)
{
	struct verify	*list, *new;
	size_t		 size;

	if (vs->vs_count == VERIFY_MAX) {
		errno = E2BIG;
		return (-1);
	}
	if (vs->vs_count == vs->vs_size) {
		size = vs->vs_size == 0 ? 64 : vs->vs_size * 2;
		list = reallocarray(vs->vs_list, size, sizeof(*list));
		if (list == NULL)
			return (-1);
		vs->vs_list = list;
		vs->vs_size = size;
	}
	new = &vs->vs_list[vs->vs_count];
	*new = *v;
	new->v_path = strdup(v->v_path);
	new->v_file = strdup(v->v_file);
	if (new->v_path == NULL || new->v_file == NULL) {
		free(new->v_path);
		free(new->v_file);
		return (-1);
	}
	vs->vs_count++;
	return (0);
}

static int
verify_cmp(const void *a, const void *b)
{
	const struct verify	*va = a, *vb = b;

	return (strcmp(va->v_path, vb->v_path));
}

void
verify_sort(struct verifyset *vs)
{
	if (vs->vs_count > 0)
		qsort(vs->vs_list, vs->vs_count, sizeof(*vs->vs_list),
		    verify_cmp);
}

void
verify_cut(struct verifyset *vs, size_t n)
{
	while (vs->vs_count > n) {
		vs->vs_count--;
		free(vs->vs_list[vs->vs_count].v_path);
		free(vs->vs_list[vs->vs_count].v_file);
	}
}

void
verify_free(struct verifyset *vs)
{
	size_t	 i;

	verify_cut(vs, 0);
	free(vs->vs_list);
	for (i = 0; i < EXEC_PLACES; i++)
		free(vs->vs_at[i]);
	memset(vs, 0, sizeof(*vs));
}

const struct verify *
verify_find(const struct verifyset *vs, const char *path, size_t *count)
{
	size_t	 lo = 0, hi = vs->vs_count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(vs->vs_list[mid].v_path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (hi = lo; hi < vs->vs_count &&
	    strcmp(vs->vs_list[hi].v_path, path) == 0; hi++)
		continue;
	*count = hi - lo;
	return (hi == lo ? NULL : &vs->vs_list[lo]);
}

uint8_t
digest_parse(const char *name)
{
	unsigned	 i;

	for (i = 1; i < DIGEST_COUNT; i++)
		if (strcmp(digests[i].name, name) == 0)
			return ((uint8_t)i);
	return (0);
}

const char *
digest_name(unsigned alg)
{
	return (alg > 0 && alg < DIGEST_COUNT ? digests[alg].name : "");
}

size_t
digest_len(unsigned alg)
{
	return (alg < DIGEST_COUNT ? digests[alg].len : 0);
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

int
digest_read(uint8_t *digest, unsigned alg, const char *text)
{
	size_t	 i, len = digest_len(alg);
	int	 high, low;

	if (len == 0 || strlen(text) != 2 * len)
		return (-1);
	memset(digest, 0, DIGEST_MAX);
	for (i = 0; i < len; i++) {
		high = digit(text[2 * i]);
		low = digit(text[2 * i + 1]);
		if (high == -1 || low == -1)
			return (-1);
		digest[i] = (uint8_t)(high << 4 | low);
	}
	return (0);
}

void
digest_print(char *buf, size_t size, const uint8_t *digest, unsigned alg)
{
	size_t	 i, len = digest_len(alg);

	buf[0] = '\0';
	for (i = 0; i < len && 2 * i + 3 <= size; i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", digest[i]);
}

uint32_t
exec_class_parse(const char *name)
{
	unsigned	 i;

	for (i = 0; i < EXEC_CLASSES; i++)
		if (strcmp(classes[i], name) == 0)
			return (1U << i);
	return (0);
}

const char *
exec_class_name(uint32_t set)
{
	unsigned	 i;

	for (i = 0; i < EXEC_CLASSES; i++)
		if (set & (1U << i))
			return (classes[i]);
	return ("");
}

const char *
exec_class_at(const struct verifyset *vs, uint32_t set)
{
	unsigned	 i;

	for (i = 0; i < EXEC_CLASSES; i++)
		if (set & (1U << i))
			return (vs->vs_at[i]);
	return (NULL);
}
