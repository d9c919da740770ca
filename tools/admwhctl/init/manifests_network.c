/* SPDX-License-Identifier: MIT */
/* Network policies, and what watches the server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"
#include "init/manifests.h"

#include "alert_lines.h"

static const char calico_text[] = "${about_api}\n"
				  "# Kubernetes' own NetworkPolicy knows no hosts, and "
				  "kube-apiserver runs on one. Of the nets: with\n"
				  "# an overlay (IPIP, VXLAN) the hosts come with the addresses of "
				  "their tunnels, which belong here,\n"
				  "# too (kubectl get nodes -o yaml: "
				  "projectcalico.org/IPv4IPIPTunnelAddr, IPv4VXLANTunnelAddr).\n"
				  "# Probes need no rule: Calico lets a host reach its own Pods.\n"
				  "apiVersion: ${api}\n"
				  "kind: NetworkPolicy\n"
				  "metadata:\n"
				  "  name: ${name}\n"
				  "  namespace: ${namespace}\n"
				  "spec:\n"
				  "  selector: app.kubernetes.io/name == '${name}'\n"
				  "  types: [Ingress]\n"
				  "  ingress:\n"
				  "  - action: Allow\n"
				  "    protocol: TCP\n"
				  "    source:\n"
				  "      nets:\n"
				  "${control_plane}\n"
				  "    destination:\n"
				  "      ports: [${target_port}]\n"
				  "${callers}\n"
				  "${monitoring}\n";

static const char calico_caller_text[] =
    "  - action: Allow\n"
    "    protocol: TCP\n"
    "    source:\n"
    "      namespaceSelector: kubernetes.io/metadata.name == '${caller_namespace}'\n"
    "    destination:\n"
    "      ports: [${target_port}]\n";

static const char calico_monitoring_text[] =
    "  - action: Allow # metrics, for all Pods of the cluster: no secret is in them\n"
    "    protocol: TCP\n"
    "    source:\n"
    "      namespaceSelector: all()\n"
    "    destination:\n"
    "      ports: [${health_port}]\n";

static const char about_calico[] = "# Calico by its own API, which needs its API server (the "
				   "operator installs it). Where kubectl\n"
				   "# api-resources does not list projectcalico.org, "
				   "calico-crd.yaml does the same: apply one of them.\n";

static const char about_calico_crd[] = "# Calico by its CustomResourceDefinitions, which need no "
				       "API server of Calico's; calico.yaml is\n"
				       "# the same by its own API. kustomization.yaml has this "
				       "one, which is there in most clusters.\n";

static const char cilium_text[] =
    "# Cilium: reviews from the hosts, where kube-apiserver runs; probes from the Pod's own host. "
    "Each\n"
    "# host may come this far, and only a caller with credentials further.\n"
    "apiVersion: cilium.io/v2\n"
    "kind: CiliumNetworkPolicy\n"
    "metadata:\n"
    "  name: ${name}\n"
    "  namespace: ${namespace}\n"
    "spec:\n"
    "  endpointSelector:\n"
    "    matchLabels:\n"
    "      app.kubernetes.io/name: ${name}\n"
    "  ingress:\n"
    "  - fromEntities: [kube-apiserver, host, remote-node]\n"
    "    toPorts:\n"
    "    - ports: [{port: \"${target_port}\", protocol: TCP}]\n"
    "  - fromEntities: [host]\n"
    "    toPorts:\n"
    "    - ports: [{port: \"${health_port}\", protocol: TCP}]\n"
    "${callers}\n"
    "${monitoring}\n";

static const char cilium_caller_text[] =
    "  - fromEndpoints:\n"
    "    - matchLabels:\n"
    "        k8s:io.kubernetes.pod.namespace: ${caller_namespace}\n"
    "    toPorts:\n"
    "    - ports: [{port: \"${target_port}\", protocol: TCP}]\n";

static const char cilium_monitoring_text[] =
    "  - fromEndpoints: # metrics, for all Pods of the cluster: no secret is in them\n"
    "    - matchExpressions:\n"
    "      - {key: \"k8s:io.kubernetes.pod.namespace\", operator: Exists}\n"
    "    toPorts:\n"
    "    - ports: [{port: \"${health_port}\", protocol: TCP}]\n";

static const char service_monitor_text[] =
    "# For the Prometheus operator. A Service of its own, so that the one that is called has one "
    "port.\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata:\n"
    "  name: ${health_name}\n"
    "  namespace: ${namespace}\n"
    "  labels:\n"
    "    app.kubernetes.io/name: ${health_name}\n"
    "spec:\n"
    "  clusterIP: None\n"
    "  publishNotReadyAddresses: true # an instance that is not ready has metrics that say why\n"
    "  selector:\n"
    "    app.kubernetes.io/name: ${name}\n"
    "  ports:\n"
    "  - {name: health, port: ${health_port}, targetPort: health}\n"
    "---\n"
    "apiVersion: monitoring.coreos.com/v1\n"
    "kind: ServiceMonitor\n"
    "metadata:\n"
    "  name: ${name}\n"
    "  namespace: ${namespace}\n"
    "  labels:\n"
    "    app.kubernetes.io/name: ${name}\n"
    "spec:\n"
    "  selector:\n"
    "    matchLabels:\n"
    "      app.kubernetes.io/name: ${health_name}\n"
    "  endpoints:\n"
    "  - port: health\n"
    "    path: /metrics\n"
    "    interval: 30s\n"
    "    relabelings: # the alerts take a job of such a name for a webhook\n"
    "    - {targetLabel: job, replacement: ${job}}\n";

static const char alerts_text[] = "# For the Prometheus operator. They are about all webhooks of "
				  "the cluster: one such file is enough.\n"
				  "apiVersion: monitoring.coreos.com/v1\n"
				  "kind: PrometheusRule\n"
				  "metadata:\n"
				  "  name: ${name}\n"
				  "  namespace: ${namespace}\n"
				  "  labels:\n"
				  "    app.kubernetes.io/name: ${name}\n"
				  "spec:\n"
				  "${groups}\n";

static const char autoscaler_text[] =
    "# By what a replica uses, not by a share of what it requests, which is little. The Deployment "
    "has\n"
    "# no number of replicas: to apply it again would set them back.\n"
    "apiVersion: autoscaling/v2\n"
    "kind: HorizontalPodAutoscaler\n"
    "metadata:\n"
    "  name: ${name}\n"
    "  namespace: ${namespace}\n"
    "spec:\n"
    "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}\n"
    "  minReplicas: ${min}\n"
    "  maxReplicas: ${max}\n"
    "  metrics:\n"
    "  - type: Resource\n"
    "    resource:\n"
    "      name: cpu\n"
    "      target: {type: AverageValue, averageValue: 500m}\n";

void manifests_add(struct output *output, const char *path, const struct template *places,
		   const char *text)
{
	char *filled = template_fill(places, text);

	output_add(output, path, filled, strlen(filled), 0644);
}

/* A rule for each caller whose Pods are in a namespace. New. */
static char *rules_of_callers(const struct installation *installation, struct template *places,
			      const char *text)
{
	char *rules = text_new("%s", "");

	for (size_t i = 0; i < installation->n_callers; i++) {
		if (!installation->callers[i].namespace)
			continue;
		template_set(places, "caller_namespace",
			     text_new("%s", installation->callers[i].namespace));
		char *rule = template_fill(places, text);
		char *both = text_new("%s%s", rules, rule);

		free(rule);
		free(rules);
		rules = both;
	}
	return rules;
}

static void set_rules(const struct installation *installation, struct template *places,
		      const char *caller, const char *monitoring)
{
	template_set(places, "callers", rules_of_callers(installation, places, caller));
	template_set(places, "monitoring",
		     installation->service_monitor ? template_fill(places, monitoring)
						   : text_new("%s", ""));
}

static json_t *list_of(const char *const *texts)
{
	json_t *list = json_made(json_array());

	for (; *texts; texts++)
		json_array_append_new(list, json_made(json_string(*texts)));
	return list;
}

static void add_calico(const struct installation *installation, struct template *places,
		       struct output *output)
{
	json_t *nets = list_of(installation->control_plane);

	template_set(places, "control_plane", block_new(nets, 6));
	json_decref(nets);
	set_rules(installation, places, calico_caller_text, calico_monitoring_text);
	template_set_scalar(places, "api", "projectcalico.org/v3");
	template_set(places, "about_api", text_new("%s", about_calico));
	manifests_add(output, "base/calico.yaml", places, calico_text);
	template_set_scalar(places, "api", "crd.projectcalico.org/v1");
	template_set(places, "about_api", text_new("%s", about_calico_crd));
	manifests_add(output, "base/calico-crd.yaml", places, calico_text);
}

void manifests_add_network(const struct installation *installation, struct template *places,
			   struct output *output)
{
	if (installation->calico)
		add_calico(installation, places, output);
	if (installation->cilium) {
		set_rules(installation, places, cilium_caller_text, cilium_monitoring_text);
		manifests_add(output, "base/cilium.yaml", places, cilium_text);
	}
}

/* docs/alerts.yml below spec: its comments about itself left out. New. */
static char *alert_groups(void)
{
	char *groups = NULL;
	bool is_begun = false;
	size_t len;
	FILE *to = text_open(&groups, &len);

	for (size_t i = 0; i < sizeof(alert_lines) / sizeof(alert_lines[0]); i++) {
		is_begun = is_begun || alert_lines[i][0] == 'g';
		if (is_begun)
			fprintf(to, "%s%s\n", *alert_lines[i] ? "  " : "", alert_lines[i]);
	}
	text_close(to);
	return groups;
}

void manifests_add_watching(const struct installation *installation, struct template *places,
			    struct output *output)
{
	if (installation->service_monitor) {
		template_set(places, "health_name", text_new("%s-health", installation->name));
		template_set(places, "job", text_new("admwh-%s", installation->name));
		manifests_add(output, "base/service-monitor.yaml", places, service_monitor_text);
	}
	if (installation->alerts) {
		template_set(places, "groups", alert_groups());
		manifests_add(output, "base/alerts.yaml", places, alerts_text);
	}
	if (installation->autoscaler_max) {
		template_set_number(places, "min", installation->autoscaler_min);
		template_set_number(places, "max", installation->autoscaler_max);
		manifests_add(output, "base/autoscaler.yaml", places, autoscaler_text);
	}
}
