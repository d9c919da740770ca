/* SPDX-License-Identifier: MIT */
/*
 * Time and instructions of a difference and of its application, from text to
 * text: bench-patch A.json B.json ROUNDS prints nanoseconds of CPU each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <admwh/json.h>

enum { BATCHES = 9 };

struct text {
	char *data;
	size_t len;
};

static void check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "bench-patch: %s\n", what);
	exit(1);
}

static struct text read_file(const char *name)
{
	struct text text = {malloc(1 << 24), 0};
	FILE *file = fopen(name, "rb");

	check(file && text.data, name);
	text.len = fread(text.data, 1, 1 << 24, file);
	fclose(file);
	return text;
}

static struct text write_text(struct admwh_json *json, json_t *value)
{
	struct text text;

	check(value != NULL, admwh_json_error(json));
	text.data = admwh_json_write(json, value, &text.len);
	check(text.data != NULL, "out of memory");
	return text;
}

static struct text diff(const struct text *a, const struct text *b)
{
	struct admwh_json *json = admwh_json_new();
	json_t *from = admwh_json_parse(json, a->data, a->len);
	json_t *to = admwh_json_parse(json, b->data, b->len);
	json_t *patch = admwh_json_patch_make(json, from, to, 0);
	struct text text = write_text(json, patch);

	json_decref(from);
	json_decref(to);
	json_decref(patch);
	admwh_json_free(json);
	return text;
}

static struct text apply(const struct text *a, const struct text *patch_text)
{
	struct admwh_json *json = admwh_json_new();
	json_t *document = admwh_json_parse(json, a->data, a->len);
	json_t *patch = admwh_json_parse(json, patch_text->data, patch_text->len);
	struct text text;

	check(admwh_json_patch_apply(json, &document, patch, ADMWH_PATCH_MODE_STRICT) == 0,
	      admwh_json_error(json));
	text = write_text(json, document);
	json_decref(document);
	json_decref(patch);
	admwh_json_free(json);
	return text;
}

static long long cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

/* The median of some batches. */
static void measure(const char *name, struct text run(const struct text *, const struct text *),
		    const struct text *a, const struct text *b, int rounds)
{
	long long times[BATCHES];

	for (int batch = 0; batch < BATCHES; batch++) {
		const long long start = cpu_ns();

		for (int i = 0; i < rounds; i++)
			free(run(a, b).data);
		times[batch] = (cpu_ns() - start) / rounds;
	}
	qsort(times, BATCHES, sizeof(*times), compare);
	printf("%s %lld\n", name, times[BATCHES / 2]);
}

int main(int argc, char **argv)
{
	const int rounds = argc == 4 ? atoi(argv[3]) : 0;
	struct text a, b, patch;

	if (rounds < 1)
		return fprintf(stderr, "usage: bench-patch A.json B.json ROUNDS\n"), 2;
	a = read_file(argv[1]);
	b = read_file(argv[2]);
	patch = diff(&a, &b);
	measure("diff", diff, &a, &b, rounds);
	measure("apply", apply, &a, &patch, rounds);
	free(a.data);
	free(b.data);
	free(patch.data);
	return 0;
}
