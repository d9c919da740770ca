/* SPDX-License-Identifier: MIT */
/* Flags of the command line. */
#ifndef ADMWHCTL_FLAGS_H
#define ADMWHCTL_FLAGS_H

#include <getopt.h>
#include <stdbool.h>

/*
 * Read the flags that getopt_long() knows by options, and call take() for each, with its value; not
 * for those that getopt_long() stores itself. take() returns 0, or -1: it has complained. optind is
 * then the first word that belongs to no flag. Returns 0, or -1: it has complained.
 */
int flags_read(int argc, char **argv, const struct option *options,
	       int (*take)(void *arguments, int code, const char *value), void *arguments);

/* "NAME VALUE" as a number of min to max. Returns 0, or -1: it has complained. */
int flag_number(const char *name, const char *value, unsigned int min, unsigned int max,
		unsigned int *number);

/* The place of the value among words, NULL-terminated, in letters of either case. -1: it has
 * complained. */
int flag_choice(const char *name, const char *value, const char *const *words);

/* "--output text|json". Returns 0, or -1: it has complained. */
int flag_output(const char *value, bool *as_json);

#endif
