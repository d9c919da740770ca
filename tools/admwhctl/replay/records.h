/* SPDX-License-Identifier: MIT */
/*
 * A folder of recorded reviews (docs/recording.md). Its files may be anything: links, pipes, large,
 * not JSON. Those that are no records are complained of by name and left out.
 */
#ifndef ADMWHCTL_RECORDS_H
#define ADMWHCTL_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <admwh/admwh.h>

/* A record as it is listed. */
struct record_entry {
	char *name;
	char *route;
	char *caller; /* "bundle NAME", "token NAME" or both; "" where the record has none */
};

struct records {
	const char *folder; /* borrowed */
	int fd;
	struct record_entry *list; /* by route, caller and name: names are in the order of time */
	size_t count;
	size_t n_bad; /* files that are no records */
};

/* One record, read. */
struct record {
	char *text; /* the AdmissionReview, and what was recorded as one member of it */
	size_t len;
	struct admwh_json *json;
	json_t *review;
	const json_t *recorded; /* its member "record" */
};

/*
 * List the .json files that are there now; route: of this one alone, or NULL. Returns 0, or -1: it
 * has complained.
 */
int records_open(struct records *records, const char *folder, const char *route);

void records_close(struct records *records);

/* Returns 0, or -1: it has complained. record_deinit() in any case. */
int record_read(struct record *record, const struct records *records, const char *name);

void record_deinit(struct record *record);

#endif
