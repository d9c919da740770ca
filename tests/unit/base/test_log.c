/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/log.h"

static const char nasty[] = "two\nlines \x1b[31m \"quoted\" \xff";

/* What a sink writes for one event; free with free(). */
static char *written(admwh_log_fn *sink, enum admwh_log_level least)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	struct awh_log log = {.sink = sink, .userdata = file, .level = least};
	struct awh_event event;

	awh_event_begin(&event, &log, ADMWH_LOG_WARNING, "read.refused");
	awh_event_text(&event, "reason", nasty);
	awh_event_text(&event, "absent", NULL);
	awh_event_text(&event, "empty", "");
	awh_event_number(&event, "status", -404);
	awh_event_format(&event, "pair", "%d:%s", 1, "b");
	awh_event_send(&event);
	fclose(file);
	return text;
}

static void says_nothing_below_its_level(void **state)
{
	char *text = written(admwh_log_text, ADMWH_LOG_ERROR);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void writes_one_text_line_whatever_the_values_hold(void **state)
{
	char *text = written(admwh_log_text, ADMWH_LOG_DEBUG);

	(void)state;
	assert_non_null(strstr(text,
			       "WARNING read.refused reason=\"two\\nlines \\u001b[31m "
			       "\\\"quoted\\\" \xef\xbf\xbd\" empty=\"\" status=-404 pair=1:b\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_null(strchr(text, '\x1b'));
	free(text);
}

static void writes_one_json_object_a_line(void **state)
{
	char *text = written(admwh_log_json, ADMWH_LOG_DEBUG);
	json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	(void)state;
	assert_non_null(line);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_string_equal(json_string_value(json_object_get(line, "event")), "read.refused");
	assert_string_equal(json_string_value(json_object_get(line, "level")), "WARNING");
	assert_int_equal(json_integer_value(json_object_get(line, "status")), -404);
	assert_null(json_object_get(line, "absent"));
	json_decref(line);
	free(text);
}

static void survives_more_fields_than_it_keeps(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	struct awh_log log = {.sink = admwh_log_json, .userdata = file, .level = ADMWH_LOG_DEBUG};
	struct awh_event event;
	char big[AWH_LOG_TEXT * 2];

	(void)state;
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	awh_event_begin(&event, &log, ADMWH_LOG_INFO, "many");
	for (int i = 0; i < AWH_LOG_FIELDS * 2; i++)
		awh_event_format(&event, "field", "%d%s", i, big);
	awh_event_send(&event);
	fclose(file);
	assert_int_equal(text[len - 1], '\n');
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_nothing_below_its_level),
	    cmocka_unit_test(writes_one_text_line_whatever_the_values_hold),
	    cmocka_unit_test(writes_one_json_object_a_line),
	    cmocka_unit_test(survives_more_fields_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
