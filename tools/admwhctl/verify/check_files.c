/* SPDX-License-Identifier: MIT */
/* files: which there are, their modes, and what must not be in them. */
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/files.h"
#include "verify/checks.h"

static void check_installation(const struct facts *facts, struct verdict *verdict)
{
	if (!folder_file(&facts->folder, "installation.yaml"))
		return;
	examine(verdict);
	if (facts->installation_is_wrong)
		fault(verdict, text_new("installation.yaml"),
		      text_new("it cannot be used, for the reasons told above"),
		      "correct it, then run admwhctl init --to FOLDER again");
}

static void check_yaml(const struct facts *facts, struct verdict *verdict)
{
	json_t *name;
	size_t i;

	examine(verdict);
	json_array_foreach(facts->folder.unreadable, i, name)
		fault(verdict, text_new("%s", json_string_value(name)),
		      text_new("it cannot be read, for the reason told above"),
		      "correct the line, or take the file out of the folder");
}

/* kustomization.yaml names the files of a server in the cluster, nothing those of another one. */
static void check_made(const struct facts *facts, struct verdict *verdict)
{
	const struct installation *it = facts->installation;
	bool has_files = it && !it->image && !it->existing_secret;
	bool has_pair = has_files && !it->is_server_public;
	const struct {
		bool is_needed;
		const char *name;
	} files[] = {
	    {it, "kustomization.yaml"},
	    {it && !it->existing_secret && !it->is_server_public, "private/server-ca.crt"},
	    {has_pair, "private/server.crt"},
	    {has_pair, "private/server.key"},
	    {has_files && (it->authentication & BY_TOKEN), "private/tokens.csv"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i].is_needed && !folder_file(&facts->folder, files[i].name))
			fault(verdict, NULL, text_new("there is no %s", files[i].name),
			      "restore it; else admwhctl init --to FOLDER writes a new one");
}

static void check_parts(const struct facts *facts, struct verdict *verdict)
{
	static const struct {
		const char *kind, *name;
	} parts[] = {
	    {"AdmissionConfiguration", "AdmissionConfiguration"},
	    {"Config", "kubeconfig (kind Config)"},
	    {"Deployment", "Deployment"},
	    {"Service", "Service"},
	};
	bool is_in_cluster = !facts->installation || facts->installation->image;

	examine(verdict);
	for (size_t i = 0; i < (is_in_cluster ? 4 : 2); i++) {
		if (folder_find(&facts->folder, parts[i].kind, NULL))
			continue;
		if (facts->installation)
			fault(verdict, NULL, text_new("there is no %s", parts[i].name),
			      "admwhctl init --to FOLDER writes what is missing");
		else
			unchecked(verdict, NULL, text_new("there is no %s", parts[i].name),
				  "put a copy of it into the folder, so that it is checked, too");
	}
	check_made(facts, verdict);
	if (facts->n_hooks == 0)
		fault(verdict, NULL, text_new("there is no webhook configuration with a webhook"),
		      "admwhctl init --to FOLDER writes what is missing");
}

/* A token or a password in a kubeconfig is a key by another name. */
static bool has_password(json_t *kubeconfig)
{
	json_t *user;
	size_t i;

	json_array_foreach(at(kubeconfig, "users"), i, user) {
		if (at(user, "user/token") || at(user, "user/password"))
			return true;
	}
	return false;
}

static void check_kubeconfigs(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0;

	while ((document = folder_next(&facts->folder, "Config", &from))) {
		if (!has_password(document->value))
			continue;
		examine(verdict);
		if (document->file->mode & 077)
			warn(verdict, text_new("%s", document->file->name),
			     text_new("a token or a password is in it, and its mode is %04o",
				      (unsigned int)document->file->mode),
			     "name a tokenFile instead, or chmod go= it and keep it out of git");
	}
}

/* A key that others can read is theirs, too. */
static void check_modes(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->folder.n_files; i++) {
		const struct folder_file *file = &facts->folder.files[i];

		if (strcmp(file->name, "private") != 0 && strncmp(file->name, "private/", 8) != 0 &&
		    (file->is_folder || !memmem(file->bytes, file->len, "PRIVATE KEY-----", 16)))
			continue;
		examine(verdict);
		if (file->mode & 077)
			fault(verdict, text_new("%s", file->name),
			      text_new("its mode is %04o: others can read it",
				       (unsigned int)file->mode),
			      "chmod -R go= private");
	}
	check_kubeconfigs(facts, verdict);
}

static bool has_line(const struct folder_file *file, const char *line)
{
	const char *text = file ? file->bytes : NULL;

	while (text && *text) {
		size_t len = strcspn(text, "\r\n");

		if (len == strlen(line) && strncmp(text, line, len) == 0)
			return true;
		text += len + (text[len] != '\0');
	}
	return false;
}

static void check_ignored(const struct facts *facts, struct verdict *verdict)
{
	const struct folder_file *ignored = folder_file(&facts->folder, ".gitignore");
	static const char *const lines[] = {"private/", "/private/", "private", "/private", "*"};

	if (!folder_file(&facts->folder, "private"))
		return;
	examine(verdict);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (has_line(ignored, lines[i]))
			return;
	fault(verdict, text_new(".gitignore"), text_new("it does not leave out private/"),
	      "echo private/ >>.gitignore; keys that were committed are no secret any more");
}

static bool is_key(const char *text)
{
	size_t len;
	char *bytes =
	    strncmp(text, "LS0t", 4) == 0 ? base64_decoded(text, strlen(text), &len) : NULL;
	bool is = strstr(text, "PRIVATE KEY-----") || (bytes && strstr(bytes, "PRIVATE KEY-----"));

	free(bytes);
	return is;
}

static bool has_key(json_t *value)
{
	const char *name;
	json_t *element;
	size_t i;

	if (json_is_string(value))
		return is_key(json_string_value(value));
	json_array_foreach(value, i, element)
		if (has_key(element))
			return true;
	json_object_foreach(value, name, element)
		if (has_key(element))
			return true;
	return false;
}

static void check_keys(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->folder.n_documents; i++) {
		const struct document *document = &facts->folder.documents[i];

		examine(verdict);
		if (has_key(document->value))
			fault(
			    verdict, place(document, "%s", ""),
			    text_new("there is a private key in this %s", document->kind),
			    "keep it in a file of private/, and name that file; make a new key if "
			    "this one was committed or applied");
	}
}

/* Keys that the cluster has no use for: of CAs, and of callers. */
static void check_deployed(const struct facts *facts, struct verdict *verdict,
			   const struct document *kustomization, json_t *entry)
{
	json_t *file;
	size_t i;

	json_array_foreach(at(entry, "files"), i, file) {
		const char *text = json_is_string(file) ? json_string_value(file) : "";
		const char *equals = strchr(text, '=');
		const char *name = strstr(equals ? equals : text, "private/");
		const struct folder_file *there = name ? folder_file(&facts->folder, name) : NULL;

		if (!there || there->is_folder)
			continue;
		examine(verdict);
		if (memmem(there->bytes, there->len, "PRIVATE KEY-----", 16) &&
		    there->bytes != facts->server_key.bytes)
			fault(
			    verdict, place(kustomization, "%s", ""),
			    text_new("%s would be deployed, and it is not the server's key", name),
			    "take it out of the generator: a reader of the Secret could pass for "
			    "any caller");
	}
}

static void check_generators(const struct facts *facts, struct verdict *verdict)
{
	static const char *const generators[] = {"secretGenerator", "configMapGenerator"};
	const struct document *kustomization;
	size_t from = 0, i;
	json_t *entry;

	while ((kustomization = folder_next(&facts->folder, "Kustomization", &from)))
		for (size_t kind = 0; kind < 2; kind++)
			json_array_foreach(at(kustomization->value, generators[kind]), i, entry)
				check_deployed(facts, verdict, kustomization, entry);
}

const struct check file_checks[] = {
    {"files.installation", "installation.yaml can be used", check_installation},
    {"files.yaml", "every YAML file can be read", check_yaml},
    {"files.parts", "all parts of an installation are there", check_parts},
    {"files.modes", "keys are readable by their owner alone", check_modes},
    {"files.ignored", "private/ is left out of git", check_ignored},
    {"files.keys", "no private key stands in a YAML file", check_keys},
    {"files.deployed", "no key but the server's is deployed", check_generators},
    {0},
};
