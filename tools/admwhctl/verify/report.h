/* SPDX-License-Identifier: MIT */
/* What admwhctl verify finds: of each check whether it holds, and what to do where it does not. */
#ifndef ADMWHCTL_VERIFY_REPORT_H
#define ADMWHCTL_VERIFY_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In order of weight. */
enum result {
	RESULT_ABSENT,    /* the installation has nothing of the kind */
	RESULT_YES,       /* it holds */
	RESULT_UNCHECKED, /* it cannot be told */
	RESULT_WARNING,   /* it works, and is not as it should be */
	RESULT_NO,        /* it does not hold */
};

struct facts;
struct verdict;

struct check {
	const char *name; /* "server.names": GROUP.NAME */
	const char *must; /* what must hold, a sentence without its full stop */
	void (*run)(const struct facts *facts, struct verdict *verdict);
};

struct finding {
	enum result result;
	char *where; /* "FILE:LINE" or "FILE"; NULL: nowhere in particular */
	char *what;
	const char *todo;
};

struct verdict {
	const struct check *check;
	size_t n_examined; /* things that the check is about */
	char *detail;      /* of what holds; NULL: none */
	struct finding *findings;
	size_t n_findings;
};

struct report {
	struct verdict *verdicts;
	size_t n;
};

/* There is something that the check is about. */
void examine(struct verdict *verdict);

/* Said after "yes". Steals text; a second one replaces the first. */
void detail(struct verdict *verdict, char *text);

/* All steal where and what; todo is static. */
void fault(struct verdict *verdict, char *where, char *what, const char *todo);
void warn(struct verdict *verdict, char *where, char *what, const char *todo);
void unchecked(struct verdict *verdict, char *where, char *what, const char *todo);

enum result verdict_result(const struct verdict *verdict);

/* Run a table of checks, NULL name last. */
void report_run(struct report *report, const struct check *checks, const struct facts *facts);

/* How many verdicts have this result? */
size_t report_count(const struct report *report, enum result result);

/* For people. all: also what holds. */
void report_print(FILE *to, const struct report *report, bool all);

/* New. */
json_t *report_json(const struct report *report);

void report_deinit(struct report *report);

#endif
