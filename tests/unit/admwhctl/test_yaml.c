/* SPDX-License-Identifier: MIT */
/* YAML as kubectl reads it. The answers of the tables are those of sigs.k8s.io/yaml 1.6.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/yaml.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct reading {
	const char *yaml;
	const char *json; /* NULL: an error */
};

static struct yaml_file *read_text(const char *text)
{
	return yaml_read("test.yaml", text, strlen(text));
}

/* As this jansson writes it: its versions do not agree on the digits of a double. */
static char *rewritten(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char *again;

	assert_non_null(json);
	again = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	return again;
}

static void check(const struct reading *readings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct yaml_file *file = read_text(readings[i].yaml);
		char *json = NULL, *expected = NULL;

		if (readings[i].json)
			expected = rewritten(readings[i].json);
		if (file && yaml_count(file) == 1)
			json = json_dumps(yaml_document(file, 0), JSON_COMPACT | JSON_ENCODE_ANY);
		if (!json && expected)
			fail_msg("%s: not read", readings[i].yaml);
		if (json && (!expected || strcmp(json, expected) != 0))
			fail_msg("%s: read as %s, expected %s", readings[i].yaml, json,
				 expected ? expected : "an error");
		free(expected);
		free(json);
		yaml_file_free(file);
	}
}

static void reads_scalars_as_kubectl(void **state)
{
	static const struct reading readings[] = {
	    {"[yes, Yes, YES, on, On, ON, y, Y, true, True, TRUE]",
	     "[true,true,true,true,true,true,true,true,true,true,true]"},
	    {"[no, No, NO, off, Off, OFF, n, N, false, False, FALSE]",
	     "[false,false,false,false,false,false,false,false,false,false,false]"},
	    {"[yEs, tRUE, 'yes', \"on\", !!str no]", "[\"yEs\",\"tRUE\",\"yes\",\"on\",\"no\"]"},
	    {"[~, null, Null, NULL, nULL, '', \"\"]", "[null,null,null,null,\"nULL\",\"\",\"\"]"},
	    {"a:\nb: \n", "{\"a\":null,\"b\":null}"},
	    {"[0, 1, -1, +1, 00, 0777, 0o17, 0x1f, -0X1F, 0b101, 1_000, 0_7, 1_]",
	     "[0,1,-1,1,0,511,15,31,-31,5,1000,7,1]"},
	    {"[0b-101, 0b+1, -0b-1, 0b2, 0o8, 0x, 0xg, _1]",
	     "[-5,1,\"-0b-1\",\"0b2\",\"0o8\",\"0x\",\"0xg\",\"_1\"]"},
	    {"[08, 1.0, 1., 1e3, 1E3, -0, 1.e2, 5_0.5, .5, +.5, -.5e1, .5_0]",
	     "[8,1,1,1000,1000,0,100,50.5,0.5,0.5,-5,0.5]"},
	    {"[., .., +, -1m, 100m, 1.2.3, 10.0.0.1, 1e, 1e+, .e1, ._5, .5__0, 0x1p4]",
	     "[\".\",\"..\",\"+\",\"-1m\",\"100m\",\"1.2.3\",\"10.0.0.1\",\"1e\",\"1e+\",\".e1\","
	     "\"._5\",\".5__0\",\"0x1p4\"]"},
	    {"[9223372036854775807, -9223372036854775808]",
	     "[9223372036854775807,-9223372036854775808]"},
	    {"[9223372036854775808, 18446744073709551615, 18446744073709551616]",
	     "[9.2233720368547758e18,1.8446744073709552e19,1.8446744073709552e19]"},
	    {"[1e20, 1e21, -9223372036854775809]", "[1e20,1e21,-9.2233720368547758e18]"},
	    {"[73184001546329797e0, 9007199254740993.0]", "[73184001546329800,9007199254740992]"},
	    {"[1e999, -1e999, .5e999]", "[\"1e999\",\"-1e999\",\".5e999\"]"},
	    {"[2001-01-01, 2001-01-01T00:00:00Z, 1:30]",
	     "[\"2001-01-01\",\"2001-01-01T00:00:00Z\",\"1:30\"]"},
	    {"[!!int '12', !!float 1, !!bool 'yes', !!null '', !own 12, !!timestamp 2001-01-01]",
	     "[12,1,true,null,\"12\",\"2001-01-01\"]"},
	    {"!!int foo", NULL},
	    {"!!int 1.5", NULL},
	    {"!!bool 1", NULL},
	    {"!!float 18446744073709551615", NULL},
	    {"!!timestamp x", NULL},
	    {"!!binary aGFsbG8=", NULL},
	    {".inf", NULL},
	    {"-.INF", NULL},
	    {".nan", NULL},
	    {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
	    {"\"\\u00e9\\x41\\n\"", "\"\xc3\xa9"
				    "A\\n\""},
	};

	(void)state;
	check(readings, COUNT(readings));
}

static void makes_names_of_scalars(void **state)
{
	static const struct reading readings[] = {
	    {"1: a", "{\"1\":\"a\"}"},
	    {"0x10: a", "{\"16\":\"a\"}"},
	    {"1.0: a", "{\"1\":\"a\"}"},
	    {"1e5: a", "{\"100000\":\"a\"}"},
	    {"1e6: a", "{\"1e+06\":\"a\"}"},
	    {"1e-5: a", "{\"1e-05\":\"a\"}"},
	    {"0.0001: a", "{\"0.0001\":\"a\"}"},
	    {"123456.7: a", "{\"123456.7\":\"a\"}"},
	    {"3.14159265358979: a", "{\"3.1415927\":\"a\"}"},
	    {"1e40: a", "{\".inf\":\"a\"}"},
	    {".nan: a", "{\".nan\":\"a\"}"},
	    {"on: a", "{\"true\":\"a\"}"},
	    {"2001-01-01: a", "{\"2001-01-01\":\"a\"}"},
	    {"x: &x k\n*x : a", "{\"x\":\"k\",\"k\":\"a\"}"},
	    {"x: &x 12\n*x : a", "{\"x\":12,\"12\":\"a\"}"},
	    {"~: a", NULL},
	    {"18446744073709551615: a", NULL},
	    {"? [a]\n: b", NULL},
	    {"? {a: b}\n: c", NULL},
	    {"a: 1\na: 2", NULL},
	    {"1: a\n\"1\": b", NULL},
	};

	(void)state;
	check(readings, COUNT(readings));
}

static void follows_aliases_and_merges(void **state)
{
	static const struct reading readings[] = {
	    {"a: &x {b: 1}\nc: *x", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}"},
	    {"a: &x {b: 1, d: 2}\nc:\n  <<: *x\n  d: 3",
	     "{\"a\":{\"b\":1,\"d\":2},\"c\":{\"b\":1,\"d\":3}}"},
	    {"a: &x {b: 1}\nc:\n  b: 2\n  <<: *x", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}"},
	    {"<<: [{b: 1}, {b: 2, e: 3}]", "{\"b\":1,\"e\":3}"},
	    {"'<<': 1", "{\"<<\":1}"},
	    {"<<: 1", NULL},
	    {"<<: [1]", NULL},
	    {"a: &a [*a]", NULL},
	    {"a: &a {b: *a}", NULL},
	    {"a: *b", NULL},
	    {"a: &x 1\n---\nb: *x", NULL},
	};

	(void)state;
	check(readings, COUNT(readings));
}

static void reads_json(void **state)
{
	static const struct reading readings[] = {
	    {"{\"a\": 1.0, \"b\": [1e3, 1.5], \"c\": \"yes\"}",
	     "{\"a\":1,\"b\":[1000,1.5],\"c\":\"yes\"}"},
	    {"\n\t{\n\t\"a\": \"\\ud83d\\ude00\\/\"}\n", "{\"a\":\"\xf0\x9f\x98\x80/\"}"},
	    {"{\"a\": 18446744073709551615}", "{\"a\":1.8446744073709552e19}"},
	    {"{\"a\": \"x\xe2\x80\xa8y\"}", "{\"a\":\"x\xe2\x80\xa8y\"}"},
	    {"{\"a\": \"\\u0000\"}", "{\"a\":\"\\u0000\"}"},
	    {"{a: yes}", "{\"a\":true}"},
	    {"{\"a\": 1, \"a\": 2}", NULL},
	    {"{\"a\": 1", NULL},
	    {"{\"a\": 1} x", NULL},
	};
	struct yaml_file *file = read_text("{\"a\": 1}\n{\"b\": 2}[3]");

	(void)state;
	check(readings, COUNT(readings));
	assert_int_equal(yaml_count(file), 3);
	yaml_file_free(file);
}

static void rejects_what_is_no_yaml(void **state)
{
	static const struct reading readings[] = {
	    {"{", NULL},       {"a: [", NULL},    {"a:\n\t- b", NULL}, {"a: \"x", NULL},
	    {"a: b: c", NULL}, {"x: \x01", NULL}, {"x: \xff", NULL},   {"- a\nb: c", NULL},
	};

	(void)state;
	check(readings, COUNT(readings));
}

static void leaves_out_empty_documents(void **state)
{
	struct yaml_file *file =
	    read_text("# nothing\n---\n---\na: 1\n---\n~\n--- # nor here\n---\nb: 2\n...\n");
	struct yaml_file *empty = read_text("");

	(void)state;
	assert_int_equal(yaml_count(file), 2);
	assert_int_equal(json_integer_value(json_object_get(yaml_document(file, 1), "b")), 2);
	assert_int_equal(yaml_line(file, 1, ""), 9);
	assert_int_equal(yaml_count(empty), 0);
	yaml_file_free(file);
	yaml_file_free(empty);
}

static void knows_lines(void **state)
{
	static const struct {
		const char *pointer;
		size_t line;
	} cases[] = {
	    {"", 2},       {"/a", 2},       {"/a/b", 3},          {"/a/c", 4},   {"/a/c/0", 5},
	    {"/a/c/1", 6}, {"/a/c/1/d", 7}, {"/a/c/1/d~1e~0", 8}, {"/a/c/7", 4}, {"/a/nothing", 2},
	    {"/f", 9},     {"/f/b", 3},     {"/nothing/b", 2},
	};
	struct yaml_file *file = read_text("---\n"
					   "a: &a\n"
					   "  b: 1\n"
					   "  c:\n"
					   "  - x\n"
					   "  - {\n"
					   "    d: 1,\n"
					   "    d/e~: 2}\n"
					   "f: *a\n");
	struct yaml_file *json = read_text("{\"a\":\n {\"b\":\n 1}}\n");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (yaml_line(file, 0, cases[i].pointer) != cases[i].line)
			fail_msg("%s: line %zu", cases[i].pointer,
				 yaml_line(file, 0, cases[i].pointer));
	assert_int_equal(yaml_line(json, 0, "/a/b"), 2);
	yaml_file_free(file);
	yaml_file_free(json);
}

static char *repeated(const char *what, size_t count)
{
	char *text = calloc(count, strlen(what) + 1);

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(what), what, strlen(what));
	return text;
}

/* So that no document of many aliases takes minutes. */
static void bounds_anchors(void **state)
{
	char *many = repeated("- &a x\n", 1001);
	struct yaml_file *file;

	(void)state;
	assert_null(read_text(many));
	many[1000 * strlen("- &a x\n")] = '\0';
	file = read_text(many);
	assert_non_null(file);
	yaml_file_free(file);
	free(many);
	many = repeated("---\n- &a x\n- *a\n", 1001);
	file = read_text(many);
	assert_non_null(file);
	yaml_file_free(file);
	free(many);
}

static void bounds_levels_and_growth(void **state)
{
	char *deep = repeated("- ", 1001);
	struct yaml_file *file;

	(void)state;
	assert_null(read_text(deep));
	deep[2000] = '\0';
	file = read_text(deep);
	assert_non_null(file);
	yaml_file_free(file);
	free(deep);
	assert_null(read_text("a: &a [x, x, x, x, x, x, x, x, x]\n"
			      "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
			      "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
			      "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
			      "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\n"));
}

static void check_writing(const json_t *value)
{
	char *text = yaml_text(value);
	struct yaml_file *file = read_text(text);

	if (!file || yaml_count(file) != 1 || !json_equal(yaml_document(file, 0), value))
		fail_msg("does not come back:\n%s", text);
	yaml_file_free(file);
	free(text);
}

static void writes_what_it_reads(void **state)
{
	static const char *const strings[] = {
	    "",
	    "a",
	    "yes",
	    "No",
	    "~",
	    "null",
	    "1",
	    "1.0",
	    "0x1f",
	    "1_0",
	    ".5",
	    ".inf",
	    "2001-01-01",
	    "1:30",
	    "1e3",
	    "10.0.0.1:5000/x",
	    "100m",
	    "-",
	    "- a",
	    "? a",
	    "a: b",
	    "a:",
	    ":a",
	    "a #b",
	    "#a",
	    " a",
	    "a ",
	    "a\n",
	    "a\nb",
	    "a\n\n",
	    "\n",
	    "\na",
	    " a\nb",
	    "a\n b\n",
	    "a\n\tb",
	    "\ta\nb",
	    "a\n\nb\n",
	    "a  \nb\n",
	    "a\n  \nb",
	    "'a'",
	    "\"a\"",
	    "a\\b",
	    "it's",
	    "&a",
	    "*a",
	    "!a",
	    "%a",
	    "@a",
	    "`a`",
	    "{a}",
	    "[a]",
	    "a, b",
	    "|",
	    ">",
	    "<<",
	    "=",
	    "---",
	    "...",
	    "a\r\nb",
	    "\x01",
	    "\x7f",
	    "\xc2\x85",
	    "\xc2\xa0",
	    "\xe2\x80\xa8",
	    "\xe2\x80\xae",
	    "\xd8\x9c",
	    "a\n\xe2\x81\xa9",
	    "x\xef\xbb\xbf",
	    "\xef\xbf\xbe",
	    "\xf0\x9f\x98\x80",
	    "\xc3\xa9",
	    "a\nb\xc2\x85",
	    "--- a\nb",
	    "---a",
	    "-a",
	    "--a",
	    "-1",
	    "-.inf",
	    "-",
	    "--",
	    "... a\nb",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		json_t *value = json_pack("{s:s, s:[s, [s, {s:s}, [], {}]], s:{s:s}}", "k",
					  strings[i], "l", strings[i], strings[i], strings[i],
					  strings[i], "m", strings[i], strings[i]);
		json_t *alone = json_string(strings[i]);

		check_writing(value);
		check_writing(alone);
		json_decref(value);
		json_decref(alone);
	}
}

static void writes_numbers_and_long_names(void **state)
{
	char *name = repeated("long ", 400);
	json_t *value = json_pack("{s:[I,I,f,f,f,b,n], s:{s:[i], s:{s:i}, s:s}}", "n",
				  (json_int_t)INT64_MIN, (json_int_t)INT64_MAX, 0.1, 1e300, -2.5e-9,
				  1, "o", name, 1, "x", name, 2, "y", "a\nb\n");
	json_t *more = json_pack("{s:s}", name, "a\nb\n");

	(void)state;
	check_writing(value);
	check_writing(more);
	json_decref(value);
	json_decref(more);
	free(name);
}

static void writes_as_kubectl_does(void **state)
{
	const char *expected = "kind: Pod\n"
			       "spec:\n"
			       "  containers:\n"
			       "  - name: a\n"
			       "    args:\n"
			       "    - --x=1\n"
			       "    - \"1\"\n"
			       "    script: |\n"
			       "      one\n"
			       "\n"
			       "      two\n"
			       "  volumes: []\n"
			       "  nodeSelector: {}\n"
			       "matrix:\n"
			       "- - 1\n"
			       "  - 2\n";
	struct yaml_file *file = read_text(expected);
	char *text = yaml_text(yaml_document(file, 0));

	(void)state;
	assert_string_equal(text, expected);
	free(text);
	yaml_file_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_scalars_as_kubectl),
	    cmocka_unit_test(makes_names_of_scalars),
	    cmocka_unit_test(follows_aliases_and_merges),
	    cmocka_unit_test(reads_json),
	    cmocka_unit_test(rejects_what_is_no_yaml),
	    cmocka_unit_test(leaves_out_empty_documents),
	    cmocka_unit_test(knows_lines),
	    cmocka_unit_test(bounds_anchors),
	    cmocka_unit_test(bounds_levels_and_growth),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(writes_numbers_and_long_names),
	    cmocka_unit_test(writes_as_kubectl_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
