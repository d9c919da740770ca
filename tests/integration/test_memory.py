# SPDX-License-Identifier: MIT
"""
The trees of large reviews count as their bodies do, are given back when the
reviews are done, and bound the process.
"""

import random
import threading
import time
import unittest

import probe as p

BUDGET = 1000000
MIB = 1024
CONTAINER = (b'{"name":"","resources":{},"terminationMessagePath":"/dev/termination-log",'
             b'"terminationMessagePolicy":"File","imagePullPolicy":"Always"}')


def array_of(size, item=b"0"):
    """A review whose object is little more than an array of so many items."""
    items = b",".join([item] * size)
    return p.review(obj="@").replace(b'"@"', b'{"x":[' + items + b"]}")


class Values(p.ProbeCase):
    """A validator's value is charged 320 bytes, a mutator's 800."""

    def limits(self, share=100):
        return {"bodies-in-flight": BUDGET, "caller-share": share}

    def occupy(self, probe, target="/look"):
        client = self.client(probe)
        client.send(p.request("POST", target, array_of(2000)))
        probe.wait_event("deferred" if target == "/later" else "dispatched")
        return client

    def test_one_that_would_never_fit_is_refused_with_the_reason(self):
        probe = self.start("--slow-ms", "0", limits=self.limits())
        client = self.client(probe)
        self.allows(client.post("/look", array_of(2900)))
        response = client.post("/look", array_of(3200))
        self.explains(response, 413, "bodies-in-flight is 1000000")
        self.assertRegex(response.json()["message"], r"the review may take 10\d{5} bytes")
        self.allows(client.post("/edit", array_of(1100)))
        self.explains(client.post("/edit", array_of(1300)), 413, "bytes")

    def test_one_that_does_not_fit_beside_others_waits_for_no_worker(self):
        for target in ("/look", "/later"):
            probe = self.start(hold=True, limits=self.limits())
            holder = self.occupy(probe, target)
            response = self.client(probe, case="scanner").post("/look", array_of(2000))
            self.explains(response, 503, "too many values in flight")
            self.assertEqual(response.field("Retry-After"), "1")
            self.allows(self.client(probe).post())
            probe.release()
            self.allows(holder.read_response())
            self.allows(self.client(probe).post("/look", array_of(2000)))

    def test_past_its_share_a_caller_is_told_so_and_others_get_in(self):
        probe = self.start(hold=True, limits={**self.limits(60),
                                              "bodies-in-flight": 2 * BUDGET})
        holder = self.occupy(probe)
        response = self.client(probe).post("/look", array_of(2000))
        self.explains(response, 429, "too many values of this caller in flight")
        self.assertEqual(response.field("Retry-After"), "1")
        modest = self.client(probe, case="scanner")
        modest.send(p.request("POST", "/look", array_of(2000)))
        probe.wait_event("dispatched")
        probe.release()
        self.allows(modest.read_response())
        self.allows(holder.read_response())

    def test_room_comes_back_however_a_review_ends(self):
        for options, target in ((), "/look"), (("--inline",), "/look"), ((), "/later"):
            probe = self.start("--slow-ms", "50", *options, limits=self.limits())
            client = self.client(probe)
            for _ in range(5):
                self.allows(client.post(target, array_of(2500)))
        probe = self.start(hold=True, limits={**self.limits(), "deadline": 1000,
                                              "deadline-margin": 0})
        for target in ("/look", "/later"):
            late = self.client(probe).post_begun(target, array_of(2500))
            self.assertIs(late.json()["response"]["allowed"], False)
            self.wait_for_room(probe)
            self.occupy(probe, target).reset()
            self.wait_for_room(probe)

    def wait_for_room(self, probe):
        probe.release()
        p.until(lambda: self.client(probe).post("/look", array_of(2500)).status == 200,
                "no room", pause=0.05)
        probe.hold_again()


class Announced(p.ProbeCase):
    @unittest.skipIf(p.sanitizer(), "a sanitizer's own memory is larger")
    def test_bodies_that_do_not_come_have_an_eighth_of_the_budget(self):
        budget, size = 512 * MIB, 8 * MIB  # KiB; a sixty-fourth
        probe = self.start(plain=True, limits={"bodies-in-flight": budget * 1024})
        before = probe.resident_kib("VmData")
        head = (b"POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n{" % (size * 1024))
        for _ in range(64):
            client = p.PlainClient(probe)
            self.addCleanup(client.close)
            client.send(head)
            probe.has_read(client.raw)
        self.assertLess(probe.resident_kib("VmData") - before, budget / 4)


@unittest.skipIf(p.sanitizer(), "sanitizers keep memory")
class Peak(p.ProbeCase):
    def test_large_reviews_stay_within_the_budget_and_leave_nothing(self):
        """Pods of 35,000 containers, 210,000 values each, edited by eight workers at once."""
        probe = self.start("--quiet", "--workers", "8", "--threads", "2", "--slow-ms", "10")
        base = probe.resident_kib()
        body = array_of(35000, CONTAINER)
        statuses = []

        def ask(times):
            with p.Client(probe) as client:
                got = [client.post("/edit", body).status for _ in range(times)]
            statuses.extend(got)
            return got

        def insist():
            """As kube-apiserver: what there is no room for now is asked again."""
            while 200 not in ask(1):
                time.sleep(random.random())

        ask(6)
        self.assertEqual(statuses, [200] * 6)
        crowd = [threading.Thread(target=insist) for _ in range(8)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(p.TIMEOUT)
        self.assertEqual(statuses[6:].count(200), 8)
        self.assertLessEqual(set(statuses[6:]), {200, 429, 503})
        self.assertLess(probe.resident_kib("VmHWM") - base, 320 * MIB)
        p.until(lambda: probe.resident_kib() - base <= 48 * MIB,
                lambda: "%d KiB" % probe.resident_kib(), pause=0.1)
