/* SPDX-License-Identifier: MIT */
#include "common/installation.h"

#include <ctype.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/fields.h"
#include "common/files.h"
#include "common/installation_checks.h"
#include "common/print.h"
#include "common/yaml.h"

struct installation_memory {
	struct fields fields;
	struct yaml_file *file;
	const char *folder; /* of the files that it names */
	bool is_kept;
};

const char *const route_passed_through[] = {
    "matchConditions",
    "namespaceSelector",
    "objectSelector",
    "matchPolicy",
    "reinvocationPolicy",
    "sideEffects",
    NULL,
};

static const char *const distributions[] = {"kubeadm", "k3s", "rke2", "generic", NULL};

const char *distribution_name(enum distribution distribution)
{
	return distributions[distribution];
}

static void read_head(struct installation *made, const struct field *root)
{
	static const char *const members[] = {"apiVersion", "kind", "metadata", "spec", NULL};
	static const char *const of_metadata[] = {"name", "namespace", NULL};
	static const char *const versions[] = {"admwhctl/v1", NULL};
	static const char *const kinds[] = {"Installation", NULL};
	struct field metadata = field_member(root, "metadata");

	field_only(root, members);
	if (!field_required(root, "apiVersion") || !field_required(root, "kind"))
		return;
	field_choice(root, "apiVersion", versions, 0);
	field_choice(root, "kind", kinds, 0);
	field_only(&metadata, of_metadata);
	made->name = field_required(&metadata, "name");
	made->namespace = field_required(&metadata, "namespace");
	check_label(&metadata, "name", made->name);
	check_label(&metadata, "namespace", made->namespace);
}

/* Takes "https://HOST[:PORT]" apart. */
static void read_url(struct installation *made, const struct field *spec)
{
	static const char scheme[] = "https://";
	struct field field = field_member(spec, "url");
	const char *host = made->url + strlen(scheme), *end, *rest;
	unsigned long port = 443;
	bool is_bracketed;
	char *after;

	if (strncmp(made->url, scheme, strlen(scheme)) != 0) {
		field_fault(&field, "begins with https://");
		return;
	}
	is_bracketed = *host == '[';
	host += is_bracketed;
	end = host + strcspn(host, is_bracketed ? "]" : ":/?#");
	rest = is_bracketed && *end ? end + 1 : end;
	if (*rest == ':' && isdigit((unsigned char)rest[1])) {
		port = strtoul(rest + 1, &after, 10);
		rest = after;
	}
	if (*rest || end == host || port < 1 || port > 65535)
		field_fault(&field, "expected https://HOST or https://HOST:PORT; "
				    "a route has the path");
	check_url_host(&field, host, (size_t)(end - host));
	made->port = (unsigned int)port;
	made->host = field_kept_text(spec->fields, text_new("%.*s", (int)(end - host), host));
}

static void read_address(struct installation *made, const struct field *spec)
{
	static const char *const members[] = {"name", "port", NULL};
	struct field service = field_member(spec, "service");

	made->url = field_text(spec, "url", NULL);
	if (made->url && service.value)
		field_fault(&service, "there is a url, too");
	if (made->url) {
		read_url(made, spec);
		return;
	}
	field_only(&service, members);
	made->service = field_text(&service, "name", made->name);
	made->port = field_number(&service, "port", 443, 1, 65535);
	check_label(&service, "name", made->service);
	made->host =
	    field_kept_text(spec->fields, text_new("%s.%s.svc", made->service ? made->service : "",
						   made->namespace ? made->namespace : ""));
}

static void read_server(struct installation *made, const struct field *spec)
{
	struct field image = field_member(spec, "image"), health = field_member(spec, "healthPort");
	bool is_outside;

	read_address(made, spec);
	is_outside = made->url && made->port > 0 && !json_is_string(image.value);
	made->target_port =
	    field_number(spec, "targetPort", is_outside ? made->port : 8443, 1, 65535);
	made->health_port = field_number(spec, "healthPort", 8081, 1, 65535);
	if (made->target_port == made->health_port && !is_outside)
		field_fault(&health, "is that of targetPort");
	made->image = field_text(spec, "image", NULL);
	if (!made->image && !made->url)
		field_fault(&image, "is required, unless there is a url");
	made->args = field_texts(spec, "args");
	made->replicas = field_number(spec, "replicas", 2, 1, 1000);
}

static void read_route(struct route *route, const struct field *field)
{
	static const char *const members[] = {
	    "name",
	    "type",
	    "path",
	    "rules",
	    "failurePolicy",
	    "timeoutSeconds",
	    "matchConditions",
	    "namespaceSelector",
	    "objectSelector",
	    "matchPolicy",
	    "reinvocationPolicy",
	    "sideEffects",
	    NULL,
	};
	static const char *const types[] = {"validating", "mutating", NULL};
	static const char *const policies[] = {"Fail", "Ignore", NULL};
	struct field reinvocation = field_member(field, "reinvocationPolicy");

	field_only(field, members);
	route->object = field->value;
	route->name = field_required(field, "name");
	route->mutating = field_choice(field, "type", types, 0) == 1;
	route->path = field_required(field, "path");
	route->rules = json_object_get(field->value, "rules");
	route->failure_policy = policies[field_choice(field, "failurePolicy", policies, 0)];
	route->timeout_seconds = field_number(field, "timeoutSeconds", 5, 1, 30);
	check_webhook_name(field, route->name);
	check_path(field, route->path);
	check_rules(field);
	if (reinvocation.value && !route->mutating)
		field_fault(&reinvocation, "is for mutating webhooks alone");
}

static void read_routes(struct installation *made, const struct field *spec)
{
	struct field list = field_member(spec, "routes");
	struct route *routes;

	made->n_routes = field_count(&list);
	if (made->n_routes == 0)
		field_fault(&list, "is required, and has a route");
	routes = field_kept(spec->fields, made->n_routes * sizeof(*routes));
	made->routes = routes;
	for (size_t i = 0; i < made->n_routes; i++) {
		struct field element = field_element(&list, i);
		struct field name = field_member(&element, "name");

		read_route(&routes[i], &element);
		for (size_t k = 0; k < i; k++)
			if (routes[i].name && routes[k].name &&
			    routes[i].mutating == routes[k].mutating &&
			    strcmp(routes[i].name, routes[k].name) == 0)
				field_fault(&name, "is that of routes[%zu], too", k);
	}
}

static void read_caller(struct caller *caller, const struct field *field)
{
	static const char *const members[] = {"name", "commonName", "namespace", "nodes", NULL};

	field_only(field, members);
	caller->name = field_required(field, "name");
	caller->common_name = field_text(field, "commonName", caller->name);
	caller->namespace = field_text(field, "namespace", NULL);
	check_caller_name(field, caller->name);
	check_common_name(field, caller->common_name);
	if (caller->namespace)
		check_label(field, "namespace", caller->namespace);
	if (field_member(field, "nodes").value)
		caller->nodes = field_texts(field, "nodes");
	if (caller->nodes && !*caller->nodes)
		caller->nodes = NULL;
	check_nodes(field, caller->nodes);
}

static void read_callers(struct installation *made, const struct field *spec)
{
	struct field list = field_member(spec, "callers");
	size_t n = field_count(&list);
	struct caller *callers = field_kept(spec->fields, (n + 1) * sizeof(*callers));

	made->callers = callers;
	made->n_callers = n > 0 ? n : 1;
	if (n == 0) {
		callers[0].name = "apiserver";
		callers[0].common_name = "kube-apiserver";
	}
	for (size_t i = 0; i < n; i++) {
		struct field element = field_element(&list, i);
		struct field name = field_member(&element, "name");

		read_caller(&callers[i], &element);
		for (size_t k = 0; k < i; k++)
			if (callers[i].name && callers[k].name &&
			    strcmp(callers[i].name, callers[k].name) == 0)
				field_fault(&name, "is that of callers[%zu], too", k);
	}
}

static void read_identity(struct installation *made, const struct field *spec)
{
	static const char *const proofs[] = {"mtls", "token", "both", NULL};
	static const enum authentication by[] = {BY_MTLS, BY_TOKEN, BY_BOTH};
	static const char *const members[] = {"caDays", "days", "from", "server", NULL};
	static const char *const of_secret[] = {"existing", NULL};
	static const char *const servers[] = {"made", "public", NULL};
	struct field certificates = field_member(spec, "certificates");
	struct field secret = field_member(spec, "secret");
	struct field days = field_member(&certificates, "days");

	read_callers(made, spec);
	made->authentication = by[field_choice(spec, "authentication", proofs, 0)];
	field_only(&certificates, members);
	made->ca_days = field_number(&certificates, "caDays", 3650, 1, 36500);
	made->days = field_number(&certificates, "days", made->ca_days < 365 ? made->ca_days : 365,
				  1, 36500);
	if (made->days > made->ca_days)
		field_fault(&days, "is more than caDays");
	made->is_server_public = field_choice(&certificates, "server", servers, 0) == 1;
	made->from = check_time(&certificates, "from");
	field_only(&secret, of_secret);
	made->existing_secret = field_text(&secret, "existing", NULL);
	check_subdomain(&secret, "existing", made->existing_secret);
	if (made->is_server_public && made->image && !made->existing_secret)
		field_fault(&secret, "existing is required: the pair of a public CA is not in "
				     "private/");
}

static void read_network(struct installation *made, const struct field *spec)
{
	static const char *const members[] = {"cni", "controlPlane", NULL};
	struct field network = field_member(spec, "network");
	struct field list = field_member(&network, "cni");
	struct field blocks = field_member(&network, "controlPlane");

	field_only(&network, members);
	for (const char *const *cni = field_texts(&network, "cni"); *cni; cni++) {
		if (strcmp(*cni, "calico") == 0)
			made->calico = true;
		else if (strcmp(*cni, "cilium") == 0)
			made->cilium = true;
		else
			field_fault(&list, "expected calico or cilium, not %s", *cni);
	}
	made->control_plane = field_texts(&network, "controlPlane");
	check_blocks(&blocks, made->control_plane);
	if (made->calico && !*made->control_plane)
		field_fault(&blocks, "is required for calico: addresses of the control plane's "
				     "hosts, such as 192.168.42.0/24");
}

static void read_watching(struct installation *made, const struct field *spec)
{
	static const char *const of_monitoring[] = {"serviceMonitor", "alerts", NULL};
	static const char *const of_autoscaler[] = {"min", "max", NULL};
	struct field monitoring = field_member(spec, "monitoring");
	struct field autoscaler = field_member(spec, "autoscaler");

	field_only(&monitoring, of_monitoring);
	made->service_monitor = field_flag(&monitoring, "serviceMonitor", false);
	made->alerts = field_flag(&monitoring, "alerts", false);
	field_only(&autoscaler, of_autoscaler);
	if (!autoscaler.value)
		return;
	made->autoscaler_min = field_number(&autoscaler, "min", made->replicas, 1, 1000);
	made->autoscaler_max = field_number(&autoscaler, "max", made->autoscaler_min, 1, 1000);
	if (made->autoscaler_max < made->autoscaler_min)
		field_fault(&autoscaler, "max is less than min");
}

/* A file that the installation names; NULL: none. */
static const char *read_file_name(const struct installation *made, const struct field *object,
				  const char *name)
{
	const char *text = field_text(object, name, NULL);
	const char *folder = made->memory->folder;

	if (text && made->memory->is_kept)
		return field_kept_text(object->fields,
				       text_new("%s/" GIVEN_FOLDER "/%s.yaml", folder, name));
	if (!text || *text == '/')
		return text;
	return field_kept_text(object->fields, path_join(folder, text));
}

static void read_control_plane(struct installation *made, const struct field *spec)
{
	static const char *const members[] = {"folder", "admission", "kubeconfig", NULL};
	struct field place = field_member(spec, "controlPlane");
	bool is_rancher = made->distribution == K3S || made->distribution == RKE2;

	field_only(&place, members);
	made->nodes_folder = field_text(
	    &place, "folder", is_rancher ? "/etc/rancher/admission" : "/etc/kubernetes/admission");
	check_nodes_folder(&place, made->nodes_folder);
	made->there_admission = read_file_name(made, &place, "admission");
	made->there_kubeconfig = read_file_name(made, &place, "kubeconfig");
}

/* A label on the namespace of others would keep their Pods from starting. */
static void read_namespace(struct installation *made, const struct field *spec)
{
	static const char *const kinds[] = {"own", "shared", NULL};
	struct field field = field_member(spec, "namespace");
	const char *name = made->namespace ? made->namespace : "";

	made->is_namespace_shared = field_choice(spec, "namespace", kinds, 0) == 1;
	if (!made->is_namespace_shared && made->image &&
	    (strcmp(name, "default") == 0 || strncmp(name, "kube-", 5) == 0))
		field_fault(&field, "%s is the cluster's: expected shared", name);
}

static void read_spec(struct installation *made, const struct field *root)
{
	static const char *const members[] = {
	    "distribution",   "service",      "url",       "targetPort", "healthPort",
	    "image",          "args",         "replicas",  "routes",     "callers",
	    "authentication", "certificates", "secret",    "network",    "monitoring",
	    "autoscaler",     "controlPlane", "namespace", NULL,
	};
	struct field spec = field_member(root, "spec");

	if (!spec.value)
		field_fault(&spec, "is required");
	field_only(&spec, members);
	made->distribution =
	    (enum distribution)field_choice(&spec, "distribution", distributions, KUBEADM);
	read_server(made, &spec);
	read_namespace(made, &spec);
	read_routes(made, &spec);
	read_identity(made, &spec);
	read_network(made, &spec);
	read_watching(made, &spec);
	read_control_plane(made, &spec);
}

static struct installation *make(const char *name, struct yaml_file *file, const char *folder,
				 bool is_kept)
{
	struct installation *made = memory_grown(NULL, sizeof(*made));
	struct installation_memory *memory = memory_grown(NULL, sizeof(*memory));
	struct field root;

	*memory = (struct installation_memory){{file, name, 0, 0, NULL, 0}, file, folder, is_kept};
	*made = (struct installation){.memory = memory, .document = yaml_document(file, 0)};
	root = field_root(&memory->fields);
	read_head(made, &root);
	read_spec(made, &root);
	if (memory->fields.faults == 0)
		return made;
	installation_free(made);
	return NULL;
}

struct installation *installation_parse(const char *name, const char *text, size_t len,
					const char *folder, bool is_kept)
{
	struct yaml_file *file = yaml_read(name, text, len);

	if (file && yaml_count(file) != 1) {
		complain("%s: expected one document, an Installation", name);
		yaml_file_free(file);
		return NULL;
	}
	return file ? make(name, file, folder, is_kept) : NULL;
}

struct installation *installation_read(const char *name)
{
	size_t len;
	char *text = file_read(name, &len), *copy = text_new("%s", name);
	struct installation *made =
	    text ? installation_parse(name, text, len, strcmp(name, "-") == 0 ? "." : dirname(copy),
				      false)
		 : NULL;

	free(copy);
	free(text);
	return made;
}

struct installation *installation_of_folder(const char *folder)
{
	char *name = path_join(folder, "installation.yaml");
	size_t len;
	char *text = file_read(name, &len);
	struct installation *made = text ? installation_parse(name, text, len, folder, true) : NULL;

	free(text);
	free(name);
	return made;
}

void installation_free(struct installation *installation)
{
	if (!installation)
		return;
	fields_free_kept(&installation->memory->fields);
	yaml_file_free(installation->memory->file);
	free(installation->memory);
	free(installation);
}
