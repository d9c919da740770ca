/* SPDX-License-Identifier: MIT */
#include "verify/facts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"
#include "common/kubeconfig_lookup.h"
#include "common/values.h"
#include "verify/hooks.h"
#include "verify/pairs.h"

/* The first container that has the flags of admwh_program_main(), else the first. */
static json_t *find_container(const struct document *deployment)
{
	json_t *containers = at(deployment->value, "spec/template/spec/containers");
	json_t *container, *argument;
	size_t i, k;

	json_array_foreach(containers, i, container)
		json_array_foreach(at(container, "args"), k, argument)
			if (json_is_string(argument) &&
			    strncmp(json_string_value(argument), "--tls-cert", 10) == 0)
				return container;
	return json_array_get(containers, 0);
}

/* What init leaves in private/, where a Secret that the cluster has is mounted. */
static void fall_back(const struct facts *facts, const char *name, struct source *source)
{
	const struct folder_file *file = folder_file(&facts->folder, name);

	if (source->bytes || !file || (source->where && !source->is_elsewhere))
		return;
	source_deinit(source);
	*source =
	    (struct source){.where = text_new("%s", name), .bytes = file->bytes, .len = file->len};
}

/* The file of a flag, of which the last value counts. */
static void read_flag(const struct facts *facts, const char *flag, const char *name,
		      struct source *source)
{
	json_t *values = server_flag(facts, flag);
	size_t n = json_array_size(values);

	if (n > 0)
		source_mounted(facts, json_string_value(json_array_get(values, n - 1)), source);
	json_decref(values);
	fall_back(facts, name, source);
}

static struct bundle *find_bundle(struct facts *facts, const char *name, size_t len)
{
	struct bundle *bundle;

	for (size_t i = 0; i < facts->n_bundles; i++)
		if (strlen(facts->bundles[i].name) == len &&
		    strncmp(facts->bundles[i].name, name, len) == 0)
			return &facts->bundles[i];
	facts->bundles =
	    memory_grown(facts->bundles, (facts->n_bundles + 1) * sizeof(*facts->bundles));
	bundle = &facts->bundles[facts->n_bundles++];
	*bundle = (struct bundle){.name = text_new("%.*s", (int)len, name), .rules = json_array()};
	return bundle;
}

/* "[BUNDLE=]VALUE", where no BUNDLE has one of these bytes. */
static struct bundle *bundle_of(struct facts *facts, const char **value, const char *never)
{
	size_t len = strcspn(*value, "=");

	if ((*value)[len] != '=' || strcspn(*value, never) < len)
		return find_bundle(facts, "default", 7);
	*value += len + 1;
	return find_bundle(facts, *value - len - 1, len);
}

/* init's name for the CA of a caller, which names its bundle; else the name of the bundle itself,
 * or the usual name. */
static void read_cas(struct facts *facts, struct bundle *bundle)
{
	char *name = text_new("private/%s-ca.crt", bundle->name);

	for (size_t i = 0; facts->installation && i < facts->installation->n_callers; i++) {
		const struct caller *caller = &facts->installation->callers[i];
		char *path = caller_ca_path(facts->installation, caller, "crt");

		if (strcmp(caller->name, bundle->name) == 0)
			fall_back(facts, path, &bundle->file);
		free(path);
	}
	if (!facts->installation)
		fall_back(facts, name, &bundle->file);
	if (!facts->installation && bundle == facts->bundles)
		fall_back(facts, "private/client-ca.crt", &bundle->file);
	if (bundle->file.bytes)
		bundle->problem =
		    certificates_read(&bundle->cas, bundle->file.bytes, bundle->file.len);
	free(name);
}

static void add_rules_of_file(struct bundle *bundle, const struct source *source)
{
	const char *line = source->bytes;

	while (line && *line) {
		size_t len = strcspn(line, "\n");

		if (len > 0 && *line != '#')
			json_array_append_new(bundle->rules, json_stringn(line, len));
		line += len + (line[len] == '\n');
	}
	if (!source->bytes)
		json_array_append_new(bundle->rules, json_string("?"));
}

static void read_rules(struct facts *facts)
{
	json_t *rules = server_flag(facts, "client-allow");
	json_t *files = server_flag(facts, "client-allow-file");
	json_t *element;
	size_t i;

	json_array_foreach(rules, i, element) {
		const char *rule = json_string_value(element);
		struct bundle *bundle = bundle_of(facts, &rule, ":");

		json_array_append_new(bundle->rules, json_string(rule));
	}
	json_array_foreach(files, i, element) {
		const char *name = json_string_value(element);
		struct bundle *bundle = bundle_of(facts, &name, "/");
		struct source source;

		source_mounted(facts, name, &source);
		add_rules_of_file(bundle, &source);
		source_deinit(&source);
	}
	json_decref(rules);
	json_decref(files);
}

static void read_bundles(struct facts *facts)
{
	json_t *values = server_flag(facts, "client-ca");
	json_t *element;
	size_t i;

	json_array_foreach(values, i, element) {
		const char *name = json_string_value(element);
		struct bundle *bundle = bundle_of(facts, &name, "/");

		source_deinit(&bundle->file);
		source_mounted(facts, name, &bundle->file);
	}
	json_decref(values);
	read_rules(facts);
	for (i = 0; i < facts->n_bundles; i++)
		read_cas(facts, &facts->bundles[i]);
}

/* Of a server that does not run in this cluster installation.yaml alone tells. */
static void read_bundles_of_callers(struct facts *facts)
{
	const struct installation *installation = facts->installation;

	if (!(installation->authentication & BY_MTLS))
		return;
	for (size_t i = 0; i < installation->n_callers; i++) {
		const struct caller *caller = &installation->callers[i];
		struct bundle *bundle = find_bundle(facts, caller->name, strlen(caller->name));
		char *rule = text_new("cn:%s", caller->common_name);

		json_array_append_new(bundle->rules, json_string(rule));
		read_cas(facts, bundle);
		free(rule);
	}
}

static void read_server(struct facts *facts)
{
	size_t from = 0;

	facts->deployment = folder_next(&facts->folder, "Deployment", &from);
	if (facts->deployment) {
		facts->container = find_container(facts->deployment);
		read_bundles(facts);
	} else if (facts->installation) {
		read_bundles_of_callers(facts);
	}
	read_flag(facts, "tls-cert", "private/server.crt", &facts->server_certificate);
	read_flag(facts, "tls-key", "private/server.key", &facts->server_key);
	read_flag(facts, "token-file", "private/tokens.csv", &facts->tokens);
	if (facts->server_certificate.bytes)
		facts->server_problem =
		    certificates_read(&facts->server_chain, facts->server_certificate.bytes,
				      facts->server_certificate.len);
}

int facts_read(struct facts *facts, const char *path)
{
	*facts = (struct facts){.now = time(NULL), .days = 30};
	if (folder_read(&facts->folder, path))
		return -1;
	if (folder_file(&facts->folder, "installation.yaml")) {
		facts->installation = installation_of_folder(path);
		facts->installation_is_wrong = !facts->installation;
	}
	hooks_read(facts);
	read_server(facts);
	pairs_read(facts);
	return 0;
}

void facts_deinit(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_bundles; i++) {
		struct bundle *bundle = &facts->bundles[i];

		free(bundle->name);
		source_deinit(&bundle->file);
		certificates_deinit(&bundle->cas);
		json_decref(bundle->rules);
	}
	free(facts->bundles);
	source_deinit(&facts->server_certificate);
	source_deinit(&facts->server_key);
	source_deinit(&facts->tokens);
	certificates_deinit(&facts->server_chain);
	pairs_deinit(facts);
	hooks_deinit(facts);
	installation_free(facts->installation);
	folder_deinit(&facts->folder);
}

json_t *pod_spec(const struct facts *facts)
{
	return facts->deployment ? at(facts->deployment->value, "spec/template/spec") : NULL;
}

char *pod_place(const struct facts *facts, const char *pointer)
{
	return place(facts->deployment, "/spec/template/spec/%s", pointer);
}

json_t *pod_volume(const struct facts *facts, const char *name)
{
	json_t *volume;
	size_t i;

	json_array_foreach(at(pod_spec(facts), "volumes"), i, volume) {
		if (name && strcmp(member_text(volume, "name"), name) == 0)
			return volume;
	}
	return NULL;
}

json_t *security_context(const struct facts *facts, json_t *container, const char *member)
{
	json_t *value = json_object_get(at(container, "securityContext"), member);

	return value ? value : json_object_get(at(pod_spec(facts), "securityContext"), member);
}

json_t *hook_user(const struct document *kubeconfig, const struct hook *hook)
{
	return hook->host ? kubeconfig_lookup(kubeconfig->value, hook->host, hook->port) : NULL;
}
