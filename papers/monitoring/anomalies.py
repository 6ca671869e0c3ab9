"""What is suspicious of one category's day. Pure: its entry and what is usual → doubts in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from papers.arxiv.feed_parser import MOST_ITEMS
from papers.models import Pull
from papers.monitoring.baseline import FEWEST_DAYS, SMALL_CATEGORY, UsualCounts
from papers.monitoring.pull_history import PullEntry


class FindingKind(StrEnum):
    LATE = "late"
    NOTHING = "nothing"
    FEW = "few"
    MANY = "many"
    OLD = "old"
    CUT = "cut"
    UNREAD = "unread"
    SUMS = "sums"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class CountDoubt:
    """`what` follows the category's name."""

    kind: FindingKind
    entry: PullEntry
    what: str


def find_doubts(entry: PullEntry, usual: UsualCounts | None, fresh_before: Sequence[int]) -> Iterator[CountDoubt]:
    """Of a feed day that has had its hours. What OAI-PMH has brought of it since needs no doubt any more."""
    for check in (_unread, _sums, _blind):
        yield from check(entry)
    if not entry.harvested:
        yield from _of_the_feed(entry, usual, fresh_before)


def _of_the_feed(entry: PullEntry, usual: UsualCounts | None, fresh_before: Sequence[int]) -> Iterator[CountDoubt]:
    if entry.announced is None:
        yield CountDoubt(FindingKind.LATE, entry, _still_shown(entry))
    elif entry.announced == 0:
        if usual is None or usual.least:
            yield CountDoubt(FindingKind.NOTHING, entry, _usually(usual))
    elif entry.announced >= MOST_ITEMS:
        yield CountDoubt(FindingKind.CUT, entry, "")
    elif _is_old(entry, fresh_before):
        yield CountDoubt(FindingKind.OLD, entry, _papers(entry.announced))
    elif usual and not usual.least <= entry.announced <= usual.most:
        kind = FindingKind.FEW if entry.announced < usual.least else FindingKind.MANY
        yield CountDoubt(kind, entry, f"{_papers(entry.announced)}, {_usually(usual)}")


def _is_old(entry: PullEntry, fresh_before: Sequence[int]) -> bool:
    """All known already, though its feeds bring new papers; a small one may live on cross-lists for a day."""
    return entry.fresh == 0 and len(fresh_before) >= FEWEST_DAYS and median(fresh_before) >= SMALL_CATEGORY


def _unread(entry: PullEntry) -> Iterator[CountDoubt]:
    """Until a pull of the same window has read all."""
    windows = {(pull.source, pull.set_spec, pull.form) for pull in entry.pulls}
    least = (min(_failed(entry, *window), default=0) for window in sorted(windows))
    if failed := sum(least):
        yield CountDoubt(FindingKind.UNREAD, entry, ngettext("%d record", "%d records", failed) % failed)


def _failed(entry: PullEntry, source: str, set_spec: str, form: str) -> list[int]:
    return [
        pull.failed
        for pull in entry.pulls
        if (pull.source, pull.set_spec, pull.form, pull.outcome) == (source, set_spec, form, Pull.Outcome.COMPLETE)
    ]


def _sums(entry: PullEntry) -> Iterator[CountDoubt]:
    for pull in entry.pulls:
        kept = pull.new + pull.updated + pull.unchanged + pull.missing + pull.failed
        if pull.outcome == Pull.Outcome.COMPLETE and pull.records > kept:
            counts = {"sent": pull.records, "kept": kept}
            yield CountDoubt(FindingKind.SUMS, entry, _("arXiv sent %(sent)d, %(kept)d are accounted for") % counts)
            return


def _blind(entry: PullEntry) -> Iterator[CountDoubt]:
    """OAI-PMH knows of nothing that day, though the feed had papers."""
    if entry.harvested == 0 and (entry.announced or 0) >= SMALL_CATEGORY:
        yield CountDoubt(FindingKind.BLIND, entry, _papers(entry.announced or 0))


def _still_shown(entry: PullEntry) -> str:
    reasons = [pull.reason for pull in entry.feeds if pull.reason]
    return reasons[-1].rstrip(".") if reasons else ""


def _papers(count: int) -> str:
    return ngettext("%d paper", "%d papers", count) % count


def _usually(usual: UsualCounts | None) -> str:
    return _("%(low)d to %(high)d lately") % {"low": usual.low, "high": usual.high} if usual else ""


def describe_finding(kind: FindingKind, day: str, places: str) -> str:
    """What a finding says: what is so, of which categories, and what to do."""
    return _SENTENCES[kind]() % {"day": day, "places": places}


_SENTENCES: Final = {
    FindingKind.LATE: lambda: _(
        "The announcements of %(day)s have not come: %(places)s. See that the worker runs; what the feed does not "
        "show, OAI-PMH brings the next morning, or when you ask for the day again in the pull calendar."
    ),
    FindingKind.NOTHING: lambda: _(
        "The announcements of %(day)s are empty, though it is a working day: %(places)s. Unless arXiv had a holiday, "
        "ask for the day again in the pull calendar."
    ),
    FindingKind.FEW: lambda: _(
        "Far fewer papers than usual came on %(day)s: %(places)s. Compare with arXiv's own list, and ask for the day "
        "again in the pull calendar."
    ),
    FindingKind.MANY: lambda: _(
        "Far more papers than usual came on %(day)s: %(places)s. Compare with arXiv's own list; if they are right, "
        "put this alarm away."
    ),
    FindingKind.OLD: lambda: _(
        "Not one paper of the announcements of %(day)s is new or changed: %(places)s. arXiv may have served an old "
        "feed: ask for the day again in the pull calendar."
    ),
    FindingKind.CUT: lambda: _(
        "The announcements of %(day)s are so many that arXiv cuts its feed, and new papers may be missing: "
        "%(places)s. Ask for the day again in the pull calendar: OAI-PMH has them all."
    ),
    FindingKind.UNREAD: lambda: _(
        "Some records of %(day)s could not be read: %(places)s. The log names them; pull these papers by their ids."
    ),
    FindingKind.SUMS: lambda: _(
        "The counts of %(day)s do not add up: %(places)s. Ask for the day again in the pull calendar, and report it: "
        "papers may have been lost while they were written."
    ),
    FindingKind.BLIND: lambda: _(
        "OAI-PMH has nothing of %(day)s, though the announcements had papers: %(places)s. Ask for the day again in "
        "the pull calendar tomorrow."
    ),
}
