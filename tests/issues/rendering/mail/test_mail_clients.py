"""The mail clients that the tests play: what they take away, and what they leave."""

import re

import pytest

from tests.mail_clients import CLIENTS, CLIPPED, as_gmail, as_gmail_elsewhere, as_inverted, as_outlook

PAGE = "<!doctype html><html><head><title>T</title>{head}</head><body>{body}</body></html>"


def page(body: str = "", head: str = "") -> str:
    return PAGE.format(head=head, body=body)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_leaves_the_words(client: str) -> None:
    assert "<p>Über α</p>" in CLIENTS[client](page("<p>Über α</p>"))


def test_gmail_keeps_queries_for_the_width_and_no_dark_colours() -> None:
    wide = "@media (max-width: 480px) { h1 { color: red } }"
    dark = ":root { color-scheme: dark } @media (prefers-color-scheme: dark) { h1 { color: blue } p { color: blue } }"
    found = as_gmail(page(head=f"<style>{wide}</style><style>{dark}</style>"))
    assert "max-width: 480px" in found
    assert "color: red" in found
    assert "blue" not in found
    assert "color-scheme" not in found


@pytest.mark.parametrize("sheet", ["h1 { color: red", "p { background: url(a.png) } h1 { color: red }", "p{}" * 3000])
def test_gmail_drops_a_whole_style_element_for_one_error(sheet: str) -> None:
    assert not re.search(r"color: red|p\{", as_gmail(page(head=f"<style>{sheet}</style>")))


def test_gmail_elsewhere_has_no_style_element_of_ours() -> None:
    assert "red" not in as_gmail_elsewhere(page(head="<style>h1 { color: red }</style>"))


def test_gmail_clips_what_is_too_long() -> None:
    found = as_gmail(page("ä" * CLIPPED))
    assert found.endswith("[Message clipped]")
    assert len(found.encode()) < CLIPPED + 100


def test_word_reads_the_comments_that_are_for_it() -> None:
    found = as_outlook(page("<!--[if mso]><b>Word</b><![endif]--><!--[if !mso]><!--><i>Others</i><!--<![endif]-->"))
    assert "<b>Word</b>" in found
    assert "Others" not in found


def test_word_knows_padding_of_cells_alone() -> None:
    found = as_outlook(page("<div style='padding:9px;color:red'><table><td style='padding:8px'>A</td></table></div>"))
    assert "padding:8px" in found
    assert "padding:9px" not in found
    assert "color:red" in found


def test_word_draws_neither_round_corners_nor_a_greatest_width_and_hides_what_is_marked_for_it() -> None:
    found = as_outlook(page("<div style='max-width:9px;border-radius:4px'>A</div><p style='mso-hide:all'>B</p>"))
    assert "max-width" not in found
    assert "radius" not in found
    assert "B" not in found


def test_colours_are_turned_over() -> None:
    found = as_inverted(page("<p style='color:#191a1e;background-color:#fff'>A</p>"))
    assert "color:#e1e2e6;background-color:#000000" in found
