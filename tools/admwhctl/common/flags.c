/* SPDX-License-Identifier: MIT */
#include "common/flags.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/print.h"

static bool is_code(const struct option *options, int code)
{
	while (options->name && options->val != code)
		options++;
	return options->name;
}

/* What getopt_long() has found: optopt is 0 of a name that is not known, a letter of "-x". */
static int refuse(const struct option *options, int code, const char *word)
{
	if (code == ':')
		complain("%s: needs a value; --help lists the flags", word);
	else if (optopt && is_code(options, optopt))
		complain("%s: takes no value; --help lists the flags", word);
	else if (optopt)
		complain("-%c: there is no such flag; --help lists the flags", optopt);
	else
		complain("%s: there is no such flag; --help lists the flags", word);
	return -1;
}

int flags_read(int argc, char **argv, const struct option *options,
	       int (*take)(void *arguments, int code, const char *value), void *arguments)
{
	int code;

	optind = 0; /* from the first word on */
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (code == '?' || code == ':')
			return refuse(options, code, argv[optind - 1]);
		if (code != 0 && take(arguments, code, optarg))
			return -1;
	}
	return 0;
}

int flag_number(const char *name, const char *value, unsigned int min, unsigned int max,
		unsigned int *number)
{
	char *end;
	unsigned long read = strtoul(value, &end, 10);

	if (isdigit((unsigned char)*value) && !*end && read >= min && read <= max) {
		*number = (unsigned int)read;
		return 0;
	}
	complain("%s: expected a number from %u to %u, not %s", name, min, max, value);
	return -1;
}

int flag_choice(const char *name, const char *value, const char *const *words)
{
	char list[128] = "";
	size_t at = 0;

	for (int i = 0; words[i]; i++) {
		if (strcasecmp(value, words[i]) == 0)
			return i;
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i > 0 ? "|" : "",
				       words[i]);
	}
	complain("%s: expected %s, not %s", name, list, value);
	return -1;
}

int flag_output(const char *value, bool *as_json)
{
	static const char *const words[] = {"text", "json", NULL};
	int i = flag_choice("--output", value, words);

	*as_json = i == 1;
	return i < 0 ? -1 : 0;
}
