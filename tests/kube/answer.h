/* SPDX-License-Identifier: MIT */
/*
 * A question about an image, quantities or labels, as JSON, and the library's answer as
 * a line of text. Go's answers to the same questions are in tests/vectors/kube; see
 * tests/e2e/values_test.go.
 *
 *     ["image", TEXT]                 the reference in full, or "!" when it is none
 *     ["quantity", TEXT]              its canonical form, or "! " and why it is none
 *     ["sum", TEXT, TEXT]             -1, 0 or 1 of their comparison, their sum and difference
 *     ["selector", TEXT, LABELS]      true or false, or "!" when it is malformed
 *     ["label-selector", OBJECT, LABELS]  likewise
 */
#ifndef TESTS_KUBE_ANSWER_H
#define TESTS_KUBE_ANSWER_H

#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

enum { ANSWER_SIZE = 2048 };

static inline void answer_image(struct admwh_value ask, char *answer)
{
	struct admwh_image image;

	if (admwh_image_parse(&image, admwh_value_at(ask, 1)))
		snprintf(answer, ANSWER_SIZE, "!");
	else
		admwh_image_format(&image, answer, ANSWER_SIZE);
}

static inline void answer_quantity(struct admwh_value ask, char *answer)
{
	struct admwh_quantity quantity;

	if (admwh_quantity_parse(&quantity, admwh_value_at(ask, 1)))
		snprintf(answer, ANSWER_SIZE, "! %s", quantity.error);
	else
		admwh_quantity_format(&quantity, answer, ANSWER_SIZE);
}

static inline void answer_sum(struct admwh_value ask, char *answer)
{
	char sum[ADMWH_QUANTITY_TEXT_MAX + 1], difference[ADMWH_QUANTITY_TEXT_MAX + 1];
	struct admwh_quantity a, b, c;

	if (admwh_quantity_parse(&a, admwh_value_at(ask, 1)) ||
	    admwh_quantity_parse(&b, admwh_value_at(ask, 2))) {
		snprintf(answer, ANSWER_SIZE, "!");
		return;
	}
	c = a;
	snprintf(answer, ANSWER_SIZE, "%d", admwh_quantity_compare(&a, &b));
	if (admwh_quantity_add(&a, &b) || admwh_quantity_subtract(&c, &b))
		return;
	admwh_quantity_format(&a, sum, sizeof(sum));
	admwh_quantity_format(&c, difference, sizeof(difference));
	snprintf(answer + strlen(answer), ANSWER_SIZE - strlen(answer), " %s %s", sum, difference);
}

static inline void answer_selector(struct admwh_selector *selector, struct admwh_value labels,
				   char *answer)
{
	const char *matches = admwh_selector_matches(selector, labels) ? "true" : "false";

	snprintf(answer, ANSWER_SIZE, "%s", *admwh_selector_error(selector) ? "!" : matches);
	admwh_selector_free(selector);
}

/* ask: as above; "?" for any other. answer: room for ANSWER_SIZE bytes */
static inline void answer(struct admwh_value ask, char *answer)
{
	struct admwh_value kind = admwh_value_at(ask, 0), labels = admwh_value_at(ask, 2);

	if (admwh_value_is(kind, "image"))
		answer_image(ask, answer);
	else if (admwh_value_is(kind, "quantity"))
		answer_quantity(ask, answer);
	else if (admwh_value_is(kind, "sum"))
		answer_sum(ask, answer);
	else if (admwh_value_is(kind, "selector"))
		answer_selector(admwh_selector_parse(admwh_value_string(admwh_value_at(ask, 1))),
				labels, answer);
	else if (admwh_value_is(kind, "label-selector"))
		answer_selector(admwh_selector_new(admwh_value_at(ask, 1)), labels, answer);
	else
		snprintf(answer, ANSWER_SIZE, "?");
}

#endif
