/* SPDX-License-Identifier: MIT */
/*
 * JSON Patch and JSON Merge Patch on the command line, as the library does it
 * in a webhook: see whether a patch would be taken, and what a change looks like.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/program.h"

static const char about[] = "  apply DOC PATCH          apply a JSON Patch (RFC 6902)\n"
			    "  diff A B                 the JSON Patch that leads from A to B\n"
			    "  merge DOC MERGE          apply a JSON Merge Patch (RFC 7386)\n"
			    "  to-json-patch DOC MERGE  the JSON Patch that does the same to DOC\n"
			    "A file may be - for standard input.\n";

enum command { APPLY, DIFF, MERGE, TO_JSON_PATCH, COMMANDS };

static const char *const commands[COMMANDS] = {"apply", "diff", "merge", "to-json-patch"};

struct arguments {
	enum command command;
	char **files; /* two */
	int mode;     /* enum admwh_patch_mode; -1: ADMWH_PATCH_MODE_STRICT */
	bool index_by_index, smallest, number_text, as_merge;
};

static const struct program_flag flags[] = {
    {.name = "mode",
     PROGRAM_CHOICE_AT(struct arguments, mode),
     .value = "rfc6902|kube-apiserver",
     .help = "apply: go by one of them; by default what either would refuse is refused"},
    {.name = "index-by-index",
     PROGRAM_SWITCH_AT(struct arguments, index_by_index),
     .help = "diff, to-json-patch: compare arrays index by index"},
    {.name = "smallest",
     PROGRAM_SWITCH_AT(struct arguments, smallest),
     .help = "replace small objects too where that is shorter"},
    {.name = "number-text",
     PROGRAM_SWITCH_AT(struct arguments, number_text),
     .help = "1 and 1.0 differ"},
    {.name = "merge",
     PROGRAM_SWITCH_AT(struct arguments, as_merge),
     .help = "diff: as a JSON Merge Patch"},
};

/* The first operand is the command. */
static enum program_outcome read_arguments(struct program *program, struct arguments *arguments,
					   int argc, char **argv, struct text *text)
{
	enum program_outcome outcome = program_read(program, argc, argv, text);

	if (outcome != PROGRAM_READ)
		return outcome;
	while (arguments->command < COMMANDS &&
	       strcmp(program->argv[0], commands[arguments->command]) != 0)
		arguments->command++;
	arguments->files = program->argv + 1;
	if (arguments->command == COMMANDS)
		text_add(text, "%s: there is no such command; --help lists them", program->argv[0]);
	else if (strcmp(arguments->files[0], "-") == 0 && strcmp(arguments->files[1], "-") == 0)
		text_add(text, "standard input can be one of the two files, not both");
	else
		return PROGRAM_READ;
	return PROGRAM_WRONG;
}

static enum admwh_patch_mode mode_of(const struct arguments *arguments)
{
	static const enum admwh_patch_mode modes[] = {ADMWH_PATCH_MODE_RFC6902,
						      ADMWH_PATCH_MODE_KUBE_APISERVER};

	return arguments->mode < 0 ? ADMWH_PATCH_MODE_STRICT : modes[arguments->mode];
}

static unsigned options_of(const struct arguments *arguments)
{
	return (arguments->index_by_index ? ADMWH_PATCH_MAKE_INDEX_BY_INDEX : 0u) |
	       (arguments->smallest ? ADMWH_PATCH_MAKE_SMALLEST : 0u) |
	       (arguments->number_text ? ADMWH_PATCH_MAKE_NUMBER_TEXT : 0u);
}

/* A whole file, also one whose size is not known before; NULL with errno set. */
static char *read_file(FILE *file, size_t *len)
{
	size_t size = 65536;
	char *text = malloc(size);

	*len = 0;
	while (text) {
		size_t n = fread(text + *len, 1, size - *len, file);
		char *grown;

		*len += n;
		if (n == 0)
			break;
		if (*len < size)
			continue;
		size *= 2;
		grown = realloc(text, size);
		if (!grown)
			free(text);
		text = grown;
	}
	if (text && ferror(file)) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *read_document(struct admwh_json *json, const char *name)
{
	const bool is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "rb");
	json_t *document = NULL;
	size_t len;
	char *text = file ? read_file(file, &len) : NULL;

	if (!text) {
		fprintf(stderr, "admwh-patch: %s: %s\n", name, strerror(errno));
	} else {
		document = admwh_json_parse(json, text, len);
		if (!document)
			fprintf(stderr, "admwh-patch: %s: %s\n", name, admwh_json_error(json));
	}
	free(text);
	if (file && !is_stdin)
		fclose(file);
	return document;
}

/* The result: *new*; NULL when it cannot be done. */
static json_t *run(struct admwh_json *json, const struct arguments *arguments, json_t *first,
		   const json_t *second)
{
	json_t *document = json_incref(first);
	int err = 0;

	switch (arguments->command) {
	case APPLY:
		err = admwh_json_patch_apply(json, &document, second, mode_of(arguments));
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

static int print(struct admwh_json *json, const json_t *result)
{
	char *text = result ? admwh_json_write(json, result, NULL) : NULL;
	int status = 0;

	if (!text) {
		fprintf(stderr, "admwh-patch: %s\n", admwh_json_error(json));
		status = 1;
	} else if (printf("%s\n", text) < 0 || fflush(stdout) != 0) {
		fprintf(stderr, "admwh-patch: standard output: %s\n", strerror(errno));
		status = 1;
	}
	free(text);
	return status;
}

/* Read both documents, do it and print the result. The exit status. */
static int work(const struct arguments *arguments)
{
	struct admwh_json *json = admwh_json_new();
	json_t *first, *second = NULL, *result = NULL;
	int status = 1;

	if (!json || admwh_json_set_nul_in_trees(json, true))
		return fprintf(stderr, "admwh-patch: out of memory\n"), 1;
	first = read_document(json, arguments->files[0]);
	if (first)
		second = read_document(json, arguments->files[1]);
	if (second) {
		result = run(json, arguments, first, second);
		status = print(json, result);
	}
	json_decref(result);
	json_decref(second);
	json_decref(first);
	admwh_json_free(json);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.mode = -1};
	struct program program = {
	    .name = "admwh-patch",
	    .version = admwh_version(),
	    .about = about,
	    .prefix = "ADMWH_PATCH_",
	    .operands = "COMMAND FILE FILE",
	    .least_operands = 3,
	    .most_operands = 3,
	    .tables = {{flags, sizeof(flags) / sizeof(flags[0]), &arguments}},
	};
	struct text text = {0};
	enum program_outcome outcome = read_arguments(&program, &arguments, argc, argv, &text);
	int status =
	    outcome == PROGRAM_READ ? work(&arguments) : program_tell(&program, outcome, &text);

	text_deinit(&text);
	return status;
}
