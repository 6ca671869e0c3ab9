"""Clicks on counted links: those of people in total, those of robots not at all, and nobody behind them."""

import email
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from issues.document.json_form import to_json
from issues.models import Edition
from mailings.models import ClickCount, Mailing, MailLink
from mailings.renditions import PersonalParts, make_renditions, personalise
from mailings.stats import clicks
from mailings.stats.clicks import HeldClick, KnownRecipient, is_robot
from tests.builders import NOON, make_issue
from tests.documents import EVERYTHING, make_document
from tests.mailings.test_robots import everything_kept, links_of

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
READER = PersonalParts("a" * 32, "reader7@example.org", "<1.a@example.org>")


@pytest.fixture(autouse=True)
def counting(settings: Settings) -> Iterator[redis.Redis]:
    """Clicks are counted, and none is held before or after."""
    settings.COUNT_CLICKS = True
    settings.POSTAL_ADDRESS = "1 Example Street"
    with redis.Redis.from_url(django_settings.REDIS_URL) as store:
        store.delete(clicks.HELD, clicks.SALT)
        yield store
        store.delete(clicks.HELD, clicks.SALT)


def make_mailing(slug: str = "everything", began: datetime = NOON) -> Mailing:
    """With its renditions, of an issue that has every kind of block."""
    issue = make_issue(slug=slug, published_at=NOON, state="published")
    document = to_json(make_document(*EVERYTHING, slug=slug))
    edition = Edition.objects.create(issue=issue, number=1, kind="published", document=document)
    mailing = Mailing.objects.create(issue=issue, state="finished", audience=0, prepared_at=began)
    make_renditions(mailing, edition)
    return mailing


def links_in(mailing: Mailing) -> list[str]:
    """The paths of all counted links in the whole message, the trap among them."""
    rendition = mailing.renditions.get(depth="full", supporters=True)
    found = links_of(personalise(bytes(rendition.message), READER))
    return sorted(link.removeprefix(django_settings.SITE_URL) for link in found if "/go/" in link)


def follow(*paths: str, by: str = "192.0.2.7", **headers: str) -> None:
    for path in paths:
        agent = {"user-agent": BROWSER, **headers}
        response = Client().get(path, headers=agent, REMOTE_ADDR=by)
        assert response.status_code == 302, path


def settle() -> int:
    """As the tick does, once all visitors are quiet."""
    return clicks.settle_clicks(timezone.now() + timedelta(seconds=clicks.QUIET_TIME + 1))


def total() -> dict[str, int]:
    return {
        name: n or 0 for name, n in ClickCount.objects.aggregate(clicks=Sum("clicks"), robots=Sum("robots")).items()
    }


def sponsor_link(mailing: Mailing) -> MailLink:
    return mailing.links.get(kind="sponsor")


def test_a_click_leads_on_and_is_counted_once_the_visitor_is_quiet() -> None:
    link = sponsor_link(make_mailing())
    response = Client().get(link.get_absolute_url(), headers={"user-agent": BROWSER})
    assert (response.status_code, response["Location"]) == (302, "https://example.org/")
    assert clicks.settle_clicks(timezone.now()) == 0
    assert settle() == 1
    assert list(link.counts.values_list("clicks", "robots")) == [(1, 0)]


def test_what_is_counted_is_not_counted_again() -> None:
    link = sponsor_link(make_mailing())
    follow(link.get_absolute_url())
    assert [settle(), settle()] == [1, 0]
    follow(link.get_absolute_url(), by="192.0.2.8")
    settle()
    assert total()["clicks"] == 2


def test_a_link_followed_twice_by_a_visitor_is_one_click() -> None:
    follow(*[sponsor_link(make_mailing()).get_absolute_url()] * 2)
    assert settle() == 1


def test_visitors_behind_one_proxy_are_told_apart(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    path = sponsor_link(make_mailing()).get_absolute_url()
    for address in ("192.0.2.1", "192.0.2.2"):
        follow(path, by="127.0.0.1", **{"x-forwarded-for": address})
    assert settle() == 2


def test_a_robot_that_opens_every_link_of_100_messages_leaves_all_counts_at_0() -> None:
    mailings = [make_mailing(f"issue-{number}") for number in range(10)]
    paths = [path for mailing in mailings for path in links_in(mailing)]
    assert len(paths) >= 60
    for _message in range(10):  # ten readers of each issue have the same links
        follow(*paths)
        for path in paths:
            assert Client().head(path, headers={"user-agent": BROWSER}).status_code == 302
    assert settle() == 0
    assert total()["clicks"] == 0
    assert total()["robots"] > 0


def test_who_follows_the_trap_is_a_robot_whatever_else_it_follows() -> None:
    mailing = make_mailing()
    follow(sponsor_link(mailing).get_absolute_url())
    follow(mailing.links.get(is_trap=True).get_absolute_url())
    follow(sponsor_link(mailing).get_absolute_url(), by="192.0.2.8")
    assert settle() == 1
    assert total() == {"clicks": 1, "robots": 1}


def test_who_follows_a_link_as_the_mailing_begins_is_a_robot() -> None:
    follow(sponsor_link(make_mailing(began=timezone.now())).get_absolute_url())
    assert settle() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"x-moz": "prefetch"},
        {"x-purpose": "preview"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "python-httpx/0.28"},
        {"user-agent": ""},
    ],
)
def test_what_fetches_ahead_or_calls_itself_a_program_never_counts(headers: dict[str, str]) -> None:
    follow(sponsor_link(make_mailing()).get_absolute_url(), **headers)
    assert settle() == 0
    assert total() == {"clicks": 0, "robots": 0}


def test_a_head_answers_the_same_and_keeps_nothing(counting: redis.Redis) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    response = Client().head(path, headers={"user-agent": BROWSER})
    assert (response.status_code, response["Location"]) == (302, "https://example.org/")
    assert not counting.exists(clicks.HELD, clicks.SALT)


def test_a_click_changes_nothing_in_the_database_before_it_is_settled() -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    before = everything_kept()
    follow(path)
    assert everything_kept() == before


def test_the_answer_is_kept_by_nobody_names_nobody_and_sets_no_cookie() -> None:
    response = Client().get(sponsor_link(make_mailing()).get_absolute_url(), headers={"user-agent": BROWSER})
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert not response.cookies
    assert response.content == b""


@pytest.mark.parametrize("query", ["?url=https://evil.example/", "?next=//evil.example", "?utm_source=x"])
def test_nobody_is_led_elsewhere_by_what_stands_behind_the_address(query: str) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url() + query
    assert Client().get(path)["Location"] == "https://example.org/"


@pytest.mark.parametrize("key", ["nonesuch-key", "x", "a" * 500])
def test_an_unknown_key_is_not_found(key: str) -> None:
    response = Client().get(f"/go/{key}/")
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")


def test_a_post_is_refused() -> None:
    assert Client().post(sponsor_link(make_mailing()).get_absolute_url()).status_code == 405


def test_links_lead_on_when_nobody_counts_any_more(settings: Settings, counting: redis.Redis) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    settings.COUNT_CLICKS = False
    follow(path)
    assert not counting.exists(clicks.HELD, clicks.SALT)


def test_without_valkey_links_lead_on_and_nothing_is_counted(settings: Settings) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock"
    follow(path)
    assert settle() == 0


def test_where_valkey_is_lost_only_what_was_held_is_lost(counting: redis.Redis) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    follow(path)
    counting.delete(clicks.HELD, clicks.SALT)
    follow(path)
    assert settle() == 1


def test_more_than_can_be_held_is_led_on_uncounted(counting: redis.Redis) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    counting.zadd(clicks.HELD, {f"x:{number}": 1.0 for number in range(clicks.MAX_HELD)})
    follow(path)
    assert counting.zcard(clicks.HELD) == clicks.MAX_HELD


def test_what_is_held_names_nobody_and_does_not_stay(counting: redis.Redis) -> None:
    follow(sponsor_link(make_mailing()).get_absolute_url())
    (member,) = counting.zrange(clicks.HELD, 0, -1)
    assert isinstance(member, bytes)
    assert re.fullmatch(rb"[0-9a-f]{24}:\d+", member)
    assert 0 < counting.ttl(clicks.HELD) <= 2 * clicks.MAX_HOLD
    assert 0 < counting.ttl(clicks.SALT) <= clicks.SALT_LIFETIME


def test_the_same_visitor_has_another_name_when_the_salt_is_thrown_away(counting: redis.Redis) -> None:
    path = sponsor_link(make_mailing()).get_absolute_url()
    follow(path)
    counting.delete(clicks.SALT)
    follow(path)
    assert counting.zcard(clicks.HELD) == 2


def visits(*times: float) -> list[HeldClick]:
    return [HeldClick(number, at) for number, at in enumerate(times)]


@pytest.mark.parametrize(
    ("times", "robot"),
    [
        ([0.0], False),
        ([0.0, 0.5], False),
        ([0.0, 0.5, 1.9], True),
        ([0.0, 1.5, 3.0], False),
        ([0.0, 2.4, 4.8, 7.2, 9.6], True),
        ([0.0, 3.0, 6.0, 9.0, 12.0, 15.0], False),
        ([100.0, 1.9, 0.0, 0.5], True),
    ],
)
def test_many_links_within_seconds_are_a_robot_s(times: list[float], robot: bool) -> None:
    assert is_robot(visits(*times), KnownRecipient()) is robot


def test_readers_may_be_served_later_than_our_own_inboxes() -> None:
    mailing = make_mailing()
    Mailing.objects.update(others_from=timezone.now())
    follow(sponsor_link(mailing).get_absolute_url())
    assert settle() == 0
    assert total() == {"clicks": 0, "robots": 1}


@pytest.mark.parametrize(("seconds", "robot"), [(-1.0, False), (0.0, True), (59.9, True), (60.0, False)])
def test_only_the_first_minute_of_a_mailing_is_too_early(seconds: float, robot: bool) -> None:
    assert is_robot([HeldClick(1, 1000.0 + seconds)], KnownRecipient(began={1: [0.0, 1000.0]})) is robot


def test_who_never_rests_is_looked_at_after_an_hour(counting: redis.Redis) -> None:
    link, start = sponsor_link(make_mailing()), datetime(2025, 9, 8, tzinfo=UTC)
    others = list(MailLink.objects.real().exclude(pk=link.pk).values_list("pk", flat=True)[:7])
    for number, key in enumerate([link.pk, *others]):
        counting.zadd(clicks.HELD, {f"v:{key}": start.timestamp() + number * 500})
    assert clicks.settle_clicks(start + timedelta(seconds=clicks.MAX_HOLD - 1)) == 0
    assert clicks.settle_clicks(start + timedelta(seconds=clicks.MAX_HOLD)) == 8


def test_a_click_belongs_to_the_day_on_which_it_was_made(settings: Settings, counting: redis.Redis) -> None:
    settings.TIME_ZONE = "UTC"
    link = sponsor_link(make_mailing())
    counting.zadd(clicks.HELD, {f"v:{link.pk}": datetime(2025, 9, 8, 23, 59, tzinfo=UTC).timestamp()})
    clicks.settle_clicks(datetime(2025, 9, 9, 0, 30, tzinfo=UTC))
    assert str(link.counts.get().day) == "2025-09-08"


def hrefs(mailing: Mailing, **variant: Any) -> list[str]:
    message = email.message_from_bytes(bytes(mailing.renditions.get(**variant).message))
    html = next(part for part in message.walk() if part.get_content_type() == "text/html")
    payload = html.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return re.findall(r'<a\b[^>]*href="([^"]*)"', payload.decode())


def test_all_versions_of_a_mailing_have_the_same_addresses_for_the_same_links() -> None:
    mailing = make_mailing()
    full, short = (set(hrefs(mailing, depth=depth, supporters=True)) for depth in ("full", "highlights"))
    counted = {address for address in short if "/go/" in address}
    assert counted
    assert counted <= full


def test_a_further_revision_keeps_the_addresses_and_adds_only_new_links() -> None:
    mailing = make_mailing()
    before = set(MailLink.objects.values_list("key", flat=True))
    edition = mailing.issue.editions.get()
    make_renditions(mailing, edition, revision=2)
    assert set(MailLink.objects.values_list("key", flat=True)) == before


def test_only_what_leads_to_the_web_for_everybody_is_rewritten() -> None:
    left = {address for address in hrefs(make_mailing(), depth="full", supporters=True) if "/go/" not in address}
    assert left
    for address in left:
        path = urlsplit(address).path
        assert path.startswith(("/me/", "/polls/")) or address.startswith(("mailto:", "#")), address


def test_no_personal_address_is_kept_among_the_links() -> None:
    make_mailing()
    assert not MailLink.objects.filter(url__contains="/me/").exists()
    assert not MailLink.objects.filter(url__contains="/polls/").exists()


def test_a_link_is_kept_with_its_place_and_its_words() -> None:
    link = sponsor_link(make_mailing())
    assert (link.place, link.label, link.block) == ("A course", "A course", "sponsor")


def test_there_is_one_trap_without_words_that_nobody_sees() -> None:
    mailing = make_mailing()
    trap = mailing.links.get(is_trap=True)
    message = email.message_from_bytes(bytes(mailing.renditions.get(depth="full", supporters=False).message))
    html = next(part for part in message.walk() if part.get_content_type() == "text/html").get_payload(decode=True)
    assert isinstance(html, bytes)
    (tag,) = re.findall(rf'<a href="[^"]*{trap.get_absolute_url()}"[^>]*>[^<]*</a>', html.decode())
    assert tag.endswith('style="display:none" tabindex="-1" aria-hidden="true"></a>')
    assert trap.url == f"{django_settings.SITE_URL}/p/everything/"


def test_without_the_setting_the_mail_keeps_its_links(settings: Settings) -> None:
    settings.COUNT_CLICKS = False
    mailing = make_mailing()
    assert not MailLink.objects.exists()
    found = hrefs(mailing, depth="full", supporters=False)
    assert "https://example.org/" in found
    assert not [address for address in found if "/go/" in address]
