/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <admwh/error.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 65536 };

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

__attribute__((format(printf, 4, 0))) static void add_formatted(struct awh_event *event,
								const char *key, bool is_number,
								const char *format, va_list args)
{
	char *text = event->text + event->text_used;
	size_t room = sizeof(event->text) - event->text_used;
	int len = vsnprintf(text, room, format, args);

	if (len < 0 || room < 2)
		return;
	if ((size_t)len >= room) {
		awh_utf8_trim(text);
		len = (int)strlen(text);
	}
	event->text_used += (size_t)len + 1;
	add_field(event, key, text, is_number);
}

void awh_event_format(struct awh_event *event, const char *key, const char *format, ...)
{
	va_list args;

	if (!event->log)
		return;
	va_start(args, format);
	add_formatted(event, key, false, format, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void
add_number(struct awh_event *event, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_formatted(event, key, true, format, args);
	va_end(args);
}

void awh_event_number(struct awh_event *event, const char *key, int64_t value)
{
	if (event->log)
		add_number(event, key, "%" PRId64, value);
}

void awh_event_send(struct awh_event *event)
{
	if (event->log)
		event->log->sink(&event->record, event->log->userdata);
}

bool awh_throttle_pass(struct awh_throttle *throttle, unsigned int a_second,
		       unsigned int *held_back)
{
	long long now = awh_clock_ms() / 1000;

	if (atomic_exchange(&throttle->second, now) != now)
		atomic_store(&throttle->passed, 0);
	if (atomic_fetch_add(&throttle->passed, 1) >= a_second) {
		atomic_fetch_add(&throttle->held_back, 1);
		return false;
	}
	*held_back = atomic_exchange(&throttle->held_back, 0);
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

/* A whole line in one write, so that lines of several threads do not mix. */
static void write_line(struct awh_buf *line, void *userdata)
{
	awh_buf_put(line, "\n", 1);
	if (!line->failed)
		fwrite(line->data, 1, line->len, userdata ? userdata : stderr);
	awh_buf_deinit(line);
}

static bool is_plain(const char *value)
{
	if (*value == '\0')
		return false;
	for (; *value; value++)
		if (*value <= ' ' || *value >= 0x7f || strchr("\"=\\", *value))
			return false;
	return true;
}

void admwh_log_text(const struct admwh_log_record *record, void *userdata)
{
	struct awh_buf line;

	awh_buf_init(&line, LINE_MAX_BYTES);
	put_time(&line);
	awh_buf_printf(&line, " %-7s %s", level_name(record->level), record->event);
	for (size_t i = 0; i < record->n_fields; i++) {
		const struct admwh_log_field *field = &record->fields[i];

		awh_buf_printf(&line, " %s=", field->key);
		if (is_plain(field->value))
			awh_buf_puts(&line, field->value);
		else
			awh_put_json_string(&line, field->value, strlen(field->value));
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
			awh_put_json_string(&line, field->value, strlen(field->value));
	}
	awh_buf_put(&line, "}", 1);
	write_line(&line, userdata);
}
