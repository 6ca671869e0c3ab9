"""The HTML of a mail as mail clients leave it: what Gmail and Outlook strip, and what those that invert colours make.

Pure. After what the clients document and what caniemail.com records; where they differ by version, the strictest.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterator
from typing import Final

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

CLIPPED: Final = 102 * 1024  # bytes, after which Gmail shows “[Message clipped]”
LONGEST_STYLE: Final = 8192  # characters of a style element that Gmail reads
Declarations = dict[str, str]
Keeps = Callable[[HtmlElement, str, str], bool]
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_ONLY_WORD = re.compile(r"<!--\[if (?:gte )?mso[^\]]*\]>(.*?)<!\[endif\]-->", re.DOTALL)
_NOT_WORD = re.compile(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)
_COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
# Word's engine (Outlook for Windows) knows none of these anywhere.
_NOT_IN_WORD = re.compile(
    r"border-(?:.*-)?radius|(?:min|max)-(?:width|height)|background-(?:image|size|position)|opacity|overflow.*|"
    r"position|float|flex.*|grid.*|gap|box-shadow|text-shadow|transform|text-decoration-color|word-break|animation.*|"
    r"object-fit|box-sizing|white-space|color-scheme|display"
)
_BOXES = {"td", "th", "table", "body"}
# Gmail on the web: these are taken out of style attributes.
_NOT_IN_GMAIL = re.compile(r"position|opacity|-webkit-.*|mso-.*|animation.*|transition.*|transform|filter|color-scheme")


def as_gmail(html: str) -> str:
    """On the web and in its app: no body or head of ours, no preference for the dark, clipped where it is too long."""
    sheets = "".join(sheet for sheet in _STYLE.findall(html) if _is_taken_by_gmail(sheet))
    page = _restyled(_STYLE.sub("", html), lambda element, name, value: not _NOT_IN_GMAIL.fullmatch(name))
    for element in page.iter("meta", "title"):
        element.getparent().remove(element)  # type: ignore[union-attr]
    return _clipped(_with_sheet(page, _without_dark(sheets)))


def as_gmail_elsewhere(html: str) -> str:
    """Gmail's app with an account that is not Gmail's: no style element at all."""
    return _clipped(as_gmail(_STYLE.sub("", html)))


def as_outlook(html: str) -> str:
    """Outlook for Windows, which draws with Word: it reads the conditional comments, and knows boxes of tables only."""
    revealed = _ONLY_WORD.sub(r"\1", _NOT_WORD.sub("", _STYLE.sub("", html)))
    for element in (page := lxml.html.document_fromstring(revealed)).xpath("//xml | //*[contains(@style, 'mso-hide')]"):
        element.drop_tree()
    for element in page.xpath("//*[contains(@style, 'mso-padding-alt')]"):
        element.set("style", element.get("style").replace("mso-padding-alt", "padding"))
    return _serialised(_restyled_page(page, _is_known_to_word))


def as_inverted(html: str) -> str:
    """A client that makes the light dark by itself, and what is dark already light: Gmail on an iPhone, Outlook."""
    page = lxml.html.document_fromstring(_STYLE.sub("", html))
    for element in page.iter():
        if isinstance(element, HtmlElement):
            for name in ("style", "bgcolor", "color"):
                if value := element.get(name):
                    element.set(name, _COLOUR.sub(lambda found: _turned(found[1]), value))
    return _with_sheet(page, "html { background: #000000; color: #ffffff; } a:link { color: #8ab4f8; }")


CLIENTS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "gmail": as_gmail,
    "gmail elsewhere": as_gmail_elsewhere,
    "outlook": as_outlook,
    "inverted": as_inverted,
}


def _is_taken_by_gmail(sheet: str) -> bool:
    """A style element with an error, or one that is too long, is dropped as a whole."""
    nested = re.search(r"@[^{};]*\{[^{}]*\{[^{}]*\}[^{}]*@", sheet)
    return sheet.count("{") == sheet.count("}") and len(sheet) <= LONGEST_STYLE and not nested and "url(" not in sheet


def _without_dark(sheet: str) -> str:
    """Gmail knows media queries about the width alone, and neither :root nor selectors of attributes."""
    kept = re.sub(r"@media[^{]*prefers-color-scheme[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    return re.sub(r"[^{}@]*(?:\[|:root|:not)[^{}]*\{[^{}]*\}", "", kept)


def _is_known_to_word(element: HtmlElement, name: str, value: str) -> bool:
    if _NOT_IN_WORD.fullmatch(name):
        return False
    if name.startswith("padding") or name in {"width", "height"}:
        return element.tag in _BOXES
    return True


def _clipped(html: str) -> str:
    data = html.encode()
    return html if len(data) <= CLIPPED else data[:CLIPPED].decode(errors="ignore") + "[Message clipped]"


def _restyled(html: str, keeps: Keeps) -> HtmlElement:
    return _restyled_page(lxml.html.document_fromstring(html), keeps)


def _restyled_page(page: HtmlElement, keeps: Keeps) -> HtmlElement:
    """The page with those declarations of its style attributes that are kept."""
    for element in page.xpath("//*[@style]"):
        kept = (f"{name}:{value}" for name, value in _declarations(element) if keeps(element, name, value))
        element.set("style", ";".join(kept))
    return page


def _declarations(element: HtmlElement) -> Iterator[tuple[str, str]]:
    for declaration in element.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            yield name.strip().lower(), value.strip()


def _with_sheet(page: HtmlElement, sheet: str) -> str:
    for head in page.iter("head"):
        etree.SubElement(head, "style").text = sheet
    return _serialised(page)


def _serialised(page: HtmlElement) -> str:
    return str(lxml.html.tostring(page, encoding="unicode", doctype="<!doctype html>"))


def _turned(digits: str) -> str:
    """The colour with its lightness turned over."""
    six = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    red, green, blue = (int(six[place : place + 2], 16) / 255 for place in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    turned = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in turned)
