/* SPDX-License-Identifier: MIT */
/* The command line and the environment. See options.h. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

enum option {
	ADDR,
	ALWAYS_ACCEPT,
	CERT_FILE,
	CLIENT_CA_FILE,
	CONTINUE_ON_ERRORS,
	DISABLE_TIMEOUT,
	KEY_FILE,
	LOG_FMT,
	LOG_LEVEL,
	LOG_NO_COLOR,
	POLICIES,
	POLICY_TIMEOUT,
	PORT,
	READINESS_PORT,
	WORKERS,
	N_OPTIONS
};

/* What is understood: name, environment, default, what help says. */
static const struct {
	const char *name, *env, *preset, *help;
	bool is_switch;
} known[N_OPTIONS] = {
    [ADDR] = {"addr", "KUBEWARDEN_BIND_ADDRESS", "0.0.0.0", "address to listen on", false},
    [ALWAYS_ACCEPT] = {"always-accept-admission-reviews-on-namespace",
		       "KUBEWARDEN_ALWAYS_ACCEPT_ADMISSION_REVIEWS_ON_NAMESPACE", NULL,
		       "namespace whose reviews are all allowed", false},
    [CERT_FILE] = {"cert-file", "KUBEWARDEN_CERT_FILE", NULL, "server certificate and its chain",
		   false},
    [CLIENT_CA_FILE] = {"client-ca-file", "KUBEWARDEN_CLIENT_CA_FILE", NULL,
			"CAs of the callers, separated by commas: turns mutual TLS on", false},
    [CONTINUE_ON_ERRORS] = {"continue-on-errors", "KUBEWARDEN_CONTINUE_ON_ERRORS", NULL,
			    "serve although a policy does not work; that one denies", true},
    [DISABLE_TIMEOUT] = {"disable-timeout-protection", "KUBEWARDEN_DISABLE_TIMEOUT_PROTECTION",
			 NULL, "no time limit for policies that set none", true},
    [KEY_FILE] = {"key-file", "KUBEWARDEN_KEY_FILE", NULL, "server key", false},
    [LOG_FMT] = {"log-fmt", "KUBEWARDEN_LOG_FMT", "text", "text or json", false},
    [LOG_LEVEL] = {"log-level", "KUBEWARDEN_LOG_LEVEL", "info", "trace, debug, info, warn or error",
		   false},
    [LOG_NO_COLOR] = {"log-no-color", "NO_COLOR", NULL, "no colours in the log", true},
    [POLICIES] = {"policies", "KUBEWARDEN_POLICIES", "policies.yml", "the policies", false},
    [POLICY_TIMEOUT] = {"policy-timeout", "KUBEWARDEN_POLICY_TIMEOUT", "2",
			"seconds a policy may take", false},
    [PORT] = {"port", "KUBEWARDEN_PORT", "3000", "port to listen on", false},
    [READINESS_PORT] = {"readiness-probe-port", "KUBEWARDEN_READINESS_PROBE_PORT", "8081",
			"port of /readiness and /metrics, plain HTTP", false},
    [WORKERS] = {"workers", "KUBEWARDEN_WORKERS", NULL,
		 "policies evaluated at a time, one per CPU by default", false},
};

/*
 * What policy-server has for what is not here: WebAssembly modules, their registries, signatures
 * and clusters, and telemetry that is pushed. Taken, so that a Deployment made for it works, and
 * noted.
 */
static const struct {
	const char *name, *env;
	bool is_switch;
} ignored[] = {
    {"docker-config-json-path", "KUBEWARDEN_DOCKER_CONFIG_JSON_PATH", false},
    {"enable-metrics", "KUBEWARDEN_ENABLE_METRICS", true},
    {"enable-pprof", "KUBEWARDEN_ENABLE_PPROF", true},
    {"ignore-kubernetes-connection-failure", "KUBEWARDEN_IGNORE_KUBERNETES_CONNECTION_FAILURE",
     true},
    {"policies-download-dir", "KUBEWARDEN_POLICIES_DOWNLOAD_DIR", false},
    {"sigstore-cache-dir", "KUBEWARDEN_SIGSTORE_CACHE_DIR", false},
    {"sigstore-trust-config", "KUBEWARDEN_SIGSTORE_TRUST_CONFIG_PATH", false},
    {"sources-path", "KUBEWARDEN_SOURCES_PATH", false},
    {"verification-path", "KUBEWARDEN_VERIFICATION_CONFIG_PATH", false},
};

enum { N_IGNORED = sizeof(ignored) / sizeof(ignored[0]) };

static void add_help(struct text *text)
{
	text_add(text, "admwh-kubewarden [OPTIONS]\n\n");
	for (size_t i = 0; i < N_OPTIONS; i++)
		text_add(text, "  --%s%s\n      %s [%s%s%s]\n", known[i].name,
			 known[i].is_switch ? "" : " VALUE", known[i].help, known[i].env,
			 known[i].preset ? "; " : "", known[i].preset ? known[i].preset : "");
}

static bool is_name(const char *argument, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(argument, name, len) == 0;
}

/* Which option this is, 0 to N_OPTIONS - 1, or N_OPTIONS + one of ignored; -1: none. */
static int find(const char *argument, size_t len, bool *is_switch)
{
	for (int i = 0; i < N_OPTIONS; i++) {
		*is_switch = known[i].is_switch;
		if (is_name(argument, len, known[i].name))
			return i;
	}
	for (int i = 0; i < N_IGNORED; i++) {
		*is_switch = ignored[i].is_switch;
		if (is_name(argument, len, ignored[i].name))
			return N_OPTIONS + i;
	}
	return -1;
}

/* The words that mean no, in the environment. */
static bool is_on(const char *value)
{
	static const char *const off[] = {"", "0", "f", "false", "n", "no", "off"};

	for (size_t i = 0; value && i < sizeof(off) / sizeof(off[0]); i++)
		if (strcmp(value, off[i]) == 0)
			return false;
	return value != NULL;
}

static bool read_number(const char *text, unsigned long most, unsigned long *value)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 9 || text[len])
		return false;
	*value = strtoul(text, NULL, 10);
	return *value <= most;
}

static bool read_numbers(struct kw_options *options, const char *const *values, struct text *error)
{
	const struct {
		enum option option;
		unsigned long least, most;
	} ranges[] = {{PORT, 0, 65535},
		      {READINESS_PORT, 0, 65535},
		      {WORKERS, 1, 4096},
		      {POLICY_TIMEOUT, 1, 3600}};
	unsigned long numbers[4] = {0};

	for (size_t i = 0; i < 4; i++) {
		const char *value = values[ranges[i].option];

		if (value && (!read_number(value, ranges[i].most, &numbers[i]) ||
			      numbers[i] < ranges[i].least)) {
			text_add(error, "--%s: expected a number from %lu to %lu, not '%s'",
				 known[ranges[i].option].name, ranges[i].least, ranges[i].most,
				 value);
			return false;
		}
	}
	options->port = (uint16_t)numbers[0];
	options->readiness_probe_port = (uint16_t)numbers[1];
	options->workers = (unsigned int)numbers[2];
	options->policy_timeout_s = (int64_t)numbers[3];
	return true;
}

static bool read_log(struct kw_options *options, const char *const *values, struct text *error)
{
	static const struct {
		const char *name;
		enum admwh_log_level level;
	} levels[] = {{"trace", ADMWH_LOG_DEBUG},
		      {"debug", ADMWH_LOG_DEBUG},
		      {"info", ADMWH_LOG_INFO},
		      {"warn", ADMWH_LOG_WARNING},
		      {"error", ADMWH_LOG_ERROR}};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(values[LOG_LEVEL], levels[i].name) == 0)
			options->log.level = levels[i].level;
	options->log.sink = strcmp(values[LOG_FMT], "json") == 0   ? admwh_log_json
			    : strcmp(values[LOG_FMT], "text") == 0 ? admwh_log_text
								   : NULL;
	if (!options->log.level)
		text_add(error, "--log-level: expected %s, not '%s'", known[LOG_LEVEL].help,
			 values[LOG_LEVEL]);
	else if (!options->log.sink)
		text_add(error, "--log-fmt: expected %s, not '%s'", known[LOG_FMT].help,
			 values[LOG_FMT]);
	return error->len == 0;
}

/* In the original's words. */
static bool check_tls(const struct kw_options *options, struct text *error)
{
	if (!options->cert_file && !options->key_file && options->client_ca_file)
		text_add(error, "client CA certificate requires server certificate and key to "
				"be specified");
	else if (!options->cert_file != !options->key_file)
		text_add(error, "both certificate and key must be provided together");
	return error->len == 0;
}

static bool take_arguments(const char **values, bool *is_ignored, int argc, char **argv,
			   struct text *error)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i] + 2, *equals;
		bool is_switch = false;
		int option = -1;

		equals = strchr(argv[i], '=');
		if (strncmp(argv[i], "--", 2) == 0)
			option =
			    find(name, equals ? (size_t)(equals - name) : strlen(name), &is_switch);
		if (option < 0 || (is_switch && equals)) {
			text_add(error, "unexpected argument '%s' found", argv[i]);
			return false;
		}
		if (!is_switch && !equals && i + 1 == argc) {
			text_add(error, "a value is required for '%s'", argv[i]);
			return false;
		}
		if (option >= N_OPTIONS)
			is_ignored[option - N_OPTIONS] = true;
		else
			values[option] = is_switch ? "true" : equals ? equals + 1 : argv[i + 1];
		i += !is_switch && !equals;
	}
	return true;
}

/* The environment, and then the defaults. A variable that is empty counts as absent. */
static void take_environment(const char **values, bool *is_ignored)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const char *value = values[i] ? NULL : getenv(known[i].env);

		if (value && *value && (!known[i].is_switch || is_on(value)))
			values[i] = value;
		if (!values[i])
			values[i] = known[i].preset;
	}
	for (size_t i = 0; i < N_IGNORED; i++)
		is_ignored[i] = is_ignored[i] || is_on(getenv(ignored[i].env));
}

enum kw_parsed kw_options_parse(struct kw_options *options, int argc, char **argv,
				struct text *text)
{
	const char *values[N_OPTIONS] = {0};
	bool is_ignored[N_IGNORED] = {0};

	*options = (struct kw_options){0};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			add_help(text);
			return KW_HELP;
		}
	}
	if (!take_arguments(values, is_ignored, argc, argv, text))
		return KW_WRONG;
	take_environment(values, is_ignored);
	options->addr = values[ADDR];
	options->policies = values[POLICIES];
	options->always_accepted = values[ALWAYS_ACCEPT];
	options->cert_file = values[CERT_FILE];
	options->key_file = values[KEY_FILE];
	options->client_ca_file = values[CLIENT_CA_FILE];
	options->disable_timeout_protection = values[DISABLE_TIMEOUT] != NULL;
	options->no_color = values[LOG_NO_COLOR] != NULL;
	options->continue_on_errors = values[CONTINUE_ON_ERRORS] != NULL;
	if (!read_numbers(options, values, text) || !read_log(options, values, text) ||
	    !check_tls(options, text))
		return KW_WRONG;
	for (size_t i = 0; i < N_IGNORED; i++)
		if (is_ignored[i])
			text_add(&options->ignored, "--%s\n", ignored[i].name);
	return KW_PARSED;
}

void kw_options_deinit(struct kw_options *options)
{
	text_deinit(&options->ignored);
}
