/* SPDX-License-Identifier: MIT */
#include "json/pointer.h"

#include <stdint.h>
#include <string.h>

#include <admwh/json.h>

#include "base/text.h"

/*
 * Unescape up to the next "/" or the end. Returns the end of the token in text. A token never
 * grows, so that it fits where its escaped text would.
 */
static const char *unescape(const char *text, const char *end, char *out, size_t *len)
{
	char *start = out;

	for (; text < end && *text != '/'; text++) {
		if (*text != '~') {
			*out++ = *text;
			continue;
		}
		*out++ = *++text == '0' ? '~' : '/';
	}
	*out = '\0';
	*len = (size_t)(out - start);
	return text;
}

static size_t count_tokens(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '/';
	return count;
}

/* Is each "~" followed by 0 or 1? */
static bool is_escaped_well(const struct awh_token *token)
{
	for (size_t i = 0; i < token->len; i++)
		if (token->text[i] == '~' && (i + 1 == token->len || (token->text[i + 1] != '0' &&
								      token->text[i + 1] != '1')))
			return false;
	return true;
}

const char *awh_pointer_check(const char *text, size_t len)
{
	const struct awh_token whole = {text, len};

	if (len > 0 && text[0] != '/')
		return "pointer does not begin with \"/\"";
	if (!awh_utf8_valid(text, len))
		return "pointer is not UTF-8";
	return is_escaped_well(&whole) ? NULL
				       : "pointer has a \"~\" that is not followed by 0 or 1";
}

int awh_pointer_parse(struct awh_pointer *pointer, const char *text, size_t len,
		      struct awh_arena *arena, struct awh_error *error)
{
	const char *end = text + len;
	const char *why = awh_pointer_check(text, len);
	const size_t n_tokens = count_tokens(text, len);
	struct awh_token *tokens;
	char *out;

	if (why)
		return awh_fail(error, ADMWH_E_POINTER, "%s", why);
	tokens = awh_arena_array(arena, n_tokens, sizeof(*tokens));
	out = awh_arena_alloc(arena, len + 1);
	if (!tokens || !out)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n_tokens; i++) {
		tokens[i].text = out;
		text = unescape(text + 1, end, out, &tokens[i].len);
		out += tokens[i].len + 1;
	}
	pointer->tokens = tokens;
	pointer->n_tokens = n_tokens;
	return 0;
}

void awh_pointer_put(struct awh_buf *buf, const char *token, size_t len)
{
	size_t start = 0;

	awh_buf_put(buf, "/", 1);
	for (size_t i = 0; i < len; i++) {
		if (token[i] != '~' && token[i] != '/')
			continue;
		awh_buf_put(buf, token + start, i - start);
		awh_buf_put(buf, token[i] == '~' ? "~0" : "~1", 2);
		start = i + 1;
	}
	awh_buf_put(buf, token + start, len - start);
}

const char *awh_pointer_show(char shown[AWH_POINTER_SHOWN], const char *text, size_t len)
{
	const size_t room = AWH_POINTER_SHOWN - sizeof("...");
	size_t n = 0;

	while (n < len) {
		const size_t sequence = awh_utf8_sequence(text + n, len - n);
		const size_t taken = sequence ? sequence : 1;

		if (n + taken > room)
			break;
		if (sequence == 0 || text[n] == '\0' || awh_utf8_unprintable(text + n, sequence))
			memset(shown + n, '?', taken);
		else
			memcpy(shown + n, text + n, taken);
		n += taken;
	}
	memcpy(shown + n, n < len ? "..." : "", n < len ? sizeof("...") : 1);
	return shown;
}

size_t awh_pointer_prefix(const char *text, size_t len, size_t n_tokens)
{
	size_t prefix = 0;

	for (size_t slashes = 0; prefix < len; prefix++)
		if (text[prefix] == '/' && slashes++ == n_tokens)
			break;
	return prefix;
}

bool awh_token_index(const struct awh_token *token, size_t max, size_t *index)
{
	size_t number = 0;

	if (token->len == 0 || (token->text[0] == '0' && token->len > 1))
		return false;
	for (size_t i = 0; i < token->len; i++) {
		size_t digit = (size_t)(unsigned char)token->text[i] - '0';

		if (digit > 9 || digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*index = number;
	return true;
}

static json_t *step(const json_t *value, const struct awh_token *token)
{
	size_t index;

	if (json_is_object(value))
		return json_object_getn(value, token->text, token->len);
	if (json_is_array(value) && awh_token_index(token, SIZE_MAX, &index))
		return json_array_get(value, index);
	return NULL;
}

json_t *awh_pointer_walk(const json_t *root, const struct awh_pointer *pointer, size_t n_tokens)
{
	json_t *value = (json_t *)(uintptr_t)root; /* jansson's getters cast the const away alike */

	for (size_t i = 0; i < n_tokens && value; i++)
		value = step(value, &pointer->tokens[i]);
	return value;
}

/* Is this the key that a token, escaped as it stands in a pointer, names? */
static bool is_key(const struct awh_token *token, const char *key, size_t key_len)
{
	size_t k = 0;

	for (size_t i = 0; i < token->len; i++, k++) {
		char c = token->text[i];

		if (c == '~')
			c = token->text[++i] == '0' ? '~' : '/';
		if (k == key_len || key[k] != c)
			return false;
	}
	return k == key_len;
}

/* The member an escaped token names, without memory to resolve it in. */
static json_t *find_escaped(json_t *object, const struct awh_token *token)
{
	for (void *member = json_object_iter(object); member;
	     member = json_object_iter_next(object, member))
		if (is_key(token, json_object_iter_key(member), json_object_iter_key_len(member)))
			return json_object_iter_value(member);
	return NULL;
}

/*
 * Takes no memory: a policy that asks whether something is there must not get NULL because
 * memory ran out.
 */
json_t *admwh_json_pointer_get(const json_t *root, const char *pointer)
{
	json_t *value = (json_t *)(uintptr_t)root;

	while (pointer && *pointer == '/' && value) {
		const char *start = pointer + 1;
		const struct awh_token token = {start, strcspn(start, "/")};

		if (!is_escaped_well(&token))
			return NULL;
		if (json_is_object(value) && memchr(token.text, '~', token.len))
			value = find_escaped(value, &token);
		else
			value = step(value, &token);
		pointer = start + token.len;
	}
	return pointer && *pointer == '\0' ? value : NULL;
}

char *admwh_json_pointer_join(const char *pointer, const char *token)
{
	struct awh_buf joined;

	if (!pointer || !token)
		return NULL;
	awh_buf_init(&joined, SIZE_MAX);
	awh_buf_puts(&joined, pointer);
	awh_pointer_put(&joined, token, strlen(token));
	if (awh_buf_terminate(&joined) < 0)
		awh_buf_deinit(&joined);
	return joined.data;
}

char *admwh_json_pointer_from(const char *const *tokens, size_t n_tokens)
{
	struct awh_buf pointer;

	awh_buf_init(&pointer, SIZE_MAX);
	for (size_t i = 0; tokens && i < n_tokens && !pointer.err; i++) {
		if (tokens[i])
			awh_pointer_put(&pointer, tokens[i], strlen(tokens[i]));
		else
			pointer.err = ADMWH_E_INVAL;
	}
	if (awh_buf_terminate(&pointer) < 0)
		awh_buf_deinit(&pointer);
	return pointer.data;
}
