/*
 * Fuzz every decoder.  The first byte says how many descriptors come along,
 * the rest is a message with its header; its length is put right unless the
 * first byte has its top bit set, or few would come past the header.  What a
 * decoder accepts must encode to the same bytes, and no descriptor may be
 * lost, taken twice, or left open.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../proto/codec.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void	 check_same(const struct msg *, const struct msg *, int);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct msg	 in, out;
	static int		 null = -1;
	int			 fds[MSG_FDS_MAX], i, keep, n;
	uint32_t		 len;

	if (null == -1 && (null = open("/dev/null", O_RDONLY)) == -1)
		abort();
	if (size < 1 || size - 1 > MSG_SIZE_MAX)
		return (0);
	keep = data[0] & 0x80;
	n = (data[0] & 0x7f) % (MSG_FDS_MAX + 1);
	data++;
	size--;
	if (size > 0)
		memcpy(in.m_buf, data, size);
	if (!keep && size >= MSG_HDR_SIZE) {
		len = htole32((uint32_t)size);
		memcpy(in.m_buf + 4, &len, sizeof(len));
	}
	if (msg_get_header(&in, size) == -1)
		return (0);
	in.m_nfds = 0;
	for (i = 0; i < n; i++) {
		if ((fds[i] = dup(null)) == -1)
			abort();
		in.m_fds[in.m_nfds++] = fds[i];
	}
	if (codec_again(&in, &out) == 0) {
		check_same(&in, &out, n);
		msg_close_fds(&out);
	} else if (out.m_nfds != 0)
		abort();		/* took one of a message it refused */
	msg_close_fds(&in);
	for (i = 0; i < n; i++) {
		if (fcntl(fds[i], F_GETFD) != -1)
			abort();
	}
	return (0);
}

static void
check_same(const struct msg *in, const struct msg *out, int nfds)
{
	if (out->m_bad || in->m_len != out->m_len ||
	    memcmp(in->m_buf, out->m_buf, in->m_len) != 0)
		abort();
	/* these count their own; the others' are the rulebook's */
	switch (in->m_type) {
	case MSG_RECEIVER_CALL:
	case MSG_LANE_VERDICT:
	case MSG_RECEIVER_GIVE:
	case MSG_RECEIVER_IMAGE:
	case MSG_RECEIVER_FILE:
		if (out->m_nfds != nfds)
			abort();
		break;
	default:
		break;
	}
}
