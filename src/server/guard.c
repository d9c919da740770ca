/* SPDX-License-Identifier: MIT */
#include "server/guard.h"

#include <stdlib.h>

#include "base/clock.h"

/* handshake: is this caller allowed? Connections keep their guard, so it outlives its context. */
static int judge(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	return awh_guard_identify(userdata, peer, error);
}

static int make_rules(struct awh_guard *guard, const struct admwh_config *config,
		      const struct awh_sources *sources, struct awh_fault *fault)
{
	int failed = 0;

	guard->rules = calloc(config->n_bundles + 1, sizeof(*guard->rules));
	guard->files = calloc(config->n_bundles + 1, sizeof(*guard->files));
	if (!guard->rules || !guard->files)
		return awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
	while (guard->n_rules < config->n_bundles && failed == 0) {
		const struct admwh_bundle *bundle = config->bundles[guard->n_rules];
		struct awh_bundle_files *files = &guard->files[guard->n_rules];

		failed = awh_bundle_files_read(files, bundle, sources, fault);
		guard->rules[guard->n_rules++] = awh_bundle_rules(bundle, files);
	}
	return failed;
}

static int make_tokens(struct awh_guard *guard, const struct admwh_config *config,
		       const struct awh_sources *sources, struct awh_fault *fault)
{
	fault->kind = AWH_SOURCE_TOKENS;
	return awh_tokens_read(&guard->tokens, config, sources, &fault->error);
}

/* Each file by itself: one without a certificate must not hide behind another. */
static int make_bundle(struct awh_tls_bundle *bundle, const struct awh_source *source,
		       bool good_before, struct awh_error *error)
{
	struct awh_error reason = {0};

	*bundle = (struct awh_tls_bundle){
	    .index = source->bundle,
	    .name = source->file,
	    .pem = source->bytes.data,
	    .pem_len = source->bytes.len,
	    .was_good = good_before,
	};
	if (!good_before && awh_tls_check_client_ca(bundle->pem, bundle->pem_len, &reason))
		return awh_fail(error, reason.code, "%s: %s", source->file, reason.text);
	return 0;
}

static enum awh_tls_auth tls_auth(const struct admwh_config *config)
{
	if (config->n_bundles == 0) /* insecure, or by tokens alone */
		return AWH_TLS_AUTH_NONE;
	if (config->observe || config->auth == ADMWH_AUTH_REQUEST)
		return AWH_TLS_AUTH_REQUEST;
	return AWH_TLS_AUTH_REQUIRE;
}

static bool was_good(const struct awh_sources *sources, const struct awh_sources *good,
		     const struct awh_source *source)
{
	return good && awh_source_equal(source, &good->items[source - sources->items]);
}

static int make_tls(struct awh_guard *guard, const struct admwh_config *config,
		    const struct awh_sources *sources, const struct awh_sources *good,
		    struct awh_tls_params *params, struct awh_fault *fault)
{
	const struct awh_source *certificate = awh_sources_find(sources, AWH_SOURCE_CERTIFICATE, 0);
	const struct awh_source *key = awh_sources_find(sources, AWH_SOURCE_KEY, 0);
	struct awh_error reason = {0};

	params->certificate_pem = certificate->bytes.data;
	params->certificate_len = certificate->bytes.len;
	params->key_pem = key->bytes.data;
	params->key_len = key->bytes.len;
	params->keypair_was_good =
	    was_good(sources, good, certificate) && was_good(sources, good, key);
	params->auth = tls_auth(config);
	params->authorize = judge;
	params->userdata = guard;
	fault->kind = AWH_SOURCE_CERTIFICATE;
	if (!params->keypair_was_good &&
	    awh_tls_check_keypair(params->certificate_pem, params->certificate_len, params->key_pem,
				  params->key_len, &reason))
		return awh_fail(&fault->error, reason.code, "%s, %s: %s", certificate->file,
				key->file, reason.text);
	fault->kind = AWH_SOURCE_CLIENT_CA;
	guard->tls = awh_tls_context_new(params, &fault->error);
	return guard->tls ? 0 : fault->error.code;
}

static int make_context(struct awh_guard *guard, const struct admwh_config *config,
			const struct awh_sources *sources, const struct awh_sources *good,
			struct awh_fault *fault)
{
	struct awh_tls_bundle *bundles = calloc(sources->n_items + 1, sizeof(*bundles));
	struct awh_tls_params params = {.bundles = bundles};
	int failed = 0;

	fault->kind = AWH_SOURCE_CLIENT_CA;
	if (!bundles)
		return awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < sources->n_items && failed == 0; i++) {
		const struct awh_source *source = &sources->items[i];

		if (source->kind == AWH_SOURCE_CLIENT_CA)
			failed = make_bundle(&bundles[params.n_bundles++], source,
					     was_good(sources, good, source), &fault->error);
	}
	if (failed == 0)
		failed = make_tls(guard, config, sources, good, &params, fault);
	free(bundles);
	return failed;
}

static int check_present(const struct awh_sources *sources, struct awh_fault *fault)
{
	for (size_t i = 0; i < sources->n_items; i++) {
		if (!sources->items[i].missing)
			continue;
		fault->kind = sources->items[i].kind;
		return awh_fail(&fault->error, ADMWH_E_IO, "%s: it could not be read",
				sources->items[i].file);
	}
	return 0;
}

struct awh_guard *awh_guard_new(const struct admwh_config *config,
				const struct awh_sources *sources, const struct awh_sources *good,
				struct awh_fault *fault)
{
	struct awh_guard *guard = calloc(1, sizeof(*guard));

	*fault = (struct awh_fault){.kind = AWH_SOURCE_NONE};
	if (!guard) {
		awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	atomic_init(&guard->references, 1);
	if (check_present(sources, fault))
		goto out;
	guard->loaded_s = awh_clock_wall_s();
	if (make_rules(guard, config, sources, fault) ||
	    make_tokens(guard, config, sources, fault) ||
	    (!config->plain && make_context(guard, config, sources, good, fault)))
		goto out;
	return guard;
out:
	if (fault->error.code == ADMWH_E_NOMEM) /* whichever file was looked at */
		fault->kind = AWH_SOURCE_NONE;
	awh_guard_unref(guard);
	return NULL;
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
	awh_tokens_unref(guard->tokens);
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
	int failed = awh_identify_again(peer, guard->rules, guard->n_rules, error);

	if (failed == 0 && !awh_tls_context_trusts(guard->tls, peer))
		failed = awh_fail(error, ADMWH_E_UNTRUSTED,
				  "the CA that vouched for the caller is trusted no more");
	return failed;
}
