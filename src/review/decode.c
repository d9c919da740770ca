/* SPDX-License-Identifier: MIT */
#include "review/decode.h"

#include <stdio.h>
#include <string.h>

#include "json/index.h"
#include "review/conversion.h"
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
	size_t name_len;
	enum field_type type;
	bool required;
	size_t offset; /* in the struct that the object becomes */
};

/*
 * The members of one object, in the order in which the API server writes them. Unknown ones are
 * skipped, null ones count as absent.
 */
struct shape {
	const struct field *fields;
	size_t n_fields;
	const char *path; /* of the object, with a "." behind it, where a field is required */
};

#define PUB(member) offsetof(struct awh_request, pub.member)
#define PAYLOAD(which) offsetof(struct awh_request, payloads[which])
#define NAMED(text) text, sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* apiVersion and kind are required unless the review may be bare, see check_envelope(). */
static const struct field envelope_fields[] = {
    {NAMED("apiVersion"), FIELD_API_VERSION, false, PUB(version)},
    {NAMED("kind"), FIELD_REVIEW_KIND, false, 0},
    {NAMED("request"), FIELD_REQUEST, true, 0},
};

static const struct field request_fields[] = {
    {NAMED("uid"), FIELD_UID, true, PUB(uid)},
    {NAMED("kind"), FIELD_KIND, true, PUB(kind)},
    {NAMED("resource"), FIELD_RESOURCE, true, PUB(resource)},
    {NAMED("subResource"), FIELD_STRING, false, PUB(subresource)},
    {NAMED("requestKind"), FIELD_KIND, false, PUB(request_kind)},
    {NAMED("requestResource"), FIELD_RESOURCE, false, PUB(request_resource)},
    {NAMED("requestSubResource"), FIELD_STRING, false, PUB(request_subresource)},
    {NAMED("name"), FIELD_STRING, false, PUB(name)},
    {NAMED("namespace"), FIELD_STRING, false, PUB(ns)},
    {NAMED("operation"), FIELD_OPERATION, true, PUB(operation)},
    {NAMED("userInfo"), FIELD_USER, true, PUB(user)},
    {NAMED("dryRun"), FIELD_BOOLEAN, false, PUB(dry_run)},
    {NAMED("object"), FIELD_PAYLOAD, false, PAYLOAD(AWH_OBJECT)},
    {NAMED("oldObject"), FIELD_PAYLOAD, false, PAYLOAD(AWH_OLD_OBJECT)},
    {NAMED("options"), FIELD_PAYLOAD, false, PAYLOAD(AWH_OPTIONS)},
};

static const struct field kind_fields[] = {
    {NAMED("group"), FIELD_STRING, false, offsetof(struct admwh_gvk, group)},
    {NAMED("version"), FIELD_STRING, false, offsetof(struct admwh_gvk, version)},
    {NAMED("kind"), FIELD_STRING, false, offsetof(struct admwh_gvk, kind)},
};

static const struct field resource_fields[] = {
    {NAMED("group"), FIELD_STRING, false, offsetof(struct admwh_gvr, group)},
    {NAMED("version"), FIELD_STRING, false, offsetof(struct admwh_gvr, version)},
    {NAMED("resource"), FIELD_STRING, false, offsetof(struct admwh_gvr, resource)},
};

static const struct field user_fields[] = {
    {NAMED("username"), FIELD_STRING, false, offsetof(struct admwh_user, username)},
    {NAMED("uid"), FIELD_STRING, false, offsetof(struct admwh_user, uid)},
    {NAMED("groups"), FIELD_GROUPS, false, 0},
    {NAMED("extra"), FIELD_EXTRA, false, 0},
};

static const struct shape envelope_shape = {envelope_fields, COUNT(envelope_fields), ""};
static const struct shape request_shape = {request_fields, COUNT(request_fields), "request."};
static const struct shape kind_shape = {kind_fields, COUNT(kind_fields), ""};
static const struct shape resource_shape = {resource_fields, COUNT(resource_fields), ""};
static const struct shape user_shape = {user_fields, COUNT(user_fields), ""};

static int decode_uid(struct awh_decoder *decoder, uint32_t entry, const char **out)
{
	const struct awh_entry *e = awh_decode_entry(decoder, entry);

	if (awh_entry_kind(e) == AWH_KIND_STRING && e->len == 0) {
		awh_complain_at(decoder, entry, "expected a string that is not empty");
		return 0;
	}
	return awh_decode_string(decoder, entry, out);
}

static bool is(const struct awh_decoder *decoder, uint32_t entry, const char *text)
{
	return awh_index_is(decoder->index, entry, text, strlen(text));
}

static void decode_api_version(struct awh_decoder *decoder, uint32_t entry,
			       enum admwh_review_version *out)
{
	if (!awh_decode_expect(decoder, entry, AWH_KIND_STRING))
		return;
	if (is(decoder, entry, "admission.k8s.io/v1"))
		*out = ADMWH_REVIEW_V1;
	else if (is(decoder, entry, "admission.k8s.io/v1beta1"))
		*out = ADMWH_REVIEW_V1BETA1;
	else
		awh_complain_at(decoder, entry,
				"expected admission.k8s.io/v1 or admission.k8s.io/v1beta1");
}

static void decode_review_kind(struct awh_decoder *decoder, uint32_t entry)
{
	if (awh_decode_expect(decoder, entry, AWH_KIND_STRING) &&
	    !is(decoder, entry, "AdmissionReview"))
		awh_complain_at(decoder, entry, "expected AdmissionReview");
}

/* An operation that this library does not know is passed on by its name. */
static int decode_operation(struct awh_decoder *decoder, uint32_t entry, enum admwh_operation *out)
{
	const char **name = &decoder->request->pub.operation_name;
	int err = awh_decode_string(decoder, entry, name);

	if (err < 0 || !*name)
		return err;
	if (**name == '\0')
		awh_complain_at(decoder, entry, "expected a string that is not empty");
	*out = ADMWH_OTHER;
	for (int i = ADMWH_CREATE; i <= ADMWH_CONNECT; i++)
		if (strcmp(*name, admwh_operation_name((enum admwh_operation)i)) == 0)
			*out = (enum admwh_operation)i;
	return 0;
}

static void decode_boolean(struct awh_decoder *decoder, uint32_t entry, bool *out)
{
	if (awh_decode_expect(decoder, entry, AWH_KIND_TRUE))
		*out = awh_entry_kind(awh_decode_entry(decoder, entry)) == AWH_KIND_TRUE;
}

static void decode_payload(struct awh_decoder *decoder, uint32_t entry,
			   struct awh_payload_span *out)
{
	if (awh_decode_expect(decoder, entry, AWH_KIND_OBJECT))
		awh_payload_set(out, decoder->index, entry);
}

static bool is_null(const struct awh_decoder *decoder, uint32_t entry)
{
	return awh_entry_kind(awh_decode_entry(decoder, entry)) == AWH_KIND_NULL;
}

static int decode_extra(struct awh_decoder *decoder, uint32_t entry, struct admwh_user *user)
{
	const struct awh_index *index = decoder->index;
	size_t count = awh_entry_count(awh_decode_entry(decoder, entry));
	struct admwh_extra *extra;

	if (!awh_decode_expect(decoder, entry, AWH_KIND_OBJECT))
		return 0;
	extra = awh_arena_array(&decoder->request->arena, count, sizeof(*extra));
	if (!extra)
		return awh_decode_nomem(decoder);
	user->extra = extra;
	user->n_extra = count;
	for (uint32_t name = entry + 1; awh_decode_has_member(decoder, entry, name) && count > 0;
	     name = awh_index_behind(index, name + 1), extra++, count--) {
		int err = awh_decode_text(decoder, name, &extra->key);

		if (err == 0 && !is_null(decoder, name + 1))
			err =
			    awh_decode_strings(decoder, name + 1, &extra->values, &extra->n_values);
		if (err < 0)
			return err;
	}
	return 0;
}

static int decode_field(struct awh_decoder *decoder, const struct field *field, uint32_t entry,
			void *base);

/*
 * The field that a member's name is of; NULL for an unknown one. *hint: where to begin, set to the
 * field behind.
 */
static const struct field *find_field(const struct awh_decoder *decoder, uint32_t name,
				      const struct shape *shape, size_t *hint)
{
	for (size_t n = 0; n < shape->n_fields; n++) {
		const size_t i = (*hint + n) % shape->n_fields;
		const struct field *field = &shape->fields[i];

		if (awh_index_is(decoder->index, name, field->name, field->name_len)) {
			*hint = i + 1;
			return field;
		}
	}
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
static int decode_object(struct awh_decoder *decoder, const struct shape *shape, uint32_t entry,
			 void *base, uint32_t *seen)
{
	const struct awh_index *index = decoder->index;
	size_t hint = 0;

	if (!awh_decode_expect(decoder, entry, AWH_KIND_OBJECT))
		return 0;
	for (uint32_t name = entry + 1; awh_decode_has_member(decoder, entry, name);
	     name = awh_index_behind(index, name + 1)) {
		const struct field *field = find_field(decoder, name, shape, &hint);
		int err;

		if (!field || is_null(decoder, name + 1))
			continue;
		*seen |= 1u << (field - shape->fields);
		err = decode_field(decoder, field, name + 1, base);
		if (err < 0)
			return err;
	}
	check_required(decoder, shape, *seen);
	return 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int decode_kind(struct awh_decoder *decoder, uint32_t entry, const struct admwh_gvk **out)
{
	struct admwh_gvk *kind = awh_arena_alloc(&decoder->request->arena, sizeof(*kind));
	uint32_t seen = 0;
	int err;

	if (!kind)
		return awh_decode_nomem(decoder);
	err = decode_object(decoder, &kind_shape, entry, kind, &seen);
	*kind = (struct admwh_gvk){or_empty(kind->group), or_empty(kind->version),
				   or_empty(kind->kind)};
	*out = kind;
	return err;
}

static int decode_resource(struct awh_decoder *decoder, uint32_t entry,
			   const struct admwh_gvr **out)
{
	struct admwh_gvr *resource = awh_arena_alloc(&decoder->request->arena, sizeof(*resource));
	uint32_t seen = 0;
	int err;

	if (!resource)
		return awh_decode_nomem(decoder);
	err = decode_object(decoder, &resource_shape, entry, resource, &seen);
	*resource = (struct admwh_gvr){or_empty(resource->group), or_empty(resource->version),
				       or_empty(resource->resource)};
	*out = resource;
	return err;
}

static int decode_user(struct awh_decoder *decoder, uint32_t entry, const struct admwh_user **out)
{
	struct admwh_user *user = awh_arena_alloc(&decoder->request->arena, sizeof(*user));
	uint32_t seen = 0;

	if (!user)
		return awh_decode_nomem(decoder);
	*out = user;
	return decode_object(decoder, &user_shape, entry, user, &seen);
}

static int decode_request(struct awh_decoder *decoder, uint32_t entry)
{
	struct awh_request *request = decoder->request;
	uint32_t seen = 0;

	request->text = awh_index_raw(decoder->index, entry, &request->len);
	return decode_object(decoder, &request_shape, entry, request, &seen);
}

/* A field whose type needs no memory; false when it has another one. */
static bool decode_plain_field(struct awh_decoder *decoder, const struct field *field,
			       uint32_t entry, void *out)
{
	switch (field->type) {
	case FIELD_API_VERSION:
		decode_api_version(decoder, entry, out);
		return true;
	case FIELD_REVIEW_KIND:
		decode_review_kind(decoder, entry);
		return true;
	case FIELD_BOOLEAN:
		decode_boolean(decoder, entry, out);
		return true;
	case FIELD_PAYLOAD:
		decode_payload(decoder, entry, out);
		return true;
	default:
		return false;
	}
}

/* One field that is not null. 0 or ADMWH_E_NOMEM. The shapes bound the recursion. */
static int decode_field(struct awh_decoder *decoder, const struct field *field, uint32_t entry,
			void *base)
{
	void *out = (char *)base + field->offset;

	switch (field->type) {
	case FIELD_STRING:
		return awh_decode_string(decoder, entry, out);
	case FIELD_REQUEST:
		return decode_request(decoder, entry);
	case FIELD_UID:
		return decode_uid(decoder, entry, out);
	case FIELD_KIND:
		return decode_kind(decoder, entry, out);
	case FIELD_RESOURCE:
		return decode_resource(decoder, entry, out);
	case FIELD_OPERATION:
		return decode_operation(decoder, entry, out);
	case FIELD_USER:
		return decode_user(decoder, entry, out);
	case FIELD_GROUPS: {
		struct admwh_user *user = out;

		return awh_decode_strings(decoder, entry, &user->groups, &user->n_groups);
	}
	case FIELD_EXTRA:
		return decode_extra(decoder, entry, out);
	default:
		return decode_plain_field(decoder, field, entry, out) ? 0 : ADMWH_E_STATE;
	}
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

static int decode_review(struct awh_decoder *decoder, bool bare_reviews)
{
	uint32_t seen = 0;
	int err = decode_object(decoder, &envelope_shape, 0, decoder->request, &seen);

	if (err == 0)
		check_envelope(decoder, seen, bare_reviews);
	return err;
}

static int decode(struct awh_decoder *decoder, const struct awh_decode_options *options)
{
	if (options->converts)
		return awh_decode_conversion(decoder);
	return options->raw ? awh_decode_raw(decoder)
			    : decode_review(decoder, options->bare_reviews);
}

/*
 * The text ends early, for this reason: decode what stands before, for the uid and the version.
 * What the review itself lacks does not count.
 */
static void decode_part(struct awh_decoder *decoder, const struct awh_decode_options *options,
			int err)
{
	decoder->error = NULL;
	decoder->complaint.code = err;
	if (decoder->index->n_entries > 0)
		decode(decoder, options);
}

/* Asked by the index. */
static bool may_grow(void *userdata, size_t bytes)
{
	struct awh_request *request = userdata;
	const size_t now = request->index.capacity * sizeof(struct awh_entry);

	return now + bytes <= AWH_INDEX_UNCOUNTED ||
	       request->take(request->owner, bytes, &request->error) == 0;
}

int awh_request_decode(struct awh_request *request, const char *body, size_t body_len,
		       const struct awh_decode_options *options, struct awh_error *error)
{
	const struct awh_index_options rules = {
	    .depth = options->depth, .values = options->values, .blocks = options->blocks};
	struct awh_decoder decoder = {.index = &request->index, .request = request, .error = error};
	int err;

	*request = (struct awh_request){
	    .pub.version = ADMWH_REVIEW_V1,
	    .body = body,
	    .body_len = body_len,
	    .nul_in_trees = options->nul_in_trees,
	    .raw = options->raw,
	    .take = options->take,
	    .owner = options->owner,
	};
	if (options->memory) {
		request->arena = options->memory->arena;
		request->index = options->memory->index;
		*options->memory = (struct awh_request_memory){.arena = AWH_ARENA_NULL};
	}
	if (options->take) {
		request->index.may_grow = may_grow;
		request->index.owner = request;
	}
	err = awh_index_read(&request->index, body, body_len, &rules, error);
	if (err < 0) {
		decode_part(&decoder, options, err);
		if (err == ADMWH_E_LIMIT && error)
			*error = request->error;
		return err;
	}
	err = decode(&decoder, options);
	if (err == 0 && decoder.complaint.code)
		err = awh_fail(error, decoder.complaint.code, "%s", decoder.complaint.text);
	return err;
}
