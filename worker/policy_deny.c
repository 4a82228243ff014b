/*
 * Decisions, what a rule wants done beside its answer, and the line that
 * explains one (common/denial.c escapes it).
 *
 * Must never: send more than one line for one call, but for a denial after
 * something allowed; decide by a name that lies in the /proc of this worker;
 * or let a quiet rule, or a line that cannot be sent, cost a rule its effect.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/denial.h"
#include "../common/log.h"
#include "../common/name.h"
#include "policy.h"

#define NO_NAME		"(no name)"
/* What makes a name: that none is there is no reason not to. */
#define R_MADE		(R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | R_MKFIFO | \
			    R_MKSOCK | R_MKCDEV | R_MKBDEV)

/* How rq_told counts. */
#define TOLD_ALLOWED	1
#define TOLD_DENIED	2

/* What a rule's effect is in the log and to the receiver. */
static const struct {
	const char	*e_event;
	uint8_t		 e_verdict;	/* 0: that of the handler */
	uint8_t		 e_rank;	/* of several, the highest counts */
} effects[EFFECT_COUNT] = {
	[EFFECT_NONE]	= { "denied",	0,		0 },
	[EFFECT_WARN]	= { "warned",	0,		0 },
	[EFFECT_STOP]	= { "stopped",	VERDICT_STOP,	1 },
	[EFFECT_ABORT]	= { "aborted",	VERDICT_ABORT,	2 },
	[EFFECT_KILL]	= { "killed",	VERDICT_KILL,	3 },
	[EFFECT_EXIT]	= { "ended",	VERDICT_EXIT,	4 },
};

static int	 rule_rank(const struct rule *);
static const struct rule *rule_worst(struct request *, const char *, size_t,
		    uint32_t, const struct rule *);
static const struct rule *rule_telling(struct request *, const char *,
		    size_t, uint32_t);
static int	 policy_refuse(struct request *, const char *, size_t,
		    uint32_t, const struct rule *);
static uint32_t	 rule_index(const struct rule *);
static void	 policy_tell(struct request *, const char *, size_t,
		    uint32_t, const struct rule *, const char *);
static void	 policy_send(struct request *, struct denial_report *);

uint32_t
policy_eval(struct request *rq, const char *name, size_t len, uint32_t want,
    const struct rule **by)
{
	*by = NULL;
	if (len == 0)
		return (want & worker.wk_free);
	if (worker.wk_nforeign > 0 && proc_foreign(name, len))
		return (0);
	if (proc_name(name, len)) {
		if (proc_ours(name))
			return (0);
		name = proc_rulename(rq, name, &len);
	}
	return (ruleset_eval(&worker.wk_rules, name, len, want, by));
}

/* What we could read of ourselves is not for the caller: nobody is there. */
static int
hidden(const char *name, size_t len)
{
	return (len > 0 && proc_name(name, len) && proc_ours(name));
}

int
policy_visible(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	return (policy_eval(rq, name, len, R_ALL, &by) != 0 || by == NULL);
}

/* ---- looking: allowed where no rule denies it ---- */

/* Is this one right of R_LOOKS denied?  *by: the rule, or NULL. */
static int
look_denied(struct request *rq, const char *name, size_t len, uint32_t right,
    const struct rule **by)
{
	*by = NULL;
	if (len == 0)
		return (0);
	if (worker.wk_nforeign > 0 && proc_foreign(name, len))
		return (1);
	if ((worker.wk_denied & right) == 0)
		return (0);
	if (proc_name(name, len))
		name = proc_rulename(rq, name, &len);
	if (ruleset_eval(&worker.wk_rules, name, len, right, by) == right ||
	    *by == NULL)
		return (0);
	/* what is allowed below is to be reached */
	return (!ruleset_allows_below(&worker.wk_rules, name, len));
}

/* The length of name's directory, as a prefix of it. */
static size_t
dir_length(const char *name, size_t len)
{
	while (len > 1 && name[len - 1] != '/')
		len--;
	return (len > 1 ? len - 1 : len);
}

/*
 * The first directory on the way to name that may not be passed: its length,
 * or 0.  Most names are in the directory of the one before.
 */
static size_t
walk_stops(struct request *rq, const char *name, size_t len,
    const struct rule **by)
{
	static char	 passed[NAME_SIZE];
	static size_t	 npassed;
	size_t		 dir, i;

	if ((worker.wk_denied & R_WALK) == 0 || len <= 1)
		return (0);
	dir = dir_length(name, len);
	if (dir == npassed && memcmp(name, passed, dir) == 0)
		return (0);
	for (i = 1; i <= dir; i++) {
		if (i > 1 && i < dir && name[i] != '/')
			continue;
		if (look_denied(rq, name, i, R_WALK, by))
			return (i);
	}
	/* in /proc names mean another thing to each caller */
	if (dir < sizeof(passed) && strncmp(name, "/proc", 5) != 0) {
		memcpy(passed, name, dir);
		npassed = dir;
	}
	return (0);
}

int
policy_walk(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;

	if (walk_stops(rq, name, len, &by) == 0)
		return (0);
	/* a directory that is masked is empty, and nobody may write to it */
	if (by != NULL && (by->r_flags & RF_MASK) && (want & R_MADE) == 0)
		return (ENOENT);
	(void)policy_refuse(rq, name, len, want, by);
	return (by != NULL && by->r_errno != 0 ? by->r_errno : EACCES);
}

int
policy_hidden(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	return ((worker.wk_denied & R_HIDING) != 0 &&
	    look_denied(rq, name, len, R_STAT, &by) && by != NULL &&
	    (by->r_flags & RF_HIDE) != 0);
}

int
policy_masked(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	return ((worker.wk_denied & R_MASKING) != 0 && len > 0 &&
	    look_denied(rq, name, len, R_STAT, &by) && by != NULL &&
	    (by->r_flags & RF_MASK) != 0);
}

int
policy_found(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	return (len == 0 || (worker.wk_denied & (R_WALK | R_HIDING)) == 0 ||
	    (walk_stops(rq, name, len, &by) == 0 &&
	    !policy_hidden(rq, name, len)));
}

/* NULL, or why the last component of this name may not be made. */
static const char *
made_unsafe(const char *name, size_t len, uint32_t want)
{
	size_t	 start = len;

	if ((worker.wk_flags & CONF_SAFENAMES) == 0 || (want & R_MADE) == 0)
		return (NULL);
	while (start > 0 && name[start - 1] != '/')
		start--;
	return (name_unsafe(name + start, len - start));
}

/* An unsafe name, `set safe-names': EINVAL, and its line. */
static int
deny_unsafe(struct request *rq, const char *name, size_t len, uint32_t want,
    const char *why)
{
	struct denial_report	 dr;
	char			 check[80];

	rq->rq_refused = 1;
	memset(&dr, 0, sizeof(dr));
	(void)snprintf(check, sizeof(check), "the name has %s", why);
	dr.dr_rights = want & R_MADE;
	dr.dr_by = "set safe-names yes";
	dr.dr_check = check;
	dr.dr_allow = "set safe-names no";
	dr.dr_path = name;
	dr.dr_pathlen = len;
	policy_send(rq, &dr);
	return (EINVAL);
}

int
policy_appends(struct request *rq, const char *name, size_t len)
{
	const struct rule	*by;

	if (len == 0 || (worker.wk_denied & R_APPENDING) == 0)
		return (0);
	return (policy_eval(rq, name, len, R_TRUNCATE, &by) == 0 &&
	    by != NULL && (by->r_flags & RF_APPEND) != 0);
}

int
policy_hides_in(const char *name, size_t len, int globs)
{
	return (len > 0 && (worker.wk_denied & R_HIDING) != 0 &&
	    ruleset_hides_in(&worker.wk_rules, name, len, globs) != NULL);
}

int
policy_hides(struct request *rq, const char *name, size_t len, uint32_t right,
    int globs, int error)
{
	struct denial_report	 dr;
	const struct rule	*by;

	if (!policy_hides_in(name, len, globs))
		return (0);
	rq->rq_refused = 1;
	by = ruleset_hides_in(&worker.wk_rules, name, len, globs);
	if (by->r_flags & RF_QUIET)
		return (error);
	memset(&dr, 0, sizeof(dr));
	dr.dr_rights = right;
	dr.dr_rule = by;
	dr.dr_check = "a name in it is hidden";
	dr.dr_fixed = 1;
	dr.dr_path = name;
	dr.dr_pathlen = len;
	policy_send(rq, &dr);
	return (error);
}

int
policy_check(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;
	const char		*why;
	uint32_t		 have, bit, looks = want & R_LOOKS;
	int			 error;

	if (hidden(name, len))
		return (ENOENT);
	if ((error = policy_walk(rq, name, len, want)) != 0)
		return (error);
	for (bit = 1; bit <= looks; bit <<= 1) {
		if ((looks & bit) && look_denied(rq, name, len, bit, &by))
			return (policy_refuse(rq, name, len, bit, by));
	}
	if ((want &= ~(uint32_t)R_LOOKS) == 0)
		return (0);
	if ((why = made_unsafe(name, len, want)) != NULL)
		return (deny_unsafe(rq, name, len, want, why));
	/* hidden, but on the way to what is not: that is all it lists */
	if (want == R_READDIR && (worker.wk_denied & R_HIDING) &&
	    policy_eval(rq, name, len, want, &by) == 0 && by != NULL &&
	    (by->r_flags & RF_HIDE) && !policy_hidden(rq, name, len))
		return (0);
	have = policy_eval(rq, name, len, want, &by);
	if (have != want)
		return (policy_refuse(rq, name, len, want & ~have,
		    rule_worst(rq, name, len, want & ~have, by)));
	learn_seen(rq, name, len, want, 0);
	if ((by = rule_telling(rq, name, len, want)) != NULL)
		policy_tell(rq, name, len, want, by,
		    by->r_effect == EFFECT_WARN ? "warned" : "allowed");
	return (0);
}

int
policy_plain(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;

	return (policy_found(rq, name, len) &&
	    made_unsafe(name, len, want) == NULL &&
	    !((want & R_WRITE) && policy_appends(rq, name, len)) &&
	    policy_eval(rq, name, len, want, &by) == want &&
	    rule_telling(rq, name, len, want) == NULL);
}

int
policy_deny(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;
	uint32_t		 have;

	if (hidden(name, len))
		return (ENOENT);
	if ((have = policy_eval(rq, name, len, want, &by)) == want)
		by = NULL;
	else
		by = rule_worst(rq, name, len, want & ~have, by);
	return (policy_refuse(rq, name, len, want, by));
}

/* A denial by a rule, or by none: its line, its effect, its errno. */
static int
policy_refuse(struct request *rq, const char *name, size_t len,
    uint32_t right, const struct rule *by)
{
	uint8_t	 effect = EFFECT_NONE;

	rq->rq_refused = 1;
	if (by != NULL && sysent_ruled(rq->rq_ent))
		effect = by->r_effect;
	if (effects[effect].e_rank > effects[rq->rq_effect].e_rank)
		rq->rq_effect = effect;
	if (by == NULL || !(by->r_flags & RF_QUIET))
		policy_tell(rq, name, len, right, by,
		    effects[effect].e_event);
	if (by == NULL || by->r_errno == 0 || ((by->r_flags & RF_HIDE) &&
	    (right & R_MADE)))
		return (EACCES);
	return (by->r_errno);
}

void
policy_effect(struct request *rq, int error)
{
	struct verdict	*v = &rq->rq_verdict;

	if (effects[rq->rq_effect].e_verdict == 0)
		return;
	if (v->v_fd != -1)
		close(v->v_fd);
	v->v_fd = -1;
	v->v_kind = effects[rq->rq_effect].e_verdict;
	v->v_value = error > 0 ? error : EACCES;
}

/* ---- which of several rules ---- */

static int
rule_rank(const struct rule *r)
{
	if (r == NULL)
		return (1);
	return (2 * effects[r->r_effect].e_rank +
	    ((r->r_flags & RF_QUIET) == 0));
}

/*
 * Several rules may refuse one call, each another right.  The one that does
 * most counts: nobody gets past a kill by asking for more.  Then one that is
 * not quiet; then by, that of the lowest right.
 */
static const struct rule *
rule_worst(struct request *rq, const char *name, size_t len, uint32_t denied,
    const struct rule *by)
{
	const struct rule	*r;
	uint32_t		 bit;

	for (bit = 1; bit <= denied; bit <<= 1) {
		if ((denied & bit) == 0)
			continue;
		(void)policy_eval(rq, name, len, bit, &r);
		if (rule_rank(r) > rule_rank(by))
			by = r;
	}
	return (by);
}

/* Of the rules that allow, one that wants a line: rather one that warns. */
static const struct rule *
rule_telling(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*r, *log = NULL;
	uint32_t		 bit;

	want &= worker.wk_lines;
	for (bit = 1; bit <= want; bit <<= 1) {
		if ((want & bit) == 0)
			continue;
		(void)policy_eval(rq, name, len, bit, &r);
		if (r == NULL)
			continue;
		if (r->r_effect == EFFECT_WARN)
			return (r);
		if (log == NULL && (r->r_flags & RF_LOG))
			log = r;
	}
	return (log);
}

uint32_t
policy_lines(const struct ruleset *rs)
{
	const struct rule	*r;
	uint32_t		 rights = 0;
	size_t			 i;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if (r->r_action == RULE_ALLOW && (r->r_flags & RF_LOG ||
		    r->r_effect == EFFECT_WARN))
			rights |= r->r_rights;
	}
	return (rights);
}

/*
 * A right holds everywhere if a rule on the whole tree gives it and none takes
 * it back.
 */
uint32_t
policy_free(const struct ruleset *rs)
{
	const struct rule	*r;
	uint32_t		 given = 0, taken = 0;
	size_t			 i;

	for (i = 0; i < rs->rs_count; i++) {
		r = &rs->rs_rules[i];
		if (r->r_action == RULE_DENY)
			taken |= r->r_rights;
		else if (r->r_match == MATCH_UNDER && r->r_len == 1)
			given |= r->r_rights;
	}
	return (given & ~taken);
}

static uint32_t
rule_index(const struct rule *r)
{
	return (r == NULL ? UINT32_MAX : r->r_index);
}

static void
policy_tell(struct request *rq, const char *name, size_t len, uint32_t right,
    const struct rule *by, const char *event)
{
	struct denial_report	 dr;

	if (event[0] != 'a' && event[0] != 'w')
		learn_seen(rq, name, len, right, ACCESS_DENIED);
	memset(&dr, 0, sizeof(dr));
	dr.dr_event = event;
	dr.dr_rights = right;
	dr.dr_rule = by;
	if (len > 0) {
		dr.dr_path = proc_rulename(rq, name, &len);
		dr.dr_pathlen = len;
	} else {
		dr.dr_object = NO_NAME;
		dr.dr_fixed = 1;
	}
	policy_send(rq, &dr);
}

int
policy_class(struct request *rq, const char *name, size_t len, uint32_t class,
    const char *check, const char *allow)
{
	const struct verifyset	*vs = &worker.wk_classes;
	struct denial_report	 dr;
	char			 cure[64];
	uint8_t			 effect = EFFECT_WARN;

	if (class & vs->vs_refused) {
		effect = exec_class_effect(vs, class);
		rq->rq_refused = 1;
		if (effects[effect].e_rank > effects[rq->rq_effect].e_rank)
			rq->rq_effect = effect;
	}
	memset(&dr, 0, sizeof(dr));
	(void)snprintf(cure, sizeof(cure), "allow exec class %s",
	    exec_class_name(class));
	dr.dr_event = effects[effect].e_event;
	dr.dr_rights = R_EXEC;
	dr.dr_by = exec_class_at(vs, class);
	dr.dr_check = check;
	dr.dr_allow = allow != NULL && allow[0] != '\0' ? allow : cure;
	dr.dr_path = proc_rulename(rq, name, &len);
	dr.dr_pathlen = len;
	policy_send(rq, &dr);
	return (effect == EFFECT_WARN ? 0 : EACCES);
}

int
policy_refused(struct request *rq, uint8_t effect)
{
	rq->rq_refused = 1;
	if (effects[effect].e_rank > effects[rq->rq_effect].e_rank)
		rq->rq_effect = effect;
	return (EACCES);
}

int
policy_deny_guard(struct request *rq, const char *name, size_t len,
    const struct guard *g, const struct crashes *cr)
{
	struct denial_report	 dr;
	char			 by[EXEC_AT_MAX], check[256];
	char			 allow[PATH_MAX + 64];

	memset(&dr, 0, sizeof(dr));
	guard_why(g, cr, check, sizeof(check));
	guard_cure(name, len, allow, sizeof(allow));
	(void)snprintf(by, sizeof(by), "%s:%u", g->g_rule.r_file,
	    g->g_rule.r_line);
	dr.dr_rights = R_EXEC;
	dr.dr_by = by;
	dr.dr_check = check;
	dr.dr_allow = allow[0] != '\0' ? allow : NULL;
	dr.dr_fixed = 1;
	dr.dr_path = proc_rulename(rq, name, &len);
	dr.dr_pathlen = len;
	policy_send(rq, &dr);
	return (EACCES);
}

int
policy_deny_word(struct request *rq, const char *right, const char *object,
    const char *allow)
{
	struct denial_report	 dr;

	if (strcmp(right, "net") == 0)
		learn_seen(rq, "", 0, 0, ACCESS_NET);
	memset(&dr, 0, sizeof(dr));
	dr.dr_word = right;
	dr.dr_object = object;
	dr.dr_allow = allow;
	dr.dr_fixed = allow == NULL;
	policy_send(rq, &dr);
	return (EACCES);
}

int
policy_net(struct request *rq, const char *word, const char *object,
    const char *allow, const struct rule *r)
{
	struct denial_report	 dr;
	char			 by[PATH_MAX + 16];
	uint8_t			 effect = EFFECT_NONE;

	memset(&dr, 0, sizeof(dr));
	dr.dr_word = word;
	dr.dr_object = object;
	if (r != NULL) {
		(void)snprintf(by, sizeof(by), "%s:%u", r->r_file, r->r_line);
		dr.dr_by = by;
		effect = r->r_effect;
	}
	if (r != NULL && r->r_action == RULE_ALLOW) {
		dr.dr_event = effect == EFFECT_WARN ? "warned" : "allowed";
		policy_send(rq, &dr);
		return (0);
	}
	rq->rq_refused = 1;
	if (effects[effect].e_rank > effects[rq->rq_effect].e_rank)
		rq->rq_effect = effect;
	learn_seen(rq, "", 0, 0, ACCESS_NET);
	dr.dr_event = effects[effect].e_event;
	dr.dr_allow = allow;
	if (r == NULL || !(r->r_flags & RF_QUIET))
		policy_send(rq, &dr);
	return (r != NULL && r->r_errno != 0 ? r->r_errno : EACCES);
}

static void
policy_send(struct request *rq, struct denial_report *dr)
{
	static char		 line[LOG_LINE_MAX];
	static struct msg	 m;
	struct chan		 log;
	struct denial		 d;
	int			 told;

	told = denial_refused(dr) ? TOLD_DENIED : TOLD_ALLOWED;
	if (rq->rq_told >= told)
		return;
	rq->rq_told = told;
	/* a caller that just died is still named by its number */
	if (request_status(rq) != 0)
		rq->rq_comm[0] = '\0';
	dr->dr_pid = rq->rq_status ? (uint32_t)rq->rq_tgid :
	    rq->rq_call.c_tid;
	dr->dr_comm = (const uint8_t *)rq->rq_comm;
	dr->dr_commlen = strlen(rq->rq_comm);
	dr->dr_call = rq->rq_ent->se_name;
	d.d_rule = rule_index(dr->dr_rule);
	d.d_len = denial_format(line, sizeof(line),
	    (worker.wk_flags & CONF_JSON) != 0, dr);
	d.d_line = (const uint8_t *)line;
	chan_init(&log, FD_LOG, ROLE_LANE, ROLE_MONITOR, CHAN_LOG);
	msg_start(&m, MSG_ROLE_DENIAL, 0);
	msg_put_denial(&m, &d);
	while (chan_send(&log, &m, 0) == -1 && errno == EINTR)
		continue;
}
