/*
 * Lanes, seen from the receiver's main thread.  All of these are called from
 * that thread only.
 */
#ifndef RECEIVER_LANE_H
#define RECEIVER_LANE_H

#include <sys/types.h>
#include <stdint.h>

#include "../proto/chan.h"

/* Before the filter: the signal that wakes a lane out of its RECV. */
void	 lanes_init(void);
/* Start lane id on the ends of its two channels; takes them. */
void	 lane_start(uint32_t id, pid_t worker, int call, int image);
/* Every lane waits for its worker: the listener wants watching. */
int	 lanes_saturated(void);
/* More than one lane, or one more asked for: lanes_tick() is wanted. */
int	 lanes_many(void);
/* A lane wrote to r_wake. */
void	 lanes_wake(struct chan *);
/* Ask the monitor for one more lane, unless one is on its way. */
void	 lanes_want(struct chan *);
/* Once a second, lanes_many(): retire the idle, or ask again for the first. */
void	 lanes_tick(struct chan *);

/* With -v: how many calls were notified so far, by name, to the log. */
void	 lanes_counts(void);

#endif /* RECEIVER_LANE_H */
