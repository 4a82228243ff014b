/*
 * privsep-sandbox(1): arguments, policy, start.  -P ROLE is how the program
 * re-executes itself as one of its roles; see DESIGN in
 * privsep-sandbox-proto(7).
 */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "../common/log_role.h"
#include "env.h"
#include "explain.h"
#include "hide.h"
#include "learn.h"
#include "limit.h"
#include "loopback.h"
#include "manifest_tool.h"
#include "nameserver.h"
#include "passwd.h"
#include "roles.h"
#include "rundir.h"
#include "session.h"
#include "sockets.h"

#define VERSION		"0.1"
#define SOURCES_MAX	64	/* -f, -p and -r together */

struct role_entry {
	const char	*re_name;
	int		(*re_main)(int, char **);
};
static const struct role_entry role_entries[] = {
	{ "receiver",	receiver_main },
	{ "policy",	policy_main },
	{ "integrity",	integrity_main },
	{ "learn",	learn_main },
	{ "resolver",	resolver_main }
};

/* Where rules come from, in the order given. */
struct source {
	int		 so_opt;	/* 'f', 'p' or 'r' */
	const char	*so_arg;
};
struct options {
	struct source	 o_sources[SOURCES_MAX];
	size_t		 o_nsources;
	char		*o_keep[KEEP_ENV_MAX];
	size_t		 o_nkeep;
	const char	*o_log, *o_learn, *o_manifest, *o_filters;
	uint32_t	 o_names;	/* -N, 0: not given */
	int		 o_json, o_explain, o_verbose, o_watch;
};

static int	 role(int, char **);
static void	 usage(int) __attribute__((__noreturn__));
static void	 options(int, char **, struct options *);
static void	 options_source(struct options *, int, const char *);
static void	 start_self(struct session *);
static void	 start_first(struct session *);
static void	 namespaces_try(const struct session *);
static int	 namespaces_wanted(const struct policy *);
static int	 namespaces_enter(const struct session *);
static int	 explain_all(const struct session *, const char *);
static const char *kernel_lacks(void);
static void	 start_again(struct session *);
static void	 signals_at_start(struct session *);
static void	 signals_hold(void);
static const char *home_directory(const char **);
static void	 macros(struct session *);
static void	 rundir(struct session *);
static void	 rundir_remove(void);
static void	 log_open(struct session *, const char *);
static int	 rule_insert(struct ruleset *, size_t, const struct rule *);
static void	 own_file(struct session *, const char *, char *, uint32_t);
static void	 learn_secrets(struct session *);
static void	 options_check(int, int, const struct options *);
static int	 profile_load(struct policy *, const char *);
static void	 policy_audit(struct policy *);
static void	 policy_load(struct session *, const struct options *);
static void	 keep(struct policy *, const struct options *);
static void	 environment(struct session *);
static void	 monitor_wall(struct session *);

static struct session	 session;
static const char	*home_other = "";	/* passwd(5) names another */

int
main(int argc, char **argv)
{
	struct options	 o;
	struct session	*s = &session;

	setproctitle_init(argc, argv, environ);
	if (argc > 2 && strcmp(argv[1], "-P") == 0)
		return (role(argc, argv));
	log_init("monitor", NULL);
	if (argc > 1 && strcmp(argv[1], "-M") == 0)
		return (manifest_tool(argc - 2, argv + 2));
	memset(&o, 0, sizeof(o));
	options(argc, argv, &o);
	s->s_argv = argv + optind;
	s->s_json = o.o_json;
	s->s_verbose = o.o_verbose;
	s->s_logfd = STDERR_FILENO;
	signals_at_start(s);
	signals_hold();
	if (o.o_learn != NULL)
		learn_open(s, o.o_learn);
	if (o.o_manifest != NULL)
		learn_manifest(s, o.o_manifest);
	s->s_names = o.o_names != 0 ? o.o_names : LEARN_NAMES;
	if (!o.o_explain) {
		start_self(s);
		rundir_sweep(s);
		start_first(s);
	}
	macros(s);
	policy_load(s, &o);
	keep(&s->s_policy, &o);
	if (!o.o_explain) {
		if (o.o_log != NULL)
			log_open(s, o.o_log);
		environment(s);
		if (s->s_learn != NULL)
			learn_secrets(s);
		if (!namespaces_wanted(&s->s_policy)) {
			loopback_spare(&s->s_policy);
			spawn_role(s, ROLE_RECEIVER);
		}
	}
	if (compile(&s->s_policy, &s->s_plan) == -1)
		return (EXIT_SANDBOX);
	if (o.o_explain)
		return (explain_all(s, o.o_filters));
	if (sockets_check(&s->s_plan) == -1)
		return (EXIT_SANDBOX);
	if (namespaces_wanted(&s->s_policy) || s->s_plan.pl_net.np_sought)
		start_again(s);
	if (netset_hosts(&s->s_plan.pl_net.np_rules)) {
		nameserver_find(&s->s_policy, &s->s_nameservers);
		spawn_role(s, ROLE_RESOLVER);
	}
	monitor_wall(s);
	if (s->s_learn != NULL)
		learn_header(s);
	limit_init(s->s_plan.pl_rules.rs_count);
	spawn_setup(s);
	plan_free(&s->s_plan);
	return (monitor(s));
}

/* What roles are started from. */
static void
start_self(struct session *s)
{
	const char	*lacks;
	int		 fd;

	if ((lacks = kernel_lacks()) != NULL)
		fatalx("this kernel has %s", lacks);
	if ((fd = open("/proc/self/exe", O_PATH | O_CLOEXEC)) == -1)
		fatal("/proc/self/exe");
	/* Not one of the numbers that a role's channels get. */
	if ((s->s_selffd = fcntl(fd, F_DUPFD_CLOEXEC, FD_LOG + 1)) == -1) {
		if (errno == EINVAL)	/* no such number: RLIMIT_NOFILE */
			errno = EMFILE;
		fatal("/proc/self/exe");
	}
	close(fd);
}

/* The roles that need nothing of the policy to start. */
static void
start_first(struct session *s)
{
	/* What a dead receiver leaves is ours to end. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		fatal("prctl: PR_SET_CHILD_SUBREAPER");
	spawn_role(s, ROLE_POLICY);
	spawn_role(s, ROLE_INTEGRITY);
	if (s->s_learn != NULL)
		spawn_role(s, ROLE_LEARN);
}

static int
namespaces_wanted(const struct policy *p)
{
	return (p->p_hide || p->p_network > NETWORK_HOST);
}

/*
 * All roles have to see the same names and network, or the policy worker is to
 * reach the abstract sockets of the command's and no others: start them again
 * inside.
 */
static void
start_again(struct session *s)
{
	int	 fd;

	spawn_stop(s);
	close(s->s_selffd);
	if (namespaces_wanted(&s->s_policy) && namespaces_enter(s) == -1)
		exit(EXIT_SANDBOX);
	/* where there are no scopes, the command's domain has none either */
	if (s->s_plan.pl_net.np_sought && ll_abi() >= 6) {
		if ((fd = ll_ruleset_scope(LL_SCOPE_ABSTRACT_UNIX)) == -1)
			fatal("landlock_create_ruleset");
		jail_wall(fd);
	}
	start_self(s);
	start_first(s);
	loopback_spare(&s->s_policy);
	spawn_role(s, ROLE_RECEIVER);
}

/* Without the network's, its rules hold all the same: set degrade yes. */
static int
namespaces_enter(const struct session *s)
{
	const struct policy	*p = &s->s_policy;

	if (p->p_network > NETWORK_HOST && loopback_enter(p) == -1) {
		if (!p->p_degrade)
			return (-1);
		log_warnx("%s: without it, the rules alone hold for the "
		    "host's network", network_setting(p));
	}
	if (p->p_hide)
		return (hide_mount(&s->s_plan.pl_hide, p->p_caps));
	return (0);
}

/* Could they be had?  Said on stderr if not; nothing stays. */
static void
namespaces_try(const struct session *s)
{
	pid_t	 pid;

	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0)
		_exit(namespaces_enter(s) == -1);
	if (waitpid(pid, NULL, 0) == -1)
		fatal("waitpid");
}

/* -n, with -v, -j and -F. */
static int
explain_all(const struct session *s, const char *filters)
{
	const char	*lacks;

	if ((lacks = kernel_lacks()) != NULL)
		log_warnx("nothing can be run: this kernel has %s", lacks);
	if (namespaces_wanted(&s->s_policy))
		namespaces_try(s);
	if (s->s_json)
		explain_json(stdout, &s->s_policy, &s->s_plan);
	else
		explain(stdout, &s->s_policy, &s->s_plan);
	if (s->s_verbose && !s->s_json)
		explain_verbose(stdout, &s->s_policy, &s->s_plan);
	if (fflush(stdout) == EOF || ferror(stdout))
		fatal("standard output");
	if (filters != NULL)
		explain_filters(filters, &s->s_plan);
	return (0);
}

static int
role(int argc, char **argv)
{
	size_t	 i;

	prctl(PR_SET_NAME, "privsep-sandbox", 0, 0, 0);
	log_init(argv[2], NULL);	/* until it has its channel */
	for (i = 0; i < sizeof(role_entries) / sizeof(role_entries[0]); i++)
		if (strcmp(argv[2], role_entries[i].re_name) == 0)
			return (role_entries[i].re_main(argc, argv));
	usage(EXIT_SANDBOX);
}

static void
usage(int st)
{
	fprintf(st == 0 ? stdout : stderr,
	    "usage: privsep-sandbox [-hjnvVw] [-F directory] [-f file] "
	    "[-k name] [-L file]\n"
	    "                       [-l file] [-m file] [-N names] "
	    "[-p profile] [-r rule]\n"
	    "                       [--] command [args]\n"
	    "%s", manifest_usage);
	exit(st);
}

static void
options(int argc, char **argv, struct options *o)
{
	const char	*why;
	int		 ch;

	while ((ch = getopt(argc, argv, "+F:f:hjk:L:l:m:N:np:r:vVw")) != -1) {
		switch (ch) {
		case 'F':
			o->o_filters = optarg;
			break;
		case 'f':
		case 'p':
		case 'r':
			options_source(o, ch, optarg);
			break;
		case 'h':
			usage(0);
		case 'j':
			o->o_json = 1;
			break;
		case 'k':
			if (o->o_nkeep == KEEP_ENV_MAX)
				fatalx("-k: more than %d names", KEEP_ENV_MAX);
			o->o_keep[o->o_nkeep++] = optarg;
			break;
		case 'L':
			o->o_learn = optarg;
			break;
		case 'l':
			o->o_log = optarg;
			break;
		case 'm':
			o->o_manifest = optarg;
			break;
		case 'N':
			o->o_names = (uint32_t)strtonum(optarg, 1,
			    LEARN_NAMES_MAX, &why);
			if (why != NULL)
				fatalx("-N %s: the number is %s; expected 1 "
				    "to %d", optarg, why, LEARN_NAMES_MAX);
			break;
		case 'n':
			o->o_explain = 1;
			break;
		case 'v':
			log_setverbose(++o->o_verbose);
			break;
		case 'V':
			puts("privsep-sandbox " VERSION);
			exit(0);
		case 'w':
			o->o_watch = 1;
			break;
		default:
			usage(EXIT_SANDBOX);
		}
	}
	options_check(argc, optind, o);
}

static void
options_check(int argc, int used, const struct options *o)
{
	if (used == argc && !o->o_explain) {
		fprintf(stderr, "privsep-sandbox: no command; for example: "
		    "privsep-sandbox -- ls -l\n");
		exit(EXIT_SANDBOX);
	}
	if (o->o_explain && o->o_learn != NULL)
		fatalx("-n runs nothing, so there is nothing for -L to learn");
	if (o->o_filters != NULL && !o->o_explain)
		fatalx("-F is for -n; for example: "
		    "privsep-sandbox -n -F filters");
	if (o->o_manifest != NULL && o->o_learn == NULL)
		fatalx("-m is for -L; for example: "
		    "privsep-sandbox -L new.conf -m new.manifest -- make");
	if (o->o_names != 0 && o->o_learn == NULL)
		fatalx("-N is for -L; for example: "
		    "privsep-sandbox -L new.conf -N 20 -- make");
}

static void
options_source(struct options *o, int opt, const char *arg)
{
	if (o->o_nsources == SOURCES_MAX)
		fatalx("-%c: more than %d policies", opt, SOURCES_MAX);
	o->o_sources[o->o_nsources].so_opt = opt;
	o->o_sources[o->o_nsources++].so_arg = arg;
}

/* What nothing works without and is not there, by name and version. */
static const char *
kernel_lacks(void)
{
	uint32_t	 action = SECCOMP_RET_USER_NOTIF;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == -1)
		return ("no seccomp user notification "
		    "(CONFIG_SECCOMP_FILTER, Linux 5.19); run a newer one");
	/* A known flag finds the null filter (EFAULT); an unknown, EINVAL. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1UL << 5 |
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL) == -1 && errno == EINVAL)
		return ("no SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; "
		    "Linux 5.19 or later is needed");
	if (ll_abi() == 0 && prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER)
		return ("no Landlock for what runs in this sandbox or "
		    "container, which has a filter of its own; run outside");
	if (ll_abi() == 0)
		return ("no Landlock (CONFIG_SECURITY_LANDLOCK "
		    "and \"landlock\" in its lsm= list); enable it");
	return (NULL);
}

/* From here to the monitor's loop: nothing is left behind half-made. */
static void
signals_hold(void)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGALRM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		fatal("sigprocmask");
}

static void
signals_at_start(struct session *s)
{
	struct sigaction	 sa;
	int			 sig;

	for (sig = 1; sig < 65; sig++)
		if (sigaction(sig, NULL, &sa) == 0 &&
		    sa.sa_handler == SIG_IGN)
			s->s_ignored |= 1ULL << (sig - 1);
}

/*
 * The home directory by the environment, and in *other the one of passwd(5)
 * where that is another: secrets are in both.  Without a variable that names
 * one it is passwd's; none at all is an error, since then no rule would hide
 * what is in it.
 */
static const char *
home_directory(const char **other)
{
	static struct passwd_entry	 pe;
	static char			 real[PATH_MAX];
	const char			*home = getenv("HOME");
	int				 found;

	found = passwd_find(NULL, getuid(), &pe) == 0 &&
	    pe.pe_home[0] == '/' && pe.pe_home[1] != '\0';
	*other = "";
	if (home == NULL || home[0] != '/' || home[strspn(home, "/")] == '\0') {
		if (!found)
			fatalx("no home directory is known for uid %u: "
			    "set HOME", getuid());
		return (pe.pe_home);
	}
	if (found && strcmp(home, pe.pe_home) != 0)
		*other = realpath(pe.pe_home, real) != NULL ? real :
		    pe.pe_home;
	return (home);
}

/*
 * $HOME, $USER, $PWD, $TMPDIR, $TTY; and $WORKDIR, the working directory unless
 * the home directory is that or below it: then it is empty, and rules that
 * name it are skipped.
 */
static void
macros(struct session *s)
{
	static char	 pwd[PATH_MAX];
	const char	*home, *user, *tty;
	char		*real;
	int		 work;

	policy_init(&s->s_policy);
	if (getcwd(pwd, sizeof(pwd)) == NULL)
		fatal("working directory; cd to one that exists");
	if (pwd[0] != '/')
		fatalx("working directory %s; cd to one that exists", pwd);
	home = home_directory(&home_other);
	if ((user = getenv("USER")) == NULL)
		user = "";
	real = *home != '\0' ? realpath(home, NULL) : NULL;
	work = strcmp(pwd, "/") != 0 &&
	    (real == NULL || !path_below(real, pwd)) &&
	    (*home_other == '\0' || !path_below(home_other, pwd));
	s->s_home = real != NULL ? strdup(real) : NULL;
	s->s_work = work ? pwd : NULL;
	if ((tty = ttyname(STDIN_FILENO)) == NULL &&
	    (tty = ttyname(STDOUT_FILENO)) == NULL &&
	    (tty = ttyname(STDERR_FILENO)) == NULL)
		tty = "";
	s->s_tty = tty;
	rundir(s);
	if (policy_macro(&s->s_policy, "HOME", home) == -1 ||
	    policy_macro(&s->s_policy, "TTY", tty) == -1 ||
	    policy_macro(&s->s_policy, "USER", user) == -1 ||
	    policy_macro(&s->s_policy, "PWD", pwd) == -1 ||
	    policy_macro(&s->s_policy, "WORKDIR", work ? pwd : "") == -1 ||
	    policy_macro(&s->s_policy, "TMPDIR", s->s_rundir) == -1)
		exit(EXIT_SANDBOX);
	free(real);
}

/* This run's temporary directory, removed when it ends. */
static void
rundir(struct session *s)
{
	s->s_rundir = rundir_make();
	s->s_policy.p_rundir = s->s_rundir;
	atexit(rundir_remove);
}

/* When something fails before the command runs; it is still empty then. */
static void
rundir_remove(void)
{
	if (session.s_rundir != NULL)
		(void)rmdir(session.s_rundir);
}

/* The log of denials, which the command may not write whatever the rules. */
static void
log_open(struct session *s, const char *path)
{
	char	*real;

	if ((s->s_logfd = open(path, O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC | O_NOCTTY, 0600)) == -1 ||
	    (real = realpath(path, NULL)) == NULL)
		fatal("-l %s", path);
	own_file(s, "-l", real, R_ALL & ~RG_READ);
	free(real);
}

/* A file of ours, which the command may not touch like that. */
static void
own_file(struct session *s, const char *opt, char *real, uint32_t rights)
{
	char		 file[] = "-?";
	struct ruleset	*rs = &s->s_policy.p_rules;
	struct rule	 r;

	file[1] = opt[1];
	memset(&r, 0, sizeof(r));
	r.r_rights = rights;
	r.r_action = RULE_DENY;
	r.r_match = MATCH_EXACT;
	r.r_flags = RF_QUICK;
	r.r_errno = EACCES;
	r.r_line = 1;
	r.r_file = file;
	r.r_path = real;
	r.r_len = strlen(real);
	/* a device takes what others write, too */
	if (strncmp(real, "/dev/", 5) != 0) {
		if (ruleset_add(rs, &r) == -1)
			fatal("%s %s", opt, real);
		/* before every other quick rule */
		r = rs->rs_rules[rs->rs_count - 1];
		memmove(rs->rs_rules + 1, rs->rs_rules,
		    (rs->rs_count - 1) * sizeof(r));
		rs->rs_rules[0] = r;
	}
}

/*
 * What must not be learned: all that the default profile hides, but other
 * terminals.  And the command may not touch what it is learned to.
 */
static void
learn_secrets(struct session *s)
{
	static const char *const empty[] = {
		"USER", "PWD", "WORKDIR", "TMPDIR", "TTY"
	};
	static struct policy	 p;
	static struct plan	 pl;
	const struct rule	*r;
	size_t			 i;
	int			 error;

	policy_init(&p);
	error = policy_macro(&p, "HOME", s->s_home != NULL ? s->s_home : "");
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		error |= policy_macro(&p, empty[i], "");
	error |= profile_load(&p, "default");
	p.p_degrade = s->s_policy.p_degrade;
	if (error != 0 || compile(&p, &pl) == -1)
		exit(EXIT_SANDBOX);
	for (i = 0; i < pl.pl_rules.rs_count; i++) {
		r = &pl.pl_rules.rs_rules[i];
		if (r->r_action == RULE_DENY && (r->r_rights & R_READ) &&
		    !path_below(r->r_path, "/dev") &&
		    ruleset_add(&s->s_secrets, r) == -1)
			fatal("-L");
	}
	plan_free(&pl);
	policy_free(&p);
	own_file(s, "-L", (char *)(uintptr_t)s->s_learn, R_ALL);
	if (s->s_manifest != NULL)
		own_file(s, "-m", (char *)(uintptr_t)s->s_manifest, R_ALL);
	s->s_policy.p_watch = 1;
}

/* Right behind the rules [from, count) of the same line, or at the end. */
static int
rule_insert(struct ruleset *rs, size_t from, const struct rule *r)
{
	struct rule	*to, last;
	size_t		 i;

	if (ruleset_add(rs, r) == -1)
		return (-1);
	last = rs->rs_rules[rs->rs_count - 1];
	for (i = rs->rs_count - 1; i > from; i--) {
		to = &rs->rs_rules[i - 1];
		if (to->r_line == r->r_line &&
		    strcmp(to->r_file, r->r_file) == 0)
			break;
	}
	if (i > from) {
		to = &rs->rs_rules[i];
		memmove(to + 1, to, (rs->rs_count - 1 - i) * sizeof(*to));
		*to = last;
	}
	return (0);
}

/*
 * A profile; and what it denies in $HOME it denies in the home directory of
 * passwd(5) too, where that is another: in the same place, so that what comes
 * later still wins.
 */
static int
profile_load(struct policy *p, const char *profile)
{
	static const char *const empty[] = {
		"USER", "PWD", "WORKDIR", "TMPDIR", "TTY"
	};
	struct policy	 other;
	struct rule	*r;
	size_t		 i, from = p->p_rules.rs_count;
	int		 error;

	error = policy_parse_profile(p, profile);
	if (error != 0 || *home_other == '\0')
		return (error);
	policy_init(&other);
	error = policy_macro(&other, "HOME", home_other);
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		error |= policy_macro(&other, empty[i], "");
	error |= policy_parse_profile(&other, profile);
	for (i = 0; error == 0 && i < other.p_rules.rs_count; i++) {
		r = &other.p_rules.rs_rules[i];
		if (r->r_action == RULE_DENY &&
		    path_below(r->r_path, home_other))
			error = rule_insert(&p->p_rules, from, r);
	}
	policy_free(&other);
	return (error);
}

/* Every rule logs, the default profile's too; but not those of -l. */
static void
policy_audit(struct policy *p)
{
	size_t	 i;

	for (i = 0; p->p_audit && i < p->p_rules.rs_count; i++)
		p->p_rules.rs_rules[i].r_flags |= RF_LOG;
}

static void
policy_load(struct session *s, const struct options *o)
{
	struct policy	*p = &s->s_policy;
	const char	*arg;
	size_t		 i;
	int		 error = 0, base = 0;

	for (i = 0; i < o->o_nsources; i++) {
		arg = o->o_sources[i].so_arg;
		if (o->o_sources[i].so_opt == 'f')
			error |= policy_parse_file(p, arg);
		else if (o->o_sources[i].so_opt == 'p')
			error |= profile_load(p, arg);
		base |= o->o_sources[i].so_opt == 'f';
	}
	/* A profile that only sets something is no policy yet. */
	if (!base && p->p_rules.rs_count == 0) {
		/* What is learned is bounded by what was asked for. */
		if (o->o_learn != NULL)
			error |= policy_parse_string(p, "-L",
			    "allow all under /");
		else
			error |= profile_load(p, "default");
	}
	/* Rules of the command line come last: they win. */
	for (i = 0; i < o->o_nsources; i++)
		if (o->o_sources[i].so_opt == 'r')
			error |= policy_parse_string(p, "-r",
			    o->o_sources[i].so_arg);
	if (error || policy_end(p) == -1)
		exit(EXIT_SANDBOX);
	policy_audit(p);
	/* A log that the kernel's denials are missing from misleads. */
	if (o->o_watch || (p->p_watch == -1 && o->o_log != NULL))
		p->p_watch = 1;
	if (!p->p_tmpdir) {
		rundir_remove();
		s->s_rundir = NULL;
	}
}

/* -k is a line of policy. */
static void
keep(struct policy *p, const struct options *o)
{
	size_t	 i;

	for (i = 0; i < o->o_nkeep; i++) {
		if (p->p_nenv == KEEP_ENV_MAX)
			fatalx("-k: more than %d names", KEEP_ENV_MAX);
		if ((p->p_env[p->p_nenv++] = strdup(o->o_keep[i])) == NULL)
			fatal("-k");
	}
}

static void
environment(struct session *s)
{
	struct policy	*p = &s->s_policy;

	if (s->s_rundir != NULL && setenv("TMPDIR", s->s_rundir, 1) == -1)
		fatal("setenv");
	if ((s->s_envp = env_clean(environ, p->p_env, p->p_nenv)) == NULL)
		fatal("environment");
}

/*
 * The monitor's own domain: nothing but removing this run's directory, which
 * the policy worker has emptied.
 */
static void
monitor_wall(struct session *s)
{
	char	*slash;
	char	 parent[PATH_MAX];
	int	 fd;

	if ((s->s_wall = ll_ruleset(0)) == -1)
		fatal("landlock_create_ruleset");
	if (s->s_rundir == NULL)
		return;
	snprintf(parent, sizeof(parent), "%s", s->s_rundir);
	if ((slash = strrchr(parent, '/')) != NULL)
		slash[slash == parent] = '\0';
	if ((fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    ll_allow(s->s_wall, fd, LL_FS_REMOVE_DIR) == -1)
		fatal("landlock_add_rule: %s", parent);
	close(fd);
}
