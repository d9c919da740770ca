#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Writes the parts of the library as SPDX 2.3, JSON: what Meson has found for a build, and nothing that
tests, examples or tools need. The same build of the same commit makes the same bytes.

    sbom.py BUILD COMMIT TIME SHA256    TIME is the commit's, in seconds; SHA256 that of the tarball
"""

import datetime
import json
import subprocess
import sys

# What is linked into the library: Meson's name, SPDX's licence, supplier.
LINKED = {
    "wolfssl": ("GPL-2.0-or-later", "wolfSSL Inc."),
    "jansson": ("MIT", "Petri Lehtinen"),
    "libuv": ("MIT", "libuv project contributors"),
    "libllhttp": ("MIT", "Node.js contributors"),
    "nettle": ("LGPL-3.0-or-later OR GPL-2.0-or-later", "Niels Möller"),
}


def licence_of(name, version):
    # Releases of wolfSSL since 5.8.2 name version 3.
    if name == "wolfssl" and tuple(map(int, version.split(".")[:3])) >= (5, 8, 2):
        return "GPL-3.0-or-later"
    return LINKED[name][0]


def introspect(build, what):
    told = subprocess.run(["meson", "introspect", what, build], check=True, capture_output=True)
    return json.loads(told.stdout)


def package(name, version, licence, supplier, **more):
    return {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version,
            "supplier": supplier, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION", **more}


def linked(build):
    """The library's own dependencies; llhttp is one where it is compiled from its sources, too."""
    found = {entry["name"]: entry["version"] for entry in introspect(build, "--dependencies")}
    found.setdefault("libllhttp", "NOASSERTION")
    for name in sorted(LINKED):
        if name in found:
            licence, supplier = licence_of(name, found[name]), LINKED[name][1]
            version = {} if found[name] == "NOASSERTION" else {"versionInfo": found[name]}
            made = package(name, found[name], licence, f"Organization: {supplier}")
            made.pop("versionInfo")
            yield {**made, **version}


def document(build, commit, time, sha256):
    version = introspect(build, "--projectinfo")["version"]
    created = datetime.datetime.fromtimestamp(int(time), datetime.timezone.utc)
    parts = list(linked(build))
    own = package("libadmwh", version, "MIT", "NOASSERTION", primaryPackagePurpose="LIBRARY",
                  packageFileName=f"libadmwh-{version}.tar.xz",
                  checksums=[{"algorithm": "SHA256", "checksumValue": sha256}])
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"libadmwh-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/libadmwh-{version}-{commit}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: libadmwh-scripts-release"]},
        "packages": [own, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": own["SPDXID"]},
            *({"spdxElementId": own["SPDXID"], "relationshipType": "DEPENDS_ON",
               "relatedSpdxElement": part["SPDXID"]} for part in parts)],
    }


if __name__ == "__main__":
    json.dump(document(*sys.argv[1:5]), sys.stdout, indent=2, ensure_ascii=False)
    print()
