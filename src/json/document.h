/* SPDX-License-Identifier: MIT */
/*
 * What the public functions of <admwh/json.h> share: the texts of the numbers of
 * a caller's documents, and the last error.
 */
#ifndef AWH_JSON_DOCUMENT_H
#define AWH_JSON_DOCUMENT_H

#include <stdbool.h>

#include <admwh/json.h>

#include "base/error.h"
#include "json/json.h"

/* Levels of nested arrays and objects a document may have. */
enum { AWH_DOCUMENT_DEPTH = 1000 };

struct admwh_json {
	struct awh_numbers *numbers;
	bool nul_in_trees;
	struct awh_error error;
};

/* Set the error to the text of its code; json may be NULL. Returns NULL, always. */
void *awh_document_fail(struct admwh_json *json, int code);

#endif
