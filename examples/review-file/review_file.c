/* SPDX-License-Identifier: MIT */
/*
 * One review without a socket: reads an AdmissionReview from a file, runs a
 * policy on it and prints the answer. A policy's unit tests look like this.
 *
 * review-file REVIEW.json
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

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

static char *read_file(const char *name, size_t *len)
{
	FILE *file = fopen(name, "rb");
	char *text = NULL;
	long size;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
	    fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)size + 1)))
		*len = fread(text, 1, (size_t)size, file);
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct admwh_answer *answer;
	size_t len = 0;
	char *review = argc == 2 ? read_file(argv[1], &len) : NULL;
	int status;

	if (!review)
		return fprintf(stderr, "usage: review-file REVIEW.json\n"), 2;
	answer = admwh_review_validate(review, len, check_pod, NULL);
	free(review);
	if (!answer)
		return fprintf(stderr, "review-file: out of memory\n"), 2;
	printf("%s\n", admwh_answer_body(answer, NULL));
	status = admwh_answer_status(answer);
	admwh_answer_free(answer);
	return status == 200 ? 0 : 1;
}
