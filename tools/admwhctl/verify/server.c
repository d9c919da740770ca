/* SPDX-License-Identifier: MIT */
/* The server as its Deployment starts it: flags, mounts, and the files behind them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base64.h"
#include "common/files.h"
#include "common/values.h"
#include "verify/facts.h"

/* "--client-ca=VALUE", or "--client-ca" with the value as the next argument. */
static void add_arguments(json_t *values, json_t *arguments, const char *name)
{
	size_t len = strlen(name);
	json_t *argument;
	size_t i;

	json_array_foreach(arguments, i, argument) {
		const char *text = json_string_value(argument);

		if (!text || strncmp(text, "--", 2) != 0 || strncmp(text + 2, name, len) != 0)
			continue;
		if (text[2 + len] == '=')
			json_array_append_new(values, json_string(text + 3 + len));
		else if (text[2 + len] == '\0' && json_array_get(arguments, i + 1))
			json_array_append(values, json_array_get(arguments, i + 1));
	}
}

/* Is it PREFIX_NAME in capitals? The length of PREFIX, else 0. */
static size_t prefix_before(const char *variable, const char *name)
{
	size_t len = strlen(name);
	size_t all = variable ? strlen(variable) : 0;

	if (all < len + 2 || variable[all - len - 1] != '_')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (variable[all - len + i] !=
		    (name[i] == '-' ? '_' : toupper((unsigned char)name[i])))
			return 0;
	return all - len - 1;
}

/* Any program's prefix, which is that of POLICY_TLS_CERT; 0: there is no such variable. */
static size_t find_prefix(const struct facts *facts)
{
	json_t *variable;
	size_t i;

	json_array_foreach(at(facts->container, "env"), i, variable) {
		size_t len = prefix_before(text_at(variable, "name"), "tls-cert");

		if (len > 0)
			return len;
	}
	return 0;
}

static bool is_variable_of(const struct facts *facts, const char *variable, const char *name)
{
	size_t len = prefix_before(variable, name);
	size_t prefix = find_prefix(facts);

	return len > 0 && (prefix == 0 || len == prefix);
}

/* A variable of a flag that may be repeated has one value a line. */
static void add_lines(json_t *values, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");

		if (len > 0)
			json_array_append_new(values, json_stringn(text, len));
		text += len + (text[len] == '\n');
	}
}

json_t *server_flag(const struct facts *facts, const char *name)
{
	json_t *values = json_array();
	json_t *variable;
	size_t i;

	add_arguments(values, at(facts->container, "args"), name);
	add_arguments(values, at(facts->container, "command"), name);
	if (json_array_size(values) > 0)
		return values;
	json_array_foreach(at(facts->container, "env"), i, variable)
		if (is_variable_of(facts, text_at(variable, "name"), name))
			add_lines(values, text_at(variable, "value"));
	return values;
}

/* What switches a flag on in the environment, in letters of either case. */
static bool is_on(const char *word)
{
	static const char *const words[] = {"1", "true", "yes", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return false;
}

bool server_has_flag(const struct facts *facts, const char *name)
{
	char *flag = text_new("--%s", name);
	json_t *values = server_flag(facts, name), *value;
	bool is_given = has_text(at(facts->container, "args"), flag) ||
			has_text(at(facts->container, "command"), flag);
	size_t i;

	json_array_foreach(values, i, value)
		is_given |= json_is_string(value) && is_on(json_string_value(value));
	json_decref(values);
	free(flag);
	return is_given;
}

bool server_is_local(const struct facts *facts, const char *flag)
{
	static const char *const hosts[] = {"127.", "localhost:", "[::1]:"};
	json_t *values = server_flag(facts, flag);
	size_t n = json_array_size(values);
	const char *text = n > 0 ? json_string_value(json_array_get(values, n - 1)) : NULL;
	bool is_local = false;

	for (size_t i = 0; text && i < sizeof(hosts) / sizeof(*hosts); i++)
		is_local |= strncmp(text, hosts[i], strlen(hosts[i])) == 0;
	json_decref(values);
	return is_local;
}

unsigned int server_port(const struct facts *facts, const char *flag, unsigned int preset)
{
	json_t *values = server_flag(facts, flag);
	size_t n = json_array_size(values);
	const char *text = n > 0 ? json_string_value(json_array_get(values, n - 1)) : NULL;
	const char *colon = text ? strrchr(text, ':') : NULL;
	unsigned int port = colon ? (unsigned int)strtoul(colon + 1, NULL, 10) : preset;

	json_decref(values);
	return port;
}

/* The mount that a path is under, the longest. rest: what follows its path. */
static json_t *find_mount(json_t *container, const char *path, const char **rest)
{
	json_t *mount, *best = NULL;
	size_t longest = 0;
	size_t i;

	json_array_foreach(at(container, "volumeMounts"), i, mount) {
		const char *under = text_at(mount, "mountPath");
		size_t len = under ? strlen(under) : 0;

		while (len > 0 && under[len - 1] == '/')
			len--;
		if (len <= longest || strncmp(path, under, len) != 0 ||
		    (path[len] != '/' && path[len] != '\0'))
			continue;
		longest = len;
		best = mount;
		*rest = path + len + (path[len] == '/');
	}
	return best;
}

/* The key that a path inside of the volume has; NULL: items leave it out. */
static const char *key_of(json_t *items, const char *path)
{
	json_t *item;
	size_t i;

	if (!items)
		return path;
	json_array_foreach(items, i, item)
		if (text_at(item, "path") && strcmp(text_at(item, "path"), path) == 0)
			return text_at(item, "key");
	return NULL;
}

/* "KEY=FILE", or "FILE", whose key is its own name. */
static const char *generated_from(const char *entry, const char *key)
{
	const char *equals = strchr(entry, '=');

	if (equals)
		return strncmp(entry, key, (size_t)(equals - entry)) == 0 &&
			       key[equals - entry] == '\0'
			   ? equals + 1
			   : NULL;
	return strcmp(path_name(entry), key) == 0 ? entry : NULL;
}

/* A name of a file that stands beside another, relative to the folder. New. */
static char *beside(const struct document *document, const char *name)
{
	const char *slash = strrchr(document->file->name, '/');
	char *path = text_new("%.*s%s", slash ? (int)(slash - document->file->name) + 1 : 0,
			      document->file->name, strncmp(name, "./", 2) == 0 ? name + 2 : name);
	char *up;

	/* base/../private/x is private/x. */
	while ((up = strstr(path, "/../")) && up > path) {
		char *begin = memrchr(path, '/', (size_t)(up - path));

		begin = begin ? begin + 1 : path;
		memmove(begin, up + 4, strlen(up + 4) + 1);
	}
	return path;
}

static void take_file(const struct facts *facts, const struct document *kustomization,
		      const char *name, struct source *source)
{
	char *path = beside(kustomization, name);
	const struct folder_file *file = folder_file(&facts->folder, path);

	free(source->where);
	source->where = path;
	if (!file || file->is_folder) {
		free(source->why);
		source->why =
		    text_new("%s names it, and it is not there", kustomization->file->name);
		return;
	}
	source->bytes = file->bytes;
	source->len = file->len;
}

/* Of a secretGenerator or configMapGenerator. false: it makes none of this name. */
static bool take_generated(const struct facts *facts, const char *generator, const char *name,
			   const char *key, struct source *source)
{
	const struct document *kustomization;
	json_t *entry, *file;
	size_t i, k, at_document = 0;

	while ((kustomization = folder_next(&facts->folder, "Kustomization", &at_document)))
		json_array_foreach(at(kustomization->value, generator), i, entry) {
			if (!text_at(entry, "name") || strcmp(text_at(entry, "name"), name) != 0)
				continue;
			source->why = text_new("%s makes %s without %s", kustomization->file->name,
					       name, key);
			json_array_foreach(at(entry, "files"), k, file) {
				const char *from =
				    json_is_string(file)
					? generated_from(json_string_value(file), key)
					: NULL;

				if (from)
					take_file(facts, kustomization, from, source);
			}
			return true;
		}
	return false;
}

/* Of a Secret or ConfigMap that is written out. */
static bool take_object(const struct facts *facts, const char *kind, const char *name,
			const char *key, struct source *source)
{
	const struct document *document = folder_find(&facts->folder, kind, name);
	bool is_secret = strcmp(kind, "Secret") == 0;
	const char *text;

	if (!document)
		return false;
	text = member_text_or_null(at(document->value, is_secret ? "stringData" : "data"), key);
	if (text) {
		source->decoded = text_new("%s", text);
		source->len = strlen(text);
	} else if (is_secret) {
		text = member_text_or_null(at(document->value, "data"), key);
		source->decoded = text ? base64_decoded(text, strlen(text), &source->len) : NULL;
	}
	source->bytes = source->decoded;
	free(source->where);
	source->where = place(document, "/data/%s", key);
	if (!source->bytes)
		source->why = text_new("%s has no %s", name, key);
	return true;
}

static void take_from(const struct facts *facts, const char *kind, const char *name,
		      const char *key, struct source *source)
{
	bool is_secret = strcmp(kind, "Secret") == 0;

	if (take_generated(facts, is_secret ? "secretGenerator" : "configMapGenerator", name, key,
			   source) ||
	    take_object(facts, kind, name, key, source))
		return;
	source->is_elsewhere = true;
	source->why = text_new("%s %s is not made here", kind, name);
}

/* Try what one source of a volume has; false: it is neither Secret nor ConfigMap, or has no such
 * path. */
static bool take_volume(const struct facts *facts, json_t *volume, const char *name_member,
			const char *path, struct source *source)
{
	static const char *const members[] = {"secret", "configMap"};

	for (size_t i = 0; i < 2; i++) {
		json_t *from = at(volume, members[i]);
		const char *name = text_at(from, i == 0 ? name_member : "name");
		const char *key = from ? key_of(at(from, "items"), path) : NULL;

		if (!name || !key)
			continue;
		take_from(facts, i == 0 ? "Secret" : "ConfigMap", name, key, source);
		return true;
	}
	return false;
}

void source_mounted(const struct facts *facts, const char *path, struct source *source)
{
	const char *rest = "";
	json_t *mount = find_mount(facts->container, path, &rest);
	json_t *volume = pod_volume(facts, text_at(mount, "name"));
	json_t *part;
	size_t i;

	*source = (struct source){.where = text_new("%s", path)};
	if (!mount || !volume) {
		source->why = text_new(mount ? "the volume that is mounted there is not declared"
					     : "no volume is mounted there");
		return;
	}
	if (take_volume(facts, volume, "secretName", rest, source))
		return;
	json_array_foreach(at(volume, "projected/sources"), i, part)
		if (take_volume(facts, part, "name", rest, source))
			return;
	source->is_elsewhere = !at(volume, "secret") && !at(volume, "configMap");
	source->why = text_new("volume %s has no such file", text_at(mount, "name"));
}

void source_deinit(struct source *source)
{
	free(source->where);
	free(source->why);
	if (source->decoded)
		explicit_bzero(source->decoded, source->len);
	free(source->decoded);
}
