/* SPDX-License-Identifier: MIT */
#include "http/http.h"

#include "cmocka_all.h"

static void refuses_what_is_no_duration(void **state)
{
	static const char *const texts[] = {
	    "",
	    "0",
	    "0s",
	    "0h0m0s",
	    "-1s",
	    "+1s",
	    "1",
	    "s",
	    "1x",
	    "1S",
	    "1 s",
	    " 1s",
	    "1s ",
	    "1ss",
	    "1.s",
	    ".5s",
	    "1..5s",
	    "1.5",
	    "1e3s",
	    "0x1s",
	    "1s,",
	    "1sec",
	    "999us",
	    "999999ns",
	    "1d",
	    "1m-1s",
	    "1,5s",
	    "%31s",
	    "9223372036855s",
	    "2562048h",
	    "99999999999999999999s",
	    "9223372036s999999999ns",
	    "2562047h47m16.9s",
	};
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (awh_http_parse_timeout(texts[i], &ms))
			fail_msg("%s", texts[i]);
	assert_int_equal(ms, 7);
}

static void reads_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
	    {"10s", 10000},
	    {"1m30s", 90000},
	    {"500ms", 500},
	    {"1h0m0s", 3600000},
	    {"1.5s", 1500},
	    {"0.25m", 15000},
	    {"1ms", 1},
	    {"1.999ms", 1},
	    {"1000us", 1},
	    {"1500\xc2\xb5s", 1},
	    {"2000\xce\xbcs", 2},
	    {"1000000ns", 1},
	    {"030s", 30000},
	    {"1s1s", 2000},
	    {"0s1ms", 1},
	    {"0.5h0.5m", 1830000},
	    {"1.0000000000000000000000001s", 1000},
	    {"2562047h47m16.8s", INT64_C(9223372036800)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t ms = 0;

		if (!awh_http_parse_timeout(cases[i].text, &ms))
			fail_msg("%s", cases[i].text);
		assert_true(ms == cases[i].ms);
	}
}

static void distinguishes_json_from_other_types(void **state)
{
	static const char *const others[] = {
	    "",
	    "application/jso",
	    "application/jsonx",
	    "application/json-patch+json",
	    "text/json",
	    "application/json, a/b",
	    "application/ json",
	    "application/json charset=x",
	    "application /json",
	    "application/vnd.kubernetes.protobuf",
	    ";application/json",
	};
	static const char *const json[] = {
	    "application/json",
	    "Application/JSON",
	    "application/json;charset=utf-8",
	    "application/json ; charset=utf-8",
	    "application/json;",
	};

	(void)state;
	assert_false(awh_http_is_json(NULL));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(awh_http_is_json(others[i]));
	for (size_t i = 0; i < COUNT(json); i++)
		assert_true(awh_http_is_json(json[i]));
}

static void knows_types_that_are_json_underneath(void **state)
{
	static const char *const others[] = {
	    "application/+json",
	    "application/x+jso",
	    "text/x+json",
	    "application/x+json, a/b",
	    "application/x +json",
	    "+json",
	    "",
	};
	static const char *const json[] = {
	    "application/json",
	    "application/vnd.x+json; charset=utf-8",
	    "Application/X+JSON",
	};

	(void)state;
	assert_false(awh_http_is_json_based(NULL));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(awh_http_is_json_based(others[i]));
	for (size_t i = 0; i < COUNT(json); i++)
		assert_true(awh_http_is_json_based(json[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_duration),
	    cmocka_unit_test(reads_durations),
	    cmocka_unit_test(distinguishes_json_from_other_types),
	    cmocka_unit_test(knows_types_that_are_json_underneath),
	};

	return cmocka_run_group_tests_name("http value", tests, NULL, NULL);
}
