/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	assert_non_null(strstr(text, "WARNING read.refused reason=\"two\\nlines \\u001b[31m "
				     "\\\"quoted\\\" \xef\xbf\xbd\" empty=\"\" status=-404\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_null(strchr(text, '\x1b'));
	free(text);
}

/* A terminal's line may come in parts. */
static void read_line(int terminal, char *text, size_t size)
{
	size_t len = 0;

	while (len == 0 || text[len - 1] != '\n') {
		ssize_t got = read(terminal, text + len, size - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
	}
	text[len] = '\0';
}

/* What a terminal is shown of an event of this level; it ends before its fields. */
static void show(enum admwh_log_level level, char *shown, size_t size)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	const struct admwh_log_record record = {.level = level, .event = "read.refused"};
	FILE *file;

	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	file = fopen(ptsname(terminal), "w");
	assert_non_null(file);
	admwh_log_text(&record, file);
	read_line(terminal, shown, size);
	fclose(file);
	close(terminal);
}

/* ECMA-48 SGR around the level, and nowhere else; none where NO_COLOR is set to a text. */
static void colours_the_level_on_a_terminal(void **state)
{
	static const struct {
		enum admwh_log_level level;
		const char *coloured, *plain;
	} cases[] = {
	    {ADMWH_LOG_DEBUG, "Z \033[2mDEBUG  \033[0m read.refused\r\n",
	     "Z DEBUG   read.refused\r\n"},
	    {ADMWH_LOG_INFO, "Z \033[32mINFO   \033[0m read.refused\r\n",
	     "Z INFO    read.refused\r\n"},
	    {ADMWH_LOG_WARNING, "Z \033[33mWARNING\033[0m read.refused\r\n",
	     "Z WARNING read.refused\r\n"},
	    {ADMWH_LOG_ERROR, "Z \033[31mERROR  \033[0m read.refused\r\n",
	     "Z ERROR   read.refused\r\n"},
	    {(enum admwh_log_level)99, "Z ?       read.refused\r\n", "Z ?       read.refused\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char shown[256];

		unsetenv("NO_COLOR");
		show(cases[i].level, shown, sizeof(shown));
		assert_string_equal(strchr(shown, 'Z'), cases[i].coloured);
		setenv("NO_COLOR", "", 1);
		show(cases[i].level, shown, sizeof(shown));
		assert_string_equal(strchr(shown, 'Z'), cases[i].coloured);
		setenv("NO_COLOR", "1", 1);
		show(cases[i].level, shown, sizeof(shown));
		assert_string_equal(strchr(shown, 'Z'), cases[i].plain);
		unsetenv("NO_COLOR");
	}
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

/* Each would break a line, or show it in another order, for some reader (bidirectional text). */
static void escapes_what_readers_take_for_line_ends_and_order(void **state)
{
	static const struct {
		const char *value, *written;
	} cases[] = {
	    {"a\xe2\x80\xa8"
	     "b",
	     "\"a\\u2028b\""},
	    {"a\xe2\x80\xa9"
	     "b",
	     "\"a\\u2029b\""},
	    {"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae",
	     "\"\\u202a\\u202b\\u202c\\u202d\\u202e\""},
	    {"\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
	     "\"\\u2066\\u2067\\u2068\\u2069\""},
	    {"\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\"\\u200e\\u200f\\u061c\""},
	    /* their neighbours are text */
	    {"\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
	     "\"\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\""},
	    {"\xd8\x9b\xd8\x9d", "\"\xd8\x9b\xd8\x9d\""},
	    {"\xe2\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	    {"\xe2\x80\xae\n\"", "\"\\u202e\\n\\\"\""},
	};
	static admwh_log_fn *const sinks[] = {admwh_log_text, admwh_log_json};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		char *text = NULL;
		size_t len;
		FILE *file = open_memstream(&text, &len);
		struct awh_log log = {.sink = sinks[i % 2], .userdata = file};
		struct awh_event event;

		awh_event_begin(&event, &log, ADMWH_LOG_WARNING, "read.refused");
		awh_event_text(&event, "reason", cases[i / 2].value);
		awh_event_send(&event);
		fclose(file);
		if (!strstr(text, cases[i / 2].written))
			fail_msg("%zu: %s", i, text);
		free(text);
	}
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
		awh_event_text(&event, "field", big), awh_event_number(&event, "number", i);
	awh_event_send(&event);
	fclose(file);
	assert_int_equal(text[len - 1], '\n');
	free(text);
}

static void lets_so_many_pass_a_second_and_counts_the_rest(void **state)
{
	struct awh_throttle throttle = {0};
	unsigned int passed = 0, told = 0, rate_limited = 0;

	(void)state;
	/* Long enough to see the next second, in which those held back are told of. */
	while (told == 0) {
		if (!awh_throttle_pass(&throttle, 5, &rate_limited))
			continue;
		passed++;
		told += rate_limited;
	}
	assert_true(passed >= 2 && passed <= 11);
	assert_true(told > 0);
}

static void send_one(FILE *file)
{
	struct awh_log log = {.sink = admwh_log_text, .userdata = file, .level = ADMWH_LOG_DEBUG};
	struct awh_event event;

	awh_event_begin(&event, &log, ADMWH_LOG_WARNING, "read.refused");
	awh_event_text(&event, "reason", nasty);
	awh_event_send(&event);
}

static void counts_what_a_full_disk_has_no_room_for(void **state)
{
	FILE *file = fopen("/dev/full", "w");
	uint64_t before = admwh_log_dropped();
	atomic_ullong shared = 0;

	(void)state;
	assert_non_null(file);
	send_one(file);
	awh_log_share_dropped(&shared);
	send_one(file);
	awh_log_share_dropped(NULL);
	assert_int_equal(admwh_log_dropped(), before + 2);
	assert_int_equal(shared, 1);
	fclose(file);
}

/* The line that does not fit is gone; those after it are whole again. */
static void does_not_wait_for_a_pipe_without_a_reader(void **state)
{
	uint64_t before = admwh_log_dropped();
	char room[4096] = {0};
	int fds[2];
	FILE *file;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], room, sizeof(room)) > 0)
		;
	fcntl(fds[1], F_SETFL, 0);
	file = fdopen(fds[1], "w");
	assert_non_null(file);
	send_one(file);
	assert_int_equal(admwh_log_dropped(), before + 1);
	while (read(fds[0], room, sizeof(room)) == sizeof(room) && room[0] == '\0') {
		struct pollfd more = {.fd = fds[0], .events = POLLIN};

		if (poll(&more, 1, 0) == 0)
			break;
	}
	send_one(file);
	assert_int_equal(admwh_log_dropped(), before + 1);
	assert_true(read(fds[0], room, sizeof(room)) > 60);
	assert_memory_equal(room + 24, " WARNING", 8);
	fclose(file);
	close(fds[0]);
}

/* Colour is for people: a terminal gets it, unless NO_COLOR is set. */
static void colours_levels_on_a_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char text[1024] = "";
	FILE *terminal;

	(void)state;
	if (master < 0 || grantpt(master) || unlockpt(master))
		skip();
	unsetenv("NO_COLOR");
	terminal = fopen(ptsname(master), "w");
	assert_non_null(terminal);
	send_one(terminal);
	read_line(master, text, sizeof(text));
	assert_non_null(strstr(text, " \033[33mWARNING\033[0m read.refused "));
	setenv("NO_COLOR", "1", 1);
	send_one(terminal);
	read_line(master, text, sizeof(text));
	assert_null(strchr(text, '\033'));
	unsetenv("NO_COLOR");
	fclose(terminal);
	close(master);
}

/* C1 controls, which terminals obey too, come as two bytes of UTF-8. */
static void escapes_every_control_character(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	struct awh_log log = {.sink = admwh_log_text, .userdata = file, .level = ADMWH_LOG_DEBUG};
	struct awh_event event;

	(void)state;
	awh_event_begin(&event, &log, ADMWH_LOG_WARNING, "read.refused");
	awh_event_text(&event, "reason", "\x01\x7f\xc2\x9b\xc2\x80\r\t");
	awh_event_send(&event);
	fclose(file);
	for (size_t i = 0; i < len - 1; i++)
		assert_true((unsigned char)text[i] >= ' ' && (unsigned char)text[i] < 0x7f);
	free(text);
}

/* A line of values that escapes make long still fits into a pipe at once. */
static void cuts_values_that_escapes_make_long(void **state)
{
	char *text = NULL, value[1024];
	size_t len;
	FILE *file = open_memstream(&text, &len);
	struct awh_log log = {.sink = admwh_log_json, .userdata = file, .level = ADMWH_LOG_DEBUG};
	struct awh_event event;

	(void)state;
	memset(value, 1, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	awh_event_begin(&event, &log, ADMWH_LOG_WARNING, "read.refused");
	for (int i = 0; i < 10; i++)
		awh_event_text(&event, "reason", value);
	awh_event_send(&event);
	fclose(file);
	assert_true(len >= 1000 && len <= 4096);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_nothing_below_its_level),
	    cmocka_unit_test(writes_one_text_line_whatever_the_values_hold),
	    cmocka_unit_test(colours_the_level_on_a_terminal),
	    cmocka_unit_test(writes_one_json_object_a_line),
	    cmocka_unit_test(lets_so_many_pass_a_second_and_counts_the_rest),
	    cmocka_unit_test(counts_what_a_full_disk_has_no_room_for),
	    cmocka_unit_test(does_not_wait_for_a_pipe_without_a_reader),
	    cmocka_unit_test(colours_levels_on_a_terminal),
	    cmocka_unit_test(escapes_every_control_character),
	    cmocka_unit_test(cuts_values_that_escapes_make_long),
	    cmocka_unit_test(escapes_what_readers_take_for_line_ends_and_order),
	    cmocka_unit_test(survives_more_fields_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
