"""The silence alarm: what arXiv did not bring though it should have, or brought in a way that nobody should trust.

A feed that has gone stale looks like a quiet day, and every step “succeeds”. So what came is held against arXiv's
schedule and against what is usual.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, takewhile
from typing import Final

from django.db.models import QuerySet
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import alarms
from core.models import LastRun, RateLimit
from papers.ingest import arxiv_gateway
from papers.ingest.arxiv_calendar import FEED_HOURS, ONE_DAY, feed_days
from papers.models import FollowedCategory, Pull, Watch
from papers.monitoring.anomalies import CountDoubt, FindingKind, describe_finding, find_doubts
from papers.monitoring.baseline import usual_counts
from papers.monitoring.pull_history import PullBook

log = logging.getLogger(__name__)

_PREFIX: Final = "arxiv.silence:"
_REFUSED: Final = "arxiv.refused"
_EVERY: Final = timedelta(minutes=10)
MAX_WAIT: Final = timedelta(hours=7)  # after a feed's first hour; then one verdict on all that the day brought
_JUDGED: Final = timedelta(days=14)  # older days are history
HISTORY_DAYS: Final = timedelta(days=42)
_WAITING: Final = timedelta(days=1)
NOTHING_CAME: Final = (FindingKind.LATE, FindingKind.NOTHING)
_NAMED: Final = 5  # categories or windows in a sentence


@dataclass(frozen=True, slots=True)
class FeedFinding:
    """Key and sentence are an alarm's; `places` are the categories' days that it is about."""

    key: str
    sentence: str
    places: tuple[tuple[str, date], ...] = ()


def check_feeds(now: datetime) -> int:
    """Raises an alarm for each finding and lowers those whose cause has ended; gives how many findings there are.

    Looks once in ten minutes, however often it is called.
    """
    last = LastRun.objects.filter(name="silence").first()
    if last and last.at <= now < last.at + _EVERY:
        return 0
    LastRun.objects.leave("silence", now)
    found = findings_now(now)
    for finding in found:
        alarms.raise_alarm(finding.key, finding.sentence, now=now)
    alarms.lower_others(_PREFIX, [finding.key for finding in found], now=now)
    return len(found) + _look_at_the_road(now)


def findings_now(now: datetime) -> tuple[FeedFinding, ...]:
    """As the database says, in three queries."""
    pulls = list(load_recent((now - _JUDGED - HISTORY_DAYS).date()))
    return find_anomalies(pulls, followed_since(pulls), now)


def load_recent(first: date) -> QuerySet[Pull]:
    """The pulls of this day and later, the oldest first."""
    return Pull.objects.filter(day__gte=first).defer("token", "sha256").order_by("started", "pk")


def followed_since(pulls: Iterable[Pull]) -> dict[str, date]:
    """Each category that is followed, and the first day that can be asked of it: a new one has no past.

    Its first feed among the pulls tells; before that, from which day on it is reconciled; before that, its watch.
    """
    first, created = _first_feeds(pulls), _watched_since()
    begun = {each.category: each.reconciled + ONE_DAY for each in FollowedCategory.objects.all()}
    unknown = {category: date.max if begun else created[category] for category in created}
    since = {**unknown, **begun, **first}
    return {category: max(since[category], created[category]) for category in sorted(created)}


def _first_feeds(pulls: Iterable[Pull]) -> dict[str, date]:
    first: dict[str, date] = {}
    for pull in pulls:
        if pull.source == Pull.Source.RSS:
            first[pull.set_spec] = min(pull.day, first.get(pull.set_spec, pull.day))
    return first


def _watched_since() -> dict[str, date]:
    """The day after the first active watch of each category was made."""
    since: dict[str, date] = {}
    for categories, created in Watch.objects.active().order_by("-created").values_list("categories", "created"):
        since |= dict.fromkeys(categories, created.astimezone(UTC).date() + ONE_DAY)
    return since


def find_anomalies(pulls: Sequence[Pull], since: Mapping[str, date], now: datetime) -> tuple[FeedFinding, ...]:
    """Pure: the pulls of the last weeks, the oldest first, and the categories followed → what is suspicious now."""
    book = PullBook(pulls)
    days = list(feed_days((now - _JUDGED).date(), judged_until(now)))
    found = [doubt for day in days for doubt in doubts_of(book, since, day)]
    quiet = _quiet(found, days)
    found = [doubt for doubt in found if doubt.entry.day not in quiet.get(doubt.entry.category, ())]
    return (*_about_quiet(quiet), *_grouped(found), *_about_waiting(pulls, now))


def judged_until(now: datetime) -> date:
    """The last day whose feed has had its hours."""
    ready = now.astimezone(UTC) - MAX_WAIT
    return ready.date() if ready.time() >= FEED_HOURS[0] else ready.date() - ONE_DAY


def doubts_of(book: PullBook, since: Mapping[str, date], day: date) -> Iterator[CountDoubt]:
    """Of a day that has had its hours; the book goes back to what was usual before."""
    followed = [category for category, first in since.items() if first <= day]
    counts = book.counts(followed, day)
    before = list(feed_days(day - HISTORY_DAYS, day - ONE_DAY))
    history = [book.counts(followed, each) for each in before]
    for category in followed:
        fresh = [entry.fresh for each in before if (entry := book.entry(category, each)).announced]
        yield from find_doubts(book.entry(category, day), usual_counts(category, counts, history), fresh)


def _quiet(found: Sequence[CountDoubt], days: Sequence[date]) -> dict[str, list[date]]:
    """The working days up to now of which nothing came by any road, where there are two or more in a row."""
    missed = {(doubt.entry.category, doubt.entry.day) for doubt in found if doubt.kind in NOTHING_CAME}
    categories = sorted({category for category, _day in missed})
    runs = {category: _run(days[::-1], missed, category) for category in categories}
    return {category: run for category, run in runs.items() if len(run) > 1}


def _run(newest_first: Sequence[date], missed: Container[tuple[str, date]], category: str) -> list[date]:
    return list(takewhile(lambda day: (category, day) in missed, newest_first))


def _about_quiet(quiet: Mapping[str, Sequence[date]]) -> Iterator[FeedFinding]:
    if quiet:
        places = [_("%(place)s since %(day)s") % {"place": name, "day": _day(run[-1])} for name, run in quiet.items()]
        yield FeedFinding(
            f"{_PREFIX}two-days",
            _(
                "For two working days or more nothing at all has come: %s. See that worker and clock run and arXiv "
                "answers (manage.py doctor); then ask for these days again in the pull calendar."
            )
            % _listed(places),
            tuple((category, day) for category, run in quiet.items() for day in run),
        )


def _grouped(found: Sequence[CountDoubt]) -> Iterator[FeedFinding]:
    """One finding for all categories that a day treated alike."""
    for (day, kind), group in groupby(sorted(found, key=_order), key=lambda doubt: _order(doubt)[:2]):
        alike = list(group)
        places = _listed(
            [f"{doubt.entry.category} ({doubt.what})" if doubt.what else doubt.entry.category for doubt in alike]
        )
        of_days = tuple((doubt.entry.category, day) for doubt in alike)
        yield FeedFinding(f"{_PREFIX}{day}:{kind}", describe_finding(kind, _day(day), places), of_days)


def _order(doubt: CountDoubt) -> tuple[date, FindingKind, str]:
    return doubt.entry.day, doubt.kind, doubt.entry.category


def _about_waiting(pulls: Sequence[Pull], now: datetime) -> Iterator[FeedFinding]:
    """A feed waits no longer than its day, and its day is judged."""
    old = [pull for pull in pulls if pull.source != Pull.Source.RSS and pull.started < now - _WAITING]
    waiting = [pull for pull in old if pull.is_unfinished]
    if waiting:
        places = _listed([f"{pull} ({pull.reason.rstrip('.')})" if pull.reason else str(pull) for pull in waiting])
        yield FeedFinding(
            f"{_PREFIX}waiting",
            ngettext(
                "A pull has not come to its end for more than a day: %s.",
                "Pulls have not come to their end for more than a day: %s.",
                len(waiting),
            )
            % places
            + " "
            + _("See that the worker runs and that arXiv answers (manage.py doctor)."),
        )


def _look_at_the_road(now: datetime) -> int:
    lane = RateLimit.objects.filter(name=arxiv_gateway.RATE_LIMIT_NAME, closed_until__gt=now, passing=False).first()
    if not lane or not lane.closed_until:
        alarms.lower_alarm(_REFUSED, now=now)
        return 0
    until = f"{lane.closed_until.astimezone(UTC):%Y-%m-%d %H:%M}"
    said = _(
        "Nothing is sent to arXiv before %(until)s UTC: %(reason)s. Read arXiv's terms and see that ARXIV_CONTACT is "
        "set; going on would be treated as an attack."
    )
    alarms.raise_alarm(_REFUSED, said % {"until": until, "reason": lane.reason.rstrip(".")}, now=now)
    return 1


def _day(day: date) -> str:
    return dateformat.format(day, "l j F")


def _listed(names: Sequence[str]) -> str:
    shown = "; ".join(names[:_NAMED])
    return _("%(names)s; and %(n)d more") % {"names": shown, "n": len(names) - _NAMED} if names[_NAMED:] else shown
