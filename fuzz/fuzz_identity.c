/* SPDX-License-Identifier: MIT */
/*
 * The files that say who is let in, on any bytes, and the Authorization field:
 * the first byte says which. What is read can be written and read again as the
 * same; every rule is met by its own value; no message quotes a file of tokens.
 */
#include <string.h>

#include "base/text.h"
#include "check.h"
#include "identity/rules.h"
#include "identity/token_file.h"
#include "identity/tokens.h"

enum { CN_LENGTH = 64 };

typedef int read_fn(struct awh_values *values, const char *text, size_t len,
		    struct awh_error *error);

static int read_rules(struct awh_values *values, const char *text, size_t len,
		      struct awh_error *error)
{
	return awh_rules_read(values, text, len, CN_LENGTH, error);
}

static int read_denials(struct awh_values *values, const char *text, size_t len,
			struct awh_error *error)
{
	return awh_denials_read(values, text, len, error);
}

static void check_error(const struct awh_error *error, int err)
{
	check(error->code == err, "code and error disagree");
	check(err == ADMWH_E_INVAL || err == ADMWH_E_NOMEM, "an unexpected code");
	check(err == ADMWH_E_NOMEM || strncmp(error->text, "line ", 5) == 0, "no line is named");
	check(awh_text_is_clean(error->text, strlen(error->text)), "a message is not clean");
}

/* Canonical values are their own canonical form. */
static void check_again(const struct awh_values *values, read_fn *read)
{
	struct awh_values again = {0};
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < values->n_items; i++) {
		const struct awh_value *item = &values->items[i];

		check(awh_values_find(values, item->kind, item->value) == item, "a value is lost");
		awh_buf_puts(&text, item->text);
		awh_buf_puts(&text, "\n");
	}
	if (!text.err) {
		check(read(&again, text.data, text.len, NULL) == 0, "what was read is unreadable");
		awh_values_seal(&again);
		check(again.n_items == values->n_items, "what was read is not read again");
		for (size_t i = 0; i < again.n_items; i++)
			check(strcmp(again.items[i].text, values->items[i].text) == 0,
			      "what was read is read as something else");
	}
	awh_values_deinit(&again);
	awh_buf_deinit(&text);
}

static void read_values(const char *text, size_t len, read_fn *read)
{
	struct awh_values values = {0};
	struct awh_error error = {0};
	int err = read(&values, text, len, &error);

	if (err) {
		check_error(&error, err);
	} else {
		awh_values_seal(&values);
		check_again(&values, read);
	}
	awh_values_deinit(&values);
}

static int take(const char *token, const char *name, const char *const *groups, size_t n_groups,
		void *userdata, struct awh_error *error)
{
	uint8_t digest[AWH_DIGEST_BYTES] = {0};

	snprintf((char *)digest, sizeof(digest), "%s", token);
	return awh_tokens_add(userdata, digest, name, groups, n_groups, error);
}

static void read_tokens(const char *text, size_t len)
{
	struct awh_tokens *tokens = awh_tokens_new();
	struct awh_error error = {0};
	int err;

	if (!tokens)
		return;
	err = awh_token_file_read(text, len, take, tokens, &error);
	if (err) {
		check(error.code == err && strncmp(error.text, "line ", 5) == 0,
		      "no line is named");
		check(strlen(error.text) < 128, "a message is so long that it may quote");
	}
	awh_tokens_unref(tokens);
}

static void read_authorization(const char *text, size_t len)
{
	char *value = awh_strndup(text, len);
	size_t token_len;
	const char *token;

	if (!value)
		return;
	for (int bare = 0; bare < 2; bare++) {
		token = awh_bearer_token(value, bare, &token_len);
		check(!token || (token >= value && token + token_len == value + strlen(value) &&
				 awh_token_is_valid(token, token_len)),
		      "a token that is none");
	}
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes + 1;

	if (len == 0)
		return 0;
	switch (bytes[0]) {
	case 'a':
		read_values(text, len - 1, read_rules);
		break;
	case 'd':
		read_values(text, len - 1, read_denials);
		break;
	case 't':
		read_tokens(text, len - 1);
		break;
	default:
		read_authorization(text, len - 1);
		break;
	}
	return 0;
}
