/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

#include "config_file.h"

/* Tokens are not left lying about in memory that was freed. */
static void wipe(json_t *root)
{
	const json_t *tokens = json_object_get(root, "tokens");

	for (size_t i = 0; i < json_array_size(tokens); i++) {
		const json_t *token = json_object_get(json_array_get(tokens, i), "token");

		if (json_is_string(token))
			explicit_bzero((void *)(uintptr_t)json_string_value(token),
				       json_string_length(token));
	}
}

static int read_token(struct place *place, json_t *object, size_t i, struct admwh_tokens *tokens)
{
	static const char *const names[] = {"token", "role", "name"};
	const char *token, *role, *name;
	char number[32];
	int err;

	if (config_check_members(place, object, names, 3))
		return -1;
	token = config_text(place, object, "token");
	role = token ? config_text(place, object, "role") : NULL;
	if (!role)
		return -1;
	snprintf(number, sizeof(number), "token-%zu", i + 1);
	name = json_object_get(object, "name") ? config_text(place, object, "name") : number;
	if (!name)
		return -1;
	err = admwh_tokens_add(tokens, token, name, &role, 1);
	return err ? config_complain(place, "%s", admwh_strerror(err)) : 0;
}

static int read_tokens(struct place *place, json_t *root, struct admwh_tokens *tokens)
{
	static const char *const names[] = {"tokens"};
	const json_t *list = json_object_get(root, "tokens");

	if (config_check_members(place, root, names, 1))
		return -1;
	config_enter(place, "tokens");
	if (!json_is_array(list))
		return config_complain(place, list ? "expected a list" : "required");
	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t before = config_enter_index(place, i);

		if (read_token(place, json_array_get(list, i), i, tokens))
			return -1;
		config_leave(place, before);
	}
	return 0;
}

int tokens_read(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	struct problem problem = {""};
	struct place place = {.secret = true, .problem = &problem};
	json_t *root = config_parse(&place, text, len);
	int err = root ? read_tokens(&place, root, tokens) : -1;

	(void)userdata;
	wipe(root);
	json_decref(root);
	return err ? admwh_tokens_fail(tokens, "%s", problem.text) : 0;
}
