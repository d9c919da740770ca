/* SPDX-License-Identifier: MIT */
/*
 * Environment and flags.
 */
#include <stdlib.h>
#include <string.h>

#include "go_time.h"
#include "options.h"

const char options_help[] =
    "admwh-rancher: admission rules of Rancher's webhook, served by libadmwh\n"
    "\n"
    "  --tls-cert FILE            certificate chain; $TMPDIR/k8s-webhook-server/\n"
    "                             serving-certs/tls.crt\n"
    "  --tls-key FILE             its key; tls.key beside it\n"
    "  --client-ca FILE           CAs of the callers; $TMPDIR/k8s-webhook-server/\n"
    "                             client-ca/ca.crt\n"
    "  --allowed-cns LIST         names the callers may have, separated by commas; any name\n"
    "                             the client CAs vouch for when empty [ALLOWED_CNS]\n"
    "  --port N                   port; 9443 [CATTLE_PORT]\n"
    "  --address HOST             numeric address to listen on; all of them\n"
    "  --permissions FILE         who may manage which project, see permissions.h; no one\n"
    "  --health HOST:PORT         serve /healthz, /readyz, /metrics by plain HTTP there, too\n"
    "  --lame-duck SECONDS        when told to stop, go on accepting for so long; 0\n"
    "  --log-json                 one JSON object a line\n"
    "  --insecure-no-client-ca    serve everyone while there is no client CA file\n"
    "  --help                     this text\n"
    "\n"
    "TMPDIR is /tmp unless set. CATTLE_DEBUG=true logs more.\n";

static bool is_true(const char *variable)
{
	const char *value = getenv(variable);

	return value && strcmp(value, "true") == 0;
}

static const char *or_else(const char *value, const char *otherwise)
{
	return value && *value ? value : otherwise;
}

static const char *below_tmp(struct text *path, const char *file)
{
	text_add(path, "%s/k8s-webhook-server/%s", or_else(getenv("TMPDIR"), "/tmp"), file);
	return text_get(path);
}

static void read_environment(struct options *options)
{
	options->port = or_else(getenv("CATTLE_PORT"), "9443");
	options->lame_duck = "0";
	options->allowed_cns = or_else(getenv("ALLOWED_CNS"), "");
	options->debug =
	    is_true("CATTLE_DEBUG") || is_true("RANCHER_DEBUG") || is_true("CATTLE_TRACE");
	options->client_ca = below_tmp(&options->paths[0], "client-ca/ca.crt");
	options->tls_cert = below_tmp(&options->paths[1], "serving-certs/tls.crt");
	options->tls_key = below_tmp(&options->paths[2], "serving-certs/tls.key");
}

static bool read_switch(struct options *options, const char *flag)
{
	const struct {
		const char *flag;
		bool *on;
	} switches[] = {
	    {"--insecure-no-client-ca", &options->no_client_ca},
	    {"--log-json", &options->json_log},
	    {"--help", &options->help},
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(switches[i].flag, flag) != 0)
			continue;
		*switches[i].on = true;
		return true;
	}
	return false;
}

static const char **value_of(struct options *options, const char *flag)
{
	const struct {
		const char *flag;
		const char **value;
	} values[] = {
	    {"--tls-cert", &options->tls_cert},
	    {"--tls-key", &options->tls_key},
	    {"--client-ca", &options->client_ca},
	    {"--allowed-cns", &options->allowed_cns},
	    {"--port", &options->port},
	    {"--address", &options->address},
	    {"--permissions", &options->permissions},
	    {"--health", &options->health},
	    {"--lame-duck", &options->lame_duck},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].flag, flag) == 0)
			return values[i].value;
	return NULL;
}

/* In the words of the original; that it is a port is checked when the server listens. */
static bool check_port(const char *port, struct text *error)
{
	struct text why = {0};
	int64_t number;
	bool valid = go_int_parse("Atoi", port, &number, &why);

	if (!valid)
		text_add(error, "failed to decode webhook port value '%s': %s", port,
			 text_get(&why));
	text_deinit(&why);
	return valid;
}

bool options_read(struct options *options, int argc, char **argv, struct text *error)
{
	*options = (struct options){0};
	read_environment(options);
	for (int i = 1; i < argc; i++) {
		const char **value;

		if (read_switch(options, argv[i]))
			continue;
		value = value_of(options, argv[i]);
		if (!value || !argv[i + 1]) {
			text_add(error, value ? "%s needs a value" : "unknown flag %s", argv[i]);
			return false;
		}
		*value = argv[++i];
	}
	return check_port(options->port, error);
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < sizeof(options->paths) / sizeof(options->paths[0]); i++)
		text_deinit(&options->paths[i]);
}
