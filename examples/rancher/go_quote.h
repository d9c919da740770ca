/* SPDX-License-Identifier: MIT */
/*
 * Text in quotes, as Go's messages have it.
 */
#ifndef RANCHER_GO_QUOTE_H
#define RANCHER_GO_QUOTE_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

/* One code point as UTF-8, as Go's %c writes it. */
void go_rune(struct text *out, uint32_t rune);

/* As Go's %q: in double quotes, with escapes for what does not print. */
void go_quote(struct text *out, const char *text);

/* As Go's time package quotes: all that is not ASCII becomes \x escapes. */
void go_quote_ascii(struct text *out, const char *text, size_t len);

/* As encoding/json writes a string, with escapes for <, > and &. */
void go_quote_json(struct text *out, const char *text);

/* One code point of valid UTF-8 (what JSON texts are here); 1 to 4 bytes. */
size_t rune_at(const char *text, uint32_t *rune);

#endif
