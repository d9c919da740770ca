# SPDX-License-Identifier: MIT
"""Webhooks for the tests of admwhctl: one that answers what a test says, and the examples."""

import base64
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

from program import ADMWHCTL, TWO_ROUTES, ProgramTest

BUILD = os.path.dirname(os.path.dirname(os.path.dirname(ADMWHCTL)))


def answer(review, allowed=True, patch=None, **more):
    """The answer of a webhook as it should be."""
    response = {"uid": review["request"]["uid"], "allowed": allowed}
    if patch is not None:
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(json.dumps(patch).encode()).decode()
    response.update(more)
    return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        review = json.loads(body)
        path = self.path.partition("?")[0]
        self.server.seen.append((self.path, dict(self.headers), body, review))
        status, content, headers = 200, self.server.answers[path](review), {}
        if callable(content):  # which writes by itself
            content(self)
            return
        if isinstance(content, tuple):
            status, content, *rest = content
            headers = rest[0] if rest else {}
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection |= self.server.is_closing

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """answers: of each path a function of the review. is_closing: after each answer, unsaid."""

    is_closing, connections = False, 0

    def __init__(self, certificate, key, client_ca, answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.seen = answers, []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        if client_ca:
            self.context.load_verify_locations(client_ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.address = "127.0.0.1:%d" % self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()

    def finish_request(self, request, client_address):
        # The alert arrives only if what the client has sent is read: no reset overtakes it.
        with request.dup() as raw:
            try:
                wrapped = self.context.wrap_socket(request, server_side=True)
                self.connections += 1
                super().finish_request(wrapped, client_address)
                wrapped.unwrap()
            except OSError:
                try:
                    raw.shutdown(socket.SHUT_WR)
                    raw.settimeout(5)
                    while raw.recv(65536):
                        pass
                except OSError:
                    pass

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Example:
    """An example as a process; port is where it listens."""

    def __init__(self, name, *arguments):
        path = os.path.join(BUILD, "examples", *name.split("/"))
        self.process = subprocess.Popen([path, "--listen", "127.0.0.1:0", *arguments],
                                        stderr=subprocess.PIPE, text=True)
        self.said, self.port = [], None
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        end = time.monotonic() + 20
        while self.port is None and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        if self.port is None:
            self.stop()
            raise AssertionError("".join(self.said))

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"accept\.started .*\bport=(\d+)", line)
            if found:
                self.port = int(found[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.thread.join()
        self.process.stderr.close()


class WebhookTest(ProgramTest):
    """A test with an installation, in made/, and servers that have its pairs."""

    INSTALLATION = TWO_ROUTES

    def setUp(self):
        super().setUp()
        self.init(self.INSTALLATION)

    def private(self, name):
        return self.path("made", "private", name)

    def credentials(self):
        """Flags of the API server."""
        return ["--ca", self.private("server-ca.crt"),
                "--cert", self.private("callers/apiserver.crt"),
                "--key", self.private("callers/apiserver.key")]

    def start_example(self, name, *flags):
        example = Example(name, "--tls-cert", self.private("server.crt"),
                          "--tls-key", self.private("server.key"),
                          "--client-ca", self.private("client-ca.crt"),
                          "--client-allow", "cn:kube-apiserver", *flags)
        self.addCleanup(example.stop)
        return example

    def serve(self, answers, certificate="server", client_ca="client-ca.crt"):
        server = Server(self.private(certificate + ".crt"), self.private(certificate + ".key"),
                        client_ca and self.private(client_ca), answers)
        self.addCleanup(server.stop)
        return server
