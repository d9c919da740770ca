/* SPDX-License-Identifier: MIT */
#include "review.h"

#include <stdio.h>
#include <stdlib.h>

#include "images.h"
#include "policies.h"
#include "workloads.h"

/* What the images of one review come to. */
struct findings {
	const struct policy *policy;
	const struct scan_results *results;
	json_t *seen; /* {"docker.io/library/nginx:latest": true}: each is judged once */
	FILE *rejected, *unknown;
	char *rejected_text, *unknown_text;
	size_t rejected_len, unknown_len;
	const char *unreadable; /* a text that is no image reference */
};

enum { OUT_OF_MEMORY = -2, UNREADABLE = -3 };

/* One image, in full. */
static int judge_full(struct findings *findings, const char *image)
{
	const struct scan *scan;

	if (json_object_get(findings->seen, image))
		return 0;
	if (json_object_set_new(findings->seen, image, json_true()))
		return OUT_OF_MEMORY;
	scan = scan_results_find(findings->results, image);
	if (!scan)
		fprintf(findings->unknown, "%s%s", ftell(findings->unknown) ? ", " : "", image);
	else if (!policy_permits(findings->policy, scan))
		fprintf(findings->rejected, "%s(Rejected by policy %s: '%s')",
			ftell(findings->rejected) ? ", " : "", findings->policy->id,
			findings->policy->name);
	return 0;
}

/* One image of a container. */
static int judge_image(const char *reference, void *userdata)
{
	struct findings *findings = userdata;
	char *image;
	int err;

	if (!image_normalize(reference, &image)) {
		findings->unreadable = reference;
		return UNREADABLE;
	}
	err = image ? judge_full(findings, image) : OUT_OF_MEMORY;
	free(image);
	return err;
}

static int open_findings(struct findings *findings)
{
	findings->seen = json_object();
	findings->rejected = open_memstream(&findings->rejected_text, &findings->rejected_len);
	findings->unknown = open_memstream(&findings->unknown_text, &findings->unknown_len);
	return findings->seen && findings->rejected && findings->unknown ? 0 : OUT_OF_MEMORY;
}

/* What was written has its text only now. False when not all of it could be. */
static bool finish(FILE **stream)
{
	bool whole = *stream && !ferror(*stream);

	if (*stream && fclose(*stream))
		whole = false;
	*stream = NULL;
	return whole;
}

static void close_findings(struct findings *findings)
{
	finish(&findings->rejected);
	finish(&findings->unknown);
	free(findings->rejected_text);
	free(findings->unknown_text);
	json_decref(findings->seen);
}

/* Code 0: the words alone, as Runecast answers. */
static int decide(const struct review *review, const struct findings *findings,
		  struct admwh_response *resp)
{
	bool unknown = findings->unknown_len > 0;

	if (unknown && review->allow_unknown)
		admwh_response_add_warning(resp, "not scanned: %s", findings->unknown_text);
	if (findings->rejected_len > 0)
		return admwh_response_deny(
		    resp, 0, "Image scan in Runecast Analyzer found policy violations: %s.%s%s%s",
		    findings->rejected_text, unknown ? " Not scanned: " : "",
		    unknown ? findings->unknown_text : "", unknown ? "." : "");
	if (unknown && !review->allow_unknown)
		return admwh_response_deny(
		    resp, 0, "Image scan in Runecast Analyzer has no results for: %s.",
		    findings->unknown_text);
	return admwh_response_allow(resp);
}

static int judge(const struct admwh_request *req, struct admwh_response *resp,
		 const struct review *review, struct findings *findings)
{
	struct workload_problem problem = {""};
	int ended = open_findings(findings);

	if (ended == 0)
		ended = workload_each_image(req, judge_image, findings, &problem);
	if (ended == UNREADABLE)
		return admwh_response_deny(
		    resp, 0, "Image scan in Runecast Analyzer cannot read the image \"%.300s\".",
		    findings->unreadable);
	if (ended == -1)
		return admwh_response_deny(
		    resp, 0,
		    "Image scan in Runecast Analyzer cannot find the images of this %s: %s.",
		    req->kind->kind, problem.text);
	if (!finish(&findings->rejected) || !finish(&findings->unknown) || ended)
		return admwh_response_fail(resp, "out of memory");
	return decide(review, findings, resp);
}

static int judge_by_policy(const struct admwh_request *req, struct admwh_response *resp,
			   const struct review *review)
{
	const char *id = review->policy ? review->policy : admwh_request_path_segment(req, "id");
	struct findings findings = {.results = admwh_request_file(req, review->scan_results)};
	const struct policies *policies = admwh_request_file(req, review->policies);
	int decided;

	if (!findings.results || !policies)
		return admwh_response_fail(resp, "the files cannot be used yet");
	findings.policy = id ? policies_find(policies, id) : NULL;
	if (!findings.policy)
		return admwh_response_not_found(resp, "unknown policy: %.100s", id ? id : "");
	decided = judge(req, resp, review, &findings);
	close_findings(&findings);
	return decided;
}

/*
 * A finalizer comes off, for instance that of every Job's Pod. What was found in the image since
 * must not keep an object for ever that will run nothing any more.
 */
static bool only_ends(const struct admwh_request *req)
{
	struct admwh_value object = admwh_request_object(req);
	struct admwh_value old = admwh_request_old_object(req);

	return req->operation == ADMWH_UPDATE && workload_has_ended(req->kind->kind, old) &&
	       admwh_value_equal(admwh_value_get(object, "spec"), admwh_value_get(old, "spec"));
}

int review_images(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct review *review = userdata;

	/* Nothing comes to run that was not reviewed when it came in. */
	if (req->operation == ADMWH_DELETE || req->operation == ADMWH_CONNECT)
		return admwh_response_allow(resp);
	if (req->operation != ADMWH_CREATE && req->operation != ADMWH_UPDATE)
		return admwh_response_fail(resp, "operation %s is not known", req->operation_name);
	if (only_ends(req))
		return admwh_response_allow(resp);
	return judge_by_policy(req, resp, review);
}
