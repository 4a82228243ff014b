/*
 * The rulebook against a table written here a second time, in another form:
 * every type, from, to, channel, state and number of descriptors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../../proto/chan.h"

#define TYPES	256

/*
 * Letters: m monitor, r receiver, p policy, l lane, i integrity, n learn; c
 * control, l log, C call, I image, N learn; s set-up, w work.
 */
static const struct {
	uint16_t	 type;
	char		 chan;
	const char	*from, *to, *states;
	int		 fdmin, fdmax;
	int		 once;
	uint32_t	 longest;
	char		 next;		/* state after it */
} expected[] = {
	{ 2, 'c', "m", "rpinv", "s", 0, 0, 1, 4139, 0 },
	{ 4, 'c', "m", "pin", "s", 0, 0, 0, 98304, 0 },
	{ 6, 'c', "m", "r", "s", 2, 2, 1, 20, 0 },
	{ 6, 'c', "m", "pinv", "s", 1, 1, 1, 20, 0 },
	{ 8, 'c', "m", "r", "s", 0, 0, 1, 32788, 0 },
	{ 10, 'c', "m", "rpinv", "s", 0, 0, 1, 20, 'w' },
	{ 11, 'c', "rpinv", "m", "s", 0, 0, 1, 20, 'w' },
	{ 12, 'c', "m", "r", "w", 2, 2, 0, 24, 0 },
	{ 12, 'c', "m", "iv", "w", 1, 1, 0, 24, 0 },
	{ 12, 'c', "m", "p", "w", 1, 2, 0, 24, 0 },
	{ 13, 'c', "p", "m", "w", 0, 0, 0, 24, 0 },
	{ 14, 'c', "m", "r", "w", 0, 0, 1, 20, 0 },
	{ 16, 'c', "m", "r", "w", 0, 0, 0, 20, 0 },
	{ 18, 'c', "m", "p", "w", 0, 0, 0, 20, 0 },
	{ 19, 'c', "p", "m", "w", 0, 0, 0, 20, 0 },
	{ 20, 'c', "m", "pi", "s", 1, 1, 1, 20, 0 },
	{ 22, 'c', "m", "n", "s", 3, 4, 1, 12317, 0 },
	{ 24, 'c', "m", "n", "w", 0, 0, 1, 20, 0 },
	{ 25, 'c', "n", "m", "w", 0, 0, 1, 20, 0 },
	{ 48, 'c', "m", "pi", "s", 0, 0, 1, 49429, 0 },
	{ 62, 'c', "m", "pv", "s", 0, 0, 0, 98304, 0 },
	{ 50, 'c', "m", "i", "s", 0, 0, 0, 98304, 0 },
	{ 52, 'c', "m", "pi", "s", 0, 0, 0, 8224, 0 },
	{ 56, 'c', "m", "pi", "s", 0, 0, 0, 98304, 0 },
	{ 32, 'c', "r", "m", "w", 0, 0, 0, 20, 0 },
	{ 34, 'c', "r", "m", "w", 0, 0, 0, 24, 0 },
	{ 36, 'c', "r", "m", "w", 0, 0, 0, 280, 0 },
	{ 40, 'c', "r", "m", "w", 0, 0, 1, 20, 0 },
	{ 42, 'c', "r", "m", "w", 0, 0, 0, 280, 0 },
	{ 44, 'c', "m", "rpinv", "w", 0, 0, 0, 20, 0 },
	{ 45, 'c', "rpinv", "m", "w", 0, 0, 0, 20, 0 },
	{ 38, 'c', "p", "m", "w", 0, 0, 0, 24, 0 },
	{ 64, 'C', "r", "l", "w", 0, 4, 0, 98304, 0 },
	{ 65, 'C', "l", "r", "w", 0, 1, 0, 98304, 0 },
	{ 66, 'C', "l", "r", "w", 0, 0, 0, 16409, 0 },
	{ 67, 'C', "r", "l", "w", 0, 1, 0, 98304, 0 },
	{ 68, 'I', "r", "i", "w", 1, 1, 0, 98304, 0 },
	{ 69, 'I', "i", "r", "w", 0, 0, 0, 20, 0 },
	{ 70, 'N', "li", "n", "w", 0, 0, 0, 4120, 0 },
	{ 80, 'I', "i", "r", "w", 0, 0, 0, 25, 0 },
	{ 86, 'C', "l", "r", "w", 0, 0, 0, 40, 0 },
	{ 87, 'C', "r", "l", "w", 0, 0, 0, 280, 0 },
	{ 88, 'C', "l", "r", "w", 1, 1, 0, 20, 0 },
	{ 89, 'C', "r", "l", "w", 0, 0, 0, 20, 0 },
	{ 87, 'I', "r", "i", "w", 0, 0, 0, 280, 0 },
	{ 90, 'I', "r", "i", "w", 1, 1, 0, 8291, 0 },
	{ 92, 'I', "r", "i", "w", 0, 0, 0, 4191, 0 },
	{ 91, 'I', "i", "r", "w", 0, 0, 0, 20, 0 },
	{ 84, 'N', "i", "n", "w", 0, 0, 0, 4184, 0 },
	{ 81, 'I', "r", "i", "w", 0, 1, 0, 28, 0 },
	{ 82, 'I', "r", "i", "w", 1, 1, 0, 8291, 0 },
	{ 96, 'l', "rplinv", "m", "sw", 0, 0, 0, 16405, 0 },
	{ 98, 'l', "pliv", "m", "sw", 0, 0, 0, 16408, 0 },
	{ 58, 'c', "m", "v", "s", 1, 2, 1, 344, 0 },
	{ 58, 'c', "m", "p", "s", 0, 0, 1, 344, 0 },
	{ 72, 'H', "l", "v", "w", 0, 0, 0, 92, 0 },
	{ 73, 'H', "v", "l", "w", 0, 0, 0, 20, 0 },
	{ 74, 'H', "l", "v", "w", 0, 0, 0, 36, 0 },
	{ 75, 'H', "v", "l", "w", 0, 0, 0, 2076, 0 },
};
#define NEXPECTED	(sizeof(expected) / sizeof(expected[0]))

static const char	 roles[ROLE_COUNT + 1] = "mrplinv";
static const char	 chans[CHAN_COUNT + 1] = "clCINH";
static const unsigned	 states[] = { CS_SETUP, CS_WORK };

static struct msg	 m;

static size_t
find(unsigned type, unsigned from, unsigned to, unsigned chan, unsigned st)
{
	size_t	 i;

	for (i = 0; i < NEXPECTED; i++) {
		if (expected[i].type == type &&
		    expected[i].chan == chans[chan] &&
		    strchr(expected[i].from, roles[from]) != NULL &&
		    strchr(expected[i].to, roles[to]) != NULL &&
		    strchr(expected[i].states, "sw"[st]) != NULL)
			break;
	}
	return (i);
}

static void
fresh(struct chan *c, unsigned from, unsigned to, unsigned chan, unsigned st)
{
	chan_init(c, -1, (enum role)to, (enum role)from, (enum chan_kind)chan);
	c->ch_state = states[st];
}

/* All there is to know about one combination. */
static void
check(unsigned type, unsigned from, unsigned to, unsigned chan, unsigned st)
{
	struct chan	 c, before;
	size_t		 e = find(type, from, to, chan, st);
	int		 fds, ok;

	m.m_type = (uint16_t)type;
	for (fds = 0; fds <= MSG_FDS_MAX; fds++) {
		fresh(&c, from, to, chan, st);
		before = c;
		m.m_nfds = fds;
		m.m_len = MSG_HDR_SIZE + 1;
		ok = e < NEXPECTED && fds >= expected[e].fdmin &&
		    fds <= expected[e].fdmax;
		if ((rulebook_check(&c, &m) == NULL) != ok)
			fail_msg("type %u from %c to %c on %c in %c, %d fds",
			    type, roles[from], roles[to], chans[chan],
			    "sw"[st], fds);
		if (!ok) {
			/* what was refused did not happen */
			assert_int_equal(c.ch_seen, 0);
			assert_int_equal(c.ch_state, before.ch_state);
			continue;
		}
		assert_int_equal(c.ch_state, expected[e].next == 'w' ?
		    CS_WORK : before.ch_state);
		c.ch_state = before.ch_state;
		assert_int_equal(rulebook_check(&c, &m) == NULL,
		    !expected[e].once);
		fresh(&c, from, to, chan, st);
		m.m_len = expected[e].longest;
		assert_null(rulebook_check(&c, &m));
		fresh(&c, from, to, chan, st);
		m.m_len++;
		assert_non_null(rulebook_check(&c, &m));
	}
}

static void
every_combination_is_as_the_table_says(void **state)
{
	unsigned	 type, from, to, chan, st;

	(void)state;
	for (type = 0; type < TYPES; type++)
		for (from = 0; from < ROLE_COUNT; from++)
			for (to = 0; to < ROLE_COUNT; to++)
				for (chan = 0; chan < CHAN_COUNT; chan++)
					for (st = 0; st < 2; st++)
						check(type, from, to, chan,
						    st);
}

static void
types_past_the_table_are_refused_everywhere(void **state)
{
	struct chan	 c;
	unsigned	 type, i;

	(void)state;
	m.m_nfds = 0;
	m.m_len = MSG_HDR_SIZE + 4;
	for (type = TYPES; type <= UINT16_MAX; type++) {
		m.m_type = (uint16_t)type;
		for (i = 0; i < CHAN_COUNT * 2; i++) {
			fresh(&c, ROLE_MONITOR, ROLE_RECEIVER, i / 2, i % 2);
			assert_string_equal(rulebook_check(&c, &m),
			    "unknown type");
		}
	}
}

static void
in_no_state_nothing_is_allowed(void **state)
{
	struct chan	 c;
	size_t		 i;

	(void)state;
	for (i = 0; i < rulebook_count; i++) {
		m.m_type = rulebook[i].r_type;
		m.m_nfds = rulebook[i].r_fdmin;
		m.m_len = MSG_HDR_SIZE + 1;
		chan_init(&c, -1,
		    (enum role)__builtin_ctz(rulebook[i].r_to),
		    (enum role)__builtin_ctz(rulebook[i].r_from),
		    rulebook[i].r_chan);
		c.ch_state = 0;
		assert_non_null(rulebook_check(&c, &m));
		c.ch_state = rulebook[i].r_state;
		assert_null(rulebook_check(&c, &m));
	}
}

static void
no_two_rows_speak_of_the_same_message(void **state)
{
	const struct rulebook_row	*a, *b;
	size_t				 i, j;

	(void)state;
	assert_int_equal(rulebook_count, NEXPECTED);
	for (i = 0; i < rulebook_count; i++) {
		a = &rulebook[i];
		assert_true(a->r_from != 0 && a->r_to != 0);
		assert_true(a->r_lenmax > MSG_HDR_SIZE &&
		    a->r_lenmax <= MSG_SIZE_MAX);
		assert_true(a->r_fdmin <= a->r_fdmax &&
		    a->r_fdmax <= MSG_FDS_MAX);
		for (j = i + 1; j < rulebook_count; j++) {
			b = &rulebook[j];
			assert_false(a->r_type == b->r_type &&
			    a->r_chan == b->r_chan &&
			    (a->r_from & b->r_from) && (a->r_to & b->r_to));
		}
	}
}

static void
a_reason_is_given_for_each_refusal(void **state)
{
	struct chan	 c;

	(void)state;
	m.m_nfds = 0;
	m.m_len = 20;
	m.m_type = MSG_MONITOR_START;
	fresh(&c, ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL, 0);
	assert_string_equal(rulebook_check(&c, &m),
	    "not said by this peer on this channel");
	fresh(&c, ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL, 1);
	assert_string_equal(rulebook_check(&c, &m), "not in this state");
	fresh(&c, ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL, 0);
	m.m_nfds = 1;
	assert_string_equal(rulebook_check(&c, &m),
	    "wrong number of descriptors");
	m.m_nfds = 0;
	m.m_len = 21;
	assert_string_equal(rulebook_check(&c, &m), "too long for its type");
	m.m_len = 20;
	assert_null(rulebook_check(&c, &m));
	c.ch_state = CS_SETUP;
	assert_string_equal(rulebook_check(&c, &m), "said twice");
}

static void
once_is_counted_for_each_channel_by_itself(void **state)
{
	struct chan	 a, b;

	(void)state;
	m.m_type = MSG_MONITOR_CONF;
	m.m_nfds = 0;
	m.m_len = 40;
	fresh(&a, ROLE_MONITOR, ROLE_POLICY, CHAN_CONTROL, 0);
	fresh(&b, ROLE_MONITOR, ROLE_POLICY, CHAN_CONTROL, 0);
	assert_null(rulebook_check(&a, &m));
	assert_null(rulebook_check(&b, &m));
	assert_non_null(rulebook_check(&a, &m));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_combination_is_as_the_table_says),
		cmocka_unit_test(types_past_the_table_are_refused_everywhere),
		cmocka_unit_test(in_no_state_nothing_is_allowed),
		cmocka_unit_test(no_two_rows_speak_of_the_same_message),
		cmocka_unit_test(a_reason_is_given_for_each_refusal),
		cmocka_unit_test(once_is_counted_for_each_channel_by_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
