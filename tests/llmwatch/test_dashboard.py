"""The desk's alarms: on top, in words, until their cause has ended or a person puts them away."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.alarms import lower_alarm, raise_alarm
from core.models import Alarm
from tests.builders import NOON
from tests.desk import queries_of, sign_in

pytestmark = pytest.mark.django_db


def desk(client: Client) -> str:
    return sign_in(client).get("/admin/").content.decode()


def test_an_alarm_stands_above_everything_else_with_its_time(client: Client) -> None:
    raise_alarm("arxiv.refused", "arXiv refuses <us>.", now=NOON)
    page = desk(client)
    assert "arXiv refuses &lt;us&gt;." in page
    assert "since 2025-09-07 12:00" in page
    assert page.index("arXiv refuses") < page.index("Published last")


def test_without_an_alarm_the_desk_says_nothing_of_alarms(client: Client) -> None:
    raise_alarm("arxiv.refused", "arXiv refuses.", now=NOON)
    lower_alarm("arxiv.refused", now=NOON)
    assert "Alarms" not in desk(client)


def test_the_desk_leads_to_the_pull_calendar(client: Client) -> None:
    assert 'href="/admin/papers/pull/"' in desk(client)


def test_an_editor_puts_an_alarm_away(client: Client) -> None:
    raise_alarm("arxiv.silence:2026-11-24:few", "Few.", now=NOON)
    answer = sign_in(client).post(f"/admin/alarms/{Alarm.objects.get().pk}/settle/", follow=True)
    assert "Few." not in answer.content.decode()


def test_putting_away_is_posted_by_whoever_may_edit_issues(client: Client) -> None:
    raise_alarm("arxiv.refused", "arXiv refuses.", now=NOON)
    address = f"/admin/alarms/{Alarm.objects.get().pk}/settle/"
    assert client.post(address).status_code == 302
    client.force_login(User.objects.create_user("helper", is_staff=True))
    assert (client.get(address).status_code, client.post(address).status_code) == (405, 403)
    assert Alarm.objects.open().exists()


def test_many_alarms_take_no_more_queries(client: Client) -> None:
    sign_in(client)
    raise_alarm("a", "One.", now=NOON)
    first = queries_of(lambda: client.get("/admin/"))
    for key in "bcdef":
        raise_alarm(key, "Another.", now=NOON)
    assert queries_of(lambda: client.get("/admin/")) == first
