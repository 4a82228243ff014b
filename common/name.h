/*
 * Which names are safe to be shown, typed and passed to commands.  Pure.
 */
#ifndef NAME_H
#define NAME_H

#include <stddef.h>

/*
 * NULL, or what is wrong with a file's name of so many bytes, in words: not
 * UTF-8, control or bidirectional formatting characters, a dash or a space at
 * its beginning, a space at its end.
 */
const char *name_unsafe(const char *, size_t);

#endif /* NAME_H */
