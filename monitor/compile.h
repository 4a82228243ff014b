/*
 * The compiler: a policy becomes rules on canonical paths for the broker, a
 * Landlock wall for each of receiver, child and policy worker, and the
 * child's BPF.  All of it before the child exists.
 */
#ifndef COMPILE_H
#define COMPILE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/sysent.h"
#include "../proto/proto.h"
#include "policy_conf.h"

/* Who holds a right, and why nobody cheaper. */
struct tier {
	uint8_t		 t_tier;	/* TIER_KERNEL, _WATCH, _BROKER; 0: none */
	uint32_t	 t_rule;	/* of pl_rules, that asks for it ... */
	const char	*t_why;		/* ... and why; never NULL */
	char		*t_path;	/* where, or NULL */
};
#define NO_RULE		UINT32_MAX

/* Landlock rights at a path and below, as given to the kernel. */
struct grant {
	char		*g_path;
	uint64_t	 g_access;	/* LL_FS_* */
};
struct grants {
	struct grant	*gs_grants;
	size_t		 gs_count;
	size_t		 gs_size;
};

/* Paths that mounts cover: `set hide mounts'. */
struct hidden {
	char		**h_paths;	/* canonical, none below another */
	size_t		 h_count;
};

/*
 * The network: what the filter hands to the broker, what Landlock holds.
 * Conditions of rows in sysent.c (sa_net); the kinds of socket, NETK_*, are
 * below them.
 */
enum netmode {
	NETMODE_NONE,		/* deny net */
	NETMODE_ALL,		/* allow net: nobody looks */
	NETMODE_RULED
};
struct nettier {
	uint8_t		 nt_tier;	/* TIER_KERNEL, TIER_BROKER, 0: nobody */
	const char	*nt_why;
};
struct netplan {
	uint8_t		 np_mode;	/* enum netmode */
	uint8_t		 np_asked;	/* the policy worker, about sockets */
	uint8_t		 np_sought;	/* NETMODE_ALL: names are looked up by it */
	uint32_t	 np_bits;	/* NETK_* and NETF_* (sysent.h) */
	struct netset	 np_rules;	/* those that count, for the broker */
	struct nettier	 np_connect;
	struct nettier	 np_bind;
	struct nettier	 np_accept;
	struct nettier	 np_send;
};

struct plan {
	struct ruleset	 pl_rules;	/* canonical, for broker and integrity */
	struct verifyset pl_verify;	/* canonical, sorted: integrity's */
	struct tpe	 pl_tpe;	/* canonical */
	struct guardset	 pl_guards;	/* canonical */
	int		 pl_guarded;	/* some have a limit */
	struct tier	 pl_tiers[RIGHTS_COUNT];	/* of right 1 << i */
	uint32_t	 pl_notify;	/* rights whose calls are notified */
	uint32_t	 pl_broker;	/* ... because the kernel cannot hold them */
	uint32_t	 pl_when;	/* 1 << enum sys_when: these count */
	int		 pl_abi;	/* Landlock */
	struct grants	 pl_wall;	/* of the receiver, all else is inside */
	struct grants	 pl_child;	/* of the child's domain inside it */
	struct grants	 pl_worker;	/* of policy's: the child's, and more
					   for what is brokered */
	struct netplan	 pl_net;
	struct hidden	 pl_hide;
	uint8_t		*pl_hidden;	/* by rule: a mount covers its path */
	int		 pl_wall_receiver;	/* ruleset descriptors, CLOEXEC */
	int		 pl_wall_policy;
	int		 pl_wall_integrity;
	int		 pl_wall_child;
	struct sock_filter pl_filter[FILTER_LEN_MAX];
	size_t		 pl_filterlen;
};

/*
 * Compile.  0, or -1 after saying on stderr which rule cannot be enforced
 * here and what would (kernel feature and version).  Opens what the rules
 * name O_PATH; a rule whose path does not exist yet stays in the broker's
 * rules, and in the wall only where it may be made: in its parent.
 */
int	 compile(const struct policy *, struct plan *);
void	 plan_free(struct plan *);
/* The rights of rule number i that a tier (TIER_*, or 0) holds. */
uint32_t plan_rule_rights(const struct plan *, size_t i, unsigned tier);

/*
 * compile_grant.c: the child's own domain, exact where the kernel can be, and
 * from that the tier of each right.  0, or -1 with errno.
 */
int	 compile_grants(const struct policy *, struct plan *);
/* Append, or widen the grant for that path.  0, or -1 with errno. */
int	 grants_add(struct grants *, const char *, uint64_t);

/*
 * compile.c: append r under the name path.  0, or -1 after saying why not;
 * with compile_fstype.c, which rules a rule by file-system type becomes.
 */
int	 compile_put(struct ruleset *, const struct rule *, char *path);
/* What is mounted where, around before inside. */
enum mount_seen {
	MOUNT_UNLOOKED, MOUNT_THERE, MOUNT_HIDDEN, MOUNT_UNKNOWN
};
struct mount {
	uint64_t	 mo_id;		/* of proc_pid_mountinfo(5) */
	char		*mo_path;
	char		*mo_type;
	int		 mo_seen;	/* enum mount_seen */
};
struct mounts {
	struct mount	*ms_mounts;
	size_t		 ms_count;
	size_t		 ms_size;
	int		 ms_loaded;
};
int	 compile_fstype(struct ruleset *, const struct rule *,
	    struct mounts *);
/* From the kernel, once.  0, or -1 with errno. */
int	 mounts_load(struct mounts *);
/* One more (not for who loads them), and then what mounts_load() ends with. */
int	 mounts_put(struct mounts *, uint64_t id, const char *path,
	    const char *type, int seen);
void	 mounts_sort(struct mounts *);
void	 mounts_free(struct mounts *);

/* compile_path.c: absolute paths without . and .., below PATTERN_MAX. */
enum path_kind {
	PATH_UNKNOWN, PATH_ABSENT, PATH_DIR, PATH_LINK, PATH_OTHER
};
/*
 * The path with its longest existing prefix resolved; in and into procfs as
 * it is.  Good until paths_forget().
 */
const char *path_real(const char *);
/* compile_verify.c: digests and classes of executables. */
int	 compile_verify(const struct policy *, struct plan *);
/* compile_guard.c: segvguard. */
int	 compile_guard(const struct policy *, struct plan *);
/* compile.c: the path of a rule as the kernel has it, in PATTERN_MAX bytes. */
void	 compile_canonical(const struct rule *, char *);
/* Does `set wx yes' except some program? */
int	 policy_excepts(const struct policy *);
/* What lstat(2) says is there, never PATH_UNKNOWN. */
enum path_kind path_kind(const char *);
/* compile() starts anew; plan_free() forgets too. */
void	 paths_forget(void);
/* Is path dir itself or below it? */
int	 path_below(const char *path, const char *dir);
/* dir and rest, which begins with a slash, in PATTERN_MAX bytes; or -1. */
int	 path_join(char *, const char *dir, const char *rest);

/*
 * compile_net.c: the rules about the network and their tiers, given pl_abi.
 * 0, or -1 after saying why not.
 */
int	 compile_net(const struct policy *, struct plan *);
/* np_asked, given pl_notify. */
void	 net_asked(struct plan *);
void	 netplan_free(struct netplan *);
/*
 * Rulesets of Landlock as far as the network goes: for the child and what is
 * around it, and for the policy worker.  A descriptor, or -1 with errno.
 */
int	 net_ruleset_child(const struct plan *, uint64_t scoped);
int	 net_ruleset_worker(const struct plan *);

/* compile_wall.c */
int	 compile_wall(const struct policy *, struct plan *);
/*
 * Once the child's grants are known: fills pl_worker, the same and in the same
 * order first.  0, or -1 with errno.
 */
int	 wall_worker(struct plan *);
/*
 * Open each ruleset as far as it says at path, and below if it is a directory.
 * Not there, or a link: nothing to open.  0, or -1 with errno.
 */
struct wallgrant {
	int		 wg_ruleset;
	uint64_t	 wg_access;
};
int	 wall_open(const char *path, const struct wallgrant *, size_t n);
/* Landlock file rights that a set of our rights needs. */
uint64_t wall_access(uint32_t rights);
/* What the kernel would then let happen: those rights, and maybe more. */
uint32_t wall_grants(uint64_t access);
/*
 * Where the wall opens for an allow rule, and how far: the object and its
 * parent.  wp_path is "" where it does not.
 */
struct wallplace {
	char		 wp_path[PATTERN_MAX];
	uint64_t	 wp_access;
};
void	 wall_places(const struct rule *, struct wallplace [2]);
/* The first thing a Landlock ABI lacks of what we use, or "". */
const char *wall_lacks(int abi);

/*
 * compile_bpf.c: fills pl_filter from sysent.c, given pl_notify.  0, or -1
 * after saying why: too long, or a `syscall` line the table does not permit.
 */
int	 compile_bpf(const struct policy *, struct plan *);
/* Does this predicate of arguments count?  Once compile_bpf() was here. */
int	 plan_counts(const struct plan *, const struct sysarg *);
/*
 * Run a filter on one call, as the kernel would (for -n and the tests):
 * the SECCOMP_RET_* value.  Never reads outside insns[0..len).
 */
uint32_t bpf_simulate(const struct sock_filter *, size_t, uint32_t nr,
	    uint32_t arch, const uint64_t args[6]);

/*
 * hide.c: what the compiled rules deny the contents of for good, at and
 * below a path that exists; hidden[i] is 1 for the rules that do.  0, or -1
 * with errno.
 */
int	 hide_list(const struct ruleset *, struct hidden *, uint8_t *hidden);
void	 hide_free(struct hidden *);

#endif /* COMPILE_H */
