/* SPDX-License-Identifier: MIT */
/* Names of an installation's files and of its server. */
#include "common/installation.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "common/files.h"

char *caller_ca_key(const struct installation *installation, const struct caller *caller)
{
	if (caller == installation->callers)
		return text_new("client-ca.crt");
	return text_new("%s-ca.crt", caller->name);
}

char *caller_ca_path(const struct installation *installation, const struct caller *caller,
		     const char *ending)
{
	if (caller == installation->callers)
		return text_new("private/client-ca.%s", ending);
	return text_new("private/%s-ca.%s", caller->name, ending);
}

char *caller_pair_path(const struct caller *caller, const char *node, const char *ending)
{
	return text_new("private/callers/%s%s%s.%s", caller->name, node ? "." : "",
			node ? node : "", ending);
}

char *caller_token_path(const struct caller *caller)
{
	return text_new("private/callers/%s.token", caller->name);
}

char *node_file_path(const struct installation *installation, const char *ending)
{
	return text_new("%s/%s.%s", installation->nodes_folder, installation->name, ending);
}

static bool is_address(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static char **names_new(char *first, char *second)
{
	char **names = memory_grown(NULL, 3 * sizeof(*names));

	names[0] = first;
	names[1] = second;
	names[2] = NULL;
	return names;
}

char **server_dns_names(const struct installation *installation)
{
	if (installation->service)
		return names_new(text_new("%s", installation->host),
				 text_new("%s.cluster.local", installation->host));
	if (is_address(installation->host))
		return names_new(NULL, NULL);
	return names_new(text_new("%s", installation->host), NULL);
}

char **server_ip_names(const struct installation *installation)
{
	if (installation->service || !is_address(installation->host))
		return names_new(NULL, NULL);
	return names_new(text_new("%s", installation->host), NULL);
}

void names_free(char **names)
{
	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}
