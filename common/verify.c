/*
 * Digests and classes of executables, see verify.h.  Pure: no I/O, and no
 * hashing, which is the integrity worker's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule.h"
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
	[DIGEST_VERITY256] = { "verity-sha256", 32 },
	[DIGEST_VERITY512] = { "verity-sha512", 64 },
};

/* By bit. */
static const char *const classes[EXEC_CLASSES] = {
	"script", "32bit", "static", "dynamic", "nonpie", "execstack",
	"memfd", "loader", "nullargv", "writable", "untrusted", "unlisted",
};

/* What a refusal can do beside, weaker before stronger by rank. */
static const struct {
	const char	*ef_word;
	int		 ef_rank;
} effects[EFFECT_COUNT] = {
	[EFFECT_NONE] = { "deny", 1 },
	[EFFECT_WARN] = { "warn", 0 },
	[EFFECT_STOP] = { "stop", 2 },
	[EFFECT_ABORT] = { "abort", 3 },
	[EFFECT_KILL] = { "kill", 4 },
	[EFFECT_EXIT] = { "exit", 5 },
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
	int			 rv;

	/* of one path, the one whose difference has most effect last */
	if ((rv = strcmp(va->v_path, vb->v_path)) != 0)
		return (rv);
	return (exec_effect_rank(va->v_effect) -
	    exec_effect_rank(vb->v_effect));
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

const char *
exec_class_list(void)
{
	static char	 text[EXEC_CLASSES * 16];
	unsigned	 i;

	text[0] = '\0';
	for (i = 0; i < EXEC_CLASSES; i++) {
		if (i > 0)
			(void)strlcat(text, i + 1 < EXEC_CLASSES ? ", " :
			    " or ", sizeof(text));
		(void)strlcat(text, classes[i], sizeof(text));
	}
	return (text);
}

uint32_t
exec_class_worst(const struct verifyset *vs, uint32_t set)
{
	uint32_t	 class, worst = 0;
	unsigned	 i;
	int		 rank, most = -1;

	for (i = 0; i < EXEC_CLASSES; i++) {
		class = set & (1U << i);
		if ((class & (vs->vs_refused | vs->vs_warned)) == 0)
			continue;
		rank = class & vs->vs_refused ?
		    exec_effect_rank(vs->vs_effect[i]) :
		    exec_effect_rank(EFFECT_WARN);
		if (rank > most) {
			most = rank;
			worst = class;
		}
	}
	return (worst);
}

uint8_t
exec_class_effect(const struct verifyset *vs, uint32_t class)
{
	unsigned	 i;

	for (i = 0; i < EXEC_CLASSES; i++)
		if (class == 1U << i)
			return (vs->vs_effect[i]);
	return (EFFECT_NONE);
}

void
exec_class_set(struct verifyset *vs, uint32_t class, int action, int effect)
{
	unsigned	 i;

	vs->vs_refused &= ~class;
	vs->vs_warned &= ~class;
	if (action == RULE_DENY)
		vs->vs_refused |= class;
	else if (effect == EFFECT_WARN)
		vs->vs_warned |= class;
	for (i = 0; i < EXEC_CLASSES; i++)
		if (class & (1U << i))
			vs->vs_effect[i] = (uint8_t)(action == RULE_DENY ?
			    effect : EFFECT_NONE);
	vs->vs_all = ((vs->vs_refused | vs->vs_warned) & EXEC_UNLISTED) != 0;
}

int
verify_digests(const struct verifyset *vs, int wanted)
{
	return (wanted && (vs->vs_count > 0 ||
	    (vs->vs_refused & EXEC_UNLISTED) != 0));
}

int
exec_effect_rank(unsigned effect)
{
	return (effect < EFFECT_COUNT ? effects[effect].ef_rank : 0);
}

const char *
exec_effect_word(unsigned effect)
{
	return (effect < EFFECT_COUNT ? effects[effect].ef_word : "");
}

int
exec_class_early(const struct verifyset *vs, int wanted)
{
	const uint32_t	 scripts = EXEC_SCRIPT | EXEC_UNTRUSTED |
			    EXEC_WRITABLE | EXEC_NULLARGV;

	if (!wanted)
		return (((vs->vs_refused | vs->vs_warned) & EXEC_SCRIPT) != 0);
	return (vs->vs_refused != 0 || vs->vs_count > 0 ||
	    (vs->vs_warned & scripts) != 0);
}
