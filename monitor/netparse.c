/*
 * Statements about the network.  Runs in the monitor before any child byte
 * exists; reads the files of tables, and nothing else.
 *
 *	[OP[, OP]] [PROTO] [to|from ADDRESS] [within ADDRESS] [port PORT]
 *	[OP[, OP]] unix [path [under|glob] PATH | abstract NAME | any]
 *
 * where PROTO, ADDRESS and PORT may be lists, and ADDRESS host NAME.  Must never take a line for less
 * than it says: a word that is not understood is an error.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/hostname.h"
#include "netparse.h"

#define EXAMPLE		"allow net connect tcp to 10.0.0.0/8 port { 80 443 }"
#define EXAMPLE_UNIX	"allow net connect unix path \"/run/x.sock\""
#define EXAMPLE_TABLE	"table <bad> file \"/etc/bad.netset\""
#define EXAMPLE_HOST	"allow net connect tcp to host \"deb.debian.org\" port 443"
#define EXAMPLE_WITHIN	"allow net connect tcp to host \"db.example.org\" " \
			    "within 10.0.0.0/8"
#define EXPECT_ADDRESS	"an address, ADDRESS/LENGTH, any, loopback, <TABLE> " \
			    "or host NAME"
#define TABLE_LINE	1024

/* The words of a line, and where we are. */
struct words {
	const struct netword	*w_words;
	size_t			 w_count;
	size_t			 w_at;
	const struct nettables	*w_tables;
	struct netrule		*w_rule;
	struct neterror		*w_error;
};

static int	 wrong(struct words *, const char *, const char *,
		    const char *, ...)
		    __attribute__((__format__(printf, 4, 5)));
static int	 parse_ops(struct words *);
static int	 parse_kinds(struct words *);
static int	 parse_inet(struct words *);
static int	 parse_unix(struct words *);
static int	 parse_list(struct words *, int (*)(struct words *,
		    const char *));
static int	 text_make(struct words *);

static int
wrong(struct words *w, const char *expected, const char *example,
    const char *fmt, ...)
{
	struct neterror	*ne = w->w_error;
	va_list		 ap;

	va_start(ap, fmt);
	(void)vsnprintf(ne->ne_what, sizeof(ne->ne_what), fmt, ap);
	va_end(ap);
	ne->ne_expected = expected;
	ne->ne_example = example;
	return (-1);
}

/* The word we are at if it is this one, unquoted: then it is taken. */
static int
word_is(struct words *w, const char *text)
{
	if (w->w_at == w->w_count || w->w_words[w->w_at].nw_quoted ||
	    strcmp(w->w_words[w->w_at].nw_text, text) != 0)
		return (0);
	w->w_at++;
	return (1);
}

static const char *
word_next(struct words *w)
{
	return (w->w_at == w->w_count ? NULL : w->w_words[w->w_at++].nw_text);
}

int
net_parse(struct netrule *r, const struct netword *words, size_t count,
    const struct nettables *tables, struct neterror *ne)
{
	struct words	 w = { words, count, 0, tables, r, ne };

	if (count == 0) {
		if (r->n_rule.r_effect != EFFECT_NONE || (r->n_rule.r_action ==
		    RULE_ALLOW && r->n_rule.r_flags != 0))
			return (wrong(&w, "what it is about: connect, bind, "
			    "accept or send", EXAMPLE,
			    "flags and actions are for single operations"));
		r->n_whole = 1;
		r->n_ops = NETOP_ALL;
		r->n_kinds = NETK_ALL;
		return (text_make(&w));
	}
	if (parse_ops(&w) == -1)
		return (-1);
	if (word_is(&w, "unix") ? parse_unix(&w) == -1 :
	    parse_kinds(&w) == -1 || parse_inet(&w) == -1)
		return (-1);
	if (w.w_at < count)
		return (wrong(&w, "to, from, port or the end of the line",
		    EXAMPLE, "unexpected '%s'", words[w.w_at].nw_text));
	netrule_settle(r);
	return (text_make(&w));
}

static int
parse_ops(struct words *w)
{
	const char	*word;
	uint8_t		 op;

	do {
		if ((word = word_next(w)) == NULL ||
		    (op = netop_parse(word)) == 0)
			return (wrong(w, "connect, bind, accept or send",
			    EXAMPLE, "no operation on sockets is called '%s'",
			    word == NULL ? "" : word));
		w->w_rule->n_ops |= op;
	} while (word_is(w, ","));
	return (0);
}

/* One item, or { several }: each is given to take. */
static int
parse_list(struct words *w, int (*take)(struct words *, const char *))
{
	const char	*word;

	if (!word_is(w, "{")) {
		if ((word = word_next(w)) == NULL)
			return (wrong(w, EXPECT_ADDRESS " or a port", EXAMPLE,
			    "the line ends too early"));
		return (take(w, word));
	}
	while (!word_is(w, "}")) {
		if ((word = word_next(w)) == NULL)
			return (wrong(w, "}", EXAMPLE,
			    "the line ends too early"));
		if (take(w, word) == -1)
			return (-1);
		(void)word_is(w, ",");
	}
	return (0);
}

static int
take_kind(struct words *w, const char *word)
{
	uint16_t	 kind = netkind_parse(word);

	if (kind == 0 || kind == NETK_UNIX)
		return (wrong(w, "tcp, udp, mptcp, sctp, dccp, udplite, smc, "
		    "icmp, raw or, alone, unix", EXAMPLE,
		    "no protocol is called '%s'", word));
	w->w_rule->n_kinds |= kind;
	return (0);
}

/* Without a protocol: a denial is about all, the rest about the usual two. */
static int
parse_kinds(struct words *w)
{
	static const char *const after[] = { "to", "from", "port", "any" };
	size_t		 i;
	int		 none = w->w_at == w->w_count;

	for (i = 0; i < sizeof(after) / sizeof(after[0]) && !none; i++)
		none = strcmp(w->w_words[w->w_at].nw_text, after[i]) == 0;
	if (!none)
		return (parse_list(w, take_kind));
	w->w_rule->n_kinds = w->w_rule->n_rule.r_action == RULE_DENY ?
	    NETK_IP : NETK_USUAL;
	return (0);
}

static int
take_table(struct words *w, const char *word)
{
	const struct nettable	*nt = nettables_find(w->w_tables, word);
	size_t			 i;

	if (nt == NULL)
		return (wrong(w, "one that is defined above", EXAMPLE_TABLE,
		    "no table is called '%s'", word));
	for (i = 0; i < nt->nt_rule.n_nranges; i++)
		if (netrule_range(w->w_rule, nt->nt_rule.n_ranges[i].nr_lo,
		    nt->nt_rule.n_ranges[i].nr_hi) == -1)
			return (wrong(w, "fewer addresses", NULL, "table %s: "
			    "%s", word, strerror(errno)));
	return (0);
}

/* The name after `host'. */
static int
take_host(struct words *w)
{
	const char	*word, *why;
	char		 name[HOST_TEXT];

	if (w->w_rule->n_within)
		return (wrong(w, "an address", EXAMPLE_WITHIN,
		    "a name is not within another"));
	if ((word = word_next(w)) == NULL)
		return (wrong(w, "a host name", EXAMPLE_HOST,
		    "the line ends too early"));
	if ((why = host_canon(word, HOST_WILD, name)) != NULL)
		return (wrong(w, "a host name, or *. and one", EXAMPLE_HOST,
		    "'%s' is no host name: %s", word, why));
	if (netrule_host(w->w_rule, name) == -1)
		return (wrong(w, "another rule for the others", EXAMPLE_HOST,
		    "host: %s", errno == E2BIG ? "too many names in a rule" :
		    strerror(errno)));
	return (0);
}

static int
take_address(struct words *w, const char *word)
{
	uint8_t	 lo[16], hi[16];

	if (strcmp(word, "host") == 0 && !w->w_words[w->w_at - 1].nw_quoted)
		return (take_host(w));
	if (strcmp(word, "any") == 0) {
		w->w_rule->n_any = 1;
		return (0);
	}
	if (strcmp(word, "loopback") == 0)
		return (take_address(w, "127.0.0.0/8") == -1 ||
		    take_address(w, "::1") == -1 ? -1 : 0);
	if (word[0] == '<')
		return (take_table(w, word));
	if (netaddr_parse(word, lo, hi) == -1)
		return (wrong(w, EXPECT_ADDRESS, EXAMPLE, "'%s' is not an "
		    "address, or has bits beyond its length", word));
	if (netrule_span(w->w_rule, lo, hi) == -1)
		return (wrong(w, "fewer addresses", NULL, "%s",
		    strerror(errno)));
	return (0);
}

/* 0 to 65535, and what follows. */
static int
port_number(const char *s, uint16_t *port, const char **rest)
{
	unsigned long	 n;
	char		*end;

	if (*s < '0' || *s > '9')
		return (-1);
	n = strtoul(s, &end, 10);
	if (n > UINT16_MAX)
		return (-1);
	*port = (uint16_t)n;
	*rest = end;
	return (0);
}

static int
take_port(struct words *w, const char *word)
{
	struct netrule	*r = w->w_rule;
	struct netports	 np;
	const char	*rest;

	if (port_number(word, &np.np_lo, &rest) == -1)
		goto bad;
	np.np_hi = np.np_lo;
	if (*rest == '-' && port_number(rest + 1, &np.np_hi, &rest) == -1)
		goto bad;
	if (*rest != '\0' || np.np_lo > np.np_hi)
		goto bad;
	if (r->n_nports == NET_PORTS_MAX)
		return (wrong(w, "another rule for the others", EXAMPLE,
		    "more than %d ports in a rule", NET_PORTS_MAX));
	r->n_ports[r->n_nports++] = np;
	return (0);
bad:
	return (wrong(w, "a number from 0 to 65535, or two as 8000-8100",
	    EXAMPLE, "'%s' is not a port", word));
}

/* Names are for who reaches out; and where they may lead. */
static int
parse_hosts(struct words *w)
{
	static const uint8_t	 all[2][16] = { { 0 }, { 0xff, 0xff, 0xff,
				    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				    0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct netrule		*r = w->w_rule;

	if (r->n_hosts != NULL && (r->n_ops & (NETOP_BIND | NETOP_ACCEPT)))
		return (wrong(w, "an address", EXAMPLE_HOST,
		    "bind and accept know addresses, not names"));
	if (r->n_hosts != NULL && r->n_rule.r_effect != EFFECT_NONE &&
	    r->n_rule.r_effect != EFFECT_WARN)
		return (wrong(w, "allow, deny or warn", EXAMPLE_HOST,
		    "who looks up a name that is denied is told that there "
		    "is none, and nothing else happens"));
	if (!word_is(w, "within"))
		return (0);
	if (r->n_hosts == NULL || r->n_nranges > 0 || r->n_any)
		return (wrong(w, "host names and nothing else before it",
		    EXAMPLE_WITHIN, "within is for rules about names alone"));
	if (r->n_rule.r_action == RULE_DENY)
		return (wrong(w, "port or the end of the line", EXAMPLE_HOST,
		    "a name is denied wherever it leads"));
	r->n_within = 1;
	if (parse_list(w, take_address) == -1)
		return (-1);
	if (r->n_any && netrule_range(r, all[0], all[1]) == -1)
		return (wrong(w, "", NULL, "out of memory"));
	r->n_any = 0;
	return (r->n_nranges > 0 ? 0 : wrong(w, EXPECT_ADDRESS,
	    EXAMPLE_WITHIN, "within no address"));
}

static int
parse_inet(struct words *w)
{
	struct netrule	*r = w->w_rule;

	if (word_is(w, "any"))
		r->n_any = 1;
	else if (!word_is(w, "to") && !word_is(w, "from"))
		r->n_any = 1;
	else if (parse_list(w, take_address) == -1)
		return (-1);
	if (parse_hosts(w) == -1)
		return (-1);
	if (r->n_any)
		r->n_nranges = 0;
	else if (r->n_nranges == 0 && r->n_hosts == NULL)
		return (wrong(w, EXPECT_ADDRESS, EXAMPLE,
		    "a rule about no address"));
	if (!word_is(w, "port"))
		return (0);
	if ((r->n_kinds & NETK_PORTLESS) &&
	    r->n_rule.r_action == RULE_ALLOW)
		return (wrong(w, "another rule for them",
		    "allow net send icmp to any", "icmp and raw have no ports"));
	if (parse_list(w, take_port) == -1)
		return (-1);
	return (r->n_nports > 0 ? 0 : wrong(w, "a number", EXAMPLE,
	    "a rule about no port"));
}

static int
unix_path(struct words *w)
{
	struct rule	*r = &w->w_rule->n_rule;
	const char	*path, *why;

	r->r_match = MATCH_EXACT;
	if (word_is(w, "under"))
		r->r_match = MATCH_UNDER;
	else if (word_is(w, "glob"))
		r->r_match = MATCH_GLOB;
	if ((path = word_next(w)) == NULL || path[0] != '/' ||
	    strlen(path) >= PATTERN_MAX)
		return (wrong(w, "one that begins with /", EXAMPLE_UNIX,
		    "'%s' is not an absolute path", path == NULL ? "" : path));
	if (r->r_match == MATCH_GLOB && (why = glob_check(path)) != NULL)
		return (wrong(w, "* ? [a-z] {a,b} or **", EXAMPLE_UNIX,
		    "the glob '%s' is malformed: %s", path, why));
	free(r->r_path);
	if ((r->r_path = strdup(path)) == NULL)
		return (wrong(w, "", NULL, "out of memory"));
	/* analyzer: the rule keeps it */
	r->r_len = strlen(r->r_path);
	w->w_rule->n_unix = NETU_PATH;
	return (0);
}

static int
parse_unix(struct words *w)
{
	struct netrule	*r = w->w_rule;
	const char	*name;

	r->n_kinds = NETK_UNIX;
	r->n_unix = NETU_ANY;
	if (r->n_ops & NETOP_ACCEPT)
		return (wrong(w, "connect, bind or send", EXAMPLE_UNIX,
		    "who may bind a local socket accepts what comes"));
	/* to unix path ..., as with addresses */
	if (w->w_at == w->w_count || word_is(w, "any"))
		return (0);
	if (word_is(w, "path"))
		return (unix_path(w));
	if (!word_is(w, "abstract"))
		return (wrong(w, "path, abstract or any", EXAMPLE_UNIX,
		    "unexpected '%s'", w->w_words[w->w_at].nw_text));
	r->n_unix = NETU_ABSTRACT;
	if (word_is(w, "any"))
		return (0);
	if ((name = word_next(w)) == NULL || *name == '\0' ||
	    strlen(name) > NET_NAME_MAX)
		return (wrong(w, "any, or one of up to 107 bytes",
		    "allow net connect unix abstract \"name\"",
		    "'%s' is no name", name == NULL ? "" : name));
	r->n_namelen = strlen(name);
	memcpy(r->n_name, name, r->n_namelen);
	return (0);
}

/* ---- text ---- */

/* Does it read the same without quotes? */
static int
text_plain(const struct netword *nw)
{
	return (!nw->nw_quoted && nw->nw_text[0] != '/');
}

static void
text_add(char *buf, size_t size, const struct netword *nw)
{
	const char	*p;
	char		 c[3] = "";

	if (strcmp(nw->nw_text, ",") != 0 && buf[0] != '\0')
		(void)strlcat(buf, " ", size);
	if (text_plain(nw)) {
		(void)strlcat(buf, nw->nw_text, size);
		return;
	}
	(void)strlcat(buf, "\"", size);
	for (p = nw->nw_text; *p != '\0'; p++) {
		(void)snprintf(c, sizeof(c), "%s%c",
		    strchr("\"\\$", *p) != NULL ? "\\" : "", *p);
		(void)strlcat(buf, c, size);
	}
	(void)strlcat(buf, "\"", size);
}

/* The line again, as it parses to the same rule. */
static int
text_make(struct words *w)
{
	static const char *const verbs[EFFECT_COUNT] = {
		[EFFECT_WARN] = "warn", [EFFECT_KILL] = "kill",
		[EFFECT_STOP] = "stop", [EFFECT_ABORT] = "abort",
		[EFFECT_EXIT] = "exit"
	};
	const struct rule	*r = &w->w_rule->n_rule;
	char			 buf[NET_TEXT_MAX];
	size_t			 i;

	(void)snprintf(buf, sizeof(buf), "%s%s%s%s net",
	    r->r_effect != EFFECT_NONE ? verbs[r->r_effect] :
	    r->r_action == RULE_ALLOW ? "allow" : "deny",
	    r->r_flags & RF_QUICK ? " quick" : "",
	    r->r_flags & RF_LOG ? " log" : "",
	    r->r_flags & RF_QUIET ? " quiet" : "");
	for (i = 0; i < w->w_count; i++)
		text_add(buf, sizeof(buf), &w->w_words[i]);
	if (r->r_errno != 0 && r->r_errno != EACCES &&
	    strerrorname_np(r->r_errno) != NULL) {
		(void)strlcat(buf, " errno ", sizeof(buf));
		(void)strlcat(buf, strerrorname_np(r->r_errno), sizeof(buf));
	}
	if (strlen(buf) == sizeof(buf) - 1)
		return (wrong(w, "a table for many addresses", EXAMPLE_TABLE,
		    "the rule is too long"));
	/* analyzer: the rule keeps it */
	if ((w->w_rule->n_text = strdup(buf)) == NULL)
		return (wrong(w, "", NULL, "out of memory"));
	return (0);
}

/* ---- tables ---- */

const struct nettable *
nettables_find(const struct nettables *nts, const char *name)
{
	size_t	 i;

	for (i = nts->nts_count; i > 0; i--)
		if (strcmp(nts->nts_tables[i - 1].nt_name, name) == 0)
			return (&nts->nts_tables[i - 1]);
	return (NULL);
}

void
nettables_free(struct nettables *nts)
{
	size_t	 i;

	for (i = 0; i < nts->nts_count; i++) {
		free(nts->nts_tables[i].nt_name);
		free(nts->nts_tables[i].nt_path);
		netrule_free(&nts->nts_tables[i].nt_rule);
	}
	free(nts->nts_tables);
	memset(nts, 0, sizeof(*nts));
}

/* One line: 1 an address was taken, 0 nothing there, -1 not understood. */
static int
table_line(struct netrule *r, char *line)
{
	uint8_t	 lo[16], hi[16];
	char	*p = line, *word;

	line[strcspn(line, "#\r\n")] = '\0';
	do
		word = strsep(&p, " \t");
	while (word != NULL && *word == '\0');
	if (word == NULL || strcmp(word, "create") == 0 ||
	    strcmp(word, "COMMIT") == 0)
		return (0);
	if (strcmp(word, "add") == 0) {
		/* add SET ADDRESS [options], ipset(8) */
		if (strsep(&p, " \t") == NULL ||
		    (word = strsep(&p, " \t")) == NULL)
			return (-1);
		if (p != NULL && strstr(p, "nomatch") != NULL)
			return (-1);
	} else if (p != NULL && p[strspn(p, " \t")] != '\0')
		return (-1);
	if (netaddr_parse(word, lo, hi) == -1)
		return (-1);
	return (netrule_span(r, lo, hi) == -1 ? -1 : 1);
}

static int
table_read(FILE *fp, struct words *w, const char *path)
{
	char	 line[TABLE_LINE];
	size_t	 n;

	for (n = 1; fgets(line, sizeof(line), fp) != NULL; n++) {
		if (strchr(line, '\n') == NULL && !feof(fp))
			return (wrong(w, "shorter lines", NULL,
			    "%s:%zu: the line is too long", path, n));
		if (table_line(w->w_rule, line) == -1)
			return (wrong(w, "an address, prefix or range a line, "
			    "or what ipset save writes", "10.0.0.0/8",
			    "%s:%zu: this is none", path, n));
	}
	if (ferror(fp))
		return (wrong(w, "a file that can be read", EXAMPLE_TABLE,
		    "%s: %s", path, strerror(errno)));
	netrule_settle(w->w_rule);
	return (0);
}

int
net_table(struct nettables *nts, const char *name, const char *path,
    const char *file, uint32_t line, struct neterror *ne)
{
	struct nettable	*nt;
	struct words	 w = { NULL, 0, 0, nts, NULL, ne };
	size_t		 len = strlen(name);
	FILE		*fp;
	int		 rv;

	if (len < 3 || len > 64 || name[0] != '<' || name[len - 1] != '>')
		return (wrong(&w, "a name in < and >", EXAMPLE_TABLE,
		    "no table can be called '%s'", name));
	if (nettables_find(nts, name) != NULL)
		return (wrong(&w, "another name", EXAMPLE_TABLE,
		    "table %s is there already", name));
	nt = reallocarray(nts->nts_tables, nts->nts_count + 1, sizeof(*nt));
	if (nt == NULL)
		return (wrong(&w, "", NULL, "out of memory"));
	nts->nts_tables = nt;
	nt += nts->nts_count;
	memset(nt, 0, sizeof(*nt));
	nt->nt_name = strdup(name);
	nt->nt_path = strdup(path);
	nt->nt_rule.n_rule.r_file = strdup(file);
	nt->nt_line = line;
	nts->nts_count++;
	if (nt->nt_name == NULL || nt->nt_path == NULL ||
	    nt->nt_rule.n_rule.r_file == NULL)
		return (wrong(&w, "", NULL, "out of memory"));
	if ((fp = fopen(path, "re")) == NULL)
		return (wrong(&w, "a file that can be read", EXAMPLE_TABLE,
		    "%s: %s", path, strerror(errno)));
	w.w_rule = &nt->nt_rule;
	rv = table_read(fp, &w, path);
	fclose(fp);
	return (rv);
}
