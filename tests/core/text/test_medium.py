"""The road to HTML for what is read away from the site."""

from html import escape

from core.text.markdown import render_inline, render_markdown, render_title
from core.text.mathml import BadFormula
from core.text.medium import TextMedium


def formula(tex: str) -> str:
    if tex == "bad":
        raise BadFormula(tex)
    return f"<em>{escape(tex)}</em>"


MAIL = TextMedium("https://news.example.org/p/one/", formula)


def test_every_address_gets_a_host() -> None:
    html = render_markdown("[a](#b) [c](/d/) [e](https://f.example/) ![g](/h.png)", medium=MAIL).html
    assert 'href="https://news.example.org/p/one/#b"' in html
    assert 'href="https://news.example.org/d/"' in html
    assert 'href="https://f.example/"' in html
    assert 'src="https://news.example.org/h.png"' in html


def test_formulas_are_set_by_the_medium_everywhere() -> None:
    assert render_markdown("$a$", medium=MAIL).html == "<p><em>a</em></p>"
    assert render_inline("$a$", medium=MAIL).html == "<em>a</em>"
    assert render_title("On $a$", medium=MAIL).html == "On <em>a</em>"


def test_a_formula_that_the_medium_refuses_is_shown_as_its_source_and_reported() -> None:
    rendered = render_markdown("$bad$", medium=MAIL)
    assert rendered.html == "<p><code>$bad$</code></p>"
    assert len(rendered.problems) == 1


def test_footnotes_are_numbered_and_not_linked() -> None:
    html = render_markdown("Text.[^1]\n\n[^1]: Note.", medium=MAIL, footnote_start=3).html
    assert "<sup" in html
    assert "[3]" in html
    assert "<a" not in html


def test_what_a_formula_becomes_is_sanitised_like_everything_else() -> None:
    hostile = TextMedium("https://news.example.org/", lambda tex: "<script>alert(1)</script><sub onclick=x>1</sub>")
    assert render_markdown("$a$", medium=hostile).html == "<p><sub>1</sub></p>"


def test_a_picture_has_the_size_that_the_medium_knows() -> None:
    sized = TextMedium(
        "https://news.example.org/", formula, lambda address: (60, 40) if address == "/a.png" else (None, None)
    )
    html = render_markdown("![A curve](/a.png) ![Another](/b.png)", medium=sized).html
    assert '<img src="https://news.example.org/a.png" alt="A curve" width="60" height="40">' in html
    assert '<img src="https://news.example.org/b.png" alt="Another">' in html
