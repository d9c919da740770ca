/* SPDX-License-Identifier: MIT */
/*
 * program: the main function of a webhook, on the public interface alone. This header is
 * its flags: their values from the command line (getopt_long), the environment and
 * presets. Nothing is printed here, and no file is read.
 */
#ifndef AWH_PROGRAM_OPTIONS_H
#define AWH_PROGRAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/program.h>

#include "base/buf.h"
#include "base/error.h"

/* A standard flag, and the one of the setters that it calls; the two of the key pair have none. */
struct awh_standard {
	struct admwh_flag flag; /* preset: the library's default, for help alone */
	const char *heading;    /* above it in help; NULL: that of the flag before it */
	bool is_list;
	bool one_a_bundle; /* of a list: a bundle has one such file */
	bool is_file;      /* what is wrong with its value is wrong with a file */
	int (*text)(struct admwh_config *config, const char *value);
	int (*on)(struct admwh_config *config, bool on);
	int (*count)(struct admwh_config *config, unsigned int count);
	int (*bundle_file)(struct admwh_bundle *bundle, const char *file);
	int (*insecure)(struct admwh_config *config);
	int (*apply)(struct admwh_config *config, const char *value,
		     const struct admwh_program *program);
};

/* A flag and its values. */
struct awh_option {
	const struct admwh_flag *flag;
	const struct awh_standard *standard; /* NULL: a flag of the program's own */
	const char *preset;                  /* that counts; NULL: none */
	char *source;                        /* "--listen", "ADMWH_X_LISTEN" */
	char *lines;                         /* copy of a variable or a preset of several values */
	const char **values;
	size_t n_values;
};

struct awh_options {
	const struct admwh_program *program;
	struct awh_option *items;
	size_t n_items;
	bool help, version; /* asked for: nothing else was read */
};

/*
 * Read argv and the environment for options->program, which is set; all else is zero.
 *
 * Returns 0; ADMWH_E_INVAL, the message names the flag or variable; ADMWH_E_NOMEM.
 */
int awh_options_read(struct awh_options *options, int argc, char **argv, struct awh_error *error);
void awh_options_deinit(struct awh_options *options);

/* The environment variable of a flag, or several with spaces between them. */
void awh_put_variable(struct awh_buf *buf, const struct admwh_program *program,
		      const struct admwh_flag *flag);

/* The standard flags, in the order of help, which is that in which they are applied. */
const struct awh_standard *awh_standard_flags(size_t *n);

/* Apply the standard flags that have values. The message begins with flag or variable. */
int awh_options_apply(const struct awh_options *options, struct admwh_config *config,
		      struct awh_error *error);

/* Say what a value should be. ADMWH_E_INVAL. */
int awh_flag_refuse(struct admwh_config *config, const char *what, const char *value);

/* "BUNDLE=VALUE", or a value for the bundle "default". NULL: the config has the message. */
struct admwh_bundle *awh_flag_bundle(struct admwh_config *config, const char **value);

/* The text of --help. */
void awh_put_help(struct awh_buf *buf, const struct awh_options *options);

#endif
