/* SPDX-License-Identifier: MIT */
/*
 * Cron expressions as Rancher reads them (github.com/robfig/cron): five fields, of
 * lists of ranges with steps, or a descriptor such as @daily or @every 1h.
 */
#include <string.h>
#include <strings.h>

#include "go_text.h"
#include "go_time.h"

#define SPACE " \t\n\v\f\r"

struct field {
	int64_t least;
	int64_t most;
	const char *names; /* of three letters each, from the least on; NULL for none */
};

static const struct field fields[] = {
    {0, 59, NULL},
    {0, 23, NULL},
    {1, 31, NULL},
    {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {0, 6, "sunmontuewedthufrisat"},
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* A part of the expression. */
struct part {
	const char *at;
	size_t len;
};

static bool fail(const char *what, struct part part, struct text *error)
{
	text_add(error, "%s: %.*s", what, (int)part.len, part.at);
	return false;
}

/* The part up to the separator; what is left stands behind it. False when nothing is left. */
static bool split(struct part *left, char separator, struct part *part)
{
	const char *end;

	if (!left->at)
		return false;
	end = memchr(left->at, separator, left->len);
	*part = *left;
	if (!end) {
		left->at = NULL;
		return true;
	}
	part->len = (size_t)(end - left->at);
	left->at = end + 1;
	left->len -= part->len + 1;
	return true;
}

static size_t count(struct part part, char separator)
{
	size_t n = 0;
	struct part next;

	while (split(&part, separator, &next))
		n++;
	return n;
}

static bool take_number(struct part part, int64_t *number, struct text *error)
{
	struct text text = {0}, why = {0};
	bool valid;

	text_add_bytes(&text, part.at, part.len);
	valid = go_int_parse("Atoi", text_get(&text), number, &why);
	if (!valid)
		text_add(error, "Failed to parse int from %s: %s", text_get(&text), text_get(&why));
	else if (*number < 0)
		text_add(error, "Negative number (%lld) not allowed: %s", (long long)*number,
			 text_get(&text));
	valid = valid && *number >= 0 && !text.failed;
	text_deinit(&text);
	text_deinit(&why);
	return valid;
}

static bool take_number_or_name(struct part part, const struct field *field, int64_t *number,
				struct text *error)
{
	for (const char *name = field->names; name && *name && part.len == 3; name += 3) {
		if (strncasecmp(name, part.at, 3) != 0)
			continue;
		*number = field->least + (name - field->names) / 3;
		return true;
	}
	return take_number(part, number, error);
}

/* A range with what belongs to it. */
struct range {
	struct part whole;
	int64_t first;
	int64_t last;
	int64_t step;
};

/* "*", "5" or "1-5"; true in *single when there is no hyphen. */
static bool take_bounds(struct part part, const struct field *field, struct range *range,
			bool *single, struct text *error)
{
	struct part first, last, left = part;
	size_t parts = count(part, '-');

	*single = parts == 1;
	split(&left, '-', &first);
	if (first.len == 1 && (*first.at == '*' || *first.at == '?')) {
		range->first = field->least;
		range->last = field->most;
		return true;
	}
	if (!take_number_or_name(first, field, &range->first, error))
		return false;
	range->last = range->first;
	if (parts > 2)
		return fail("Too many hyphens", range->whole, error);
	return !split(&left, '-', &last) || take_number_or_name(last, field, &range->last, error);
}

static bool take_step(struct part step, bool single, const struct field *field, struct range *range,
		      struct text *error)
{
	if (!take_number(step, &range->step, error))
		return false;
	if (single) /* "N/step" means from N to the end */
		range->last = field->most;
	return true;
}

static bool check_range(const struct range *range, const struct field *field, struct text *error)
{
	if (range->first < field->least)
		text_add(error, "Beginning of range (%lld) below minimum (%lld)",
			 (long long)range->first, (long long)field->least);
	else if (range->last > field->most)
		text_add(error, "End of range (%lld) above maximum (%lld)", (long long)range->last,
			 (long long)field->most);
	else if (range->first > range->last)
		text_add(error, "Beginning of range (%lld) beyond end of range (%lld)",
			 (long long)range->first, (long long)range->last);
	else if (range->step == 0)
		text_add(error, "Step of range should be a positive number");
	else
		return true;
	return fail("", range->whole, error);
}

static bool take_range(struct part part, const struct field *field, struct text *error)
{
	struct range range = {.whole = part, .step = 1};
	struct part bounds, step, left = part;
	bool single;

	split(&left, '/', &bounds);
	if (!take_bounds(bounds, field, &range, &single, error))
		return false;
	if (count(part, '/') > 2)
		return fail("Too many slashes", part, error);
	if (split(&left, '/', &step) && !take_step(step, single, field, &range, error))
		return false;
	return check_range(&range, field, error);
}

static bool take_field(struct part part, const struct field *field, struct text *error)
{
	struct part next;

	while (split(&part, ',', &next))
		if (next.len > 0 && !take_range(next, field, error))
			return false;
	return true;
}

static bool check_descriptor(const char *text, struct text *error)
{
	static const char *const known[] = {"@yearly", "@annually", "@monthly", "@weekly",
					    "@daily",  "@midnight", "@hourly"};
	static const char every[] = "@every ";
	struct text why = {0};
	bool valid = false;
	int64_t ns;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		valid = valid || strcmp(known[i], text) == 0;
	if (strncmp(text, every, strlen(every)) == 0) {
		valid = go_duration_parse(text + strlen(every), &ns, &why);
		if (!valid)
			text_add(error, "Failed to parse duration %s: %s", text, text_get(&why));
	} else if (!valid) {
		text_add(error, "Unrecognized descriptor: %s", text);
	}
	text_deinit(&why);
	return valid;
}

bool cron_check(const char *text, struct text *error)
{
	struct part parts[N_FIELDS];
	size_t n = 0;

	if (!*text) {
		text_add(error, "Empty spec string");
		return false;
	}
	if (*text == '@')
		return check_descriptor(text, error);
	for (const char *at = text + strspn(text, SPACE); *at; n++) {
		size_t len = strcspn(at, SPACE);

		if (n < N_FIELDS)
			parts[n] = (struct part){at, len};
		at += len;
		at += strspn(at, SPACE);
	}
	if (n != N_FIELDS) {
		text_add(error, "Expected exactly %zu fields, found %zu: %s", N_FIELDS, n, text);
		return false;
	}
	for (size_t i = 0; i < N_FIELDS; i++)
		if (!take_field(parts[i], &fields[i], error))
			return false;
	return true;
}
