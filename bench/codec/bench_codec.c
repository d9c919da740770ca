/* SPDX-License-Identifier: MIT */
/*
 * What is done with the bytes of a review, without a socket: decode, dispatch,
 * encode, by each policy of tests/cost; the index alone; jansson's own reader.
 *
 *     bench-codec BODY-FILE
 *
 * Prints nanoseconds of CPU time each, the median of batches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dispatch/review.h"

#include "../../tests/cost/policies.h"

enum { MAX_BODY = 32 * 1024 * 1024, DEPTH = 200, VALUES = 250000, BATCHES = 15 };
static const long batch_ns = 20 * 1000 * 1000;

struct body {
	char *text;
	size_t len;
	struct awh_index index;
};

typedef void work_fn(struct body *body, size_t policy);

static struct awh_spares *spares; /* as a shard has them */

static void review(struct body *body, size_t policy)
{
	const struct admwh_route route = {.kind = AWH_ROUTE_VALIDATE,
					  .validate = policies[policy].validate};
	struct awh_review *review = awh_review_reuse(spares, &route, MAX_BODY, DEPTH, VALUES);

	awh_buf_put(&review->body, body->text, body->len);
	if (!awh_review_run(review) || review->outcome != AWH_OUTCOME_ALLOWED)
		abort();
	awh_review_unref(review);
}

static void index_text(struct body *body, size_t policy)
{
	const struct awh_index_options options = {.depth = DEPTH};

	(void)policy;
	if (awh_index_read(&body->index, body->text, body->len, &options, NULL) < 0)
		abort();
}

static void jansson(struct body *body, size_t policy)
{
	json_t *value = json_loadb(body->text, body->len, JSON_ALLOW_NUL, NULL);

	(void)policy;
	if (!value)
		abort();
	json_decref(value);
}

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, work_fn *work, struct body *body, size_t policy)
{
	long times[BATCHES];
	long start = now_ns(), count = 0;

	while (now_ns() - start < batch_ns) {
		work(body, policy);
		count++;
	}
	for (int i = 0; i < BATCHES; i++) {
		start = now_ns();
		for (long n = 0; n < count; n++)
			work(body, policy);
		times[i] = (now_ns() - start) / count;
	}
	qsort(times, BATCHES, sizeof(times[0]), by_value);
	printf("%s %ld\n", name, times[BATCHES / 2]);
}

int main(int argc, char **argv)
{
	struct body body = {.text = malloc(MAX_BODY)};
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

	if (!file || !body.text)
		return fprintf(stderr, "bench-codec BODY-FILE\n"), 2;
	body.len = fread(body.text, 1, MAX_BODY, file);
	fclose(file);
	spares = awh_review_spares_new();
	for (size_t policy = 0; policy < N_POLICIES; policy++)
		measure(policies[policy].name, review, &body, policy);
	measure("index", index_text, &body, 0);
	measure("jansson", jansson, &body, 0);
	awh_spares_unref(spares);
	awh_index_deinit(&body.index);
	free(body.text);
	return 0;
}
