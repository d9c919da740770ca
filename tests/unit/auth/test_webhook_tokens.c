/* SPDX-License-Identifier: MIT */
/*
 * Webhook tokens, good ones and a table of forgeries that make_tokens.py makes:
 * each has the one result that the table says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "../temp_folder.h"
#include "auth/webhook_tokens.h"
#include "config/check.h"
#include "config/webhook_tokens.h"
#include "identity/tokens.h"

#define ISSUER "https://kubernetes.default.svc.cluster.local"
#define ORIGIN "https://pods.policy.svc:443"

enum { PATH_SIZE = 4096 };

static json_t *table;

static const char *made(const char *name)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", getenv("ADMWH_TOKENS"), name);
	return path;
}

static int load_table(void **state)
{
	json_error_t error;

	table = json_load_file(made("index.json"), 0, &error);
	return table ? make_folder(state) : -1;
}

static int free_table(void **state)
{
	json_decref(table);
	return remove_folder(state);
}

static const char *text(const json_t *one, const char *name)
{
	return json_string_value(json_object_get(one, name));
}

static const json_t *find(const char *name)
{
	for (size_t i = 0; i < json_array_size(table); i++)
		if (strcmp(text(json_array_get(table, i), "name"), name) == 0)
			return json_array_get(table, i);
	fail_msg("no case \"%s\"", name);
	return NULL;
}

/* 0, or what the first setter that failed returned. */
static int set_up(struct admwh_config *config, const char *jwks)
{
	int err = admwh_config_experimental_set_token_issuer(config, ISSUER);

	if (err == 0)
		err = admwh_config_experimental_set_token_keys_file(config, jwks);
	if (err == 0)
		err = admwh_config_experimental_add_token_origin(config, ORIGIN);
	if (err == 0)
		err = admwh_config_experimental_add_token_origin(config,
								 "https://admission.example:8443");
	if (err == 0)
		err = admwh_config_experimental_allow_webhook(config, ADMWH_WEBHOOK_VALIDATING,
							      "pods-policy");
	return err ? err
		   : admwh_config_experimental_allow_webhook(config, ADMWH_WEBHOOK_MUTATING,
							     "pods-policy");
}

struct world {
	struct admwh_config *config;
	struct awh_webhook_tokens *tokens;
};

static struct world make_world(const char *jwks)
{
	struct world world = {.config = admwh_config_new()};
	struct awh_error error = {0};

	assert_int_equal(set_up(world.config, jwks), 0);
	if (awh_webhook_tokens_new(&world.tokens, world.config, &world.config->sources, &error))
		fail_msg("%s", error.text);
	assert_non_null(world.tokens);
	return world;
}

static void end_world(struct world *world)
{
	awh_webhook_tokens_free(world->tokens);
	admwh_config_free(world->config);
}

static enum awh_token_result check(struct awh_webhook_tokens *tokens, const json_t *one,
				   struct awh_webhook_token **found)
{
	const char *token = text(one, "token");

	*found = NULL;
	return awh_webhook_tokens_check(tokens, token, strlen(token), text(one, "path"), found);
}

static void check_case(struct awh_webhook_tokens *tokens, const json_t *one)
{
	struct awh_webhook_token *found;
	const char *got = awh_token_result_name(check(tokens, one, &found));

	if (strcmp(got, text(one, "result")) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", text(one, "name"), got, text(one, "result"));
	assert_true((strcmp(got, "ok") == 0) == (found != NULL));
	awh_webhook_token_unref(found);
}

/* Twice: what is remembered of the first time changes nothing. */
static void each_token_has_its_result(void **state)
{
	struct world several = make_world(made("jwks.json")), one = make_world(made("one.json"));

	(void)state;
	assert_true(json_array_size(table) > 150);
	assert_int_equal(awh_webhook_tokens_keys(several.tokens), 6);
	for (size_t i = 0; i < 2 * json_array_size(table); i++) {
		const json_t *item = json_array_get(table, i % json_array_size(table));
		bool is_one = strcmp(text(item, "jwks"), "one.json") == 0;

		check_case(is_one ? one.tokens : several.tokens, item);
	}
	end_world(&several);
	end_world(&one);
}

/* Any byte of a good token that is another one makes it a bad one. */
static void no_byte_of_a_token_can_be_another(void **state)
{
	struct world world = make_world(made("jwks.json"));
	char token[AWH_TOKEN_BYTES_MAX + 1];
	struct awh_webhook_token *found = NULL;
	size_t len;

	(void)state;
	snprintf(token, sizeof(token), "%s", text(find("signed by ES256"), "token"));
	len = strlen(token);
	for (size_t i = 0; i < len; i++) {
		const char was = token[i];

		token[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(
		    awh_webhook_tokens_check(world.tokens, token, len, "/validate", &found),
		    AWH_TOKEN_OK);
		assert_null(found);
		token[i] = was;
		assert_int_not_equal(
		    awh_webhook_tokens_check(world.tokens, token, i, "/validate", &found),
		    AWH_TOKEN_OK);
	}
	assert_int_equal(awh_webhook_tokens_check(world.tokens, token, len, "/validate", &found),
			 AWH_TOKEN_OK);
	awh_webhook_token_unref(found);
	end_world(&world);
}

static void tells_what_a_token_says(void **state)
{
	struct world world = make_world(made("jwks.json"));
	const struct admwh_webhook_token *facts;
	struct awh_webhook_token *found;

	(void)state;
	assert_int_equal(check(world.tokens, find("signed by RS256"), &found), AWH_TOKEN_OK);
	facts = found->bearer.webhook;
	assert_ptr_equal(facts, &found->facts);
	assert_string_equal(found->bearer.name, "system:serviceaccount:kube-system:webhook-auth");
	assert_int_equal(found->bearer.n_groups, 3);
	assert_string_equal(found->bearer.groups[0], "system:serviceaccounts");
	assert_string_equal(found->bearer.groups[1], "system:serviceaccounts:kube-system");
	assert_string_equal(found->bearer.groups[2], "system:authenticated");
	assert_string_equal(facts->issuer, ISSUER);
	assert_string_equal(facts->id, "3f5a2f1c-3a52-4c0b-8b45-2ad1a05a4f2c");
	assert_string_equal(facts->ns, "kube-system");
	assert_string_equal(facts->service_account, "webhook-auth");
	assert_string_equal(facts->service_account_uid, "5b3e4d57-2d0e-4d7d-9c53-6f1f16a6c0f9");
	assert_int_equal(facts->kind, ADMWH_WEBHOOK_VALIDATING);
	assert_string_equal(facts->webhook, "pods-policy");
	assert_string_equal(facts->webhook_uid, "0d4ba2b5-6a0f-4b4c-a3d1-4d6a8a8b0a01");
	assert_string_equal(facts->api_group, "*");
	assert_int_equal(facts->not_after, 4102444800);
	awh_webhook_token_unref(found);
	assert_int_equal(check(world.tokens, find("no jti, nbf, iat"), &found), AWH_TOKEN_OK);
	assert_null(found->facts.id);
	awh_webhook_token_unref(found);
	end_world(&world);
}

/* A token that is remembered is still held to the path, and outlives its place. */
static void what_is_remembered_is_the_signature_alone(void **state)
{
	struct world world = make_world(made("jwks.json"));
	const json_t *good = find("signed by RS256");
	struct awh_webhook_token *first, *second, *other = NULL;
	const char *token = text(good, "token");

	(void)state;
	assert_int_equal(check(world.tokens, good, &first), AWH_TOKEN_OK);
	assert_int_equal(check(world.tokens, good, &second), AWH_TOKEN_OK);
	assert_ptr_equal(first, second);
	assert_int_equal(
	    awh_webhook_tokens_check(world.tokens, token, strlen(token), "/mutate", &other),
	    AWH_TOKEN_AUDIENCE);
	assert_null(other);
	first->facts.not_after = 1;
	assert_int_equal(check(world.tokens, good, &other), AWH_TOKEN_EXPIRED);
	awh_webhook_token_unref(second);
	end_world(&world);
	assert_string_equal(first->facts.webhook, "pods-policy");
	awh_webhook_token_unref(first);
}

static void a_kind_can_be_allowed_under_any_name(void **state)
{
	struct world world = make_world(made("jwks.json"));
	struct awh_webhook_token *found;

	(void)state;
	assert_int_equal(check(world.tokens, find("bound to configuration other"), &found),
			 AWH_TOKEN_WEBHOOK);
	assert_int_equal(
	    admwh_config_experimental_allow_webhook(world.config, ADMWH_WEBHOOK_VALIDATING, NULL),
	    0);
	assert_int_equal(check(world.tokens, find("bound to configuration other"), &found),
			 AWH_TOKEN_OK);
	awh_webhook_token_unref(found);
	assert_int_equal(check(world.tokens, find("the name of the other kind"), &found),
			 AWH_TOKEN_WEBHOOK);
	end_world(&world);
}

static void setters_check_their_own_part(void **state)
{
	struct admwh_config *config = admwh_config_new();
	static const char *const origins[] = {
	    NULL,
	    "",
	    "https://",
	    "http://pods.policy.svc:443",
	    "HTTPS://pods.policy.svc:443",
	    "https://pods.policy.svc:443/",
	    "https://pods.policy.svc/validate",
	    "https://a@pods.policy.svc",
	    "https://pods.policy.svc?a",
	    "https://pods.policy.svc#a",
	    "https://pods policy.svc",
	    "pods.policy.svc:443",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		assert_int_equal(admwh_config_experimental_add_token_origin(config, origins[i]),
				 ADMWH_E_INVAL);
	assert_int_equal(admwh_config_experimental_add_token_origin(config, ORIGIN), 0);
	assert_int_equal(admwh_config_experimental_add_token_origin(config, ORIGIN),
			 ADMWH_E_EXISTS);
	assert_int_equal(admwh_config_experimental_set_token_issuer(config, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_experimental_set_token_issuer(config, ""), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_experimental_set_token_issuer(config, "a\n"), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_experimental_set_token_keys_file(config, NULL),
			 ADMWH_E_INVAL);
	assert_int_equal(
	    admwh_config_experimental_set_token_keys_file(config, in_folder("nothing")),
	    ADMWH_E_IO);
	assert_int_equal(admwh_config_experimental_allow_webhook(config, 0, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_experimental_allow_webhook(config, 3, "a"), ADMWH_E_INVAL);
	assert_int_equal(
	    admwh_config_experimental_allow_webhook(config, ADMWH_WEBHOOK_MUTATING, ""),
	    ADMWH_E_INVAL);
	admwh_config_free(config);
}

/* All four, or none; each bit leaves one out. */
static void what_is_set_in_part_keeps_a_server_from_starting(void **state)
{
	static const char *const texts[] = {
	    "webhook tokens: no issuer is set",
	    "webhook tokens: no file of the issuer's keys is set",
	    "webhook tokens: no origin of the webhook's URLs is set",
	    "webhook tokens: no webhook configuration is allowed",
	};

	(void)state;
	for (unsigned int set = 1; set < 15; set++) {
		struct admwh_config *config = admwh_config_new();
		struct awh_error error = {0};
		size_t missing = 0;

		if (set & 1)
			assert_int_equal(admwh_config_experimental_set_token_issuer(config, "a"),
					 0);
		if (set & 2)
			assert_int_equal(admwh_config_experimental_set_token_keys_file(
					     config, made("jwks.json")),
					 0);
		if (set & 4)
			assert_int_equal(admwh_config_experimental_add_token_origin(config, ORIGIN),
					 0);
		if (set & 8)
			assert_int_equal(admwh_config_experimental_allow_webhook(
					     config, ADMWH_WEBHOOK_MUTATING, NULL),
					 0);
		while (set >> missing & 1)
			missing++;
		assert_int_equal(awh_webhook_tokens_check_config(config, &error), ADMWH_E_INVAL);
		assert_string_equal(error.text, texts[missing]);
		admwh_config_free(config);
	}
}

/* One run: set up, verify, give up. An allocation that fails is told, and nothing is accepted. */
static void run(bool failed)
{
	struct admwh_config *config = admwh_config_new();
	struct awh_webhook_tokens *tokens = NULL;
	struct awh_webhook_token *found = NULL;
	struct awh_error error = {0};
	int err = config ? set_up(config, made("jwks.json")) : ADMWH_E_NOMEM;
	enum awh_token_result result = AWH_TOKEN_ERROR;

	if (err == 0)
		err = awh_webhook_tokens_new(&tokens, config, &config->sources, &error);
	assert_true(err == 0 || (failed && err == ADMWH_E_NOMEM));
	if (err == 0)
		result = check(tokens, find("signed by ES256"), &found);
	assert_true((result == AWH_TOKEN_OK) == (found != NULL));
	assert_true(result == AWH_TOKEN_OK || (failed && result == AWH_TOKEN_ERROR));
	awh_webhook_token_unref(found);
	awh_webhook_tokens_free(tokens);
	admwh_config_free(config);
}

static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	with_failing_allocations(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_token_has_its_result),
	    cmocka_unit_test(no_byte_of_a_token_can_be_another),
	    cmocka_unit_test(tells_what_a_token_says),
	    cmocka_unit_test(what_is_remembered_is_the_signature_alone),
	    cmocka_unit_test(a_kind_can_be_allowed_under_any_name),
	    cmocka_unit_test(setters_check_their_own_part),
	    cmocka_unit_test(what_is_set_in_part_keeps_a_server_from_starting),
	    cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, load_table, free_table);
}
