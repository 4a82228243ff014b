/*
 * May this file be mapped to be executed?  A lane asks before the call goes
 * on, with the caller's own descriptor, while nobody can put another in its
 * place.  The names are what the kernel wrote of its links in /proc: they end
 * where the message says, and nothing in them is escaped.
 *
 * Must never: take a file for named that has no name any more.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "integrity.h"
#include "integrity_elf.h"

#define DELETED		" (deleted)"
#define DELETED_LEN	10
#define W_OTHERS	(S_IWGRP | S_IWOTH)

static int	 exe_excepted(const struct ruleset *, const uint8_t *, size_t,
		    const struct rule **);
static int	 library_excepted(const struct ruleset *,
		    const struct library *);
static int	 library_named(const struct library *, const struct stat *,
		    struct image_fault *);
static int	 library_rule(const struct ruleset *, struct image_fault *);
static int	 library_closed(const struct library *, const struct stat *,
		    struct image_fault *);
static int	 library_class(const struct verifyset *,
		    const struct library *, const struct stat *, int,
		    struct image_fault *);
static int	 fault(struct image_fault *, const char *);

/* Whose files could be written by the program, as it has our user at start. */
static uid_t		 user;

void
library_init(void)
{
	user = getuid();
}

int
library_check(const struct verifyset *vs, const struct ruleset *rs,
    const struct library *lb, struct verification *vn,
    struct image_fault *why)
{
	struct stat	 st;
	int		 excepted = library_excepted(rs, lb), listed;

	vn->vn_fd = lb->l_fd;
	vn->vn_count = vn->vn_at = 0;
	memset(why, 0, sizeof(*why));
	why->if_right = R_LIBRARY;
	if (syscall(SYS_fstat, lb->l_fd, &st) == -1)
		return (fault(why, "mapped file cannot be examined"));
	if (library_named(lb, &st, why) == -1) {
		if (excepted)
			return (0);
		/* the cure is the program's exception */
		why->if_right = R_WX;
		memcpy(why->if_path, lb->l_exe, lb->l_exelen);
		why->if_path[lb->l_exelen] = '\0';
		why->if_pathlen = lb->l_exelen;
		why->if_byrule = 1;
		return (-1);
	}
	memcpy(why->if_path, lb->l_name, lb->l_namelen);
	why->if_path[lb->l_namelen] = '\0';
	why->if_pathlen = lb->l_namelen;
	if (vs->vs_library && library_rule(rs, why) == -1)
		return (-1);
	if ((listed = verify_library(vs, rs, lb, vn, why)) == -1)
		return (-1);
	/* what is written while it is executed is neither verified nor W^X */
	if ((listed || (vs->vs_wx && !excepted)) &&
	    library_closed(lb, &st, why) == -1)
		return (-1);
	/* root's are shared by the layers of file systems, and by all of it */
	if (listed && st.st_nlink > 1 && user != 0 && (st.st_uid == user ||
	    (st.st_mode & W_OTHERS) != 0))
		return (fault(why, "file has other names, which a rule may let "
		    "it be written by"));
	return (library_class(vs, lb, &st, vs->vs_wx && !excepted, why));
}

int
image_wx(const struct ruleset *rs, const struct image *im,
    struct image_fault *why)
{
	struct maps	 ms;
	struct mapping	 mp;
	struct stat	 st;
	int		 wx = 0;

	memset(why, 0, sizeof(*why));
	if (syscall(SYS_fstat, im->i_fd, &st) == -1)
		return (fault(why, "executable cannot be examined"));
	maps_open(&ms, im->i_maps, im->i_mapslen);
	while (maps_next(&ms, &mp) == 1) {
		if ((mp.mp_prot & (MP_WRITE | MP_EXEC)) ==
		    (MP_WRITE | MP_EXEC))
			wx = 1;
		if (mp.mp_kind != MK_FILE || why->if_pathlen != 0 ||
		    !mapping_is(&mp, &st))
			continue;
		memcpy(why->if_path, mp.mp_name, mp.mp_namelen);
		why->if_path[mp.mp_namelen] = '\0';
		why->if_pathlen = mp.mp_namelen;
	}
	if (!wx || ruleset_eval(rs, why->if_path, why->if_pathlen, R_WX,
	    &why->if_rule) == R_WX)
		return (0);
	why->if_right = R_WX;
	why->if_byrule = 1;
	return (fault(why, "memory mapped to be written and executed"));
}

/* May its program make memory executable? */
static int
library_excepted(const struct ruleset *rs, const struct library *lb)
{
	const struct rule	*by;

	return (exe_excepted(rs, lb->l_exe, lb->l_exelen, &by));
}

static int
exe_excepted(const struct ruleset *rs, const uint8_t *name, size_t len,
    const struct rule **by)
{
	char	 exe[PATH_MAX];

	*by = NULL;
	memcpy(exe, name, len);
	exe[len] = '\0';
	if (exe[0] != '/' || (len >= DELETED_LEN && memcmp(exe +
	    len - DELETED_LEN, DELETED, DELETED_LEN) == 0))
		return (0);
	return (ruleset_eval(rs, exe, len, R_WX, by) == R_WX);
}

int
code_check(const struct ruleset *rs, const struct code *co,
    struct image_fault *why)
{
	memset(why, 0, sizeof(*why));
	if (exe_excepted(rs, co->co_exe, co->co_exelen, &why->if_rule))
		return (0);
	memcpy(why->if_path, co->co_exe, co->co_exelen);
	why->if_path[co->co_exelen] = '\0';
	why->if_pathlen = co->co_exelen;
	why->if_right = R_WX;
	why->if_byrule = 1;
	return (fault(why, "program may not make code"));
}

/* 0, or -1 with the reason why it is no file that rules are about. */
static int
library_named(const struct library *lb, const struct stat *st,
    struct image_fault *why)
{
	if (!S_ISREG(st->st_mode))
		return (fault(why, "mapped file is not a regular file"));
	if (lb->l_namelen >= 7 && memcmp(lb->l_name, "/memfd:", 7) == 0)
		return (fault(why, "memory file mapped"));
	if (st->st_nlink == 0 || (lb->l_namelen >= DELETED_LEN &&
	    memcmp(lb->l_name + lb->l_namelen - DELETED_LEN, DELETED,
	    DELETED_LEN) == 0))
		return (fault(why, "deleted file mapped"));
	if (lb->l_namelen == 0 || lb->l_name[0] != '/')
		return (fault(why, "mapped file has no name"));
	return (0);
}

static int
library_rule(const struct ruleset *rs, struct image_fault *why)
{
	if (ruleset_eval(rs, why->if_path, why->if_pathlen, R_LIBRARY,
	    &why->if_rule) == R_LIBRARY) {
		why->if_rule = NULL;
		return (0);
	}
	why->if_byrule = 1;
	return (fault(why, "file may not be mapped to be executed"));
}

/*
 * A file of another user's that only that user can write is none of the
 * program's, whether or not somebody has it open.
 */
static int
library_closed(const struct library *lb, const struct stat *st,
    struct image_fault *why)
{
	if (lb->l_writers == WRITERS_YES)
		return (fault(why, "file is open for writing"));
	if (lb->l_writers == WRITERS_UNKNOWN && st->st_uid != user &&
	    (st->st_mode & W_OTHERS) != 0)
		return (fault(why, "file of another user that others can "
		    "write"));
	return (0);
}

/* A library that asks for an executable stack gets one, or is refused. */
static int
library_class(const struct verifyset *vs, const struct library *lb,
    const struct stat *st, int wx, struct image_fault *why)
{
	static struct elf_info	 el;
	const char		*at;
	char			 magic[SELFMAG];

	if (!wx && (vs->vs_refused & EXEC_EXECSTACK) == 0)
		return (0);
	/* what is not ELF has no stack */
	if (pread(lb->l_fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, ELFMAG, SELFMAG) != 0)
		return (0);
	if (elf_parse_library(lb->l_fd, (uint64_t)st->st_size, &el) == -1)
		return (fault(why, el.el_why));
	/* one that does not say asks for it, ld.so(8) finds */
	if ((el.el_class & EXEC_32BIT) != 0 || (el.el_stack &&
	    (el.el_class & EXEC_EXECSTACK) == 0))
		return (0);
	if (vs->vs_refused & EXEC_EXECSTACK) {
		(void)strlcpy(why->if_allow, "allow exec class execstack",
		    sizeof(why->if_allow));
		if ((at = exec_class_at(vs, EXEC_EXECSTACK)) != NULL)
			(void)strlcpy(why->if_by, at, sizeof(why->if_by));
	}
	return (fault(why, "library asks for an executable stack"));
}

static int
fault(struct image_fault *why, const char *check)
{
	why->if_check = check;
	return (-1);
}
