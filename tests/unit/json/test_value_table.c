/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "values.h"

#include "base/buf.h"

#include "../cpu_time.h"

enum {
	MANY = 177147, /* 3 to the 11th */
	NAME = 22,
	/* CPU time of linear work, under every sanitizer. Quadratic work takes minutes. */
	SECONDS = 30,
};

/* Names that have one hash by the function that multiplies by 33: "Ez", "FY" and "G8" have. */
static void colliding_name(char name[NAME + 1], unsigned int number)
{
	static const char *const parts[] = {"Ez", "FY", "G8"};

	for (size_t i = 0; i < NAME; i += 2, number /= 3)
		memcpy(name + i, parts[number % 3], 2);
	name[NAME] = '\0';
}

/* An object of n members, in their order or from the last one on; each is its number. */
static struct admwh_document *make(unsigned int n, bool backwards, bool escaped)
{
	struct admwh_document *document;
	struct awh_buf text;
	char name[NAME + 1];

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int i = 0; i < n; i++) {
		const unsigned int number = backwards ? n - 1 - i : i;

		colliding_name(name, number);
		awh_buf_printf(&text, "%c\"%s%s\":%u", i ? ',' : '{', escaped ? "\\u005f" : "",
			       name, number);
	}
	awh_buf_puts(&text, "}");
	assert_int_equal(text.err, 0);
	document = admwh_document_parse(text.data, text.len);
	assert_non_null(document);
	assert_string_equal(admwh_document_error(document), "");
	awh_buf_deinit(&text);
	return document;
}

static void assert_linear(double started)
{
	assert_true(cpu_seconds() - started < SECONDS);
}

static void finds_each_of_many_members(void **state)
{
	struct admwh_document *document = make(MANY, false, false);
	struct admwh_value root = admwh_document_value(document);
	double started = cpu_seconds();
	char name[NAME + 1];
	(void)state;

	for (unsigned int i = 0; i < MANY; i++) {
		int64_t number;

		colliding_name(name, i);
		assert_true(admwh_value_integer(admwh_value_get(root, name), &number));
		assert_int_equal(number, i);
		name[0] = 'H';
		assert_true(admwh_value_is_absent(admwh_value_get(root, name)));
	}
	assert_linear(started);
	finish(document, "");
}

static void compares_many_members_in_any_order(void **state)
{
	struct admwh_document *a = make(MANY, false, false), *b = make(MANY, true, false);
	struct admwh_document *c = make(MANY, true, true), *d = make(MANY, false, true);
	double started = cpu_seconds();
	(void)state;

	assert_true(admwh_value_equal(admwh_document_value(a), admwh_document_value(b)));
	assert_true(admwh_value_equal(admwh_document_value(c), admwh_document_value(d)));
	assert_false(admwh_value_equal(admwh_document_value(a), admwh_document_value(c)));
	assert_linear(started);
	finish(a, "");
	finish(b, "");
	finish(c, "");
	finish(d, "");
}

/* An array of MANY objects, each within `levels` arrays. */
static struct admwh_document *make_list(unsigned int levels)
{
	struct admwh_document *document;
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int i = 0; i < MANY; i++) {
		awh_buf_puts(&text, i ? "," : "{\"list\":[");
		for (unsigned int level = 0; level < levels; level++)
			awh_buf_puts(&text, "[");
		awh_buf_printf(&text, "{\"a\":[%u]}", i);
		for (unsigned int level = 0; level < levels; level++)
			awh_buf_puts(&text, "]");
	}
	awh_buf_puts(&text, "]}");
	document = admwh_document_parse(text.data, text.len);
	assert_non_null(document);
	awh_buf_deinit(&text);
	return document;
}

/* In the text's order, against it, and in none: all elements, and their paths. */
static void walks_by_number_and_tells_where(void **state)
{
	static const size_t strides[] = {1, MANY - 1, 100003};
	struct admwh_document *document = make_list(0);
	struct admwh_value array = admwh_value_get(admwh_document_value(document), "list");
	(void)state;

	for (size_t s = 0; s < sizeof(strides) / sizeof(*strides); s++) {
		double started = cpu_seconds();

		for (size_t n = 0, i = 0; n < MANY; n++, i = (i + strides[s]) % MANY) {
			struct admwh_value element =
			    admwh_value_at(admwh_value_get(admwh_value_at(array, i), "a"), 0);
			char path[64];
			int64_t number;

			assert_true(admwh_value_integer(element, &number));
			assert_int_equal(number, i);
			snprintf(path, sizeof(path), "list[%zu].a[0]", i);
			assert_string_equal(admwh_value_path(element), path);
		}
		assert_linear(started);
	}
	finish(document, "");
}

static void tells_where_deep_values_stand(void **state)
{
	enum { LEVELS = 20 };
	struct admwh_document *document = make_list(LEVELS);
	double started = cpu_seconds();
	size_t i = 0;
	(void)state;

	admwh_value_foreach(element, ADMWH_GET(admwh_document_value(document), "list")) {
		struct admwh_value inner = element;
		char path[256];
		int n = snprintf(path, sizeof(path), "list[%zu]", i++);

		for (int level = 0; level < LEVELS; level++) {
			inner = admwh_value_at(inner, 0);
			n += snprintf(path + n, sizeof(path) - (size_t)n, "[0]");
		}
		assert_string_equal(admwh_value_path(inner), path);
	}
	assert_int_equal(i, MANY);
	assert_linear(started);
	finish(document, "");
}

/* Members whose values are containers, from the last to the first. */
static void tells_where_members_stand(void **state)
{
	struct admwh_document *document;
	struct awh_buf text;
	double started;
	(void)state;

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int i = 0; i < MANY; i++)
		awh_buf_printf(&text, "%c\"n%u\":{\"a\":%u}", i ? ',' : '{', i, i);
	awh_buf_puts(&text, "}");
	document = admwh_document_parse(text.data, text.len);
	awh_buf_deinit(&text);
	started = cpu_seconds();
	for (unsigned int i = MANY; i-- > 0;) {
		struct admwh_value member;
		char name[32], path[64];

		snprintf(name, sizeof(name), "n%u", i);
		snprintf(path, sizeof(path), "%s.a", name);
		member = admwh_value_get(admwh_document_value(document), name);
		assert_string_equal(admwh_value_path(member), name);
		assert_string_equal(admwh_value_path(admwh_value_get(member, "a")), path);
	}
	assert_linear(started);
	finish(document, "");
}

/* Containers of all sizes about that from which on a table has their children. */
static void counts_children_of_all_sizes(void **state)
{
	struct admwh_document *document;
	struct awh_buf text;
	char path[64];
	(void)state;

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int n = 0; n < 100; n++) {
		awh_buf_puts(&text, n ? ",[" : "[[");
		for (unsigned int i = 0; i < n; i++)
			awh_buf_printf(&text, i % 3 ? "%s[%u]" : "%s%u", i ? "," : "", i);
		awh_buf_puts(&text, "]");
	}
	awh_buf_puts(&text, "]");
	document = admwh_document_parse(text.data, text.len);
	awh_buf_deinit(&text);
	for (unsigned int i = 100; i-- > 0;)
		for (unsigned int n = 0; n < 100; n++) {
			struct admwh_value array =
			    admwh_value_at(admwh_document_value(document), n);
			struct admwh_value value = admwh_value_at(array, i);
			int64_t number;

			assert_int_equal(admwh_value_is_absent(value), i >= n);
			if (i >= n)
				continue;
			snprintf(path, sizeof(path), "[%u][%u]", n, i);
			assert_string_equal(admwh_value_path(value), path);
			value = i % 3 ? admwh_value_at(value, 0) : value;
			assert_true(admwh_value_integer(value, &number));
			assert_int_equal(number, i);
		}
	finish(document, "");
}

/* Names that are long for a small object, in other orders and spellings. */
static void finds_long_names_in_small_objects(void **state)
{
	enum { MEMBERS = 5, LONG = 300 };
	struct admwh_document *documents[2];
	char name[LONG + 2];
	(void)state;

	memset(name, 'a', LONG);
	name[LONG + 1] = '\0';
	for (int spelling = 0; spelling < 2; spelling++) {
		struct awh_buf text;

		awh_buf_init(&text, SIZE_MAX);
		for (int i = 0; i < MEMBERS; i++) {
			const int number = spelling ? MEMBERS - 1 - i : i;

			awh_buf_printf(&text, "%c\"%s%.*s%d\":%d", i ? ',' : '{',
				       spelling ? "\\u0061" : "a", LONG - 1, name, number, number);
		}
		awh_buf_puts(&text, "}");
		documents[spelling] = admwh_document_parse(text.data, text.len);
		awh_buf_deinit(&text);
	}
	for (int i = 0; i < 2 * (MEMBERS + 1); i++) {
		int64_t number = -1;

		name[LONG] = (char)('0' + i / 2);
		admwh_value_integer(admwh_value_get(admwh_document_value(documents[i % 2]), name),
				    &number);
		assert_int_equal(number, i / 2 < MEMBERS ? i / 2 : 0);
	}
	assert_true(admwh_value_equal(admwh_document_value(documents[0]),
				      admwh_document_value(documents[1])));
	finish(documents[0], "");
	finish(documents[1], "");
}

/* At the number of members from which on there is a table, and in several objects of one text. */
static void finds_members_of_several_objects(void **state)
{
	struct admwh_document *document;
	struct awh_buf text;
	char name[32];
	(void)state;

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int n = 30; n < 70; n++) {
		awh_buf_printf(&text, "%c\"%u\":{", n == 30 ? '{' : ',', n);
		for (unsigned int i = 0; i < n; i++)
			awh_buf_printf(&text, "%s\"%s%u\":%u", i ? "," : "",
				       i % 2 ? "\\u006e" : "n", i, n * 1000 + i);
		awh_buf_puts(&text, "}");
	}
	awh_buf_puts(&text, "}");
	assert_int_equal(awh_buf_terminate(&text), 0);
	document = parse(text.data);
	awh_buf_deinit(&text);
	for (unsigned int i = 0; i < 71; i++)
		for (unsigned int n = 30; n < 70; n++) {
			struct admwh_value value;
			int64_t number = 0;

			snprintf(name, sizeof(name), "%u", n);
			value = admwh_value_get(admwh_document_value(document), name);
			snprintf(name, sizeof(name), "n%u", i);
			value = admwh_value_get(value, name);
			assert_int_equal(admwh_value_is_absent(value), i >= n);
			admwh_value_integer(value, &number);
			assert_int_equal(number, i < n ? n * 1000 + i : 0);
		}
	finish(document, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_each_of_many_members),
	    cmocka_unit_test(compares_many_members_in_any_order),
	    cmocka_unit_test(walks_by_number_and_tells_where),
	    cmocka_unit_test(tells_where_deep_values_stand),
	    cmocka_unit_test(tells_where_members_stand),
	    cmocka_unit_test(counts_children_of_all_sizes),
	    cmocka_unit_test(finds_long_names_in_small_objects),
	    cmocka_unit_test(finds_members_of_several_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
