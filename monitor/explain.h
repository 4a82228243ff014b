/*
 * What -n says, as text and as JSON.  These files say what compile*.c has
 * decided and must decide nothing.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compile.h"

/* explain.c: the plan as a policy, with comments. */
void	 explain(FILE *, const struct policy *, const struct plan *);
/*
 * What the kernel's Landlock lacks, one by one from n = 0: what, and in
 * *rights those of ours that it would hold.  NULL after the last.
 */
const char *explain_lacks(const struct plan *, size_t n, uint32_t *rights);
/* The same for what depends on the kernel's release, "6.18.4-x". */
const char *explain_old(const char *release, size_t n);
/* Statements but rules, one at a time from n = 0: 0, or -1 after the last. */
int	 explain_statement(const struct policy *, const struct plan *,
	    size_t n, char *, size_t, const char **);
/*
 * explain_net.c: the statements about the network; *n is that of the next
 * kind after -1.
 */
int	 explain_net(const struct policy *, const struct plan *, size_t *n,
	    char *, size_t, const char **);
/* "no bind, no connect": what Landlock does about TCP. */
const char *explain_tcp(const struct plan *);
/* Those of them that are about executables. */
int	 explain_exec(const struct policy *, size_t n, char *, size_t);
/* Can a rule be written in a policy?  Its text, RULE_TEXT_MAX bytes. */
int	 explain_rule_text(const struct policy *, const struct rule *, char *,
	    size_t);

/* explain_verbose.c: comments that -v adds. */
void	 explain_verbose(FILE *, const struct policy *, const struct plan *);

/*
 * explain_filter.c: the filters of command and roles, to files in a directory
 * that is made.  Fatal on error.
 */
void	 explain_filters(const char *, const struct plan *);

/* explain_json.c: all of it, as one JSON document. */
void	 explain_json(FILE *, const struct policy *, const struct plan *);

/* explain_names.c: words for numbers; none is NULL. */
const char *name_right(unsigned bit);
const char *name_tier(unsigned tier);
const char *name_landlock(unsigned bit);
const char *name_handler(unsigned);
const char *name_effect(unsigned);
const char *name_errno(unsigned);
/* "ALLOW", "ERRNO(EPERM)" for a SECCOMP_RET_*. */
void	 name_action(uint32_t, char *, size_t);
/* "read, exec"; "none". */
void	 name_rights(uint32_t, char *, size_t);
void	 name_access(uint64_t, char *, size_t);
/* "args[1] == 0x5412" */
void	 name_predicate(const struct sysarg *, char *, size_t);
/* What happens then, with this plan. */
void	 name_verdict(const struct plan *, const struct sysarg *, char *,
	    size_t);
/* Does the predicate count with this plan? */
int	 name_counts(const struct plan *, const struct sysarg *);
/* Bytes for a comment or a JSON string: as vis(3), with \" for quotes. */
void	 name_bytes(const char *, char *, size_t);
#define NAME_TEXT_MAX	(2 * PATTERN_MAX + 512)
#define NAME_BYTES_MAX	(4 * PATTERN_MAX + 1)

/*
 * explain_bpf.c: what is known when an instruction is reached.  All jumps go
 * forward, so one pass finds it.
 */
enum acc { ACC_NONE, ACC_ARCH, ACC_NR, ACC_ARG };
struct insn {
	uint8_t		 in_reached;
	uint8_t		 in_acc;	/* what the accumulator holds */
	uint8_t		 in_arg;	/* ACC_ARG: which ... */
	uint8_t		 in_high;	/* ... and which half */
	uint32_t	 in_first;	/* system calls that can come here, */
	uint32_t	 in_last;	/* both comprised */
};
/* Fills pl_filterlen of them. */
void	 insn_flow(const struct plan *, struct insn *);
/* One instruction in words; targets are numbers of instructions. */
void	 insn_print(const struct plan *, const struct insn *, size_t, char *,
	    size_t);
/* May the filter answer this for some call of that number? */
int	 insn_answers(const struct plan *, const struct insn *, uint32_t nr,
	    uint32_t action);

/* The rights that a call is about and that nobody is asked for with it. */
uint32_t explain_unasked(const struct plan *, const struct sysent *);

#endif /* EXPLAIN_H */
