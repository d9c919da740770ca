/* SPDX-License-Identifier: MIT */
#include "test/update.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "common/yaml.h"

/* The beginning of a line, from 1; the end of the text beyond the last. */
static const char *find_line(const char *text, size_t line)
{
	while (--line > 0 && *text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static size_t indentation(const char *line)
{
	return strspn(line, " ");
}

static bool is_blank(const char *line)
{
	return strchr("#\r\n", line[indentation(line)]); /* or the end of the text */
}

/* Where the lines end that are further in than a column: behind the last that is not blank. */
static const char *end_of_block(const char *line, size_t column)
{
	const char *end = next_line(line);

	for (line = end; *line; line = next_line(line)) {
		if (is_blank(line))
			continue;
		if (indentation(line) <= column)
			break;
		end = next_line(line);
	}
	return end;
}

/* The column of a line's key, behind the "- " of a list. */
static size_t key_column(const char *line)
{
	size_t column = indentation(line);

	return line[column] == '-' ? column + 1 + strspn(line + column + 1, " ") : column;
}

static void write_expect(FILE *to, const json_t *expect, size_t column)
{
	json_t *whole = json_made(json_pack("{s:O}", "expect", expect));
	char *text = yaml_text(whole);

	for (const char *line = text; *line; line = next_line(line)) {
		size_t len = strcspn(line, "\n");

		/* The first line stands behind what is there. */
		if (line > text && len > 0)
			fprintf(to, "%*s", (int)column, "");
		fprintf(to, "%.*s\n", (int)len, line);
	}
	free(text);
	json_decref(whole);
}

/* text up to from, an expect at a column, and the rest from to. */
static void splice(char **text, const char *from, const char *to, const json_t *expect,
		   size_t column)
{
	char *made = NULL;
	size_t len;
	FILE *out = text_open(&made, &len);

	fwrite(*text, 1, (size_t)(from - *text), out);
	if (from > *text && from[-1] != '\n' && from == to)
		fputc('\n', out);
	if (from == to)
		fprintf(out, "%*s", (int)column, "");
	write_expect(out, expect, column);
	fputs(to, out);
	text_close(out);
	free(*text);
	*text = made;
}

int update_expect(char **text, const struct yaml_file *suite, size_t i, const json_t *expect)
{
	char *pointer = text_new("/cases/%zu/expect", i);
	size_t line = yaml_line(suite, 0, pointer), column;
	const char *at = find_line(*text, line);

	free(pointer);
	column = key_column(at);
	if (strncmp(at + column, "expect:", strlen("expect:")) == 0) {
		splice(text, at + column, end_of_block(at, column), expect, column);
		return 0;
	}
	/* Without one, the line is that of the case. */
	pointer = text_new("/cases/%zu", i);
	if (yaml_line(suite, 0, pointer) == line && at[column] != '{' &&
	    at[indentation(at)] == '-') {
		const char *end = end_of_block(at, indentation(at));

		splice(text, end, end, expect, column);
		free(pointer);
		return 0;
	}
	free(pointer);
	complain("%s:%zu: no expectations can be written here; write the case in several lines, "
		 "without braces",
		 yaml_name(suite), line);
	return -1;
}
