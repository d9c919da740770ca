/* SPDX-License-Identifier: MIT */
#include "json/numbers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_NUMBERS = 64 };

struct number {
	json_t *value; /* a reference of the table's own; NULL: free place */
	uint64_t bits; /* of the value when it was read */
	const char *text;
	size_t len;
};

/* Open addressing, at most half full. */
struct awh_numbers {
	struct number *places;
	size_t n_places; /* a power of two */
	size_t n_numbers;
	struct awh_arena texts;
};

/* The bits that change when a program sets the value. */
static uint64_t bits_of(const json_t *value)
{
	uint64_t bits;
	double real;

	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	real = json_real_value(value);
	memcpy(&bits, &real, sizeof(bits));
	return bits;
}

/* The place of a value, or the free one where it belongs. */
static struct number *find_place(const struct awh_numbers *numbers, const json_t *value)
{
	uint64_t hash = (uint64_t)(uintptr_t)value * UINT64_C(0x9e3779b97f4a7c15);
	size_t mask = numbers->n_places - 1;
	size_t i = (size_t)(hash >> 32) & mask;

	while (numbers->places[i].value && numbers->places[i].value != value)
		i = (i + 1) & mask;
	return &numbers->places[i];
}

static int grow_numbers(struct awh_numbers *numbers)
{
	struct awh_numbers grown = *numbers;

	grown.n_places = numbers->n_places ? numbers->n_places * 2 : FIRST_NUMBERS;
	grown.places = calloc(grown.n_places, sizeof(*grown.places));
	if (!grown.places)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < numbers->n_places; i++)
		if (numbers->places[i].value)
			*find_place(&grown, numbers->places[i].value) = numbers->places[i];
	free(numbers->places);
	*numbers = grown;
	return 0;
}

/* The text a value was read from, unless it was changed since. */
static const struct number *find_text(const struct awh_numbers *numbers, const json_t *value)
{
	const struct number *number;

	if (!numbers || numbers->n_numbers == 0)
		return NULL;
	number = find_place(numbers, value);
	return number->value && number->bits == bits_of(value) ? number : NULL;
}

int awh_numbers_keep(struct awh_numbers *numbers, json_t *value, const char *text, size_t len)
{
	char *copy;

	if (numbers->n_numbers >= numbers->n_places / 2 && grow_numbers(numbers) < 0)
		return ADMWH_E_NOMEM;
	copy = awh_arena_strndup(&numbers->texts, text, len);
	if (!copy)
		return ADMWH_E_NOMEM;
	*find_place(numbers, value) = (struct number){
	    .value = json_incref(value), .bits = bits_of(value), .text = copy, .len = len};
	numbers->n_numbers++;
	return 0;
}

const char *awh_numbers_text(const json_t *value, const struct awh_numbers *numbers,
			     char space[AWH_NUMBER_TEXT], size_t *len)
{
	const struct number *number = find_text(numbers, value);

	if (number) {
		*len = number->len;
		return number->text;
	}
	*len = json_is_integer(value) ? awh_number_format_integer(space, json_integer_value(value))
				      : awh_number_format(space, json_real_value(value));
	return space;
}

int awh_numbers_copy(struct awh_numbers *numbers, json_t *to, const json_t *from)
{
	const struct number *number = find_text(numbers, from);

	return number ? awh_numbers_keep(numbers, to, number->text, number->len) : 0;
}

struct awh_numbers *awh_numbers_new(void)
{
	return calloc(1, sizeof(struct awh_numbers));
}

void awh_numbers_free(struct awh_numbers *numbers)
{
	if (!numbers)
		return;
	for (size_t i = 0; i < numbers->n_places; i++)
		json_decref(numbers->places[i].value);
	free(numbers->places);
	awh_arena_deinit(&numbers->texts);
	free(numbers);
}
