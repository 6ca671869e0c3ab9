"""What Hugging Face knows of the papers that editors look at: links to code and projects, and readers' interest."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import alarms
from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Report
from core.concurrency import rate_limits
from core.concurrency.advisory_locks import alone_at
from core.site import VERSION
from papers.arxiv.polite_http import require_safe, retry_after
from papers.arxiv.query_api_client import open_http
from papers.enrichment.huggingface_parser import NotAPaperPage, PaperPage, read_page
from papers.models import HuggingFacePage, Paper, PaperSignal, WatchMatch
from papers.models.paper import PaperQuerySet
from papers.records import versions

log = logging.getLogger(__name__)

RATE_LIMIT_NAME: Final = "huggingface"
REQUEST_DELAY: Final = 1.0  # seconds; 500 requests in 5 minutes are allowed
_YOUNG: Final = timedelta(weeks=6)  # since a watch matched it
_REFUSED: Final = timedelta(hours=24)
_RESTS: Final = timedelta(minutes=5)
LARGEST_BODY: Final = 1_000_000
LONGEST_ANSWER: Final = 60.0
_ALARM: Final = "huggingface.refused"
_COUNTS: Final = ("known", "unknown", "links", "failed")


class NoAnswer(Exception):
    """Hugging Face gave no usable answer; nothing is known of this paper, and it is asked again in an hour."""


class _Rest(NoAnswer):
    """None of the next papers would fare better: nobody asks before this time has passed."""

    def __init__(self, sentence: str, time: timedelta) -> None:
        super().__init__(sentence)
        self.time = time


def is_asked() -> bool:
    return bool(settings.HF_API_URL)


def lower_if_unasked() -> None:
    """Whoever sets HF_API_URL to nothing, as the alarm says, has done what it asks for."""
    if not is_asked():
        alarms.lower_alarm(_ALARM)


def due_papers(papers: Collection[int], now: datetime) -> PaperQuerySet:
    """Of these papers (primary keys) and those that watches matched lately the ones to ask about now, newest first."""
    lately = WatchMatch.objects.filter(_waiting("paper__hugging_face", now), matched_at__gt=now - _YOUNG)
    wanted = {*papers, *lately.order_by().values_list("paper", flat=True)}
    return Paper.objects.filter(_waiting("hugging_face", now), pk__in=wanted, arxiv_id__isnull=False).newest_first()


def _waiting(page: str, now: datetime) -> Q:
    return Q(**{page: None}) | Q(**{f"{page}__ask_after__lte": now})


def ask_hugging_face(papers: Sequence[int], *, clock: Clock = REAL_CLOCK) -> Report:
    """Asks about these papers (primary keys) that are due, in their order; safe to repeat; one run at a time.

    Counts: known, unknown, links (new ones), failed. A refusal ends the run; the rest waits for the next tick.
    """
    with alone_at("asking Hugging Face") as is_ours:
        return _ask_all(papers if is_ours else (), clock)


def _ask_all(papers: Sequence[int], clock: Clock) -> Report:
    counts, problems = Counter[str](), list[Problem]()
    known = Paper.objects.in_bulk(papers)
    with open_http(VERSION, settings.ARXIV_CONTACT) as http:
        for paper in (known[key] for key in papers if key in known):
            if not HuggingFacePage.objects.claim(paper.pk, clock.now()):
                continue
            try:
                counts += _ask(http, paper, clock)
            except (NoAnswer, rate_limits.LaneClosed) as fault:
                problems.append(Problem(paper.key, f"{fault}."))
                if not isinstance(fault, NoAnswer) or isinstance(fault, _Rest):
                    break
    counts["failed"] = len(problems)
    log.info("huggingface.asked known=%d unknown=%d links=%d failed=%d", *(counts[name] for name in _COUNTS))
    return Report({name: counts[name] for name in _COUNTS}, tuple(problems))


def _ask(http: httpx.Client, paper: Paper, clock: Clock) -> Counter[str]:
    with rate_limits.wait_for_turn(RATE_LIMIT_NAME, REQUEST_DELAY, clock=clock):
        try:
            page = _fetch(http, paper.key, clock)
        except _Rest as fault:
            rate_limits.close_until(RATE_LIMIT_NAME, fault.time, str(fault), passing=fault.time < _REFUSED, clock=clock)
            raise
    alarms.lower_alarm(_ALARM)
    return _write(paper, page, clock.now())


def _fetch(http: httpx.Client, arxiv_id: str, clock: Clock) -> PaperPage | None:
    """None: Hugging Face has no page of this paper."""
    address = httpx.URL(f"{settings.HF_API_URL}/papers/{arxiv_id}")
    require_safe(address)
    try:
        with http.stream("GET", address, headers={"Accept": "application/json"}) as response:
            _require_usable(response, clock)
            return None if response.status_code == 404 else read_page(_body(response), arxiv_id)
    except (httpx.TransportError, httpx.DecodingError, NotAPaperPage) as fault:
        raise NoAnswer(f"Hugging Face: {str(fault) or type(fault).__name__}") from fault


def _require_usable(response: httpx.Response, clock: Clock) -> None:
    """Raises NoAnswer."""
    status = response.status_code
    if status in {200, 404}:
        return
    if status in {401, 403}:
        said = _("Hugging Face refuses our requests (HTTP %d): check ARXIV_CONTACT, or set HF_API_URL to nothing")
        alarms.raise_alarm(_ALARM, f"{said % status}.")
        raise _Rest(said % status, _REFUSED)
    if status in {408, 429} or status >= 500:
        asked = timedelta(seconds=retry_after(response.headers.get("retry-after", ""), clock.now()))
        raise _Rest(f"Hugging Face answered HTTP {status}", max(asked, _RESTS))
    raise NoAnswer(f"Hugging Face answered HTTP {status}; check HF_API_URL")


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    started = time.monotonic()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise NotAPaperPage(f"the answer is larger than {LARGEST_BODY:,} bytes")
        if time.monotonic() - started > LONGEST_ANSWER:
            raise NotAPaperPage("the answer took too long")
    return bytes(body)


@transaction.atomic
def _write(paper: Paper, page: PaperPage | None, now: datetime) -> Counter[str]:
    """A code link that was not there when Hugging Face was asked before is news."""
    row = HuggingFacePage.objects.select_for_update().get(paper=paper)
    is_news = row.answers > 0
    row.answered(now, known=page is not None)
    if page is None:
        return Counter(unknown=1)
    signals = [PaperSignal(paper=paper, name=name, value=value, seen=now) for name, value in page.figures.items()]
    PaperSignal.objects.bulk_create(signals, ignore_conflicts=True)
    return Counter(known=1, links=versions.add_links(paper.pk, page.links, now, is_news=is_news))
