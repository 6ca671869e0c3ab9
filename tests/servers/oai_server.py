"""A little OAI-PMH on loopback: the days' pages are given by the test, tokens lead from one to the next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.papers.arxiv.oai import make_oai_error, make_page
from tests.servers.loopback import listening

Question = dict[str, str]
Answer = tuple[int, bytes]


class OaiServer:
    """`days` has for each day its pages, each a list of records; `faults` are given first, one a request."""

    def __init__(self) -> None:
        self.days: dict[str, list[list[str]]] = {}
        self.faults: list[Answer] = []
        self.asked: list[Question] = []
        self.before: Callable[[Question], Answer | None] = lambda question: None
        self.url = ""

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.faults:
            return self.faults.pop(0)
        return self.before(question) or (200, self.page(question))

    def page(self, question: Question) -> bytes:
        """A token is as arXiv's: percent-encoded in itself, so that a client which spoils it is found out."""
        if "resumptionToken" in question:
            if question.keys() != {"verb", "resumptionToken"}:
                return make_oai_error("badArgument", "resumptionToken is exclusive")
            values = parse_qs(question["resumptionToken"].replace("%3D", "=").replace("%26", "&"))
            day, number = values["from"][0], int(values["skip"][0])
        else:
            day, number = question["from"], 0
        pages = self.days.get(day, [])
        if not pages:
            return make_oai_error("noRecordsMatch")
        token = f"verb%3DListRecords%26from%3D{day}%26skip%3D{number + 1}" if number + 1 < len(pages) else ""
        return make_page(pages[number], token)


@contextmanager
def serving_oai() -> Iterator[OaiServer]:
    oai = OaiServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = oai.answer({key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with listening(Handler) as port:
        oai.url = f"http://127.0.0.1:{port}/oai"
        yield oai
