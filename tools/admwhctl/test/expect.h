/* SPDX-License-Identifier: MIT */
/* What a case of a suite expects, against what came of its request. */
#ifndef ADMWHCTL_EXPECT_H
#define ADMWHCTL_EXPECT_H

#include <jansson.h>

#include "common/fields.h"

/* Find faults in an "expect" before any request is sent. */
void expect_check_form(const struct field *expect);

/* Append a text to problems for each thing that differs. outcome: of run_request(). */
void expect_compare(const json_t *expect, const json_t *outcome, json_t *problems);

/*
 * The expectations that the outcome meets: new. What held in those that were there stays as it was,
 * such as a regular expression.
 */
json_t *expect_make(const json_t *before, const json_t *outcome);

#endif
