import re
from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

LONGEST = 100_000
LONGEST_TEXT = 500_000
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
FIELDS = {
    "text": ["heading", "text"],
    "teasers": ["lead_in", "items", "closing"],
    "themes": ["heading", "lead_in", "items"],
    "glossary": ["heading", "terms"],
    "figure": ["alt", "caption"],
    "poll": ["question", "choices"],
    "poll_results": ["question", "text"],
}
WORDLESS = {"softbreak": " ", "hardbreak": " ", "footnote_ref": ""}


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 60}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.use(footnote_plugin)
    editions = apps.get_model("issues", "Edition").objects.using(schema_editor.connection.alias)
    for edition in editions.filter(kind__in=["published", "corrected"]).iterator():
        editions.filter(pk=edition.pk).update(words=words_of(edition.document, parser))


def words_of(document: dict[str, Any], parser: MarkdownIt) -> str:
    """As issues/wording.py did it when this was written: of a format 1 that later code may not know any more."""
    lines = [[document.get("subtitle", ""), document.get("series_name", "")]]
    lines += [list(texts_of(block)) for block in for_everyone(document)]
    said = (" ".join(filter(None, (to_words(text, parser) for text in line))) for line in lines)
    return "\n".join(filter(None, said))[:LONGEST]


def for_everyone(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands before the paywall; of an issue for supporters what stands before its first highlight."""
    blocks = document.get("blocks", [])
    kinds = [block["kind"] for block in blocks]
    if "paywall" in kinds:
        return list(blocks[: kinds.index("paywall")])
    if document.get("access", "everyone") == "everyone":
        return list(blocks)
    return list(blocks[: kinds.index("highlight") if "highlight" in kinds else 1])


def texts_of(block: dict[str, Any]) -> Iterator[str]:
    if block["kind"] == "highlight":
        yield from highlight(block)
    for field in FIELDS.get(block["kind"], ()):
        value = block.get(field, "")
        yield from [value] if isinstance(value, str) else (one if isinstance(one, str) else term(one) for one in value)


def term(one: dict[str, Any]) -> str:
    label = f"{one['name']} ({one['qualifier']})" if one.get("qualifier") else one["name"]
    return f"{label}: {one['definition']}"


def highlight(block: dict[str, Any]) -> Iterator[str]:
    yield block["heading"]
    printed = ((paper["title"], ", ".join(paper.get("authors", []))) for paper in block.get("papers", []))
    yield from (text for texts in printed for text in texts if text != block["heading"])
    yield from (part["text"] for part in block["parts"])


def to_words(text: str, parser: MarkdownIt) -> str:
    seen = UNWANTED.sub("", text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    tokens = parser.parse(SURROGATE.sub("\ufffd", seen), {})
    return " ".join(" ".join(map(words, tokens)).split())


def words(token: Token) -> str:
    if token.type == "inline":
        return "".join(map(words, token.children or ()))
    return WORDLESS.get(token.type, token.content)


class Migration(migrations.Migration):
    """What is published already can be found, too. Reversing leaves the words: their column goes with the one before."""

    dependencies = [("issues", "0005_what_an_edition_is_found_by")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
