/* SPDX-License-Identifier: MIT */
/*
 * The HTTP parser on any bytes. What it makes of a stream must not depend on
 * how the stream is cut, and what it passes on must hold what http.h promises.
 *
 * A small header limit and a small body limit bring both within reach.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../tests/unit/http/transcript.h"

static void check(bool holds, const char *what, const struct transcript *transcript)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n%s", what, transcript->text.data);
	abort();
}

static void compare(const struct transcript *whole, const struct awh_http_limits *limits,
		    const char *data, size_t len, size_t first, size_t step)
{
	struct transcript other;

	transcript_run(&other, limits, data, len, first, step);
	if (!transcript_equals(whole, &other))
		fprintf(stderr, "%s--- cut at %zu, then every %zu:\n", whole->text.data, first,
			step);
	check(transcript_equals(whole, &other), "the outcome depends on the cut", &other);
	transcript_deinit(&other);
}

/* The lines of values: those of a body or of a body's end are checked by comparing. */
static void exercise_values(const char *text)
{
	int64_t ms = 0;

	awh_http_is_json(text);
	if (awh_http_parse_timeout(text, &ms) && ms <= 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct awh_http_limits limits[] = {
	    {.header_bytes = 16384, .header_count = 64, .body = 33554432},
	    {.header_bytes = 96, .header_count = 3, .body = 12},
	};
	const char *data = (const char *)bytes;
	char *text = awh_strndup(data, len < 64 ? len : 64);

	if (text)
		exercise_values(text);
	free(text);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct transcript whole;

		transcript_run(&whole, &limits[i], data, len, len, len);
		compare(&whole, &limits[i], data, len, 1, 1);
		compare(&whole, &limits[i], data, len, len > 0 ? bytes[len - 1] % len + 1 : 1, len);
		transcript_deinit(&whole);
	}
	return 0;
}
