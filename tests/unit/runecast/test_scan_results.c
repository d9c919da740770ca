/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "config_text.h"
#include "scan_results.h"

static int allocations_left = -1; /* negative: as many as are asked for */

static bool alloc_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

static void *reader(struct place *place, json_t *root)
{
	return scan_results_read(place, root);
}

static void names_what_is_wrong_and_where(void **state)
{
#define IMAGE(found) "{\"images\":{\"nginx\":" found "}}"
#define FOUND(members) IMAGE("[{" members "}]")
	static const struct config_case cases[] = {
	    {"", "f.json: byte 0: empty text"},
	    {"[]", "f.json: expected an object"},
	    {"{}", "f.json: /images: required"},
	    {"{\"image\":{}}", "f.json: /image: there is no such setting"},
	    {"{\"images\":[]}", "f.json: /images: expected an object"},
	    {IMAGE("null"), "f.json: /images/nginx: expected a list of vulnerabilities"},
	    {IMAGE("[1]"), "f.json: /images/nginx/0: expected an object"},
	    {"{\"images\":{\"a/B:1\":[]}}", "f.json: /images/a~1B:1: no image reference"},
	    {FOUND(""), "f.json: /images/nginx/0/id: required"},
	    {FOUND("\"id\":1,\"severity\":\"low\""), "f.json: /images/nginx/0/id: expected a text"},
	    {FOUND("\"id\":\"\",\"severity\":\"low\""),
	     "f.json: /images/nginx/0/id: expected a text"},
	    {FOUND("\"id\":\"X\""), "f.json: /images/nginx/0/severity: required"},
	    {FOUND("\"id\":\"X\",\"severity\":\"hihg\""),
	     "f.json: /images/nginx/0/severity: expected critical, high, medium, low or unknown"},
	    {FOUND("\"id\":\"X\",\"severity\":\"low\",\"fixedin\":\"1\""),
	     "f.json: /images/nginx/0/fixedin: there is no such setting"},
	    {FOUND("\"id\":\"X\",\"severity\":\"low\",\"fixedIn\":1"),
	     "f.json: /images/nginx/0/fixedIn: expected a text or null"},
	    {"{\"images\":{\"nginx\":[],\"docker.io/library/nginx:latest\":[]}}",
	     "f.json: /images: docker.io/library/nginx:latest stands here twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problem problem = {""};

		assert_null(read_text(reader, cases[i].text, &problem));
		if (strncmp(problem.text, cases[i].problem, strlen(cases[i].problem)) != 0)
			fail_msg("%s: %s", cases[i].text, problem.text);
	}
}

static void finds_an_image_by_its_full_name(void **state)
{
	struct problem problem = {""};
	struct scan_results *results =
	    read_text(reader,
		      "{\"note\":\"n\",\"images\":{\"zz\":[],\"nginx\":["
		      "{\"id\":\"A\",\"severity\":\"Critical\",\"fixedIn\":\"1\"},"
		      "{\"id\":\"B\",\"severity\":\"LOW\",\"fixedIn\":null},"
		      "{\"id\":\"C\",\"severity\":\"unknown\",\"fixedIn\":\"\"},"
		      "{\"id\":\"D\",\"severity\":\"high\"}],\"aa\":[]}}",
		      &problem);
	const struct scan *scan;

	(void)state;
	assert_non_null(results);
	assert_null(scan_results_find(results, "nginx"));
	assert_null(scan_results_find(results, "docker.io/library/nginx:1"));
	scan = scan_results_find(results, "docker.io/library/nginx:latest");
	assert_non_null(scan);
	assert_int_equal(scan->n_items, 4);
	assert_int_equal(scan->items[0].severity, CRITICAL);
	assert_true(scan->items[0].has_fix);
	assert_int_equal(scan->items[1].severity, LOW);
	for (size_t i = 1; i < 4; i++)
		assert_false(scan->items[i].has_fix);
	scan_results_free(results, NULL);
}

static void survives_every_allocation_that_fails(void **state)
{
	void *content = NULL;

	(void)state;
	for (int i = 0; i < 50 && !content; i++) {
		struct problem problem = {""};

		allocations_left = i;
		content = read_text(reader, FOUND("\"id\":\"X\",\"severity\":\"low\""), &problem);
		allocations_left = -1;
		if (!content)
			assert_string_not_equal(problem.text, "");
	}
	assert_non_null(content);
	scan_results_free(content, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_is_wrong_and_where),
	    cmocka_unit_test(finds_an_image_by_its_full_name),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
