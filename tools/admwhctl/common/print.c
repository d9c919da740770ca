/* SPDX-License-Identifier: MIT */
#include "common/print.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *command_name;

static const char *const codes[] = {
    [PLAIN] = "\033[0m",  [BOLD] = "\033[1m",    [DIM] = "\033[2m",   [RED] = "\033[31m",
    [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m",
};

void print_begin(const char *command)
{
	command_name = command;
}

void complain(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "admwhctl%s%s: ", command_name ? " " : "",
		command_name ? command_name : "");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool has_colours(FILE *to)
{
	const char *terminal = getenv("TERM");

	return isatty(fileno(to)) && !is_set("NO_COLOR") && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

const char *colour(FILE *to, enum colour colour)
{
	return has_colours(to) ? codes[colour] : "";
}

void print_progress(const char *what, size_t done, size_t total)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%s: %zu of %zu\033[K", what, done, total);
	if (done == total)
		fputc('\n', stderr);
}

void print_progress_clear(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}
