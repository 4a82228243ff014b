/*
 * A denial in words and as JSON.  See denial.h.  Names, paths and comms are
 * the child's: no byte of theirs may reach the line but as printable ASCII,
 * and none may end a quoted string early.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
/* which of two strnvis(3), though none is used here */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "denial.h"

#define SHOW_PATH	5000	/* characters of an escaped path */
#define SHOW_RULE	4000	/* characters of a rule; longer cures: none */
#define SHOW_COMM	64
#define ALLOW_ALL	"allow all "	/* as rule_print() begins */
#define VIS_FLAGS	(VIS_OCTAL | VIS_CSTYLE | VIS_TAB | VIS_NL | VIS_DQ | \
			    VIS_NOLOCALE)

/* The line as it grows. */
struct line {
	char	*l_buf;
	size_t	 l_size;
	size_t	 l_len;
	int	 l_json;	/* escape quotes and backslashes once more */
};

static void	 line_raw(struct line *, const char *);
static void	 line_text(struct line *, const char *);
static void	 line_bytes(struct line *, const void *, size_t, size_t,
		    const char *);
static void	 line_comm(struct line *, const struct denial_report *);
static void	 line_key(struct line *, const char *);
static const char *event(const struct denial_report *);
static const char *right(const struct denial_report *);
static size_t	 rule_text(const struct rule *, char *, size_t);
static void	 cure(const struct denial_report *, char *, size_t);
static void	 by(const struct denial_report *, char *, size_t);
static void	 words(struct line *, const struct denial_report *);
static void	 json_line(struct line *, const struct denial_report *);

size_t
denial_format(char *buf, size_t size, int json, const struct denial_report *dr)
{
	struct line	 l = { buf, size, 0, json };

	if (json)
		json_line(&l, dr);
	else
		words(&l, dr);
	buf[l.l_len] = '\0';
	return (l.l_len);
}

static void
words(struct line *l, const struct denial_report *dr)
{
	char	 text[SHOW_RULE + 1], num[64];

	(void)snprintf(num, sizeof(num), "privsep-sandbox: %s: pid %u (",
	    event(dr), dr->dr_pid);
	line_raw(l, num);
	line_comm(l, dr);
	line_raw(l, ") ");
	line_raw(l, dr->dr_call);
	line_raw(l, " ");
	line_raw(l, right(dr));
	if (dr->dr_path != NULL) {
		line_raw(l, " \"");
		line_bytes(l, dr->dr_path, dr->dr_pathlen, SHOW_PATH, "");
		line_raw(l, "\"");
	} else if (dr->dr_object != NULL) {
		line_raw(l, " ");
		line_bytes(l, dr->dr_object, strlen(dr->dr_object), SHOW_PATH,
		    "");
	}
	by(dr, text, sizeof(text));
	line_raw(l, " by ");
	line_text(l, text);
	if (dr->dr_rule != NULL) {
		(void)rule_text(dr->dr_rule, text, sizeof(text));
		line_raw(l, " ");
		line_text(l, text);
	}
	if (dr->dr_check != NULL) {
		line_raw(l, ": ");
		line_raw(l, dr->dr_check);
	}
	cure(dr, text, sizeof(text));
	if (text[0] != '\0') {
		line_raw(l, "; to allow: ");
		line_text(l, text);
	}
}

static void
json_line(struct line *l, const struct denial_report *dr)
{
	char	 text[SHOW_RULE + 1], num[64];

	(void)snprintf(num, sizeof(num), "{\"event\":\"%s\",\"pid\":%u",
	    event(dr), dr->dr_pid);
	line_raw(l, num);
	line_key(l, "comm");
	line_comm(l, dr);
	line_raw(l, "\"");
	line_key(l, "call");
	line_text(l, dr->dr_call);
	line_raw(l, "\"");
	line_key(l, "right");
	line_text(l, right(dr));
	line_raw(l, "\"");
	if (dr->dr_path != NULL) {
		line_key(l, "path");
		line_bytes(l, dr->dr_path, dr->dr_pathlen, SHOW_PATH, "");
		line_raw(l, "\"");
	} else if (dr->dr_object != NULL) {
		line_key(l, "object");
		line_bytes(l, dr->dr_object, strlen(dr->dr_object), SHOW_PATH,
		    "");
		line_raw(l, "\"");
	}
	by(dr, text, sizeof(text));
	line_key(l, "rule");
	line_text(l, text);
	line_raw(l, "\"");
	if (dr->dr_check != NULL) {
		line_key(l, "check");
		line_text(l, dr->dr_check);
		line_raw(l, "\"");
	}
	cure(dr, text, sizeof(text));
	if (text[0] != '\0') {
		line_key(l, "allow");
		line_text(l, text);
		line_raw(l, "\"");
	}
	line_raw(l, "}");
}

int
denial_refused(const struct denial_report *dr)
{
	return (strcmp(event(dr), "allowed") != 0 &&
	    strcmp(event(dr), "warned") != 0);
}

static const char *
event(const struct denial_report *dr)
{
	return (dr->dr_event != NULL ? dr->dr_event : "denied");
}

static const char *
right(const struct denial_report *dr)
{
	return (dr->dr_word != NULL ? dr->dr_word :
	    rights_word(dr->dr_rights));
}

/* What decided: "file:line", or "default" when no rule matched. */
static void
by(const struct denial_report *dr, char *buf, size_t size)
{
	if (dr->dr_rule != NULL)
		(void)snprintf(buf, size, "%s:%u", dr->dr_rule->r_file,
		    dr->dr_rule->r_line);
	else
		(void)strlcpy(buf, dr->dr_by != NULL ? dr->dr_by : "default",
		    size);
}

/* The rule that would allow it, or "". */
static void
cure(const struct denial_report *dr, char *buf, size_t size)
{
	struct rule	 r;
	char		 path[PATH_MAX], text[SHOW_RULE + 1];

	buf[0] = '\0';
	if (dr->dr_allow != NULL) {
		(void)strlcpy(buf, dr->dr_allow, size);
		return;
	}
	if (dr->dr_fixed || !denial_refused(dr) || dr->dr_path == NULL ||
	    dr->dr_rights == 0 || dr->dr_pathlen == 0 ||
	    dr->dr_pathlen >= sizeof(path))
		return;
	memcpy(path, dr->dr_path, dr->dr_pathlen);
	path[dr->dr_pathlen] = '\0';
	memset(&r, 0, sizeof(r));
	r.r_rights = RG_ALL;
	r.r_action = RULE_ALLOW;
	r.r_match = MATCH_EXACT;
	r.r_path = path;
	r.r_len = dr->dr_pathlen;
	/* in words that grant it; half a rule is worse than none */
	if (rule_text(&r, text, sizeof(text)) >= sizeof(text) ||
	    strncmp(text, ALLOW_ALL, sizeof(ALLOW_ALL) - 1) != 0 ||
	    (size_t)snprintf(buf, size, "allow %s %s",
	    rights_word(dr->dr_rights), text + sizeof(ALLOW_ALL) - 1) >= size)
		buf[0] = '\0';
}

/* A rule in printable ASCII; returns as strlcpy(3). */
static size_t
rule_text(const struct rule *r, char *buf, size_t size)
{
	char	 text[RULE_TEXT_MAX], one[8];
	size_t	 i, n = 0, len;

	rule_print(r, text, sizeof(text));
	buf[0] = '\0';
	for (i = 0; text[i] != '\0'; i++) {
		one[0] = text[i];
		one[1] = '\0';
		if (!isascii((unsigned char)text[i]) ||
		    !isprint((unsigned char)text[i]))
			(void)vis(one, text[i], VIS_OCTAL | VIS_NOLOCALE |
			    VIS_WHITE, 0);
		len = strlen(one);
		if (n + len < size)
			memcpy(buf + n, one, len + 1);
		n += len;
	}
	return (n);
}

static void
line_key(struct line *l, const char *key)
{
	line_raw(l, ",\"");
	line_raw(l, key);
	line_raw(l, "\":\"");
}

/* Our own text: as it is. */
static void
line_raw(struct line *l, const char *s)
{
	while (*s != '\0' && l->l_len + 1 < l->l_size)
		l->l_buf[l->l_len++] = *s++;
}

/* Printable text into the line; within JSON it stands in a string. */
static void
line_text(struct line *l, const char *s)
{
	for (; *s != '\0' && l->l_len + 2 < l->l_size; s++) {
		if (l->l_json && (*s == '"' || *s == '\\'))
			l->l_buf[l->l_len++] = '\\';
		l->l_buf[l->l_len++] = *s;
	}
}

/* Without the newline that /proc/PID/comm ends in; it stands in brackets. */
static void
line_comm(struct line *l, const struct denial_report *dr)
{
	size_t	 len = dr->dr_commlen;

	if (len > 0 && dr->dr_comm[len - 1] == '\n')
		len--;
	line_bytes(l, dr->dr_comm, len, SHOW_COMM, "()");
}

/*
 * The child's bytes, escaped, those in extra too; at most max characters of
 * them.
 */
static void
line_bytes(struct line *l, const void *bytes, size_t len, size_t max,
    const char *extra)
{
	const unsigned char	*p = bytes;
	char			 one[8];
	size_t			 i, n = 0;

	for (i = 0; i < len; i++) {
		(void)svis(one, p[i], VIS_FLAGS, i + 1 < len ? p[i + 1] : 0,
		    extra);
		n += strlen(one);
		if (n > max) {
			line_raw(l, "...");
			return;
		}
		line_text(l, one);
	}
}
