"""A set of arXiv day by day over OAI-PMH: each page's papers are kept together with how far we are."""

import logging
import re
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from llmwatch.lib.reports import Problem, Refused, Report
from llmwatch.lib.timing import REAL, Clock
from papers import road
from papers.arxiv.harvester import FORMATS, FetchedPage, OaiClient, Window
from papers.arxiv.oai import OaiError, Page
from papers.arxiv.retries import ArxivRefused, ArxivUnavailable
from papers.models import Pull
from papers.sync import sync

log = logging.getLogger(__name__)

EARLIEST: Final = date(2005, 9, 16)  # arXiv's records have no earlier datestamp
MOST_PAGES: Final = 2_000
GO_ON: Final = "Run the same again later: it goes on from here."
COUNTS: Final = ("new", "updated", "unchanged", "missing", "failed", "pages")
_SET = re.compile(r"[a-z][a-z-]{1,15}(?::[a-z][a-z-]{0,15}(?::[A-Za-z][A-Za-z-]{0,15})?)?", re.ASCII)


class _Stopped(Exception):
    """No other window is begun; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page that was kept: of which window, the how-manieth of it, and how many papers were on it."""

    window: Window
    pages: int
    records: int


class _Tally:
    """What this run did, over all windows."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTS, 0)
        self.problems: list[Problem] = []

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] += count


def harvest(
    set_spec: str,
    first: date,
    last: date,
    form: str = "arXivRaw",
    *,
    progress: Callable[[Step], None] = lambda _: None,
    clock: Clock = REAL,
) -> Report:
    """Every record of the set that changed on these UTC days. Run again, it goes on where it stopped.

    Counts: new, updated, unchanged, missing (deleted at arXiv), failed, pages. Raises Refused.
    """
    windows = _windows(set_spec, first, last, form)
    tally = _Tally()
    with _client(clock) as client:
        for window in windows:
            try:
                _harvest(client, window, tally, progress)
            except _Stopped as stop:
                tally.problems.append(Problem(str(window), str(stop)))
                break
    log.info("arxiv.harvest set=%s %s", set_spec, " ".join(f"{name}={n}" for name, n in tally.counts.items()))
    return Report(tally.counts, tuple(tally.problems))


def _windows(set_spec: str, first: date, last: date, form: str) -> list[Window]:
    """Only days that are over: on a day that is not, records come and go between two pages."""
    if not _SET.fullmatch(set_spec):
        raise Refused(f"“{set_spec[:60]}” is no set of arXiv; write it like cs, cs:cs:CL or physics:hep-th.")
    if form not in FORMATS:
        raise Refused(f"“{form[:20]}” is not read; write {' or '.join(FORMATS)}.")
    if first < EARLIEST:
        raise Refused(f"arXiv's records begin on {EARLIEST}; --from is {first}.")
    if last < first:
        raise Refused(f"--until ({last}) is before --from ({first}).")
    if last >= timezone.now().astimezone(UTC).date():
        raise Refused(f"--until ({last}) must be before today (UTC): arXiv may still be changing that day's records.")
    return [Window(set_spec, first + timedelta(days=n), form) for n in range((last - first).days + 1)]


@contextmanager
def _client(clock: Clock) -> Iterator[OaiClient]:
    with road.travelling(clock) as polite:
        try:
            client = OaiClient(polite, settings.ARXIV_OAI_URL)
        except ValueError as error:
            raise Refused(f"ARXIV_OAI_URL: {error}.") from None
        yield client


def _harvest(client: OaiClient, window: Window, tally: _Tally, progress: Callable[[Step], None]) -> None:
    with _alone_at(window) as is_ours:
        if not is_ours:
            tally.problems.append(Problem(str(window), "another process is harvesting this day."))
            return
        pull = _taken_up(window)
        if pull is None:
            return
        try:
            for step in _pages(client, window, pull, tally):
                progress(step)
        except (ArxivRefused, ArxivUnavailable) as fault:
            pull.stop(Pull.Outcome.PENDING, str(fault))
            raise _Stopped(f"{fault}. {GO_ON}") from fault
        except OaiError as error:
            pull.stop(Pull.Outcome.REFUSED, f"{error.code}: {error}")
            raise _Stopped(f"arXiv refuses the question ({error.code}): {error}") from error


@contextmanager
def _alone_at(window: Window) -> Iterator[bool]:
    """Whether no other process is at this window; the lock falls with the connection, so a crash leaves none."""
    key = zlib.crc32(f"harvest:{window.set_spec}:{window.day}:{window.form}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _taken_up(window: Window) -> Pull | None:
    """The pull to go on with, a new one where none is; None where all of the window is here."""
    of_window: dict[str, Any] = {
        "source": Pull.Source.OAI,
        "set_spec": window.set_spec,
        "day": window.day,
        "form": window.form,
    }
    if Pull.objects.whole().filter(**of_window).exists():
        return None
    pull, _ = Pull.objects.unfinished().get_or_create(**of_window)
    pull.take_up()
    return pull


def _pages(client: OaiClient, window: Window, pull: Pull, tally: _Tally) -> Iterator[Step]:
    may_begin_anew = True
    while pull.is_unfinished:
        started = time.monotonic()
        try:
            fetched = client.following(window, pull.token) if pull.token else client.first(window)
        except OaiError as error:
            if error.code != "badResumptionToken":
                raise
            if not may_begin_anew:
                raise ArxivUnavailable(f"arXiv does not take its own token: {error}") from error
            may_begin_anew = False
            pull.begin_anew()
            continue
        _keep(fetched, pull, tally, started)
        yield Step(window, pull.pages, fetched.page.size)


def _keep(fetched: FetchedPage, pull: Pull, tally: _Tally, started: float) -> None:
    """The papers and the checkpoint, or neither. Raises ArxivUnavailable where the pages do not add up."""
    page = fetched.page
    _require_progress(pull, page)
    with transaction.atomic():
        synced = sync([record.paper for record in page.records])
        counts = {
            "new": synced.new,
            "updated": synced.updated,
            "unchanged": synced.unchanged,
            "missing": len(page.deleted),
            "failed": len(page.problems),
        }
        took = timedelta(seconds=time.monotonic() - started)
        pull.keep({**counts, "records": page.size}, token=page.token, sha256=fetched.sha256, took=took)
    tally.add(**counts, pages=1)
    tally.problems += [Problem(problem.id or str(pull), problem.sentence) for problem in page.problems]


def _require_progress(pull: Pull, page: Page) -> None:
    """Raises ArxivUnavailable where the pages do not add up: then the window is begun anew next time."""
    fault = _fault(pull, page)
    if fault:
        pull.begin_anew()
        raise ArxivUnavailable(fault)


def _fault(pull: Pull, page: Page) -> str:
    seen = pull.records + page.size
    if pull.pages >= MOST_PAGES:
        return f"more than {MOST_PAGES:,} pages for one day"
    if pull.token and page.size == 0:
        return "arXiv has nothing left though its token promised more"
    if page.token == "" and page.list_size is not None and page.list_size != seen:
        return f"arXiv counted {page.list_size:,} records and sent {seen:,}"
    return ""
