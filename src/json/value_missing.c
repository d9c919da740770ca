/* SPDX-License-Identifier: MIT */
/*
 * Absence that knows where it is: "spec.replicas" is missing, not just something. A
 * missing value is the last value that is there, and the steps that were asked for
 * behind it. Steps are remembered by name, not by place: the memory that they take
 * depends on what a program asks for, and not on how many containers an object has.
 */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "json/path.h"
#include "json/value.h"

enum {
	HEADS = 64, /* of lists of steps; a power of two */
	/*
	 * Steps of a list that are compared: names that an object has chosen so that they fall into
	 * one list make more steps, and not more work.
	 */
	COMPARED = 8,
	FIRST_STEPS = 16,
	/* Steps of a path, and bytes of a name: what is behind them does not fit into 1 KiB. */
	SHOWN = 600,
};

/* A step behind another one, or behind a value. The number n of a step is from 1. */
struct awh_text_missing {
	uint32_t before; /* the step before it; 0 for none */
	uint32_t other;  /* the next one of its list; 0 for none */
	const char *name;
	size_t len; /* or the index, where name is NULL */
};

static uint32_t step_of(struct admwh_value value)
{
	return value.end >= AWH_VALUE_MISSING ? value.end - AWH_VALUE_MISSING : 0;
}

static uint32_t *head_of(const struct admwh_text *text, const struct awh_text_missing *step)
{
	const unsigned char *name = (const unsigned char *)step->name;
	uint32_t hash = step->before * 31 + (uint32_t)step->len;

	if (name && step->len > 0)
		hash += name[0] * 7u + name[step->len / 2] * 3u + name[step->len - 1];
	return &text->missing_heads[(hash ^ hash >> 6) & (HEADS - 1)];
}

static bool is_same(const struct awh_text_missing *a, const struct awh_text_missing *b)
{
	return a->before == b->before && a->len == b->len && !a->name == !b->name &&
	       (!a->name || memcmp(a->name, b->name, a->len) == 0);
}

/* The number of a step that is remembered; 0 for none. */
static uint32_t find(const struct admwh_text *text, const struct awh_text_missing *step)
{
	uint32_t number = *head_of(text, step);

	for (int i = 0; number > 0 && i < COMPARED; i++) {
		if (is_same(&text->missing[number - 1], step))
			return number;
		number = text->missing[number - 1].other;
	}
	return 0;
}

/* Room for one more. False: memory has run out. */
static bool reserve(struct admwh_text *text)
{
	uint32_t capacity = text->missing_capacity ? text->missing_capacity * 2 : FIRST_STEPS;
	struct awh_text_missing *steps;

	if (!text->missing_heads)
		text->missing_heads = awh_text_take(text, HEADS * sizeof(uint32_t));
	if (!text->missing_heads)
		return false;
	if (text->n_missing < text->missing_capacity)
		return true;
	steps = awh_text_take(text, capacity * sizeof(*steps));
	if (!steps)
		return false;
	if (text->n_missing > 0)
		memcpy(steps, text->missing, text->n_missing * sizeof(*steps));
	text->missing = steps;
	text->missing_capacity = capacity;
	return true;
}

/* Its number; 0 when memory has run out. */
static uint32_t remember(struct admwh_text *text, struct awh_text_missing *step)
{
	char *name;

	if (!reserve(text) || text->n_missing == AWH_VALUE_MISSING - 1)
		return 0;
	if (step->name) {
		name = awh_text_take(text, step->len + 1);
		if (!name)
			return 0;
		memcpy(name, step->name, step->len);
		step->name = name;
	}
	step->other = *head_of(text, step);
	text->missing[text->n_missing++] = *step;
	*head_of(text, step) = text->n_missing;
	return text->n_missing;
}

static struct admwh_value make(struct admwh_value parent, struct awh_text_missing *step)
{
	struct admwh_text *text = awh_value_text(parent);
	uint32_t number;

	if (!text)
		return (struct admwh_value){0};
	step->before = step_of(parent);
	number = text->missing_heads ? find(text, step) : 0;
	if (number == 0)
		number = remember(text, step);
	if (number == 0)
		return (struct admwh_value){0};
	return awh_value_make(text, parent.item, AWH_VALUE_MISSING + number);
}

struct admwh_value awh_value_missing(struct admwh_value parent, const char *name, size_t len)
{
	struct awh_text_missing step = {.name = name, .len = len};

	return name ? make(parent, &step) : (struct admwh_value){0};
}

struct admwh_value awh_value_missing_at(struct admwh_value parent, size_t index)
{
	struct awh_text_missing step = {.len = index};

	return make(parent, &step);
}

/* A name has been given as text; the path takes it as JSON writes it. */
static void add_name(struct awh_path *path, struct admwh_text *text,
		     const struct awh_text_missing *step)
{
	struct awh_buf quoted;

	awh_buf_init(&quoted, SIZE_MAX);
	awh_put_json_string(&quoted, step->name, step->len < SHOWN ? step->len : SHOWN);
	if (quoted.err)
		awh_text_fail_memory(text);
	else
		awh_path_add_key(path, quoted.data + 1);
	awh_buf_deinit(&quoted);
}

void awh_value_add_missing(struct admwh_value value, struct awh_path *path)
{
	uint32_t numbers[SHOWN];
	size_t n = 0;

	for (uint32_t number = step_of(value); number > 0;
	     number = value.text->missing[number - 1].before)
		numbers[n++ % SHOWN] = number;
	for (; n > 0 && !path->full; n--) {
		const struct awh_text_missing *step =
		    &value.text->missing[numbers[(n - 1) % SHOWN] - 1];

		if (step->name)
			add_name(path, awh_value_text(value), step);
		else
			awh_path_add_index(path, step->len);
	}
}
