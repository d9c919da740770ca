/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "program/options.h"

enum { MOST = 8 };

/* What the program's own flags say. */
struct own {
	const char *file, *list;
	uint64_t number;
	int format;
	bool quiet;
};

static struct own own;
static struct admwh_quantity most;

static const struct admwh_flag own_flags[] = {
    {.name = "file", .value = "FILE", .help = "a file", .text = &own.file, .required = true},
    {.name = "list", .value = "LIST", .text = &own.list, .preset = "l", .may_be_empty = true},
    {.name = "number",
     .value = "N",
     .help = "a number",
     .number = &own.number,
     .preset = "7",
     .least = 1,
     .most = 65535},
    {.name = "format", .value = "text|json|js", .help = "of the output", .choice = &own.format},
    {.name = "most", .value = "QUANTITY", .help = "an amount", .quantity = &most},
    {.name = "quiet", .help = "say less", .on = &own.quiet, .variable = "HUSH QUIET"},
};
static const struct admwh_preset presets[] = {
    {"ready-path", "/a\n/b"}, {"client-auth", "request"}, {"bare-tokens", "true"}};
static const struct admwh_program program = {
    .name = "admwh-prog",
    .about = "It does it.",
    .flags = own_flags,
    .n_flags = sizeof(own_flags) / sizeof(own_flags[0]),
    .presets = presets,
    .n_presets = sizeof(presets) / sizeof(presets[0]),
};

static int read_from(struct awh_options *options, const struct admwh_program *of,
		     const char *const *arguments, struct awh_error *error)
{
	static char copies[MOST][128];
	static char *argv[MOST + 1], name[] = "prog";
	int argc = 0;

	*options = (struct awh_options){.program = of};
	*error = (struct awh_error){0};
	own = (struct own){.format = -1};
	argv[argc++] = name;
	for (; *arguments; arguments++, argc++)
		argv[argc] = strcpy(copies[argc], *arguments);
	argv[argc] = NULL;
	return awh_options_read(options, argc, argv, error);
}

/* "NAME=VALUE" into the environment, or all of ours out of it. */
static void set_environment(const char *const *variables)
{
	static const char *const ours[] = {"ADMWH_PROG_FILE",
					   "ADMWH_PROG_LIST",
					   "ADMWH_PROG_NUMBER",
					   "ADMWH_PROG_FORMAT",
					   "ADMWH_PROG_QUIET",
					   "ADMWH_PROG_LISTEN",
					   "ADMWH_PROG_CLIENT_CA",
					   "ADMWH_PROG_START_UNREADY",
					   "HUSH",
					   "QUIET"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		unsetenv(ours[i]);
	for (; *variables; variables++) {
		char name[64];
		size_t len = strcspn(*variables, "=");

		memcpy(name, *variables, len);
		name[len] = '\0';
		setenv(name, *variables + len + 1, 1);
	}
}

static void names_what_is_wrong(void **state)
{
	static const struct {
		const char *variables[3], *arguments[MOST], *error;
	} cases[] = {
	    {{NULL}, {"--lisen=1"}, "--lisen: there is no such flag; --help lists them"},
	    {{NULL}, {"--numbe", "1"}, "--numbe: there is no such flag; --help lists them"},
	    {{NULL}, {"--tls", "1"}, "--tls: there is no such flag; --help lists them"},
	    {{NULL}, {"--listens", "1"}, "--listens: there is no such flag; --help lists them"},
	    {{NULL}, {"-l", "1"}, "-l: there is no such flag; --help lists them"},
	    {{NULL}, {"-listen", "1"}, "-listen: there is no such flag; --help lists them"},
	    {{NULL}, {"--=1"}, "--: there is no such flag; --help lists them"},
	    {{NULL}, {"--a\nb"}, "--a\\x0ab: there is no such flag; --help lists them"},
	    {{NULL}, {"--number"}, "--number needs a value"},
	    {{NULL}, {"--file", "--number", "1"}, "--file needs a value"},
	    {{NULL}, {"--file", "--"}, "--file needs a value"},
	    {{NULL}, {"--file", ""}, "--file is empty"},
	    {{NULL}, {"--file=f", "--listen="}, "--listen is empty"},
	    {{NULL}, {"--quiet=1"}, "--quiet takes no value"},
	    {{NULL}, {"--start-unready="}, "--start-unready takes no value"},
	    {{NULL},
	     {"--file=f", "--number="},
	     "--number: expected a number from 1 to 65535, not \"\""},
	    {{NULL},
	     {"--file=f", "--number=0"},
	     "--number: expected a number from 1 to 65535, not \"0\""},
	    {{NULL},
	     {"--file=f", "--number", "-1"},
	     "--number: expected a number from 1 to 65535, not \"-1\""},
	    {{NULL},
	     {"--file=f", "--number=9 "},
	     "--number: expected a number from 1 to 65535, not \"9 \""},
	    {{NULL},
	     {"--file=f", "--number=65536"},
	     "--number: expected a number from 1 to 65535, not \"65536\""},
	    {{NULL},
	     {"--file=f", "--number=18446744073709551617"},
	     "--number: expected a number from 1 to 65535, not \"18446744073709551617\""},
	    {{"ADMWH_PROG_NUMBER=tcp://10.0.0.1:9443"},
	     {"--file=f"},
	     "ADMWH_PROG_NUMBER: expected a number from 1 to 65535, not \"tcp://10.0.0.1:9443\""},
	    {{NULL}, {"--file=f", "--format=jso"}, "--format: expected text|json|js, not \"jso\""},
	    {{NULL},
	     {"--file=f", "--format=text|json"},
	     "--format: expected text|json|js, not \"text|json\""},
	    {{NULL}, {"--file=f", "--format="}, "--format: expected text|json|js, not \"\""},
	    {{"ADMWH_PROG_FORMAT=xml"},
	     {"--file=f"},
	     "ADMWH_PROG_FORMAT: expected text|json|js, not \"xml\""},
	    {{NULL}, {"--file=f", "--most="}, "--most is empty"},
	    {{NULL}, {"--file=f", "--most=1Gig"}, "--most: expected a quantity, not \"1Gig\""},
	    {{"QUIET=perhaps"}, {"--file=f"}, "QUIET: expected true or false"},
	    {{NULL}, {NULL}, "--file is required; --help says more"},
	    {{"ADMWH_PROG_FILE="}, {NULL}, "--file is required; --help says more"},
	    {{NULL}, {"--file=f", "surplus"}, "unexpected argument \"surplus\""},
	    {{NULL}, {"--file=f", "--", "--quiet"}, "unexpected argument \"--quiet\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_options options;
		struct awh_error error;

		set_environment(cases[i].variables);
		assert_int_equal(read_from(&options, &program, cases[i].arguments, &error),
				 ADMWH_E_INVAL);
		assert_string_equal(error.text, cases[i].error);
		awh_options_deinit(&options);
	}
}

static void takes_command_line_then_environment_then_preset(void **state)
{
	static const struct {
		const char *variables[4], *arguments[MOST];
		struct own expected;
	} cases[] = {
	    {{NULL}, {"--file", "f"}, {"f", "l", 7, -1, false}},
	    {{NULL},
	     {"--file=a=b", "--number=1", "--quiet", "--format=js"},
	     {"a=b", "l", 1, 2, true}},
	    {{NULL}, {"--number=1", "--number", "65535", "--file=-"}, {"-", "l", 65535, -1, false}},
	    {{NULL}, {"--file=f", "--list="}, {"f", "", 7, -1, false}},
	    {{"ADMWH_PROG_NUMBER=2", "ADMWH_PROG_FILE=g"},
	     {"--file=--c"},
	     {"--c", "l", 2, -1, false}},
	    /* What the command line says is not looked for elsewhere. */
	    {{"ADMWH_PROG_NUMBER=no number", "ADMWH_PROG_FORMAT=json"},
	     {"--file=f", "--number=3"},
	     {"f", "l", 3, 1, false}},
	    {{"ADMWH_PROG_NUMBER=", "ADMWH_PROG_LIST=v"}, {"--file=f"}, {"f", "v", 7, -1, false}},
	    {{"HUSH=false", "QUIET=1"}, {"--file=f"}, {"f", "l", 7, -1, true}},
	    {{"HUSH=Off", "ADMWH_PROG_QUIET=1"}, {"--file=f"}, {"f", "l", 7, -1, false}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct own *expected = &cases[i].expected;
		struct awh_options options;
		struct awh_error error;

		set_environment(cases[i].variables);
		assert_int_equal(read_from(&options, &program, cases[i].arguments, &error), 0);
		assert_string_equal(error.text, "");
		assert_string_equal(own.file, expected->file);
		assert_string_equal(own.list, expected->list);
		assert_int_equal(own.number, expected->number);
		assert_int_equal(own.format, expected->format);
		assert_int_equal(own.quiet, expected->quiet);
		awh_options_deinit(&options);
	}
}

static void reads_a_quantity(void **state)
{
	static const char *const arguments[MOST] = {"--file=f", "--most=1536Mi"};
	struct awh_options options;
	struct awh_error error;
	char text[16];

	(void)state;
	set_environment((const char *const[3]){NULL});
	assert_int_equal(read_from(&options, &program, arguments, &error), 0);
	admwh_quantity_format(&most, text, sizeof(text));
	assert_string_equal(text, "1536Mi");
	awh_options_deinit(&options);
}

static const struct awh_option *find(const struct awh_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_items; i++)
		if (strcmp(options->items[i].flag->name, name) == 0)
			return &options->items[i];
	fail_msg("no flag %s", name);
	return NULL;
}

/* Values with "," between them. */
static void assert_values(const struct awh_options *options, const char *name, const char *expected)
{
	const struct awh_option *option = find(options, name);
	char values[256] = "";

	for (size_t i = 0; i < option->n_values; i++) {
		strcat(values, i > 0 ? "," : "");
		strcat(values, option->values[i]);
	}
	assert_string_equal(values, expected);
}

static void collects_the_values_of_a_list(void **state)
{
	static const struct {
		const char *variables[3], *arguments[MOST], *name, *expected;
	} cases[] = {
	    {{NULL}, {"--client-ca=a", "--client-ca", "b=c"}, "client-ca", "a,b=c"},
	    {{"ADMWH_PROG_CLIENT_CA=a\n\nb\n"}, {NULL}, "client-ca", "a,b"},
	    {{"ADMWH_PROG_CLIENT_CA=a"}, {"--client-ca=b"}, "client-ca", "b"},
	    {{"ADMWH_PROG_CLIENT_CA=\n"}, {NULL}, "client-ca", ""},
	    {{NULL}, {NULL}, "ready-path", "/a,/b"},
	    {{NULL}, {"--ready-path=/c"}, "ready-path", "/c"},
	    {{NULL}, {"--listen=a", "--listen=b"}, "listen", "b"},
	    {{NULL}, {NULL}, "listen", ""},
	    {{NULL}, {NULL}, "client-auth", "request"},
	    {{NULL}, {NULL}, "bare-tokens", "true"},
	    {{"ADMWH_PROG_START_UNREADY=yes"}, {NULL}, "start-unready", "yes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *arguments[MOST + 1] = {"--file=f"};
		struct awh_options options;
		struct awh_error error;

		memcpy(arguments + 1, cases[i].arguments, sizeof(cases[i].arguments));
		set_environment(cases[i].variables);
		assert_int_equal(read_from(&options, &program, arguments, &error), 0);
		assert_values(&options, cases[i].name, cases[i].expected);
		awh_options_deinit(&options);
	}
}

static void refuses_a_table_that_makes_no_sense(void **state)
{
	static const char *const none[] = {NULL};
	static const struct admwh_flag tables[][2] = {
	    {{.name = "", .on = &own.quiet}},
	    {{.name = "Up", .on = &own.quiet}},
	    {{.name = "listen", .value = "A", .text = &own.file}},
	    {{.name = "help", .on = &own.quiet}},
	    {{.name = "a", .on = &own.quiet}, {.name = "a", .on = &own.quiet}},
	    {{.name = "a"}},
	    {{.name = "a", .text = &own.file}},
	    {{.name = "a", .value = "A", .text = &own.file, .on = &own.quiet}},
	};
	static const struct admwh_preset unknown = {"lisen", ":1"};

	(void)state;
	set_environment(none);
	for (size_t i = 0; i <= sizeof(tables) / sizeof(tables[0]); i++) {
		bool is_preset = i == sizeof(tables) / sizeof(tables[0]);
		const struct admwh_program of = {
		    .name = "x",
		    .flags = is_preset ? NULL : tables[i],
		    .n_flags = is_preset           ? 0
			       : tables[i][1].name ? 2
						   : 1,
		    .presets = &unknown,
		    .n_presets = is_preset,
		};
		struct awh_options options;
		struct awh_error error;

		assert_int_equal(read_from(&options, &of, none, &error), ADMWH_E_INVAL);
		assert_string_not_equal(error.text, "");
		awh_options_deinit(&options);
	}
}

static void helps_also_beside_what_is_wrong(void **state)
{
	static const char *const lines[][MOST] = {
	    {"--help"}, {"-h"}, {"--nonsense", "--help", "--version"}, {"--number", "--help"}};
	static const char *const version[] = {"--number=x", "--version", NULL};
	static const char *const said[] = {
	    "Usage: admwh-prog [FLAG]...\n\nIt does it.\n",
	    ("\nFlags of admwh-prog\n  --file FILE                     a file; required\n"
	     "  --number N                      a number (default 7)\n"),
	    "  --quiet                         say less [HUSH QUIET]\n\nAddresses\n  --listen ",
	    "(default /a, /b)",
	    "request)\n",
	    "Bearer, too (default on)\n",
	    "--listen is ADMWH_PROG_LISTEN, --client-ca is ADMWH_PROG_CLIENT_CA,",
	};
	struct awh_options options;
	struct awh_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct awh_buf text;

		assert_int_equal(read_from(&options, &program, lines[i], &error), 0);
		assert_true(options.help && !options.version);
		awh_buf_init(&text, 65536);
		awh_put_help(&text, &options);
		assert_int_equal(awh_buf_terminate(&text), 0);
		for (size_t j = 0; j < sizeof(said) / sizeof(said[0]); j++)
			if (!strstr(text.data, said[j]))
				fail_msg("help lacks: %s\n%s", said[j], text.data);
		assert_null(strstr(text.data, "--list ")); /* without help it is not listed */
		awh_buf_deinit(&text);
		awh_options_deinit(&options);
	}
	assert_int_equal(read_from(&options, &program, version, &error), 0);
	assert_true(options.version && !options.help);
	awh_options_deinit(&options);
}

/* A variable that was not looked up for want of memory must not count as absent. */
static void read_all(bool failed)
{
	static const char *const variables[] = {"ADMWH_PROG_NUMBER=2", "ADMWH_PROG_CLIENT_CA=a\nb",
						NULL};
	static const char *const arguments[] = {"--file=f", "--client-allow=any", NULL};
	struct awh_options options;
	struct awh_error error;
	long left = alloc_left;
	int err;

	alloc_left = -1;
	set_environment(variables);
	alloc_left = left;
	err = read_from(&options, &program, arguments, &error);
	assert_true(failed || err == 0);
	if (err == 0) {
		assert_int_equal(own.number, 2);
		assert_values(&options, "client-ca", "a,b");
	} else {
		assert_int_equal(err, ADMWH_E_NOMEM);
	}
	awh_options_deinit(&options);
}

static void says_so_without_memory(void **state)
{
	(void)state;
	with_failing_allocations(read_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_is_wrong),
	    cmocka_unit_test(takes_command_line_then_environment_then_preset),
	    cmocka_unit_test(reads_a_quantity),
	    cmocka_unit_test(collects_the_values_of_a_list),
	    cmocka_unit_test(refuses_a_table_that_makes_no_sense),
	    cmocka_unit_test(helps_also_beside_what_is_wrong),
	    cmocka_unit_test(says_so_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
