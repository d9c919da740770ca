/* SPDX-License-Identifier: MIT */
/* base/ and kustomization.yaml. */
#include "init/manifests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"

static const char namespace_text[] =
    "# The Pods of the server keep to the strictest of the Pod Security Standards. It holds for "
    "all Pods\n"
    "# of the namespace: where others have some, installation.yaml says spec.namespace: shared.\n"
    "apiVersion: v1\n"
    "kind: Namespace\n"
    "metadata:\n"
    "  name: ${namespace}\n"
    "  labels:\n"
    "    pod-security.kubernetes.io/enforce: restricted\n";

static const char service_text[] = "apiVersion: v1\n"
				   "kind: Service\n"
				   "metadata:\n"
				   "  name: ${service}\n"
				   "  namespace: ${namespace}\n"
				   "  labels:\n"
				   "    app.kubernetes.io/name: ${name}\n"
				   "spec:\n"
				   "  selector:\n"
				   "    app.kubernetes.io/name: ${name}\n"
				   "  ports:\n"
				   "  - {name: https, port: ${port}, targetPort: https}\n";

static const char budget_text[] = "# A drain of nodes takes one replica at a time.\n"
				  "apiVersion: policy/v1\n"
				  "kind: PodDisruptionBudget\n"
				  "metadata:\n"
				  "  name: ${name}\n"
				  "  namespace: ${namespace}\n"
				  "spec:\n"
				  "  maxUnavailable: 1\n"
				  "  selector:\n"
				  "    matchLabels:\n"
				  "      app.kubernetes.io/name: ${name}\n";

static const char deployment_text[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: ${name}\n"
    "  namespace: ${namespace}\n"
    "  labels:\n"
    "    app.kubernetes.io/name: ${name}\n"
    "spec:\n"
    "${replicas}\n"
    "  selector:\n"
    "    matchLabels:\n"
    "      app.kubernetes.io/name: ${name}\n"
    "  strategy:\n"
    "    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}\n"
    "  template:\n"
    "    metadata:\n"
    "      labels:\n"
    "        app.kubernetes.io/name: ${name}\n"
    "    spec:\n"
    "      automountServiceAccountToken: false # it asks Kubernetes for nothing\n"
    "      enableServiceLinks: false\n"
    "      priorityClassName: system-cluster-critical # the cluster waits for its answers\n"
    "      terminationGracePeriodSeconds: 45 # lame duck 5, drain 30\n"
    "      topologySpreadConstraints:\n"
    "      - maxSkew: 1\n"
    "        topologyKey: kubernetes.io/hostname\n"
    "        whenUnsatisfiable: ScheduleAnyway\n"
    "        labelSelector:\n"
    "          matchLabels:\n"
    "            app.kubernetes.io/name: ${name}\n"
    "      - maxSkew: 1\n"
    "        topologyKey: topology.kubernetes.io/zone\n"
    "        whenUnsatisfiable: ScheduleAnyway\n"
    "        labelSelector:\n"
    "          matchLabels:\n"
    "            app.kubernetes.io/name: ${name}\n"
    "      securityContext:\n"
    "        runAsNonRoot: true\n"
    "        runAsUser: 65532\n"
    "        runAsGroup: 65532\n"
    "        fsGroup: 65532 # the Secret is readable by this group alone\n"
    "        seccompProfile: {type: RuntimeDefault}\n"
    "      containers:\n"
    "      - name: ${name}\n"
    "        image: ${image}\n"
    "        args:\n"
    "${args}\n"
    "        env:\n"
    "        - {name: MALLOC_ARENA_MAX, value: \"2\"} # memory that a large review leaves is used "
    "again\n"
    "        - {name: MALLOC_TRIM_THRESHOLD_, value: \"131072\"}\n"
    "        ports:\n"
    "        - {name: https, containerPort: ${target_port}}\n"
    "        - {name: health, containerPort: ${health_port}}\n"
    "        startupProbe:\n"
    "          httpGet: {path: /readyz, port: health}\n"
    "          periodSeconds: 1\n"
    "          failureThreshold: 30\n"
    "        readinessProbe:\n"
    "          httpGet: {path: /readyz, port: health}\n"
    "          periodSeconds: 5\n"
    "          failureThreshold: 1\n"
    "        livenessProbe:\n"
    "          httpGet: {path: /healthz, port: health}\n"
    "          periodSeconds: 10\n"
    "          timeoutSeconds: 5\n"
    "        resources: # no limit of CPU: throttling looks like a slow handler\n"
    "          requests: {cpu: 50m, memory: 32Mi}\n"
    "          limits: {memory: ${memory}Mi} # of each process twice the limit bodies-in-flight\n"
    "        securityContext:\n"
    "          allowPrivilegeEscalation: false\n"
    "          readOnlyRootFilesystem: true\n"
    "          capabilities: {drop: [ALL]}\n"
    "        volumeMounts:\n"
    "        - {name: credentials, mountPath: " SERVER_FOLDER ", readOnly: true}\n"
    "      volumes: # the whole folder: a subPath would never change\n"
    "      - name: credentials\n"
    "        secret: {secretName: ${secret}, defaultMode: 0440}\n";

static const char kustomization_text[] = "# kubectl apply -k FOLDER\n"
					 "apiVersion: kustomize.config.k8s.io/v1beta1\n"
					 "kind: Kustomization\n"
					 "resources: # in this order: webhooks.yaml is last\n"
					 "${resources}\n"
					 "${secret_generator}\n";

static const char secret_text[] =
    "secretGenerator: # private/ has the keys of CAs and callers, too: they stay out of the "
    "cluster\n"
    "- name: ${secret}\n"
    "  namespace: ${namespace}\n"
    "  files:\n"
    "${files}\n"
    "  options:\n"
    "    disableNameSuffixHash: true # the server reads changed files itself, without a rollout\n";

static void append(json_t *list, char *text)
{
	json_array_append_new(list, json_made(json_string(text)));
	free(text);
}

static void append_callers(const struct installation *installation, json_t *args)
{
	for (size_t i = 0; i < installation->n_callers; i++) {
		const struct caller *caller = &installation->callers[i];
		char *key = caller_ca_key(installation, caller);

		append(args, text_new("--client-ca=%s=" SERVER_FOLDER "/%s", caller->name, key));
		append(args,
		       text_new("--client-allow=%s=cn:%s", caller->name, caller->common_name));
		free(key);
	}
}

/* Flags of the library, then those of the installation, which count more. New. */
static json_t *server_args(const struct installation *installation)
{
	json_t *args = json_made(json_array());

	append(args, text_new("--listen=:%u", installation->target_port));
	append(args, text_new("--health-listen=:%u", installation->health_port));
	append(args, text_new("--tls-cert=" SERVER_FOLDER "/tls.crt"));
	append(args, text_new("--tls-key=" SERVER_FOLDER "/tls.key"));
	if (installation->authentication & BY_MTLS)
		append_callers(installation, args);
	if (installation->authentication & BY_TOKEN)
		append(args, text_new("--token-file=" SERVER_FOLDER "/tokens.csv"));
	append(args, text_new("--limit=lame-duck-time=5s"));
	append(args, text_new("--log-format=json"));
	for (const char *const *own = installation->args; *own; own++)
		append(args, text_new("%s", *own));
	return args;
}

/* Worker processes that the installation's own flags ask for. */
static unsigned int count_processes(const struct installation *installation)
{
	static const char flag[] = "--processes";
	unsigned long count = 0;

	for (const char *const *own = installation->args; *own; own++) {
		const char *value = NULL;

		if (strncmp(*own, flag, strlen(flag)) != 0)
			continue;
		if ((*own)[strlen(flag)] == '=')
			value = *own + strlen(flag) + 1;
		else if ((*own)[strlen(flag)] == '\0')
			value = own[1];
		count = value ? strtoul(value, NULL, 10) : count;
	}
	return count < 1 ? 1 : count > 256 ? 256 : (unsigned int)count;
}

const char *manifests_secret(const struct installation *installation)
{
	return installation->existing_secret ? installation->existing_secret : installation->name;
}

static void set_places(struct template *places, const struct installation *installation)
{
	template_set_scalar(places, "name", installation->name);
	template_set_scalar(places, "namespace", installation->namespace);
	template_set_scalar(places, "secret", manifests_secret(installation));
	template_set_number(places, "target_port", installation->target_port);
	template_set_number(places, "health_port", installation->health_port);
}

static void set_places_of_server(struct template *places, const struct installation *installation)
{
	json_t *args = server_args(installation);

	template_set_scalar(places, "service",
			    installation->service ? installation->service : installation->name);
	template_set_number(places, "port", installation->port);
	template_set_scalar(places, "image", installation->image);
	template_set(places, "args", block_new(args, 8));
	template_set_number(places, "memory", 512 * count_processes(installation));
	template_set(places, "replicas",
		     installation->autoscaler_max
			 ? text_new("%s", "")
			 : text_new("  replicas: %u\n", installation->replicas));
	json_decref(args);
}

static void add_server(const struct installation *installation, struct template *places,
		       struct output *output)
{
	set_places_of_server(places, installation);
	if (!installation->is_namespace_shared)
		manifests_add(output, "base/namespace.yaml", places, namespace_text);
	manifests_add(output, "base/service.yaml", places, service_text);
	manifests_add(output, "base/deployment.yaml", places, deployment_text);
	manifests_add(output, "base/disruption-budget.yaml", places, budget_text);
}

/* KEY=FILE of what the server reads. New. */
static json_t *secret_files(const struct installation *installation)
{
	json_t *files = json_made(json_array());

	append(files, text_new("tls.crt=private/server.crt"));
	append(files, text_new("tls.key=private/server.key"));
	for (size_t i = 0; installation->authentication & BY_MTLS && i < installation->n_callers;
	     i++) {
		const struct caller *caller = &installation->callers[i];
		char *key = caller_ca_key(installation, caller);
		char *path = caller_ca_path(installation, caller, "crt");

		append(files, text_new("%s=%s", key, path));
		free(key);
		free(path);
	}
	if (installation->authentication & BY_TOKEN)
		append(files, text_new("tokens.csv=private/tokens.csv"));
	return files;
}

static char *secret_generator(const struct installation *installation, struct template *places)
{
	if (!installation->image || installation->existing_secret)
		return text_new("%s", "");
	json_t *files = secret_files(installation);

	template_set(places, "files", block_new(files, 2));
	json_decref(files);
	return template_fill(places, secret_text);
}

/* What has been added to base/, webhooks.yaml last: calico.yaml is a choice of the user's. */
static void add_kustomization(const struct installation *installation, struct template *places,
			      struct output *output)
{
	json_t *resources = json_made(json_array());

	for (size_t i = 0; i < output->n_files; i++)
		if (strncmp(output->files[i].path, "base/", 5) == 0 &&
		    strcmp(output->files[i].path, "base/calico.yaml") != 0)
			append(resources, text_new("%s", output->files[i].path));
	template_set(places, "resources", block_new(resources, 0));
	template_set(places, "secret_generator", secret_generator(installation, places));
	manifests_add(output, "kustomization.yaml", places, kustomization_text);
	json_decref(resources);
}

int manifests_make(const struct installation *installation, const struct material *material,
		   struct output *output)
{
	struct template places = {0};

	set_places(&places, installation);
	if (installation->image) {
		add_server(installation, &places, output);
		manifests_add_network(installation, &places, output);
		manifests_add_watching(installation, &places, output);
	}
	manifests_add_webhooks(installation, material, output);
	add_kustomization(installation, &places, output);
	template_deinit(&places);
	return 0;
}
