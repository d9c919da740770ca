# SPDX-License-Identifier: MIT
"""
What no schema says of a manifest: names that must be found elsewhere, in it or beside it.
"""

import base64
import binascii
import re

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
LABEL = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
QUANTITY = re.compile(r"\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?")
CLUSTER_WIDE = ("Namespace", "ClusterRole", "ClusterRoleBinding", "ValidatingWebhookConfiguration",
                "MutatingWebhookConfiguration", "PriorityClass", "ClusterIssuer",
                "CustomResourceDefinition")


def template(document):
    """The Pod template of a workload: (labels, spec), or None."""
    if document["kind"] == "Pod":
        return document["metadata"].get("labels") or {}, document.get("spec") or {}
    if document["kind"] not in WORKLOADS:
        return None
    pod = document["spec"]["template"]
    return (pod.get("metadata") or {}).get("labels") or {}, pod.get("spec") or {}


def selects(selector, labels):
    """Does a LabelSelector or a plain map select these labels?"""
    wanted = selector.get("matchLabels", {}) if set(selector) & {"matchLabels", "matchExpressions"} \
        else selector
    expressions = selector.get("matchExpressions", ())
    return bool(wanted or expressions) and all(
        labels.get(key) == value for key, value in wanted.items()) and all(
        labels.get(each["key"]) in each.get("values", ()) for each in expressions
        if each["operator"] == "In")


def probes(container):
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        if name in container:
            for how in ("httpGet", "tcpSocket", "grpc"):
                if how in container[name]:
                    yield name, container[name][how].get("port")


def containers(spec):
    return spec.get("initContainers", []) + spec.get("containers", [])


def pod_problems(labels, spec):
    volumes = {volume["name"] for volume in spec.get("volumes", ())}
    mounted = set()
    for container in containers(spec):
        ports = {port.get("name") for port in container.get("ports", ())}
        ports |= {port["containerPort"] for port in container.get("ports", ())}
        for name, port in probes(container):
            if port not in ports:
                yield "%s of %s asks port %s, which it does not have" % (
                    name, container["name"], port)
        for mount in container.get("volumeMounts", ()):
            mounted.add(mount["name"])
            if mount["name"] not in volumes:
                yield "%s mounts %s, which is no volume" % (container["name"], mount["name"])
        for amounts in (container.get("resources") or {}).values():
            for what, amount in amounts.items() if isinstance(amounts, dict) else ():
                if not QUANTITY.fullmatch(str(amount)):
                    yield "%s: %s of %s is no quantity" % (container["name"], amount, what)
    for volume in sorted(volumes - mounted):
        yield "volume %s is mounted nowhere" % volume
    for spread in spec.get("topologySpreadConstraints", ()):
        if not selects(spread.get("labelSelector") or {}, labels):
            yield "topologySpreadConstraints do not select the Pod itself"


def webhook_problems(document):
    for hook in document.get("webhooks", ()):
        bundle = hook["clientConfig"].get("caBundle")
        try:
            base64.b64decode(bundle or "", validate=True)
        except (binascii.Error, ValueError):
            yield "%s: caBundle is no base64" % hook["name"]
        if hook["name"].count(".") < 2:
            yield "%s: a webhook's name has at least three parts" % hook["name"]
        if ("url" in hook["clientConfig"]) == ("service" in hook["clientConfig"]):
            yield "%s: clientConfig has either url or service" % hook["name"]
        if not 1 <= hook.get("timeoutSeconds", 10) <= 30:
            yield "%s: timeoutSeconds is 1 to 30" % hook["name"]


def alone(document):
    """What is wrong with one manifest of Kubernetes' own kinds."""
    metadata = document.get("metadata") or {}
    wrong = []
    if document["kind"] not in ("Config",) and not NAME.fullmatch(str(metadata.get("name", ""))):
        wrong.append("%r is no name" % metadata.get("name"))
    for key, value in (metadata.get("labels") or {}).items():
        if not LABEL.fullmatch(key) or not LABEL_VALUE.fullmatch(str(value)):
            wrong.append("%s=%s is no label" % (key, value))
    try:
        pod = template(document)
        if pod:
            wrong += pod_problems(*pod)
        if pod and document["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet") \
                and not selects(document["spec"]["selector"], pod[0]):
            wrong.append("the selector does not select the template")
        wrong += webhook_problems(document)
    except (KeyError, TypeError, AttributeError) as error:
        wrong.append("cannot be looked at: %r" % error)
    return wrong


def service_problems(service, pods):
    name = service["metadata"]["name"]
    chosen = [spec for namespace, labels, spec in pods
              if namespace == service["metadata"].get("namespace")
              and selects(service["spec"].get("selector") or {}, labels)]
    if not chosen:
        yield "Service %s selects no Pod of this folder" % name
    for port in service["spec"].get("ports", ()):
        target = port.get("targetPort", port["port"])
        for spec in chosen:
            named = [entry.get("name") if isinstance(target, str) else entry["containerPort"]
                     for container in spec["containers"] for entry in container.get("ports", ())]
            if target not in named:
                yield "Service %s: no container has port %s" % (name, target)


def called_services(documents):
    """(webhook, service reference) of all webhooks."""
    for document in documents:
        for hook in document.get("webhooks", ()):
            if "service" in hook["clientConfig"]:
                yield hook["name"], hook["clientConfig"]["service"]


def folder(documents):
    """What is wrong with the manifests of one folder, taken together."""
    wrong = []
    pods = [(document["metadata"].get("namespace"), *template(document))
            for document in documents if template(document)]
    services = {(document["metadata"].get("namespace"), document["metadata"]["name"]):
                [port["port"] for port in document["spec"]["ports"]]
                for document in documents if document["kind"] == "Service"}
    for document in documents:
        kind, metadata = document["kind"], document.get("metadata") or {}
        if metadata and kind not in CLUSTER_WIDE and "namespace" not in metadata:
            wrong.append("%s %s has no namespace" % (kind, metadata.get("name")))
        if kind == "Service":
            wrong += service_problems(document, pods)
        if kind == "PodDisruptionBudget" and not any(
                namespace == metadata.get("namespace") and
                selects(document["spec"]["selector"], labels) for namespace, labels, _ in pods):
            wrong.append("PodDisruptionBudget %s selects no Pod" % metadata["name"])
    for hook, service in called_services(documents):
        key = service["namespace"], service["name"]
        if services and service.get("port", 443) not in services.get(key, ()):
            wrong.append("%s calls %s.%s:%s, which is no Service of this folder" % (
                hook, key[1], key[0], service.get("port", 443)))
    return wrong
