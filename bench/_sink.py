"""The mail server of send.py: takes everything, keeps nothing, and is quick about it. Prints its port."""

import asyncio
import sys

ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.seen, self.in_message = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while self._take():
            pass

    def _take(self) -> bool:
        end = b"\r\n.\r\n" if self.in_message else b"\r\n"
        piece, found, rest = self.seen.partition(end)
        if not found:
            return False
        self.seen = rest
        word = b"" if self.in_message else piece[:4].upper()
        self.in_message = word == b"DATA"
        self.transport.write(ANSWERS.get(word, b"250 fine\r\n"))
        return True


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
