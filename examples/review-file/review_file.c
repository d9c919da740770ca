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
#include "common/program.h"

enum { FILE_MAX = 64 << 20 };

/* The policy: a privileged container is denied, and the denial says which one. */
static int check_pod(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	json_t *containers =
	    admwh_json_pointer_get(admwh_request_object_json(req), "/spec/containers");
	json_t *container;
	size_t i;

	(void)userdata;
	json_array_foreach(containers, i, container)
	{
		if (json_is_true(admwh_json_pointer_get(container, "/securityContext/privileged")))
			return admwh_response_deny(resp, 403, "container %zu is privileged", i);
	}
	return admwh_response_allow(resp);
}

/* Run the policy and print the answer. The exit status: 0 for every decision. */
static int run(const char *review, size_t len)
{
	struct admwh_route *route;
	struct admwh_answer *answer;
	int status;

	route = admwh_route_new_validator(check_pod, NULL);
	/* check_pod() reads no string that U+0000 could end early. */
	if (!route || admwh_route_set_nul_in_trees(route, true))
		return fprintf(stderr, "review-file: out of memory\n"), 2;
	answer = admwh_route_review(route, review, len);
	if (!answer)
		return fprintf(stderr, "review-file: out of memory\n"), 2;
	printf("%s\n", admwh_answer_body(answer, NULL));
	status = admwh_answer_status(answer);
	admwh_answer_free(answer);
	admwh_route_free(route);
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
	struct program program = {
	    .name = "review-file",
	    .version = admwh_version(),
	    .about = "Run a policy on an AdmissionReview and print the answer.\n",
	    .operands = "REVIEW.json",
	    .least_operands = 1,
	    .most_operands = 1,
	};
	struct text text = {0};
	enum program_outcome outcome = program_read(&program, argc, argv, &text);
	int status = outcome == PROGRAM_READ ? run_file(program.argv[0])
					     : program_tell(&program, outcome, &text);

	text_deinit(&text);
	return status;
}
