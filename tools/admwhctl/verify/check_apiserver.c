/* SPDX-License-Identifier: MIT */
/* apiserver: how the API server is told of the AdmissionConfiguration, by each distribution. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"

static const char flag[] = "admission-control-config-file";

/* What is given as the flag's value somewhere in a document; NULL: nothing. New. */
static char *find_value(json_t *value)
{
	const char *name = text_at(value, "name"); /* kubeadm's extraArgs since v1beta4 */
	const char *key;
	json_t *child;
	char *found = NULL;
	size_t i;

	if (json_is_string(value)) {
		const char *text = json_string_value(value);

		text += strncmp(text, "--", 2) == 0 ? 2 : 0;
		return strncmp(text, flag, strlen(flag)) == 0 && text[strlen(flag)] == '='
			   ? text_new("%s", text + strlen(flag) + 1)
			   : NULL;
	}
	if (name && strcmp(name, flag) == 0 && text_at(value, "value"))
		return text_new("%s", text_at(value, "value"));
	if (text_at(value, flag)) /* and before */
		return text_new("%s", text_at(value, flag));
	json_array_foreach(value, i, child)
		if (!found)
			found = find_value(child);
	json_object_foreach(value, key, child)
		if (!found)
			found = find_value(child);
	return found;
}

/* k3s-config.yaml and rke2-config.yaml have no kind: they are read here, as all of the folder. */
struct flag_place {
	const char *file;
	char *value;
};

static bool find_flag(const struct facts *facts, size_t *i, struct flag_place *place)
{
	while (*i < facts->folder.n_values) {
		const struct document *document = &facts->folder.values[(*i)++];

		place->file = document->file->name;
		place->value = find_value(document->value);
		if (place->value)
			return true;
	}
	return false;
}

static void inspect_flag(const struct facts *facts, struct verdict *verdict,
			 const struct flag_place *place)
{
	const struct document *document;
	size_t from = 0, n = 0;

	examine(verdict);
	if (*place->value != '/')
		fault(verdict, text_new("%s", place->file),
		      text_new("--%s is %s, which is no absolute path", flag, place->value),
		      "write the path on the control plane's nodes");
	while ((document = folder_next(&facts->folder, "AdmissionConfiguration", &from))) {
		n++;
		if (strcmp(path_name(document->file->name), path_name(place->value)) == 0)
			return;
	}
	if (n > 0)
		fault(verdict, text_new("%s", place->file),
		      text_new("--%s is %s, and no AdmissionConfiguration has this name", flag,
			       place->value),
		      "correct the path, or rename the file");
}

static void check_flag(const struct facts *facts, struct verdict *verdict)
{
	struct flag_place place;
	size_t i = 0;

	while (find_flag(facts, &i, &place)) {
		inspect_flag(facts, verdict, &place);
		free(place.value);
	}
	if (verdict->n_examined == 0 && facts->installation &&
	    facts->installation->distribution != GENERIC)
		fault(verdict, text_new("control-plane/"), text_new("no file sets --%s", flag),
		      "admwhctl init --to FOLDER writes the file of the distribution");
}

/* Is a path in a folder that is mounted? A text "FROM:TO[:ro]", or a member mountPath. */
static bool is_mounted(json_t *value, const char *path)
{
	const char *mount = text_at(value, "mountPath");
	const char *key;
	json_t *child;
	size_t i, len;

	if (json_is_string(value)) {
		mount = strchr(json_string_value(value), ':');
		mount = mount && mount[1] == '/' ? mount + 1 : NULL;
	}
	len = mount ? strcspn(mount, ":") : 0;
	while (len > 1 && mount[len - 1] == '/')
		len--;
	if (len > 0 && strncmp(path, mount, len) == 0 && (path[len] == '/' || path[len] == '\0'))
		return true;
	json_array_foreach(value, i, child)
		if (is_mounted(child, path))
			return true;
	json_object_foreach(value, key, child)
		if (is_mounted(child, path))
			return true;
	return false;
}

/* k3s runs the API server in its own process; others in a container, which has what is mounted. */
static void check_mount(const struct facts *facts, struct verdict *verdict)
{
	struct flag_place place;
	size_t i = 0;

	if (facts->installation && facts->installation->distribution == K3S)
		return;
	while (find_flag(facts, &i, &place)) {
		json_t *value = facts->folder.values[i - 1].value;
		bool is_k3s = strstr(place.file, "k3s") != NULL;

		if (!is_k3s && *place.value == '/') {
			examine(verdict);
			if (!is_mounted(value, place.value))
				fault(verdict, text_new("%s", place.file),
				      text_new("%s is in no folder that is mounted into the API "
					       "server's container",
					       place.value),
				      "mount the folder: the API server does not start without it");
		}
		free(place.value);
	}
}

/* Every file that the API server opens is in the folder that is mounted. */
static void check_folder(const struct facts *facts, struct verdict *verdict)
{
	static const char *const members[] = {"client-certificate", "client-key", "tokenFile"};
	const struct document *kubeconfig;
	struct flag_place place;
	size_t from = 0, i = 0, k;
	json_t *user;

	if (!find_flag(facts, &i, &place))
		return;
	while ((kubeconfig = folder_next(&facts->folder, "Config", &from)))
		json_array_foreach(at(kubeconfig->value, "users"), k, user)
			for (size_t m = 0; m < 3; m++) {
				const char *path = text_at(at(user, "user"), members[m]);
				json_t *value = facts->folder.values[i - 1].value;

				if (!path || strstr(place.file, "k3s"))
					continue;
				examine(verdict);
				if (is_mounted(value, place.value) && !is_mounted(value, path))
					fault(verdict, text_new("%s", kubeconfig->file->name),
					      text_new("%s is in no folder that %s mounts", path,
						       place.file),
					      "keep the files in one folder, and mount that");
			}
	free(place.value);
}

const struct check apiserver_checks[] = {
    {"apiserver.flag", "a flag of the API server names the AdmissionConfiguration", check_flag},
    {"apiserver.mount", "its container has the AdmissionConfiguration", check_mount},
    {"apiserver.files", "its container has the files of the kubeconfig", check_folder},
    {0},
};
