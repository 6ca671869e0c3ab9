"""A web server on loopback that plays any host: what each path answers is set by the test, what was asked is kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from papers.enrichment.url_probe import AllowedPorts
from tests.servers.loopback import listening

Answer = tuple[int, dict[str, str]]


class Websites:
    """`answers` by path, or by method and path where the methods differ; all else is answered 200."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.hosts: list[str] = []
        self.ranges: list[str] = []
        self.port = 0
        self.unknown: set[str] = set()

    def url(self, path: str = "/", host: str = "papers.example") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def doors(self) -> AllowedPorts:
        """Every name leads here, but those that are unknown; this machine may be connected to."""
        return AllowedPorts(look_up=self._look_up, is_open=lambda address, port: address == "127.0.0.1")

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        if host in self.unknown:
            raise UnicodeError
        return ["10.0.0.1"] if host == "private.example" else ["127.0.0.1"]


@contextmanager
def serving() -> Iterator[Websites]:
    sites = Websites()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            asked = f"{self.command} {self.path}"
            sites.asked.append(asked)
            sites.hosts.append(self.headers["Host"])
            sites.ranges.append(self.headers.get("Range", ""))
            status, headers = sites.answers.get(asked) or sites.answers.get(self.path) or (200, {})
            if status == 0:
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with listening(Handler) as port:
        sites.port = port
        yield sites
