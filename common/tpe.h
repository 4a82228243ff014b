/*
 * Trusted path execution: who may own what is executed and the directories
 * on the way to it, who may write there, and where none of this is asked.
 * Pure: judges what stat(2) said, looks nothing up.
 */
#ifndef TPE_H
#define TPE_H

#include <sys/types.h>
#include <sys/stat.h>
#include <stddef.h>
#include <stdint.h>

/* One thing that a policy says of it. */
enum tpe_kind {
	TPE_OWNER	= 1,	/* user te_id is trusted */
	TPE_GROUP	= 2,	/* the write bit of group te_id does no harm */
	TPE_TRUST	= 3,	/* the file te_path itself is trusted */
	TPE_UNDER	= 4,	/* and so is what lies below te_path */
	TPE_KINDS
};
struct tpe_entry {
	uint8_t		 te_kind;
	uint32_t	 te_id;
	char		*te_path;	/* NULL: of an id */
	char		*te_file;	/* where it was said */
	uint32_t	 te_line;
};

/* Root is trusted whatever is said: it could make anything so. */
struct tpe {
	struct tpe_entry *tp_list;
	size_t		 tp_count;
};
#define TPE_MAX		256	/* entries of one policy */
/* Directories on the way to a file: deeper ones are not trusted. */
#define TPE_DEPTH	64

/* What is being judged. */
enum tpe_what {
	TPE_FILE,		/* the executable */
	TPE_DIR,		/* the directory it is in */
	TPE_WAY			/* one further up: sticky is good enough */
};

/* Append a copy, strings included.  0 or -1 with errno (E2BIG: too many). */
int	 tpe_add(struct tpe *, const struct tpe_entry *);
void	 tpe_free(struct tpe *);
/* Is nothing asked of the file with this canonical path? */
int	 tpe_exempt(const struct tpe *, const char *, size_t);
/* 1: only trusted users can change it. */
int	 tpe_trusted(const struct tpe *, const struct stat *, enum tpe_what);
/*
 * In words, printable: what of it is not trusted, as found and as expected.
 * The name is that of the directory, of so many bytes.
 */
#define TPE_TEXT	768	/* bytes that always suffice */
void	 tpe_explain(const struct tpe *, const struct stat *, enum tpe_what,
	    const char *, size_t, char *, size_t);
/*
 * The line to add to a policy that lets this file run; "" where its name
 * cannot stand in one as it is.
 */
void	 tpe_cure(const char *, size_t, char *, size_t);

#endif /* TPE_H */
