/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/file.h"

/* A file of so many bytes, its name in place of the template. */
static void make_file(char *name, size_t size)
{
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(write(fd, &"abc"[i % 3], 1), 1);
	close(fd);
}

static void says_why_there_is_nothing(void **state)
{
	size_t len;

	(void)state;
	assert_null(file_read("/nonexistent", 10, &len));
	assert_int_equal(errno, ENOENT);
	assert_null(file_read("/", 10, &len));
	assert_int_equal(errno, EISDIR);
}

static void refuses_a_byte_too_many(void **state)
{
	static const size_t sizes[] = {0, 1, 16382, 16383, 16384, 32767, 40000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char name[] = "/tmp/admwh-file-XXXXXX";
		size_t len = 1;
		char *data;

		make_file(name, sizes[i]);
		data = file_read(name, sizes[i], &len);
		assert_non_null(data);
		assert_int_equal(len, sizes[i]);
		assert_int_equal(strlen(data), sizes[i]);
		free(data);
		if (sizes[i] > 0) {
			assert_null(file_read(name, sizes[i] - 1, &len));
			assert_int_equal(errno, EFBIG);
		}
		unlink(name);
	}
}

static void reads_what_has_no_size(void **state)
{
	size_t len = 0;
	char *data = file_read("/proc/self/status", 65536, &len);

	(void)state;
	assert_non_null(data);
	assert_true(len > 0);
	assert_int_equal(data[len], '\0');
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_why_there_is_nothing),
	    cmocka_unit_test(refuses_a_byte_too_many),
	    cmocka_unit_test(reads_what_has_no_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
