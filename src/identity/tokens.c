/* SPDX-License-Identifier: MIT */
#include "identity/tokens.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"

enum { FIRST_CAPACITY = 8, NAME_BYTES_MAX = 1024 };

struct awh_tokens {
	struct awh_arena arena;
	uint8_t (*digests)[AWH_DIGEST_BYTES];
	struct admwh_bearer *bearers;
	size_t n_items;
	size_t capacity;
	int references; /* atomic */
};

struct awh_tokens *awh_tokens_new(void)
{
	struct awh_tokens *tokens = calloc(1, sizeof(*tokens));

	if (tokens)
		tokens->references = 1;
	return tokens;
}

struct awh_tokens *awh_tokens_ref(struct awh_tokens *tokens)
{
	__atomic_add_fetch(&tokens->references, 1, __ATOMIC_RELAXED);
	return tokens;
}

void awh_tokens_unref(struct awh_tokens *tokens)
{
	if (!tokens || __atomic_sub_fetch(&tokens->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(tokens->digests);
	free(tokens->bearers);
	awh_arena_deinit(&tokens->arena);
	free(tokens);
}

size_t awh_tokens_count(const struct awh_tokens *tokens)
{
	return tokens->n_items;
}

static bool make_room(struct awh_tokens *tokens)
{
	size_t capacity = tokens->capacity ? tokens->capacity * 2 : FIRST_CAPACITY;
	void *digests, *bearers;

	if (tokens->n_items < tokens->capacity)
		return true;
	digests = realloc(tokens->digests, capacity * sizeof(*tokens->digests));
	if (digests)
		tokens->digests = digests;
	bearers = realloc(tokens->bearers, capacity * sizeof(*tokens->bearers));
	if (bearers)
		tokens->bearers = bearers;
	if (!digests || !bearers)
		return false;
	tokens->capacity = capacity;
	return true;
}

/* All ones when the digests are equal, else 0; in the same time either way. */
static size_t equal_mask(const uint8_t *a, const uint8_t *b)
{
	uint64_t difference = 0;
	volatile uint64_t hidden; /* so that the compiler cannot return early */

	for (size_t i = 0; i < AWH_DIGEST_BYTES; i += sizeof(uint64_t)) {
		uint64_t left, right;

		memcpy(&left, a + i, sizeof(left));
		memcpy(&right, b + i, sizeof(right));
		difference |= left ^ right;
	}
	hidden = difference;
	difference = hidden;
	return (size_t)((difference | (0 - difference)) >> 63) - 1;
}

/* Number of the token with this digest, counted from 1; 0: none. Every one is compared. */
static size_t find(const struct awh_tokens *tokens, const uint8_t *digest)
{
	size_t found = 0;

	for (size_t i = 0; i < tokens->n_items; i++)
		found |= equal_mask(tokens->digests[i], digest) & (i + 1);
	return found;
}

static bool is_name(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return len >= 1 && len <= NAME_BYTES_MAX && awh_text_is_clean(text, len);
}

/* Not in constant time: only the reader of the token file asks. */
static bool is_there(const struct awh_tokens *tokens, const uint8_t *digest)
{
	for (size_t i = 0; i < tokens->n_items; i++)
		if (memcmp(tokens->digests[i], digest, AWH_DIGEST_BYTES) == 0)
			return true;
	return false;
}

static int check(const struct awh_tokens *tokens, const uint8_t *digest, const char *name,
		 const char *const *groups, size_t n_groups, struct awh_error *error)
{
	if (!is_name(name))
		return awh_fail(error, ADMWH_E_INVAL,
				"a token's name: expected 1 to %d bytes "
				"of UTF-8 without control characters",
				NAME_BYTES_MAX);
	for (size_t i = 0; i < n_groups; i++)
		if (!is_name(groups[i]))
			return awh_fail(error, ADMWH_E_INVAL,
					"a token's group: expected 1 to %d bytes of UTF-8 without "
					"control characters",
					NAME_BYTES_MAX);
	if (is_there(tokens, digest))
		return awh_fail(error, ADMWH_E_EXISTS, "this token is there already");
	if (tokens->n_items == AWH_TOKENS_MAX)
		return awh_fail(error, ADMWH_E_LIMIT, "more than %d tokens", AWH_TOKENS_MAX);
	return 0;
}

int awh_tokens_add(struct awh_tokens *tokens, const uint8_t *digest, const char *name,
		   const char *const *groups, size_t n_groups, struct awh_error *error)
{
	const char **copies;
	const char *copy;
	int err = check(tokens, digest, name, groups, n_groups, error);

	if (err)
		return err;
	copy = awh_arena_strndup(&tokens->arena, name, strlen(name));
	copies = awh_arena_array(&tokens->arena, n_groups + 1, sizeof(*copies));
	if (!copy || !copies || !make_room(tokens))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n_groups; i++) {
		copies[i] = awh_arena_strndup(&tokens->arena, groups[i], strlen(groups[i]));
		if (!copies[i])
			return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	memcpy(tokens->digests[tokens->n_items], digest, AWH_DIGEST_BYTES);
	tokens->bearers[tokens->n_items++] =
	    (struct admwh_bearer){.name = copy, .groups = copies, .n_groups = n_groups};
	return 0;
}

const struct admwh_bearer *awh_tokens_find(const struct awh_tokens *tokens, const uint8_t *digest)
{
	size_t number = tokens ? find(tokens, digest) : 0;

	return number ? &tokens->bearers[number - 1] : NULL;
}

bool awh_bearer_is_in(const struct admwh_bearer *bearer, const char *group)
{
	for (size_t i = 0; i < bearer->n_groups; i++)
		if (strcmp(bearer->groups[i], group) == 0)
			return true;
	return false;
}

bool awh_token_is_valid(const char *token, size_t len)
{
	if (len < 1 || len > AWH_TOKEN_BYTES_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!awh_is_visible(token[i]))
			return false;
	return true;
}

const char *awh_bearer_token(const char *authorization, bool bare, size_t *len)
{
	static const char scheme[] = "Bearer";
	const size_t scheme_len = sizeof(scheme) - 1;
	const char *token = authorization;

	if (!authorization)
		return NULL;
	if (strncasecmp(authorization, scheme, scheme_len) == 0 &&
	    (authorization[scheme_len] == ' ' || authorization[scheme_len] == '\0')) {
		token += scheme_len;
		token += strspn(token, " ");
	} else if (!bare) {
		return NULL;
	}
	*len = strlen(token);
	return awh_token_is_valid(token, *len) ? token : NULL;
}
