"""Clicks in total, and of people only: held back for minutes under a name that nobody can trace, then counted or not.

A visitor is a hash of network address and program, salted with what is thrown away after a day. Hash and salt are in
Valkey alone; where that is lost, the clicks of the last minutes are lost.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.concurrency.advisory_locks import alone_at
from core.web.valkey import connect_valkey
from mailings.models import Mailing, MailLink
from subscribers import rate_limits

log = logging.getLogger(__name__)

HELD, SALT = "clicks:held", "clicks:salt"
SALT_LIFETIME: Final = 86_400  # seconds; as long as a salt is kept
QUIET_TIME: Final = 600  # seconds without a new link, and what a visitor did is looked at
MAX_HOLD: Final = 3_600  # seconds; after that it is looked at, quiet or not
MAX_HELD: Final = 200_000  # links that are held for all visitors together
MAX_WAIT: Final = 0.3  # seconds for Valkey to answer

# So many different links within so many seconds: no person reads that fast.
_PACES: Final = ((3, 2.0), (5, 10.0))
_EARLY: Final = 60.0  # seconds after a mailing began; until then only scanners have it open
_PROGRAM: Final = re.compile(r"bot\b|crawl|spider|scan|preview|headless|python|curl/|wget|go-http|java/|okhttp", re.I)
_AHEAD: Final = re.compile(r"prefetch|prerender|preview", re.I)
_PURPOSES: Final = ("Purpose", "X-Purpose", "Sec-Purpose", "X-Moz")

_ADD: Final = """
INSERT INTO mailings_clickcount AS kept (link_id, day, clicks, robots) VALUES (%s, %s, %s, %s)
ON CONFLICT (link_id, day) DO UPDATE SET clicks = kept.clicks + excluded.clicks, robots = kept.robots + excluded.robots
"""


@dataclass(frozen=True, slots=True)
class HeldClick:
    """The first time that a visitor followed this link; `at` in Unix time."""

    link: int
    at: float


@dataclass(frozen=True, slots=True)
class KnownRecipient:
    """What a judgement needs to know: the links that are traps, and when people began to be sent each link."""

    traps: frozenset[int] = frozenset()
    began: Mapping[int, Sequence[float]] = field(default_factory=dict)


def is_robot(clicks: Sequence[HeldClick], known: KnownRecipient) -> bool:
    """Whether what one visitor followed, one after the other, was followed by a machine."""
    trapped = any(click.link in known.traps for click in clicks)
    early = any(0 <= click.at - began < _EARLY for click in clicks for began in known.began.get(click.link, ()))
    return trapped or early or _hurries(sorted(click.at for click in clicks))


def _hurries(times: Sequence[float]) -> bool:
    for count, seconds in _PACES:
        if any(last - first < seconds for first, last in zip(times, times[count - 1 :], strict=False)):
            return True
    return False


def may_be_a_person(request: HttpRequest) -> bool:
    """HEAD, what is fetched ahead of any click, and what calls itself a program never counts."""
    program = request.headers.get("User-Agent", "")
    ahead = any(_AHEAD.search(request.headers.get(name, "")) for name in _PURPOSES)
    return request.method == "GET" and bool(program) and not (_PROGRAM.search(program) or ahead)


def hold_click(link: int, request: HttpRequest, now: datetime) -> None:
    """Keeps it for the next looks at who did what; a link that a visitor follows twice is one."""
    store = _valkey(settings.REDIS_URL)
    try:
        with store.pipeline() as pipe:
            pipe.set(SALT, secrets.token_hex(16), nx=True, ex=SALT_LIFETIME)
            pipe.get(SALT)
            pipe.zcard(HELD)
            _, salt, held = pipe.execute()
        if held >= MAX_HELD:
            log.warning("clicks.too_many held=%d", held)
            return
        with store.pipeline() as pipe:
            pipe.zadd(HELD, {_member(_visitor(request, salt), link): now.timestamp()}, nx=True)
            pipe.expire(HELD, 2 * MAX_HOLD)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("clicks.not_held error=%s", error)


def settle_clicks(now: datetime) -> int:
    """Counts what visitors did who are through; gives how many clicks of people. Safe twice at once."""
    if not settings.COUNT_CLICKS:
        return 0
    with alone_at("clicks") as is_ours:
        try:
            return _settle(now.timestamp()) if is_ours else 0
        except redis.RedisError as error:
            log.warning("clicks.not_settled error=%s", error)
            return 0


def _settle(now: float) -> int:
    store = _valkey(settings.REDIS_URL)
    over = {visitor: clicks for visitor, clicks in _held(store).items() if _is_over(clicks, now)}
    if not over:
        return 0
    people, robots = _counted(over.values())
    with transaction.atomic():
        _add(people, robots)
        # The last before the commit: what was counted is never counted again.
        store.zrem(HELD, *(_member(visitor, click.link) for visitor, clicks in over.items() for click in clicks))
    return people.total()


def _held(store: redis.Redis) -> dict[str, list[HeldClick]]:
    """What each visitor followed, in order."""
    rows: Any = store.zrange(HELD, 0, -1, withscores=True)
    found: dict[str, list[HeldClick]] = defaultdict(list)
    for member, at in rows:
        visitor, _, link = member.decode().partition(":")
        found[visitor].append(HeldClick(int(link), at))
    return found


def _is_over(clicks: Sequence[HeldClick], now: float) -> bool:
    return clicks[-1].at <= now - QUIET_TIME or clicks[0].at <= now - MAX_HOLD


ClickCounts = Counter[tuple[int, date]]


def _counted(visits: Iterable[Sequence[HeldClick]]) -> tuple[ClickCounts, ClickCounts]:
    """What people and what robots followed, by link and day; nothing of links that are traps or are no more."""
    visits = list(visits)
    links = {click.link for clicks in visits for click in clicks}
    rows = list(MailLink.objects.filter(pk__in=links).select_related("mailing"))
    known = KnownRecipient(
        traps=frozenset(link.pk for link in rows if link.is_trap),
        began={link.pk: _beginnings(link.mailing) for link in rows},
    )
    counted = {link.pk for link in rows if not link.is_trap}
    people, robots = ClickCounts(), ClickCounts()
    for clicks in visits:
        counts = robots if is_robot(clicks, known) else people
        counts.update((click.link, _day(click.at)) for click in clicks if click.link in counted)
    return people, robots


def _beginnings(mailing: Mailing) -> list[float]:
    """Our own inboxes are served before the readers."""
    return [moment.timestamp() for moment in (mailing.prepared_at, mailing.others_from) if moment]


def _add(people: ClickCounts, robots: ClickCounts) -> None:
    rows = [(*where, people[where], robots[where]) for where in sorted({*people, *robots})]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)


def _day(at: float) -> date:
    return timezone.localdate(datetime.fromtimestamp(at, UTC))


def _member(visitor: str, link: int) -> str:
    return f"{visitor}:{link}"


def _visitor(request: HttpRequest, salt: bytes) -> str:
    who = f"{rate_limits.visitor_address(request)} {request.headers.get('User-Agent', '')}"
    return salted_hmac("subscribers.clicks", who, secret=salt).hexdigest()[:24]


@lru_cache(maxsize=4)
def _valkey(url: str) -> redis.Redis:
    """One for each process and Valkey."""
    return connect_valkey(url, MAX_WAIT)
