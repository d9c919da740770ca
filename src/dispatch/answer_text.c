/* SPDX-License-Identifier: MIT */
/*
 * What an answer says, as lines that a test compares. They are read from its bytes, as
 * a client would.
 */
#include <admwh/testing.h>

#include <string.h>

#include <admwh/value.h>

#include "dispatch/answer.h"

static void put_text(struct awh_buf *out, struct admwh_value value)
{
	size_t len;
	const char *text = admwh_value_text(value, &len);

	awh_buf_put(out, text ? text : "", len);
}

/* The value of a base64 digit; it is one, for the library has written it. */
static unsigned int digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	return (unsigned int)(strchr(digits, c) - digits);
}

static void put_decoded(struct awh_buf *out, const char *text, size_t len)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		bits = bits << 6 | digit(text[i]);
		if (i % 4 != 0) {
			const char byte = (char)(bits >> (6 - i % 4 * 2));

			awh_buf_put(out, &byte, 1);
		}
	}
}

/* The character of one of the escapes that Go writes for HTML, which a test does not; 0: none. */
static char html_at(const char *raw, size_t len)
{
	if (len < 6 || memcmp(raw, "\\u00", 4) != 0)
		return 0;
	return memcmp(raw + 4, "3c", 2) == 0   ? '<'
	       : memcmp(raw + 4, "3e", 2) == 0 ? '>'
	       : memcmp(raw + 4, "26", 2) == 0 ? '&'
					       : 0;
}

static void put_raw(struct awh_buf *out, const char *before, struct admwh_value value)
{
	size_t len;
	const char *raw = admwh_value_raw(value, &len);

	if (!raw)
		return;
	awh_buf_puts(out, before);
	for (size_t i = 0, n; i < len; i += n) {
		const char html = html_at(raw + i, len - i);

		n = html ? 6 : raw[i] == '\\' ? 2 : 1;
		awh_buf_put(out, html ? &html : raw + i, html ? 1 : n);
	}
}

static void put_operation(struct awh_buf *out, struct admwh_value operation)
{
	awh_buf_puts(out, "\npatch: ");
	put_text(out, admwh_value_get(operation, "op"));
	awh_buf_puts(out, " ");
	put_text(out, admwh_value_get(operation, "path"));
	if (admwh_value_is_set(admwh_value_get(operation, "from")))
		awh_buf_puts(out, " from ");
	put_text(out, admwh_value_get(operation, "from"));
	put_raw(out, " ", admwh_value_get(operation, "value"));
}

static void put_patch(struct awh_buf *out, struct admwh_value encoded)
{
	struct awh_buf json;
	struct admwh_document *patch;
	size_t len;
	const char *text = admwh_value_text(encoded, &len);

	if (!text)
		return;
	awh_buf_init(&json, AWH_ANSWER_MAX);
	put_decoded(&json, text, len);
	patch = admwh_document_parse(json.data ? json.data : "", json.len);
	admwh_value_foreach_element(operation, admwh_document_value(patch))
		put_operation(out, operation);
	if (!patch || json.err || admwh_document_error(patch)[0])
		out->err = ADMWH_E_NOMEM;
	admwh_document_free(patch);
	awh_buf_deinit(&json);
}

static void put_lists(struct awh_buf *out, struct admwh_value response)
{
	admwh_value_foreach_element(warning, admwh_value_get(response, "warnings")) {
		awh_buf_puts(out, "\nwarning: ");
		put_text(out, warning);
	}
	admwh_value_foreach_member(note, admwh_value_get(response, "auditAnnotations")) {
		size_t len;
		const char *key = admwh_value_key(note, &len);

		awh_buf_puts(out, "\naudit ");
		awh_buf_put(out, key ? key : "", len);
		awh_buf_puts(out, ": ");
		put_text(out, note);
	}
}

/* whole: a review, or a response alone, or a status, or what a dialect has in its place */
static void put_answer(struct awh_buf *out, const struct admwh_answer *answer,
		       struct admwh_value whole)
{
	struct admwh_value response = admwh_value_get(whole, "response");
	struct admwh_value status =
	    admwh_value_is_set(response) ? admwh_value_get(response, "status") : whole;
	struct admwh_value message = admwh_value_get(status, "message");

	awh_buf_puts(out, awh_outcome_name(answer->outcome));
	put_raw(out, " ", admwh_value_get(status, "code"));
	if (answer->status != 200)
		awh_buf_printf(out, ", HTTP %d", answer->status);
	awh_buf_puts(out, admwh_value_is_set(message) ? ": " : "");
	put_text(out, message);
	put_patch(out, admwh_value_get(response, "patch"));
	put_lists(out, response);
}

const char *admwh_answer_text(struct admwh_answer *answer)
{
	static const char none[] = "no answer: out of memory";
	struct admwh_document *body;
	const char *text;
	size_t len;

	if (!answer)
		return none;
	if (answer->text.data)
		return answer->text.err ? none : answer->text.data;
	text = admwh_answer_body(answer, &len);
	body = admwh_document_parse(text, len);
	awh_buf_init(&answer->text, SIZE_MAX);
	put_answer(&answer->text, answer, admwh_document_value(body));
	if (!body || admwh_document_error(body)[0])
		answer->text.err = ADMWH_E_NOMEM;
	admwh_document_free(body);
	return awh_buf_terminate(&answer->text) ? none : answer->text.data;
}

/* The line that a text begins with, and its length with what separates it from the next. */
static size_t line_of(const char *text, size_t *with_end)
{
	const size_t len = strcspn(text, "\n");

	*with_end = len + (text[len] == '\n');
	return len;
}

/* Lines, each behind a mark. end: where they end */
static void put_lines(struct awh_buf *out, const char *mark, const char *text, const char *end)
{
	while (text < end) {
		size_t step, len = line_of(text, &step);

		awh_buf_puts(out, mark);
		awh_buf_put(out, text, len);
		awh_buf_puts(out, "\n");
		text += step;
	}
}

/* How many bytes two texts have in common, in whole lines from the first one on. */
static size_t common_lines(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && b[n]) {
		size_t step, len = line_of(a + n, &step), other, other_len = line_of(b + n, &other);

		if (len != other_len || memcmp(a + n, b + n, len) != 0)
			break;
		if (step != other)
			return n + len; /* the last line of one of them */
		n += step;
	}
	return n;
}

/* Where the end of a text begins that makes no difference: newlines. */
static const char *end_of(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		end--;
	return end;
}

const char *admwh_answer_differs(struct admwh_answer *answer, const char *expected)
{
	const char *got = admwh_answer_text(answer);
	const char *wanted = expected ? expected : "";
	const size_t wanted_len = (size_t)(end_of(wanted) - wanted);
	struct awh_buf *out;
	size_t common;

	if (wanted_len == strlen(got) && memcmp(got, wanted, wanted_len) == 0)
		return NULL;
	if (!answer)
		return got;
	out = &answer->differences;
	common = common_lines(wanted, got);
	awh_buf_deinit(out);
	awh_buf_init(out, SIZE_MAX);
	put_lines(out, "  ", got, got + common);
	put_lines(out, "- ", wanted + common + (wanted[common] == '\n'), wanted + wanted_len);
	put_lines(out, "+ ", got + common + (got[common] == '\n'), got + strlen(got));
	return awh_buf_terminate(out) ? got : out->data;
}
