"""The formulas of real titles and abstracts in mail: nothing of them is lost, or their source is shown."""

import html
import json
import re
import unicodedata
from functools import cache

import lxml.html

from core.text.mathml import BadFormula
from issues.document.values import TextBlock
from issues.rendering.mail.formulas import to_html
from issues.rendering.mail.render import to_mail
from issues.rendering.mail.symbols import FUNCTION_NAMES, SYMBOL_COMMANDS
from tests.data import data_path, needs_data
from tests.issues.rendering.mail.test_render import HEAD, document

pytestmark = needs_data
FILES = ("seed/papers.jsonl", "arxiv/corpus/sample_2000.jsonl", "arxiv/corpus/edge_cases.jsonl")
FORMULA = re.compile(r"(?<![\\$])\$([^$\n]{1,300}?)\$(?!\$)")


@cache
def formulas() -> tuple[str, ...]:
    papers = (json.loads(line) for name in FILES for line in data_path(name).read_text().splitlines())
    texts = (paper.get(part, "") for paper in papers for part in ("title", "abstract"))
    return tuple(dict.fromkeys(tex for text in texts for tex in FORMULA.findall(text)))


@cache
def converted() -> dict[str, str]:
    found = {}
    for tex in formulas():
        try:
            found[tex] = to_html(tex)
        except BadFormula:
            continue
    return found


def letters(text: str) -> str:
    """Letters and digits in their order, those of another alphabet of mathematics as the plain ones."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if sign.isalnum() and not unicodedata.combining(sign))


def shown(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def said(tex: str) -> str:
    """What the source says, with its commands as the signs or words that they stand for."""
    names = {name: sign for name, (sign, _) in SYMBOL_COMMANDS.items()} | {
        name: shown(word) for name, word in FUNCTION_NAMES.items()
    }
    return re.sub(r"\\([A-Za-z]+\*?|.)", lambda command: names.get(command[1], " "), tex)


def test_six_of_seven_real_formulas_fit_in_a_line() -> None:
    """The others are numbers of combinations, commands of the authors' own, matrices and the like."""
    assert len(formulas()) > 700
    assert len(converted()) > len(formulas()) * 6 / 7


def test_no_letter_or_digit_of_a_real_formula_is_lost_or_moved() -> None:
    assert {tex: line for tex, line in converted().items() if letters(shown(line)) != letters(said(tex))} == {}


def test_every_script_of_a_real_formula_stays_one() -> None:
    scripts = {tex: len(re.findall(r"(?<!\\)[\^_](?!\{?\\prime)", tex)) for tex in converted()}
    assert {tex: line for tex, line in converted().items() if len(re.findall("<su[bp]>", line)) != scripts[tex]} == {}


def test_what_does_not_fit_is_shown_as_its_source_and_nothing_else_is() -> None:
    refused = [tex.strip() for tex in formulas() if tex not in converted() and not re.search(r"^\s|\s$|^\\$", tex)]
    parts = to_mail(document(TextBlock(uuid="t", text="\n\n".join(f"So ${tex}$ it is." for tex in refused))), HEAD)
    page = lxml.html.fromstring(parts.html)
    sources = [code.text_content() for code in page.iter("code")]
    assert sources == [f"${tex}$" for tex in refused]
    assert all(f"${tex}$" in parts.text for tex in refused)
