/*
 * The run's temporary directory, $TMPDIR of the command: made at the start and
 * removed at the end, by the monitor.  Nobody can remove it for a monitor that
 * was killed, so whoever starts next looks for such: a directory is in use as
 * long as the monitor that made it holds its lock, flock(2).
 */
#ifndef RUNDIR_H
#define RUNDIR_H

struct session;

/*
 * Make one below $TMPDIR, or /tmp; its name is good until the end.  Fatal on
 * error.
 */
char	*rundir_make(void);
/*
 * Remove what this user's killed monitors have left there.  s_argv and
 * s_selffd are set, and no role has been started.
 */
void	 rundir_sweep(const struct session *);

#endif /* RUNDIR_H */
