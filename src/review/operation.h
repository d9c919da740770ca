/* SPDX-License-Identifier: MIT */
/*
 * One operation of a JSON Patch (RFC 6902): read from a tree, made into one,
 * written as text. apply.h carries it out.
 */
#ifndef AWH_REVIEW_OPERATION_H
#define AWH_REVIEW_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "json/json.h"

enum awh_op { AWH_ADD, AWH_REMOVE, AWH_REPLACE, AWH_MOVE, AWH_COPY, AWH_TEST, AWH_OPS };

struct awh_operation {
	enum awh_op op;
	const char *path;
	size_t path_len;
	const char *from; /* of move and copy, else NULL */
	size_t from_len;
	json_t *value; /* *borrowed* */
};

const char *awh_op_name(enum awh_op op);

/*
 * Read one item of a patch, json; the operation *borrows* from it.
 *
 * needs_value: a missing "value" is an error, else it is null
 * index: of the item, for the message
 * 0; ADMWH_E_PATCH ("operation 2: member \"path\" is missing or no string").
 */
int awh_operation_read(struct awh_operation *operation, const json_t *json, bool needs_value,
		       size_t index, struct awh_error *error);

/*
 * The operation as JSON, its members in the order of the RFC's own examples. *new*; it refers to
 * the value. NULL when memory runs out.
 */
json_t *awh_operation_json(const struct awh_operation *operation);

/* Append the text of an operation up to its value, or its end. */
void awh_operation_put_head(struct awh_buf *buf, const struct awh_operation *operation);

/* Append the text of an operation, and the "," behind it in a patch. */
void awh_operation_write(struct awh_buf *buf, const struct awh_operation *operation,
			 const struct awh_numbers *numbers);

#endif
