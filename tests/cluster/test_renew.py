# SPDX-License-Identifier: MIT
"""
`admwhctl renew` under load, by the steps that it prints: what proves who server and callers are is
replaced, and no request is lost. A new client CA takes kube-apiserver five minutes: test_rotation
does so.
"""

import json
import re
import time

import test_admwhctl
from kube import pod, under_load, until

STEP = re.compile(r"^  ( *(?:kubectl|for host|tar|ssh|done).*)$", re.M)
TOKEN_READ_AGAIN = 90  # seconds; kube-apiserver reads its token file every minute, and does not say when


class Renewed(test_admwhctl.Installed):
    spec = {"authentication": "both", "distribution": "generic"}

    def reloads(self, kind):
        """How often files of a kind are in force again."""
        events = [json.loads(line) for line in self.pod.log().split("\n")[:-1]
                  if '"event":"handshake.reload"' in line]
        return sum(1 for event in events if (event["kind"], event["result"]) == (kind, "ok"))

    def go_on(self, load, requests=40):
        before = sum(each.asked for each in load)
        until(lambda: sum(each.asked for each in load) >= before + requests)

    def phase(self, load, *command, reloads=None):
        """One phase, as it is printed; kubelet follows, and more requests come."""
        before = self.reloads(reloads)
        _, said = self.shell("admwhctl renew %s %s" % (self.folder, " ".join(command)))
        steps = "\n".join(STEP.findall(said)).replace("HOST...", "here")
        self.assertTrue(steps, said)
        self.run_step(steps)
        self.pod.sync()
        if reloads:
            until(lambda: self.reloads(reloads) > before, "%s: not in force" % reloads, pause=0.5)
        self.go_on(load)

    def test_no_request_is_lost(self):
        with under_load(self.namespace, document=pod("load")) as load:
            self.go_on(load)
            self.phase(load, "server", reloads="keypair")
            self.phase(load, "server-ca")
            self.go_on(load)
            self.phase(load, "--next", "--force", reloads="keypair")
            self.phase(load, "--next", "--force")
            self.phase(load, "token", reloads="tokens")
            self.phase(load, "--next", "--force")
            time.sleep(TOKEN_READ_AGAIN)
            self.phase(load, "--next", "--force", reloads="tokens")
        asked = sum(each.asked for each in load)
        print("\ntold: renew: %d requests, none failed" % asked)
        self.assertEqual([wrong for each in load for wrong in each.wrong], [], "of %d" % asked)
        status, said = self.run_verify()
        self.assertEqual(status, 0, said)
