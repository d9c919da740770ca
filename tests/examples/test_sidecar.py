# SPDX-License-Identifier: MIT
"""examples/sidecar over mutual TLS. Run by run.py, which sets `work`."""

from webhook import Callers, Case, kind_of

work = None
ENV = {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://127.0.0.1:4318"}


def pod(**spec):
    return {"spec": {"containers": [{"name": "a"}, {"name": "b", "env": [{"name": "X", "value": "1"}]}],
                     **spec}}


class Sidecar(Callers, Case):
    PATHS = ("/mutate",)

    def test_it_is_put_in_once(self):
        spec = self.mutated(pod())["spec"]
        (sidecar,), (volume,) = spec["initContainers"], spec["volumes"]
        self.assertEqual((sidecar["name"], sidecar["restartPolicy"]), ("collector", "Always"))
        self.assertEqual(volume["name"], sidecar["volumeMounts"][0]["name"])
        self.assertNotIn("env", sidecar)
        self.assertEqual([container["env"] for container in spec["containers"]],
                         [[ENV], [{"name": "X", "value": "1"}, ENV]])

    def test_what_is_there_stays(self):
        before = pod(initContainers=[{"name": "init"}], volumes=[{"name": "v", "emptyDir": {}}])
        spec = self.mutated(before)["spec"]
        self.assertEqual([c["name"] for c in spec["initContainers"]], ["init", "collector"])
        self.assertEqual(spec["volumes"][0], before["spec"]["volumes"][0])

    def test_another_one_of_its_name_is_replaced(self):
        spec = self.mutated(pod(initContainers=[{"name": "collector", "image": "evil"}]))["spec"]
        self.assertEqual([c["image"] for c in spec["initContainers"]],
                         ["registry.example.com/collector:1.4"])

    def test_a_pod_may_opt_out(self):
        for value, left in (("false", True), ("true", False), ("", False)):
            with self.subTest(value):
                before = {"metadata": {"annotations": {"sidecar.example.com/inject": value}}, **pod()}
                self.assertEqual(self.mutated(before) == before, left)

    def test_malformed_objects_are_not_allowed(self):
        for obj in ({"spec": {"containers": 1}}, {"spec": []}, {"spec": 1}, pod(volumes={}), pod(initContainers="x"),
                    {**pod(), "metadata": []}):
            with self.subTest(obj):
                self.denied(obj, path="/mutate", code=500)

    def test_other_reviews_are_a_mistake_of_the_configuration(self):
        for members in (kind_of("apps", "Deployment"), {"operation": "UPDATE"}):
            with self.subTest(members):
                self.denied(pod(), path="/mutate", code=500, **members)
