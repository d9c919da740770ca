/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/files.h"
#include "common/yaml.h"
#include "init/template.h"

static void writes_scalars_that_read_as_the_same_text(void **state)
{
	static const char *const texts[] = {
	    "plain",
	    "",
	    "true",
	    "null",
	    "~",
	    "12",
	    "1e3",
	    "2001-01-01",
	    "0x1f",
	    "no",
	    "a: b",
	    "a #b",
	    "- a",
	    "{a}",
	    "[a",
	    "*a",
	    "&a",
	    "!a",
	    "%a",
	    "@a",
	    "`a",
	    "'a'",
	    "\"a\"",
	    "a\\b",
	    "a\nb: c",
	    "\n",
	    "a:",
	    "--flag=x y",
	    "---",
	    "\t",
	    " a ",
	    "\xC3\xA9\xE2\x80\xA8\x7F",
	    "\xF0\x9F\x98\x80",
	    "${name}",
	    "a\r\nb",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *scalar = scalar_new(texts[i]);
		char *yaml = text_new("a:\n  - b: %s # comment\n    c: d\n", scalar);
		struct yaml_file *file = yaml_read("test.yaml", yaml, strlen(yaml));
		json_t *expected = json_pack("{s:[{s:s,s:s}]}", "a", "b", texts[i], "c", "d");

		assert_non_null(file);
		if (strchr(scalar, '\n') || !json_equal(yaml_document(file, 0), expected))
			fail_msg("%s is written as %s", texts[i], scalar);
		json_decref(expected);
		yaml_file_free(file);
		free(yaml);
		free(scalar);
	}
}

static void fills_places(void **state)
{
	static const struct {
		const char *text, *filled;
	} cases[] = {
	    {"", ""},
	    {"a: ${one}", "a: 1"},
	    {"${one}${one}: ${number}\n", "11: 7\n"},
	    {"${lines}\nb\n", "- x\n- y\nb\n"},
	    {"a\n${none}\nb\n${none}\n", "a\nb\n"},
	    {"a${none}\nb", "a\nb"},
	    {"$one $ {} $$ ${one}", "$one $ {} $$ 1"},
	    {"${again}\n", "${one}"},
	};
	struct template template = {0};

	(void)state;
	template_set_scalar(&template, "one", "2");
	template_set(&template, "one", text_new("1"));
	template_set_number(&template, "number", 7);
	template_set(&template, "lines", text_new("- x\n- y\n"));
	template_set(&template, "none", text_new("%s", ""));
	template_set(&template, "again", text_new("${one}"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *filled = template_fill(&template, cases[i].text);

		assert_string_equal(filled, cases[i].filled);
		free(filled);
	}
	template_deinit(&template);
}

static void indents_blocks(void **state)
{
	json_t *value = json_pack("[s,{s:s}]", "a", "b", "c\n\nd\n");
	char *block = block_new(value, 2);

	(void)state;
	assert_string_equal(block, "  - a\n  - b: |\n      c\n\n      d\n");
	free(block);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_scalars_that_read_as_the_same_text),
	    cmocka_unit_test(fills_places),
	    cmocka_unit_test(indents_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
