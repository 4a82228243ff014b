/*
 * Channels: one sendmsg(2) or recvmsg(2) a message, over SOCK_SEQPACKET, with
 * the descriptors in SCM_RIGHTS.  What comes in is measured, its header and
 * then the rulebook are checked, and only then does anyone see it.
 *
 * Must never allocate, copy a message, raise SIGPIPE, or lose a descriptor of
 * a message it refuses.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "chan.h"

/* One descriptor more than allowed, so that an excess is seen. */
#define CTL_FDS		(MSG_FDS_MAX + 1)

union ctl {
	struct cmsghdr	 hdr;
	uint8_t		 buf[CMSG_SPACE(sizeof(int) * CTL_FDS)];
};

/* What a queued message costs the sender's buffer beside its bytes. */
#define SNDBUF_EXTRA	8192

static int	 chan_sndbuf(int);
static int	 chan_refuse(struct msg *, const char *, const char **);
static int	 chan_take_fds(struct msg *, struct msghdr *);
static int	 chan_take_cmsg(struct msg *, struct cmsghdr *);

void
chan_init(struct chan *c, int fd, enum role self, enum role peer,
    enum chan_kind kind)
{
	c->ch_fd = fd;
	c->ch_self = self;
	c->ch_peer = peer;
	c->ch_kind = kind;
	c->ch_state = kind == CHAN_CONTROL ? CS_SETUP : CS_WORK;
	c->ch_seen = 0;
}

void
chan_close(struct chan *c)
{
	if (c->ch_fd != -1)
		close(c->ch_fd);
	c->ch_fd = -1;
}

int
chan_pair(int fds[2])
{
	int	 saved;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == -1)
		return (-1);
	if (chan_sndbuf(fds[0]) == -1 || chan_sndbuf(fds[1]) == -1) {
		saved = errno;
		close(fds[0]);
		close(fds[1]);
		fds[0] = fds[1] = -1;
		errno = saved;
		return (-1);
	}
	return (0);
}

/*
 * The largest message must fit the send buffer, or sending it would be
 * EMSGSIZE for ever.  The default is enough (socket(7), wmem_default) unless
 * the machine was tuned.  SO_SNDBUF is doubled by the kernel.
 */
static int
chan_sndbuf(int fd)
{
	const int	 want = MSG_SIZE_MAX + SNDBUF_EXTRA;
	int		 size;
	socklen_t	 len = sizeof(size);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) == -1)
		return (-1);
	if (size >= want)
		return (0);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want)) == -1)
		return (-1);
	len = sizeof(size);
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) == -1)
		return (-1);
	if (size < want) {
		errno = ENOBUFS;
		return (-1);
	}
	return (0);
}

int
chan_send(struct chan *c, const struct msg *m, int flags)
{
	struct msghdr	 mh = { 0 };
	struct iovec	 iov[2];
	struct cmsghdr	*cm;
	union ctl	 ctl;
	uint8_t		 hdr[MSG_HDR_SIZE];
	size_t		 fdlen;
	ssize_t		 n;

	if (m->m_bad || m->m_len <= MSG_HDR_SIZE) {
		errno = EPROTO;
		return (-1);
	}
	msg_put_header(m, hdr);
	iov[0].iov_base = hdr;
	iov[0].iov_len = sizeof(hdr);
	/* sendmsg(2) does not write there, whatever iov_base is */
	iov[1].iov_base = (void *)(uintptr_t)(m->m_buf + MSG_HDR_SIZE);
	iov[1].iov_len = m->m_len - MSG_HDR_SIZE;
	mh.msg_iov = iov;
	mh.msg_iovlen = 2;
	if (m->m_nfds > 0) {
		fdlen = sizeof(int) * (size_t)m->m_nfds;
		memset(&ctl, 0, sizeof(ctl));
		mh.msg_control = &ctl;
		mh.msg_controllen = CMSG_SPACE(fdlen);
		cm = CMSG_FIRSTHDR(&mh);
		/* analyzer: msg_controllen is not 0, so there is one */
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(fdlen);
		memcpy(CMSG_DATA(cm), m->m_fds, fdlen);
	}
	do	/* interrupted, nothing has been sent */
		n = sendmsg(c->ch_fd, &mh, flags | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		/* gone with messages unread, or just going */
		if (errno == ECONNRESET || errno == ECONNREFUSED)
			errno = EPIPE;
		return (-1);
	}
	return (0);
}

int
chan_recv(struct chan *c, struct msg *m, int flags, const char **why)
{
	struct msghdr	 mh = { 0 };
	struct iovec	 iov;
	union ctl	 ctl;
	const char	*wrong;
	ssize_t		 n;
	int		 tries;

	m->m_nfds = 0;
	iov.iov_base = m->m_buf;
	iov.iov_len = sizeof(m->m_buf);
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	/*
	 * ECONNRESET says, once, that the peer left messages unread.  What it
	 * sent before may still be queued: ask again.
	 */
	for (tries = 0; tries < 2; tries++) {
		mh.msg_control = &ctl;
		mh.msg_controllen = sizeof(ctl);
		n = recvmsg(c->ch_fd, &mh, flags | MSG_CMSG_CLOEXEC);
		if (n != -1 || errno != ECONNRESET)
			break;
	}
	if (n == -1)
		return (errno == ECONNRESET ? 0 : -1);

	if (chan_take_fds(m, &mh) == -1)
		return (chan_refuse(m, "unwanted control data", why));
	if (n == 0 && m->m_nfds == 0 && !(mh.msg_flags & MSG_CTRUNC))
		return (0);	/* nobody sends an empty message */
	if (mh.msg_flags & MSG_TRUNC)
		return (chan_refuse(m, "too long", why));
	if (mh.msg_flags & MSG_CTRUNC)
		return (chan_refuse(m, "descriptors lost", why));
	if (msg_get_header(m, (size_t)n) == -1)
		return (chan_refuse(m, "malformed header", why));
	if ((wrong = rulebook_check(c, m)) != NULL)
		return (chan_refuse(m, wrong, why));
	return (1);
}

static int
chan_refuse(struct msg *m, const char *wrong, const char **why)
{
	msg_close_fds(m);
	m->m_bad = 1;
	if (why != NULL)
		*why = wrong;
	errno = EPROTO;
	return (-1);
}

/*
 * Put the descriptors received into m.  -1 when there were more than
 * MSG_FDS_MAX, or control data that nobody asked for; what fits m is then
 * there to be closed, the rest is closed here.
 */
static int
chan_take_fds(struct msg *m, struct msghdr *mh)
{
	struct cmsghdr	*cm;
	int		 rv = 0;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_RIGHTS)
			rv = -1;
		else if (chan_take_cmsg(m, cm) == -1)
			rv = -1;
	}
	return (rv);
}

/*
 * All of one SCM_RIGHTS.  The kernel fills the buffer to its end, padding
 * included, so there may be one more than CTL_FDS.
 */
static int
chan_take_cmsg(struct msg *m, struct cmsghdr *cm)
{
	size_t	 i, n;
	int	 fd, rv = 0;

	n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(cm) + i * sizeof(int), sizeof(fd));
		if (m->m_nfds < MSG_FDS_MAX)
			m->m_fds[m->m_nfds++] = fd;
		else {
			close(fd);
			rv = -1;
		}
	}
	return (rv);
}
