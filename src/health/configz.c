/* SPDX-License-Identifier: MIT */
#include "health/configz.h"

#include <jansson.h>

#include <admwh/json.h>
#include <admwh/version.h>

#include "base/text.h"
#include "identity/tokens.h"
#include "net/address.h"

/* A container that could not be had, and what goes into it, is found missing at the end. */
static void set(json_t *object, const char *key, json_t *value, bool *failed)
{
	if (json_object_set_new(object, key, value))
		*failed = true;
}

static void append(json_t *array, json_t *value, bool *failed)
{
	if (json_array_append_new(array, value))
		*failed = true;
}

static json_t *text_list(const struct awh_text_list *list, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n_items; i++)
		append(array, json_string(list->items[i]), failed);
	return array;
}

static json_t *names(const char *const *texts, size_t n, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		append(array, json_string(texts[i]), failed);
	return array;
}

/* Of a text with ":" between its words. */
static json_t *words(const char *text, bool *failed)
{
	json_t *array = json_array();

	while (*text) {
		size_t len = 0;

		while (text[len] && text[len] != ':')
			len++;
		append(array, json_stringn(text, len), failed);
		text += len + (text[len] != '\0');
	}
	return array;
}

static json_t *tls(const struct awh_view *view, bool *failed)
{
	const enum admwh_tls_profile profile = view->config->tls_profile;
	const enum awh_tls_aes aes = awh_tls_aes(view->config->aes_offload);
	const char *ciphers = view->config->tls_ciphers;
	json_t *what;

	if (view->config->plain)
		return json_null();
	what = json_object();
	set(what, "library", json_string(awh_tls_library()), failed);
	set(what, "aes", json_string(awh_tls_aes_name(aes)), failed);
	set(what, "profile", json_string(profile == ADMWH_TLS_MODERN ? "modern" : "intermediate"),
	    failed);
	set(what, "versions", words(awh_tls_versions(profile), failed), failed);
	set(what, "ciphers", words(ciphers ? ciphers : awh_tls_ciphers(profile, aes), failed),
	    failed);
	set(what, "groups", words(awh_tls_groups(), failed), failed);
	return what;
}

static json_t *insecure(const struct admwh_config *config, bool *failed)
{
	json_t *array = json_array();

	if (config->insecure)
		append(array, json_string("NO CLIENT IS AUTHENTICATED BY TLS"), failed);
	if (config->plain)
		append(array, json_string("HTTP IS SERVED WITHOUT TLS"), failed);
	if (config->observe)
		append(array, json_string("OBSERVE MODE: NO CALLER IS REFUSED"), failed);
	return array;
}

static json_t *hex(const uint8_t *bytes, size_t len)
{
	struct awh_buf text;
	json_t *value;

	awh_buf_init(&text, 1024);
	awh_put_hex(&text, bytes, len);
	value = text.err ? NULL : json_stringn(text.data, text.len);
	awh_buf_deinit(&text);
	return value;
}

static json_t *ca_of(const struct awh_tls_ca *ca, bool *failed)
{
	json_t *one = json_object();

	set(one, "subject", json_stringn(ca->subject.data, ca->subject.len), failed);
	set(one, "sha256", hex(ca->sha256, sizeof(ca->sha256)), failed);
	set(one, "notAfter", json_integer(ca->not_after), failed);
	set(one, "state", json_string(awh_ca_state_name(ca->state)), failed);
	if (ca->denial)
		set(one, "denied", json_string(ca->denial->text), failed);
	return one;
}

static json_t *cas(const struct awh_tls_context *context, size_t bundle, bool *failed)
{
	json_t *array = json_array();
	struct awh_tls_ca ca;
	int err = context ? 0 : ADMWH_E_NOT_FOUND;

	for (size_t i = 0; err == 0; i++) {
		err = awh_tls_context_ca(context, i, &ca);
		if (err)
			break;
		if (ca.bundle == bundle)
			append(array, ca_of(&ca, failed), failed);
		awh_buf_deinit(&ca.subject);
	}
	if (err != ADMWH_E_NOT_FOUND)
		*failed = true;
	return array;
}

static void append_rules(json_t *array, const struct awh_values *rules, bool *failed)
{
	for (size_t i = 0; i < rules->n_items; i++)
		append(array, json_string(rules->items[i].text), failed);
}

static json_t *bundles(const struct admwh_config *config, const struct awh_snapshot *snapshot,
		       bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < config->n_bundles; i++) {
		const struct admwh_bundle *bundle = config->bundles[i];
		json_t *one = json_object(), *rules = json_array();

		append_rules(rules, &bundle->rules, failed);
		if (snapshot && snapshot->files)
			append_rules(rules, &snapshot->files[i].allow, failed);
		set(one, "name", json_string(bundle->name), failed);
		set(one, "cas", cas(snapshot ? snapshot->tls : NULL, i, failed), failed);
		set(one, "anyName", json_boolean(bundle->any_name), failed);
		set(one, "rules", rules, failed);
		set(one, "denied",
		    json_integer(snapshot && snapshot->files
				     ? (json_int_t)snapshot->files[i].deny.n_items
				     : 0),
		    failed);
		append(array, one, failed);
	}
	return array;
}

/* Those of a kind as "validating/NAME", with "*" for any name. */
static void append_webhooks(json_t *array, const char *kind, const struct awh_webhook_names *names,
			    bool *failed)
{
	if (names->any)
		append(array, json_sprintf("%s/*", kind), failed);
	for (size_t i = 0; i < names->list.n_items; i++)
		append(array, json_sprintf("%s/%s", kind, names->list.items[i]), failed);
}

static json_t *record(const struct admwh_config *config, bool *failed)
{
	json_t *one;

	if (!config->record_folder)
		return json_null();
	one = json_object();
	set(one, "folder", json_string(config->record_folder), failed);
	set(one, "kinds", text_list(&config->record_kinds, failed), failed);
	set(one, "files", json_integer(config->record_files), failed);
	return one;
}

static json_t *webhook_tokens(const struct admwh_config *config,
			      const struct awh_snapshot *snapshot, bool *failed)
{
	json_t *one, *webhooks;
	size_t keys = 0;

	if (!config->token_issuer)
		return json_null();
	if (snapshot && snapshot->webhook_tokens)
		keys = awh_webhook_tokens_keys(snapshot->webhook_tokens);
	one = json_object();
	webhooks = json_array();
	append_webhooks(webhooks, "validating", &config->webhooks[ADMWH_WEBHOOK_VALIDATING],
			failed);
	append_webhooks(webhooks, "mutating", &config->webhooks[ADMWH_WEBHOOK_MUTATING], failed);
	set(one, "experimental", json_true(), failed);
	set(one, "issuer", json_string(config->token_issuer), failed);
	set(one, "keys", json_integer((json_int_t)keys), failed);
	set(one, "origins", text_list(&config->token_origins, failed), failed);
	set(one, "webhooks", webhooks, failed);
	return one;
}

static const char *dialect_name(enum admwh_dialect dialect)
{
	switch (dialect) {
	case ADMWH_DIALECT_RANCHER:
		return "rancher";
	case ADMWH_DIALECT_KUBEWARDEN:
		return "kubewarden";
	case ADMWH_DIALECT_PLAIN:
		return "plain";
	default:
		return "kubernetes";
	}
}

static const char *route_auth_name(enum admwh_route_auth auth)
{
	switch (auth) {
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		return "certificate";
	case ADMWH_ROUTE_AUTH_TOKEN:
		return "token";
	case ADMWH_ROUTE_AUTH_EITHER:
		return "either";
	default:
		return "all";
	}
}

/* The route's own rules for callers that a bundle allows; none: all of them. */
static json_t *route_bundles(const struct awh_access *access, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < access->n_bundles; i++) {
		json_t *one = json_object(), *rules = json_array();

		append_rules(rules, &access->bundles[i].rules, failed);
		set(one, "name", json_string(access->bundles[i].name), failed);
		set(one, "anyone", json_boolean(access->bundles[i].anyone), failed);
		set(one, "rules", rules, failed);
		append(array, one, failed);
	}
	return array;
}

static json_t *patch_options(const struct admwh_route *route, bool *failed)
{
	static const struct {
		unsigned int option;
		const char *name;
	} options[] = {
	    {ADMWH_PATCH_MAKE_INDEX_BY_INDEX, "index-by-index"},
	    {ADMWH_PATCH_MAKE_SMALLEST, "smallest"},
	    {ADMWH_PATCH_MAKE_NUMBER_TEXT, "number-text"},
	};
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (awh_route_patching(route) & options[i].option)
			append(array, json_string(options[i].name), failed);
	return array;
}

static json_t *route(const struct admwh_route *route, bool *failed)
{
	static const char *const kinds[] = {
	    [AWH_ROUTE_VALIDATE] = "validate",
	    [AWH_ROUTE_MUTATE] = "mutate",
	    [AWH_ROUTE_CONVERT] = "convert",
	    [AWH_ROUTE_PAGE] = "health",
	};
	json_t *one = json_object();

	set(one, "path", json_string(route->path), failed);
	set(one, "kind", json_string(kinds[route->kind]), failed);
	if (route->kind == AWH_ROUTE_PAGE || route->kind == AWH_ROUTE_CONVERT)
		return one;
	set(one, "inline", json_boolean(route->is_inline), failed);
	set(one, "onFailure",
	    json_string(route->on_failure == ADMWH_ON_FAILURE_POLICY ? "policy" : "deny"), failed);
	set(one, "unmatched",
	    json_string(route->unmatched == ADMWH_UNMATCHED_ALLOW ? "allow" : "fail"), failed);
	set(one, "filters", json_integer((json_int_t)route->n_filters), failed);
	set(one, "workloads", json_integer((json_int_t)route->workloads.n_items), failed);
	set(one, "auth", json_string(route_auth_name(route->access.auth)), failed);
	set(one, "bundles", route_bundles(&route->access, failed), failed);
	set(one, "groups",
	    names((const char *const *)route->access.groups, route->access.n_groups, failed),
	    failed);
	set(one, "dialect", json_string(dialect_name(route->dialect)), failed);
	set(one, "raw", json_boolean(route->raw), failed);
	set(one, "warn", json_boolean(route->warn), failed);
	set(one, "nulInTrees", json_boolean(route->nul_in_trees), failed);
	if (route->kind == AWH_ROUTE_MUTATE)
		set(one, "patchOptions", patch_options(route, failed), failed);
	return one;
}

static json_t *routes(const struct awh_routes *routes, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; routes && i < routes->n_items; i++)
		append(array, route(routes->items[i], failed), failed);
	return array;
}

static json_t *limits(const struct admwh_config *config, bool *failed)
{
	json_t *object = json_object();

	for (int i = 1; i < AWH_LIMITS; i++) {
		const struct awh_limit_facts *facts = awh_limit_facts((enum admwh_limit)i);
		json_t *one = json_object();

		set(one, "value", json_integer((json_int_t)config->limits[i]), failed);
		set(one, "default", json_integer((json_int_t)facts->preset), failed);
		set(one, "unit", json_string(facts->unit), failed);
		set(object, facts->name, one, failed);
	}
	return object;
}

static json_t *address(const struct sockaddr_storage *address, uint16_t port, bool *failed)
{
	char text[AWH_ADDRESS_TEXT];
	json_t *one = json_object();

	awh_address_text(address, text, sizeof(text));
	set(one, "address", json_string(text), failed);
	set(one, "port", json_integer(port), failed);
	return one;
}

static json_t *reload(const struct awh_view *view, bool *failed)
{
	const struct admwh_config *config = view->config;
	const struct awh_counts *counts = view->metrics->counts;
	json_t *one = json_object();

	set(one, "on", json_boolean(config->reload), failed);
	set(one, "onSighup", json_boolean(config->reload_on_sighup), failed);
	set(one, "closeUntrusted", json_boolean(config->close_untrusted), failed);
	set(one, "startUnready", json_boolean(config->start_unready), failed);
	set(one, "lastSuccess", json_integer(atomic_load(&counts->reloaded_s)), failed);
	return one;
}

/* What is in force, so that it can be held against what was meant to be. */
static json_t *certificate(const struct awh_snapshot *snapshot, bool *failed)
{
	const struct admwh_peer *own;
	json_t *one;

	if (!snapshot || !snapshot->tls)
		return json_null();
	own = awh_tls_context_own(snapshot->tls);
	one = json_object();
	set(one, "serial", json_string(own->serial), failed);
	set(one, "sha256", json_string(own->fingerprint), failed);
	set(one, "notBefore", json_integer(own->not_before), failed);
	set(one, "notAfter", json_integer(own->not_after), failed);
	set(one, "dnsNames", names(own->dns_names, own->n_dns_names, failed), failed);
	set(one, "ipAddresses", names(own->ip_addresses, own->n_ip_addresses, failed), failed);
	return one;
}

static json_t *describe(const struct awh_view *view, bool *failed)
{
	const struct admwh_config *config = view->config;
	const struct awh_snapshot *snapshot = awh_view_snapshot(view);
	json_t *whole = json_object();

	set(whole, "version", json_string(admwh_version()), failed);
	set(whole, "insecure", insecure(config, failed), failed);
	set(whole, "listen", address(&config->address, view->port, failed), failed);
	set(whole, "healthListen", address(&config->health_address, view->health_port, failed),
	    failed);
	set(whole, "conversionListen",
	    address(&config->conversion_address, view->conversion_port, failed), failed);
	set(whole, "tls", tls(view, failed), failed);
	set(whole, "clientAuth", json_string(awh_config_auth_name(config)), failed);
	set(whole, "observe", json_boolean(config->observe), failed);
	set(whole, "certificateNotAfter",
	    json_integer(snapshot && snapshot->tls ? awh_tls_context_dates(snapshot->tls).end : 0),
	    failed);
	set(whole, "certificate", certificate(snapshot, failed), failed);
	set(whole, "reload", reload(view, failed), failed);
	set(whole, "filesLoaded", json_integer(snapshot ? snapshot->loaded_s : 0), failed);
	set(whole, "bundles", bundles(config, snapshot, failed), failed);
	set(whole, "tokens",
	    json_integer(
		snapshot && snapshot->tokens ? (json_int_t)awh_tokens_count(snapshot->tokens) : 0),
	    failed);
	set(whole, "webhookTokens", webhook_tokens(config, snapshot, failed), failed);
	set(whole, "record", record(config, failed), failed);
	set(whole, "exemptPaths", text_list(&config->exempt, failed), failed);
	set(whole, "healthHosts", text_list(&config->health_hosts, failed), failed);
	set(whole, "readyPaths", text_list(&config->ready_paths, failed), failed);
	set(whole, "routes", routes(view->routes, failed), failed);
	set(whole, "conversions", routes(view->conversions, failed), failed);
	set(whole, "threads", json_integer(awh_config_threads(config)), failed);
	set(whole, "workers", json_integer(awh_config_workers(config)), failed);
	set(whole, "processes", json_integer(config->processes), failed);
	set(whole, "hardening", json_boolean(config->hardening), failed);
	set(whole, "limits", limits(config, failed), failed);
	return whole;
}

static int put(const char *text, size_t len, void *userdata)
{
	struct awh_buf *body = userdata;

	awh_buf_put(body, text, len);
	return body->err ? -1 : 0;
}

void awh_configz(const struct awh_view *view, struct awh_buf *body)
{
	bool failed = false;
	json_t *whole = describe(view, &failed);

	if (failed || json_dump_callback(whole, put, body, JSON_INDENT(2)))
		body->err = ADMWH_E_NOMEM;
	awh_buf_put(body, "\n", 1);
	json_decref(whole);
}
