/* SPDX-License-Identifier: MIT */
/* What one caller may have of what all share, at each limit and one past it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conn/share.h"
#include "../wrapped_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MEBIBYTE = 1024 * 1024 };

static bool has_no_memory;

static bool alloc_fails(void)
{
	return has_no_memory;
}

static struct admwh_config *config;
static struct awh_events events;
static struct awh_shared shared;
static const struct admwh_route validating = {.kind = AWH_ROUTE_VALIDATE};

static int set_up(void **state)
{
	(void)state;
	config = admwh_config_new();
	shared =
	    (struct awh_shared){.config = config, .events = &events, .callers = awh_callers_new()};
	if (!config || !shared.callers)
		return -1;
	return awh_metrics_init(&events.metrics, 1, NULL);
}

/* Nothing is left behind: every test ends so. */
static int tear_down(void **state)
{
	size_t n_callers = awh_callers_count(shared.callers);
	long long bodies = atomic_load(&events.metrics.gauges->bodies);

	(void)state;
	awh_callers_free(shared.callers);
	awh_metrics_deinit(&events.metrics);
	admwh_config_free(config);
	return n_callers > 0 || bodies != 0 || atomic_load(&shared.abandoned) > 0 ||
	       atomic_load(&shared.announced) > 0;
}

static void limit(enum admwh_limit which, uint64_t value)
{
	assert_int_equal(admwh_config_set_limit(config, which, value), 0);
}

static long long in_flight(void)
{
	return atomic_load(&events.metrics.gauges->bodies);
}

static struct awh_caller *join(const char *address)
{
	struct awh_caller *caller = awh_share_join(&shared, NULL, false, address);

	assert_non_null(caller);
	return caller;
}

static struct awh_review *begin(const struct admwh_route *route, struct awh_caller *caller)
{
	struct awh_review *review = awh_review_new(route, 64 * MEBIBYTE, 10, 0);

	assert_non_null(review);
	assert_true(awh_share_begin(&shared, review, caller, NULL));
	return review;
}

/* So many bytes of its body have come; what they are does not matter here. */
static void receive(struct awh_review *review, size_t size)
{
	awh_share_add_body(&shared, review, size);
	assert_int_equal(awh_buf_reserve(&review->body, size + 1), 0);
	review->body.len += size;
}

static void a_connection_belongs_to_its_certificate_or_its_address(void **state)
{
	static const struct {
		bool certified;
		const char *bundle, *serial, *issuer, *fingerprint, *address, *name;
	} cases[] = {
	    {true, "default", "a1", "CN=ca", "f1", "10.0.0.1:1", "cert default a1 CN=ca"},
	    {true, "default", "a1", "CN=ca", "f2", "10.0.0.2:1", "cert default a1 CN=ca"},
	    {true, "default", "a2", "CN=ca", "f1", "10.0.0.1:1", "cert default a2 CN=ca"},
	    {true, "default", "a1", "CN=ca2", "f1", "10.0.0.1:1", "cert default a1 CN=ca2"},
	    {true, "scanner", "a1", "CN=ca", "f1", "10.0.0.1:1", "cert scanner a1 CN=ca"},
	    {false, "default", "a1", "CN=ca", "f1", "10.0.0.1:1", "ip  10.0.0.1"},
	    {false, NULL, NULL, NULL, NULL, "10.0.0.1:40312", "ip  10.0.0.1"},
	    {false, NULL, NULL, NULL, NULL, "10.0.0.10:1", "ip  10.0.0.10"},
	    {false, NULL, NULL, NULL, NULL, "[::1]:1", "ip  [::1]"},
	    {false, NULL, NULL, NULL, NULL, "[::1:2]:2", "ip  [::1:2]"},
	};
	struct awh_caller *callers[COUNT(cases)];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct awh_peer peer = {.facts = {.bundle = cases[i].bundle,
							.serial = cases[i].serial,
							.issuer = cases[i].issuer,
							.fingerprint = cases[i].fingerprint}};

		callers[i] = awh_share_join(&shared, &peer, cases[i].certified, cases[i].address);
		assert_non_null(callers[i]);
		assert_string_equal(callers[i]->name, cases[i].name);
	}
	assert_int_equal(atomic_load(&callers[0]->conns), 2);
	assert_int_equal(atomic_load(&callers[5]->conns), 2);
	assert_int_equal(awh_callers_count(shared.callers), COUNT(cases) - 2);
	for (size_t i = 0; i < COUNT(cases); i++)
		awh_share_leave(&shared, callers[i]);
	awh_share_leave(&shared, NULL);
}

static void a_name_of_any_length_will_do(void **state)
{
	static char issuer[5000];
	const struct awh_peer peer = {
	    .facts = {.bundle = "default", .serial = "a1", .issuer = issuer}};
	struct awh_caller *caller;

	(void)state;
	memset(issuer, 'x', sizeof(issuer) - 1);
	caller = awh_share_join(&shared, &peer, true, "10.0.0.1:1");
	assert_non_null(caller);
	assert_true(strlen(caller->name) < 600);
	awh_share_leave(&shared, caller);
}

static void a_review_belongs_to_its_token_or_its_connection(void **state)
{
	const struct admwh_bearer alice = {.name = "alice"}, bob = {.name = "bob"};
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *reviews[4];

	(void)state;
	for (size_t i = 0; i < COUNT(reviews); i++)
		reviews[i] = awh_review_new(&validating, 1000, 10, 0);
	assert_true(awh_share_begin(&shared, reviews[0], caller, NULL));
	assert_true(awh_share_begin(&shared, reviews[1], caller, &alice));
	assert_true(awh_share_begin(&shared, reviews[2], caller, &alice));
	assert_true(awh_share_begin(&shared, reviews[3], caller, &bob));
	assert_ptr_equal(reviews[0]->caller, caller);
	assert_string_equal(reviews[1]->caller->name, "token  alice");
	assert_ptr_equal(reviews[2]->caller, reviews[1]->caller);
	assert_string_equal(reviews[3]->caller->name, "token  bob");
	/* A review outlives its connection. */
	awh_share_leave(&shared, caller);
	assert_int_equal(awh_callers_count(shared.callers), 3);
	for (size_t i = 0; i < COUNT(reviews); i++)
		awh_share_end(&shared, reviews[i]);
	awh_share_end(&shared, NULL);
}

static void without_memory_there_is_no_caller(void **state)
{
	const struct awh_peer peer = {
	    .facts = {.bundle = "default", .serial = "a1", .issuer = "CN=ca"}};
	const struct admwh_bearer alice = {.name = "alice"};
	struct awh_caller *caller = join("10.0.0.1:1"), *by_certificate, *by_address;
	struct awh_review *review = awh_review_new(&validating, 1000, 10, 0);
	bool begun;

	(void)state;
	has_no_memory = true;
	by_certificate = awh_share_join(&shared, &peer, true, "10.0.0.1:1");
	by_address = awh_share_join(&shared, &peer, false, "10.0.0.1:1");
	begun = awh_share_begin(&shared, review, caller, &alice);
	has_no_memory = false;
	assert_null(by_certificate);
	assert_null(by_address);
	assert_false(begun);
	assert_null(review->caller);
	assert_int_equal(atomic_load(&caller->conns), 1);
	awh_share_end(&shared, review); /* also without a caller */
	awh_share_leave(&shared, caller);
}

static void bodies_share_a_budget(void **state)
{
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *one = begin(&validating, caller), *two = begin(&validating, caller);

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 70000);
	receive(one, 40000);
	receive(two, 20000);
	receive(two, 9999);
	assert_int_equal(in_flight(), 69999);
	assert_int_equal(atomic_load(&caller->bodies), 69999);
	assert_false(awh_share_is_full(&shared));
	receive(two, 1);
	assert_true(awh_share_is_full(&shared));
	awh_share_end(&shared, one);
	assert_false(awh_share_is_full(&shared));
	assert_int_equal(in_flight(), 30000);
	assert_int_equal(atomic_load(&caller->bodies), 30000);
	awh_share_end(&shared, two);
	assert_int_equal(atomic_load(&caller->bodies), 0);
	awh_share_leave(&shared, caller);
}

static void a_share_is_used_up_by_other_bodies_than_the_own(void **state)
{
	static const struct {
		size_t own, others;
		bool used_up;
	} cases[] = {
	    {0, 50000, true},     {1, 49999, true},  {49999, 1, true}, {60000, 1, true},
	    {0, 49999, false},    {1, 49998, false}, {0, 0, false},    {50000, 0, false},
	    {10000000, 0, false}, /* a lone body may have all there is */
	};

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 100000);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_caller *caller = join("10.0.0.1:1"), *modest = join("10.0.0.2:1");
		struct awh_review *own = begin(&validating, caller);
		struct awh_review *other = begin(&validating, caller);
		struct awh_review *modest_one = begin(&validating, modest);

		receive(own, cases[i].own);
		receive(other, cases[i].others);
		receive(modest_one, 49999);
		if (awh_share_is_used_up(&shared, own) != cases[i].used_up)
			fail_msg("case %zu", i);
		assert_false(awh_share_is_used_up(&shared, modest_one));
		awh_share_end(&shared, own);
		awh_share_end(&shared, other);
		awh_share_end(&shared, modest_one);
		awh_share_leave(&shared, caller);
		awh_share_leave(&shared, modest);
	}
}

static void an_announced_body_has_room_for_a_part_of_what_is_left(void **state)
{
	/* All in MiB, of a budget of 64 of which a caller may have half. */
	static const struct {
		size_t own, of_caller, of_others;
		uint64_t announced, room;
	} cases[] = {
	    {0, 0, 0, 0, 0},   {0, 0, 0, 1, 1},  {0, 0, 0, 2, 1},  {0, 0, 0, 1 << 20, 1},
	    {0, 0, 63, 1, 1},  {0, 0, 64, 1, 0}, {0, 0, 70, 1, 0}, {0, 31, 0, 1, 1},
	    {0, 32, 0, 1, 0},  {0, 40, 0, 1, 0}, {40, 0, 0, 1, 1}, {63, 0, 0, 1, 1},
	    {40, 0, 24, 1, 0}, {30, 1, 0, 1, 1}, {31, 1, 0, 1, 0},
	};

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 64 * MEBIBYTE);
	limit(ADMWH_LIMIT_CALLER_SHARE, 50);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_caller *callers[] = {join("10.0.0.1:1"), join("10.0.0.2:1")};
		struct awh_review *own = begin(&validating, callers[0]);
		struct awh_review *another = begin(&validating, callers[0]);
		struct awh_review *of_others = begin(&validating, callers[1]);

		receive(own, cases[i].own * MEBIBYTE);
		receive(another, cases[i].of_caller * MEBIBYTE);
		awh_share_hold(&shared, callers[1], cases[i].of_others * MEBIBYTE);
		assert_int_equal(awh_share_announce(&shared, own, cases[i].announced * MEBIBYTE),
				 cases[i].room * MEBIBYTE);
		awh_share_release(&shared, callers[1], cases[i].of_others * MEBIBYTE);
		awh_share_end(&shared, own);
		awh_share_end(&shared, another);
		awh_share_end(&shared, of_others);
		awh_share_leave(&shared, callers[0]);
		awh_share_leave(&shared, callers[1]);
	}
}

static void bodies_that_have_not_come_have_an_eighth_of_the_budget_in_all(void **state)
{
	enum { BODIES = 8 };
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *reviews[BODIES];
	struct awh_review *next = begin(&validating, caller);

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 64 * MEBIBYTE);
	for (size_t i = 0; i < BODIES; i++) {
		reviews[i] = begin(&validating, caller);
		assert_int_equal(awh_share_announce(&shared, reviews[i], MEBIBYTE), MEBIBYTE);
	}
	assert_int_equal(awh_share_announce(&shared, next, 1), 0);
	receive(reviews[0], 1000); /* it counts as a body now */
	assert_int_equal(awh_share_announce(&shared, next, 1001), 0);
	assert_int_equal(awh_share_announce(&shared, next, 1000), 1000);
	assert_int_equal(awh_share_announce(&shared, next, 1), 0);
	receive(reviews[1], 2 * MEBIBYTE); /* more than had memory at once */
	assert_int_equal(atomic_load(&shared.announced), 7 * MEBIBYTE);
	awh_share_end(&shared, reviews[2]); /* it never comes */
	assert_int_equal(atomic_load(&shared.announced), 6 * MEBIBYTE);
	awh_share_end(&shared, next);
	for (size_t i = 0; i < BODIES; i++)
		if (i != 2)
			awh_share_end(&shared, reviews[i]);
	awh_share_leave(&shared, caller);
}

static int take(struct awh_review *review, size_t bytes)
{
	return review->decode.take(review->decode.owner, bytes, &review->error);
}

/* As if another review of this caller had taken so much before. */
static void count_another(struct awh_caller *caller, size_t bytes)
{
	static const char another;

	atomic_store(&caller->built, bytes);
	atomic_store(&caller->first, bytes > 0 ? &another : NULL);
}

static void a_review_is_refused_where_its_trees_find_no_room(void **state)
{
	static const struct {
		uint64_t limit; /* its half is a caller's share */
		size_t bytes, body;
		size_t own_bodies, own_built; /* of other reviews of its caller */
		size_t others;                /* of other callers */
		int status;                   /* 0: there is room */
	} cases[] = {
	    /* It would never fit. */
	    {320199, 320100, 100, 0, 0, 0, 413},
	    {320200, 320100, 100, 0, 0, 0, 0},
	    {320199, 320100, 100, 0, 300000, 300000, 413},
	    /* Others of its caller use up its share; alone it has none to keep to. */
	    {1000000, 320100, 100, 179800, 1, 0, 429},
	    {1000000, 320100, 100, 179799, 1, 0, 0},
	    {1000000, 320100, 100, 0, 179801, 0, 429},
	    {1000000, 320100, 100, 0, 179800, 0, 0},
	    {1000000, 320100, 100, 500000, 1, 400000, 429},
	    {1000000, 320100, 100, 500000, 0, 0, 0},
	    {1000000, 800200, 100, 0, 0, 0, 0},
	    /* All together use up the budget. */
	    {1000000, 320100, 100, 0, 0, 679801, 503},
	    {1000000, 320100, 100, 0, 0, 679800, 0},
	    {1000000, 320100, 100, 679801, 0, 0, 503},
	    {1000000, 320100, 100, 100, 100, 679601, 503},
	    {1000000, 320100, 100, 100, 100, 679600, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_caller *caller = join("10.0.0.1:1");
		struct awh_review *review = begin(&validating, caller);
		const size_t built = cases[i].status ? 0 : cases[i].bytes;
		long long before;

		limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, cases[i].limit);
		receive(review, cases[i].body);
		awh_share_hold(&shared, caller, cases[i].own_bodies);
		awh_share_hold(&shared, NULL, cases[i].own_built + cases[i].others);
		count_another(caller, cases[i].own_built);
		before = in_flight();
		if ((take(review, cases[i].bytes) == 0) != (cases[i].status == 0) ||
		    review->status != cases[i].status || review->built != built)
			fail_msg("case %zu: %d, %zu bytes", i, review->status, review->built);
		assert_int_equal(in_flight(), before + (long long)built);
		assert_int_equal(atomic_load(&caller->built), cases[i].own_built + built);
		awh_share_end(&shared, review);
		assert_int_equal(atomic_load(&caller->built), cases[i].own_built);
		awh_share_release(&shared, NULL, cases[i].own_built + cases[i].others);
		awh_share_release(&shared, caller, cases[i].own_bodies);
		assert_int_equal(in_flight(), 0);
		assert_int_equal(atomic_load(&caller->bodies), 0);
		awh_share_leave(&shared, caller);
	}
}

static void a_refusal_says_what_there_is_no_room_for(void **state)
{
	static const struct {
		size_t bytes, own_built, others;
		int status, code;
		const char *text;
	} cases[] = {
	    {1280000, 0, 0, 413, ADMWH_E_LIMIT,
	     "the review may take 1280000 bytes: bodies-in-flight is 1000000"},
	    {640000, 1, 0, 429, ADMWH_E_LIMIT, "too many values of this caller in flight"},
	    {640000, 0, 900000, 503, ADMWH_E_OVERLOAD, "too many values in flight"},
	};

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 1000000);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_caller *caller = join("10.0.0.1:1");
		struct awh_review *review = begin(&validating, caller);

		count_another(caller, cases[i].own_built);
		awh_share_hold(&shared, NULL, cases[i].others);
		assert_int_equal(take(review, cases[i].bytes), cases[i].code);
		assert_int_equal(review->status, cases[i].status);
		assert_int_equal(review->error.code, cases[i].code);
		assert_string_equal(review->error.text, cases[i].text);
		awh_share_release(&shared, NULL, cases[i].others);
		awh_share_end(&shared, review);
		awh_share_leave(&shared, caller);
	}
}

/* Its index, its first tree, and its second one: each beside what it has already. */
static void the_only_large_review_of_a_caller_may_have_all_there_is(void **state)
{
	struct awh_caller *caller = join("10.0.0.1:1"), *modest = join("10.0.0.2:1");
	struct awh_review *large = begin(&validating, caller), *next = begin(&validating, caller);
	struct awh_review *other = begin(&validating, modest);

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 1280000);
	assert_int_equal(take(large, 40000), 0);
	assert_int_equal(take(large, 460000), 0);
	assert_int_equal(take(large, 460000), 0);
	assert_int_equal(large->built, 960000);
	assert_int_equal(take(next, 320000), ADMWH_E_LIMIT);
	assert_int_equal(next->status, 429);
	assert_int_equal(take(other, 320000), 0);
	assert_int_equal(take(large, 1), ADMWH_E_OVERLOAD);
	assert_int_equal(large->built, 960000);
	awh_share_end(&shared, large);
	assert_int_equal(take(next, 320000), 0);
	awh_share_end(&shared, next);
	awh_share_end(&shared, other);
	awh_share_leave(&shared, caller);
	awh_share_leave(&shared, modest);
}

/* Each has its index before any has its tree: one of them gets on, and then the next. */
static void of_reviews_that_grow_side_by_side_the_first_gets_on(void **state)
{
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *reviews[3];

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 1280000);
	for (size_t i = 0; i < COUNT(reviews); i++) {
		reviews[i] = begin(&validating, caller);
		assert_int_equal(take(reviews[i], 40000), 0);
	}
	for (size_t i = 0; i < COUNT(reviews); i++) {
		assert_int_equal(take(reviews[i], 1000000), 0);
		for (size_t j = i + 1; j < COUNT(reviews); j++)
			assert_int_equal(take(reviews[j], 1000000), ADMWH_E_LIMIT);
		awh_share_end(&shared, reviews[i]);
	}
	assert_null(atomic_load(&caller->first));
	awh_share_leave(&shared, caller);
}

/* As the holder of a deferral does, whose review was answered late. */
static void what_is_read_after_the_end_counts_no_more(void **state)
{
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *review = awh_review_ref(begin(&validating, caller));

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 100000);
	awh_share_end(&shared, review);
	awh_share_leave(&shared, caller);
	assert_int_equal(take(review, 1000000), 0);
	assert_int_equal(in_flight(), 0);
	awh_review_unref(review);
}

/* They take places of the queue: four in all, two of a caller. */
static void reviews_that_nothing_waits_for_take_places_until_they_are_over(void **state)
{
	static const struct {
		size_t own, others;
		int err;
	} cases[] = {
	    {0, 0, 0},
	    {1, 0, 0},
	    {0, 3, 0},
	    {1, 2, 0},
	    {2, 0, ADMWH_E_LIMIT},
	    {2, 1, ADMWH_E_LIMIT},
	    {0, 4, ADMWH_E_OVERLOAD},
	    {2, 2, ADMWH_E_OVERLOAD},
	};
	struct awh_caller *caller = join("10.0.0.1:1"), *other = join("10.0.0.2:1");
	struct awh_review *own = begin(&validating, caller), *others = begin(&validating, other);

	(void)state;
	limit(ADMWH_LIMIT_QUEUE, 4);
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t n = 0; n < cases[i].own; n++)
			awh_share_abandon(&shared, own);
		for (size_t n = 0; n < cases[i].others; n++)
			awh_share_abandon(&shared, others);
		if (awh_share_check(&shared, own) != cases[i].err)
			fail_msg("case %zu: %d", i, awh_share_check(&shared, own));
		for (size_t n = 0; n < cases[i].own; n++)
			awh_share_abandoned_over(&shared, own);
		for (size_t n = 0; n < cases[i].others; n++)
			awh_share_abandoned_over(&shared, others);
		assert_int_equal(awh_share_check(&shared, own), 0);
	}
	awh_share_end(&shared, own);
	awh_share_end(&shared, others);
	awh_share_leave(&shared, caller);
	awh_share_leave(&shared, other);
}

static void answers_on_their_way_count_as_bodies(void **state)
{
	struct awh_caller *caller = join("10.0.0.1:1");
	struct awh_review *review = begin(&validating, caller);

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 100000);
	awh_share_hold(&shared, caller, 49999);
	assert_false(awh_share_is_used_up(&shared, review));
	awh_share_hold(&shared, caller, 1);
	assert_true(awh_share_is_used_up(&shared, review));
	assert_false(awh_share_is_full(&shared));
	awh_share_hold(&shared, NULL, 50000);
	assert_true(awh_share_is_full(&shared));
	awh_share_release(&shared, caller, 50000);
	assert_false(awh_share_is_used_up(&shared, review));
	assert_int_equal(in_flight(), 50000);
	awh_share_release(&shared, NULL, 50000);
	awh_share_end(&shared, review);
	awh_share_leave(&shared, caller);
}

/* Of four connections two are a caller's share. */
static void the_caller_with_most_connections_gives_a_place(void **state)
{
	static const struct {
		size_t few, many;
		bool gives; /* the one with many */
	} cases[] = {
	    {1, 1, false}, {1, 2, false}, {2, 2, false}, {1, 3, true}, {3, 4, true},
	};

	(void)state;
	limit(ADMWH_LIMIT_CONNECTIONS, 4);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_caller *few = NULL, *many = NULL;

		for (size_t n = 0; n < cases[i].few; n++)
			few = join("10.0.0.1:1");
		for (size_t n = 0; n < cases[i].many; n++)
			many = join("10.0.0.2:1");
		awh_share_press(&shared);
		assert_int_equal(atomic_load(&many->gives_place), cases[i].gives);
		assert_false(atomic_load(&few->gives_place));
		for (size_t n = 0; n < cases[i].few; n++)
			awh_share_leave(&shared, few);
		for (size_t n = 0; n < cases[i].many; n++)
			awh_share_leave(&shared, many);
	}
}

/* Gives whether there was ever more than the budget, but for bodies that have no trees yet. */
static void *review_again_and_again(void *caller)
{
	bool went_past = false;

	for (int i = 0; i < 2000; i++) {
		struct awh_review *review = begin(&validating, caller);

		receive(review, 10);
		take(review, 320000);
		went_past |= in_flight() > 1000000 + 4 * 10;
		awh_share_end(&shared, review);
	}
	return went_past ? caller : NULL;
}

static void threads_together_do_not_go_past_the_budget(void **state)
{
	struct awh_caller *callers[] = {join("10.0.0.1:1"), join("10.0.0.1:1"), join("10.0.0.2:1"),
					join("10.0.0.3:1")};
	pthread_t threads[COUNT(callers)];

	(void)state;
	limit(ADMWH_LIMIT_BODIES_IN_FLIGHT, 1000000);
	for (size_t i = 0; i < COUNT(callers); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, review_again_and_again, callers[i]), 0);
	for (size_t i = 0; i < COUNT(callers); i++) {
		void *went_past;

		pthread_join(threads[i], &went_past);
		assert_null(went_past);
		awh_share_leave(&shared, callers[i]);
	}
	assert_int_equal(in_flight(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_connection_belongs_to_its_certificate_or_its_address),
	    TEST(a_name_of_any_length_will_do),
	    TEST(a_review_belongs_to_its_token_or_its_connection),
	    TEST(without_memory_there_is_no_caller),
	    TEST(bodies_share_a_budget),
	    TEST(a_share_is_used_up_by_other_bodies_than_the_own),
	    TEST(an_announced_body_has_room_for_a_part_of_what_is_left),
	    TEST(bodies_that_have_not_come_have_an_eighth_of_the_budget_in_all),
	    TEST(a_review_is_refused_where_its_trees_find_no_room),
	    TEST(a_refusal_says_what_there_is_no_room_for),
	    TEST(the_only_large_review_of_a_caller_may_have_all_there_is),
	    TEST(of_reviews_that_grow_side_by_side_the_first_gets_on),
	    TEST(what_is_read_after_the_end_counts_no_more),
	    TEST(reviews_that_nothing_waits_for_take_places_until_they_are_over),
	    TEST(answers_on_their_way_count_as_bodies),
	    TEST(the_caller_with_most_connections_gives_a_place),
	    TEST(threads_together_do_not_go_past_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
