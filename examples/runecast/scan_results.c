/* SPDX-License-Identifier: MIT */
#include "scan_results.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "images.h"

static const char *const severities[SEVERITIES] = {"critical", "high", "medium", "low", "unknown"};

enum severity severity_by_name(const char *name)
{
	int i = 0;

	while (i < SEVERITIES && strcasecmp(severities[i], name) != 0)
		i++;
	return (enum severity)i;
}

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

/* A fix is named by its version; none is null or not there. */
static int read_fix(struct place *place, json_t *object, bool *has_fix)
{
	const json_t *fixed = json_object_get(object, "fixedIn");

	*has_fix = json_string_length(fixed) > 0;
	if (!fixed || json_is_null(fixed) || json_is_string(fixed))
		return 0;
	config_enter(place, "fixedIn");
	return config_complain(place, "expected a text or null");
}

static int read_vulnerability(struct place *place, json_t *object,
			      struct vulnerability *vulnerability)
{
	static const char *const names[] = {"id", "severity", "fixedIn"};
	const char *id, *severity;

	if (config_check_members(place, object, names, 3))
		return -1;
	id = config_text(place, object, "id");
	severity = id ? config_text(place, object, "severity") : NULL;
	if (!severity || read_fix(place, object, &vulnerability->has_fix))
		return -1;
	vulnerability->severity = severity_by_name(severity);
	if (vulnerability->severity == SEVERITIES) {
		config_enter(place, "severity");
		return config_complain(place, "expected critical, high, medium, low or unknown");
	}
	vulnerability->id = strdup(id);
	return vulnerability->id ? 0 : config_complain(place, "out of memory");
}

static int read_scan(struct place *place, const char *reference, json_t *found, struct scan *scan)
{
	if (!image_normalize(reference, &scan->image))
		return config_complain(place, "no image reference");
	if (!json_is_array(found))
		return config_complain(place, "expected a list of vulnerabilities");
	scan->items = calloc(json_array_size(found) + 1, sizeof(*scan->items));
	if (!scan->image || !scan->items)
		return config_complain(place, "out of memory");
	for (size_t i = 0; i < json_array_size(found); i++) {
		size_t before = config_enter_index(place, i);

		scan->n_items++;
		if (read_vulnerability(place, json_array_get(found, i), &scan->items[i]))
			return -1;
		config_leave(place, before);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct scan *)a)->image, ((const struct scan *)b)->image);
}

static int compare_image(const void *image, const void *scan)
{
	return strcmp(image, ((const struct scan *)scan)->image);
}

/* Two spellings of one image could tell different things of it. */
static int check_unique(struct place *place, const struct scan_results *results)
{
	for (size_t i = 1; i < results->n_items; i++)
		if (compare(&results->items[i - 1], &results->items[i]) == 0)
			return config_complain(place, "%s stands here twice",
					       results->items[i].image);
	return 0;
}

static int read_images(struct place *place, json_t *images, struct scan_results *results)
{
	const char *reference;
	json_t *found;

	if (!json_is_object(images))
		return config_complain(place, images ? "expected an object" : "required");
	results->items = calloc(json_object_size(images) + 1, sizeof(*results->items));
	if (!results->items)
		return config_complain(place, "out of memory");
	json_object_foreach(images, reference, found) {
		size_t before = config_enter(place, reference);

		if (read_scan(place, reference, found, &results->items[results->n_items++]))
			return -1;
		config_leave(place, before);
	}
	qsort(results->items, results->n_items, sizeof(*results->items), compare);
	return check_unique(place, results);
}

struct scan_results *scan_results_read(struct place *place, json_t *root)
{
	static const char *const names[] = {"images"};
	struct scan_results *results;

	if (config_check_members(place, root, names, 1))
		return NULL;
	results = calloc(1, sizeof(*results));
	config_enter(place, "images");
	if (!results)
		config_complain(place, "out of memory");
	else if (read_images(place, json_object_get(root, "images"), results) == 0)
		return results;
	scan_results_free(results, NULL);
	return NULL;
}

void scan_results_free(void *object, void *userdata)
{
	struct scan_results *results = object;

	(void)userdata;
	if (!results)
		return;
	for (size_t i = 0; i < results->n_items; i++) {
		for (size_t j = 0; j < results->items[i].n_items; j++)
			free(results->items[i].items[j].id);
		free(results->items[i].items);
		free(results->items[i].image);
	}
	free(results->items);
	free(results);
}

const struct scan *scan_results_find(const struct scan_results *results, const char *image)
{
	return bsearch(image, results->items, results->n_items, sizeof(*results->items),
		       compare_image);
}

void *scan_results_parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	struct problem problem = {""};
	struct place place = {.problem = &problem};
	json_t *root = config_parse(&place, bytes, len);
	struct scan_results *results = root ? scan_results_read(&place, root) : NULL;

	(void)userdata;
	json_decref(root);
	if (!results)
		admwh_file_fail(file, "%s", problem.text);
	return results;
}
