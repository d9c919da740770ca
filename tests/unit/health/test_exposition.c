/* SPDX-License-Identifier: MIT */
/* The two text formats, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "health/exposition.h"
#include "telemetry/metrics.h"

static const char prometheus[] =
    "# HELP admwh_requests_total Reviews by decision.\n"
    "# TYPE admwh_requests_total counter\n"
    "admwh_requests_total{route=\"/a\\\\b\\\"c\\nd\",decision=\"allowed\"} 18446744073709551615\n"
    "# HELP process_cpu_seconds_total User and system CPU time of the answering process.\n"
    "# TYPE process_cpu_seconds_total counter\n"
    "process_cpu_seconds_total 12.000345\n"
    "# HELP admwh_build_info Version of the library and of the TLS library.\n"
    "# TYPE admwh_build_info gauge\n"
    "admwh_build_info 1\n"
    "# HELP admwh_request_duration_seconds Time from the end of a request's head to the decision "
    "about its "
    "review.\n"
    "# TYPE admwh_request_duration_seconds histogram\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.00025\"} 1\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.0005\"} 2\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.001\"} 3\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.0025\"} 4\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.005\"} 5\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.01\"} 6\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.025\"} 7\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.05\"} 8\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.1\"} 9\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"0.5\"} 10\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"2.5\"} 11\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"10\"} 12\n"
    "admwh_request_duration_seconds_bucket{route=\"\",le=\"+Inf\"} 13\n"
    "admwh_request_duration_seconds_sum{route=\"\"} 0.000001\n"
    "admwh_request_duration_seconds_count{route=\"\"} 13\n";

static void write_all(struct awh_buf *buf, bool is_open_metrics)
{
	struct awh_exposition to = {.buf = buf, .is_open_metrics = is_open_metrics};
	const struct awh_label labels[] = {{"route", "/a\\b\"c\nd"}, {"decision", "allowed"}};
	uint64_t counts[AWH_BUCKETS + 1];

	for (size_t i = 0; i <= AWH_BUCKETS; i++)
		counts[i] = 1;
	awh_put_family(&to, AWH_FAMILY_REQUESTS);
	awh_put_sample(&to, labels, 2, UINT64_MAX);
	awh_put_family(&to, AWH_FAMILY_CPU);
	awh_put_micro_sample(&to, 12000345);
	awh_put_family(&to, AWH_FAMILY_BUILD);
	awh_put_sample(&to, NULL, 0, 1);
	awh_put_family(&to, AWH_FAMILY_REQUEST_DURATION);
	awh_put_histogram(&to, (struct awh_label){"route", ""}, counts, 1);
	awh_put_end(&to);
	assert_int_equal(awh_buf_terminate(buf), 0);
}

static void writes_prometheus(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 1 << 16);
	write_all(&buf, false);
	assert_string_equal(buf.data, prometheus);
	awh_buf_deinit(&buf);
}

/* Where the formats differ: names of families, units, the type info, whole numbers, the end. */
static void writes_open_metrics(void **state)
{
	static const char *const lines[] = {
	    "# TYPE admwh_requests counter\nadmwh_requests_total{",
	    "# HELP process_cpu_seconds User",
	    "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n",
	    "# TYPE admwh_build info\nadmwh_build_info 1\n",
	    "# UNIT admwh_request_duration_seconds seconds\n",
	    "{route=\"\",le=\"10.0\"} 12\n",
	    "{route=\"\",le=\"2.5\"} 11\n",
	    "_count{route=\"\"} 13\n# EOF\n",
	};
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 1 << 16);
	write_all(&buf, true);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strstr(buf.data, lines[i]))
			fail_msg("not there: %s", lines[i]);
	assert_null(strstr(buf.data, "le=\"10\""));
	awh_buf_deinit(&buf);
}

static void writes_open_metrics_to_whom_asks_for_it(void **state)
{
	static const struct {
		const char *accept;
		bool wanted;
	} cases[] = {
	    {NULL, false},
	    {"", false},
	    {"*/*", false},
	    {"text/plain;version=0.0.4", false},
	    {"application/openmetrics-textual", false},
	    {"text/plain;x=application/openmetrics-text", false},
	    {",,,", false},
	    {"application/openmetrics-text", true},
	    {"text/plain, Application/OpenMetrics-Text;version=1.0.0;q=0.1", true},
	    {"application/openmetrics-text ; q=1", true},
	    {"a/b,\tapplication/openmetrics-text,c/d", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(awh_accepts_open_metrics(cases[i].accept), cases[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_prometheus),
	    cmocka_unit_test(writes_open_metrics),
	    cmocka_unit_test(writes_open_metrics_to_whom_asks_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
