/* SPDX-License-Identifier: MIT */
#include "init/admission.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fields.h"
#include "common/files.h"
#include "common/installation_checks.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"
#include "init/template.h"
#include "init/yaml_edit.h"

static const char *const plugin_names[] = {"ValidatingAdmissionWebhook",
					   "MutatingAdmissionWebhook"};
enum { N_PLUGINS = sizeof(plugin_names) / sizeof(plugin_names[0]) };

/* The file, the text as edited so far, and the value that its reading must give in the end. */
struct merge {
	struct yaml_file *file;
	char *text;
	json_t *expected;
	char *kubeconfig; /* of both plugins */
};

int merge_refuse(const struct yaml_file *there, const char *pointer, const char *reason)
{
	struct fields fields = {.file = there, .name = yaml_name(there)};
	struct field field = {.fields = &fields};

	snprintf(field.pointer, sizeof(field.pointer), "%s", pointer);
	field_fault(&field, "cannot be merged into: %s", reason);
	return -1;
}

static int check_whole(const struct merge *merge)
{
	const json_t *root = yaml_document(merge->file, 0);
	const char *api = member_text(root, "apiVersion");
	const json_t *plugins = json_object_get(root, "plugins");

	if (strcmp(member_text(root, "kind"), "AdmissionConfiguration") != 0)
		return merge_refuse(merge->file, "/kind", "expected AdmissionConfiguration");
	if (strcmp(api, "apiserver.config.k8s.io/v1") != 0 &&
	    strcmp(api, "apiserver.k8s.io/v1alpha1") != 0)
		return merge_refuse(merge->file, "/apiVersion",
				    "expected apiserver.config.k8s.io/v1");
	if (plugins && !json_is_array(plugins) && !json_is_null(plugins))
		return merge_refuse(merge->file, "/plugins", "expected a list");
	return 0;
}

/* The index of a plugin; SIZE_MAX: none. */
static size_t index_of(const json_t *root, const char *name)
{
	size_t i;
	json_t *plugin;

	json_array_foreach(json_object_get(root, "plugins"), i, plugin) {
		if (strcmp(member_text(plugin, "name"), name) == 0)
			return i;
	}
	return SIZE_MAX;
}

static int check_configuration(const struct merge *merge, const char *pointer,
			       const json_t *configuration)
{
	const json_t *file = json_object_get(configuration, "kubeConfigFile");

	if (!json_is_object(configuration))
		return merge_refuse(merge->file, pointer, "expected a mapping");
	if (strcmp(member_text(configuration, "kind"), "WebhookAdmissionConfiguration") != 0)
		return merge_refuse(merge->file, pointer,
				    "expected kind WebhookAdmissionConfiguration");
	if (strcmp(member_text(configuration, "apiVersion"), "apiserver.config.k8s.io/v1") != 0)
		return merge_refuse(merge->file, pointer,
				    "expected apiVersion apiserver.config.k8s.io/v1");
	if (file && !json_is_string(file) && !json_is_null(file))
		return merge_refuse(merge->file, pointer, "expected text for kubeConfigFile");
	if (json_is_string(file) && !is_plain_path(json_string_value(file)))
		return merge_refuse(
		    merge->file, pointer,
		    "kubeConfigFile has other characters than letters, digits, /, ., _ "
		    "and -");
	return 0;
}

/* Whether the plugin of this name can be merged, and which kubeconfig it has. */
static int check_plugin(struct merge *merge, const char *name, const char **kubeconfig)
{
	const json_t *root = yaml_document(merge->file, 0);
	size_t i = index_of(root, name);
	const json_t *plugin = json_array_get(json_object_get(root, "plugins"), i);
	const json_t *configuration = json_object_get(plugin, "configuration");
	char *pointer = text_new("/plugins/%zu", i);
	int err = 0;

	*kubeconfig = member_text(configuration, "kubeConfigFile");
	if (plugin && *member_text(plugin, "path"))
		err =
		    merge_refuse(merge->file, pointer,
				 "its configuration is in another file, see path; write it here as "
				 "configuration");
	else if (configuration && !json_is_null(configuration))
		err = check_configuration(merge, pointer, configuration);
	free(pointer);
	return err;
}

/* Both plugins' kubeconfig: that of the one that has one. */
static int choose_kubeconfig(struct merge *merge, const char *ours)
{
	const char *chosen = "";

	for (size_t i = 0; i < N_PLUGINS; i++) {
		const char *own;

		if (check_plugin(merge, plugin_names[i], &own))
			return -1;
		if (*chosen && *own && strcmp(chosen, own) != 0)
			return merge_refuse(
			    merge->file, "/plugins",
			    "the webhook plugins name two kubeconfigs; let both name the "
			    "same");
		if (*own)
			chosen = own;
	}
	merge->kubeconfig = text_new("%s", *chosen ? chosen : ours);
	return 0;
}

/* Take the text of an edit. */
static int take(struct merge *merge, char *edited)
{
	if (!edited)
		return -1;
	free(merge->text);
	merge->text = edited;
	return 0;
}

/* A member of the value at a pointer, in the text and in the value that is expected of it. */
static int set(struct merge *merge, const char *pointer, json_t *object, const char *key,
	       json_t *value)
{
	int err =
	    take(merge, yaml_edit_set(yaml_name(merge->file), merge->text, pointer, key, value));

	json_object_set_new(object, key, value);
	return err;
}

static json_t *configuration_of(const char *kubeconfig)
{
	return json_pack("{s:s,s:s,s:s}", "apiVersion", "apiserver.config.k8s.io/v1", "kind",
			 "WebhookAdmissionConfiguration", "kubeConfigFile", kubeconfig);
}

static int add_plugin(struct merge *merge, const char *name)
{
	json_t *plugins = json_object_get(merge->expected, "plugins");
	json_t *plugin = json_pack("{s:s,s:o}", "name", name, "configuration",
				   configuration_of(merge->kubeconfig));
	int err;

	if (json_array_size(plugins) == 0)
		return set(merge, "", merge->expected, "plugins", json_pack("[o]", plugin));
	err =
	    take(merge, yaml_edit_append(yaml_name(merge->file), merge->text, "/plugins", plugin));
	json_array_append_new(plugins, plugin);
	return err;
}

static int edit_plugin(struct merge *merge, const char *name)
{
	size_t i = index_of(merge->expected, name);
	json_t *plugin = json_array_get(json_object_get(merge->expected, "plugins"), i);
	json_t *configuration = json_object_get(plugin, "configuration");
	char *pointer;
	int err = 0;

	if (!plugin)
		return add_plugin(merge, name);
	pointer =
	    text_new("/plugins/%zu%s", i, json_is_object(configuration) ? "/configuration" : "");
	if (!json_is_object(configuration))
		err = set(merge, pointer, plugin, "configuration",
			  configuration_of(merge->kubeconfig));
	else if (!*member_text(configuration, "kubeConfigFile"))
		err = set(merge, pointer, configuration, "kubeConfigFile",
			  json_string(merge->kubeconfig));
	free(pointer);
	return err;
}

/* Text that an edit would lose, such as what stands behind an alias. */
static int check_result(const struct merge *merge)
{
	struct yaml_file *result =
	    yaml_read(yaml_name(merge->file), merge->text, strlen(merge->text));
	bool is_equal = result && yaml_count(result) == 1 &&
			json_equal(yaml_document(result, 0), merge->expected);

	yaml_file_free(result);
	return is_equal ? 0
			: merge_refuse(merge->file, "/plugins",
				       "aliases or a comment within brackets are in the way");
}

static char *new_admission(const char *kubeconfig)
{
	return text_new("# kube-apiserver reads this file at its start alone; kubeConfigFile is an "
			"absolute path.\n"
			"# Both plugins are here, so that a webhook of the other kind needs no "
			"restart later.\n"
			"apiVersion: apiserver.config.k8s.io/v1\n"
			"kind: AdmissionConfiguration\n"
			"plugins:\n"
			"- name: %s\n"
			"  configuration:\n"
			"    apiVersion: apiserver.config.k8s.io/v1\n"
			"    kind: WebhookAdmissionConfiguration\n"
			"    kubeConfigFile: %s\n"
			"- name: %s\n"
			"  configuration:\n"
			"    apiVersion: apiserver.config.k8s.io/v1\n"
			"    kind: WebhookAdmissionConfiguration\n"
			"    kubeConfigFile: %s\n",
			plugin_names[0], kubeconfig, plugin_names[1], kubeconfig);
}

static int merge_plugins(struct merge *merge, const char *there, const char *kubeconfig)
{
	int err = check_whole(merge);

	if (!err)
		err = choose_kubeconfig(merge, kubeconfig);
	if (err)
		return err;
	merge->text = text_new("%s", there);
	merge->expected = json_deep_copy(yaml_document(merge->file, 0));
	for (size_t i = 0; i < N_PLUGINS && !err; i++)
		err = edit_plugin(merge, plugin_names[i]);
	return err ? err : check_result(merge);
}

struct yaml_file *one_document(const char *name, const char *text)
{
	struct yaml_file *file = yaml_read(name, text, strlen(text));

	if (file && yaml_count(file) != 1) {
		complain("%s: cannot be merged into: it has %zu documents, expected one", name,
			 yaml_count(file));
		yaml_file_free(file);
		file = NULL;
	}
	return file;
}

static int make_new(const char *kubeconfig, struct admission *admission)
{
	char *quoted = scalar_new(kubeconfig);

	admission->text = new_admission(quoted);
	admission->kubeconfig = text_new("%s", kubeconfig);
	free(quoted);
	return 0;
}

int admission_merge(const char *name, const char *there, const char *kubeconfig,
		    struct admission *admission)
{
	struct merge merge = {0};
	int err;

	if (!there)
		return make_new(kubeconfig, admission);
	merge.file = one_document(name, there);
	if (!merge.file)
		return -1;
	err = merge_plugins(&merge, there, kubeconfig);
	if (err) {
		free(merge.text);
		free(merge.kubeconfig);
	} else {
		*admission = (struct admission){merge.text, merge.kubeconfig};
	}
	json_decref(merge.expected);
	yaml_file_free(merge.file);
	return err;
}
