# SPDX-License-Identifier: MIT
"""Servers that are replaced and ended under load."""

import signal
import time

import kube
from kube import ClusterCase, config_map, create, under_load, until
from probe import PlainClient
from relay import Relay

ENDPOINTS_LATE = 1.0  # seconds until those who call learn that a server goes
LAME_DUCK = 3         # seconds for which it goes on


def is_ready(probe):
    with PlainClient(probe.health_port) as client:
        return client.request("GET", "/readyz").status == 200


class Rolling(ClusterCase):
    def begin(self, *options):
        probe = self.start("rolling", *self.CALLER, "--quiet", "--log", "info", *options,
                           listen="127.0.0.1:0", health=True,
                           limits={"lame-duck-time": LAME_DUCK * 1000})
        until(lambda: is_ready(probe))
        return probe

    def replace(self, relay, old, new):
        """As a Deployment does it: the new one is in first, the old one is told to end."""
        relay.add(new.port)
        old.signal(signal.SIGTERM)
        until(lambda: not is_ready(old))
        time.sleep(ENDPOINTS_LATE)
        relay.remove(old.port)
        self.assertEqual(old.wait(), 0)

    def roll(self, *options, times=4):
        relay = Relay(kube.service(kube.PROBES, "rolling"), 443)
        self.addCleanup(relay.stop)
        instances = [self.begin(*options) for _ in range(2)]
        for each in instances:
            relay.add(each.port)
        self.register("Validating", kube.hook("rolling", "/validate"))
        self.register("Mutating", kube.hook("rolling", "/mutate"))
        until(lambda: create(self.api, self.namespace, config_map("x"), dry=True)[1][
            "metadata"].get("labels"))
        with under_load(self.namespace, 3) as load:
            for _ in range(times):
                instances.append(self.begin(*options))
                self.replace(relay, instances.pop(0), instances[-1])
        asked = sum(each.asked for each in load)
        self.assertEqual([wrong for each in load for wrong in each.wrong], [], "of %d" % asked)
        print("\ntold: rolling%s: %d requests, none failed" % ("".join(options), asked))
        self.assertGreater(asked, 100)

    def test_a_rollout_loses_no_request(self):
        self.roll()

    def test_a_rollout_of_worker_processes_loses_no_request(self):
        self.roll("--processes", "2", times=2)


class Ended(ClusterCase):
    """One server alone: while it is away nothing listens, and nothing else goes wrong."""

    def test_what_is_in_progress_is_answered(self):
        options = (*self.CALLER, "--quiet", "--slow-ms", "100", "--log", "info")
        probe = self.start("ended", *options)
        self.register("Validating", kube.hook("ended", "/slow"))
        until(lambda: create(self.api, self.namespace, config_map("x"), dry=True)[0] == 201 and
              probe.log("dispatch.review"))
        with under_load(self.namespace, 3) as load:
            for _ in range(4):
                before = sum(each.asked for each in load)
                until(lambda before=before: sum(each.asked for each in load) > before + 5)
                probe.signal(signal.SIGTERM)
                self.assertEqual(probe.wait(), 0)
                probe = self.start("ended", *options)
        wrong = [what for each in load for _, what in each.wrong]
        self.assertEqual([what for what in wrong if not what.endswith("connection refused")], [])
        self.assertLess(len(wrong), sum(each.asked for each in load))
