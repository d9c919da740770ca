/* SPDX-License-Identifier: MIT */
/* The command line and the environment. */
#ifndef RUNECAST_OPTIONS_H
#define RUNECAST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/program.h"

struct options {
	const char *address, *port, *cert_file, *key_file, *tokens, *policies, *scan_results;
	const char *client_ca_file, *allow_cn, *health; /* NULL: none */
	int unknown_image;                              /* enum unknown_image */
	uint64_t lame_duck;                             /* seconds */
};

enum unknown_image { UNKNOWN_DENY, UNKNOWN_ALLOW };

/* The program as program_read() wants it, which fills in these options. */
struct program options_program(struct options *options);

/* As program_read(), with what flags say of each other. */
enum program_outcome options_read(struct options *options, int argc, char **argv,
				  struct text *text);

#endif
