/* SPDX-License-Identifier: MIT */
/* deployment, service: whether they lead to a server that answers. */
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/files.h"
#include "common/selector.h"
#include "verify/checks.h"

static json_t *pod_labels(const struct facts *facts)
{
	return facts->deployment ? at(facts->deployment->value, "spec/template/metadata/labels")
				 : NULL;
}

static void check_selector(const struct facts *facts, struct verdict *verdict)
{
	if (!facts->deployment)
		return;
	examine(verdict);
	if (!at(facts->deployment->value, "spec/selector") ||
	    !selector_matches(at(facts->deployment->value, "spec/selector"), pod_labels(facts)))
		fault(verdict, place(facts->deployment, "/spec/selector"),
		      text_new("it does not select the labels of its own template"),
		      "write the same labels in both");
}

/* Flags whose value is a file, each with what stands before it. */
static void check_mounts(const struct facts *facts, struct verdict *verdict)
{
	static const char *const flags[] = {"tls-cert",          "tls-key",          "client-ca",
					    "client-allow-file", "client-deny-file", "token-file"};
	json_t *value;
	size_t k;

	for (size_t i = 0; facts->deployment && i < sizeof(flags) / sizeof(*flags); i++) {
		json_t *values = server_flag(facts, flags[i]);

		json_array_foreach(values, k, value) {
			const char *path = strchr(json_string_value(value), '/');
			struct source source;

			if (!path)
				continue;
			examine(verdict);
			source_mounted(facts, path, &source);
			if (!source.bytes && !source.is_elsewhere)
				fault(verdict, pod_place(facts, "containers"),
				      text_new("--%s %s: %s", flags[i], path, source.why),
				      "correct the path, the mount or the generator");
			source_deinit(&source);
		}
		json_decref(values);
	}
}

static void check_whole(const struct facts *facts, struct verdict *verdict)
{
	json_t *mount;
	size_t i;

	json_array_foreach(at(facts->container, "volumeMounts"), i, mount) {
		examine(verdict);
		if (text_at(mount, "subPath"))
			fault(verdict, pod_place(facts, "containers"),
			      text_new("%s is mounted by subPath", text_at(mount, "mountPath")),
			      "mount the whole folder: a subPath keeps its content when the Secret "
			      "changes");
	}
}

/* A file of a volume is root's and of root's group. With fsGroup the kubelet makes it readable to
 * that group, whatever its mode (pkg/volume/volume_linux.go). */
static bool is_readable(const struct facts *facts, json_t *mode)
{
	json_int_t bits = json_is_integer(mode) ? json_integer_value(mode) : 0644;
	json_t *group = security_context(facts, facts->container, "runAsGroup");

	return (bits & 0004) || ((bits & 0040) && json_integer_value(group) == 0);
}

/* Of a secret or a configMap; preset: the mode of what items do not name. */
static void inspect_modes(const struct facts *facts, struct verdict *verdict, json_t *source,
			  json_t *preset)
{
	bool is_right = at(source, "items") || is_readable(facts, preset);
	json_t *item;
	size_t i;

	examine(verdict);
	json_array_foreach(at(source, "items"), i, item) {
		json_t *mode = at(item, "mode");

		is_right = is_right && is_readable(facts, mode ? mode : preset);
	}
	if (!is_right)
		fault(
		    verdict, pod_place(facts, "volumes"),
		    text_new("root alone may read the files, and the server runs as another user"),
		    "write defaultMode: 0440, and the server's group as fsGroup");
}

static void inspect_volume(const struct facts *facts, struct verdict *verdict, json_t *volume)
{
	static const char *const kinds[] = {"secret", "configMap"};
	json_t *part;
	size_t i;

	for (size_t kind = 0; kind < 2; kind++) {
		json_t *source = at(volume, kinds[kind]);

		if (source)
			inspect_modes(facts, verdict, source, at(source, "defaultMode"));
		json_array_foreach(at(volume, "projected/sources"), i, part) {
			if (at(part, kinds[kind]))
				inspect_modes(facts, verdict, at(part, kinds[kind]),
					      at(volume, "projected/defaultMode"));
		}
	}
}

static void check_modes(const struct facts *facts, struct verdict *verdict)
{
	json_t *user = security_context(facts, facts->container, "runAsUser");
	bool is_root =
	    user ? json_integer_value(user) == 0
		 : !json_is_true(security_context(facts, facts->container, "runAsNonRoot"));
	json_t *mount;
	size_t i;

	if (is_root || json_is_integer(at(pod_spec(facts), "securityContext/fsGroup")))
		return;
	json_array_foreach(at(facts->container, "volumeMounts"), i, mount)
		inspect_volume(facts, verdict, pod_volume(facts, text_at(mount, "name")));
}

/* A fresh server has 6 MiB; 128 connections, or a review of 12 MB, take 20 MiB
 * (docs/performance.md). */
static const char least_memory[] = "16Mi";

static void check_memory(const struct facts *facts, struct verdict *verdict)
{
	json_t *limit = at(facts->container, "resources/limits/memory");
	struct admwh_quantity quantity, least;
	char *text;

	if (!limit)
		return;
	examine(verdict);
	text = json_is_string(limit) ? text_new("%s", json_string_value(limit))
				     : json_dumps(limit, JSON_ENCODE_ANY);
	admwh_quantity_parse_text(&least, least_memory);
	if (admwh_quantity_parse_text(&quantity, text ? text : ""))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("its memory limit is %s: %s", text, quantity.error),
		      "write such as 512Mi");
	else if (admwh_quantity_compare(&quantity, &least) < 0)
		warn(verdict, pod_place(facts, "containers"),
		     text_new("its memory limit is %s: large reviews and many connections need "
			      "more, and the server is killed",
			      text),
		     "write 512Mi: twice the limit bodies-in-flight, of each worker process");
	free(text);
}

static void check_secure(const struct facts *facts, struct verdict *verdict)
{
	static const char *const flags[] = {"insecure-no-client-auth", "insecure-observe",
					    "insecure-plain-http"};

	for (size_t i = 0; facts->deployment && i < 3; i++) {
		examine(verdict);
		if (server_has_flag(facts, flags[i]))
			fault(verdict, pod_place(facts, "containers"),
			      text_new("--%s allows every client", flags[i]), "take it out");
	}
	if (at(facts->container, "envFrom"))
		unchecked(verdict, pod_place(facts, "containers"),
			  text_new("envFrom takes variables from elsewhere, which may be flags"),
			  "write them as env");
	if (facts->deployment && facts->n_bundles == 0 && !facts->tokens.where)
		fault(verdict, pod_place(facts, "containers"),
		      text_new("neither --client-ca nor --token-file is given"),
		      "say which clients are allowed: --client-ca and --client-allow");
}

/* The port of a name or a number; 0: the container has none. */
static long long container_port(const struct facts *facts, json_t *port)
{
	json_t *entry;
	size_t i;

	if (json_is_integer(port))
		return json_integer_value(port);
	json_array_foreach(at(facts->container, "ports"), i, entry)
		if (json_is_string(port) && text_at(entry, "name") &&
		    strcmp(text_at(entry, "name"), json_string_value(port)) == 0)
			return json_integer_value(at(entry, "containerPort"));
	return 0;
}

static const struct document *next_service(const struct facts *facts, size_t *from)
{
	const struct document *service;

	while ((service = folder_next(&facts->folder, "Service", from))) {
		const char *name = text_at(service->value, "metadata/name");

		for (size_t i = 0; i < facts->n_hooks; i++)
			if (name && facts->hooks[i].is_service &&
			    strcmp(name, text_at(facts->hooks[i].value,
						 "clientConfig/service/name")) == 0)
				return service;
	}
	return NULL;
}

static void check_service(const struct facts *facts, struct verdict *verdict)
{
	const struct document *service;
	size_t from = 0;

	while (facts->deployment && (service = next_service(facts, &from))) {
		json_t *selector = at(service->value, "spec/selector");

		examine(verdict);
		if (at(service->value, "spec/externalName"))
			fault(verdict, place(service, "/spec/externalName"),
			      text_new("it leads to another host, %s",
				       text_at(service->value, "spec/externalName")
					   ? text_at(service->value, "spec/externalName")
					   : "?"),
			      "take type ExternalName out");
		if (json_object_size(selector) == 0 || !labels_match(selector, pod_labels(facts)))
			fault(verdict, place(service, "/spec/selector"),
			      text_new("it does not select the Pods of %s",
				       facts->deployment->file->name),
			      "write the labels of the Deployment's template");
	}
}

static bool has_container_port(const struct facts *facts, long long port)
{
	json_t *entry;
	size_t i;

	json_array_foreach(at(facts->container, "ports"), i, entry)
		if (json_integer_value(at(entry, "containerPort")) == port)
			return true;
	return false;
}

/* Without --listen the program's preset counts, which ports may tell. */
static bool listens_on(const struct facts *facts, long long port)
{
	unsigned int listen = server_port(facts, "listen", 0);

	if (port == server_port(facts, "health-listen", 0))
		return port != 0;
	return listen ? port == listen : has_container_port(facts, port);
}

static void inspect_protocol(struct verdict *verdict, const struct document *service, size_t i,
			     json_t *entry)
{
	const char *protocol = text_at(entry, "protocol");

	if (protocol && strcmp(protocol, "TCP") != 0)
		fault(verdict, place(service, "/spec/ports/%zu", i),
		      text_new("its protocol is %s", protocol), "write TCP, or leave it out");
}

static void check_target(const struct facts *facts, struct verdict *verdict)
{
	const struct document *service;
	size_t from = 0, i;
	json_t *entry;

	while (facts->deployment && (service = next_service(facts, &from)))
		json_array_foreach(at(service->value, "spec/ports"), i, entry) {
			json_t *target = at(entry, "targetPort");
			long long port = container_port(facts, target ? target : at(entry, "port"));

			examine(verdict);
			if (!listens_on(facts, port))
				fault(verdict, place(service, "/spec/ports/%zu", i),
				      text_new("port %lld leads to %lld, where the server does not "
					       "listen",
					       json_integer_value(at(entry, "port")), port),
				      "targetPort is the port of --listen, or its name in ports");
			inspect_protocol(verdict, service, i, entry);
		}
	if (verdict->n_examined > 0 && server_is_local(facts, "listen"))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("the server listens on the loopback address of its Pod alone"),
		      "write --listen=:PORT");
}

/* A program may have pages of its own; that of an installation is asked for the library's. */
static void inspect_path(const struct facts *facts, struct verdict *verdict, const char *name,
			 const char *path)
{
	static const char todo[] = "ask for /readyz, or for /healthz in a livenessProbe";
	char *what = text_new("%s asks for %s, which is no page of the library", name, path);

	if (facts->installation)
		fault(verdict, pod_place(facts, "containers"), what, todo);
	else
		unchecked(verdict, pod_place(facts, "containers"), what, todo);
}

/* By what the probe's port answers: plain HTTP and a few paths on that of --health-listen. */
static void inspect_probe(const struct facts *facts, struct verdict *verdict, const char *name,
			  json_t *get, long long port)
{
	static const char *const paths[] = {"/readyz", "/healthz", "/livez"};
	const char *scheme = text_at(get, "scheme"), *path = text_at(get, "path");
	bool is_tls = scheme && strcmp(scheme, "HTTPS") == 0;
	bool is_health = port != 0 && port == server_port(facts, "health-listen", 0);
	bool is_known = false;

	for (size_t i = 0; path && i < sizeof(paths) / sizeof(*paths); i++)
		is_known |= strncmp(path, paths[i], strlen(paths[i])) == 0 &&
			    strchr("/?", path[strlen(paths[i])]);
	if (is_health && !is_known)
		inspect_path(facts, verdict, name, path ? path : "/");
	if (is_health ? is_tls : port != 0 && port == server_port(facts, "listen", 0) && !is_tls)
		fault(verdict, pod_place(facts, "containers"),
		      text_new("%s speaks %s, which port %lld does not", name,
			       is_tls ? "HTTPS" : "HTTP", port),
		      "ask the port of --health-listen, without scheme");
	if (is_health && server_is_local(facts, "health-listen"))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("%s asks a port on the loopback address of the Pod", name),
		      "write --health-listen=:PORT");
}

static void check_probes(const struct facts *facts, struct verdict *verdict)
{
	static const char *const probes[] = {"readinessProbe", "livenessProbe", "startupProbe"};

	for (size_t i = 0; facts->container && i < 3; i++) {
		json_t *probe = at(facts->container, probes[i]);
		json_t *port = at(probe, "httpGet/port");
		long long number = port ? container_port(facts, port) : 0;

		examine(verdict);
		if (!probe && i == 0)
			fault(
			    verdict, pod_place(facts, "containers"),
			    text_new("there is no readinessProbe"),
			    "add one on /readyz: Pods without a certificate would be sent reviews");
		if (port && !listens_on(facts, number))
			fault(
			    verdict, pod_place(facts, "containers"),
			    text_new("%s asks port %lld, where nothing listens", probes[i], number),
			    "ask the port of --health-listen");
		if (port)
			inspect_probe(facts, verdict, probes[i], at(probe, "httpGet"), number);
	}
}

static void check_namespace(const struct facts *facts, struct verdict *verdict)
{
	static const char *const cluster[] = {"Namespace",    "Kustomization",
					      "Config",       "AdmissionConfiguration",
					      "Installation", "ClusterConfiguration"};
	const char *own =
	    facts->deployment ? text_at(facts->deployment->value, "metadata/namespace") : NULL;

	for (size_t i = 0; own && i < facts->folder.n_documents; i++) {
		const struct document *document = &facts->folder.documents[i];
		const char *namespace = text_at(document->value, "metadata/namespace");
		bool is_cluster = strstr(document->kind, "WebhookConfiguration") != NULL;

		for (size_t k = 0; k < sizeof(cluster) / sizeof(*cluster); k++)
			is_cluster |= strcmp(document->kind, cluster[k]) == 0;
		if (is_cluster || !namespace || strncmp(document->file->name, "base/", 5) != 0)
			continue;
		examine(verdict);
		if (strcmp(namespace, own) != 0)
			fault(verdict, place(document, "/metadata/namespace"),
			      text_new("%s is in namespace %s, the Deployment in %s",
				       document->kind, namespace, own),
			      "write the same namespace everywhere");
	}
}

/* A generated Secret is found by Pods of its own namespace alone. */
static void inspect_generated(const struct facts *facts, struct verdict *verdict,
			      const struct document *kustomization, size_t i, json_t *entry)
{
	const char *namespace = text_at(entry, "namespace");
	const char *own = text_at(facts->deployment->value, "metadata/namespace");

	if (namespace && own && strcmp(namespace, own) != 0)
		fault(verdict, place(kustomization, "/secretGenerator/%zu/namespace", i),
		      text_new("the Secret is made in namespace %s, the Deployment in %s",
			       namespace, own),
		      "write the same namespace");
}

static void check_generators(const struct facts *facts, struct verdict *verdict)
{
	json_t *volume;
	size_t i;

	if (!folder_find(&facts->folder, "Kustomization", NULL) ||
	    (facts->installation && facts->installation->existing_secret))
		return;
	json_array_foreach(at(pod_spec(facts), "volumes"), i, volume) {
		const char *name = text_at(volume, "secret/secretName");
		json_t *entry;
		bool is_made = !name || folder_find(&facts->folder, "Secret", name);
		size_t k, from = 0;
		const struct document *document;

		while ((document = folder_next(&facts->folder, "Kustomization", &from)))
			json_array_foreach(at(document->value, "secretGenerator"), k, entry) {
				if (!name || !text_at(entry, "name") ||
				    strcmp(text_at(entry, "name"), name) != 0)
					continue;
				is_made = true;
				inspect_generated(facts, verdict, document, k, entry);
			}
		examine(verdict);
		if (!is_made && !facts->installation)
			unchecked(verdict, pod_place(facts, "volumes"),
				  text_new("no generator makes Secret %s", name), NULL);
		else if (!is_made)
			fault(verdict, pod_place(facts, "volumes"),
			      text_new("no generator makes Secret %s", name),
			      "add it to secretGenerator, or name it in spec.secret.existing");
	}
}

const struct check workload_checks[] = {
    {"deployment.selector", "the Deployment selects its own Pods", check_selector},
    {"deployment.files", "the files of its flags are mounted", check_mounts},
    {"deployment.whole", "its mounts follow when a Secret changes", check_whole},
    {"deployment.modes", "its user may read them", check_modes},
    {"deployment.memory", "its memory limit leaves room for reviews", check_memory},
    {"deployment.callers", "its flags say which clients are allowed", check_secure},
    {"deployment.secrets", "its Secrets are made", check_generators},
    {"deployment.probes", "its probes ask where it listens", check_probes},
    {"deployment.namespace", "all objects are in its namespace", check_namespace},
    {"service.selector", "the Service selects the Pods", check_service},
    {"service.port", "its ports lead to where the server listens", check_target},
    {0},
};
