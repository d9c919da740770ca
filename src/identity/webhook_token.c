/* SPDX-License-Identifier: MIT */
#include "identity/webhook_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const names[] = {
#define NAME(id, name, reason) name,
    AWH_TOKEN_RESULT_MAP(NAME)
#undef NAME
};

static const char *const reasons[] = {
#define REASON(id, name, reason) reason,
    AWH_TOKEN_RESULT_MAP(REASON)
#undef REASON
};

const char *awh_token_result_name(enum awh_token_result result)
{
	return names[result];
}

const char *awh_token_result_reason(enum awh_token_result result)
{
	return reasons[result];
}

struct awh_webhook_token *awh_webhook_token_new(void)
{
	struct awh_webhook_token *token = calloc(1, sizeof(*token));

	if (!token)
		return NULL;
	token->references = 1;
	token->bearer.webhook = &token->facts;
	return token;
}

struct awh_webhook_token *awh_webhook_token_ref(struct awh_webhook_token *token)
{
	__atomic_add_fetch(&token->references, 1, __ATOMIC_RELAXED);
	return token;
}

void awh_webhook_token_unref(struct awh_webhook_token *token)
{
	if (!token || __atomic_sub_fetch(&token->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	awh_arena_deinit(&token->arena);
	free(token);
}

bool awh_token_origin_is_valid(const char *origin)
{
	static const char scheme[] = "https://";
	const char *host = origin + sizeof(scheme) - 1;

	if (strnlen(origin, AWH_TOKEN_ORIGIN_MAX + 1) > AWH_TOKEN_ORIGIN_MAX ||
	    strncmp(origin, scheme, sizeof(scheme) - 1) != 0 || !*host)
		return false;
	for (const char *c = host; *c; c++)
		if (!awh_is_visible(*c) || strchr("/?#@\"\\", *c))
			return false;
	return true;
}

bool awh_token_is_for(const char *audience, const char *const *origins, size_t n_origins,
		      const char *path)
{
	for (size_t i = 0; i < n_origins; i++) {
		const size_t len = strlen(origins[i]);

		if (strncmp(audience, origins[i], len) != 0)
			continue;
		if (strcmp(audience + len, path) == 0 || (!audience[len] && strcmp(path, "/") == 0))
			return true;
	}
	return false;
}

enum awh_token_result awh_webhook_token_check_time(const struct awh_webhook_token *token,
						   int64_t now_s)
{
	if (now_s - AWH_TOKEN_SKEW_S >= token->facts.not_after)
		return AWH_TOKEN_EXPIRED;
	return now_s + AWH_TOKEN_SKEW_S < token->not_before ? AWH_TOKEN_EARLY : AWH_TOKEN_OK;
}

bool awh_webhook_token_covers(const struct admwh_webhook_token *facts, const char *api_group)
{
	return strcmp(facts->api_group, "*") == 0 || strcmp(facts->api_group, api_group) == 0;
}
