/* SPDX-License-Identifier: MIT */
/* What load.c sends and gets: requests out of files, and answers that are checked. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UID_LEN = 36 };

struct body {
	unsigned int weight;
	char *request; /* head and body */
	size_t len;
	size_t uid_at; /* where the UID stands in it */
	char *right;   /* the last answer that was found right, without its UID */
	size_t right_len;
};

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* name: a file of a review whose first UID is request.uid */
void read_body(struct body *body, const char *name, const char *path, bool closes);

bool answer_is_whole(const char *answer, size_t len);

/*
 * Ends the program unless the answer is 200 and a review that allows this UID, with a patch that
 * has an operation of the path `patch`, or without one where that is NULL. Changes answer.
 */
void check_answer(struct body *body, const char *uid, char *answer, size_t len, const char *patch);

#endif
