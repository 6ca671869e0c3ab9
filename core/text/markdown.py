"""The one road to HTML: Markdown → tokens → HTML with MathML → nh3. Nothing else marks HTML as safe."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as escape_html
from typing import Any, Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from core.text.commonmark import MARKDOWN_PARSER, parse_inline, parse_markdown, remove_invisible
from core.text.mathml import MATHML_TAGS, BadFormula, is_prose, to_mathml
from core.text.medium import TextMedium
from core.text.plaintext import escape_markdown, to_text
from core.text.term_links import Linker, TermMention, link_mentions

__all__ = [
    "HIT_END",
    "HIT_START",
    "RenderedText",
    "escape_markdown",
    "footnote_count",
    "linked_data",
    "mark_hits",
    "render_abstract",
    "render_inline",
    "render_markdown",
    "render_title",
    "to_text",
]

ALLOWED_TAGS: Final = {
    *"p br hr a em strong s code pre blockquote ul ol li h3 h4 h5 h6 img table thead tbody tr th td".split(),
    *"sub sup span section".split(),
    *MATHML_TAGS,
}
_MATH_ATTRIBUTES: Final = set(
    "display alttext mathvariant stretchy fence form separator lspace rspace accent accentunder linethickness "
    "columnalign columnspacing rowspacing displaystyle scriptlevel minsize maxsize width height depth voffset".split()
)
ALLOWED_ATTRIBUTES: Final[dict[str, set[str]]] = {
    **dict.fromkeys(MATHML_TAGS, _MATH_ATTRIBUTES),
    "a": {"href", "title", "id", "class", "aria-describedby", "aria-label", "role"},
    "img": {"src", "alt", "title", "loading", "width", "height"},
    "ol": {"start", "class"},
    "li": {"id"},
    "code": {"class"},
    "span": {"class", "id", "role"},
    "section": {"class", "aria-label"},
    "sup": {"class"},
    "th": {"class"},
    "td": {"class"},
}
# Made once: building it takes longer than cleaning a paragraph with it.
_SANITISER: Final = nh3.Cleaner(
    tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None
)
_FORMULA = re.compile(r"(?<![\\$])\$(?!\$)((?:[^$\\]|\\.)+)\$(?!\$)", re.DOTALL)
# Some abstracts hide a link in a formula.
_LINK_FORMULA = re.compile(r"\$(\\href\{https?://[^\s{}$]+\}\{)(?:\\text\w*\{)?([^{}$\\]*)\}{1,2}\$")
_TEX_STYLE = re.compile(r"\\(emph|textit|textbf|texttt|textsc|underline)\{([^{}]*)\}")
_TEX_LINK = re.compile(r"\\url\{(https?://[^\s{}]+)\}|\\href\{(https?://[^\s{}]+)\}\{([^{}]*)\}")
_TEX_TAGS: Final = {"emph": "em", "textit": "em", "textbf": "strong", "texttt": "code"}
HIT_START, HIT_END = "\ue000", "\ue001"  # for private use: no text of ours has them
_HIT = re.compile(f"{HIT_START}([^{HIT_START}{HIT_END}]*){HIT_END}")
_SAFE_ADDRESS = re.compile(r"(?:https?:|mailto:)[^\s]+|[/#][^\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RenderedText:
    """Safe HTML, and what an editor should be told about it."""

    html: SafeString
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Page:
    """What the rules of one rendering share: the prefix of ids, the first footnote's number, the problems so far."""

    prefix: str = ""
    footnote_start: int = 1
    problems: list[str] = field(default_factory=list)
    terms: int = 0
    medium: TextMedium | None = None


def render_markdown(
    text: str,
    *,
    prefix: str = "",
    linker: Linker | None = None,
    footnote_start: int = 1,
    medium: TextMedium | None = None,
) -> RenderedText:
    """Blocks. `prefix` keeps ids of several texts on a page apart; their footnotes are numbered on from each other."""
    tokens, environment = parse_markdown(text)
    return _rendered(tokens, environment, _Page(prefix, footnote_start, medium=medium), linker)


def render_inline(
    text: str, *, prefix: str = "", linker: Linker | None = None, medium: TextMedium | None = None
) -> RenderedText:
    """The inline content of one paragraph, without `<p>`."""
    tokens, environment = parse_inline(text)
    return _rendered(tokens, environment, _Page(prefix, medium=medium), linker)


def render_title(text: str, *, medium: TextMedium | None = None) -> RenderedText:
    """A paper's title: plain text, no Markdown, with formulas between dollars."""
    page = _Page(medium=medium)
    return _sanitised(_with_formulas(remove_invisible(text), page, _plain), page)


def render_abstract(text: str) -> RenderedText:
    """A paper's abstract: paragraphs of plain text with formulas and the simplest TeX commands."""
    page = _Page()
    paragraphs = [
        piece for piece in re.split(r"\n\s*\n", _LINK_FORMULA.sub(r"\1\2}", remove_invisible(text))) if piece.strip()
    ]
    return _sanitised("".join(f"<p>{_with_formulas(piece, page, _tex)}</p>\n" for piece in paragraphs), page)


def linked_data(value: Mapping[str, Any]) -> SafeString:
    """JSON-LD that may stand inside a script element: what could end it is escaped as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(text)  # noqa: S308 (no markup is left in it)


def mark_hits(text: str) -> SafeString:
    """Plain text in which what stands between HIT_START and HIT_END is marked as found."""
    marked = _HIT.sub(r"<mark>\1</mark>", escape_html(text))
    return mark_safe(marked.replace(HIT_START, "").replace(HIT_END, ""))  # noqa: S308 (escaped before it was marked)


def footnote_count(text: str) -> int:
    return len(parse_markdown(text)[1].get("footnotes", {}).get("list", {}))


def _rendered(tokens: list[Token], environment: dict[str, Any], page: _Page, linker: Linker | None) -> RenderedText:
    if linker is not None:
        link_mentions(tokens, linker)
    renderer = _Renderer(page)
    return _sanitised(renderer.render(tokens, MARKDOWN_PARSER.options, environment), page)


def _sanitised(html: str, page: _Page) -> RenderedText:
    clean = _SANITISER.clean(html)
    return RenderedText(mark_safe(clean.strip()), tuple(page.problems))  # noqa: S308 (the line before is the sanitiser)


def _formula(tex: str, page: _Page, *, display: bool = False) -> str:
    try:
        return page.medium.formula(tex.strip()) if page.medium else to_mathml(tex.strip(), display=display)
    except BadFormula:
        dollars = "$$" if display else "$"
        sentence = _("The formula %s could not be converted; it is shown as its source.")
        page.problems.append(sentence % f"{dollars}{tex}{dollars}")
        return f"<code>{escape_html(f'{dollars}{tex}{dollars}')}</code>"


def _with_formulas(text: str, page: _Page, plain: Any) -> str:
    pieces: list[str] = []
    position = 0
    start = 0
    while match := _FORMULA.search(text, start):
        start = match.start() + 1
        if not is_prose(match[1]):  # else the dollar was money, and the next one may begin a formula
            pieces += [plain(text[position : match.start()]), _formula(match[1], page)]
            position = start = match.end()
    return "".join([*pieces, plain(text[position:])])


def _plain(text: str) -> str:
    return escape_html(text.replace(r"\$", "$"))


def _tex(text: str) -> str:
    linked = _TEX_LINK.sub(_tex_link, escape_html(text.replace(r"\$", "$"), quote=False))
    return _TEX_STYLE.sub(_tex_style, linked).replace(r"\%", "%").replace(r"\&amp;", "&amp;").replace(r"\_", "_")


def _tex_link(match: re.Match[str]) -> str:
    address = match[1] or match[2]
    return f'<a href="{address.replace(chr(34), "%22")}">{match[3] or address}</a>'


def _tex_style(match: re.Match[str]) -> str:
    tag = _TEX_TAGS.get(match[1])
    return f"<{tag}>{match[2]}</{tag}>" if tag else match[2]


class _Renderer(RendererHTML):
    """The renderer of the dialect; its rules are found by the names of the tokens."""

    def __init__(self, page: _Page) -> None:
        super().__init__()
        self.page = page

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<{self._heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"</{self._heading(tokens[idx])}>\n"

    @staticmethod
    def _heading(token: Token) -> str:
        # h1 and h2 are the page's own.
        return f"h{min(6, max(3, int(token.tag[1:]) + 1))}"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        address = str(tokens[idx].attrs.get("href", ""))
        if not _SAFE_ADDRESS.fullmatch(address):
            tokens[idx].attrs.pop("href", None)
            sentence = _("The link “%s” is neither a full address nor a path of this site; it is shown as its words.")
            self.page.problems.append(sentence % address)
        elif self.page.medium:
            tokens[idx].attrs["href"] = self.page.medium.absolute(address)
        return self.renderToken(tokens, idx, options, env)

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        # markdown-it aligns with a style, which the site's Content-Security-Policy forbids.
        style = str(tokens[idx].attrs.pop("style", ""))
        if style:
            tokens[idx].attrs["class"] = f"align-{style.removeprefix('text-align:')}"
        return self.renderToken(tokens, idx, options, env)

    th_open = td_open

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        address = str(token.attrs.get("src", ""))
        alt = escape_html(self.renderInlineAsText(token.children or [], options, env))
        if not re.fullmatch(r"https://[^\s]+|/[^/\s][^\s]*", address):
            sentence = _("The picture “%s” is not on this site and not at an https address; its description is shown.")
            self.page.problems.append(sentence % address)
            return alt
        if medium := self.page.medium:
            return f'<img src="{escape_html(medium.absolute(address))}" alt="{alt}"{medium.size(address)}>'
        return f'<img src="{escape_html(address)}" alt="{alt}" loading="lazy">'

    def math_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _formula(tokens[idx].content, self.page)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _formula(tokens[idx].content, self.page, display=True)

    def math_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<p>{_formula(tokens[idx].content, self.page, display=True)}</p>\n"

    def term(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        mention: TermMention = tokens[idx].meta["mention"]
        self.page.terms += 1
        anchor = f"{self.page.prefix}term-{self.page.terms}"
        return (
            f'<span class="term"><a href="{escape_html(mention.url)}" aria-describedby="{anchor}">'
            f'{escape_html(tokens[idx].content)}</a><span role="tooltip" id="{anchor}">'
            f"{escape_html(mention.definition)}</span></span>"
        )

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        number, anchor = self._footnote(tokens[idx])
        if self.page.medium:  # no link: anchors do not work in every mail client
            return f'<sup class="footnote-ref">[{number}]</sup>'
        again = tokens[idx].meta.get("subId", 0)
        own = f"{anchor}-ref{f'-{again}' if again else ''}"
        return f'<sup class="footnote-ref"><a href="#{anchor}" id="{own}">[{number}]</a></sup>'

    def footnote_block_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<section class="footnotes"><ol start="{self.page.footnote_start}">\n'

    def footnote_block_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</ol></section>\n"

    def footnote_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<li id="{self._footnote(tokens[idx])[1]}">'

    def footnote_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</li>\n"

    def footnote_anchor(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        number, anchor = self._footnote(tokens[idx])
        if self.page.medium:
            return ""
        again = tokens[idx].meta.get("subId", 0)
        back = f"{anchor}-ref{f'-{again}' if again else ''}"
        label = escape_html(_("Back to the text of note %d") % number)
        return f' <a class="footnote-back" href="#{back}" aria-label="{label}">↩︎</a>'

    def _footnote(self, token: Token) -> tuple[int, str]:
        number = token.meta["id"] + self.page.footnote_start
        return number, f"{self.page.prefix}fn-{number}"
