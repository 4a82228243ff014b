/*
 * Host names on the wire: what the resolver and its lanes' workers are told,
 * and what they say to each other.  Encoders and decoders side by side, as in
 * wire.c.
 */
#include <string.h>

#include "../common/hostname.h"
#include "wire.h"

static void
put_address(struct msg *m, const struct name_address *na)
{
	msg_put_bytes(m, na->na_addr, sizeof(na->na_addr));
	msg_put_u32(m, na->na_port);
}

static int
get_address(struct msg *m, struct name_address *na)
{
	const uint8_t	*bytes;
	uint32_t	 port;
	size_t		 len;

	if (msg_get_bytes(m, &bytes, &len, sizeof(na->na_addr)) == -1 ||
	    len != sizeof(na->na_addr) || msg_get_u32(m, &port) == -1 ||
	    port > UINT16_MAX)
		return (-1);
	memcpy(na->na_addr, bytes, len);
	na->na_port = (uint16_t)port;
	return (0);
}

static void
put_list(struct msg *m, const struct name_address *list, uint32_t count)
{
	uint32_t	 i;

	msg_put_u32(m, count);
	for (i = 0; i < count; i++)
		put_address(m, &list[i]);
}

static int
get_list(struct msg *m, struct name_address *list, uint32_t *count,
    uint32_t max)
{
	uint32_t	 i;

	if (msg_get_u32(m, count) == -1 || *count > max)
		return (-1);
	for (i = 0; i < *count; i++)
		if (get_address(m, &list[i]) == -1)
			return (-1);
	return (0);
}

void
msg_put_names(struct msg *m, const struct names_conf *nc)
{
	msg_put_u32(m, nc->nc_pin);
	put_list(m, nc->nc_servers, nc->nc_nservers);
	put_list(m, nc->nc_asked, nc->nc_nasked);
	put_list(m, nc->nc_ears, NAME_EARS);
}

int
msg_get_names(struct msg *m, struct names_conf *nc)
{
	uint32_t	 n;

	if (msg_get_u32(m, &nc->nc_pin) == -1 || nc->nc_pin > NAME_PIN_MAX ||
	    get_list(m, nc->nc_servers, &nc->nc_nservers,
	    NAME_SERVERS_MAX) == -1 ||
	    get_list(m, nc->nc_asked, &nc->nc_nasked, NAME_ASKED_MAX) == -1 ||
	    get_list(m, nc->nc_ears, &n, NAME_EARS) == -1 ||
	    n != NAME_EARS)
		return (-1);
	return (msg_end(m));
}

void
msg_put_asker(struct msg *m, const struct asker *as)
{
	msg_put_u32(m, as->as_port);
	msg_put_u32(m, as->as_pid);
	msg_put_bytes(m, as->as_comm, strlen(as->as_comm));
}

int
msg_get_asker(struct msg *m, struct asker *as)
{
	const uint8_t	*bytes;
	uint32_t	 port;
	size_t		 len;

	if (msg_get_u32(m, &port) == -1 || port == 0 || port > UINT16_MAX ||
	    msg_get_u32(m, &as->as_pid) == -1 ||
	    msg_get_bytes(m, &bytes, &len, sizeof(as->as_comm) - 1) == -1 ||
	    memchr(bytes, '\0', len) != NULL)
		return (-1);
	as->as_port = (uint16_t)port;
	memcpy(as->as_comm, bytes, len);
	as->as_comm[len] = '\0';
	return (msg_end(m));
}

void
msg_put_led(struct msg *m, const uint8_t addr[16])
{
	msg_put_bytes(m, addr, 16);
}

int
msg_get_led(struct msg *m, uint8_t addr[16])
{
	const uint8_t	*bytes;
	size_t		 len;

	if (msg_get_bytes(m, &bytes, &len, 16) == -1 || len != 16)
		return (-1);
	memcpy(addr, bytes, len);
	return (msg_end(m));
}

void
msg_put_hosts(struct msg *m, const char *const *hosts, size_t count)
{
	size_t	 i;

	msg_put_u32(m, (uint32_t)count);
	for (i = 0; i < count; i++)
		msg_put_bytes(m, hosts[i], strlen(hosts[i]));
}

/* Names as kept, and no others. */
int
msg_get_hosts(struct msg *m, char hosts[NAME_HOSTS_MAX][HOST_TEXT],
    size_t *count)
{
	const uint8_t	*bytes;
	char		 again[HOST_TEXT];
	uint32_t	 i, n;
	size_t		 len;

	if (msg_get_u32(m, &n) == -1 || n > NAME_HOSTS_MAX)
		return (-1);
	for (i = 0; i < n; i++) {
		if (msg_get_bytes(m, &bytes, &len, HOST_TEXT - 1) == -1 ||
		    memchr(bytes, '\0', len) != NULL)
			return (-1);
		memcpy(hosts[i], bytes, len);
		hosts[i][len] = '\0';
		if (host_canon(hosts[i], 0, again) != NULL ||
		    strcmp(hosts[i], again) != 0)
			return (-1);
	}
	*count = n;
	return (msg_end(m));
}
