/* SPDX-License-Identifier: MIT */
/*
 * What a handshake costs the server, by what the client presents:
 *
 *     bench-handshake require|request CASE ROUNDS [GROUP]
 *
 * CASE is a client of the test certificates (ADMWH_PKI); with "+" behind it, one
 * that connects again. GROUP is the one that the client offers, wolfSSL's first
 * without it. Prints the medians of the server's CPU time in microseconds:
 * in the library's own verification, in all of the rest, which is wolfSSL's; and
 * whether the client was accepted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "pair.h"

static int64_t own_ns; /* of this handshake */

static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The library's share begins and ends where wolfSSL calls it. */
int __real_awh_session_verify(int good, WOLFSSL_X509_STORE_CTX *store);
int __wrap_awh_session_verify(int good, WOLFSSL_X509_STORE_CTX *store);
int __wrap_awh_session_verify(int good, WOLFSSL_X509_STORE_CTX *store)
{
	int64_t start = cpu_ns();
	int verdict = __real_awh_session_verify(good, store);

	own_ns += cpu_ns() - start;
	return verdict;
}

struct costs {
	int64_t own, rest;
	bool accepted;
};

/* The number of a group, 0 where this wolfSSL has none of the name. */
static int group_of(const char *name)
{
	static const struct {
		const char *name;
		int group;
	} groups[] = {
		{"X25519", WOLFSSL_ECC_X25519},
		{"P-256", WOLFSSL_ECC_SECP256R1},
		{"P-384", WOLFSSL_ECC_SECP384R1},
#if LIBWOLFSSL_VERSION_HEX >= 0x05008000 && defined(WOLFSSL_HAVE_MLKEM)
		{"X25519MLKEM768", WOLFSSL_X25519MLKEM768},
#endif
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (strcmp(name, groups[i].name) == 0)
			return groups[i].group;
	return 0;
}

static struct costs measure(struct awh_tls_context *context, struct awh_path_cache *cache,
			    const json_t *client, int group)
{
	struct pair pair = {.alert = -1};
	int64_t start, all = 0;
	bool done = false;
	int status = 1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.fds), 0);
	pair.ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
	wolfSSL_CTX_set_verify(pair.ctx, WOLFSSL_VERIFY_NONE, NULL);
	if (group)
		assert_int_equal(wolfSSL_CTX_set_groups(pair.ctx, &group, 1), WOLFSSL_SUCCESS);
	assert_true(
	    pair_use_certificate(&pair, pki_text(client, "chain"), pki_text(client, "key")));
	pair_make_client(&pair);
	own_ns = 0;
	start = cpu_ns();
	pair.server = awh_tls_session_new(context, cache, pair.fds[0]);
	all += cpu_ns() - start;
	for (int turn = 0; turn < 1000 && status > 0; turn++) {
		if (!done)
			done = client_step(&pair, wolfSSL_connect(pair.client));
		start = cpu_ns();
		status = awh_tls_handshake(pair.server, &pair.error);
		all += cpu_ns() - start;
	}
	if (status == 0 && awh_tls_peer(pair.server)->proof == AWH_PROOF_VERIFIED)
		awh_tls_remember_path(pair.server);
	done = status == 0 && awh_tls_peer(pair.server)->proof == AWH_PROOF_VERIFIED;
	pair_close(&pair);
	return (struct costs){own_ns, all - own_ns, done};
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static double median_us(int64_t *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return (double)values[n / 2] / 1000;
}

int main(int argc, char **argv)
{
	enum { ROUNDS_MAX = 10000 };
	static int64_t own[ROUNDS_MAX], rest[ROUNDS_MAX];
	static struct pair_rules allowed;
	size_t rounds = argc == 4 || argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	int group = argc == 5 ? group_of(argv[4]) : 0;
	struct awh_path_cache *cache = NULL;
	struct awh_tls_context *context;
	struct costs costs = {0};
	json_t *index;
	char *plus;

	if (rounds < 1 || rounds > ROUNDS_MAX || (argc == 5 && !group))
		return 2;
	plus = strchr(argv[2], '+');
	if (plus) {
		*plus = '\0';
		cache = awh_path_cache_new();
	}
	pair_allow_any(&allowed);
	context = make_context(strcmp(argv[1], "request") == 0 ? AWH_TLS_AUTH_REQUEST
							       : AWH_TLS_AUTH_REQUIRE,
			       "ecdsa", "ca/good.crt", "ca/scanner.crt", &allowed, NULL);
	index = pki_index();
	measure(context, cache, pki_case(index, "clients", argv[2]), group);
	for (size_t i = 0; i < rounds; i++) {
		costs = measure(context, cache, pki_case(index, "clients", argv[2]), group);
		own[i] = costs.own;
		rest[i] = costs.rest;
	}
	printf("%.1f %.1f %s\n", median_us(own, rounds), median_us(rest, rounds),
	       costs.accepted ? "accepted" : "refused");
	json_decref(index);
	awh_tls_context_unref(context);
	awh_path_cache_free(cache);
	return 0;
}
