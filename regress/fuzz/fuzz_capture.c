/* LINK: */
/*
 * The receiver's capture against memory that is not there: a call of the
 * table, with any arguments, of a program with any bytes, in pages of which
 * some are missing.  What is sent decodes, and is what the program wrote, cut
 * where the limits say; what cannot be read is an error, never something else.
 */
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t	 fake_readv(pid_t, const struct iovec *, unsigned long,
		    const struct iovec *, unsigned long, unsigned long);
#define process_vm_readv fake_readv
#include "../../monitor/receiver_capture.c"

#define PAGE		4096U
#define PAGES		20U
#define MEMORY		0x100000UL	/* where the program's pages are */

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct receiver		 receiver;
static uint8_t		 memory[PAGES * PAGE];
static uint32_t		 missing;	/* bit set of pages */
static struct msg	 out, in;
static struct chan	 ends[2];

/* What process_vm_readv(2) does with one piece: all, or as much as is there. */
static ssize_t
fake_readv(pid_t pid, const struct iovec *l, unsigned long ln,
    const struct iovec *r, unsigned long rn, unsigned long flags)
{
	uint64_t	 addr = (uintptr_t)r->iov_base;
	size_t		 i;

	(void)pid;
	(void)flags;
	if (ln != 1 || rn != 1 || l->iov_len != r->iov_len)
		abort();
	for (i = 0; i < l->iov_len; i++, addr++) {
		if (addr < MEMORY || addr - MEMORY >= sizeof(memory) ||
		    (missing >> ((addr - MEMORY) / PAGE)) & 1)
			break;
		((uint8_t *)l->iov_base)[i] = memory[addr - MEMORY];
	}
	if (i == 0 && l->iov_len > 0) {
		errno = EFAULT;
		return (-1);
	}
	return ((ssize_t)i);
}

/* A byte of the program, or -1. */
static int
peek(uint64_t addr)
{
	if (addr < MEMORY || addr - MEMORY >= sizeof(memory) ||
	    (missing >> ((addr - MEMORY) / PAGE)) & 1)
		return (-1);
	return (memory[addr - MEMORY]);
}

/* receiver_memory.c, receiver_notify.c, receiver.c */
ssize_t
memory_read(struct lane *ln, const struct need *need, void *to)
{
	(void)ln;
	(void)need;
	(void)to;
	abort();	/* a call's capture asks for nothing */
}

int
notify_valid(const struct lane *ln)
{
	(void)ln;
	return (0);
}

void
receiver_fault(struct lane *ln, const char *why)
{
	(void)ln;
	fprintf(stderr, "fault: %s\n", why);
	abort();
}

static void
setup(struct lane *ln)
{
	static struct seccomp_notif	 sn;
	int				 pair[2];

	if (chan_pair(pair) == -1 || (receiver.r_proc = open("/proc",
	    O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		abort();
	chan_init(&ends[0], pair[0], ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	chan_init(&ends[1], pair[1], ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	ln->ln_call = ends[0];
	ln->ln_notif = &sn;
	ln->ln_out = &out;
	if ((ln->ln_capture = capture_new()) == NULL)
		abort();
	sn.pid = (uint32_t)getpid();
}

/* A string of the program, as long as it may be. */
static void
check_string(const struct cap *p, uint64_t addr, size_t max, int toolong)
{
	size_t	 i;
	int	 c;

	for (i = 0; i < max; i++) {
		if ((c = peek(addr + i)) == -1) {
			if (p->p_errno != EFAULT)
				abort();
			return;
		}
		if (c == 0) {
			if (p->p_errno != 0 || p->p_len != i)
				abort();
			for (; i-- > 0;)
				if (p->p_bytes[i] != peek(addr + i))
					abort();
			return;
		}
	}
	if (p->p_errno != toolong)
		abort();
}

static void
check_bytes(const struct cap *p, uint64_t addr, uint64_t len, size_t max)
{
	size_t	 i;

	if (len > max) {
		if (p->p_errno != E2BIG)
			abort();
		return;
	}
	for (i = 0; i < len; i++)
		if (peek(addr + i) == -1) {
			if (p->p_errno != EFAULT)
				abort();
			return;
		}
	if (p->p_errno != 0 || p->p_len != len)
		abort();
	for (i = 0; i < len; i++)
		if (p->p_bytes[i] != peek(addr + i))
			abort();
}

static void
check_cap(const struct sysent *se, const struct call *c, const struct cap *p)
{
	uint64_t	 addr;

	if (p->p_arg == CAP_ARG_STATUS)
		return;
	if (p->p_arg >= CALL_ARGS || p->p_kind != se->se_args[p->p_arg])
		abort();
	addr = c->c_args[p->p_arg];
	if ((p->p_null != 0) != (addr == 0))
		abort();
	if (p->p_null)
		return;
	switch (p->p_kind) {
	case ARG_PATH:
	case ARG_STR:
		check_string(p, addr, PATH_MAX, ENAMETOOLONG);
		break;
	case ARG_NAME:
		check_string(p, addr, NAME_SIZE, ERANGE);
		break;
	case ARG_BUF:
		check_bytes(p, addr, c->c_args[p->p_arg + 1], BUF_SIZE);
		break;
	case ARG_HOW:
		check_bytes(p, addr, c->c_args[p->p_arg + 1], HOW_SIZE);
		break;
	case ARG_TIMES:
		check_bytes(p, addr, 32, 32);
		break;
	case ARG_UTIMBUF:
		check_bytes(p, addr, 16, 16);
		break;
	}
}

/* As they are, or somewhere in the pages; lengths and descriptors small. */
static uint64_t
argument(const struct sysent *se, unsigned i, uint64_t raw)
{
	switch (se->se_args[i]) {
	case ARG_FD:
	case ARG_DIRFD:
		return (raw % 3 == 0 ? (uint64_t)AT_FDCWD : raw % 3 == 1 ?
		    raw : (uint64_t)receiver.r_proc);
	case ARG_VAL:
		return (raw % 2 ? raw : raw % (2 * BUF_SIZE));
	default:
		return (raw % 4 == 0 ? raw : raw % 16 == 1 ? 0 :
		    MEMORY + raw % sizeof(memory));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct lane	 lane;
	static struct call	 got;
	const struct sysent	*se;
	const char		*why;
	uint64_t		 raw;
	size_t			 i;

	if (lane.ln_capture == NULL)
		setup(&lane);
	if (len < 6 + 6 * 8 + 1)
		return (0);
	se = &sysent[(data[0] | data[1] << 8) % sysent_count];
	memcpy(&missing, data + 2, 4);
	missing &= missing >> 1;		/* rather fewer */
	lane.ln_notif->data.nr = (int)se->se_nr;
	for (i = 0; i < CALL_ARGS; i++) {
		memcpy(&raw, data + 6 + 8 * i, 8);
		lane.ln_notif->data.args[i] = argument(se, (unsigned)i, raw);
	}
	data += 6 + 6 * 8;
	len -= 6 + 6 * 8;
	for (i = 0; i < sizeof(memory); i++)
		memory[i] = data[i % len];

	if (capture_call(&lane, se) == -1)
		abort();
	if (chan_recv(&ends[1], &in, 0, &why) != 1 ||
	    in.m_type != MSG_RECEIVER_CALL || msg_get_call(&in, &got) == -1)
		abort();
	if (got.c_nr != se->se_nr || got.c_tid != (uint32_t)getpid() ||
	    memcmp(got.c_args, lane.ln_notif->data.args,
	    sizeof(got.c_args)) != 0)
		abort();
	for (i = 0; i < got.c_ncaps; i++)
		check_cap(se, &got, &got.c_caps[i]);
	for (i = 0; i < got.c_nfds; i++)
		if (got.c_fds[i].f_errno == 0)
			close(got.c_fds[i].f_fd);
	msg_close_fds(&in);
	return (0);
}
