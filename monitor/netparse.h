/*
 * Statements about the network: the words of one line become a rule.  Runs in
 * the monitor before any child byte exists.
 */
#ifndef NETPARSE_H
#define NETPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "../common/netrule.h"

/* A word as the grammar gives it. */
struct netword {
	const char	*nw_text;
	int		 nw_quoted;
};

/* table <name> file "...": addresses to be named in rules. */
struct nettable {
	char		*nt_name;	/* with its < and > */
	char		*nt_path;
	uint32_t	 nt_line;
	struct netrule	 nt_rule;	/* its ranges, and the place it is from */
};
struct nettables {
	struct nettable	*nts_tables;
	size_t		 nts_count;
};

/* What is wrong with a line: never NULL but ne_example. */
struct neterror {
	char		 ne_what[256];
	const char	*ne_expected;
	const char	*ne_example;
};

/*
 * The words after `net' (none: everything).  r comes with action, effect,
 * flags and place filled in; the rest is filled here, n_text too.  0, or -1
 * with *ne; netrule_free() in any case.
 */
int	 net_parse(struct netrule *, const struct netword *, size_t,
	    const struct nettables *, struct neterror *);
/*
 * A netset (an address, prefix or range a line) or what `ipset save' writes.
 * 0, or -1 with *ne.
 */
int	 net_table(struct nettables *, const char *name, const char *path,
	    const char *file, uint32_t line, struct neterror *);
const struct nettable *nettables_find(const struct nettables *,
	    const char *);
void	 nettables_free(struct nettables *);

#endif /* NETPARSE_H */
