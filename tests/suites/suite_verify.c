/* SPDX-License-Identifier: MIT */
/*
 * The API server's judgement of answers.
 *
 *   k8s-verify-response  its own cases: our checker (verdict.h) judges as it does
 *   k8s-answers          all that the builder can emit, asked for anything, by that checker
 *   naughty-strings      strings known to break string handling: they come back unchanged
 */
#include <admwh/json.h>

#include "review/decode.h"
#include "review/patch.h"
#include "review/encode.h"
#include "review/response.h"
#include "tally.h"
#include "verdict.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

static void count(struct tally *tally, const char *name, const char *reason)
{
	tally->cases++;
	tally->passed += !reason;
	tally->failed += reason != NULL;
	if (reason)
		printf("deviation=%s reason=%s\n", name, reason);
}

static void judge_case(struct tally *tally, const json_t *record)
{
	const char *expected = json_string_value(json_object_get(record, "expect_error"));
	const json_t *review = json_object_get(record, "response_review");
	const json_t *response = json_object_get(review, "response");
	struct question question = {.uid = text_of(record, "request_uid"),
				    .api_version = "admission.k8s.io/v1",
				    .mutating = json_is_true(json_object_get(record, "mutating"))};
	const char *error = verdict(review, &question);
	const char *reason = NULL;

	if (!expected != !error || (expected && !strstr(expected, error)))
		reason = error ? error : "taken";
	if (!expected && json_is_true(json_object_get(response, "allowed")) !=
			     json_is_true(json_object_get(record, "expect_allowed")))
		reason = "allowed differs";
	if (strcmp(text_of(record, "expect_patch_b64"), text_of(response, "patch")) != 0 &&
	    !expected)
		reason = "the patch differs";
	count(tally, text_of(record, "name"), reason);
}

/* One answer, as a handler may ask for it. */
struct wish {
	enum admwh_review_version version;
	int decision;
	int patch;  /* 0: a validator; 1: a mutator's empty patch; 2: with operations */
	int extras; /* bits: reason, causes, warnings, annotations */
};

static const struct {
	const char *name;
	int code;
	bool fails, allows, denies, allows_last;
} decisions[] = {
    {.name = "nothing"},
    {.name = "allow", .allows = true},
    {.name = "fail", .fails = true},
    {.name = "deny -1", .denies = true, .code = -1},
    {.name = "deny 0", .denies = true, .code = 0},
    {.name = "deny 200", .denies = true, .code = 200},
    {.name = "deny 399", .denies = true, .code = 399},
    {.name = "deny 400", .denies = true, .code = 400},
    {.name = "deny 403", .denies = true, .code = 403},
    {.name = "deny 599", .denies = true, .code = 599},
    {.name = "deny 600", .denies = true, .code = 600},
    {.name = "deny 1200", .denies = true, .code = 1200},
    {.name = "allow, deny", .allows = true, .denies = true, .code = 403},
    {.name = "deny, allow", .denies = true, .allows_last = true, .code = 403},
    {.name = "fail, allow", .fails = true, .allows_last = true},
};

static void decode_request(struct awh_request *request)
{
	static const char body[] =
	    "{\"request\":{\"uid\":\"u-1\",\"kind\":{},\"resource\":{},\"operation\":\"CREATE\","
	    "\"userInfo\":{},\"object\":{\"a\":1}}}";
	struct awh_decode_options options = {.depth = 20, .bare_reviews = true};

	if (awh_request_decode(request, body, strlen(body), &options, NULL) < 0)
		exit(1);
}

static void add_extras(struct admwh_response *response, int extras)
{
	static const char *const warnings[] = {"",     "one",      "one",  "two\n", "\x1b[1m",
					       "\xff", "\xc2\x80", " \t ", "\"\\"};
	static const char *const keys[] = {"key", "key", "a/b", "", "-x", "x-", "k_1.b"};
	char long_warning[5000];

	memset(long_warning, 'w', sizeof(long_warning));
	long_warning[sizeof(long_warning) - 1] = '\0';
	if (extras & 1)
		admwh_response_set_reason(response, "Some\xff reason");
	if (extras & 2) {
		admwh_response_add_cause(response, "type", "message\n", "spec.a[0]");
		admwh_response_add_cause(response, NULL, NULL, NULL);
	}
	if (extras & 4) {
		for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++)
			admwh_response_add_warning(response, "%s", warnings[i]);
		admwh_response_add_warning(response, "%s", long_warning);
		admwh_response_add_warning(response, "one more");
	}
	if (extras & 8)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			admwh_response_add_audit_annotation(response, keys[i], "v\xff\n");
}

static json_t *encode(struct awh_request *request, const struct admwh_response *response,
		      const struct admwh_patch *patch)
{
	struct awh_buf buf;
	json_t *review;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_response_encode(
	    &buf, &(struct awh_reply_to){.version = request->pub.version, .uid = request->pub.uid},
	    response, patch);
	review = buf.err ? NULL : json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
	awh_buf_deinit(&buf);
	return review;
}

static void ask_for(struct tally *tally, const struct wish *wish)
{
	const bool may_allow =
	    decisions[wish->decision].allows_last
		? !decisions[wish->decision].fails
		: decisions[wish->decision].allows && !decisions[wish->decision].denies;
	struct question question = {.uid = "u-1",
				    .api_version = wish->version == ADMWH_REVIEW_V1
						       ? "admission.k8s.io/v1"
						       : "admission.k8s.io/v1beta1",
				    .mutating = wish->patch > 0};
	struct awh_request request;
	struct admwh_response response;
	struct admwh_patch patch;
	const char *reason;
	json_t *review;
	const json_t *answer;
	char name[64];

	decode_request(&request);
	request.pub.version = wish->version;
	awh_response_init(&response);
	awh_patch_init(&patch, &request);
	if (wish->patch == 2)
		admwh_patch_add_new(&patch, "/b", json_string("\xc3\xa9"));
	if (decisions[wish->decision].allows)
		admwh_response_allow(&response);
	if (decisions[wish->decision].denies)
		admwh_response_deny(&response, decisions[wish->decision].code, "no\xff\n%d", 1);
	if (decisions[wish->decision].fails)
		admwh_response_fail(&response, "cannot");
	if (decisions[wish->decision].allows_last)
		admwh_response_allow(&response);
	add_extras(&response, wish->extras);
	review = encode(&request, &response, wish->patch ? &patch : NULL);
	answer = json_object_get(review, "response");
	reason = review ? strict_verdict(review, &question) : "no JSON";
	if (!reason && json_is_true(json_object_get(answer, "allowed")) != may_allow)
		reason = "allowed differs";
	if (!reason &&
	    (json_object_get(answer, "patch") != NULL) != (may_allow && wish->patch == 2))
		reason = "the patch is not sent as it should be";
	snprintf(name, sizeof(name), "%s,patch%d,extras%d", decisions[wish->decision].name,
		 wish->patch, wish->extras);
	count(tally, name, reason);
	json_decref(review);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_request_deinit(&request);
}

/* Answers without a decision, for reviews that were not understood. */
static void fail_with(struct tally *tally, enum admwh_review_version version, int code)
{
	struct question question = {.uid = "u-1",
				    .api_version = version == ADMWH_REVIEW_V1
						       ? "admission.k8s.io/v1"
						       : "admission.k8s.io/v1beta1"};
	struct awh_buf buf;
	json_t *review;
	const char *reason;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_failure_encode(&buf, &(struct awh_reply_to){.version = version, .uid = "u-1"}, code,
			   "byte 1: \xff\n", NULL);
	review = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
	reason = review ? strict_verdict(review, &question) : "no JSON";
	if (!reason &&
	    json_is_true(json_object_get(json_object_get(review, "response"), "allowed")))
		reason = "allowed";
	count(tally, "failure", reason);
	json_decref(review);
	awh_buf_deinit(&buf);
}

static void ask_for_everything(struct tally *tally)
{
	static const enum admwh_review_version versions[] = {ADMWH_REVIEW_V1, ADMWH_REVIEW_V1BETA1};

	for (size_t i = 0; i < 2; i++) {
		for (int decision = 0; decision < (int)(sizeof(decisions) / sizeof(decisions[0]));
		     decision++)
			for (int patch = 0; patch < 3; patch++)
				for (int extras = 0; extras < 16; extras++)
					ask_for(tally, &(struct wish){versions[i], decision, patch,
								      extras});
		for (int code = -1; code < 700; code += 10)
			fail_with(tally, versions[i], code);
	}
}

/* The same string as name, user, label and label's key of a review that is decoded. */
static const char *arrive(const char *text)
{
	struct awh_decode_options options = {.depth = 20, .bare_reviews = true};
	json_t *review = json_pack("{s:{s:s,s:{},s:{},s:s,s:s,s:{s:s},s:{s:s}}}", "request", "uid",
				   "u-1", "kind", "resource", "operation", "CREATE", "name", text,
				   "userInfo", "username", text, "object", text, text);
	char *body = json_dumps(review, JSON_ENSURE_ASCII);
	struct awh_request request;
	const char *reason = NULL;

	if (awh_request_decode(&request, body, strlen(body), &options, NULL) < 0)
		reason = "the review is refused";
	else if (strcmp(request.pub.name, text) != 0 ||
		 strcmp(request.pub.user->username, text) != 0 ||
		 strcmp(text_of(admwh_request_object_json(&request.pub), text), text) != 0)
		reason = "a decoded string changes";
	awh_request_deinit(&request);
	free(body);
	json_decref(review);
	return reason;
}

/* The same string as message, reason, cause, audit value, patch value and patch path. */
static const char *survive(const char *text)
{
	struct awh_request request;
	struct admwh_response response;
	struct admwh_patch patch;
	const char *reason = NULL;
	char *pointer = admwh_json_pointer_join("", text);
	json_t *denied;
	json_t *allowed;
	json_t *operations;
	json_t *status;

	decode_request(&request);
	awh_response_init(&response);
	awh_patch_init(&patch, &request);
	admwh_response_deny(&response, 403, "%s", text);
	admwh_response_set_reason(&response, text);
	admwh_response_add_cause(&response, text, text, text);
	admwh_response_add_audit_annotation(&response, "k", text);
	admwh_response_add_warning(&response, "%s", text);
	denied = encode(&request, &response, NULL);
	if (!pointer || admwh_patch_add_new(&patch, pointer, json_string(text)) < 0)
		reason = "the patch is refused";
	admwh_response_allow(&response);
	allowed = encode(&request, &response, &patch);
	operations = patch_of(json_object_get(allowed, "response"));
	status = json_object_get(json_object_get(denied, "response"), "status");
	if (!reason && (!denied || !allowed || !operations))
		reason = "no JSON";
	if (!reason && strict_verdict(denied, &(struct question){"u-1", "admission.k8s.io/v1", 0}))
		reason = "the API server would not take it";
	if (!reason && (strcmp(text_of(status, "message"), text) != 0 ||
			(text[0] && strcmp(text_of(status, "reason"), text) != 0)))
		reason = "a message changes";
	if (!reason &&
	    strcmp(text_of(json_object_get(json_object_get(denied, "response"), "auditAnnotations"),
			   "k"),
		   text) != 0)
		reason = "an audit value changes";
	if (!reason && (strcmp(text_of(json_array_get(operations, 0), "value"), text) != 0 ||
			strcmp(text_of(json_array_get(operations, 0), "path"), pointer) != 0))
		reason = "a patch changes";
	json_decref(denied);
	json_decref(allowed);
	json_decref(operations);
	free(pointer);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_request_deinit(&request);
	return reason;
}

static int run_naughty_strings(struct tally *tally, const char *root)
{
	size_t len = 0;
	char *text = load(root, "naughty-strings/blns.json", &len);
	json_t *strings = text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;

	free(text);
	if (!strings)
		return not_found(tally->suite);
	for (size_t i = 0; i < json_array_size(strings); i++) {
		const char *string = json_string_value(json_array_get(strings, i));
		const char *reason = arrive(string);
		char name[32];

		snprintf(name, sizeof(name), "blns[%zu]", i);
		count(tally, name, reason ? reason : survive(string));
	}
	json_decref(strings);
	return report(tally);
}

int main(int argc, char **argv)
{
	struct tally cases = {.suite = "k8s-verify-response"};
	struct tally answers = {.suite = "k8s-answers"};
	struct tally naughty = {.suite = "naughty-strings"};
	const char *root = suites_folder(argc, argv);
	size_t len = 0;
	char *text = load(root, "k8s-admission/verify_response.json", &len);
	json_t *records = text ? json_loadb(text, len, 0, NULL) : NULL;
	int err;

	free(text);
	ask_for_everything(&answers);
	err = report(&answers);
	if (!records)
		return err ? err : not_found(cases.suite);
	for (size_t i = 0; i < json_array_size(records); i++)
		judge_case(&cases, json_array_get(records, i));
	json_decref(records);
	err |= report(&cases);
	err |= run_naughty_strings(&naughty, root) == 1;
	return err;
}
