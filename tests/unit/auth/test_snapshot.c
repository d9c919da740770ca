/* SPDX-License-Identifier: MIT */
/* What becomes a snapshot, and what does not; every allocation of a reload fails in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../good_server.h"
#include "../temp_folder.h"
#include "../wrapped_alloc.h"
#include "auth/snapshot.h"
#include "config/check.h"
#include "reload/path_watch.h"
#include "tls/context.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool alloc_fails(void)
{
	return left >= 0 && left-- == 0;
}

static void set_up_files(void)
{
	put_pki("tls.crt", "server/ecdsa.crt");
	put_pki("tls.key", "keys/server.key");
	put_pki("ca.crt", "ca/good.crt");
}

static struct admwh_config *make_config(void)
{
	struct admwh_config *config = admwh_config_new();

	set_up_files();
	assert_int_equal(
	    admwh_config_set_keypair_file(config, in_folder("tls.crt"), in_folder("tls.key")), 0);
	assert_int_equal(admwh_config_add_client_ca_file(config, in_folder("ca.crt")), 0);
	assert_int_equal(admwh_config_allow_cn(config, "kube-apiserver"), 0);
	assert_int_equal(awh_config_check(config), 0);
	return config;
}

/* A snapshot of what is on the disk; NULL: fault says why not */
static struct awh_snapshot *load(const struct admwh_config *config, struct awh_fault *fault)
{
	struct awh_snapshot *snapshot = NULL;
	struct awh_sources fresh;

	if (awh_sources_read_again(&fresh, &config->sources, fault) == 0)
		snapshot = awh_snapshot_new(config, &fresh, &config->sources, fault);
	awh_sources_deinit(&fresh);
	return snapshot;
}

static void refuses(const struct admwh_config *config, enum awh_source_kind kind, const char *file)
{
	struct awh_fault fault;

	assert_null(load(config, &fault));
	assert_int_not_equal(fault.error.code, 0);
	assert_int_equal(fault.kind, kind);
	assert_non_null(strstr(fault.error.text, in_folder(file)));
}

static void refuses_cas_that_are_cut_off_anywhere(void **state)
{
	struct admwh_config *config = make_config();
	struct awh_fault fault;
	size_t len, first;
	char *two = load_pki("ca/two.crt", &len);

	(void)state;
	first = (size_t)(strstr(two, "-----END CERTIFICATE-----") - two) + 25;
	for (size_t cut = 0; cut + 1 < len; cut++) {
		struct awh_snapshot *snapshot;

		put_bytes("ca.crt", two, cut);
		snapshot = load(config, &fault);
		/* With one whole certificate and nothing of a second it is a file as any other. */
		if ((snapshot != NULL) != (cut == first || cut == first + 1))
			fail_msg("cut after %zu of %zu bytes: %s", cut, len,
				 snapshot ? "taken" : fault.error.text);
		if (!snapshot)
			assert_int_equal(fault.kind, AWH_SOURCE_CLIENT_CA);
		awh_snapshot_unref(snapshot);
	}
	free(two);
	admwh_config_free(config);
}

static void refuses_what_no_setter_would_take(void **state)
{
	static const struct {
		const char *file, *from;
		enum awh_source_kind kind;
	} cases[] = {
	    {"tls.crt", "server/expired.crt", AWH_SOURCE_CERTIFICATE},
	    {"tls.crt", "server/rsa.crt", AWH_SOURCE_CERTIFICATE},
	    {"tls.key", "keys/client.key", AWH_SOURCE_CERTIFICATE},
	    {"tls.key", "server/ecdsa.crt", AWH_SOURCE_CERTIFICATE},
	    {"ca.crt", "ca/expired.crt", AWH_SOURCE_CLIENT_CA},
	    {"ca.crt", "ca/not-yet.crt", AWH_SOURCE_CLIENT_CA},
	    {"ca.crt", "client/good.crt", AWH_SOURCE_CLIENT_CA},
	    {"ca.crt", "keys/server.key", AWH_SOURCE_CLIENT_CA},
	};
	struct admwh_config *config = make_config();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_pki(cases[i].file, cases[i].from);
		refuses(config, cases[i].kind, cases[i].file);
		put_text(cases[i].file, "");
		refuses(config, cases[i].kind, cases[i].file);
		unlink(in_folder(cases[i].file));
		refuses(config,
			strcmp(cases[i].file, "tls.key") == 0 ? AWH_SOURCE_KEY : cases[i].kind,
			cases[i].file);
		set_up_files();
	}
	admwh_config_free(config);
}

/* One bad file of CAs does not hide behind a good one of the same bundle. */
static void refuses_each_file_of_cas_by_itself(void **state)
{
	static const char *const cases[] = {"client/good.crt", "keys/server.key"};
	struct admwh_config *config = make_config();

	(void)state;
	put_pki("more.crt", "ca/scanner.crt");
	assert_int_equal(admwh_config_add_client_ca_file(config, in_folder("more.crt")), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_pki("more.crt", cases[i]);
		refuses(config, AWH_SOURCE_CLIENT_CA, "more.crt");
	}
	admwh_config_free(config);
}

static void refuses_tokens_that_no_setter_would_take(void **state)
{
	struct admwh_config *config = make_config();
	struct awh_snapshot *snapshot;
	struct awh_fault fault;

	(void)state;
	put_text("tokens", "s3cret,alice,1\n");
	assert_int_equal(admwh_config_set_token_file(config, in_folder("tokens"), NULL, NULL), 0);
	snapshot = load(config, &fault);
	assert_non_null(snapshot);
	assert_non_null(snapshot->tokens);
	awh_snapshot_unref(snapshot);
	put_text("tokens", "s3cret\n");
	refuses(config, AWH_SOURCE_TOKENS, "tokens");
	unlink(in_folder("tokens"));
	refuses(config, AWH_SOURCE_TOKENS, "tokens");
	admwh_config_free(config);
}

/* As if the file had been read when its certificates were still valid. */
static void pretend_it_was_good(const struct admwh_config *config, enum awh_source_kind kind)
{
	struct awh_sources now;
	struct awh_fault fault;
	size_t i = 0;

	assert_int_equal(awh_sources_read_again(&now, &config->sources, &fault), 0);
	while (config->sources.items[i].kind != kind)
		i++;
	memcpy(config->sources.items[i].digest, now.items[i].digest, AWH_SOURCE_DIGEST);
	awh_sources_deinit(&now);
}

static void keeps_serving_when_what_was_good_expires(void **state)
{
	struct admwh_config *config = make_config();
	struct awh_fault fault;
	struct awh_snapshot *snapshot;

	(void)state;
	put_pki("ca.crt", "ca/expired.crt");
	pretend_it_was_good(config, AWH_SOURCE_CLIENT_CA);
	put_pki("tls.crt", "server/forever.crt");
	snapshot = load(config, &fault);
	assert_non_null(snapshot);
	assert_int_equal(awh_tls_context_ca_end(snapshot->tls, 0), 1609459200);
	awh_snapshot_unref(snapshot);
	put_pki("tls.crt", "server/expired.crt");
	refuses(config, AWH_SOURCE_CERTIFICATE, "tls.crt");
	pretend_it_was_good(config, AWH_SOURCE_CERTIFICATE);
	put_pki("ca.crt", "ca/rollover.crt");
	snapshot = load(config, &fault);
	assert_non_null(snapshot);
	assert_int_equal(awh_tls_context_dates(snapshot->tls).end, 1609459200);
	awh_snapshot_unref(snapshot);
	admwh_config_free(config);
}

static void makes_none_of_what_was_not_there(void **state)
{
	struct admwh_config *config = admwh_config_new();
	struct awh_fault fault;

	(void)state;
	unlink(in_folder("tls.crt"));
	assert_int_equal(
	    admwh_config_set_keypair_file(config, in_folder("tls.crt"), in_folder("tls.key")),
	    ADMWH_E_IO);
	assert_int_equal(admwh_config_set_start_unready(config, true), 0);
	assert_int_equal(
	    admwh_config_set_keypair_file(config, in_folder("tls.crt"), in_folder("tls.key")), 0);
	assert_string_equal(admwh_config_error(config), "");
	assert_int_equal(admwh_config_set_keypair_file(config, NULL, NULL), ADMWH_E_INVAL);
	assert_null(awh_snapshot_new(config, &config->sources, NULL, &fault));
	assert_int_equal(fault.error.code, ADMWH_E_IO);
	admwh_config_free(config);
}

static void asks_the_dates_of_its_certificates(void **state)
{
	struct admwh_config *config = make_config();
	struct awh_fault fault;
	struct awh_snapshot *snapshot = load(config, &fault);

	(void)state;
	assert_non_null(snapshot);
	assert_int_equal(awh_tls_context_dates(snapshot->tls).begin, 1577836800);
	assert_int_equal(awh_tls_context_ca_end(snapshot->tls, 0), 2524607999);
	assert_int_equal(awh_tls_context_ca_end(snapshot->tls, 1), 0);
	awh_snapshot_unref(snapshot);
	admwh_config_free(config);
}

/* A client that is connected, of the snapshot's first CA. */
static struct awh_peer *peer_of(const struct awh_snapshot *snapshot)
{
	const struct awh_anchor *anchor = &snapshot->tls->trust.anchors[0];
	struct awh_peer *peer = awh_peer_new();

	assert_non_null(peer);
	peer->proof = AWH_PROOF_VERIFIED;
	peer->valid_until = INT64_MAX;
	peer->cn_form = AWH_CN_ONE;
	peer->facts.common_name = "kube-apiserver";
	peer->facts.serial = "01";
	peer->facts.fingerprint = "00";
	peer->key = "00";
	assert_int_equal(awh_peer_fill_anchor(peer, anchor), 0);
	return peer;
}

static void deny_ca(const struct awh_snapshot *snapshot)
{
	const uint8_t *digest = snapshot->tls->trust.anchors[0].sha256;
	char line[128] = "sha256:";
	size_t len = strlen(line);

	for (size_t i = 0; i < 32; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%02x", digest[i]);
	snprintf(line + len, sizeof(line) - len, "\n");
	put_text("deny", line);
}

static void check_again(const struct admwh_config *config, const struct awh_peer *peer, int err,
			const char *text)
{
	struct awh_error error = {0};
	struct awh_fault fault;
	struct awh_snapshot *fresh = load(config, &fault);

	assert_non_null(fresh);
	assert_int_equal(awh_snapshot_identify_again(fresh, peer, &error), err);
	assert_string_equal(error.text, text);
	awh_snapshot_unref(fresh);
}

/* A connection outlives the snapshot that it was accepted under. */
static void evaluates_a_connected_client_again(void **state)
{
	struct admwh_config *config = make_config();
	struct awh_snapshot *snapshot;
	struct awh_fault fault;
	struct awh_peer *peer;

	(void)state;
	put_text("deny", "serial:ff\n");
	assert_int_equal(
	    admwh_bundle_deny_file(admwh_config_bundle(config, "default"), in_folder("deny")), 0);
	snapshot = load(config, &fault);
	assert_non_null(snapshot);
	peer = peer_of(snapshot);
	check_again(config, peer, 0, "");
	deny_ca(snapshot);
	check_again(config, peer, ADMWH_E_REVOKED, "the client certificate's CA is denied");
	put_pki("ca.crt", "ca/rogue.crt");
	check_again(config, peer, ADMWH_E_UNTRUSTED,
		    "the client certificate's CA is no longer trusted");
	awh_peer_unref(peer);
	awh_snapshot_unref(snapshot);
	admwh_config_free(config);
}

static void survives_every_allocation_that_fails(void **state)
{
	struct admwh_config *config = make_config();
	long n = 0, made = 0;

	(void)state;
	put_pki("ca.crt", "ca/two.crt");
	for (bool ran_out = true; ran_out; n++) {
		struct awh_path_watch path_watch = {0};
		struct awh_sources copy = {0};
		struct awh_snapshot *snapshot;
		struct awh_fault fault;

		left = n;
		awh_path_watch_add(&path_watch, in_folder("tls.crt"));
		awh_sources_copy(&copy, &config->sources);
		snapshot = load(config, &fault);
		ran_out = left < 0;
		left = -1;
		if (!snapshot)
			assert_int_not_equal(fault.error.code, 0);
		if (!snapshot && fault.error.code == ADMWH_E_NOMEM)
			assert_int_equal(fault.kind, AWH_SOURCE_NONE);
		made += snapshot != NULL;
		awh_snapshot_unref(snapshot);
		awh_sources_deinit(&copy);
		awh_path_watch_deinit(&path_watch);
	}
	assert_true(n > 30);
	assert_true(made >= 1);
	admwh_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_cas_that_are_cut_off_anywhere),
	    cmocka_unit_test(refuses_what_no_setter_would_take),
	    cmocka_unit_test(refuses_each_file_of_cas_by_itself),
	    cmocka_unit_test(refuses_tokens_that_no_setter_would_take),
	    cmocka_unit_test(keeps_serving_when_what_was_good_expires),
	    cmocka_unit_test(makes_none_of_what_was_not_there),
	    cmocka_unit_test(asks_the_dates_of_its_certificates),
	    cmocka_unit_test(evaluates_a_connected_client_again),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
