/*
 * The pulse of a role: what the kernel says of a process that does not answer.
 * The only way to know one that hangs from one that has to wait for its
 * processor, whatever else the machine does:
 *
 *	asleep, and has not run since the last look	it was woken by the
 *							question, and sleeps on;
 *							or it reads a file, as
 *							the integrity worker
 *							says with its mask
 *	held by a tracer, and has not run		who holds it
 *	running, and had the processor all the time	it loops
 *
 * One that sleeps uninterruptibly waits for a disk.  A stop is told by wait(2),
 * see stops() in monitor.c.
 *
 * Must never: open a file after pulse_open(), or take what is not there for a
 * sign.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../proto/proto.h"
#include "pulse.h"

#define START_LOOKS	15	/* held, at set-up, where we look oftener */
#define USER_MSEC	500	/* of computing and no answer */
#define START_USER_MSEC	1000	/* ... of the set-up, which has much to read */
#define CPU_MSEC	2500	/* with the kernel's: tree_kill() takes two */
#define DYING_MSEC	50	/* for threads of one that a tracer keeps */
#define TEXT_SIZE	4096	/* of either file; as much as we look at */

struct sight {
	char		 si_state;	/* proc(5) */
	uint64_t	 si_user, si_cpu, si_switches;
	int		 si_reading;	/* READING_SIGNAL is blocked */
	unsigned	 si_threads;	/* of the process, this one too */
	int		 si_traced;
};

static int	 pulse_file(pid_t, const char *);
static int	 sight(const struct pulse *, struct sight *);
static int	 sight_stat(char *, struct sight *);
static uint64_t	 number_after(const char *, const char *, int);
static uint64_t	 ticks_msec(uint64_t);
static uint64_t	 now_msec(void);

void
pulse_open(struct pulse *pu, pid_t pid)
{
	memset(pu, 0, sizeof(*pu));
	pu->pu_pid = pid;
	pu->pu_stat = pulse_file(pid, "stat");
	pu->pu_status = pulse_file(pid, "status");
	pu->pu_open = pu->pu_stat != -1 && pu->pu_status != -1;
	if (!pu->pu_open && pu->pu_stat != -1)
		close(pu->pu_stat);
	if (!pu->pu_open && pu->pu_status != -1)
		close(pu->pu_status);
}

/* Of its first thread: the receiver's others have their own work. */
static int
pulse_file(pid_t pid, const char *name)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)pid,
	    (int)pid, name);
	return (open(path, O_RDONLY | O_CLOEXEC));
}

void
pulse_ask(struct pulse *pu, uint32_t number)
{
	struct sight	 si;

	pu->pu_still = 0;
	if (!pu->pu_open || sight(pu, &si) == -1)
		return;
	pu->pu_asked = number;
	pu->pu_user = si.si_user;
	pu->pu_cpu = si.si_cpu;
	pu->pu_switches = si.si_switches;
}

int
pulse_answer(struct pulse *pu, uint32_t number)
{
	if (number == 0 || number != pu->pu_asked)
		return (-1);
	pu->pu_asked = 0;
	pu->pu_answers++;
	return (0);
}

const char *
pulse_look(struct pulse *pu)
{
	struct sight	 si;
	int		 ran;

	/* dead: wait(2) says how */
	if (pu->pu_asked == 0 || sight(pu, &si) == -1)
		return (NULL);
	ran = si.si_switches != pu->pu_switches;
	pu->pu_switches = si.si_switches;
	switch (si.si_state) {
	case 'S':
		pu->pu_still = ran ? 0 : pu->pu_still + 1;
		return (pu->pu_still >= (si.si_reading ? PULSE_READING :
		    PULSE_ASLEEP) ? "it sleeps" : NULL);
	case 't':
		pu->pu_still = ran ? 0 : pu->pu_still + 1;
		return (pu->pu_still >= PULSE_TRACED ? "it is being traced" :
		    NULL);
	case 'R':
		pu->pu_still = 0;
		return (ticks_msec(si.si_user - pu->pu_user) >= USER_MSEC ||
		    ticks_msec(si.si_cpu - pu->pu_cpu) >= CPU_MSEC ? "it loops" :
		    NULL);
	default:
		pu->pu_still = 0;
		return (NULL);
	}
}

/* It may sleep: the receiver waits for its child, which may wait for long. */
const char *
pulse_starting(struct pulse *pu)
{
	struct sight	 si;

	if (pulse_held(pu, START_LOOKS))
		return ("it is being traced");
	if (pu->pu_open && sight(pu, &si) == 0 && si.si_state == 'R' &&
	    ticks_msec(si.si_user - pu->pu_user) >= START_USER_MSEC)
		return ("it loops");
	return (NULL);
}

int
pulse_held(struct pulse *pu, unsigned looks)
{
	struct sight	 si;
	int		 ran;

	pu->pu_busy = 0;
	if (!pu->pu_open || sight(pu, &si) == -1)
		return (0);
	ran = si.si_switches != pu->pu_switches;
	pu->pu_switches = si.si_switches;
	pu->pu_busy = ran || si.si_state == 'R' || si.si_state == 'D';
	pu->pu_still = ran || si.si_state != 't' ? 0 : pu->pu_still + 1;
	return (pu->pu_still >= looks);
}

int
pulse_idle(const struct pulse *pu)
{
	return (!pu->pu_busy);
}

/*
 * A thread that still ends has what it will leave, its children too; but dead
 * ones are kept by who traces them as well, and are counted as the living.
 */
int
pulse_dead(struct pulse *pu)
{
	struct sight	 si;

	/* reaped, its number may be another's: it is in no list of ours */
	if (!pu->pu_open || sight(pu, &si) == -1 ||
	    (si.si_state != 'Z' && si.si_state != 'X'))
		return (0);
	if (si.si_threads <= 1)
		return (1);
	if (!si.si_traced)
		return (0);
	if (pu->pu_dying == 0)
		pu->pu_dying = now_msec();
	return (now_msec() - pu->pu_dying >= DYING_MSEC);
}

void
pulse_close(struct pulse *pu)
{
	if (pu->pu_open) {
		close(pu->pu_stat);
		close(pu->pu_status);
	}
	memset(pu, 0, sizeof(*pu));
}

/* ---- proc(5) ---- */

static int
sight(const struct pulse *pu, struct sight *si)
{
	char	 text[TEXT_SIZE];
	ssize_t	 n;

	if ((n = pread(pu->pu_stat, text, sizeof(text) - 1, 0)) <= 0)
		return (-1);
	text[n] = '\0';
	if (sight_stat(text, si) == -1)
		return (-1);
	if ((n = pread(pu->pu_status, text, sizeof(text) - 1, 0)) <= 0)
		return (-1);
	text[n] = '\0';
	si->si_switches =
	    number_after(text, "\nvoluntary_ctxt_switches:\t", 10) +
	    number_after(text, "\nnonvoluntary_ctxt_switches:\t", 10);
	si->si_traced = number_after(text, "\nTracerPid:\t", 10) != 0;
	si->si_reading = (number_after(text, "\nSigBlk:\t", 16) >>
	    (READING_SIGNAL - 1)) & 1;
	return (0);
}

/* "PID (name) S ...": fields 3, 14, 15 and 20. */
static int
sight_stat(char *text, struct sight *si)
{
	unsigned long long	 user, system;
	char			*p;

	if ((p = strrchr(text, ')')) == NULL || p[1] != ' ')
		return (-1);
	if (sscanf(p + 2, "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%llu %llu %*d %*d %*d %*d %u", &si->si_state, &user, &system,
	    &si->si_threads) != 4)
		return (-1);
	si->si_user = user;
	si->si_cpu = user + system;
	return (0);
}

static uint64_t
number_after(const char *text, const char *key, int numbers)
{
	const char	*p = strstr(text, key);

	return (p == NULL ? 0 : strtoull(p + strlen(key), NULL,
	    numbers));
}

static uint64_t
ticks_msec(uint64_t ticks)
{
	static long	 hz;

	if (hz == 0 && (hz = sysconf(_SC_CLK_TCK)) <= 0)
		hz = 100;
	return (ticks * 1000 / (uint64_t)hz);
}

/* Not 0. */
static uint64_t
now_msec(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 +
	    1);
}
