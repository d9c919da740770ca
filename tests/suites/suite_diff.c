/* SPDX-License-Identifier: MIT */
/*
 * Differences, in three suites: gomodules-jsonpatch (pairs that a differ got
 * wrong once), big-list-of-naughty-strings (as names and as values), and the
 * objects of k8s-admission (each edited, and each made of each other).
 *
 * A difference is right when it applies under both judges and gives what it was
 * made for, mentions nothing of equal documents, and leaves both unchanged.
 */
#include <dirent.h>
#include <stdint.h>

#include <admwh/json.h>
#include <admwh/patch.h>

#include "base/buf.h"
#include "review/diff.h"
#include "review/tree_target.h"
#include "tally.h"

enum { DEPTH = 1000, OBJECTS_MAX = 512 };

struct object {
	char name[256];
	json_t *value;
};

static void count(struct tally *tally, bool good, const char *what, const char *name)
{
	tally->cases++;
	tally->passed += good;
	tally->failed += !good;
	if (!good)
		printf("deviation=%s/%s reason=%s\n", tally->suite, name, what);
}

static json_t *diff(const json_t *from, const json_t *to, unsigned options,
		    struct awh_numbers *numbers)
{
	struct awh_diff made;
	json_t *patch = NULL;

	if (awh_diff_make(&made, from, to, options, numbers, NULL) == 0)
		patch = awh_diff_json(&made, numbers);
	awh_diff_deinit(&made);
	return patch;
}

static bool leads_to(const json_t *from, const json_t *to, unsigned options,
		     struct awh_numbers *numbers)
{
	json_t *patch = diff(from, to, options, numbers);
	json_t *document = json_incref((json_t *)(uintptr_t)from);
	bool good = patch &&
		    awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, NULL) == 0 &&
		    awh_json_equal(document, to, numbers);

	json_decref(document);
	json_decref(patch);
	return good;
}

static bool is_nothing(const json_t *value, struct awh_numbers *numbers)
{
	json_t *copy = awh_json_copy(value, numbers);
	json_t *patch = diff(value, copy, 0, numbers);
	bool good = patch && json_array_size(patch) == 0;

	json_decref(copy);
	json_decref(patch);
	return good;
}

static bool is_right_pair(const json_t *pair, struct awh_numbers *numbers)
{
	const json_t *first = json_object_get(pair, "first");
	const json_t *second = json_object_get(pair, "second");
	const json_t *upstream = json_object_get(pair, "upstream_patch");
	json_t *before = awh_json_copy(pair, numbers);
	bool good = is_nothing(first, numbers) && is_nothing(second, numbers);

	for (unsigned options = 0; options < 4; options++)
		good = good && leads_to(first, second, options, numbers);
	if (json_is_array(upstream)) {
		json_t *document = awh_json_copy(first, numbers);

		good = good &&
		       awh_patch_apply(&document, upstream, AWH_PATCH_RFC, numbers, NULL) == 0 &&
		       awh_json_equal(document, second, numbers);
		json_decref(document);
	}
	good = good && awh_json_equal(pair, before, numbers);
	json_decref(before);
	return good;
}

static int run_pairs(const char *folder)
{
	struct tally tally = {.suite = "gomodules-jsonpatch"};
	size_t len;
	char *text = load(folder, "gomodules-jsonpatch/diff_pairs.json", &len);
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *pairs = text ? awh_json_parse(text, len, DEPTH, numbers, NULL) : NULL;

	if (!pairs)
		return not_found(tally.suite);
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);

		count(&tally, is_right_pair(pair, numbers), "the difference is wrong",
		      json_string_value(json_object_get(pair, "id")));
	}
	json_decref(pairs);
	awh_numbers_free(numbers);
	free(text);
	return report(&tally);
}

/* Written, read by jansson's own reader, and equal? */
static bool survives_writing(const json_t *value, struct awh_numbers *numbers)
{
	struct awh_buf text;
	json_t *again;
	bool good;

	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, numbers);
	again = json_loadb(text.data, text.len, 0, NULL);
	good = json_equal(value, again);
	json_decref(again);
	awh_buf_deinit(&text);
	return good;
}

static bool is_one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool is_right_string(const char *string, struct awh_numbers *numbers)
{
	json_t *from = json_pack("{s:{}}", "labels");
	json_t *document = json_incref(from);
	char *path = admwh_json_pointer_join("/labels", string);
	json_t *patch = json_pack("[{s:s,s:s,s:s}]", "op", "add", "path", path, "value", string);
	json_t *remove = json_pack("[{s:s,s:s}]", "op", "remove", "path", path);
	struct awh_error error = {0};
	json_t *found;
	bool good;

	good = awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, NULL) == 0;
	found = json_object_get(json_object_get(document, "labels"), string);
	good = good && found && strcmp(json_string_value(found), string) == 0 &&
	       admwh_json_pointer_get(document, path) == found &&
	       survives_writing(patch, numbers) && leads_to(from, document, 0, numbers) &&
	       leads_to(document, from, 0, numbers) &&
	       awh_patch_apply(&document, remove, AWH_PATCH_BOTH, numbers, NULL) == 0 &&
	       awh_patch_apply(&document, remove, AWH_PATCH_BOTH, numbers, &error) < 0 &&
	       is_one_line(error.text);
	json_decref(from);
	json_decref(document);
	json_decref(patch);
	json_decref(remove);
	free(path);
	return good;
}

static int run_strings(const char *folder)
{
	struct tally tally = {.suite = "naughty-strings-in-patches"};
	struct awh_numbers *numbers = awh_numbers_new();
	size_t len;
	char *text = load(folder, "naughty-strings/blns.json", &len);
	json_t *strings = text ? awh_json_parse(text, len, DEPTH, numbers, NULL) : NULL;

	if (!strings)
		return not_found(tally.suite);
	for (size_t i = 0; i < json_array_size(strings); i++) {
		char name[32];

		snprintf(name, sizeof(name), "%zu", i);
		count(&tally,
		      is_right_string(json_string_value(json_array_get(strings, i)), numbers),
		      "a string does not survive", name);
	}
	json_decref(strings);
	awh_numbers_free(numbers);
	free(text);
	return report(&tally);
}

static int compare_objects(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->name, ((const struct object *)b)->name);
}

static size_t load_objects(const char *folder, struct object *objects, struct awh_numbers *numbers)
{
	char path[2048];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/k8s-admission/objects", folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && n < OBJECTS_MAX) {
		size_t len;
		char *text =
		    strstr(entry->d_name, ".json") ? load(path, entry->d_name, &len) : NULL;

		if (!text)
			continue;
		snprintf(objects[n].name, sizeof(objects[n].name), "%s", entry->d_name);
		objects[n++].value = awh_json_parse(text, len, DEPTH, numbers, NULL);
		free(text);
	}
	if (dir)
		closedir(dir);
	qsort(objects, n, sizeof(*objects), compare_objects);
	return n;
}

/* The first array in a document that has a member or element; NULL for none. */
static json_t *find_array(json_t *value)
{
	json_t *found = json_is_array(value) && json_array_size(value) > 0 ? value : NULL;

	for (void *member = json_object_iter(value); member && !found;
	     member = json_object_iter_next(value, member))
		found = find_array(json_object_iter_value(member));
	return found;
}

/* The edits an admission controller makes. The text of the patch is not longer than the object. */
static json_t *edit(const json_t *value, int kind, struct awh_numbers *numbers)
{
	json_t *copy = awh_json_copy(value, numbers);
	json_t *metadata = json_object_get(copy, "metadata");
	json_t *array = find_array(copy);

	switch (kind) {
	case 0:
		json_object_del(metadata, "labels");
		json_object_set_new(metadata, "labels", json_pack("{s:s}", "a/b", "c"));
		break;
	case 1:
		json_object_set_new(metadata, "name", json_string("another"));
		break;
	case 2:
		json_object_del(copy, "metadata");
		break;
	case 3:
		json_array_append_new(array, json_pack("{s:s}", "name", "last"));
		break;
	case 4:
		json_array_insert_new(array, 0, json_pack("{s:s}", "name", "first"));
		break;
	default:
		json_array_remove(array, 0);
		break;
	}
	return copy;
}

static void run_object(struct tally *tally, const struct object *object,
		       struct awh_numbers *numbers)
{
	count(tally, object->value && is_nothing(object->value, numbers), "differs from its copy",
	      object->name);
	for (int kind = 0; kind < 6; kind++) {
		json_t *edited = edit(object->value, kind, numbers);

		count(tally,
		      leads_to(object->value, edited, 0, numbers) &&
			  leads_to(edited, object->value, 0, numbers),
		      "an edit is not found", object->name);
		json_decref(edited);
	}
}

static int run_objects(const char *folder)
{
	static struct object objects[OBJECTS_MAX];
	struct tally tally = {.suite = "k8s-admission-objects-diff"};
	struct awh_numbers *numbers = awh_numbers_new();
	size_t n = load_objects(folder, objects, numbers);

	if (n == 0)
		return not_found(tally.suite);
	for (size_t i = 0; i < n; i++)
		run_object(&tally, &objects[i], numbers);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			count(&tally, leads_to(objects[i].value, objects[k].value, 0, numbers),
			      objects[k].name, objects[i].name);
	for (size_t i = 0; i < n; i++)
		json_decref(objects[i].value);
	awh_numbers_free(numbers);
	return report(&tally);
}

int main(int argc, char **argv)
{
	const char *folder = suites_folder(argc, argv);
	int pairs = run_pairs(folder);
	int strings = run_strings(folder);
	int objects = run_objects(folder);

	if (pairs == SKIPPED && strings == SKIPPED && objects == SKIPPED)
		return SKIPPED;
	return pairs == 1 || strings == 1 || objects == 1;
}
