/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "common/program.h"

enum { MOST = 8 };

/* Of two tables, as a library and a program have one each. */
struct parts {
	const char *cert, *list;
	uint64_t port;
	bool json;
};

struct own {
	int format;
	bool quiet;
	const char *file;
};

static const struct program_flag parts_flags[] = {
    {.name = "cert", PROGRAM_TEXT_AT(struct parts, cert), .value = "FILE", .help = "a file"},
    {.name = "list",
     PROGRAM_TEXT_AT(struct parts, list),
     .value = "LIST",
     .preset = "",
     .may_be_empty = true,
     .help = "names"},
    {.name = "port",
     PROGRAM_NUMBER_AT(struct parts, port),
     .value = "N",
     .preset = "9443",
     .least = 1,
     .most = 65535,
     .help = "where to listen"},
    {.name = "log-json", PROGRAM_SWITCH_AT(struct parts, json), .help = "JSON"},
};
static const struct program_flag own_flags[] = {
    {.name = "format",
     PROGRAM_CHOICE_AT(struct own, format),
     .value = "text|json|js",
     .help = "of the output"},
    {.name = "quiet",
     PROGRAM_SWITCH_AT(struct own, quiet),
     .variable = "HUSH QUIET",
     .help = "say less"},
    {.name = "file", PROGRAM_TEXT_AT(struct own, file), .required = true},
};

struct values {
	struct parts parts;
	struct own own;
	struct program program;
};

static enum program_outcome read_from(struct values *values, const char *const *arguments,
				      struct text *text)
{
	static char copies[MOST][64];
	static char *argv[MOST + 1], name[] = "prog";
	int argc = 0;

	*values = (struct values){.own.format = -1};
	values->program = (struct program){
	    .name = "prog",
	    .version = "1.2.3",
	    .about = "It does it.\n",
	    .prefix = "PROG_",
	    .operands = "DOC...",
	    .least_operands = 1,
	    .most_operands = 2,
	    .tables = {{parts_flags, sizeof(parts_flags) / sizeof(parts_flags[0]), &values->parts},
		       {own_flags, sizeof(own_flags) / sizeof(own_flags[0]), &values->own}},
	};
	argv[argc++] = name;
	for (; *arguments; arguments++, argc++) {
		assert_true(argc < MOST);
		strcpy(copies[argc], *arguments);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	return program_read(&values->program, argc, argv, text);
}

/* "NAME=VALUE" into the environment, or all of ours out of it. */
static void set_environment(const char *const *variables)
{
	static const char *const ours[] = {"PROG_CERT",     "PROG_LIST",   "PROG_PORT",
					   "PROG_LOG_JSON", "PROG_FORMAT", "HUSH",
					   "QUIET",         "PROG_FILE",   "PROG_QUIET"};

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
	    {{NULL}, {"--prot=1", "x"}, "--prot: there is no such flag; --help lists them"},
	    {{NULL}, {"--por", "1", "x"}, "--por: there is no such flag; --help lists them"},
	    {{NULL}, {"--ports", "1"}, "--ports: there is no such flag; --help lists them"},
	    {{NULL}, {"-p", "1"}, "-p: there is no such flag; --help lists them"},
	    {{NULL}, {"-port", "1"}, "-port: there is no such flag; --help lists them"},
	    {{NULL}, {"--=1"}, "--: there is no such flag; --help lists them"},
	    {{NULL}, {"--port"}, "--port needs a value"},
	    {{NULL}, {"--cert", "--port", "1"}, "--cert needs a value"},
	    {{NULL}, {"--cert", "--"}, "--cert needs a value"},
	    {{NULL}, {"--cert", "", "--file=f", "x"}, "--cert is empty"},
	    {{NULL}, {"--cert=", "--file=f", "x"}, "--cert is empty"},
	    {{NULL}, {"--log-json=1"}, "--log-json takes no value"},
	    {{NULL}, {"--log-json="}, "--log-json takes no value"},
	    {{NULL}, {"--port=", "x"}, "--port: expected a number from 1 to 65535, not ''"},
	    {{NULL}, {"--port", "0", "x"}, "--port: expected a number from 1 to 65535, not '0'"},
	    {{NULL}, {"--port", "-1", "x"}, "--port: expected a number from 1 to 65535, not '-1'"},
	    {{NULL}, {"--port=9 ", "x"}, "--port: expected a number from 1 to 65535, not '9 '"},
	    {{NULL},
	     {"--port=65536", "x"},
	     "--port: expected a number from 1 to 65535, not '65536'"},
	    {{NULL},
	     {"--port=18446744073709551617", "x"},
	     "--port: expected a number from 1 to 65535, not '18446744073709551617'"},
	    {{"PROG_PORT=tcp://10.0.0.1:9443"},
	     {"x"},
	     "PROG_PORT: expected a number from 1 to 65535, not 'tcp://10.0.0.1:9443'"},
	    {{NULL}, {"--format=jso", "x"}, "--format: expected text|json|js, not 'jso'"},
	    {{NULL},
	     {"--format=text|json", "x"},
	     "--format: expected text|json|js, not 'text|json'"},
	    {{NULL}, {"--format=", "x"}, "--format: expected text|json|js, not ''"},
	    {{"PROG_FORMAT=xml"}, {"x"}, "PROG_FORMAT: expected text|json|js, not 'xml'"},
	    {{NULL}, {"x"}, "--file is required"},
	    {{"PROG_FILE="}, {"x"}, "--file is required"},
	    {{NULL}, {"--file=f"}, "expected DOC...; --help says more"},
	    {{NULL}, {"--file=f", "a", "b", "c"}, "unexpected argument 'c'"},
	    {{NULL}, {"--file=f", "a", "--", "--b", "--c"}, "unexpected argument '--c'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values values;
		struct text text = {0};

		set_environment(cases[i].variables);
		assert_int_equal(read_from(&values, cases[i].arguments, &text), PROGRAM_WRONG);
		assert_string_equal(text_get(&text), cases[i].error);
		text_deinit(&text);
	}
}

static void takes_command_line_then_environment_then_preset(void **state)
{
	static const struct {
		const char *variables[4], *arguments[MOST];
		struct values expected;
	} cases[] = {
	    {{NULL},
	     {"--file", "f", "x"},
	     {.parts = {NULL, "", 9443, false}, .own = {-1, false, "f"}}},
	    {{NULL},
	     {"--file=f", "x", "--cert=a=b", "--port=1", "--log-json", "--format=js"},
	     {.parts = {"a=b", "", 1, true}, .own = {2, false, "f"}}},
	    {{NULL},
	     {"--file=f", "x", "--port=1", "--port", "65535", "--list=", "--cert=-"},
	     {.parts = {"-", "", 65535, false}, .own = {-1, false, "f"}}},
	    {{"PROG_PORT=2", "PROG_LOG_JSON=true", "PROG_FILE=g"},
	     {"x", "--cert=--c"},
	     {.parts = {"--c", "", 2, true}, .own = {-1, false, "g"}}},
	    /* What the command line says is not looked for elsewhere. */
	    {{"PROG_PORT=no number", "PROG_LIST=l", "PROG_FORMAT=json"},
	     {"--file=f", "x", "--port=3"},
	     {.parts = {NULL, "l", 3, false}, .own = {1, false, "f"}}},
	    {{"PROG_PORT=", "PROG_LIST=l"},
	     {"--file=f", "x", "--list="},
	     {.parts = {NULL, "", 9443, false}, .own = {-1, false, "f"}}},
	    {{"HUSH=false", "QUIET=1", "PROG_LOG_JSON=off"},
	     {"--file=f", "x"},
	     {.parts = {NULL, "", 9443, false}, .own = {-1, true, "f"}}},
	    {{"HUSH=0", "PROG_QUIET=1", "PROG_LOG_JSON=no"},
	     {"--file=f", "x"},
	     {.parts = {NULL, "", 9443, false}, .own = {-1, false, "f"}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct parts *parts = &cases[i].expected.parts;
		const struct own *own = &cases[i].expected.own;
		struct values values;
		struct text text = {0};

		set_environment(cases[i].variables);
		assert_int_equal(read_from(&values, cases[i].arguments, &text), PROGRAM_READ);
		assert_string_equal(text_get(&text), "");
		assert_int_equal(!values.parts.cert, !parts->cert);
		if (parts->cert)
			assert_string_equal(values.parts.cert, parts->cert);
		assert_string_equal(values.parts.list, parts->list);
		assert_int_equal(values.parts.port, parts->port);
		assert_int_equal(values.parts.json, parts->json);
		assert_int_equal(values.own.format, own->format);
		assert_int_equal(values.own.quiet, own->quiet);
		assert_string_equal(values.own.file, own->file);
		text_deinit(&text);
	}
}

static void leaves_the_operands(void **state)
{
	static const struct {
		const char *arguments[MOST], *operands[2];
	} cases[] = {
	    {{"a", "--file=f"}, {"a"}},
	    {{"a", "--file", "f", "b"}, {"a", "b"}},
	    {{"--file=f", "-", "--log-json", ""}, {"-", ""}},
	    {{"--file=f", "--", "--port", "--"}, {"--port", "--"}},
	    {{"--file=f", "--", "--help"}, {"--help"}},
	};
	static const char *const none[] = {NULL};

	(void)state;
	set_environment(none);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values values;
		struct text text = {0};
		size_t n = cases[i].operands[1] ? 2 : 1;

		assert_int_equal(read_from(&values, cases[i].arguments, &text), PROGRAM_READ);
		assert_int_equal(values.program.n_operands, n);
		for (size_t j = 0; j < n; j++)
			assert_string_equal(values.program.argv[j], cases[i].operands[j]);
		text_deinit(&text);
	}
}

static void helps_also_beside_what_is_wrong(void **state)
{
	static const char help[] = "usage: prog [FLAG]... DOC...\n"
				   "It does it.\n"
				   "\n"
				   "  --cert FILE\n"
				   "      a file [PROG_CERT]\n"
				   "  --list LIST\n"
				   "      names [PROG_LIST]\n"
				   "  --port N\n"
				   "      where to listen; 9443 by default [PROG_PORT]\n"
				   "  --log-json\n"
				   "      JSON [PROG_LOG_JSON]\n"
				   "  --format text|json|js\n"
				   "      of the output [PROG_FORMAT]\n"
				   "  --quiet\n"
				   "      say less [HUSH QUIET]\n"
				   "  --help\n"
				   "  --version\n";
	static const struct {
		const char *arguments[MOST], *text;
	} cases[] = {
	    {{"--help"}, help},
	    {{"-h"}, help},
	    {{"--nonsense", "--help", "--version"}, help},
	    {{"--port", "--help"}, help},
	    {{"--version"}, "prog 1.2.3\n"},
	    {{"--port=x", "--version"}, "prog 1.2.3\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values values;
		struct text text = {0};

		assert_int_equal(read_from(&values, cases[i].arguments, &text), PROGRAM_DONE);
		assert_string_equal(text_get(&text), cases[i].text);
		text_deinit(&text);
	}
}

/* What is printed with a descriptor: 1 is standard output, 2 standard error. */
static int tell_into(char *printed, size_t size, int fd, enum program_outcome outcome)
{
	const struct program program = {.name = "prog"};
	struct text text = {0};
	FILE *file = tmpfile();
	int old = dup(fd), status;

	assert_non_null(file);
	text_add(&text, "text");
	fflush(NULL);
	dup2(fileno(file), fd);
	status = program_tell(&program, outcome, &text);
	fflush(NULL);
	dup2(old, fd);
	close(old);
	rewind(file);
	printed[fread(printed, 1, size - 1, file)] = '\0';
	fclose(file);
	text_deinit(&text);
	return status;
}

static void prints_where_it_belongs(void **state)
{
	static const struct {
		enum program_outcome outcome;
		int fd, status;
		const char *printed;
	} cases[] = {
	    {PROGRAM_DONE, 1, 0, "text"},
	    {PROGRAM_DONE, 2, 0, ""},
	    {PROGRAM_WRONG, 1, 2, ""},
	    {PROGRAM_WRONG, 2, 2, "prog: text\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char printed[64];

		assert_int_equal(tell_into(printed, sizeof(printed), cases[i].fd, cases[i].outcome),
				 cases[i].status);
		assert_string_equal(printed, cases[i].printed);
	}
}

/* A variable that was not looked up for want of memory must not count as absent. */
static void read_all(bool failed)
{
	static const char *const variables[] = {"PROG_PORT=2", "HUSH=1", NULL};
	static const char *const arguments[] = {"x", "--file=f", NULL}, *const help[] = {"-h",
											 NULL};
	struct values values;
	struct text text = {0};
	enum program_outcome outcome;
	long left = alloc_left;

	alloc_left = -1;
	set_environment(variables);
	alloc_left = left;
	outcome = read_from(&values, arguments, &text);
	assert_true(failed || outcome == PROGRAM_READ);
	if (outcome == PROGRAM_READ)
		assert_true(values.parts.port == 2 && values.own.quiet);
	else
		assert_true(text.failed);
	text_deinit(&text);
	outcome = read_from(&values, help, &text);
	assert_int_equal(outcome, text.failed ? PROGRAM_WRONG : PROGRAM_DONE);
	text_deinit(&text);
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
	    cmocka_unit_test(leaves_the_operands),
	    cmocka_unit_test(helps_also_beside_what_is_wrong),
	    cmocka_unit_test(prints_where_it_belongs),
	    cmocka_unit_test(says_so_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
