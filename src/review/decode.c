/* SPDX-License-Identifier: MIT */
#include "review/decode.h"

#include <stdio.h>
#include <string.h>

#include "json/escape.h"
#include "json/scan.h"
#include "review/decoder.h"
#include "review/raw.h"

/* The types of a field of the envelope, in JSON and in C. */
enum field_type {
	FIELD_STRING,      /* const char * */
	FIELD_API_VERSION, /* enum admwh_review_version */
	FIELD_REVIEW_KIND, /* nothing: there is one */
	FIELD_REQUEST,     /* struct awh_request */
	FIELD_UID,         /* const char *, not empty */
	FIELD_KIND,        /* struct admwh_gvk * */
	FIELD_RESOURCE,    /* struct admwh_gvr * */
	FIELD_OPERATION,   /* enum admwh_operation */
	FIELD_BOOLEAN,     /* bool */
	FIELD_PAYLOAD,     /* struct awh_payload_span */
	FIELD_USER,        /* struct admwh_user * */
	FIELD_GROUPS,      /* groups of a struct admwh_user */
	FIELD_EXTRA,       /* extra of a struct admwh_user */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	size_t offset; /* in the struct that the object becomes */
};

/* The members of one object. Unknown ones are skipped, null ones count as absent. */
struct shape {
	const struct field *fields;
	size_t n_fields;
	const char *path; /* of the object, with a "." behind it, where a field is required */
};

#define PUB(member) offsetof(struct awh_request, pub.member)
#define PAYLOAD(which) offsetof(struct awh_request, payloads[which])
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* apiVersion and kind are required unless the review may be bare, see check_envelope(). */
static const struct field envelope_fields[] = {
    {"apiVersion", FIELD_API_VERSION, false, PUB(version)},
    {"kind", FIELD_REVIEW_KIND, false, 0},
    {"request", FIELD_REQUEST, true, 0},
};

static const struct field request_fields[] = {
    {"uid", FIELD_UID, true, PUB(uid)},
    {"kind", FIELD_KIND, true, PUB(kind)},
    {"resource", FIELD_RESOURCE, true, PUB(resource)},
    {"subResource", FIELD_STRING, false, PUB(subresource)},
    {"requestKind", FIELD_KIND, false, PUB(request_kind)},
    {"requestResource", FIELD_RESOURCE, false, PUB(request_resource)},
    {"requestSubResource", FIELD_STRING, false, PUB(request_subresource)},
    {"name", FIELD_STRING, false, PUB(name)},
    {"namespace", FIELD_STRING, false, PUB(ns)},
    {"operation", FIELD_OPERATION, true, PUB(operation)},
    {"userInfo", FIELD_USER, true, PUB(user)},
    {"dryRun", FIELD_BOOLEAN, false, PUB(dry_run)},
    {"object", FIELD_PAYLOAD, false, PAYLOAD(AWH_OBJECT)},
    {"oldObject", FIELD_PAYLOAD, false, PAYLOAD(AWH_OLD_OBJECT)},
    {"options", FIELD_PAYLOAD, false, PAYLOAD(AWH_OPTIONS)},
};

static const struct field kind_fields[] = {
    {"group", FIELD_STRING, false, offsetof(struct admwh_gvk, group)},
    {"version", FIELD_STRING, false, offsetof(struct admwh_gvk, version)},
    {"kind", FIELD_STRING, false, offsetof(struct admwh_gvk, kind)},
};

static const struct field resource_fields[] = {
    {"group", FIELD_STRING, false, offsetof(struct admwh_gvr, group)},
    {"version", FIELD_STRING, false, offsetof(struct admwh_gvr, version)},
    {"resource", FIELD_STRING, false, offsetof(struct admwh_gvr, resource)},
};

static const struct field user_fields[] = {
    {"username", FIELD_STRING, false, offsetof(struct admwh_user, username)},
    {"uid", FIELD_STRING, false, offsetof(struct admwh_user, uid)},
    {"groups", FIELD_GROUPS, false, 0},
    {"extra", FIELD_EXTRA, false, 0},
};

static const struct shape envelope_shape = {envelope_fields, COUNT(envelope_fields), ""};
static const struct shape request_shape = {request_fields, COUNT(request_fields), "request."};
static const struct shape kind_shape = {kind_fields, COUNT(kind_fields), ""};
static const struct shape resource_shape = {resource_fields, COUNT(resource_fields), ""};
static const struct shape user_shape = {user_fields, COUNT(user_fields), ""};

static int decode_uid(struct awh_decoder *decoder, const char **out)
{
	if (decoder->scan.item == AWH_ITEM_STRING && decoder->scan.len == 0) {
		awh_complain_here(decoder, "expected a string that is not empty");
		return 0;
	}
	return awh_decode_string(decoder, out);
}

static int decode_api_version(struct awh_decoder *decoder, enum admwh_review_version *out)
{
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_STRING, &is);

	if (err < 0 || !is)
		return err;
	if (awh_scan_is(&decoder->scan, "admission.k8s.io/v1"))
		*out = ADMWH_REVIEW_V1;
	else if (awh_scan_is(&decoder->scan, "admission.k8s.io/v1beta1"))
		*out = ADMWH_REVIEW_V1BETA1;
	else
		awh_complain_here(decoder,
				  "expected admission.k8s.io/v1 or admission.k8s.io/v1beta1");
	return 0;
}

static int decode_review_kind(struct awh_decoder *decoder)
{
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_STRING, &is);

	if (err == 0 && is && !awh_scan_is(&decoder->scan, "AdmissionReview"))
		awh_complain_here(decoder, "expected AdmissionReview");
	return err;
}

/* An operation that this library does not know is passed on by its name. */
static int decode_operation(struct awh_decoder *decoder, enum admwh_operation *out)
{
	const char **name = &decoder->request->pub.operation_name;
	int err = awh_decode_string(decoder, name);

	if (err < 0 || !*name)
		return err;
	if (**name == '\0')
		awh_complain_here(decoder, "expected a string that is not empty");
	*out = ADMWH_OTHER;
	for (int i = ADMWH_CREATE; i <= ADMWH_CONNECT; i++)
		if (strcmp(*name, admwh_operation_name((enum admwh_operation)i)) == 0)
			*out = (enum admwh_operation)i;
	return 0;
}

static int decode_boolean(struct awh_decoder *decoder, bool *out)
{
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_TRUE, &is);

	if (err == 0 && is)
		*out = decoder->scan.item == AWH_ITEM_TRUE;
	return err;
}

static int decode_payload(struct awh_decoder *decoder, struct awh_payload_span *out)
{
	const char *start = decoder->scan.start;
	const size_t n_nuls = decoder->scan.n_nuls;
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_OBJECT, &is);

	if (err < 0 || !is)
		return err;
	err = awh_scan_skip(&decoder->scan);
	if (err < 0)
		return err;
	out->text = start;
	out->len = (size_t)(awh_scan_here(&decoder->scan) - start);
	out->has_nul = decoder->scan.n_nuls > n_nuls;
	return 0;
}

struct extra_node {
	struct admwh_extra extra;
	struct extra_node *next;
};

/* One member of extra, at its key. */
static int decode_extra_member(struct awh_decoder *decoder, struct extra_node *node)
{
	struct awh_scan *scan = &decoder->scan;
	char *key = awh_arena_alloc(&decoder->request->arena, scan->len + 1);
	int err;

	if (!key)
		return awh_decode_nomem(decoder);
	if (scan->has_nul)
		awh_complain_here(decoder, AWH_NUL_REFUSED);
	awh_unescape(key, scan->start, scan->len);
	node->extra.key = key;
	err = awh_scan_next(scan);
	if (err < 0 || scan->item == AWH_ITEM_NULL)
		return err;
	return awh_decode_strings(decoder, &node->extra.values, &node->extra.n_values);
}

static int decode_extra(struct awh_decoder *decoder, struct admwh_user *user)
{
	struct awh_arena *arena = &decoder->request->arena;
	struct extra_node *first = NULL;
	struct extra_node **end = &first;
	struct admwh_extra *extra;
	size_t count = 0;
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_OBJECT, &is);

	if (err < 0 || !is)
		return err;
	while ((err = awh_scan_next(&decoder->scan)) == 0 && decoder->scan.item == AWH_ITEM_KEY) {
		*end = awh_arena_alloc(arena, sizeof(**end));
		if (!*end)
			return awh_decode_nomem(decoder);
		err = decode_extra_member(decoder, *end);
		if (err < 0)
			return err;
		end = &(*end)->next;
		count++;
	}
	if (err < 0)
		return err;
	extra = awh_arena_array(arena, count, sizeof(*extra));
	if (!extra)
		return awh_decode_nomem(decoder);
	user->extra = extra;
	user->n_extra = count;
	for (; first; first = first->next)
		*extra++ = first->extra;
	return 0;
}

static int decode_field(struct awh_decoder *decoder, const struct field *field, void *base);

/* The field that a key names; NULL for an unknown one. */
static const struct field *find_field(const struct awh_scan *key, const struct shape *shape)
{
	for (size_t i = 0; i < shape->n_fields; i++)
		if (awh_scan_is(key, shape->fields[i].name))
			return &shape->fields[i];
	return NULL;
}

static void check_required(struct awh_decoder *decoder, const struct shape *shape, uint32_t seen)
{
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct field *field = &shape->fields[i];
		char path[64];

		if (!field->required || (seen & 1u << i))
			continue;
		snprintf(path, sizeof(path), "%s%s", shape->path, field->name);
		awh_complain(decoder, path, "required");
	}
}

/* An object whose members fill the struct at base. seen: a bit for each field that was there. */
static int decode_object(struct awh_decoder *decoder, const struct shape *shape, void *base,
			 uint32_t *seen)
{
	struct awh_scan *scan = &decoder->scan;
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_OBJECT, &is);

	if (err < 0 || !is)
		return err;
	while ((err = awh_scan_next(scan)) == 0 && scan->item == AWH_ITEM_KEY) {
		const struct field *field = find_field(scan, shape);

		err = awh_scan_next(scan);
		if (err == 0 && field && scan->item != AWH_ITEM_NULL) {
			*seen |= 1u << (field - shape->fields);
			err = decode_field(decoder, field, base);
		} else if (err == 0) {
			err = awh_scan_skip(scan);
		}
		if (err < 0)
			return err;
	}
	if (err == 0)
		check_required(decoder, shape, *seen);
	return err;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int decode_kind(struct awh_decoder *decoder, const struct admwh_gvk **out)
{
	struct admwh_gvk *kind = awh_arena_alloc(&decoder->request->arena, sizeof(*kind));
	uint32_t seen = 0;
	int err;

	if (!kind)
		return awh_decode_nomem(decoder);
	err = decode_object(decoder, &kind_shape, kind, &seen);
	*kind = (struct admwh_gvk){or_empty(kind->group), or_empty(kind->version),
				   or_empty(kind->kind)};
	*out = kind;
	return err;
}

static int decode_resource(struct awh_decoder *decoder, const struct admwh_gvr **out)
{
	struct admwh_gvr *resource = awh_arena_alloc(&decoder->request->arena, sizeof(*resource));
	uint32_t seen = 0;
	int err;

	if (!resource)
		return awh_decode_nomem(decoder);
	err = decode_object(decoder, &resource_shape, resource, &seen);
	*resource = (struct admwh_gvr){or_empty(resource->group), or_empty(resource->version),
				       or_empty(resource->resource)};
	*out = resource;
	return err;
}

static int decode_user(struct awh_decoder *decoder, const struct admwh_user **out)
{
	struct admwh_user *user = awh_arena_alloc(&decoder->request->arena, sizeof(*user));
	uint32_t seen = 0;

	if (!user)
		return awh_decode_nomem(decoder);
	*out = user;
	return decode_object(decoder, &user_shape, user, &seen);
}

static int decode_request(struct awh_decoder *decoder)
{
	const char *start = decoder->scan.start;
	uint32_t seen = 0;
	int err = decode_object(decoder, &request_shape, decoder->request, &seen);

	decoder->request->text = start;
	decoder->request->len = (size_t)(awh_scan_here(&decoder->scan) - start);
	return err;
}

/* One field that is not null, at the first item of its value. The shapes bound the recursion. */
static int decode_field(struct awh_decoder *decoder, const struct field *field, void *base)
{
	void *out = (char *)base + field->offset;

	switch (field->type) {
	case FIELD_STRING:
		return awh_decode_string(decoder, out);
	case FIELD_API_VERSION:
		return decode_api_version(decoder, out);
	case FIELD_REVIEW_KIND:
		return decode_review_kind(decoder);
	case FIELD_REQUEST:
		return decode_request(decoder);
	case FIELD_UID:
		return decode_uid(decoder, out);
	case FIELD_KIND:
		return decode_kind(decoder, out);
	case FIELD_RESOURCE:
		return decode_resource(decoder, out);
	case FIELD_OPERATION:
		return decode_operation(decoder, out);
	case FIELD_BOOLEAN:
		return decode_boolean(decoder, out);
	case FIELD_PAYLOAD:
		return decode_payload(decoder, out);
	case FIELD_USER:
		return decode_user(decoder, out);
	case FIELD_GROUPS: {
		struct admwh_user *user = out;

		return awh_decode_strings(decoder, &user->groups, &user->n_groups);
	}
	case FIELD_EXTRA:
		return decode_extra(decoder, out);
	}
	return ADMWH_E_STATE;
}

/* A bare review has neither apiVersion nor kind; one of them alone is a mistake. */
static void check_envelope(struct awh_decoder *decoder, uint32_t seen, bool bare_reviews)
{
	enum { API_VERSION = 1, KIND = 2 }; /* as in envelope_fields */

	if (bare_reviews && !(seen & (API_VERSION | KIND)))
		return;
	if (!(seen & API_VERSION))
		awh_complain(decoder, "apiVersion", "required");
	if (!(seen & KIND))
		awh_complain(decoder, "kind", "required");
}

static int decode_review(struct awh_decoder *decoder, const struct awh_decode_options *options)
{
	uint32_t seen = 0;
	bool is_object;
	int err = awh_scan_next(&decoder->scan);

	if (err < 0)
		return err;
	is_object = decoder->scan.item == AWH_ITEM_OBJECT;
	err = decode_object(decoder, &envelope_shape, decoder->request, &seen);
	if (err == 0)
		err = awh_scan_next(&decoder->scan); /* nothing may follow */
	if (err == 0 && is_object)
		check_envelope(decoder, seen, options->bare_reviews);
	return err;
}

int awh_request_decode(struct awh_request *request, const char *body, size_t body_len,
		       const struct awh_decode_options *options, struct awh_error *error)
{
	struct awh_decoder decoder = {.request = request, .error = error};
	size_t most = options->values > 0 ? options->values : SIZE_MAX;
	int err;

	*request = (struct awh_request){
	    .pub.version = ADMWH_REVIEW_V1,
	    .body = body,
	    .body_len = body_len,
	    .depth = options->depth,
	    .nul_in_trees = options->nul_in_trees,
	    .raw = options->raw,
	};
	awh_scan_init(&decoder.scan, body, body_len, options->depth, error);
	decoder.scan.takes_nul = true;
	decoder.scan.values_left = most;
	err = options->raw ? awh_decode_raw(&decoder) : decode_review(&decoder, options);
	request->limit = decoder.scan.limit;
	request->values = most - decoder.scan.values_left;
	awh_scan_deinit(&decoder.scan);
	if (err == 0 && decoder.complaint.code)
		err = awh_fail(error, decoder.complaint.code, "%s", decoder.complaint.text);
	return err;
}
