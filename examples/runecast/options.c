/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <admwh/admwh.h>

static const struct program_flag flags[] = {
    {.name = "address",
     PROGRAM_TEXT_AT(struct options, address),
     .value = "ADDRESS",
     .preset = "0.0.0.0",
     .help = "where to listen"},
    {.name = "port",
     PROGRAM_TEXT_AT(struct options, port),
     .value = "PORT",
     .preset = "9080",
     .help = "0 lets the system pick one"},
    {.name = "cert-file",
     PROGRAM_TEXT_AT(struct options, cert_file),
     .value = "FILE",
     .required = true,
     .help = "certificate chain, PEM"},
    {.name = "key-file",
     PROGRAM_TEXT_AT(struct options, key_file),
     .value = "FILE",
     .required = true,
     .help = "its private key, PEM"},
    {.name = "tokens",
     PROGRAM_TEXT_AT(struct options, tokens),
     .value = "FILE",
     .required = true,
     .help = "who may ask: tokens and their roles, JSON"},
    {.name = "policies",
     PROGRAM_TEXT_AT(struct options, policies),
     .value = "FILE",
     .required = true,
     .help = "what images may have, JSON"},
    {.name = "scan-results",
     PROGRAM_TEXT_AT(struct options, scan_results),
     .value = "FILE",
     .required = true,
     .help = "what the scanner found in them, JSON"},
    {.name = "unknown-image",
     PROGRAM_CHOICE_AT(struct options, unknown_image),
     .value = "deny|allow",
     .preset = "deny",
     .help = "an image that was not scanned: deny, or allow with a warning"},
    {.name = "client-ca-file",
     PROGRAM_TEXT_AT(struct options, client_ca_file),
     .value = "FILE",
     .help = "ask for a certificate of this CA, too, in the TLS handshake"},
    {.name = "allow-cn",
     PROGRAM_TEXT_AT(struct options, allow_cn),
     .value = "NAME",
     .help = "only of this common name; any name of that CA by default"},
    {.name = "health",
     PROGRAM_TEXT_AT(struct options, health),
     .value = "ADDRESS:PORT",
     .help = "serve /healthz, /readyz and /metrics by plain HTTP there"},
    {.name = "lame-duck",
     PROGRAM_NUMBER_AT(struct options, lame_duck),
     .value = "SECONDS",
     .preset = "0",
     .most = 3600,
     .help = "go on accepting so long after SIGTERM"},
};

struct program options_program(struct options *options)
{
	return (struct program){
	    .name = "admwh-runecast",
	    .version = admwh_version(),
	    .about = "All files are read again when they change. New policy ids are served after "
		     "a restart.\n",
	    .prefix = "ADMWH_RUNECAST_",
	    .tables = {{flags, sizeof(flags) / sizeof(flags[0]), options}},
	};
}

enum program_outcome options_read(struct options *options, int argc, char **argv, struct text *text)
{
	struct program program = options_program(options);
	enum program_outcome outcome;

	*options = (struct options){0};
	outcome = program_read(&program, argc, argv, text);
	if (outcome == PROGRAM_READ && options->allow_cn && !options->client_ca_file) {
		text_add(text, "--allow-cn needs --client-ca-file");
		return PROGRAM_WRONG;
	}
	return outcome;
}
