"""A scanner that opens every link of a hundred delivered messages changes nothing; leaving takes no browser.

Clicks are counted meanwhile. The whole database is compared, table by table.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import lxml.html
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mailings.models import ClickCount
from mailings.stats import clicks
from subscribers.models import Subscriber
from tests.mailings.arrived import arrivals
from tests.mailings.arrived.arrivals import Arrival
from tests.mailings.cast import make_mailing, needs_commits, run, use
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# What may change while links are opened: how often a robot did it.
COUNTED = ClickCount._meta.db_table
URLENCODED = ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click")
MULTIPART = (
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
)


@pytest.fixture
def held(settings: Settings) -> Iterator[redis.Redis]:
    """Where clicks are held; they are counted, and there are none before or after."""
    settings.COUNT_CLICKS = True
    with redis.Redis.from_url(django_settings.REDIS_URL) as store:
        store.delete(clicks.HELD, clicks.SALT)
        yield store
        store.delete(clicks.HELD, clicks.SALT)


def every_row() -> dict[str, str]:
    """A sum over all rows of each table of the database, those of the framework among them."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return {table: _sum(cursor, table) for table in tables if table != COUNTED}


def _sum(cursor: CursorWrapper, table: str) -> str:
    name = connection.ops.quote_name(table)
    cursor.execute(f"SELECT count(*), md5(string_agg(row::text, ';' ORDER BY row::text)) FROM {name} AS row")
    return str(cursor.fetchone())


def links_of(one: Arrival) -> set[str]:
    """All that a scanner finds in headers, text and HTML."""
    words = "\n".join((*map(str, one.message.values()), one.bodies["plain"]))
    found = {link for _, _, link, _ in lxml.html.fromstring(one.html).iterlinks()}
    return found | set(re.findall(r"https?://[^\s<>)]+", words))


def opened(links: Iterable[str]) -> dict[str, int]:
    """The status of each, by a scanner that poses as a browser; HEAD is answered like GET."""
    scanner, statuses = Client(headers={"User-Agent": BROWSER}), {}
    for link in links:
        address = urlsplit(link)._replace(scheme="", netloc="", fragment="").geturl() or "/"
        statuses[link] = scanner.get(address).status_code
        assert scanner.head(address).status_code == statuses[link]
    return statuses


@pytest.mark.parametrize("each", [3, pytest.param(25, marks=pytest.mark.soak)])
def test_opening_every_link_of_many_messages_changes_nothing_but_the_count_of_robots(
    held: redis.Redis, each: int
) -> None:
    arrived = arrivals.delivered(arrivals.publish_sample, each)
    assert len(arrived) == 4 * each  # of four kinds of readers
    links = sorted({link for one in arrived for link in links_of(one) if link.startswith(arrivals.SITE)})
    for kind in ("/me/read/", "/unsubscribe/", "/polls/", "/go/", "/p/"):
        assert any(kind in link for link in links), kind
    before = every_row()
    statuses = opened(links)
    for _ in range(3):  # a busy Valkey is asked again
        clicks.settle_clicks(timezone.now() + timedelta(hours=2))
    assert not held.exists(clicks.HELD)
    assert every_row() == before
    assert not ClickCount.objects.filter(clicks__gt=0).exists()
    assert ClickCount.objects.filter(robots__gt=0).exists()
    # Nor is a link dead; pictures are nginx's.
    assert {status for link, status in statuses.items() if "/media/" not in link} <= {200, 302, 403}
    assert [link for link, status in statuses.items() if status == 403 and "/me/read/" not in link] == []


@pytest.mark.parametrize(("kind", "body"), [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])
def test_the_header_alone_is_enough_to_leave(
    live_server: LiveServer, settings: Settings, kind: str, body: bytes
) -> None:
    """RFC 8058: one POST without cookies, answered without a redirect; a second one is answered, too."""
    settings.SITE_URL = live_server.url
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(2))
        one = relay.messages[0]
    found = re.search(r"<(http[^>]+)>", Arrival("", one.recipient, "", one.data).message["List-Unsubscribe"])
    assert found is not None
    answers = [posted(found[1], kind, body) for _ in range(2)]
    assert [status for status, _ in answers] == [200, 200]
    assert not {"location", "set-cookie"} & {name for _, names in answers for name in names}
    assert list(Subscriber.objects.filter(state="unsubscribed").values_list("email", flat=True)) == [one.recipient]


def posted(address: str, kind: str, body: bytes) -> tuple[int, set[str]]:
    """The status and the names of the headers, told to a bare client."""
    host = HTTPConnection(urlsplit(address).netloc, timeout=60)
    host.request("POST", urlsplit(address).path, body, {"Content-Type": kind})
    answer = host.getresponse()
    answer.read()
    host.close()
    return answer.status, {name.lower() for name, _ in answer.getheaders()}
