/* SPDX-License-Identifier: MIT */
/* admwhctl review: what webhooks say to manifests. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "review/target_flags.h"
#include "review/manifest_list.h"
#include "review/report.h"
#include "review/run.h"

static const char help[] =
    "Usage: admwhctl review [FLAG]... FILE...\n"
    "\n"
    "Makes the AdmissionReview that kube-apiserver would send for each manifest, sends it and\n"
    "shows the answer; prints it without --url and --installation. A file is YAML or JSON, with\n"
    "one or more objects; a folder stands for all of its manifests; - is standard input.\n"
    "\n"
    "Where to:\n" TARGET_HELP "\n"
    "The request:\n"
    "  --operation OPERATION           CREATE, UPDATE, DELETE or CONNECT; CREATE by default\n"
    "  --old FILE                      of UPDATE: the object as it was, found by kind and name\n"
    "  --namespace NAME                of namespaced objects without one; default\n"
    "  --name NAME                     of the resource, where the object has none\n"
    "  --user NAME --uid UID           kubernetes-admin, and no uid, by default\n"
    "  --group NAME                    again for each; system:authenticated is always there\n"
    "  --extra KEY=VALUE               again for each\n"
    "  --dry-run                       dryRun is true\n"
    "  --subresource NAME              such as status; found by the kind for exec, eviction, ...\n"
    "  --resource RESOURCE.VERSION[.GROUP][/SUBRESOURCE]\n"
    "                                  such as deployments.v1.apps/scale; found by the kind\n"
    "  --crd FILE                      CustomResourceDefinitions, again for each; those among the\n"
    "                                  manifests are known\n"
    "  --review-version v1|v1beta1     of admission.k8s.io; v1 by default\n"
    "\n"
    "  --output text|json              text by default\n"
    "  --help\n"
    "\n"
    "The API server's defaults for fields of the object are not filled in; its uid and\n"
    "creationTimestamp are, before validating webhooks.\n"
    "\n"
    "Exit status: 0 all are allowed, 1 one is denied, 2 for one there is no valid answer.\n"
    "\n"
    "  admwhctl review --installation webhook --address 127.0.0.1:8443 pod.yaml\n"
    "  admwhctl review --user alice --operation DELETE namespace.yaml\n";

struct arguments {
	struct circumstances circumstances;
	struct target_flags target;
	struct resources *resources;
	json_t *groups, *extra;
	const char *old;
	bool as_json;
};

enum {
	FLAG_OPERATION = FLAG_OF_ITS_OWN,
	FLAG_OLD,
	FLAG_NAMESPACE,
	FLAG_NAME,
	FLAG_USER,
	FLAG_UID,
	FLAG_GROUP,
	FLAG_EXTRA,
	FLAG_DRY_RUN,
	FLAG_SUBRESOURCE,
	FLAG_RESOURCE,
	FLAG_CRD,
	FLAG_VERSION,
	FLAG_OUTPUT,
};

static const struct option options[] = {
    TARGET_OPTIONS,
    {"operation", required_argument, NULL, FLAG_OPERATION},
    {"old", required_argument, NULL, FLAG_OLD},
    {"namespace", required_argument, NULL, FLAG_NAMESPACE},
    {"name", required_argument, NULL, FLAG_NAME},
    {"user", required_argument, NULL, FLAG_USER},
    {"uid", required_argument, NULL, FLAG_UID},
    {"group", required_argument, NULL, FLAG_GROUP},
    {"extra", required_argument, NULL, FLAG_EXTRA},
    {"dry-run", no_argument, NULL, FLAG_DRY_RUN},
    {"subresource", required_argument, NULL, FLAG_SUBRESOURCE},
    {"resource", required_argument, NULL, FLAG_RESOURCE},
    {"crd", required_argument, NULL, FLAG_CRD},
    {"review-version", required_argument, NULL, FLAG_VERSION},
    {"output", required_argument, NULL, FLAG_OUTPUT},
    {NULL, 0, NULL, 0},
};

static int take_operation(struct arguments *arguments, const char *value)
{
	static const char *const operations[] = {"CREATE", "UPDATE", "DELETE", "CONNECT", NULL};
	int i = flag_choice("--operation", value, operations);

	if (i < 0)
		return -1;
	arguments->circumstances.operation = operations[i];
	return 0;
}

/* "KEY=VALUE": a key may have several values. */
static int take_extra(struct arguments *arguments, const char *value)
{
	const char *equals = strchr(value, '=');
	char *key = text_new("%.*s", equals ? (int)(equals - value) : 0, value);
	json_t *values = json_object_get(arguments->extra, key);

	if (*key && !values) {
		values = json_made(json_array());
		json_object_set_new(arguments->extra, key, values);
	}
	if (*key)
		json_array_append_new(values, json_made(json_string(equals + 1)));
	else
		complain("--extra: expected KEY=VALUE, not %s", value);
	free(key);
	return values ? 0 : -1;
}

static int take_version(struct arguments *arguments, const char *value)
{
	static const char *const versions[] = {"v1", "v1beta1", NULL};
	int i = flag_choice("--review-version", value, versions);

	arguments->circumstances.is_beta = i == 1;
	return i < 0 ? -1 : 0;
}

static int take_flag(void *context, int code, const char *value)
{
	struct arguments *arguments = context;
	struct circumstances *circumstances = &arguments->circumstances;

	switch (code) {
	case FLAG_OPERATION:
		return take_operation(arguments, value);
	case FLAG_OLD:
		arguments->old = value;
		return 0;
	case FLAG_NAMESPACE:
		circumstances->namespace = value;
		return 0;
	case FLAG_NAME:
		circumstances->name = value;
		return 0;
	case FLAG_USER:
		circumstances->user = value;
		return 0;
	case FLAG_UID:
		circumstances->uid = value;
		return 0;
	case FLAG_GROUP:
		return json_array_insert_new(arguments->groups,
					     json_array_size(arguments->groups) - 1,
					     json_made(json_string(value)));
	case FLAG_EXTRA:
		return take_extra(arguments, value);
	case FLAG_DRY_RUN:
		circumstances->is_dry_run = true;
		return 0;
	case FLAG_SUBRESOURCE:
		circumstances->subresource = value;
		return 0;
	case FLAG_RESOURCE:
		circumstances->resource = value;
		return 0;
	case FLAG_CRD:
		return resources_add_file(arguments->resources, value);
	case FLAG_VERSION:
		return take_version(arguments, value);
	case FLAG_OUTPUT:
		return flag_output(value, &arguments->as_json);
	default:
		return take_target_flag(&arguments->target, code, value);
	}
}

/* The worst exit status counts: 2, then 1. */
static void worsen(int *exit_status, int by)
{
	*exit_status = by > *exit_status ? by : *exit_status;
}

static int exit_status_of(const json_t *outcome)
{
	const char *result = member_text(outcome, "result");

	return strcmp(result, "allowed") == 0  ? EXIT_OK
	       : strcmp(result, "denied") == 0 ? EXIT_NO
					       : EXIT_ERROR;
}

/* What reviewing needs besides the manifest. */
struct work {
	const struct arguments *arguments;
	struct target *target; /* NULL: print */
	struct manifests manifests, old;
	json_t *namespaces;
	json_t *outcomes; /* for --output json; NULL: text */
};

static void print_review(const struct request *request)
{
	json_t *review = request_review(request);
	size_t len;
	char *text = review_text(review, &len);

	print_json(stdout, text, len);
	free(text);
	json_decref(review);
}

static int review_request(struct work *work, const char *where, struct request *request)
{
	json_t *outcome = run_request(work->target, request, work->namespaces);
	int exit_status = exit_status_of(outcome);

	if (work->outcomes) {
		json_object_set_new(outcome, "where", json_made(json_string(where)));
		json_array_append(work->outcomes, outcome);
	} else {
		report_outcome(stdout, where, outcome);
	}
	json_decref(outcome);
	return exit_status;
}

static int review_manifest(struct work *work, const struct manifest *manifest)
{
	const json_t *old = manifest_list_find(&work->old, manifest->object);
	struct request request;
	char *reason = NULL;
	int exit_status = EXIT_OK;

	if (request_make(&request, &work->arguments->circumstances, manifest->object, old,
			 &reason)) {
		complain("%s: %s", manifest->where, reason);
		exit_status = EXIT_ERROR;
	} else if (work->target) {
		exit_status = review_request(work, manifest->where, &request);
	} else {
		print_review(&request);
	}
	free(reason);
	request_deinit(&request);
	return exit_status;
}

static int review_all(struct work *work)
{
	int exit_status = EXIT_OK;

	for (size_t i = 0; i < work->manifests.count; i++) {
		worsen(&exit_status, review_manifest(work, &work->manifests.list[i]));
		if (work->outcomes)
			print_progress("reviewed", i + 1, work->manifests.count);
	}
	if (work->outcomes)
		json_print(stdout, work->outcomes);
	if (fflush(stdout)) {
		complain("standard output: it cannot be written");
		exit_status = EXIT_ERROR;
	}
	return exit_status;
}

static int read_manifests(struct work *work, int n, char **names)
{
	if (n == 0) {
		complain("expected a FILE; --help says more");
		return -1;
	}
	for (int i = 0; i < n; i++)
		if (manifest_list_add(&work->manifests, names[i]))
			return -1;
	if (work->manifests.count == 0) {
		complain("there is no manifest in these files");
		return -1;
	}
	if (work->arguments->old && manifest_list_add(&work->old, work->arguments->old))
		return -1;
	manifest_list_add_resources(&work->manifests, work->arguments->resources);
	work->namespaces = manifest_list_namespaces(&work->manifests);
	return 0;
}

static int review_files(const struct arguments *arguments, int n, char **names)
{
	struct work work = {.arguments = arguments};
	struct target target = {0};
	int exit_status = EXIT_ERROR;

	if (read_manifests(&work, n, names) == 0 &&
	    (!target_is_set(&arguments->target) || target_open(&target, &arguments->target) == 0)) {
		work.target = target_is_set(&arguments->target) ? &target : NULL;
		work.outcomes = work.target && arguments->as_json ? json_made(json_array()) : NULL;
		exit_status = review_all(&work);
	}
	target_close(&target);
	manifest_list_deinit(&work.manifests);
	manifest_list_deinit(&work.old);
	json_decref(work.namespaces);
	json_decref(work.outcomes);
	return exit_status;
}

static int run_review(int argc, char **argv)
{
	struct arguments arguments = {
	    .circumstances = {.operation = "CREATE",
			      .namespace = "default",
			      .user = "kubernetes-admin"},
	    .resources = resources_new(),
	    .groups = json_made(json_pack("[s]", "system:authenticated")),
	    .extra = json_made(json_object()),
	};
	int exit_status = EXIT_ERROR;

	arguments.circumstances.resources = arguments.resources;
	arguments.circumstances.groups = arguments.groups;
	arguments.circumstances.extra = arguments.extra;
	if (flags_read(argc, argv, options, take_flag, &arguments) == 0)
		exit_status = review_files(&arguments, argc - optind, argv + optind);
	json_decref(arguments.groups);
	json_decref(arguments.extra);
	resources_free(arguments.resources);
	return exit_status;
}

const struct command review_command = {
    "review", "what webhooks say to manifests, sent as kube-apiserver would", help, run_review};
