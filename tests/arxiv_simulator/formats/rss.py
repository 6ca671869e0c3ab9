"""The announcement feeds: one day, its new papers, cross-lists and replacements; empty where nothing was announced."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Final, NamedTuple

from lxml import etree

from tests.arxiv_simulator.archive import Announced, Archive
from tests.arxiv_simulator.days import DAY, feed_day, is_feed_day, midnight
from tests.arxiv_simulator.faults import Answer, Fault
from tests.arxiv_simulator.formats.markup import add, written

ARXIV: Final = "http://arxiv.org/schemas/atom"
DC: Final = "http://purl.org/dc/elements/1.1/"
ATOM: Final = "http://www.w3.org/2005/Atom"
CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
LIMIT: Final = 2_000
LATEST_VERSION: Final = 5
# As the rows are ordered before the limit cuts them: what is new stands last.
ORDER: Final = ("replace-cross", "replace", "cross", "new")
ARCHIVES: Final = frozenset(
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics q-bio "
    "q-fin quant-ph stat".split()
)
_KIND: Final = "application/xml; charset=utf-8"
_CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)?)(?:\.[A-Za-z-]+)?")


class Row(NamedTuple):
    kind: str
    item: Announced


def answer(archive: Archive, asked: str, base: str, now: datetime, fault: Fault, known: str) -> Answer:
    """The feed of these categories (`cs.CL+cs.LG`). `known` is the ETag that the other side has."""
    today = feed_day(now)
    address = f"{base}/{asked}"
    unknown = [one for one in asked.split("+") if not _is_category(one)]
    if unknown:
        return Answer.of(400, _error(address, unknown[0], today, now), _KIND)
    if fault.kind == "stale":
        today = _feed_before(today)
    rows = fault.distort(fault.hide(_rows(archive, frozenset(asked.split("+")), today)))
    body = written(_feed(asked, address, today, rows))
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    age = (midnight(today + DAY) - now).total_seconds()
    headers = {"ETag": tag, "Cache_Control": f"max-age={max(int(age), 0)}"}
    return Answer.of(304, b"", **headers) if known == tag else Answer.of(200, body, _KIND, **headers)


def _is_category(asked: str) -> bool:
    found = _CATEGORY.fullmatch(asked)
    return found is not None and found[1] in ARCHIVES


def _feed_before(day: date) -> date:
    """The last day with a feed before this one: what a stale copy still shows."""
    before = day - DAY
    return before if is_feed_day(before) else _feed_before(before)


def _rows(archive: Archive, asked: frozenset[str], day: date) -> list[Row]:
    if not is_feed_day(day):
        return []
    rows = [row for item in archive.announced(day) for row in _announcement(item, asked)]
    cut = sorted(rows, key=lambda row: ORDER.index(row.kind))[:LIMIT]
    return cut[::-1]


def _announcement(item: Announced, asked: frozenset[str]) -> Iterator[Row]:
    paper, event = item
    state = event.state
    first = _is_in(state.categories[0], asked)
    if event.kind == "new" and first:
        yield Row("new", item)
    elif event.kind in {"new", "cross"}:
        if any(_is_in(category, asked) for category in paper.added(event)):
            yield Row("cross", item)
    elif event.kind != "metadata" and state.version <= LATEST_VERSION:
        if first:
            yield Row("replace", item)
        elif any(_is_in(category, asked) for category in state.categories):
            yield Row("replace-cross", item)


def _is_in(category: str, asked: frozenset[str]) -> bool:
    return category in asked or category.partition(".")[0] in asked


def _feed(asked: str, address: str, day: date, rows: list[Row]) -> etree._Element:
    about = f"{asked} updates on the arXiv.org e-print archive."
    root, channel = _channel(f"{asked} updates on arXiv.org", address, about, midnight(day) + timedelta(seconds=2))
    add(channel, "pubDate", _date(day))
    skipped = add(channel, "skipDays")
    add(skipped, "day", "Saturday")
    add(skipped, "day", "Sunday")
    for row in rows:
        _add_item(channel, row, day)
    return root


def _error(address: str, asked: str, day: date, now: datetime) -> bytes:
    sentence = f"Bad archive '{asked.partition('.')[0]}'. Valid archive names are: {', '.join(sorted(ARCHIVES))}."
    root, channel = _channel(f"Feed error for query: {address}", address, sentence, now)
    add(channel, "pubDate", _date(day))
    return written(root)


def _channel(title: str, address: str, about: str, built: datetime) -> tuple[etree._Element, etree._Element]:
    root = etree.Element("rss", nsmap={"arxiv": ARXIV, "dc": DC, "atom": ATOM, "content": CONTENT})
    root.set("version", "2.0")
    channel = add(root, "channel")
    add(channel, "title", title)
    add(channel, "link", address)
    add(channel, "description", about)
    add(channel, f"{{{ATOM}}}link", href=address, rel="self", type="application/rss+xml")
    add(channel, "docs", "http://www.rssboard.org/rss-specification")
    add(channel, "language", "en-us")
    add(channel, "lastBuildDate", format_datetime(built.astimezone(UTC)))
    add(channel, "managingEditor", "rss-help@arxiv.org")
    return root, channel


def _add_item(channel: etree._Element, row: Row, day: date) -> None:
    paper, state = row.item.paper, row.item.event.state
    versioned = f"{paper.id}v{state.version}"
    item = add(channel, "item")
    add(item, "title", " ".join(state.title.split()))
    add(item, "link", f"https://arxiv.org/abs/{paper.id}")
    add(item, "description", f"arXiv:{versioned} Announce Type: {row.kind} \nAbstract: {state.abstract}")
    add(item, "guid", f"oai:arXiv.org:{versioned}", isPermaLink="false")
    for category in state.categories:
        add(item, "category", category)
    add(item, "pubDate", _date(day))
    add(item, f"{{{ARXIV}}}announce_type", row.kind)
    add(item, f"{{{DC}}}rights", state.licence)
    if state.doi:
        add(item, f"{{{ARXIV}}}DOI", state.doi)
    if state.journal_ref:
        add(item, f"{{{ARXIV}}}journal_reference", state.journal_ref)
    add(item, f"{{{DC}}}creator", ", ".join(state.authors))


def _date(day: date) -> str:
    return format_datetime(midnight(day))
