/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/host.h"

static void knows_names_that_no_public_zone_has(void **state)
{
	static const struct {
		const char *host;
		bool is_internal;
	} cases[] = {
	    {"10.1.2.3:8081", true},
	    {"127.0.0.1", true},
	    {"9.90.199.9", true},
	    {"[v1.a:b]", true}, /* RFC 3986 section 3.2.2 */
	    {"[::1]:8081", true},
	    {"[fd00::1]", true},
	    {"localhost:8081", true},
	    {"admwh", true},
	    {"admwh.", true},
	    {"admwh.policies.svc", true},
	    {"ADMWH.policies.SVC:8081", true},
	    {"admwh.policies.svc.cluster.local.:80", true},
	    {"vm.internal", true},
	    {"rebind.example.com:8081", false},
	    {"evil.com", false},
	    {"evil.com.", false},
	    {"10.1.2.3.evil.com", false},
	    {"localhost.evil.com", false},
	    {"evil.local", false}, /* mDNS: anyone on the link */
	    {"admwh.svc.evil.com", false},
	    {"evilsvc.com", false},
	    {"policies.notsvc", false},
	    {"admwh.policies", false}, /* policies could be a domain */
	    {"1e100.net", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (awh_host_is_internal(cases[i].host) != cases[i].is_internal)
			fail_msg("%s", cases[i].host);
}

static void compares_names_without_port_and_case(void **state)
{
	(void)state;
	assert_true(awh_host_is("metrics.example.com:8081", "metrics.example.com"));
	assert_true(awh_host_is("Metrics.Example.com.", "metrics.example.com"));
	assert_false(awh_host_is("metrics.example.com.evil.com", "metrics.example.com"));
	assert_false(awh_host_is("metrics.example.co", "metrics.example.com"));
	assert_false(awh_host_is(":8081", "metrics.example.com"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_names_that_no_public_zone_has),
	    cmocka_unit_test(compares_names_without_port_and_case),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
