/* SPDX-License-Identifier: MIT */
/* What came of the cases of a suite, for people, as TAP and as JUnit's XML. */
#ifndef ADMWHCTL_RESULTS_H
#define ADMWHCTL_RESULTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

enum result_format { RESULTS_TEXT, RESULTS_TAP, RESULTS_JUNIT };

struct result {
	const char *name;
	size_t line;
	json_t *problems; /* texts; empty: passed */
	double seconds;
};

/* Before the first case. */
void results_begin(FILE *to, enum result_format format, size_t count);

/* After case i, from 0. */
void results_add(FILE *to, enum result_format format, const char *suite, size_t i,
		 const struct result *result);

/* After the last one. */
void results_end(FILE *to, enum result_format format, const char *suite,
		 const struct result *results, size_t count);

#endif
