/* SPDX-License-Identifier: MIT */
/*
 * admwh-kubewarden: Kubewarden's policy-server on libadmwh. Options, then
 * policies.yml, then a server with a route for each policy, until SIGTERM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <admwh/admwh.h>

#include "client_cas.h"
#include "common/address.h"
#include "options.h"
#include "policies_file.h"
#include "reply.h"
#include "serve.h"

/* What is not changed by an option of the original. */
enum {
	DEADLINE_MS = 30000, /* least time the library waits for a policy */
};

/* Log the lines of a text, one event each. */
static void log_lines(const struct kw_log *log, const char *event, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : 511), lines);
		kw_log(log, ADMWH_LOG_WARNING, event, "what", line, NULL);
		lines += len + (lines[len] == '\n');
	}
}

static bool has_unknown_module(const struct kw_policy *policy)
{
	for (size_t i = 0; i < policy->n_members; i++)
		if (!policy->members[i].type)
			return true;
	return false;
}

/* After a module that is none of them. */
static void list_policies(void)
{
	const char *name;

	fprintf(stderr, "admwh-kubewarden: the policies there are:");
	for (size_t i = 0; (name = kw_policy_name(i)); i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : "", name);
	fprintf(stderr, "\n");
}

/* Tell of policies that do not work: as errors of the start, or in the log of one that goes on. */
static void tell_failures(const struct kw_options *options, const struct kw_policies *policies)
{
	bool is_unknown = false;

	for (size_t i = 0; i < policies->n; i++) {
		const struct kw_policy *policy = &policies->policies[i];
		const char *failure = policy->failure ? policy->failure : "out of memory";

		if (!policy->failed)
			continue;
		if (options->continue_on_errors)
			kw_log(&options->log, ADMWH_LOG_ERROR, "policy.failed", "policy_id",
			       policy->id, "error", failure, NULL);
		else
			fprintf(stderr, "admwh-kubewarden: %s:%zu: %s: %s\n", options->policies,
				policy->line, policy->id, failure);
		is_unknown = is_unknown || has_unknown_module(policy);
	}
	if (is_unknown && !options->continue_on_errors)
		list_policies();
}

static int set_tls(struct admwh_config *config, const struct kw_options *options)
{
	int status;

	if (!options->cert_file)
		return admwh_config_insecure_plain_http(config);
	status = admwh_config_set_keypair_file(config, options->cert_file, options->key_file);
	if (status)
		return status;
	return options->client_ca_file
		   ? kw_client_cas_add(config, options->client_ca_file, &options->log)
		   : admwh_config_insecure_no_client_auth(config);
}

/* "0.0.0.0" and 3000: "0.0.0.0:3000". */
static int listen_at(struct admwh_config *config, const char *host, uint64_t port,
		     int (*set)(struct admwh_config *config, const char *address))
{
	struct text address = {0};
	char digits[24];
	int status;

	snprintf(digits, sizeof(digits), "%ju", (uintmax_t)port);
	address_add(&address, host, digits);
	status = address.failed ? ADMWH_E_NOMEM : set(config, text_get(&address));
	text_deinit(&address);
	return status;
}

static int set_listen(struct admwh_config *config, const struct kw_options *options)
{
	return listen_at(config, options->addr, options->port, admwh_config_set_listen) ||
	       listen_at(config, options->addr, options->readiness_probe_port,
			 admwh_config_set_health_listen) ||
	       admwh_config_add_ready_path(config, "/readiness");
}

static unsigned int count_workers(const struct kw_options *options)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->workers > 0)
		return (unsigned int)options->workers;
	return cpus < 1 ? 1 : cpus > 4096 ? 4096 : (unsigned int)cpus;
}

/* The library waits longer than the policy that may take longest. */
static uint64_t find_deadline(const struct kw_policies *policies, int64_t timeout_s)
{
	int64_t longest = DEADLINE_MS;

	for (size_t i = 0; i < policies->n; i++) {
		int64_t ms = kw_policy_timeout_ms(&policies->policies[i], timeout_s) + 1000;

		longest = ms > longest ? ms : longest;
	}
	return (uint64_t)(longest < 3600000 ? longest : 3600000);
}

static int set_up(struct admwh_config *config, const struct kw_options *options,
		  const struct kw_service *service)
{
	return set_listen(config, options) || set_tls(config, options) ||
	       admwh_config_set_workers(config, count_workers(options)) ||
	       admwh_config_set_limit(config, ADMWH_LIMIT_DEADLINE,
				      find_deadline(service->policies, service->timeout_s)) ||
	       admwh_config_set_refusal(config, kw_word_refusal, NULL) ||
	       admwh_config_set_stop_on_signals(config, true) ||
	       admwh_config_set_hardening(config, true) ||
	       admwh_config_set_reload_on_sighup(config, true) ||
	       admwh_config_set_log(config, options->log.level, options->log.sink, NULL);
}

/* Serve until a signal. The exit status. */
static int serve(const struct kw_options *options, struct kw_service *service)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server = NULL;
	int status = 1;

	if (set_up(config, options, service) || !(server = admwh_server_new(config))) {
		fprintf(stderr, "admwh-kubewarden: %s\n", admwh_config_error(config));
		goto out;
	}
	if (kw_serve(service, server) || admwh_server_run(server)) {
		const char *error = admwh_server_error(server);

		fprintf(stderr, "admwh-kubewarden: %s\n", *error ? error : "out of memory");
		goto out;
	}
	status = 0;
out:
	admwh_server_free(server);
	admwh_config_free(config);
	return status;
}

/* With the policies loaded. */
static int start(const struct kw_options *options, const struct kw_policies *policies)
{
	struct kw_service service = {
	    .policies = policies,
	    .log = &options->log,
	    .watch = kw_watch_new(),
	    .timeout_s =
		options->disable_timeout_protection ? 0 : (int64_t)options->policy_timeout_s,
	    .always_accepted = options->always_accepted,
	};
	int status = 1;

	if (options->no_color)
		setenv("NO_COLOR", "1", 1); /* the library's sink looks at it */
	log_lines(&options->log, "options.ignored", text_get(&options->ignored));
	log_lines(&options->log, "policies.note", text_get(&policies->notes));
	if (service.watch)
		status = serve(options, &service);
	else
		fprintf(stderr, "admwh-kubewarden: cannot start a thread\n");
	kw_service_deinit(&service);
	kw_watch_free(service.watch);
	return status;
}

/* With the options read. */
static int load(const struct kw_options *options, struct kw_policies *policies)
{
	struct text error = {0};
	size_t failed;
	int status = 1;

	if (kw_policies_read(policies, options->policies, &error)) {
		fprintf(stderr, "admwh-kubewarden: error while loading policies from \"%s\": %s\n",
			options->policies, text_get(&error));
	} else {
		failed = kw_policies_start(policies);
		tell_failures(options, policies);
		if (failed == 0 || options->continue_on_errors)
			status = start(options, policies);
	}
	text_deinit(&error);
	return status;
}

int main(int argc, char **argv)
{
	struct kw_options options;
	struct kw_policies policies = {0};
	struct text text = {0};
	enum program_outcome outcome = kw_options_read(&options, argc, argv, &text);
	int status;

	if (outcome != PROGRAM_READ) {
		const struct program program = kw_options_program(&options);

		status = program_tell(&program, outcome, &text);
	} else {
		status = load(&options, &policies);
	}
	text_deinit(&text);
	kw_policies_deinit(&policies);
	kw_options_deinit(&options);
	return status;
}
