/* SPDX-License-Identifier: MIT */
/*
 * admwh-rancher: a webhook that answers as Rancher's does, for the rules that need
 * nothing but the object under review, on libadmwh.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <admwh/admwh.h>

#include "common/address.h"
#include "options.h"
#include "permissions.h"
#include "refusals.h"
#include "routes.h"

/* Split at each comma; nothing is trimmed: " a" is a name that no one has. */
static int allow_names(struct admwh_config *config, const char *list)
{
	int err = *list ? 0 : admwh_config_allow_any_name(config);

	while (*list && !err) {
		size_t len = strcspn(list, ",");
		struct text name = {0};

		text_add_bytes(&name, list, len);
		err = name.failed ? ADMWH_E_NOMEM : admwh_config_allow_cn(config, text_get(&name));
		text_deinit(&name);
		list += len;
		if (*list == ',' && !*++list && !err)
			err = admwh_config_allow_cn(config, ""); /* refused, with its reason */
	}
	return err;
}

/*
 * Who may call. Without a client CA the original serves everyone and says so in a line of its log;
 * here that has to be asked for.
 */
static int trust(struct admwh_config *config, const struct options *options)
{
	int err;

	if (options->no_client_ca && access(options->client_ca, F_OK) != 0 && errno == ENOENT) {
		fprintf(stderr,
			"admwh-rancher: could not read client CA file at %s, incoming requests "
			"will not be authenticated\n",
			options->client_ca);
		return admwh_config_insecure_no_client_auth(config);
	}
	err = admwh_config_add_client_ca_file(config, options->client_ca);
	if (!err)
		err = allow_names(config, options->allowed_cns);
	if (!err)
		err = admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST);
	return err ? err : admwh_config_add_exempt_path(config, "/healthz");
}

static int listen_on(struct admwh_config *config, const struct options *options)
{
	struct text address = {0};
	int err;

	address_add(&address, options->address, options->port);
	err = address.failed ? ADMWH_E_NOMEM : admwh_config_set_listen(config, text_get(&address));
	text_deinit(&address);
	return err;
}

static int configure(struct admwh_config *config, const struct options *options)
{
	int err = admwh_config_set_log(config, options->debug ? ADMWH_LOG_DEBUG : ADMWH_LOG_INFO,
				       options->json_log ? admwh_log_json : admwh_log_text, NULL);

	if (!err)
		err = listen_on(config, options);
	if (!err)
		err = admwh_config_set_keypair_file(config, options->tls_cert, options->tls_key);
	if (!err)
		err = trust(config, options);
	if (!err && options->health)
		err = admwh_config_set_health_listen(config, options->health);
	if (!err)
		err = admwh_config_set_limit(config, ADMWH_LIMIT_LAME_DUCK_TIME,
					     options->lame_duck * 1000);
	if (!err)
		err = admwh_config_set_refusal(config, refusals_word, NULL);
	if (!err)
		err = admwh_config_set_hardening(config, true);
	return err ? err : admwh_config_set_stop_on_signals(config, true);
}

static int complain(const char *what)
{
	fprintf(stderr, "admwh-rancher: %s\n", what);
	return 2;
}

static int serve(const struct options *options, struct permissions *permissions)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server = NULL;
	int status = 0;

	if (configure(config, options) || !(server = admwh_server_new(config)))
		status = complain(admwh_config_error(config));
	else if (routes_add(server, permissions) || admwh_server_run(server))
		status = complain(admwh_server_error(server));
	admwh_server_free(server);
	admwh_config_free(config);
	return status;
}

int main(int argc, char **argv)
{
	struct text text = {0};
	struct permissions *permissions = NULL;
	struct options options;
	enum program_outcome outcome = options_read(&options, argc, argv, &text);
	int status;

	if (outcome != PROGRAM_READ) {
		const struct program program = options_program(&options);

		status = program_tell(&program, outcome, &text);
	} else if (!(permissions = permissions_load(options.permissions, &text))) {
		status = complain(text_get(&text));
	} else {
		status = serve(&options, permissions);
	}
	permissions_free(permissions);
	options_free(&options);
	text_deinit(&text);
	return status;
}
