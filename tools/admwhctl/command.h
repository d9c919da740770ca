/* SPDX-License-Identifier: MIT */
/* The commands of admwhctl: one file each, one row each of the table in main.c. */
#ifndef ADMWHCTL_COMMAND_H
#define ADMWHCTL_COMMAND_H

/* Exit statuses. */
enum {
	EXIT_OK = 0,    /* done; allowed; nothing is wrong */
	EXIT_NO = 1,    /* denied; something does not hold; two things differ */
	EXIT_ERROR = 2, /* there is no answer: a flag, a file, the network */
};

struct command {
	const char *name;
	const char *summary; /* for the list of commands */
	const char *help;    /* whole, ends with a newline */
	/* argv[0] is the command's name. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command init_command, verify_command, renew_command;
extern const struct command review_command, test_command, replay_command, patch_command;

#endif
