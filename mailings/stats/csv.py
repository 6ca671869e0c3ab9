"""The numbers as CSV in UTF-8, safe to open in a spreadsheet; no address of anybody is in them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final

from django.conf import settings

from mailings.models import MailLink
from mailings.stats.issue_stats import MailingNumbers, load_mailings, numbers_of
from mailings.stats.sponsor_report import SponsorReport, SponsorRun
from subscribers.growth import WeeklyMoves, load_moves
from subscribers.imports.export import CsvPage, guard_cell

_SINCE: Final = date(2000, 1, 3)  # the Monday before all weeks
_ISSUES: Final = (
    "issue title mailed_at kind state audience delivered bounced waiting failed suppressed cancelled uncertain"
    " complained left_within_7_days clicks robots_left_out"
).split()
_GROWTH: Final = "week source joined left unreachable net active".split()
_LINKS: Final = "issue mailed_at position block place words address clicks robots_left_out".split()
_SPONSOR: Final = "issue title published_at heading audience delivered words address clicks".split()
CsvCell = str | int | date | None


def issue_lines() -> Iterator[str]:
    """A line for each mailing; audience is the sum of what stands from delivered to uncertain."""
    return _lines(_ISSUES, (_issue(row) for row in numbers_of(load_mailings())))


def growth_lines() -> Iterator[str]:
    """A line for each week and source in which somebody came or went; `active` at its end, of this source."""
    weeks: dict[date, dict[str, WeeklyMoves]] = defaultdict(lambda: defaultdict(WeeklyMoves))
    for week, source, moves in load_moves(_SINCE):
        weeks[week][source] += moves
    return _lines(_GROWTH, _growth(weeks))


def link_lines() -> Iterator[str]:
    rows = MailLink.objects.real().counted().select_related("mailing__issue")
    return _lines(_LINKS, (_link(row) for row in rows.iterator(chunk_size=2_000)))


def sponsor_lines(report: SponsorReport) -> Iterator[str]:
    """A line for each link of each run, and one for a run none of whose links is counted."""
    return _lines(_SPONSOR, (row for run in report.runs for row in _run(run)))


def _lines(head: list[str], rows: Iterable[Iterable[CsvCell]]) -> Iterator[str]:
    writer = csv.writer(CsvPage())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([_cell(cell) for cell in row])


def _cell(cell: CsvCell) -> str:
    """A number is one, also where it is below nothing; of words a spreadsheet makes no formula."""
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else guard_cell(cell or "")


def _issue(row: MailingNumbers) -> list[CsvCell]:
    mailing = row.mailing
    head = [mailing.issue.slug, mailing.issue.title, mailing.prepared_at, mailing.kind, mailing.state]
    sent = [row.audience, row.delivered.count, row.bounced.count, row.waiting, row.failed, row.suppressed]
    after = [row.cancelled, row.uncertain, row.complained.count, row.left.count, row.clicks, row.robots]
    return [*head, *sent, *after]


def _growth(weeks: dict[date, dict[str, WeeklyMoves]]) -> Iterator[list[CsvCell]]:
    active: Counter[str] = Counter()
    for week in sorted(weeks):
        for source, moves in sorted(weeks[week].items()):
            active[source] += moves.net
            yield [week, source, moves.joined, moves.left, moves.unreachable, moves.net, active[source]]


def _link(link: MailLink) -> list[CsvCell]:
    issue, counted = link.mailing.issue, vars(link)
    where = [link.position, link.kind, link.place, link.label, link.url]
    return [issue.slug, link.mailing.prepared_at, *where, counted["clicks"], counted["robots"]]


def _run(run: SponsorRun) -> Iterator[list[CsvCell]]:
    audience, delivered = (run.numbers.audience, run.numbers.delivered.count) if run.numbers else (None, None)
    page = f"{settings.SITE_URL}{run.issue.get_absolute_url()}"
    head = [page, run.issue.title, run.issue.published_at, run.block.heading, audience, delivered]
    for row in run.links:
        yield [*head, row.link.label, row.link.url, row.clicks]
    if not run.links:
        yield [*head, "", run.block.url, None]
