/*
 * -L in the monitor: makes the file before the command exists, and writes at
 * its top what was asked for on the command line.  The rest is the learn
 * role's.  Must never see a name that the command used.
 */
/* which of two strnvis(3) */
#define LIBBSD_OPENBSD_VIS
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <vis.h>

#include "../common/log.h"
#include "explain.h"
#include "learn.h"

#define COMMAND_MAX	512	/* of the command, escaped */

static char	*learn_make(int *, const char *, const char *, char **);
static void	 header_manifest(FILE *, const char *);
static void	 header_command(FILE *, char **);
static void	 header_list(FILE *, const char *, char *const *, size_t);
static void	 header_capabilities(FILE *, const struct policy *);
static void	 header_calls(FILE *, const struct policy *, int);
static void	 header_exec(FILE *, const struct policy *);
static void	 learn_remove(void);

static char	*unfinished[2];	/* the files, until the command runs */

void
learn_open(struct session *s, const char *file)
{
	s->s_learn = learn_make(&s->s_learnfd, "-L", file, &unfinished[0]);
}

void
learn_manifest(struct session *s, const char *file)
{
	s->s_manifest = learn_make(&s->s_manifestfd, "-m", file,
	    &unfinished[1]);
}

/* Its canonical name. */
static char *
learn_make(int *fd, const char *opt, const char *file, char **name)
{
	static int	 armed;
	char		*real;

	*fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY |
	    O_NOFOLLOW, 0600);
	if (*fd == -1 && errno == EEXIST)
		fatalx("%s %s: it exists, and is not overwritten; remove it "
		    "or give another name", opt, file);
	if (*fd == -1 || (*name = strdup(file)) == NULL)
		fatal("%s %s", opt, file);
	if (!armed && atexit(learn_remove) != 0)
		fatalx("atexit");
	armed = 1;
	if ((real = realpath(file, NULL)) == NULL)
		fatal("%s %s", opt, file);
	free(*name);
	*name = real;
	return (real);
}

/* What could not even be started has learned nothing. */
static void
learn_remove(void)
{
	size_t	 i;

	for (i = 0; i < 2; i++)
		if (unfinished[i] != NULL)
			(void)unlink(unfinished[i]);
}

void
learn_header(const struct session *s)
{
	const struct policy	*p = &s->s_policy;
	char			 day[32];
	time_t			 now = time(NULL);
	FILE			*fp;
	int			 fd;

	if ((fd = fcntl(s->s_learnfd, F_DUPFD_CLOEXEC, 0)) == -1 ||
	    (fp = fdopen(fd, "w")) == NULL)
		fatal("-L %s", s->s_learn);
	(void)strftime(day, sizeof(day), "%Y-%m-%d", localtime(&now));
	fprintf(fp, "# A policy of privsep-sandbox.conf(5), learned on %s "
	    "from one run of\n#\t", day);
	header_command(fp, s->s_argv);
	fprintf(fp, "\n# It allows what that run did and says nothing of "
	    "whether it should.\n# Look it over before use.\n");
	header_manifest(fp, s->s_manifest);
	if (!p->p_tmpdir)
		fputs("set tmpdir none\n", fp);
	if (p->p_degrade)
		fputs("set degrade yes\n", fp);
	if (p->p_network != -1)
		fprintf(fp, "%s\n", network_setting(p));
	if (p->p_net)
		fputs("allow net\n", fp);
	header_list(fp, "keep env", p->p_env, p->p_nenv);
	header_capabilities(fp, p);
	header_calls(fp, p, 1);
	header_calls(fp, p, 0);
	header_exec(fp, p);
	if (fclose(fp) == EOF)
		fatal("-L %s", s->s_learn);
	unfinished[0] = unfinished[1] = NULL;
}

/* The line that would hold it to the files of this run. */
static void
header_manifest(FILE *fp, const char *file)
{
	char	 name[4 * PATH_MAX + 1];

	if (file == NULL)
		return;
	(void)strnvis(name, file, sizeof(name), VIS_OCTAL | VIS_CSTYLE |
	    VIS_TAB | VIS_NL | VIS_NOLOCALE);
	fprintf(fp, "# What it executed is listed by digest; to allow no "
	    "other contents:\n# verify from \"%s\"\n", name);
}

/* On one line, whatever its arguments hold. */
static void
header_command(FILE *fp, char **argv)
{
	char	 text[COMMAND_MAX], word[COMMAND_MAX];
	size_t	 n = 0;

	text[0] = '\0';
	for (; *argv != NULL; argv++) {
		(void)strnvis(word, *argv, sizeof(word), VIS_CSTYLE |
		    VIS_TAB | VIS_NL | VIS_NOLOCALE);
		n = strlcat(text, word, sizeof(text));
		if (n < sizeof(text) && argv[1] != NULL)
			n = strlcat(text, " ", sizeof(text));
		if (n >= sizeof(text))
			break;
	}
	fprintf(fp, "%s%s", text, n >= sizeof(text) ? " ..." : "");
}

static void
header_list(FILE *fp, const char *what, char *const *names, size_t n)
{
	size_t	 i;

	if (n == 0)
		return;
	fprintf(fp, "%s {", what);
	for (i = 0; i < n; i++)
		fprintf(fp, " %s", names[i]);
	fputs(" }\n", fp);
}

static void
header_capabilities(FILE *fp, const struct policy *p)
{
	unsigned	 i;

	if (p->p_caps == 0)
		return;
	fputs("keep capability {", fp);
	for (i = 0; i < 64; i++)
		if ((p->p_caps & 1ULL << i) && policy_capability(i) != NULL)
			fprintf(fp, " %s", policy_capability(i));
	fputs(" }\n", fp);
}

static void
header_calls(FILE *fp, const struct policy *p, int allow)
{
	const struct sysent	*se;
	size_t			 i;

	for (i = 0; i < p->p_ncalls; i++)
		if (p->p_calls[i].pc_allow == allow &&
		    (se = sysent_find(p->p_calls[i].pc_nr)) != NULL)
			fprintf(fp, "%s syscall %s\n",
			    allow ? "allow" : "deny", se->se_name);
}

/* What was learned is under these, and so is what is said of it later. */
static void
header_exec(FILE *fp, const struct policy *p)
{
	char	 text[NAME_TEXT_MAX];
	size_t	 n;

	for (n = 0; explain_exec(p, n, text, sizeof(text)) == 0; n++)
		fprintf(fp, "%s\n", text);
}
