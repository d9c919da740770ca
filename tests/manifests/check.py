#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Check Kubernetes manifests: examples/*/deploy/*.yaml, and the ```yaml listings of documents
that have a kind.

    check.py SCHEMAS

SCHEMAS is the folder of the package kubernetes-validate: the OpenAPI schemas of Kubernetes,
one folder a version. Each manifest is held against the oldest and the newest version we speak
for, strictly: a field that is not known is refused. Kinds that are not Kubernetes' own stand in
schemas/ beside this file, with what we know of them; a kind in neither place is a failure. Then
the manifests of a folder are held against each other, see together.py. The manifests in bad/
must be refused for what their first line says. So are those that `admwhctl init` writes, see
generated.py; ADMWHCTL is the program, where it is not that of build/.
The last line is `manifests: N passed, N failed`.
"""

import glob
import json
import os
import re
import shutil
import sys
import tempfile

import jsonschema
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import generated  # noqa: E402 (found only now)
import together  # noqa: E402

OLDEST = (1, 29)
LISTING = re.compile(r"^( *)```yaml\n(.*?)^ *```$", re.S | re.M)


class Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: a key may stand there once."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, "key %s stands here twice" % ", ".join(map(str, twice)),
                node.start_mark)
        return super().construct_mapping(node, deep)


# A time without quotes is text for Kubernetes.
Loader.yaml_implicit_resolvers = {
    first: [(tag, match) for tag, match in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def versions(folder):
    """The oldest version we speak for and the newest there is: [(name, definitions)]."""
    found = sorted((tuple(map(int, re.findall(r"\d+", name)[:2])), name)
                   for name in os.listdir(folder) if name.endswith("-local-strict"))
    chosen = [entry for entry in found if entry[0] >= OLDEST]
    for number, name in (chosen[0], chosen[-1]):
        with open(os.path.join(folder, name, "_definitions.json"), encoding="utf-8") as file:
            yield "%d.%d" % number, json.load(file)


class Kubernetes:
    """The schemas of one version."""

    def __init__(self, name, definitions):
        self.name = name
        self.kinds = {}
        self.resolver = jsonschema.RefResolver(
            "", definitions, store={"/api/_definitions.json": definitions})
        for schema in definitions["$defs"].values():
            for what in schema.get("x-kubernetes-group-version-kind", ()):
                api = what["group"] + "/" + what["version"] if what["group"] else what["version"]
                self.kinds[api, what["kind"]] = schema

    def problems(self, document):
        schema = self.kinds[document["apiVersion"], document["kind"]]
        return problems(schema, document, self.resolver)


def problems(schema, document, resolver=None):
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return ["%s: %s" % (".".join(map(str, error.absolute_path)) or "the whole", error.message[:300])
            for error in validator.iter_errors(document)]


def our_own():
    """A schema of schemas/ says itself which apiVersion and kind it is about."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "schemas", "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            kinds = yaml.load(file, Loader)["kinds"]
        for schema in kinds:
            for api in schema["properties"]["apiVersion"]["enum"]:
                found[api, schema["properties"]["kind"]["const"]] = schema
    return found


def read_documents():
    """(where, folder, document or what is wrong with its text) of every manifest."""
    for path in sorted(glob.glob(os.path.join(TOP, "examples/*/deploy/**/*.y*ml"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            yield from parse(os.path.relpath(path, TOP), file.read(), whole=True)
    pages = ["*.md", "docs/**/*.md", "examples/**/*.md"]
    for path in sorted(path for page in pages
                       for path in glob.glob(os.path.join(TOP, page), recursive=True)):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for number, (indent, listing) in enumerate(LISTING.findall(text), 1):
            listing = re.sub("^" + indent, "", listing, flags=re.M)
            yield from parse("%s, listing %d" % (os.path.relpath(path, TOP), number), listing,
                             whole=False)


def parse(where, text, whole):
    folder = os.path.dirname(where) if whole else None
    try:
        documents = [document for document in yaml.load_all(text, Loader) if document is not None]
    except yaml.YAMLError as error:
        yield where, folder, "no YAML: %s" % error
        return
    if whole and not documents:
        yield where, folder, "nothing in it"
    for document in documents:
        if isinstance(document, dict) and "kind" in document and "apiVersion" in document:
            yield where, folder, document
        elif whole:
            yield where, folder, "a document without apiVersion and kind"


def check(document, kubernetes, own):
    """What is wrong, one sentence each."""
    if isinstance(document, str):
        return [document]
    key = document["apiVersion"], document["kind"]
    if key == ("admwhctl/v1", "Installation"):
        return list(generated.installation_problems(document))
    if key in own:
        return problems(own[key], document)
    wrong = []
    for version in kubernetes:
        if key not in version.kinds:
            wrong.append("Kubernetes %s has no %s %s" % (version.name, *key))
        else:
            wrong += ["Kubernetes %s: %s" % (version.name, what)
                      for what in version.problems(document)]
    return wrong + together.alone(document)


# Files of control-plane/ that are no manifests: generated.py looks at them.
NO_MANIFESTS = ("k3s-config.yaml", "rke2-config.yaml", "kube-apiserver+json.yaml")


def read_generated(folder):
    """The documents of a folder that admwhctl init wrote, or what is wrong with their text."""
    for path in sorted(glob.glob(os.path.join(folder, "*.yaml")) +
                       glob.glob(os.path.join(folder, "base", "*.yaml")) +
                       glob.glob(os.path.join(folder, "control-plane", "*.yaml"))):
        name = os.path.relpath(path, folder)
        if os.path.basename(path) in NO_MANIFESTS or name == "installation.yaml":
            continue
        with open(path, encoding="utf-8") as file:
            for _, _, document in parse(name, file.read(), whole=True):
                yield name, document


def check_generated(tell, kubernetes, own):
    """Each folder is told as one."""
    with tempfile.TemporaryDirectory(prefix="admwh-manifests-") as work:
        for name, folder, error in generated.folders(work):
            if error:
                tell(name, [error])
                continue
            wrong, documents = [], []
            for path, document in read_generated(folder):
                wrong += ["%s: %s" % (path, what) for what in check(document, kubernetes, own)]
                documents += [document] if isinstance(document, dict) else []
            wrong += together.folder(documents)
            wrong += generated.problems(folder, documents,
                                        lambda document: check(document, kubernetes, own))
            tell(name, wrong)


def refused(path, kubernetes, own):
    """Is a wrong manifest found out, as its first line says? What is wrong if it is not."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    expected = text.split("\n", 1)[0].replace("# wrong: ", "", 1)
    found, documents = [], []
    for _, _, document in parse(path, text, whole=True):
        found += check(document, kubernetes, own)
        documents += [document] if isinstance(document, dict) else []
    found += together.folder(documents)
    if any(expected in what for what in found):
        return []
    return ["%r was not found out, only %r" % (expected, found)]


def main():
    kubernetes = [Kubernetes(*version) for version in versions(sys.argv[1])]
    own, folders = our_own(), {}
    passed = failed = 0

    def tell(where, wrong):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for what in wrong:
            print("FAIL %s: %s" % (where, what))

    for where, folder, document in read_documents():
        named = where
        if isinstance(document, dict):
            metadata = document.get("metadata") or {}
            named = "%s: %s %s" % (where, document["kind"], metadata.get("name", ""))
            if folder:
                folders.setdefault(folder, []).append(document)
        tell(named, check(document, kubernetes, own))
    for folder, documents in sorted(folders.items()):
        tell(folder, together.folder(documents))
    for path in sorted(glob.glob(os.path.join(HERE, "bad", "*.yaml"))):
        tell(os.path.relpath(path, TOP), refused(path, kubernetes, own))
    if os.path.exists(generated.PROGRAM):
        check_generated(tell, kubernetes, own)
        if not shutil.which("kubectl"):
            print("notice: no kubectl: what it makes of a kustomization is not checked")
    elif os.environ.get("CI") == "true":
        tell(generated.PROGRAM, ["is not built"])
    else:
        print("notice: no %s: what it writes is not checked" % generated.PROGRAM)
    print("Kubernetes " + " and ".join(version.name for version in kubernetes))
    print("manifests: %d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
