/* SPDX-License-Identifier: MIT */
/*
 * json-patch-tests: the community's suite for RFC 6902. It is judged by the
 * RFC's rules alone. Disabled records are run as well and named, but not
 * counted among the cases.
 */
#include <stdint.h>

#include "review/tree_target.h"
#include "tally.h"

enum { DEPTH = 1000 };

struct outcome {
	bool passed;
	char reason[600];
};

static void evaluate(const json_t *record, json_t **document, struct awh_numbers *numbers,
		     struct outcome *outcome)
{
	const json_t *wanted = json_object_get(record, "expected");
	const json_t *untouched = *document;
	json_t *before = awh_json_copy(*document, numbers);
	struct awh_error error = {0};
	int err = awh_patch_apply(document, json_object_get(record, "patch"), AWH_PATCH_RFC,
				  numbers, &error);

	if (json_object_get(record, "error"))
		outcome->passed =
		    err < 0 && *document == untouched && awh_json_equal(*document, before, numbers);
	else
		outcome->passed =
		    err == 0 && (!wanted || awh_json_equal(*document, wanted, numbers));
	snprintf(outcome->reason, sizeof(outcome->reason), "%s",
		 err < 0 ? error.text : "the patch applies");
	json_decref(before);
}

/* Run one record as it was written. A record that is no JSON to us can only be right as an error.
 */
static void run(const char *text, size_t len, bool is_error, struct outcome *outcome)
{
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	json_t *record = awh_json_parse(text, len, DEPTH, numbers, &error);

	if (record) {
		json_t *document = json_incref(json_object_get(record, "doc"));

		evaluate(record, &document, numbers, outcome);
		json_decref(document);
	} else {
		outcome->passed = is_error;
		snprintf(outcome->reason, sizeof(outcome->reason), "refused by the reader: %s",
			 error.text);
	}
	json_decref(record);
	awh_numbers_free(numbers);
}

static void run_record(struct tally *tally, const char *file, size_t index, const char *text,
		       size_t len)
{
	/* A lax reader tells what kind of record it is. */
	json_t *record = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	const char *comment = json_string_value(json_object_get(record, "comment"));
	const bool disabled = json_is_true(json_object_get(record, "disabled"));
	struct outcome outcome;

	run(text, len, json_object_get(record, "error") != NULL, &outcome);
	if (disabled) {
		printf("disabled=%s[%zu] comment=\"%s\" result=%s reason=%s\n", file, index,
		       comment ? comment : "", outcome.passed ? "pass" : "fail", outcome.reason);
	} else {
		tally->cases++;
		tally->passed += outcome.passed;
		tally->failed += !outcome.passed;
		if (!outcome.passed)
			printf("deviation=%s[%zu] comment=\"%s\" reason=%s\n", file, index,
			       comment ? comment : "", outcome.reason);
	}
	json_decref(record);
}

static bool run_file(struct tally *tally, const char *folder, const char *name)
{
	size_t len, record_len;
	char *text = load(folder, name, &len);
	const char *at = text;
	const char *record;

	if (!text)
		return false;
	for (size_t i = 0; (record = next_record(&at, &record_len)); i++)
		run_record(tally, name, i, record, record_len);
	free(text);
	return true;
}

int main(int argc, char **argv)
{
	struct tally tally = {.suite = "json-patch-tests"};
	const char *folder = suites_folder(argc, argv);

	if (!run_file(&tally, folder, "json-patch-tests/tests.json") ||
	    !run_file(&tally, folder, "json-patch-tests/spec_tests.json"))
		return not_found(tally.suite);
	return report(&tally);
}
