/* SPDX-License-Identifier: MIT */
#include "test/results.h"

#include <stdlib.h>
#include <string.h>

#include "common/print.h"
#include "common/values.h"

static size_t count_failed(const struct result *results, size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++)
		failed += json_array_size(results[i].problems) > 0;
	return failed;
}

static void print_problems(FILE *to, const char *before, const struct result *result)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(result->problems, i, problem) {
		fputs(before, to);
		print_shown(to, json_string_value(problem), json_string_length(problem));
		fputc('\n', to);
	}
}

static void add_text(FILE *to, const char *suite, const struct result *result)
{
	bool is_passed = json_array_size(result->problems) == 0;

	fprintf(to, "%s%s%s ", colour(to, is_passed ? GREEN : RED), is_passed ? "ok  " : "FAIL",
		colour(to, PLAIN));
	print_shown(to, result->name, strlen(result->name));
	if (is_passed)
		fputc('\n', to);
	else
		fprintf(to, " (%s:%zu)\n", suite, result->line);
	print_problems(to, "     ", result);
}

/* TAP 14: "#" begins a directive, and "\" escapes it. */
static void print_tap_name(FILE *to, const char *name)
{
	char *shown = text_shown(name);

	for (const char *at = shown; *at; at++) {
		if (strchr("#\\", *at))
			fputc('\\', to);
		fputc(*at, to);
	}
	free(shown);
}

/* A YAML block of JSON strings. */
static void add_tap(FILE *to, const char *suite, size_t i, const struct result *result)
{
	bool is_passed = json_array_size(result->problems) == 0;
	const json_t *problem;
	size_t k;

	fprintf(to, "%sok %zu - ", is_passed ? "" : "not ", i + 1);
	print_tap_name(to, result->name);
	fputc('\n', to);
	if (is_passed)
		return;
	fprintf(to, "  ---\n  at: \"%s:%zu\"\n  problems:\n", suite, result->line);
	json_array_foreach(result->problems, k, problem) {
		fputs("  - ", to);
		json_print(to, problem);
	}
	fputs("  ...\n", to);
}

/* XML 1.0 has no way to write control characters below U+0020: U+FFFD stands for them. */
static void print_xml(FILE *to, const char *text)
{
	static const char marks[] = "<>&\"\n";
	static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#10;"};

	for (size_t n; *text; text += n) {
		const char *mark = strchr(marks, *text);

		n = mark ? 1 : shown_length(text, 4);
		if (mark) {
			fputs(names[mark - marks], to);
		} else if (n > 0) {
			fwrite(text, 1, n, to);
		} else {
			unsigned int code = code_point(text, &n);

			fprintf(to, "&#%u;", code < ' ' ? 0xfffd : code);
		}
	}
}

static void print_junit_case(FILE *to, const char *suite, const struct result *result)
{
	const json_t *problem;
	size_t i;

	fputs("  <testcase classname=\"", to);
	print_xml(to, suite);
	fputs("\" name=\"", to);
	print_xml(to, result->name);
	fprintf(to, "\" file=\"");
	print_xml(to, suite);
	fprintf(to, "\" line=\"%zu\" time=\"%.3f\">\n", result->line, result->seconds);
	if (json_array_size(result->problems) > 0)
		fputs("    <failure message=\"", to);
	json_array_foreach(result->problems, i, problem) {
		fputs(i > 0 ? "&#10;" : "", to);
		print_xml(to, json_string_value(problem));
	}
	fputs(i > 0 ? "\"/>\n" : "", to);
	fputs("  </testcase>\n", to);
}

static void print_junit(FILE *to, const char *suite, const struct result *results, size_t count)
{
	double seconds = 0;

	for (size_t i = 0; i < count; i++)
		seconds += results[i].seconds;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", to);
	print_xml(to, suite);
	fprintf(to, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" time=\"%.3f\">\n", count,
		count_failed(results, count), seconds);
	for (size_t i = 0; i < count; i++)
		print_junit_case(to, suite, &results[i]);
	fputs("</testsuite>\n", to);
}

void results_begin(FILE *to, enum result_format format, size_t count)
{
	if (format == RESULTS_TAP)
		fprintf(to, "TAP version 14\n1..%zu\n", count);
}

void results_add(FILE *to, enum result_format format, const char *suite, size_t i,
		 const struct result *result)
{
	if (format == RESULTS_TAP)
		add_tap(to, suite, i, result);
	else if (format == RESULTS_TEXT)
		add_text(to, suite, result);
}

void results_end(FILE *to, enum result_format format, const char *suite,
		 const struct result *results, size_t count)
{
	size_t failed = count_failed(results, count);

	if (format == RESULTS_JUNIT)
		print_junit(to, suite, results, count);
	else if (format == RESULTS_TEXT)
		fprintf(to, "%s: %zu passed, %zu failed\n", suite, count - failed, failed);
}
