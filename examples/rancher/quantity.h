/* SPDX-License-Identifier: MIT */
/*
 * Kubernetes quantities (k8s.io/apimachinery resource.Quantity): "500m", "1.5Gi",
 * "12e6". Read, compared and written as Kubernetes does, exactly: no number is
 * ever a floating-point one.
 */
#ifndef RANCHER_QUANTITY_H
#define RANCHER_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "go_quote.h"

enum quantity_format {
	QUANTITY_DECIMAL,  /* 12M */
	QUANTITY_BINARY,   /* 12Mi */
	QUANTITY_EXPONENT, /* 12e6 */
};

/* digits times ten to the power of exponent. */
struct quantity {
	bool negative;
	char *digits; /* decimal, without leading and trailing zeros; "" is zero */
	size_t n_digits;
	int64_t exponent;
	enum quantity_format format;
	const char *as_written; /* the text where it is canonical already; NULL otherwise */
};

/*
 * resource.ParseQuantity(). The text outlives the quantity. False: with Kubernetes' words in
 * error, nothing to free.
 */
bool quantity_parse(const char *text, struct quantity *quantity, struct text *error);

/* Below zero, 0 or above zero, as a is less than, equal to or more than b. */
int quantity_compare(const struct quantity *a, const struct quantity *b);

/* Quantity.String(): the canonical form. */
void quantity_write(const struct quantity *quantity, struct text *out);

void quantity_free(struct quantity *quantity);

#endif
