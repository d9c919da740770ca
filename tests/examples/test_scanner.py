# SPDX-License-Identifier: MIT
"""
examples/scanner over mutual TLS, which asks a stand-in for the scanner. Run by run.py, which sets
`work`.
"""

import http.server
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from example import probe
from webhook import WORKLOADS, Callers, Case, kind_of, workload

work = None
ANSWERS = {"clean": b'{"clean": true}', "dirty": b'{"clean": false}', "odd": b'{"clean": "yes"}',
           "broken": b"{", "large": b" " * 100000 + b'{"clean": true}'}


class Scanner(http.server.ThreadingHTTPServer):
    """Tells what it was asked; holds its answers about images that begin with "slow"."""

    daemon_threads = True

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.asked, self.go_on, self.changed = [], threading.Event(), threading.Condition()

    def await_asked(self, count):
        with self.changed:
            return self.changed.wait_for(lambda: len(self.asked) >= count, probe.TIMEOUT)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        image, = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["image"]
        with self.server.changed:
            self.server.asked.append(image)
            self.server.changed.notify_all()
        if image.startswith("slow"):
            self.server.go_on.wait(probe.TIMEOUT)
        body = ANSWERS.get(image.split("/")[-1])
        try:
            self.send_response(200 if body else 503)
            self.end_headers()
            self.wfile.write(body or b"")
        except ConnectionError:
            pass  # it was not waited for

    def log_message(self, *_):
        pass


def pod(*images):
    return {"spec": {"containers": [{"name": "c", "image": image} for image in images]}}


class Asked(Callers, Case):
    def options(self):
        self.scanner = Scanner()
        thread = threading.Thread(target=self.scanner.serve_forever, args=(0.05,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.scanner.server_close)
        self.addCleanup(self.scanner.shutdown)
        self.addCleanup(self.scanner.go_on.set)
        return ["--scanner", "http://127.0.0.1:%d/verdict" % self.scanner.server_address[1]]

    def test_verdicts(self):
        self.allowed(pod("clean"))
        self.allowed(pod())
        self.denied(pod("clean", "a/dirty"), "spec.containers[1].image: Forbidden")
        self.allowed({"data": {}}, **kind_of("", "ConfigMap"))

    def test_every_workload(self):
        for group, kind, place in WORKLOADS:
            with self.subTest(kind):
                spec = {"initContainers": [{"name": "a", "image": "x&y=%41 #/dirty"}]}
                self.denied(workload(place, spec), **kind_of(group, kind))
        self.assertEqual(self.scanner.asked, ["x&y=%41 #/dirty"])

    def test_what_is_known_is_not_asked_again(self):
        for _ in range(3):
            self.allowed(pod("clean", "clean"))
            self.denied(pod("dirty"))
        self.assertEqual(self.scanner.asked, ["clean", "dirty"])

    def test_a_scanner_that_fails_fails_the_review(self):
        for image, words in (("odd", "does not say"), ("broken", "does not say"), ("large", "scanner"),
                             ("gone", "scanner")):
            with self.subTest(image):
                self.denied(pod(image), words, code=500)
        asked = len(self.scanner.asked)
        self.denied(pod("gone"), code=500)
        self.assertEqual(len(self.scanner.asked), asked + 1)  # a failure is not remembered

    def test_malformed_objects_are_not_allowed(self):
        self.denied({"spec": {"containers": "clean"}}, "expected", code=500)
        for container in ({"name": "c", "image": 7}, {"name": "c"}):
            self.denied({"spec": {"containers": [container]}}, "spec.containers[0].image: Required")

    def test_slow_answers_hold_no_other_review(self):
        with ThreadPoolExecutor(8) as pool:
            slow = [pool.submit(self.allowed, pod("slow%d/clean" % i)) for i in range(8)]
            self.assertTrue(self.scanner.await_asked(8))
            self.allowed(pod("clean"))
            self.scanner.go_on.set()
            for future in slow:
                future.result(probe.TIMEOUT)

    def test_the_deadline_of_the_review_is_kept(self):
        begun = time.monotonic()
        answer = self.post("/validate?timeout=1s", probe.review(obj=pod("slow/clean"))).json()
        self.assertFalse(answer["response"]["allowed"])
        self.assertIn(answer["response"]["status"]["code"], (500, 504))
        self.assertLess(time.monotonic() - begun, probe.TIMEOUT)
        self.scanner.go_on.set()
        self.allowed(pod("slow/clean"))
