/* SPDX-License-Identifier: MIT */
/*
 * Label selectors as lists of requirements. They are made of text (selector_text.c)
 * or of a value, and matched here.
 */
#ifndef AWH_KUBE_SELECTOR_H
#define AWH_KUBE_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/selector.h>

#include "base/arena.h"
#include "base/error.h"

enum awh_operator {
	AWH_OP_IN, /* also of one value, "=" */
	AWH_OP_NOT_IN,
	AWH_OP_EXISTS,
	AWH_OP_DOES_NOT_EXIST,
	AWH_OP_GREATER,
	AWH_OP_LESS,
};

struct awh_selector_value {
	struct awh_selector_value *next;
	const char *text; /* NUL-terminated */
	size_t len;
};

struct awh_requirement {
	struct awh_requirement *next;
	const char *key; /* NUL-terminated */
	enum awh_operator op;
	struct awh_selector_value *values;
	int64_t number; /* of AWH_OP_GREATER and AWH_OP_LESS */
};

struct admwh_selector {
	struct awh_arena arena;
	struct awh_error error;
	struct awh_requirement *requirements;
	bool matches_nothing;
};

/* An empty one; NULL when memory runs out. */
struct admwh_selector *awh_selector_new(void);

/*
 * Add a requirement without values, which follow; the latest one is the first of the list. NULL,
 * with the selector's error, when the key is none, or memory runs out.
 */
struct awh_requirement *awh_selector_add(struct admwh_selector *selector, const char *key,
					 size_t len, enum awh_operator op);

/* Add a value to a requirement. 0, or the code of the selector's error. */
int awh_requirement_add(struct admwh_selector *selector, struct awh_requirement *requirement,
			const char *text, size_t len);

/* Once the values are there: are they as many as the operator takes? 0, or as above. */
int awh_requirement_check(struct admwh_selector *selector, struct awh_requirement *requirement);

/* A label's key, with or without prefix; a label's value. */
bool awh_label_is_key(const char *text, size_t len);
bool awh_label_is_value(const char *text, size_t len);

#endif
