"""Texts of one page set one after the other: ids stay apart, footnotes are counted on, problems are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from core.text.markdown import RenderedText, footnote_count, render_inline, render_markdown, render_title
from core.text.term_links import Linker
from glossary.linking import TermFinder


@dataclass(slots=True)
class Typesetter:
    finder: TermFinder | None = None
    problems: list[str] = field(default_factory=list)
    _texts: int = 0
    _footnotes: int = 0
    _anchors: set[str] = field(default_factory=set)

    def linker(self) -> Linker | None:
        """A linker for one highlight; None where terms are not linked."""
        return self.finder.linker() if self.finder else None

    def blocks(self, text: str, linker: Linker | None = None) -> SafeString:
        start = self._footnotes + 1
        self._footnotes += footnote_count(text)
        return self._kept(render_markdown(text, prefix=self._prefix(), linker=linker, footnote_start=start))

    def inline(self, text: str) -> SafeString:
        return self._kept(render_inline(text, prefix=self._prefix()))

    def inlines(self, texts: Iterable[str]) -> tuple[SafeString, ...]:
        return tuple(map(self.inline, texts))

    def title(self, text: str) -> SafeString:
        return self._kept(render_title(text))

    def anchor(self, wish: str) -> str:
        """The wish where no element of the page has this id yet, else an empty one."""
        if not wish or wish in self._anchors:
            return ""
        self._anchors.add(wish)
        return wish

    def _prefix(self) -> str:
        self._texts += 1
        return f"t{self._texts}-"

    def _kept(self, rendered: RenderedText) -> SafeString:
        self.problems += rendered.problems
        return rendered.html
