/* SPDX-License-Identifier: MIT */
/*
 * Any text as each of the small languages that users write into fields of Rancher's
 * objects (examples/rancher). What must hold: what is refused is refused with a
 * reason, what is taken without one; a quantity that is written is the same when it
 * is read again; JSON that Go takes the library takes, but for a few reasons.
 */
#include <string.h>

#include <admwh/quantity.h>

#include "check.h"
#include "go_text.h"
#include "go_time.h"
#include "limits.h"
#include "go_quote.h"

static void has_reason(bool taken, struct text *reason, const char *what)
{
	check(taken == (reason->len == 0) || reason->failed, what);
	text_deinit(reason);
}

static void read_texts(const char *text)
{
	static bool (*const checks[])(const char *, struct text *) = {
	    go_json_check, go_regexp_check, json_path_check,
	    cron_check,    go_time_check,   limits_check,
	};
	struct text reason = {0};
	int64_t value;
	bool taken;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		taken = checks[i](text, &reason);
		has_reason(taken, &reason, "a text is refused without a reason, or taken with one");
	}
	taken = go_duration_parse(text, &value, &reason);
	has_reason(taken, &reason, "a duration");
	taken = go_int_parse("Atoi", text, &value, &reason);
	has_reason(taken, &reason, "a number");
	go_quote(&reason, text);
	go_quote_ascii(&reason, text, strlen(text));
	text_deinit(&reason);
}

/* The quantity in the message equals the one that was sent. */
static void check_written(const char *text, const struct admwh_quantity *quantity)
{
	static const char before[] = "requestsCpu (", behind[] = ") cannot be greater";
	struct text annotation = {0}, why = {0};
	struct admwh_quantity again;
	char *written, *end;

	text_add(&annotation, "{\"requestsCpu\":\"%s\",\"limitsCpu\":\"-1e1000000000\"}", text);
	if (!limits_check(text_get(&annotation), &why) && !why.failed) {
		check(strncmp(why.data, before, strlen(before)) == 0, "another reason");
		written = why.data + strlen(before);
		end = strstr(written, behind);
		check(end != NULL, "another reason");
		*end = '\0';
		check(admwh_quantity_parse_text(&again, written) == 0
			  ? admwh_quantity_compare(&again, quantity) == 0
			  : strlen(written) > ADMWH_QUANTITY_DIGITS_MAX,
		      "a quantity changes when written");
	}
	text_deinit(&annotation);
	text_deinit(&why);
}

static void read_quantity(const char *text)
{
	struct admwh_quantity quantity;

	if (admwh_quantity_parse_text(&quantity, text) == 0)
		check_written(text, &quantity);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		return 0;
	if (len > 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	read_texts(text);
	read_quantity(text);
	free(text);
	return 0;
}
