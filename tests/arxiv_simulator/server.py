"""The simulator behind a real HTTP server on loopback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import MSG_DONTWAIT, MSG_PEEK
from threading import Event, Thread

from tests.arxiv_simulator.faults import Answer
from tests.arxiv_simulator.simulator import CONTROL_PATH, Simulator


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, simulator: Simulator, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.simulator = simulator
        self.ended = Event()
        simulator.origin = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up in the middle is no fault of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            raise


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.startswith(f"{CONTROL_PATH}/state"):
            self._send(self.server.simulator.control(self.path), 0)
            return
        number = self.server.simulator.manners.arrive(self.headers.get("User-Agent", ""), self._has_hung_up)
        try:
            self._send(self.server.simulator.answer(number, self.path, self.headers.get("If-None-Match", "")), number)
        finally:
            self.server.simulator.manners.depart(number)

    def do_POST(self) -> None:
        if self.path.startswith(f"{CONTROL_PATH}/"):
            self._send(self.server.simulator.control(self.path), 0)
        else:
            self._send(Answer.of(405, b"Only GET\n", "text/plain"), 0)

    def _send(self, answer: Answer, number: int) -> None:
        pieces = answer.pieces
        one_by_one = isinstance(pieces, tuple) and len(pieces) > 1
        if not one_by_one:
            self._depart(number)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(answer.length))
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.end_headers()
        last = len(pieces) - 1 if isinstance(pieces, tuple) else -1
        for position, piece in enumerate(pieces):
            if position == last:
                self._depart(number)
            self.wfile.write(piece)
            if answer.pause and position != last:
                self.server.ended.wait(answer.pause)

    def _depart(self, number: int) -> None:
        """Before the last byte: who has it may ask again. What is too large to be read to its end counts as sent."""
        self.server.simulator.manners.depart(number)

    def _has_hung_up(self) -> bool:
        try:
            return not self.connection.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving(simulator: Simulator, port: int = 0) -> Iterator[Simulator]:
    """Serves until the block ends; `simulator.origin` is where. Raises OSError where the port is taken."""
    with Server(simulator, port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield simulator
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()
