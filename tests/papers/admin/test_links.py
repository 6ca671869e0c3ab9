"""The links on a paper's page in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from papers.models import PaperLink, PaperSignal
from tests.builders import NOON, make_paper
from tests.desk import posted, sign_in

pytestmark = pytest.mark.django_db


def test_the_page_says_how_the_last_check_went_and_what_readers_think(client: Client) -> None:
    paper = make_paper()
    paper.links.create(kind="code", url="https://github.com/a/b").failed(NOON, "HTTP 404", gone=True)
    PaperSignal.objects.create(paper=paper, name="upvotes", value=4321, seen=NOON)
    page = sign_in(client).get(reverse("admin:papers_paper_change", args=[paper.pk])).content.decode()
    assert "failed lately, HTTP 404, since 2025-09-07" in page
    assert "4321" in page


def test_a_link_that_leads_elsewhere_now_is_unchecked_and_one_left_alone_is_not(client: Client) -> None:
    paper = make_paper()
    for letter in "ab":
        paper.links.create(kind="code", url=f"https://github.com/{letter}").answered(NOON)
    address = reverse("admin:papers_paper_change", args=[paper.pk])
    data = posted(sign_in(client).get(address))
    client.post(address, {**data, "links-0-url": "https://github.com/c"})
    states = list(paper.links.order_by("url").values_list("url", "state"))
    assert states == [("https://github.com/b", PaperLink.State.ALIVE), ("https://github.com/c", "")]
