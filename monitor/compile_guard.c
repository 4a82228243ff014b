/*
 * segvguard statements onto canonical paths, for the policy and the integrity
 * worker; and whether this kernel can tell how a process ended that somebody
 * else reaped.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"
#include "pidfd_info.h"

/* Ask it: of a child that is no more. */
static int
guard_kernel(void)
{
	pid_t	 pid;
	int	 fd, status = 0, rv;

	if ((pid = fork()) == -1)
		return (0);
	if (pid == 0)
		_exit(0);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (waitpid(pid, NULL, 0) == -1 || fd == -1)
		return (0);
	rv = pidfd_exit(fd, &status);
	close(fd);
	return (rv);
}

int
compile_guard(const struct policy *p, struct plan *pl)
{
	const struct guard	*from;
	struct guard		 g;
	char			 path[PATTERN_MAX];
	size_t			 i;

	for (i = 0; i < p->p_guards.gu_count; i++) {
		from = &p->p_guards.gu_list[i];
		g = *from;
		compile_canonical(&from->g_rule, path);
		g.g_rule.r_path = path;
		if (guard_add(&pl->pl_guards, &g) == -1) {
			fprintf(stderr, "%s:%u: %s\n", g.g_rule.r_file,
			    g.g_rule.r_line, strerror(errno));
			return (-1);
		}
	}
	pl->pl_guarded = guard_any(&pl->pl_guards);
	if (!pl->pl_guarded || guard_kernel())
		return (0);
	from = &p->p_guards.gu_list[0];
	fprintf(stderr, "%s:%u: %s: segvguard needs Linux 6.15 "
	    "(PIDFD_INFO_EXIT): %s\n", from->g_rule.r_file,
	    from->g_rule.r_line, p->p_degrade ? "warning" : "error",
	    p->p_degrade ? "crashes that are reaped at once are not counted" :
	    "run a newer kernel, or accept less with: set degrade yes");
	return (p->p_degrade ? 0 : -1);
}
