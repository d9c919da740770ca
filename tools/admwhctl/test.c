/* SPDX-License-Identifier: MIT */
/* admwhctl test: a suite of cases against a webhook. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"
#include "review/target_flags.h"
#include "review/run.h"
#include "test/expect.h"
#include "test/results.h"
#include "test/suite.h"
#include "test/update.h"

static const char help[] =
    "Usage: admwhctl test [FLAG]... SUITE...\n"
    "\n"
    "Sends the cases of suites as admwhctl review does, and compares the answers with what the\n"
    "cases expect. A suite:\n"
    "\n"
    "  apiVersion: admwhctl/v1\n"
    "  kind: Suite\n"
    "  given: [namespaces.yaml, crds.yaml]   # labels of namespaces, kinds\n"
    "  defaults: {user: alice, groups: [dev]}\n"
    "  cases:\n"
    "  - name: another registry\n"
    "    manifest: pod.yaml                  # or object: {...}\n"
    "    operation: UPDATE                   # and namespace, user, uid, groups, extra, dryRun,\n"
    "    old: pod-before.yaml                # resource, subresource, resourceName\n"
    "    expect:\n"
    "      allowed: false\n"
    "      code: 403                         # and reason\n"
    "      message: /of no registry/         # or a text, or {contains: TEXT}\n"
    "      warnings: []\n"
    "  - name: a label is set\n"
    "    manifest: pod.yaml\n"
    "    expect:\n"
    "      allowed: true\n"
    "      patched: {metadata: {labels: {team: a}}}   # members of the object; null: not there\n"
    "\n"
    "Where to:\n" TARGET_HELP "\n"
    "  --output text|tap|junit         text by default\n"
    "  --update                        write the expectations that the answers meet into the\n"
    "                                  cases that fail or have none; comments within them go\n"
    "  --help\n"
    "\n"
    "Exit status: 0 all cases pass, 1 one fails, 2 a suite or a flag is wrong, or a case got no\n"
    "valid answer and expected one.\n"
    "\n"
    "  admwhctl test --url https://localhost:9443/validate --ca ca.crt --cert client.crt \\\n"
    "    --key client.key suite.yaml\n";

struct arguments {
	struct target_flags target;
	enum result_format format;
	bool is_update;
};

enum { FLAG_OUTPUT = FLAG_OF_ITS_OWN, FLAG_UPDATE };

static const struct option options[] = {
    TARGET_OPTIONS,
    {"output", required_argument, NULL, FLAG_OUTPUT},
    {"update", no_argument, NULL, FLAG_UPDATE},
    {NULL, 0, NULL, 0},
};

static int take_flag(void *context, int code, const char *value)
{
	static const char *const formats[] = {"text", "tap", "junit", NULL};
	struct arguments *arguments = context;
	int format;

	switch (code) {
	case FLAG_OUTPUT:
		format = flag_choice("--output", value, formats);
		arguments->format = format < 0 ? RESULTS_TEXT : (enum result_format)format;
		return format < 0 ? -1 : 0;
	case FLAG_UPDATE:
		arguments->is_update = true;
		return 0;
	default:
		return take_target_flag(&arguments->target, code, value);
	}
}

static int read_flags(struct arguments *arguments, int argc, char **argv)
{
	int err = flags_read(argc, argv, options, take_flag, arguments);

	if (err == 0 && !target_is_set(&arguments->target)) {
		complain("expected --url or --installation");
		err = -1;
	}
	if (err == 0 && optind == argc) {
		complain("expected a SUITE; --help says more");
		err = -1;
	}
	return err;
}

/* A run of one suite. */
struct run {
	const struct arguments *arguments;
	const struct target *target;
	struct suite suite;
	struct result *results;
	json_t **made; /* of each case: expectations to be written, or NULL */
	int exit_status;
};

static void worsen(struct run *run, int by)
{
	run->exit_status = by > run->exit_status ? by : run->exit_status;
}

static bool is_result(const json_t *outcome, const char *result)
{
	return strcmp(member_text(outcome, "result"), result) == 0;
}

static void compare(struct run *run, size_t i, const json_t *outcome)
{
	const struct test_case *test = &run->suite.cases[i];
	json_t *problems = run->results[i].problems;
	size_t before = json_array_size(problems);

	if (test->expect)
		expect_compare(test->expect, outcome, problems);
	else if (!run->arguments->is_update)
		json_array_append_new(problems,
				      json_made(json_string("no \"expect\": --update writes it")));
	if (json_array_size(problems) > before && is_result(outcome, "failed"))
		worsen(run, EXIT_ERROR);
	else if (run->arguments->is_update && !run->made[i] &&
		 (!test->expect || json_array_size(problems) > before))
		run->made[i] = expect_make(test->expect, outcome);
}

static void run_object(struct run *run, size_t i, const json_t *object)
{
	const struct test_case *test = &run->suite.cases[i];
	const json_t *old = test->old ? test->old : manifest_list_find(&test->old_files, object);
	struct request request;
	char *reason = NULL;
	json_t *outcome;

	if (request_make(&request, &test->circumstances, object, old, &reason)) {
		json_array_append_new(run->results[i].problems, json_made(json_string(reason)));
		worsen(run, EXIT_ERROR);
	} else {
		outcome = run_request(run->target, &request, run->suite.namespaces);
		compare(run, i, outcome);
		json_decref(outcome);
	}
	free(reason);
	request_deinit(&request);
}

static void run_case(struct run *run, size_t i)
{
	const struct test_case *test = &run->suite.cases[i];
	struct result *result = &run->results[i];
	double start = clock_s();

	*result = (struct result){
	    .name = test->name, .line = test->line, .problems = json_made(json_array())};
	if (test->object)
		run_object(run, i, test->object);
	for (size_t k = 0; k < test->files.count; k++)
		run_object(run, i, test->files.list[k].object);
	result->seconds = clock_s() - start;
	/* What is written is what is expected from now on. */
	if (run->made[i])
		json_array_clear(result->problems);
	if (json_array_size(result->problems) > 0)
		worsen(run, EXIT_NO);
}

/* From the last case to the first, so that lines stay where they were. */
static int write_update(const struct run *run, const char *name)
{
	size_t len, written = 0;
	char *text = file_read(name, &len);
	struct stat info;
	int err = text && stat(name, &info) == 0 ? 0 : -1;

	for (size_t i = run->suite.count; err == 0 && i > 0; i--) {
		if (!run->made[i - 1])
			continue;
		err = update_expect(&text, run->suite.file, i - 1, run->made[i - 1]);
		written++;
	}
	if (err == 0 && written > 0)
		err = file_write(name, text, strlen(text), info.st_mode & 0777);
	if (err == 0 && written > 0)
		fprintf(stderr, "%s: expectations of %zu cases are written\n", name, written);
	free(text);
	return err;
}

static void run_cases(struct run *run, const char *name)
{
	size_t count = run->suite.count;

	results_begin(stdout, run->arguments->format, count);
	for (size_t i = 0; i < count; i++) {
		run_case(run, i);
		results_add(stdout, run->arguments->format, name, i, &run->results[i]);
		if (run->arguments->format == RESULTS_JUNIT)
			print_progress("cases", i + 1, count);
	}
	results_end(stdout, run->arguments->format, name, run->results, count);
}

static int run_suite(const struct arguments *arguments, const struct target *target,
		     const char *name)
{
	struct run run = {.arguments = arguments, .target = target};

	if (suite_read(&run.suite, name)) {
		suite_deinit(&run.suite);
		return EXIT_ERROR;
	}
	run.results = zeroed(run.suite.count, sizeof(*run.results));
	run.made = zeroed(run.suite.count, sizeof(json_t *));
	run_cases(&run, name);
	if (arguments->is_update && write_update(&run, name))
		worsen(&run, EXIT_ERROR);
	for (size_t i = 0; i < run.suite.count; i++) {
		json_decref(run.results[i].problems);
		json_decref(run.made[i]);
	}
	free(run.results);
	free(run.made);
	suite_deinit(&run.suite);
	return run.exit_status;
}

static int run_test(int argc, char **argv)
{
	struct arguments arguments = {.format = RESULTS_TEXT};
	struct target target = {0};
	int exit_status = EXIT_OK;

	if (read_flags(&arguments, argc, argv))
		return EXIT_ERROR;
	if (target_open(&target, &arguments.target))
		exit_status = EXIT_ERROR;
	for (int i = optind; target.count > 0 && exit_status != EXIT_ERROR && i < argc; i++) {
		int one = run_suite(&arguments, &target, argv[i]);

		exit_status = one > exit_status ? one : exit_status;
	}
	target_close(&target);
	return exit_status;
}

const struct command test_command = {"test", "a suite of requests, and what webhooks should answer",
				     help, run_test};
