"""arXiv followed by itself: what is due as the database says, one errand after another, for years."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models import Exists, Max, OuterRef

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Report
from core.concurrency.advisory_locks import alone_at
from core.models import LastRun, RateLimit
from papers.arxiv.oai_client import METADATA_FORMATS, Window
from papers.arxiv.polite_http import ArxivRefused, ArxivUnavailable, PoliteHttp
from papers.ingest import arxiv_calendar, arxiv_gateway, complete_metadata, feeds, harvest
from papers.ingest.run import IngestRun, RoadEnds, TellStep, open_feed_client, open_oai_client, open_query_client
from papers.models import FollowedCategory, IncompletePaper, Pull, Watch
from papers.taxonomy import set_of
from papers.watches import matching

log = logging.getLogger(__name__)

# A round ends then, so that a worker is free for other work; what is left is done by the next one.
_BUDGET: Final = timedelta(minutes=10)
# What is followed is reconciled up to three or four days ago; a watch may be switched off for an hour.
_REMEMBERED: Final = timedelta(days=7)
RUN_LOCK: Final = "following arXiv"
_MATCHED: Final = "watches"
_FORM: Final = METADATA_FORMATS[0]
_OVER: Final = "Its day is over; OAI-PMH brings what it would have brought."


@dataclass(frozen=True, slots=True)
class FetchTask:
    """One thing to ask arXiv for. `source` and `form` are those of its pull; `set_spec` is a category of feeds."""

    source: str
    set_spec: str
    day: date
    form: str = ""

    def __str__(self) -> str:
        return f"{self.set_spec} {self.day}"


def due_tasks(now: datetime) -> tuple[FetchTask, ...]:
    """What is to be asked for at this time (aware UTC), in this order; nothing in announcement time or after a refusal.

    A few queries, however many categories there are and however long it was.
    """
    closed = RateLimit.objects.filter(name=arxiv_gateway.RATE_LIMIT_NAME, closed_until__gt=now)
    if arxiv_calendar.is_announcement_time(now) or closed.exists():
        return ()
    categories = Watch.objects.categories()
    errands = (*_feeds(categories, now), *_completions(now), *_reconciliations(categories, now), *_left(now))
    return tuple(dict.fromkeys(errands))


def forget_unfollowed(now: datetime) -> None:
    """Categories that nobody has followed for days: who follows one again then begins anew, and not with years."""
    followed = Watch.objects.categories()
    past = now.astimezone(UTC).date() - _REMEMBERED
    FollowedCategory.objects.filter(reconciled__lt=past).exclude(category__in=followed).delete()


def is_under_way() -> bool:
    """Whether some process follows just now."""
    with alone_at(RUN_LOCK) as is_ours:
        return not is_ours


def follow_arxiv(clock: Clock = REAL_CLOCK, *, progress: TellStep = lambda _: None) -> Report:
    """Runs the errands that are due, for ten minutes at most. Of two at once the second does nothing.

    Counts: new, updated, unchanged, missing, failed. Raises Refused where one of arXiv's addresses is unusable.
    """
    run = IngestRun(clock, progress, clock.now() + _BUDGET)
    with alone_at(RUN_LOCK) as is_ours:
        if is_ours:
            _look_around(clock.now())
            if due_tasks(clock.now()):
                _go_round(run)
            _match_again(clock)
    report = run.report()
    if any(report.counts.values()) or report.problems:
        counts = " ".join(f"{name}={count}" for name, count in report.counts.items())
        log.info("arxiv.followed %s problems=%d", counts, len(report.problems))
    return report


def _go_round(run: IngestRun) -> None:
    """Each errand once. A fault of one does not stop the others; a refusal does."""
    done: set[FetchTask] = set()
    with arxiv_gateway.open_gateway(run.clock) as polite:
        while run.may_go_on and (errand := _next(run, done)):
            done.add(errand)
            try:
                _run(errand, polite, run)
            except ArxivRefused as refusal:
                run.fail(errand, f"{refusal}.")
                return
            except (ArxivUnavailable, RoadEnds) as fault:
                run.fail(errand, f"{fault}.")


def _match_again(clock: Clock) -> None:
    """Once a day, after the night's harvests: a watch may have changed while papers were being written."""
    now = clock.now()
    tonight = arxiv_calendar.asked_since(arxiv_calendar.last_oai_day(now), now)
    if not due_tasks(now) and not LastRun.objects.filter(name=_MATCHED, at__gte=tonight).exists():
        matching.match_recent(clock=clock)
        LastRun.objects.leave(_MATCHED, now)


def _next(run: IngestRun, done: set[FetchTask]) -> FetchTask | None:
    return next((errand for errand in due_tasks(run.clock.now()) if errand not in done), None)


def _run(errand: FetchTask, polite: PoliteHttp, run: IngestRun) -> None:
    if errand.source == Pull.Source.RSS:
        if feeds.store_feed(open_feed_client(polite), errand.set_spec, run):
            run.fail(errand, "arXiv cuts a feed as long as this one; its day is harvested over OAI-PMH at once.")
            _run(FetchTask(Pull.Source.OAI, set_of(errand.set_spec), errand.day, _FORM), polite, run)
    elif errand.source == Pull.Source.ATOM:
        complete_metadata.complete_metadata(open_query_client(polite), run)
    else:
        window = Window(errand.set_spec, errand.day, errand.form)
        since = arxiv_calendar.asked_since(errand.day, run.clock.now())
        harvest.harvest_window(open_oai_client(polite), window, run, since=since)


def _feeds(categories: list[str], now: datetime) -> Iterator[FetchTask]:
    """Those of today that have not come since the last hour to look, and that are not put off."""
    day = arxiv_calendar.feed_day(now)
    if not (categories and arxiv_calendar.may_have_feed(day) and arxiv_calendar.is_feed_time(now)):
        return
    settled = Pull.objects.settled(now, arxiv_calendar.feed_since(now)).filter(source=Pull.Source.RSS, day=day)
    known = set(settled.filter(set_spec__in=categories).values_list("set_spec", flat=True))
    yield from (FetchTask(Pull.Source.RSS, category, day) for category in categories if category not in known)


def _completions(now: datetime) -> Iterator[FetchTask]:
    if IncompletePaper.objects.due(now).exists():
        yield FetchTask(Pull.Source.ATOM, complete_metadata.FEED_SOURCES, arxiv_calendar.feed_day(now))


def _reconciliations(categories: list[str], now: datetime) -> Iterator[FetchTask]:
    """Days whose records were not asked for, or not lately enough; the oldest first."""
    if not categories:
        return
    last, begun = arxiv_calendar.last_oai_day(now), _reconciled(categories, now)
    sets = {set_of(category): reconciled for category, reconciled in begun.items()}
    asked = _asked(sets, min(sets.values()))
    resting = Pull.objects.unfinished().filter(source=Pull.Source.OAI, form=_FORM, resume_at__gt=now)
    skipped = set(resting.values_list("set_spec", "day"))
    for day in _days(min(sets.values()), last):
        for set_spec, reconciled in sets.items():
            since = arxiv_calendar.asked_since(day, now)
            is_asked = asked.get((set_spec, day), datetime.min.replace(tzinfo=UTC)) >= since
            if reconciled < day and not is_asked and (set_spec, day) not in skipped:
                yield FetchTask(Pull.Source.OAI, set_spec, day, _FORM)


def _left(now: datetime) -> Iterator[FetchTask]:
    """Windows that were begun, by whomever, and not finished."""
    left = Pull.objects.resumable(now).filter(source=Pull.Source.OAI).order_by("day", "set_spec", "form")
    yield from (FetchTask(*row) for row in left.values_list("source", "set_spec", "day", "form"))


def _reconciled(categories: list[str], now: datetime) -> dict[str, date]:
    """Up to which day each category is reconciled; a new one has no past."""
    yesterday = now.astimezone(UTC).date() - arxiv_calendar.ONE_DAY
    known = dict(FollowedCategory.objects.values_list("category", "reconciled"))
    return {category: known.get(category, yesterday) for category in categories}


def _asked(sets: dict[str, date], after: date) -> dict[tuple[str, date], datetime]:
    """When each window after this day was last begun and gone through to its end."""
    pulls = Pull.objects.answered().filter(source=Pull.Source.OAI, form=_FORM, set_spec__in=sets, day__gt=after)
    rows = pulls.order_by().values("set_spec", "day").annotate(last=Max("started"))
    return {(row["set_spec"], row["day"]): row["last"] for row in rows}


def _days(after: date, last: date) -> Iterator[date]:
    return (after + number * arxiv_calendar.ONE_DAY for number in range(1, (last - after).days + 1))


def _look_around(now: datetime) -> None:
    """Remembers since when each category is followed and how far it is reconciled; closes what is past."""
    categories = Watch.objects.categories()
    begun = _reconciled(categories, now)
    forget_unfollowed(now)
    rows = [FollowedCategory(category=category, reconciled=day) for category, day in begun.items()]
    FollowedCategory.objects.bulk_create(rows, ignore_conflicts=True)
    if begun:
        _go_forward(begun)
    _close_what_is_past(arxiv_calendar.feed_day(now))


def _close_what_is_past(today: date) -> None:
    """Feeds and searches have their day; one that had come before it was looked at once more was not missed."""
    past = Pull.objects.unfinished().exclude(source=Pull.Source.OAI).filter(day__lt=today)
    same = Pull.objects.answered().filter(source=OuterRef("source"), set_spec=OuterRef("set_spec"), day=OuterRef("day"))
    past.filter(Exists(same)).delete()
    past.update(outcome=Pull.Outcome.MISSED, reason=_OVER, token="", resume_at=None)


def _go_forward(begun: dict[str, date]) -> None:
    """Past the days that have been asked for late enough."""
    asked = _asked({set_of(category): day for category, day in begun.items()}, min(begun.values()))
    for category, reconciled in begun.items():
        day = reconciled + arxiv_calendar.ONE_DAY
        while (last := asked.get((set_of(category), day))) and last >= arxiv_calendar.final_since(day):
            day += arxiv_calendar.ONE_DAY
        if day - arxiv_calendar.ONE_DAY > reconciled:
            FollowedCategory.objects.filter(category=category).update(reconciled=day - arxiv_calendar.ONE_DAY)
