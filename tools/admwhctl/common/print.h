/* SPDX-License-Identifier: MIT */
/* What a person is told: errors on stderr, colours on a terminal alone, progress of what is long.
 */
#ifndef ADMWHCTL_PRINT_H
#define ADMWHCTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour { PLAIN, BOLD, DIM, RED, GREEN, YELLOW, CYAN };

/* The command that runs, which errors begin with. */
void print_begin(const char *command);

/* "admwhctl COMMAND: ..." and a newline on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A text that others may have written, such as a server's answer: each byte that a terminal would
 * take for a command, and each that is no UTF-8, is shown as \xHH. A line end is one, too.
 */
void print_shown(FILE *to, const char *text, size_t len);
/* Likewise; *new*. */
char *text_shown(const char *text);
char *bytes_shown(const char *bytes, size_t len);

/* Likewise, each line of a text, between these two. */
void print_lines(FILE *to, const char *before, const char *text, const char *after);

/* The text of a JSON value: what print_shown() does not show as it is, which stands in strings
 * alone, as \uXXXX. */
void print_json(FILE *to, const char *text, size_t len);

/* Bytes of the first character of a text if it is shown as it is; 0: it is not. */
size_t shown_length(const char *text, size_t len);

/* The code point of the first character of valid UTF-8; len: its bytes. */
unsigned int code_point(const char *text, size_t *len);

/*
 * What switches a colour on, and PLAIN off: "" unless the stream is a terminal that can, and
 * NO_COLOR is unset or empty.
 */
const char *colour(FILE *to, enum colour colour);

/*
 * One line on stderr that is written over: only where stderr is a terminal. done == total ends it.
 */
void print_progress(const char *what, size_t done, size_t total);

/* Clear that line, for what is printed in between. */
void print_progress_clear(void);

#endif
