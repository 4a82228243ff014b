/* LINK: monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c monitor/compile.c monitor/compile_verify.c monitor/compile_guard.c monitor/compile_wall.c */
/* LINK: monitor/netparse.c monitor/compile_net.c */
/* LINK: monitor/compile_grant.c monitor/compile_path.c */
/* LINK: monitor/compile_bpf.c monitor/hide.c */
/* LINK: monitor/compile_fstype.c */
/*
 * The compiler: rules on canonical paths, who holds them, and the wall,
 * which is entered and run against, as ourselves and as nobody.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/landlock_abi.h"
#include "../../monitor/compile.h"

#define NOBODY	65534

const struct profile profiles[] = { { "empty", "" } };
const size_t profiles_count = 1;

static char		 dir[] = "/tmp/test_wall.XXXXXX";
static struct policy	 policy;
static struct plan	 plan;

/* The tree, every test: all of it nobody's when we are root. */
static const struct {
	const char	*path;
	char		 type;
	const char	*text;
} tree[] = {
	{ "r",		'd', NULL },
	{ "r/f",	'f', "text" },
	{ "r/sub",	'd', NULL },
	{ "w",		'd', NULL },
	{ "w/f",	'f', "text" },
	{ "w/d",	'd', NULL },
	{ "w/d/x",	'f', "x" },
	{ "w/empty",	'd', NULL },
	{ "w/secret",	'd', NULL },
	{ "w/secret/k",	'f', "key" },
	{ "real",	'd', NULL },
	{ "real/f",	'f', "text" },
	{ "link",	'l', "real" },
	{ "x",		'd', NULL },
	{ "x/true",	'p', "/bin/true" },
	{ "o",		'd', NULL },
	{ "o/f",	'f', "text" },
};
#define NTREE	(sizeof(tree) / sizeof(tree[0]))

static void
copy(const char *from, const char *to)
{
	char	 buf[65536];
	ssize_t	 n;
	int	 in, out;

	assert_int_not_equal(in = open(from, O_RDONLY), -1);
	assert_int_not_equal(out = open(to, O_WRONLY | O_CREAT, 0755), -1);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	close(in);
	close(out);
}

static int
tree_make(void **state)
{
	const char	*p;
	size_t		 i;
	int		 fd;

	(void)state;
	for (i = 0; i < NTREE; i++) {
		p = tree[i].path;
		if (tree[i].type == 'd')
			assert_int_equal(mkdir(p, 0755), 0);
		else if (tree[i].type == 'l')
			assert_int_equal(symlink(tree[i].text, p), 0);
		else if (tree[i].type == 'p')
			copy(tree[i].text, p);
		else {
			fd = open(p, O_WRONLY | O_CREAT, 0644);
			assert_int_not_equal(fd, -1);
			assert_int_equal(write(fd, tree[i].text,
			    strlen(tree[i].text)), strlen(tree[i].text));
			close(fd);
		}
		if (getuid() == 0)
			assert_int_equal(lchown(p, NOBODY, NOBODY), 0);
	}
	return (0);
}

static int
tree_remove(const char *at)
{
	char	 cmd[256];
	pid_t	 pid;
	int	 status;

	(void)snprintf(cmd, sizeof(cmd), "%s", at);
	if ((pid = fork()) == 0) {
		execl("/bin/rm", "rm", "-rf", cmd, (char *)NULL);
		_exit(1);
	}
	return (waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1);
}

static int
tree_end(void **state)
{
	static const char *const tops[] = { "r", "w", "real", "link", "x", "o",
	    "new" };
	size_t	 i;

	(void)state;
	plan_free(&plan);
	policy_free(&policy);
	for (i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (tree_remove(tops[i]) == -1)
			return (-1);
	return (0);
}

/* $HOME is the tree. */
static void
compiled(const char *text)
{
	policy_init(&policy);
	assert_int_equal(policy_macro(&policy, "HOME", dir), 0);
	assert_int_equal(policy_parse_string(&policy, "-r", text), 0);
	assert_int_equal(compile(&policy, &plan), 0);
}

/* fn's errno, 0 when it worked, run inside a ruleset by a new process. */
static int
inside_as(int ruleset, uid_t uid, int (*fn)(void))
{
	pid_t	 pid;
	int	 status;

	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		alarm(20);
		if (uid != 0 && (setgroups(0, NULL) == -1 ||
		    setgid(uid) == -1 || setuid(uid) == -1))
			_exit(254);
		if (ruleset != -1 && ll_enter(ruleset) == -1)
			_exit(253);
		errno = 0;
		_exit(fn() == -1 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

/* The same as ourselves and, being root, as nobody: one answer. */
static int
inside(int ruleset, int (*fn)(void))
{
	int	 first;

	/* The other one may already have removed or made it. */
	first = inside_as(ruleset, 0, fn);
	if (getuid() == 0 && first == EACCES)
		assert_int_equal(inside_as(ruleset, NOBODY, fn), EACCES);
	return (first);
}

static int
nobody(int ruleset, int (*fn)(void))
{
	return (inside_as(ruleset, getuid() == 0 ? NOBODY : 0, fn));
}

#define TRY(name, expr)							\
static int								\
name(void)								\
{									\
	return (expr);							\
}
TRY(read_r,	open("r/f", O_RDONLY))
TRY(write_r,	open("r/f", O_WRONLY))
TRY(list_r,	open("r", O_RDONLY | O_DIRECTORY))
TRY(list_rsub,	open("r/sub", O_RDONLY | O_DIRECTORY))
TRY(creat_r,	open("r/n", O_WRONLY | O_CREAT | O_EXCL, 0600))
TRY(unlink_r,	unlink("r/f"))
TRY(read_o,	open("o/f", O_RDONLY))
TRY(read_w,	open("w/f", O_RDONLY))
TRY(read_key,	open("w/secret/k", O_RDONLY))
TRY(write_w,	open("w/f", O_WRONLY))
TRY(trunc_w,	truncate("w/f", 0))
TRY(otrunc_w,	open("w/f", O_WRONLY | O_TRUNC))
TRY(creat_w,	open("w/n", O_WRONLY | O_CREAT | O_EXCL, 0600))
TRY(mkdir_w,	mkdir("w/nd", 0700))
TRY(fifo_w,	mknod("w/p", S_IFIFO | 0600, 0))
TRY(symlink_w,	symlink("f", "w/l"))
TRY(tmp_w,	open("w", O_TMPFILE | O_WRONLY, 0600))
TRY(link_w,	link("w/f", "w/d/h"))
TRY(rename_w,	rename("w/d/x", "w/y"))
TRY(move_out,	rename("w/f", "o/g"))
TRY(unlink_w,	unlink("w/f"))
TRY(rmdir_w,	rmdir("w/empty"))
TRY(read_real,	open("real/f", O_RDONLY))
TRY(read_link,	open("link/f", O_RDONLY))
TRY(exec_x,	execl("x/true", "true", (char *)NULL))
TRY(read_x,	open("x/true", O_RDONLY))
TRY(creat_new,	open("new", O_WRONLY | O_CREAT | O_EXCL, 0600))
TRY(creat_new2,	open("new2", O_WRONLY | O_CREAT | O_EXCL, 0600))
TRY(read_proc,	open("/proc/self/status", O_RDONLY))
TRY(kill_parent, kill(getppid(), 0))

static int
connect_tcp(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET,
	    .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int			 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return (-1);
	return (connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static void
nothing_is_in_an_empty_wall(void **state)
{
	(void)state;
	compiled("");
	assert_int_equal(inside(plan.pl_wall_child, read_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, list_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, creat_w), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, exec_x), EACCES);
	assert_int_equal(inside(plan.pl_wall_policy, read_r), EACCES);
	assert_int_equal(inside(-1, read_r), 0);
}

static void
a_read_rule_lets_read_and_no_more(void **state)
{
	(void)state;
	compiled("allow read under \"$HOME/r\"");
	assert_int_equal(inside(plan.pl_wall_child, read_r), 0);
	assert_int_equal(nobody(plan.pl_wall_child, read_r), 0);
	assert_int_equal(inside(plan.pl_wall_child, list_rsub), 0);
	assert_int_equal(inside(plan.pl_wall_child, write_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, creat_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, unlink_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, read_o), EACCES);
}

static void
each_right_opens_its_part_of_the_wall(void **state)
{
	static const struct {
		const char	*right;
		int		 (*fn)(void);
	} t[] = {
		{ "read",	read_w },	{ "write",	write_w },
		{ "write",	trunc_w },	{ "write",	otrunc_w },
		{ "write",	tmp_w },	{ "mkdir",	mkdir_w },
		{ "mkfifo",	fifo_w },	{ "symlink",	symlink_w },
		{ "create, write", creat_w },	{ "link",	link_w },
		{ "rename, create", rename_w },	{ "rmdir",	rmdir_w },
		{ "delete",	unlink_w },
	};
	char	 text[128];
	size_t	 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		/* Nothing of it without the right ... */
		compiled("allow ioctl, stat under \"$HOME/w\"");
		if (inside(plan.pl_wall_policy, t[i].fn) == 0)
			fail_msg("%s was not refused", t[i].right);
		assert_int_equal(tree_end(state), 0);
		assert_int_equal(tree_make(state), 0);
		/* ... and with it, for nobody too. */
		(void)snprintf(text, sizeof(text), "allow %s under \"$HOME/w\"",
		    t[i].right);
		compiled(text);
		if (nobody(plan.pl_wall_policy, t[i].fn) != 0)
			fail_msg("%s was refused", t[i].right);
		assert_int_equal(tree_end(state), 0);
		assert_int_equal(tree_make(state), 0);
	}
	compiled("allow read, write, create, delete under \"$HOME/w\"");
	assert_int_not_equal(inside(plan.pl_wall_policy, move_out), 0);
}

static void
exec_is_a_right_of_its_own(void **state)
{
	(void)state;
	compiled("allow read under / \nallow exec under \"$HOME/o\"");
	assert_int_equal(inside(plan.pl_wall_child, exec_x), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, read_x), 0);
	plan_free(&plan);
	policy_free(&policy);
	compiled("allow read, exec under { /usr /lib /lib64 /etc }\n"
	    "allow exec \"$HOME/x/true\"");
	assert_int_equal(nobody(plan.pl_wall_child, exec_x), 0);
}

static void
a_rule_on_a_file_opens_that_file_only(void **state)
{
	(void)state;
	compiled("allow read, write \"$HOME/w/f\"");
	assert_int_equal(nobody(plan.pl_wall_child, write_w), 0);
	assert_int_equal(inside(plan.pl_wall_child, read_key), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, creat_w), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, unlink_w), EACCES);
}

static void
a_file_to_be_made_opens_its_directory_and_needs_the_broker(void **state)
{
	(void)state;
	compiled("allow create, write \"$HOME/new\"");
	assert_int_equal(inside(plan.pl_wall_policy, creat_new), 0);
	assert_true(plan.pl_broker & R_CREATE);
	assert_true(plan.pl_broker & R_WRITE);
	/* The wall has no finer right; the rules do. */
	assert_int_equal(inside(plan.pl_wall_policy, creat_new2), 0);
	assert_int_equal(unlink("new2"), 0);
	assert_int_equal(inside(plan.pl_wall_policy, read_o), EACCES);
}

static void
a_rule_on_a_link_holds_for_what_it_leads_to(void **state)
{
	char			 want[64];
	const struct rule	*by;

	(void)state;
	compiled("allow read under \"$HOME/link\"\n"
	    "deny read \"$HOME/link/f\"");
	assert_int_equal(inside(plan.pl_wall_policy, read_real), 0);
	assert_int_equal(inside(plan.pl_wall_policy, read_link), 0);
	(void)snprintf(want, sizeof(want), "%s/real/f", dir);
	assert_int_equal(ruleset_eval(&plan.pl_rules, want, strlen(want),
	    R_READ, &by), 0);
	assert_int_equal(by->r_line, 2);
	want[strlen(want) - 1] = 'g';
	assert_int_equal(ruleset_eval(&plan.pl_rules, want, strlen(want),
	    R_READ, &by), R_READ);
	/* A denial also stays where it was written. */
	(void)snprintf(want, sizeof(want), "%s/link/f", dir);
	assert_int_equal(ruleset_eval(&plan.pl_rules, want, strlen(want),
	    R_READ, &by), 0);
	assert_int_equal(by->r_line, 2);
}

static void
the_prefix_of_what_is_not_there_is_resolved_too(void **state)
{
	char	 want[PATH_MAX];

	(void)state;
	compiled("deny read under \"$HOME/link/no/such\"\n"
	    "allow read glob \"$HOME/link/*.c\"\nallow read /lib/nonexistent");
	(void)snprintf(want, sizeof(want), "%s/real/no/such", dir);
	assert_string_equal(plan.pl_rules.rs_rules[0].r_path, want);
	(void)snprintf(want, sizeof(want), "%s/link/no/such", dir);
	assert_string_equal(plan.pl_rules.rs_rules[1].r_path, want);
	(void)snprintf(want, sizeof(want), "%s/real/*.c", dir);
	assert_string_equal(plan.pl_rules.rs_rules[2].r_path, want);
	if (realpath("/lib", want) != NULL && strcmp(want, "/usr/lib") == 0)
		assert_string_equal(plan.pl_rules.rs_rules[3].r_path,
		    "/usr/lib/nonexistent");
}

static void
procfs_links_are_left_alone(void **state)
{
	(void)state;
	compiled("allow read under /dev/fd\nallow read under /proc");
	assert_string_equal(plan.pl_rules.rs_rules[0].r_path, "/dev/fd");
	assert_int_equal(plan.pl_rules.rs_count, 2);
}

static void
the_wall_is_the_union_and_the_childs_domain_is_split(void **state)
{
	(void)state;
	compiled("set late-siblings deny\nallow read under \"$HOME/w\"\n"
	    "deny read under \"$HOME/w/secret\"");
	assert_int_equal(inside(plan.pl_wall_receiver, read_key), 0);
	assert_int_equal(inside(plan.pl_wall_child, read_key), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, read_w), 0);
	assert_int_equal(plan.pl_notify & (R_READ | R_READDIR), R_READDIR);
}

static void
the_worker_has_the_union_of_what_is_brokered_and_no_more(void **state)
{
	(void)state;
	compiled("set late-siblings deny\nset watch yes\n"
	    "allow read under \"$HOME/w\"\n"
	    "deny read under \"$HOME/w/secret\"");
	assert_int_equal(plan.pl_broker & R_READ, 0);
	assert_int_equal(plan.pl_notify & R_READ, R_READ);
	assert_int_equal(inside(plan.pl_wall_policy, read_w), 0);
	assert_int_equal(inside(plan.pl_wall_policy, read_key), EACCES);
	assert_int_equal(nobody(plan.pl_wall_policy, read_key), EACCES);
	plan_free(&plan);
	policy_free(&policy);
	/* the rules alone can tell them apart: all of it is the worker's */
	compiled("set late-siblings deny\n"
	    "allow read, create under \"$HOME/w\"\n"
	    "deny read glob \"$HOME/w/**/k\"");
	assert_int_equal(plan.pl_broker & R_READ, R_READ);
	assert_int_equal(inside(plan.pl_wall_policy, read_key), 0);
	assert_int_equal(inside(plan.pl_wall_child, read_key), EACCES);
}

/* Who holds a right, and why nobody cheaper. */
static const char *
who(uint32_t right, const char *text)
{
	static const char *const tiers[] = { "nobody: ", "kernel: ", "watch: ",
	    "", "broker: " };
	static char		 buf[256];
	const struct tier	*t;

	compiled(text);
	t = &plan.pl_tiers[__builtin_ctz(right)];
	assert_true(t->t_tier <= TIER_BROKER);
	(void)snprintf(buf, sizeof(buf), "%s%s", tiers[t->t_tier], t->t_why);
	plan_free(&plan);
	policy_free(&policy);
	return (buf);
}

static void
only_what_the_kernel_holds_exactly_is_left_to_it(void **state)
{
	static const char exactly[] = "kernel: Landlock holds it exactly";

	(void)state;
	assert_string_equal(who(R_READ, "allow all under /"), exactly);
	assert_string_equal(who(R_RENAME, "allow all under /"), exactly);
	assert_string_equal(who(R_CHMOD, "allow all under /"), exactly);
	/* Denials that touch nothing allowed cost nothing. */
	assert_string_equal(who(R_READ, "deny read under /nonexistent\n"
	    "allow all under /"), exactly);
	assert_string_equal(who(R_READ, "deny read under /\n"
	    "allow read \"$HOME/r/f\""), exactly);
	assert_string_equal(who(R_EXEC, "allow all under /\n"
	    "allow exec under /usr"), exactly);
	assert_string_equal(who(R_READ, "allow read glob \"$HOME/**/*.c\""),
	    "broker: a glob with ** may match at any depth");
	assert_string_equal(who(R_READ, "allow log all under /"),
	    "watch: a rule asks for a log line");
	assert_string_equal(who(R_READDIR, "allow readdir \"$HOME\""),
	    "broker: Landlock's right to a directory holds below it too");
	assert_string_equal(who(R_READ, "allow all under /\n"
	    "deny read under /nonexistent errno ENOENT"),
	    "broker: the kernel refuses with EACCES only");
	assert_string_equal(who(R_CHMOD, "allow all under /\n"
	    "deny quick chmod under /usr"),
	    "broker: Landlock does not see it");
	assert_string_equal(who(R_DELETE, "allow delete \"$HOME/w/f\""),
	    "broker: Landlock has no right on a single name");
	assert_string_equal(who(R_STAT, "allow all under /"),
	    "nobody: nothing holds it");
}

static void
one_right_at_the_broker_leaves_the_others_to_the_kernel(void **state)
{
	(void)state;
	compiled("allow read, write under \"$HOME/w\"\n"
	    "deny write glob \"$HOME/w/**/k\"");
	assert_true(plan.pl_broker & R_WRITE);
	assert_int_equal(plan.pl_notify & (R_READ | R_READDIR | R_CREATE), 0);
	assert_int_equal(inside(plan.pl_wall_child, read_w), 0);
}

static void
late_siblings_decide_about_names_that_come_later(void **state)
{
	static const char	 text[] = "allow read under \"$HOME/w\"\n"
				    "deny read under \"$HOME/w/secret\"";
	char			 more[256];

	(void)state;
	assert_string_equal(who(R_READ, text), "broker: names may appear here "
	    "later (set late-siblings)");
	(void)snprintf(more, sizeof(more), "set late-siblings deny\n%s", text);
	assert_string_equal(who(R_READ, more),
	    "kernel: Landlock holds it exactly");
	/* But what the program makes must not be lost to it. */
	(void)snprintf(more, sizeof(more), "set late-siblings deny\n%s\n"
	    "allow create under \"$HOME/w\"", text);
	assert_string_equal(who(R_READ, more),
	    "broker: the program may make names here");
}

static void
only_the_child_is_kept_from_signals(void **state)
{
	(void)state;
	if (ll_abi() < 6)
		skip();
	compiled("allow all under /");
	assert_int_equal(inside_as(plan.pl_wall_child, 0, kill_parent), EPERM);
	assert_int_equal(inside_as(plan.pl_wall_receiver, 0, kill_parent), 0);
	assert_int_equal(inside_as(plan.pl_wall_policy, 0, kill_parent), 0);
}

static void
the_wall_refuses_tcp_unless_net_is_allowed(void **state)
{
	(void)state;
	if (ll_abi() < 4)
		skip();
	compiled("deny net");
	assert_int_equal(inside_as(plan.pl_wall_child, 0, connect_tcp),
	    EACCES);
	plan_free(&plan);
	policy_free(&policy);
	compiled("allow net");
	assert_int_equal(inside_as(plan.pl_wall_child, 0, connect_tcp),
	    ECONNREFUSED);
	assert_int_equal(inside_as(plan.pl_wall_receiver, 0, connect_tcp),
	    ECONNREFUSED);
	assert_int_equal(inside_as(plan.pl_wall_policy, 0, connect_tcp),
	    EACCES);
}

static void
the_receiver_reads_proc_and_the_others_do_not(void **state)
{
	(void)state;
	compiled("allow read under \"$HOME/r\"");
	assert_int_equal(inside(plan.pl_wall_receiver, read_proc), 0);
	assert_int_equal(inside(plan.pl_wall_policy, read_proc), EACCES);
	assert_int_equal(inside(plan.pl_wall_child, read_proc), EACCES);
	assert_int_equal(inside(plan.pl_wall_receiver, read_r), 0);
	assert_int_equal(inside(plan.pl_wall_receiver, write_r), EACCES);
}

static void
the_integrity_wall_is_empty(void **state)
{
	(void)state;
	compiled("allow all under /\nallow net");
	assert_int_equal(inside(plan.pl_wall_integrity, read_r), EACCES);
	assert_int_equal(inside(plan.pl_wall_integrity, creat_w), EACCES);
	assert_int_equal(inside(plan.pl_wall_integrity, exec_x), EACCES);
}

static void
a_missing_kernel_feature_is_named(void **state)
{
	(void)state;
	assert_non_null(strstr(wall_lacks(0), "CONFIG_SECURITY_LANDLOCK"));
	assert_non_null(strstr(wall_lacks(1), "Linux 5.19"));
	assert_non_null(strstr(wall_lacks(2), "truncate"));
	assert_non_null(strstr(wall_lacks(4), "ioctl"));
	assert_non_null(strstr(wall_lacks(5), "signals"));
	assert_string_equal(wall_lacks(6), "");
	assert_int_equal(ll_fs_handled(0), 0);
	assert_int_equal(ll_fs_handled(1), (1 << 13) - 1);
	assert_int_equal(ll_fs_handled(2), (1 << 14) - 1);
	assert_int_equal(ll_fs_handled(4), (1 << 15) - 1);
	assert_int_equal(ll_fs_handled(7), LL_FS_ALL);
}

static int
setup(void **state)
{
	(void)state;
	umask(022);
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return (-1);
	return (getuid() == 0 ? chown(dir, NOBODY, NOBODY) : 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (chdir("/") == -1 ? -1 : tree_remove(dir));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, tree_make, tree_end)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(nothing_is_in_an_empty_wall),
		T(a_read_rule_lets_read_and_no_more),
		T(each_right_opens_its_part_of_the_wall),
		T(exec_is_a_right_of_its_own),
		T(a_rule_on_a_file_opens_that_file_only),
		T(a_file_to_be_made_opens_its_directory_and_needs_the_broker),
		T(a_rule_on_a_link_holds_for_what_it_leads_to),
		T(the_prefix_of_what_is_not_there_is_resolved_too),
		T(procfs_links_are_left_alone),
		T(the_wall_is_the_union_and_the_childs_domain_is_split),
		T(the_worker_has_the_union_of_what_is_brokered_and_no_more),
		T(only_what_the_kernel_holds_exactly_is_left_to_it),
		T(one_right_at_the_broker_leaves_the_others_to_the_kernel),
		T(late_siblings_decide_about_names_that_come_later),
		T(only_the_child_is_kept_from_signals),
		T(the_wall_refuses_tcp_unless_net_is_allowed),
		T(the_receiver_reads_proc_and_the_others_do_not),
		T(the_integrity_wall_is_empty),
		T(a_missing_kernel_feature_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (ll_abi() == 0) {
		printf("1..0 # SKIP this kernel has no Landlock\n");
		return (0);
	}
	return (cmocka_run_group_tests(tests, setup, teardown));
}
