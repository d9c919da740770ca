/* SPDX-License-Identifier: MIT */
#include "common/print.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"

static const char *command_name;

static const char *const codes[] = {
    [PLAIN] = "\033[0m",  [BOLD] = "\033[1m",    [DIM] = "\033[2m",   [RED] = "\033[31m",
    [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m",
};

void print_begin(const char *command)
{
	command_name = command;
}

/* How many bytes a character of UTF-8 has by its first; 0: it begins none. */
static size_t length_by_first(unsigned char first)
{
	return first < 0x80                    ? 1
	       : first >= 0xc2 && first < 0xe0 ? 2
	       : first >= 0xe0 && first < 0xf0 ? 3
	       : first >= 0xf0 && first < 0xf5 ? 4
					       : 0;
}

/* U+0080 to U+009F are control characters (ISO 6429, C1); U+2028 and U+2029 end lines; the others
 * change the direction of text (Unicode Bidi_Control). */
static bool is_command(const unsigned char *bytes, size_t n)
{
	if (n == 2)
		return (bytes[0] == 0xc2 && bytes[1] < 0xa0) ||
		       (bytes[0] == 0xd8 && bytes[1] == 0x9c);
	if (n != 3 || bytes[0] != 0xe2)
		return false;
	return (bytes[1] == 0x80 &&
		(bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae))) ||
	       (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
}

size_t shown_length(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t n = length_by_first(bytes[0]);

	if (n == 0 || n > len || (n == 1 && (bytes[0] < ' ' || bytes[0] == 0x7f) && *text != '\t'))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return is_command(bytes, n) ? 0 : n;
}

void print_shown(FILE *to, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = shown_length(text, len);

		if (n > 0)
			fwrite(text, 1, n, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)*text);
		text += n > 0 ? n : 1;
		len -= n > 0 ? n : 1;
	}
}

char *bytes_shown(const char *bytes, size_t len)
{
	char *shown = NULL;
	size_t size;
	FILE *to = text_open(&shown, &size);

	print_shown(to, bytes, len);
	text_close(to);
	return shown;
}

char *text_shown(const char *text)
{
	return bytes_shown(text, strlen(text));
}

void print_lines(FILE *to, const char *before, const char *text, const char *after)
{
	for (; *text; text += *text == '\n') {
		size_t len = strcspn(text, "\n");

		fputs(before, to);
		print_shown(to, text, len);
		fprintf(to, "%s\n", after);
		text += len;
	}
}

unsigned int code_point(const char *text, size_t *len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned int code = bytes[0];

	*len = length_by_first(bytes[0]);
	if (*len > 1)
		code &= 0x7fu >> *len;
	for (size_t i = 1; i < *len; i++)
		code = code << 6 | (bytes[i] & 0x3fu);
	return code;
}

/* Line ends stand between values alone. */
void print_json(FILE *to, const char *text, size_t len)
{
	for (size_t n; len > 0; text += n, len -= n) {
		n = *text == '\n' ? 1 : shown_length(text, len);
		if (n > 0)
			fwrite(text, 1, n, to);
		else
			fprintf(to, "\\u%04x", code_point(text, &n));
	}
}

void complain(const char *format, ...)
{
	va_list arguments;
	char *message = NULL;

	fprintf(stderr, "admwhctl%s%s: ", command_name ? " " : "",
		command_name ? command_name : "");
	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	print_lines(stderr, "", message ? message : "out of memory", "");
	free(message);
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
