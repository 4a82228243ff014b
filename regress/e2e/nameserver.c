/*
 * A name server for hostname.t: UDP, what it says is in its code; each question
 * it gets is a line of the log.  "nameserver LOG" prints its port, and runs
 * until it is killed or its parent is gone.
 *
 *	good.test, A.wild.test		127.0.0.1, and ::1 for good.test
 *	short.test			127.0.0.1, for a second
 *	alias.test			alias of good.test
 *	loop.test			alias of itself
 *	inside.test			10.0.0.1 and 127.0.0.1
 *	both.test			192.0.2.7 and 127.0.0.1
 *	many.test			100 addresses
 *	spoof.test			first, answers of another id, of another
 *					question, and malformed; then 127.0.0.1
 *	late.test			to the first question nothing; to the
 *					next 127.0.0.1
 *	mute.test			nothing, ever
 *	plain.test			FORMERR to EDNS, 127.0.0.1 without
 *	cut.test			127.0.0.1, cut off after it, with TC
 *	busy.test			SERVFAIL
 *	the rest			NXDOMAIN
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint8_t	 in[4096], out[65536];
static size_t	 outlen, questionlen;

static void
put16(unsigned v)
{
	out[outlen++] = (uint8_t)(v >> 8);
	out[outlen++] = (uint8_t)v;
}

/* The beginning of an answer. */
static void
begin(int rcode, int count)
{
	memcpy(out, in, 12 + questionlen);
	out[2] = 0x81;
	out[3] = (uint8_t)(0x80 | rcode);
	memset(out + 4, 0, 8);
	out[5] = 1;
	out[6] = (uint8_t)(count >> 8);
	out[7] = (uint8_t)count;
	outlen = 12 + questionlen;
}

static void
record(unsigned owner, int type, uint32_t ttl, const void *data, size_t len)
{
	put16(owner);
	put16((unsigned)type);
	put16(1);
	put16(ttl >> 16);
	put16(ttl & 0xffff);
	put16((unsigned)len);
	memcpy(out + outlen, data, len);
	outlen += len;
}

static void
address(int a, int b, int c, int d, uint32_t ttl)
{
	uint8_t	 v4[4] = { (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d };

	record(0xc00c, 1, ttl, v4, 4);
}

/* Text of the question's name; its length on the wire in questionlen. */
static void
name_of(char *text, ssize_t n)
{
	size_t	 at = 12, used = 0;

	while (at < (size_t)n && in[at] != 0 && in[at] < 64) {
		memcpy(text + used, in + at + 1, in[at]);
		used += in[at];
		text[used++] = '.';
		at += in[at] + 1U;
	}
	text[used > 0 ? used - 1 : 0] = '\0';
	questionlen = at + 1 + 4 - 12;
}

int
main(int argc, char **argv)
{
	static const uint8_t	 good[] = "\4good\4test";
	struct sockaddr_in	 sin, from;
	socklen_t		 len = sizeof(sin);
	uint8_t			 v6[16] = { 0 };
	char			 name[512], line[700];
	ssize_t			 n;
	int			 s, log, type, i, late = 0, sub, has4, has6;

	if (argc != 2 || (log = open(argv[1], O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC, 0644)) == -1)
		errx(1, "usage: nameserver log");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1 ||
	    bind(s, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(s, (struct sockaddr *)&sin, &len) == -1)
		err(1, "socket");
	printf("%d\n", ntohs(sin.sin_port));
	fflush(stdout);
	close(1);
	v6[15] = 1;
	for (;;) {
		len = sizeof(from);
		if ((n = recvfrom(s, in, sizeof(in), 0,
		    (struct sockaddr *)&from, &len)) < 17)
			continue;
		name_of(name, n);
		if (12 + questionlen > (size_t)n)
			continue;
		type = in[12 + questionlen - 4] << 8 |
		    in[12 + questionlen - 3];
		snprintf(line, sizeof(line), "%s %d flags %02x%02x port %d\n",
		    name, type, in[2], in[3], ntohs(from.sin_port));
		if (write(log, line, strlen(line)) == -1)
			err(1, "log");
		sub = strlen(name) > 10 &&
		    strcmp(name + strlen(name) - 10, ".wild.test") == 0;
		has4 = type == 1;
		has6 = type == 28 && strcmp(name, "good.test") == 0;
		if (strcmp(name, "mute.test") == 0)
			continue;
		if (strcmp(name, "good.test") == 0 || sub) {
			begin(0, has4 || has6);
			if (has4)
				address(127, 0, 0, 1, 300);
			if (has6)
				record(0xc00c, 28, 300, v6, 16);
		} else if (strcmp(name, "short.test") == 0) {
			begin(0, has4);
			if (has4)
				address(127, 0, 0, 1, 1);
		} else if (strcmp(name, "alias.test") == 0) {
			begin(0, 1 + has4);
			record(0xc00c, 5, 300, good, sizeof(good));
			if (has4)
				record((unsigned)(0xc000 | (outlen -
				    sizeof(good))), 1, 300, "\177\0\0\1", 4);
		} else if (strcmp(name, "loop.test") == 0) {
			begin(0, 1);
			record(0xc00c, 5, 300, "\300\14", 2);
		} else if (strcmp(name, "inside.test") == 0) {
			begin(0, has4 * 2);
			if (has4) {
				address(10, 0, 0, 1, 300);
				address(127, 0, 0, 1, 300);
			}
		} else if (strcmp(name, "both.test") == 0) {
			begin(0, has4 * 2);
			if (has4) {
				address(192, 0, 2, 7, 300);
				address(127, 0, 0, 1, 300);
			}
		} else if (strcmp(name, "many.test") == 0) {
			begin(0, has4 * 80);
			for (i = 0; has4 && i < 80; i++)
				address(127, 0, 0, 1 + i, 300);
		} else if (strcmp(name, "spoof.test") == 0 && has4) {
			for (i = 0; i < 20; i++) {
				begin(0, 1);
				out[i % 2] ^= (uint8_t)(i + 1);
				address(127, 0, 0, 66, 300);
				sendto(s, out, outlen, 0,
				    (struct sockaddr *)&from, len);
			}
			begin(0, 1);
			out[13] = 'x';			/* another question */
			address(127, 0, 0, 66, 300);
			sendto(s, out, outlen, 0, (struct sockaddr *)&from,
			    len);
			begin(0, 200);			/* more than there is */
			address(127, 0, 0, 66, 300);
			sendto(s, out, outlen, 0, (struct sockaddr *)&from,
			    len);
			begin(0, 1);
			put16(0xc000 | (unsigned)outlen);	/* itself */
			put16(1);
			sendto(s, out, outlen, 0, (struct sockaddr *)&from,
			    len);
			begin(0, 1);
			address(127, 0, 0, 1, 300);
		} else if (strcmp(name, "late.test") == 0) {
			if (has4 && late++ == 0)
				continue;
			begin(0, has4);
			if (has4)
				address(127, 0, 0, 1, 300);
		} else if (strcmp(name, "plain.test") == 0) {
			begin(in[11] != 0 ? 1 : 0, in[11] == 0 && has4);
			if (in[11] == 0 && has4)
				address(127, 0, 0, 1, 300);
		} else if (strcmp(name, "cut.test") == 0 && has4) {
			begin(0, 3);
			out[2] |= 2;
			address(127, 0, 0, 1, 300);
			put16(0xc00c);
		} else if (strcmp(name, "busy.test") == 0)
			begin(2, 0);
		else
			begin(strstr(name, ".test") != NULL &&
			    strchr(name, '.') == strrchr(name, '.') &&
			    (strcmp(name, "spoof.test") == 0 ||
			    strcmp(name, "cut.test") == 0) ? 0 : 3, 0);
		sendto(s, out, outlen, 0, (struct sockaddr *)&from, len);
	}
}
