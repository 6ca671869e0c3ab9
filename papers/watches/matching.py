"""What the watches ask for is found among the papers, each match is written down once, and counted before it is saved.

Papers are locked before a watch is written, and in the order of their identifiers, as whoever writes papers does it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Max, Q

from core.clock import REAL_CLOCK, Clock
from core.concurrency.statement_timeout import TooSlow, limit_statements
from papers.author_keys import author_key
from papers.models import Paper, Watch
from papers.models.paper import PaperQuerySet
from papers.search.conditions import as_condition, without_filters
from papers.search.grammar import BadExpression, Expression
from papers.search.tsquery import as_tsquery
from papers.watches.criteria import WatchCriteria

log = logging.getLogger(__name__)

# How far a watch looks back from the last announcement: what is older is a backfill's, and nobody's news.
MATCH_REACH: Final = timedelta(days=30)
A_WEEK: Final = 7  # days with an announcement
MOST_SHOWN: Final = 10
MAX_WAIT: Final = 4.0  # seconds that a statement of a preview may take
PATIENCE_OF_SAVING: Final = 15.0  # below what a web server waits for its workers

_WRITE: Final = (
    "INSERT INTO papers_watchmatch (watch_id, paper_id, matched_at) "
    "SELECT %s, unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING"
)
_NOT_AMONG_AUTHORS: Final = (
    "SELECT key FROM unnest(%s::varchar[]) AS key "
    "WHERE NOT EXISTS (SELECT FROM papers_paper WHERE author_keys @> ARRAY[key])"
)


@dataclass(frozen=True, slots=True)
class WatchPreview:
    """What a wish would have matched in the last week of announcements, which `first` and `last` bound."""

    first: date
    last: date
    total: int  # papers of its categories
    matched: int
    by_words: int
    by_authors: int
    unread: int  # papers whose words are unread yet
    newest: tuple[Paper, ...]
    strangers: tuple[str, ...]  # authors of no paper here

    @property
    def others(self) -> int:
        """How many were matched beside those that are shown."""
        return self.matched - len(self.newest)


def match_papers(papers: Iterable[int], *, clock: Clock = REAL_CLOCK) -> int:
    """How many new matches of the active watches are among these papers, by primary key. Safe to repeat, and at once.

    Two queries for each watch, however many the papers. What is older than REACH is passed over, and so are papers
    whose words are unread: `papers.search.index_backlog` comes back to them.
    """
    given = list(papers)
    return _match_all(Paper.objects.filter(pk__in=given), clock) if given else 0


def match_recent(*, clock: Clock = REAL_CLOCK) -> int:
    """The same among all papers in reach: makes up for a watch that changed while papers were being written."""
    return _match_all(Paper.objects.all(), clock)


def save_watch(watch: Watch, *, clock: Clock = REAL_CLOCK, patience: float = PATIENCE_OF_SAVING) -> int | None:
    """Saves a watch that is new or changed and matches it again: how many papers in reach it matches now.

    Those in reach that it no longer asks for are its matches no more; older ones and what editors decided stay.
    None where the database was too slow: it is saved, and the night's `match_recent` adds what it asks for now.
    """
    try:
        with limit_statements(patience):
            return _matched_again(watch, clock)
    except TooSlow:
        watch.save()
        return None


def _matched_again(watch: Watch, clock: Clock) -> int:
    if not watch.active:
        watch.save()
        return 0
    reach = _in_reach(clock.now())
    keys = _locked(Paper.objects.filter(reach), watch.wish)
    watch.save()
    watch.matches.filter(paper__in=Paper.objects.filter(reach)).exclude(paper__in=keys).delete()
    _write(watch, keys, clock.now())
    return len(keys)


def preview_watch(wish: WatchCriteria) -> WatchPreview | None:
    """None where no paper has a day of announcement. Raises TooSlow."""
    with limit_statements(MAX_WAIT):
        if not (week := _last_week()):
            return None
        papers = Paper.objects.filter(announced__gte=week[-1], categories__overlap=list(wish.categories))
        counts = papers.aggregate(
            total=Count("pk"),
            matched=Count("pk", filter=_asked_for(wish)),
            by_words=Count("pk", filter=_by_words(wish)),
            by_authors=Count("pk", filter=_by_authors(wish)),
            unread=Count("pk", filter=Q(searchable=False)),
        )
        newest = papers.filter(_asked_for(wish)).newest_first()[:MOST_SHOWN]
        return WatchPreview(week[-1], week[0], **counts, newest=tuple(newest), strangers=_strangers(wish))


def last_week() -> date | None:
    """The first day of the last week of announcements; None where no paper has such a day."""
    return next(iter(_last_week()[::-1]), None)


def is_too_common(words: Expression) -> bool:
    """Whether nothing is left to look for, as English has all of these words everywhere (“the”, “and”)."""
    plain = without_filters(words)
    if plain is None:
        return False
    sql, params = as_tsquery(plain)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT numnode({sql}) = 0", params)
        return bool(cursor.fetchone()[0])


def _last_week() -> list[date]:
    """Its days, the newest first."""
    days = Paper.objects.exclude(announced=None).order_by("-announced").values_list("announced", flat=True)
    return [day for day in days.distinct()[:A_WEEK] if day]


@transaction.atomic
def _match_all(papers: PaperQuerySet, clock: Clock) -> int:
    now, new = clock.now(), 0
    within_reach = papers.filter(_in_reach(now))
    for watch in Watch.objects.active().order_by("pk"):
        try:
            wish = watch.wish
        except BadExpression as error:
            log.error("watch.unreadable slug=%s what=%s", watch.slug, error)
        else:
            new += _write(watch, _locked(within_reach, wish), now)
    return new


def _locked(papers: PaperQuerySet, wish: WatchCriteria) -> list[int]:
    """The keys of those that are asked for; nobody deletes or replaces them until the transaction ends."""
    wanted = papers.filter(_asked_for(wish), categories__overlap=list(wish.categories))
    return list(wanted.order_by("arxiv_id").select_for_update(no_key=True).values_list("pk", flat=True))


def _write(watch: Watch, keys: Sequence[int], now: datetime) -> int:
    if not keys:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [watch.pk, list(keys), now])
        return int(cursor.rowcount)


def _in_reach(now: datetime) -> Q:
    """Announced since; of papers without a day the month in their identifier says when they were."""
    today = now.date()
    newest = Paper.objects.aggregate(day=Max("announced"))["day"] or today
    since = min(newest, today) - MATCH_REACH
    unannounced = Q(announced=None, arxiv_id__gte=f"{since:%y%m}", arxiv_id__lt="a")
    return Q(announced__gte=since) | unannounced


def _asked_for(wish: WatchCriteria) -> Q:
    """Beyond its categories."""
    if wish.words is None and not wish.authors:
        return Q()
    return _by_words(wish) | _by_authors(wish)


def _by_words(wish: WatchCriteria) -> Q:
    if wish.words is None:
        return Q(pk__in=[])
    return as_condition(wish.words)


def _by_authors(wish: WatchCriteria) -> Q:
    return Q(author_keys__overlap=list(wish.author_keys)) if wish.authors else Q(pk__in=[])


def _strangers(wish: WatchCriteria) -> tuple[str, ...]:
    if not wish.authors:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_NOT_AMONG_AUTHORS, [list(wish.author_keys)])
        unknown = {key for (key,) in cursor.fetchall()}
    return tuple(name for name in wish.authors if author_key(name) in unknown)
