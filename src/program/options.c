/* SPDX-License-Identifier: MIT */
#include "program/options.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	HELP = 1, /* what getopt_long() returns: an option's place behind these */
	VERSION,
	FIRST_OPTION,
	VARIABLE_MAX = 256,
	SHOWN = 80, /* bytes of a wrong value in a message, with their end */
};

static int no_memory(struct awh_error *error)
{
	return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
}

static bool is_list(const struct awh_option *option)
{
	return option->standard && option->standard->is_list;
}

/* A flag without a value: has neither a place for one nor a name. */
static bool is_switch(const struct admwh_flag *flag)
{
	return flag->on || !flag->value;
}

static const char *find_preset(const struct admwh_program *program, const char *flag)
{
	for (size_t i = 0; i < program->n_presets; i++)
		if (strcmp(program->presets[i].flag, flag) == 0)
			return program->presets[i].value;
	return NULL;
}

static bool has_option(const struct awh_options *options, const char *name)
{
	for (size_t i = 0; i < options->n_items; i++)
		if (strcmp(options->items[i].flag->name, name) == 0)
			return true;
	return strcmp(name, "help") == 0 || strcmp(name, "version") == 0;
}

/* A mistake of the program's author. */
static int check_own(const struct awh_options *options, const struct admwh_flag *flag,
		     struct awh_error *error)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	int places = !!flag->text + !!flag->on + !!flag->number + !!flag->choice +
		     !!flag->quantity + !!flag->lines;
	size_t len = flag->name ? strlen(flag->name) : 0;

	if (len == 0 || len > 63 || strspn(flag->name, letters) != len)
		return awh_fail(error, ADMWH_E_INVAL, "a flag has no usable name");
	if (has_option(options, flag->name))
		return awh_fail(error, ADMWH_E_INVAL, "--%s is defined twice", flag->name);
	if (places != 1 || (!flag->on && !flag->value))
		return awh_fail(error, ADMWH_E_INVAL,
				"--%s has no variable of one type, or names no value", flag->name);
	return 0;
}

static int add_own(struct awh_options *options, struct awh_error *error)
{
	const struct admwh_program *program = options->program;

	for (size_t i = 0; i < program->n_flags; i++) {
		const struct admwh_flag *flag = &program->flags[i];

		if (check_own(options, flag, error))
			return error->code;
		options->items[options->n_items++] =
		    (struct awh_option){.flag = flag, .preset = flag->preset};
	}
	for (size_t i = 0; i < program->n_presets; i++)
		if (!has_option(options, program->presets[i].flag))
			return awh_fail(error, ADMWH_E_INVAL, "--%s has a preset and is no flag",
					program->presets[i].flag);
	return 0;
}

static int collect(struct awh_options *options, struct awh_error *error)
{
	const struct admwh_program *program = options->program;
	size_t n;
	const struct awh_standard *standard = awh_standard_flags(&n);

	options->items = calloc(n + program->n_flags, sizeof(*options->items));
	if (!options->items)
		return no_memory(error);
	for (size_t i = 0; i < n; i++)
		options->items[options->n_items++] = (struct awh_option){
		    .flag = &standard[i].flag,
		    .standard = &standard[i],
		    .preset = find_preset(program, standard[i].flag.name),
		};
	return add_own(options, error);
}

/* Of a flag that is no list the last value counts. */
static int add_value(struct awh_option *option, const char *value, struct awh_error *error)
{
	const char **values;

	if (!is_list(option) && option->n_values > 0) {
		option->values[0] = value;
		return 0;
	}
	values = realloc(option->values, (option->n_values + 1) * sizeof(*values));
	if (!values)
		return no_memory(error);
	option->values = values;
	values[option->n_values++] = value;
	return 0;
}

static int set_source(struct awh_option *option, const char *before, const char *name,
		      struct awh_error *error)
{
	char source[VARIABLE_MAX];

	snprintf(source, sizeof(source), "%s%s", before, name);
	free(option->source);
	option->source = awh_strdup(source);
	return option->source ? 0 : no_memory(error);
}

/* the command line */

static struct option *make_table(const struct awh_options *options)
{
	struct option *table = calloc(options->n_items + 3, sizeof(*table));

	if (!table)
		return NULL;
	for (size_t i = 0; i < options->n_items; i++) {
		const struct admwh_flag *flag = options->items[i].flag;

		table[i] =
		    (struct option){flag->name, is_switch(flag) ? no_argument : required_argument,
				    NULL, FIRST_OPTION + (int)i};
	}
	table[options->n_items] = (struct option){"help", no_argument, NULL, HELP};
	table[options->n_items + 1] = (struct option){"version", no_argument, NULL, VERSION};
	return table;
}

static int refuse_unknown(const char *argument, struct awh_error *error)
{
	char name[SHOWN], shown[SHOWN];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
	awh_text_show(shown, sizeof(shown), name);
	return awh_fail(error, ADMWH_E_INVAL, "%s: there is no such flag; --help lists them",
			shown);
}

/*
 * getopt_long() takes beginnings of names for the name, and the next flag for a value. The first
 * would make each new flag a change of what old command lines mean.
 */
static int take(struct awh_option *option, const char *argument, struct awh_error *error)
{
	const struct admwh_flag *flag = option->flag;
	size_t len = strcspn(argument, "=");

	if (strlen(flag->name) + 2 != len)
		return refuse_unknown(argument, error);
	if (!is_switch(flag) && !argument[len] && strncmp(optarg, "--", 2) == 0)
		return awh_fail(error, ADMWH_E_INVAL, "--%s needs a value", flag->name);
	if (set_source(option, "--", flag->name, error))
		return error->code;
	return add_value(option, is_switch(flag) ? "true" : optarg, error);
}

/* code: what getopt_long() returned for an argument that is none of ours */
static int refuse(int code, const char *argument, const struct option *table,
		  struct awh_error *error)
{
	size_t len = strcspn(argument, "=");

	if (code == ':')
		return awh_fail(error, ADMWH_E_INVAL, "%s needs a value", argument);
	for (; table->name; table++)
		if (len > 2 && strlen(table->name) == len - 2 &&
		    strncmp(table->name, argument + 2, len - 2) == 0)
			return awh_fail(error, ADMWH_E_INVAL, "--%s takes no value", table->name);
	return refuse_unknown(argument, error);
}

static int read_arguments(struct awh_options *options, int argc, char **argv,
			  const struct option *table, struct awh_error *error)
{
	int err = 0;

	optind = 0; /* from the start, also after another use */
	opterr = 0;
	for (int at = 1, code; err == 0; at = optind) {
		code = getopt_long(argc, argv, "+:h", table, NULL);
		if (code < 0)
			break;
		if (code >= FIRST_OPTION && code < FIRST_OPTION + (int)options->n_items)
			err = take(&options->items[code - FIRST_OPTION], argv[at], error);
		else if (code != HELP && code != VERSION && code != 'h')
			err = refuse(code, argv[at], table, error);
	}
	if (err == 0 && optind < argc) {
		char shown[SHOWN];

		awh_text_show(shown, sizeof(shown), argv[optind]);
		err = awh_fail(error, ADMWH_E_INVAL, "unexpected argument \"%s\"", shown);
	}
	return err;
}

/* --help and --version count wherever they stand among the flags, also beside wrong ones. */
static bool asks_for(int argc, char **argv, const char *flag)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], flag) == 0)
			return true;
	return false;
}

/* the environment and presets */

void awh_put_variable(struct awh_buf *buf, const struct admwh_program *program,
		      const struct admwh_flag *flag)
{
	if (flag->variable) {
		awh_buf_puts(buf, flag->variable);
		return;
	}
	if (program->prefix)
		awh_buf_puts(buf, program->prefix);
	for (const char *c = program->prefix ? "" : program->name; *c; c++)
		awh_buf_printf(buf, "%c", isalnum((unsigned char)*c) ? toupper(*c) : '_');
	if (!program->prefix)
		awh_buf_puts(buf, "_");
	for (const char *c = flag->name; *c; c++)
		awh_buf_printf(buf, "%c", *c == '-' ? '_' : toupper(*c));
}

/* One value a line; an empty line is none. */
static int add_lines(struct awh_option *option, const char *text, struct awh_error *error)
{
	int err = 0;

	free(option->lines);
	option->lines = awh_strdup(text);
	if (!option->lines)
		return no_memory(error);
	if (!is_list(option))
		return add_value(option, option->lines, error);
	for (char *rest = option->lines, *line; err == 0 && (line = strsep(&rest, "\n"));)
		if (*line)
			err = add_value(option, line, error);
	return err;
}

/* What a switch can be in the environment; a flag is on by being there. 1, 0; -1: neither. */
static int read_word(const char *value)
{
	static const char *const words[] = {"0", "false", "no", "off", "1", "true", "yes", "on"};

	for (int i = 0; i < 8; i++)
		if (strcasecmp(value, words[i]) == 0)
			return i >= 4;
	return -1;
}

/* An empty variable says nothing, nor does one that switches off what is off by itself. */
static int read_variable(struct awh_option *option, const char *name, bool *found,
			 struct awh_error *error)
{
	const char *value = getenv(name);
	int on = 1;

	if (!value || !*value)
		return 0;
	if (is_switch(option->flag))
		on = read_word(value);
	if (on < 0)
		return awh_fail(error, ADMWH_E_INVAL, "%s: expected true or false", name);
	if (on == 0)
		return 0;
	*found = true;
	if (set_source(option, "", name, error))
		return error->code;
	return add_lines(option, value, error);
}

/* The first variable that says something. */
static int read_variables(struct awh_options *options, struct awh_option *option,
			  struct awh_error *error)
{
	bool found = false;
	struct awh_buf names;
	int err = 0;

	awh_buf_init(&names, VARIABLE_MAX);
	awh_put_variable(&names, options->program, option->flag);
	if (awh_buf_terminate(&names))
		err = awh_fail(error, names.err, "--%s: the name of its variable is too long",
			       option->flag->name);
	for (char *rest = err ? NULL : names.data, *name;
	     err == 0 && !found && (name = strsep(&rest, " "));)
		err = read_variable(option, name, &found, error);
	awh_buf_deinit(&names);
	return err;
}

static int read_preset(struct awh_option *option, struct awh_error *error)
{
	if (!option->preset)
		return 0;
	if (set_source(option, "--", option->flag->name, error))
		return error->code;
	return add_lines(option, option->preset, error);
}

/* values of the program's own flags */

static bool read_number(const struct admwh_flag *flag, const char *text)
{
	size_t len = strspn(text, "0123456789");
	uint64_t number;

	if (len == 0 || len > 18 || text[len])
		return false;
	number = strtoull(text, NULL, 10);
	if (number < flag->least || number > flag->most)
		return false;
	*flag->number = number;
	return true;
}

/* The place of a word among "text|json"; -1: it is none of them. */
static int find_word(const char *words, const char *text)
{
	size_t len = strlen(text);

	for (int place = 0; *words; place++) {
		size_t n = strcspn(words, "|");

		if (n == len && strncmp(words, text, n) == 0)
			return place;
		words += n + (words[n] == '|');
	}
	return -1;
}

static int set_own(const struct awh_option *option, struct awh_error *error)
{
	const struct admwh_flag *flag = option->flag;
	const char *value = option->values[0];
	char shown[SHOWN];
	int place;

	awh_text_show(shown, sizeof(shown), value);
	if (flag->on)
		*flag->on = true;
	if (flag->text)
		*flag->text = value;
	if (flag->number && !read_number(flag, value))
		return awh_fail(error, ADMWH_E_INVAL,
				"%s: expected a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"",
				option->source, flag->least, flag->most, shown);
	if (flag->quantity && admwh_quantity_parse_text(flag->quantity, value))
		return awh_fail(error, ADMWH_E_INVAL, "%s: expected a quantity, not \"%s\"",
				option->source, shown);
	place = flag->choice ? find_word(flag->value, value) : 0;
	if (place < 0)
		return awh_fail(error, ADMWH_E_INVAL, "%s: expected %s, not \"%s\"", option->source,
				flag->value, shown);
	if (flag->choice)
		*flag->choice = place;
	return 0;
}

static int check_values(const struct awh_option *option, struct awh_error *error)
{
	const struct admwh_flag *flag = option->flag;

	for (size_t i = 0; i < option->n_values; i++)
		if (!option->values[i][0] && !flag->may_be_empty && !flag->number && !flag->choice)
			return awh_fail(error, ADMWH_E_INVAL, "%s is empty", option->source);
	if (flag->required && option->n_values == 0)
		return awh_fail(error, ADMWH_E_INVAL, "--%s is required; --help says more",
				flag->name);
	return 0;
}

static int resolve(struct awh_options *options, struct awh_option *option, struct awh_error *error)
{
	int err = 0;

	if (option->n_values == 0)
		err = read_variables(options, option, error);
	if (err == 0 && option->n_values == 0)
		err = read_preset(option, error);
	if (err == 0)
		err = check_values(option, error);
	if (err == 0 && !option->standard && option->n_values > 0)
		err = set_own(option, error);
	return err;
}

int awh_options_read(struct awh_options *options, int argc, char **argv, struct awh_error *error)
{
	struct option *table;
	int err;

	err = collect(options, error);
	if (err)
		return err;
	options->help = asks_for(argc, argv, "--help") || asks_for(argc, argv, "-h");
	options->version = !options->help && asks_for(argc, argv, "--version");
	if (options->help || options->version)
		return 0;
	table = make_table(options);
	err = table ? read_arguments(options, argc, argv, table, error) : no_memory(error);
	free(table);
	for (size_t i = 0; i < options->n_items && err == 0; i++)
		err = resolve(options, &options->items[i], error);
	return err;
}

void awh_options_deinit(struct awh_options *options)
{
	for (size_t i = 0; i < options->n_items; i++) {
		free(options->items[i].source);
		free(options->items[i].lines);
		free(options->items[i].values);
	}
	free(options->items);
	*options = (struct awh_options){0};
}
