/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	/*
	 * Of a value in a line: clients choose values of any length, and a pipe takes 4 KiB at
	 * once.
	 */
	VALUE_MAX_BYTES = 256,
	ESCAPED_BYTES = 6, /* "\\u001f" */
	LINE_MAX_BYTES = (AWH_LOG_FIELDS + 1) * (VALUE_MAX_BYTES + 64) * 6,
};

/* Of this process: its ready-made sinks know no server. */
static atomic_ullong dropped;
static _Atomic(atomic_ullong *) shared_dropped;

void awh_event_begin(struct awh_event *event, const struct awh_log *log, enum admwh_log_level level,
		     const char *name)
{
	event->log = log && log->sink && level >= log->level ? log : NULL;
	if (!event->log)
		return;
	event->text_used = 0;
	event->record = (struct admwh_log_record){
	    .level = level,
	    .event = name,
	    .fields = event->fields,
	};
}

static void add_field(struct awh_event *event, const char *key, const char *value, bool is_number)
{
	if (event->record.n_fields == AWH_LOG_FIELDS)
		return;
	event->fields[event->record.n_fields++] =
	    (struct admwh_log_field){.key = key, .value = value, .is_number = is_number};
}

void awh_event_text(struct awh_event *event, const char *key, const char *value)
{
	if (event->log && value)
		add_field(event, key, value, false);
}

/* The text of a number that the event keeps; NULL when there is no room. */
static const char *number_text(struct awh_event *event, int64_t value)
{
	char *text = event->text + event->text_used;
	size_t room = sizeof(event->text) - event->text_used;
	int len = snprintf(text, room, "%" PRId64, value);

	if (len < 0 || (size_t)len >= room)
		return NULL;
	event->text_used += (size_t)len + 1;
	return text;
}

void awh_event_number(struct awh_event *event, const char *key, int64_t value)
{
	const char *text = event->log ? number_text(event, value) : NULL;

	if (text)
		add_field(event, key, text, true);
}

void awh_event_field(struct awh_event *event, const struct admwh_log_field *field)
{
	if (event->log && field->value)
		add_field(event, field->key, field->value, field->is_number);
}

void awh_event_send(struct awh_event *event)
{
	if (event->log && event->log->pid)
		awh_event_number(event, "pid", event->log->pid);
	if (event->log)
		event->log->sink(&event->record, event->log->userdata);
}

bool awh_throttle_pass(struct awh_throttle *throttle, unsigned int a_second,
		       unsigned int *rate_limited)
{
	long long now = awh_clock_ms() / 1000;

	if (atomic_exchange(&throttle->second, now) != now)
		atomic_store(&throttle->passed, 0);
	if (atomic_fetch_add(&throttle->passed, 1) >= a_second) {
		atomic_fetch_add(&throttle->rate_limited, 1);
		return false;
	}
	*rate_limited = atomic_exchange(&throttle->rate_limited, 0);
	return true;
}

static const char *level_name(enum admwh_log_level level)
{
	switch (level) {
	case ADMWH_LOG_DEBUG:
		return "DEBUG";
	case ADMWH_LOG_INFO:
		return "INFO";
	case ADMWH_LOG_WARNING:
		return "WARNING";
	case ADMWH_LOG_ERROR:
		return "ERROR";
	}
	return "?";
}

/* Of a terminal (ECMA-48 SGR); NULL where there is none, or https://no-color.org asks for none. */
static const char *level_colour(enum admwh_log_level level, FILE *file)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !isatty(fileno(file)))
		return NULL;
	switch (level) {
	case ADMWH_LOG_DEBUG:
		return "\033[2m";
	case ADMWH_LOG_INFO:
		return "\033[32m";
	case ADMWH_LOG_WARNING:
		return "\033[33m";
	case ADMWH_LOG_ERROR:
		return "\033[31m";
	}
	return NULL;
}

static void put_time(struct awh_buf *line)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	awh_buf_printf(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", utc.tm_year + 1900,
		       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
		       now.tv_nsec / 1000000);
}

/*
 * A reader that has stopped reading must not stop the threads that log: what a pipe has no room for
 * is dropped. A file that is not a descriptor's (in memory) always has room.
 */
static bool has_room(FILE *file)
{
	struct pollfd descriptor = {.fd = fileno(file), .events = POLLOUT};

	return descriptor.fd < 0 || poll(&descriptor, 1, 0) == 1;
}

/* A line that was not written, a full disk's for instance, does not stay in the file's buffer. */
static bool write_out(FILE *file, const struct awh_buf *line)
{
	bool written = fwrite(line->data, 1, line->len, file) == line->len && fflush(file) == 0;

	if (!written) {
		__fpurge(file);
		clearerr(file);
	}
	return written;
}

static void count_dropped(void)
{
	atomic_ullong *shared = atomic_load(&shared_dropped);

	atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
	if (shared)
		atomic_fetch_add_explicit(shared, 1, memory_order_relaxed);
}

/* A whole line at once, so that lines of several threads do not interleave. */
static void write_line(struct awh_buf *line, void *userdata)
{
	FILE *file = userdata ? userdata : stderr;

	awh_buf_put(line, "\n", 1);
	flockfile(file);
	if (line->err || !has_room(file) || !write_out(file, line))
		count_dropped();
	funlockfile(file);
	awh_buf_deinit(line);
}

/* A JSON string, cut where it is long, and sooner when escapes make it so. */
static void put_value(struct awh_buf *line, const char *value)
{
	size_t begin = line->len, len = strnlen(value, VALUE_MAX_BYTES);

	awh_put_log_string(line, value, len);
	if (line->err || line->len - begin <= 2 * VALUE_MAX_BYTES)
		return;
	line->len = begin;
	awh_put_log_string(line, value, VALUE_MAX_BYTES / ESCAPED_BYTES);
}

static bool is_plain(const char *value)
{
	if (*value == '\0' || strnlen(value, VALUE_MAX_BYTES) == VALUE_MAX_BYTES)
		return false;
	for (; *value; value++)
		if (*value <= ' ' || *value >= 0x7f || strchr("\"=\\", *value))
			return false;
	return true;
}

void admwh_log_text(const struct admwh_log_record *record, void *userdata)
{
	const char *colour = level_colour(record->level, userdata ? userdata : stderr);
	struct awh_buf line;

	awh_buf_init(&line, LINE_MAX_BYTES);
	put_time(&line);
	awh_buf_printf(&line, " %s%-7s%s %s", colour ? colour : "", level_name(record->level),
		       colour ? "\033[0m" : "", record->event);
	for (size_t i = 0; i < record->n_fields; i++) {
		const struct admwh_log_field *field = &record->fields[i];

		awh_buf_printf(&line, " %s=", field->key);
		if (is_plain(field->value))
			awh_buf_puts(&line, field->value);
		else
			put_value(&line, field->value);
	}
	write_line(&line, userdata);
}

void admwh_log_json(const struct admwh_log_record *record, void *userdata)
{
	struct awh_buf line;

	awh_buf_init(&line, LINE_MAX_BYTES);
	awh_buf_puts(&line, "{\"time\":\"");
	put_time(&line);
	awh_buf_printf(&line, "\",\"level\":\"%s\",\"event\":", level_name(record->level));
	awh_put_json_string(&line, record->event, strlen(record->event));
	for (size_t i = 0; i < record->n_fields; i++) {
		const struct admwh_log_field *field = &record->fields[i];

		awh_buf_put(&line, ",", 1);
		awh_put_json_string(&line, field->key, strlen(field->key));
		awh_buf_put(&line, ":", 1);
		if (field->is_number)
			awh_buf_puts(&line, field->value);
		else
			put_value(&line, field->value);
	}
	awh_buf_put(&line, "}", 1);
	write_line(&line, userdata);
}

uint64_t admwh_log_dropped(void)
{
	return atomic_load_explicit(&dropped, memory_order_relaxed);
}

void awh_log_share_dropped(atomic_ullong *counter)
{
	atomic_store(&shared_dropped, counter);
}
