/*
 * One run of the sandbox, seen from the monitor.
 */
#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>
#include <stdint.h>

#include "../proto/chan.h"
#include "compile.h"
#include "policy_conf.h"
#include "pulse.h"

struct event;

/* A role process. */
struct peer {
	pid_t		 pe_pid;	/* 0: reaped */
	int		 pe_rejected;	/* it broke the protocol, and was killed */
	unsigned	 pe_stops;	/* looks in a row that saw it stopped */
	int		 pe_stopped;	/* it was, and that has been said */
	struct pulse	 pe_pulse;
	struct event	*pe_event;	/* of pe_control */
	struct chan	 pe_control;
	struct chan	 pe_log;
	struct session	*pe_session;	/* back; NULL: not started */
};

struct session {
	struct policy	 s_policy;
	struct plan	 s_plan;
	struct peer	 s_peers[ROLE_COUNT];	/* the roles, by number */
	char		**s_argv;	/* the command */
	char		**s_envp;	/* its environment */
	char		*s_rundir;	/* its $TMPDIR, made for this run */
	const char	*s_home, *s_work, *s_tty;	/* macros; canonical */
	uint64_t	 s_ignored;	/* signals ignored when we started */
	int		 s_json;
	int		 s_verbose;	/* -v */
	int		 s_logfd;	/* denials go here */
	int		 s_selffd;	/* this program, to re-execute */
	int		 s_wall;	/* the monitor's own ruleset */
	const char	*s_learn;	/* -L: its name, or NULL */
	int		 s_learnfd;	/* ... to be written, by the learn role */
	const char	*s_manifest;	/* -m: its name, or NULL */
	int		 s_manifestfd;
	uint32_t	 s_names;	/* -N */
	struct names_conf s_nameservers;	/* with rules about host names */
	struct ruleset	 s_secrets;	/* what is not to be learned */
};

#define START_SEC	10	/* a role that takes longer to start is broken */

/*
 * spawn.c: start a role, which then waits; the receiver must be last, since
 * it takes s_envp.  Fatal on error; until spawn_setup() is through, exit(3)
 * ends what was started.
 */
void	 spawn_role(struct session *, enum role);
/* End the roles that were started, as if they never had been. */
void	 spawn_stop(struct session *);
/* Take the roles through set-up until all are ready. */
void	 spawn_setup(struct session *);
/* The signal that a child of ours is stopped by now, or 0. */
int	 spawn_stopped(pid_t);
/* One lane: socketpairs to its three ends.  0 or -1 with errno. */
int	 spawn_lane(struct session *, uint32_t);
/* MSG_POLICY_LANEUP: the worker is there, hand the receiver its ends. */
int	 spawn_lane_up(struct session *, uint32_t, uint32_t);
/* No worker could be forked for it: close the ends. */
void	 spawn_lane_drop(void);

/*
 * monitor.c: confine this process, release the child, run until it ends.
 * Returns the exit status.
 */
int	 monitor(struct session *);
/* Write out what the roles have logged so far. */
void	 monitor_drain(struct session *);

#endif /* SESSION_H */
