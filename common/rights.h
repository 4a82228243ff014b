/*
 * The rights a rule can name, one bit each; words and groups are in rule.c.
 */
#ifndef RIGHTS_H
#define RIGHTS_H

#define R_READ		(1U << 0)	/* open a non-directory for reading */
#define R_WRITE		(1U << 1)	/* open for writing */
#define R_EXEC		(1U << 2)	/* execute */
#define R_CREATE	(1U << 3)	/* make a regular file */
#define R_DELETE	(1U << 4)	/* unlink a non-directory */
#define R_RENAME	(1U << 5)	/* give up a name in rename(2) */
#define R_LINK		(1U << 6)	/* make a hard link */
#define R_SYMLINK	(1U << 7)	/* make a symbolic link */
#define R_TRUNCATE	(1U << 8)
#define R_MKDIR		(1U << 9)
#define R_RMDIR		(1U << 10)
#define R_READDIR	(1U << 11)	/* open a directory for reading */
#define R_STAT		(1U << 12)
#define R_WALK		(1U << 13)
#define R_CHDIR		(1U << 14)
#define R_CHOWN		(1U << 15)
#define R_CHGRP		(1U << 16)
#define R_CHMOD		(1U << 17)
#define R_XATTR		(1U << 18)	/* set or remove extended attributes */
#define R_UTIME		(1U << 19)
#define R_MKFIFO	(1U << 20)
#define R_MKSOCK	(1U << 21)
#define R_MKCDEV	(1U << 22)
#define R_MKBDEV	(1U << 23)
#define R_MKTEMP	(1U << 24)	/* O_TMPFILE */
#define R_CHROOT	(1U << 25)
#define R_IOCTL		(1U << 26)	/* ioctl(2) on a device */
#define R_LIBRARY	(1U << 27)	/* mmap(2) a file with PROT_EXEC */
#define R_WX		(1U << 28)	/* make memory executable: by program */
#define RIGHTS_COUNT	29
#define R_ALL		((1U << RIGHTS_COUNT) - 1)

/*
 * Looking: Landlock does not see it, and every program does it everywhere, so
 * that these are allowed where no rule denies them.
 */
#define R_LOOKS		(R_STAT | R_WALK | R_CHDIR)
/*
 * No right, and in no rule: beside them in what is notified, when names are
 * to be left out of listings.
 */
#define R_HIDING	(1U << 31)
/* The same, when files are append-only. */
#define R_APPENDING	(1U << 30)

/* In no rule and not notified: files are masked. */
#define R_MASKING	(1U << 29)

/* The groups of the first policy language. */
#define RG_READ		(R_READ | R_READDIR | R_STAT | R_WALK | R_CHDIR)
#define RG_WRITE	(R_WRITE | R_TRUNCATE | R_CHOWN | R_CHGRP | R_CHMOD | \
			    R_XATTR | R_UTIME | R_IOCTL)
#define RG_CREATE	(R_CREATE | R_LINK | R_SYMLINK | R_MKDIR | R_MKFIFO | \
			    R_MKSOCK | R_MKTEMP)
#define RG_DELETE	(R_DELETE | R_RMDIR | R_RENAME)
#define RG_EXEC		(R_EXEC | R_LIBRARY)
/* The word "all": to give up W^X has to be said. */
#define RG_ALL		(R_ALL & ~R_WX)
/* On a name, made, removed or moved in a directory. */
#define R_NAMES		(R_CREATE | R_DELETE | R_RENAME | R_LINK | \
			    R_SYMLINK | R_MKDIR | R_RMDIR | R_MKFIFO | \
			    R_MKSOCK | R_MKCDEV | R_MKBDEV)
/* Changes to a file that Landlock does not see. */
#define R_UNSEEN	(R_CHOWN | R_CHGRP | R_CHMOD | R_XATTR | R_UTIME)
/* About code in memory: nobody looks unless the policy says so. */
#define R_CODE		(R_LIBRARY | R_WX)
/* What an append-only file withstands, beside being overwritten. */
#define RG_APPEND	(R_TRUNCATE | R_DELETE | R_RENAME | R_LINK)
/* What is in a file or directory, and its names: all but looking at them. */
#define RG_CONTENTS	(RG_ALL & ~(R_READDIR | R_STAT | R_WALK | R_CHDIR))

#endif /* RIGHTS_H */
