"""Where a text is read that is not on a page of the site: in mail there is no MathML, and no address without a host."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin


def unknown_image(address: str) -> tuple[None, None]:
    return None, None


@dataclass(frozen=True, slots=True)
class TextMedium:
    """`page_url` is what addresses are relative to; `formula` gives HTML for TeX or raises maths.BadFormula.

    `size_of` gives the width and the height that a picture is shown with, where they are known.
    """

    page_url: str
    formula: Callable[[str], str]
    size_of: Callable[[str], tuple[int | None, int | None]] = unknown_image

    def absolute(self, address: str) -> str:
        return urljoin(self.page_url, address)

    def size(self, address: str) -> str:
        """The attributes of a picture that say its size; none where it is not known."""
        width, height = self.size_of(address)
        return f' width="{width}" height="{height}"' if width and height else ""
