"""An issue as a mail: what stands in it, for whom, and what an editor is told."""

import dataclasses
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given

from issues.document.values import (
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    ThemesBlock,
)
from issues.editorial.preflight.mail import MAX_HTML_BYTES, check_mail
from issues.imports.parsers.markdown import parse_markdown
from issues.imports.parsers.text import parse_text
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER, Letterhead, MailDepth
from issues.rendering.mail.render import MailParts, highlights_of, to_mail
from tests.data import ROOT, data_path, needs_data
from tests.issues.long_documents import DOCUMENTS

HEAD = Letterhead("LLM Watch", "https://news.example.org", "1 Example Street\n10115 Berlin")
SITE = re.escape(HEAD.site_url)
OPENING = TextBlock(uuid="opening", text="Welcome, *reader*. See [the other](#2509.00002).")
PAYWALL = PaywallBlock(uuid="paywall", text="More for supporters.")


def highlight(number: int, text: str = "What it found.") -> HighlightBlock:
    paper = PaperRef(
        title=f"Paper {number}",
        arxiv_id=f"2509.0000{number}",
        authors=("Orion Weller",),
        primary_category="cs.CL",
        links=(
            PaperLinkValue(kind="paper", url=f"https://arxiv.org/abs/2509.0000{number}"),
            PaperLinkValue(kind="code"),
        ),
    )
    return HighlightBlock(
        uuid=f"h{number}", heading=f"Paper {number}", papers=(paper,), parts=(HighlightPart(text=text),)
    )


def document(*blocks: BlockKind, **fields: Any) -> Document:
    return Document(**{"title": "A Week of Papers", "slug": "a-week", "blocks": blocks or (OPENING,), **fields})


def mail(*blocks: BlockKind, **options: Any) -> MailParts:
    return to_mail(document(*blocks), HEAD, **options)


def sentences(parts: MailParts) -> str:
    return " ".join(problem.what for problem in check_mail(parts))


def test_the_subject_and_preheader_are_the_issues_own() -> None:
    parts = to_mail(document(mail_subject="Nine  papers", preheader="And a poll"), HEAD)
    assert (parts.subject, parts.preheader) == ("Nine papers", "And a poll")


def test_the_title_is_the_subject_and_the_subtitle_the_preheader_where_none_is_written() -> None:
    parts = to_mail(document(subtitle="In short"), HEAD)
    assert (parts.subject, parts.preheader) == ("A Week of Papers", "In short")


@pytest.mark.parametrize("part", ["html", "text"])
def test_the_way_out_stands_near_the_top_and_at_the_end(part: str) -> None:
    body = getattr(mail(TextBlock(uuid="t", text="Word. " * 2000)), part)
    places = [found.start() for found in re.finditer(f"{SITE}/me/{TOKEN_PLACEHOLDER}/unsubscribe/", body)]
    assert len(places) == 2
    assert places[0] < len(body) / 2 < places[1]


@pytest.mark.parametrize("part", ["html", "text"])
def test_only_the_reader_s_own_pages_carry_the_token(part: str) -> None:
    body = getattr(mail(OPENING, PAYWALL, is_withheld=True), part)
    carried = re.findall(rf"{SITE}[^\s\"<]*{TOKEN_PLACEHOLDER}[^\s\"<]*", body)
    assert len(carried) == body.count(TOKEN_PLACEHOLDER) == 3
    assert all(address.startswith(f"{HEAD.site_url}/me/{TOKEN_PLACEHOLDER}/") for address in carried)


@pytest.mark.parametrize("part", ["html", "text"])
def test_the_foot_says_why_and_from_where(part: str) -> None:
    body = getattr(mail(), part)
    assert "You get this because you subscribed to" in body
    assert "1 Example Street" in body
    assert "10115 Berlin" in body


def test_every_address_is_absolute_and_no_link_points_into_the_mail() -> None:
    term = TermValue(name="RL", definition="Learning by reward.", slug="rl")
    figure = FigureBlock(uuid="f", src="figures/a.png", alt="A curve", width=1200, height=600)
    html = mail(OPENING, GlossaryBlock(uuid="g", terms=(term,)), figure).html
    addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert f"{HEAD.site_url}/p/a-week/#2509.00002" in addresses
    assert f"{HEAD.site_url}/glossary/rl/" in addresses
    assert all(address.startswith("https://") for address in addresses)


def test_a_path_of_the_site_gets_its_host_in_the_text_too() -> None:
    text = mail(TextBlock(uuid="t", text="See [the term](/glossary/rl/), and/or (/r/example).")).text
    assert f"the term ({HEAD.site_url}/glossary/rl/), and/or (/r/example)." in text


def test_the_contents_lead_to_the_page_on_the_web() -> None:
    html = mail(*map(highlight, range(1, 6))).html
    assert f'href="{HEAD.site_url}/p/a-week/#2509.00003"' in html
    assert "In this issue" in html


def test_a_picture_is_as_wide_as_the_sheet_at_most_and_has_its_size() -> None:
    html = mail(FigureBlock(uuid="f", src="a.png", alt="A curve", width=1200, height=500)).html
    assert re.search(r'<img[^>]* alt="A curve"[^>]*>', html)
    assert re.search(r'<img[^>]* width="600" height="250"', html)


def test_styles_stand_in_the_elements_and_the_dark_ones_in_the_head() -> None:
    html = mail(highlight(1)).html
    assert re.search(r'<h2 style="[^"]*font-size:24px', html)
    assert "prefers-color-scheme: dark" in html
    assert "css-inline" not in html


def test_formulas_are_set_without_mathml_and_stay_source_in_the_text() -> None:
    parts = mail(TextBlock(uuid="t", text="Costs $O(n^2)$."))
    assert "<math" not in parts.html
    assert re.search(r"<em>O</em>\(<em>n</em><sup[^>]*>2</sup>\)", parts.html)
    assert "$O(n^2)$" in parts.text


def test_a_formula_that_fits_in_no_line_is_shown_as_source_and_reported() -> None:
    parts = mail(TextBlock(uuid="t", text=r"See $\begin{matrix}a\end{matrix}$."))
    assert re.search(r"<code[^>]*>\$\\begin\{matrix\}a\\end\{matrix\}\$</code>", parts.html)
    assert "could not be converted" in sentences(parts)


def test_footnotes_are_counted_on_through_the_issue() -> None:
    note = "Text.[^1]\n\n[^1]: Note."
    html = mail(TextBlock(uuid="a", text=note), TextBlock(uuid="b", text=note)).html
    assert "[1]" in html
    assert "[2]" in html
    assert 'start="2"' in html


def test_the_lines_of_code_keep_their_indentation() -> None:
    html = mail(TextBlock(uuid="t", text="```\nfor x in y:\n    print(x)\n\n    pass\n```")).html
    assert "for x in y:\n    print(x)\n\n    pass" in html


def test_the_highlights_depth_leaves_out_the_essays_and_keeps_the_figures_of_the_highlights() -> None:
    figure = FigureBlock(uuid="f", src="a.png", alt="A curve")
    kept = highlights_of(document(OPENING, highlight(1), figure, OPENING, figure, highlight(2), PAYWALL)).blocks
    assert kept == (highlight(1), figure, highlight(2), PAYWALL)


def test_an_issue_without_highlights_is_whole_in_either_depth() -> None:
    assert mail(OPENING, depth="highlights") == mail(OPENING)


@pytest.mark.parametrize("part", ["html", "text"])
def test_the_highlights_version_leads_to_the_whole_issue(part: str) -> None:
    body = getattr(mail(OPENING, highlight(1), depth="highlights"), part)
    assert "The highlights only, as you chose." in body
    assert "Welcome" not in body


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_reader_who_gets_less_than_the_whole_is_led_to_the_rest(part: str) -> None:
    body = getattr(mail(OPENING, PAYWALL, is_withheld=True), part)
    assert "More for supporters." in body
    assert f"{HEAD.site_url}/me/read/a-week/" in body


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_supporter_is_not_asked_to_become_one(part: str) -> None:
    assert "/me/read/" not in getattr(mail(OPENING, PAYWALL, highlight(1)), part)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (
            TeasersBlock(uuid="b", lead_in="The highlights include:", items=("One idea",), closing="And more."),
            "One idea",
        ),
        (ThemesBlock(uuid="b", heading="In short", items=("Data *moved*.",)), "Data moved."),
        (PollValue(uuid="b", poll="p", question="Which?", choices=("This one",)), "This one"),
        (
            PollResultsBlock(uuid="b", poll="p", question="Which?", results=(ChoiceTally(label="It", votes=3),)),
            "3 votes, 100%",
        ),
        (SponsorBlock(uuid="b", heading="A sponsor", text="Their words."), "Sponsor"),
        (dataclasses.replace(highlight(1), origin="machine"), "Drafted by a machine, edited by a person."),
    ],
)
def test_every_kind_of_block_is_shown(block: BlockKind, words: str) -> None:
    assert words in " ".join(re.sub(r"<[^>]+>", "", mail(block).html).split())


POLL = PollValue(uuid="the-poll", poll="form", question="Which?", choices=("This one", "Das & dies"))


def test_a_choice_of_a_poll_is_a_button_that_leads_to_the_reader_s_own_page() -> None:
    html = mail(POLL).html
    for choice, label in zip(POLL.choices, ("This one", "Das &amp; dies"), strict=True):
        assert re.search(rf'<a href="{re.escape(HEAD.vote_url("form", choice))}"[^>]*>{label}</a>', html)


def test_the_choices_stand_with_their_addresses_in_the_text_too() -> None:
    lines = mail(POLL).text.splitlines()
    for choice in POLL.choices:
        assert lines[lines.index(f"- {choice}") + 1] == f"  {HEAD.vote_url('form', choice)}"


@pytest.mark.parametrize("depth", ["full", "highlights"])
def test_the_places_for_a_token_are_as_many_as_are_said(depth: MailDepth) -> None:
    parts = mail(highlight(1), POLL, POLL, depth=depth)
    assert parts.tokens == f"{parts.html}{parts.text}".count(TOKEN_PLACEHOLDER) == (14 if depth == "full" else 6)


@given(DOCUMENTS)
def test_whatever_an_editor_writes_every_address_has_a_host_and_nothing_is_active(issue: Document) -> None:
    html = to_mail(issue, HEAD).html
    addresses = re.findall(r'<[^<>]*\b(?:href|src)="([^"]*)"', html)
    assert all(re.match("https?:|mailto:", address) for address in addresses)
    assert not re.search(r"<(script|form|input|iframe|math|object)\b", html)


def test_hostile_words_stay_words() -> None:
    html = to_mail(document(title="<script>alert(1)</script>", subtitle='"><img src=x>'), HEAD).html
    assert "<script" not in html
    assert "<img" not in html


def test_a_good_mail_has_no_findings() -> None:
    assert check_mail(mail(OPENING, highlight(1))) == ()


def test_a_missing_postal_address_is_reported() -> None:
    parts = to_mail(document(), dataclasses.replace(HEAD, postal_address=""))
    assert "POSTAL_ADDRESS is not set" in sentences(parts)


def test_a_mail_that_gmail_would_cut_off_is_reported() -> None:
    assert "kB of HTML" in sentences(mail(TextBlock(uuid="t", text="Word. " * (MAX_HTML_BYTES // 6))))


def test_an_image_without_alternative_text_is_reported() -> None:
    assert "has no alternative text" in sentences(mail(FigureBlock(uuid="f", src="a.png", alt="")))


PICTURE = TextBlock(uuid="t", text="![A curve](/media/a.png)")


def test_a_picture_in_a_text_has_its_size_in_the_mail_too() -> None:
    parts = mail(PICTURE, size_of={"/media/a.png": (1200, 500)}.__getitem__)
    assert re.search(r'<img[^>]* width="600" height="250"', parts.html)
    assert check_mail(parts) == ()


def test_a_figure_that_forgot_its_size_has_it_in_the_mail() -> None:
    parts = mail(FigureBlock(uuid="f", src="a.png", alt="A curve"), size_of={"/media/a.png": (300, 200)}.__getitem__)
    assert re.search(r'<img[^>]* width="300" height="200"', parts.html)


def test_a_picture_of_unknown_size_is_reported() -> None:
    assert "is not known" in sentences(mail(PICTURE))


@given(DOCUMENTS)
def test_every_picture_has_words_and_a_size_or_the_editor_is_told(issue: Document) -> None:
    parts = to_mail(issue, HEAD)
    pictures = re.findall("<img[^>]*>", parts.html)
    are_whole = all(re.search(r'alt="[^"]+".* width="\d+" height="\d+"', picture) for picture in pictures)
    assert are_whole is not any(problem.where == "image" for problem in check_mail(parts))


@pytest.mark.parametrize(("subject", "sentence"), [(" ", "has no subject"), ("x" * 200, "longer than 120 characters")])
def test_a_missing_or_endless_subject_is_reported(subject: str, sentence: str) -> None:
    assert sentence in sentences(to_mail(document(mail_subject=subject), HEAD))


def test_the_place_of_the_token_in_an_issue_s_own_words_is_reported() -> None:
    assert "stands for a reader's token" in sentences(mail(TextBlock(uuid="t", text=TOKEN_PLACEHOLDER)))


def test_the_sample_issue_fits_and_has_no_findings() -> None:
    sample = parse_markdown((ROOT / "llmwatch" / "demo" / "sample" / "issue.md").read_text()).document
    parts = to_mail(sample, HEAD, published_at=datetime(2025, 9, 7, tzinfo=UTC), size_of=lambda address: (1200, 800))
    assert check_mail(parts) == ()
    assert len(parts.html.encode()) < MAX_HTML_BYTES


@needs_data
def test_the_newsletter_that_the_project_starts_from_fits_and_has_no_findings() -> None:
    seed = parse_text(data_path("seed/issue.txt").read_text()).document
    parts = to_mail(dataclasses.replace(seed, title="LLM Watch", slug="llm-watch"), HEAD)
    assert check_mail(parts) == ()
    assert len(parts.html.encode()) < MAX_HTML_BYTES


REPLY_HEAD = dataclasses.replace(HEAD, reply_to="editor@example.org")


def reply_links(head: Letterhead, *blocks: BlockKind, **fields: Any) -> list[str]:
    return [
        unescape(found)
        for found in re.findall(r'href="(mailto:[^"]*)"', to_mail(document(*blocks, **fields), head).html)
    ]


def test_a_reply_about_an_entry_names_the_issue_and_the_entry() -> None:
    links = reply_links(REPLY_HEAD, highlight(1), OPENING, highlight(2))
    assert [unquote(link) for link in links] == [
        f"mailto:editor@example.org?subject=Re: A Week of Papers · {number}. Paper {number}" for number in (1, 2)
    ]


def test_a_reply_keeps_any_letters_in_one_short_line() -> None:
    heading = "100 % & *more*?\r\nBcc: a@b.example " + "ö" * 200
    block = HighlightBlock(uuid="h", heading=heading, parts=(HighlightPart(text="It."),))
    (link,) = reply_links(REPLY_HEAD, block, title="Ä" * 200)
    address, _, subject = link.removeprefix("mailto:").partition("?subject=")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[2-9A-F][0-9A-F])*", subject)
    assert address == "editor@example.org"
    assert unquote(subject).startswith(f"Re: {'Ä' * 59}… · 1. 100 % & more? Bcc: a@b.example ö")
    assert len(unquote(subject)) < 130


def test_an_address_of_odd_letters_stays_an_address() -> None:
    (link,) = reply_links(dataclasses.replace(HEAD, reply_to="a+b&c=d?e%f@example.org"), highlight(1))
    assert link.startswith("mailto:a+b%26c%3Dd%3Fe%25f@example.org?subject=")


def test_without_an_address_nobody_is_asked_to_reply() -> None:
    assert reply_links(HEAD, highlight(1)) == []
