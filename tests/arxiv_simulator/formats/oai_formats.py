"""One record of OAI-PMH in arXiv's formats: `arXiv` (names split, days only) and `arXivRaw` (versions, TeX names)."""

import unicodedata
from datetime import date
from email.utils import format_datetime
from typing import Final

from lxml import etree

from tests.arxiv_simulator.archive import Announced
from tests.arxiv_simulator.formats.markup import XSI, add
from tests.arxiv_simulator.history import State

FORMATS: Final = ("arXiv", "arXivRaw")
# Combining accent → its command in TeX.
_ACCENTS: Final = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"'}


def namespace(prefix: str) -> str:
    return f"http://arxiv.org/OAI/{prefix}/"


def add_metadata(record: etree._Element, tag: str, prefix: str, item: Announced, today: date) -> None:
    uri = namespace(prefix)
    holder = etree.SubElement(record, tag)
    body = etree.SubElement(holder, f"{{{uri}}}{prefix}", nsmap={None: uri, "xsi": XSI})
    body.set(f"{{{XSI}}}schemaLocation", f"{uri} http://arxiv.org/OAI/{prefix}.xsd")
    add(body, f"{{{uri}}}id", item.paper.id)
    (_raw if prefix == "arXivRaw" else _plain)(body, f"{{{uri}}}", item, today)


def _plain(body: etree._Element, space: str, item: Announced, today: date) -> None:
    state = item.event.state
    # Live records give the day of the latest version here, whatever the name says.
    add(body, f"{space}created", state.submitted.date().isoformat())
    authors = add(body, f"{space}authors")
    for name in state.authors:
        _add_author(add(authors, f"{space}author"), space, name)
    add(body, f"{space}title", state.title)
    _add_rest(body, space, state)


def _add_author(author: etree._Element, space: str, name: str) -> None:
    forenames, _, keyname = name.strip().rpartition(" ")
    add(author, f"{space}keyname", keyname)
    if forenames:
        add(author, f"{space}forenames", forenames)


def _raw(body: etree._Element, space: str, item: Announced, today: date) -> None:
    state = item.event.state
    add(body, f"{space}submitter", "Made-up Submitter")
    # In any order: newest first here, so that nobody trusts the order.
    for number, version in reversed(item.paper.versions(today).items()):
        element = add(body, f"{space}version", version=f"v{number}")
        add(element, f"{space}date", format_datetime(version.submitted, usegmt=True))
        add(element, f"{space}size", "609kb")
        add(element, f"{space}source_type", "D")
    add(body, f"{space}title", state.title)
    add(body, f"{space}authors", _as_tex(_listed(state.authors)))
    _add_rest(body, space, state)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))


def _as_tex(text: str) -> str:
    return "".join(_tex_letter(letter) for letter in text)


def _tex_letter(letter: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and base.isascii() and base not in "ij" and marks[0] in _ACCENTS:
        return f"\\{_ACCENTS[marks[0]]}{base}"
    return letter


def _add_rest(body: etree._Element, space: str, state: State) -> None:
    rest = {
        "categories": " ".join(state.categories),
        "comments": state.comment,
        "msc-class": "; ".join(state.classes),
        "journal-ref": state.journal_ref,
        "doi": state.doi,
        "license": state.licence,
        "abstract": f"  {state.abstract}",
    }
    for name, text in rest.items():
        if text:
            add(body, f"{space}{name}", text)
