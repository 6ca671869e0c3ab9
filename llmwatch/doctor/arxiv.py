"""May arXiv be asked, does it answer, and did its papers come? Asked politely: one request an address, in our turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from django.conf import settings
from django.db import OperationalError
from django.db.models import Max

from core.clock import Clock
from core.models import RateLimit
from llmwatch.doctor import clock_check, probe
from llmwatch.doctor.finding import Finding, error, ok, warning
from papers.ingest import arxiv_gateway
from papers.ingest.arxiv_calendar import is_announcement_time
from papers.models import Pull, Watch

_OLD: Final = timedelta(days=4)  # a long weekend has three days without a feed
WAITS_LONG: Final = timedelta(days=2)
# What the beginning of a right answer holds, and what is asked for: the smallest there is.
_MARKS: Final = {"ARXIV_API_URL": b"<feed", "ARXIV_OAI_URL": b"<OAI-PMH", "ARXIV_RSS_URL": b"<rss"}
_ENDS: Final = {"ARXIV_API_URL": "?id_list=2509.02208&max_results=1", "ARXIV_OAI_URL": "?verb=Identify"}


def check_rate_limit(clock: Clock) -> Iterator[Finding]:
    lane = RateLimit.objects.filter(name=arxiv_gateway.RATE_LIMIT_NAME, closed_until__gt=clock.now()).first()
    yield judge_rate_limit("arxiv.road", "arXiv", lane)


def judge_rate_limit(name: str, whose: str, lane: RateLimit | None) -> Finding:
    """`lane` is one that is closed now; None: it is open."""
    if lane is None or lane.closed_until is None:
        return ok(name, f"The road to {whose} is open.")
    said = f"{lane.reason}: nothing is sent to {whose} before {lane.closed_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    if lane.passing:
        return warning(name, said, "Wait; what was left is gone on with by itself.")
    return error(name, said, "Wait until then; check ARXIV_CONTACT, and whether another program asks from here.")


def check_addresses(clock: Clock) -> Iterator[Finding]:
    """One request to each of the three, unless the road is closed or arXiv announces its papers."""
    if RateLimit.objects.filter(name=arxiv_gateway.RATE_LIMIT_NAME, closed_until__gt=clock.now()).exists():
        return
    if is_announcement_time(clock.now()):
        yield ok("arxiv.answers", "arXiv announces its papers now and is left alone until 01:00 UTC.")
        return
    ends = _ENDS | {"ARXIV_RSS_URL": f"/{_category()}"}
    for setting, mark in _MARKS.items():
        yield from _address(setting, getattr(settings, setting) + ends[setting], mark, clock)


def _address(setting: str, address: str, mark: bytes, clock: Clock) -> Iterator[Finding]:
    name = f"arxiv.{setting.split('_')[1].lower()}"
    try:
        answer = probe.ask_address(address, lane=arxiv_gateway.RATE_LIMIT_NAME, delay=settings.ARXIV_DELAY, clock=clock)
    except OperationalError:
        yield warning(name, "Another process is at arXiv just now.", "Ask again when its pull is over.")
        return
    except probe.NoAnswer as fault:
        yield error(name, f"{setting}: {fault}.", "Let this machine reach arXiv by https, or mend the address.")
        return
    if answer.status == 403:
        probe.close_rate_limit(
            arxiv_gateway.RATE_LIMIT_NAME, arxiv_gateway.CLOSED_FOR, "arXiv refuses our requests (HTTP 403)", clock
        )
    yield judge_answer(name, setting, answer, mark)
    if setting == "ARXIV_API_URL":
        yield from against_arxiv(answer.headers, clock.now())


def judge_answer(name: str, setting: str, answer: probe.ProbeAnswer, mark: bytes) -> Finding:
    if answer.status == 200 and mark in answer.beginning:
        return ok(name, f"{setting} answers.")
    if answer.status in {429, 503}:
        return warning(name, f"{setting} asks for patience (HTTP {answer.status}).", "Wait; pulls go on by themselves.")
    if answer.status == 403:
        return error(name, "arXiv refuses our requests (HTTP 403).", "Check ARXIV_CONTACT; write to arXiv.")
    what = "something else than its papers" if answer.status == 200 else f"HTTP {answer.status}"
    return error(name, f"{setting} answers {what}.", "Mend the address, or the proxy on the way.")


def against_arxiv(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """By the Date of its answer, which has whole seconds."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    yield clock_check.judge_clock("clock.arxiv", "arXiv", theirs.replace(tzinfo=theirs.tzinfo or UTC), now)


def check_pulls(clock: Clock) -> Iterator[Finding]:
    categories = Watch.objects.categories()
    feeds = Pull.objects.filter(source=Pull.Source.RSS, outcome=Pull.Outcome.COMPLETE, set_spec__in=categories)
    days = dict(feeds.order_by().values("set_spec").annotate(last=Max("day")).values_list("set_spec", "last"))
    yield from feeds_of(categories, days, clock.now().date())
    waiting = Pull.objects.unfinished().filter(started__lt=clock.now() - WAITS_LONG).count()
    if waiting:
        said = f"Windows of arXiv that are unfinished for more than two days: {waiting}."
        yield warning("arxiv.windows", said, "Look at the pull calendar in the admin, and ask for them again there.")
    else:
        yield ok("arxiv.windows", "No window of arXiv waits for long.")


def feeds_of(categories: Iterable[str], days: Mapping[str, date], today: date) -> Iterator[Finding]:
    """The newest day whose feed came whole, by category."""
    followed = list(categories)
    if not followed:
        yield warning("arxiv.watches", "No watch is active, so nothing is pulled by itself.", "Make one in the admin.")
    for category in followed:
        name, last = f"arxiv.feed.{category}", days.get(category)
        mend = "Look at the pull calendar in the admin; see whether a worker and beat run."
        if last is None:
            yield warning(name, f"No feed of {category} has come whole yet.", mend)
        elif today - last > _OLD:
            yield error(name, f"The last whole feed of {category} is of {last}.", mend)
        else:
            yield ok(name, f"The last whole feed of {category} is of {last}.")


def _category() -> str:
    return next(iter(Watch.objects.categories()), "cs.CL")
