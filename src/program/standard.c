/* SPDX-License-Identifier: MIT */
/* The standard flags: one for each setter that an operator would want. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/conversion.h>
#include <admwh/health.h>
#include <admwh/limits.h>
#include <admwh/record.h>
#include <admwh/route.h>
#include <admwh/webhook_tokens.h>

#include "base/text.h"
#include "config/config.h"
#include "program/options.h"

/* TLS */

static int apply_profile(struct admwh_config *config, const char *value,
			 const struct admwh_program *program)
{
	(void)program;
	if (strcmp(value, "intermediate") == 0)
		return admwh_config_set_tls_profile(config, ADMWH_TLS_INTERMEDIATE);
	if (strcmp(value, "modern") == 0)
		return admwh_config_set_tls_profile(config, ADMWH_TLS_MODERN);
	return awh_flag_refuse(config, "intermediate|modern", value);
}

/* callers */

static int find_rule(const char *value, size_t len, enum admwh_rule *rule)
{
	static const struct {
		const char *name;
		enum admwh_rule rule;
	} rules[] = {
#define RULE_ROW(id, number, text, compared) {text, ADMWH_RULE_##id},
	    ADMWH_RULE_MAP(RULE_ROW)
#undef RULE_ROW
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strlen(rules[i].name) == len && strncmp(rules[i].name, value, len) == 0) {
			*rule = rules[i].rule;
			return 0;
		}
	}
	return ADMWH_E_NOT_FOUND;
}

static int apply_allow(struct admwh_config *config, const char *value,
		       const struct admwh_program *program)
{
	struct admwh_bundle *bundle = awh_flag_bundle(config, &value);
	size_t len = strcspn(value, ":");
	enum admwh_rule rule = ADMWH_RULE_ANY;

	(void)program;
	if (!bundle)
		return config->error.code;
	if (strcmp(value, "any") == 0)
		return admwh_bundle_allow_any_name(bundle);
	if (!value[len] || find_rule(value, len, &rule))
		return awh_flag_refuse(
		    config, "any, cn:, dns:, uri:, ip:, o:, ou:, sha256: or spki-sha256:", value);
	return admwh_bundle_allow(bundle, rule, value + len + 1);
}

static int apply_client_auth(struct admwh_config *config, const char *value,
			     const struct admwh_program *program)
{
	(void)program;
	if (strcmp(value, "handshake") == 0)
		return admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_HANDSHAKE);
	if (strcmp(value, "request") == 0)
		return admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST);
	return awh_flag_refuse(config, "handshake|request", value);
}

/* "validating/NAME", "mutating/NAME"; "*" is any name. */
static int apply_token_webhook(struct admwh_config *config, const char *value,
			       const struct admwh_program *program)
{
	const char *slash = strchr(value, '/');
	const char *name = slash ? slash + 1 : "";
	const size_t len = slash ? (size_t)(slash - value) : 0;
	enum admwh_webhook_kind kind = 0;

	(void)program;
	if (len == strlen("validating") && strncmp(value, "validating", len) == 0)
		kind = ADMWH_WEBHOOK_VALIDATING;
	else if (len == strlen("mutating") && strncmp(value, "mutating", len) == 0)
		kind = ADMWH_WEBHOOK_MUTATING;
	if (!kind || !*name)
		return awh_flag_refuse(config, "validating/NAME or mutating/NAME", value);
	return admwh_config_experimental_allow_webhook(config, kind,
						       strcmp(name, "*") == 0 ? NULL : name);
}

static int apply_token_file(struct admwh_config *config, const char *value,
			    const struct admwh_program *program)
{
	return admwh_config_set_token_file(config, value, program->read_tokens, program->userdata);
}

/* the log */

static int apply_log_format(struct admwh_config *config, const char *value,
			    const struct admwh_program *program)
{
	bool json = strcmp(value, "json") == 0;

	(void)program;
	if (!json && strcmp(value, "text") != 0)
		return awh_flag_refuse(config, "text|json", value);
	return admwh_config_set_log(config, config->log.level,
				    json ? admwh_log_json : admwh_log_text, NULL);
}

static int apply_log_level(struct admwh_config *config, const char *value,
			   const struct admwh_program *program)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};

	(void)program;
	for (int i = 0; i < 4; i++)
		if (strcmp(levels[i], value) == 0)
			return admwh_config_set_log(config, (enum admwh_log_level)(i + 1),
						    config->log.sink, config->log.userdata);
	return awh_flag_refuse(config, "debug|info|warning|error", value);
}

/* limits */

/* How many of a limit's unit this one has; 0: it has none of them. */
static uint64_t find_factor(const char *unit, const char *suffix)
{
	static const struct {
		const char *unit, *suffix;
		uint64_t factor;
	} factors[] = {
	    {"ms", "ms", 1},           {"ms", "s", 1000},         {"ms", "m", 60000},
	    {"bytes", "Ki", 1U << 10}, {"bytes", "Mi", 1U << 20}, {"bytes", "Gi", 1U << 30},
	};

	if (!*suffix)
		return 1;
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++)
		if (strcmp(factors[i].unit, unit) == 0 && strcmp(factors[i].suffix, suffix) == 0)
			return factors[i].factor;
	return 0;
}

static bool read_amount(const char *text, const char *unit, uint64_t *amount)
{
	size_t len = strspn(text, "0123456789");
	uint64_t factor = find_factor(unit, text + len);

	if (len == 0 || len > 18 || factor == 0)
		return false;
	*amount = strtoull(text, NULL, 10);
	if (*amount > UINT64_MAX / factor)
		return false;
	*amount *= factor;
	return true;
}

static int refuse_limit(struct admwh_config *config)
{
	return awh_fail(&config->error, ADMWH_E_INVAL, "there is no such limit; those there are:%s",
#define LIMIT_NAME(id, number, text, preset, least, greatest, unit, past) " " text
			ADMWH_LIMIT_MAP(LIMIT_NAME)
#undef LIMIT_NAME
	);
}

static int apply_limit(struct admwh_config *config, const char *value,
		       const struct admwh_program *program)
{
	const char *equals = strchr(value, '=');
	char name[64];
	enum admwh_limit limit;
	uint64_t amount;

	(void)program;
	if (!equals || (size_t)(equals - value) >= sizeof(name))
		return awh_flag_refuse(config, "NAME=VALUE", value);
	memcpy(name, value, (size_t)(equals - value));
	name[equals - value] = '\0';
	if (admwh_limit_by_name(name, &limit))
		return refuse_limit(config);
	if (!read_amount(equals + 1, awh_limit_facts(limit)->unit, &amount))
		return awh_flag_refuse(
		    config, "a number, of times with ms, s or m, of bytes with Ki, Mi or Gi",
		    value);
	return admwh_config_set_limit(config, limit, amount);
}

/*
 * In the order in which they are applied: start-unready before the files, the bundles' files before
 * what is said of bundles. What a row says of its default is the library's, or awh_program's.
 */
static const struct awh_standard flags[] = {
    {.flag = {.name = "listen",
	      .value = "HOST:PORT",
	      .preset = ":9443",
	      .help = "numeric address to serve on; \":PORT\": all addresses"},
     .heading = "Addresses",
     .text = admwh_config_set_listen},
    {.flag = {.name = "conversion-listen",
	      .value = "HOST:PORT",
	      .help = "address of conversions, to which callers show no certificate"},
     .text = admwh_config_set_conversion_listen},
    {.flag = {.name = "health-listen",
	      .value = "HOST:PORT",
	      .help = "address of probes, metrics and /configz, plain HTTP; none by default"},
     .text = admwh_config_set_health_listen},
    {.flag = {.name = "health-host",
	      .value = "NAME",
	      .help = "DNS name by which the health port may be asked, beside cluster names"},
     .text = admwh_config_add_health_host,
     .is_list = true},
    {.flag = {.name = "ready-path",
	      .value = "PATH",
	      .help = "path of the health port that answers readiness by its status alone"},
     .text = admwh_config_add_ready_path,
     .is_list = true},

    {.flag = {.name = "start-unready",
	      .help = "start while files are missing or unusable, and serve once they are good"},
     .heading = "Files",
     .on = admwh_config_set_start_unready},
    {.flag = {.name = "reload",
	      .value = "on|off",
	      .preset = "on",
	      .help = "read files again when they change; SIGHUP does in any case"},
     .on = admwh_config_set_reload},

    {.flag = {.name = "tls-cert", .value = "FILE", .help = "the server's certificate chain, PEM"},
     .heading = "TLS"},
    {.flag = {.name = "tls-key", .value = "FILE", .help = "its private key, PEM, unencrypted"}},
    {.flag = {.name = "tls-profile",
	      .value = "intermediate|modern",
	      .preset = "intermediate",
	      .help = "TLS 1.2 and 1.3, or 1.3 alone"},
     .apply = apply_profile},
    {.flag = {.name = "tls-ciphers",
	      .value = "LIST",
	      .help =
		  "cipher suites in order, with \":\" between them; all of the profile by default"},
     .text = admwh_config_set_tls_ciphers},
    {.flag = {.name = "aes-offload",
	      .value = "on|off",
	      .preset = "on",
	      .help = "let nettle compute AES-GCM where wolfSSL has no AES instructions"},
     .on = admwh_config_set_aes_offload},

    {.flag =
	 {.name = "client-ca",
	  .value = "[BUNDLE=]FILE",
	  .help =
	      "CAs that issue client certificates, PEM; the bundle is \"default\" unless named"},
     .heading = "Callers",
     .bundle_file = admwh_bundle_add_ca_file,
     .is_list = true},
    {.flag = {.name = "client-allow",
	      .value = "[BUNDLE=]RULE",
	      .help = "allow a certificate of the bundle: cn:NAME, dns:NAME, uri:URI, ip:ADDRESS, "
		      "o:NAME, ou:NAME, sha256:HEX, spki-sha256:HEX, or any"},
     .apply = apply_allow,
     .is_list = true},
    {.flag = {.name = "client-allow-file",
	      .value = "[BUNDLE=]FILE",
	      .help = "file of such rules, one a line"},
     .bundle_file = admwh_bundle_allow_file,
     .is_list = true,
     .one_a_bundle = true},
    {.flag = {.name = "client-deny-file",
	      .value = "[BUNDLE=]FILE",
	      .help = "file of certificates to deny, one a line: serial:HEX, sha256:HEX, "
		      "spki-sha256:HEX"},
     .bundle_file = admwh_bundle_deny_file,
     .is_list = true,
     .one_a_bundle = true},
    {.flag = {.name = "client-auth",
	      .value = "handshake|request",
	      .preset = "handshake",
	      .help = "refuse other callers by a TLS alert, or by HTTP 401"},
     .apply = apply_client_auth},
    {.flag = {.name = "exempt-path",
	      .value = "PATH",
	      .help = "path that every client may ask, with --client-auth request"},
     .text = admwh_config_add_exempt_path,
     .is_list = true},
    {.flag = {.name = "close-untrusted",
	      .value = "on|off",
	      .preset = "on",
	      .help = "after a reload, close connections of callers that are no longer allowed"},
     .on = admwh_config_set_close_untrusted},
    {.flag = {.name = "token-file", .value = "FILE", .help = "bearer tokens of callers"},
     .apply = apply_token_file,
     .is_file = true},
    {.flag = {.name = "bare-tokens", .help = "accept a token without the word Bearer, too"},
     .on = admwh_config_set_bare_tokens},
    {.flag = {.name = "experimental-token-issuer",
	      .value = "ISSUER",
	      .help = "issuer of webhook tokens (KEP-6060); the next three are about them"},
     .text = admwh_config_experimental_set_token_issuer},
    {.flag = {.name = "experimental-token-keys",
	      .value = "FILE",
	      .help = "its public keys, a JSON Web Key Set"},
     .text = admwh_config_experimental_set_token_keys_file,
     .is_file = true},
    {.flag = {.name = "experimental-token-origin",
	      .value = "ORIGIN",
	      .help = "the webhook's URL before its path: https://NAME.NAMESPACE.svc:PORT"},
     .text = admwh_config_experimental_add_token_origin,
     .is_list = true},
    {.flag = {.name = "experimental-token-webhook",
	      .value = "KIND/NAME",
	      .help = "webhook configuration that tokens may be bound to: validating/NAME, "
		      "mutating/NAME, or * as the name"},
     .apply = apply_token_webhook,
     .is_list = true},
    {.flag = {.name = "insecure-no-client-auth", .help = "answer every client"},
     .insecure = admwh_config_insecure_no_client_auth},
    {.flag = {.name = "insecure-observe",
	      .help = "log which callers would be denied, and deny none"},
     .insecure = admwh_config_insecure_observe},
    {.flag = {.name = "insecure-plain-http",
	      .help = "serve HTTP without TLS, to every client: behind a sidecar, or in a test"},
     .insecure = admwh_config_insecure_plain_http},

    {.flag = {.name = "warn-path", .value = "PATH", .help = "path where denials become warnings"},
     .heading = "Reviews",
     .text = admwh_config_add_warn_path,
     .is_list = true},

    {.flag = {.name = "processes",
	      .value = "N",
	      .preset = "0",
	      .help = "worker processes, so that a crash ends one of them; 0: none"},
     .heading = "Processes and threads",
     .count = admwh_config_set_processes},
    {.flag = {.name = "threads",
	      .value = "N",
	      .preset = "0",
	      .help = "event loops of each process; 0: one per CPU, at most 8"},
     .count = admwh_config_set_threads},
    {.flag = {.name = "workers",
	      .value = "N",
	      .preset = "0",
	      .help = "reviews that each process decides at a time; 0: four per event loop"},
     .count = admwh_config_set_workers},
    {.flag = {.name = "hardening",
	      .value = "on|off",
	      .preset = "on",
	      .help = "no core dumps, no tracing, no new privileges"},
     .on = admwh_config_set_hardening},

    {.flag = {.name = "record-folder",
	      .value = "FOLDER",
	      .help = "folder that reviews of these kinds are recorded in, with their objects"},
     .heading = "Record",
     .text = admwh_config_set_record_folder,
     .is_file = true},
    {.flag = {.name = "record-kind",
	      .value = "[GROUP/]KIND",
	      .help = "kind to record, such as Pod or apps/Deployment; never Secret"},
     .text = admwh_config_add_record_kind,
     .is_list = true},
    {.flag = {.name = "record-files",
	      .value = "N",
	      .preset = "1000",
	      .help = "files that the folder may have; nothing is recorded past them"},
     .count = admwh_config_set_record_files},

    {.flag = {.name = "log-format",
	      .value = "text|json",
	      .preset = "text",
	      .help = "lines of text or of JSON, on standard error"},
     .heading = "Log and limits",
     .apply = apply_log_format},
    {.flag = {.name = "log-level",
	      .value = "debug|info|warning|error",
	      .preset = "info",
	      .help = "the least severe level that is logged"},
     .apply = apply_log_level},
    {.flag = {.name = "limit",
	      .value = "NAME=VALUE",
	      .help = "set a limit, such as body=4Mi, deadline=8s or lame-duck-time=5s: "
		      "docs/limits.md lists them"},
     .apply = apply_limit,
     .is_list = true},
};

const struct awh_standard *awh_standard_flags(size_t *n)
{
	*n = sizeof(flags) / sizeof(flags[0]);
	return flags;
}
