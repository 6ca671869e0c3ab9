"""Where a text is read that is not on a page of the site: in mail there is no MathML, and no address without a host."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Medium:
    """`page_url` is what addresses are relative to; `formula` gives HTML for TeX or raises maths.BadFormula."""

    page_url: str
    formula: Callable[[str], str]

    def absolute(self, address: str) -> str:
        return urljoin(self.page_url, address)
