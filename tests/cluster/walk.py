# SPDX-License-Identifier: MIT
"""The commands of the documents, as tests/documents/run.py reads them."""

import importlib.util
import os

from kube import ROOT

_spec = importlib.util.spec_from_file_location("documents_run",
                                               os.path.join(ROOT, "tests/documents/run.py"))
_documents = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_documents)


def read_walk(name):
    """The listings of a walk that are run, in a reader's order."""
    return [listing for listing in _documents.read_listings()
            if listing.kind == "run" and name in listing.walks]
