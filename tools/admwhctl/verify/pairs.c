/* SPDX-License-Identifier: MIT */
#include "verify/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/files.h"

static struct source source_of_file(const struct facts *facts, const char *name)
{
	const struct folder_file *file = folder_file(&facts->folder, name);

	return (struct source){.where = text_new("%s", name),
			       .bytes = file ? file->bytes : NULL,
			       .len = file ? file->len : 0,
			       .why = file ? NULL : text_new("it is not there")};
}

static bool is_known(const struct facts *facts, const char *certificate)
{
	for (size_t i = 0; i < facts->n_pairs; i++)
		if (strcmp(facts->pairs[i].certificate.where, certificate) == 0)
			return true;
	return false;
}

/* Steals label, certificate and key. */
static void add(struct facts *facts, char *label, const struct caller *caller, bool is_apiserver,
		struct source certificate, struct source key)
{
	struct pair *pair;

	if (is_known(facts, certificate.where)) {
		source_deinit(&certificate);
		source_deinit(&key);
		free(label);
		return;
	}
	facts->pairs = memory_grown(facts->pairs, (facts->n_pairs + 1) * sizeof(*facts->pairs));
	pair = &facts->pairs[facts->n_pairs++];
	*pair = (struct pair){.label = label,
			      .caller = caller,
			      .is_apiserver = is_apiserver,
			      .certificate = certificate,
			      .key = key};
	if (certificate.bytes)
		pair->problem = certificates_read(&pair->chain, certificate.bytes, certificate.len);
}

static void add_of_caller(struct facts *facts, const struct caller *caller, const char *node)
{
	char *certificate = caller_pair_path(caller, node, "crt");
	char *key = caller_pair_path(caller, node, "key");
	char *label =
	    node ? text_new("%s on %s", caller->name, node) : text_new("%s", caller->name);

	add(facts, label, caller, caller == facts->installation->callers,
	    source_of_file(facts, certificate), source_of_file(facts, key));
	free(certificate);
	free(key);
}

/* All pairs of a caller, one a node. */
static void add_caller(struct facts *facts, const struct caller *caller)
{
	if (!caller->nodes)
		add_of_caller(facts, caller, NULL);
	for (size_t i = 0; caller->nodes && caller->nodes[i]; i++)
		add_of_caller(facts, caller, caller->nodes[i]);
}

/* A file of a node, by its name alone: the folder keeps it elsewhere. */
static struct source find_file(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->folder.n_files; i++) {
		const char *name = facts->folder.files[i].name;

		if (strcmp(path_name(name), path_name(path)) == 0)
			return source_of_file(facts, name);
	}
	return (struct source){.where = text_new("%s", path),
			       .is_elsewhere = true,
			       .why = text_new("the folder has no file of this name")};
}

static struct source decoded(const struct document *kubeconfig, const char *data)
{
	struct source source = {.where = place(kubeconfig, "/users")};

	source.decoded = base64_decoded(data, strlen(data), &source.len);
	source.bytes = source.decoded;
	if (!source.bytes)
		source.why = text_new("it is no base64");
	return source;
}

/* Does the kubeconfig name the file that init's README has a node keep? */
static bool is_of_installation(const struct facts *facts, const char *path)
{
	char *wanted = facts->installation ? node_file_path(facts->installation, "crt") : NULL;
	bool is = wanted && strcmp(path, wanted) == 0;

	free(wanted);
	return is;
}

static void add_user(struct facts *facts, const struct document *kubeconfig, json_t *user)
{
	const char *certificate = text_at(user, "client-certificate");
	const char *key = text_at(user, "client-key");
	const char *data = text_at(user, "client-certificate-data");
	const char *key_data = text_at(user, "client-key-data");

	if (data)
		add(facts, text_new("the API server"), NULL, true, decoded(kubeconfig, data),
		    key_data ? decoded(kubeconfig, key_data) : find_file(facts, key ? key : "?"));
	else if (certificate && is_of_installation(facts, certificate))
		add_caller(facts, facts->installation->callers);
	else if (certificate)
		add(facts, text_new("the API server"), NULL, true, find_file(facts, certificate),
		    find_file(facts, key ? key : "?"));
}

void pairs_read(struct facts *facts)
{
	const struct document *kubeconfig;
	size_t from = 0;

	while ((kubeconfig = folder_next(&facts->folder, "Config", &from)))
		for (size_t i = 0; i < facts->n_hooks; i++)
			add_user(facts, kubeconfig,
				 at(hook_user(kubeconfig, &facts->hooks[i]), "user"));
	if (!facts->installation || !(facts->installation->authentication & BY_MTLS))
		return;
	for (size_t i = facts->n_pairs > 0 ? 1 : 0; i < facts->installation->n_callers; i++)
		add_caller(facts, &facts->installation->callers[i]);
}

void pairs_deinit(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		struct pair *pair = &facts->pairs[i];

		free(pair->label);
		source_deinit(&pair->certificate);
		source_deinit(&pair->key);
		certificates_deinit(&pair->chain);
	}
	free(facts->pairs);
}
