/* SPDX-License-Identifier: MIT */
/* Routes and their handlers. See serve.h. */
#include "serve.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/defer.h>

#include "evaluate.h"
#include "pod.h"
#include "reply.h"

/* What a route is registered with. */
struct kw_endpoint {
	const struct kw_service *service;
	const struct kw_policy *policy;
	enum kw_origin origin;
	bool raw;
};

/* One review under evaluation. */
struct job {
	const struct kw_endpoint *endpoint;
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
static struct kw_review make_review(const struct kw_endpoint *endpoint,
				    const struct admwh_request *request)
{
	struct kw_review review = {.group = request->kind->group,
				   .version = request->kind->version,
				   .kind = request->kind->kind,
				   .object = admwh_request_object(request),
				   .old = admwh_request_old_object(request)};

	if (endpoint->raw) {
		review.raw = review.object;
		read_raw(&review);
	}
	build_trees(&review, endpoint->policy, request);
	return review;
}

static void log_monitored(const struct kw_endpoint *endpoint, const struct admwh_request *request,
			  const struct kw_answer *answer)
{
	kw_log(endpoint->service->server, ADMWH_LOG_INFO, "policy.monitor", "policy_id",
	       endpoint->policy->id, "uid", request->uid, "allowed",
	       answer->said ? "true" : "false", "message", answer->message ? answer->message : "",
	       NULL);
}

/* Configuration has its say, then the answer goes into the response. */
static int finish(const struct kw_endpoint *endpoint, const struct admwh_request *request,
		  struct kw_answer *answer, struct admwh_response *response,
		  struct admwh_patch *patch)
{
	int status;

	kw_answer_finish(endpoint->policy, endpoint->origin, answer);
	if (answer->monitored)
		log_monitored(endpoint, request, answer);
	status = kw_reply(answer, response, patch);
	kw_answer_deinit(answer);
	return status;
}

static void complete(struct job *job, struct kw_answer *answer)
{
	int status =
	    finish(job->endpoint, admwh_deferral_request(job->deferral), answer,
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

/* Evaluate under the watch. The review is deferred, so that the watch can answer it meanwhile. */
static int evaluate_watched(const struct kw_endpoint *endpoint, const struct admwh_request *request,
			    struct admwh_response *response, int64_t timeout_ms)
{
	const struct kw_service *service = endpoint->service;
	struct kw_review review = make_review(endpoint, request);
	struct job job = {.endpoint = endpoint};
	struct kw_answer answer;

	job.deferral = admwh_response_defer(response);
	if (!job.deferral)
		return ADMWH_E_HANDLER;
	job.run.until_ms = kw_now_ms() + timeout_ms;
	job.run.expired = answer_late;
	job.run.userdata = &job;
	review.stop = &job.run.stop;
	kw_watch_add(service->watch, &job.run);
	kw_evaluate(endpoint->policy, &review, service->timeout_s, &answer);
	if (kw_watch_remove(service->watch, &job.run))
		complete(&job, &answer);
	else
		kw_answer_deinit(&answer);
	admwh_deferral_free(job.deferral);
	return 0;
}

static int handle(const struct kw_endpoint *endpoint, const struct admwh_request *request,
		  struct admwh_response *response, struct admwh_patch *patch)
{
	const struct kw_service *service = endpoint->service;
	int64_t timeout_ms = kw_policy_timeout_ms(endpoint->policy, service->timeout_s);
	struct kw_review review;
	struct kw_answer answer;

	if (service->always_accepted && request->ns &&
	    strcmp(service->always_accepted, request->ns) == 0)
		return admwh_response_allow(response);
	if (timeout_ms > 0 && !endpoint->policy->failed)
		return evaluate_watched(endpoint, request, response, timeout_ms);
	review = make_review(endpoint, request);
	kw_evaluate(endpoint->policy, &review, service->timeout_s, &answer);
	return finish(endpoint, request, &answer, response, patch);
}

static int validate(const struct admwh_request *request, struct admwh_response *response,
		    void *userdata)
{
	return handle(userdata, request, response, NULL);
}

static int mutate(const struct admwh_request *request, struct admwh_response *response,
		  struct admwh_patch *patch, void *userdata)
{
	return handle(userdata, request, response, patch);
}

/* A route that cannot change an object is a validator: the library then never lets a patch out. */
static int add_route(struct admwh_server *server, const char *prefix, struct kw_endpoint *endpoint)
{
	const struct kw_policy *policy = endpoint->policy;
	bool mutates = policy->allowed_to_mutate || endpoint->origin == KW_AUDIT;
	struct text path = {0};
	struct admwh_route *route = NULL;

	text_add(&path, "%s%s", prefix, policy->id);
	if (!path.failed)
		route =
		    mutates
			? admwh_server_add_mutator(server, text_get(&path), mutate, endpoint)
			: admwh_server_add_validator(server, text_get(&path), validate, endpoint);
	text_deinit(&path);
	return !route || admwh_route_set_dialect(route, ADMWH_DIALECT_KUBEWARDEN) ||
		       admwh_route_set_raw(route, endpoint->raw) ||
		       admwh_route_set_nul_in_trees(route, true) /* see kw_text() */
		   ? -1
		   : 0;
}

int kw_serve(struct kw_service *service, struct admwh_server *server)
{
	static const struct {
		const char *prefix;
		enum kw_origin origin;
		bool raw;
	} kinds[] = {{"/validate/", KW_VALIDATE, false},
		     {"/audit/", KW_AUDIT, false},
		     {"/validate_raw/", KW_VALIDATE, true}};
	struct kw_endpoint *endpoint;

	service->server = server;
	service->endpoints = calloc(3 * service->policies->n + 1, sizeof(*service->endpoints));
	if (!service->endpoints)
		return -1;
	endpoint = service->endpoints;
	for (size_t i = 0; i < service->policies->n; i++) {
		for (size_t j = 0; j < 3; j++, endpoint++) {
			*endpoint = (struct kw_endpoint){service, &service->policies->policies[i],
							 kinds[j].origin, kinds[j].raw};
			if (add_route(server, kinds[j].prefix, endpoint))
				return -1;
		}
	}
	return 0;
}

void kw_service_deinit(struct kw_service *service)
{
	free(service->endpoints);
}
