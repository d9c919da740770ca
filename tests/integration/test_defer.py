# SPDX-License-Identifier: MIT
"""
Reviews that are decided later: in time, too late, never, after the caller has
gone, after the server has.
"""

import base64
import json
import signal
import threading
import time
import unittest

import probe as p


def later(how, **rest):
    return p.review(name=how, **rest)


class Defers(p.ProbeCase):
    options = ("--slow-ms", "50")
    arguments = {}

    def completed(self, result, probe=None):
        event = (probe or self.probe).wait_event("completed")
        self.assertEqual(event["result"], result)
        self.assertIs(event["has_object"], True)
        return event

    def test_allows_from_another_thread(self):
        answer = self.allows(self.client().post("/later", later("then", uid="u-7")), "u-7")
        self.assertNotIn("status", answer)
        self.assertEqual(self.completed("OK")["uid"], "u-7")

    def test_denies_from_another_thread(self):
        response = self.client().post("/later", later("deny"))
        self.assertEqual(self.explains_denial(response)["message"], "denied later")
        self.completed("OK")

    def explains_denial(self, response):
        self.assertEqual(response.status, 200)
        self.assertIs(response.json()["response"]["allowed"], False)
        return response.json()["response"]["status"]

    def test_decides_before_the_handler_returns(self):
        client = self.client()
        for _ in range(20):
            self.allows(client.post("/later", later("now")))
            self.completed("OK")

    def test_patches(self):
        answer = self.allows(self.client().post("/later-mutate", later("then")))
        patch = json.loads(base64.b64decode(answer["patch"]))
        self.assertEqual(patch[-1], {"op": "add", "path": "/metadata/labels/later",
                                     "value": "yes"})

    def test_a_deferral_that_is_given_up_fails_its_review(self):
        status = self.explains_denial(self.client().post("/later", later("give-up")))
        self.assertEqual((status["message"], status["code"]),
                         ("the deferred review was given up", 500))

    def test_many_wait_at_once_without_a_worker(self):
        """Two workers have a hundred reviews under way."""
        probe = self.start("--slow-ms", "300", "--workers", "2", "--threads", "2")
        clients = [self.client(probe) for _ in range(100)]
        begun = time.monotonic()
        for client in clients:
            client.send(p.request("POST", "/later", later("then")))
        for client in clients:
            self.allows(client.read_response())
        self.assertLess(time.monotonic() - begun, 100 * 0.3 / 2 / 3)

    def test_a_connection_serves_one_after_the_other(self):
        client = self.client()
        client.send(b"".join(p.request("POST", "/later", later(how, uid="u-%d" % i))
                             for i, how in enumerate(("then", "now", "deny", "then"))))
        for i in range(4):
            self.assertEqual(client.read_response().json()["response"]["uid"], "u-%d" % i)


class DefersInline(Defers):
    options = ("--slow-ms", "50", "--inline")

    def test_the_loop_serves_others_meanwhile(self):
        probe = self.start("--slow-ms", "1000", "--inline", "--threads", "1")
        waiting = self.client(probe)
        waiting.send(p.request("POST", "/later", later("then")))
        probe.wait_event("deferred")
        self.allows(self.client(probe).post())
        self.assertNotIn("completed", [event["event"] for event in probe.take_events()])
        self.allows(waiting.read_response())


class Late(p.ProbeCase):
    options = ("--slow-ms", "400")

    def test_the_library_answers_at_the_deadline(self):
        """And the deferral, when it comes to its decision, is told so."""
        begun = time.monotonic()
        response = self.client().post("/later?timeout=300ms", later("then"))
        took = time.monotonic() - begun
        status = response.json()["response"]["status"]
        self.assertEqual((status["code"], status["message"]),
                         (504, "handler did not decide within 150 ms"))
        self.assertTrue(0.15 <= took < 0.4, took)
        self.assertEqual(self.probe.wait_event("completed")["result"], "DEADLINE")
        self.served()

    def test_a_caller_that_has_gone_is_told_of(self):
        client = self.client()
        client.send(p.request("POST", "/later", later("then")))
        self.probe.wait_event("deferred")
        client.reset()
        event = self.probe.wait_event("completed")
        self.assertIn(event["result"], ("OK", "DEADLINE"))  # nobody reads while it waits
        self.served()


class Abandoned(p.ProbeCase):
    def test_who_asks_and_goes_away_again_and_again_is_told_to_wait(self):
        """Reviews that nobody waits for any more take places as the queue does."""
        probe = self.start("--slow-ms", "2500", limits={"queue": 8})
        for _ in range(4):
            client = self.client(probe)
            client.send(p.request("POST", "/later?timeout=20ms", later("then")))
            client.read_response()
            client.close()
        response = self.client(probe).post("/later", later("now"))
        self.explains(response, 429, "too many reviews of this caller in progress")
        self.assertEqual(response.field("Retry-After"), "1")
        self.allows(self.client(probe, case="scanner").post("/later", later("now")))
        for _ in range(5):
            probe.wait_event("completed")
        self.allows(self.client(probe).post("/later", later("now")))


class Ends(p.ProbeCase):
    def test_the_drain_waits_for_deferred_reviews(self):
        probe = p.Probe("--slow-ms", "500")
        client = self.client(probe)
        client.send(p.request("POST", "/later", later("then")))
        probe.wait_event("deferred")
        probe.signal(signal.SIGTERM)
        self.allows(client.read_response())
        probe.stop()

    def test_past_the_drain_they_are_let_go(self):
        """The decision comes to a server that is not there any more."""
        probe = p.Probe("--slow-ms", "700", limits={"drain-time": 100})
        clients = [self.client(probe) for _ in range(3)]
        for client in clients:
            client.send(p.request("POST", "/later", later("then")))
            probe.wait_event("deferred")
        probe.signal(signal.SIGTERM)
        for client in clients:
            client.expect_end()
        results = [probe.wait_event("completed")["result"] for _ in clients]
        self.assertEqual(results, ["STATE"] * 3)
        probe.stop(expect=1)

    def test_what_was_never_completed_is_answered_and_can_be_read_to_the_end(self):
        probe = p.Probe(limits={"deadline": 200, "drain-time": 100})
        response = self.client(probe).post("/later", later("keep", uid="u-9"))
        self.assertEqual(response.json()["response"]["status"]["code"], 504)
        probe.signal(signal.SIGTERM)
        event = probe.wait_event("completed")
        self.assertEqual((event["uid"], event["result"], event["has_object"]),
                         ("u-9", "STATE", True))
        probe.stop()

    def gather(self, probe, events, name, count):
        """All events until there are so many of this name, in any order."""
        end = time.monotonic() + p.TIMEOUT
        while sum(event["event"] == name for event in events) < count:
            self.assertLess(time.monotonic(), end, "too few events " + name)
            events += probe.take_events()
            time.sleep(0.005)

    def test_stopping_amid_many_loses_nothing(self):
        """Threads complete while loops end: whatever comes first, it is one of three ends."""
        for drain in (0, 20, 40):
            probe = p.Probe("--slow-ms", "40", "--threads", "2", limits={"drain-time": drain})
            clients = [self.client(probe) for _ in range(20)]
            for client in clients:
                client.send(p.request("POST", "/later", later("then")))
            events = []
            self.gather(probe, events, "deferred", len(clients))
            probe.signal(signal.SIGTERM)
            self.gather(probe, events, "completed", len(clients))
            results = [event["result"] for event in events if event["event"] == "completed"]
            self.assertLessEqual(set(results), {"OK", "DEADLINE", "STATE"})
            probe.wait()
            self.assertIsNone(p.DISTRESS.search(probe.errors().encode()))


class Crowd(unittest.TestCase):
    def test_completing_and_giving_up_race_with_deadlines(self):
        """Reviews whose threads decide just when their time is up, each answered once."""
        probe = p.Probe("--slow-ms", "60", "--threads", "2", "--workers", "4")
        bad = []

        def work(number):
            with p.Client(probe) as client:
                for i in range(20):
                    how = ("then", "deny", "give-up")[(number + i) % 3]
                    uid = "u-%d-%d" % (number, i)
                    response = client.post("/later?timeout=120ms", later(how, uid=uid))
                    if response.status != 200 or response.json()["response"]["uid"] != uid:
                        bad.append(response)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        probe.stop()
        self.assertEqual(bad, [])


if __name__ == "__main__":
    unittest.main()
