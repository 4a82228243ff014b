/*
 * Classes of executables at the call, where it can still fail with an errno.
 * The integrity worker looks at what is mapped, and its answer counts; but a
 * script is never mapped, so what is said of one is said here alone.
 *
 * Must never: take what it finds for more than a courtesy.  The directories
 * are looked at by their names again, which others may change.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "integrity_elf.h"
#include "policy.h"

/* What the integrity worker finds in a program, but not in a script. */
#define CLASS_PROGRAM	(EXEC_FILE & ~(uint32_t)EXEC_SCRIPT)

static int	 class_script(const char *, ssize_t);
static int	 class_speak(struct request *, const struct walk *, uint32_t,
		    int, const char *, const char *);
static int	 class_args(struct request *, const struct walk *, int);
static int	 class_program(struct request *, const struct walk *);
static int	 class_writable(struct request *, const struct walk *, int);
static int	 class_untrusted(struct request *, const struct walk *, int);
static int	 untrusted_step(struct request *, const struct walk *,
		    const struct stat *, enum tpe_what, size_t, int);

int
class_check(struct request *rq, const struct walk *w, const char *head,
    ssize_t n, int first)
{
	const struct verifyset	*vs = &worker.wk_classes;
	uint32_t		 asked = vs->vs_refused | vs->vs_warned;
	int			 script, error = 0;

	if (asked == 0 || w->w_len == 0)
		return (0);
	script = class_script(head, n);
	if (first && script && (asked & EXEC_SCRIPT))
		error = class_speak(rq, w, EXEC_SCRIPT, script,
		    "executable is of class script", NULL);
	if (error == 0 && first && (asked & EXEC_NULLARGV))
		error = class_args(rq, w, script);
	if (error == 0 && !script && (vs->vs_refused & CLASS_PROGRAM))
		error = class_program(rq, w);
	if (error == 0 && (asked & EXEC_WRITABLE))
		error = class_writable(rq, w, script);
	if (error == 0 && (asked & EXEC_UNTRUSTED) &&
	    !tpe_exempt(&worker.wk_tpe, w->w_name, w->w_len))
		error = class_untrusted(rq, w, script);
	return (error);
}

/* What it is, it is for everybody; who could exchange it counts. */
int
class_loader(struct request *rq, const struct walk *w)
{
	uint32_t	 asked = worker.wk_classes.vs_refused;
	int		 error = 0;

	if (w->w_len == 0)
		return (0);
	if (asked & EXEC_WRITABLE)
		error = class_writable(rq, w, 0);
	if (error == 0 && (asked & EXEC_UNTRUSTED) &&
	    !tpe_exempt(&worker.wk_tpe, w->w_name, w->w_len))
		error = class_untrusted(rq, w, 0);
	return (error);
}

/* What cannot be read may be one. */
static int
class_script(const char *head, ssize_t n)
{
	return (n == -1 || (n >= 2 && head[0] == '#' && head[1] == '!'));
}

/* Of a program the integrity worker will warn. */
static int
class_speak(struct request *rq, const struct walk *w, uint32_t class,
    int script, const char *check, const char *allow)
{
	if (!script && !(worker.wk_classes.vs_refused & class))
		return (0);
	return (policy_class(rq, w->w_name, w->w_len, class, check, allow));
}

static int
class_args(struct request *rq, const struct walk *w, int script)
{
	static const uint8_t	 nothing[8];
	const struct cap	*cap;
	int			 arg;

	if ((arg = request_arg(rq, ARG_ARGV, 0)) == -1 ||
	    (cap = request_cap(rq, arg)) == NULL || cap->p_errno != 0)
		return (0);
	if (!cap->p_null && (cap->p_len != sizeof(nothing) ||
	    memcmp(cap->p_bytes, nothing, sizeof(nothing)) != 0))
		return (0);
	return (class_speak(rq, w, EXEC_NULLARGV, script, "executable is of "
	    "class nullargv: started without arguments, not even its name",
	    NULL));
}

static int
class_program(struct request *rq, const struct walk *w)
{
	static struct elf_info	 el;
	struct stat		 st;
	char			 check[64];
	uint32_t		 bad;
	int			 fd, rv;

	if ((fd = fd_reopen(w->w_fd, O_RDONLY | O_NONBLOCK)) == -1)
		return (0);
	rv = fstat(fd, &st) == -1 ? -1 :
	    elf_parse(fd, (uint64_t)st.st_size, &el);
	close(fd);
	/* what is malformed is for the kernel, or the integrity worker */
	bad = rv == -1 ? 0 : exec_class_worst(&worker.wk_classes,
	    el.el_class & CLASS_PROGRAM);
	if (bad == 0)
		return (0);
	(void)snprintf(check, sizeof(check), "executable is of class %s",
	    exec_class_name(bad));
	return (class_speak(rq, w, bad, 0, check, NULL));
}

static int
class_writable(struct request *rq, const struct walk *w, int script)
{
	const struct rule	*by;
	uint32_t		 right;
	char			 check[64];

	for (right = 1; right <= EXEC_WRITERS; right <<= 1)
		if ((right & EXEC_WRITERS) && policy_eval(rq, w->w_name,
		    w->w_len, right, &by) != 0)
			break;
	if (right > EXEC_WRITERS)
		return (0);
	(void)snprintf(check, sizeof(check), "file is of class writable: the "
	    "rules allow %s", rights_word(right));
	return (class_speak(rq, w, EXEC_WRITABLE, script, check, NULL));
}

/* The file itself by its descriptor, then the directories of its name. */
static int
class_untrusted(struct request *rq, const struct walk *w, int script)
{
	char		 dir[NAME_SIZE];
	enum tpe_what	 what = TPE_DIR;
	struct stat	 st;
	size_t		 len;
	int		 error;

	if (fstat(w->w_fd, &st) == -1)
		return (errno);
	if (!tpe_trusted(&worker.wk_tpe, &st, TPE_FILE))
		return (untrusted_step(rq, w, &st, TPE_FILE, 0, script));
	(void)memcpy(dir, w->w_name, w->w_len);
	for (len = w->w_len; len > 1;) {
		while (len > 0 && dir[len - 1] != '/')
			len--;
		len = len > 1 ? len - 1 : 1;
		dir[len] = '\0';
		/* not there any more: the kernel will see what there is */
		if (fstatat(AT_FDCWD, dir, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return (0);
		if ((error = untrusted_step(rq, w, &st, what, len,
		    script)) != 0)
			return (error);
		what = TPE_WAY;
	}
	return (0);
}

static int
untrusted_step(struct request *rq, const struct walk *w, const struct stat *st,
    enum tpe_what what, size_t len, int script)
{
	char	 check[TPE_TEXT], allow[PATH_MAX + 64];

	if (tpe_trusted(&worker.wk_tpe, st, what))
		return (0);
	tpe_explain(&worker.wk_tpe, st, what, w->w_name, len, check,
	    sizeof(check));
	tpe_cure(w->w_name, w->w_len, allow, sizeof(allow));
	return (class_speak(rq, w, EXEC_UNTRUSTED, script, check, allow));
}
