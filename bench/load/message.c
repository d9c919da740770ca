/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

static const char no_uid[] = "00000000-0000-4000-8000-000000000000";

static char *read_file(const char *name, size_t *len)
{
	FILE *file = fopen(name, "rb");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		fail("%s: %s", name, strerror(errno));
	for (*len = 0; *len == size; *len += fread(text + *len, 1, size - *len, file)) {
		size = 2 * size + 65536;
		text = realloc(text, size);
		if (!text)
			fail("out of memory");
	}
	fclose(file);
	return text;
}

void read_body(struct body *body, const char *name, const char *path, bool closes)
{
	size_t len;
	char *text = read_file(name, &len), *uid;
	int head;

	body->request = malloc(len + 512);
	if (!body->request)
		fail("out of memory");
	head = snprintf(body->request, 512,
			"POST %s?timeout=10s HTTP/1.1\r\nHost: localhost:443\r\n"
			"User-Agent: kube-apiserver-admission\r\nContent-Length: %zu\r\n"
			"Accept: application/json, */*\r\nContent-Type: application/json\r\n"
			"Accept-Encoding: gzip\r\n%s\r\n",
			path, len, closes ? "Connection: close\r\n" : "");
	memcpy(body->request + head, text, len);
	body->len = (size_t)head + len;
	free(text);
	uid = memmem(body->request, body->len, no_uid, UID_LEN);
	if (!uid)
		fail("%s has no UID to replace", name);
	body->uid_at = (size_t)(uid - body->request);
}

static const char *body_of(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end ? end + 4 : NULL;
}

bool answer_is_whole(const char *answer, size_t len)
{
	const char *body = body_of(answer), *field = strcasestr(answer, "\r\ncontent-length:");

	if (!body)
		return false;
	if (!field || field > body)
		fail("an answer without Content-Length: %.200s", answer);
	return len >= (size_t)(body - answer) + strtoul(field + 17, NULL, 10);
}

/* *new*: the bytes of a patch, which kube writes as an array of numbers, all others in base64. */
static unsigned char *patch_text(const json_t *patch, size_t *len)
{
	const char *base64 = json_string_value(patch);
	const size_t size = base64 ? strlen(base64) : json_array_size(patch);
	unsigned char *text = calloc(1, size + 1);

	if (!text)
		fail("out of memory");
	for (size_t i = 0; !base64 && i < size; i++)
		text[i] = (unsigned char)json_integer_value(json_array_get(patch, i));
	if (base64 && EVP_DecodeBlock(text, (const unsigned char *)base64, (int)size) < 0)
		fail("a patch that is not in base64: %.600s", base64);
	*len = strlen((const char *)text); /* padding is decoded to zeros */
	return text;
}

/* Has a patch an operation whose path begins like this? */
static bool has_operation(const json_t *patch, const char *path)
{
	size_t len, i;
	unsigned char *text = patch_text(patch, &len);
	json_t *operations = json_loadb((const char *)text, len, 0, NULL), *operation;
	bool has = false;

	json_array_foreach(operations, i, operation) {
		const char *its = json_string_value(json_object_get(operation, "path"));

		has = has || (its && strncmp(its, path, strlen(path)) == 0);
	}
	json_decref(operations);
	free(text);
	return has;
}

static bool is_right(const char *text, size_t len, const char *patch)
{
	json_t *review = json_loadb(text, len, 0, NULL);
	json_t *response = json_object_get(review, "response");
	const char *kind = json_string_value(json_object_get(review, "kind"));
	const char *uid = json_string_value(json_object_get(response, "uid"));
	const json_t *its_patch = json_object_get(response, "patch");
	bool right = kind && strcmp(kind, "AdmissionReview") == 0 && uid &&
		     strcmp(uid, no_uid) == 0 && json_is_true(json_object_get(response, "allowed"));

	right = right && (patch ? has_operation(its_patch, patch) : !its_patch);
	json_decref(review);
	return right;
}

void check_answer(struct body *body, const char *uid, char *answer, size_t len, const char *patch)
{
	char *text = strstr(answer, "\r\n\r\n") + 4;
	size_t text_len = len - (size_t)(text - answer);
	char *its_uid = memmem(text, text_len, uid, UID_LEN);

	if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || !its_uid)
		fail("a wrong answer: %.600s", answer);
	memcpy(its_uid, no_uid, UID_LEN);
	if (text_len == body->right_len && memcmp(text, body->right, text_len) == 0)
		return;
	if (!is_right(text, text_len, patch))
		fail("a wrong answer: %.600s", answer);
	free(body->right);
	body->right = malloc(text_len + 1);
	if (!body->right)
		fail("out of memory");
	memcpy(body->right, text, text_len);
	body->right_len = text_len;
}
