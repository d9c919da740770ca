/* SPDX-License-Identifier: MIT */
/*
 * Log events: a level, a name whose first word is the stage, and fields. An
 * event is put together on the stack and handed to the program's sink; one that
 * is below the level costs a comparison.
 */
#ifndef AWH_BASE_LOG_H
#define AWH_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/log.h>

enum { AWH_LOG_FIELDS = 24, AWH_LOG_TEXT = 1024 };

struct awh_log {
	admwh_log_fn *sink; /* NULL: no log */
	void *userdata;
	enum admwh_log_level level;
	int64_t pid; /* a field of every event; 0: of none */
};

struct awh_event {
	const struct awh_log *log; /* NULL: below the level */
	struct admwh_log_record record;
	struct admwh_log_field fields[AWH_LOG_FIELDS];
	char text[AWH_LOG_TEXT]; /* formatted values */
	size_t text_used;
};

/*
 * awh_event_begin(&event, log, ADMWH_LOG_WARNING, "handshake.refused");
 * awh_event_text(&event, "reason", reason);
 * awh_event_send(&event);
 */
void awh_event_begin(struct awh_event *event, const struct awh_log *log, enum admwh_log_level level,
		     const char *name);
/* value: *borrowed* until awh_event_send(); NULL leaves the field out */
void awh_event_text(struct awh_event *event, const char *key, const char *value);
void awh_event_number(struct awh_event *event, const char *key, int64_t value);
/* A field as it is, *borrowed* likewise. */
void awh_event_field(struct awh_event *event, const struct admwh_log_field *field);
void awh_event_send(struct awh_event *event);

/*
 * Add what is dropped to this counter as well, in memory that several processes share. NULL: no
 * more.
 */
void awh_log_share_dropped(atomic_ullong *counter);

/*
 * Keeps an unauthenticated client from filling the log: at most so many events of a kind a second.
 * An event that passes says how many before it did not. Used by any thread.
 */
struct awh_throttle {
	atomic_llong second;      /* monotonic */
	atomic_uint passed;       /* in that second */
	atomic_uint rate_limited; /* since the last that passed */
};

bool awh_throttle_pass(struct awh_throttle *throttle, unsigned int a_second,
		       unsigned int *rate_limited);

#endif
