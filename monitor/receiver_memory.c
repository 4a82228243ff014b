/*
 * The caller's memory, on a worker's word: pieces of it are copied, and a
 * result is written where the call's own arguments said.  Addresses and
 * lengths come from the worker, which read them in the caller's memory: what
 * they lead to is the caller's own, whatever they are.
 *
 * getxattrat(2) names its buffer in a structure.  The worker read that from
 * the copy, and what it says of it must be, byte for byte, what was copied.
 *
 * Must never: look at a byte that was copied, or write anywhere but at the
 * argument that the call's row names, or where that structure said.
 */
#include <sys/uio.h>
#include <errno.h>
#include <string.h>

#include "receiver.h"

#define MMSG_SIZE	64	/* struct mmsghdr, x86-64 */
#define MMSG_COUNT	1024	/* UIO_MAXIOV, linux/uio.h */
#define LENGTH_SIZE	4	/* of accept(2): where the third argument is */
#define ADDRESS_MAX	128	/* ... and what follows, where the second is */
#define HANDLE_HEAD	8	/* struct file_handle without its bytes */
#define HANDLE_MAX	128	/* MAX_HANDLE_SZ, include/linux/exportfs.h */
#define MNT_ID_UNIQUE	0x001	/* AT_HANDLE_, linux/fcntl.h: 8 bytes, not 4 */

static int	 place_fits(const struct lane *, const struct sysent *,
		    const struct verdict *);
static size_t	 place_mount(const struct lane *);

ssize_t
memory_read(struct lane *ln, const struct need *n, void *buf)
{
	struct iovec	 remote[PIECES_MAX], local;
	struct piece	 p;
	size_t		 i, total = 0;
	ssize_t		 got;

	for (i = 0; i < n->n_count; i++) {
		need_piece(n, i, &p);
		remote[i].iov_base = (void *)(uintptr_t)p.p_addr;
		remote[i].iov_len = p.p_len;
		total += p.p_len;
	}
	local.iov_base = buf;
	local.iov_len = total;
	got = process_vm_readv((pid_t)ln->ln_notif->pid, &local, 1, remote,
	    n->n_count, 0);
	if (got == (ssize_t)total)
		return (got);
	errno = EFAULT;
	return (-1);
}

int
memory_fits(const struct lane *ln, const struct sysent *se,
    const struct verdict *v)
{
	uint64_t	 count;

	if (v->v_out == NULL)
		return (1);
	if (memory_placed(se))
		return (place_fits(ln, se, v));
	if (se->se_handler == SYSH_ACCEPT && v->v_kind == VERDICT_INJECT)
		return (v->v_outarg == 1 && v->v_outlen >= LENGTH_SIZE &&
		    v->v_outlen <= LENGTH_SIZE + ADDRESS_MAX);
	if (se->se_handler != SYSH_SENDMMSG || v->v_outarg != 1)
		return (0);
	count = (uint32_t)ln->ln_notif->data.args[2];
	if (count > MMSG_COUNT)
		count = MMSG_COUNT;
	return (v->v_outlen <= count * MMSG_SIZE);
}

void
memory_write(struct lane *ln, const struct verdict *v)
{
	const __u64	*args = ln->ln_notif->data.args;
	struct iovec	 local, remote[2];
	size_t		 n = 0;

	if (v->v_out == NULL || notify_valid(ln) == -1)
		return;
	local.iov_base = (void *)(uintptr_t)v->v_out;
	local.iov_len = v->v_outlen;
	if (v->v_kind == VERDICT_INJECT) {
		remote[n].iov_base = (void *)(uintptr_t)args[2];
		remote[n++].iov_len = LENGTH_SIZE;
	}
	remote[n].iov_base = (void *)(uintptr_t)args[v->v_outarg];
	remote[n].iov_len = v->v_outlen - n * LENGTH_SIZE;
	/* A caller that took the memory away has no use for it. */
	(void)!process_vm_writev((pid_t)ln->ln_notif->pid, &local, 1, remote,
	    n + 1, 0);
}

/* ---- results in places of their own ---- */

int
memory_placed(const struct sysent *se)
{
	return (se->se_handler == SYSH_HANDLE ||
	    (se->se_handler == SYSH_GETXATTR && se->se_args[4] == ARG_HOW));
}

/* Bytes of a mount's ID, which comes first and goes where argument 3 says. */
static size_t
place_mount(const struct lane *ln)
{
	return (ln->ln_notif->data.args[4] & MNT_ID_UNIQUE ?
	    sizeof(uint64_t) : sizeof(uint32_t));
}

/* getxattrat(2): address and length again, then the value. */
static int
place_fits(const struct lane *ln, const struct sysent *se,
    const struct verdict *v)
{
	uint32_t	 size;
	size_t		 least;

	if (se->se_handler == SYSH_HANDLE) {
		least = place_mount(ln) + HANDLE_HEAD;
		return (v->v_outarg == 2 && v->v_outlen >= least &&
		    v->v_outlen <= least + HANDLE_MAX);
	}
	if (v->v_kind != VERDICT_VALUE || v->v_outarg != 4 ||
	    v->v_outlen < PLACE_SIZE ||
	    memcmp(v->v_out, capture_place(ln), PLACE_SIZE) != 0)
		return (0);
	memcpy(&size, v->v_out + sizeof(uint64_t), sizeof(size));
	return (v->v_outlen - PLACE_SIZE <= size);
}

int
memory_place(struct lane *ln, const struct sysent *se,
    const struct verdict *v)
{
	const __u64	*args = ln->ln_notif->data.args;
	struct iovec	 local, remote[2];
	uint64_t	 addr;
	size_t		 n = 0, skip = 0, mount;

	if (notify_valid(ln) == -1)
		return (0);
	if (se->se_handler == SYSH_HANDLE) {
		mount = place_mount(ln);
		remote[n].iov_base = (void *)(uintptr_t)args[3];
		remote[n++].iov_len = mount;
		addr = args[2];
		remote[n].iov_len = v->v_outlen - mount;
	} else {
		memcpy(&addr, v->v_out, sizeof(addr));
		skip = PLACE_SIZE;
		remote[n].iov_len = v->v_outlen - skip;
	}
	remote[n++].iov_base = (void *)(uintptr_t)addr;
	local.iov_base = (void *)(uintptr_t)(v->v_out + skip);
	local.iov_len = v->v_outlen - skip;
	return (process_vm_writev((pid_t)ln->ln_notif->pid, &local, 1, remote,
	    n, 0) == (ssize_t)local.iov_len ? 0 : -1);
}
