/* SPDX-License-Identifier: MIT */
/*
 * JSON Patch and JSON Merge Patch on the command line, as the library does it
 * in a webhook: see whether a patch would be taken, and what a change looks like.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

static const char help[] =
    "Usage: admwh-patch COMMAND [FLAG]... FILE FILE\n"
    "\n"
    "  apply DOC PATCH          apply a JSON Patch (RFC 6902)\n"
    "  diff A B                 the JSON Patch that leads from A to B\n"
    "  merge DOC MERGE          apply a JSON Merge Patch (RFC 7386)\n"
    "  to-json-patch DOC MERGE  the JSON Patch that does the same to DOC\n"
    "\n"
    "A file may be - for standard input.\n"
    "\n"
    "  --mode rfc6902|kube-apiserver  apply: go by one of them; by default what either would\n"
    "                                 refuse is refused\n"
    "  --index-by-index               diff, to-json-patch: compare arrays index by index\n"
    "  --smallest                     replace small objects too where that is shorter\n"
    "  --number-text                  1 and 1.0 differ\n"
    "  --merge                        diff: as a JSON Merge Patch\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 it cannot be done, 2 a flag is wrong.\n";

enum command { APPLY, DIFF, MERGE, TO_JSON_PATCH, COMMANDS };

static const char *const commands[COMMANDS] = {"apply", "diff", "merge", "to-json-patch"};

struct arguments {
	enum command command;
	char **files; /* two */
	enum admwh_patch_mode mode;
	int index_by_index, smallest, number_text, as_merge;
	int print_help, print_version;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "admwh-patch: %s%s\n", what, why);
	return 2;
}

static int take_mode(struct arguments *arguments, const char *word)
{
	if (strcmp(word, "rfc6902") == 0)
		arguments->mode = ADMWH_PATCH_MODE_RFC6902;
	else if (strcmp(word, "kube-apiserver") == 0)
		arguments->mode = ADMWH_PATCH_MODE_KUBE_APISERVER;
	else
		return complain("--mode: expected rfc6902|kube-apiserver, not ", word);
	return 0;
}

/* 0, or the exit status. */
static int read_flags(struct arguments *arguments, int argc, char **argv)
{
	const struct option flags[] = {
	    {"mode", required_argument, NULL, 'm'},
	    {"index-by-index", no_argument, &arguments->index_by_index, 1},
	    {"smallest", no_argument, &arguments->smallest, 1},
	    {"number-text", no_argument, &arguments->number_text, 1},
	    {"merge", no_argument, &arguments->as_merge, 1},
	    {"help", no_argument, &arguments->print_help, 1},
	    {"version", no_argument, &arguments->print_version, 1},
	    {NULL, 0, NULL, 0},
	};
	int status = 0, code;

	/* getopt_long() names the flag that is wrong. */
	while (status == 0 && (code = getopt_long(argc, argv, "", flags, NULL)) != -1)
		if (code != 0)
			status = code == 'm' ? take_mode(arguments, optarg) : 2;
	return status;
}

/* The first operand is the command. 0, or the exit status. */
static int read_operands(struct arguments *arguments, int n, char **operands)
{
	if (n != 3)
		return complain("expected COMMAND FILE FILE; --help says more", "");
	while (arguments->command < COMMANDS &&
	       strcmp(operands[0], commands[arguments->command]) != 0)
		arguments->command++;
	arguments->files = operands + 1;
	if (arguments->command == COMMANDS)
		return complain(operands[0], ": there is no such command; --help lists them");
	if (strcmp(operands[1], "-") == 0 && strcmp(operands[2], "-") == 0)
		return complain("standard input can be one of the two files, not both", "");
	return 0;
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

static int print_text(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.mode = ADMWH_PATCH_MODE_STRICT};
	int status = read_flags(&arguments, argc, argv);

	if (status)
		return status;
	if (arguments.print_help)
		return print_text(help);
	if (arguments.print_version)
		return printf("admwh-patch %s\n", admwh_version()) < 0 || fflush(stdout) != 0;
	status = read_operands(&arguments, argc - optind, argv + optind);
	return status ? status : work(&arguments);
}
