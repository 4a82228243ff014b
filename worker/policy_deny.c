/*
 * Decisions, and the line that explains one (common/denial.c escapes it).
 *
 * Must never: send more than one line for one call, or decide by a name that
 * lies in the /proc of this worker.
 */
#include <errno.h>
#include <string.h>

#include "../common/denial.h"
#include "../common/log.h"
#include "policy.h"

#define NO_NAME		"(no name)"

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

int
policy_check(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;
	uint32_t		 have;

	if (hidden(name, len))
		return (ENOENT);
	have = policy_eval(rq, name, len, want, &by);
	if (have == want) {
		learn_seen(rq, name, len, want, 0);
		if (by != NULL && (by->r_flags & RF_LOG))
			policy_tell(rq, name, len, want, by, "allowed");
		return (0);
	}
	policy_tell(rq, name, len, want & ~have, by, "denied");
	return (by != NULL && by->r_errno != 0 ? by->r_errno : EACCES);
}

int
policy_deny(struct request *rq, const char *name, size_t len, uint32_t want)
{
	const struct rule	*by;

	if (hidden(name, len))
		return (ENOENT);
	if (policy_eval(rq, name, len, want, &by) == want)
		by = NULL;
	policy_tell(rq, name, len, want, by, "denied");
	return (by != NULL && by->r_errno != 0 ? by->r_errno : EACCES);
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

	if (event[0] == 'd')
		learn_seen(rq, name, len, right, ACCESS_DENIED);
	if (rq->rq_told)
		return;
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

static void
policy_send(struct request *rq, struct denial_report *dr)
{
	static char		 line[LOG_LINE_MAX];
	static struct msg	 m;
	struct chan		 log;
	struct denial		 d;

	if (rq->rq_told)
		return;
	rq->rq_told = 1;
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
