/*
 * The table of addresses that names led to.  Must never grow, or find one
 * that has ended.
 */
#include <string.h>

#include "resolver_pin.h"

/* Apart from the names, which are seldom looked at. */
static struct {
	uint8_t		 p_addr[16];
	uint64_t	 p_until;	/* 0: free */
} pins[PINS_MAX];
static char		 names[PINS_MAX][HOST_TEXT];
static size_t		 used;		/* those from here on never were */

void
pin_add(const char *name, const uint8_t addr[16], uint64_t now,
    uint64_t until)
{
	size_t	 i, at = 0;

	for (i = 0; i < used; i++) {
		if (memcmp(pins[i].p_addr, addr, 16) == 0 &&
		    strcmp(names[i], name) == 0)
			break;
		/* of several that have ended, any */
		if (pins[i].p_until < pins[at].p_until)
			at = i;
	}
	if (i < used) {
		if (pins[i].p_until < until)
			pins[i].p_until = until;
		return;
	}
	if (used < PINS_MAX && (used == 0 || pins[at].p_until > now))
		at = used++;
	memcpy(pins[at].p_addr, addr, 16);
	pins[at].p_until = until;
	(void)strlcpy(names[at], name, HOST_TEXT);
}

size_t
pin_find(const uint8_t addr[16], uint64_t now, const char **hosts, size_t max)
{
	size_t	 i, n = 0;

	for (i = 0; i < used && n < max; i++)
		if (pins[i].p_until > now &&
		    memcmp(pins[i].p_addr, addr, 16) == 0)
			hosts[n++] = names[i];
	return (n);
}
