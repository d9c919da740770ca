/* SPDX-License-Identifier: MIT */
/*
 * Images, quantities and selectors against the answers of the Go originals, which
 * tests/e2e/values_test.go has written: distribution/reference and k8s.io/apimachinery.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../kube/answer.h"
#include "../vectors.h"

/* The least number of cases that the table has of each kind. */
enum { FEWEST = 150 };

static const char *const kinds[] = {"image", "quantity", "sum", "selector", "label-selector"};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void count(struct admwh_value ask, size_t counts[KINDS])
{
	for (size_t i = 0; i < KINDS; i++)
		counts[i] += admwh_value_is(admwh_value_at(ask, 0), kinds[i]);
}

static void answers_as_go_does(void **state)
{
	size_t len, n_wrong = 0, counts[KINDS] = {0};
	char *text = read_vector("kube", "cases", ".json", &len), is[ANSWER_SIZE];
	struct admwh_document *document = admwh_document_parse(text, len);

	(void)state;
	assert_string_equal(admwh_document_error(document), "");
	admwh_value_foreach_element(one, admwh_document_value(document)) {
		struct admwh_value ask = admwh_value_get(one, "ask");

		count(ask, counts);
		answer(ask, is);
		if (admwh_value_is(admwh_value_get(one, "answer"), is))
			continue;
		print_error("%.*s: %s\n", (int)strcspn(admwh_value_raw(one, &len), "\n"),
			    admwh_value_raw(one, &len), is);
		n_wrong++;
	}
	admwh_document_free(document);
	free(text);
	assert_int_equal(n_wrong, 0);
	for (size_t i = 0; i < KINDS; i++)
		assert_true(counts[i] >= FEWEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_as_go_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
