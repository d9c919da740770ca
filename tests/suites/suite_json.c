/* SPDX-License-Identifier: MIT */
/*
 * JSONTestSuite: what is JSON and what is not.
 *
 * A y_ file must be accepted, but for those that this reader refuses by design;
 * an n_ file must be refused; an i_ file and one of test_transform may be either.
 * Whatever is accepted must survive: written again it reads as an equal value,
 * and jansson reads it as the same one where jansson can.
 */
#include <dirent.h>
#include <stdint.h>

#include "base/clock.h"
#include "json/json.h"
#include "tally.h"

enum { DEPTH = 1000, OUTPUT_MAX = 64 * 1024 * 1024, TIME_MAX_US = 1000000 };

static const struct {
	const char *file;
	const char *reason;
} by_design[] = {
    {"y_object_duplicated_key.json", "duplicate members are refused"},
    {"y_object_duplicated_key_and_value.json", "duplicate members are refused"},
};

struct counts {
	size_t files, accepted;
};

static const char *reason_to_refuse(const char *file)
{
	for (size_t i = 0; i < sizeof(by_design) / sizeof(by_design[0]); i++)
		if (strcmp(by_design[i].file, file) == 0)
			return by_design[i].reason;
	return NULL;
}

/* jansson reads no name that holds U+0000. */
static bool jansson_reads(const struct awh_buf *text)
{
	json_error_t error = {0};
	json_t *value =
	    json_loadb(text->data, text->len,
		       JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);

	json_decref(value);
	return value || json_error_code(&error) == json_error_null_byte_in_key;
}

/* Written, read, written: the same bytes, an equal value. */
static const char *survives(const json_t *value, struct awh_numbers *numbers)
{
	struct awh_buf first;
	struct awh_buf second;
	const char *reason = NULL;
	json_t *again;

	awh_buf_init(&first, OUTPUT_MAX);
	awh_buf_init(&second, OUTPUT_MAX);
	awh_json_write(&first, value, numbers);
	again = awh_json_parse(first.data, first.len, DEPTH, numbers, NULL);
	if (again)
		awh_json_write(&second, again, numbers);
	if (first.err || !again)
		reason = "what was written cannot be read";
	else if (!awh_json_equal(value, again, numbers))
		reason = "what was written reads as another value";
	else if (second.len != first.len || memcmp(second.data, first.data, first.len) != 0)
		reason = "a second writing differs";
	else if (!jansson_reads(&first))
		reason = "jansson cannot read what was written";
	json_decref(again);
	awh_buf_deinit(&first);
	awh_buf_deinit(&second);
	return reason;
}

/* 1 accepted, 0 refused; *reason says what went wrong with that. */
static int read_one(const char *text, size_t len, const char **reason)
{
	struct awh_numbers *numbers = awh_numbers_new();
	int64_t start = awh_clock_us();
	json_t *value = awh_json_parse(text, len, DEPTH, numbers, NULL);
	int err = awh_json_check(text, len, DEPTH, NULL);
	bool accepted = value != NULL;

	if ((err == 0) != accepted)
		*reason = "check and parse disagree";
	else if (awh_clock_us() - start > TIME_MAX_US)
		*reason = "took more than a second";
	else if (accepted)
		*reason = survives(value, numbers);
	json_decref(value);
	awh_numbers_free(numbers);
	return accepted;
}

static void run_file(struct tally *tally, struct counts counts[256], const char *folder,
		     const char *name)
{
	const char *designed = reason_to_refuse(name);
	const char *reason = NULL;
	size_t len = 0;
	char *text = load(folder, name, &len);
	/* An allocation of its own size, so that a read past the end is seen. */
	char *exact = text ? malloc(len ? len : 1) : NULL;
	int accepted;

	if (!exact)
		exit(1);
	memcpy(exact, text, len);
	accepted = read_one(exact, len, &reason);
	if (!reason && strncmp(name, "y_", 2) == 0 && !accepted && !designed)
		reason = "refused";
	if (!reason && ((strncmp(name, "n_", 2) == 0 && accepted) || (designed && accepted)))
		reason = "accepted";
	if (!reason && designed)
		printf("deviation=%s reason=by design: %s\n", name, designed);
	if (reason)
		printf("deviation=%s reason=%s\n", name, reason);
	counts[(unsigned char)name[0]].files++;
	counts[(unsigned char)name[0]].accepted += (size_t)accepted;
	tally->cases++;
	tally->passed += !reason;
	tally->failed += reason != NULL;
	free(exact);
	free(text);
}

static bool run_folder(struct tally *tally, struct counts counts[256], const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, ".json"))
			run_file(tally, counts, folder, entry->d_name);
	closedir(dir);
	return true;
}

int main(int argc, char **argv)
{
	static struct counts parsing[256];
	static struct counts transform[256];
	struct tally tally = {.suite = "JSONTestSuite"};
	size_t n_transform = 0;
	size_t n_accepted = 0;
	char folder[2048];

	snprintf(folder, sizeof(folder), "%s/JSONTestSuite/test_parsing",
		 suites_folder(argc, argv));
	if (!run_folder(&tally, parsing, folder))
		return not_found(tally.suite);
	snprintf(folder, sizeof(folder), "%s/JSONTestSuite/test_transform",
		 suites_folder(argc, argv));
	run_folder(&tally, transform, folder);
	for (size_t i = 0; i < 256; i++) {
		n_transform += transform[i].files;
		n_accepted += transform[i].accepted;
	}
	printf("y_ accepted %zu/%zu, n_ refused %zu/%zu, i_ accepted %zu/%zu, "
	       "transform accepted %zu/%zu\n",
	       parsing['y'].accepted, parsing['y'].files,
	       parsing['n'].files - parsing['n'].accepted, parsing['n'].files,
	       parsing['i'].accepted, parsing['i'].files, n_accepted, n_transform);
	return report(&tally);
}
