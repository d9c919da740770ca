/* SPDX-License-Identifier: MIT */
/* Reading a whole file. See file.h. */
#include "common/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST = 16384 };

/* Larger, but not by more than what max bytes, one too many and the NUL need. */
static bool grow(char **data, size_t *size, size_t max)
{
	size_t wanted = *size ? *size * 2 : FIRST;
	char *larger;

	if (wanted > max + 2)
		wanted = max + 2;
	larger = realloc(*data, wanted);
	if (!larger) {
		errno = ENOMEM;
		return false;
	}
	*data = larger;
	*size = wanted;
	return true;
}

/* Sizes are not asked for: a pipe has none, and a file may grow. */
static char *read_all(FILE *stream, size_t max, size_t *len)
{
	size_t size = 0;
	char *data = NULL;

	*len = 0;
	do {
		if (!grow(&data, &size, max))
			goto out;
		*len += fread(data + *len, 1, size - *len - 1, stream);
		if (*len > max) {
			errno = EFBIG;
			goto out;
		}
	} while (*len == size - 1);
	if (!ferror(stream)) {
		data[*len] = '\0';
		return data;
	}
out:
	free(data);
	return NULL;
}

char *file_read(const char *name, size_t max, size_t *len)
{
	FILE *stream = fopen(name, "re");
	char *data;
	int error;

	if (!stream)
		return NULL;
	data = read_all(stream, max, len);
	error = errno;
	fclose(stream);
	errno = error;
	return data;
}
