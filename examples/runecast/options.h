/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef RUNECAST_OPTIONS_H
#define RUNECAST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *address, *port, *cert_file, *key_file, *tokens, *policies, *scan_results;
	const char *client_ca_file, *allow_cn, *health; /* NULL: none */
	bool allow_unknown;
	uint64_t lame_duck_ms;
};

/* 0; 1 when all is done, for --help; -1 when it cannot be understood, which was said. */
int options_read(struct options *options, int argc, char **argv);

#endif
