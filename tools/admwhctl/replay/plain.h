/* SPDX-License-Identifier: MIT */
/* Texts of files and answers, for a terminal. */
#ifndef ADMWHCTL_PLAIN_H
#define ADMWHCTL_PLAIN_H

/* The text with "?" for each byte of a control character but the line's end. New. */
char *plain_text(const char *text);

/* Likewise, with "?" for line ends, too. New. */
char *plain_line(const char *text);

#endif
