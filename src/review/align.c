/* SPDX-License-Identifier: MIT */
#include "review/align.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/error.h>

/* The weight of an operation beside its value. */
enum { OPERATION_WEIGHT = 2 };

/* Arrays with no more pairs of elements are not searched for equal ones first. */
enum { FEW_PAIRS = 64 };

/* The visits that a look-up in an object costs. */
enum { LOOKUP_VISITS = 4 };

/* More children than this weigh no more. */
enum { CHILDREN_MAX = 1 << 16 };

/* A run of elements on both sides that are not known to be equal. */
struct gap {
	size_t from, to; /* first elements */
	size_t n_from, n_to;
};

static bool same_key(void *a, void *b)
{
	const size_t len = json_object_iter_key_len(a);

	return len == json_object_iter_key_len(b) &&
	       memcmp(json_object_iter_key(a), json_object_iter_key(b), len) == 0;
}

json_t *awh_take_member(json_t *object, void **next, void *member)
{
	void *other = *next;

	if (other && !same_key(other, member))
		other = json_object_iter_next(object, other);
	if (!other || !same_key(other, member))
		return json_object_getn(object, json_object_iter_key(member),
					json_object_iter_key_len(member));
	*next = json_object_iter_next(object, other);
	return json_object_iter_value(other);
}

bool awh_same_scalar(const struct awh_aligner *aligner, const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b)) {
		if (json_is_integer(a) && json_is_integer(b) &&
		    json_integer_value(a) != json_integer_value(b))
			return false;
		return aligner->number_text ? awh_json_same_text(a, b, aligner->numbers)
					    : awh_json_equal(a, b, aligner->numbers);
	}
	if (json_typeof(a) != json_typeof(b) || json_is_object(a) || json_is_array(a))
		return false;
	return !json_is_string(a) ||
	       (json_string_length(a) == json_string_length(b) &&
		memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0);
}

/* Count some visits; false when there are none left. */
static inline bool visit(struct awh_aligner *aligner, size_t n)
{
	return awh_visit(&aligner->visits, n);
}

static bool same(struct awh_aligner *aligner, json_t *a, json_t *b, size_t depth);

static bool same_objects(struct awh_aligner *aligner, json_t *a, json_t *b, size_t depth)
{
	void *other = json_object_iter(b);

	if (json_object_size(a) != json_object_size(b))
		return false;
	for (void *member = json_object_iter(a); member;
	     member = json_object_iter_next(a, member)) {
		json_t *value = awh_take_member(b, &other, member);

		if (!value || !same(aligner, json_object_iter_value(member), value, depth))
			return false;
	}
	return true;
}

static bool same_arrays(struct awh_aligner *aligner, json_t *a, json_t *b, size_t depth)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!same(aligner, json_array_get(a, i), json_array_get(b, i), depth))
			return false;
	return true;
}

/* Are two values equal? Also false when the visits or levels that are left do not suffice. */
static bool same(struct awh_aligner *aligner, json_t *a, json_t *b, size_t depth)
{
	if (a == b)
		return true;
	if (!visit(aligner, 1) || depth == 0)
		return false;
	if (json_is_object(a) && json_is_object(b))
		return same_objects(aligner, a, b, depth - 1);
	if (json_is_array(a) && json_is_array(b))
		return same_arrays(aligner, a, b, depth - 1);
	return awh_same_scalar(aligner, a, b);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_text(uint64_t hash, const char *text, size_t len)
{
	uint64_t word = 0;

	for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, text, len);
	return mix(mix(hash, word), len);
}

/* Numbers worth the same are the same double, however they are written; 0 and -0 too. */
static uint64_t hash_number(const json_t *value)
{
	const double real = json_number_value(value);
	uint64_t bits = 0;

	if (real != 0)
		memcpy(&bits, &real, sizeof(bits));
	return mix(JSON_INTEGER, bits);
}

/* Equal values have the same hash; values of the same hash are only likely to be equal. */
static uint64_t hash_value(struct awh_aligner *aligner, json_t *value, size_t depth)
{
	uint64_t hash = mix(0, (uint64_t)json_typeof(value) + 1);

	if (!visit(aligner, 1) || depth == 0)
		return hash;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		/* a sum, so that the order of members does not count */
		for (void *member = json_object_iter(value); member;
		     member = json_object_iter_next(value, member))
			hash += hash_text(
			    hash_value(aligner, json_object_iter_value(member), depth - 1),
			    json_object_iter_key(member), json_object_iter_key_len(member));
		return hash;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(value); i++)
			hash = mix(hash, hash_value(aligner, json_array_get(value, i), depth - 1));
		return hash;
	case JSON_STRING:
		return hash_text(hash, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
	case JSON_REAL:
		return hash_number(value);
	default:
		return hash;
	}
}

static json_t *element_from(const struct awh_alignment *alignment, size_t index)
{
	return json_array_get(alignment->from, alignment->first + index);
}

static json_t *element_to(const struct awh_alignment *alignment, size_t index)
{
	return json_array_get(alignment->to, alignment->first + index);
}

static bool same_elements(const struct awh_alignment *alignment, struct awh_aligner *aligner,
			  size_t from, size_t to)
{
	return same(aligner, element_from(alignment, from), element_to(alignment, to),
		    AWH_PATCH_DEPTH);
}

/* Leave out what both begin with. */
static void trim_front(struct awh_alignment *alignment, struct awh_aligner *aligner)
{
	while (alignment->n_from > 0 && alignment->n_to > 0 &&
	       same_elements(alignment, aligner, 0, 0)) {
		alignment->first++;
		alignment->n_from--;
		alignment->n_to--;
	}
}

/* Leave out what both end with. */
static void trim_end(struct awh_alignment *alignment, struct awh_aligner *aligner)
{
	while (alignment->n_from > 0 && alignment->n_to > 0 &&
	       same_elements(alignment, aligner, alignment->n_from - 1, alignment->n_to - 1)) {
		alignment->n_from--;
		alignment->n_to--;
	}
}

static void pair_by_index(struct awh_alignment *alignment, const struct gap *gap)
{
	for (size_t i = 0; i < gap->n_to && i < gap->n_from; i++)
		alignment->partners[gap->to + i] = (int32_t)(gap->from + i);
}

/* About how much text a value takes. */
static uint32_t weigh(const json_t *value)
{
	const size_t children = json_object_size(value) + json_array_size(value);

	return 1 + (uint32_t)(children < CHILDREN_MAX ? children : CHILDREN_MAX);
}

/* About how much text it takes to make one value of another, an object member by member. */
static uint32_t weigh_change(struct awh_aligner *aligner, json_t *from, json_t *to)
{
	const uint32_t whole = OPERATION_WEIGHT + weigh(to);
	uint32_t weight = 0;
	size_t n_common = 0;

	if (!json_is_object(from) || !json_is_object(to))
		return same(aligner, from, to, AWH_PATCH_DEPTH) ? 0 : whole;
	if (!visit(aligner, 1))
		return whole;
	for (void *member = json_object_iter(to);
	     member && weight < whole && visit(aligner, LOOKUP_VISITS);
	     member = json_object_iter_next(to, member)) {
		json_t *value = json_object_iter_value(member);
		json_t *old = json_object_getn(from, json_object_iter_key(member),
					       json_object_iter_key_len(member));

		n_common += old != NULL;
		if (!old || !same(aligner, old, value, AWH_PATCH_DEPTH))
			weight += OPERATION_WEIGHT + weigh(value);
	}
	if (json_object_size(from) - n_common > whole)
		return whole;
	weight += OPERATION_WEIGHT * (uint32_t)(json_object_size(from) - n_common);
	return weight < whole ? weight : whole;
}

/*
 * The table of dynamic programming: weights[i][j] is the least weight of making the last j elements
 * of `to` from the last i of `from`. Filled from the end, read from the front.
 */
static void fill_weights(const struct awh_alignment *alignment, struct awh_aligner *aligner,
			 const struct gap *gap, uint32_t *weights, uint32_t *changes)
{
	const size_t width = gap->n_to + 1;

	for (size_t i = gap->n_from + 1; i-- > 0;) {
		for (size_t j = gap->n_to + 1; j-- > 0;) {
			uint32_t *at = &weights[i * width + j];
			json_t *to = element_to(alignment, gap->to + j);
			uint32_t least = UINT32_MAX;

			if (i < gap->n_from)
				least = at[width] + OPERATION_WEIGHT;
			if (j < gap->n_to && at[1] + OPERATION_WEIGHT + weigh(to) < least)
				least = at[1] + OPERATION_WEIGHT + weigh(to);
			if (i < gap->n_from && j < gap->n_to) {
				json_t *from = element_from(alignment, gap->from + i);
				uint32_t change = weigh_change(aligner, from, to);

				changes[i * width + j] = change;
				if (at[width + 1] + change <= least)
					least = at[width + 1] + change;
			}
			*at = i == gap->n_from && j == gap->n_to ? 0 : least;
		}
	}
}

static void read_weights(struct awh_alignment *alignment, const struct gap *gap,
			 const uint32_t *weights, const uint32_t *changes)
{
	const size_t width = gap->n_to + 1;
	size_t i = 0, j = 0;

	while (i < gap->n_from && j < gap->n_to) {
		const uint32_t *at = &weights[i * width + j];

		if (*at == at[width + 1] + changes[i * width + j]) {
			alignment->partners[gap->to + j] = (int32_t)(gap->from + i);
			i++;
			j++;
		} else if (*at == at[width] + OPERATION_WEIGHT) {
			i++;
		} else {
			j++;
		}
	}
}

/* Between two elements that stay: pair those that became one another. */
static int pair_gap(struct awh_alignment *alignment, struct awh_aligner *aligner,
		    const struct gap *gap)
{
	uint32_t *weights;
	size_t cells;

	if (gap->n_from == 0 || gap->n_to == 0)
		return 0;
	if ((gap->n_from == 1 && gap->n_to == 1) || gap->n_from > AWH_ALIGN_PAIRS_MAX / gap->n_to ||
	    aligner->visits == 0) {
		pair_by_index(alignment, gap);
		return 0;
	}
	cells = (gap->n_from + 1) * (gap->n_to + 1);
	weights = calloc(2 * cells, sizeof(*weights));
	if (!weights)
		return ADMWH_E_NOMEM;
	fill_weights(alignment, aligner, gap, weights, weights + cells);
	read_weights(alignment, gap, weights, weights + cells);
	free(weights);
	return 0;
}

/*
 * Pair the elements that stayed. Equal hashes are taken for equal values: where they are not, the
 * caller finds a difference between the two, as between any partners.
 */
static int find_equals(struct awh_alignment *alignment, struct awh_aligner *aligner)
{
	const size_t n_from = alignment->n_from, n_to = alignment->n_to;
	uint64_t *hashes = calloc(n_from + n_to, sizeof(*hashes));
	int err;

	if (!hashes)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < n_from; i++)
		hashes[i] = hash_value(aligner, element_from(alignment, i), AWH_PATCH_DEPTH);
	for (size_t i = 0; i < n_to; i++)
		hashes[n_from + i] = hash_value(aligner, element_to(alignment, i), AWH_PATCH_DEPTH);
	err = awh_edits_pair(alignment->partners, hashes, n_from, hashes + n_from, n_to,
			     &aligner->visits);
	free(hashes);
	return err;
}

static int pair_gaps(struct awh_alignment *alignment, struct awh_aligner *aligner)
{
	struct gap gap = {0};
	int err = 0;

	for (size_t i = 0; i <= alignment->n_to && err == 0; i++) {
		const bool at_end = i == alignment->n_to;

		if (!at_end && alignment->partners[i] == AWH_NO_PARTNER)
			continue;
		gap.n_to = i - gap.to;
		gap.n_from =
		    (at_end ? alignment->n_from : (size_t)alignment->partners[i]) - gap.from;
		err = pair_gap(alignment, aligner, &gap);
		if (!at_end)
			gap = (struct gap){.to = i + 1, .from = (size_t)alignment->partners[i] + 1};
	}
	return err;
}

int awh_align(struct awh_alignment *alignment, struct awh_aligner *aligner, json_t *from,
	      json_t *to, bool index_by_index)
{
	*alignment = (struct awh_alignment){
	    .from = from, .to = to, .n_from = json_array_size(from), .n_to = json_array_size(to)};
	trim_front(alignment, aligner);
	if (!index_by_index)
		trim_end(alignment, aligner);
	if (alignment->n_from >= INT32_MAX / 2 || alignment->n_to >= INT32_MAX / 2)
		return ADMWH_E_LIMIT;
	alignment->partners = malloc((alignment->n_to + 1) * sizeof(*alignment->partners));
	alignment->places = calloc(alignment->n_from + 1, sizeof(*alignment->places));
	if (!alignment->partners || !alignment->places)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < alignment->n_to; i++)
		alignment->partners[i] = AWH_NO_PARTNER;
	if (index_by_index || aligner->visits == 0) {
		pair_by_index(alignment,
			      &(struct gap){.n_from = alignment->n_from, .n_to = alignment->n_to});
		return 0;
	}
	/*
	 * For few elements the table of weights finds those that stayed just as well, with less
	 * work.
	 */
	if (alignment->n_from * alignment->n_to > FEW_PAIRS && find_equals(alignment, aligner) < 0)
		return ADMWH_E_NOMEM;
	return pair_gaps(alignment, aligner);
}

void awh_alignment_deinit(struct awh_alignment *alignment)
{
	free(alignment->partners);
	free(alignment->places);
}
