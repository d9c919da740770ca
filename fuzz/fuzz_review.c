/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a review. Whatever the decoder makes of them, what it passes on
 * must hold what request.h and json.h promise: required strings are there, a
 * payload that is written reads as an equal value, and jansson reads it too.
 */
#include <string.h>

#include "base/text.h"
#include "check.h"
#include "review/decode.h"
#include "json/json.h"
#include "review/encode.h"

enum { DEPTH = 64, OUTPUT_MAX = 64 * 1024 * 1024 };

static void check_string(const char *text)
{
	check(text && awh_utf8_valid(text, strlen(text)),
	      "a required string is missing or no UTF-8");
}

static void check_optional(const char *text)
{
	if (text)
		check_string(text);
}

static void check_user(const struct admwh_user *user)
{
	check_optional(user->username);
	check_optional(user->uid);
	for (size_t i = 0; i < user->n_groups; i++)
		check_string(user->groups[i]);
	for (size_t i = 0; i < user->n_extra; i++) {
		check_string(user->extra[i].key);
		for (size_t j = 0; j < user->extra[i].n_values; j++)
			check_string(user->extra[i].values[j]);
	}
}

static void check_envelope(const struct admwh_request *request, bool raw)
{
	check_string(request->uid);
	check(raw || request->uid[0] != '\0', "an empty uid");
	check_string(request->kind->group);
	check_string(request->kind->version);
	check_string(request->kind->kind);
	check_string(request->resource->group);
	check_string(request->resource->version);
	check_string(request->resource->resource);
	check_optional(request->subresource);
	check_optional(request->request_subresource);
	check_optional(request->name);
	check_optional(request->ns);
	check_string(request->operation_name);
	check(request->operation == ADMWH_OTHER ||
		  strcmp(admwh_operation_name(request->operation), request->operation_name) == 0,
	      "an operation by another name");
	check_user(request->user);
}

/* jansson reads no name that holds U+0000. */
static void check_jansson(const char *text, size_t len)
{
	json_error_t error = {0};
	json_t *value = json_loadb(text, len,
				   JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL |
				       JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
				   &error);

	check(value || json_error_code(&error) == json_error_null_byte_in_key,
	      "jansson does not read what was written");
	json_decref(value);
}

/* A tree is written, read again, and copied. */
static void check_tree(const json_t *value, struct awh_numbers *numbers)
{
	struct awh_buf buf;
	json_t *again;
	json_t *copy;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_json_write(&buf, value, numbers);
	check(!buf.err, "cannot be written");
	again = awh_json_parse(buf.data, buf.len, DEPTH, numbers, NULL);
	check(again && awh_json_equal(value, again, numbers), "reads as another value");
	copy = awh_json_copy(value, numbers);
	check(copy && awh_json_equal(copy, again, numbers), "the copy is another value");
	check_jansson(buf.data, buf.len);
	json_decref(again);
	json_decref(copy);
	awh_buf_deinit(&buf);
}

/* The answer is JSON, whatever the uid and whatever is echoed; one line where nothing is. */
static void check_answer(const struct awh_reply_to *to, const struct awh_error *error)
{
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_failure_encode(&buf, to, 400, error->text, NULL);
	check_jansson(buf.data, buf.len);
	check(to->request || memchr(buf.data, '\n', buf.len - 1) == NULL,
	      "an answer that is not one line");
	awh_buf_deinit(&buf);
}

static void check_answers(const struct awh_request *request, const struct awh_error *error)
{
	struct awh_reply_to to = {.version = request->pub.version, .uid = request->pub.uid};

	for (int dialect = ADMWH_DIALECT_KUBERNETES; dialect <= ADMWH_DIALECT_PLAIN; dialect++) {
		to.dialect = (enum admwh_dialect)dialect;
		if (error->code == 0 && dialect == ADMWH_DIALECT_RANCHER) {
			to.request = request->text;
			to.request_len = request->len;
		}
		check_answer(&to, error);
		to.request = NULL;
	}
}

static bool holds_nul(json_t *value)
{
	const char *key;
	size_t len, i;
	json_t *child;

	if (json_is_string(value))
		return memchr(json_string_value(value), '\0', json_string_length(value)) != NULL;
	json_object_keylen_foreach(value, key, len, child) if (memchr(key, '\0', len) ||
							       holds_nul(child)) return true;
	json_array_foreach(value, i, child)
		if (holds_nul(child))
			return true;
	return false;
}

/* A callback is given a tree, unless it holds U+0000 and was not asked for so. */
static void check_payload(struct awh_request *request, enum awh_payload which)
{
	json_t *(*const functions[])(const struct admwh_request *) = {
	    admwh_request_object_json, admwh_request_old_object_json, admwh_request_options_json};
	json_t *value = functions[which](&request->pub);
	json_t *tree = awh_request_tree(request, which);
	const bool has_nul = tree && holds_nul(tree);

	check(request->payloads[which].has_nul == has_nul, "U+0000 is not where it was seen");
	if (tree)
		check_tree(tree, request->numbers);
	check(value == (has_nul && !request->nul_in_trees ? NULL : tree), "a tree with U+0000");
	check(value || !tree || request->error.code == ADMWH_E_HANDLER, "a tree is missing");
	check(awh_utf8_valid(request->error.text, strlen(request->error.text)),
	      "a message that is no UTF-8");
}

static void check_review(const char *text, size_t len, const struct awh_decode_options *options)
{
	struct awh_request request;
	struct awh_error error = {0};
	int err = awh_request_decode(&request, text, len, options, &error);

	check(err == error.code, "code and message disagree");
	check(awh_utf8_valid(error.text, strlen(error.text)), "a message that is no UTF-8");
	check(err != ADMWH_E_SYNTAX || awh_json_check(text, len, DEPTH, NULL) == err,
	      "refused as JSON by one walk only");
	if (err == 0) {
		check_envelope(&request.pub, options->raw);
		for (int which = 0; which < AWH_PAYLOADS; which++)
			check_payload(&request, (enum awh_payload)which);
	}
	check_answers(&request, &error);
	awh_request_deinit(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *value = awh_json_parse(text, len, DEPTH, numbers, NULL);

	if (value)
		check_tree(value, numbers);
	json_decref(value);
	awh_numbers_free(numbers);
	check_review(text, len, &(struct awh_decode_options){.depth = DEPTH});
	check_review(text, len,
		     &(struct awh_decode_options){
			 .depth = DEPTH, .bare_reviews = true, .nul_in_trees = true});
	check_review(text, len, &(struct awh_decode_options){.depth = DEPTH, .raw = true});
	return 0;
}
