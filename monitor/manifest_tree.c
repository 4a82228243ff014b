/*
 * Which files of a tree belong into a manifest, and their digests.  Names are
 * walked from the descriptor of the tree, one component at a time, so that a
 * link that is put in the way leads nowhere.
 *
 * Must never: follow a symbolic link, open anything but a regular file or a
 * directory, or load a file as a whole.
 */
/* which of two strnvis(3) */
#define LIBBSD_OPENBSD_VIS
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vis.h>

#include <sodium.h>

#include "../common/log.h"
#include "manifest_tool.h"

#define DEPTH_MAX	128	/* directories open at a time */
#define SLICE		(256 * 1024)

/* One walk. */
struct walk {
	tree_file	*wa_f;
	void		*wa_arg;
	dev_t		 wa_dev;
	int		 wa_depth;
	int		 wa_named;	/* by the user: always listed */
	size_t		 wa_len;
	char		 wa_path[PATH_MAX];
};

static int	 walk_object(struct walk *, int, const char *);
static int	 walk_dir(struct walk *, int, const char *);
static int	 walk_entry(struct walk *, int, const char *);
static int	 walk_file(struct walk *, int, const char *,
		    const struct stat *);
static int	 walk_fail(const struct walk *, const char *);
static int	 is_program(int, const struct stat *);
static int	 left_out(const struct walk *, const char *);

void
root_open(struct root *ro, const char *name)
{
	struct stat	 st;

	if ((ro->ro_path = realpath(name, NULL)) == NULL ||
	    (ro->ro_fd = open(ro->ro_path, O_PATH | O_NOFOLLOW |
	    O_CLOEXEC)) == -1 || fstat(ro->ro_fd, &st) == -1)
		fatal("%s", show(name));
	ro->ro_dir = S_ISDIR(st.st_mode);
	if (!ro->ro_dir && !S_ISREG(st.st_mode))
		fatalx("%s: neither a regular file nor a directory",
		    show(name));
}

int
root_walk(const struct root *ro, tree_file *f, void *arg)
{
	static struct walk	 wa;
	struct stat		 st;
	char			 self[64];

	memset(&wa, 0, sizeof(wa));
	wa.wa_f = f;
	wa.wa_arg = arg;
	wa.wa_len = strlcpy(wa.wa_path, ro->ro_path, sizeof(wa.wa_path));
	if (wa.wa_len >= sizeof(wa.wa_path) || fstat(ro->ro_fd, &st) == -1)
		return (walk_fail(&wa, "the path is too long"));
	wa.wa_dev = st.st_dev;
	if (ro->ro_dir) {
		if (wa.wa_len == 1)
			wa.wa_len = 0;	/* of "/": the rest begins with one */
		return (walk_dir(&wa, ro->ro_fd, "."));
	}
	wa.wa_named = 1;
	/* the very file: to open its name could find another */
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", ro->ro_fd);
	return (walk_file(&wa, AT_FDCWD, self, &st));
}

/* An object by its name in a directory; the path says where that is. */
static int
walk_object(struct walk *wa, int dirfd, const char *name)
{
	struct stat	 st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return (0);	/* it has just been removed */
		return (walk_fail(wa, strerror(errno)));
	}
	if (S_ISREG(st.st_mode))
		return (walk_file(wa, dirfd, name, &st));
	if (!S_ISDIR(st.st_mode))
		return (0);
	if (st.st_dev != wa->wa_dev)
		return (left_out(wa, "another file system; name it to have "
		    "it listed too"));
	return (walk_dir(wa, dirfd, name));
}

static int
walk_dir(struct walk *wa, int dirfd, const char *name)
{
	struct dirent	*de;
	DIR		*dir;
	int		 fd, rv = 0;

	if (wa->wa_depth == DEPTH_MAX)
		return (walk_fail(wa, "too many directories deep"));
	if ((fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC)) == -1) {
		if (errno == EACCES)
			return (left_out(wa, strerror(errno)));
		return (walk_fail(wa, strerror(errno)));
	}
	if ((dir = fdopendir(fd)) == NULL)
		fatal("fdopendir");
	wa->wa_depth++;
	for (errno = 0; rv == 0 && (de = readdir(dir)) != NULL; errno = 0)
		if (strcmp(de->d_name, ".") != 0 &&
		    strcmp(de->d_name, "..") != 0)
			rv = walk_entry(wa, fd, de->d_name);
	if (rv == 0 && errno != 0)
		rv = walk_fail(wa, strerror(errno));
	wa->wa_depth--;
	closedir(dir);
	return (rv);
}

static int
walk_entry(struct walk *wa, int dirfd, const char *name)
{
	const size_t	 had = wa->wa_len, len = strlen(name);
	int		 rv;

	if (len + 1 >= sizeof(wa->wa_path) - had)
		return (walk_fail(wa, "the path of what is in it is too "
		    "long"));
	wa->wa_path[had] = '/';
	memcpy(wa->wa_path + had + 1, name, len + 1);
	wa->wa_len = had + 1 + len;
	rv = walk_object(wa, dirfd, name);
	wa->wa_len = had;
	wa->wa_path[had] = '\0';
	return (rv);
}

static int
walk_file(struct walk *wa, int dirfd, const char *name, const struct stat *was)
{
	struct stat	 st;
	int		 fd, rv = 0;

	fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	    (wa->wa_named ? 0 : O_NOFOLLOW));
	if (fd == -1) {
		/* what cannot be read is not run either */
		if (errno == EACCES && !wa->wa_named)
			return (left_out(wa, strerror(errno)));
		return (walk_fail(wa, strerror(errno)));
	}
	if (fstat(fd, &st) == -1 || st.st_ino != was->st_ino ||
	    st.st_dev != was->st_dev)
		rv = walk_fail(wa, "it was replaced while it was looked at");
	else if (wa->wa_named || is_program(fd, &st))
		rv = wa->wa_f(wa->wa_arg, wa->wa_path, fd);
	close(fd);
	return (rv);
}

/* May it be executed, or is it what an executable is made of? */
static int
is_program(int fd, const struct stat *st)
{
	char	 head[4];
	ssize_t	 n;

	if (st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))
		return (1);
	n = pread(fd, head, sizeof(head), 0);
	return ((n == 4 && memcmp(head, "\177ELF", 4) == 0) ||
	    (n >= 2 && memcmp(head, "#!", 2) == 0));
}

static int
walk_fail(const struct walk *wa, const char *why)
{
	log_warnx("%s: %s", show(wa->wa_path), why);
	return (-1);
}

static int
left_out(const struct walk *wa, const char *why)
{
	log_warnx("left out: %s: %s", show(wa->wa_path), why);
	return (0);
}

const char *
show(const char *name)
{
	static char	 text[4 * PATH_MAX + 1];

	(void)strnvis(text, name, sizeof(text), VIS_OCTAL | VIS_CSTYLE |
	    VIS_TAB | VIS_NL | VIS_NOLOCALE);
	return (text);
}

int
file_digest(int fd, unsigned algs, uint8_t digest[DIGEST_COUNT][DIGEST_MAX])
{
	static uint8_t			 buf[SLICE];
	crypto_generichash_blake2b_state blake2b;
	crypto_hash_sha256_state	 sha256;
	crypto_hash_sha512_state	 sha512;
	struct stat			 st, after;
	ssize_t				 n;

	(void)crypto_generichash_blake2b_init(&blake2b, NULL, 0,
	    digest_len(DIGEST_BLAKE2B));
	(void)crypto_hash_sha256_init(&sha256);
	(void)crypto_hash_sha512_init(&sha512);
	if (fstat(fd, &st) == -1)
		return (-1);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (algs & ALG_BIT(DIGEST_BLAKE2B))
			(void)crypto_generichash_blake2b_update(&blake2b, buf,
			    (size_t)n);
		if (algs & ALG_BIT(DIGEST_SHA256))
			(void)crypto_hash_sha256_update(&sha256, buf,
			    (size_t)n);
		if (algs & ALG_BIT(DIGEST_SHA512))
			(void)crypto_hash_sha512_update(&sha512, buf,
			    (size_t)n);
	}
	if (n == -1 || fstat(fd, &after) == -1)
		return (-1);
	if (after.st_size != st.st_size ||
	    memcmp(&after.st_mtim, &st.st_mtim, sizeof(st.st_mtim)) != 0) {
		errno = ESTALE;
		return (-1);
	}
	memset(digest, 0, DIGEST_COUNT * sizeof(digest[0]));
	(void)crypto_generichash_blake2b_final(&blake2b,
	    digest[DIGEST_BLAKE2B], digest_len(DIGEST_BLAKE2B));
	(void)crypto_hash_sha256_final(&sha256, digest[DIGEST_SHA256]);
	(void)crypto_hash_sha512_final(&sha512, digest[DIGEST_SHA512]);
	return (0);
}
