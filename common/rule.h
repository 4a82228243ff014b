/*
 * Rules and their matching.  Pure: no I/O, no state.  Paths are bytes.
 *
 * Evaluation, as in pf.conf(5): rules are read first to last and the last one
 * that matches decides, unless one with RF_QUICK matches, which decides at
 * once.  This holds for each right by itself.  Nothing matched: denied.
 */
#ifndef RULE_H
#define RULE_H

#include <stddef.h>
#include <stdint.h>

#include "rights.h"

enum rule_action { RULE_ALLOW = 1, RULE_DENY = 2 };
enum rule_match {
	MATCH_EXACT = 1,	/* this path */
	MATCH_UNDER = 2,	/* this path and all below it */
	MATCH_GLOB = 3,		/* * ? [] {} within a component, ** across */
	MATCH_FSTYPE = 4	/* r_path is a file-system type: the compiler
				 * makes rules for its mounts, and this one
				 * matches nothing */
};
#define RF_QUICK	0x1
#define RF_LOG		0x2
#define RF_QUIET	0x4	/* a denial without a line */
/*
 * MATCH_UNDER, made by the compiler: an allow rule for a directory that is
 * there.  It gives no right on the directory's own name.
 */
#define RF_BELOW	0x8
/*
 * RULE_DENY of RG_ALL with ENOENT: as if nothing were there, and not listed.
 * A name that is not there cannot be made either: that is EACCES.
 */
#define RF_HIDE		0x10
/*
 * RULE_DENY of RG_APPEND with EPERM: where it decides about R_TRUNCATE, a file
 * is written at its end only.
 */
#define RF_APPEND	0x20
/*
 * RULE_DENY of RG_ALL: what is there can be looked at and opened all the same,
 * and is found to be /dev/null, or an empty directory.  Not MATCH_EXACT: what is
 * below it is denied as well.
 */
#define RF_MASK		0x40
#define MASK_FILE	"/dev/null"
#define MASK_DIR	"/proc/tty/ldisc"	/* empty, proc_tty_init() */
#define RF_FLAGS	0x7f

/* What happens beside the answer; all but EFFECT_NONE need a notification. */
enum rule_effect {
	EFFECT_NONE = 0,
	EFFECT_WARN = 1,	/* RULE_ALLOW: allowed, logged as a denial is */
	EFFECT_KILL = 2,	/* RULE_DENY: SIGKILL for the calling process */
	EFFECT_STOP = 3,	/* RULE_DENY: its errno, and SIGSTOP */
	EFFECT_ABORT = 4,	/* RULE_DENY: its errno, and SIGABRT */
	EFFECT_EXIT = 5,	/* RULE_DENY: the whole run ends */
	EFFECT_COUNT
};

struct rule {
	uint32_t	 r_rights;
	uint8_t		 r_action;
	uint8_t		 r_match;
	uint8_t		 r_flags;
	uint8_t		 r_errno;	/* for a denial */
	uint8_t		 r_effect;	/* enum rule_effect */
	uint32_t	 r_line;
	char		*r_file;	/* "default", a path, "-r" */
	char		*r_path;	/* NUL-terminated; no trailing slash */
	size_t		 r_len;
	uint32_t	 r_index;	/* its number in the compiled policy */
};

#define PATTERN_MAX	4096		/* PATH_MAX */
#define GLOB_DEPTH_MAX	8		/* nested {} */
#define RIGHTS_TEXT_MAX	256		/* rights_print(), all words */
#define RULE_TEXT_MAX	(2 * PATTERN_MAX + 512)

struct ruleset {
	struct rule	*rs_rules;
	size_t		 rs_count;
	size_t		 rs_size;
	size_t		 rs_nquick;	/* rules with RF_QUICK */
};

/* Append a copy of r, strings included.  0 or -1 with errno. */
int	 ruleset_add(struct ruleset *, const struct rule *);
/* Append r itself: its strings, from malloc(3), are then the ruleset's. */
int	 ruleset_take(struct ruleset *, const struct rule *);
/* Remove and free all rules but the first so many. */
void	 ruleset_cut(struct ruleset *, size_t);
void	 ruleset_free(struct ruleset *);

/*
 * The rights of R_LOOKS that some rule denies; R_HIDING: one hides;
 * R_APPENDING: one makes files append-only; R_MASKING: one masks.
 */
uint32_t ruleset_denied(const struct ruleset *);
/*
 * Does a rule that allows something begin below this directory, or at it and
 * stronger than what denies to look at it?  Then it can be looked at and
 * passed, whatever is denied there.
 */
int	 ruleset_allows_below(const struct ruleset *, const char *, size_t);
/* A rule with RF_HIDE, globs too or not, that may hide a name right in here. */
const struct rule *ruleset_hides_in(const struct ruleset *, const char *,
	    size_t, int globs);
/* Is a canonical absolute path that directory itself, or below it? */
int	 path_under(const char *, size_t, const char *dir, size_t dirlen);
/* Does the pattern match this canonical absolute path of len bytes? */
int	 rule_match(const struct rule *, const char *, size_t);
/*
 * The subset of want that the rules allow for path.  *by is the rule that
 * decided a denied right (the first such), or, when all are allowed, the one
 * that allowed the lowest; NULL when none matched.
 */
uint32_t ruleset_eval(const struct ruleset *, const char *, size_t, uint32_t,
	    const struct rule **);
/*
 * May something strictly below path be denied a right of want by a rule that
 * would not deny it in the same place below to?  Conservative: 1 when unsure.
 * A directory for which this holds must not be renamed or bound elsewhere.
 */
int	 ruleset_denies_below(const struct ruleset *, const char *path,
	    const char *to, uint32_t);
/*
 * Do action, effect and flags of this rule go together?  Only an allowed call
 * is warned of; only a denial is quiet, and not one that ends the run.
 */
int	 rule_sane(const struct rule *);
/* Glob over bytes: leading-slash patterns, see enum rule_match. */
int	 glob_match(const char *, const char *, size_t);

/* "read", "write", "chmod", groups too; 0 when unknown. */
uint32_t rights_parse(const char *);
/*
 * Words that would grant want, for people to read and add to a policy: a
 * group that is called like a right of want, or one word that is just want,
 * else the groups that cover it ("read, write"), else "all".  They may grant
 * more than want, never less.
 */
const char *rights_word(uint32_t);
/*
 * Exactly these rights in as few words as there are, truncated like
 * snprintf(3): RIGHTS_TEXT_MAX bytes always suffice.
 */
void	 rights_print(uint32_t, char *, size_t);
/*
 * A rule as policy text that parses to the same rule, truncated like
 * snprintf(3): RULE_TEXT_MAX bytes always suffice.
 */
void	 rule_print(const struct rule *, char *, size_t);
/*
 * Length of the directory a glob can match nothing outside of: up to, without,
 * the last slash before its first metacharacter ("/" gives 1).
 */
size_t	 glob_prefix(const char *);
/* NULL, or what is wrong with a glob. */
const char *glob_check(const char *);
/* How the names strictly below a directory stand to a pattern. */
enum reach { REACH_NONE, REACH_SOME, REACH_ALL };
enum reach glob_reach(const char *, const char *, size_t);
enum reach rule_reach(const struct rule *, const char *, size_t);
/*
 * Rules by falling strength, k from 0 to twice the count: the quick ones in
 * file order, then the others from the last to the first.  The first of this
 * order that matches decides.  NULL where there is none for k.
 */
const struct rule *ruleset_rank(const struct ruleset *, size_t);
/* Whatever it matches below the first directory, also below the second? */
int	 glob_follows(const char *, const char *, size_t, const char *, size_t);

#endif /* RULE_H */
