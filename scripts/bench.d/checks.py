# SPDX-License-Identifier: MIT
"""Each server decides as it should, before anything is measured: what is allowed, what is denied,
and what the object is once its patch is applied."""

import base64
import copy
import http.client
import json
import os
import ssl

from build import BODIES, PKI, read_json

LABEL = "bench.example.com/seen"
SIDECAR = {"name": "sidecar", "image": "registry.example.com/sidecar:1", "resources": {}}


def ask(server, route, body):
    """HTTP status, and the text of the answer; 0 when the connection was closed instead."""
    context = ssl.create_default_context(cafile=os.path.join(PKI, "ca.crt"))
    context.load_cert_chain(os.path.join(PKI, "client.crt"), os.path.join(PKI, "client.key"))
    connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=60)
    with open(os.path.join(BODIES, body + ".json"), "rb") as file:
        text = file.read()
    try:
        connection.request(
    "POST", "/%s?timeout=10s" %
    route, text, {
        "Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
    except OSError as err:
        return 0, str(err)
    finally:
        connection.close()
    return response.status, text


def apply(target, operation):
    """One operation of a patch, of those that the policies need."""
    *path, last = [part.replace("~1", "/").replace("~0", "~")
                   for part in operation["path"].split("/")[1:]]
    for part in path:
        target = target[int(part) if isinstance(target, list) else part]
    if operation["op"] not in ("add", "replace"):
        raise SystemExit("an operation that no policy needs: %s" % operation)
    if isinstance(target, dict):
        target[last] = operation["value"]
    else:
        target.insert(len(target) if last == "-" else int(last), operation["value"])


def expect(holds, server, route, body, answer):
    if not holds:
        raise SystemExit("%s decides wrongly: /%s of %s: %s" % (server.name, route, body, answer))


def check_decision(server, route, body, allowed):
    status, text = ask(server, route, body)
    expect(status == 200 and json.loads(text)["response"]
           ["allowed"] is allowed, server, route, body, text[:600])


def patch_of(response):
    """kube writes the bytes of a patch as an array of numbers, all others in base64."""
    patch = response["patch"]
    return json.loads(bytes(patch) if isinstance(patch, list) else base64.b64decode(patch))


def check_patch(server, route, change):
    status, text = ask(server, route, "pod11k")
    response = json.loads(text)["response"] if status == 200 else {}
    expect(response.get("allowed") and response.get("patchType") == "JSONPatch", server, route,
           "pod11k", text[:600])
    patched = read_json(os.path.join(BODIES, "pod11k.json"))["request"]["object"]
    expected = copy.deepcopy(patched)
    change(expected)
    for operation in patch_of(response):
        apply(patched, operation)
    expect(patched == expected, server, route, "pod11k", patch_of(response))


def check(server, routes):
    """routes: of this server, which is not the floor: that allows all"""
    if "envelope" in routes:
        check_decision(server, "envelope", "tiny", True)
        check_decision(server, "envelope", "frozen", False)
    for route in {"containers", "containers-tree"}.intersection(routes):
        for body in ("tiny", "pod11k", "dep25k", "cm100k", "cm1m"):
            check_decision(server, route, body, True)
        check_decision(server, route, "privileged", False)
    if "label" in routes:
        check_patch(server, "label", lambda pod: pod["metadata"]["labels"].update({LABEL: "true"}))
    if "sidecar" in routes:
        check_patch(server, "sidecar", lambda pod: pod["spec"]["containers"].append(SIDECAR))
