/* SPDX-License-Identifier: MIT */
#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "common/print.h"

_Noreturn void out_of_memory(void)
{
	complain("out of memory");
	exit(EXIT_ERROR);
}

void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		out_of_memory();
	return memory;
}

void *memory_grown(void *block, size_t size)
{
	void *grown = realloc(block, size);

	if (!grown)
		out_of_memory();
	return grown;
}

char *text_newv(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		out_of_memory();
	return text;
}

char *text_new(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = text_newv(format, arguments);
	va_end(arguments);
	return text;
}

FILE *text_open(char **text, size_t *len)
{
	FILE *to = open_memstream(text, len);

	if (!to)
		out_of_memory();
	return to;
}

void text_close(FILE *to)
{
	if (fclose(to))
		out_of_memory();
}

void secret_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_join(const char *folder, const char *name)
{
	return text_new("%s/%s", folder, name);
}

/* NULL with errno set. */
static char *read_all(FILE *file, size_t *len)
{
	size_t size = 65536;
	char *bytes = malloc(size);

	for (*len = 0; bytes;) {
		size_t got = fread(bytes + *len, 1, size - 1 - *len, file);
		char *grown;

		*len += got;
		if (got == 0)
			break;
		if (*len < size - 1)
			continue;
		size *= 2;
		grown = size <= FILE_MAX_BYTES ? realloc(bytes, size) : NULL;
		if (!grown) {
			free(bytes);
			errno = size <= FILE_MAX_BYTES ? ENOMEM : EFBIG;
			return NULL;
		}
		bytes = grown;
	}
	if (bytes && ferror(file)) {
		free(bytes);
		return NULL;
	}
	if (bytes)
		bytes[*len] = '\0';
	return bytes;
}

char *file_read(const char *name, size_t *len)
{
	bool is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "rbe");
	char *bytes = file ? read_all(file, len) : NULL;

	if (!bytes)
		complain("%s: %s", is_stdin ? "standard input" : name, strerror(errno));
	if (file && !is_stdin)
		fclose(file);
	return bytes;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* So that the name stands after a crash, too. */
static int sync_folder_of(const char *name)
{
	char *copy = text_new("%s", name);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

int file_write(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char *temporary = text_new("%s.XXXXXX", name);
	int fd = mkostemp(temporary, O_CLOEXEC);
	int err = -1;

	if (fd >= 0 && write_all(fd, bytes, len) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0)
		err = rename(temporary, name);
	if (err == 0)
		err = sync_folder_of(name);
	if (err)
		complain("%s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (err && fd >= 0)
		unlink(temporary);
	free(temporary);
	return err;
}

static int make_one(const char *name, mode_t mode)
{
	struct stat info;

	if (mkdir(name, mode) == 0 ||
	    (errno == EEXIST && stat(name, &info) == 0 && S_ISDIR(info.st_mode)))
		return 0;
	complain("%s: %s", name, strerror(errno));
	return -1;
}

int folder_make(const char *name, mode_t mode)
{
	char *path = text_new("%s", name);
	int err = 0;

	for (char *slash = strchr(path + 1, '/'); slash && err == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		err = make_one(path, 0777);
		*slash = '/';
	}
	if (err == 0)
		err = make_one(path, mode);
	free(path);
	return err;
}

char *folder_temporary(void)
{
	const char *parent = getenv("TMPDIR");
	char *name = text_new("%s/admwhctl.XXXXXX", parent && *parent ? parent : "/tmp");

	if (mkdtemp(name))
		return name;
	free(name);
	return NULL;
}
