/* SPDX-License-Identifier: MIT */
#include "config/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 4096 };

size_t awh_read_capacity(const struct awh_read_limit *limit)
{
	return limit->bytes + READ_BYTES;
}

static int open_file(const char *file, bool regular, struct awh_error *error)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
	struct stat what;

	if (fd < 0)
		return awh_fail(error, ADMWH_E_IO, "%s: %s", file, strerror(errno));
	if (!regular || (fstat(fd, &what) == 0 && S_ISREG(what.st_mode)))
		return fd;
	close(fd);
	return awh_fail(error, ADMWH_E_IO, "%s: not a regular file", file);
}

static int read_all(struct awh_buf *bytes, int fd, const char *file,
		    const struct awh_read_limit *limit, struct awh_error *error)
{
	ssize_t got;
	int err;

	do {
		err = awh_buf_reserve(bytes, READ_BYTES);
		if (err)
			return awh_fail(error, err, "%s: %s", file, admwh_strerror(err));
		got = read(fd, bytes->data + bytes->len, READ_BYTES);
		if (got > 0)
			bytes->len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			return awh_fail(error, ADMWH_E_IO, "%s: %s", file, strerror(errno));
		if (bytes->len > limit->bytes)
			return awh_fail(error, ADMWH_E_LIMIT, "%s: larger than %s", file,
					limit->text);
	} while (got != 0);
	err = awh_buf_terminate(bytes);
	return err ? awh_fail(error, err, "%s: %s", file, admwh_strerror(err)) : 0;
}

int awh_read_file(struct awh_buf *bytes, const char *file, bool regular,
		  const struct awh_read_limit *limit, struct awh_error *error)
{
	int fd = open_file(file, regular, error), err;

	if (fd < 0)
		return fd;
	err = read_all(bytes, fd, file, limit, error);
	close(fd);
	return err;
}
