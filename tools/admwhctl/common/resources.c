/* SPDX-License-Identifier: MIT */
#include "common/resources.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

struct resources {
	struct resource *custom;
	size_t count;
	json_t *definitions; /* which hold the texts of the rows */
};

struct resources *resources_new(void)
{
	struct resources *resources = zeroed(1, sizeof(*resources));

	resources->definitions = json_made(json_array());
	return resources;
}

void resources_free(struct resources *resources)
{
	if (!resources)
		return;
	json_decref(resources->definitions);
	free(resources->custom);
	free(resources);
}

static void add_version(struct resources *resources, const json_t *spec, const char *version)
{
	const json_t *names = json_object_get(spec, "names");
	const char *group = member_text_or_null(spec, "group"),
		   *scope = member_text_or_null(spec, "scope");
	const char *kind = member_text_or_null(names, "kind"),
		   *plural = member_text_or_null(names, "plural");

	if (!version || !group || !kind || !plural)
		return;
	resources->custom =
	    memory_grown(resources->custom, (resources->count + 1) * sizeof(*resources->custom));
	resources->custom[resources->count++] = (struct resource){
	    .kind_group = group,
	    .kind_version = version,
	    .kind = kind,
	    .group = group,
	    .version = version,
	    .resource = plural,
	    .subresource = "",
	    .is_namespaced = !scope || strcmp(scope, "Cluster") != 0,
	};
}

void resources_add(struct resources *resources, const json_t *document)
{
	const char *kind = member_text_or_null(document, "kind");
	const json_t *spec = json_object_get(document, "spec"), *version;
	size_t i;

	if (!kind || strcmp(kind, "CustomResourceDefinition") != 0)
		return;
	if (json_array_append_new(resources->definitions, json_kept(document)))
		out_of_memory();
	json_array_foreach(json_object_get(spec, "versions"), i, version)
		add_version(resources, spec, member_text_or_null(version, "name"));
}

int resources_add_file(struct resources *resources, const char *name)
{
	struct yaml_file *file = yaml_read_file(name);
	size_t before = resources->count;

	if (!file)
		return -1;
	for (size_t i = 0; i < yaml_count(file); i++)
		resources_add(resources, yaml_document(file, i));
	yaml_file_free(file);
	if (resources->count > before)
		return 0;
	complain("%s: no CustomResourceDefinition in it", name);
	return -1;
}

/* "apps/v1" is a group and a version, "v1" a version. */
static bool is_of(const struct resource *resource, const char *api_version, const char *kind)
{
	size_t len = strlen(resource->kind_group);

	if (strcmp(resource->kind, kind) != 0)
		return false;
	if (len == 0)
		return strcmp(resource->kind_version, api_version) == 0;
	return strncmp(api_version, resource->kind_group, len) == 0 && api_version[len] == '/' &&
	       strcmp(api_version + len + 1, resource->kind_version) == 0;
}

const struct resource *resources_find(const struct resources *resources, const char *api_version,
				      const char *kind)
{
	for (size_t i = 0; i < resources->count; i++)
		if (is_of(&resources->custom[i], api_version, kind))
			return &resources->custom[i];
	for (const struct resource *row = builtin_resources; row->kind; row++)
		if (is_of(row, api_version, kind))
			return row;
	return NULL;
}

/* Is this what the row serves, but for capital letters, or its kind? */
static bool is_meant(const struct resource *row, const char *resource)
{
	return !*row->subresource &&
	       (strcasecmp(row->resource, resource) == 0 || strcasecmp(row->kind, resource) == 0);
}

/* The row of a group; group NULL: of any. */
static const struct resource *find_meant(const char *group, const char *resource)
{
	for (const struct resource *row = builtin_resources; row->kind; row++)
		if ((!group || strcmp(row->group, group) == 0) && is_meant(row, resource))
			return row;
	return NULL;
}

static char *misnamed_in(const char *group, const char *resource)
{
	const struct resource *row = find_meant(group, resource);

	if (row)
		return strcmp(row->resource, resource) == 0
			   ? NULL
			   : text_new("%s is no resource: write %s", resource, row->resource);
	if (*group == '\0') {
		row = find_meant(NULL, resource);
		return row ? text_new("the core group has no %s: %s is of group %s", resource,
				      row->resource, row->group)
			   : text_new("the core group has no %s", resource);
	}
	for (const char *c = resource; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			return text_new("%s is no resource: these have no capital letters",
					resource);
	return NULL;
}

static char *misnamed_in_all(const json_t *groups, const char *resource)
{
	char *first = NULL, *other;
	const json_t *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		const char *name = json_string_value(group);

		other = name && strcmp(name, "*") != 0 ? misnamed_in(name, resource) : NULL;
		if (!other) {
			free(first);
			return NULL;
		}
		if (first)
			free(other);
		else
			first = other;
	}
	return first;
}

/* Of "pods/status" it is the part before the slash. */
char *resources_misnamed(const json_t *groups, const char *resource)
{
	char *name, *reason;

	if (strchr(resource, '*'))
		return NULL;
	name = text_new("%.*s", (int)strcspn(resource, "/"), resource);
	reason = misnamed_in_all(groups, name);
	free(name);
	return reason;
}
