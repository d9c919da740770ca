/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as JSON text: the library's reader beside jansson's, and its writer
 * beside both readers. What one reader takes the other takes, as the same tree, but
 * for these rules, each of them the library's own choice:
 *
 * - U+0000 in the name of a member: jansson refuses it; RFC 8259 section 7 does not.
 * - An integer beyond int64 is a real here; jansson refuses it unless asked to read
 *   every integer as a real, as it is here.
 * - Both limit the depth, by different numbers.
 * - A NUL byte outside of strings: jansson may pass over it. Here it is no white space.
 *
 * What was read is written as text that both read as the same tree, with the text of
 * every number as it was; the escaping of Go's encoder changes no value.
 */
#include <string.h>

#include <admwh/json.h>

#include "base/buf.h"
#include "base/text.h"
#include "check.h"
#include "json/document.h"
#include "json/go.h"
#include "json/json.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

/* How jansson took a text. */
struct reference {
	json_t *value; /* NULL: it was refused */
	enum json_error_code why;
};

static struct reference ask_jansson(const char *text, size_t len, size_t more)
{
	json_error_t error = {0};
	struct reference reference = {
	    .value = json_loadb(text, len,
				JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | more,
				&error),
	};

	if (!reference.value)
		reference.why = json_error_code(&error);
	return reference;
}

static bool numbers_agree(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	return json_number_value(a) == json_number_value(b);
}

static bool trees_agree(const json_t *a, const json_t *b);

static bool objects_agree(const json_t *a, const json_t *b)
{
	json_t *object = (json_t *)(uintptr_t)a, *value;
	const char *key;
	size_t len;

	json_object_keylen_foreach(
	    object, key, len,
	    value) if (!trees_agree(value, json_object_getn(b, key, len))) return false;
	return json_object_size(a) == json_object_size(b);
}

/* The same tree, though a number may be an integer in one and a real in the other. */
static bool trees_agree(const json_t *a, const json_t *b)
{
	if (!a || !b || (json_is_number(a) && json_is_number(b)))
		return a && b && numbers_agree(a, b);
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_object(a))
		return objects_agree(a, b);
	if (json_is_string(a))
		return json_string_length(a) == json_string_length(b) &&
		       memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) ==
			   0;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!trees_agree(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return json_array_size(a) == json_array_size(b);
}

static bool holds_nul(const char *text, size_t len)
{
	return memchr(text, '\0', len) != NULL;
}

/* U+0000 in a name, or with strings in any text. */
static bool has_nul(const json_t *value, bool strings)
{
	json_t *tree = (json_t *)(uintptr_t)value, *child;
	const char *key;
	size_t len, i;

	if (json_is_string(value))
		return strings && holds_nul(json_string_value(value), json_string_length(value));
	json_object_keylen_foreach(tree, key, len, child) if (holds_nul(key, len) ||
							      has_nul(child, strings)) return true;
	json_array_foreach(tree, i, child)
		if (has_nul(child, strings))
			return true;
	return false;
}

static size_t greater(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t levels(const json_t *value)
{
	json_t *tree = (json_t *)(uintptr_t)value, *child;
	const char *key;
	size_t i, most = 0;

	if (!json_is_object(value) && !json_is_array(value))
		return 0;
	json_object_foreach(tree, key, child)
		most = greater(most, levels(child));
	json_array_foreach(tree, i, child)
		most = greater(most, levels(child));
	return most + 1;
}

/* Would the text be taken, were it not as deep? */
static bool is_too_deep(const char *text, size_t len)
{
	return awh_json_check(text, len, AWH_DOCUMENT_DEPTH, NULL) < 0 &&
	       awh_json_check(text, len, SIZE_MAX, NULL) == 0;
}

/* Accepted by both as the same, or refused by both, or by a rule of those above. */
static void compare(const json_t *ours, const char *text, size_t len)
{
	struct reference reference = ask_jansson(text, len, JSON_DECODE_INT_AS_REAL);
	struct reference exact = ask_jansson(text, len, 0);

	if (ours && reference.value)
		check(trees_agree(ours, reference.value), "jansson reads another tree");
	else if (ours)
		check(reference.why == json_error_null_byte_in_key && has_nul(ours, false),
		      "jansson refuses what is taken");
	else
		check(!reference.value || is_too_deep(text, len) || holds_nul(text, len),
		      "jansson takes what is refused");
	if (ours && exact.value)
		check(json_equal((json_t *)(uintptr_t)ours, exact.value),
		      "jansson reads a number of another type");
	json_decref(reference.value);
	json_decref(exact.value);
}

/* The numbers of a JSON text as they are written, one a line. */
static void list_numbers(struct awh_buf *list, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = 1;
		if (text[i] == '"') {
			while (text[i + n] != '"')
				n += text[i + n] == '\\' ? 2 : 1;
			n++;
		} else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
			while (i + n < len && strchr("0123456789+-.eE", text[i + n]))
				n++;
			awh_buf_put(list, text + i, n);
			awh_buf_puts(list, "\n");
		}
	}
}

static void check_numbers(const struct awh_buf *written, const char *text, size_t len)
{
	struct awh_buf before, after;

	awh_buf_init(&before, TEXT_MAX);
	awh_buf_init(&after, TEXT_MAX);
	list_numbers(&before, text, len);
	list_numbers(&after, written->data, written->len);
	check(before.len == after.len &&
		  (before.len == 0 || memcmp(before.data, after.data, before.len) == 0),
	      "a number is written as another text");
	awh_buf_deinit(&before);
	awh_buf_deinit(&after);
}

/* As Go's encoder writes it: another text of the same value. */
static void check_go(const json_t *value, const struct awh_buf *written,
		     struct awh_numbers *numbers)
{
	struct awh_buf escaped;
	json_t *again;

	awh_buf_init(&escaped, TEXT_MAX);
	awh_go_put(&escaped, written->data, written->len);
	check(!escaped.err && escaped.len <= awh_go_len(written->data, written->len),
	      "Go's text is longer than it is said to be");
	check(!memchr(escaped.data, '<', escaped.len) && !memchr(escaped.data, '&', escaped.len),
	      "Go's text holds a character of HTML");
	again = awh_json_parse(escaped.data, escaped.len, AWH_DOCUMENT_DEPTH, numbers, NULL);
	check(again && awh_json_equal(value, again, numbers), "Go's text is another value");
	json_decref(again);
	awh_buf_deinit(&escaped);
}

static void check_written(const json_t *value, const char *text, size_t len,
			  struct awh_numbers *numbers)
{
	struct awh_buf first, second;
	json_t *again;

	awh_buf_init(&first, TEXT_MAX);
	awh_buf_init(&second, TEXT_MAX);
	awh_json_write(&first, value, numbers);
	check(!first.err, "a tree cannot be written");
	check_numbers(&first, text, len);
	again = awh_json_parse(first.data, first.len, AWH_DOCUMENT_DEPTH, numbers, NULL);
	check(again && awh_json_equal(value, again, numbers), "what was written is another value");
	compare(again, first.data, first.len);
	awh_json_write(&second, again, numbers);
	check(first.len == second.len && memcmp(first.data, second.data, first.len) == 0,
	      "what was written is written as another text");
	check_go(value, &first, numbers);
	json_decref(again);
	awh_buf_deinit(&first);
	awh_buf_deinit(&second);
}

/* A copy is equal and shares nothing that can be changed. */
static void check_copy(json_t *value, struct awh_numbers *numbers)
{
	json_t *copy = awh_json_copy(value, numbers);

	check(copy && awh_json_equal(value, copy, numbers), "a copy is another value");
	if (json_is_object(copy) && json_object_size(copy) > 0) {
		json_object_clear(copy);
		check(!awh_json_equal(value, copy, numbers), "a copy is the value itself");
	}
	json_decref(copy);
	if (!json_is_object(value) && !json_is_array(value))
		return;
	copy = awh_json_copy_level(value);
	check(copy && awh_json_equal(value, copy, numbers), "a level's copy is another value");
	json_decref(copy);
}

/* Each member, by its pointer; a C string leads to no name with U+0000. */
static void check_pointers(const json_t *root, const json_t *value, const char *pointer,
			   unsigned int depth)
{
	json_t *tree = (json_t *)(uintptr_t)value, *child;
	const char *key;
	char *below;
	size_t len;

	check(admwh_json_pointer_get(root, pointer) == value, "a pointer leads elsewhere");
	json_object_keylen_foreach(tree, key, len, child)
	{
		if (holds_nul(key, len) || depth == 0)
			continue;
		below = admwh_json_pointer_join(pointer, key);
		check(below != NULL, "no memory");
		check_pointers(root, child, below, depth - 1);
		free(below);
	}
}

/* For callers that read C strings: as the others, but without U+0000. */
static void check_without_nul(const json_t *value, const char *text, size_t len)
{
	struct admwh_json *json = admwh_json_new();
	json_t *strict = admwh_json_parse(json, text, len);

	check((strict != NULL) == (value && !has_nul(value, true)),
	      "a text with U+0000 is taken, or one without is not");
	check(strict || admwh_json_error(json)[0], "a text is refused without a reason");
	json_decref(strict);
	admwh_json_free(json);
}

static void check_refusal(const json_t *value, const char *text, size_t len,
			  const struct awh_error *error)
{
	struct awh_error other = {0};
	int err = awh_json_check(text, len, AWH_DOCUMENT_DEPTH, &other);

	check((err == 0) == (value != NULL), "checked and parsed are two things");
	if (value)
		return;
	check(err == ADMWH_E_SYNTAX && error->code == err, "refused by another code");
	check(strcmp(error->text, other.text) == 0, "refused for two reasons");
	check(strncmp(error->text, "byte ", 5) == 0 && strtoull(error->text + 5, NULL, 10) <= len,
	      "refused at a place outside of the text");
	check(awh_utf8_valid(error->text, strlen(error->text)), "a message that is no UTF-8");
	for (const char *c = error->text; *c; c++)
		check((unsigned char)*c >= ' ', "a message of several lines");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	json_t *value = awh_json_parse(text, len, AWH_DOCUMENT_DEPTH, numbers, &error);

	check_refusal(value, text, len, &error);
	compare(value, text, len);
	check_without_nul(value, text, len);
	if (value) {
		const size_t depth = levels(value);

		check(awh_json_fits(value, depth) &&
			  (depth == 0 || !awh_json_fits(value, depth - 1)),
		      "a tree has another depth");
		check_written(value, text, len, numbers);
		check_copy(value, numbers);
		check_pointers(value, value, "", 8);
	}
	json_decref(value);
	awh_numbers_free(numbers);
	return 0;
}
