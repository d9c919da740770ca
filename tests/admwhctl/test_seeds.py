# SPDX-License-Identifier: MIT
"""
The installations that three projects describe for their webhooks, made by `admwhctl init` alone:
each file beside what its page shows. What differs is listed, with the reason; anything else that
differs fails, and so does a difference that is no more.

Pages: Rancher, "Hardening the Rancher Webhook"; Kubewarden, "Secure webhooks with mutual TLS";
Runecast, "Kubernetes Integration Examples".
"""

import base64
import os
import unittest

import yaml

from program import HERE, ProgramTest

SEEDS = os.path.join(HERE, "seeds")

OWN_NAME = "every object has the name of the installation"
OWN_LABEL = "app.kubernetes.io/name is the label that Kubernetes recommends"
PORTS = "the port of reviews alone: the page admits all ports of the Pod"
PROBES = "the health port, for the kubelet of the same host"
ENDING = "a file of YAML is named so"
PLACE = "beside the other files, so that one mount will do"
API_SERVER = "Cilium's own name for the API server, where that is not on a host of the cluster"


def admission(kubeconfig, *plugins):
    return {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration",
            "plugins": [{"name": plugin, "configuration": {
                "apiVersion": "apiserver.config.k8s.io/v1",
                "kind": "WebhookAdmissionConfiguration", "kubeConfigFile": kubeconfig}}
                for plugin in plugins]}


def kubeconfig(name, **user):
    return {"apiVersion": "v1", "kind": "Config", "users": [
        {"name": name, "user": {key.replace("_", "-"): value for key, value in user.items()}}]}


BOTH = ("ValidatingAdmissionWebhook", "MutatingAdmissionWebhook")
RANCHER_CALICO = """
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: {name: allow-k8s, namespace: cattle-system}
spec:
  selector: app == 'rancher-webhook'
  types: [Ingress]
  ingress:
  - action: Allow
    protocol: TCP
    source: {nets: [192.168.42.0/24]}
    destination: {selector: app == 'rancher-webhook'}
"""
RANCHER_CILIUM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: allow-k8s, namespace: cattle-system}
spec:
  endpointSelector: {matchLabels: {app: rancher-webhook}}
  ingress:
  - fromEntities: [host, remote-node]
"""
KUBEWARDEN_CALICO = """
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata: {name: allow-k8s-and-audit-scanner, namespace: kubewarden}
spec:
  selector: app.kubernetes.io/component in {"kubewarden-controller", "policy-server"}
  types: [Ingress]
  ingress:
  - action: Allow
    protocol: TCP
    source: {nets: [192.168.42.0/24]}
    destination:
      selector: app.kubernetes.io/component in {"kubewarden-controller", "policy-server"}
  - action: Allow
    protocol: TCP
    source: {namespaceSelector: kubernetes.io/metadata.name == "kubewarden"}
    destination:
      selector: app.kubernetes.io/component in {"kubewarden-controller", "policy-server"}
"""
KUBEWARDEN_CILIUM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: allow-k8s-and-audit-scanner, namespace: kubewarden}
spec:
  endpointSelector:
    matchExpressions:
    - {key: app.kubernetes.io/component, operator: In, values: [policy-server, controller]}
  ingress:
  - fromEntities: [host, remote-node]
  - fromEndpoints:
    - matchLabels: {"k8s:io.kubernetes.pod.namespace": kubewarden}
"""
RUNECAST_WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: runecast-validating-webhook}
webhooks:
- name: deny-fixed-critical-and-medium.runecast.com
  rules:
  - apiGroups: ["*"]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [pods, daemonsets, deployments, replicasets, statefulsets, replicationcontrollers,
                cronjobs, jobs]
    scope: Namespaced
  namespaceSelector:
    matchExpressions:
    - {key: runecast-admission-policy, operator: In, values: ["2"]}
  clientConfig:
    service:
      namespace: runecast
      name: runecast-nginx
      path: /rc2/api/v2/k8s-admission-policy-review/policy/2
      port: 9080
    caBundle: RUNECAST_SERVICE_CERTIFICATE
  admissionReviewVersions: [v1, v1beta1]
  sideEffects: None
"""
# What is edited into the static Pod of kube-apiserver.
RUNECAST_POD = {
    "/spec/containers/0/command/-": "--admission-control-config-file=/etc/kubernetes/config/"
                                    "runecast-admission-configuration.yaml",
    "/spec/volumes/-": {"hostPath": {"path": "/etc/kubernetes/config", "type": "DirectoryOrCreate"},
                        "name": "etc-kubernetes-config"},
    "/spec/containers/0/volumeMounts/-": {"mountPath": "/etc/kubernetes/config",
                                          "name": "etc-kubernetes-config", "readOnly": True}}

# seed: [(file, what its page shows, {pointer: reason})]
PAGES = {
    "rancher": [
        ("base/calico-crd.yaml", yaml.safe_load(RANCHER_CALICO), {
            "/metadata/name": OWN_NAME, "/spec/selector": OWN_LABEL,
            "/spec/ingress/0/destination/selector": "the policy selects these Pods alone",
            "/spec/ingress/0/destination/ports": PORTS}),
        ("base/cilium.yaml", yaml.safe_load(RANCHER_CILIUM), {
            "/metadata/name": OWN_NAME, "/spec/endpointSelector/matchLabels/app": OWN_LABEL,
            "/spec/endpointSelector/matchLabels/app.kubernetes.io~1name": OWN_LABEL,
            "/spec/ingress/0/fromEntities": API_SERVER, "/spec/ingress/0/toPorts": PORTS,
            "/spec/ingress/1": PROBES}),
        ("control-plane/admission.yaml", admission("/etc/rancher/admission/kubeconfig", *BOTH), {
            "/plugins/PodSecurity": "what RKE2 has is merged into, as the page asks for",
            "/plugins/ValidatingAdmissionWebhook/configuration/kubeConfigFile": ENDING,
            "/plugins/MutatingAdmissionWebhook/configuration/kubeConfigFile": ENDING}),
        ("control-plane/kubeconfig.yaml", kubeconfig(
            "rancher-webhook.cattle-system.svc", client_certificate="/path/to/client/cert",
            client_key="/path/to/client/key"), {
                "/users/rancher-webhook.cattle-system.svc/user/client-certificate": PLACE,
                "/users/rancher-webhook.cattle-system.svc/user/client-key": PLACE}),
        ("control-plane/rke2-config.yaml", {
            "kube-apiserver-arg": ["admission-control-config-file=/etc/rancher/admission/"
                                   "admission.yaml"],
            "kube-apiserver-extra-mount": ["/etc/rancher/admission:/etc/rancher/admission:ro"]}, {
                key: "\"+\" adds to what other files of config.yaml.d say"
                for key in ("/kube-apiserver-arg", "/kube-apiserver-extra-mount",
                            "/kube-apiserver-arg+", "/kube-apiserver-extra-mount+")}),
    ],
    "kubewarden": [
        ("base/calico-crd.yaml", yaml.safe_load(KUBEWARDEN_CALICO), {
            "/metadata/name": OWN_NAME, "/spec/selector": "one server, not the whole stack",
            "/spec/ingress/0/destination/selector": "the policy selects these Pods alone",
            "/spec/ingress/0/destination/ports": PORTS,
            "/spec/ingress/1/source/namespaceSelector": "other quotes, which mean the same",
            "/spec/ingress/1/destination/selector": "the policy selects these Pods alone",
            "/spec/ingress/1/destination/ports": PORTS}),
        ("base/cilium.yaml", yaml.safe_load(KUBEWARDEN_CILIUM), {
            "/metadata/name": OWN_NAME,
            "/spec/endpointSelector/matchExpressions": "one server, not the whole stack",
            "/spec/endpointSelector/matchLabels": "one server, not the whole stack",
            "/spec/ingress/0/fromEntities": API_SERVER, "/spec/ingress/0/toPorts": PORTS,
            "/spec/ingress/1/fromEndpoints": "the rule of the scanner comes after that of probes",
            "/spec/ingress/1/fromEntities": PROBES, "/spec/ingress/1/toPorts": PROBES,
            "/spec/ingress/2": "the scanner's, on the port of reviews alone"}),
        ("control-plane/admission.yaml", admission("/etc/k8s/admission/kubeconfig", *BOTH), {
            "/plugins/ValidatingAdmissionWebhook/configuration/kubeConfigFile": ENDING,
            "/plugins/MutatingAdmissionWebhook/configuration/kubeConfigFile": ENDING}),
        ("control-plane/kubeconfig.yaml", kubeconfig(
            "*.kubewarden.svc", client_certificate="/path/to/client/cert",
            client_key="/path/to/client/key"), {
                "/users/*.kubewarden.svc": "the certificate is for one server: a pattern would "
                                           "show it to each Service of the namespace",
                "/users/policy-server-default.kubewarden.svc": "the name of that server"}),
    ],
    "runecast": [
        ("base/webhooks.yaml", yaml.safe_load(RUNECAST_WEBHOOK), {
            "/metadata/labels": OWN_LABEL,
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/namespaceSelector/"
            "matchExpressions/1": "kube-system and the server's own Pods start without it; the "
                                  "page shows this as an alternative",
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/clientConfig/caBundle":
                "the CA of init's own pair",
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/admissionReviewVersions":
                "each version of Kubernetes that the library speaks for sends v1",
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/failurePolicy":
                "what the API takes by default, said",
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/matchPolicy":
                "what the API takes by default, said",
            "/webhooks/deny-fixed-critical-and-medium.runecast.com/timeoutSeconds":
                "half of the API's default: all clients of the API server wait for it"}),
        ("control-plane/admission.yaml", admission(
            "/etc/kubernetes/config/runecast-validating-webhook-kubeconfig.yaml", BOTH[0]), {
                "/plugins/MutatingAdmissionWebhook": "a mutating webhook needs no restart later",
                "/plugins/ValidatingAdmissionWebhook/configuration/kubeConfigFile":
                    "one kubeconfig may have the users of several webhooks"}),
        ("control-plane/kubeconfig.yaml", kubeconfig(
            "runecast-nginx.runecast.svc:9080", token="2645cda9-ac05-4b6d-8e94-f27c84e93377"), {
                "/users/runecast-nginx.runecast.svc:9080/user/token":
                    "a token in the kubeconfig is read once, and a file again when it changes",
                "/users/runecast-nginx.runecast.svc:9080/user/tokenFile":
                    "a token in the kubeconfig is read once, and a file again when it changes"}),
        ("control-plane/kube-apiserver+json.yaml", RUNECAST_POD, {
            "/~1spec~1containers~10~1command~1-": "admission.yaml may be about several plugins",
            "/~1spec~1containers~10~1volumeMounts~1-/name": "a shorter name",
            "/~1spec~1volumes~1-/name": "a shorter name",
            "/~1spec~1volumes~1-/hostPath/type":
                "a folder that is not there must not be made, empty"}),
    ],
}


def keyed(value):
    """Lists of named things by their names; a JSON Patch by its paths."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        if all("op" in each for each in value):
            return {each["path"]: keyed(each["value"]) for each in value}
        if all("name" in each for each in value):
            return {each["name"]: keyed({key: what for key, what in each.items() if key != "name"})
                    for each in value}
    if isinstance(value, list) and value and all(isinstance(each, (dict, list)) for each in value):
        return {str(number): keyed(each) for number, each in enumerate(value)}
    if isinstance(value, dict):
        return {key: keyed(each) for key, each in value.items()}
    return value


def differences(shown, made, pointer=""):
    if not isinstance(shown, dict) or not isinstance(made, dict):
        return set() if shown == made else {pointer}
    found = set()
    for key in shown.keys() | made.keys():
        below = "%s/%s" % (pointer, key.replace("~", "~0").replace("/", "~1"))
        found |= differences(shown[key], made[key], below) if key in shown and key in made \
            else {below}
    return found


class Seeds(ProgramTest):
    def make(self, seed):
        self.run_program("init", os.path.join(SEEDS, seed + ".yaml"), "--to", seed)

    def yaml_of(self, seed, name):
        return yaml.safe_load(self.read(seed, name))

    def test_each_file_is_what_its_page_shows_but_for_what_is_listed(self):
        for seed, files in PAGES.items():
            self.make(seed)
            for name, shown, reasons in files:
                with self.subTest(seed + " " + name):
                    found = differences(keyed(shown), keyed(self.yaml_of(seed, name)))
                    self.assertEqual(sorted(found), sorted(reasons))
                    self.assertTrue(all(reasons.values()))

    def test_nothing_is_left_to_be_done_by_hand(self):
        """The pages' other steps: the CA and the names of callers for the server."""
        for seed, cas in (("rancher", {"apiserver": "client-ca.crt"}),
                          ("kubewarden", {"apiserver": "client-ca.crt",
                                          "audit-scanner": "audit-scanner-ca.crt"})):
            self.make(seed)
            container, = self.yaml_of(seed, "base/deployment.yaml")[
                "spec"]["template"]["spec"]["containers"]
            generator, = self.yaml_of(seed, "kustomization.yaml")["secretGenerator"]
            files = dict(entry.split("=") for entry in generator["files"])
            for caller, ca in cas.items():
                with self.subTest(seed, caller=caller):
                    self.assertIn("--client-ca=%s=/etc/webhook/%s" % (caller, ca),
                                  container["args"])
                    self.assertIn(ca, files)
                    name = "kube-apiserver" if caller == "apiserver" else caller
                    self.assertIn("--client-allow=%s=cn:%s" % (caller, name), container["args"])
                    self.verify(seed, ca, caller)

    def verify(self, seed, ca, caller):
        self.openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile",
                     "%s/private/%s" % (seed, ca), "%s/private/callers/%s.crt" % (seed, caller))

    def test_the_pages_rke2_keeps_its_pod_security(self):
        self.make("rancher")
        with open(os.path.join(SEEDS, "rke2-pss.yaml"), encoding="utf-8") as file:
            there = file.read()
        merged = self.read("rancher", "control-plane/admission.yaml")
        self.assertTrue(merged.startswith(there))
        self.assertIn("+- name: MutatingAdmissionWebhook",
                      self.read("rancher", "control-plane/admission.diff"))

    def test_rke2_without_its_file_is_refused(self):
        with open(os.path.join(SEEDS, "rancher.yaml"), encoding="utf-8") as file:
            text = file.read().replace("controlPlane: {admission: rke2-pss.yaml}", "args: []")
        text = text.replace("  args: [--permissions=/etc/webhook/permissions.json]\n", "")
        done = self.init(text, status=2)
        self.assertIn("rke2-pss.yaml, which the flag would put out of force", done.stderr)

    def test_the_pages_token_is_known_to_both_sides(self):
        self.make("runecast")
        token = self.read("runecast", "private/callers/apiserver.token").strip()
        self.assertIn(token + ",", self.read("runecast", "private/tokens.csv"))
        webhook, = self.yaml_of("runecast", "base/webhooks.yaml")["webhooks"]
        bundle = base64.b64decode(webhook["clientConfig"]["caBundle"]).decode()
        self.assertEqual(bundle, self.read("runecast", "private/server-ca.crt"))


if __name__ == "__main__":
    unittest.main()
