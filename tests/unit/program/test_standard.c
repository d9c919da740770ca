/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <admwh/log.h>

#include "config/config.h"
#include "program/options.h"

enum { MOST = 8 };

static const struct admwh_program program = {.name = "x"};

/* Apply a command line to a config. "PKI/" becomes the folder of the certificates. */
static int apply(struct admwh_config *config, const char *const *arguments, struct awh_error *error)
{
	static char copies[MOST][1024];
	char *argv[MOST + 2] = {(char[]){"x"}};
	struct awh_options options = {.program = &program};
	int argc = 1, err;

	for (; *arguments; arguments++, argc++) {
		const char *pki = strstr(*arguments, "PKI/");
		char *copy = argv[argc] = copies[argc - 1];

		snprintf(copy, sizeof(copies[0]), "%.*s%s%s", pki ? (int)(pki - *arguments) : 1000,
			 *arguments, pki ? getenv("ADMWH_PKI") : "", pki ? pki + 3 : "");
	}
	*error = (struct awh_error){0};
	err = awh_options_read(&options, argc, argv, error);
	if (err == 0)
		err = awh_options_apply(&options, config, error);
	awh_options_deinit(&options);
	return err;
}

static void names_the_flag_that_is_wrong(void **state)
{
	static const struct {
		const char *arguments[MOST];
		int err;
		const char *error; /* what it begins with */
	} cases[] = {
	    {{"--listen=nowhere"}, ADMWH_E_INVAL, "--listen: "},
	    {{"--listen=:99999"}, ADMWH_E_INVAL, "--listen: "},
	    {{"--conversion-listen=9"}, ADMWH_E_INVAL, "--conversion-listen: "},
	    {{"--health-listen=9"}, ADMWH_E_INVAL, "--health-listen: "},
	    {{"--ready-path=a"}, ADMWH_E_INVAL, "--ready-path: "},
	    {{"--reload=yes"}, ADMWH_E_INVAL, "--reload: expected on|off, not \"yes\""},
	    {{"--hardening=1"}, ADMWH_E_INVAL, "--hardening: expected on|off, not \"1\""},
	    {{"--tls-cert=PKI/server/ecdsa.crt"}, ADMWH_E_INVAL, "--tls-cert needs --tls-key"},
	    {{"--tls-key=PKI/keys/server.key"}, ADMWH_E_INVAL, "--tls-key needs --tls-cert"},
	    {{"--tls-cert=/nowhere", "--tls-key=k"},
	     ADMWH_E_IO,
	     "--tls-cert, --tls-key: /nowhere: "},
	    {{"--tls-profile=old"},
	     ADMWH_E_INVAL,
	     "--tls-profile: expected intermediate|modern, not \"old\""},
	    {{"--tls-ciphers=NULL"}, ADMWH_E_INVAL, "--tls-ciphers: "},
	    {{"--client-ca=/nowhere"}, ADMWH_E_IO, "--client-ca: /nowhere: "},
	    {{"--client-ca=scanner=/nowhere"}, ADMWH_E_IO, "--client-ca: /nowhere: "},
	    {{"--client-ca=./a=b"}, ADMWH_E_IO, "--client-ca: ./a=b: "},
	    {{"--client-ca=a="}, ADMWH_E_IO, "--client-ca: "},
	    {{"--client-allow=kube-apiserver"}, ADMWH_E_INVAL, "--client-allow: expected any, cn:"},
	    {{"--client-allow=cn"}, ADMWH_E_INVAL, "--client-allow: expected any, cn:"},
	    {{"--client-allow=CN:a"}, ADMWH_E_INVAL, "--client-allow: expected any, cn:"},
	    {{"--client-allow=cn:"}, ADMWH_E_INVAL, "--client-allow: "},
	    {{"--client-allow=a=ip:x"}, ADMWH_E_INVAL, "--client-allow: "},
	    {{"--client-auth=none"}, ADMWH_E_INVAL, "--client-auth: expected handshake|request"},
	    {{"--token-file=/nowhere"}, ADMWH_E_IO, "--token-file: /nowhere: "},
	    {{"--experimental-token-issuer=\x01"}, ADMWH_E_INVAL, "--experimental-token-issuer: "},
	    {{"--experimental-token-keys=/nowhere"},
	     ADMWH_E_IO,
	     "--experimental-token-keys: /nowh"},
	    {{"--experimental-token-origin=a.svc"}, ADMWH_E_INVAL, "--experimental-token-origin: "},
	    {{"--experimental-token-webhook=a"},
	     ADMWH_E_INVAL,
	     "--experimental-token-webhook: expected validating/NAME or mutating/NAME, not \"a\""},
	    {{"--experimental-token-webhook=validating/"},
	     ADMWH_E_INVAL,
	     "--experimental-token-webhook: expected validating/NAME"},
	    {{"--experimental-token-webhook=valid/a"},
	     ADMWH_E_INVAL,
	     "--experimental-token-webhook: expected validating/NAME"},
	    {{"--record-folder=/nowhere/a"}, ADMWH_E_IO, "--record-folder: /nowhere/a: "},
	    {{"--record-kind=Secret"}, ADMWH_E_INVAL, "--record-kind: record: Secret is never"},
	    {{"--record-files=0"}, ADMWH_E_INVAL, "--record-files: "},
	    {{"--processes=many"}, ADMWH_E_INVAL, "--processes: expected a number, not \"many\""},
	    {{"--processes=-1"}, ADMWH_E_INVAL, "--processes: expected a number, not \"-1\""},
	    {{"--processes=257"}, ADMWH_E_INVAL, "--processes: "},
	    {{"--threads=99999999999"}, ADMWH_E_INVAL, "--threads: expected a number"},
	    {{"--workers=4097"}, ADMWH_E_INVAL, "--workers: "},
	    {{"--log-format=xml"}, ADMWH_E_INVAL, "--log-format: expected text|json, not \"xml\""},
	    {{"--log-level=trace"},
	     ADMWH_E_INVAL,
	     "--log-level: expected debug|info|warning|error"},
	    {{"--limit=body"}, ADMWH_E_INVAL, "--limit: expected NAME=VALUE, not \"body\""},
	    {{"--limit=bodies=1"},
	     ADMWH_E_INVAL,
	     "--limit: there is no such limit; those there are: body "},
	    {{"--limit==1"}, ADMWH_E_INVAL, "--limit: there is no such limit"},
	    {{"--limit=body="}, ADMWH_E_INVAL, "--limit: expected a number"},
	    {{"--limit=body=4s"}, ADMWH_E_INVAL, "--limit: expected a number"},
	    {{"--limit=body=4mi"}, ADMWH_E_INVAL, "--limit: expected a number"},
	    {{"--limit=queue=4Ki"}, ADMWH_E_INVAL, "--limit: expected a number"},
	    {{"--limit=deadline=1h"}, ADMWH_E_INVAL, "--limit: expected a number"},
	    {{"--limit=deadline=61m"}, ADMWH_E_INVAL, "--limit: "},
	    {{"--limit=body=999999999999999999Gi"}, ADMWH_E_INVAL, "--limit: expected a number"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = admwh_config_new();
		struct awh_error error;

		if (apply(config, cases[i].arguments, &error) != cases[i].err ||
		    strncmp(error.text, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("%s: %d, %s", cases[i].arguments[0], error.code, error.text);
		admwh_config_free(config);
	}
}

static void sets_what_a_flag_says(void **state)
{
	static const char *const lines[][MOST] = {
	    {"--listen=:1", "--health-listen=:2", "--health-host=h.example", "--ready-path=/r"},
	    {"--conversion-listen=:3"},
	    {"--start-unready", "--reload=off", "--tls-profile=modern", "--aes-offload=off"},
	    {"--client-auth=request", "--exempt-path=/e", "--warn-path=/w", "--close-untrusted=off",
	     "--bare-tokens"},
	    {"--experimental-token-issuer=i", "--experimental-token-origin=https://a.svc:443",
	     "--experimental-token-webhook=validating/v",
	     "--experimental-token-webhook=mutating/*"},
	    {"--insecure-observe", "--insecure-no-client-auth", "--insecure-plain-http"},
	    {"--processes=2", "--threads=3", "--workers=4", "--hardening=on"},
	    {"--log-format=json", "--log-level=error"},
	    {"--limit=body=4Mi", "--limit=deadline=8s", "--limit=idle-time=2m", "--limit=queue=7"},
	    {"--tls-ciphers=TLS13-AES256-GCM-SHA384", "--limit=header-time=20ms"},
	};
	struct admwh_config *config = admwh_config_new();
	struct awh_error error;

	(void)state;
	assert_int_equal(admwh_config_set_log(config, ADMWH_LOG_INFO, admwh_log_text, NULL), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (apply(config, lines[i], &error))
			fail_msg("%s: %s", lines[i][0], error.text);
	assert_true(config->has_health && awh_text_list_has(&config->health_hosts, "h.example"));
	assert_true(awh_text_list_has(&config->ready_paths, "/r") && config->has_conversion);
	assert_true(config->start_unready && !config->reload && !config->aes_offload);
	assert_int_equal(config->tls_profile, ADMWH_TLS_MODERN);
	assert_int_equal(config->auth, ADMWH_CLIENT_AUTH_REQUEST);
	assert_true(awh_text_list_has(&config->warn_paths, "/w"));
	assert_true(awh_text_list_has(&config->exempt, "/e") && !config->close_untrusted);
	assert_string_equal(config->token_issuer, "i");
	assert_true(awh_text_list_has(&config->token_origins, "https://a.svc:443"));
	assert_true(awh_text_list_has(&config->webhooks[ADMWH_WEBHOOK_VALIDATING].list, "v"));
	assert_true(config->webhooks[ADMWH_WEBHOOK_MUTATING].any);
	assert_false(config->webhooks[ADMWH_WEBHOOK_VALIDATING].any);
	assert_true(config->bare_tokens && config->observe && config->insecure && config->plain);
	assert_int_equal(config->processes * 100 + config->threads * 10 + config->workers, 234);
	assert_true(config->hardening && config->log.sink == admwh_log_json);
	assert_int_equal(config->log.level, ADMWH_LOG_ERROR);
	assert_int_equal(config->limits[ADMWH_LIMIT_BODY], 4 << 20);
	assert_int_equal(config->limits[ADMWH_LIMIT_DEADLINE], 8000);
	assert_int_equal(config->limits[ADMWH_LIMIT_IDLE_TIME], 120000);
	assert_int_equal(config->limits[ADMWH_LIMIT_HEADER_TIME], 20);
	assert_int_equal(config->limits[ADMWH_LIMIT_QUEUE], 7);
	assert_string_equal(config->tls_ciphers, "TLS13-AES256-GCM-SHA384");
	admwh_config_free(config);
}

static void puts_files_and_rules_into_bundles(void **state)
{
	static const char *const arguments[] = {"--tls-cert=PKI/server/ecdsa.crt",
						"--tls-key=PKI/keys/server.key",
						"--client-ca=PKI/ca/good.crt",
						"--client-ca=scanner=PKI/ca/rogue.crt",
						"--client-allow=cn:a=b",
						"--client-allow=scanner=any",
						NULL};
	struct admwh_config *config = admwh_config_new();
	struct awh_error error;

	(void)state;
	if (apply(config, arguments, &error))
		fail_msg("%s", error.text);
	assert_int_equal(config->n_bundles, 2);
	assert_string_equal(config->bundles[0]->name, "default");
	assert_int_equal(config->bundles[0]->rules.n_items, 1);
	assert_false(config->bundles[0]->any_name);
	assert_string_equal(config->bundles[1]->name, "scanner");
	assert_true(config->bundles[1]->any_name);
	assert_non_null(awh_sources_find(&config->sources, AWH_SOURCE_CLIENT_CA, 1));
	assert_non_null(awh_sources_find(&config->sources, AWH_SOURCE_CERTIFICATE, 0));
	admwh_config_free(config);
}

/* A file of rules, which the caller removes. */
static void write_rules(char *name, const char *rule)
{
	int fd = mkstemp(name);

	assert_int_equal(write(fd, rule, strlen(rule)), strlen(rule));
	close(fd);
}

static void a_bundle_takes_one_file_of_rules(void **state)
{
	static const struct {
		const char *flag, *bundles[4]; /* "" is default */
		const char *twice;             /* NULL: none is */
	} cases[] = {
	    {"client-allow-file", {"", "a=", "b="}, NULL},
	    {"client-allow-file", {"", "default="}, "default"},
	    {"client-allow-file", {"a=", "b=", "a="}, "a"},
	    {"client-deny-file", {"a=", ""}, NULL},
	    {"client-deny-file", {"", ""}, "default"},
	};
	char allow[] = "/tmp/admwh-allow-XXXXXX", deny[] = "/tmp/admwh-deny-XXXXXX";

	(void)state;
	write_rules(allow, "cn:a\n");
	write_rules(deny, "serial:01\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_config *config = admwh_config_new();
		const char *file = strstr(cases[i].flag, "deny") ? deny : allow, *arguments[5];
		char lines[4][128], message[256];
		struct awh_error error;
		size_t n = 0;

		for (; n < 4 && cases[i].bundles[n]; n++) {
			snprintf(lines[n], sizeof(lines[n]), "--%s=%s%s", cases[i].flag,
				 cases[i].bundles[n], file);
			arguments[n] = lines[n];
		}
		arguments[n] = NULL;
		snprintf(message, sizeof(message),
			 "--%s: bundle \"%s\" takes one file, not both %s and %s", cases[i].flag,
			 cases[i].twice ? cases[i].twice : "", file, file);
		assert_int_equal(apply(config, arguments, &error),
				 cases[i].twice ? ADMWH_E_INVAL : 0);
		assert_string_equal(error.text, cases[i].twice ? message : "");
		admwh_config_free(config);
	}
	unlink(allow);
	unlink(deny);
}

/* A row without a setter would be a flag that does nothing. */
static void each_flag_has_one_setter(void **state)
{
	size_t n;
	const struct awh_standard *flags = awh_standard_flags(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct awh_standard *flag = &flags[i];
		int setters = !!flag->text + !!flag->on + !!flag->count + !!flag->bundle_file +
			      !!flag->insecure + !!flag->apply;
		bool is_pair = strcmp(flag->flag.name, "tls-cert") == 0 ||
			       strcmp(flag->flag.name, "tls-key") == 0;

		assert_int_equal(setters, is_pair ? 0 : 1);
		assert_non_null(flag->flag.help);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(flags[j].flag.name, flag->flag.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_flag_that_is_wrong),
	    cmocka_unit_test(sets_what_a_flag_says),
	    cmocka_unit_test(puts_files_and_rules_into_bundles),
	    cmocka_unit_test(a_bundle_takes_one_file_of_rules),
	    cmocka_unit_test(each_flag_has_one_setter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
