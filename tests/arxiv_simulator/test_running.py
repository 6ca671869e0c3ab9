"""The simulator as a developer's command."""

import re
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from socket import socket

import httpx
import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from core.command_reports import Refused
from papers.arxiv.query_api_parser import parse_feed
from tests.arxiv_simulator.making import TUESDAY, make_entry, write_corpus
from tests.arxiv_simulator.running import CannotRun, Options, run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    entries = [make_entry(number, day) for number, day in ((1, TUESDAY), (2, date(2025, 10, 16)))]
    return write_corpus(tmp_path / "corpus.jsonl", entries)


def serve(options: Options, ask: Callable[[str], None]) -> list[str]:
    """What it says while `ask` is given its address."""
    said: list[str] = []

    def wait() -> None:
        address = re.search(r"ARXIV_API_URL=(\S+)", "\n".join(said))
        assert address
        ask(address[1])

    run(options, said.append, wait)
    return said


def test_it_serves_the_corpus_as_it_stands_on_the_day(corpus: Path) -> None:
    counts: list[int] = []

    def ask(address: str) -> None:
        body = httpx.get(address, params={"search_query": "cat:cs.CL"}, trust_env=False).content
        counts.append(len(parse_feed(body).records))

    said = serve(Options(corpus, day=TUESDAY), ask)
    assert counts == [1]
    assert said[0] == "A simulated arXiv of 2 papers; it is Tuesday, 14 October 2025."
    assert said[-1] == "requests: 1, faults: 0, bad manners: 0"


def test_it_tells_what_went_wrong_and_how_it_was_treated(corpus: Path) -> None:
    statuses: list[int] = []

    def ask(address: str) -> None:
        statuses.extend(httpx.get(address, trust_env=False).status_code for _ in range(2))

    said = serve(Options(corpus, faults="1=429", delay=3600), ask)
    assert statuses == [429, 400]
    assert said[-2] == "requests: 2, faults: 1, bad manners: 1"
    assert said[-1].startswith("request 2 asked ")


def test_it_ends_when_it_is_interrupted(corpus: Path) -> None:
    def interrupt(address: str) -> None:
        raise KeyboardInterrupt

    assert serve(Options(corpus), interrupt)[-1] == "requests: 0, faults: 0, bad manners: 0"


def test_a_port_that_is_taken_is_named(corpus: Path) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=f"Port {port} cannot be used"):
            serve(Options(corpus, port=port), lambda address: None)


def command(corpus: Path, *words: str) -> None:
    call_command("simulate_arxiv", "--corpus", str(corpus), "--port", "0", *words, stdout=StringIO())


def test_the_command_is_refused_outside_development(corpus: Path, settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(Refused, match="set DEBUG=1"):
        command(corpus)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--faults", "1=flood"], r"--faults: “flood” is no fault; there are 429, "),
        (["--day", "tomorrow"], r"--day: a day is written like 2025-10-14, not “tomorrow”\."),
    ],
)
def test_words_that_cannot_be_read_are_named(corpus: Path, settings: Settings, words: list[str], sentence: str) -> None:
    settings.DEBUG = True
    with pytest.raises(Refused, match=sentence):
        command(corpus, *words)


@pytest.mark.parametrize("content", [None, "", "not JSON\n", '{"id": "2510.00001"}\n', "[]\n"])
def test_a_file_that_is_no_corpus_is_named(tmp_path: Path, settings: Settings, content: str | None) -> None:
    settings.DEBUG = True
    path = tmp_path / "poems.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Refused, match=r"poems\.jsonl (is not a corpus|cannot be read|holds no papers)"):
        command(path)
