"""A feed as fetched: of which day, when it was made, and whether it is the one that came before."""

import hashlib
from datetime import UTC, date, datetime
from random import Random

import httpx

from papers.arxiv.feed_client import FeedClient
from papers.arxiv.polite_http import HttpAnswer, PoliteHttp
from tests.papers.arxiv.test_feed_parser import HEAD, ITEM
from tests.papers.roads import OpenRoad, Time

BODY = f"{HEAD}{ITEM}</channel></rss>".encode()


def client(answer: httpx.Response, known: HttpAnswer | None = None) -> FeedClient:
    http = httpx.Client(transport=httpx.MockTransport(lambda request: answer))
    polite = PoliteHttp(http, OpenRoad(known), Time().clock, Random(7))
    return FeedClient(polite, "https://rss.arxiv.org/rss")


def test_a_feed_comes_with_its_day_and_when_it_was_made() -> None:
    fetched = client(httpx.Response(200, content=BODY)).fetch("cs.CL")
    assert (fetched.day, fetched.built) == (date(2026, 11, 20), datetime(2026, 11, 20, 5, 0, 2, tzinfo=UTC))
    assert (len(fetched.feed.items), fetched.unchanged) == (1, False)
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()


def test_a_feed_that_still_stands_is_whole_and_said_to_be_unchanged() -> None:
    known = HttpAnswer(200, BODY, '"today"', unchanged=True)
    fetched = client(httpx.Response(304), known).fetch("cs.CL")
    assert (len(fetched.feed.items), fetched.unchanged, fetched.day) == (1, True, date(2026, 11, 20))


def test_a_feed_without_papers_is_not_unchanged() -> None:
    fetched = client(httpx.Response(200, content=f"{HEAD}</channel></rss>".encode())).fetch("cs.CL")
    assert (fetched.feed.items, fetched.unchanged) == ((), False)
