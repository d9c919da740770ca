/* SPDX-License-Identifier: MIT */
/* What is shown of the CAs of a context: their states, and the next end of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tls/context.h"

enum { HOUR = 3600 };

static const char wrong_dates[] = "was out of its dates when it was loaded";

/* An anchor whose dates are hours from now. */
static struct awh_anchor anchor(size_t bundle, int from, int to, bool is_unknown,
				const char *unusable)
{
	int64_t now = awh_clock_wall_s();

	return (struct awh_anchor){.cert = {.not_before = now + (int64_t)from * HOUR,
					    .not_after = now + (int64_t)to * HOUR,
					    .has_unknown_critical = is_unknown},
				   .bundle = bundle,
				   .unusable = unusable};
}

static void counts_cas_by_bundle_and_state(void **state)
{
	struct awh_anchor anchors[] = {
	    anchor(0, -2, 2, false, NULL),
	    anchor(0, -2, 2, true, "unknown critical extension"),
	    anchor(0, -2, -1, true, "unknown critical extension"),
	    anchor(1, -2, -1, false, NULL),
	    anchor(1, -2, -1, false, wrong_dates),
	    anchor(1, 1, 2, false, wrong_dates),
	    anchor(1, -2, 2, false, NULL),
	    anchor(1, -1, 2, false, NULL),
	};
	static const size_t expected[3][AWH_CA_STATES] = {
	    {[AWH_CA_VALID] = 1, [AWH_CA_UNSUPPORTED] = 2},
	    {[AWH_CA_VALID] = 2, [AWH_CA_EXPIRED] = 2, [AWH_CA_NOT_YET_VALID] = 1},
	    {0},
	};
	const struct awh_tls_context context = {
	    .trust = {.anchors = anchors, .n = sizeof(anchors) / sizeof(*anchors)}};

	(void)state;
	for (size_t bundle = 0; bundle < 3; bundle++)
		for (size_t i = 0; i < AWH_CA_STATES; i++)
			assert_int_equal(
			    awh_tls_context_count_cas(&context, bundle, (enum awh_ca_state)i),
			    expected[bundle][i]);
}

/* The first end to come, else the last past. */
static void tells_the_nearest_end(void **state)
{
	static const struct {
		int ends[3]; /* hours from now */
		size_t n;
		int nearest; /* index */
	} cases[] = {
	    {{5}, 1, 0},          {{-5}, 1, 0},         {{5, 3, 4}, 3, 1},   {{3, 5, 4}, 3, 0},
	    {{-5, -3, -4}, 3, 1}, {{-3, -5, -4}, 3, 0}, {{-1, 5}, 2, 1},     {{5, -1}, 2, 0},
	    {{-1, 5, 3}, 3, 2},   {{3, -1, 5}, 3, 0},   {{-5, 9, -1}, 3, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_anchor anchors[4];
		struct awh_tls_context context = {.trust = {.anchors = anchors}};

		/* One of another bundle does not count. */
		anchors[context.trust.n++] = anchor(1, -9, 1, false, NULL);
		for (size_t j = 0; j < cases[i].n; j++)
			anchors[context.trust.n++] = anchor(0, -9, cases[i].ends[j], false, NULL);
		assert_int_equal(awh_tls_context_ca_end(&context, 0),
				 anchors[1 + cases[i].nearest].cert.not_after);
		assert_int_equal(awh_tls_context_ca_end(&context, 1), anchors[0].cert.not_after);
		assert_int_equal(awh_tls_context_ca_end(&context, 2), 0);
	}
}

static void is_outdated_when_a_ca_has_become_valid(void **state)
{
	static const struct {
		int from, to;
		const char *unusable;
		bool is_unknown, is_outdated;
	} cases[] = {
	    {-1, 2, NULL, false, false},       {1, 2, wrong_dates, false, false},
	    {-1, 2, wrong_dates, false, true}, {-2, -1, wrong_dates, false, false},
	    {-1, 2, wrong_dates, true, false}, {0, 2, wrong_dates, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_anchor anchors[] = {
		    anchor(0, -1, 2, false, NULL),
		    anchor(0, cases[i].from, cases[i].to, cases[i].is_unknown, cases[i].unusable),
		};
		const struct awh_tls_context context = {.trust = {.anchors = anchors, .n = 2}};

		assert_int_equal(awh_tls_context_is_outdated(&context), cases[i].is_outdated);
	}
}

static void shows_a_ca(void **state)
{
	static const uint8_t name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
				       0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'a'};
	struct awh_anchor anchors[] = {anchor(3, -1, 2, false, NULL),
				       anchor(0, -2, -1, false, NULL)};
	const struct awh_tls_context context = {.trust = {.anchors = anchors, .n = 2}};
	struct awh_tls_ca ca;

	(void)state;
	anchors[0].cert.subject = (struct awh_der){name, sizeof(name)};
	memset(anchors[0].sha256, 7, sizeof(anchors[0].sha256));
	assert_int_equal(awh_tls_context_ca(&context, 0, &ca), 0);
	assert_int_equal(ca.bundle, 3);
	assert_int_equal(ca.state, AWH_CA_VALID);
	assert_int_equal(ca.not_after, anchors[0].cert.not_after);
	assert_memory_equal(ca.sha256, anchors[0].sha256, sizeof(ca.sha256));
	assert_string_equal(ca.subject.data, "CN=a");
	awh_buf_deinit(&ca.subject);
	assert_int_equal(awh_tls_context_ca(&context, 1, &ca), 0);
	assert_int_equal(ca.state, AWH_CA_EXPIRED);
	assert_string_equal(ca.subject.data, "");
	awh_buf_deinit(&ca.subject);
	assert_int_equal(awh_tls_context_ca(&context, 2, &ca), ADMWH_E_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_cas_by_bundle_and_state),
	    cmocka_unit_test(tells_the_nearest_end),
	    cmocka_unit_test(is_outdated_when_a_ca_has_become_valid),
	    cmocka_unit_test(shows_a_ca),
	};

	return cmocka_run_group_tests_name("cas", tests, NULL, NULL);
}
