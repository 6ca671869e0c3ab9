"""A little Hugging Face on loopback: it knows the pages it was given and can be told to misbehave."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers.loopback import listening

Answer = tuple[int, bytes, dict[str, str]]


def make_page(arxiv_id: str = "2509.02208", **said: Any) -> bytes:
    """A page as the API gives it, with nothing but what is named."""
    return json.dumps({"id": arxiv_id, "upvotes": 12, **said}).encode()


class HuggingFace:
    """`answer` may be changed while it serves; what was asked for is written down."""

    def __init__(self) -> None:
        self.answer: Callable[[str], Answer] = lambda arxiv_id: (404, b"{}", {})
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.url = ""

    def gives(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.answer = lambda arxiv_id: (status, body, headers)


@contextmanager
def serving() -> Iterator[HuggingFace]:
    there = HuggingFace()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arxiv_id = self.path.removeprefix("/api/papers/")
            there.asked.append(arxiv_id)
            there.agents.add(self.headers["User-Agent"])
            status, body, headers = there.answer(arxiv_id)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with listening(Handler) as port:
        there.url = f"http://127.0.0.1:{port}/api"
        yield there
