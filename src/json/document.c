/* SPDX-License-Identifier: MIT */
#include "json/document.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

void *awh_document_fail(struct admwh_json *json, int code)
{
	if (json)
		awh_fail(&json->error, code, "%s", admwh_strerror(code));
	return NULL;
}

struct admwh_json *admwh_json_new(void)
{
	struct admwh_json *json = calloc(1, sizeof(*json));

	if (!json)
		return NULL;
	json->numbers = awh_numbers_new();
	if (!json->numbers) {
		free(json);
		return NULL;
	}
	return json;
}

void admwh_json_free(struct admwh_json *json)
{
	if (!json)
		return;
	awh_numbers_free(json->numbers);
	free(json);
}

const char *admwh_json_error(const struct admwh_json *json)
{
	return json ? json->error.text : "";
}

int admwh_json_set_nul_in_trees(struct admwh_json *json, bool on)
{
	if (!json)
		return ADMWH_E_INVAL;
	json->nul_in_trees = on;
	return 0;
}

json_t *admwh_json_parse(struct admwh_json *json, const char *text, size_t len)
{
	if (!json || !text)
		return awh_document_fail(json, ADMWH_E_INVAL);
	if (json->nul_in_trees)
		return awh_json_parse(text, len, AWH_DOCUMENT_DEPTH, json->numbers, &json->error);
	return awh_json_parse_without_nul(text, len, AWH_DOCUMENT_DEPTH, json->numbers,
					  &json->error);
}

char *admwh_json_write(struct admwh_json *json, const json_t *value, size_t *len)
{
	struct awh_buf text;

	if (!json || !value)
		return awh_document_fail(json, ADMWH_E_INVAL);
	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, json->numbers);
	if (awh_buf_terminate(&text) < 0) {
		awh_document_fail(json, text.err);
		awh_buf_deinit(&text);
		return NULL;
	}
	if (len)
		*len = text.len;
	return text.data;
}

json_t *admwh_json_copy(struct admwh_json *json, const json_t *value)
{
	json_t *copy;

	if (!json || !value)
		return awh_document_fail(json, ADMWH_E_INVAL);
	copy = awh_json_copy(value, json->numbers);
	return copy ? copy : awh_document_fail(json, ADMWH_E_NOMEM);
}

bool admwh_json_equal(const struct admwh_json *json, const json_t *a, const json_t *b)
{
	return a && b && awh_json_equal(a, b, json ? json->numbers : NULL);
}
