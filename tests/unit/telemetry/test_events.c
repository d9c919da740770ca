/* SPDX-License-Identifier: MIT */
/* Events that clients can cause at will: all are counted, few are logged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "telemetry/events.h"

enum { TIMES = 1000, A_SECOND = 20 };

struct fixture {
	struct awh_events events;
	unsigned int lines;
	unsigned long rate_limited; /* that the lines tell of */
	char name[64], reason[128]; /* of the last line */
	enum admwh_log_level level;
};

static void on_log(const struct admwh_log_record *record, void *userdata)
{
	struct fixture *fixture = userdata;

	fixture->lines++;
	fixture->level = record->level;
	snprintf(fixture->name, sizeof(fixture->name), "%s", record->event);
	for (size_t i = 0; i < record->n_fields; i++) {
		const struct admwh_log_field *field = &record->fields[i];

		if (strcmp(field->key, "rate_limited") == 0)
			fixture->rate_limited += strtoul(field->value, NULL, 10);
		if (strcmp(field->key, "reason") == 0)
			snprintf(fixture->reason, sizeof(fixture->reason), "%s", field->value);
	}
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct awh_error error;

	fixture = (struct fixture){0};
	fixture.events.log = (struct awh_log){.sink = on_log, .userdata = &fixture};
	*state = &fixture;
	return awh_metrics_init(&fixture.events.metrics, 1, &error);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	awh_metrics_deinit(&fixture->events.metrics);
	return 0;
}

static void fail_to_accept(struct fixture *fixture)
{
	awh_tell_accept_failed(&fixture->events, EMFILE);
}

static void meet_untrusted(struct fixture *fixture)
{
	const struct awh_error error = {.code = ADMWH_E_UNTRUSTED, .text = "its CA is gone"};
	const struct awh_peer peer = {.proof = AWH_PROOF_UNTRUSTED};

	awh_tell_untrusted(&fixture->events, "192.0.2.1:1", &peer, &error, true);
}

static void meet_noise(struct fixture *fixture)
{
	const struct awh_error error = {.code = ADMWH_E_UNTRUSTED, .text = "unknown CA"};

	awh_tell_handshake(&fixture->events, "192.0.2.1:1", NULL, &error, false);
}

static void logs_some_a_second_and_the_number_of_the_others(void **state)
{
	static const struct {
		void (*cause)(struct fixture *fixture);
		const char *name, *reason;
		enum admwh_log_level level;
	} cases[] = {
	    {fail_to_accept, "accept.failed", "Too many open files", ADMWH_LOG_ERROR},
	    {meet_untrusted, "identify.untrusted", "its CA is gone", ADMWH_LOG_WARNING},
	    {meet_noise, "handshake.refused", "unknown CA", ADMWH_LOG_WARNING},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture;
		int64_t began = awh_clock_ms(), seconds;

		tear_down(state);
		assert_int_equal(set_up(state), 0);
		fixture = *state;
		for (int n = 0; n < TIMES; n++)
			cases[i].cause(fixture);
		seconds = awh_clock_ms() / 1000 - began / 1000 + 1;
		assert_true(fixture->lines >= A_SECOND);
		assert_true(fixture->lines <= A_SECOND * seconds);
		assert_string_equal(fixture->name, cases[i].name);
		assert_string_equal(fixture->reason, cases[i].reason);
		assert_int_equal(fixture->level, cases[i].level);
		/* In the next second, the first line tells of those that were left out. */
		while (fixture->lines + fixture->rate_limited < TIMES)
			cases[i].cause(fixture);
		assert_true(fixture->rate_limited > 0);
	}
}

static void counts_them_all(void **state)
{
	struct fixture *fixture = *state;
	const struct awh_counts *counts = fixture->events.metrics.counts;

	for (int n = 0; n < TIMES; n++) {
		fail_to_accept(fixture);
		meet_noise(fixture);
	}
	assert_int_equal(atomic_load(&counts->counters[AWH_COUNTER_ACCEPT_FAILURES]), TIMES);
	assert_int_equal(atomic_load(&counts->handshakes[AWH_VERDICT_UNKNOWN_CA]), TIMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(logs_some_a_second_and_the_number_of_the_others, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(counts_them_all, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
