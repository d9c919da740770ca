/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTE_OPTIONS_MAX = 64 };

const char access_usage[] =
    "  --allow BUNDLE=KIND:VALUE    a rule of any kind (repeatable)\n"
    "  --allow-file BUNDLE=FILE     rules of a file\n"
    "  --deny-file BUNDLE=FILE      a deny list\n"
    "  --tokens FILE                tokens, in kube-apiserver's format\n"
    "  --token-lines FILE           tokens, one a line as TOKEN NAME, by a reader of the probe\n"
    "  --bare-tokens                take tokens without their scheme\n"
    "  --token-issuer ISSUER        of webhook tokens; the next three are about them\n"
    "  --token-keys FILE            a JSON Web Key Set\n"
    "  --token-origin ORIGIN        (repeatable)\n"
    "  --token-webhook KIND[/NAME]  validating or mutating (repeatable)\n"
    "  --record-folder FOLDER       record reviews\n"
    "  --record-kind KIND           of this kind (repeatable)\n"
    "  --record-files N             at most so many\n"
    "  --observe                    refuse no one\n"
    "  --route-allow PATH=BUNDLE[=KIND:VALUE]  whom a route is for (repeatable)\n"
    "  --route-auth PATH=all|certificate|token|either  (repeatable)\n"
    "  --require-group PATH=GROUP   (repeatable)\n";

/* Given before there are routes. */
static struct {
	const char *name, *path;
	char *value;
} route_options[ROUTE_OPTIONS_MAX];
static size_t n_route_options;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "admwh-probe: %s: %s\n", what, why);
	exit(2);
}

/* Cuts at the first such character and gives what is behind it; NULL without one. */
static char *cut_at(char *text, char c)
{
	char *at = strchr(text, c);

	if (at)
		*at++ = '\0';
	return at;
}

/* "KIND:VALUE" */
static enum admwh_rule parse_rule(char *text, const char **value)
{
	*value = cut_at(text, ':');
#define KIND(id, number, name, compared)                                                           \
	if (*value && strcmp(text, name) == 0)                                                     \
		return ADMWH_RULE_##id;
	ADMWH_RULE_MAP(KIND)
#undef KIND
	fail("rule", "expected KIND:VALUE");
	return 0;
}

static int set_bundle(struct admwh_config *config, const char *name, char *argument)
{
	char *value = cut_at(argument, '=');
	struct admwh_bundle *bundle = admwh_config_bundle(config, argument);
	enum admwh_rule rule;
	const char *rule_value;

	if (!value)
		fail(name, "expected BUNDLE=VALUE");
	if (!bundle)
		return ADMWH_E_INVAL;
	if (strcmp(name, "allow-file") == 0)
		return admwh_bundle_allow_file(bundle, value);
	if (strcmp(name, "deny-file") == 0)
		return admwh_bundle_deny_file(bundle, value);
	rule = parse_rule(value, &rule_value);
	return admwh_bundle_allow(bundle, rule, rule_value);
}

static int read_lines(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	static const char *const groups[] = {"from-lines"};
	char *copy = len == strlen(text) ? strdup(text) : NULL;
	int err = copy && userdata == route_options ? 0 : -1;
	char *rest = copy;

	while (err == 0 && rest && *rest) {
		char *token = rest;
		char *name;

		rest = cut_at(rest, '\n');
		name = cut_at(token, ' ');
		err = name ? admwh_tokens_add(tokens, token, name, groups, 1) : -1;
	}
	free(copy);
	return err;
}

/* "KIND" or "KIND/NAME" */
static int allow_webhook(struct admwh_config *config, char *argument)
{
	const char *name = cut_at(argument, '/');
	bool mutates = strcmp(argument, "mutating") == 0;

	return admwh_config_experimental_allow_webhook(
	    config, mutates ? ADMWH_WEBHOOK_MUTATING : ADMWH_WEBHOOK_VALIDATING, name);
}

static int keep_route_option(const char *name, char *argument)
{
	char *value = cut_at(argument, '=');

	if (!value || n_route_options == ROUTE_OPTIONS_MAX)
		fail(name, "expected PATH=VALUE");
	route_options[n_route_options].name = name;
	route_options[n_route_options].path = argument;
	route_options[n_route_options++].value = value;
	return 0;
}

bool access_set_option(struct admwh_config *config, const char *name, char *argument, int *err)
{
	if (strcmp(name, "allow") == 0 || strcmp(name, "allow-file") == 0 ||
	    strcmp(name, "deny-file") == 0)
		*err = set_bundle(config, name, argument);
	else if (strcmp(name, "tokens") == 0)
		*err = admwh_config_set_token_file(config, argument, NULL, NULL);
	else if (strcmp(name, "token-lines") == 0)
		*err = admwh_config_set_token_file(config, argument, read_lines, route_options);
	else if (strcmp(name, "bare-tokens") == 0)
		*err = admwh_config_set_bare_tokens(config, true);
	else if (strcmp(name, "token-issuer") == 0)
		*err = admwh_config_experimental_set_token_issuer(config, argument);
	else if (strcmp(name, "token-keys") == 0)
		*err = admwh_config_experimental_set_token_keys_file(config, argument);
	else if (strcmp(name, "token-origin") == 0)
		*err = admwh_config_experimental_add_token_origin(config, argument);
	else if (strcmp(name, "token-webhook") == 0)
		*err = allow_webhook(config, argument);
	else if (strcmp(name, "record-folder") == 0)
		*err = admwh_config_set_record_folder(config, argument);
	else if (strcmp(name, "record-kind") == 0)
		*err = admwh_config_add_record_kind(config, argument);
	else if (strcmp(name, "record-files") == 0)
		*err = admwh_config_set_record_files(config,
						     (unsigned int)strtoul(argument, NULL, 10));
	else if (strcmp(name, "observe") == 0)
		*err = admwh_config_insecure_observe(config);
	else if (strncmp(name, "route-", 6) == 0 || strcmp(name, "require-group") == 0)
		*err = keep_route_option(name, argument);
	else
		return false;
	return true;
}

static int set_auth(struct admwh_route *route, const char *value)
{
	static const char *const names[] = {"all", "certificate", "token", "either"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0)
			return admwh_route_set_auth(route, (enum admwh_route_auth)(i + 1));
	fail("route-auth", "expected all, certificate, token or either");
	return 0;
}

static int allow(struct admwh_route *route, char *value)
{
	char *text = cut_at(value, '=');
	const char *rule_value = NULL;
	enum admwh_rule rule = text ? parse_rule(text, &rule_value) : 0;

	return admwh_route_allow(route, value, rule, rule_value);
}

int access_set_route(struct admwh_route *route, const char *path)
{
	int err = 0;

	for (size_t i = 0; i < n_route_options && err == 0; i++) {
		if (strcmp(route_options[i].path, path) != 0)
			continue;
		if (strcmp(route_options[i].name, "route-auth") == 0)
			err = set_auth(route, route_options[i].value);
		else if (strcmp(route_options[i].name, "route-allow") == 0)
			err = allow(route, route_options[i].value);
		else
			err = admwh_route_require_token_group(route, route_options[i].value);
	}
	return err;
}
