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

static const char usage[] =
    "usage: admwh-patch apply DOC PATCH          apply a JSON Patch (RFC 6902)\n"
    "       admwh-patch diff A B                 the JSON Patch that leads from A to B\n"
    "       admwh-patch merge DOC MERGE          apply a JSON Merge Patch (RFC 7386)\n"
    "       admwh-patch to-json-patch DOC MERGE  the JSON Patch that does the same to DOC\n"
    "A file may be - for standard input. Options:\n"
    "  --mode rfc6902|kube-apiserver  apply: go by one of them; by default what either would\n"
    "                                 refuse is refused\n"
    "  --index-by-index               diff, to-json-patch: compare arrays index by index\n"
    "  --smallest                     replace small objects too where that is shorter\n"
    "  --number-text                  1 and 1.0 differ\n"
    "  --merge                        diff: as a JSON Merge Patch\n";

enum command { APPLY, DIFF, MERGE, TO_JSON_PATCH, COMMANDS };

static const char *const commands[COMMANDS] = {"apply", "diff", "merge", "to-json-patch"};

struct arguments {
	enum command command;
	const char *files[2];
	enum admwh_patch_mode mode;
	unsigned options;
	bool as_merge;
};

static int wrong_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

static bool read_mode(struct arguments *arguments, const char *mode)
{
	if (mode && strcmp(mode, "rfc6902") == 0)
		arguments->mode = ADMWH_PATCH_MODE_RFC6902;
	else if (mode && strcmp(mode, "kube-apiserver") == 0)
		arguments->mode = ADMWH_PATCH_MODE_KUBE_APISERVER;
	else
		return false;
	return true;
}

static bool read_option(struct arguments *arguments, const char *option)
{
	if (strcmp(option, "--index-by-index") == 0)
		arguments->options |= ADMWH_PATCH_MAKE_INDEX_BY_INDEX;
	else if (strcmp(option, "--smallest") == 0)
		arguments->options |= ADMWH_PATCH_MAKE_SMALLEST;
	else if (strcmp(option, "--number-text") == 0)
		arguments->options |= ADMWH_PATCH_MAKE_NUMBER_TEXT;
	else if (strcmp(option, "--merge") == 0)
		arguments->as_merge = true;
	else
		return false;
	return true;
}

static bool read_arguments(struct arguments *arguments, char **argv)
{
	int n_words = 0;

	for (; *argv; argv++) {
		if (strncmp(*argv, "--mode=", 7) == 0) {
			if (!read_mode(arguments, *argv + 7))
				return false;
		} else if (strcmp(*argv, "--mode") == 0) {
			if (!argv[1] || !read_mode(arguments, *++argv))
				return false;
		} else if (strncmp(*argv, "--", 2) == 0) {
			if (!read_option(arguments, *argv))
				return false;
		} else if (n_words == 0) {
			while (arguments->command < COMMANDS &&
			       strcmp(*argv, commands[arguments->command]) != 0)
				arguments->command++;
			n_words++;
		} else if (n_words < 3) {
			arguments->files[n_words++ - 1] = *argv;
		} else {
			return false;
		}
	}
	return n_words == 3 && arguments->command < COMMANDS;
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

/* What is asked for: *new*; NULL when it cannot be done. */
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
		return admwh_json_patch_make(json, first, second, arguments->options);
	default:
		json_decref(document);
		return admwh_json_merge_to_patch(json, first, second, arguments->options);
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

int main(int argc, char **argv)
{
	struct arguments arguments = {.mode = ADMWH_PATCH_MODE_STRICT};
	struct admwh_json *json;
	json_t *first, *second = NULL;
	json_t *result = NULL;
	int status = 1;

	if (argc < 2 || !read_arguments(&arguments, argv + 1))
		return wrong_usage();
	json = admwh_json_new();
	if (!json || admwh_json_set_nul_in_trees(json, true))
		return fprintf(stderr, "admwh-patch: out of memory\n"), 1;
	first = read_document(json, arguments.files[0]);
	if (first)
		second = read_document(json, arguments.files[1]);
	if (second) {
		result = run(json, &arguments, first, second);
		status = print(json, result);
	}
	json_decref(result);
	json_decref(second);
	json_decref(first);
	admwh_json_free(json);
	return status;
}
