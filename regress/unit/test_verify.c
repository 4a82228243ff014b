/* LINK: worker/integrity_verify.c worker/integrity_image.c */
/* LINK: worker/integrity_elf.c worker/integrity_hash.c monitor/manifest.c monitor/signify.c */
/*
 * Digests of what is mapped, manifests and their signatures: what is listed
 * runs, and whatever is not exactly so is refused.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/manifest.h"
#include "../../worker/integrity.h"

static char		 dir[] = "/tmp/verify.XXXXXX";
static char		 exe[64], ld[64];	/* copies of sound files */
static struct verifyset	 vs;
static struct ruleset	 rs;
static struct verification vn;
static struct image_fault why;
static char		 maps[4 * PATH_MAX];

static void
list(const char *path, unsigned alg, const char *of)
{
	static struct hash	 ha;
	struct verify		 v;
	char			 file[] = "test", *copy = strdup(path);
	int			 fd, rv;

	memset(&v, 0, sizeof(v));
	v.v_path = copy;
	v.v_file = file;
	v.v_line = 7;
	v.v_alg = (uint8_t)alg;
	if (of != NULL) {
		assert_true((fd = open(of, O_RDONLY | O_CLOEXEC)) != -1);
		if ((rv = hash_start(&ha, fd, HASH_ALG(alg))) == 0)
			while ((rv = hash_slice(&ha)) == 0)
				continue;
		assert_int_equal(rv, 1);
		memcpy(v.v_digest, ha.ha_digest[alg], DIGEST_MAX);
		close(fd);
	}
	assert_int_equal(verify_add(&vs, &v), 0);
	verify_sort(&vs);
	free(copy);
}

static size_t
line(size_t n, unsigned at, const char *path, const char *as)
{
	struct stat	 st;

	assert_int_equal(stat(path, &st), 0);
	return (n + (size_t)snprintf(maps + n, sizeof(maps) - n,
	    "%08x-%08x r-xp 00000000 %02x:%02x %ju %s\n", at, at + 0x1000,
	    major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino, as));
}

/* The verdict on exe, mapped as one name with ld as another: 1 or -1. */
static int
verdict(const char *exe_as, const char *ld_as, const char *given)
{
	struct image	 im;
	struct target	*tg;
	int		 rv;

	memset(&im, 0, sizeof(im));
	im.i_maps = (const uint8_t *)maps;
	im.i_mapslen = line(0, 0x400000, exe, exe_as);
	if (ld_as != NULL)
		im.i_mapslen = line(im.i_mapslen, 0x800000, ld, ld_as);
	assert_true((im.i_fd = open(exe, O_RDONLY | O_CLOEXEC)) != -1);
	rv = verify_begin(&vs, &rs, &im, &vn, &why);
	if (rv == 0 && (tg = verify_missing(&vn)) != NULL) {
		assert_int_equal(strncmp(maps + tg->tg_at, ld_as,
		    tg->tg_pathlen), 0);
		rv = verify_give(tg, open(given, O_RDONLY | O_CLOEXEC), &why);
	}
	if (rv == 0)
		while ((rv = verify_step(&vs, &vn, &why)) == 0)
			continue;
	verify_end(&vn);
	return (rv);
}

static void
fresh(void)
{
	verify_free(&vs);
	ruleset_free(&rs);
}

static void
unlisted_files_need_nothing(void **state)
{
	(void)state;
	fresh();
	assert_int_equal(verdict(exe, ld, NULL), 1);
	list("/other", DIGEST_SHA256, NULL);
	assert_int_equal(verdict(exe, ld, NULL), 1);
}

static void
a_listed_executable_needs_its_digest(void **state)
{
	unsigned	 alg;

	(void)state;
	for (alg = 1; alg < DIGEST_COUNT; alg++) {
		fresh();
		list(exe, alg, exe);
		assert_int_equal(verdict(exe, ld, NULL), 1);
		fresh();
		list(exe, alg, ld);
		assert_int_equal(verdict(exe, ld, NULL), -1);
		assert_non_null(strstr(why.if_check, "digest differs"));
		assert_string_equal(why.if_by, "test:7");
		assert_string_equal(why.if_path, exe);
		assert_int_equal(strncmp(why.if_allow, "verify exec ", 12),
		    0);
	}
}

static void
any_of_several_digests_will_do(void **state)
{
	(void)state;
	fresh();
	list(exe, DIGEST_SHA256, ld);
	list(exe, DIGEST_BLAKE2B, exe);
	list(exe, DIGEST_SHA512, NULL);
	assert_int_equal(verdict(exe, ld, NULL), 1);
}

static void
a_listed_interpreter_needs_its_digest(void **state)
{
	(void)state;
	fresh();
	list(ld, DIGEST_SHA256, ld);
	assert_int_equal(verdict(exe, ld, ld), 1);
	fresh();
	list(ld, DIGEST_SHA256, exe);
	assert_int_equal(verdict(exe, ld, ld), -1);
}

/* The content that is listed, under its name, but another file is mapped. */
static void
a_file_that_is_not_mapped_is_no_proof(void **state)
{
	(void)state;
	fresh();
	/* one that is not held yet */
	ld[strlen(ld) - 1] = '2';
	list(ld, DIGEST_SHA256, exe);
	assert_int_equal(verdict(exe, ld, exe), -1);
	assert_string_equal(why.if_check, "mapped file has another name now");
	assert_int_equal(verdict(exe, ld, "/nonexistent"), -1);
	assert_int_equal(verdict(exe, ld, "/dev/zero"), -1);
	assert_int_equal(verdict(exe, ld, dir), -1);
	ld[strlen(ld) - 1] = 'd';
}

/* Held open or not, what counts is what it is now. */
static void
an_interpreter_that_changed_is_seen(void **state)
{
	char	 cmd[512];
	int	 i;

	(void)state;
	fresh();
	list(ld, DIGEST_SHA256, ld);
	for (i = 0; i < 2; i++)
		assert_int_equal(verdict(exe, ld, ld), 1);
	(void)snprintf(cmd, sizeof(cmd), "cp -p %s %s.r && printf x >>%s && "
	    "touch -r %s.r %s", ld, ld, ld, ld, ld);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(verdict(exe, ld, ld), -1);
	(void)snprintf(cmd, sizeof(cmd), "mv %s.r %s", ld, ld);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(verdict(exe, ld, ld), 1);
}

/* More of them than are held, and all at once. */
static void
any_number_of_interpreters_is_verified(void **state)
{
	char	 cmd[512], name[64];
	int	 i, k;

	(void)state;
	fresh();
	(void)strlcpy(name, ld, sizeof(name));
	for (i = 0; i < 20; i++) {
		k = i % 7;
		(void)snprintf(ld, sizeof(ld), "%s/ld%d", dir, k + 3);
		if (i < 7) {
			(void)snprintf(cmd, sizeof(cmd), "cp %s %s", name,
			    ld);
			assert_int_equal(system(cmd), 0);
			list(ld, DIGEST_SHA256, ld);
		}
		assert_int_equal(verdict(exe, ld, ld), 1);
	}
	(void)strlcpy(ld, name, sizeof(ld));
}

static void
with_verify_all_every_file_is_listed(void **state)
{
	(void)state;
	fresh();
	vs.vs_all = 1;
	vs.vs_at[EXEC_AT_ALL] = strdup("test:9");
	assert_int_equal(verdict(exe, NULL, NULL), -1);
	assert_string_equal(why.if_check, "no digest is listed for the file");
	assert_string_equal(why.if_by, "test:9");
	list(exe, DIGEST_SHA512, exe);
	assert_int_equal(verdict(exe, NULL, NULL), 1);
	assert_int_equal(verdict(exe, ld, ld), -1);
	assert_string_equal(why.if_path, ld);
	list(ld, DIGEST_SHA256, ld);
	assert_int_equal(verdict(exe, ld, ld), 1);
}

static void
an_interpreter_that_may_be_written_is_refused(void **state)
{
	struct rule	 r;
	char		 file[] = "test", path[] = "/tmp";

	(void)state;
	fresh();
	list(ld, DIGEST_SHA256, ld);
	memset(&r, 0, sizeof(r));
	r.r_rights = R_EXEC | R_WRITE;
	r.r_action = RULE_ALLOW;
	r.r_match = MATCH_UNDER;
	r.r_line = 3;
	r.r_file = file;
	r.r_path = path;
	r.r_len = 4;
	assert_int_equal(ruleset_add(&rs, &r), 0);
	assert_int_equal(verdict(exe, ld, ld), -1);
	assert_string_equal(why.if_by, "test:3");
	/* the executable is protected by the kernel */
	fresh();
	assert_int_equal(ruleset_add(&rs, &r), 0);
	list(exe, DIGEST_SHA256, exe);
	assert_int_equal(verdict(exe, ld, ld), 1);
}

static void
odd_images_are_refused(void **state)
{
	struct image	 im;
	char		 name[128];

	(void)state;
	fresh();
	list(exe, DIGEST_SHA256, exe);
	/* two names of one file: which is the executable? */
	memset(&im, 0, sizeof(im));
	im.i_maps = (const uint8_t *)maps;
	im.i_mapslen = line(line(0, 0x400000, exe, exe), 0x800000, exe, ld);
	im.i_fd = open(exe, O_RDONLY | O_CLOEXEC);
	assert_int_equal(verify_begin(&vs, &rs, &im, &vn, &why), -1);
	verify_end(&vn);
	/* three files */
	im.i_mapslen = line(line(line(0, 0x400000, exe, exe), 0x800000, ld,
	    ld), 0xa00000, "/bin/sh", "/bin/sh");
	im.i_fd = open(exe, O_RDONLY | O_CLOEXEC);
	assert_int_equal(verify_begin(&vs, &rs, &im, &vn, &why), -1);
	verify_end(&vn);
	/* a name with two readings */
	(void)snprintf(name, sizeof(name), "%s/\\012", dir);
	assert_int_equal(verdict(name, NULL, NULL), -1);
	assert_string_equal(why.if_check, "ambiguous name mapped");
}

static void
classes_are_refused_one_by_one(void **state)
{
	(void)state;
	fresh();
	vs.vs_refused = EXEC_DYNAMIC;
	vs.vs_at[3] = strdup("test:4");
	assert_int_equal(verdict(exe, ld, NULL), -1);
	assert_string_equal(why.if_check, "executable is of class dynamic");
	assert_string_equal(why.if_by, "test:4");
	assert_string_equal(why.if_allow, "allow exec class dynamic");
	assert_string_equal(why.if_path, exe);
	vs.vs_refused = EXEC_ALL & ~(uint32_t)EXEC_DYNAMIC;
	assert_int_equal(verdict(exe, ld, NULL), 1);
}

/* ---- manifests ---- */

#define Z32	"00000000000000000000000000000000"
#define Z64	Z32 Z32
#define Z128	Z64 Z64

static int
manifest(const char *text)
{
	char	 copy[8192], reason[MANIFEST_WHY_MAX];

	fresh();
	(void)strlcpy(copy, text, sizeof(copy));
	return (manifest_parse(&vs, "m", copy, strlen(copy), reason));
}

static void
good_manifests_are_read(void **state)
{
	size_t	 n;

	(void)state;
	assert_int_equal(manifest(""), 0);
	assert_int_equal(manifest("# none\n\n"), 0);
	assert_int_equal(vs.vs_count, 0);
	assert_int_equal(manifest("/bin/b sha256 " Z64 "\n"
	    "/bin/a blake2b " Z128 "\n/bin/b sha512 " Z128), 0);
	assert_int_equal(vs.vs_count, 3);
	verify_sort(&vs);
	assert_non_null(verify_find(&vs, "/bin/b", &n));
	assert_int_equal(n, 2);
	assert_null(verify_find(&vs, "/bin/", &n));
	assert_null(verify_find(&vs, "/bin/c", &n));
	assert_int_equal(manifest("/a b  c sha256 " Z64 "\n"), 0);
	assert_string_equal(vs.vs_list[0].v_path, "/a b  c");
	assert_int_equal(vs.vs_list[0].v_line, 1);
}

static void
bad_manifests_are_refused_whole(void **state)
{
	static const char *const bad[] = {
		"bin sha256 " Z64 "\n", "/ sha256 " Z64 "\n",
		"/a sha256\n", "/a " Z64 "\n", "/a\n", "sha256 " Z64 "\n",
		"/a sha1 " Z64 "\n", "/a sha256 " Z32 "\n",
		"/a sha256 " Z128 "\n", "/a sha512 " Z64 "\n",
		"/a sha256 " Z64 " \n", "/a sha256  " Z64 "\n",
		"/a sha256 " Z64 "\r\n", "/a\tb sha256 " Z64 "\n",
		"/a/ sha256 " Z64 "\n", "//a sha256 " Z64 "\n",
		"/a/../b sha256 " Z64 "\n", "/./a sha256 " Z64 "\n",
		" /a sha256 " Z64 "\n", "/a sha256 g" Z64 "\n",
	};
	char	 text[1024], reason[MANIFEST_WHY_MAX];
	char	 zero[] = "/a\0b";
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "/good sha256 " Z64 "\n%s",
		    bad[i]);
		if (manifest(text) != -1)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(vs.vs_count, 0);
	}
	assert_int_equal(manifest_parse(&vs, "m", zero, 4, reason), -1);
}

/* Made by signify(1) of OpenBSD. */
#define PUB	"untrusted comment: signify public key\n" \
	"RWRVWRRf01lT7k5i+6UZXNtN4FXi7pBbq2vu7WJ7wHoR3pXHMicd/7e+\n"
#define SIG	"untrusted comment: verify with k.pub\n" \
	"RWRVWRRf01lT7nchvPrm5boo9w77W29WdxEkiHdQIdncp1xZ7KNy380LFdsCGyXb" \
	"radvHKxuaTPWJ4krEl7lQLoa2tYSawvEXA8=\n"
#define TEXT	"/usr/bin/true sha256 " Z64 "\n"

static void
put(const char *name, const char *text, mode_t mode)
{
	char	 path[96];
	int	 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int
signed_read(const char *text, const char *sig, const char *pub)
{
	char	 m[96], key[96], reason[MANIFEST_WHY_MAX];

	fresh();
	put("m", text, 0666);
	put("m.sig", sig, 0666);
	put("k.pub", pub, 0600);
	(void)snprintf(m, sizeof(m), "%s/m", dir);
	(void)snprintf(key, sizeof(key), "%s/k.pub", dir);
	return (manifest_read(&vs, m, key, reason));
}

static void
a_good_signature_counts(void **state)
{
	(void)state;
	assert_int_equal(signed_read(TEXT, SIG, PUB), 0);
	assert_int_equal(vs.vs_count, 1);
}

static void
any_changed_byte_is_refused(void **state)
{
	char	 text[sizeof(TEXT)], sig[sizeof(SIG)], pub[sizeof(PUB)];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(TEXT) - 1; i++) {
		memcpy(text, TEXT, sizeof(TEXT));
		text[i] ^= 1;
		assert_int_equal(signed_read(text, SIG, PUB), -1);
		assert_int_equal(vs.vs_count, 0);
	}
	/* but for the comments, which are not signed */
	for (i = strlen("untrusted comment: verify with k.pub");
	    i < sizeof(SIG) - 1; i++) {
		memcpy(sig, SIG, sizeof(SIG));
		sig[i] = sig[i] == 'x' ? 'y' : 'x';
		assert_int_equal(signed_read(TEXT, sig, PUB), -1);
	}
	for (i = strlen("untrusted comment: signify public key");
	    i < sizeof(PUB) - 1; i++) {
		memcpy(pub, PUB, sizeof(PUB));
		pub[i] = pub[i] == 'x' ? 'y' : 'x';
		assert_int_equal(signed_read(TEXT, SIG, pub), -1);
	}
}

static void
malformed_keys_and_signatures_are_refused(void **state)
{
	char	 sig[sizeof(SIG)];
	size_t	 n;

	(void)state;
	assert_int_equal(signed_read(TEXT "\n", SIG, PUB), -1);
	assert_int_equal(signed_read("", SIG, PUB), -1);
	assert_int_equal(signed_read(TEXT, PUB, PUB), -1);
	assert_int_equal(signed_read(TEXT, SIG, SIG), -1);
	assert_int_equal(signed_read(TEXT, SIG "x\n", PUB), -1);
	assert_int_equal(signed_read(TEXT, SIG, PUB PUB), -1);
	for (n = 0; n < sizeof(SIG) - 1; n++) {
		(void)strlcpy(sig, SIG, n + 1);
		assert_int_equal(signed_read(TEXT, sig, PUB), -1);
	}
}

static void
who_may_write_key_or_manifest_matters(void **state)
{
	char	 path[96], key[96], reason[MANIFEST_WHY_MAX];

	(void)state;
	fresh();
	(void)snprintf(path, sizeof(path), "%s/m", dir);
	(void)snprintf(key, sizeof(key), "%s/k.pub", dir);
	put("m", TEXT, 0600);
	assert_int_equal(manifest_read(&vs, path, NULL, reason), 0);
	put("m", TEXT, 0622);
	assert_int_equal(manifest_read(&vs, path, NULL, reason), -1);
	put("m.sig", SIG, 0600);
	put("k.pub", PUB, 0600);
	assert_int_equal(manifest_read(&vs, path, key, reason), 0);
	put("k.pub", PUB, 0620);
	assert_int_equal(manifest_read(&vs, path, key, reason), -1);
	assert_int_equal(manifest_read(&vs, dir, NULL, reason), -1);
	assert_int_equal(manifest_read(&vs, "/dev/null", NULL, reason), -1);
	assert_int_equal(manifest_read(&vs, "/nonexistent", NULL, reason),
	    -1);
}

static int
setup(void **state)
{
	char	 cmd[512];

	(void)state;
	if (hash_init() == -1 || mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(exe, sizeof(exe), "%s/true", dir);
	(void)snprintf(ld, sizeof(ld), "%s/ld", dir);
	(void)snprintf(cmd, sizeof(cmd), "cp /bin/true %s && "
	    "cp /lib64/ld-linux-x86-64.so.2 %s && cp %s %s/l2", exe, ld, ld,
	    dir);
	return (system(cmd));
}

static int
teardown(void **state)
{
	char	 cmd[64];

	(void)state;
	fresh();
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return (system(cmd));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(unlisted_files_need_nothing),
		cmocka_unit_test(a_listed_executable_needs_its_digest),
		cmocka_unit_test(any_of_several_digests_will_do),
		cmocka_unit_test(a_listed_interpreter_needs_its_digest),
		cmocka_unit_test(a_file_that_is_not_mapped_is_no_proof),
		cmocka_unit_test(an_interpreter_that_changed_is_seen),
		cmocka_unit_test(any_number_of_interpreters_is_verified),
		cmocka_unit_test(with_verify_all_every_file_is_listed),
		cmocka_unit_test(an_interpreter_that_may_be_written_is_refused),
		cmocka_unit_test(odd_images_are_refused),
		cmocka_unit_test(classes_are_refused_one_by_one),
		cmocka_unit_test(good_manifests_are_read),
		cmocka_unit_test(bad_manifests_are_refused_whole),
		cmocka_unit_test(a_good_signature_counts),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(malformed_keys_and_signatures_are_refused),
		cmocka_unit_test(who_may_write_key_or_manifest_matters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests_name("tests", tests, setup, teardown));
}
