/* SPDX-License-Identifier: MIT */
/*
 * admwh-rancher: a webhook that answers as Rancher's does, for the rules that need
 * nothing but the object under review, on libadmwh. Of the original's environment it
 * knows what the library's flags have in another form.
 */
#include <string.h>

#include <admwh/admwh.h>

#include "go_time.h"
#include "permissions.h"
#include "refusals.h"
#include "routes.h"

struct options {
	const char *port;
	const char *allowed_cns; /* separated by commas */
	const char *permissions; /* NULL for no file */
	bool debug;
	struct permissions *loaded;
};

/* In the words of the original; whether it is a port is checked as of any address. */
static int set_port(struct admwh_config *config, const char *port)
{
	struct text text = {0};
	int64_t number;
	int err;

	if (go_int_parse("Atoi", port, &number, &text)) {
		text_add(&text, ":%s", port);
		err =
		    text.failed ? ADMWH_E_NOMEM : admwh_config_set_listen(config, text_get(&text));
	} else {
		err = admwh_config_fail(config, ADMWH_E_INVAL,
					"failed to decode webhook port value '%s': %s", port,
					text_get(&text));
	}
	text_deinit(&text);
	return err;
}

/* Split at each comma; nothing is trimmed: " a" is a name that no one has. */
static int allow_names(struct admwh_config *config, const char *list)
{
	int err = 0;

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

static int load_permissions(struct admwh_config *config, struct options *options)
{
	struct text error = {0};
	int err = 0;

	options->loaded = permissions_load(options->permissions, &error);
	if (!options->loaded)
		err = admwh_config_fail(config, ADMWH_E_IO, "--permissions: %s", text_get(&error));
	text_deinit(&error);
	return err;
}

static int configure(struct admwh_config *config, void *userdata)
{
	struct options *options = userdata;
	int err = admwh_config_set_refusal(config, refusals_word, NULL);

	if (!err && options->debug)
		err = admwh_config_set_log(config, ADMWH_LOG_DEBUG, admwh_log_text, NULL);
	if (!err && options->port)
		err = set_port(config, options->port);
	if (!err)
		err = allow_names(config, options->allowed_cns);
	return err ? err : load_permissions(config, options);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct options *options = userdata;

	return routes_add(server, options->loaded);
}

int main(int argc, char **argv)
{
	struct options options = {.allowed_cns = ""};
	const struct admwh_flag flags[] = {
	    {.name = "permissions",
	     .value = "FILE",
	     .help = "permissions of users, see permissions.h; none without it",
	     .text = &options.permissions},
	    {.name = "allowed-cns",
	     .value = "LIST",
	     .help = "common names of callers, separated by commas",
	     .text = &options.allowed_cns,
	     .variable = "ALLOWED_CNS"},
	    {.name = "port",
	     .value = "N",
	     .help = "port to serve on, on all addresses; --listen wins",
	     .text = &options.port,
	     .variable = "CATTLE_PORT"},
	    {.name = "debug",
	     .help = "log more",
	     .on = &options.debug,
	     .variable = "CATTLE_DEBUG RANCHER_DEBUG CATTLE_TRACE"},
	};
	const struct admwh_preset presets[] = {{"client-auth", "request"},
					       {"exempt-path", "/healthz"}};
	const struct admwh_program program = {
	    .name = "admwh-rancher",
	    .about = "Admission rules of Rancher's webhook, served by libadmwh.",
	    .flags = flags,
	    .n_flags = sizeof(flags) / sizeof(flags[0]),
	    .presets = presets,
	    .n_presets = 2,
	    .configure = configure,
	    .setup = set_up,
	    .userdata = &options,
	};
	int status = admwh_program_main(argc, argv, &program);

	permissions_free(options.loaded);
	return status;
}
