/* SPDX-License-Identifier: MIT */
/* From the values of standard flags to calls of setters. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "program/options.h"

enum { SHOWN = 80 /* bytes of a wrong value in a message, with their end */ };

int awh_flag_refuse(struct admwh_config *config, const char *what, const char *value)
{
	char shown[SHOWN];

	awh_text_show(shown, sizeof(shown), value);
	return awh_fail(&config->error, ADMWH_E_INVAL, "expected %s, not \"%s\"", what, shown);
}

static int apply_switch(struct admwh_config *config, const char *value,
			int (*set)(struct admwh_config *config, bool on))
{
	if (strcmp(value, "on") == 0 || strcmp(value, "true") == 0)
		return set(config, true);
	if (strcmp(value, "off") == 0)
		return set(config, false);
	return awh_flag_refuse(config, "on|off", value);
}

static int apply_count(struct admwh_config *config, const char *value,
		       int (*set)(struct admwh_config *config, unsigned int count))
{
	size_t len = strspn(value, "0123456789");

	if (len == 0 || len > 6 || value[len])
		return awh_flag_refuse(config, "a number", value);
	return set(config, (unsigned int)strtoul(value, NULL, 10));
}

struct admwh_bundle *awh_flag_bundle(struct admwh_config *config, const char **value)
{
	const char *equals = strchr(*value, '=');
	char name[AWH_NAME_MAX + 1];
	size_t len = equals ? (size_t)(equals - *value) : 0;

	if (len == 0 || len > AWH_NAME_MAX)
		return admwh_config_bundle(config, "default");
	memcpy(name, *value, len);
	name[len] = '\0';
	if (!awh_is_name(name)) /* "./a=b.pem", "cn:a=b" */
		return admwh_config_bundle(config, "default");
	*value = equals + 1;
	return admwh_config_bundle(config, name);
}

static int apply_bundle_file(struct admwh_config *config, const char *value,
			     int (*set)(struct admwh_bundle *bundle, const char *file))
{
	struct admwh_bundle *bundle = awh_flag_bundle(config, &value);

	return bundle ? set(bundle, value) : config->error.code;
}

static const struct awh_option *find(const struct awh_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_items; i++)
		if (strcmp(options->items[i].flag->name, name) == 0)
			return &options->items[i];
	return NULL;
}

/* The key pair is two flags and one setting. */
static int apply_key_pair(const struct awh_options *options, struct admwh_config *config,
			  struct awh_error *error)
{
	const struct awh_option *cert = find(options, "tls-cert"), *key = find(options, "tls-key");

	if (cert->n_values == 0 && key->n_values == 0)
		return 0;
	if (key->n_values == 0)
		return awh_fail(error, ADMWH_E_INVAL, "%s needs --tls-key", cert->source);
	if (cert->n_values == 0)
		return awh_fail(error, ADMWH_E_INVAL, "%s needs --tls-cert", key->source);
	if (admwh_config_set_keypair_file(config, cert->values[0], key->values[0]))
		return awh_fail(error, config->error.code, "%s, %s: %s", cert->source, key->source,
				config->error.text);
	return 0;
}

static int apply_value(const struct awh_options *options, const struct awh_standard *standard,
		       struct admwh_config *config, const char *value)
{
	if (standard->text)
		return standard->text(config, value);
	if (standard->on)
		return apply_switch(config, value, standard->on);
	if (standard->count)
		return apply_count(config, value, standard->count);
	if (standard->bundle_file)
		return apply_bundle_file(config, value, standard->bundle_file);
	if (standard->insecure)
		return standard->insecure(config);
	return standard->apply(config, value, options->program);
}

/* A bundle has one file of rules: another would take the place of the one before. */
static int check_one_a_bundle(const struct awh_option *option, size_t i,
			      struct admwh_config *config, struct awh_error *error)
{
	const char *file = option->values[i];
	const struct admwh_bundle *bundle = awh_flag_bundle(config, &file);

	for (size_t j = 0; bundle && j < i; j++) {
		const char *before = option->values[j];

		if (awh_flag_bundle(config, &before) == bundle)
			return awh_fail(error, ADMWH_E_INVAL,
					"%s: bundle \"%s\" takes one file, not both %s and %s",
					option->source, bundle->name, before, file);
	}
	return 0;
}

static int apply(const struct awh_options *options, const struct awh_option *option,
		 struct admwh_config *config, struct awh_error *error)
{
	const struct awh_standard *standard = option->standard;

	for (size_t i = 0; i < option->n_values; i++) {
		int err = standard->one_a_bundle ? check_one_a_bundle(option, i, config, error) : 0;

		if (err)
			return err;
		err = apply_value(options, standard, config, option->values[i]);

		/* A file with a fault is no wrong flag. */
		if (err == ADMWH_E_INVAL && (standard->bundle_file || standard->is_file))
			err = ADMWH_E_IO;
		if (err)
			return awh_fail(error, err, "%s: %s", option->source,
					admwh_config_error(config));
	}
	return 0;
}

int awh_options_apply(const struct awh_options *options, struct admwh_config *config,
		      struct awh_error *error)
{
	int err = 0;

	for (size_t i = 0; i < options->n_items && err == 0; i++) {
		const struct awh_option *option = &options->items[i];

		if (option->standard && strcmp(option->flag->name, "tls-cert") == 0)
			err = apply_key_pair(options, config, error);
		else if (option->standard && strcmp(option->flag->name, "tls-key") != 0)
			err = apply(options, option, config, error);
	}
	return err;
}
