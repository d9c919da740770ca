/* SPDX-License-Identifier: MIT */
#include "json/path.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "json/escape.h"
#include "json/number.h"

enum { KEY_BYTES = AWH_PATH_KEY - (int)sizeof("...") };

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

/* At most KEY_BYTES of a key as it is written, cut between characters. */
static size_t key_part(const char *key, size_t len)
{
	size_t part = 0;

	while (part < len) {
		size_t n = key[part] == '\\' ? 2 : awh_utf8_sequence(key + part, len - part);

		if (part + n > KEY_BYTES)
			break;
		part += n;
	}
	return part;
}

void awh_path_init(struct awh_path *path, char *text, size_t size)
{
	*path = (struct awh_path){.text = text, .size = size};
	text[0] = '\0';
}

size_t awh_path_show_key(char shown[AWH_PATH_KEY], const char *key)
{
	size_t len = awh_escaped_len(key);
	size_t part = key_part(key, len);

	memcpy(shown, key, part);
	if (part < len) {
		memcpy(shown + part, "...", 3);
		part += 3;
	}
	shown[part] = '\0';
	return part;
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
