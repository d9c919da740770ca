/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/program_file.h"

static int n_parsed;

/* "bad ..." says why, "mute" does not. */
static void *parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	(void)userdata;
	n_parsed++;
	assert_int_equal(strlen(bytes), len);
	if (strcmp(bytes, "mute") == 0)
		return NULL;
	if (strncmp(bytes, "bad", 3) != 0)
		return strdup(bytes);
	admwh_file_fail(file, "line %d: %s", 1, bytes);
	return NULL;
}

static void release(void *object, void *userdata)
{
	(void)userdata;
	free(object);
}

static char *name;

static void write_file(const char *text)
{
	FILE *stream = fopen(name, "w");

	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
}

static int set_up(void **state)
{
	(void)state;
	name = strdup("/tmp/admwh-program-file-XXXXXX");
	close(mkstemp(name));
	n_parsed = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(name);
	free(name);
	return 0;
}

static void says_what_is_wrong_with_a_file(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	    {"bad luck", "line 1: bad luck"},
	    {"mute", "the program cannot understand it"},
	    {NULL, "No such file or directory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = admwh_config_new();
		char expected[512];

		if (cases[i].text)
			write_file(cases[i].text);
		else
			unlink(name);
		snprintf(expected, sizeof(expected), "%s: %s", name, cases[i].error);
		assert_null(admwh_config_add_file(config, name, parse, release, NULL));
		assert_string_equal(admwh_config_error(config), expected);
		assert_int_equal(config->files.n_items, 0);
		admwh_config_free(config);
	}
}

static void refuses_what_is_no_file(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_null(admwh_config_add_file(config, "/tmp", parse, release, NULL));
	assert_non_null(strstr(admwh_config_error(config), "not a regular file"));
	assert_null(admwh_config_add_file(config, NULL, parse, release, NULL));
	assert_null(admwh_config_add_file(config, "", parse, release, NULL));
	assert_null(admwh_config_add_file(config, name, NULL, release, NULL));
	assert_null(admwh_config_add_file(config, name, parse, NULL, NULL));
	assert_null(admwh_config_add_file(NULL, name, parse, release, NULL));
	admwh_file_fail(NULL, "x");
	assert_int_equal(truncate(name, AWH_PROGRAM_FILE_MAX + 1), 0);
	assert_null(admwh_config_add_file(config, name, parse, release, NULL));
	assert_non_null(strstr(admwh_config_error(config), "larger than 64 MiB"));
	admwh_config_free(config);
}

static void may_start_without_it(void **state)
{
	struct admwh_config *config = admwh_config_new();
	const struct admwh_file *file;

	(void)state;
	unlink(name);
	assert_int_equal(admwh_config_set_start_unready(config, true), 0);
	file = admwh_config_add_file(config, name, parse, release, NULL);
	assert_non_null(file);
	assert_null(admwh_file_object(file));
	admwh_config_free(config);
}

static void catches_up_with_what_has_changed(void **state)
{
	static const struct {
		const char *text, *object;
		bool fails;
		int n_parsed;
	} steps[] = {
	    {"one", "one", false, 1},     {"two", "two", false, 2}, {"bad", "two", true, 3},
	    {"three", "three", false, 4}, {"", "", false, 5},
	};
	struct admwh_config *config = admwh_config_new();
	const struct admwh_file *file;
	struct awh_error error;

	(void)state;
	write_file("one");
	file = admwh_config_add_file(config, name, parse, release, NULL);
	assert_non_null(file);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		write_file(steps[i].text);
		assert_int_equal(awh_program_files_catch_up(&config->files, true, &error),
				 steps[i].fails ? ADMWH_E_INVAL : 0);
		assert_string_equal(admwh_file_object(file), steps[i].object);
		assert_int_equal(n_parsed, steps[i].n_parsed);
	}
	admwh_config_free(config);
}

static const char *no_z(const char *line)
{
	return strchr(line, 'z') ? "has a z" : NULL;
}

static void lines_are_listed(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *lines; /* with "|" behind each */
		const char *error;
	} cases[] = {
	    {"", 0, "", NULL},
	    {"a", 1, "a|", NULL},
	    {"a\nb\n", 4, "a|b|", NULL},
	    {"\n a b \r\n\t\n# z\n  #\n\tc#", 21, "a b|c#|", NULL},
	    {"a\n\n#\nz\nb\n", 9, NULL, "line 4: has a z"},
	    {"a\0b\n", 4, NULL, "line 1: holds a NUL byte"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = admwh_config_new();
		char expected[512], found[64] = "";
		const char *const *line = NULL;
		struct admwh_file *file;
		FILE *stream = fopen(name, "w");

		fwrite(cases[i].text, 1, cases[i].len, stream);
		fclose(stream);
		file = admwh_config_add_line_file(config, name, no_z);
		assert_int_equal(file != NULL, cases[i].lines != NULL);
		for (line = file ? admwh_file_object(file) : NULL; line && *line; line++)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s|",
				 *line);
		if (cases[i].lines)
			assert_string_equal(found, cases[i].lines);
		snprintf(expected, sizeof(expected), "%s: %s", name, cases[i].error);
		if (cases[i].error)
			assert_string_equal(admwh_config_error(config), expected);
		admwh_config_free(config);
	}
}

static void a_list_may_have_any_lines(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	write_file("z\n");
	assert_non_null(admwh_config_add_line_file(config, name, NULL));
	assert_null(admwh_config_add_line_file(config, NULL, NULL));
	assert_null(admwh_config_add_line_file(config, "", no_z));
	assert_null(admwh_config_add_line_file(NULL, name, no_z));
	admwh_config_free(config);
}

static void brings_no_old_version_back(void **state)
{
	struct admwh_config *config = admwh_config_new();
	const struct admwh_file *file;
	struct awh_error error;

	(void)state;
	write_file("one");
	file = admwh_config_add_file(config, name, parse, release, NULL);
	assert_int_equal(awh_program_files_catch_up(&config->files, false, &error), 0);
	assert_string_equal(admwh_file_object(file), "one");
	write_file("bad");
	assert_int_equal(awh_program_files_catch_up(&config->files, false, &error), ADMWH_E_INVAL);
	assert_null(admwh_file_object(file));
	write_file("one");
	assert_int_equal(awh_program_files_catch_up(&config->files, false, &error), 0);
	assert_string_equal(admwh_file_object(file), "one");
	admwh_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(says_what_is_wrong_with_a_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(refuses_what_is_no_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(may_start_without_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lines_are_listed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_list_may_have_any_lines, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(catches_up_with_what_has_changed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(brings_no_old_version_back, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
