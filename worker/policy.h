/*
 * The policy worker: the ROLE_POLICY process holds the rules and forks one
 * ROLE_LANE process a lane, which interprets what the child asked, decides,
 * and acts on the child's behalf within the wall.
 *
 * The code behind this header must never trace, signal or read a process,
 * nor touch the notify descriptor.  A decision is made on a canonical path,
 * the action on the descriptor that was resolved: never on the string again.
 *
 * Functions that return int without another word return 0 or an errno.
 */
#ifndef POLICY_H
#define POLICY_H

#include <sys/types.h>
#include <sys/stat.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/guard.h"
#include "../common/netrule.h"
#include "../common/rule.h"
#include "../common/sysent.h"
#include "../common/tpe.h"
#include "../common/verify.h"
#include "../proto/chan.h"

#define NAME_SIZE	(2 * PATH_MAX)	/* a directory's name and a path */
#define LINKS_MAX	40		/* MAXSYMLINKS, linux/namei.h */
#define NEEDS_MAX	64		/* questions in one call, but for data */
#define COMM_SIZE	64		/* TASK_COMM_LEN escaped by the kernel */
#define FOREIGN_MAX	16		/* procfs mounts beside /proc */

/* What a lane worker holds; set before the first call, then constant. */
struct worker {
	struct ruleset	 wk_rules;
	struct netset	 wk_nets;	/* none: all or nothing, by the kernel */
	struct names_conf wk_names;	/* with rules about host names */
	struct verifyset wk_classes;	/* of executables, no digests */
	struct tpe	 wk_tpe;
	struct guardset	 wk_guards;	/* of executables that crash */
	uint32_t	 wk_flags;	/* CONF_* */
	uint32_t	 wk_free;	/* rights that "/" gives, none taken back */
	uint32_t	 wk_lines;	/* some rule allows them with a line */
	uint32_t	 wk_denied;	/* R_LOOKS that some rule denies, and
					   R_HIDING if one hides */
	uint64_t	 wk_caps;	/* what the child keeps, 1 << CAP_* */
	uint64_t	 wk_acts;	/* of these, what a worker has */
	char		*wk_groups;	/* as procfs writes ours; or NULL */
	uid_t		 wk_uid;	/* file system credentials */
	gid_t		 wk_gid;
	int		 wk_sticky;	/* fs.protected_symlinks */
	int		 wk_root;	/* O_PATH: / */
	int		 wk_fds;	/* O_PATH: our own /proc/self/fd */
	pid_t		 wk_pid;
	size_t		 wk_nforeign;
	char		*wk_foreign[FOREIGN_MAX];
	char		*wk_rundir;	/* per-run temporary directory or NULL */
	int		 wk_learn;	/* channel to the learn role, or -1 */
};
extern struct worker worker;

/* One call in hand. */
struct request {
	const struct sysent *rq_ent;
	struct call	 rq_call;
	struct verdict	 rq_verdict;	/* v_kind 0: by the handler's errno */
	struct chan	*rq_chan;
	uint32_t	 rq_seq;
	int		 rq_needs;	/* questions asked */
	int		 rq_told;	/* 1: an allowed right was logged, 2: a
					   denial */
	int		 rq_refused;	/* a rule did: its errno is the answer */
	uint8_t		 rq_effect;	/* EFFECT_*: of the rules that denied,
					   the strongest */
	int		 rq_status;	/* what follows is there */
	pid_t		 rq_tgid;
	mode_t		 rq_umask;
	uid_t		 rq_fsuid;
	gid_t		 rq_fsgid;
	uint64_t	 rq_caps;	/* effective */
	const char	*rq_groups;	/* as wk_groups, to the end of the
					   line; or NULL */
	char		 rq_comm[COMM_SIZE];
};

/* policy_lane.c */
/*
 * After fork: confined worker of one lane, with its channel to the resolver or
 * -1.  Does not return.
 */
void	 lane_main(int, int, uint32_t) __attribute__((__noreturn__));
/* Serve calls on a channel until the peer closes it. */
void	 lane_serve(struct chan *);
/* Open what every worker holds.  Fatal on error. */
void	 lane_open(void);
/* Index of the nth argument (from 0) of a kind, or -1. */
int	 request_arg(const struct request *, enum arg_kind, int);
/* The captured piece of an argument, or NULL. */
const struct cap *request_cap(const struct request *, int);
/* An int argument: registers are wider than what the kernel looks at. */
int	 request_int(const struct request *, int);
/* Flags of the call (se_flagarg), 0 when it has none. */
int	 request_flags(const struct request *);
/* Borrow the descriptor of a slot. */
int	 request_fd(struct request *, int slot, int *fd);
/* Ask the receiver.  A descriptor in g_fd is the caller's of this function. */
int	 request_need(struct request *, enum need_kind, int32_t,
	    struct give *);
/* Ask the receiver when a file has crashed.  Fatal on error. */
void	 request_crashes(struct request *, const struct file_id *,
	    struct crashes *);
/*
 * Have this file, open for reading, looked at by the integrity worker, which
 * says why not: CHECK_*.  Fatal on error.
 */
uint32_t request_check(struct request *, int);
/* Pieces of the caller's memory, one after the other, len bytes in all. */
int	 request_memory(struct request *, const struct piece *, size_t,
	    void *, size_t);
/* Fill in what /proc/TID/status says. */
int	 request_status(struct request *);
/* Take the caller's umask: before anything is created. */
int	 request_umask(struct request *);
/* The caller's controlling terminal, ENXIO when it has none. */
int	 request_tty(struct request *, dev_t *);

/* policy_resolve.c */
#define WALK_FOLLOW	0x1	/* the last component may be a symlink */
#define WALK_PARENT	0x2	/* its directory is wanted, not the object */
#define WALK_EMPTY	0x4	/* AT_EMPTY_PATH: "" is the base itself */
#define WALK_NULL	0x8	/* ... and so is NULL, where the kernel says so */
#define WALK_ADDRESS	0x10	/* walk_text(): the caller's own text */

/*
 * A path on its way to an object.  Its directory (w_dir) and last component
 * (w_last) with the canonical name (w_name) of the two; the name is certain
 * once w_proven is set, else if openat2(2) without symlinks succeeds.  Or the
 * object itself (w_fd) and its name.  A name of length 0 is none: a pipe, a
 * deleted file, a directory out of reach.
 */
struct walk {
	struct request	*w_rq;
	unsigned	 w_flags;
	uint64_t	 w_resolve;	/* the caller's RESOLVE_*, openat2(2) */
	int		 w_slot;	/* where the base of a path comes from */
	int		 w_arg;		/* the path's argument, or -1 */
	int		 w_rooted;	/* it began with a slash, or went up */
	int		 w_base;	/* what a relative path begins at */
	int		 w_baseown;	/* ours to close */
	int		 w_links;	/* symlinks followed */
	int		 w_dir;
	int		 w_dirown;
	int		 w_fd;		/* ours to close; -1: not found yet */
	int		 w_given;	/* w_fd is the caller's own descriptor */
	int		 w_exe;		/* the object is the caller's executable */
	int		 w_proven;
	int		 w_failed;	/* at a component that is not the last */
	int		 w_moved;	/* what was found had another name */
	int		 w_dots;	/* last is . or .. or /: names nothing */
	int		 w_slash;	/* last has a trailing slash */
	char		*w_last;	/* in w_path, trailing slashes included */
	size_t		 w_lastlen;	/* without them */
	size_t		 w_len;		/* of w_name */
	size_t		 w_pathlen;
	char		 w_path[PATH_MAX + 1];	/* a symlink's text and a slash */
	char		 w_name[NAME_SIZE];
};

/* Begin with the path in argument arg.  walk_end() whatever it returns. */
int	 walk_begin(struct walk *, struct request *, int arg, unsigned flags,
	    uint64_t resolve);
/*
 * The same with a path that a file named, or an address, relative to the
 * caller's working directory.
 */
int	 walk_text(struct walk *, struct request *, const char *, size_t,
	    unsigned flags);
/* Make directory and name certain. */
int	 walk_settle(struct walk *);
/* Openat2 of the last component, no symlinks: a descriptor or -1, errno. */
int	 walk_open(const struct walk *, uint64_t flags, mode_t mode);
/*
 * What walk_open() opened may not be what w_name says, where the child can
 * move a directory.  0: it is; 1: it has another name, which w_name now is;
 * -1: it has none any more, look again.
 */
int	 walk_found(struct walk *, int fd);
/* May a directory on the way to w_name be moved by the child? */
int	 walk_movable(const struct walk *);
/* ELOOP from walk_open(): settle, or follow the last component. */
int	 walk_onward(struct walk *);
/* To the object: w_fd (O_PATH, or the caller's), or w_exe. */
int	 walk_object(struct walk *);
void	 walk_end(struct walk *);
/* What the caller may know of a failed lookup: error, or a denial. */
int	 walk_error(struct walk *, int error, uint32_t want);
/*
 * policy_mask.c.  What is served for a masked object: O_PATH on an empty
 * directory where that is one, else on /dev/null.  A descriptor or -1, errno.
 */
int	 mask_object(int isdir);
/* Reopen an object through /proc/self/fd: a descriptor or -1, errno. */
int	 fd_reopen(int, int flags);
/* Decimal of a descriptor, for paths below wk_fds. */
#define FDNAME_SIZE	12
const char *fd_text(int, char [FDNAME_SIZE]);
/*
 * Canonical name of what a descriptor refers to, NUL-terminated; its length,
 * 0 when it has none.
 */
size_t	 fd_name(int, char *, size_t);
/* Is it a directory without a name: nothing is in it, nor ever will be? */
int	 dir_removed(int);

/* policy_proc.c */
/* Names in procfs that are not what they seem. */
enum proc_kind { PROC_PLAIN, PROC_OPEN, PROC_DENY };
/* Where a symlink of procfs leads. */
enum proc_link { LINK_TEXT, LINK_SELF, LINK_FD, LINK_EXE, LINK_NONE };
/* Is it below a process's directory of /proc? */
int	 proc_name(const char *, size_t);
/* What opening this name takes: whose entry, which. */
enum proc_kind proc_entry(const char *, pid_t *, uint8_t *);
/* Does it lie in the /proc of this very worker? */
int	 proc_ours(const char *);
/* Does it lie in another mount of procfs? */
int	 proc_foreign(const char *, size_t);
/* Note the procfs mounts beside /proc.  Before confinement. */
void	 proc_mounts(void);
/*
 * The procfs symlink last in directory dir: its text, or in *fd the
 * descriptor it leads to (caller closes).  LINK_NONE: not for the caller.
 */
int	 proc_readlink(struct request *, const char *dir, const char *last,
	    enum proc_link *, char *text, size_t size, int *fd);
/* The name that rules are about: /proc/self for the caller's own. */
const char *proc_rulename(struct request *, const char *, size_t *);

/* policy_deny.c */
/*
 * The subset of want that the rules allow for the name, 0 length: none.
 * A name of the caller's own /proc is looked up as /proc/self.
 */
uint32_t policy_eval(struct request *, const char *, size_t, uint32_t,
	    const struct rule **);
/*
 * All of want?  0, else the errno to deny with, logged; the effect of the rule
 * is noted in the request.
 */
int	 policy_check(struct request *, const char *, size_t, uint32_t);
/*
 * As policy_check(), but only whether the directories on the way to the name
 * may be passed; what is wanted of it is for the log.
 */
int	 policy_walk(struct request *, const char *, size_t, uint32_t want);
/* Is it hidden by a rule that is about this very name?  Writes no line. */
int	 policy_hidden(struct request *, const char *, size_t);
/* Is it masked by one? */
int	 policy_masked(struct request *, const char *, size_t);
/* May it be found: not hidden, nor beyond what may not be walked? */
int	 policy_found(struct request *, const char *, size_t);
/* Is a file of this name append-only? */
int	 policy_appends(struct request *, const char *, size_t);
/* May names right in this directory be hidden?  With globs, or surely. */
int	 policy_hides_in(const char *, size_t, int globs);
/* The same: 0, or error once its line says which rule is in the way. */
int	 policy_hides(struct request *, const char *, size_t, uint32_t right,
	    int globs, int error);
/* Would policy_check() say yes, and write no line? */
int	 policy_plain(struct request *, const char *, size_t, uint32_t);
/*
 * An executable is of this class, of which the policy speaks: EACCES, or 0
 * after a warning.  Why, and what would allow it, in words.
 */
int	 policy_class(struct request *, const char *, size_t, uint32_t,
	    const char *check, const char *allow);
/* Somebody else refused it, with this effect, and has said so: EACCES. */
int	 policy_refused(struct request *, uint8_t effect);
/* One that is suspended, for its crashes. */
int	 policy_deny_guard(struct request *, const char *, size_t,
	    const struct guard *, const struct crashes *);
/* Deny want whatever the rules say: as policy_check() when it denies. */
int	 policy_deny(struct request *, const char *, size_t, uint32_t);
/*
 * Once the handler has come to its verdict, or to the error: what the rules
 * that denied want done to the caller becomes the verdict.
 */
void	 policy_effect(struct request *, int error);
/* Does no rule hide its existence?  (stat(2) is not asked of us.) */
int	 policy_visible(struct request *, const char *, size_t);
/* Deny what is no path: right and object in words, what allows it or NULL. */
int	 policy_deny_word(struct request *, const char *right,
	    const char *object, const char *allow);
/*
 * A decision about the network: the rule that allows, with a line, or that
 * denies; NULL: none matched.  0, or the errno to deny with.
 */
int	 policy_net(struct request *, const char *word, const char *object,
	    const char *allow, const struct rule *);
/* Rights that the rules give everywhere and take back nowhere. */
uint32_t policy_free(const struct ruleset *);
/* Rights that some rule allows with a line in the log. */
uint32_t policy_lines(const struct ruleset *);

/* policy_class.c: classes of executables, before the call goes on */
/*
 * May this object run, of the classes that the policy speaks of?  Its first
 * bytes are in hand; first: it is what the call named.
 */
int	 class_check(struct request *, const struct walk *, const char *,
	    ssize_t, int first);
/* The same of an ELF interpreter. */
int	 class_loader(struct request *, const struct walk *);

/* policy_digest.c: digests, before the call goes on */
/* A file as it was seen: another, or a changed one, is not the same. */
struct filemark {
	uint64_t	 s_key;		/* whoever looked has one; 0: empty */
	dev_t		 s_dev;
	ino_t		 s_ino;
	off_t		 s_size;
	struct timespec	 s_ctime;
};
int	 mark_is(const struct filemark *, const struct stat *, uint64_t key);
/* Unless it changed so lately that another change could have that time. */
void	 mark_put(struct filemark *, const struct stat *, uint64_t key);
uint64_t mark_key(const char *, size_t);
/* Is this object what the policy's digests say?  0, or EACCES, told. */
int	 digest_check(struct request *, const struct walk *);

/* policy_name.c: this worker's channel to the resolver, or -1. */
void	 names_open(int);

/* policy_learn.c: all do nothing unless the monitor asked to learn. */
/*
 * The call in hand wants these rights on a name.  What came of it is an
 * ACCESS_*, or 0: allowed, and by how the call ends.
 */
void	 learn_seen(struct request *, const char *, size_t, uint32_t,
	    uint8_t);
/* The call ended with this error: say what it used. */
void	 learn_tell(int);

/* policy_path.c */
/* Before any worker is forked: what they take turns by.  Fatal on error. */
void	 path_turns(void);

/* policy_open.c, policy_path.c, ...: the handlers, by enum sys_handler. */
int	 policy_open(struct request *);
int	 policy_mkdir(struct request *);
int	 policy_mknod(struct request *);
int	 policy_unlink(struct request *);
int	 policy_rename(struct request *);
int	 policy_link(struct request *);
int	 policy_symlink(struct request *);
int	 policy_truncate(struct request *);
int	 policy_chmod(struct request *);
int	 policy_chown(struct request *);
int	 policy_utime(struct request *);
int	 policy_xattr(struct request *);
int	 policy_exec(struct request *);
int	 policy_socket(struct request *);
int	 policy_address(struct request *);
int	 policy_chroot(struct request *);
int	 policy_pty(struct request *);
int	 policy_memory(struct request *);
int	 policy_stat(struct request *);
int	 policy_access(struct request *);
int	 policy_readlink(struct request *);
int	 policy_statfs(struct request *);
int	 policy_getxattr(struct request *);
int	 policy_list(struct request *);
int	 policy_chdir(struct request *);
int	 policy_watch(struct request *);
int	 policy_handle(struct request *);
int	 policy_getattr(struct request *);
int	 policy_setattr(struct request *);
int	 policy_append(struct request *);

/* policy_attr.c */
/* struct xattr_args, linux/xattr.h of Linux 6.13. */
struct xattr_at {
	uint64_t	 xt_value;	/* address */
	uint32_t	 xt_size;
	uint32_t	 xt_flags;
};
#define PLACE_MAX	4096	/* what such a structure may be long: a page */
/* Is this a kernel without setxattrat(2), getxattrat(2) and sisters? */
int	 xattrat_missing(void);
/* The structure of the call, and what the kernel finds wrong with it. */
int	 xattrat_decode(const struct request *, struct xattr_at *);

/* policy_list.c */
/*
 * Subdirectories that are hidden in the directory fd of this name, as far as
 * the caller may list it.
 */
unsigned list_hidden_dirs(struct request *, int, const char *, size_t);
int	 policy_connect(struct request *);
int	 policy_bind(struct request *);
int	 policy_listen(struct request *);
int	 policy_accept(struct request *);
int	 policy_sendto(struct request *);
int	 policy_sendmsg(struct request *);
int	 policy_sendmmsg(struct request *);

/* policy_clean.c */
/* Empty a directory, following nothing: the number of entries left. */
unsigned clean_directory(const char *);

#endif /* POLICY_H */
