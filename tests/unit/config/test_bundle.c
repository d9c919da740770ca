/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"
#include "config/bundle.h"
#include "config/tokens.h"

static char path[] = "/tmp/admwh-identity-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : -1;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static const char *file_of(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	return path;
}

static int set_up(void **state)
{
	struct admwh_config *config = admwh_config_new();

	*state = config;
	return config ? set_up_config(config) : -1;
}

static int tear_down(void **state)
{
	admwh_config_free(*state);
	return 0;
}

static struct admwh_bundle *bundle_of(struct admwh_config *config)
{
	struct admwh_bundle *bundle = admwh_config_bundle(config, "default");

	assert_non_null(bundle);
	return bundle;
}

static void a_rule_that_fails_changes_nothing_and_says_why(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_bundle *bundle = bundle_of(config);
	size_t n = bundle->rules.n_items;

	assert_int_equal(admwh_bundle_allow(NULL, ADMWH_RULE_CN, "a"), ADMWH_E_NOMEM);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_IP, "10.0.0.0/8"), ADMWH_E_INVAL);
	assert_string_equal(admwh_config_error(config),
			    "ip:10.0.0.0/8: expected an IPv4 or IPv6 address");
	assert_int_equal(admwh_bundle_allow(bundle, (enum admwh_rule)42, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_CN, ""), ADMWH_E_INVAL);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_CN, NULL), ADMWH_E_INVAL);
	assert_int_equal(bundle->rules.n_items, n);
}

static void a_file_that_fails_leaves_the_one_before(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_bundle *bundle = bundle_of(config);
	struct awh_bundle_files files;
	struct awh_fault fault = {0};

	assert_int_equal(admwh_bundle_allow_file(bundle, file_of("cn:first\n")), 0);
	assert_int_equal(admwh_bundle_allow_file(bundle, file_of("cn:second\nthird\n")),
			 ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), path));
	assert_non_null(strstr(admwh_config_error(config), ": line 2: expected cn:"));
	assert_int_equal(admwh_bundle_allow_file(bundle, "/no/such/file"), ADMWH_E_IO);
	assert_int_equal(admwh_bundle_allow_file(bundle, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_bundle_deny_file(bundle, file_of("cn:a\n")), ADMWH_E_INVAL);
	assert_int_equal(admwh_bundle_deny_file(bundle, file_of("")), ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "the deny file is empty"));
	assert_int_equal(admwh_bundle_deny_file(bundle, file_of("serial:10\nserial:1")),
			 ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "the last line has no end"));
	assert_int_equal(awh_bundle_files_read(&files, bundle, &config->sources, &fault), 0);
	assert_int_equal(files.allow.n_items, 1);
	assert_string_equal(files.allow.items[0].text, "cn:first");
	assert_int_equal(files.deny.n_items, 0);
	awh_bundle_files_deinit(&files);
}

static int refuse_all(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	(void)text, (void)len, (void)tokens, (void)userdata;
	return -1;
}

/* Adds what no token can be, and goes on as if nothing had happened. */
static int add_badly(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	static const char *const groups[] = {"g", "\n"};
	char long_token[AWH_TOKEN_BYTES_MAX + 2];

	memset(long_token, 't', sizeof(long_token) - 1);
	long_token[sizeof(long_token) - 1] = '\0';
	assert_int_equal(strlen(text), len);
	assert_int_equal(admwh_tokens_add(NULL, "t", "n", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, NULL, "n", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "", "n", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "a b", "n", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, long_token, "n", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "t", NULL, NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "t", "n", NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "t", "n", groups, 2), ADMWH_E_INVAL);
	assert_int_equal(admwh_tokens_add(tokens, "t", "n", groups, 1), 0);
	assert_int_equal(admwh_tokens_add(tokens, "t", "m", NULL, 0), ADMWH_E_EXISTS);
	assert_int_equal(admwh_tokens_add(tokens, long_token + 1, "n", NULL, 0), 0);
	*(int *)userdata += 1;
	return 0;
}

static void a_token_file_that_fails_leaves_the_one_before(void **state)
{
	struct admwh_config *config = *state;
	struct awh_tokens *tokens;

	assert_int_equal(admwh_config_set_token_file(config, file_of("s3cret,n,u\n"), NULL, NULL),
			 0);
	assert_int_equal(
	    admwh_config_set_token_file(config, file_of("other,n,u\ns3cret"), NULL, NULL),
	    ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "line 2"));
	assert_null(strstr(admwh_config_error(config), "s3cret"));
	assert_int_equal(admwh_config_set_token_file(config, path, refuse_all, NULL),
			 ADMWH_E_INVAL);
	assert_null(config->token_reader);
	assert_int_equal(awh_tokens_read(&tokens, config, &config->sources, NULL), 0);
	assert_non_null(awh_tokens_bearer(tokens, "Bearer s3cret", false));
	assert_null(awh_tokens_bearer(tokens, "Bearer other", false));
	assert_null(awh_tokens_bearer(tokens, "s3cret", false));
	assert_non_null(awh_tokens_bearer(tokens, "s3cret", true));
	assert_null(awh_tokens_bearer(NULL, "Bearer s3cret", true));
	awh_tokens_unref(tokens);
}

static void a_reader_of_the_program_adds_what_can_be_a_token(void **state)
{
	struct admwh_config *config = *state;
	struct awh_tokens *tokens;
	int calls = 0;

	assert_int_equal(admwh_config_set_token_file(config, file_of("x"), add_badly, &calls), 0);
	assert_int_equal(calls, 1);
	assert_int_equal(awh_tokens_read(&tokens, config, &config->sources, NULL), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(awh_tokens_count(tokens), 2);
	assert_string_equal(awh_tokens_bearer(tokens, "Bearer t", false)->name, "n");
	awh_tokens_unref(tokens);
}

static void is_not_frozen_by_what_it_refuses(void **state)
{
	struct admwh_config *config = *state;

	assert_int_equal(admwh_bundle_allow_any_name(bundle_of(config)), 0);
	assert_null(admwh_server_new(config)); /* any name, and a name */
	assert_non_null(strstr(admwh_config_error(config), "choose one"));
	assert_int_equal(admwh_bundle_allow(bundle_of(config), ADMWH_RULE_OU, "x"), 0);
}

static void is_frozen_once_a_server_has_it(void **state)
{
	struct admwh_config *config = *state;
	struct admwh_server *server = admwh_server_new(config);
	struct admwh_bundle *bundle = config->bundles[0];

	assert_non_null(server);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_OU, "x"), ADMWH_E_STATE);
	assert_int_equal(admwh_bundle_allow_file(bundle, path), ADMWH_E_STATE);
	assert_int_equal(admwh_bundle_deny_file(bundle, path), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_token_file(config, path, NULL, NULL), ADMWH_E_STATE);
	assert_int_equal(admwh_config_set_bare_tokens(config, true), ADMWH_E_STATE);
	assert_int_equal(admwh_config_insecure_observe(config), ADMWH_E_STATE);
	admwh_server_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_rule_that_fails_changes_nothing_and_says_why, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_file_that_fails_leaves_the_one_before, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_token_file_that_fails_leaves_the_one_before, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_reader_of_the_program_adds_what_can_be_a_token,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(is_not_frozen_by_what_it_refuses, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(is_frozen_once_a_server_has_it, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("identity", tests, make_file, remove_file);
}
