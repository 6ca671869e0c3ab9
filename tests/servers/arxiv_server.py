"""A little arXiv on loopback: it answers id_list as the query API does and can be told to misbehave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.papers.arxiv.feeds import make_entry, make_feed
from tests.servers.loopback import listening

Answer = tuple[int, bytes]


def all_known(ids: list[str]) -> Answer:
    """Knows every paper, each in its first version unless another is asked for."""
    return 200, make_feed([make_entry(asked if "v" in asked else f"{asked}v1") for asked in ids])


class Arxiv:
    """`answer` and `headers` may be changed while it serves; what was asked for is written down, and when by `now`."""

    def __init__(self) -> None:
        self.answer: Callable[[list[str]], Answer] = all_known
        self.asked: list[list[str]] = []
        self.agents: set[str] = set()
        self.headers: dict[str, str] = {}
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.times: list[datetime] = []
        self.url = ""


@contextmanager
def serving() -> Iterator[Arxiv]:
    arxiv = Arxiv()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ids = parse_qs(urlsplit(self.path).query)["id_list"][0].split(",")
            arxiv.asked.append(ids)
            arxiv.times.append(arxiv.now())
            arxiv.agents.add(self.headers["User-Agent"])
            status, body = arxiv.answer(ids)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in arxiv.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with listening(Handler) as port:
        arxiv.url = f"http://127.0.0.1:{port}/api/query"
        yield arxiv
