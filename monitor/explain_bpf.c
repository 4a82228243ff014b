/*
 * The child's filter in words.  Which half of which argument an instruction
 * looks at, and for which system calls it can be reached, is not in the
 * instruction: a forward pass over the program finds it.  Must say what the
 * filter does, not what the table meant it to.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"

#define OFF_ARGS	offsetof(struct seccomp_data, args)

/* Does a system call of the table have this number?  Its name, or digits. */
static const char *
nr_name(uint32_t nr, char *buf, size_t size)
{
	const struct sysent	*se = sysent_find(nr);

	if (se != NULL)
		(void)snprintf(buf, size, "%s(%u)", se->se_name, nr);
	else
		(void)snprintf(buf, size, "%#x", nr);
	return (buf);
}

/* Arriving at an instruction with what is known. */
static void
insn_arrive(const struct plan *pl, struct insn *facts, size_t pc,
    const struct insn *with)
{
	struct insn	*in;

	if (pc >= pl->pl_filterlen || with->in_first > with->in_last)
		return;
	in = &facts[pc];
	if (!in->in_reached) {
		*in = *with;
		in->in_reached = 1;
		return;
	}
	if (in->in_acc != with->in_acc || in->in_arg != with->in_arg ||
	    in->in_high != with->in_high)
		in->in_acc = ACC_NONE;
	if (with->in_first < in->in_first)
		in->in_first = with->in_first;
	if (with->in_last > in->in_last)
		in->in_last = with->in_last;
}

static void
insn_load(struct insn *in, uint32_t off)
{
	size_t	 high = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 4 : 0;

	in->in_acc = ACC_NONE;
	if (off == offsetof(struct seccomp_data, arch))
		in->in_acc = ACC_ARCH;
	else if (off == offsetof(struct seccomp_data, nr))
		in->in_acc = ACC_NR;
	else if (off >= OFF_ARGS && off < sizeof(struct seccomp_data)) {
		in->in_acc = ACC_ARG;
		in->in_arg = (uint8_t)((off - OFF_ARGS) / 8);
		in->in_high = (off - OFF_ARGS) % 8 == high;
	}
}

/* A comparison of the number: what is left of the range on either side. */
static void
insn_narrow(const struct sock_filter *f, struct insn *hit, struct insn *miss)
{
	uint32_t	 first = hit->in_first, last = hit->in_last;
	uint64_t	 split = f->k;		/* first of the upper side */

	if (hit->in_acc != ACC_NR)
		return;
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		hit->in_first = first > f->k ? first : f->k;
		hit->in_last = last < f->k ? last : f->k;
		return;
	case BPF_JGT:
		split++;
		break;
	case BPF_JGE:
		break;
	default:
		return;
	}
	if (split > first)
		hit->in_first = (uint32_t)(split > UINT32_MAX ? UINT32_MAX :
		    split);
	if (split == 0)
		miss->in_first = miss->in_last + 1;	/* nothing */
	else if (split - 1 < last)
		miss->in_last = (uint32_t)(split - 1);
}

void
insn_flow(const struct plan *pl, struct insn *facts)
{
	const struct sock_filter	*f;
	struct insn			 hit, miss;
	size_t				 pc;

	memset(facts, 0, pl->pl_filterlen * sizeof(*facts));
	memset(&hit, 0, sizeof(hit));
	hit.in_last = UINT32_MAX;
	insn_arrive(pl, facts, 0, &hit);
	for (pc = 0; pc < pl->pl_filterlen; pc++) {
		f = &pl->pl_filter[pc];
		if (!facts[pc].in_reached)
			continue;
		hit = miss = facts[pc];
		switch (BPF_CLASS(f->code)) {
		case BPF_RET:
			continue;
		case BPF_JMP:
			if (BPF_OP(f->code) == BPF_JA) {
				insn_arrive(pl, facts, pc + 1 + f->k, &hit);
				continue;
			}
			insn_narrow(f, &hit, &miss);
			insn_arrive(pl, facts, pc + 1 + f->jt, &hit);
			insn_arrive(pl, facts, pc + 1 + f->jf, &miss);
			continue;
		case BPF_LD:
			insn_load(&hit, f->k);
			break;
		}
		insn_arrive(pl, facts, pc + 1, &hit);
	}
}

/* What a comparison is with, by what the accumulator holds. */
static void
insn_operand(const struct insn *in, uint32_t k, char *buf, size_t size)
{
	if (in->in_acc == ACC_ARCH && k == AUDIT_ARCH_X86_64)
		(void)strlcpy(buf, "x86_64", size);
	else if (in->in_acc == ACC_NR)
		(void)nr_name(k, buf, size);
	else
		(void)snprintf(buf, size, "%#x", k);
}

/* What can come here: "read(0)..write(1)". */
static void
insn_range(const struct insn *in, char *buf, size_t size)
{
	char	 first[64], last[64];

	buf[0] = '\0';
	if (!in->in_reached)
		(void)strlcpy(buf, "never reached", size);
	else if (in->in_first == in->in_last)
		(void)nr_name(in->in_first, buf, size);
	else if (in->in_first != 0 || in->in_last != UINT32_MAX)
		(void)snprintf(buf, size, "%s..%s",
		    nr_name(in->in_first, first, sizeof(first)),
		    nr_name(in->in_last, last, sizeof(last)));
}

static void
insn_load_print(const struct insn *in, uint32_t off, char *buf, size_t size)
{
	struct insn	 to = *in;

	insn_load(&to, off);
	switch (to.in_acc) {
	case ACC_ARCH:
		(void)strlcpy(buf, "ld arch", size);
		break;
	case ACC_NR:
		(void)strlcpy(buf, "ld nr", size);
		break;
	case ACC_ARG:
		(void)snprintf(buf, size, "ld args[%u].%s", to.in_arg,
		    to.in_high ? "high" : "low");
		break;
	default:
		(void)snprintf(buf, size, "ld [%u]", off);
	}
}

static void
insn_jump_print(const struct insn *in, const struct sock_filter *f, size_t pc,
    char *buf, size_t size)
{
	const char	*op;
	char		 what[64];

	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		op = "jeq";
		break;
	case BPF_JGT:
		op = "jgt";
		break;
	case BPF_JGE:
		op = "jge";
		break;
	case BPF_JSET:
		op = "jset";
		break;
	default:
		(void)snprintf(buf, size, "ja %zu", pc + 1 + f->k);
		return;
	}
	insn_operand(in, f->k, what, sizeof(what));
	(void)snprintf(buf, size, "%s %s, %zu, %zu", op, what, pc + 1 + f->jt,
	    pc + 1 + f->jf);
}

void
insn_print(const struct plan *pl, const struct insn *facts, size_t pc,
    char *buf, size_t size)
{
	const struct sock_filter	*f = &pl->pl_filter[pc];
	char				 what[160];

	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
		insn_load_print(&facts[pc], f->k, buf, size);
		return;
	case BPF_ALU:
		(void)snprintf(buf, size, BPF_OP(f->code) == BPF_AND ?
		    "and %#x" : "alu %#x", f->k);
		return;
	case BPF_JMP:
		insn_jump_print(&facts[pc], f, pc, buf, size);
		return;
	case BPF_RET:
		name_action(f->k, what, sizeof(what));
		(void)snprintf(buf, size, "ret %s", what);
		insn_range(&facts[pc], what, sizeof(what));
		if (what[0] != '\0') {
			(void)strlcat(buf, "\t; ", size);
			(void)strlcat(buf, what, size);
		}
		return;
	}
	(void)snprintf(buf, size, "code %#x, %#x", f->code, f->k);
}

int
insn_answers(const struct plan *pl, const struct insn *facts, uint32_t nr,
    uint32_t action)
{
	const struct insn	*in;
	size_t			 pc;

	for (pc = 0; pc < pl->pl_filterlen; pc++) {
		in = &facts[pc];
		if (in->in_reached && in->in_first <= nr && in->in_last >= nr &&
		    BPF_CLASS(pl->pl_filter[pc].code) == BPF_RET &&
		    (pl->pl_filter[pc].k & SECCOMP_RET_ACTION_FULL) == action)
			return (1);
	}
	return (0);
}
