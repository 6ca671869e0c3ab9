"""TeX formulas to MathML on the server: no JavaScript, and never a half-converted formula."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from latex2mathml import exceptions
from latex2mathml.converter import convert
from lxml import etree

MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 40
_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"
MATHML_TAGS: Final = frozenset(
    "math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms "
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
# How many children an element must have; a formula with an argument too few is no formula.
_ARITY: Final = dict.fromkeys("mfrac mroot msub msup munder mover".split(), 2) | {"msubsup": 3, "munderover": 3}
# Browsers draw the letters of Unicode and ignore these values of `mathvariant`.
_VARIANTS: Final = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "double-struck": "DOUBLE-STRUCK",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "monospace": "MONOSPACE",
}
_BARE_PERCENT = re.compile(r"(?<!\\)%")
_WORDED = re.compile(r"\\(?:text\w*|mbox|emph|operatorname\*?)\{[^{}]*\}|\\[A-Za-z]+")
_PROSE = re.compile(r"(?:[A-Za-z]{2,}[,.;:']?\s+){2}[A-Za-z]{2,}")
# Converted to something other than what they say, or able to carry an address or a style.
_REFUSED = re.compile(
    r"\\(?:href|url|class|cssId|style|html\w*|includegraphics|require|def|newcommand|let|input)\b|\^\^|__"
)
_ERRORS: Final[tuple[type[Exception], ...]] = (
    *(error for error in vars(exceptions).values() if isinstance(error, type) and issubclass(error, Exception)),
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    StopIteration,
    RecursionError,
    etree.XMLSyntaxError,
)


class BadFormula(ValueError):
    """The formula cannot be converted; it is shown as its source."""


@lru_cache(maxsize=4096)
def to_mathml(tex: str, *, display: bool = False) -> str:
    """`<math>` with the source in `alttext`. Raises BadFormula where any of it would be lost or left as TeX."""
    if len(tex) > MAX_LENGTH or _REFUSED.search(tex) or _depth(tex) > MAX_DEPTH or is_prose(tex):
        raise BadFormula(tex)
    # For TeX a bare percent sign begins a comment; whoever writes $50%$ means per cent.
    whole = _BARE_PERCENT.sub(r"\%", tex)
    try:
        root = etree.fromstring(convert(whole, display="block" if display else "inline"), _parser())
        root.set("alttext", tex)
    except _ERRORS:
        raise BadFormula(tex) from None
    _check(root, tex)
    _use_letters_of_unicode(root)
    return str(etree.tostring(root, encoding="unicode")).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def _parser() -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for character in tex.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return MAX_DEPTH + 1
        deepest = max(deepest, depth)
    return deepest if depth == 0 else MAX_DEPTH + 1


def is_prose(tex: str) -> bool:
    """Whether these are words between two amounts of money: as a formula they would lose their blanks."""
    return _PROSE.search(_WORDED.sub(" ", tex)) is not None


def _check(root: etree._Element, tex: str) -> None:
    """A command that the converter does not know comes out as text; a tag in \\text{} comes out as a tag."""
    for element in root.iter():
        name = element.tag.removeprefix(_NAMESPACE) if isinstance(element.tag, str) else ""
        if name not in MATHML_TAGS or len(element) != _ARITY.get(name, len(element)):
            raise BadFormula(tex)
        if "\\" in (element.text or "") or (name != "mo" and re.search("[{}]", element.text or "")):
            raise BadFormula(tex)
    if not "".join(map(str, root.itertext())).strip():
        raise BadFormula(tex)


def _use_letters_of_unicode(root: etree._Element) -> None:
    for element in root.iter(f"{_NAMESPACE}mi", f"{_NAMESPACE}mn"):
        style = _VARIANTS.get(element.get("mathvariant", ""))
        if style is not None:
            del element.attrib["mathvariant"]
            element.text = "".join(_letter(character, style) for character in element.text or "")


def _letter(character: str, style: str) -> str:
    """The character in that style; itself where Unicode has none."""
    name = unicodedata.name(character, "").removeprefix("LATIN ").removeprefix("GREEK ")
    name = name.replace(" LETTER", "")
    for full in (f"MATHEMATICAL {style} {name}", f"{style} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return character
