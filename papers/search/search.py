"""Papers found by what somebody asks for: one way for the site, for the admin, and for whoever else asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchHeadline, SearchQueryField, SearchRank, SearchVector, SearchVectorField
from django.db import connection, transaction
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, Value, When
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import Cast, Upper
from django.utils.safestring import SafeString
from rapidfuzz.distance import OSA

from core.text.markdown import HIT_END, HIT_START, mark_hits
from papers import taxonomy
from papers.models import FormerTitle, Paper
from papers.models.paper import PaperQuerySet
from papers.search import tsquery
from papers.search.conditions import MatchFilter, as_condition, has_filters, in_years, without_filters
from papers.search.query import QueryTerm, SearchQuery, parse_query

A_PAGE: Final = 20
# Where more papers answer than these, the latest of them are ranked.
_CANDIDATES: Final = 1_000
WORDS_CONFIG: Final = "papers_words"
_MILLIONTHS: Final = 1_000_000
# The first words are corrected to what shares this much of them (pg_trgm), with so few slips, in so many titles.
MOST_CORRECTED: Final = 5
_LIKENESS: Final = 0.5
MOST_SLIPS: Final = 2
MOST_TITLES: Final = 300
SHORTEST_CORRECTED: Final = 4
_RARE: Final = 50  # titles have slips, too: so many times rarer than the right word is one

_VECTOR = SearchVectorField()
_CURSOR = re.compile(r"([0-9]{1,8})-([a-z0-9][a-z0-9./_-]{0,119})", re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A paper that was found, and the words of its abstract that say why."""

    paper: Paper
    snippet: SafeString


@dataclass(frozen=True, slots=True)
class _Hits:
    """A page of what was found; `after` is where the next one begins, empty on the last."""

    hits: tuple[SearchHit, ...] = ()
    after: str = ""


def search_papers(
    query: SearchQuery,
    papers: PaperQuerySet | None = None,
    *,
    after: str = "",
    size: int = A_PAGE,
    once_called: bool = False,
) -> _Hits:
    """Those of the papers (all, where none are given) that answer, the best first; one query to the database.

    With `once_called` by titles that they had before, too: without an index, so each of the papers is looked at.
    """
    if query.is_empty:
        return _Hits()
    among = Paper.objects.all() if papers is None else papers
    candidates = filter_papers(query, among, once_called=once_called).order_by(_latest_first(query))
    ranked = Paper.objects.filter(pk__in=candidates.values("pk")[:_CANDIDATES]).annotate(rank=_rank(query))
    rows: list[Any] = list(
        _after(ranked, after).annotate(snippet=snippet_of("abstract", query)).order_by("-rank", "-pk")[: size + 1]
    )
    hits = tuple(SearchHit(row, mark_hits(row.snippet)) for row in rows[:size])
    return _Hits(hits, f"{rows[size - 1].rank}-{rows[size - 1].key}" if len(rows) > size else "")


def _latest_first(query: SearchQuery) -> OrderBy:
    """PostgreSQL thinks a phrase as common as its words, and would look through all papers from the latest on.

    By an expression they are all found first, through the index of words; of common words alone those are too many.
    """
    has_phrase = any(" " in term.text for term in query.wanted)
    return OrderBy(F("pk") + 0 if has_phrase else F("pk"), descending=True)


def filter_papers(query: SearchQuery, papers: PaperQuerySet, *, once_called: bool = False) -> PaperQuerySet:
    """Those of the papers that answer the question, in no order of its own."""
    if query.is_empty:
        return papers.none()
    found = papers.at_any(query.keys) if query.keys else papers
    if query.words and has_filters(query.words):
        return found.filter(as_condition(query.words))
    if query.terms:
        words = Q(MatchFilter(F("search"), as_tsquery(query)))
        found = found.filter(words | Q(_once_called(query)) if once_called else words)
    for code in query.categories:
        found = found.filter(categories__overlap=taxonomy.categories_within(code))
    for code in query.without:
        found = found.exclude(categories__overlap=taxonomy.categories_within(code))
    return found.filter(in_years(*query.years)) if query.years else found


def _once_called(query: SearchQuery) -> Exists:
    """Whether a paper's words answer together with a title that it had before."""
    title = SearchVector("title", weight="A", config=WORDS_CONFIG)
    words = Func(OuterRef("search"), title, template="(%(expressions)s)", arg_joiner=" || ", output_field=_VECTOR)
    return Exists(FormerTitle.objects.filter(MatchFilter(words, as_tsquery(query)), paper=OuterRef("pk")))


def as_tsquery(query: SearchQuery) -> RawSQL:
    """The words of the question for PostgreSQL, in which nothing that was typed can be an operator."""
    words = without_filters(query.words) if query.words else None
    if words:
        return RawSQL(*tsquery.as_tsquery(words), SearchQueryField())  # noqa: S611
    pieces = [_piece(term) for term in query.terms]
    params = [param for _, given in pieces for param in given]
    sql = " && ".join(f"({sql})" for sql, _ in pieces) or "''::tsquery"
    return RawSQL(sql, params, SearchQueryField())  # noqa: S611 (what was typed stands in the parameters)


def snippet_of(field: str, query: SearchQuery) -> SearchHeadline:
    """The words around the hits, which stand between HIT_START and HIT_END: for `mark_hits`, and nothing else."""
    return SearchHeadline(
        field,
        as_tsquery(query),
        config=WORDS_CONFIG,
        start_sel=HIT_START,
        stop_sel=HIT_END,
        max_words=40,
        min_words=25,
        short_word=0,  # type: ignore[arg-type]  # the stubs take it for a word
        max_fragments=1,
    )


def suggest_spelling(query: SearchQuery, papers: PaperQuerySet | None = None) -> str:
    """The question with its misspelt words as titles of the papers spell them; empty where that finds no paper."""
    words = [term.text.lower() for term in query.wanted if _may_be_misspelt(term)][:MOST_CORRECTED]
    among = Paper.objects.all() if papers is None else papers
    spelt = find_spellings(words, _titles_like(words, among)) if words else {}
    if not spelt:
        return ""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, spelt))})(?!\w)", re.IGNORECASE)
    offered = pattern.sub(lambda match: spelt[match[0].lower()], query.text)
    return offered if filter_papers(parse_query(offered), among).exists() else ""


def find_spellings(words: Iterable[str], titles: Iterable[str]) -> dict[str, str]:
    """For each word that hardly a title has, the likest one that titles have; of equally like ones the commonest."""
    known = Counter(word for title in titles for word in _spelt_in(title.lower()))
    found = {word: _likest(word, known) for word in sorted(words)}
    return {word: other for word, other in found.items() if known[word] * _RARE < known[other]}


def _spelt_in(title: str) -> Iterator[str]:
    """Its words, and the parts of those with hyphens."""
    for word in _WORD.findall(title):
        yield from {word, *word.split("-")}


def _likest(word: str, known: Counter[str]) -> str:
    slips = 1 if len(word) < 2 * SHORTEST_CORRECTED - 2 else MOST_SLIPS
    like = [
        (OSA.distance(word, other, score_cutoff=slips), -count, other)
        for other, count in known.items()
        if other != word
    ]
    return min((one for one in like if one[0] <= slips), default=(0, 0, ""))[2]


def _may_be_misspelt(term: QueryTerm) -> bool:
    return not term.prefix and len(term.text) >= SHORTEST_CORRECTED and _WORD.fullmatch(term.text) is not None


@transaction.atomic
def _titles_like(words: Iterable[str], papers: PaperQuerySet) -> list[str]:
    """Titles with words like these: two statements, the first of which says how like."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(_LIKENESS)])
    titles = papers.alias(upper=Upper("title")).values_list("title", flat=True)
    first, *others = (titles.filter(upper__trigram_word_similar=word.upper())[:MOST_TITLES] for word in words)
    return list(first.union(*others, all=True))


def _piece(term: QueryTerm) -> tuple[str, list[str]]:
    sql, params = tsquery.phrase_tsquery(term.text, prefix=term.prefix, field="author" if term.author else "")
    return (f"!! ({sql})" if term.excluded else sql), params


def _rank(query: SearchQuery) -> Any:
    """A whole number, so that a cursor can hold it; titles that begin with what was asked come first."""
    if not query.terms:
        return Value(0)
    rank = SearchRank(F("search"), as_tsquery(query), normalization=Value(1))
    begins = Case(When(title__istartswith=query.text, then=Value(_MILLIONTHS)), default=Value(0))
    return Cast(rank * _MILLIONTHS, IntegerField()) + begins


def _after(ranked: Any, cursor: str) -> Any:
    """What comes after the paper of the cursor; all of it where the cursor is none."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        return ranked
    last = Paper.objects.at(match[2]).values("pk")[:1]
    return ranked.filter(Q(rank__lt=int(match[1])) | Q(rank=int(match[1]), pk__lt=last))
