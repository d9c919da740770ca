/* SPDX-License-Identifier: MIT */
/*
 * Who may ask: {"tokens": [{"token": "...", "role": "GLOBAL_ADMIN", "name": "kube-apiserver"}]}
 * The library keeps the tokens (their digests), compares them and reads the file
 * again; here is only what its format means.
 */
#ifndef RUNECAST_TOKENS_H
#define RUNECAST_TOKENS_H

#include <admwh/identity.h>

/* The role that may ask for reviews. */
#define TOKENS_ROLE "GLOBAL_ADMIN"

admwh_token_reader_fn tokens_read;

#endif
