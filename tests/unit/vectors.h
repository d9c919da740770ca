/* SPDX-License-Identifier: MIT */
/*
 * Vectors: pairs of files in tests/vectors/FOLDER, NAME.json as input and
 * NAME.expected as the exact result, less the newline at its end.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void check_vector_fn(const char *name, const char *input, size_t len, const char *expected);

/* The bytes of a file and a NUL behind them; NULL where there is no such file. */
static inline char *read_vector(const char *folder, const char *name, const char *end, size_t *len)
{
	char path[1024];
	char *data = NULL;
	long size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/vectors/%s/%s%s", TESTS_DIR, folder, name, end);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	if (size >= 0)
		data = malloc((size_t)size + 1);
	if (data) {
		*len = fread(data, 1, (size_t)size, file);
		data[*len] = '\0';
	}
	fclose(file);
	return data;
}

static inline void check_pair(const char *folder, const char *name, check_vector_fn *check)
{
	size_t input_len = 0;
	size_t expected_len = 0;
	char *input = read_vector(folder, name, ".json", &input_len);
	char *expected = read_vector(folder, name, ".expected", &expected_len);

	if (!input || !expected)
		fail_msg("%s/%s: one of the pair is missing", folder, name);
	if (expected_len > 0 && expected[expected_len - 1] == '\n')
		expected[expected_len - 1] = '\0';
	check(name, input, input_len, expected);
	free(input);
	free(expected);
}

/* Check every pair of a folder; returns how many there are. */
static inline size_t for_each_vector(const char *folder, check_vector_fn *check)
{
	char path[1024];
	struct dirent *entry;
	size_t n_pairs = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/vectors/%s", TESTS_DIR, folder);
	dir = opendir(path);
	if (!dir)
		fail_msg("%s: not found", path);
	while ((entry = readdir(dir))) {
		char name[256];
		size_t len = strlen(entry->d_name);

		if (len <= 5 || len >= sizeof(name) ||
		    strcmp(entry->d_name + len - 5, ".json") != 0)
			continue;
		memcpy(name, entry->d_name, len - 5);
		name[len - 5] = '\0';
		check_pair(folder, name, check);
		n_pairs++;
	}
	closedir(dir);
	return n_pairs;
}

#endif
