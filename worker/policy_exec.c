/*
 * execve(2), execveat(2).  A courtesy: the early and right errno.  The kernel
 * resolves the path again, and what counts is the integrity worker's verdict
 * on what has been mapped (DESIGN.md, section 5).
 *
 * Must never: open an executable for writing, or hold one when the verdict is
 * sent: somebody may be about to write it.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "integrity_elf.h"
#include "policy.h"

#define SCRIPT_HEAD	256	/* BINPRM_BUF_SIZE, linux/binfmts.h */
#define SCRIPT_DEPTH	5	/* exec_binprm(), fs/exec.c */
#define LOADED		64	/* programs, a power of two */
#define LOADER_NAME	128	/* a longer one is looked up each time */
#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK	0x10000	/* linux/fcntl.h, Linux 6.14 */
#endif

static int	 exec_object(struct walk *);
static int	 exec_guard(struct walk *);
static int	 exec_script(struct request *, struct walk *);
static int	 exec_loader(struct request *, const char *);
static int	 loader_check(struct request *, const char *);
static const char *loader_of(const struct walk *);
static ssize_t	 exec_head(const struct walk *, char *, size_t);
static const char *exec_interpreter(const char *, size_t, size_t *);

/* A program, and the ELF interpreter that it names; "": none. */
struct loaded {
	struct filemark	 l_seen;
	char		 l_name[LOADER_NAME];
};
static struct loaded	 loaded[LOADED];

int
policy_exec(struct request *rq)
{
	static struct walk	 w;
	const struct cap	*cap;
	unsigned		 how = WALK_FOLLOW;
	int			 flags = request_flags(rq), arg, error;

	arg = request_arg(rq, ARG_PATH, 0);
	/* here the path is looked at before the flags */
	if ((cap = request_cap(rq, arg)) == NULL || cap->p_null)
		return (EFAULT);
	if (cap->p_errno != 0)
		return (cap->p_errno);
	if (cap->p_len == 0 && !(flags & AT_EMPTY_PATH))
		return (ENOENT);
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EXECVE_CHECK))
		return (EINVAL);
	if (flags & AT_SYMLINK_NOFOLLOW)
		how = 0;
	if (flags & AT_EMPTY_PATH)
		how |= WALK_EMPTY;
	error = walk_begin(&w, rq, arg, how, 0);
	if (error == 0)
		error = walk_object(&w);
	if (error != 0)
		error = walk_error(&w, error, R_EXEC);
	else if (!w.w_exe && (error = exec_object(&w)) == 0)
		error = exec_script(rq, &w);
	walk_end(&w);
	if (error == 0)
		rq->rq_verdict.v_kind = VERDICT_EXEC;
	return (error);
}

/* May this object be executed? */
static int
exec_object(struct walk *w)
{
	struct stat	 st;
	int		 error;

	if (fstat(w->w_fd, &st) == -1)
		return (errno);
	if (S_ISLNK(st.st_mode))
		return (walk_error(w, ELOOP, R_EXEC));
	if ((error = policy_check(w->w_rq, w->w_name, w->w_len, R_EXEC)) != 0)
		return (error);
	if (!S_ISREG(st.st_mode))
		return (EACCES);
	/* permission bits and noexec mounts, in one */
	if (syscall(SYS_faccessat2, w->w_fd, "", X_OK,
	    AT_EMPTY_PATH | AT_EACCESS) == -1)
		return (errno);
	return (exec_guard(w));
}

/*
 * Has it crashed too often?  A script never does: its interpreter is what is
 * executed, and is looked at too.
 */
static int
exec_guard(struct walk *w)
{
	const struct guard	*g;
	struct file_id		 fi;
	struct crashes		 cr;

	if (worker.wk_guards.gu_count == 0 || w->w_len == 0 ||
	    (g = guard_find(&worker.wk_guards, w->w_name, w->w_len)) == NULL)
		return (0);
	if (file_id(w->w_fd, &fi) == -1)
		return (errno);
	request_crashes(w->w_rq, &fi, &cr);
	if (guard_left(g, &cr) == 0)
		return (0);
	return (policy_deny_guard(w->w_rq, w->w_name, w->w_len, g, &cr));
}

/*
 * A script's interpreter is what will be mapped: it needs the right as well,
 * and so does the interpreter of an interpreter.  first is looked at, not
 * kept.
 */
static int
exec_script(struct request *rq, struct walk *first)
{
	static struct walk	 w;
	static char		 head[SCRIPT_HEAD];
	struct walk		*cur = first;
	const char		*path, *loader;
	ssize_t			 n;
	size_t			 len;
	int			 depth, error = 0;

	for (depth = 0; depth < SCRIPT_DEPTH; depth++) {
		n = exec_head(cur, head, sizeof(head));
		error = class_check(rq, cur, head, n, cur == first);
		if (error == 0)
			error = digest_check(rq, cur);
		path = n < 2 ? NULL : exec_interpreter(head, (size_t)n, &len);
		loader = error == 0 && path == NULL ? loader_of(cur) : "";
		if (cur == &w)
			walk_end(&w);
		if (error != 0)
			return (error);
		if (path == NULL)
			return (exec_loader(rq, loader));
		cur = &w;
		error = walk_text(&w, rq, path, len, WALK_FOLLOW);
		if (error == 0)
			error = walk_object(&w);
		if (error != 0)
			error = walk_error(&w, error, R_EXEC);
		else if (w.w_exe) {
			walk_end(&w);
			return (0);
		} else
			error = exec_object(&w);
		if (error != 0) {
			walk_end(&w);
			return (error);
		}
	}
	walk_end(&w);
	return (0);
}

/*
 * The ELF interpreter is mapped too.  One that was right before is not looked
 * up again as long as the file by its name is the same.
 */
static int
exec_loader(struct request *rq, const char *name)
{
	static struct filemark	 right;
	struct stat		 st;
	uint64_t		 key;
	int			 error, there;

	if (name[0] == '\0')
		return (0);
	key = mark_key(name, strlen(name));
	if ((there = stat(name, &st) == 0) && mark_is(&right, &st, key))
		return (0);
	if ((error = loader_check(rq, name)) == 0 && there)
		mark_put(&right, &st, key);
	return (error);
}

static int
loader_check(struct request *rq, const char *name)
{
	static struct walk	 w;
	const struct rule	*by;
	struct stat		 st;
	int			 error;

	error = walk_text(&w, rq, name, strlen(name), WALK_FOLLOW);
	if (error == 0)
		error = walk_object(&w);
	if (error != 0)
		error = walk_error(&w, error, R_EXEC);
	else if (!w.w_exe && fstat(w.w_fd, &st) == 0 && S_ISREG(st.st_mode)) {
		/* a line for what is allowed is that of the program */
		if (policy_eval(rq, w.w_name, w.w_len, R_EXEC, &by) == 0)
			error = policy_check(rq, w.w_name, w.w_len, R_EXEC);
		if (error == 0)
			error = class_loader(rq, &w);
		if (error == 0)
			error = digest_check(rq, &w);
	}
	walk_end(&w);
	return (error);
}

/* Of a program; "" if it has none, is damaged, or cannot be read. */
static const char *
loader_of(const struct walk *w)
{
	static struct elf_info	 el;
	struct loaded		*l;
	struct stat		 st;
	uint64_t		 key;
	int			 fd, rv;

	if (w->w_len == 0 || fstat(w->w_fd, &st) == -1)
		return ("");
	key = mark_key(w->w_name, w->w_len);
	l = &loaded[key >> 32 & (LOADED - 1)];
	if (mark_is(&l->l_seen, &st, key))
		return (l->l_name);
	if ((fd = fd_reopen(w->w_fd, O_RDONLY | O_NONBLOCK)) == -1)
		return ("");
	rv = elf_parse(fd, (uint64_t)st.st_size, &el);
	close(fd);
	if (rv == -1)
		el.el_interp[0] = '\0';
	l->l_seen.s_key = 0;
	if (strlcpy(l->l_name, el.el_interp, sizeof(l->l_name)) <
	    sizeof(l->l_name))
		mark_put(&l->l_seen, &st, key);
	return (el.el_interp);
}

/* The first bytes, if we may read them; the kernel reads them anyway. */
static ssize_t
exec_head(const struct walk *w, char *head, size_t size)
{
	ssize_t	 n;
	int	 fd;

	if ((fd = fd_reopen(w->w_fd, O_RDONLY | O_NONBLOCK)) == -1)
		return (-1);
	n = pread(fd, head, size, 0);
	close(fd);
	return (n);
}

/* The path after #!, as load_script() of fs/binfmt_script.c finds it. */
static const char *
exec_interpreter(const char *head, size_t n, size_t *len)
{
	const char	*p = head + 2, *end;

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return (NULL);
	if ((end = memchr(head, '\n', n)) == NULL)
		end = head + n;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	head = p;
	while (p < end && *p != ' ' && *p != '\t' && *p != '\0')
		p++;
	*len = (size_t)(p - head);
	return (*len == 0 ? NULL : head);
}
