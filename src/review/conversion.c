/* SPDX-License-Identifier: MIT */
#include "review/conversion.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const api_versions[] = {
    [ADMWH_REVIEW_V1] = "apiextensions.k8s.io/v1",
    [ADMWH_REVIEW_V1BETA1] = "apiextensions.k8s.io/v1beta1",
};

/* The value of a member that is not null; 0 without one. */
static uint32_t find_member(const struct awh_decoder *decoder, uint32_t object, const char *name)
{
	const struct awh_index *index = decoder->index;

	for (uint32_t at = object + 1; awh_decode_has_member(decoder, object, at);
	     at = awh_index_behind(index, at + 1))
		if (awh_index_is(index, at, name, strlen(name)))
			return awh_entry_kind(awh_decode_entry(decoder, at + 1)) == AWH_KIND_NULL
				   ? 0
				   : at + 1;
	return 0;
}

/* The same of a member that must be there, of this kind; 0: that is a complaint. */
static uint32_t require_member(struct awh_decoder *decoder, uint32_t object, const char *name,
			       enum awh_kind kind)
{
	uint32_t entry = find_member(decoder, object, name);
	char path[256];
	char required[288];

	if (entry)
		return awh_decode_expect(decoder, entry, kind) ? entry : 0;
	awh_index_path(decoder->index, 0, object, path, sizeof(path));
	snprintf(required, sizeof(required), "%s%s%s", path, path[0] ? "." : "", name);
	awh_complain(decoder, required, "required");
	return 0;
}

static void decode_api_version(struct awh_decoder *decoder)
{
	uint32_t entry = require_member(decoder, 0, "apiVersion", AWH_KIND_STRING);

	for (int i = ADMWH_REVIEW_V1; entry && i <= ADMWH_REVIEW_V1BETA1; i++) {
		if (!awh_index_is(decoder->index, entry, api_versions[i], strlen(api_versions[i])))
			continue;
		decoder->request->pub.version = (enum admwh_review_version)i;
		return;
	}
	if (entry)
		awh_complain_at(decoder, entry,
				"expected apiextensions.k8s.io/v1 or apiextensions.k8s.io/v1beta1");
}

static void decode_kind(struct awh_decoder *decoder)
{
	uint32_t entry = require_member(decoder, 0, "kind", AWH_KIND_STRING);

	if (entry && !awh_index_is(decoder->index, entry, "ConversionReview", 16))
		awh_complain_at(decoder, entry, "expected ConversionReview");
}

/* A string that is there, and not empty. */
static int decode_text(struct awh_decoder *decoder, uint32_t object, const char *name,
		       const char **out)
{
	uint32_t entry = require_member(decoder, object, name, AWH_KIND_STRING);

	if (!entry)
		return 0;
	if (awh_decode_entry(decoder, entry)->len > 0)
		return awh_decode_text(decoder, entry, out);
	awh_complain_at(decoder, entry, "expected a string that is not empty");
	return 0;
}

static int decode_request(struct awh_decoder *decoder)
{
	struct awh_request *request = decoder->request;
	uint32_t entry = require_member(decoder, 0, "request", AWH_KIND_OBJECT);
	int err;

	if (!entry)
		return 0;
	request->text = awh_index_raw(decoder->index, entry, &request->len);
	err = decode_text(decoder, entry, "uid", &request->pub.uid);
	if (err == 0)
		err =
		    decode_text(decoder, entry, "desiredAPIVersion", &request->conversion.desired);
	request->conversion.objects = require_member(decoder, entry, "objects", AWH_KIND_ARRAY);
	if (request->conversion.objects)
		request->conversion.count =
		    awh_entry_count(awh_decode_entry(decoder, request->conversion.objects));
	return err;
}

/* What is told of the review as of others. 0 or ADMWH_E_NOMEM. */
static int fill(struct awh_decoder *decoder)
{
	static const struct admwh_gvr resource = {"", "", ""};
	static const struct admwh_user user = {0};
	struct awh_request *request = decoder->request;
	const char *desired = request->conversion.desired;
	const char *slash = strchr(desired, '/');
	struct admwh_gvk *kind = awh_arena_alloc(&request->arena, sizeof(*kind));
	const char *group =
	    awh_arena_strndup(&request->arena, desired, slash ? (size_t)(slash - desired) : 0);

	if (!kind || !group)
		return awh_decode_nomem(decoder);
	*kind = (struct admwh_gvk){group, slash ? slash + 1 : desired, ""};
	request->pub.kind = kind;
	request->pub.resource = &resource;
	request->pub.user = &user;
	request->pub.operation = ADMWH_OTHER;
	request->pub.operation_name = "convert";
	return 0;
}

int awh_decode_conversion(struct awh_decoder *decoder)
{
	int err;

	if (!awh_decode_expect(decoder, 0, AWH_KIND_OBJECT))
		return 0;
	decode_api_version(decoder);
	decode_kind(decoder);
	err = decode_request(decoder);
	return err || decoder->complaint.code ? err : fill(decoder);
}

/* A DNS subdomain, or a label of one, as far as its letters go. */
static bool is_name(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

	return len > 0 && strspn(text, letters) >= len;
}

int awh_conversion_check_desired(const struct awh_request *request, struct awh_error *error)
{
	const char *desired = request->conversion.desired;
	const char *slash = strchr(desired, '/');

	if (slash && is_name(desired, (size_t)(slash - desired)) &&
	    is_name(slash + 1, strlen(slash + 1)))
		return 0;
	return awh_fail(error, ADMWH_E_REVIEW,
			"request.desiredAPIVersion: expected GROUP/VERSION, got \"%.100s\"",
			desired);
}

/* The version behind the group of the desired one; NULL where it is of another group. */
static const char *version_of(const struct awh_request *request, const char *api_version)
{
	const char *desired = request->conversion.desired;
	const size_t len = (size_t)(strchr(desired, '/') - desired) + 1;

	return strncmp(api_version, desired, len) == 0 &&
		       is_name(api_version + len, strlen(api_version + len))
		   ? api_version + len
		   : NULL;
}

static int decode_version(struct awh_decoder *decoder, struct awh_convertible *object)
{
	const char *api_version = NULL;
	char what[384];
	int err = decode_text(decoder, object->entry, "apiVersion", &api_version);

	if (err || !api_version)
		return err;
	object->version = version_of(decoder->request, api_version);
	if (object->version)
		return 0;
	snprintf(what, sizeof(what), "\"%.100s\" is no version of the group of \"%.100s\"",
		 api_version, decoder->request->conversion.desired);
	awh_complain_at(decoder, find_member(decoder, object->entry, "apiVersion"), what);
	return 0;
}

static int decode_metadata(struct awh_decoder *decoder, struct awh_convertible *object)
{
	const char **const texts[] = {&object->name, &object->ns};
	static const char *const names[] = {"name", "namespace"};
	int err = 0;

	object->metadata = require_member(decoder, object->entry, "metadata", AWH_KIND_OBJECT);
	for (size_t i = 0; object->metadata && i < 2 && err == 0; i++) {
		uint32_t entry = find_member(decoder, object->metadata, names[i]);

		if (entry)
			err = awh_decode_string(decoder, entry, texts[i]);
	}
	return err;
}

int awh_convertible_read(struct awh_convertible *object, struct awh_request *request,
			 uint32_t entry, struct awh_error *error)
{
	struct awh_decoder decoder = {.index = &request->index, .request = request, .error = error};
	int err = 0;

	*object = (struct awh_convertible){.entry = entry};
	if (awh_decode_expect(&decoder, entry, AWH_KIND_OBJECT)) {
		err = decode_version(&decoder, object);
		if (err == 0)
			err = decode_text(&decoder, entry, "kind", &object->kind);
		if (err == 0)
			err = decode_metadata(&decoder, object);
		object->kind_entry = find_member(&decoder, entry, "kind");
	}
	if (err == 0 && decoder.complaint.code)
		err = awh_fail(error, decoder.complaint.code, "%s", decoder.complaint.text);
	return err;
}

/* k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1 ConversionReview, in Go's order */
void awh_conversion_put_begin(struct awh_buf *buf, const struct awh_request *request)
{
	awh_buf_printf(buf, "{\"kind\":\"ConversionReview\",\"apiVersion\":\"%s\",\"response\":{",
		       api_versions[request->pub.version]);
	awh_buf_puts(buf, "\"uid\":");
	awh_put_json_string(buf, request->pub.uid, strlen(request->pub.uid));
	awh_buf_puts(buf, ",\"convertedObjects\":[");
}

void awh_conversion_put_end(struct awh_buf *buf)
{
	awh_buf_puts(buf, "],\"result\":{\"status\":\"Success\"}}}\n");
}

void awh_conversion_put_failure(struct awh_buf *buf, const struct awh_request *request,
				const char *message)
{
	awh_conversion_put_begin(buf, request);
	awh_buf_puts(buf, "],\"result\":{\"status\":\"Failure\",\"message\":");
	awh_put_json_string(buf, message, strlen(message));
	awh_buf_puts(buf, "}}}\n");
}

int admwh_conversion_fail(const struct admwh_conversion *conv, const char *format, ...)
{
	struct awh_conversion *conversion = (struct awh_conversion *)(uintptr_t)conv;
	va_list args;

	if (!conv || !format)
		return ADMWH_E_INVAL;
	if (conversion->failure.code)
		return ADMWH_E_HANDLER;
	va_start(args, format);
	awh_vfail(&conversion->failure, ADMWH_E_HANDLER, format, args);
	va_end(args);
	return ADMWH_E_HANDLER;
}
