/* SPDX-License-Identifier: MIT */
/*
 * The page of the effective configuration: each option, limit, bundle and route as it was set, the
 * certificate in force, no secret, and never a part of it for the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <admwh/json.h>

#include "../failing_alloc.h"
#include "../temp_folder.h"
#include "made_view.h"
#include "health/configz.h"
#include "tls/pem.h"

static struct made_view made;
static struct awh_view view;

static void set_up_view(struct admwh_config *config)
{
	view = make_view(&made, config, 1);
}

/* Main endpoint and health port of the test PKI. */
static struct admwh_config *new_config(void)
{
	struct admwh_config *config = admwh_config_new();

	assert_int_equal(set_up_config(config), 0);
	return config;
}

/* Neither TLS nor authentication: nothing is read from a file. */
static struct admwh_config *new_plain_config(void)
{
	struct admwh_config *config = admwh_config_new();

	assert_int_equal(admwh_config_insecure_plain_http(config), 0);
	assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	return config;
}

static int tear_down(void **state)
{
	(void)state;
	unmake_view(&made);
	made = (struct made_view){0};
	return 0;
}

static void start(void)
{
	put_snapshot(&made, &view, make_snapshot(made.config, &made.config->sources, false));
}

/* The page as text; *new* */
static char *show(void)
{
	struct awh_buf body;

	awh_buf_init(&body, 1 << 20);
	awh_configz(&view, &body);
	assert_int_equal(awh_buf_terminate(&body), 0);
	return body.data;
}

/* The page as a value; *new* */
static json_t *load(void)
{
	char *text = show();
	json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(whole);
	free(text);
	return whole;
}

static void is(const json_t *got, const char *wanted)
{
	json_t *value = json_loads(wanted, JSON_DECODE_ANY, NULL);
	char *text = got ? json_dumps(got, JSON_ENCODE_ANY) : NULL;

	assert_non_null(value);
	if (!json_equal(got, value))
		fail_msg("expected %s, got %s", wanted, text ? text : "nothing");
	free(text);
	json_decref(value);
}

/* A member of the page. */
static void shows(const char *key, const char *wanted)
{
	json_t *whole = load();

	is(json_object_get(whole, key), wanted);
	json_decref(whole);
}

static void shows_text(const json_t *object, const char *key, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	assert_string_equal(text, wanted);
}

static void put_digest(char *text, const void *data, size_t len)
{
	uint8_t digest[AWH_DIGEST_BYTES];

	assert_int_equal(awh_tls_sha256(data, len, digest), 0);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

/* "sha256" of the first certificate of a file of the PKI. */
static const char *fingerprint(const char *file)
{
	static char text[2 * AWH_DIGEST_BYTES + 1];
	const char *problem = NULL;
	size_t len;
	char *data = load_pki(file, &len);
	struct awh_pem pem;
	struct awh_buf der;

	awh_buf_init(&der, 65536);
	awh_pem_begin(&pem, data, len);
	assert_int_equal(awh_pem_next_certificate(&pem, &der, &problem), 1);
	put_digest(text, der.data, der.len);
	awh_buf_deinit(&der);
	free(data);
	return text;
}

static void set_file(int (*setter)(struct admwh_bundle *, const char *),
		     struct admwh_bundle *bundle, const char *name)
{
	assert_int_equal(setter(bundle, in_folder(name)), 0);
}

static void add_ca(struct admwh_bundle *bundle, const char *file)
{
	char path[4096];

	assert_int_equal(admwh_bundle_add_ca_file(bundle, pki_file(path, sizeof(path), file)), 0);
}

static const char alice[] = "s3cr3t-t0ken-of-alice", bob[] = "s3cr3t-t0ken-of-bob";

static void has_no_secret(const char *page, const char *secret)
{
	if (strstr(page, secret))
		fail_msg("it shows %s", secret);
}

static void has_no_digest_of(const char *page, const char *token)
{
	char text[2 * AWH_DIGEST_BYTES + 1];

	put_digest(text, token, strlen(token));
	has_no_secret(page, text);
}

static void shows_no_secret(void **state)
{
	struct admwh_config *config = new_config();
	size_t len;
	char *key = load_pki("keys/server.key", &len), *page;

	(void)state;
	put_text("tokens.csv", "s3cr3t-t0ken-of-alice,alice,1,\"admins\"\n"
			       "s3cr3t-t0ken-of-bob,bob,2\n");
	assert_int_equal(admwh_config_set_token_file(config, in_folder("tokens.csv"), NULL, NULL),
			 0);
	assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST), 0);
	set_up_view(config);
	start();
	shows("tokens", "2");
	page = show();
	has_no_secret(page, "s3cr3t");
	has_no_secret(page, "BEGIN");
	has_no_secret(page, "PRIVATE");
	has_no_digest_of(page, alice);
	has_no_digest_of(page, bob);
	for (char *rest = key, *line; (line = strsep(&rest, "\n"));)
		if (line[0] && line[0] != '-')
			has_no_secret(page, line);
	free(page);
	free(key);
}

static void shows_every_limit(void **state)
{
	static const struct {
		const char *name, *value;
	} limits[] = {
#define LIMIT_ROW(id, number, text, preset, least, greatest, unit, past)                           \
	{text, "{\"value\":" #preset ",\"default\":" #preset ",\"unit\":\"" unit "\"}"},
	    ADMWH_LIMIT_MAP(LIMIT_ROW)
#undef LIMIT_ROW
	};
	struct admwh_config *config = new_plain_config();
	json_t *whole, *object;

	(void)state;
	set_up_view(config);
	whole = load();
	object = json_object_get(whole, "limits");
	assert_int_equal(json_object_size(object), sizeof(limits) / sizeof(limits[0]));
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		is(json_object_get(object, limits[i].name), limits[i].value);
	json_decref(whole);
	assert_int_equal(admwh_config_set_limit(config, ADMWH_LIMIT_JSON_DEPTH, 1000), 0);
	whole = load();
	is(json_object_get(json_object_get(whole, "limits"), "json-depth"),
	   "{\"value\":1000,\"default\":200,\"unit\":\"levels\"}");
	json_decref(whole);
}

static int no_client_auth(struct admwh_config *config)
{
	return admwh_config_insecure_no_client_auth(config);
}

static int plain(struct admwh_config *config)
{
	int err = admwh_config_insecure_plain_http(config);

	return err ? err : admwh_config_insecure_no_client_auth(config);
}

static int observe(struct admwh_config *config)
{
	int err = set_up_config(config);

	return err ? err : admwh_config_insecure_observe(config);
}

static int unauthenticated(struct admwh_config *config)
{
	char certificate[4096], key[4096];
	int err = admwh_config_set_keypair_file(
	    config, pki_file(certificate, sizeof(certificate), "server/ecdsa.crt"),
	    pki_file(key, sizeof(key), "keys/server.key"));

	return err ? err : no_client_auth(config);
}

static void shows_each_insecure_option_loudly(void **state)
{
	static const struct {
		int (*set)(struct admwh_config *config);
		const char *insecure, *auth, *observe;
	} cases[] = {
	    {set_up_config, "[]", "\"handshake\"", "false"},
	    {unauthenticated, "[\"NO CLIENT IS AUTHENTICATED BY TLS\"]", "\"none\"", "false"},
	    {plain, "[\"NO CLIENT IS AUTHENTICATED BY TLS\",\"HTTP IS SERVED WITHOUT TLS\"]",
	     "\"none\"", "false"},
	    {observe, "[\"OBSERVE MODE: NO CALLER IS REFUSED\"]", "\"handshake\"", "true"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = admwh_config_new();

		assert_int_equal(cases[i].set(config), 0);
		set_up_view(config);
		shows("insecure", cases[i].insecure);
		shows("clientAuth", cases[i].auth);
		shows("observe", cases[i].observe);
		tear_down(NULL);
	}
}

static void shows_addresses_paths_and_counts(void **state)
{
	struct admwh_config *config = new_config();

	(void)state;
	assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST), 0);
	assert_int_equal(admwh_config_set_listen(config, "[::1]:0"), 0);
	assert_int_equal(admwh_config_set_health_listen(config, "127.0.0.1:0"), 0);
	assert_int_equal(admwh_config_set_conversion_listen(config, "127.0.0.1:9445"), 0);
	assert_int_equal(admwh_config_add_ready_path(config, "/readiness"), 0);
	assert_int_equal(admwh_config_add_exempt_path(config, "/healthz"), 0);
	assert_int_equal(admwh_config_set_threads(config, 3), 0);
	assert_int_equal(admwh_config_set_workers(config, 5), 0);
	assert_int_equal(admwh_config_set_processes(config, 2), 0);
	set_up_view(config);
	shows("listen", "{\"address\":\"[::1]:0\",\"port\":8443}");
	shows("healthListen", "{\"address\":\"127.0.0.1:0\",\"port\":8080}");
	shows("conversionListen", "{\"address\":\"127.0.0.1:9445\",\"port\":0}");
	shows("conversions", "[]");
	shows("readyPaths", "[\"/readiness\"]");
	shows("exemptPaths", "[\"/healthz\"]");
	shows("threads", "3");
	shows("workers", "5");
	shows("processes", "2");
	shows("version", "\"" ADMWH_VERSION "\"");
}

static void shows_how_files_are_read_again(void **state)
{
	struct admwh_config *config = new_plain_config();

	(void)state;
	set_up_view(config);
	shows("reload", "{\"on\":true,\"onSighup\":false,\"closeUntrusted\":true,"
			"\"startUnready\":false,\"lastSuccess\":0}");
	assert_int_equal(admwh_config_set_reload(config, false), 0);
	assert_int_equal(admwh_config_set_reload_on_sighup(config, true), 0);
	assert_int_equal(admwh_config_set_close_untrusted(config, false), 0);
	assert_int_equal(admwh_config_set_start_unready(config, true), 0);
	atomic_store(&made.events.metrics.counts->reloaded_s, 1700000000);
	shows("reload", "{\"on\":false,\"onSighup\":true,\"closeUntrusted\":false,"
			"\"startUnready\":true,\"lastSuccess\":1700000000}");
}

static struct admwh_route *add_route(const char *path, struct admwh_route *route)
{
	assert_non_null(route);
	assert_int_equal(awh_routes_add(&made.routes, path, route, &made.error), 0);
	return route;
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	(void)patch;
	return allow(req, resp, userdata);
}

static void no_page(const struct admwh_route *route, const struct awh_http_head *head,
		    struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)route, (void)head, (void)reply, (void)body;
}

static void set_all_options(struct admwh_route *route)
{
	assert_int_equal(admwh_route_set_inline(route, true), 0);
	assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY), 0);
	assert_int_equal(admwh_route_set_unmatched(route, ADMWH_UNMATCHED_ALLOW), 0);
	assert_int_equal(admwh_route_add_filter(route, "apps", NULL, 0), 0);
	assert_int_equal(admwh_route_add_filter(route, NULL, "Pod", 0), 0);
	assert_int_equal(admwh_route_add_workload(route, "a.io", "Rollout", "/spec"), 0);
	assert_int_equal(admwh_route_allow(route, "scanner", ADMWH_RULE_CN, "audit"), 0);
	assert_int_equal(admwh_route_allow(route, "default", ADMWH_RULE_ANY, NULL), 0);
	assert_int_equal(admwh_route_require_token_group(route, "admins"), 0);
	assert_int_equal(admwh_route_set_raw(route, true), 0);
	assert_int_equal(admwh_route_set_warn(route, true), 0);
	assert_int_equal(admwh_route_set_nul_in_trees(route, true), 0);
}

static void shows_each_option_of_a_route(void **state)
{
	(void)state;
	set_up_view(new_plain_config());
	set_all_options(add_route("/all", admwh_route_new_validator(allow, NULL)));
	add_route("/health", awh_route_new_page(no_page, NULL));
	add_route("/none", admwh_route_new_mutator(mutate, NULL));
	shows("routes",
	      "[{\"path\":\"/all\",\"kind\":\"validate\",\"inline\":true,\"onFailure\":\"policy\","
	      "\"unmatched\":\"allow\",\"filters\":2,\"workloads\":1,\"auth\":\"all\",\"bundles\":["
	      "{\"name\":\"scanner\",\"anyone\":false,\"rules\":[\"cn:audit\"]},"
	      "{\"name\":\"default\",\"anyone\":true,\"rules\":[]}],\"groups\":[\"admins\"],"
	      "\"dialect\":\"kubernetes\",\"raw\":true,\"warn\":true,\"nulInTrees\":true},"
	      "{\"path\":\"/health\",\"kind\":\"health\"},"
	      "{\"path\":\"/none\",\"kind\":\"mutate\",\"inline\":false,\"onFailure\":\"deny\","
	      "\"unmatched\":\"fail\",\"filters\":0,\"workloads\":0,\"auth\":\"all\",\"bundles\":[]"
	      ",\"groups\":[],"
	      "\"dialect\":\"kubernetes\",\"raw\":false,\"warn\":false,\"nulInTrees\":false,"
	      "\"patchOptions\":[]}]");
}

/* Of the only route. */
static void shows_patch_options(const char *wanted)
{
	json_t *whole = load();

	is(json_object_get(json_array_get(json_object_get(whole, "routes"), 0), "patchOptions"),
	   wanted);
	json_decref(whole);
}

static void shows_the_patch_options_that_count(void **state)
{
	const unsigned int all = ADMWH_PATCH_MAKE_INDEX_BY_INDEX | ADMWH_PATCH_MAKE_SMALLEST |
				 ADMWH_PATCH_MAKE_NUMBER_TEXT;
	struct admwh_route *route;
	(void)state;

	set_up_view(new_plain_config());
	route = add_route("/mutate", admwh_route_new_mutator(mutate, NULL));
	assert_int_equal(admwh_route_set_dialect(route, ADMWH_DIALECT_KUBEWARDEN), 0);
	shows_patch_options("[\"index-by-index\"]");
	assert_int_equal(admwh_route_set_patch_options(route, all), 0);
	shows_patch_options("[\"index-by-index\",\"smallest\",\"number-text\"]");
	assert_int_equal(admwh_route_set_patch_options(route, 0), 0);
	shows_patch_options("[]");
}

static void shows_each_dialect_and_each_proof(void **state)
{
	static const struct {
		enum admwh_dialect dialect;
		enum admwh_route_auth auth;
		const char *dialect_name, *auth_name;
	} cases[] = {
	    {ADMWH_DIALECT_KUBERNETES, ADMWH_ROUTE_AUTH_ALL, "kubernetes", "all"},
	    {ADMWH_DIALECT_RANCHER, ADMWH_ROUTE_AUTH_CERTIFICATE, "rancher", "certificate"},
	    {ADMWH_DIALECT_KUBEWARDEN, ADMWH_ROUTE_AUTH_TOKEN, "kubewarden", "token"},
	    {ADMWH_DIALECT_PLAIN, ADMWH_ROUTE_AUTH_EITHER, "plain", "either"},
	};
	struct admwh_route *route;

	(void)state;
	set_up_view(new_plain_config());
	route = add_route("/a", admwh_route_new_validator(allow, NULL));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *whole, *one;

		assert_int_equal(admwh_route_set_dialect(route, cases[i].dialect), 0);
		assert_int_equal(admwh_route_set_auth(route, cases[i].auth), 0);
		whole = load();
		one = json_array_get(json_object_get(whole, "routes"), 0);
		shows_text(one, "dialect", cases[i].dialect_name);
		shows_text(one, "auth", cases[i].auth_name);
		json_decref(whole);
	}
}

/* Two bundles: one by rules and files, one that takes any name. */
static void add_bundles(struct admwh_config *config)
{
	struct admwh_bundle *first = admwh_config_bundle(config, "default");
	struct admwh_bundle *second = admwh_config_bundle(config, "scanner");

	put_text("allow", "dns:api.example\n");
	put_text("deny", "serial:01\nserial:02\n");
	assert_int_equal(admwh_bundle_allow(first, ADMWH_RULE_O, "ops"), 0);
	set_file(admwh_bundle_allow_file, first, "allow");
	set_file(admwh_bundle_deny_file, first, "deny");
	add_ca(second, "ca/scanner.crt");
	add_ca(second, "ca/rsa.crt");
	assert_int_equal(admwh_bundle_allow_any_name(second), 0);
}

static void shows_before_the_start_what_the_program_has_set_alone(void **state)
{
	struct admwh_config *config = new_config();

	(void)state;
	add_bundles(config);
	set_up_view(config);
	shows("bundles", "[{\"name\":\"default\",\"cas\":[],\"anyName\":false,"
			 "\"rules\":[\"cn:kube-apiserver\",\"o:ops\"],\"denied\":0},"
			 "{\"name\":\"scanner\",\"cas\":[],\"anyName\":true,\"rules\":[],"
			 "\"denied\":0}]");
	shows("certificate", "null");
	shows("certificateNotAfter", "0");
	shows("filesLoaded", "0");
	shows("tokens", "0");
}

static void shows_bundles_with_what_their_files_say(void **state)
{
	struct admwh_config *config = new_config();
	const struct awh_tls_context *tls;
	json_t *whole, *first, *second, *ca;

	(void)state;
	add_bundles(config);
	set_up_view(config);
	start();
	tls = awh_view_snapshot(&view)->tls;
	whole = load();
	first = json_array_get(json_object_get(whole, "bundles"), 0);
	second = json_array_get(json_object_get(whole, "bundles"), 1);
	is(json_object_get(first, "rules"),
	   "[\"cn:kube-apiserver\",\"o:ops\",\"dns:api.example\"]");
	is(json_object_get(first, "denied"), "2");
	is(json_object_get(second, "denied"), "0");
	assert_int_equal(json_array_size(json_object_get(first, "cas")), 1);
	assert_int_equal(json_array_size(json_object_get(second, "cas")), 2);
	ca = json_array_get(json_object_get(first, "cas"), 0);
	shows_text(ca, "sha256", fingerprint("ca/good.crt"));
	assert_non_null(strstr(json_string_value(json_object_get(ca, "subject")), "CN="));
	assert_int_equal(json_integer_value(json_object_get(ca, "notAfter")),
			 awh_tls_context_ca_end(tls, 0));
	ca = json_array_get(json_object_get(second, "cas"), 0);
	shows_text(ca, "sha256", fingerprint("ca/scanner.crt"));
	ca = json_array_get(json_object_get(second, "cas"), 1);
	shows_text(ca, "sha256", fingerprint("ca/rsa.crt"));
	json_decref(whole);
}

static void shows_the_certificate_in_force(void **state)
{
	static const struct {
		const char *certificate, *key;
	} cases[] = {{"server/ecdsa.crt", "keys/server.key"},
		     {"server/p384.crt", "keys/server-p384.key"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = new_config();
		struct awh_tls_dates dates;
		char file[4096], key[4096];
		json_t *whole, *own;

		assert_int_equal(admwh_config_set_keypair_file(
				     config, pki_file(file, sizeof(file), cases[i].certificate),
				     pki_file(key, sizeof(key), cases[i].key)),
				 0);
		set_up_view(config);
		start();
		dates = awh_tls_context_dates(awh_view_snapshot(&view)->tls);
		whole = load();
		own = json_object_get(whole, "certificate");
		shows_text(own, "sha256", fingerprint(cases[i].certificate));
		is(json_object_get(own, "dnsNames"), "[\"localhost\"]");
		is(json_object_get(own, "ipAddresses"), "[\"127.0.0.1\"]");
		assert_true(strlen(json_string_value(json_object_get(own, "serial"))) > 0);
		assert_int_equal(json_integer_value(json_object_get(own, "notBefore")),
				 dates.begin);
		assert_int_equal(json_integer_value(json_object_get(own, "notAfter")), dates.end);
		assert_int_equal(json_integer_value(json_object_get(whole, "certificateNotAfter")),
				 dates.end);
		assert_true(json_integer_value(json_object_get(whole, "filesLoaded")) > 0);
		json_decref(whole);
		tear_down(NULL);
	}
}

static void shows_what_tls_is_offered(void **state)
{
	json_t *whole, *tls, *cipher;
	size_t i;

	(void)state;
	set_up_view(new_config());
	whole = load();
	tls = json_object_get(whole, "tls");
	shows_text(tls, "library", awh_tls_library());
	shows_text(tls, "aes", awh_tls_aes_name(awh_tls_aes(true)));
	is(json_object_get(tls, "versions"), "[\"TLSv1.2\",\"TLSv1.3\"]");
	assert_true(json_array_size(json_object_get(tls, "ciphers")) > 3);
	json_array_foreach(json_object_get(tls, "ciphers"), i, cipher)
		assert_null(strchr(json_string_value(cipher), ':'));
	json_decref(whole);
	tear_down(NULL);
	set_up_view(new_plain_config());
	shows("tls", "null");
	shows("certificate", "null");
}

static void shows_how_tls_and_processes_are_narrowed(void **state)
{
	struct admwh_config *config = new_config();
	json_t *whole, *tls;

	(void)state;
	assert_int_equal(admwh_config_set_tls_profile(config, ADMWH_TLS_MODERN), 0);
	assert_int_equal(admwh_config_set_tls_ciphers(config, "TLS13-AES256-GCM-SHA384"), 0);
	assert_int_equal(admwh_config_set_aes_offload(config, false), 0);
	assert_int_equal(admwh_config_set_hardening(config, true), 0);
	assert_int_equal(admwh_config_add_health_host(config, "metrics.example.com"), 0);
	set_up_view(config);
	shows("hardening", "true");
	shows("healthHosts", "[\"metrics.example.com\"]");
	whole = load();
	tls = json_object_get(whole, "tls");
	shows_text(tls, "aes", awh_tls_aes_name(awh_tls_aes(false)));
	shows_text(tls, "profile", "modern");
	is(json_object_get(tls, "versions"), "[\"TLSv1.3\"]");
	is(json_object_get(tls, "ciphers"), "[\"TLS13-AES256-GCM-SHA384\"]");
	json_decref(whole);
	tear_down(NULL);
	set_up_view(new_config());
	shows("hardening", "false");
	shows("healthHosts", "[]");
}

static char *whole_page;

/* It is all there, or it has failed: a part could be taken for the whole. */
static void show_or_fail(bool failing)
{
	struct awh_buf body;

	awh_buf_init(&body, 1 << 20);
	awh_configz(&view, &body);
	if (!body.err) {
		assert_int_equal(body.len, strlen(whole_page));
		assert_memory_equal(body.data, whole_page, body.len);
	} else {
		assert_true(failing);
		assert_int_equal(body.err, ADMWH_E_NOMEM);
	}
	awh_buf_deinit(&body);
}

static void fails_as_a_whole_when_memory_runs_out(void **state)
{
	struct admwh_config *config = new_config();

	(void)state;
	add_bundles(config);
	set_up_view(config);
	set_all_options(add_route("/all", admwh_route_new_validator(allow, NULL)));
	start();
	whole_page = show();
	with_failing_allocations(show_or_fail);
	free(whole_page);
}

static void fails_where_it_has_no_room(void **state)
{
	struct awh_buf body;

	(void)state;
	set_up_view(new_plain_config());
	awh_buf_init(&body, 100);
	awh_configz(&view, &body);
	assert_int_not_equal(body.err, 0);
	awh_buf_deinit(&body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(shows_no_secret),
	    TEST(shows_every_limit),
	    cmocka_unit_test(shows_each_insecure_option_loudly),
	    TEST(shows_addresses_paths_and_counts),
	    TEST(shows_how_files_are_read_again),
	    TEST(shows_each_option_of_a_route),
	    TEST(shows_the_patch_options_that_count),
	    TEST(shows_each_dialect_and_each_proof),
	    TEST(shows_before_the_start_what_the_program_has_set_alone),
	    TEST(shows_bundles_with_what_their_files_say),
	    cmocka_unit_test(shows_the_certificate_in_force),
	    TEST(shows_what_tls_is_offered),
	    TEST(shows_how_tls_and_processes_are_narrowed),
	    TEST(fails_as_a_whole_when_memory_runs_out),
	    TEST(fails_where_it_has_no_room),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
