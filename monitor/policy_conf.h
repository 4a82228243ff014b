/*
 * A policy as parsed: rules in order, options, and where each came from.
 * Filled by parse.y before any child byte exists; compiled by compile*.c.
 */
#ifndef POLICY_CONF_H
#define POLICY_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "../common/guard.h"
#include "../common/netrule.h"
#include "../common/rule.h"
#include "../common/tpe.h"
#include "../common/verify.h"
#include "netparse.h"

#define KEEP_ENV_MAX	256
#define SYSCALL_SET_MAX	128
#define INCLUDE_DEPTH	16

/* A system call lifted from, or added to, the refused ones. */
struct policy_call {
	uint16_t	 pc_nr;
	uint8_t		 pc_allow;	/* 1: allow syscall, 0: deny syscall */
	uint32_t	 pc_line;
	char		*pc_file;
};

struct macro;				/* parse.y */

/* set network: which one the roles and the command are in. */
enum network {
	NETWORK_HOST,
	NETWORK_LOOPBACK,	/* its own, with nothing but loopback */
	NETWORK_NONE		/* its own, with nothing */
};

struct policy {
	struct ruleset	 p_rules;	/* as written, macros expanded */
	struct verifyset p_verify;	/* as written, not sorted */
	struct tpe	 p_tpe;		/* as written */
	struct guardset	 p_guards;	/* segvguard, as written */
	uint64_t	 p_caps;	/* keep capability: bit set of CAP_* */
	char		*p_env[KEEP_ENV_MAX];	/* keep env: names */
	size_t		 p_nenv;
	struct policy_call p_calls[SYSCALL_SET_MAX];
	size_t		 p_ncalls;
	int		 p_net;		/* 1: the last line about all of the
					   network allows it */
	struct netset	 p_nets;	/* every line about it, in order */
	struct nettables p_tables;
	uint8_t		 p_servers[3][16];	/* set nameserver */
	uint16_t	 p_ports[3];
	int		 p_nservers;
	int		 p_pin;		/* set pin, seconds; -1: unset */
	int		 p_degrade;	/* set degrade yes */
	int		 p_restart;	/* set on-failure restart */
	int		 p_watch;	/* set watch yes (1) | no (0) | unset (-1) */
	int		 p_audit;	/* set audit yes (1) | no (0) */
	int		 p_late;	/* set late-siblings deny (1) | broker (0) */
	int		 p_hide;	/* set hide mounts (1) | none (0) */
	int		 p_network;	/* set network: enum network; unset (-1):
					   that of the host, or by itself none */
	int		 p_safenames;	/* set safe-names yes (1) | no (0) */
	int		 p_dotdot;	/* set dotdot deny (1) | allow (0) */
	int		 p_cloexec;	/* set close-on-exec force (1) | keep (0) */
	int		 p_landlock;	/* set require landlock N: at least, or 0 */
	uint32_t	 p_promise;	/* rights promised; R_ALL without promise */
	int		 p_promised;	/* 1: a promise was made */
	int		 p_noinet;	/* promised, and without inet or unix */
	char		*p_promise_at;	/* "file:line" of the first, or NULL */
	char		*p_landlock_at;	/* of the p_landlock that counts */
	int		 p_early;	/* set exec-check early (1) | late (0) |
					   unset (-1): early */
	char		*p_script_at;	/* of a script's digest, or NULL */
	int		 p_trusted;	/* set tpe yes (1) | no (0), last said */
	int		 p_tmpdir;	/* set tmpdir private (1, default) | none (0) */
	const char	*p_rundir;	/* $TMPDIR for macros, made by the caller */
	struct macro	*p_macros;
};

void	 policy_init(struct policy *);
void	 policy_free(struct policy *);
/* The statement that makes p_network so: "set network none". */
const char *network_setting(const struct policy *);
/*
 * Each appends to the policy; 0, or -1 after saying on stderr, one line an
 * error, file:line: what is wrong, what was expected, an example that works.
 * Macros $HOME, $PWD, $WORKDIR, $TMPDIR and $USER are defined from the
 * arguments given to policy_macro() first; a policy's own macros live until
 * its file ends.  Rules that use a macro given as NULL, "" or "/" are skipped.
 */
int	 policy_macro(struct policy *, const char *name, const char *value);
int	 policy_parse_file(struct policy *, const char *path);
int	 policy_parse_string(struct policy *, const char *name,
	    const char *text);
int	 policy_parse_profile(struct policy *, const char *name);
/*
 * Everything has been parsed: what holds for the policy as a whole, such as
 * its promises.  0, or -1 after saying on stderr what cannot work.
 */
int	 policy_end(struct policy *);

/* Name of capability n as keep capability takes it, or NULL. */
const char *policy_capability(unsigned);

/* Built-in profiles, embedded at build time from profiles/NAME.conf. */
struct profile {
	const char	*pf_name;
	const char	*pf_text;
};
extern const struct profile profiles[];
extern const size_t profiles_count;

#endif /* POLICY_CONF_H */
