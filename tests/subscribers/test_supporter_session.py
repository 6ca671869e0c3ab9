"""Every door of the site, tried as each kind of reader: nothing that only supporters may read comes out of another."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from glossary.models import GlossaryTerm
from issues import storage
from issues.document.json_form import to_json
from issues.document.values import (
    BLOCK_KINDS,
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    TextLine,
    ThemesBlock,
)
from issues.editorial import publish
from issues.editorial.export import export_issue
from issues.models import Edition, Issue, PollBlock
from issues.poll_words import word_of
from mailings.models import Mailing
from mailings.renditions import make_renditions
from subscribers import supporter_session
from subscribers.models import Subscriber
from tests.builders import (
    NOON,
    make_editor,
    make_issue,
    make_paper,
    make_poll,
    make_series,
    make_subscriber,
    make_term,
    make_topic,
)
from tests.documents import filled

pytestmark = pytest.mark.django_db
OPEN_ID, LOCKED_ID, SECRET = "2509.00001", "2509.00002", "sesame"
OPENING = TextBlock(uuid="opening", heading="Welcome", text="Everybody may read this greeting.")


def paper(arxiv_id: str, title: str) -> PaperRef:
    return PaperRef(arxiv_id=arxiv_id, title=title, authors=("Orion Weller",), primary_category="cs.CL")


def highlight(uuid: str, text: str, printed: PaperRef) -> HighlightBlock:
    return HighlightBlock(
        uuid=uuid,
        heading=printed.title,
        papers=(printed,),
        parts=(HighlightPart(text=text), HighlightPart(label=text, text=text)),
    )


# One of each kind; a word of each field is the secret. The highlight stands first: without a paywall it is the border.
NAMED: tuple[BlockKind, ...] = (
    highlight("h", "Sesame highlight.", paper(LOCKED_ID, "Sesame paper")),
    TextBlock(uuid="t", heading="Sesame heading", text="Sesame text."),
    TeasersBlock(uuid="te", items=("Sesame teaser",), lead_in="Sesame lead", closing="Sesame closing"),
    ThemesBlock(uuid="th", items=("Sesame theme.",), heading="Sesame themes", lead_in="Sesame lead"),
    GlossaryBlock(uuid="g", heading="Sesame terms", terms=(TermValue(name="Sesame", definition="Sesame means."),)),
    FigureBlock(
        uuid="f", src="figures/sesame.png", alt="Sesame plot", caption="Sesame", credit="Sesame", width=4, height=3
    ),
    PollValue(uuid="p", poll="sesame", question="Sesame?", choices=("Sesame one", "Sesame two")),
    PollResultsBlock(
        uuid="pr", poll="sesame", question="Sesame?", results=(ChoiceTally(label="Sesame", votes=1),), text="Sesame"
    ),
    SponsorBlock(
        uuid="s",
        heading="Sesame",
        text="Sesame.",
        url="https://sesame.example/",
        lines=(TextLine(label="Sesame", text="x"),),
    ),
)
OTHERS = [kind for kind in BLOCK_KINDS.values() if kind not in {PaywallBlock, *map(type, NAMED)}]
LOCKED: tuple[BlockKind, ...] = (*NAMED, *(filled(kind, "Sesame") for kind in OTHERS))
PAYWALLED = (
    OPENING,
    highlight("o", "Everybody may read this highlight.", paper(OPEN_ID, "Open paper")),
    PaywallBlock(uuid="w", text="Here the teaser ends."),
    *LOCKED,
)
KINDS_OF_ISSUE = {
    "everyone, with a paywall": Document(title="Open door", slug="door", access="everyone", blocks=PAYWALLED),
    "supporters, with a paywall": Document(title="Open door", slug="door", access="supporters", blocks=PAYWALLED),
    "supporters, without": Document(title="Open door", slug="door", access="supporters", blocks=(OPENING, *LOCKED)),
}


@dataclass(frozen=True)
class Reader:
    client: Client
    token: str


def make_reader(**fields: object) -> Reader:
    """Signed in, however that came about."""
    subscriber, client, response = make_subscriber(**fields), Client(), HttpResponse()  # type: ignore[arg-type]
    supporter_session.let_in(response, subscriber)
    client.cookies.update(response.cookies)
    return Reader(client, subscriber.token)


def make_editorial_reader() -> Reader:
    client = Client()
    client.force_login(make_editor())
    return Reader(client, "x" * 32)


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


READERS: dict[str, Callable[[], Reader]] = {
    "anonymous": lambda: Reader(Client(), "x" * 32),
    "pending": lambda: make_reader(state="pending", paid_until=timezone.localdate()),
    "active": make_reader,
    "lapsed supporter": lambda: make_reader(paid_until=yesterday()),
    "supporter who left": lambda: make_reader(state="unsubscribed", paid_until=timezone.localdate()),
    "supporter who complained": lambda: make_reader(state="complained", paid_until=timezone.localdate()),
    "supporter": lambda: make_reader(paid_until=timezone.localdate()),
    "editor": make_editorial_reader,
}
MAY_READ_ALL = {"supporter", "editor"}
FORMS = ("txt", "md", "json", "bib", "ris")
# Public words that stand beside the secret ones are looked for, too: a snippet of theirs must not show the secret.
SEARCHES = tuple(
    f"/search/?q={words}" for words in ("greeting", "door", "welcome", "highlight", "open+paper", LOCKED_ID, "weller")
)
# Every address that shows an issue or anything of one, by its route: a new route belongs here, or below.
PUBLIC: dict[str, tuple[str, ...]] = {
    "": ("/",),
    "issues/": ("/issues/",),
    "issues/<int:number>/": ("/issues/7/",),
    "p/<slug:slug>/": ("/p/door/",),
    "p/<slug:slug>.<slug:form>": tuple(f"/p/door.{form}" for form in FORMS),
    "series/<slug:slug>/": ("/series/doors/",),
    "feed": ("/feed",),
    "feed/": ("/feed/",),
    "feeds/issues.<slug:form>": ("/feeds/issues.atom", "/feeds/issues.rss", "/feeds/issues.json"),
    "feeds/series/<slug:slug>.<slug:form>": tuple(f"/feeds/series/doors.{form}" for form in ("atom", "rss", "json")),
    "papers/": ("/papers/",),
    "papers/<path:key>/": (f"/papers/{OPEN_ID}/", f"/papers/{LOCKED_ID}/"),
    "papers/<path:key>.bib": (f"/papers/{OPEN_ID}.bib",),
    "authors/<str:slug>/": ("/authors/orion-weller/",),
    "glossary/": ("/glossary/",),
    "topics/<slug:slug>/": ("/topics/doors/",),
    "feeds/topics/<slug:slug>.<slug:form>": tuple(f"/feeds/topics/doors.{form}" for form in ("atom", "rss", "json")),
    "search/": SEARCHES,
    "sitemap.xml": ("/sitemap.xml",),
    "sitemap-<int:number>.xml": ("/sitemap-1.xml",),
    "about/": ("/about/",),
}
PATHS = tuple(path for paths in PUBLIC.values() for path in paths)
NO_PAGE_WHERE_ALL_IS_LOCKED = {"/authors/orion-weller/"}
SUPPORTERS: dict[str, tuple[str, ...]] = {
    "me/read/<slug:slug>/": ("/me/read/door/",),
    "me/read/<slug:slug>.<slug:form>": tuple(f"/me/read/door.{form}" for form in FORMS),
}
POLL = "polls/<slug:poll>/<slug:choice>/<str:token>/"
FEED = "me/<str:token>/feed.atom"
# Routes that show nothing of an issue to anybody.
NO_DOORS = {
    *("healthz", "readyz", "favicon.ico", "opensearch.xml", "robots.txt", "subscribe/"),
    *("me/", "me/login/", "me/logout/", "go/<slug:key>/"),
    *("me/login/<str:token>/", "me/confirm/<str:token>/", "me/<str:token>/", "me/<str:token>/highlights/"),
    *("me/export/<str:token>/", "me/erase/<str:token>/", "me/address/<str:token>/", "me/move/<str:token>/"),
    *("me/<str:token>/ask/<slug:slug>/", "me/<str:token>/pause/", "me/<str:token>/go-on/"),
    *("me/<str:token>/unsubscribe/", "me/<str:token>/unsubscribe", "glossary/<slug:slug>/"),
    *("hooks/<slug:provider>/", "hooks/<slug:provider>"),
}


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route
        elif route != "admin/":
            yield from routes(pattern, route)


@pytest.fixture(params=KINDS_OF_ISSUE)
def issue(request: pytest.FixtureRequest) -> Issue:
    document = KINDS_OF_ISSUE[request.param]
    series = make_series(name="Doors", slug="doors")
    fields = {"title": document.title, "slug": document.slug, "access": document.access, "number": 7, "series": series}
    issue = make_issue(state="published", published_at=NOON, **fields)
    full = replace(document, number=7, series="doors", series_name="Doors")
    Edition.objects.create(issue=issue, number=1, kind=Edition.Kind.PUBLISHED, document=to_json(full))
    papers = [
        make_paper(OPEN_ID, title="Open paper"),
        make_paper(LOCKED_ID, title="A paper that arXiv calls otherwise"),
    ]
    make_topic("door", name="Doors", slug="doors", description="All doors.")
    for tagged in papers:
        tagged.tags.add("door")
    return issue


def says_the_secret(response: HttpResponseBase) -> bool:
    assert isinstance(response, HttpResponse)
    everything = response.content.decode() + str(dict(response.headers))
    return SECRET in everything.lower()


def test_every_route_of_the_site_is_tried_here() -> None:
    known = {*PUBLIC, *SUPPORTERS, FEED, POLL, *NO_DOORS}
    extra = {route for route in routes() if not route.startswith(("outbox/", "^media/", "^static/"))} - known
    assert extra == set(), "say in PUBLIC, SUPPORTERS or NO_DOORS what these routes show"


def test_every_kind_of_block_is_locked_once() -> None:
    assert {type(block) for block in LOCKED} == {*BLOCK_KINDS.values()} - {PaywallBlock}
    assert all(SECRET in str(to_json(Document(title="", slug="", blocks=(block,)))).lower() for block in LOCKED)


def test_the_public_doors_let_no_locked_word_out(issue: Issue) -> None:
    for path in PATHS:
        response = Client().get(path)
        assert response.status_code in {200, 301, 302} or path in NO_PAGE_WHERE_ALL_IS_LOCKED, path
        assert not says_the_secret(response), path


def test_the_public_doors_are_the_same_for_everybody(issue: Issue) -> None:
    clients = {name: make().client for name, make in READERS.items()}
    for path in PATHS:
        answers = {client.get(path).content for client in clients.values()}
        assert len(answers) == 1, path


def test_the_public_page_shows_what_everybody_may_read_and_the_way_to_the_rest(issue: Issue) -> None:
    page = Client().get("/p/door/").content.decode()
    assert "this greeting" in page
    assert 'href="/me/read/door/"' in page


@pytest.mark.parametrize("reader", READERS)
def test_the_supporters_doors_open_to_supporters_and_editors(issue: Issue, reader: str) -> None:
    client = READERS[reader]().client
    for path in (path for paths in SUPPORTERS.values() for path in paths):
        response = client.get(path)
        assert says_the_secret(response) is (reader in MAY_READ_ALL), path
        assert response.status_code == (200 if reader in MAY_READ_ALL else 403), path
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "editor"])
def test_the_supporters_feed_opens_to_the_token_of_a_supporter(issue: Issue, reader: str) -> None:
    found = READERS[reader]()
    response = Client().get(f"/me/{found.token}/feed.atom")
    assert says_the_secret(response) is (reader == "supporter")
    assert response.status_code == {"supporter": 200, "anonymous": 404}.get(reader, 403)
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "editor"])
def test_a_locked_poll_is_asked_by_the_token_of_a_supporter(issue: Issue, reader: str) -> None:
    PollBlock.objects.create(parent=issue, poll=make_poll("Sesame one", slug="sesame", question="Sesame?"))
    found = READERS[reader]()
    for ask in (Client().get, Client().post):
        response = ask(f"/polls/sesame/{word_of('Sesame one')}/{found.token}/")
        assert says_the_secret(response) is (reader == "supporter")
        assert response.status_code == {"supporter": 200, "anonymous": 404}.get(reader, 403)


def test_every_locked_block_is_on_the_supporters_page(issue: Issue) -> None:
    page = READERS["supporter"]().client.get("/me/read/door/").content.decode()
    words = ("highlight.", "text.", "teaser", "theme.", "means.", "plot", "one", "closing", "lead", "paper")
    assert [word for word in words if f"Sesame {word}" not in page] == []


def test_the_supporters_page_leads_to_the_supporters_files(issue: Issue) -> None:
    page = READERS["supporter"]().client.get("/me/read/door/").content.decode()
    assert 'href="/me/read/door.md"' in page
    assert 'href="/p/door.md"' not in page


def test_the_page_of_a_paper_behind_the_paywall_does_not_name_the_issue(issue: Issue) -> None:
    assert "Open door" not in Client().get(f"/papers/{LOCKED_ID}/").content.decode()


def test_the_list_of_papers_leaves_out_what_is_behind_the_paywall(issue: Issue) -> None:
    assert LOCKED_ID not in Client().get("/papers/").content.decode()


def test_a_topic_leaves_out_what_is_behind_the_paywall(issue: Issue) -> None:
    page = Client().get("/topics/doors/").content.decode()
    assert LOCKED_ID not in page
    assert (OPEN_ID in page) is ("Open door" in page) is (OPEN_ID in Client().get("/papers/").content.decode())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "words", [SECRET, "sesam*", '"sesame+text"', "sesame+highlight", "sesame+door", "sesame+means"]
)
def test_nobody_finds_a_locked_word_by_searching(issue: Issue, reader: str, words: str) -> None:
    page = READERS[reader]().client.get(f"/search/?q={words}").content.decode()
    assert "Nothing was found" in page
    assert "/p/door/" not in page


def test_a_search_for_words_that_everybody_may_read_finds_the_issue(issue: Issue) -> None:
    for words in ("greeting", "door", "welcome"):
        assert 'href="/p/door/"' in Client().get(f"/search/?q={words}").content.decode()


def test_a_paper_behind_the_paywall_is_found_by_no_word_of_it(issue: Issue) -> None:
    page = Client().get("/search/?q=arXiv+calls+otherwise").content.decode()
    assert "Nothing was found" in page
    assert LOCKED_ID not in page


def test_terms_of_a_locked_glossary_and_of_a_draft_stay_out_of_the_public_one() -> None:
    for slug, access_to in (("locked", "supporters"), ("draft", "everyone")):
        terms = GlossaryBlock(uuid=str(uuid4()), terms=(TermValue(name=f"Sesame {slug}", definition="Sesame means."),))
        issue = make_issue(slug=slug)
        storage.save_document(issue, Document(title="Open door", slug=slug, access=access_to, blocks=(OPENING, terms)))
    publish.publish(Issue.objects.get(slug="locked"), now=NOON, mail=False)
    make_term("Agent")
    assert [term.name for term in GlossaryTerm.objects.order_by("name")] == ["Agent", "Sesame draft", "Sesame locked"]
    assert "/glossary/agent/" in Client().get("/search/?q=agent").content.decode()
    assert "Nothing was found" in Client().get("/search/?q=locked").content.decode()
    for path in ("/glossary/", "/sitemap.xml"):
        page = Client().get(path).content.decode()
        assert "agent" in page
        assert SECRET not in page.lower()
    assert Client().get("/glossary/sesame-locked/").status_code == 404
    whole = READERS["supporter"]().client.get("/me/read/locked/").content.decode()
    assert "Sesame means." in whole
    assert "/glossary/sesame-locked/" not in whole


@pytest.mark.parametrize("form", ["html", "email"])
def test_what_is_exported_as_a_reader_gets_it_has_no_locked_word(issue: Issue, form: str, settings: object) -> None:
    settings.POSTAL_ADDRESS = "1 Example Street"  # type: ignore[attr-defined]
    text = export_issue(issue, form)
    parts = email.message_from_string(text, policy=email.policy.default).walk() if form == "email" else ()
    shown = text + "".join(part.get_content() for part in parts if part.get_content_maintype() == "text")
    assert "this greeting" in shown
    assert SECRET not in shown.lower()


def test_only_supporters_get_the_locked_words_by_mail(issue: Issue, settings: object) -> None:
    settings.POSTAL_ADDRESS = "1 Example Street"  # type: ignore[attr-defined]
    mailing = Mailing.objects.create(issue=issue)
    edition = issue.public_edition
    assert edition is not None
    for rendition in make_renditions(mailing, edition):
        message = email.message_from_bytes(bytes(rendition.message), policy=email.policy.default)
        for part in message.walk():
            if part.get_content_maintype() == "text":
                assert (SECRET in part.get_content().lower()) is rendition.supporters, rendition


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("scheduled", 404), ("removed", 410)])
def test_what_is_not_public_is_shown_to_no_supporter(issue: Issue, state: str, status: int) -> None:
    planned = timezone.now() if state == "scheduled" else None
    Issue.objects.update(state=state, publish_at=planned)
    reader = READERS["supporter"]()
    for path in (path for paths in SUPPORTERS.values() for path in paths):
        response = reader.client.get(path)
        assert response.status_code == status, path
        assert not says_the_secret(response)
    assert not says_the_secret(reader.client.get(f"/me/{reader.token}/feed.atom"))


def test_an_unknown_issue_and_an_unknown_form_are_not_found() -> None:
    client = READERS["supporter"]().client
    assert client.get("/me/read/none/").status_code == 404
    assert client.get("/me/read/none.exe").status_code == 404


def test_a_closed_door_asks_for_the_address_and_remembers_the_issue(issue: Issue) -> None:
    page = Client().get("/me/read/door/").content.decode()
    assert '<input type="hidden" name="issue" value="door"' in page


def test_a_supporter_loses_access_the_day_after(issue: Issue) -> None:
    reader = READERS["supporter"]()
    Subscriber.objects.update(paid_until=yesterday())
    assert reader.client.get("/me/read/door/").status_code == 403


def test_the_supporters_feed_costs_the_same_queries_for_one_issue_and_for_many(
    issue: Issue, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    token = READERS["supporter"]().token
    for number in range(3):
        other = make_issue(state="published", published_at=NOON + timedelta(days=number))
        Edition.objects.create(
            issue=other, number=1, kind="published", document=to_json(KINDS_OF_ISSUE["supporters, without"])
        )
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        Client().get(f"/me/{token}/feed.atom")
