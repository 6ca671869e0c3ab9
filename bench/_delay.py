"""A far-away mail server for send.py: carries every connection to one on this machine, each byte so much later.

python bench/_delay.py PORT SECONDS     prints the port on which it listens
"""

import asyncio
import sys
from collections import deque


class End(asyncio.Protocol):
    """One end of a connection; what it hears is said by the other one after the delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._waiting: deque[bytes] = deque()  # an empty one: the end
        self._loop = asyncio.get_running_loop()
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        # Two timers may be due in any order, the pieces go in theirs.
        self._waiting.append(data)
        self._loop.call_later(self._delay, self._forward)

    def connection_lost(self, error: Exception | None) -> None:
        self.data_received(b"")

    def _forward(self) -> None:
        if self.other is None or self.other.transport is None:
            self._loop.call_later(self._delay, self._forward)  # the server is still being called
            return
        data = self._waiting.popleft()
        if data:
            self.other.transport.write(data)
        else:
            self.other.transport.close()


class Near(End):
    """The end of the client; calls the server for it."""

    def __init__(self, delay: float, port: int) -> None:
        super().__init__(delay)
        self._port = port
        self._calling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._calling = self._loop.create_task(self._call())

    async def _call(self) -> None:
        far: End
        _transport, far = await self._loop.create_connection(lambda: End(self._delay), "127.0.0.1", self._port)
        self.other, far.other = far, self


async def serve(port: int, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Near(delay, port), "127.0.0.1", 0, backlog=256)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
