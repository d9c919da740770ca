/* SPDX-License-Identifier: MIT */
#include "server/guard.h"

#include <stdlib.h>

/* handshake: is this caller allowed? Connections keep their guard, so it outlives its context. */
static int judge(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	return awh_guard_identify(userdata, peer, error);
}

static int make_rules(struct awh_guard *guard, const struct admwh_config *config,
		      const struct awh_sources *sources, struct awh_error *error)
{
	int failed = 0;

	guard->rules = calloc(config->n_bundles + 1, sizeof(*guard->rules));
	guard->files = calloc(config->n_bundles + 1, sizeof(*guard->files));
	if (!guard->rules || !guard->files)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	while (guard->n_rules < config->n_bundles && failed == 0) {
		const struct admwh_bundle *bundle = config->bundles[guard->n_rules];
		struct awh_bundle_files *files = &guard->files[guard->n_rules];

		failed = awh_bundle_files_read(files, bundle, sources, error);
		guard->rules[guard->n_rules++] = awh_bundle_rules(bundle, files);
	}
	return failed;
}

/* The CAs of a bundle, of all of its files. */
static int gather_cas(struct awh_buf *pem, const struct awh_sources *sources, size_t bundle,
		      struct awh_error *error)
{
	for (size_t i = 0; i < sources->n_items; i++) {
		const struct awh_source *source = &sources->items[i];
		struct awh_error reason = {0};

		if (source->kind != AWH_SOURCE_CLIENT_CA || source->bundle != bundle)
			continue;
		/* Each by itself: a file without a certificate must not hide behind another. */
		if (awh_tls_check_client_ca(source->bytes.data, source->bytes.len, &reason))
			return awh_fail(error, reason.code, "%s: %s", source->file, reason.text);
		awh_buf_put(pem, source->bytes.data, source->bytes.len);
		awh_buf_put(pem, "\n", 1);
	}
	if (pem->failed)
		return awh_fail(error, pem->failed, "%s", admwh_strerror(pem->failed));
	return 0;
}

static enum awh_tls_auth tls_auth(const struct admwh_config *config)
{
	if (config->insecure)
		return AWH_TLS_AUTH_NONE;
	return config->auth == ADMWH_AUTH_REQUEST ? AWH_TLS_AUTH_REQUEST : AWH_TLS_AUTH_REQUIRE;
}

static int make_tls(struct awh_guard *guard, const struct admwh_config *config,
		    const struct awh_sources *sources, const struct awh_tls_bundle *bundles,
		    struct awh_error *error)
{
	const struct awh_source *certificate = awh_sources_find(sources, AWH_SOURCE_CERTIFICATE, 0);
	const struct awh_source *key = awh_sources_find(sources, AWH_SOURCE_KEY, 0);
	const struct awh_tls_params params = {
	    .certificate_pem = certificate->bytes.data,
	    .certificate_len = certificate->bytes.len,
	    .key_pem = key->bytes.data,
	    .key_len = key->bytes.len,
	    .auth = tls_auth(config),
	    .bundles = bundles,
	    .n_bundles = config->n_bundles,
	    .judge = judge,
	    .userdata = guard,
	};
	struct awh_error reason = {0};

	if (awh_tls_check_keypair(params.certificate_pem, params.certificate_len, params.key_pem,
				  params.key_len, &reason))
		return awh_fail(error, reason.code, "%s, %s: %s", certificate->file, key->file,
				reason.text);
	guard->tls = awh_tls_context_new(&params, error);
	return guard->tls ? 0 : error->code;
}

static int make_context(struct awh_guard *guard, const struct admwh_config *config,
			const struct awh_sources *sources, struct awh_error *error)
{
	size_t n = config->n_bundles;
	struct awh_tls_bundle *bundles = calloc(n + 1, sizeof(*bundles));
	struct awh_buf *pems = calloc(n + 1, sizeof(*pems));
	int failed = 0;

	if (!bundles || !pems)
		failed = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n && failed == 0; i++) {
		awh_buf_init(&pems[i], AWH_BUNDLE_MAX);
		failed = gather_cas(&pems[i], sources, i, error);
		bundles[i] = (struct awh_tls_bundle){
		    .index = i,
		    .name = config->bundles[i]->name,
		    .pem = pems[i].data ? pems[i].data : "",
		    .pem_len = pems[i].len,
		};
	}
	if (failed == 0)
		failed = make_tls(guard, config, sources, bundles, error);
	for (size_t i = 0; pems && i < n; i++)
		awh_buf_deinit(&pems[i]);
	free(pems);
	free(bundles);
	return failed;
}

struct awh_guard *awh_guard_new(const struct admwh_config *config,
				const struct awh_sources *sources, struct awh_error *error)
{
	struct awh_guard *guard = calloc(1, sizeof(*guard));

	if (!guard) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	atomic_init(&guard->references, 1);
	if (make_rules(guard, config, sources, error) ||
	    (!config->plain && make_context(guard, config, sources, error))) {
		awh_guard_unref(guard);
		return NULL;
	}
	return guard;
}

struct awh_guard *awh_guard_ref(struct awh_guard *guard)
{
	if (guard)
		atomic_fetch_add(&guard->references, 1);
	return guard;
}

void awh_guard_unref(struct awh_guard *guard)
{
	if (!guard || atomic_fetch_sub(&guard->references, 1) > 1)
		return;
	awh_tls_context_unref(guard->tls);
	for (size_t i = 0; i < guard->n_rules; i++)
		awh_bundle_files_deinit(&guard->files[i]);
	free(guard->files);
	free(guard->rules);
	free(guard);
}

int awh_guard_identify(const struct awh_guard *guard, struct awh_peer *peer,
		       struct awh_error *error)
{
	return awh_identify(peer, guard->rules, guard->n_rules, error);
}

int awh_guard_identify_again(const struct awh_guard *guard, const struct awh_peer *peer,
			     struct awh_error *error)
{
	return awh_identify_again(peer, guard->rules, guard->n_rules, error);
}
