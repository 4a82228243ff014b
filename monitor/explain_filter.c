/*
 * -n -F: the filters that the kernel is given, for audit: those of the roles,
 * which are the same under every policy, and the command's.  One file with the
 * instructions as seccomp(2) takes them and one with what they do, in pseudo
 * filter code as seccomp_export_pfc(3) writes it.  That is made from the
 * instructions, for each range of system calls that they treat alike.  Must
 * say what a filter does, not what the table meant it to; must never write to
 * a file that was there before.
 */
#include <sys/stat.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/jail.h"
#include "../common/log.h"
#include "../proto/wire.h"
#include "explain.h"

#define OFF_ARGS	offsetof(struct seccomp_data, args)
#define ARCH_OTHER	0	/* any but x86-64's */

/* What the accumulator holds when an instruction is reached. */
struct acc_at {
	uint8_t		 a_reached;
	uint8_t		 a_what;	/* enum acc */
	uint8_t		 a_off;		/* of ACC_ARG in seccomp_data */
	uint32_t	 a_mask;
};

/* A filter and one system call on its way through. */
struct pass {
	const struct sock_filter *p_insns;
	size_t		 p_len;
	uint32_t	 p_arch;
	uint32_t	 p_nr;
	struct acc_at	 p_at[FILTER_LEN_MAX];
};

static void	 pass_arrive(struct pass *, size_t, const struct acc_at *);
static int	 pass_known(const struct pass *, size_t);
static void	 pass_load(struct acc_at *, uint32_t);
static void	 pass_run(struct pass *);
static size_t	 pass_skip(const struct pass *, size_t);
static void	 pass_goal(FILE *, const struct pass *, size_t);
static void	 pass_test(FILE *, const struct pass *, size_t);
static char	*pass_text(struct pass *, uint32_t, uint32_t);
static size_t	 borders(const struct sock_filter *, size_t, uint32_t *);
static void	 range_print(FILE *, uint32_t, uint32_t, const char *);
static void	 arch_print(FILE *, struct pass *, uint32_t, const uint32_t *,
		    size_t);
static void	 filter_pfc(FILE *, const char *, const struct sock_filter *,
		    size_t);
static FILE	*filter_open(int, const char *, const char *);
static void	 filter_close(FILE *, const char *);
static void	 filter_write(int, const char *, const struct sock_filter *,
		    size_t);

void
explain_filters(const char *path, const struct plan *pl)
{
	static struct sock_filter	 nonet[JAIL_NONET_MAX];
	enum role			 role;
	int				 dir;

	if (mkdir(path, 0777) == -1 ||
	    (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		fatal("-F %s", path);
	filter_write(dir, "command", pl->pl_filter, pl->pl_filterlen);
	for (role = ROLE_MONITOR; role < ROLE_COUNT; role++)
		filter_write(dir, role_name(role), jail_filters[role].jf_insns,
		    jail_filters[role].jf_len);
	filter_write(dir, "nonet", nonet, jail_nonet_insns(nonet));
	close(dir);
}

static FILE *
filter_open(int dir, const char *name, const char *suffix)
{
	char	 file[64];
	FILE	*fp;
	int	 fd;

	(void)snprintf(file, sizeof(file), "%s.%s", name, suffix);
	if ((fd = openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0666)) == -1 || (fp = fdopen(fd, "w")) == NULL)
		fatal("-F: %s", file);
	return (fp);
}

static void
filter_close(FILE *fp, const char *name)
{
	int	 bad = ferror(fp);

	if (fclose(fp) == EOF || bad)
		fatal("-F: %s", name);
}

static void
filter_write(int dir, const char *name, const struct sock_filter *insns,
    size_t len)
{
	FILE	*fp;

	fp = filter_open(dir, name, "bpf");
	(void)fwrite(insns, sizeof(*insns), len, fp);
	filter_close(fp, name);
	fp = filter_open(dir, name, "pfc");
	filter_pfc(fp, name, insns, len);
	filter_close(fp, name);
}

/* ---- one system call's way ---- */

static void
pass_arrive(struct pass *p, size_t pc, const struct acc_at *with)
{
	struct acc_at	*at;

	/* the kernel takes no such filter: bpf_check_classic() */
	if (pc >= p->p_len)
		fatalx("a filter that jumps past its end");
	at = &p->p_at[pc];
	if (!at->a_reached)
		*at = *with;
	else if (at->a_what != with->a_what || at->a_off != with->a_off ||
	    at->a_mask != with->a_mask)
		at->a_what = ACC_NONE;
	at->a_reached = 1;
}

static void
pass_load(struct acc_at *at, uint32_t off)
{
	at->a_mask = UINT32_MAX;
	at->a_off = 0;
	at->a_what = ACC_NONE;
	if (off == offsetof(struct seccomp_data, arch))
		at->a_what = ACC_ARCH;
	else if (off == offsetof(struct seccomp_data, nr))
		at->a_what = ACC_NR;
	else if (off >= OFF_ARGS && off < sizeof(struct seccomp_data)) {
		at->a_what = ACC_ARG;
		at->a_off = (uint8_t)off;
	}
}

/* A comparison of what is known: 1 or 0 how it ends, -1: of an argument. */
static int
pass_known(const struct pass *p, size_t pc)
{
	const struct sock_filter	*f = &p->p_insns[pc];
	const struct acc_at		*at = &p->p_at[pc];
	uint32_t			 is;

	if (BPF_OP(f->code) == BPF_JA)
		return (1);
	if (at->a_what == ACC_ARG)
		return (-1);
	if (at->a_what == ACC_NONE)
		fatalx("a filter that compares nobody knows what");
	is = (at->a_what == ACC_NR ? p->p_nr : p->p_arch) & at->a_mask;
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		return (is == f->k);
	case BPF_JGT:
		return (is > f->k);
	case BPF_JGE:
		return (is >= f->k);
	default:
		return ((is & f->k) != 0);
	}
}

/* Where a jump leads when it is taken, or is not. */
static size_t
pass_target(const struct pass *p, size_t pc, int taken)
{
	const struct sock_filter	*f = &p->p_insns[pc];

	if (BPF_OP(f->code) == BPF_JA)
		return (pc + 1 + f->k);
	return (pc + 1 + (taken ? f->jt : f->jf));
}

static void
pass_run(struct pass *p)
{
	struct acc_at	 at;
	size_t		 pc;
	int		 known;

	memset(p->p_at, 0, sizeof(p->p_at));
	p->p_at[0].a_reached = 1;
	for (pc = 0; pc < p->p_len; pc++) {
		at = p->p_at[pc];
		if (!at.a_reached)
			continue;
		switch (BPF_CLASS(p->p_insns[pc].code)) {
		case BPF_RET:
			continue;
		case BPF_JMP:
			if ((known = pass_known(p, pc)) != 0)
				pass_arrive(p, pass_target(p, pc, 1), &at);
			if (known < 1)
				pass_arrive(p, pass_target(p, pc, 0), &at);
			continue;
		case BPF_LD:
			pass_load(&at, p->p_insns[pc].k);
			break;
		default:
			if (p->p_insns[pc].code != (BPF_ALU | BPF_AND | BPF_K))
				fatalx("a filter with code %#x",
				    p->p_insns[pc].code);
			at.a_mask &= p->p_insns[pc].k;
			break;
		}
		pass_arrive(p, pc + 1, &at);
	}
}

/* From here on to what is no matter of course: a test, an answer. */
static size_t
pass_skip(const struct pass *p, size_t pc)
{
	int	 known;

	for (;;) {
		switch (BPF_CLASS(p->p_insns[pc].code)) {
		case BPF_RET:
			return (pc);
		case BPF_JMP:
			if ((known = pass_known(p, pc)) == -1)
				return (pc);
			pc = pass_target(p, pc, known);
			break;
		default:
			pc++;
			break;
		}
	}
}

/* ---- in words ---- */

static void
pass_goal(FILE *fp, const struct pass *p, size_t pc)
{
	char	 action[64];

	pc = pass_skip(p, pc);
	if (BPF_CLASS(p->p_insns[pc].code) == BPF_RET) {
		name_action(p->p_insns[pc].k, action, sizeof(action));
		fprintf(fp, "action %s;", action);
	} else
		fprintf(fp, "goto %zu;", pc);
}

static void
pass_test(FILE *fp, const struct pass *p, size_t pc)
{
	const struct sock_filter	*f = &p->p_insns[pc];
	const struct acc_at		*at = &p->p_at[pc];
	const char			*op = "==";
	size_t				 off = at->a_off - OFF_ARGS;

	fprintf(fp, "    %zu: if ($a%zu.%s", pc, off / 8,
	    off % 8 == 0 ? "lo32" : "hi32");
	if (at->a_mask != UINT32_MAX)
		fprintf(fp, " & %#x", at->a_mask);
	switch (BPF_OP(f->code)) {
	case BPF_JGT:
		op = ">";
		break;
	case BPF_JGE:
		op = ">=";
		break;
	case BPF_JSET:
		op = "has";
		break;
	}
	fprintf(fp, " %s %#x) ", op, f->k);
	pass_goal(fp, p, pass_target(p, pc, 1));
	fputs(" else ", fp);
	pass_goal(fp, p, pass_target(p, pc, 0));
	fputc('\n', fp);
}

/* What happens to one system call.  Caller frees. */
static char *
pass_text(struct pass *p, uint32_t arch, uint32_t nr)
{
	FILE	*fp;
	char	*text = NULL;
	size_t	 size, pc, first;

	p->p_arch = arch;
	p->p_nr = nr;
	pass_run(p);
	if ((fp = open_memstream(&text, &size)) == NULL)
		fatal("open_memstream");
	first = pass_skip(p, 0);
	if (BPF_CLASS(p->p_insns[first].code) == BPF_RET) {
		fputs("    ", fp);
		pass_goal(fp, p, first);
		fputc('\n', fp);
	}
	for (pc = 0; pc < p->p_len; pc++)
		if (p->p_at[pc].a_reached &&
		    BPF_CLASS(p->p_insns[pc].code) == BPF_JMP &&
		    pass_known(p, pc) == -1)
			pass_test(fp, p, pc);
	if (fclose(fp) == EOF || text == NULL)
		fatal("open_memstream");
	return (text);
}

static int
border_cmp(const void *a, const void *b)
{
	uint32_t	 x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x < y ? -1 : x > y);
}

/*
 * The first numbers of the ranges that the filter can tell apart.  What is
 * compared with something else makes more of them, which does no harm.
 */
static size_t
borders(const struct sock_filter *insns, size_t len, uint32_t *at)
{
	size_t	 i, n = 0, out = 1;

	at[n++] = 0;
	for (i = 0; i < len; i++) {
		if (BPF_CLASS(insns[i].code) != BPF_JMP ||
		    BPF_OP(insns[i].code) == BPF_JA)
			continue;
		at[n++] = insns[i].k;
		if (insns[i].k != UINT32_MAX)
			at[n++] = insns[i].k + 1;
	}
	qsort(at, n, sizeof(*at), border_cmp);
	for (i = 1; i < n; i++)
		if (at[i] != at[out - 1])
			at[out++] = at[i];
	return (out);
}

static void
range_print(FILE *fp, uint32_t first, uint32_t last, const char *text)
{
	const struct sysent	*se;

	if (first == last) {
		se = sysent_find(first);
		fprintf(fp, "  # system call %s (%u)\n"
		    "  if ($syscall == %u)\n", se != NULL ? se->se_name : "?",
		    first, first);
	} else
		fprintf(fp, "  if ($syscall >= %u && $syscall <= %u)\n",
		    first, last);
	fputs(text, fp);
}

/* All system calls of one architecture. */
static void
arch_print(FILE *fp, struct pass *p, uint32_t arch, const uint32_t *at,
    size_t n)
{
	char		*text, *before = NULL;
	uint32_t	 first = 0;
	size_t		 i;

	for (i = 0; i < n; i++) {
		text = pass_text(p, arch, at[i]);
		if (before != NULL && strcmp(text, before) == 0) {
			free(text);
			continue;
		}
		if (before != NULL)
			range_print(fp, first, at[i] - 1, before);
		free(before);
		before = text;
		first = at[i];
	}
	range_print(fp, first, UINT32_MAX, before);
	free(before);
}

static void
filter_pfc(FILE *fp, const char *name, const struct sock_filter *insns,
    size_t len)
{
	static uint32_t		 at[2 * FILTER_LEN_MAX + 1];
	static struct pass	 p;
	size_t			 n;

	p.p_insns = insns;
	p.p_len = len;
	n = borders(insns, len, at);
	fprintf(fp, "#\n# pseudo filter code start: %s, %zu instructions\n"
	    "#\n# filter for arch x86_64 (%u)\nif ($arch == %u)\n", name, len,
	    AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64);
	arch_print(fp, &p, AUDIT_ARCH_X86_64, at, n);
	fprintf(fp, "# any other arch\nif ($arch != %u)\n",
	    AUDIT_ARCH_X86_64);
	arch_print(fp, &p, ARCH_OTHER, at, n);
	fputs("#\n# pseudo filter code end\n#\n", fp);
}
