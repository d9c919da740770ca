/* SPDX-License-Identifier: MIT */
/*
 * A temporary folder for tests, and files in it; copies of the test PKI's.
 */
#ifndef TESTS_UNIT_TEMP_FOLDER_H
#define TESTS_UNIT_TEMP_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/admwh-unit-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *walk)
{
	(void)what, (void)kind, (void)walk;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Its path: good until the eighth call after. */
static inline const char *in_folder(const char *name)
{
	static char paths[8][256];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline void put_bytes(const char *name, const void *data, size_t len)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static inline void put_text(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* Bytes of a file of the PKI; *new* */
static inline char *load_pki(const char *file, size_t *len)
{
	char path[512];
	char *data = malloc(65536);
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", getenv("ADMWH_PKI"), file);
	fd = open(path, O_RDONLY);
	assert_non_null(data);
	assert_true(fd >= 0);
	got = read(fd, data, 65535);
	close(fd);
	assert_true(got > 0);
	data[got] = '\0';
	*len = (size_t)got;
	return data;
}

static inline void put_pki(const char *name, const char *file)
{
	size_t len;
	char *data = load_pki(file, &len);

	put_bytes(name, data, len);
	free(data);
}

#endif
