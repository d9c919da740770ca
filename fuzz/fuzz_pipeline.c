/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a review of a whole route, answered without a socket: decode, handler,
 * patch, answer, in every dialect. Three bytes choose the options of the route and
 * what its handler does; the review follows, and behind a NUL byte a second text that
 * the handler uses: as a patch, and in whatever it says.
 *
 * What must hold: the answer is JSON, and a review of its dialect that repeats uid and
 * version, or a failure with its HTTP status in it; it allows only what the handler
 * has allowed without a failure; its patch leads from the object that was sent to the
 * object that the handler saw last.
 */
#include <string.h>

#include <admwh/json.h>
#include <admwh/review.h>

#include "base/text.h"
#include "check.h"
#include "json/json.h"
#include "review/patch.h"
#include "review/request.h"

enum {
	OPTION_BYTES = 3,
	TEXT_MAX = 64 * 1024 * 1024,
	WARNINGS_MAX = 4096, /* characters that kube-apiserver takes of one response */
};

enum decision { ALLOW, DENY, FAIL, NOTHING, NEGATIVE, DECIDE, DECIDE_INVALID, DENY_THEN_ALLOW };

enum change { UNCHANGED, OPERATIONS, EDIT, MERGE };

/* What the route and its handler are to do. */
struct plan {
	enum admwh_dialect dialect;
	bool raw, mutates, leaves_to_policy, takes_nul, filters, allows_unmatched;
	enum decision decision;
	enum change change;
	bool reads, talks;
	unsigned int patch_options;
	const char *body;
	size_t body_len;
	const char *more; /* the second text; NUL-terminated */
	/* what the handler saw */
	unsigned int calls;
	bool failed;          /* an operation, or a tree that was not given */
	struct awh_buf after; /* the object behind the patch */
};

/* A text that was written by the library. jansson reads no name that holds U+0000. */
static json_t *read_json(struct admwh_json *json, const char *text, size_t len)
{
	json_error_t error = {0};
	json_t *value = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);

	check(value || json_error_code(&error) == json_error_null_byte_in_key,
	      "jansson does not read the answer");
	json_decref(value);
	value = admwh_json_parse(json, text, len);
	check(value != NULL, "the answer is not read again");
	return value;
}

/* the handler */

static void read_trees(struct plan *plan, const struct admwh_request *req)
{
	json_t *(*const functions[])(const struct admwh_request *) = {
	    admwh_request_object_json, admwh_request_old_object_json, admwh_request_options_json};
	const struct awh_request *request = (const struct awh_request *)req;
	struct awh_buf text;

	for (size_t i = 0; i < AWH_PAYLOADS; i++) {
		json_t *value = functions[i](req);

		plan->failed |= !value && request->payloads[i].text;
		awh_buf_init(&text, TEXT_MAX);
		if (value)
			awh_json_write(&text, value, request->numbers);
		check(!text.err, "an object cannot be written");
		awh_buf_deinit(&text);
	}
}

static const char *member(const json_t *value, const char *name)
{
	const char *text = json_string_value(json_object_get(value, name));

	return text ? text : "";
}

static int perform(struct admwh_patch *patch, const json_t *operation)
{
	const char *op = member(operation, "op"), *path = member(operation, "path");
	const json_t *value = json_object_get(operation, "value");

	if (strcmp(op, "remove") == 0)
		return admwh_patch_remove(patch, path);
	if (strcmp(op, "replace") == 0)
		return admwh_patch_replace(patch, path, value);
	if (strcmp(op, "move") == 0)
		return admwh_patch_move(patch, member(operation, "from"), path);
	if (strcmp(op, "copy") == 0)
		return admwh_patch_copy(patch, member(operation, "from"), path);
	if (strcmp(op, "test") == 0)
		return admwh_patch_test(patch, path, value);
	if (strcmp(op, "parents") == 0)
		return admwh_patch_add_parents(patch, path, value);
	return admwh_patch_add(patch, path, value);
}

static int perform_all(struct admwh_patch *patch, const json_t *operations)
{
	const json_t *operation;
	size_t i;
	int err = 0;

	json_array_foreach(operations, i, operation)
		if (err == 0)
			err = perform(patch, operation);
	return err;
}

/* Change what every copy can be changed in: a member or an element more, and one less. */
static int edit(struct admwh_patch *patch, json_t *value)
{
	json_t *copy = admwh_patch_edit(patch);
	const char *key = "";

	if (!copy) /* what is not there can be left as it is */
		return awh_patch_object(patch) ? ADMWH_E_PATCH : 0;
	if (json_is_object(copy)) {
		json_object_foreach(copy, key, value)
			break;
		json_object_del(copy, key);
		json_object_set_new(copy, "edited", json_true());
	}
	if (json_is_array(copy)) {
		json_array_remove(copy, 0);
		json_array_append(copy, value);
	}
	return 0;
}

static int change(const struct plan *plan, struct admwh_patch *patch, json_t *value)
{
	switch (plan->change) {
	case OPERATIONS:
		return perform_all(patch, value);
	case EDIT:
		return edit(patch, value);
	case MERGE:
		return admwh_patch_merge(patch, value);
	case UNCHANGED:
		break;
	}
	return 0;
}

static void make_patch(struct plan *plan, const struct admwh_request *req,
		       struct admwh_patch *patch)
{
	struct awh_numbers *numbers = awh_request_numbers(patch->request);
	json_t *value = awh_json_parse(plan->more, strlen(plan->more), 64, numbers, NULL);
	int err = value ? change(plan, patch, value) : 0;
	const json_t *object = awh_patch_object(patch);

	(void)req;
	check((err < 0 && plan->change != EDIT) <= (admwh_patch_error(patch)[0] != '\0'),
	      "an operation failed without a reason");
	plan->failed |= err < 0;
	if (object)
		awh_json_write(&plan->after, object, numbers);
	json_decref(value);
}

/* The second text in everything that a handler can say. */
static void talk(const struct plan *plan, const struct admwh_request *req,
		 struct admwh_response *resp)
{
	admwh_response_add_warning(resp, "%s", plan->more);
	admwh_response_add_warning(resp, "%s twice", plan->more);
	admwh_response_add_audit_annotation(resp, plan->more, plan->more);
	admwh_response_add_audit_annotation(resp, "key", plan->more);
	admwh_response_set_details(resp, plan->more, plan->more, plan->more);
	admwh_response_set_retry_after(resp, (int)strlen(plan->more) - 1);
	if (plan->decision == ALLOW)
		return;
	admwh_response_set_reason(resp, plan->more);
	admwh_response_add_cause(resp, plan->more, NULL, plan->more);
	admwh_response_add_error_at(resp, ADMWH_INVALID, plan->more, plan->more, "%s", plan->more);
	admwh_response_add_error(resp, ADMWH_DUPLICATE, admwh_request_object(req), NULL);
}

static int decide(const struct plan *plan, const struct admwh_request *req,
		  struct admwh_response *resp)
{
	const int code = (int)plan->body_len * 7 - 300;

	switch (plan->decision) {
	case ALLOW:
		return admwh_response_allow(resp);
	case DENY:
		return admwh_response_deny(resp, code, "%s", plan->more);
	case FAIL:
		admwh_response_fail(resp, "%s", plan->more);
		return admwh_response_allow(resp);
	case NEGATIVE:
		admwh_response_allow(resp);
		return -1;
	case DECIDE:
		return admwh_response_decide(resp);
	case DECIDE_INVALID:
		return admwh_response_decide_invalid(resp, req);
	case DENY_THEN_ALLOW:
		admwh_response_deny(resp, code, "%s", plan->more);
		return admwh_response_allow(resp);
	case NOTHING:
		break;
	}
	return 0;
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct plan *plan = userdata;

	plan->calls++;
	if (plan->reads)
		read_trees(plan, req);
	if (patch)
		make_patch(plan, req, patch);
	if (plan->talks)
		talk(plan, req, resp);
	return decide(plan, req, resp);
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	return mutate(req, resp, NULL, userdata);
}

/* the answer */

/* Standard base64, padded (RFC 4648 section 4). */
static void decode_base64(struct awh_buf *out, const char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t len = strcspn(text, "=");
	unsigned int bits = 0;

	check(strlen(text) % 4 == 0 && strspn(text + len, "=") == strlen(text) - len,
	      "a patch is not padded");
	for (size_t i = 0; i < len; i++) {
		const char *digit = strchr(digits, text[i]);
		char byte;

		check(digit != NULL, "a patch is not base64");
		bits = bits << 6 | (unsigned int)(digit - digits);
		byte = (char)(bits >> (6 - i % 4 * 2) & 0xff);
		if (i % 4 > 0)
			awh_buf_put(out, &byte, 1);
	}
}

static json_t *read_patch(struct admwh_json *json, const json_t *response)
{
	struct awh_buf text;
	json_t *patch;

	check(strcmp(member(response, "patchType"), "JSONPatch") == 0, "a patch of no type");
	awh_buf_init(&text, TEXT_MAX);
	decode_base64(&text, member(response, "patch"));
	patch = read_json(json, text.data ? text.data : "", text.len);
	check(json_is_array(patch) && json_array_size(patch) > 0, "a patch is no list");
	awh_buf_deinit(&text);
	return patch;
}

/* It leads to what the handler saw last, by the rules of either. */
static void check_patch(const struct plan *plan, struct admwh_json *json, const json_t *request,
			const json_t *response)
{
	json_t *object = json_object_get(request, "object");
	json_t *wanted = admwh_json_parse(json, plan->after.data, plan->after.len);
	json_t *patch = read_patch(json, response);
	json_t *result = json_incref(plan->raw ? (json_t *)(uintptr_t)request : object);

	check(wanted && result, "a patch of no object");
	check(admwh_json_patch_apply(json, &result, patch, ADMWH_PATCH_MODE_RFC6902) == 0,
	      "a patch does not apply by RFC 6902");
	check(admwh_json_equal(json, result, wanted), "a patch leads elsewhere");
	json_decref(result);
	if (!plan->raw) {
		result = json_incref(object);
		check(admwh_json_patch_apply(json, &result, patch,
					     ADMWH_PATCH_MODE_KUBE_APISERVER) == 0,
		      "a patch does not apply at kube-apiserver");
		check(admwh_json_equal(json, result, wanted), "a patch leads elsewhere there");
		json_decref(result);
	}
	json_decref(patch);
	json_decref(wanted);
}

static void check_unchanged(const struct plan *plan, struct admwh_json *json, json_t *request)
{
	json_t *object = plan->raw ? request : json_object_get(request, "object");
	json_t *wanted;

	if (plan->after.len == 0)
		return;
	wanted = admwh_json_parse(json, plan->after.data, plan->after.len);
	check(admwh_json_equal(json, object, wanted), "a change is not in the patch");
	json_decref(wanted);
}

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void check_extras(const json_t *response)
{
	const json_t *annotations = json_object_get(response, "auditAnnotations"), *value;
	const char *key;
	size_t i, n = 0;

	json_array_foreach(json_object_get(response, "warnings"), i, value) {
		const char *text = json_string_value(value);

		check(text && text[0] && awh_text_is_clean(text, strlen(text)),
		      "a warning is empty or not clean");
		n += count_characters(text);
	}
	check(n <= WARNINGS_MAX, "more warnings than kube-apiserver takes");
	json_object_foreach((json_t *)(uintptr_t)annotations, key, value)
		check(awh_is_name(key) && json_is_string(value), "an audit annotation");
}

static void check_status(const json_t *response, bool allowed)
{
	const json_t *code = json_object_get(json_object_get(response, "status"), "code");
	const json_int_t number = json_integer_value(code);

	check(!allowed || !json_object_get(response, "status"), "an allow with a status");
	check(!code || (number >= 400 && number <= 599), "a code that panics the API server");
}

/* Was it the handler's to allow, and did it? */
static void check_verdict(const struct plan *plan, bool allowed)
{
	const bool is_unmatched = plan->calls == 0 && plan->filters && plan->allows_unmatched;
	const bool wanted = plan->decision == ALLOW || plan->decision == DENY_THEN_ALLOW;
	const bool may =
	    wanted ||
	    ((plan->decision == DECIDE || plan->decision == DECIDE_INVALID) && !plan->talks);

	check(plan->calls <= 1, "the handler is called twice");
	check(!allowed || is_unmatched || plan->calls == 1, "allowed by no handler");
	check(!allowed || plan->calls == 0 || (may && !plan->failed),
	      "allowed what the handler has not");
	check(allowed || plan->calls == 0 || !wanted || plan->failed,
	      "denied what the handler has allowed");
}

static const char *uid_of(const struct plan *plan, const json_t *request)
{
	const char *uid = json_string_value(json_object_get(request, "uid"));

	check(uid || plan->raw, "a review without a uid");
	return uid ? uid : "";
}

static void check_envelope(const struct plan *plan, const json_t *sent, const json_t *answer)
{
	const char *version = member(sent, "apiVersion");
	const bool is_beta = strcmp(version, "admission.k8s.io/v1beta1") == 0;

	if (plan->raw) {
		check(json_object_size(answer) == 1, "a raw answer is a review");
		return;
	}
	check(strcmp(member(answer, "kind"), "AdmissionReview") == 0, "the answer is no review");
	check(strcmp(member(answer, "apiVersion"), is_beta ? version : "admission.k8s.io/v1") == 0,
	      "the answer is of another version");
}

static void check_review(const struct plan *plan, struct admwh_json *json, const json_t *answer)
{
	json_t *sent = admwh_json_parse(json, plan->body, plan->body_len);
	json_t *request = json_object_get(sent, "request");
	const json_t *response = json_object_get(answer, "response");
	const json_t *echo = json_object_get(answer, "request");
	const bool allowed = json_is_true(json_object_get(response, "allowed"));

	check(request && response, "a review of no request, or without a response");
	check_envelope(plan, sent, answer);
	check(strcmp(member(response, "uid"), uid_of(plan, request)) == 0, "another uid");
	check(json_is_boolean(json_object_get(response, "allowed")), "no verdict");
	check_verdict(plan, allowed);
	check_status(response, allowed);
	check_extras(response);
	check(!echo || (plan->dialect == ADMWH_DIALECT_RANCHER && !plan->raw), "an echo");
	check(!echo || admwh_json_equal(json, echo, request), "the echo is another request");
	if (json_object_get(response, "patch")) {
		check(plan->mutates && allowed && plan->change, "a patch that is not to be");
		check_patch(plan, json, request, response);
	} else if (allowed) {
		check_unchanged(plan, json, request);
	}
	json_decref(sent);
}

/* An answer without a review: what the clients of the dialect show. */
static void check_failure(const struct plan *plan, const json_t *answer, int status)
{
	const json_t *code = json_object_get(answer, "code");

	if (plan->dialect == ADMWH_DIALECT_KUBEWARDEN) {
		code = json_object_get(answer, "status");
		check(member(answer, "message")[0] != '\0', "a failure without a message");
	} else if (json_object_get(answer, "response")) {
		check(plan->dialect == ADMWH_DIALECT_RANCHER, "a review with an error's status");
		answer = json_object_get(answer, "response");
		check(json_is_false(json_object_get(answer, "allowed")), "a failure that allows");
		code = json_object_get(json_object_get(answer, "status"), "code");
	} else {
		check(strcmp(member(answer, "kind"), "Status") == 0, "a failure of no kind");
	}
	check(json_integer_value(code) == status, "a failure of another status");
	if (status == 500)
		check(plan->leaves_to_policy && (plan->calls == 1 || plan->filters),
		      "left to the failurePolicy");
	else
		check((status == 400 || status == 422) && plan->calls == 0,
		      "a malformed review was handled, or has an unexpected status");
}

static void check_answer(const struct plan *plan, const struct admwh_answer *answer)
{
	struct admwh_json *json = admwh_json_new();
	const int status = admwh_answer_status(answer);
	const char *text;
	json_t *value;
	size_t len;

	text = admwh_answer_body(answer, &len);
	check(json && admwh_json_set_nul_in_trees(json, true) == 0 && strlen(text) == len,
	      "no memory");
	value = read_json(json, text, len);
	if (status == 200)
		check_review(plan, json, value);
	else
		check_failure(plan, value, status);
	json_decref(value);
	admwh_json_free(json);
}

/* the input */

static void set_options(struct plan *plan, const uint8_t *bytes)
{
	*plan = (struct plan){
	    .dialect = (enum admwh_dialect)(1 + (bytes[0] & 3)),
	    .raw = bytes[0] & 4,
	    .mutates = bytes[0] & 8,
	    .leaves_to_policy = bytes[0] & 16,
	    .takes_nul = bytes[0] & 32,
	    .filters = bytes[0] & 64,
	    .allows_unmatched = bytes[0] & 128,
	    .decision = (enum decision)(bytes[1] & 7),
	    .change = (enum change)(bytes[1] >> 3 & 3),
	    .reads = bytes[1] & 32,
	    .talks = bytes[1] & 64,
	    .patch_options = bytes[2] & 7,
	};
	awh_buf_init(&plan->after, TEXT_MAX);
}

static struct admwh_route *make_route(struct plan *plan, bool has_patch_options)
{
	struct admwh_route *route = plan->mutates ? admwh_route_new_mutator(mutate, plan)
						  : admwh_route_new_validator(validate, plan);
	int err = admwh_route_set_dialect(route, plan->dialect);

	err |= admwh_route_set_raw(route, plan->raw);
	err |= admwh_route_set_nul_in_trees(route, plan->takes_nul);
	if (plan->leaves_to_policy)
		err |= admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY);
	if (plan->filters)
		err |= admwh_route_add_filter(route, "", "Pod", ADMWH_OPERATION_BIT(ADMWH_CREATE));
	if (plan->allows_unmatched)
		err |= admwh_route_set_unmatched(route, ADMWH_UNMATCHED_ALLOW);
	if (has_patch_options)
		err |= admwh_route_set_patch_options(route, plan->patch_options);
	check(err == 0, "a route cannot be made");
	return route;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct admwh_answer *answer;
	struct admwh_route *route;
	struct plan plan;
	char *text;

	if (len < OPTION_BYTES)
		return 0;
	set_options(&plan, bytes);
	text = awh_strndup((const char *)bytes + OPTION_BYTES, len - OPTION_BYTES);
	check(text != NULL, "no memory");
	plan.body = text;
	plan.body_len = strlen(text);
	plan.more = plan.body_len < len - OPTION_BYTES ? text + plan.body_len + 1 : "";
	route = make_route(&plan, bytes[2] & 8);
	answer = admwh_route_review(route, plan.body, plan.body_len);
	check(answer != NULL, "no answer");
	check_answer(&plan, answer);
	admwh_answer_free(answer);
	admwh_route_free(route);
	awh_buf_deinit(&plan.after);
	free(text);
	return 0;
}
