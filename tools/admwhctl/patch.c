/* SPDX-License-Identifier: MIT */
/*
 * admwhctl patch: JSON Patch and JSON Merge Patch, as the library does it in a webhook: see whether
 * a patch would be taken, and what a change looks like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "command.h"
#include "common/files.h"
#include "common/flags.h"
#include "common/print.h"
#include "common/yaml.h"

static const char help[] =
    "Usage: admwhctl patch VERB [FLAG]... FILE FILE\n"
    "\n"
    "JSON Patch and JSON Merge Patch, as the library applies and makes them in a webhook.\n"
    "\n"
    "  apply DOC PATCH          apply a JSON Patch (RFC 6902)\n"
    "  diff A B                 the JSON Patch that leads from A to B\n"
    "  merge DOC MERGE          apply a JSON Merge Patch (RFC 7386)\n"
    "  to-json-patch DOC MERGE  the JSON Patch that does the same to DOC\n"
    "\n"
    "A file is JSON or YAML, and - is standard input. Numbers of JSON keep their text.\n"
    "\n"
    "  --mode rfc6902|kube-apiserver  apply: go by one of them; by default what either would\n"
    "                                 refuse is refused\n"
    "  --index-by-index               diff, to-json-patch: compare arrays index by index\n"
    "  --smallest                     replace small objects too where that is shorter\n"
    "  --number-text                  1 and 1.0 differ\n"
    "  --merge                        diff: as a JSON Merge Patch\n"
    "  --yaml                         print the result as YAML\n"
    "  --help\n"
    "\n"
    "Exit status: 0 done, 1 it cannot be done, 2 a flag or a file is wrong.\n"
    "\n"
    "  admwhctl patch diff before.yaml after.yaml\n"
    "  kubectl get deploy web -o json | admwhctl patch apply --yaml - patch.json\n";

enum verb { APPLY, DIFF, MERGE, TO_JSON_PATCH, VERBS };

static const char *const verbs[VERBS] = {"apply", "diff", "merge", "to-json-patch"};

struct arguments {
	enum verb verb;
	char **files; /* two */
	enum admwh_patch_mode mode;
	int index_by_index, smallest, number_text, as_merge, as_yaml;
};

static int take_flag(void *context, int code, const char *value)
{
	static const char *const words[] = {"rfc6902", "kube-apiserver", NULL};
	static const enum admwh_patch_mode modes[] = {ADMWH_PATCH_MODE_RFC6902,
						      ADMWH_PATCH_MODE_KUBE_APISERVER};
	struct arguments *arguments = context;
	int i = flag_choice("--mode", value, words);

	(void)code; /* that of --mode */
	if (i < 0)
		return -1;
	arguments->mode = modes[i];
	return 0;
}

static int read_flags(struct arguments *arguments, int argc, char **argv)
{
	const struct option flags[] = {
	    {"mode", required_argument, NULL, 'm'},
	    {"index-by-index", no_argument, &arguments->index_by_index, 1},
	    {"smallest", no_argument, &arguments->smallest, 1},
	    {"number-text", no_argument, &arguments->number_text, 1},
	    {"merge", no_argument, &arguments->as_merge, 1},
	    {"yaml", no_argument, &arguments->as_yaml, 1},
	    {NULL, 0, NULL, 0},
	};

	return flags_read(argc, argv, flags, take_flag, arguments);
}

/* VERB FILE FILE. */
static int read_operands(struct arguments *arguments, int n, char **operands)
{
	if (n != 3) {
		complain("expected VERB FILE FILE; --help says more");
		return -1;
	}
	while (arguments->verb < VERBS && strcmp(operands[0], verbs[arguments->verb]) != 0)
		arguments->verb++;
	arguments->files = operands + 1;
	if (arguments->verb == VERBS) {
		complain("%s: there is no such verb; --help lists them", operands[0]);
		return -1;
	}
	if (strcmp(operands[1], "-") == 0 && strcmp(operands[2], "-") == 0) {
		complain("standard input can be one of the two files, not both");
		return -1;
	}
	return 0;
}

static unsigned options_of(const struct arguments *arguments)
{
	return (arguments->index_by_index ? ADMWH_PATCH_MAKE_INDEX_BY_INDEX : 0u) |
	       (arguments->smallest ? ADMWH_PATCH_MAKE_SMALLEST : 0u) |
	       (arguments->number_text ? ADMWH_PATCH_MAKE_NUMBER_TEXT : 0u);
}

static json_t *read_yaml(const char *name, const char *text, size_t len)
{
	struct yaml_file *file = yaml_read(name, text, len);
	json_t *document = NULL;

	if (file && yaml_count(file) == 1)
		document = json_incref(yaml_document(file, 0));
	else if (file)
		complain("%s: expected one document", yaml_name(file));
	yaml_file_free(file);
	return document;
}

/* JSON by the library, which keeps the text of numbers; else YAML. New; NULL: it has complained. */
static json_t *read_document(struct admwh_json *json, const char *name)
{
	json_t *document = NULL;
	size_t len;
	char *text = file_read(name, &len);

	if (!text)
		return NULL;
	document = admwh_json_parse(json, text, len);
	if (!document && strchr("{[", text[strspn(text, " \t\r\n")]) && len > 0)
		complain("%s: %s", name, admwh_json_error(json));
	else if (!document)
		document = read_yaml(name, text, len);
	free(text);
	return document;
}

/* The result: *new*; NULL when it cannot be done. */
static json_t *run(struct admwh_json *json, const struct arguments *arguments, json_t *first,
		   const json_t *second)
{
	json_t *document = json_incref(first);
	int err = 0;

	switch (arguments->verb) {
	case APPLY:
		err = admwh_json_patch_apply(json, &document, second, arguments->mode);
		break;
	case MERGE:
		err = admwh_json_merge_apply(json, &document, second);
		break;
	case DIFF:
		json_decref(document);
		if (arguments->as_merge)
			return admwh_json_merge_make(json, first, second);
		return admwh_json_patch_make(json, first, second, options_of(arguments));
	default:
		json_decref(document);
		return admwh_json_merge_to_patch(json, first, second, options_of(arguments));
	}
	if (err == 0)
		return document;
	json_decref(document);
	return NULL;
}

/* The exit status. */
static int print(struct admwh_json *json, const json_t *result, bool as_yaml)
{
	size_t len = 0;
	char *text = result ? admwh_json_write(json, result, &len) : NULL;

	if (!text) {
		complain("%s", admwh_json_error(json));
		return EXIT_NO;
	}
	if (as_yaml) {
		yaml_write(stdout, result);
	} else {
		print_json(stdout, text, len);
		putchar('\n');
	}
	free(text);
	if (fflush(stdout) == 0)
		return EXIT_OK;
	complain("standard output: it cannot be written");
	return EXIT_ERROR;
}

/* Read both documents, do it and print the result. The exit status. */
static int work(const struct arguments *arguments)
{
	struct admwh_json *json = admwh_json_new();
	json_t *first, *second = NULL, *result = NULL;
	int exit_status = EXIT_ERROR;

	if (!json || admwh_json_set_nul_in_trees(json, true))
		out_of_memory();
	first = read_document(json, arguments->files[0]);
	if (first)
		second = read_document(json, arguments->files[1]);
	if (second) {
		result = run(json, arguments, first, second);
		exit_status = print(json, result, arguments->as_yaml);
	}
	json_decref(result);
	json_decref(second);
	json_decref(first);
	admwh_json_free(json);
	return exit_status;
}

static int run_patch(int argc, char **argv)
{
	struct arguments arguments = {.mode = ADMWH_PATCH_MODE_STRICT};

	if (read_flags(&arguments, argc, argv) ||
	    read_operands(&arguments, argc - optind, argv + optind))
		return EXIT_ERROR;
	return work(&arguments);
}

const struct command patch_command = {"patch", "apply and make JSON Patches and JSON Merge Patches",
				      help, run_patch};
