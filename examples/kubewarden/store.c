/* SPDX-License-Identifier: MIT */
/* Versions of policies.yml. See store.h. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/limits.h>

#include "evaluate.h"
#include "log.h"

enum {
	DEADLINE_MS = 30000, /* least time the library waits for a policy */
	DEADLINE_MAX_MS = 3600000,
};

/* The library waits longer than the policy that may take longest. */
static int64_t needed_ms(const struct kw_store *store, const struct kw_policy *policy)
{
	return kw_policy_timeout_ms(policy, store->timeout_s) + 1000;
}

static int64_t find_deadline(const struct kw_store *store, const struct kw_policies *policies)
{
	int64_t longest = DEADLINE_MS;

	for (size_t i = 0; policies && i < policies->n; i++) {
		int64_t ms = needed_ms(store, &policies->policies[i]);

		longest = ms > longest ? ms : longest;
	}
	return longest < DEADLINE_MAX_MS ? longest : DEADLINE_MAX_MS;
}

static const char *failure_of(const struct kw_policy *policy)
{
	return policy->failure ? policy->failure : "out of memory";
}

/* The lines of a text, one event each. */
static void log_notes(const struct admwh_server *server, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : 511), lines);
		kw_log(server, ADMWH_LOG_WARNING, "policies.note", "what", line, NULL);
		lines += len + (lines[len] == '\n');
	}
}

/* The deadline stays as it was at the start. */
static void log_late(const struct kw_store *store, const struct kw_policy *policy)
{
	char seconds[32];

	if (needed_ms(store, policy) <= store->deadline_ms)
		return;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)(store->deadline_ms / 1000));
	kw_log(store->server, ADMWH_LOG_WARNING, "policy.deadline", "policy_id", policy->id, "what",
	       "it may take longer than the server waits until it is restarted", "seconds", seconds,
	       NULL);
}

static void log_policies(const struct kw_store *store, const struct kw_policies *policies)
{
	log_notes(store->server, text_get(&policies->notes));
	for (size_t i = 0; i < policies->n; i++) {
		const struct kw_policy *policy = &policies->policies[i];

		log_late(store, policy);
		if (policy->failed)
			kw_log(store->server, ADMWH_LOG_ERROR, "policy.failed", "policy_id",
			       policy->id, "error", failure_of(policy), NULL);
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
static void print_names(void)
{
	const char *name;

	fprintf(stderr, "admwh-kubewarden: the policies there are:");
	for (size_t i = 0; (name = kw_policy_name(i)); i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : "", name);
	fprintf(stderr, "\n");
}

/* At the start: a line for each policy that does not work. */
static void print_failures(const struct kw_store *store, const struct kw_policies *policies)
{
	bool is_unknown = false;

	for (size_t i = 0; i < policies->n; i++) {
		const struct kw_policy *policy = &policies->policies[i];

		if (!policy->failed)
			continue;
		fprintf(stderr, "admwh-kubewarden: %s:%zu: %s: %s\n", store->name, policy->line,
			policy->id, failure_of(policy));
		is_unknown = is_unknown || has_unknown_module(policy);
	}
	if (is_unknown)
		print_names();
}

static const struct kw_policy *first_failed(const struct kw_policies *policies)
{
	size_t i = 0;

	while (!policies->policies[i].failed)
		i++;
	return &policies->policies[i];
}

/* The library logs the message once for the same contents, and cuts what is long. */
static void complain(const struct kw_store *store, struct admwh_file *file,
		     const struct kw_policies *policies, size_t failed)
{
	const struct kw_policy *first = first_failed(policies);

	if (!store->server)
		print_failures(store, policies);
	admwh_file_fail(file, "%zu of %zu policies do not work, such as line %zu: %s: %s", failed,
			policies->n, first->line, first->id, failure_of(first));
}

static void free_policies(void *object, void *userdata)
{
	(void)userdata;
	kw_policies_deinit(object);
	free(object);
}

static int read_policies(struct kw_policies *policies, const char *bytes, size_t len,
			 struct admwh_file *file)
{
	struct text error = {0};
	int err = kw_policies_read(policies, bytes, len, &error);

	if (err)
		admwh_file_fail(file, "%s", text_get(&error));
	text_deinit(&error);
	return err;
}

static void *parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	const struct kw_store *store = userdata;
	struct kw_policies *policies = calloc(1, sizeof(*policies));
	size_t failed;

	if (!policies || read_policies(policies, bytes, len, file)) {
		free(policies);
		return NULL;
	}
	failed = kw_policies_start(policies);
	if (failed > 0 && !store->continue_on_errors) {
		complain(store, file, policies, failed);
		free_policies(policies, NULL);
		return NULL;
	}
	if (store->server)
		log_policies(store, policies);
	return policies;
}

int kw_store_open(struct kw_store *store, struct admwh_config *config, const char *name)
{
	store->name = name;
	store->file = admwh_config_add_file(config, name, parse, free_policies, store);
	if (!store->file)
		return ADMWH_E_IO;
	store->deadline_ms = find_deadline(store, admwh_file_object(store->file));
	return admwh_config_set_limit(config, ADMWH_LIMIT_DEADLINE, (uint64_t)store->deadline_ms);
}

void kw_store_attach(struct kw_store *store, const struct admwh_server *server)
{
	const struct kw_policies *policies = admwh_file_object(store->file);

	store->server = server;
	if (policies)
		log_policies(store, policies);
}

const struct kw_policies *kw_store_policies(const struct kw_store *store,
					    const struct admwh_request *request)
{
	return admwh_request_file(request, store->file);
}
