/* SPDX-License-Identifier: MIT */
/* Flags and environment variables. See program.h. */
#include "common/program.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A flag with its table's struct, and what the command line gives it. */
struct entry {
	const struct program_flag *flag;
	char *values;
	const char *given;
};

struct entries {
	struct entry items[PROGRAM_FLAGS];
	size_t n;
};

static void collect(struct entries *entries, const struct program *program)
{
	entries->n = 0;
	for (size_t i = 0; i < PROGRAM_TABLES; i++) {
		const struct program_table *table = &program->tables[i];

		assert(entries->n + table->n_flags <= PROGRAM_FLAGS);
		for (size_t j = 0; j < table->n_flags; j++)
			entries->items[entries->n++] =
			    (struct entry){&table->flags[j], table->values, NULL};
	}
}

/* The environment variables of a flag, separated by spaces. */
static void add_variables(struct text *text, const struct program *program,
			  const struct program_flag *flag)
{
	if (flag->variable) {
		text_add(text, "%s", flag->variable);
	} else if (program->prefix) {
		text_add(text, "%s", program->prefix);
		for (const char *c = flag->name; *c; c++)
			text_add(text, "%c", *c == '-' ? '_' : toupper((unsigned char)*c));
	}
}

static void add_flag_help(struct text *text, const struct program *program,
			  const struct program_flag *flag)
{
	struct text variables = {0};

	add_variables(&variables, program, flag);
	text_add(text, "  --%s%s%s\n      %s", flag->name, flag->value ? " " : "",
		 flag->value ? flag->value : "", flag->help);
	if (flag->required)
		text_add(text, "; required");
	if (flag->preset && *flag->preset)
		text_add(text, "; %s by default", flag->preset);
	if (text_any(&variables))
		text_add(text, " [%s]", text_get(&variables));
	text_add(text, "\n");
	text->failed = text->failed || variables.failed;
	text_deinit(&variables);
}

static void add_help(struct text *text, const struct program *program,
		     const struct entries *entries)
{
	text_add(text, "usage: %s [FLAG]...%s%s\n%s\n", program->name, program->operands ? " " : "",
		 program->operands ? program->operands : "", program->about);
	for (size_t i = 0; i < entries->n; i++)
		if (entries->items[i].flag->help)
			add_flag_help(text, program, entries->items[i].flag);
	text_add(text, "  --help\n  --version\n");
}

/* --help and --version count wherever they stand among the flags, also beside wrong ones. */
static bool asks_for(char *const *argv, const char *flag)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, flag) == 0)
			return true;
	return false;
}

/* The flag that an argument names, "--port" or "--port=1"; NULL: none. */
static struct entry *find(struct entries *entries, const char *argument)
{
	size_t len = strcspn(argument, "=");

	for (size_t i = 0; i < entries->n; i++) {
		const char *name = entries->items[i].flag->name;

		if (len > 2 && strlen(name) == len - 2 && strncmp(argument + 2, name, len - 2) == 0)
			return &entries->items[i];
	}
	return NULL;
}

/* Take argv[0], a flag, and argv[1] where it needs that. How many were taken; 0: it is wrong. */
static size_t take_flag(struct entries *entries, char *const *argv, struct text *error)
{
	struct entry *entry = argv[0][1] == '-' ? find(entries, argv[0]) : NULL;
	const char *equals = strchr(argv[0], '=');

	if (!entry) {
		text_add(error, "%.*s: there is no such flag; --help lists them",
			 (int)strcspn(argv[0], "="), argv[0]);
	} else if (entry->flag->kind == PROGRAM_SWITCH && equals) {
		text_add(error, "--%s takes no value", entry->flag->name);
	} else if (entry->flag->kind == PROGRAM_SWITCH || equals) {
		entry->given = equals ? equals + 1 : "true";
		return 1;
	} else if (!argv[1] || strncmp(argv[1], "--", 2) == 0) {
		text_add(error, "--%s needs a value", entry->flag->name);
	} else {
		entry->given = argv[1];
		return 2;
	}
	return 0;
}

static bool take_operand(struct program *program, char *operand, struct text *error)
{
	if (program->n_operands < program->most_operands) {
		program->argv[program->n_operands++] = operand;
		return true;
	}
	text_add(error, "unexpected argument '%s'", operand);
	return false;
}

/* Everything of argv; operands move to its front. */
static bool take_arguments(struct program *program, struct entries *entries, char **argv,
			   struct text *error)
{
	bool is_flags_end = false;

	while (*argv) {
		char *argument = *argv;
		bool is_flag = !is_flags_end && argument[0] == '-' && argument[1];
		size_t taken = 1;

		if (is_flag && strcmp(argument, "--") == 0)
			is_flags_end = true;
		else if (is_flag)
			taken = take_flag(entries, argv, error);
		else
			taken = take_operand(program, argument, error);
		if (taken == 0)
			return false;
		argv += taken;
	}
	if (program->n_operands < program->least_operands)
		text_add(error, "expected %s; --help says more", program->operands);
	return !text_any(error);
}

/* The words that switch something off in the environment. */
static bool is_off(const char *value)
{
	static const char *const words[] = {"0", "f", "false", "n", "no", "off"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	return false;
}

/*
 * The first variable of the list that says something; its name is left in names. NULL: none, for an
 * empty variable says nothing, nor does one that switches off what is off by itself.
 */
static const char *find_in_environment(const struct program_flag *flag, char *names)
{
	char *rest = names;

	while (*rest) {
		size_t len = strcspn(rest, " ");
		char *next = rest + len + (rest[len] == ' ');
		const char *value;

		rest[len] = '\0';
		value = getenv(rest);
		if (value && *value && (flag->kind != PROGRAM_SWITCH || !is_off(value))) {
			memmove(names, rest, len + 1);
			return value;
		}
		rest = next;
	}
	return NULL;
}

static bool read_number(const struct program_flag *flag, const char *text, uint64_t *number)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 18 || text[len])
		return false;
	*number = strtoull(text, NULL, 10);
	return *number >= flag->least && *number <= flag->most;
}

/* The place of a word among "text|json". */
static bool read_choice(const char *words, const char *text, int *place)
{
	size_t len = strlen(text);

	for (*place = 0; *words; ++*place) {
		size_t n = strcspn(words, "|");

		if (n == len && strncmp(words, text, n) == 0)
			return true;
		words += n + (words[n] == '|');
	}
	return false;
}

/* A value of any source into the member; name is that of the flag or variable it comes from. */
static bool set_value(const struct entry *entry, const char *name, const char *value,
		      struct text *error)
{
	const struct program_flag *flag = entry->flag;
	char *member = entry->values + flag->offset;

	switch (flag->kind) {
	case PROGRAM_TEXT:
		*(const char **)(void *)member = value;
		if (!*value && !flag->may_be_empty)
			text_add(error, "%s is empty", name);
		break;
	case PROGRAM_SWITCH:
		*(bool *)(void *)member = true;
		break;
	case PROGRAM_NUMBER:
		if (!read_number(flag, value, (uint64_t *)(void *)member))
			text_add(error, "%s: expected a number from %ju to %ju, not '%s'", name,
				 (uintmax_t)flag->least, (uintmax_t)flag->most, value);
		break;
	case PROGRAM_CHOICE:
		if (!read_choice(flag->value, value, (int *)(void *)member))
			text_add(error, "%s: expected %s, not '%s'", name, flag->value, value);
		break;
	}
	return !text_any(error);
}

/* Command line, then environment, then preset; name is where the value comes from. NULL: none. */
static const char *choose(const struct program *program, const struct entry *entry,
			  struct text *name)
{
	const struct program_flag *flag = entry->flag;
	const char *value = NULL;

	if (!entry->given) {
		add_variables(name, program, flag);
		if (name->data && !name->failed)
			value = find_in_environment(flag, name->data);
		if (value || name->failed)
			return value;
		text_deinit(name);
	}
	text_add(name, "--%s", flag->name);
	return entry->given ? entry->given : flag->preset;
}

static bool resolve(const struct program *program, const struct entry *entry, struct text *error)
{
	struct text name = {0};
	const char *value = choose(program, entry, &name);

	if (name.failed)
		error->failed = true;
	else if (value)
		set_value(entry, text_get(&name), value, error);
	else if (entry->flag->required)
		text_add(error, "--%s is required", entry->flag->name);
	text_deinit(&name);
	return !text_any(error);
}

/* Is one of the flags there that only print something? Then that is in text. */
static bool add_what_is_asked_for(struct text *text, const struct program *program,
				  const struct entries *entries, char *const *argv)
{
	if (asks_for(argv, "--help") || asks_for(argv, "-h"))
		add_help(text, program, entries);
	else if (asks_for(argv, "--version"))
		text_add(text, "%s %s\n", program->name, program->version);
	return text_any(text);
}

enum program_outcome program_read(struct program *program, int argc, char **argv, struct text *text)
{
	struct entries entries;

	program->argv = argv + (argc > 0);
	program->n_operands = 0;
	collect(&entries, program);
	if (add_what_is_asked_for(text, program, &entries, program->argv))
		return text->failed ? PROGRAM_WRONG : PROGRAM_DONE;
	if (!take_arguments(program, &entries, program->argv, text))
		return PROGRAM_WRONG;
	for (size_t i = 0; i < entries.n; i++)
		if (!resolve(program, &entries.items[i], text))
			return PROGRAM_WRONG;
	return PROGRAM_READ;
}

int program_tell(const struct program *program, enum program_outcome outcome,
		 const struct text *text)
{
	if (outcome == PROGRAM_WRONG) {
		fprintf(stderr, "%s: %s\n", program->name,
			text->failed ? "out of memory" : text_get(text));
		return 2;
	}
	if (fputs(text_get(text), stdout) < 0 || fflush(stdout) != 0)
		return 2;
	return 0;
}
