/* LINK: monitor/manifest.c monitor/signify.c */
/*
 * Arbitrary bytes as a manifest, and as a key and a signature of one.
 * Whatever they are: no crash; all digests of a manifest count or none; no
 * signature is good that nobody made.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/manifest.h"
#include "../../monitor/signify.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char	 dir[] = "/tmp/fuzz_manifest.XXXXXX";
static char	 keyfile[64], sigfile[64];

static void
leave(void)
{
	(void)unlink(keyfile);
	(void)unlink(sigfile);
	(void)rmdir(dir);
}

static void
put(const char *path, const uint8_t *data, size_t len)
{
	int	 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct verifyset	 vs;
	struct signify_secret	 ss;
	char			 why[MANIFEST_WHY_MAX], *text;
	const uint8_t		*nul;
	size_t			 half;
	int			 rv;

	if (keyfile[0] == '\0') {
		if (mkdtemp(dir) == NULL || sodium_init() == -1)
			abort();
		(void)snprintf(keyfile, sizeof(keyfile), "%s/key", dir);
		(void)snprintf(sigfile, sizeof(sigfile), "%s/sig", dir);
		atexit(leave);
	}
	if ((text = malloc(len + 1)) == NULL)
		return (0);
	memcpy(text, data, len);
	text[len] = '\0';
	memset(&vs, 0, sizeof(vs));
	memset(why, 0x7f, sizeof(why));
	rv = manifest_parse(&vs, "fuzz", text, len, why);
	free(text);
	if (rv == -1 && (vs.vs_count != 0 ||
	    memchr(why, '\0', sizeof(why)) == NULL || why[0] == '\0'))
		abort();
	verify_free(&vs);

	/* a key, a NUL, a signature */
	if ((nul = memchr(data, '\0', len)) == NULL)
		return (0);
	half = (size_t)(nul - data);
	put(keyfile, data, half);
	put(sigfile, nul + 1, len - half - 1);
	memset(why, 0x7f, sizeof(why));
	if (signify_verify(keyfile, sigfile, "fuzz", "text", 4, why) == 0 ||
	    memchr(why, '\0', sizeof(why)) == NULL)
		abort();
	if (signify_secret(keyfile, &ss, why) == 0)
		sodium_memzero(&ss, sizeof(ss));
	return (0);
}
