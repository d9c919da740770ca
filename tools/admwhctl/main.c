/* SPDX-License-Identifier: MIT */
/* admwhctl: makes, checks and renews the installation of a webhook, and tries it. */
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

#include "command.h"
#include "common/print.h"

static const struct command *const commands[] = {
    &init_command, &verify_command, &renew_command, &review_command,
    &test_command, &replay_command, &patch_command, NULL,
};

static void print_help(FILE *to)
{
	fputs(
	    "Usage: admwhctl COMMAND [FLAG]... [ARGUMENT]...\n"
	    "\n"
	    "Makes, checks and renews the installation of an admission webhook that authenticates\n"
	    "its callers by mutual TLS or tokens, and tries policies on manifests.\n"
	    "\n",
	    to);
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "admwhctl COMMAND --help describes a command.\n"
	      "\n"
	      "Exit status: 0 done, allowed or right; 1 denied, different or wrong; 2 no answer.\n",
	      to);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *command = find(name);

	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (strcmp(name, "--version") == 0) {
		printf("admwhctl %s\n", admwh_version());
		return EXIT_OK;
	}
	if (!command) {
		if (argc > 1)
			complain("%s: there is no such command", name);
		print_help(stderr);
		return EXIT_ERROR;
	}
	print_begin(command->name);
	if (asks_for_help(argc - 1, argv + 1)) {
		fputs(command->help, stdout);
		return EXIT_OK;
	}
	return command->run(argc - 1, argv + 1);
}
