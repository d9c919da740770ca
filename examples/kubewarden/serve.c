/* SPDX-License-Identifier: MIT */
/* Routes and their handlers. See serve.h. */
#include "serve.h"

#include <string.h>

#include <admwh/defer.h>

#include "log.h"
#include "pod.h"
#include "reply.h"

/* One review under evaluation. */
struct job {
	const struct kw_endpoint *endpoint;
	const struct kw_policy *policy; /* of the version that the review began with */
	struct kw_run run;
	struct admwh_deferral *deferral;
};

static const char *text_of(struct admwh_value object, const char *name)
{
	const char *text = kw_value_text(admwh_value_get(object, name));

	return text ? text : "";
}

/* A raw request may well look like an AdmissionRequest. */
static void read_raw(struct kw_review *review)
{
	struct admwh_value request = review->raw, kind;

	if (admwh_value_kind(request) != ADMWH_OBJECT)
		request = (struct admwh_value){0};
	kw_get_object(request, "kind", &kind);
	review->group = text_of(kind, "group");
	review->version = text_of(kind, "version");
	review->kind = text_of(kind, "kind");
	review->object = admwh_value_get(request, "object");
	review->old = admwh_value_get(request, "oldObject");
}

/* Trees are built only for policies that want them, and before the review is deferred. */
static void build_trees(struct kw_review *review, const struct kw_policy *policy,
			const struct admwh_request *request)
{
	json_t *tree;
	bool wanted = false;

	for (size_t i = 0; i < policy->n_members; i++)
		wanted =
		    wanted || (policy->members[i].type && !policy->members[i].type->reads_values);
	if (!wanted)
		return;
	tree = admwh_request_object_json(request);
	if (admwh_value_is_absent(review->raw)) {
		review->object_json = tree;
	} else {
		review->raw_json = tree;
		review->object_json = json_object_get(tree, "object");
	}
}

/* What the policy is asked. */
static struct kw_review make_review(const struct job *job, const struct admwh_request *request)
{
	struct kw_review review = {.group = request->kind->group,
				   .version = request->kind->version,
				   .kind = request->kind->kind,
				   .object = admwh_request_object(request),
				   .old = admwh_request_old_object(request)};

	if (job->endpoint->raw) {
		review.raw = review.object;
		read_raw(&review);
	}
	build_trees(&review, job->policy, request);
	return review;
}

/* The library logs the route, which all policies share. */
static void log_answer(const struct job *job, const struct admwh_request *request,
		       const struct kw_answer *answer)
{
	const struct admwh_server *server = job->endpoint->service->store.server;

	if (answer->monitored)
		kw_log(server, ADMWH_LOG_INFO, "policy.monitor", "policy_id", job->policy->id,
		       "uid", request->uid, "allowed", answer->said ? "true" : "false", "message",
		       answer->message ? answer->message : "", NULL);
	else if (!answer->allowed)
		kw_log(server, ADMWH_LOG_INFO, "policy.denied", "policy_id", job->policy->id, "uid",
		       request->uid, NULL);
}

/* The audit scanner sees what the policy would change, the API server what it may. */
static bool may_patch(const struct job *job)
{
	return job->policy->allowed_to_mutate || job->endpoint->origin == KW_AUDIT;
}

/* Configuration has its say, then the answer goes into the response. */
static int finish(const struct job *job, const struct admwh_request *request,
		  struct kw_answer *answer, struct admwh_response *response,
		  struct admwh_patch *patch)
{
	int status;

	kw_answer_finish(job->policy, job->endpoint->origin, answer);
	log_answer(job, request, answer);
	status = kw_reply(answer, response, may_patch(job) ? patch : NULL);
	kw_answer_deinit(answer);
	return status;
}

static void complete(struct job *job, struct kw_answer *answer)
{
	int status =
	    finish(job, admwh_deferral_request(job->deferral), answer,
		   admwh_deferral_response(job->deferral), admwh_deferral_patch(job->deferral));

	/* The API server's patience may have ended first; the library has answered then. */
	admwh_deferral_complete(job->deferral, status);
}

/* The watch came first. */
static void answer_late(struct kw_run *run)
{
	struct kw_answer answer = {0};

	kw_answer_timeout(&answer);
	complete(run->userdata, &answer);
}

/*
 * Evaluate under the watch. The review is deferred, so that the watch can answer it meanwhile; the
 * deferral also keeps the policy, in whatever version of the file it is.
 */
static int evaluate_watched(struct job *job, const struct admwh_request *request,
			    struct admwh_response *response, int64_t timeout_ms)
{
	const struct kw_service *service = job->endpoint->service;
	struct kw_review review = make_review(job, request);
	struct kw_answer answer;

	job->deferral = admwh_response_defer(response);
	if (!job->deferral)
		return ADMWH_E_HANDLER;
	job->run.until_ms = kw_now_ms() + timeout_ms;
	job->run.expired = answer_late;
	job->run.userdata = job;
	review.stop = &job->run.stop;
	kw_watch_add(service->watch, &job->run);
	kw_evaluate(job->policy, &review, service->store.timeout_s, &answer);
	if (kw_watch_remove(service->watch, &job->run))
		complete(job, &answer);
	else
		kw_answer_deinit(&answer);
	admwh_deferral_free(job->deferral);
	return 0;
}

static int evaluate(struct job *job, const struct admwh_request *request,
		    struct admwh_response *response, struct admwh_patch *patch)
{
	const struct kw_service *service = job->endpoint->service;
	int64_t timeout_ms = kw_policy_timeout_ms(job->policy, service->store.timeout_s);
	struct kw_review review;
	struct kw_answer answer;

	if (service->always_accepted && request->ns &&
	    strcmp(service->always_accepted, request->ns) == 0)
		return admwh_response_allow(response);
	if (timeout_ms > 0 && !job->policy->failed)
		return evaluate_watched(job, request, response, timeout_ms);
	review = make_review(job, request);
	kw_evaluate(job->policy, &review, service->store.timeout_s, &answer);
	return finish(job, request, &answer, response, patch);
}

static int handle(const struct admwh_request *request, struct admwh_response *response,
		  struct admwh_patch *patch, void *userdata)
{
	const struct kw_endpoint *endpoint = userdata;
	const struct kw_policies *policies = kw_store_policies(&endpoint->service->store, request);
	const char *id = admwh_request_path_segment(request, "policy");
	struct job job = {.endpoint = endpoint};

	if (!policies)
		return admwh_response_fail(response, "no policies could be read yet");
	job.policy = id ? kw_policies_find(policies, id) : NULL;
	if (!job.policy)
		return admwh_response_not_found(response, "unknown policy: %s", id ? id : "");
	return evaluate(&job, request, response, patch);
}

static int add_route(struct admwh_server *server, const char *path, struct kw_endpoint *endpoint)
{
	struct admwh_route *route = admwh_server_add_mutator(server, path, handle, endpoint);

	return !route || admwh_route_set_dialect(route, ADMWH_DIALECT_KUBEWARDEN) ||
		       admwh_route_set_raw(route, endpoint->raw) ||
		       admwh_route_set_nul_in_trees(route, true) /* see kw_text() */
		   ? -1
		   : 0;
}

int kw_serve(struct kw_service *service, struct admwh_server *server)
{
	static const struct {
		const char *path;
		enum kw_origin origin;
		bool raw;
	} routes[KW_ENDPOINTS] = {{"/validate/{policy}", KW_VALIDATE, false},
				  {"/audit/{policy}", KW_AUDIT, false},
				  {"/validate_raw/{policy}", KW_VALIDATE, true}};

	kw_store_attach(&service->store, server);
	for (size_t i = 0; i < KW_ENDPOINTS; i++) {
		struct kw_endpoint *endpoint = &service->endpoints[i];

		*endpoint = (struct kw_endpoint){service, routes[i].origin, routes[i].raw};
		if (add_route(server, routes[i].path, endpoint))
			return -1;
	}
	return 0;
}
