/*
 * Channels over real socketpairs.  Hostile messages are made with sendmsg(2)
 * directly; descriptors are counted in /proc/self/fd around each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/sysent.h"
#include "../../proto/chan.h"

#define FDS_MANY	64	/* SCM_MAX_FD is 253 */

static struct msg	 min, mout;
static struct chan	 us, peer;

static int
count_fds(void)
{
	DIR	*d;
	int	 n = 0;

	assert_non_null(d = opendir("/proc/self/fd"));
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return (n);
}

/* us is self's end of a channel with other. */
static void
connect_roles(enum role self, enum role other, enum chan_kind kind)
{
	int	 p[2];

	assert_int_equal(chan_pair(p), 0);
	chan_init(&us, p[0], self, other, kind);
	chan_init(&peer, p[1], other, self, kind);
}

static void
disconnect_roles(void)
{
	chan_close(&us);
	chan_close(&peer);
	assert_int_equal(us.ch_fd, -1);
	assert_int_equal(peer.ch_fd, -1);
}

static void
send_raw(const void *bytes, size_t len, int nfds)
{
	union {
		struct cmsghdr	 hdr;
		uint8_t		 buf[CMSG_SPACE(sizeof(int) * FDS_MANY)];
	}		 ctl;
	struct iovec	 iov;
	struct msghdr	 mh = { 0 };
	struct cmsghdr	*cm;
	int		 i, zero = 0;

	/* only sent */
	iov.iov_base = (void *)(uintptr_t)bytes;
	iov.iov_len = len;
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (nfds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		mh.msg_control = &ctl;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nfds);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nfds);
		for (i = 0; i < nfds; i++)
			memcpy(CMSG_DATA(cm) + (size_t)i * sizeof(int), &zero,
			    sizeof(int));
	}
	assert_int_equal(sendmsg(peer.ch_fd, &mh, 0), len);
}

/* One u32 of type, with nfds descriptors. */
static void
send_number(uint16_t type, uint32_t value, int nfds)
{
	int	 i;

	msg_start(&mout, (enum msg_type)type, 1);
	msg_put_u32(&mout, value);
	for (i = 0; i < nfds; i++)
		msg_put_fd(&mout, 0);
	assert_int_equal(chan_send(&peer, &mout, 0), 0);
}

/* What is next in line is refused for this reason, and nothing leaks. */
static void
assert_refused(const char *reason)
{
	const char	*why = NULL;
	int		 before = count_fds();

	errno = 0;
	assert_int_equal(chan_recv(&us, &min, MSG_DONTWAIT, &why), -1);
	assert_int_equal(errno, EPROTO);
	assert_string_equal(why, reason);
	assert_int_equal(min.m_nfds, 0);
	assert_int_equal(msg_end(&min), -1);
	assert_int_equal(count_fds(), before);
}

static void
a_message_and_its_descriptors_arrive_as_sent(void **state)
{
	struct call	 c = {
		.c_nr = 2, .c_tid = 3, .c_nfds = 3,
		.c_fds = { { 0, 0, 0 }, { 1, 2, -1 }, { CALL_FD_CWD, 0, 1 } }
	};
	struct call	 d;
	const char	*why = NULL;
	int		 before, i;

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	before = count_fds();
	msg_start(&mout, MSG_RECEIVER_CALL, 0x01020304);
	msg_put_call(&mout, &c);
	assert_int_equal(chan_send(&peer, &mout, 0), 0);
	assert_int_equal(chan_recv(&us, &min, 0, &why), 1);
	assert_int_equal(min.m_type, MSG_RECEIVER_CALL);
	assert_int_equal(min.m_seq, 0x01020304);
	assert_int_equal(min.m_nfds, 2);
	assert_int_equal(msg_get_call(&min, &d), 0);
	assert_int_equal(count_fds(), before + 2);
	for (i = 0; i < 3; i += 2)
		assert_int_equal(fcntl(d.c_fds[i].f_fd, F_GETFD), FD_CLOEXEC);
	close(d.c_fds[0].f_fd);
	close(d.c_fds[2].f_fd);
	assert_int_equal(count_fds(), before);
	disconnect_roles();
}

static void
a_message_of_MSG_SIZE_MAX_with_MSG_FDS_MAX_passes(void **state)
{
	static uint8_t	 big[65536];
	struct call	 c = { .c_nr = 1, .c_tid = 1, .c_ncaps = 2, .c_nfds = 4,
			    .c_fds = { { 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 },
			    { 3, 0, 0 } } };
	struct call	 d;
	const char	*why;
	int		 before, i;

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	before = count_fds();
	c.c_caps[0] = (struct cap){ 0, ARG_BUF, 0, 0, big, 65536 };
	c.c_caps[1] = (struct cap){ CAP_ARG_STATUS, ARG_NONE, 0, 0, big,
	    1 };
	msg_start(&mout, MSG_RECEIVER_CALL, 1);
	msg_put_call(&mout, &c);
	c.c_caps[1].p_len = 1 + MSG_SIZE_MAX - mout.m_len;
	msg_start(&mout, MSG_RECEIVER_CALL, 1);
	msg_put_call(&mout, &c);
	assert_int_equal(mout.m_len, MSG_SIZE_MAX);
	assert_int_equal(chan_send(&peer, &mout, MSG_DONTWAIT), 0);
	assert_int_equal(chan_recv(&us, &min, 0, &why), 1);
	assert_int_equal(msg_get_call(&min, &d), 0);
	assert_int_equal(d.c_caps[1].p_len, c.c_caps[1].p_len);
	for (i = 0; i < 4; i++)
		assert_int_equal(close(d.c_fds[i].f_fd), 0);
	assert_int_equal(count_fds(), before);
	disconnect_roles();
}

static void
a_bad_or_empty_message_is_not_sent(void **state)
{
	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	msg_start(&mout, MSG_MONITOR_GO, 1);
	assert_int_equal(chan_send(&peer, &mout, 0), -1);
	assert_int_equal(errno, EPROTO);
	msg_put_u32(&mout, 1);
	msg_put_fd(&mout, -1);
	errno = 0;
	assert_int_equal(chan_send(&peer, &mout, 0), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(chan_recv(&us, &min, MSG_DONTWAIT, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	disconnect_roles();
}

static void
the_wrong_sender_is_refused(void **state)
{
	(void)state;
	connect_roles(ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL);
	us.ch_state = CS_WORK;
	send_number(MSG_POLICY_CLEANED, 1, 0);
	assert_refused("not said by this peer on this channel");
	send_number(MSG_MONITOR_GO, 1, 0);
	assert_refused("not said by this peer on this channel");
	send_number(MSG_INTEGRITY_VERDICT, 1, 2);
	assert_refused("not said by this peer on this channel");
	disconnect_roles();
}

static void
the_wrong_channel_is_refused(void **state)
{
	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_INTEGRITY, CHAN_CALL);
	send_number(MSG_INTEGRITY_VERDICT, 1, 0);
	assert_refused("not said by this peer on this channel");
	disconnect_roles();
	connect_roles(ROLE_RECEIVER, ROLE_INTEGRITY, CHAN_IMAGE);
	send_number(MSG_INTEGRITY_VERDICT, 1, 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	disconnect_roles();
}

static void
the_wrong_state_is_refused_and_states_advance(void **state)
{
	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	assert_int_equal(us.ch_state, CS_SETUP);
	send_number(MSG_MONITOR_LANE, 1, 2);
	assert_refused("not in this state");
	send_number(MSG_MONITOR_START, PROTO_VERSION, 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	assert_int_equal(us.ch_state, CS_WORK);
	send_number(MSG_MONITOR_START, PROTO_VERSION, 0);
	assert_refused("not in this state");
	send_number(MSG_MONITOR_WALL, 2, 2);
	assert_refused("not in this state");
	send_number(MSG_MONITOR_LANE, 1, 2);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	msg_close_fds(&min);
	disconnect_roles();

	connect_roles(ROLE_MONITOR, ROLE_POLICY, CHAN_CONTROL);
	send_number(MSG_POLICY_CLEANED, 0, 0);
	assert_refused("not in this state");
	send_number(MSG_ROLE_READY, PROTO_VERSION, 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	send_number(MSG_POLICY_CLEANED, 0, 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	disconnect_roles();

	connect_roles(ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	assert_int_equal(us.ch_state, CS_WORK);
	disconnect_roles();
}

static void
what_is_said_once_is_refused_the_second_time(void **state)
{
	int	 before;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	before = count_fds();
	send_number(MSG_MONITOR_WALL, 2, 2);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	assert_int_equal(min.m_nfds, 2);
	msg_close_fds(&min);
	assert_int_equal(count_fds(), before);
	send_number(MSG_MONITOR_WALL, 2, 2);
	assert_refused("said twice");
	disconnect_roles();
}

static void
a_wrong_number_of_descriptors_is_refused_all_are_closed(void **state)
{
	int	 n;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	for (n = 0; n <= MSG_FDS_MAX; n++) {
		if (n == 2)
			continue;
		send_number(MSG_MONITOR_WALL, 2, n);
		assert_refused("wrong number of descriptors");
	}
	send_number(MSG_MONITOR_START, PROTO_VERSION, 1);
	assert_refused("wrong number of descriptors");
	disconnect_roles();
}

static void
more_than_MSG_FDS_MAX_descriptors_are_refused_all_closed(void **state)
{
	int	 n;

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	msg_start(&mout, MSG_RECEIVER_CALL, 1);
	msg_put_u32(&mout, 1);
	msg_put_header(&mout, mout.m_buf);
	for (n = MSG_FDS_MAX + 1; n <= FDS_MANY; n++) {
		send_raw(mout.m_buf, mout.m_len, n);
		assert_refused("unwanted control data");
	}
	/* and the channel is as it was */
	send_raw(mout.m_buf, mout.m_len, MSG_FDS_MAX);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	assert_int_equal(min.m_nfds, MSG_FDS_MAX);
	msg_close_fds(&min);
	disconnect_roles();
}

static void
descriptors_the_kernel_could_not_install_are_noticed(void **state)
{
	struct rlimit	 old, none;
	const char	*preload, *why = NULL;
	int		 before, rv, error;

	(void)state;
	if ((preload = getenv("LD_PRELOAD")) != NULL &&
	    strstr(preload, "vgpreload") != NULL) {
		print_message("# valgrind keeps RLIMIT_NOFILE to itself\n");
		skip();
	}
	connect_roles(ROLE_INTEGRITY, ROLE_RECEIVER, CHAN_IMAGE);
	before = count_fds();
	send_number(MSG_RECEIVER_IMAGE, 1, 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	rv = chan_recv(&us, &min, MSG_DONTWAIT, &why);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(rv, -1);
	assert_int_equal(error, EPROTO);
	assert_string_equal(why, "descriptors lost");
	assert_int_equal(min.m_nfds, 0);
	assert_int_equal(count_fds(), before);
	disconnect_roles();
}

static void
control_data_nobody_asked_for_is_refused(void **state)
{
	int	 one = 1;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	assert_int_equal(setsockopt(us.ch_fd, SOL_SOCKET, SO_PASSCRED, &one,
	    sizeof(one)), 0);
	send_number(MSG_MONITOR_WALL, 2, 2);
	assert_refused("unwanted control data");
	disconnect_roles();
}

static void
over_MSG_SIZE_MAX_is_refused_and_its_descriptors_closed(void **state)
{
	static uint8_t	 big[MSG_SIZE_MAX + 4096];
	int		 n;

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	msg_start(&mout, MSG_RECEIVER_CALL, 1);
	msg_put_header(&mout, big);
	for (n = 0; n <= MSG_FDS_MAX; n += 2) {
		send_raw(big, MSG_SIZE_MAX + 1, n);
		assert_refused("too long");
		send_raw(big, sizeof(big), n);
		assert_refused("too long");
	}
	disconnect_roles();
}

static void
a_malformed_header_is_refused_and_its_descriptors_closed(void **state)
{
	static uint8_t	 junk[256];
	size_t		 len;
	int		 n;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	for (len = 1; len <= sizeof(junk); len++) {
		memset(junk, (int)len, len);
		for (n = 0; n <= 2; n++) {
			send_raw(junk, len, n);
			assert_refused("malformed header");
		}
	}
	/* bytes are not all there: the header is of another length */
	msg_start(&mout, MSG_MONITOR_WALL, 1);
	msg_put_u32(&mout, 2);
	msg_put_header(&mout, mout.m_buf);
	for (len = 1; len < mout.m_len; len++) {
		send_raw(mout.m_buf, len, 2);
		assert_refused("malformed header");
	}
	/* nothing but descriptors */
	send_raw(junk, 0, 1);
	assert_refused("malformed header");
	disconnect_roles();
}

static void
unknown_types_are_refused(void **state)
{
	unsigned	 type;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	for (type = 0; type <= UINT16_MAX; type++) {
		if (strcmp(msg_name((uint16_t)type), "MSG_UNKNOWN") != 0)
			continue;
		if (type > 1024 && type % 1021 != 0)
			continue;
		send_number((uint16_t)type, 1, (int)(type % 3));
		assert_refused("unknown type");
	}
	disconnect_roles();
}

static void
a_peer_that_closed_is_end_of_file_after_its_last_words(void **state)
{
	const char	*why = NULL;

	(void)state;
	connect_roles(ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL);
	us.ch_state = CS_WORK;
	send_number(MSG_RECEIVER_NEEDLANE, 1, 0);
	chan_close(&peer);
	assert_int_equal(chan_recv(&us, &min, 0, &why), 1);
	assert_int_equal(min.m_type, MSG_RECEIVER_NEEDLANE);
	assert_int_equal(chan_recv(&us, &min, 0, &why), 0);
	assert_int_equal(chan_recv(&us, &min, MSG_DONTWAIT, &why), 0);
	assert_null(why);
	disconnect_roles();
}

static void
last_words_are_heard_when_the_peer_left_messages_unread(void **state)
{
	(void)state;
	connect_roles(ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL);
	us.ch_state = CS_WORK;
	msg_start(&mout, MSG_MONITOR_SIGNAL, 0);
	msg_put_u32(&mout, 15);
	assert_int_equal(chan_send(&us, &mout, 0), 0);
	send_number(MSG_RECEIVER_NEEDLANE, 1, 0);
	chan_close(&peer);
	/* recvmsg(2) would say ECONNRESET first */
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	assert_int_equal(min.m_type, MSG_RECEIVER_NEEDLANE);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 0);
	disconnect_roles();
}

static void
nothing_to_receive_is_EAGAIN(void **state)
{
	struct timeval	 tv = { 0, 20000 };

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	assert_int_equal(chan_recv(&us, &min, MSG_DONTWAIT, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(setsockopt(us.ch_fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv)), 0);
	errno = 0;
	assert_int_equal(chan_recv(&us, &min, 0, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	disconnect_roles();
}

static void
a_full_channel_is_EAGAIN_with_MSG_DONTWAIT(void **state)
{
	static uint8_t	 big[65536];
	int		 n;

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	msg_start(&mout, MSG_RECEIVER_GIVE, 1);
	msg_put_bytes(&mout, big, sizeof(big));
	for (n = 0; n < 1000; n++) {
		if (chan_send(&peer, &mout, MSG_DONTWAIT) == -1)
			break;
	}
	assert_true(n > 0 && n < 1000);
	assert_int_equal(errno, EAGAIN);
	disconnect_roles();
}

static volatile sig_atomic_t	 sigpipes, alarms;

static void
on_signal(int signo)
{
	if (signo == SIGPIPE)
		sigpipes++;
	else
		alarms++;
}

static void
a_dead_peer_is_EPIPE_without_SIGPIPE(void **state)
{
	struct sigaction	 sa = { .sa_handler = on_signal }, old;
	int			 p[2], unread;

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, &sa, &old), 0);
	/* Linux 6.18 raises it for streams only; that may change */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	chan_init(&us, p[0], ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL);
	chan_init(&peer, p[1], ROLE_RECEIVER, ROLE_MONITOR, CHAN_CONTROL);
	chan_close(&peer);
	msg_start(&mout, MSG_MONITOR_SIGNAL, 0);
	msg_put_u32(&mout, 15);
	assert_int_equal(chan_send(&us, &mout, 0), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(sigpipes, 0);
	chan_close(&us);
	for (unread = 0; unread <= 1; unread++) {
		connect_roles(ROLE_MONITOR, ROLE_RECEIVER, CHAN_CONTROL);
		msg_start(&mout, MSG_MONITOR_SIGNAL, 0);
		msg_put_u32(&mout, 15);
		if (unread)
			assert_int_equal(chan_send(&us, &mout, 0), 0);
		chan_close(&peer);
		errno = 0;
		assert_int_equal(chan_send(&us, &mout, 0), -1);
		assert_int_equal(errno, EPIPE);
		errno = 0;
		assert_int_equal(chan_send(&us, &mout, MSG_DONTWAIT), -1);
		assert_int_equal(errno, EPIPE);
		disconnect_roles();
	}
	assert_int_equal(sigpipes, 0);
	assert_int_equal(sigaction(SIGPIPE, &old, NULL), 0);
}

static void
a_signal_interrupts_receiving_with_EINTR(void **state)
{
	struct sigaction	 sa = { .sa_handler = on_signal }, old;
	struct itimerval	 it = { { 0, 20000 }, { 0, 20000 } };
	struct itimerval	 off = { { 0, 0 }, { 0, 0 } };

	(void)state;
	connect_roles(ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	assert_int_equal(sigaction(SIGALRM, &sa, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &it, NULL), 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_true(alarms > 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	disconnect_roles();
}

static void
sending_does_not_give_the_descriptor_away(void **state)
{
	int	 before, fd;

	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	before = count_fds();
	assert_int_not_equal(fd = dup(0), -1);
	msg_start(&mout, MSG_LANE_VERDICT, 1);
	msg_put_u32(&mout, 0);
	msg_put_fd(&mout, fd);
	assert_int_equal(chan_send(&peer, &mout, 0), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(chan_recv(&us, &min, 0, NULL), 1);
	assert_int_equal(min.m_nfds, 1);
	assert_int_equal(count_fds(), before + 1);
	msg_close_fds(&min);
	assert_int_equal(count_fds(), before);
	disconnect_roles();
}

static void
a_pair_does_not_survive_exec(void **state)
{
	(void)state;
	connect_roles(ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	assert_int_equal(fcntl(us.ch_fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(peer.ch_fd, F_GETFD), FD_CLOEXEC);
	disconnect_roles();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_message_and_its_descriptors_arrive_as_sent),
		cmocka_unit_test(
		    a_message_of_MSG_SIZE_MAX_with_MSG_FDS_MAX_passes),
		cmocka_unit_test(a_bad_or_empty_message_is_not_sent),
		cmocka_unit_test(the_wrong_sender_is_refused),
		cmocka_unit_test(the_wrong_channel_is_refused),
		cmocka_unit_test(the_wrong_state_is_refused_and_states_advance),
		cmocka_unit_test(what_is_said_once_is_refused_the_second_time),
		cmocka_unit_test(
		    a_wrong_number_of_descriptors_is_refused_all_are_closed),
		cmocka_unit_test(
		    more_than_MSG_FDS_MAX_descriptors_are_refused_all_closed),
		cmocka_unit_test(
		    descriptors_the_kernel_could_not_install_are_noticed),
		cmocka_unit_test(control_data_nobody_asked_for_is_refused),
		cmocka_unit_test(
		    over_MSG_SIZE_MAX_is_refused_and_its_descriptors_closed),
		cmocka_unit_test(
		    a_malformed_header_is_refused_and_its_descriptors_closed),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(
		    a_peer_that_closed_is_end_of_file_after_its_last_words),
		cmocka_unit_test(
		    last_words_are_heard_when_the_peer_left_messages_unread),
		cmocka_unit_test(nothing_to_receive_is_EAGAIN),
		cmocka_unit_test(a_full_channel_is_EAGAIN_with_MSG_DONTWAIT),
		cmocka_unit_test(a_dead_peer_is_EPIPE_without_SIGPIPE),
		cmocka_unit_test(a_signal_interrupts_receiving_with_EINTR),
		cmocka_unit_test(sending_does_not_give_the_descriptor_away),
		cmocka_unit_test(a_pair_does_not_survive_exec),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
