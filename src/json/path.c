/* SPDX-License-Identifier: MIT */
#include "json/path.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/escape.h"
#include "json/number.h"

enum {
	KEY_BYTES = AWH_PATH_KEY - (int)sizeof("..."),
	CHARACTER_BYTES = sizeof("\\u001f"),
};

static bool is_plain_key(const char *key, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(key[i] >= 'a' && key[i] <= 'z') && !(key[i] >= 'A' && key[i] <= 'Z') &&
		    !(key[i] >= '0' && key[i] <= '9') && key[i] != '_' && key[i] != '-')
			return false;
	return len > 0;
}

static void put(struct awh_path *path, const char *text, size_t len)
{
	static const char dots[] = "...";

	if (path->full)
		return;
	if (len >= path->size - path->len - strlen(dots)) {
		path->full = true;
		text = dots;
		len = strlen(dots);
	}
	memcpy(path->text + path->len, text, len);
	path->len += len;
	path->text[path->len] = '\0';
}

/*
 * The character at key, as it is shown: as it is written, but \uNNNN for one that a line, or a
 * terminal, would take for more than text. Returns the bytes that it takes of the key.
 */
static size_t show_character(char shown[CHARACTER_BYTES], size_t *n_shown, const char *key,
			     size_t len)
{
	const size_t n = key[0] == '\\' ? 2 : awh_utf8_sequence(key, len);
	const unsigned int point = awh_utf8_unprintable(key, n);

	*n_shown = n;
	if (point)
		*n_shown = (size_t)snprintf(shown, CHARACTER_BYTES, "\\u%04x", point);
	else
		memcpy(shown, key, n);
	return n;
}

void awh_path_init(struct awh_path *path, char *text, size_t size)
{
	*path = (struct awh_path){.text = text, .size = size};
	text[0] = '\0';
}

size_t awh_path_show_key(char shown[AWH_PATH_KEY], const char *key)
{
	const size_t len = awh_escaped_len(key);
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		char character[CHARACTER_BYTES];
		size_t n_shown;

		i += show_character(character, &n_shown, key + i, len - i);
		if (n + n_shown > KEY_BYTES) {
			memcpy(shown + n, "...", 3);
			n += 3;
			break;
		}
		memcpy(shown + n, character, n_shown);
		n += n_shown;
	}
	shown[n] = '\0';
	return n;
}

void awh_path_add_key(struct awh_path *path, const char *key)
{
	const bool plain = is_plain_key(key, awh_escaped_len(key));
	char text[AWH_PATH_KEY + 4];
	size_t n = 0;

	if (!plain) {
		text[n++] = '[';
		text[n++] = '"';
	} else if (path->len > 0) {
		text[n++] = '.';
	}
	n += awh_path_show_key(text + n, key);
	if (!plain) {
		text[n++] = '"';
		text[n++] = ']';
	}
	put(path, text, n);
}

void awh_path_add_index(struct awh_path *path, size_t index)
{
	char text[AWH_NUMBER_TEXT];
	size_t len = awh_number_format_integer(text, (int64_t)index);

	put(path, "[", 1);
	put(path, text, len);
	put(path, "]", 1);
}
