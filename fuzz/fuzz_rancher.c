/* SPDX-License-Identifier: MIT */
/*
 * Any text as each of the small languages that users write into fields of Rancher's
 * objects (examples/rancher). What must hold: what is refused is refused with a
 * reason, what is taken without one; a quantity that is written is the same when it
 * is read again; JSON that Go takes the library takes, but for a few reasons.
 */
#include <string.h>

#include "check.h"
#include "go_text.h"
#include "go_time.h"
#include "limits.h"
#include "quantity.h"
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

/* Written amounts have lost a suffix beyond E, as Kubernetes' have: those are not read again. */
static bool is_written_whole(const struct quantity *quantity)
{
	int64_t top = (int64_t)quantity->n_digits + quantity->exponent;

	return quantity->format == QUANTITY_EXPONENT || top <= 20;
}

static void read_quantity(const char *text)
{
	struct text reason = {0}, written = {0};
	struct quantity first, second;

	if (!quantity_parse(text, &first, &reason)) {
		has_reason(false, &reason, "a quantity is refused without a reason");
		return;
	}
	quantity_write(&first, &written);
	check(quantity_compare(&first, &first) == 0, "a quantity is not itself");
	if (is_written_whole(&first)) {
		check(quantity_parse(text_get(&written), &second, &reason),
		      "a quantity that was written cannot be read");
		check(quantity_compare(&first, &second) == 0, "a quantity changes when written");
		quantity_free(&second);
	}
	quantity_free(&first);
	text_deinit(&written);
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
