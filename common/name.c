/*
 * Safe names: what a person reads is what is there, and no command takes it
 * for an option.  Pure: bytes in, a reason out.  Must never look beyond the
 * length it is given.
 */
#include <stdint.h>

#include "name.h"

/* Characters that are shown as nothing, as a line's end, or turn the text. */
static const struct {
	uint32_t	 first, last;
	const char	*why;
} unsafe[] = {
	{ 0x00, 0x1f,		"a control character" },
	{ 0x7f, 0x9f,		"a control character" },
	{ 0x061c, 0x061c,	"a character that turns the text" },
	{ 0x200e, 0x200f,	"a character that turns the text" },
	{ 0x2028, 0x2029,	"a line separator" },
	{ 0x202a, 0x202e,	"a character that turns the text" },
	{ 0x2066, 0x2069,	"a character that turns the text" },
	{ 0xfeff, 0xfeff,	"an invisible character" },
	{ 0xfff9, 0xfffb,	"an invisible character" },
};
#define NUNSAFE	(sizeof(unsafe) / sizeof(unsafe[0]))

/* RFC 3629: bytes of the character at p, 0 if it is none; *c is its number. */
static size_t
utf8_char(const unsigned char *p, size_t left, uint32_t *c)
{
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t			 n, i;

	n = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 :
	    (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (n == 0 || n > left)
		return (0);
	*c = n == 1 ? p[0] : p[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
		*c = *c << 6 | (p[i] & 0x3fU);
	}
	/* too long a form, a surrogate, beyond the last */
	if (*c < least[n] || (*c >= 0xd800 && *c <= 0xdfff) || *c > 0x10ffff)
		return (0);
	return (n);
}

const char *
name_unsafe(const char *name, size_t len)
{
	uint32_t	 c;
	size_t		 i, k, n;

	for (i = 0; i < len; i += n) {
		n = utf8_char((const unsigned char *)name + i, len - i, &c);
		if (n == 0)
			return ("bytes that are not UTF-8");
		for (k = 0; k < NUNSAFE; k++) {
			if (c >= unsafe[k].first && c <= unsafe[k].last)
				return (unsafe[k].why);
		}
	}
	if (len > 0 && name[0] == '-')
		return ("a dash at its beginning");
	if (len > 0 && (name[0] == ' ' || name[len - 1] == ' '))
		return ("a space at its beginning or end");
	return (NULL);
}
