"""TeX formulas to MathML on the server: no JavaScript, and never a half-converted formula."""

import re
from functools import lru_cache
from typing import Final

from latex2mathml import exceptions
from latex2mathml.converter import convert
from lxml import etree

LONGEST: Final = 4_000
DEEPEST: Final = 40
NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"
MATHML_TAGS: Final = frozenset(
    "math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms "
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
# Converted to something other than what they say, or able to carry an address or a style.
_REFUSED = re.compile(r"\\(?:href|url|class|cssId|style|html\w*|includegraphics|require|def|newcommand|let|input)\b")
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
    if len(tex) > LONGEST or _REFUSED.search(tex) or _depth(tex) > DEEPEST:
        raise BadFormula(tex)
    try:
        root = etree.fromstring(convert(tex, display="block" if display else "inline"), _parser())
    except _ERRORS:
        raise BadFormula(tex) from None
    _check(root, tex)
    root.set("alttext", tex)
    return str(etree.tostring(root, encoding="unicode")).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def _parser() -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for character in tex.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return DEEPEST + 1
        deepest = max(deepest, depth)
    return deepest if depth == 0 else DEEPEST + 1


def _check(root: etree._Element, tex: str) -> None:
    """A command that the converter does not know comes out as text; a tag in \\text{} comes out as a tag."""
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.removeprefix(NAMESPACE) not in MATHML_TAGS:
            raise BadFormula(tex)
        if any(character in (element.text or "") for character in "\\{}") and r"\{" not in tex and r"\}" not in tex:
            raise BadFormula(tex)
        if "\\" in (element.text or ""):
            raise BadFormula(tex)
    if not "".join(map(str, root.itertext())).strip():
        raise BadFormula(tex)
