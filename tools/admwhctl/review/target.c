/* SPDX-License-Identifier: MIT */
#include "review/target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/flags.h"
#include "common/print.h"

bool target_is_set(const struct target_flags *flags)
{
	return flags->url || flags->installation;
}

static int take_port(struct target *target, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || port == 0 || port > 65535)
		return -1;
	target->client.port = (unsigned int)port;
	return 0;
}

/* "HOST", "HOST:PORT" or "[ADDRESS]:PORT": host is cut out of it. */
static int take_authority(struct target *target, char *authority)
{
	char *host = authority, *port = NULL;

	if (*host == '[') {
		char *end = strchr(++host, ']');

		if (!end || (end[1] && end[1] != ':'))
			return -1;
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
	} else if (strchr(host, ':')) {
		port = strchr(host, ':');
		*port++ = '\0';
	}
	target->client.host = host;
	return *host && (!port || take_port(target, port) == 0) ? 0 : -1;
}

/* What kube-apiserver takes: https, and no user, query or fragment. */
static int take_url(struct target *target, const char *url)
{
	static const char scheme[] = "https://";
	const char *rest = url + strlen(scheme), *slash;

	if (strncmp(url, scheme, strlen(scheme)) != 0 || strpbrk(url, "?#@ ")) {
		complain("--url %s: expected https://HOST[:PORT]/PATH", url);
		return -1;
	}
	slash = strchr(rest, '/');
	target->client.port = 443;
	target->path = text_new("%s", slash ? slash : "/");
	target->host = slash ? text_new("%.*s", (int)(slash - rest), rest) : text_new("%s", rest);
	if (take_authority(target, target->host) == 0)
		return 0;
	complain("--url %s: expected https://HOST[:PORT]/PATH", url);
	return -1;
}

static int read_type(const struct target_flags *flags, struct webhook *webhook)
{
	static const char *const types[] = {"mutating", "validating", NULL};
	int type = flags->type ? flag_choice("--type", flags->type, types) : 0;

	webhook->is_either = !flags->type;
	webhook->is_mutating = type == 0;
	return type < 0 ? -1 : 0;
}

static int open_url(struct target *target, const struct target_flags *flags)
{
	target->webhooks = zeroed(1, sizeof(*target->webhooks));
	target->count = 1;
	if (take_url(target, flags->url) || read_type(flags, target->webhooks))
		return -1;
	target->webhooks[0].name = flags->url;
	target->webhooks[0].path = target->path;
	return 0;
}

static void take_routes(struct target *target, bool is_mutating)
{
	const struct installation *installation = target->installation;

	for (size_t i = 0; i < installation->n_routes; i++) {
		const struct route *route = &installation->routes[i];

		if (route->mutating != is_mutating)
			continue;
		target->webhooks[target->count++] = (struct webhook){
		    .name = route->name,
		    .path = route->path,
		    .is_mutating = is_mutating,
		    .is_ignored = strcmp(route->failure_policy, "Ignore") == 0,
		    .timeout_s = route->timeout_seconds,
		    .object = route->object,
		};
	}
}

static char *path_in(const char *folder, char *name)
{
	char *path = path_join(folder, name);

	free(name);
	return path;
}

/* The API server's pair and token, as on its first node. */
static void take_credentials(struct target *target, const char *folder)
{
	const struct caller *caller = target->installation->callers;
	const char *node = caller->nodes ? caller->nodes[0] : NULL;

	if (target->installation->authentication & BY_MTLS) {
		target->cert = path_in(folder, caller_pair_path(caller, node, "crt"));
		target->key = path_in(folder, caller_pair_path(caller, node, "key"));
	}
	if (target->installation->authentication & BY_TOKEN)
		target->token = path_in(folder, caller_token_path(caller));
	if (!target->installation->is_server_public)
		target->ca = path_join(folder, "private/server-ca.crt");
}

static int open_installation(struct target *target, const struct target_flags *flags)
{
	target->installation = installation_of_folder(flags->installation);
	if (!target->installation)
		return -1;
	target->client.host = target->installation->host;
	target->client.port = target->installation->port;
	target->webhooks = zeroed(target->installation->n_routes + 1, sizeof(*target->webhooks));
	take_routes(target, true);
	take_routes(target, false);
	take_credentials(target, flags->installation);
	return 0;
}

static void replace(char **text, const char *by)
{
	if (!by)
		return;
	free(*text);
	*text = text_new("%s", by);
}

/* A file's name becomes its text, without the line end of a token. */
static int read_into(char **name)
{
	size_t len;
	char *text = *name ? file_read(*name, &len) : NULL;

	if (*name && !text)
		return -1;
	free(*name);
	*name = text;
	if (text && !strstr(text, "-----"))
		text[strcspn(text, "\r\n")] = '\0';
	return 0;
}

int target_open(struct target *target, const struct target_flags *flags)
{
	*target = (struct target){0};
	if (flags->url ? open_url(target, flags) : open_installation(target, flags))
		return -1;
	replace(&target->ca, flags->ca);
	replace(&target->cert, flags->cert);
	replace(&target->key, flags->key);
	replace(&target->token, flags->token_file);
	if (!target->cert != !target->key) {
		complain("--cert and --key go together");
		return -1;
	}
	if (read_into(&target->ca) || read_into(&target->token))
		return -1;
	target->client.address = flags->address;
	target->client.ca_pem = target->ca;
	target->client.ca_len = target->ca ? strlen(target->ca) : 0;
	target->client.certificate_file = target->cert;
	target->client.key_file = target->key;
	target->client.token = target->token;
	for (size_t i = 0; i < target->count; i++)
		if (flags->timeout_s || target->webhooks[i].timeout_s == 0)
			target->webhooks[i].timeout_s = flags->timeout_s ? flags->timeout_s : 10;
	return 0;
}

void target_close(struct target *target)
{
	installation_free(target->installation);
	free(target->webhooks);
	free(target->host);
	free(target->path);
	free(target->ca);
	free(target->cert);
	free(target->key);
	free(target->token);
	*target = (struct target){0};
}
