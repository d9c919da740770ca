/* SPDX-License-Identifier: MIT */
/* Conversions by pairs of versions, one step after another. */
#include <stdint.h>
#include <string.h>

#include <admwh/conversion.h>

#include "review/conversion.h"
#include "review/patch.h"

enum { PAIRS_MAX = 64 };

/* A step: a pair, and the direction in which it is gone. */
struct step {
	const struct admwh_conversion_pair *pair; /* NULL: not reached */
	bool is_up;
};

/* A search for a way, backwards from the version that is desired. */
struct search {
	const struct admwh_conversions *conversions;
	const struct admwh_conversion *conv;
	/* Versions in the order in which they are reached, and the step from each towards the end.
	 */
	const char *versions[PAIRS_MAX + 1];
	struct step steps[PAIRS_MAX + 1];
	size_t n;
};

static bool is_or_any(const char *wanted, const char *text)
{
	return !wanted || strcmp(wanted, text) == 0;
}

static bool is_reached(const struct search *search, const char *version)
{
	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->versions[i], version) == 0)
			return true;
	return false;
}

static void reach(struct search *search, const char *version, struct step step)
{
	if (is_reached(search, version))
		return;
	search->versions[search->n] = version;
	search->steps[search->n++] = step;
}

/* Reach the versions that a pair leads from to this one. */
static void look_at(struct search *search, const struct admwh_conversion_pair *pair,
		    const char *version)
{
	if (!is_or_any(pair->group, search->conv->group) ||
	    !is_or_any(pair->kind, search->conv->kind))
		return;
	if (strcmp(pair->newer, version) == 0)
		reach(search, pair->older, (struct step){pair, true});
	else if (strcmp(pair->older, version) == 0)
		reach(search, pair->newer, (struct step){pair, false});
}

/* Breadth first, so that the way found has the fewest pairs. */
static void find_ways(struct search *search)
{
	const struct admwh_conversions *conversions = search->conversions;

	reach(search, search->conv->desired_version, (struct step){0});
	for (size_t i = 0; i < search->n; i++)
		for (size_t j = 0; j < conversions->n_pairs; j++)
			look_at(search, &conversions->pairs[j], search->versions[i]);
}

/* The next step from a version towards the desired one; pair is NULL without one. */
static struct step find_step(const struct search *search, const char *version)
{
	for (size_t i = 0; i < search->n; i++)
		if (strcmp(search->versions[i], version) == 0)
			return search->steps[i];
	return (struct step){0};
}

static int take(struct admwh_conversion *conv, struct admwh_patch *patch, struct step step,
		void *userdata)
{
	const struct admwh_conversion_pair *pair = step.pair;
	admwh_convert_fn *convert = step.is_up ? pair->up : pair->down;
	int err = 0;

	conv->version = step.is_up ? pair->older : pair->newer;
	conv->desired_version = step.is_up ? pair->newer : pair->older;
	conv->object = admwh_patch_value(patch);
	if (convert)
		err = convert(conv, patch, userdata);
	return err < 0 ? err : awh_patch_finish(patch);
}

int admwh_conversions_run(const struct admwh_conversion *conv, struct admwh_patch *patch,
			  void *conversions)
{
	struct search search = {.conversions = conversions, .conv = conv};
	/* The same object for each step: admwh_conversion_fail() knows what it is a part of. */
	struct admwh_conversion *shown = (struct admwh_conversion *)(uintptr_t)conv;
	const struct admwh_conversion whole = *conv;
	struct step step;
	int err = 0;

	if (!search.conversions || search.conversions->n_pairs > PAIRS_MAX)
		return admwh_conversion_fail(conv, "there are no pairs of versions, or too many");
	find_ways(&search);
	step = find_step(&search, whole.version);
	if (!step.pair)
		return admwh_conversion_fail(conv, "there is no conversion from %s to %s",
					     whole.version, whole.desired_version);
	while (step.pair && err >= 0 && !awh_conversion_has_failed(conv)) {
		err = take(shown, patch, step, search.conversions->userdata);
		step = find_step(&search, shown->desired_version);
	}
	*shown = whole;
	return err < 0 ? err : 0;
}
