"""Addresses below BOUNCE_ADDRESS: read back wherever a mail goes to them, and made up by nobody."""

import pytest
from django.db import connection
from pytest_django import Settings

from core.mail.return_paths import MailKind, account_mail_id, return_path, unsubscribe_address
from mailings.bounces import return_paths
from mailings.models import Delivery
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, Subscriber
from subscribers.models.subscriber import new_token
from tests.builders import NOON, make_subscriber
from tests.mailings.cast import make_mailing, needs_commits, run, use
from tests.servers.smtp_server import ScriptedServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(settings: Settings) -> Delivery:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    delivery = make_mailing(2).deliveries.order_by("pk").first()
    assert delivery is not None
    return delivery


def path(delivery: Delivery) -> str:
    return return_path(MailKind.DELIVERY, delivery.pk, delivery.address_hash)


def test_a_return_path_leads_back_to_its_delivery(delivery: Delivery) -> None:
    assert path(delivery).startswith("bounces+")
    assert return_paths.find_delivery(path(delivery)) == delivery
    assert return_paths.find_delivery(path(delivery).upper()) == delivery


def test_it_is_no_longer_than_mail_servers_take(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "b" * 25 + "@news.example.org"
    letter = AccountMail(pk=2**62 - 1, to="reader@example.org")
    longest = (
        return_path(MailKind.DELIVERY, 2**62 - 1, "0" * 64),
        return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient)),
        unsubscribe_address(new_token()),
    )
    assert max(len(address.partition("@")[0]) for address in longest) <= 64


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
    assert [return_paths.find_delivery(address) for address in forged] == [None] * 7


def test_after_a_restore_the_number_alone_does_not_count(delivery: Delivery) -> None:
    before = path(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(address_hash="0" * 64)
    assert return_paths.find_delivery(before) is None


def test_without_an_address_for_them_there_are_none(delivery: Delivery, settings: Settings) -> None:
    before = path(delivery)
    settings.BOUNCE_ADDRESS = ""
    assert return_paths.find_delivery(before) is None


def make_letter() -> AccountMail:
    return AccountMail.objects.create(subscriber=make_subscriber(), kind="confirm", asked_at=NOON, due_at=NOON)


def test_a_letter_is_known_by_its_return_path_and_by_its_message_id(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    letter = make_letter()
    assert (
        return_paths.find_account_mail(
            return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient)).upper()
        )
        == letter
    )
    assert (
        return_paths.find_account_mail_by_id(
            f"a mail {account_mail_id(letter.pk, address_hash(letter.recipient))} of ours"
        )
        == letter
    )
    assert (
        return_paths.find_delivery(return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient)))
        is None
    )


def test_a_letter_that_was_made_up_or_went_to_another_address_is_none(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    letter = make_letter()
    back, name = (
        return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient)),
        account_mail_id(letter.pk, address_hash(letter.recipient)),
    )
    assert return_paths.find_account_mail_by_id(name.replace(name.split(".")[2], "a" * 16)) is None
    assert (
        return_paths.find_account_mail(return_path(MailKind.DELIVERY, letter.pk, letter.subscriber.address_hash))
        is None
    )
    letter.subscriber.email = "moved@example.org"
    letter.subscriber.save()
    assert (return_paths.find_account_mail(back), return_paths.find_account_mail_by_id(name)) == (None, None)


@pytest.mark.parametrize("changed", [str.lower, str.upper, str.title, str])
def test_a_way_out_leads_to_its_reader_whatever_becomes_of_its_letters(changed: type[str], settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    leaver, _other = make_subscriber(), make_subscriber()
    assert return_paths.find_leaver(changed(unsubscribe_address(leaver.token))) == leaver


def test_a_way_out_that_is_unknown_or_that_two_share_leads_nowhere(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    assert return_paths.find_leaver(unsubscribe_address(new_token())) is None
    make_subscriber(token="a" * 32)
    make_subscriber(token="A" * 32)
    assert return_paths.find_leaver(unsubscribe_address("a" * 32)) is None


def test_a_way_out_is_found_by_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Subscriber.objects.by_lowered_token("a" * 32).explain()
    assert "subscriber_token_lowered" in plan


@needs_commits
def test_each_message_leaves_with_a_return_path_of_its_own(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(3))
    back = {message.recipient: return_paths.find_delivery(message.sender) for message in relay.messages}
    assert {who: found and str(found.subscriber) for who, found in back.items()} == {who: who for who in back}
    assert len(back) == 3


@needs_commits
def test_without_an_address_for_them_messages_come_back_to_the_sender(settings: Settings) -> None:
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(1))
    assert [message.sender for message in relay.messages] == ["news@example.org"]
