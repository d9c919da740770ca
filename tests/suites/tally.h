/* SPDX-License-Identifier: MIT */
/*
 * What the suite programs of JSON Patch share: finding a suite's files, walking
 * the records of a JSON array as the bytes they were written in, and counting.
 *
 * A suite that is not there is reported and skipped (exit 77).
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77 };

struct tally {
	const char *suite;
	size_t cases, passed, failed, skipped;
};

/* The folder of all suites: ADMWH_SUITES, or the program's first argument. */
static inline const char *suites_folder(int argc, char **argv)
{
	const char *folder = getenv("ADMWH_SUITES");

	return folder ? folder : argc > 1 ? argv[1] : ".";
}

/* A whole file, NUL-terminated; *new*; NULL when it is not there. */
static inline char *load(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	char *data = NULL;
	FILE *file;
	long size;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
	    fseek(file, 0, SEEK_SET) == 0 && (data = malloc((size_t)size + 1))) {
		*len = fread(data, 1, (size_t)size, file);
		data[*len] = '\0';
	}
	fclose(file);
	return data;
}

/*
 * The next record of the array whose text is at *at: its bytes. NULL behind the last. A record is
 * an object; what is in it need not be what our own reader takes.
 */
static inline const char *next_record(const char **at, size_t *len)
{
	const char *start = strchr(*at, '{');
	const char *c = start;
	int depth = 0;
	bool in_string = false;

	if (!start)
		return NULL;
	do {
		if (*c == '\\' && in_string)
			c++;
		else if (*c == '"')
			in_string = !in_string;
		else if (!in_string)
			depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
		c++;
	} while (depth > 0 && *c);
	*len = (size_t)(c - start);
	*at = c;
	return start;
}

static inline int not_found(const char *suite)
{
	printf("SKIP %s: not found\n", suite);
	return SKIPPED;
}

static inline int report(const struct tally *tally)
{
	printf("suite=%s cases=%zu passed=%zu failed=%zu skipped=%zu\n", tally->suite, tally->cases,
	       tally->passed, tally->failed, tally->skipped);
	return tally->failed > 0;
}

#endif
