/* SPDX-License-Identifier: MIT */
/*
 * One review without a socket: reads an AdmissionReview from a file, runs a
 * policy on it and prints the answer. A policy's unit tests look like this.
 *
 * review-file REVIEW.json
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/file.h"

enum { FILE_MAX = 64 << 20 };

static void check_list(struct admwh_value containers, struct admwh_response *resp)
{
	admwh_value_foreach_element(container, containers) {
		struct admwh_value privileged =
		    ADMWH_GET(container, "securityContext", "privileged");

		if (admwh_value_is_true(privileged))
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, privileged,
						 "no container may be privileged");
	}
}

/* The policy: privileged containers are denied, and the denial names all of them. */
static int check_pod(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_value pod = admwh_request_object(req);
	struct admwh_value spec = admwh_value_get(pod, "spec");

	(void)userdata;
	if (!admwh_value_is_set(pod))
		return admwh_response_fail(resp, "there is no Pod");
	check_list(admwh_value_get(spec, "containers"), resp);
	check_list(admwh_value_get(spec, "initContainers"), resp);
	check_list(admwh_value_get(spec, "ephemeralContainers"), resp);
	return admwh_response_decide(resp);
}

/* Run the policy and print the answer. The exit status: 0 for every decision. */
static int run(const char *review, size_t len)
{
	struct admwh_answer *answer;
	int status;

	answer = admwh_review_validate(review, len, check_pod, NULL);
	if (!answer)
		return fprintf(stderr, "review-file: out of memory\n"), 2;
	printf("%s\n", admwh_answer_body(answer, NULL));
	status = admwh_answer_status(answer);
	admwh_answer_free(answer);
	return status == 200 ? 0 : 1;
}

static int run_file(const char *name)
{
	size_t len = 0;
	char *review = file_read(name, FILE_MAX, &len);
	int status;

	if (!review)
		return fprintf(stderr, "review-file: %s: %s\n", name, strerror(errno)), 2;
	status = run(review, len);
	free(review);
	return status;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "Usage: review-file REVIEW.json\n"), 2;
	return run_file(argv[1]);
}
