/* SPDX-License-Identifier: MIT */
/*
 * Each setter that takes memory runs out of it at each of its allocations: it
 * says so, and can be called again as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "../good_server.h"
#include "../temp_folder.h"
#include "auth/snapshot.h"
#include "config/check.h"
#include "config/config.h"

static const char *pki(const char *name)
{
	static char path[4096];

	return pki_file(path, sizeof(path), name);
}

static int read_tokens(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	static const char *const groups[] = {"a", "b"};

	(void)text, (void)len, (void)userdata;
	/* What a reader makes of a lack of memory does not matter. */
	if (admwh_tokens_add(tokens, "first", "one", groups, 2)) {
		assert_int_equal(admwh_tokens_add(tokens, "second", "two", NULL, 0), ADMWH_E_NOMEM);
		return 0;
	}
	return admwh_tokens_add(tokens, "second", "two", NULL, 0);
}

static int keypair(struct admwh_config *config)
{
	char key[4096];

	return admwh_config_set_keypair_file(config, pki("server/ecdsa.crt"),
					     pki_file(key, sizeof(key), "keys/server.key"));
}

static int client_ca(struct admwh_config *config)
{
	return admwh_config_add_client_ca_file(config, pki("ca/good.crt"));
}

static int cn(struct admwh_config *config)
{
	return admwh_config_allow_cn(config, "kube-apiserver");
}

static int any_name(struct admwh_config *config)
{
	return admwh_config_allow_any_name(config);
}

static int bundle(struct admwh_config *config)
{
	return admwh_config_bundle(config, "scanner") ? 0 : ADMWH_E_NOMEM;
}

static int rule_file(struct admwh_config *config)
{
	struct admwh_bundle *named = admwh_config_bundle(config, "scanner");

	return named ? admwh_bundle_allow_file(named, in_folder("allow")) : ADMWH_E_NOMEM;
}

static int deny_file(struct admwh_config *config)
{
	struct admwh_bundle *named = admwh_config_bundle(config, "scanner");

	return named ? admwh_bundle_deny_file(named, in_folder("deny")) : ADMWH_E_NOMEM;
}

static int token_file(struct admwh_config *config)
{
	return admwh_config_set_token_file(config, in_folder("tokens"), NULL, NULL);
}

static int own_token_file(struct admwh_config *config)
{
	return admwh_config_set_token_file(config, in_folder("tokens"), read_tokens, NULL);
}

static int ciphers(struct admwh_config *config)
{
	return admwh_config_set_tls_ciphers(config, "TLS13-AES256-GCM-SHA384");
}

static int exempt_path(struct admwh_config *config)
{
	return admwh_config_add_exempt_path(config, "/open");
}

static int warn_path(struct admwh_config *config)
{
	return admwh_config_add_warn_path(config, "/trial");
}

static int ready_path(struct admwh_config *config)
{
	return admwh_config_add_ready_path(config, "/ready");
}

static int health_host(struct admwh_config *config)
{
	return admwh_config_add_health_host(config, "health.example");
}

static int record_folder(struct admwh_config *config)
{
	return admwh_config_set_record_folder(config, in_folder("record"));
}

static int record_kind(struct admwh_config *config)
{
	return admwh_config_add_record_kind(config, "apps/Deployment");
}

typedef int setter(struct admwh_config *config);

static setter *const setters[] = {
    keypair,       client_ca,      cn,      any_name,    bundle,    rule_file,  deny_file,
    token_file,    own_token_file, ciphers, exempt_path, warn_path, ready_path, health_host,
    record_folder, record_kind,
};

static setter *tried;

static void try_setter(bool failing)
{
	struct admwh_config *config = admwh_config_new();
	int err;

	if (!config) {
		assert_true(failing);
		return;
	}
	err = tried(config);
	if (alloc_has_failed && failing) {
		/* A failure that a library underneath hides is none. */
		if (err && err != ADMWH_E_NOMEM)
			fail_msg("%d %s", err, admwh_config_error(config));
		if (err)
			assert_string_not_equal(admwh_config_error(config), "");
		alloc_left = -1;
		err = err ? tried(config) : 0;
	}
	if (err)
		fail_msg("%d %s", err, admwh_config_error(config));
	admwh_config_free(config);
}

static void setters_can_be_called_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(setters) / sizeof(*setters); i++) {
		tried = setters[i];
		with_failing_allocations(try_setter);
	}
}

/* The same of a whole config, and of the auth snapshot that is made of it. */
static void make_snapshot(bool failing)
{
	static setter *const needed[] = {keypair,   client_ca,  cn,         rule_file,
					 deny_file, token_file, exempt_path};
	struct admwh_config *config;
	struct awh_snapshot *snapshot;
	struct awh_fault fault = {0};
	long left = alloc_left;

	alloc_left = -1;
	config = admwh_config_new();
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		assert_int_equal(needed[i](config), 0);
	assert_int_equal(
	    admwh_bundle_add_ca_file(admwh_config_bundle(config, "scanner"), pki("ca/scanner.crt")),
	    0);
	assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST), 0);
	assert_int_equal(awh_config_check(config), 0);
	alloc_left = left;
	alloc_has_failed = false;
	snapshot = awh_snapshot_new(config, &config->sources, NULL, &fault);
	alloc_left = -1;
	if (!snapshot) {
		assert_true(failing && alloc_has_failed);
		if (fault.error.code != ADMWH_E_NOMEM)
			fail_msg("%d %s", fault.error.code, fault.error.text);
	}
	awh_snapshot_unref(snapshot);
	admwh_config_free(config);
}

static void a_snapshot_is_made_whole_or_not_at_all(void **state)
{
	(void)state;
	with_failing_allocations(make_snapshot);
}

static int set_up(void **state)
{
	if (make_folder(state))
		return -1;
	put_text("allow", "cn:audit-scanner\nuri:spiffe://cluster.local/sa/api\n");
	put_text("deny", "serial:01\nserial:02\n");
	put_text("tokens", "0123456789abcdef,one,1,\"a,b\"\nfedcba9876543210,two,2\n");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(setters_can_be_called_again),
	    cmocka_unit_test(a_snapshot_is_made_whole_or_not_at_all),
	};

	return cmocka_run_group_tests_name("memory", tests, set_up, remove_folder);
}
