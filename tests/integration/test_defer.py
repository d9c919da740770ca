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
        probe = self.start("--workers", "2", "--threads", "2", hold=True,
                           limits={"deadline": 3600000})
        clients = [self.client(probe) for _ in range(100)]
        for client in clients:
            client.send(p.request("POST", "/later", later("then")))
        for _ in clients:
            probe.wait_event("deferred")
        self.allows(self.client(probe).post())
        probe.release()
        for client in clients:
            self.allows(client.read_response())

    def test_a_connection_serves_one_after_the_other(self):
        client = self.client()
        client.send(b"".join(p.request("POST", "/later", later(how, uid="u-%d" % i))
                             for i, how in enumerate(("then", "now", "deny", "then"))))
        for i in range(4):
            self.assertEqual(client.read_response().json()["response"]["uid"], "u-%d" % i)


    def test_what_comes_meanwhile_is_answered_afterwards(self):
        probe = self.start(*self.options, hold=True, limits={"deadline": 3600000})
        client = self.client(probe)
        client.send(p.request("POST", "/later", later("then", uid="u-0")))
        probe.wait_event("deferred")
        for i in (1, 2):  # of which a poll tells, for the loop has had a turn in between
            client.send(p.request("POST", "/later", later("now", uid="u-%d" % i)))
            self.allows(self.client(probe).post())
        probe.release()
        for i in range(3):
            self.assertEqual(client.read_response().json()["response"]["uid"], "u-%d" % i)


class DefersInline(Defers):
    options = ("--slow-ms", "50", "--inline")

    def test_the_loop_serves_others_meanwhile(self):
        probe = self.start("--inline", "--threads", "1", hold=True)
        waiting = self.client(probe)
        waiting.send(p.request("POST", "/later", later("then")))
        probe.wait_event("deferred")
        self.allows(self.client(probe).post())
        probe.release()
        self.allows(waiting.read_response())


class Late(p.ProbeCase):
    def test_the_library_answers_at_the_deadline(self):
        """And the deferral, when it comes to its decision, is told so."""
        probe = self.start(hold=True)
        client = self.client(probe)
        begun = time.monotonic()
        response = client.post_begun("/later?timeout=2s", later("then"))
        self.assertGreaterEqual(time.monotonic() - begun, 1.8)
        status = response.json()["response"]["status"]
        self.assertEqual((status["code"], status["message"]),
                         (504, "handler did not decide within 1800 ms"))
        probe.release()
        self.assertEqual(probe.wait_event("completed")["result"], "DEADLINE")
        self.served(probe)

    def test_a_caller_that_has_gone_is_told_of(self):
        probe = self.start(hold=True)
        client = self.client(probe)
        client.send(p.request("POST", "/later", later("then")))
        probe.wait_event("deferred")
        client.reset()
        probe.release()
        event = probe.wait_event("completed")
        self.assertIn(event["result"], ("OK", "DEADLINE"))  # the server may not know yet
        self.served(probe)


class Abandoned(p.ProbeCase):
    def test_a_caller_that_abandons_its_reviews_is_told_to_wait(self):
        """An abandoned review takes a place of the queue until it is decided."""
        probe = self.start(hold=True, limits={"queue": 8})
        clients = [self.client(probe) for _ in range(4)]
        for client in clients:
            client.send(p.request("POST", "/later?timeout=2s", later("then")))
            probe.wait_event("deferred")
        for client in clients:
            self.assertEqual(client.read_response().json()["response"]["status"]["code"], 504)
            client.close()
        response = self.client(probe).post("/later", later("now"))
        self.explains(response, 429, "too many reviews of this caller in progress")
        self.assertEqual(response.field("Retry-After"), "1")
        self.allows(self.client(probe, case="scanner").post("/later", later("now")))
        probe.wait_event("completed")
        probe.release()
        for _ in range(4):
            probe.wait_event("completed")
        p.until(lambda: self.client(probe).post("/later", later("now")).status == 200,
                "no place was given back")


class Ends(p.ProbeCase):
    def test_the_drain_waits_for_deferred_reviews(self):
        probe = self.start(hold=True)
        idle, client = self.client(probe), self.client(probe)
        self.allows(idle.post())
        client.send(p.request("POST", "/later", later("then")))
        probe.wait_event("deferred")
        probe.signal(signal.SIGTERM)
        idle.expect_end()  # the drain has begun
        probe.release()
        self.allows(client.read_response())

    def test_past_the_drain_they_are_let_go(self):
        """The decision comes to a server that is not there any more."""
        probe = p.Probe(hold=True, limits={"drain-time": 100})
        self.addCleanup(probe.kill)
        clients = [self.client(probe) for _ in range(3)]
        for client in clients:
            client.send(p.request("POST", "/later", later("then")))
            probe.wait_event("deferred")
        probe.signal(signal.SIGTERM)
        for client in clients:
            client.expect_end()
        p.until(lambda: not probe.has_open("eventpoll"), "the server is still there")
        probe.release()
        results = [probe.wait_event("completed")["result"] for _ in clients]
        self.assertEqual(results, ["STATE"] * 3)
        probe.stop(expect=1)

    def test_what_was_never_completed_is_answered_and_can_be_read_to_the_end(self):
        probe = p.Probe(limits={"deadline": 200, "drain-time": 100})
        response = self.client(probe).post_begun("/later", later("keep", uid="u-9"))
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
            self.addCleanup(probe.kill)
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
