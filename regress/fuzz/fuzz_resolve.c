/* LINK: worker/policy_lane.c worker/policy_resolve.c worker/policy_proc.c worker/policy_open.c worker/policy_path.c worker/policy_attr.c worker/policy_stat.c worker/policy_list.c worker/policy_mask.c worker/policy_append.c worker/policy_exec.c worker/policy_class.c worker/policy_digest.c worker/integrity_elf.c worker/policy_memory.c worker/policy_net.c worker/policy_sock.c worker/policy_name.c worker/policy_send.c worker/policy_sendmsg.c worker/policy_accept.c worker/policy_deny.c worker/policy_learn.c */
/*
 * The path resolver against the kernel: a tree of directories and files in
 * which the input says where six symlinks point, a path, where it begins and
 * what the caller of openat2(2) asked for.  Both find the same object or fail
 * with the same error, the name is the one that the kernel gives that object,
 * and no descriptor stays open.
 *
 * First byte: bits 0 to 2 where a path begins, 3 not the last symlink, 4 the
 * directory of the last component is wanted, 5 the policy holds the walk.
 * Second byte: RESOLVE_*.  Then six texts and a path, of tokens, each up to a
 * byte 0xff.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../worker/policy.h"

#define LINKS		6
#define TOKENS_MAX	24	/* in one text */

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char	 root[64], text[LINKS][PATH_MAX], path[2 * PATH_MAX];
static char	 wide[NAME_MAX + 2];
static int	 bases[8];

static const char *const dirs[] = { "a", "a/b", "a/b/c", "d" };
static const char *const files[] = { "f", "a/f", "a/b/c/f" };
static const char *const links[LINKS] = {
	"0", "1", "a/2", "a/b/3", "a/b/c/4", "d/5"
};
static const char *const tokens[] = {
	"/", "/", "/", "//", ".", "..", "/..", "/.", "a", "b", "c", "d", "f",
	"0", "1", "2", "3", "4", "5", "x", root, wide, " ", "\xff"
};

static const char *
at(const char *rel)
{
	static char	 buf[PATH_MAX];

	(void)snprintf(buf, sizeof(buf), "%s/%s", root, rel);
	return (buf);
}

static void
clean(void)
{
	size_t	 i;

	for (i = 0; i < LINKS; i++)
		(void)unlink(at(links[i]));
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(at(files[i]));
	for (i = sizeof(dirs) / sizeof(dirs[0]); i > 0; i--)
		(void)rmdir(at(dirs[i - 1]));
	(void)rmdir(root);
}

static void
start(void)
{
	static char	 file[] = "fuzz", all[] = "/", none[] = "/nowhere-x";
	struct rule	 r;
	size_t		 i;
	int		 fd;

	(void)snprintf(root, sizeof(root), "/tmp/privsep-fuzz.XXXXXX");
	if (mkdtemp(root) == NULL)
		abort();
	atexit(clean);
	memset(wide, 'w', sizeof(wide) - 1);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(at(dirs[i]), 0755) == -1)
			abort();
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if ((fd = open(at(files[i]), O_CREAT | O_WRONLY, 0644)) == -1)
			abort();
		close(fd);
	}
	memset(&r, 0, sizeof(r));
	r.r_file = file;
	r.r_line = 1;
	r.r_action = RULE_ALLOW;
	r.r_match = MATCH_UNDER;
	r.r_rights = R_ALL;
	r.r_path = all;
	r.r_len = 1;
	if (ruleset_add(&worker.wk_rules, &r) == -1)
		abort();
	r.r_action = RULE_DENY;
	r.r_path = none;
	r.r_len = strlen(none);
	if (ruleset_add(&worker.wk_rules, &r) == -1)
		abort();
	worker.wk_free = policy_free(&worker.wk_rules);
	worker.wk_uid = geteuid();
	worker.wk_gid = getegid();
	worker.wk_sticky = 1;
	lane_open();
	for (i = 0; i < 8; i++) {
		bases[i] = open(i == 0 ? root : at(i < 5 ? dirs[i - 1] :
		    i == 5 ? files[1] : i == 6 ? "." : "a/b/.."),
		    O_PATH | O_CLOEXEC);
		if (bases[i] == -1)
			abort();
	}
}

/* The text that begins at *pos. */
static void
take(const uint8_t *data, size_t len, size_t *pos, char *to)
{
	size_t	 i;

	*to = '\0';
	for (i = 0; i < TOKENS_MAX && *pos < len && data[*pos] != 0xff; i++)
		(void)strlcat(to, tokens[data[(*pos)++] %
		    (sizeof(tokens) / sizeof(tokens[0]))], PATH_MAX);
	while (*pos < len && data[(*pos)++] != 0xff)
		continue;
}

static void
fail(const char *what, const struct walk *w, int base, uint64_t resolve,
    int got, int want)
{
	size_t	 i;

	fprintf(stderr, "%s: base %d path \"%s\" flags %#x resolve %#llx: "
	    "got %d (%s) want %d (%s) name \"%s\" denied %#x\n", what, base,
	    path, w->w_flags, (unsigned long long)resolve, got, strerror(got),
	    want, strerror(want), w->w_name, worker.wk_denied);
	for (i = 0; i < LINKS; i++)
		fprintf(stderr, "%s -> \"%s\"\n", links[i], text[i]);
	abort();
}

/* What the kernel opens, or -1 and errno. */
static int
kernel_open(int base, unsigned flags, uint64_t resolve)
{
	struct open_how	 how;
	int		 fd;

	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC |
	    (flags & WALK_FOLLOW ? 0 : O_NOFOLLOW);
	how.resolve = resolve;
	/* .. in a scope, while anything anywhere is renamed */
	do {
		fd = (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
	} while (fd == -1 && errno == EAGAIN);
	return (fd);
}

static int
differs(int a, int b)
{
	struct stat	 x, y;

	if (fstat(a, &x) == -1 || fstat(b, &y) == -1)
		abort();
	return (x.st_dev != y.st_dev || x.st_ino != y.st_ino);
}

static void
check_object(struct walk *w, struct request *rq, int base, unsigned flags,
    uint64_t resolve)
{
	char	 name[NAME_SIZE];
	int	 fd, error, want = 0;

	if ((fd = kernel_open(base, flags, resolve)) == -1)
		want = errno;
	if ((error = walk_begin(w, rq, 1, flags, resolve)) == 0)
		error = walk_object(w);
	if (error != want)
		fail("error", w, base, resolve, error, want);
	if (fd != -1) {
		if (differs(fd, w->w_fd))
			fail("object", w, base, resolve, 0, 0);
		if (fd_name(fd, name, sizeof(name)) == 0 ||
		    (!w->w_dots && strcmp(name, w->w_name) != 0))
			fail(name, w, base, resolve, 0, 0);
		close(fd);
	}
	walk_end(w);
}

/* What would be made, removed or renamed: the same name in the kernel's eyes. */
static void
check_parent(struct walk *w, struct request *rq, int base)
{
	struct stat	 x, y;
	char		 name[NAME_SIZE];
	size_t		 len;
	int		 error, want;

	want = fstatat(base, path, &x, AT_SYMLINK_NOFOLLOW) == -1 ? errno : 0;
	error = walk_begin(w, rq, 1, WALK_PARENT, 0);
	if (error == 0 && w->w_dir == -1)
		fail("no directory", w, base, 0, 0, want);
	if (error == 0) {
		error = fstatat(w->w_dir, w->w_last, &y,
		    AT_SYMLINK_NOFOLLOW) == -1 ? errno : 0;
		len = fd_name(w->w_dir, name, sizeof(name));
		if (len == 0 || (!w->w_dots &&
		    (strncmp(name, w->w_name, len) != 0 ||
		    strchr(w->w_name + len + (len > 1), '/') != NULL)))
			fail("directory", w, base, 0, error, want);
	}
	if (error != want)
		fail("error", w, base, 0, error, want);
	if (want == 0 && (x.st_dev != y.st_dev || x.st_ino != y.st_ino))
		fail("other object", w, base, 0, 0, 0);
	walk_end(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct walk	 w;
	static struct request	 rq;
	static char		 old[LINKS][PATH_MAX];
	struct cap		*cap;
	uint64_t		 resolve;
	size_t			 pos = 2;
	int			 i, base, next;

	if (root[0] == '\0')
		start();
	if (len < 3)
		return (0);
	for (i = 0; i < LINKS; i++) {
		take(data, len, &pos, text[i]);
		if (strcmp(text[i], old[i]) == 0)
			continue;
		(void)unlink(at(links[i]));
		(void)symlink(text[i], at(links[i]));
		memcpy(old[i], text[i], sizeof(old[i]));
	}
	take(data, len, &pos, path);
	base = bases[data[0] & 7];
	resolve = data[1] & (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS |
	    RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT);
	if ((resolve & RESOLVE_BENEATH) && (resolve & RESOLVE_IN_ROOT))
		resolve &= ~(uint64_t)RESOLVE_BENEATH;	/* EINVAL */
	worker.wk_denied = data[0] & 0x20 ?
	    ruleset_denied(&worker.wk_rules) : 0;
	memset(&rq, 0, sizeof(rq));
	rq.rq_ent = sysent_byname("openat2");
	rq.rq_call.c_args[0] = 9;
	cap = &rq.rq_call.c_caps[rq.rq_call.c_ncaps++];
	cap->p_arg = 1;
	cap->p_kind = ARG_PATH;
	cap->p_bytes = (const uint8_t *)path;
	cap->p_len = strlen(path);
	if (cap->p_len >= PATH_MAX)
		return (0);
	rq.rq_call.c_fds[0].f_slot = 0;
	rq.rq_call.c_fds[0].f_fd = base;
	rq.rq_call.c_nfds = 1;
	next = dup(0);
	close(next);
	if (data[0] & 0x10)
		check_parent(&w, &rq, base);
	else
		check_object(&w, &rq, base, data[0] & 8 ? 0 : WALK_FOLLOW,
		    resolve);
	i = dup(0);
	close(i);
	if (i != next)
		fail("a descriptor stays open", &w, base, resolve, i, next);
	return (0);
}
