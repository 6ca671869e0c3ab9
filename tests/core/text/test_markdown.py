import re
import string

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st
from justhtml import JustHTML

from core.text.commonmark import MAX_LENGTH
from core.text.markdown import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_TAGS,
    RenderedText,
    footnote_count,
    mark_hits,
    render_abstract,
    render_inline,
    render_markdown,
    render_title,
)
from core.text.term_links import TermMention

# What an attacker writes, and what a careless editor pastes.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>@import 'https://evil.example'</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    '[x](<https://a.example/ "onmouseover=alert(1)>)',
    '[x](https://a.example "t\\" onclick=\\"alert(1)")',
    "[r]\n\n[r]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '![a" onerror="alert(1)](https://a.example/x.png)',
    '```"><script>\nalert(1)\n```',
    '```js" onclick="alert(1)\nx\n```',
    "$\\text{<script>alert(1)</script>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{x:expression(alert(1))}{x}$",
    '$\\class{" onclick="alert(1)}{x}$',
    "$x$<script>$y$",
    'a[^"onclick=]\n\n[^"onclick=]: <script>',
    "|<script>|\n|-|\n|<img onerror=x>|",
    "# <script>alert(1)</script>",
    "\u202egnp.exe\u202c",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "\x00<script\x00>",
    "\ud800",
]
markdown = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*HOSTILE, "\n\n", " ", "> ", "- ", "1. ", "**", "$", "[^1]", "`", "|"]), max_size=8).map(
        "".join
    ),
)


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    """Names and attributes as a browser's parser sees them."""
    found = JustHTML(html, fragment=True, sanitize=False).query("*")
    return [(element.name, {name: value or "" for name, value in (element.attrs or {}).items()}) for element in found]


def assert_safe(html: str) -> None:
    for name, attributes in elements(html):
        assert name in ALLOWED_TAGS
        for attribute, value in attributes.items():
            assert attribute in ALLOWED_ATTRIBUTES[name]
            assert not attribute.startswith("on")
            if attribute in {"href", "src"}:
                assert re.match(r"https?:|mailto:|/|#", value, re.IGNORECASE)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one\ntwo</p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("***", "<hr>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3) c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("    code", "<pre><code>code\n</code></pre>"),
        ('[a](/p/x/ "T")', '<p><a href="/p/x/" title="T">a</a></p>'),
        ("[a][r]\n\n[r]: https://a.example", '<p><a href="https://a.example">a</a></p>'),
        ("<https://a.example>", '<p><a href="https://a.example">https://a.example</a></p>'),
        ("<a@b.example>", '<p><a href="mailto:a@b.example">a@b.example</a></p>'),
        (r"\*a\* &amp; &copy; <b>", "<p>*a* &amp; © &lt;b&gt;</p>"),
        ("😀 مرحبا", "<p>😀 مرحبا</p>"),
        ("", ""),
    ],
)
def test_markdown_reads_as_commonmark(text: str, html: str) -> None:
    assert render_markdown(text) == RenderedText(SafeString(html))


@pytest.mark.parametrize(("source", "tag"), [("# a", "h3"), ("## a", "h3"), ("### a", "h4"), ("###### a", "h6")])
def test_headings_stay_below_those_of_the_page(source: str, tag: str) -> None:
    assert render_markdown(source).html == f"<{tag}>a</{tag}>"


def test_cells_of_a_table_are_aligned_by_class() -> None:
    html = render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |").html
    assert '<th class="align-right">b</th>' in html
    assert "<td>1</td>" in html
    assert "style" not in html


def test_raw_html_is_shown_as_text() -> None:
    assert render_markdown("a <b>x</b>\n\n<div>\ny\n</div>").html == (
        "<p>a &lt;b&gt;x&lt;/b&gt;</p>\n<p>&lt;div&gt;\ny\n&lt;/div&gt;</p>"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_harmless(text: str) -> None:
    for rendered in (render_markdown(text), render_inline(text), render_title(text), render_abstract(text)):
        assert_safe(rendered.html)


@given(markdown)
def test_whatever_is_written_only_harmless_html_comes_out(text: str) -> None:
    for rendered in (render_markdown(text), render_inline(text), render_title(text), render_abstract(text)):
        assert_safe(rendered.html)


@given(markdown)
def test_html_is_what_a_parser_makes_of_it(text: str) -> None:
    html = render_markdown(text).html
    parsed = JustHTML(html, fragment=True, sanitize=False, collect_errors=True)
    assert parsed.errors == []


@pytest.mark.parametrize("bomb", [">", "[", "- ", "**a ", "![", "$", "`", "(", "*_", "<a ", "[^1]", "\\(", "|-|\n"])
def test_nested_and_repeated_marks_are_read_in_the_end(bomb: str) -> None:
    assert_safe(render_markdown(bomb * 3_000).html)


def test_what_is_longer_than_the_limit_is_cut() -> None:
    html = render_markdown("a" * (MAX_LENGTH + 10)).html
    assert html == f"<p>{'a' * MAX_LENGTH}</p>"


def test_a_text_of_half_a_million_characters_is_read() -> None:
    text = ("Some *words* and $x^2$ in a [link](https://a.example/).\n\n" * 10_000)[:MAX_LENGTH]
    assert render_markdown(text).html.count("<p>") == text.count("Some")


def test_link_that_leads_nowhere_is_a_problem() -> None:
    rendered = render_markdown("[a](somewhere)")
    assert rendered.html == "<p><a>a</a></p>"
    assert rendered.problems == (
        "The link “somewhere” is neither a full address nor a path of this site; it is shown as its words.",
    )


@pytest.mark.parametrize("address", ["https://a.example/x.png", "/media/x.png"])
def test_picture_may_be_at_an_https_address_or_on_this_site(address: str) -> None:
    assert render_inline(f"![words]({address})").html == f'<img src="{address}" alt="words" loading="lazy">'


@pytest.mark.parametrize("address", ["http://a.example/x.png", "//a.example/x.png", "x.png"])
def test_picture_from_elsewhere_is_its_words_and_a_problem(address: str) -> None:
    rendered = render_inline(f"![words]({address})")
    assert rendered.html == "words"
    assert address in rendered.problems[0]


def test_notes_are_numbered_and_lead_back() -> None:
    html = render_markdown("a[^x] b[^x]\n\n[^x]: note").html
    assert '<a href="#fn-1" id="fn-1-ref">[1]</a>' in html
    assert '<a href="#fn-1" id="fn-1-ref-1">[1]</a>' in html
    assert '<li id="fn-1"><p>note ' in html
    assert 'href="#fn-1-ref-1" aria-label="Back to the text of note 1"' in html


def test_notes_of_several_texts_on_a_page_are_kept_apart() -> None:
    first, second = "a[^1]\n\n[^1]: one", "b[^1]\n\n[^1]: two"
    page = (
        render_markdown(first, prefix="x-").html
        + render_markdown(second, prefix="y-", footnote_start=1 + footnote_count(first)).html
    )
    ids = [attributes["id"] for _, attributes in elements(page) if "id" in attributes]
    assert ids == ["x-fn-1-ref", "x-fn-1", "y-fn-2-ref", "y-fn-2"]
    assert '<ol start="2">' in page


@given(st.text(alphabet=string.printable, max_size=80), st.integers(1, 9))
def test_every_link_inside_a_text_has_its_target(text: str, start: int) -> None:
    found = elements(
        render_markdown(f"a[^1] {text} b[^2]\n\n[^1]: one\n[^2]: two", prefix="p-", footnote_start=start).html
    )
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    targets = {a["href"][1:] for _, a in found if a.get("href", "").startswith("#p-")}
    assert len(ids) == len(set(ids))
    assert targets <= set(ids)


def test_formulas_become_mathml() -> None:
    assert render_inline("so $x$").html == 'so <math display="inline" alttext="x"><mrow><mi>x</mi></mrow></math>'
    assert '<p><math display="block"' in render_markdown("$$\nx\n$$").html


def test_formula_that_cannot_be_converted_is_its_source_and_a_problem() -> None:
    rendered = render_inline(r"so $\nonsense$")
    assert rendered.html == r"so <code>$\nonsense$</code>"
    assert rendered.problems == (r"The formula $\nonsense$ could not be converted; it is shown as its source.",)


@pytest.mark.parametrize("text", ["costs $5 and $6", r"\$x\$", "US$ 5, C$ 6", "$ x $"])
def test_money_is_no_formula(text: str) -> None:
    assert "<math" not in render_inline(text).html


def test_terms_are_linked_with_their_definition_beside_them() -> None:
    html = render_inline("An LLM.", prefix="h1-", linker=lambda text: [mention(text, "LLM")]).html
    assert html == (
        'An <span class="term"><a href="/glossary/llm/" aria-describedby="h1-term-1">LLM</a>'
        '<span role="tooltip" id="h1-term-1">A &lt;model&gt;</span></span>.'
    )


def mention(text: str, name: str) -> TermMention:
    start = text.index(name)
    return TermMention(start, start + len(name), "/glossary/llm/", name, "A <model>")


def test_title_is_plain_text_with_formulas() -> None:
    assert render_title("*A* [b](c) <i> & $x$").html == (
        '*A* [b](c) &lt;i&gt; &amp; <math display="inline" alttext="x"><mrow><mi>x</mi></mrow></math>'
    )


@pytest.mark.parametrize(
    ("abstract", "html"),
    [
        (
            r"\emph{a} \textbf{b} \texttt{c} 5\% \underline{d}",
            "<p><em>a</em> <strong>b</strong> <code>c</code> 5% d</p>",
        ),
        (r"\url{https://a.example/x_y}", '<p><a href="https://a.example/x_y">https://a.example/x_y</a></p>'),
        (r"\href{https://a.example}{here}", '<p><a href="https://a.example">here</a></p>'),
        (r"$\href{https://a.example}{\text{here}}$", '<p><a href="https://a.example">here</a></p>'),
        ("one\n\n two", "<p>one</p>\n<p> two</p>"),
        ("a <b> *c*", "<p>a &lt;b&gt; *c*</p>"),
    ],
)
def test_abstract_shows_the_simplest_commands_of_tex(abstract: str, html: str) -> None:
    assert render_abstract(abstract) == RenderedText(SafeString(html))


def test_dollar_of_an_abstract_that_is_money_does_not_swallow_the_formula_after_it() -> None:
    html = render_abstract("It costs $5 for each of these runs, and $x$ more.").html
    assert html.startswith("<p>It costs $5 for each of these runs, and <math")


def test_hits_are_marked_in_text_that_stays_text() -> None:
    assert mark_hits("a <b> \ue000hit & run\ue001 end") == "a &lt;b&gt; <mark>hit &amp; run</mark> end"


@pytest.mark.parametrize("text", ["\ue000open", "close\ue001", "\ue001both\ue000", "\ue000\ue000twice\ue001\ue001"])
def test_marks_of_hits_are_closed_or_left_out(text: str) -> None:
    marked = mark_hits(text)
    assert marked.count("<mark>") == marked.count("</mark>")
    assert not {"\ue000", "\ue001"} & set(marked)
