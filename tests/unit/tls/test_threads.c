/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "pair.h"

enum { THREADS = 4, HANDSHAKES = 8 };

static struct pair_rules allowed;

static int authorize(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	const struct pair_rules *rules = userdata;

	return awh_identify(peer, rules->rules, 2, error);
}

struct work {
	struct awh_tls_context *context;
	unsigned int good, refused;
};

static void *make_handshakes(void *arg)
{
	static const char *const clients[] = {"client/good.chain.crt", "client/rogue.chain.crt",
					      "client/intermediate.chain.crt",
					      "client/expired.chain.crt"};
	struct work *work = arg;

	for (size_t i = 0; i < HANDSHAKES; i++) {
		struct pair pair;

		pair_open(&pair, work->context,
			  i & 4 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method());
		pair_use_certificate(&pair, clients[i & 3], "keys/client.key");
		pair_handshake(&pair);
		work->good += pair.status == 0;
		work->refused += pair.status == ADMWH_E_UNTRUSTED;
		pair_close(&pair);
	}
	awh_tls_thread_trim();
	return NULL;
}

static struct awh_tls_context *new_context(void)
{
	struct awh_tls_context *context;
	struct context_files files;

	files_load(&files, AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", "ca/scanner.crt",
		   &allowed);
	files.params.authorize = authorize;
	context = awh_tls_context_new(&files.params, NULL);
	files_free(&files);
	assert_non_null(context);
	return context;
}

static void shares_a_context_between_threads(void **state)
{
	struct work work[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < THREADS; i++) {
		/* Two threads a context, and each context given up while it is in use. */
		work[i] = (struct work){.context = i & 1 ? awh_tls_context_ref(work[i - 1].context)
							 : new_context()};
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_handshakes, &work[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		awh_tls_context_unref(work[i].context);
		assert_int_equal(work[i].good, HANDSHAKES / 2);
		assert_int_equal(work[i].refused, HANDSHAKES / 2);
	}
}

static void *start(void *arg)
{
	*(int *)arg = awh_wolfssl_start(NULL);
	return NULL;
}

static void starts_wolfssl_from_any_thread(void **state)
{
	pthread_t threads[THREADS];
	int status[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, start, &status[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(status[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starts_wolfssl_from_any_thread),
	    cmocka_unit_test(shares_a_context_between_threads),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
