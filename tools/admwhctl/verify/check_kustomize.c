/* SPDX-License-Identifier: MIT */
/* kustomize: whether what is checked is what is applied. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"

/* What kustomize changes in the files that are checked here. */
static void check_changes(const struct facts *facts, struct verdict *verdict)
{
	static const char *const members[] = {
	    "namespace",    "namePrefix", "nameSuffix",   "patches",    "patchesStrategicMerge",
	    "replacements", "components", "transformers", "generators", "patchesJson6902",
	    "replicas",     "helmCharts", "bases"};
	const struct document *kustomization;
	size_t from = 0;

	while ((kustomization = folder_next(&facts->folder, "Kustomization", &from))) {
		examine(verdict);
		for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
			if (at(kustomization->value, members[i]))
				unchecked(verdict, place(kustomization, "/%s", members[i]),
					  text_new("%s changes what is applied", members[i]),
					  "look at kubectl kustomize FOLDER, or check what it "
					  "prints in a folder of its own");
	}
}

static bool is_listed(const struct document *kustomization, const char *file)
{
	json_t *entry;
	size_t i;

	json_array_foreach(at(kustomization->value, "resources"), i, entry) {
		const char *name = json_is_string(entry) ? json_string_value(entry) : "";

		if (strcmp(strncmp(name, "./", 2) == 0 ? name + 2 : name, file) == 0)
			return true;
	}
	return false;
}

static void check_resources(const struct facts *facts, struct verdict *verdict)
{
	static const char *const kinds[] = {"Deployment", "Service",
					    "ValidatingWebhookConfiguration",
					    "MutatingWebhookConfiguration", "Namespace"};
	const struct document *kustomization = NULL;
	const struct document *document;
	size_t from;

	if (folder_file(&facts->folder, "kustomization.yaml"))
		kustomization = folder_find(&facts->folder, "Kustomization", NULL);
	for (size_t i = 0; kustomization && i < sizeof(kinds) / sizeof(*kinds); i++)
		for (from = 0; (document = folder_next(&facts->folder, kinds[i], &from));) {
			examine(verdict);
			if (!is_listed(kustomization, document->file->name))
				fault(verdict, place(kustomization, "/resources"),
				      text_new("%s is not listed: it is not applied",
					       document->file->name),
				      "add it to resources");
		}
}

static void check_files(const struct facts *facts, struct verdict *verdict)
{
	const struct document *kustomization;
	size_t from = 0, i;
	json_t *entry;

	while ((kustomization = folder_next(&facts->folder, "Kustomization", &from)))
		json_array_foreach(at(kustomization->value, "resources"), i, entry) {
			const char *name = json_is_string(entry) ? json_string_value(entry) : "";

			name += strncmp(name, "./", 2) == 0 ? 2 : 0;
			if (strcmp(kustomization->file->name, "kustomization.yaml") != 0 ||
			    strstr(name, "://"))
				continue;
			examine(verdict);
			if (!folder_file(&facts->folder, name))
				fault(verdict, place(kustomization, "/resources/%zu", i),
				      text_new("there is no %s", name),
				      "take it out of resources, or put the file there");
		}
}

const struct check kustomize_checks[] = {
    {"kustomize.changes", "what is checked is what is applied", check_changes},
    {"kustomize.files", "each file that is listed as a resource is there", check_files},
    {"kustomize.resources", "the files of base/ are listed as resources", check_resources},
    {0},
};
