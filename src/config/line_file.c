/* SPDX-License-Identifier: MIT */
#include "config/line_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "identity/lines.h"

static void trim(struct awh_lines *lines)
{
	while (lines->len > 0 && awh_is_blank(lines->line[lines->len - 1]))
		lines->len--;
	while (lines->len > 0 && awh_is_blank(*lines->line)) {
		lines->line++;
		lines->len--;
	}
}

/* On to the next line that is neither empty nor a comment. */
static bool next_entry(struct awh_lines *lines)
{
	while (awh_lines_next(lines)) {
		trim(lines);
		if (lines->len > 0 && *lines->line != '#')
			return true;
	}
	return false;
}

static size_t count_entries(const char *bytes, size_t len)
{
	struct awh_lines lines;
	size_t n = 0;

	awh_lines_begin(&lines, bytes, len);
	while (next_entry(&lines))
		n++;
	return n;
}

static const char *entry_error(const struct admwh_file *file, const char *entry, size_t len)
{
	if (strlen(entry) != len)
		return "holds a NUL byte";
	return file->line_error ? file->line_error(entry) : NULL;
}

/* The texts go behind the pointers, in one block. */
void *awh_line_file_parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	const size_t n = count_entries(bytes, len);
	const char **entries = malloc((n + 1) * sizeof(*entries) + len + 1);
	char *text = entries ? (char *)(entries + n + 1) : NULL;
	struct awh_lines lines;

	(void)userdata;
	if (!entries) {
		admwh_file_fail(file, "out of memory");
		return NULL;
	}
	awh_lines_begin(&lines, bytes, len);
	for (size_t i = 0; next_entry(&lines); i++) {
		const char *why;

		entries[i] = memcpy(text, lines.line, lines.len);
		text[lines.len] = '\0';
		text += lines.len + 1;
		why = entry_error(file, entries[i], lines.len);
		if (why) {
			admwh_file_fail(file, "line %zu: %s", lines.number, why);
			free(entries);
			return NULL;
		}
	}
	entries[n] = NULL;
	return entries;
}

void awh_line_file_free(void *lines, void *userdata)
{
	(void)userdata;
	free(lines);
}
