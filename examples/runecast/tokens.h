/* SPDX-License-Identifier: MIT */
/*
 * Who may ask: {"tokens": [{"token": "...", "role": "GLOBAL_ADMIN", "name": "kube-apiserver"}]}
 * The library keeps the tokens (their digests), compares them and reads the file
 * again; here is only what its format means.
 */
#ifndef RUNECAST_TOKENS_H
#define RUNECAST_TOKENS_H

#include "config_file.h"

/* The role that may ask for reviews. */
#define TOKENS_ROLE "GLOBAL_ADMIN"

struct admwh_config;

/* Outlives the server: the file is read again while it runs. */
struct token_file {
	const char *file;
	bool serving; /* set it when the server starts: problems are logged from then on */
	struct problem problem;
};

/* Have the server ask for a token of this file. 0; -1: file->problem says why. */
int tokens_use(struct admwh_config *config, struct token_file *file);

#endif
