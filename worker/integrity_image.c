/*
 * Is what the kernel mapped what the policy allows?  Judges the text of
 * /proc/PID/maps, taken at PTRACE_EVENT_EXEC, and the executable behind
 * /proc/PID/exe.  No instruction of the new image has run yet, so the
 * mappings are the executable, its ELF interpreter, and what the kernel adds.
 *
 * The text is written by the kernel, but the names in it are chosen by the
 * child: whatever is not exactly as fs/proc/task_mmu.c writes it is refused.
 * Never opens anything; reads the executable by pread(2) only.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <string.h>
#include <unistd.h>

#include "integrity.h"
#include "integrity_elf.h"

#define PAGE_MASK_LOW	0xfffU		/* x86-64 */
#define ESCAPE		"\\012"		/* how the kernel writes a newline */
#define ESCAPE_LEN	4
#define DELETED		" (deleted)"
#define DELETED_LEN	10

static int	 maps_number(struct maps *, unsigned, size_t, size_t,
		    uint64_t *);
static int	 maps_literal(struct maps *, char);
static int	 maps_range(struct maps *, struct mapping *);
static int	 maps_prot(struct maps *, struct mapping *);
static int	 maps_object(struct maps *, struct mapping *);
static int	 maps_name(struct maps *, struct mapping *);
static int	 name_canonical(const uint8_t *, size_t);
static int	 mapping_check(const struct ruleset *, const struct mapping *,
		    struct image_fault *);
static int	 mapping_rule(const struct ruleset *, const struct mapping *,
		    struct image_fault *);
static int	 exe_check(int, struct stat *, struct image_fault *);
static int	 fault(struct image_fault *, const char *);

/* Names that no file has; a file's begin with a slash. */
static const struct {
	const char	*name;
	const char	*why;
} kernel_names[] = {
	{ "[heap]",		"brk(2), empty so far" },
	{ "[stack]",		"arguments and environment" },
	{ "[vdso]",		"the kernel's own code" },
	{ "[vvar]",		"its data" },
	{ "[vvar_vclock]",	"its data, since Linux 6.13" },
	{ "[vsyscall]",		"fixed page, execute-only or emulated" }
};
#define KERNEL_NAMES	(sizeof(kernel_names) / sizeof(kernel_names[0]))

int
image_check(const struct ruleset *rs, const struct image *im,
    struct image_fault *why)
{
	struct maps	 ms;
	struct mapping	 mp;
	struct stat	 st;
	const uint8_t	*seen = NULL;
	size_t		 seenlen = 0;
	int		 rv, found = 0;

	memset(why, 0, sizeof(*why));
	maps_open(&ms, im->i_maps, im->i_mapslen);
	if (exe_check(im->i_fd, &st, why) == -1)
		return (-1);
	while ((rv = maps_next(&ms, &mp)) == 1) {
		if (mp.mp_kind != MK_FILE)
			continue;
		if (mapping_is(&mp, &st))
			found = 1;
		/* the segments of one file follow each other: judge it once */
		if (seen != NULL && seenlen == mp.mp_namelen &&
		    memcmp(seen, mp.mp_name, seenlen) == 0 &&
		    (mp.mp_prot & MP_SHARED) == 0)
			continue;
		if (mapping_check(rs, &mp, why) == -1)
			return (-1);
		seen = mp.mp_name;
		seenlen = mp.mp_namelen;
	}
	why->if_pathlen = 0;
	why->if_path[0] = '\0';
	if (rv == -1)
		return (fault(why, ms.ms_why));
	if (!found)
		return (fault(why, "executable is not what is mapped"));
	return (0);
}

void
maps_open(struct maps *ms, const uint8_t *text, size_t len)
{
	memset(ms, 0, sizeof(*ms));
	ms->ms_text = text;
	ms->ms_len = len;
}

int
maps_next(struct maps *ms, struct mapping *mp)
{
	memset(mp, 0, sizeof(*mp));
	if (ms->ms_pos == ms->ms_len)
		return (0);
	ms->ms_why = "malformed maps";
	if (ms->ms_lines++ == MAPS_LINES_MAX) {
		ms->ms_why = "too many mappings";
		return (-1);
	}
	if (maps_range(ms, mp) == -1 || maps_literal(ms, ' ') == -1 ||
	    maps_prot(ms, mp) == -1 || maps_literal(ms, ' ') == -1 ||
	    maps_object(ms, mp) == -1 || maps_literal(ms, ' ') == -1 ||
	    maps_name(ms, mp) == -1)
		return (-1);
	return (1);
}

/* "lo-hi": ascending, in whole pages. */
static int
maps_range(struct maps *ms, struct mapping *mp)
{
	if (maps_number(ms, 16, 8, 16, &mp->mp_start) == -1 ||
	    maps_literal(ms, '-') == -1 ||
	    maps_number(ms, 16, 8, 16, &mp->mp_end) == -1)
		return (-1);
	if (mp->mp_start >= mp->mp_end || mp->mp_start < ms->ms_end ||
	    ((mp->mp_start | mp->mp_end) & PAGE_MASK_LOW) != 0)
		return (-1);
	ms->ms_end = mp->mp_end;
	return (0);
}

/* "rwxp" */
static int
maps_prot(struct maps *ms, struct mapping *mp)
{
	static const struct {
		char		 set, clear;
		uint32_t	 bit;
	} flags[4] = {
		{ 'r', '-', MP_READ }, { 'w', '-', MP_WRITE },
		{ 'x', '-', MP_EXEC }, { 's', 'p', MP_SHARED }
	};
	size_t	 i;

	for (i = 0; i < 4; i++) {
		if (maps_literal(ms, flags[i].set) == 0)
			mp->mp_prot |= flags[i].bit;
		else if (maps_literal(ms, flags[i].clear) == -1)
			return (-1);
	}
	return (0);
}

/* "offset major:minor inode" */
static int
maps_object(struct maps *ms, struct mapping *mp)
{
	uint64_t	 major, minor;

	if (maps_number(ms, 16, 8, 16, &mp->mp_offset) == -1 ||
	    (mp->mp_offset & PAGE_MASK_LOW) != 0 ||
	    maps_literal(ms, ' ') == -1 ||
	    maps_number(ms, 16, 2, 8, &major) == -1 ||
	    maps_literal(ms, ':') == -1 ||
	    maps_number(ms, 16, 2, 8, &minor) == -1 ||
	    maps_literal(ms, ' ') == -1 ||
	    maps_number(ms, 10, 1, 20, &mp->mp_ino) == -1)
		return (-1);
	mp->mp_major = (uint32_t)major;
	mp->mp_minor = (uint32_t)minor;
	return (0);
}

/* Padding, then a name or nothing, to the end of the line. */
static int
maps_name(struct maps *ms, struct mapping *mp)
{
	const uint8_t	*nl;
	size_t		 i;

	while (maps_literal(ms, ' ') == 0)
		;
	nl = memchr(ms->ms_text + ms->ms_pos, '\n', ms->ms_len - ms->ms_pos);
	if (nl == NULL)
		return (-1);
	mp->mp_name = ms->ms_text + ms->ms_pos;
	mp->mp_namelen = (size_t)(nl - mp->mp_name);
	ms->ms_pos += mp->mp_namelen + 1;
	if (memchr(mp->mp_name, '\0', mp->mp_namelen) != NULL)
		return (-1);

	if (mp->mp_namelen != 0 && mp->mp_name[0] == '/') {
		mp->mp_kind = MK_FILE;
		if (name_canonical(mp->mp_name, mp->mp_namelen) == -1)
			return (-1);
		return (mp->mp_ino == 0 ? -1 : 0);
	}
	/* what has no file has no device and no inode either */
	if (mp->mp_ino != 0 || mp->mp_major != 0 || mp->mp_minor != 0)
		return (-1);
	if (mp->mp_namelen == 0) {
		mp->mp_kind = MK_NONE;
		return (0);
	}
	mp->mp_kind = MK_KERNEL;
	for (i = 0; i < KERNEL_NAMES; i++)
		if (strlen(kernel_names[i].name) == mp->mp_namelen &&
		    memcmp(kernel_names[i].name, mp->mp_name,
		    mp->mp_namelen) == 0)
			return (0);
	ms->ms_why = "unknown kernel mapping";
	return (-1);
}

/* min to max digits, lower case, nothing but digits. */
static int
maps_number(struct maps *ms, unsigned base, size_t min, size_t max,
    uint64_t *out)
{
	uint64_t	 v = 0;
	size_t		 n;
	unsigned	 digit;
	uint8_t		 c;

	for (n = 0; ms->ms_pos < ms->ms_len; n++, ms->ms_pos++) {
		c = ms->ms_text[ms->ms_pos];
		if (c >= '0' && c <= '9')
			digit = c - (unsigned)'0';
		else if (c >= 'a' && c <= 'f')
			digit = c - (unsigned)'a' + 10;
		else
			break;
		if (digit >= base || n == max || v > (UINT64_MAX - digit) / base)
			return (-1);
		v = v * base + digit;
	}
	*out = v;
	return (n < min ? -1 : 0);
}

static int
maps_literal(struct maps *ms, char want)
{
	if (ms->ms_pos == ms->ms_len ||
	    ms->ms_text[ms->ms_pos] != (uint8_t)want)
		return (-1);
	ms->ms_pos++;
	return (0);
}

/* d_path() writes no empty, "." or ".." component and no final slash. */
static int
name_canonical(const uint8_t *name, size_t len)
{
	size_t	 i, start, n;

	if (len >= PATH_MAX)
		return (-1);
	for (i = 1, start = 1; i <= len; i++) {
		if (i < len && name[i] != '/')
			continue;
		n = i - start;
		if (n == 0 || (n == 1 && name[start] == '.') ||
		    (n == 2 && name[start] == '.' && name[start + 1] == '.'))
			return (-1);
		start = i + 1;
	}
	return (0);
}

/* One file that is part of the image. */
static int
mapping_check(const struct ruleset *rs, const struct mapping *mp,
    struct image_fault *why)
{
	why->if_pathlen = mp->mp_namelen;
	memcpy(why->if_path, mp->mp_name, mp->mp_namelen);
	why->if_path[mp->mp_namelen] = '\0';

	if (mp->mp_namelen >= 7 && memcmp(mp->mp_name, "/memfd:", 7) == 0)
		return (fault(why, "memory file mapped"));
	if (mp->mp_namelen >= DELETED_LEN && memcmp(mp->mp_name +
	    mp->mp_namelen - DELETED_LEN, DELETED, DELETED_LEN) == 0)
		return (fault(why, "deleted file mapped"));
	if ((mp->mp_prot & (MP_WRITE | MP_SHARED)) == (MP_WRITE | MP_SHARED))
		return (fault(why, "file mapped writable and shared"));
	return (mapping_rule(rs, mp, why));
}

/*
 * Do the rules allow this name?  The kernel writes a newline as "\012" but a
 * backslash as itself, so that "\012" in a name has two readings: both must be
 * allowed.  More than one "\012" is refused.
 */
static int
mapping_rule(const struct ruleset *rs, const struct mapping *mp,
    struct image_fault *why)
{
	const uint8_t	*esc;
	char		 other[PATH_MAX];
	size_t		 before, after;

	why->if_byrule = 1;
	if (ruleset_eval(rs, why->if_path, why->if_pathlen, R_EXEC,
	    &why->if_rule) != R_EXEC)
		return (fault(why, "mapped file may not be executed"));
	esc = memmem(mp->mp_name, mp->mp_namelen, ESCAPE, ESCAPE_LEN);
	if (esc != NULL) {
		before = (size_t)(esc - mp->mp_name);
		after = mp->mp_namelen - before - ESCAPE_LEN;
		if (memmem(esc + ESCAPE_LEN, after, ESCAPE, ESCAPE_LEN) !=
		    NULL) {
			why->if_byrule = 0;
			return (fault(why, "ambiguous name mapped"));
		}
		memcpy(other, mp->mp_name, before);
		other[before] = '\n';
		memcpy(other + before + 1, esc + ESCAPE_LEN, after);
		other[before + 1 + after] = '\0';
		if (ruleset_eval(rs, other, before + 1 + after, R_EXEC,
		    &why->if_rule) != R_EXEC)
			return (fault(why, "mapped file may not be executed"));
	}
	why->if_byrule = 0;
	why->if_rule = NULL;
	return (0);
}

/*
 * Is this mapping of the executable?  maps shows the device of the superblock,
 * stat(2) what the file system makes of it: they differ on btrfs (a number for
 * each subvolume) and on overlayfs (where maps shows the layer's file before
 * Linux 6.8), and then st_dev is an anonymous device, major 0.  The inode
 * number is the same on all of them, so there it must do.  This compares two
 * things that the kernel said of one stopped task; the child names neither.
 */
int
mapping_is(const struct mapping *mp, const struct stat *st)
{
	if (mp->mp_ino != st->st_ino)
		return (0);
	if (mp->mp_major == major(st->st_dev) &&
	    mp->mp_minor == minor(st->st_dev))
		return (1);
	return (major(st->st_dev) == 0);
}

/* The system call itself: glibc's fstat(3) is one that takes a path too. */
static int
exe_check(int fd, struct stat *st, struct image_fault *why)
{
	static struct elf_info	 el;

	if (syscall(SYS_fstat, fd, st) == -1)
		return (fault(why, "executable cannot be examined"));
	if (!S_ISREG(st->st_mode))
		return (fault(why, "executable is not a regular file"));
	if (elf_parse(fd, (uint64_t)st->st_size, &el) == -1)
		return (fault(why, el.el_why));
	if (el.el_class & EXEC_SCRIPT)
		return (fault(why, "executable is not ELF"));
	if (el.el_class & EXEC_NEVER)
		return (fault(why, "executable is not for x86-64"));
	return (0);
}

static int
fault(struct image_fault *why, const char *check)
{
	why->if_check = check;
	return (-1);
}
