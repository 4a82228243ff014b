/*
 * Is a role alive?  Each is asked now and then, and has to say so; one that
 * does not is looked at, by what the kernel says of it and never by the clock
 * alone: a machine may be slow.
 */
#ifndef PULSE_H
#define PULSE_H

#include <sys/types.h>
#include <stdint.h>

#define PULSE_MSEC	225	/* between looks */
#define PULSE_ASLEEP	3	/* that saw it asleep, and it was asked */
#define PULSE_READING	44	/* ... where it says that it reads a file */
#define PULSE_TRACED	6	/* that saw it held: a second is no failure */

struct pulse {
	int		 pu_open;	/* the two below are */
	pid_t		 pu_pid;
	int		 pu_stat;	/* /proc/PID/task/PID/stat, or -1 */
	int		 pu_status;	/* and status, or -1 */
	uint32_t	 pu_asked;	/* not answered yet; 0: all are */
	unsigned	 pu_answers;	/* so many were */
	uint64_t	 pu_user;	/* clock ticks, when it was asked */
	uint64_t	 pu_cpu;	/* ... and those in the kernel, too */
	uint64_t	 pu_switches;	/* at the last look */
	unsigned	 pu_still;	/* looks in a row that saw no change */
	uint64_t	 pu_dying;	/* since then, of all but a few threads */
	int		 pu_busy;	/* the last saw one, or it waits for a CPU */
};

/*
 * While files can be opened.  Where procfs does not say, silence is not
 * noticed, as it was asked for by who mounted it so.
 */
void		 pulse_open(struct pulse *, pid_t);
/* The role is asked now. */
void		 pulse_ask(struct pulse *, uint32_t);
/* The role answered.  0, or -1: nobody asked that. */
int		 pulse_answer(struct pulse *, uint32_t);
/* Why it will not answer any more, or NULL. */
const char	*pulse_look(struct pulse *);
/* Of one that has not been asked: why it goes no further, or NULL. */
const char	*pulse_starting(struct pulse *);
/* So many looks in a row have seen it held by a tracer. */
int		 pulse_held(struct pulse *, unsigned);
/* At the last look it had not run since the one before, nor wanted to. */
int		 pulse_idle(const struct pulse *);
/* It has died, and somebody who traces it has not been told yet. */
int		 pulse_dead(struct pulse *);
/* Close what was opened; nothing where it was not. */
void		 pulse_close(struct pulse *);

#endif /* PULSE_H */
