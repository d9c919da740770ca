/* SPDX-License-Identifier: MIT */
/*
 * Flags and environment variables of a program, read by tables. A program adds its
 * own table to those of the parts it is made of; each table fills in a struct.
 *
 * A value is taken from the command line (`--port 1`, `--port=1`, the last one
 * counts), else from the flag's environment variable unless that is empty, else
 * from the preset. --help, -h and --version are known everywhere; `--` ends the
 * flags.
 *
 * Nothing here prints or ends the program. There is no kind for secrets: command
 * lines and environments can be read from outside, so a flag names the file of a
 * key or token.
 */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

enum { PROGRAM_TABLES = 4, PROGRAM_FLAGS = 64 };

enum program_kind { PROGRAM_TEXT, PROGRAM_SWITCH, PROGRAM_NUMBER, PROGRAM_CHOICE };

struct program_flag {
	const char *name; /* without "--" */
	enum program_kind kind;
	size_t offset;        /* of its member in the table's struct; both by PROGRAM_..._AT() */
	const char *value;    /* as help names it, "FILE"; of a choice its words, "text|json" */
	const char *variable; /* environment, "A B" for two; NULL: the program's prefix and name */
	const char *preset;   /* NULL: the member stays as it is */
	uint64_t least, most; /* of a number */
	bool required;
	bool may_be_empty; /* a text */
	const char *help;  /* NULL: not listed */
};

/* The compiler refuses a member of another type. The value of a choice is the place of its word. */
#define PROGRAM_AT(kind_, type, member, wanted)                                                    \
	.kind = kind_, .offset = offsetof(type, member) + _Generic(((type *)0)->member, wanted : 0)
#define PROGRAM_TEXT_AT(type, member) PROGRAM_AT(PROGRAM_TEXT, type, member, const char *)
#define PROGRAM_SWITCH_AT(type, member) PROGRAM_AT(PROGRAM_SWITCH, type, member, bool)
#define PROGRAM_NUMBER_AT(type, member) PROGRAM_AT(PROGRAM_NUMBER, type, member, uint64_t)
#define PROGRAM_CHOICE_AT(type, member) PROGRAM_AT(PROGRAM_CHOICE, type, member, int)

struct program_table {
	const struct program_flag *flags;
	size_t n_flags;
	void *values; /* the struct that offset is about */
};

struct program {
	const char *name;     /* "admwh-rancher" */
	const char *version;  /* "0.1.0" */
	const char *about;    /* what help says before the flags, whole lines */
	const char *prefix;   /* of environment variables, "ADMWH_RANCHER_"; NULL: none */
	const char *operands; /* how help names them, "DOC PATCH"; NULL: none are taken */
	size_t least_operands, most_operands;
	struct program_table tables[PROGRAM_TABLES]; /* PROGRAM_FLAGS flags in all */
	char **argv;                                 /* set by program_read(): the operands */
	size_t n_operands;
};

enum program_outcome { PROGRAM_READ, PROGRAM_DONE, PROGRAM_WRONG };

/*
 * PROGRAM_READ: all tables are filled in, with texts borrowed from argv and the environment.
 * PROGRAM_DONE: the text of --help or --version is in text. PROGRAM_WRONG: in text is what is wrong
 * and with which flag or variable, in one line without its end. argv is reordered: operands first.
 */
enum program_outcome program_read(struct program *program, int argc, char **argv,
				  struct text *text);

/*
 * Print the text of an outcome where it belongs: help on standard output, an error on standard
 * error. The exit status: 0, or 2 for what is wrong.
 */
int program_tell(const struct program *program, enum program_outcome outcome,
		 const struct text *text);

#endif
