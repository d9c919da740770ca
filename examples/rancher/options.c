/* SPDX-License-Identifier: MIT */
/*
 * Environment and flags.
 */
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "go_time.h"
#include "options.h"

static const struct program_flag flags[] = {
    {.name = "tls-cert",
     PROGRAM_TEXT_AT(struct options, tls_cert),
     .value = "FILE",
     .help = "certificate chain; $TMPDIR/k8s-webhook-server/serving-certs/tls.crt by default"},
    {.name = "tls-key",
     PROGRAM_TEXT_AT(struct options, tls_key),
     .value = "FILE",
     .help = "its key; tls.key beside it by default"},
    {.name = "client-ca",
     PROGRAM_TEXT_AT(struct options, client_ca),
     .value = "FILE",
     .help = "CAs of the callers; $TMPDIR/k8s-webhook-server/client-ca/ca.crt by default"},
    {.name = "allowed-cns",
     PROGRAM_TEXT_AT(struct options, allowed_cns),
     .value = "LIST",
     .variable = "ALLOWED_CNS",
     .preset = "",
     .may_be_empty = true,
     .help = "common names of callers, separated by commas; empty: any that the client CAs issued"},
    {.name = "port",
     PROGRAM_TEXT_AT(struct options, port),
     .value = "N",
     .variable = "CATTLE_PORT",
     .preset = "9443",
     .help = "port to listen on"},
    {.name = "address",
     PROGRAM_TEXT_AT(struct options, address),
     .value = "HOST",
     .preset = "",
     .may_be_empty = true,
     .help = "numeric address to listen on; empty: all"},
    {.name = "permissions",
     PROGRAM_TEXT_AT(struct options, permissions),
     .value = "FILE",
     .help = "permissions of users, see permissions.h; none without it"},
    {.name = "health",
     PROGRAM_TEXT_AT(struct options, health),
     .value = "HOST:PORT",
     .help = "serve /healthz, /readyz and /metrics by plain HTTP there, too"},
    {.name = "lame-duck",
     PROGRAM_NUMBER_AT(struct options, lame_duck),
     .value = "SECONDS",
     .preset = "0",
     .most = 3600,
     .help = "when told to stop, go on accepting for so long"},
    {.name = "log-json",
     PROGRAM_SWITCH_AT(struct options, json_log),
     .help = "log one JSON object a line"},
    {.name = "debug",
     PROGRAM_SWITCH_AT(struct options, debug),
     .variable = "CATTLE_DEBUG RANCHER_DEBUG CATTLE_TRACE",
     .help = "log more"},
    {.name = "insecure-no-client-ca",
     PROGRAM_SWITCH_AT(struct options, no_client_ca),
     .help = "serve everyone while there is no client CA file"},
};

static const char *below_tmp(struct text *path, const char *file)
{
	const char *folder = getenv("TMPDIR");

	text_add(path, "%s/k8s-webhook-server/%s", folder && *folder ? folder : "/tmp", file);
	return text_get(path);
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

struct program options_program(struct options *options)
{
	return (struct program){
	    .name = "admwh-rancher",
	    .version = admwh_version(),
	    .about = "Admission rules of Rancher's webhook, served by libadmwh.\n",
	    .prefix = "ADMWH_RANCHER_",
	    .tables = {{flags, sizeof(flags) / sizeof(flags[0]), options}},
	};
}

enum program_outcome options_read(struct options *options, int argc, char **argv, struct text *text)
{
	struct program program = options_program(options);
	enum program_outcome outcome;

	*options = (struct options){0};
	options->client_ca = below_tmp(&options->paths[0], "client-ca/ca.crt");
	options->tls_cert = below_tmp(&options->paths[1], "serving-certs/tls.crt");
	options->tls_key = below_tmp(&options->paths[2], "serving-certs/tls.key");
	outcome = program_read(&program, argc, argv, text);
	if (outcome == PROGRAM_READ && !check_port(options->port, text))
		return PROGRAM_WRONG;
	return outcome;
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < sizeof(options->paths) / sizeof(options->paths[0]); i++)
		text_deinit(&options->paths[i]);
}
