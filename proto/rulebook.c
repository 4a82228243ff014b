/*
 * The rulebook: who may say what to whom, on which channel, in which state,
 * with how many descriptors and how many bytes.  What has no row is refused.
 * privsep-sandbox-proto(7) prints it; regress/proto/test_manual.c compares.
 *
 * Must never look at a message's body: that is the decoders' (wire.c).
 */
#include <limits.h>

#include "../common/guard.h"
#include "../common/rule.h"
#include "../common/verify.h"
#include "chan.h"

/* Bytes on the wire: a counted string, and a message with that body. */
#define BYTES(n)	(4 + (n))
#define LEN(body)	(MSG_HDR_SIZE + (body))

#define LEN_CONF	LEN(4 + 4 + 4 + 4 + 8 + BYTES(PATH_MAX - 1))
#define LEN_EXEC	LEN(1 + 4 + 4 + EXEC_CLASSES + \
			    EXEC_PLACES * BYTES(EXEC_AT_MAX))
#define LEN_TPE		LEN(1 + 4 + 4 + BYTES(PATTERN_MAX) + \
			    BYTES(PATTERN_MAX - 1))
#define LEN_NAME	LEN(1 + 4 + 4)
#define LEN_OPENED	LEN(4 + 8)
#define LEN_FILTER	LEN(BYTES(FILTER_LEN_MAX * 8))
#define LEN_U32		LEN(4)
#define LEN_2U32	LEN(4 + 4)
#define LEN_FAULT	LEN(4 + BYTES(FAULT_REASON_MAX))
#define LEN_NEED	LEN(1 + 4 + 4 + PIECES_MAX * 16)
#define LEN_LOG		LEN(1 + BYTES(LOG_LINE_MAX))
#define LEN_DENIAL	LEN(4 + BYTES(LOG_LINE_MAX))
#define LEN_LEARN	LEN(4 + 3 * BYTES(PATH_MAX - 1))
#define LEN_LIBRARY	LEN(4 + 4 + 1 + BYTES(64) + 2 * BYTES(PATH_MAX - 1))
#define LEN_CODE	LEN(4 + 4 + BYTES(64) + BYTES(PATH_MAX - 1))
#define LEN_ACCESS	LEN(4 + 1 + BYTES(PATTERN_MAX - 1))
#define LEN_FILE	LEN(8 + 8 + 8)
#define LEN_CRASHES	LEN(4 + 4 + GUARD_CRASHES_MAX * 8)
#define LEN_ADDRESS	(BYTES(16) + 4)
#define LEN_NAMES	LEN(4 + 4 + NAME_SERVERS_MAX * LEN_ADDRESS + \
			    4 + NAME_ASKED_MAX * LEN_ADDRESS + \
			    4 + NAME_EARS * LEN_ADDRESS)
#define LEN_ASKER	LEN(4 + 4 + BYTES(64))
#define LEN_LED		LEN(BYTES(16))
#define LEN_HOSTS	LEN(4 + NAME_HOSTS_MAX * BYTES(HOST_TEXT - 1))
#define LEN_DIGEST	LEN(1 + BYTES(DIGEST_MAX) + BYTES(PATTERN_MAX - 1))

#define MON	(1U << ROLE_MONITOR)
#define REC	(1U << ROLE_RECEIVER)
#define POL	(1U << ROLE_POLICY)
#define LAN	(1U << ROLE_LANE)
#define INT	(1U << ROLE_INTEGRITY)
#define LRN	(1U << ROLE_LEARN)
#define RES	(1U << ROLE_RESOLVER)

/* type, channel, from, to, states, fds min, max, once, next state, length */
const struct rulebook_row rulebook[] = {
	/* calls first: they are what there is most of */
	{ MSG_RECEIVER_CALL, CHAN_CALL, REC, LAN, CS_WORK,
	    0, MSG_FDS_MAX, 0, 0, MSG_SIZE_MAX },
	{ MSG_LANE_VERDICT, CHAN_CALL, LAN, REC, CS_WORK,
	    0, 1, 0, 0, MSG_SIZE_MAX },
	{ MSG_LANE_NEED, CHAN_CALL, LAN, REC, CS_WORK,
	    0, 0, 0, 0, LEN_NEED },
	{ MSG_RECEIVER_GIVE, CHAN_CALL, REC, LAN, CS_WORK,
	    0, 1, 0, 0, MSG_SIZE_MAX },

	{ MSG_LANE_FILE, CHAN_CALL, LAN, REC, CS_WORK,
	    0, 0, 0, 0, LEN_FILE },
	{ MSG_RECEIVER_CRASHES, CHAN_CALL, REC, LAN, CS_WORK,
	    0, 0, 0, 0, LEN_CRASHES },
	{ MSG_LANE_CHECK, CHAN_CALL, LAN, REC, CS_WORK,
	    1, 1, 0, 0, LEN_U32 },
	{ MSG_RECEIVER_CHECKED, CHAN_CALL, REC, LAN, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	/* before an image, if there are any */
	{ MSG_RECEIVER_CRASHES, CHAN_IMAGE, REC, INT, CS_WORK,
	    0, 0, 0, 0, LEN_CRASHES },

	{ MSG_RECEIVER_IMAGE, CHAN_IMAGE, REC, INT, CS_WORK,
	    1, 1, 0, 0, MSG_SIZE_MAX },
	{ MSG_RECEIVER_LIBRARY, CHAN_IMAGE, REC, INT, CS_WORK,
	    1, 1, 0, 0, LEN_LIBRARY },
	{ MSG_RECEIVER_CHECK, CHAN_IMAGE, REC, INT, CS_WORK,
	    1, 1, 0, 0, LEN_LIBRARY },
	{ MSG_RECEIVER_CODE, CHAN_IMAGE, REC, INT, CS_WORK,
	    0, 0, 0, 0, LEN_CODE },
	{ MSG_INTEGRITY_CHECKED, CHAN_IMAGE, INT, REC, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_INTEGRITY_VERDICT, CHAN_IMAGE, INT, REC, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },

	/* the reply to an image may ask for files and directories of it */
	{ MSG_INTEGRITY_NEED, CHAN_IMAGE, INT, REC, CS_WORK,
	    0, 0, 0, 0, LEN_NAME },
	{ MSG_RECEIVER_FILE, CHAN_IMAGE, REC, INT, CS_WORK,
	    0, 1, 0, 0, LEN_OPENED },
	{ MSG_ROLE_ACCESS, CHAN_LEARN, LAN | INT, LRN, CS_WORK,
	    0, 0, 0, 0, LEN_ACCESS },
	{ MSG_INTEGRITY_DIGEST, CHAN_LEARN, INT, LRN, CS_WORK,
	    0, 0, 0, 0, LEN_DIGEST },

	{ MSG_LANE_ASKER, CHAN_NAMES, LAN, RES, CS_WORK,
	    0, 0, 0, 0, LEN_ASKER },
	{ MSG_RESOLVER_HEARD, CHAN_NAMES, RES, LAN, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_LANE_LED, CHAN_NAMES, LAN, RES, CS_WORK,
	    0, 0, 0, 0, LEN_LED },
	{ MSG_RESOLVER_HOSTS, CHAN_NAMES, RES, LAN, CS_WORK,
	    0, 0, 0, 0, LEN_HOSTS },

	/* a role may log before it is ready; a lane worker has policy's end */
	{ MSG_ROLE_LOG, CHAN_LOG, REC | POL | LAN | INT | LRN | RES,
	    MON, CS_SETUP | CS_WORK, 0, 0, 0, 0, LEN_LOG },
	{ MSG_ROLE_DENIAL, CHAN_LOG, POL | LAN | INT | RES, MON,
	    CS_SETUP | CS_WORK, 0, 0, 0, 0, LEN_DENIAL },

	/* set-up; the receiver's second ruleset is the child's */
	{ MSG_MONITOR_CONF, CHAN_CONTROL, MON, REC | POL | INT | LRN | RES,
	    CS_SETUP, 0, 0, 1, 0, LEN_CONF },
	{ MSG_MONITOR_RULE, CHAN_CONTROL, MON, POL | INT | LRN, CS_SETUP,
	    0, 0, 0, 0, MSG_SIZE_MAX },
	{ MSG_MONITOR_EXEC, CHAN_CONTROL, MON, POL | INT, CS_SETUP,
	    0, 0, 1, 0, LEN_EXEC },
	{ MSG_MONITOR_GUARD, CHAN_CONTROL, MON, POL | INT, CS_SETUP,
	    0, 0, 0, 0, MSG_SIZE_MAX },
	{ MSG_MONITOR_VERIFY, CHAN_CONTROL, MON, INT, CS_SETUP,
	    0, 0, 0, 0, MSG_SIZE_MAX },
	{ MSG_MONITOR_NET, CHAN_CONTROL, MON, POL | RES, CS_SETUP,
	    0, 0, 0, 0, MSG_SIZE_MAX },
	/* the resolver's ears; policy is told where they are */
	{ MSG_MONITOR_NAMES, CHAN_CONTROL, MON, RES, CS_SETUP,
	    1, NAME_EARS, 1, 0, LEN_NAMES },
	{ MSG_MONITOR_NAMES, CHAN_CONTROL, MON, POL, CS_SETUP,
	    0, 0, 1, 0, LEN_NAMES },
	{ MSG_MONITOR_TPE, CHAN_CONTROL, MON, POL | INT, CS_SETUP,
	    0, 0, 0, 0, LEN_TPE },
	{ MSG_MONITOR_WALL, CHAN_CONTROL, MON, REC, CS_SETUP,
	    2, 2, 1, 0, LEN_U32 },
	{ MSG_MONITOR_WALL, CHAN_CONTROL, MON, POL | INT | LRN | RES,
	    CS_SETUP, 1, 1, 1, 0, LEN_U32 },
	{ MSG_MONITOR_FILTER, CHAN_CONTROL, MON, REC, CS_SETUP,
	    0, 0, 1, 0, LEN_FILTER },
	{ MSG_MONITOR_WATCH, CHAN_CONTROL, MON, POL | INT, CS_SETUP,
	    1, 1, 1, 0, LEN_U32 },
	/* the ends of policy's lanes and of integrity, and the files */
	{ MSG_MONITOR_LEARN, CHAN_CONTROL, MON, LRN, CS_SETUP,
	    3, 4, 1, 0, LEN_LEARN },
	{ MSG_MONITOR_START, CHAN_CONTROL, MON, REC | POL | INT | LRN | RES,
	    CS_SETUP, 0, 0, 1, CS_WORK, LEN_U32 },
	{ MSG_ROLE_READY, CHAN_CONTROL, REC | POL | INT | LRN | RES, MON,
	    CS_SETUP, 0, 0, 1, CS_WORK, LEN_U32 },

	/* at work */
	{ MSG_MONITOR_LANE, CHAN_CONTROL, MON, REC, CS_WORK,
	    2, 2, 0, 0, LEN_2U32 },
	/* policy's second: its worker's end to the resolver */
	{ MSG_MONITOR_LANE, CHAN_CONTROL, MON, POL, CS_WORK,
	    1, 2, 0, 0, LEN_2U32 },
	{ MSG_MONITOR_LANE, CHAN_CONTROL, MON, INT | RES, CS_WORK,
	    1, 1, 0, 0, LEN_2U32 },
	{ MSG_POLICY_LANEUP, CHAN_CONTROL, POL, MON, CS_WORK,
	    0, 0, 0, 0, LEN_2U32 },
	{ MSG_POLICY_LANEDOWN, CHAN_CONTROL, POL, MON, CS_WORK,
	    0, 0, 0, 0, LEN_2U32 },
	{ MSG_MONITOR_GO, CHAN_CONTROL, MON, REC, CS_WORK,
	    0, 0, 1, 0, LEN_U32 },
	{ MSG_MONITOR_SIGNAL, CHAN_CONTROL, MON, REC, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_MONITOR_CLEAN, CHAN_CONTROL, MON, POL, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_POLICY_CLEANED, CHAN_CONTROL, POL, MON, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_MONITOR_WRITE, CHAN_CONTROL, MON, LRN, CS_WORK,
	    0, 0, 1, 0, LEN_U32 },
	{ MSG_LEARN_WRITTEN, CHAN_CONTROL, LRN, MON, CS_WORK,
	    0, 0, 1, 0, LEN_U32 },
	{ MSG_RECEIVER_NEEDLANE, CHAN_CONTROL, REC, MON, CS_WORK,
	    0, 0, 0, 0, LEN_U32 },
	{ MSG_RECEIVER_CHILD, CHAN_CONTROL, REC, MON, CS_WORK,
	    0, 0, 0, 0, LEN_2U32 },
	{ MSG_RECEIVER_FAULT, CHAN_CONTROL, REC, MON, CS_WORK,
	    0, 0, 0, 0, LEN_FAULT },
	{ MSG_RECEIVER_EXIT, CHAN_CONTROL, REC, MON, CS_WORK,
	    0, 0, 1, 0, LEN_U32 },
	{ MSG_RECEIVER_BROKEN, CHAN_CONTROL, REC, MON, CS_WORK,
	    0, 0, 0, 0, LEN_FAULT },
	{ MSG_MONITOR_PING, CHAN_CONTROL, MON, REC | POL | INT | LRN | RES,
	    CS_WORK, 0, 0, 0, 0, LEN_U32 },
	{ MSG_ROLE_PONG, CHAN_CONTROL, REC | POL | INT | LRN | RES, MON,
	    CS_WORK, 0, 0, 0, 0, LEN_U32 },
};
#define ROWS	(sizeof(rulebook) / sizeof(rulebook[0]))
const size_t rulebook_count = ROWS;

/* ch_seen has a bit for each row */
_Static_assert(ROWS <= 64, "rulebook outgrew ch_seen");

const char *
rulebook_check(struct chan *c, const struct msg *m)
{
	const struct rulebook_row	*r;
	const unsigned			 from = 1U << c->ch_peer;
	const unsigned			 to = 1U << c->ch_self;
	const char			*why = "unknown type";
	size_t				 i;

	for (i = 0; i < ROWS; i++) {
		r = &rulebook[i];
		if (r->r_type != m->m_type)
			continue;
		if (r->r_chan == c->ch_kind && (r->r_from & from) &&
		    (r->r_to & to))
			break;
		why = "not said by this peer on this channel";
	}
	if (i == ROWS)
		return (why);
	if (!(r->r_state & c->ch_state))
		return ("not in this state");
	if (r->r_once && (c->ch_seen & (1ULL << i)))
		return ("said twice");
	if (m->m_nfds < r->r_fdmin || m->m_nfds > r->r_fdmax)
		return ("wrong number of descriptors");
	if (m->m_len > r->r_lenmax)
		return ("too long for its type");
	c->ch_seen |= 1ULL << i;
	if (r->r_next != 0)
		c->ch_state = r->r_next;
	return (NULL);
}
