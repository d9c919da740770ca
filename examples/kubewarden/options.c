/* SPDX-License-Identifier: MIT */
/* The command line and the environment. See options.h. */
#include "options.h"

#include <admwh/admwh.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct program_flag flags[] = {
    {.name = "addr",
     PROGRAM_TEXT_AT(struct kw_options, addr),
     .value = "ADDRESS",
     .variable = "KUBEWARDEN_BIND_ADDRESS",
     .preset = "0.0.0.0",
     .help = "address to listen on"},
    {.name = "always-accept-admission-reviews-on-namespace",
     PROGRAM_TEXT_AT(struct kw_options, always_accepted),
     .value = "NAME",
     .help = "namespace whose reviews are all allowed"},
    {.name = "cert-file",
     PROGRAM_TEXT_AT(struct kw_options, cert_file),
     .value = "FILE",
     .help = "server certificate and its chain"},
    {.name = "client-ca-file",
     PROGRAM_TEXT_AT(struct kw_options, client_ca_file),
     .value = "FILES",
     .help = "CAs of the callers, separated by commas: turns mutual TLS on"},
    {.name = "continue-on-errors",
     PROGRAM_SWITCH_AT(struct kw_options, continue_on_errors),
     .help = "serve although a policy does not work; that one denies"},
    {.name = "disable-timeout-protection",
     PROGRAM_SWITCH_AT(struct kw_options, disable_timeout_protection),
     .help = "no time limit for policies that set none"},
    {.name = "key-file",
     PROGRAM_TEXT_AT(struct kw_options, key_file),
     .value = "FILE",
     .help = "server key"},
    {.name = "log-fmt",
     PROGRAM_CHOICE_AT(struct kw_options, log_fmt),
     .value = "text|json",
     .preset = "text",
     .help = "format of the log"},
    {.name = "log-level",
     PROGRAM_CHOICE_AT(struct kw_options, log_level),
     .value = "trace|debug|info|warn|error",
     .preset = "info",
     .help = "least level of what is logged"},
    {.name = "log-no-color",
     PROGRAM_SWITCH_AT(struct kw_options, no_color),
     .variable = "NO_COLOR",
     .help = "no colours in the log"},
    {.name = "policies",
     PROGRAM_TEXT_AT(struct kw_options, policies),
     .value = "FILE",
     .preset = "policies.yml",
     .help = "the policies"},
    {.name = "policy-timeout",
     PROGRAM_NUMBER_AT(struct kw_options, policy_timeout_s),
     .value = "SECONDS",
     .preset = "2",
     .least = 1,
     .most = 3600,
     .help = "time a policy may take"},
    {.name = "port",
     PROGRAM_NUMBER_AT(struct kw_options, port),
     .value = "PORT",
     .preset = "3000",
     .most = 65535,
     .help = "port to listen on"},
    {.name = "readiness-probe-port",
     PROGRAM_NUMBER_AT(struct kw_options, readiness_probe_port),
     .value = "PORT",
     .preset = "8081",
     .most = 65535,
     .help = "port of /readiness and /metrics, plain HTTP"},
    {.name = "workers",
     PROGRAM_NUMBER_AT(struct kw_options, workers),
     .value = "N",
     .least = 1,
     .most = 4096,
     .help = "policies evaluated at a time; one per CPU by default"},
};

/*
 * What policy-server has for what is not here: WebAssembly modules, their registries, signatures
 * and clusters, and telemetry that is pushed. Taken, so that a Deployment made for it works, and
 * noted.
 */
struct ignored {
	const char *docker_config, *download_dir, *sigstore_cache, *sigstore_trust, *sources,
	    *verification;
	bool metrics, pprof, no_kubernetes;
};

static const struct program_flag ignored_flags[] = {
    {.name = "docker-config-json-path", PROGRAM_TEXT_AT(struct ignored, docker_config)},
    {.name = "enable-metrics", PROGRAM_SWITCH_AT(struct ignored, metrics)},
    {.name = "enable-pprof", PROGRAM_SWITCH_AT(struct ignored, pprof)},
    {.name = "ignore-kubernetes-connection-failure",
     PROGRAM_SWITCH_AT(struct ignored, no_kubernetes)},
    {.name = "policies-download-dir", PROGRAM_TEXT_AT(struct ignored, download_dir)},
    {.name = "sigstore-cache-dir", PROGRAM_TEXT_AT(struct ignored, sigstore_cache)},
    {.name = "sigstore-trust-config",
     PROGRAM_TEXT_AT(struct ignored, sigstore_trust),
     .variable = "KUBEWARDEN_SIGSTORE_TRUST_CONFIG_PATH"},
    {.name = "sources-path", PROGRAM_TEXT_AT(struct ignored, sources)},
    {.name = "verification-path",
     PROGRAM_TEXT_AT(struct ignored, verification),
     .variable = "KUBEWARDEN_VERIFICATION_CONFIG_PATH"},
};

static bool is_given(const struct ignored *ignored, const struct program_flag *flag)
{
	const char *member = (const char *)ignored + flag->offset;

	return flag->kind == PROGRAM_SWITCH ? *(const bool *)member
					    : *(const char *const *)(const void *)member != NULL;
}

static void tell_ignored(struct text *text, const struct ignored *ignored)
{
	for (size_t i = 0; i < COUNT(ignored_flags); i++)
		if (is_given(ignored, &ignored_flags[i]))
			text_add(text, "--%s\n", ignored_flags[i].name);
}

static void set_log(struct kw_options *options)
{
	static const enum admwh_log_level levels[] = {
	    ADMWH_LOG_DEBUG, ADMWH_LOG_DEBUG, ADMWH_LOG_INFO, ADMWH_LOG_WARNING, ADMWH_LOG_ERROR};
	static admwh_log_fn *const sinks[] = {admwh_log_text, admwh_log_json};

	options->log.level = levels[options->log_level];
	options->log.sink = sinks[options->log_fmt];
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

static struct program make_program(struct kw_options *options, struct ignored *ignored)
{
	return (struct program){
	    .name = "admwh-kubewarden",
	    .version = admwh_version(),
	    .about = "Kubewarden's policy-server, with policies in C, on libadmwh.\n",
	    .prefix = "KUBEWARDEN_",
	    .tables = {{flags, COUNT(flags), options},
		       {ignored_flags, COUNT(ignored_flags), ignored}},
	};
}

struct program kw_options_program(struct kw_options *options)
{
	return make_program(options, NULL);
}

enum program_outcome kw_options_read(struct kw_options *options, int argc, char **argv,
				     struct text *text)
{
	struct ignored ignored = {0};
	struct program program = make_program(options, &ignored);
	enum program_outcome outcome;

	*options = (struct kw_options){0};
	outcome = program_read(&program, argc, argv, text);
	if (outcome != PROGRAM_READ)
		return outcome;
	set_log(options);
	tell_ignored(&options->ignored, &ignored);
	return check_tls(options, text) ? PROGRAM_READ : PROGRAM_WRONG;
}

void kw_options_deinit(struct kw_options *options)
{
	text_deinit(&options->ignored);
}
