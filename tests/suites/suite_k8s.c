/* SPDX-License-Identifier: MIT */
/*
 * k8s-admission: Kubernetes' own documents through the decoder.
 *
 *   k8s-roundtrip  reviews with every field filled: each arrives as it was sent
 *   k8s-mutations  the same reviews with each field in turn made null, a boolean, a number, a
 *                  string, an array, an object: taken, or refused with the field named
 *   k8s-objects    one object of each built-in kind: carried and written again byte for byte
 *   k8s-reviews    sample reviews, and documents that are none
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>

#include "review/decode.h"
#include "review/encode.h"
#include "review/response.h"
#include "tally.h"

enum { DEPTH = 200, OUTPUT_MAX = 64 * 1024 * 1024, PATH = 512 };

static const struct awh_decode_options options = {.depth = DEPTH};

static void count(struct tally *tally, bool passed)
{
	tally->cases++;
	tally->passed += passed;
	tally->failed += !passed;
}

__attribute__((format(printf, 2, 3))) static void deviate(const char *name, const char *format, ...)
{
	va_list args;

	printf("deviation=%s reason=", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* Files of a folder, in the order of their names; the caller frees. -1: not there. */
static int list(const char *folder, struct dirent ***entries)
{
	return scandir(folder, entries, NULL, alphasort);
}

static bool is_json_file(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0 && strcmp(name, "index.json") != 0;
}

/* Call visit for each document of a folder. */
static bool for_each_file(const char *root, const char *folder, struct tally *tallies,
			  void (*visit)(struct tally *tallies, const char *name, const char *text,
					size_t len))
{
	char path[2048];
	struct dirent **entries;
	int n_entries;

	snprintf(path, sizeof(path), "%s/k8s-admission/%s", root, folder);
	n_entries = list(path, &entries);
	for (int i = 0; i < n_entries; i++) {
		size_t len = 0;
		char *text =
		    is_json_file(entries[i]->d_name) ? load(path, entries[i]->d_name, &len) : NULL;

		if (text)
			visit(tallies, entries[i]->d_name, text, len);
		free(text);
		free(entries[i]);
	}
	if (n_entries >= 0)
		free(entries);
	return n_entries >= 0;
}

static bool same_text(const char *text, const json_t *object, const char *name)
{
	const json_t *wanted = json_object_get(object, name);

	if (!wanted)
		return !text;
	return text && strcmp(text, json_string_value(wanted)) == 0;
}

static bool same_kind(const struct admwh_gvk *kind, const json_t *request, const char *name)
{
	const json_t *wanted = json_object_get(request, name);

	return kind && same_text(kind->group, wanted, "group") &&
	       same_text(kind->version, wanted, "version") && same_text(kind->kind, wanted, "kind");
}

static bool same_resource(const struct admwh_gvr *resource, const json_t *request, const char *name)
{
	const json_t *wanted = json_object_get(request, name);

	return resource && same_text(resource->group, wanted, "group") &&
	       same_text(resource->version, wanted, "version") &&
	       same_text(resource->resource, wanted, "resource");
}

static bool same_strings(const char *const *strings, size_t n_strings, const json_t *wanted)
{
	if (n_strings != json_array_size(wanted))
		return false;
	for (size_t i = 0; i < n_strings; i++)
		if (strcmp(strings[i], json_string_value(json_array_get(wanted, i))) != 0)
			return false;
	return true;
}

static bool same_user(const struct admwh_user *user, const json_t *wanted)
{
	const json_t *extra = json_object_get(wanted, "extra");

	if (!same_text(user->username, wanted, "username") ||
	    !same_text(user->uid, wanted, "uid") ||
	    !same_strings(user->groups, user->n_groups, json_object_get(wanted, "groups")) ||
	    user->n_extra != json_object_size(extra))
		return false;
	for (size_t i = 0; i < user->n_extra; i++)
		if (!same_strings(user->extra[i].values, user->extra[i].n_values,
				  json_object_get(extra, user->extra[i].key)))
			return false;
	return true;
}

/* As jansson reads the document, and as its text is written again. */
static bool same_payload(json_t *payload, const struct awh_numbers *numbers, const json_t *request,
			 const char *name)
{
	const json_t *wanted = json_object_get(request, name);
	struct awh_buf buf;
	char *text;
	bool same;

	if (!payload || !wanted)
		return !payload && (!wanted || json_is_null(wanted));
	text = json_dumps(wanted, JSON_COMPACT);
	awh_buf_init(&buf, OUTPUT_MAX);
	awh_json_write(&buf, payload, numbers);
	same = json_equal(payload, wanted) && text && buf.len == strlen(text) &&
	       memcmp(buf.data, text, buf.len) == 0;
	awh_buf_deinit(&buf);
	free(text);
	return same;
}

/* The name of the first field that is not as it was sent; NULL when all are. */
static const char *first_difference(const struct awh_request *decoded, const json_t *review)
{
	const struct admwh_request *pub = &decoded->pub;
	const json_t *request = json_object_get(review, "request");
	const char *version = json_string_value(json_object_get(review, "apiVersion"));
	json_t *payloads[AWH_PAYLOADS] = {admwh_request_object_json(pub),
					  admwh_request_old_object_json(pub),
					  admwh_request_options_json(pub)};
	const struct {
		const char *name;
		bool same;
	} fields[] = {
	    {"apiVersion",
	     strcmp(version, pub->version == ADMWH_REVIEW_V1 ? "admission.k8s.io/v1"
							     : "admission.k8s.io/v1beta1") == 0},
	    {"uid", same_text(pub->uid, request, "uid")},
	    {"kind", same_kind(pub->kind, request, "kind")},
	    {"resource", same_resource(pub->resource, request, "resource")},
	    {"subResource", same_text(pub->subresource, request, "subResource")},
	    {"requestKind", same_kind(pub->request_kind, request, "requestKind")},
	    {"requestResource", same_resource(pub->request_resource, request, "requestResource")},
	    {"requestSubResource",
	     same_text(pub->request_subresource, request, "requestSubResource")},
	    {"name", same_text(pub->name, request, "name")},
	    {"namespace", same_text(pub->ns, request, "namespace")},
	    {"operation", same_text(pub->operation_name, request, "operation")},
	    {"userInfo", same_user(pub->user, json_object_get(request, "userInfo"))},
	    {"dryRun", pub->dry_run == json_is_true(json_object_get(request, "dryRun"))},
	    {"object", same_payload(payloads[0], decoded->numbers, request, "object")},
	    {"oldObject", same_payload(payloads[1], decoded->numbers, request, "oldObject")},
	    {"options", same_payload(payloads[2], decoded->numbers, request, "options")},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!fields[i].same)
			return fields[i].name;
	return NULL;
}

static void roundtrip_one(struct tally *tally, const char *name, const json_t *review)
{
	char *text = json_dumps(review, JSON_INDENT(1));
	struct awh_request decoded;
	struct awh_error error = {0};
	const char *difference = NULL;
	int err = awh_request_decode(&decoded, text, strlen(text), &options, &error);

	if (err == 0)
		difference = first_difference(&decoded, review);
	if (err < 0)
		deviate(name, "%s", error.text);
	else if (difference)
		deviate(name, "%s differs", difference);
	count(tally, err == 0 && !difference);
	awh_request_deinit(&decoded);
	free(text);
}

/* What a field becomes in a mutation. */
static json_t *make_mutation(int which)
{
	switch (which) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_integer(7);
	case 3:
		return json_string("s");
	case 4:
		return json_array();
	default:
		return json_object();
	}
}

static bool is_one_of(const char *path, const char *const *paths)
{
	for (; *paths; paths++)
		if (strcmp(path, *paths) == 0)
			return true;
	return false;
}

/* By the schema: is the review still one with this value at this path? */
static bool is_taken(const char *path, const json_t *original, const json_t *mutation)
{
	static const char *const required[] = {"apiVersion",
					       "kind",
					       "request",
					       "request.uid",
					       "request.kind",
					       "request.resource",
					       "request.operation",
					       "request.userInfo",
					       NULL};
	static const char *const words[] = {"apiVersion", "kind", NULL};

	if (strncmp(path, "response", 8) == 0)
		return true;
	if (json_is_null(mutation))
		return !is_one_of(path, required) && path[strlen(path) - 1] != ']';
	if (json_is_boolean(original) ? !json_is_boolean(mutation)
				      : json_typeof(original) != json_typeof(mutation))
		return false;
	return !is_one_of(path, words) && strcmp(path, "request") != 0;
}

static void mutate_one(struct tally *tally, const char *name, const json_t *review,
		       const char *path, const json_t *original, const json_t *mutation)
{
	bool taken = is_taken(path, original, mutation);
	bool knows_uid = strcmp(path, "request") != 0 && strcmp(path, "request.uid") != 0;
	char *text = json_dumps(review, JSON_COMPACT);
	struct awh_request decoded;
	struct awh_error error = {0};
	int err = awh_request_decode(&decoded, text, strlen(text), &options, &error);
	/* The error names the path itself, or a member that is missing below it. */
	bool named = strncmp(error.text, path, strlen(path)) == 0;
	bool uid = !knows_uid || (decoded.pub.uid && strcmp(decoded.pub.uid, "uidValue") == 0);
	bool passed = taken ? err == 0 : err == ADMWH_E_REVIEW && named && uid;

	if (!passed)
		deviate(name, "%s: %s", path, err < 0 ? error.text : "taken");
	count(tally, passed);
	awh_request_deinit(&decoded);
	free(text);
}

static void mutate_below(struct tally *tally, const char *name, json_t *review, json_t *parent,
			 const char *parent_path);

/* All mutations of one member or element, then of what is in it. Payloads may hold anything. */
static void mutate_member(struct tally *tally, const char *name, json_t *review, json_t *parent,
			  const char *key, size_t index, const char *parent_path)
{
	static const char *const payloads[] = {"request.object", "request.oldObject",
					       "request.options", NULL};
	json_t *original =
	    json_incref(key ? json_object_get(parent, key) : json_array_get(parent, index));
	char path[PATH];

	if (key)
		snprintf(path, sizeof(path), "%s%s%s", parent_path, parent_path[0] ? "." : "", key);
	else
		snprintf(path, sizeof(path), "%s[%zu]", parent_path, index);
	for (int which = 0; which < 6; which++) {
		json_t *mutation = make_mutation(which);

		if (key)
			json_object_set(parent, key, mutation);
		else
			json_array_set(parent, index, mutation);
		mutate_one(tally, name, review, path, original, mutation);
		json_decref(mutation);
	}
	if (key)
		json_object_set(parent, key, original);
	else
		json_array_set(parent, index, original);
	if (!is_one_of(path, payloads))
		mutate_below(tally, name, review, original, path);
	json_decref(original);
}

static void mutate_below(struct tally *tally, const char *name, json_t *review, json_t *parent,
			 const char *parent_path)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(parent, next, key, value)
	    mutate_member(tally, name, review, parent, key, 0, parent_path);
	for (size_t i = 0; i < json_array_size(parent); i++)
		mutate_member(tally, name, review, parent, NULL, i, parent_path);
}

/* tallies: roundtrip, mutations */
static void visit_roundtrip(struct tally *tallies, const char *name, const char *text, size_t len)
{
	static const char *const operations[] = {"CREATE", "UPDATE", "DELETE", "CONNECT"};
	json_t *review = json_loadb(text, len, 0, NULL);
	json_t *request = json_object_get(review, "request");

	/* Its operation is filled with a word of no meaning: it runs as it is and with the real
	 * ones. */
	roundtrip_one(&tallies[0], name, review);
	for (size_t i = 0; i < 4; i++) {
		json_object_set_new(request, "operation", json_string(operations[i]));
		roundtrip_one(&tallies[0], name, review);
	}
	mutate_below(&tallies[1], name, review, review, "");
	json_decref(review);
}

static bool is_carried(const char *text, size_t len)
{
	static const char head[] =
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
	    "\"uid\":\"1\",\"kind\":{},\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},"
	    "\"object\":";
	json_t *wanted = json_loadb(text, len, 0, NULL);
	struct awh_request decoded;
	struct awh_buf body;
	struct awh_buf again;
	bool carried = false;

	awh_buf_init(&body, OUTPUT_MAX);
	awh_buf_init(&again, OUTPUT_MAX);
	awh_buf_puts(&body, head);
	awh_buf_put(&body, text, len);
	awh_buf_puts(&body, "}}");
	if (awh_request_decode(&decoded, body.data, body.len, &options, NULL) == 0 &&
	    json_equal(admwh_request_object_json(&decoded.pub), wanted)) {
		awh_json_write(&again, admwh_request_object_json(&decoded.pub), decoded.numbers);
		carried = again.len == len && memcmp(again.data, text, len) == 0;
	}
	awh_request_deinit(&decoded);
	awh_buf_deinit(&body);
	awh_buf_deinit(&again);
	json_decref(wanted);
	return carried;
}

static void visit_object(struct tally *tallies, const char *name, const char *text, size_t len)
{
	bool carried;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	carried = is_carried(text, len);
	if (!carried)
		deviate(name, "not carried byte for byte");
	count(&tallies[0], carried);
}

/* Is the answer to this review an allow with its uid? */
static bool is_answered(const struct awh_request *decoded, const char *text, size_t len)
{
	json_t *review = json_loadb(text, len, 0, NULL);
	struct admwh_response response;
	struct awh_buf buf;
	json_t *answer;
	json_t *given;
	bool answered;

	awh_response_init(&response);
	admwh_response_allow(&response);
	awh_buf_init(&buf, OUTPUT_MAX);
	awh_response_encode(
	    &buf, &(struct awh_reply_to){.version = decoded->pub.version, .uid = decoded->pub.uid},
	    &response, NULL);
	answer = json_loadb(buf.data, buf.len, 0, NULL);
	given = json_object_get(answer, "response");
	answered = json_is_true(json_object_get(given, "allowed")) &&
		   json_equal(json_object_get(given, "uid"),
			      json_object_get(json_object_get(review, "request"), "uid"));
	json_decref(answer);
	json_decref(review);
	awh_buf_deinit(&buf);
	awh_response_deinit(&response);
	return answered;
}

/* Which of the samples are whole reviews, as index.json says. */
static bool is_whole(const json_t *index, const char *name)
{
	for (size_t i = 0; i < json_array_size(index); i++) {
		const json_t *entry = json_array_get(index, i);

		if (strcmp(json_string_value(json_object_get(entry, "file")), name) == 0)
			return json_is_true(json_object_get(entry, "complete_v1_review"));
	}
	return false;
}

static json_t *samples; /* index.json */

static void visit_review(struct tally *tallies, const char *name, const char *text, size_t len)
{
	struct awh_request decoded;
	struct awh_error error = {0};
	int err = awh_request_decode(&decoded, text, len, &options, &error);
	bool whole = is_whole(samples, name);
	bool passed = whole ? err == 0 && is_answered(&decoded, text, len) : err == ADMWH_E_REVIEW;

	if (!passed)
		deviate(name, "%s", err < 0 ? error.text : "taken");
	count(&tallies[0], passed);
	awh_request_deinit(&decoded);
}

int main(int argc, char **argv)
{
	const char *root = suites_folder(argc, argv);
	struct tally roundtrip[2] = {{.suite = "k8s-roundtrip"}, {.suite = "k8s-mutations"}};
	struct tally objects = {.suite = "k8s-objects"};
	struct tally reviews = {.suite = "k8s-reviews"};
	size_t len = 0;
	char *index = load(root, "k8s-admission/reviews/index.json", &len);
	int err;

	if (!index)
		return not_found("k8s-admission");
	samples = json_loadb(index, len, 0, NULL);
	for_each_file(root, "roundtrip", roundtrip, visit_roundtrip);
	for_each_file(root, "objects", &objects, visit_object);
	for_each_file(root, "reviews", &reviews, visit_review);
	json_decref(samples);
	free(index);
	err = report(&roundtrip[0]);
	err |= report(&roundtrip[1]);
	err |= report(&objects);
	err |= report(&reviews);
	return err;
}
