/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/kubeconfig_lookup.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"
#include "init/admission.h"
#include "init/template.h"
#include "init/yaml_edit.h"

/* The file, and the user that it is given. */
struct merge {
	struct yaml_file *file;
	char *user_name, *text;
	json_t *user;
};

static int check_whole(const struct merge *merge)
{
	const json_t *root = yaml_document(merge->file, 0);
	const char *kind = member_text_or_null(root, "kind");
	const char *api = member_text_or_null(root, "apiVersion");
	json_t *users = json_object_get(root, "users");

	if ((kind && strcmp(kind, "Config") != 0) || (api && strcmp(api, "v1") != 0))
		return merge_refuse(merge->file, "/kind", "expected Config of v1");
	if (users && !json_is_array(users) && !json_is_null(users))
		return merge_refuse(merge->file, "/users", "expected a list");
	return 0;
}

/* The index of the user of this name; SIZE_MAX: none. */
static size_t index_of(json_t *users, const char *name)
{
	size_t i;
	json_t *entry;

	json_array_foreach(users, i, entry) {
		if (strcmp(member_text(entry, "name"), name) == 0)
			return i;
	}
	return SIZE_MAX;
}

static int check_user_that_is_there(const struct merge *merge, const json_t *entry, size_t i)
{
	char *pointer;
	int err;

	if (json_equal(json_object_get(entry, "user"), merge->user))
		return 0;
	pointer = text_new("/users/%zu", i);
	err = merge_refuse(merge->file, pointer,
			   "this webhook has a user already, with other credentials");
	free(pointer);
	return err;
}

static int add_user(struct merge *merge, json_t *expected)
{
	json_t *users = json_object_get(expected, "users");
	json_t *entry = json_pack("{s:s,s:O}", "name", merge->user_name, "user", merge->user);
	char *edited;

	if (json_array_size(users) > 0) {
		edited = yaml_edit_append(yaml_name(merge->file), merge->text, "/users", entry);
		json_array_append_new(users, entry);
	} else {
		users = json_pack("[o]", entry);
		edited = yaml_edit_set(yaml_name(merge->file), merge->text, "", "users", users);
		json_object_set_new(expected, "users", users);
	}
	if (!edited)
		return -1;
	free(merge->text);
	merge->text = edited;
	return 0;
}

/* Does the text read as expected, and does kube-apiserver find the user? */
static int check_result(const struct merge *merge, const json_t *expected, const char *host,
			unsigned int port)
{
	struct yaml_file *result =
	    yaml_read(yaml_name(merge->file), merge->text, strlen(merge->text));
	json_t *found;
	int err = 0;

	if (!result || !json_equal(yaml_document(result, 0), expected))
		err = merge_refuse(merge->file, "/users",
				   "aliases or a comment within brackets are in the way");
	found = kubeconfig_lookup(expected, host, port);
	if (!err && strcmp(member_text(found, "name"), merge->user_name) != 0)
		err = merge_refuse(
		    merge->file, "/users",
		    "a user with a port and \"*\" is taken before that of the webhook");
	yaml_file_free(result);
	return err;
}

static int merge_user(struct merge *merge, const char *host, unsigned int port)
{
	json_t *root = yaml_document(merge->file, 0);
	json_t *users = json_object_get(root, "users");
	int err = check_whole(merge);
	size_t i = index_of(users, merge->user_name);

	if (err)
		return err;
	if (i != SIZE_MAX)
		return check_user_that_is_there(merge, json_array_get(users, i), i);
	json_t *expected = json_deep_copy(root);
	err = add_user(merge, expected);
	if (!err)
		err = check_result(merge, expected, host, port);
	json_decref(expected);
	return err;
}

static char *new_kubeconfig(const char *user_name, json_t *user)
{
	json_t *users = json_pack("{s:[{s:s,s:O}]}", "users", "name", user_name, "user", user);
	char *block = block_new(users, 0);
	char *text = text_new(
	    "# kube-apiserver takes the user that is named after what it calls: HOST:PORT, or "
	    "HOST\n"
	    "# where the port is 443. It reads this file once, and the files that it names again\n"
	    "# when they change.\n"
	    "apiVersion: v1\n"
	    "kind: Config\n"
	    "%s",
	    block);

	free(block);
	json_decref(users);
	return text;
}

char *kubeconfig_merge(const char *name, const char *there, const char *host, unsigned int port,
		       json_t *user)
{
	struct merge merge = {.user = user, .user_name = kubeconfig_user_name(host, port)};

	if (!there) {
		merge.text = new_kubeconfig(merge.user_name, user);
	} else {
		merge.file = one_document(name, there);
		merge.text = text_new("%s", there);
		if (!merge.file || merge_user(&merge, host, port)) {
			free(merge.text);
			merge.text = NULL;
		}
		yaml_file_free(merge.file);
	}
	free(merge.user_name);
	return merge.text;
}
