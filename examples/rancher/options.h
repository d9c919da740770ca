/* SPDX-License-Identifier: MIT */
/*
 * How the server is told what to do: the environment variables of Rancher's
 * webhook, and flags, which win.
 */
#ifndef RANCHER_OPTIONS_H
#define RANCHER_OPTIONS_H

#include <stdbool.h>

#include "common/program.h"
#include "go_quote.h"

struct options {
	const char *address; /* "" for all */
	const char *port;
	const char *tls_cert;
	const char *tls_key;
	const char *client_ca;
	const char *allowed_cns; /* separated by commas; "" for any name of the client CA */
	const char *permissions; /* NULL for no file */
	const char *health;      /* "HOST:PORT"; NULL for no port of its own */
	uint64_t lame_duck;      /* seconds */
	bool no_client_ca;       /* serve everyone while the client CA's file is not there */
	bool debug;
	bool json_log;
	struct text paths[3]; /* the defaults of the three files above */
};

/* The program as program_read() wants it, which fills in these options. */
struct program options_program(struct options *options);

/* As program_read(), with Rancher's check of the port. */
enum program_outcome options_read(struct options *options, int argc, char **argv,
				  struct text *text);

void options_free(struct options *options);

#endif
