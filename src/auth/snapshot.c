/* SPDX-License-Identifier: MIT */
#include "auth/snapshot.h"

#include <stdlib.h>

#include "base/clock.h"
#include "identity/rules.h"

/* handshake: is this caller allowed? Connections keep their snapshot, so it outlives its context.
 */
static int authorize(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	return awh_snapshot_identify(userdata, peer, error);
}

/* handshake: does a deny list name this certificate? */
static const struct awh_value *deny(const struct awh_cert_ids *ids, size_t bundle, void *userdata)
{
	const struct awh_snapshot *snapshot = userdata;

	if (bundle >= snapshot->n_rules)
		return NULL;
	return awh_denials_match(snapshot->rules[bundle].deny, ids);
}

static bool has_denials(const struct awh_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->n_rules; i++)
		if (snapshot->rules[i].deny && snapshot->rules[i].deny->n_items > 0)
			return true;
	return false;
}

static int make_rules(struct awh_snapshot *snapshot, const struct admwh_config *config,
		      const struct awh_sources *sources, struct awh_fault *fault)
{
	int err = 0;

	snapshot->rules = calloc(config->n_bundles + 1, sizeof(*snapshot->rules));
	snapshot->files = calloc(config->n_bundles + 1, sizeof(*snapshot->files));
	if (!snapshot->rules || !snapshot->files)
		return awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
	while (snapshot->n_rules < config->n_bundles && err == 0) {
		const struct admwh_bundle *bundle = config->bundles[snapshot->n_rules];
		struct awh_bundle_files *files = &snapshot->files[snapshot->n_rules];

		err = awh_bundle_files_read(files, bundle, sources, fault);
		snapshot->rules[snapshot->n_rules++] = awh_bundle_rules(bundle, files);
	}
	return err;
}

static int make_tokens(struct awh_snapshot *snapshot, const struct admwh_config *config,
		       const struct awh_sources *sources, struct awh_fault *fault)
{
	int err;

	fault->kind = AWH_SOURCE_TOKENS;
	err = awh_tokens_read(&snapshot->tokens, config, sources, &fault->error);
	if (err)
		return err;
	fault->kind = AWH_SOURCE_TOKEN_KEYS;
	return awh_webhook_tokens_new(&snapshot->webhook_tokens, config, sources, &fault->error);
}

static struct awh_tls_bundle tls_bundle(const struct awh_source *source, bool good_before)
{
	return (struct awh_tls_bundle){
	    .index = source->bundle,
	    .name = source->file,
	    .pem = source->bytes.data,
	    .pem_len = source->bytes.len,
	    .was_good = good_before,
	};
}

static enum awh_tls_auth tls_auth(const struct admwh_config *config)
{
	if (config->n_bundles == 0) /* insecure, or by tokens alone */
		return AWH_TLS_AUTH_NONE;
	if (config->observe || config->auth == ADMWH_CLIENT_AUTH_REQUEST)
		return AWH_TLS_AUTH_REQUEST;
	return AWH_TLS_AUTH_REQUIRE;
}

static bool was_good(const struct awh_sources *sources, const struct awh_sources *good,
		     const struct awh_source *source)
{
	return good && awh_source_equal(source, &good->items[source - sources->items]);
}

static void blame_keypair(struct awh_fault *fault, const struct awh_source *certificate,
			  const struct awh_source *key)
{
	const struct awh_error reason = fault->error;

	fault->kind = AWH_SOURCE_CERTIFICATE;
	awh_fail(&fault->error, reason.code, "%s, %s: %s", certificate->file, key->file,
		 reason.text);
}

/* With the same key pair, and no client CA. */
static struct awh_tls_context *new_anonymous(const struct awh_tls_params *params,
					     struct awh_error *error)
{
	struct awh_tls_params anonymous = *params;

	anonymous.auth = AWH_TLS_AUTH_NONE;
	anonymous.n_bundles = 0;
	anonymous.authorize = NULL;
	anonymous.deny = NULL;
	return awh_tls_context_new(&anonymous, error);
}

static int make_tls(struct awh_snapshot *snapshot, const struct admwh_config *config,
		    const struct awh_sources *sources, const struct awh_sources *good,
		    struct awh_tls_params *params, struct awh_fault *fault)
{
	const struct awh_source *certificate = awh_sources_find(sources, AWH_SOURCE_CERTIFICATE, 0);
	const struct awh_source *key = awh_sources_find(sources, AWH_SOURCE_KEY, 0);

	params->certificate_pem = certificate->bytes.data;
	params->certificate_len = certificate->bytes.len;
	params->key_pem = key->bytes.data;
	params->key_len = key->bytes.len;
	params->keypair_was_good =
	    was_good(sources, good, certificate) && was_good(sources, good, key);
	params->profile = config->tls_profile;
	params->ciphers = config->tls_ciphers;
	params->no_aes_offload = !config->aes_offload;
	params->auth = tls_auth(config);
	params->authorize = authorize;
	params->deny = has_denials(snapshot) ? deny : NULL;
	params->userdata = snapshot;
	fault->kind = AWH_SOURCE_CLIENT_CA;
	snapshot->tls = awh_tls_context_new(params, &fault->error);
	if (snapshot->tls && config->has_conversion)
		snapshot->anonymous = new_anonymous(params, &fault->error);
	if (snapshot->tls && (snapshot->anonymous || !config->has_conversion))
		return 0;
	if (fault->error.code == ADMWH_E_KEYPAIR)
		blame_keypair(fault, certificate, key);
	return fault->error.code;
}

static int make_context(struct awh_snapshot *snapshot, const struct admwh_config *config,
			const struct awh_sources *sources, const struct awh_sources *good,
			struct awh_fault *fault)
{
	struct awh_tls_bundle *bundles = calloc(sources->n_items + 1, sizeof(*bundles));
	struct awh_tls_params params = {.bundles = bundles};
	int err;

	if (!bundles)
		return awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < sources->n_items; i++) {
		const struct awh_source *source = &sources->items[i];

		if (source->kind == AWH_SOURCE_CLIENT_CA)
			bundles[params.n_bundles++] =
			    tls_bundle(source, was_good(sources, good, source));
	}
	err = make_tls(snapshot, config, sources, good, &params, fault);
	free(bundles);
	return err;
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

struct awh_snapshot *awh_snapshot_new(const struct admwh_config *config,
				      const struct awh_sources *sources,
				      const struct awh_sources *good, struct awh_fault *fault)
{
	struct awh_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	*fault = (struct awh_fault){.kind = AWH_SOURCE_NONE};
	if (!snapshot) {
		awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	atomic_init(&snapshot->references, 1);
	if (check_present(sources, fault))
		goto out;
	snapshot->loaded_s = awh_clock_wall_s();
	if (make_rules(snapshot, config, sources, fault) ||
	    make_tokens(snapshot, config, sources, fault) ||
	    (!config->plain && make_context(snapshot, config, sources, good, fault)))
		goto out;
	return snapshot;
out:
	if (fault->error.code == ADMWH_E_NOMEM) /* whichever file was looked at */
		fault->kind = AWH_SOURCE_NONE;
	awh_snapshot_unref(snapshot);
	return NULL;
}

struct awh_snapshot *awh_snapshot_ref(struct awh_snapshot *snapshot)
{
	if (snapshot)
		atomic_fetch_add(&snapshot->references, 1);
	return snapshot;
}

void awh_snapshot_unref(struct awh_snapshot *snapshot)
{
	if (!snapshot || atomic_fetch_sub(&snapshot->references, 1) > 1)
		return;
	awh_tls_context_unref(snapshot->tls);
	awh_tls_context_unref(snapshot->anonymous);
	for (size_t i = 0; i < snapshot->n_rules; i++)
		awh_bundle_files_deinit(&snapshot->files[i]);
	free(snapshot->files);
	awh_tokens_unref(snapshot->tokens);
	awh_webhook_tokens_free(snapshot->webhook_tokens);
	free(snapshot->rules);
	free(snapshot);
}

int awh_snapshot_identify(const struct awh_snapshot *snapshot, struct awh_peer *peer,
			  struct awh_error *error)
{
	return awh_identify(peer, snapshot->rules, snapshot->n_rules, error);
}

int awh_snapshot_identify_again(const struct awh_snapshot *snapshot, const struct awh_peer *peer,
				struct awh_error *error)
{
	int err = awh_identify_again(peer, snapshot->rules, snapshot->n_rules, error);

	if (err < 0)
		return err;
	err = awh_tls_context_trusts(snapshot->tls, peer);
	if (err == ADMWH_E_REVOKED)
		return awh_fail(error, err, "the client certificate's CA is denied");
	if (err < 0)
		return awh_fail(error, err, "the client certificate's CA is no longer trusted");
	return 0;
}
