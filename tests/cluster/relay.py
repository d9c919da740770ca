# SPDX-License-Identifier: MIT
"""In the place of kube-proxy: one address for several servers."""

import asyncio
import itertools
import threading


class Relay(threading.Thread):
    """Listens at (host, port); `ports` are those of the loopback that new connections go to."""

    def __init__(self, host, port):
        super().__init__(daemon=True)
        self.address, self.ports, self.turn = (host, port), [], itertools.count()
        self.loop, self.listening = asyncio.new_event_loop(), threading.Event()
        self.start()
        self.listening.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._forward, *self.address))
        self.listening.set()
        self.loop.run_forever()
        server.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join()

    def add(self, port):
        self.ports = [*self.ports, port]

    def remove(self, port):
        self.ports = [each for each in self.ports if each != port]

    async def _forward(self, reader, writer):
        ports = self.ports
        try:
            there = await asyncio.open_connection(
                "127.0.0.1", ports[next(self.turn) % len(ports)])
        except (OSError, ZeroDivisionError):
            writer.transport.abort()  # as where none listens
            return
        await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer))

    @staticmethod
    async def _copy(reader, writer):
        """One way, with its end."""
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.transport.abort()
