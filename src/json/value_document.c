/* SPDX-License-Identifier: MIT */
/* A text of the program's own, read by values. */
#include <stdlib.h>

#include "base/text.h"
#include "json/document.h"
#include "json/value.h"

struct admwh_document {
	char *bytes;
	struct awh_index index;
	struct awh_arena arena;
	struct awh_error error;
	struct admwh_text text;
	bool is_valid;
};

struct admwh_document *admwh_document_parse(const char *text, size_t len)
{
	const struct awh_index_options options = {.depth = AWH_DOCUMENT_DEPTH};
	struct admwh_document *document = text ? calloc(1, sizeof(*document)) : NULL;
	int err = ADMWH_E_NOMEM;

	if (!document)
		return NULL;
	document->bytes = awh_strndup(text, len);
	if (document->bytes)
		err = awh_index_read(&document->index, document->bytes, len, &options,
				     &document->error);
	if (err == ADMWH_E_NOMEM) {
		admwh_document_free(document);
		return NULL;
	}
	document->is_valid = err == 0;
	awh_text_init(&document->text, &document->index, &document->arena, &document->error, "");
	return document;
}

struct admwh_value admwh_document_value(const struct admwh_document *document)
{
	return document && document->is_valid ? awh_value_root(&document->text, 0)
					      : (struct admwh_value){0};
}

const char *admwh_document_error(const struct admwh_document *document)
{
	return document ? document->error.text : admwh_strerror(ADMWH_E_NOMEM);
}

void admwh_document_free(struct admwh_document *document)
{
	if (!document)
		return;
	awh_text_deinit(&document->text);
	awh_arena_deinit(&document->arena);
	awh_index_deinit(&document->index);
	free(document->bytes);
	free(document);
}
