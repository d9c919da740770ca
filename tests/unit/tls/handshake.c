/* SPDX-License-Identifier: MIT */
/*
 * One handshake on a socket that was handed down, for tests whose client is
 * another TLS library:
 *
 *     handshake FD require|request CERTIFICATE KEY CA...
 *
 * Any name of any CA is let in. Prints one line and ends: "accepted SUBJECT", or
 * "refused CODE: REASON". An accepted client is sent "hello".
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tls/tls.h"

enum { BUNDLES_MAX = 16, FILE_MAX = 1 << 20, WAIT_MS = 10000 };

static int authorize(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	struct awh_rules rules[BUNDLES_MAX];

	(void)userdata;
	for (size_t i = 0; i < BUNDLES_MAX; i++)
		rules[i] = (struct awh_rules){.bundle = "any", .any_name = true, .cn_length = 64};
	return awh_identify(peer, rules, BUNDLES_MAX, error);
}

static char *loaded[BUNDLES_MAX + 2];
static size_t n_loaded;

static const char *load(const char *path, size_t *len)
{
	char *data = loaded[n_loaded++] = malloc(FILE_MAX);
	FILE *file = fopen(path, "rb");

	if (!data || !file) {
		fprintf(stderr, "handshake: cannot read %s\n", path);
		exit(2);
	}
	*len = fread(data, 1, FILE_MAX, file);
	fclose(file);
	return data;
}

static int finish(struct awh_tls_session *session, int fd, struct awh_error *error)
{
	int status;

	while ((status = awh_tls_handshake(session, error)) > 0) {
		struct pollfd wait = {.fd = fd,
				      .events = status == AWH_TLS_WANT_READ ? POLLIN : POLLOUT};

		if (poll(&wait, 1, WAIT_MS) <= 0)
			return awh_fail(error, ADMWH_E_TIMEOUT, "timed out");
	}
	return status;
}

static int serve(struct awh_tls_context *context, int fd)
{
	struct awh_tls_session *session = awh_tls_session_new(context, NULL, fd);
	struct awh_error error = {0};
	struct awh_peer *peer;
	size_t put;
	int status;

	if (!session)
		return 2;
	status = finish(session, fd, &error);
	peer = awh_tls_peer(session);
	if (status == 0 && peer->proof != AWH_PROOF_VERIFIED)
		status = awh_fail(&error, ADMWH_E_UNTRUSTED, "%s", peer->reason);
	if (status == 0)
		awh_tls_write(session, "hello", 5, &put);
	awh_tls_close(session);
	if (status == 0)
		printf("accepted %s\n", peer->facts.subject);
	else
		printf("refused %s: %s\n", admwh_error_name(status), error.text);
	awh_tls_session_free(session);
	return 0;
}

int main(int argc, char **argv)
{
	struct awh_tls_bundle bundles[BUNDLES_MAX] = {0};
	struct awh_tls_params params = {.bundles = bundles, .authorize = authorize};
	struct awh_tls_context *context;
	struct awh_error error = {0};
	int result;

	if (argc < 6 || argc > 5 + BUNDLES_MAX)
		return 2;
	params.auth = strcmp(argv[2], "request") == 0 ? AWH_TLS_AUTH_REQUEST : AWH_TLS_AUTH_REQUIRE;
	params.certificate_pem = load(argv[3], &params.certificate_len);
	params.key_pem = load(argv[4], &params.key_len);
	for (int i = 5; i < argc; i++) {
		struct awh_tls_bundle *bundle = &bundles[params.n_bundles];

		bundle->index = params.n_bundles++;
		bundle->name = argv[i];
		bundle->pem = load(argv[i], &bundle->pem_len);
	}
	context = awh_tls_context_new(&params, &error);
	while (n_loaded > 0)
		free(loaded[--n_loaded]);
	if (!context) {
		printf("refused %s: %s\n", admwh_error_name(error.code), error.text);
		return 0;
	}
	result = serve(context, atoi(argv[1]));
	awh_tls_context_unref(context);
	return result;
}
