/*
 * privsep-sandbox-proto(7) against the code: every row of the rulebook, every
 * message of proto.h and every limit.  Run in the repository's root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/rule.h"
#include "../../proto/chan.h"

#define MANUAL	"man/privsep-sandbox-proto.7"
#define HEADER	"proto/proto.h"
#define COLUMNS	7

static const char *const chans[CHAN_COUNT] = { "control", "log", "call",
	"image", "learn", "names" };
static const char	 roles[ROLE_COUNT + 1] = "mrplinv";

static const struct {
	const char	*name;
	unsigned long	 value;
} limits[] = {
#define L(x)	{ #x, x }
	L(PROTO_VERSION), L(MSG_HDR_SIZE), L(MSG_SIZE_MAX), L(MSG_FDS_MAX),
	L(CALL_ARGS), L(CALL_CAPS_MAX), L(LOG_LINE_MAX), L(FAULT_REASON_MAX),
	L(PATTERN_MAX), L(RULES_MAX), L(LANES_MAX), L(FILTER_LEN_MAX),
#undef L
};

static FILE *
open_text(const char *path)
{
	FILE	*f = fopen(path, "r");

	if (f == NULL)
		fail_msg("%s: not there; run in the repository's root", path);
	return (f);
}

/* Split ".It Dv A Ta B Ta C" in place.  Number of columns, 0 for others. */
static int
table_row(char *line, char *col[COLUMNS])
{
	char	*next;
	int	 n = 0;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, ".It Dv ", 7) != 0 || strstr(line, " Ta ") == NULL)
		return (0);
	for (line += 7; line != NULL && n < COLUMNS; line = next) {
		if ((next = strstr(line, " Ta ")) != NULL) {
			*next = '\0';
			next += 4;
		}
		col[n++] = line;
	}
	return (line == NULL ? n : COLUMNS + 1);
}

static unsigned
role_set(const char *letters)
{
	unsigned	 set = 0;
	const char	*p;

	for (; *letters != '\0'; letters++) {
		assert_non_null(p = strchr(roles, *letters));
		set |= 1U << (p - roles);
	}
	return (set);
}

static int
kind_of(const char *name)
{
	int	 i;

	for (i = 0; i < CHAN_COUNT; i++) {
		if (strcmp(chans[i], name) == 0)
			return (i);
	}
	return (-1);
}

/* Does the row say what the columns say? */
static int
same_row(const struct rulebook_row *r, int kind, char *col[COLUMNS])
{
	char		 fds[16], state[32];
	int		 n;

	if (r->r_fdmin == r->r_fdmax)
		n = snprintf(fds, sizeof(fds), "%d", r->r_fdmin);
	else
		n = snprintf(fds, sizeof(fds), "%d-%d", r->r_fdmin,
		    r->r_fdmax);
	assert_true(n > 0 && (size_t)n < sizeof(fds));
	n = snprintf(state, sizeof(state), "%s%s%s%s",
	    r->r_state & CS_SETUP ? "setup" : "",
	    r->r_state == (CS_SETUP | CS_WORK) ? " " : "",
	    r->r_state & CS_WORK ? "work" : "", r->r_once ? " once" : "");
	assert_true(n > 0 && (size_t)n < sizeof(state));
	return ((int)r->r_chan == kind &&
	    strcmp(msg_name(r->r_type), col[0]) == 0 &&
	    r->r_type == strtoul(col[1], NULL, 10) &&
	    r->r_from == role_set(col[2]) && r->r_to == role_set(col[3]) &&
	    strcmp(state, col[4]) == 0 && strcmp(fds, col[5]) == 0 &&
	    r->r_lenmax == strtoul(col[6], NULL, 10));
}

static void
the_manual_s_tables_are_the_rulebook(void **state)
{
	char	 line[256], copy[256], *col[COLUMNS];
	FILE	*f;
	size_t	 i, rows = 0;
	int	 kind = -1;

	(void)state;
	f = open_text(MANUAL);
	while (fgets(line, sizeof(line), f) != NULL) {
		memcpy(copy, line, sizeof(copy));
		if (strncmp(line, ".Ss ", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			kind = kind_of(line + 4);
		}
		if (strncmp(line, ".It Dv MSG_", 11) != 0 ||
		    table_row(line, col) != COLUMNS)
			continue;
		for (i = 0; i < rulebook_count; i++) {
			if (same_row(&rulebook[i], kind, col))
				break;
		}
		if (i == rulebook_count)
			fail_msg("no such row in the rulebook: %s", copy);
		rows++;
	}
	fclose(f);
	/* rows differ from each other, so as many means all of them */
	assert_int_equal(rows, rulebook_count);
}

/* ".It Dv NAME" and nothing else: the description of a message. */
static int
described(const char *name)
{
	char	 line[256];
	FILE	*f;
	int	 n = 0;

	f = open_text(MANUAL);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ".It Dv ", 7) == 0 &&
		    strcmp(line + 7, name) == 0)
			n++;
	}
	fclose(f);
	return (n);
}

static int
in_rulebook(uint16_t type)
{
	size_t	 i;

	for (i = 0; i < rulebook_count; i++) {
		if (rulebook[i].r_type == type)
			return (1);
	}
	return (0);
}

static void
every_message_with_a_name_is_described_once(void **state)
{
	const char	*name;
	unsigned	 type, n = 0;

	(void)state;
	for (type = 0; type <= UINT16_MAX; type++) {
		name = msg_name((uint16_t)type);
		if (strcmp(name, "MSG_UNKNOWN") == 0) {
			assert_false(in_rulebook((uint16_t)type));
			continue;
		}
		n++;
		if (!in_rulebook((uint16_t)type))
			fail_msg("%s is not in the rulebook", name);
		if (described(name) != 1)
			fail_msg("%s is described %d times in the manual",
			    name, described(name));
	}
	assert_true(n > 20);
}

static void
every_message_of_proto_h_has_its_name_and_number(void **state)
{
	char		 line[256], *p, *end;
	FILE		*f;
	unsigned long	 number;
	int		 n = 0, inside = 0;

	(void)state;
	f = open_text(HEADER);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "enum msg_type", 13) == 0)
			inside = 1;
		else if (line[0] == '}')
			inside = 0;
		if (!inside || strncmp(line, "\tMSG_", 5) != 0)
			continue;
		p = line + 1;
		end = p + strcspn(p, " \t=");
		assert_non_null(strchr(end, '='));
		number = strtoul(strchr(end, '=') + 1, NULL, 10);
		*end = '\0';
		assert_true(number > 0 && number <= UINT16_MAX);
		assert_string_equal(msg_name((uint16_t)number), p);
		n++;
	}
	fclose(f);
	assert_true(n > 20);
}

static void
the_manual_s_limits_are_those_of_the_code(void **state)
{
	char	 line[256], *col[COLUMNS];
	FILE	*f;
	size_t	 i, rows = 0;

	(void)state;
	f = open_text(MANUAL);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (table_row(line, col) != 3)
			continue;
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			if (strcmp(limits[i].name, col[0]) == 0)
				break;
		}
		if (i == sizeof(limits) / sizeof(limits[0]) ||
		    limits[i].value != strtoul(col[1], NULL, 10))
			fail_msg("%s is not %s", col[0], col[1]);
		rows++;
	}
	fclose(f);
	assert_int_equal(rows, sizeof(limits) / sizeof(limits[0]));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_manual_s_tables_are_the_rulebook),
		cmocka_unit_test(every_message_with_a_name_is_described_once),
		cmocka_unit_test(
		    every_message_of_proto_h_has_its_name_and_number),
		cmocka_unit_test(the_manual_s_limits_are_those_of_the_code),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
