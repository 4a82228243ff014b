/* LINK: monitor/parse.y monitor/manifest.c monitor/signify.c monitor/passwd.c monitor/compile.c monitor/compile_verify.c monitor/compile_guard.c monitor/compile_grant.c */
/* LINK: monitor/compile_wall.c monitor/compile_path.c */
/* LINK: monitor/netparse.c monitor/compile_net.c */
/* LINK: monitor/compile_bpf.c monitor/compile_fstype.c */
/* LINK: monitor/hide.c */
/*
 * Random policies on random trees: does the compiled plan, the child's
 * Landlock domain for what the kernel holds and the broker's rules inside the
 * wall for the rest, allow what the rules say, all of it and nothing else?
 * Asked of a model for every right and path, and of the kernel itself.
 *
 *	PLAN_SEED	number of the first policy (default: the clock)
 *	PLAN_COUNT	how many (default: as many as fit in the time)
 *	PLAN_SECONDS	how long (default: 8)
 *	PLAN_KERNEL	every so many of them are run for real (default: 4;
 *			0: none)
 *	PLAN_BAD	stop after so many mismatches (default: 1)
 *
 * A mismatch is made small and printed, with the seed that gives it again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <time.h>

#include "plan_filter.h"
#include "plan_kernel.h"
#include "plan_moves.h"
#include "plan_shrink.h"

const struct profile profiles[] = { { "empty", "" } };
const size_t profiles_count = 1;

static void
trial_run(struct trial *tr, struct tree *t, const struct gen *g, int kernel)
{
	struct rule	 r;
	size_t		 i;

	memset(tr, 0, sizeof(*tr));
	tr->t_tree = t;
	tr->t_gen = g;
	policy_init(&tr->t_policy);
	tr->t_policy.p_late = g->g_late;
	tr->t_policy.p_watch = g->g_watch;
	tr->t_policy.p_promised = g->g_promise != R_ALL;
	tr->t_policy.p_promise = g->g_promise;
	for (i = 0; i < g->g_count; i++) {
		char	 file[] = "random", path[MODEL_PATH];

		r = g->g_rules[i].gr_rule;
		(void)strlcpy(path, g->g_rules[i].gr_path, sizeof(path));
		r.r_file = file;
		r.r_path = path;
		assert_int_equal(ruleset_add(&tr->t_policy.p_rules, &r), 0);
	}
	ref_policy(&tr->t_ref, &tr->t_policy.p_rules, g->g_promise);
	assert_int_equal(compile(&tr->t_policy, &tr->t_plan), 0);
	model_settle(&tr->t_plan.pl_child);
	model_settle(&tr->t_plan.pl_wall);
	model_settle(&tr->t_plan.pl_worker);
	check_tiers(tr);
	check_filter(tr);
	check_written(tr);
	check_paths(tr, check_path);
	check_moves(tr);
	if (kernel && tr->t_finding.f_what == NULL)
		check_running(tr);
	plan_free(&tr->t_plan);
	policy_free(&tr->t_policy);
}

/* A tree serves some policies. */
#define TREE_SHARE	8

static void
plans_allow_what_the_rules_say_and_nothing_else(void **state)
{
	static struct trial	 tr;
	static struct tree	 t;
	static struct gen	 g;
	unsigned long		 seed, first, count, kernel, made = 0, n = 0;
	unsigned long		 bad = 0, most;
	time_t			 end;
	int			 real;

	(void)state;
	first = number("PLAN_SEED", (unsigned long)time(NULL) * 1000);
	count = number("PLAN_COUNT", 0);
	kernel = number("PLAN_KERNEL", 4);
	most = number("PLAN_BAD", 1);
	end = time(NULL) + (time_t)number("PLAN_SECONDS", 8);
	print_message("# PLAN_SEED=%lu\n", first);
	for (seed = first; bad < most && (count == 0 ? time(NULL) < end :
	    seed - first < count); seed++) {
		if (made != seed / TREE_SHARE + 1) {
			made = seed / TREE_SHARE + 1;
			random_state = made;
			tree_random(&t, base);
			tree_make(&t);
		}
		random_state = seed ^ 0x5eed000000000000;
		gen_random(&g, &t);
		real = kernel != 0 && seed % kernel == 0;
		trial_run(&tr, &t, &g, real);
		n++;
		if (tr.t_finding.f_what != NULL) {
			say(seed, &t, &g, real);
			made = 0;
			bad++;
		}
	}
	print_message("# %lu policies, %lu questions: kernel %lu, broker %lu; "
	    "%lu asked of the running kernel\n", n, asked, held, brokered,
	    asked_kernel);
	if (bad > 0)
		fail_msg("the plan is not the policy");
}

static int
setup(void **state)
{
	char	 real[PATH_MAX];

	(void)state;
	umask(0);
	if (mkdtemp(top) == NULL || chmod(top, 0777) == -1 ||
	    realpath(top, real) == NULL)
		return (-1);
	(void)snprintf(base, sizeof(base), "%.400s/t", real);
	(void)snprintf(stash, sizeof(stash), "%.400s/stash", real);
	if (fd_done(open(top, O_TMPFILE | O_WRONLY, 0600)) == -1)
		orders &= ~(uint32_t)R_MKTEMP;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	tree_remove(top);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(
		    plans_allow_what_the_rules_say_and_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (ll_abi() < 5) {
		printf("1..0 # SKIP Landlock here does not see every right\n");
		return (0);
	}
	return (cmocka_run_group_tests(tests, setup, teardown));
}
