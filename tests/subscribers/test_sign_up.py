"""Signing up: the same answer for every address, one letter to the mailbox, and no mail bomb."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from issues.document.json_form import to_json
from issues.models import Edition
from llmwatch.celery import app
from mailings.personal_data import erase
from subscribers import rate_limits
from subscribers.models import AccountMail, SignupRequest, Subscriber, Suppression
from subscribers.sign_up import SignUp, process_due_requests, process_request, sign_up
from tests.builders import NOON, make_issue, make_series, make_subscriber
from tests.documents import make_document
from tests.servers.outbox import Outbox
from tests.subscribers.test_proof_of_work import make_proof

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_asked_yet() -> None:
    cache.clear()


def post(client: Client, address: str = "reader@example.org", **fields: object) -> Any:
    """The answer of the page; a worker does then what was asked for."""
    response = client.post("/subscribe/", {"email": address, **fields})
    process_due_requests(timezone.now())
    return response


def test_the_form_says_to_what_one_agrees(client: Client) -> None:
    page = client.get("/subscribe/").content.decode()
    assert "I can leave at any time" in page
    assert 'name="email"' in page


def test_the_form_is_the_same_for_everybody_and_sets_no_cookie(client: Client) -> None:
    response = client.get("/subscribe/")
    assert not response.cookies
    assert "csrf" not in response.content.decode()
    assert "public" in response["Cache-Control"]


def test_a_new_address_waits_for_its_confirmation(client: Client) -> None:
    assert post(client, "Reader@Example.ORG", name="Reader 7").status_code == 200
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.name, subscriber.state) == ("Reader@example.org", "Reader 7", "pending")
    assert subscriber.account_mails.get().kind == "confirm"


def test_what_led_to_the_form_is_kept(client: Client) -> None:
    page = client.get("/subscribe/?from=conference-2026").content.decode()
    assert '<input type="hidden" name="source" value="conference-2026"' in page
    post(client, source="conference-2026")
    assert Subscriber.objects.get().source == "conference-2026"


@pytest.mark.parametrize("source", ["=1+1", "two words", "x" * 81, "<b>"])
def test_what_is_no_word_is_no_source_and_no_hindrance(client: Client, source: str) -> None:
    assert post(client, source=source).status_code == 200
    assert Subscriber.objects.get().source == ""


def test_no_mail_is_sent_inside_the_request(client: Client, outbox: Outbox) -> None:
    post(client)
    assert len(outbox) == 0


@pytest.mark.parametrize("state", ["pending", "active", "unsubscribed", "bounced", "complained"])
def test_the_answer_does_not_tell_who_is_known(client: Client, state: str) -> None:
    make_subscriber("known@example.org", state=state)
    unknown, known = post(client, "unknown@example.org"), post(client, "known@example.org")
    assert (known.status_code, known.content, known.cookies) == (unknown.status_code, unknown.content, unknown.cookies)
    assert {**known.headers, "Expires": ""} == {**unknown.headers, "Expires": ""}  # a second may pass in between


@pytest.mark.parametrize("reason", Suppression.Reason.values)
def test_the_answer_does_not_tell_who_is_suppressed(client: Client, reason: str) -> None:
    subscriber = make_subscriber("gone@example.org")
    erase(subscriber)
    Suppression.objects.update(reason=reason)
    assert post(client, "gone@example.org").content == post(client, "unknown@example.org").content


def test_an_active_subscriber_is_told_so_by_mail_and_nothing_changes() -> None:
    subscriber, series = make_subscriber("reader@example.org", name="Reader 7"), make_series()
    sign_up(SignUp("READER@example.org", "Somebody else", (series,)), NOON)
    subscriber.refresh_from_db()
    assert (subscriber.name, subscriber.state, subscriber.series.count()) == ("Reader 7", "active", 0)
    assert subscriber.account_mails.get().kind == "known"


def test_who_left_is_asked_to_confirm_again_and_stays_away_until_then() -> None:
    subscriber = make_subscriber("reader@example.org", state="unsubscribed", left_at=NOON)
    sign_up(SignUp("reader@example.org"), NOON)
    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.account_mails.get().kind) == ("unsubscribed", "confirm")


@pytest.mark.parametrize("state", ["bounced", "complained"])
def test_a_dead_address_and_who_complained_get_no_letter(state: str) -> None:
    make_subscriber("reader@example.org", state=state)
    sign_up(SignUp("reader@example.org"), NOON)
    assert not AccountMail.objects.exists()


def test_of_a_suppressed_address_nothing_is_kept() -> None:
    erase(make_subscriber("reader@example.org", state="complained"))
    sign_up(SignUp("reader@example.org"), NOON)
    assert not Subscriber.objects.exists()


def test_who_was_forgotten_may_come_back() -> None:
    erase(make_subscriber("reader@example.org"))
    sign_up(SignUp("reader@example.org"), NOON)
    assert AccountMail.objects.get().kind == "confirm"


def test_an_address_gets_three_letters_a_day(client: Client) -> None:
    for _ in range(5):
        assert post(client).status_code == 200
    assert AccountMail.objects.count() == 3


def test_a_series_can_be_chosen_where_there_are_two(client: Client) -> None:
    one, _other = make_series(), make_series()
    post(client, series=[one.pk])
    assert list(Subscriber.objects.get().series.all()) == [one]


def test_one_series_is_no_choice(client: Client) -> None:
    make_series()
    assert 'name="series"' not in client.get("/subscribe/").content.decode()


def test_a_program_that_fills_in_every_field_gets_the_same_answer_and_nothing_happens(client: Client) -> None:
    assert post(client, website="https://example.com").content == post(client, "other@example.org").content
    assert Subscriber.objects.get().email == "other@example.org"


@pytest.mark.parametrize(
    "address", ["", "reader", "reader@example.org\nBcc: x@example.org", "a" * 300 + "@example.org"]
)
def test_what_is_no_address_is_answered_with_the_form_and_a_sentence(client: Client, address: str) -> None:
    response = post(client, address)
    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_form_of_another_site_is_refused(client: Client, header: str) -> None:
    data = {"email": "reader@example.org"}
    assert client.post("/subscribe/", data, headers={header: "https://elsewhere.example"}).status_code == 403
    assert client.post("/subscribe/", data, headers={header: "http://["}).status_code == 403
    assert not SignupRequest.objects.exists()


@pytest.mark.parametrize("path", ["/subscribe/", "/me/login/", "/me/logout/"])
def test_a_site_that_hides_its_name_is_told_by_the_browser(client: Client, path: str) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert client.post(path, {"email": "reader@example.org"}, headers=headers).status_code == 403
    assert not SignupRequest.objects.exists()


@pytest.mark.parametrize("origin", ["http://testserver", "null", ""])
def test_a_form_of_this_site_needs_no_csrf_token(origin: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Origin": origin} if origin else {})
    assert post(client).status_code == 200


def test_the_answer_is_kept_by_no_cache(client: Client) -> None:
    assert "no-store" in post(client)["Cache-Control"]


def test_from_one_network_address_come_so_many_forms_an_hour(client: Client) -> None:
    answers = [post(client, f"reader-{n}@example.org").status_code for n in range(rate_limits.AN_HOUR + 1)]
    assert set(answers[:-1]) == {200}
    assert answers[-1] == 429


def test_for_one_domain_come_so_many_forms_an_hour_without_a_proof_of_work(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]

    def ask(number: int, address: str, **fields: str) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return client.post("/subscribe/", {"email": address, **fields}, headers=headers).status_code

    answers = [ask(n, f"r{n}@example.org") for n in range(rate_limits.AN_HOUR_A_DOMAIN + 1)]
    assert (set(answers[:-1]), answers[-1]) == ({200}, 429)
    assert ask(99, "reader@example.net") == 200
    assert ask(99, "Reader@example.org", proof=make_proof("reader@example.org", timezone.now())) == 200
    assert ask(99, "other@example.org", proof=make_proof("reader@example.org", timezone.now())) == 429


def test_what_visitors_claim_of_their_network_address_is_believed_from_our_proxies_alone(
    client: Client, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    for n in range(rate_limits.AN_HOUR):
        client.post("/subscribe/", {"email": f"r{n}@example.org"}, headers={"X-Forwarded-For": f"192.0.2.{n}"})
    assert post(client, "one-more@example.org").status_code == 429


def test_methods_that_make_no_sense_are_refused(client: Client) -> None:
    assert client.put("/subscribe/").status_code == 405


def test_a_letter_asked_for_on_the_page_is_due_now(client: Client) -> None:
    post(client)
    assert AccountMail.objects.due(timezone.now() + timedelta(seconds=1)).count() == 1


@pytest.mark.parametrize("path", ["/subscribe/", "/me/login/"])
def test_the_page_does_the_same_work_for_every_address(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_subscriber("active@example.org")
    erase(make_subscriber("gone@example.org", state="complained"))
    for address in ("unknown@example.org", "active@example.org", "gone@example.org"):
        with django_assert_num_queries(2 if path == "/subscribe/" else 1) as asked:
            client.post(path, {"email": address})
        assert "subscribers_subscriber" not in str(asked.captured_queries)


def test_a_slip_is_taken_up_once_and_thrown_away() -> None:
    slip = SignupRequest.objects.create(kind="sign_up", email="reader@example.org", asked_at=NOON)
    assert process_request(slip.pk, NOON)
    assert not process_request(slip.pk, NOON)
    assert (SignupRequest.objects.count(), AccountMail.objects.count()) == (0, 1)


def test_a_slip_that_waited_a_day_is_dropped() -> None:
    SignupRequest.objects.create(kind="sign_up", email="reader@example.org", asked_at=NOON)
    assert process_due_requests(NOON + timedelta(days=1, seconds=1)) == 0
    assert not SignupRequest.objects.exists()
    assert not Subscriber.objects.exists()


def test_a_series_that_is_gone_by_then_is_no_hindrance() -> None:
    slip = SignupRequest.objects.create(kind="sign_up", email="reader@example.org", series=[987654], asked_at=NOON)
    assert process_request(slip.pk, NOON)


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once_make_one_subscriber_and_two_workers_take_a_slip_up_once() -> None:
    slips = [SignupRequest.objects.create(kind="sign_up", email="reader@example.org", asked_at=NOON) for _ in range(2)]
    start, done = threading.Barrier(4), []

    def work(slip: SignupRequest) -> None:
        start.wait()
        done.append(process_request(slip.pk, NOON))
        connection.close()

    workers = [threading.Thread(target=work, args=(slip,)) for slip in slips * 2]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [False, False, True, True]
    assert (Subscriber.objects.count(), AccountMail.objects.count()) == (1, 2)


def test_every_issue_ends_with_a_form_that_works_from_a_kept_page(client: Client) -> None:
    issue = make_issue(state="published", published_at=NOON)
    Edition.objects.create(issue=issue, number=1, kind="published", document=to_json(make_document()))
    page = client.get(issue.get_absolute_url()).content.decode()
    assert '<form method="post" class="form main" action="/subscribe/">' in page
    assert "csrf" not in page


def test_who_signs_up_on_the_page_of_an_issue_is_known_to_come_from_there(client: Client) -> None:
    issue = make_issue(slug="kept", state="published", published_at=NOON)
    Edition.objects.create(issue=issue, number=1, kind="published", document=to_json(make_document(slug="kept")))
    assert '<input type="hidden" name="source" value="p/kept">' in client.get("/p/kept/").content.decode()


def test_a_worker_takes_the_slip_up_and_sends_the_letter_at_once(
    client: Client,
    outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/subscribe/", {"email": "reader@example.org"})
    assert [message.to for message in outbox] == [["reader@example.org"]]
    assert not SignupRequest.objects.exists()
