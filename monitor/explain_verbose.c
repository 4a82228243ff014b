/*
 * -n -v: what the kernel is given, and what comes to the policy worker: the
 * Landlock rules, the child's filter and the table of notified calls.  All of
 * it comments, so that the output stays a policy.  Must say what is, from the
 * rulesets and the filter themselves.
 */
#include <linux/seccomp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/landlock_abi.h"
#include "../common/log.h"
#include "explain.h"

static void
verbose_grants(FILE *fp, const char *what, const struct grants *gs)
{
	char	 path[NAME_BYTES_MAX], access[NAME_TEXT_MAX];
	size_t	 i;

	fprintf(fp, "# Landlock, %s: %zu rules\n", what, gs->gs_count);
	for (i = 0; i < gs->gs_count; i++) {
		name_bytes(gs->gs_grants[i].g_path, path, sizeof(path));
		name_access(gs->gs_grants[i].g_access, access, sizeof(access));
		fprintf(fp, "#\t\"%s\"\t%s\n", path, access);
	}
}

static void
verbose_landlock(FILE *fp, const struct plan *pl)
{
	char	 text[NAME_TEXT_MAX];

	name_access(ll_fs_handled(pl->pl_abi), text, sizeof(text));
	fprintf(fp, "# Landlock, handled: %s\n", text);
	fprintf(fp, "# Landlock, TCP: %s\n", pl->pl_abi < 4 ? "not seen" :
	    explain_tcp(pl));
	fprintf(fp, "# Landlock, child: signals and abstract sockets %s\n",
	    pl->pl_abi < 6 ? "are not seen" : "stay inside");
	verbose_grants(fp, "wall of receiver, child and policy worker; the "
	    "receiver reads /proc too", &pl->pl_wall);
	verbose_grants(fp, "child, inside the wall", &pl->pl_child);
	verbose_grants(fp, "policy worker, inside the wall", &pl->pl_worker);
	fputs("# Landlock, integrity worker: no rules\n", fp);
}

static void
verbose_filter(FILE *fp, const struct plan *pl, const struct insn *facts)
{
	char	 text[NAME_TEXT_MAX];
	size_t	 pc;

	fprintf(fp, "# filter of the child: %zu instructions\n",
	    pl->pl_filterlen);
	for (pc = 0; pc < pl->pl_filterlen; pc++) {
		insn_print(pl, facts, pc, text, sizeof(text));
		fprintf(fp, "#\t%zu\t%s\n", pc, text);
	}
}

static void
verbose_call(FILE *fp, const struct plan *pl, const struct sysent *se)
{
	const struct sysarg	*sa;
	char			 text[NAME_TEXT_MAX], then[NAME_TEXT_MAX];
	uint32_t		 rights = se->se_rights;
	size_t			 i;

	if (se->se_disp == SYS_FILES)
		rights &= pl->pl_notify;
	name_rights(rights, text, sizeof(text));
	fprintf(fp, "#\t%s(%u)\t%s\t%s\t%s\n", se->se_name, se->se_nr, text,
	    name_handler(se->se_handler), se->se_why);
	if (se->se_cont != 0)
		fprintf(fp, "#\t\tmay go on in the kernel with flags %#x\n",
		    se->se_cont);
	for (i = 0; i < sysargs_count; i++) {
		sa = &sysargs[i];
		if (sa->sa_nr != se->se_nr || !name_counts(pl, sa))
			continue;
		name_predicate(sa, text, sizeof(text));
		if (sa->sa_and) {
			fprintf(fp, "#\t\t%s, and\n", text);
			continue;
		}
		name_verdict(pl, sa, then, sizeof(then));
		fprintf(fp, "#\t\t%s: %s: %s\n", text, then, sa->sa_why);
	}
}

static void
verbose_broker(FILE *fp, const struct plan *pl, const struct insn *facts)
{
	size_t	 i;

	fputs("# notified calls: CALL RIGHTS HANDLER WHY; predicates: the "
	    "first that holds decides\n", fp);
	for (i = 0; i < sysent_count; i++)
		if (insn_answers(pl, facts, sysent[i].se_nr,
		    SECCOMP_RET_USER_NOTIF))
			verbose_call(fp, pl, &sysent[i]);
}

void
explain_verbose(FILE *fp, const struct policy *p, const struct plan *pl)
{
	struct insn	*facts;

	(void)p;
	if ((facts = calloc(pl->pl_filterlen + 1, sizeof(*facts))) == NULL)
		fatal("%s", __func__);
	insn_flow(pl, facts);
	verbose_landlock(fp, pl);
	verbose_filter(fp, pl, facts);
	verbose_broker(fp, pl, facts);
	free(facts);
}
