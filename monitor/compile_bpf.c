/*
 * The child's filter, made from the system call table: a balanced tree over
 * ranges of numbers, and a little code for the calls whose arguments decide.
 * The same policy always gives the same bytes.
 *
 * A jump in classic BPF is eight bits wide, and one that does not fit would
 * land somewhere else in silence.  So a jump over code of unknown length is
 * made by BPF_JA, which has 32, and the finished program is run through the
 * simulator for every number and every argument predicate before anybody
 * gets to use it.  This file must never let a filter pass that differs from
 * the table.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <errno.h>
#include <string.h>

#include "../common/log.h"
#include "../common/sysent.h"
#include "compile.h"

/* Numbers from here on are another ABI (x32): never ours. */
#define NR_FOREIGN	0x40000000U
/* The tree covers the table and some numbers above it. */
#define RANGES_MAX	1024
#define JUMP_MAX	UINT8_MAX

#define RET_REFUSE(e)	(SECCOMP_RET_ERRNO | ((uint32_t)(e) & SECCOMP_RET_DATA))

/* What happens to one number, or to all numbers from g_first on. */
struct range {
	uint32_t	 g_first;
	uint32_t	 g_action;	/* SECCOMP_RET_*, no predicate holds */
	uint16_t	 g_nr;		/* whose predicates */
	uint8_t		 g_args;	/* 1: has predicates */
	uint8_t		 g_lifted;	/* `allow syscall': those of W^X are left */
};

struct bpf {
	struct sock_filter *b_insns;
	size_t		 b_len;
	size_t		 b_size;
	int		 b_bad;		/* sticky: did not fit */
	const struct plan *b_plan;
	uint32_t	 b_notify;	/* plan: rights that are notified */
};

static int	 bpf_ranges(const struct policy *, const struct plan *,
		    struct range *, size_t *);
static int	 bpf_range(const struct policy *, const struct plan *, uint32_t,
		    struct range *);
static int	 bpf_override(const struct policy *, const struct plan *,
		    const struct sysent *, struct range *);
static uint32_t	 bpf_action(unsigned, unsigned, uint32_t, uint32_t);
static int	 when_counts(const struct policy *, const struct plan *,
		    unsigned);
static int	 sysarg_counts(const struct sysarg *, const struct range *,
		    const struct plan *);
static size_t	 chain_end(size_t);
static int	 chain_holds(size_t, const uint64_t[6]);
static int	 sysarg_holds(const struct sysarg *, const uint64_t[6]);
static uint32_t	 range_says(const struct bpf *, const struct range *,
		    const uint64_t[6]);
static void	 bpf_put(struct bpf *, uint16_t, uint32_t, uint8_t, uint8_t);
static void	 bpf_tree(struct bpf *, const struct range *, size_t);
static void	 bpf_leaf(struct bpf *, const struct range *);
static void	 bpf_sysarg(struct bpf *, const struct sysarg *);
static void	 bpf_chain(struct bpf *, size_t, size_t);
static int	 bpf_check_chain(const struct bpf *, const struct range *,
		    uint32_t, size_t);
static void	 bpf_load(struct bpf *, unsigned, int, uint32_t);
static int	 bpf_check(const struct bpf *, const struct policy *,
		    const struct plan *);
static int	 bpf_check_args(const struct bpf *, const struct range *,
		    uint32_t);

/*
 * Fills pl_filter.  0, or -1 after saying why: a `syscall` line that the table
 * does not permit, or a filter that does not fit or disagrees with the table.
 */
int
compile_bpf(const struct policy *p, struct plan *pl)
{
	static struct range ranges[RANGES_MAX];
	unsigned	 when;
	struct bpf	 b;
	size_t		 n;

	pl->pl_filterlen = 0;
	pl->pl_when = 0;
	for (when = SA_BOTH; when <= SA_WXASK; when++)
		if (when_counts(p, pl, when))
			pl->pl_when |= 1U << when;
	if (bpf_ranges(p, pl, ranges, &n) == -1)
		return (-1);

	memset(&b, 0, sizeof(b));
	b.b_insns = pl->pl_filter;
	b.b_size = FILTER_LEN_MAX;
	b.b_plan = pl;
	b.b_notify = pl->pl_notify;
	bpf_put(&b, BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, arch), 0, 0);
	bpf_put(&b, BPF_JMP | BPF_JEQ | BPF_K, sysent_arch, 1, 0);
	bpf_put(&b, BPF_RET | BPF_K, RET_REFUSE(ENOSYS), 0, 0);
	bpf_put(&b, BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr), 0, 0);
	bpf_put(&b, BPF_JMP | BPF_JGE | BPF_K, NR_FOREIGN, 0, 1);
	bpf_put(&b, BPF_RET | BPF_K, RET_REFUSE(ENOSYS), 0, 0);
	bpf_tree(&b, ranges, n);
	if (b.b_bad) {
		log_warnx("the system call filter needs more than %d "
		    "instructions", FILTER_LEN_MAX);
		return (-1);
	}
	if (bpf_check(&b, p, pl) == -1)
		return (-1);
	pl->pl_filterlen = b.b_len;
	return (0);
}

/* What the policy makes of every number, as few ranges as there can be. */
static int
bpf_ranges(const struct policy *p, const struct plan *pl, struct range *g,
    size_t *count)
{
	struct range	 r;
	uint32_t	 nr, end;
	size_t		 n = 0;

	end = sysent[sysent_count - 1].se_nr + 1U;
	for (nr = 0; nr <= end; nr++) {
		if (bpf_range(p, pl, nr, &r) == -1)
			return (-1);
		if (n > 0 && !r.g_args && !g[n - 1].g_args &&
		    r.g_action == g[n - 1].g_action)
			continue;
		if (n == RANGES_MAX) {
			log_warnx("the system call table has more than %d "
			    "ranges", RANGES_MAX);
			return (-1);
		}
		g[n++] = r;
	}
	*count = n;
	return (0);
}

/* With all of the network allowed: may the call name a local socket? */
static int
net_named(const struct plan *pl, const struct sysent *se)
{
	switch (se->se_handler) {
	case SYSH_BIND:
		return (pl->pl_net.np_asked);
	case SYSH_CONNECT:
	case SYSH_SENDTO:
	case SYSH_SENDMSG:
	case SYSH_SENDMMSG:
		return (pl->pl_net.np_sought);
	default:
		return (0);
	}
}

/* What the table and the policy say about one number. */
static int
bpf_range(const struct policy *p, const struct plan *pl, uint32_t nr,
    struct range *r)
{
	const struct sysent	*se;
	unsigned		 disp;
	size_t			 i;

	memset(r, 0, sizeof(*r));
	r->g_first = nr;
	r->g_action = RET_REFUSE(ENOSYS);
	if ((se = sysent_find(nr)) == NULL)
		return (0);

	disp = se->se_disp;
	if (se->se_net && pl->pl_net.np_mode == NETMODE_ALL)
		disp = net_named(pl, se) ? SYS_NOTIFY : SYS_ALLOW;
	if (se->se_guard && pl->pl_guarded)
		disp = SYS_NOTIFY;
	r->g_nr = se->se_nr;
	r->g_action = bpf_action(disp, se->se_errno, se->se_rights,
	    pl->pl_notify);
	for (i = 0; i < sysargs_count && sysargs[i].sa_nr <= nr; i++) {
		if (sysarg_counts(&sysargs[i], r, pl))
			r->g_args = 1;
	}
	return (bpf_override(p, pl, se, r));
}

/* `allow syscall` and `deny syscall`: the last line that names it decides. */
static int
bpf_override(const struct policy *p, const struct plan *pl,
    const struct sysent *se, struct range *r)
{
	const struct policy_call	*pc = NULL;
	size_t				 i;

	for (i = 0; i < p->p_ncalls; i++) {
		if (p->p_calls[i].pc_nr == se->se_nr)
			pc = &p->p_calls[i];
	}
	if (pc == NULL)
		return (0);
	if (!pc->pc_allow) {
		r->g_action = RET_REFUSE(EPERM);
		r->g_args = 0;
	} else if (se->se_optional) {
		r->g_action = SECCOMP_RET_ALLOW;
		r->g_lifted = 1;
	} else if (se->se_net && pl->pl_net.np_mode == NETMODE_NONE) {
		log_warnx("%s:%u: system call %s is not allowed alone: "
		    "expected `allow net`", pc->pc_file,
		    (unsigned)pc->pc_line, se->se_name);
		return (-1);
	} else if (se->se_disp == SYS_REFUSE && !se->se_net) {
		log_warnx("%s:%u: system call %s cannot be allowed: %s",
		    pc->pc_file, (unsigned)pc->pc_line, se->se_name,
		    se->se_why);
		return (-1);
	}
	return (0);
}

/* What the notified rights make of a disposition; rights: those it is about. */
static uint32_t
bpf_action(unsigned disp, unsigned err, uint32_t rights, uint32_t notify)
{
	switch (disp) {
	case SYS_ALLOW:
		return (SECCOMP_RET_ALLOW);
	case SYS_NOTIFY:
		return (SECCOMP_RET_USER_NOTIF);
	case SYS_FILES:
		return (rights & notify ? SECCOMP_RET_USER_NOTIF :
		    SECCOMP_RET_ALLOW);
	case SYS_REFUSE:
		return (RET_REFUSE(err));
	}
	fatalx("%s: disposition %u", __func__, disp);
}

static int
when_counts(const struct policy *p, const struct plan *pl, unsigned when)
{
	const struct verifyset	*vs = &p->p_verify;

	switch (when) {
	case SA_NET:
		return (pl->pl_net.np_mode == NETMODE_ALL);
	case SA_SOUGHT:
		return (pl->pl_net.np_sought);
	case SA_NONET:
		return (pl->pl_net.np_mode == NETMODE_NONE);
	case SA_RULED:
		return (pl->pl_net.np_mode == NETMODE_RULED);
	case SA_HIDING:
		return ((ruleset_denied(&pl->pl_rules) & R_HIDING) != 0);
	case SA_CODE:
		return (vs->vs_library || vs->vs_wx);
	case SA_WX:
		return (vs->vs_wx && (pl->pl_notify & R_WX) == 0);
	case SA_WXASK:
		return (vs->vs_wx && (pl->pl_notify & R_WX) != 0);
	}
	return (1);
}

int
plan_counts(const struct plan *pl, const struct sysarg *sa)
{
	if ((pl->pl_when & (1U << sa->sa_when)) == 0)
		return (0);
	return (sa->sa_when != SA_RULED || sa->sa_net == 0 ||
	    (sa->sa_net & pl->pl_net.np_bits) != 0);
}

/* The last of the rows that row i begins: they hold together or not at all. */
static size_t
chain_end(size_t i)
{
	while (sysargs[i].sa_and && i + 1 < sysargs_count &&
	    sysargs[i + 1].sa_nr == sysargs[i].sa_nr)
		i++;
	return (i);
}

static int
chain_holds(size_t i, const uint64_t args[6])
{
	size_t	 end = chain_end(i);

	for (; i <= end; i++)
		if (!sysarg_holds(&sysargs[i], args))
			return (0);
	return (1);
}

/* Is this predicate about the range, and does it count with this policy? */
static int
sysarg_counts(const struct sysarg *sa, const struct range *r,
    const struct plan *pl)
{
	if (sa->sa_nr != r->g_nr || (r->g_lifted && sa->sa_when < SA_CODE))
		return (0);
	return (plan_counts(pl, sa));
}

static int
sysarg_holds(const struct sysarg *sa, const uint64_t args[6])
{
	uint64_t	 v = args[sa->sa_arg], mask = sa->sa_mask;

	if (!sa->sa_wide)
		mask &= UINT32_MAX;
	switch (sa->sa_op) {
	case SYSOP_EQ:
		return ((v & mask) == (sa->sa_value & mask));
	case SYSOP_NE:
		return ((v & mask) != (sa->sa_value & mask));
	case SYSOP_ANYSET:
		return ((v & mask) != 0);
	}
	fatalx("%s: operator %u", __func__, sa->sa_op);
}

/* The table's own answer, which the filter must give too. */
static uint32_t
range_says(const struct bpf *b, const struct range *r, const uint64_t args[6])
{
	const struct sysarg	*sa;
	size_t			 i;

	for (i = 0; r->g_args && i < sysargs_count; i = chain_end(i) + 1) {
		sa = &sysargs[chain_end(i)];
		if (sysarg_counts(sa, r, b->b_plan) && chain_holds(i, args))
			return (bpf_action(sa->sa_disp, sa->sa_errno,
			    sa->sa_rights, b->b_notify));
	}
	return (r->g_action);
}

static void
bpf_put(struct bpf *b, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	struct sock_filter	*f;

	if (b->b_len >= b->b_size) {
		b->b_bad = 1;
		return;
	}
	f = &b->b_insns[b->b_len++];
	f->code = code;
	f->jt = jt;
	f->jf = jf;
	f->k = k;
}

/*
 * A tree over n ranges; the number is in the accumulator.  The lower half
 * follows its jump at once, so only the jump to the upper half can be long:
 *	jge FIRST-OF-UPPER, upper, lower	when lower is short
 *	jge FIRST-OF-UPPER, 0, 1; ja upper	when it is not
 * Code holds relative jumps only and may be moved to make room for the ja.
 */
static void
bpf_tree(struct bpf *b, const struct range *g, size_t n)
{
	size_t	 at, lower, half = n / 2;

	if (n == 1) {
		bpf_leaf(b, g);
		return;
	}
	at = b->b_len;
	bpf_put(b, BPF_JMP | BPF_JGE | BPF_K, g[half].g_first, 0, 0);
	bpf_tree(b, g, half);
	if (b->b_bad)
		return;
	lower = b->b_len - at - 1;
	if (lower <= JUMP_MAX)
		b->b_insns[at].jt = (uint8_t)lower;
	else {
		bpf_put(b, BPF_JMP | BPF_JA, 0, 0, 0);
		if (b->b_bad)
			return;
		memmove(&b->b_insns[at + 2], &b->b_insns[at + 1],
		    lower * sizeof(b->b_insns[0]));
		b->b_insns[at].jf = 1;
		b->b_insns[at + 1] = (struct sock_filter)
		    BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)lower);
	}
	bpf_tree(b, g + half, n - half);
}

static void
bpf_leaf(struct bpf *b, const struct range *r)
{
	size_t	 i;

	for (i = 0; r->g_args && i < sysargs_count; i = chain_end(i) + 1) {
		if (!sysarg_counts(&sysargs[i], r, b->b_plan))
			continue;
		if (sysargs[i].sa_and)
			bpf_chain(b, i, chain_end(i));
		else
			bpf_sysarg(b, &sysargs[i]);
	}
	bpf_put(b, BPF_RET | BPF_K, r->g_action, 0, 0);
}

/* One predicate: return its action, or fall out at the end. */
static void
bpf_sysarg(struct bpf *b, const struct sysarg *sa)
{
	uint32_t	 low = (uint32_t)sa->sa_mask;
	uint32_t	 high = sa->sa_wide ? (uint32_t)(sa->sa_mask >> 32) : 0;

	switch (sa->sa_op) {
	case SYSOP_EQ:
		bpf_load(b, sa->sa_arg, 0, low);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K,
		    (uint32_t)sa->sa_value & low, 0, sa->sa_wide ? 4 : 1);
		if (!sa->sa_wide)
			break;
		bpf_load(b, sa->sa_arg, 1, high);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K,
		    (uint32_t)(sa->sa_value >> 32) & high, 0, 1);
		break;
	case SYSOP_NE:
		bpf_load(b, sa->sa_arg, 0, low);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K,
		    (uint32_t)sa->sa_value & low, sa->sa_wide ? 0 : 1,
		    sa->sa_wide ? 3 : 0);
		if (!sa->sa_wide)
			break;
		bpf_load(b, sa->sa_arg, 1, high);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K,
		    (uint32_t)(sa->sa_value >> 32) & high, 1, 0);
		break;
	case SYSOP_ANYSET:
		bpf_load(b, sa->sa_arg, 0, low);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K, 0,
		    sa->sa_wide ? 0 : 1, sa->sa_wide ? 3 : 0);
		if (!sa->sa_wide)
			break;
		bpf_load(b, sa->sa_arg, 1, high);
		bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
		break;
	default:
		fatalx("%s: operator %u", __func__, sa->sa_op);
	}
	bpf_put(b, BPF_RET | BPF_K,
	    bpf_action(sa->sa_disp, sa->sa_errno, sa->sa_rights, b->b_notify),
	    0, 0);
}

/*
 * Several predicates on 32 bits, one after the other: the first that fails
 * leads to the end.  Each takes three instructions, the verdict one.
 */
static void
bpf_chain(struct bpf *b, size_t first, size_t last)
{
	const struct sysarg	*sa;
	uint32_t		 low, value;
	uint8_t			 past;
	size_t			 i;

	for (i = first; i <= last; i++) {
		sa = &sysargs[i];
		if (sa->sa_wide || last - first > JUMP_MAX / 3 - 1)
			fatalx("%s: %u", __func__, sa->sa_nr);
		low = (uint32_t)sa->sa_mask;
		value = (uint32_t)sa->sa_value & low;
		past = (uint8_t)(3 * (last - i) + 1);
		bpf_load(b, sa->sa_arg, 0, low);
		if (sa->sa_op == SYSOP_EQ)
			bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K, value, 0, past);
		else if (sa->sa_op == SYSOP_NE)
			bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K, value, past, 0);
		else
			bpf_put(b, BPF_JMP | BPF_JEQ | BPF_K, 0, past, 0);
	}
	sa = &sysargs[last];
	bpf_put(b, BPF_RET | BPF_K, bpf_action(sa->sa_disp, sa->sa_errno,
	    sa->sa_rights, b->b_notify), 0, 0);
}

/* Load half an argument, under mask: two instructions, always. */
static void
bpf_load(struct bpf *b, unsigned arg, int high, uint32_t mask)
{
	size_t	 off;

	off = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	off += high ? sizeof(uint32_t) : 0;
#else
	off += high ? 0 : sizeof(uint32_t);
#endif
	bpf_put(b, BPF_LD | BPF_W | BPF_ABS, (uint32_t)off, 0, 0);
	bpf_put(b, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
}

/* Does the filter give what the table says?  0, or -1 after saying where. */
static int
bpf_check(const struct bpf *b, const struct policy *p, const struct plan *pl)
{
	static const uint32_t	 foreign[] = { NR_FOREIGN, NR_FOREIGN + 1,
				    INT32_MAX, 1U << 31, UINT32_MAX };
	static const uint64_t	 zero[6];
	struct range		 r;
	uint32_t		 nr, end;
	size_t			 i;

	end = sysent[sysent_count - 1].se_nr + 2U;
	for (nr = 0; nr <= end; nr++) {
		if (bpf_range(p, pl, nr, &r) == -1 ||
		    bpf_check_args(b, &r, nr) == -1)
			return (-1);
	}
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (bpf_simulate(b->b_insns, b->b_len, foreign[i], sysent_arch,
		    zero) != RET_REFUSE(ENOSYS)) {
			log_warnx("the system call filter is wrong for %#x",
			    foreign[i]);
			return (-1);
		}
	}
	if (bpf_simulate(b->b_insns, b->b_len, 0, ~sysent_arch, zero) !=
	    RET_REFUSE(ENOSYS)) {
		log_warnx("the system call filter lets another ABI in");
		return (-1);
	}
	return (0);
}

/* One number: no arguments, and each predicate both ways. */
static int
bpf_check_args(const struct bpf *b, const struct range *r, uint32_t nr)
{
	const struct sysarg	*sa;
	uint64_t		 args[6], try[6];
	size_t			 i, t;

	memset(args, 0, sizeof(args));
	if (bpf_simulate(b->b_insns, b->b_len, nr, sysent_arch, args) !=
	    range_says(b, r, args))
		goto wrong;
	for (i = 0; r->g_args && i < sysargs_count; i++) {
		sa = &sysargs[i];
		if (sa->sa_nr != nr)
			continue;
		try[0] = sa->sa_value;
		try[1] = sa->sa_value | 0xabcdef0100000000ULL;
		try[2] = sa->sa_value ^ 1;
		try[3] = sa->sa_mask;
		try[4] = ~sa->sa_mask;
		try[5] = sa->sa_mask & (~sa->sa_mask + 1);	/* lowest bit */
		for (t = 0; t < 6; t++) {
			memset(args, 0, sizeof(args));
			args[sa->sa_arg] = try[t];
			if (bpf_simulate(b->b_insns, b->b_len, nr,
			    sysent_arch, args) != range_says(b, r, args))
				goto wrong;
		}
		if (sa->sa_and && bpf_check_chain(b, r, nr, i) == -1)
			goto wrong;
	}
	return (0);
 wrong:
	log_warnx("the system call filter disagrees with the table about "
	    "number %u", (unsigned)nr);
	return (-1);
}

/* Rows that hold together: all of them, and each one not. */
static int
bpf_check_chain(const struct bpf *b, const struct range *r, uint32_t nr,
    size_t first)
{
	const struct sysarg	*sa;
	uint64_t		 args[6];
	size_t			 i, but, last = chain_end(first);

	for (but = first; but <= last + 1; but++) {
		memset(args, 0, sizeof(args));
		for (i = first; i <= last; i++) {
			sa = &sysargs[i];
			args[sa->sa_arg] = sa->sa_op == SYSOP_NE ?
			    ~sa->sa_value : sa->sa_op == SYSOP_EQ ?
			    sa->sa_value | 0xabcdef0100000000ULL : sa->sa_mask;
			if (i == but)
				args[sa->sa_arg] ^= sa->sa_mask &
				    (~sa->sa_mask + 1);
		}
		if (bpf_simulate(b->b_insns, b->b_len, nr, sysent_arch,
		    args) != range_says(b, r, args))
			return (-1);
	}
	return (0);
}

/*
 * The subset of classic BPF that filters here use, as the kernel runs it
 * (kernel/seccomp.c, net/core/filter.c).  Anything else, or leaving the
 * program, kills: that is what a caller must never see as an allow.
 */
uint32_t
bpf_simulate(const struct sock_filter *insns, size_t len, uint32_t nr,
    uint32_t arch, const uint64_t args[6])
{
	const struct sock_filter	*f;
	struct seccomp_data		 sd;
	uint32_t			 a = 0;
	size_t				 pc;
	int				 hit;

	memset(&sd, 0, sizeof(sd));
	sd.nr = (int)nr;
	sd.arch = arch;
	memcpy(sd.args, args, sizeof(sd.args));
	for (pc = 0; pc < len; pc++) {
		f = &insns[pc];
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (f->k % 4 != 0 || f->k >= sizeof(sd))
				return (SECCOMP_RET_KILL_PROCESS);
			memcpy(&a, (const char *)&sd + f->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return (f->k);
		case BPF_JMP | BPF_JA:
			if (f->k >= len - pc)
				return (SECCOMP_RET_KILL_PROCESS);
			pc += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			hit = a == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			hit = a > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			hit = a >= f->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			hit = (a & f->k) != 0;
			break;
		default:
			return (SECCOMP_RET_KILL_PROCESS);
		}
		pc += hit ? f->jt : f->jf;
	}
	return (SECCOMP_RET_KILL_PROCESS);
}
