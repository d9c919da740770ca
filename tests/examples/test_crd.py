# SPDX-License-Identifier: MIT
"""examples/crd over mutual TLS. Run by run.py, which sets `work`."""

import json
import re

from example import probe
from webhook import Callers, Case, kind_of

work = None
BACKUP = kind_of("backups.example.com", "Backup")
GOOD = {"schedule": "0 3 * * *", "retentionDays": 30, "storage": {"bucket": "b", "class": "standard"}}


def backup(**spec):
    return {"spec": {**GOOD, **spec}}


class Crd(Callers, Case):
    PATHS = ("/validate", "/mutate")

    def options(self):
        return ["--conversion-listen", "127.0.0.1:0"]

    def convert(self, version, *objects):
        """The response to a ConversionReview, by a caller without a certificate."""
        port = int(re.search(rb"conversion_port=(\d+)", self.server.errors())[1])
        body = json.dumps({"kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1",
                           "request": {"uid": "u", "objects": objects,
                                       "desiredAPIVersion": "backups.example.com/" + version}})
        with probe.Client(port, context=work.certificates.context()) as client:
            return client.request("POST", "/convert", body.encode()).json()["response"]

    def test_conversion_there_and_back(self):
        def stored(version, **spec):
            return {"apiVersion": "backups.example.com/" + version, "kind": "Backup",
                    "metadata": {"name": "b"}, "spec": spec}

        old = [stored("v1beta1", keepDays=7, schedule="x"), stored("v1beta1", schedule="x"),
               stored("v1beta1", keepDays=None)]
        new = [stored("v1", retentionDays=7, schedule="x"), stored("v1", schedule="x"),
               stored("v1", retentionDays=None)]
        for version, given, expected in (("v1", old, new), ("v1beta1", new, old), ("v1", new, new)):
            with self.subTest(version):
                answer = self.convert(version, *given)
                self.assertEqual(answer["result"]["status"], "Success")
                self.assertEqual(answer["convertedObjects"], expected)
        for version, given in (("v2", new), ("v1", [stored("v0")])):
            with self.subTest(version):
                answer = self.convert(version, *given)
                self.assertEqual(answer["result"]["status"], "Failure")
                self.assertIn("there is no conversion from ", answer["result"]["message"])

    def test_defaults(self):
        for spec, expected in (
                ({"storage": {"bucket": "b"}}, GOOD), (GOOD, GOOD),
                ({"retentionDays": 7, "schedule": None, "storage": {"bucket": "b"}},
                 {**GOOD, "retentionDays": 7}),
                ({}, {**GOOD, "storage": {"class": "standard"}})):
            with self.subTest(spec):
                self.assertEqual(self.mutated({"spec": spec}, **BACKUP)["spec"], expected)
        self.assertIn("spec", self.mutated({"metadata": {}}, **BACKUP))

    def test_what_is_good(self):
        for spec in ({}, {"retentionDays": 1}, {"retentionDays": 3650}, {"schedule": "*/5  * * * 1-5"},
                     {"storage": {"bucket": "b", "class": "archive"}}):
            with self.subTest(spec):
                self.allowed(backup(**spec), **BACKUP)
        self.allowed(backup(retentionDays=1), operation="UPDATE", oldObject=backup(), **BACKUP)

    def test_what_is_wrong(self):
        for spec, words in (
                ({"schedule": "daily"}, 'spec.schedule: Invalid value: "daily"'),
                ({"retentionDays": 0}, "spec.retentionDays: Invalid value: 0: must be between 1 and 3650, inclusive"),
                ({"retentionDays": 3651}, "Invalid value: 3651"),
                ({"storage": {"class": "standard"}}, "spec.storage.bucket: Required value"),
                ({"storage": {"bucket": "b", "class": "x"}},
                 'spec.storage.class: Unsupported value: "x": supported values: "standard", "archive"')):
            with self.subTest(spec):
                self.denied(backup(**spec), words, **BACKUP)
        answer = self.denied({"spec": {"schedule": "", "retentionDays": -1, "storage": {}}}, **BACKUP)
        self.assertEqual(len(answer["status"]["details"]["causes"]), 4)

    def test_the_bucket_stays(self):
        self.denied(backup(storage={"bucket": "c", "class": "standard"}),
                    'spec.storage.bucket: Invalid value: "c": field is immutable', operation="UPDATE", oldObject=backup(), **BACKUP)

    def test_malformed_objects_are_not_allowed(self):
        for path in self.PATHS:
            for obj in ({"spec": []}, {"spec": {**GOOD, "storage": 1}}):
                with self.subTest(path, obj=obj):
                    answer = self.ask(obj, path=path, **BACKUP)
                    self.assertFalse(answer["allowed"], answer)
        self.denied(backup(retentionDays="30"), "expected a number", code=500, **BACKUP)

    def test_other_reviews_are_a_mistake_of_the_configuration(self):
        for path in self.PATHS:
            self.denied({}, path=path, code=500)
            self.denied(None, path=path, code=500, operation="DELETE", **BACKUP)
