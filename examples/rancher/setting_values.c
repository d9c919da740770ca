/* SPDX-License-Identifier: MIT */
/*
 * The values of single settings. "value" is the field all of them stand in.
 */
#include <string.h>

#include "go_decode.h"
#include "go_text.h"
#include "go_time.h"
#include "rancher.h"
#include "setting_values.h"

#define HOUR ((int64_t)3600 * 1000000000)
#define MIN_DELETE_AFTER (24 * 14 * HOUR)
#define MIN_TTL 30
#define MIN_GRACE_PERIOD 10
#define PERCENTAGE "^([0-9]|[1-9][0-9]|100)%$"

static void invalid(const char *value, const struct text *error, struct text *why)
{
	field_invalid(why, "value", value, text_get(error));
}

void setting_check_seconds(const char *value, struct text *why)
{
	struct text seconds = {0}, error = {0};
	int64_t ns;

	text_add(&seconds, "%ss", value);
	if (!go_duration_parse(text_get(&seconds), &ns, &error))
		invalid(value, &error, why);
	text_deinit(&seconds);
	text_deinit(&error);
}

/* A number in base 10 that is not below the least; function is what Go calls its parser. */
static void check_minutes(const char *value, int64_t least, const char *below, struct text *why)
{
	struct text error = {0};
	int64_t minutes = 0;

	if (!*value)
		return;
	if (!go_int_parse("ParseInt", value, &minutes, &error))
		invalid(value, &error, why);
	else if (minutes < least)
		field_invalid(why, "value", value, below);
	text_deinit(&error);
}

void setting_check_minutes(const char *value, struct text *why)
{
	check_minutes(value, 0, "negative value", why);
}

void setting_check_idle_minutes(const char *value, struct text *why)
{
	check_minutes(value, 1, "negative value or less than 1 minute", why);
}

static void check_least(const char *value, int least, struct text *why)
{
	struct text error = {0}, below = {0};
	int64_t minutes = 0;

	if (!*value)
		return;
	text_add(&below, "must be >= %d", least);
	if (!go_int_parse("Atoi", value, &minutes, &error))
		invalid(value, &error, why);
	else if (minutes < least)
		field_forbidden(why, "value", text_get(&below));
	text_deinit(&error);
	text_deinit(&below);
}

void setting_check_ttl(const char *value, struct text *why)
{
	check_least(value, MIN_TTL, why);
}

void setting_check_grace_period(const char *value, struct text *why)
{
	check_least(value, MIN_GRACE_PERIOD, why);
}

/* A duration that is not negative; 0, as "", turns the setting off. */
static int64_t check_duration(const char *value, struct text *why)
{
	struct text error = {0};
	int64_t ns = 0;

	if (*value && !go_duration_parse(value, &ns, &error))
		invalid(value, &error, why);
	else if (ns < 0)
		field_invalid(why, "value", value, "negative value");
	text_deinit(&error);
	return ns;
}

void setting_check_disable_after(const char *value, struct text *why)
{
	check_duration(value, why);
}

void setting_check_delete_after(const char *value, struct text *why)
{
	int64_t ns = check_duration(value, why);

	if (ns > 0 && ns < MIN_DELETE_AFTER)
		field_forbidden(why, "value", "must be at least 336h0m0s");
}

void setting_check_time(const char *value, struct text *why)
{
	struct text error = {0};

	if (*value && !go_time_check(value, &error))
		invalid(value, &error, why);
	text_deinit(&error);
}

void setting_check_cron(const char *value, struct text *why)
{
	struct text error = {0};

	if (*value && !cron_check(value, &error))
		invalid(value, &error, why);
	text_deinit(&error);
}

/* A setting that holds an object as text: *new*; NULL with why when it is none. */
static json_t *read_object(const char *value, const char *go_type, struct text *why)
{
	json_t *object = json_in_text(value, why);
	struct admwh_document *document =
	    object ? admwh_document_parse(value, strlen(value)) : NULL;
	bool fits = document && go_decode_check(admwh_document_value(document), go_type, why);

	why->failed = why->failed || (object && !document);
	admwh_document_free(document);
	if (fits)
		return object;
	json_decref(object);
	return NULL;
}

static void check_priority(const json_t *object, struct text *why)
{
	const int64_t most = 1000000000;
	const json_t *value = json_object_get(object, "value");
	const char *policy = text_in(object, "preemptionPolicy");

	if (json_integer_value(value) > most || json_integer_value(value) < -most)
		text_add(why, "value must be less than 1 billion and greater than negative 1 "
			      "billion");
	else if (*policy && strcmp(policy, "Never") != 0 &&
		 strcmp(policy, "PreemptLowerPriority") != 0)
		text_add(why, "preemption policy must be set to either 'Never' or "
			      "'PreemptLowerPriority'");
}

void setting_check_priority_class(const char *value, struct text *why)
{
	json_t *object = *value ? read_object(value, "v1.PriorityClassSpec", why) : NULL;

	if (object)
		check_priority(object, why);
	json_decref(object);
}

/* "0%" to "100%". */
static bool is_percentage(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (strcmp(text + digits, "%") != 0)
		return false;
	return digits == 1 || (digits == 2 && *text != '0') || strcmp(text, "100%") == 0;
}

static bool is_set(const char *text)
{
	return *text && strcmp(text, "0") != 0;
}

/* A number of Pods or a share of them. The text of the second is the original's, for both. */
static void check_pods(const char *name, const char *text, struct text *why)
{
	struct text error = {0};
	int64_t n = 0;
	bool is_int = go_int_parse("Atoi", text, &n, &error);

	text_deinit(&error);
	if (text_any(why))
		return;
	if (is_int && n < 0)
		text_add(why, "%s cannot be set to a negative integer", name);
	else if (*text && !is_int && !is_percentage(text))
		text_add(why,
			 "minAvailable must be a non-negative whole integer or a percentage value "
			 "between 0 and 100, regex used is '%s'",
			 PERCENTAGE);
}

void setting_check_disruption_budget(const char *value, struct text *why)
{
	json_t *object = *value ? read_object(value, "v1.PodDisruptionBudgetSpec", why) : NULL;
	const char *least = text_in(object, "minAvailable");
	const char *most = text_in(object, "maxUnavailable");

	if (object && !text_any(why) && ((!*least && !*most) || (is_set(least) && is_set(most))))
		text_add(why, "both minAvailable and maxUnavailable cannot be set to a non zero "
			      "value, at least one must be set to zero");
	if (object)
		check_pods("minAvailable", least, why);
	if (object)
		check_pods("maxUnavailable", most, why);
	json_decref(object);
}
