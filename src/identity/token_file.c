/* SPDX-License-Identifier: MIT */
#include "identity/token_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "identity/lines.h"

enum { TOKEN, NAME, UID, GROUPS, FIELDS, FIELDS_LEAST = GROUPS };

/* One line, in memory where its fields can be terminated. */
struct record {
	struct awh_buf text;  /* NUL-terminated; each field is terminated in place */
	char *fields[FIELDS]; /* further ones are of no interest */
	size_t n_fields;
	const char **groups;
};

static int bad(struct awh_error *error, const char *what)
{
	return awh_fail(error, ADMWH_E_INVAL, "%s", what);
}

/* Undo the quotes of a field; the byte behind it in *rest. False: they do not match. */
static bool unquote(char *field, char **rest)
{
	char *out = field;
	char *in = field + 1;

	for (;; *out++ = *in++) {
		if (*in == '\0')
			return false;
		if (*in == '"' && *++in != '"')
			break;
	}
	*rest = in;
	if (*in != ',' && *in != '\0')
		return false;
	if (*in == ',')
		*(*rest)++ = '\0';
	else
		*rest = NULL;
	*out = '\0';
	return true;
}

/* The field at the front of *rest, which becomes NULL at the end of the line. */
static char *take_field(char **rest)
{
	char *field = *rest;
	char *comma;

	if (*field == '"')
		return unquote(field, rest) ? field : NULL;
	comma = strchr(field, ',');
	*rest = comma ? comma + 1 : NULL;
	if (comma)
		*comma = '\0';
	return strchr(field, '"') ? NULL : field;
}

static int split(struct record *record, struct awh_error *error)
{
	char *rest = record->text.data;

	record->n_fields = 0;
	while (rest) {
		char *field = take_field(&rest);

		if (!field)
			return bad(error, "quotes do not match");
		if (record->n_fields < FIELDS)
			record->fields[record->n_fields++] = field;
	}
	if (record->n_fields < FIELDS_LEAST)
		return bad(error, "expected token,name,uid and perhaps groups");
	return 0;
}

/* "a,b" to two texts; empty ones are left out. */
static int split_groups(struct record *record, size_t *n_groups)
{
	char *rest = record->n_fields > GROUPS ? record->fields[GROUPS] : NULL;
	size_t most = 1;

	*n_groups = 0;
	for (const char *c = rest; c && *c; c++)
		most += *c == ',';
	free(record->groups);
	record->groups = calloc(most, sizeof(*record->groups));
	if (!record->groups)
		return ADMWH_E_NOMEM;
	while (rest) {
		char *comma = strchr(rest, ',');

		if (comma)
			*comma = '\0';
		if (*rest)
			record->groups[(*n_groups)++] = rest;
		rest = comma ? comma + 1 : NULL;
	}
	return 0;
}

static int read_record(struct record *record, const struct awh_lines *lines,
		       awh_token_record_fn *take, void *userdata, struct awh_error *error)
{
	size_t n_groups;
	int err;

	if (memchr(lines->line, '\0', lines->len))
		return bad(error, "a NUL byte");
	awh_buf_reset(&record->text);
	awh_buf_put(&record->text, lines->line, lines->len);
	if (awh_buf_terminate(&record->text))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	err = split(record, error);
	if (err)
		return err;
	if (split_groups(record, &n_groups))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return take(record->fields[TOKEN], record->fields[NAME], record->groups, n_groups, userdata,
		    error);
}

int awh_token_file_read(const char *text, size_t len, awh_token_record_fn *take, void *userdata,
			struct awh_error *error)
{
	struct record record = {0};
	struct awh_lines lines;
	int err = 0;

	awh_buf_init(&record.text, len + 1);
	record.text.secret = true;
	awh_lines_begin(&lines, text, len);
	while (err == 0 && awh_lines_next(&lines)) {
		struct awh_error reason = {0};

		if (lines.len == 0 || lines.line[0] == '#')
			continue;
		err = read_record(&record, &lines, take, userdata, &reason);
		if (err)
			awh_lines_fail(&lines, &reason, error);
	}
	free(record.groups);
	awh_buf_deinit(&record.text);
	return err;
}
