/* SPDX-License-Identifier: MIT */
#include "verify/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

enum { DEPTH_MAX = 4 };

static bool ends_with(const char *name, const char *ending)
{
	size_t len = strlen(name);

	return len >= strlen(ending) && strcmp(name + len - strlen(ending), ending) == 0;
}

/* Keys in private/ stand in files of their own; given/ has what was there before. */
static bool is_yaml(const char *name)
{
	return strncmp(name, "private/", 8) != 0 && strncmp(name, "given/", 6) != 0 &&
	       (ends_with(name, ".yaml") || ends_with(name, ".yml") || ends_with(name, ".json") ||
		ends_with(name, "kubeconfig"));
}

static void append(struct document **list, size_t *n, const struct document *document)
{
	*list = memory_grown(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = *document;
}

static void add_document(struct folder *folder, const struct folder_file *file,
			 const struct yaml_file *yaml, size_t i)
{
	struct document document = {
	    .file = file, .yaml = yaml, .i = i, .value = yaml_document(yaml, i)};

	document.kind = text_at(document.value, "kind");
	if (!document.kind && ends_with(file->name, "kustomization.yaml"))
		document.kind = "Kustomization"; /* which may do without */
	append(&folder->values, &folder->n_values, &document);
	if (document.kind)
		append(&folder->documents, &folder->n_documents, &document);
}

static void read_documents(struct folder *folder, const struct folder_file *file)
{
	char *name = path_join(folder->path, file->name);
	struct yaml_file *yaml = yaml_read(name, file->bytes, file->len);

	free(name);
	if (!yaml) {
		json_array_append_new(folder->unreadable, json_string(file->name));
		return;
	}
	folder->yamls = memory_grown(folder->yamls, (folder->n_yamls + 1) * sizeof(yaml));
	folder->yamls[folder->n_yamls++] = yaml;
	for (size_t i = 0; i < yaml_count(yaml); i++)
		add_document(folder, file, yaml, i);
}

static void add_file(struct folder *folder, struct folder_file file)
{
	folder->files = memory_grown(folder->files, (folder->n_files + 1) * sizeof(*folder->files));
	folder->files[folder->n_files++] = file;
}

static int read_folder(struct folder *folder, const char *inside, int depth);

/* name: relative to the folder; stolen. */
static int read_entry(struct folder *folder, char *name, int depth)
{
	char *path = path_join(folder->path, name);
	struct folder_file file = {.name = name};
	struct stat info;
	int err = 0;

	if (stat(path, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) {
		free(name);
		goto out;
	}
	file.mode = info.st_mode & 07777;
	file.is_folder = S_ISDIR(info.st_mode);
	if (!file.is_folder) {
		file.bytes = file_read(path, &file.len);
		err = file.bytes ? 0 : -1;
	}
	add_file(folder, file);
	if (file.is_folder && depth < DEPTH_MAX)
		err = read_folder(folder, name, depth + 1);
out:
	free(path);
	return err;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* .git and the like are no part of it; .gitignore is. */
static int is_wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.' || strcmp(entry->d_name, ".gitignore") == 0;
}

static int read_folder(struct folder *folder, const char *inside, int depth)
{
	char *path = *inside ? path_join(folder->path, inside) : text_new("%s", folder->path);
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, is_wanted, by_name);
	int err = 0;

	if (n < 0) {
		complain("%s: %s", path, strerror(errno));
		err = -1;
	}
	for (int i = 0; i < n; i++) {
		const char *entry = entries[i]->d_name;

		if (err == 0)
			err = read_entry(folder,
					 *inside ? path_join(inside, entry) : text_new("%s", entry),
					 depth);
		free(entries[i]);
	}
	free(entries);
	free(path);
	return err;
}

int folder_read(struct folder *folder, const char *path)
{
	*folder = (struct folder){.path = path, .unreadable = json_array()};
	if (read_folder(folder, "", 0))
		return -1;
	for (size_t i = 0; i < folder->n_files; i++)
		if (!folder->files[i].is_folder && is_yaml(folder->files[i].name))
			read_documents(folder, &folder->files[i]);
	return 0;
}

void folder_deinit(struct folder *folder)
{
	for (size_t i = 0; i < folder->n_files; i++) {
		if (folder->files[i].bytes)
			explicit_bzero(folder->files[i].bytes, folder->files[i].len);
		free(folder->files[i].bytes);
		free(folder->files[i].name);
	}
	for (size_t i = 0; i < folder->n_yamls; i++)
		yaml_file_free(folder->yamls[i]);
	free(folder->files);
	free(folder->yamls);
	free(folder->documents);
	free(folder->values);
	json_decref(folder->unreadable);
}

const struct folder_file *folder_file(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->n_files; i++)
		if (strcmp(folder->files[i].name, name) == 0)
			return &folder->files[i];
	return NULL;
}

const struct document *folder_next(const struct folder *folder, const char *kind, size_t *i)
{
	while (*i < folder->n_documents) {
		const struct document *document = &folder->documents[(*i)++];

		if (strcmp(document->kind, kind) == 0)
			return document;
	}
	return NULL;
}

const struct document *folder_find(const struct folder *folder, const char *kind, const char *name)
{
	const struct document *document;
	size_t i = 0;

	while ((document = folder_next(folder, kind, &i))) {
		const char *found = text_at(document->value, "metadata/name");

		if (!name || (found && strcmp(found, name) == 0))
			return document;
	}
	return NULL;
}

char *place(const struct document *document, const char *format, ...)
{
	va_list arguments;
	char *pointer, *text;

	va_start(arguments, format);
	pointer = text_newv(format, arguments);
	va_end(arguments);
	text = text_new("%s:%zu", document->file->name,
			yaml_line(document->yaml, document->i, pointer));
	free(pointer);
	return text;
}

json_t *at(json_t *value, const char *path)
{
	while (value && *path) {
		size_t len = strcspn(path, "/");

		if (json_is_array(value))
			value = *path >= '0' && *path <= '9'
				    ? json_array_get(value, strtoul(path, NULL, 10))
				    : NULL;
		else
			value = json_object_getn(value, path, len);
		path += len + (path[len] == '/');
	}
	return value;
}

const char *text_at(json_t *value, const char *path)
{
	return json_string_value(at(value, path));
}

bool is_named_before(json_t *array, size_t i)
{
	const char *name = text_at(json_array_get(array, i), "name");

	for (size_t k = 0; name && k < i; k++)
		if (strcmp(member_text(json_array_get(array, k), "name"), name) == 0)
			return true;
	return false;
}
