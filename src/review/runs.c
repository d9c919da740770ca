/* SPDX-License-Identifier: MIT */
/*
 * The elements of an array that was changed: a treap of runs by position, so that each
 * operation takes logarithmic time, however many there were and wherever they go.
 */
#include "json/hash.h"
#include "review/node.h"

struct awh_run {
	struct awh_run *left, *right;
	uint64_t priority;    /* not below that of either side */
	size_t count;         /* elements */
	size_t total;         /* with those of both sides */
	struct awh_ref value; /* the element; of a part, the array of a text */
	uint32_t first;       /* of a part: the position in that array */
	bool is_part;
};

static size_t total_of(const struct awh_run *run)
{
	return run ? run->total : 0;
}

static void update(struct awh_run *run)
{
	run->total = total_of(run->left) + run->count + total_of(run->right);
}

static void release(struct awh_overlay *overlay, struct awh_run *run)
{
	run->right = overlay->spare;
	overlay->spare = run;
}

/* So many spare runs, that a change cannot stop half way. */
static bool reserve(struct awh_overlay *overlay, size_t n)
{
	const struct awh_run *spare = overlay->spare;

	for (; spare && n > 0; spare = spare->right)
		n--;
	for (; n > 0; n--) {
		struct awh_run *run = awh_overlay_alloc(overlay, sizeof(*run));

		if (!run)
			return false;
		release(overlay, run);
	}
	return true;
}

/* One of those that are reserved. A client knows no priorities before: their hash is keyed. */
static struct awh_run *make(struct awh_overlay *overlay, struct awh_ref value)
{
	struct awh_run *run = overlay->spare;

	overlay->spare = run->right;
	overlay->n_runs++;
	*run = (struct awh_run){
	    .priority = awh_hash((const char *)&overlay->n_runs, sizeof(overlay->n_runs)),
	    .count = 1,
	    .total = 1,
	    .value = value,
	};
	return run;
}

static struct awh_run *make_part(struct awh_overlay *overlay, struct awh_ref array, size_t first,
				 size_t count)
{
	struct awh_run *run = make(overlay, array);

	run->is_part = true;
	run->first = (uint32_t)first;
	run->count = run->total = count;
	return run;
}

static struct awh_run *join(struct awh_run *left, struct awh_run *right)
{
	struct awh_run *top;

	if (!left || !right)
		return left ? left : right;
	if (left->priority >= right->priority) {
		top = left;
		top->right = join(left->right, right);
	} else {
		top = right;
		top->left = join(left, right->left);
	}
	update(top);
	return top;
}

/* Cut before an element. Takes one reserved run, if the cut is within a part. */
static void cut(struct awh_overlay *overlay, struct awh_run *run, size_t at, struct awh_run **left,
		struct awh_run **right)
{
	const size_t before = run ? total_of(run->left) : 0;
	struct awh_run *rest = NULL;

	if (!run) {
		*left = *right = NULL;
	} else if (at <= before) {
		cut(overlay, run->left, at, left, &rest);
		run->left = rest;
		update(run);
		*right = run;
	} else if (at >= before + run->count) {
		cut(overlay, run->right, at - before - run->count, &rest, right);
		run->right = rest;
		update(run);
		*left = run;
	} else {
		rest = make_part(overlay, run->value, run->first + (at - before),
				 before + run->count - at);
		*right = join(rest, run->right);
		run->right = NULL;
		run->count = at - before;
		update(run);
		*left = run;
	}
}

static struct awh_ref element_of(const struct awh_run *run, size_t index)
{
	struct admwh_text *text = run->value.text;
	uint32_t entry;

	if (!run->is_part)
		return run->value;
	entry = awh_text_child(text, run->value.entry, (uint32_t)(run->first + index));
	return entry ? awh_entry_ref(text, entry) : (struct awh_ref){0};
}

/* The run of an element; *index: in it then */
static struct awh_run *find(struct awh_run *run, size_t *index)
{
	for (;;) {
		const size_t before = total_of(run->left);

		if (*index < before) {
			run = run->left;
			continue;
		}
		*index -= before;
		if (*index < run->count)
			return run;
		*index -= run->count;
		run = run->right;
	}
}

bool awh_runs_init(struct awh_overlay *overlay, struct awh_node *array, struct awh_ref base)
{
	const size_t count = awh_entry_count(awh_ref_entry(base));

	if (count > 0 && !reserve(overlay, 1))
		return false;
	array->runs = count > 0 ? make_part(overlay, base, 0, count) : NULL;
	array->size = count;
	return true;
}

struct awh_ref awh_runs_get(const struct awh_node *array, size_t index)
{
	const struct awh_run *run;

	if (index >= array->size)
		return (struct awh_ref){0};
	run = find(array->runs, &index);
	return element_of(run, index);
}

bool awh_runs_insert(struct awh_overlay *overlay, struct awh_node *array, size_t index,
		     struct awh_ref value)
{
	struct awh_run *left, *right;

	if (!reserve(overlay, 2))
		return false;
	cut(overlay, array->runs, index, &left, &right);
	array->runs = join(join(left, make(overlay, value)), right);
	array->size++;
	return true;
}

bool awh_runs_remove(struct awh_overlay *overlay, struct awh_node *array, size_t index)
{
	struct awh_run *left, *gone, *right;

	if (!reserve(overlay, 2))
		return false;
	cut(overlay, array->runs, index, &left, &right);
	cut(overlay, right, 1, &gone, &right);
	release(overlay, gone);
	array->runs = join(left, right);
	array->size--;
	return true;
}

bool awh_runs_set(struct awh_overlay *overlay, struct awh_node *array, size_t index,
		  struct awh_ref value)
{
	size_t within = index;
	struct awh_run *run = find(array->runs, &within);

	if (run->count == 1) {
		run->is_part = false;
		run->value = value;
		return true;
	}
	return reserve(overlay, 3) && awh_runs_remove(overlay, array, index) &&
	       awh_runs_insert(overlay, array, index, value);
}

static bool walk(const struct awh_run *run, awh_child_fn *child, void *arg)
{
	if (!run)
		return true;
	if (!walk(run->left, child, arg))
		return false;
	for (size_t i = 0; i < run->count; i++) {
		const struct awh_ref element = element_of(run, i);

		if (awh_ref_is_absent(element) || !child(arg, NULL, element))
			return false;
	}
	return walk(run->right, child, arg);
}

bool awh_runs_walk(const struct awh_node *array, awh_child_fn *child, void *arg)
{
	return walk(array->runs, child, arg);
}
