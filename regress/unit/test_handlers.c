/* LINK: worker/policy_lane.c worker/policy_resolve.c worker/policy_proc.c worker/policy_open.c worker/policy_path.c worker/policy_attr.c worker/policy_stat.c worker/policy_list.c worker/policy_mask.c worker/policy_append.c worker/policy_exec.c worker/policy_class.c worker/policy_digest.c worker/integrity_elf.c worker/policy_memory.c worker/policy_net.c worker/policy_sock.c worker/policy_name.c worker/policy_send.c worker/policy_sendmsg.c worker/policy_accept.c worker/policy_deny.c worker/policy_learn.c worker/policy_clean.c */
/*
 * The handlers under rules: which right each call needs and on which name,
 * what a denial looks like, and what must not be gained.  What they do when
 * everything is allowed is compared with the kernel in test_differential.c.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <linux/fs.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_receiver.h"

static char	 root[64];

static const char *
at(const char *rel)
{
	static char	 bufs[8][PATH_MAX];
	static int	 n;
	char		*p = bufs[n++ % 8];

	snprintf(p, PATH_MAX, "%s/%s", root, rel);
	return (p);
}

static void
file(const char *rel, mode_t mode, const char *text)
{
	int	 fd = open(at(rel), O_CREAT | O_WRONLY | O_TRUNC, mode);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
remove_root(void)
{
	char	 cmd[160];
	pid_t	 pid;

	snprintf(cmd, sizeof(cmd), "chmod -R u+rwx %s; rm -rf %s", root, root);
	if ((pid = fork()) == 0) {
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static int
setup(void **state)
{
	(void)state;
	umask(022);
	snprintf(root, sizeof(root), "/tmp/privsep-handlers.XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(at("d"), 0755), 0);
	assert_int_equal(mkdir(at("a"), 0755), 0);
	assert_int_equal(mkdir(at("b"), 0755), 0);
	file("f", 0644, "text");
	file("d/f", 0644, "text");
	file("a/f", 0644, "text");
	assert_int_equal(symlink("f", at("l")), 0);
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	remove_root();
	return (0);
}

/* Of everything in the tree all but these rights. */
static void
without(uint32_t rights)
{
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL & ~rights, root, 0);
}

static void
expect(struct fake *f, long rv, long want, int error, const char *in)
{
	int	 e = errno;

	if (rv != want || (want == -1 && e != error))
		fail_msg("%ld %s, not %ld %s: %s", rv, strerrorname_np(e),
		    want, strerrorname_np(error), f->f_line);
	if (in != NULL && strstr(f->f_line, in) == NULL)
		fail_msg("no \"%s\" in \"%s\"", in, f->f_line);
	if (in == NULL && f->f_line[0] != '\0')
		fail_msg("logged: %s", f->f_line);
}

/* A call that asks for one right. */
struct need_case {
	uint32_t	 n_right;
	const char	*n_call;
	int		 n_path;	/* argument of the path */
	const char	*n_rel;
	uint64_t	 n_args[6];	/* PTR() of strings is filled in */
};
static char		 name_x[] = "user.x";
static char		 value[] = "v";
static struct timespec	 times[2];
static const struct need_case cases[] = {
	{ R_READ, "open", 0, "f", { 0, O_RDONLY } },
	{ R_READ, "open", 0, "l", { 0, O_RDONLY } },
	{ R_WRITE, "open", 0, "f", { 0, O_WRONLY } },
	{ R_WRITE, "open", 0, "f", { 0, O_RDWR } },
	{ R_TRUNCATE, "open", 0, "f", { 0, O_WRONLY | O_TRUNC } },
	{ R_TRUNCATE, "creat", 0, "f", { 0, 0644 } },
	{ R_READDIR, "open", 0, "d", { 0, O_RDONLY } },
	{ R_READDIR, "open", 0, "d", { 0, O_RDONLY | O_DIRECTORY } },
	{ R_READDIR, "open", 0, "d/.", { 0, O_RDONLY } },
	{ R_CREATE, "open", 0, "new", { 0, O_CREAT | O_RDWR, 0644 } },
	{ R_CREATE, "open", 0, "new", { 0, O_CREAT | O_EXCL, 0644 } },
	{ R_CREATE, "mknod", 0, "new", { 0, S_IFREG | 0644 } },
	{ R_MKFIFO, "mknod", 0, "new", { 0, S_IFIFO | 0644 } },
	{ R_MKSOCK, "mknod", 0, "new", { 0, S_IFSOCK | 0644 } },
	{ R_MKCDEV, "mknod", 0, "new", { 0, S_IFCHR | 0644, 0x103 } },
	{ R_MKBDEV, "mknod", 0, "new", { 0, S_IFBLK | 0644, 0x103 } },
	{ R_MKDIR, "mkdir", 0, "new", { 0, 0755 } },
	{ R_DELETE, "unlink", 0, "f", { 0 } },
	{ R_RMDIR, "rmdir", 0, "d", { 0 } },
	{ R_RMDIR, "unlinkat", 1, "d", { FDARG(AT_FDCWD), 0, AT_REMOVEDIR } },
	{ R_TRUNCATE, "truncate", 0, "f", { 0, 1 } },
	{ R_CHMOD, "chmod", 0, "f", { 0, 0600 } },
	{ R_CHMOD, "fchmodat2", 1, "f", { FDARG(AT_FDCWD), 0, 0600, 0 } },
	{ R_CHOWN, "chown", 0, "f", { 0, 0, FDARG(-1) } },
	{ R_CHGRP, "chown", 0, "f", { 0, FDARG(-1), 0 } },
	{ R_CHOWN, "lchown", 0, "l", { 0, FDARG(-1), FDARG(-1) } },
	{ R_UTIME, "utimensat", 1, "f", { FDARG(AT_FDCWD), 0, PTR(times) } },
	{ R_UTIME, "utime", 0, "f", { 0, 0 } },
	{ R_XATTR, "setxattr", 0, "f", { 0, PTR(name_x), PTR(value), 1 } },
	{ R_XATTR, "removexattr", 0, "f", { 0, PTR(name_x) } },
	{ R_EXEC, "execve", 0, "f", { 0 } }
};

static void
each_call_needs_its_right(void **state)
{
	const struct need_case	*n;
	struct fake		 f;
	uint64_t		 a[6];
	char			 word[64];
	long			 rv;

	(void)state;
	for (n = cases; n < cases + sizeof(cases) / sizeof(cases[0]); n++) {
		without(n->n_right);
		fake_start(&f);
		memcpy(a, n->n_args, sizeof(a));
		a[n->n_path] = PTR(at(n->n_rel));
		rv = fake_callv(&f, sysent_byname(n->n_call), a);
		snprintf(word, sizeof(word), " %s %s \"", n->n_call,
		    rights_word(n->n_right));
		expect(&f, rv, -1, EACCES, word);
		assert_int_equal(fake_stop(&f), 0);
	}
	/* not one of them did anything */
	assert_int_equal(access(at("new"), F_OK), -1);
	assert_int_equal(access(at("f"), F_OK), 0);
	assert_int_equal(access(at("d"), F_OK), 0);
}

static const struct {
	enum rule_effect	 e_effect;
	int			 e_verdict;
	long			 e_rv;
	const char		*e_event;
} effects[] = {
	{ EFFECT_KILL,	VERDICT_KILL,	RET_NONE,	": killed: " },
	{ EFFECT_STOP,	VERDICT_STOP,	-1,		": stopped: " },
	{ EFFECT_ABORT,	VERDICT_ABORT,	-1,		": aborted: " },
	{ EFFECT_EXIT,	VERDICT_EXIT,	RET_NONE,	": ended: " },
};
#define NEFFECTS	(sizeof(effects) / sizeof(effects[0]))

/* Deny right everywhere in the tree, with an effect, an errno and flags. */
static void
with_effect(enum rule_effect effect, uint32_t right, uint8_t flags)
{
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, root, 0);
	fake_effect = effect;
	fake_errno = EPERM;
	fake_rule(RULE_DENY, MATCH_UNDER, right, root, flags);
}

static void
each_denial_has_the_effect_of_its_rule(void **state)
{
	const struct need_case	*n;
	struct fake		 f;
	uint64_t		 a[6];
	long			 rv;
	size_t			 i;

	(void)state;
	for (n = cases; n < cases + sizeof(cases) / sizeof(cases[0]); n++)
		for (i = 0; i < NEFFECTS; i++) {
			with_effect(effects[i].e_effect, n->n_right, 0);
			fake_start(&f);
			memcpy(a, n->n_args, sizeof(a));
			a[n->n_path] = PTR(at(n->n_rel));
			rv = fake_callv(&f, sysent_byname(n->n_call), a);
			expect(&f, rv, effects[i].e_rv, EPERM,
			    effects[i].e_event);
			assert_int_equal(f.f_verdict.v_kind,
			    effects[i].e_verdict);
			assert_int_equal(fake_stop(&f), 0);
		}
	/* not one of them did anything */
	assert_int_equal(access(at("new"), F_OK), -1);
	assert_int_equal(access(at("f"), F_OK), 0);
	assert_int_equal(access(at("d"), F_OK), 0);
}

static void
a_quiet_rule_has_no_line_and_keeps_its_effect(void **state)
{
	struct fake	 f;
	size_t		 i;

	(void)state;
	with_effect(EFFECT_NONE, R_READ, RF_QUIET);
	fake_start(&f);
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDONLY), -1, EPERM, NULL);
	/* but another rule's line is written */
	expect(&f, FAKE(&f, "open", PTR("/etc/passwd"), O_RDONLY), -1, EACCES,
	    ": denied: ");
	assert_int_equal(fake_stop(&f), 0);
	for (i = 0; i < NEFFECTS; i++) {
		with_effect(effects[i].e_effect, R_READ, RF_QUIET);
		fake_start(&f);
		expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDONLY),
		    effects[i].e_rv, EPERM, NULL);
		assert_int_equal(f.f_verdict.v_kind, effects[i].e_verdict);
		assert_int_equal(fake_stop(&f), 0);
	}
}

/* Who asks for more than what is forbidden gets no less for it. */
static void
of_several_denials_the_strongest_counts(void **state)
{
	struct fake	 f;

	(void)state;
	with_effect(EFFECT_NONE, R_READ, 0);
	fake_effect = EFFECT_KILL;
	fake_rule(RULE_DENY, MATCH_UNDER, R_WRITE, root, 0);
	fake_start(&f);
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDWR), RET_NONE, 0,
	    " by test:3 kill ");
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDONLY), -1, EPERM,
	    " by test:2 deny ");
	assert_int_equal(fake_stop(&f), 0);
	/* no line is lost because the first denial is quiet */
	with_effect(EFFECT_NONE, R_READ, RF_QUIET);
	fake_rule(RULE_DENY, MATCH_UNDER, R_WRITE, root, 0);
	fake_start(&f);
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDWR), -1, EACCES,
	    " by test:3 deny ");
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_RDONLY), -1, EPERM, NULL);
	assert_int_equal(fake_stop(&f), 0);
}

static void
a_warning_is_a_line_and_nothing_else(void **state)
{
	struct fake	 f;
	int		 fd;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, root, 0);
	fake_effect = EFFECT_WARN;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_TRUNCATE | R_RENAME, root, 0);
	fake_start(&f);
	/* though another rule allows the lowest right that it takes */
	fd = (int)FAKE(&f, "open", PTR(at("a/f")), O_WRONLY | O_TRUNC);
	expect(&f, fd >= 0, 1, 0, ": warned: ");
	assert_null(strstr(f.f_line, "to allow"));
	close(fd);
	fd = (int)FAKE(&f, "open", PTR(at("a/f")), O_WRONLY);
	expect(&f, fd >= 0, 1, 0, NULL);
	close(fd);
	assert_int_equal(fake_stop(&f), 0);
	/* a denial in the same call is not lost for it */
	fake_effect = EFFECT_WARN;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_RENAME, root, 0);
	fake_start(&f);
	expect(&f, FAKE(&f, "rename", PTR(at("f")), PTR(at("g"))), -1, EACCES,
	    ": denied: ");
	assert_int_equal(fake_stop(&f), 0);
}

static void
two_names_need_two_rights(void **state)
{
	static const uint32_t	 rights[] = { R_RENAME, R_CREATE, R_DELETE };
	struct fake		 f;
	size_t			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		without(rights[i]);
		fake_start(&f);
		expect(&f, FAKE(&f, "rename", PTR(at("f")), PTR(at("d/f"))),
		    -1, EACCES, rights_word(rights[i]));
		assert_int_equal(fake_stop(&f), 0);
	}
	without(R_LINK);
	fake_start(&f);
	expect(&f, FAKE(&f, "link", PTR(at("f")), PTR(at("g"))), -1, EACCES,
	    "link");
	assert_int_equal(fake_stop(&f), 0);
	without(R_SYMLINK);
	fake_start(&f);
	expect(&f, FAKE(&f, "symlink", PTR("x"), PTR(at("g"))), -1, EACCES,
	    "symlink");
	assert_int_equal(fake_stop(&f), 0);
	/* an exchange gives up and makes both names */
	without(R_MKDIR);
	fake_start(&f);
	expect(&f, FAKE(&f, "renameat2", FDARG(AT_FDCWD), PTR(at("f")),
	    FDARG(AT_FDCWD), PTR(at("d")), RENAME_EXCHANGE), -1, EACCES,
	    "mkdir");
	assert_int_equal(fake_stop(&f), 0);
}

static void
a_new_name_gives_no_new_right(void **state)
{
	struct fake	 f;

	(void)state;
	/* a: all but writing; b: all */
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL & ~(R_WRITE | R_EXEC),
	    at("a"), 0);
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, at("b"), 0);
	fake_start(&f);
	assert_int_equal(FAKE(&f, "link", PTR(at("a/f")), PTR(at("b/f"))), -1);
	assert_true(errno == EXDEV || errno == EACCES);
	assert_int_equal(FAKE(&f, "rename", PTR(at("a/f")), PTR(at("b/f"))),
	    -1);
	assert_true(errno == EXDEV || errno == EACCES);
	assert_int_equal(access(at("b/f"), F_OK), -1);
	/* losing rights is no gain */
	file("b/g", 0644, "g");
	expect(&f, FAKE(&f, "rename", PTR(at("b/g")), PTR(at("a/g"))), 0, 0,
	    NULL);
	assert_int_equal(unlink(at("a/g")), 0);
	assert_int_equal(fake_stop(&f), 0);
}

/* A directory moved away must not take a denied name out of its rule. */
static void
a_directory_takes_its_denials_along(void **state)
{
	struct fake	 f;

	(void)state;
	assert_int_equal(mkdir(at("a/in"), 0755), 0);
	file("a/in/key", 0644, "k");
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, root, 0);
	fake_rule(RULE_DENY, MATCH_EXACT, R_ALL, at("a/in/key"), 0);
	fake_start(&f);
	expect(&f, FAKE(&f, "rename", PTR(at("a/in")), PTR(at("b/in"))), -1,
	    EXDEV, NULL);
	expect(&f, FAKE(&f, "rename", PTR(at("a")), PTR(at("c"))), -1, EXDEV,
	    NULL);
	expect(&f, FAKE(&f, "renameat2", FDARG(AT_FDCWD), PTR(at("d")),
	    FDARG(AT_FDCWD), PTR(at("a")), RENAME_EXCHANGE), -1, EXDEV, NULL);
	assert_int_equal(access(at("a/in/key"), F_OK), 0);
	expect(&f, FAKE(&f, "rename", PTR(at("b")), PTR(at("c"))), 0, 0, NULL);
	expect(&f, FAKE(&f, "rename", PTR(at("c")), PTR(at("b"))), 0, 0, NULL);
	assert_int_equal(fake_stop(&f), 0);
}

static void
what_is_there_needs_no_right_to_be_made(void **state)
{
	struct fake	 f;
	long		 fd;

	(void)state;
	without(R_CREATE | R_MKDIR | R_TRUNCATE);
	fake_rule(RULE_ALLOW, MATCH_EXACT, R_READ | R_WRITE, "/dev/null", 0);
	fake_start(&f);
	fd = FAKE(&f, "open", PTR(at("f")), O_CREAT | O_RDWR, 0644);
	assert_int_not_equal(fd, -1);
	close((int)fd);
	expect(&f, FAKE(&f, "open", PTR(at("f")), O_CREAT | O_EXCL, 0644), -1,
	    EEXIST, NULL);
	/* mkdir -p counts on it */
	expect(&f, FAKE(&f, "mkdir", PTR(at("d")), 0755), -1, EEXIST, NULL);
	/* a device has no length: no right to truncate is asked for */
	fd = FAKE(&f, "open", PTR("/dev/null"), O_CREAT | O_WRONLY | O_TRUNC,
	    0644);
	assert_int_not_equal(fd, -1);
	close((int)fd);
	assert_int_equal(fake_stop(&f), 0);
	/* through a symlink that dangles the file is made where it points */
	without(R_READ);
	fake_start(&f);
	assert_int_equal(symlink("b/made", at("dangle")), 0);
	fd = FAKE(&f, "open", PTR(at("dangle")), O_CREAT | O_WRONLY, 0666);
	assert_int_not_equal(fd, -1);
	close((int)fd);
	assert_int_equal(unlink(at("b/made")), 0);
	assert_int_equal(unlink(at("dangle")), 0);
	assert_int_equal(fake_stop(&f), 0);
}

static void
files_get_the_callers_umask(void **state)
{
	static const mode_t	 masks[] = { 077, 0, 027, 022 };
	struct fake		 f;
	struct stat		 st;
	size_t			 i;

	(void)state;
	without(R_CHROOT);
	fake_start(&f);
	for (i = 0; i < 4; i++) {
		umask(masks[i]);
		close((int)FAKE(&f, "open", PTR(at("m")), O_CREAT | O_RDWR,
		    0666));
		assert_int_equal(stat(at("m"), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0666 & ~masks[i]);
		assert_int_equal(unlink(at("m")), 0);
		assert_int_equal(FAKE(&f, "mkdir", PTR(at("m")), 0777), 0);
		assert_int_equal(stat(at("m"), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0777 & ~masks[i]);
		assert_int_equal(rmdir(at("m")), 0);
	}
	assert_int_equal(fake_stop(&f), 0);
}

static void
an_unnamed_file_can_be_given_a_name(void **state)
{
	struct fake	 f;
	char		 path[64];
	long		 fd;

	(void)state;
	without(R_CHROOT);
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_READ, "/proc", 0);
	fake_start(&f);
	fd = FAKE(&f, "open", PTR(root), O_TMPFILE | O_RDWR, 0600);
	if (fd == -1 && errno == EOPNOTSUPP) {
		print_message("# no O_TMPFILE here\n");
		fake_stop(&f);
		skip();
	}
	assert_int_not_equal(fd, -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%ld", fd);
	expect(&f, FAKE(&f, "linkat", FDARG(AT_FDCWD), PTR(path),
	    FDARG(AT_FDCWD), PTR(at("named")), AT_SYMLINK_FOLLOW), 0, 0, NULL);
	assert_int_equal(unlink(at("named")), 0);
	expect(&f, FAKE(&f, "linkat", FDARG(fd), PTR(""), FDARG(AT_FDCWD),
	    PTR(at("b")), AT_EMPTY_PATH), -1, EEXIST, NULL);
	close((int)fd);
	assert_int_equal(fake_stop(&f), 0);
}

/*
 * A file of two names, one of which is removed: nobody has a right on the
 * other by a descriptor.  With the other gone, it is the holder's.
 */
static void
a_removed_name_gives_no_rights_on_the_others(void **state)
{
	struct fake	 f;
	char		 path[64];
	int		 fd, held, i;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_LINK | R_CREATE, root, 0);
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_READ, "/proc", 0);
	fake_start(&f);
	file("one", 0600, "x");
	assert_int_equal(link(at("one"), at("two")), 0);
	held = open(at("one"), O_RDWR);
	fd = open(at("one"), O_PATH);
	assert_int_equal(unlink(at("one")), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (i = 0; i < 2; i++) {
		expect(&f, FAKE(&f, "chmod", PTR(path), 04755), i - 1,
		    EACCES, i == 0 ? "no name" : NULL);
		expect(&f, FAKE(&f, "fchmod", FDARG(held), 04755), i - 1,
		    EACCES, i == 0 ? "no name" : NULL);
		expect(&f, FAKE(&f, "utimensat", FDARG(held), 0, PTR(times)),
		    i - 1, EACCES, i == 0 ? "no name" : NULL);
		/* the kernel links nothing that has no name at all */
		expect(&f, FAKE(&f, "linkat", FDARG(held), PTR(""),
		    FDARG(AT_FDCWD), PTR(at("three")), AT_EMPTY_PATH), -1,
		    i == 0 ? EACCES : ENOENT, i == 0 ? "no name" : NULL);
		(void)unlink(at("two"));
	}
	close(held);
	close(fd);
	assert_int_equal(fake_stop(&f), 0);
}

/*
 * A receiver that was taken over: a piece of another kind than the argument's
 * is of another length than there is room for.  The worker says so and ends.
 */
static void
pieces_of_another_kind_are_refused(void **state)
{
	static const struct {
		const char	*call;
		uint8_t		 arg;
		uint8_t		 kind;
		size_t		 len;
	} bad[] = {
		{ "open", 0, ARG_BUF, 65536 },
		{ "symlink", 0, ARG_BUF, 65536 },
		{ "openat2", 1, ARG_HOW, 4096 },
		{ "utimensat", 2, ARG_UTIMBUF, 16 },
		{ "chmod", 1, ARG_PATH, 1 }
	};
	static struct msg	 m;
	static uint8_t		 bytes[65536];
	struct fake		 f;
	struct call		 c;
	size_t			 i;
	int			 status;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	bytes[0] = '/';
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
		fake_start(&f);
		memset(&c, 0, sizeof(c));
		c.c_nr = sysent_byname(bad[i].call)->se_nr;
		c.c_tid = (uint32_t)gettid();
		c.c_caps[0].p_arg = bad[i].arg;
		c.c_caps[0].p_kind = bad[i].kind;
		c.c_caps[0].p_bytes = bytes;
		c.c_caps[0].p_len = bad[i].len;
		c.c_ncaps = 1;
		msg_start(&m, MSG_RECEIVER_CALL, ++f.f_seq);
		msg_put_call(&m, &c);
		assert_int_equal(chan_send(&f.f_chan, &m, 0), 0);
		if (chan_recv(&f.f_chan, &m, 0, NULL) != 0)
			fail_msg("%s: there is an answer", bad[i].call);
		status = fake_stop(&f);
		if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
			fail_msg("%s: ended with %#x", bad[i].call, status);
	}
}

/* It asks a question in its turn, and dies: the others' turns come. */
static void
a_worker_that_dies_in_its_turn_holds_up_nobody(void **state)
{
	static struct msg	 m;
	struct fake		 f;
	struct call		 c;
	char			 from[PATH_MAX], to[PATH_MAX];
	int			 i;

	(void)state;
	path_turns();
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_start(&f);
	snprintf(from, sizeof(from), "/proc/self/root%s", at("f"));
	snprintf(to, sizeof(to), "/proc/self/root%s", at("moved"));
	memset(&c, 0, sizeof(c));
	c.c_nr = sysent_byname("rename")->se_nr;
	c.c_tid = (uint32_t)gettid();
	for (i = 0; i < 2; i++) {
		c.c_caps[i].p_arg = (uint8_t)i;
		c.c_caps[i].p_kind = ARG_PATH;
		c.c_caps[i].p_bytes = (uint8_t *)(i == 0 ? from : to);
		c.c_caps[i].p_len = strlen(i == 0 ? from : to);
	}
	c.c_ncaps = 2;
	msg_start(&m, MSG_RECEIVER_CALL, ++f.f_seq);
	msg_put_call(&m, &c);
	assert_int_equal(chan_send(&f.f_chan, &m, 0), 0);
	assert_int_equal(chan_recv(&f.f_chan, &m, 0, NULL), 1);
	assert_int_equal(m.m_type, MSG_LANE_NEED);
	assert_int_equal(kill(f.f_pid, SIGKILL), 0);
	assert_int_not_equal(fake_stop(&f), 0);

	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_start(&f);
	for (i = 0; i < 2; i++) {
		expect(&f, FAKE(&f, "rename", PTR(at("f")), PTR(at("moved"))),
		    0, 0, NULL);
		expect(&f, FAKE(&f, "rename", PTR(at("moved")), PTR(at("f"))),
		    0, 0, NULL);
	}
	assert_int_equal(fake_stop(&f), 0);
}

static void
a_script_needs_its_interpreter(void **state)
{
	struct fake	 f;
	char		 text[256];

	(void)state;
	file("prog", 0755, "not a script");
	snprintf(text, sizeof(text), "#! %s -x\n", at("prog"));
	file("script", 0755, text);
	snprintf(text, sizeof(text), "#!%s\n", at("script"));
	file("deeper", 0755, text);
	file("missing", 0755, "#!/nonexistent/interpreter\n");
	without(R_CHROOT);
	fake_start(&f);
	expect(&f, FAKE(&f, "execve", PTR(at("prog"))), RET_EXEC, 0, NULL);
	expect(&f, FAKE(&f, "execve", PTR(at("deeper"))), RET_EXEC, 0, NULL);
	expect(&f, FAKE(&f, "execve", PTR(at("missing"))), -1, ENOENT, NULL);
	expect(&f, FAKE(&f, "execve", PTR(at("f"))), -1, EACCES, NULL);
	expect(&f, FAKE(&f, "execve", PTR(at("d"))), -1, EACCES, NULL);
	expect(&f, FAKE(&f, "execve", PTR(at("none"))), -1, ENOENT, NULL);
	expect(&f, FAKE(&f, "execveat", FDARG(AT_FDCWD), PTR(at("l")), 0, 0,
	    AT_SYMLINK_NOFOLLOW), -1, ELOOP, NULL);
	assert_int_equal(fake_stop(&f), 0);

	without(R_CHROOT);
	fake_rule(RULE_DENY, MATCH_EXACT, R_EXEC, at("prog"), 0);
	fake_start(&f);
	expect(&f, FAKE(&f, "execve", PTR(at("script"))), -1, EACCES,
	    at("prog"));
	expect(&f, FAKE(&f, "execve", PTR(at("deeper"))), -1, EACCES,
	    at("prog"));
	assert_int_equal(fake_stop(&f), 0);
}

static void
memory_is_no_executable_with_a_name(void **state)
{
	struct fake	 f;
	int		 fd;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_EXACT, R_EXEC, "/some/file", 0);
	fake_start(&f);
	fd = memfd_create("x", MFD_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, 0755), 0);
	expect(&f, FAKE(&f, "execveat", FDARG(fd), PTR(""), 0, 0,
	    AT_EMPTY_PATH), -1, EACCES, "exec");
	close(fd);
	assert_int_equal(fake_stop(&f), 0);
}

static void
descriptors_bring_their_authority(void **state)
{
	struct fake	 f;
	int		 p[2], fd;

	(void)state;
	without(R_CHMOD | R_CHOWN | R_XATTR | R_UTIME);
	fake_start(&f);
	assert_int_equal(pipe(p), 0);
	expect(&f, FAKE(&f, "fchmod", FDARG(p[0]), 0600), 0, 0, NULL);
	expect(&f, FAKE(&f, "fchown", FDARG(p[0]), FDARG(-1), FDARG(-1)), 0,
	    0, NULL);
	expect(&f, FAKE(&f, "utimensat", FDARG(p[0]), 0, PTR(times), 0), 0,
	    0, NULL);
	close(p[0]);
	close(p[1]);
	/* a file has a name, and rules */
	fd = open(at("f"), O_RDWR);
	expect(&f, FAKE(&f, "fchmod", FDARG(fd), 0600), -1, EACCES, at("f"));
	expect(&f, FAKE(&f, "fsetxattr", FDARG(fd), PTR(name_x), PTR(value),
	    1), -1, EACCES, at("f"));
	expect(&f, FAKE(&f, "futimesat", FDARG(fd), 0, 0), -1, EACCES,
	    at("f"));
	close(fd);
	fd = open(at("f"), O_PATH);
	expect(&f, FAKE(&f, "fchmod", FDARG(fd), 0600), -1, EBADF, NULL);
	expect(&f, FAKE(&f, "fchown", FDARG(fd), 0, 0), -1, EBADF, NULL);
	expect(&f, FAKE(&f, "fchownat", FDARG(fd), PTR(""), FDARG(-1),
	    FDARG(-1), AT_EMPTY_PATH), -1, EACCES, at("f"));
	close(fd);
	expect(&f, FAKE(&f, "fchmod", FDARG(-1), 0600), -1, EBADF, NULL);
	assert_int_equal(fake_stop(&f), 0);
}

/* The receiver interrupts: nothing was done, and it is made again. */
static void
a_waiting_open_can_be_interrupted(void **state)
{
	struct fake	 f;
	struct stat	 st;
	pid_t		 pid;
	int		 i;

	(void)state;
	without(R_CHROOT);
	fake_start(&f);
	fflush(NULL);
	if ((pid = fork()) == 0) {
		for (i = 0; i < 5; i++) {
			usleep(100000);
			kill(f.f_pid, SIGUSR1);
		}
		_exit(0);
	}
	expect(&f, FAKE(&f, "open", PTR(at("fifo")), O_RDONLY), RET_RESTART,
	    0, NULL);
	/* and the worker serves on, whatever signals still come */
	for (i = 0; i < 2000; i++) {
		expect(&f, FAKE(&f, "mkdir", PTR(at("w")), 0755), 0, 0, NULL);
		expect(&f, FAKE(&f, "rmdir", PTR(at("w"))), 0, 0, NULL);
	}
	waitpid(pid, NULL, 0);
	assert_int_equal(stat(at("fifo"), &st), 0);
	assert_int_equal(fake_stop(&f), 0);
}

/* In a session of its own, with that terminal or without one. */
static int
tty_child(int slave)
{
	struct fake	 f;
	struct stat	 a, b;
	long		 fd;
	int		 rv = 1;

	if (setsid() == -1)
		return (2);
	fake_rule(RULE_ALLOW, MATCH_EXACT, R_READ | R_WRITE, "/dev/tty", 0);
	fake_start(&f);
	fd = FAKE(&f, "open", PTR("/dev/tty"), O_RDWR | O_CLOEXEC);
	if (fd != -1 || errno != ENXIO)
		rv = 3;
	else if (ioctl(slave, TIOCSCTTY, 0) == -1)
		rv = 4;
	else {
		fd = FAKE(&f, "open", PTR("/dev/tty"), O_RDWR | O_CLOEXEC);
		if (fd == -1 || fstat((int)fd, &a) == -1 ||
		    fstat(slave, &b) == -1)
			rv = 5;
		else if (a.st_rdev != b.st_rdev)
			rv = 6;
		else if (fcntl((int)fd, F_GETFD) != FD_CLOEXEC)
			rv = 7;
		else
			rv = 0;
	}
	fake_stop(&f);
	return (rv);
}

static void
dev_tty_is_the_callers_terminal(void **state)
{
	int	 master, slave, status;
	pid_t	 pid;

	(void)state;
	if (openpty(&master, &slave, NULL, NULL, NULL) == -1) {
		print_message("# no pseudo-terminals\n");
		skip();
	}
	fflush(NULL);
	if ((pid = fork()) == 0)
		_exit(tty_child(slave));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(master);
	close(slave);
	assert_int_equal(status, 0);
}

static void
a_denial_says_what_would_allow_it(void **state)
{
	struct fake	 f;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, root, 0);
	fake_rule(RULE_DENY, MATCH_EXACT, RG_ALL, at("f"), 0);
	fake_start(&f);
	assert_int_equal(FAKE(&f, "open", PTR(at("f")), O_RDONLY), -1);
	assert_non_null(strstr(f.f_line, "privsep-sandbox: denied: pid "));
	assert_non_null(strstr(f.f_line, "(test_handlers)"));
	assert_non_null(strstr(f.f_line, " by test:2 deny all \""));
	assert_non_null(strstr(f.f_line, "; to allow: allow read \""));
	/* one line, and none for what another name allows */
	f.f_line[0] = '\0';
	assert_int_not_equal(FAKE(&f, "open", PTR(at("d/f")), O_RDONLY), -1);
	assert_int_equal(f.f_line[0], '\0');
	assert_int_equal(FAKE(&f, "open", PTR("/nonesuch"), O_WRONLY), -1);
	assert_int_equal(FAKE(&f, "open", PTR("/etc/hostname"), O_WRONLY), -1);
	assert_non_null(strstr(f.f_line, " by default; to allow: "));
	assert_int_equal(FAKE(&f, "socket", AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, EACCES);
	assert_non_null(strstr(f.f_line, "allow net"));
	assert_int_equal(fake_stop(&f), 0);

	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, root, RF_LOG);
	fake_start(&f);
	close((int)FAKE(&f, "open", PTR(at("f")), O_RDONLY));
	assert_non_null(strstr(f.f_line, "privsep-sandbox: allowed: pid "));
	assert_int_equal(fake_stop(&f), 0);
}

/* Denials, errors, magic links, restarts: nothing stays open. */
static void
a_worker_keeps_no_descriptor(void **state)
{
	struct fake	 f;
	char		 path[64];
	int		 before, i, fd;

	(void)state;
	without(R_WRITE);
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_READ, "/proc/self", 0);
	fake_start(&f);
	fd = open(at("d"), O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/f", fd);
	before = fake_settled(&f, fake_fds(&f));
	for (i = 0; i < 3000; i++) {
		close((int)FAKE(&f, "open", PTR(path), O_RDONLY));
		(void)FAKE(&f, "open", PTR(at("l")), O_WRONLY);
		(void)FAKE(&f, "open", PTR("/proc/self/cwd/none"), O_RDONLY);
		(void)FAKE(&f, "openat", FDARG(fd), PTR("f/x"), O_RDONLY);
		(void)FAKE(&f, "rename", PTR(at("none/x")), PTR(at("d/../y")));
		(void)FAKE(&f, "linkat", FDARG(fd), PTR("f"), FDARG(fd),
		    PTR("f"), 0);
		(void)FAKE(&f, "execve", PTR(at("d/../l")));
		(void)FAKE(&f, "chmod", PTR(at("l")), 0644);
		(void)FAKE(&f, "open", PTR("/proc/self/environ"), O_WRONLY);
	}
	assert_int_equal(fake_settled(&f, before), before);
	close(fd);
	assert_int_equal(fake_stop(&f), 0);
}

/* ---- the per-run directory ---- */

static void
deep(int levels)
{
	int	 i, fd, next;

	fd = open(at("run"), O_RDONLY | O_DIRECTORY);
	for (i = 0; i < levels; i++) {
		assert_int_equal(mkdirat(fd, "deep", 0700), 0);
		next = openat(fd, "deep", O_RDONLY | O_DIRECTORY);
		assert_int_equal(symlinkat("/etc", fd, "link"), 0);
		close(fd);
		fd = next;
	}
	close(fd);
}

static void
the_run_directory_is_emptied_whatever_is_in_it(void **state)
{
	struct stat	 st;
	char		 name[32];
	int		 i;

	(void)state;
	worker.wk_uid = geteuid();
	lane_open();
	assert_int_equal(mkdir(at("run"), 0700), 0);
	assert_int_equal(mkdir(at("out"), 0755), 0);
	file("out/keep", 0644, "keep");
	deep(3000);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "run/many%d", i);
		file(name, 0400, "x");
	}
	assert_int_equal(mkdir(at("run/closed"), 0700), 0);
	assert_int_equal(mkdir(at("run/closed/sub"), 0700), 0);
	file("run/closed/sub/f", 0, "x");
	assert_int_equal(chmod(at("run/closed/sub"), 0), 0);
	assert_int_equal(chmod(at("run/closed"), 0), 0);
	assert_int_equal(symlink(at("out"), at("run/way")), 0);
	assert_int_equal(symlink("../out", at("run/closed2")), 0);
	assert_int_equal(mkfifo(at("run/fifo"), 0600), 0);
	assert_int_equal(link(at("out/keep"), at("run/hard")), 0);
	assert_int_equal(clean_directory(at("run")), 0);
	assert_int_equal(rmdir(at("run")), 0);
	assert_int_equal(stat(at("out/keep"), &st), 0);
	assert_int_equal(st.st_nlink, 1);
	/* the directory itself may not be a symlink */
	assert_int_equal(symlink(at("out"), at("run")), 0);
	log_init("test", NULL);
	assert_int_not_equal(clean_directory(at("run")), 0);
	assert_int_equal(stat(at("out/keep"), &st), 0);
	assert_int_equal(unlink(at("run")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_needs_its_right),
		cmocka_unit_test(pieces_of_another_kind_are_refused),
		cmocka_unit_test(
		    a_worker_that_dies_in_its_turn_holds_up_nobody),
		cmocka_unit_test(a_removed_name_gives_no_rights_on_the_others),
		cmocka_unit_test(each_denial_has_the_effect_of_its_rule),
		cmocka_unit_test(a_quiet_rule_has_no_line_and_keeps_its_effect),
		cmocka_unit_test(of_several_denials_the_strongest_counts),
		cmocka_unit_test(a_warning_is_a_line_and_nothing_else),
		cmocka_unit_test(two_names_need_two_rights),
		cmocka_unit_test(a_new_name_gives_no_new_right),
		cmocka_unit_test(a_directory_takes_its_denials_along),
		cmocka_unit_test(what_is_there_needs_no_right_to_be_made),
		cmocka_unit_test(files_get_the_callers_umask),
		cmocka_unit_test(an_unnamed_file_can_be_given_a_name),
		cmocka_unit_test(a_script_needs_its_interpreter),
		cmocka_unit_test(memory_is_no_executable_with_a_name),
		cmocka_unit_test(descriptors_bring_their_authority),
		cmocka_unit_test(a_waiting_open_can_be_interrupted),
		cmocka_unit_test(dev_tty_is_the_callers_terminal),
		cmocka_unit_test(a_denial_says_what_would_allow_it),
		cmocka_unit_test(a_worker_keeps_no_descriptor),
		cmocka_unit_test(the_run_directory_is_emptied_whatever_is_in_it)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
