/* SPDX-License-Identifier: MIT */
#include "dispatch/review.h"

#include <string.h>

#include "base/clock.h"
#include "dispatch/convert.h"
#include "dispatch/decide.h"
#include "dispatch/files.h"
#include "dispatch/hooks.h"
#include "dispatch/path.h"
#include "review/decode.h"

/* Of a kind that the route added. A deferral may outlive the route. 0 or ADMWH_E_NOMEM. */
static int keep_pod(const struct admwh_route *route, struct awh_request *request)
{
	const char *pod = awh_workloads_find(&route->workloads, request->pub.kind);

	if (pod)
		request->pod = awh_arena_strndup(&request->arena, pod, strlen(pod));
	return request->pod || !pod ? 0 : ADMWH_E_NOMEM;
}

static int put_segment(struct awh_request *request, const char *name, size_t name_len,
		       const char *segment)
{
	request->segment_name = awh_arena_strndup(&request->arena, name, name_len);
	request->segment = awh_arena_strndup(&request->arena, segment, strlen(segment));
	return request->segment_name && request->segment ? 0 : ADMWH_E_NOMEM;
}

/*
 * The segment that the pattern of its route stands for: that of a test's call, or the last one of
 * the path, of which the route was found. A target may be a whole URI (RFC 9112 3.2.2). 0 or
 * ADMWH_E_NOMEM.
 */
static int keep_segment(const struct awh_review *review, struct awh_request *request)
{
	const struct admwh_route *route = review->route;
	const char *target = review->http.target, *slash, *name;
	char segment[AWH_SEGMENT_MAX + 1];
	size_t len = target ? strcspn(target, "?") : 0;

	if (review->segment)
		return put_segment(request, review->segment_name, strlen(review->segment_name),
				   review->segment);
	slash = route->segment && len > 0 ? memrchr(target, '/', len) : NULL;
	if (!slash || !awh_path_segment(segment, slash + 1, len - (size_t)(slash + 1 - target)))
		return 0;
	name = route->path + route->segment + 1;
	return put_segment(request, name, strlen(name) - 1, segment);
}

/*
 * Is it about a resource that its token covers? Where the API server has converted the object
 * (matchPolicy Equivalent), the resource that was asked for counts, too. Groups of kinds are not
 * compared: that of a subresource differs from its resource's, as in autoscaling/v1 Scale.
 */
static bool is_covered(const struct awh_review *review)
{
	const struct admwh_webhook_token *token = review->bearer ? review->bearer->webhook : NULL;
	const struct admwh_request *request = &review->request.pub;

	if (!token || strcmp(token->api_group, "*") == 0)
		return true;
	return request->resource && awh_webhook_token_covers(token, request->resource->group) &&
	       (!request->request_resource ||
		awh_webhook_token_covers(token, request->request_resource->group));
}

static int check_api_group(struct awh_review *review)
{
	struct awh_reply_to to;

	review->is_of_other_group = !is_covered(review);
	if (!review->is_of_other_group || review->observes)
		return 0;
	review->outcome = AWH_OUTCOME_REFUSED;
	review->status = review->code = 403;
	to = awh_review_reply_to(review);
	to.is_error = true;
	awh_failure_encode(&review->answer, &to, review->code, admwh_strerror(ADMWH_E_REFUSED),
			   NULL);
	return ADMWH_E_REFUSED;
}

/* decode: bytes -> struct admwh_request */
static int decode(struct awh_review *review)
{
	struct awh_request *request = &review->request;
	struct awh_reply_to to = awh_review_reply_to(review);
	int err = awh_request_decode(request, review->body.data ? review->body.data : "",
				     review->body.len, &review->decode, &review->error);

	if (err == 0)
		err = keep_pod(review->route, request);
	if (err == 0)
		err = keep_segment(review, request);
	if (err == 0)
		err = awh_files_pin(review->route->files, request);
	if (err == 0) {
		request->deadline_us = review->deadline_us;
		request->clock = review->clock;
		request->pub.peer = review->peer ? &review->peer->facts : NULL;
		request->pub.bearer = review->bearer;
		request->pub.http = review->http.target ? &review->http : NULL;
		atomic_store_explicit(&review->decoded, true, memory_order_release);
		return check_api_group(review);
	}
	if (err == ADMWH_E_LIMIT) {
		review->outcome = AWH_OUTCOME_SHED;
		return err;
	}
	review->outcome = err == ADMWH_E_NOMEM ? AWH_OUTCOME_ERROR : AWH_OUTCOME_MALFORMED;
	review->status = err == ADMWH_E_SYNTAX ? 400 : err == ADMWH_E_REVIEW ? 422 : 500;
	review->code = review->status;
	to.version = request->pub.version;
	to.uid = review->route->raw ? NULL : request->pub.uid;
	to.is_error = true;
	awh_failure_encode(&review->answer, &to, review->code, review->error.text, NULL);
	return err;
}

static int call_handler(struct awh_review *review, struct admwh_response *response,
			struct admwh_patch *patch)
{
	const struct admwh_route *route = review->route;
	const struct admwh_request *request = &review->request.pub;
	int returned;

	response->review = review;
	response->patch = patch;
	if (route->kind == AWH_ROUTE_MUTATE)
		returned = route->mutate(request, response, patch, route->userdata);
	else
		returned = route->validate(request, response, route->userdata);
	response->review = NULL;
	return returned;
}

static int answer_unmatched(const struct awh_review *review, struct admwh_response *response)
{
	const struct admwh_request *request = &review->request.pub;
	const char *group = request->kind->group;

	if (review->route->unmatched == ADMWH_UNMATCHED_ALLOW)
		return admwh_response_allow(response);
	return admwh_response_fail(response, "no handler for %s of %s%s%s at this path",
				   request->operation_name, group, group[0] ? "/" : "",
				   request->kind->kind);
}

/*
 * dispatch: call the handler and the hooks around it. False: the handler has deferred the review,
 * which may be answered and given up by now; the reference keeps what the handler reads until here.
 */
static bool dispatch(struct awh_review *review)
{
	const struct admwh_route *route = review->route;
	const struct admwh_request *request = &review->request.pub;
	struct admwh_response response;
	struct admwh_patch patch;
	bool deferred;
	int returned;

	awh_review_ref(review);
	atomic_fetch_add(&review->readers, 1);
	awh_response_init(&response);
	awh_patch_init(&patch, &review->request);
	patch.options = awh_route_patching(route);
	returned = awh_hooks_run_before(route->hooks, request, &response, &review->n_entered);
	if (returned == 0)
		returned = awh_route_matches(route, request)
			       ? call_handler(review, &response, &patch)
			       : answer_unmatched(review, &response);
	deferred = review->deferral != NULL;
	if (!deferred)
		awh_review_decide(review, returned, &response, &patch);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_review_release(review);
	awh_review_unref(review);
	return !deferred;
}

void awh_review_group_error(const struct awh_review *review, struct awh_error *error)
{
	const struct admwh_gvr *resource = review->request.pub.resource;

	awh_fail(error, ADMWH_E_REFUSED,
		 "route %s: the webhook token of \"%.200s\" is for API group \"%.100s\", and the "
		 "review is of %.64s in group \"%.64s\"",
		 review->route->path, review->bearer->name, review->bearer->webhook->api_group,
		 resource ? resource->resource : "no resource", resource ? resource->group : "");
}

bool awh_review_decode(struct awh_review *review)
{
	return atomic_load_explicit(&review->decoded, memory_order_relaxed) || decode(review) == 0;
}

bool awh_review_run(struct awh_review *review)
{
	bool decided = true;

	atomic_store(&review->begun, true);
	if (awh_review_is_late(review)) {
		atomic_store(&review->starved, review->queued_us != 0);
		awh_review_late_error(review, &review->error);
		awh_review_fail(review, NULL);
	} else if (awh_review_decode(review)) {
		if (review->route->kind == AWH_ROUTE_CONVERT)
			awh_review_convert(review);
		else
			decided = dispatch(review);
	}
	return decided;
}
