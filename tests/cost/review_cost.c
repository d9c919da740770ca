/* SPDX-License-Identifier: MIT */
/*
 * Reviews to be counted under callgrind: each policy, and a mutator that adds a label, by each set
 * of vector instructions that this CPU has, REVIEWS times, and a dump of the counters behind each,
 * named "POLICY SET". As on a shard, a review takes the memory of the one before.
 *
 * review_cost BODY-FILE
 */
#include <stdio.h>
#include <stdlib.h>

#include <valgrind/callgrind.h>

#include "dispatch/review.h"

#include "policies.h"

enum { WARM = 3, REVIEWS = 20, MAX_BODY = 1024 * 1024, DEPTH = 200, VALUES = 250000 };

static const struct {
	enum awh_index_blocks blocks;
	const char *name;
} sets[] = {
    {AWH_INDEX_PORTABLE, "portable"},
    {AWH_INDEX_SSE2, "sse2"},
    {AWH_INDEX_AVX2, "avx2"},
    {AWH_INDEX_NEON, "neon"},
};

static struct awh_spares *spares;

static int add_label(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	if (admwh_patch_add_parents_string(patch, "/metadata/labels/example.com~1seen", "true") < 0)
		return -1;
	return admwh_response_allow(resp);
}

static void review(const struct admwh_route *route, enum awh_index_blocks blocks, const char *body,
		   size_t len)
{
	struct awh_review *review = awh_review_reuse(spares, route, MAX_BODY, DEPTH, VALUES);

	review->decode.blocks = blocks;
	awh_buf_put(&review->body, body, len);
	if (!awh_review_run(review) || review->outcome != AWH_OUTCOME_ALLOWED)
		abort();
	awh_review_unref(review);
}

static void count(const struct admwh_route *route, const char *policy, size_t set, const char *body,
		  size_t len)
{
	char name[64];

	for (int i = 0; i < WARM; i++)
		review(route, sets[set].blocks, body, len);
	CALLGRIND_ZERO_STATS;
	for (int i = 0; i < REVIEWS; i++)
		review(route, sets[set].blocks, body, len);
	snprintf(name, sizeof(name), "%s %s", policy, sets[set].name);
	CALLGRIND_DUMP_STATS_AT(name);
}

static void count_all(size_t set, const char *body, size_t len)
{
	const struct admwh_route label = {.kind = AWH_ROUTE_MUTATE, .mutate = add_label};

	for (size_t i = 0; i < N_POLICIES; i++) {
		const struct admwh_route route = {.kind = AWH_ROUTE_VALIDATE,
						  .validate = policies[i].validate};

		count(&route, policies[i].name, set, body, len);
	}
	count(&label, "label", set, body, len);
}

int main(int argc, char **argv)
{
	static char body[MAX_BODY];
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t len = file ? fread(body, 1, sizeof(body), file) : 0;

	if (len == 0)
		return fprintf(stderr, "review_cost BODY-FILE\n"), 2;
	fclose(file);
	spares = awh_review_spares_new();
	for (size_t set = 0; set < sizeof(sets) / sizeof(sets[0]); set++)
		if (awh_index_has(sets[set].blocks))
			count_all(set, body, len);
	awh_spares_unref(spares);
	return 0;
}
