/*
 * Is what is mapped what the policy's digests say, and of a class that it lets
 * run?  What is hashed is always a descriptor of the very file that is mapped:
 * the executable's is /proc/PID/exe, that of the ELF interpreter is compared
 * with the mapping's device and inode.
 *
 * While an executable runs the kernel lets nobody write it.  Its interpreter
 * has no such protection: one that the policy lets be written is refused.
 *
 * Must never: take a name for a file.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/verity.h"
#include "integrity.h"
#include "integrity_elf.h"

#define CURE_ALG	DIGEST_BLAKE2B	/* of a file without a digest */
#define HELD		4	/* systems have an interpreter or two */

static int	 targets_find(const struct verifyset *, const struct image *,
		    struct verification *, struct image_fault *);
static int	 target_seen(const struct verification *,
		    const struct mapping *);
static int	 target_add(const struct verifyset *, const struct image *,
		    const struct mapping *, struct verification *,
		    struct image_fault *);
static int	 targets_exe(struct verification *, struct image_fault *);
static int	 target_written(const struct ruleset *, const struct target *,
		    struct image_fault *);
static int	 class_check(const struct verifyset *,
		    const struct verification *, struct image_fault *);
static int	 args_check(const struct verifyset *, const struct image *,
		    const struct verification *, struct image_fault *);
static int	 writable_check(const struct verifyset *,
		    const struct ruleset *, const struct verification *,
		    struct image_fault *);
static struct held *held_find(const struct target *);
static int	 held_use(struct target *);
static void	 held_add(struct target *);
static int	 target_start(struct target *);
static int	 target_known(const struct target *, const struct verify *);
static int	 target_compare(const struct verifyset *,
		    const struct verification *, const struct target *,
		    struct image_fault *);
static int	 target_unlisted(const struct verifyset *,
		    const struct verification *, const struct target *,
		    struct image_fault *);
static int	 target_differs(const struct verification *,
		    const struct target *, struct image_fault *);
static int	 fault_warn(const struct verification *, struct image_fault *);
static void	 fault_path(struct image_fault *, const struct target *);
static void	 fault_cure(struct image_fault *, const struct target *,
		    const char *, unsigned);
static int	 fault(struct image_fault *, const char *);

static struct held	 helds[HELD];
static size_t		 nhelds;
static int		 learning;	/* hash what is not listed, too */

int
verify_begin(const struct verifyset *vs, const struct tpe *tp,
    const struct ruleset *rs, const struct image *im,
    struct verification *vn, struct image_fault *why)
{
	struct target	*tg;
	size_t		 i;

	vn->vn_fd = im->i_fd;
	vn->vn_count = vn->vn_at = 0;
	if ((vs->vs_refused | vs->vs_warned) == 0 && vs->vs_count == 0 &&
	    !learning)
		return (0);
	memset(why, 0, sizeof(*why));
	if (targets_find(vs, im, vn, why) == -1 ||
	    targets_exe(vn, why) == -1 ||
	    args_check(vs, im, vn, why) == -1 ||
	    class_check(vs, vn, why) == -1 ||
	    writable_check(vs, rs, vn, why) == -1)
		return (-1);
	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		if (target_written(rs, tg, why) == -1)
			return (-1);
		if (tg->tg_exe)
			tg->tg_mount = im->i_mount;
		tg->tg_trust = ((vs->vs_refused | vs->vs_warned) &
		    EXEC_UNTRUSTED) != 0 &&
		    !tpe_exempt(tp, tg->tg_path, tg->tg_pathlen);
	}
	return (0);
}

struct target *
verify_missing(struct verification *vn)
{
	struct target	*tg;
	size_t		 i;

	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		if ((tg->tg_need || tg->tg_trust) && tg->tg_fd == -1 &&
		    !held_use(tg))
			return (tg);
	}
	return (NULL);
}

int
verify_give(struct target *tg, int fd, uint64_t mount,
    struct image_fault *why)
{
	struct stat	 st;

	tg->tg_fd = fd;
	tg->tg_mount = mount;
	fault_path(why, tg);
	if (syscall(SYS_fstat, fd, &st) == -1)
		return (fault(why, "mapped file cannot be examined"));
	if (!S_ISREG(st.st_mode) || !mapping_is(&tg->tg_mapping, &st))
		return (fault(why, "mapped file has another name now"));
	held_add(tg);
	return (0);
}

int
verify_step(const struct verifyset *vs, struct verification *vn,
    struct image_fault *why)
{
	struct target	*tg;
	int		 rv;

	for (; vn->vn_at < vn->vn_count; vn->vn_at++) {
		tg = &vn->vn_targets[vn->vn_at];
		if (!tg->tg_need)
			continue;
		rv = tg->tg_started ? hash_slice(&tg->tg_hash) :
		    target_start(tg);
		if (rv == 0)
			return (0);
		fault_path(why, tg);
		/* such as a rename at that moment: the exec event tells */
		if (rv == -1 && (tg->tg_learn || tg->tg_early))
			continue;
		if (rv == -1)
			return (fault(why, tg->tg_hash.ha_why));
		if (target_compare(vs, vn, tg, why) == -1)
			return (-1);
	}
	return (1);
}

void
verify_learn(void)
{
	learning = 1;
}

int
verify_learns(const struct verifyset *vs)
{
	return (learning && vs->vs_refused == 0 && !vs->vs_all &&
	    vs->vs_count == 0);
}

const uint8_t *
verify_digest(const struct target *tg, uint8_t *alg)
{
	if (!tg->tg_started || tg->tg_hash.ha_todo != 0 ||
	    tg->tg_hash.ha_algs == 0)
		return (NULL);
	*alg = (uint8_t)__builtin_ctz(tg->tg_hash.ha_algs);
	return (tg->tg_hash.ha_digest[*alg]);
}

void
verify_end(struct verification *vn)
{
	struct target	*tg;
	size_t		 i;

	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		if (tg->tg_held != NULL)
			tg->tg_held->he_users--;
		else if (!tg->tg_exe && tg->tg_fd != -1)
			close(tg->tg_fd);
		tg->tg_held = NULL;
		tg->tg_fd = -1;
	}
	if (vn->vn_fd != -1)
		close(vn->vn_fd);
	vn->vn_fd = -1;
	vn->vn_count = 0;
}

int
verify_library(const struct verifyset *vs, const struct ruleset *rs,
    const struct library *lb, struct verification *vn,
    struct image_fault *why)
{
	struct target	*tg = &vn->vn_targets[0];

	if (!vs->vs_library)
		return (0);
	memset(tg, 0, sizeof(*tg));
	memcpy(tg->tg_path, why->if_path, why->if_pathlen + 1);
	tg->tg_pathlen = why->if_pathlen;
	tg->tg_want = verify_find(vs, tg->tg_path, &tg->tg_nwant);
	tg->tg_learn = tg->tg_want == NULL && !vs->vs_all && learning;
	if (tg->tg_want == NULL && !vs->vs_all && !tg->tg_learn)
		return (0);
	/* its descriptor is the verification's, as an executable's is */
	tg->tg_need = tg->tg_exe = tg->tg_library = 1;
	tg->tg_fd = lb->l_fd;
	vn->vn_count = 1;
	if (target_written(rs, tg, why) == -1)
		return (-1);
	return (!tg->tg_learn);
}

/*
 * A script is read by whom it names, and never mapped: one that is not listed
 * is none of ours.
 */
int
verify_early(const struct verifyset *vs, const struct library *lb,
    struct verification *vn)
{
	struct target	*tg = &vn->vn_targets[0];
	struct stat	 st;
	char		 magic[2];

	vn->vn_fd = lb->l_fd;
	vn->vn_count = vn->vn_at = 0;
	if (syscall(SYS_fstat, lb->l_fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    lb->l_namelen == 0 ||
	    lb->l_namelen >= sizeof(tg->tg_path) || lb->l_name[0] != '/')
		return (0);
	memset(tg, 0, sizeof(*tg));
	memcpy(tg->tg_path, lb->l_name, lb->l_namelen);
	tg->tg_pathlen = lb->l_namelen;
	tg->tg_want = verify_find(vs, tg->tg_path, &tg->tg_nwant);
	if (tg->tg_want == NULL && (!vs->vs_all ||
	    (pread(lb->l_fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	    memcmp(magic, "#!", sizeof(magic)) == 0)))
		return (0);
	tg->tg_need = tg->tg_exe = tg->tg_early = 1;
	tg->tg_fd = lb->l_fd;
	vn->vn_count = 1;
	return (1);
}

/* ---- which files ---- */

static int
targets_find(const struct verifyset *vs, const struct image *im,
    struct verification *vn, struct image_fault *why)
{
	struct maps	 ms;
	struct mapping	 mp;
	int		 rv;

	maps_open(&ms, im->i_maps, im->i_mapslen);
	while ((rv = maps_next(&ms, &mp)) == 1)
		if (mp.mp_kind == MK_FILE && !target_seen(vn, &mp) &&
		    target_add(vs, im, &mp, vn, why) == -1)
			return (-1);
	return (rv == 0 ? 0 : fault(why, ms.ms_why));
}

static int
target_seen(const struct verification *vn, const struct mapping *mp)
{
	const struct target	*tg;
	size_t			 i;

	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		if (tg->tg_mapping.mp_ino == mp->mp_ino &&
		    tg->tg_mapping.mp_major == mp->mp_major &&
		    tg->tg_mapping.mp_minor == mp->mp_minor &&
		    tg->tg_pathlen == mp->mp_namelen &&
		    memcmp(tg->tg_path, mp->mp_name, mp->mp_namelen) == 0)
			return (1);
	}
	return (0);
}

/* image_check() has seen to it that the name fits. */
static int
target_add(const struct verifyset *vs, const struct image *im,
    const struct mapping *mp, struct verification *vn,
    struct image_fault *why)
{
	struct target	*tg;

	if (vn->vn_count == TARGETS_MAX)
		return (fault(why, "more files mapped than can be verified"));
	/* as the kernel writes it, it may stand for another name */
	if (memmem(mp->mp_name, mp->mp_namelen, "\\012", 4) != NULL)
		return (fault(why, "ambiguous name mapped"));
	tg = &vn->vn_targets[vn->vn_count++];
	memcpy(tg->tg_path, mp->mp_name, mp->mp_namelen);
	tg->tg_path[mp->mp_namelen] = '\0';
	tg->tg_pathlen = mp->mp_namelen;
	tg->tg_at = (uint32_t)(mp->mp_name - im->i_maps);
	tg->tg_mapping = *mp;
	tg->tg_mapping.mp_name = NULL;
	tg->tg_want = verify_find(vs, tg->tg_path, &tg->tg_nwant);
	tg->tg_learn = tg->tg_want == NULL && !vs->vs_all && learning;
	tg->tg_need = tg->tg_want != NULL || vs->vs_all || tg->tg_learn;
	tg->tg_fd = -1;
	tg->tg_held = NULL;
	tg->tg_exe = tg->tg_library = tg->tg_started = tg->tg_trust = 0;
	tg->tg_early = 0;
	tg->tg_mount = 0;
	tg->tg_measured = 0;
	tg->tg_verity = NULL;
	memset(&tg->tg_way, 0, sizeof(tg->tg_way));
	return (0);
}

/* Which of them is the executable?  why then speaks of that. */
static int
targets_exe(struct verification *vn, struct image_fault *why)
{
	struct target	*tg;
	struct stat	 st;
	size_t		 i, n = 0;

	if (syscall(SYS_fstat, vn->vn_fd, &st) == -1)
		return (fault(why, "executable cannot be examined"));
	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		if (!mapping_is(&tg->tg_mapping, &st))
			continue;
		tg->tg_exe = 1;
		tg->tg_fd = vn->vn_fd;
		fault_path(why, tg);
		n++;
	}
	return (n == 1 ? 0 :
	    fault(why, "executable cannot be told from its interpreter"));
}

/* why speaks of the executable. */
static int
class_check(const struct verifyset *vs, const struct verification *vn,
    struct image_fault *why)
{
	static struct elf_info	 el;
	struct stat		 st;
	char			 text[64];
	uint32_t		 bad;

	if (((vs->vs_refused | vs->vs_warned) & EXEC_FILE) == 0)
		return (0);
	if (syscall(SYS_fstat, vn->vn_fd, &st) == -1)
		return (fault(why, "executable cannot be examined"));
	if (elf_parse(vn->vn_fd, (uint64_t)st.st_size, &el) == -1)
		return (fault(why, el.el_why));
	if ((bad = exec_class_worst(vs, el.el_class)) == 0)
		return (0);
	(void)snprintf(text, sizeof(text), "executable is of class %s",
	    exec_class_name(bad));
	return (verify_class(vs, vn, bad, text, why));
}

/*
 * Since Linux 5.18 do_execveat_common() of fs/exec.c makes one empty string of
 * no arguments: then /proc/PID/cmdline has one byte, its NUL.  What cannot be
 * read has none.
 */
static int
args_check(const struct verifyset *vs, const struct image *im,
    const struct verification *vn, struct image_fault *why)
{
	if (!((vs->vs_refused | vs->vs_warned) & EXEC_NULLARGV) ||
	    im->i_argslen > 1 || (im->i_argslen == 1 && im->i_args[0] != 0))
		return (0);
	return (verify_class(vs, vn, EXEC_NULLARGV, "executable is of class "
	    "nullargv: started without arguments, not even its name", why));
}

/* The rules let somebody inside decide what is behind one of the names. */
static int
writable_check(const struct verifyset *vs, const struct ruleset *rs,
    const struct verification *vn, struct image_fault *why)
{
	const struct target	*tg;
	const struct rule	*by;
	uint32_t		 right;
	char			 text[64];
	size_t			 i;

	if (!((vs->vs_refused | vs->vs_warned) & EXEC_WRITABLE))
		return (0);
	for (i = 0; i < vn->vn_count; i++) {
		tg = &vn->vn_targets[i];
		for (right = 1; right <= EXEC_WRITERS; right <<= 1)
			if ((right & EXEC_WRITERS) && ruleset_eval(rs,
			    tg->tg_path, tg->tg_pathlen, right, &by) != 0)
				break;
		if (right > EXEC_WRITERS)
			continue;
		fault_path(why, tg);
		(void)snprintf(text, sizeof(text), "file is of class "
		    "writable: the rules allow %s", rights_word(right));
		if (verify_class(vs, vn, EXEC_WRITABLE, text, why) == -1)
			return (-1);
	}
	return (0);
}

int
verify_class(const struct verifyset *vs, const struct verification *vn,
    uint32_t class, const char *text, struct image_fault *why)
{
	const char	*at;

	(void)strlcpy(why->if_text, text, sizeof(why->if_text));
	if (why->if_allow[0] == '\0')
		(void)snprintf(why->if_allow, sizeof(why->if_allow),
		    "allow exec class %s", exec_class_name(class));
	if ((at = exec_class_at(vs, class)) != NULL)
		(void)strlcpy(why->if_by, at, sizeof(why->if_by));
	why->if_effect = EFFECT_WARN;
	if (class & vs->vs_refused)
		why->if_effect = exec_class_effect(vs, class);
	why->if_check = why->if_text;
	return (why->if_effect == EFFECT_WARN ? fault_warn(vn, why) : -1);
}

static int
target_written(const struct ruleset *rs, const struct target *tg,
    struct image_fault *why)
{
	static const uint32_t	 rights[] = { R_WRITE, R_TRUNCATE };
	const struct rule	*by = NULL;
	size_t			 i;

	for (i = 0; tg->tg_need && !tg->tg_learn &&
	    (!tg->tg_exe || tg->tg_library) && i < 2; i++) {
		if (ruleset_eval(rs, tg->tg_path, tg->tg_pathlen, rights[i],
		    &by) == 0)
			continue;
		fault_path(why, tg);
		if (by != NULL)
			(void)snprintf(why->if_by, sizeof(why->if_by),
			    "%s:%u", by->r_file, by->r_line);
		return (fault(why, tg->tg_library ?
		    "library could be written after it was verified" :
		    "interpreter could be written after it was verified"));
	}
	return (0);
}

/* ---- interpreters that stay open ---- */

static struct held *
held_find(const struct target *tg)
{
	struct held	*he;

	for (he = helds; he < helds + nhelds; he++)
		if (he->he_ino == tg->tg_mapping.mp_ino &&
		    he->he_major == tg->tg_mapping.mp_major &&
		    he->he_minor == tg->tg_mapping.mp_minor)
			return (he);
	return (NULL);
}

static int
held_use(struct target *tg)
{
	struct held	*he;

	if ((he = held_find(tg)) == NULL)
		return (0);
	he->he_users++;
	tg->tg_held = he;
	tg->tg_fd = he->he_fd;
	tg->tg_mount = he->he_mount;
	return (1);
}

/*
 * In a free place or that of one nobody uses; where there is none, or another
 * lane was faster, it is the target's alone.  Only where the mapping shows the
 * device that the file says: elsewhere two files could have these numbers.
 */
static void
held_add(struct target *tg)
{
	struct stat	 st;
	struct held	*he = &helds[nhelds];
	size_t		 i;

	if (held_find(tg) != NULL ||
	    syscall(SYS_fstat, tg->tg_fd, &st) == -1 ||
	    tg->tg_mapping.mp_major != major(st.st_dev) ||
	    tg->tg_mapping.mp_minor != minor(st.st_dev))
		return;
	if (nhelds < HELD)
		nhelds++;
	else {
		for (i = 0; i < HELD && helds[i].he_users > 0; i++)
			continue;
		if (i == HELD)
			return;
		he = &helds[i];
		close(he->he_fd);
	}
	he->he_fd = tg->tg_fd;
	he->he_ino = tg->tg_mapping.mp_ino;
	he->he_major = tg->tg_mapping.mp_major;
	he->he_minor = tg->tg_mapping.mp_minor;
	he->he_mount = tg->tg_mount;
	he->he_users = 1;
	tg->tg_held = he;
}

/* ---- digests ---- */

/* As hash_slice(): what is not known is begun, and read at once. */
static int
target_start(struct target *tg)
{
	unsigned	 alg, algs = 0;
	size_t		 i;
	int		 rv;

	for (i = 0; i < tg->tg_nwant; i++) {
		alg = tg->tg_want[i].v_alg;
		if (!DIGEST_VERITY(alg))
			algs |= HASH_ALG(alg);
		else if (verity_measure(tg->tg_fd, alg,
		    tg->tg_hash.ha_digest[alg], &tg->tg_verity) == 0)
			tg->tg_measured |= HASH_ALG(alg);
	}
	if (tg->tg_want == NULL)
		algs = HASH_ALG(CURE_ALG);
	tg->tg_started = 1;
	if (algs == 0) {
		tg->tg_hash.ha_algs = 0;	/* of what was there before */
		return (1);
	}
	if ((rv = hash_start(&tg->tg_hash, tg->tg_fd, algs)) != 0)
		return (rv);
	/*
	 * Somebody could have it mapped to be written, which no time shows
	 * until it is written back; nobody can while it is executed.
	 */
	if (tg->tg_early) {
		tg->tg_hash.ha_clean = 0;
		/* it would be read twice: the exec event tells */
		if (tg->tg_hash.ha_st.st_size > DIGEST_EARLY_MAX)
			return (-1);
	}
	return (hash_slice(&tg->tg_hash));
}

/* Is the digest of that kind there to compare with? */
static int
target_known(const struct target *tg, const struct verify *v)
{
	return (!DIGEST_VERITY(v->v_alg) ||
	    (tg->tg_measured & HASH_ALG(v->v_alg)) != 0);
}

static int
target_compare(const struct verifyset *vs, const struct verification *vn,
    const struct target *tg, struct image_fault *why)
{
	const struct verify	*v;
	size_t			 i;

	if (tg->tg_learn)
		return (0);
	if (tg->tg_want == NULL)
		return (target_unlisted(vs, vn, tg, why));
	for (i = 0; i < tg->tg_nwant; i++) {
		v = &tg->tg_want[i];
		if (target_known(tg, v) &&
		    memcmp(tg->tg_hash.ha_digest[v->v_alg], v->v_digest,
		    digest_len(v->v_alg)) == 0)
			return (0);
	}
	return (target_differs(vn, tg, why));
}

static int
target_unlisted(const struct verifyset *vs, const struct verification *vn,
    const struct target *tg, struct image_fault *why)
{
	char	 found[DIGEST_TEXT];

	digest_print(found, sizeof(found), tg->tg_hash.ha_digest[CURE_ALG],
	    CURE_ALG);
	fault_cure(why, tg, found, CURE_ALG);
	return (verify_class(vs, vn, EXEC_UNLISTED,
	    "no digest is listed for the file", why));
}

/* In the terms of the last rule for it. */
static int
target_differs(const struct verification *vn, const struct target *tg,
    struct image_fault *why)
{
	const struct verify	*v = &tg->tg_want[tg->tg_nwant - 1];
	char			 expected[DIGEST_TEXT], found[DIGEST_TEXT];

	digest_print(expected, sizeof(expected), v->v_digest, v->v_alg);
	digest_print(found, sizeof(found), tg->tg_hash.ha_digest[v->v_alg],
	    v->v_alg);
	(void)snprintf(why->if_by, sizeof(why->if_by), "%s:%u", v->v_file,
	    v->v_line);
	if (target_known(tg, v)) {
		(void)snprintf(why->if_text, sizeof(why->if_text),
		    "%s digest differs: expected %s, found %s",
		    digest_name(v->v_alg), expected, found);
		fault_cure(why, tg, found, v->v_alg);
	} else
		(void)snprintf(why->if_text, sizeof(why->if_text),
		    "%s digest is not there: expected %s, found none, %s",
		    digest_name(v->v_alg), expected, tg->tg_verity);
	why->if_check = why->if_text;
	why->if_effect = v->v_effect;
	return (v->v_effect == EFFECT_WARN ? fault_warn(vn, why) : -1);
}

/* ---- why not ---- */

static void
fault_path(struct image_fault *why, const struct target *tg)
{
	memcpy(why->if_path, tg->tg_path, tg->tg_pathlen + 1);
	why->if_pathlen = tg->tg_pathlen;
}

/* The rule that would allow it, if the name can stand in one as it is. */
static void
fault_cure(struct image_fault *why, const struct target *tg,
    const char *found, unsigned alg)
{
	size_t	 i;

	for (i = 0; i < tg->tg_pathlen; i++)
		if (tg->tg_path[i] < ' ' || tg->tg_path[i] > '~' ||
		    strchr("\"\\$", tg->tg_path[i]) != NULL)
			return;
	(void)snprintf(why->if_allow, sizeof(why->if_allow),
	    "verify %s \"%s\" %s %s", tg->tg_library ? "library" : "exec",
	    tg->tg_path, digest_name(alg), found);
}

/* It goes on: the fault is empty again, but for what it is about. */
static int
fault_warn(const struct verification *vn, struct image_fault *why)
{
	char	 path[PATH_MAX];
	size_t	 len = why->if_pathlen;

	if (vn->vn_warn != NULL)
		vn->vn_warn(vn->vn_arg, why);
	memcpy(path, why->if_path, len + 1);
	memset(why, 0, sizeof(*why));
	memcpy(why->if_path, path, len + 1);
	why->if_pathlen = len;
	return (0);
}

static int
fault(struct image_fault *why, const char *check)
{
	why->if_check = check;
	return (-1);
}
