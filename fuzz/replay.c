/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over files and folders given as arguments, without a
 * fuzzer: so a corpus is replayed as an ordinary test, by any compiler.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Folders within folders that are still followed. */
enum { LEVELS_MAX = 8 };

static size_t n_files;

/* The input has an allocation of its own size, so that a read past its end is seen. */
static int replay_file(const char *path, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	FILE *file = fopen(path, "rb");
	int err = -1;

	if (bytes && file && fread(bytes, 1, size, file) == size) {
		LLVMFuzzerTestOneInput(bytes, size);
		n_files++;
		err = 0;
	} else {
		fprintf(stderr, "%s: cannot be read\n", path);
	}
	if (file)
		fclose(file);
	free(bytes);
	return err;
}

static int replay(const char *path, int level);

static int replay_folder(const char *path, int level)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int err = 0;

	if (!dir) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return -1;
	}
	while ((entry = readdir(dir)) && err == 0) {
		char inner[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		err = replay(inner, level + 1);
	}
	closedir(dir);
	return err;
}

static int replay(const char *path, int level)
{
	struct stat info;

	if (level > LEVELS_MAX || stat(path, &info) < 0) {
		fprintf(stderr, "%s: not found\n", path);
		return -1;
	}
	return S_ISDIR(info.st_mode) ? replay_folder(path, level)
				     : replay_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(argv[i], 0) < 0)
			return 1;
	printf("%zu inputs\n", n_files);
	return n_files == 0;
}
