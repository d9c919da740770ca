/* SPDX-License-Identifier: MIT */
/* For the tests of values: a document, and what is remembered of it. */
#ifndef TESTS_JSON_VALUES_H
#define TESTS_JSON_VALUES_H

#include <string.h>

#include <admwh/value.h>

/* A C string as a document; it must be JSON. */
static inline struct admwh_document *parse(const char *text)
{
	struct admwh_document *document = admwh_document_parse(text, strlen(text));

	assert_non_null(document);
	assert_string_equal(admwh_document_error(document), "");
	return document;
}

/* Free a document of which this was remembered. */
static inline void finish(struct admwh_document *document, const char *error)
{
	assert_string_equal(admwh_document_error(document), error);
	admwh_document_free(document);
}

static inline void assert_text(const char *text, size_t len, const char *wanted)
{
	assert_non_null(text);
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(text, wanted, len);
}

#endif
