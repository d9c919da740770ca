/* SPDX-License-Identifier: MIT */
/*
 * What kube-apiserver makes of a webhook's answer: the rules of
 * VerifyAdmissionResponse and of the mutating dispatcher (k8s.io/apiserver
 * pkg/admission/plugin/webhook), and beyond them what it silently drops or
 * changes, which an answer of ours must never need.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"

struct question {
	const char *uid;
	const char *api_version;
	bool mutating;
};

static inline const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* NULL: taken; else why it is a call failure. */
static inline const char *verdict(const json_t *review, const struct question *question)
{
	const json_t *response = json_object_get(review, "response");
	const json_t *type = json_object_get(response, "patchType");
	const bool has_patch = text_of(response, "patch")[0] != '\0';
	const bool has_type = type && !json_is_null(type);

	if (!json_is_object(response))
		return "response was absent";
	if (strcmp(text_of(response, "uid"), question->uid) != 0)
		return "expected response.uid=\"123\"";
	if (strcmp(text_of(review, "apiVersion"), question->api_version) != 0 ||
	    strcmp(text_of(review, "kind"), "AdmissionReview") != 0)
		return "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview";
	if (!question->mutating && has_patch)
		return "validating webhook may not return response.patch";
	if (!question->mutating && has_type)
		return "validating webhook may not return response.patchType";
	if (has_patch && !has_type)
		return "webhook returned response.patch but not response.patchType";
	if (!has_patch && has_type)
		return "webhook returned response.patchType but not response.patch";
	if (has_type && json_string_length(type) == 0)
		return "webhook returned invalid response.patchType of \"\"";
	if (has_type && strcmp(json_string_value(type), "JSONPatch") != 0)
		return "unsupported patch type";
	return NULL;
}

static inline int base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Standard, padded, one line. The decoded bytes, *new*; NULL when it is anything else. */
static inline char *base64_decode(const char *text, size_t *len)
{
	size_t text_len = strlen(text);
	char *out = text_len % 4 == 0 ? malloc(text_len + 1) : NULL;
	size_t n = 0;

	for (size_t i = 0; out && i < text_len; i += 4) {
		size_t padding = text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
		uint32_t word = 0;

		for (size_t j = 0; j < 4 - padding; j++) {
			if (base64_digit(text[i + j]) < 0 || (padding && i + 4 != text_len)) {
				free(out);
				return NULL;
			}
			word |= (uint32_t)base64_digit(text[i + j]) << (18 - 6 * j);
		}
		for (size_t j = 0; j < 3 - padding; j++)
			out[n++] = (char)(word >> (16 - 8 * j));
	}
	*len = n;
	return out;
}

/* The operations of an answer; *new*; NULL when it has none or they are no JSON array. */
static inline json_t *patch_of(const json_t *response)
{
	size_t len = 0;
	char *text = base64_decode(text_of(response, "patch"), &len);
	json_t *patch = text ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	free(text);
	if (!json_is_array(patch)) {
		json_decref(patch);
		return NULL;
	}
	return patch;
}

/* Characters of a warning; 0 when the API server would drop it. */
static inline size_t warning_characters(const char *text)
{
	size_t characters = 0;

	while (*text) {
		size_t n = awh_utf8_sequence(text, strnlen(text, 4));
		unsigned char c = (unsigned char)text[0];

		if (n == 0 || c < 0x20 || c == 0x7f ||
		    (n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0))
			return 0;
		characters++;
		text += n;
	}
	return characters;
}

static inline const char *dropped_warning(const json_t *warnings)
{
	size_t total = 0;

	for (size_t i = 0; i < json_array_size(warnings); i++) {
		const char *text = json_string_value(json_array_get(warnings, i));

		if (!text || warning_characters(text) == 0)
			return "a warning is dropped";
		total += warning_characters(text);
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(warnings, j), json_array_get(warnings, i)))
				return "a warning is repeated";
	}
	return total > 4096 ? "warnings are cut" : NULL;
}

static inline const char *dropped_annotation(json_t *annotations)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.";
	const char *key;
	json_t *value;

	json_object_foreach(annotations, key, value) {
		size_t len = strlen(key);

		if (len == 0 || len > 63 || strspn(key, inside) != len || strchr("-_.", key[0]) ||
		    strchr("-_.", key[len - 1]))
			return "an audit key is dropped";
		if (!json_is_string(value))
			return "an audit value is no string";
	}
	return NULL;
}

static inline const char *wrong_status(const json_t *response, bool allowed)
{
	const json_t *status = json_object_get(response, "status");
	const json_int_t code = json_integer_value(json_object_get(status, "code"));

	if (allowed)
		return status ? "an allowed answer has a status" : NULL;
	if (!json_is_object(status) || strcmp(text_of(status, "status"), "Failure") != 0)
		return "a denial has no status";
	if (code < 400 || code > 599)
		return "a denial's code is out of range";
	if (json_object_get(response, "patch"))
		return "a denial has a patch";
	return NULL;
}

/* NULL: the API server takes the answer as it is, and all of it. */
static inline const char *strict_verdict(const json_t *review, const struct question *question)
{
	const json_t *response = json_object_get(review, "response");
	const json_t *allowed = json_object_get(response, "allowed");
	const char *reason = verdict(review, question);
	json_t *patch;

	if (!reason && !json_is_boolean(allowed))
		reason = "allowed is no boolean";
	if (!reason)
		reason = wrong_status(response, json_is_true(allowed));
	if (!reason)
		reason = dropped_warning(json_object_get(response, "warnings"));
	if (!reason)
		reason = dropped_annotation(json_object_get(response, "auditAnnotations"));
	if (!reason && json_object_get(response, "patch")) {
		patch = patch_of(response);
		if (!patch || json_array_size(patch) == 0)
			reason = "the patch is no array of operations";
		json_decref(patch);
	}
	return reason;
}

#endif
