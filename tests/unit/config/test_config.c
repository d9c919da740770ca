/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/health.h>
#include <admwh/server.h>

#include "config/check.h"
#include "config/config.h"

static int set_up(void **state)
{
	*state = admwh_config_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	admwh_config_free(*state);
	return 0;
}

static void refuses_addresses_it_cannot_listen_on(void **state)
{
	static const char *const cases[] = {
	    "",
	    "9443",
	    "127.0.0.1",
	    "127.0.0.1:",
	    ":",
	    "localhost:9443",
	    ":65536",
	    ":-1",
	    ":+1",
	    ": 1",
	    ":1 ",
	    ":0x1",
	    "::1:9443",
	    "[::1:9443",
	    "[127.0.0.1]:1",
	    "1.2.3.4.5:1",
	    "256.0.0.1:1",
	    ":123456",
	    "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:1",
	};
	struct admwh_config *config = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(admwh_config_set_listen(config, cases[i]), ADMWH_E_INVAL);
		assert_non_null(strstr(admwh_config_error(config), "HOST:PORT"));
	}
	assert_int_equal(admwh_config_set_listen(config, NULL), ADMWH_E_INVAL);
}

static void says_what_is_wrong_with_an_address(void **state)
{
	static const struct {
		const char *address, *reason;
	} cases[] = {
	    {NULL, "it is empty"},
	    {"", "it is empty"},
	    {"9470", "the port is missing"},
	    {"[::1]", "the port is missing"},
	    {":99999", "the port is no number from 0 to 65535"},
	    {"127.0.0.1:", "the port is no number from 0 to 65535"},
	    {":http", "the port is no number from 0 to 65535"},
	    {"[::1:9443", "the \"]\" behind the IPv6 address is missing"},
	    {"::1:9443", "an IPv6 address stands in brackets"},
	    {"localhost:9443", "the host is no IPv4 address"},
	    {"[::x]:1", "the host is no IPv4 address"},
	};
	struct admwh_config *config = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(admwh_config_set_listen(config, cases[i].address), ADMWH_E_INVAL);
		if (!strstr(admwh_config_error(config), cases[i].reason))
			fail_msg("%s", admwh_config_error(config));
		assert_int_equal(admwh_config_set_health_listen(config, cases[i].address),
				 ADMWH_E_INVAL);
		assert_non_null(strstr(admwh_config_error(config), cases[i].reason));
	}
}

static void takes_addresses_of_both_families(void **state)
{
	struct admwh_config *config = *state;
	struct sockaddr_in *v4 = (void *)&config->address;
	struct sockaddr_in6 *v6 = (void *)&config->address;

	assert_int_equal(config->address.ss_family, AF_INET6); /* the default, all addresses */
	assert_int_equal(ntohs(v6->sin6_port), 9443);
	assert_int_equal(admwh_config_set_listen(config, "127.0.0.1:0"), 0);
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(admwh_config_set_listen(config, "[::1]:65535"), 0);
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 65535);
	assert_string_equal(admwh_config_error(config), "");
}

static void names_the_file_it_cannot_read(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_config_set_keypair_file(config, "/no/such.crt", "/no/such.key"),
			 ADMWH_E_IO);
	assert_non_null(strstr(admwh_config_error(config), "/no/such.crt: "));
	assert_int_equal(admwh_config_add_client_ca_file(config, "/no/such.ca"), ADMWH_E_IO);
	assert_non_null(strstr(admwh_config_error(config), "/no/such.ca: "));
	assert_int_equal(admwh_config_add_client_ca_file(config, "/"), ADMWH_E_IO);
	assert_int_equal(admwh_config_add_client_ca_file(config, "/dev/null"), ADMWH_E_CLIENT_CA);
	assert_int_equal(admwh_config_add_client_ca_file(config, "/dev/zero"), ADMWH_E_LIMIT);
	assert_int_equal(admwh_config_add_client_ca_file(config, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_keypair_file(config, "/dev/null", "/dev/null"),
			 ADMWH_E_KEYPAIR);
}

static void refuses_names_no_certificate_may_have(void **state)
{
	static const char *const cases[] = {
	    "",
	    "a\nb",
	    "a\x7f",
	    "\xff",
	    "\xc2\x85",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 65 */
	};
	struct admwh_config *config = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(admwh_config_allow_cn(config, cases[i]), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_allow_cn(config, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_allow_cn(config, "kube-apiserver"), 0);
	assert_int_equal(admwh_config_allow_cn(config, "m\xc3\xa9tro"), 0);
}

static void finds_a_bundle_again_by_its_name(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_bundle *bundle = admwh_config_bundle(config, "audit-scanner");

	assert_non_null(bundle);
	assert_ptr_equal(admwh_config_bundle(config, "audit-scanner"), bundle);
	assert_ptr_not_equal(admwh_config_bundle(config, "apiserver"), bundle);
	assert_null(admwh_config_bundle(config, ""));
	assert_null(admwh_config_bundle(config, "a b"));
	assert_null(admwh_config_bundle(config, NULL));
}

static void holds_every_limit_to_its_range(void **state)
{
	struct admwh_config *config = *state;
	enum admwh_limit limit;

#define CHECK(id, number, name, preset, least, greatest, unit, past)                               \
	assert_int_equal(admwh_config_limit(config, ADMWH_LIMIT_##id), preset);                    \
	assert_int_equal(admwh_limit_by_name(name, &limit), 0);                                    \
	assert_int_equal(limit, ADMWH_LIMIT_##id);                                                 \
	assert_string_equal(admwh_limit_name(limit), name);                                        \
	assert_int_equal(admwh_config_set_limit(config, limit, least), 0);                         \
	assert_int_equal(admwh_config_set_limit(config, limit, greatest), 0);                      \
	assert_int_equal(admwh_config_set_limit(config, limit, (uint64_t)greatest + 1),            \
			 ADMWH_E_INVAL);                                                           \
	if ((least) > 0)                                                                           \
		assert_int_equal(admwh_config_set_limit(config, limit, (uint64_t)(least)-1),       \
				 ADMWH_E_INVAL);                                                   \
	assert_int_equal(admwh_config_limit(config, limit), greatest);
	ADMWH_LIMIT_MAP(CHECK)
#undef CHECK
	assert_int_equal(admwh_limit_by_name("no-such", &limit), ADMWH_E_NOT_FOUND);
	assert_int_equal(admwh_limit_by_name(NULL, &limit), ADMWH_E_NOT_FOUND);
	assert_null(admwh_limit_name((enum admwh_limit)1000));
	assert_int_equal(admwh_config_limit(config, (enum admwh_limit)1000), 0);
	assert_int_equal(admwh_config_set_limit(config, (enum admwh_limit)0, 1), ADMWH_E_INVAL);
}

static void refuses_numbers_of_threads_out_of_range(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_config_set_threads(config, 257), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_workers(config, 4097), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_threads(config, 256), 0);
	assert_int_equal(admwh_config_set_workers(config, 4096), 0);
	assert_int_equal(admwh_config_set_processes(config, 257), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_processes(config, 256), 0);
	assert_int_equal(admwh_config_set_processes(config, 0), 0);
}

/* As if a file had been read. */
static void pretend(struct admwh_config *config, enum awh_source_kind kind, size_t bundle)
{
	const struct awh_source_name name = {kind, bundle, "set"};
	struct awh_source source;

	assert_int_equal(awh_source_miss(&source, &name, NULL), 0);
	assert_int_equal(awh_sources_add(&config->sources, &source), 0);
}

static void makes_no_server_of_a_config_that_is_not_safe(void **state)
{
	struct admwh_config *config = *state;

	assert_null(admwh_server_new(config));
	assert_non_null(strstr(admwh_config_error(config), "certificate"));
	pretend(config, AWH_SOURCE_CERTIFICATE, 0);
	assert_null(admwh_server_new(config));
	assert_non_null(strstr(admwh_config_error(config), "no client CA"));
	assert_int_equal(admwh_config_add_exempt_path(config, "/healthz"), 0);
	assert_int_equal(admwh_config_allow_cn(config, "kube-apiserver"), 0);
	assert_null(admwh_server_new(config));
	assert_non_null(strstr(admwh_config_error(config), "exempt"));
	assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST), 0);
	assert_null(admwh_server_new(config));
	assert_non_null(strstr(admwh_config_error(config), "bundle \"default\" has no client CA"));
	assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	assert_null(admwh_server_new(config));
	assert_non_null(strstr(admwh_config_error(config), "insecure"));
	assert_false(config->frozen);
}

/* A contradiction is told before what is missing. */
static void tells_a_contradiction_first(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	assert_int_equal(admwh_config_allow_cn(config, "kube-apiserver"), 0);
	assert_null(admwh_server_new(config));
	assert_string_equal(
	    admwh_config_error(config),
	    "client CAs are set, and the insecure option to ask for no certificate");
}

static void refuses_an_empty_list_and_a_list_beside_any_name(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_bundle *bundle = admwh_config_bundle(config, "apiserver");

	pretend(config, AWH_SOURCE_CERTIFICATE, 0);
	pretend(config, AWH_SOURCE_CLIENT_CA, bundle->index);
	assert_int_equal(awh_config_check(config), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "allows no caller"));
	assert_int_equal(admwh_bundle_allow_any_name(bundle), 0);
	assert_int_equal(awh_config_check(config), 0);
	config->frozen = false;
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_CN, "kube-apiserver"), 0);
	assert_int_equal(awh_config_check(config), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "choose one"));
}

static void takes_names_alone_for_hosts_of_the_health_port(void **state)
{
	static const char *const bad[] = {NULL, "", "a.example:80", "*", "a b", "a.", "[::1]"};
	struct admwh_config *config = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(admwh_config_add_health_host(config, bad[i]), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_add_health_host(config, "Metrics-1.example.com"), 0);
	assert_string_equal(config->health_hosts.items[0], "Metrics-1.example.com");
}

#define SUITE_13 "TLS13-AES256-GCM-SHA384"
#define SUITE_12 "ECDHE-ECDSA-AES256-GCM-SHA384"

/* Whatever is chosen, it is among the safe ones, and TLS 1.3 has one. */
static void takes_cipher_suites_of_its_profile_alone(void **state)
{
	static const struct {
		const char *ciphers;
		int set;                  /* what the setter returns */
		int intermediate, modern; /* what the check of the whole returns */
	} cases[] = {
	    {NULL, 0, 0, 0},
	    {SUITE_13, 0, 0, 0},
	    {SUITE_13 ":" SUITE_12, 0, 0, ADMWH_E_INVAL},
	    {SUITE_12 ":" SUITE_13, 0, 0, ADMWH_E_INVAL},
	    {SUITE_12, ADMWH_E_INVAL, 0, 0},
	    {"", ADMWH_E_INVAL, 0, 0},
	    {":" SUITE_13, ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 ":", ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 "::" SUITE_12, ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 " ", ADMWH_E_INVAL, 0, 0},
	    {"tls13-aes256-gcm-sha384", ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 ":ALL", ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 ":AES256-GCM-SHA384", ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 ":ECDHE-RSA-AES128-SHA", ADMWH_E_INVAL, 0, 0},
	    {SUITE_13 ":NULL-SHA256", ADMWH_E_INVAL, 0, 0},
	};
	struct admwh_config *config = *state;

	pretend(config, AWH_SOURCE_CERTIFICATE, 0);
	assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(admwh_config_set_tls_ciphers(config, NULL), 0);
		assert_int_equal(admwh_config_set_tls_ciphers(config, cases[i].ciphers),
				 cases[i].set);
		assert_int_equal(admwh_config_set_tls_profile(config, ADMWH_TLS_INTERMEDIATE), 0);
		assert_int_equal(awh_config_check(config), cases[i].intermediate);
		assert_int_equal(admwh_config_set_tls_profile(config, ADMWH_TLS_MODERN), 0);
		assert_int_equal(awh_config_check(config), cases[i].modern);
	}
}

static void refuses_health_that_could_not_be_asked(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_config_set_health_listen(config, "localhost:1"), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_health_listen(config, NULL), ADMWH_E_INVAL);
	assert_false(config->has_health);
	assert_int_equal(admwh_config_add_ready_path(config, "ready"), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_add_ready_path(config, "/ready?"), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_add_ready_path(config, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_add_ready_path(config, "/ready"), 0);
	assert_int_equal(admwh_config_add_ready_path(config, "/ready"), ADMWH_E_EXISTS);
}

/* A promise that only TLS could keep must not be made without it. */
static void plain_http_goes_with_no_key_ca_or_exemption(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_config_insecure_plain_http(config), 0);
	assert_int_equal(awh_config_check(config), 0);
	assert_true(config->insecure);
	assert_int_equal(admwh_config_insecure_observe(config), 0);
	assert_int_equal(awh_config_check(config), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "nothing to observe"));
	assert_int_equal(admwh_config_add_exempt_path(config, "/healthz"), 0);
	assert_int_equal(awh_config_check(config), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "exempt paths"));
	assert_non_null(admwh_config_bundle(config, "a"));
	assert_int_equal(awh_config_check(config), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "HTTP without TLS"));
}

static void changes_nothing_once_frozen(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_bundle *bundle = admwh_config_bundle(config, "apiserver");

	config->frozen = true;
	assert_int_equal(admwh_config_set_listen(config, ":1"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_keypair_file(config, "a", "b"), ADMWH_E_STATE);
	assert_null(admwh_config_bundle(config, "apiserver"));
	assert_int_equal(admwh_bundle_add_ca_file(bundle, "a"), ADMWH_E_STATE);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_CN, "a"), ADMWH_E_STATE);
	assert_int_equal(admwh_bundle_allow_any_name(bundle), ADMWH_E_STATE);
	assert_int_equal(admwh_config_add_client_ca_file(config, "a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_allow_cn(config, "a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_allow_any_name(config), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST),
			 ADMWH_E_STATE);
	assert_int_equal(admwh_config_add_exempt_path(config, "/a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_add_warn_path(config, "/a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_health_listen(config, ":1"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_add_ready_path(config, "/a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_add_health_host(config, "a"), ADMWH_E_STATE);
	assert_int_equal(admwh_config_insecure_plain_http(config), ADMWH_E_STATE);
	assert_int_equal(admwh_config_insecure_no_client_auth(config), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_limit(config, ADMWH_LIMIT_BODY, 4096), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_threads(config, 1), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_workers(config, 1), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_processes(config, 1), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_stop_on_signals(config, true), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_tls_profile(config, ADMWH_TLS_MODERN), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_tls_ciphers(config, NULL), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_aes_offload(config, false), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_hardening(config, true), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_log(config, ADMWH_LOG_INFO, NULL, NULL), ADMWH_E_STATE);
}

static void takes_no_config_for_memory_that_ran_out(void **state)
{
	(void)state;
	assert_int_equal(admwh_config_set_listen(NULL, ":1"), ADMWH_E_NOMEM);
	assert_int_equal(admwh_config_add_client_ca_file(NULL, "a"), ADMWH_E_NOMEM);
	assert_int_equal(admwh_config_allow_cn(NULL, "a"), ADMWH_E_NOMEM);
	assert_null(admwh_config_bundle(NULL, "a"));
	assert_null(admwh_server_new(NULL));
	assert_string_equal(admwh_config_error(NULL), "out of memory");
	admwh_config_free(NULL);
}

/* 0 is no enumerator: a value that was never chosen is refused. */
static void refuses_numbers_that_are_no_enumerator(void **state)
{
	static const int auths[] = {-1, 0, ADMWH_CLIENT_AUTH_REQUEST + 1};
	static const int levels[] = {-1, 0, ADMWH_LOG_ERROR + 1};
	static const int profiles[] = {-1, 0, ADMWH_TLS_MODERN + 1};
	struct admwh_config *config = admwh_config_new();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    admwh_config_set_client_auth(config, (enum admwh_client_auth)auths[i]),
		    ADMWH_E_INVAL);
		assert_int_equal(
		    admwh_config_set_tls_profile(config, (enum admwh_tls_profile)profiles[i]),
		    ADMWH_E_INVAL);
		assert_int_equal(admwh_config_set_log(config, (enum admwh_log_level)levels[i],
						      admwh_log_text, NULL),
				 ADMWH_E_INVAL);
	}
	admwh_config_free(config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(refuses_addresses_it_cannot_listen_on),
	    TEST(says_what_is_wrong_with_an_address),
	    TEST(takes_addresses_of_both_families),
	    TEST(names_the_file_it_cannot_read),
	    TEST(refuses_names_no_certificate_may_have),
	    TEST(finds_a_bundle_again_by_its_name),
	    TEST(holds_every_limit_to_its_range),
	    TEST(refuses_numbers_of_threads_out_of_range),
	    TEST(makes_no_server_of_a_config_that_is_not_safe),
	    TEST(tells_a_contradiction_first),
	    TEST(refuses_an_empty_list_and_a_list_beside_any_name),
	    TEST(refuses_health_that_could_not_be_asked),
	    TEST(takes_names_alone_for_hosts_of_the_health_port),
	    TEST(takes_cipher_suites_of_its_profile_alone),
	    TEST(plain_http_goes_with_no_key_ca_or_exemption),
	    TEST(changes_nothing_once_frozen),
	    TEST(takes_no_config_for_memory_that_ran_out),
	    cmocka_unit_test(refuses_numbers_that_are_no_enumerator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
