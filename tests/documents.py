"""Documents for tests: one that holds every kind of block, and pieces to make others of."""

import dataclasses
from typing import Any

from issues.document.values import (
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


def make_document(*blocks: BlockKind, **fields: Any) -> Document:
    return Document(**{"title": "Three papers", "slug": "three-papers", "blocks": blocks, **fields})


def make_text(text: str = "Words.", heading: str = "") -> TextBlock:
    return TextBlock(uuid=f"u-{heading or text[:20]}", heading=heading, text=text)


def make_highlight(text: str = "Good.", *papers: PaperRef, heading: str = "", **fields: Any) -> HighlightBlock:
    """One paragraph about its papers; without a heading it has the title of the first."""
    heading = heading or (papers[0].title if papers else "A heading")
    return HighlightBlock(
        **{"uuid": f"u-{heading}", "heading": heading, "parts": (HighlightPart(text=text),), "papers": papers, **fields}
    )


def make_reference(arxiv_id: str = "2509.03312", **fields: Any) -> PaperRef:
    links = (PaperLinkValue(kind="paper", url=f"https://arxiv.org/abs/{arxiv_id}"), PaperLinkValue(kind="code"))
    defaults = {"title": f"Paper {arxiv_id}", "authors": ("Orion Weller", "Michael Boratko"), "links": links}
    return PaperRef(
        **{"arxiv_id": arxiv_id, "primary_category": "cs.CL", "submitted": "2025-09-03", **defaults, **fields}
    )


def filled(value_class: type[BlockKind], word: str) -> BlockKind:
    """A block with the word in each of its fields, of a kind whose fields are texts and lists of them."""
    values: dict[str, Any] = {
        "str": word,
        "tuple[str, ...]": (word,),
        "tuple[Line, ...]": (TextLine(label=word, text=word),),
    }
    fields = [(field.name, str(field.type)) for field in dataclasses.fields(value_class)]
    return value_class(**{name: values[shape] for name, shape in fields})


# Every kind of block, a word in each field.
EVERYTHING: tuple[BlockKind, ...] = (
    TextBlock(uuid="welcome", text="Welcome.[^1]\n\n[^1]: The first note.\n\nمرحبا بالعالم\n\n$$\\sum_i x_i$$"),
    TeasersBlock(uuid="teasers", lead_in="The highlights:", items=("One", "*Two*"), closing="And more."),
    ThemesBlock(uuid="themes", heading="In short", items=("**First.** See [this](#2509.03312).",)),
    GlossaryBlock(
        uuid="glossary",
        heading="Glossary",
        terms=(
            TermValue(name="Agent", definition="Something that *acts*.", slug="agent"),
            TermValue(name="TIR", qualifier="Tool-Integrated Reasoning", definition="Reasoning with tools."),
        ),
    ),
    make_highlight(
        "An agent, and an agent again.[^1]\n\n```python\nagent = 1\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: Note.",
        make_reference(),
        uuid="one",
    ),
    FigureBlock(
        uuid="figure",
        src="figures/a.png",
        alt="A plot",
        caption="*Cap*",
        credit="The authors",
        licence="CC0",
        width=4,
        height=3,
    ),
    PollValue(uuid="poll", poll="form", question="Which form?", choices=("Long", "Short")),
    make_highlight(
        "Agents.",
        make_reference("hep-th/9901001"),
        make_reference("", slug="elsewhere", title="From elsewhere", links=()),
        make_reference(),
        heading="Two at once 🎉",
        uuid="two",
        origin="machine",
        parts=(
            HighlightPart(label="What problem does it solve?", text="An agent."),
            HighlightPart(label="Why?", text="TIR."),
        ),
    ),
    PollResultsBlock(
        uuid="results",
        poll="old",
        question="Last week",
        results=(ChoiceTally(label="Yes", votes=3), ChoiceTally(label="No", votes=1)),
        text="So.",
    ),
    SponsorBlock(
        uuid="sponsor",
        heading="A course",
        url="https://example.org/",
        text="Learn.",
        lines=(TextLine(label="Cost", text="none"),),
    ),
    PaywallBlock(uuid="paywall", text="The rest is for supporters."),
    TextBlock(uuid="secret", heading="For supporters", text="The secret."),
)
