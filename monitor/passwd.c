/*
 * Lookups in /etc/passwd: see passwd.h.  Must never be asked about anything
 * that the child said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "passwd.h"

enum { NAME, PASSWORD, UID, GID, GECOS, HOME, FIELDS };

static int	 passwd_line(char *, const char *, uid_t,
		    struct passwd_entry *);

int
passwd_find(const char *name, uid_t uid, struct passwd_entry *pe)
{
	FILE	*fp;
	char	*line = NULL;
	size_t	 size = 0;
	int	 found = -1;

	if ((fp = fopen("/etc/passwd", "re")) == NULL)
		return (-1);
	while (found == -1 && getline(&line, &size, fp) != -1)
		found = passwd_line(line, name, uid, pe);
	free(line);
	fclose(fp);
	return (found);
}

/* 0: this line is the one. */
static int
passwd_line(char *line, const char *name, uid_t uid, struct passwd_entry *pe)
{
	const char	*field[FIELDS], *why;
	size_t		 i;

	for (i = 0; i < FIELDS; i++)
		if ((field[i] = strsep(&line, ":")) == NULL)
			return (-1);
	if (name != NULL && strcmp(field[NAME], name) != 0)
		return (-1);
	pe->pe_uid = (uid_t)strtonum(field[UID], 0, UINT32_MAX, &why);
	if (why != NULL)
		return (-1);
	pe->pe_gid = (gid_t)strtonum(field[GID], 0, UINT32_MAX, &why);
	if (why != NULL || (name == NULL && pe->pe_uid != uid))
		return (-1);
	return (strlcpy(pe->pe_home, field[HOME], sizeof(pe->pe_home)) <
	    sizeof(pe->pe_home) ? 0 : -1);
}

int
group_find(const char *name, gid_t *gid)
{
	FILE		*fp;
	char		*line = NULL, *p;
	const char	*field[3], *why;
	size_t		 i, size = 0;
	int		 found = -1;

	if ((fp = fopen("/etc/group", "re")) == NULL)
		return (-1);
	while (found == -1 && getline(&line, &size, fp) != -1) {
		p = line;
		for (i = 0; i < 3; i++)
			if ((field[i] = strsep(&p, ":")) == NULL)
				break;
		if (i < 3 || strcmp(field[0], name) != 0)
			continue;
		*gid = (gid_t)strtonum(field[2], 0, UINT32_MAX, &why);
		if (why == NULL)
			found = 0;
	}
	free(line);
	fclose(fp);
	return (found);
}
