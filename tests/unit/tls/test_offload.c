/* SPDX-License-Identifier: MIT */
/*
 * Records of TLS 1.3 through nettle, against wolfSSL's own software in the client:
 * what they exchange, what is forged, keys that change, and what is left to wolfSSL.
 */
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"
#include "tls/offload.h"
#include "tls/session.h"

#define AES_128 "TLS13-AES128-GCM-SHA256"
#define AES_256 "TLS13-AES256-GCM-SHA384"

enum {
	RECORD_MAX = 16384,
	RECORD_HEAD = 5,
	BAD_RECORD_MAC = 20,
	THREADS = 4,
};

static struct pair_rules allowed;

static bool is_offloading(void)
{
	return awh_tls_aes(true) == AWH_TLS_AES_NETTLE;
}

/* Counts no calls: threads share the rules. */
static int authorize(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	const struct pair_rules *rules = userdata;

	return awh_identify(peer, rules->rules, 2, error);
}

static struct awh_tls_context *new_context(bool may_offload)
{
	struct awh_tls_context *context;
	struct context_files files;

	pair_allow_any(&allowed);
	files_load(&files, AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", NULL, &allowed);
	files.params.authorize = authorize;
	files.params.no_aes_offload = !may_offload;
	context = awh_tls_context_new(&files.params, NULL);
	files_free(&files);
	assert_non_null(context);
	return context;
}

/* Of tests that are about nothing else. */
static struct awh_tls_context *offloading_context(void)
{
	if (!is_offloading())
		skip();
	return new_context(true);
}

/* suite: NULL leaves the choice to the server */
static void open_with(struct pair *pair, struct awh_tls_context *context, int version,
		      const char *suite)
{
	pair_open(pair, context,
		  version == 13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
	if (suite)
		assert_int_equal(wolfSSL_CTX_set_cipher_list(pair->ctx, suite), WOLFSSL_SUCCESS);
	assert_true(pair_use_certificate(pair, "client/good.chain.crt", "keys/client.key"));
	pair_handshake(pair);
	if (pair->status != 0)
		fail_msg("%s", pair->error.text);
}

/* The server receives what the client has sent, and sends it back. */
static void echo(struct pair *pair, size_t len)
{
	static _Thread_local char sent[RECORD_MAX], received[RECORD_MAX];
	size_t n;

	for (size_t i = 0; i < len; i++)
		sent[i] = (char)(i * 5 + len);
	memset(received, 0, sizeof(received));
	assert_int_equal(wolfSSL_write(pair->client, sent, (int)len), len);
	for (size_t got = 0; got < len; got += n)
		assert_int_equal(
		    awh_tls_read(pair->server, received + got, sizeof(received) - got, &n), 0);
	assert_memory_equal(received, sent, len);
	memset(received, 0, sizeof(received));
	assert_int_equal(awh_tls_write(pair->server, sent, len, &n), 0);
	assert_int_equal(n, len);
	assert_int_equal(wolfSSL_read(pair->client, received, sizeof(received)), len);
	assert_memory_equal(received, sent, len);
}

static void exchanges_records_of_many_sizes(void **state)
{
	static const char *const suites[] = {AES_128, AES_256, NULL};
	static const size_t lens[] = {1,   2,   15,  16,   17,   31,   32,    33,
				      250, 255, 256, 1400, 4096, 8191, 16383, 16384};
	struct awh_tls_context *context = offloading_context();

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		struct pair pair;

		open_with(&pair, context, 13, suites[s]);
		assert_string_equal(awh_tls_peer(pair.server)->facts.cipher,
				    suites[s] ? suites[s] : AES_128);
		assert_non_null(pair.server->aead);
		for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
			echo(&pair, lens[i]);
		awh_tls_close(pair.server);
		assert_int_equal(wolfSSL_read(pair.client, (char[1]){0}, 1), 0);
		assert_int_equal(wolfSSL_get_error(pair.client, 0), WOLFSSL_ERROR_ZERO_RETURN);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void leaves_to_wolfssl_what_is_not_its_own(void **state)
{
	static const struct {
		bool may_offload;
		int version;
		const char *suite;
	} cases[] = {
	    {true, 12, "ECDHE-ECDSA-AES128-GCM-SHA256"},
	    {true, 12, "ECDHE-ECDSA-AES256-GCM-SHA384"},
	    {true, 12, "ECDHE-ECDSA-CHACHA20-POLY1305"},
	    {true, 13, "TLS13-CHACHA20-POLY1305-SHA256"},
	    {false, 13, AES_128},
	    {false, 13, AES_256},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *context = new_context(cases[i].may_offload);
		struct pair pair;

		open_with(&pair, context, cases[i].version, cases[i].suite);
		assert_string_equal(awh_tls_peer(pair.server)->facts.cipher, cases[i].suite);
		assert_null(pair.server->aead);
		echo(&pair, 1);
		echo(&pair, RECORD_MAX);
		pair_close(&pair);
		awh_tls_context_unref(context);
	}
}

/* AES-CCM has keys, nonces and tags of the same sizes: no context of ours offers it. */
static void agrees_on_no_suite_with_ccm(void **state)
{
	struct awh_tls_context *context = new_context(true);
	struct pair pair;

	(void)state;
	pair_open(&pair, context, wolfTLSv1_3_client_method());
	if (wolfSSL_CTX_set_cipher_list(pair.ctx, "TLS13-AES128-CCM-SHA256") == WOLFSSL_SUCCESS) {
		pair_handshake(&pair);
		assert_int_equal(pair.status, ADMWH_E_TLS);
	}
	pair_close(&pair);
	awh_tls_context_unref(context);
}

/* What the client would have sent. */
static uint8_t caught[RECORD_HEAD + 256 + AWH_AEAD_TAG + 1];
static size_t caught_len;

static int catch_record(WOLFSSL *ssl, char *buf, int size, void *arg)
{
	(void)ssl;
	(void)arg;
	assert_true(size >= 1 && (size_t)size <= sizeof(caught));
	memcpy(caught, buf, (size_t)size);
	caught_len = (size_t)size;
	return size;
}

static void set_length(size_t len)
{
	caught[3] = (uint8_t)((len - RECORD_HEAD) >> 8);
	caught[4] = (uint8_t)(len - RECORD_HEAD);
	caught_len = len;
}

/* The server ends the connection with an alert, and hands out nothing. */
static void check_refused(struct pair *pair, bool is_whole)
{
	char byte, buf[512];
	size_t n = 1;

	assert_int_equal(send(pair->fds[1], caught, caught_len, 0), caught_len);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(awh_tls_read(pair->server, buf, sizeof(buf), &n), ADMWH_E_TLS);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 'x');
	assert_int_equal(awh_tls_pending(pair->server), 0);
	assert_int_equal(awh_tls_write(pair->server, "x", 1, &n), ADMWH_E_WRITE);
	assert_true(wolfSSL_read(pair->client, &byte, 1) <= 0);
	note_alert(pair);
	if (is_whole)
		assert_int_equal(pair->alert, BAD_RECORD_MAC);
	else
		assert_true(pair->alert > 0);
}

static void ends_a_connection_whose_record_is_forged(void **state)
{
	static const struct {
		int at;  /* of the bit that is changed; -1: none; from the end: -2 and so on */
		int cut; /* bytes that are missing, with the length in the header adapted */
	} cases[] = {
	    {RECORD_HEAD, 0},
	    {RECORD_HEAD + 100, 0},
	    {RECORD_HEAD + 200, 0},
	    {-2, 0},
	    {-17, 0},
	    {-18, 0},
	    {-1, 1},
	    {-1, 15},
	    {-1, 16},
	    {-1, 100},
	    {-1, 200},
	    {-1, 201},
	};
	struct awh_tls_context *context = offloading_context();
	char secret[200];

	(void)state;
	memset(secret, 's', sizeof(secret));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair pair;
		int at = cases[i].at;

		open_with(&pair, context, 13, i & 1 ? AES_256 : AES_128);
		echo(&pair, 10);
		wolfSSL_SSLSetIOSend(pair.client, catch_record);
		assert_int_equal(wolfSSL_write(pair.client, secret, sizeof(secret)),
				 sizeof(secret));
		assert_int_equal(caught_len, RECORD_HEAD + sizeof(secret) + 1 + AWH_AEAD_TAG);
		if (at != -1)
			caught[at < 0 ? (int)caught_len + at + 1 : at] ^= 16;
		if (cases[i].cut)
			set_length(caught_len - (size_t)cases[i].cut);
		check_refused(&pair, caught_len >= RECORD_HEAD + 1 + AWH_AEAD_TAG);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

/* And one that is sent twice: its number is part of the nonce. */
static void ends_a_connection_whose_record_comes_again(void **state)
{
	struct awh_tls_context *context = offloading_context();
	struct pair pair;
	char buf[8];
	size_t n;

	(void)state;
	open_with(&pair, context, 13, AES_128);
	wolfSSL_SSLSetIOSend(pair.client, catch_record);
	assert_int_equal(wolfSSL_write(pair.client, "once", 4), 4);
	assert_int_equal(send(pair.fds[1], caught, caught_len, 0), caught_len);
	assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
	assert_int_equal(n, 4);
	check_refused(&pair, true);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

/* A server's keys: sent with, and received with. */
struct keys {
	uint8_t sent[16], received[16];
};

static struct keys keys_of(const struct awh_tls_session *session)
{
	struct keys keys;

	memcpy(keys.sent, wolfSSL_GetServerWriteKey(session->ssl), sizeof(keys.sent));
	memcpy(keys.received, wolfSSL_GetClientWriteKey(session->ssl), sizeof(keys.received));
	return keys;
}

/* RFC 8446 section 4.6.3; wolfSSL asks the other side to do likewise. */
static void goes_on_with_keys_that_either_side_updates(void **state)
{
	static const char *const suites[] = {AES_128, AES_256};
	struct awh_tls_context *context = offloading_context();

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		struct pair pair;

		open_with(&pair, context, 13, suites[i & 1]);
		echo(&pair, 100);
		for (size_t updates = 0; updates < 3; updates++) {
			struct keys before = keys_of(pair.server), after;

			assert_int_equal(
			    wolfSSL_update_keys(i & 2 ? pair.server->ssl : pair.client),
			    WOLFSSL_SUCCESS);
			if (i & 2) /* the request is read along with data */
				assert_true(wolfSSL_read(pair.client, (char[1]){0}, 1) <= 0);
			echo(&pair, 100);
			echo(&pair, 1000);
			after = keys_of(pair.server);
			assert_memory_not_equal(before.sent, after.sent, sizeof(after.sent));
			assert_memory_not_equal(before.received, after.received,
						sizeof(after.received));
		}
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

/* Record by record, and while others come and go. */
static void keeps_connections_apart(void **state)
{
	enum { CONNECTIONS = 60 };
	static struct pair pairs[CONNECTIONS];
	static const char *const suites[] = {AES_128, AES_256, "TLS13-CHACHA20-POLY1305-SHA256"};
	struct awh_tls_context *context = offloading_context();

	(void)state;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		open_with(&pairs[i], context, 13, suites[i % 3]);
		for (size_t others = 0; others <= i; others += 3)
			echo(&pairs[others], i + 1);
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		pair_close(&pairs[i]);
		for (size_t others = i + 1; others < CONNECTIONS; others += 3)
			echo(&pairs[others], i + 1);
	}
	awh_tls_context_unref(context);
}

static void *echo_in_thread(void *context)
{
	for (size_t i = 0; i < 8; i++) {
		struct pair pair;

		open_with(&pair, context, 13, i & 1 ? AES_256 : AES_128);
		for (size_t len = 1; len <= RECORD_MAX; len *= 2)
			echo(&pair, len);
		pair_close(&pair);
	}
	awh_tls_thread_trim();
	return NULL;
}

static void serves_several_threads_with_a_context(void **state)
{
	struct awh_tls_context *context = offloading_context();
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, echo_in_thread, context), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	awh_tls_context_unref(context);
}

/* In the place of free(): what a watched block holds at its end. */
void __real_free(void *block);
void __wrap_free(void *block);

static uint8_t *watched;
static bool was_zero;

void __wrap_free(void *block)
{
	if (watched && block == watched) {
		watched = NULL;
		was_zero = true;
		for (size_t i = 0; i + 16 < malloc_usable_size(block); i++)
			was_zero = was_zero && ((uint8_t *)block)[i] == 0;
	}
	__real_free(block);
}

static void wipes_the_keys_of_a_connection_that_ends(void **state)
{
	struct awh_tls_context *context = offloading_context();
	struct pair pair;
	struct keys keys;
	size_t size;

	(void)state;
	open_with(&pair, context, 13, AES_128);
	echo(&pair, 100);
	keys = keys_of(pair.server);
	watched = (uint8_t *)pair.server->aead;
	size = malloc_usable_size(watched);
	assert_non_null(memmem(watched, size, keys.sent, sizeof(keys.sent)));
	assert_non_null(memmem(watched, size, keys.received, sizeof(keys.received)));
	pair_close(&pair);
	assert_null(watched);
	assert_true(was_zero);
	awh_tls_context_unref(context);
}

/* OpenSSL's client, whose commands are lines: K updates its keys and asks for ours, k its own. */
static FILE *start_openssl(int *fd, char *received)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char command[1024];
	FILE *client;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(mkstemp(received) < 0, false);
	snprintf(command, sizeof(command),
		 "cd %s && exec openssl s_client -connect 127.0.0.1:%u -tls1_3"
		 " -cert client/good.crt -key keys/client.key >%s 2>&1",
		 getenv("ADMWH_PKI"), ntohs(address.sin_port), received);
	client = popen(command, "we");
	assert_non_null(client);
	*fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*fd >= 0);
	fcntl(*fd, F_SETFL, O_NONBLOCK);
	close(listener);
	return client;
}

static void wait_for(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&ready, 1, 60000), 1);
}

static void await_text(struct awh_tls_session *session, int fd, const char *text)
{
	char buf[64] = {0};
	size_t len = 0, n;
	int err;

	while (len < strlen(text)) {
		err = awh_tls_read(session, buf + len, sizeof(buf) - 1 - len, &n);
		assert_true(err == 0 || err == AWH_TLS_WANT_READ);
		len += n;
		if (err == AWH_TLS_WANT_READ)
			wait_for(fd);
	}
	assert_string_equal(buf, text);
	assert_int_equal(awh_tls_write(session, text, strlen(text), &n), 0);
}

/* Until the key that the client sends with is another. */
static void await_update(struct awh_tls_session *session, int fd)
{
	struct keys before = keys_of(session);
	char byte;
	size_t n;

	while (memcmp(before.received, keys_of(session).received, sizeof(before.received)) == 0) {
		wait_for(fd);
		assert_int_equal(awh_tls_read(session, &byte, 1, &n), AWH_TLS_WANT_READ);
	}
}

static void goes_on_with_keys_that_openssl_updates(void **state)
{
	char received[] = "/tmp/admwh-offload-XXXXXX", text[65536];
	struct awh_tls_context *context = offloading_context();
	struct awh_tls_session *session;
	struct awh_error error = {0};
	FILE *client, *file;
	size_t len;
	int fd, err;

	(void)state;
	client = start_openssl(&fd, received);
	session = awh_tls_session_new(context, NULL, fd);
	while ((err = awh_tls_handshake(session, &error)) == AWH_TLS_WANT_READ)
		wait_for(fd);
	if (err)
		fail_msg("%s", error.text);
	assert_non_null(session->aead);
	for (size_t i = 0; i < 12; i++) {
		const char *line = i & 1 ? "then this\n" : "this\n";

		fputs(line, client);
		fflush(client);
		await_text(session, fd, line);
		fputs(i % 3 ? "K\n" : "k\n", client);
		fflush(client);
		await_update(session, fd);
	}
	fputs("last\n", client);
	fflush(client);
	await_text(session, fd, "last\n");
	awh_tls_close(session);
	shutdown(fd, SHUT_WR);
	pclose(client);
	file = fopen(received, "r");
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	unlink(received);
	assert_non_null(strstr(text, "\nlast\n")); /* under the keys that it has asked for */
	awh_tls_session_free(session);
	close(fd);
	awh_tls_context_unref(context);
}

static void names_what_computes_aes(void **state)
{
	static const char *const names[] = {
	    [AWH_TLS_AES_SOFTWARE] = "software",
	    [AWH_TLS_AES_WOLFSSL] = "wolfssl",
	    [AWH_TLS_AES_WOLFSSL_FIPS] = "wolfssl-fips",
	    [AWH_TLS_AES_NETTLE] = "nettle",
	};

	(void)state;
	for (int i = 0; i <= AWH_TLS_AES_NETTLE; i++)
		assert_string_equal(awh_tls_aes_name((enum awh_tls_aes)i), names[i]);
	assert_int_not_equal(awh_tls_aes(false), AWH_TLS_AES_NETTLE);
#if defined(HAVE_FIPS)
	assert_int_equal(awh_tls_aes(true), AWH_TLS_AES_WOLFSSL_FIPS);
#elif defined(WOLFSSL_AESNI) || defined(WOLFSSL_ARMASM)
	assert_int_equal(awh_tls_aes(true), AWH_TLS_AES_WOLFSSL);
#else
	assert_int_equal(awh_tls_aes(false), AWH_TLS_AES_SOFTWARE);
	assert_int_equal(is_offloading(), awh_aead_is_usable());
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_computes_aes),
	    cmocka_unit_test(leaves_to_wolfssl_what_is_not_its_own),
	    cmocka_unit_test(agrees_on_no_suite_with_ccm),
	    cmocka_unit_test(exchanges_records_of_many_sizes),
	    cmocka_unit_test(ends_a_connection_whose_record_is_forged),
	    cmocka_unit_test(ends_a_connection_whose_record_comes_again),
	    cmocka_unit_test(goes_on_with_keys_that_either_side_updates),
	    cmocka_unit_test(goes_on_with_keys_that_openssl_updates),
	    cmocka_unit_test(keeps_connections_apart),
	    cmocka_unit_test(serves_several_threads_with_a_context),
	    cmocka_unit_test(wipes_the_keys_of_a_connection_that_ends),
	};

	return cmocka_run_group_tests_name("offload", tests, NULL, NULL);
}
