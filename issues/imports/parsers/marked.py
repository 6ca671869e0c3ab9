"""The blocks that only a marker begins: executive summary, figure, polls, sponsor, paywall, and raw ones."""

import json
import re
from collections.abc import Callable, Mapping

from issues.document.json_form import FORMAT_NUMBER, BadDocument, from_json
from issues.document.structured_text import parse_labelled, split_paragraphs, tidy_text
from issues.document.values import (
    BlockKind,
    ChoiceTally,
    FigureBlock,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    ThemesBlock,
)
from issues.imports.parsers.draft import BadIssue
from issues.imports.parsers.sections import RAW_KINDS, DraftSection

MEDIA_TYPES = "/media/"
_IMAGE = re.compile(r"!\[(?P<alt>(?:[^\]\\]|\\.)*)\]\((?P<src>[^()\s]+|<[^<>]+>)\)")
_SIZE = re.compile(r"(?P<width>\d{1,6})x(?P<height>\d{1,6})")
_CREDIT = re.compile(r"(?P<name>Credit|Licence|License):[ \t]+(?P<value>\S.*)", re.IGNORECASE)
_TALLY = re.compile(r"(?P<label>\S.*):[ \t]+(?P<votes>\d{1,9})")
_LINKED = re.compile(r"\[(?P<heading>.+)\]\((?P<url>\S+)\)")


def _themes(section: DraftSection) -> BlockKind:
    items = split_paragraphs(section.body)
    lead = items[0] if section.argument == "lead" and items else ""
    return ThemesBlock(uuid="", heading=section.heading, lead_in=lead, items=items[1:] if lead else items)


def _figure(section: DraftSection) -> BlockKind:
    first, _, rest = section.body.partition("\n")
    image = _IMAGE.fullmatch(first.strip())
    if image is None:
        raise BadIssue("A figure begins with ![what it shows](address of the picture).")
    caption, said = _split_last_lines(rest, _CREDIT)
    size = _SIZE.fullmatch(section.argument)
    return FigureBlock(
        uuid="",
        src=image["src"].strip("<>").removeprefix(MEDIA_TYPES),
        alt=re.sub(r"\\(.)", r"\1", image["alt"]),
        caption=caption,
        credit=said.get("credit", ""),
        licence=said.get("licence", "") or said.get("license", ""),
        width=int(size["width"]) if size else None,
        height=int(size["height"]) if size else None,
    )


def _split_last_lines(text: str, pattern: re.Pattern[str]) -> tuple[str, dict[str, str]]:
    """The text, and what the lines at its end say: the `value` by the `name` (in lower case) of the pattern."""
    said: dict[str, str] = {}
    lines = text.split("\n")
    while lines:
        match = pattern.fullmatch(lines[-1])
        if lines[-1] and not match:
            break
        lines.pop()
        if match:
            said[match["name"].lower()] = match["value"]
    return tidy_text("\n".join(lines)), said


def _poll(section: DraftSection) -> BlockKind:
    question, items, rest = _question(section)
    if rest:
        raise BadIssue("A poll ends with its choices; begin what follows with <!-- text -->.")
    return PollValue(uuid="", poll=section.argument, question=question, choices=items)


def _poll_results(section: DraftSection) -> BlockKind:
    question, items, text = _question(section)
    tallies = [_TALLY.fullmatch(item) for item in items]
    results = tuple(
        ChoiceTally(label=tally["label"], votes=int(tally["votes"])) if tally else ChoiceTally(label=item, votes=0)
        for tally, item in zip(tallies, items, strict=True)
    )
    return PollResultsBlock(uuid="", poll=section.argument, question=question, results=results, text=text)


def _question(section: DraftSection) -> tuple[str, tuple[str, ...], str]:
    if not section.argument:
        raise BadIssue(f"A poll needs its short name: <!-- {section.kind} short-name -->.")
    question, _, rest = section.body.partition("\n")
    lines = tidy_text(rest).split("\n")
    last = next((i for i, line in enumerate(lines) if not line.startswith("- ")), len(lines))
    if not question or not last:
        raise BadIssue("A poll is a question and a list of choices, each “- choice”.")
    return question.strip(), tuple(line[2:].strip() for line in lines[:last]), tidy_text("\n".join(lines[last:]))


def _sponsor(section: DraftSection) -> BlockKind:
    lines = section.body.split("\n")
    start = len(lines)
    while start and lines[start - 1].startswith("- "):
        start -= 1
    linked = _LINKED.fullmatch(section.heading)
    return SponsorBlock(
        uuid="",
        heading=linked["heading"] if linked else section.heading,
        url=linked["url"] if linked else "",
        text=tidy_text("\n".join(lines[:start])),
        lines=tuple(parse_labelled(line[2:]) for line in lines[start:]),
    )


def _paywall(section: DraftSection) -> BlockKind:
    return PaywallBlock(uuid="", text=section.body)


def _raw(section: DraftSection) -> BlockKind:
    """A block that no Markdown can say exactly stands as JSON in a code block."""
    code = section.body.removeprefix("```json\n").removesuffix("\n```")
    try:
        data = json.loads(code)
        document = from_json({"format": FORMAT_NUMBER, "title": "", "slug": "", "blocks": [{"uuid": "", **data}]})
    except (ValueError, TypeError, BadDocument, RecursionError):
        raise BadIssue("This block is no JSON of a block.") from None
    return document.blocks[0]


BLOCK_READERS: Mapping[str, Callable[[DraftSection], BlockKind]] = {
    "themes": _themes,
    "figure": _figure,
    "poll": _poll,
    "poll_results": _poll_results,
    "sponsor": _sponsor,
    "paywall": _paywall,
    RAW_KINDS: _raw,
}
