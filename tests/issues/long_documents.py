"""Two papers as printed, and a strategy for whatever an editor may write."""

import dataclasses
from typing import Any

from hypothesis import strategies as st

from issues.document.values import (
    BLOCK_KINDS,
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    TextLine,
    ThemesBlock,
)

LIMITS = PaperRef(
    title="On the Theoretical Limitations of Embedding-Based Retrieval",
    arxiv_id="2508.21038",
    authors=("Orion Weller", "Michael Boratko"),
    primary_category="cs.IR",
    submitted="2025-08-28",
    links=(
        PaperLinkValue(kind="paper", url="https://arxiv.org/abs/2508.21038"),
        PaperLinkValue(kind="code", url="https://github.com/google-deepmind/limit"),
    ),
)
REPORT = PaperRef(
    title="A report from elsewhere",
    slug="a-report-from-elsewhere",
    links=(PaperLinkValue(kind="paper", url="https://example.org/report"), PaperLinkValue(kind="code")),
)


# What is visible: the dialect drops controls and what turns the direction of text around.
_CHARACTERS = st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"])
_MARKS = st.sampled_from(
    [
        *"*_`#>|-+:~$[]()<>!\\/",
        "## ",
        "### ",
        "- ",
        "1. ",
        "```",
        "~~~",
        "<!-- text -->",
        "<!-- paywall #1 -->",
        "<!-- /text #1 -->",
        "---",
        "Watching: ",
        "Credit: ",
        " (paper/code)",
        "glossary",
        "![x](/media/y)",
        "$x$",
        "[^1]",
        "[^1]: ",
        ": ",
    ]
)
_WORD = st.one_of(_MARKS, st.text(_CHARACTERS, min_size=1, max_size=8))
LINES = st.lists(_WORD, min_size=1, max_size=5).map(lambda words: " ".join(" ".join(words).split())).filter(bool)
TEXTS = st.lists(st.one_of(LINES, st.just("")), min_size=1, max_size=6).map("\n".join).map(str.strip).filter(bool)
OPTIONAL = st.one_of(st.just(""), LINES)
UUIDS = st.uuids().map(str)
_URLS = st.sampled_from(
    ["", "https://example.org/a_(b)", "https://arxiv.org/abs/2508.21038", "https://example.org/?a=b c"]
)
_LINKS = st.builds(PaperLinkValue, kind=st.sampled_from(["paper", "code", "data"]), url=_URLS)
_KEYS = st.one_of(
    st.fixed_dictionaries({"arxiv_id": st.just("2508.21038")}), st.fixed_dictionaries({"slug": st.just("a")})
)


def _tuples(items: st.SearchStrategy[Any], *, min_size: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, min_size=min_size, max_size=3).map(tuple)


_PAPERS = st.builds(
    lambda key, **fields: PaperRef(**key, **fields),
    key=_KEYS,
    title=LINES,
    authors=_tuples(LINES),
    links=_tuples(_LINKS),
    submitted=st.sampled_from(["", "2025-08-28"]),
)
_HEAD = dict.fromkeys(("subtitle", "series", "series_name", "mail_subject", "preheader"), OPTIONAL)
_NAMED: dict[type[BlockKind], st.SearchStrategy[BlockKind]] = {
    TextBlock: st.builds(TextBlock, uuid=UUIDS, heading=OPTIONAL, text=TEXTS),
    TeasersBlock: st.builds(
        TeasersBlock, uuid=UUIDS, items=_tuples(LINES, min_size=1), lead_in=OPTIONAL, closing=OPTIONAL
    ),
    ThemesBlock: st.builds(
        ThemesBlock, uuid=UUIDS, items=_tuples(TEXTS, min_size=1), heading=OPTIONAL, lead_in=OPTIONAL
    ),
    GlossaryBlock: st.builds(
        GlossaryBlock,
        uuid=UUIDS,
        heading=OPTIONAL,
        terms=_tuples(
            st.builds(TermValue, name=LINES, qualifier=OPTIONAL, definition=OPTIONAL, slug=st.just("a")), min_size=1
        ),
    ),
    HighlightBlock: st.builds(
        HighlightBlock,
        uuid=UUIDS,
        heading=LINES,
        parts=_tuples(st.builds(HighlightPart, text=TEXTS, label=OPTIONAL)),
        papers=_tuples(_PAPERS),
        origin=st.sampled_from(["person", "machine"]),
    ),
    FigureBlock: st.builds(
        FigureBlock,
        uuid=UUIDS,
        src=st.sampled_from(["figures/a.png", "figures/a (1).png", "https://example.org/a.png"]),
        alt=OPTIONAL,
        caption=st.one_of(st.just(""), TEXTS),
        credit=OPTIONAL,
        licence=OPTIONAL,
        width=st.one_of(st.none(), st.integers(1, 9000)),
        height=st.one_of(st.none(), st.integers(1, 9000)),
    ),
    PollValue: st.builds(PollValue, uuid=UUIDS, poll=st.just("a-poll"), question=LINES, choices=_tuples(LINES)),
    PollResultsBlock: st.builds(
        PollResultsBlock,
        uuid=UUIDS,
        poll=st.just("a-poll"),
        question=LINES,
        results=_tuples(st.builds(ChoiceTally, label=LINES, votes=st.integers(0, 10**6))),
        text=st.one_of(st.just(""), TEXTS),
    ),
    SponsorBlock: st.builds(
        SponsorBlock,
        uuid=UUIDS,
        heading=LINES,
        text=TEXTS,
        url=_URLS,
        lines=_tuples(st.builds(TextLine, label=OPTIONAL, text=LINES)),
    ),
    PaywallBlock: st.builds(PaywallBlock, uuid=UUIDS, text=st.one_of(st.just(""), TEXTS)),
}


def _any_of(value_class: type[BlockKind]) -> st.SearchStrategy[BlockKind]:
    """For a kind whose fields are texts and lists of them; without a default they are not empty."""
    lists = {"tuple[str, ...]": LINES, "tuple[Line, ...]": st.builds(TextLine, label=OPTIONAL, text=LINES)}
    made: dict[str, st.SearchStrategy[Any]] = {"uuid": UUIDS, "text": TEXTS, "url": _URLS}
    for field in dataclasses.fields(value_class):
        if field.name not in made and (items := lists.get(str(field.type))):
            made[field.name] = _tuples(items, min_size=1 if field.default is dataclasses.MISSING else 0)
        elif field.name not in made:
            made[field.name] = LINES if field.default is dataclasses.MISSING else OPTIONAL
    return st.builds(value_class, **{field.name: made[field.name] for field in dataclasses.fields(value_class)})


BLOCKS = st.one_of(*_NAMED.values(), *(_any_of(kind) for kind in BLOCK_KINDS.values() if kind not in _NAMED))
DOCUMENTS = st.builds(
    Document,
    title=LINES,
    slug=st.just("an-issue"),
    number=st.one_of(st.none(), st.integers(1, 99)),
    authors=_tuples(LINES),
    access=st.sampled_from(["everyone", "supporters"]),
    cover=st.sampled_from(["", "covers/a.png", "covers/a (1).png", "https://example.org/a.png"]),
    cover_alt=OPTIONAL,
    cover_width=st.one_of(st.none(), st.integers(1, 9000)),
    cover_height=st.one_of(st.none(), st.integers(1, 9000)),
    blocks=st.lists(BLOCKS, max_size=5).map(tuple),
    **_HEAD,
)
