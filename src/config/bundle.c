/* SPDX-License-Identifier: MIT */
#include "config/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "identity/rules.h"
#include "tls/tls.h"

static const char default_bundle[] = "default";

static size_t cn_length(const struct admwh_bundle *bundle)
{
	return (size_t)bundle->config->limits[ADMWH_LIMIT_CN_LENGTH];
}

/*
 * A truncated deny file must not allow a caller again: its last line ends in a newline, and a file
 * that denies no caller says so in a comment.
 */
static int check_whole(const char *text, size_t len, struct awh_error *error)
{
	if (len == 0)
		return awh_fail(
		    error, ADMWH_E_INVAL,
		    "the deny file is empty: a file that denies no caller says so in a comment");
	if (text[len - 1] != '\n')
		return awh_fail(error, ADMWH_E_INVAL, "the last line has no end");
	return 0;
}

/* Read what a source of a bundle says into a set; a file that is not there says nothing. */
static int read_values(struct awh_values *values, const struct admwh_bundle *bundle,
		       const struct awh_source *source, struct awh_error *error)
{
	const char *text = source ? source->bytes.data : NULL;
	struct awh_error reason = {0};
	int err = 0;

	if (!source || source->missing)
		return 0;
	if (source->kind == AWH_SOURCE_DENY) {
		err = check_whole(text, source->bytes.len, &reason);
		if (err == 0)
			err = awh_denials_read(values, text, source->bytes.len, &reason);
	} else if (text) {
		err = awh_rules_read(values, text, source->bytes.len, cn_length(bundle), &reason);
	}
	if (err)
		return awh_fail(error, err, "%s: %s", source->file, reason.text);
	awh_values_seal(values);
	return 0;
}

int awh_bundle_files_read(struct awh_bundle_files *files, const struct admwh_bundle *bundle,
			  const struct awh_sources *sources, struct awh_fault *fault)
{
	const struct awh_source *allow, *deny;
	int err;

	*files = (struct awh_bundle_files){0};
	allow = awh_sources_find(sources, AWH_SOURCE_ALLOW, bundle->index);
	deny = awh_sources_find(sources, AWH_SOURCE_DENY, bundle->index);
	fault->kind = AWH_SOURCE_ALLOW;
	err = read_values(&files->allow, bundle, allow, &fault->error);
	if (err)
		return err;
	fault->kind = AWH_SOURCE_DENY;
	return read_values(&files->deny, bundle, deny, &fault->error);
}

void awh_bundle_files_deinit(struct awh_bundle_files *files)
{
	awh_values_deinit(&files->allow);
	awh_values_deinit(&files->deny);
}

struct awh_rules awh_bundle_rules(const struct admwh_bundle *bundle,
				  const struct awh_bundle_files *files)
{
	return (struct awh_rules){
	    .bundle = bundle->name,
	    .allow = &bundle->rules,
	    .allow_file = &files->allow,
	    .deny = &files->deny,
	    .any_name = bundle->any_name,
	    .cn_length = cn_length(bundle),
	};
}

int awh_bundle_check(struct admwh_bundle *bundle)
{
	struct admwh_config *config = bundle->config;
	bool has_names = bundle->rules.n_items > 0 ||
			 awh_sources_find(&config->sources, AWH_SOURCE_ALLOW, bundle->index);

	if (!config->frozen) /* else snapshots of a server that runs read them */
		awh_values_seal(&bundle->rules);
	if (!awh_sources_find(&config->sources, AWH_SOURCE_CLIENT_CA, bundle->index))
		return awh_fail(&config->error, ADMWH_E_CLIENT_CA, "bundle \"%s\" has no client CA",
				bundle->name);
	if (!has_names && !bundle->any_name)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"bundle \"%s\" allows no caller: allow a name, or any name",
				bundle->name);
	if (has_names && bundle->any_name)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"bundle \"%s\" allows any name and lists names: choose one",
				bundle->name);
	return 0;
}

static struct admwh_bundle *add_bundle(struct admwh_config *config, const char *name)
{
	struct admwh_bundle *bundle = calloc(1, sizeof(*bundle));
	struct admwh_bundle **bundles =
	    realloc(config->bundles, (config->n_bundles + 1) * sizeof(*bundles));

	if (bundles)
		config->bundles = bundles;
	if (bundle)
		bundle->name = awh_strdup(name);
	if (!bundles || !bundle || !bundle->name) {
		awh_bundle_free(bundle);
		awh_config_no_memory(config);
		return NULL;
	}
	bundle->config = config;
	bundle->index = config->n_bundles;
	bundles[config->n_bundles++] = bundle;
	return bundle;
}

struct admwh_bundle *admwh_config_bundle(struct admwh_config *config, const char *name)
{
	if (awh_config_begin_set(config))
		return NULL;
	if (!awh_is_name(name)) {
		awh_fail(&config->error, ADMWH_E_INVAL,
			 "bundle name \"%s\": expected 1 to 63 characters of [A-Za-z0-9._-]",
			 name ? name : "");
		return NULL;
	}
	for (size_t i = 0; i < config->n_bundles; i++)
		if (strcmp(config->bundles[i]->name, name) == 0)
			return config->bundles[i];
	return add_bundle(config, name);
}

static size_t bytes_of(const struct admwh_bundle *bundle)
{
	const struct awh_sources *sources = &bundle->config->sources;
	size_t bytes = 0;

	for (size_t i = 0; i < sources->n_items; i++)
		if (sources->items[i].kind == AWH_SOURCE_CLIENT_CA &&
		    sources->items[i].bundle == bundle->index)
			bytes += sources->items[i].bytes.len + 1;
	return bytes;
}

static int check_client_ca(const struct admwh_bundle *bundle, const struct awh_source *ca)
{
	struct admwh_config *config = bundle->config;
	struct awh_error reason = {0};

	if (awh_tls_check_client_ca(ca->bytes.data, ca->bytes.len, &reason))
		return awh_fail(&config->error, reason.code, "%s: %s", ca->file, reason.text);
	if (bytes_of(bundle) + ca->bytes.len + 1 > AWH_BUNDLE_MAX)
		return awh_fail(&config->error, ADMWH_E_LIMIT, "bundle \"%s\": more than %d bytes",
				bundle->name, AWH_BUNDLE_MAX);
	return 0;
}

int admwh_bundle_add_ca_file(struct admwh_bundle *bundle, const char *file)
{
	struct admwh_config *config = bundle ? bundle->config : NULL;
	struct awh_source ca = {0};
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_read(config, &ca, AWH_SOURCE_CLIENT_CA, bundle->index, file);
	if (err)
		return err;
	if (!ca.missing)
		err = awh_config_tolerate(config, check_client_ca(bundle, &ca));
	if (err == 0 && awh_sources_add(&config->sources, &ca))
		err = awh_config_no_memory(config);
	if (err)
		awh_source_deinit(&ca);
	return err;
}

int admwh_bundle_allow(struct admwh_bundle *bundle, enum admwh_rule rule, const char *value)
{
	struct admwh_config *config = bundle ? bundle->config : NULL;
	int err = awh_config_begin_set(config);

	return err ? err
		   : awh_rules_add(&bundle->rules, rule, value, cn_length(bundle), &config->error);
}

static int set_file(struct admwh_bundle *bundle, enum awh_source_kind kind, const char *file)
{
	struct admwh_config *config = bundle ? bundle->config : NULL;
	struct awh_source source = {0};
	struct awh_values values = {0};
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_read(config, &source, kind, bundle->index, file);
	if (err)
		return err;
	err =
	    awh_config_tolerate_text(config, read_values(&values, bundle, &source, &config->error));
	awh_values_deinit(&values);
	if (err == 0 && awh_sources_put(&config->sources, &source))
		err = awh_config_no_memory(config);
	if (err)
		awh_source_deinit(&source);
	return err;
}

int admwh_bundle_allow_file(struct admwh_bundle *bundle, const char *file)
{
	return set_file(bundle, AWH_SOURCE_ALLOW, file);
}

int admwh_bundle_deny_file(struct admwh_bundle *bundle, const char *file)
{
	return set_file(bundle, AWH_SOURCE_DENY, file);
}

int admwh_bundle_allow_any_name(struct admwh_bundle *bundle)
{
	int err = awh_config_begin_set(bundle ? bundle->config : NULL);

	if (err == 0)
		bundle->any_name = true;
	return err;
}

static int failure(const struct admwh_config *config)
{
	return config ? config->error.code : ADMWH_E_NOMEM;
}

int admwh_config_add_client_ca_file(struct admwh_config *config, const char *file)
{
	struct admwh_bundle *bundle = admwh_config_bundle(config, default_bundle);

	return bundle ? admwh_bundle_add_ca_file(bundle, file) : failure(config);
}

int admwh_config_allow_cn(struct admwh_config *config, const char *cn)
{
	struct admwh_bundle *bundle = admwh_config_bundle(config, default_bundle);

	return bundle ? admwh_bundle_allow(bundle, ADMWH_RULE_CN, cn) : failure(config);
}

int admwh_config_allow_any_name(struct admwh_config *config)
{
	struct admwh_bundle *bundle = admwh_config_bundle(config, default_bundle);

	return bundle ? admwh_bundle_allow_any_name(bundle) : failure(config);
}
