/* SPDX-License-Identifier: MIT */
#include "test/suite.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "common/yaml.h"
#include "test/expect.h"

static const char *const operations[] = {"CREATE", "UPDATE", "DELETE", "CONNECT", NULL};

static int add_file(struct suite *suite, struct manifests *manifests, const char *name)
{
	char *path = *name == '/' ? text_new("%s", name) : path_join(suite->folder, name);
	int err = manifest_list_add(manifests, path);

	free(path);
	return err;
}

/* A member that names a file, or is an object. */
static void read_file_or_object(struct suite *suite, const struct field *member,
				struct manifests *files, const json_t **object)
{
	if (json_is_object(member->value))
		*object = member->value;
	else if (json_is_string(member->value)) {
		if (add_file(suite, files, json_string_value(member->value)))
			suite->fields.faults++;
		else if (files->count == 0)
			field_fault(member, "there is no object in it");
	} else if (member->value) {
		field_fault(member, "expected a file or an object");
	}
}

/* groups are a list of texts; system:authenticated is always among them. */
static const json_t *read_groups(struct suite *suite, const struct field *object)
{
	struct field groups = field_member(object, "groups");
	json_t *all;

	field_texts(object, "groups");
	if (!json_is_array(groups.value))
		return NULL;
	all = json_made(json_deep_copy(groups.value));
	json_array_append_new(all, json_made(json_string("system:authenticated")));
	if (json_array_append_new(suite->kept, all))
		out_of_memory();
	return all;
}

static void read_request(struct suite *suite, const struct field *object,
			 struct circumstances *circumstances)
{
	struct field extra = field_member(object, "extra");
	const json_t *groups = read_groups(suite, object);
	size_t preset = 0;

	while (strcmp(operations[preset], circumstances->operation) != 0)
		preset++;
	circumstances->operation =
	    operations[field_choice(object, "operation", operations, preset)];
	circumstances->namespace = field_text(object, "namespace", circumstances->namespace);
	circumstances->user = field_text(object, "user", circumstances->user);
	circumstances->uid = field_text(object, "uid", circumstances->uid);
	circumstances->groups = groups ? groups : circumstances->groups;
	circumstances->is_dry_run = field_flag(object, "dryRun", circumstances->is_dry_run);
	if (extra.value)
		circumstances->extra = extra.value;
	if (extra.value && !json_is_object(extra.value))
		field_fault(&extra, "expected an object of lists of texts");
}

static void read_case(struct suite *suite, const struct field *object,
		      const struct circumstances *defaults, struct test_case *test)
{
	static const char *const names[] = {"name",         "manifest", "object",   "operation",
					    "user",         "uid",      "groups",   "extra",
					    "namespace",    "dryRun",   "resource", "subresource",
					    "resourceName", "old",      "expect",   NULL};
	struct field manifest = field_member(object, "manifest");
	struct field inline_object = field_member(object, "object");
	struct field old = field_member(object, "old"), expect = field_member(object, "expect");

	*test = (struct test_case){.circumstances = *defaults};
	field_only(object, names);
	test->line = yaml_line(suite->file, 0, object->pointer);
	test->name = field_required(object, "name");
	read_request(suite, object, &test->circumstances);
	test->circumstances.resource = field_text(object, "resource", NULL);
	test->circumstances.subresource = field_text(object, "subresource", NULL);
	test->circumstances.name = field_text(object, "resourceName", NULL);
	if (!manifest.value == !inline_object.value)
		field_fault(object, "expected a manifest or an object");
	if (manifest.value)
		read_file_or_object(suite, &manifest, &test->files, &test->object);
	else
		read_file_or_object(suite, &inline_object, &test->files, &test->object);
	read_file_or_object(suite, &old, &test->old_files, &test->old);
	test->expect = expect.value;
	if (expect.value)
		expect_check_form(&expect);
}

static void read_given(struct suite *suite, const struct field *root)
{
	const char *const *names = field_texts(root, "given");

	for (; *names; names++)
		if (add_file(suite, &suite->given, *names))
			suite->fields.faults++;
	manifest_list_add_resources(&suite->given, suite->resources);
}

static void read_defaults(struct suite *suite, const struct field *root,
			  struct circumstances *defaults)
{
	static const char *const names[] = {"operation", "namespace", "user",   "uid",
					    "groups",    "extra",     "dryRun", NULL};
	struct field member = field_member(root, "defaults");

	*defaults = (struct circumstances){.operation = "CREATE",
					   .namespace = "default",
					   .user = "kubernetes-admin",
					   .resources = suite->resources};
	field_only(&member, names);
	read_request(suite, &member, defaults);
}

static void read_suite(struct suite *suite)
{
	static const char *const names[] = {"apiVersion", "kind",  "given",
					    "defaults",   "cases", NULL};
	struct field root = field_root(&suite->fields), cases = field_member(&root, "cases");
	const char *version = field_required(&root, "apiVersion");
	const char *kind = field_required(&root, "kind");
	struct circumstances defaults;

	field_only(&root, names);
	if (version && kind && (strcmp(version, "admwhctl/v1") != 0 || strcmp(kind, "Suite") != 0))
		field_fault(&root, "expected apiVersion admwhctl/v1, kind Suite");
	read_given(suite, &root);
	read_defaults(suite, &root, &defaults);
	suite->count = field_count(&cases);
	if (suite->count == 0)
		field_fault(&cases, "there is no case");
	suite->cases = zeroed(suite->count + 1, sizeof(*suite->cases));
	for (size_t i = 0; i < suite->count; i++) {
		struct field one = field_element(&cases, i);

		read_case(suite, &one, &defaults, &suite->cases[i]);
	}
}

int suite_read(struct suite *suite, const char *name)
{
	char *copy = text_new("%s", name);

	*suite = (struct suite){.file = yaml_read_file(name), .resources = resources_new()};
	suite->folder = text_new("%s", dirname(copy));
	free(copy);
	if (!suite->file)
		return -1;
	if (yaml_count(suite->file) != 1) {
		complain("%s: expected one document", yaml_name(suite->file));
		return -1;
	}
	suite->fields = (struct fields){.file = suite->file, .name = yaml_name(suite->file)};
	suite->kept = json_made(json_array());
	read_suite(suite);
	suite->namespaces = manifest_list_namespaces(&suite->given);
	return suite->fields.faults == 0 ? 0 : -1;
}

void suite_deinit(struct suite *suite)
{
	for (size_t i = 0; i < suite->count; i++) {
		manifest_list_deinit(&suite->cases[i].files);
		manifest_list_deinit(&suite->cases[i].old_files);
	}
	free(suite->cases);
	manifest_list_deinit(&suite->given);
	resources_free(suite->resources);
	json_decref(suite->namespaces);
	json_decref(suite->kept);
	fields_free_kept(&suite->fields);
	yaml_file_free(suite->file);
	free(suite->folder);
	*suite = (struct suite){0};
}
