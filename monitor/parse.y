/*
 * The policy language: grammar, lexer, and the files it comes from.  Runs
 * in the monitor before any child byte exists.  A text in quotes or out of a
 * macro is never read as a keyword, a list or another rule, so a generated
 * rule cannot become a different one.  See privsep-sandbox.conf(5).
 *
 * Each file, profile or string is one struct parser and one run of the
 * (reentrant) grammar; an include is a nested run.
 */
%code top {
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/sysent.h"
#include "../proto/proto.h"
#include "../proto/wire.h"
#include "../monitor/manifest.h"
#include "../monitor/netparse.h"
#include "../monitor/passwd.h"
#include "../monitor/policy_conf.h"
}

%code {
#define POLICY_SIZE_MAX	(1024 * 1024)	/* bytes of one policy file */
#define FSTYPE_MAX	64	/* bytes of a file-system type's name */
#define ERRORS_MAX	10		/* reported, then give up */
#define LIST_MAX	512	/* bytes of "a, b or c" in an error */
#define LANDLOCK_MAX	20	/* set require landlock, a limit for typos */
#define ERRNO_MAX	133		/* EHWPOISON, the last of errno(3) */

/* What a rule does, as one number: its action and its effect. */
#define VERB(action, effect)	((action) | (effect) << 8)
#define VERB_ACTION(verb)	((verb) & 0xff)
#define VERB_EFFECT(verb)	((verb) >> 8)

/*
 * Marks left by the expansion of a macro given by the caller.  Neither byte
 * can come from a policy's text: control characters are errors.
 */
#define MARK_LITERAL	'\001'	/* the next byte is no glob character */
#define MARK_SKIP	'\002'	/* the macro is empty: skip the rule */

/* With a match: only of paths that exist when the policy is read. */
#define MATCH_EXISTING	0x10

struct macro {
	struct macro	*m_next;
	char		*m_name;
	char		*m_value;
	int		 m_given;	/* by policy_macro() */
};

struct parser {
	struct policy	*ps_policy;
	struct parser	*ps_parent;	/* what includes this, or NULL */
	const char	*ps_file;	/* as shown in errors */
	const char	*ps_text;
	size_t		 ps_len;
	size_t		 ps_pos;
	uint32_t	 ps_line;	/* of ps_pos */
	uint32_t	 ps_tokline;	/* of the last token */
	uint32_t	 ps_stmtline;	/* of the statement's first token */
	int		 ps_full;	/* told: more rules than there may be */
	uint32_t	 ps_openline;	/* of the { we are in */
	int		 ps_open;	/* inside { } */
	int		 ps_ntok;	/* tokens of the statement so far */
	int		 ps_first;	/* its first token */
	char		 ps_word[64];	/* last token, for errors */
	char		 ps_firstword[64];
	int		 ps_isfile;
	dev_t		 ps_dev;
	ino_t		 ps_ino;
	int		 ps_depth;
	int		*ps_errors;	/* one counter for all nested runs */
};

static int	 policy_yylex(union POLICY_YYSTYPE *, struct parser *);
static void	 policy_yyerror(struct parser *, const char *);

static void	 parse_error(struct parser *, uint32_t, const char *,
		    const char *, const char *, ...)
		    __attribute__((__format__(printf, 5, 6)));
static void	 items_free(struct item *);
static struct item *items_new(struct parser *, char *, int);
static struct item *items_append(struct item *, struct item *);
static uint32_t	 parse_right(struct parser *, char *);
static uint8_t	 parse_errno(struct parser *, char *);
static void	 parse_rule(struct parser *, int, int, uint32_t, int,
		    struct item *, int);
static void	 parse_syscalls(struct parser *, int, struct item *);
static void	 parse_keep(struct parser *, char *, struct item *);
static void	 parse_set(struct parser *, char *, char *, char *);
static void	 parse_server(struct parser *, char *, char *, char *, char *);
static void	 parse_use(struct parser *, char *, struct item *);
static void	 parse_promise(struct parser *, struct item *);
static void	 parse_macro(struct parser *, char *, char *);
static void	 parse_include(struct parser *, char *);
static void	 parse_class(struct parser *, int, int, uint32_t,
		    struct item *);
static void	 parse_verify(struct parser *, int, char *, char *, char *,
		    char *);
static void	 parse_ids(struct parser *, char *, struct item *);
static void	 parse_trust(struct parser *, int, struct item *);
static void	 parse_verify_library(struct parser *, int, char *, char *,
		    char *, char *, char *);
static void	 parse_profile(struct parser *, char *, int);
static struct item *items_word(struct parser *, const char *);
static void	 parse_net(struct parser *, int, int, struct item *, int);
static void	 parse_table(struct parser *, char *, char *, char *);
static void	 parse_guard(struct parser *, int, struct item *,
		    struct item *);
}

%code requires {
struct parser;

/* A path or name of a list. */
struct item {
	struct item	*i_next;
	char		*i_str;
	int		 i_quoted;
};
}

%define api.pure full
%define api.prefix {policy_yy}
%define parse.error custom
%define parse.lac full
%param { struct parser *ps }

%union {
	char		*string;
	struct item	*items;
	uint32_t	 rights;
	int		 number;
}

%token		ALLOW		"\"allow\""
%token		DENY		"\"deny\""
%token		WARN		"\"warn\""
%token		KILL		"\"kill\""
%token		STOP		"\"stop\""
%token		ABORT		"\"abort\""
%token		EXIT		"\"exit\""
%token		HIDE		"\"hide\""
%token		MASK		"\"mask\""
%token		APPEND		"\"append\""
%token		QUICK		"\"quick\""
%token		LOG		"\"log\""
%token		QUIET		"\"quiet\""
%token		UNDER		"\"under\""
%token		GLOB		"\"glob\""
%token		FSTYPE		"\"fstype\""
%token		EXISTING	"\"existing\""
%token		ERRNO		"\"errno\""
%token		NET		"\"net\""
%token		TABLE		"\"table\""
%token		SYSCALL		"\"syscall\""
%token		KEEP		"\"keep\""
%token		SET		"\"set\""
%token		USE		"\"use\""
%token		PROMISE		"\"promise\""
%token		CLASS		"\"class\""
%token		VERIFY		"\"verify\""
%token		TPE		"\"tpe\""
%token		TRUST		"\"trust\""
%token		SEGVGUARD	"\"segvguard\""
%token		INCLUDE		"\"include\""
%token		PROFILE		"\"profile\""
%token		BAD		"a bad token"
%token		EOL		"the end of the line"
%token <string>	WORD		"a word"
%token <string>	PATH		"an absolute path"
%token <string>	QUOTED		"a quoted string"

%type <number>	action verb flags flag how error_number
%type <rights>	rights right
%type <items>	paths path pathlist names name namelist words limits
%type <items>	networds netword netlist netitem
%type <string>	value

%destructor { free($$); } <string>
%destructor { items_free($$); } <items>

%%

policy		: %empty
		| policy EOL
		| policy statement EOL
		| policy error EOL		{ yyerrok; }
		;

statement	: verb flags rights how paths error_number {
			parse_rule(ps, $1, $2, $3, $4, $5, $6);
		}
		| verb flags rights FSTYPE names error_number {
			parse_rule(ps, $1, $2, $3, MATCH_FSTYPE, $5, $6);
		}
		| HIDE flags how paths {
			parse_rule(ps, VERB(RULE_DENY, EFFECT_NONE),
			    $2 | RF_HIDE, RG_ALL, $3, $4, ENOENT);
		}
		| MASK flags how paths {
			parse_rule(ps, VERB(RULE_DENY, EFFECT_NONE),
			    $2 | RF_MASK, RG_ALL, $3 == MATCH_EXACT ?
			    MATCH_UNDER : $3, $4, EACCES);
		}
		| APPEND flags how paths {
			parse_rule(ps, VERB(RULE_DENY, EFFECT_NONE),
			    $2 | RF_APPEND, RG_APPEND, $3, $4, EPERM);
		}
		| verb flags rights CLASS names {
			parse_class(ps, $1, $2, $3, $5);
		}
		| VERIFY WORD value {
			parse_verify(ps, VERB(RULE_DENY, EFFECT_NONE), $2, $3,
			    NULL, NULL);
		}
		| VERIFY WORD value WORD value {
			parse_verify(ps, VERB(RULE_DENY, EFFECT_NONE), $2, $3,
			    $4, $5);
		}
		| verb VERIFY WORD value {
			parse_verify(ps, $1, $3, $4, NULL, NULL);
		}
		| verb VERIFY WORD value WORD value {
			parse_verify(ps, $1, $3, $4, $5, $6);
		}
		| TPE WORD names {
			parse_ids(ps, $2, $3);
		}
		| TPE TRUST how paths {
			parse_trust(ps, $3, $4);
		}
		| VERIFY WORD WORD QUOTED {
			parse_verify_library(ps, VERB(RULE_DENY, EFFECT_NONE),
			    $2, $3, $4, NULL, NULL);
		}
		| VERIFY WORD WORD QUOTED WORD value {
			parse_verify_library(ps, VERB(RULE_DENY, EFFECT_NONE),
			    $2, $3, $4, $5, $6);
		}
		| verb VERIFY WORD WORD QUOTED {
			parse_verify_library(ps, $1, $3, $4, $5, NULL, NULL);
		}
		| verb VERIFY WORD WORD QUOTED WORD value {
			parse_verify_library(ps, $1, $3, $4, $5, $6, $7);
		}
		| verb flags NET networds error_number {
			parse_net(ps, $1, $2, $4, $5);
		}
		| TABLE WORD WORD value {
			parse_table(ps, $2, $3, $4);
		}
		| action SYSCALL names {
			parse_syscalls(ps, $1, $3);
		}
		| KEEP WORD names {
			parse_keep(ps, $2, $3);
		}
		| SET WORD WORD {
			parse_set(ps, $2, $3, NULL);
		}
		| SET WORD WORD WORD {
			parse_set(ps, $2, $3, $4);
		}
		| SET WORD QUOTED {
			parse_server(ps, $2, $3, NULL, NULL);
		}
		| SET WORD WORD WORD value {
			parse_server(ps, $2, $3, $4, $5);
		}
		| SET WORD QUOTED WORD value {
			parse_server(ps, $2, $3, $4, $5);
		}
		| USE WORD names {
			parse_use(ps, $2, $3);
		}
		| SEGVGUARD limits {
			parse_guard(ps, MATCH_UNDER, NULL, $2);
		}
		| SEGVGUARD how paths limits {
			parse_guard(ps, $2, $3, $4);
		}
		| PROMISE words {
			parse_promise(ps, $2);
		}
		| INCLUDE QUOTED {
			parse_include(ps, $2);
		}
		| PROFILE QUOTED error_number {
			parse_profile(ps, $2, $3);
		}
		| WORD '=' value {
			parse_macro(ps, $1, $3);
		}
		;

action		: ALLOW				{ $$ = RULE_ALLOW; }
		| DENY				{ $$ = RULE_DENY; }
		;

verb		: action		{ $$ = VERB($1, EFFECT_NONE); }
		| WARN			{ $$ = VERB(RULE_ALLOW, EFFECT_WARN); }
		| KILL			{ $$ = VERB(RULE_DENY, EFFECT_KILL); }
		| STOP			{ $$ = VERB(RULE_DENY, EFFECT_STOP); }
		| ABORT			{ $$ = VERB(RULE_DENY, EFFECT_ABORT); }
		| EXIT			{ $$ = VERB(RULE_DENY, EFFECT_EXIT); }
		;

flags		: %empty			{ $$ = 0; }
		| flags flag			{ $$ = $1 | $2; }
		;

flag		: QUICK				{ $$ = RF_QUICK; }
		| LOG				{ $$ = RF_LOG; }
		| QUIET				{ $$ = RF_QUIET; }
		;

rights		: right
		| rights ',' right		{ $$ = $1 | $3; }
		;

right		: WORD				{ $$ = parse_right(ps, $1); }
		;

how		: %empty			{ $$ = MATCH_EXACT; }
		| UNDER				{ $$ = MATCH_UNDER; }
		| GLOB				{ $$ = MATCH_GLOB; }
		| EXISTING		{ $$ = MATCH_EXACT | MATCH_EXISTING; }
		| UNDER EXISTING	{ $$ = MATCH_UNDER | MATCH_EXISTING; }
		;

paths		: path
		| '{' pathlist comma '}'	{ $$ = $2; }
		;

pathlist	: path
		| pathlist comma path		{ $$ = items_append($1, $3); }
		;

path		: PATH			{ $$ = items_new(ps, $1, 0); }
		| QUOTED		{ $$ = items_new(ps, $1, 1); }
		;

names		: name
		| '{' namelist comma '}'	{ $$ = $2; }
		;

namelist	: name
		| namelist comma name		{ $$ = items_append($1, $3); }
		;

name		: WORD			{ $$ = items_new(ps, $1, 0); }
		| QUOTED		{ $$ = items_new(ps, $1, 1); }
		;

networds	: %empty		{ $$ = NULL; }
		| networds netword	{ $$ = items_append($1, $2); }
		;

netword		: netitem
		| UNDER			{ $$ = items_word(ps, "under"); }
		| GLOB			{ $$ = items_word(ps, "glob"); }
		| ','			{ $$ = items_word(ps, ","); }
		| '{' netlist comma '}' {
			$$ = items_append(items_append(items_word(ps, "{"),
			    $2), items_word(ps, "}"));
		}
		;

netlist		: netitem
		| netlist comma netitem	{ $$ = items_append($1, $3); }
		;

netitem		: WORD			{ $$ = items_new(ps, $1, 0); }
		| PATH			{ $$ = items_new(ps, $1, 1); }
		| QUOTED		{ $$ = items_new(ps, $1, 1); }
		;

limits		: WORD			{ $$ = items_new(ps, $1, 0); }
		| limits WORD		{
			$$ = items_append($1, items_new(ps, $2, 0));
		}
		;

words		: name
		| words name		{ $$ = items_append($1, $2); }
		;

comma		: %empty
		| ','
		;

error_number	: %empty		{ $$ = 0; }
		| ERRNO WORD		{ $$ = parse_errno(ps, $2); }
		;

value		: WORD
		| PATH
		| QUOTED
		;

%%

#define GUARD_EXAMPLE	"segvguard crashes 5 window 120 suspend 600"
#define FILE_EXAMPLE	"privsep-sandbox -f site.conf -- ls"
#define INCLUDE_EXAMPLE	"include \"local.conf\""
#define PROMISE_EXAMPLE	"promise \"stdio rpath wpath cpath exec\""

/* What the first token of a statement should have led to. */
static const struct {
	int		 token;
	const char	*example;
} examples[] = {
	{ ALLOW,	"allow read, exec under { /usr /etc }" },
	{ DENY,		"deny all under \"$HOME/.ssh\"" },
	{ WARN,		"warn write under /srv" },
	{ KILL,		"kill exec /usr/bin/nc" },
	{ STOP,		"stop read /etc/passwd errno ENOENT" },
	{ ABORT,	"abort write under /usr" },
	{ EXIT,		"exit all under \"$HOME/.ssh\"" },
	{ HIDE,		"hide under \"$HOME/.ssh\"" },
	{ MASK,		"mask { \"$HOME/.netrc\" \"$HOME/.gnupg\" }" },
	{ APPEND,	"append glob \"/srv/log/*.log\"" },
	{ KEEP,		"keep env { LANG LC_* }" },
	{ SET,		"set degrade no" },
	{ USE,		"use env { CARGO_HOME XDG_CACHE_HOME }" },
	{ PROMISE,	PROMISE_EXAMPLE },
	{ VERIFY,	"verify from \"tools.manifest\"" },
	{ TABLE,	"table <bad> file \"bad.netset\"" },
	{ TPE,		"tpe owner { user www-data }" },
	{ SEGVGUARD,	GUARD_EXAMPLE },
	{ INCLUDE,	INCLUDE_EXAMPLE },
	{ PROFILE,	"profile \"default\"" },
	{ WORD,		"data = \"/srv/data\"" },
	{ 0,		"allow read under /usr" },
};

/*
 * Words of rules are names elsewhere: of capabilities, system calls and
 * environment variables.
 */
#define KW_FIRST	2	/* a keyword only as a line's first word ... */
#define KW_RULE		3	/* ... or only in a rule */
#define KW_VERB		4	/* first, or after what a rule does */
#define KW_TPE		5	/* only after tpe */
static const struct {
	const char	*word;
	int		 token;
	int		 starts;	/* 1: a statement; or KW_* */
	int		 plain;		/* no more keywords in the statement */
} keywords[] = {
	{ "allow",	ALLOW,		1, 0 },
	{ "deny",	DENY,		1, 0 },
	{ "warn",	WARN,		KW_FIRST, 0 },
	{ "kill",	KILL,		KW_FIRST, 0 },
	{ "stop",	STOP,		KW_FIRST, 0 },
	{ "abort",	ABORT,		KW_FIRST, 0 },
	{ "exit",	EXIT,		KW_FIRST, 0 },
	{ "hide",	HIDE,		KW_FIRST, 0 },
	{ "mask",	MASK,		KW_FIRST, 0 },
	{ "append",	APPEND,		KW_FIRST, 0 },
	{ "quiet",	QUIET,		KW_RULE, 0 },
	{ "quick",	QUICK,		0, 0 },
	{ "log",	LOG,		0, 0 },
	{ "under",	UNDER,		0, 0 },
	{ "glob",	GLOB,		0, 0 },
	{ "existing",	EXISTING,	0, 0 },
	{ "fstype",	FSTYPE,		0, 0 },
	{ "errno",	ERRNO,		0, 0 },
	{ "net",	NET,		0, 0 },
	{ "table",	TABLE,		KW_FIRST, 1 },
	{ "syscall",	SYSCALL,	0, 0 },
	{ "keep",	KEEP,		1, 1 },
	{ "set",	SET,		1, 1 },
	{ "use",	USE,		1, 1 },
	{ "promise",	PROMISE,	1, 1 },
	{ "class",	CLASS,		KW_RULE, 0 },
	{ "verify",	VERIFY,		KW_VERB, 1 },
	{ "tpe",	TPE,		KW_FIRST, 0 },
	{ "trust",	TRUST,		KW_TPE, 0 },
	{ "segvguard",	SEGVGUARD,	KW_FIRST, 0 },
	{ "include",	INCLUDE,	1, 0 },
	{ "profile",	PROFILE,	1, 0 },
};
#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

/* capability.h without its CAP_, by number. */
static const char *const capabilities[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid",
	"kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot",
	"sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease",
	"audit_write", "audit_control", "setfcap", "mac_override",
	"mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
	"perfmon", "bpf", "checkpoint_restore",
};
#define NCAPABILITIES	(sizeof(capabilities) / sizeof(capabilities[0]))

static int	 parse_run(struct parser *);

/*
 * Say what is wrong (the format), what was expected and an example that
 * works.  Line 0: the file as a whole.
 */
static void
parse_error(struct parser *ps, uint32_t line, const char *expected,
    const char *example, const char *fmt, ...)
{
	va_list	 ap;
	char	 what[512], *p;

	if (*ps->ps_errors > ERRORS_MAX)
		return;
	if (++*ps->ps_errors > ERRORS_MAX) {
		fprintf(stderr, "%s: too many errors\n", ps->ps_file);
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	/* The marks of macros are nothing to show. */
	for (p = what; *p != '\0'; p++)
		if (*p == MARK_LITERAL || *p == MARK_SKIP)
			memmove(p, p + 1, strlen(p));
	fprintf(stderr, "%s:", ps->ps_file);
	if (line != 0)
		fprintf(stderr, "%u:", line);
	fprintf(stderr, " %s", what);
	if (expected != NULL)
		fprintf(stderr, "; expected %s", expected);
	if (example != NULL)
		fprintf(stderr, "; for example: %s", example);
	fputc('\n', stderr);
}

/* Out of memory and errors of bison itself. */
static void
policy_yyerror(struct parser *ps, const char *msg)
{
	parse_error(ps, ps->ps_tokline, NULL, NULL, "%s", msg);
}

static const char *
parse_example(const struct parser *ps)
{
	size_t	 i;

	for (i = 0; examples[i].token != 0; i++)
		if (examples[i].token == ps->ps_first)
			break;
	return (examples[i].example);
}

/* Item i of n of "a, b or c". */
static void
list_add(char *buf, size_t size, const char *word, size_t i, size_t n)
{
	if (i == 0)
		buf[0] = '\0';
	else
		(void)strlcat(buf, i == n - 1 ? " or " : ", ", size);
	(void)strlcat(buf, word, size);
}

/* What a line can begin with. */
static void
parse_starts(char *buf, size_t size)
{
	size_t	 i, n = 0;

	for (i = 0; i < NKEYWORDS; i++)
		if (keywords[i].starts && keywords[i].starts != KW_RULE &&
		    keywords[i].starts != KW_TPE)
			list_add(buf, size, keywords[i].word, n++, SIZE_MAX);
	list_add(buf, size, "NAME =", n, n + 1);
}

/* "a, b or c" of what the grammar would take here. */
static void
parse_expected(const yypcontext_t *ctx, char *buf, size_t size)
{
	yysymbol_kind_t	 kinds[16];
	int		 i, n;

	n = yypcontext_expected_tokens(ctx, kinds, 16);
	buf[0] = '\0';
	for (i = 0; i < n; i++)
		list_add(buf, size, yysymbol_name(kinds[i]), (size_t)i,
		    (size_t)n);
}

static int
yyreport_syntax_error(const yypcontext_t *ctx, struct parser *ps)
{
	yysymbol_kind_t	 tok = yypcontext_token(ctx);
	char		 expected[256];

	/* Resume at the end of the line, not of the list. */
	ps->ps_open = 0;
	if (tok == YYSYMBOL_BAD || *ps->ps_errors > ERRORS_MAX)
		return (0);
	if (ps->ps_ntok == 1 || (ps->ps_ntok == 2 && ps->ps_first == WORD)) {
		parse_starts(expected, sizeof(expected));
		parse_error(ps, ps->ps_stmtline, expected, parse_example(ps),
		    "no statement starts with '%s'", ps->ps_firstword);
		return (0);
	}
	parse_expected(ctx, expected, sizeof(expected));
	if (tok == YYSYMBOL_EOL || tok == YYSYMBOL_YYEOF)
		parse_error(ps, ps->ps_tokline, expected[0] ? expected : NULL,
		    parse_example(ps), "the line ends too early");
	else
		parse_error(ps, ps->ps_tokline, expected[0] ? expected : NULL,
		    parse_example(ps), "unexpected '%s'", ps->ps_word);
	return (0);
}

/* ---- lists ---- */

static void
items_free(struct item *it)
{
	struct item	*next;

	for (; it != NULL; it = next) {
		next = it->i_next;
		free(it->i_str);
		free(it);
	}
}

/* Takes str; NULL when out of memory, after saying so. */
static struct item *
items_new(struct parser *ps, char *str, int quoted)
{
	struct item	*it;

	if ((it = calloc(1, sizeof(*it))) == NULL) {
		policy_yyerror(ps, "out of memory");
		free(str);
		return (NULL);
	}
	it->i_str = str;
	it->i_quoted = quoted;
	return (it);
}

static struct item *
items_append(struct item *list, struct item *it)
{
	struct item	*last;

	if (list == NULL)
		return (it);
	for (last = list; last->i_next != NULL; last = last->i_next)
		continue;
	last->i_next = it;
	return (list);
}

/* ---- statements: each takes its strings and lists ---- */

static uint32_t
parse_right(struct parser *ps, char *word)
{
	uint32_t	 rights;

	if ((rights = rights_parse(word)) == 0)
		parse_error(ps, ps->ps_tokline, "read, write, create, delete, "
		    "exec, all or a single right of privsep-sandbox.conf(5)",
		    parse_example(ps), "no right is called '%s'", word);
	/* who speaks of libraries means them to be looked at */
	if (rights == R_LIBRARY)
		ps->ps_policy->p_verify.vs_library = 1;
	free(word);
	return (rights);
}

static uint8_t
parse_errno(struct parser *ps, char *word)
{
	const char	*name;
	int		 i, found = 0;

	for (i = 1; i <= ERRNO_MAX && found == 0; i++)
		if ((name = strerrorname_np(i)) != NULL &&
		    strcmp(name, word) == 0)
			found = i;
	if (found == 0)
		parse_error(ps, ps->ps_tokline, "a name of errno(3)",
		    "deny read under /srv errno ENOENT",
		    "no error is called '%s'", word);
	free(word);
	return ((uint8_t)found);
}

/* A component that is . or .. */
static int
path_dotted(const char *path)
{
	const char	*p;
	size_t		 n;

	for (p = path; *p != '\0'; p += n) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if ((n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return (1);
	}
	return (0);
}

/* A * or ? that the policy's text wrote, not a given macro. */
static int
path_globbed(const char *path)
{
	for (; *path != '\0'; path++)
		if (*path == MARK_LITERAL && path[1] != '\0')
			path++;
		else if (*path == '*' || *path == '?')
			return (1);
	return (0);
}

/* In place: marks resolved, repeated and trailing slashes dropped. */
static void
path_squeeze(char *path, int match)
{
	char	*from, *to = path;

	for (from = path; *from != '\0'; from++) {
		if (*from == MARK_LITERAL) {
			if (match == MATCH_GLOB)
				*to++ = '\\';
			continue;
		}
		if (*from == '/' && to > path && to[-1] == '/')
			continue;
		*to++ = *from;
	}
	if (to > path + 1 && to[-1] == '/')
		to--;
	*to = '\0';
}

/* As parse_path(). */
static int
parse_fstype(struct parser *ps, const char *type)
{
	if (type[0] != '\0' && strlen(type) < FSTYPE_MAX &&
	    type[strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_"
	    "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0')
		return (1);
	parse_error(ps, ps->ps_stmtline, "a type as in the third column of "
	    "/proc/mounts", "allow read fstype proc",
	    "'%s' is no file-system type", type);
	return (-1);
}

/* 1: good; 0: skip it; -1: an error, told. */
static int
parse_path(struct parser *ps, struct item *it, int match)
{
	const char	*why;
	int		 globbed = path_globbed(it->i_str);

	if (match == MATCH_FSTYPE)
		return (parse_fstype(ps, it->i_str));
	if (strchr(it->i_str, MARK_SKIP) != NULL)
		return (0);
	path_squeeze(it->i_str, match);
	if (it->i_str[0] != '/')
		parse_error(ps, ps->ps_stmtline, "one that begins with /, ~/ "
		    "or a macro", "allow read under \"$HOME/src\"",
		    "the path '%s' is not absolute", it->i_str);
	else if (strlen(it->i_str) >= PATTERN_MAX)
		parse_error(ps, ps->ps_stmtline, "fewer than 4096 bytes",
		    parse_example(ps), "the path is too long");
	else if (path_dotted(it->i_str))
		parse_error(ps, ps->ps_stmtline, "a path without them",
		    "allow read under /usr/share",
		    "the path '%s' has a . or .. in it", it->i_str);
	else if (strncmp(it->i_str, "/proc/self", 10) == 0 ||
	    strncmp(it->i_str, "/proc/thread-self", 17) == 0)
		parse_error(ps, ps->ps_stmtline, "a process's directory by "
		    "number", "allow read glob \"/proc/*/status\"",
		    "'%s' is not where the kernel finds it", it->i_str);
	else if (match == MATCH_GLOB &&
	    (why = glob_check(it->i_str)) != NULL)
		parse_error(ps, ps->ps_stmtline, "* ? [a-z] {a,b} or **",
		    "allow read glob \"/etc/*.{conf,d}/**\"",
		    "the glob '%s' is malformed: %s", it->i_str, why);
	else if (match != MATCH_GLOB && !it->i_quoted && globbed)
		parse_error(ps, ps->ps_stmtline, "the word glob before it, or "
		    "quotes around it", "allow read glob \"/etc/*.conf\"",
		    "'%s' has a * or ? but is not a glob", it->i_str);
	else
		return (1);
	return (-1);
}

/* For a denial a symbolic link that leads nowhere is something. */
static int
path_missing(const char *path, int action)
{
	struct stat	 st;

	return ((action == RULE_ALLOW ? stat(path, &st) :
	    lstat(path, &st)) == -1);
}

/* Flags and errno that do not go with what the rule does. */
static void
parse_verb(struct parser *ps, int verb, int flags, int number)
{
	int	 action = VERB_ACTION(verb), effect = VERB_EFFECT(verb);

	if (number != 0 && (action == RULE_ALLOW || effect == EFFECT_KILL ||
	    effect == EFFECT_EXIT))
		parse_error(ps, ps->ps_stmtline, "errno with deny, stop or "
		    "abort", "deny read under /srv errno ENOENT",
		    action == RULE_ALLOW ? "an allowed call has no errno" :
		    "a call that does not return has no errno");
	if ((flags & RF_QUIET) == 0)
		return;
	if (action == RULE_ALLOW || effect == EFFECT_EXIT)
		parse_error(ps, ps->ps_stmtline, "quiet with deny, kill, stop "
		    "or abort", "deny quiet read under /srv",
		    action == RULE_ALLOW ? "quiet is for denials" :
		    "the end of a run cannot be quiet");
	if (flags & RF_LOG)
		parse_error(ps, ps->ps_stmtline, "one of them",
		    "deny quiet read under /srv",
		    "log and quiet exclude each other");
}

static void
parse_rule(struct parser *ps, int verb, int flags, uint32_t rights,
    int how, struct item *paths, int number)
{
	struct rule	 r;
	struct item	*it;
	char		*file;
	int		 action = VERB_ACTION(verb);
	int		 match = how & ~MATCH_EXISTING;

	parse_verb(ps, verb, flags, number);
	if (number == 0 && action == RULE_DENY)
		number = EACCES;
	if ((file = strdup(ps->ps_file)) == NULL)
		policy_yyerror(ps, "out of memory");
	for (it = paths; it != NULL && file != NULL; it = it->i_next) {
		if (parse_path(ps, it, match) != 1)
			continue;
		if (match != how && path_missing(it->i_str, action))
			continue;
		if (ps->ps_policy->p_rules.rs_count == RULES_MAX) {
			if (ps->ps_full++ == 0)
				parse_error(ps, ps->ps_stmtline, "fewer, as "
				    "by under or glob",
				    "allow read under /usr/share",
				    "more than %d rules", RULES_MAX);
			break;
		}
		memset(&r, 0, sizeof(r));
		r.r_rights = rights;
		r.r_action = (uint8_t)action;
		r.r_match = (uint8_t)match;
		r.r_flags = (uint8_t)flags;
		r.r_errno = (uint8_t)number;
		r.r_effect = (uint8_t)VERB_EFFECT(verb);
		r.r_line = ps->ps_stmtline;
		r.r_file = file;
		r.r_path = it->i_str;
		if (ruleset_add(&ps->ps_policy->p_rules, &r) == -1)
			policy_yyerror(ps, "out of memory");
	}
	free(file);
	items_free(paths);
}

static int
parse_syscall(struct parser *ps, int allow, const char *name)
{
	const struct sysent	*se;
	struct policy		*p = ps->ps_policy;
	struct policy_call	*pc;

	if ((se = sysent_byname(name)) == NULL) {
		parse_error(ps, ps->ps_stmtline, "a name of syscalls(2)",
		    "deny syscall { ptrace perf_event_open }",
		    "no system call here is called '%s'", name);
		return (-1);
	}
	if (allow && !se->se_optional) {
		parse_error(ps, ps->ps_stmtline, "one that "
		    "privsep-sandbox.conf(5) lists",
		    "allow syscall { shmget shmat shmctl }",
		    se->se_disp == SYS_REFUSE ?
		    "the system call %s cannot be allowed (%s)" :
		    "the system call %s needs no rule (%s)", name,
		    se->se_why != NULL ? se->se_why : "see -n");
		return (-1);
	}
	if (p->p_ncalls == SYSCALL_SET_MAX) {
		parse_error(ps, ps->ps_stmtline, "fewer",
		    "allow syscall { shmget shmat shmctl }",
		    "more than %d system calls", SYSCALL_SET_MAX);
		return (-1);
	}
	pc = &p->p_calls[p->p_ncalls];
	if ((pc->pc_file = strdup(ps->ps_file)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return (-1);
	}
	pc->pc_nr = se->se_nr;
	pc->pc_allow = (uint8_t)allow;
	pc->pc_line = ps->ps_stmtline;
	p->p_ncalls++;
	return (0);
}

static void
parse_syscalls(struct parser *ps, int action, struct item *names)
{
	struct item	*it;

	for (it = names; it != NULL; it = it->i_next)
		if (parse_syscall(ps, action == RULE_ALLOW, it->i_str) == -1)
			break;
	items_free(names);
}

const char *
policy_capability(unsigned n)
{
	return (n < NCAPABILITIES ? capabilities[n] : NULL);
}

static int
parse_capability(struct parser *ps, const char *name)
{
	size_t	 i;

	for (i = 0; i < NCAPABILITIES; i++)
		if (strcasecmp(name, capabilities[i]) == 0) {
			ps->ps_policy->p_caps |= (uint64_t)1 << i;
			return (0);
		}
	parse_error(ps, ps->ps_stmtline, "a name of capabilities(7) without "
	    "its CAP_", "keep capability net_bind_service",
	    "no capability is called '%s'", name);
	return (-1);
}

static int
parse_env(struct parser *ps, const char *name)
{
	struct policy	*p = ps->ps_policy;
	size_t		 n;

	n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	    "abcdefghijklmnopqrstuvwxyz0123456789");
	if (name[n] == '*')
		n++;
	if (n == 0 || name[n] != '\0' || (name[0] >= '0' && name[0] <= '9')) {
		parse_error(ps, ps->ps_stmtline, "a variable's name, with * at "
		    "its end for all that begin so", "keep env { LANG LC_* }",
		    "'%s' is not an environment variable", name);
		return (-1);
	}
	if (p->p_nenv == KEEP_ENV_MAX) {
		parse_error(ps, ps->ps_stmtline, "fewer, as by a * at the "
		    "end of a name", "keep env { LANG LC_* }",
		    "more than %d environment variables", KEEP_ENV_MAX);
		return (-1);
	}
	if ((p->p_env[p->p_nenv] = strdup(name)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return (-1);
	}
	p->p_nenv++;
	return (0);
}

static void
parse_keep(struct parser *ps, char *what, struct item *names)
{
	int		 (*keep)(struct parser *, const char *) = NULL;
	struct item	*it;

	if (strcmp(what, "capability") == 0)
		keep = parse_capability;
	else if (strcmp(what, "env") == 0)
		keep = parse_env;
	else
		parse_error(ps, ps->ps_stmtline, "capability or env",
		    parse_example(ps), "nothing to keep is called '%s'", what);
	for (it = names; it != NULL && keep != NULL; it = it->i_next)
		if (keep(ps, it->i_str) == -1)
			break;
	free(what);
	items_free(names);
}

#define SETTING_OTHER	SIZE_MAX	/* not a word or a bit of the policy */

static const struct setting {
	const char	*name;
	const char	*what;		/* a word before the value, or NULL */
	const char	*off, *on;	/* words for 0 and 1; NULL: a number;
					   "one two" is a word for 1, one for 2 */
	const char	*expected;
	const char	*example;
	size_t		 member;
} settings[] = {
	{ "audit", NULL,	"no",	"yes",		"yes or no",
	    "set audit yes",	offsetof(struct policy, p_audit) },
	{ "close-on-exec", NULL, "keep", "force",	"force or keep",
	    "set close-on-exec force", offsetof(struct policy, p_cloexec) },
	{ "degrade", NULL,	"no",	"yes",		"yes or no",
	    "set degrade no",	offsetof(struct policy, p_degrade) },
	{ "dotdot", NULL,	"allow", "deny",	"allow or deny",
	    "set dotdot deny",	offsetof(struct policy, p_dotdot) },
	{ "exec-check", NULL, "late", "early",	"early or late",
	    "set exec-check late", offsetof(struct policy, p_early) },
	{ "hide", NULL,	"none",	"mounts",	"mounts or none",
	    "set hide mounts",	offsetof(struct policy, p_hide) },
	{ "late-siblings", NULL, "broker", "deny",	"broker or deny",
	    "set late-siblings broker", offsetof(struct policy, p_late) },
	{ "libraries", NULL,	"no",	"yes",		"yes or no",
	    "set libraries yes", offsetof(struct policy, p_verify.vs_library) },
	{ "nameserver", NULL,	NULL,	NULL,		"an address",
	    "set nameserver \"192.0.2.53\"", SETTING_OTHER },
	{ "network", NULL,	"host",	"loopback none", "loopback, none or host",
	    "set network loopback", offsetof(struct policy, p_network) },
	{ "on-failure", NULL,	"kill",	"restart",	"kill or restart",
	    "set on-failure kill", offsetof(struct policy, p_restart) },
	{ "pin", NULL,		NULL,	NULL,		"seconds, 0 to 86400",
	    "set pin 60",	SETTING_OTHER },
	{ "require", "landlock", NULL,	NULL,		"a number from 1 to 20",
	    "set require landlock 6", offsetof(struct policy, p_landlock) },
	{ "safe-names", NULL,	"no",	"yes",		"yes or no",
	    "set safe-names yes", offsetof(struct policy, p_safenames) },
	{ "tmpdir", NULL,	"none",	"private",	"private or none",
	    "set tmpdir private", offsetof(struct policy, p_tmpdir) },
	{ "tpe", NULL,	"no",	"yes",		"yes or no",
	    "set tpe yes",	offsetof(struct policy, p_trusted) },
	{ "verify", NULL,	"listed", "all",	"all or listed",
	    "set verify all",	offsetof(struct policy, p_verify.vs_all) },
	{ "watch", NULL,	"no",	"yes",		"yes or no",
	    "set watch yes",	offsetof(struct policy, p_watch) },
	{ "wx", NULL,		"no",	"yes",		"yes or no",
	    "set wx yes",	offsetof(struct policy, p_verify.vs_wx) },
};
#define NSETTINGS	(sizeof(settings) / sizeof(settings[0]))

/* Where the policy says so, for what is found out later.  NULL: no memory. */
static char *
parse_place(struct parser *ps)
{
	char	*at = NULL;

	if (asprintf(&at, "%s:%u", ps->ps_file, ps->ps_stmtline) == -1) {
		policy_yyerror(ps, "out of memory");
		return (NULL);
	}
	return (at);
}

/* Which of the words, which single spaces separate: from 1 on, or -1. */
static int
word_place(const char *words, const char *word)
{
	size_t	 len;
	int	 n;

	for (n = 1;; n++) {
		len = strcspn(words, " ");
		if (len == strlen(word) && strncmp(words, word, len) == 0)
			return (n);
		if (words[len] == '\0')
			return (-1);
		words += len + 1;
	}
}

/* The value as a number, or -1. */
static int
setting_value(const struct setting *st, const char *value)
{
	const char	*wrong;
	int		 n;

	if (st->on == NULL) {
		n = (int)strtonum(value, 1, LANDLOCK_MAX, &wrong);
		return (wrong == NULL ? n : -1);
	}
	if (strcmp(value, st->off) == 0)
		return (0);
	return (word_place(st->on, value));
}

/* The last that speaks of a class, or of all files, decides. */
static void
verify_at(struct parser *ps, size_t place)
{
	char	**at = &ps->ps_policy->p_verify.vs_at[place];

	free(*at);
	*at = parse_place(ps);
}

/* An option that is a class of executables by another name. */
static void
setting_class(struct parser *ps, uint32_t class, int on)
{
	exec_class_set(&ps->ps_policy->p_verify, class,
	    on ? RULE_DENY : RULE_ALLOW, EFFECT_NONE);
	verify_at(ps, (size_t)__builtin_ctz(class));
}

/* One of several that say the same thing counts: the strictest. */
static void
setting_landlock(struct parser *ps, int abi)
{
	struct policy	*p = ps->ps_policy;

	if (abi <= p->p_landlock)
		return;
	p->p_landlock = abi;
	free(p->p_landlock_at);
	p->p_landlock_at = parse_place(ps);
}

static void
parse_setting(struct parser *ps, const struct setting *st, const char *first,
    const char *second)
{
	const char	*value = st->what != NULL ? second : first;
	int		 n;

	if (st->what != NULL && strcmp(first, st->what) != 0)
		parse_error(ps, ps->ps_stmtline, st->what, st->example,
		    "nothing to %s is called '%s'", st->name, first);
	else if (value == NULL)
		parse_error(ps, ps->ps_stmtline, st->expected, st->example,
		    "the line ends too early");
	else if ((st->what == NULL && second != NULL) ||
	    st->member == SETTING_OTHER)
		parse_error(ps, ps->ps_stmtline, "the end of the line",
		    st->example, "unexpected '%s'", second);
	else if ((n = setting_value(st, value)) == -1)
		parse_error(ps, ps->ps_stmtline, st->expected, st->example,
		    "%s cannot be '%s'", st->what != NULL ? st->what :
		    st->name, value);
	else if (st->what != NULL)
		setting_landlock(ps, n);
	else {
		memcpy((char *)ps->ps_policy + st->member, &n, sizeof(n));
		if (st->member == offsetof(struct policy, p_verify.vs_all))
			setting_class(ps, EXEC_UNLISTED, n);
		if (st->member == offsetof(struct policy, p_trusted))
			setting_class(ps, EXEC_UNTRUSTED, n);
	}
}

/* set nameserver ADDRESS [port PORT]; the strings are its own. */
static void
parse_server(struct parser *ps, char *name, char *addr, char *word,
    char *number)
{
	struct policy	*p = ps->ps_policy;
	const char	*why = NULL, *example = "set nameserver \"127.0.0.1\" "
			    "port 5353";
	uint16_t	 port = 53;
	uint8_t		 lo[16], hi[16];

	if (number != NULL)
		port = (uint16_t)strtonum(number, 1, UINT16_MAX, &why);
	if (strcmp(name, "nameserver") != 0)
		parse_error(ps, ps->ps_stmtline, "the end of the line",
		    parse_example(ps), "unexpected '%s'", number != NULL ?
		    number : addr);
	else if (netaddr_parse(addr, lo, hi) == -1 ||
	    memcmp(lo, hi, sizeof(lo)) != 0)
		parse_error(ps, ps->ps_stmtline, "one address", example,
		    "'%s' is not an address", addr);
	else if (word != NULL && (strcmp(word, "port") != 0 || why != NULL))
		parse_error(ps, ps->ps_stmtline, "port and a number from 1 to "
		    "65535", example, "unexpected '%s %s'", word, number);
	else if (p->p_nservers == (int)(sizeof(p->p_ports) /
	    sizeof(p->p_ports[0])))
		parse_error(ps, ps->ps_stmtline, "three at most", example,
		    "too many name servers");
	else {
		memcpy(p->p_servers[p->p_nservers], lo, sizeof(lo));
		p->p_ports[p->p_nservers++] = port;
	}
	free(name);
	free(addr);
	free(word);
	free(number);
}

static void
parse_pin(struct parser *ps, const char *value, const char *second)
{
	const char	*why;
	int		 n = (int)strtonum(value, 0, NAME_PIN_MAX, &why);

	if (why != NULL || second != NULL)
		parse_error(ps, ps->ps_stmtline, "seconds, 0 to 86400",
		    "set pin 60", "pin cannot be '%s'", value);
	else
		ps->ps_policy->p_pin = n;
}

static void
parse_set(struct parser *ps, char *name, char *first, char *second)
{
	char	 expected[LIST_MAX];
	size_t	 i;

	if (strcmp(name, "nameserver") == 0 && second == NULL) {
		parse_server(ps, name, first, NULL, NULL);
		return;
	}
	if (strcmp(name, "pin") == 0) {
		parse_pin(ps, first, second);
		free(name);
		free(first);
		free(second);
		return;
	}
	for (i = 0; i < NSETTINGS; i++) {
		list_add(expected, sizeof(expected), settings[i].name, i,
		    NSETTINGS);
		if (strcmp(name, settings[i].name) == 0)
			break;
	}
	if (i < NSETTINGS)
		parse_setting(ps, &settings[i], first, second);
	else
		parse_error(ps, ps->ps_stmtline, expected, parse_example(ps),
		    "no option is called '%s'", name);
	free(name);
	free(first);
	free(second);
}

/*
 * Words of pledge(2), and what each leaves of the rules' rights.  Those that
 * leave none are here because a policy never refuses what they stand for.
 */
static const struct {
	const char	*word;
	uint32_t	 rights;
	int		 net;
	const char	*why;
} promises[] = {
	{ "stdio",	0, 0,	"open descriptors, memory, time" },
	{ "rpath",	RG_READ, 0,	"look at files" },
	{ "wpath",	R_WRITE | R_TRUNCATE, 0,	"change contents" },
	{ "cpath",	R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | RG_DELETE, 0,
				"make, rename and remove names" },
	{ "dpath",	R_MKFIFO | R_MKCDEV | R_MKBDEV | R_MKSOCK, 0,
				"mknod(2) and mkfifo(3)" },
	{ "tmppath",	R_MKTEMP, 0,
				"tmpfile(3): files that never have a name" },
	{ "fattr",	R_CHMOD | R_XATTR | R_UTIME, 0,
				"attributes, but not whose it is" },
	{ "chown",	R_CHOWN | R_CHGRP, 0,	"whose it is" },
	{ "tty",	R_IOCTL, 0,	"requests to terminals and devices" },
	{ "exec",	RG_EXEC, 0,	"execve(2), the command's first too" },
	{ "inet",	0, 1,	"`allow net' is all of the network" },
	{ "dns",	0, 1,	"takes sockets as inet does" },
	{ "unix",	R_MKSOCK, 1,	"the same, and bind(2) makes a name" },
	{ "flock",	0, 0,	"locks are never refused" },
	{ "id",		0, 0,	"takes `keep capability' besides" },
	{ "proc",	0, 0,	"fork(2) is never refused" },
	{ "prot_exec",	R_WX, 0,	"with set wx yes, exceptions from it" },
	{ "ps",		0, 0,	"/proc takes rpath" },
	{ "recvfd",	0, 0,	"needs a socket first" },
	{ "sendfd",	0, 0,	"the same" },
};
#define NPROMISES	(sizeof(promises) / sizeof(promises[0]))

static int
promise_word(struct parser *ps, const char *word)
{
	struct policy	*p = ps->ps_policy;
	char		 expected[LIST_MAX];
	size_t		 i;

	for (i = 0; i < NPROMISES; i++) {
		list_add(expected, sizeof(expected), promises[i].word, i,
		    NPROMISES);
		if (strcmp(word, promises[i].word) == 0)
			break;
	}
	if (i == NPROMISES) {
		parse_error(ps, ps->ps_stmtline, expected, PROMISE_EXAMPLE,
		    "nothing to promise is called '%s'", word);
		return (-1);
	}
	p->p_promise |= promises[i].rights;
	if (promises[i].net)
		p->p_noinet = 0;
	return (0);
}

/* The first promise takes all, then each word gives back. */
static void
parse_promise(struct parser *ps, struct item *words)
{
	struct policy	*p = ps->ps_policy;
	struct item	*it;
	char		*next, *word;
	int		 error = 0;

	if (!p->p_promised) {
		p->p_promised = p->p_noinet = 1;
		p->p_promise = 0;
		p->p_promise_at = parse_place(ps);
	}
	for (it = words; it != NULL && !error; it = it->i_next) {
		next = it->i_str;
		while (!error && (word = strsep(&next, " \t")) != NULL)
			if (*word != '\0')
				error = promise_word(ps, word) == -1;
	}
	items_free(words);
}

/* ---- macros ---- */

static struct macro *
macro_find(const struct policy *p, const char *name)
{
	struct macro	*m;

	for (m = p->p_macros; m != NULL; m = m->m_next)
		if (strcmp(m->m_name, name) == 0)
			break;
	return (m);
}

static int
macro_isname(const char *name)
{
	if (name[0] >= '0' && name[0] <= '9')
		return (0);
	return (name[0] != '\0' && name[strspn(name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
	    "0123456789")] == '\0');
}

/* The newest definition is found first.  0 or -1 with errno. */
static int
macro_push(struct policy *p, const char *name, const char *value, int given)
{
	struct macro	*m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (-1);
	m->m_name = strdup(name);
	m->m_value = strdup(value);
	m->m_given = given;
	if (m->m_name == NULL || m->m_value == NULL) {
		free(m->m_name);
		free(m->m_value);
		free(m);
		errno = ENOMEM;
		return (-1);
	}
	m->m_next = p->p_macros;
	p->p_macros = m;
	return (0);
}

/* Forget what was defined after mark. */
static void
macro_pop(struct policy *p, struct macro *mark)
{
	struct macro	*m;

	while ((m = p->p_macros) != mark && m != NULL) {
		p->p_macros = m->m_next;
		free(m->m_name);
		free(m->m_value);
		free(m);
	}
}

static void
parse_macro(struct parser *ps, char *name, char *value)
{
	struct macro	*m;

	if (!macro_isname(name))
		parse_error(ps, ps->ps_stmtline, "letters, digits and _",
		    parse_example(ps), "no macro can be called '%s'", name);
	else if ((m = macro_find(ps->ps_policy, name)) != NULL && m->m_given)
		parse_error(ps, ps->ps_stmtline, "another name",
		    parse_example(ps), "the macro '%s' is given, not defined",
		    name);
	else if (macro_push(ps->ps_policy, name, value, 0) == -1)
		policy_yyerror(ps, "out of memory");
	free(name);
	free(value);
}

/*
 * A value that no policy's text chose, so that nothing in it is special: into
 * buf, of 2 * PATTERN_MAX bytes.  NULL, or what is wrong with it.
 */
static const char *
macro_literal(const char *value, char *buf)
{
	size_t	 i, n = 0;

	/* Nothing sensible can be said about / or nothing: skip the rules. */
	if (value == NULL || value[strspn(value, "/")] == '\0') {
		buf[0] = MARK_SKIP;
		buf[1] = '\0';
		return (NULL);
	}
	for (i = 0; value[i] != '\0'; i++) {
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return ("the value has a control character");
		if (i == PATTERN_MAX - 1)
			return ("the value is too long");
		if (strchr("*?[]{},\\", value[i]) != NULL)
			buf[n++] = MARK_LITERAL;
		buf[n++] = value[i];
	}
	buf[n] = '\0';
	return (NULL);
}

int
policy_macro(struct policy *p, const char *name, const char *value)
{
	char		 buf[2 * PATTERN_MAX];
	const char	*why;

	if ((why = macro_literal(value, buf)) != NULL) {
		fprintf(stderr, "$%s: %s; expected a path; for example: "
		    "%s=/home/user\n", name, why, name);
		return (-1);
	}
	if (macro_push(p, name, buf, 1) == -1) {
		fprintf(stderr, "$%s: out of memory\n", name);
		return (-1);
	}
	return (0);
}

/*
 * A macro from the environment, which is ours now and cleaned later.  The
 * value may be a secret: it is not shown.
 */
static int
parse_useenv(struct parser *ps, const char *name)
{
	struct policy	*p = ps->ps_policy;
	struct macro	*m;
	char		 buf[2 * PATTERN_MAX], example[128];
	const char	*value, *why;

	if (!macro_isname(name)) {
		parse_error(ps, ps->ps_stmtline, "a variable's name",
		    parse_example(ps), "'%s' is not an environment variable",
		    name);
		return (-1);
	}
	if ((m = macro_find(p, name)) != NULL && m->m_given) {
		parse_error(ps, ps->ps_stmtline, "another name",
		    parse_example(ps), "the macro '%s' is given already",
		    name);
		return (-1);
	}
	value = getenv(name);
	if ((why = macro_literal(value, buf)) == NULL && buf[0] != '/' &&
	    buf[0] != MARK_SKIP)
		why = "the value does not begin with /";
	if (why != NULL) {
		(void)snprintf(example, sizeof(example), "%.64s=/home/user/dir",
		    name);
		parse_error(ps, ps->ps_stmtline, "an absolute path in the "
		    "environment, or none", example, "$%s: %s", name, why);
		/* No more errors for want of it. */
		(void)macro_literal(NULL, buf);
	}
	if (macro_push(p, name, buf, 0) == -1)
		policy_yyerror(ps, "out of memory");
	return (0);
}

static void
parse_use(struct parser *ps, char *what, struct item *names)
{
	struct item	*it = names;

	if (strcmp(what, "env") != 0) {
		parse_error(ps, ps->ps_stmtline, "env", parse_example(ps),
		    "nothing to use is called '%s'", what);
		it = NULL;
	}
	for (; it != NULL; it = it->i_next)
		if (parse_useenv(ps, it->i_str) == -1)
			break;
	free(what);
	items_free(names);
}

/* ---- the lexer ---- */

struct token {
	char		 t_buf[2 * PATTERN_MAX];
	size_t		 t_len;
	int		 t_long;	/* did not fit */
	int		 t_expanded;	/* a macro: never a keyword */
};

static int
lex_peek(const struct parser *ps, size_t ahead)
{
	if (ahead >= ps->ps_len - ps->ps_pos)
		return (EOF);
	return ((unsigned char)ps->ps_text[ps->ps_pos + ahead]);
}

/* Report, and go on at the end of the line. */
static int
lex_bad(struct parser *ps, const char *expected, const char *what)
{
	parse_error(ps, ps->ps_line, expected, parse_example(ps), "%s", what);
	while (lex_peek(ps, 0) != EOF && lex_peek(ps, 0) != '\n')
		ps->ps_pos++;
	ps->ps_open = 0;
	return (BAD);
}

static void
token_put(struct token *t, char c)
{
	if (t->t_len < sizeof(t->t_buf) - 1)
		t->t_buf[t->t_len++] = c;
	else
		t->t_long = 1;
}

static int
lex_isname(int c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

static int
token_expand(struct parser *ps, struct token *t, const char *name)
{
	const struct macro	*m;
	const char		*p;
	char			 what[128];

	if ((m = macro_find(ps->ps_policy, name)) == NULL) {
		(void)snprintf(what, sizeof(what),
		    "the macro '%.64s' is not defined", name);
		return (lex_bad(ps, "HOME, PWD, WORKDIR, TMPDIR, TTY, USER or a "
		    "name defined above", what));
	}
	for (p = m->m_value; *p != '\0'; p++)
		token_put(t, *p);
	t->t_expanded = 1;
	return (0);
}

/* $name or ${name}; at the $.  0 or BAD. */
static int
lex_macro(struct parser *ps, struct token *t)
{
	char	 name[128];
	size_t	 n = 0;
	int	 brace;

	ps->ps_pos++;
	brace = lex_peek(ps, 0) == '{';
	if (brace)
		ps->ps_pos++;
	while (lex_isname(lex_peek(ps, 0)) && n < sizeof(name) - 1)
		name[n++] = ps->ps_text[ps->ps_pos++];
	name[n] = '\0';
	if (!macro_isname(name) || lex_isname(lex_peek(ps, 0)) ||
	    (brace && lex_peek(ps, 0) != '}'))
		return (lex_bad(ps, "$NAME or ${NAME}, or '$' in single "
		    "quotes", "a $ is not followed by a macro's name"));
	if (brace)
		ps->ps_pos++;
	return (token_expand(ps, t, name));
}

/* ~ or ~/ at the start of a text that is not in single quotes. */
static int
lex_tilde(struct parser *ps, struct token *t)
{
	int	 c;

	if (lex_peek(ps, 0) != '~')
		return (0);
	c = lex_peek(ps, 1);
	if (c != EOF && strchr("/ \t\n\",}", c) == NULL)
		return (0);
	ps->ps_pos++;
	return (token_expand(ps, t, "HOME"));
}

static int
lex_give(struct parser *ps, union POLICY_YYSTYPE *lval, struct token *t,
    int kind)
{
	t->t_buf[t->t_len] = '\0';
	if (t->t_long)
		return (lex_bad(ps, "fewer than 4096 bytes",
		    "a word or string is too long"));
	(void)snprintf(ps->ps_word, sizeof(ps->ps_word), "%.60s", t->t_buf);
	if ((lval->string = strdup(t->t_buf)) == NULL)
		return (lex_bad(ps, NULL, "out of memory"));
	return (kind);
}

static int
lex_quoted(struct parser *ps, union POLICY_YYSTYPE *lval, struct token *t)
{
	int	 c, quote = lex_peek(ps, 0);

	ps->ps_pos++;
	if (quote == '"' && lex_tilde(ps, t) != 0)
		return (BAD);
	while ((c = lex_peek(ps, 0)) != quote) {
		if (c == EOF || c == '\n')
			return (lex_bad(ps, "it on the same line",
			    "a quoted string has no closing quote"));
		if (quote == '"' && c == '$') {
			if (lex_macro(ps, t) != 0)
				return (BAD);
			continue;
		}
		if (quote == '"' && c == '\\' && lex_peek(ps, 1) != EOF &&
		    strchr("\"\\$", lex_peek(ps, 1)) != NULL) {
			ps->ps_pos++;
			c = lex_peek(ps, 0);
		}
		token_put(t, (char)c);
		ps->ps_pos++;
	}
	ps->ps_pos++;
	c = lex_peek(ps, 0);
	if (c != EOF && strchr(" \t\n,{}=#\\", c) == NULL)
		return (lex_bad(ps, "quotes around the whole text",
		    "a quoted string is followed by more text"));
	return (lex_give(ps, lval, t, QUOTED));
}

static int
lex_isverb(int token)
{
	return (token == ALLOW || token == DENY || token == WARN ||
	    token == KILL || token == STOP || token == ABORT ||
	    token == EXIT || token == HIDE || token == MASK ||
	    token == APPEND);
}

/* Is keyword number i one here? */
static int
lex_iskeyword(const struct parser *ps, size_t i)
{
	size_t	 k;

	for (k = 0; k < NKEYWORDS && ps->ps_ntok > 0; k++)
		if (keywords[k].token == ps->ps_first && keywords[k].plain)
			return (0);
	switch (keywords[i].starts) {
	case KW_FIRST:
		return (ps->ps_ntok == 0);
	case KW_RULE:
		return (ps->ps_ntok > 0 && lex_isverb(ps->ps_first));
	case KW_VERB:
		return (ps->ps_ntok == 0 ||
		    (ps->ps_ntok == 1 && lex_isverb(ps->ps_first)));
	case KW_TPE:
		return (ps->ps_ntok == 1 && ps->ps_first == TPE);
	}
	return (1);
}

static int
lex_word(struct parser *ps, union POLICY_YYSTYPE *lval, struct token *t)
{
	size_t	 i;
	int	 c, kind;

	if (lex_tilde(ps, t) != 0)
		return (BAD);
	while ((c = lex_peek(ps, 0)) != EOF && strchr(" \t\n,}=", c) == NULL) {
		if (c == '\\' && lex_peek(ps, 1) == '\n')
			break;
		if (strchr("\"'#{\\", c) != NULL)
			return (lex_bad(ps, "quotes around the whole text",
			    "one of \" ' # { \\ is in an unquoted word"));
		if (c == '$') {
			if (lex_macro(ps, t) != 0)
				return (BAD);
			continue;
		}
		token_put(t, (char)c);
		ps->ps_pos++;
	}
	t->t_buf[t->t_len] = '\0';
	for (i = 0; i < NKEYWORDS && !t->t_expanded; i++)
		if (strcmp(t->t_buf, keywords[i].word) == 0 &&
		    lex_iskeyword(ps, i)) {
			(void)strlcpy(ps->ps_word, t->t_buf,
			    sizeof(ps->ps_word));
			return (keywords[i].token);
		}
	kind = t->t_buf[0] == '/' || t->t_buf[0] == MARK_SKIP ? PATH : WORD;
	return (lex_give(ps, lval, t, kind));
}

/* At a newline inside { }: does the next line start a statement? */
static int
lex_unclosed(const struct parser *ps)
{
	size_t	 i, n, at = 0;
	int	 c;

	while ((c = lex_peek(ps, at)) == ' ' || c == '\t' || c == '\n')
		at++;
	if (c == EOF)
		return (1);
	for (i = 0; i < NKEYWORDS; i++) {
		n = strlen(keywords[i].word);
		if (keywords[i].starts == 1 && ps->ps_len - ps->ps_pos - at > n &&
		    strncmp(ps->ps_text + ps->ps_pos + at, keywords[i].word,
		    n) == 0 && strchr(" \t", lex_peek(ps, at + n)) != NULL)
			return (1);
	}
	return (0);
}

/* Blanks, comments and continued lines; newlines too inside { }. */
static int
lex_skip(struct parser *ps)
{
	char	 what[64];
	int	 c;

	for (;; ps->ps_pos++) {
		c = lex_peek(ps, 0);
		if (c == '#')
			while ((c = lex_peek(ps, 0)) != EOF && c != '\n')
				ps->ps_pos++;
		if (c == '\\' && lex_peek(ps, 1) == '\n') {
			ps->ps_pos++;
			ps->ps_line++;
			continue;
		}
		if ((c == '\n' || c == EOF) && ps->ps_open) {
			if (lex_unclosed(ps)) {
				(void)snprintf(what, sizeof(what),
				    "the { of line %u is not closed",
				    ps->ps_openline);
				return (lex_bad(ps, "}", what));
			}
			ps->ps_line++;
			continue;
		}
		if (c != ' ' && c != '\t')
			return (0);
	}
}

static int
lex_char(struct parser *ps, int c)
{
	(void)snprintf(ps->ps_word, sizeof(ps->ps_word), "%c", c);
	if (c == '{' && ps->ps_open)
		return (lex_bad(ps, "one list at a time",
		    "a { is inside another"));
	if (c == '{') {
		ps->ps_open = 1;
		ps->ps_openline = ps->ps_line;
	} else if (c == '}')
		ps->ps_open = 0;
	ps->ps_pos++;
	return (c);
}

static int
lex_token(struct parser *ps, union POLICY_YYSTYPE *lval)
{
	struct token	 t;
	int		 c;

	if (*ps->ps_errors > ERRORS_MAX)
		return (POLICY_YYEOF);
	if (lex_skip(ps) != 0)
		return (BAD);
	ps->ps_tokline = ps->ps_line;
	switch (c = lex_peek(ps, 0)) {
	case EOF:
		/* A last line without its newline is a line. */
		return (ps->ps_ntok > 0 ? EOL : POLICY_YYEOF);
	case '\n':
		ps->ps_line++;
		ps->ps_pos++;
		return (EOL);
	case '{':
	case '}':
	case ',':
	case '=':
		return (lex_char(ps, c));
	}
	t.t_len = 0;
	t.t_long = t.t_expanded = 0;
	if (c == '"' || c == '\'')
		return (lex_quoted(ps, lval, &t));
	if (c == '\\')
		return (lex_bad(ps, "a newline after it",
		    "a \\ does not end its line"));
	return (lex_word(ps, lval, &t));
}

static int
policy_yylex(union POLICY_YYSTYPE *lval, struct parser *ps)
{
	int	 token;

	token = lex_token(ps, lval);
	if (token == EOL || token == POLICY_YYEOF) {
		ps->ps_ntok = 0;
		return (token);
	}
	if (ps->ps_ntok++ == 0) {
		ps->ps_first = token;
		ps->ps_stmtline = ps->ps_tokline;
		(void)strlcpy(ps->ps_firstword, ps->ps_word,
		    sizeof(ps->ps_firstword));
	}
	return (token);
}

/* ---- where policies come from ---- */

void
policy_init(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	p->p_tmpdir = 1;
	p->p_watch = p->p_early = p->p_network = p->p_pin = -1;
	p->p_promise = R_ALL;
}

const char *
network_setting(const struct policy *p)
{
	return (p->p_network == NETWORK_NONE ? "set network none" :
	    p->p_network == NETWORK_LOOPBACK ? "set network loopback" :
	    "set network host");
}

void
policy_free(struct policy *p)
{
	size_t	 i;

	ruleset_free(&p->p_rules);
	guard_free(&p->p_guards);
	verify_free(&p->p_verify);
	netset_free(&p->p_nets);
	nettables_free(&p->p_tables);
	tpe_free(&p->p_tpe);
	for (i = 0; i < p->p_nenv; i++)
		free(p->p_env[i]);
	for (i = 0; i < p->p_ncalls; i++)
		free(p->p_calls[i].pc_file);
	free(p->p_promise_at);
	free(p->p_script_at);
	free(p->p_landlock_at);
	macro_pop(p, NULL);
	memset(p, 0, sizeof(*p));
}

int
policy_end(struct policy *p)
{
	if (p->p_noinet) {
		p->p_net = 0;
		netset_free(&p->p_nets);
	}
	if (!p->p_promised || (p->p_promise & R_EXEC))
		return (0);
	fprintf(stderr, "%s: without \"exec\" the command itself could not "
	    "start; expected exec among what is promised; for example: "
	    PROMISE_EXAMPLE "\n", p->p_promise_at != NULL ? p->p_promise_at :
	    "promise");
	return (-1);
}

/* Bytes that cannot be in a policy: 0, or -1 after saying where. */
static int
parse_bytes(struct parser *ps)
{
	uint32_t	 line = 1;
	size_t		 i;
	unsigned char	 c;

	if (ps->ps_len >= 3 && memcmp(ps->ps_text, "\xef\xbb\xbf", 3) == 0) {
		parse_error(ps, line, "text without one",
		    "LC_ALL=C sed -i '1s/^...//' site.conf",
		    "the file begins with a byte order mark");
		return (-1);
	}
	for (i = 0; i < ps->ps_len; i++) {
		c = (unsigned char)ps->ps_text[i];
		if (c == '\n')
			line++;
		else if ((c < ' ' && c != '\t') || c == 0x7f) {
			parse_error(ps, line, "text with tabs and newlines "
			    "only", c == '\r' ? "sed -i 's/\\r$//' site.conf" :
			    "allow read under /usr", "the byte 0x%02x is a "
			    "control character", c);
			return (-1);
		}
	}
	return (0);
}

/* Parse ps_text.  0, or -1 when this run said something. */
static int
parse_run(struct parser *ps)
{
	struct macro	*mark = ps->ps_policy->p_macros;
	struct parser	*parent = ps->ps_parent;
	int		 errors = 0;

	if (parent != NULL) {
		ps->ps_errors = parent->ps_errors;
		ps->ps_depth = parent->ps_depth + 1;
	} else
		ps->ps_errors = &errors;
	ps->ps_line = ps->ps_tokline = ps->ps_stmtline = 1;
	if (parse_bytes(ps) == 0 && policy_yyparse(ps) != 0 &&
	    *ps->ps_errors == 0)
		policy_yyerror(ps, "this cannot be parsed");
	macro_pop(ps->ps_policy, mark);
	return (*ps->ps_errors == 0 ? 0 : -1);
}

/* May ps include something?  Names both ends of what is wrong. */
static int
parse_nesting(struct parser *ps, const struct parser *n)
{
	const struct parser	*up;

	for (up = ps; up != NULL; up = up->ps_parent) {
		if (n->ps_isfile ? !up->ps_isfile || up->ps_dev != n->ps_dev ||
		    up->ps_ino != n->ps_ino : up->ps_text != n->ps_text)
			continue;
		if (up->ps_parent != NULL)
			parse_error(ps, ps->ps_stmtline, "files that do not "
			    "include each other", INCLUDE_EXAMPLE, "'%s' is "
			    "being read already, included at %s:%u",
			    n->ps_file,
			    up->ps_parent->ps_file,
			    up->ps_parent->ps_stmtline);
		else
			parse_error(ps, ps->ps_stmtline, "files that do not "
			    "include each other", INCLUDE_EXAMPLE, "'%s' is "
			    "being read already, as the first file",
			    n->ps_file);
		return (-1);
	}
	if (ps->ps_depth + 1 >= INCLUDE_DEPTH) {
		for (up = ps; up->ps_parent != NULL; up = up->ps_parent)
			continue;
		parse_error(ps, ps->ps_stmtline, "files that nest less",
		    INCLUDE_EXAMPLE, "included more than %d deep, from %s:%u",
		    INCLUDE_DEPTH, up->ps_file, up->ps_stmtline);
		return (-1);
	}
	return (0);
}

/* Only who may run the sandbox without a policy may write one for it. */
static const char *
file_refused(const struct stat *st, const char **expected,
    const char **example)
{
	*expected = "a regular file of root or yourself";
	*example = FILE_EXAMPLE;
	if (!S_ISREG(st->st_mode))
		return ("not a regular file");
	if (st->st_size > POLICY_SIZE_MAX) {
		*expected = "several files that are smaller";
		*example = INCLUDE_EXAMPLE;
		return ("larger than a megabyte");
	}
	if (st->st_uid != 0 && st->st_uid != getuid())
		return ("owned by another user");
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		*expected = "a regular file of root or yourself, with: chmod "
		    "go-w";
		*example = "chmod go-w site.conf";
		return ("writable by others");
	}
	return (NULL);
}

/* The bytes of an open file, or NULL with errno. */
static char *
file_read(int fd, size_t size, size_t *len)
{
	char	*text;
	ssize_t	 n = 1;

	if ((text = malloc(size + 1)) == NULL)
		return (NULL);
	for (*len = 0; *len < size && n > 0; *len += (size_t)n)
		if ((n = read(fd, text + *len, size - *len)) == -1) {
			free(text);
			return (NULL);
		}
	return (text);
}

/* Errors go to the includer's line, if there is one. */
static int
file_parse(struct policy *p, const char *path, struct parser *parent)
{
	struct parser	 ps, *who = parent != NULL ? parent : &ps;
	struct stat	 st;
	const char	*why, *expected, *example;
	char		*text = NULL;
	int		 fd, rv = -1, errors = 0;

	memset(&ps, 0, sizeof(ps));
	ps.ps_policy = p;
	ps.ps_file = path;
	ps.ps_isfile = 1;
	ps.ps_parent = parent;
	ps.ps_errors = &errors;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1) {
		parse_error(who, who->ps_stmtline, "a policy file",
		    parent != NULL ? INCLUDE_EXAMPLE : FILE_EXAMPLE,
		    "cannot read '%s': %s", path, strerror(errno));
		goto done;
	}
	ps.ps_dev = st.st_dev;
	ps.ps_ino = st.st_ino;
	why = file_refused(&st, &expected, &example);
	if (why != NULL) {
		parse_error(who, who->ps_stmtline, expected, example,
		    "'%s' is %s", path, why);
		goto done;
	}
	if (parent != NULL && parse_nesting(parent, &ps) == -1)
		goto done;
	text = file_read(fd, (size_t)st.st_size, &ps.ps_len);
	if ((ps.ps_text = text) == NULL)
		parse_error(who, who->ps_stmtline, NULL, NULL,
		    "cannot read '%s': %s", path, strerror(errno));
	else
		rv = parse_run(&ps);
done:
	if (fd != -1)
		close(fd);
	free(text);
	return (rv);
}

/* "a, b or c" */
static void
profile_names(char *buf, size_t size)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < profiles_count; i++) {
		if (i > 0)
			(void)strlcat(buf, i + 1 < profiles_count ? ", " :
			    " or ", size);
		(void)strlcat(buf, profiles[i].pf_name, size);
	}
}

static int
profile_parse(struct policy *p, const char *name, struct parser *parent)
{
	struct parser	 ps, *who = parent != NULL ? parent : &ps;
	char		 names[256];
	size_t		 i;
	int		 errors = 0;

	memset(&ps, 0, sizeof(ps));
	ps.ps_policy = p;
	ps.ps_parent = parent;
	ps.ps_errors = &errors;
	ps.ps_file = name;
	for (i = 0; i < profiles_count; i++)
		if (strcmp(profiles[i].pf_name, name) == 0)
			break;
	if (i == profiles_count) {
		profile_names(names, sizeof(names));
		parse_error(who, who->ps_stmtline, names,
		    "profile \"default\"",
		    "no built-in profile is called '%s'", name);
		return (-1);
	}
	ps.ps_text = profiles[i].pf_text;
	ps.ps_len = strlen(ps.ps_text);
	if (parent != NULL && parse_nesting(parent, &ps) == -1)
		return (-1);
	return (parse_run(&ps));
}

/*
 * The file that a policy names: relative names are looked up beside the
 * policy's own file.  0, or -1 after saying what is wrong.
 */
static int
parse_file(struct parser *ps, const char *name, char *path, size_t size)
{
	const char	*slash = NULL;
	int		 n;

	if (ps->ps_isfile && name[0] != '/')
		slash = strrchr(ps->ps_file, '/');
	n = snprintf(path, size, "%.*s%s",
	    slash == NULL ? 0 : (int)(slash - ps->ps_file + 1), ps->ps_file,
	    name);
	if (n < 0 || (size_t)n >= size)
		parse_error(ps, ps->ps_stmtline, "fewer than 4096 bytes",
		    parse_example(ps), "the name is too long");
	else if (strpbrk(name, "\001\002") != NULL)
		parse_error(ps, ps->ps_stmtline, "a name without HOME, PWD, "
		    "WORKDIR or TMPDIR", parse_example(ps),
		    "a macro that may be empty names a file");
	else
		return (0);
	return (-1);
}

static void
parse_include(struct parser *ps, char *name)
{
	char	 path[PATH_MAX];

	if (parse_file(ps, name, path, sizeof(path)) == 0)
		(void)file_parse(ps->ps_policy, path, ps);
	free(name);
}

/* ---- executables ---- */

#define CLASS_EXAMPLE	"deny exec class { nonpie execstack }"
#define DIGEST_EXAMPLE	"verify exec \"/usr/bin/cc\" sha256 " \
	"\"9f86d081...\", all 64 digits"

static void
parse_class(struct parser *ps, int verb, int flags, uint32_t rights,
    struct item *names)
{
	struct verifyset	*vs = &ps->ps_policy->p_verify;
	struct item		*it;
	uint32_t		 class;

	if (rights != RG_EXEC || flags != 0) {
		parse_error(ps, ps->ps_stmtline, "an action and exec class",
		    CLASS_EXAMPLE,
		    "only exec has classes, and no more is said of them");
		items_free(names);
		return;
	}
	for (it = names; it != NULL; it = it->i_next) {
		if ((class = exec_class_parse(it->i_str)) == 0) {
			parse_error(ps, ps->ps_stmtline, exec_class_list(),
			    CLASS_EXAMPLE,
			    "no class is called '%s'", it->i_str);
			continue;
		}
		if (VERB_ACTION(verb) == RULE_ALLOW && (class & EXEC_NEVER)) {
			parse_error(ps, ps->ps_stmtline, "another class",
			    CLASS_EXAMPLE, "nothing of class '%s' ever runs",
			    it->i_str);
			continue;
		}
		exec_class_set(vs, class, VERB_ACTION(verb),
		    VERB_EFFECT(verb));
		verify_at(ps, (size_t)__builtin_ctz(class));
	}
	items_free(names);
}

/* Nobody maps one: its digest is looked at before the call, or never. */
static int
path_isscript(const char *path)
{
	char	 head[2];
	int	 fd, script;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) ==
	    -1)
		return (0);
	script = pread(fd, head, 2, 0) == 2 && memcmp(head, "#!", 2) == 0;
	close(fd);
	return (script);
}

static void
verify_exec(struct parser *ps, int effect, char *path, const char *alg,
    const char *hex)
{
	struct item	 it = { NULL, path, 1 };
	struct verify	 v;
	char		*file;

	memset(&v, 0, sizeof(v));
	if (parse_path(ps, &it, MATCH_EXACT) != 1)
		return;
	if ((v.v_alg = digest_parse(alg)) == 0) {
		parse_error(ps, ps->ps_stmtline, "blake2b, sha256, sha512, "
		    "verity-sha256 or verity-sha512",
		    DIGEST_EXAMPLE, "no digest is called '%s'", alg);
		return;
	}
	if (digest_read(v.v_digest, v.v_alg, hex) == -1) {
		parse_error(ps, ps->ps_stmtline,
		    digest_len(v.v_alg) == DIGEST_MIN ?
		    "64 hexadecimal digits" : "128 hexadecimal digits",
		    DIGEST_EXAMPLE, "'%s' is no %s digest", hex, alg);
		return;
	}
	if (ps->ps_policy->p_script_at == NULL && path_isscript(path))
		ps->ps_policy->p_script_at = parse_place(ps);
	if ((file = strdup(ps->ps_file)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return;
	}
	v.v_path = path;
	v.v_file = file;
	v.v_effect = (uint8_t)effect;
	v.v_line = ps->ps_stmtline;
	if (verify_add(&ps->ps_policy->p_verify, &v) == -1)
		parse_error(ps, ps->ps_stmtline, NULL, NULL,
		    errno == E2BIG ? "more than %d digests" :
		    "out of memory for one of %d digests", VERIFY_MAX);
	free(file);
}

static void
verify_from(struct parser *ps, int effect, const char *name,
    const char *keyname)
{
	struct verifyset	*vs = &ps->ps_policy->p_verify;
	char			 path[PATH_MAX], key[PATH_MAX];
	char			 why[MANIFEST_WHY_MAX];
	size_t			 i = vs->vs_count;

	if (parse_file(ps, name, path, sizeof(path)) == -1 ||
	    (keyname != NULL &&
	    parse_file(ps, keyname, key, sizeof(key)) == -1))
		return;
	if (manifest_read(vs, path,
	    keyname != NULL ? key : NULL, why) == -1)
		parse_error(ps, ps->ps_stmtline, keyname == NULL ?
		    "lines of path, algorithm and digest" : "a manifest with "
		    "its signature of signify(1) beside it", keyname == NULL ?
		    "verify from \"tools.manifest\"" : "verify from "
		    "\"tools.manifest\" key \"release.pub\"", "%s", why);
	for (; i < vs->vs_count; i++)
		vs->vs_list[i].v_effect = (uint8_t)effect;
}

/* The strings are its own. */
static void
parse_verify(struct parser *ps, int verb, char *what, char *path, char *word,
    char *value)
{
	int	 effect = VERB_EFFECT(verb);

	if (VERB_ACTION(verb) == RULE_ALLOW && effect != EFFECT_WARN)
		parse_error(ps, ps->ps_stmtline, "warn, deny, kill, stop, "
		    "abort or exit before it, or nothing", "warn "
		    DIGEST_EXAMPLE, "what is allowed needs no digest");
	else if ((strcmp(what, "exec") == 0 || strcmp(what, "library") == 0) &&
	    word != NULL) {
		if (strcmp(what, "library") == 0)
			ps->ps_policy->p_verify.vs_library = 1;
		verify_exec(ps, effect, path, word, value);
	} else if (strcmp(what, "from") == 0 &&
	    (word == NULL || strcmp(word, "key") == 0))
		verify_from(ps, effect, path, value);
	else if (strcmp(what, "exec") == 0 || strcmp(what, "library") == 0)
		parse_error(ps, ps->ps_stmtline, "an algorithm and a digest",
		    DIGEST_EXAMPLE, "the line ends too early");
	else if (strcmp(what, "from") == 0)
		parse_error(ps, ps->ps_stmtline, "key",
		    "verify from \"tools.manifest\" key \"release.pub\"",
		    "unexpected '%s'", word);
	else
		parse_error(ps, ps->ps_stmtline, "exec, library or from",
		    DIGEST_EXAMPLE, "nothing to verify is called '%s'", what);
	free(what);
	free(path);
	free(word);
	free(value);
}

/* ---- the network ---- */

#define NET_WORDS_MAX	1024	/* in one statement */

static struct item *
items_word(struct parser *ps, const char *word)
{
	char	*s;

	if ((s = strdup(word)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return (NULL);
	}
	return (items_new(ps, s, 0));
}

/* Items as words; 0: the statement is to be skipped, for an empty macro. */
static int
net_words(const struct item *it, struct netword *words, size_t *count)
{
	const struct item	*before = NULL;
	size_t			 n = 0;

	for (; it != NULL && n < NET_WORDS_MAX; before = it,
	    it = it->i_next) {
		if (strchr(it->i_str, MARK_SKIP) != NULL)
			return (0);
		if (strchr(it->i_str, MARK_LITERAL) != NULL ||
		    it->i_str[0] == '/')
			path_squeeze(it->i_str, before != NULL &&
			    strcmp(before->i_str, "glob") == 0 ? MATCH_GLOB :
			    MATCH_EXACT);
		words[n].nw_text = it->i_str;
		words[n++].nw_quoted = it->i_quoted;
	}
	*count = n;
	return (it == NULL ? 1 : -1);
}

static void
net_add(struct parser *ps, struct netrule *r, const struct netword *words,
    size_t n)
{
	struct policy	*p = ps->ps_policy;
	struct neterror	 ne = { "", NULL, NULL };

	if (net_parse(r, words, n, &p->p_tables, &ne) == -1)
		parse_error(ps, ps->ps_stmtline, ne.ne_expected,
		    ne.ne_example, "%s", ne.ne_what);
	else if (netset_take(&p->p_nets, r) == 0) {
		if (r->n_whole)
			p->p_net = r->n_rule.r_action == RULE_ALLOW;
		return;
	} else
		parse_error(ps, ps->ps_stmtline, NULL, NULL, errno == E2BIG ?
		    "more rules about the network than a role can take" :
		    "out of memory");
	netrule_free(r);
}

/* The strings are its own. */
static void
parse_net(struct parser *ps, int verb, int flags, struct item *items,
    int number)
{
	static struct netword	 words[NET_WORDS_MAX];
	struct netrule		 r;
	struct rule		*base = &r.n_rule;
	size_t			 n = 0;
	int			 go;

	parse_verb(ps, verb, flags, number);
	memset(&r, 0, sizeof(r));
	base->r_action = (uint8_t)VERB_ACTION(verb);
	base->r_effect = (uint8_t)VERB_EFFECT(verb);
	base->r_flags = (uint8_t)flags;
	base->r_errno = (uint8_t)(number != 0 ? number :
	    base->r_action == RULE_DENY ? EACCES : 0);
	base->r_line = ps->ps_stmtline;
	if ((go = net_words(items, words, &n)) == -1)
		parse_error(ps, ps->ps_stmtline, "a table for many addresses",
		    "table <bad> file \"bad.netset\"", "more than %d words",
		    NET_WORDS_MAX);
	else if (go == 1 && ((base->r_file = strdup(ps->ps_file)) == NULL ||
	    (base->r_path = strdup("")) == NULL)) {
		policy_yyerror(ps, "out of memory");
		free(base->r_file);
	} else if (go == 1)
		net_add(ps, &r, words, n);
	items_free(items);
}

/* The strings are its own. */
static void
parse_table(struct parser *ps, char *name, char *word, char *value)
{
	struct policy	*p = ps->ps_policy;
	struct neterror	 ne = { "", NULL, NULL };
	char		 path[PATTERN_MAX];

	if (strcmp(word, "file") != 0)
		parse_error(ps, ps->ps_stmtline, "file",
		    "table <bad> file \"bad.netset\"", "unexpected '%s'",
		    word);
	else if (parse_file(ps, value, path, sizeof(path)) == 0 &&
	    net_table(&p->p_tables, name, path, ps->ps_file,
	    ps->ps_stmtline, &ne) == -1)
		parse_error(ps, ps->ps_stmtline, ne.ne_expected,
		    ne.ne_example, "%s", ne.ne_what);
	free(name);
	free(word);
	free(value);
}

/* 0, or -1 after saying that there is no such user or group. */
static int
id_find(struct parser *ps, int kind, const struct item *it, uint32_t *id)
{
	struct passwd_entry	 pe;
	const char		*why;
	gid_t			 gid;

	*id = (uint32_t)strtonum(it->i_str, 0, UINT32_MAX - 1, &why);
	if (why == NULL)
		return (0);
	if (!it->i_quoted && strcmp(it->i_str, "user") == 0) {
		*id = kind == TPE_OWNER ? geteuid() : getegid();
		return (0);
	}
	if (kind == TPE_OWNER && passwd_find(it->i_str, 0, &pe) == 0) {
		*id = pe.pe_uid;
		return (0);
	}
	if (kind == TPE_GROUP && group_find(it->i_str, &gid) == 0) {
		*id = gid;
		return (0);
	}
	parse_error(ps, ps->ps_stmtline, kind == TPE_OWNER ?
	    "a name of passwd(5), a number, or user for whoever runs this" :
	    "a name of group(5), a number, or user for that of whoever runs "
	    "this", kind == TPE_OWNER ? "tpe owner user" : "tpe group staff",
	    "no %s is called '%s'", kind == TPE_OWNER ? "user" : "group",
	    it->i_str);
	return (-1);
}

static void
tpe_put(struct parser *ps, int kind, uint32_t id, char *path)
{
	struct tpe_entry	 te;
	char			*file;

	if ((file = strdup(ps->ps_file)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return;
	}
	te.te_kind = (uint8_t)kind;
	te.te_id = id;
	te.te_path = path;
	te.te_file = file;
	te.te_line = ps->ps_stmtline;
	if (tpe_add(&ps->ps_policy->p_tpe, &te) == -1)
		parse_error(ps, ps->ps_stmtline, NULL, NULL,
		    errno == E2BIG ? "more than %d that are trusted" :
		    "out of memory for one of %d that are trusted", TPE_MAX);
	free(file);
}

static void
parse_ids(struct parser *ps, char *what, struct item *names)
{
	struct item	*it;
	uint32_t	 id;
	int		 kind;

	kind = strcmp(what, "owner") == 0 ? TPE_OWNER :
	    strcmp(what, "group") == 0 ? TPE_GROUP : 0;
	if (kind == 0)
		parse_error(ps, ps->ps_stmtline, "owner, group or trust",
		    "tpe owner user", "nothing of tpe is called '%s'", what);
	for (it = names; it != NULL && kind != 0; it = it->i_next)
		if (id_find(ps, kind, it, &id) == 0)
			tpe_put(ps, kind, id, NULL);
	free(what);
	items_free(names);
}

static void
parse_trust(struct parser *ps, int how, struct item *paths)
{
	struct item	*it;
	int		 match = how & ~MATCH_EXISTING;

	if (how != MATCH_EXACT && how != MATCH_UNDER) {
		parse_error(ps, ps->ps_stmtline, "under, or nothing",
		    "tpe trust under /opt/tools",
		    "what is trusted is named, not described");
		items_free(paths);
		return;
	}
	for (it = paths; it != NULL; it = it->i_next)
		if (parse_path(ps, it, match) == 1)
			tpe_put(ps, match == MATCH_UNDER ? TPE_UNDER :
			    TPE_TRUST, 0, it->i_str);
	items_free(paths);
}

/* What a limit can be, and where it goes. */
static const struct {
	const char	*word;
	uint32_t	 max;
	size_t		 member;
} limits[] = {
	{ "crashes",	GUARD_CRASHES_MAX, offsetof(struct guard, g_crashes) },
	{ "window",	GUARD_SECONDS_MAX, offsetof(struct guard, g_window) },
	{ "suspend",	GUARD_SECONDS_MAX, offsetof(struct guard, g_suspend) },
};
#define NLIMITS		(sizeof(limits) / sizeof(limits[0]))

/* "WORD NUMBER".  0, or -1 after saying what is wrong. */
static int
guard_limit(struct parser *ps, struct guard *g, const char *word,
    const char *value)
{
	const char	*wrong = NULL;
	char		 range[64];
	uint32_t	 n = 0;
	size_t		 i;

	for (i = 0; i < NLIMITS; i++)
		if (strcmp(word, limits[i].word) == 0)
			break;
	if (i == NLIMITS) {
		parse_error(ps, ps->ps_stmtline, "crashes, window, suspend or "
		    "no", GUARD_EXAMPLE, "segvguard has no limit that is "
		    "called '%s'", word);
		return (-1);
	}
	if (value != NULL)
		n = (uint32_t)strtonum(value, 1, limits[i].max, &wrong);
	if (value == NULL || wrong != NULL) {
		(void)snprintf(range, sizeof(range), "a number from 1 to %u",
		    limits[i].max);
		parse_error(ps, ps->ps_stmtline, range, GUARD_EXAMPLE,
		    "%s cannot be '%s'", word, value != NULL ? value : "");
		return (-1);
	}
	memcpy((char *)g + limits[i].member, &n, sizeof(n));
	return (0);
}

static int
guard_limits(struct parser *ps, struct guard *g, const struct item *words)
{
	const struct item	*it;

	if (words == NULL)
		return (-1);		/* no memory, told */
	if (strcmp(words->i_str, "no") == 0 && words->i_next == NULL)
		return (0);
	g->g_window = GUARD_WINDOW;
	g->g_suspend = GUARD_SUSPEND;
	for (it = words; it != NULL; it = it->i_next) {
		if (guard_limit(ps, g, it->i_str, it->i_next != NULL ?
		    it->i_next->i_str : NULL) == -1)
			return (-1);
		it = it->i_next;
	}
	if (g->g_crashes == 0) {
		parse_error(ps, ps->ps_stmtline, "crashes and a number",
		    GUARD_EXAMPLE, "how many crashes are too many is not "
		    "said");
		return (-1);
	}
	return (0);
}

static void
guard_put(struct parser *ps, struct guard *g, char *path, int match)
{
	char	*file;

	if ((file = strdup(ps->ps_file)) == NULL) {
		policy_yyerror(ps, "out of memory");
		return;
	}
	g->g_rule.r_path = path;
	g->g_rule.r_file = file;
	g->g_rule.r_line = ps->ps_stmtline;
	g->g_rule.r_match = (uint8_t)match;
	if (guard_add(&ps->ps_policy->p_guards, g) == -1) {
		if (errno == E2BIG)
			parse_error(ps, ps->ps_stmtline, NULL, NULL,
			    "more than %d segvguard statements", GUARDS_MAX);
		else
			policy_yyerror(ps, "out of memory");
	}
	free(file);
}

/* Without paths it is about all. */
static void
parse_guard(struct parser *ps, int how, struct item *paths,
    struct item *words)
{
	static char	 root[] = "/";
	struct guard	 g;
	struct item	*it;
	int		 match = how & ~MATCH_EXISTING;

	memset(&g, 0, sizeof(g));
	if (guard_limits(ps, &g, words) == 0) {
		if (paths == NULL)
			guard_put(ps, &g, root, match);
		for (it = paths; it != NULL; it = it->i_next)
			if (parse_path(ps, it, match) == 1 && (match == how ||
			    !path_missing(it->i_str, RULE_ALLOW)))
				guard_put(ps, &g, it->i_str, match);
	}
	items_free(paths);
	items_free(words);
}

/* "verify library from": a manifest that has libraries in it. */
static void
parse_verify_library(struct parser *ps, int verb, char *what, char *from,
    char *name, char *word, char *value)
{
	int	 effect = VERB_EFFECT(verb);

	if (VERB_ACTION(verb) == RULE_ALLOW && effect != EFFECT_WARN)
		parse_error(ps, ps->ps_stmtline, "warn, deny, kill, stop, "
		    "abort or exit before it, or nothing", "warn verify "
		    "library from \"tools.manifest\"",
		    "what is allowed needs no digest");
	else if (strcmp(what, "library") == 0 && strcmp(from, "from") == 0 &&
	    (word == NULL || strcmp(word, "key") == 0)) {
		ps->ps_policy->p_verify.vs_library = 1;
		verify_from(ps, effect, name, value);
	} else
		parse_error(ps, ps->ps_stmtline, "library from, and maybe key",
		    "verify library from \"tools.manifest\" key "
		    "\"release.pub\"", "unexpected '%s'",
		    strcmp(what, "library") != 0 ? what :
		    strcmp(from, "from") != 0 ? from : word);
	free(what);
	free(from);
	free(name);
	free(word);
	free(value);
}

/* With an errno, that is what its denials fail with. */
static void
parse_profile(struct parser *ps, char *name, int number)
{
	struct ruleset	*rs = &ps->ps_policy->p_rules;
	size_t		 i = rs->rs_count;

	(void)profile_parse(ps->ps_policy, name, ps);
	for (; number != 0 && i < rs->rs_count; i++)
		if (rs->rs_rules[i].r_action == RULE_DENY)
			rs->rs_rules[i].r_errno = (uint8_t)number;
	free(name);
}

int
policy_parse_file(struct policy *p, const char *path)
{
	return (file_parse(p, path, NULL));
}

int
policy_parse_profile(struct policy *p, const char *name)
{
	return (profile_parse(p, name, NULL));
}

int
policy_parse_string(struct policy *p, const char *name, const char *text)
{
	struct parser	 ps;

	memset(&ps, 0, sizeof(ps));
	ps.ps_policy = p;
	ps.ps_file = name;
	ps.ps_text = text;
	ps.ps_len = strlen(text);
	return (parse_run(&ps));
}
