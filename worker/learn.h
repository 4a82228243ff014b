/*
 * The learn role (-L): what the command used becomes a policy to review.
 * The paths are the command's bytes: this code interprets them, and touches
 * nothing but the channels and the one descriptor it was handed.
 */
#ifndef LEARN_H
#define LEARN_H

#include <sys/tree.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../common/rule.h"

/* Names and, for each, its component: below 10 MB. */
#define LEARN_NODES_MAX	16384
/* Rules written; a policy may have RULES_MAX, and compiles to twice as many. */
#define LEARN_RULES_MAX	4096
/* Digests of what was executed: a search of all for each. */
#define LEARN_DIGESTS_MAX 8192

/* One component of a path. */
struct node {
	RB_ENTRY(node)	 n_entry;
	RB_HEAD(nodes, node) n_below;
	struct node	*n_up;
	uint32_t	 n_used;	/* on this name */
	uint32_t	 n_under;	/* on this name and all below */
	uint32_t	 n_all;		/* used here or below: to compare */
	uint32_t	 n_refused;	/* allowed, and refused by the system */
	uint32_t	 n_denied;	/* by the rules given */
	uint32_t	 n_absent;	/* nothing was there */
	uint32_t	 n_nabsent;	/* names that were absent in it */
	uint32_t	 n_nglobs;	/* patterns in it */
	uint8_t		 n_flags;
	size_t		 n_len;
	char		*n_name;	/* behind the struct */
};
#define N_GLOB		0x1	/* n_name is a pattern of rule.h */
#define N_MADE		0x2	/* the command made it */
#define N_OPEN		0x4	/* may become `under', */
#define N_SHUT		0x8	/* or may not; neither: not looked at yet */

struct learn {
	struct ruleset	 l_secrets;	/* what is never granted */
	char		*l_home, *l_work, *l_run, *l_tty;	/* or NULL */
	uint32_t	 l_names;	/* more of one directory: `under' */
	struct node	*l_root;
	size_t		 l_nodes;
	size_t		 l_lost;	/* accesses there was no room for */
	uint32_t	 l_tmp;		/* rights used below l_run */
	uint32_t	 l_term;	/* ... and on l_tty */
	int		 l_net;		/* the network was wanted */
};

/* learn_tree.c */
/* Ready for learn_add().  Fatal on error. */
void	 learn_init(struct learn *);
void	 learn_free(struct learn *);
/* An access (enum access_outcome) to a canonical path of len bytes. */
void	 learn_add(struct learn *, uint32_t, uint8_t, const char *, size_t);
/* Does a path, NUL-terminated, lie in dir, or is it dir?  dir may be NULL. */
int	 learn_below(const char *, const char *);
/* Rights, widened to those that words exist for. */
uint32_t learn_words(uint32_t);
/*
 * The name of a node as a path, PATTERN_MAX bytes, or as a pattern if *glob
 * is set or a component is one (then it is).  Length, or 0: too long.
 */
size_t	 learn_path(const struct node *, char *, int *glob);
/* Might a pattern match what a secret's rule speaks of?  1 when unsure. */
int	 learn_glob_secret(const struct learn *, const char *);

/* learn_name.c */
/*
 * A pattern of rule.h, in size bytes, for a name that looks made up: a hash, a
 * process number, letters of mkstemp(3).  A name that was removed again needs
 * less to look so.  1: it does; 0: not.
 */
int	 learn_random(const char *, size_t, int removed, char *, size_t);
/*
 * The component as a pattern that prints: each byte that would not, or that
 * could be taken for an order by a terminal, is a `?'.  1: it was needed.
 */
int	 learn_printable(const char *, size_t, char *, size_t);
/* Copy n bytes to a pattern that means them; new end, or NULL: no room. */
char	*learn_literal(char *, const char *, const char *, size_t);

/* learn_print.c */
/* The policy.  0 or -1: not all could be written to the stream. */
int	 learn_print(struct learn *, FILE *);

RB_PROTOTYPE(nodes, node, n_entry, node_cmp)

#endif /* LEARN_H */
