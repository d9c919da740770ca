/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../temp_folder.h"
#include "config/source.h"

static void read_one(struct awh_sources *sources, enum awh_source_kind kind, size_t bundle,
		     const char *file)
{
	const struct awh_source_name name = {kind, bundle, in_folder(file)};
	struct awh_source source;

	assert_int_equal(awh_source_read(&source, &name, NULL), 0);
	assert_int_equal(awh_sources_add(sources, &source), 0);
}

static void names_the_file_it_cannot_read(void **state)
{
	static const struct {
		const char *file;
		int code;
	} cases[] = {
	    {"/no/such/file", ADMWH_E_IO},
	    {"/", ADMWH_E_IO},
	    {"/dev/zero", ADMWH_E_LIMIT},
	    {NULL, ADMWH_E_INVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct awh_source_name name = {AWH_SOURCE_KEY, 0, cases[i].file};
		struct awh_error error = {0};
		struct awh_source source;

		assert_int_equal(awh_source_read(&source, &name, &error), cases[i].code);
		assert_non_null(strstr(error.text, cases[i].file ? cases[i].file : "no file"));
	}
}

static void reads_up_to_its_limit(void **state)
{
	const struct awh_source_name name = {AWH_SOURCE_ALLOW, 3, in_folder("large")};
	char *data = calloc(1, AWH_SOURCE_MAX + 1);
	struct awh_source source;

	(void)state;
	assert_non_null(data);
	put_bytes("large", data, AWH_SOURCE_MAX);
	assert_int_equal(awh_source_read(&source, &name, NULL), 0);
	assert_int_equal(source.bytes.len, AWH_SOURCE_MAX);
	assert_int_equal(source.bytes.data[AWH_SOURCE_MAX], '\0');
	assert_int_equal(source.bundle, 3);
	awh_source_deinit(&source);
	put_bytes("large", data, AWH_SOURCE_MAX + 1);
	assert_int_equal(awh_source_read(&source, &name, NULL), ADMWH_E_LIMIT);
	free(data);
}

static void treats_keys_and_tokens_as_secrets(void **state)
{
	struct awh_sources sources = {0};

	(void)state;
	put_text("a", "text");
	for (enum awh_source_kind kind = AWH_SOURCE_CERTIFICATE; kind <= AWH_SOURCE_TOKENS; kind++)
		read_one(&sources, kind, 0, "a");
	for (size_t i = 0; i < sources.n_items; i++)
		assert_int_equal(sources.items[i].bytes.secret,
				 sources.items[i].kind == AWH_SOURCE_KEY ||
				     sources.items[i].kind == AWH_SOURCE_TOKENS);
	awh_sources_forget(&sources, true);
	for (size_t i = 0; i < sources.n_items; i++)
		assert_int_equal(sources.items[i].bytes.data == NULL,
				 sources.items[i].bytes.secret);
	awh_sources_forget(&sources, false);
	for (size_t i = 0; i < sources.n_items; i++)
		assert_null(sources.items[i].bytes.data);
	awh_sources_deinit(&sources);
}

/* Beside its certificate, or by mistake in a file of CAs. */
static void treats_files_with_a_private_key_as_secrets(void **state)
{
	static const char key[] = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n"
				  "-----END EC PRIVATE KEY-----\n";
	struct awh_sources sources = {0};

	(void)state;
	put_text("a", key);
	for (enum awh_source_kind kind = AWH_SOURCE_CERTIFICATE; kind <= AWH_SOURCE_TOKENS; kind++)
		read_one(&sources, kind, 0, "a");
	for (size_t i = 0; i < sources.n_items; i++)
		assert_true(sources.items[i].bytes.secret);
	awh_sources_deinit(&sources);
}

static void goes_by_content_alone(void **state)
{
	struct awh_sources first = {0}, again;
	struct awh_fault fault;

	(void)state;
	put_text("a", "one");
	put_text("b", "two");
	read_one(&first, AWH_SOURCE_CLIENT_CA, 0, "a");
	read_one(&first, AWH_SOURCE_CLIENT_CA, 1, "b");
	/* Another file, of another time, with the same bytes. */
	assert_int_equal(unlink(in_folder("a")), 0);
	put_text("a", "one");
	assert_int_equal(awh_sources_read_again(&again, &first, &fault), 0);
	assert_true(awh_sources_equal(&first, &again));
	awh_sources_deinit(&again);
	/* The same file, of the same length. */
	put_text("b", "tow");
	assert_int_equal(awh_sources_read_again(&again, &first, &fault), 0);
	assert_false(awh_sources_equal(&first, &again));
	assert_true(awh_source_equal(&first.items[0], &again.items[0]));
	assert_false(awh_source_equal(&first.items[1], &again.items[1]));
	awh_sources_deinit(&again);
	awh_sources_deinit(&first);
}

static void tells_what_is_missing_apart(void **state)
{
	struct awh_sources first = {0}, gone, changed;
	struct awh_fault fault;

	(void)state;
	put_text("a", "one");
	put_text("b", "two");
	read_one(&first, AWH_SOURCE_CERTIFICATE, 0, "a");
	read_one(&first, AWH_SOURCE_DENY, 0, "b");
	unlink(in_folder("b"));
	assert_int_equal(awh_sources_read_again(&gone, &first, &fault), ADMWH_E_IO);
	assert_int_equal(fault.kind, AWH_SOURCE_DENY);
	assert_non_null(strstr(fault.error.text, in_folder("b")));
	assert_int_equal(gone.n_items, 2);
	assert_true(gone.items[1].missing);
	assert_false(awh_sources_equal(&first, &gone));
	/* Gone in another way; and not to be waited for. */
	assert_int_equal(mkfifo(in_folder("b"), 0600), 0);
	assert_int_equal(awh_sources_read_again(&changed, &first, &fault), ADMWH_E_IO);
	assert_non_null(strstr(fault.error.text, "not a regular file"));
	assert_false(awh_sources_equal(&gone, &changed));
	unlink(in_folder("b"));
	awh_sources_deinit(&changed);
	awh_sources_deinit(&gone);
	awh_sources_deinit(&first);
}

static void has_one_of_a_kind_but_for_cas(void **state)
{
	struct awh_sources sources = {0};
	struct awh_source other;

	(void)state;
	put_text("a", "one");
	put_text("b", "two");
	read_one(&sources, AWH_SOURCE_ALLOW, 0, "a");
	read_one(&sources, AWH_SOURCE_ALLOW, 1, "a");
	assert_int_equal(
	    awh_source_read(&other, &(struct awh_source_name){AWH_SOURCE_ALLOW, 1, in_folder("b")},
			    NULL),
	    0);
	assert_int_equal(awh_sources_put(&sources, &other), 0);
	assert_int_equal(sources.n_items, 2);
	assert_string_equal(awh_sources_find(&sources, AWH_SOURCE_ALLOW, 0)->bytes.data, "one");
	assert_string_equal(awh_sources_find(&sources, AWH_SOURCE_ALLOW, 1)->bytes.data, "two");
	assert_null(awh_sources_find(&sources, AWH_SOURCE_DENY, 0));
	awh_sources_deinit(&sources);
}

static void copies_what_is_compared_and_no_more(void **state)
{
	struct awh_sources sources = {0}, copy;

	(void)state;
	put_text("a", "one");
	read_one(&sources, AWH_SOURCE_KEY, 0, "a");
	assert_int_equal(awh_sources_copy(&copy, &sources), 0);
	assert_true(awh_sources_equal(&sources, &copy));
	assert_null(copy.items[0].bytes.data);
	awh_sources_deinit(&copy);
	awh_sources_deinit(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_file_it_cannot_read),
	    cmocka_unit_test(reads_up_to_its_limit),
	    cmocka_unit_test(treats_keys_and_tokens_as_secrets),
	    cmocka_unit_test(treats_files_with_a_private_key_as_secrets),
	    cmocka_unit_test(goes_by_content_alone),
	    cmocka_unit_test(tells_what_is_missing_apart),
	    cmocka_unit_test(has_one_of_a_kind_but_for_cas),
	    cmocka_unit_test(copies_what_is_compared_and_no_more),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
