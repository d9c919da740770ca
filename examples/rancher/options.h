/* SPDX-License-Identifier: MIT */
/*
 * How the server is told what to do: the environment variables of Rancher's
 * webhook, and flags, which win.
 */
#ifndef RANCHER_OPTIONS_H
#define RANCHER_OPTIONS_H

#include <stdbool.h>

#include "go_quote.h"

struct options {
	const char *address; /* NULL for all */
	const char *port;
	const char *tls_cert;
	const char *tls_key;
	const char *client_ca;
	const char *allowed_cns; /* separated by commas; "" for any name of the client CA */
	const char *permissions; /* NULL for no file */
	const char *health;      /* "HOST:PORT"; NULL for no port of its own */
	const char *lame_duck;   /* seconds */
	bool no_client_ca;       /* serve everyone while the client CA's file is not there */
	bool debug;
	bool json_log;
	bool help;
	struct text paths[3]; /* the defaults of the three files above */
};

/* False, with the reason: the command line or the environment makes no sense. */
bool options_read(struct options *options, int argc, char **argv, struct text *error);

void options_free(struct options *options);

extern const char options_help[];

#endif
