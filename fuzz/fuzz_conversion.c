/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a ConversionReview. A Success has as many objects as were sent, in
 * their order, each of the desired version and with its kind and metadata, labels and
 * annotations apart; a Failure has none, and says why.
 */
#include <stdint.h>
#include <string.h>

#include <admwh/admwh.h>

#include "check.h"
#include "json/json.h"

enum { DEPTH = 200 };

/* What is done to an object is chosen by its name, so that one review can have all of it. */
static int convert(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	const char *name = conv->name ? conv->name : "";
	json_t *object;

	(void)userdata;
	check(conv->uid[0] && conv->group[0] && conv->kind[0] && conv->version[0] &&
		  conv->desired_version[0] && conv->index < conv->count,
	      "a conversion without what it always has");
	check(strcmp(conv->version, conv->desired_version) != 0, "nothing is to be converted");
	switch (name[0]) {
	case 'e':
		object = admwh_patch_edit(patch);
		return object ? json_object_set_new(object, "edited", json_true()) : 0;
	case 'f':
		return admwh_conversion_fail(conv, "%s", name);
	case 'g':
		return admwh_patch_remove(patch, "/metadata");
	case 'l':
		return admwh_patch_add_parents_new(patch, "/metadata/labels/l", json_string(name));
	case 'm':
		return admwh_patch_move(patch, "/spec", "/metadata/annotations");
	case 'n':
		return admwh_patch_replace_new(patch, "/metadata/name", json_string("other"));
	case 'r':
		return admwh_patch_replace_new(patch, "", json_array());
	default:
		return 0;
	}
}

static bool is_free(const char *key)
{
	return strcmp(key, "labels") == 0 || strcmp(key, "annotations") == 0;
}

static void check_metadata(const json_t *before, const json_t *after, struct awh_numbers *numbers)
{
	void *at;

	check(json_is_object(before) && json_is_object(after), "metadata that is no object");
	for (at = json_object_iter((json_t *)(uintptr_t)before); at;
	     at = json_object_iter_next((json_t *)(uintptr_t)before, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *now = json_object_getn(after, key, json_object_iter_key_len(at));

		check(is_free(key) ||
			  (now && awh_json_equal(json_object_iter_value(at), now, numbers)),
		      "metadata has changed");
	}
	for (at = json_object_iter((json_t *)(uintptr_t)after); at;
	     at = json_object_iter_next((json_t *)(uintptr_t)after, at))
		check(is_free(json_object_iter_key(at)) ||
			  json_object_getn(before, json_object_iter_key(at),
					   json_object_iter_key_len(at)),
		      "metadata was added");
}

static void check_objects(const json_t *sent, const json_t *got, struct awh_numbers *numbers)
{
	const json_t *request = json_object_get(sent, "request");
	const json_t *objects = json_object_get(request, "objects");
	const json_t *desired = json_object_get(request, "desiredAPIVersion");

	check(json_array_size(objects) == json_array_size(got), "objects are missing, or more");
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *before = json_array_get(objects, i), *after = json_array_get(got, i);

		check(json_equal(json_object_get(after, "apiVersion"), desired),
		      "an object of another version");
		check(json_equal(json_object_get(after, "kind"), json_object_get(before, "kind")),
		      "an object of another kind");
		check_metadata(json_object_get(before, "metadata"),
			       json_object_get(after, "metadata"), numbers);
	}
}

static void check_response(const json_t *sent, const json_t *answer, bool succeeded,
			   struct awh_numbers *numbers)
{
	const json_t *response = json_object_get(answer, "response");
	const json_t *objects = json_object_get(response, "convertedObjects");
	const json_t *result = json_object_get(response, "result");

	check(json_equal(json_object_get(answer, "kind"), json_object_get(sent, "kind")) &&
		  json_equal(json_object_get(answer, "apiVersion"),
			     json_object_get(sent, "apiVersion")),
	      "a review of another kind or version");
	check(json_equal(json_object_get(response, "uid"),
			 json_object_get(json_object_get(sent, "request"), "uid")),
	      "another uid");
	check(json_is_array(objects), "no list of objects");
	check(strcmp(json_string_value(json_object_get(result, "status")),
		     succeeded ? "Success" : "Failure") == 0,
	      "another result than was told");
	if (succeeded)
		check_objects(sent, objects, numbers);
	else
		check(json_array_size(objects) == 0 &&
			  json_string_length(json_object_get(result, "message")) > 0,
		      "a failure with objects, or without a reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct admwh_answer *answer = admwh_review_convert((const char *)bytes, len, convert, NULL);
	struct awh_numbers *numbers = awh_numbers_new();
	const int status = admwh_answer_status(answer);
	json_t *sent = awh_json_parse((const char *)bytes, len, DEPTH, numbers, NULL);
	json_t *got;
	size_t got_len;
	const char *body = admwh_answer_body(answer, &got_len);

	got = awh_json_parse(body, got_len, DEPTH + 8, numbers, NULL);
	check(got, "the answer is no JSON");
	check(status == 200 || status == 400 || status == 422, "another status");
	check(sent || status == 400, "what is no JSON was taken");
	if (status == 200)
		check_response(sent, got, admwh_answer_is_allowed(answer), numbers);
	else
		check(!admwh_answer_is_allowed(answer), "a refused review was converted");
	json_decref(sent);
	json_decref(got);
	awh_numbers_free(numbers);
	admwh_answer_free(answer);
	return 0;
}
