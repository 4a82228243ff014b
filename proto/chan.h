/*
 * A channel: one end of a SOCK_SEQPACKET socketpair and what may be said on
 * it.  Every message received is checked against the rulebook before its
 * handler sees it; descriptors are accepted only where the row wants them.
 */
#ifndef CHAN_H
#define CHAN_H

#include "proto.h"
#include "wire.h"

/* States of a channel; a rulebook row names those it is good in. */
#define CS_SETUP	0x1	/* until MSG_MONITOR_START / MSG_ROLE_READY */
#define CS_WORK		0x2

struct chan {
	int		 ch_fd;
	enum role	 ch_self;
	enum role	 ch_peer;
	enum chan_kind	 ch_kind;
	unsigned	 ch_state;	/* CS_* */
	uint64_t	 ch_seen;	/* rulebook rows already used (once) */
};

/* One row: who may say what to whom, when, with how many descriptors. */
struct rulebook_row {
	uint16_t	 r_type;
	enum chan_kind	 r_chan;
	unsigned	 r_from;	/* bit set of 1 << enum role */
	unsigned	 r_to;
	unsigned	 r_state;
	uint8_t		 r_fdmin, r_fdmax;
	uint8_t		 r_once;
	uint8_t		 r_next;	/* CS_* after it; 0: as it was */
	uint32_t	 r_lenmax;	/* bytes, header included */
};
extern const struct rulebook_row rulebook[];
extern const size_t rulebook_count;
/*
 * NULL when m may be received on c now, else what is wrong with it.  Notes
 * that it came, and moves c to the row's next state.
 */
const char *rulebook_check(struct chan *, const struct msg *);

/*
 * Take over an open socket: self, peer, kind.  A control channel begins in
 * CS_SETUP and goes to CS_WORK with MSG_MONITOR_START (a role's end) or
 * MSG_ROLE_READY (the monitor's); the others begin in CS_WORK.
 */
void	 chan_init(struct chan *, int, enum role, enum role, enum chan_kind);
/*
 * A connected pair, close-on-exec, that takes messages of MSG_SIZE_MAX.  0 or
 * -1 with errno (socketpair(2); ENOBUFS: net.core.wmem_max is too small).
 */
int	 chan_pair(int[2]);
/*
 * Send.  Blocks unless flags has MSG_DONTWAIT, whatever signals come.  0, or
 * -1 with errno; EPROTO for a message that did not fit, EPIPE when the peer
 * is gone.
 */
int	 chan_send(struct chan *, const struct msg *, int);
/*
 * Receive one message, rulebook included.  1: a message; 0: the peer closed;
 * -1: errno (EAGAIN with MSG_DONTWAIT or on timeout, EINTR on a signal);
 * EPROTO: malformed or not allowed, *why then says what.  Descriptors of a
 * refused message are closed; those of a good one belong to m until taken,
 * and come with close-on-exec.
 */
int	 chan_recv(struct chan *, struct msg *, int, const char **);
void	 chan_close(struct chan *);

/*
 * setup.c: what the monitor says to a role, each message received in m and
 * then handled by said(arg), until MSG_MONITOR_START.  Fatal when anything is
 * malformed or refused by the rulebook; ends the process when the monitor is
 * gone.  Descriptors that said() did not take are closed.
 */
void	 chan_setup(struct chan *c, struct msg *m, void (*said)(void *),
	    void *arg);

/*
 * pong.c: answer the MSG_MONITOR_PING in m, made in out.  0, or -1: malformed.
 * Is the monitor gone, the next receive says so.
 */
int	 chan_pong(struct chan *, struct msg *, struct msg *);

#endif /* CHAN_H */
