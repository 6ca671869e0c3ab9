"""What people read is marked for translation, and the translations that are there are the compiled ones."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from tests.data import ROOT
from tests.house.test_house import sources, templates

LOCALE = ROOT / "locale" / "de" / "LC_MESSAGES"
# Names, and what is written the same in every language.
NAMES = {"arXiv", "BibTeX", "RIS", "JSON", "Markdown", "Atom", "RSS", "DOI", "HTML", "CSV", "CSL", "PDF", "kB", "ORCID"}
_MARKED = re.compile(
    r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}|{%\s*comment.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->"
    r"|<(style|script|svg|code)\b.*?</\1>|<(\w+) translate=\"no\">.*?</\2>"
    # A class of the admin's layout, not a word.
    r"|{%\s*block (?:coltype|bodyclass)\s*%}.*?{%\s*endblock[^%]*%}",
    re.DOTALL,
)
_TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_SAID = re.compile(r"\b(?:title|aria-label|placeholder|alt)=\"([^\"]*)\"")
_WORD = re.compile(r"[A-Za-z][A-Za-z]+")


def unmarked_words(template: str) -> Iterator[str]:
    """Words of a template that a reader sees, and that no translator does."""
    # A quotation mark inside a tag must not end the attribute around it.
    text = _TAGS.sub("", _MARKED.sub(" ", template))
    attributes = " ".join(_SAID.findall(text))
    text = re.sub(r"<[^>]*>", " ", text)
    words = _WORD.findall(re.sub(r"&\w+;|https?:\S+|\S+@\S+", " ", f"{text} {attributes}"))
    yield from (word for word in words if word not in NAMES)


@pytest.mark.parametrize(
    "path",
    [path for path in templates() if path.suffix == ".html"],
    ids=lambda path: path.relative_to(ROOT / "templates").as_posix(),
)
def test_no_word_of_a_page_is_left_unmarked(path: Path) -> None:
    assert list(unmarked_words(path.read_text())) == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p title="Hello">{{ name }}</p>', ["Hello"]),
        ('<p>{% translate "Hello" %} BibTeX</p>', []),
        ("{% blocktranslate %}Hello{% endblocktranslate %}", []),
    ],
)
def test_a_word_that_is_left_unmarked_is_found(template: str, found: list[str]) -> None:
    assert list(unmarked_words(template)) == found


SAID_BY = {
    "verbose_name",
    "verbose_name_plural",
    "help_text",
    "label",
    "description",
    "search_help_text",
    "empty_label",
}


def unmarked_arguments(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg in SAID_BY:
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and _WORD.search(value.value):
                yield f"{path.relative_to(ROOT)}:{value.lineno} {value.value[:60]}"


def test_no_label_and_no_help_is_left_unmarked() -> None:
    found = [said for path in sources() if "commands" not in path.parts for said in unmarked_arguments(path)]
    assert found == [], "\n".join(found)


def messages_of(po: str) -> dict[str, str]:
    """Single messages that have a translation."""
    found = {}
    for block in po.split("\n\n")[1:]:
        parts = {name: re.search(rf'^{name} ((?:"[^\n]*"\n?)+)', block, re.MULTILINE) for name in ("msgid", "msgstr")}
        if "msgctxt" in block or "msgid_plural" in block or not all(parts.values()):
            continue
        texts = ["".join(map(ast.literal_eval, part[1].splitlines())) for part in parts.values() if part]
        if texts[1]:
            found[texts[0]] = texts[1]
    return found


def test_the_compiled_german_is_that_of_its_source() -> None:
    with (LOCALE / "django.mo").open("rb") as compiled:
        german = gettext.GNUTranslations(compiled)
    messages = messages_of((LOCALE / "django.po").read_text())
    assert len(messages) > 150
    assert {text: german.gettext(text) for text in messages} == messages


def test_a_translation_keeps_what_is_filled_in() -> None:
    for text, translated in messages_of((LOCALE / "django.po").read_text()).items():
        assert sorted(re.findall(r"%(?:\(\w+\))?[sd]", text)) == sorted(re.findall(r"%(?:\(\w+\))?[sd]", translated)), (
            text
        )


@pytest.mark.django_db
def test_a_page_speaks_the_language_of_the_site(client: Client) -> None:
    with translation.override("de"):
        page = client.get("/glossary/").content.decode()
    assert '<html lang="de">' in page
    assert "Noch ist kein Begriff erklärt." in page
