/*
 * The receiver's own structures.  The receiver touches the child: it must
 * never interpret a byte that it copied from it.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <sys/types.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "../common/sysent.h"
#include "../proto/chan.h"

/* A lane: one thread, one policy worker, one call at a time. */
struct lane {
	uint32_t	 ln_id;
	struct chan	 ln_call;	/* to its policy worker */
	struct chan	 ln_image;	/* to the integrity worker */
	pid_t		 ln_worker;	/* whom to pin and to interrupt; or 0 */
	int		 ln_cpu;	/* the worker is pinned here */
	int		 ln_home;	/* a processor to stay on ... */
	int		 ln_athome;	/* ... while there are other lanes */
	int		 ln_unasked;	/* the call went on without its worker */
	int		 ln_held;	/* the caller is stopped, and traced by us */
	int		 ln_used;	/* slot taken; main thread only */
	atomic_int	 ln_tid;	/* 0 until the thread runs, -1: ended */
	atomic_int	 ln_slow;	/* its call takes long */
	timer_t		 ln_timer;	/* ends a wait: see lane_timer() */
	atomic_int	 ln_retire;	/* asked to end */
	atomic_int	 ln_open;	/* in RECV, which a signal may end */
	atomic_uint	 ln_calls;	/* served so far */
	atomic_int	 ln_caller;	/* whose call it has in hand, or 0 ... */
	_Atomic uint64_t ln_callid;	/* ... and the request's id */
	_Atomic uint64_t ln_hold;	/* not to be answered yet; at the gate */
	int		 ln_broken;	/* its worker failed: it ends */
	unsigned	 ln_stops;	/* looks that saw its worker stopped */
	unsigned	 ln_looks;	/* ... at this call */
	unsigned	 ln_stuck;	/* ... with no lane free, nor to be had */
	int		 ln_yielded;	/* this call was interrupted for others */
	long		 ln_pace;	/* usec from one look to the next */
	int64_t		 ln_since;	/* msec: when it had last run */
	uint64_t	 ln_ran;	/* how often, by then */
	uint64_t	 ln_user;	/* ticks it had computed at first */
	unsigned	 ln_backlog;	/* samples in a row that saw a queue */
	uint32_t	 ln_seq;
	char		 ln_excepted[PATH_MAX];	/* that may make code, or "" */
	struct seccomp_notif *ln_notif;	/* kernel-sized buffers */
	struct seccomp_notif_resp *ln_resp;
	struct msg	*ln_out;
	struct msg	*ln_in;
	struct capture	*ln_capture;
};

/* What the lanes share: descriptors, set before the first lane starts. */
struct receiver {
	int		 r_notify;	/* the listener */
	int		 r_proc;	/* O_PATH on /proc */
	int		 r_wake;	/* eventfd: a lane wants the main thread */
	int		 r_unasked;	/* the kernel holds all rules of exec */
	int		 r_guard;	/* crashes are counted */
	struct seccomp_notif_sizes r_sizes;
	atomic_int	 r_child;	/* the command; 0: ended */
	int		 r_status;	/* its wait status, when a lane ... */
	atomic_int	 r_reaped;	/* ... that traced it reaped it */
	atomic_int	 r_exit;	/* a rule ends the run */
	uint32_t	 r_images;	/* CONF_ARGS, CONF_MOUNT, CONF_WX */
	int		 r_restart;	/* a lane that fails is replaced */
};
extern struct receiver receiver;

/* The lane is broken: tell the main thread, end the tree.  Does not return. */
void	 receiver_fault(struct lane *, const char *)
	    __attribute__((__noreturn__));

/* A lane was closed, since its worker failed: tell the monitor why. */
void	 receiver_broken(struct lane *, const char *);

/*
 * A rule ends the run: the main thread kills the tree and tells the monitor.
 * Nothing is answered.  Does not return.
 */
void	 receiver_exit(void) __attribute__((__noreturn__));

/*
 * Is it a policy worker, a grandchild of our parent's by another?  The number
 * came from the policy process.  1: yes; 0: no; -1: procfs does not say.
 */
int	 receiver_worker(pid_t);

/* receiver_lane.c */
/* The call in hand takes long (or no longer): others need a lane. */
void	 lane_slow(struct lane *, int);
void	 lane_timer(struct lane *, int);
/* SIGUSR1 for this thread: blocked (1) but where a wait may be ended (0). */
void	 lane_mask(int);
/* It has received a call of this thread's (0: has none in hand). */
void	 lane_caller(struct lane *, pid_t, uint64_t);
/*
 * The gate, through which every answer goes: one that is on hold waits in
 * front of it.  lane_gate_leave() after the answer.
 */
void	 lane_gate(struct lane *);
void	 lane_gate_leave(struct lane *);
/* Put the thread's call on hold, if a lane has one in hand: 1, else 0. */
int	 lane_hold(pid_t);
/* No call is on hold any more. */
void	 lane_release(void);
/* Why did this call fail?  Its caller is stopped by us: for the log only. */
void	 lane_explain(struct lane *);
/* Before RECV: 1 if lane_mask(0) was called, since this one may retire. */
int	 lane_interruptible(struct lane *);

/* receiver_notify.c: seccomp_unotify(2) */
/* 1: a notification; 0: try again; -1: the listener has no more. */
int	 notify_recv(struct lane *);
/* Does a request still wait for us, by its id? */
int	 notify_valid_id(uint64_t);
/* Does it still wait for us?  0, or -1 with errno; ENOENT: it is gone. */
int	 notify_valid(const struct lane *);
int	 notify_error(struct lane *, int);
int	 notify_value(struct lane *, int64_t);
int	 notify_continue(struct lane *);
int	 notify_inject(struct lane *, int, uint32_t);
/* The same for a descriptor that is then the caller's alone: closes it. */
int	 notify_hand(struct lane *, int, uint32_t);
/* Another notification waits. */
int	 notify_waiting(void);

/* receiver_capture.c */
/* A lane's buffers: NULL with errno. */
struct capture *capture_new(void);
/* Build MSG_RECEIVER_CALL in ln_out, descriptors attached.  0 or -1, errno. */
int	 capture_call(struct lane *, const struct sysent *);
/*
 * The first bytes of a structure that the call in hand brought: those of
 * struct xattr_args say where its result goes.  Zeroes if there was none.
 */
#define PLACE_SIZE	16
const uint8_t *capture_place(const struct lane *);
/* Answer a MSG_LANE_NEED in ln_out.  0, or -1 with errno; EPROTO: no such. */
int	 capture_need(struct lane *, const struct need *);
/* Read a whole small procfs file of a task: bytes, or -1 with errno. */
ssize_t	 capture_proc(pid_t, const char *, void *, size_t);
/* Open an entry of /proc/PID by its number: a descriptor or -1 with errno. */
int	 capture_entry(pid_t, uint8_t);
/* Descriptor number of a thread, or -1 with errno. */
int	 capture_fd(pid_t, int);
/* The text of /proc/TID/exe, NUL-terminated: its length, or -1, errno. */
ssize_t	 capture_exename(pid_t, char *, size_t);
/* The same of a descriptor of ours. */
ssize_t	 capture_fdname(int, char *, size_t);
/* One more description of the regular file behind a descriptor: or -1. */
int	 capture_reopen(int);
/* Open /proc/TID/task: a descriptor or -1, errno. */
int	 capture_tasks(pid_t);
/* A task's working directory, O_PATH. */
int	 capture_cwd(pid_t);
/* Open the mapped executable of a stopped task, for reading. */
int	 capture_exe(pid_t);
/* Open the regular file of this name, for reading; follows no link. */
int	 capture_file(const char *);
/* Open the directory of this name, O_PATH; it is no link itself. */
int	 capture_dir(const char *);
/* What mount a descriptor is of, as statx(2) numbers them; 0: unknown. */
uint64_t capture_mount(int);

/* receiver_exec.c */
/* VERDICT_EXEC: continue, stop at the exec event, ask integrity, release. */
void	 exec_continue(struct lane *);
/* VERDICT_RESTART: answer -ERESTARTSYS so that it never leaks. */
void	 exec_restart(struct lane *);
/*
 * Build in ln_out, then: ask integrity.  IMAGE_*; a lane without an answer is
 * broken.
 */
uint32_t exec_verdict(struct lane *);

/*
 * Build MSG_RECEIVER_CHECK or MSG_RECEIVER_CODE in ln_out, then: ask
 * integrity.  CHECK_ALLOW, or more; unasked, when it could not be sent; a lane
 * without an answer is broken.
 */
uint32_t exec_checked(struct lane *, uint32_t unasked);

/* receiver_code.c */
/* Is this a call that takes the right to make memory executable? */
int	 code_needs(const struct lane *, const struct sysent *);
/* The policy worker let it: does the integrity worker? */
int	 code_allowed(struct lane *);

/* receiver_check.c */
/* Answer MSG_LANE_CHECK.  0, or -1: malformed, or it takes no answer. */
int	 check_answer(struct lane *);
/* receiver_stop.c */
/*
 * Seize the caller, with PTRACE_O_EXITKILL and these options, and interrupt it.
 * 0, or -1 and errno as ptrace(2); EBUSY: one of our own lanes traces it.
 */
int	 stop_seize(struct lane *, long);
/* Answer a call whose caller was not seized: errno as above, and its error. */
void	 stop_refused(struct lane *, int);
/*
 * A stop, with the status of waitpid(2): the signal to let the task go on
 * with (0: none), or STOP_KILL.
 */
#define STOP_KILL	(-1)
typedef int	 stop_look(struct lane *, pid_t, int, void *);
/*
 * Until the one task that this thread traces, with this number or any (-1), has
 * stopped, been looked at and let go; or is dead.
 */
void	 stop_wait(struct lane *, pid_t, stop_look *, void *);
/* The signal that a stop reports, to be passed on; 0 for an event. */
int	 stop_signal(int);
/* A tracee died, of this status: is it the command? */
void	 stop_dead(pid_t, int);

/* receiver_library.c */
/*
 * VERDICT_LIBRARY: ask integrity about the file to be mapped, and continue
 * only while nobody can put another in its place.
 */
void	 library_continue(struct lane *);
/* Is this task traced by us, for another one's mapping? */
int	 library_holds(pid_t);
/* In a signal handler: deaths that an exec waits for, see hold_seize(). */
void	 library_reap(void);

/* receiver_guard.c: crashes; none of it unless r_guard */
/* Before the filter: a descriptor that polls readable when one has died. */
int	 guard_open(void);
/* How many processes can be watched, by this process's limits. */
void	 guard_limit(void);
/* Look at the dead. */
void	 guard_collect(void);
/* The caller of a notified call: watch it, if it was not met before. */
void	 guard_meet(struct lane *);
/*
 * A process stopped at its exec event, and what it executes: watch it, and
 * tell the integrity worker of the file's crashes.  -1, told: it may not run.
 */
int	 guard_image(struct lane *, pid_t, int exe);
/* Answer MSG_LANE_FILE. */
void	 guard_answer(struct lane *);
/* Has anything crashed? */
int	 guard_crashed(void);
/* A rule is about to abort this process: that is no crash. */
void	 guard_aborted(pid_t);

/* receiver_result.c */
/* VERDICT_VALUE with a write-back, which was found to fit the call. */
void	 result_write(struct lane *, const struct verdict *);
/* VERDICT_VERIFY: continue, and kill unless it found what was decided on. */
void	 result_verify(struct lane *, const struct sysent *, int fd);

/* launch.c */
struct launch {
	char		**la_argv;	/* command */
	char		**la_envp;
	int		 la_wall;	/* the child's ruleset */
	const struct sock_filter *la_filter;
	size_t		 la_filterlen;
	pid_t		 la_pgid;	/* process group of the job */
	uint64_t	 la_ignored;	/* signals ignored at start, 1 << signo */
	uint64_t	 la_caps;
	int		 la_mdwe;	/* W^X for every program */
};
/*
 * Fork the child and bring it to the barrier before its exec, filter in
 * place.  Returns its pid; *notify is the listener, *go the descriptor to
 * write one byte to.  Fatal on error.
 */
pid_t	 launch(const struct launch *, int *, int *);

/* receiver_memory.c */
/* The pieces, one after the other: how many bytes, or -1 with EFAULT. */
ssize_t	 memory_read(struct lane *, const struct need *, void *);
/* May this verdict write where it says?  Also if it writes nothing. */
int	 memory_fits(const struct lane *, const struct sysent *,
	    const struct verdict *);
void	 memory_write(struct lane *, const struct verdict *);
/* Does a result of this call go elsewhere than where one argument says? */
int	 memory_placed(const struct sysent *);
/* Write it there.  0, or -1: EFAULT. */
int	 memory_place(struct lane *, const struct sysent *,
	    const struct verdict *);

#endif /* RECEIVER_H */
