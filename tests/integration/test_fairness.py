# SPDX-License-Identifier: MIT
"""
Two callers, one of them greedy: in the queue, among the bodies, among the
connections. The other one is served, soon and always.
"""

import select
import time
import unittest

import probe as p
from test_tokens import GOOD, OTHER, TokenCase, bearer

GREEDY, MODEST = "good", "scanner"
QUEUED = "admwh_queued_reviews"


def send_and_see_rejected(probe, clients, fields):
    """Six requests to one worker that is held and a queue of four: one is with the worker, two
    are the caller's share of the queue. The answers to the other three, which leave the list."""
    answers = []
    for client in clients:
        client.send(p.request("POST", "/slow", p.review(), fields))
        if client is clients[0]:
            probe.wait_event("dispatched")
    while len(answers) < 3:
        for sock in select.select([client.sock for client in clients], [], [], p.TIMEOUT)[0]:
            client = next(client for client in clients if client.sock is sock)
            answers.append(client.read_response())
            clients.remove(client)
    return answers


class Queue(p.ProbeCase):
    def test_a_greedy_caller_does_not_starve_another(self):
        """Forty reviews wait for a worker, then five of another caller: they take turns."""
        probe = self.start("--workers", "1", "--threads", "2", hold=True, health=True,
                           limits={"queue": 200, "deadline": 3600000})
        clients = []
        for case in [GREEDY] * 41 + [MODEST] * 5:
            clients.append(self.client(probe, case=case))
            clients[-1].send(p.request("POST", "/slow", p.review()))
            p.until(lambda: probe.metric(QUEUED) == len(clients) - 1, "not queued")
        probe.release()
        callers = [probe.wait_event("dispatched")["peer_cn"] for _ in clients]
        turns = [turn for turn, cn in enumerate(callers) if cn == "audit-scanner"]
        self.assertEqual(len(turns), 5)
        self.assertLess(turns[-1], 12, callers)
        for client in clients:
            self.allows(client.read_response())

    def test_with_no_share_kept_back_the_queue_is_full_for_all(self):
        probe = self.start("--workers", "1", hold=True, health=True,
                           limits={"queue": 2, "caller-share": 100})
        waiting = [self.client(probe) for _ in range(3)]
        waiting[0].send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        for client in waiting[1:]:
            client.send(p.request("POST", "/slow", p.review()))
        p.until(lambda: probe.metric(QUEUED) == 2, "no queue")
        response = self.client(probe, case=MODEST).post("/slow")
        self.explains(response, 503, "too many reviews in progress")
        self.assertEqual(response.field("Retry-After"), "1")
        probe.release()
        for client in waiting:
            self.allows(client.read_response())


class Tokens(TokenCase):
    def test_past_its_share_a_token_is_told_so_while_another_gets_in(self):
        """Both are from one address."""
        probe = self.with_rules("--workers", "1", hold=True, limits={"queue": 4})
        greedy = [self.client(probe, case=None) for _ in range(6)]
        for answer in send_and_see_rejected(probe, greedy, bearer(GOOD)):
            self.explains(answer, 429, "too many reviews of this caller in progress")
            self.assertEqual(answer.field("Retry-After"), "1")
            self.assertFalse(answer.closes)
        modest = self.client(probe, case=None)
        modest.send(p.request("POST", "/slow", p.review(), bearer(OTHER)))
        probe.has_read(modest.sock)
        probe.release()
        for client in [modest] + greedy:
            self.allows(client.read_response())


class Bodies(p.ProbeCase):
    arguments = {"limits": {"bodies-in-flight": 65536, "body-wait-time": 100}}

    def hold(self, client, size):
        """Send so much of a body that is larger."""
        client.send(b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 60000\r\n\r\n" + b" " * size)

    def test_a_greedy_caller_leaves_room_for_others_bodies(self):
        holding = [self.client(case=GREEDY) for _ in range(2)]
        for client in holding:
            self.hold(client, 20000)
        deadline = time.monotonic() + p.TIMEOUT
        while True:  # until those bodies have come
            response = self.client(case=GREEDY).post(body=p.review() + b" " * 100000)
            if response.status == 429:
                break
            self.assertLess(time.monotonic(), deadline)
        self.explains(response, 429, "too many bodies of this caller in flight")
        self.assertEqual(response.field("Retry-After"), "1")
        self.assertTrue(response.closes)
        for _ in range(3):
            modest = self.client(case=MODEST)
            body = p.review() + b" " * 15000
            head, body = p.request("POST", "/validate", body).split(b"\r\n\r\n", 1)
            modest.send(head + b"\r\n\r\n")
            for at in range(0, len(body), 5000):  # each looks for room
                time.sleep(0.02)
                modest.send(body[at:at + 5000])
            self.allows(modest.read_response())


class Connections(p.ProbeCase):
    def test_the_caller_with_most_connections_loses_an_idle_one(self):
        probe = self.start("--threads", "2", limits={"connections": 10, "idle-time": 86400000})
        idle = []
        for _ in range(10):
            idle.append(self.client(probe, case=GREEDY))
            if len(idle) < 10:  # from then on one may go at any time
                self.allows(idle[-1].post())
        with p.Client(probe, case=MODEST) as modest:
            self.allows(modest.post())
            alive = 0
            for client in idle:
                try:
                    self.allows(client.post())
                    alive += 1
                except (p.Closed, ConnectionError):
                    pass
            self.assertTrue(7 <= alive <= 9, alive)
            self.allows(modest.post())


if __name__ == "__main__":
    unittest.main()
