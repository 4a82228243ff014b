/* LINK: worker/policy_lane.c worker/policy_resolve.c worker/policy_proc.c worker/policy_open.c worker/policy_path.c worker/policy_attr.c worker/policy_stat.c worker/policy_list.c worker/policy_mask.c worker/policy_append.c worker/policy_exec.c worker/policy_class.c worker/policy_digest.c worker/integrity_elf.c worker/policy_memory.c worker/policy_net.c worker/policy_sock.c worker/policy_name.c worker/policy_send.c worker/policy_sendmsg.c worker/policy_accept.c worker/policy_deny.c worker/policy_learn.c */
/*
 * One file, many spellings: a rule on its canonical name decides all of them,
 * whichever way a path takes through the file tree or through procfs.
 */
#include <sys/sysmacros.h>
#include <linux/openat2.h>
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
make_file(const char *rel)
{
	int	 fd = open(at(rel), O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, rel, strlen(rel)), strlen(rel));
	close(fd);
}

static void
make_link(const char *text, const char *rel)
{
	assert_int_equal(symlink(text, at(rel)), 0);
}

/* secret/key is what it is all about; open/ is where the links are. */
static int
setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/privsep-resolve.XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(at("secret"), 0755), 0);
	assert_int_equal(mkdir(at("secret/sub"), 0755), 0);
	assert_int_equal(mkdir(at("open"), 0755), 0);
	assert_int_equal(mkdir(at("open/d"), 0755), 0);
	make_file("secret/key");
	make_file("open/f");
	make_link("../secret/key", "open/rel");
	make_link(at("secret/key"), "open/abs");
	make_link("../secret", "open/dir");
	make_link("rel", "open/chain");
	make_link("../secret/none", "open/dangle");
	make_link("/proc/self/root", "open/root");
	make_link("/proc/self/cwd", "open/cwd");
	make_link("/proc/self", "open/me");
	make_link(".", "open/dot");
	make_link("f", "open/lf");
	return (0);
}

static int
teardown(void **state)
{
	char	 cmd[128];
	pid_t	 pid;

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	if ((pid = fork()) == 0) {
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	return (0);
}

/* All allowed but what is below secret. */
static void
rules_secret(void)
{
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_UNDER, R_ALL, at("secret"), 0);
}

static long
open_as(struct fake *f, const char *path, int flags)
{
	return (FAKE(f, "open", PTR(path), (uint64_t)flags, 0600));
}

/* Denied, and the log says under which name. */
static void
expect_denied(struct fake *f, const char *path, int flags, const char *name)
{
	long	 rv = open_as(f, path, flags);

	if (rv != -1 || errno != EACCES)
		fail_msg("%s %#o: %ld %s", path, flags, rv, strerror(errno));
	if (strstr(f->f_line, name) == NULL)
		fail_msg("%s: no %s in %s", path, name, f->f_line);
}

static void
every_spelling_is_one_name(void **state)
{
	static const char *const spellings[] = {
		"open/../secret/key", "secret/./key", "secret//key",
		"secret/sub/../key", "open/rel", "open/abs", "open/chain",
		"open/dir/key", "open/dir/sub/../key", "open/dot/dot/rel",
		"open/me/root%s/secret/key", "open/root%s/secret/key",
		"open/me/cwd/secret/key", "open/cwd/secret/key",
		"open/me/task/../cwd/open/rel"
	};
	static const int	 flags[] = {
		O_RDONLY, O_WRONLY, O_RDWR | O_CREAT, O_PATH,
		O_RDONLY | O_TRUNC
	};
	struct fake	 f;
	char		 path[PATH_MAX], text[PATH_MAX / 2];
	size_t		 i, j;

	(void)state;
	rules_secret();
	fake_start(&f);
	assert_int_equal(chdir(root), 0);
	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		snprintf(text, sizeof(text), "%s", spellings[i]);
		if (strstr(spellings[i], "%s") != NULL)
			snprintf(text, sizeof(text), "%.*s%s%s",
			    (int)(strstr(spellings[i], "%s") - spellings[i]),
			    spellings[i], root,
			    strstr(spellings[i], "%s") + 2);
		for (j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
			snprintf(path, sizeof(path), "%s/%s", root, text);
			/* or where the way to it ends */
			expect_denied(&f, path, flags[j], at("secret"));
			expect_denied(&f, text, flags[j], at("secret"));
		}
	}
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(fake_stop(&f), 0);
}

static void
a_descriptor_does_not_change_the_name(void **state)
{
	struct fake	 f;
	struct open_how	 how;
	char		 path[64];
	int		 dir, key;

	(void)state;
	rules_secret();
	fake_start(&f);
	dir = open(at("secret"), O_PATH | O_DIRECTORY);
	key = open(at("secret/key"), O_RDONLY);
	assert_int_equal(FAKE(&f, "openat", FDARG(dir), PTR("key")), -1);
	assert_int_equal(errno, EACCES);
	assert_non_null(strstr(f.f_line, at("secret")));
	memset(&how, 0, sizeof(how));
	how.resolve = RESOLVE_BENEATH;
	assert_int_equal(FAKE(&f, "openat2", FDARG(dir), PTR("./key"),
	    PTR(&how), sizeof(how)), -1);
	assert_int_equal(errno, EACCES);
	how.resolve = RESOLVE_IN_ROOT;
	assert_int_equal(FAKE(&f, "openat2", FDARG(dir), PTR("/../sub/../key"),
	    PTR(&how), sizeof(how)), -1);
	assert_int_equal(errno, EACCES);
	assert_non_null(strstr(f.f_line, at("secret")));
	snprintf(path, sizeof(path), "/proc/self/fd/%d/key", dir);
	expect_denied(&f, path, O_RDONLY, at("secret/key"));
	/* what is held open is asked about by its name when opened again */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", key);
	expect_denied(&f, path, O_RDONLY, at("secret/key"));
	snprintf(path, sizeof(path), "/dev/fd/%d", key);
	expect_denied(&f, path, O_RDWR, at("secret/key"));
	close(dir);
	close(key);
	assert_int_equal(fake_stop(&f), 0);
}

/* The other way round: nothing allowed but one file. */
static void
a_rule_on_the_target_allows_its_links(void **state)
{
	static const char *const good[] = {
		"open/f", "open/lf", "open/dot/f", "open/d/../f", "open//f"
	};
	struct fake	 f;
	size_t		 i;
	long		 fd;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_EXACT, R_READ, at("open/f"), 0);
	fake_start(&f);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		fd = open_as(&f, at(good[i]), O_RDONLY);
		if (fd == -1)
			fail_msg("%s: %s: %s", good[i], strerror(errno),
			    f.f_line);
		close((int)fd);
	}
	expect_denied(&f, at("open/f"), O_RDWR, "write");
	expect_denied(&f, at("open/rel"), O_RDONLY, at("secret/key"));
	assert_int_equal(fake_stop(&f), 0);
}

static void
what_a_rule_hides_cannot_be_told_from_nothing(void **state)
{
	struct fake	 f;

	(void)state;
	rules_secret();
	fake_start(&f);
	expect_denied(&f, at("secret/key"), O_RDONLY, "secret/key");
	expect_denied(&f, at("secret/none"), O_RDONLY, "secret/none");
	expect_denied(&f, at("secret/none/x"), O_RDONLY, "secret/none");
	expect_denied(&f, at("secret/key/x"), O_RDONLY, "secret/key");
	expect_denied(&f, at("open/dangle"), O_RDONLY, "secret/none");
	expect_denied(&f, at("open/dir/none/x"), O_RDONLY, "secret/none");
	assert_int_equal(FAKE(&f, "unlink", PTR(at("secret/none"))), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(FAKE(&f, "mkdir", PTR(at("secret/sub")), 0700), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(FAKE(&f, "chmod", PTR(at("secret/none")), 0), -1);
	assert_int_equal(errno, EACCES);
	/* elsewhere nothing is nothing */
	assert_int_equal(open_as(&f, at("open/none"), O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(f.f_line[0], '\0');
	assert_int_equal(fake_stop(&f), 0);
}

static void
procfs_is_the_callers(void **state)
{
	struct fake	 f;
	char		 path[64], text[256], mine[256];
	long		 fd;
	ssize_t		 n;
	int		 own;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/proc/self", 0);
	fake_start(&f);
	fd = open_as(&f, "/proc/self/stat", O_RDONLY);
	assert_int_not_equal(fd, -1);
	n = read((int)fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	assert_int_equal(atoi(text), getpid());
	close((int)fd);
	fd = open_as(&f, "/proc/thread-self/comm", O_RDWR);
	assert_int_not_equal(fd, -1);
	close((int)fd);
	/* by number it is the same, and another's is not */
	snprintf(path, sizeof(path), "/proc/%d/status", getpid());
	assert_int_not_equal(fd = open_as(&f, path, O_RDONLY), -1);
	close((int)fd);
	expect_denied(&f, "/proc/1/status", O_RDONLY, "/proc/1/status");
	/* only a tracer may: the receiver does it */
	fd = open_as(&f, "/proc/self/maps", O_RDONLY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(f.f_verdict.v_kind, VERDICT_PROC);
	assert_int_equal(f.f_verdict.v_entry, PROC_MAPS);
	close((int)fd);
	own = open("/proc/self/maps", O_RDONLY);
	assert_true(read(own, mine, sizeof(mine)) > 0);
	close(own);
	assert_int_not_equal(fd = open_as(&f, "/proc/self/fd",
	    O_RDONLY | O_DIRECTORY), -1);
	assert_int_equal(f.f_verdict.v_entry, PROC_FD_DIR);
	close((int)fd);
	assert_int_not_equal(fd = open_as(&f, "/proc/self/exe", O_RDONLY), -1);
	assert_int_equal(f.f_verdict.v_entry, PROC_EXE);
	close((int)fd);
	expect_denied(&f, "/proc/self/mem", O_RDONLY, "/proc/self/mem");
	assert_int_equal(open_as(&f, "/proc/self/maps", O_WRONLY), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(fake_stop(&f), 0);
}

static void
the_workers_own_procfs_is_never_shown(void **state)
{
	static const char *const names[] = {
		"maps", "mem", "fd", "fd/0", "status", "root/etc", "cwd",
		"environ", "exe", "task", "fdinfo/0"
	};
	struct fake	 f;
	char		 path[64];
	size_t		 i;
	int		 dir;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_start(&f);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", f.f_pid, names[i]);
		assert_int_equal(open_as(&f, path, O_RDONLY), -1);
		assert_true(errno == EACCES || errno == ENOENT);
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", f.f_pid,
		    f.f_pid, names[i]);
		assert_int_equal(open_as(&f, path, O_RDONLY), -1);
	}
	/* nor through a descriptor that is already there */
	snprintf(path, sizeof(path), "/proc/%d", f.f_pid);
	dir = open(path, O_PATH);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(FAKE(&f, "openat", FDARG(dir),
		    PTR(names[i])), -1);
	}
	close(dir);
	assert_int_equal(fake_stop(&f), 0);
}

static void
what_is_held_needs_no_name(void **state)
{
	struct fake	 f;
	char		 path[64], text[8];
	int		 p[2], fd;
	long		 new;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_READ, "/proc/self", 0);
	fake_start(&f);
	/* a pipe */
	assert_int_equal(pipe(p), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", p[1]);
	new = open_as(&f, path, O_WRONLY);
	assert_int_not_equal(new, -1);
	assert_int_equal(write((int)new, "x", 1), 1);
	assert_int_equal(read(p[0], text, 1), 1);
	close((int)new);
	close(p[0]);
	close(p[1]);
	/* a socket cannot be opened, whoever asks */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	assert_int_equal(open_as(&f, path, O_RDWR), -1);
	assert_int_equal(errno, ENXIO);
	close(p[0]);
	close(p[1]);
	/* a deleted file, as far as it is open */
	fd = open(at("open/gone"), O_CREAT | O_RDWR, 0600);
	close(fd);
	fd = open(at("open/gone"), O_RDONLY);
	assert_int_equal(unlink(at("open/gone")), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_not_equal(new = open_as(&f, path, O_RDONLY), -1);
	close((int)new);
	expect_denied(&f, path, O_RDWR, "no name");
	close(fd);
	/* a file whose name ends like that of a deleted one has that name */
	make_file("open/x (deleted)");
	fd = open(at("open/x (deleted)"), O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	expect_denied(&f, path, O_RDONLY, "/open/x (deleted)");
	close(fd);
	assert_int_equal(fake_stop(&f), 0);
}

/* A directory without a name is empty, and has nothing to give. */
static void
a_directory_that_is_gone_has_no_name(void **state)
{
	struct fake	 f;
	char		 list[256];
	int		 dir, fd;

	(void)state;
	rules_secret();
	fake_start(&f);
	assert_int_equal(mkdir(at("open/gone"), 0755), 0);
	dir = open(at("open/gone"), O_PATH | O_DIRECTORY);
	assert_int_equal(rmdir(at("open/gone")), 0);
	assert_int_not_equal(fd = (int)FAKE(&f, "openat", FDARG(dir),
	    PTR("."), O_RDONLY), -1);
	/* iterate_dir(), fs/readdir.c: end of the list to readdir(3) */
	assert_int_equal(syscall(SYS_getdents64, fd, list, sizeof(list)), -1);
	assert_int_equal(errno, ENOENT);
	close(fd);
	assert_int_equal(FAKE(&f, "openat", FDARG(dir), PTR("x"),
	    O_CREAT | O_WRONLY, 0600), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(FAKE(&f, "openat", FDARG(dir), PTR("x")), -1);
	assert_int_equal(errno, ENOENT);
	close(dir);
	assert_int_equal(fake_stop(&f), 0);
}

static void
long_and_odd_paths_fail_as_in_the_kernel(void **state)
{
	static char	 path[PATH_MAX + 2];
	struct fake	 f;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_start(&f);
	memset(path, 'a', sizeof(path));
	path[PATH_MAX + 1] = '\0';
	assert_int_equal(open_as(&f, path, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(open_as(&f, path, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(open_as(&f, "", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(FAKE(&f, "open", 0, O_RDONLY), -1);
	assert_int_equal(errno, EFAULT);
	/* bytes, whatever they mean */
	assert_int_equal(open_as(&f, at("open/\xff\n\x1b[31m"), O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fake_stop(&f), 0);
}

/* The same error as the kernel's, whose order of checks shows. */
static void
same_error(struct fake *f, int dir, const char *path, uint64_t resolve)
{
	struct open_how	 how;
	int		 fd, want = 0;

	memset(&how, 0, sizeof(how));
	how.flags = O_RDONLY | O_CLOEXEC;
	how.resolve = resolve;
	fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	if (fd == -1)
		want = errno;
	else
		close(fd);
	fd = (int)FAKE(f, "openat2", FDARG(dir), PTR(path), PTR(&how),
	    sizeof(how));
	if ((fd == -1 ? errno : 0) != want)
		fail_msg("%s: %d, in the kernel %d", path,
		    fd == -1 ? errno : 0, want);
	if (fd != -1)
		close(fd);
}

static void
what_fails_first_is_what_the_kernel_says(void **state)
{
	char		 path[2 * NAME_MAX];
	struct fake	 f;
	int		 dir, file;

	(void)state;
	/* the walk is held: one component after the other */
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_UNDER, R_ALL, at("nowhere"), 0);
	fake_start(&f);
	dir = open(root, O_PATH | O_DIRECTORY);
	file = open(at("open/f"), O_PATH);
	assert_true(dir != -1 && file != -1);
	memset(path, 'w', sizeof(path));
	strlcpy(path + NAME_MAX + 1, "/..", 8);
	same_error(&f, file, path, 0);
	same_error(&f, dir, path, 0);
	same_error(&f, file, "x/..", 0);
	make_link(at("open"), "far");
	same_error(&f, dir, "far/f", RESOLVE_NO_XDEV);
	same_error(&f, dir, "far/.", RESOLVE_NO_XDEV);
	same_error(&f, dir, "far/none/x", RESOLVE_NO_XDEV);
	same_error(&f, dir, at("far/f"), RESOLVE_NO_XDEV);
	assert_int_equal(unlink(at("far")), 0);
	close(dir);
	close(file);
	assert_int_equal(fake_stop(&f), 0);
}

static void
a_scope_is_the_kernels(void **state)
{
	static const uint64_t	 scopes[] = {
		RESOLVE_BENEATH, RESOLVE_IN_ROOT,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV,
		RESOLVE_IN_ROOT | RESOLVE_NO_XDEV,
		RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
	};
	static const char *const paths[] = {
		"open/../open/f", "open/..", "..", "../x", "open/../..",
		"open/../../open/f", "/open/f", "/../open/f", "/", "open/./f",
		"s-up/open/f", "s-far/open/f", "s-abs", "s-root/open/f",
		"s-out", "open/s-in", "open/s-out", "s-proc/fd/0", "none/..",
		"open/f/..", "s-wide", "s-wide/..", "s-deep/f"
	};
	char		 text[PATH_MAX];
	struct fake	 f;
	size_t		 i, k;
	int		 dir;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_UNDER, R_ALL, at("nowhere"), 0);
	fake_start(&f);
	dir = open(root, O_PATH | O_DIRECTORY);
	assert_true(dir != -1);
	make_link("open/..", "s-up");
	make_link("open/../..", "s-far");
	make_link(at("open/f"), "s-abs");
	make_link("/", "s-root");
	make_link("../../../..", "s-out");
	make_link("../open/f", "open/s-in");
	make_link("../../x", "open/s-out");
	make_link("/proc/self", "s-proc");
	memset(text, 'w', sizeof(text));
	text[NAME_MAX + 1] = '\0';
	make_link(text, "s-wide");
	/* longer than a path in all, once it is put together */
	for (i = 0; i < sizeof(text) - 9; i += 8)
		memcpy(text + i, "open/../", 8);
	strlcpy(text + i, "open", sizeof(text) - i);
	make_link(text, "s-deep");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (k = 0; k < sizeof(scopes) / sizeof(scopes[0]); k++)
			same_error(&f, dir, paths[i], scopes[k]);
		if (strncmp(paths[i], "s-", 2) == 0 ||
		    strncmp(paths[i], "open/s-", 7) == 0)
			(void)unlink(at(paths[i]));
	}
	(void)unlink(at("s-up"));
	(void)unlink(at("s-far"));
	(void)unlink(at("s-root"));
	(void)unlink(at("s-proc"));
	(void)unlink(at("s-deep"));
	close(dir);
	assert_int_equal(fake_stop(&f), 0);
}

static void
the_log_line_is_printable(void **state)
{
	struct fake	 f;
	const char	*p;

	(void)state;
	fake_rule(RULE_DENY, MATCH_UNDER, R_ALL, root, 0);
	fake_start(&f);
	expect_denied(&f, at("open/\xff\n\x1b[31m\"$x"), O_RDONLY, "denied");
	for (p = f.f_line; *p != '\0'; p++)
		assert_true(*p >= ' ' && *p <= '~');
	assert_int_equal(fake_stop(&f), 0);
}

static void
move_both(void)
{
	assert_int_equal(rename(at("open/d"), at("secret/d")), 0);
	assert_int_equal(rename(at("secret/key"), at("secret/d/key")), 0);
}

static void
move_back(void)
{
	assert_int_equal(rename(at("secret/d/key"), at("secret/key")), 0);
	assert_int_equal(rename(at("secret/d"), at("open/d")), 0);
}

/*
 * A directory is moved after its name was read, and a denied file into it,
 * before the file is opened: the worker has a question in between.
 */
static void
what_is_moved_meanwhile_has_its_own_name(void **state)
{
	static const int	 flags[] = {
		O_RDWR, O_RDONLY, O_WRONLY, O_WRONLY | O_TRUNC
	};
	struct fake		 f;
	struct stat		 st;
	size_t			 i;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_UNDER, R_READ | R_WRITE, at("secret"), 0);
	fake_start(&f);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		fake_asked = move_both;
		expect_denied(&f, at("open/d//key"), O_CREAT | flags[i],
		    at("secret/d/key"));
		assert_null(fake_asked);
		move_back();
		assert_int_equal(stat(at("secret/key"), &st), 0);
		assert_int_not_equal(st.st_size, 0);
	}
	assert_int_equal(fake_stop(&f), 0);
}

static void
make_and_move(void)
{
	assert_int_equal(rename(at("open/d"), at("secret/d")), 0);
}

/* Made where it may not be written: there is a file, and no descriptor. */
static void
what_is_made_elsewhere_is_not_handed_out(void **state)
{
	struct fake	 f;

	(void)state;
	fake_rule(RULE_ALLOW, MATCH_UNDER, R_ALL, "/", 0);
	fake_rule(RULE_DENY, MATCH_UNDER, R_WRITE, at("secret"), 0);
	fake_start(&f);
	fake_asked = make_and_move;
	expect_denied(&f, at("open/d//new"), O_CREAT | O_EXCL | O_WRONLY |
	    O_TRUNC, at("secret/d/new"));
	assert_null(fake_asked);
	unlink(at("secret/d/new"));
	assert_int_equal(rename(at("secret/d"), at("open/d")), 0);
	assert_int_equal(fake_stop(&f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_one_name),
		cmocka_unit_test(a_descriptor_does_not_change_the_name),
		cmocka_unit_test(what_is_moved_meanwhile_has_its_own_name),
		cmocka_unit_test(what_is_made_elsewhere_is_not_handed_out),
		cmocka_unit_test(a_rule_on_the_target_allows_its_links),
		cmocka_unit_test(what_a_rule_hides_cannot_be_told_from_nothing),
		cmocka_unit_test(procfs_is_the_callers),
		cmocka_unit_test(the_workers_own_procfs_is_never_shown),
		cmocka_unit_test(what_is_held_needs_no_name),
		cmocka_unit_test(a_directory_that_is_gone_has_no_name),
		cmocka_unit_test(long_and_odd_paths_fail_as_in_the_kernel),
		cmocka_unit_test(what_fails_first_is_what_the_kernel_says),
		cmocka_unit_test(a_scope_is_the_kernels),
		cmocka_unit_test(the_log_line_is_printable)
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
