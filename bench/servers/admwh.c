/* SPDX-License-Identifier: MIT */
/*
 * The policies of the benchmark by this library.
 *
 *     bench-admwh inline|pool PROCESSES PORT FOLDER
 *
 * PROCESSES is a number, 0 for the calling process alone. FOLDER has tls.crt, tls.key and ca.crt,
 * of the clients' CA. Threads are the library's defaults. Two limits are not, since all load is of
 * one caller: it may have all of the server, and 4096 connections.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

static const char *const lists[] = {"initContainers", "containers"};
enum { N_LISTS = sizeof(lists) / sizeof(lists[0]) };

static int by_envelope(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	if (req->ns && strcmp(req->ns, "frozen") == 0)
		return admwh_response_deny(resp, 403, "namespace %s is frozen", req->ns);
	return admwh_response_allow(resp);
}

/* The spec of a Pod, or of the Pods of a Deployment. */
static struct admwh_value pod_spec(const struct admwh_request *req)
{
	struct admwh_value object = admwh_request_object(req);

	if (strcmp(req->kind->kind, "Pod") == 0)
		return admwh_value_get(object, "spec");
	if (strcmp(req->kind->kind, "Deployment") == 0)
		return ADMWH_GET(object, "spec", "template", "spec");
	return (struct admwh_value){0};
}

static int by_values(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_value spec = pod_spec(req);

	(void)userdata;
	for (size_t i = 0; i < N_LISTS; i++)
		admwh_value_foreach_element(container, admwh_value_get(spec, lists[i]))
			if (admwh_value_is_true(
				ADMWH_GET(container, "securityContext", "privileged")))
				return admwh_response_deny(resp, 403, "a container is privileged");
	return admwh_response_allow(resp);
}

static json_t *pod_spec_tree(const struct admwh_request *req)
{
	if (strcmp(req->kind->kind, "Pod") == 0)
		return json_object_get(admwh_request_object_json(req), "spec");
	if (strcmp(req->kind->kind, "Deployment") == 0)
		return admwh_json_pointer_get(admwh_request_object_json(req),
					      "/spec/template/spec");
	return NULL;
}

static bool is_privileged(json_t *container)
{
	json_t *context = json_object_get(container, "securityContext");

	return json_is_true(json_object_get(context, "privileged"));
}

static int by_tree(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	json_t *spec = pod_spec_tree(req), *container;
	size_t n;

	(void)userdata;
	for (size_t i = 0; i < N_LISTS; i++)
		json_array_foreach(json_object_get(spec, lists[i]), n, container) {
			if (is_privileged(container))
				return admwh_response_deny(resp, 403, "a container is privileged");
		}
	return admwh_response_allow(resp);
}

static int label(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	admwh_patch_set_label(patch, "bench.example.com/seen", "true");
	return admwh_response_allow(resp);
}

static int sidecar(const struct admwh_request *req, struct admwh_response *resp,
		   struct admwh_patch *patch, void *userdata)
{
	json_t *containers = admwh_json_pointer_get(admwh_patch_edit(patch), "/spec/containers");

	(void)req, (void)userdata;
	if (json_array_append_new(containers,
				  json_pack("{s:s, s:s, s:{}}", "name", "sidecar", "image",
					    "registry.example.com/sidecar:1", "resources")))
		return admwh_response_fail(resp, "the sidecar cannot be added");
	return admwh_response_allow(resp);
}

static const struct {
	const char *path;
	admwh_validate_fn *validate;
	admwh_mutate_fn *mutate;
} routes[] = {
    {"/envelope", by_envelope, NULL},    {"/containers", by_values, NULL},
    {"/containers-tree", by_tree, NULL}, {"/label", NULL, label},
    {"/sidecar", NULL, sidecar},
};

static bool add_routes(struct admwh_server *server, bool is_inline)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct admwh_route *route =
		    routes[i].validate
			? admwh_server_add_validator(server, routes[i].path, routes[i].validate,
						     NULL)
			: admwh_server_add_mutator(server, routes[i].path, routes[i].mutate, NULL);

		if (!route || admwh_route_set_inline(route, is_inline))
			return false;
	}
	return true;
}

static struct admwh_server *make_server(struct admwh_config *config, const char *processes,
					const char *port, const char *folder)
{
	char listen[64], certificate[4096], key[4096], ca[4096];

	snprintf(listen, sizeof(listen), "127.0.0.1:%s", port);
	snprintf(certificate, sizeof(certificate), "%s/tls.crt", folder);
	snprintf(key, sizeof(key), "%s/tls.key", folder);
	snprintf(ca, sizeof(ca), "%s/ca.crt", folder);
	if (admwh_config_set_listen(config, listen) ||
	    admwh_config_set_keypair_file(config, certificate, key) ||
	    admwh_config_add_client_ca_file(config, ca) ||
	    admwh_config_allow_cn(config, "kube-apiserver") ||
	    admwh_config_set_tls_profile(config, ADMWH_TLS_MODERN) ||
	    admwh_config_set_processes(config, (unsigned int)atoi(processes)) ||
	    admwh_config_set_limit(config, ADMWH_LIMIT_CALLER_SHARE, 100) ||
	    admwh_config_set_limit(config, ADMWH_LIMIT_CONNECTIONS, 4096) ||
	    admwh_config_set_stop_on_signals(config, true))
		return NULL;
	return admwh_server_new(config);
}

int main(int argc, char **argv)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server;

	if (argc != 5)
		return fprintf(stderr, "bench-admwh inline|pool PROCESSES PORT FOLDER\n"), 2;
	server = make_server(config, argv[2], argv[3], argv[4]);
	if (!server)
		return fprintf(stderr, "bench-admwh: %s\n", admwh_config_error(config)), 2;
	if (!add_routes(server, strcmp(argv[1], "inline") == 0) || admwh_server_run(server))
		return fprintf(stderr, "bench-admwh: %s\n", admwh_server_error(server)), 1;
	admwh_server_free(server);
	admwh_config_free(config);
	return 0;
}
