"""Lists of people: read in any usual form, each address once, nobody mailed, nobody brought back."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from mailings.personal_data import erase
from subscribers.imports.import_subscribers import BATCH_SIZE, ConsentBasis, import_subscribers
from subscribers.models import AccountMail, Subscriber, Suppression
from tests.builders import NOON, make_series, make_subscriber

pytestmark = pytest.mark.django_db
HEAD = "email,name,topics\n"
BringIn = Callable[..., dict[str, Any]]


@pytest.fixture
def bring_in(tmp_path: Path) -> BringIn:
    def bring_in(text: str | bytes, *options: str, name: str = "list.csv") -> dict[str, Any]:
        path, out = tmp_path / name, StringIO()
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with suppress(SystemExit):  # 1, where a line is bad
            call_command("import_subscribers", str(path), "--json", *options, stdout=out, stderr=StringIO())
        return dict(json.loads(out.getvalue().splitlines()[-1]))

    return bring_in


def counts(report: dict[str, Any]) -> list[object]:
    return [report[name] for name in ("created", "updated", "unchanged", "suppressed", "invalid")]


def test_without_confirmed_they_are_pending_and_nobody_is_mailed(bring_in: BringIn) -> None:
    assert counts(bring_in(f"{HEAD}a@example.org,Reader 7,\nb@example.org,,\n")) == [2, 0, 0, 0, 0]
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"pending"}
    assert not AccountMail.objects.exists()


def test_with_confirmed_they_are_active_and_the_basis_names_the_file(bring_in: BringIn) -> None:
    bring_in(f"{HEAD}a@example.org,Reader 7,\n", "--confirmed", name="from-substack.csv")
    subscriber = Subscriber.objects.get()
    assert (subscriber.state, subscriber.basis, subscriber.name) == ("active", "imported", "Reader 7")
    assert subscriber.consent_where == "import of from-substack.csv"
    assert subscriber.consent_at is not None


def test_the_same_file_again_changes_nothing(bring_in: BringIn) -> None:
    make_series(name="Deep Dives")
    text = f"{HEAD}a@example.org,Reader 7,Deep Dives\nb@example.org,,\n"
    bring_in(text, "--confirmed")
    before = list(Subscriber.objects.values())
    assert counts(bring_in(text, "--confirmed")) == [0, 0, 2, 0, 0]
    assert list(Subscriber.objects.values()) == before


@pytest.mark.parametrize("state", ["unsubscribed", "bounced", "complained"])
def test_who_left_or_is_unreachable_stays_so(bring_in: BringIn, state: str) -> None:
    make_subscriber("a@example.org", state=state)
    assert counts(bring_in(f"{HEAD}A@EXAMPLE.org,x,\n", "--confirmed")) == [0, 0, 0, 1, 0]
    assert (Subscriber.objects.get().state, Subscriber.objects.get().name) == (state, "")


@pytest.mark.parametrize("reason", Suppression.Reason.values)
def test_a_suppressed_address_is_not_brought_in(bring_in: BringIn, reason: str) -> None:
    erase(make_subscriber("a@example.org"))
    Suppression.objects.update(reason=reason)
    assert counts(bring_in(f"{HEAD}a@example.org,x,\n", "--confirmed")) == [0, 0, 0, 1, 0]
    assert not Subscriber.objects.exists()


def test_who_is_waiting_becomes_active_where_the_editor_says_confirmed(bring_in: BringIn) -> None:
    make_subscriber("a@example.org", state="pending", confirmed_at=None)
    assert counts(bring_in(f"{HEAD}a@example.org,Reader 7,\n", "--confirmed")) == [0, 1, 0, 0, 0]
    assert (Subscriber.objects.get().state, Subscriber.objects.get().basis) == ("active", "imported")


def test_who_is_known_keeps_name_depth_series_and_proof(bring_in: BringIn) -> None:
    series = make_series(name="Deep Dives")
    make_subscriber("a@example.org", name="Reader 7", depth="highlights", consent_words="Yes.")
    assert counts(bring_in(f"{HEAD}a@example.org,Other,{series.slug}\n", "--confirmed")) == [0, 0, 1, 0, 0]
    subscriber = Subscriber.objects.get()
    assert (subscriber.name, subscriber.depth, subscriber.consent_words) == ("Reader 7", "highlights", "Yes.")
    assert (subscriber.basis, subscriber.confirmed_at, subscriber.series.count()) == ("confirmed", NOON, 0)


def test_a_name_fills_an_empty_one(bring_in: BringIn) -> None:
    make_subscriber("a@example.org")
    assert counts(bring_in(f"{HEAD}a@example.org,Reader 7,\n")) == [0, 1, 0, 0, 0]
    assert Subscriber.objects.get().name == "Reader 7"


def test_topics_are_series_by_name_or_slug(bring_in: BringIn) -> None:
    one, other = make_series(name="Deep Dives", slug="deep"), make_series(name="Agents", slug="agents")
    bring_in(f'{HEAD}a@example.org,,"deep dives; AGENTS"\n')
    assert set(Subscriber.objects.get().series.all()) == {one, other}


def test_an_unknown_topic_is_named_and_left_out(tmp_path: Path) -> None:
    path, progress = tmp_path / "list.csv", StringIO()
    path.write_text(f"{HEAD}a@example.org,,robots\n")
    call_command("import_subscribers", str(path), stdout=StringIO(), stderr=progress)
    assert "No series is called “robots”; it was left out (lines: 1)." in progress.getvalue()
    assert Subscriber.objects.get().series.count() == 0


def test_bad_lines_are_named_by_their_number_and_the_others_come_in(bring_in: BringIn) -> None:
    report = bring_in(f"{HEAD}a@example.org,,\n\nnobody,,\nb@example.org,,\n@,,\n")
    assert counts(report) == [2, 0, 0, 0, 2]
    assert [problem["where"] for problem in report["problems"]] == ["list.csv, line 4", "list.csv, line 6"]


def test_an_address_twice_comes_in_once_whatever_its_case(bring_in: BringIn) -> None:
    report = bring_in(f"{HEAD}a@example.org,x,\nA@Example.org,y,\n")
    assert (counts(report), report["duplicates"]) == ([1, 0, 0, 0, 0], 1)
    assert Subscriber.objects.get().name == "x"


@pytest.mark.parametrize(
    "text",
    [
        "E-Mail Address;First Name;Last Name\na@example.org;Orion;Weller\n",
        "name\temail\nOrion Weller\ta@example.org\n",
        '"Full Name","Subscriber e-mail"\n"Orion Weller","a@example.org"\n',
        "sep=;\nemail;name\na@example.org;Orion Weller\n",
        "a@example.org,Orion Weller\n",
        "\ufeffemail,name\r\na@example.org,Orion Weller\r\n",
        "who,contact,name\n1,a@example.org,Orion Weller\n",
        "email|name\na@example.org|Orion\0 Weller\n",
        'note,email,name\n"two\nlines",a@example.org,Orion Weller\n',
        "email,name,extra\na@example.org, Orion  Weller \n",
    ],
)
def test_heads_and_separators_are_understood(bring_in: BringIn, text: str) -> None:
    assert counts(bring_in(text)) == [1, 0, 0, 0, 0]
    assert (Subscriber.objects.get().email, Subscriber.objects.get().name) == ("a@example.org", "Orion Weller")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_understood(bring_in: BringIn, encoding: str) -> None:
    bring_in("email,name\na@example.org,Jörg Müller\n".encode(encoding))
    assert Subscriber.objects.get().name == "Jörg Müller"


def test_a_quotation_mark_that_is_left_open_costs_its_own_line_and_no_other(bring_in: BringIn) -> None:
    report = bring_in(f'{HEAD}a@example.org,,\n"b@example.org,,\nc@example.org,,\n')
    assert counts(report) == [2, 0, 0, 0, 1]
    assert report["problems"] == [{"where": "list.csv, line 3", "what": "A quotation mark is left open."}]


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "list.csv is empty"), ("first,second\n1,2\n", "No column holds mail addresses")]
)
def test_a_file_that_is_no_list_is_refused_and_changes_nothing(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("import_subscribers", str(path), stdout=StringIO(), stderr=StringIO())
    assert refused.value.returncode == 2


def test_a_missing_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv cannot be read or written"):
        call_command("import_subscribers", str(tmp_path / "none.csv"))


def test_queries_grow_with_batches_and_not_with_people(
    bring_in: BringIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        bring_in(HEAD + "".join(f"reader-{n}@example.org,Reader {n},\n" for n in range(300)))


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at", "{},false,,,true,,"),
        ("email,name,note,subscribed_to_emails,complimentary_plan,created_at,labels", "{},,,false,false,,"),
        ("email,notes,tags,referrer_url,creation_date,type", "{},,,,,unsubscribed"),
        ("email,name,status,attributes", "{},,blocklisted,{{}}"),
        ("email,name,unsubscribed_at", "{},,2025-03-01"),
    ],
)
def test_who_left_at_a_service_does_not_come_in_and_the_others_do(bring_in: BringIn, head: str, line: str) -> None:
    gone = line.format("gone@example.org")
    stays = gone.replace("gone@", "a@").replace("true", "false", 1).replace("unsubscribed", "regular")
    stays = stays.replace(",false,false", ",true,false").replace("blocklisted", "enabled").replace("2025-03-01", "")
    report = bring_in(f"{head}\n{gone}\n{stays}\n", "--confirmed")
    assert (report["created"], report["left_elsewhere"]) == (1, 1)
    assert (Subscriber.objects.get().email, Subscriber.objects.get().state) == ("a@example.org", "active")


def test_who_never_confirmed_there_waits_here_too(bring_in: BringIn) -> None:
    bring_in("email,status\na@example.org,unconfirmed\n", "--confirmed")
    assert (Subscriber.objects.get().state, Subscriber.objects.get().consent_at) == ("pending", None)


def test_a_status_that_nobody_knows_brings_nobody_in(bring_in: BringIn) -> None:
    report = bring_in("email,status\na@example.org,violet\n", "--confirmed")
    assert report["problems"][0]["what"] == "What the status “violet” means is not known."
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_left_according_to_any_line_gets_nothing(bring_in: BringIn, order: tuple[int, int]) -> None:
    lines = ["a@example.org,active\n", "a@example.org,unsubscribed\n"]
    bring_in("email,status\n" + "".join(lines[place] for place in order), "--confirmed")
    assert not Subscriber.objects.active().exists()


def test_who_signed_up_here_stays_whatever_a_list_says(bring_in: BringIn) -> None:
    make_subscriber("a@example.org")
    bring_in("email,status\na@example.org,unsubscribed\n", "--confirmed")
    assert Subscriber.objects.get().is_active


def test_the_day_of_consent_and_its_words_are_kept(bring_in: BringIn) -> None:
    bring_in("email,created_at\na@example.org,2025-03-01T08:00:00Z\n", "--confirmed", "--words", "Yes, please.")
    subscriber = Subscriber.objects.get()
    assert (str(subscriber.consent_at), subscriber.consent_words) == ("2025-03-01 08:00:00+00:00", "Yes, please.")


def test_a_run_that_is_stopped_keeps_what_it_wrote_and_the_next_does_the_rest(tmp_path: Path) -> None:
    def stop(untaken: object) -> None:
        raise KeyboardInterrupt

    path, basis = tmp_path / "list.csv", ConsentBasis("list.csv", confirmed=True, now=NOON)
    path.write_text("email\n" + "".join(f"reader-{n}@example.org\n" for n in range(BATCH_SIZE + 5)))
    with pytest.raises(KeyboardInterrupt):
        import_subscribers(path, basis, say=print, tell=stop)
    assert Subscriber.objects.count() == BATCH_SIZE
    report = import_subscribers(path, basis, say=print, tell=lambda untaken: None)
    assert (report.counts["created"], report.counts["unchanged"]) == (5, BATCH_SIZE)


def test_only_the_first_fifty_are_named_and_the_report_has_all(bring_in: BringIn, tmp_path: Path) -> None:
    report = bring_in("email\na@example.org\n" + "nobody\n" * 60, "--report", str(tmp_path / "report.csv"))
    assert len(report["problems"]) == 51
    assert report["problems"][-1] == {"where": "list.csv", "what": "10 more lines with a fault."}
    assert len((tmp_path / "report.csv").read_text().splitlines()) == 61


SUBSTACK = "email,active_subscription,expiry,plan,email_disabled,created_at\n"


@pytest.mark.parametrize(
    ("cells", "until"),
    [
        ("true,2026-12-01T00:00:00.000Z,yearly", date(2026, 12, 1)),
        ("true,2026-12-01,yearly", date(2026, 12, 1)),
        ("true,2026-12-01T23:30:00-05:00,yearly", date(2026, 12, 2)),
        ("true,,monthly", None),
        ("false,2026-12-01,other", None),
    ],
)
def test_who_pays_at_substack_is_a_supporter_until_then(bring_in: BringIn, cells: str, until: date | None) -> None:
    assert counts(bring_in(f"{SUBSTACK}a@example.org,{cells},false,\n", "--confirmed")) == [1, 0, 0, 0, 0]
    assert Subscriber.objects.get().paid_until == until


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, date(2026, 12, 1)), (date(2026, 6, 1), date(2026, 12, 1)), (date(2027, 1, 1), date(2027, 1, 1))],
)
def test_an_import_never_shortens_what_somebody_has_paid_for(
    bring_in: BringIn, before: date | None, after: date
) -> None:
    make_subscriber("a@example.org", name="Reader 7", paid_until=before)
    changed = int(before != after)
    assert counts(bring_in("email,paid until\na@example.org,2026-12-01\n")) == [0, changed, 1 - changed, 0, 0]
    assert Subscriber.objects.get().paid_until == after


@pytest.mark.parametrize("day", ["12/01/2026", "soon", "0001-01-01T00:00:00+10:00"])
def test_what_is_no_day_is_named_by_its_line_and_the_person_comes_in(bring_in: BringIn, day: str) -> None:
    report = bring_in(f"email,supporter until\nb@example.org,null\na@example.org,{day}\n")
    assert counts(report) == [2, 0, 0, 0, 0]
    what = f"“{day}” is no day such as 2026-12-31, so no “supporter until” was kept."
    assert report["problems"] == [{"where": "list.csv, line 3", "what": what}]
    assert not Subscriber.objects.exclude(paid_until=None).exists()
