/*
 * -M: makes, signs and checks manifests.  A program by itself: no roles, no
 * child, no policy.  Each command opens what it was given by name, confines
 * itself to reading that and to making names in the one directory it writes
 * to (Landlock; no network), and only then reads a file.  There is no filter:
 * it interprets no byte of what it hashes, and libsodium allocates nothing.
 *
 * Must never: replace a file other than as a whole, or overwrite a key.
 */
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "manifest.h"
#include "manifest_tool.h"
#include "signify.h"

#define TEMP_TRIES	16	/* names for a file that is to be renamed */

/* What the options say. */
struct tool {
	const char	*t_comment;	/* -c */
	const char	*t_out;		/* -o */
	const char	*t_public;	/* -p */
	const char	*t_secret;	/* -s */
	uint8_t		 t_alg;		/* -a */
};

/* What is being listed. */
struct listing {
	struct verifyset li_set;
	uint8_t		 li_alg;
};

/* A file to be made: the directory it is in, opened, and its name there. */
struct place {
	char		 pl_name[NAME_MAX + 1];
	const char	*pl_shown;
	int		 pl_dir;
};

static int	 tool_key(const struct tool *, int, char **);
static int	 tool_generate(const struct tool *, int, char **);
static int	 tool_sign(const struct tool *, int, char **);
static int	 tool_verify(const struct tool *, int, char **);
static void	 confine(int);
static void	 confine_to(const struct place *, const struct place *);
static void	 place_open(struct place *, const char *);
static void	 place_make(const struct place *, mode_t, const char *);
static void	 place_replace(const struct place *, const char *, size_t);
static int	 text_write(int, const char *, size_t);
static struct root *roots_open(int, char **);
static int	 file_list(void *, const char *, int);
static char	*list_print(struct verifyset *, size_t *);

const char	 manifest_usage[] =
    "       privsep-sandbox -M key [-c comment] -p public -s secret\n"
    "       privsep-sandbox -M generate [-a algorithm] [-o manifest] path ...\n"
    "       privsep-sandbox -M sign -s secret manifest\n"
    "       privsep-sandbox -M verify [-p public] manifest [path ...]\n";

static const struct command {
	const char	*c_name;
	const char	*c_options;
	int		 c_min, c_max;	/* arguments; -1: any number */
	int		 (*c_run)(const struct tool *, int, char **);
} commands[] = {
	{ "key",	"+c:p:s:",	0, 0,	tool_key },
	{ "generate",	"+a:o:",		1, -1,	tool_generate },
	{ "sign",	"+s:",		1, 1,	tool_sign },
	{ "verify",	"+p:",		1, -1,	tool_verify },
};
#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
tool_usage(void)
{
	fprintf(stderr, "usage:\n%s", manifest_usage);
	exit(EXIT_SANDBOX);
}

static void
tool_option(struct tool *t, int ch)
{
	switch (ch) {
	case 'a':
		if ((t->t_alg = digest_parse(optarg)) == 0)
			fatalx("-a %s: no such algorithm; expected blake2b, "
			    "sha256 or sha512", show(optarg));
		break;
	case 'c':
		if (strchr(optarg, '\n') != NULL)
			fatalx("-c: a comment is one line");
		t->t_comment = optarg;
		break;
	case 'o':
		t->t_out = optarg;
		break;
	case 'p':
		t->t_public = optarg;
		break;
	case 's':
		t->t_secret = optarg;
		break;
	default:
		tool_usage();
	}
}

int
manifest_tool(int argc, char **argv)
{
	const struct command	*c = commands;
	struct tool		 t;
	size_t			 i;
	int			 ch;

	memset(&t, 0, sizeof(t));
	t.t_alg = DIGEST_BLAKE2B;
	for (i = 0; argc > 0 && i < NCOMMANDS; i++)
		if (strcmp(argv[0], commands[i].c_name) == 0)
			break;
	if (argc < 1 || i == NCOMMANDS)
		tool_usage();
	c = &commands[i];
	while ((ch = getopt(argc, argv, c->c_options)) != -1)
		tool_option(&t, ch);
	argc -= optind;
	argv += optind;
	if (argc < c->c_min || (c->c_max != -1 && argc > c->c_max))
		tool_usage();
	if (sodium_init() == -1)
		fatalx("libsodium does not start");
	return (c->c_run(&t, argc, argv));
}

/* ---- the commands ---- */

static int
tool_key(const struct tool *t, int argc, char **argv)
{
	struct signify_secret	 ss;
	struct place		 public, secret;
	const char		*about = t->t_comment;
	char			 line[SIGNIFY_COMMENT_MAX], *text;

	(void)argc;
	(void)argv;
	if (t->t_public == NULL || t->t_secret == NULL)
		tool_usage();
	if (about == NULL)
		about = "privsep-sandbox";
	place_open(&public, t->t_public);
	place_open(&secret, t->t_secret);
	confine_to(&public, &secret);
	if (signify_generate(&ss) == -1)
		fatalx("libsodium does not start");
	(void)snprintf(line, sizeof(line), "%s secret key", about);
	if ((text = signify_secret_print(&ss, line)) == NULL)
		fatal("%s", __func__);
	place_make(&secret, 0600, text);
	freezero(text, strlen(text));
	(void)snprintf(line, sizeof(line), "%s public key", about);
	if ((text = signify_public_print(&ss, line)) == NULL)
		fatal("%s", __func__);
	sodium_memzero(&ss, sizeof(ss));
	place_make(&public, 0644, text);
	free(text);
	return (0);
}

static int
tool_generate(const struct tool *t, int argc, char **argv)
{
	static struct listing	 li;
	struct place		 out;
	struct root		*roots;
	char			*text;
	size_t			 len;
	int			 i, ruleset;

	li.li_alg = t->t_alg;
	roots = roots_open(argc, argv);
	if ((ruleset = ll_ruleset(0)) == -1)
		fatal("landlock_create_ruleset");
	for (i = 0; i < argc; i++)
		if (ll_allow(ruleset, roots[i].ro_fd, LL_FS_READ_FILE |
		    (roots[i].ro_dir ? LL_FS_READ_DIR : 0)) == -1)
			fatal("landlock_add_rule");
	if (t->t_out != NULL) {
		place_open(&out, t->t_out);
		if (ll_allow(ruleset, out.pl_dir, LL_FS_MAKE_REG |
		    LL_FS_WRITE_FILE | LL_FS_REMOVE_FILE) == -1)
			fatal("landlock_add_rule");
	}
	confine(ruleset);
	for (i = 0; i < argc; i++)
		if (root_walk(&roots[i], file_list, &li) != 0)
			return (EXIT_SANDBOX);
	text = list_print(&li.li_set, &len);
	if (t->t_out != NULL)
		place_replace(&out, text, len);
	/* analyzer: the process ends */
	else if (fwrite(text, 1, len, stdout) != len || fflush(stdout) == EOF)
		fatal("standard output");
	return (0);
}

static int
tool_sign(const struct tool *t, int argc, char **argv)
{
	struct signify_secret	 ss;
	struct verifyset	 vs;
	struct place		 sig;
	char			 why[SIGNIFY_WHY_MAX], name[PATH_MAX];
	char			 line[SIGNIFY_COMMENT_MAX], *text, *out, *p;
	size_t			 len, n;

	(void)argc;
	if (t->t_secret == NULL)
		tool_usage();
	if ((size_t)snprintf(name, sizeof(name), "%s.sig", argv[0]) >=
	    sizeof(name))
		fatalx("%s: the name is too long", show(argv[0]));
	place_open(&sig, name);
	if (signify_secret(t->t_secret, &ss, why) == -1 ||
	    (text = signify_text(argv[0], MANIFEST_SIZE_MAX, 0, &len, why)) ==
	    NULL)
		fatalx("%s", why);
	confine_to(&sig, &sig);
	/* what no policy could read is not worth a signature */
	memset(&vs, 0, sizeof(vs));
	if ((out = malloc(len + 1)) == NULL)
		fatal("%s", __func__);
	memcpy(out, text, len + 1);
	if (manifest_parse(&vs, argv[0], out, len, why) == -1)
		fatalx("%s", why);
	free(out);
	/* as signify -S does it: by which file it can be verified */
	(void)strlcpy(name, t->t_secret, sizeof(name));
	p = basename(name);
	n = strlen(p);
	if (n > 4 && strcmp(p + n - 4, ".sec") == 0)
		(void)snprintf(line, sizeof(line), "verify with %.*s.pub",
		    (int)(n - 4), p);
	else
		(void)snprintf(line, sizeof(line), "signature from "
		    "privsep-sandbox secret key");
	if ((out = signify_sign(&ss, text, len, line)) == NULL)
		fatal("%s", __func__);
	sodium_memzero(&ss, sizeof(ss));
	place_replace(&sig, out, strlen(out));
	return (0);
}

static int
tool_verify(const struct tool *t, int argc, char **argv)
{
	static struct verifyset	 vs;
	struct root		*roots;
	char			 why[MANIFEST_WHY_MAX], sig[PATH_MAX];

	if (access(argv[0], R_OK) == -1)
		fatal("%s", show(argv[0]));
	if ((size_t)snprintf(sig, sizeof(sig), "%s.sig", argv[0]) >=
	    sizeof(sig))
		fatalx("%s: the name is too long", show(argv[0]));
	if (t->t_public != NULL && access(t->t_public, R_OK) == -1)
		fatal("%s", show(t->t_public));
	if (t->t_public != NULL && access(sig, R_OK) == -1)
		fatal("%s", show(sig));
	if (manifest_read(&vs, argv[0], t->t_public, why) == -1) {
		log_warnx("%s", why);
		return (TOOL_DIFFERS);
	}
	verify_sort(&vs);
	roots = roots_open(argc - 1, argv + 1);
	/* analyzer: the process ends */
	if (manifest_check(&vs, roots, (size_t)argc - 1, confine) > 0) {
		if (fflush(stdout) == EOF)
			fatal("standard output");
		return (TOOL_DIFFERS);
	}
	return (0);
}

/* ---- confinement ---- */

static void
confine(int ruleset)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    ll_enter(ruleset) == -1)
		fatal("landlock_restrict_self");
	close(ruleset);
}

/* Nothing is read any more, and names made in these directories. */
static void
confine_to(const struct place *a, const struct place *b)
{
	const uint64_t	 access = LL_FS_MAKE_REG | LL_FS_WRITE_FILE |
			    LL_FS_REMOVE_FILE;
	int		 ruleset;

	if ((ruleset = ll_ruleset(0)) == -1 ||
	    ll_allow(ruleset, a->pl_dir, access) == -1 ||
	    ll_allow(ruleset, b->pl_dir, access) == -1)
		fatal("landlock_create_ruleset");
	confine(ruleset);
}

/* ---- files that are made ---- */

static void
place_open(struct place *pl, const char *path)
{
	char	 copy[PATH_MAX], *slash;

	pl->pl_shown = path;
	if (strlcpy(copy, path, sizeof(copy)) >= sizeof(copy))
		fatalx("%s: the name is too long", show(path));
	slash = strrchr(copy, '/');
	if (strlcpy(pl->pl_name, slash != NULL ? slash + 1 : copy,
	    sizeof(pl->pl_name)) >= sizeof(pl->pl_name) ||
	    pl->pl_name[0] == '\0')
		fatalx("%s: not the name of a file", show(path));
	if (slash != NULL)
		slash[slash == copy] = '\0';
	if ((pl->pl_dir = open(slash != NULL ? copy : ".", O_PATH |
	    O_DIRECTORY | O_CLOEXEC)) == -1)
		fatal("%s", show(path));
}

/* A new file: what is there stays. */
static void
place_make(const struct place *pl, mode_t mode, const char *text)
{
	int	 fd;

	if ((fd = openat(pl->pl_dir, pl->pl_name, O_WRONLY | O_CREAT |
	    O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)) == -1)
		fatal("%s", show(pl->pl_shown));
	if (text_write(fd, text, strlen(text)) == -1)
		fatal("%s", show(pl->pl_shown));
}

/*
 * By a new file beside it, which takes its name when all is on disk.  As
 * mkostemp(3), but from a descriptor of the directory, and by the umask.
 */
static void
place_replace(const struct place *pl, const char *text, size_t len)
{
	char	 temp[64];
	int	 fd = -1, i;

	for (i = 0; i < TEMP_TRIES && fd == -1; i++) {
		(void)snprintf(temp, sizeof(temp), ".privsep-sandbox.%08x%08x",
		    arc4random(), arc4random());
		fd = openat(pl->pl_dir, temp, O_WRONLY | O_CREAT | O_EXCL |
		    O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd == -1 && errno != EEXIST)
			break;
	}
	if (fd == -1)
		fatal("%s", show(pl->pl_shown));
	if (text_write(fd, text, len) == -1 ||
	    renameat(pl->pl_dir, temp, pl->pl_dir, pl->pl_name) == -1) {
		i = errno;
		(void)unlinkat(pl->pl_dir, temp, 0);
		errno = i;
		fatal("%s", show(pl->pl_shown));
	}
}

/* All of it, to the disk; closes.  0, or -1 with errno. */
static int
text_write(int fd, const char *text, size_t len)
{
	size_t	 at;
	ssize_t	 n;

	for (at = 0; at < len; at += (size_t)n)
		if ((n = write(fd, text + at, len - at)) == -1)
			return (-1);
	if (fsync(fd) == -1)
		return (-1);
	return (close(fd));
}

/* ---- listing ---- */

static struct root *
roots_open(int argc, char **argv)
{
	struct root	*roots;
	int		 i;

	if ((roots = calloc((size_t)argc + 1, sizeof(*roots))) == NULL)
		fatal("%s", __func__);
	for (i = 0; i < argc; i++)
		root_open(&roots[i], argv[i]);
	return (roots);
}

/* A file becomes a line. */
static int
file_list(void *arg, const char *path, int fd)
{
	static char		 none[] = "";
	struct listing		*li = arg;
	struct verify		 v;
	uint8_t			 digest[DIGEST_COUNT][DIGEST_MAX];
	const char		*p;

	memset(&v, 0, sizeof(v));
	for (p = path; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f) {
			log_warnx("%s: a control character cannot stand in a "
			    "manifest", show(path));
			return (-1);
		}
	v.v_path = (char *)(uintptr_t)path;
	v.v_file = none;
	v.v_alg = li->li_alg;
	if (file_digest(fd, ALG_BIT(v.v_alg), digest) == -1) {
		log_warnx("%s: %s", show(path), errno == ESTALE ?
		    "it is being written" : strerror(errno));
		return (-1);
	}
	memcpy(v.v_digest, digest[v.v_alg], sizeof(v.v_digest));
	if (verify_add(&li->li_set, &v) == -1) {
		log_warnx("%s: %s", show(path), errno == E2BIG ?
		    "more files than a policy can take" : strerror(errno));
		return (-1);
	}
	return (0);
}

/* Sorted by path, each once. */
static char *
list_print(struct verifyset *vs, size_t *len)
{
	const struct verify	*v;
	char			*text, hex[DIGEST_TEXT];
	FILE			*fp;
	size_t			 i;

	verify_sort(vs);
	if ((fp = open_memstream(&text, len)) == NULL)
		fatal("%s", __func__);
	for (i = 0; i < vs->vs_count; i++) {
		v = &vs->vs_list[i];
		if (i > 0 && strcmp(v->v_path, v[-1].v_path) == 0)
			continue;
		digest_print(hex, sizeof(hex), v->v_digest, v->v_alg);
		fprintf(fp, "%s %s %s\n", v->v_path, digest_name(v->v_alg),
		    hex);
	}
	if (fclose(fp) == EOF)
		fatal("%s", __func__);
	if (*len > MANIFEST_SIZE_MAX)
		fatalx("a manifest larger than %d bytes", MANIFEST_SIZE_MAX);
	return (text);
}
