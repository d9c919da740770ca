/* SPDX-License-Identifier: MIT */
/* admission: the AdmissionConfiguration, which the API server reads strictly, once. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"
#include "verify/checks.h"
#include "verify/schema.h"

static const char no_start[] = "correct it: the API server does not start with it";

/* Those of Kubernetes 1.37: kubernetes/pkg/kubeapiserver/options/plugins.go. */
static const char *const plugins[] = {
    "AlwaysAdmit",
    "AlwaysDeny",
    "AlwaysPullImages",
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "ClusterTrustBundleAttest",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "DenyServiceExternalIPs",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "ImagePolicyWebhook",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceAutoProvision",
    "NamespaceExists",
    "NamespaceLifecycle",
    "NodeDeclaredFeatureValidator",
    "NodeRestriction",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "PodGroupProtection",
    "PodNodeSelector",
    "PodResizeValidator",
    "PodSecurity",
    "PodTolerationRestriction",
    "PodTopologyLabels",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    NULL,
};

static const struct document *next(const struct facts *facts, size_t *from)
{
	return folder_next(&facts->folder, "AdmissionConfiguration", from);
}

static void check_version(const struct facts *facts, struct verdict *verdict)
{
	inspect_versions(facts, verdict, "AdmissionConfiguration");
}

static void check_fields(const struct facts *facts, struct verdict *verdict)
{
	inspect_fields(facts, verdict, "AdmissionConfiguration");
}

static void inspect_plugin(struct verdict *verdict, const struct document *document, size_t i)
{
	json_t *list = at(document->value, "plugins");
	const char *name = text_at(json_array_get(list, i), "name");

	if (!name)
		fault(verdict, place(document, "/plugins/%zu", i), text_new("a plugin has no name"),
		      no_start);
	else if (!is_among(name, plugins))
		fault(verdict, place(document, "/plugins/%zu/name", i),
		      text_new("there is no admission plugin %s", name),
		      "correct the name: such an entry is ignored without a word");
	else if (is_named_before(list, i))
		fault(verdict, place(document, "/plugins/%zu/name", i),
		      text_new("%s is there twice, and only the first counts", name),
		      "make one entry of the two");
}

static void check_plugins(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0, i;
	json_t *plugin;

	while ((document = next(facts, &from))) {
		examine(verdict);
		json_array_foreach(at(document->value, "plugins"), i, plugin)
			inspect_plugin(verdict, document, i);
	}
}

/* The first entry of a plugin, and its place. */
static const struct document *find_plugin(const struct facts *facts, const char *name, size_t *i)
{
	const struct document *document;
	size_t from = 0, k;
	json_t *plugin;

	while ((document = next(facts, &from)))
		json_array_foreach(at(document->value, "plugins"), k, plugin)
			if (text_at(plugin, "name") && strcmp(text_at(plugin, "name"), name) == 0) {
				*i = k;
				return document;
			}
	return NULL;
}

static bool has_hooks(const struct facts *facts, bool mutating)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		if (facts->hooks[i].is_mutating == mutating)
			return true;
	return false;
}

/* Without an entry for its plugin the API server shows a webhook nothing. */
static void check_webhooks(const struct facts *facts, struct verdict *verdict)
{
	size_t from = 0;

	if (!next(facts, &from))
		return;
	for (int mutating = 0; mutating < 2; mutating++) {
		const char *name =
		    mutating ? "MutatingAdmissionWebhook" : "ValidatingAdmissionWebhook";
		const struct document *document;
		size_t i;

		if (!has_hooks(facts, mutating))
			continue;
		examine(verdict);
		document = find_plugin(facts, name, &i);
		if (!document)
			fault(verdict, NULL, text_new("there is no entry for %s", name),
			      "add one that names the kubeconfig: the API server shows these "
			      "webhooks no credentials");
		else if (!at(document->value, "plugins") ||
			 (!at(json_array_get(at(document->value, "plugins"), i), "configuration") &&
			  !at(json_array_get(at(document->value, "plugins"), i), "path")))
			fault(verdict, place(document, "/plugins/%zu", i),
			      text_new("the entry of %s has no configuration", name),
			      "give it one with a kubeConfigFile");
	}
}

/* Calls inspect for the configuration of each webhook plugin. */
static void each_configuration(const struct facts *facts, struct verdict *verdict,
			       void (*inspect)(const struct facts *facts, struct verdict *verdict,
					       const struct document *document, size_t i,
					       json_t *configuration))
{
	const struct document *document;
	size_t from = 0, i;
	json_t *plugin;

	while ((document = next(facts, &from)))
		json_array_foreach(at(document->value, "plugins"), i, plugin) {
			const char *name = text_at(plugin, "name");
			json_t *configuration = at(plugin, "configuration");

			if (!name || !configuration || !strstr(name, "AdmissionWebhook"))
				continue;
			examine(verdict);
			inspect(facts, verdict, document, i, configuration);
		}
}

static void inspect_configuration(const struct facts *facts, struct verdict *verdict,
				  const struct document *document, size_t i, json_t *configuration)
{
	static const char *const known[] = {"apiVersion", "kind", "kubeConfigFile",
					    "staticManifestsDir", NULL};
	const char *version = text_at(configuration, "apiVersion");
	const char *kind = text_at(configuration, "kind");
	const char *name;
	json_t *value;

	(void)facts;
	if (!version || strcmp(version, "apiserver.config.k8s.io/v1") != 0 || !kind ||
	    strcmp(kind, "WebhookAdmissionConfiguration") != 0)
		fault(verdict, place(document, "/plugins/%zu/configuration", i),
		      text_new("it is %s of %s", kind ? kind : "no kind",
			       version ? version : "no apiVersion"),
		      "write apiVersion: apiserver.config.k8s.io/v1 and kind: "
		      "WebhookAdmissionConfiguration: the API server does not start with it");
	json_object_foreach(configuration, name, value) {
		if (!is_among(name, known))
			fault(verdict, place(document, "/plugins/%zu/configuration/%s", i, name),
			      text_new("there is no field %s", name), no_start);
	}
}

static void check_configuration(const struct facts *facts, struct verdict *verdict)
{
	each_configuration(facts, verdict, inspect_configuration);
}

static void inspect_path(const struct facts *facts, struct verdict *verdict,
			 const struct document *document, size_t i, json_t *configuration)
{
	const char *path = text_at(configuration, "kubeConfigFile");

	(void)facts;
	if (!path || !*path)
		fault(verdict, place(document, "/plugins/%zu/configuration", i),
		      text_new("there is no kubeConfigFile"),
		      "name the kubeconfig by its path on the control plane's nodes");
	else if (*path != '/')
		fault(verdict, place(document, "/plugins/%zu/configuration/kubeConfigFile", i),
		      text_new("%s is no absolute path", path), no_start);
}

static void check_path(const struct facts *facts, struct verdict *verdict)
{
	each_configuration(facts, verdict, inspect_path);
}

/* The folder has it by another path than the node, and under the same name: as kubeconfig.yaml,
 * too, where the node has kubeconfig. */
static bool is_kubeconfig(const struct document *kubeconfig, const char *name)
{
	const char *own = path_name(kubeconfig->file->name);
	size_t len = strlen(name);

	return strncmp(own, name, len) == 0 && (!own[len] || strcmp(own + len, ".yaml") == 0);
}

static void inspect_kubeconfig(const struct facts *facts, struct verdict *verdict,
			       const struct document *document, size_t i, json_t *configuration)
{
	const char *path = text_at(configuration, "kubeConfigFile");
	const struct document *kubeconfig;
	size_t from = 0, n = 0;

	if (!path)
		return;
	while ((kubeconfig = folder_next(&facts->folder, "Config", &from))) {
		n++;
		if (is_kubeconfig(kubeconfig, path_name(path)))
			return;
	}
	if (n > 0)
		fault(verdict, place(document, "/plugins/%zu/configuration/kubeConfigFile", i),
		      text_new("the folder has no kubeconfig of the name of %s", path),
		      "correct the path, or copy the kubeconfig into the folder");
}

static void check_kubeconfig(const struct facts *facts, struct verdict *verdict)
{
	each_configuration(facts, verdict, inspect_kubeconfig);
}

const struct check admission_checks[] = {
    {"admission.version", "the AdmissionConfiguration is of a version that is read", check_version},
    {"admission.fields", "it has no unknown field", check_fields},
    {"admission.plugins", "its plugins are known, each once", check_plugins},
    {"admission.webhooks", "webhooks have entries of their plugins", check_webhooks},
    {"admission.configuration", "their configurations are WebhookAdmissionConfigurations",
     check_configuration},
    {"admission.absolute", "the path of the kubeconfig is absolute", check_path},
    {"admission.kubeconfig", "this path is that of the kubeconfig in the folder", check_kubeconfig},
    {0},
};
