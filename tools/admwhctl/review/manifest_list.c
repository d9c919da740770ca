/* SPDX-License-Identifier: MIT */
#include "review/manifest_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

static void add_object(struct manifests *manifests, const struct yaml_file *file, size_t document,
		       const json_t *object, const char *pointer)
{
	manifests->list =
	    memory_grown(manifests->list, (manifests->count + 1) * sizeof(*manifests->list));
	manifests->list[manifests->count++] = (struct manifest){
	    .where = text_new("%s:%zu", yaml_name(file), yaml_line(file, document, pointer)),
	    .object = object,
	};
}

static bool is_list(const json_t *object)
{
	const char *kind = member_text(object, "kind");
	size_t len = strlen(kind);

	return len >= 4 && strcmp(kind + len - 4, "List") == 0 &&
	       json_is_array(json_object_get(object, "items"));
}

static void add_document(struct manifests *manifests, const struct yaml_file *file, size_t document)
{
	const json_t *object = yaml_document(file, document), *item;
	size_t i;

	if (!is_list(object)) {
		add_object(manifests, file, document, object, "");
		return;
	}
	json_array_foreach(json_object_get(object, "items"), i, item) {
		char *pointer = text_new("/items/%zu", i);

		add_object(manifests, file, document, item, pointer);
		free(pointer);
	}
}

static int add_file(struct manifests *manifests, const char *name)
{
	struct yaml_file *file = yaml_read_file(name);

	if (!file)
		return -1;
	manifests->files =
	    memory_grown(manifests->files, (manifests->n_files + 1) * sizeof(struct yaml_file *));
	manifests->files[manifests->n_files++] = file;
	for (size_t i = 0; i < yaml_count(file); i++)
		add_document(manifests, file, i);
	return 0;
}

static bool is_manifest(const char *name)
{
	static const char *const endings[] = {".yaml", ".yml", ".json"};
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(ending, endings[i]) == 0)
			return true;
	return false;
}

static int add_manifest(const char *name, void *manifests)
{
	return is_manifest(name) ? add_file(manifests, name) : 0;
}

int manifest_list_add(struct manifests *manifests, const char *name)
{
	struct stat info;

	if (strcmp(name, "-") != 0 && stat(name, &info) == 0 && S_ISDIR(info.st_mode))
		return folder_walk(name, add_manifest, manifests);
	return add_file(manifests, name);
}

void manifest_list_deinit(struct manifests *manifests)
{
	for (size_t i = 0; i < manifests->count; i++)
		free(manifests->list[i].where);
	for (size_t i = 0; i < manifests->n_files; i++)
		yaml_file_free(manifests->files[i]);
	free(manifests->list);
	free(manifests->files);
	*manifests = (struct manifests){0};
}

static bool is_same(const json_t *a, const json_t *b)
{
	const json_t *of_a = json_object_get(a, "metadata"), *of_b = json_object_get(b, "metadata");

	return strcmp(member_text(a, "kind"), member_text(b, "kind")) == 0 &&
	       strcmp(member_text(a, "apiVersion"), member_text(b, "apiVersion")) == 0 &&
	       strcmp(member_text(of_a, "name"), member_text(of_b, "name")) == 0 &&
	       strcmp(member_text(of_a, "namespace"), member_text(of_b, "namespace")) == 0;
}

const json_t *manifest_list_find(const struct manifests *manifests, const json_t *object)
{
	for (size_t i = 0; i < manifests->count; i++)
		if (is_same(manifests->list[i].object, object))
			return manifests->list[i].object;
	return manifests->count == 1 ? manifests->list[0].object : NULL;
}

void manifest_list_add_resources(const struct manifests *manifests, struct resources *resources)
{
	for (size_t i = 0; i < manifests->count; i++)
		resources_add(resources, manifests->list[i].object);
}

json_t *manifest_list_namespaces(const struct manifests *manifests)
{
	json_t *namespaces = json_made(json_object());

	for (size_t i = 0; i < manifests->count; i++) {
		const json_t *object = manifests->list[i].object;
		const json_t *metadata = json_object_get(object, "metadata");
		const json_t *labels = json_object_get(metadata, "labels");

		if (strcmp(member_text(object, "kind"), "Namespace") == 0 &&
		    strcmp(member_text(object, "apiVersion"), "v1") == 0 &&
		    json_is_object(labels) &&
		    json_object_set_new(namespaces, member_text(metadata, "name"),
					json_kept(labels)))
			out_of_memory();
	}
	return namespaces;
}
