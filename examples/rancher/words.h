/* SPDX-License-Identifier: MIT */
/*
 * Text that grows: the messages users read. They quote what users sent, so
 * nobody knows their length beforehand. When memory runs out the text is marked
 * and every later call on it does nothing.
 */
#ifndef RANCHER_WORDS_H
#define RANCHER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
	char *text; /* NULL until something was added */
	size_t len;
	size_t size;
	bool failed;
};

#define WORDS_NONE                                                                                 \
	{                                                                                          \
		NULL, 0, 0, false                                                                  \
	}

void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
void words_bytes(struct words *words, const char *bytes, size_t len);

/* One code point as UTF-8, as Go's %c writes it. */
void words_rune(struct words *words, uint32_t rune);

/* As Go's %q: in double quotes, with escapes for what does not print. */
void words_quote(struct words *words, const char *text);

/* As Go's time package quotes: all that is not ASCII becomes \x escapes. */
void words_quote_ascii(struct words *words, const char *text, size_t len);

/* Was anything added, or was there no memory to? */
bool words_any(const struct words *words);

/* Never NULL. */
const char *words_text(const struct words *words);
void words_free(struct words *words);

/* One code point of valid UTF-8 (what JSON texts are here); 1 to 4 bytes. */
size_t rune_at(const char *text, uint32_t *rune);

#endif
