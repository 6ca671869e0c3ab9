"""What mail servers send back: read as it is meant, and hostile bytes lead to a report or to the named error."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailings.bounces.parser import MAX_BYTES, MailReport, NotAReport, parse_report
from tests.mailings.bounces.returned import ELSEWHERE, bounce, complaint, from_elsewhere, out_of_office

OURS = "<7.0123456789abcdef0123456789abcdef@example.org>"
SAMPLES = (bounce(message_id=OURS), complaint(message_id=OURS), out_of_office())
RECEIPT = out_of_office().replace(
    b"\r\n\r\nI am away until Monday.",
    b'\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: message/disposition-notification\r\n\r\nDisposition: displayed\r\n--b--",
)


def only(raw: bytes, receiver: str = "") -> MailReport:
    (report,) = parse_report(raw, receiver=receiver)
    return report


def test_a_bounce_says_who_why_when_and_of_which_message() -> None:
    report = only(bounce(message_id=OURS))
    assert (report.source, report.kind, report.status) == ("dsn", "hard", "5.1.1")
    assert (report.recipient, report.message_id) == ("reader-0000@example.org", OURS)
    assert report.happened == datetime(2025, 11, 24, 9, 0, tzinfo=UTC)


def test_what_is_kept_of_the_diagnostic_names_nobody() -> None:
    report = only(bounce())
    assert "…@example.org" in report.diagnostic
    assert "reader-0000" not in report.diagnostic


@pytest.mark.parametrize(
    ("action", "status", "said", "kind"),
    [
        ("failed", "5.1.1", "550 5.1.1 no", "hard"),
        ("failed", "5.1.10", "550 5.1.10 RecipientNotFound", "hard"),
        ("failed", "5.4.4", "Host or domain name not found", "hard"),
        ("failed", "5.0.0", "550 5.1.1 no such account", "hard"),
        ("failed", "5.0.0", "550 User unknown", "hard"),
        ("failed", "", "550 mailbox unavailable", "hard"),
        ("failed", "5.0.0", "554 we do not like you", "soft"),
        ("failed", "5.2.2", "552 5.2.2 mailbox full", "soft"),
        ("failed", "5.7.1", "550 5.7.1 User unknown to our spam filter", "soft"),
        ("failed", "4.4.7", "delivery time expired", "soft"),
        ("failed", "", "", "soft"),
        ("nonsense", "nonsense", "nonsense", "soft"),
        ("delayed", "4.4.1", "connection timed out", "delayed"),
        ("delivered", "2.0.0", "250 ok", "delivered"),
        ("relayed", "", "", "delivered"),
    ],
)
def test_what_is_said_of_the_address_is_told_from_what_is_said_of_the_message(
    action: str, status: str, said: str, kind: str
) -> None:
    assert only(bounce(action=action, status=status, said=said)).kind == kind


def test_where_it_came_back_is_told_by_headers_and_by_the_mail_server() -> None:
    report = only(bounce(to="bounces+1-a@example.org"), receiver="bounces+2-b@example.org")
    assert report.returned_to == ("bounces+2-b@example.org", "bounces+1-a@example.org")


def test_a_complaint_names_the_message_and_the_sender_it_had() -> None:
    report = only(complaint(message_id=OURS, sender="bounces+1-a@example.org"))
    assert (report.source, report.kind, report.message_id) == ("arf", "complaint", OURS)
    assert report.recipient == "reader-0000@example.org"
    assert "bounces+1-a@example.org" in report.returned_to


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "other", ""])
def test_feedback_that_is_no_complaint_is_none(kind: str) -> None:
    with pytest.raises(NotAReport, match="no complaint"):
        parse_report(complaint(kind=kind))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (out_of_office(), "automatic reply"),
        (RECEIPT, "receipt"),
        (b"From: <reader@example.org>\r\n\r\nThank you!", "no report"),
        (b"", "no report"),
        (b"\x00\xff\xfe", "no report"),
        (b"Content-Type: multipart/report; boundary=" * 100, "more parts"),
        (b"Content-Type: multipart/mixed; BOUNDARY*0=a\r\n\r\n--a\r\n" * 2_000, "more parts"),
        (b"content-type :\r\n message/rfc822\r\n\r\n" * 2_000, "more parts"),
    ],
)
def test_other_mail_is_told_apart(raw: bytes, why: str) -> None:
    with pytest.raises(NotAReport, match=why):
        parse_report(raw)


def test_a_newsletter_that_speaks_of_boundaries_may_be_quoted() -> None:
    raw = bounce(message_id=OURS).replace(
        b"Subject: Papers", b"Subject: Papers\r\n\r\n" + b"A decision boundary. " * 500
    )
    assert only(raw).message_id == OURS


@pytest.mark.parametrize("server", ELSEWHERE)
def test_the_reports_of_other_mail_servers_are_read_too(server: str) -> None:
    report = only(from_elsewhere(server, message_id=OURS))
    assert (report.kind, report.recipient, report.message_id) == ("hard", "reader-0000@example.org", OURS)
    assert report.status in {"5.1.1", "5.1.10"}


def test_a_report_that_is_only_quoted_is_none() -> None:
    quoted = b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n'
    with pytest.raises(NotAReport):
        parse_report(quoted + bounce() + b"--x--\r\n")


def test_the_same_mail_has_the_same_number_however_it_travelled() -> None:
    first, again = bounce(), b"Received: by another.example.org\r\n" + bounce()
    assert only(first).event_id == only(again).event_id
    assert only(first).event_id != only(bounce(number="<2@mx.example.org>")).event_id


def test_a_mail_without_a_number_is_known_by_its_body() -> None:
    nameless = bounce().replace(b"Message-Id: <20251124.1@mx.example.org>\r\n", b"")
    assert only(nameless).event_id == only(b"Received: by another.example.org\r\n" + nameless).event_id


def test_a_long_quotation_is_cut_off() -> None:
    raw = bounce(message_id=OURS) + b"x" * MAX_BYTES
    assert only(raw).message_id == OURS


@pytest.mark.parametrize("charset", ["*=utf-8''utf-8", "=idna", "=punycode", '="a\0b"', "=undefined"])
def test_quoted_headers_in_letters_that_nobody_can_read_stop_nothing(charset: str) -> None:
    kind = f"Content-Type: text/rfc822-headers; charset{charset}".encode()
    raw = bounce(message_id=OURS).replace(b"Content-Type: text/rfc822-headers", kind)
    assert only(raw.replace(b"Message-ID: ", b"Subject: \xff\r\nMessage-ID: ")).message_id == OURS


def test_no_more_recipients_are_read_than_a_report_may_have() -> None:
    block = b"Final-Recipient: rfc822; reader@example.org\r\nAction: failed\r\n\r\n"
    raw = bounce().replace(b"Final-Recipient:", block * 1_000 + b"Final-Recipient:", 1)
    assert len(parse_report(raw)) == 10


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A real mail from which bytes were cut, into which others were put, or of which parts were swapped or doubled."""
    raw = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 6))):
        first, second = sorted(draw(st.tuples(st.integers(0, len(raw)), st.integers(0, len(raw)))))
        middle = draw(st.one_of(st.binary(max_size=40), st.just(bytes(raw[first:second]) * 2), st.just(b"\r\n\r\n")))
        raw[first : draw(st.sampled_from([first, second]))] = middle
    return bytes(raw)


@given(st.one_of(mangled(), st.binary(max_size=400)))
def test_any_bytes_lead_to_reports_that_can_be_stored_or_to_the_named_error(raw: bytes) -> None:
    try:
        reports = parse_report(raw)
    except NotAReport:
        return
    assert reports
    for report in reports:
        assert len(report.event_id) == 64
        assert len(report.diagnostic) <= 500
        assert len(report.status) <= 12
        text = report.diagnostic + report.recipient + report.message_id + "".join(report.returned_to)
        assert text.isprintable()
        assert text.encode()
