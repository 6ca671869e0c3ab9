"""The envelope sender of one message: read back wherever it returns to, and made up by nobody."""

import pytest
from pytest_django import Settings

from subscribers import verp
from subscribers.models import Delivery
from tests.subscribers.cast import make_mailing, needs_commits, run, use
from tests.subscribers.smtp_server import ScriptedServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(settings: Settings) -> Delivery:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    delivery = make_mailing(2).deliveries.order_by("pk").first()
    assert delivery is not None
    return delivery


def path(delivery: Delivery) -> str:
    return verp.return_path(delivery.pk, delivery.address_hash)


def test_a_return_path_leads_back_to_its_delivery(delivery: Delivery) -> None:
    assert path(delivery).startswith("bounces+")
    assert verp.delivery_at(path(delivery)) == delivery
    assert verp.delivery_at(path(delivery).upper()) == delivery


def test_it_is_no_longer_than_mail_servers_take(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "b" * 30 + "@news.example.org"
    assert len(verp.return_path(2**63 - 1, "0" * 64).partition("@")[0]) <= 64


def test_one_that_was_made_up_leads_nowhere(delivery: Delivery) -> None:
    other = Delivery.objects.exclude(pk=delivery.pk).get()
    number, proof = path(delivery).partition("@")[0].partition("+")[2].split("-")
    others = path(other).partition("+")[2].partition("-")[0]
    host = "@news.example.org"
    forged = [
        f"bounces+{others}-{proof}{host}",
        f"bounces+{number}-{'a' * 16}{host}",
        f"bounces+{number}{host}",
        f"bounces+{number}-{proof}@example.com",
        f"bounces+zzzzzzzzzzzz-{proof}{host}",
        f"bounces{host}",
        "",
    ]
    assert [verp.delivery_at(address) for address in forged] == [None] * 7


def test_after_a_restore_the_number_alone_does_not_count(delivery: Delivery) -> None:
    before = path(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(address_hash="0" * 64)
    assert verp.delivery_at(before) is None


def test_without_an_address_for_them_there_are_none(delivery: Delivery, settings: Settings) -> None:
    before = path(delivery)
    settings.BOUNCE_ADDRESS = ""
    assert verp.delivery_at(before) is None


@needs_commits
def test_each_message_leaves_with_a_return_path_of_its_own(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(3))
    back = {message.recipient: verp.delivery_at(message.sender) for message in relay.messages}
    assert {who: found and str(found.subscriber) for who, found in back.items()} == {who: who for who in back}
    assert len(back) == 3


@needs_commits
def test_without_an_address_for_them_messages_come_back_to_the_sender(settings: Settings) -> None:
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(1))
    assert [message.sender for message in relay.messages] == ["news@example.org"]
