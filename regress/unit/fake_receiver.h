/*
 * A receiver for tests: captures the arguments of a call from this very
 * process by the table, asks a lane worker in a child process over the real
 * protocol, answers its questions, and applies the verdict.  The worker is not
 * confined, so what it does is what the handlers do.
 */
#ifndef FAKE_RECEIVER_H
#define FAKE_RECEIVER_H

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/log.h"
#include "../../worker/policy.h"

/* Verdicts that are not a return value of the call. */
#define RET_EXEC	(-1000)
#define RET_RESTART	(-1001)
#define RET_NONE	(-1002)	/* the caller does not live to see one */

struct fake {
	struct chan	 f_chan;
	struct chan	 f_log;
	pid_t		 f_pid;
	uint32_t	 f_seq;
	int		 f_cancel;	/* SIGUSR1 after this many ms, 0 never */
	struct verdict	 f_verdict;	/* the last one */
	char		 f_line[LOG_LINE_MAX];	/* the last denial */
};

static struct ruleset	 fake_rules;
static uint32_t		 fake_denied;	/* as if a rule denied these */
static enum rule_effect	 fake_effect;	/* of the next rule */
static uint8_t		 fake_errno;	/* the same */
static void		(*fake_asked)(void);	/* once, at the next question */

__attribute__((__unused__)) static void
fake_rule(enum rule_action action, enum rule_match match, uint32_t rights,
    const char *path, uint8_t flags)
{
	static char	 file[] = "test";
	struct rule	 r;

	memset(&r, 0, sizeof(r));
	r.r_action = (uint8_t)action;
	r.r_match = (uint8_t)match;
	r.r_rights = rights;
	r.r_flags = flags;
	r.r_effect = (uint8_t)fake_effect;
	r.r_errno = fake_errno;
	fake_effect = EFFECT_NONE;
	fake_errno = 0;
	r.r_line = (uint32_t)fake_rules.rs_count + 1;
	r.r_file = file;
	r.r_path = strdup(path);
	r.r_len = strlen(path);
	if (r.r_path == NULL || ruleset_add(&fake_rules, &r) == -1)
		abort();
	free(r.r_path);
}

static void
fake_signal(int sig)
{
	(void)sig;
}

static void __attribute__((__noreturn__))
fake_worker(int fd, int logfd)
{
	struct sigaction sa;
	struct chan	 c;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (dup2(fd, 100) == -1 || dup2(logfd, 101) == -1)
		_exit(1);
	dup2(100, FD_PARENT);
	dup2(101, FD_LOG);
	close_range(FD_LOG + 1, ~0U, 0);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fake_signal;
	sigaction(SIGUSR1, &sa, NULL);
	worker.wk_rules = fake_rules;
	worker.wk_free = policy_free(&fake_rules);
	worker.wk_lines = policy_lines(&fake_rules);
	worker.wk_denied = ruleset_denied(&fake_rules) | fake_denied;
	worker.wk_uid = geteuid();
	worker.wk_gid = getegid();
	worker.wk_sticky = 1;
	if (access("/proc/sys/fs/protected_symlinks", R_OK) == 0) {
		int f = open("/proc/sys/fs/protected_symlinks", O_RDONLY);
		char ch = '1';

		if (read(f, &ch, 1) == 1 && ch == '0')
			worker.wk_sticky = 0;
		close(f);
	}
	umask(0);
	if (chdir("/") == -1)
		_exit(1);
	lane_open();
	chan_init(&c, FD_PARENT, ROLE_LANE, ROLE_RECEIVER, CHAN_CALL);
	lane_serve(&c);
	_exit(0);
}

static long	 fake_callv(struct fake *, const struct sysent *,
		    const uint64_t[6]);

/* A worker with the rules in fake_rules, at work. */
__attribute__((__unused__)) static void
fake_start(struct fake *f)
{
	int	 call[2], logs[2];

	memset(f, 0, sizeof(*f));
	if (chan_pair(call) == -1 || chan_pair(logs) == -1)
		abort();
	fflush(NULL);
	if ((f->f_pid = fork()) == -1)
		abort();
	if (f->f_pid == 0)
		fake_worker(call[1], logs[1]);
	close(call[1]);
	close(logs[1]);
	/* out of the way of the lowest free descriptors */
	if (fcntl(call[0], F_DUPFD_CLOEXEC, 500) == -1)
		abort();
	chan_init(&f->f_chan, fcntl(call[0], F_DUPFD_CLOEXEC, 500),
	    ROLE_RECEIVER, ROLE_LANE, CHAN_CALL);
	chan_init(&f->f_log, fcntl(logs[0], F_DUPFD_CLOEXEC, 500),
	    ROLE_MONITOR, ROLE_LANE, CHAN_LOG);
	close(call[0]);
	close(logs[0]);
	close(500);
	(void)fake_callv(f, sysent_byname("rmdir"),
	    (const uint64_t[6]){ (uint64_t)(uintptr_t)"" });
}

/* 0 when the worker ended as it should. */
__attribute__((__unused__)) static int
fake_stop(struct fake *f)
{
	int	 status;

	chan_close(&f->f_chan);
	chan_close(&f->f_log);
	if (waitpid(f->f_pid, &status, 0) != f->f_pid)
		return (-1);
	ruleset_free(&fake_rules);
	return (status);
}

/* Descriptors open in the worker. */
__attribute__((__unused__)) static int
fake_fds(const struct fake *f)
{
	char	 path[64];
	DIR	*d;
	int	 n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", f->f_pid);
	if ((d = opendir(path)) == NULL)
		return (-1);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return (n);
}

/* The same, once it has closed what it sent with its last answer. */
__attribute__((__unused__)) static int
fake_settled(const struct fake *f, int want)
{
	int	 i, n = -1;

	for (i = 0; i < 1000 && (n = fake_fds(f)) != want; i++)
		usleep(1000);
	return (n);
}

static ssize_t
fake_proc(const char *name, uint8_t *buf, size_t size)
{
	char	 path[64];
	ssize_t	 n;
	int	 fd;

	snprintf(path, sizeof(path), "/proc/thread-self/%s", name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (-1);
	n = read(fd, buf, size);
	close(fd);
	return (n);
}

static void
fake_fd(struct call *c, uint8_t slot, int fd)
{
	struct callfd	*cf = &c->c_fds[c->c_nfds++];

	cf->f_slot = slot;
	cf->f_fd = fcntl(fd, F_DUPFD_CLOEXEC, 600);
	cf->f_errno = cf->f_fd == -1 ? errno : 0;
}

static void
fake_base(struct call *c, const struct sysent *se, int arg)
{
	uint32_t	 i;
	int		 dir;

	if (arg > 0 && se->se_args[arg - 1] == ARG_DIRFD &&
	    (int32_t)c->c_args[arg - 1] != AT_FDCWD) {
		fake_fd(c, (uint8_t)(arg - 1), (int)c->c_args[arg - 1]);
		return;
	}
	for (i = 0; i < c->c_nfds; i++)
		if (c->c_fds[i].f_slot == CALL_FD_CWD)
			return;
	dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fake_fd(c, CALL_FD_CWD, dir);
	close(dir);
}

/* One argument, as monitor/receiver_capture.c does it. */
static void
fake_capture(struct call *c, const struct sysent *se, int arg)
{
	struct cap	*p = &c->c_caps[c->c_ncaps];
	const char	*s = (const char *)(uintptr_t)c->c_args[arg];
	size_t		 max = PATH_MAX;

	memset(p, 0, sizeof(*p));
	p->p_arg = (uint8_t)arg;
	p->p_kind = se->se_args[arg];
	p->p_bytes = (const uint8_t *)s;
	p->p_null = s == NULL;
	switch (p->p_kind) {
	case ARG_FD:
		fake_fd(c, (uint8_t)arg, (int)c->c_args[arg]);
		return;
	case ARG_NAME:
		max = 256;
		/* FALLTHROUGH */
	case ARG_PATH:
	case ARG_STR:
		if (s == NULL)
			p->p_errno = EFAULT;
		else if ((p->p_len = strnlen(s, max)) == max)
			p->p_errno = max == 256 ? ERANGE : ENAMETOOLONG;
		if (p->p_kind == ARG_PATH && (s == NULL ||
		    (p->p_errno == 0 && s[0] != '/')))
			fake_base(c, se, arg);
		break;
	case ARG_BUF:
		p->p_len = c->c_args[arg + 1];
		if (p->p_len > 65536)
			p->p_errno = E2BIG;
		else if (s == NULL && p->p_len > 0)
			p->p_errno = EFAULT;
		break;
	case ARG_HOW:
		p->p_len = c->c_args[arg + 1];
		if (p->p_len > 4096)
			p->p_errno = E2BIG;
		else if (s == NULL)
			p->p_errno = EFAULT;
		break;
	case ARG_TIMES:
		p->p_len = s == NULL ? 0 : 32;
		break;
	case ARG_UTIMBUF:
		p->p_len = s == NULL ? 0 : 16;
		break;
	case ARG_ARGV:
		p->p_len = s == NULL ? 0 : 8;
		break;
	default:
		return;
	}
	if (p->p_errno != 0)
		p->p_len = 0;
	c->c_ncaps++;
}

/* Memory of this process, as a worker asks for it. */
static ssize_t
fake_memory(const struct need *n, uint8_t *buf)
{
	struct iovec	 local, remote;
	struct piece	 p;
	size_t		 i, total = 0;

	for (i = 0; i < n->n_count; i++) {
		need_piece(n, i, &p);
		local.iov_base = buf + total;
		remote.iov_base = (void *)(uintptr_t)p.p_addr;
		local.iov_len = remote.iov_len = p.p_len;
		if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) !=
		    (ssize_t)p.p_len) {
			errno = EFAULT;
			return (-1);
		}
		total += p.p_len;
	}
	return ((ssize_t)total);
}

static void
fake_give(struct fake *f, struct msg *m, const struct need *need)
{
	static uint8_t	 buf[MEMORY_MAX];
	struct give	 g;
	ssize_t		 n = 0;
	char		 path[64];
	void		(*asked)(void) = fake_asked;

	fake_asked = NULL;
	if (asked != NULL)
		asked();
	memset(&g, 0, sizeof(g));
	g.g_fd = -1;
	switch (need->n_kind) {
	case NEED_STATUS:
		n = fake_proc("status", buf, sizeof(buf));
		break;
	case NEED_STAT:
		n = fake_proc("stat", buf, sizeof(buf));
		break;
	case NEED_MEMORY:
		n = fake_memory(need, buf);
		break;
	case NEED_FD:
		g.g_fd = fcntl(need->n_arg, F_DUPFD_CLOEXEC, 600);
		break;
	default:
		snprintf(path, sizeof(path), "/proc/thread-self/%s",
		    need->n_kind == NEED_CWD ? "cwd" :
		    need->n_kind == NEED_EXE ? "exe" : "root");
		g.g_fd = open(path, O_PATH | O_CLOEXEC);
		break;
	}
	if (n == -1 || (need->n_kind > NEED_STAT &&
	    need->n_kind != NEED_MEMORY && g.g_fd == -1))
		g.g_errno = need->n_kind == NEED_FD ? EBADF : errno;
	else if (n > 0) {
		g.g_bytes = buf;
		g.g_len = (size_t)n;
	}
	msg_start(m, MSG_RECEIVER_GIVE, f->f_seq);
	msg_put_give(m, &g);
	if (chan_send(&f->f_chan, m, 0) == -1)
		abort();
	if (g.g_fd != -1)
		close(g.g_fd);
}

/* Two places, or one that a structure names: receiver_memory.c. */
static int
fake_place(const struct sysent *se, const uint64_t *a,
    const struct verdict *v)
{
	struct iovec	 local, remote[2];
	size_t		 n = 0, skip = 16;
	uint64_t	 place[2];

	if (se->se_handler == SYSH_HANDLE) {
		skip = 0;
		remote[n].iov_base = (void *)(uintptr_t)a[3];
		remote[n++].iov_len = a[4] & 1 ? 8 : 4;
		place[0] = a[2];
		remote[n].iov_len = v->v_outlen - remote[0].iov_len;
		if (remote[n].iov_len < 8 || remote[n].iov_len > 8 + 128)
			abort();
	} else {
		memcpy(place, (const void *)(uintptr_t)a[4], sizeof(place));
		remote[n].iov_len = v->v_outlen - skip;
		if (v->v_outlen < skip || memcmp(v->v_out, place, skip) != 0 ||
		    remote[n].iov_len > (uint32_t)place[1])
			abort();
	}
	remote[n++].iov_base = (void *)(uintptr_t)place[0];
	local.iov_base = (void *)(uintptr_t)(v->v_out + skip);
	local.iov_len = v->v_outlen - skip;
	if (process_vm_writev(getpid(), &local, 1, remote, n, 0) ==
	    (ssize_t)local.iov_len)
		return (0);
	errno = EFAULT;
	return (-1);
}

/* Write-back as monitor/receiver_lane.c and receiver_result.c do it. */
static int
fake_write(const struct sysent *se, const uint64_t *a,
    const struct verdict *v)
{
	struct iovec	 local, remote;

	if (se->se_handler == SYSH_HANDLE ||
	    (se->se_handler == SYSH_GETXATTR && se->se_args[4] == ARG_HOW))
		return (fake_place(se, a, v));
	if (v->v_outlen > sysent_out(se, v->v_outarg, a)) {
		fprintf(stderr, "# %s: too much written\n", se->se_name);
		abort();
	}
	local.iov_base = (void *)(uintptr_t)v->v_out;
	remote.iov_base = (void *)(uintptr_t)a[v->v_outarg];
	local.iov_len = remote.iov_len = v->v_outlen;
	if (process_vm_writev(getpid(), &local, 1, &remote, 1, 0) ==
	    (ssize_t)v->v_outlen)
		return (0);
	errno = EFAULT;
	return (-1);
}

static long
fake_apply(struct fake *f, struct verdict *v, const struct sysent *se,
    const uint64_t *a)
{
	static const char *const names[PROC_ENTRY_COUNT] = {
		[PROC_MAPS] = "maps", [PROC_SMAPS] = "smaps",
		[PROC_ENVIRON] = "environ", [PROC_AUXV] = "auxv",
		[PROC_IO] = "io", [PROC_FD_DIR] = "fd",
		[PROC_FDINFO_DIR] = "fdinfo", [PROC_NS_DIR] = "ns",
		[PROC_MAP_FILES_DIR] = "map_files", [PROC_EXE] = "exe"
	};
	char	 path[64];
	int	 fd;

	f->f_verdict = *v;
	switch (v->v_kind) {
	case VERDICT_ERRNO:
		if (v->v_out != NULL && fake_write(se, a, v) == -1)
			return (-1);
		/* FALLTHROUGH */
	case VERDICT_STOP:
	case VERDICT_ABORT:
		errno = v->v_value;
		return (-1);
	case VERDICT_KILL:
	case VERDICT_EXIT:
		return (RET_NONE);
	case VERDICT_PIPE:
		errno = EPIPE;
		return (-1);
	case VERDICT_VALUE:
		if (v->v_out != NULL && fake_write(se, a, v) == -1)
			return (-1);
		return (v->v_value);
	case VERDICT_VERIFY:
		close(v->v_fd);
		return (syscall(se->se_nr, a[0], a[1], a[2], a[3], a[4],
		    a[5]));
	case VERDICT_INJECT:
		fd = fcntl(v->v_fd, v->v_fdflags ? F_DUPFD_CLOEXEC : F_DUPFD,
		    0);
		close(v->v_fd);
		return (fd);
	case VERDICT_CONTINUE:
		return (syscall(se->se_nr, a[0], a[1], a[2], a[3], a[4],
		    a[5]));
	case VERDICT_EXEC:
		return (RET_EXEC);
	case VERDICT_RESTART:
		return (RET_RESTART);
	case VERDICT_PROC:
		snprintf(path, sizeof(path), "/proc/%u/%s",
		    v->v_pid != 0 ? v->v_pid : (uint32_t)getpid(),
		    names[v->v_entry] != NULL ? names[v->v_entry] : "none");
		return (open(path, (int)(O_RDONLY | v->v_fdflags)));
	}
	abort();
}

/* A denial that has arrived. */
static void
fake_log(struct fake *f)
{
	static struct msg	 m;
	struct denial		 d;

	while (chan_recv(&f->f_log, &m, MSG_DONTWAIT, NULL) == 1) {
		if (m.m_type != MSG_ROLE_DENIAL ||
		    msg_get_denial(&m, &d) == -1)
			continue;
		memcpy(f->f_line, d.d_line, d.d_len);
		f->f_line[d.d_len] = '\0';
	}
}

static long
fake_callv(struct fake *f, const struct sysent *se, const uint64_t a[6])
{
	static struct msg	 m;
	static uint8_t		 status[4096];
	struct call		 c;
	struct verdict		 v;
	struct need		 need;
	const char		*why = NULL;
	ssize_t			 n;
	uint32_t		 i;
	int			 arg;

	memset(&c, 0, sizeof(c));
	c.c_nr = se->se_nr;
	c.c_tid = (uint32_t)gettid();
	memcpy(c.c_args, a, sizeof(c.c_args));
	for (arg = 0; arg < CALL_ARGS; arg++)
		fake_capture(&c, se, arg);
	/* left out where a test wants to be asked */
	if (fake_asked == NULL && (se->se_status == ST_ALWAYS ||
	    (se->se_status == ST_CREAT &&
	    (a[se->se_flagarg] & (O_CREAT | O_TMPFILE)) != 0))) {
		n = fake_proc("status", status, sizeof(status));
		c.c_caps[c.c_ncaps].p_arg = CAP_ARG_STATUS;
		c.c_caps[c.c_ncaps].p_kind = ARG_NONE;
		c.c_caps[c.c_ncaps].p_errno = 0;
		c.c_caps[c.c_ncaps].p_null = 0;
		c.c_caps[c.c_ncaps].p_bytes = status;
		c.c_caps[c.c_ncaps++].p_len = (size_t)n;
	}
	f->f_line[0] = '\0';
	msg_start(&m, MSG_RECEIVER_CALL, ++f->f_seq);
	msg_put_call(&m, &c);
	if (chan_send(&f->f_chan, &m, 0) == -1)
		abort();
	for (i = 0; i < c.c_nfds; i++)
		if (c.c_fds[i].f_errno == 0)
			close(c.c_fds[i].f_fd);
	for (;;) {
		if (chan_recv(&f->f_chan, &m, 0, &why) != 1) {
			fprintf(stderr, "# worker died in %s %s\n",
			    se->se_name, why != NULL ? why : "");
			abort();
		}
		if (m.m_type == MSG_LANE_VERDICT)
			break;
		if (msg_get_need(&m, &need) == -1)
			abort();
		fake_give(f, &m, &need);
	}
	if (m.m_seq != f->f_seq || msg_get_verdict(&m, &v) == -1) {
		fprintf(stderr, "# malformed verdict in %s\n", se->se_name);
		abort();
	}
	fake_log(f);
	return (fake_apply(f, &v, se, a));
}

/* A brokered call by name: up to six arguments, integers or pointers. */
#define FAKE(f, name, ...)	fake_callv((f), sysent_byname(name),	\
	    (const uint64_t[6]){ __VA_ARGS__ })
#define PTR(p)			((uint64_t)(uintptr_t)(p))
#define FDARG(n)		((uint64_t)(int64_t)(n))

#endif /* FAKE_RECEIVER_H */
