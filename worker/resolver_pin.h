/*
 * Addresses that names led to, for as long as they may be used.  Pure but for
 * the table: the time is an argument.
 */
#ifndef RESOLVER_PIN_H
#define RESOLVER_PIN_H

#include <stddef.h>
#include <stdint.h>

#include "../common/hostname.h"

#define PINS_MAX	4096	/* more, and the first to end makes room */
#define PIN_TTL_MAX	86400	/* seconds: no answer is good for longer */

/* The name led to this address: until then, seconds of some clock. */
void	 pin_add(const char *, const uint8_t [16], uint64_t now,
	    uint64_t until);
/* Names that led to the address, in hosts: how many, at most max. */
size_t	 pin_find(const uint8_t [16], uint64_t now, const char **hosts,
	    size_t max);

#endif /* RESOLVER_PIN_H */
