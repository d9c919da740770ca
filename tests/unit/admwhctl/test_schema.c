/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/yaml.h"
#include "verify/schema.h"

/* What is told of a document, with a newline behind each; "": nothing. */
static const struct {
	const struct level *levels;
	const char *text, *told;
} cases[] = {
    {admission_levels, "kind: A\nplugins: []\n", ""},
    {admission_levels, "kind: A\nplugins:\n- {name: x, path: y, configuration: {any: 1}}\n", ""},
    {admission_levels, "kind: A\nplugin: []\n", "file:2 there is no field plugin\n"},
    {admission_levels, "kind: A\nplugins:\n- name: x\n- Name: y\n",
     "file:4 there is no field plugins/1/Name: it is name\n"},
    {kubeconfig_levels, "kind: C\nusers:\n- name: a\n  user:\n    tokenfile: b\n    c: d\n",
     "file:5 there is no field users/0/user/tokenfile: it is tokenFile\n"
     "file:6 there is no field users/0/user/c\n"},
    {kubeconfig_levels, "kind: C\nextensions: [{name: a, extension: {b: c}}]\n", ""},
    {webhooks_levels,
     "webhooks:\n- matchConditions: [{name: a, expression: b, c: d}]\n"
     "  rules: [{scope: a}]\n  objectSelector: {matchLabels: {x: y}, matchLabel: {}}\n",
     "file:2 there is no field webhooks/0/matchConditions/0/c\n"
     "file:4 there is no field webhooks/0/objectSelector/matchLabel\n"},
    {webhooks_levels, "webhooks: text\n", ""},
};

static char *tell(const struct verdict *verdict)
{
	char *told = calloc(1, 4096);

	assert_non_null(told);
	for (size_t i = 0; i < verdict->n_findings; i++) {
		strcat(told, verdict->findings[i].where);
		strcat(told, " ");
		strcat(told, verdict->findings[i].what);
		strcat(told, "\n");
	}
	return told;
}

static void tells_what_is_no_member(void **state)
{
	char name[] = "file";
	const struct folder_file file = {.name = name};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct yaml_file *yaml = yaml_read(name, cases[i].text, strlen(cases[i].text));
		const struct document document = {
		    .file = &file, .yaml = yaml, .value = yaml_document(yaml, 0)};
		struct report report = {.verdicts = calloc(1, sizeof(*report.verdicts)), .n = 1};
		char *told;

		assert_non_null(yaml);
		assert_non_null(report.verdicts);
		inspect_members(report.verdicts, &document, cases[i].levels, "correct it");
		told = tell(report.verdicts);
		assert_string_equal(told, cases[i].told);
		free(told);
		report_deinit(&report);
		yaml_file_free(yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_what_is_no_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
