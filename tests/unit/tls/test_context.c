/* SPDX-License-Identifier: MIT */
/*
 * The guarantees of a context, each seen from the outside: what a client that
 * asks for less than it should gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tls/trust.h"
#include "pair.h"

static struct pair_rules allowed;

static struct awh_tls_context *good_context(const char *server)
{
	struct awh_error error = {0};
	struct awh_tls_context *context = make_context(AWH_TLS_AUTH_REQUIRE, server, "ca/good.crt",
						       "ca/scanner.crt", &allowed, &error);

	if (!context)
		fail_msg("%s", error.text);
	return context;
}

static void open_good(struct pair *pair, struct awh_tls_context *context, WOLFSSL_METHOD *method)
{
	pair_allow_any(&allowed);
	pair_open(pair, context, method);
	assert_true(pair_use_certificate(pair, "client/good.chain.crt", "keys/client.key"));
}

static void offers_only_aead_with_forward_secrecy(void **state)
{
	static const char *const refused[] = {
	    "NULL-SHA256",
	    "ECDHE-ECDSA-NULL-SHA",
	    "ECDHE-ECDSA-RC4-SHA",
	    "ECDHE-ECDSA-DES-CBC3-SHA",
	    "ECDHE-ECDSA-AES128-SHA",
	    "ECDHE-ECDSA-AES128-SHA256",
	    "ECDHE-ECDSA-AES256-SHA384",
	    "ECDHE-ECDSA-AES128-CCM",
	    "ECDHE-ECDSA-AES128-CCM-8",
	    "ECDH-ECDSA-AES128-GCM-SHA256",
	    "ECDH-ECDSA-AES128-SHA",
	    "AES128-GCM-SHA256",
	    "AES128-SHA",
	    "DHE-RSA-AES128-GCM-SHA256",
	    "ECDHE-RSA-AES128-SHA",
	    "ECDHE-RSA-RC4-SHA",
	    "ECDHE-RSA-DES-CBC3-SHA",
	    "ADH-AES128-SHA",
	    "PSK-AES128-GCM-SHA256",
	};
	static const char *const servers[] = {"ecdsa", "rsa"};
	size_t tried = 0;

	(void)state;
	for (size_t s = 0; s < 2; s++) {
		struct awh_tls_context *context = good_context(servers[s]);

		for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
			struct pair pair;

			open_good(&pair, context, wolfTLSv1_2_client_method());
			/* What this build of the client does not have cannot be tried. */
			if (wolfSSL_CTX_set_cipher_list(pair.ctx, refused[i]) == WOLFSSL_SUCCESS) {
				tried++;
				pair_handshake(&pair);
				if (pair.status != ADMWH_E_TLS || pair.code == 0)
					fail_msg("%s with %s: %d", refused[i], servers[s],
						 pair.status);
			}
			pair_close(&pair);
		}
		awh_tls_context_unref(context);
	}
	assert_true(tried >= 12);
}

static void offers_no_weak_cipher_of_tls_13(void **state)
{
	static const char *const refused[] = {"TLS13-AES128-CCM-SHA256",
					      "TLS13-AES128-CCM-8-SHA256", "TLS13-SHA256-SHA256",
					      "TLS13-SHA384-SHA384"};
	struct awh_tls_context *context = good_context("ecdsa");

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct pair pair;

		open_good(&pair, context, wolfTLSv1_3_client_method());
		if (wolfSSL_CTX_set_cipher_list(pair.ctx, refused[i]) == WOLFSSL_SUCCESS) {
			pair_handshake(&pair);
			assert_int_equal(pair.status, ADMWH_E_TLS);
		}
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void speaks_the_listed_ciphers(void **state)
{
	static const struct {
		const char *server;
		const char *cipher;
	} cases[] = {
	    {"ecdsa", "ECDHE-ECDSA-AES128-GCM-SHA256"},  {"ecdsa", "ECDHE-ECDSA-AES256-GCM-SHA384"},
	    {"ecdsa", "ECDHE-ECDSA-CHACHA20-POLY1305"},  {"rsa", "ECDHE-RSA-AES128-GCM-SHA256"},
	    {"rsa", "ECDHE-RSA-AES256-GCM-SHA384"},      {"rsa", "ECDHE-RSA-CHACHA20-POLY1305"},
	    {"p384", "TLS13-AES128-GCM-SHA256"},         {"rsa", "TLS13-AES256-GCM-SHA384"},
	    {"ecdsa", "TLS13-CHACHA20-POLY1305-SHA256"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *context = good_context(cases[i].server);
		bool is_13 = strncmp(cases[i].cipher, "TLS13", 5) == 0;
		struct pair pair;

		open_good(&pair, context,
			  is_13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
		/* wolfSSL asks for one kind of client key in TLS 1.2: that of the server's. */
		if (!is_13 && strcmp(cases[i].server, "rsa") == 0)
			assert_true(pair_use_certificate(&pair, "client/good-rsa.chain.crt",
							 "keys/client-rsa.key"));
		assert_int_equal(wolfSSL_CTX_set_cipher_list(pair.ctx, cases[i].cipher),
				 WOLFSSL_SUCCESS);
		pair_handshake(&pair);
		if (pair.status != 0)
			fail_msg("%s: %s", cases[i].cipher, pair.error.text);
		assert_string_equal(awh_tls_peer(pair.server)->facts.tls_version,
				    is_13 ? "TLSv1.3" : "TLSv1.2");
		pair_close(&pair);
		awh_tls_context_unref(context);
	}
}

static void refuses_tls_11(void **state)
{
	(void)state;
#ifdef NO_OLD_TLS
	skip(); /* such a wolfSSL has no client for it either */
#else
	struct awh_tls_context *context = good_context("ecdsa");
	struct pair pair;

	open_good(&pair, context, wolfTLSv1_1_client_method());
	wolfSSL_CTX_set_cipher_list(pair.ctx, "ECDHE-ECDSA-AES128-SHA");
	pair_handshake(&pair);
	assert_int_equal(pair.status, ADMWH_E_TLS);
	assert_int_equal(pair.alert, wolfssl_alert_protocol_version);
	pair_close(&pair);
	awh_tls_context_unref(context);
#endif
}

static bool is_wanted_group(const char *name)
{
	return name && (strcasecmp(name, "X25519") == 0 || strcasecmp(name, "SECP256R1") == 0 ||
			strcasecmp(name, "SECP384R1") == 0);
}

static void agrees_on_listed_groups_only(void **state)
{
	static const struct {
		int group;
		bool good;
	} cases[] = {
	    {WOLFSSL_ECC_SECP256R1, true},  {WOLFSSL_ECC_SECP384R1, true},
	    {WOLFSSL_ECC_SECP521R1, false},
#ifdef HAVE_CURVE25519
	    {WOLFSSL_ECC_X25519, true},
#endif
#ifdef HAVE_CURVE448
	    {WOLFSSL_ECC_X448, false},
#endif
	};
	struct awh_tls_context *context = good_context("ecdsa");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int groups[1] = {cases[i].group};
		struct pair pair;

		open_good(&pair, context, wolfTLSv1_3_client_method());
		assert_int_equal(wolfSSL_CTX_set_groups(pair.ctx, groups, 1), WOLFSSL_SUCCESS);
		pair_handshake(&pair);
		assert_int_equal(pair.status == 0, cases[i].good);
		pair_close(&pair);

		/* In TLS 1.2 wolfSSL answers with a group of its own where it has none in common.
		 */
		open_good(&pair, context, wolfTLSv1_2_client_method());
		assert_int_equal(wolfSSL_CTX_UseSupportedCurve(pair.ctx, (word16)groups[0]),
				 WOLFSSL_SUCCESS);
		pair_handshake(&pair);
		if (pair.status == 0)
			assert_true(is_wanted_group(wolfSSL_get_curve_name(pair.client)));
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void selects_no_protocol_by_alpn(void **state)
{
	struct awh_tls_context *context = good_context("ecdsa");
	char protocols[] = "h2,http/1.1";
	char *name = NULL;
	unsigned short size = 0;
	struct pair pair;

	(void)state;
	open_good(&pair, context, wolfTLSv1_3_client_method());
	pair_make_client(&pair);
	assert_int_equal(wolfSSL_UseALPN(pair.client, protocols, sizeof(protocols) - 1,
					 WOLFSSL_ALPN_CONTINUE_ON_MISMATCH),
			 WOLFSSL_SUCCESS);
	pair_handshake(&pair);
	assert_int_equal(pair.status, 0);
	assert_int_equal(pair.code, 0);
	assert_int_not_equal(wolfSSL_ALPN_GetProtocol(pair.client, &name, &size), WOLFSSL_SUCCESS);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

/* One handshake by a client that resumes what it can; its session after it, or NULL. */
static WOLFSSL_SESSION *visit(struct awh_tls_context *context, WOLFSSL_METHOD *method,
			      WOLFSSL_SESSION *session, int *status, int *reused)
{
	WOLFSSL_SESSION *kept = NULL;
	struct pair pair;
	char byte;

	pair_open(&pair, context, method);
	assert_true(pair_use_certificate(&pair, "client/good.chain.crt", "keys/client.key"));
	pair_make_client(&pair);
	wolfSSL_UseSessionTicket(pair.client);
	if (session)
		wolfSSL_set_session(pair.client, session);
	pair_handshake(&pair);
	*status = pair.status;
	*reused = wolfSSL_session_reused(pair.client);
	if (pair.status == 0) {
		wolfSSL_read(pair.client, &byte, 1); /* a ticket of TLS 1.3 would come now */
		kept = wolfSSL_get1_session(pair.client);
	}
	pair_close(&pair);
	return kept;
}

static void resumes_nothing_also_after_the_ca_was_removed(void **state)
{
	struct awh_error error = {0};

	(void)state;
	for (int is_13 = 0; is_13 < 2; is_13++) {
		WOLFSSL_METHOD *(*method)(void) =
		    is_13 ? wolfTLSv1_3_client_method : wolfTLSv1_2_client_method;
		struct awh_tls_context *before = good_context("ecdsa");
		struct awh_tls_context *after = make_context(
		    AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/rogue.crt", NULL, &allowed, &error);
		WOLFSSL_SESSION *session;
		int status, reused;

		assert_non_null(after);
		pair_allow_any(&allowed);
		session = visit(before, method(), NULL, &status, &reused);
		assert_int_equal(status, 0);
		assert_non_null(session);
		wolfSSL_SESSION_free(visit(before, method(), session, &status, &reused));
		assert_int_equal(status, 0);
		assert_int_equal(reused, 0);
		wolfSSL_SESSION_free(visit(after, method(), session, &status, &reused));
		assert_int_equal(status, ADMWH_E_UNTRUSTED);
		assert_int_equal(reused, 0);
		wolfSSL_SESSION_free(session);
		awh_tls_context_unref(before);
		awh_tls_context_unref(after);
	}
}

/* What the session would report by itself, with the library's own check out of the way. */
static void gives_out_no_session_tickets(void **state)
{
	struct awh_tls_context *context = good_context("ecdsa");

	(void)state;
	pair_allow_any(&allowed);
	for (int is_13 = 0; is_13 < 2; is_13++) {
		struct pair pair;
		unsigned char ticket[512];
		word32 size = sizeof(ticket);
		char byte;

		open_good(&pair, context,
			  is_13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
		pair_make_client(&pair);
		wolfSSL_UseSessionTicket(pair.client);
		pair_handshake(&pair);
		assert_int_equal(pair.status, 0);
		wolfSSL_read(pair.client, &byte, 1);
		if (wolfSSL_get_SessionTicket(pair.client, ticket, &size) == WOLFSSL_SUCCESS)
			assert_int_equal(size, 0);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void refuses_cas_it_could_not_rely_on(void **state)
{
	json_t *index = pki_index();
	json_t *entry;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(index, "cas"), i, entry) {
		bool usable = strcmp(pki_text(entry, "load"), "ok") == 0;
		struct awh_error error = {0};
		struct awh_tls_context *context = make_context(
		    AWH_TLS_AUTH_REQUIRE, "ecdsa", pki_text(entry, "ca"), NULL, &allowed, &error);

		assert_int_equal(context != NULL, usable);
		assert_int_equal(error.code, usable ? 0 : ADMWH_E_CLIENT_CA);
		awh_tls_context_unref(context);
	}
	json_decref(index);
}

static void refuses_a_ca_in_two_bundles(void **state)
{
	struct awh_error error = {0};

	(void)state;
	assert_null(make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", "ca/two.crt",
				 &allowed, &error));
	assert_int_equal(error.code, ADMWH_E_CLIENT_CA);
	assert_string_equal(error.text, "scanner: certificate 1 is also in another bundle");
}

static void checks_client_cas_without_a_context(void **state)
{
	struct awh_error error = {0};
	size_t len;
	char *pem = pki_load("ca/two.crt", &len);

	(void)state;
	assert_int_equal(awh_tls_check_client_ca(pem, len, &error), 0);
	assert_int_equal(awh_tls_check_client_ca(pem, len - 20, &error), ADMWH_E_CLIENT_CA);
	assert_int_equal(awh_tls_check_client_ca("", 0, &error), ADMWH_E_CLIENT_CA);
	assert_string_equal(error.text, "no certificate in it: the file is empty");
	free(pem);
}

static void says_what_a_ca_file_is_instead(void **state)
{
	static const struct {
		const char *file, *expected;
	} cases[] = {
	    {"ca/key.crt", "a private key, where the certificate of a CA is expected"},
	    {"ca/key-beside.crt",
	     "a private key beside the certificates (take it out of the CA file)"},
	    {"ca/key-in-front.crt",
	     "a private key beside the certificates (take it out of the CA file)"},
	    {"ca/garbage.crt", "no certificate in it: the file has no PEM block (\"-----BEGIN "
			       "...\") in it"},
	    {"ca/crl-beside.crt", "a CRL, which is not read (list what it revokes in a deny file) "
				  "after certificate 1"},
	    {"ca/cut-in-front.crt", "the end of a PEM block whose beginning is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		size_t len;
		char *pem = pki_load(cases[i].file, &len);

		assert_int_equal(awh_tls_check_client_ca(pem, len, &error), ADMWH_E_CLIENT_CA);
		assert_string_equal(error.text, cases[i].expected);
		free(pem);
	}
}

/* An expired CA beside a good one, in its file or in another, is taken and issues nothing. */
static void says_that_a_ca_file_is_a_request(void **state)
{
	static const char request[] =
	    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_tls_check_client_ca(request, strlen(request), &error),
			 ADMWH_E_CLIENT_CA);
	assert_string_equal(error.text,
			    "a certificate request, where the certificate of a CA is expected");
}

static void takes_unusable_cas_beside_others(void **state)
{
	static const struct {
		const char *first, *second, *problem;
	} cases[] = {
	    {"ca/good-and-expired.crt", NULL, NULL},
	    {"ca/good-and-not-yet.crt", NULL, NULL},
	    {"ca/good.crt", "ca/expired.crt", NULL},
	    {"ca/expired.crt", "ca/good.crt", NULL},
	    {"ca/expired.crt", "ca/not-yet.crt", "one: certificate 1 has expired"},
	    {"ca/not-yet.crt", NULL, "one: certificate 1 is not valid yet"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_bundle files[2] = {{.name = "one"}, {.name = "two"}};
		struct awh_error error = {0};
		struct awh_trust trust = {0};
		const char *names[2] = {cases[i].first, cases[i].second};
		size_t n = 0;

		for (; n < 2 && names[n]; n++) {
			char *pem = pki_load(names[n], &files[n].pem_len);

			files[n].pem = pem;
			assert_int_equal(
			    awh_trust_add(&trust, &files[n], awh_clock_wall_s(), &error), 0);
			free(pem);
		}
		assert_int_equal(awh_trust_check(&trust, files, n, &error),
				 cases[i].problem ? ADMWH_E_CLIENT_CA : 0);
		assert_string_equal(error.text, cases[i].problem ? cases[i].problem : "");
		awh_trust_deinit(&trust);
	}
}

/* What TLS 1.2 and 1.3 agree on with a server of this profile and these suites; NULL: on nothing.
 */
static void speaks(enum admwh_tls_profile profile, const char *ciphers, const char *const wanted[2])
{
	struct awh_error error = {0};
	struct awh_tls_context *context;
	struct context_files files;

	files_load(&files, AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", NULL, &allowed);
	files.params.profile = profile;
	files.params.ciphers = ciphers;
	context = awh_tls_context_new(&files.params, &error);
	files_free(&files);
	if (!context)
		fail_msg("%s", error.text);
	for (int i = 0; i < 2; i++) {
		struct pair pair;

		open_good(&pair, context,
			  i ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
		pair_handshake(&pair);
		assert_int_equal(pair.status, wanted[i] ? 0 : ADMWH_E_TLS);
		if (wanted[i])
			assert_string_equal(awh_tls_peer(pair.server)->facts.cipher, wanted[i]);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void speaks_what_its_profile_and_its_suites_say(void **state)
{
	(void)state;
	speaks(ADMWH_TLS_MODERN, "TLS13-AES256-GCM-SHA384",
	       (const char *const[]){NULL, "TLS13-AES256-GCM-SHA384"});
	speaks(ADMWH_TLS_INTERMEDIATE, "TLS13-AES256-GCM-SHA384",
	       (const char *const[]){NULL, "TLS13-AES256-GCM-SHA384"});
	speaks(ADMWH_TLS_INTERMEDIATE, "TLS13-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
	       (const char *const[]){"ECDHE-ECDSA-AES256-GCM-SHA384", "TLS13-AES128-GCM-SHA256"});
}

static void profiles_have_nothing_but_safe_suites(void **state)
{
	static const enum awh_tls_aes aes[] = {AWH_TLS_AES_SOFTWARE, AWH_TLS_AES_WOLFSSL,
					       AWH_TLS_AES_WOLFSSL_FIPS, AWH_TLS_AES_NETTLE};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *wide = awh_tls_ciphers(ADMWH_TLS_INTERMEDIATE, aes[i]);
		const char *modern = awh_tls_ciphers(ADMWH_TLS_MODERN, aes[i]);

		assert_null(awh_tls_ciphers_problem(ADMWH_TLS_INTERMEDIATE, wide));
		assert_null(awh_tls_ciphers_problem(ADMWH_TLS_MODERN, modern));
		assert_non_null(awh_tls_ciphers_problem(ADMWH_TLS_MODERN, wide));
		assert_int_equal(strlen(wide), strlen(awh_tls_ciphers(ADMWH_TLS_INTERMEDIATE, 0)));
		assert_int_equal(strlen(modern), strlen(awh_tls_ciphers(ADMWH_TLS_MODERN, 0)));
		assert_null(strstr(modern, "ECDHE"));
		assert_null(strstr(wide, "CCM"));
	}
	assert_string_equal(awh_tls_versions(ADMWH_TLS_MODERN), "TLSv1.3");
}

/* AES first where it is computed by nettle, which is in TLS 1.3 alone. */
static void prefers_in_each_version_what_is_fast_there(void **state)
{
	const char *offloaded = awh_tls_ciphers(ADMWH_TLS_INTERMEDIATE, AWH_TLS_AES_NETTLE);

	(void)state;
	assert_memory_equal(offloaded, "TLS13-AES128-GCM-SHA256:", 24);
	assert_true(strstr(offloaded, "ECDHE-ECDSA-CHACHA20") <
		    strstr(offloaded, "ECDHE-ECDSA-AES"));
	assert_true(strstr(offloaded, "ECDHE-RSA-CHACHA20") < strstr(offloaded, "ECDHE-RSA-AES"));
	assert_memory_equal(awh_tls_ciphers(ADMWH_TLS_MODERN, AWH_TLS_AES_NETTLE),
			    "TLS13-AES128-GCM-SHA256:", 24);
}

/* The hybrid group is agreed on where the library that is linked has it, and is shown. */
static void prefers_a_hybrid_group_where_there_is_one(void **state)
{
#ifdef WOLFSSL_HAVE_MLKEM
	bool is_shown = strncmp(awh_tls_groups(), "X25519MLKEM768:", 15) == 0;
	struct awh_tls_context *context = good_context("ecdsa");
	struct pair pair;
	int group = 4588; /* X25519MLKEM768 */

	(void)state;
	open_good(&pair, context, wolfTLSv1_3_client_method());
	pair_make_client(&pair);
	if (wolfSSL_set_groups(pair.client, &group, 1) == WOLFSSL_SUCCESS) {
		pair_handshake(&pair);
		assert_int_equal(pair.status == 0, is_shown);
	}
	pair_close(&pair);
	awh_tls_context_unref(context);
#else
	(void)state;
	assert_int_not_equal(strncmp(awh_tls_groups(), "X25519MLKEM768:", 15), 0);
#endif
}

static void shows_x25519_where_there_is_one(void **state)
{
	const char *classical = strstr(awh_tls_groups(), "P-256:P-384");

	(void)state;
	assert_non_null(classical);
#ifdef HAVE_CURVE25519
	assert_true(classical - awh_tls_groups() >= 7);
	assert_string_equal(classical - 7, "X25519:P-256:P-384");
#else
	assert_ptr_equal(classical, awh_tls_groups());
#endif
}

/* Of the library that runs: a program outlives the headers it was built with. */
static void names_its_tls_library(void **state)
{
	(void)state;
	assert_memory_equal(awh_tls_library(), "wolfSSL ", 8);
	assert_string_equal(awh_tls_library() + 8, wolfSSL_lib_version());
	assert_ptr_equal(awh_tls_library(), awh_tls_library());
	if (awh_wolfssl_is_forgeable())
		assert_non_null(strstr(awh_tls_library_warning(), "CVE-2026-5194"));
	else if (awh_tls_library_warning())
		assert_non_null(strstr(awh_tls_library_warning(), "5.9.4"));
}

static void says_why_its_tls_library_does_not_start(void **state)
{
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_wolfssl_start_fail(-228, "/no/urandom", &error), ADMWH_E_TLS);
	assert_string_equal(error.text, "wolfSSL does not start: /no/urandom, its source of random "
					"numbers, cannot be read: No such file or directory");
	assert_int_equal(awh_wolfssl_start_fail(-228, "/dev/null", &error), ADMWH_E_TLS);
	assert_non_null(strstr(error.text, "(-228)"));
	assert_null(strstr(error.text, "/dev/null"));
}

/* Go's crypto/x509 looks at no common name, and takes no SHA-1. */
static void says_which_of_its_certificates_callers_refuse(void **state)
{
	static const char no_name[] = "it has no subject alternative name", sha1[] = "it is signed";
	static const struct {
		const char *certificate, *problem; /* how it begins; NULL: none */
	} cases[] = {
	    {"server/ecdsa.crt", NULL},
	    {"client/cn-only-in-san.crt", NULL},
	    {"client/alternative-names.crt", NULL},
	    {"client/good.crt", no_name},
	    {"client/sha1.crt", sha1},
	};
	struct context_files files;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const bool is_server = strncmp(cases[i].certificate, "server", 6) == 0;
		struct awh_tls_context *context;
		struct awh_error error = {0};
		const char *problem;

		files_load(&files, AWH_TLS_AUTH_NONE, "ecdsa", NULL, NULL, &allowed);
		free(files.data[0]);
		free(files.data[1]);
		files.data[0] = pki_load(cases[i].certificate, &files.params.certificate_len);
		files.data[1] = pki_load(is_server ? "keys/server.key" : "keys/client.key",
					 &files.params.key_len);
		files.params.certificate_pem = files.data[0];
		files.params.key_pem = files.data[1];
		context = awh_tls_context_new(&files.params, &error);
		if (!context)
			fail_msg("%s: %s", cases[i].certificate, error.text);
		problem = awh_tls_context_problem(context);
		if (!cases[i].problem)
			assert_null(problem);
		else if (!problem || strncmp(problem, cases[i].problem, strlen(cases[i].problem)))
			fail_msg("%s: %s", cases[i].certificate, problem);
		awh_tls_context_unref(context);
		files_free(&files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_only_aead_with_forward_secrecy),
	    cmocka_unit_test(offers_no_weak_cipher_of_tls_13),
	    cmocka_unit_test(speaks_the_listed_ciphers),
	    cmocka_unit_test(refuses_tls_11),
	    cmocka_unit_test(agrees_on_listed_groups_only),
	    cmocka_unit_test(selects_no_protocol_by_alpn),
	    cmocka_unit_test(resumes_nothing_also_after_the_ca_was_removed),
	    cmocka_unit_test(gives_out_no_session_tickets),
	    cmocka_unit_test(refuses_cas_it_could_not_rely_on),
	    cmocka_unit_test(refuses_a_ca_in_two_bundles),
	    cmocka_unit_test(checks_client_cas_without_a_context),
	    cmocka_unit_test(speaks_what_its_profile_and_its_suites_say),
	    cmocka_unit_test(profiles_have_nothing_but_safe_suites),
	    cmocka_unit_test(prefers_in_each_version_what_is_fast_there),
	    cmocka_unit_test(prefers_a_hybrid_group_where_there_is_one),
	    cmocka_unit_test(shows_x25519_where_there_is_one),
	    cmocka_unit_test(says_what_a_ca_file_is_instead),
	    cmocka_unit_test(says_that_a_ca_file_is_a_request),
	    cmocka_unit_test(takes_unusable_cas_beside_others),
	    cmocka_unit_test(says_which_of_its_certificates_callers_refuse),
	    cmocka_unit_test(names_its_tls_library),
	    cmocka_unit_test(says_why_its_tls_library_does_not_start),
	};

	return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
