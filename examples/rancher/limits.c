/* SPDX-License-Identifier: MIT */
/*
 * The annotation field.cattle.io/containerDefaultResourceLimit: JSON that users
 * write by hand, so it is read as Go reads it, names in any case included.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "limits.h"
#include "rancher.h"

#define DIGITS "0123456789"

static void wrong_type(const json_t *value, const char *key, struct text *why)
{
	text_add(why,
		 "invalid resource limits annotation: json: cannot unmarshal %s into Go struct "
		 "field ResourceLimits.%s of type string",
		 go_type_name(value), key);
}

/* The last member of that name, in any case; "" when there is none. */
static const char *find(json_t *limits, const char *name, struct text *why)
{
	const char *key, *found = "";
	json_t *value;

	json_object_foreach(limits, key, value) {
		if (strcasecmp(key, name) != 0 || json_is_null(value))
			continue;
		if (!json_is_string(value) && !text_any(why))
			wrong_type(value, name, why);
		found = json_is_string(value) ? json_string_value(value) : found;
	}
	return found;
}

static bool parse(const char *text, const char *name, struct admwh_quantity *quantity,
		  struct text *why)
{
	if (!*text || admwh_quantity_parse_text(quantity, text) == 0)
		return true;
	text_add(why, "invalid %s value: %s", name, quantity->error);
	return false;
}

/* The power of ten of a suffix; of "Ki" that of "k". */
static long power_of(const char *suffix, enum admwh_quantity_form form)
{
	static const char letters[] = "num kMGTPE"; /* a thousand from one to the next */

	if (form == ADMWH_QUANTITY_EXPONENT)
		return strtol(suffix + 1, NULL, 10);
	if (!*suffix)
		return 0;
	return 3 * (strchr(letters, *suffix == 'K' ? 'k' : *suffix) - letters) - 9;
}

/*
 * Quantity.String() returns the text as it was parsed when the parser takes it for canonical by its
 * last digits and its exponent: "1.500", "+1", "01E3". That is so only of numbers of an int64.
 */
static bool is_kept(const char *text, enum admwh_quantity_form form)
{
	const char *whole = text + strspn(text, "+-0");
	const long n_whole = (long)strspn(whole, DIGITS);
	const char *fraction = whole + n_whole + (whole[n_whole] == '.');
	const long n_fraction = (long)strspn(fraction, DIGITS);
	const char *suffix = fraction + n_fraction;
	const long power = power_of(suffix, form), scale = power - n_fraction;
	int zeros = 0;

	if (n_whole == 0)
		return false;
	if (strchr(suffix, 'i'))
		return n_fraction == 0 && n_whole + power <= 14 &&
		       strtoll(whole, NULL, 10) % 8 != 0;
	for (const char *at = suffix; at > whole && strchr("0.", at[-1]); at--)
		zeros += at[-1] == '0';
	return n_whole + n_fraction <= 18 && scale >= -9 && scale % 3 == 0 && zeros < 3;
}

static void add_quantity(struct text *why, const char *text, const struct admwh_quantity *quantity)
{
	char canonical[ADMWH_QUANTITY_TEXT_MAX + 1];

	admwh_quantity_format(quantity, canonical, sizeof(canonical));
	text_add(why, "%s", is_kept(text, quantity->form) ? text : canonical);
}

struct pair {
	const char *request_name;
	const char *limit_name;
	const char *request; /* "" when absent */
	const char *limit;
};

static bool check_pair(const struct pair *pair, struct text *why)
{
	struct admwh_quantity request, limit;

	if (!parse(pair->request, pair->request_name, &request, why) ||
	    !parse(pair->limit, pair->limit_name, &limit, why))
		return false;
	if (!*pair->request || !*pair->limit || admwh_quantity_compare(&request, &limit) <= 0)
		return true;
	text_add(why, "%s (", pair->request_name);
	add_quantity(why, pair->request, &request);
	text_add(why, ") cannot be greater than %s (", pair->limit_name);
	add_quantity(why, pair->limit, &limit);
	text_add(why, ")");
	return false;
}

static bool check_object(json_t *limits, struct text *why)
{
	struct pair cpu = {"requestsCpu", "limitsCpu", find(limits, "requestsCpu", why),
			   find(limits, "limitsCpu", why)};
	struct pair memory = {"requestsMemory", "limitsMemory", find(limits, "requestsMemory", why),
			      find(limits, "limitsMemory", why)};

	return !text_any(why) && check_pair(&cpu, why) && check_pair(&memory, why);
}

bool limits_check(const char *annotation, struct text *why)
{
	struct text error = {0};
	json_t *limits = json_in_text(annotation, &error);
	bool valid = json_is_null(limits);

	if (json_is_object(limits))
		valid = check_object(limits, why);
	else if (limits && !valid)
		text_add(&error,
			 "json: cannot unmarshal %s into Go value of type "
			 "namespace.ResourceLimits",
			 go_type_name(limits));
	if (text_any(&error))
		text_add(why, "invalid resource limits annotation: %s", text_get(&error));
	text_deinit(&error);
	json_decref(limits);
	return valid;
}
